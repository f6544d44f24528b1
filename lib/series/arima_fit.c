/* SPDX-License-Identifier: MIT */
/* The way to the optimum, as R's arima goes it: conditional sum of squares from zeros, exact likelihood from there, by steps that
 * begin and shorten as those of R's optim do, since where there are several tops it is the steps that choose one. The
 * autoregressive parts are optimised as partial autocorrelations, which keeps them stationary. Moving-average parts are free: the
 * exact likelihood does not change when a root is inverted (sigma2 does), and at the end all roots are taken outside. */
#include "series/arima_fit.h"
#include <math.h>

#define START_TOLERANCE 1e-8
#define START_ITERATIONS 100
#define EDGE 1e-3 /* of a modulus */
#define INWARD 0.8
#define LONG 80 /* iterations */

static double held(const hw3i_arima_data *data, int64_t i) { return data->fixed ? data->fixed[i] : NAN; }

/* The polynomial at block i of the coefficients: ar, ma, sar, sma. Those that are transformed are free as a whole. */
typedef struct block {
    int64_t at, n;
    bool moved;  /* transformed */
    double sign; /* of its coefficients, that of an autoregression */
} block;

static block block_of(const hw3i_arima_problem *p, int i)
{
    const hw3_arima_order *o = &p->data->order;
    const int64_t n[4] = { o->p, o->q, o->P, o->Q };
    block b = { .n = n[i], .moved = i % 2 ? p->transform_ma : p->transform, .sign = i % 2 ? -1 : 1 };
    for (int k = 0; k < i; k++) b.at += n[k];
    return b;
}

/* Coordinates x of the free coefficients to all of them, and back. */
static void to_coef(hw3i_arima_problem *p, const double *x, double *coef)
{
    for (int64_t i = 0; i < p->n_free; i++) coef[p->free[i]] = x[i];
    for (int k = 0; k < 4; k++) {
        block b = block_of(p, k);
        if (b.moved) hw3i_ar_from_free(b.n, x + b.at, coef + b.at, p->rows[k]);
        for (int64_t i = b.at; b.moved && i < b.at + b.n; i++) coef[i] *= b.sign;
    }
}

/* False when a part that is to be transformed is not stationary, or not invertible. */
static bool to_free(hw3i_arima_problem *p, const double *coef, double *x)
{
    double *part = p->start + p->n_coef;
    for (int64_t i = 0; i < p->n_free; i++) x[i] = coef[p->free[i]];
    for (int k = 0; k < 4; k++) {
        block b = block_of(p, k);
        for (int64_t i = 0; i < b.n; i++) part[i] = b.sign * coef[b.at + i];
        if (b.moved && !hw3i_ar_to_free(b.n, part, x + b.at, p->start)) return false;
    }
    return true;
}

static bool stationary(hw3i_arima_problem *p)
{
    const hw3_arima_order *o = &p->data->order;
    double *u = p->start, *work = p->start + p->n_coef;
    return hw3i_ar_to_free(o->p, p->coef, u, work) && hw3i_ar_to_free(o->P, p->coef + o->p + o->q, u, work);
}

/* Moving average k: the regular, the seasonal one. */
static double *moving_average(hw3i_arima_problem *p, int k, int64_t *n)
{
    const hw3_arima_order *o = &p->data->order;
    *n = k ? o->Q : o->q;
    return p->coef + o->p + (k ? o->q + o->P : 0);
}

/* That it is invertible with its roots closer by this factor. */
static bool invertible_within(hw3i_arima_problem *p, int k, double closer)
{
    double *u = p->start, *work = p->start + p->n_coef, *ma = p->start + 2 * p->n_coef, factor = 1;
    int64_t n;
    const double *given = moving_average(p, k, &n);
    for (int64_t i = 0; i < n; i++) ma[i] = -given[i] * (factor *= closer);
    return hw3i_ar_to_free(n, ma, u, work);
}

static bool invertible(hw3i_arima_problem *p) { return invertible_within(p, 0, 1) && invertible_within(p, 1, 1); }

/* Keeps the best point of each side of the jump, of those that are no worse than the start. */
static void note(hw3i_arima_problem *p, double value)
{
    const int side = p->gains.start.gamma[0] >= HW3I_DIFFUSE;
    if (isnan(p->seen_first)) p->seen_first = value;
    if (!(value < p->seen[side] && value <= p->seen_first)) return;
    p->seen[side] = value;
    memcpy(p->seen_at + side * p->n_arma, p->coef, (size_t)p->n_arma * sizeof(double));
}

