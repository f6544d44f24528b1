/* SPDX-License-Identifier: MIT */
#include "series/arima_head.h"
#include "math/rows.h"
#include <math.h>
#include <stdlib.h>

/* Row t of M from the `diffs` rows before it: m[t] = -sum poly[k] m[t-k]; before the start unit vectors. ring: [diffs, diffs]. */
static const double *next_row(int64_t diffs, const double *poly, int64_t t, double *ring)
{
    double *row = ring + t % diffs * diffs; /* holds m[t - diffs], whose factor is the last */
    for (int64_t i = 0; i < diffs; i++) row[i] *= -poly[diffs];
    for (int64_t k = 1; k < diffs; k++) {
        const double *lag = ring + ((t - k) % diffs + diffs) % diffs * diffs;
        for (int64_t i = 0; poly[k] != 0 && i < diffs; i++) row[i] -= poly[k] * lag[i];
    }
    return row;
}

static void start_ring(int64_t diffs, double *ring)
{
    memset(ring, 0, (size_t)(diffs * diffs) * sizeof *ring);
    for (int64_t i = 0; i < diffs; i++) ring[i * diffs + i] = 1;
}

/* Enough to know every season D times and `diffs` values in all; a head that is too long costs time only. */
static int64_t base_length(const hw3_arima_order *o, const double *y, int64_t n)
{
    const int64_t diffs = hw3i_arma_diffs(o), m = o->D ? o->period : 1, longest = hw3i_min(n, 4 * diffs + 40);
    int64_t seen = 0, t = 0;
    for (bool enough = diffs == 0; !enough && t < longest; t++) {
        seen += !isnan(y[t]);
        enough = seen >= diffs;
        for (int64_t s = 0; s < m && enough && o->D; s++) {
            int64_t of_season = 0;
            for (int64_t i = s; i <= t; i += m) of_season += !isnan(y[i]);
            enough = of_season >= o->D;
        }
    }
    return t;
}

void hw3i_head_take(hw3i_workspace *w, const hw3_arima_order *o, const double *y, int64_t n, int64_t n_reg, hw3i_head *h)
{
    const int64_t diffs = hw3i_arma_diffs(o), p = o->p + o->P * o->period;
    const bool none = diffs > HW3I_MAX_HEAD;
    h->diffs = diffs;
    h->base = none ? 0 : base_length(o, y, n);
    const int64_t length = h->longest = none ? 0 : hw3i_min(n, hw3i_min(h->base + p + (p > 0), HW3I_MAX_HEAD + h->base));
    h->n = h->length = 0;
    h->n_reg = n_reg;
    h->at = hw3i_take(w, length, sizeof *h->at);
    h->poly = hw3i_take_doubles(w, diffs + 1);
    h->prior = hw3i_take_doubles(w, length * length);
    h->z = hw3i_take_doubles(w, (1 + n_reg) * length);
    h->G = hw3i_take_doubles(w, length * length);
    h->B = hw3i_take_doubles(w, length * length);
    h->F = hw3i_take_doubles(w, length);
    h->v = hw3i_take_doubles(w, (1 + n_reg) * length);
    h->out = hw3i_take(w, length, 1);
}

void hw3i_head_setup(hw3i_head *h, const hw3_arima_order *o, const double *y, double *scratch)
{
    const int64_t diffs = h->diffs;
    double *ring = scratch, *rows = scratch + diffs * diffs;
    h->n_present = 0;
    hw3i_difference_poly(o, h->poly);
    start_ring(diffs, ring);
    for (int64_t t = 0; t < h->longest; t++) {
        const double *row = diffs ? next_row(diffs, h->poly, t, ring) : ring;
        if (isnan(y[t])) continue;
        memcpy(rows + h->n_present * diffs, row, (size_t)diffs * sizeof *rows);
        h->at[h->n_present++] = t;
    }
    const int64_t n = h->n_present;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) h->prior[i * n + j] = HW3I_KAPPA * hw3i_dot(diffs, rows + i * diffs, rows + j * diffs);
}

/* x[t] -= sum poly[k] x[t-k] down the lines of a matrix, which undoes the differences. */
static void integrate(const hw3i_head *h, double *G, int64_t step, int64_t across)
{
    for (int64_t t = 1; t < h->length; t++)
        for (int64_t k = 1; k <= h->diffs && k <= t; k++)
            for (int64_t j = 0; h->poly[k] != 0 && j < h->length; j++)
                G[t * step + j * across] -= h->poly[k] * G[(t - k) * step + j * across];
}

