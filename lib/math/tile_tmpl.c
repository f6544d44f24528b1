/* SPDX-License-Identifier: MIT */
/* The product that all recurrent kernels stand on: a tile of up to MR rows and 4 vectors of C += A B, in registers
 * over the whole of k. B is packed: 4 vectors (3 for a gated segment, below) for each k, one after another; A has any
 * strides. Each element is one chain of multiply-adds in the order of k from its initial value, so its bits depend
 * neither on the number of rows nor on what else is in the tile.
 *
 * In registers: 6 x 4 sums, a column of 6 of A and a vector of B, 31 of the 32 of AVX-512;
 * 3 x 4, 3 and 1 of the 16 of AVX2; without a fused multiply-add the product needs one more. */
#ifndef HW3I_TILE_TMPL_C
#define HW3I_TILE_TMPL_C
#if defined(__AVX512F__)
#define MR 6
#elif defined(__AVX2__)
#define MR 3
#else
#define MR 2
#endif
#define NR (4 * VL)
#define mac_segment FN(mac_segment)
#define segment FN(segment)
#define fetch_next FN(fetch_next)
#define mac_one FN(mac_one)
#define mac_rows FN(mac_rows)
#define mac FN(mac)
#define mac_pair FN(mac_pair)
#define vtranspose FN(vtranspose)
#define pack_vector FN(pack_vector)
#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#endif

