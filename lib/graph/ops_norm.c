/* SPDX-License-Identifier: MIT */
/* Softmax and layer normalisation. */
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

hw3_status hw3i_shape_layer_norm(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    double eps = y->attr.f[0];
    if (!(eps > 0) || isinf(eps)) return hw3i_graph_fail(g, HW3_ERR_ARG, "layer_norm: eps is %g", eps);
    if (x->n_dims < 1 || !x->shape[x->n_dims - 1])
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "layer_norm: x is %s", hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape));
    for (int32_t i = 1; i < 3; i++) {
        hw3i_node *w = hw3i_operand(g, y, i);
        if (w && (w->n_dims != 1 || w->shape[0] != x->shape[x->n_dims - 1]))
            return hw3i_fail_shapes(g, y, "x", x, i == 1 ? "gamma" : "beta", w);
    }
    hw3i_set_shape(y, x->n_dims, x->shape);
    return HW3_OK;
}

#define OPS_TMPL "graph/ops_norm_tmpl.c"
#include "graph/ops_both.h"
