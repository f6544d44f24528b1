/* SPDX-License-Identifier: MIT */
/* The Kalman filter of a whole model, differences included: innovations, and the state after the last value, from which forecasts
 * follow. O(s^2) a step for s = r + diffs states; the likelihood of a fit is computed faster (arima_fit.h), to the same value.
 *
 * State: the ARMA process as in arma_filter.c, then the last `diffs` values z[t-1], z[t-2], ...; z[t] = x[0] - sum poly[k] z[t-k]. */
#ifndef HW3I_ARIMA_KALMAN_H
#define HW3I_ARIMA_KALMAN_H
#include "series/arima_head.h"

typedef struct hw3i_kalman {
    hw3i_arma arma;
    hw3i_start start;   /* for the stationary variance */
    int64_t diffs, s;
    double *poly;       /* [diffs + 1] */
    double *x, *P, *M;  /* [s], [s, s], [s, s]: of z[t] before it is seen, variance in units of sigma2 */
    double *gain, *row; /* [s] */
    bool steady;        /* the gain repeats itself: only x moves on */
    int64_t quiet;      /* steps since it last moved */
    double F;           /* variance of z[t] before it is seen */
} hw3i_kalman;

void hw3i_kalman_take(hw3i_workspace *w, const hw3_arima_order *o, hw3i_kalman *k);
/* Before the first value; kappa: prior variance of the values before the start. False without a stationary start. */
bool hw3i_kalman_start(hw3i_kalman *k, const hw3_arima_order *o, const double *coef, double kappa);
/* z[t] as forecast one step ahead; its variance is k->F. */
double hw3i_kalman_mean(const hw3i_kalman *k);
/* The same for a long season at once, in O(n r) and O(r^2) for each step until the gain stands still: z [n] has no gaps, and the
 * values before the start are exactly diffuse. mean [n] and F [n]: forecasts and variances; z itself and infinity where
 * differences are missing. gains: taken for n - diffs steps; work: [(n - diffs) 2 + r + 8 (r + 1)]. */
void hw3i_kalman_run(hw3i_kalman *k, hw3i_gains *gains, int64_t n, const double *z, double *mean, double *F, double *work);
/* Sees z (NaN: nothing) and goes on to the next step. */
void hw3i_kalman_step(hw3i_kalman *k, double z);
/* x [s] sees an innovation over its variance and goes on to the next step, with the gain [s] of that step; row: [s]. */
void hw3i_kalman_move(const hw3i_kalman *k, const double *gain, double e, double *x, double *row);
/* What a copy has come to, into the filter that it was copied from. */
void hw3i_kalman_put(const hw3i_kalman *copy, hw3i_kalman *to);

#endif
