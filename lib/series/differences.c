/* SPDX-License-Identifier: MIT */
/* How many differences make a series stationary, as forecast has it [Hyndman08]. */
#include "series/diagnostics.h"
#include "series/series.h"
#include <float.h>
#include <math.h>

/* By R's all.equal with the first value: those that differ from it do so by 1.5e-8 of their mean size on the average, or
 * by 1.5e-8 where they are smaller still. */
bool hw3i_is_constant(const double *y, int64_t n)
{
    const double tolerance = sqrt(DBL_EPSILON);
    double apart = 0, size = 0;
    int64_t n_apart = 0;
    for (int64_t i = 0; i < n; i++) n_apart += y[i] != y[0];
    for (int64_t i = 0; i < n; i++)
        if (y[i] != y[0]) apart += fabs(y[i] - y[0]) / (double)n_apart, size += fabs(y[i]) / (double)n_apart;
    return apart <= tolerance * (size > tolerance ? size : 1);
}

static int64_t difference(double *y, int64_t n, int64_t lag)
{
    for (int64_t i = 0; i < n - lag; i++) y[i] = y[i + lag] - y[i];
    return n - lag;
}

/* The values present, scaled so that squares stay in range. */
static int64_t gather(const double *y, int64_t n, double *out)
{
    double max = 0;
    int64_t k = 0;
    for (int64_t i = 0; i < n; i++) max = fmax(max, fabs(y[i]));
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i])) out[k++] = y[i] * hw3i_scale_for(max);
    return k;
}

/* A test that cannot be computed asks for no difference. */
static bool wants_difference(const double *y, int64_t n, const hw3_diffs_opts *o, double *work)
{
    hw3_unit_root r = HW3_UNIT_ROOT_INIT;
    switch (o->test) {
    case HW3_UNIT_KPSS: return !hw3i_kpss(y, n, o->trend, (int64_t)(3 * sqrt((double)n) / 13), work, &r) && r.p_value < o->alpha;
    case HW3_UNIT_ADF: return !hw3i_df(y, n, o->trend, 1, work, &r) && r.p_value > o->alpha;
    default: return !hw3i_pp(y, n, o->trend, hw3i_lags(HW3_LAGS_SHORT, n - 1), work, &r) && r.p_value > o->alpha;
    }
}

int64_t hw3i_ndiffs_work(int64_t n) { return n + hw3i_max(hw3i_adf_work(n, HW3_TREND_CT, 1), hw3i_pp_work(n)); }

int64_t hw3i_ndiffs(const double *y, int64_t n, const hw3_diffs_opts *o, double *work)
{
    double *x = work, *rest = work + n;
    n = gather(y, n, x);
    for (int64_t d = 0;; d++) {
        if (hw3i_is_constant(x, n) || d == o->max_d || !wants_difference(x, n, o, rest)) return d;
        n = difference(x, n, 1);
    }
}

/* max(0, min(1, 1 - var rest / var (seasonal + rest))) of an STL with s_window 11 [Wang06]. */
hw3_status hw3i_seasonal_strength(const double *y, int64_t n, int64_t m, double *work, double *strength)
{
    hw3_stl_opts o = HW3_STL_OPTS_INIT;
    double *filled = work, *seasonal = work + n, *trend = work + 2 * n, *weights = work + 3 * n, *rest = work + 4 * n, size = 0;
    int64_t n_present = 0;
    if (m < 2 || n <= 2 * m) return HW3_ERR_VALUE;
    hw3i_interpolate(y, n, m, filled, seasonal);
    o.s_window = 11;
    hw3i_stl(filled, n, m, &o, seasonal, trend, weights, rest);
    for (int64_t t = 0; t < n; t++) {
        if (isnan(y[t])) continue;
        size = fmax(size, fabs(y[t]));
        trend[n_present] = filled[t] - trend[t];                /* seasonal and rest */
        seasonal[n_present] = trend[n_present] - seasonal[t];
        n_present++;
    }
    double whole = hw3i_spread_of(trend, n_present).sd, left = hw3i_spread_of(seasonal, n_present).sd / whole;
    if (!(whole > 1e-13 * size)) return HW3_ERR_VALUE; /* rounding */
    *strength = fmax(0, fmin(1, 1 - left * left));
    return HW3_OK;
}

int64_t hw3i_seasonal_strength_work(int64_t n, int64_t m)
{
    return n + hw3i_max(3 * n + hw3i_stl_work(n, m), hw3i_interpolate_work(n, m));
}

static bool wants_seasonal_difference(const double *y, int64_t n, int64_t m, const hw3_diffs_opts *o, double *work)
{
    hw3i_seasonal_root r;
    double strength;
    switch (o->season_test) {
    case HW3_SEASON_OCSB: return !hw3i_ocsb(y, n, m, work, &r) && r.statistic > r.critical;
    case HW3_SEASON_CH: return !hw3i_canova_hansen(y, n, m, work, &r) && r.p_value < o->alpha;
    default: return !hw3i_seasonal_strength(y, n, m, work, &strength) && strength > 0.64;
    }
}

int64_t hw3i_nsdiffs_work(int64_t n, int64_t m, hw3_season_test test)
{
    if (n <= m) return 0;
    if (test == HW3_SEASON_STRENGTH) return n + hw3i_seasonal_strength_work(n, m);
    return n + hw3i_max(n + hw3i_interpolate_work(n, m), test == HW3_SEASON_OCSB ? hw3i_ocsb_work(n) : hw3i_canova_hansen_work(n, m));
}

/* Strength leaves missing values out by itself; the others get what is interpolated. */
int64_t hw3i_nsdiffs(const double *y, int64_t n, int64_t m, const hw3_diffs_opts *o, double *work)
{
    double *x = work, *rest = work + n, max = 0;
    if (n <= m) return 0;
    for (int64_t t = 0; t < n; t++) max = fmax(max, fabs(y[t]));
    for (int64_t t = 0; t < n; t++) x[t] = y[t] * hw3i_scale_for(max);
    if (o->season_test != HW3_SEASON_STRENGTH) {
        hw3i_interpolate(x, n, m, rest, rest + n);
        memcpy(x, rest, (size_t)n * sizeof *x);
    }
    for (int64_t d = 0;; d++) {
        int64_t n_present = gather(x, n, rest);
        if (hw3i_is_constant(rest, n_present) || d == o->max_season_d || (d && n < 2 * m)) return d;
        if (!wants_seasonal_difference(x, n, m, o, rest)) return d;
        n = difference(x, n, m);
    }
}
