/* SPDX-License-Identifier: MIT */
#include "hw3/attention.h"
#include "api/check.h"
#include "nn/positions.h"
#include <math.h>

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_attention_opts))
#define OLDEST_ROPE ((uint32_t)sizeof(hw3_rope_opts))

static const hw3_attention_opts defaults = HW3_ATTENTION_OPTS_INIT;
static const hw3_rope_opts rope_defaults = HW3_ROPE_OPTS_INIT;

hw3_status hw3_attention_opts_init(hw3_attention_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

hw3_status hw3_rope_opts_init(hw3_rope_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &rope_defaults, sizeof rope_defaults, OLDEST_ROPE);
}

static hw3_status check_opts(hw3_graph *g, const hw3_attention_opts *o)
{
    if (o->causal != 0 && o->causal != 1)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: causal is %d, must be 0 or 1", (int)o->causal);
    if (o->reserved) return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: reserved is %d, must be 0", (int)o->reserved);
    return HW3_OK;
}

hw3_var hw3_attention(hw3_graph *graph, hw3_var q, hw3_var k, hw3_var v, const hw3_attention_opts *opts)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_attention_opts o = defaults;
    hw3_status s = hw3i_graph_import(graph, &o, sizeof o, opts, OLDEST_OPTS, "hw3_attention_opts");
    if (!s) s = check_opts(graph, &o);
    if (s) return s;
    const hw3i_node *first = hw3i_node_of(graph, q), *keys = hw3i_node_of(graph, k);
    const bool known = first && keys && first->n_dims == 4 && keys->n_dims == 4; /* if not, the operator says so */
    return hw3i_attention(graph, q, k, v, &(hw3i_attention_opts){
        .causal = o.causal, .scale = o.scale != 0 || !known || !first->n ? o.scale : 1 / sqrt((double)first->shape[3]), .dropout = o.dropout,
        .window = o.window, .prefix = o.prefix,
        .offset = o.offset != HW3_AT_END ? o.offset : known ? keys->shape[1] - first->shape[1] : 0,
        .bias = o.bias, .slopes = o.slopes, .lengths = o.lengths });
}

hw3_status hw3_attention_weights(hw3_graph *graph, hw3_var attention, int64_t sequence, int64_t head, double *weights)
{
    if (!graph) return HW3_ERR_ARG;
    if (!weights) return hw3i_is_null(graph->ctx, "attention_weights", "weights");
    return hw3i_attention_weights(graph, attention, sequence, head, weights);
}

hw3_status hw3_attention_entropy(hw3_graph *graph, hw3_var attention, double *entropy)
{
    if (!graph) return HW3_ERR_ARG;
    if (!entropy) return hw3i_is_null(graph->ctx, "attention_entropy", "entropy");
    return hw3i_attention_entropy(graph, attention, entropy);
}

hw3_var hw3_rope(hw3_graph *graph, hw3_var x, hw3_var positions, const hw3_rope_opts *opts)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_rope_opts o = rope_defaults;
    hw3_status s = hw3i_graph_import(graph, &o, sizeof o, opts, OLDEST_ROPE, "hw3_rope_opts");
    if (!s && o.reserved) s = hw3i_graph_fail(graph, HW3_ERR_ARG, "rope: reserved is %d, must be 0", (int)o.reserved);
    if (s) return s;
    const hw3i_node *first = hw3i_node_of(graph, x);
    if (!first) return hw3i_no_value(graph, x, "rope");
    if (first->n_dims != 4)
        return hw3i_graph_fail(graph, HW3_ERR_SHAPE, "rope: x is %s, must be [B, T, heads, D]",
                               hw3i_shape_text((char[128]){ 0 }, first->n_dims, first->shape));
    double factor = 1;
    hw3_var table = hw3i_rope_table(graph, first->shape[3], &o, &factor);
    return hw3i_rope(graph, x, positions, table, o.interleaved != 0, factor);
}

hw3_var hw3_sinusoids(hw3_graph *graph, hw3_var positions, int64_t n_dims, hw3_dtype dtype)
{
    return graph ? hw3i_sinusoids(graph, positions, n_dims, dtype) : HW3_ERR_ARG;
}

hw3_var hw3_gaussian_positions(hw3_graph *graph, hw3_var queries, hw3_var keys, hw3_var centers, hw3_var sharpness)
{
    return graph ? hw3i_gaussian_positions(graph, queries, keys, centers, sharpness) : HW3_ERR_ARG;
}