static double objective(void *arg, const double *x, double *g)
{
    hw3i_arima_problem *p = arg;
    double *d = p->d_coef;
    to_coef(p, x, p->coef);
    if (!p->css && !p->transform && !stationary(p)) return INFINITY;
    if (p->css && p->data->stand_in && !invertible(p)) return INFINITY;
    double value = hw3i_arima_value(p, p->coef, NULL, d, NULL);
    if (!isfinite(value)) return INFINITY;
    if (!p->css) note(p, value);
    for (int64_t i = 0; i < p->n_free; i++) g[i] = d[p->free[i]];
    for (int k = 0; k < 4; k++) {
        block b = block_of(p, k);
        if (b.moved) hw3i_ar_from_free_back(b.n, x + b.at, p->rows[k], d + b.at, g + b.at, d + p->n_coef);
        for (int64_t i = b.at; b.moved && i < b.at + b.n; i++) g[i] *= b.sign;
    }
    return value;
}

static hw3i_minimum descend(hw3i_arima_problem *p, double tolerance, int64_t most)
{
    hw3i_minimum m = hw3i_bfgs(p->n_free, p->x, objective, p, tolerance, (int)most, p->scratch);
    to_coef(p, p->x, p->coef);
    return m;
}

/* A log-likelihood that can rise by 1e-8 more is at its top: standard errors are where it falls by 1/2. The sum of squares as a
 * start need be no more exact than R has it; where a moving average is not invertible it may have no least value at all.
 * Where the root of an autoregression and that of a moving average go to 1 together, the way is curved while only one of them
 * is transformed, and takes hundreds of steps; so a long one goes on with both. */
static hw3i_minimum minimise(hw3i_arima_problem *p, bool css, bool transform)
{
    bool start = css && p->data->method == HW3_ARIMA_CSS_ML;
    double tolerance = start ? START_TOLERANCE : 1e-8 / (double)p->n_used;
    int64_t most = hw3i_min(p->data->max_iterations, start ? START_ITERATIONS : INT32_MAX);
    p->css = css;
    p->transform = transform;
    p->transform_ma = false;
    if (!to_free(p, p->coef, p->x)) return (hw3i_minimum){ .value = INFINITY };
    hw3i_minimum m = descend(p, tolerance, transform ? hw3i_min(most, LONG) : most);
    if (!isfinite(m.value) || m.converged || m.n_iterations < LONG || !transform) return m;
    p->transform_ma = true;
    if (!to_free(p, p->coef, p->x)) {
        p->transform_ma = false;
        to_free(p, p->coef, p->x);
    }
    hw3i_minimum end = descend(p, tolerance, most - m.n_iterations);
    end.n_iterations += m.n_iterations;
    return end;
}

static void set_free(hw3i_arima_problem *p)
{
    p->n_free = 0;
    for (int64_t i = 0; i < p->n_arma; i++) {
        double value = held(p->data, i), from = p->data->init ? p->data->init[i] : NAN;
        p->coef[i] = !isnan(value) ? value : !isnan(from) ? from : 0;
        if (isnan(value)) p->free[p->n_free++] = i;
    }
}

/* Takes the roots of both moving averages outside. */
static bool invert(hw3i_arima_problem *p)
{
    const hw3_arima_order *o = &p->data->order;
    if (p->n_free < p->n_arma) return false; /* what is held stays as it is */
    bool moved = hw3i_ma_invert(o->q, p->coef + o->p, p->start);
    return hw3i_ma_invert(o->Q, p->coef + o->p + o->q + o->P, p->start) || moved;
}

static hw3i_minimum local_top(hw3i_arima_problem *p)
{
    bool transform = p->n_free == p->n_arma;
    invert(p);
    hw3i_minimum m = minimise(p, false, transform);
    if (isfinite(m.value) && invert(p)) {
        hw3i_minimum again = minimise(p, false, transform);
        again.n_iterations += m.n_iterations;
        m = again;
    }
    return m;
}

/* ---- Both sides of the jump ----
 *
 * The likelihood jumps up where the variance of the process passes HW3I_DIFFUSE, since steps are left out from there on, and may
 * have a top on either side. Where the way led over both, the other side is searched too, from the best point seen there. */

static double process_variance(hw3i_arima_problem *p)
{
    return isfinite(hw3i_arima_value(p, p->coef, NULL, NULL, NULL)) ? p->gains.start.gamma[0] : 0;
}

/* The better of two: `found` has its coefficients in p->best, `other` in p->coef. */
static hw3i_minimum better(hw3i_arima_problem *p, hw3i_minimum found, hw3i_minimum other)
{
    const int n_iterations = found.n_iterations + other.n_iterations;
    if (other.value < found.value) found = other;
    else memcpy(p->coef, p->best, (size_t)p->n_arma * sizeof(double));
    found.n_iterations = n_iterations;
    return found;
}

