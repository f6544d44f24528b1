/* SPDX-License-Identifier: MIT */
/* The cases of ops.h as calls: one place that knows how the numbers of a case become arguments. */
#ifndef HW3_OPS_CASES_H
#define HW3_OPS_CASES_H
#include "ops.h"
#include "hw3/attention.h"
#include "hw3/ops.h"
#include <string.h>

static inline int64_t case_count(int n_dims, const int64_t *shape)
{
    int64_t n = 1;
    for (int d = 0; d < n_dims; d++) n *= shape[d];
    return n;
}

static inline hw3_var case_reduce(hw3_graph *g, const ops_case *c, hw3_var a)
{
    int32_t dim = (int32_t)c->i[0], keep = (int32_t)c->i[1];
    if (!strcmp(c->op, "sum")) return hw3_sum(g, a, dim, keep);
    if (!strcmp(c->op, "mean")) return hw3_mean(g, a, dim, keep);
    if (!strcmp(c->op, "max")) return hw3_max(g, a, dim, keep);
    if (!strcmp(c->op, "softmax")) return hw3_softmax(g, a, dim);
    return HW3_ERR_NAME;
}

static inline hw3_var case_move(hw3_graph *g, const ops_case *c, const hw3_var *v)
{
    int32_t dim = (int32_t)c->i[0];
    if (!strcmp(c->op, "reshape")) return hw3_reshape(g, v[0], dim, c->i + 1);
    if (!strcmp(c->op, "transpose")) return hw3_transpose(g, v[0], dim, (int32_t)c->i[1]);
    if (!strcmp(c->op, "slice")) return hw3_slice(g, v[0], dim, c->i[1], c->i[2]);
    if (!strcmp(c->op, "concat")) return hw3_concat(g, v, c->n_in, dim);
    if (!strcmp(c->op, "gather")) return hw3_gather(g, v[0], v[1], dim);
    return case_reduce(g, c, v[0]);
}

static inline hw3_var case_rope(hw3_graph *g, const ops_case *c, const hw3_var *v)
{
    hw3_rope_opts o = HW3_ROPE_OPTS_INIT;
    o.base = c->f[0];
    o.factor = c->f[1];
    o.beta_fast = c->f[2];
    o.beta_slow = c->f[3];
    o.attention_factor = c->f[4];
    o.n_dims = c->i[0];
    o.interleaved = (int32_t)c->i[1];
    o.scaling = (int32_t)c->i[2];
    o.original_context = c->i[3];
    return hw3_rope(g, v[0], v[1], &o);
}

static inline hw3_var case_apply(hw3_graph *g, const ops_case *c, const hw3_var *v)
{
    static const struct { const char *name; hw3_var (*fn)(hw3_graph *, hw3_var); } one[] = {
        { "tanh", hw3_tanh }, { "sigmoid", hw3_sigmoid }, { "relu", hw3_relu }, { "gelu", hw3_gelu },
        { "gelu_tanh", hw3_gelu_tanh }, { "silu", hw3_silu }, { "exp", hw3_exp }, { "log", hw3_log }, { "sqrt", hw3_sqrt },
    };
    static const struct { const char *name; hw3_var (*fn)(hw3_graph *, hw3_var, hw3_var); } two[] = {
        { "add", hw3_add }, { "sub", hw3_sub }, { "mul", hw3_mul }, { "div", hw3_div }, { "matmul", hw3_matmul },
        { "embedding", hw3_embedding }, { "mse", hw3_mse }, { "mae", hw3_mae }, { "bce_logits", hw3_bce_logits },
    };
    for (size_t k = 0; k < sizeof one / sizeof one[0]; k++)
        if (!strcmp(c->op, one[k].name)) return one[k].fn(g, v[0]);
    for (size_t k = 0; k < sizeof two / sizeof two[0]; k++)
        if (!strcmp(c->op, two[k].name)) return two[k].fn(g, v[0], v[1]);
    if (!strcmp(c->op, "affine")) return hw3_affine(g, v[0], c->f[0], c->f[1]);
    if (!strcmp(c->op, "linear")) return hw3_linear(g, v[0], v[1], v[2]);
    if (!strcmp(c->op, "dropout")) return hw3_dropout(g, v[0], c->f[0]);
    if (!strcmp(c->op, "layer_norm")) return hw3_layer_norm(g, v[0], v[1], v[2], c->f[0]);
    if (!strcmp(c->op, "rms_norm")) return hw3_rms_norm(g, v[0], v[1], c->f[0]);
    if (!strcmp(c->op, "linear_cross_entropy")) return hw3_linear_cross_entropy(g, v[0], v[1], HW3_NONE, v[2], c->i[0], c->f[0]);
    if (!strcmp(c->op, "rope")) return case_rope(g, c, v);
    if (!strcmp(c->op, "huber")) return hw3_huber(g, v[0], v[1], c->f[0]);
    if (!strcmp(c->op, "cross_entropy")) return hw3_cross_entropy(g, v[0], v[1], c->i[0], c->f[0]);
    if (!strcmp(c->op, "log_softmax")) return hw3_log_softmax(g, v[0], (int32_t)c->i[0]);
    return case_move(g, c, v);
}

#endif
