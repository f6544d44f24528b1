/* SPDX-License-Identifier: MIT */
/* Operators as functions, and the checks that their shape rules share. */
#include "graph/ops_impl.h"

hw3_var hw3i_op1(hw3_graph *g, hw3i_op_id op, hw3_var a) { return hw3i_apply(g, &hw3i_ops[op], &a, 1, NULL); }

hw3_var hw3i_op2(hw3_graph *g, hw3i_op_id op, hw3_var a, hw3_var b)
{
    return hw3i_apply(g, &hw3i_ops[op], (hw3_var[]){ a, b }, 2, NULL);
}

/* attr.f: alpha, beta */
hw3_var hw3i_affine(hw3_graph *g, hw3_var a, double alpha, double beta)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_AFFINE], &a, 1, &(hw3i_attr){ .f = { alpha, beta } });
}

/* attr.i: by_columns */
hw3_var hw3i_linear(hw3_graph *g, hw3_var x, hw3_var weight, hw3_var bias, bool by_columns)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_LINEAR], (hw3_var[]){ x, weight, bias }, 3, &(hw3i_attr){ .i = { by_columns } });
}

/* attr.i: dim, keep_dim */
hw3_var hw3i_reduce(hw3_graph *g, hw3i_op_id op, hw3_var a, int32_t dim, int32_t keep_dim)
{
    return hw3i_apply(g, &hw3i_ops[op], &a, 1, &(hw3i_attr){ .i = { dim, keep_dim } });
}

/* attr.i: the shape, attr.n dimensions */
hw3_var hw3i_reshape(hw3_graph *g, hw3_var a, int32_t n_dims, const int64_t *shape)
{
    hw3i_attr attr = { .n = n_dims };
    if (n_dims < 0 || n_dims > HW3_MAX_DIMS) return hw3i_graph_fail(g, HW3_ERR_ARG, "reshape: %d dimensions", (int)n_dims);
    if (n_dims && !shape) return hw3i_graph_fail(g, HW3_ERR_ARG, "reshape: shape is NULL");
    if (n_dims) memcpy(attr.i, shape, (size_t)n_dims * sizeof *shape);
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_RESHAPE], &a, 1, &attr);
}

/* attr.i: dim_a, dim_b */
hw3_var hw3i_transpose(hw3_graph *g, hw3_var a, int32_t dim_a, int32_t dim_b)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_TRANSPOSE], &a, 1, &(hw3i_attr){ .i = { dim_a, dim_b } });
}

/* attr.i: dim, start, stop */
hw3_var hw3i_slice(hw3_graph *g, hw3_var a, int32_t dim, int64_t start, int64_t stop)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_SLICE], &a, 1, &(hw3i_attr){ .i = { dim, start, stop } });
}

/* attr.i: dim */
hw3_var hw3i_concat(hw3_graph *g, const hw3_var *vars, int64_t n_vars, int32_t dim)
{
    if (!vars || n_vars < 1 || n_vars > INT32_MAX)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "concat: %lld values", (long long)(vars ? n_vars : 0));
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_CONCAT], vars, (int32_t)n_vars, &(hw3i_attr){ .i = { dim } });
}

hw3_status hw3i_split(hw3_graph *g, hw3_var a, int64_t n_parts, int32_t dim, hw3_var *parts)
{
    hw3_status s = hw3i_var_check(g, a, "split");
    const hw3i_node *x = s ? NULL : hw3i_node_of(g, a);
    int32_t d = s ? -1 : hw3i_dim(dim, x->n_dims);
    if (!s && d < 0) s = hw3i_fail_dim(g, "split", x, dim);
    if (!s && x->shape[d] % n_parts)
        s = hw3i_graph_fail(g, HW3_ERR_SHAPE, "split: dim %d of %s in %lld parts", (int)dim,
                            hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape), (long long)n_parts);
    int64_t len = s ? 0 : x->shape[d] / n_parts;
    for (int64_t i = 0; !s && i < n_parts; i++) {
        parts[i] = hw3i_slice(g, a, d, i * len, (i + 1) * len);
        if (parts[i] < 0) s = parts[i];
    }
    for (int64_t i = 0; s && i < n_parts; i++) parts[i] = s;
    return s;
}

/* attr.i: dim */
hw3_var hw3i_gather(hw3_graph *g, hw3_var a, hw3_var index, int32_t dim)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_GATHER], (hw3_var[]){ a, index }, 2, &(hw3i_attr){ .i = { dim } });
}

