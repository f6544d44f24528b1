/* SPDX-License-Identifier: MIT */
/* Paths of a model in the form of innovations: z[t] is its forecast plus sqrt(F[t]) u[t], and the state sees that. Gains and
 * variances are those of all paths, so a path costs O(s) a step, and their law is exactly that of hw3_arima_predict. */
#include "series/arima_use.h"
#include "base/pool.h"
#include "base/random.h"
#include "math/polyroots.h"
#include "series/diagnostics.h"
#include <math.h>
#include <stdlib.h>

#define TILE 32 /* paths */

typedef struct simulator {
    const hw3_arima *fit;
    const hw3i_simulation *what;
    const hw3i_kalman *k; /* for its polynomials and size */
    const double *x0;     /* [s]: the state before the first step */
    double *known;        /* [horizon]: regression */
    double *steps;        /* [n_steps, 1 + s]: sqrt(F) and gain / sqrt(F); the last one stays */
    int64_t n_steps, cap;
    double *pool;         /* [n_pool]: innovations to draw from; NULL: normal */
    int64_t n_pool;
    double *work;         /* [threads, 2 s] */
    double *out;
} simulator;

static double draw(const simulator *m, int64_t path, int64_t t)
{
    const uint64_t seed = m->what->seed;
    if (m->pool) return m->pool[hw3i_below(seed, (uint64_t)path, (uint64_t)t, m->n_pool)];
    return sqrt(m->fit->info.sigma2) * hw3i_normal(seed, (uint64_t)path, (uint64_t)t);
}

static void simulate_tile(void *arg, int64_t tile, int worker)
{
    const simulator *m = arg;
    const int64_t s = m->k->s, horizon = m->what->horizon, end = hw3i_min((tile + 1) * TILE, m->what->n_paths);
    double *work = m->work + worker * 2 * s;
    hw3i_kalman k = *m->k;
    k.x = work;
    for (int64_t path = tile * TILE; path < end; path++) {
        memcpy(k.x, m->x0, (size_t)s * sizeof *work);
        for (int64_t t = 0; t < horizon; t++) {
            const double *step = m->steps + hw3i_min(t, m->n_steps - 1) * (1 + s), u = draw(m, path, t);
            m->out[path * horizon + t] = hw3i_arima_unit_of(m->fit, m->known[t] + hw3i_kalman_mean(&k) + step[0] * u);
            hw3i_kalman_move(&k, step + 1, u, k.x, work + s);
        }
    }
}

/* Gains and variances of all steps until they stand still; k moves on. */
static hw3_status record_steps(simulator *m, hw3i_kalman *k)
{
    const int64_t row = 1 + k->s;
    for (int64_t t = 0; t < m->what->horizon; t++) {
        hw3_status s = hw3i_grow(m->fit->ctx, &m->steps, &m->cap, (t + 1) * row, sizeof *m->steps);
        if (s) return s;
        double *step = m->steps + t * row;
        if (!(k->F > 0 && isfinite(k->F)))
            return hw3i_fail(m->fit->ctx, HW3_ERR_VALUE, "arima_simulate: step %lld has variance %g sigma2", (long long)t, k->F);
        step[0] = sqrt(k->F);
        for (int64_t i = 0; i < k->s; i++) step[1 + i] = k->gain[i] / step[0];
        m->n_steps = t + 1;
        if (k->steady) break;
        hw3i_kalman_step(k, hw3i_kalman_mean(k));
    }
    return HW3_OK;
}

/* Innovations standardised to sigma2, their mean taken off. */
static hw3_status fill_pool(simulator *m)
{
    const hw3_arima *f = m->fit;
    double sum = 0;
    if (!(m->pool = hw3i_alloc(f->ctx, f->info.n, sizeof *m->pool))) return HW3_ERR_NOMEM;
    for (int64_t t = 0; t < f->info.n; t++) {
        if (isnan(f->z[t]) || !(f->F[t] < HW3I_DIFFUSE)) continue;
        sum += m->pool[m->n_pool++] = (f->z[t] - f->mean[t]) / sqrt(f->F[t]);
    }
    for (int64_t i = 0; i < m->n_pool; i++) m->pool[i] -= sum / (double)m->n_pool;
    return m->n_pool ? HW3_OK : hw3i_fail(f->ctx, HW3_ERR_VALUE, "arima_simulate: no residuals to draw from");
}

