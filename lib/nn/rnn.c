/* SPDX-License-Identifier: MIT */
#include "nn/rnn.h"
#include "math/kern.h"
#include <math.h>
#include <stdio.h>

const char *const hw3i_glass_names[5] = { "", "h", "h", "fiogch", "rznh" };

static hw3_status check_opts(hw3_ctx *ctx, const hw3_rnn_opts *o)
{
#define REQUIRE(condition, ...) \
    if (!(condition)) return hw3i_fail(ctx, HW3_ERR_ARG, __VA_ARGS__)
    REQUIRE(o->cell >= HW3_CELL_RNN_TANH && o->cell <= HW3_CELL_GRU, "rnn: cell is %d, not one of HW3_CELL_", (int)o->cell);
    REQUIRE(o->n_inputs >= 1 && o->n_inputs <= INT32_MAX, "rnn: n_inputs is %lld, must be at least 1", (long long)o->n_inputs);
    REQUIRE(o->n_hidden >= 1 && o->n_hidden <= INT32_MAX, "rnn: n_hidden is %lld, must be at least 1", (long long)o->n_hidden);
    REQUIRE(o->n_layers >= 1 && o->n_layers <= HW3I_RNN_MAX_LAYERS, "rnn: n_layers is %d, must be 1 to %d", (int)o->n_layers,
            HW3I_RNN_MAX_LAYERS);
    REQUIRE(o->dropout >= 0 && o->dropout < 1, "rnn: dropout is %g, must be at least 0 and less than 1", o->dropout);
    REQUIRE(o->dtype == HW3_F32 || o->dtype == HW3_F64, "rnn: dtype is %d, must be HW3_F32 or HW3_F64", (int)o->dtype);
    const struct { const char *name; int32_t value; } flags[] = {
        { "bidirectional", o->bidirectional }, { "learned_state", o->learned_state }, { "layer_norm", o->layer_norm },
        { "reset_before", o->reset_before }, { "glass_box", o->glass_box } };
    for (int64_t i = 0; i < HW3I_LEN(flags); i++)
        REQUIRE(flags[i].value == 0 || flags[i].value == 1, "rnn: %s is %d, must be 0 or 1", flags[i].name, (int)flags[i].value);
    REQUIRE(!o->reset_before || o->cell == HW3_CELL_GRU, "rnn: reset_before is for HW3_CELL_GRU, but cell is %d", (int)o->cell);
    REQUIRE(o->reserved == 0, "rnn: reserved is %d, must be 0", (int)o->reserved);
#undef REQUIRE
    return HW3_OK;
}

/* Adds the parameters of one cell: weights uniform in +-1 / sqrt(H), gains one, learned states zero. */
static hw3_status add_cell(hw3_rnn *rnn, const char *prefix, int32_t layer, int32_t direction, hw3i_rnn_cell *cell)
{
    const hw3_rnn_opts *o = &rnn->opts;
    int64_t H = o->n_hidden, GH = rnn->n_gates * H, I = layer ? rnn->n_directions * H : o->n_inputs;
    bool lstm = o->cell == HW3_CELL_LSTM, norm = o->layer_norm, learned = o->learned_state;
    const struct { const char *name; bool wanted; int32_t n_dims; int64_t shape[2]; hw3_init init; } rows[HW3I_RNN_N_PARAMS] = {
        [HW3I_W_IH] = { "weight_ih", true, 2, { GH, I }, 0 },
        [HW3I_W_HH] = { "weight_hh", true, 2, { GH, H }, 0 },
        [HW3I_B_IH] = { "bias_ih", true, 1, { GH, 0 }, 0 },
        [HW3I_B_HH] = { "bias_hh", true, 1, { GH, 0 }, 0 },
        [HW3I_LN_IH] = { "ln_ih", norm, 1, { GH, 0 }, HW3_INIT_ONE },
        [HW3I_LN_HH] = { "ln_hh", norm, 1, { GH, 0 }, HW3_INIT_ONE },
        [HW3I_LN_C] = { "ln_c", norm && lstm, 1, { H, 0 }, HW3_INIT_ONE },
        [HW3I_LN_C_BIAS] = { "ln_c_bias", norm && lstm, 1, { H, 0 }, HW3_INIT_ZERO },
        [HW3I_H0] = { "h0", learned, 1, { H, 0 }, HW3_INIT_ZERO },
        [HW3I_C0] = { "c0", learned && lstm, 1, { H, 0 }, HW3_INIT_ZERO } };
    for (int32_t i = 0; i < HW3I_RNN_N_PARAMS; i++) {
        if (!rows[i].wanted) continue;
        char name[256];
        int n = snprintf(name, sizeof name, "%s%s_l%d%s", prefix, rows[i].name, (int)layer, direction ? "_reverse" : "");
        if (n >= (int)sizeof name) return hw3i_fail(rnn->ctx, HW3_ERR_ARG, "rnn: prefix has %zu bytes, too many", strlen(prefix));
        hw3_status s = rows[i].init ? hw3i_params_add(rnn->params, name, o->dtype, rows[i].n_dims, rows[i].shape, rows[i].init)
            : hw3i_params_add_uniform(rnn->params, name, o->dtype, rows[i].n_dims, rows[i].shape, 1 / sqrt((double)H));
        if (s) return s;
        cell->p[i] = rnn->params->items[rnn->params->n - 1];
    }
    return HW3_OK;
}

