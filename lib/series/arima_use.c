/* SPDX-License-Identifier: MIT */
#include "series/arima_use.h"
#include <math.h>

/* ---- The same model on another series ---- */

hw3_arima_opts hw3i_arima_opts_of(const hw3_arima *fit)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    const hw3_arima_info *i = &fit->info;
    o.method = i->method, o.order = i->order, o.mean = i->mean, o.drift = i->drift, o.n_xreg = i->n_xreg;
    o.xreg_names = fit->names ? (const char *const *)fit->names + (i->n_coef - i->n_xreg) : NULL;
    o.fixed = fit->fixed, o.init = fit->coef;
    o.lam = i->lam, o.boxcox = i->boxcox, o.bias_adjust = fit->bias_adjust;
    o.unbiased = fit->unbiased, o.max_iterations = fit->max_iterations;
    return o;
}

double *hw3i_arima_rows(const hw3_arima *fit)
{
    const int64_t n = fit->info.n, k = fit->info.n_xreg;
    const double *x = fit->x + (fit->n_reg - k) * n;
    double *rows = hw3i_alloc(fit->ctx, n * k, sizeof *rows);
    for (int64_t t = 0; rows && t < n; t++)
        for (int64_t c = 0; c < k; c++) rows[t * k + c] = x[c * n + t];
    return rows;
}

/* loglik = -n_used / 2 (1 + log 2 pi + log(S / nu) + L), S = sum e^2 / F and L = mean log F over the nu steps that are not diffuse. */
hw3_status hw3i_arima_judge(hw3_arima *fit)
{
    hw3_arima_info *i = &fit->info;
    double S = 0, L = 0, nu = 0;
    for (int64_t t = 0; t < i->n; t++) {
        if (isnan(fit->z[t]) || !(fit->F[t] < HW3I_DIFFUSE)) continue;
        double e = fit->z[t] - fit->mean[t];
        S += e * e / fit->F[t], L += log(fit->F[t]), nu++;
    }
    i->n_used = hw3i_max(0, i->n - i->n_missing - hw3i_arma_diffs(&i->order));
    i->loglik = nu > 0 && i->n_used ? -0.5 * (double)i->n_used * (1 + log(2 * acos(-1)) + log(S / nu) + L / nu) : 0;
    hw3i_arima_criteria(fit);
    if (isfinite(S) && isfinite(L)) return HW3_OK;
    return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: no finite likelihood: the sum of %lld squared residuals is %g", (long long)nu, S);
}

hw3_status hw3i_arima_apply(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, hw3_arima **out)
{
    const hw3_arima_info *i = &fit->info;
    hw3_arima_opts o = hw3i_arima_opts_of(fit);
    hw3_arima *a = hw3i_calloc(fit->ctx, 1, sizeof *a);
    if (!a) return HW3_ERR_NOMEM;
    o.xreg = xreg;
    hw3_status s = hw3i_arima_allocate(fit->ctx, y, n, &o, i->n_coef, a);
    if (!s) {
        memcpy(a->coef, fit->coef, (size_t)i->n_coef * sizeof(double));
        memcpy(a->cov, fit->cov, (size_t)(i->n_coef * i->n_coef) * sizeof(double));
        a->info.sigma2 = i->sigma2, a->info.n_free = i->n_free, a->info.n_iterations = i->n_iterations;
        a->info.converged = i->converged, a->info.cov_ok = i->cov_ok;
        s = hw3i_arima_filter(a);
    }
    if (!s) s = hw3i_arima_judge(a);
    if (s) hw3i_arima_destroy(a);
    else *out = a;
    return s;
}

/* ---- New values ---- */

/* Columns [k, n] become [k, n + more], the new rows empty. */
static hw3_status lengthen(hw3_ctx *ctx, int64_t k, int64_t n, int64_t more, const double *old, double **out)
{
    *out = hw3i_calloc(ctx, k * (n + more), sizeof **out);
    for (int64_t c = 0; *out && c < k; c++) memcpy(*out + c * (n + more), old + c * n, (size_t)n * sizeof **out);
    return *out ? HW3_OK : HW3_ERR_NOMEM;
}

static hw3_status fill_new(hw3_arima *fit, int64_t n, const double *y, int64_t more, const double *xreg)
{
    double *x = hw3i_alloc(fit->ctx, fit->n_reg * more, sizeof *x);
    if (!x) return HW3_ERR_NOMEM;
    hw3_status s = hw3i_arima_regressors(fit, xreg, n, more, x);
    for (int64_t c = 0; !s && c < fit->n_reg; c++)
        memcpy(fit->x + c * (n + more) + n, x + c * more, (size_t)more * sizeof *x);
    hw3i_free(fit->ctx, x);
    memcpy(fit->y + n, y, (size_t)more * sizeof *y);
    return s ? s : hw3i_arima_transform(fit, n);
}

