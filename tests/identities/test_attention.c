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
        NEAR(sum, 1, 1e-14);
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
        { "operand 5 is", HW3_ERR_DTYPE, { B, TK, 4, D }, { B, TK, 4, D }, WITH(0, 0, 0, 0, NO, 0, 0) },
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
    FAILS(hw3_attention_weights(w.g, HW3_ERR_SHAPE, 0, 0, entropy), HW3_ERR_SHAPE);
    unmake(&w);
}
END_TEST

TEST_MAIN("attention", equals_its_parts, weights_and_entropy, dropout, bad_input)
