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
    const double back = f->norms_behind ? mk->std : mk->std / sqrt(2 * (double)c->n_layers); /* into the residual stream [Radford19] */
    char room[64];
    const char *at = layer_prefix(f, i, room);
    const int64_t d = c->d_model, D = d / c->n_heads;
    hw3i_block b = { .dropout = c->dropout, .norms_behind = f->norms_behind };
    b.norm1 = hw3i_make_norm(mk, (hw3i_place){ at, f->norm1 }, d, c->eps);
    b.attn = (hw3i_attn){ .layer = i, .n_heads = c->n_heads, .n_kv_heads = c->n_heads, .d_head = D, .causal = f->causal,
                          .dropout = c->attention_dropout };
    if (f->qkv) b.attn.qkv = hw3i_make_dense(mk, (hw3i_place){ at, f->qkv }, d, 3 * d, true, f->by_columns, mk->std);
    const struct { const char *name; hw3i_dense *to; } apart[] = { { f->q, &b.attn.q }, { f->k, &b.attn.k }, { f->v, &b.attn.v } };
    for (int64_t j = 0; j < HW3I_LEN(apart) && f->q; j++)
        *apart[j].to = hw3i_make_dense(mk, (hw3i_place){ at, apart[j].name }, d, d, true, f->by_columns, mk->std);
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
    if (f->types) m->types = hw3i_make_normal(&mk, (hw3i_place){ f->base, f->types }, "weight", 2, (int64_t[]){ c->n_types, c->d_model }, mk.std);
    if (f->embed_norm) m->embed_norm = hw3i_make_norm(&mk, (hw3i_place){ f->base, f->embed_norm }, c->d_model, c->eps);
    for (int64_t i = 0; i < c->n_layers && !mk.status; i++) m->blocks[i] = make_block(m, &mk, i);
    if (f->norm) m->norm = hw3i_make_norm(&mk, (hw3i_place){ f->base, f->norm }, c->d_model, c->eps);
    if (f->transform) {
        m->transform = hw3i_make_dense(&mk, (hw3i_place){ "", f->transform }, c->d_model, c->d_model, true, false, mk.std);
        m->transform_norm = hw3i_make_norm(&mk, (hw3i_place){ "", f->transform_norm }, c->d_model, c->eps);
        m->head_bias = hw3i_make_normal(&mk, (hw3i_place){ "", f->head }, "bias", 1, &c->n_vocab, 0);
    }
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

/* Most tokens of a sequence. */
static int64_t room(const hw3_model *m) { return m->config.n_ctx - (m->family->counts_from_pad ? m->config.pad_id + 1 : 0); }

/* 0, or the status of what is wrong with ids [B, T] that have to be 0 to n - 1, or `also`. */
static hw3_var check_ids(const hw3_model *m, hw3_graph *g, hw3_var v, const char *what, int64_t n, int64_t also)
{
    const hw3i_node *x = hw3i_node_of(g, v);
    if (!x) return v < 0 && v != HW3_NONE ? v : hw3i_graph_fail(g, HW3_ERR_ARG, "model: %s is %d, no value of this graph", what, (int)v);
    if (x->dtype != HW3_I64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "model: %s is %s, must be I64", what, hw3i_dtype_name(x->dtype));
    if (x->n_dims != 2 || x->n < 1 || x->shape[1] > room(m))
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: %s is %s, must be [B, T] with T 1 to %lld", what,
                               hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape), (long long)room(m));
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
        if (start[b] < 0 || start[b] > room(m) - x->shape[1])
            return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: %lld tokens from place %lld on, but the context has %lld",
                                   (long long)x->shape[1], (long long)start[b], (long long)room(m));
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

/* RoBERTa's: [B, T], counted from pad_id + 1 over what is no padding; padding stands at pad_id [Liu19]. */
static hw3_var positions_from_pad(hw3_graph *g, hw3_var tokens, int64_t pad)
{
    void *data;
    const hw3i_node *x = hw3i_node_of(g, tokens);
    const int64_t T = x->shape[1], *ids = x->value;
    const hw3_var v = hw3i_leaf(g, HW3_I64, 2, x->shape, &data);
    for (int64_t i = 0, n = 0; v >= 0 && i < x->n; i++) {
        if (i % T == 0) n = 0;
        n += ids[i] != pad;
        ((int64_t *)data)[i] = pad + (ids[i] != pad ? n : 0);
    }
    return v;
}

