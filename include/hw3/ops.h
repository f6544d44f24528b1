/* SPDX-License-Identifier: MIT */
/** @file ops.h
 * Operators of a graph.
 *
 *     hw3_var h = hw3_tanh(g, hw3_add(g, hw3_matmul(g, x, w1), b1));
 *
 * Each takes a graph and values of it and returns a new value, or a negative status:
 * the first negative one among its operands, or HW3_ERR_ARG (no graph, no such value or dim,
 * a number out of its range), HW3_ERR_DTYPE, HW3_ERR_SHAPE or HW3_ERR_NOMEM, with the values in the message.
 * Operands have one type, HW3_F32 or HW3_F64. Those that only move elements (reshape, transpose, slice, concat, split,
 * gather, embedding) take HW3_I64 too, without a gradient. A dim counts from 0, or from -1 backwards.
 * Two shapes broadcast when, aligned at the last dimension, lengths are equal or 1 [Numpy].
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_OPS_H
#define HW3_OPS_H
#include "hw3/graph.h"
HW3_BEGIN

/** As dim of a reduction: over all dimensions. */
#define HW3_ALL_DIMS 127

/** Adds: a + b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_add(hw3_graph *graph, hw3_var a, hw3_var b);
/** Subtracts: a - b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_sub(hw3_graph *graph, hw3_var a, hw3_var b);
/** Multiplies by element: a b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_mul(hw3_graph *graph, hw3_var a, hw3_var b);
/** Divides by element: a / b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_div(hw3_graph *graph, hw3_var a, hw3_var b);
/** Scales and shifts: alpha a + beta.  graph; a: any shape; alpha, beta: numbers.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_affine(hw3_graph *graph, hw3_var a, double alpha, double beta);

/** Multiplies matrices: [.., m, k] x [.., k, n] -> [.., m, n].  graph; a, b: at least two dimensions, the leading ones broadcast.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_matmul(hw3_graph *graph, hw3_var a, hw3_var b);
/** Linear layer: x w' + b.  graph; x: [.., n_in]; weight: [n_out, n_in]; bias: [n_out] or HW3_NONE.
 *  Returns: [.., n_out] or a status. Since 0.1. */
HW3_API hw3_var hw3_linear(hw3_graph *graph, hw3_var x, hw3_var weight, hw3_var bias);

/** Sums.  graph; a: any shape; dim: one dimension or HW3_ALL_DIMS; keep_dim: 1 leaves it with length 1.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_sum(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim);
/** Means.  graph; a, dim, keep_dim: as in hw3_sum.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_mean(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim);
/** Greatest elements; the gradient goes to the first of equals.  graph; a, dim, keep_dim: as in hw3_sum, not empty.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_max(hw3_graph *graph, hw3_var a, int32_t dim, int32_t keep_dim);
/** Softmax: exp(a_i - max) / sum_j exp(a_j - max).  graph; a: any shape; dim: where it sums to one.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_softmax(hw3_graph *graph, hw3_var a, int32_t dim);
/** Log-softmax: a_i - max - log sum_j exp(a_j - max).  graph; a, dim: as in hw3_softmax.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_log_softmax(hw3_graph *graph, hw3_var a, int32_t dim);

/** Hyperbolic tangent.  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_tanh(hw3_graph *graph, hw3_var a);
/** Logistic sigmoid: 1 / (1 + exp(-a)).  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_sigmoid(hw3_graph *graph, hw3_var a);
/** Rectifier: max(a, 0).  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_relu(hw3_graph *graph, hw3_var a);
/** Gaussian error linear unit: a (1 + erf(a / sqrt 2)) / 2 [Hendrycks16].  graph; a: any shape.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_gelu(hw3_graph *graph, hw3_var a);
/** The same by tanh: a (1 + tanh(sqrt(2 / pi) (a + 0.044715 a^3))) / 2 [Hendrycks16].  graph; a: any shape.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_gelu_tanh(hw3_graph *graph, hw3_var a);
/** Sigmoid linear unit: a sigmoid(a) [Hendrycks16].  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_silu(hw3_graph *graph, hw3_var a);
/** Exponential.  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_exp(hw3_graph *graph, hw3_var a);
/** Natural logarithm.  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_log(hw3_graph *graph, hw3_var a);
/** Square root.  graph; a: any shape.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_sqrt(hw3_graph *graph, hw3_var a);

/** Gives another shape to the same elements.  graph; a: any shape; n_dims, shape: as many elements, one length may be -1.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_reshape(hw3_graph *graph, hw3_var a, int32_t n_dims, const int64_t *shape);
/** Exchanges two dimensions.  graph; a: any shape; dim_a, dim_b: which.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_transpose(hw3_graph *graph, hw3_var a, int32_t dim_a, int32_t dim_b);
/** Takes a range of one dimension.  graph; a: any shape; dim: which; start, stop: half-open range.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_slice(hw3_graph *graph, hw3_var a, int32_t dim, int64_t start, int64_t stop);
/** Joins values along one dimension.  graph; vars: [n_vars], equal but for dim; n_vars: at least 1; dim: which.
 *  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_concat(hw3_graph *graph, const hw3_var *vars, int64_t n_vars, int32_t dim);
/** Cuts a value into equal parts along one dimension.  graph; a: any shape; n_parts: divides its length; dim: which;
 *  parts: [n_parts], receives the values, each negative on failure.
 *  Returns: HW3_OK or a status. Since 0.1. */
