/* SPDX-License-Identifier: MIT */
/* The operator table: one row an operator. A new one is a row here and in hw3i_op_id, its rule and functions in an ops_*.c,
 * how it is called in ops.c and api/ops.c, and its cases in tests/vectors/gen_ops.py; the tests fail while those are missing. */
#include "graph/ops_impl.h"

/* X(id, name, least operands, most operands, shape rule); M: the same for one that moves elements, of HW3_I64 too */
#define OPS(X, M)                                               \
    X(ADD, add, 2, 2, broadcast)                                \
    X(SUB, sub, 2, 2, broadcast)                                \
    X(MUL, mul, 2, 2, broadcast)                                \
    X(DIV, div, 2, 2, broadcast)                                \
    X(AFFINE, affine, 1, 1, unary)                              \
    X(MATMUL, matmul, 2, 2, matmul)                             \
    X(LINEAR, linear, 2, 3, linear)                             \
    X(SUM, sum, 1, 1, reduce)                                   \
    X(MEAN, mean, 1, 1, reduce)                                 \
    X(MAX, max, 1, 1, max)                                      \
    X(SOFTMAX, softmax, 1, 1, softmax)                          \
    X(LOG_SOFTMAX, log_softmax, 1, 1, softmax)                  \
    X(TANH, tanh, 1, 1, unary)                                  \
    X(SIGMOID, sigmoid, 1, 1, unary)                            \
    X(RELU, relu, 1, 1, unary)                                  \
    X(GELU, gelu, 1, 1, unary)                                  \
    X(GELU_TANH, gelu_tanh, 1, 1, unary)                        \
    X(SILU, silu, 1, 1, unary)                                  \
    X(EXP, exp, 1, 1, unary)                                    \
    X(LOG, log, 1, 1, unary)                                    \
    X(SQRT, sqrt, 1, 1, unary)                                  \
    M(RESHAPE, reshape, 1, 1, reshape)                          \
    M(TRANSPOSE, transpose, 1, 1, transpose)                    \
    M(SLICE, slice, 1, 1, slice)                                \
    M(CONCAT, concat, 1, INT32_MAX, concat)                     \
    M(GATHER, gather, 2, 2, gather)                             \
    M(EMBEDDING, embedding, 2, 2, embedding)                    \
    X(DROPOUT, dropout, 1, 1, dropout)                          \
    X(LAYER_NORM, layer_norm, 1, 3, norm)                       \
    X(RMS_NORM, rms_norm, 1, 2, norm)                           \
    X(MSE, mse, 2, 2, loss)                                     \
    X(MAE, mae, 2, 2, loss)                                     \
    X(HUBER, huber, 2, 2, huber)                                \
    X(BCE_LOGITS, bce_logits, 2, 2, loss)                       \
    X(CROSS_ENTROPY, cross_entropy, 2, 2, cross_entropy)        \
    X(LINEAR_CROSS_ENTROPY, linear_cross_entropy, 3, 4, linear_cross_entropy) \
    X(RECURRENT, recurrent, 5, 8, recurrent)                    \
    X(ATTENTION, attention, 3, 6, attention)                    \
    X(ROPE, rope, 3, 3, rope)

#define DECLARE(name, type)                                                 \
    hw3_status hw3i_##name##_forward_##type(hw3_graph *g, hw3i_node *y);    \
    hw3_status hw3i_##name##_backward_##type(hw3_graph *g, hw3i_node *y);
#define DECLARE_X(id, name, min, max, rule)                                 \
    hw3_status hw3i_shape_##rule(hw3_graph *g, hw3i_node *y);               \
    DECLARE(name, f32) DECLARE(name, f64)
#define DECLARE_M(id, name, min, max, rule) DECLARE_X(id, name, min, max, rule) DECLARE(name, i64)
OPS(DECLARE_X, DECLARE_M)

#define FLOATS(name, way) [HW3_F32] = hw3i_##name##_##way##_f32, [HW3_F64] = hw3i_##name##_##way##_f64
#define ALL(name, way) FLOATS(name, way), [HW3_I64] = hw3i_##name##_##way##_i64
#define ROW(types, id, name, min, max, rule) \
    [HW3I_OP_##id] = { #name, min, max, hw3i_shape_##rule, { types(name, forward) }, { types(name, backward) } },
#define ROW_X(...) ROW(FLOATS, __VA_ARGS__)
#define ROW_M(...) ROW(ALL, __VA_ARGS__)
const hw3i_op hw3i_ops[HW3I_N_OPS] = { OPS(ROW_X, ROW_M) };
