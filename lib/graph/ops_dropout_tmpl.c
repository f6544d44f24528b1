/* SPDX-License-Identifier: MIT */
hw3_status FN(hw3i_dropout_forward)(hw3_graph *g, hw3i_node *y)
{
    if (is_identity(g, y)) return HW3_OK;
    const uint8_t *keep = draw_mask(g, y);
    if (!keep) return HW3_ERR_NOMEM;
    const real *x = hw3i_in_value(g, y, 0);
    real *out = y->value, scale = (real)(1 / (1 - y->attr.f[0]));
    for (int64_t i = 0; i < y->n; i++) out[i] = x[i] * (scale * keep[i]);
    return HW3_OK;
}

hw3_status FN(hw3i_dropout_backward)(hw3_graph *g, hw3i_node *y)
{
    const uint8_t *keep = y->saved; /* NULL when forward did nothing */
    const real *dy = y->grad;
    real *dx = hw3i_in_grad(g, y, 0), scale = (real)(1 / (1 - y->attr.f[0]));
    if (dx && !keep) KERN(g)->axpy(y->n, 1, dy, dx);
    for (int64_t i = 0; dx && keep && i < y->n; i++) dx[i] += dy[i] * (scale * keep[i]);
    return HW3_OK;
}
