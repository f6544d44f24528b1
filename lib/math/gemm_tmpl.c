/* SPDX-License-Identifier: MIT */
/* C[m, n] = alpha A[m, k] B[k, n] + beta C for any strides, on the register tile of tile_tmpl.c.
 *
 * C is cut into tiles. For each GEMM_K of k, a tile packs its part of alpha B in panels of NR columns (with
 * A 180 KB on the stack at most, each panel for the first-level cache), then walks over rows of A, MR at a time. Each element is one
 * chain of multiply-adds in the order of k. Thin products of rows by rows are dot products instead. */
#ifndef HW3I_GEMM_TMPL_C
#define HW3I_GEMM_TMPL_C
#define GEMM_K 128
#define GEMM_N ((int64_t)(1024 / sizeof(real))) /* columns of a tile */
#define GEMM_M 480                              /* rows of a tile at most */
#define AHEAD_K 8                               /* of k: what is packed is asked of memory before it is needed */
#define GROUP 8                                 /* blocks of rows of A that are packed together */
#define GEMM_WORK (1 << 22)                     /* multiply-adds below which a tile is not cut further */
#define gemm_args FN(gemm_args)
#define gemm_tile FN(gemm_tile)
#define quad FN(quad)
#define gemm_turn FN(gemm_turn)
#define gemm_pack_rows FN(gemm_pack_rows)
#define gemm_pack_columns FN(gemm_pack_columns)
#define gemm_rows FN(gemm_rows)
#define gemm_pack_group FN(gemm_pack_group)
#define gemm_dots FN(gemm_dots)
#define gemm_edge FN(gemm_edge)
#define gemm_fetch FN(gemm_fetch)
#define cut_tiles FN(cut_tiles)
#endif

typedef struct gemm_args {
    int64_t m, n, k;
    real alpha, beta;
    const real *a, *b;
    real *c;
    int64_t ra, ca, rb, cb, rc, cc;
    int64_t tile_m, tile_n, n_tiles_m;
    bool thin;
} gemm_args;

typedef real quad __attribute__((vector_size(4 * sizeof(real))));

/* out[q, r] = alpha p[r, q], 4 x 4 */
static inline void gemm_turn(real alpha, const real *p, int64_t stride, real *out)
{
    quad a[4], t[4];
    for (int r = 0; r < 4; r++) memcpy(&a[r], p + r * stride, sizeof a[r]);
    t[0] = __builtin_shufflevector(a[0], a[1], 0, 4, 1, 5) * alpha;
    t[1] = __builtin_shufflevector(a[2], a[3], 0, 4, 1, 5) * alpha;
    t[2] = __builtin_shufflevector(a[0], a[1], 2, 6, 3, 7) * alpha;
    t[3] = __builtin_shufflevector(a[2], a[3], 2, 6, 3, 7) * alpha;
    for (int h = 0; h < 4; h += 2) {
        a[h] = __builtin_shufflevector(t[h], t[h + 1], 0, 1, 4, 5);
        a[h + 1] = __builtin_shufflevector(t[h], t[h + 1], 2, 3, 6, 7);
    }
    for (int q = 0; q < 4; q++) memcpy(out + q * NR, &a[q], sizeof a[q]);
}

/* Panels of alpha B, each [kn][NR], from [kn, w], zeros past w, where the rows of B are contiguous: by rows, as memory likes it. */
static void gemm_pack_rows(const gemm_args *g, int64_t kn, int64_t w, const real *b, real *out)
{
    const real alpha = g->alpha;
    for (int64_t k = 0; k < kn; k++, b += g->rb, out += NR)
        for (int64_t p = 0; p * NR < w; p++) /* a panel */
            for (int64_t j = p * NR; j < (p + 1) * NR; j += VL) {
                __builtin_prefetch(b + AHEAD_K * g->rb + j);
                vstore(out + (p * kn - p) * NR + j, j < w ? alpha * vload_part(b + j, w - j, 0) : (vr){ 0 });
            }
}

