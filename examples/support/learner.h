/* SPDX-License-Identifier: MIT */
/* A network that is being trained: its graph, its AdamW with a warm-up and a cosine, and arrays as inputs of a step.
 *
 *     learner l, *j = &l;
 *     TRY(learner_open(j, ctx, &config, 3e-3, 300));
 *     while (hw3_optim_n_steps(j->optim) < 300) {
 *         TRY(learner_begin(j, 1));
 *         hw3_var loss = hw3_model_loss(j->model, j->graph, learner_tokens(j, x, 16, 32), learner_tokens(j, y, 16, 32));
 *         TRY(learner_step(j, loss, &value));
 *     }
 *     learner_close(j); */
#ifndef HW3_EXAMPLES_LEARNER_H
#define HW3_EXAMPLES_LEARNER_H
#include "try.h"
#include <hw3/hw3.h>

enum { LEARNER_INPUTS = 8 };

typedef struct learner {
    hw3_ctx *ctx;     /* borrowed */
    hw3_model *model; /* NULL over parameters of the caller's */
    hw3_graph *graph;
    hw3_optim *optim;
    hw3_tensor *inputs[LEARNER_INPUTS];
    int n_inputs;
} learner;

/* Makes a model of this configuration and what trains it for so many steps. */
hw3_status learner_open(learner *j, hw3_ctx *ctx, const hw3_model_config *config, double lr, int64_t steps);

/* The same for a model that is there, which the learner destroys. */
hw3_status learner_open_model(learner *j, hw3_ctx *ctx, hw3_model *model, double lr, int64_t steps);

/* The same over parameters without a model. They are kept alive. */
hw3_status learner_open_params(learner *j, hw3_ctx *ctx, hw3_params *params, double lr, int64_t steps);

/* Begins a step: what was computed and brought in before is forgotten. */
hw3_status learner_begin(learner *j, int training);

/* Brings an array in, in place: [rows, columns], or [rows] where columns is 0. */
hw3_var learner_tokens(learner *j, const int64_t *tokens, int64_t rows, int64_t columns);
hw3_var learner_floats(learner *j, const float *x, int n_dims, const int64_t *shape);

/* Backward and a step of the optimizer; value receives the loss. */
hw3_status learner_step(learner *j, hw3_var loss, double *value);

void learner_close(learner *j);

#endif
