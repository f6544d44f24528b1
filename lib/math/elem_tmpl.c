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

static void FN(axpy)(int64_t n, real alpha, const real *x, real *y)
{
    for (int64_t i = 0; i < n; i += VL)
        vstore_part(y + i, n - i, vload_part(y + i, n - i, 0) + alpha * vload_part(x + i, n - i, 0));
}
