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

#define SETTLED 1e-8 /* of w: what is left changes F by its square */

void hw3i_gains_take(hw3i_workspace *w, const hw3_arima_order *o, int64_t n, int64_t n_gamma, hw3i_gains *g)
{
    const int64_t r = hw3i_arma_states(o);
    g->n = n;
    g->F = hw3i_take_doubles(w, n + 1);
    g->k = hw3i_take_doubles(w, (n + 1) * r);
    g->w = hw3i_take_doubles(w, (n + 1) * r);
    hw3i_start_take(w, o, n_gamma, &g->start);
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

/* F = c[0], k = w = T c */
static bool first_gain(const hw3i_arma *a, hw3i_gains *g)
{
    const double *c = g->start.c;
    if (!hw3i_start_run(a, &g->start)) return false;
    for (int64_t i = 0; i < a->r; i++) g->k[i] = i + 1 < a->r ? c[i + 1] : 0;
    for (int64_t j = 0; j < a->n_ar; j++) g->k[a->ar[j] - 1] += a->phi[a->ar[j]] * c[0];
    memcpy(g->w, g->k, (size_t)a->r * sizeof *c);
    g->F[0] = c[0];
    return true;
}

bool hw3i_gains_run(const hw3i_arma *a, hw3i_gains *g)
{
    const int64_t r = a->r;
    if (!first_gain(a, g)) return false;
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
        d_phi[a->ar[j]] += d_k[a->ar[j] - 1] * g->start.c[0];
        d_c[0] += d_k[a->ar[j] - 1] * a->phi[a->ar[j]];
    }
    hw3i_start_back(a, &g->start, d_c, d_gamma, d_phi, d_theta, d_psi);
}
