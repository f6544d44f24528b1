/* SPDX-License-Identifier: MIT */
/* Attention as an operator: equal to matmul, softmax and matmul, values and gradients; what the options mean; bad input. */
#include "support.h"
#include <stdbool.h>

enum { B = 2, TQ = 5, TK = 7, H = 4, D = 6 };

typedef struct world {
    hw3_ctx *ctx;
    hw3_graph *g;
    hw3_tensor *q, *k, *v, *mask, *lengths;
} world;

static hw3_tensor *numbers(hw3_ctx *ctx, int32_t n_dims, const int64_t *shape, uint32_t seed)
{
    hw3_tensor *t = NULL;
    double x[B * TK * H * D];
    int64_t n = 1;
    for (int32_t d = 0; d < n_dims; d++) n *= shape[d];
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (double)(seed >> 8) / 8388608.0 - 1;
    }
    OK(hw3_tensor_create(ctx, HW3_F64, n_dims, shape, &t));
    OK(hw3_tensor_write(t, x, n * (int64_t)sizeof *x));
    return t;
}

/* mask: 0 where key j <= query i + TK - TQ, else -infinity */
static world make(int64_t kv)
{
    world w = { .ctx = test_ctx(2) };
    hw3_ctx *ctx = w.ctx;
    static double mask[TQ * TK];
    static int64_t lengths[B] = { 3, 7 };
    OK(hw3_graph_create(ctx, NULL, &w.g));
    OK(hw3_graph_begin(w.g));
    w.q = numbers(ctx, 4, (int64_t[]){ B, TQ, H, D }, 1);
    w.k = numbers(ctx, 4, (int64_t[]){ B, TK, kv, D }, 2);
    w.v = numbers(ctx, 4, (int64_t[]){ B, TK, kv, D }, 3);
    for (int i = 0; i < TQ; i++)
        for (int j = 0; j < TK; j++) mask[i * TK + j] = j <= i + TK - TQ ? 0 : -INFINITY;
    OK(hw3_tensor_wrap(ctx, HW3_F64, 4, (int64_t[]){ 1, 1, TQ, TK }, NULL, mask, &w.mask));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ B }, NULL, lengths, &w.lengths));
    return w;
}

static void unmake(world *w)
{
    hw3_tensor *all[] = { w->q, w->k, w->v, w->mask, w->lengths };
    hw3_graph_destroy(w->g);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) hw3_tensor_destroy(all[i]);
    hw3_ctx_destroy(w->ctx);
}

/* [B, T, kv, D] with each head repeated to H of them */
static hw3_var repeated(hw3_graph *g, hw3_var x, int64_t T, int64_t kv)
{
    hw3_var heads[H];
    for (int32_t h = 0; h < H; h++) heads[h] = hw3_slice(g, x, 2, h / (H / kv), h / (H / kv) + 1);
    (void)T;
    return hw3_concat(g, heads, H, 2);
}

/* softmax(q k' / sqrt D + mask) v by the elementary operators */
static hw3_var by_parts(world *w, hw3_var q, hw3_var k, hw3_var v, int64_t kv)
{
    hw3_graph *g = w->g;
    hw3_var qh = hw3_transpose(g, q, 1, 2), kh = hw3_transpose(g, repeated(g, k, TK, kv), 1, 2);
    hw3_var vh = hw3_transpose(g, repeated(g, v, TK, kv), 1, 2);
    hw3_var scores = hw3_affine(g, hw3_matmul(g, qh, hw3_transpose(g, kh, 2, 3)), 1 / sqrt((double)D), 0);
    hw3_var p = hw3_softmax(g, hw3_add(g, scores, hw3_input(g, w->mask)), -1);
    return hw3_transpose(g, hw3_matmul(g, p, vh), 1, 2);
}

static void run(int64_t kv, bool fused, double *y, double *grads)
{
    world w = make(kv);
    hw3_ctx *ctx = w.ctx;
    hw3_var q = hw3_input_grad(w.g, w.q), k = hw3_input_grad(w.g, w.k), v = hw3_input_grad(w.g, w.v);
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = 1;
    hw3_var out = fused ? hw3_attention(w.g, q, k, v, &o) : by_parts(&w, q, k, v, kv);
    OK(hw3_graph_backward(w.g, hw3_sum(w.g, hw3_mul(w.g, out, hw3_mul(w.g, out, out)), HW3_ALL_DIMS, 0)));
    OK(hw3_var_read(w.g, out, y, B * TQ * H * D * 8));
    OK(hw3_var_read_grad(w.g, q, grads, B * TQ * H * D * 8));
    OK(hw3_var_read_grad(w.g, k, grads + B * TQ * H * D, B * TK * kv * D * 8));
    OK(hw3_var_read_grad(w.g, v, grads + B * (TQ * H + TK * kv) * D, B * TK * kv * D * 8));
    unmake(&w);
}

