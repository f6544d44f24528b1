/* SPDX-License-Identifier: MIT */
typedef void (*FN(row_fn))(int64_t n, const real *a, int64_t sa, const real *b, int64_t sb, const real *dy, real *out);

/* One pass over the result: forward writes y, backward adds to d, the gradient of operand k. */
typedef struct FN(pass) {
    FN(row_fn) fn;
    const kernels *kern;
    plan p;
    bool is_sum; /* a + b, whose gradients are the result's own */
    int k;
    const real *a, *b, *dy;
    real *y, *d;
} FN(pass);

static void FN(add_to)(const FN(pass) *p, int64_t n, int64_t stride, const real *term, real *d)
{
    if (stride)
        p->kern->axpy(n, 1, term, d);
    else
        d[0] += p->kern->sum(n, term);
}

/* Elements from i on of one row, n of them. */
static void FN(pass_part)(const FN(pass) *p, int64_t row, int64_t i, int64_t n)
{
    const plan *q = &p->p;
    int last = q->n_dims - 1;
    int64_t sa = q->strides[0][last], sb = q->strides[1][last], at = row * q->shape[last] + i;
    const real *a = p->a + row_start(q, 0, row) + i * sa, *b = p->b + row_start(q, 1, row) + i * sb;
    if (!p->d && p->is_sum && sa && sb) {
        memcpy(p->y + at, a, (size_t)n * sizeof *a);
        p->kern->axpy(n, 1, b, p->y + at);
        return;
    }
    if (!p->d) {
        p->fn(n, a, sa, b, sb, NULL, p->y + at);
        return;
    }
    real term[CHUNK], *d = p->d + row_start(q, p->k, row) + i * q->strides[p->k][last];
    if (p->is_sum) {
        FN(add_to)(p, n, q->strides[p->k][last], p->dy + at, d);
        return;
    }
    for (int64_t j = 0; j < n; j += CHUNK) {
        int64_t len = hw3i_min(CHUNK, n - j);
        p->fn(len, a + j * sa, sa, b + j * sb, sb, p->dy + at + j, term);
        FN(add_to)(p, len, q->strides[p->k][last], term, d + j * q->strides[p->k][last]);
    }
}

/* A tile is part of a long row, or some short rows. */
static void FN(pass_tile)(void *arg, int64_t tile, int worker)
{
    const FN(pass) *p = arg;
    int64_t len = p->p.shape[p->p.n_dims - 1], rows = hw3i_count(p->p.n_dims - 1, p->p.shape);
    (void)worker;
    if (len > TILE) {
        int64_t parts = (len + TILE - 1) / TILE, i = tile % parts * TILE;
        FN(pass_part)(p, tile / parts, i, hw3i_min(TILE, len - i));
        return;
    }
    int64_t some = TILE / len;
    for (int64_t row = tile * some; row < hw3i_min(rows, (tile + 1) * some); row++) FN(pass_part)(p, row, 0, len);
}

/* A tile is some columns of all rows, for a gradient that adds up over rows. */
static void FN(pass_columns)(void *arg, int64_t tile, int worker)
{
    const FN(pass) *p = arg;
    const int64_t len = p->p.shape[p->p.n_dims - 1], rows = hw3i_count(p->p.n_dims - 1, p->p.shape), i = tile * COLUMNS;
    (void)worker;
    for (int64_t row = 0; row < rows; row++) FN(pass_part)(p, row, i, hw3i_min(COLUMNS, len - i));
}

static void FN(pass_run)(hw3_graph *g, const hw3i_node *y, FN(pass) *p)
{
    if (!y->n) return;
    int64_t len = p->p.shape[p->p.n_dims - 1], rows = hw3i_count(p->p.n_dims - 1, p->p.shape);
    int64_t some = len > TILE ? 1 : TILE / len;
    int64_t n_tiles = len > TILE ? rows * hw3i_ceil(len, TILE) : hw3i_ceil(rows, some);
    const bool whole = !p->d || is_whole(&p->p, p->k);
    p->kern = KERN(g);
    p->a = hw3i_in_value(g, y, 0);
    p->b = hw3i_in_value(g, y, 1);
    if (!whole && p->p.strides[p->k][p->p.n_dims - 1])
        hw3i_pool_run(hw3i_pool_for(g, y->n), hw3i_ceil(len, COLUMNS), FN(pass_columns), p);
    else
        hw3i_pool_run(whole ? hw3i_pool_for(g, y->n) : NULL, n_tiles, FN(pass_tile), p);
}

static hw3_status FN(binary_forward)(hw3_graph *g, hw3i_node *y, FN(row_fn) fn)
{
    FN(pass) p = { .fn = fn, .p = plan_of(g, y), .is_sum = is_sum(y), .y = y->value };
    FN(pass_run)(g, y, &p);
    return HW3_OK;
}

static hw3_status FN(binary_backward)(hw3_graph *g, hw3i_node *y, FN(row_fn) da, FN(row_fn) db)
{
    FN(row_fn) fn[2] = { da, db };
    for (int k = 0; k < 2; k++) {
        FN(pass) p = { .fn = fn[k], .p = plan_of(g, y), .is_sum = is_sum(y), .k = k, .dy = y->grad, .d = hw3i_in_grad(g, y, k) };
        if (p.d) FN(pass_run)(g, y, &p);
    }
    return HW3_OK;
}

/* u, v, d are an element of a, of b, and of the result's gradient; sa and sb are 0 or 1. */
#define LOOP(stride_a, stride_b, load, expression)                                                                      \
    for (int64_t i = 0; i < n; i++) {                                                                                   \
        real u = a[i * stride_a], v = b[i * stride_b], d = load;                                                        \
        (void)u, (void)v, (void)d;                                                                                      \
        out[i] = expression;                                                                                            \
    }
#define ROW_FN(name, load, expression)                                                                                  \
    static void FN(name)(int64_t n, const real *a, int64_t sa, const real *b, int64_t sb, const real *dy, real *out)    \
    {                                                                                                                   \
        (void)dy;                                                                                                       \
        if (sa && sb) LOOP(1, 1, load, expression)                                                                      \
        else if (sa) LOOP(1, 0, load, expression)                                                                       \
        else LOOP(0, sb, load, expression)                                                                              \
    }
/* value, and the gradients of a and of b */
#define BINARY(name, value, da, db)                                                                                     \
    ROW_FN(name##_y, 0, value)                                                                                           \
    ROW_FN(name##_da, dy[i], da)                                                                                               \
    ROW_FN(name##_db, dy[i], db)                                                                                               \
    hw3_status FN(hw3i_##name##_forward)(hw3_graph *g, hw3i_node *y)                                                    \
    {                                                                                                                   \
        return FN(binary_forward)(g, y, FN(name##_y));                                                                  \
    }                                                                                                                   \
    hw3_status FN(hw3i_##name##_backward)(hw3_graph *g, hw3i_node *y)                                                   \
    {                                                                                                                   \
        return FN(binary_backward)(g, y, FN(name##_da), FN(name##_db));                                                 \
    }

BINARY(add, u + v, d, d)
BINARY(sub, u - v, d, -d)
BINARY(mul, u * v, d * v, d * u)
BINARY(div, u / v, d / v, -d * u / (v * v))

#undef LOOP
#undef ROW_FN
#undef BINARY