#if VEC_BYTES == 64 && !REAL_IS_DOUBLE
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ODD(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VEC_BYTES == 64 || (VEC_BYTES == 32 && !REAL_IS_DOUBLE)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ODD(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif VEC_BYTES == 32 || !REAL_IS_DOUBLE
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif

/* VL vectors: each pass deals the two halves out like cards, which rotates the bits of an element's place by one;
 * after log2 VL passes row and lane have changed places. */
INLINE void vtranspose(vr m[VEC_BYTES / sizeof(real)])
{
    UNROLL for (int64_t pass = 1; pass < VL; pass *= 2) {
        vr old[VEC_BYTES / sizeof(real)];
        UNROLL for (int64_t i = 0; i < VL; i++) old[i] = m[i];
        UNROLL for (int64_t i = 0; i < VL / 2; i++) {
            m[2 * i] = EVEN(old[i], old[i + VL / 2]);
            m[2 * i + 1] = ODD(old[i], old[i + VL / 2]);
        }
    }
}
#undef EVEN
#undef ODD

/* dst[k][lane] = src[lane][k] for k < n, 0 for lanes from `left` on; rows of src are rs apart, of dst rd. */
static void pack_vector(int64_t n, int64_t left, const real *src, int64_t rs, real *dst, int64_t rd)
{
    int64_t k = 0;
    for (; k + VL <= n; k += VL) {
        vr m[VEC_BYTES / sizeof(real)];
        for (int64_t l = 0; l < VL; l++) m[l] = l < left ? vload(src + l * rs + k) : vset(0);
        vtranspose(m);
        for (int64_t l = 0; l < VL; l++) vstore(dst + (k + l) * rd, m[l]);
    }
    for (; k < n; k++)
        for (int64_t l = 0; l < VL; l++) dst[k * rd + l] = l < left ? src[l * rs + k] : 0;
}

/* One range of k: a[r ar + k ak] b[k][]; each k fetches a further `step` bytes from `ahead` on into the second level of
 * the cache, unless that is NULL. */
typedef struct segment {
    int64_t k;
    const real *a;
    int64_t ar, ak;
    const real *b;
    const char *ahead;
    int64_t step;
} segment;

/* The packed panel `next` (or NULL), as large as that of s, will be wanted when all rows are through with this one: the
 * block of rows at r fetches its share. */
INLINE void fetch_next(segment *s, const real *next, int64_t width, int64_t r, int64_t rows)
{
    const int64_t n_blocks = rows / MR;
    if (!next || n_blocks == 0) return;
    s->step = hw3i_ceil(width * (int64_t)sizeof(real), n_blocks);
    s->ahead = (const char *)next + r / MR * s->k * s->step;
}

/* last: the sum that the third vector of b adds to when b has 3; 0 when it has 4. pair: the rows are
 * one row of a against panels of b that are br apart. */
INLINE void mac_one(const int rows, const int last, const bool pair, int64_t br, const real *a, const real *a3, int64_t ar,
                    const real *b, vr acc[MR][4])
{
    const int nb = last ? 3 : 4;
    vr x[MR];
    UNROLL for (int r = 0; r < rows; r++) x[r] = vset(r < 3 ? a[r * ar] : a3[(r - 3) * ar]);
    UNROLL for (int v = 0; v < nb; v++)
        UNROLL for (int r = 0; r < rows; r++)
            acc[r][v == 2 && last ? last : v] += x[r] * vload(b + (pair ? r * br : 0) + v * VL);
}

/* Two k at a time: fewer instructions that are no multiply-add. */
INLINE void mac_segment(const int rows, const int last, const bool pair, int64_t br, const segment *s, vr acc[MR][4])
{
    const int64_t row = (last ? 3 : 4) * VL, ar = pair ? 0 : s->ar, ak = s->ak, step = s->step;
    const real *a = s->a, *a3 = s->k ? a + 3 * ar : a, *b = s->b; /* a is NULL where there is nothing to add */
    const char *ahead = s->ahead ? s->ahead : (const char *)b;
    int64_t k = s->k;
    for (; k >= 2; k -= 2, a += ak, a3 += ak, ahead += step, b += 2 * row) {
        if (rows == MR) __builtin_prefetch(ahead, 0, 2);
        mac_one(rows, last, pair, br, a, a3, ar, b, acc);
        a += ak, a3 += ak, ahead += step;
        if (rows == MR) __builtin_prefetch(ahead, 0, 2);
        mac_one(rows, last, pair, br, a, a3, ar, b + row, acc);
    }
    if (k) mac_one(rows, last, pair, br, a, a3, ar, b, acc);
}

/* gated: s[0] adds to the sums 0, 1, 2 and s[1] to 0, 1, 3, as in a GRU, whose new gate keeps the two apart. */
INLINE void mac_rows(const int rows, const bool gated, const bool pair, const int64_t br[2], const segment *s,
                     const real *init, int64_t ri, real *out, int64_t ro)
{
    vr acc[MR][4];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < 4; v++) acc[r][v] = vload(init + r * ri + v * VL);
    mac_segment(rows, gated ? 2 : 0, pair, br[0], &s[0], acc);
    mac_segment(rows, gated ? 3 : 0, pair, br[1], &s[1], acc);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < 4; v++) vstore(out + r * ro + v * VL, acc[r][v]);
}

/* out = init + the two segments, 1 <= rows <= MR; ri and ro are the strides of rows, ri = 0 for a bias. */
static void mac(int rows, bool gated, const segment s[2], const real *init, int64_t ri, real *out, int64_t ro)
{
    static const int64_t none[2] = { 0, 0 };
#define ROWS(n)                                                                                              \
    case n:                                                                                                  \
        if (gated) mac_rows(n, true, false, none, s, init, ri, out, ro);                                     \
        else mac_rows(n, false, false, none, s, init, ri, out, ro);                                          \
        break;
    switch (rows) {
        ROWS(1)
        ROWS(2)
#if MR >= 3
        ROWS(3)
#endif
#if MR >= 6
        ROWS(4)
        ROWS(5)
        ROWS(6)
#endif
    }
#undef ROWS
}

/* One row and two panels, br[i] apart in segment i: 8 sums keep the multiply-adds busy where the 4 of one row would
 * wait for each other. */
static void mac_pair(bool gated, const segment s[2], const int64_t br[2], const real *init, real *out)
{
    if (gated) mac_rows(2, true, true, br, s, init, NR, out, NR);
    else mac_rows(2, false, true, br, s, init, NR, out, NR);
}
