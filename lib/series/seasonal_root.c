/* SPDX-License-Identifier: MIT */
#include "math/qr.h"
#include "series/diagnostics.h"
#include <math.h>

enum { OCSB_LAGS = 3 };

/* The differences that meet in the test: of a season, of a step, of both. */
static double by_season(const double *x, int64_t m, int64_t t) { return x[t] - x[t - m]; }
static double by_step(const double *x, int64_t m, int64_t t) { return (void)m, x[t] - x[t - 1]; }
static double by_both(const double *x, int64_t m, int64_t t) { return by_season(x, m, t) - by_season(x, m, t - 1); }

/* f_t - sum_j a_j f_{t-j} */
static double filtered(double (*f)(const double *, int64_t, int64_t), const double *x, int64_t m, int64_t t, const double *a, int64_t n_lags)
{
    double value = f(x, m, t);
    for (int64_t j = 1; j <= n_lags; j++) value -= a[j - 1] * f(x, m, t - j);
    return value;
}

typedef struct ocsb_fit {
    double statistic; /* NaN where the regression has no t value */
    double aic;
} ocsb_fit;

/* The columns of y_t's regression for t from begin on: its lags, and with a, the filter, the two filtered differences. */
static void ocsb_columns(const double *x, int64_t n, int64_t m, int64_t n_lags, int64_t begin, const double *a, double *columns, double *y)
{
    int64_t rows = n - begin;
    for (int64_t i = 0; i < rows; i++) {
        int64_t t = begin + i;
        y[i] = by_both(x, m, t);
        for (int64_t j = 1; j <= n_lags; j++) columns[(j - 1) * rows + i] = by_both(x, m, t - j);
        if (!a) continue;
        columns[n_lags * rows + i] = filtered(by_season, x, m, t - 1, a, n_lags);
        columns[(n_lags + 1) * rows + i] = filtered(by_step, x, m, t - m, a, n_lags);
    }
}

/* The regressions of [Osborn88], with y the difference by both: of y_t on its lags, which filter the other two; and of y_t on
 * its lags, the filtered seasonal difference at t - 1, and the filtered step at t - m, whose t value is the statistic.
 * first: values left out at the start, as many as the lags or more. */
static ocsb_fit fit_ocsb(const double *x, int64_t n, int64_t m, int64_t n_lags, int64_t first, double *work)
{
    const double tau = 6.283185307179586477;
    int64_t begin = m + 1 + first, rows = n - begin, k = n_lags + 2, order[OCSB_LAGS + 2];
    double diag[OCSB_LAGS + 2], a[OCSB_LAGS], *y = work + k * rows, tss = 0;
    hw3i_qr own = { rows, n_lags, work, diag, order, 0 }, qr = { rows, k, work, diag, order, 0 };
    ocsb_columns(x, n, m, n_lags, begin, NULL, work, y);
    hw3i_qr_factor(&own, HW3I_QR_TOLERANCE);
    hw3i_qr_rotate(&own, y);
    hw3i_qr_solve(&own, y, a);
    for (int64_t j = 0; j < n_lags; j++) a[j] = isnan(a[j]) ? 0 : a[j];
    ocsb_columns(x, n, m, n_lags, begin, a, work, y);
    for (int64_t i = 0; i < rows; i++) tss += y[i] * y[i];
    hw3i_qr_factor(&qr, HW3I_QR_TOLERANCE);
    hw3i_qr_rotate(&qr, y);
    double rss = hw3i_qr_rss(&qr, y);
    bool both_stay = qr.rank >= 2 && order[qr.rank - 1] == k - 1 && order[qr.rank - 2] == k - 2;
    bool rest_stays = rows > qr.rank && rss > 1e-26 * tss;
    return (ocsb_fit){ both_stay && rest_stays ? hw3i_qr_last_t(&qr, y) : NAN,
                       (double)rows * (log(tau * rss / (double)rows) + 1) + 2 * (double)(qr.rank + 1) };
}

int64_t hw3i_ocsb_work(int64_t n) { return (OCSB_LAGS + 3) * n; }

/* forecast's rule: of the fits with 1 to 3 lags on a common sample the one of least AIC, and then one lag less. The critical
 * value at 5 % is Hyndman's smooth of the tables by period. */
hw3_status hw3i_ocsb(const double *x, int64_t n, int64_t m, double *work, hw3i_seasonal_root *out)
{
    double best = INFINITY, log_m = log((double)m) - 0.7656451;
    if (n - m - 1 - OCSB_LAGS < 2) return HW3_ERR_VALUE;
    out->n_lags = 0;
    for (int64_t lags = 1; lags <= OCSB_LAGS; lags++) {
        ocsb_fit fit = fit_ocsb(x, n, m, lags, OCSB_LAGS, work);
        if (fit.aic < best) best = fit.aic, out->n_lags = lags - 1;
    }
    out->statistic = fit_ocsb(x, n, m, out->n_lags, out->n_lags, work).statistic;
    out->critical = -0.2937411 * exp(-0.2850853 * log_m - 0.05983644 * log_m * log_m) - 1.652202;
    return isfinite(out->statistic) ? HW3_OK : HW3_ERR_VALUE;
}

