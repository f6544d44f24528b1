/* SPDX-License-Identifier: MIT */
/** @file arima_use.h
 * Using a fitted ARIMA model: new values, forecasts over a test set, simulation, files, many series at once, Fourier terms.
 *
 *     TRY(hw3_arima_append(fit, y + n, 12, NULL));                          // a year more, coefficients as they were
 *     TRY(hw3_arima_forecast(fit, 5, 0.95, mean, lower, upper));
 *     TRY(hw3_arima_save(fit, "model.safetensors"));                        // reloads to the same bits
 *
 * Standard errors are on Box-Cox's scale, all else in the unit of y, as in arima.h.
 *
 * Threads: as hw3_ctx; callbacks run on the thread that called.
 */
#ifndef HW3_ARIMA_USE_H
#define HW3_ARIMA_USE_H
#include "hw3/arima.h"
HW3_BEGIN

/** Appends values that follow the series: the filter goes on, the coefficients and sigma2 stay. In info, loglik and what follows from
 *  it become those of the longer series, by the exact likelihood. Appended one by one or at once, and hw3_arima_apply to all of
 *  it: the same bits; to rounding where d + m D is above 60 or the variance has vanished.
 *  fit: a fit.  y: [n], NaN is missing.  n: at least 0.  xreg: [n, n_xreg] their regressors; NULL without.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (an infinite value, one without a Box-Cox transform, a regressor that is missing, a
 *  forecast or a likelihood that is not finite); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_append(hw3_arima *fit, const double *y, int64_t n, const double *xreg);

/** Fits again, to all values up to now, from the present coefficients on.
 *  fit: a fit.
 *  Returns: HW3_OK; HW3_ERR_VALUE (as hw3_arima_fit; the fit is as it was); HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_refit(hw3_arima *fit);

/** Makes the same model, with coefficients and sigma2, of another series. Its drift counts from 1 again.
 *  fit: a fit.  y: [n], copied; NaN is missing.  n: at least 1.  xreg: [n, n_xreg]; NULL without.  out: the model.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_apply(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, hw3_arima **out);

/** Forecasts each value of a test set that follows the series from all before it, without refitting; the fit stays as it is.
 *  fit: a fit.  y: [n] test set, NaN is missing.  n: at least 1.  xreg: [n, n_xreg]; NULL without.
 *  mean: [n].  se: [n] standard errors; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_one_step(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, double *mean,
                                                     double *se);

/** Is told after each origin of a backtest how many are done; a value other than 0 stops it. */
typedef int32_t (*hw3_arima_origin_fn)(void *user, int64_t done, int64_t total);

/** Forecasts from a rolling origin: row i is for the values i to i + horizon - 1 of a test set that follows the series, from all
 *  before them. The fit stays as it is.
 *  fit: a fit.  y: [n] test set, NaN is missing.  n: at least horizon.  horizon: steps, at least 1.
 *  refit_every: origins between two refits; 0: never.  xreg: [n, n_xreg]; NULL without.
 *  progress: called after each origin; may be NULL.  user: handed to it.
 *  mean: [n - horizon + 1, horizon].  se: [n - horizon + 1, horizon] standard errors; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_backtest(const hw3_arima *fit, const double *y, int64_t n, int64_t horizon,
                                                     int64_t refit_every, const double *xreg, hw3_arima_origin_fn progress, void *user,
                                                     double *mean, double *se);

/** Gives inverse roots: numbers w with 1 - w B a factor of the autoregressive polynomial or of the moving average. Those of a
 *  stationary or invertible one lie inside the unit circle. Plain ones first, then those of the season; 0 for a coefficient of 0
 *  at the end.
 *  fit: a fit.  ma: 0: autoregressive, p + m P of them; 1: moving average, q + m Q.
 *  re, im: [n] real and imaginary parts.  n: room, at least so many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL; HW3_ERR_VALUE (not found); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_roots(const hw3_arima *fit, int32_t ma, double *re, double *im, int64_t n);

/** Simulates: the same numbers for any number of threads. Infinite where Box-Cox has no value for a path that a double holds.
 *  fit: a fit.  horizon: steps, at least 1.  n_paths: at least 1.  seed: of the draws.
 *  bootstrap: 0: normal innovations; 1: drawn from the fit's, standardised as hw3_arima_residuals, their mean taken off.
 *  conditional: 1: paths that go on after the series; 0: new series, zero before their start where there are differences.
 *  xreg: [horizon, n_xreg] regressors; NULL without.
 *  out: [n_paths, horizon].
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a regressor, no residuals); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_simulate(const hw3_arima *fit, int64_t horizon, int64_t n_paths, uint64_t seed,
                                                     int32_t bootstrap, int32_t conditional, const double *xreg, double *out);

/** Gives intervals of forecasts as quantiles of simulated paths, definition 8 of [Hyndman96].
 *  fit, horizon, n_paths, seed, bootstrap, xreg: as in hw3_arima_simulate.  levels: [n_levels], each between 0 and 1.
 *  n_levels: how many, at least 1.
 *  lower, upper: [n_levels, horizon]; infinite where paths are.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_intervals(const hw3_arima *fit, int64_t horizon, const double *levels, int64_t n_levels,
                                                      int64_t n_paths, uint64_t seed, int32_t bootstrap, const double *xreg,
                                                      double *lower, double *upper);

/** Saves a fit with its series and regressors as safetensors, orders and options as texts that can be read [Safetensors].
 *  fit: a fit.  path: written anew, or not at all.
 *  Returns: HW3_OK; HW3_ERR_IO; HW3_ERR_NAME (a regressor's name is not UTF-8); HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_save(const hw3_arima *fit, const char *path);

/** Loads a fit that forecasts, and goes on with new values, to the same bits.
 *  ctx: context.  path: a file of hw3_arima_save.  out: the fit.
 *  Returns: HW3_OK; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, with what is wrong); HW3_ERR_VERSION; HW3_ERR_MISMATCH (not an ARIMA model);
 *  HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_load(hw3_ctx *ctx, const char *path, hw3_arima **out);

/** Fits one model to many series on all threads, to the bits of hw3_arima_fit for each. Memory: one workspace a thread.
 *  ctx: context.  y: [sum of lengths] series after series, NaN is missing.  lengths: [n_series], each at least 1.
 *  n_series: how many, at least 1.  opts: without regressors; NULL for the defaults.
 *  n_coef: coefficients of the model: p + q + P + Q, one more with a mean, one more with a drift.
 *  coef: [n_series, n_coef].  loglik: [n_series].  sigma2: [n_series].  converged: [n_series] as in hw3_arima_info.
 *  statuses: [n_series] what hw3_arima_fit would return; where it is not HW3_OK, the numbers of that series are NaN.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (n_coef is another); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_fit_many(hw3_ctx *ctx, const double *y, const int64_t *lengths, int64_t n_series,
                                                     const hw3_arima_opts *opts, int64_t n_coef, double *coef, double *loglik,
                                                     double *sigma2, int32_t *converged, int32_t *statuses);

/** Gives Fourier terms, regressors for a long season: sin and cos of 2 pi k t / period for k = 1, 2, ..., at t = start + 1, ...,
 *  start + n; the sine is left out where 2 k is the period, being 0.
 *  ctx: context.  period: above 1, need not be whole.  n: rows, at least 1.  start: values before the first row, 0 for the first.
 *  n_columns: 2 K for K frequencies; where 2 K is the period, 2 K - 1; at most the period.
 *  out: [n, n_columns].
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_fourier(hw3_ctx *ctx, double period, int64_t n, int64_t start, int64_t n_columns, double *out);

HW3_END
#endif
