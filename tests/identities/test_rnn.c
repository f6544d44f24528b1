/* SPDX-License-Identifier: MIT */
/* What must hold of recurrent layers whatever the weights: most of it bit for bit. */
#include "rnn_support.h"

static hw3_rnn_opts opts_of(int cell, int64_t n_inputs, int64_t n_hidden, hw3_dtype dtype)
{
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = cell;
    o.n_inputs = n_inputs;
    o.n_hidden = n_hidden;
    o.dtype = dtype;
    return o;
}

/* A layer and a graph that run pieces of one random sequence [T, B, I]. */
typedef struct model {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_rnn *rnn;
    hw3_graph *g;
    hw3_rnn_opts o;
} model;

static model make(const hw3_rnn_opts *o, int32_t n_threads)
{
    model m = { .ctx = test_ctx(n_threads), .o = *o };
    hw3_ctx *ctx = m.ctx;
    OK(hw3_params_create(ctx, &m.params));
    OK(hw3_rnn_create(m.params, "", o, &m.rnn));
    OK(hw3_graph_create(ctx, m.params, &m.g));
    return m;
}

static void drop(model *m)
{
    hw3_graph_destroy(m->g);
    hw3_rnn_destroy(m->rnn);
    hw3_params_destroy(m->params);
    hw3_ctx_destroy(m->ctx);
}

static int64_t cells_of(const model *m) { return m->o.n_layers * (m->o.bidirectional ? 2 : 1); }

/* Forward alone; h and c [cells, B, H] go in (when carry) and come out; returns y. */
static double *forward(model *m, const double *x, int64_t T, int64_t B, const int64_t *lengths, double *h, double *c, bool carry)
{
    hw3_ctx *ctx = m->ctx;
    int64_t H = m->o.n_hidden, n_s = cells_of(m) * B * H, shape[3] = { cells_of(m), B, H };
    OK(hw3_graph_begin(m->g));
    hw3_tensor *tx = tensor_of(ctx, m->o.dtype, 3, (int64_t[]){ T, B, m->o.n_inputs }, x), *th = NULL, *tc = NULL, *tl = NULL;
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    if (carry) s.h = hw3_input(m->g, th = tensor_of(ctx, m->o.dtype, 3, shape, h));
    if (carry && m->o.cell == HW3_CELL_LSTM) s.c = hw3_input(m->g, tc = tensor_of(ctx, m->o.dtype, 3, shape, c));
    if (lengths) OK(hw3_tensor_wrap(ctx, HW3_I64, 1, &B, NULL, (void *)(uintptr_t)lengths, &tl));
    hw3_var y = hw3_rnn_forward(m->rnn, m->g, hw3_input(m->g, tx), tl ? hw3_input(m->g, tl) : HW3_NONE, &s);
    ck_assert_msg(y >= 0, "%s", hw3_ctx_error(ctx));
    double *out = read_var(ctx, m->g, y, m->o.dtype, T * B * H * (m->o.bidirectional ? 2 : 1), false);
    double *last = h ? read_var(ctx, m->g, s.h, m->o.dtype, n_s, false) : NULL;
    if (h) memcpy(h, last, (size_t)n_s * sizeof *h);
    free(last);
    last = c && s.c != HW3_NONE ? read_var(ctx, m->g, s.c, m->o.dtype, n_s, false) : NULL;
    if (last) memcpy(c, last, (size_t)n_s * sizeof *c);
    free(last);
    hw3_tensor *all[] = { tx, th, tc, tl };
    for (int i = 0; i < 4; i++) hw3_tensor_destroy(all[i]);
    return out;
}

static const int64_t widths[] = { 1, 19, 64 };

#define FOR_CELLS(o)                                                                \
    for (int cell_ = HW3_CELL_RNN_TANH; cell_ <= HW3_CELL_GRU; cell_++)             \
        for (int i_ = 0; i_ < 6; i_++)                                              \
            for (hw3_rnn_opts o = opts_of(cell_, 3, widths[i_ / 2], i_ % 2 ? HW3_F64 : HW3_F32), *once_ = &o; once_; once_ = NULL)

