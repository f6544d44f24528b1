/* SPDX-License-Identifier: MIT */
/* Fitting of a seasonal ARIMA model with regressors, without allocation: on any thread, in a workspace.
 *
 *   y[t] = sum_c beta[c] x[c][t] + z[t],   (1 - B)^d (1 - B^m)^D z = an ARMA process with variance sigma2
 *
 * Differencing comes first, of y and of the regressors alike, with zeros before the start. What is not known becomes a column of
 * its own: a value before the start, with the prior variance KAPPA sigma2 of R; a missing value, 1 at its place, with no prior.
 * Least squares takes out what such columns do to the sum of squares, the determinant of its normal equations what they do to
 * the density, and the likelihood is that of the values present [Gomez99]. Where there are more columns than the filter has
 * states, missing values become states of the filter instead (arma_gaps.c), to the same likelihood. Innovations are linear in the
 * series, so all regression coefficients follow from one least-squares problem at each evaluation.
 *
 * With more than HW3I_MAX_HEAD differences the values before the start are exactly diffuse: the differenced series starts after them. */
#ifndef HW3I_ARIMA_FIT_H
#define HW3I_ARIMA_FIT_H
#include "math/bfgs.h"
#include "series/arima_head.h"

typedef struct hw3i_arima_data { /* borrowed */
    hw3_arima_order order;
    int64_t n;
    const double *y;     /* [n], NaN is missing */
    int64_t n_reg;
    const double *x;     /* [n_reg, n]: column after column */
    const double *fixed; /* [n_coef], NaN where free; NULL: all free */
    const double *init;  /* [n_coef], NaN where none; NULL: none */
    hw3_arima_method method;
    int32_t max_iterations;
    bool stand_in;       /* the sum of squares stands for the likelihood: moving averages stay invertible, gaps are forecast */
} hw3i_arima_data;

typedef struct hw3i_range {
    int64_t lo, hi; /* rows where a column is not negligible */
    int64_t first;  /* the first column that it is not orthogonal to by itself */
} hw3i_range;

typedef struct hw3i_arima_problem {
    const hw3i_arima_data *data;
    int64_t n_arma, n_coef;      /* coefficients: of the ARMA part first, then data->n_reg */
    int64_t n;                   /* steps */
    int64_t n_before, n_missing; /* values before the start with a prior, and missing ones between the first and the last */
    bool by_gaps;                /* missing values are states of a filter; otherwise columns */
    int64_t n_free_reg;          /* regressors that are free */
    int64_t n_unknown, n_columns; /* columns of what is not known; and n_free_reg */
    int64_t n_rows;              /* n + n_before: the last are the priors */
    int64_t n_used;              /* values present less differences */
    int64_t n_conditional;       /* steps that CSS leaves out */
    double *panel;               /* [n, 1 + n_columns]: y less what is held, then the columns; differenced */
    uint8_t *known;              /* [n]: what a CSS residual is, if values are missing */
    hw3i_holes holes;
    hw3i_head head;
    double *series, *v, *d_v;    /* [n, 1 + n_columns]: panel with y less all that was fitted; innovations; gradients */
    double *e, *q;               /* [n_rows], [n_columns, n_rows]: standardised; q orthonormal */
    hw3i_range *ranges;          /* [n_columns] */
    double *tri, *proj, *normal; /* [n_columns, n_columns], [n_columns], [n_free_reg, n_free_reg + 1 + head] */
    double *d_F, *d_y, *d_gamma, *d_phi, *d_theta, *d_head, *work;
    hw3i_arma arma;
    hw3i_gains gains;
    hw3i_gaps gaps;
    const double *F;             /* [n]: variances of the innovations */
    /* The latest evaluation: */
    int64_t first, k, n_residuals; /* columns first to first + k - 1 were fitted */
    double sum, left_out, log_det; /* left_out: squares of the steps left out, which sum lacks */
    double *coef, *beta;         /* [n_coef] ARMA part and fixed ones; [n_columns] */
    /* Coordinates of the optimiser: */
    bool css, transform, transform_ma;
    int64_t *free;               /* [n_coef]: coefficient of each coordinate */
    int64_t n_free;
    double seen_first, seen[2], *seen_at, *best; /* [2, n_arma]: the best point on each side of the jump; [n_arma] */
    double *x, *start, *rows[4], *d_coef, *hessian, *scratch;
} hw3i_arima_problem;

/* Why there is no fit. */
enum { HW3I_START, HW3I_END, HW3I_CONSTANT };

typedef struct hw3i_arima_result {
    double *coef, *cov; /* [n_coef], [n_coef, n_coef]: of the caller; cov may be NULL */
    double loglik, sigma2;
    double unbiased; /* sigma2 with all steps, by n_used - n_free */
    int64_t n_used, n_free; /* n_free: parameters estimated, without sigma2 */
    int32_t n_iterations, converged, cov_ok, stuck;
} hw3i_arima_result;

/* HW3_ERR_VALUE with a message: nothing that a fit could be made of. ctx may be NULL: no message. */
hw3_status hw3i_arima_check(hw3_ctx *ctx, const hw3i_arima_data *data);
int64_t hw3i_arima_bytes(const hw3i_arima_data *data);
/* The problem in a workspace of hw3i_arima_bytes; the first regressor that depends on those before it, or -1. */
int64_t hw3i_arima_setup(const hw3i_arima_data *data, void *workspace, hw3i_arima_problem *p);
/* Columns [k, n] become orthonormal, columns = old Q tri with tri [k, k] upper; the first that depends on those before it, or -1. */
int64_t hw3i_orthogonalise(int64_t n, int64_t k, double *columns, double *tri, hw3i_range *ranges);
/* Half of the log of the mean square of the standardised innovations and of their mean log variance, as R's arima has it; INFINITY
 * where there is no stationary start. beta: free regressors held, or NULL: their best, left in p->beta. Gradients may be NULL. */
double hw3i_arima_value(hw3i_arima_problem *p, const double *coef, const double *beta, double *d_coef, double *d_beta);
double hw3i_arima_loglik(const hw3i_arima_problem *p, double value);
/* HW3_OK; HW3_ERR_VALUE with result->stuck: no fit. */
hw3_status hw3i_arima_fit(hw3i_arima_problem *p, hw3i_arima_result *result);
/* After a fit with cov NULL, the same that it would have given: cov, and cov_ok. */
bool hw3i_arima_covariance(hw3i_arima_problem *p, const double *coef, double *cov);

#endif
