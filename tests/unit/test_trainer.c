/* SPDX-License-Identifier: MIT */
/* The trainer: order, losses, threads, early stopping, bad steps, memory, bad input. */
#include "base/random.h"
#include "trainer_run.h"

START_TEST(more_epochs_later)
{
    static run straight, parts;
    run_begin(&straight, NULL);
    hw3_trainer_opts o = trainer_opts(&straight);
    run_end(&straight);
    o.patience = 20;
    o.n_epochs = 6;
    run_begin(&straight, &o);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    o.n_epochs = 2;
    run_begin(&parts, &o);
    ctx = parts.ctx;
    OK(fit(&parts));
    OK(fit(&parts)); /* nothing left to do */
    ck_assert_int_eq(parts.trainer->at.epoch, 2);
    OK(hw3_trainer_set_epochs(parts.trainer, 6));
    OK(fit(&parts));
    same(&straight, &parts);
    FAILS(hw3_trainer_set_epochs(parts.trainer, 5), HW3_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "n_epochs is 5, but 6"));
    run_end(&parts);
    run_end(&straight);
}
END_TEST

static void twenty_steps(int32_t n_threads, float *out, int64_t n)
{
    hw3_ctx *ctx = test_ctx(n_threads);
    run r = { .ctx = ctx, .cancel_at = -1 };
    enum { ROWS = 160, IN = 40, OUT = 96 };
    OK(hw3_params_create(ctx, &r.params));
    OK(hw3_params_add(r.params, "w1", HW3_F32, 2, (int64_t[]){ OUT, IN }, HW3_INIT_XAVIER));
    OK(hw3_params_add(r.params, "b1", HW3_F32, 1, (int64_t[]){ OUT }, HW3_INIT_ZERO));
    OK(hw3_params_add(r.params, "w2", HW3_F32, 2, (int64_t[]){ 1, OUT }, HW3_INIT_XAVIER));
    hw3_trainer_opts to = HW3_TRAINER_OPTS_INIT;
    to.n_epochs = 4;
    to.batch = 32;
    OK(hw3_optim_create(r.params, NULL, &r.optim));
    OK(hw3_trainer_create(r.params, r.optim, &to, &r.trainer));
    static float x[ROWS * IN], y[ROWS];
    for (int i = 0; i < ROWS * IN; i++) x[i] = sinf((float)i);
    for (int i = 0; i < ROWS; i++) y[i] = x[i * IN + 3] * x[i * IN + 7];
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ ROWS, IN }, NULL, x, &r.x));
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ ROWS, 1 }, NULL, y, &r.y));
    OK(fit(&r));
    ck_assert_int_eq(r.trainer->at.n_steps, 20);
    memcpy(out, r.params->items[0]->value->data, (size_t)n * sizeof *out);
    run_end(&r);
}

START_TEST(same_bits_for_any_threads)
{
    static float one[40 * 96], more[40 * 96];
    twenty_steps(1, one, HW3I_LEN(one));
    for (int32_t threads = 2; threads <= 4; threads += 2) {
        twenty_steps(threads, more, HW3I_LEN(more));
        ck_assert_mem_eq(one, more, sizeof one);
    }
}
END_TEST

/* Counts how often each example, whose x is its number, is seen in training and in validation. */
typedef struct watch {
    int seen[2][100];
    int64_t order[300], n;
} watch;

static hw3_var watching(void *user, hw3_graph *g, const hw3_var *batch)
{
    watch *w = user;
    int64_t shape[HW3_MAX_DIMS], index[64], target[64];
    int32_t n_dims;
    ck_assert_int_eq(hw3_var_shape(g, batch[0], shape, &n_dims), HW3_OK);
    ck_assert_int_eq(n_dims, 1);
    ck_assert_int_le(shape[0], 7);
    ck_assert_int_eq(hw3_var_read(g, batch[0], index, sizeof index), HW3_OK);
    ck_assert_int_eq(hw3_var_read(g, batch[1], target, sizeof target), HW3_OK);
    for (int64_t i = 0; i < shape[0]; i++) {
        ck_assert_int_eq(target[i], index[i] * index[i]); /* x and y stay together */
        w->seen[g->training][index[i]]++;
        if (g->training) w->order[w->n++] = index[i];
    }
    return hw3_sum(g, hw3_param(g, "b1"), HW3_ALL_DIMS, 0);
}

