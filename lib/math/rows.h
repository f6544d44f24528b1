/* SPDX-License-Identifier: MIT */
/* Two loops that the series code is made of. Sums go in the order of the elements. */
#ifndef HW3I_ROWS_H
#define HW3I_ROWS_H
#include <stdint.h>

static inline double hw3i_dot(int64_t n, const double *a, const double *b)
{
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

/* y += f x */
static inline void hw3i_add_row(int64_t n, double f, const double *restrict x, double *restrict y)
{
    for (int64_t i = 0; i < n; i++) y[i] += f * x[i];
}

#endif
