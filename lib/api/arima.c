/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "series/arima_model.h"
#include "series/diagnostics.h"
#include <math.h>

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_arima_opts))
#define OLDEST_INFO ((uint32_t)sizeof(hw3_arima_info))

static const hw3_arima_opts defaults = HW3_ARIMA_OPTS_INIT;

hw3_status hw3_arima_opts_init(hw3_arima_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

hw3_status hw3_arima_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, hw3_arima **out)
{
    hw3_arima_opts o = defaults;
    if (out) *out = NULL;
    hw3_status s = hw3i_check_array(ctx, "arima_fit", "y", y, n, 1);
    if (s) return s;
    if (!out) return hw3i_is_null(ctx, "arima_fit", "out");
    s = opts ? hw3i_import(ctx, &o, sizeof o, opts, OLDEST_OPTS, "hw3_arima_opts") : HW3_OK;
    if (!s) s = hw3i_check_used(ctx, "arima_fit", o.xreg, o.n_xreg, o.boxcox, o.lam);
    return s ? s : hw3i_arima_create(ctx, y, n, &o, out);
}

void hw3_arima_destroy(hw3_arima *fit) { hw3i_arima_destroy(fit); }

hw3_status hw3_arima_describe(const hw3_arima *fit, hw3_arima_info *out)
{
    if (!fit) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(fit->ctx, "arima_describe", "out");
    if (out->struct_size < OLDEST_INFO) return hw3i_fail(fit->ctx, HW3_ERR_ABI, "arima_describe: struct_size is %u, at least %u is known",
                                                         (unsigned)out->struct_size, (unsigned)OLDEST_INFO);
    hw3i_export(out, &fit->info, sizeof fit->info);
    return HW3_OK;
}

const char *hw3_arima_coef_name(const hw3_arima *fit, int64_t i) { return fit && i >= 0 && i < fit->info.n_coef ? fit->names[i] : NULL; }

/* Room for n numbers at p. */
static hw3_status check_room(const hw3_arima *fit, const char *what, const char *name, const double *p, int64_t room, int64_t n)
{
    if (!fit) return HW3_ERR_ARG;
    if (n && !p) return hw3i_is_null(fit->ctx, what, name);
    if (room < n) return hw3i_fail(fit->ctx, HW3_ERR_TOO_SMALL, "%s: room for %lld, %lld are needed", what, (long long)room, (long long)n);
    return HW3_OK;
}

hw3_status hw3_arima_coef(const hw3_arima *fit, double *coef, double *se, int64_t n_coef)
{
    hw3_status s = check_room(fit, "arima_coef", "coef", coef, n_coef, fit ? fit->info.n_coef : 0);
    if (s) return s;
    const int64_t n = fit->info.n_coef;
    if (n) memcpy(coef, fit->coef, (size_t)n * sizeof *coef);
    for (int64_t i = 0; se && i < n; i++) se[i] = sqrt(fit->cov[i * n + i]);
    return HW3_OK;
}

hw3_status hw3_arima_cov(const hw3_arima *fit, double *cov, int64_t n_coef)
{
    hw3_status s = check_room(fit, "arima_cov", "cov", cov, n_coef, fit ? fit->info.n_coef : 0);
    if (s) return s;
    if (fit->info.n_coef) memcpy(cov, fit->cov, (size_t)(fit->info.n_coef * fit->info.n_coef) * sizeof *cov);
    return HW3_OK;
}

hw3_status hw3_arima_residuals(const hw3_arima *fit, double *out, int64_t n)
{
    hw3_status s = check_room(fit, "arima_residuals", "out", out, n, fit ? fit->info.n : 0);
    for (int64_t t = 0; !s && t < fit->info.n; t++)
        out[t] = isnan(fit->z[t]) ? NAN : (fit->z[t] - fit->mean[t]) / sqrt(fit->F[t]);
    return s;
}

hw3_status hw3_arima_fitted(const hw3_arima *fit, double *out, int64_t n)
{
    hw3_status s = check_room(fit, "arima_fitted", "out", out, n, fit ? fit->info.n : 0);
    for (int64_t t = 0; !s && t < fit->info.n; t++)
        out[t] = fit->info.boxcox ? hw3i_boxcox_invert(fit->mean[t], fit->info.lam) : fit->mean[t];
    return s;
}

hw3_status hw3_arima_predict(const hw3_arima *fit, int64_t horizon, const double *xreg, const double *levels, int64_t n_levels,
                             double *mean, double *se, double *lower, double *upper)
{
    if (!fit) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(fit->ctx, "arima_predict", "horizon", horizon, 1, INT32_MAX);
    if (s) return s;
    if (!mean) return hw3i_is_null(fit->ctx, "arima_predict", "mean");
    if (fit->info.n_xreg && !xreg) return hw3i_is_null(fit->ctx, "arima_predict", "xreg");
    if (n_levels < 0) return hw3i_is_small(fit->ctx, "arima_predict", "n_levels", n_levels, 0);
    if (n_levels && !levels) return hw3i_is_null(fit->ctx, "arima_predict", "levels");
    for (int64_t i = 0; i < n_levels; i++)
        if (!(levels[i] > 0 && levels[i] < 1))
            return hw3i_fail(fit->ctx, HW3_ERR_ARG, "arima_predict: level %g, expected between 0 and 1", levels[i]);
    return hw3i_arima_predict(fit, horizon, xreg, levels, n_levels, mean, se, lower, upper);
}

hw3_status hw3_arima_forecast(const hw3_arima *fit, int64_t horizon, double level, double *mean, double *lower, double *upper)
{
    if (!fit) return HW3_ERR_ARG;
    if (fit->info.n_xreg)
        return hw3i_fail(fit->ctx, HW3_ERR_STATE, "arima_forecast: the fit has %lld regressors, whose future hw3_arima_predict takes",
                         (long long)fit->info.n_xreg);
    return hw3_arima_predict(fit, horizon, NULL, &level, 1, mean, NULL, lower, upper);
}
