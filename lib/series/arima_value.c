/* SPDX-License-Identifier: MIT */
/* The value of a fit at given parameters, and its gradient.
 *
 *   f = (log(S / nu) + L / nu) / 2,   S = sum v^2 / F,   L = sum log F,   both over the nu steps that are not left out
 *
 * S and L over all steps come from the panel: S is what least squares leaves of y's innovations divided by sqrt F, and
 * L = sum log F + log det(D'D) + n_before log KAPPA with D the columns of what is not known. The head then takes off the steps
 * that are left out. The conditional sum of squares is the same with F = 1, L = 0, and residuals that begin after
 * n_conditional steps. */
#include "series/arima_fit.h"
#include <math.h>

#define EXPLODED 1e8 /* times the size of the series: half of the digits */
#define NEGLIGIBLE 1e-19 /* of a norm: far below rounding */

static double dot(int64_t n, const double *a, const double *b)
{
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) s0 += a[i] * b[i], s1 += a[i + 1] * b[i + 1], s2 += a[i + 2] * b[i + 2], s3 += a[i + 3] * b[i + 3];
    for (; i < n; i++) s0 += a[i] * b[i];
    return (s0 + s1) + (s2 + s3);
}

static void add(int64_t n, double f, const double *x, double *y)
{
    for (int64_t i = 0; f != 0 && i < n; i++) y[i] += f * x[i];
}

/* Where x is not negligible beside its norm. */
static void find_range(int64_t n, const double *x, double norm, int64_t *lo, int64_t *hi)
{
    const double least = NEGLIGIBLE * norm;
    *lo = 0;
    *hi = n;
    while (*lo < *hi && fabs(x[*lo]) <= least) ++*lo;
    while (*hi > *lo && fabs(x[*hi - 1]) <= least) --*hi;
}

/* Gram and Schmidt, twice [Giraud05]. What one missing value does is soon over: columns that do not meet are passed by. A column
 * that depends on others becomes 0. */
int64_t hw3i_orthogonalise(int64_t n, int64_t k, double *columns, double *tri, hw3i_range *ranges)
{
    int64_t deficient = -1;
    memset(tri, 0, (size_t)(k * k) * sizeof *tri);
    for (int64_t c = 0; c < k; c++) {
        double *x = columns + c * n, before = sqrt(dot(n, x, x));
        hw3i_range at;
        find_range(n, x, before, &at.lo, &at.hi);
        at.first = c;
        for (int pass = 0; pass < 2; pass++)
            for (int64_t j = 0; j < c; j++) {
                const int64_t lo = ranges[j].lo, hi = ranges[j].hi;
                if (hi <= at.lo || lo >= at.hi) continue;
                double s = dot(hi - lo, columns + j * n + lo, x + lo);
                if (fabs(s) <= NEGLIGIBLE * before) continue;
                tri[j * k + c] += s;
                add(hi - lo, -s, columns + j * n + lo, x + lo);
                at.lo = hw3i_min(at.lo, lo);
                at.hi = hw3i_max(at.hi, hi);
                at.first = hw3i_min(at.first, j);
            }
        double norm = sqrt(dot(n, x, x));
        if (!(norm > 1e-9 * before)) {
            deficient = deficient < 0 ? c : deficient;
            norm = 0;
        }
        tri[c * k + c] = norm;
        for (int64_t i = 0; i < n; i++) x[i] = norm > 0 ? x[i] / norm : 0;
        find_range(n, x, 1, &at.lo, &at.hi);
        ranges[c] = at;
    }
    return deficient;
}

static bool run_filter(hw3i_arima_problem *p)
{
    return p->by_gaps ? hw3i_gaps_run(&p->arma, &p->gains.start, &p->gaps) : hw3i_gains_run(&p->arma, &p->gains);
}

static void residuals(hw3i_arima_problem *p)
{
    const int64_t C = 1 + p->n_columns, start = p->n_conditional;
    memset(p->v, 0, (size_t)(start * C) * sizeof(double));
    hw3i_residuals_known(&p->arma, &p->holes, p->n, start, C, p->series, p->v);
}