/* The likelihood is flat across the unit circle, where a root of a moving average becomes its inverse, so a search can end on it
 * below a top inside: takes each such moving average well inside, for another search; false where none is there. */
static bool leave_edge(hw3i_arima_problem *p)
{
    bool left = false;
    for (int k = 0; k < 2; k++) {
        if (invertible_within(p, k, 1 + EDGE)) continue;
        double factor = 1;
        int64_t n;
        double *ma = moving_average(p, k, &n);
        for (int64_t i = 0; i < n; i++) ma[i] *= factor *= INWARD;
        left = true;
    }
    return left;
}

static hw3i_minimum maximum_likelihood(hw3i_arima_problem *p)
{
    const int64_t a = p->n_arma;
    p->seen[0] = p->seen[1] = INFINITY;
    p->seen_first = NAN;
    hw3i_minimum m = local_top(p);
    double variance = isfinite(m.value) ? process_variance(p) : 0;
    const int other_side = !(variance >= HW3I_DIFFUSE);
    memcpy(p->best, p->coef, (size_t)a * sizeof(double));
    if (variance > 0 && isfinite(p->seen[other_side])) {
        memcpy(p->coef, p->seen_at + other_side * a, (size_t)a * sizeof(double));
        m = better(p, m, local_top(p));
        memcpy(p->best, p->coef, (size_t)a * sizeof(double));
    }
    if (isfinite(m.value) && p->n_free == a && leave_edge(p)) m = better(p, m, local_top(p));
    return m;
}

/* ---- Covariance ---- */

/* Row i of the Hessian of n_used f by central differences of the gradient. c: coefficients, g: two gradients. */
static bool differences(hw3i_arima_problem *p, const int64_t *which, int64_t n, int64_t i, double h, double *c, double *g, double *row)
{
    const int64_t a = p->n_arma;
    for (int side = 0; side < 2; side++) {
        double kept = c[which[i]];
        c[which[i]] += side ? -h : h;
        double value = hw3i_arima_value(p, c, c + a, g + side * p->n_coef, g + side * p->n_coef + a);
        c[which[i]] = kept;
        if (!isfinite(value)) return false;
    }
    for (int64_t j = 0; j < n; j++) row[j] = (double)p->n_used * (g[which[j]] - g[p->n_coef + which[j]]) / (2 * h);
    return true;
}

/* The step is short beside the error that the curvature itself promises: near the edge of stationarity both are small. */
static bool hessian_row(hw3i_arima_problem *p, const int64_t *which, int64_t n, int64_t i, double h, double *c, double *g, double *row)
{
    for (int again = 0; again < 4; again++) {
        if (!differences(p, which, n, i, h, c, g, row)) {
            h *= 1e-2;
            continue;
        }
        double error = row[i] > 0 ? 1 / sqrt(row[i]) : INFINITY;
        if (h <= 0.02 * error) return true;
        h = 0.01 * error;
    }
    return differences(p, which, n, i, h, c, g, row);
}

/* A = L L' in the lower triangle, then A^-1; false unless positive definite. */
static bool invert_definite(int64_t n, double *A)
{
    for (int64_t j = 0; j < n; j++) {
        for (int64_t i = j; i < n; i++) {
            double s = A[i * n + j];
            for (int64_t k = 0; k < j; k++) s -= A[i * n + k] * A[j * n + k];
            if (i == j && !(s > 0)) return false;
            A[i * n + j] = i == j ? sqrt(s) : s / A[j * n + j];
        }
    }
    for (int64_t j = 0; j < n; j++) /* L^-1 in place */
        for (int64_t i = j; i < n; i++) {
            double s = i == j ? 1 : 0;
            for (int64_t k = j; k < i; k++) s -= A[i * n + k] * A[k * n + j];
            A[i * n + j] = s / A[i * n + i];
        }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) {
            double s = 0;
            for (int64_t k = i; k < n; k++) s += A[k * n + i] * A[k * n + j];
            A[i * n + j] = s;
        }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) A[i * n + j] = A[j * n + i];
    return true;
}

/* Where the i-th free coefficient stands among all; before: where the one before it stands, if that is a regressor. */
static int64_t place(const hw3i_arima_problem *p, int64_t i, int64_t before)
{
    if (i < p->n_free) return p->free[i];
    do before++;
    while (!isnan(held(p->data, before)));
    return before;
}

