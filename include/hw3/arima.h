/* SPDX-License-Identifier: MIT */
/** @file arima.h
 * ARIMA and SARIMA, with regressors: fitting, order search, forecasts.
 *
 *     hw3_arima *fit = NULL;
 *     TRY(hw3_arima_auto(ctx, y, n, NULL, &fit));                            // orders found as forecast::auto.arima does
 *     TRY(hw3_arima_forecast(fit, 5, 0.95, mean, lower, upper));             // five steps ahead, 95 % intervals
 *
 * The model ARIMA(p,d,q)(P,D,Q)[m], with B the shift by one step and signs as in R:
 *     y[t] = sum beta x[t] + z[t],
 *     (1 - ar1 B - ...)(1 - sar1 B^m - ...) (1 - B)^d (1 - B^m)^D z[t] = (1 + ma1 B + ...)(1 + sma1 B^m + ...) e[t].
 * Coefficients stand in the order ar, ma, sar, sma, mean, drift, regressors. All in double; a missing value is NaN.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_ARIMA_H
#define HW3_ARIMA_H
#include "hw3/base.h"
HW3_BEGIN

/** Orders of a model, plain numbers. */
typedef struct hw3_arima_order {
    int32_t p;       /**< autoregressive */
    int32_t d;       /**< differences */
    int32_t q;       /**< moving average */
    int32_t P;       /**< seasonal autoregressive */
    int32_t D;       /**< seasonal differences */
    int32_t Q;       /**< seasonal moving average */
    int64_t period;  /**< steps a season, m; 1 without */
} hw3_arima_order;

/** Ways to fit. */
typedef int32_t hw3_arima_method;
enum {
    HW3_ARIMA_CSS_ML = 1,  /**< exact likelihood, begun at the optimum of CSS; with missing values as ML */
    HW3_ARIMA_ML = 2,      /**< exact likelihood */
    HW3_ARIMA_CSS = 3      /**< conditional sum of squares: the first d + m D + p + m P residuals are left out */
};

HW3_END
#endif
