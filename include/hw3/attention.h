/* SPDX-License-Identifier: MIT */
/** @file attention.h
 * Attention, as one operator of a graph.
 *
 *     hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
 *     o.causal = 1;
 *     hw3_var y = hw3_attention(g, q, k, v, &o);      // q [B, T, 12, 64], k and v [B, T, 4, 64]: three heads share a key
 *
 * As many heads of keys as of queries is multi-head attention [Vaswani17], one is multi-query [Shazeer19], between is
 * grouped-query [Ainslie23]. Memory grows with the length and not with its square: no matrix of weights is kept [Dao22].
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_ATTENTION_H
#define HW3_ATTENTION_H
#include "hw3/graph.h"
HW3_BEGIN

/** As offset: the last query stands at the last key. */
#define HW3_AT_END INT64_MIN

/** What the queries see, and how. Query i of Tq stands at position i + offset of the Tk keys. */
typedef struct hw3_attention_opts {
    uint32_t struct_size; /**< sizeof(hw3_attention_opts) */
    int32_t causal;       /**< 1: no key past the query's own position */
    double scale;         /**< of the scores; 0 for 1 / sqrt(D) */
    double dropout;       /**< 0 <= p < 1, of the weights, in training [Srivastava14] */
    int64_t window;       /**< only keys nearer than this; 0 for all [Beltagy20] */
    int64_t prefix;       /**< the first keys, which every query sees, whatever causal and window say [Raffel20] */
    int64_t offset;       /**< position of the first query, or HW3_AT_END */
    hw3_var bias;         /**< [B or 1, heads or 1, Tq, Tk], added to the scores; -infinity hides a key; or HW3_NONE. Its gradient
                               takes B heads Tq Tk numbers */
    hw3_var slopes;       /**< [heads], ALiBi: score - slope |distance| [Press22], no gradient; or HW3_NONE */
    hw3_var lengths;      /**< HW3_I64 [B], only the first keys of each sequence, 0 to Tk; or HW3_NONE */
    int32_t reserved;     /**< 0 */
} hw3_attention_opts;
/** Defaults of hw3_attention_opts: every query sees every key. */
#define HW3_ATTENTION_OPTS_INIT \
    { (uint32_t)sizeof(hw3_attention_opts), 0, 0.0, 0.0, 0, 0, HW3_AT_END, HW3_NONE, HW3_NONE, HW3_NONE, 0 }

/** Fills opts with the defaults, for callers that cannot use HW3_ATTENTION_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_attention_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_attention_opts_init(hw3_attention_opts *opts, uint32_t size);

/** Attention: o_i = sum_j p_ij v_j, p_i = softmax_j(scale q_i . k_j + bias_ij) over the keys that query i sees [Vaswani17].
 *  A query that sees no key gives 0. Head h of q reads head h / (heads / kv_heads) of k and v.
 *  graph; q: [B, Tq, heads, D]; k: [B, Tk, kv_heads, D], heads a multiple of kv_heads; v: [B, Tk, kv_heads, Dv];
 *  opts: NULL for the defaults.
 *  Returns: [B, Tq, heads, Dv], or a status as in ops.h (HW3_ERR_VALUE: a length; HW3_ERR_ABI: opts). Since 0.1. */
HW3_API hw3_var hw3_attention(hw3_graph *graph, hw3_var q, hw3_var k, hw3_var v, const hw3_attention_opts *opts);

/** Tells the weights of one head, computed anew from what attention kept; before dropout.
 *  graph: a graph.  attention: a value of hw3_attention.  sequence: 0 to B - 1.  head: 0 to heads - 1.
 *  weights: [Tq, Tk], receives p; 0 for a key that is not seen.
 *  Returns: HW3_OK; the status that attention carries; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_attention_weights(hw3_graph *graph, hw3_var attention, int64_t sequence, int64_t head,
                                                        double *weights);

/** Tells how spread the weights of every query are: H_i = -sum_j p_ij log p_ij, in nats, from 0 to log Tk [Shannon48].
 *  graph: a graph.  attention: a value of hw3_attention.  entropy: [B, heads, Tq], receives H.
 *  Returns: HW3_OK; the status that attention carries; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_attention_entropy(hw3_graph *graph, hw3_var attention, double *entropy);

/** How rotary positions reach past the length that a model was trained on. */
#define HW3_ROPE_PLAIN  0 /**< as they are */
#define HW3_ROPE_LINEAR 1 /**< positions divided by factor [Chen23] */
#define HW3_ROPE_NTK    2 /**< a base that slows the slowest pair down by factor and the fastest not at all [Peng23] */
#define HW3_ROPE_YARN   3 /**< slow pairs slowed down by factor, fast ones not, a ramp between [Peng23] */
#define HW3_ROPE_LLAMA3 4 /**< the same with a ramp by how often a pair turns, and no attention_factor [Llama3] */

