/* SPDX-License-Identifier: MIT */
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

/* Mean of the values present and the power of two that keeps squares of their deviations in range. */
typedef struct centre {
    double mean, scale;
    int64_t n_present;
} centre;

static centre centre_of(const double *y, int64_t n)
{
    double max = 0;
    hw3i_sum sum = { 0 };
    centre c = { 0, 1, 0 };
    for (int64_t i = 0; i < n; i++) max = fmax(max, fabs(y[i]));
    c.scale = hw3i_scale_for(max);
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i])) hw3i_sum_add(&sum, y[i] * c.scale), c.n_present++;
    c.mean = hw3i_sum_of(sum) / (double)c.n_present;
    return c;
}

/* sum_t (y[t] - mean)(y[t + k] - mean) / (k + pairs); NaN without a pair. */
static double autocovariance(const double *y, int64_t n, int64_t k, const centre *c)
{
    double sum = 0;
    int64_t pairs = 0;
    for (int64_t t = 0; t + k < n; t++) {
        double product = (y[t] * c->scale - c->mean) * (y[t + k] * c->scale - c->mean);
        if (!isnan(product)) sum += product, pairs++;
    }
    return pairs ? sum / (double)(pairs + k) : NAN;
}

static bool varies(const double *y, int64_t n)
{
    double min = INFINITY, max = -INFINITY;
    for (int64_t i = 0; i < n; i++) min = fmin(min, y[i]), max = fmax(max, y[i]);
    return max > min;
}

hw3_status hw3i_acf(const double *y, int64_t n, int64_t max_lag, double *acf, int64_t *n_present)
{
    centre c = centre_of(y, n);
    *n_present = c.n_present;
    double variance = varies(y, n) ? autocovariance(y, n, 0, &c) : 0;
    if (!(variance > 0)) return HW3_ERR_VALUE;
    for (int64_t k = 1; k <= max_lag; k++) {
        acf[k - 1] = autocovariance(y, n, k, &c) / variance;
        if (isnan(acf[k - 1])) return HW3_ERR_VALUE;
    }
    return HW3_OK;
}

/* phi_kk = (acf_k - sum_j phi_{k-1,j} acf_{k-j}) / (1 - sum_j phi_{k-1,j} acf_j), where the divisor is that of k - 1 times
 * 1 - phi_{k-1,k-1}^2, and phi_kj = phi_{k-1,j} - phi_kk phi_{k-1,k-j} [Durbin60]. */
hw3_status hw3i_pacf(const double *acf, int64_t max_lag, double *pacf, double *work)
{
    double rest = 1, *phi = work;
    for (int64_t k = 0; k < max_lag; k++) {
        double sum = acf[k];
        for (int64_t j = 0; j < k; j++) sum -= phi[j] * acf[k - 1 - j];
        phi[k] = pacf[k] = sum / rest;
        for (int64_t i = 0, j = k - 1; i <= j; i++, j--) {
            double a = phi[i], b = phi[j];
            phi[i] = a - phi[k] * b;
            phi[j] = b - phi[k] * a;
        }
        rest *= 1 - phi[k] * phi[k];
        if (!isfinite(phi[k])) return HW3_ERR_VALUE;
    }
    return HW3_OK;
}