/* Steps of one with the state carried over, and pieces of 2 and 5, give the bits of the whole sequence. */
START_TEST(stepwise_is_whole)
{
    enum { T = 7, B = 5 };
    FOR_CELLS(o) {
        o.n_layers = 2;
        model m = make(&o, 2);
        hw3_ctx *ctx = m.ctx;
        int64_t H = o.n_hidden, row = B * H;
        double *x = random_doubles(1, T * B * 3), *h = calloc(2 * B * 64, sizeof *h), *c = calloc(2 * B * 64, sizeof *c);
        double *h2 = calloc(2 * B * 64, sizeof *h), *c2 = calloc(2 * B * 64, sizeof *c);
        double *whole = forward(&m, x, T, B, NULL, h, c, true);
        for (int t = 0; t < T; t++) {
            OK(hw3_graph_set_training(m.g, t % 2));
            double *y = forward(&m, x + t * B * 3, 1, B, NULL, h2, c2, true);
            ck_assert_mem_eq(y, whole + t * row, (size_t)row * sizeof *y);
            free(y);
        }
        ck_assert_mem_eq(h, h2, 2 * (size_t)row * sizeof *h);
        ck_assert_mem_eq(c, c2, 2 * (size_t)row * sizeof *c);
        double *y = forward(&m, x, 2, B, NULL, h2, c2, false);
        ck_assert_mem_eq(y, whole, 2 * (size_t)row * sizeof *y);
        free(y);
        y = forward(&m, x + 2 * B * 3, T - 2, B, NULL, h2, c2, true);
        ck_assert_mem_eq(y, whole + 2 * row, (T - 2) * (size_t)row * sizeof *y);
        ck_assert_mem_eq(h, h2, 2 * (size_t)row * sizeof *h);
        double *all[] = { x, h, c, h2, c2, whole, y };
        for (int i = 0; i < 7; i++) free(all[i]);
        drop(&m);
    }
}
END_TEST

START_TEST(causal)
{
    enum { T = 6, B = 4 };
    FOR_CELLS(o) {
        model m = make(&o, 1);
        int64_t row = B * o.n_hidden;
        double *x = random_doubles(1, T * B * 3), *before = forward(&m, x, T, B, NULL, NULL, NULL, false);
        for (int i = 0; i < B * 3; i++) x[4 * B * 3 + i] += 3;
        double *after = forward(&m, x, T, B, NULL, NULL, NULL, false);
        ck_assert_mem_eq(before, after, 4 * (size_t)row * sizeof *after);
        if (o.cell != HW3_CELL_RNN_RELU) ck_assert(memcmp(before + 4 * row, after + 4 * row, (size_t)row * sizeof *after) != 0);
        double *all[] = { x, before, after };
        for (int i = 0; i < 3; i++) free(all[i]);
        drop(&m);
    }
}
END_TEST

/* A row's bits do not depend on the other rows, nor on how many there are. */
START_TEST(rows_are_alone)
{
    enum { T = 5, B = 23 };
    FOR_CELLS(o) {
        model m = make(&o, 2);
        int64_t H = o.n_hidden;
        double *x = random_doubles(1, T * B * 3), *all = forward(&m, x, T, B, NULL, NULL, NULL, false), one[T * 3];
        for (int b = 0; b < B; b += 11) {
            for (int t = 0; t < T; t++) memcpy(one + t * 3, x + (t * B + b) * 3, 3 * sizeof *one);
            double *y = forward(&m, one, T, 1, NULL, NULL, NULL, false);
            for (int t = 0; t < T; t++) ck_assert_mem_eq(y + t * H, all + (t * B + b) * H, (size_t)H * sizeof *y);
            free(y);
        }
        free(x);
        free(all);
        drop(&m);
    }
}
END_TEST

/* Full lengths are no lengths; and a shorter row is a shorter sequence followed by zeros. */
START_TEST(lengths_cut)
{
    enum { T = 5, B = 4 };
    const int64_t full[B] = { T, T, T, T }, cut[B] = { 2, 5, 1, 4 };
    FOR_CELLS(o) {
        o.n_layers = 2;
        model m = make(&o, 2);
        int64_t H = o.n_hidden;
        double *x = random_doubles(1, T * B * 3), *h = calloc(2 * B * 64, sizeof *h), *h1 = calloc(2 * B * 64, sizeof *h);
        double *none = forward(&m, x, T, B, NULL, h, NULL, false), *all = forward(&m, x, T, B, full, h1, NULL, false);
        ck_assert_mem_eq(none, all, (size_t)(T * B * H) * sizeof *all);
        ck_assert_mem_eq(h, h1, (size_t)(2 * B * H) * sizeof *h);
        double *some = forward(&m, x, T, B, cut, h1, NULL, false);
        for (int t = 0; t < T; t++)
            for (int b = 0; b < B; b++)
                for (int64_t k = 0; k < H; k++) {
                    int64_t at = (t * B + b) * H + k;
                    ck_assert_double_eq(some[at], t < cut[b] ? none[at] : 0);
                    if (t == cut[b] - 1) ck_assert_double_eq(h1[(B + b) * H + k], none[at]);
                }
        double *parts[] = { x, h, h1, none, all, some };
        for (int i = 0; i < 6; i++) free(parts[i]);
        drop(&m);
    }
}
END_TEST