static hw3_status add_cells(hw3_rnn *rnn, const char *prefix)
{
    int32_t n_cells = rnn->opts.n_layers * rnn->n_directions;
    rnn->cells = hw3i_calloc(rnn->ctx, n_cells, sizeof *rnn->cells);
    if (!rnn->cells) return HW3_ERR_NOMEM;
    int64_t before = rnn->params->n;
    for (int32_t k = 0; k < n_cells; k++) {
        hw3_status s = add_cell(rnn, prefix, k / rnn->n_directions, k % rnn->n_directions, &rnn->cells[k]);
        if (s) {
            hw3i_params_truncate(rnn->params, before);
            return s;
        }
    }
    return HW3_OK;
}

hw3_status hw3i_rnn_create(hw3_params *params, const char *prefix, const hw3_rnn_opts *opts, hw3_rnn **out)
{
    hw3_ctx *ctx = params->ctx;
    *out = NULL;
    hw3_status s = check_opts(ctx, opts);
    if (s) return s;
    hw3_rnn *rnn = hw3i_calloc(ctx, 1, sizeof *rnn);
    if (!rnn) return HW3_ERR_NOMEM;
    rnn->ctx = ctx;
    rnn->params = params;
    rnn->opts = *opts;
    rnn->n_directions = opts->bidirectional ? 2 : 1;
    rnn->n_gates = hw3i_n_gates(opts->cell);
    hw3i_params_retain(params);
    s = add_cells(rnn, prefix);
    if (s) hw3i_rnn_destroy(rnn);
    else *out = rnn;
    return s;
}

void hw3i_rnn_destroy(hw3_rnn *rnn)
{
    if (!rnn) return;
    hw3_params *params = rnn->params;
    hw3i_free(rnn->ctx, rnn->cells);
    hw3i_free(rnn->ctx, rnn->glass);
    hw3i_free(rnn->ctx, rnn);
    hw3i_params_release(params); /* last, for it may hold the context */
}

static hw3_var check_x(hw3_rnn *rnn, hw3_graph *g, hw3_var x)
{
    if (g->params != rnn->params) return hw3i_graph_fail(g, HW3_ERR_STATE, "rnn: the graph was made with other parameters");
    hw3i_node *n = hw3i_node_of(g, x);
    if (!n) return x < 0 && x != HW3_NONE ? x : hw3i_graph_fail(g, HW3_ERR_ARG, "rnn: x is %d, no value of this graph", (int)x);
    char text[128];
    const hw3_rnn_opts *o = &rnn->opts;
    if (n->dtype != o->dtype)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "rnn: x is %s, but the layer is %s", hw3i_dtype_name(n->dtype),
                               hw3i_dtype_name(o->dtype));
    if (n->n_dims != 3 || n->shape[0] < 1 || n->shape[1] < 1 || n->shape[2] != o->n_inputs)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "rnn: x is %s, must be [T, B, %lld] with T and B at least 1",
                               hw3i_shape_text(text, n->n_dims, n->shape), (long long)o->n_inputs);
    return x;
}