static hw3_status fill_known(simulator *m)
{
    const hw3_arima *f = m->fit;
    const int64_t horizon = m->what->horizon;
    double *x = hw3i_alloc(f->ctx, f->n_reg, horizon * (int64_t)sizeof *x);
    m->known = hw3i_alloc(f->ctx, horizon, sizeof *m->known);
    hw3_status s = x && m->known ? HW3_OK : HW3_ERR_NOMEM;
    if (!s) s = hw3i_arima_regressors(f, m->what->xreg, m->what->conditional ? f->info.n : 0, horizon, x);
    for (int64_t t = 0; !s && t < horizon; t++) {
        m->known[t] = hw3i_arima_regression(f, x, horizon, t);
        if (!isfinite(m->known[t]))
            s = hw3i_fail(f->ctx, HW3_ERR_VALUE, "arima_simulate: the regression is %g at step %lld", m->known[t], (long long)t);
    }
    hw3i_free(f->ctx, x);
    return s;
}

/* The filter that paths begin with: after the data; or before any, with zeros before the start. */
static hw3_status begin(const hw3_arima *fit, bool conditional, hw3i_kalman *k, void **memory)
{
    if (conditional) return hw3i_arima_copy_filter(fit, k, memory);
    hw3i_workspace w = { 0 };
    hw3i_kalman_take(&w, &fit->info.order, k);
    if (!(*memory = hw3i_alloc(fit->ctx, w.used, 1))) return HW3_ERR_NOMEM;
    w = (hw3i_workspace){ *memory, 0 };
    hw3i_kalman_take(&w, &fit->info.order, k);
    return hw3i_kalman_start(k, &fit->info.order, fit->coef, 0) ? HW3_OK : HW3_ERR_VALUE;
}

hw3_status hw3i_arima_simulate(const hw3_arima *fit, const hw3i_simulation *what, double *out)
{
    hw3_ctx *ctx = fit->ctx;
    hw3i_kalman k;
    simulator m = { .fit = fit, .what = what, .k = &k, .out = out };
    void *memory = NULL;
    double *x0 = NULL;
    hw3_status s = begin(fit, what->conditional, &k, &memory);
    if (!s && !(m.x0 = x0 = hw3i_alloc(ctx, k.s, sizeof *x0))) s = HW3_ERR_NOMEM;
    if (!s) memcpy(x0, k.x, (size_t)k.s * sizeof *x0);
    if (!s && !(m.work = hw3i_alloc(ctx, hw3i_pool_n_threads(ctx->pool) * 2 * k.s, sizeof *m.work))) s = HW3_ERR_NOMEM;
    if (!s) s = fill_known(&m);
    if (!s) s = record_steps(&m, &k);
    if (!s && what->bootstrap) s = fill_pool(&m);
    if (!s) hw3i_pool_run(ctx->pool, hw3i_ceil(what->n_paths, TILE), simulate_tile, &m);
    void *owned[] = { memory, x0, m.work, m.known, m.steps, m.pool };
    for (int64_t i = 0; i < HW3I_LEN(owned); i++) hw3i_free(ctx, owned[i]);
    return s;
}

/* ---- Intervals ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The p-quantile of n sorted values, definition 8 of [Hyndman96]. */
static double quantile(const double *x, int64_t n, double p)
{
    double at = fmin(fmax((double)n * p + (p + 1) / 3 - 1, 0), (double)(n - 1)), f = at - floor(at);
    double low = x[(int64_t)at], high = x[hw3i_min((int64_t)at + 1, n - 1)];
    return high > low && f > 0 ? low + f * (high - low) : low;
}

