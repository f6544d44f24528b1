/* SPDX-License-Identifier: MIT */
/* Recurrent layers against PyTorch, the fused operator against the one built step by step, the glass box, bad input. */
#include "alloc.h"
#include "rnn_support.h"
#include "rnn.h"

static hw3_rnn_opts opts_of(hw3_cell cell, int64_t n_inputs, int64_t n_hidden, hw3_dtype dtype)
{
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = cell;
    o.n_inputs = n_inputs;
    o.n_hidden = n_hidden;
    o.dtype = dtype;
    return o;
}

static void check_vectors(hw3_dtype dtype, int32_t glass_box, double tolerance)
{
    hw3_ctx *ctx = test_ctx(2);
    for (size_t i = 0; i < sizeof rnn_cases / sizeof rnn_cases[0]; i++) {
        const rnn_case *c = &rnn_cases[i];
        hw3_rnn_opts o = opts_of(c->cell, RNN_I, RNN_H, dtype);
        o.n_layers = c->n_layers;
        o.bidirectional = c->n_directions == 2;
        o.layer_norm = c->layer_norm;
        o.reset_before = c->reset_before;
        o.glass_box = glass_box;
        bool lstm = c->cell == HW3_CELL_LSTM;
        problem p = { RNN_T, RNN_B, c->cut ? rnn_lengths : NULL, c->x, c->given ? c->h0 : NULL,
                      c->given && lstm ? c->c0 : NULL, c->params, c->wy, c->wh, c->wc };
        outcome got = run(ctx, &o, &p);
        outcome want = { got.n_y, got.n_state, got.n_x, got.n_params, (double *)(uintptr_t)c->y, (double *)(uintptr_t)c->hn,
                         (double *)(uintptr_t)c->cn, (double *)(uintptr_t)c->dx, (double *)(uintptr_t)c->dh0,
                         (double *)(uintptr_t)c->dc0, (double *)(uintptr_t)c->dparams };
        outcome_near(c->name, &got, &want, tolerance);
        outcome_free(&got);
    }
    hw3_ctx_destroy(ctx);
}

/* Both tolerances are the library's promise; f32 keeps about seven digits of sums of some tens of terms. */
START_TEST(vectors_f32) { check_vectors(HW3_F32, 0, 1e-5); }
END_TEST
START_TEST(vectors_f64) { check_vectors(HW3_F64, 0, 1e-10); }
END_TEST
START_TEST(vectors_unrolled)
{
    check_vectors(HW3_F32, 1, 1e-5);
    check_vectors(HW3_F64, 1, 1e-10);
}
END_TEST

