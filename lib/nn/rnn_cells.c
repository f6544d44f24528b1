/* SPDX-License-Identifier: MIT */
/* Recurrent cells step by step from elementary operators, so that every gate is a value of the graph.
 *
 *   P x = W x + b, or with layer norm N(W x) gain + b where N normalises the product as a whole [Ba16].
 *   With lengths, step t of a sequence that is over keeps its state: h = m cell(x, h') + (1 - m) h', y = m h. */
#include "nn/rnn.h"

#define LAYER_NORM_EPS 1e-5 /* PyTorch's */

typedef struct product {
    hw3_var weight, gain, bias;
} product;

typedef struct unrolled {
    hw3_rnn *rnn;
    hw3_graph *g;
    int64_t T, B, H;
    hw3_var x;              /* [T, B, G H]: P x of every step */
    product hidden;         /* for h', all gates; with reset-before r and z alone */
    product hidden_n;       /* GRU with reset-before: for r h' */
    hw3_var ln_c, ln_c_bias; /* HW3_NONE without layer norm */
    hw3_var h, c;
    hw3_var gate[HW3I_GLASS_MAX]; /* of this step, in the order of hw3i_glass_names */
} unrolled;

static hw3_var op1(unrolled *u, hw3i_op_id op, hw3_var a) { return hw3i_op1(u->g, op, a); }
static hw3_var op2(unrolled *u, hw3i_op_id op, hw3_var a, hw3_var b) { return hw3i_op2(u->g, op, a, b); }
static hw3_var add(unrolled *u, hw3_var a, hw3_var b) { return op2(u, HW3I_OP_ADD, a, b); }
static hw3_var mul(unrolled *u, hw3_var a, hw3_var b) { return op2(u, HW3I_OP_MUL, a, b); }
static hw3_var param(unrolled *u, hw3i_param *p) { return p ? hw3i_param_var(u->g, p) : HW3_NONE; }

static hw3_var apply(unrolled *u, const product *p, hw3_var x)
{
    if (p->gain == HW3_NONE) return hw3i_linear(u->g, x, p->weight, p->bias, false);
    hw3_var wx = hw3i_linear(u->g, x, p->weight, HW3_NONE, false);
    return add(u, hw3i_layer_norm(u->g, wx, p->gain, HW3_NONE, LAYER_NORM_EPS), p->bias);
}

static hw3_var part(unrolled *u, hw3_var a, int k) { return hw3i_slice(u->g, a, 1, k * u->H, (k + 1) * u->H); }

/* h = tanh(P x + P h'), or relu */
static void rnn_step(unrolled *u, hw3_var x)
{
    hw3i_op_id act = u->rnn->opts.cell == HW3_CELL_RNN_TANH ? HW3I_OP_TANH : HW3I_OP_RELU;
    u->h = op1(u, act, add(u, x, apply(u, &u->hidden, u->h)));
}

/* i, f, o = sigmoid(P x + P h'), g = tanh(P x + P h'), c = f c' + i g, h = o tanh(c) [Hochreiter97] */
static void lstm_step(unrolled *u, hw3_var x)
{
    hw3_var a = add(u, x, apply(u, &u->hidden, u->h));
    hw3_var i = op1(u, HW3I_OP_SIGMOID, part(u, a, 0)), f = op1(u, HW3I_OP_SIGMOID, part(u, a, 1));
    hw3_var g = op1(u, HW3I_OP_TANH, part(u, a, 2)), o = op1(u, HW3I_OP_SIGMOID, part(u, a, 3));
    u->c = add(u, mul(u, f, u->c), mul(u, i, g));
    hw3_var c = u->ln_c == HW3_NONE ? u->c : hw3i_layer_norm(u->g, u->c, u->ln_c, u->ln_c_bias, LAYER_NORM_EPS);
    u->h = mul(u, o, op1(u, HW3I_OP_TANH, c));
    u->gate[0] = f, u->gate[1] = i, u->gate[2] = o, u->gate[3] = g;
}

/* r, z = sigmoid(P x + P h'), n = tanh(P x + r P h') or tanh(P x + P (r h')), h = (1 - z) n + z h' [Cho14] */
static void gru_step(unrolled *u, hw3_var x)
{
    hw3_var a = apply(u, &u->hidden, u->h);
    hw3_var r = op1(u, HW3I_OP_SIGMOID, add(u, part(u, x, 0), part(u, a, 0)));
    hw3_var z = op1(u, HW3I_OP_SIGMOID, add(u, part(u, x, 1), part(u, a, 1)));
    hw3_var b = u->rnn->opts.reset_before ? apply(u, &u->hidden_n, mul(u, r, u->h)) : mul(u, r, part(u, a, 2));
    hw3_var n = op1(u, HW3I_OP_TANH, add(u, part(u, x, 2), b));
    u->h = add(u, mul(u, hw3i_affine(u->g, z, -1, 1), n), mul(u, z, u->h));
    u->gate[0] = r, u->gate[1] = z, u->gate[2] = n;
}

static product rows(unrolled *u, const product *p, int64_t start, int64_t stop)
{
    return (product){ hw3i_slice(u->g, p->weight, 0, start, stop),
                      p->gain == HW3_NONE ? HW3_NONE : hw3i_slice(u->g, p->gain, 0, start, stop),
                      hw3i_slice(u->g, p->bias, 0, start, stop) };
}

