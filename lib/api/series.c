/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "series/series.h"
#include <math.h>

#define OLDEST_METRICS ((uint32_t)(offsetof(hw3_metrics, r2) + sizeof(double)))

hw3_status hw3_series_missing(hw3_ctx *ctx, const double *y, int64_t n, int64_t *n_missing)
{
    hw3_status s = hw3i_check_array(ctx, "series_missing", "y", y, n, 0);
    if (s) return s;
    if (!n_missing) return hw3i_is_null(ctx, "series_missing", "n_missing");
    return hw3i_series_check(ctx, "series_missing", "y", y, n, n_missing);
}

hw3_status hw3_series_remove(hw3_ctx *ctx, double *y, int64_t n, double share, uint64_t seed, int64_t *n_removed)
{
    hw3_status s = hw3i_check_array(ctx, "series_remove", "y", y, n, 0);
    if (s) return s;
    if (!(share >= 0 && share <= 1)) return hw3i_fail(ctx, HW3_ERR_ARG, "series_remove: share is %g, expected 0 to 1", share);
    return hw3i_series_remove(ctx, y, n, share, seed, n_removed);
}

hw3_status hw3_series_fill(hw3_ctx *ctx, double *y, int64_t n, hw3_fill fill, int64_t window, uint8_t *mask)
{
    int64_t n_missing;
    hw3_status s = hw3i_check_array(ctx, "series_fill", "y", y, n, 1);
    if (s) return s;
    if (fill < HW3_FILL_MOVING_MEAN || fill > HW3_FILL_LINEAR)
        return hw3i_fail(ctx, HW3_ERR_ARG, "series_fill: fill is %d, expected a constant HW3_FILL_", (int)fill);
    if (fill == HW3_FILL_MOVING_MEAN && window < 1) return hw3i_is_small(ctx, "series_fill", "window", window, 1);
    s = hw3i_series_check(ctx, "series_fill", "y", y, n, &n_missing);
    if (s) return s;
    if (n_missing == n) return hw3i_fail(ctx, HW3_ERR_VALUE, "series_fill: all %lld values are missing", (long long)n);
    for (int64_t i = 0; i < n && mask; i++) mask[i] = isnan(y[i]) ? 1 : 0;
    hw3i_series_fill(y, n, fill, window);
    return HW3_OK;
}

hw3_status hw3_series_split(hw3_ctx *ctx, int64_t n, double train, double val, hw3_split3 *out)
{
    if (!ctx) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(ctx, "series_split", "out");
    if (n < 0) return hw3i_is_small(ctx, "series_split", "n", n, 0);
    if (!(train >= 0 && val >= 0 && train + val <= 1 + 1e-12)) /* 0.1 + 0.2 + 0.7 > 1 in double */
        return hw3i_fail(ctx, HW3_ERR_ARG, "series_split: train is %g and val %g, expected shares that make at most 1", train,
                         val);
    hw3i_series_split(n, train, val, out);
    return HW3_OK;
}

hw3_status hw3_scaler_fit(hw3_ctx *ctx, hw3_scale kind, const double *y, int64_t n, hw3_scaler *out)
{
    hw3_status s = hw3i_check_array(ctx, "scaler_fit", "y", y, n, 1);
    if (s) return s;
    if (!out) return hw3i_is_null(ctx, "scaler_fit", "out");
    if (kind < HW3_SCALE_NONE || kind > HW3_SCALE_STANDARD)
        return hw3i_fail(ctx, HW3_ERR_ARG, "scaler_fit: kind is %d, expected a constant HW3_SCALE_", (int)kind);
    return hw3i_scaler_fit(ctx, kind, y, n, out);
}

static hw3_status check_scaling(hw3_ctx *ctx, const char *what, const hw3_scaler *scaler, const double *from, int64_t n,
                                const double *to)
{
    hw3_status s = hw3i_check_array(ctx, what, "input", from, n, 0);
    if (!s) s = hw3i_check_array(ctx, what, "output", to, n, 0);
    if (s) return s;
    return scaler ? hw3i_scaler_check(ctx, what, scaler) : hw3i_is_null(ctx, what, "scaler");
}

/* Scaling, one way or the other. */
static hw3_status scale(hw3_ctx *ctx, const char *what, double (*one)(const hw3_scaler *, double), const hw3_scaler *scaler,
                        const double *from, int64_t n, double *to)
{
    hw3_status s = check_scaling(ctx, what, scaler, from, n, to);
    for (int64_t i = 0; i < n && !s; i++)
        if (!isnan(from[i]) && !isfinite(one(scaler, from[i])))
            s = hw3i_fail(ctx, HW3_ERR_VALUE, "%s: value %lld is %g, and with shift %g and width %g it becomes %g", what, (long long)i,
                          from[i], scaler->shift, scaler->width, one(scaler, from[i]));
    for (int64_t i = 0; i < n && !s; i++) to[i] = one(scaler, from[i]);
    return s;
}