/* A state that came in must be [n_cells, B, H]. */
static hw3_var check_state(hw3_rnn *rnn, hw3_graph *g, hw3_var v, int64_t B, const char *which)
{
    if (v == HW3_NONE) return 0;
    hw3i_node *n = hw3i_node_of(g, v);
    if (!n) return v < 0 ? v : hw3i_graph_fail(g, HW3_ERR_ARG, "rnn: state %s is %d, no value of this graph", which, (int)v);
    int64_t want[3] = { rnn->opts.n_layers * rnn->n_directions, B, rnn->opts.n_hidden };
    char a[128], b[128];
    if (n->n_dims != 3 || memcmp(n->shape, want, sizeof want))
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "rnn: state %s is %s, must be %s", which,
                               hw3i_shape_text(a, n->n_dims, n->shape), hw3i_shape_text(b, 3, want));
    return 0;
}

/* The initial state [B, H] of one cell: given, learned, or HW3_NONE for zeros. */
static hw3_var initial(hw3_rnn *rnn, hw3_graph *g, hw3_var given, int32_t cell, int which, int64_t B)
{
    int64_t shape[2] = { B, rnn->opts.n_hidden };
    if (given != HW3_NONE) return hw3i_reshape(g, hw3i_slice(g, given, 0, cell, cell + 1), 2, shape);
    hw3i_param *learned = rnn->cells[cell].p[which];
    if (!learned) return HW3_NONE;
    return hw3i_op2(g, HW3I_OP_ADD, hw3i_zeros(g, rnn->opts.dtype, 2, shape), hw3i_param_var(g, learned));
}

static hw3_var run_cell(hw3_rnn *rnn, hw3_graph *g, int32_t cell, hw3_var x, hw3_var lengths, hw3_var h0, hw3_var c0,
                        hw3_var *hn, hw3_var *cn)
{
    const hw3_rnn_opts *o = &rnn->opts;
    if (o->layer_norm || o->reset_before || o->glass_box) return hw3i_rnn_unroll(rnn, g, cell, x, lengths, h0, c0, hn, cn);
    hw3i_param *const *p = rnn->cells[cell].p;
    return hw3i_recurrent(g, o->cell, cell % rnn->n_directions == 1, x, lengths, h0, c0, hw3i_param_var(g, p[HW3I_W_IH]),
                          hw3i_param_var(g, p[HW3I_W_HH]), hw3i_param_var(g, p[HW3I_B_IH]), hw3i_param_var(g, p[HW3I_B_HH]),
                          hn, cn);
}

/* Last states of all cells, [n_cells, B, H]. */
static hw3_var stack(hw3_graph *g, hw3_var *states, int32_t n, int64_t B, int64_t H)
{
    for (int32_t k = 0; k < n; k++) states[k] = hw3i_reshape(g, states[k], 3, (int64_t[]){ 1, B, H });
    return n == 1 ? states[0] : hw3i_concat(g, states, n, 0);
}

static hw3_status reserve_glass(hw3_rnn *rnn, int64_t T)
{
    if (!rnn->opts.glass_box) return HW3_OK;
    int64_t n = rnn->opts.n_layers * rnn->n_directions * HW3I_GLASS_MAX * T;
    hw3_status s = hw3i_grow(rnn->ctx, &rnn->glass, &rnn->glass_cap, n, sizeof *rnn->glass);
    rnn->glass_steps = s ? 0 : T;
    return s;
}