static void begin(unrolled *u, int32_t cell, hw3_var x)
{
    hw3i_param *const *p = u->rnn->cells[cell].p;
    product input = { param(u, p[HW3I_W_IH]), param(u, p[HW3I_LN_IH]), param(u, p[HW3I_B_IH]) };
    u->hidden = (product){ param(u, p[HW3I_W_HH]), param(u, p[HW3I_LN_HH]), param(u, p[HW3I_B_HH]) };
    if (u->rnn->opts.reset_before) {
        u->hidden_n = rows(u, &u->hidden, 2 * u->H, 3 * u->H);
        u->hidden = rows(u, &u->hidden, 0, 2 * u->H);
    }
    u->ln_c = param(u, p[HW3I_LN_C]);
    u->ln_c_bias = param(u, p[HW3I_LN_C_BIAS]);
    u->x = apply(u, &input, x);
}

/* m [B, 1] with 1 where the sequence still runs at step t, and 1 - m; false when all run. */
static bool make_mask(unrolled *u, hw3_var lengths, int64_t t, hw3_var *mask, hw3_var *rest)
{
    if (lengths == HW3_NONE) return false;
    const int64_t *n = hw3i_node_of(u->g, lengths)->value;
    bool all = true;
    for (int64_t b = 0; b < u->B; b++) all = all && t < n[b];
    if (all) return false;
    void *m, *r;
    *mask = hw3i_leaf(u->g, u->rnn->opts.dtype, 2, (int64_t[]){ u->B, 1 }, &m);
    *rest = hw3i_leaf(u->g, u->rnn->opts.dtype, 2, (int64_t[]){ u->B, 1 }, &r);
    if (*mask < 0 || *rest < 0) return true;
    for (int64_t b = 0; b < u->B; b++) {
        if (u->rnn->opts.dtype == HW3_F32) ((float *)m)[b] = t < n[b], ((float *)r)[b] = t >= n[b];
        else ((double *)m)[b] = t < n[b], ((double *)r)[b] = t >= n[b];
    }
    return true;
}

/* One step: gates, state, and what the glass box keeps. Returns y of this step, [1, B, H]. */
static hw3_var step(unrolled *u, int64_t t, hw3_var lengths, hw3_var *glass)
{
    int32_t cell = u->rnn->opts.cell;
    bool lstm = cell == HW3_CELL_LSTM;
    hw3_var mask, rest, h = u->h, c = u->c;
    hw3_var x = hw3i_slice(u->g, u->x, 0, t, t + 1);
    x = hw3i_reshape(u->g, x, 2, (int64_t[]){ u->B, u->rnn->n_gates * u->H });
    (lstm ? lstm_step : cell == HW3_CELL_GRU ? gru_step : rnn_step)(u, x);
    bool cut = make_mask(u, lengths, t, &mask, &rest);
    if (cut) u->h = add(u, mul(u, mask, u->h), mul(u, rest, h));
    if (cut && lstm) u->c = add(u, mul(u, mask, u->c), mul(u, rest, c));
    if (glass) {
        int n = (int)strlen(hw3i_glass_names[cell]);
        memcpy(glass, u->gate, sizeof u->gate);
        glass[n - 1] = u->h;
        if (lstm) glass[n - 2] = u->c;
    }
    hw3_var y = cut ? mul(u, mask, u->h) : u->h;
    return hw3i_reshape(u->g, y, 3, (int64_t[]){ 1, u->B, u->H });
}

hw3_var hw3i_rnn_unroll(hw3_rnn *rnn, hw3_graph *g, int32_t cell, hw3_var x, hw3_var lengths, hw3_var h0, hw3_var c0,
                        hw3_var *hn, hw3_var *cn)
{
    const hw3i_node *n = hw3i_node_of(g, x);
    unrolled u = { .rnn = rnn, .g = g, .T = n->shape[0], .B = n->shape[1], .H = rnn->opts.n_hidden };
    hw3_var s = hw3i_check_lengths(g, "recurrent", lengths, u.T, u.B);
    if (s < 0) return s;
    bool lstm = rnn->opts.cell == HW3_CELL_LSTM;
    int64_t shape[2] = { u.B, u.H };
    u.h = h0 != HW3_NONE ? h0 : hw3i_zeros(g, rnn->opts.dtype, 2, shape);
    u.c = c0 != HW3_NONE || !lstm ? c0 : hw3i_zeros(g, rnn->opts.dtype, 2, shape);
    begin(&u, cell, x);
    hw3_var *y = hw3i_arena_alloc(&g->arena, u.T, sizeof *y);
    if (!y) return hw3i_graph_fail(g, HW3_ERR_NOMEM, "rnn: out of memory for %lld steps", (long long)u.T);
    bool reverse = cell % rnn->n_directions == 1;
    for (int64_t i = 0; i < u.T; i++) {
        int64_t t = reverse ? u.T - 1 - i : i;
        y[t] = step(&u, t, lengths, rnn->opts.glass_box ? rnn->glass + (cell * u.T + t) * HW3I_GLASS_MAX : NULL);
        if (y[t] < 0) return y[t];
    }
    *hn = u.h;
    *cn = u.c;
    return hw3i_concat(g, y, u.T, 0);
}