START_TEST(order_is_a_permutation)
{
    static run r;
    static watch w;
    int64_t index[50], square[50];
    for (int64_t i = 0; i < 50; i++) index[i] = 49 - i, square[i] = (49 - i) * (49 - i);
    hw3_trainer_opts o = trainer_opts(&r);
    o.n_epochs = 3;
    o.batch = 7;
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        o.shuffle = shuffle;
        run_begin(&r, &o);
        hw3_ctx *ctx = r.ctx;
        hw3_tensor *x = NULL, *y = NULL; /* backwards in memory */
        OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 50 }, (int64_t[]){ -1 }, index + 49, &x));
        OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 50 }, (int64_t[]){ -1 }, square + 49, &y));
        memset(&w, 0, sizeof w);
        OK(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ x, y }, 2, watching, &w));
        for (int i = 0; i < 50; i++) {
            ck_assert_int_eq(w.seen[1][i], i < 40 ? 3 : 0);
            ck_assert_int_eq(w.seen[0][i], i < 40 ? 0 : 3);
        }
        int seen[3][40] = { { 0 } }, n_moved = 0, n_other = 0;
        for (int i = 0; i < 120; i++) seen[i / 40][w.order[i]]++;
        for (int i = 0; i < 120; i++) ck_assert_int_eq(seen[i / 40][i % 40], 1);
        for (int i = 0; i < 40; i++) {
            n_moved += w.order[i] != i;
            n_other += w.order[i] != w.order[40 + i];
        }
        if (shuffle) ck_assert(n_moved > 20 && n_other > 20);
        else ck_assert(n_moved == 0 && n_other == 0);
        hw3_tensor_destroy(x);
        hw3_tensor_destroy(y);
        run_end(&r);
    }
}
END_TEST

/* Sequences of their own lengths through a GRU, whose last state is compared with a target. */
enum { N_SEQ = 11, T = 5, SEQ_BATCH = 4, SEQ_EPOCHS = 3 };
typedef struct sequences {
    hw3_params *params;
    hw3_rnn *rnn;
    hw3_optim *optim;
    float x[N_SEQ][T][2], y[N_SEQ][3];
    int64_t lengths[N_SEQ];
} sequences;

static void sequences_begin(hw3_ctx *ctx, sequences *q)
{
    for (int i = 0; i < N_SEQ; i++) {
        for (int k = 0; k < T * 2; k++) (&q->x[i][0][0])[k] = sinf((float)(7 * i + k * k));
        for (int k = 0; k < 3; k++) q->y[i][k] = cosf((float)(3 * i + k));
        q->lengths[i] = 1 + i * 3 % T;
    }
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = HW3_CELL_GRU, o.n_inputs = 2, o.n_hidden = 3;
    OK(hw3_params_create(ctx, &q->params));
    OK(hw3_rnn_create(q->params, "", &o, &q->rnn));
    OK(hw3_optim_create(q->params, NULL, &q->optim));
}

static void sequences_end(sequences *q)
{
    hw3_optim_destroy(q->optim);
    hw3_rnn_destroy(q->rnn);
    hw3_params_destroy(q->params);
}

static hw3_var sequence_loss(void *user, hw3_graph *g, const hw3_var *batch)
{
    sequences *q = user;
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    hw3_rnn_forward(q->rnn, g, hw3_transpose(g, batch[0], 0, 1), batch[2], &s);
    return hw3_mse(g, hw3_reshape(g, s.h, 2, (int64_t[]){ -1, 3 }), batch[1]);
}