/* Widths that fill no vector, and one that fills some: fused and unrolled differ by the order of sums alone. */
START_TEST(fused_is_unrolled)
{
    hw3_ctx *ctx = test_ctx(2);
    const int64_t lengths[] = { 7, 2, 5, 1, 7 }, hidden[] = { 1, 19, 32 };
    for (int cell = HW3_CELL_RNN_TANH; cell <= HW3_CELL_GRU; cell++)
        for (int k = 0; k < 6; k++) {
            hw3_rnn_opts o = opts_of(cell, 3, hidden[k / 2], HW3_F64);
            o.n_layers = 2;
            o.bidirectional = 1;
            int64_t H = o.n_hidden, n_w = 2 * 4 * H * (4 * H + 7); /* of an LSTM, the most */
            double *x = random_doubles(1, 7 * 5 * 3), *h0 = random_doubles(2, 4 * 5 * H), *c0 = random_doubles(3, 4 * 5 * H);
            double *w = random_doubles(4, n_w), *wy = random_doubles(5, 7 * 5 * 2 * H);
            for (int64_t i = 0; i < n_w; i++) w[i] /= sqrt((double)H);
            bool lstm = cell == HW3_CELL_LSTM;
            problem p = { 7, 5, k % 2 ? lengths : NULL, x, h0, lstm ? c0 : NULL, w, wy, h0, lstm ? h0 : NULL };
            outcome fused = run(ctx, &o, &p);
            o.glass_box = 1;
            outcome steps = run(ctx, &o, &p);
            outcome_near("fused", &fused, &steps, 1e-12);
            outcome_free(&fused);
            outcome_free(&steps);
            double *all[] = { x, h0, c0, w, wy };
            for (int i = 0; i < 5; i++) free(all[i]);
        }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(names_are_pytorchs)
{
    static const char *want[] = {
        "enc.weight_ih_l0", "enc.weight_hh_l0", "enc.bias_ih_l0", "enc.bias_hh_l0", "enc.weight_ih_l0_reverse",
        "enc.weight_hh_l0_reverse", "enc.bias_ih_l0_reverse", "enc.bias_hh_l0_reverse", "enc.weight_ih_l1", "enc.weight_hh_l1",
        "enc.bias_ih_l1", "enc.bias_hh_l1", "enc.weight_ih_l1_reverse", "enc.weight_hh_l1_reverse", "enc.bias_ih_l1_reverse",
        "enc.bias_hh_l1_reverse" };
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *params = NULL;
    hw3_rnn *rnn = NULL;
    OK(hw3_params_create(ctx, &params));
    hw3_rnn_opts o = opts_of(HW3_CELL_GRU, 2, 5, HW3_F32);
    o.n_layers = 2;
    o.bidirectional = 1;
    OK(hw3_rnn_create(params, "enc.", &o, &rnn));
    ck_assert_int_eq(hw3_params_n(params), 16);
    for (int i = 0; i < 16; i++) ck_assert_str_eq(hw3_params_name(params, i), want[i]);
    hw3_tensor *w = NULL;
    OK(hw3_params_value(params, "enc.weight_ih_l1_reverse", &w));
    ck_assert_int_eq(hw3_tensor_size(w, 0), 15);
    ck_assert_int_eq(hw3_tensor_size(w, 1), 10);
    float largest = 0;
    for (int i = 0; i < 150; i++) largest = fmaxf(largest, fabsf(((float *)hw3_tensor_data(w))[i]));
    ck_assert(largest <= 1 / sqrtf(5) && largest > 0.9f / sqrtf(5)); /* 150 uniform draws miss the last tenth once in 10^7 */
    hw3_rnn *again = NULL;
    FAILS(hw3_rnn_create(params, "enc.", &o, &again), HW3_ERR_NAME);
    ck_assert_ptr_null(again);
    o.learned_state = o.layer_norm = 1;
    FAILS(hw3_rnn_create(params, "enc.", &o, &again), HW3_ERR_NAME);
    ck_assert_int_eq(hw3_params_n(params), 16);
    o.cell = HW3_CELL_LSTM;
    o.n_layers = 1;
    o.bidirectional = 0;
    OK(hw3_rnn_create(params, "dec.", &o, &again));
    static const char *extra[] = { "dec.ln_ih_l0", "dec.ln_hh_l0", "dec.ln_c_l0", "dec.ln_c_bias_l0", "dec.h0_l0", "dec.c0_l0" };
    for (int i = 0; i < 6; i++) OK(hw3_params_value(params, extra[i], &w));
    ck_assert_int_eq(hw3_params_n(params), 16 + 10);
    hw3_rnn_destroy(again);
    hw3_rnn_destroy(rnn);
    hw3_params_destroy(params);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* One layer, ready to run on x [T, B, I] of random numbers. */
typedef struct bench {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_rnn *rnn;
    hw3_graph *g;
    hw3_tensor *x;
    double *data;
} bench;

static bench set_up(const hw3_rnn_opts *o, int64_t T, int64_t B)
{
    bench b = { .ctx = test_ctx(1) };
    hw3_ctx *ctx = b.ctx;
    OK(hw3_params_create(ctx, &b.params));
    OK(hw3_rnn_create(b.params, "", o, &b.rnn));
    OK(hw3_graph_create(ctx, b.params, &b.g));
    b.data = random_doubles(9, T * B * o->n_inputs);
    b.x = tensor_of(ctx, o->dtype, 3, (int64_t[]){ T, B, o->n_inputs }, b.data);
    return b;
}

static void tear_down(bench *b)
{
    free(b->data);
    hw3_tensor_destroy(b->x);
    hw3_graph_destroy(b->g);
    hw3_rnn_destroy(b->rnn);
    hw3_params_destroy(b->params);
    hw3_ctx_destroy(b->ctx);
}

static double *glass(bench *b, int64_t t, const char *name, int64_t n, bool grad)
{
    hw3_var v = hw3_rnn_glass(b->rnn, 0, 0, t, name);
    ck_assert_msg(v >= 0, "%s", hw3_ctx_error(b->ctx));
    return read_var(b->ctx, b->g, v, HW3_F64, n, grad);
}

/* The gates of each step fulfil the cell's equations, and their derivatives the chain rule written by hand:
 * dL/do = dL/dh tanh(c), dL/di = dL/dc g, dL/dg = dL/dc i, dL/df = dL/dc c'. */
START_TEST(glass_box_lstm)
{
    enum { T = 4, B = 2, H = 3, N = B * H };
    hw3_rnn_opts o = opts_of(HW3_CELL_LSTM, 2, H, HW3_F64);
    o.glass_box = 1;
    bench b = set_up(&o, T, B);
    hw3_ctx *ctx = b.ctx;
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, "h"), HW3_ERR_STATE);
    hw3_var y = hw3_rnn_forward(b.rnn, b.g, hw3_input(b.g, b.x), HW3_NONE, NULL);
    OK(hw3_graph_backward(b.g, hw3_mse(b.g, y, hw3_affine(b.g, y, 0, 1))));
    double *all = read_var(ctx, b.g, y, HW3_F64, T * N, false), *before = calloc(N, sizeof *before);
    for (int t = 0; t < T; t++) {
        double *f = glass(&b, t, "f", N, false), *i = glass(&b, t, "i", N, false), *q = glass(&b, t, "o", N, false);
        double *g = glass(&b, t, "g", N, false), *c = glass(&b, t, "c", N, false), *h = glass(&b, t, "h", N, false);
        double *df = glass(&b, t, "f", N, true), *di = glass(&b, t, "i", N, true), *dq = glass(&b, t, "o", N, true);
        double *dg = glass(&b, t, "g", N, true), *dc = glass(&b, t, "c", N, true), *dh = glass(&b, t, "h", N, true);
        for (int k = 0; k < N; k++) {
            NEAR(c[k], f[k] * before[k] + i[k] * g[k], 1e-15);
            NEAR(h[k], q[k] * tanh(c[k]), 1e-15);
            ck_assert_double_eq(h[k], all[t * N + k]);
            ck_assert(dh[k] != 0);
            NEAR(dq[k], dh[k] * tanh(c[k]), 1e-15);
            NEAR(di[k], dc[k] * g[k], 1e-15);
            NEAR(dg[k], dc[k] * i[k], 1e-15);
            NEAR(df[k], dc[k] * before[k], 1e-15);
        }
        double *parts[] = { f, i, q, g, h, df, di, dq, dg, dc, dh, before };
        for (int k = 0; k < 12; k++) free(parts[k]);
        before = c;
    }
    free(before);
    free(all);
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, "forget"), HW3_ERR_NAME);
    ck_assert_str_eq(hw3_ctx_error(ctx), "glass box: no quantity \"forget\"; there are f, i, o, g, c, h");
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, ""), HW3_ERR_NAME);
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, T, "h"), HW3_ERR_ARG);
    ck_assert_str_eq(hw3_ctx_error(ctx), "glass box: step is 4, must be 0 to 3");
    FAILS(hw3_rnn_glass(b.rnn, 1, 0, 0, "h"), HW3_ERR_ARG);
    FAILS(hw3_rnn_glass(b.rnn, 0, 1, 0, "h"), HW3_ERR_ARG);
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_rnn_glass(NULL, 0, 0, 0, "h"), HW3_ERR_ARG);
    tear_down(&b);
}
END_TEST

