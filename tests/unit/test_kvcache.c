/* SPDX-License-Identifier: MIT */
/* The cache of keys and values: the same bits as attention over the whole sequence, however it was filled; what it costs. */
#include "alloc.h"
#include "base/random.h"
#include "nn/kvcache.h"
#include <stdbool.h>

enum { LAYERS = 2, HEADS = 4, KV = 2, MOST = 70, CTX = 700, TALL = 150 };
/* Values beside the keys, fewer than of a panel; and values that are the first numbers of the keys, more than of one. */
static const struct { int64_t D, DV; bool in_keys; } kinds[] = { { 24, 40, false }, { 76, MOST, true } };
static int kind;
#define D kinds[kind].D
#define DV kinds[kind].DV
static const hw3i_attention_opts opts = { .causal = true, .scale = 0.2, .bias = HW3_NONE, .slopes = HW3_NONE, .lengths = HW3_NONE };

typedef struct trial {
    hw3_ctx *ctx;
    hw3_graph *g;
    hw3i_kv *kv;
} trial;

static trial start(hw3_dtype dtype, int64_t n_sequences, int64_t n_tokens, int threads)
{
    trial t = { .ctx = test_ctx(threads) };
    hw3_ctx *ctx = t.ctx;
    OK(hw3_graph_create(ctx, NULL, &t.g));
    OK(hw3_graph_set_training(t.g, 0));
    OK(hw3i_kv_create(ctx, &(hw3i_kv_sizes){ dtype, LAYERS, KV, D, DV, CTX, n_sequences, n_tokens, kinds[kind].in_keys }, &t.kv));
    return t;
}

static void finish(trial *t)
{
    hw3i_kv_destroy(t->kv);
    hw3_graph_destroy(t->g);
    hw3_ctx_destroy(t->ctx);
}

/* Numbers of positions from `from` on: what = 0, 1, 2 for q, k, v, of text `text`. */
static hw3_var rows(hw3_graph *g, hw3_dtype dtype, int what, int64_t B, const int64_t *text, const int64_t *from, int64_t T, int64_t layer)
{
    const int64_t heads = what ? KV : HEADS, d = what == 2 ? DV : D;
    void *data;
    hw3_var v = hw3i_leaf(g, dtype, 4, (int64_t[]){ B, T, heads, d }, &data);
    for (int64_t i = 0; data && i < B * T * heads * d; i++) {
        const int64_t b = i / (T * heads * d), at = from[b] * heads * d + i % (T * heads * d);
        const double x = hw3i_normal(3, (uint64_t)((text[b] * 3 + what) * LAYERS + layer), (uint64_t)at);
        if (dtype == HW3_F32) ((float *)data)[i] = (float)x;
        else ((double *)data)[i] = x;
    }
    return v;
}

/* T more positions of texts[b] in sequence which[b]; out [LAYERS, B, T, HEADS, DV] in bytes of the type. */
static hw3_status append(trial *t, int64_t B, const int64_t *which, const int64_t *texts, int64_t T, char *out)
{
    const hw3i_state s = { t->kv, B, T, which };
    int64_t from[16];
    hw3_status status = hw3i_kv_begin(&s);
    if (status) return status;
    for (int64_t b = 0; b < B; b++) from[b] = t->kv->sequences[which[b]].n;
    status = hw3_graph_begin(t->g);
    for (int64_t l = 0; l < LAYERS && !status; l++) {
        const hw3_dtype type = t->kv->dtype;
        const hw3_var v = kinds[kind].in_keys ? HW3_NONE : rows(t->g, type, 2, B, texts, from, T, l);
        hw3_var y = hw3i_kv_attend(&s, t->g, l, rows(t->g, type, 0, B, texts, from, T, l), rows(t->g, type, 1, B, texts, from, T, l), v,
                                   &opts);
        const int64_t bytes = B * T * HEADS * DV * hw3i_dtype_size(type);
        status = y < 0 ? y : hw3_var_read(t->g, y, out + l * bytes, bytes);
    }
    if (!status) hw3i_kv_commit(&s);
    return status;
}

/* The same by attention over rows, without a cache: the last T of n positions. */
static void whole(trial *t, hw3_dtype type, int64_t text, int64_t n, int64_t T, char *out)
{
    hw3_ctx *ctx = t->ctx;
    OK(hw3_graph_begin(t->g));
    for (int64_t l = 0; l < LAYERS; l++) {
        hw3i_attention_opts o = opts;
        o.offset = n - T;
        const hw3_var k = rows(t->g, type, 1, 1, &text, (int64_t[]){ 0 }, n, l);
        const hw3_var v = kinds[kind].in_keys ? hw3i_slice(t->g, k, 3, 0, DV) : rows(t->g, type, 2, 1, &text, (int64_t[]){ 0 }, n, l);
        hw3_var y = hw3i_attention(t->g, rows(t->g, type, 0, 1, &text, &o.offset, T, l), k, v, &o);
        const int64_t bytes = T * HEADS * DV * hw3i_dtype_size(type);
        OK(hw3_var_read(t->g, y, out + l * bytes, bytes));
    }
}

