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

/* out [m, n] = X W' + b; outside training the bits of a row are its own */
void FN(hw3i_linear_run)(const hw3_graph *g, int64_t m, int64_t n, int64_t k, const real *x, const real *w, const real *bias,
                         real *out)
{
    if (!g->training) {
        KERN(g)->linear(g->ctx->pool, m, n, k, x, w, bias, out);
        return;
    }
    for (int64_t i = 0; bias && i < m; i++) memcpy(out + i * n, bias, (size_t)n * sizeof *out);
    FN(hw3i_gemm)(g->ctx->pool, m, n, k, 1, x, k, 1, w, 1, k, bias ? 1 : 0, out, n, 1);
}

hw3_status FN(hw3i_linear_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 1);
    FN(hw3i_linear_run)(g, hw3i_count(y->n_dims - 1, y->shape), w->shape[0], w->shape[1], hw3i_in_value(g, y, 0), w->value,
                        hw3i_in_value(g, y, 2), y->value);
    return HW3_OK;
}

/* dX += dY W, dW += dY' X, db += the sum of dY's rows */
hw3_status FN(hw3i_linear_backward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 1);
    int64_t n = w->shape[0], k = w->shape[1], m = hw3i_count(y->n_dims - 1, y->shape);
    real *dx = hw3i_in_grad(g, y, 0), *dw = hw3i_in_grad(g, y, 1), *db = hw3i_in_grad(g, y, 2);
    const real *x = hw3i_in_value(g, y, 0), *dy = y->grad;
    if (dx) FN(hw3i_gemm)(g->ctx->pool, m, k, n, 1, dy, n, 1, w->value, k, 1, 1, dx, k, 1);
    if (dw) FN(hw3i_gemm)(g->ctx->pool, n, k, m, 1, dy, 1, n, x, k, 1, 1, dw, k, 1);
    if (db) FN(hw3i_add_rows)(g, m, n, 1, dy, db);
    return HW3_OK;
}
