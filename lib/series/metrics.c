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

/* mae / mean |y[i] - y[i - 1]|, the error of the last-value forecast; NaN when that cannot divide. mae: times scale. */
static double against_naive(double mae, double scale, const double *y, int64_t n)
{
    if (!y || n < 2) return NAN;
    hw3i_sum sum = { 0 };
    double own = hw3i_scale_for(max_abs(y, n));
    for (int64_t i = 1; i < n; i++) hw3i_sum_add(&sum, fabs(y[i] * own - y[i - 1] * own));
    double naive = hw3i_sum_of(sum) / (double)(n - 1);
    return naive > 0 ? mae / naive * (own / scale) : NAN;
}

/* Shares of the actual value; those nearly zero are counted, not used. */
static void percent_errors(const double *actual, const double *forecast, int64_t n, double scale, hw3_metrics *m)
{
    hw3i_sum size = { 0 }, mape = { 0 }, smape = { 0 }, mpe = { 0 };
    for (int64_t i = 0; i < n; i++) hw3i_sum_add(&size, fabs(actual[i] * scale));
    double least = NEAR_ZERO * (hw3i_sum_of(size) / (double)n);
    m->n_near_zero = 0;
    for (int64_t i = 0; i < n; i++) {
        double a = actual[i] * scale, f = forecast[i] * scale, e = fabs(a - f);
        if (e > 0) hw3i_sum_add(&smape, e / (fabs(a) + fabs(f)));
        if (actual[i] == 0 || fabs(a) < least) m->n_near_zero++;
        else hw3i_sum_add(&mape, e / fabs(a)), hw3i_sum_add(&mpe, (a - f) / a);
    }
    const double pairs = (double)(n - m->n_near_zero);
    m->mape = pairs > 0 ? 100 * (hw3i_sum_of(mape) / pairs) : NAN;
    m->mpe = pairs > 0 ? 100 * (hw3i_sum_of(mpe) / pairs) : NAN;
    m->smape = 200 * (hw3i_sum_of(smape) / (double)n);
}

/* What a double cannot hold is refused. */
static hw3_status check_metrics(hw3_ctx *ctx, const hw3_metrics *m)
{
    const struct { const char *name; double value; } all[] = {
        { "rmse", m->rmse }, { "mae", m->mae }, { "mape", m->mape }, { "smape", m->smape }, { "mase", m->mase }, { "r2", m->r2 }, { "me", m->me },
        { "mpe", m->mpe },
    };
    for (int64_t i = 0; i < HW3I_LEN(all); i++)
        if (isinf(all[i].value))
            return hw3i_fail(ctx, HW3_ERR_VALUE, "series_metrics: %s is %g: the values are too far apart", all[i].name,
                             all[i].value);
    return HW3_OK;
}

hw3_status hw3i_series_metrics(hw3_ctx *ctx, const double *actual, const double *forecast, int64_t n, const double *train,
                               int64_t n_train, hw3_metrics *out)
{
    hw3_status s = hw3i_series_check(ctx, "series_metrics", "actual", actual, n, NULL);
    if (!s) s = hw3i_series_check(ctx, "series_metrics", "forecast", forecast, n, NULL);
    if (!s && train) s = hw3i_series_check(ctx, "series_metrics", "train", train, n_train, NULL);
    if (s) return s;
    double scale = hw3i_scale_for(fmax(max_abs(actual, n), max_abs(forecast, n)));
    hw3i_sum error = { 0 }, absolute = { 0 }, square = { 0 }, around_mean = { 0 };
    hw3i_spread spread = hw3i_spread_of(actual, n);
    for (int64_t i = 0; i < n; i++) {
        double a = actual[i] * scale, e = a - forecast[i] * scale, d = a - spread.mean * scale;
        hw3i_sum_add(&error, e);
        hw3i_sum_add(&absolute, fabs(e));
        hw3i_sum_add(&square, e * e);
        hw3i_sum_add(&around_mean, d * d);
    }
    out->n = n;
    double mae = hw3i_sum_of(absolute) / (double)n;
    out->mae = mae / scale;
    out->me = hw3i_sum_of(error) / (double)n / scale;
    out->rmse = sqrt(hw3i_sum_of(square) / (double)n) / scale;
    out->mase = against_naive(mae, scale, train, n_train);
    out->r2 = spread.max > spread.min ? 1 - hw3i_sum_of(square) / hw3i_sum_of(around_mean) : NAN;
    percent_errors(actual, forecast, n, scale, out);
    return check_metrics(ctx, out);
}
