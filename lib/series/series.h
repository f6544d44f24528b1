/* SPDX-License-Identifier: MIT */
/* Series from inside: what hw3/series.h promises, arguments already checked for NULL and size.
 * what: the caller's name for messages. */
#ifndef HW3I_SERIES_H
#define HW3I_SERIES_H
#include "base/base.h"
#include "hw3/series.h"
#include <math.h>

/* HW3_ERR_VALUE at the first infinite value, and at the first missing one unless n_missing is there to count them. */
hw3_status hw3i_series_check(hw3_ctx *ctx, const char *what, const char *name, const double *y, int64_t n, int64_t *n_missing);

/* Sum with the rounding errors of its terms [Neumaier74]: s + c. */
typedef struct hw3i_sum {
    double s, c;
} hw3i_sum;
void hw3i_sum_add(hw3i_sum *sum, double x);
static inline double hw3i_sum_of(hw3i_sum sum) { return isinf(sum.s) ? sum.s : sum.s + sum.c; } /* then c is NaN */

/* Power of two that brings max to where squares neither overflow nor vanish; 1, which changes no bit, for usual numbers. */
double hw3i_scale_for(double max);
/* min <= mean <= max exactly; n > 0, all finite. */
typedef struct hw3i_spread {
    double min, max, mean, sd; /* sd with divisor n */
} hw3i_spread;
hw3i_spread hw3i_spread_of(const double *y, int64_t n);

hw3_status hw3i_series_remove(hw3_ctx *ctx, double *y, int64_t n, double share, uint64_t seed, int64_t *n_removed);
/* At least one value is present and none is infinite: cannot fail. */
void hw3i_series_fill(double *y, int64_t n, hw3_fill fill, int64_t window);

/* train and val not negative, train + val at most 1 but for rounding. */
void hw3i_series_split(int64_t n, double train, double val, hw3_split3 *out);
hw3_status hw3i_scaler_fit(hw3_ctx *ctx, hw3_scale kind, const double *y, int64_t n, hw3_scaler *out);
hw3_status hw3i_scaler_check(hw3_ctx *ctx, const char *what, const hw3_scaler *scaler);
double hw3i_scaler_apply(const hw3_scaler *scaler, double y);
double hw3i_scaler_invert(const hw3_scaler *scaler, double z);

void hw3i_series_windows(const double *y, int64_t n_windows, int64_t window, int64_t horizon, double *x, double *target);
hw3_status hw3i_series_metrics(hw3_ctx *ctx, const double *actual, const double *forecast, int64_t n, const double *train,
                               int64_t n_train, hw3_metrics *out);
void hw3i_series_snaive(const double *y, int64_t n, int64_t start, int64_t period, double *out);
double hw3i_drift(double first, double last, int64_t steps);

#endif