/* What the trainer does, by hand. */
static void train_by_hand(hw3_ctx *ctx, sequences *q, bool with_lengths)
{
    static sequences part; /* a batch */
    int64_t order[N_SEQ], n = 0;
    hw3_graph *g = NULL;
    OK(hw3_graph_create(ctx, q->params, &g));
    for (int epoch = 0; epoch < SEQ_EPOCHS; epoch++) {
        hw3i_permutation(42, hw3i_stream_of("order") + (uint64_t)epoch, N_SEQ, order);
        for (int64_t first = 0; first < N_SEQ; first += n) {
            hw3_tensor *x = NULL, *y = NULL, *lengths = NULL;
            n = hw3i_min(SEQ_BATCH, N_SEQ - first);
            for (int64_t i = 0; i < n; i++) {
                memcpy(part.x[i], q->x[order[first + i]], sizeof part.x[i]);
                memcpy(part.y[i], q->y[order[first + i]], sizeof part.y[i]);
                part.lengths[i] = with_lengths ? q->lengths[order[first + i]] : T;
            }
            OK(hw3_tensor_wrap(ctx, HW3_F32, 3, (int64_t[]){ n, T, 2 }, NULL, part.x, &x));
            OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ n, 3 }, NULL, part.y, &y));
            OK(hw3_tensor_wrap(ctx, HW3_I64, 1, &n, NULL, part.lengths, &lengths));
            OK(hw3_graph_begin(g));
            hw3_var batch[] = { hw3_input(g, x), hw3_input(g, y), hw3_input(g, lengths) };
            OK(hw3_graph_backward(g, sequence_loss(q, g, batch)));
            OK(hw3_optim_step(q->optim));
            hw3_tensor_destroy(x), hw3_tensor_destroy(y), hw3_tensor_destroy(lengths);
        }
    }
    hw3_graph_destroy(g);
}

static bool same_weights(const hw3_params *a, const hw3_params *b)
{
    bool same = a->n == b->n;
    for (int64_t i = 0; same && i < a->n; i++) {
        const hw3_tensor *u = a->items[i]->value, *v = b->items[i]->value;
        same = !memcmp(u->data, v->data, (size_t)hw3i_tensor_n(u) * sizeof(float));
    }
    return same;
}

START_TEST(lengths_ride_along)
{
    static sequences q, by_hand, whole;
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *data[3] = { NULL };
    hw3_trainer *trainer = NULL;
    hw3_trainer_opts o = HW3_TRAINER_OPTS_INIT;
    o.batch = SEQ_BATCH, o.n_epochs = SEQ_EPOCHS;
    sequences_begin(ctx, &q);
    OK(hw3_tensor_wrap(ctx, HW3_F32, 3, (int64_t[]){ N_SEQ, T, 2 }, NULL, q.x, &data[0]));
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ N_SEQ, 3 }, NULL, q.y, &data[1]));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ N_SEQ }, NULL, q.lengths, &data[2]));
    OK(hw3_trainer_create(q.params, q.optim, &o, &trainer));
    OK(hw3_trainer_fit(trainer, data, 3, sequence_loss, &q));
    sequences_begin(ctx, &by_hand);
    train_by_hand(ctx, &by_hand, true);
    sequences_begin(ctx, &whole);
    train_by_hand(ctx, &whole, false);
    ck_assert(same_weights(q.params, by_hand.params));
    ck_assert(!same_weights(q.params, whole.params));
    q.lengths[9] = T + 1; /* the second one of the last batch */
    double value;
    FAILS(hw3_trainer_evaluate(trainer, data, 3, sequence_loss, &q, &value), HW3_ERR_VALUE);
    SAYS("lengths[1] is 6");
    for (int i = 0; i < 3; i++) hw3_tensor_destroy(data[i]);
    hw3_trainer_destroy(trainer);
    sequences_end(&q), sequences_end(&by_hand), sequences_end(&whole);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A run whose weights stay: the rate is too small to move them. */