START_TEST(glass_box_others)
{
    enum { N = 3 };
    hw3_rnn_opts o = opts_of(HW3_CELL_GRU, 2, N, HW3_F64);
    o.glass_box = o.bidirectional = 1;
    bench b = set_up(&o, 3, 1);
    hw3_ctx *ctx = b.ctx;
    hw3_var y = hw3_rnn_forward(b.rnn, b.g, hw3_input(b.g, b.x), HW3_NONE, NULL);
    double *all = read_var(ctx, b.g, y, HW3_F64, 3 * 2 * N, false);
    double *h0 = glass(&b, 0, "h", N, false), *h = glass(&b, 1, "h", N, false), *z = glass(&b, 1, "z", N, false);
    double *n = glass(&b, 1, "n", N, false), *r = glass(&b, 1, "r", N, false);
    double *back = read_var(ctx, b.g, hw3_rnn_glass(b.rnn, 0, 1, 1, "h"), HW3_F64, N, false);
    for (int k = 0; k < N; k++) {
        NEAR(h[k], (1 - z[k]) * n[k] + z[k] * h0[k], 1e-15);
        ck_assert(r[k] > 0 && r[k] < 1);
        ck_assert_double_eq(h[k], all[2 * N + k]);
        ck_assert_double_eq(back[k], all[3 * N + k]);
    }
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, "c"), HW3_ERR_NAME);
    double *parts[] = { all, h0, h, z, n, r, back };
    for (int k = 0; k < 7; k++) free(parts[k]);
    tear_down(&b);
    o = opts_of(HW3_CELL_RNN_TANH, 2, N, HW3_F64);
    b = set_up(&o, 3, 1);
    FAILS(hw3_rnn_glass(b.rnn, 0, 0, 0, "h"), HW3_ERR_STATE);
    tear_down(&b);
}
END_TEST

