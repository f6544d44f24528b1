/* SPDX-License-Identifier: MIT */
/* The products of inference on every instruction set of this processor: equal to sums in double, and the bits of a row the same
 * alone, in any number of rows and for any number of threads. */
#include "math/kern.h"
#include "support.h"

static const struct { int64_t m, n, k; } sizes[] = { { 1, 1, 1 }, { 3, 5, 7 }, { 40, 130, 70 }, { 21, 64, 200 }, { 19, 3, 33 },
                                                      { 7, 1000, 17 }, { 33, 257, 129 } };

static double *normal(int64_t n, uint64_t stream)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)hw3i_normal(3, stream, (uint64_t)i);
    return x;
}

#define RUN(suffix, real, tolerance)                                                                                     \
    static void run##suffix(const hw3i_kern *kern, hw3_ctx *ctx, int64_t m, int64_t n, int64_t k)                         \
    {                                                                                                                    \
        double *dx = normal(m * k, 1), *dw = normal(n * k, 2), *db = normal(n, 3);                                       \
        real *x = malloc((size_t)(m * k) * sizeof(real)), *w = malloc((size_t)(n * k) * sizeof(real));                   \
        real *b = malloc((size_t)n * sizeof(real)), *y = malloc((size_t)(m * n) * sizeof(real));                         \
        real *one = malloc((size_t)(m * n) * sizeof(real));                                                              \
        for (int64_t i = 0; i < m * k; i++) x[i] = (real)dx[i];                                                          \
        for (int64_t i = 0; i < n * k; i++) w[i] = (real)dw[i];                                                          \
        for (int64_t i = 0; i < n; i++) b[i] = (real)db[i];                                                              \
        for (int turned = 0; turned < 2; turned++) {                                                                     \
            memset(y, 0xff, (size_t)(m * n) * sizeof(real));                                                             \
            if (turned) kern->suffix_(suffix)->linear(ctx->pool, m, n, k, x, w, b, y);                                    \
            else kern->suffix_(suffix)->product(ctx->pool, m, n, k, x, w, y);                                             \
            for (int64_t i = 0; i < m; i++)                                                                              \
                for (int64_t j = 0; j < n; j++) {                                                                        \
                    double sum = turned ? db[j] : 0;                                                                     \
                    for (int64_t l = 0; l < k; l++) sum += dx[i * k + l] * dw[turned ? j * k + l : l * n + j];           \
                    NEAR((double)y[i * n + j], sum, tolerance);                                                          \
                }                                                                                                        \
            for (int64_t rows = 1; rows < m; rows += 3)                                                                  \
                for (int64_t i = 0; i + rows <= m; i += rows) {                                                          \
                    if (turned) kern->suffix_(suffix)->linear(NULL, rows, n, k, x + i * k, w, b, one);                    \
                    else kern->suffix_(suffix)->product(NULL, rows, n, k, x + i * k, w, one);                             \
                    ck_assert_msg(!memcmp(one, y + i * n, (size_t)(rows * n) * sizeof(real)), "%s, %lld of %lld rows from %lld", \
                                  kern->isa, (long long)rows, (long long)m, (long long)i);                               \
                }                                                                                                        \
        }                                                                                                                \
        void *all[] = { dx, dw, db, x, w, b, y, one };                                                                   \
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);                                            \
    }
#define suffix_(suffix) suffix_##suffix
#define suffix__f32 f32
#define suffix__f64 f64
/* sums of up to 200 products of normal numbers: 2e-5 and 1e-13 are some 20 roundings of the largest partial sums */
RUN(_f32, float, 2e-5)
RUN(_f64, double, 1e-13)

START_TEST(rows_are_their_own)
{
    static const char *const isas[] = { "base", "avx2", "avx512" };
    for (int i = 0; i < 3; i++) {
        const hw3i_kern *kern = hw3i_kern_select(isas[i]);
        for (int threads = 1; kern && threads <= 4; threads *= 2) {
            hw3_ctx *ctx = test_ctx(threads);
            run_f32(kern, ctx, sizes[_i].m, sizes[_i].n, sizes[_i].k);
            run_f64(kern, ctx, sizes[_i].m, sizes[_i].n, sizes[_i].k);
            hw3_ctx_destroy(ctx);
        }
    }
}
END_TEST

int main(void)
{
    const test_loop loops[] = { { rows_are_their_own, (int)(sizeof sizes / sizeof sizes[0]) } };
    return test_run_loops("linear", loops, 1, NULL, 0, NULL, NULL);
}
