/* SPDX-License-Identifier: MIT */
/* Minimum of a smooth function by its exact gradient: BFGS [Nocedal06, chapter 6]. No allocation. */
#ifndef HW3I_BFGS_H
#define HW3I_BFGS_H
#include <stdbool.h>
#include <stdint.h>

/* The value at x and, in g, the gradient. A value that is not finite marks x as outside the domain. */
typedef double (*hw3i_objective)(void *arg, const double *x, double *g);

typedef struct hw3i_minimum {
    double value;
    int n_iterations, n_evaluations;
    bool converged;
} hw3i_minimum;

static inline int64_t hw3i_bfgs_scratch(int64_t n) { return n * n + 5 * n; } /* doubles */

/* x: [n], start and then minimum. tolerance: of the decrease that a Newton step still promises, g' H g / 2.
 * Not converged and value not finite: the start is outside the domain. */
hw3i_minimum hw3i_bfgs(int64_t n, double *x, hw3i_objective f, void *arg, double tolerance, int max_iterations, double *scratch);

#endif
