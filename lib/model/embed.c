/* SPDX-License-Identifier: MIT */
#include "model/model.h"

static void make_patches(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_place at = { m->family->base, m->family->patches }, beside = { m->family->base, "embeddings" };
    hw3i_embed *e = &m->embed;
    const int64_t d = c->d_model, P = c->patch_size;
    e->first = hw3i_make_normal(mk, beside, "cls_token", 3, (int64_t[]){ 1, 1, d }, mk->std);
    e->positions = hw3i_make_normal(mk, beside, "position_embeddings", 3, (int64_t[]){ 1, c->n_ctx, d }, mk->std);
    e->patches.weight = hw3i_make_normal(mk, at, "weight", 4, (int64_t[]){ d, c->n_channels, P, P }, mk->std);
    e->patches.bias = hw3i_make_normal(mk, at, "bias", 1, &d, 0);
}

void hw3i_embed_make(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    hw3i_embed *e = &m->embed;
    if (f->patches) {
        make_patches(m, mk);
        return;
    }
    const struct { const char *name; hw3i_param **to; int64_t rows; } tables[] = {
        { f->tokens, &e->tokens, c->n_vocab }, { f->positions, &e->positions, c->n_ctx }, { f->types, &e->types, c->n_types } };
    for (int64_t i = 0; i < HW3I_LEN(tables); i++)
        if (tables[i].name)
            *tables[i].to = hw3i_make_normal(mk, (hw3i_place){ f->base, tables[i].name }, "weight", 2,
                                             (int64_t[]){ tables[i].rows, c->d_embed }, mk->std);
    if (f->embed_norm) e->norm = hw3i_make_norm(mk, (hw3i_place){ f->base, f->embed_norm }, c->d_model, c->eps, f->rms);
}

/* Most tokens of a sequence. */
static int64_t room(const hw3_model *m) { return m->config.n_ctx - (m->family->counts_from_pad ? m->config.pad_id + 1 : 0); }

hw3_var hw3i_model_no_value(hw3_graph *g, hw3_var v, const char *what)
{
    return v < 0 && v != HW3_NONE ? v : hw3i_graph_fail(g, HW3_ERR_ARG, "model: %s is %d, no value of this graph", what, (int)v);
}

hw3_var hw3i_model_check_ids(const hw3_model *m, hw3_graph *g, hw3_var v, const char *what, int64_t n, int64_t also)
{
    const hw3i_node *x = hw3i_node_of(g, v);
    if (!x) return hw3i_model_no_value(g, v, what);
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

/* That tokens fit behind their start. */
static hw3_var check_room(const hw3_model *m, hw3_graph *g, const hw3i_node *tokens, const int64_t *start)
{
    for (int64_t b = 0; start && b < tokens->shape[0]; b++)
        if (start[b] < 0 || start[b] > room(m) - tokens->shape[1])
            return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: %lld tokens from place %lld on, but the context has %lld",
                                   (long long)tokens->shape[1], (long long)start[b], (long long)room(m));
    return 0;
}

static hw3_var check_types(const hw3_model *m, hw3_graph *g, const hw3i_node *tokens, hw3_var types)
{
    if (types == HW3_NONE) return 0;
    if (!m->embed.types)
        return hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: there are types, but %s has no segments", m->family->model_type);
    const hw3_var s = hw3i_model_check_ids(m, g, types, "types", m->config.n_types, 0);
    const hw3i_node *x = s < 0 ? NULL : hw3i_node_of(g, types);
    char have[128], want[128];
    if (!x || !memcmp(x->shape, tokens->shape, 2 * sizeof *x->shape)) return s;
    return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: types is %s, must be %s as tokens", hw3i_shape_text(have, 2, x->shape),
                           hw3i_shape_text(want, 2, tokens->shape));
}

/* 0, or the status of what is wrong. */
static hw3_var check_all(const hw3_model *m, const hw3i_pass *p, hw3_var tokens, hw3_var types, const int64_t *start)
{
    hw3_var s = hw3i_model_check_ids(m, p->g, tokens, "tokens", m->config.n_vocab, 0);
    const hw3i_node *x = s < 0 ? NULL : hw3i_node_of(p->g, tokens);
    if (x) s = check_room(m, p->g, x, start);
    if (x && s >= 0) s = check_types(m, p->g, x, types);
    if (x && s >= 0) s = hw3i_check_lengths(p->g, "model", p->lengths, x->shape[1], x->shape[0]);
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

static hw3_var check_images(const hw3_model *m, hw3_graph *g, hw3_var images)
{
    const hw3_model_config *c = &m->config;
    const hw3i_node *x = hw3i_node_of(g, images);
    const int64_t C = c->n_channels, size = c->image_size;
    if (!x) return hw3i_model_no_value(g, images, "images");
    if (x->dtype != c->dtype)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "model: images is %s, must be %s", hw3i_dtype_name(x->dtype),
                               hw3i_dtype_name(c->dtype));
    if (x->n_dims == 4 && x->n > 0 && x->shape[1] == C && x->shape[2] == size && x->shape[3] == size) return 0;
    return hw3i_graph_fail(g, HW3_ERR_SHAPE, "model: images is %s, must be [B, %lld, %lld, %lld]",
                           hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape), (long long)C, (long long)size,
                           (long long)size);
}

