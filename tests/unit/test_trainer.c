/* SPDX-License-Identifier: MIT */
/* The trainer: order, resuming, threads, early stopping, cancelling, checkpoints of all kinds, memory. */
#include "support.h"
#include "train/trainer.h"
#include <unistd.h>

/* A file in memory where the system has such a place: every save waits until it is on the disk. */
static char path_text[64];
static const char *path(void)
{
    if (!path_text[0])
        snprintf(path_text, sizeof path_text, "%stest_trainer-%ld.safetensors", access("/dev/shm", W_OK) ? "" : "/dev/shm/", (long)getpid());
    return path_text;
}
#define PATH path()
enum { WINDOW = 6, HIDDEN = 5, N = 43 };

/* A model that looks at windows of a series, and all that a run needs. */
typedef struct run {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_optim *optim;
    hw3_trainer *trainer;
    hw3_tensor *x, *y;
    double series[N + WINDOW];
    int64_t cancel_at; /* step; -1: never */
    int64_t n_calls, n_epoch_calls;
    hw3_progress last;
} run;

static int64_t n_allocs, fail_at = -1;

static int32_t progress(void *user, const hw3_progress *p)
{
    run *r = user;
    r->n_calls++;
    r->n_epoch_calls += p->epoch_ended;
    r->last = *p;
    return !p->epoch_ended && p->step == r->cancel_at;
}

static hw3_var loss(void *user, hw3_graph *g, hw3_var x, hw3_var y)
{
    (void)user;
    hw3_var h = hw3_tanh(g, hw3_linear(g, x, hw3_param(g, "w1"), hw3_param(g, "b1")));
    return hw3_mse(g, hw3_linear(g, hw3_dropout(g, h, 0.3), hw3_param(g, "w2"), HW3_NONE), y);
}

static hw3_trainer_opts trainer_opts(run *r)
{
    hw3_trainer_opts o = HW3_TRAINER_OPTS_INIT;
    o.n_epochs = 4;
    o.batch = 8;
    o.val_share = 0.2;
    o.progress = progress;
    o.progress_user = r;
    return o;
}

static hw3_optim_opts optim_opts(void)
{
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.lr = 0.02;
    o.clip_norm = 1;
    o.schedule = HW3_SCHEDULE_COSINE;
    o.total_steps = 40;
    o.warmup_steps = 3;
    return o;
}

static hw3_status run_model(run *r)
{
    hw3_status s = hw3_params_create(r->ctx, &r->params);
    if (!s) s = hw3_params_add(r->params, "w1", HW3_F64, 2, (int64_t[]){ HIDDEN, WINDOW }, HW3_INIT_XAVIER);
    if (!s) s = hw3_params_add(r->params, "b1", HW3_F64, 1, (int64_t[]){ HIDDEN }, HW3_INIT_ZERO);
    if (!s) s = hw3_params_add(r->params, "w2", HW3_F64, 2, (int64_t[]){ 1, HIDDEN }, HW3_INIT_XAVIER);
    return s;
}

static hw3_status run_rest(run *r, const hw3_trainer_opts *to, const hw3_optim_opts *oo)
{
    for (int i = 0; i < N + WINDOW; i++) r->series[i] = sin(0.7 * i) + 0.1 * cos(5.0 * i * i);
    hw3_status s = hw3_optim_create(r->params, oo, &r->optim);
    if (!s) s = hw3_optim_set_group(r->optim, "b", 0.01, 0);
    if (!s) s = hw3_trainer_create(r->params, r->optim, to, &r->trainer);
    /* overlapping windows */
    if (!s) s = hw3_tensor_wrap(r->ctx, HW3_F64, 2, (int64_t[]){ N, WINDOW }, (int64_t[]){ 1, 1 }, r->series, &r->x);
    if (!s) s = hw3_tensor_wrap(r->ctx, HW3_F64, 2, (int64_t[]){ N, 1 }, NULL, r->series + WINDOW, &r->y);
    return s;
}