/* attr.f: p */
hw3_var hw3i_dropout(hw3_graph *g, hw3_var a, double p)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_DROPOUT], &a, 1, &(hw3i_attr){ .f = { p } });
}

/* attr.f: eps */
hw3_var hw3i_layer_norm(hw3_graph *g, hw3_var x, hw3_var gamma, hw3_var beta, double eps)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_LAYER_NORM], (hw3_var[]){ x, gamma, beta }, 3, &(hw3i_attr){ .f = { eps } });
}

/* attr.f: eps */
hw3_var hw3i_rms_norm(hw3_graph *g, hw3_var x, hw3_var gamma, double eps)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_RMS_NORM], (hw3_var[]){ x, gamma }, 2, &(hw3i_attr){ .f = { eps } });
}

/* attr.f: delta */
hw3_var hw3i_huber(hw3_graph *g, hw3_var y, hw3_var target, double delta)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_HUBER], (hw3_var[]){ y, target }, 2, &(hw3i_attr){ .f = { delta } });
}

/* attr.f: smoothing; attr.i: ignore */
hw3_var hw3i_cross_entropy(hw3_graph *g, hw3_var logits, hw3_var target, int64_t ignore, double smoothing)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_CROSS_ENTROPY], (hw3_var[]){ logits, target }, 2,
                      &(hw3i_attr){ .f = { smoothing }, .i = { ignore } });
}

hw3_var hw3i_linear_cross_entropy(hw3_graph *g, hw3_var x, hw3_var weight, hw3_var bias, hw3_var target, int64_t ignore,
                                  double smoothing)
{
    return hw3i_apply(g, &hw3i_ops[HW3I_OP_LINEAR_CROSS_ENTROPY], (hw3_var[]){ x, weight, target, bias }, 4,
                      &(hw3i_attr){ .f = { smoothing }, .i = { ignore } });
}

hw3_status hw3i_check_alike(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *first = hw3i_operand(g, y, 0);
    for (int32_t i = 0; i < y->n_in; i++) {
        hw3i_node *x = hw3i_operand(g, y, i);
        if (x && x->dtype != first->dtype)
            return hw3i_graph_fail(g, HW3_ERR_DTYPE, "%s: operand 0 is %s but operand %d is %s", y->op->name,
                                   hw3i_dtype_name(first->dtype), (int)i, hw3i_dtype_name(x->dtype));
    }
    y->dtype = first->dtype;
    return HW3_OK;
}

hw3_status hw3i_check_floats(hw3_graph *g, hw3i_node *y)
{
    for (int32_t i = 0; i < y->n_in; i++) {
        hw3i_node *x = hw3i_operand(g, y, i);
        if (x && x->dtype == HW3_I64)
            return hw3i_graph_fail(g, HW3_ERR_DTYPE, "%s: operand %d is I64, not F32 or F64", y->op->name, (int)i);
    }
    return hw3i_check_alike(g, y);
}

hw3_status hw3i_check_indexed(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *x = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    if (index->dtype != HW3_I64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "%s: operand 1 is %s, not I64", y->op->name, hw3i_dtype_name(index->dtype));
    y->dtype = x->dtype;
    return HW3_OK;
}

hw3_status hw3i_fail_shapes(hw3_graph *g, const hw3i_node *y, const char *what_a, const hw3i_node *a, const char *what_b,
                            const hw3i_node *b)
{
    char ta[128], tb[128];
    return hw3i_graph_fail(g, HW3_ERR_SHAPE, "%s: %s is %s but %s is %s", y->op->name, what_a,
                           hw3i_shape_text(ta, a->n_dims, a->shape), what_b, hw3i_shape_text(tb, b->n_dims, b->shape));
}

hw3_status hw3i_fail_dim(hw3_graph *g, const char *who, const hw3i_node *a, int64_t dim)
{
    return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: there is no dim %lld in %s", who, (long long)dim,
                           hw3i_shape_text((char[128]){ 0 }, a->n_dims, a->shape));
}

void hw3i_set_shape(hw3i_node *y, int32_t n_dims, const int64_t *shape)
{
    y->n_dims = n_dims;
    for (int32_t i = 0; i < n_dims; i++) y->shape[i] = shape[i];
}

hw3i_span hw3i_span_of(const hw3i_node *a, int32_t dim)
{
    if (dim == HW3_ALL_DIMS) return (hw3i_span){ 1, a->n, 1 };
    return (hw3i_span){ hw3i_count(dim, a->shape), a->shape[dim], hw3i_count(a->n_dims - dim - 1, a->shape + dim + 1) };
}
