/* SPDX-License-Identifier: MIT */
/* One model fitted to many series: a tile a series, a workspace a worker, as large as the largest needs. */
#include "series/arima_use.h"
#include "base/pool.h"
#include "series/diagnostics.h"
#include <math.h>

typedef struct many {
    const hw3i_many *what;
    int64_t n_coef, n_reg, n_longest, n_bytes;
    const int64_t *starts; /* [n_series] */
    char *memory;          /* [threads, n_bytes] */
} many;

static hw3i_arima_data data_of(const many *m, const double *y, int64_t n, const double *x)
{
    const hw3_arima_opts *o = m->what->opts;
    return (hw3i_arima_data){ .order = o->order, .n = n, .y = y, .n_reg = m->n_reg, .x = x, .fixed = o->fixed, .init = o->init,
                              .method = o->method, .max_iterations = o->max_iterations };
}

/* The series after Box-Cox, and its columns: mean, drift. */
static hw3_status prepare(const many *m, const double *y, int64_t n, double *z, double *x)
{
    const hw3_arima_opts *o = m->what->opts;
    const bool mean = o->mean && o->order.d + o->order.D == 0;
    for (int64_t t = 0; t < n; t++) {
        z[t] = o->boxcox && !isnan(y[t]) ? hw3i_boxcox(y[t], o->lam) : y[t];
        if (!isnan(y[t]) && !isfinite(z[t])) return HW3_ERR_VALUE;
    }
    for (int64_t c = 0; c < m->n_reg; c++)
        for (int64_t t = 0; t < n; t++) x[c * n + t] = c == 0 && mean ? 1 : (double)(t + 1);
    return HW3_OK;
}

static hw3_status fit_one(const many *m, int64_t i, char *memory, hw3i_arima_result *r)
{
    const int64_t n = m->what->lengths[i];
    hw3i_workspace w = { memory, 0 };
    double *z = hw3i_take_doubles(&w, m->n_longest), *x = hw3i_take_doubles(&w, m->n_reg * m->n_longest);
    hw3i_arima_problem p;
    hw3_status s = prepare(m, m->what->y + m->starts[i], n, z, x);
    const hw3i_arima_data data = data_of(m, z, n, x);
    if (!s) s = hw3i_arima_check(NULL, &data);
    if (s) return s;
    if (hw3i_arima_setup(&data, memory + w.used, &p) >= 0) return HW3_ERR_VALUE;
    return hw3i_arima_fit(&p, r);
}

static void fit_tile(void *arg, int64_t i, int worker)
{
    const many *m = arg;
    const hw3i_many *w = m->what;
    hw3i_arima_result r = { .coef = w->coef + i * m->n_coef };
    w->statuses[i] = fit_one(m, i, m->memory + worker * m->n_bytes, &r);
    const bool good = w->statuses[i] == HW3_OK;
    for (int64_t c = 0; !good && c < m->n_coef; c++) r.coef[c] = NAN;
    w->loglik[i] = good ? r.loglik : NAN;
    w->sigma2[i] = !good ? NAN : w->opts->unbiased ? r.unbiased : r.sigma2;
    w->converged[i] = good && r.converged;
}

/* Where each series begins, and what the largest needs. */
static void measure(many *m, int64_t *starts)
{
    for (int64_t i = 0, at = 0; i < m->what->n_series; at += m->what->lengths[i++]) {
        const hw3i_arima_data data = data_of(m, m->what->y + at, m->what->lengths[i], NULL);
        starts[i] = at;
        m->n_longest = hw3i_max(m->n_longest, data.n);
        if (!hw3i_arima_check(NULL, &data)) m->n_bytes = hw3i_max(m->n_bytes, hw3i_arima_bytes(&data));
    }
    hw3i_workspace w = { NULL, m->n_bytes };
    hw3i_take_doubles(&w, m->n_longest);
    hw3i_take_doubles(&w, m->n_reg * m->n_longest);
    m->n_bytes = hw3i_ceil(w.used, HW3I_ALIGN) * HW3I_ALIGN;
}

hw3_status hw3i_arima_fit_many(hw3_ctx *ctx, const hw3i_many *what, int64_t n_coef)
{
    many m = { .what = what, .n_coef = n_coef, .n_reg = n_coef - hw3i_arma_n(&what->opts->order) };
    int64_t *starts = hw3i_alloc(ctx, what->n_series, sizeof *starts);
    if (!starts) return HW3_ERR_NOMEM;
    m.starts = starts;
    measure(&m, starts);
    m.memory = hw3i_alloc(ctx, hw3i_pool_n_threads(ctx->pool), m.n_bytes);
    if (m.memory) hw3i_pool_run(ctx->pool, what->n_series, fit_tile, &m);
    hw3_status s = m.memory ? HW3_OK : HW3_ERR_NOMEM;
    hw3i_free(ctx, m.memory);
    hw3i_free(ctx, starts);
    return s;
}
