/* SPDX-License-Identifier: MIT */
#include "series/arima_model.h"
#include "math/distribution.h"
#include "series/diagnostics.h"
#include <math.h>
#include <stdio.h>

#define MAX_LAG 5000

void hw3i_arima_destroy(hw3_arima *fit)
{
    if (!fit) return;
    hw3_ctx *ctx = fit->ctx;
    for (int64_t i = 0; fit->names && i < fit->info.n_coef; i++) hw3i_free(ctx, fit->names[i]);
    void *owned[] = { fit->y, fit->z, fit->x, fit->names, fit->coef, fit->cov, fit->fixed, fit->mean, fit->F, fit->memory, fit->trials,
                      fit };
    for (int64_t i = 0; i < HW3I_LEN(owned); i++) hw3i_free(ctx, owned[i]);
    hw3i_ctx_release(ctx);
}

/* ---- What is asked for ---- */

static bool has_mean(const hw3_arima_opts *o) { return o->mean && o->order.d + o->order.D == 0; }
static bool has_drift(const hw3_arima_opts *o) { return o->drift && o->order.d + o->order.D <= 1; }

hw3_status hw3i_arima_check_opts(hw3_ctx *ctx, const hw3_arima_opts *o, int64_t *n_coef)
{
    const hw3_arima_order *r = &o->order;
    const int32_t orders[] = { r->p, r->d, r->q, r->P, r->D, r->Q };
    for (int64_t i = 0; i < HW3I_LEN(orders); i++)
        if (orders[i] < 0) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: order %c is %d", "pdqPDQ"[i], (int)orders[i]);
    if (r->period < 1 || r->period > MAX_LAG) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: period is %lld, expected 1 to %d",
                                                               (long long)r->period, MAX_LAG);
    if (r->d > 3 || r->D > 3 || r->d + r->D > 3)
        return hw3i_fail(ctx, HW3_ERR_ARG, "arima: d is %d and D %d, together at most 3", (int)r->d, (int)r->D);
    if (r->p + r->P * r->period > MAX_LAG || r->q + r->Q * r->period > MAX_LAG)
        return hw3i_fail(ctx, HW3_ERR_ARG, "arima: lags up to %lld, at most %d",
                         (long long)hw3i_max(r->p + r->P * r->period, r->q + r->Q * r->period), MAX_LAG);
    if (r->period == 1 && r->P + r->D + r->Q > 0) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: seasonal orders with period 1");
    if (o->method < HW3_ARIMA_CSS_ML || o->method > HW3_ARIMA_CSS)
        return hw3i_fail(ctx, HW3_ERR_ARG, "arima: method is %d, expected a constant HW3_ARIMA_", (int)o->method);
    if (o->n_xreg < 0 || (o->n_xreg > 0 && !o->xreg)) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: n_xreg is %lld and xreg %s",
                                                                       (long long)o->n_xreg, o->xreg ? "given" : "NULL");
    if (o->n_xreg > INT32_MAX) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: n_xreg is %lld", (long long)o->n_xreg);
    if (o->max_iterations < 1) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: max_iterations is %d", (int)o->max_iterations);
    const struct { const char *name; int32_t is; } switches[] = { { "mean", o->mean }, { "drift", o->drift }, { "boxcox", o->boxcox },
                                                                  { "bias_adjust", o->bias_adjust }, { "unbiased", o->unbiased } };
    for (int64_t i = 0; i < HW3I_LEN(switches); i++)
        if (switches[i].is < 0 || switches[i].is > 1)
            return hw3i_fail(ctx, HW3_ERR_ARG, "arima: %s is %d, expected 0 or 1", switches[i].name, (int)switches[i].is);
    if (o->boxcox && !(fabs(o->lam) <= 5)) return hw3i_fail(ctx, HW3_ERR_ARG, "arima: lam is %g, expected -5 to 5", o->lam);
    *n_coef = hw3i_arma_n(r) + has_mean(o) + has_drift(o) + o->n_xreg;
    if (o->drift && !has_drift(o)) hw3i_log(ctx, "arima: d is %d and D %d: the drift is left out", (int)r->d, (int)r->D);
    return HW3_OK;
}

