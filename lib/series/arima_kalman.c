/* SPDX-License-Identifier: MIT */
#include "series/arima_kalman.h"
#include "math/rows.h"
#include <math.h>

void hw3i_kalman_take(hw3i_workspace *w, const hw3_arima_order *o, hw3i_kalman *k)
{
    memset(k, 0, sizeof *k);
    hw3i_arma_take(w, o, &k->arma);
    hw3i_start_take(w, o, 0, &k->start);
    k->diffs = hw3i_arma_diffs(o);
    k->s = k->arma.r + k->diffs;
    k->poly = hw3i_take_doubles(w, k->diffs + 1);
    k->x = hw3i_take_doubles(w, k->s);
    k->P = hw3i_take_doubles(w, k->s * k->s);
    k->M = hw3i_take_doubles(w, k->s * k->s);
    k->gain = hw3i_take_doubles(w, k->s);
    k->row = hw3i_take_doubles(w, k->s);
}

/* h' x: the value that the state speaks of. */
static double observe(const hw3i_kalman *k, const double *x)
{
    double z = x[0];
    for (int64_t j = 1; j <= k->diffs; j++) z -= k->poly[j] * x[k->arma.r + j - 1];
    return z;
}

bool hw3i_kalman_start(hw3i_kalman *k, const hw3_arima_order *o, const double *coef, double kappa)
{
    hw3i_difference_poly(o, k->poly);
    hw3i_arma_expand(o, coef, &k->arma);
    if (!hw3i_start_run(&k->arma, &k->start)) return false;
    memset(k->x, 0, (size_t)k->s * sizeof(double));
    memset(k->P, 0, (size_t)(k->s * k->s) * sizeof(double));
    hw3i_start_variance(&k->arma, &k->start, k->P, k->s);
    for (int64_t i = 0; i < k->arma.r; i++)
        for (int64_t j = 0; j < i; j++) k->P[j * k->s + i] = k->P[i * k->s + j];
    for (int64_t i = k->arma.r; i < k->s; i++) k->P[i * k->s + i] = kappa;
    k->steady = false;
    k->quiet = 0;
    k->F = 0;
    for (int64_t i = 0; i < k->s; i++) k->gain[i] = observe(k, k->P + i * k->s);
    k->F = observe(k, k->gain);
    return true;
}

double hw3i_kalman_mean(const hw3i_kalman *k) { return observe(k, k->x); }

/* to = T from: the ARMA part moves up and adds phi x[0]; the values move down, z in front. */
static void transit(const hw3i_kalman *k, const double *restrict from, double *restrict to)
{
    const hw3i_arma *a = &k->arma;
    const int64_t r = a->r;
    memcpy(to, from + 1, (size_t)(r - 1) * sizeof *to);
    to[r - 1] = 0;
    for (int64_t j = 0; j < a->n_ar; j++) to[a->ar[j] - 1] += a->phi[a->ar[j]] * from[0];
    if (!k->diffs) return;
    memcpy(to + r + 1, from + r, (size_t)(k->diffs - 1) * sizeof *to);
    to[r] = observe(k, from);
}

/* Row i of T M. */
static void transit_row(const hw3i_kalman *k, const double *M, int64_t i, double *restrict row)
{
    const hw3i_arma *a = &k->arma;
    const int64_t r = a->r, s = k->s;
    if (i == r - 1) memset(row, 0, (size_t)s * sizeof *row);
    else memcpy(row, M + (i < r ? i + 1 : i == r ? 0 : i - 1) * s, (size_t)s * sizeof *row);
    for (int64_t j = 0; i < r && j < a->n_ar; j++)
        if (a->ar[j] == i + 1) hw3i_add_row(s, a->phi[i + 1], M, row);
    for (int64_t j = 1; i == r && j <= k->diffs; j++)
        if (k->poly[j] != 0) hw3i_add_row(s, -k->poly[j], M + (r + j - 1) * s, row);
}

