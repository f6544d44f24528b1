/* SPDX-License-Identifier: MIT */
/* Attention as one operator; the kernel keeps no matrix of weights, only log sum_j exp(score_ij) of each query for backward.
 * attr.f: scale, dropout; attr.i: causal, window, prefix, offset. */
#include "graph/ops_impl.h"
#include <math.h>

enum { Q, K, V, BIAS, SLOPES, LENGTHS };
enum { CAUSAL, WINDOW, PREFIX, OFFSET };
#define FAR (INT64_MAX / 4) /* of positions, which are added to each other */

typedef struct kept {
    void *lse;       /* [B, heads, Tq] */
    uint64_t stream; /* of the dropout */
} kept;

static hw3_status check_operands(hw3_graph *g, hw3i_node *y)
{
    static const char *const names[] = { "q", "k", "v", "bias", "slopes", "lengths" };
    y->dtype = hw3i_operand(g, y, Q)->dtype;
    if (y->dtype == HW3_I64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "attention: q is I64, must be F32 or F64");
    for (int32_t i = 0; i < y->n_in; i++) {
        const hw3i_node *x = hw3i_operand(g, y, i);
        const hw3_dtype want = i == LENGTHS ? HW3_I64 : y->dtype;
        if (x && x->dtype != want)
            return hw3i_graph_fail(g, HW3_ERR_DTYPE, "attention: %s is %s, must be %s", names[i], hw3i_dtype_name(x->dtype),
                                   hw3i_dtype_name(want));
    }
    return HW3_OK;
}

/* One of the operands that may be left out: its shape, where a length of 1 in the first `shared` dimensions stands for all. */
static hw3_status check_extra(hw3_graph *g, const hw3i_node *y, int32_t i, const char *name, int32_t n_dims, const int64_t *shape,
                              int32_t shared)
{
    const hw3i_node *x = hw3i_operand(g, y, i);
    char have[128], want[128];
    bool fits = !x || x->n_dims == n_dims;
    for (int32_t d = 0; x && fits && d < n_dims; d++) fits = x->shape[d] == shape[d] || (d < shared && x->shape[d] == 1);
    if (fits) return HW3_OK;
    return hw3i_graph_fail(g, HW3_ERR_SHAPE, "attention: %s is %s, must be %s", name, hw3i_shape_text(have, x->n_dims, x->shape),
                           hw3i_shape_text(want, n_dims, shape));
}

static hw3_status check_lengths(hw3_graph *g, const hw3i_node *y, int64_t B, int64_t Tk)
{
    const hw3i_node *x = hw3i_operand(g, y, LENGTHS);
    for (int64_t b = 0; x && b < B; b++) {
        int64_t n = ((const int64_t *)x->value)[b];
        if (n < 0 || n > Tk)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "attention: lengths[%lld] is %lld, must be 0 to %lld", (long long)b,
                                   (long long)n, (long long)Tk);
    }
    return HW3_OK;
}

static hw3_status check_numbers(hw3_graph *g, const hw3i_node *y)
{
    const double scale = y->attr.f[0], p = y->attr.f[1];
    if (!isfinite(y->dtype == HW3_F32 ? (float)scale : scale)) return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: scale is %g", scale);
    if (!(p >= 0 && p < 1)) return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: dropout is %g, not in [0, 1)", p);
    if (y->attr.i[WINDOW] < 0 || y->attr.i[PREFIX] < 0)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: window is %lld and prefix %lld, must not be negative",
                               (long long)y->attr.i[WINDOW], (long long)y->attr.i[PREFIX]);
    if (y->attr.i[OFFSET] < -FAR || y->attr.i[OFFSET] > FAR)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: offset is %lld, must be %lld to %lld", (long long)y->attr.i[OFFSET],
                               (long long)-FAR, (long long)FAR);
    return HW3_OK;
}