static void run_end(run *r)
{
    hw3_tensor_destroy(r->x);
    hw3_tensor_destroy(r->y);
    hw3_params_destroy(r->params); /* any order */
    hw3_optim_destroy(r->optim);
    hw3_trainer_destroy(r->trainer);
    hw3_ctx_destroy(r->ctx);
}

static void run_begin(run *r, const hw3_trainer_opts *opts)
{
    hw3_optim_opts oo = optim_opts();
    hw3_trainer_opts to = opts ? *opts : trainer_opts(r);
    to.progress_user = r;
    memset(r, 0, sizeof *r);
    r->cancel_at = -1;
    hw3_ctx *ctx = r->ctx = test_ctx(1);
    OK(run_model(r));
    OK(run_rest(r, &to, &oo));
}

static hw3_status fit(run *r) { return hw3_trainer_fit(r->trainer, r->x, r->y, loss, NULL); }

/* All that a run is: weights in place, last and best, moments, cursor and history, as one block of bytes. */
static size_t bytes_of(const run *r, char *out)
{
    char *p = out;
#define PUT(from, n) (memcpy(p, from, n), p += (n))
    for (int64_t i = 0; i < r->params->n; i++) {
        size_t n = (size_t)hw3i_tensor_n(r->params->items[i]->value) * 8;
        PUT(r->params->items[i]->value->data, n);
        PUT(hw3i_trainer_last(r->trainer, i), n);
        if (r->trainer->at.has_best) PUT(hw3i_trainer_best(r->trainer, i), n);
        PUT(r->optim->slots[i].m, n);
        PUT(r->optim->slots[i].v, n);
        PUT(&r->optim->slots[i].n_steps, 8);
    }
    const hw3i_cursor *at = &r->trainer->at;
    const int64_t ints[] = { at->epoch, at->position, at->n_examples, at->n_steps, at->n_bad, at->has_best, r->optim->n_steps };
    PUT(ints, sizeof ints);
    PUT(&at->loss_sum, 8);
    PUT(&at->best_loss, 8);
    PUT(&r->optim->grad_norm, 8);
    if (at->epoch) PUT(r->trainer->train_loss, (size_t)at->epoch * 8);
    if (at->epoch) PUT(r->trainer->val_loss, (size_t)at->epoch * 8);
    return (size_t)(p - out);
}

static void same(const run *a, const run *b)
{
    static char x[1 << 16], y[1 << 16];
    size_t n = bytes_of(a, x);
    ck_assert_uint_eq(n, bytes_of(b, y));
    ck_assert_mem_eq(x, y, n);
}

/* Killed after any step and gone on in a new process's objects, or in the same ones: the bits of the straight run. */
START_TEST(resumed_is_straight)
{
    static run straight, cut, again;
    run_begin(&straight, NULL);
    hw3_trainer_opts o = trainer_opts(&straight);
    o.patience = 3;
    run_end(&straight);
    run_begin(&straight, &o);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    const int64_t n_steps = straight.trainer->at.n_steps;
    ck_assert_int_eq(n_steps, 4 * 5); /* 34 examples in batches of 8 */
    o.checkpoint = PATH;
    for (int64_t at = 1; at <= n_steps; at++) {
        run_begin(&cut, &o);
        cut.cancel_at = at;
        FAILS(fit(&cut), HW3_ERR_CANCELLED);
        ck_assert_int_eq(cut.trainer->at.n_steps, at);
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(cut.ctx), "stopped by the callback"));
        run_begin(&again, &o);
        ctx = again.ctx;
        OK(hw3_trainer_load(again.trainer, PATH));
        same(&cut, &again);
        OK(fit(&again));
        same(&straight, &again);
        ctx = cut.ctx;
        OK(fit(&cut));
        same(&straight, &cut);
        run_end(&again);
        run_begin(&again, &o); /* the file that a finished run leaves holds what the run left */
        ctx = again.ctx;
        OK(hw3_trainer_load(again.trainer, PATH));
        same(&straight, &again);
        run_end(&again);
        run_end(&cut);
    }
    run_end(&straight);
    remove(PATH);
}
END_TEST