static void run_still(run *r, hw3_trainer_opts o)
{
    run_begin(r, &o);
    hw3_ctx *ctx = r->ctx;
    hw3_optim_opts oo = optim_opts();
    oo.lr = 1e-300;
    hw3_optim_destroy(r->optim);
    hw3_trainer_destroy(r->trainer);
    OK(hw3_optim_create(r->params, &oo, &r->optim));
    o.progress_user = r;
    OK(hw3_trainer_create(r->params, r->optim, &o, &r->trainer));
}

/* Squared errors of the model without dropout, summed over training and validation examples. */
static void square_errors(const run *r, double parts[2])
{
    const double *w1 = (const double *)r->params->items[0]->value->data, *w2 = (const double *)r->params->items[2]->value->data;
    parts[0] = parts[1] = 0;
    for (int i = 0; i < N; i++) {
        double e = -r->series[i + WINDOW];
        for (int k = 0; k < HIDDEN; k++) {
            double h = 0;
            for (int j = 0; j < WINDOW; j++) h += w1[k * WINDOW + j] * r->series[i + j];
            e += w2[k] * tanh(h);
        }
        parts[i >= 34] += e * e;
    }
}

/* The mean over examples, not over batches: 34 training examples are 4 batches of 8 and one of 2. */
START_TEST(losses_are_means_over_examples)
{
    static run r;
    hw3_trainer_opts o = trainer_opts(&r);
    o.n_epochs = 2;
    run_still(&r, o);
    hw3_ctx *ctx = r.ctx;
    double train[2], val[2], all, parts[2], no_dropout = 0;
    square_errors(&r, parts);
    OK(hw3_trainer_evaluate(r.trainer, (hw3_tensor *[]){ r.x, r.y }, 2, loss, NULL, &all));
    NEAR(all, (parts[0] + parts[1]) / N, 1e-12);
    OK(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, r.y }, 2, loss, &no_dropout));
    int64_t n = 0;
    OK(hw3_trainer_history(r.trainer, train, val, 2, &n));
    ck_assert_int_eq(n, 2);
    for (int e = 0; e < 2; e++) {
        NEAR(train[e], parts[0] / 34, 1e-12);
        NEAR(val[e], parts[1] / 9, 1e-12);
    }
    ck_assert_int_eq(r.n_calls, 12);
    ck_assert_int_eq(r.n_epoch_calls, 2);
    ck_assert(r.last.epoch == 1 && r.last.epoch_ended == 1 && r.last.step == 10 && r.last.n_steps == 10 && r.last.n_epochs == 2);
    ck_assert(r.last.train_loss == train[1] && r.last.val_loss == val[1] && r.last.struct_size == sizeof(hw3_progress));
    FAILS(hw3_trainer_history(r.trainer, train, NULL, 1, &n), HW3_ERR_TOO_SMALL);
    ck_assert_int_eq(n, 2);
    OK(hw3_trainer_history(r.trainer, NULL, NULL, 0, &n));
    run_end(&r);
}
END_TEST

/* Dropout draws from (seed, step): other masks in another epoch or with another seed, the same ones in the same run. */
START_TEST(dropout_follows_seed_and_step)
{
    static run r;
    hw3_trainer_opts o = trainer_opts(&r);
    o.n_epochs = 2;
    o.shuffle = 0;
    double train[3][2];
    for (int k = 0; k < 3; k++) {
        o.seed = k == 2 ? 43 : 42;
        run_still(&r, o);
        hw3_ctx *ctx = r.ctx;
        int64_t n;
        OK(fit(&r));
        OK(hw3_trainer_history(r.trainer, train[k], NULL, 2, &n));
        run_end(&r);
    }
    ck_assert(train[0][0] != train[0][1]);
    ck_assert(train[0][0] == train[1][0] && train[0][1] == train[1][1]);
    ck_assert(train[0][0] != train[2][0]);
}
END_TEST

