/* SPDX-License-Identifier: MIT */
/* The accountant: against attention in plain loops that counts each multiply-add and each number it keeps, and against numbers
   known from elsewhere. */
#include "support.h"
#include <stdbool.h>
#include <stddef.h>

static hw3_ctx *ctx;
static void setup(void) { ctx = test_ctx(1); }
static void teardown(void) { hw3_ctx_destroy(ctx); }

static hw3_attention_costs cost(const hw3_attention_cost_opts *o)
{
    hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
    OK(hw3_attention_cost(ctx, o, &c));
    return c;
}

/* ---- attention that counts -------------------------------------------------------------------------- */

enum { QUERY, KV, LATENT, SCORE, MIX, OUTPUT, N_PARTS };
enum { ROOM = 64, TOKENS = 9, KEPT = 256 }; /* more than any length below */

static int64_t macs[N_PARTS], weights, kept;
static uint32_t noise;

static double draw(void) { return (double)(noise = noise * 1664525u + 1013904223u) / 4294967296.0 - 0.5; }

typedef struct matrix {
    int rows, columns;
    double a[ROOM * ROOM];
} matrix;

static void make(matrix *m, int64_t rows, int64_t columns)
{
    ck_assert_int_le(rows * columns, ROOM * ROOM);
    m->rows = (int)rows, m->columns = (int)columns;
    for (int i = 0; i < m->rows * m->columns; i++) m->a[i] = draw();
    weights += rows * columns;
}

static double inner(int part, const double *x, const double *y, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++, macs[part]++) sum += x[i] * y[i];
    return sum;
}

static void multiply(int part, const matrix *m, const double *x, double *y)
{
    for (int r = 0; r < m->rows; r++) y[r] = inner(part, m->a + r * m->columns, x, m->columns);
}

/* y = m' x. */
static void multiply_transposed(int part, const double *m, int rows, int columns, const double *x, double *y)
{
    for (int c = 0; c < columns; c++) y[c] = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++, macs[part]++) y[c] += m[r * columns + c] * x[r];
}

static void softmax(double *p, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += p[i] = exp(p[i]);
    for (int i = 0; i < n; i++) p[i] /= sum;
}

static void mix(const double *p, double values[][KEPT], int first, int length, int n, double *y)
{
    for (int c = 0; c < length; c++) y[c] = 0;
    for (int t = 0; t < n; t++)
        for (int c = 0; c < length; c++, macs[MIX]++) y[c] += p[t] * values[t][first + c];
}

/* One layer of a decoder: its weights and what it keeps. */
static struct {
    matrix query, down, key, value, rope_query, rope_key, latent, up_key, up_value, output;
    double keys[TOKENS][KEPT], values[TOKENS][KEPT], latents[TOKENS][KEPT], ropes[TOKENS][KEPT];
} layer;

static void build(const hw3_attention_cost_opts *o)
{
    const int64_t d_query = o->q_rank ? o->q_rank : o->d_model;
    weights = 0, noise = 7;
    make(&layer.down, o->q_rank, o->d_model);
    make(&layer.query, o->n_heads * o->d_head, o->kv_rank ? d_query : o->d_model);
    make(&layer.rope_query, o->kv_rank ? o->n_heads * o->d_rope : 0, d_query);
    make(&layer.key, o->kv_rank ? 0 : o->n_kv_heads * o->d_head, o->d_model);
    make(&layer.value, o->kv_rank ? 0 : o->n_kv_heads * o->d_value, o->d_model);
    make(&layer.latent, o->kv_rank, o->d_model);
    make(&layer.rope_key, o->d_rope, o->d_model);
    make(&layer.up_key, o->n_heads * o->d_head, o->kv_rank);
    make(&layer.up_value, o->n_heads * o->d_value, o->kv_rank);
    make(&layer.output, o->d_model, o->n_heads * o->d_value);
}

static void keep(const hw3_attention_cost_opts *o, const double *x, int t)
{
    if (o->kv_rank) {
        multiply(KV, &layer.latent, x, layer.latents[t]);
        multiply(KV, &layer.rope_key, x, layer.ropes[t]);
        kept += layer.latent.rows + layer.rope_key.rows;
    } else {
        multiply(KV, &layer.key, x, layer.keys[t]);
        multiply(KV, &layer.value, x, layer.values[t]);
        kept += layer.key.rows + layer.value.rows;
    }
}