/* Weights after twenty steps of Adam on a network wide enough to be cut into tiles. */
static double *trained(int cell, int32_t n_threads, int64_t *n)
{
    enum { T = 9, B = 37, H = 48 };
    hw3_rnn_opts o = opts_of(cell, 2, H, HW3_F32);
    o.n_layers = 2;
    model m = make(&o, n_threads);
    hw3_ctx *ctx = m.ctx;
    hw3_optim *adam = NULL;
    OK(hw3_optim_create(m.params, NULL, &adam));
    double *x = random_doubles(1, T * B * 2), *target = random_doubles(2, T * B * H);
    hw3_tensor *tx = tensor_of(ctx, HW3_F32, 3, (int64_t[]){ T, B, 2 }, x);
    hw3_tensor *ty = tensor_of(ctx, HW3_F32, 3, (int64_t[]){ T, B, H }, target);
    for (int step = 0; step < 20; step++) {
        OK(hw3_graph_begin(m.g));
        hw3_var y = hw3_rnn_forward(m.rnn, m.g, hw3_input(m.g, tx), HW3_NONE, NULL);
        OK(hw3_graph_backward(m.g, hw3_mse(m.g, y, hw3_input(m.g, ty))));
        OK(hw3_optim_step(adam));
    }
    *n = hw3_params_n_elements(m.params);
    double *all = malloc((size_t)*n * sizeof *all), *p = all;
    for (int64_t i = 0; i < hw3_params_n(m.params); i++) {
        hw3_tensor *t = NULL;
        OK(hw3_params_value(m.params, hw3_params_name(m.params, i), &t));
        for (int64_t j = 0; j < hw3_tensor_n_elements(t); j++) *p++ = ((float *)hw3_tensor_data(t))[j];
    }
    free(x);
    free(target);
    hw3_tensor_destroy(tx);
    hw3_tensor_destroy(ty);
    hw3_optim_destroy(adam);
    drop(&m);
    return all;
}

START_TEST(same_bits_for_any_threads)
{
    for (int cell = HW3_CELL_RNN_TANH; cell <= HW3_CELL_GRU; cell++) {
        int64_t n;
        double *one = trained(cell, 1, &n);
        for (int32_t threads = 2; threads <= 4; threads += 2) {
            double *many = trained(cell, threads, &n);
            ck_assert_mem_eq(one, many, (size_t)n * sizeof *one);
            free(many);
        }
        free(one);
    }
}
END_TEST

/* The gradient of a loss on the last piece [t0, T) of a sequence, by x of the whole sequence: with the state
 * handed on inside the graph (linked), or read and brought in again (cut). */
static double *piecewise(model *m, const double *x, int64_t T, int64_t t0, int64_t B, bool linked)
{
    hw3_ctx *ctx = m->ctx;
    int64_t H = m->o.n_hidden, n = T * B * 3;
    double *h = calloc((size_t)(B * H), sizeof *h), *c = calloc((size_t)(B * H), sizeof *c);
    if (!linked) free(forward(m, x, t0, B, NULL, h, c, false));
    OK(hw3_graph_begin(m->g));
    hw3_tensor *tx = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ T, B, 3 }, x);
    hw3_tensor *th = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 1, B, H }, h), *tc = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 1, B, H }, c);
    hw3_var vx = hw3_input_grad(m->g, tx), first = hw3_slice(m->g, vx, 0, 0, t0), rest = hw3_slice(m->g, vx, 0, t0, T);
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    if (linked) ck_assert_int_ge(hw3_rnn_forward(m->rnn, m->g, first, HW3_NONE, &s), 0);
    else s = (hw3_rnn_state){ hw3_input(m->g, th), hw3_input(m->g, tc) };
    hw3_var y = hw3_rnn_forward(m->rnn, m->g, rest, HW3_NONE, &s);
    OK(hw3_graph_backward(m->g, hw3_sum(m->g, hw3_mul(m->g, y, y), HW3_ALL_DIMS, 0)));
    double *grad = read_var(ctx, m->g, vx, HW3_F64, n, true);
    hw3_tensor_destroy(tx);
    hw3_tensor_destroy(th);
    hw3_tensor_destroy(tc);
    free(h);
    free(c);
    return grad;
}

