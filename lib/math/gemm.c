/* SPDX-License-Identifier: MIT */
/* The one file that includes blis.h. */
#include "math/gemm.h"
#include "math/kern.h"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <blis.h>
#pragma GCC diagnostic pop

enum { TILE = 480 }; /* rows and columns; a multiple of the register tiles of BLIS's kernels */

/* One call of BLIS a tile, each on one thread of its own: BLIS must not start any. */
#define GEMM(suffix, real, bli_gemm)                                                                         \
    typedef struct args##suffix {                                                                            \
        int64_t m, n, k, ra, ca, rb, cb, rc, cc;                                                             \
        real alpha, beta;                                                                                    \
        const real *a, *b;                                                                                   \
        real *c;                                                                                             \
    } args##suffix;                                                                                          \
                                                                                                             \
    static void tile##suffix(void *arg, int64_t tile, int worker)                                            \
    {                                                                                                        \
        (void)worker;                                                                                        \
        args##suffix g = *(const args##suffix *)arg;                                                         \
        int64_t down = hw3i_ceil(g.m, TILE), i = tile % down * TILE, j = tile / down * TILE;                 \
        rntm_t one = BLIS_RNTM_INITIALIZER;                                                                  \
        bli_rntm_set_num_threads(1, &one);                                                                   \
        bli_gemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, hw3i_min(TILE, g.m - i), hw3i_min(TILE, g.n - j), g.k, \
                 &g.alpha, (real *)(g.a + i * g.ra), g.ra, g.ca, (real *)(g.b + j * g.cb), g.rb, g.cb,       \
                 &g.beta, g.c + i * g.rc + j * g.cc, g.rc, g.cc, NULL, &one);                                \
    }                                                                                                        \
                                                                                                             \
    void hw3i_gemm_blis##suffix(HW3I_GEMM_ARGS(real))                                                        \
    {                                                                                                        \
        args##suffix g = { m, n, k, ra, ca, rb, cb, rc, cc, alpha, beta, a, b, c };                          \
        hw3i_pool_run(pool, hw3i_ceil(m, TILE) * hw3i_ceil(n, TILE), tile##suffix, &g);                      \
    }
GEMM(_f32, float, bli_sgemm_ex)
GEMM(_f64, double, bli_dgemm_ex)

/* Our kernels with AVX-512, where BLIS 0.9 reaches 16 % of the peak on Zen 5, which it does not know, and 45 % on Sapphire
 * Rapids, ours 65 to 95 %; and wherever it would fall back to portable loops. NULL where BLIS serves. */
static const hw3i_kern *own(void)
{
    const hw3i_kern *kern = hw3i_kern_select(NULL);
    return kern->f32->lanes == 16 || bli_arch_query_id() == BLIS_ARCH_GENERIC ? kern : NULL;
}

void hw3i_gemm_f32(HW3I_GEMM_ARGS(float))
{
    const hw3i_kern *kern = own();
    (kern ? kern->f32->gemm : hw3i_gemm_blis_f32)(pool, m, n, k, alpha, a, ra, ca, b, rb, cb, beta, c, rc, cc);
}

void hw3i_gemm_f64(HW3I_GEMM_ARGS(double))
{
    const hw3i_kern *kern = own();
    (kern ? kern->f64->gemm : hw3i_gemm_blis_f64)(pool, m, n, k, alpha, a, ra, ca, b, rb, cb, beta, c, rc, cc);
}
