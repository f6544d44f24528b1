/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "io/file.h"
#include "series/arima_use.h"
#include <math.h>

#define MOST ((int64_t)1 << 31) /* steps or paths: their product with the size of a number does not overflow */

/* y of n values with regressors of their own. */
static hw3_status check_values(const hw3_arima *fit, const char *what, const double *y, int64_t n, int64_t least, const double *xreg)
{
    if (!fit) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(fit->ctx, what, "n", n, least, MOST);
    if (s) return s;
    if (n && !y) return hw3i_is_null(fit->ctx, what, "y");
    return n && fit->info.n_xreg && !xreg ? hw3i_is_null(fit->ctx, what, "xreg") : HW3_OK;
}

hw3_status hw3_arima_append(hw3_arima *fit, const double *y, int64_t n, const double *xreg)
{
    hw3_status s = check_values(fit, "arima_append", y, n, 0, xreg);
    return s ? s : hw3i_arima_append(fit, y, n, xreg);
}

hw3_status hw3_arima_refit(hw3_arima *fit) { return fit ? hw3i_arima_refit(fit) : HW3_ERR_ARG; }

hw3_status hw3_arima_apply(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, hw3_arima **out)
{
    if (out) *out = NULL;
    hw3_status s = check_values(fit, "arima_apply", y, n, 1, xreg);
    if (s) return s;
    return out ? hw3i_arima_apply(fit, y, n, xreg, out) : hw3i_is_null(fit->ctx, "arima_apply", "out");
}

hw3_status hw3_arima_one_step(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, double *mean, double *se)
{
    hw3_status s = check_values(fit, "arima_one_step", y, n, 1, xreg);
    if (s) return s;
    return mean ? hw3i_arima_one_step(fit, y, n, xreg, mean, se) : hw3i_is_null(fit->ctx, "arima_one_step", "mean");
}

hw3_status hw3_arima_backtest(const hw3_arima *fit, const double *y, int64_t n, int64_t horizon, int64_t refit_every, const double *xreg,
                              hw3_arima_origin_fn progress, void *user, double *mean, double *se)
{
    hw3_status s = check_values(fit, "arima_backtest", y, n, 1, xreg);
    if (!s) s = hw3i_check_range(fit->ctx, "arima_backtest", "horizon", horizon, 1, n);
    if (s) return s;
    if (refit_every < 0) return hw3i_is_small(fit->ctx, "arima_backtest", "refit_every", refit_every, 0);
    if (!mean) return hw3i_is_null(fit->ctx, "arima_backtest", "mean");
    return hw3i_arima_backtest(fit, y, n, xreg, horizon, refit_every, progress, user, mean, se);
}

hw3_status hw3_arima_roots(const hw3_arima *fit, int32_t ma, double *re, double *im, int64_t n)
{
    if (!fit) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(fit->ctx, "arima_roots", "ma", ma, 0, 1);
    if (s) return s;
    const int64_t need = hw3i_arima_n_roots(fit, ma != 0);
    if (need && (!re || !im)) return hw3i_is_null(fit->ctx, "arima_roots", re ? "im" : "re");
    if (n < need) return hw3i_fail(fit->ctx, HW3_ERR_TOO_SMALL, "arima_roots: room for %lld, %lld are needed", (long long)n, (long long)need);
    return hw3i_arima_roots(fit, ma != 0, re, im);
}

static hw3_status check_simulation(const hw3_arima *fit, const char *what, const hw3i_simulation *w, int32_t bootstrap, int32_t conditional)
{
    if (!fit) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(fit->ctx, what, "horizon", w->horizon, 1, MOST);
    if (!s) s = hw3i_check_range(fit->ctx, what, "n_paths", w->n_paths, 1, MOST);
    if (!s) s = hw3i_check_range(fit->ctx, what, "bootstrap", bootstrap, 0, 1);
    if (!s) s = hw3i_check_range(fit->ctx, what, "conditional", conditional, 0, 1);
    if (s) return s;
    return fit->info.n_xreg && !w->xreg ? hw3i_is_null(fit->ctx, what, "xreg") : HW3_OK;
}

hw3_status hw3_arima_simulate(const hw3_arima *fit, int64_t horizon, int64_t n_paths, uint64_t seed, int32_t bootstrap, int32_t conditional,
                              const double *xreg, double *out)
{
    const hw3i_simulation w = { horizon, n_paths, xreg, seed, bootstrap != 0, conditional != 0 };
    hw3_status s = check_simulation(fit, "arima_simulate", &w, bootstrap, conditional);
    if (s) return s;
    return out ? hw3i_arima_simulate(fit, &w, out) : hw3i_is_null(fit->ctx, "arima_simulate", "out");
}