static const char *xreg_name(const hw3_arima_opts *o, int64_t c, char *number, size_t size)
{
    if (o->xreg_names && o->xreg_names[c]) return o->xreg_names[c];
    snprintf(number, size, "xreg%lld", (long long)c + 1);
    return number;
}

static hw3_status name_coefficients(hw3_arima *fit, const hw3_arima_opts *o)
{
    const struct { const char *name; int32_t n; } parts[] = { { "ar", o->order.p }, { "ma", o->order.q }, { "sar", o->order.P },
                                                              { "sma", o->order.Q } };
    char text[32];
    int64_t at = 0;
    fit->names = hw3i_calloc(fit->ctx, fit->info.n_coef, sizeof *fit->names);
    if (!fit->names) return HW3_ERR_NOMEM;
    for (int64_t k = 0; k < HW3I_LEN(parts); k++)
        for (int32_t i = 1; i <= parts[k].n; i++) {
            snprintf(text, sizeof text, "%s%d", parts[k].name, (int)i);
            if (!(fit->names[at++] = hw3i_strdup(fit->ctx, text))) return HW3_ERR_NOMEM;
        }
    if (fit->info.mean && !(fit->names[at++] = hw3i_strdup(fit->ctx, "intercept"))) return HW3_ERR_NOMEM;
    if (fit->info.drift && !(fit->names[at++] = hw3i_strdup(fit->ctx, "drift"))) return HW3_ERR_NOMEM;
    for (int64_t c = 0; c < o->n_xreg; c++)
        if (!(fit->names[at++] = hw3i_strdup(fit->ctx, xreg_name(o, c, text, sizeof text)))) return HW3_ERR_NOMEM;
    return HW3_OK;
}

hw3_status hw3i_arima_regressors(const hw3_arima *fit, const double *xreg, int64_t first, int64_t rows, double *x)
{
    const int64_t k = fit->info.n_xreg;
    for (int64_t t = 0; fit->info.mean && t < rows; t++) x[t] = 1;
    x += fit->info.mean ? rows : 0;
    for (int64_t t = 0; fit->info.drift && t < rows; t++) x[t] = (double)(first + t + 1);
    x += fit->info.drift ? rows : 0;
    for (int64_t c = 0; c < k; c++)
        for (int64_t t = 0; t < rows; t++) {
            x[c * rows + t] = xreg[t * k + c];
            if (!isfinite(xreg[t * k + c]))
                return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: regressor %lld (%s) is %g at row %lld", (long long)c + 1,
                                 fit->names[fit->info.n_coef - k + c], xreg[t * k + c], (long long)t);
        }
    return HW3_OK;
}

hw3_status hw3i_arima_transform(hw3_arima *fit, int64_t first)
{
    for (int64_t t = first; t < fit->info.n; t++) {
        fit->z[t] = fit->info.boxcox && !isnan(fit->y[t]) ? hw3i_boxcox(fit->y[t], fit->info.lam) : fit->y[t];
        fit->info.n_missing += isnan(fit->y[t]) ? 1 : 0;
        if (!isnan(fit->y[t]) && !isfinite(fit->z[t]))
            return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: y[%lld] is %g%s", (long long)t, fit->y[t],
                             fit->info.boxcox ? ", which has no Box-Cox transform" : "");
    }
    return HW3_OK;
}