START_TEST(truncated_backpropagation)
{
    enum { T = 6, B = 2, H = 5, CUT = 4, N = T * B * 3 };
    hw3_rnn_opts o = opts_of(HW3_CELL_LSTM, 3, H, HW3_F64);
    model m = make(&o, 1);
    hw3_ctx *ctx = m.ctx;
    double *x = random_doubles(1, N), *linked = piecewise(&m, x, T, CUT, B, true), *cut = piecewise(&m, x, T, CUT, B, false);
    OK(hw3_graph_begin(m.g));
    hw3_tensor *tx = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ T, B, 3 }, x);
    hw3_var vx = hw3_input_grad(m.g, tx), y = hw3_slice(m.g, hw3_rnn_forward(m.rnn, m.g, vx, HW3_NONE, NULL), 0, CUT, T);
    OK(hw3_graph_backward(m.g, hw3_sum(m.g, hw3_mul(m.g, y, y), HW3_ALL_DIMS, 0)));
    double *whole = read_var(ctx, m.g, vx, HW3_F64, N, true);
    same("linked", linked, whole, N, 1e-13); /* sums in another order */
    same("cut", cut + CUT * B * 3, whole + CUT * B * 3, (T - CUT) * B * 3, 1e-13);
    for (int i = 0; i < CUT * B * 3; i++) ck_assert(cut[i] == 0 && whole[i] != 0);
    hw3_tensor_destroy(tx);
    double *all[] = { x, linked, cut, whole };
    for (int i = 0; i < 4; i++) free(all[i]);
    drop(&m);
}
END_TEST

typedef struct checked {
    model m;
    hw3_tensor *x, *lengths;
} checked;

static hw3_var squares(void *user, hw3_graph *g)
{
    checked *k = user;
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    hw3_var y = hw3_rnn_forward(k->m.rnn, g, hw3_input(g, k->x), k->lengths ? hw3_input(g, k->lengths) : HW3_NONE, &s);
    hw3_var loss = hw3_add(g, hw3_sum(g, hw3_mul(g, y, y), HW3_ALL_DIMS, 0), hw3_sum(g, s.h, HW3_ALL_DIMS, 0));
    return s.c == HW3_NONE ? loss : hw3_add(g, loss, hw3_sum(g, s.c, HW3_ALL_DIMS, 0));
}

/* Every option that has a path of its own, in all cells but relu's, whose kink a difference may step over. */
START_TEST(gradients)
{
    enum { T = 3, B = 2 };
    int64_t lengths[B] = { 3, 2 };
    for (int cell = HW3_CELL_RNN_TANH; cell <= HW3_CELL_GRU; cell++)
        for (int bits = 0; bits < 32; bits++) {
            hw3_rnn_opts o = opts_of(cell, 2, 3, HW3_F64);
            o.layer_norm = bits & 1;
            o.learned_state = bits >> 1 & 1;
            o.reset_before = bits >> 2 & 1;
            o.bidirectional = bits >> 3 & 1;
            o.n_layers = 2;
            if (cell == HW3_CELL_RNN_RELU || (o.reset_before && cell != HW3_CELL_GRU)) continue;
            checked k = { .m = make(&o, 1) };
            hw3_ctx *ctx = k.m.ctx;
            double *x = random_doubles(1, T * B * 2), *w = random_doubles(2, hw3_params_n_elements(k.m.params));
            set_params(ctx, k.m.params, w);
            k.x = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ T, B, 2 }, x);
            if (bits >> 4) OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ B }, NULL, lengths, &k.lengths));
            hw3_gradcheck_opts go = HW3_GRADCHECK_OPTS_INIT;
            go.n_samples = 5;
            OK(hw3_gradcheck(k.m.g, squares, &k, &go, NULL, NULL));
            hw3_tensor_destroy(k.x);
            hw3_tensor_destroy(k.lengths);
            free(x);
            free(w);
            drop(&k.m);
        }
}
END_TEST

TEST_MAIN("rnn identities", stepwise_is_whole, causal, rows_are_alone, lengths_cut, same_bits_for_any_threads,
          truncated_backpropagation, gradients)
