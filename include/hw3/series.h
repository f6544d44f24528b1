/* SPDX-License-Identifier: MIT */
/** @file series.h
 * Series: preparing a column of numbers for a forecast, and judging the forecast. No network is used.
 *
 *     TRY(hw3_series_fill(ctx, y, n, HW3_FILL_LINEAR, 0, missing));       // NaN marks a missing value
 *     hw3_split3 cut;  TRY(hw3_series_split(ctx, n, 0.7, 0.0, &cut));     // in time, never shuffled
 *     hw3_scaler s = HW3_SCALER_INIT;
 *     TRY(hw3_scaler_fit(ctx, HW3_SCALE_MINMAX, y, cut.n_train, &s));     // on the training part alone
 *     TRY(hw3_scaler_apply(ctx, &s, y, n, z));
 *     hw3_metrics m = HW3_METRICS_INIT;
 *     TRY(hw3_series_metrics(ctx, actual, forecast, n_test, y, cut.n_train, &m));
 *
 * All in double. A missing value is NaN; infinite values are an error where HW3_ERR_VALUE is listed.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_SERIES_H
#define HW3_SERIES_H
#include "hw3/base.h"
HW3_BEGIN

/** Ways to fill missing values. Each finishes the edge that it cannot reach in the other direction. */
typedef int32_t hw3_fill;
enum {
    HW3_FILL_MOVING_MEAN = 1,  /**< mean of the `window` values before it, filled ones among them; of fewer at the start */
    HW3_FILL_FORWARD = 2,      /**< the last value seen */
    HW3_FILL_BACKWARD = 3,     /**< the next value to come */
    HW3_FILL_LINEAR = 4        /**< on the line between its neighbours */
};

/** Counts the missing values.
 *  ctx: context.  y: [n], NaN is missing.  n: at least 0.  n_missing: receives the count.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (an infinite value; the message gives its index). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_missing(hw3_ctx *ctx, const double *y, int64_t n, int64_t *n_missing);

/** Removes a share of the values that are present, each equally likely, by a seeded draw.
 *  ctx: context.  y: [n], changed: removed values become NaN.  n: at least 0.  share: 0 to 1; round(share n_present) values go.
 *  seed: of the draw.
 *  n_removed: receives the count; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_remove(hw3_ctx *ctx, double *y, int64_t n, double share, uint64_t seed,
                                                    int64_t *n_removed);

/** Fills the missing values in place.
 *  ctx: context.  y: [n], changed only on success.  n: at least 1.  fill: one of HW3_FILL_.
 *  window: HW3_FILL_MOVING_MEAN: 1 or more values; else ignored.
 *  mask: [n], receives 1 where a value was missing, else 0; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (all are missing, or one is infinite). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_fill(hw3_ctx *ctx, double *y, int64_t n, hw3_fill fill, int64_t window,
                                                  uint8_t *mask);

/** Sizes of a split in time: first training, then validation, then test. */
typedef struct hw3_split3 {
    int64_t n_train;  /**< floor(train n) */
    int64_t n_val;    /**< floor((train + val) n) - n_train */
    int64_t n_test;   /**< the rest */
} hw3_split3;

/** Splits n points in time.
 *  ctx: context.  n: points.  train, val: shares, not negative, together at most 1.  out: receives the sizes.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_split(hw3_ctx *ctx, int64_t n, double train, double val, hw3_split3 *out);

/** Scalers. */
typedef int32_t hw3_scale;
enum {
    HW3_SCALE_NONE = 1,     /**< z = y */
    HW3_SCALE_MINMAX = 2,   /**< z = (y - min) / (max - min) */
    HW3_SCALE_STANDARD = 3  /**< z = (y - mean) / sd, sd with divisor n */
};

/** A fitted scaler: z = (y - shift) / width. Plain numbers, to be kept by the caller. */
typedef struct hw3_scaler {
    hw3_scale kind;    /**< which */
    int32_t reserved;  /**< 0 */
    double shift;      /**< min or mean */
    double width;      /**< max - min or sd; 1 for a constant series */
} hw3_scaler;
/** A scaler that changes nothing. */
#define HW3_SCALER_INIT { HW3_SCALE_NONE, 0, 0.0, 1.0 }