hw3_status hw3i_arima_allocate(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *o, int64_t n_coef, hw3_arima *fit)
{
    hw3i_ctx_retain(ctx);
    fit->ctx = ctx;
    fit->info = (hw3_arima_info){ .struct_size = sizeof fit->info, .method = o->method, .order = o->order, .mean = has_mean(o),
                                  .drift = has_drift(o), .n = n, .n_coef = n_coef, .n_xreg = o->n_xreg, .lam = o->boxcox ? o->lam : 1,
                                  .boxcox = o->boxcox != 0 };
    fit->bias_adjust = o->bias_adjust;
    fit->unbiased = o->unbiased;
    fit->max_iterations = o->max_iterations;
    fit->n_arma = hw3i_arma_n(&o->order);
    fit->n_reg = n_coef - fit->n_arma;
    double **arrays[] = { &fit->y, &fit->z, &fit->x, &fit->coef, &fit->cov, &fit->fixed, &fit->mean, &fit->F };
    const int64_t sizes[] = { n, n, n * fit->n_reg, n_coef, n_coef * n_coef, n_coef, n, n };
    for (int64_t i = 0; i < HW3I_LEN(arrays); i++)
        if (!(*arrays[i] = hw3i_calloc(ctx, sizes[i], sizeof(double)))) return HW3_ERR_NOMEM;
    memcpy(fit->y, y, (size_t)n * sizeof *y);
    for (int64_t i = 0; i < n_coef; i++) fit->fixed[i] = o->fixed ? o->fixed[i] : NAN;
    hw3_status s = name_coefficients(fit, o);
    if (!s) s = hw3i_arima_transform(fit, 0);
    return s ? s : hw3i_arima_regressors(fit, o->xreg, 0, n, fit->x);
}

/* ---- Fit and filter ---- */

void hw3i_arima_criteria(hw3_arima *fit)
{
    hw3_arima_info *i = &fit->info;
    double k = (double)i->n_free + 1, room = (double)i->n_used - k - 1;
    i->aic = i->method == HW3_ARIMA_CSS || i->n_used == 0 ? NAN : -2 * i->loglik + 2 * k;
    i->aicc = !isfinite(i->aic) ? i->aic : room > 0 ? i->aic + 2 * k * (k + 1) / room : INFINITY;
    i->bic = i->aic + k * (log((double)i->n_used) - 2);
}

static hw3_status fail_fit(const hw3_arima *fit, const hw3i_arima_data *data, const hw3i_arima_result *r)
{
    const hw3_arima_order *o = &fit->info.order;
    const int32_t at = o->p ? 0 : o->p + o->q;
    double least = INFINITY, most = -INFINITY;
    for (int64_t t = 0; t < fit->info.n; t++) least = fmin(least, fit->z[t]), most = fmax(most, fit->z[t]);
    if (r->stuck == HW3I_START)
        return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: the search would begin with %s at %g%s, which is not stationary",
                         fit->names[at], !isnan(fit->fixed[at]) ? fit->fixed[at] : data->init ? data->init[at] : 0,
                         o->p + o->P > 1 ? " and more" : "");
    if (r->stuck == HW3I_CONSTANT)
        return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: nothing varies in %lld values from %g to %g, %d + %d times differenced",
                         (long long)fit->info.n, least, most, (int)o->d, (int)o->D);
    return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: no finite likelihood: (%d,%d,%d)(%d,%d,%d)[%lld] for %lld values from %g to %g",
                     (int)o->p, (int)o->d, (int)o->q, (int)o->P, (int)o->D, (int)o->Q, (long long)o->period, (long long)fit->info.n,
                     least, most);
}

static hw3_status fail_dependent(const hw3_arima *fit, const hw3i_arima_data *data, int64_t dependent)
{
    int64_t c = fit->n_arma;
    for (int64_t left = dependent; left >= 0; c++) left -= !data->fixed || isnan(data->fixed[c]) ? 1 : 0;
    return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: regressor %lld (%s) is a combination of those before it, after differencing",
                     (long long)(c - fit->n_arma), fit->names[c - 1]);
}

