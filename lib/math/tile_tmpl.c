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
#define mac_rows FN(mac_rows)
#define mac FN(mac)
#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#endif

/* One range of k: a[r ar + k ak] b[k][]. */
typedef struct segment {
    int64_t k;
    const real *a;
    int64_t ar, ak;
    const real *b;
} segment;

/* last: the sum that the third vector of b adds to when b has 3; 0 when it has 4. */
INLINE void mac_segment(const int rows, const int last, const segment *s, vr acc[MR][4])
{
    const int nb = last ? 3 : 4;
    const int64_t ar = s->ar, ak = s->ak;
    const real *a = s->a, *a3 = a + 3 * ar, *b = s->b;
    for (int64_t k = s->k; k > 0; k--, a += ak, a3 += ak, b += nb * VL) {
        vr x[MR];
        UNROLL for (int r = 0; r < rows; r++) x[r] = vset(r < 3 ? a[r * ar] : a3[(r - 3) * ar]);
        UNROLL for (int v = 0; v < nb; v++) {
            vr w = vload(b + v * VL);
            UNROLL for (int r = 0; r < rows; r++) acc[r][v == 2 && last ? last : v] += x[r] * w;
        }
    }
}

/* gated: s[0] adds to the sums 0, 1, 2 and s[1] to 0, 1, 3, as in a GRU, whose new gate keeps the two apart. */
INLINE void mac_rows(const int rows, const bool gated, const segment *s, const real *init, int64_t ri, real *out,
                     int64_t ro)
{
    vr acc[MR][4];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < 4; v++) acc[r][v] = vload(init + r * ri + v * VL);
    mac_segment(rows, gated ? 2 : 0, &s[0], acc);
    mac_segment(rows, gated ? 3 : 0, &s[1], acc);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < 4; v++) vstore(out + r * ro + v * VL, acc[r][v]);
}

/* out = init + the two segments, 1 <= rows <= MR; ri and ro are the strides of rows, ri = 0 for a bias. */
static void mac(int rows, bool gated, const segment s[2], const real *init, int64_t ri, real *out, int64_t ro)
{
#define ROWS(n)                                                                                              \
    case n:                                                                                                  \
        if (gated) mac_rows(n, true, s, init, ri, out, ro);                                                  \
        else mac_rows(n, false, s, init, ri, out, ro);                                                       \
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
