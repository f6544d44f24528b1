/* SPDX-License-Identifier: MIT */
/* What comes before the search, by the rules of forecast 8.20: transformation, differences, limits, and series that need none. */
#include "series/arima_auto.h"
#include "series/diagnostics.h"
#include <math.h>

#define MAX_LAG 5000

/* A series on its way to a model. */
typedef struct plan {
    hw3_ctx *ctx;
    const hw3_arima_auto_opts *o;
    const double *y, *xreg;       /* from the first value present on */
    int64_t n, n_present, first;
    int64_t m;                    /* period of seasonal orders */
    double *z, *rest, *column, *q, *tri, *work; /* [n] y after Box-Cox; [n] less its regression; [n]; [n_columns, n]; tests */
    int64_t n_columns;            /* of q: 1 and the regressors that vary; 0 without such */
    int64_t *column_of;           /* [n_columns]: of xreg */
    hw3i_range *ranges;           /* [n_columns] */
    int64_t n_rest;               /* of rest, which is differenced in the end */
    hw3_arima_order order;
    double lam;
} plan;

/* ---- Memory ---- */

static int64_t work_of(const plan *p)
{
    int64_t w = hw3i_max(hw3i_ndiffs_work(p->n), hw3i_boxcox_lambda_work(p->n, p->o->period));
    return p->n > 2 * p->m ? hw3i_max(w, hw3i_nsdiffs_work(p->n, p->m, p->o->season_test)) : w;
}

static void lay_out(hw3i_workspace *w, plan *p)
{
    const int64_t k = 1 + p->o->n_xreg;
    p->z = hw3i_take_doubles(w, p->n);
    p->rest = hw3i_take_doubles(w, p->n);
    p->column = hw3i_take_doubles(w, p->n);
    p->q = hw3i_take_doubles(w, p->o->n_xreg ? k * p->n : 0);
    p->tri = hw3i_take_doubles(w, p->o->n_xreg ? k * k : 0);
    p->column_of = hw3i_take(w, k, sizeof *p->column_of);
    p->ranges = hw3i_take(w, k, sizeof *p->ranges);
    p->work = hw3i_take_doubles(w, work_of(p));
}

/* ---- Values ---- */

static hw3_status check_xreg(const plan *p)
{
    const int64_t k = p->o->n_xreg;
    for (int64_t i = 0; i < k * (p->n + p->first); i++)
        if (!isfinite(p->o->xreg[i]))
            return hw3i_fail(p->ctx, HW3_ERR_VALUE, "arima_auto: regressor %lld is %g at row %lld", (long long)(i % k) + 1, p->o->xreg[i],
                             (long long)(i / k));
    return HW3_OK;
}

static hw3_status transform(plan *p)
{
    const hw3_arima_auto_opts *o = p->o;
    p->lam = o->lam;
    if (o->boxcox > HW3_ARIMA_BOXCOX_GIVEN) {
        hw3_lambda_opts l = HW3_LAMBDA_OPTS_INIT;
        l.lower = -0.9;
        l.method = o->boxcox == HW3_ARIMA_BOXCOX_LOGLIK ? HW3_LAMBDA_LOGLIK : HW3_LAMBDA_GUERRERO;
        if (hw3i_boxcox_lambda(p->y, p->n, o->period, &l, p->work, &p->lam))
            return hw3i_fail(p->ctx, HW3_ERR_VALUE, "arima_auto: these %lld values have no Box-Cox lambda", (long long)p->n);
    }
    for (int64_t t = 0; t < p->n; t++) {
        p->z[t] = o->boxcox && !isnan(p->y[t]) ? hw3i_boxcox(p->y[t], p->lam) : p->y[t];
        if (!isnan(p->y[t]) && !isfinite(p->z[t]))
            return hw3i_fail(p->ctx, HW3_ERR_VALUE, "arima_auto: y[%lld] is %g, which has no Box-Cox transform with lambda %g",
                             (long long)(p->first + t), p->y[t], p->lam);
    }
    return HW3_OK;
}

/* The values present, at most [n], into out. */
static int64_t gather(const double *y, int64_t n, double *out)
{
    int64_t k = 0;
    for (int64_t t = 0; t < n; t++)
        if (!isnan(y[t])) out[k++] = y[t];
    return k;
}

