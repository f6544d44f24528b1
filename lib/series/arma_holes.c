/* SPDX-License-Identifier: MIT */
/* Residuals v[t] = w[t] - sum phi[j] w[t-j] - sum theta[j] v[t-j] of a differenced series w = poly(B) z with values missing.
 * A missing z[t] is its forecast, which makes v[t] = 0: w[t+i] takes poly[i] (-v[t]). */
#include "series/arma.h"
#include "math/rows.h"

void hw3i_residuals_known(const hw3i_arma *a, const hw3i_holes *h, int64_t n, int64_t start, int64_t C, double *y, double *v)
{
    if (!h->what) hw3i_residuals(a, n, start, C, y, v);
    for (int64_t t = start; t < n && h->what; t++) {
        if (h->what[t] != HW3I_MISSING) hw3i_residuals(a, t + 1, t, C, y, v);
        if (h->what[t] == HW3I_FORECAST)
            for (int64_t i = 0; i <= h->diffs && t + i < n; i++) hw3i_add_row(C, -h->poly[i], v + t * C, y + (t + i) * C);
        if (h->what[t] != HW3I_PRESENT) memset(v + t * C, 0, (size_t)C * sizeof *v);
    }
}

void hw3i_residuals_known_back(const hw3i_arma *a, const hw3i_holes *h, int64_t n, int64_t start, int64_t C, const double *y,
                               const double *v, double *d_v, double *d_y, double *d_phi, double *d_theta)
{
    if (!h->what) hw3i_residuals_back(a, n, start, C, y, v, 1, d_v, d_y, d_phi, d_theta);
    for (int64_t t = n - 1; t >= start && h->what; t--) {
        if (h->what[t] == HW3I_MISSING) continue;
        if (h->what[t] == HW3I_FORECAST) {
            d_v[t * C] = 0;
            for (int64_t i = 0; i <= h->diffs && t + i < n; i++) d_v[t * C] -= h->poly[i] * d_y[t + i];
        }
        hw3i_residuals_back(a, t + 1, t, C, y, v, 1, d_v, d_y, d_phi, d_theta);
    }
}
