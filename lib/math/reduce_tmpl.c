/* SPDX-License-Identifier: MIT */
/* Sums with a fixed tree: arrays halve at multiples of a block; a block has four vectors of partial sums. The tree
 * follows from n and the width of the vectors alone, and the error grows with log n. */

#ifndef TREE_BLOCK
#define TREE_BLOCK (64 * VL)
#define TREE_SUM 0    /* x */
#define TREE_DOT 1    /* x y */
#define TREE_SQUARE 2 /* (x - c)^2 */
#endif

static inline vr FN(tree_term)(int kind, const real *x, const real *y, real c, int64_t n)
{
    vr v = vload_part(x, n, c);
    if (kind == TREE_DOT) return v * vload_part(y, n, 0);
    return kind == TREE_SQUARE ? (v - c) * (v - c) : v;
}

static inline __attribute__((always_inline)) real FN(tree_block)(int kind, int64_t n, const real *x, const real *y, real c)
{
    vr s[4] = { { 0 } };
    int64_t i = 0;
    for (; i + 4 * VL <= n; i += 4 * VL)
        for (int j = 0; j < 4; j++) s[j] += FN(tree_term)(kind, x + i + j * VL, y + i + j * VL, c, VL);
    for (int j = 0; i < n; i += VL, j++) s[j] += FN(tree_term)(kind, x + i, y + i, c, n - i);
    return vhsum((s[0] + s[1]) + (s[2] + s[3]));
}

#define TREE(name, kind)                                                                                     \
    static real FN(name)(int64_t n, const real *x, const real *y, real c)                                    \
    {                                                                                                        \
        if (n <= TREE_BLOCK) return FN(tree_block)(kind, n, x, y, c);                                        \
        int64_t left = (n / 2 + TREE_BLOCK - 1) / TREE_BLOCK * TREE_BLOCK;                                   \
        return FN(name)(left, x, y, c) + FN(name)(n - left, x + left, y + left, c);                          \
    }
TREE(sum_tree, TREE_SUM)
TREE(dot_tree, TREE_DOT)
TREE(square_tree, TREE_SQUARE)
#undef TREE

static real FN(sum)(int64_t n, const real *x) { return FN(sum_tree)(n, x, x, 0); }
static real FN(dot)(int64_t n, const real *a, const real *b) { return FN(dot_tree)(n, a, b, 0); }

static real FN(max)(int64_t n, const real *x)
{
    vr m = vset(R(-INFINITY));
    for (int64_t i = 0; i < n; i += VL) m = vmax(vload_part(x + i, n - i, R(-INFINITY)), m);
    return vhmax(m);
}
