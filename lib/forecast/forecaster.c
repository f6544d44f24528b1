/* SPDX-License-Identifier: MIT */
#include "forecast/forecaster.h"
#include "io/file.h"
#include "series/series.h"
#include <math.h>

#define FORECAST_BATCH 64 /* windows of a backtest that run at once; the bits do not depend on it */

static hw3_status check_opts(hw3_ctx *ctx, const hw3_forecaster_opts *o)
{
    const struct { const char *name; int64_t value, least, most; } numbers[] = {
        { "cell", o->cell, HW3_CELL_RNN_TANH, HW3_CELL_GRU }, { "window", o->window, 1, INT32_MAX },
        { "hidden", o->hidden, 1, INT32_MAX }, { "n_layers", o->n_layers, 1, HW3I_RNN_MAX_LAYERS },
        { "n_epochs", o->n_epochs, 1, INT32_MAX }, { "batch", o->batch, 1, INT32_MAX },
        { "loss", o->loss, HW3_LOSS_MSE, HW3_LOSS_HUBER }, { "scale", o->scale, HW3_SCALE_NONE, HW3_SCALE_STANDARD },
        { "patience", o->patience, 0, INT32_MAX }, { "shuffle", o->shuffle, 0, 1 } };
    for (int64_t i = 0; i < HW3I_LEN(numbers); i++)
        if (numbers[i].value < numbers[i].least || numbers[i].value > numbers[i].most)
            return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: %s is %lld, must be %lld to %lld", numbers[i].name,
                             (long long)numbers[i].value, (long long)numbers[i].least, (long long)numbers[i].most);
    if (!(o->lr > 0) || !isfinite(o->lr)) return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: lr is %g, must be above 0", o->lr);
    if (!(o->dropout >= 0 && o->dropout < 1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: dropout is %g, must be at least 0 and less than 1", o->dropout);
    if (!(o->val_share >= 0 && o->val_share < 1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: val_share is %g, must be at least 0 and less than 1", o->val_share);
    if (!(o->clip_norm >= 0) || !isfinite(o->clip_norm))
        return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: clip_norm is %g, must be at least 0", o->clip_norm);
    if (o->patience && o->val_share == 0)
        return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: patience is %d, but val_share is 0: nothing is held out", (int)o->patience);
    return HW3_OK;
}

static hw3_status add_network(hw3_forecaster *f)
{
    const hw3_forecaster_opts *o = &f->opts;
    hw3_rnn_opts ro = HW3_RNN_OPTS_INIT;
    ro.cell = o->cell;
    ro.n_inputs = 1;
    ro.n_hidden = o->hidden;
    ro.n_layers = o->n_layers;
    ro.dropout = o->dropout;
    hw3_status s = hw3i_params_create(f->ctx, &f->params);
    if (s) return s;
    f->params->seed = o->seed;
    s = hw3i_rnn_create(f->params, "rnn.", &ro, &f->rnn);
    if (!s) s = hw3i_params_add(f->params, "head.weight", HW3_F32, 2, (int64_t[]){ 1, o->hidden }, HW3_INIT_FAN_IN);
    if (!s) s = hw3i_params_add_uniform(f->params, "head.bias", HW3_F32, 1, (int64_t[]){ 1 }, 1 / sqrt((double)o->hidden));
    if (s) return s;
    f->weight = hw3i_params_find(f->params, "head.weight");
    f->bias = hw3i_params_find(f->params, "head.bias");
    return HW3_OK;
}

static hw3_status add_training(hw3_forecaster *f)
{
    const hw3_forecaster_opts *o = &f->opts;
    hw3_optim_opts oo = HW3_OPTIM_OPTS_INIT;
    oo.lr = o->lr;
    oo.clip_norm = o->clip_norm;
    hw3_status s = hw3i_optim_create(f->params, &oo, &f->optim);
    if (s) return s;
    hw3_trainer_opts to = HW3_TRAINER_OPTS_INIT;
    to.n_epochs = o->n_epochs;
    to.batch = o->batch;
    to.val_share = o->val_share;
    to.patience = o->patience;
    to.shuffle = o->shuffle;
    to.seed = o->seed;
    to.checkpoint = o->checkpoint;
    to.progress = o->progress;
    to.progress_user = o->progress_user;
    return hw3i_trainer_create(f->params, f->optim, &to, &f->trainer);
}

static hw3_status add_forecasting(hw3_forecaster *f)
{
    hw3_status s = hw3i_graph_create(f->ctx, f->params, &f->graph);
    if (s) return s;
    f->graph->training = false;
    return HW3_OK;
}

hw3_status hw3i_forecaster_create(hw3_ctx *ctx, const hw3_forecaster_opts *opts, hw3_forecaster **out)
{
    *out = NULL;
    hw3_status s = check_opts(ctx, opts);
    if (s) return s;
    hw3_forecaster *f = hw3i_calloc(ctx, 1, sizeof *f);
    if (!f) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    f->ctx = ctx;
    f->opts = *opts;
    f->scaler = (hw3_scaler)HW3_SCALER_INIT;
    f->opts.checkpoint = f->checkpoint = hw3i_strdup(ctx, opts->checkpoint);
    if (opts->checkpoint && !f->checkpoint) s = HW3_ERR_NOMEM;
    if (!s) s = add_network(f);
    if (!s) s = add_training(f);
    if (!s) s = add_forecasting(f);
    if (s) hw3i_forecaster_destroy(f);
    else *out = f;
    return s;
}

void hw3i_forecaster_destroy(hw3_forecaster *f)
{
    if (!f) return;
    hw3_ctx *ctx = f->ctx;
    hw3i_tensor_destroy(f->x);
    hw3i_graph_destroy(f->graph);
    hw3i_trainer_destroy(f->trainer);
    hw3i_optim_release(f->optim);
    hw3i_rnn_destroy(f->rnn);
    hw3i_params_release(f->params);
    hw3i_free(ctx, f->forecasts);
    hw3i_free(ctx, f->window);
    hw3i_free(ctx, f->checkpoint);
    hw3i_free(ctx, f);
    hw3i_ctx_release(ctx);
}

/* y^ = w h_T + b with h_T the top layer's last state. The head is a sum over a product of rows, not a matrix product,
 * so that a row's bits do not depend on the number of rows. x: [b, window]; returns [b]. */
static hw3_var network(hw3_forecaster *f, hw3_graph *g, hw3_var x)
{
    if (x < 0) return x;
    int64_t b = hw3i_node_of(g, x)->shape[0], H = f->opts.hidden, L = f->opts.n_layers;
    hw3_rnn_state last = HW3_RNN_STATE_INIT;
    x = hw3i_reshape(g, hw3i_transpose(g, x, 0, 1), 3, (int64_t[]){ f->opts.window, b, 1 });
    hw3_var y = hw3i_rnn_forward(f->rnn, g, x, HW3_NONE, &last);
    if (y < 0) return y;
    hw3_var h = L == 1 ? last.h : hw3i_slice(g, last.h, 0, L - 1, L);
    h = hw3i_reshape(g, h, 2, (int64_t[]){ b, H });
    h = hw3i_reduce(g, HW3I_OP_SUM, hw3i_op2(g, HW3I_OP_MUL, h, hw3i_param_var(g, f->weight)), 1, 0);
    return hw3i_op2(g, HW3I_OP_ADD, h, hw3i_param_var(g, f->bias));
}

static hw3_var batch_loss(void *user, hw3_graph *g, const hw3_var *batch)
{
    hw3_forecaster *f = user;
    hw3_var y = network(f, g, batch[0]), target = batch[1];
    if (f->opts.loss == HW3_LOSS_HUBER) return hw3i_huber(g, y, target, 1.0);
    return hw3i_op2(g, f->opts.loss == HW3_LOSS_MAE ? HW3I_OP_MAE : HW3I_OP_MSE, y, target);
}

/* Values y[start .. stop - 1] must be numbers. */
static hw3_status check_values(hw3_ctx *ctx, const double *y, int64_t start, int64_t stop)
{
    for (int64_t i = start; i < stop; i++)
        if (!isfinite(y[i])) return hw3i_fail(ctx, HW3_ERR_VALUE, "forecaster: y[%lld] is %g", (long long)i, y[i]);
    return HW3_OK;
}

static hw3_status check_length(hw3_ctx *ctx, int64_t n, int64_t window, int64_t least)
{
    if (n >= least) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_SHAPE, "forecaster: the series has %lld values, but a window of %lld needs at least %lld",
                     (long long)n, (long long)window, (long long)least);
}

/* y[start .. stop - 1] into z, scaled, as float. */
static hw3_status scale(const hw3_forecaster *f, const double *y, int64_t start, int64_t stop, float *z)
{
    hw3_status s = check_values(f->ctx, y, start, stop);
    for (int64_t i = start; i < stop && !s; i++) {
        z[i - start] = (float)hw3i_scaler_apply(&f->scaler, y[i]);
        if (isinf(z[i - start]))
            s = hw3i_fail(f->ctx, HW3_ERR_VALUE, "forecaster: y[%lld] is %g, too large to be scaled", (long long)i, y[i]);
    }
    return s;
}

/* The first training takes up the checkpoint, when there is one; it must fit. */
static hw3_status plan(hw3_forecaster *f, int32_t n_epochs, bool first)
{
    int64_t planned = f->trainer->at.epoch + n_epochs;
    if (planned > INT32_MAX) return hw3i_fail(f->ctx, HW3_ERR_ARG, "forecaster: %lld epochs in all", (long long)planned);
    hw3_status s = first && f->checkpoint && hw3i_file_exists(f->checkpoint) ? hw3i_trainer_load(f->trainer, f->checkpoint) : HW3_OK;
    if (s) return s;
    return hw3i_trainer_set_epochs(f->trainer, (int32_t)hw3i_max(planned, f->trainer->at.epoch));
}

static hw3_status train_on(hw3_forecaster *f, float *z, int64_t n, bool first, int32_t n_epochs)
{
    int64_t w = f->opts.window, N = n - w;
    hw3_tensor *x = NULL, *target = NULL;
    hw3_status s = plan(f, n_epochs, first);
    if (!s) s = hw3i_tensor_wrap(f->ctx, HW3_F32, 2, (int64_t[]){ N, w }, (int64_t[]){ 1, 1 }, z, &x);
    if (!s) s = hw3i_tensor_wrap(f->ctx, HW3_F32, 1, &N, NULL, z + w, &target);
    if (!s) s = hw3i_trainer_fit(f->trainer, (hw3_tensor *[]){ x, target }, 2, batch_loss, f);
    hw3i_tensor_destroy(target);
    hw3i_tensor_destroy(x);
    return s;
}

hw3_status hw3i_forecaster_train(hw3_forecaster *f, const double *y, int64_t n, int32_t n_epochs)
{
    hw3_ctx *ctx = f->ctx;
    int64_t w = f->opts.window;
    hw3_status s = check_length(ctx, n, w, w + 1);
    if (!s && f->trainer->fitting) s = hw3i_fail(ctx, HW3_ERR_STATE, "forecaster: train was called from a callback");
    if (!s && n_epochs < 1) s = hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: n_epochs is %d, must be at least 1", (int)n_epochs);
    if (!s) s = check_values(ctx, y, 0, n);
    if (s) return s;
    float *z = hw3i_alloc(ctx, n, sizeof *z);
    if (!z) return HW3_ERR_NOMEM;
    bool first = !f->is_fitted; /* later data is scaled as the first was */
    /* Targets of the windows held out stand at the end of y; the scaler must not see them. */
    if (first) s = hw3i_scaler_fit(ctx, f->opts.scale, y, n - hw3i_trainer_n_held_out(n - w, f->opts.val_share), &f->scaler);
    if (!s) s = scale(f, y, 0, n, z);
    if (!s) s = train_on(f, z, n, first, n_epochs);
    f->is_fitted = f->trainer->at.n_steps > 0;
    hw3i_free(ctx, z);
    return s;
}

hw3_status hw3i_forecaster_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_forecaster_opts *opts, hw3_forecaster **out)
{
    hw3_status s = hw3i_forecaster_create(ctx, opts, out);
    if (s) return s;
    s = hw3i_forecaster_train(*out, y, n, opts->n_epochs);
    if (!s || s == HW3_ERR_CANCELLED) return s;
    hw3i_forecaster_destroy(*out);
    *out = NULL;
    return s;
}

static hw3_status check_trained(const hw3_forecaster *f)
{
    return f->is_fitted ? HW3_OK : hw3i_fail(f->ctx, HW3_ERR_STATE, "forecaster: not trained yet");
}

/* Forecasts of the windows x [b, window], scaled. */
static hw3_status forward(hw3_forecaster *f, const hw3_tensor *x, const float **z)
{
    hw3_status s = hw3i_graph_begin(f->graph);
    if (s) return s;
    hw3_var y = network(f, f->graph, hw3i_input(f->graph, x, false));
    if (y < 0) return y;
    *z = hw3i_node_of(f->graph, y)->value;
    return HW3_OK;
}

/* The forecast of step i in the unit of y; weights that the caller wrote may give none. */
static hw3_status unscale(const hw3_forecaster *f, float z, int64_t i, double *y)
{
    *y = z;
    *y = hw3i_scaler_invert(&f->scaler, *y);
    return isfinite(*y) ? HW3_OK : hw3i_fail(f->ctx, HW3_ERR_VALUE, "forecaster: forecast %lld is %g", (long long)i, *y);
}

/* Room for forecasts, and at the first time the window with x [1, window] over it. */
static hw3_status reserve(hw3_forecaster *f, int64_t n)
{
    hw3_status s = hw3i_grow(f->ctx, &f->forecasts, &f->n_forecasts, n, sizeof *f->forecasts);
    if (s || f->x) return s;
    if (!f->window) f->window = hw3i_alloc(f->ctx, f->opts.window, sizeof *f->window);
    if (!f->window) return HW3_ERR_NOMEM;
    return hw3i_tensor_wrap(f->ctx, HW3_F32, 2, (int64_t[]){ 1, f->opts.window }, NULL, f->window, &f->x);
}

hw3_status hw3i_forecaster_predict(hw3_forecaster *f, const double *y, int64_t n, int64_t horizon, double *mean)
{
    int64_t w = f->opts.window;
    hw3_status s = check_trained(f);
    if (!s && horizon < 1) s = hw3i_fail(f->ctx, HW3_ERR_ARG, "forecaster: horizon is %lld, must be at least 1", (long long)horizon);
    if (!s) s = check_length(f->ctx, n, w, w);
    if (!s) s = reserve(f, horizon);
    if (!s) s = scale(f, y, n - w, n, f->window);
    for (int64_t h = 0; h < horizon && !s; h++) {
        const float *z = NULL;
        s = forward(f, f->x, &z);
        if (!s) s = unscale(f, *z, h, &f->forecasts[h]);
        if (s) break;
        memmove(f->window, f->window + 1, (size_t)(w - 1) * sizeof *f->window);
        f->window[w - 1] = *z;
    }
    if (!s) memcpy(mean, f->forecasts, (size_t)horizon * sizeof *mean);
    return s;
}

/* Forecasts first .. first + b - 1, each from the window of z that begins there. */
static hw3_status backtest_batch(hw3_forecaster *f, float *z, int64_t first, int64_t b)
{
    hw3_tensor *x = NULL;
    const float *y = NULL;
    hw3_status s = hw3i_tensor_wrap(f->ctx, HW3_F32, 2, (int64_t[]){ b, f->opts.window }, (int64_t[]){ 1, 1 }, z + first, &x);
    if (!s) s = forward(f, x, &y);
    for (int64_t i = 0; i < b && !s; i++) s = unscale(f, y[i], first + i, &f->forecasts[first + i]);
    hw3i_tensor_destroy(x);
    return s;
}

hw3_status hw3i_forecaster_backtest(hw3_forecaster *f, const double *y, int64_t n, int64_t start, double *out)
{
    int64_t w = f->opts.window;
    hw3_status s = check_trained(f);
    if (!s && start < w)
        s = hw3i_fail(f->ctx, HW3_ERR_SHAPE, "forecaster: start is %lld, but the window is %lld", (long long)start, (long long)w);
    if (!s && n <= start)
        s = hw3i_fail(f->ctx, HW3_ERR_SHAPE, "forecaster: start is %lld, but y ends at %lld", (long long)start, (long long)n);
    if (s) return s;
    int64_t n_out = n - start;
    s = reserve(f, n_out);
    if (s) return s;
    float *z = hw3i_alloc(f->ctx, n_out + w, sizeof *z);
    if (!z) return HW3_ERR_NOMEM;
    s = scale(f, y, start - w, n - 1, z); /* the last value is forecast, not looked at */
    for (int64_t i = 0; i < n_out && !s; i += FORECAST_BATCH)
        s = backtest_batch(f, z, i, hw3i_min(FORECAST_BATCH, n_out - i));
    if (!s) memcpy(out, f->forecasts, (size_t)n_out * sizeof *out);
    hw3i_free(f->ctx, z);
    return s;
}