hw3_status hw3i_arima_intervals(const hw3_arima *fit, const hw3i_simulation *what, const double *levels, int64_t n_levels, double *lower,
                                double *upper)
{
    const int64_t n = what->n_paths, horizon = what->horizon;
    double *paths = hw3i_alloc(fit->ctx, n + 1, horizon * (int64_t)sizeof *paths), *column = hw3i_alloc(fit->ctx, n, sizeof *column);
    hw3_status s = paths && column ? hw3i_arima_simulate(fit, what, paths) : HW3_ERR_NOMEM;
    for (int64_t t = 0; !s && t < horizon; t++) {
        for (int64_t i = 0; i < n; i++) column[i] = paths[i * horizon + t];
        qsort(column, (size_t)n, sizeof *column, ascending);
        for (int64_t l = 0; l < n_levels; l++) {
            lower[l * horizon + t] = quantile(column, n, 0.5 - levels[l] / 2);
            upper[l * horizon + t] = quantile(column, n, 0.5 + levels[l] / 2);
        }
    }
    hw3i_free(fit->ctx, paths);
    hw3i_free(fit->ctx, column);
    return s;
}

/* ---- Roots ---- */

int64_t hw3i_arima_n_roots(const hw3_arima *fit, bool ma)
{
    const hw3_arima_order *o = &fit->info.order;
    return ma ? o->q + o->Q * o->period : o->p + o->P * o->period;
}

/* Inverse roots of 1 + sum c[i] B^i into re, im [n]; 0 for coefficients at the end that are 0. poly: [n + 1]. */
static bool inverse_roots(int64_t n, const double *c, double sign, double *poly, double *re, double *im)
{
    int64_t degree = n;
    while (degree && c[degree - 1] == 0) degree--;
    poly[0] = 1;
    for (int64_t i = 0; i < degree; i++) poly[1 + i] = sign * c[i];
    if (degree && !hw3i_polyroots(degree, poly, re, im)) return false;
    for (int64_t i = 0; i < n; i++) {
        double square = i < degree ? re[i] * re[i] + im[i] * im[i] : INFINITY;
        re[i] = i < degree ? re[i] / square : 0;
        im[i] = i < degree ? -im[i] / square : 0;
    }
    return true;
}

/* The m-th roots of one number. */
static void spread_root(double re, double im, int64_t m, double *out_re, double *out_im)
{
    const double radius = pow(hypot(re, im), 1 / (double)m), angle = atan2(im, re), turn = 2 * acos(-1);
    for (int64_t j = 0; j < m; j++) {
        out_re[j] = radius * cos((angle + turn * (double)j) / (double)m);
        out_im[j] = radius * sin((angle + turn * (double)j) / (double)m);
    }
}

/* phi(B) = (1 - sum ar B^i)(1 - sum sar B^jm): the second factor's inverse roots are m-th roots. */
hw3_status hw3i_arima_roots(const hw3_arima *fit, bool ma, double *re, double *im)
{
    const hw3_arima_order *o = &fit->info.order;
    const int64_t n = ma ? o->q : o->p, N = ma ? o->Q : o->P, m = o->period, all = n + N * m;
    const double *c = fit->coef + (ma ? o->p : 0), *C = fit->coef + o->p + o->q + (ma ? o->P : 0), sign = ma ? 1 : -1;
    double *work = hw3i_alloc(fit->ctx, 2 * all + 3 * hw3i_max(n, N) + 1, sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    double *r = work, *i = r + all, *seasonal = i + all, *poly = seasonal + 2 * N;
    bool found = inverse_roots(n, c, sign, poly, r, i) && inverse_roots(N, C, sign, poly, seasonal, seasonal + N);
    for (int64_t j = 0; found && j < N; j++) spread_root(seasonal[j], seasonal[N + j], m, r + n + j * m, i + n + j * m);
    if (found && all) memcpy(re, r, (size_t)all * sizeof *re), memcpy(im, i, (size_t)all * sizeof *im);
    hw3i_free(fit->ctx, work);
    return found ? HW3_OK : hw3i_fail(fit->ctx, HW3_ERR_VALUE, "arima_roots: the roots were not found");
}
