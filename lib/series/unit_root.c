/* SPDX-License-Identifier: MIT */
#include "math/distribution.h"
#include "math/qr.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

#define NOTHING 1e-26 /* a residual of 1e-13 of what is to be explained is rounding */

/* What a test's table says: p on the line between its points, and at the outer ones beyond [Pfaff08]. x rises. */
double hw3i_on_table(const double *x, const double *p, int64_t n, double at)
{
    int64_t i = 1;
    if (at <= x[0]) return p[0];
    if (at >= x[n - 1]) return p[n - 1];
    while (at > x[i]) i++;
    return p[i - 1] + (p[i] - p[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
}

static void by_table_1_5_10(const double critical[3], hw3_unit_root *out)
{
    out->critical_1 = critical[0];
    out->critical_5 = critical[1];
    out->critical_10 = critical[2];
    out->p_value = hw3i_on_table(critical, (const double[]){ 0.01, 0.05, 0.1 }, 3, out->statistic);
}

/* y [n] minus its mean, or its regression on time too: slope = sum (t - mean t) y / sum (t - mean t)^2. False when nothing
 * but rounding stays. */
static bool detrend(const double *y, int64_t n, hw3_trend trend, double *out)
{
    double mean = hw3i_spread_of(y, n).mean, middle = (double)(n - 1) / 2, slope = 0, before = 0, after = 0;
    for (int64_t t = 0; t < n; t++) {
        out[t] = y[t] - mean;
        before += out[t] * out[t];
        slope += ((double)t - middle) * out[t];
    }
    slope = trend == HW3_TREND_CT ? slope * 12 / ((double)n * ((double)n * (double)n - 1)) : 0;
    for (int64_t t = 0; t < n; t++) {
        out[t] -= slope * ((double)t - middle);
        after += out[t] * out[t];
    }
    return after > NOTHING * before;
}

/* (1/n) (sum e_t^2 + 2 sum_{k <= L} (1 - k / (L + 1)) sum_t e_t e_{t-k}) [Newey87]. */
static double long_run_variance(const double *e, int64_t n, int64_t n_lags)
{
    double sum = 0;
    for (int64_t k = 0; k <= n_lags; k++) {
        double product = 0, weight = k ? 2 * (1 - (double)k / (double)(n_lags + 1)) : 1;
        for (int64_t t = k; t < n; t++) product += e[t] * e[t - k];
        sum += weight * product;
    }
    return sum / (double)n;
}

int64_t hw3i_lags(hw3_lags lags, int64_t n) { return (int64_t)((lags == HW3_LAGS_LONG ? 12 : 4) * pow((double)n / 100, 0.25)); }
int64_t hw3i_kpss_work(int64_t n) { return n; }

/* sum_t S_t^2 / (n^2 s^2), S the running sums of the residuals, s^2 their long-run variance [Kwiatkowski92]. */
hw3_status hw3i_kpss(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out)
{
    static const double critical[2][4] = { { 0.347, 0.463, 0.574, 0.739 }, { 0.119, 0.146, 0.176, 0.216 } };
    const double *c = critical[trend == HW3_TREND_CT];
    double running = 0, sum = 0;
    if (n <= n_lags || !detrend(y, n, trend, work)) return HW3_ERR_VALUE;
    for (int64_t t = 0; t < n; t++) {
        running += work[t];
        sum += running * running;
    }
    out->n_lags = n_lags;
    out->n_obs = n;
    out->statistic = sum / ((double)n * (double)n) / long_run_variance(work, n, n_lags);
    out->p_value = hw3i_on_table(c, (const double[]){ 0.1, 0.05, 0.025, 0.01 }, 4, out->statistic);
    out->critical_10 = c[0];
    out->critical_5 = c[1];
    out->critical_2_5 = c[2];
    out->critical_1 = c[3];
    return isfinite(out->statistic) ? HW3_OK : HW3_ERR_VALUE;
}

/* The regression of a Dickey-Fuller test, factored. For t = L .. n - 2, with z_t = y_{t+1} - y_t, of z_t on the trend's
 * powers of t, z_{t-1} .. z_{t-L}, and y_t: last, or before the z. */
typedef struct regression {
    hw3i_qr qr;
    double *z; /* [rows], Q'z */
    double tss;
} regression;

static int64_t n_powers(hw3_trend trend) { return trend - HW3_TREND_NONE; }
static int64_t regression_work(int64_t n, int64_t n_columns) { return (n_columns + 1) * n + 2 * n_columns; }

/* y[t] less y's mean where there is a constant, which takes it up: so a high level costs no digits. */
static void put_level(const double *y, int64_t n, hw3_trend trend, int64_t first, int64_t rows, double *column)
{
    double mean = trend == HW3_TREND_NONE ? 0 : hw3i_spread_of(y, n).mean;
    for (int64_t i = 0; i < rows; i++) column[i] = y[first + i] - mean;
}

static regression regress(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, bool level_last, double *work)
{
    int64_t rows = n - 1 - n_lags, powers = n_powers(trend), k = powers + 1 + n_lags, first_lag = powers + !level_last;
    double *columns = work + 2 * k;
    regression r = { { rows, k, columns, work, (int64_t *)(void *)(work + k), 0 }, columns + k * rows, 0 };
    for (int64_t p = 0; p < powers; p++)
        for (int64_t i = 0; i < rows; i++) columns[p * rows + i] = pow((double)(i + 1), (double)p);
    for (int64_t l = 0; l < n_lags; l++)
        for (int64_t i = 0; i < rows; i++) columns[(first_lag + l) * rows + i] = y[n_lags + i - l] - y[n_lags + i - l - 1];
    put_level(y, n, trend, n_lags, rows, columns + (level_last ? k - 1 : powers) * rows);
    for (int64_t i = 0; i < rows; i++) {
        r.z[i] = y[n_lags + i + 1] - y[n_lags + i];
        r.tss += r.z[i] * r.z[i];
    }
    hw3i_qr_factor(&r.qr, HW3I_QR_TOLERANCE);
    hw3i_qr_rotate(&r.qr, r.z);
    return r;
}

static bool usable(const regression *r)
{
    return r->qr.n > r->qr.k && r->qr.rank == r->qr.k && hw3i_qr_rss(&r->qr, r->z) > NOTHING * r->tss;
}

int64_t hw3i_adf_work(int64_t n, hw3_trend trend, int64_t max_lag) { return regression_work(n, n_powers(trend) + 1 + max_lag); }

/* The t value of y_t [Dickey79]. */
static hw3_status dickey_fuller(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out)
{
    if (n - 1 - n_lags < 1) return HW3_ERR_VALUE;
    regression r = regress(y, n, trend, n_lags, true, work);
    if (!usable(&r)) return HW3_ERR_VALUE;
    out->n_lags = n_lags;
    out->n_obs = r.qr.n;
    out->statistic = hw3i_qr_last_t(&r.qr, r.z);
    return isfinite(out->statistic) ? HW3_OK : HW3_ERR_VALUE;
}

/* By the tables of [Fuller76], p from them. */
hw3_status hw3i_df(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out)
{
    static const struct {
        int64_t below; /* differences */
        double critical[3][3];
    } tables[] = {
        { 25, { { -2.66, -1.95, -1.60 }, { -3.75, -3.00, -2.63 }, { -4.38, -3.60, -3.24 } } },
        { 50, { { -2.62, -1.95, -1.61 }, { -3.58, -2.93, -2.60 }, { -4.15, -3.50, -3.18 } } },
        { 100, { { -2.60, -1.95, -1.61 }, { -3.51, -2.89, -2.58 }, { -4.04, -3.45, -3.15 } } },
        { 250, { { -2.58, -1.95, -1.62 }, { -3.46, -2.88, -2.57 }, { -3.99, -3.43, -3.13 } } },
        { 500, { { -2.58, -1.95, -1.62 }, { -3.44, -2.87, -2.57 }, { -3.98, -3.42, -3.13 } } },
        { INT64_MAX, { { -2.58, -1.95, -1.62 }, { -3.43, -2.86, -2.57 }, { -3.96, -3.41, -3.12 } } },
    };
    int64_t row = 0;
    while (n - 1 >= tables[row].below) row++;
    hw3_status s = dickey_fuller(y, n, trend, n_lags, work, out);
    if (!s) by_table_1_5_10(tables[row].critical[n_powers(trend)], out);
    return s;
}

/* One factoring serves every number of lags: its first k columns are the regression on k, whose residual sum of squares is
 * that of Q'z from k on. AIC, BIC = rows (log(2 pi rss / rows) + 1) + (2, log rows) k. By t: the most lags whose last is
 * significant at 10 %. */
static hw3_status choose_lags(const double *y, int64_t n, hw3_trend trend, hw3_lags choice, int64_t max_lag, double *work,
                              hw3_unit_root *out)
{
    const double tau = 6.283185307179586477, ten_percent = 1.6448536269514722;
    regression r = regress(y, n, trend, max_lag, false, work);
    int64_t rows = r.qr.n, least = n_powers(trend) + 1, k = 0, best = -1;
    while (k < r.qr.rank && r.qr.order[k] == k) k++;
    if (k < least || rows <= k) return HW3_ERR_VALUE;
    double rss = 0, best_ic = INFINITY, cost = choice == HW3_LAGS_BIC ? log((double)rows) : 2;
    for (int64_t i = k; i < rows; i++) rss += r.z[i] * r.z[i];
    if (!(rss > NOTHING * r.tss)) return HW3_ERR_VALUE;
    for (; k >= least; k--) {
        double ic = (double)rows * (log(tau * rss / (double)rows) + 1) + cost * (double)k;
        double t = fabs(r.z[k - 1]) / sqrt(rss / (double)(rows - k));
        bool better = choice == HW3_LAGS_TSTAT ? best < 0 && (t >= ten_percent || k == least) : ic <= best_ic;
        if (better) best = k - least, best_ic = ic;
        rss += r.z[k - 1] * r.z[k - 1];
    }
    out->n_lags = best;
    out->ic = choice == HW3_LAGS_TSTAT ? NAN : best_ic;
    return best < 0 ? HW3_ERR_VALUE : HW3_OK;
}

static double polynomial(const double *c, int64_t n, double x)
{
    double sum = 0;
    while (n-- > 0) sum = sum * x + c[n];
    return sum;
}

/* Surfaces of [MacKinnon94] and [MacKinnon10], one variable: p is the normal one of a polynomial in the statistic, another one
 * left of the middle; critical values are polynomials in 1 / n. */
static void mackinnon(hw3_trend trend, hw3_unit_root *out)
{
    static const struct {
        double least, middle, most, left[3], right[4], critical[3][4];
    } surfaces[4] = {
        { -19.04, -1.04, INFINITY, { 0.6344, 1.2378, 0.032496 }, { 0.4797, 0.93557, -0.06999, 0.033066 },
          { { -2.56574, -2.2358, -3.627, 0 }, { -1.94100, -0.2686, -3.365, 31.223 }, { -1.61682, 0.2656, -2.714, 25.364 } } },
        { -18.83, -1.61, 2.74, { 2.1659, 1.4412, 0.038269 }, { 1.7339, 0.93202, -0.12745, -0.010368 },
          { { -3.43035, -6.5393, -16.786, -79.433 }, { -2.86154, -2.8903, -4.234, -40.040 }, { -2.56677, -1.5384, -2.809, 0 } } },
        { -16.18, -2.89, 0.7, { 3.2512, 1.6047, 0.049588 }, { 2.5261, 0.61654, -0.37956, -0.060285 },
          { { -3.95877, -9.0531, -28.428, -134.155 }, { -3.41049, -4.3904, -9.036, -45.374 }, { -3.12705, -2.5856, -3.925, -22.380 } } },
        { -17.17, -3.21, 0.54, { 4.0003, 1.658, 0.048288 }, { 3.0778, 0.49529, -0.41477, -0.059359 },
          { { -4.37113, -11.5882, -35.819, -334.047 }, { -3.83239, -5.9057, -12.490, -118.284 }, { -3.55326, -3.6596, -5.293, -63.559 } } },
    };
    double x = out->statistic, over_n = 1 / (double)out->n_obs;
    int64_t i = n_powers(trend);
    double z = x <= surfaces[i].middle ? polynomial(surfaces[i].left, 3, x) : polynomial(surfaces[i].right, 4, x);
    out->p_value = x > surfaces[i].most ? 1 : x < surfaces[i].least ? 0 : hw3i_normal_cdf(z);
    out->critical_1 = polynomial(surfaces[i].critical[0], 4, over_n);
    out->critical_5 = polynomial(surfaces[i].critical[1], 4, over_n);
    out->critical_10 = polynomial(surfaces[i].critical[2], 4, over_n);
}

hw3_status hw3i_adf(const double *y, int64_t n, hw3_trend trend, hw3_lags lags, int64_t max_lag, double *work, hw3_unit_root *out)
{
    out->n_lags = max_lag;
    hw3_status s = lags == HW3_LAGS_FIXED ? HW3_OK : choose_lags(y, n, trend, lags, max_lag, work, out);
    if (!s) s = dickey_fuller(y, n, trend, out->n_lags, work, out);
    if (!s) mackinnon(trend, out);
    return s;
}

int64_t hw3i_pp_work(int64_t n) { return regression_work(n, 3) + n; }

/* The Dickey-Fuller statistics without lags, corrected for what the residuals e still have in common [Phillips88]: with
 * s^2 = mean e^2, l^2 their long-run variance, and M = sum of the squares of y, detrended, over n^2,
 * Z-tau = (s / l) t - (l^2 - s^2) / (2 l sqrt M), Z-alpha = n alpha - (l^2 - s^2) / (2 M). */
hw3_status hw3i_pp(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out)
{
    double *flat = work + regression_work(n, 3), square = 0;
    if (n < 2 || n - 1 <= n_lags) return HW3_ERR_VALUE;
    regression r = regress(y, n, trend, 0, true, work);
    double rows = (double)r.qr.n;
    if (!usable(&r) || !detrend(y + 1, r.qr.n, trend, flat)) return HW3_ERR_VALUE;
    for (int64_t i = 0; i < r.qr.n; i++) square += flat[i] * flat[i];
    double m = (trend == HW3_TREND_CT ? 1 - 1 / (rows * rows) : 1) * square / (rows * rows);
    double t = hw3i_qr_last_t(&r.qr, r.z), alpha = r.z[r.qr.k - 1] / r.qr.diag[r.qr.k - 1], s2 = hw3i_qr_rss(&r.qr, r.z) / rows;
    for (int64_t p = 0; p < r.qr.k; p++) r.z[p] = 0;
    hw3i_qr_rotate_back(&r.qr, r.z);
    double l2 = long_run_variance(r.z, r.qr.n, n_lags);
    out->n_lags = n_lags;
    out->n_obs = r.qr.n;
    out->statistic = sqrt(s2 / l2) * t - (l2 - s2) / (2 * sqrt(l2 * m));
    out->z_alpha = rows * alpha - (l2 - s2) / (2 * m);
    if (!isfinite(out->statistic) || !isfinite(out->z_alpha)) return HW3_ERR_VALUE;
    static const double surface[2][3][3] = { /* as urca's, in powers of 1 / n */
        { { -3.4335, -5.999, -29.25 }, { -2.8621, -2.738, -8.36 }, { -2.5671, -1.438, -4.48 } },
        { { -3.9638, -8.353, -47.44 }, { -3.4126, -4.039, -17.83 }, { -3.1279, -2.418, -7.58 } } };
    double critical[3];
    for (int i = 0; i < 3; i++) critical[i] = polynomial(surface[trend == HW3_TREND_CT][i], 3, 1 / rows);
    by_table_1_5_10(critical, out);
    return HW3_OK;
}