HW3_API hw3_status hw3_split(hw3_graph *graph, hw3_var a, int64_t n_parts, int32_t dim, hw3_var *parts);
/** Picks elements: y[i][j] = a[index[i][j]][j] for dim 0 and so on.
 *  graph; a: any shape; index: HW3_I64, as a but for dim, each within it; dim: which.
 *  Returns: a value of index's shape, or a status (HW3_ERR_VALUE: an index outside). Since 0.1. */
HW3_API hw3_var hw3_gather(hw3_graph *graph, hw3_var a, hw3_var index, int32_t dim);
/** Looks rows up: y[..] = weight[index[..]].  graph; weight: [n_rows, n]; index: HW3_I64, each in 0 .. n_rows - 1.
 *  Returns: [.., n] or a status (HW3_ERR_VALUE: an index outside). Since 0.1. */
HW3_API hw3_var hw3_embedding(hw3_graph *graph, hw3_var weight, hw3_var index);
/** Drops elements with probability p and scales the others by 1 / (1 - p); does nothing outside training [Srivastava14].
 *  graph; a: any shape; p: 0 <= p < 1.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_dropout(hw3_graph *graph, hw3_var a, double p);
/** Layer normalisation over the last dimension: (x - mean) / sqrt(var + eps) * gamma + beta, var with divisor n [Ba16].
 *  graph; x: [.., n]; gamma, beta: [n] or HW3_NONE; eps: > 0.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_layer_norm(hw3_graph *graph, hw3_var x, hw3_var gamma, hw3_var beta, double eps);

/** Normalisation by the root of the mean square over the last dimension: x / sqrt(mean x^2 + eps) * gamma [Zhang19].
 *  graph; x: [.., n]; gamma: [n] or HW3_NONE; eps: > 0.  Returns: the value or a status. Since 0.1. */
HW3_API hw3_var hw3_rms_norm(hw3_graph *graph, hw3_var x, hw3_var gamma, double eps);

/** Mean squared error: mean (y - t)^2.  graph; y, target: the same shape.  Returns: [] or a status. Since 0.1. */
HW3_API hw3_var hw3_mse(hw3_graph *graph, hw3_var y, hw3_var target);
/** Mean absolute error: mean |y - t|.  graph; y, target: the same shape.  Returns: [] or a status. Since 0.1. */
HW3_API hw3_var hw3_mae(hw3_graph *graph, hw3_var y, hw3_var target);
/** Huber loss: mean of e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2) [Huber64].
 *  graph; y, target: the same shape; delta: > 0.
 *  Returns: [] or a status. Since 0.1. */
HW3_API hw3_var hw3_huber(hw3_graph *graph, hw3_var y, hw3_var target, double delta);
/** Binary cross entropy on logits: mean of max(x, 0) - x t + log(1 + exp(-|x|)).
 *  graph; logits, target: the same shape, target in 0 .. 1.
 *  Returns: [] or a status. Since 0.1. */
HW3_API hw3_var hw3_bce_logits(hw3_graph *graph, hw3_var logits, hw3_var target);
/** Cross entropy on logits: mean over rows of -sum_c q_c log softmax(x)_c, q = (1 - s) onehot + s / n_classes [Szegedy16].
 *  graph; logits: [.., n_classes]; target: HW3_I64, the leading shape; ignore: rows with this target do not count;
 *  smoothing: 0 <= s < 1.
 *  Returns: [], 0 when no row counts, or a status (HW3_ERR_VALUE: a target outside). Since 0.1. */
HW3_API hw3_var hw3_cross_entropy(hw3_graph *graph, hw3_var logits, hw3_var target, int64_t ignore, double smoothing);
/** Cross entropy of a linear layer: hw3_cross_entropy of x weight' + bias, whose logits are never all in memory.
 *  graph; x: [.., n]; weight: [n_classes, n]; bias: [n_classes] or HW3_NONE; target, ignore, smoothing: as in hw3_cross_entropy,
 *  target of x's leading shape.
 *  Returns: [], 0 when no row counts, or a status (HW3_ERR_VALUE: a target outside). Since 0.1. */
HW3_API hw3_var hw3_linear_cross_entropy(hw3_graph *graph, hw3_var x, hw3_var weight, hw3_var bias, hw3_var target,
                                         int64_t ignore, double smoothing);

HW3_END
#endif