static void integrate_back(const hw3i_head *h, double *G, int64_t step, int64_t across)
{
    for (int64_t t = h->length - 1; t > 0; t--)
        for (int64_t k = 1; k <= h->diffs && k <= t; k++)
            for (int64_t j = 0; h->poly[k] != 0 && j < h->length; j++)
                G[(t - k) * step + j * across] -= h->poly[k] * G[t * step + j * across];
}

/* Row i of C = L F L', L with unit diagonal; its row of B = L^-1 follows at once. Uses C's lower triangle up to row i. */
static bool factor_row(hw3i_head *h, int64_t i, const double *c)
{
    const int64_t n = h->n;
    double *b = h->B + i * n, F = c[i];
    memset(b, 0, (size_t)n * sizeof *b);
    b[i] = 1;
    for (int64_t j = 0; j < i; j++) {
        double l = hw3i_dot(j + 1, h->B + j * n, c) / h->F[j]; /* cov(y[i], v[j]) / F[j] */
        F -= l * l * h->F[j];
        for (int64_t k = 0; k <= j; k++) b[k] -= l * h->B[j * n + k];
    }
    h->F[i] = F;
    return F > 0;
}

bool hw3i_head_run(hw3i_head *h, const double *gamma)
{
    const int64_t L = h->length = gamma[0] >= HW3I_DIFFUSE ? h->longest : h->base;
    h->n_out = h->n = 0;
    while (h->n < h->n_present && h->at[h->n] < L) h->n++;
    const int64_t n = h->n;
    for (int64_t i = 0; i < L; i++)
        for (int64_t j = 0; j < L; j++) h->G[i * L + j] = gamma[llabs(i - j)];
    integrate(h, h->G, L, 1);
    integrate(h, h->G, 1, L);
    for (int64_t i = 0; i < n; i++) {
        double *c = h->v; /* a row of C, before v is needed */
        for (int64_t j = 0; j <= i; j++) c[j] = h->prior[i * h->n_present + j] + h->G[h->at[i] * L + h->at[j]];
        if (!factor_row(h, i, c)) return false;
        h->out[i] = h->F[i] >= HW3I_DIFFUSE;
        h->n_out += h->out[i];
    }
    for (int64_t c = 0; c <= h->n_reg; c++)
        for (int64_t i = 0; i < n; i++) h->v[c * h->n_present + i] = hw3i_dot(i + 1, h->B + i * n, h->z + c * h->n_present);
    return true;
}

/* dF = b dC b',  dv = -b dC z with z = C[<t]^-1 y[<t] = sum of b v / F over the steps before. */
void hw3i_head_back(const hw3i_head *h, double per_log, double per_sum, double *d_gamma, double *d_z, double *work)
{
    const int64_t n = h->n, L = h->length;
    double *d_C = work, *z = work + n * n, *d_G = z + n;
    memset(d_C, 0, (size_t)(n * n) * sizeof *d_C);
    memset(z, 0, (size_t)n * sizeof *z);
    memset(d_z, 0, (size_t)n * sizeof *d_z);
    memset(d_G, 0, (size_t)(L * L) * sizeof *d_G);
    for (int64_t t = 0; t < n; t++) {
        const double *b = h->B + t * n, F = h->F[t], v = h->v[t];
        double d_F = (per_log - per_sum * v * v / F) / F, d_v = 2 * per_sum * v / F;
        for (int64_t i = 0; h->out[t] && i <= t; i++) {
            for (int64_t j = 0; j <= t; j++) d_C[i * n + j] += d_F * b[i] * b[j] - d_v * b[i] * z[j];
            d_z[i] += d_v * b[i];
        }
        for (int64_t i = 0; i <= t; i++) z[i] += b[i] * v / F;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) d_G[h->at[i] * L + h->at[j]] = d_C[i * n + j];
    integrate_back(h, d_G, 1, L);
    integrate_back(h, d_G, L, 1);
    for (int64_t i = 0; i < L; i++)
        for (int64_t j = 0; j < L; j++) d_gamma[llabs(i - j)] += d_G[i * L + j];
}
