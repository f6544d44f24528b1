/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "series/arima_auto.h"
#include <math.h>

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_arima_auto_opts))
#define OLDEST_TRIAL ((uint32_t)sizeof(hw3_arima_trial))
#define MAX_ORDER 100

static const hw3_arima_auto_opts defaults = HW3_ARIMA_AUTO_OPTS_INIT;

hw3_status hw3_arima_auto_opts_init(hw3_arima_auto_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

static hw3_status check_opts(hw3_ctx *ctx, const hw3_arima_auto_opts *o)
{
    const struct { const char *name; int64_t is, least, most; } rows[] = {
        { "ic", o->ic, HW3_IC_AICC, HW3_IC_BIC }, { "period", o->period, 1, 5000 }, { "d", o->d, -1, 3 }, { "D", o->D, -1, 3 },
        { "max_p", o->max_p, 0, MAX_ORDER }, { "max_q", o->max_q, 0, MAX_ORDER }, { "max_P", o->max_P, 0, MAX_ORDER },
        { "max_Q", o->max_Q, 0, MAX_ORDER }, { "max_order", o->max_order, 0, 4 * MAX_ORDER }, { "max_d", o->max_d, 0, 2 },
        { "max_D", o->max_D, 0, 1 }, { "start_p", o->start_p, 0, MAX_ORDER }, { "start_q", o->start_q, 0, MAX_ORDER },
        { "start_P", o->start_P, 0, MAX_ORDER }, { "start_Q", o->start_Q, 0, MAX_ORDER }, { "n_models", o->n_models, 5, INT32_MAX },
        { "approximation", o->approximation, -1, 1 }, { "truncate", o->truncate, 0, INT64_MAX },
        { "method", o->method, 0, HW3_ARIMA_CSS }, { "test", o->test, HW3_UNIT_KPSS, HW3_UNIT_PP },
        { "trend", o->trend, HW3_TREND_C, HW3_TREND_CT },
        { "stationary", o->stationary, 0, 1 }, { "seasonal", o->seasonal, 0, 1 }, { "allow_mean", o->allow_mean, 0, 1 },
        { "allow_drift", o->allow_drift, 0, 1 }, { "stepwise", o->stepwise, 0, 1 }, { "bias_adjust", o->bias_adjust, 0, 1 },
        { "unbiased", o->unbiased, 0, 1 },
        { "season_test", o->season_test, HW3_SEASON_STRENGTH, HW3_SEASON_CH }, { "n_xreg", o->n_xreg, 0, INT32_MAX },
        { "boxcox", o->boxcox, HW3_ARIMA_BOXCOX_NONE, HW3_ARIMA_BOXCOX_LOGLIK }, { "max_iterations", o->max_iterations, 1, INT32_MAX },
        { "d + D", hw3i_max(o->d, 0) + hw3i_max(o->D, 0), 0, 3 },
    };
    for (int64_t i = 0; i < HW3I_LEN(rows); i++) {
        hw3_status s = hw3i_check_range(ctx, "arima_auto", rows[i].name, rows[i].is, rows[i].least, rows[i].most);
        if (s) return s;
    }
    if (o->n_xreg && !o->xreg) return hw3i_is_null(ctx, "arima_auto", "xreg");
    hw3_status unused = hw3i_check_used(ctx, "arima_auto", o->xreg, o->n_xreg, o->boxcox, o->lam);
    if (unused) return unused;
    if (!(o->alpha >= 0.01 && o->alpha <= 0.1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "arima_auto: alpha is %g, expected 0.01 to 0.1", o->alpha);
    if (o->boxcox == HW3_ARIMA_BOXCOX_GIVEN && !(fabs(o->lam) <= 5))
        return hw3i_fail(ctx, HW3_ERR_ARG, "arima_auto: lam is %g, expected -5 to 5", o->lam);
    return HW3_OK;
}

hw3_status hw3_arima_auto(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_auto_opts *opts, hw3_arima **out)
{
    hw3_arima_auto_opts o = defaults;
    if (out) *out = NULL;
    hw3_status s = hw3i_check_array(ctx, "arima_auto", "y", y, n, 1);
    if (s) return s;
    if (!out) return hw3i_is_null(ctx, "arima_auto", "out");
    s = opts ? hw3i_import(ctx, &o, sizeof o, opts, OLDEST_OPTS, "hw3_arima_auto_opts") : HW3_OK;
    if (!s) s = check_opts(ctx, &o);
    return s ? s : hw3i_arima_auto(ctx, y, n, &o, out);
}

int64_t hw3_arima_n_candidates(const hw3_arima *fit) { return fit ? fit->n_trials : 0; }

hw3_status hw3_arima_candidate(const hw3_arima *fit, int64_t i, hw3_arima_trial *out)
{
    if (!fit) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(fit->ctx, "arima_candidate", "out");
    if (i < 0 || i >= fit->n_trials)
        return hw3i_fail(fit->ctx, HW3_ERR_ARG, "arima_candidate: i is %lld of %lld", (long long)i, (long long)fit->n_trials);
    if (out->struct_size < OLDEST_TRIAL)
        return hw3i_fail(fit->ctx, HW3_ERR_ABI, "arima_candidate: struct_size is %u, at least %u is known", (unsigned)out->struct_size,
                         (unsigned)OLDEST_TRIAL);
    hw3i_export(out, &fit->trials[i], sizeof fit->trials[i]);
    return HW3_OK;
}
