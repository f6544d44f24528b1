/* SPDX-License-Identifier: MIT */
#include "math/qr.h"
#include "math/rows.h"
#include <math.h>

static double *column(const hw3i_qr *qr, int64_t p) { return qr->a + qr->order[p] * qr->n; }

/* y <- H y with H = I - 2 v v' / v'v. For v = x - alpha e, alpha = -sign(x_0) |x|, v'v is -2 alpha v_0. */
static void reflect(const hw3i_qr *qr, int64_t p, double *y)
{
    const double *v = column(qr, p) + p;
    double s = hw3i_dot(qr->n - p, v, y + p) / (qr->diag[p] * v[0]);
    for (int64_t i = 0; i < qr->n - p; i++) y[p + i] += s * v[i];
}

/* Sets place p aside: behind all others. */
static void set_aside(hw3i_qr *qr, int64_t p)
{
    int64_t j = qr->order[p];
    for (; p < qr->k - 1; p++) qr->order[p] = qr->order[p + 1];
    qr->order[p] = j;
}

/* Reflections keep a column's length, so what it was at first is still there to compare with. */
void hw3i_qr_factor(hw3i_qr *qr, double tolerance)
{
    int64_t p = 0;
    for (int64_t j = 0; j < qr->k; j++) qr->order[j] = j;
    for (int64_t left = qr->k; left > 0 && p < qr->n; left--) {
        double *x = column(qr, p);
        double rest = sqrt(hw3i_dot(qr->n - p, x + p, x + p)), whole = sqrt(hw3i_dot(qr->n, x, x));
        if (!(rest > tolerance * whole)) {
            set_aside(qr, p);
            continue;
        }
        qr->diag[p] = x[p] > 0 ? -rest : rest;
        x[p] -= qr->diag[p];
        for (int64_t q = p + 1; q < qr->k; q++) reflect(qr, p, column(qr, q));
        p++;
    }
    qr->rank = p;
}

void hw3i_qr_rotate(const hw3i_qr *qr, double *y)
{
    for (int64_t p = 0; p < qr->rank; p++) reflect(qr, p, y);
}

void hw3i_qr_rotate_back(const hw3i_qr *qr, double *y)
{
    for (int64_t p = qr->rank - 1; p >= 0; p--) reflect(qr, p, y);
}

/* R coef = Q'y, from the last row up. */
void hw3i_qr_solve(const hw3i_qr *qr, const double *rotated, double *coef)
{
    for (int64_t p = qr->k - 1; p >= 0; p--) {
        double rest = p < qr->rank ? rotated[p] : NAN;
        for (int64_t q = p + 1; q < qr->rank; q++) rest -= column(qr, q)[p] * coef[qr->order[q]];
        coef[qr->order[p]] = p < qr->rank ? rest / qr->diag[p] : NAN;
    }
}

void hw3i_qr_residuals(const hw3i_qr *qr, double *y)
{
    hw3i_qr_rotate(qr, y);
    for (int64_t p = 0; p < qr->rank; p++) y[p] = 0;
    hw3i_qr_rotate_back(qr, y);
}

double hw3i_qr_rss(const hw3i_qr *qr, const double *rotated)
{
    return hw3i_dot(qr->n - qr->rank, rotated + qr->rank, rotated + qr->rank);
}

/* coef = z / r and its error is s / |r|, z the last of Q'y that R meets, r the last of R's diagonal. */
double hw3i_qr_last_t(const hw3i_qr *qr, const double *rotated)
{
    int64_t p = qr->rank - 1;
    double s = sqrt(hw3i_qr_rss(qr, rotated) / (double)(qr->n - qr->rank));
    return copysign(1, qr->diag[p]) * rotated[p] / s;
}

/* (X'X)^-1 = R^-1 R^-T: the square of u where R'u = e_p. */
double hw3i_qr_variance(const hw3i_qr *qr, int64_t p, double *work)
{
    double sum = 0;
    for (int64_t q = p; q < qr->rank; q++) {
        double rest = q == p;
        for (int64_t i = p; i < q; i++) rest -= column(qr, q)[i] * work[i];
        work[q] = rest / qr->diag[q];
        sum += work[q] * work[q];
    }
    return sum;
}
