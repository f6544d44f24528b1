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

/* target holds one class for each row of x; attr.i[0]: the class that does not count. */
static hw3_status check_classes(hw3_graph *g, hw3i_node *y, const char *what, const hw3i_node *x, const hw3i_node *t)
{
    double smoothing = y->attr.f[0];
    if (!(smoothing >= 0 && smoothing < 1))
        return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: smoothing is %g", y->op->name, smoothing);
    if (x->n_dims != t->n_dims + 1 || memcmp(x->shape, t->shape, (size_t)t->n_dims * sizeof t->shape[0]))
        return hw3i_fail_shapes(g, y, what, x, "target", t);
    y->dtype = x->dtype;
    y->n_dims = 0;
    return HW3_OK;
}

hw3_status hw3i_shape_cross_entropy(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    if (x->dtype == HW3_I64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "cross_entropy: operand 0 is I64, not F32 or F64");
    hw3_status s = hw3i_check_indexed(g, y);
    return s ? s : check_classes(g, y, "logits", x, t);
}

hw3_status hw3i_shape_linear_cross_entropy(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *x = hw3i_operand(g, y, 0), *w = hw3i_operand(g, y, 1), *t = hw3i_operand(g, y, 2), *bias = hw3i_operand(g, y, 3);
    if (x->dtype == HW3_I64 || w->dtype != x->dtype || t->dtype != HW3_I64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE,
                               "linear_cross_entropy: x is %s, weight %s and target %s, must be floating, the same, and I64",
                               hw3i_dtype_name(x->dtype), hw3i_dtype_name(w->dtype), hw3i_dtype_name(t->dtype));
    if (x->n_dims < 1 || w->n_dims != 2 || x->shape[x->n_dims - 1] != w->shape[1])
        return hw3i_fail_shapes(g, y, "x", x, "weight", w);
    if (bias && bias->dtype != x->dtype)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "linear_cross_entropy: x is %s but bias is %s", hw3i_dtype_name(x->dtype),
                               hw3i_dtype_name(bias->dtype));
    if (bias && (bias->n_dims != 1 || bias->shape[0] != w->shape[0])) return hw3i_fail_shapes(g, y, "weight", w, "bias", bias);
    return check_classes(g, y, "x", x, t);
}

/* Counts the rows whose target is not ignored into y's attr. */
static hw3_status count_targets(hw3_graph *g, hw3i_node *y, const hw3i_node *t, int64_t n_classes)
{
    const int64_t *target = t->value;
    for (int64_t r = 0; r < t->n; r++) {
        if (target[r] == y->attr.i[0]) continue;
        if (target[r] < 0 || target[r] >= n_classes)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "%s: target %lld is %lld, but there are %lld classes", y->op->name,
                                   (long long)r, (long long)target[r], (long long)n_classes);
        y->attr.i[1]++;
    }
    return HW3_OK;
}

/* Rows whose logits are in memory at a time: enough for the products, which take weights up once for all of them. */
static int64_t rows_of_chunk(int64_t n_classes)
{
    return hw3i_max(240, hw3i_min(960, (INT64_C(1) << 22) / hw3i_max(1, n_classes) / 48 * 48));
}

#define OPS_TMPL "graph/ops_loss_tmpl.c"
#include "graph/ops_both.h"
