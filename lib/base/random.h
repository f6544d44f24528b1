/* SPDX-License-Identifier: MIT */
/* Counter-based random numbers: Philox4x32-10 [Salmon11]. A number is a function of (seed, stream, index),
 * so any thread can draw any of them in any order, and a state is three integers. */
#ifndef HW3I_RANDOM_H
#define HW3I_RANDOM_H
#include <stdint.h>

/* Multipliers and Weyl increments of Philox4x32 [Salmon11, table 2]. */
#define HW3I_PHILOX_M0 0xD2511F53u
#define HW3I_PHILOX_M1 0xCD9E8D57u
#define HW3I_PHILOX_W0 0x9E3779B9u
#define HW3I_PHILOX_W1 0xBB67AE85u

/* Four words for block `index` of `stream` under `seed`. */
void hw3i_philox(uint64_t seed, uint64_t stream, uint64_t index, uint32_t out[4]);
/* The index-th number of a stream: [0, 1) with 53 bits; standard normal; 0 to n - 1 (n > 0). */
double hw3i_uniform(uint64_t seed, uint64_t stream, uint64_t index);
double hw3i_normal(uint64_t seed, uint64_t stream, uint64_t index);
int64_t hw3i_below(uint64_t seed, uint64_t stream, uint64_t index, int64_t n);
/* A uniformly drawn order of 0 to n - 1 (Fisher and Yates). */
void hw3i_permutation(uint64_t seed, uint64_t stream, int64_t n, int64_t *order);
/* A stream number from a text, so that draws for a name do not depend on the other names (FNV-1a). */
uint64_t hw3i_stream_of(const char *name);

#endif
