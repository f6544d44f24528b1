/* SPDX-License-Identifier: MIT */
/* y = keep x / (1 - p), or += */
typedef struct FN(dropping) {
    int64_t n;
    const uint8_t *keep;
    real scale;
    const real *x;
    real *y;
    bool adds;
} FN(dropping);

static void FN(drop_tile)(void *arg, int64_t tile, int worker)
{
    const FN(dropping) *d = arg;
    const int64_t end = hw3i_min(d->n, (tile + 1) * TILE);
    const uint8_t *keep = d->keep;
    const real *x = d->x, scale = d->scale;
    real *y = d->y;
    (void)worker;
    if (d->adds)
        for (int64_t i = tile * TILE; i < end; i++) y[i] += x[i] * (scale * keep[i]);
    else
        for (int64_t i = tile * TILE; i < end; i++) y[i] = x[i] * (scale * keep[i]);
}

static void FN(drop_run)(hw3_graph *g, const hw3i_node *y, bool adds, const real *x, real *out)
{
    FN(dropping) d = { y->n, y->saved, (real)(1 / (1 - y->attr.f[0])), x, out, adds };
    hw3i_pool_run(hw3i_pool_for(g, y->n), hw3i_ceil(y->n, TILE), FN(drop_tile), &d);
}

hw3_status FN(hw3i_dropout_forward)(hw3_graph *g, hw3i_node *y)
{
    if (is_identity(g, y)) return HW3_OK;
    if (!draw_mask(g, y)) return HW3_ERR_NOMEM;
    FN(drop_run)(g, y, false, hw3i_in_value(g, y, 0), y->value);
    return HW3_OK;
}

hw3_status FN(hw3i_dropout_backward)(hw3_graph *g, hw3i_node *y)
{
    real *dx = hw3i_in_grad(g, y, 0);
    if (dx && !y->saved) KERN(g)->axpy(y->n, 1, y->grad, dx); /* forward did nothing */
    else if (dx) FN(drop_run)(g, y, true, y->grad, dx);
    return HW3_OK;
}
