/* SPDX-License-Identifier: MIT */
/* An ARMA process as two polynomials, and its exact Gaussian likelihood with gradient.
 *
 *   y[t] = sum_k phi[k] y[t-k] + e[t] + sum_k theta[k] e[t-k],   k = 1, 2, ...,   var e = 1
 *
 * A seasonal model is the product of two short polynomials, so few of many lags are there: loops over lags run over lists. */
#ifndef HW3I_ARMA_H
#define HW3I_ARMA_H
#include "hw3/arima.h"
#include "series/workspace.h"

/* ---- Orders and polynomials (arma_poly.c) ---- */

typedef struct hw3i_arma {
    int64_t p, q, r;      /* highest lags; r = max(p, q + 1), the size of the state */
    double *phi, *theta;  /* [r + 1], 0 beyond p and q; theta[0] is 1, phi[0] not used */
    int64_t n_ar, n_ma;   /* lags that the orders have: */
    int64_t *ar, *ma;     /* [n_ar], [n_ma], ascending */
} hw3i_arma;

/* Parameters of the orders: ar, ma, seasonal ar, seasonal ma, in this order. */
static inline int64_t hw3i_arma_n(const hw3_arima_order *o) { return (int64_t)o->p + o->q + o->P + o->Q; }
static inline int64_t hw3i_arma_diffs(const hw3_arima_order *o) { return o->d + o->D * o->period; }
static inline int64_t hw3i_arma_states(const hw3_arima_order *o)
{
    return hw3i_max(o->p + o->P * o->period, o->q + o->Q * o->period + 1);
}

void hw3i_arma_take(hw3i_workspace *w, const hw3_arima_order *o, hw3i_arma *a);
/* phi(B) = (1 - sum ar B^i)(1 - sum sar B^jm) and theta(B) = (1 + sum ma B^i)(1 + sum sma B^jm). */
void hw3i_arma_expand(const hw3_arima_order *o, const double *coef, hw3i_arma *a);
/* The gradient of coef from those of phi and theta, [r + 1] each. */
void hw3i_arma_collapse(const hw3_arima_order *o, const double *coef, const double *d_phi, const double *d_theta, double *d_coef);

/* Stationary autoregressions of order n from any numbers [Monahan84]: partial autocorrelations tanh u, then the recursion
 * of [Durbin60]. rows: [n, n] kept for the gradient. */
void hw3i_ar_from_free(int64_t n, const double *u, double *ar, double *rows);
void hw3i_ar_from_free_back(int64_t n, const double *u, const double *rows, const double *d_ar, double *d_u, double *work);
/* The other way; false, and u is not to be used, unless ar is stationary. work: [n]. */
bool hw3i_ar_to_free(int64_t n, const double *ar, double *u, double *work);
/* Moves the roots of 1 + sum ma B^i that lie inside the unit circle outside. True where one had to be moved.
 * work: [3 n + 1]. */
bool hw3i_ma_invert(int64_t n, double *ma, double *work);

/* The coefficients [n + 1] of (1 - B)^d (1 - B^m)^D, first 1; returns n. */
int64_t hw3i_difference_poly(const hw3_arima_order *o, double *poly);

/* ---- The stationary start (arma_start.c) ---- */

typedef struct hw3i_start {
    double *c;      /* [r]: column 0 of the state's stationary variance P */
    double *gamma;  /* [n_gamma]: autocovariances */
    int64_t n_gamma; /* at least r + 1 */
    double *psi;    /* [r + 1]: weights of the past noise */
    double *lu;     /* [p + 1, p + 1] */
    int64_t *pivots;
} hw3i_start;

void hw3i_start_take(hw3i_workspace *w, const hw3_arima_order *o, int64_t n_gamma, hw3i_start *g);
/* False when the process has no stationary start. */
bool hw3i_start_run(const hw3i_arma *a, hw3i_start *g);
/* The lower triangle of P, rows ld apart. */
void hw3i_start_variance(const hw3i_arma *a, const hw3i_start *g, double *P, int64_t ld);
/* From d_P (lower triangle of a symmetric gradient; changed) to d_c [r], and adds to d_phi and d_theta. */
void hw3i_start_variance_back(const hw3i_arma *a, const hw3i_start *g, double *d_P, int64_t ld, double *d_c, double *d_phi,
                              double *d_theta);
/* From the gradients of c (d_c[0] is that of gamma[0]) and gamma (changed) to those of phi and theta. d_psi: [r + 1] work. */
void hw3i_start_back(const hw3i_arma *a, const hw3i_start *g, const double *d_c, double *d_gamma, double *d_phi, double *d_theta,
                     double *d_psi);

/* ---- The filter (arma_filter.c) ---- */