hw3_status hw3_scaler_apply(hw3_ctx *ctx, const hw3_scaler *scaler, const double *y, int64_t n, double *z)
{
    return scale(ctx, "scaler_apply", hw3i_scaler_apply, scaler, y, n, z);
}

hw3_status hw3_scaler_invert(hw3_ctx *ctx, const hw3_scaler *scaler, const double *z, int64_t n, double *y)
{
    return scale(ctx, "scaler_invert", hw3i_scaler_invert, scaler, z, n, y);
}

hw3_status hw3_series_windows(hw3_ctx *ctx, const double *y, int64_t n, int64_t window, int64_t horizon, double *x,
                              double *target, int64_t *n_windows)
{
    hw3_status s = hw3i_check_array(ctx, "series_windows", "y", y, n, 1);
    if (s) return s;
    if (!n_windows) return hw3i_is_null(ctx, "series_windows", "n_windows");
    if (window < 1) return hw3i_is_small(ctx, "series_windows", "window", window, 1);
    if (horizon < 1) return hw3i_is_small(ctx, "series_windows", "horizon", horizon, 1);
    if (!x != !target) return hw3i_is_null(ctx, "series_windows", x ? "target" : "x");
    if (window >= n || horizon > n - window)
        return hw3i_fail(ctx, HW3_ERR_SHAPE, "series_windows: window %lld and horizon %lld do not fit into %lld values",
                         (long long)window, (long long)horizon, (long long)n);
    int64_t count = n - window - horizon + 1;
    if (x && *n_windows < count)
        return hw3i_fail(ctx, HW3_ERR_TOO_SMALL, "series_windows: room for %lld windows, %lld are needed", (long long)*n_windows,
                         (long long)count);
    if (x) hw3i_series_windows(y, count, window, horizon, x, target);
    *n_windows = count;
    return HW3_OK;
}

hw3_status hw3_series_metrics(hw3_ctx *ctx, const double *actual, const double *forecast, int64_t n, const double *train,
                              int64_t n_train, hw3_metrics *out)
{
    hw3_metrics m = HW3_METRICS_INIT;
    hw3_status s = hw3i_check_array(ctx, "series_metrics", "actual", actual, n, 1);
    if (!s) s = hw3i_check_array(ctx, "series_metrics", "forecast", forecast, n, 1);
    if (s) return s;
    if (!out) return hw3i_is_null(ctx, "series_metrics", "out");
    if (train && n_train < 0) return hw3i_is_small(ctx, "series_metrics", "n_train", n_train, 0);
    s = hw3i_import(ctx, &m, sizeof m, out, OLDEST_METRICS, "hw3_metrics");
    if (!s) s = hw3i_series_metrics(ctx, actual, forecast, n, train, n_train, &m);
    if (s) return s;
    hw3i_export(out, &m, sizeof m);
    return HW3_OK;
}

static hw3_status check_baseline(hw3_ctx *ctx, const char *what, const double *y, int64_t n, int64_t start, int64_t first,
                                 const double *out)
{
    hw3_status s = hw3i_check_array(ctx, what, "y", y, n, 2);
    if (!s) s = hw3i_check_array(ctx, what, "out", out, n, 2);
    if (s) return s;
    return hw3i_check_range(ctx, what, "start", start, first, n - 1);
}

hw3_status hw3_series_naive(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, double *out)
{
    hw3_status s = check_baseline(ctx, "series_naive", y, n, start, 1, out);
    if (!s) hw3i_series_snaive(y, n, start, 1, out);
    return s;
}

hw3_status hw3_series_snaive(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, int64_t period, double *out)
{
    hw3_status s = check_baseline(ctx, "series_snaive", y, n, start, 1, out);
    if (!s) s = hw3i_check_range(ctx, "series_snaive", "period", period, 1, start);
    if (!s) hw3i_series_snaive(y, n, start, period, out);
    return s;
}

hw3_status hw3_series_drift(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, double *out)
{
    hw3_status s = check_baseline(ctx, "series_drift", y, n, start, 2, out);
    if (s) return s;
    const double first = y[0];
    for (int64_t i = start - 1; i < n - 1; i++)
        if (!isnan(first) && !isnan(y[i]) && !isfinite(hw3i_drift(first, y[i], i)))
            return hw3i_fail(ctx, HW3_ERR_VALUE, "series_drift: y[0] is %g and y[%lld] is %g, the forecast %g", first, (long long)i, y[i],
                             hw3i_drift(first, y[i], i));
    for (int64_t i = start - 1; i < n - 1; i++) out[i + 1 - start] = hw3i_drift(first, y[i], i);
    return HW3_OK;
}