/* The output for x, which sees n tokens. Expanded keys and values must be there. */
static void look(const hw3_attention_cost_opts *o, const double *x, int n, double *y)
{
    double q[KEPT], rope[KEPT], small[KEPT], absorbed[KEPT], p[TOKENS], mean[KEPT], heads[KEPT];
    const int d = (int)o->d_head, v = (int)o->d_value, r = (int)o->kv_rank, e = (int)o->d_rope;
    const bool latent = r && o->absorbed;
    if (o->q_rank) multiply(QUERY, &layer.down, x, small);
    multiply(QUERY, &layer.query, o->q_rank ? small : x, q);
    multiply(QUERY, &layer.rope_query, o->q_rank ? small : x, rope);
    for (int h = 0; h < o->n_heads; h++) {
        const int shared = r ? h : h / (int)(o->n_heads / o->n_kv_heads);
        if (latent) multiply_transposed(LATENT, layer.up_key.a + h * d * r, d, r, q + h * d, absorbed);
        for (int t = 0; t < n; t++) {
            p[t] = latent ? inner(SCORE, absorbed, layer.latents[t], r) : inner(SCORE, q + h * d, layer.keys[t] + shared * d, d);
            p[t] += inner(SCORE, rope + h * e, layer.ropes[t], e);
        }
        softmax(p, n);
        if (!latent) mix(p, layer.values, shared * v, v, n, heads + h * v);
        else {
            mix(p, layer.latents, 0, r, n, mean);
            for (int c = 0; c < v; c++) heads[h * v + c] = inner(LATENT, layer.up_value.a + (h * v + c) * r, mean, r);
        }
    }
    multiply(OUTPUT, &layer.output, heads, y);
}

static void expand(const hw3_attention_cost_opts *o, int n)
{
    for (int t = 0; o->kv_rank && !o->absorbed && t < n; t++) {
        multiply(LATENT, &layer.up_key, layer.latents[t], layer.keys[t]);
        multiply(LATENT, &layer.up_value, layer.latents[t], layer.values[t]);
    }
}

/* Runs the step that o asks for, with counts from 0; y receives the last token's output. */
static void run(const hw3_attention_cost_opts *o, double *y)
{
    static double x[TOKENS][ROOM];
    const int n = (int)o->n_tokens, first = o->cache ? n - (int)o->n_new : 0;
    build(o);
    for (int i = 0; i < n * ROOM; i++) x[i / ROOM][i % ROOM] = draw();
    kept = 0;
    for (int t = 0; t < first; t++) keep(o, x[t], t);
    memset(macs, 0, sizeof macs);
    for (int t = first; t < n; t++) keep(o, x[t], t);
    expand(o, n);
    for (int t = first; t < n; t++) look(o, x[t], o->causal ? t + 1 : n, y);
}

/* ---- tests ------------------------------------------------------------------------------------------ */

typedef struct kind {
    const char *name;
    int64_t n_kv_heads, d_value, kv_rank, q_rank, d_rope;
    int32_t absorbed;
} kind;
static const kind kinds[] = {
    { "MHA", 4, 5, 0, 0, 0, 1 },      { "GQA", 2, 5, 0, 0, 0, 1 },          { "MQA", 1, 5, 0, 0, 0, 1 },
    { "values of their own length", 2, 3, 0, 0, 0, 1 },
    { "MLA absorbed", 4, 5, 7, 0, 3, 1 }, { "MLA expanded", 4, 5, 7, 0, 3, 0 },
    { "MLA of small queries", 4, 3, 7, 6, 3, 1 }, { "the same expanded", 4, 3, 7, 6, 3, 0 }, { "no rotated part", 4, 5, 2, 0, 0, 1 },
};

START_TEST(counts_are_those_of_plain_loops)
{
    const kind *k = &kinds[_i];
    for (int step = 0; step < 8; step++) {
        hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
        o.cache = step % 2, o.causal = step / 2 % 2, o.absorbed = k->absorbed;
        o.n_tokens = TOKENS, o.n_new = step / 4 ? TOKENS : 2, o.d_model = 11, o.n_heads = 4, o.d_head = 5;
        o.n_kv_heads = k->n_kv_heads, o.d_value = k->d_value, o.kv_rank = k->kv_rank, o.q_rank = k->q_rank, o.d_rope = k->d_rope;
        double y[ROOM], other[ROOM];
        run(&o, y);
        const hw3_attention_costs c = cost(&o);
        const int64_t flops[] = { c.query_flops, c.kv_flops, c.latent_flops, c.score_flops, c.mix_flops, c.output_flops };
        int64_t sum = 0;
        for (int i = 0; i < N_PARTS; i++) {
            ck_assert_msg(flops[i] == 2 * macs[i], "%s, step %d, part %d: %lld FLOPs, counted %lld", k->name, step, i, (long long)flops[i],
                          2 * (long long)macs[i]);
            sum += flops[i];
        }
        ck_assert_int_eq(c.flops, sum);
        ck_assert_int_eq(c.cached_elements, o.cache ? kept : 0);
        ck_assert_int_eq(c.weight_elements, weights);
        ck_assert_int_eq(c.step_bytes, 2 * (weights + c.cached_elements));
        if (!k->kv_rank) continue;
        o.absorbed = !o.absorbed; /* the two ways that are counted compute the same: sums of some dozen terms below 1 in size */
        run(&o, other);
        for (int i = 0; i < o.d_model; i++) NEAR(y[i], other[i], 1e-13);
    }
}
END_TEST

