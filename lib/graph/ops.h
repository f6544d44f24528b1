/* SPDX-License-Identifier: MIT */
/* The operator table, and the operators as functions for the layers above. hw3i_X(...) is hw3_X(...) without
 * the border: api/ops.c only forwards to these. */
#ifndef HW3I_OPS_H
#define HW3I_OPS_H
#include "graph/graph.h"
#include "hw3/attention.h"

typedef enum hw3i_op_id {
    HW3I_OP_ADD, HW3I_OP_SUB, HW3I_OP_MUL, HW3I_OP_DIV, HW3I_OP_AFFINE,
    HW3I_OP_MATMUL, HW3I_OP_LINEAR,
    HW3I_OP_SUM, HW3I_OP_MEAN, HW3I_OP_MAX, HW3I_OP_SOFTMAX, HW3I_OP_LOG_SOFTMAX,
    HW3I_OP_TANH, HW3I_OP_SIGMOID, HW3I_OP_RELU, HW3I_OP_GELU, HW3I_OP_GELU_TANH, HW3I_OP_SILU,
    HW3I_OP_EXP, HW3I_OP_LOG, HW3I_OP_SQRT,
    HW3I_OP_RESHAPE, HW3I_OP_TRANSPOSE, HW3I_OP_SLICE, HW3I_OP_CONCAT, HW3I_OP_GATHER, HW3I_OP_EMBEDDING,
    HW3I_OP_DROPOUT, HW3I_OP_LAYER_NORM, HW3I_OP_RMS_NORM,
    HW3I_OP_MSE, HW3I_OP_MAE, HW3I_OP_HUBER, HW3I_OP_BCE_LOGITS, HW3I_OP_CROSS_ENTROPY,
    HW3I_OP_LINEAR_CROSS_ENTROPY,
    HW3I_OP_RECURRENT, HW3I_OP_ATTENTION, HW3I_OP_ROPE,
    HW3I_N_OPS
} hw3i_op_id;
extern const hw3i_op hw3i_ops[HW3I_N_OPS];

hw3_var hw3i_op1(hw3_graph *g, hw3i_op_id op, hw3_var a);
hw3_var hw3i_op2(hw3_graph *g, hw3i_op_id op, hw3_var a, hw3_var b);
hw3_var hw3i_affine(hw3_graph *g, hw3_var a, double alpha, double beta);
/* weight: [n, k], or by columns [k, n]. */
hw3_var hw3i_linear(hw3_graph *g, hw3_var x, hw3_var weight, hw3_var bias, bool by_columns);
hw3_var hw3i_reduce(hw3_graph *g, hw3i_op_id op, hw3_var a, int32_t dim, int32_t keep_dim);
hw3_var hw3i_reshape(hw3_graph *g, hw3_var a, int32_t n_dims, const int64_t *shape);
hw3_var hw3i_transpose(hw3_graph *g, hw3_var a, int32_t dim_a, int32_t dim_b);
hw3_var hw3i_slice(hw3_graph *g, hw3_var a, int32_t dim, int64_t start, int64_t stop);
hw3_var hw3i_concat(hw3_graph *g, const hw3_var *vars, int64_t n_vars, int32_t dim);
hw3_status hw3i_split(hw3_graph *g, hw3_var a, int64_t n_parts, int32_t dim, hw3_var *parts); /* slices */
hw3_var hw3i_gather(hw3_graph *g, hw3_var a, hw3_var index, int32_t dim);
hw3_var hw3i_dropout(hw3_graph *g, hw3_var a, double p);
hw3_var hw3i_layer_norm(hw3_graph *g, hw3_var x, hw3_var gamma, hw3_var beta, double eps);
hw3_var hw3i_rms_norm(hw3_graph *g, hw3_var x, hw3_var gamma, double eps);
hw3_var hw3i_huber(hw3_graph *g, hw3_var y, hw3_var target, double delta);
hw3_var hw3i_cross_entropy(hw3_graph *g, hw3_var logits, hw3_var target, int64_t ignore, double smoothing);
hw3_var hw3i_linear_cross_entropy(hw3_graph *g, hw3_var x, hw3_var weight, hw3_var bias, hw3_var target, int64_t ignore,
                                  double smoothing);

/* Attention (ops_attention.c): q [B, Tq, heads, D], k [B, Tk, kv_heads, D], v [B, Tk, kv_heads, Dv] -> [B, Tq, heads, Dv].
 * bias [B or 1, heads or 1, Tq, Tk], slopes [heads], lengths [B]: HW3_NONE where left out. */
typedef struct hw3i_attention_opts {
    bool causal;
    double scale, dropout;
    int64_t window, prefix, offset;
    hw3_var bias, slopes, lengths;
} hw3i_attention_opts;
hw3_var hw3i_attention(hw3_graph *g, hw3_var q, hw3_var k, hw3_var v, const hw3i_attention_opts *o);
/* Of the value of an attention: the weights [Tq, Tk] of one head before dropout; their entropies [B, heads, Tq]. */
hw3_status hw3i_attention_weights(hw3_graph *g, hw3_var attention, int64_t b, int64_t head, double *weights);
hw3_status hw3i_attention_entropy(hw3_graph *g, hw3_var attention, double *entropy);

/* Rotary positions (ops_rope.c). Options are in range for a last dimension of D, or HW3_ERR_ARG. */
hw3_status hw3i_rope_check(hw3_ctx *ctx, int64_t D, const hw3_rope_opts *o);
/* The table is a leaf of HW3_F64 [n_dims / 2], made once and good for all layers of a step;
 * *factor receives what cosine and sine are multiplied by. D: the last dimension of what will be rotated. */
hw3_var hw3i_rope_table(hw3_graph *g, int64_t D, const hw3_rope_opts *o, double *factor);
hw3_var hw3i_rope(hw3_graph *g, hw3_var x, hw3_var positions, hw3_var table, bool interleaved, double factor);

/* The fused sequence operator (ops_recurrent.c): one layer in one direction. lengths may be HW3_NONE, h0 and c0 too.
 * hn and cn receive further outputs [B, H]; cn is HW3_NONE but for LSTM. */
hw3_var hw3i_recurrent(hw3_graph *g, int cell, bool reverse, hw3_var x, hw3_var lengths, hw3_var h0, hw3_var c0,
                       hw3_var w_ih, hw3_var w_hh, hw3_var b_ih, hw3_var b_hh, hw3_var *hn, hw3_var *cn);
/* 0 when lengths is HW3_NONE or HW3_I64 [B] with values 1 to T; else fails with position and value. */
hw3_var hw3i_check_lengths(hw3_graph *g, const char *who, hw3_var lengths, int64_t T, int64_t B);

#endif
