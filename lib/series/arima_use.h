/* SPDX-License-Identifier: MIT */
/* What a fitted model is used for: what hw3/arima_use.h promises, arguments already checked for NULL and size. */
#ifndef HW3I_ARIMA_USE_H
#define HW3I_ARIMA_USE_H
#include "hw3/arima_use.h"
#include "series/arima_model.h"

/* The options that a fit was made with, regressors left out. */
hw3_arima_opts hw3i_arima_opts_of(const hw3_arima *fit);
/* Regressors as rows [n, n_xreg], of the fit's own memory to be freed; NULL without memory. */
double *hw3i_arima_rows(const hw3_arima *fit);
/* A model with another's orders, coefficients and sigma2, filtered over y. */
hw3_status hw3i_arima_apply(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, hw3_arima **out);
hw3_status hw3i_arima_append(hw3_arima *fit, const double *y, int64_t n, const double *xreg);
hw3_status hw3i_arima_refit(hw3_arima *fit);
hw3_status hw3i_arima_one_step(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, double *mean, double *se);
hw3_status hw3i_arima_backtest(const hw3_arima *fit, const double *y, int64_t n, const double *xreg, int64_t horizon, int64_t refit_every,
                               hw3_arima_origin_fn progress, void *user, double *mean, double *se);
/* Log-likelihood of a filtered series at its coefficients, into info with all that follows from it. HW3_ERR_VALUE when squares
 * overflow. */
hw3_status hw3i_arima_judge(hw3_arima *fit);

/* Inverse roots [hw3i_arima_n_roots] of one polynomial. */
int64_t hw3i_arima_n_roots(const hw3_arima *fit, bool ma);
hw3_status hw3i_arima_roots(const hw3_arima *fit, bool ma, double *re, double *im);

typedef struct hw3i_simulation {
    int64_t horizon, n_paths;
    const double *xreg; /* [horizon, n_xreg] */
    uint64_t seed;
    bool bootstrap, conditional;
} hw3i_simulation;
/* out: [n_paths, horizon] */
hw3_status hw3i_arima_simulate(const hw3_arima *fit, const hw3i_simulation *what, double *out);
hw3_status hw3i_arima_intervals(const hw3_arima *fit, const hw3i_simulation *what, const double *levels, int64_t n_levels, double *lower,
                                double *upper);


hw3_status hw3i_arima_save(const hw3_arima *fit, const char *path);
hw3_status hw3i_arima_load(hw3_ctx *ctx, const char *path, hw3_arima **out);

typedef struct hw3i_many { /* borrowed; one after the other, and an element or a row for each */
    const double *y;
    const int64_t *lengths;
    int64_t n_series;
    const hw3_arima_opts *opts; /* without regressors */
    double *coef, *loglik, *sigma2;
    int32_t *converged, *statuses;
} hw3i_many;
hw3_status hw3i_arima_fit_many(hw3_ctx *ctx, const hw3i_many *what, int64_t n_coef);

/* out: [n, columns] */
void hw3i_fourier(double period, int64_t K, int64_t n, int64_t start, double *out);

#endif