/* A checkpoint every 3 steps, and a kill that gives no chance to write. */
START_TEST(resumed_from_steps)
{
    static run straight, again;
    run_begin(&straight, NULL);
    hw3_trainer_opts o = trainer_opts(&straight);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    o.checkpoint = PATH;
    o.checkpoint_steps = 3;
    run_begin(&again, &o);
    again.cancel_at = 8;
    FAILS(fit(&again), HW3_ERR_CANCELLED);
    run_end(&again);
    run_begin(&again, &o);
    again.trainer->o.checkpoint_steps = 3;
    ctx = again.ctx;
    hw3i_free(ctx, again.trainer->checkpoint); /* writes at steps 9 and 12 go elsewhere */
    again.trainer->checkpoint = NULL;
    OK(hw3_trainer_load(again.trainer, PATH));
    ck_assert_int_eq(again.trainer->at.n_steps, 8);
    OK(fit(&again));
    same(&straight, &again);
    run_end(&again);
    remove(PATH);
    run_begin(&again, &o);
    ctx = again.ctx;
    again.trainer->o.n_epochs = 1;
    again.cancel_at = 4; /* the file of step 3 is overwritten by that of the cancel */
    FAILS(fit(&again), HW3_ERR_CANCELLED);
    run_end(&again);
    run_begin(&again, &o);
    ctx = again.ctx;
    OK(hw3_trainer_load(again.trainer, PATH));
    ck_assert_int_eq(again.trainer->at.n_steps, 4);
    run_end(&again);
    run_end(&straight);
    remove(PATH);
}
END_TEST

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

