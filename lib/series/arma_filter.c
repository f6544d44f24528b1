/* SPDX-License-Identifier: MIT */
/* The Kalman filter of an ARMA process in O(r) a step.
 *
 * The state of [Harvey79] is x[i] = sum_{j>i} phi[j] y[t+i-j] + sum_{j>=i} theta[j] e[t+i-j], theta[0] = 1; T shifts it up and
 * adds phi[i+1] x[0]. Started at its stationary variance P, the filter's variance falls by a matrix of rank one at each
 * step, and only two vectors have to be carried [Morf74], [Melard84]: k = T P e0, the gain times F, and w. Each step is a
 * rotation (hyperbolic) of the two, whose sine is the next partial autocorrelation:
 *
 *   z = w[0],  rho = z / F,  u = T w;   k' = k - rho u,   w' = u - rho k,   F' = F - rho z.
 *
 * w goes to zero where the moving average is invertible; then F = 1, k = phi + theta, and innovations follow from the
 * difference equation, over the lags that are there. */
#include "series/arma.h"
#include "math/rows.h"
#include <math.h>
#include <stdlib.h>

#define SETTLED 1e-8 /* of w: what is left changes F by its square */

void hw3i_gains_take(hw3i_workspace *w, const hw3_arima_order *o, int64_t n, int64_t n_gamma, hw3i_gains *g)
{
    int64_t p = o->p + o->P * o->period, r = hw3i_max(p, o->q + o->Q * o->period + 1);
    g->n = n;
    g->n_gamma = hw3i_max(n_gamma, r + 1);
    g->F = hw3i_take_doubles(w, n + 1);
    g->k = hw3i_take_doubles(w, (n + 1) * r);
    g->w = hw3i_take_doubles(w, (n + 1) * r);
    g->gamma = hw3i_take_doubles(w, g->n_gamma);
    g->psi = hw3i_take_doubles(w, r + 1);
    g->lu = hw3i_take_doubles(w, (p + 1) * (p + 1));
    g->pivots = hw3i_take(w, p + 1, sizeof *g->pivots);
}

/* ---- The stationary start ---- */

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
static bool autocovariances(const hw3i_arma *a, hw3i_gains *g)
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

/* Column 0 of P: c[i] = sum_{j>i} phi[j] gamma[j-i] + sum_{j>=i} theta[j] psi[j-i], and c[0] = gamma[0]. k[0] = w[0] = T c. */
static bool start(const hw3i_arma *a, hw3i_gains *g)
{
    if (!autocovariances(a, g)) return false;
    double *k = g->k;
    for (int64_t i = 1; i < a->r; i++) {
        double c = 0;
        for (int64_t j = 0; j < a->n_ar; j++)
            if (a->ar[j] > i) c += a->phi[a->ar[j]] * g->gamma[a->ar[j] - i];
        for (int64_t j = 0; j < a->n_ma; j++)
            if (a->ma[j] >= i) c += a->theta[a->ma[j]] * g->psi[a->ma[j] - i];
        k[i - 1] = c;
    }
    k[a->r - 1] = 0;
    for (int64_t j = 0; j < a->n_ar; j++) k[a->ar[j] - 1] += a->phi[a->ar[j]] * g->gamma[0];
    memcpy(g->w, k, (size_t)a->r * sizeof *k);
    g->F[0] = g->gamma[0];
    return true;
}