static int64_t difference(double *y, int64_t n, int64_t lag, int32_t times)
{
    for (int32_t i = 0; i < times && n > 0; i++) {
        n = hw3i_max(n - lag, 0);
        for (int64_t t = 0; t < n; t++) y[t] = y[t + lag] - y[t];
    }
    return n;
}

/* ---- Regressors ---- */

static void read_column(const plan *p, int64_t c, double *out)
{
    for (int64_t t = 0; t < p->n; t++) out[t] = p->xreg[t * p->o->n_xreg + c];
}

/* rest = z less its regression on 1 and the regressors that vary, over the values present. */
static hw3_status take_regression(plan *p)
{
    const int64_t n = p->n;
    memcpy(p->rest, p->z, (size_t)n * sizeof(double));
    for (int64_t c = 0; c < p->o->n_xreg; c++) {
        read_column(p, c, p->column);
        if (hw3i_is_constant(p->column, n)) continue;
        p->n_columns = hw3i_max(p->n_columns, 1);
        memcpy(p->q + p->n_columns * n, p->column, (size_t)n * sizeof(double));
        p->column_of[p->n_columns++] = c;
    }
    if (!p->n_columns) return HW3_OK;
    for (int64_t t = 0; t < n; t++) p->q[t] = 1;
    for (int64_t i = 0; i < p->n_columns * n; i++)
        if (isnan(p->z[i % n])) p->q[i] = 0;
    int64_t dependent = hw3i_orthogonalise(n, p->n_columns, p->q, p->tri, p->ranges);
    if (dependent >= 0) {
        int64_t c = p->column_of[dependent];
        const char *name = p->o->xreg_names && p->o->xreg_names[c] ? p->o->xreg_names[c] : "without a name";
        return hw3i_fail(p->ctx, HW3_ERR_VALUE, "arima_auto: regressor %lld (%s) is a combination of those before it", (long long)c + 1,
                         name);
    }
    for (int64_t i = 0; i < p->n_columns; i++) {
        double product = 0;
        for (int64_t t = 0; t < n; t++)
            if (!isnan(p->z[t])) product += p->q[i * n + t] * p->rest[t];
        for (int64_t t = 0; t < n; t++) p->rest[t] -= product * p->q[i * n + t];
    }
    return HW3_OK;
}

/* Whether so many differences make a regressor constant. */
static bool regressor_vanishes(const plan *p, int32_t d, int32_t D)
{
    for (int64_t i = 1; i < p->n_columns; i++) {
        read_column(p, p->column_of[i], p->column);
        int64_t n = difference(p->column, p->n, p->m, D);
        if (hw3i_is_constant(p->column, difference(p->column, n, 1, d))) return true;
    }
    return false;
}

/* ---- Differences ---- */

static bool nothing_left(const plan *p, int64_t lag, int32_t times)
{
    memcpy(p->column, p->rest, (size_t)p->n_rest * sizeof(double));
    int64_t n = difference(p->column, p->n_rest, lag, times);
    return gather(p->column, n, p->column) == 0;
}

static int32_t seasonal_differences(const plan *p, const hw3_diffs_opts *tests)
{
    if (p->o->stationary || p->m == 1) return 0;
    if (p->o->D >= 0) return p->o->D;
    if (p->n <= 2 * p->m) return 0;
    int32_t D = (int32_t)hw3i_nsdiffs(p->rest, p->n, p->m, tests, p->work);
    if (D > 0 && regressor_vanishes(p, 0, D)) D--;
    if (D > 0 && nothing_left(p, p->m, D)) D--;
    return D;
}

static int32_t differences(const plan *p, const hw3_diffs_opts *tests)
{
    if (p->o->stationary) return 0;
    if (p->o->d >= 0) return p->o->d;
    int32_t d = (int32_t)hw3i_ndiffs(p->rest, p->n_rest, tests, p->work);
    if (d > 0 && regressor_vanishes(p, d, p->order.D)) d--;
    if (d > 0 && nothing_left(p, 1, d)) d--;
    return d;
}

/* d and D; leaves the values present of the differenced series in rest. */
static hw3_status choose_differences(plan *p)
{
    const hw3_diffs_opts tests = { .struct_size = sizeof tests, .test = p->o->test, .trend = p->o->trend,
                                   .season_test = p->o->season_test, .max_d = p->o->max_d, .max_season_d = p->o->max_D, .alpha = p->o->alpha };
    p->n_rest = p->n;
    p->order.period = p->m;
    p->order.D = seasonal_differences(p, &tests);
    p->n_rest = difference(p->rest, p->n_rest, p->m, p->order.D);
    p->order.d = differences(p, &tests);
    p->n_rest = difference(p->rest, p->n_rest, 1, p->order.d);
    p->n_rest = gather(p->rest, p->n_rest, p->rest);
    if (p->n_rest) return HW3_OK;
    return hw3i_fail(p->ctx, HW3_ERR_VALUE, "arima_auto: nothing is left of %lld values after d %d and D %d of period %lld",
                     (long long)p->n_present, (int)p->order.d, (int)p->order.D, (long long)p->m);
}