/* A learned state starts at zero; set to a value it acts as that state given for every row. */
START_TEST(learned_state)
{
    enum { T = 3, B = 2, H = 4 };
    for (int glass_box = 0; glass_box < 2; glass_box++) {
        hw3_rnn_opts o = opts_of(HW3_CELL_LSTM, 1, H, HW3_F64);
        o.glass_box = glass_box;
        double *w = random_doubles(1, 4 * H * (1 + H + 2)), *x = random_doubles(2, T * B), *wy = random_doubles(3, T * B * H);
        double *s = random_doubles(4, 2 * H), h0[B * H], c0[B * H], both[4 * H * (1 + H + 2) + 2 * H];
        for (int k = 0; k < B * H; k++) h0[k] = s[k % H], c0[k] = s[H + k % H];
        memcpy(both, w, 4 * H * (1 + H + 2) * sizeof *w);
        memcpy(both + 4 * H * (1 + H + 2), s, 2 * H * sizeof *s);
        hw3_ctx *ctx = test_ctx(1);
        problem p = { T, B, NULL, x, h0, c0, w, wy, NULL, NULL };
        outcome given = run(ctx, &o, &p);
        o.learned_state = 1;
        p.h0 = p.c0 = NULL;
        p.params = both;
        outcome learned = run(ctx, &o, &p);
        same("y", learned.y, given.y, given.n_y, 0);
        same("dparams", learned.dparams, given.dparams, given.n_params, 0);
        for (int k = 0; k < H; k++) {
            NEAR(learned.dparams[given.n_params + k], given.dh0[k] + given.dh0[H + k], 1e-15);
            NEAR(learned.dparams[given.n_params + H + k], given.dc0[k] + given.dc0[H + k], 1e-15);
        }
        outcome_free(&given);
        outcome_free(&learned);
        double *all[] = { w, x, wy, s };
        for (int k = 0; k < 4; k++) free(all[k]);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* Dropout acts between layers and in training alone; the same seed and step give the same bits. */
START_TEST(dropout_between_layers)
{
    enum { N = 5 * 3 * 16 };
    hw3_rnn_opts o = opts_of(HW3_CELL_GRU, 2, 16, HW3_F64);
    o.n_layers = 2;
    o.dropout = 0.5;
    bench b = set_up(&o, 5, 3);
    hw3_ctx *ctx = b.ctx;
    double *y[4];
    for (int i = 0; i < 4; i++) {
        OK(hw3_graph_begin(b.g));
        OK(hw3_graph_set_training(b.g, i < 3));
        OK(hw3_graph_set_random(b.g, 1, (uint64_t)(i == 2)));
        y[i] = read_var(ctx, b.g, hw3_rnn_forward(b.rnn, b.g, hw3_input(b.g, b.x), HW3_NONE, NULL), HW3_F64, N, false);
    }
    ck_assert_mem_eq(y[0], y[1], N * sizeof(double));
    ck_assert(memcmp(y[0], y[2], N * sizeof(double)) != 0);
    ck_assert(memcmp(y[0], y[3], N * sizeof(double)) != 0);
    for (int i = 0; i < 4; i++) free(y[i]);
    tear_down(&b);
}
END_TEST

START_TEST(bad_options)
{
    static const struct { size_t at; int64_t value; int bytes; const char *message; } rows[] = {
        { offsetof(hw3_rnn_opts, cell), 5, 4, "rnn: cell is 5, not one of HW3_CELL_" },
        { offsetof(hw3_rnn_opts, n_inputs), 0, 8, "rnn: n_inputs is 0, must be at least 1" },
        { offsetof(hw3_rnn_opts, n_hidden), -3, 8, "rnn: n_hidden is -3, must be at least 1" },
        { offsetof(hw3_rnn_opts, n_layers), 65, 4, "rnn: n_layers is 65, must be 1 to 64" },
        { offsetof(hw3_rnn_opts, bidirectional), 2, 4, "rnn: bidirectional is 2, must be 0 or 1" },
        { offsetof(hw3_rnn_opts, dtype), 3, 4, "rnn: dtype is 3, must be HW3_F32 or HW3_F64" },
        { offsetof(hw3_rnn_opts, reset_before), 1, 4, "rnn: reset_before is for HW3_CELL_GRU, but cell is 3" },
        { offsetof(hw3_rnn_opts, reserved), 9, 4, "rnn: reserved is 9, must be 0" } };
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *params = NULL;
    OK(hw3_params_create(ctx, &params));
    hw3_rnn *rnn = NULL;
    hw3_rnn_opts o = opts_of(HW3_CELL_LSTM, 1, 2, HW3_F32), fresh;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hw3_rnn_opts bad = o;
        memcpy((char *)&bad + rows[i].at, &rows[i].value, (size_t)rows[i].bytes);
        FAILS(hw3_rnn_create(params, "", &bad, &rnn), HW3_ERR_ARG);
        ck_assert_str_eq(hw3_ctx_error(ctx), rows[i].message);
        ck_assert_ptr_null(rnn);
    }
    const double drops[] = { -0.1, 1.0, NAN };
    for (int i = 0; i < 3; i++) {
        o.dropout = drops[i];
        FAILS(hw3_rnn_create(params, "", &o, &rnn), HW3_ERR_ARG);
    }
    o.dropout = 0;
    FAILS(hw3_rnn_create(NULL, "", &o, &rnn), HW3_ERR_ARG);
    FAILS(hw3_rnn_create(params, NULL, &o, &rnn), HW3_ERR_ARG);
    FAILS(hw3_rnn_create(params, "", NULL, &rnn), HW3_ERR_ARG);
    FAILS(hw3_rnn_create(params, "", &o, NULL), HW3_ERR_ARG);
    char prefix[400];
    memset(prefix, 'a', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = 0;
    FAILS(hw3_rnn_create(params, prefix, &o, &rnn), HW3_ERR_ARG);
    o.struct_size = 0;
    FAILS(hw3_rnn_create(params, "", &o, &rnn), HW3_ERR_ABI);
    ck_assert_int_eq(hw3_params_n(params), 0);
    OK(hw3_rnn_opts_init(&fresh, sizeof fresh));
    o = (hw3_rnn_opts)HW3_RNN_OPTS_INIT;
    ck_assert_mem_eq(&fresh, &o, sizeof o);
    hw3_params_destroy(params);
    hw3_ctx_destroy(ctx);
}
END_TEST

static void expect(bench *b, hw3_var x, hw3_var lengths, hw3_rnn_state *s, hw3_status status, const char *message)
{
    hw3_var y = hw3_rnn_forward(b->rnn, b->g, x, lengths, s);
    ck_assert_msg(y == status, "got %d: %s, want %s", (int)y, hw3_ctx_error(b->ctx), message);
    ck_assert_str_eq(hw3_ctx_error(b->ctx), message);
    hw3_ctx *ctx = b->ctx;
    OK(hw3_graph_begin(b->g));
}

START_TEST(bad_operands)
{
    for (int glass_box = 0; glass_box < 2; glass_box++) {
        hw3_rnn_opts o = opts_of(HW3_CELL_GRU, 2, 3, HW3_F64);
        o.glass_box = glass_box;
        bench b = set_up(&o, 4, 2);
        hw3_ctx *ctx = b.ctx;
        const double zeros[64] = { 0 };
        int64_t too_long[] = { 4, 5 }, too_many[] = { 4, 4, 4 };
        hw3_tensor *flat = tensor_of(ctx, HW3_F64, 2, (int64_t[]){ 4, 2 }, zeros);
        hw3_tensor *wide = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 4, 2, 5 }, zeros);
        hw3_tensor *empty = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 0, 2, 2 }, zeros);
        hw3_tensor *floats = tensor_of(ctx, HW3_F32, 3, (int64_t[]){ 4, 2, 2 }, zeros);
        hw3_tensor *state = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 1, 3, 3 }, zeros);
        hw3_tensor *ok_state = tensor_of(ctx, HW3_F64, 3, (int64_t[]){ 1, 2, 3 }, zeros);
        hw3_tensor *long_ones = NULL, *three = NULL;
        OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 2 }, NULL, too_long, &long_ones));
        OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 3 }, NULL, too_many, &three));
        hw3_graph *g = b.g;
        expect(&b, hw3_input(g, flat), HW3_NONE, NULL, HW3_ERR_SHAPE, "rnn: x is [4, 2], must be [T, B, 2] with T and B at least 1");
        expect(&b, hw3_input(g, wide), HW3_NONE, NULL, HW3_ERR_SHAPE, "rnn: x is [4, 2, 5], must be [T, B, 2] with T and B at least 1");
        expect(&b, hw3_input(g, empty), HW3_NONE, NULL, HW3_ERR_SHAPE, "rnn: x is [0, 2, 2], must be [T, B, 2] with T and B at least 1");
        expect(&b, hw3_input(g, floats), HW3_NONE, NULL, HW3_ERR_DTYPE, "rnn: x is F32, but the layer is F64");
        expect(&b, HW3_NONE, HW3_NONE, NULL, HW3_ERR_ARG, "rnn: x is -2147483648, no value of this graph");
        expect(&b, 77, HW3_NONE, NULL, HW3_ERR_ARG, "rnn: x is 77, no value of this graph");
        expect(&b, hw3_input(g, b.x), hw3_input(g, long_ones), NULL, HW3_ERR_VALUE, "recurrent: lengths[1] is 5, must be 1 to 4");
        expect(&b, hw3_input(g, b.x), hw3_input(g, three), NULL, HW3_ERR_SHAPE, "recurrent: lengths is [3], must be [2]");
        expect(&b, hw3_input(g, b.x), hw3_input(g, flat), NULL, HW3_ERR_DTYPE, "recurrent: lengths must be HW3_I64");
        hw3_rnn_state s = { hw3_input(g, state), HW3_NONE };
        expect(&b, hw3_input(g, b.x), HW3_NONE, &s, HW3_ERR_SHAPE, "rnn: state h is [1, 3, 3], must be [1, 2, 3]");
        s = (hw3_rnn_state){ HW3_NONE, hw3_input(g, ok_state) };
        expect(&b, hw3_input(g, b.x), HW3_NONE, &s, HW3_ERR_ARG, "rnn: state c is given, but only an LSTM has one");
        /* A loss of the last state alone fails as the second part did, instead of taking the state of the first. */
        s = (hw3_rnn_state)HW3_RNN_STATE_INIT;
        ck_assert_int_ge(hw3_rnn_forward(b.rnn, g, hw3_input(g, b.x), HW3_NONE, &s), 0);
        ck_assert_int_eq(hw3_rnn_forward(b.rnn, g, hw3_input(g, wide), HW3_NONE, &s), HW3_ERR_SHAPE);
        ck_assert_int_eq(hw3_mean(g, s.h, HW3_ALL_DIMS, 0), HW3_ERR_SHAPE);
        ck_assert_int_eq(s.c, HW3_ERR_SHAPE);
        SAYS("rnn: x is [4, 2, 5]");
        OK(hw3_graph_begin(g));
        s = (hw3_rnn_state)HW3_RNN_STATE_INIT;
        ck_assert_int_eq(hw3_rnn_forward(b.rnn, g, HW3_ERR_DTYPE, HW3_NONE, &s), HW3_ERR_DTYPE); /* handed on */
        ck_assert_int_eq(hw3_rnn_forward(b.rnn, NULL, 0, HW3_NONE, &s), HW3_ERR_ARG);
        ck_assert_int_eq(hw3_rnn_forward(NULL, g, 0, HW3_NONE, &s), HW3_ERR_ARG);
        hw3_graph *other = NULL;
        OK(hw3_graph_create(ctx, NULL, &other));
        ck_assert_int_eq(hw3_rnn_forward(b.rnn, other, hw3_input(other, b.x), HW3_NONE, &s), HW3_ERR_STATE);
        hw3_graph_destroy(other);
        hw3_tensor *all[] = { flat, wide, empty, floats, state, ok_state, long_ones, three };
        for (int i = 0; i < 8; i++) hw3_tensor_destroy(all[i]);
        tear_down(&b);
    }
}
END_TEST

