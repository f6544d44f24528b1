/* SPDX-License-Identifier: MIT */
/* Least squares by Householder's QR, in the caller's memory.
 *
 *     double a[k * n], diag[k];  int64_t order[k];           // column j at a + j n; overwritten
 *     hw3i_qr qr = { n, k, a, diag, order, 0 };
 *     hw3i_qr_factor(&qr, HW3I_QR_TOLERANCE);                 // qr.rank of the k columns are independent
 *     hw3i_qr_rotate(&qr, y);                                 // y becomes Q'y: the residual's length is that of y[rank..n)
 *     hw3i_qr_solve(&qr, y, coef);                            // of column order[p]: coef[order[p]]
 *
 * A column that is a combination of those before it goes to the end of order, so that the first of them stay and the
 * others can be named: order[rank], order[rank + 1], ... are left out. */
#ifndef HW3I_QR_H
#define HW3I_QR_H
#include <stdint.h>

#define HW3I_QR_TOLERANCE 1e-7 /* as R's lm: a column's rest, as a share of its length, that counts as nothing */

typedef struct hw3i_qr {
    int64_t n, k;
    double *a;      /* [k][n]; after: R above row p of column order[p], the reflection's vector from row p on */
    double *diag;   /* [k]: R's diagonal */
    int64_t *order; /* [k]: column at place p */
    int64_t rank;
} hw3i_qr;

void hw3i_qr_factor(hw3i_qr *qr, double tolerance);
void hw3i_qr_rotate(const hw3i_qr *qr, double *y);                         /* y <- Q'y */
void hw3i_qr_rotate_back(const hw3i_qr *qr, double *y);                    /* y <- Q y */
void hw3i_qr_solve(const hw3i_qr *qr, const double *rotated, double *coef); /* coef [k]; NaN for columns left out */
void hw3i_qr_residuals(const hw3i_qr *qr, double *y);                      /* y <- y - its projection on the columns */
double hw3i_qr_rss(const hw3i_qr *qr, const double *rotated);              /* residual sum of squares */
/* Coefficient over its standard error at the last place of order; its column must not be left out, n > rank. */
double hw3i_qr_last_t(const hw3i_qr *qr, const double *rotated);
/* Diagonal element of (X'X)^-1 of the column at place p < rank: its coefficient's variance in units of the noise's. work: [k]. */
double hw3i_qr_variance(const hw3i_qr *qr, int64_t p, double *work);

#endif