hw3_var hw3i_rnn_forward(hw3_rnn *rnn, hw3_graph *g, hw3_var x, hw3_var lengths, hw3_rnn_state *state)
{
    hw3_rnn_state in = state ? *state : (hw3_rnn_state)HW3_RNN_STATE_INIT;
    bool lstm = rnn->opts.cell == HW3_CELL_LSTM;
    rnn->glass_steps = 0;
    if ((x = check_x(rnn, g, x)) < 0) return x;
    int64_t T = hw3i_node_of(g, x)->shape[0], B = hw3i_node_of(g, x)->shape[1], H = rnn->opts.n_hidden;
    hw3_var s = check_state(rnn, g, in.h, B, "h");
    if (s >= 0) s = check_state(rnn, g, in.c, B, "c");
    if (s < 0) return s;
    if (!lstm && in.c != HW3_NONE) return hw3i_graph_fail(g, HW3_ERR_ARG, "rnn: state c is given, but only an LSTM has one");
    if (reserve_glass(rnn, T)) return hw3i_graph_fail(g, HW3_ERR_NOMEM, "rnn: out of memory for %lld steps", (long long)T);
    hw3_var h[HW3I_RNN_MAX_CELLS], c[HW3I_RNN_MAX_CELLS], y[2];
    int32_t D = rnn->n_directions, n_cells = D * rnn->opts.n_layers;
    for (int32_t k = 0; k < n_cells; k++) {
        hw3_var h0 = initial(rnn, g, in.h, k, HW3I_H0, B), c0 = lstm ? initial(rnn, g, in.c, k, HW3I_C0, B) : HW3_NONE;
        y[k % D] = run_cell(rnn, g, k, x, lengths, h0, c0, &h[k], &c[k]);
        if (y[k % D] < 0) return y[k % D];
        if (k % D < D - 1) continue;
        x = D == 1 ? y[0] : hw3i_concat(g, y, 2, 2);
        if (k < n_cells - 1 && rnn->opts.dropout > 0) x = hw3i_dropout(g, x, rnn->opts.dropout);
    }
    if (!state || x < 0) return x;
    hw3_rnn_state out = { stack(g, h, n_cells, B, H), lstm ? stack(g, c, n_cells, B, H) : HW3_NONE };
    if (out.h < 0) return out.h;
    if (lstm && out.c < 0) return out.c;
    *state = out;
    return x;
}

static hw3_var no_quantity(const hw3_rnn *rnn, const char *name)
{
    char list[32];
    int n = 0;
    for (const char *q = hw3i_glass_names[rnn->opts.cell]; *q; q++)
        n += snprintf(list + n, sizeof list - (size_t)n, n ? ", %c" : "%c", *q);
    return hw3i_fail(rnn->ctx, HW3_ERR_NAME, "glass box: no quantity \"%.32s\"; there are %s", name, list);
}

hw3_var hw3i_rnn_glass(hw3_rnn *rnn, int32_t layer, int32_t direction, int64_t step, const char *name)
{
    hw3_ctx *ctx = rnn->ctx;
    if (!rnn->opts.glass_box) return hw3i_fail(ctx, HW3_ERR_STATE, "glass box: the layer was made without glass_box");
    if (!rnn->glass_steps) return hw3i_fail(ctx, HW3_ERR_STATE, "glass box: no forward pass yet");
    if (layer < 0 || layer >= rnn->opts.n_layers)
        return hw3i_fail(ctx, HW3_ERR_ARG, "glass box: layer is %d, must be 0 to %d", (int)layer, (int)rnn->opts.n_layers - 1);
    if (direction < 0 || direction >= rnn->n_directions)
        return hw3i_fail(ctx, HW3_ERR_ARG, "glass box: direction is %d, must be 0 to %d", (int)direction,
                         (int)rnn->n_directions - 1);
    if (step < 0 || step >= rnn->glass_steps)
        return hw3i_fail(ctx, HW3_ERR_ARG, "glass box: step is %lld, must be 0 to %lld", (long long)step,
                         (long long)rnn->glass_steps - 1);
    const char *names = hw3i_glass_names[rnn->opts.cell], *q = name[0] && !name[1] ? strchr(names, name[0]) : NULL;
    if (!q) return no_quantity(rnn, name);
    int64_t cell = layer * rnn->n_directions + direction;
    return rnn->glass[(cell * rnn->glass_steps + step) * HW3I_GLASS_MAX + (q - names)];
}