static void innovations(hw3i_arima_problem *p)
{
    const int64_t C = 1 + p->n_columns;
    if (p->css) residuals(p);
    else if (p->by_gaps) hw3i_gaps_innovations(&p->arma, &p->gaps, C, p->series, p->v);
    else hw3i_innovations(&p->arma, &p->gains, C, p->series, p->v, p->work);
}

/* e and q: the innovations of y and of the columns in use, divided by sqrt F; below them the priors. */
static void standardise(hw3i_arima_problem *p)
{
    const int64_t C = 1 + p->n_columns, rows = p->n_rows;
    for (int64_t t = 0; t < p->n; t++) {
        const double *v = p->v + t * C, f = p->css ? 1 : 1 / sqrt(p->F[t]);
        p->e[t] = f * v[0];
        for (int64_t c = 0; c < p->k; c++) p->q[c * rows + t] = f * v[1 + p->first + c];
    }
    memset(p->e + p->n, 0, (size_t)p->n_before * sizeof(double));
    for (int64_t c = 0; c < p->k; c++) {
        memset(p->q + c * rows + p->n, 0, (size_t)p->n_before * sizeof(double));
        if (!p->css && c < p->n_before) p->q[c * rows + p->n + c] = 1 / sqrt(HW3I_KAPPA);
    }
}

/* A x = b for a symmetric A near the identity; x in b. */
static void solve_definite(int64_t n, int64_t ld, double *A, double *b)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j + 1; i < n; i++) {
            double f = A[i * ld + j] / A[j * ld + j];
            for (int64_t k = j; k < n; k++) A[i * ld + k] -= f * A[j * ld + k];
            b[i] -= f * b[j];
        }
    for (int64_t j = n - 1; j >= 0; j--) {
        for (int64_t k = j + 1; k < n; k++) b[j] -= A[j * ld + k] * b[k];
        b[j] /= A[j * ld + j];
    }
}

/* The steps left out count neither for beta: proj, in the coordinates of q, is to minimise |e - q proj|^2 - |h - H proj|^2,
 * h and H their standardised innovations of y and of the regressors, H R^-1 in these coordinates. (I - H'H) proj = q'e - H'h. */
static void leave_out(hw3i_arima_problem *p)
{
    const hw3i_head *h = &p->head;
    const int64_t m = p->n_free_reg, first = p->k - m, ld = m + 1 + h->n;
    double *A = p->normal, *b = p->proj + first;
    for (int64_t i = 0; i < m; i++) {
        double *H = A + i * ld + m + 1; /* row i: regressor i at the steps left out */
        for (int64_t t = 0; t < h->n; t++) H[t] = h->out[t] ? h->v[(1 + i) * h->n_present + t] / sqrt(h->F[t]) : 0;
        for (int64_t j = 0; j < i; j++) add(h->n, -p->tri[(first + j) * p->k + first + i], A + j * ld + m + 1, H);
        for (int64_t t = 0; t < h->n; t++) H[t] /= p->tri[(first + i) * p->k + first + i];
    }
    for (int64_t i = 0; i < m; i++) {
        const double *H = A + i * ld + m + 1;
        for (int64_t j = 0; j < m; j++) A[i * ld + j] = (i == j) - dot(h->n, H, A + j * ld + m + 1);
        for (int64_t t = 0; t < h->n; t++) b[i] -= h->out[t] ? H[t] * h->v[t] / sqrt(h->F[t]) : 0;
    }
    solve_definite(m, ld, A, b);
}

/* Fits the columns in use: beta, and e less them. */
static void project(hw3i_arima_problem *p, bool has_head)
{
    const int64_t k = p->k, rows = p->n_rows;
    double *beta = p->beta + p->first, *proj = p->proj;
    for (int64_t c = 0; c < k; c++) {
        proj[c] = dot(rows, p->q + c * rows, p->e);
        if (has_head && c >= k - p->n_free_reg) continue;
        add(rows, -proj[c], p->q + c * rows, p->e);
    }
    if (has_head) {
        leave_out(p);
        for (int64_t c = k - p->n_free_reg; c < k; c++) add(rows, -proj[c], p->q + c * rows, p->e);
    }
    for (int64_t c = k - 1; c >= 0; c--) {
        double s = proj[c];
        for (int64_t j = c + 1; j < k; j++) s -= p->tri[c * k + j] * beta[j];
        beta[c] = p->tri[c * k + c] > 0 ? s / p->tri[c * k + c] : 0;
    }
}

