/* SPDX-License-Identifier: MIT */
/* A program's whole way, from a layer to the forecast of a file that was loaded, with every allocation failing once. */
#include "alloc.h"
#include <unistd.h>

#define CHECKPOINT "whole-checkpoint.safetensors"
#define FILE_A "whole-a.safetensors"
#define WINDOW 4
#define HIDDEN 3

/* The last state alone is looked at: a failure of the layer must reach the loss by it. */
static hw3_var loss(void *user, hw3_graph *g, const hw3_var *batch)
{
    hw3_rnn_state s = HW3_RNN_STATE_INIT;
    hw3_rnn_forward(user, g, hw3_transpose(g, batch[0], 0, 1), HW3_NONE, &s);
    hw3_var h = hw3_reshape(g, hw3_slice(g, s.h, 0, 1, 2), 2, (int64_t[]){ -1, HIDDEN });
    h = hw3_dropout(g, hw3_layer_norm(g, h, HW3_NONE, HW3_NONE, 1e-5), 0.1);
    return hw3_huber(g, hw3_linear(g, h, hw3_param(g, "head"), HW3_NONE), batch[1], 1.0);
}

typedef struct model {
    hw3_params *params;
    hw3_rnn *rnn;
    hw3_optim *optim;
    hw3_trainer *trainer;
    hw3_tensor *x, *y;
    double data[40];
} model;

static hw3_status make(hw3_ctx *ctx, model *m)
{
    hw3_rnn_opts ro = HW3_RNN_OPTS_INIT;
    ro.cell = HW3_CELL_GRU;
    ro.n_inputs = 1;
    ro.n_hidden = HIDDEN;
    ro.n_layers = 2;
    ro.dtype = HW3_F64;
    ro.learned_state = ro.layer_norm = 1;
    hw3_status s = hw3_params_create(ctx, &m->params);
    if (!s) s = hw3_rnn_create(m->params, "rnn.", &ro, &m->rnn);
    if (!s) s = hw3_params_add(m->params, "head", HW3_F64, 2, (int64_t[]){ 1, HIDDEN }, HW3_INIT_XAVIER);
    hw3_optim_opts oo = HW3_OPTIM_OPTS_INIT;
    oo.kind = HW3_OPTIM_RMSPROP;
    oo.momentum = 0.5;
    if (!s) s = hw3_optim_create(m->params, &oo, &m->optim);
    if (!s) s = hw3_optim_set_group(m->optim, "rnn.", 1e-4, 0.1);
    hw3_trainer_opts to = HW3_TRAINER_OPTS_INIT;
    to.n_epochs = 1;
    to.batch = 3;
    to.val_share = 0.3;
    to.patience = 1;
    to.checkpoint = CHECKPOINT;
    if (!s) s = hw3_trainer_create(m->params, m->optim, &to, &m->trainer);
    if (!s) s = hw3_tensor_wrap(ctx, HW3_F64, 3, (int64_t[]){ 8, WINDOW, 1 }, (int64_t[]){ 1, 1, 1 }, m->data, &m->x);
    return s ? s : hw3_tensor_wrap(ctx, HW3_F64, 2, (int64_t[]){ 8, 1 }, NULL, m->data + WINDOW, &m->y);
}

static hw3_status train_and_keep(model *m)
{
    double value;
    hw3_status s = hw3_trainer_fit(m->trainer, (hw3_tensor *[]){ m->x, m->y }, 2, loss, m->rnn);
    if (!s) s = hw3_trainer_load(m->trainer, CHECKPOINT);
    if (!s) s = hw3_trainer_set_epochs(m->trainer, 2);
    if (!s) s = hw3_trainer_fit(m->trainer, (hw3_tensor *[]){ m->x, m->y }, 2, loss, m->rnn);
    if (!s) s = hw3_trainer_evaluate(m->trainer, (hw3_tensor *[]){ m->x, m->y }, 2, loss, m->rnn, &value);
    if (!s) s = hw3_params_save(m->params, FILE_A);
    return s ? s : hw3_params_load(m->params, FILE_A);
}

static hw3_status forecast(hw3_ctx *ctx, const double *y)
{
    hw3_forecaster *f = NULL, *loaded = NULL;
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    o.window = WINDOW;
    o.hidden = 2;
    o.n_layers = 2;
    o.dropout = 0.1;
    o.n_epochs = 1;
    double mean[2] = { 7, 7 };
    hw3_status s = hw3_forecaster_fit(ctx, y, 20, &o, &f);
    if (!s) s = hw3_forecaster_save(f, FILE_A);
    hw3_forecaster_destroy(f);
    if (!s) s = hw3_forecaster_load(ctx, FILE_A, &loaded);
    if (!s) s = hw3_forecaster_predict(loaded, y, 40, 2, mean);
    ck_assert_msg(!s || (mean[0] == 7 && mean[1] == 7), "a forecast was written in part");
    hw3_forecaster_destroy(loaded);
    return s;
}

static hw3_status whole(hw3_ctx *ctx)
{
    model m = { 0 };
    for (int i = 0; i < 40; i++) m.data[i] = sin(0.4 * i);
    hw3_status s = make(ctx, &m);
    if (!s) s = train_and_keep(&m);
    if (!s) s = forecast(ctx, m.data);
    hw3_trainer_destroy(m.trainer);
    hw3_optim_destroy(m.optim);
    hw3_rnn_destroy(m.rnn);
    hw3_params_destroy(m.params);
    hw3_tensor_destroy(m.x);
    hw3_tensor_destroy(m.y);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_int_ge(test_sweep(whole), 500);
    unlink(CHECKPOINT);
    unlink(FILE_A);
}
END_TEST

TEST_MAIN("whole", every_allocation_may_fail)