/* Validation examples contradict the others, so validation soon gets worse. */
START_TEST(early_stopping_restores_the_best)
{
    static run r, longer;
    hw3_trainer_opts o = trainer_opts(&r);
    o.n_epochs = 60;
    o.patience = 3;
    run_begin(&r, &o);
    for (int i = 34 + WINDOW; i < N + WINDOW; i++) r.series[i] = -r.series[i];
    hw3_ctx *ctx = r.ctx;
    OK(fit(&r));
    double val[60], value;
    int64_t n, best = 0;
    OK(hw3_trainer_history(r.trainer, NULL, val, 60, &n));
    for (int64_t i = 1; i < n; i++)
        if (val[i] < val[best]) best = i;
    ck_assert_int_lt(n, 60);
    ck_assert_int_eq(n, best + 1 + 3);
    hw3_tensor *x = NULL, *y = NULL;
    OK(hw3_tensor_slice(r.x, 0, 34, N, 1, &x));
    OK(hw3_tensor_slice(r.y, 0, 34, N, 1, &y));
    OK(hw3_trainer_evaluate(r.trainer, (hw3_tensor *[]){ x, y }, 2, loss, NULL, &value));
    ck_assert(value == val[best]);
    OK(fit(&r)); /* has stopped */
    int64_t n2;
    OK(hw3_trainer_history(r.trainer, NULL, NULL, 0, &n2));
    ck_assert_int_eq(n, n2);
    /* going on takes the last weights up again: the run that had more patience */
    OK(hw3_trainer_set_epochs(r.trainer, (int32_t)n + 2));
    OK(fit(&r));
    o.patience = 30;
    o.n_epochs = (int32_t)n + 2;
    run_begin(&longer, &o);
    for (int i = 34 + WINDOW; i < N + WINDOW; i++) longer.series[i] = -longer.series[i];
    ctx = longer.ctx;
    OK(fit(&longer));
    for (int64_t i = 0; i < 3; i++) {
        size_t bytes = (size_t)hw3i_tensor_n(r.params->items[i]->value) * 8;
        ck_assert_mem_eq(hw3i_trainer_last(r.trainer, i), hw3i_trainer_last(longer.trainer, i), bytes);
        ck_assert_mem_eq(r.params->items[i]->value->data, longer.params->items[i]->value->data, bytes);
    }
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(y);
    run_end(&r);
    run_end(&longer);
}
END_TEST

typedef struct bad_loss {
    run *r;
    int64_t at;
    int32_t what; /* 0: not finite, 1: a vector, 2: HW3_NONE, 3: a status, 4: wrong shapes, 5: another call's failure, 6: calls back */
} bad_loss;

static hw3_var sometimes_bad(void *user, hw3_graph *g, const hw3_var *batch)
{
    bad_loss *b = user;
    double value;
    hw3_var v = loss(NULL, g, batch);
    if (b->r->trainer->at.n_steps != b->at) return v;
    switch (b->what) {
    case 0: return hw3_affine(g, v, INFINITY, 0);
    case 1: return batch[1];
    case 2: return HW3_NONE;
    case 3: return HW3_ERR_VALUE;
    case 4: return hw3_add(g, hw3_param(g, "w1"), hw3_param(g, "b1"));
    case 5: return hw3_params_set_trainable(b->r->params, "w3", 0);
    default:
        FAILS(hw3_trainer_fit(b->r->trainer, (hw3_tensor *[]){ b->r->x, b->r->y }, 2, loss, NULL), HW3_ERR_STATE);
        FAILS(hw3_trainer_load(b->r->trainer, PATH), HW3_ERR_STATE);
        FAILS(hw3_trainer_evaluate(b->r->trainer, (hw3_tensor *[]){ b->r->x, b->r->y }, 2, loss, NULL, &value), HW3_ERR_STATE);
        return v;
    }
}