hw3_status hw3i_shape_attention(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *q = hw3i_operand(g, y, Q), *k = hw3i_operand(g, y, K), *v = hw3i_operand(g, y, V);
    hw3_status s = check_operands(g, y);
    if (!s) s = check_numbers(g, y);
    if (s) return s;
    if (q->n_dims != 4 || k->n_dims != 4 || v->n_dims != 4 || !q->n || !k->n || !v->n || q->shape[0] != k->shape[0] ||
        q->shape[3] != k->shape[3])
        return hw3i_fail_shapes(g, y, "q", q, "k", k);
    if (memcmp(k->shape, v->shape, 3 * sizeof *k->shape)) return hw3i_fail_shapes(g, y, "k", k, "v", v);
    if (q->shape[2] % k->shape[2])
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "attention: %lld heads of q are no multiple of %lld heads of k",
                               (long long)q->shape[2], (long long)k->shape[2]);
    const int64_t B = q->shape[0], Tq = q->shape[1], heads = q->shape[2], Tk = k->shape[1];
    s = check_extra(g, y, BIAS, "bias", 4, (int64_t[]){ B, heads, Tq, Tk }, 2);
    if (!s) s = check_extra(g, y, SLOPES, "slopes", 1, &heads, 0);
    if (!s) s = check_extra(g, y, LENGTHS, "lengths", 1, &B, 0);
    if (!s) s = check_lengths(g, y, B, Tk);
    if (!s) hw3i_set_shape(y, 4, (int64_t[]){ B, Tq, heads, v->shape[3] });
    return s;
}

/* Strides of [B, T, heads, D]. */
static void strides_of(const hw3i_node *x, int64_t s[3])
{
    s[2] = x->shape[3];
    s[1] = x->shape[2] * s[2];
    s[0] = x->shape[1] * s[1];
}

#define OPS_TMPL "graph/ops_attention_tmpl.c"
#include "graph/ops_both.h"

hw3_var hw3i_attention(hw3_graph *g, hw3_var q, hw3_var k, hw3_var v, const hw3i_attention_opts *o)
{
    const hw3_var in[] = { q, k, v, o->bias, o->slopes, o->lengths };
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_ATTENTION], in, 6,
                      &(hw3i_attr){ .f = { o->scale, o->dropout }, .i = { o->causal, hw3i_min(o->window, FAR), o->prefix, o->offset } });
}

static hw3_status attention_node(hw3_graph *g, const char *who, hw3_var v, const hw3i_node **y)
{
    hw3_status s = hw3i_var_check(g, v, who);
    *y = s ? NULL : hw3i_node_of(g, v);
    if (!s && (*y)->op != &hw3i_ops[HW3I_OP_ATTENTION])
        s = hw3i_fail(g->ctx, HW3_ERR_ARG, "%s: value %d is not of attention", who, (int)v);
    return s;
}

hw3_status hw3i_attention_weights(hw3_graph *g, hw3_var attention, int64_t b, int64_t head, double *weights)
{
    const hw3i_node *y;
    hw3_status s = attention_node(g, "attention_weights", attention, &y);
    if (s) return s;
    if (b < 0 || b >= y->shape[0] || head < 0 || head >= y->shape[2])
        return hw3i_fail(g->ctx, HW3_ERR_ARG, "attention_weights: no sequence %lld, head %lld in %s", (long long)b,
                         (long long)head, hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape));
    if (y->dtype == HW3_F32) weights_of_head_f32(g, y, b, head, weights);
    else weights_of_head_f64(g, y, b, head, weights);
    return HW3_OK;
}

hw3_status hw3i_attention_entropy(hw3_graph *g, hw3_var attention, double *entropy)
{
    const hw3i_node *y;
    hw3_status s = attention_node(g, "attention_entropy", attention, &y);
    if (s) return s;
    double *row = hw3i_arena_alloc(&g->arena, hw3i_operand(g, y, K)->shape[1], sizeof *row);
    if (!row) return HW3_ERR_NOMEM;
    if (y->dtype == HW3_F32) entropies_f32(g, y, row, entropy);
    else entropies_f64(g, y, row, entropy);
    return HW3_OK;
}
