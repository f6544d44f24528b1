/* SPDX-License-Identifier: MIT */
#include "hw3/attention.h"
#include "api/check.h"
#include "graph/ops.h"
#include <math.h>

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_attention_opts))

static const hw3_attention_opts defaults = HW3_ATTENTION_OPTS_INIT;

hw3_status hw3_attention_opts_init(hw3_attention_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

static hw3_status import_opts(hw3_graph *g, const hw3_attention_opts *opts, hw3_attention_opts *o)
{
    *o = defaults;
    hw3_status s = opts ? hw3i_import(g->ctx, o, sizeof *o, opts, OLDEST_OPTS, "hw3_attention_opts") : HW3_OK;
    if (s) {
        char message[sizeof g->ctx->error];
        memcpy(message, g->ctx->error, sizeof message);
        return hw3i_graph_fail(g, s, "%s", message);
    }
    if (o->causal != 0 && o->causal != 1)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: causal is %d, must be 0 or 1", (int)o->causal);
    if (o->reserved) return hw3i_graph_fail(g, HW3_ERR_ARG, "attention: reserved is %d, must be 0", (int)o->reserved);
    return HW3_OK;
}

hw3_var hw3_attention(hw3_graph *graph, hw3_var q, hw3_var k, hw3_var v, const hw3_attention_opts *opts)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_attention_opts o;
    hw3_status s = import_opts(graph, opts, &o);
    if (s) return s;
    const hw3i_node *first = hw3i_node_of(graph, q), *keys = hw3i_node_of(graph, k);
    const bool known = first && keys && first->n_dims == 4 && keys->n_dims == 4; /* if not, the operator says so */
    return hw3i_attention(graph, q, k, v, &(hw3i_attention_opts){
        .causal = o.causal, .scale = o.scale != 0 || !known ? o.scale : 1 / sqrt((double)first->shape[3]), .dropout = o.dropout,
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
