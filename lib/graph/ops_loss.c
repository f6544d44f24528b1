/* SPDX-License-Identifier: MIT */
/* Losses: means over all elements or rows, of shape []. */
#include "graph/ops_impl.h"
#include <math.h>

hw3_status hw3i_shape_loss(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *a = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    const char *what = y->op == &hw3i_ops[HW3I_OP_BCE_LOGITS] ? "logits" : "y";
    if (!hw3i_same_shape(a->n_dims, a->shape, t->n_dims, t->shape)) return hw3i_fail_shapes(g, y, what, a, "target", t);
    y->n_dims = 0;
    return HW3_OK;
}

hw3_status hw3i_shape_huber(hw3_graph *g, hw3i_node *y)
{
    double delta = y->attr.f[0];
    hw3_status s = hw3i_shape_loss(g, y);
    return s || (delta > 0 && !isinf(delta)) ? s : hw3i_graph_fail(g, HW3_ERR_ARG, "huber: delta is %g", delta);
}

hw3_status hw3i_shape_cross_entropy(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    if (x->dtype == HW3_I64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "cross_entropy: operand 0 is I64, not F32 or F64");
    hw3_status s = hw3i_check_indexed(g, y);
    if (s) return s;
    double smoothing = y->attr.f[0];
    if (!(smoothing >= 0 && smoothing < 1)) return hw3i_graph_fail(g, HW3_ERR_ARG, "cross_entropy: smoothing is %g", smoothing);
    if (x->n_dims != t->n_dims + 1 || memcmp(x->shape, t->shape, (size_t)t->n_dims * sizeof t->shape[0]))
        return hw3i_fail_shapes(g, y, "logits", x, "target", t);
    y->n_dims = 0;
    return HW3_OK;
}

/* Counts the rows whose target is not ignored into y's attr. */
static hw3_status count_targets(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    const int64_t *target = t->value;
    int64_t n_classes = x->shape[x->n_dims - 1];
    for (int64_t r = 0; r < t->n; r++) {
        if (target[r] == y->attr.i[0]) continue;
        if (target[r] < 0 || target[r] >= n_classes)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "cross_entropy: target %lld is %lld, but there are %lld classes",
                                   (long long)r, (long long)target[r], (long long)n_classes);
        y->attr.i[1]++;
    }
    return HW3_OK;
}

#define OPS_TMPL "graph/ops_loss_tmpl.c"
#include "graph/ops_both.h"