/** Rotary positions: pair i turns by base^(-2 i / n_dims) a position. */
typedef struct hw3_rope_opts {
    uint32_t struct_size;     /**< sizeof(hw3_rope_opts) */
    int32_t interleaved;      /**< 0: pairs (i, i + n_dims / 2), as Llama in transformers; 1: (2 i, 2 i + 1), as DeepSeek */
    double base;              /**< > 1 */
    int64_t n_dims;           /**< the first dimensions, which are rotated; even; 0 for all */
    int32_t scaling;          /**< HW3_ROPE_ */
    int32_t reserved;         /**< 0 */
    double factor;            /**< of the scaling, at least 1e-30 */
    int64_t original_context; /**< YaRN, Llama 3: the length trained on */
    double beta_fast;         /**< YaRN, Llama 3: pairs that turn more often in it stay */
    double beta_slow;         /**< YaRN, Llama 3: pairs that turn less often in it are slowed down in full */
    double attention_factor;  /**< multiplies what is rotated, up to 1e6; 0 for 0.1 log(factor) + 1 with YaRN and 1 without */
} hw3_rope_opts;
/** Defaults of hw3_rope_opts. */
#define HW3_ROPE_OPTS_INIT \
    { (uint32_t)sizeof(hw3_rope_opts), 0, 10000.0, 0, HW3_ROPE_PLAIN, 0, 1.0, 0, 32.0, 1.0, 0.0 }

/** Fills opts with the defaults, for callers that cannot use HW3_ROPE_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_rope_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_rope_opts_init(hw3_rope_opts *opts, uint32_t size);

/** Rotary positions: turns each pair (a, b) of a vector at position p by the angle p f_i, to
 *  (a cos - b sin, b cos + a sin), so that products of queries and keys tell their distance alone [Su21].
 *  graph; x: [B, T, heads, D]; positions: HW3_I64 [B, T] or [T]; opts: NULL for the defaults.
 *  Returns: the value, or a status as in ops.h (HW3_ERR_ARG: an odd number of dimensions; HW3_ERR_ABI: opts). Since 0.1. */
HW3_API hw3_var hw3_rope(hw3_graph *graph, hw3_var x, hw3_var positions, const hw3_rope_opts *opts);

/** Sinusoidal positions, to be added to embeddings: elements 2 i and 2 i + 1 of position p are the sine and the cosine of
 *  p 10000^(-2 i / n_dims) [Vaswani17].
 *  graph; positions: HW3_I64 [T] or [B, T]; n_dims: even; dtype: HW3_F32 or HW3_F64.
 *  Returns: [T, n_dims] or [B, T, n_dims], without a gradient, or a status as in ops.h. Since 0.1. */
HW3_API hw3_var hw3_sinusoids(hw3_graph *graph, hw3_var positions, int64_t n_dims, hw3_dtype dtype);

/** Relative positions in two dimensions, as a bias for hw3_attention: for a key at offset d = key - query head h has
 *  -sharpness_h (|d|^2 - 2 center_h . d), which after the softmax is a Gaussian hill around center_h [Cordonnier20].
 *  graph; queries: [Tq, 2], row and column of each; keys: [Tk, 2]; centers: [heads, 2]; sharpness: [heads].
 *  Returns: [1, heads, Tq, Tk], with gradients of all four, or a status as in ops.h. Since 0.1. */
HW3_API hw3_var hw3_gaussian_positions(hw3_graph *graph, hw3_var queries, hw3_var keys, hw3_var centers, hw3_var sharpness);

HW3_END
#endif