/* Takes the columns in use from y, and the regressors from the head's. */
static void take_fitted(hw3i_arima_problem *p, const double *beta, int64_t first, int64_t k)
{
    const int64_t C = 1 + p->n_columns;
    for (int64_t t = 0; t < p->n; t++)
        for (int64_t c = first; c < first + k; c++) p->series[t * C] -= beta[c] * p->series[t * C + 1 + c];
    for (int64_t c = hw3i_max(first, p->n_unknown); c < first + k; c++)
        add(p->head.n, -beta[c], p->head.v + (1 + c - p->n_unknown) * p->head.n_present, p->head.v);
}

/* Column c of D (D'D)^-1 = Q tri^-T: the combination of Q by row c of tri^-1. */
static void unknown_gradient(const hw3i_arima_problem *p, int64_t c, double *g)
{
    double *x = p->proj;
    memset(g, 0, (size_t)p->n * sizeof *g);
    for (int64_t j = c; j < p->n_unknown; j++) {
        double s = j == c ? 1 : 0;
        for (int64_t i = hw3i_max(c, p->ranges[j].first); i < j; i++) s -= x[i] * p->tri[i * p->k + j];
        x[j] = p->tri[j * p->k + j] > 0 ? s / p->tri[j * p->k + j] : 0;
        if (fabs(x[j]) <= NEGLIGIBLE * fabs(x[c])) continue;
        const int64_t lo = p->ranges[j].lo, hi = hw3i_min(p->n, p->ranges[j].hi);
        add(hi - lo, x[j], p->q + j * p->n_rows + lo, g + lo);
    }
}

/* Gradients of f, but for the head, by v and F; column 0 belongs to y, the next to what is not known. */
static void seed_gradients(hw3i_arima_problem *p)
{
    const int64_t n = p->n, C = 1 + p->n_columns;
    const double per_sum = 1 / p->sum, per_log = 1 / (double)p->n_residuals, *F = p->F;
    double *g = p->d_y; /* until it is needed */
    for (int64_t t = 0; t < n; t++) {
        double e = p->e[t], f = p->css ? 1 : F[t];
        p->d_v[t * C] = per_sum * e / sqrt(f);
        p->d_F[t] = 0.5 * (per_log - per_sum * e * e) / f;
    }
    for (int64_t c = 0; c < p->n_unknown && !p->css; c++) {
        unknown_gradient(p, c, g);
        for (int64_t t = 0; t < n; t++) {
            double d = p->d_v[t * C + 1 + c] = per_log * g[t] / sqrt(F[t]);
            p->d_F[t] -= 0.5 * d * p->v[t * C + 1 + c] / F[t];
        }
    }
}

static void gradient(hw3i_arima_problem *p, const double *coef, double *d_coef, double *d_beta)
{
    const int64_t n = p->n, r = p->arma.r, C = 1 + p->n_columns, in_head = p->css ? 0 : p->head.n;
    double *d_z = p->d_head;
    seed_gradients(p);
    memset(p->d_phi, 0, (size_t)(r + 1) * sizeof(double));
    memset(p->d_theta, 0, (size_t)(r + 1) * sizeof(double));
    memset(p->d_gamma, 0, (size_t)p->gains.start.n_gamma * sizeof(double));
    memset(p->d_y, 0, (size_t)n * sizeof(double));
    if (in_head) hw3i_head_back(&p->head, -0.5 / (double)p->n_residuals, -0.5 / p->sum, p->d_gamma, d_z, d_z + in_head);
    if (p->css)
        hw3i_residuals_known_back(&p->arma, &p->holes, n, p->n_conditional, C, p->series, p->v, p->d_v, p->d_y, p->d_phi, p->d_theta);
    else if (p->by_gaps)
        hw3i_gaps_back(&p->arma, &p->gains.start, &p->gaps, C, p->series, p->v, 1 + p->n_unknown, p->d_v, p->d_y, p->d_F,
                       p->d_gamma, p->d_phi, p->d_theta);
    else
        hw3i_filter_back(&p->arma, &p->gains, C, p->series, p->v, 1 + p->n_unknown, p->d_v, p->d_y, p->d_F, p->d_gamma, p->d_phi,
                         p->d_theta, p->work);
    hw3i_arma_collapse(&p->data->order, coef, p->d_phi, p->d_theta, d_coef);
    for (int64_t c = 0; d_beta && c < p->n_free_reg; c++) {
        d_beta[c] = -dot(in_head, d_z, p->head.z + (1 + c) * p->head.n_present);
        for (int64_t t = 0; t < n; t++) d_beta[c] -= p->d_y[t] * p->panel[t * C + 1 + p->n_unknown + c];
    }
}

