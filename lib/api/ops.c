/* SPDX-License-Identifier: MIT */
/* Where a graph is missing, hw3i_apply says so. */
#include "graph/ops.h"

hw3_var hw3_add(hw3_graph *graph, hw3_var a, hw3_var b) { return hw3i_op2(graph, HW3I_OP_ADD, a, b); }
hw3_var hw3_sub(hw3_graph *graph, hw3_var a, hw3_var b) { return hw3i_op2(graph, HW3I_OP_SUB, a, b); }
hw3_var hw3_mul(hw3_graph *graph, hw3_var a, hw3_var b) { return hw3i_op2(graph, HW3I_OP_MUL, a, b); }
hw3_var hw3_div(hw3_graph *graph, hw3_var a, hw3_var b) { return hw3i_op2(graph, HW3I_OP_DIV, a, b); }
hw3_var hw3_affine(hw3_graph *graph, hw3_var a, double alpha, double beta) { return hw3i_affine(graph, a, alpha, beta); }
hw3_var hw3_matmul(hw3_graph *graph, hw3_var a, hw3_var b) { return hw3i_op2(graph, HW3I_OP_MATMUL, a, b); }
hw3_var hw3_linear(hw3_graph *graph, hw3_var x, hw3_var weight, hw3_var bias) { return hw3i_linear(graph, x, weight, bias, false); }
hw3_var hw3_sum(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim)
{
    return hw3i_reduce(graph, HW3I_OP_SUM, a, dim, keep_dim);
}
hw3_var hw3_mean(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim)
{
    return hw3i_reduce(graph, HW3I_OP_MEAN, a, dim, keep_dim);
}
hw3_var hw3_max(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim)
{
    return hw3i_reduce(graph, HW3I_OP_MAX, a, dim, keep_dim);
}
hw3_var hw3_softmax(hw3_graph *graph, hw3_var a, int32_t dim) { return hw3i_reduce(graph, HW3I_OP_SOFTMAX, a, dim, 0); }
hw3_var hw3_log_softmax(hw3_graph *graph, hw3_var a, int32_t dim) { return hw3i_reduce(graph, HW3I_OP_LOG_SOFTMAX, a, dim, 0); }
hw3_var hw3_tanh(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_TANH, a); }
hw3_var hw3_sigmoid(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_SIGMOID, a); }
hw3_var hw3_relu(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_RELU, a); }
hw3_var hw3_gelu(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_GELU, a); }
hw3_var hw3_gelu_tanh(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_GELU_TANH, a); }
hw3_var hw3_silu(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_SILU, a); }
hw3_var hw3_exp(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_EXP, a); }
hw3_var hw3_log(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_LOG, a); }
hw3_var hw3_sqrt(hw3_graph *graph, hw3_var a) { return hw3i_op1(graph, HW3I_OP_SQRT, a); }
hw3_var hw3_reshape(hw3_graph *graph, hw3_var a, int32_t n_dims, const int64_t *shape)
{
    return graph ? hw3i_reshape(graph, a, n_dims, shape) : HW3_ERR_ARG;
}
hw3_var hw3_transpose(hw3_graph *graph, hw3_var a, int32_t dim_a, int32_t dim_b)
{
    return hw3i_transpose(graph, a, dim_a, dim_b);
}
hw3_var hw3_slice(hw3_graph *graph, hw3_var a, int32_t dim, int64_t start, int64_t stop)
{
    return hw3i_slice(graph, a, dim, start, stop);
}
hw3_var hw3_concat(hw3_graph *graph, const hw3_var *vars, int64_t n_vars, int32_t dim)
{
    return graph ? hw3i_concat(graph, vars, n_vars, dim) : HW3_ERR_ARG;
}
hw3_status hw3_split(hw3_graph *graph, hw3_var a, int64_t n_parts, int32_t dim, hw3_var *parts)
{
    if (!graph) return HW3_ERR_ARG;
    if (!parts || n_parts < 1)
        return hw3i_graph_fail(graph, HW3_ERR_ARG, "split: %lld parts", (long long)(parts ? n_parts : 0));
    return hw3i_split(graph, a, n_parts, dim, parts);
}
hw3_var hw3_gather(hw3_graph *graph, hw3_var a, hw3_var index, int32_t dim) { return hw3i_gather(graph, a, index, dim); }
hw3_var hw3_embedding(hw3_graph *graph, hw3_var weight, hw3_var index)
{
    return hw3i_op2(graph, HW3I_OP_EMBEDDING, weight, index);
}
hw3_var hw3_dropout(hw3_graph *graph, hw3_var a, double p) { return hw3i_dropout(graph, a, p); }
hw3_var hw3_layer_norm(hw3_graph *graph, hw3_var x, hw3_var gamma, hw3_var beta, double eps)
{
    return hw3i_layer_norm(graph, x, gamma, beta, eps);
}
hw3_var hw3_rms_norm(hw3_graph *graph, hw3_var x, hw3_var gamma, double eps) { return hw3i_rms_norm(graph, x, gamma, eps); }
hw3_var hw3_mse(hw3_graph *graph, hw3_var y, hw3_var target) { return hw3i_op2(graph, HW3I_OP_MSE, y, target); }
hw3_var hw3_mae(hw3_graph *graph, hw3_var y, hw3_var target) { return hw3i_op2(graph, HW3I_OP_MAE, y, target); }
hw3_var hw3_huber(hw3_graph *graph, hw3_var y, hw3_var target, double delta) { return hw3i_huber(graph, y, target, delta); }
hw3_var hw3_bce_logits(hw3_graph *graph, hw3_var logits, hw3_var target)
{
    return hw3i_op2(graph, HW3I_OP_BCE_LOGITS, logits, target);
}
hw3_var hw3_cross_entropy(hw3_graph *graph, hw3_var logits, hw3_var target, int64_t ignore, double smoothing)
{
    return hw3i_cross_entropy(graph, logits, target, ignore, smoothing);
}
hw3_var hw3_linear_cross_entropy(hw3_graph *graph, hw3_var x, hw3_var weight, hw3_var bias, hw3_var target, int64_t ignore,
                                 double smoothing)
{
    return hw3i_linear_cross_entropy(graph, x, weight, bias, target, ignore, smoothing);
}
