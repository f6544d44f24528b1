/* SPDX-License-Identifier: MIT */
#include "nn/rnn.h"

static const hw3_rnn_opts defaults = HW3_RNN_OPTS_INIT;
#define OLDEST_RNN_OPTS ((uint32_t)sizeof(hw3_rnn_opts))

hw3_status hw3_rnn_opts_init(hw3_rnn_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_RNN_OPTS);
}

hw3_status hw3_rnn_create(hw3_params *params, const char *prefix, const hw3_rnn_opts *opts, hw3_rnn **out)
{
    if (out) *out = NULL;
    if (!params) return HW3_ERR_ARG;
    if (!prefix || !opts || !out)
        return hw3i_fail(params->ctx, HW3_ERR_ARG, "rnn: %s is NULL", !prefix ? "prefix" : !opts ? "opts" : "out");
    hw3_rnn_opts o = defaults;
    hw3_status s = hw3i_import(params->ctx, &o, sizeof o, opts, OLDEST_RNN_OPTS, "hw3_rnn_opts");
    return s ? s : hw3i_rnn_create(params, prefix, &o, out);
}

void hw3_rnn_destroy(hw3_rnn *rnn) { hw3i_rnn_destroy(rnn); }

hw3_var hw3_rnn_forward(hw3_rnn *rnn, hw3_graph *graph, hw3_var x, hw3_var lengths, hw3_rnn_state *state)
{
    hw3_var y = !graph ? hw3i_fail(rnn ? rnn->ctx : NULL, HW3_ERR_ARG, "rnn: graph is NULL")
                : !rnn ? hw3i_graph_fail(graph, HW3_ERR_ARG, "rnn: rnn is NULL")
                       : hw3i_rnn_forward(rnn, graph, x, lengths, state);
    if (y < 0 && state) state->h = state->c = y; /* what is built on the last state alone must not take an older one */
    return y;
}

hw3_var hw3_rnn_glass(hw3_rnn *rnn, int32_t layer, int32_t direction, int64_t step, const char *name)
{
    if (!rnn) return HW3_ERR_ARG;
    if (!name) return hw3i_fail(rnn->ctx, HW3_ERR_ARG, "glass box: name is NULL");
    return hw3i_rnn_glass(rnn, layer, direction, step, name);
}