static char a[LAYERS * TALL * HEADS * MOST * 8], b[LAYERS * TALL * HEADS * MOST * 8];

static void same_last(trial *t, int64_t text, int64_t n, const char *got, int64_t B, int64_t at)
{
    const int64_t row = HEADS * DV * hw3i_dtype_size(t->kv->dtype);
    whole(t, t->kv->dtype, text, n, 1, b);
    for (int64_t l = 0; l < LAYERS; l++)
        ck_assert_msg(!memcmp(b + l * row, got + (l * B + at) * row, (size_t)row), "text %d, position %d, layer %d", (int)text, (int)n - 1, (int)l);
}

/* One position after the other, and in pieces of other lengths: the bits of attention over all rows. */
START_TEST(stepped_as_whole)
{
    const hw3_dtype type = _i % 2 ? HW3_F64 : HW3_F32;
    const int64_t zero = 0, text = 5;
    kind = _i / 4;
    trial t = start(type, 1, _i % 4 < 2 ? 0 : CTX, 1 + _i % 3);
    hw3_ctx *ctx = t.ctx;
    for (int64_t n = 1; n <= TALL; n++) {
        OK(append(&t, 1, &zero, &text, 1, a));
        same_last(&t, text, n, a, 1, 0);
    }
    hw3i_kv_truncate(t.kv, 0, 70);
    for (int64_t n = 70, T; n < TALL; n += T) {
        T = hw3i_min(TALL - n, 1 + n % 37);
        OK(append(&t, 1, &zero, &text, T, a));
        whole(&t, type, text, n + T, T, b);
        ck_assert(!memcmp(a, b, (size_t)(LAYERS * T * HEADS * DV * hw3i_dtype_size(type))));
    }
    ck_assert_int_eq(t.kv->sequences[0].n, TALL);
    finish(&t);
}
END_TEST

/* Sequences of different lengths in one step, some forks of others: each has the bits of its own text. */
START_TEST(batch_of_forks)
{
    kind = _i;
    trial t = start(HW3_F32, 4, 0, 2);
    hw3_ctx *ctx = t.ctx;
    const int64_t which[4] = { 2, 0, 3, 1 };
    OK(append(&t, 1, (int64_t[]){ 0 }, (int64_t[]){ 7 }, 100, a));
    OK(append(&t, 1, (int64_t[]){ 2 }, (int64_t[]){ 8 }, 3, a));
    hw3i_kv_fork(t.kv, 0, 1);
    hw3i_kv_fork(t.kv, 0, 3);
    hw3i_kv_truncate(t.kv, 3, 64);
    for (int64_t step = 1; step < 40; step++) {
        OK(append(&t, 4, which, (int64_t[]){ 8, 7, 7, 7 }, 1, a));
        same_last(&t, 8, 3 + step, a, 4, 0);
        same_last(&t, 7, 100 + step, a, 4, 1);
        same_last(&t, 7, 64 + step, a, 4, 2);
        same_last(&t, 7, 100 + step, a, 4, 3);
    }
    hw3i_kv_fork(t.kv, 2, 0);
    hw3i_kv_truncate(t.kv, 2, 0);
    OK(append(&t, 1, (int64_t[]){ 0 }, (int64_t[]){ 8 }, 1, a));
    same_last(&t, 8, 43, a, 1, 0);
    for (int64_t i = 0; i < 4; i++) hw3i_kv_truncate(t.kv, i, 0);
    ck_assert_int_eq(t.kv->bytes_used, 0);
    finish(&t);
}
END_TEST

/* L n_kv (D + Dv) numbers a position, Dv filled up to whole panels or in the keys; 8 forks of 512, each going on, for less than a fifth more. */
START_TEST(bytes_are_known)
{
    kind = _i;
    trial t = start(HW3_F32, 9, 512, 1);
    hw3_ctx *ctx = t.ctx;
    const int64_t head = 64, prompt = (512 / t.kv->block) * head + 4 * 512 * LAYERS * KV * (D + t.kv->nv * t.kv->block);
    ck_assert_int_eq(t.kv->bytes, prompt);
    for (int64_t n = 0; n < 512; n += 128) OK(append(&t, 1, (int64_t[]){ 0 }, (int64_t[]){ 1 }, 128, a));
    ck_assert_int_eq(t.kv->bytes_used, prompt);
    for (int64_t i = 1; i < 9; i++) hw3i_kv_fork(t.kv, 0, i);
    ck_assert_int_eq(t.kv->bytes_used, prompt);
    ck_assert_int_eq(t.kv->bytes, prompt);
    for (int64_t i = 0; i < 2; i++)
        OK(append(&t, 8, (int64_t[]){ 1, 2, 3, 4, 5, 6, 7, 8 }, (int64_t[]){ 1, 1, 1, 1, 1, 1, 1, 1 }, 1, a));
    ck_assert_msg(t.kv->bytes < 1.2 * (double)prompt, "%lld of %lld", (long long)t.kv->bytes, (long long)prompt);
    same_last(&t, 1, 514, a, 8, 7);
    finish(&t);
}
END_TEST

