/* SPDX-License-Identifier: MIT */
/* A fitted model as an object: what hw3/arima.h promises, arguments already checked for NULL and size. */
#ifndef HW3I_ARIMA_MODEL_H
#define HW3I_ARIMA_MODEL_H
#include "hw3/arima_auto.h"
#include "series/arima_fit.h"
#include "series/arima_kalman.h"

struct hw3_arima {
    hw3_ctx *ctx;
    hw3_arima_info info;
    int32_t bias_adjust, unbiased, max_iterations;
    int64_t n_arma, n_reg;   /* regressors with mean and drift */
    double *y, *z;           /* [n]: as given; after Box-Cox */
    double *x;               /* [n_reg, n] columns */
    char **names;            /* [n_coef] */
    double *coef, *cov;      /* [n_coef], [n_coef, n_coef] */
    double *fixed;           /* [n_coef]: NaN where free */
    int64_t n_run;           /* values that hw3i_arima_filter saw, before those appended */
    double *mean, *F;        /* [n]: forecasts of z one step ahead, and their variances in units of sigma2 */
    void *memory;            /* of the filter */
    hw3_arima_trial *trials; /* [n_trials]: what a search has tried */
    int64_t n_trials;
    hw3i_kalman filter;      /* after the last value */
};

/* opts complete and y of n >= 1 values: checks the rest. */
hw3_status hw3i_arima_create(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, hw3_arima **out);
/* The same with all coefficients in opts->fixed, which leave nothing to explain: sigma2 is 0. */
hw3_status hw3i_arima_create_exact(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, hw3_arima **out);
void hw3i_arima_destroy(hw3_arima *fit);
/* HW3_ERR_ARG for orders or flags that are none; the number of coefficients in *n_coef. */
hw3_status hw3i_arima_check_opts(hw3_ctx *ctx, const hw3_arima_opts *opts, int64_t *n_coef);
/* A model with its series and coefficients 0, neither fitted nor filtered; on failure too, to be destroyed. */
hw3_status hw3i_arima_allocate(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_opts *opts, int64_t n_coef, hw3_arima *fit);
/* AIC, AICc, BIC of the log-likelihood. */
void hw3i_arima_criteria(hw3_arima *fit);
/* z[t] of y[t] for `first` <= t < n, and their missing ones counted. HW3_ERR_VALUE without a transform. */
hw3_status hw3i_arima_transform(hw3_arima *fit, int64_t first);
/* Columns [n_reg, rows]: mean, drift from row `first` + 1 on, regressors given by rows. HW3_ERR_VALUE where one is not finite. */
hw3_status hw3i_arima_regressors(const hw3_arima *fit, const double *xreg, int64_t first, int64_t rows, double *x);
/* A copy of the filter that can be moved on: its own x, P and work; the rest is shared. memory: to be freed. */
hw3_status hw3i_arima_copy_filter(const hw3_arima *fit, hw3i_kalman *k, void **memory);
/* sum beta x at row t of columns that are `rows` long. */
double hw3i_arima_regression(const hw3_arima *fit, const double *x, int64_t rows, int64_t t);
/* Runs the filter over z from its start: mean, F, and the state after the last value. */
hw3_status hw3i_arima_filter(hw3_arima *fit);
/* The same from value `first` on, k standing before it. HW3_ERR_VALUE when a forecast is not finite. */
hw3_status hw3i_arima_go_on(hw3_arima *fit, hw3i_kalman *k, int64_t first);
/* A forecast with mean z and standard error e, both on Box-Cox's scale, in the unit of y. */
double hw3i_arima_forecast_of(const hw3_arima *fit, double z, double e);
double hw3i_arima_unit_of(const hw3_arima *fit, double z);
/* n of them, and their standard errors where se is not NULL. HW3_ERR_VALUE, and nothing written, when one is not finite. */
hw3_status hw3i_arima_put(const hw3_arima *fit, int64_t n, const double *z, const double *e, double *mean, double *se);
hw3_status hw3i_arima_predict(const hw3_arima *fit, int64_t horizon, const double *xreg, const double *levels, int64_t n_levels,
                              double *mean, double *se, double *lower, double *upper);

#endif
