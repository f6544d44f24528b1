/* SPDX-License-Identifier: MIT */
#include "nn/layers.h"

hw3_var hw3i_mlp_run(const hw3i_mlp *m, hw3_graph *g, hw3_var x)
{
    return hw3i_dense_run(g, &m->down, hw3i_activate(g, m->activation, hw3i_dense_run(g, &m->up, x)));
}