/* From the gradients of c (d_c[0] is that of gamma[0]) and gamma (changed) to those of phi and theta. d_psi: [r + 1] work. */
static void start_back(const hw3i_arma *a, const hw3i_gains *g, const double *d_c, double *d_phi, double *d_theta, double *d_gamma,
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

/* ---- Gains ---- */

static double rotate(const hw3i_arma *a, double F, const double *restrict k, const double *restrict w, double *restrict k1,
                     double *restrict w1)
{
    const double z = w[0], rho = z / F;
    double largest = 0;
    for (int64_t i = 0; i + 1 < a->r; i++) {
        k1[i] = k[i] - rho * w[i + 1];
        w1[i] = w[i + 1] - rho * k[i];
    }
    k1[a->r - 1] = k[a->r - 1];
    w1[a->r - 1] = -rho * k[a->r - 1];
    for (int64_t j = 0; j < a->n_ar; j++) {
        double u = a->phi[a->ar[j]] * z;
        k1[a->ar[j] - 1] -= rho * u;
        w1[a->ar[j] - 1] += u;
    }
    for (int64_t i = 0; i < a->r; i++) largest = fabs(w1[i]) > largest ? fabs(w1[i]) : largest;
    return largest;
}

bool hw3i_gains_run(const hw3i_arma *a, hw3i_gains *g)
{
    const int64_t r = a->r;
    if (!start(a, g)) return false;
    int64_t t = 0;
    for (; t < g->n; t++) {
        const double *k = g->k + t * r, *w = g->w + t * r;
        double largest = rotate(a, g->F[t], k, w, g->k + (t + 1) * r, g->w + (t + 1) * r), z = w[0];
        g->F[t + 1] = g->F[t] - z * (z / g->F[t]);
        if (!(g->F[t + 1] > 0)) return false;
        if (largest < SETTLED && t >= r && fabs(g->F[t + 1] - 1) < 1e-6) {
            t++;
            break;
        }
    }
    g->n_varying = t;
    for (; t < g->n; t++) g->F[t] = 1;
    return true;
}

/* ---- Innovations of a panel: C series side by side, y[t][c] ---- */

/* v[t] = y[t] - sum phi[j] y[t-j] - sum theta[j] v[t-j] */
void hw3i_residuals(const hw3i_arma *a, int64_t n, int64_t start, int64_t C, const double *y, double *v)
{
    for (int64_t t = start; t < n; t++) {
        memcpy(v + t * C, y + t * C, (size_t)C * sizeof *v);
        for (int64_t j = 0; j < a->n_ar && a->ar[j] <= t; j++) hw3i_add_row(C, -a->phi[a->ar[j]], y + (t - a->ar[j]) * C, v + t * C);
        for (int64_t j = 0; j < a->n_ma && a->ma[j] <= t; j++) hw3i_add_row(C, -a->theta[a->ma[j]], v + (t - a->ma[j]) * C, v + t * C);
    }
}

void hw3i_residuals_back(const hw3i_arma *a, int64_t n, int64_t start, int64_t C, const double *y, const double *v, int64_t back,
                         double *d_v, double *d_y, double *d_phi, double *d_theta)
{
    for (int64_t t = n - 1; t >= start; t--) {
        const double *d = d_v + t * C;
        if (d_y) d_y[t] += d[0];
        for (int64_t j = 0; j < a->n_ar && a->ar[j] <= t; j++) {
            d_phi[a->ar[j]] -= hw3i_dot(back, d, y + (t - a->ar[j]) * C);
            if (d_y) d_y[t - a->ar[j]] -= d[0] * a->phi[a->ar[j]];
        }
        for (int64_t j = 0; j < a->n_ma && a->ma[j] <= t; j++) {
            d_theta[a->ma[j]] -= hw3i_dot(back, d, v + (t - a->ma[j]) * C);
            hw3i_add_row(back, -a->theta[a->ma[j]], d, d_v + (t - a->ma[j]) * C);
        }
    }
}

/* x' = T x + k v / F; e: [C] work. */
static void advance(const hw3i_arma *a, int64_t C, const double *restrict k, double F, const double *v, double *x, double *restrict e,
                    double *restrict x0)
{
    for (int64_t c = 0; c < C; c++) e[c] = v[c] / F, x0[c] = x[c];
    for (int64_t i = 0; i + 1 < a->r; i++) {
        double *to = x + i * C;
        const double *from = to + C, ki = k[i];
        for (int64_t c = 0; c < C; c++) to[c] = from[c] + ki * e[c];
    }
    for (int64_t c = 0; c < C; c++) x[(a->r - 1) * C + c] = k[a->r - 1] * e[c];
    for (int64_t j = 0; j < a->n_ar; j++) hw3i_add_row(C, a->phi[a->ar[j]], x0, x + (a->ar[j] - 1) * C);
}

void hw3i_innovations(const hw3i_arma *a, const hw3i_gains *g, int64_t C, const double *y, double *v, double *work)
{
    double *state = work, *e = work + a->r * C, *x0 = e + C;
    memset(state, 0, (size_t)(a->r * C) * sizeof *state);
    for (int64_t t = 0; t < g->n_varying; t++) {
        for (int64_t c = 0; c < C; c++) v[t * C + c] = y[t * C + c] - state[c];
        advance(a, C, g->k + t * a->r, g->F[t], v + t * C, state, e, x0);
    }
    hw3i_residuals(a, g->n, g->n_varying, C, y, v);
}

/* ---- Backward ---- */

/* One step back through `advance` and v = y - x[0], for the first `back` columns: takes the gradient d of x' and leaves that
 * of x. Adds to d_k and d_F. */
static void columns_back(const hw3i_arma *a, const hw3i_gains *g, int64_t t, int64_t C, const double *y, const double *v, int64_t back,
                         double *d_v, double *d_y, double *d, double *d_k, double *d_F, double *d_phi, double *work)
{
    const double *k = g->k + t * a->r, F = g->F[t];
    double *restrict e = work, *restrict d_e = work + back, *restrict x0 = d_e + back, *restrict d_x0 = x0 + back;
    for (int64_t c = 0; c < back; c++) {
        e[c] = v[t * C + c] / F;
        x0[c] = y[t * C + c] - v[t * C + c];
        d_e[c] = d_x0[c] = 0;
    }
    for (int64_t j = 0; j < a->n_ar; j++) {
        const double *d_i = d + (a->ar[j] - 1) * back;
        d_phi[a->ar[j]] += hw3i_dot(back, d_i, x0);
        hw3i_add_row(back, a->phi[a->ar[j]], d_i, d_x0);
    }
    for (int64_t i = a->r - 1; i >= 0; i--) {
        double *d_i = d + i * back;
        d_k[i] += hw3i_dot(back, d_i, e);
        hw3i_add_row(back, k[i], d_i, d_e);
        if (i + 1 < a->r) memcpy(d_i + back, d_i, (size_t)back * sizeof *d);
    }
    for (int64_t c = 0; c < back; c++) {
        d_v[t * C + c] += d_e[c] / F;
        d[c] = d_x0[c] - d_v[t * C + c];
    }
    *d_F -= hw3i_dot(back, d_e, e) / F;
    if (d_y) d_y[t] += d_v[t * C];
}

/* One step back through the rotation: from the gradients of k', w', F' to those of k, w, F. */
static void rotation_back(const hw3i_arma *a, const hw3i_gains *g, int64_t t, double *d_k, double *d_w, double *d_F, double d_F1,
                          double *d_phi)
{
    const int64_t r = a->r;
    const double *k = g->k + t * r, *w = g->w + t * r, z = w[0], F = g->F[t], rho = z / F;
    double d_rho = -d_F1 * z, d_z = -d_F1 * rho, before = 0;
    for (int64_t j = 0; j < a->n_ar; j++) { /* the part phi z of u, with gradient d_u = d_w' - rho d_k' */
        int64_t i = a->ar[j] - 1;
        double phi = a->phi[a->ar[j]], d_u = d_w[i] - rho * d_k[i];
        d_phi[a->ar[j]] += d_u * z;
        d_z += d_u * phi;
        d_rho -= d_k[i] * phi * z;
    }
    for (int64_t i = 0; i < r; i++) {
        const double dk = d_k[i], dw = d_w[i], up = i + 1 < r ? w[i + 1] : 0;
        d_rho -= dk * up + dw * k[i];
        d_k[i] = dk - rho * dw;
        d_w[i] = before;
        before = dw - rho * dk; /* of w[i + 1] */
    }
    d_w[0] += d_z + d_rho / F;
    *d_F += d_F1 - d_rho * rho / F;
}

void hw3i_filter_back(const hw3i_arma *a, const hw3i_gains *g, int64_t C, const double *y, const double *v, int64_t back, double *d_v,
                      double *d_y, double *d_F, double *d_gamma, double *d_phi, double *d_theta, double *work)
{
    const int64_t r = a->r;
    double *d_k = work, *d_w = d_k + r, *d_c = d_w + r, *d_psi = d_c + r, *d_state = d_psi + r + 1, d_F1 = 0;
    double *row = d_state + r * back;
    memset(work, 0, (size_t)(2 * r) * sizeof *work);
    memset(d_state, 0, (size_t)(r * back) * sizeof *work);
    hw3i_residuals_back(a, g->n, g->n_varying, C, y, v, back, d_v, d_y, d_phi, d_theta);
    for (int64_t t = g->n_varying - 1; t >= 0; t--) {
        rotation_back(a, g, t, d_k, d_w, &d_F[t], d_F1, d_phi);
        columns_back(a, g, t, C, y, v, back, d_v, d_y, d_state, d_k, &d_F[t], d_phi, row);
        d_F1 = d_F[t];
    }
    for (int64_t i = 0; i < r; i++) d_k[i] += d_w[i]; /* k = w = T c at the start, F = c[0] */
    d_c[0] = d_F1;
    memcpy(d_c + 1, d_k, (size_t)(r - 1) * sizeof *d_c);
    for (int64_t j = 0; j < a->n_ar; j++) {
        d_phi[a->ar[j]] += d_k[a->ar[j] - 1] * g->gamma[0];
        d_c[0] += d_k[a->ar[j] - 1] * a->phi[a->ar[j]];
    }
    start_back(a, g, d_c, d_phi, d_theta, d_gamma, d_psi);
}