typedef struct hw3i_gains {
    int64_t n;         /* steps; */
    int64_t n_varying; /* from here on F = 1 and the gain stays phi + theta to rounding */
    double *F;         /* [n]: variance of an innovation */
    double *k, *w;     /* [n + 1, r]: gain times F, and the direction in which the variance falls */
    hw3i_start start;
} hw3i_gains;

void hw3i_gains_take(hw3i_workspace *w, const hw3_arima_order *o, int64_t n, int64_t n_gamma, hw3i_gains *g);
/* False when the process has no stationary start. */
bool hw3i_gains_run(const hw3i_arma *a, hw3i_gains *g);

/* Innovations v of C series side by side, y and v: [n, C]. work: hw3i_filter_scratch doubles. */
static inline int64_t hw3i_filter_scratch(const hw3i_arma *a, int64_t C) { return (a->r + 4) * C + 4 * (a->r + 1); }
void hw3i_innovations(const hw3i_arma *a, const hw3i_gains *g, int64_t C, const double *y, double *v, double *work);
/* From the gradients of v (d_v, of the first `back` columns; changed), F (d_F [n], changed) and gamma (d_gamma, changed): adds to
 * d_phi and d_theta [r + 1], and to d_y [n] what belongs to column 0; d_y may be NULL. */
void hw3i_filter_back(const hw3i_arma *a, const hw3i_gains *g, int64_t C, const double *y, const double *v, int64_t back, double *d_v,
                      double *d_y, double *d_F, double *d_gamma, double *d_phi, double *d_theta, double *work);

/* The same for residuals of the difference equation alone, from `start` on. */
void hw3i_residuals(const hw3i_arma *a, int64_t n, int64_t start, int64_t C, const double *y, double *v);
void hw3i_residuals_back(const hw3i_arma *a, int64_t n, int64_t start, int64_t C, const double *y, const double *v, int64_t back,
                         double *d_v, double *d_y, double *d_phi, double *d_theta);

/* ---- Residuals where values are missing (arma_holes.c) ---- */

enum { HW3I_MISSING = 0, HW3I_PRESENT = 1, HW3I_FORECAST = 2 }; /* a residual is 0; is there; is 0 by the choice of the value */
typedef struct hw3i_holes { /* borrowed */
    const uint8_t *what; /* [n]; NULL: all are there */
    int64_t diffs;
    const double *poly;  /* [diffs + 1] */
} hw3i_holes;

/* As hw3i_residuals; y [n, C], differenced with 0 for what is missing, takes in the values forecast. */
void hw3i_residuals_known(const hw3i_arma *a, const hw3i_holes *h, int64_t n, int64_t start, int64_t C, double *y, double *v);
/* Of column 0 alone. */
void hw3i_residuals_known_back(const hw3i_arma *a, const hw3i_holes *h, int64_t n, int64_t start, int64_t C, const double *y,
                               const double *v, double *d_v, double *d_y, double *d_phi, double *d_theta);

/* ---- The filter where many values are missing (arma_gaps.c) ---- */

typedef struct hw3i_gaps {
    int64_t n, n_holes, diffs, r;
    int64_t n_slots, s;  /* s = r + n_slots states */
    int64_t *at;         /* [n_holes]: steps without a value */
    const double *poly;  /* [diffs + 1] */
    double *F;           /* [n]: variance of an innovation, 1 where there is none */
    double *gain, *u;    /* [n, s]: P h, and column 0 of P after the step, moved on */
    double *P, *x;       /* [s, s] and [s, C]: the state, on the way back its gradients */
    double *work;
    int64_t first, next; /* of the step that was looked at: holes that reach it, */
    int64_t n_weights;   /* and what it has of them */
    int64_t *slot;
    double *weight;
} hw3i_gaps;

/* y: [n], NaN is missing; C: the most series side by side. */
void hw3i_gaps_take(hw3i_workspace *w, const hw3_arima_order *o, const double *y, int64_t n, int64_t C, hw3i_gaps *g);
/* poly: borrowed. */
void hw3i_gaps_setup(hw3i_gaps *g, const double *y, const double *poly);
/* False when the process has no stationary start. */
bool hw3i_gaps_run(const hw3i_arma *a, hw3i_start *start, hw3i_gaps *g);
/* y: [n, C], differenced with 0 for what is missing; becomes the ARMA process as known at each step. v: 0 where missing. */
void hw3i_gaps_innovations(const hw3i_arma *a, hw3i_gaps *g, int64_t C, double *y, double *v);
/* As hw3i_filter_back, with that process for y. d_F stays; d_v becomes the gradient of y. */
void hw3i_gaps_back(const hw3i_arma *a, const hw3i_start *start, hw3i_gaps *g, int64_t C, const double *front, const double *v,
                    int64_t back, double *d_v, double *d_y, const double *d_F, double *d_gamma, double *d_phi, double *d_theta);

#endif
