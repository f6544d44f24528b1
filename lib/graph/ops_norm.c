/* SPDX-License-Identifier: MIT */
/* Softmax, layer normalisation, and its form without a mean. */
#include "graph/ops_impl.h"
#include <math.h>

hw3_status hw3i_shape_softmax(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    int32_t dim = hw3i_dim((int32_t)y->attr.i[0], x->n_dims);
    if (dim < 0) return hw3i_fail_dim(g, y->op->name, x, y->attr.i[0]);
    y->attr.i[0] = dim;
    hw3i_set_shape(y, x->n_dims, x->shape);
    return HW3_OK;
}

hw3_status hw3i_shape_norm(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    const double eps = y->attr.f[0];
    if (!((x->dtype == HW3_F32 ? (float)eps : eps) > 0) || isinf(eps)) return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: eps is %g", y->op->name, eps);
    if (x->n_dims < 1 || !x->shape[x->n_dims - 1])
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "%s: x is %s", y->op->name,
                               hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape));
    for (int32_t i = 1; i < y->n_in; i++) {
        hw3i_node *w = hw3i_operand(g, y, i);
        if (w && (w->n_dims != 1 || w->shape[0] != x->shape[x->n_dims - 1]))
            return hw3i_fail_shapes(g, y, "x", x, i == 1 ? "gamma" : "beta", w);
    }
    hw3i_set_shape(y, x->n_dims, x->shape);
    return HW3_OK;
}

/* Rows that one thread takes at a time: at most 64 shares, for each has sums of its own. */
static int64_t rows_of_tile(int64_t rows, int64_t n) { return hw3i_max(hw3i_ceil(TILE, n), hw3i_ceil(rows, 64)); }

#define OPS_TMPL "graph/ops_norm_tmpl.c"
#include "graph/ops_both.h"
