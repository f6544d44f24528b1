/* SPDX-License-Identifier: MIT */
/* The attention kernels on every instruction set of this processor: forward and backward against the formulas with the whole
 * matrix of weights, in double; the same bits for any number of threads, of queries, and of keys to come. */
#include "math/kern.h"
#include "support.h"

#define SCALE 0.31

typedef struct shape {
    const char *name;
    int64_t B, heads, kv, Tq, Tk, D, Dv, offset;
    bool causal;
    int64_t prefix, window;
    bool bias, alibi;
    double dropout;
    const int64_t *lengths;
} shape;

static const int64_t lengths[2] = { 70, 5 };
static const shape shapes[] = {
    { .name = "one", .B = 1, .heads = 1, .kv = 1, .Tq = 1, .Tk = 1, .D = 1, .Dv = 1 },
    { .name = "all", .B = 2, .heads = 3, .kv = 3, .Tq = 50, .Tk = 70, .D = 20, .Dv = 12 },
    { .name = "causal", .B = 1, .heads = 2, .kv = 2, .Tq = 130, .Tk = 130, .D = 64, .Dv = 64, .causal = true },
    { .name = "grouped", .B = 2, .heads = 6, .kv = 2, .Tq = 40, .Tk = 90, .D = 16, .Dv = 16, .offset = 50, .causal = true },
    { .name = "one kv head, wide", .B = 1, .heads = 4, .kv = 1, .Tq = 9, .Tk = 75, .D = 144, .Dv = 130, .offset = 66, .causal = true },
    { .name = "window", .B = 1, .heads = 2, .kv = 1, .Tq = 150, .Tk = 150, .D = 8, .Dv = 8, .causal = true, .window = 20 },
    { .name = "window of both sides", .B = 1, .heads = 1, .kv = 1, .Tq = 90, .Tk = 90, .D = 8, .Dv = 8, .window = 7 },
    { .name = "prefix", .B = 1, .heads = 2, .kv = 2, .Tq = 100, .Tk = 100, .D = 8, .Dv = 8, .causal = true, .prefix = 70 },
    { .name = "prefix and window", .B = 1, .heads = 2, .kv = 1, .Tq = 150, .Tk = 150, .D = 8, .Dv = 8, .causal = true, .prefix = 9, .window = 12 },
    { .name = "prefix and window of both sides", .B = 2, .heads = 1, .kv = 1, .Tq = 72, .Tk = 72, .D = 8, .Dv = 8, .prefix = 40, .window = 3,
      .lengths = lengths },
    { .name = "lengths", .B = 2, .heads = 2, .kv = 2, .Tq = 72, .Tk = 72, .D = 8, .Dv = 8, .lengths = lengths },
    { .name = "no key to see", .B = 1, .heads = 1, .kv = 1, .Tq = 5, .Tk = 5, .D = 4, .Dv = 4, .offset = -3, .causal = true },
    { .name = "bias", .B = 2, .heads = 2, .kv = 1, .Tq = 33, .Tk = 67, .D = 8, .Dv = 8, .bias = true },
    { .name = "alibi", .B = 1, .heads = 4, .kv = 4, .Tq = 66, .Tk = 66, .D = 8, .Dv = 8, .causal = true, .alibi = true },
    { .name = "dropout", .B = 2, .heads = 2, .kv = 2, .Tq = 70, .Tk = 70, .D = 8, .Dv = 8, .causal = true, .dropout = 0.3 },
};
#define N_SHAPES ((int)(sizeof shapes / sizeof shapes[0]))

typedef struct reference {
    double *q, *k, *v, *bias, *slopes, *dout, *o, *lse, *dq, *dk, *dv, *dbias;
} reference;

static double *draw(int64_t n, uint64_t stream, double scale)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(scale * hw3i_normal(1, stream, (uint64_t)i));
    return x;
}

static bool seen(const shape *s, int64_t b, int64_t t, int64_t j)
{
    int64_t at = t + s->offset;
    if (s->lengths && j >= s->lengths[b]) return false;
    if (s->prefix && j < s->prefix) return true;
    if (s->causal && j > at) return false;
    return !s->window || llabs(at - j) < s->window;
}

/* The factor of dropout: word j of row (b, h, t), four words a block. */
static double kept(const shape *s, int64_t b, int64_t h, int64_t t, int64_t j)
{
    uint32_t w[4];
    if (s->dropout == 0) return 1;
    hw3i_philox(7, 9, (uint64_t)(((b * s->heads + h) * s->Tq + t) * ((s->Tk + 3) / 4) + j / 4), w);
    return w[j % 4] < (uint32_t)(s->dropout * 4294967296.0) ? 0 : 1 / (1 - s->dropout);
}

