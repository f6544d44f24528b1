/* SPDX-License-Identifier: MIT */
/* y_i = f(x_i), and y += alpha x. */

#define MAP(name, f)                                                                                         \
    static void FN(name)(int64_t n, const real *x, real *y)                                                  \
    {                                                                                                        \
        for (int64_t i = 0; i < n; i += VL) vstore_part(y + i, n - i, f(vload_part(x + i, n - i, 0)));       \
    }
MAP(exp, vexp)
MAP(tanh, vtanh)
MAP(sigmoid, vsigmoid)
#undef MAP

/* Rotates the pairs of `heads` vectors of D elements, (x_i, x_{i + n}) or, interleaved, (x_{2i}, x_{2i + 1}), i < n:
 *   y_a = x_a cos_i - x_b sin_i,  y_b = x_b cos_i + x_a sin_i
 * and copies the elements past 2 n. sign = -1 turns back; adds: y += instead of y =. */
#define ROTATE(a, b, assign)                                                                                 \
    for (int64_t i = 0; i < n; i++) {                                                                        \
        const real s = sign * sine[i], c = cosine[i], xa = x[a], xb = x[b];                                  \
        y[a] assign xa * c - xb * s;                                                                         \
        y[b] assign xb * c + xa * s;                                                                         \
    }                                                                                                        \
    for (int64_t i = 2 * n; i < D; i++) y[i] assign x[i];
static void FN(rotate)(int64_t heads, int64_t D, int64_t n, bool interleaved, bool adds, real sign, const real *cosine, const real *sine,
                       const real *restrict x, real *restrict y)
{
    for (; heads > 0; heads--, x += D, y += D) {
        if (interleaved && adds) { ROTATE(2 * i, 2 * i + 1, +=) }
        else if (interleaved) { ROTATE(2 * i, 2 * i + 1, =) }
        else if (adds) { ROTATE(i, i + n, +=) }
        else { ROTATE(i, i + n, =) }
    }
}
#undef ROTATE

static void FN(axpy)(int64_t n, real alpha, const real *x, real *y)
{
    for (int64_t i = 0; i < n; i += VL)
        vstore_part(y + i, n - i, vload_part(y + i, n - i, 0) + alpha * vload_part(x + i, n - i, 0));
}
