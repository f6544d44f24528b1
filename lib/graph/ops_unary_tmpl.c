/* SPDX-License-Identifier: MIT */
/* One job for all: each function works on n elements from the pointers on; dx is added to. */
typedef struct FN(map) FN(map);
typedef void (*FN(map_fn))(const FN(map) *m, int64_t n, const real *x, real *y, const real *dy, real *dx);
struct FN(map) {
    FN(map_fn) fn;
    const kernels *k;
    real alpha, beta;
    int64_t n;
    const real *x, *dy;
    real *y, *dx;
};

static void FN(map_tile)(void *arg, int64_t tile, int worker)
{
    const FN(map) *m = arg;
    int64_t i = tile * TILE;
    (void)worker;
    m->fn(m, hw3i_min(TILE, m->n - i), m->x + i, m->y + i, m->dy ? m->dy + i : NULL, m->dx ? m->dx + i : NULL);
}

static void FN(map_run)(hw3_graph *g, hw3i_node *y, FN(map_fn) fn, real *dx)
{
    FN(map) m = { .fn = fn, .k = KERN(g), .alpha = (real)y->attr.f[0], .beta = (real)y->attr.f[1], .n = y->n,
                  .x = hw3i_in_value(g, y, 0), .y = y->value, .dy = y->grad, .dx = dx };
    hw3i_pool_run(hw3i_pool_for(g, y->n), (y->n + TILE - 1) / TILE, FN(map_tile), &m);
}

#define MAP_ARGS const FN(map) *m, int64_t n, const real *x, real *y, const real *dy, real *dx
#define UNUSED (void)m, (void)x, (void)y, (void)dy, (void)dx
/* The two functions of the table from name_y and name_dx. */
#define UNARY(name)                                                                                     \
    hw3_status FN(hw3i_##name##_forward)(hw3_graph *g, hw3i_node *y)                                    \
    {                                                                                                   \
        FN(map_run)(g, y, FN(name##_y), NULL);                                                          \
        return HW3_OK;                                                                                  \
    }                                                                                                   \
    hw3_status FN(hw3i_##name##_backward)(hw3_graph *g, hw3i_node *y)                                   \
    {                                                                                                   \
        real *dx = hw3i_in_grad(g, y, 0);                                                               \
        if (dx) FN(map_run)(g, y, FN(name##_dx), dx);                                                   \
        return HW3_OK;                                                                                  \
    }
/* Both by element: value and slope are expressions of x[i] and y[i]. */
#define BY_ELEMENT(name, value, slope)                                                                  \
    static void FN(name##_y)(MAP_ARGS)                                                                  \
    {                                                                                                   \
        UNUSED;                                                                                         \
        for (int64_t i = 0; i < n; i++) y[i] = value;                                                   \
    }                                                                                                   \
    static void FN(name##_dx)(MAP_ARGS)                                                                 \
    {                                                                                                   \
        UNUSED;                                                                                         \
        for (int64_t i = 0; i < n; i++) dx[i] += dy[i] * (slope);                                       \
    }                                                                                                   \
    UNARY(name)
/* The value by a kernel. */
#define BY_KERNEL(name, slope)                                                                          \
    static void FN(name##_y)(MAP_ARGS)                                                                  \
    {                                                                                                   \
        UNUSED;                                                                                         \
        m->k->name(n, x, y);                                                                            \
    }                                                                                                   \
    static void FN(name##_dx)(MAP_ARGS)                                                                 \
    {                                                                                                   \
        UNUSED;                                                                                         \
        for (int64_t i = 0; i < n; i++) dx[i] += dy[i] * (slope);                                       \
    }                                                                                                   \
    UNARY(name)

BY_ELEMENT(affine, m->alpha * x[i] + m->beta, m->alpha)
BY_ELEMENT(relu, x[i] < 0 ? 0 : x[i], y[i] <= 0 ? 0 : (real)1) /* so that NaN stays NaN */
BY_ELEMENT(log, MATH(log)(x[i]), 1 / x[i])
BY_ELEMENT(sqrt, MATH(sqrt)(x[i]), (real)0.5 / y[i])
BY_KERNEL(exp, y[i])
BY_KERNEL(tanh, 1 - y[i] * y[i])
BY_KERNEL(sigmoid, y[i] * (1 - y[i]))

/* y = x P(x), dy/dx = P(x) + x p(x), P and p of the standard normal; P(x) = erfc(-x / sqrt 2) / 2 holds in the left tail. */
BY_ELEMENT(gelu, (real)0.5 * x[i] * MATH(erfc)(-x[i] * (real)SQRT_1_2),
           (real)0.5 * MATH(erfc)(-x[i] * (real)SQRT_1_2) + x[i] * (real)RSQRT_2PI * MATH(exp)((real)-0.5 * x[i] * x[i]))

/* t = tanh(u), u = sqrt(2 / pi) (x + c x^3); x times (1 + t) / 2 */
static void FN(gelu_tanh_t)(const FN(map) *m, int64_t n, const real *x, real *t)
{
    for (int64_t i = 0; i < n; i++) t[i] = (real)SQRT_2_PI * (x[i] + (real)GELU_CUBIC * x[i] * x[i] * x[i]);
    m->k->tanh(n, t, t);
}

static void FN(gelu_tanh_y)(MAP_ARGS)
{
    UNUSED;
    FN(gelu_tanh_t)(m, n, x, y);
    for (int64_t i = 0; i < n; i++) y[i] = (real)0.5 * x[i] * (1 + y[i]);
}

static void FN(gelu_tanh_dx)(MAP_ARGS)
{
    UNUSED;
    real t[CHUNK];
    for (int64_t j = 0; j < n; j += CHUNK) {
        int64_t len = hw3i_min(CHUNK, n - j);
        FN(gelu_tanh_t)(m, len, x + j, t);
        for (int64_t i = 0; i < len; i++) {
            real v = x[j + i], du = (real)SQRT_2_PI * (1 + 3 * (real)GELU_CUBIC * v * v);
            dx[j + i] += dy[j + i] * (real)0.5 * (1 + t[i] + v * (1 - t[i] * t[i]) * du);
        }
    }
}
UNARY(gelu_tanh)

/* y = x s, dy/dx = s + y (1 - s), s = sigmoid(x) */
static void FN(silu_y)(MAP_ARGS)
{
    UNUSED;
    m->k->sigmoid(n, x, y);
    for (int64_t i = 0; i < n; i++) y[i] *= x[i];
}

static void FN(silu_dx)(MAP_ARGS)
{
    UNUSED;
    real s[CHUNK];
    for (int64_t j = 0; j < n; j += CHUNK) {
        int64_t len = hw3i_min(CHUNK, n - j);
        m->k->sigmoid(len, x + j, s);
        for (int64_t i = 0; i < len; i++) dx[j + i] += dy[j + i] * (s[i] + y[j + i] * (1 - s[i]));
    }
}
UNARY(silu)

#undef MAP_ARGS
#undef UNUSED
#undef UNARY
#undef BY_ELEMENT
#undef BY_KERNEL
