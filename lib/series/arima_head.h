/* SPDX-License-Identifier: MIT */
/* The diffuse start of a differenced series, counted as R's arima counts it.
 *
 * R gives the `diffs` values before the start a normal prior with variance KAPPA sigma2, runs the filter over all values, and
 * leaves those steps out whose innovation variance is 1e4 sigma2 or more. The head is the stretch up to the last such step. With
 * M the response of its values to those before the start and G the covariance of the integrated ARMA process, the values present
 * have covariance C = KAPPA M M' + G; Cholesky's factor of C in the order of time gives innovations and their variances.
 * An ARMA process near the edge of stationarity has such steps too, at most as many as its autoregressive part is long: the head
 * is `base` steps for the differences, and goes on so far only where the process's own variance is that large. */
#ifndef HW3I_ARIMA_HEAD_H
#define HW3I_ARIMA_HEAD_H
#include "series/arma.h"

#define HW3I_KAPPA 1e6
#define HW3I_MAX_HEAD 60 /* R refuses seasons above 350; up to here its numbers are met, beyond it the cost would grow too far */
#define HW3I_DIFFUSE 1e4 /* an innovation variance that leaves a step out */

typedef struct hw3i_head {
    int64_t diffs, base, longest; /* steps */
    int64_t length, n;         /* of the latest run: base or longest steps; of them present */
    int64_t n_present;         /* in the longest */
    int64_t n_reg;             /* columns of z besides the first */
    int64_t *at;               /* [n]: which steps */
    double *poly;              /* [diffs + 1] */
    double *prior;             /* [n_present, n_present]: KAPPA M M' */
    double *z;                 /* [1 + n_reg, n_present]: y and the regressors, not differenced */
    double *G;                 /* [length, length] */
    double *B, *F, *v;         /* [n, n] rows b with v = b'z, variances, [1 + n_reg, n_present] innovations */
    uint8_t *out;              /* [n]: 1 where left out */
    int64_t n_out;
} hw3i_head;

/* y: [n], NaN is missing. No head with more than HW3I_MAX_HEAD differences. */
void hw3i_head_take(hw3i_workspace *w, const hw3_arima_order *o, const double *y, int64_t n, int64_t n_reg, hw3i_head *h);
/* y: [longest]; z is left to the caller. */
void hw3i_head_setup(hw3i_head *h, const hw3_arima_order *o, const double *y, double *scratch);
static inline int64_t hw3i_head_scratch(int64_t diffs, int64_t length) { return (diffs + length) * diffs; }
/* False where C is not positive definite. */
bool hw3i_head_run(hw3i_head *h, const double *gamma);
/* Of sum over the steps left out of per_log log F + per_sum v^2 / F, with v those of z[0]: adds the gradient to d_gamma, and
 * writes that by z[0] to d_z [n]. work: [n (n + 1) + length length]. */
void hw3i_head_back(const hw3i_head *h, double per_log, double per_sum, double *d_gamma, double *d_z, double *work);

#endif