/* 1e-13: a few roundings of numbers near 1 */
START_TEST(equals_its_parts)
{
    for (int64_t kv = 1; kv <= H; kv *= 2) {
        double y[2][B * TQ * H * D], grads[2][B * (TQ + 2 * TK) * H * D];
        run(kv, false, y[0], grads[0]);
        run(kv, true, y[1], grads[1]);
        for (int i = 0; i < B * TQ * H * D; i++) NEAR(y[1][i], y[0][i], 1e-13);
        for (int i = 0; i < B * (TQ * H + 2 * TK * kv) * D; i++) NEAR(grads[1][i], grads[0][i], 1e-13);
    }
}
END_TEST

/* Weights of every head of an attention sum to one, give its output, and have its entropies. */
static void check_weights(world *w, hw3_var attention, hw3_var v)
{
    hw3_ctx *ctx = w->ctx;
    double y[B * TQ * H * D], p[TQ * TK], entropy[B * H * TQ], values[B * TK * 2 * D];
    OK(hw3_var_read(w->g, attention, y, sizeof y));
    OK(hw3_var_read(w->g, v, values, sizeof values));
    OK(hw3_attention_entropy(w->g, attention, entropy));
    for (int i = 0; i < B * H * TQ; i++) {
        const int s = i / (H * TQ), h = i / TQ % H, t = i % TQ;
        double sum = 0, ent = 0, out = 0;
        OK(hw3_attention_weights(w->g, attention, s, h, p));
        for (int j = 0; j < TK; j++) {
            const double pj = p[t * TK + j];
            ck_assert(pj >= 0 && (pj == 0 || (j <= t + TK - TQ && (s == 1 || j < 3))));
            sum += pj;
            ent -= pj > 0 ? pj * log(pj) : 0;
            out += pj * values[((s * TK + j) * 2 + h / 2) * D];
        }
        NEAR(sum, 1, 1e-14); /* of 7 weights: roundings of 1 */
        NEAR(entropy[i], ent, 1e-14);
        NEAR(y[((s * TQ + t) * H + h) * D], out, 1e-14);
    }
}

/* A mask that hides the future is causal, whichever way it is told. */
START_TEST(weights_and_entropy)
{
    world w = make(2);
    hw3_ctx *ctx = w.ctx;
    hw3_var q = hw3_input(w.g, w.q), k = hw3_input(w.g, w.k), v = hw3_input(w.g, w.v);
    hw3_attention_opts masked = HW3_ATTENTION_OPTS_INIT, causal = HW3_ATTENTION_OPTS_INIT;
    double ya[B * TQ * H * D], yb[B * TQ * H * D];
    causal.causal = 1;
    masked.bias = hw3_input(w.g, w.mask);
    masked.lengths = causal.lengths = hw3_input(w.g, w.lengths);
    hw3_var a = hw3_attention(w.g, q, k, v, &masked), b = hw3_attention(w.g, q, k, v, &causal);
    OK(hw3_var_read(w.g, a, ya, sizeof ya));
    OK(hw3_var_read(w.g, b, yb, sizeof yb));
    for (int i = 0; i < B * TQ * H * D; i++) NEAR(ya[i], yb[i], 1e-14);
    check_weights(&w, a, v);
    check_weights(&w, b, v);
    causal.window = 2;
    causal.prefix = 1;
    check_weights(&w, hw3_attention(w.g, q, k, v, &causal), v);
    unmake(&w);
}
END_TEST

/* Dropout acts in training alone, the same for the same seed and step, and keeps the mean. */
START_TEST(dropout)
{
    world w = make(4);
    hw3_ctx *ctx = w.ctx;
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    double y[4][B * TQ * H * D];
    for (int i = 0; i < 4; i++) {
        OK(hw3_graph_begin(w.g));
        OK(hw3_graph_set_training(w.g, i != 3));
        OK(hw3_graph_set_random(w.g, 1, i == 2 ? 8 : 7));
        o.dropout = 0.5;
        OK(hw3_var_read(w.g, hw3_attention(w.g, hw3_input(w.g, w.q), hw3_input(w.g, w.k), hw3_input(w.g, w.v), &o), y[i], sizeof y[i]));
    }
    ck_assert(!memcmp(y[0], y[1], sizeof y[0]));
    ck_assert(memcmp(y[0], y[2], sizeof y[0]));
    ck_assert(memcmp(y[0], y[3], sizeof y[0]));
    unmake(&w);
}
END_TEST

