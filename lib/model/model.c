/* SPDX-License-Identifier: MIT */
#include "model/model.h"
#include <math.h>
#include <stdio.h>

/* Where block i has its parts; prefix has room for 64 bytes. */
static const char *layer_prefix(const hw3i_family *f, int64_t i, char *prefix)
{
    int n = snprintf(prefix, 64, "%s", f->base);
    snprintf(prefix + n, 64 - (size_t)n, f->layer, (long long)i);
    return prefix;
}

/* back: deviation of first weights that lead back into the residual stream */
static hw3i_attn make_attn(const hw3_model *m, hw3i_maker *mk, const char *at, int64_t layer, double back)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    const int64_t d = c->d_model, D = c->d_head, Dv = c->d_value, H = c->n_heads, kv = c->n_kv_heads;
    const int64_t q_from = c->q_rank ? c->q_rank : d;
    const bool bias = c->attention_bias, low = c->q_rank > 0;
    hw3i_attn a = { .layer = layer, .n_heads = H, .n_kv_heads = kv, .d_head = D, .d_value = Dv, .causal = f->causal,
                    .dropout = c->attention_dropout, .latent = { .rank = c->kv_rank, .d_rope = c->d_rope } };
    const struct { const char *name; hw3i_dense *to; int64_t n_in, n_out; bool bias; } parts[] = {
        { f->qkv, &a.qkv, d, H * D + kv * (D + Dv), bias },
        { low ? f->q_down : NULL, &a.latent.q_down, d, c->q_rank, bias },
        { low ? f->q_up : f->q, &a.q, q_from, H * (D + c->d_rope), bias && !f->kv_down },
        { f->k, &a.k, d, kv * D, bias },
        { f->v, &a.v, d, kv * Dv, bias },
        { f->kv_down, &a.latent.down, d, c->kv_rank + c->d_rope, bias },
        { f->kv_up, &a.latent.up, c->kv_rank, H * (D + Dv), false },
        { f->out, &a.out, H * Dv, d, bias } };
    for (int64_t i = 0; i < HW3I_LEN(parts); i++)
        if (parts[i].name)
            *parts[i].to = hw3i_make_dense(mk, (hw3i_place){ at, parts[i].name }, parts[i].n_in, parts[i].n_out, parts[i].bias,
                                           f->by_columns, parts[i].name == f->out ? back : mk->std);
    /* with the family's eps, whatever the configuration's is */
    if (low) a.latent.q_norm = hw3i_make_norm(mk, (hw3i_place){ at, f->q_norm }, c->q_rank, f->eps, f->rms);
    if (f->kv_down) a.latent.norm = hw3i_make_norm(mk, (hw3i_place){ at, f->kv_norm }, c->kv_rank, f->eps, f->rms);
    return a;
}

static hw3i_block make_block(const hw3_model *m, hw3i_maker *mk, int64_t i)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    const double back = f->small_back ? mk->std / sqrt(2 * (double)c->n_layers) : mk->std; /* [Radford19] */
    char room[64];
    const char *at = layer_prefix(f, i, room);
    const int64_t d = c->d_model;
    const bool bias = c->mlp_bias;
    hw3i_block b = { .dropout = c->dropout, .norms_behind = f->norms_behind };
    b.norm1 = hw3i_make_norm(mk, (hw3i_place){ at, f->norm1 }, d, c->eps, f->rms);
    b.attn = make_attn(m, mk, at, i, back);
    b.norm2 = hw3i_make_norm(mk, (hw3i_place){ at, f->norm2 }, d, c->eps, f->rms);
    b.mlp.activation = c->activation;
    if (f->gate) b.mlp.gate = hw3i_make_dense(mk, (hw3i_place){ at, f->gate }, d, c->d_ff, bias, f->by_columns, mk->std);
    b.mlp.up = hw3i_make_dense(mk, (hw3i_place){ at, f->up }, d, c->d_ff, bias, f->by_columns, mk->std);
    b.mlp.down = hw3i_make_dense(mk, (hw3i_place){ at, f->down }, c->d_ff, d, bias, f->by_columns, back);
    return b;
}

