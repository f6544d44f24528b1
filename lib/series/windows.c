/* SPDX-License-Identifier: MIT */
/* Windows and the forecasts that need no model. */
#include "series/series.h"

void hw3i_series_windows(const double *y, int64_t n_windows, int64_t window, int64_t horizon, double *x, double *target)
{
    for (int64_t i = 0; i < n_windows; i++) {
        memcpy(x + i * window, y + i, (size_t)window * sizeof *x);
        target[i] = y[i + window + horizon - 1];
    }
}

void hw3i_series_snaive(const double *y, int64_t n, int64_t start, int64_t period, double *out)
{
    memmove(out, y + start - period, (size_t)(n - start) * sizeof *out);
}

/* The line through the first point and the last one, so many steps later, one step on. */
double hw3i_drift(double first, double last, int64_t steps) { return last + (last - first) / (double)steps; }