/* The inverse Hessian of n_used f, of all coefficients that are free; false, and NaN, where it is not positive definite. */
bool hw3i_arima_covariance(hw3i_arima_problem *p, const double *coef, double *cov)
{
    const int64_t a = p->n_arma, n = p->n_free + p->n_free_reg, all = p->n_coef;
    double *c = p->start, *H = p->hessian;
    memcpy(c, coef, (size_t)a * sizeof *c);
    for (int64_t j = 0; j < p->n_free_reg; j++) {
        p->free[p->n_free + j] = a + j;
        c[a + j] = p->beta[p->n_unknown + j];
    }
    double scale = sqrt(p->sum / (double)p->n_used);
    const int64_t first = p->k - p->n_free_reg, k = p->k; /* of the regressors in tri */
    for (int64_t j = 0; j < p->n_free_reg; j++) p->x[p->n_free + j] = 1e-2 * scale / p->tri[(first + j) * k + first + j];
    bool good = true;
    for (int64_t i = 0; i < n && good; i++) {
        double h = i < p->n_free ? 1e-4 : p->x[i];
        good = hessian_row(p, p->free, n, i, h, c, p->d_coef, H + i * n);
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) H[i * n + j] = 0.5 * (H[i * n + j] + H[j * n + i]);
    good = good && invert_definite(n, H);
    memset(cov, 0, (size_t)(all * all) * sizeof *cov);
    for (int64_t i = 0, at_i = a - 1; i < n; i++) {
        at_i = place(p, i, at_i);
        for (int64_t j = 0, at_j = a - 1; j < n; j++) {
            at_j = place(p, j, at_j);
            cov[at_i * all + at_j] = good ? H[i * n + j] : NAN;
        }
    }
    return good;
}

/* The sum of squares does change when a root is inverted: where its least value is not invertible there may be a lesser one. */
static hw3i_minimum conditional(hw3i_arima_problem *p)
{
    hw3i_minimum m = minimise(p, true, false);
    if (p->data->method != HW3_ARIMA_CSS || !isfinite(m.value)) return m;
    memcpy(p->best, p->coef, (size_t)p->n_arma * sizeof(double));
    return invert(p) ? better(p, m, minimise(p, true, false)) : m;
}

/* CSS first where there is nothing missing; its optimum is no start where it is not stationary. */
static hw3i_minimum find(hw3i_arima_problem *p)
{
    hw3i_minimum m = { .value = INFINITY };
    if (p->data->method != HW3_ARIMA_ML && (!p->n_missing || p->data->method == HW3_ARIMA_CSS)) {
        m = conditional(p);
        if (p->data->method == HW3_ARIMA_CSS) return m;
        if (!isfinite(m.value) || !stationary(p)) set_free(p);
    }
    m = maximum_likelihood(p);
    if (isfinite(m.value)) return m;
    set_free(p);
    return maximum_likelihood(p);
}

/* The sum of squares that rounding alone leaves of the values. */
static double rounding(const hw3i_arima_data *data)
{
    double squares = 0;
    for (int64_t t = 0; t < data->n; t++) squares += isnan(data->y[t]) ? 0 : data->y[t] * data->y[t];
    return 1e-28 * squares;
}

hw3_status hw3i_arima_fit(hw3i_arima_problem *p, hw3i_arima_result *result)
{
    set_free(p);
    result->stuck = HW3I_START;
    if (!stationary(p)) return HW3_ERR_VALUE;
    hw3i_minimum m = find(p);
    double value = hw3i_arima_value(p, p->coef, NULL, NULL, NULL);
    result->stuck = isfinite(p->sum) && p->sum <= rounding(p->data) ? HW3I_CONSTANT : HW3I_END;
    if (!isfinite(value) || result->stuck == HW3I_CONSTANT) return HW3_ERR_VALUE;
    double *coef = result->coef;
    memcpy(coef, p->coef, (size_t)p->n_coef * sizeof *coef); /* with the regression coefficients that are held */
    for (int64_t c = p->n_arma, j = p->n_unknown; c < p->n_coef; c++)
        if (isnan(held(p->data, c))) coef[c] = p->beta[j++];
    result->loglik = hw3i_arima_loglik(p, value);
    result->sigma2 = p->sum / (double)(p->css ? p->n_residuals : p->n_used);
    result->n_used = p->n_used;
    result->n_free = p->n_free + p->n_free_reg;
    result->unbiased = (p->sum + p->left_out) / (double)hw3i_max(1, result->n_used - result->n_free);
    result->n_iterations = m.n_iterations;
    result->converged = m.converged;
    result->cov_ok = result->cov ? hw3i_arima_covariance(p, coef, result->cov) : 0;
    return HW3_OK;
}
