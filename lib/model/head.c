/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#define IGNORED (-100) /* the target that does not count, as in PyTorch */

/* What makes logits of tokens. */
static void make_logits(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    hw3i_head *h = &m->head;
    if (f->transform) {
        h->transform = hw3i_make_dense(mk, (hw3i_place){ "", f->transform }, c->d_model, c->d_model, true, false, mk->std);
        h->transform_norm = hw3i_make_norm(mk, (hw3i_place){ "", f->transform_norm }, c->d_model, c->eps, f->rms);
        h->bias = hw3i_make_normal(mk, (hw3i_place){ "", f->head }, "bias", 1, &c->n_vocab, 0);
    }
    if (f->cell) h->bias = hw3i_make_normal(mk, (hw3i_place){ "", f->head }, "bias", 1, &c->n_vocab, 0);
    if (!c->tied) h->logits = hw3i_make_dense(mk, (hw3i_place){ "", f->head }, c->d_model, c->n_vocab, false, false, mk->std);
}

void hw3i_head_make(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_head_row *row = hw3i_head_of(c);
    if (row->tokens) make_logits(m, mk);
    const hw3i_place pooler = { "", row->pooler }, classes = { "", row->classes };
    if (row->pooler) m->head.pooler = hw3i_make_dense(mk, pooler, c->d_model, c->d_model, true, false, mk->std);
    if (row->classes) m->head.classes = hw3i_make_dense(mk, classes, c->d_model, c->n_classes, true, false, mk->std);
}

/* norm(activation(W x + b)), BERT's before the logits [Devlin19]; elsewhere x. */
static hw3_var transform(hw3_model *m, hw3_graph *g, hw3_var x)
{
    if (!m->head.transform.weight) return x;
    return hw3i_norm_run(g, &m->head.transform_norm,
                         hw3i_activate(g, m->config.activation, hw3i_dense_run(g, &m->head.transform, x)));
}

/* What the logits are a linear layer of: hidden values, weight and bias. */
typedef struct factors {
    hw3_var x, weight, bias;
} factors;

static factors factors_of(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    const hw3i_head *h = &m->head;
    return (factors){ transform(m, g, hidden), hw3i_param_var(g, h->logits.weight ? h->logits.weight : m->embed.tokens),
                      h->bias ? hw3i_param_var(g, h->bias) : HW3_NONE };
}

/* 0, or the status of what is wrong with hidden values. */
static hw3_var check_hidden(const hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    const hw3i_node *x = hw3i_node_of(g, hidden);
    const hw3_dtype dtype = m->config.dtype;
    const int64_t d = m->config.d_model;
    if (!x) return hw3i_model_no_value(g, hidden, "hidden");
    if (x->n_dims == 3 && x->n > 0 && x->shape[2] == d && x->dtype == dtype) return 0;
    return hw3i_graph_fail(g, x->dtype == dtype ? HW3_ERR_SHAPE : HW3_ERR_DTYPE,
                           "model: hidden is %s %s, must be %s [B, T, %lld]",
                           hw3i_dtype_name(x->dtype), hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape),
                           hw3i_dtype_name(dtype), (long long)d);
}

/* The first token of each sequence, [B, d_model]. */
static hw3_var first_of(hw3_graph *g, hw3_var hidden)
{
    const hw3i_node *x = hw3i_node_of(g, hidden);
    return hw3i_reshape(g, hw3i_slice(g, hidden, 1, 0, 1), 2, (int64_t[]){ x->shape[0], x->shape[2] });
}

/* W_c tanh(W_p h_0 + b_p) + b_c [Devlin19], where there are the parts */
hw3_var hw3i_model_pooled(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    const hw3i_head_row *row = hw3i_head_of(&m->config);
    const double p = m->config.head_dropout;
    const hw3_var s = check_hidden(m, g, hidden);
    if (s < 0) return s;
    if (!row->pooler && !row->classes)
        return hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: %s says nothing of whole sequences", row->architecture);
    hw3_var x = first_of(g, hidden);
    if (row->n_drops > 1 && p > 0) x = hw3i_dropout(g, x, p);
    if (row->pooler) x = hw3i_op1(g, HW3I_OP_TANH, hw3i_dense_run(g, &m->head.pooler, x));
    if (row->n_drops > 0 && p > 0) x = hw3i_dropout(g, x, p);
    return row->classes ? hw3i_dense_run(g, &m->head.classes, x) : x;
}

hw3_var hw3i_model_head(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    const hw3i_head_row *row = hw3i_head_of(&m->config);
    const hw3_var s = check_hidden(m, g, hidden);
    if (s < 0) return s;
    if (!row->tokens) return row->classes ? hw3i_model_pooled(m, g, hidden) : hidden;
    const factors f = factors_of(m, g, hidden);
    return hw3i_linear(g, f.x, f.weight, f.bias, false);
}

hw3_var hw3i_model_head_loss(hw3_model *m, hw3_graph *g, hw3_var hidden, hw3_var targets)
{
    const hw3i_head_row *row = hw3i_head_of(&m->config);
    hw3_var s = check_hidden(m, g, hidden);
    if (s >= 0 && !row->tokens && m->config.n_classes < 2)
        s = hw3i_graph_fail(g, HW3_ERR_UNSUPPORTED, "model: %s of %lld classes has no loss", row->architecture,
                            (long long)m->config.n_classes);
    if (s >= 0 && row->tokens) s = hw3i_model_check_ids(m, g, targets, "targets", m->config.n_vocab, IGNORED);
    if (s < 0) return s;
    if (!row->tokens) return hw3i_cross_entropy(g, hw3i_model_pooled(m, g, hidden), targets, IGNORED, 0);
    const factors f = factors_of(m, g, hidden);
    return hw3i_linear_cross_entropy(g, f.x, f.weight, f.bias, targets, IGNORED, 0);
}
