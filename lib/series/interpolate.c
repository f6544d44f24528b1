/* SPDX-License-Identifier: MIT */
/* Missing values of a seasonal series, as forecast's na.interp has them [Hyndman08]. */
#include "math/qr.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

/* Harmonics of the season and powers of time, at t of n. */
typedef struct basis {
    int64_t n, m, n_harmonics, degree;
} basis;

static basis basis_for(int64_t n, int64_t m)
{
    return (basis){ n, m, hw3i_min(m / 2, 5), hw3i_min(hw3i_max(n / 10, 1), 6) };
}

/* 1, sin and cos of 2 pi k t / m, Legendre polynomials of time, which are far from dependent; gives the number of terms. */
static int64_t basis_at(const basis *b, int64_t t, double *x)
{
    const double tau = 6.283185307179586477;
    double u = b->n > 1 ? 2 * (double)t / (double)(b->n - 1) - 1 : 0, p = 1, before = 0;
    int64_t k = 0;
    x[k++] = 1;
    for (int64_t h = 1; h <= b->n_harmonics; h++) {
        double angle = tau * (double)((t + 1) * h % b->m) / (double)b->m;
        if (2 * h != b->m) x[k++] = sin(angle);
        x[k++] = cos(angle);
    }
    for (int64_t d = 1; d <= b->degree; d++) {
        double next = ((double)(2 * d - 1) * u * p - (double)(d - 1) * before) / (double)d;
        before = p;
        x[k++] = p = next;
    }
    return k;
}

enum { MOST_TERMS = 17 };

/* Fills the missing values by the regression on the basis of those present. work: [(MOST_TERMS + 1) n + MOST_TERMS]. */
static void fill_by_basis(const double *y, int64_t n, int64_t m, double *out, double *work)
{
    basis b = basis_for(n, m);
    double x[MOST_TERMS], diag[MOST_TERMS], coef[MOST_TERMS], *rhs = work + MOST_TERMS * n;
    int64_t order[MOST_TERMS], k = basis_at(&b, 0, x), rows = 0, n_present = 0;
    for (int64_t t = 0; t < n; t++) rows += !isnan(y[t]);
    for (int64_t t = 0; t < n; t++) {
        if (isnan(y[t])) continue;
        basis_at(&b, t, x);
        for (int64_t j = 0; j < k; j++) work[j * rows + n_present] = x[j];
        rhs[n_present++] = y[t];
    }
    hw3i_qr qr = { rows, k, work, diag, order, 0 };
    hw3i_qr_factor(&qr, HW3I_QR_TOLERANCE);
    hw3i_qr_rotate(&qr, rhs);
    hw3i_qr_solve(&qr, rhs, coef);
    for (int64_t t = 0; t < n; t++) {
        out[t] = y[t];
        if (!isnan(y[t])) continue;
        basis_at(&b, t, x);
        out[t] = 0;
        for (int64_t j = 0; j < k; j++)
            if (!isnan(coef[j])) out[t] += coef[j] * x[j];
    }
}

/* out, without seasons, on lines over the missing places, and the seasons put back; false when that leads half the series'
 * range beyond it. work: [3 n + hw3i_stl_work(n, m)]. */
static bool fill_by_seasons(const double *y, int64_t n, int64_t m, double *out, double *work)
{
    hw3_stl_opts o = HW3_STL_OPTS_INIT;
    double *seasonal = work, *flat = work + n, least = INFINITY, most = -INFINITY, low = INFINITY, high = -INFINITY;
    o.robust = 1;
    o.s_window = 11;
    hw3i_stl(out, n, m, &o, seasonal, flat, work + 2 * n, work + 3 * n);
    for (int64_t t = 0; t < n; t++) flat[t] = isnan(y[t]) ? NAN : out[t] - seasonal[t];
    hw3i_series_fill(flat, n, HW3_FILL_LINEAR, 0);
    for (int64_t t = 0; t < n; t++) {
        if (isnan(y[t])) out[t] = flat[t] + seasonal[t];
        least = fmin(least, y[t]), most = fmax(most, y[t]);
        low = fmin(low, out[t]), high = fmax(high, out[t]);
    }
    return high <= most + 0.5 * (most - least) && low >= least - 0.5 * (most - least);
}

int64_t hw3i_interpolate_work(int64_t n, int64_t m)
{
    return hw3i_max((MOST_TERMS + 1) * n, 3 * n + hw3i_stl_work(n, m));
}

void hw3i_interpolate(const double *y, int64_t n, int64_t m, double *out, double *work)
{
    int64_t n_present = 0;
    for (int64_t t = 0; t < n; t++) n_present += !isnan(y[t]);
    if (n_present < n && m > 1 && n_present > 2 * m) {
        fill_by_basis(y, n, m, out, work);
        if (fill_by_seasons(y, n, m, out, work)) return;
    }
    memcpy(out, y, (size_t)n * sizeof *out);
    if (n_present > 0) hw3i_series_fill(out, n, HW3_FILL_LINEAR, 0);
}
