/* SPDX-License-Identifier: MIT */
/* The cache of keys and values: the same bits as attention over the whole sequence, however it was filled; what it costs. */
#include "alloc.h"
#include "base/random.h"
#include "base/half.h"
#include "nn/kvcache.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { LAYERS = 2, HEADS = 4, KV = 2, MOST = 76, CTX = 700, TALL = 150, N_FORMS = HW3I_INT8 + 1 };
/* Values beside the keys, fewer than of a panel; and values that are the first numbers of the keys, more than of one. */
static const struct { int64_t D, DV; bool in_keys; } kinds[] = { { 24, 40, false }, { MOST, 70, true } };
enum { KINDS = sizeof kinds / sizeof kinds[0] };
static int kind;
static const char *isa; /* NULL: the best that there is */
#define D kinds[kind].D
#define DV kinds[kind].DV
static const hw3i_attention_opts opts = { .causal = true, .scale = 0.2, .bias = HW3_NONE, .slopes = HW3_NONE, .lengths = HW3_NONE };

typedef struct trial {
    hw3_ctx *ctx;
    hw3_graph *g;
    hw3i_kv *kv;
} trial;

static trial start(hw3_dtype dtype, int form, int64_t n_sequences, int64_t n_tokens, int threads)
{
    trial t = { .ctx = test_ctx(threads) };
    hw3_ctx *ctx = t.ctx;
    if (hw3i_kern_select(isa)) ctx->kern = hw3i_kern_select(isa);
    OK(hw3_graph_create(ctx, NULL, &t.g));
    OK(hw3_graph_set_training(t.g, 0));
    OK(hw3i_kv_create(ctx, &(hw3i_kv_sizes){ dtype, form, LAYERS, KV, D, DV, CTX, n_sequences, n_tokens, 0, kinds[kind].in_keys }, &t.kv));
    return t;
}

static void finish(trial *t)
{
    hw3i_kv_destroy(t->kv);
    hw3_graph_destroy(t->g);
    hw3_ctx_destroy(t->ctx);
}

/* x to `digits` binary digits, none below 2^low: the nearest, to even. */
static double digits_of(double x, int digits, int low)
{
    int e;
    frexp(x, &e);
    const int last = e - digits > low ? e - digits : low;
    return ldexp(rint(ldexp(x, -last)), last);
}

/* A key or value as the cache keeps it, by plain arithmetic. */
static void narrow(int form, int64_t n, double *x)
{
    double max = 0;
    for (int64_t i = 0; i < n; i++) max = fmax(max, fabs((double)(float)x[i]));
    const float scale = (float)digits_of((double)((float)max / 127), 8, -133), inverse = 1 / scale;
    for (int64_t i = 0; i < n; i++) {
        if (form == HW3I_F16) x[i] = digits_of((double)(float)x[i], 11, -24);
        if (form == HW3I_BF16) x[i] = digits_of((double)(float)x[i], 8, -133);
        if (form == HW3I_INT8) x[i] = (double)scale * rint((double)((float)x[i] * inverse));
    }
}

