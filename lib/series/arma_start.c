/* SPDX-License-Identifier: MIT */
/* The stationary variance P of the state of arma_filter.c, P = T P T' + R R' with R = theta, from the autocovariances. */
#include "series/arma.h"
#include <math.h>
#include <stdlib.h>

void hw3i_start_take(hw3i_workspace *w, const hw3_arima_order *o, int64_t n_gamma, hw3i_start *g)
{
    const int64_t p = o->p + o->P * o->period, r = hw3i_arma_states(o);
    g->n_gamma = hw3i_max(n_gamma, r + 1);
    g->c = hw3i_take_doubles(w, r);
    g->gamma = hw3i_take_doubles(w, g->n_gamma);
    g->psi = hw3i_take_doubles(w, r + 1);
    g->lu = hw3i_take_doubles(w, (p + 1) * (p + 1));
    g->pivots = hw3i_take(w, p + 1, sizeof *g->pivots);
}

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b, *b = t;
}

/* PA = LU in place by rows; false when singular. */
static bool lu_factor(int64_t n, double *a, int64_t *pivots)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t best = k;
        for (int64_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
        pivots[k] = best;
        if (!(fabs(a[best * n + k]) > 1e-300)) return false;
        for (int64_t j = 0; best != k && j < n; j++) swap(&a[k * n + j], &a[best * n + j]);
        for (int64_t i = k + 1; i < n; i++) {
            double f = a[i * n + k] /= a[k * n + k];
            for (int64_t j = k + 1; f != 0 && j < n; j++) a[i * n + j] -= f * a[k * n + j];
        }
    }
    return true;
}

static void lu_solve(int64_t n, const double *a, const int64_t *pivots, double *x)
{
    for (int64_t k = 0; k < n; k++) swap(&x[k], &x[pivots[k]]);
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < k; i++) x[k] -= a[k * n + i] * x[i];
    for (int64_t k = n - 1; k >= 0; k--) {
        for (int64_t i = k + 1; i < n; i++) x[k] -= a[k * n + i] * x[i];
        x[k] /= a[k * n + k];
    }
}

/* x with A' x = given. */
static void lu_solve_transposed(int64_t n, const double *a, const int64_t *pivots, double *x)
{
    for (int64_t k = 0; k < n; k++) {
        x[k] /= a[k * n + k];
        for (int64_t i = k + 1; i < n; i++) x[i] -= a[k * n + i] * x[k];
    }
    for (int64_t k = n - 1; k >= 0; k--)
        for (int64_t i = 0; i < k; i++) x[i] -= a[k * n + i] * x[k];
    for (int64_t k = n - 1; k >= 0; k--) swap(&x[k], &x[pivots[k]]);
}

/* psi[k] = theta[k] + sum phi[j] psi[k-j];  gamma[k] - sum_j phi[j] gamma[|k-j|] = sum_{j>=k} theta[j] psi[j-k], k = 0 to p. */
static bool autocovariances(const hw3i_arma *a, hw3i_start *g)
{
    const int64_t n = a->p + 1;
    g->psi[0] = 1;
    for (int64_t k = 1; k <= a->r; k++) {
        g->psi[k] = a->theta[k];
        for (int64_t i = 0; i < a->n_ar && a->ar[i] <= k; i++) g->psi[k] += a->phi[a->ar[i]] * g->psi[k - a->ar[i]];
    }
    memset(g->lu, 0, (size_t)(n * n) * sizeof(double));
    for (int64_t k = 0; k < g->n_gamma; k++) {
        g->gamma[k] = k == 0 ? 1 : 0;
        for (int64_t i = 0; i < a->n_ma; i++)
            if (a->ma[i] >= k) g->gamma[k] += a->theta[a->ma[i]] * g->psi[a->ma[i] - k];
        if (k >= n) continue;
        g->lu[k * n + k] += 1;
        for (int64_t i = 0; i < a->n_ar; i++) g->lu[k * n + llabs(k - a->ar[i])] -= a->phi[a->ar[i]];
    }
    if (!lu_factor(n, g->lu, g->pivots)) return false;
    lu_solve(n, g->lu, g->pivots, g->gamma);
    for (int64_t k = n; k < g->n_gamma; k++)
        for (int64_t i = 0; i < a->n_ar; i++) g->gamma[k] += a->phi[a->ar[i]] * g->gamma[k - a->ar[i]];
    return g->gamma[0] >= 1 - 1e-9 && isfinite(g->gamma[0]);
}

/* c[i] = sum_{j>i} phi[j] gamma[j-i] + sum_{j>=i} theta[j] psi[j-i], and c[0] = gamma[0]. */
bool hw3i_start_run(const hw3i_arma *a, hw3i_start *g)
{
    if (!autocovariances(a, g)) return false;
    g->c[0] = g->gamma[0];
    for (int64_t i = 1; i < a->r; i++) {
        double c = 0;
        for (int64_t j = 0; j < a->n_ar; j++)
            if (a->ar[j] > i) c += a->phi[a->ar[j]] * g->gamma[a->ar[j] - i];
        for (int64_t j = 0; j < a->n_ma; j++)
            if (a->ma[j] >= i) c += a->theta[a->ma[j]] * g->psi[a->ma[j] - i];
        g->c[i] = c;
    }
    return true;
}