/* Rows of a table. As an input, the row of padding is a number and no weight: it gets no gradient (PyTorch's padding_idx). */
static hw3_var look_up(hw3_graph *g, hw3i_param *table, hw3_var index, int64_t pad)
{
    const hw3i_node *n = hw3i_node_of(g, index);
    const hw3_var x = hw3i_op2(g, HW3I_OP_EMBEDDING, hw3i_param_var(g, table), index);
    const int64_t *ids = n ? n->value : NULL, d = table->value->shape[1];
    bool found = false;
    for (int64_t i = 0; n && i < n->n; i++) found |= ids[i] == pad;
    if (!found || x < 0) return x;
    void *keep, *row;
    const hw3_dtype dtype = table->value->dtype;
    const int64_t size = d * hw3i_dtype_size(dtype);
    const hw3_var k = hw3i_leaf(g, dtype, 3, (int64_t[]){ n->shape[0], n->shape[1], 1 }, &keep);
    const hw3_var r = k < 0 ? k : hw3i_leaf(g, dtype, 3, (int64_t[]){ n->shape[0], n->shape[1], d }, &row);
    for (int64_t i = 0; r >= 0 && i < n->n; i++) {
        char *to = (char *)row + i * size;
        if (ids[i] == pad) memcpy(to, table->value->data + pad * size, (size_t)size);
        else memset(to, 0, (size_t)size);
        if (dtype == HW3_F32) ((float *)keep)[i] = ids[i] != pad;
        else ((double *)keep)[i] = ids[i] != pad;
    }
    return hw3i_op2(g, HW3I_OP_ADD, hw3i_op2(g, HW3I_OP_MUL, x, k), r);
}

static hw3_var embed(const hw3_model *m, const hw3i_pass *p, hw3_var tokens)
{
    hw3_graph *g = p->g;
    const int64_t pad = m->family->pad_is_fixed ? m->config.pad_id : -1;
    const hw3_var x = look_up(g, m->tokens, tokens, pad);
    const hw3_var at = look_up(g, m->positions, p->positions, m->family->counts_from_pad ? pad : -1);
    hw3_var sum = hw3i_op2(g, HW3I_OP_ADD, x, at);
    if (m->types) { /* every token is of the first kind */
        const hw3_var first = hw3i_slice(g, hw3i_param_var(g, m->types), 0, 0, 1);
        sum = hw3i_op2(g, HW3I_OP_ADD, sum, first);
    }
    if (m->embed_norm.gain) sum = hw3i_norm_run(g, &m->embed_norm, sum);
    return m->config.embed_dropout > 0 ? hw3i_dropout(g, sum, m->config.embed_dropout) : sum;
}

hw3_var hw3i_model_hidden(hw3_model *m, hw3_graph *g, hw3_var tokens, const int64_t *start, struct hw3i_state *state)
{
    if (state && !m->family->causal)
        return hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: %s sees both directions, so it has no state", m->family->model_type);
    const hw3_var s = check_pass(m, g, tokens, start);
    if (s < 0) return s;
    const hw3i_node *node = hw3i_node_of(g, tokens);
    const hw3i_pass p = { .g = g, .state = state, .positions = m->family->counts_from_pad
                              ? positions_from_pad(g, tokens, m->config.pad_id) : positions(g, node->shape[0], node->shape[1], start) };
    hw3_var x = embed(m, &p, tokens);
    for (int64_t i = 0; i < m->config.n_layers && x >= 0; i++) x = hw3i_block_run(&m->blocks[i], &p, x);
    return m->norm.gain ? hw3i_norm_run(g, &m->norm, x) : x;
}

/* norm(activation(W x + b)), BERT's before the logits [Devlin19]; elsewhere x. */
static hw3_var transform(hw3_model *m, hw3_graph *g, hw3_var x)
{
    if (!m->transform.weight) return x;
    return hw3i_norm_run(g, &m->transform_norm, hw3i_activate(g, m->config.activation, hw3i_dense_run(g, &m->transform, x)));
}

/* What the logits are a linear layer of: hidden values, weight and bias. */
typedef struct head {
    hw3_var x, weight, bias;
} head;

static head head_of(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    return (head){ transform(m, g, hidden), hw3i_param_var(g, m->head.weight ? m->head.weight : m->tokens),
                   m->head_bias ? hw3i_param_var(g, m->head_bias) : HW3_NONE };
}

hw3_var hw3i_model_logits(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    if (hidden < 0) return hidden;
    const head h = head_of(m, g, hidden);
    return hw3i_linear(g, h.x, h.weight, h.bias);
}

hw3_var hw3i_model_loss(hw3_model *m, hw3_graph *g, hw3_var tokens, hw3_var targets)
{
    const hw3_var hidden = hw3i_model_hidden(m, g, tokens, NULL, NULL);
    const hw3_var s = hidden < 0 ? hidden : check_ids(m, g, targets, "targets", m->config.n_vocab, IGNORED);
    if (s < 0) return s;
    const head h = head_of(m, g, hidden);
    return hw3i_linear_cross_entropy(g, h.x, h.weight, h.bias, targets, IGNORED, 0);
}