/* P' = T (P - g g' / F) T' + R R' */
static void move_variance(hw3i_kalman *k, bool seen)
{
    const int64_t s = k->s, r = k->arma.r;
    double largest = 0;
    for (int64_t i = 0; i < s; i++) {
        if (seen) hw3i_add_row(s, -k->gain[i] / k->F, k->gain, k->P + i * s);
        transit(k, k->P + i * s, k->M + i * s);
    }
    for (int64_t i = 0; i < s; i++) {
        double *P = k->P + i * s;
        transit_row(k, k->M, i, k->row);
        for (int64_t j = 0; i < r && j < r; j++) k->row[j] += k->arma.theta[i] * k->arma.theta[j];
        for (int64_t j = 0; j < s; j++) P[j] = k->row[j];
    }
    for (int64_t i = 0; i < s; i++) {
        double gain = observe(k, k->P + i * s), moved = fabs(gain - k->gain[i]);
        largest = moved > largest ? moved : largest;
        k->gain[i] = gain;
    }
    k->quiet = seen && largest < 1e-13 ? k->quiet + 1 : 0;
    k->steady = k->quiet > s; /* the gain has stood still while every state passed the front */
    k->F = observe(k, k->gain);
}

void hw3i_kalman_move(const hw3i_kalman *k, const double *gain, double e, double *x, double *row)
{
    for (int64_t i = 0; i < k->s; i++) row[i] = x[i] + gain[i] * e;
    transit(k, row, x);
}

void hw3i_kalman_step(hw3i_kalman *k, double z)
{
    const bool seen = !isnan(z);
    hw3i_kalman_move(k, k->gain, seen ? (z - hw3i_kalman_mean(k)) / k->F : 0, k->x, k->row);
    if (!k->steady || !seen) move_variance(k, seen);
}

void hw3i_kalman_put(const hw3i_kalman *copy, hw3i_kalman *to)
{
    hw3i_kalman old = *to;
    memcpy(to->x, copy->x, (size_t)to->s * sizeof(double));
    memcpy(to->P, copy->P, (size_t)(to->s * to->s) * sizeof(double));
    memcpy(to->gain, copy->gain, (size_t)to->s * sizeof(double));
    *to = *copy;
    to->x = old.x, to->P = old.P, to->M = old.M, to->gain = old.gain, to->row = old.row;
}

/* Variance of the ARMA part after all steps: P' = P - w w' / F at each until w has vanished. */
static void fall_of_variance(hw3i_kalman *k, const hw3i_gains *g)
{
    const int64_t r = k->arma.r;
    for (int64_t t = 0; t < g->n_varying; t++) {
        const double *w = g->w + t * r;
        for (int64_t i = 0; i < r; i++)
            if (w[i] != 0) hw3i_add_row(r, -w[i] / g->F[t], w, k->P + i * k->s);
    }
}

/* x[i] = sum_{j>i} phi[j] y[n+i-j] + theta[j] v[n+i-j] where the gain stands still. */
static void state_of_past(hw3i_kalman *k, int64_t n, const double *y, const double *v)
{
    const hw3i_arma *a = &k->arma;
    for (int64_t i = 0; i < a->r; i++) {
        k->x[i] = 0;
        for (int64_t j = 0; j < a->n_ar; j++)
            if (a->ar[j] > i) k->x[i] += a->phi[a->ar[j]] * y[n + i - a->ar[j]];
        for (int64_t j = 0; j < a->n_ma; j++)
            if (a->ma[j] > i) k->x[i] += a->theta[a->ma[j]] * v[n + i - a->ma[j]];
    }
}

void hw3i_kalman_run(hw3i_kalman *k, hw3i_gains *gains, int64_t n, const double *z, double *mean, double *F, double *work)
{
    const int64_t diffs = k->diffs, r = k->arma.r, m = n - diffs;
    double *y = work, *v = y + m, *state = v + m;
    for (int64_t t = 0; t < n; t++) {
        double d = 0;
        for (int64_t j = 0; t >= diffs && j <= diffs; j++) d += k->poly[j] != 0 ? k->poly[j] * z[t - j] : 0;
        if (t >= diffs) y[t - diffs] = d;
    }
    hw3i_gains_run(&k->arma, gains);
    hw3i_innovations(&k->arma, gains, 1, y, v, state);
    for (int64_t t = 0; t < n; t++) {
        mean[t] = t < diffs ? z[t] : z[t] - v[t - diffs];
        F[t] = t < diffs ? INFINITY : gains->F[t - diffs];
    }
    if (gains->n_varying == m) memcpy(k->x, state, (size_t)r * sizeof(double));
    else state_of_past(k, m, y, v);
    for (int64_t j = 0; j < diffs; j++) k->x[r + j] = z[n - 1 - j];
    fall_of_variance(k, gains);
    for (int64_t i = 0; i < k->s; i++) k->gain[i] = observe(k, k->P + i * k->s);
    k->F = observe(k, k->gain);
}
