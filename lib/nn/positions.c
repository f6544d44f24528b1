/* SPDX-License-Identifier: MIT */
#include "nn/positions.h"

static hw3_status check_sinusoids(hw3_graph *g, const hw3i_node *p, int64_t n_dims, hw3_dtype dtype)
{
    if (p->n_dims < 1 || p->n_dims > 2)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "sinusoids: positions is %s, must be [T] or [B, T]",
                               hw3i_shape_text((char[128]){ 0 }, p->n_dims, p->shape));
    if (n_dims < 2 || n_dims % 2 || n_dims > 1 << 24)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "sinusoids: n_dims is %lld, must be even, 2 to %d", (long long)n_dims, 1 << 24);
    if (dtype == HW3_F32 || dtype == HW3_F64) return HW3_OK;
    return hw3i_graph_fail(g, HW3_ERR_DTYPE, "sinusoids: dtype is %d, must be HW3_F32 or HW3_F64", (int)dtype);
}

/* (sin a, cos a) = (0, 1) turned back by a, a = p 10000^(-2 i / n_dims) */
hw3_var hw3i_sinusoids(hw3_graph *g, hw3_var positions, int64_t n_dims, hw3_dtype dtype)
{
    const hw3_rope_opts plain = HW3_ROPE_OPTS_INIT;
    const hw3i_node *p = hw3i_node_of(g, positions);
    hw3_status s = p ? check_sinusoids(g, p, n_dims, dtype) : hw3i_no_value(g, positions, "sinusoids");
    if (s) return s;
    const int64_t B = p->n_dims == 2 ? p->shape[0] : 1, T = p->shape[p->n_dims - 1];
    double factor;
    void *data;
    const hw3_var table = hw3i_rope_table(g, n_dims, &plain, &factor);
    const hw3_var x = hw3i_leaf(g, dtype, 4, (int64_t[]){ B, T, 1, n_dims }, &data);
    if (table < 0 || x < 0) return table < 0 ? table : x;
    double *f = hw3i_node_of(g, table)->value;
    for (int64_t i = 0; i < n_dims / 2; i++) f[i] = -f[i];
    for (int64_t i = 0; i < B * T * n_dims; i++) {
        if (dtype == HW3_F32) ((float *)data)[i] = (float)(i % 2);
        else ((double *)data)[i] = (double)(i % 2);
    }
    const int64_t shape[] = { B, T, n_dims };
    return hw3i_reshape(g, hw3i_rope(g, x, positions, table, true, factor), 1 + p->n_dims, shape + 2 - p->n_dims);
}

/* score = sharpness_h (2 center_h . d - |d|^2), d = key - query [Cordonnier20] */
hw3_var hw3i_gaussian_positions(hw3_graph *g, hw3_var queries, hw3_var keys, hw3_var centers, hw3_var sharpness)
{
    const hw3_var in[] = { queries, keys, centers, sharpness };
    static const char *const names[] = { "queries", "keys", "centers", "sharpness" };
    int64_t n[4];
    for (int i = 0; i < 4; i++) {
        const hw3i_node *x = hw3i_node_of(g, in[i]);
        if (!x) return hw3i_no_value(g, in[i], "gaussian_positions");
        if (i < 3 ? x->n_dims != 2 || x->shape[1] != 2 : x->n_dims != 1 || x->shape[0] != n[2])
            return hw3i_graph_fail(g, HW3_ERR_SHAPE, "gaussian_positions: %s is %s, must be %s", names[i],
                                   hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape),
                                   i < 3 ? "[n, 2]" : "one for each center");
        n[i] = x->shape[0];
    }
    const int64_t Tq = n[0], Tk = n[1], heads = n[2];
    const hw3_var d = hw3i_op2(g, HW3I_OP_SUB, hw3i_reshape(g, keys, 3, (int64_t[]){ 1, Tk, 2 }),
                               hw3i_reshape(g, queries, 3, (int64_t[]){ Tq, 1, 2 }));
    const hw3_var square = hw3i_reduce(g, HW3I_OP_SUM, hw3i_op2(g, HW3I_OP_MUL, d, d), 2, 0);
    const hw3_var along = hw3i_reshape(g, hw3i_linear(g, centers, hw3i_reshape(g, d, 2, (int64_t[]){ -1, 2 }), HW3_NONE, false), 3,
                                       (int64_t[]){ heads, Tq, Tk });
    const hw3_var score = hw3i_op2(g, HW3I_OP_SUB, hw3i_affine(g, along, 2, 0), square);
    return hw3i_reshape(g, hw3i_op2(g, HW3I_OP_MUL, score, hw3i_reshape(g, sharpness, 3, (int64_t[]){ heads, 1, 1 })), 4,
                        (int64_t[]){ 1, heads, Tq, Tk });
}