/* Rows out of one sequence and into another. */
START_TEST(rows_out_and_in)
{
    kind = _i;
    trial t = start(HW3_F32, 2, 0, 1);
    hw3_ctx *ctx = t.ctx;
    static float k[TALL * KV * (MOST + 6)], v[TALL * KV * MOST];
    OK(append(&t, 1, (int64_t[]){ 1 }, (int64_t[]){ 4 }, TALL, a));
    const hw3i_state s = { t.kv, 1, TALL, (int64_t[]){ 0 } };
    OK(hw3i_kv_begin(&s));
    for (int64_t l = 0; l < LAYERS; l++) {
        hw3i_kv_read(t.kv, 1, l, k, kinds[kind].in_keys ? NULL : v);
        hw3i_kv_write(&s, l, k, kinds[kind].in_keys ? NULL : v);
    }
    hw3i_kv_commit(&s);
    OK(append(&t, 1, (int64_t[]){ 0 }, (int64_t[]){ 4 }, 1, a));
    same_last(&t, 4, TALL + 1, a, 1, 0);
    finish(&t);
}
END_TEST

/* What is not finite, not of the cache's shape or in training is refused; the sequence stays as it was. */
START_TEST(bad_input)
{
    kind = 0;
    trial t = start(HW3_F32, 1, 0, 1);
    hw3_ctx *ctx = t.ctx;
    const int64_t zero = 0, text = 2;
    OK(append(&t, 1, &zero, &text, 5, a));
    const hw3i_state s = { t.kv, 1, 1, &zero };
    OK(hw3i_kv_begin(&s));
    OK(hw3_graph_begin(t.g));
    hw3_var q = rows(t.g, HW3_F32, 0, 1, &text, &zero, 1, 0), k = rows(t.g, HW3_F32, 1, 1, &text, &zero, 1, 0);
    hw3_var v = rows(t.g, HW3_F32, 2, 1, &text, &zero, 1, 0), two = rows(t.g, HW3_F32, 2, 1, &text, &zero, 2, 0);
    FAILS(hw3i_kv_attend(&s, t.g, 0, q, k, two, &opts), HW3_ERR_SHAPE);
    SAYS("cache: v is [1, 2, 2, 40], must be [1, 1, 2, 40]");
    OK(hw3_graph_begin(t.g));
    q = rows(t.g, HW3_F32, 0, 1, &text, &zero, 1, 0), k = rows(t.g, HW3_F32, 1, 1, &text, &zero, 1, 0);
    v = rows(t.g, HW3_F32, 2, 1, &text, &zero, 1, 0);
    ((float *)hw3i_node_of(t.g, v)->value)[7] = INFINITY;
    FAILS(hw3i_kv_attend(&s, t.g, 1, q, k, v, &opts), HW3_ERR_VALUE);
    SAYS("of layer 1 is not finite");
    OK(hw3_graph_set_training(t.g, 1));
    OK(hw3_graph_begin(t.g));
    FAILS(hw3i_kv_attend(&s, t.g, 1, 0, 0, 0, &opts), HW3_ERR_STATE);
    OK(hw3_graph_set_training(t.g, 0));
    OK(append(&t, 1, &zero, &text, 1, a));
    same_last(&t, text, 6, a, 1, 0);
    finish(&t);
}
END_TEST

static hw3_status make_and_step(hw3_ctx *ctx)
{
    trial t = { .ctx = ctx };
    hw3_status s = hw3_graph_create(ctx, NULL, &t.g);
    if (!s) s = hw3_graph_set_training(t.g, 0);
    if (!s) s = hw3i_kv_create(ctx, &(hw3i_kv_sizes){ HW3_F32, LAYERS, KV, D, DV, CTX, 3, 40, kinds[kind].in_keys }, &t.kv);
    for (int i = 0; i < 2 && !s; i++) {
        s = append(&t, 2, (int64_t[]){ 0, 1 }, (int64_t[]){ 1, 2 }, 70, a);
        if (s) {
            ck_assert_int_eq(t.kv->sequences[0].n, i * 70);
            ck_assert_int_eq(t.kv->sequences[1].n, i * 70);
        }
        if (!s) hw3i_kv_fork(t.kv, 0, 2);
    }
    if (!s) s = append(&t, 1, (int64_t[]){ 2 }, (int64_t[]){ 1 }, 1, a);
    hw3i_kv_destroy(t.kv);
    hw3_graph_destroy(t.g);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    kind = _i;
    ck_assert_int_ge(test_sweep(make_and_step), 10);
}
END_TEST

TEST_LOOPS_MAIN("kvcache", NULL, NULL,
                ({ stepped_as_whole, 8 }, { batch_of_forks, 2 }, { bytes_are_known, 2 }, { rows_out_and_in, 2 },
                 { every_allocation_may_fail, 2 }), bad_input)
