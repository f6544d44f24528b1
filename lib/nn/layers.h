/* SPDX-License-Identifier: MIT */
/* Layers of Transformers: each is made by a hw3i_make_ function that adds its parameters by name, and run by one that builds
 * graph. What varies between models are the fields of these structs. */
#ifndef HW3I_LAYERS_H
#define HW3I_LAYERS_H
#include "graph/ops.h"
#include "hw3/model.h"

/* Asked before a parameter is made: HW3_OK when its value will come, HW3I_NEW when it is to begin by itself, which is no answer
 * unless it may; a failure is the maker's. */
typedef hw3_status (*hw3i_expect_fn)(void *user, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                                     bool may_be_new);
enum { HW3I_NEW = 1 };

/* Adds parameters. The first failure stays, and from then on nothing is added. */
typedef struct hw3i_maker {
    hw3_params *params;
    hw3_dtype dtype;
    double std; /* of weights that begin by themselves */
    bool may_be_new; /* what expect is told */
    hw3i_expect_fn expect; /* NULL: all are new */
    void *user;
    hw3_status status;
} hw3i_maker;

/* Parameter "prefix name.suffix": NULL after a failure. std 0: zeros. */
typedef struct hw3i_place { const char *prefix, *name; } hw3i_place;
hw3i_param *hw3i_make_normal(hw3i_maker *m, hw3i_place at, const char *suffix, int32_t n_dims, const int64_t *shape, double std);
hw3i_param *hw3i_make_ones(hw3i_maker *m, hw3i_place at, const char *suffix, int64_t n);

/* y = x W' + b with W [n_out, n_in], or y = x W + b with W [n_in, n_out]. */
typedef struct hw3i_dense {
    hw3i_param *weight, *bias; /* no weight: there is no such layer; no bias: none is added */
    bool by_columns;           /* W is [n_in, n_out] */
} hw3i_dense;
hw3i_dense hw3i_make_dense(hw3i_maker *m, hw3i_place at, int64_t n_in, int64_t n_out, bool bias, bool by_columns, double std);
hw3_var hw3i_dense_run(hw3_graph *g, const hw3i_dense *d, hw3_var x);

/* LayerNorm [Ba16], or without bias and mean RMSNorm [Zhang19]. */
typedef struct hw3i_norm {
    hw3i_param *gain, *bias; /* no gain: there is no such layer; no bias: RMSNorm */
    double eps;
} hw3i_norm;
hw3i_norm hw3i_make_norm(hw3i_maker *m, hw3i_place at, int64_t n, double eps, bool rms);
hw3_var hw3i_norm_run(hw3_graph *g, const hw3i_norm *n, hw3_var x);

hw3_var hw3i_activate(hw3_graph *g, hw3_activation activation, hw3_var x);

/* What one pass through a model gives to all its layers. */
typedef struct hw3i_pass {
    hw3_graph *g;
    struct hw3i_state *state; /* keys and values of the tokens before; NULL in training */
    hw3_var positions;        /* HW3_I64 [T], or [B, T] where sequences start at different places */
    hw3_var rope;             /* frequencies of rotary positions; HW3_NONE: there are none */
    double rope_factor;
    bool interleaved;         /* pairs of rotary positions */
    hw3_var lengths;          /* HW3_I64 [B]: what stands behind is padding, which is not seen; HW3_NONE: there is none */
} hw3i_pass;

/* Of attention to a latent: the rank of a token's latent and the length of the rotated key that all heads share; what makes
 * both, side by side, the norm of the latent, and what makes each head's key and value of it. */
typedef struct hw3i_latent {
    int64_t rank, d_rope;
    hw3i_dense down, up; /* no down: there is none */
    hw3i_norm norm;
    hw3i_dense q_down;   /* queries by a latent of their own, with its norm; no weight: of x itself */
    hw3i_norm q_norm;
} hw3i_latent;

/* Attention of n_heads heads of queries and n_kv_heads heads of keys and values. */
typedef struct hw3i_attn {
    hw3i_dense qkv;     /* all three side by side, or else */
    hw3i_dense q, k, v; /* no k and v where there is a latent */
    hw3i_latent latent;
    hw3i_dense out;
    int64_t layer, n_heads, n_kv_heads, d_head, d_value; /* d_head: without the rotated part of a latent */
    bool causal;
    double dropout;
} hw3i_attn;
struct hw3i_kv_sizes;
/* What a cache keeps of a token: heads, D, Dv, and whether values are in the keys. */
void hw3i_attn_sizes(const hw3i_attn *a, struct hw3i_kv_sizes *sizes);
hw3_var hw3i_attn_run(const hw3i_attn *a, const hw3i_pass *p, hw3_var x);
/* Of mla.c: queries, keys and values by a latent; with a state of the latents themselves, values HW3_NONE. Then the values of
 * what attention gives for them. */
void hw3i_latent_project(const hw3i_attn *a, const hw3i_pass *p, hw3_var x, hw3_var qkv[3]);
hw3_var hw3i_latent_values(const hw3i_attn *a, hw3_graph *g, hw3_var y);
/* [B, T, n d] to [B, T, n, d] */
hw3_var hw3i_heads(hw3_graph *g, hw3_var x, int64_t n, int64_t d);

/* down(activation(up(x))), or with a gate down(activation(gate(x)) up(x)), SwiGLU [Shazeer20] */
typedef struct hw3i_mlp {
    hw3i_dense gate, up, down;
    hw3_activation activation;
} hw3i_mlp;
hw3_var hw3i_mlp_run(const hw3i_mlp *m, hw3_graph *g, hw3_var x);

/* x + attention(norm(x)), then x + mlp(norm(x)) [Radford19]; with the norms behind norm(x + attention(x)), then
 * norm(x + mlp(x)) [Vaswani17]. */
typedef struct hw3i_block {
    hw3i_norm norm1, norm2;
    hw3i_attn attn;
    hw3i_mlp mlp;
    bool norms_behind;
    double dropout;
} hw3i_block;
hw3_var hw3i_block_run(const hw3i_block *b, const hw3i_pass *p, hw3_var x);

#endif