void hw3i_start_back(const hw3i_arma *a, const hw3i_start *g, const double *d_c, double *d_gamma, double *d_phi, double *d_theta,
                     double *d_psi)
{
    const int64_t n = a->p + 1;
    memset(d_psi, 0, (size_t)(a->r + 1) * sizeof(double));
    for (int64_t k = g->n_gamma - 1; k >= n; k--)
        for (int64_t i = 0; i < a->n_ar; i++) {
            d_phi[a->ar[i]] += d_gamma[k] * g->gamma[k - a->ar[i]];
            d_gamma[k - a->ar[i]] += d_gamma[k] * a->phi[a->ar[i]];
        }
    d_gamma[0] += d_c[0];
    for (int64_t i = 1; i < a->r; i++) {
        for (int64_t j = 0; j < a->n_ar; j++)
            if (a->ar[j] > i) {
                d_phi[a->ar[j]] += d_c[i] * g->gamma[a->ar[j] - i];
                d_gamma[a->ar[j] - i] += d_c[i] * a->phi[a->ar[j]];
            }
        for (int64_t j = 0; j < a->n_ma; j++)
            if (a->ma[j] >= i) {
                d_theta[a->ma[j]] += d_c[i] * g->psi[a->ma[j] - i];
                d_psi[a->ma[j] - i] += d_c[i] * a->theta[a->ma[j]];
            }
    }
    lu_solve_transposed(n, g->lu, g->pivots, d_gamma); /* now the gradients of the right sides; dA = -d gamma' */
    for (int64_t k = 0; k < g->n_gamma; k++) {
        for (int64_t i = 0; k < n && i < a->n_ar; i++) d_phi[a->ar[i]] += d_gamma[k] * g->gamma[llabs(k - a->ar[i])];
        for (int64_t i = 0; i < a->n_ma; i++)
            if (a->ma[i] >= k) {
                d_theta[a->ma[i]] += d_gamma[k] * g->psi[a->ma[i] - k];
                d_psi[a->ma[i] - k] += d_gamma[k] * a->theta[a->ma[i]];
            }
    }
    for (int64_t k = a->r; k >= 1; k--) {
        d_theta[k] += d_psi[k];
        for (int64_t i = 0; i < a->n_ar && a->ar[i] <= k; i++) {
            d_phi[a->ar[i]] += d_psi[k] * g->psi[k - a->ar[i]];
            d_psi[k - a->ar[i]] += d_psi[k] * a->phi[a->ar[i]];
        }
    }
}

/* P[i][j] = phi[i+1] phi[j+1] c[0] + phi[i+1] c[j+1] + phi[j+1] c[i+1] + P[i+1][j+1] + theta[i] theta[j], from the last on. */
void hw3i_start_variance(const hw3i_arma *a, const hw3i_start *g, double *P, int64_t ld)
{
    const int64_t r = a->r;
    const double *phi = a->phi + 1, *theta = a->theta, *c = g->c;
    for (int64_t i = r - 1; i >= 1; i--)
        for (int64_t j = i; j >= 1; j--) {
            double p = phi[i] * phi[j] * c[0] + theta[i] * theta[j];
            if (i + 1 < r) p += phi[j] * c[i + 1] + phi[i] * c[j + 1] + P[(i + 1) * ld + j + 1];
            else if (j + 1 < r) p += phi[i] * c[j + 1];
            P[i * ld + j] = p;
        }
    for (int64_t i = 0; i < r; i++) P[i * ld] = c[i];
}

void hw3i_start_variance_back(const hw3i_arma *a, const hw3i_start *g, double *d_P, int64_t ld, double *d_c, double *d_phi,
                              double *d_theta)
{
    const int64_t r = a->r;
    const double *phi = a->phi + 1, *theta = a->theta, *c = g->c;
    for (int64_t i = 0; i < r; i++) d_c[i] = (i == 0 ? 1 : 2) * d_P[i * ld];
    for (int64_t i = 1; i < r; i++)
        for (int64_t j = 1; j <= i; j++) {
            const double d = (i == j ? 1 : 2) * d_P[i * ld + j], ci = i + 1 < r ? c[i + 1] : 0, cj = j + 1 < r ? c[j + 1] : 0;
            d_phi[i + 1] += d * (phi[j] * c[0] + cj);
            d_phi[j + 1] += d * (phi[i] * c[0] + ci);
            d_theta[i] += d * theta[j];
            d_theta[j] += d * theta[i];
            d_c[0] += d * phi[i] * phi[j];
            if (j + 1 < r) d_c[j + 1] += d * phi[i];
            if (i + 1 == r) continue;
            d_c[i + 1] += d * phi[j];
            d_P[(i + 1) * ld + j + 1] += d_P[i * ld + j];
        }
}