/* Numbers of positions from `from` on: what = 0, 1, 2 for q, k, v, of text `text`; keys and values rounded as in a cache of `form`. */
static hw3_var rows(hw3_graph *g, hw3_dtype dtype, int form, int what, int64_t B, const int64_t *text, const int64_t *from, int64_t T,
                    int64_t layer)
{
    const int64_t heads = what ? KV : HEADS, d = what == 2 ? DV : D;
    void *data;
    hw3_var v = hw3i_leaf(g, dtype, 4, (int64_t[]){ B, T, heads, d }, &data);
    for (int64_t i = 0; data && i < B * T * heads * d; i += d) {
        const int64_t b = i / (T * heads * d), at = from[b] * heads * d + i % (T * heads * d);
        double x[MOST];
        for (int64_t j = 0; j < d; j++) x[j] = hw3i_normal(3, (uint64_t)((text[b] * 3 + what) * LAYERS + layer), (uint64_t)(at + j));
        if (what) narrow(form, d, x);
        for (int64_t j = 0; j < d; j++)
            if (dtype == HW3_F32) ((float *)data)[i + j] = (float)x[j];
            else ((double *)data)[i + j] = x[j];
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
        hw3_var qkv[3];
        for (int what = 0; what < 3; what++) qkv[what] = rows(t->g, type, HW3I_REAL, what, B, texts, from, T, l);
        if (kinds[kind].in_keys) qkv[2] = HW3_NONE;
        hw3_var y = hw3i_kv_attend(&s, t->g, l, qkv[0], qkv[1], qkv[2], &opts);
        const int64_t bytes = B * T * HEADS * DV * hw3i_dtype_size(type);
        status = y < 0 ? y : hw3_var_read(t->g, y, out + l * bytes, bytes);
    }
    if (!status) hw3i_kv_commit(&s);
    return status;
}

/* The same by attention over rounded rows, without a cache: the last T of n positions. */
static void whole(trial *t, int form, int64_t text, int64_t n, int64_t T, char *out)
{
    hw3_ctx *ctx = t->ctx;
    const hw3_dtype type = t->kv->dtype;
    const int64_t zero = 0;
    OK(hw3_graph_begin(t->g));
    for (int64_t l = 0; l < LAYERS; l++) {
        hw3i_attention_opts o = opts;
        o.offset = n - T;
        hw3_var qkv[3];
        for (int what = 0; what < 3; what++) qkv[what] = rows(t->g, type, form, what, 1, &text, what ? &zero : &o.offset, what ? n : T, l);
        if (kinds[kind].in_keys) qkv[2] = hw3i_slice(t->g, qkv[1], 3, 0, DV);
        hw3_var y = hw3i_attention(t->g, qkv[0], qkv[1], qkv[2], &o);
        const int64_t bytes = T * HEADS * DV * hw3i_dtype_size(type);
        OK(hw3_var_read(t->g, y, out + l * bytes, bytes));
    }
}

static char a[LAYERS * TALL * HEADS * MOST * 8], b[LAYERS * TALL * HEADS * MOST * 8];

static void same_last(trial *t, int64_t text, int64_t n, const char *got, int64_t B, int64_t at)
{
    const int64_t row = HEADS * DV * hw3i_dtype_size(t->kv->dtype);
    whole(t, t->kv->form, text, n, 1, b);
    for (int64_t l = 0; l < LAYERS; l++)
        ck_assert_msg(!memcmp(b + l * row, got + (l * B + at) * row, (size_t)row), "text %d, position %d, layer %d", (int)text, (int)n - 1, (int)l);
}

/* One position after the other, and in pieces of other lengths: the bits of attention over all rows, rounded if the cache is narrow;
 * for every set of kernels. */
START_TEST(stepped_as_whole)
{
    static const char *const isas[] = { NULL, "base", "avx2" };
    isa = isas[_i / 4 / KINDS / N_FORMS];
    const hw3_dtype type = _i % 2 ? HW3_F64 : HW3_F32;
    const int64_t zero = 0, text = 5;
    kind = _i / 4 % KINDS;
    trial t = start(type, _i / 4 / KINDS % N_FORMS, 1, _i % 4 < 2 ? 0 : CTX, 1 + _i % 3);
    hw3_ctx *ctx = t.ctx;
    for (int64_t n = 1; n <= TALL; n++) {
        OK(append(&t, 1, &zero, &text, 1, a));
        if (!t.kv->form || n % 11 == 1) same_last(&t, text, n, a, 1, 0);
    }
    hw3i_kv_truncate(t.kv, 0, 70);
    for (int64_t n = 70, T; n < TALL; n += T) {
        T = hw3i_min(TALL - n, 1 + n % 37);
        OK(append(&t, 1, &zero, &text, T, a));
        whole(&t, t.kv->form, text, n + T, T, b);
        ck_assert(!memcmp(a, b, (size_t)(LAYERS * T * HEADS * DV * hw3i_dtype_size(type))));
    }
    ck_assert_int_eq(t.kv->sequences[0].n, TALL);
    isa = NULL;
    finish(&t);
}
END_TEST