hw3_status hw3i_arima_append(hw3_arima *fit, const double *y, int64_t more, const double *xreg)
{
    const int64_t n = fit->info.n;
    hw3_arima longer = *fit; /* with columns and a filter of its own */
    double **columns[] = { &longer.y, &longer.z, &longer.mean, &longer.F, &longer.x };
    double *old[] = { fit->y, fit->z, fit->mean, fit->F, fit->x };
    void *memory = NULL;
    hw3_status s = HW3_OK;
    if (!more) return HW3_OK;
    for (int64_t i = 0; i < HW3I_LEN(columns); i++) *columns[i] = NULL;
    for (int64_t i = 0; i < HW3I_LEN(columns) && !s; i++) s = lengthen(fit->ctx, i == 4 ? fit->n_reg : 1, n, more, old[i], columns[i]);
    longer.info.n += more;
    if (!s) s = fill_new(&longer, n, y, more, xreg);
    if (!s) s = hw3i_arima_copy_filter(fit, &longer.filter, &memory);
    if (!s) s = hw3i_arima_go_on(&longer, &longer.filter, n);
    if (!s) s = hw3i_arima_judge(&longer);
    if (!s) {
        hw3i_kalman_put(&longer.filter, &fit->filter);
        longer.filter = fit->filter;
        *fit = longer;
    }
    for (int64_t i = 0; i < HW3I_LEN(columns); i++) hw3i_free(fit->ctx, s ? *columns[i] : old[i]);
    hw3i_free(fit->ctx, memory);
    return s;
}

/* A new fit takes the old one's place; the names stay, for callers may hold them, and what a search has tried. */
hw3_status hw3i_arima_refit(hw3_arima *fit)
{
    hw3_arima_opts o = hw3i_arima_opts_of(fit);
    hw3_arima *fresh = NULL, old = *fit;
    double *rows = hw3i_arima_rows(fit);
    if (!rows) return HW3_ERR_NOMEM;
    o.xreg = rows;
    if (o.method == HW3_ARIMA_CSS_ML) o.method = HW3_ARIMA_ML; /* already near */
    hw3_status s = hw3i_arima_create(fit->ctx, fit->y, fit->info.n, &o, &fresh);
    if (s == HW3_ERR_VALUE) { /* too near the edge of stationarity to begin there */
        o.init = NULL;
        s = hw3i_arima_create(fit->ctx, fit->y, fit->info.n, &o, &fresh);
    }
    hw3i_free(fit->ctx, rows);
    if (s) return s;
    *fit = *fresh;
    *fresh = old;
    fit->info.method = old.info.method;
    fresh->names = fit->names, fit->names = old.names;
    fit->trials = old.trials, fit->n_trials = old.n_trials;
    fresh->trials = NULL;
    hw3i_arima_destroy(fresh);
    return HW3_OK;
}

/* ---- Forecasts over a test set ---- */

hw3_status hw3i_arima_one_step(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, double *mean, double *se)
{
    hw3_arima next = *fit; /* only to look at: its y and z are those of the test set */
    hw3i_kalman k;
    void *memory = NULL;
    double *work = hw3i_alloc(fit->ctx, n, (fit->n_reg + 3) * (int64_t)sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    next.info.n = n;
    next.y = (double *)y;
    next.z = work, next.mean = work + n, next.F = work + 2 * n, next.x = work + 3 * n;
    hw3_status s = hw3i_arima_regressors(fit, xreg, fit->info.n, n, next.x);
    if (!s) s = hw3i_arima_transform(&next, 0);
    if (!s) s = hw3i_arima_copy_filter(fit, &k, &memory);
    if (!s) s = hw3i_arima_go_on(&next, &k, 0);
    for (int64_t t = 0; !s && t < n; t++) next.F[t] = sqrt(fit->info.sigma2 * next.F[t]);
    if (!s) s = hw3i_arima_put(fit, n, next.mean, next.F, mean, se);
    hw3i_free(fit->ctx, memory);
    hw3i_free(fit->ctx, work);
    return s;
}

/* Forecasts from origin i, for the values i to i + horizon - 1 of y. */
static hw3_status roll(hw3_arima *a, int64_t i, const double *y, const double *xreg, int64_t horizon, int64_t refit_every, double *mean,
                       double *se)
{
    const double *x = a->info.n_xreg ? xreg + i * a->info.n_xreg : NULL;
    hw3_status s = HW3_OK;
    if (i) s = hw3i_arima_append(a, y + i - 1, 1, x ? x - a->info.n_xreg : NULL);
    if (!s && i && refit_every && i % refit_every == 0) s = hw3i_arima_refit(a);
    return s ? s : hw3i_arima_predict(a, horizon, x, NULL, 0, mean, se, NULL, NULL);
}

hw3_status hw3i_arima_backtest(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, int64_t horizon, int64_t refit_every,
                               hw3_arima_origin_fn progress, void *user, double *mean, double *se)
{
    const int64_t origins = n - horizon + 1;
    hw3_arima *a = NULL;
    double *rows = hw3i_arima_rows(fit), *out = hw3i_alloc(fit->ctx, origins, 2 * horizon * (int64_t)sizeof *out);
    hw3_status s = rows && out ? hw3i_arima_apply(fit, fit->y, fit->info.n, rows, &a) : HW3_ERR_NOMEM;
    for (int64_t i = 0; !s && i < origins; i++) {
        double *at = out + i * horizon;
        s = roll(a, i, y, xreg, horizon, refit_every, at, at + origins * horizon);
        if (!s && progress && progress(user, i + 1, origins))
            s = hw3i_fail(fit->ctx, HW3_ERR_CANCELLED, "arima_backtest: stopped by the callback after %lld of %lld origins",
                          (long long)i + 1, (long long)origins);
    }
    if (!s) memcpy(mean, out, (size_t)(origins * horizon) * sizeof *out);
    if (!s && se) memcpy(se, out + origins * horizon, (size_t)(origins * horizon) * sizeof *out);
    hw3i_arima_destroy(a);
    hw3i_free(fit->ctx, rows);
    hw3i_free(fit->ctx, out);
    return s;
}