/* Patches of [B, C, n P, n P], row by row: [B, n n, C P P]. */
static hw3_var patches_of(hw3_graph *g, hw3_var images, int64_t B, int64_t C, int64_t n, int64_t P)
{
    hw3_var x = hw3i_reshape(g, images, 6, (int64_t[]){ B, C, n, P, n, P });
    x = hw3i_transpose(g, x, 1, 2);
    x = hw3i_transpose(g, x, 2, 4);
    x = hw3i_transpose(g, x, 3, 4); /* [B, n, n, C, P, P] */
    return hw3i_reshape(g, x, 3, (int64_t[]){ B, n * n, C * P * P });
}

/* A convolution by steps of a patch is a product with each patch; [first; patches] + positions [Dosovitskiy20] */
static hw3_var embed_images(const hw3_model *m, hw3i_pass *p, hw3_var images, hw3_var types)
{
    hw3_graph *g = p->g;
    const hw3_model_config *c = &m->config;
    const hw3i_embed *e = &m->embed;
    const hw3_var s = check_images(m, g, images);
    if (s < 0) return s;
    if (types != HW3_NONE || p->lengths != HW3_NONE)
        return hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: there are types or lengths, but %s has images",
                               m->family->model_type);
    const int64_t B = hw3i_node_of(g, images)->shape[0], C = c->n_channels, P = c->patch_size, d = c->d_model;
    const hw3_var weight = hw3i_reshape(g, hw3i_param_var(g, e->patches.weight), 2, (int64_t[]){ d, C * P * P });
    const hw3_var patches = patches_of(g, images, B, C, c->image_size / P, P);
    const hw3_var rows = hw3i_linear(g, patches, weight, hw3i_param_var(g, e->patches.bias), false);
    const hw3_var first = hw3i_reshape(g, hw3i_param_var(g, e->first), 2, (int64_t[]){ 1, d });
    const hw3_var firsts = hw3i_op2(g, HW3I_OP_EMBEDDING, first, hw3i_zeros(g, HW3_I64, 2, (int64_t[]){ B, 1 }));
    const hw3_var all = hw3i_concat(g, (hw3_var[]){ firsts, rows }, 2, 1);
    const hw3_var x = hw3i_op2(g, HW3I_OP_ADD, all, hw3i_param_var(g, e->positions));
    return c->embed_dropout > 0 ? hw3i_dropout(g, x, c->embed_dropout) : x;
}

hw3_var hw3i_embed_run(const hw3_model *m, hw3i_pass *p, hw3_var tokens, hw3_var types, const int64_t *start)
{
    hw3_graph *g = p->g;
    const hw3i_embed *e = &m->embed;
    const int64_t pad = m->family->pad_is_fixed ? m->config.pad_id : -1;
    const bool from_pad = m->family->counts_from_pad;
    if (m->family->patches) return embed_images(m, p, tokens, types);
    const hw3_var s = check_all(m, p, tokens, types, start);
    if (s < 0) return s;
    const hw3i_node *node = hw3i_node_of(g, tokens);
    p->positions = from_pad ? positions_from_pad(g, tokens, m->config.pad_id)
                            : positions(g, node->shape[0], node->shape[1], start);
    hw3_var sum = look_up(g, e->tokens, tokens, pad);
    if (e->positions) sum = hw3i_op2(g, HW3I_OP_ADD, sum, look_up(g, e->positions, p->positions, from_pad ? pad : -1));
    if (e->types) /* without types all tokens are of the first */
        sum = hw3i_op2(g, HW3I_OP_ADD, sum, types == HW3_NONE ? hw3i_slice(g, hw3i_param_var(g, e->types), 0, 0, 1)
                                                               : look_up(g, e->types, types, -1));
    if (e->norm.gain) sum = hw3i_norm_run(g, &e->norm, sum);
    return m->config.embed_dropout > 0 ? hw3i_dropout(g, sum, m->config.embed_dropout) : sum;
}