/* And where they are not: 16 of k at a time use up the cache line of a column before it goes. */
static void gemm_pack_columns(const gemm_args *g, int64_t kn, int64_t w, const real *b, real *out)
{
    if (w < NR) memset(out, 0, (size_t)(kn * NR) * sizeof(real));
    for (int64_t k0 = 0; k0 < kn; k0 += 16)
        for (int64_t j = 0; j < w; j += 4)
            for (int64_t k = k0, end = hw3i_min(kn, k0 + 16); k < end; k += 4) {
                const real *p = b + k * g->rb + j * g->cb;
                real *o = out + k * NR + j;
                if (g->rb == 1 && end - k >= 4 && w - j >= 4) gemm_turn(g->alpha, p, g->cb, o);
                else
                    for (int64_t q = 0; q < hw3i_min(4, end - k); q++)
                        for (int64_t r = 0; r < hw3i_min(4, w - j); r++)
                            o[q * NR + r] = g->alpha * p[q * g->rb + r * g->cb];
            }
}

/* A tile of C that is not whole vectors, or has to be scaled first: through a buffer. */
static void gemm_edge(const gemm_args *g, int rows, int64_t w, bool first, const segment *s, real *c)
{
    real t[MR * NR];
    const real beta = first ? g->beta : 1;
    for (int r = 0; r < rows; r++)
        for (int64_t j = 0; j < NR; j++)
            t[r * NR + j] = beta == 0 || j >= w ? 0 : beta * c[r * g->rc + j * g->cc]; /* beta = 0: C may be NaN */
    mac(rows, false, s, t, NR, t, NR);
    for (int r = 0; r < rows; r++)
        for (int64_t j = 0; j < w; j++) c[r * g->rc + j * g->cc] = t[r * NR + j];
}

/* Rows of A whose k is not contiguous, in blocks of MR, each [kn][MR]: GROUP blocks at a time use up the cache lines of a k. */
static void gemm_pack_group(const gemm_args *g, int64_t i, int64_t rows, int64_t k0, int64_t kn, real *out)
{
    const real *a = g->a + i * g->ra + k0 * g->ca;
    for (int64_t k = 0; k < kn; k++, a += g->ca)
        for (int64_t r = 0; r < rows; r += MR) {
            real *o = out + r * GEMM_K + k * MR;
            __builtin_prefetch(a + AHEAD_K * g->ca + r * g->ra);
            if (g->ra == 1 && rows - r >= MR) memcpy(o, a + r, MR * sizeof(real));
            else
                for (int64_t q = 0; q < hw3i_min(MR, rows - r); q++) o[q] = a[(r + q) * g->ra];
        }
}

/* Up to MR rows of C from row i, over all panels of the tile. packed: their part of A, [kn][MR], or NULL. */
static void gemm_rows(const gemm_args *g, int rows, int64_t i, int64_t k0, int64_t kn, int64_t j0, int64_t jn, const real *b,
                      const real *packed)
{
    real zeros[NR];
    memset(zeros, 0, sizeof zeros);
    const real *a = packed ? packed : g->a + i * g->ra + k0 * g->ca;
    segment s[2] = { { .k = kn, .a = a, .ar = packed ? 1 : g->ra, .ak = packed ? MR : g->ca, .b = b }, { .a = a, .b = b } };
    for (int64_t j = 0; j < jn; j += NR, s[0].b += kn * NR) {
        real *c = g->c + i * g->rc + (j0 + j) * g->cc;
        const bool zero = k0 == 0 && g->beta == 0, keep = k0 > 0 || g->beta == 1;
        if (g->cc == 1 && jn - j >= NR && (zero || keep)) mac(rows, false, s, zero ? zeros : c, zero ? 0 : g->rc, c, g->rc);
        else gemm_edge(g, rows, hw3i_min(NR, jn - j), k0 == 0, s, c);
    }
}

static void gemm_dots(const gemm_args *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1)
{
    for (int64_t j = j0; j < j1; j++)
        for (int64_t i = i0; i < i1; i++) {
            real *c = g->c + i * g->rc + j * g->cc;
            real d = g->alpha * FN(dot)(g->k, g->a + i * g->ra, g->b + j * g->cb);
            *c = g->beta == 0 ? d : g->beta * *c + d;
        }
}