static hw3_var watching(void *user, hw3_graph *g, hw3_var x, hw3_var y)
{
    watch *w = user;
    int64_t shape[HW3_MAX_DIMS], index[64], target[64];
    int32_t n_dims;
    ck_assert_int_eq(hw3_var_shape(g, x, shape, &n_dims), HW3_OK);
    ck_assert_int_eq(n_dims, 1);
    ck_assert_int_le(shape[0], 7);
    ck_assert_int_eq(hw3_var_read(g, x, index, sizeof index), HW3_OK);
    ck_assert_int_eq(hw3_var_read(g, y, target, sizeof target), HW3_OK);
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
        OK(hw3_trainer_fit(r.trainer, x, y, watching, &w));
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

/* The mean over examples, not over batches: 34 training examples are 4 batches of 8 and one of 2. */
START_TEST(losses_are_means_over_examples)
{
    static run r;
    hw3_trainer_opts o = trainer_opts(&r);
    o.n_epochs = 1;
    run_begin(&r, &o);
    hw3_ctx *ctx = r.ctx;
    hw3_optim_opts oo = optim_opts();
    oo.lr = 1e-300; /* the weights stay */
    hw3_optim_destroy(r.optim);
    hw3_trainer_destroy(r.trainer);
    r.trainer = NULL;
    OK(hw3_optim_create(r.params, &oo, &r.optim));
    o.progress_user = &r;
    OK(hw3_trainer_create(r.params, r.optim, &o, &r.trainer));
    double train, val, all, want = 0, w1[HIDDEN * WINDOW], w2[HIDDEN];
    memcpy(w1, r.params->items[0]->value->data, sizeof w1);
    memcpy(w2, r.params->items[2]->value->data, sizeof w2);
    double parts[2] = { 0, 0 };
    for (int i = 0; i < N; i++) {
        double e = -r.series[i + WINDOW];
        for (int k = 0; k < HIDDEN; k++) {
            double h = 0;
            for (int j = 0; j < WINDOW; j++) h += w1[k * WINDOW + j] * r.series[i + j];
            e += w2[k] * tanh(h);
        }
        parts[i >= 34] += e * e;
        want += e * e / N;
    }
    OK(hw3_trainer_evaluate(r.trainer, r.x, r.y, loss, NULL, &all));
    NEAR(all, want, 1e-12);
    OK(fit(&r));
    int64_t n = 0;
    OK(hw3_trainer_history(r.trainer, &train, &val, 1, &n));
    ck_assert_int_eq(n, 1);
    NEAR(val, parts[1] / 9, 1e-12);
    ck_assert_double_gt(train, 0); /* with dropout */
    ck_assert_int_eq(r.n_calls, 6);
    ck_assert_int_eq(r.n_epoch_calls, 1);
    ck_assert(r.last.epoch == 0 && r.last.epoch_ended == 1 && r.last.step == 5 && r.last.n_steps == 5 && r.last.n_epochs == 1);
    ck_assert(r.last.train_loss == train && r.last.val_loss == val && r.last.struct_size == sizeof(hw3_progress));
    FAILS(hw3_trainer_history(r.trainer, &train, NULL, 0, &n), HW3_ERR_TOO_SMALL);
    OK(hw3_trainer_history(r.trainer, NULL, NULL, 0, &n));
    run_end(&r);
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
    OK(hw3_trainer_evaluate(r.trainer, x, y, loss, NULL, &value));
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
    int32_t what; /* 0: not finite, 1: a vector, 2: HW3_NONE, 3: a status, 4: wrong shapes, 5: calls back */
} bad_loss;

static hw3_var sometimes_bad(void *user, hw3_graph *g, hw3_var x, hw3_var y)
{
    bad_loss *b = user;
    double value;
    hw3_var v = loss(NULL, g, x, y);
    if (b->r->trainer->at.n_steps != b->at) return v;
    switch (b->what) {
    case 0: return hw3_affine(g, v, INFINITY, 0);
    case 1: return y;
    case 2: return HW3_NONE;
    case 3: return HW3_ERR_VALUE;
    case 4: return hw3_add(g, hw3_param(g, "w1"), hw3_param(g, "b1"));
    default:
        FAILS(hw3_trainer_fit(b->r->trainer, b->r->x, b->r->y, loss, NULL), HW3_ERR_STATE);
        FAILS(hw3_trainer_load(b->r->trainer, PATH), HW3_ERR_STATE);
        FAILS(hw3_trainer_evaluate(b->r->trainer, b->r->x, b->r->y, loss, NULL, &value), HW3_ERR_STATE);
        return v;
    }
}

/* Whatever loss returns in a step, the state is that of the step before, and a later fit goes on. */
START_TEST(a_bad_step_changes_nothing)
{
    static run straight, r;
    const hw3_status want[] = { HW3_ERR_DIVERGED, HW3_ERR_SHAPE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_SHAPE, HW3_OK };
    const char *text[] = { "step 7, epoch 1, is inf", "[8, 1]", "HW3_NONE", "", "[5, 6]", "" };
    run_begin(&straight, NULL);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    for (int32_t what = 0; what < 6; what++) {
        run_begin(&r, NULL);
        ctx = r.ctx;
        bad_loss b = { &r, 7, what };
        hw3_status s = hw3_trainer_fit(r.trainer, r.x, r.y, sometimes_bad, &b);
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

static char *read_file(size_t *n)
{
    FILE *f = fopen(PATH, "rb");
    ck_assert_ptr_nonnull(f);
    char *bytes = malloc(1 << 20);
    *n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static void write_file(const char *bytes, size_t n)
{
    FILE *f = fopen(PATH, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Cut at every byte: a status and a message, and the trainer is as it was. Other bytes: no crash. */
START_TEST(damaged_checkpoints)
{
    static run r, fresh;
    run_begin(&r, NULL);
    run_begin(&fresh, NULL);
    hw3_ctx *ctx = r.ctx;
    r.cancel_at = 7;
    FAILS(fit(&r), HW3_ERR_CANCELLED);
    OK(hw3_trainer_save(r.trainer, PATH));
    size_t n, cut;
    char *bytes = read_file(&n);
    run_end(&r);
    run_begin(&r, NULL);
    ctx = r.ctx;
    for (cut = 0; cut < n; cut++) {
        write_file(bytes, cut);
        FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), PATH));
    }
    same(&r, &fresh);
    for (cut = 8; cut < n; cut++) { /* the header's length before is tried above */
        bytes[cut] ^= 0x11;
        write_file(bytes, n);
        (void)!hw3_trainer_load(r.trainer, PATH);
        bytes[cut] ^= 0x11;
    }
    write_file(bytes, n);
    OK(hw3_trainer_load(r.trainer, PATH));
    OK(fit(&r));
    OK(fit(&fresh));
    same(&r, &fresh);
    FAILS(hw3_trainer_load(r.trainer, "no/such/file"), HW3_ERR_IO);
    FAILS(hw3_trainer_save(r.trainer, "no/such/file"), HW3_ERR_IO);
    free(bytes);
    run_end(&r);
    run_end(&fresh);
    remove(PATH);
}
END_TEST

static void replace(char *bytes, size_t n, const char *from, const char *to)
{
    size_t length = strlen(from);
    ck_assert_uint_eq(length, strlen(to));
    for (size_t i = 0; i + length <= n; i++)
        if (!memcmp(bytes + i, from, length)) {
            memcpy(bytes + i, to, length);
            return;
        }
    ck_abort_msg("%s is not in the file", from);
}

START_TEST(checkpoints_with_other_texts)
{
    const struct { const char *from, *to; hw3_status status; const char *text; } edits[] = {
        { "\"version\":\"1\"", "\"version\":\"2\"", HW3_ERR_VERSION, "version 2" },
        { "\"version\":\"1\"", "\"version\":\"x\"", HW3_ERR_FORMAT, "version" },
        { "hw3-trainer", "hw3-another", HW3_ERR_MISMATCH, "no checkpoint of a trainer" },
        { "\"seed\":\"42\"", "\"seed\":\"43\"", HW3_ERR_MISMATCH, "seed is 43 in the file, 42 here" },
        { "\"position\":\"16\"", "\"position\":\"99\"", HW3_ERR_FORMAT, "position" },
        { "\"epoch\":\"1\"", "\"epoch\":\"2\"", HW3_ERR_MISMATCH, "history.train" },
        { "\"n_bad\":\"0\"", "\"n_bad\":\"3\"", HW3_ERR_FORMAT, "n_bad" },
        { "weights.b1", "weights.bX", HW3_ERR_MISMATCH, "weights.b1" },
    };
    static run r, fresh;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    r.cancel_at = 7;
    FAILS(fit(&r), HW3_ERR_CANCELLED);
    OK(hw3_trainer_save(r.trainer, PATH));
    run_end(&r);
    run_begin(&r, NULL);
    run_begin(&fresh, NULL);
    ctx = r.ctx;
    size_t n;
    char *bytes = read_file(&n), *copy = malloc(n);
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        memcpy(copy, bytes, n);
        replace(copy, n, edits[i].from, edits[i].to);
        write_file(copy, n);
        FAILS(hw3_trainer_load(r.trainer, PATH), edits[i].status);
        ck_assert_msg(strstr(hw3_ctx_error(ctx), edits[i].text) != NULL, "%s", hw3_ctx_error(ctx));
    }
    same(&r, &fresh);
    free(bytes);
    free(copy);
    run_end(&r);
    run_end(&fresh);
    remove(PATH);
}
END_TEST

static void load_fails(const hw3_trainer_opts *to, const hw3_optim_opts *oo, void (*change)(run *), const char *text)
{
    run r = { .ctx = test_ctx(1), .cancel_at = -1 };
    hw3_ctx *ctx = r.ctx;
    if (change) {
        OK(hw3_params_create(ctx, &r.params));
        change(&r);
    } else {
        OK(run_model(&r));
    }
    OK(run_rest(&r, to, oo));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_msg(strstr(hw3_ctx_error(ctx), text) != NULL, "%s", hw3_ctx_error(ctx));
    run_end(&r);
}

static void add_params(run *r, hw3_dtype dtype, int64_t hidden, const char *b, const char *extra)
{
    hw3_ctx *ctx = r->ctx;
    OK(hw3_params_add(r->params, "w1", dtype, 2, (int64_t[]){ hidden, WINDOW }, HW3_INIT_XAVIER));
    if (b) OK(hw3_params_add(r->params, b, HW3_F64, 1, (int64_t[]){ HIDDEN }, HW3_INIT_ZERO));
    OK(hw3_params_add(r->params, "w2", HW3_F64, 2, (int64_t[]){ 1, HIDDEN }, HW3_INIT_XAVIER));
    if (extra) OK(hw3_params_add(r->params, extra, HW3_F64, 1, (int64_t[]){ 1 }, HW3_INIT_ZERO));
}

static void other_type(run *r) { add_params(r, HW3_F32, HIDDEN, "b1", NULL); }
static void other_shape(run *r) { add_params(r, HW3_F64, HIDDEN + 1, "b1", NULL); }
static void other_name(run *r) { add_params(r, HW3_F64, HIDDEN, "b2", NULL); }
static void one_more(run *r) { add_params(r, HW3_F64, HIDDEN, "b1", "more"); }
static void frozen(run *r)
{
    hw3_ctx *ctx = r->ctx;
    add_params(r, HW3_F64, HIDDEN, "b1", NULL);
    OK(hw3_params_set_trainable(r->params, "w2", 0));
}

START_TEST(checkpoints_of_another_model)
{
    static run r;
    hw3_trainer_opts to = trainer_opts(&r), t = to;
    hw3_optim_opts oo = optim_opts(), o = oo;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    OK(hw3_trainer_save(r.trainer, PATH));
    OK(hw3_trainer_load(r.trainer, PATH));
    load_fails(&to, &oo, other_type, "weights.w1 is F64 in the file, F32 here");
    load_fails(&to, &oo, other_shape, "weights.w1");
    load_fails(&to, &oo, other_name, "weights.b2");
    load_fails(&to, &oo, one_more, "weights.more");
    load_fails(&to, &oo, frozen, "tensors");
    t.batch = 9;
    load_fails(&t, &oo, NULL, "batch is 8 in the file, 9 here");
    t = to, t.val_share = 0.3;
    load_fails(&t, &oo, NULL, "val_share is 0.2 in the file, 0.3 here");
    t = to, t.shuffle = 0;
    load_fails(&t, &oo, NULL, "shuffle");
    t = to, t.patience = 3;
    load_fails(&t, &oo, NULL, "patience");
    t = to, t.seed = UINT64_MAX;
    load_fails(&t, &oo, NULL, "seed is 42 in the file, 18446744073709551615 here");
    o.kind = HW3_OPTIM_ADAMW;
    load_fails(&to, &o, NULL, "optim kind is 3 in the file, 4 here");
    o = oo, o.lr = 0.03;
    load_fails(&to, &o, NULL, "lr is 0.02 in the file, 0.03 here");
    OK(hw3_optim_set_group(r.optim, "w2", 0.5, 0.25));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "optim.rates.w2 (lr, weight_decay) is 0.02, 0 in the file, 0.5, 0.25 here"));
    OK(hw3_params_save(r.params, PATH));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "no checkpoint of a trainer"));
    OK(hw3_params_add(r.params, "late", HW3_F64, 0, NULL, HW3_INIT_ZERO));
    FAILS(fit(&r), HW3_ERR_STATE);
    FAILS(hw3_trainer_save(r.trainer, PATH), HW3_ERR_STATE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "3 parameters, now there are 4"));
    run_end(&r);
    remove(PATH);
}
END_TEST