START_TEST(bad_input)
{
    world w = make(4);
    hw3_ctx *ctx = w.ctx;
    const struct { const char *says; hw3_status status; int64_t k[4], v[4]; hw3_attention_opts o; } rows[] = {
#define WITH(causal, scale, dropout, window, bias, lengths, reserved) \
    { sizeof(hw3_attention_opts), causal, scale, dropout, window, 0, HW3_AT_END, bias, HW3_NONE, lengths, reserved }
#define NO HW3_NONE
        { "k is [2, 7, 3, 6]", HW3_ERR_SHAPE, { B, TK, 3, 6 }, { B, TK, 4, 6 }, WITH(0, 0, 0, 0, NO, NO, 0) },
        { "4 heads of q are no multiple of 3", HW3_ERR_SHAPE, { B, TK, 3, D }, { B, TK, 3, D }, WITH(0, 0, 0, 0, NO, NO, 0) },
        { "k is [2, 7, 4, 5]", HW3_ERR_SHAPE, { B, TK, 4, 5 }, { B, TK, 4, 5 }, WITH(0, 0, 0, 0, NO, NO, 0) },
        { "k is [1, 7, 4, 6]", HW3_ERR_SHAPE, { 1, TK, 4, D }, { 1, TK, 4, D }, WITH(0, 0, 0, 0, NO, NO, 0) },
        { "causal is 2", HW3_ERR_ARG, { B, TK, 4, D }, { B, TK, 4, D }, WITH(2, 0, 0, 0, NO, NO, 0) },
        { "scale is nan", HW3_ERR_ARG, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, NAN, 0, 0, NO, NO, 0) },
        { "dropout is 1", HW3_ERR_ARG, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 1, 0, NO, NO, 0) },
        { "window is -1", HW3_ERR_ARG, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 0, -1, NO, NO, 0) },
        { "must be [2, 4, 5, 7]", HW3_ERR_SHAPE, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 0, 0, 0, NO, 0) },
        { "lengths is F64, must be I64", HW3_ERR_DTYPE, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 0, 0, NO, 0, 0) },
        { "reserved is 1", HW3_ERR_ARG, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 0, 0, NO, NO, 1) },
        { "struct_size", HW3_ERR_ABI, { B, TK, 4, D }, { B, TK, 4, D }, { .struct_size = 3 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hw3_tensor *k = numbers(ctx, 4, rows[i].k, 4), *v = numbers(ctx, 4, rows[i].v, 5);
        OK(hw3_graph_begin(w.g));
        FAILS(hw3_attention(w.g, hw3_input(w.g, w.q), hw3_input(w.g, k), hw3_input(w.g, v), &rows[i].o), rows[i].status);
        if (rows[i].status != HW3_ERR_ABI) SAYS(rows[i].says);
        hw3_tensor_destroy(k);
        hw3_tensor_destroy(v);
    }
    FAILS(hw3_attention(NULL, 0, 0, 0, NULL), HW3_ERR_ARG);
    OK(hw3_graph_begin(w.g));
    hw3_var q = hw3_input(w.g, w.q);
    double entropy[1];
    FAILS(hw3_attention(w.g, q, 17, q, NULL), HW3_ERR_ARG);
    FAILS(hw3_attention_entropy(w.g, q, entropy), HW3_ERR_ARG);
    SAYS("attention_entropy: value 0 is not of attention");
    FAILS(hw3_attention_weights(w.g, HW3_ERR_SHAPE, 0, 0, entropy), HW3_ERR_SHAPE);
    unmake(&w);
}
END_TEST

static double frequency(int64_t i, int64_t n_dims) { return pow(10000, -2 * (double)i / (double)n_dims); }

