/* SPDX-License-Identifier: MIT */
/* Products of inference, Y [m, n] = X [m, k] W + b, whose bits in a row do not depend on the number of rows, so that a step, a
 * batch and a prefill give the same logits. W is read as it lies in memory, once for a few rows, with no packed copy.
 *
 * W' [n, k] (linear): lane l of a vector adds the products of k = l, l + VL, ... in order, and the lanes meet in the
 * tree of `pair_up`. A tile is some rows of X by some of W, all sums in registers.
 * W [k, n] (matmul): each output is one chain of multiply-adds in the order of k from 0; a few rows at a time through a strip
 * of columns whose sums stay in the cache, many rows through the tiles of gemm_tmpl.c, which add in the same order. */
#ifndef HW3I_LINEAR_TMPL_C
#define HW3I_LINEAR_TMPL_C
#define STRIP ((int64_t)(1024 / sizeof(real))) /* columns of W that one thread takes at a time */
#define FEW_ROWS 16
#define MANY_ROWS 128
#define AHEAD 8             /* rows of W' that are asked of memory before they are needed */
#define DOT_ROWS 64         /* rows of W' that one thread takes at a time */
#define FEW_PRODUCTS 100000 /* not worth waking anybody */
#define strip_k FN(strip_k)
#define pair_up FN(pair_up)
#define linear_args FN(linear_args)
#define dot_tile FN(dot_tile)
#define dot_rows FN(dot_rows)
#define dot_job FN(dot_job)
#define strip_job FN(strip_job)
#endif

typedef struct linear_args {
    int64_t m, n, k;
    const real *x, *w, *bias; /* bias [n] or NULL */
    real *y;
    int64_t strip; /* columns of a job */
} linear_args;

/* Lanes a0 + a1, a2 + a3, ..., b0 + b1, b2 + b3, ... */
INLINE vr pair_up(vr a, vr b)
{
#if VEC_BYTES == 64 && !REAL_IS_DOUBLE
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
           __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif VEC_BYTES == 64 || (VEC_BYTES == 32 && !REAL_IS_DOUBLE)
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14) + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#elif VEC_BYTES == 32 || !REAL_IS_DOUBLE
    return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#else
    return __builtin_shufflevector(a, b, 0, 2) + __builtin_shufflevector(a, b, 1, 3);
#endif
}

/* Sums s[r * across + c] = x_r . w_c of `rows` rows of X and `across` of W, of which only `left` are there, in the first lanes. */
INLINE vr dot_tile(const int rows, const int across, const int left, int64_t k, const real *x, const real *w)
{
    enum { LANES = VEC_BYTES / sizeof(real) };
    vr s[LANES];
    UNROLL for (int i = 0; i < rows * across; i++) s[i] = vset(0);
    int64_t j = 0;
#define STEP(load)                                                                              \
    vr a[LANES];                                                                                \
    UNROLL for (int r = 0; r < rows; r++) a[r] = load(x + r * k + j);                           \
    UNROLL for (int c = 0; c < across; c++) {                                                   \
        const vr b = load(w + (c < left ? c : left - 1) * k + j);                               \
        if (rows == 1) __builtin_prefetch(w + (c + AHEAD) * k + j, 0, 2);                       \
        UNROLL for (int r = 0; r < rows; r++) s[r * across + c] += a[r] * b;                    \
    }
#define SOME(p) vload_some(p, k - j, 0)
    for (; j + VL <= k; j += VL) { STEP(vload) }
    if (j < k) { STEP(SOME) }
#undef STEP
#undef SOME
    UNROLL for (int n = LANES, have = rows * across; n > 1; n /= 2, have = (have + 1) / 2)
        UNROLL for (int i = 0; i < (have + 1) / 2; i++) s[i] = pair_up(s[2 * i], s[have > 1 ? 2 * i + 1 : 0]);
    return s[0];
}

/* Columns c0 to c1 - 1 of `rows` rows of Y, `across` at a time. */
INLINE void dot_rows(const int rows, const int across, const linear_args *a, int64_t r0, int64_t c0, int64_t c1)
{
    real s[VEC_BYTES / sizeof(real)];
    for (int64_t c = c0; c < c1; c += across) {
        const real *x = a->x + r0 * a->k, *w = a->w + c * a->k;
        const int left = (int)hw3i_min(across, c1 - c);
        vstore(s, left == across ? dot_tile(rows, across, across, a->k, x, w) : dot_tile(rows, across, left, a->k, x, w));
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < left; i++)
                a->y[(r0 + r) * a->n + c + i] = s[r * across + i] + (a->bias ? a->bias[c + i] : 0);
    }
}

/* One row of X takes long stretches of W, which memory gives faster. Of many, the four rows of W that a tile of four rows of X
 * needs stay in the first-level cache while X goes by. */
