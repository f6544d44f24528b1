/* SPDX-License-Identifier: MIT */
/* Matrix products of every engine against the definition in a wider type. */
#include "math/gemm.h"
#include "math/kern.h"
#include "support.h"

typedef struct engine {
    const char *name;
    void (*f32)(HW3I_GEMM_ARGS(float));
    void (*f64)(HW3I_GEMM_ARGS(double));
} engine;

static int engines(engine e[5])
{
    static const char *const isas[] = { "base", "avx2", "avx512" };
    int n = 0;
    e[n++] = (engine){ "best", hw3i_gemm_f32, hw3i_gemm_f64 };
    e[n++] = (engine){ "blis", hw3i_gemm_blis_f32, hw3i_gemm_blis_f64 };
    for (int i = 0; i < 3; i++) {
        const hw3i_kern *k = hw3i_kern_select(isas[i]);
        if (k) e[n++] = (engine){ isas[i], k->f32->gemm, k->f64->gemm };
    }
    return n;
}

static uint64_t state = 1;
static int64_t below(int64_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 33) % (uint64_t)n);
}
static double noise(void) { return (double)below(1 << 20) / (1 << 19) - 1; }

/* An [m, n] matrix in a block of its exact size: rows contiguous, columns contiguous, padded rows, every second element. */
typedef struct matrix {
    int64_t m, n, r, c, size;
    double *d;
    float *f;
} matrix;

static matrix matrix_make(int64_t m, int64_t n, int layout)
{
    matrix a = { m, n, 0, 0, 0, NULL, NULL };
    a.r = layout == 0 ? n : layout == 1 ? 1 : layout == 2 ? n + 3 : 2 * n;
    a.c = layout == 1 ? m : layout == 3 ? 2 : 1;
    a.size = m && n ? (m - 1) * a.r + (n - 1) * a.c + 1 : 0;
    a.d = malloc((size_t)a.size * sizeof(double) + 1);
    a.f = malloc((size_t)a.size * sizeof(float) + 1);
    for (int64_t i = 0; i < a.size; i++) a.d[i] = a.f[i] = (float)noise();
    return a;
}
static void matrix_free(matrix a) { free(a.d), free(a.f); }
static matrix matrix_copy(matrix a)
{
    matrix b = a;
    b.d = malloc((size_t)a.size * sizeof(double) + 1);
    b.f = malloc((size_t)a.size * sizeof(float) + 1);
    memcpy(b.d, a.d, (size_t)a.size * sizeof(double));
    memcpy(b.f, a.f, (size_t)a.size * sizeof(float));
    return b;
}

static void run(const engine *e, hw3i_pool *pool, int64_t k, double alpha, const matrix *a, const matrix *b, double beta, matrix *c)
{
    e->f32(pool, c->m, c->n, k, (float)alpha, a->f, a->r, a->c, b->f, b->r, b->c, (float)beta, c->f, c->r, c->c);
    e->f64(pool, c->m, c->n, k, alpha, a->d, a->r, a->c, b->d, b->r, b->c, beta, c->d, c->r, c->c);
}

/* k + 3 roundings (alpha, beta, the sum with C) of half an ulp of the sum of absolute values, at most. */
static void compare(const engine *e, int64_t k, double alpha, const matrix *a, const matrix *b, double beta, const matrix *before,
                    const matrix *c)
{
    for (int64_t i = 0; i < c->m; i++)
        for (int64_t j = 0; j < c->n; j++) {
            int64_t at = i * c->r + j * c->c;
            long double want = 0, size = 0;
            for (int64_t q = 0; q < k; q++) {
                long double p = (long double)alpha * a->d[i * a->r + q * a->c] * b->d[q * b->r + j * b->c];
                want += p, size += fabsl(p);
            }
            if (beta != 0) want += beta * (long double)before->d[at], size += fabsl(beta * (long double)before->d[at]);
            long double bound = (long double)(k + 3) * size;
            if (fabsl(c->f[at] - want) <= bound * 0x1p-24L && fabsl(c->d[at] - want) <= bound * 0x1p-53L) continue;
            ck_abort_msg("%s: C[%d, %d] of %d x %d x %d is %.9g and %.17g, want %.17g", e->name, (int)i, (int)j, (int)c->m,
                         (int)c->n, (int)k, (double)c->f[at], c->d[at], (double)want);
        }
    /* between the elements nothing is written */
    for (int64_t at = 0; at < c->size; at++) {
        int64_t big = c->r > c->c ? c->r : c->c, small = c->r > c->c ? c->c : c->r, used = c->r > c->c ? c->n : c->m;
        if (at % big % small == 0 && at % big / small < used) continue;
        if (c->f[at] != before->f[at] || c->d[at] != before->d[at]) ck_abort_msg("%s wrote at %d", e->name, (int)at);
    }
}