/* [Vaswani17]: the formula, near and far, in both types; 1e-15: one rounding of what is at most 1, and 6e-8 in float. */
START_TEST(sinusoids)
{
    world w = make(4);
    hw3_ctx *ctx = w.ctx;
    enum { N = 6, DIMS = 8 };
    int64_t at[N] = { 0, 1, 2, 77, 1000003, -5 };
    for (int flat = 0; flat < 2; flat++) {
        double y[N * DIMS];
        float z[N * DIMS];
        hw3_tensor *positions = NULL;
        OK(hw3_graph_begin(w.g));
        OK(hw3_tensor_wrap(ctx, HW3_I64, flat ? 1 : 2, flat ? (int64_t[]){ N } : (int64_t[]){ 2, 3 }, NULL, at, &positions));
        const hw3_var p = hw3_input(w.g, positions), doubles = hw3_sinusoids(w.g, p, DIMS, HW3_F64);
        int64_t shape[HW3_MAX_DIMS];
        int32_t n_dims;
        OK(hw3_var_shape(w.g, doubles, shape, &n_dims));
        ck_assert(n_dims == (flat ? 2 : 3) && shape[0] == (flat ? N : 2) && shape[n_dims - 1] == DIMS);
        OK(hw3_var_read(w.g, doubles, y, sizeof y));
        OK(hw3_var_read(w.g, hw3_sinusoids(w.g, p, DIMS, HW3_F32), z, sizeof z));
        for (int i = 0; i < N * DIMS; i++) {
            const double angle = (double)at[i / DIMS] * frequency(i % DIMS / 2, DIMS), want = i % 2 ? cos(angle) : sin(angle);
            ck_assert_msg(fabs(y[i] - want) < 1e-15 && fabs(z[i] - want) < 6e-8, "position %d, element %d: %g, %g, want %g",
                          (int)at[i / DIMS], i % DIMS, y[i], z[i], want);
        }
        hw3_tensor_destroy(positions);
    }
    unmake(&w);
}
END_TEST

/* T(k) E_t = E_{t+k}: a rotation of every pair, the same for every t. 1e-13: angles up to 500 are rounded at 1e-13 themselves. */
START_TEST(sinusoids_are_shifted_by_a_matrix)
{
    world w = make(4);
    hw3_ctx *ctx = w.ctx;
    enum { N = 500, DIMS = 16 };
    static int64_t at[N];
    static double e[N][DIMS];
    hw3_tensor *positions = NULL;
    for (int i = 0; i < N; i++) at[i] = i;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ N }, NULL, at, &positions));
    OK(hw3_var_read(w.g, hw3_sinusoids(w.g, hw3_input(w.g, positions), DIMS, HW3_F64), e, sizeof e));
    for (int k = 1; k < N; k++)
        for (int m = 0; m < DIMS / 2; m++) {
            const double c = cos(k * frequency(m, DIMS)), s = sin(k * frequency(m, DIMS));
            for (int t = 0; t + k < N; t++) {
                const double *x = e[t] + 2 * m, *y = e[t + k] + 2 * m;
                ck_assert(fabs(c * x[0] + s * x[1] - y[0]) < 1e-13 && fabs(c * x[1] - s * x[0] - y[1]) < 1e-13);
            }
        }
    hw3_tensor_destroy(positions);
    unmake(&w);
}
END_TEST

enum { N_PLACES = 4 };
static const char *const places[N_PLACES] = { "queries", "keys", "centers", "sharpness" };

static hw3_var gaussian_of(hw3_graph *g)
{
    hw3_var v[N_PLACES];
    for (int i = 0; i < N_PLACES; i++) v[i] = hw3_param(g, places[i]);
    return hw3_gaussian_positions(g, v[0], v[1], v[2], v[3]);
}

static hw3_var gaussian_loss(void *user, hw3_graph *g)
{
    (void)user;
    const hw3_var y = gaussian_of(g);
    return hw3_mean(g, hw3_mul(g, y, hw3_mul(g, y, y)), HW3_ALL_DIMS, 0);
}