/* A checkpoint that cannot be written stops the run, which can then go on. */
START_TEST(a_checkpoint_that_cannot_be_written)
{
    static run straight, r;
    run_begin(&straight, NULL);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    hw3_trainer_opts o = trainer_opts(&r);
    o.checkpoint = "no/such/directory/file";
    run_begin(&r, &o);
    ctx = r.ctx;
    for (int i = 0; i < 4; i++) FAILS(fit(&r), HW3_ERR_IO);
    OK(fit(&r));
    same(&straight, &r);
    run_end(&r);
    run_end(&straight);
}
END_TEST

static void *count_alloc(void *user, size_t size, size_t align)
{
    (void)user;
    if (n_allocs++ == fail_at) return NULL;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void count_free(void *user, void *ptr, size_t size)
{
    (void)user, (void)size;
    free(ptr);
}

static hw3_allocator counting(void) { return (hw3_allocator){ count_alloc, count_free, NULL }; }

/* Create, train, stop, save, load, go on. */
static hw3_status scenario(run *r)
{
    hw3_allocator a = counting();
    hw3_ctx_opts co = HW3_CTX_OPTS_INIT;
    co.allocator = &a;
    co.n_threads = 1;
    hw3_optim_opts oo = optim_opts();
    hw3_trainer_opts to = trainer_opts(r);
    to.patience = 2;
    to.n_epochs = 2;
    to.checkpoint = PATH;
    memset(r, 0, sizeof *r);
    r->cancel_at = 7;
    hw3_status s = hw3_ctx_create(&co, &r->ctx);
    if (!s) s = run_model(r);
    if (!s) s = run_rest(r, &to, &oo);
    if (!s) s = fit(r);
    if (s != HW3_ERR_CANCELLED) return s ? s : HW3_ERR_STATE;
    s = hw3_trainer_load(r->trainer, PATH);
    return s ? s : fit(r);
}

START_TEST(allocation_failures)
{
    static run straight, r;
    fail_at = -1;
    n_allocs = 0;
    ck_assert_int_eq(scenario(&straight), HW3_OK);
    int64_t total = n_allocs;
    ck_assert_int_gt(total, 50);
    for (fail_at = 0; fail_at < total; fail_at++) {
        n_allocs = 0;
        hw3_status s = scenario(&r);
        ck_assert_msg(s == HW3_ERR_NOMEM, "allocation %lld: %d", (long long)fail_at, s);
        if (!r.ctx) continue;
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(r.ctx), "out of memory"));
        if (r.y) { /* all objects stand: the same calls again go through */
            n_allocs = total;
            r.cancel_at = -1;
            hw3_ctx *ctx = r.ctx;
            OK(fit(&r));
            same(&straight, &r);
        }
        run_end(&r);
    }
    fail_at = -1;
    run_end(&straight);
    remove(PATH);
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
    FAILS(hw3_trainer_fit(r.trainer, r.x, few, loss, NULL), HW3_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "x is [43, 6] and y is [2, 1]"));
    FAILS(hw3_trainer_fit(r.trainer, none, none, loss, NULL), HW3_ERR_SHAPE);
    FAILS(hw3_trainer_fit(r.trainer, number, number, loss, NULL), HW3_ERR_SHAPE);
    FAILS(hw3_trainer_fit(r.trainer, few, few, loss, NULL), HW3_ERR_SHAPE); /* 0.2 of 2 is no example */
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "2 examples with val_share 0.2 leave 2 to train on and 0 to validate"));
    FAILS(hw3_trainer_fit(r.trainer, NULL, r.y, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, r.x, NULL, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(r.trainer, r.x, r.y, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_fit(NULL, r.x, r.y, loss, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_evaluate(r.trainer, r.x, few, loss, NULL, &value), HW3_ERR_SHAPE);
    FAILS(hw3_trainer_evaluate(r.trainer, r.x, r.y, loss, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_history(r.trainer, NULL, NULL, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_trainer_set_epochs(NULL, 1), HW3_ERR_ARG);
    FAILS(hw3_trainer_save(r.trainer, NULL), HW3_ERR_ARG);
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
    FAILS(hw3_trainer_fit(r.trainer, x, y, loss, NULL), HW3_ERR_SHAPE);
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

TEST_MAIN("trainer", resumed_is_straight, resumed_from_steps, more_epochs_later, same_bits_for_any_threads, order_is_a_permutation,
          losses_are_means_over_examples, early_stopping_restores_the_best, a_bad_step_changes_nothing, damaged_checkpoints,
          checkpoints_with_other_texts, checkpoints_of_another_model, a_checkpoint_that_cannot_be_written, allocation_failures,
          a_warm_step_allocates_nothing, bad_options, bad_data)
