/* SPDX-License-Identifier: MIT */
#include "series/arima_use.h"
#include <math.h>

/* sin and cos of 2 pi k t / period, k = 1 to K, at t = start + 1, ...; the sine of half a turn a step is 0 and left out. The
 * whole turns are taken off first, exactly. */
void hw3i_fourier(double period, int64_t K, int64_t n, int64_t start, double *out)
{
    const double turn = 2 * acos(-1);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 1; k <= K; k++) {
            double angle = turn * (fmod((double)k * (double)(start + i + 1), period) / period);
            if (2 * (double)k != period) *out++ = sin(angle);
            *out++ = cos(angle);
        }
}