/* Sequences of different lengths in one step, some forks of others: each has the bits of its own text. */
START_TEST(batch_of_forks)
{
    kind = _i % KINDS;
    trial t = start(HW3_F32, _i / KINDS, 4, 0, 2);
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

/* L n_kv (D + Dv) numbers a position, Dv filled up to whole panels or in the keys, of 8 bits with scales of 2 bytes; 8 forks of
 * 512, each going on, for less than a fifth more. */
START_TEST(bytes_are_known)
{
    static const int64_t sizes[N_FORMS] = { 4, 2, 2, 1 };
    const int form = _i / KINDS;
    kind = _i % KINDS;
    trial t = start(HW3_F32, form, 9, 512, 1);
    hw3_ctx *ctx = t.ctx;
    const int64_t head = 64, scales = form != HW3I_INT8 ? 0 : kinds[kind].in_keys ? 2 : 2 * 2;
    const int64_t prompt = (512 / t.kv->block) * head + 512 * LAYERS * KV * (sizes[form] * (D + t.kv->nv * t.kv->block) + scales);
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

/* Rows out of one sequence and into another, where they have the same bits. */
START_TEST(rows_out_and_in)
{
    kind = _i % KINDS;
    trial t = start(HW3_F32, _i / KINDS, 2, 0, 1);
    hw3_ctx *ctx = t.ctx;
    static float k[TALL * KV * MOST], v[TALL * KV * MOST], k2[TALL * KV * MOST], v2[TALL * KV * MOST];
    OK(append(&t, 1, (int64_t[]){ 1 }, (int64_t[]){ 4 }, TALL, a));
    const hw3i_state s = { t.kv, 1, TALL, (int64_t[]){ 0 } };
    OK(hw3i_kv_begin(&s));
    for (int64_t l = 0; l < LAYERS; l++) {
        hw3i_kv_read(t.kv, 1, l, k, v);
        OK(hw3i_kv_write(&s, l, k, v));
    }
    hw3i_kv_commit(&s);
    hw3i_kv_read(t.kv, 0, LAYERS - 1, k2, v2);
    ck_assert(!memcmp(k, k2, sizeof k) && !memcmp(v, v2, sizeof v));
    OK(append(&t, 1, (int64_t[]){ 0 }, (int64_t[]){ 4 }, 1, a));
    same_last(&t, 4, TALL + 1, a, 1, 0);
    finish(&t);
}
END_TEST

/* Against the cache of the model's own numbers, values beside the keys. Let e be the largest error of a number as a share of the
 * largest: 2^-11, 2^-8, and half a step of 1/127, which its scale's 8 digits may widen by 2^-8. A score is off by at most
 * s = scale sum_d |q_d| e max|k|, a weight by a factor within exp(+-2 s), an output by (exp(2 s) - 1 + e) max|v|. */
START_TEST(error_is_bounded)
{
    static const double share[N_FORMS] = { 0, 0x1p-11, 0x1p-8, 0.5 / 127 * (1 + 0x1p-8) };
    kind = 0;
    trial t = start(HW3_F32, _i, 1, 0, 1);
    hw3_ctx *ctx = t.ctx;
    const int64_t zero = 0, text = 3;
    OK(append(&t, 1, &zero, &text, TALL, a));
    whole(&t, HW3I_REAL, text, TALL, TALL, b);
    OK(hw3_graph_begin(t.g));
    double largest = 0, most = 0;
    for (int64_t l = 0; l < LAYERS; l++) {
        const float *q = hw3i_node_of(t.g, rows(t.g, HW3_F32, HW3I_REAL, 0, 1, &text, &zero, TALL, l))->value;
        double max[3] = { 0, 0, 0 };
        for (int what = 1; what < 3; what++) {
            const hw3i_node *x = hw3i_node_of(t.g, rows(t.g, HW3_F32, HW3I_REAL, what, 1, &text, &zero, TALL, l));
            for (int64_t i = 0; i < x->n; i++) max[what] = fmax(max[what], fabs(((const float *)x->value)[i]));
        }
        for (int64_t r = 0; r < TALL * HEADS; r++) {
            double size = 0;
            for (int64_t d = 0; d < D; d++) size += fabs(q[r * D + d]);
            const double s = opts.scale * size * share[_i] * max[1], bound = (exp(2 * s) - 1 + share[_i]) * max[2] + 1e-6;
            for (int64_t i = r * DV; i < (r + 1) * DV; i++) {
                const double off = fabs(((float *)a)[l * TALL * HEADS * DV + i] - ((float *)b)[l * TALL * HEADS * DV + i]);
                ck_assert_msg(off <= bound, "row %d: %g, bound %g", (int)r, off, bound);
                largest = fmax(largest, off), most = fmax(most, bound);
            }
        }
    }
    ck_assert(_i ? largest > 1e-3 * most : largest == 0); /* it is rounded, and the bound is not a bound of everything */
    finish(&t);
}
END_TEST

/* All numbers of 16 bits go in and out; what lies between two goes to the nearest, of two as near to the even one. */
START_TEST(numbers_of_16_bits)
{
    for (uint32_t h = 0; h < 0x10000; h++) {
        const double half = (h & 0x8000 ? -1 : 1) *
            (h >> 10 & 31 ? ldexp(1024 + (h & 1023), (int)(h >> 10 & 31) - 25) : ldexp(h & 1023, -24));
        if ((h & 0x7fff) < 0x7c00) {
            ck_assert_double_eq((double)hw3i_half_float((uint16_t)h), half);
            ck_assert_uint_eq(hw3i_half((float)half), h);
        }
        if ((h & 0x7fff) < 0x7f80) ck_assert_uint_eq(hw3i_brain(hw3i_brain_float((uint16_t)h)), h);
    }
    for (int i = 0; i < 100000; i++) {
        const float x = (float)(hw3i_normal(4, 1, (uint64_t)i) * exp(6 * hw3i_normal(4, 2, (uint64_t)i)));
        if (fabsf(x) < HW3I_HALF_MAX) ck_assert_double_eq((double)hw3i_half_float(hw3i_half(x)), digits_of((double)x, 11, -24));
        ck_assert_double_eq((double)hw3i_brain_float(hw3i_brain(x)), digits_of((double)x, 8, -133));
    }
    for (uint32_t h = 0; h < 0x7bff; h++) {
        const float between = (hw3i_half_float((uint16_t)h) + hw3i_half_float((uint16_t)(h + 1))) / 2;
        ck_assert_uint_eq(hw3i_half(between), h + (h & 1));
    }
}
END_TEST

/* What a narrow cache cannot hold is refused, the largest that it can is not; numbers too small for a scale become 0. */
START_TEST(limits_of_forms)
{
    static const struct { float most, more; const char *says; } limits[N_FORMS] = {
        { FLT_MAX, INFINITY, "of layer 1 is not finite: inf" }, { 65504, 65536, "is not finite as f16: 65536" },
        { 0x1.FEp+127f, FLT_MAX, "is not finite as bf16: 3.4" }, { 0x1.FCp+127f, FLT_MAX, "is not finite as int8: 3.4" },
    };
    kind = 0;
    trial t = start(HW3_F32, _i, 1, 0, 1);
    hw3_ctx *ctx = t.ctx;
    const hw3i_state s = { t.kv, 1, 1, (int64_t[]){ 0 } };
    float k[KV * MOST] = { limits[_i].most, -limits[_i].most / 2 }, v[KV * MOST] = { 0x1p-120f, -0x1p-120f }, k2[KV * MOST], v2[KV * MOST];
    OK(hw3i_kv_begin(&s));
    OK(hw3i_kv_write(&s, 1, k, v));
    hw3i_kv_commit(&s);
    hw3i_kv_read(t.kv, 0, 1, k2, v2);
    for (int i = 0; i < 2; i++) NEAR(k2[i] / k[i], 1, 0.5 / 63);
    ck_assert(v2[0] == (_i == HW3I_F16 || _i == HW3I_INT8 ? 0 : v[0]) && k2[2] == 0 && v2[2] == 0);
    hw3i_kv_truncate(t.kv, 0, 0);
    k[D] = -limits[_i].more;
    OK(hw3i_kv_begin(&s));
    FAILS(hw3i_kv_write(&s, 1, k, v), HW3_ERR_VALUE);
    k[D] = limits[_i].more;
    FAILS(hw3i_kv_write(&s, 1, k, v), HW3_ERR_VALUE);
    SAYS(limits[_i].says);
    finish(&t);
}
END_TEST

/* What is not finite, not of the cache's shape or in training is refused; the sequence stays as it was. */
START_TEST(bad_input)
{
    kind = 0;
    trial t = start(HW3_F32, HW3I_REAL, 1, 0, 1);
    hw3_ctx *ctx = t.ctx;
    const int64_t zero = 0, text = 2;
    OK(append(&t, 1, &zero, &text, 5, a));
    const hw3i_state s = { t.kv, 1, 1, &zero };
    OK(hw3i_kv_begin(&s));
    OK(hw3_graph_begin(t.g));
    hw3_var q = rows(t.g, HW3_F32, HW3I_REAL, 0, 1, &text, &zero, 1, 0), k = rows(t.g, HW3_F32, HW3I_REAL, 1, 1, &text, &zero, 1, 0);
    hw3_var v = rows(t.g, HW3_F32, HW3I_REAL, 2, 1, &text, &zero, 1, 0), two = rows(t.g, HW3_F32, HW3I_REAL, 2, 1, &text, &zero, 2, 0);
    FAILS(hw3i_kv_attend(&s, t.g, 0, q, k, two, &opts), HW3_ERR_SHAPE);
    SAYS("cache: v is [1, 2, 2, 40], must be [1, 1, 2, 40]");
    OK(hw3_graph_begin(t.g));
    q = rows(t.g, HW3_F32, HW3I_REAL, 0, 1, &text, &zero, 1, 0);
    FAILS(hw3i_kv_attend(&s, t.g, 0, q, q, q, &opts), HW3_ERR_SHAPE);
    SAYS("cache: k is [1, 1, 4, 24], must be [1, 1, 2, 24]");
    OK(hw3_graph_begin(t.g));
    q = rows(t.g, HW3_F32, HW3I_REAL, 0, 1, &text, &zero, 1, 0), k = rows(t.g, HW3_F32, HW3I_REAL, 1, 1, &text, &zero, 1, 0);
    v = rows(t.g, HW3_F32, HW3I_REAL, 2, 1, &text, &zero, 1, 0);
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
    if (!s) s = hw3i_kv_create(ctx, &(hw3i_kv_sizes){ HW3_F32, HW3I_REAL, LAYERS, KV, D, DV, CTX, 3, 40, 0, kinds[kind].in_keys }, &t.kv);
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
                ({ stepped_as_whole, 4 * KINDS * N_FORMS * 3 }, { batch_of_forks, KINDS * N_FORMS }, { bytes_are_known, KINDS * N_FORMS },
                 { rows_out_and_in, KINDS * N_FORMS }, { error_is_bounded, N_FORMS }, { limits_of_forms, N_FORMS },
                 { every_allocation_may_fail, KINDS }),
                numbers_of_16_bits, bad_input)