static hw3_status fit_model(hw3_arima *fit, const hw3i_arima_data *data)
{
    hw3i_arima_problem p;
    hw3i_arima_result r = { .coef = fit->coef, .cov = fit->cov };
    hw3_status s = hw3i_arima_check(fit->ctx, data);
    if (s) return s;
    void *memory = hw3i_alloc(fit->ctx, hw3i_arima_bytes(data), 1);
    if (!memory) return HW3_ERR_NOMEM;
    hw3i_arima_data without_prior = *data;
    without_prior.method = HW3_ARIMA_CSS;
    int64_t dependent = data->n_reg && hw3i_arma_diffs(&data->order) ? hw3i_arima_setup(&without_prior, memory, &p) : -1;
    if (dependent < 0) dependent = hw3i_arima_setup(data, memory, &p);
    if (dependent < 0) s = hw3i_arima_fit(&p, &r);
    hw3i_free(fit->ctx, memory);
    if (dependent >= 0) return fail_dependent(fit, data, dependent);
    if (s) return fail_fit(fit, data, &r);
    fit->info.loglik = r.loglik;
    fit->info.sigma2 = fit->unbiased ? r.unbiased : r.sigma2;
    fit->info.n_used = r.n_used;
    fit->info.n_free = r.n_free;
    fit->info.converged = r.converged;
    fit->info.n_iterations = r.n_iterations;
    fit->info.cov_ok = r.cov_ok;
    hw3i_arima_criteria(fit);
    return HW3_OK;
}

double hw3i_arima_regression(const hw3_arima *fit, const double *x, int64_t rows, int64_t t)
{
    double s = 0;
    for (int64_t c = 0; c < fit->n_reg; c++) s += fit->coef[fit->n_arma + c] * x[c * rows + t];
    return s;
}

/* A variance is 1 at least; below that rounding has eaten it, as a moving average far from invertible lets it. */
static hw3_status check_step(const hw3_arima *fit, int64_t t, double mean, double F)
{
    if (!isfinite(mean))
        return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: the values are too far apart for a finite forecast of y[%lld]", (long long)t);
    if (F > 0.5 && isfinite(F)) return HW3_OK;
    return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: the moving average is far from invertible: rounding leaves a variance of %g sigma2 "
                     "at y[%lld]", F, (long long)t);
}

/* With a long season and no gaps the filter need not carry its variance along. */
static hw3_status filter_long(hw3_arima *fit)
{
    const int64_t n = fit->info.n, diffs = fit->filter.diffs, r = fit->filter.arma.r, m = n - diffs;
    hw3i_workspace w = { 0 };
    hw3i_gains gains;
    double *z = NULL, *work = NULL;
    void *memory = NULL;
    for (int pass = 0; pass < 2; pass++) {
        hw3i_gains_take(&w, &fit->info.order, m, 0, &gains);
        z = hw3i_take_doubles(&w, n);
        work = hw3i_take_doubles(&w, 2 * m + r + 8 * (r + 1));
        if (!memory && !(memory = hw3i_alloc(fit->ctx, w.used, 1))) return HW3_ERR_NOMEM;
        if (!pass) w = (hw3i_workspace){ memory, 0 };
    }
    for (int64_t t = 0; t < n; t++) z[t] = fit->z[t] - hw3i_arima_regression(fit, fit->x, n, t);
    hw3i_kalman_run(&fit->filter, &gains, n, z, fit->mean, fit->F, work);
    for (int64_t t = 0; t < n; t++) fit->mean[t] += fit->z[t] - z[t];
    hw3i_free(fit->ctx, memory);
    hw3_status s = HW3_OK;
    for (int64_t t = diffs; t < n && !s; t++) s = check_step(fit, t, fit->mean[t], fit->F[t]);
    return s ? s : check_step(fit, n, hw3i_kalman_mean(&fit->filter), fit->filter.F);
}

