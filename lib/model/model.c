/* SPDX-License-Identifier: MIT */
#include "model/model.h"
#include <math.h>
#include <stdio.h>

#define IGNORED (-100) /* the target that does not count, as in PyTorch */

/* Where block i has its parts; prefix has room for 64 bytes. */
static const char *layer_prefix(const hw3i_family *f, int64_t i, char *prefix)
{
    int n = snprintf(prefix, 64, "%s", f->base);
    snprintf(prefix + n, 64 - (size_t)n, f->layer, (long long)i);
    return prefix;
}

static hw3i_block make_block(const hw3_model *m, hw3i_maker *mk, int64_t i)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    const double back = mk->std / sqrt(2 * (double)c->n_layers); /* into the residual stream [Radford19] */
    char room[64];
    const char *at = layer_prefix(f, i, room);
    const int64_t d = c->d_model, D = d / c->n_heads;
    hw3i_block b = { .dropout = c->dropout };
    b.norm1 = hw3i_make_norm(mk, (hw3i_place){ at, f->norm1 }, d, c->eps);
    b.attn = (hw3i_attn){ .layer = i, .n_heads = c->n_heads, .n_kv_heads = c->n_heads, .d_head = D, .causal = true,
                          .dropout = c->attention_dropout };
    b.attn.qkv = hw3i_make_dense(mk, (hw3i_place){ at, f->qkv }, d, 3 * d, true, f->by_columns, mk->std);
    b.attn.out = hw3i_make_dense(mk, (hw3i_place){ at, f->out }, d, d, true, f->by_columns, back);
    b.norm2 = hw3i_make_norm(mk, (hw3i_place){ at, f->norm2 }, d, c->eps);
    b.mlp.activation = c->activation;
    b.mlp.up = hw3i_make_dense(mk, (hw3i_place){ at, f->up }, d, c->d_ff, true, f->by_columns, mk->std);
    b.mlp.down = hw3i_make_dense(mk, (hw3i_place){ at, f->down }, c->d_ff, d, true, f->by_columns, back);
    return b;
}

static hw3_status make_parts(hw3_model *m, hw3i_maker mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    m->blocks = hw3i_calloc(m->ctx, c->n_layers, sizeof *m->blocks);
    if (!m->blocks) return HW3_ERR_NOMEM;
    m->tokens = hw3i_make_normal(&mk, (hw3i_place){ f->base, f->tokens }, "weight", 2, (int64_t[]){ c->n_vocab, c->d_model }, mk.std);
    m->positions = hw3i_make_normal(&mk, (hw3i_place){ f->base, f->positions }, "weight", 2, (int64_t[]){ c->n_ctx, c->d_model }, mk.std);
    for (int64_t i = 0; i < c->n_layers && !mk.status; i++) m->blocks[i] = make_block(m, &mk, i);
    m->norm = hw3i_make_norm(&mk, (hw3i_place){ f->base, f->norm }, c->d_model, c->eps);
    if (!c->tied) m->head = hw3i_make_dense(&mk, (hw3i_place){ "", f->head }, c->d_model, c->n_vocab, false, false, mk.std);
    return mk.status;
}

hw3_status hw3i_model_make(hw3_ctx *ctx, const hw3_model_config *c, hw3i_expect_fn expect, void *user, hw3_model **out)
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
    if (!s)
        s = make_parts(m, (hw3i_maker){ .params = m->params, .dtype = c->dtype, .std = expect ? 0 : c->init_std, .expect = expect,
                                        .user = user });
    if (s) hw3i_model_destroy(m);
    else *out = m;
    return s;
}

hw3_status hw3i_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out)
{
    hw3_model_config c = *config;
    *out = NULL;
    hw3_status s = hw3i_model_resolve(ctx, &c);
    return s ? s : hw3i_model_make(ctx, &c, NULL, NULL, out);
}

void hw3i_model_retain(hw3_model *m) { m->n_refs++; }

void hw3i_model_destroy(hw3_model *m)
{
    if (!m || --m->n_refs) return;
    hw3_ctx *ctx = m->ctx;
    hw3i_params_release(m->params);
    hw3i_free(ctx, m->blocks);
    hw3i_free(ctx, m);
    hw3i_ctx_release(ctx);
}

