/* SPDX-License-Identifier: MIT */
/* Random numbers of the examples: the same on every machine, from a state that the caller holds.
 *
 *     uint64_t state = 7;
 *     double x = random_normal(&state); */
#ifndef HW3_EXAMPLES_RANDOM_H
#define HW3_EXAMPLES_RANDOM_H
#include <stdint.h>

/* 64 bits: SplitMix64 [Steele14]. */
uint64_t random_bits(uint64_t *state);

/* Between 0 and 1, neither of them. */
double random_uniform(uint64_t *state);

/* Normal, mean 0 and variance 1 [Box58]. */
double random_normal(uint64_t *state);

void random_normals(uint64_t *state, double *x, int64_t n, double deviation);

/* Rows of length 1 that are orthogonal to each other, [n, d] with n <= d: Gram and Schmidt, twice [Giraud05]. */
void random_orthonormal(uint64_t *state, double *rows, int n, int d);

#endif