/* The part of B [kn, jn] that is packed next, its share of block i of n rows of A: into the second-level cache. */
static void gemm_fetch(const gemm_args *g, const real *b, int64_t kn, int64_t jn, int64_t i, int64_t n)
{
    const bool rows = g->cb == 1;
    const int64_t lines = rows ? kn : jn, length = rows ? jn : kn, stride = rows ? g->rb : g->cb;
    for (int64_t l = lines * i / n; l < lines * (i + 1) / n; l++)
        for (int64_t j = 0; j < length; j += (int64_t)(64 / sizeof(real))) __builtin_prefetch(b + l * stride + j, 0, 2);
}

static void gemm_tile(void *arg, int64_t tile, int worker)
{
    (void)worker;
    const gemm_args *g = arg;
    const int64_t i0 = tile % g->n_tiles_m * g->tile_m, j0 = tile / g->n_tiles_m * g->tile_n;
    const int64_t i1 = hw3i_min(g->m, i0 + g->tile_m), jn = hw3i_min(g->n - j0, g->tile_n);
    if (g->thin) {
        gemm_dots(g, i0, i1, j0, j0 + jn);
        return;
    }
    real b[GEMM_K * 1024 / sizeof(real)] __attribute__((aligned(64))), packed[GROUP * MR * GEMM_K] __attribute__((aligned(64)));
    int64_t k0 = 0, n_blocks = hw3i_ceil(i1 - i0, MR);
    do { /* once when k = 0: C = beta C */
        const int64_t kn = hw3i_min(g->k - k0, GEMM_K);
        const real *from = g->b + k0 * g->rb + j0 * g->cb;
        if (g->cb == 1) gemm_pack_rows(g, kn, jn, from, b);
        else
            for (int64_t j = 0; j < jn; j += NR) gemm_pack_columns(g, kn, hw3i_min(NR, jn - j), from + j * g->cb, b + j * kn);
        for (int64_t i = i0; i < i1; i += MR) {
            const int64_t block = (i - i0) / MR % GROUP;
            if (g->ca != 1 && block == 0) gemm_pack_group(g, i, hw3i_min(GROUP * MR, i1 - i), k0, kn, packed);
            gemm_fetch(g, from + GEMM_K * g->rb, hw3i_min(GEMM_K, hw3i_max(0, g->k - k0 - GEMM_K)), jn, (i - i0) / MR, n_blocks);
            gemm_rows(g, (int)hw3i_min(MR, i1 - i), i, k0, kn, j0, jn, b, g->ca == 1 ? NULL : packed + block * MR * GEMM_K);
        }
        k0 += GEMM_K;
    } while (k0 < g->k);
}

/* Four tiles for every thread, where there is work for them: no element's bits depend on the cut. A cut of columns packs no part
 * of B twice; one of rows packs none of A twice. */
static void cut_tiles(gemm_args *g, int64_t n_threads)
{
    g->tile_n = GEMM_N;
    g->tile_m = hw3i_ceil(g->m, hw3i_ceil(g->m, GEMM_M) * MR) * MR;
    for (;;) {
        const bool large = hw3i_ceil(g->m, g->tile_m) * hw3i_ceil(g->n, g->tile_n) < 4 * n_threads && g->tile_m * g->tile_n * g->k > GEMM_WORK;
        if (large && g->ca == 1 && g->tile_n > NR) g->tile_n /= 2;
        else if (large && g->tile_m > 8 * MR) g->tile_m = hw3i_ceil(g->tile_m, 2 * MR) * MR;
        else break;
    }
    g->n_tiles_m = hw3i_ceil(g->m, g->tile_m);
}

static void FN(gemm)(HW3I_GEMM_ARGS(real))
{
    if (m == 0 || n == 0) return;
    gemm_args g = { m, n, k, alpha, beta, a, b, c, ra, ca, rb, cb, rc, cc, 0, 0, 0, false };
    /* C^T = B^T A^T when that fills the vectors, or makes C's rows contiguous */
    bool turn = n < NR / 2 || m < NR / 2 ? n < m : rc == 1 && cc != 1;
    if (turn) g = (gemm_args){ n, m, k, alpha, beta, b, a, c, cb, rb, ca, ra, cc, rc, 0, 0, 0, false };
    g.thin = g.m <= 4 && g.m * 128 <= k && ca == 1 && rb == 1;
    cut_tiles(&g, hw3i_pool_n_threads(pool));
    hw3i_pool_run(pool, g.n_tiles_m * hw3i_ceil(g.n, g.tile_n), gemm_tile, &g);
}