hw3_status hw3i_arima_go_on(hw3_arima *fit, hw3i_kalman *k, int64_t first)
{
    hw3_status s = HW3_OK;
    for (int64_t t = first; t < fit->info.n && !s; t++) {
        double known = hw3i_arima_regression(fit, fit->x, fit->info.n, t);
        fit->mean[t] = known + hw3i_kalman_mean(k);
        fit->F[t] = k->F;
        s = check_step(fit, t, fit->mean[t], k->F);
        hw3i_kalman_step(k, fit->z[t] - known);
    }
    return s ? s : check_step(fit, fit->info.n, hw3i_kalman_mean(k), k->F);
}

hw3_status hw3i_arima_filter(hw3_arima *fit)
{
    hw3i_workspace w = { 0 };
    hw3i_kalman_take(&w, &fit->info.order, &fit->filter);
    if (!fit->memory && !(fit->memory = hw3i_alloc(fit->ctx, w.used, 1))) return HW3_ERR_NOMEM;
    w = (hw3i_workspace){ fit->memory, 0 };
    hw3i_kalman_take(&w, &fit->info.order, &fit->filter);
    const bool is_long = fit->filter.diffs > HW3I_MAX_HEAD && fit->info.n > fit->filter.diffs && fit->info.n_missing == 0;
    if (!hw3i_kalman_start(&fit->filter, &fit->info.order, fit->coef, is_long ? 0 : HW3I_KAPPA))
        return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: the autoregressive part is not stationary");
    fit->n_run = fit->info.n;
    return is_long ? filter_long(fit) : hw3i_arima_go_on(fit, &fit->filter, 0);
}

static hw3_status estimate(hw3_arima *fit, const hw3_arima_opts *o)
{
    hw3i_arima_data data = { .order = o->order, .n = fit->info.n, .y = fit->z, .n_reg = fit->n_reg, .x = fit->x, .fixed = o->fixed,
                             .init = o->init, .method = o->method, .max_iterations = o->max_iterations };
    return fit_model(fit, &data);
}

static hw3_status take_exact(hw3_arima *fit, const hw3_arima_opts *o)
{
    hw3_arima_info *i = &fit->info;
    if (i->n_coef) memcpy(fit->coef, o->fixed, (size_t)i->n_coef * sizeof *fit->coef);
    i->n_used = i->n - i->n_missing - hw3i_arma_diffs(&o->order);
    i->loglik = INFINITY;
    i->aic = i->aicc = i->bic = -INFINITY;
    i->converged = i->cov_ok = 1;
    return HW3_OK;
}

typedef hw3_status (*coefficients_fn)(hw3_arima *fit, const hw3_arima_opts *opts);

static hw3_status create(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, coefficients_fn find, hw3_arima **out)
{
    int64_t n_coef = 0;
    hw3_status s = hw3i_arima_check_opts(ctx, opts, &n_coef);
    if (s) return s;
    hw3_arima *fit = hw3i_calloc(ctx, 1, sizeof *fit);
    if (!fit) return HW3_ERR_NOMEM;
    s = hw3i_arima_allocate(ctx, y, n, opts, n_coef, fit);
    if (!s) s = find(fit, opts);
    if (!s) s = hw3i_arima_filter(fit);
    if (s) hw3i_arima_destroy(fit);
    else *out = fit;
    return s;
}

hw3_status hw3i_arima_create(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, hw3_arima **out)
{
    return create(ctx, y, n, opts, estimate, out);
}

hw3_status hw3i_arima_create_exact(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, hw3_arima **out)
{
    return create(ctx, y, n, opts, take_exact, out);
}

/* ---- Forecast ---- */

hw3_status hw3i_arima_copy_filter(const hw3_arima *fit, hw3i_kalman *k, void **memory)
{
    const int64_t s = fit->filter.s;
    hw3i_workspace w = { 0 };
    for (int pass = 0; pass < 2; pass++) {
        *k = fit->filter;
        k->x = hw3i_take_doubles(&w, s);
        k->P = hw3i_take_doubles(&w, s * s);
        k->M = hw3i_take_doubles(&w, s * s);
        k->gain = hw3i_take_doubles(&w, s);
        k->row = hw3i_take_doubles(&w, s);
        if (pass) break;
        if (!(*memory = hw3i_alloc(fit->ctx, w.used, 1))) return HW3_ERR_NOMEM;
        w = (hw3i_workspace){ *memory, 0 };
    }
    memcpy(k->x, fit->filter.x, (size_t)s * sizeof(double));
    memcpy(k->P, fit->filter.P, (size_t)(s * s) * sizeof(double));
    memcpy(k->gain, fit->filter.gain, (size_t)s * sizeof(double));
    return HW3_OK;
}

