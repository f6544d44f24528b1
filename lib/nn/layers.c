/* SPDX-License-Identifier: MIT */
#include "nn/layers.h"
#include <stdio.h>

static hw3i_param *make(hw3i_maker *m, hw3i_place at, const char *suffix, int32_t n_dims, const int64_t *shape, double std,
                        bool ones)
{
    char name[256];
    if (m->status) return NULL;
    snprintf(name, sizeof name, "%s%s.%s", at.prefix, at.name, suffix);
    const hw3_status s = m->expect ? m->expect(m->user, name, m->dtype, n_dims, shape, m->may_be_new) : HW3I_NEW;
    if (s < 0) m->status = s;
    if (s < 0) return NULL;
    if (s != HW3I_NEW) std = 0; /* read soon */
    m->status = ones ? hw3i_params_add(m->params, name, m->dtype, n_dims, shape, HW3_INIT_ONE)
                     : hw3i_params_add_normal(m->params, name, m->dtype, n_dims, shape, std);
    return m->status ? NULL : m->params->items[m->params->n - 1];
}

hw3i_param *hw3i_make_normal(hw3i_maker *m, hw3i_place at, const char *suffix, int32_t n_dims, const int64_t *shape, double std)
{
    return make(m, at, suffix, n_dims, shape, std, false);
}

hw3i_param *hw3i_make_ones(hw3i_maker *m, hw3i_place at, const char *suffix, int64_t n)
{
    return make(m, at, suffix, 1, &n, 0, true);
}

hw3i_dense hw3i_make_dense(hw3i_maker *m, hw3i_place at, int64_t n_in, int64_t n_out, bool bias, bool by_columns, double std)
{
    const int64_t rows[2] = { n_out, n_in }, columns[2] = { n_in, n_out };
    hw3i_dense d = { .by_columns = by_columns };
    d.weight = hw3i_make_normal(m, at, "weight", 2, by_columns ? columns : rows, std);
    if (bias) d.bias = hw3i_make_normal(m, at, "bias", 1, &n_out, 0);
    return d;
}

hw3_var hw3i_dense_run(hw3_graph *g, const hw3i_dense *d, hw3_var x)
{
    const hw3_var w = hw3i_param_var(g, d->weight), b = d->bias ? hw3i_param_var(g, d->bias) : HW3_NONE;
    return hw3i_linear(g, x, w, b, d->by_columns);
}

hw3i_norm hw3i_make_norm(hw3i_maker *m, hw3i_place at, int64_t n, double eps, bool rms)
{
    hw3i_norm norm = { .eps = eps };
    norm.gain = hw3i_make_ones(m, at, "weight", n);
    if (!rms) norm.bias = hw3i_make_normal(m, at, "bias", 1, &n, 0);
    return norm;
}

hw3_var hw3i_norm_run(hw3_graph *g, const hw3i_norm *n, hw3_var x)
{
    const hw3_var gain = hw3i_param_var(g, n->gain);
    return n->bias ? hw3i_layer_norm(g, x, gain, hw3i_param_var(g, n->bias), n->eps) : hw3i_rms_norm(g, x, gain, n->eps);
}

hw3_var hw3i_activate(hw3_graph *g, hw3_activation activation, hw3_var x)
{
    static const hw3i_op_id ops[] = { [HW3_ACTIVATION_RELU] = HW3I_OP_RELU, [HW3_ACTIVATION_GELU] = HW3I_OP_GELU,
                                      [HW3_ACTIVATION_GELU_TANH] = HW3I_OP_GELU_TANH, [HW3_ACTIVATION_SILU] = HW3I_OP_SILU };
    return hw3i_op1(g, ops[activation], x);
}