/* Residuals of a regression on all seasonal waves and a constant, which is on the seasons. */
static void take_season_means_out(const double *x, int64_t n, int64_t m, double *e)
{
    for (int64_t j = 0; j < m; j++) {
        double sum = 0;
        for (int64_t t = j; t < n; t += m) sum += x[t];
        for (int64_t t = j; t < n; t += m) e[t] = x[t] - sum / (double)((n - 1 - j) / m + 1);
    }
}

/* to += factor v_t, v_t the m - 1 waves cos, sin(2 pi h t / m) at t, from 1, times e_t; nothing outside the series. */
static void add_waves(const double *e, int64_t n, int64_t m, const double *cosines, int64_t t, double factor, double *to)
{
    if (t < 0 || t >= n) return;
    for (int64_t i = 0; i < m - 1; i++) {
        int64_t h = i / 2 + 1, place = h * (t + 1) % m;
        double wave = i % 2 == 0 ? cosines[place] : cosines[m + place];
        to[i] += factor * wave * e[t];
    }
}

/* a = L L', the lower triangle in place; false when it is not positive definite. */
static bool cholesky(double *a, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double *row = a + i * n, whole = row[i];
        for (int64_t j = 0; j <= i; j++) {
            const double *other = a + j * n;
            for (int64_t k = 0; k < j; k++) row[j] -= row[k] * other[k];
            if (j < i) row[j] /= other[j];
        }
        if (!(row[i] > 1e-12 * whole)) return false;
        row[i] = sqrt(row[i]);
    }
    return true;
}

/* |L^-1 f|^2; x: [n]. */
static double solved_square(const double *l, const double *f, int64_t n, double *x)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double rest = f[i];
        for (int64_t k = 0; k < i; k++) rest -= l[i * n + k] * x[k];
        x[i] = rest / l[i * n + i];
        sum += x[i] * x[i];
    }
    return sum;
}

/* Critical values at 10, 5, 2.5, 1 % from the response surface of [Diaz13], and p between them. */
static double on_surface(int64_t n, int64_t m, double statistic)
{
    static const double c[4][7] = {
        { 2.2588343159471738e-01, 4.0785912780133991e+01, -1.2231081351285436e+03, -9.4953899661350185e+00, 2.4186909403832817e+02,
          2.1320694677313612e-01, -9.4320183958977971e-04 },
        { 3.7029617293469957e-01, 3.5381499372630614e+01, -1.1781296554883941e+03, -1.0381323915346707e+01, 2.6644569963989431e+02,
          2.2140570955778444e-01, -1.0598675162948798e-03 },
        { 5.1358922719393807e-01, 2.7895033873042038e+01, -1.0510158020934316e+03, -1.1006645656454628e+01, 2.8296626418765339e+02,
          2.2783982243873824e-01, -1.1589391284500409e-03 },
        { 7.0048058310154682e-01, 1.5990865993309884e+01, -7.9698660236293870e+02, -1.1655422748247235e+01, 2.9923567049003395e+02,
          2.3459073549955375e-01, -1.2698448602610480e-03 } };
    double df = (double)(n - m), s = (double)m, critical[4] = { 0 };
    const double terms[7] = { 1, 1 / df, 1 / (df * df), s / df, s / (df * df), s - 1, (s - 1) * (s - 1) };
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 7; j++) critical[i] += c[i][j] * terms[j];
    return hw3i_on_table(critical, (const double[]){ 0.1, 0.05, 0.025, 0.01 }, 4, statistic);
}

int64_t hw3i_canova_hansen_work(int64_t n, int64_t m) { return n + 2 * m + (m + 2) * (m - 1); }

/* Is the season's pattern stable? tr(A^-1 sum_t F_t F_t') / n, with v_t the waves times the residual, F_t their running sum,
 * and A the Bartlett-weighted sum of v_t v_s' [Canova95]. A is made of squares: with W the sums of v over windows of L + 1,
 * A = sum W W' / (L + 1), so it is never negative. */
hw3_status hw3i_canova_hansen(const double *x, int64_t n, int64_t m, double *work, hw3i_seasonal_root *out)
{
    const double tau = 6.283185307179586477;
    int64_t k = m - 1, lags = (int64_t)rint((double)m * pow((double)n / 100, 0.25));
    double *e = work, *cosines = e + n, *window = cosines + 2 * m, *running = window + k, *solved = running + k, *a = solved + k;
    if (n <= m || lags >= n) return HW3_ERR_VALUE;
    memset(window, 0, (size_t)((m + 2) * k) * sizeof *window);
    take_season_means_out(x, n, m, e);
    for (int64_t j = 0; j < m; j++) cosines[j] = cos(tau * (double)j / (double)m), cosines[m + j] = sin(tau * (double)j / (double)m);
    for (int64_t t = 0; t < n + lags; t++) { /* the window's last */
        add_waves(e, n, m, cosines, t, 1, window);
        add_waves(e, n, m, cosines, t - lags - 1, -1, window);
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j <= i; j++) a[i * k + j] += window[i] * window[j] / (double)(lags + 1);
    }
    if (!cholesky(a, k)) return HW3_ERR_VALUE;
    out->statistic = 0;
    for (int64_t t = 0; t < n; t++) {
        add_waves(e, n, m, cosines, t, 1, running);
        out->statistic += solved_square(a, running, k, solved) / (double)n;
    }
    out->n_lags = lags;
    out->p_value = on_surface(n, m, out->statistic);
    return isfinite(out->statistic) ? HW3_OK : HW3_ERR_VALUE;
}