double hw3i_arima_unit_of(const hw3_arima *fit, double z) { return fit->info.boxcox ? hw3i_boxcox_invert(z, fit->info.lam) : z; }

double hw3i_arima_forecast_of(const hw3_arima *fit, double z, double e)
{
    double y = hw3i_arima_unit_of(fit, z);
    return fit->info.boxcox && fit->bias_adjust ? hw3i_boxcox_mean(y, fit->info.lam, e * e) : y;
}

/* A mean and, but for Box-Cox, intervals of any level that a double holds. */
static hw3_status check_forecast(const hw3_arima *fit, int64_t t, double z, double e)
{
    if (isfinite(hw3i_arima_forecast_of(fit, z, e)) && isfinite(fabs(z) + 9 * e)) return HW3_OK;
    if (!fit->info.boxcox)
        return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: forecast %lld is %g with standard error %g", (long long)t, z, e);
    return hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima: forecast %lld is %g with standard error %g, which has no value for lambda %g",
                     (long long)t, z, e, fit->info.lam);
}

hw3_status hw3i_arima_put(const hw3_arima *fit, int64_t n, const double *z, const double *e, double *mean, double *se)
{
    hw3_status s = HW3_OK;
    for (int64_t t = 0; t < n && !s; t++) s = check_forecast(fit, t, z[t], e[t]);
    for (int64_t t = 0; t < n && !s; t++) mean[t] = hw3i_arima_forecast_of(fit, z[t], e[t]);
    if (!s && se) memcpy(se, e, (size_t)n * sizeof *se);
    return s;
}

/* End l of the intervals: sign -1 below, 1 above. */
static void put_end(const hw3_arima *fit, int64_t n, const double *z, const double *e, double level, double sign, double *out)
{
    const double q = -sign * hw3i_normal_quantile(0.5 - level / 2);
    for (int64_t t = 0; t < n; t++) out[t] = hw3i_arima_unit_of(fit, z[t] + q * e[t]);
}

hw3_status hw3i_arima_predict(const hw3_arima *fit, int64_t horizon, const double *xreg, const double *levels, int64_t n_levels,
                              double *mean, double *se, double *lower, double *upper)
{
    hw3i_kalman k;
    void *memory = NULL;
    double *z = hw3i_alloc(fit->ctx, horizon, (fit->n_reg + 2) * (int64_t)sizeof *z), *e = z + horizon, *x = e + horizon;
    hw3_status s = z ? hw3i_arima_regressors(fit, xreg, fit->info.n, horizon, x) : HW3_ERR_NOMEM;
    if (!s) s = hw3i_arima_copy_filter(fit, &k, &memory);
    for (int64_t t = 0; !s && t < horizon; t++) {
        z[t] = hw3i_arima_regression(fit, x, horizon, t) + hw3i_kalman_mean(&k);
        e[t] = sqrt(fit->info.sigma2 * k.F);
        hw3i_kalman_step(&k, NAN);
    }
    if (!s) s = hw3i_arima_put(fit, horizon, z, e, mean, se);
    for (int64_t l = 0; l < n_levels && !s; l++) {
        if (lower) put_end(fit, horizon, z, e, levels[l], -1, lower + l * horizon);
        if (upper) put_end(fit, horizon, z, e, levels[l], 1, upper + l * horizon);
    }
    hw3i_free(fit->ctx, memory);
    hw3i_free(fit->ctx, z);
    return s;
}
