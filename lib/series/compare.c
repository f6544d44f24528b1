/* SPDX-License-Identifier: MIT */
#include "math/distribution.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

/* d = |e1|^power - |e2|^power, in a unit in which the largest error is about 1. */
static void loss_differences(const double *e1, const double *e2, int64_t n, double power, double *d)
{
    double max = 0;
    for (int64_t t = 0; t < n; t++) max = fmax(max, fmax(fabs(e1[t]), fabs(e2[t])));
    double scale = max > 0 ? ldexp(1, (int)hw3i_min(-ilogb(max), 1000)) : 1;
    for (int64_t t = 0; t < n; t++) d[t] = pow(fabs(e1[t]) * scale, power) - pow(fabs(e2[t]) * scale, power);
}

/* Variance of the mean of deviations: (1 / n) sum_{|k| < h} w_k cov_k, with w 1, or 1 - |k| / h when they fall. */
static double variance_of_mean(const double *d, int64_t n, int64_t h, bool bartlett)
{
    double sum = 0;
    for (int64_t k = 0; k < h; k++) {
        double cov = 0, weight = (k ? 2 : 1) * (bartlett ? 1 - (double)k / (double)h : 1);
        for (int64_t t = k; t < n; t++) cov += d[t] * d[t - k];
        sum += weight * cov / (double)n;
    }
    return sum / (double)n;
}

hw3_status hw3i_diebold_mariano(const double *e1, const double *e2, int64_t n, const hw3_dm_opts *o, double *work, hw3_test_result *out)
{
    double *d = work, count = (double)n;
    int64_t h = o->horizon;
    loss_differences(e1, e2, n, o->power, d);
    double mean = hw3i_spread_of(d, n).mean;
    for (int64_t t = 0; t < n; t++) d[t] -= mean;
    double variance = variance_of_mean(d, n, h, o->bartlett);
    out->fell_back = !(variance > 0) && h > 1;
    if (out->fell_back) h = 1, variance = variance_of_mean(d, n, 1, false);
    double ahead = (double)h, small = (count + 1 - 2 * ahead + ahead / count * (ahead - 1)) / count; /* [Harvey97] */
    if (!(variance > 0 && small > 0)) return HW3_ERR_VALUE;
    out->statistic = mean / sqrt(variance) * sqrt(small);
    out->df = count - 1;
    double above = hw3i_t_tail(out->statistic, out->df), below = hw3i_t_tail(-out->statistic, out->df);
    out->p_value = o->better == HW3_BETTER_FIRST ? below : o->better == HW3_BETTER_SECOND ? above : 2 * fmin(above, below);
    return HW3_OK;
}
