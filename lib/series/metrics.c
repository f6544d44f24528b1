/* SPDX-License-Identifier: MIT */
#include "series/series.h"
#include <math.h>

#define NEAR_ZERO 1e-3 /* of mean |actual|; see hw3_metrics */

static double max_abs(const double *y, int64_t n)
{
    double max = 0;
    for (int64_t i = 0; i < n; i++) max = fmax(max, fabs(y[i]));
    return max;
}

/* mean |y[i] - y[i - 1]|, the error of the last-value forecast; NaN when it cannot divide. */
static double naive_mae(const double *y, int64_t n)
{
    if (!y || n < 2) return NAN;
    hw3i_sum sum = { 0 };
    double scale = hw3i_scale_for(max_abs(y, n));
    for (int64_t i = 1; i < n; i++) hw3i_sum_add(&sum, fabs(y[i] * scale - y[i - 1] * scale));
    double mae = hw3i_sum_of(sum) / (double)(n - 1) / scale;
    return mae > 0 ? mae : NAN;
}

/* Shares of the actual value; those nearly zero are counted, not used. */
static void percent_errors(const double *actual, const double *forecast, int64_t n, double scale, hw3_metrics *m)
{
    hw3i_sum size = { 0 }, mape = { 0 }, smape = { 0 };
    for (int64_t i = 0; i < n; i++) hw3i_sum_add(&size, fabs(actual[i] * scale));
    double least = NEAR_ZERO * (hw3i_sum_of(size) / (double)n);
    m->n_near_zero = 0;
    for (int64_t i = 0; i < n; i++) {
        double a = actual[i] * scale, f = forecast[i] * scale, e = fabs(a - f);
        if (e > 0) hw3i_sum_add(&smape, e / (fabs(a) + fabs(f)));
        if (actual[i] == 0 || fabs(a) < least) m->n_near_zero++;
        else hw3i_sum_add(&mape, e / fabs(a));
    }
    m->mape = m->n_near_zero < n ? 100 * (hw3i_sum_of(mape) / (double)(n - m->n_near_zero)) : NAN;
    m->smape = 200 * (hw3i_sum_of(smape) / (double)n);
}

hw3_status hw3i_series_metrics(hw3_ctx *ctx, const double *actual, const double *forecast, int64_t n, const double *train,
                               int64_t n_train, hw3_metrics *out)
{
    hw3_status s = hw3i_series_check(ctx, "series_metrics", "actual", actual, n, NULL);
    if (!s) s = hw3i_series_check(ctx, "series_metrics", "forecast", forecast, n, NULL);
    if (!s && train) s = hw3i_series_check(ctx, "series_metrics", "train", train, n_train, NULL);
    if (s) return s;
    double scale = hw3i_scale_for(fmax(max_abs(actual, n), max_abs(forecast, n)));
    hw3i_sum absolute = { 0 }, square = { 0 }, around_mean = { 0 };
    hw3i_spread spread = hw3i_spread_of(actual, n);
    for (int64_t i = 0; i < n; i++) {
        double a = actual[i] * scale, e = a - forecast[i] * scale, d = a - spread.mean * scale;
        hw3i_sum_add(&absolute, fabs(e));
        hw3i_sum_add(&square, e * e);
        hw3i_sum_add(&around_mean, d * d);
    }
    out->n = n;
    out->mae = hw3i_sum_of(absolute) / (double)n / scale;
    out->rmse = sqrt(hw3i_sum_of(square) / (double)n) / scale;
    out->mase = out->mae / naive_mae(train, n_train);
    out->r2 = spread.max > spread.min ? 1 - hw3i_sum_of(square) / hw3i_sum_of(around_mean) : NAN;
    percent_errors(actual, forecast, n, scale, out);
    return HW3_OK;
}