static hw3_status train_once(hw3_ctx *ctx, int cell, int32_t extras)
{
    float data[3 * 2 * 2] = { 0.5f, -1 };
    hw3_rnn_opts o = opts_of(cell, 2, 3, HW3_F32);
    o.n_layers = 2;
    o.bidirectional = 1;
    o.learned_state = o.layer_norm = o.glass_box = extras;
    hw3_params *params = NULL;
    hw3_rnn *rnn = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *x = NULL;
    hw3_status s = hw3_params_create(ctx, &params);
    if (!s) s = hw3_rnn_create(params, "", &o, &rnn);
    if (!s) s = hw3_graph_create(ctx, params, &g);
    if (!s) s = hw3_tensor_wrap(ctx, HW3_F32, 3, (int64_t[]){ 3, 2, 2 }, NULL, data, &x);
    if (!s) {
        hw3_rnn_state state = HW3_RNN_STATE_INIT;
        hw3_var y = hw3_rnn_forward(rnn, g, hw3_input(g, x), HW3_NONE, &state);
        s = hw3_graph_backward(g, hw3_add(g, hw3_sum(g, y, HW3_ALL_DIMS, 0), hw3_sum(g, state.h, HW3_ALL_DIMS, 0)));
    }
    hw3_tensor_destroy(x);
    hw3_graph_destroy(g);
    hw3_rnn_destroy(rnn);
    hw3_params_destroy(params);
    return s;
}

