/* SPDX-License-Identifier: MIT */
/* Operators that move elements: every result is contiguous, so all but reshape copy. They take any
 * type; what is HW3_I64 has no gradient. */
#include "graph/ops_impl.h"

/* Replaces one length of -1 by what is left over. */
static void infer_length(hw3i_attr *attr, int64_t n)
{
    int64_t known = 1, at = -1;
    for (int32_t i = 0; i < attr->n; i++) {
        if (attr->i[i] == -1 && at < 0)
            at = i;
        else if (attr->i[i] <= 0 || __builtin_mul_overflow(known, attr->i[i], &known))
            return;
    }
    if (at >= 0 && n % known == 0) attr->i[at] = n / known;
}

hw3_status hw3i_shape_reshape(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_alike(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    char a[128], b[128];
    hw3i_shape_text(b, y->attr.n, y->attr.i);
    infer_length(&y->attr, x->n);
    if (hw3i_count(y->attr.n, y->attr.i) != x->n)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "reshape: %s cannot become %s", hw3i_shape_text(a, x->n_dims, x->shape), b);
    hw3i_set_shape(y, y->attr.n, y->attr.i);
    y->value = x->value;
    return HW3_OK;
}

hw3_status hw3i_shape_transpose(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_alike(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    hw3i_set_shape(y, x->n_dims, x->shape);
    for (int k = 0; k < 2; k++) {
        int32_t dim = hw3i_dim((int32_t)y->attr.i[k], x->n_dims);
        if (dim < 0) return hw3i_fail_dim(g, y->op->name, x, y->attr.i[k]);
        y->attr.i[k] = dim;
    }
    int64_t lo = hw3i_min(y->attr.i[0], y->attr.i[1]), hi = hw3i_max(y->attr.i[0], y->attr.i[1]);
    y->attr.i[0] = lo;
    y->attr.i[1] = hi;
    y->shape[lo] = x->shape[hi];
    y->shape[hi] = x->shape[lo];
    return HW3_OK;
}

hw3_status hw3i_shape_slice(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_alike(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    int32_t dim = hw3i_dim((int32_t)y->attr.i[0], x->n_dims);
    int64_t start = y->attr.i[1], stop = y->attr.i[2];
    if (dim < 0) return hw3i_fail_dim(g, y->op->name, x, y->attr.i[0]);
    if (start < 0 || stop < start || stop > x->shape[dim])
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "slice: %lld to %lld of dim %d of %s", (long long)start, (long long)stop,
                               (int)dim, hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape));
    y->attr.i[0] = dim;
    hw3i_set_shape(y, x->n_dims, x->shape);
    y->shape[dim] = stop - start;
    return HW3_OK;
}

hw3_status hw3i_shape_concat(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_alike(g, y);
    if (s) return s;
    for (int32_t k = 0; k < y->n_in; k++)
        if (!hw3i_operand(g, y, k)) return hw3i_graph_fail(g, HW3_ERR_ARG, "concat: operand %d may not be left out", (int)k);
    hw3i_node *first = hw3i_operand(g, y, 0);
    int32_t dim = hw3i_dim((int32_t)y->attr.i[0], first->n_dims);
    if (dim < 0) return hw3i_fail_dim(g, y->op->name, first, y->attr.i[0]);
    y->attr.i[0] = dim;
    hw3i_set_shape(y, first->n_dims, first->shape);
    y->shape[dim] = 0;
    for (int32_t k = 0; k < y->n_in; k++) {
        hw3i_node *x = hw3i_operand(g, y, k);
        bool fits = x->n_dims == y->n_dims;
        for (int32_t d = 0; fits && d < x->n_dims; d++) fits = d == dim || x->shape[d] == y->shape[d];
        if (!fits) return hw3i_fail_shapes(g, y, "operand 0", first, "a later one", x);
        y->shape[dim] += x->shape[dim];
    }
    return HW3_OK;
}

hw3_status hw3i_shape_gather(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_indexed(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    int32_t dim = hw3i_dim((int32_t)y->attr.i[0], x->n_dims);
    if (dim < 0) return hw3i_fail_dim(g, y->op->name, x, y->attr.i[0]);
    y->attr.i[0] = dim;
    bool fits = x->n_dims == index->n_dims;
    for (int32_t d = 0; fits && d < x->n_dims; d++) fits = d == dim || x->shape[d] == index->shape[d];
    if (!fits) return hw3i_fail_shapes(g, y, "a", x, "index", index);
    hw3i_set_shape(y, index->n_dims, index->shape);
    return HW3_OK;
}

hw3_status hw3i_shape_embedding(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_indexed(g, y);
    if (s) return s;
    hw3i_node *w = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    if (w->n_dims != 2 || index->n_dims == HW3_MAX_DIMS) return hw3i_fail_shapes(g, y, "weight", w, "index", index);
    hw3i_set_shape(y, index->n_dims, index->shape);
    y->shape[y->n_dims++] = w->shape[1];
    return HW3_OK;
}

/* Fails when an index is not in 0 .. len - 1. */
static hw3_status check_range(hw3_graph *g, const hw3i_node *y, int64_t len)
{
    const hw3i_node *index = hw3i_operand(g, y, 1);
    const int64_t *at = index->value;
    for (int64_t i = 0; i < index->n; i++)
        if (at[i] < 0 || at[i] >= len)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "%s: index %lld is %lld, not in 0 .. %lld", y->op->name, (long long)i,
                                   (long long)at[i], (long long)len - 1);
    return HW3_OK;
}

/* x as [outer, n_a, middle, n_b, inner] around the two dimensions that are exchanged. */
typedef struct swap {
    int64_t outer, n_a, middle, n_b, inner;
} swap;

static swap swap_of(const hw3_graph *g, const hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0);
    int32_t a = (int32_t)y->attr.i[0], b = (int32_t)y->attr.i[1];
    if (a == b) return (swap){ 1, 1, 1, 1, x->n };
    return (swap){ hw3i_count(a, x->shape), x->shape[a], hw3i_count(b - a - 1, x->shape + a + 1), x->shape[b],
                   hw3i_count(x->n_dims - b - 1, x->shape + b + 1) };
}

#define OPS_MOVE
#define OPS_TMPL "graph/ops_move_tmpl.c"
#include "graph/ops_both.h"