/* ---- Models without a search ---- */

static hw3_arima_opts model_opts(const plan *p, const hw3_arima_order *order, bool mean, bool drift)
{
    hw3_arima_opts a = HW3_ARIMA_OPTS_INIT;
    const hw3_arima_auto_opts *o = p->o;
    a.order = *order;
    a.mean = mean;
    a.drift = drift;
    a.xreg = o->xreg;
    a.n_xreg = o->n_xreg;
    a.xreg_names = o->xreg_names;
    a.method = o->method ? o->method : HW3_ARIMA_CSS_ML;
    a.lam = p->lam;
    a.boxcox = o->boxcox != HW3_ARIMA_BOXCOX_NONE;
    a.bias_adjust = o->bias_adjust;
    a.unbiased = o->unbiased;
    a.max_iterations = o->max_iterations;
    return a;
}

static double mean_of(const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t t = 0; t < n; t++) sum += (y[t] - y[0]) / (double)n;
    return y[0] + sum;
}

/* y is constant: its mean, without transformation and regressors. */
static hw3_status constant_model(const plan *p, hw3_arima **out)
{
    const hw3_arima_order none = { .period = 1 };
    hw3_arima_opts a = model_opts(p, &none, p->o->allow_mean, false);
    int64_t n = gather(p->y, p->n, p->column);
    double mean = mean_of(p->column, n);
    a.boxcox = 0;
    a.xreg = NULL;
    a.n_xreg = 0;
    a.fixed = &mean;
    if (a.mean || mean == 0) return hw3i_arima_create_exact(p->ctx, p->y - p->first, p->n + p->first, &a, out);
    a.fixed = NULL;
    return hw3i_arima_create(p->ctx, p->y - p->first, p->n + p->first, &a, out);
}

/* The differenced series is constant: that is its mean or drift; with two differences or more there is none. */
static hw3_status difference_model(const plan *p, hw3_arima **out)
{
    const hw3_arima_order *o = &p->order;
    const int32_t diffs = o->d + o->D;
    double constant = mean_of(p->rest, p->n_rest) / (o->D ? (double)p->m : 1);
    hw3_arima_opts a = model_opts(p, o, diffs == 0, diffs == 1 && !p->o->n_xreg);
    if (!p->o->n_xreg && (diffs <= 1 || constant == 0)) {
        a.fixed = &constant;
        return hw3i_arima_create_exact(p->ctx, p->y - p->first, p->n + p->first, &a, out);
    }
    return hw3i_arima_create(p->ctx, p->y - p->first, p->n + p->first, &a, out);
}

/* ---- Search ---- */

static void set_limits(const plan *p, hw3i_search *s)
{
    const hw3_arima_auto_opts *o = p->o;
    const int64_t third = p->n_present / 3, m = p->m;
    hw3_arima_order *most = &s->most;
    most->P = m == 1 ? 0 : (int32_t)hw3i_min(o->max_P, third / m);
    most->Q = m == 1 ? 0 : (int32_t)hw3i_min(o->max_Q, third / m);
    most->p = (int32_t)hw3i_min(hw3i_min(o->max_p, third), most->P > 0 ? m - 1 : o->max_p);
    most->q = (int32_t)hw3i_min(hw3i_min(o->max_q, third), most->Q > 0 ? m - 1 : o->max_q);
    most->P = (int32_t)hw3i_min(most->P, (MAX_LAG - most->p) / m);
    most->Q = (int32_t)hw3i_min(most->Q, (MAX_LAG - most->q) / m);
    const int32_t diffs = p->order.d + p->order.D;
    s->order = p->order;
    s->constant = (o->allow_mean && diffs == 0) || (o->allow_drift && diffs == 1);
    s->ic = p->n_present <= 3 ? HW3_IC_AIC : o->ic;
    s->approximate = o->approximation < 0 ? p->n > 150 || o->period > 12 : o->approximation;
}

