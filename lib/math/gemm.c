/* SPDX-License-Identifier: MIT */
/* The one file that includes blis.h. */
#include "math/gemm.h"
#include <blis.h>

void hw3i_gemm_f32(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t ra, int64_t ca,
                   const float *b, int64_t rb, int64_t cb, float beta, float *c, int64_t rc, int64_t cc)
{
    (void)pool;
    bli_sgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, &alpha, (float *)a, ra, ca, (float *)b, rb, cb, &beta, c, rc, cc);
}

void hw3i_gemm_f64(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t ra, int64_t ca,
                   const double *b, int64_t rb, int64_t cb, double beta, double *c, int64_t rc, int64_t cc)
{
    (void)pool;
    bli_dgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, &alpha, (double *)a, ra, ca, (double *)b, rb, cb, &beta, c, rc, cc);
}
