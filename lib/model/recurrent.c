/* SPDX-License-Identifier: MIT */
/* Recurrent language models: an embedding, layers of nn/rnn, a linear head. */
#include "model/model.h"
#include <stdio.h>

/* Asks for the parameters that the layers are going to have. */
static hw3_status expect(const hw3i_maker *mk, const hw3_rnn_opts *o, const char *prefix)
{
    static const char *const names[] = { "weight_ih", "weight_hh", "bias_ih", "bias_hh" };
    const int64_t G = hw3i_n_gates(o->cell), H = o->n_hidden;
    hw3_status s = HW3_OK;
    for (int32_t i = 0; i < 4 * o->n_layers && mk->expect && !s; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s_l%d", prefix, names[i % 4], (int)i / 4);
        s = mk->expect(mk->user, name, o->dtype, i % 4 < 2 ? 2 : 1, (int64_t[]){ G * H, i ? H : o->n_inputs }, false);
    }
    return s;
}

void hw3i_recurrent_make(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = m->family->cell, o.n_inputs = c->d_embed, o.n_hidden = c->d_model, o.n_layers = (int32_t)c->n_layers;
    o.dropout = c->dropout, o.dtype = c->dtype;
    if (!mk->status) mk->status = expect(mk, &o, m->family->layer);
    if (!mk->status) mk->status = hw3i_rnn_create(m->params, m->family->layer, &o, &m->rnn);
}

static int64_t n_parts(const hw3_model *m) { return m->family->cell == HW3_CELL_LSTM ? 2 : 1; }

int64_t hw3i_recurrent_state(const hw3_model *m) { return n_parts(m) * m->config.n_layers * m->config.d_model; }

/* The states of the sequences of a pass, [layer, H] each, into a leaf [layer, B, H]. */
static hw3_var begin(const hw3_model *m, const hw3i_pass *p, int64_t part)
{
    const hw3i_state *st = p->state;
    const int64_t L = m->config.n_layers, B = st->B, row = m->config.d_model * hw3i_dtype_size(m->config.dtype);
    void *to;
    const hw3_var v = hw3i_leaf(p->g, m->config.dtype, 3, (int64_t[]){ L, B, m->config.d_model }, &to);
    for (int64_t i = 0; v >= 0 && i < L * B; i++)
        memcpy((char *)to + i * row, hw3i_kv_at(st->kv, st->which[i % B]) + (part * L + i / B) * row, (size_t)row);
    return v;
}

/* What they are after it. */
static void keep(const hw3_model *m, const hw3i_pass *p, int64_t part, hw3_var v)
{
    const hw3i_state *st = p->state;
    const int64_t L = m->config.n_layers, B = st->B, row = m->config.d_model * hw3i_dtype_size(m->config.dtype);
    const char *from = hw3i_node_of(p->g, v)->value;
    for (int64_t i = 0; i < L * B; i++)
        memcpy(hw3i_kv_next(st->kv, st->which[i % B]) + (part * L + i / B) * row, from + i * row, (size_t)row);
}

hw3_var hw3i_recurrent_run(hw3_model *m, const hw3i_pass *p, hw3_var x)
{
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    if (p->state) s.h = begin(m, p, 0);
    if (p->state && n_parts(m) == 2) s.c = begin(m, p, 1);
    if (x < 0) return x;
    hw3_var y = hw3i_rnn_forward(m->rnn, p->g, hw3i_transpose(p->g, x, 0, 1), p->lengths, &s);
    if (y >= 0 && p->state) keep(m, p, 0, s.h);
    if (y >= 0 && p->state && n_parts(m) == 2) keep(m, p, 1, s.c);
    y = hw3i_transpose(p->g, y, 0, 1);
    return m->config.dropout > 0 ? hw3i_dropout(p->g, y, m->config.dropout) : y;
}