/* One row of weights p and its log sum; all 0 when no key is seen. */
static double weights(const shape *s, const reference *r, int64_t b, int64_t h, int64_t t, double *p)
{
    const double *q = r->q + ((b * s->Tq + t) * s->heads + h) * s->D;
    double max = -INFINITY, sum = 0;
    for (int64_t j = 0; j < s->Tk; j++) {
        const double *k = r->k + ((b * s->Tk + j) * s->kv + h / (s->heads / s->kv)) * s->D;
        p[j] = 0;
        for (int64_t d = 0; d < s->D; d++) p[j] += SCALE * q[d] * k[d];
        if (s->bias) p[j] += r->bias[((b * s->heads + h) * s->Tq + t) * s->Tk + j];
        if (s->alibi) p[j] -= r->slopes[h] * (double)llabs(t + s->offset - j);
        if (!seen(s, b, t, j)) p[j] = -INFINITY;
        max = fmax(max, p[j]);
    }
    for (int64_t j = 0; j < s->Tk; j++) sum += p[j] = max == -INFINITY ? 0 : exp(p[j] - max);
    for (int64_t j = 0; j < s->Tk; j++) p[j] = sum > 0 ? p[j] / sum : 0;
    return sum > 0 ? max + log(sum) : 0;
}

/* o = P v, then backward of one query of one head. */
static void reference_row(const shape *s, const reference *r, int64_t b, int64_t h, int64_t t, double *p, double *dp)
{
    const int64_t kv = h / (s->heads / s->kv), row = (b * s->heads + h) * s->Tq + t, qi = (b * s->Tq + t) * s->heads + h;
    double *o = r->o + qi * s->Dv, delta = 0;
    const double *dout = r->dout + qi * s->Dv;
    r->lse[row] = weights(s, r, b, h, t, p);
    for (int64_t j = 0; j < s->Tk; j++) {
        int64_t at = (b * s->Tk + j) * s->kv + kv;
        double keep = kept(s, b, h, t, j), dot = 0;
        for (int64_t d = 0; d < s->Dv; d++) {
            o[d] += p[j] * keep * r->v[at * s->Dv + d];
            dot += dout[d] * r->v[at * s->Dv + d];
            r->dv[at * s->Dv + d] += p[j] * keep * dout[d];
        }
        dp[j] = keep * dot;
        delta += p[j] * dp[j];
    }
    for (int64_t j = 0; j < s->Tk; j++) {
        int64_t at = (b * s->Tk + j) * s->kv + kv;
        double ds = p[j] * (dp[j] - delta);
        if (s->bias) r->dbias[row * s->Tk + j] += ds;
        for (int64_t d = 0; d < s->D; d++) {
            r->dq[qi * s->D + d] += SCALE * ds * r->k[at * s->D + d];
            r->dk[at * s->D + d] += SCALE * ds * r->q[qi * s->D + d];
        }
    }
}

static reference reference_of(const shape *s)
{
    const int64_t nq = s->B * s->Tq, nk = s->B * s->Tk, rows = nq * s->heads;
#define ZEROS(n) calloc((size_t)(n), sizeof(double))
    reference r = { draw(rows * s->D, 1, 1), draw(nk * s->kv * s->D, 2, 1), draw(nk * s->kv * s->Dv, 3, 1), draw(rows * s->Tk, 4, 1),
                    draw(s->heads, 5, 0.2), draw(rows * s->Dv, 6, 1), ZEROS(rows * s->Dv), ZEROS(rows), ZEROS(rows * s->D),
                    ZEROS(nk * s->kv * s->D), ZEROS(nk * s->kv * s->Dv), ZEROS(rows * s->Tk) };
    double *p = ZEROS(s->Tk), *dp = ZEROS(s->Tk);
    for (int64_t i = 0; i < rows; i++) reference_row(s, &r, i / (s->heads * s->Tq), i / s->Tq % s->heads, i % s->Tq, p, dp);
    free(p);
    free(dp);
    return r;
}

