/* SPDX-License-Identifier: MIT */
#include "math/distribution.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

hw3_status hw3i_ljung_box(const double *acf, int64_t n_present, int64_t lag, int64_t fitdf, hw3_test_result *out)
{
    double n = (double)n_present, sum = 0;
    if (n_present <= lag) return HW3_ERR_VALUE;
    for (int64_t k = 1; k <= lag; k++) sum += acf[k - 1] * acf[k - 1] / (n - (double)k);
    out->statistic = n * (n + 2) * sum;
    out->df = (double)(lag - fitdf);
    out->p_value = hw3i_chi2_tail(out->statistic, out->df);
    return HW3_OK;
}

/* With z = (y - mean) / sd: skewness = mean z^3, kurtosis = mean z^4. */
hw3_status hw3i_jarque_bera(const double *y, int64_t n, hw3_test_result *out)
{
    hw3i_spread spread = hw3i_spread_of(y, n);
    double third = 0, fourth = 0, scale = hw3i_scale_for(fmax(fabs(spread.min), fabs(spread.max)));
    if (!(spread.sd > 0)) return HW3_ERR_VALUE;
    for (int64_t i = 0; i < n; i++) {
        double z = (y[i] * scale - spread.mean * scale) / (spread.sd * scale);
        third += z * z * z;
        fourth += z * z * z * z;
    }
    double skewness = third / (double)n, kurtosis = fourth / (double)n;
    out->statistic = (double)n * (skewness * skewness / 6 + (kurtosis - 3) * (kurtosis - 3) / 24);
    out->df = 2;
    out->p_value = hw3i_chi2_tail(out->statistic, 2);
    return HW3_OK;
}