/* Whatever loss returns in a step, the state is that of the step before, and a later fit goes on. */
START_TEST(a_bad_step_changes_nothing)
{
    static run straight, r;
    const hw3_status want[] = { HW3_ERR_DIVERGED, HW3_ERR_SHAPE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_SHAPE, HW3_ERR_NAME,
                                HW3_OK };
    const char *text[] = { "step 7, epoch 1, is inf", "[8, 1]", "HW3_NONE", "trainer: loss returned the status -9", "[5, 6]",
                           "no parameter 'w3'", "" };
    run_begin(&straight, NULL);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    for (int32_t what = 0; what < 7; what++) {
        run_begin(&r, NULL);
        ctx = r.ctx;
        bad_loss b = { &r, 7, what };
        FAILS(hw3_trainer_set_epochs(r.trainer, -1), HW3_ERR_ARG); /* an older message */
        hw3_status s = hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, r.y }, 2, sometimes_bad, &b);
        ck_assert_int_eq(s, want[what]);
        ck_assert_msg(strstr(hw3_ctx_error(ctx), text[what]) != NULL, "%d: %s", what, hw3_ctx_error(ctx));
        if (s) ck_assert_int_eq(r.trainer->at.n_steps, 7);
        OK(fit(&r));
        same(&straight, &r);
        run_end(&r);
    }
    run_end(&straight);
}
END_TEST

typedef struct warm {
    int64_t first, n;
} warm;

static int32_t count_warm(void *user, const hw3_progress *p)
{
    warm *w = user;
    if (p->epoch == 1 && p->epoch_ended) w->first = n_allocs;
    if (p->epoch > 1) w->n = n_allocs - w->first;
    return 0;
}

START_TEST(a_warm_step_allocates_nothing)
{
    static run r;
    warm w = { 0, -1 };
    hw3_allocator a = counting();
    hw3_ctx_opts co = HW3_CTX_OPTS_INIT;
    co.allocator = &a;
    hw3_optim_opts oo = optim_opts();
    hw3_trainer_opts to = trainer_opts(&r);
    to.progress = count_warm;
    to.progress_user = &w;
    to.patience = 50;
    to.n_epochs = 7;
    memset(&r, 0, sizeof r);
    hw3_ctx *ctx = NULL;
    OK(hw3_ctx_create(&co, &r.ctx));
    ctx = r.ctx;
    OK(run_model(&r));
    OK(run_rest(&r, &to, &oo));
    OK(fit(&r));
    ck_assert_int_gt(w.first, 10);
    ck_assert_int_eq(w.n, 0);
    run_end(&r);
}
END_TEST

