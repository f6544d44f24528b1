/* SPDX-License-Identifier: MIT */
/** @file arima.h
 * ARIMA and SARIMA with regressors: fitting, order search, forecasts, with the numbers of R's arima and forecast::auto.arima.
 *
 *     hw3_arima *fit = NULL;
 *     TRY(hw3_arima_auto(ctx, y, n, NULL, &fit));                            // orders found (arima_auto.h)
 *     TRY(hw3_arima_forecast(fit, 5, 0.95, mean, lower, upper));             // five steps ahead, 95 % intervals
 *
 *     hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
 *     o.order = (hw3_arima_order){ 0, 1, 1, 0, 1, 1, 12 };                   // (0,1,1)(0,1,1)[12]
 *     hw3_arima *airline = NULL;
 *     TRY(hw3_arima_fit(ctx, y, n, &o, &airline));                           // orders given
 *
 * The model ARIMA(p,d,q)(P,D,Q)[m], with B the shift by one step and signs as in R:
 *     y[t] = sum beta x[t] + z[t],
 *     (1 - ar1 B - ...)(1 - sar1 B^m - ...) (1 - B)^d (1 - B^m)^D z[t] = (1 + ma1 B + ...)(1 + sma1 B^m + ...) e[t].
 * Coefficients stand in the order ar, ma, sar, sma, mean ("intercept"), "drift", regressors. All in double; NaN is a missing value.
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

/** What a model is fitted with. */
typedef struct hw3_arima_opts {
    uint32_t struct_size;           /**< sizeof(hw3_arima_opts) */
    hw3_arima_method method;        /**< how */
    hw3_arima_order order;          /**< of the model; d + D at most 3, p + m P and q + m Q at most 5000 */
    int32_t mean;                   /**< 1: a mean, where d + D is 0; else left out */
    int32_t drift;                  /**< 1: a regressor 1, 2, ..., n, where d + D is at most 1; else left out, which is logged */
    const double *xreg;             /**< [n, n_xreg], rows in time, none missing; NULL without */
    int64_t n_xreg;                 /**< regressors */
    const char *const *xreg_names;  /**< [n_xreg]; NULL: "xreg1", ... */
    const double *fixed;            /**< [coefficients], NaN where free: held at these values; NULL: all free */
    const double *init;             /**< [coefficients], NaN where none: where the search begins; NULL: from zeros */
    double lam;                     /**< lambda of the Box-Cox transformation, where boxcox is 1; else 1 */
    int32_t boxcox;                 /**< 1: y is transformed before all else */
    int32_t bias_adjust;            /**< 1: forecasts are means, not medians, after Box-Cox */
    int32_t unbiased;               /**< 1: sigma2 as forecast::Arima: all residuals^2 by n_used - n_free; 0: as arima, by n_used */
    int32_t max_iterations;         /**< of each search */
} hw3_arima_opts;
/** Defaults of hw3_arima_opts: white noise about a mean, by CSS and then ML. */
#define HW3_ARIMA_OPTS_INIT { (uint32_t)sizeof(hw3_arima_opts), HW3_ARIMA_CSS_ML, { 0, 0, 0, 0, 0, 0, 1 }, 1, 0, NULL, 0, NULL, NULL, \
                              NULL, 1.0, 0, 0, 0, 500 }

/** What a fit has come to. */
typedef struct hw3_arima_info {
    uint32_t struct_size;     /**< sizeof(hw3_arima_info) */
    hw3_arima_method method;  /**< how it was fitted */
    hw3_arima_order order;    /**< of the model */
    int32_t mean;             /**< 1 with a mean */
    int32_t drift;            /**< 1 with a drift */
    int64_t n;                /**< values */
    int64_t n_missing;        /**< of them missing */
    int64_t n_used;           /**< values present less d + m D */
    int64_t n_coef;           /**< coefficients */
    int64_t n_free;           /**< of them estimated */
    int64_t n_xreg;           /**< regressors, without mean and drift */
    double loglik;            /**< log-likelihood; infinite where nothing is left to explain */
    double sigma2;            /**< variance of e */
    double aic;               /**< -2 loglik + 2 k, k = n_free + 1; NaN for CSS, and where n_used is 0 */
    double aicc;              /**< aic + 2 k (k + 1) / (n_used - k - 1); NaN as aic, infinite without room */
    double bic;               /**< aic + k (log n_used - 2); NaN as aic */
    double lam;               /**< lambda of Box-Cox, where boxcox is 1 */
    int32_t converged;        /**< 0: the search ended early, the fit is what it had come to */
    int32_t n_iterations;     /**< of the search */
    int32_t cov_ok;           /**< 0: the Hessian is not positive definite, and standard errors are NaN */
    int32_t boxcox;           /**< 1 with a transformation */
} hw3_arima_info;
/** An empty hw3_arima_info. */
#define HW3_ARIMA_INFO_INIT { (uint32_t)sizeof(hw3_arima_info), 0, { 0, 0, 0, 0, 0, 0, 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, \
                              0.0, 0.0, 0.0, 0, 0, 0, 0 }

