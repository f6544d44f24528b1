/* SPDX-License-Identifier: MIT */
/* Keys and values by a latent of each token [DeepSeekV2], section 2.1: c = norm(W_dkv x), head i has the key
 * [W_uk,i c; rot(W_kr x)] and the value W_uv,i c. In training they are made. From a cache of c and the rotated key, which all
 * heads share, they are not:
 * q' W_uk c = (W_uk' q)' c, so queries go to the latents themselves, and sum_j p_j W_uv c_j = W_uv sum_j p_j c_j. */
#include "graph/ops_impl.h"
#include "nn/layers.h"

#define OPS_TMPL "nn/mla_tmpl.c"
#include "graph/ops_both.h"

/* x [B, T, heads, d] by each head's part of the up-projection: W_uk' x of length rank, or with values W_uv x of length d_value.
 * Only outside training. */
static hw3_var by_head(const hw3i_attn *a, hw3_graph *g, bool values, hw3_var x)
{
    const hw3i_node *node = hw3i_node_of(g, x);
    if (!node) return x;
    const int64_t B = node->shape[0], T = node->shape[1], m = B * T, H = a->n_heads, to = values ? a->d_value : a->latent.rank;
    const hw3_var rows = hw3i_transpose(g, hw3i_reshape(g, x, 3, (int64_t[]){ m, H, node->shape[3] }), 0, 1);
    void *out;
    const hw3_var y = rows < 0 ? rows : hw3i_leaf(g, node->dtype, 3, (int64_t[]){ H, m, to }, &out);
    if (y < 0) return y;
    const void *in = hw3i_node_of(g, rows)->value;
    if (node->dtype == HW3_F32) products_f32(a, g, values, m, in, out);
    else products_f64(a, g, values, m, in, out);
    return hw3i_reshape(g, hw3i_transpose(g, y, 0, 1), 4, (int64_t[]){ B, T, H, to });
}

/* The same row for every head: [B, T, 1, d] to [B, T, heads, d]. */
static hw3_var for_all(const hw3i_attn *a, hw3_graph *g, hw3_var x)
{
    const hw3i_node *node = hw3i_node_of(g, x);
    if (!node) return x;
    const hw3_var zeros = hw3i_zeros(g, node->dtype, 4,
                                     (int64_t[]){ node->shape[0], node->shape[1], a->n_heads, node->shape[3] });
    return hw3i_op2(g, HW3I_OP_ADD, zeros, x);
}

static hw3_var rotate(const hw3i_pass *p, hw3_var x)
{
    return hw3i_rope(p->g, x, p->positions, p->rope, p->interleaved, p->rope_factor);
}

void hw3i_latent_project(const hw3i_attn *a, const hw3i_pass *p, hw3_var x, hw3_var qkv[3])
{
    hw3_graph *g = p->g;
    const hw3i_latent *l = &a->latent;
    const int64_t d = a->d_head, r = l->rank;
    const hw3_var of = l->q_down.weight ? hw3i_norm_run(g, &l->q_norm, hw3i_dense_run(g, &l->q_down, x)) : x;
    const hw3_var q = hw3i_heads(g, hw3i_dense_run(g, &a->q, of), a->n_heads, d + l->d_rope);
    const hw3_var down = hw3i_dense_run(g, &l->down, x);
    const hw3_var c = hw3i_norm_run(g, &l->norm, hw3i_slice(g, down, 2, 0, r));
    const hw3_var key = rotate(p, hw3i_heads(g, hw3i_slice(g, down, 2, r, r + l->d_rope), 1, l->d_rope));
    hw3_var q_plain = hw3i_slice(g, q, 3, 0, d), k_plain = hw3i_heads(g, c, 1, r), shared = key;
    qkv[2] = HW3_NONE;
    if (p->state) {
        q_plain = by_head(a, g, false, q_plain);
    } else {
        const hw3_var up = hw3i_heads(g, hw3i_dense_run(g, &l->up, c), a->n_heads, d + a->d_value);
        k_plain = hw3i_slice(g, up, 3, 0, d);
        qkv[2] = hw3i_slice(g, up, 3, d, d + a->d_value);
        shared = for_all(a, g, key);
    }
    qkv[0] = hw3i_concat(g, (hw3_var[]){ q_plain, rotate(p, hw3i_slice(g, q, 3, d, d + l->d_rope)) }, 2, 3);
    qkv[1] = hw3i_concat(g, (hw3_var[]){ k_plain, shared }, 2, 3);
}

hw3_var hw3i_latent_values(const hw3i_attn *a, hw3_graph *g, hw3_var y) { return by_head(a, g, true, y); }