/* [Cordonnier20]: v'r, and so the squared distance from the centre but for a constant; gradients of all four. */
START_TEST(gaussian_positions)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    const int64_t shapes[N_PLACES][2] = { { TQ, 2 }, { TK, 2 }, { H, 2 }, { H } };
    double x[N_PLACES][TK * 2], y[H * TQ * TK];
    OK(hw3_params_create(ctx, &p));
    for (int i = 0; i < N_PLACES; i++) {
        hw3_tensor *t = numbers(ctx, i < 3 ? 2 : 1, shapes[i], 7 + (uint32_t)i);
        const int64_t bytes = hw3_tensor_n_elements(t) * 8;
        memcpy(x[i], hw3_tensor_data(t), (size_t)bytes);
        hw3_tensor_destroy(t);
        OK(hw3_params_add(p, places[i], HW3_F64, i < 3 ? 2 : 1, shapes[i], HW3_INIT_ZERO));
        OK(hw3_params_value(p, places[i], &t));
        OK(hw3_tensor_write(t, x[i], bytes));
    }
    OK(hw3_graph_create(ctx, p, &g));
    OK(hw3_graph_begin(g));
    OK(hw3_var_read(g, gaussian_of(g), y, sizeof y));
    for (int i = 0; i < H * TQ * TK; i++) {
        const int h = i / (TQ * TK);
        const double *query = x[0] + i / TK % TQ * 2, *key = x[1] + i % TK * 2, *c = x[2] + 2 * h, a = x[3][h];
        const double d[2] = { key[0] - query[0], key[1] - query[1] };
        const double v[3] = { -a, 2 * a * c[0], 2 * a * c[1] }, r[3] = { d[0] * d[0] + d[1] * d[1], d[0], d[1] };
        NEAR(y[i], v[0] * r[0] + v[1] * r[1] + v[2] * r[2], 1e-14);
        const double apart = pow(d[0] - c[0], 2) + pow(d[1] - c[1], 2) - c[0] * c[0] - c[1] * c[1];
        NEAR(y[i], -a * apart, 1e-14);
    }
    OK(hw3_gradcheck(g, gaussian_loss, NULL, NULL, NULL, NULL));
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_positions)
{
    world w = make(4);
    hw3_ctx *ctx = w.ctx;
    static int64_t ids[8];
    hw3_tensor *flat = NULL, *deep = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 2 }, NULL, ids, &flat));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 3, (int64_t[]){ 2, 2, 2 }, NULL, ids, &deep));
#define BAD(call, status, text)            \
    do {                                   \
        OK(hw3_graph_begin(w.g));          \
        FAILS(call, status);               \
        SAYS(text);                        \
    } while (0)
#define PAIRS(n) hw3_reshape(w.g, hw3_slice(w.g, hw3_reshape(w.g, hw3_input(w.g, w.q), 1, (int64_t[]){ -1 }), 0, 0, n), 2, (int64_t[]){ -1, 2 })
    BAD(hw3_sinusoids(w.g, hw3_input(w.g, flat), 3, HW3_F32), HW3_ERR_ARG, "n_dims is 3, must be even");
    BAD(hw3_sinusoids(w.g, hw3_input(w.g, flat), INT64_MAX - 1, HW3_F32), HW3_ERR_ARG, "n_dims is 9223372036854775806");
    BAD(hw3_sinusoids(w.g, hw3_input(w.g, flat), 4, HW3_I64), HW3_ERR_DTYPE, "dtype is 3");
    BAD(hw3_sinusoids(w.g, hw3_input(w.g, deep), 4, HW3_F32), HW3_ERR_SHAPE, "positions is [2, 2, 2]");
    BAD(hw3_sinusoids(w.g, PAIRS(4), 4, HW3_F32), HW3_ERR_DTYPE, "operand 1 is F64, not I64");
    BAD(hw3_sinusoids(w.g, HW3_NONE, 4, HW3_F32), HW3_ERR_ARG, "sinusoids: a value is needed");
    FAILS(hw3_sinusoids(w.g, HW3_ERR_IO, 4, HW3_F32), HW3_ERR_IO);
    FAILS(hw3_sinusoids(NULL, 0, 4, HW3_F32), HW3_ERR_ARG);
    BAD(hw3_gaussian_positions(w.g, PAIRS(4), PAIRS(6), PAIRS(2), PAIRS(2)), HW3_ERR_SHAPE, "sharpness is [1, 2], must be one for each center");
    BAD(hw3_gaussian_positions(w.g, PAIRS(4), hw3_input(w.g, w.k), PAIRS(2), PAIRS(2)), HW3_ERR_SHAPE, "keys is [2, 7, 4, 6], must be [n, 2]");
    BAD(hw3_gaussian_positions(w.g, PAIRS(4), PAIRS(4), 99, PAIRS(2)), HW3_ERR_ARG, "gaussian_positions: value 99, but");
    FAILS(hw3_gaussian_positions(NULL, 0, 0, 0, 0), HW3_ERR_ARG);
#undef PAIRS
#undef BAD
    hw3_tensor_destroy(flat);
    hw3_tensor_destroy(deep);
    unmake(&w);
}
END_TEST

TEST_MAIN("attention", equals_its_parts, weights_and_entropy, dropout, bad_input, sinusoids, sinusoids_are_shifted_by_a_matrix,
          gaussian_positions, bad_positions)