static void check_shape(const engine *e, hw3i_pool *pool, int64_t m, int64_t n, int64_t k, int la, int lb, int lc)
{
    static const double scales[3][2] = { { 1, 0 }, { 1, 1 }, { 0.5, -2 } };
    matrix a = matrix_make(m, k, la), b = matrix_make(k, n, lb);
    for (int s = 0; s < 3; s++) {
        matrix c = matrix_make(m, n, lc);
        if (scales[s][1] == 0)
            for (int64_t i = 0; i < m; i++)
                for (int64_t j = 0; j < n; j++) c.f[i * c.r + j * c.c] = NAN, c.d[i * c.r + j * c.c] = NAN;
        matrix before = matrix_copy(c);
        run(e, pool, k, scales[s][0], &a, &b, scales[s][1], &c);
        compare(e, k, scales[s][0], &a, &b, scales[s][1], &before, &c);
        matrix_free(c), matrix_free(before);
    }
    matrix_free(a), matrix_free(b);
}

START_TEST(odd_sizes)
{
    engine e[5];
    int n_engines = engines(e);
    for (int layouts = 0; layouts < 64; layouts++)
        for (int i = 0; i < 10; i++)
            for (int q = 0; q < n_engines; q++)
                check_shape(&e[q], NULL, 1 + below(33), 1 + below(33), 1 + below(33), layouts % 4, layouts / 4 % 4, layouts / 16);
}
END_TEST

/* Over the edges of the tiles, and thin ones. */
static const int64_t shapes[][3] = { { 100, 300, 260 }, { 500, 70, 130 }, { 7, 530, 300 }, { 700, 3, 64 }, { 1, 600, 512 },
                                     { 600, 1, 150 }, { 3, 290, 400 }, { 4, 33, 512 }, { 490, 500, 3 }, { 65, 129, 257 } };

START_TEST(large_sizes)
{
    engine e[5];
    int n_engines = engines(e);
    hw3_ctx *ctx = test_ctx(2);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int q = 0; q < n_engines; q++) {
            int layouts = (int)(s * 5 + (size_t)q * 3) % 8;
            check_shape(&e[q], ctx->pool, shapes[s][0], shapes[s][1], shapes[s][2], layouts % 2, layouts / 2 % 2, layouts / 4);
            if (shapes[s][0] < 10) check_shape(&e[q], ctx->pool, shapes[s][0], shapes[s][1], shapes[s][2], 0, 1, 0);
        }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(nothing_to_add)
{
    engine e[5];
    int n_engines = engines(e);
    for (int q = 0; q < n_engines; q++) {
        for (int64_t size = 1; size < 20; size += 9) check_shape(&e[q], NULL, size, 20 - size, 0, 0, 1, 2);
        float one = 1, c = 5;
        e[q].f32(NULL, 0, 1, 1, 1, &one, 1, 1, &one, 1, 1, 0, &c, 1, 1);
        e[q].f32(NULL, 1, 0, 1, 1, &one, 1, 1, &one, 1, 1, 0, &c, 1, 1);
        ck_assert(c == 5);
    }
}
END_TEST

/* The same bits for 1, 2 and 4 threads. */
START_TEST(threads)
{
    engine e[5];
    int n_engines = engines(e);
    hw3_ctx *pools[3] = { test_ctx(1), test_ctx(2), test_ctx(4) };
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int q = 0; q < n_engines; q++) {
            const int64_t *d = shapes[s];
            matrix a = matrix_make(d[0], d[2], q % 2), b = matrix_make(d[2], d[1], 1), c = matrix_make(d[0], d[1], 0);
            matrix first = matrix_copy(c), other = matrix_copy(c);
            run(&e[q], pools[0]->pool, d[2], 1.25, &a, &b, 0.75, &first);
            for (int p = 1; p < 3; p++) {
                memcpy(other.f, c.f, (size_t)c.size * sizeof(float));
                memcpy(other.d, c.d, (size_t)c.size * sizeof(double));
                run(&e[q], pools[p]->pool, d[2], 1.25, &a, &b, 0.75, &other);
                ck_assert_mem_eq(first.f, other.f, (size_t)c.size * sizeof(float));
                ck_assert_mem_eq(first.d, other.d, (size_t)c.size * sizeof(double));
            }
            matrix_free(a), matrix_free(b), matrix_free(c), matrix_free(first), matrix_free(other);
        }
    for (int p = 0; p < 3; p++) hw3_ctx_destroy(pools[p]);
}
END_TEST

TEST_MAIN("gemm", odd_sizes, large_sizes, nothing_to_add, threads)
