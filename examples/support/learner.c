/* SPDX-License-Identifier: MIT */
#include "learner.h"

hw3_status learner_open(learner *j, hw3_ctx *ctx, const hw3_model_config *config, double lr, int64_t steps)
{
    hw3_model *model = NULL;
    *j = (learner){ .ctx = ctx };
    hw3_status s = hw3_model_create(ctx, config, &model);
    return s ? s : learner_open_model(j, ctx, model, lr, steps);
}

hw3_status learner_open_model(learner *j, hw3_ctx *ctx, hw3_model *model, double lr, int64_t steps)
{
    hw3_status s = learner_open_params(j, ctx, hw3_model_params(model), lr, steps);
    j->model = model;
    return s;
}

hw3_status learner_open_params(learner *j, hw3_ctx *ctx, hw3_params *params, double lr, int64_t steps)
{
    *j = (learner){ .ctx = ctx };
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.kind = HW3_OPTIM_ADAMW, o.lr = lr, o.beta2 = 0.98, o.weight_decay = 0.01, o.clip_norm = 1;
    o.schedule = HW3_SCHEDULE_COSINE, o.warmup_steps = steps / 10, o.total_steps = steps;
    hw3_status s = hw3_graph_create(ctx, params, &j->graph);
    return s ? s : hw3_optim_create(params, &o, &j->optim);
}

hw3_status learner_begin(learner *j, int training)
{
    while (j->n_inputs > 0) hw3_tensor_destroy(j->inputs[--j->n_inputs]);
    hw3_status s = hw3_graph_set_training(j->graph, training);
    if (!s) s = hw3_graph_set_random(j->graph, 1, (uint64_t)hw3_optim_n_steps(j->optim));
    return s ? s : hw3_graph_begin(j->graph);
}

static hw3_var bring(learner *j, hw3_dtype type, const void *data, int n_dims, const int64_t *shape)
{
    if (j->n_inputs == LEARNER_INPUTS) return HW3_ERR_TOO_SMALL;
    hw3_status s = hw3_tensor_wrap(j->ctx, type, n_dims, shape, NULL, (void *)(uintptr_t)data, &j->inputs[j->n_inputs]);
    return s ? s : hw3_input(j->graph, j->inputs[j->n_inputs++]);
}

hw3_var learner_tokens(learner *j, const int64_t *tokens, int64_t rows, int64_t columns)
{
    return bring(j, HW3_I64, tokens, columns ? 2 : 1, (int64_t[]){ rows, columns });
}

hw3_var learner_floats(learner *j, const float *x, int n_dims, const int64_t *shape) { return bring(j, HW3_F32, x, n_dims, shape); }

hw3_status learner_step(learner *j, hw3_var loss, double *value)
{
    hw3_status s = hw3_graph_backward(j->graph, loss);
    if (!s) s = hw3_var_item(j->graph, loss, value);
    return s ? s : hw3_optim_step(j->optim);
}

void learner_close(learner *j)
{
    while (j->n_inputs > 0) hw3_tensor_destroy(j->inputs[--j->n_inputs]);
    hw3_optim_destroy(j->optim);
    hw3_graph_destroy(j->graph);
    hw3_model_destroy(j->model);
    *j = (learner){ 0 };
}