/* n = 1024, d = 768, 12 heads of 64, fp16: FLOPs of a decode step and numbers kept. */
START_TEST(a_decode_step_in_numbers)
{
    static const struct { int32_t cache; int64_t n_kv_heads, kv_rank, d_rope, flops, kept; } steps[] = {
        { 0, 12, 0, 0, 8053063680, 0 },  { 1, 12, 0, 0, 7864320, 1572864 }, { 1, 4, 0, 0, 6291456, 524288 },
        { 1, 1, 0, 0, 5701632, 131072 }, { 1, 0, 256, 32, 0, 294912 },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
        o.n_tokens = 1024, o.d_model = 768, o.n_heads = 12;
        o.cache = steps[i].cache, o.n_kv_heads = steps[i].n_kv_heads, o.kv_rank = steps[i].kv_rank, o.d_rope = steps[i].d_rope;
        const hw3_attention_costs c = cost(&o);
        if (steps[i].flops) ck_assert_int_eq(c.flops, steps[i].flops);
        ck_assert_int_eq(c.cached_elements, steps[i].kept);
        ck_assert_int_eq(c.cached_bytes, 2 * steps[i].kept);
        o.n_layers = 3, o.n_sequences = 5;
        const hw3_attention_costs many = cost(&o);
        ck_assert_int_eq(many.flops, 15 * c.flops);
        ck_assert_int_eq(many.cached_bytes, 15 * c.cached_bytes);
        ck_assert_int_eq(many.weight_bytes, 3 * c.weight_bytes); /* all sequences use the same */
    }
}
END_TEST

START_TEST(what_is_refused)
{
    const struct { size_t field; int64_t value; hw3_status status; const char *says; } wrong[] = {
#define FIELD(name) offsetof(hw3_attention_cost_opts, name)
        { FIELD(n_tokens), 0, HW3_ERR_ARG, "n_tokens is 0, expected 1" }, { FIELD(n_new), 65, HW3_ERR_ARG, "n_new is 65, expected 1 to 64" },
        { FIELD(n_heads), 5, HW3_ERR_ARG, "n_heads 5 does not divide d_model 32" }, { FIELD(d_model), -1, HW3_ERR_ARG, "d_model is -1" },
        { FIELD(n_kv_heads), 3, HW3_ERR_ARG, "n_heads is 4, no multiple of n_kv_heads 3" },
        { FIELD(n_kv_heads), 8, HW3_ERR_ARG, "n_kv_heads is 8, expected 0 to 4" },
        { FIELD(d_rope), 2, HW3_ERR_ARG, "d_rope 2, but kv_rank is 0" }, { FIELD(element_size), 0, HW3_ERR_ARG, "element_size is 0" },
        { FIELD(n_sequences), INT64_MAX, HW3_ERR_VALUE, "63 bits" }, { FIELD(d_model), INT64_MAX - 3, HW3_ERR_VALUE, "63 bits" },
        { FIELD(d_value), INT64_MAX / 64, HW3_ERR_VALUE, "63 bits" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
        hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
        o.n_tokens = 64, o.d_model = 32, o.n_heads = 4;
        OK(hw3_attention_cost(ctx, &o, &c));
        const int64_t flops = c.flops;
        memcpy((char *)&o + wrong[i].field, &wrong[i].value, sizeof wrong[i].value);
        FAILS(hw3_attention_cost(ctx, &o, &c), wrong[i].status);
        SAYS(wrong[i].says);
        ck_assert_int_eq(c.flops, flops); /* as it was */
    }
    hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
    hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
    o.n_tokens = o.d_model = o.n_heads = o.kv_rank = 4, o.n_kv_heads = 2;
    FAILS(hw3_attention_cost(ctx, &o, &c), HW3_ERR_ARG);
    SAYS("n_kv_heads is 2, but with kv_rank");
    c.struct_size = 4;
    FAILS(hw3_attention_cost(ctx, &o, &c), HW3_ERR_ABI);
    FAILS(hw3_attention_cost(ctx, NULL, &c), HW3_ERR_ARG);
    FAILS(hw3_attention_cost(NULL, &o, &c), HW3_ERR_ARG);
}
END_TEST

TEST_LOOPS_MAIN("cost", setup, teardown, ({ counts_are_those_of_plain_loops, (int)(sizeof kinds / sizeof kinds[0]) }),
                a_decode_step_in_numbers, what_is_refused)