/** A fitted model with its series. */
typedef struct hw3_arima hw3_arima;

/** Fills opts with the defaults.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_arima_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_opts_init(hw3_arima_opts *opts, uint32_t size);

/** Fits a model of given orders.
 *  ctx: context.  y: [n], copied; NaN is missing.  n: at least 1.  opts: NULL for the defaults.  out: the fit.
 *  Returns: HW3_OK, also with info's converged or cov_ok 0; HW3_ERR_ARG (the message names the option; also xreg without n_xreg, lam
 *  without boxcox); HW3_ERR_VALUE (too few values for the parameters, an infinite value, a missing or dependent regressor, a start
 *  that is not stationary, no variation left); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts,
                                                hw3_arima **out);

/** Lets go of a fit.
 *  fit: may be NULL.  Since 0.1. */
HW3_API void hw3_arima_destroy(hw3_arima *fit);

/** Tells what a fit has come to.
 *  fit: a fit.  out: begun with HW3_ARIMA_INFO_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_describe(const hw3_arima *fit, hw3_arima_info *out);

/** Gives the name of a coefficient.
 *  fit: a fit.  i: 0 to n_coef - 1.
 *  Returns: such as "ar1", valid while the fit lives; NULL for an i that is none. Since 0.1. */
HW3_API const char *hw3_arima_coef_name(const hw3_arima *fit, int64_t i);

/** Gives the coefficients.
 *  fit: a fit.  coef: [n_coef].  se: [n_coef] standard errors, 0 where held; may be NULL.  n_coef: room, as in info.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_coef(const hw3_arima *fit, double *coef, double *se, int64_t n_coef);

/** Gives the covariance of the coefficients, the inverse of the Hessian of -loglik.
 *  fit: a fit.  cov: [n_coef, n_coef].  n_coef: as in info.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_cov(const hw3_arima *fit, double *cov, int64_t n_coef);

/** Gives the innovations, standardised to the variance sigma2: e[t] / sqrt(F[t]), NaN where y is missing. The first d + m D are
 *  as in R about a thousandth of z[t]; with more than 60 differences and none missing they are 0.
 *  fit: a fit.  out: [n].  n: as in info.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_residuals(const hw3_arima *fit, double *out, int64_t n);

/** Gives forecasts of each value from those before it, without refitting, in the unit of y (after Box-Cox: the median;
 *  infinite where it has none that a double holds). R gives y less its residuals, which are standardised at the first steps.
 *  fit: a fit.  out: [n].  n: as in info.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_fitted(const hw3_arima *fit, double *out, int64_t n);

/** Forecasts the values after the last one, with one interval. The variance is that of e alone, as in R: coefficients count as known.
 *  fit: a fit without regressors.  horizon: steps, at least 1.  level: such as 0.95.
 *  mean, lower, upper: [horizon], in the unit of y; lower and upper may be NULL. After Box-Cox mean is the median without
 *  bias_adjust, and lower and upper may be infinite, where lambda has no such value.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (the fit has regressors: hw3_arima_predict); HW3_ERR_VALUE (a mean or, without
 *  Box-Cox, an end is not finite); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_forecast(const hw3_arima *fit, int64_t horizon, double level, double *mean,
                                                     double *lower, double *upper);

/** Forecasts with future regressors, several intervals and standard errors.
 *  fit: a fit.  horizon: steps, at least 1.  xreg: [horizon, n_xreg] future regressors; NULL without.
 *  levels: [n_levels], each between 0 and 1; NULL without.  n_levels: how many.
 *  mean: [horizon].  se: [horizon] standard errors on Box-Cox's scale; may be NULL.
 *  lower, upper: [n_levels, horizon], as in hw3_arima_forecast; NULL without.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a regressor is missing or infinite; as hw3_arima_forecast); HW3_ERR_NOMEM.
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_predict(const hw3_arima *fit, int64_t horizon, const double *xreg, const double *levels,
                                                    int64_t n_levels, double *mean, double *se, double *lower, double *upper);

HW3_END
#endif