/* Takes the steps left out from S and L, and counts the others. */
static void count_steps(hw3i_arima_problem *p)
{
    p->n_residuals = p->n - p->n_missing;
    p->log_det = (double)p->n_before * log(HW3I_KAPPA);
    for (int64_t t = 0; t < (p->by_gaps ? p->n : p->gains.n_varying) && !p->css; t++) p->log_det += log(p->F[t]);
    for (int64_t c = 0; c < p->n_unknown && !p->css; c++) {
        double size = p->tri[c * p->k + c]; /* 0: nothing seen tells of it */
        if (size > 0) p->log_det += 2 * log(size);
        else p->n_residuals++;
    }
    p->left_out = 0;
    for (int64_t i = 0; i < p->head.n && !p->css; i++) {
        if (!p->head.out[i]) continue;
        p->log_det -= log(p->head.F[i]);
        const double square = p->head.v[i] * p->head.v[i] / p->head.F[i];
        p->sum -= square;
        p->left_out += square;
        p->n_residuals--;
    }
    if (!p->css) return;
    p->log_det = 0;
    p->n_residuals = 0;
    for (int64_t t = p->n_conditional; t < p->n; t++) p->n_residuals += !p->holes.what || p->known[t] == HW3I_PRESENT;
}

/* Where a moving average is far from invertible residuals grow without end, and what least squares leaves of them is rounding. */
static bool explodes(const hw3i_arima_problem *p)
{
    double before = 0;
    const int64_t C = 1 + p->n_columns;
    for (int64_t t = 0; t < p->n; t++) before += p->series[t * C] * p->series[t * C];
    return dot(p->n_rows, p->e, p->e) > EXPLODED * EXPLODED * before;
}

double hw3i_arima_value(hw3i_arima_problem *p, const double *coef, const double *beta, double *d_coef, double *d_beta)
{
    const int64_t C = 1 + p->n_columns;
    hw3i_arma_expand(&p->data->order, coef, &p->arma);
    if (!p->css && !(run_filter(p) && hw3i_head_run(&p->head, p->gains.start.gamma))) return INFINITY;
    const bool has_head = !p->css && p->head.n_out > 0;
    p->first = p->css ? p->n_unknown : 0;
    p->k = p->n_unknown - p->first + (beta ? 0 : p->n_free_reg);
    memcpy(p->series, p->panel, (size_t)(p->n * C) * sizeof(double));
    memset(p->beta, 0, (size_t)p->n_columns * sizeof(double));
    for (int64_t c = 0; beta && c < p->n_free_reg; c++) p->beta[p->n_unknown + c] = beta[c];
    if (beta) take_fitted(p, p->beta, p->n_unknown, p->n_free_reg);
    innovations(p);
    standardise(p);
    if (p->css && !p->data->fixed && explodes(p)) return INFINITY; /* what is held may be there */
    hw3i_orthogonalise(p->n_rows, p->k, p->q, p->tri, p->ranges);
    project(p, has_head && !beta);
    take_fitted(p, p->beta, p->first, p->k);
    p->sum = dot(p->n_rows, p->e, p->e);
    count_steps(p);
    double nu = (double)p->n_residuals, value = 0.5 * (log(p->sum / nu) + p->log_det / nu);
    if (!isfinite(value)) return INFINITY;
    for (int64_t t = 0; t < p->n; t++) p->v[t * C] = p->css ? p->e[t] : p->e[t] * sqrt(p->F[t]);
    if (d_coef) gradient(p, coef, d_coef, d_beta);
    return value;
}

double hw3i_arima_loglik(const hw3i_arima_problem *p, double value)
{
    return -0.5 * (double)p->n_used * (2 * value + 1 + log(6.283185307179586));
}