/** Fits a scaler; give it the training part alone.
 *  ctx: context.  kind: one of HW3_SCALE_.  y: [n], no missing values.  n: at least 1.  out: the scaler.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is missing or infinite, or they are too far apart). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_scaler_fit(hw3_ctx *ctx, hw3_scale kind, const double *y, int64_t n, hw3_scaler *out);

/** Scales.
 *  ctx: context.  scaler: a fitted one.  y: [n].  n: at least 0.  z: [n], may be y; NaN stays NaN.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; z would be infinite). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_scaler_apply(hw3_ctx *ctx, const hw3_scaler *scaler, const double *y, int64_t n, double *z);

/** Scales back: y = z width + shift.
 *  ctx: context.  scaler: a fitted one.  z: [n].  n: at least 0.  y: [n], may be z; NaN stays NaN.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; y would be infinite). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_scaler_invert(hw3_ctx *ctx, const hw3_scaler *scaler, const double *z, int64_t n,
                                                    double *y);

/** Cuts windows: x[i] = y[i .. i + window - 1], target[i] = y[i + window + horizon - 1].
 *  ctx: context.  y: [n].  n, window, horizon: at least 1; window + horizon <= n.
 *  x: [n_windows, window]; target: [n_windows]; both may be NULL to ask for the number.
 *  n_windows: in: room; out: n - window - horizon + 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (window and horizon are longer than the series); HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_windows(hw3_ctx *ctx, const double *y, int64_t n, int64_t window, int64_t horizon,
                                                     double *x, double *target, int64_t *n_windows);

/** How far forecasts are from what came, with e = actual - forecast. */
typedef struct hw3_metrics {
    uint32_t struct_size;   /**< sizeof(hw3_metrics) */
    int32_t reserved;       /**< 0 */
    int64_t n;              /**< pairs compared */
    int64_t n_near_zero;    /**< pairs left out of mape: actual is 0 or |actual| < 1e-3 mean |actual| */
    double rmse;            /**< sqrt(mean e^2) */
    double mae;             /**< mean |e| */
    double mape;            /**< 100 mean |e / actual|, percent; NaN when all pairs are left out */
    double smape;           /**< 200 mean |e| / (|actual| + |forecast|), percent; 0 / 0 counts as 0 */
    double mase;            /**< mae / mae in train of the last value as forecast, whatever the season [Hyndman06]; NaN without, or if it is 0 */
    double r2;              /**< 1 - sum e^2 / sum (actual - mean)^2; NaN for a constant actual */
    double me;              /**< mean e, the bias: above 0 the forecasts are too low */
    double mpe;             /**< 100 mean e / actual, percent, over the pairs of mape */
} hw3_metrics;
/** An empty hw3_metrics. */
#define HW3_METRICS_INIT { (uint32_t)sizeof(hw3_metrics), 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/** Computes all metrics.
 *  ctx: context.  actual, forecast: [n].  n: at least 1.  train: [n_train] training part for mase, NULL for none.
 *  n_train: its length.
 *  out: begun with HW3_METRICS_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is missing or infinite, or a metric is infinite);
 *  HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_metrics(hw3_ctx *ctx, const double *actual, const double *forecast, int64_t n,
                                                     const double *train, int64_t n_train, hw3_metrics *out);

/** One-step forecasts by the last value: out[t] = y[start + t - 1].
 *  ctx: context.  y: [n].  n: at least 2.  start: first point to forecast, 1 to n - 1.  out: [n - start].
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_naive(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, double *out);

/** One-step forecasts by the value one season before: out[t] = y[start + t - period].
 *  ctx, y, n, out: as in hw3_series_naive.  start: period to n - 1.  period: steps a season, at least 1.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_snaive(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, int64_t period,
                                                    double *out);

/** One-step forecasts by drift: out[t] = last + (last - y[0]) / (index of last), with last = y[start + t - 1] [Hyndman21].
 *  ctx, y, n, out: as in hw3_series_naive; NaN where one of the two is missing.  start: 2 to n - 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; a forecast would be infinite). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_series_drift(hw3_ctx *ctx, const double *y, int64_t n, int64_t start, double *out);

HW3_END
#endif