static hw3_status train_lstm(hw3_ctx *ctx) { return train_once(ctx, HW3_CELL_LSTM, 0); }
static hw3_status train_gru_unrolled(hw3_ctx *ctx) { return train_once(ctx, HW3_CELL_GRU, 1); }

START_TEST(no_memory)
{
    ck_assert_int_ge(test_sweep(train_lstm), 20);
    ck_assert_int_ge(test_sweep(train_gru_unrolled), 20);
}
END_TEST

/* Once the arena has its size, steps take nothing more from the allocator, on either path. */
START_TEST(warm_steps_allocate_nothing)
{
    for (int glass_box = 0; glass_box < 2; glass_box++) {
        test_memory m;
        hw3_ctx *ctx = test_ctx_on(&m);
        hw3_rnn_opts o = opts_of(HW3_CELL_LSTM, 2, 6, HW3_F32);
        o.n_layers = 2;
        o.bidirectional = 1;
        o.glass_box = glass_box;
        hw3_params *params = NULL;
        hw3_rnn *rnn = NULL;
        hw3_graph *g = NULL;
        hw3_tensor *x = NULL;
        OK(hw3_params_create(ctx, &params));
        OK(hw3_rnn_create(params, "", &o, &rnn));
        OK(hw3_graph_create(ctx, params, &g));
        OK(hw3_tensor_create(ctx, HW3_F32, 3, (int64_t[]){ 9, 4, 2 }, &x));
        long before = 0;
        for (int step = 0; step < 8; step++) {
            if (step == 3) before = m.n;
            hw3_rnn_state s = HW3_RNN_STATE_INIT;
            OK(hw3_graph_begin(g));
            hw3_var y = hw3_rnn_forward(rnn, g, hw3_input(g, x), HW3_NONE, &s);
            OK(hw3_graph_backward(g, hw3_add(g, hw3_mean(g, y, HW3_ALL_DIMS, 0), hw3_mean(g, s.c, HW3_ALL_DIMS, 0))));
        }
        ck_assert_int_eq(m.n, before);
        hw3_tensor_destroy(x);
        hw3_graph_destroy(g);
        hw3_rnn_destroy(rnn);
        hw3_params_destroy(params);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* Frozen weights get no gradient, and the others the same one as before. */
START_TEST(frozen_weights)
{
    static const char *const names[] = { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0" };
    hw3_rnn_opts o = opts_of(HW3_CELL_GRU, 2, 5, HW3_F64);
    bench b = set_up(&o, 4, 3);
    hw3_ctx *ctx = b.ctx;
    double *all = NULL;
    for (int frozen = -1; frozen < 4; frozen++) {
        OK(hw3_graph_begin(b.g));
        for (int i = 0; i < 4; i++) OK(hw3_params_set_trainable(b.params, names[i], i != frozen));
        hw3_var y = hw3_rnn_forward(b.rnn, b.g, hw3_input(b.g, b.x), HW3_NONE, NULL);
        OK(hw3_graph_backward(b.g, hw3_sum(b.g, hw3_mul(b.g, y, y), HW3_ALL_DIMS, 0)));
        double *grads = get_grads(ctx, b.params), *p = grads;
        for (int i = 0; i < 4 && all; i++) {
            hw3_tensor *t = NULL;
            OK(hw3_params_grad(b.params, names[i], &t));
            for (int64_t j = 0; j < hw3_tensor_n_elements(t); j++, p++) ck_assert_double_eq(*p, i == frozen ? 0 : all[p - grads]);
        }
        if (all) free(grads);
        else all = grads;
    }
    free(all);
    tear_down(&b);
}
END_TEST

TEST_MAIN("rnn", vectors_f32, vectors_f64, vectors_unrolled, fused_is_unrolled, names_are_pytorchs, glass_box_lstm,
          glass_box_others, learned_state, dropout_between_layers, bad_options, bad_operands, no_memory,
          warm_steps_allocate_nothing, frozen_weights)