START_TEST(bad_options)
{
    static run r;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    hw3_trainer_opts d = HW3_TRAINER_OPTS_INIT, o;
    OK(hw3_trainer_opts_init(&o, sizeof o));
    ck_assert_mem_eq(&o, &d, sizeof o);
    hw3_trainer *t = NULL;
#define BAD(change, text)                                                                                    \
    do {                                                                                                     \
        o = d;                                                                                               \
        change;                                                                                              \
        t = r.trainer;                                                                                       \
        FAILS(hw3_trainer_create(r.params, r.optim, &o, &t), HW3_ERR_ARG);                                   \
        ck_assert_ptr_null(t);                                                                               \
        ck_assert_msg(strstr(hw3_ctx_error(ctx), text) != NULL, "%s", hw3_ctx_error(ctx));                   \
    } while (0)
    BAD(o.n_epochs = -1, "n_epochs is -1");
    BAD(o.batch = 0, "batch is 0");
    BAD(o.val_share = 1, "val_share is 1");
    BAD(o.val_share = NAN, "val_share is nan");
    BAD(o.patience = -2, "patience is -2");
    BAD(o.patience = 2, "patience is 2, but val_share is 0");
    BAD(o.shuffle = 2, "shuffle is 2");
    BAD(o.checkpoint = "", "checkpoint is an empty path");
    BAD(o.checkpoint_steps = -1, "checkpoint_steps is -1");
    BAD(o.checkpoint_steps = 5, "checkpoint is NULL");
    o.struct_size = 3;
    FAILS(hw3_trainer_create(r.params, r.optim, &o, &t), HW3_ERR_ABI);
    FAILS(hw3_trainer_create(r.params, r.optim, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_create(r.params, NULL, NULL, &t), HW3_ERR_ARG);
    FAILS(hw3_trainer_create(NULL, r.optim, NULL, &t), HW3_ERR_ARG);
    hw3_params *other = NULL;
    OK(hw3_params_create(ctx, &other));
    FAILS(hw3_trainer_create(other, r.optim, NULL, &t), HW3_ERR_ARG);
    hw3_params_destroy(other);
    run_end(&r);
}
END_TEST

START_TEST(bad_data)
{
    static run r;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    hw3_tensor *few = NULL, *none = NULL, *number = NULL;
    double value;
    OK(hw3_tensor_slice(r.y, 0, 0, 2, 1, &few));
    OK(hw3_tensor_slice(r.y, 0, 0, 0, 1, &none));
    OK(hw3_tensor_create(ctx, HW3_F64, 0, NULL, &number));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, few }, 2, loss, NULL), HW3_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "tensor 0 is [43, 6] but tensor 1 is [2, 1]"));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ none, none }, 2, loss, NULL), HW3_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "tensor 0 is [0, 1]"));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ number, number }, 2, loss, NULL), HW3_ERR_SHAPE);
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, r.y, number }, 3, loss, NULL), HW3_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "tensor 2 is []"));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ few, few }, 2, loss, NULL), HW3_ERR_SHAPE); /* 0.2 of 2 is no example */
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "2 examples with val_share 0.2 leave 2 to train on and 0 to validate"));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ NULL, r.y }, 2, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, NULL }, 2, loss, NULL), HW3_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "tensor 1 is NULL"));
    FAILS(hw3_trainer_fit(r.trainer, NULL, 2, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, &r.x, 0, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, &r.x, INT64_MIN, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ r.x, r.y }, 2, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(NULL, (hw3_tensor *[]){ r.x, r.y }, 2, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_evaluate(r.trainer, (hw3_tensor *[]){ r.x, few }, 2, loss, NULL, &value), HW3_ERR_SHAPE);
    FAILS(hw3_trainer_evaluate(r.trainer, (hw3_tensor *[]){ r.x, r.y }, 2, loss, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_history(r.trainer, NULL, NULL, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_set_epochs(NULL, 1), HW3_ERR_ARG);
    FAILS(hw3_trainer_save(r.trainer, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_save(r.trainer, ""), HW3_ERR_ARG);
    FAILS(hw3_trainer_load(r.trainer, ""), HW3_ERR_ARG);
    r.series[40 + WINDOW] = NAN; /* a target in the validation part */
    FAILS(fit(&r), HW3_ERR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "examples 34 to 41 is nan"));
    r.series[40 + WINDOW] = 0; /* in the middle of an epoch, another number of examples does not fit */
    r.cancel_at = 7;
    FAILS(fit(&r), HW3_ERR_CANCELLED);
    hw3_tensor *x = NULL, *y = NULL;
    OK(hw3_tensor_slice(r.x, 0, 0, 30, 1, &x));
    OK(hw3_tensor_slice(r.y, 0, 0, 30, 1, &y));
    FAILS(hw3_trainer_fit(r.trainer, (hw3_tensor *[]){ x, y }, 2, loss, NULL), HW3_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "begun with 34 training examples, now there are 24"));
    OK(fit(&r));
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(y);
    hw3_tensor_destroy(few);
    hw3_tensor_destroy(none);
    hw3_tensor_destroy(number);
    hw3_trainer_destroy(NULL);
    run_end(&r);
}
END_TEST

TEST_MAIN("trainer", more_epochs_later, same_bits_for_any_threads, order_is_a_permutation, lengths_ride_along,
          losses_are_means_over_examples,
          dropout_follows_seed_and_step, early_stopping_restores_the_best, a_bad_step_changes_nothing,
          a_warm_step_allocates_nothing, bad_options, bad_data)
