/* SPDX-License-Identifier: MIT */
/** @file cost.h
 * The accountant: what attention costs, by formula, before anything is built.
 *
 *     hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
 *     o.n_tokens = 1024;  o.d_model = 768;  o.n_heads = 12;  o.n_kv_heads = 4;
 *     hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
 *     TRY(hw3_attention_cost(ctx, &o, &c));                        // c.flops 6291456, c.cached_bytes 1048576
 *
 * A multiplication and an addition are 2 FLOPs. Counted are the matrix products, as usual: softmax, biases, norms and rotations
 * are left out.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_COST_H
#define HW3_COST_H
#include "hw3/base.h"
HW3_BEGIN

/** Attention whose cost is asked. As many heads of keys as of queries is MHA [Vaswani17], one is MQA [Shazeer19], between is GQA
 *  [Ainslie23]; with kv_rank it is MLA, which caches a latent and a rotated key that all heads share [DeepSeekV2]. */
typedef struct hw3_attention_cost_opts {
    uint32_t struct_size; /**< sizeof(hw3_attention_cost_opts) */
    int32_t cache;        /**< 1: keys and values (MLA: latents) of earlier tokens are kept; 0: all n_tokens are computed anew */
    int32_t causal;       /**< 1: only pairs that a causal mask leaves are counted; 0: every query with all n_tokens */
    int32_t absorbed;     /**< MLA: 1: queries go to the latents; 0: latents are expanded to keys and values at every step */
    int64_t n_tokens;     /**< of a sequence, the new ones counted */
    int64_t n_new;        /**< tokens of the step: 1 in decoding, n_tokens in training, prefill or without a cache */
    int64_t n_sequences;  /**< in the step, each of n_tokens */
    int64_t n_layers;     /**< alike */
    int64_t d_model;      /**< length of a token's vector */
    int64_t n_heads;      /**< of queries */
    int64_t n_kv_heads;   /**< of keys and values, divides n_heads; 0 for n_heads */
    int64_t d_head;       /**< of a query or key (MLA: without its rotated part); 0 for d_model / n_heads */
    int64_t d_value;      /**< of a head's value; 0 for d_head */
    int64_t kv_rank;      /**< MLA: length of the latent; 0 for no MLA */
    int64_t q_rank;       /**< MLA: length of the latent that queries are made of; 0 for none */
    int64_t d_rope;       /**< MLA: length of the rotated part */
    int64_t element_size; /**< bytes of a number: 2 for fp16 and bf16 */
} hw3_attention_cost_opts;
/** Defaults of hw3_attention_cost_opts: a decode step from a cache of 2-byte numbers; n_tokens, d_model and n_heads must be
 *  set. */
#define HW3_ATTENTION_COST_OPTS_INIT { (uint32_t)sizeof(hw3_attention_cost_opts), 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2 }

/** Fills opts with the defaults, for callers that cannot use HW3_ATTENTION_COST_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_attention_cost_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_attention_cost_opts_init(hw3_attention_cost_opts *opts, uint32_t size);

/** What a step costs, all layers and sequences together. */
typedef struct hw3_attention_costs {
    uint32_t struct_size;    /**< sizeof(hw3_attention_costs) */
    int32_t reserved;        /**< 0 */
    int64_t flops;           /**< sum of the six below */
    int64_t query_flops;     /**< projections to queries */
    int64_t kv_flops;        /**< projections to keys and values, or to latents and rotated keys */
    int64_t latent_flops;    /**< MLA: queries into latents and means of latents back, or latents to keys and values */
    int64_t score_flops;     /**< products of queries and keys */
    int64_t mix_flops;       /**< weights times values */
    int64_t output_flops;    /**< output projection */
    int64_t cached_elements; /**< numbers kept after the step */
    int64_t cached_bytes;    /**< of them */
    int64_t weight_elements; /**< numbers in the projections, biases left out */
    int64_t weight_bytes;    /**< of them */
    int64_t step_bytes;      /**< read at least: weights once, all of the cache once */
} hw3_attention_costs;
/** An empty hw3_attention_costs. */
#define HW3_ATTENTION_COSTS_INIT { (uint32_t)sizeof(hw3_attention_costs), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** Counts what attention costs.
 *  ctx: context.  opts: what is asked.  out: begun with HW3_ATTENTION_COSTS_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG (a number out of its range, heads that do not divide); HW3_ERR_VALUE (a count past 2^63);
 *  HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_attention_cost(hw3_ctx *ctx, const hw3_attention_cost_opts *opts, hw3_attention_costs *out);

HW3_END
#endif
