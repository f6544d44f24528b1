/* SPDX-License-Identifier: MIT */
#include "series/arma.h"
#include "math/polyroots.h"
#include <math.h>

/* The lags i + j m, 0 <= i <= n, 0 <= j <= N, without 0, ascending and without repeats. */
static int64_t list_lags(int64_t n, int64_t N, int64_t m, int64_t *lags)
{
    int64_t count = 0;
    for (int64_t j = 0; j <= N; j++)
        for (int64_t i = 0; i <= n; i++) {
            int64_t lag = i + j * m, at = count;
            while (at > 0 && lags[at - 1] > lag) at--;
            if (lag == 0 || (at > 0 && lags[at - 1] == lag)) continue;
            memmove(lags + at + 1, lags + at, (size_t)(count - at) * sizeof *lags);
            lags[at] = lag;
            count++;
        }
    return count;
}

void hw3i_arma_take(hw3i_workspace *w, const hw3_arima_order *o, hw3i_arma *a)
{
    a->p = o->p + o->P * o->period;
    a->q = o->q + o->Q * o->period;
    a->r = hw3i_arma_states(o);
    a->phi = hw3i_take_doubles(w, a->r + 1);
    a->theta = hw3i_take_doubles(w, a->r + 1);
    a->ar = hw3i_take(w, (o->p + 1) * (o->P + 1), sizeof *a->ar);
    a->ma = hw3i_take(w, (o->q + 1) * (o->Q + 1), sizeof *a->ma);
    if (!w->base) return;
    a->n_ar = list_lags(o->p, o->P, o->period, a->ar);
    a->n_ma = list_lags(o->q, o->Q, o->period, a->ma);
}

/* out = (1 + sign sum a B^i)(1 + sign sum s B^jm), less the 1, times sign. */
static void multiply(int64_t n, const double *a, int64_t N, const double *s, int64_t m, double sign, double *out)
{
    for (int64_t i = 1; i <= n; i++) out[i] += a[i - 1];
    for (int64_t j = 1; j <= N; j++) {
        out[j * m] += s[j - 1];
        for (int64_t i = 1; i <= n; i++) out[i + j * m] += sign * a[i - 1] * s[j - 1];
    }
}

static void multiply_back(int64_t n, const double *a, int64_t N, const double *s, int64_t m, double sign, const double *d_out,
                          double *d_a, double *d_s)
{
    for (int64_t i = 1; i <= n; i++) d_a[i - 1] = d_out[i];
    for (int64_t j = 1; j <= N; j++) {
        d_s[j - 1] = d_out[j * m];
        for (int64_t i = 1; i <= n; i++) {
            d_a[i - 1] += sign * s[j - 1] * d_out[i + j * m];
            d_s[j - 1] += sign * a[i - 1] * d_out[i + j * m];
        }
    }
}

void hw3i_arma_expand(const hw3_arima_order *o, const double *coef, hw3i_arma *a)
{
    const double *ma = coef + o->p, *sar = ma + o->q, *sma = sar + o->P;
    memset(a->phi, 0, (size_t)(a->r + 1) * sizeof(double));
    memset(a->theta, 0, (size_t)(a->r + 1) * sizeof(double));
    a->theta[0] = 1;
    multiply(o->p, coef, o->P, sar, o->period, -1, a->phi);
    multiply(o->q, ma, o->Q, sma, o->period, 1, a->theta);
}

void hw3i_arma_collapse(const hw3_arima_order *o, const double *coef, const double *d_phi, const double *d_theta, double *d_coef)
{
    const int64_t ma = o->p, sar = ma + o->q, sma = sar + o->P;
    multiply_back(o->p, coef, o->P, coef + sar, o->period, -1, d_phi, d_coef, d_coef + sar);
    multiply_back(o->q, coef + ma, o->Q, coef + sma, o->period, 1, d_theta, d_coef + ma, d_coef + sma);
}

/* Row k holds the order k + 1: a[k][k] = t, a[k][j] = a[k-1][j] - t a[k-1][k-1-j]. */
void hw3i_ar_from_free(int64_t n, const double *u, double *ar, double *rows)
{
    for (int64_t k = 0; k < n; k++) {
        double t = tanh(u[k]), *row = rows + k * n;
        const double *before = row - n;
        for (int64_t j = 0; j < k; j++) row[j] = before[j] - t * before[k - 1 - j];
        row[k] = t;
    }
    if (n) memcpy(ar, rows + (n - 1) * n, (size_t)n * sizeof *ar);
}

void hw3i_ar_from_free_back(int64_t n, const double *u, const double *rows, const double *d_ar, double *d_u, double *work)
{
    double *d = work, *d_before = work + n;
    if (n) memcpy(d, d_ar, (size_t)n * sizeof *d);
    for (int64_t k = n - 1; k >= 0; k--) {
        double t = tanh(u[k]), d_t = d[k];
        const double *before = rows + (k - 1) * n;
        for (int64_t j = 0; j < k; j++) {
            d_t -= d[j] * before[k - 1 - j];
            d_before[j] = d[j] - t * d[k - 1 - j];
        }
        if (k) memcpy(d, d_before, (size_t)k * sizeof *d);
        d_u[k] = d_t * (1 - t * t);
    }
}

bool hw3i_ar_to_free(int64_t n, const double *ar, double *u, double *work)
{
    if (n) memcpy(u, ar, (size_t)n * sizeof *u);
    for (int64_t k = n - 1; k >= 0; k--) {
        double t = u[k];
        if (!(fabs(t) < 1)) return false;
        for (int64_t j = 0; j < k; j++) work[j] = (u[j] + t * u[k - 1 - j]) / (1 - t * t);
        if (k) memcpy(u, work, (size_t)k * sizeof *u);
        u[k] = atanh(t);
    }
    return true;
}

/* 1 + sum ma B^i = prod (1 - B / z): a root z inside becomes 1 / conj z. */
bool hw3i_ma_invert(int64_t n, double *ma, double *work)
{
    double *re = work, *im = re + n, *c = im + n;
    while (n > 0 && ma[n - 1] == 0) n--;
    for (int64_t i = 0; i < n; i++) c[i] = -ma[i];
    if (n == 0 || hw3i_ar_to_free(n, c, re, im)) return false;
    c[0] = 1;
    memcpy(c + 1, ma, (size_t)n * sizeof *c);
    if (!hw3i_polyroots(n, c, re, im)) return false;
    bool moved = false;
    for (int64_t i = 0; i < n; i++) {
        double size = re[i] * re[i] + im[i] * im[i];
        if (size >= 1) continue;
        re[i] /= size, im[i] /= size, moved = true;
    }
    if (!moved) return false;
    hw3i_poly_of_roots(n, re, im, c);
    memcpy(ma, c + 1, (size_t)n * sizeof *ma);
    return true;
}

int64_t hw3i_difference_poly(const hw3_arima_order *o, double *poly)
{
    int64_t n = 0;
    poly[0] = 1;
    for (int64_t i = 0; i < o->d + o->D; i++) {
        int64_t lag = i < o->d ? 1 : o->period;
        memset(poly + n + 1, 0, (size_t)lag * sizeof *poly);
        for (int64_t k = n + lag; k >= lag; k--) poly[k] -= poly[k - lag];
        n += lag;
    }
    return n;
}