/* 0, or the status of what is wrong with ids [B, T] that have to be 0 to n - 1, or `also`. */
static hw3_var check_ids(const hw3_model *m, hw3_graph *g, hw3_var v, const char *what, int64_t n, int64_t also)
{
    const hw3i_node *x = hw3i_node_of(g, v);
    if (!x) return v < 0 && v != HW3_NONE ? v : hw3i_graph_fail(g, HW3_ERR_ARG, "model: %s is %d, no value of this graph", what, (int)v);
    if (x->dtype != HW3_I64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "model: %s is %s, must be I64", what, hw3i_dtype_name(x->dtype));
    if (x->n_dims != 2 || x->n < 1 || x->shape[1] > m->config.n_ctx)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: %s is %s, must be [B, T] with T 1 to %lld", what,
                               hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape), (long long)m->config.n_ctx);
    for (int64_t i = 0, T = x->shape[1]; i < x->n; i++) {
        const int64_t id = ((const int64_t *)x->value)[i];
        if ((id < 0 || id >= n) && id != also)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "model: %s[%lld][%lld] is %lld, must be 0 to %lld", what, (long long)(i / T),
                                   (long long)(i % T), (long long)id, (long long)n - 1);
    }
    return 0;
}

static hw3_var check_pass(const hw3_model *m, hw3_graph *g, hw3_var tokens, const int64_t *start)
{
    if (g->params != m->params) return hw3i_graph_fail(g, HW3_ERR_STATE, "model: the graph was made with other parameters");
    const hw3_var s = check_ids(m, g, tokens, "tokens", m->config.n_vocab, 0);
    const hw3i_node *x = s < 0 ? NULL : hw3i_node_of(g, tokens);
    for (int64_t b = 0; x && start && b < x->shape[0]; b++)
        if (start[b] < 0 || start[b] > m->config.n_ctx - x->shape[1])
            return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: %lld tokens from place %lld on, but the context has %lld",
                                   (long long)x->shape[1], (long long)start[b], (long long)m->config.n_ctx);
    return s;
}

/* Places of the tokens: [T], or [B, T] where there is a start. */
static hw3_var positions(hw3_graph *g, int64_t B, int64_t T, const int64_t *start)
{
    void *data;
    const hw3_var v = start ? hw3i_leaf(g, HW3_I64, 2, (int64_t[]){ B, T }, &data) : hw3i_leaf(g, HW3_I64, 1, &T, &data);
    for (int64_t i = 0; v >= 0 && i < (start ? B * T : T); i++) ((int64_t *)data)[i] = (start ? start[i / T] : 0) + i % T;
    return v;
}

static hw3_var embed(const hw3_model *m, const hw3i_pass *p, hw3_var tokens)
{
    hw3_graph *g = p->g;
    const hw3_var x = hw3i_op2(g, HW3I_OP_EMBEDDING, hw3i_param_var(g, m->tokens), tokens);
    const hw3_var at = hw3i_op2(g, HW3I_OP_EMBEDDING, hw3i_param_var(g, m->positions), p->positions);
    const hw3_var sum = hw3i_op2(g, HW3I_OP_ADD, x, at);
    return m->config.embed_dropout > 0 ? hw3i_dropout(g, sum, m->config.embed_dropout) : sum;
}

hw3_var hw3i_model_hidden(hw3_model *m, hw3_graph *g, hw3_var tokens, const int64_t *start, struct hw3i_state *state)
{
    const hw3_var s = check_pass(m, g, tokens, start);
    if (s < 0) return s;
    const hw3i_node *node = hw3i_node_of(g, tokens);
    const hw3i_pass p = { .g = g, .state = state, .positions = positions(g, node->shape[0], node->shape[1], start) };
    hw3_var x = embed(m, &p, tokens);
    for (int64_t i = 0; i < m->config.n_layers && x >= 0; i++) x = hw3i_block_run(&m->blocks[i], &p, x);
    return hw3i_norm_run(g, &m->norm, x);
}

hw3_var hw3i_model_logits(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    return m->head.weight ? hw3i_dense_run(g, &m->head, hidden) : hw3i_linear(g, hidden, hw3i_param_var(g, m->tokens), HW3_NONE);
}

hw3_var hw3i_model_loss(hw3_model *m, hw3_graph *g, hw3_var tokens, hw3_var targets)
{
    const hw3_var hidden = hw3i_model_hidden(m, g, tokens, NULL, NULL);
    const hw3_var s = hidden < 0 ? hidden : check_ids(m, g, targets, "targets", m->config.n_vocab, IGNORED);
    const hw3_var weight = s < 0 ? s : hw3i_param_var(g, m->head.weight ? m->head.weight : m->tokens);
    return s < 0 ? s : hw3i_linear_cross_entropy(g, hidden, weight, targets, IGNORED, 0);
}
