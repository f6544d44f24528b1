/* SPDX-License-Identifier: MIT */
/* Matrix products of any strides: C[m, n] = alpha A[m, k] B[k, n] + beta C; r and c are the strides of rows and
 * columns in elements. Any of m, n, k may be 0. With beta = 0, C is not read. Cut into tiles by shape alone. */
#ifndef HW3I_GEMM_H
#define HW3I_GEMM_H
#include "base/pool.h"

void hw3i_gemm_f32(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t ra, int64_t ca,
                   const float *b, int64_t rb, int64_t cb, float beta, float *c, int64_t rc, int64_t cc);
void hw3i_gemm_f64(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t ra, int64_t ca,
                   const double *b, int64_t rb, int64_t cb, double beta, double *c, int64_t rc, int64_t cc);

#endif
