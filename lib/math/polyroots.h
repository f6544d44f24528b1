/* SPDX-License-Identifier: MIT */
/* Roots of a polynomial with real coefficients, all at once [Aberth73]. No allocation. */
#ifndef HW3I_POLYROOTS_H
#define HW3I_POLYROOTS_H
#include <stdbool.h>
#include <stdint.h>

/* c[0] + c[1] z + ... + c[n] z^n, c[0] and c[n] not 0. re, im: [n]. False when they were not found. */
bool hw3i_polyroots(int64_t n, const double *c, double *re, double *im);
/* c = scale prod (1 - z / root): the coefficients of roots that come in conjugate pairs, c[0] = 1. */
void hw3i_poly_of_roots(int64_t n, const double *re, const double *im, double *c);

#endif