static void reference_free(reference *r)
{
    double *all[] = { r->q, r->k, r->v, r->bias, r->slopes, r->dout, r->o, r->lse, r->dq, r->dk, r->dv, r->dbias };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

#define real float
#define FN(name) name##_f32
#define KERN(k) ((k)->f32)
#define kernels hw3i_kern_f32
#include "attention_tmpl.h"
#undef real
#undef FN
#undef KERN
#undef kernels
#define real double
#define FN(name) name##_f64
#define KERN(k) ((k)->f64)
#define kernels hw3i_kern_f64
#include "attention_tmpl.h"

/* float: 1e-5 for sums of up to 150 products of numbers near 1; double: 1e-12 */
START_TEST(as_the_formulas)
{
    static const char *const isas[] = { "base", "avx2", "avx512" };
    reference ref = reference_of(&shapes[_i]);
    for (int i = 0; i < 3; i++) {
        const hw3i_kern *kern = hw3i_kern_select(isas[i]);
        if (!kern) continue;
        for (int threads = 1; threads <= 2; threads++) {
            hw3_ctx *ctx = test_ctx(threads);
            run_f32(kern, ctx, &shapes[_i], &ref, 1e-5);
            run_f64(kern, ctx, &shapes[_i], &ref, 1e-12);
            hw3_ctx_destroy(ctx);
        }
    }
    reference_free(&ref);
}
END_TEST

/* Query t of a causal pass has the same bits when it is asked alone, over the keys up to it or over more of them. */
START_TEST(bits_of_a_query_are_its_own)
{
    enum { T = 150, H = 4, KV = 2, D = 24 };
    const hw3i_kern *kern = hw3i_kern_select(NULL);
    static float q[T * H * D], k[T * KV * D], v[T * KV * D], all[T * H * D], one[H * D];
    for (int i = 0; i < T * H * D; i++) q[i] = (float)hw3i_normal(1, 1, (uint64_t)i);
    for (int i = 0; i < T * KV * D; i++) k[i] = (float)hw3i_normal(1, 2, (uint64_t)i), v[i] = (float)hw3i_normal(1, 3, (uint64_t)i);
    hw3_ctx *ctx = test_ctx(2);
    hw3i_attention_f32 a = { .B = 1, .heads = H, .kv_heads = KV, .Tq = T, .Tk = T, .D = D, .Dv = D, .q = q, .k = k, .v = v,
        .qs = { 0, H * D, D }, .ks = { 0, KV * D, D }, .vs = { 0, KV * D, D }, .scale = 0.2f, .causal = true, .o = all,
        .os = { 0, H * D, D } };
    a.scratch = aligned_alloc(64, (size_t)kern->f32->attention_forward_bytes(&a, 2));
    kern->f32->attention_forward(ctx->pool, &a);
    for (int64_t t = 0; t < T; t++)
        for (int64_t keys = t + 1; keys <= T; keys += 71) {
            hw3i_attention_f32 step = a;
            step.Tq = 1, step.Tk = keys, step.offset = t, step.q = q + t * H * D, step.o = one;
            kern->f32->attention_forward(NULL, &step);
            ck_assert_msg(!memcmp(one, all + t * H * D, sizeof one), "query %lld of %lld keys", (long long)t, (long long)keys);
        }
    free(a.scratch);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The same bits when keys and values come from panels, each filled a key at a time. */
START_TEST(panels_of_a_cache)
{
    enum { T = 150, H = 4, KV = 2, D = 24, B = 2 };
    const hw3i_kern *kern = hw3i_kern_select(NULL);
    const int64_t block = kern->f32->attention_block, n_blocks = hw3i_ceil(T, block), lengths[B] = { T, 70 }, offsets[B] = { 10, -70 };
    static float q[B * H * D], k[B * T * KV * D], v[B * T * KV * D], want[B * H * D], got[B * H * D];
    for (int i = 0; i < B * H * D; i++) q[i] = (float)hw3i_normal(1, 1, (uint64_t)i);
    for (int i = 0; i < B * T * KV * D; i++) k[i] = (float)hw3i_normal(1, 2, (uint64_t)i), v[i] = (float)hw3i_normal(1, 3, (uint64_t)i);
    float *panels = calloc((size_t)(B * KV * n_blocks * (D + block) * block), sizeof *panels);
    hw3i_panel table[B * KV * 64];
    for (int64_t i = 0; i < B * KV * n_blocks; i++) {
        const int64_t b = i / (KV * n_blocks), h = i / n_blocks % KV, j = i % n_blocks;
        float *p = panels + i * (D + block) * block;
        table[i] = (hw3i_panel){ j * block < lengths[b] ? p : NULL, block };
        for (int64_t t = j * block; t < hw3i_min(lengths[b], (j + 1) * block); t++)
            for (int64_t d = 0; d < D; d++) {
                p[d * block + t % block] = k[((b * T + t) * KV + h) * D + d];
                p[D * block + (d / block * block + t % block) * block + d % block] = v[((b * T + t) * KV + h) * D + d];
            }
    }
    hw3_ctx *ctx = test_ctx(2);
    hw3i_attention_f32 a = { .B = B, .heads = H, .kv_heads = KV, .Tq = 1, .Tk = T, .D = D, .Dv = D, .q = q, .k = k, .v = v,
        .qs = { H * D, H * D, D }, .ks = { T * KV * D, KV * D, D }, .vs = { T * KV * D, KV * D, D }, .scale = 0.2f, .causal = true,
        .offset = 139, .offsets = offsets, .lengths = lengths, .o = want, .os = { H * D, H * D, D } };
    a.scratch = aligned_alloc(64, (size_t)kern->f32->attention_forward_bytes(&a, 2));
    kern->f32->attention_forward(ctx->pool, &a);
    a.panels = table, a.o = got, a.k = a.v = NULL;
    free(a.scratch);
    a.scratch = aligned_alloc(64, (size_t)kern->f32->attention_forward_bytes(&a, 2));
    kern->f32->attention_forward(ctx->pool, &a);
    ck_assert(!memcmp(want, got, sizeof got));
    free(a.scratch);
    free(panels);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_LOOPS_MAIN("attention", NULL, NULL, ({ as_the_formulas, N_SHAPES }), bits_of_a_query_are_its_own, panels_of_a_cache)