/* Mean or drift, then the regressors; of the last s->n values. */
static hw3_status fill_columns(const plan *p, hw3i_search *s)
{
    const int64_t n = s->n, k = p->o->n_xreg, skipped = p->n - n;
    const bool drift = p->order.d + p->order.D > 0;
    s->x = hw3i_alloc(p->ctx, (1 + k) * n, sizeof *s->x);
    if (!s->x) return HW3_ERR_NOMEM;
    for (int64_t t = 0; t < n; t++) s->x[t] = drift ? (double)(t + 1) : 1;
    for (int64_t c = 0; c < k; c++)
        for (int64_t t = 0; t < n; t++) s->x[(1 + c) * n + t] = p->xreg[(skipped + t) * k + c];
    return HW3_OK;
}

/* The best of a search as a model that keeps the candidates; its fit has only to be looked at again. */
static hw3_status best_model(const plan *p, hw3i_search *s, hw3_arima **out)
{
    const hw3_arima_trial *best = &s->trials[s->best];
    hw3_arima_opts a = model_opts(p, &best->order, best->mean, best->drift);
    if (best->approximate && !p->o->method) a.method = HW3_ARIMA_CSS; /* no other could be chosen */
    const hw3_arima_method method = a.method;
    if (method == HW3_ARIMA_CSS_ML) a.method = HW3_ARIMA_ML;
    a.init = s->coef;
    int64_t from = s->n < p->n ? p->first + p->n - s->n : 0;
    if (a.xreg) a.xreg += from * a.n_xreg;
    hw3_status status = hw3i_arima_create(p->ctx, p->y - p->first + from, p->n + p->first - from, &a, out);
    if (status) return status;
    (*out)->info.method = method;
    (*out)->trials = s->trials;
    (*out)->n_trials = s->n_trials;
    s->trials = NULL;
    return HW3_OK;
}

static hw3_status search(const plan *p, hw3_arima **out)
{
    hw3i_search s = { .ctx = p->ctx, .o = p->o, .n = p->n, .n_present = p->n_present, .z = p->z };
    set_limits(p, &s);
    if (s.approximate && p->o->truncate > 0 && p->o->truncate < p->n) {
        s.n = p->o->truncate;
        s.z += p->n - s.n;
    }
    hw3_status status = fill_columns(p, &s);
    if (!status) status = hw3i_search_run(&s);
    if (!status) status = best_model(p, &s, out);
    void *owned[] = { s.x, s.memory, s.trials, s.ahead, s.ahead_coef, s.coef };
    for (int64_t i = 0; i < HW3I_LEN(owned); i++) hw3i_free(p->ctx, owned[i]);
    return status;
}

static hw3_status model(plan *p, hw3_arima **out)
{
    int64_t n = gather(p->y, p->n, p->column);
    if (hw3i_is_constant(p->column, n)) return constant_model(p, out);
    hw3_status s = transform(p);
    if (!s) s = take_regression(p);
    if (!s) s = choose_differences(p);
    if (s) return s;
    return hw3i_is_constant(p->rest, p->n_rest) ? difference_model(p, out) : search(p, out);
}

hw3_status hw3i_arima_auto(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_auto_opts *o, hw3_arima **out)
{
    plan p = { .ctx = ctx, .o = o, .m = o->seasonal ? o->period : 1 };
    while (p.first < n && isnan(y[p.first])) p.first++;
    p.y = y + p.first;
    p.xreg = o->xreg ? o->xreg + p.first * o->n_xreg : NULL;
    p.n = n - p.first;
    for (int64_t t = 0; t < p.n; t++) {
        p.n_present += isnan(p.y[t]) ? 0 : 1;
        if (isinf(p.y[t])) return hw3i_fail(ctx, HW3_ERR_VALUE, "arima_auto: y[%lld] is infinite", (long long)(p.first + t));
    }
    if (!p.n_present) return hw3i_fail(ctx, HW3_ERR_VALUE, "arima_auto: all %lld values are missing", (long long)n);
    hw3_status s = check_xreg(&p);
    if (s) return s;
    hw3i_workspace w = { 0 };
    lay_out(&w, &p);
    void *memory = hw3i_alloc(ctx, w.used, 1);
    if (!memory) return HW3_ERR_NOMEM;
    w = (hw3i_workspace){ memory, 0 };
    lay_out(&w, &p);
    s = model(&p, out);
    hw3i_free(ctx, memory);
    return s;
}
