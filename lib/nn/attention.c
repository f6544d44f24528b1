/* SPDX-License-Identifier: MIT */
#include "nn/kvcache.h"
#include "nn/layers.h"
#include <math.h>

hw3_var hw3i_heads(hw3_graph *g, hw3_var x, int64_t n, int64_t d)
{
    const hw3i_node *node = hw3i_node_of(g, x);
    return node ? hw3i_reshape(g, x, 4, (int64_t[]){ node->shape[0], node->shape[1], n, d }) : x;
}

/* Queries, keys and values of x [B, T, d_model], each [B, T, heads, d_head]; queries and keys turned to their places. */
static void project(const hw3i_attn *a, const hw3i_pass *p, hw3_var x, hw3_var qkv[3])
{
    hw3_graph *g = p->g;
    const int64_t n[3] = { a->n_heads, a->n_kv_heads, a->n_kv_heads }, d = a->d_head;
    const hw3i_dense *apart[3] = { &a->q, &a->k, &a->v };
    const hw3_var all = a->qkv.weight ? hw3i_dense_run(g, &a->qkv, x) : HW3_NONE;
    for (int64_t i = 0, at = 0; i < 3; at += n[i] * d, i++) {
        const hw3_var part = a->qkv.weight ? hw3i_slice(g, all, 2, at, at + n[i] * d) : hw3i_dense_run(g, apart[i], x);
        qkv[i] = hw3i_heads(g, part, n[i], d);
        if (p->rope != HW3_NONE && i < 2) qkv[i] = hw3i_rope(g, qkv[i], p->positions, p->rope, p->interleaved, p->rope_factor);
    }
}

void hw3i_attn_sizes(const hw3i_attn *a, hw3i_kv_sizes *z)
{
    const hw3i_latent *l = &a->latent;
    z->values_in_keys = l->down.weight != NULL;
    z->n_heads = z->values_in_keys ? 1 : a->n_kv_heads;
    z->D = z->values_in_keys ? l->rank + l->d_rope : a->d_head;
    z->Dv = z->values_in_keys ? l->rank : a->d_value;
}

/* W_o [head_1; ...; head_n], head_i = softmax(q_i k_i' / sqrt(d_head + d_rope)) v_i [Vaswani17] */
hw3_var hw3i_attn_run(const hw3i_attn *a, const hw3i_pass *p, hw3_var x)
{
    hw3_var qkv[3];
    const bool latent = a->latent.down.weight != NULL;
    (latent ? hw3i_latent_project : project)(a, p, x, qkv);
    const hw3i_attention_opts o = { .causal = a->causal, .scale = 1 / sqrt((double)(a->d_head + a->latent.d_rope)),
                                    .dropout = a->dropout, .bias = HW3_NONE, .slopes = HW3_NONE, .lengths = p->lengths };
    hw3_var y = p->state ? hw3i_kv_attend(p->state, p->g, a->layer, qkv[0], qkv[1], qkv[2], &o)
                         : hw3i_attention(p->g, qkv[0], qkv[1], qkv[2], &o);
    if (latent && p->state) y = hw3i_latent_values(a, p->g, y);
    const hw3i_node *node = hw3i_node_of(p->g, y);
    if (!node) return y;
    return hw3i_dense_run(p->g, &a->out,
                          hw3i_reshape(p->g, y, 3, (int64_t[]){ node->shape[0], node->shape[1], a->n_heads * a->d_value }));
}
