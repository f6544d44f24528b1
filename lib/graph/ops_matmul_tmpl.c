/* SPDX-License-Identifier: MIT */
/* Y = A B for each matrix of the batch; outside training a row of A times one matrix has bits of its own */
hw3_status FN(hw3i_matmul_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *na = hw3i_operand(g, y, 0), *nb = hw3i_operand(g, y, 1);
    const real *a = na->value, *b = nb->value;
    product p = product_of(g, y);
    if (!g->training && nb->n_dims == 2) {
        KERN(g)->product(g->ctx->pool, p.m, p.n, p.k, a, b, y->value);
        return HW3_OK;
    }
    for (int64_t i = 0; y->n && i < p.n_batch; i++) {
        int64_t at_a = matrix_start(na, y, i), at_b = matrix_start(nb, y, i);
        real *out = (real *)y->value + i * p.m * p.n;
        FN(hw3i_gemm)(g->ctx->pool, p.m, p.n, p.k, 1, a + at_a, p.k, 1, b + at_b, p.n, 1, 0, out, p.n, 1);
    }
    return HW3_OK;
}

/* dA += dY B', dB += A' dY */
hw3_status FN(hw3i_matmul_backward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *na = hw3i_operand(g, y, 0), *nb = hw3i_operand(g, y, 1);
    const real *a = na->value, *b = nb->value;
    real *da = hw3i_in_grad(g, y, 0), *db = hw3i_in_grad(g, y, 1);
    product p = product_of(g, y);
    for (int64_t i = 0; y->n && i < p.n_batch; i++) {
        int64_t at_a = matrix_start(na, y, i), at_b = matrix_start(nb, y, i);
        const real *dy = (real *)y->grad + i * p.m * p.n;
        if (da) FN(hw3i_gemm)(g->ctx->pool, p.m, p.k, p.n, 1, dy, p.n, 1, b + at_b, 1, p.n, 1, da + at_a, p.k, 1);
        if (db) FN(hw3i_gemm)(g->ctx->pool, p.k, p.n, p.m, 1, a + at_a, 1, p.k, dy, p.n, 1, 1, db + at_b, p.n, 1);
    }
    return HW3_OK;
}

typedef struct FN(biasing) {
    const kernels *k;
    int64_t m, n, rows; /* of a tile */
    const real *bias;
    real *out;
    bool adds;
} FN(biasing);

static void FN(bias_tile)(void *arg, int64_t tile, int worker)
{
    const FN(biasing) *b = arg;
    (void)worker;
    for (int64_t i = tile * b->rows; i < hw3i_min(b->m, (tile + 1) * b->rows); i++) {
        if (b->adds) b->k->axpy(b->n, 1, b->bias, b->out + i * b->n);
        else memcpy(b->out + i * b->n, b->bias, (size_t)b->n * sizeof(real));
    }
}

/* Each of m rows becomes the bias, or has it added. */
static void FN(bias_rows)(const hw3_graph *g, int64_t m, int64_t n, const real *bias, bool adds, real *out)
{
    FN(biasing) b = { KERN(g), m, n, hw3i_max(1, TILE / hw3i_max(1, n)), bias, out, adds };
    if (bias) hw3i_pool_run(hw3i_pool_for(g, m * n), hw3i_ceil(m, b.rows), FN(bias_tile), &b);
}

/* out [m, n] = X W' + b; outside training the bits of a row are its own */
void FN(hw3i_linear_run)(const hw3_graph *g, int64_t m, int64_t n, int64_t k, const real *x, const real *w, const real *bias,
                         real *out)
{
    if (!g->training) {
        KERN(g)->linear(g->ctx->pool, m, n, k, x, w, bias, out);
        return;
    }
    FN(bias_rows)(g, m, n, bias, false, out);
    FN(hw3i_gemm)(g->ctx->pool, m, n, k, 1, x, k, 1, w, 1, k, bias ? 1 : 0, out, n, 1);
}

/* The same with W [k, n] */
static void FN(columns_run)(const hw3_graph *g, int64_t m, int64_t n, int64_t k, const real *x, const real *w, const real *bias,
                            real *out)
{
    if (g->training) {
        FN(bias_rows)(g, m, n, bias, false, out);
        FN(hw3i_gemm)(g->ctx->pool, m, n, k, 1, x, k, 1, w, n, 1, bias ? 1 : 0, out, n, 1);
    } else {
        KERN(g)->product(g->ctx->pool, m, n, k, x, w, out);
        FN(bias_rows)(g, m, n, bias, true, out);
    }
}

hw3_status FN(hw3i_linear_forward)(hw3_graph *g, hw3i_node *y)
{
    const dense d = dense_of(g, y);
    const real *x = hw3i_in_value(g, y, 0), *w = hw3i_in_value(g, y, 1), *bias = hw3i_in_value(g, y, 2);
    if (d.by_columns) FN(columns_run)(g, d.m, d.n, d.k, x, w, bias, y->value);
    else FN(hw3i_linear_run)(g, d.m, d.n, d.k, x, w, bias, y->value);
    return HW3_OK;
}

/* dX += dY W, dW += dY' X, db += the sum of dY's rows; by columns dX += dY W', dW += X' dY */
hw3_status FN(hw3i_linear_backward)(hw3_graph *g, hw3i_node *y)
{
    const dense d = dense_of(g, y);
    const int64_t m = d.m, n = d.n, k = d.k, wr = d.by_columns ? 1 : k, wc = d.by_columns ? n : 1; /* strides of n and k in W */
    real *dx = hw3i_in_grad(g, y, 0), *dw = hw3i_in_grad(g, y, 1), *db = hw3i_in_grad(g, y, 2);
    const real *x = hw3i_in_value(g, y, 0), *w = hw3i_in_value(g, y, 1), *dy = y->grad;
    if (dx) FN(hw3i_gemm)(g->ctx->pool, m, k, n, 1, dy, n, 1, w, wr, wc, 1, dx, k, 1);
    if (dw && d.by_columns) FN(hw3i_gemm)(g->ctx->pool, k, n, m, 1, x, 1, k, dy, n, 1, 1, dw, n, 1);
    else if (dw) FN(hw3i_gemm)(g->ctx->pool, n, k, m, 1, dy, 1, n, x, k, 1, 1, dw, k, 1);
    if (db) FN(hw3i_add_rows)(g, m, n, 1, dy, db);
    return HW3_OK;
}
