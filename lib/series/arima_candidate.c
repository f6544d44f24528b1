/* SPDX-License-Identifier: MIT */
#include "series/arima_auto.h"
#include "base/pool.h"
#include <math.h>
#include <time.h>

#define LEAST_MODULUS 1.01 /* of a root */
#define APPROXIMATE_ITERATIONS 100 /* of R; without a least sum of squares more would only cost */

hw3_arima_trial hw3i_candidate(const hw3i_search *s, const hw3_arima_order *order, bool constant, bool approximate)
{
    hw3_arima_trial t = HW3_ARIMA_TRIAL_INIT;
    int32_t diffs = s->order.d + s->order.D;
    t.order = *order;
    t.order.d = s->order.d;
    t.order.D = s->order.D;
    t.order.period = s->order.period;
    t.mean = constant && diffs == 0;
    t.drift = constant && diffs == 1;
    t.approximate = approximate;
    return t;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static hw3i_arima_data data_of(const hw3i_search *s, const hw3_arima_trial *t)
{
    bool constant = hw3i_candidate_constant(t);
    hw3_arima_method method = s->o->method ? s->o->method : t->approximate ? HW3_ARIMA_CSS : HW3_ARIMA_CSS_ML;
    return (hw3i_arima_data){ .order = t->order, .n = s->n, .y = s->z, .n_reg = s->o->n_xreg + constant, .x = s->x + (constant ? 0 : s->n),
                              .method = method, .max_iterations = (int32_t)hw3i_min(s->o->max_iterations,
                                                                  t->approximate ? APPROXIMATE_ITERATIONS : INT32_MAX),
                              .stand_in = t->approximate };
}

/* Memory of a fit after its problem: coefficients, their covariance, and what the root check needs. */
typedef struct fit_memory {
    double *coef, *cov, *scaled, *u, *work;
} fit_memory;

static fit_memory take_memory(hw3i_workspace *w, int64_t n_coef)
{
    fit_memory m;
    m.coef = hw3i_take_doubles(w, n_coef);
    m.cov = hw3i_take_doubles(w, n_coef * n_coef);
    m.scaled = hw3i_take_doubles(w, n_coef);
    m.u = hw3i_take_doubles(w, n_coef);
    m.work = hw3i_take_doubles(w, n_coef);
    return m;
}

static int64_t n_coef_of(const hw3i_arima_data *data) { return hw3i_arma_n(&data->order) + data->n_reg; }

static int64_t bytes_of(const hw3i_arima_data *data)
{
    hw3i_workspace w = { NULL, hw3i_arima_bytes(data) };
    take_memory(&w, n_coef_of(data));
    return w.used;
}

/* Whether 1 - sum a[i] z^i has a root with |z| < radius: then 1 - sum a[i] radius^i z^i is not stationary. sign: of a in c. */
static bool has_root(int64_t n, const double *c, double sign, double radius, fit_memory *m)
{
    double power = 1;
    for (int64_t i = 0; i < n; i++) {
        power *= radius;
        m->scaled[i] = sign * c[i] * power;
    }
    return !hw3i_ar_to_free(n, m->scaled, m->u, m->work);
}

/* A seasonal root is the m-th power of those of the whole polynomial. */
static bool near_unit_root(const hw3_arima_order *o, const double *coef, fit_memory *m)
{
    const double r = LEAST_MODULUS, R = pow(r, (double)o->period);
    const double *ma = coef + o->p, *sar = ma + o->q, *sma = sar + o->P;
    return has_root(o->p, coef, 1, r, m) || has_root(o->q, ma, -1, r, m) || has_root(o->P, sar, 1, R, m) ||
           has_root(o->Q, sma, -1, R, m);
}

/* aic = -2 loglik + 2 k, for CSS offset + n log(sigma2) + 2 k; the others from it. */
static double criterion(const hw3i_search *s, const hw3_arima_trial *t, bool css, const hw3i_arima_result *r)
{
    double n = (double)r->n_used, k = (double)r->n_free + 1, room = n - k - 1;
    double aic = css ? (t->approximate ? s->offset : 0) + n * log(r->sigma2) + 2 * k : -2 * r->loglik + 2 * k;
    if (s->ic == HW3_IC_AIC) return aic;
    if (s->ic == HW3_IC_BIC) return aic + k * (log(n) - 2);
    return room > 0 ? aic + 2 * k * (k + 1) / room : INFINITY;
}

static void fit_one(const hw3i_search *s, hw3_arima_trial *t, double *coef, double bound, char *memory)
{
    hw3i_arima_problem p;
    hw3i_arima_data data = data_of(s, t);
    hw3i_workspace w = { memory, hw3i_arima_bytes(&data) };
    fit_memory m = take_memory(&w, n_coef_of(&data));
    hw3i_arima_result r = { .coef = coef };
    t->reason = HW3_ARIMA_FAILED;
    t->ic = NAN;
    if (hw3i_arima_check(NULL, &data) || hw3i_arima_setup(&data, memory, &p) >= 0 || hw3i_arima_fit(&p, &r)) return;
    t->n_free = (int32_t)r.n_free;
    t->ic = criterion(s, t, data.method == HW3_ARIMA_CSS, &r);
    t->reason = isnan(t->ic) ? HW3_ARIMA_FAILED : isinf(t->ic) ? HW3_ARIMA_NO_CRITERION
              : near_unit_root(&t->order, coef, &m) ? HW3_ARIMA_NEAR_UNIT_ROOT : HW3_ARIMA_ELIGIBLE;
    if (t->reason == HW3_ARIMA_ELIGIBLE && t->ic < bound && !hw3i_arima_covariance(&p, coef, m.cov)) t->reason = HW3_ARIMA_NO_VARIANCE;
}

typedef struct batch {
    const hw3i_search *s;
    hw3_arima_trial *trials;
    double *coef, bound;
} batch;

static void fit_tile(void *arg, int64_t tile, int worker)
{
    const batch *b = arg;
    double begun = seconds();
    fit_one(b->s, &b->trials[tile], b->coef + tile * b->s->most_coef, b->bound, b->s->memory + worker * b->s->bytes);
    b->trials[tile].seconds = seconds() - begun;
}

static hw3_status reserve(hw3i_search *s, const hw3_arima_trial *trials, int64_t n)
{
    int64_t need = 0;
    for (int64_t i = 0; i < n; i++) {
        hw3i_arima_data data = data_of(s, &trials[i]);
        need = hw3i_max(need, bytes_of(&data));
    }
    if (need <= s->bytes) return HW3_OK;
    hw3i_free(s->ctx, s->memory);
    s->bytes = need;
    s->memory = hw3i_alloc(s->ctx, hw3i_pool_n_threads(s->ctx->pool), need);
    return s->memory ? HW3_OK : HW3_ERR_NOMEM;
}

hw3_status hw3i_candidates_fit(hw3i_search *s, hw3_arima_trial *trials, double *coef, int64_t n, double bound)
{
    hw3_status status = reserve(s, trials, n);
    batch b = { s, trials, coef, bound };
    if (!status) hw3i_pool_run(s->ctx->pool, n, fit_tile, &b);
    return status;
}

hw3_status hw3i_candidates_offset(hw3i_search *s)
{
    const hw3_arima_order none = { 0 };
    hw3_arima_trial t = hw3i_candidate(s, &none, s->order.d + s->order.D == 0, false);
    hw3i_arima_data data = data_of(s, &t);
    hw3i_arima_problem p;
    data.method = HW3_ARIMA_CSS_ML;
    s->offset = 0;
    hw3_status status = reserve(s, &t, 1);
    if (status || hw3i_arima_check(NULL, &data)) return status;
    hw3i_workspace w = { s->memory, hw3i_arima_bytes(&data) };
    fit_memory m = take_memory(&w, n_coef_of(&data));
    hw3i_arima_result r = { .coef = m.coef };
    if (hw3i_arima_setup(&data, s->memory, &p) < 0 && !hw3i_arima_fit(&p, &r))
        s->offset = -2 * r.loglik - (double)s->n_present * log(r.sigma2);
    return HW3_OK;
}
