/* SPDX-License-Identifier: MIT */
#include "series/series.h"
#include <math.h>

hw3_status hw3i_series_check(hw3_ctx *ctx, const char *what, const char *name, const double *y, int64_t n, int64_t *n_missing)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isinf(y[i]) || (isnan(y[i]) && !n_missing))
            return hw3i_fail(ctx, HW3_ERR_VALUE, "%s: %s[%lld] is %s", what, name, (long long)i,
                             isnan(y[i]) ? "missing" : y[i] > 0 ? "infinite" : "minus infinite");
        count += isnan(y[i]) ? 1 : 0;
    }
    if (n_missing) *n_missing = count;
    return HW3_OK;
}

void hw3i_sum_add(hw3i_sum *sum, double x)
{
    double t = sum->s + x;
    sum->c += fabs(sum->s) >= fabs(x) ? (sum->s - t) + x : (x - t) + sum->s;
    sum->s = t;
}

double hw3i_scale_for(double max)
{
    if (max == 0 || (max > 1e-100 && max < 1e100)) return 1.0;
    return ldexp(1.0, (int)hw3i_max(-1000, hw3i_min(-ilogb(max), 1000)));
}

/* mean = sum y / n;  sd^2 = sum (y - mean)^2 / n - (sum (y - mean) / n)^2, where the last term is the mean's rounding. */
hw3i_spread hw3i_spread_of(const double *y, int64_t n)
{
    hw3i_spread r = { y[0], y[0], 0, 0 };
    for (int64_t i = 1; i < n; i++) {
        r.min = fmin(r.min, y[i]);
        r.max = fmax(r.max, y[i]);
    }
    double scale = hw3i_scale_for(fmax(fabs(r.min), fabs(r.max)));
    hw3i_sum sum = { 0 }, dev = { 0 }, square = { 0 };
    for (int64_t i = 0; i < n; i++) hw3i_sum_add(&sum, y[i] * scale);
    double mean = fmin(fmax(hw3i_sum_of(sum) / (double)n, r.min * scale), r.max * scale);
    for (int64_t i = 0; i < n; i++) {
        double d = y[i] * scale - mean;
        hw3i_sum_add(&dev, d);
        hw3i_sum_add(&square, d * d);
    }
    double bias = hw3i_sum_of(dev) / (double)n;
    r.mean = mean / scale;
    r.sd = r.max > r.min ? sqrt(fmax(0.0, hw3i_sum_of(square) / (double)n - bias * bias)) / scale : 0.0;
    return r;
}
