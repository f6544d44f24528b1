/* SPDX-License-Identifier: MIT */
/* Rotary positions [Su21]: pair i of a vector at position p is turned by p f_i, f_i = base^(-2 i / n_dims) or scaled.
 * attr.f: what cosine and sine are multiplied by; attr.i: interleaved. */
#include "graph/ops_impl.h"
#include <math.h>

enum { X, POSITIONS, FREQUENCIES };

hw3_status hw3i_shape_rope(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_indexed(g, y);
    if (s) return s;
    const hw3i_node *x = hw3i_operand(g, y, X), *p = hw3i_operand(g, y, POSITIONS), *f = hw3i_operand(g, y, FREQUENCIES);
    if (x->dtype == HW3_I64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "rope: operand 0 is I64, not F32 or F64");
    if (f->dtype != HW3_F64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "rope: operand 2 is %s, not F64", hw3i_dtype_name(f->dtype));
    if (x->n_dims != 4 || f->n_dims != 1 || 2 * f->n > x->shape[3]) return hw3i_fail_shapes(g, y, "x", x, "frequencies", f);
    if (p->n_dims < 1 || p->n_dims > 2 || memcmp(p->shape, x->shape + 2 - p->n_dims, (size_t)p->n_dims * sizeof *p->shape))
        return hw3i_fail_shapes(g, y, "x", x, "positions", p);
    hw3i_set_shape(y, 4, x->shape);
    return HW3_OK;
}

#define OPS_TMPL "graph/ops_rope_tmpl.c"
#include "graph/ops_both.h"

hw3_var hw3i_rope(hw3_graph *g, hw3_var x, hw3_var positions, hw3_var table, bool interleaved, double factor)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_ROPE], (hw3_var[]){ x, positions, table }, 3,
                      &(hw3i_attr){ .f = { factor }, .i = { interleaved } });
}

/* Beyond them a frequency, or the products of what is rotated, may not be finite. */
#define LEAST_FACTOR 1e-30
#define MOST_ATTENTION_FACTOR 1e6

hw3_status hw3i_rope_check(hw3_ctx *ctx, int64_t D, const hw3_rope_opts *o)
{
    if (o->n_dims < 0 || o->n_dims % 2 || o->n_dims > D)
        return hw3i_fail(ctx, HW3_ERR_ARG, "rope: n_dims is %lld, must be even and at most %lld", (long long)o->n_dims,
                         (long long)D);
    if (!o->n_dims && D % 2) return hw3i_fail(ctx, HW3_ERR_ARG, "rope: %lld dimensions are no pairs", (long long)D);
    if (o->interleaved != 0 && o->interleaved != 1)
        return hw3i_fail(ctx, HW3_ERR_ARG, "rope: interleaved is %d, must be 0 or 1", (int)o->interleaved);
    if (o->scaling < HW3_ROPE_PLAIN || o->scaling > HW3_ROPE_LLAMA3)
        return hw3i_fail(ctx, HW3_ERR_ARG, "rope: scaling is %d, none of HW3_ROPE_", (int)o->scaling);
    const struct { const char *name; double is; bool ok; const char *want; } checks[] = {
        { "base", o->base, o->base > 1, "above 1" },
        { "factor", o->factor, o->factor >= LEAST_FACTOR, "at least 1e-30" },
        { "beta_slow", o->beta_slow, o->beta_slow > 0, "above 0" },
        { "beta_fast", o->beta_fast, o->beta_fast >= o->beta_slow, "at least beta_slow" },
        { "attention_factor", o->attention_factor, o->attention_factor >= 0 && o->attention_factor <= MOST_ATTENTION_FACTOR, "0 to 1e6" },
    };
    for (int64_t i = 0; i < HW3I_LEN(checks); i++)
        if (!checks[i].ok || !isfinite(checks[i].is))
            return hw3i_fail(ctx, HW3_ERR_ARG, "rope: %s is %g, must be %s and finite", checks[i].name, checks[i].is,
                             checks[i].want);
    if (o->scaling >= HW3_ROPE_YARN && o->original_context < 1)
        return hw3i_fail(ctx, HW3_ERR_ARG, "rope: original_context is %lld, this scaling needs at least 1",
                         (long long)o->original_context);
    return HW3_OK;
}

/* The pair that turns n times over the original context: base^(-2 i / d) context = 2 pi n */
static double pair_of(const hw3_rope_opts *o, int64_t d, double n)
{
    return (double)d * log((double)o->original_context / (n * 6.283185307179586477)) / (2 * log(o->base));
}

/* Pairs below low turn fast and stay, those above high are slowed down by factor, between is a ramp [Peng23]. */
static void yarn(const hw3_rope_opts *o, int64_t d, double *f)
{
    const double low = fmax(floor(pair_of(o, d, o->beta_fast)), 0);
    const double top = fmin(ceil(pair_of(o, d, o->beta_slow)), (double)(d - 1));
    const double high = top == low ? low + 0.001 : top;
    for (int64_t i = 0; i < d / 2; i++) {
        const double ramp = fmin(fmax(((double)i - low) / (high - low), 0), 1);
        f[i] *= ramp / o->factor + 1 - ramp;
    }
}

/* The ramp by the turns n of a pair over the original context, from beta_slow to beta_fast [Llama3]. */
static void llama3(const hw3_rope_opts *o, int64_t n_pairs, double *f)
{
    for (int64_t i = 0; i < n_pairs; i++) {
        const double n = f[i] * (double)o->original_context / 6.283185307179586477;
        const double stays = fmin(fmax((n - o->beta_slow) / (o->beta_fast - o->beta_slow), 0), 1);
        f[i] *= (1 - stays) / o->factor + stays;
    }
}

hw3_var hw3i_rope_table(hw3_graph *g, int64_t D, const hw3_rope_opts *o, double *factor)
{
    hw3_status s = hw3i_rope_check(g->ctx, D, o);
    if (s) return hw3i_graph_failed(g, s);
    const int64_t d = o->n_dims ? o->n_dims : D, n = d / 2;
    const bool is_ntk = o->scaling == HW3_ROPE_NTK, is_yarn = o->scaling == HW3_ROPE_YARN;
    void *data;
    hw3_var table = hw3i_leaf(g, HW3_F64, 1, &n, &data);
    if (table < 0) return table;
    /* NTK: the slowest pair, i = d/2 - 1, is slowed down by factor, the fastest not at all [Peng23] */
    const double base = is_ntk && d > 2 ? o->base * pow(o->factor, (double)d / (double)(d - 2)) : o->base;
    for (int64_t i = 0; i < n; i++) ((double *)data)[i] = pow(base, -2 * (double)i / (double)d);
    for (int64_t i = 0; i < n && o->scaling == HW3_ROPE_LINEAR; i++) ((double *)data)[i] /= o->factor;
    if (is_yarn) yarn(o, d, data);
    if (o->scaling == HW3_ROPE_LLAMA3) llama3(o, n, data);
    *factor = o->attention_factor > 0 ? o->attention_factor : is_yarn && o->factor > 1 ? 0.1 * log(o->factor) + 1 : 1;
    return table;
}
