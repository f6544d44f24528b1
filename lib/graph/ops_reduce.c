/* SPDX-License-Identifier: MIT */
/* Sums, means and greatest elements along one dimension or all. */
#include "graph/ops_impl.h"

hw3_status hw3i_shape_reduce(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    int64_t keep = y->attr.i[1];
    int32_t dim = (int32_t)y->attr.i[0], at = dim == HW3_ALL_DIMS ? dim : hw3i_dim(dim, x->n_dims);
    if (at < 0) return hw3i_fail_dim(g, y->op->name, x, dim);
    if (keep != 0 && keep != 1) return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: keep_dim is %d, not 0 or 1", y->op->name, (int)keep);
    y->attr.i[0] = at;
    for (int32_t d = 0; d < x->n_dims; d++) {
        bool gone = at == HW3_ALL_DIMS || d == at;
        if (!gone || keep) y->shape[y->n_dims++] = gone ? 1 : x->shape[d];
    }
    return HW3_OK;
}

hw3_status hw3i_shape_max(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_shape_reduce(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    if (!hw3i_span_of(x, (int32_t)y->attr.i[0]).len)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "max: nothing to choose from in %s",
                               hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape));
    return HW3_OK;
}

static hw3i_span span_of(const hw3_graph *g, const hw3i_node *y)
{
    return hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]);
}

#define OPS_TMPL "graph/ops_reduce_tmpl.c"
#include "graph/ops_both.h"
