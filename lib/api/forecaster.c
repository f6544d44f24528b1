/* SPDX-License-Identifier: MIT */
#include "forecast/forecaster.h"
#include "io/file.h"

static const hw3_forecaster_opts defaults = HW3_FORECASTER_OPTS_INIT;
#define OLDEST_FORECASTER_OPTS ((uint32_t)sizeof(hw3_forecaster_opts))

hw3_status hw3_forecaster_opts_init(hw3_forecaster_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_FORECASTER_OPTS);
}

static hw3_status import(hw3_ctx *ctx, hw3_forecaster_opts *o, const hw3_forecaster_opts *opts)
{
    *o = defaults;
    return opts ? hw3i_import(ctx, o, sizeof *o, opts, OLDEST_FORECASTER_OPTS, "hw3_forecaster_opts") : HW3_OK;
}

static hw3_status missing(hw3_ctx *ctx, const char *name)
{
    return hw3i_fail(ctx, HW3_ERR_ARG, "forecaster: %s is NULL", name);
}

hw3_status hw3_forecaster_create(hw3_ctx *ctx, const hw3_forecaster_opts *opts, hw3_forecaster **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return missing(ctx, "out");
    hw3_forecaster_opts o;
    hw3_status s = import(ctx, &o, opts);
    return s ? s : hw3i_forecaster_create(ctx, &o, out);
}

hw3_status hw3_forecaster_train(hw3_forecaster *forecaster, const double *y, int64_t n, int32_t n_epochs)
{
    if (!forecaster) return HW3_ERR_ARG;
    return y ? hw3i_forecaster_train(forecaster, y, n, n_epochs) : missing(forecaster->ctx, "y");
}

hw3_status hw3_forecaster_set_progress(hw3_forecaster *forecaster, hw3_progress_fn progress, void *user)
{
    if (!forecaster) return HW3_ERR_ARG;
    forecaster->trainer->o.progress = progress;
    forecaster->trainer->o.progress_user = user;
    return HW3_OK;
}

hw3_status hw3_forecaster_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_forecaster_opts *opts, hw3_forecaster **out)
{
    if (out) *out = NULL;
    if (!ctx || !y || !out) return missing(ctx, y ? "out" : "y");
    hw3_forecaster_opts o;
    hw3_status s = import(ctx, &o, opts);
    return s ? s : hw3i_forecaster_fit(ctx, y, n, &o, out);
}

void hw3_forecaster_destroy(hw3_forecaster *forecaster) { hw3i_forecaster_destroy(forecaster); }

hw3_status hw3_forecaster_predict(hw3_forecaster *forecaster, const double *y, int64_t n, int64_t horizon, double *mean)
{
    if (!forecaster) return HW3_ERR_ARG;
    if (!y || !mean) return missing(forecaster->ctx, y ? "mean" : "y");
    return hw3i_forecaster_predict(forecaster, y, n, horizon, mean);
}

hw3_status hw3_forecaster_backtest(hw3_forecaster *forecaster, const double *y, int64_t n, int64_t start, double *out)
{
    if (!forecaster) return HW3_ERR_ARG;
    if (!y || !out) return missing(forecaster->ctx, y ? "out" : "y");
    return hw3i_forecaster_backtest(forecaster, y, n, start, out);
}

hw3_status hw3_forecaster_history(const hw3_forecaster *forecaster, double *train_loss, double *val_loss, int64_t cap, int64_t *n_epochs)
{
    if (!forecaster) return HW3_ERR_ARG;
    if (!n_epochs) return missing(forecaster->ctx, "n_epochs");
    return hw3i_trainer_history(forecaster->trainer, train_loss, val_loss, cap, n_epochs);
}

hw3_status hw3_forecaster_scaler(const hw3_forecaster *forecaster, hw3_scaler *out)
{
    if (!forecaster) return HW3_ERR_ARG;
    if (!out) return missing(forecaster->ctx, "out");
    if (!forecaster->is_fitted) return hw3i_fail(forecaster->ctx, HW3_ERR_STATE, "forecaster: not trained yet");
    *out = forecaster->scaler;
    return HW3_OK;
}

hw3_params *hw3_forecaster_params(hw3_forecaster *forecaster) { return forecaster ? forecaster->params : NULL; }

hw3_status hw3_forecaster_get_opts(const hw3_forecaster *forecaster, hw3_forecaster_opts *out)
{
    if (!forecaster) return HW3_ERR_ARG;
    if (!out) return missing(forecaster->ctx, "out");
    hw3_forecaster_opts o = forecaster->opts;
    o.checkpoint = NULL;
    o.progress = NULL;
    o.progress_user = NULL;
    if (hw3i_opts_init(out, out->struct_size, &o, sizeof o, OLDEST_FORECASTER_OPTS))
        return hw3i_fail(forecaster->ctx, HW3_ERR_ABI, "hw3_forecaster_opts: struct_size is %u, expected %u; begin with the _INIT macro",
                         out->struct_size, (unsigned)sizeof o);
    return HW3_OK;
}

hw3_status hw3_forecaster_save(const hw3_forecaster *forecaster, const char *path)
{
    hw3_status s = forecaster ? hw3i_path_check(forecaster->ctx, "forecaster_save", path) : HW3_ERR_ARG;
    return s ? s : hw3i_forecaster_save(forecaster, path);
}

hw3_status hw3_forecaster_load(hw3_ctx *ctx, const char *path, hw3_forecaster **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return missing(ctx, "out");
    hw3_status s = hw3i_path_check(ctx, "forecaster_load", path);
    return s ? s : hw3i_forecaster_load(ctx, path, out);
}
