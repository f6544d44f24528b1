/* SPDX-License-Identifier: MIT */
#include "nn/layers.h"

hw3_var hw3i_mlp_run(const hw3i_mlp *m, hw3_graph *g, hw3_var x)
{
    const hw3_var up = hw3i_dense_run(g, &m->up, x);
    if (!m->gate.weight) return hw3i_dense_run(g, &m->down, hw3i_activate(g, m->activation, up));
    const hw3_var gate = hw3i_activate(g, m->activation, hw3i_dense_run(g, &m->gate, x));
    return hw3i_dense_run(g, &m->down, hw3i_op2(g, HW3I_OP_MUL, gate, up));
}