static void dot_job(void *arg, int64_t job, int worker)
{
    enum { FOUR = VEC_BYTES / sizeof(real) < 4 ? VEC_BYTES / sizeof(real) : 4 };
    const linear_args *a = arg;
    const int64_t j0 = job * a->strip, j1 = hw3i_min(a->n, j0 + a->strip), step = a->m > 1 ? 8 : a->strip;
    const int64_t share = hw3i_ceil(step * a->k * (int64_t)sizeof(real), hw3i_max(1, a->m / 4) * 64) * 64; /* of the next rows */
    (void)worker;
    for (int64_t c = j0; c < j1; c += step) {
        const int64_t end = hw3i_min(j1, c + step);
        int64_t r = 0;
        for (; VL >= 4 && r + 4 <= a->m; r += 4) {
            const char *next = (const char *)(a->w + end * a->k) + r / 4 * share;
            for (int64_t i = 0; i < share; i += 64) __builtin_prefetch(next + i, 0, 2);
            dot_rows(FOUR, (int)(VL / FOUR), a, r, c, end);
        }
        for (; r + 2 <= a->m; r += 2) dot_rows(2, (int)(VL / 2), a, r, c, end);
        if (r < a->m) dot_rows(1, FOUR, a, r, c, end);
    }
}

/* Y = X W' + b, W' [n, k] as it lies */
static void FN(linear)(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, const real *x, const real *w, const real *bias, real *y)
{
    const int64_t jobs = 4 * hw3i_pool_n_threads(pool), rows = m > 1 ? DOT_ROWS : hw3i_ceil(n, jobs * DOT_ROWS) * DOT_ROWS;
    for (int64_t r = 0; r < m; r += MANY_ROWS) { /* as many as stay in the second-level cache */
        linear_args a = { hw3i_min(MANY_ROWS, m - r), n, k, x + r * k, w, bias, y + r * n, rows };
        if (n > 0) hw3i_pool_run(n * k * a.m < FEW_PRODUCTS ? NULL : pool, hw3i_ceil(n, rows), dot_job, &a);
    }
}

/* y[r][c0 to c1 - 1] += sum over n_k of k of x[r][k] w[k][], in the order of k */
INLINE void strip_k(const int n_k, const linear_args *a, int64_t k, int64_t c0, int64_t c1)
{
    const real *w = a->w + k * a->n;
    int64_t c = c0;
    for (; c + VL <= c1; c += VL) {
        vr b[8];
        UNROLL for (int i = 0; i < n_k; i++) {
            b[i] = vload(w + i * a->n + c);
            __builtin_prefetch(w + (i + n_k) * a->n + c); /* the next rows */
        }
        for (int64_t r = 0; r < a->m; r++) {
            const real *x = a->x + r * a->k + k;
            vr s = vload(a->y + r * a->n + c);
            UNROLL for (int i = 0; i < n_k; i++) s += x[i] * b[i];
            vstore(a->y + r * a->n + c, s);
        }
    }
    for (int64_t r = 0; c < c1 && r < a->m; r++) {
        const real *x = a->x + r * a->k + k;
        vr s = vload_part(a->y + r * a->n + c, c1 - c, 0);
        UNROLL for (int i = 0; i < n_k; i++) s += x[i] * vload_part(w + i * a->n + c, c1 - c, 0);
        vstore_part(a->y + r * a->n + c, c1 - c, s);
    }
}

static void strip_job(void *arg, int64_t job, int worker)
{
    const linear_args *a = arg;
    const int64_t c0 = job * a->strip, c1 = hw3i_min(a->n, c0 + a->strip);
    (void)worker;
    for (int64_t r = 0; r < a->m; r++) memset(a->y + r * a->n + c0, 0, (size_t)(c1 - c0) * sizeof(real));
    int64_t k = 0;
    for (; k + 8 <= a->k; k += 8) strip_k(8, a, k, c0, c1);
    for (; k < a->k; k++) strip_k(1, a, k, c0, c1);
}

/* Y = X W, W [k, n] as it lies; a strip is as wide as lets every thread have one. */
static void FN(product)(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, const real *x, const real *w, real *y)
{
    if (m == 0 || n == 0) return;
    if (m > FEW_ROWS && n >= NR) {
        FN(gemm)(pool, m, n, k, 1, x, k, 1, w, n, 1, 0, y, n, 1);
        return;
    }
    pool = n * k * m < FEW_PRODUCTS ? NULL : pool;
    linear_args a = { m, n, k, x, w, NULL, y, 0 };
    const int64_t most = m > 8 ? STRIP : 8 * STRIP, threads = hw3i_pool_n_threads(pool);
    a.strip = hw3i_ceil(n, hw3i_ceil(n, threads * most) * threads * 64) * 64; /* as much for every thread */
    for (int64_t r = 0; r < m; r += FEW_ROWS) { /* many rows of few columns */
        linear_args part = a;
        part.m = hw3i_min(FEW_ROWS, m - r);
        part.x += r * k;
        part.y += r * n;
        hw3i_pool_run(pool, hw3i_ceil(n, a.strip), strip_job, &part);
    }
}