static hw3_status make_parts(hw3_model *m, hw3i_maker mk, bool head_may_be_new)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    const int64_t n_blocks = f->cell ? 0 : c->n_layers;
    m->blocks = hw3i_calloc(m->ctx, n_blocks, sizeof *m->blocks);
    if (!m->blocks) return HW3_ERR_NOMEM;
    hw3i_embed_make(m, &mk);
    if (f->cell) hw3i_recurrent_make(m, &mk);
    for (int64_t i = 0; i < n_blocks && !mk.status; i++) m->blocks[i] = make_block(m, &mk, i);
    if (f->norm) m->norm = hw3i_make_norm(&mk, (hw3i_place){ f->base, f->norm }, c->d_model, c->eps, f->rms);
    mk.may_be_new = head_may_be_new;
    hw3i_head_make(m, &mk);
    return mk.status;
}

hw3_status hw3i_model_make(hw3_ctx *ctx, const hw3_model_config *c, hw3i_expect_fn expect, void *user, bool head_may_be_new,
                           hw3_model **out)
{
    *out = NULL;
    hw3_model *m = hw3i_calloc(ctx, 1, sizeof *m);
    if (!m) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    m->ctx = ctx;
    m->n_refs = 1;
    m->config = *c;
    m->family = hw3i_family_of(c->family);
    hw3_status s = hw3i_params_create(ctx, &m->params);
    const hw3i_maker mk = { .params = m->params, .dtype = c->dtype, .std = c->init_std, .expect = expect, .user = user };
    if (!s) s = make_parts(m, mk, head_may_be_new);
    if (s) hw3i_model_destroy(m);
    else *out = m;
    return s;
}

hw3_status hw3i_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out)
{
    hw3_model_config c = *config;
    *out = NULL;
    hw3_status s = hw3i_model_resolve(ctx, &c);
    return s ? s : hw3i_model_make(ctx, &c, NULL, NULL, true, out);
}

void hw3i_model_retain(hw3_model *m) { m->n_refs++; }

void hw3i_model_destroy(hw3_model *m)
{
    if (!m || --m->n_refs) return;
    hw3_ctx *ctx = m->ctx;
    hw3i_rnn_destroy(m->rnn);
    hw3i_params_release(m->params);
    hw3i_free(ctx, m->blocks);
    hw3i_free(ctx, m);
    hw3i_ctx_release(ctx);
}

/* Outside training all blocks use the same memory: what a block made is given up once its result lies before the mark. */
static hw3_var run_blocks(hw3_model *m, const hw3i_pass *p, hw3_var x)
{
    hw3_graph *g = p->g;
    const hw3i_node *in = hw3i_node_of(g, x);
    void *kept = NULL;
    const hw3_var between = !in || g->training ? HW3_NONE : hw3i_leaf(g, in->dtype, in->n_dims, in->shape, &kept);
    const hw3i_graph_mark mark = hw3i_graph_mark_of(g);
    if (between < 0 && between != HW3_NONE) return between;
    for (int64_t i = 0; i < m->config.n_layers && x >= 0; i++) {
        x = hw3i_block_run(&m->blocks[i], p, x);
        const hw3i_node *out = hw3i_node_of(g, x);
        if (!kept || !out) continue;
        memcpy(kept, out->value, (size_t)(out->n * hw3i_dtype_size(out->dtype)));
        hw3i_graph_rewind(g, mark);
        x = between;
    }
    return x;
}

hw3_var hw3i_model_hidden(hw3_model *m, hw3_graph *g, hw3_var tokens, const hw3i_given *given)
{
    if (given->state && !m->family->causal)
        return hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: %s sees both directions, so it has no state",
                               m->family->model_type);
    hw3i_pass p = { .g = g, .state = given->state, .lengths = given->lengths, .rope = HW3_NONE };
    hw3_var x = hw3i_embed_run(m, &p, tokens, given->types, given->start);
    if (m->rnn) return hw3i_recurrent_run(m, &p, x);
    const hw3_rope_opts rope = hw3i_model_rope(&m->config);
    if (m->family->rope) p.rope = hw3i_rope_table(g, hw3i_model_d_rope(&m->config), &rope, &p.rope_factor);
    p.interleaved = rope.interleaved;
    x = run_blocks(m, &p, x);
    return m->norm.gain ? hw3i_norm_run(g, &m->norm, x) : x;
}

void hw3i_model_sizes(const hw3_model *m, hw3i_kv_sizes *sizes)
{
    sizes->n_layers = m->rnn ? 0 : m->config.n_layers;
    if (m->rnn) sizes->state_bytes = hw3i_recurrent_state(m) * hw3i_dtype_size(m->config.dtype);
    else hw3i_attn_sizes(&m->blocks[0].attn, sizes);
}
