/* SPDX-License-Identifier: MIT */
#include "nn/layers.h"

static hw3_var drop(hw3_graph *g, double p, hw3_var x) { return p > 0 ? hw3i_dropout(g, x, p) : x; }

hw3_var hw3i_block_run(const hw3i_block *b, const hw3i_pass *p, hw3_var x)
{
    hw3_graph *g = p->g;
    const bool behind = b->norms_behind;
    const hw3_var a = hw3i_attn_run(&b->attn, p, behind ? x : hw3i_norm_run(g, &b->norm1, x));
    x = hw3i_op2(g, HW3I_OP_ADD, x, drop(g, b->dropout, a));
    if (behind) x = hw3i_norm_run(g, &b->norm1, x);
    const hw3_var m = hw3i_mlp_run(&b->mlp, g, behind ? x : hw3i_norm_run(g, &b->norm2, x));
    x = hw3i_op2(g, HW3I_OP_ADD, x, drop(g, b->dropout, m));
    return behind ? hw3i_norm_run(g, &b->norm2, x) : x;
}
