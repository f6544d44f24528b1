/* SPDX-License-Identifier: MIT */
/** @file diagnostics.h
 * Tests and diagnostics of a series, and of what a model leaves.
 *
 *     double acf[24], band;
 *     TRY(hw3_acf(ctx, residuals, n, 24, acf, &band));                    // |acf| > band: more than white noise has
 *     hw3_test_result white = HW3_TEST_RESULT_INIT;
 *     TRY(hw3_ljung_box(ctx, residuals, n, 24, 2, &white));               // of a model with 2 coefficients
 *     printf("Ljung-Box p = %.3f\n", white.p_value);
 *
 * All in double, m is the seasonal period. A missing value is NaN, allowed only where a function says what it does with it;
 * elsewhere missing values, and everywhere infinite ones, are HW3_ERR_VALUE with their place. A series for which a number
 * does not exist, such as a constant one, is HW3_ERR_VALUE too: no result is NaN unless its comment says so.
 * Vectors of R and statsmodels are met to 1e-8.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_DIAGNOSTICS_H
#define HW3_DIAGNOSTICS_H
#include "hw3/base.h"
HW3_BEGIN

/** Autocorrelation: acf[k - 1] = (1/n) sum_t (y[t] - mean)(y[t + k] - mean) / ((1/n) sum_t (y[t] - mean)^2), as R's acf.
 *  Missing values: with na.pass, the sum at lag k has divisor k + number of pairs.
 *  ctx: context.  y: [n].  n: at least 2.  max_lag: 1 to n - 1.  acf: [max_lag], at lags 1 to max_lag.
 *  band: receives 1.96 / sqrt(values present): white noise stays inside, up and down, at 95 of 100 lags; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; constant; no two values so far apart); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_acf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *acf, double *band);

/** Partial autocorrelation from hw3_acf by the Durbin-Levinson recursion [Durbin60], as R's pacf.
 *  ctx, y, n, max_lag, band: as in hw3_acf.  pacf: [max_lag], at lags 1 to max_lag.
 *  Returns: as hw3_acf. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_pacf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *pacf, double *band);

/** What a test finds. */
typedef struct hw3_test_result {
    uint32_t struct_size;  /**< sizeof(hw3_test_result) */
    int32_t reserved;      /**< 0 */
    double statistic;      /**< the larger, the further from the hypothesis */
    double p_value;        /**< how often chance alone comes as far */
    double df;             /**< degrees of freedom */
} hw3_test_result;
/** An empty hw3_test_result. */
#define HW3_TEST_RESULT_INIT { (uint32_t)sizeof(hw3_test_result), 0, 0.0, 0.0, 0.0 }

/** Are residuals white noise? Q = n (n + 2) sum_{k <= lag} acf_k^2 / (n - k) is chi-squared then [Ljung78], as R's Box.test.
 *  Missing values: as in hw3_acf; n counts those present.
 *  ctx: context.  y: [n].  n: at least 2.  lag: 1 to n - 1.  fitdf: coefficients of the model, 0 to lag - 1.
 *  out: begun with HW3_TEST_RESULT_INIT; df is lag - fitdf.
 *  Returns: as hw3_acf; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_ljung_box(hw3_ctx *ctx, const double *y, int64_t n, int64_t lag, int64_t fitdf,
                                                hw3_test_result *out);

/** Are values normal? n (skewness^2 / 6 + (kurtosis - 3)^2 / 24) is chi-squared with 2 then [Jarque87], as tseries in R.
 *  ctx: context.  y: [n].  n: at least 2.  out: begun with HW3_TEST_RESULT_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_jarque_bera(hw3_ctx *ctx, const double *y, int64_t n, hw3_test_result *out);

HW3_END
#endif
