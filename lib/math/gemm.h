/* SPDX-License-Identifier: MIT */
/* Matrix products of any strides: C[m, n] = alpha A[m, k] B[k, n] + beta C; r and c are the strides of rows and
 * columns in elements. Any of m, n, k may be 0. With beta = 0, C is not read. How C is cut into tiles
 * changes no element's bits.
 *
 * BLIS computes them but with AVX-512, where gemm_tmpl.c is faster, and on processors that BLIS 0.9 does not know, where
 * it would fall back to a generic kernel (docs/numerics.md). */
#ifndef HW3I_GEMM_H
#define HW3I_GEMM_H
#include "base/pool.h"

#define HW3I_GEMM_ARGS(real)                                                                                 \
    hw3i_pool *pool, int64_t m, int64_t n, int64_t k, real alpha, const real *a, int64_t ra, int64_t ca,     \
    const real *b, int64_t rb, int64_t cb, real beta, real *c, int64_t rc, int64_t cc
void hw3i_gemm_f32(HW3I_GEMM_ARGS(float));
void hw3i_gemm_f64(HW3I_GEMM_ARGS(double));

/* Over BLIS whatever the processor. */
void hw3i_gemm_blis_f32(HW3I_GEMM_ARGS(float));
void hw3i_gemm_blis_f64(HW3I_GEMM_ARGS(double));

#endif