hw3_status hw3_arima_intervals(const hw3_arima *fit, int64_t horizon, const double *levels, int64_t n_levels, int64_t n_paths, uint64_t seed,
                               int32_t bootstrap, const double *xreg, double *lower, double *upper)
{
    const hw3i_simulation w = { horizon, n_paths, xreg, seed, bootstrap != 0, true };
    hw3_status s = check_simulation(fit, "arima_intervals", &w, bootstrap, 1);
    if (s) return s;
    if (n_levels < 1) return hw3i_is_small(fit->ctx, "arima_intervals", "n_levels", n_levels, 1);
    if (!levels) return hw3i_is_null(fit->ctx, "arima_intervals", "levels");
    for (int64_t i = 0; i < n_levels; i++)
        if (!(levels[i] > 0 && levels[i] < 1))
            return hw3i_fail(fit->ctx, HW3_ERR_ARG, "arima_intervals: level %g, expected between 0 and 1", levels[i]);
    if (!lower || !upper) return hw3i_is_null(fit->ctx, "arima_intervals", lower ? "upper" : "lower");
    return hw3i_arima_intervals(fit, &w, levels, n_levels, lower, upper);
}

hw3_status hw3_arima_save(const hw3_arima *fit, const char *path)
{
    hw3_status s = fit ? hw3i_path_check(fit->ctx, "arima_save", path) : HW3_ERR_ARG;
    return s ? s : hw3i_arima_save(fit, path);
}

hw3_status hw3_arima_load(hw3_ctx *ctx, const char *path, hw3_arima **out)
{
    if (out) *out = NULL;
    if (!ctx) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(ctx, "arima_load", "out");
    hw3_status s = hw3i_path_check(ctx, "arima_load", path);
    return s ? s : hw3i_arima_load(ctx, path, out);
}

static hw3_status check_many(hw3_ctx *ctx, const hw3i_many *w, int64_t n_coef)
{
    const struct { const char *name; const void *p; } all[] = { { "y", w->y }, { "lengths", w->lengths }, { "coef", n_coef ? w->coef : w->loglik },
        { "loglik", w->loglik }, { "sigma2", w->sigma2 }, { "converged", w->converged }, { "statuses", w->statuses } };
    for (int64_t i = 0; i < HW3I_LEN(all); i++)
        if (!all[i].p) return hw3i_is_null(ctx, "arima_fit_many", all[i].name);
    for (int64_t i = 0; i < w->n_series; i++)
        if (w->lengths[i] < 1 || w->lengths[i] > MOST)
            return hw3i_fail(ctx, HW3_ERR_ARG, "arima_fit_many: lengths[%lld] is %lld", (long long)i, (long long)w->lengths[i]);
    return HW3_OK;
}

hw3_status hw3_arima_fit_many(hw3_ctx *ctx, const double *y, const int64_t *lengths, int64_t n_series, const hw3_arima_opts *opts,
                              int64_t n_coef, double *coef, double *loglik, double *sigma2, int32_t *converged, int32_t *statuses)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    const hw3i_many w = { y, lengths, n_series, &o, coef, loglik, sigma2, converged, statuses };
    int64_t need = 0;
    if (!ctx) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(ctx, "arima_fit_many", "n_series", n_series, 1, MOST);
    if (!s && opts) s = hw3i_import(ctx, &o, sizeof o, opts, sizeof o, "hw3_arima_opts");
    if (!s) s = hw3i_arima_check_opts(ctx, &o, &need);
    if (!s) s = hw3i_check_used(ctx, "arima_fit_many", o.xreg, o.n_xreg, o.boxcox, o.lam);
    if (s) return s;
    if (o.n_xreg) return hw3i_fail(ctx, HW3_ERR_ARG, "arima_fit_many: n_xreg is %lld, expected none", (long long)o.n_xreg);
    if (n_coef != need)
        return hw3i_fail(ctx, HW3_ERR_SHAPE, "arima_fit_many: n_coef is %lld, the model has %lld", (long long)n_coef, (long long)need);
    s = check_many(ctx, &w, need);
    return s ? s : hw3i_arima_fit_many(ctx, &w, need);
}

hw3_status hw3_fourier(hw3_ctx *ctx, double period, int64_t n, int64_t start, int64_t n_columns, double *out)
{
    if (!ctx) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_range(ctx, "fourier", "n", n, 1, MOST);
    if (!s) s = hw3i_check_range(ctx, "fourier", "start", start, 0, MOST);
    if (s) return s;
    if (!(period > 1) || isinf(period)) return hw3i_fail(ctx, HW3_ERR_ARG, "fourier: period is %g, expected above 1", period);
    const int64_t K = n_columns / 2 + n_columns % 2;
    if (n_columns < 1 || n_columns > MOST || 2 * (double)K > period || (n_columns % 2 == 1) != (2 * (double)K == period))
        return hw3i_fail(ctx, HW3_ERR_ARG, "fourier: n_columns is %lld, expected 2 K, or 2 K - 1 where 2 K is the period %g, at most that",
                         (long long)n_columns, period);
    if (!out) return hw3i_is_null(ctx, "fourier", "out");
    hw3i_fourier(period, K, n, start, out);
    return HW3_OK;
}
