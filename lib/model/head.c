/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#define IGNORED (-100) /* the target that does not count, as in PyTorch */

void hw3i_head_make(hw3_model *m, hw3i_maker *mk)
{
    const hw3_model_config *c = &m->config;
    const hw3i_family *f = m->family;
    hw3i_head *h = &m->head;
    if (f->transform) {
        h->transform = hw3i_make_dense(mk, (hw3i_place){ "", f->transform }, c->d_model, c->d_model, true, false, mk->std);
        h->transform_norm = hw3i_make_norm(mk, (hw3i_place){ "", f->transform_norm }, c->d_model, c->eps, f->rms);
        h->bias = hw3i_make_normal(mk, (hw3i_place){ "", f->head }, "bias", 1, &c->n_vocab, 0);
    }
    if (!c->tied) h->logits = hw3i_make_dense(mk, (hw3i_place){ "", f->head }, c->d_model, c->n_vocab, false, false, mk->std);
}

/* norm(activation(W x + b)), BERT's before the logits [Devlin19]; elsewhere x. */
static hw3_var transform(hw3_model *m, hw3_graph *g, hw3_var x)
{
    if (!m->head.transform.weight) return x;
    return hw3i_norm_run(g, &m->head.transform_norm, hw3i_activate(g, m->config.activation, hw3i_dense_run(g, &m->head.transform, x)));
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

hw3_var hw3i_model_logits(hw3_model *m, hw3_graph *g, hw3_var hidden)
{
    if (hidden < 0) return hidden;
    const factors f = factors_of(m, g, hidden);
    return hw3i_linear(g, f.x, f.weight, f.bias);
}

hw3_var hw3i_model_loss(hw3_model *m, hw3_graph *g, hw3_var tokens, hw3_var targets)
{
    const hw3_var hidden = hw3i_model_hidden(m, g, tokens, NULL, NULL);
    const hw3_var s = hidden < 0 ? hidden : hw3i_model_check_ids(m, g, targets, "targets", m->config.n_vocab, IGNORED);
    if (s < 0) return s;
    const factors f = factors_of(m, g, hidden);
    return hw3i_linear_cross_entropy(g, f.x, f.weight, f.bias, targets, IGNORED, 0);
}
