/* SPDX-License-Identifier: MIT */
#define BLOCK 16

static void FN(copy)(int64_t n, const real *x, real *y) { memcpy(y, x, (size_t)n * sizeof *x); }

static void FN(add)(int64_t n, const real *x, real *y)
{
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

/* The shape rule has let the result share the operand's memory. */
hw3_status FN(hw3i_reshape_forward)(hw3_graph *g, hw3i_node *y)
{
    (void)g;
    (void)y;
    return HW3_OK;
}

hw3_status FN(hw3i_reshape_backward)(hw3_graph *g, hw3i_node *y)
{
    real *dx = hw3i_in_grad(g, y, 0);
    if (dx) FN(add)(y->n, y->grad, dx);
    return HW3_OK;
}

/* y[o][b][m][a] = x[o][a][m][b], or += : BLOCK by BLOCK, so that lines of both stay in the cache. */
static void FN(swap_block)(const swap *s, bool adds, int64_t a0, int64_t b0, const real *x, real *y)
{
    int64_t a1 = hw3i_min(a0 + BLOCK, s->n_a), b1 = hw3i_min(b0 + BLOCK, s->n_b), n = s->inner;
    for (int64_t m = 0; m < s->middle; m++)
        for (int64_t b = b0; b < b1; b++) {
            const real *from = x + ((a0 * s->middle + m) * s->n_b + b) * n;
            real *to = y + ((b * s->middle + m) * s->n_a + a0) * n;
            for (int64_t a = a0; a < a1; a++, from += s->middle * s->n_b * n, to += n) {
                if (n == 1) to[0] = adds ? to[0] + from[0] : from[0];
                else (adds ? FN(add) : FN(copy))(n, from, to);
            }
        }
}

static void FN(swap_run)(const swap *s, bool adds, const real *x, real *y)
{
    int64_t size = s->n_a * s->middle * s->n_b * s->inner;
    for (int64_t o = 0; size && o < s->outer; o++)
        for (int64_t a = 0; a < s->n_a; a += BLOCK)
            for (int64_t b = 0; b < s->n_b; b += BLOCK) FN(swap_block)(s, adds, a, b, x + o * size, y + o * size);
}

hw3_status FN(hw3i_transpose_forward)(hw3_graph *g, hw3i_node *y)
{
    swap s = swap_of(g, y);
    FN(swap_run)(&s, false, hw3i_in_value(g, y, 0), y->value);
    return HW3_OK;
}

hw3_status FN(hw3i_transpose_backward)(hw3_graph *g, hw3i_node *y)
{
    swap s = swap_of(g, y), back = { s.outer, s.n_b, s.middle, s.n_a, s.inner };
    real *dx = hw3i_in_grad(g, y, 0);
    if (dx) FN(swap_run)(&back, true, y->grad, dx);
    return HW3_OK;
}

hw3_status FN(hw3i_slice_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]);
    int64_t n = (y->attr.i[2] - y->attr.i[1]) * s.inner;
    const real *x = (real *)hw3i_in_value(g, y, 0) + y->attr.i[1] * s.inner;
    for (int64_t o = 0; y->n && o < s.outer; o++) FN(copy)(n, x + o * s.len * s.inner, (real *)y->value + o * n);
    return HW3_OK;
}

hw3_status FN(hw3i_slice_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]);
    int64_t n = (y->attr.i[2] - y->attr.i[1]) * s.inner;
    real *dx = hw3i_in_grad(g, y, 0);
    for (int64_t o = 0; dx && y->n && o < s.outer; o++)
        FN(add)(n, (real *)y->grad + o * n, dx + (o * s.len + y->attr.i[1]) * s.inner);
    return HW3_OK;
}

hw3_status FN(hw3i_concat_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span whole = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    real *out = y->value;
    for (int32_t k = 0; y->n && k < y->n_in; k++) {
        const hw3i_node *x = hw3i_operand(g, y, k);
        int64_t n = x->shape[y->attr.i[0]] * whole.inner;
        for (int64_t o = 0; o < whole.outer; o++) FN(copy)(n, (real *)x->value + o * n, out + o * whole.len * whole.inner);
        out += n;
    }
    return HW3_OK;
}

hw3_status FN(hw3i_concat_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span whole = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const real *dy = y->grad;
    for (int32_t k = 0; y->n && k < y->n_in; k++) {
        int64_t n = hw3i_operand(g, y, k)->shape[y->attr.i[0]] * whole.inner;
        real *dx = hw3i_in_grad(g, y, k);
        for (int64_t o = 0; dx && o < whole.outer; o++) FN(add)(n, dy + o * whole.len * whole.inner, dx + o * n);
        dy += n;
    }
    return HW3_OK;
}

/* y[o][l][i] = x[o][index[o][l][i]][i] */
hw3_status FN(hw3i_gather_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]), t = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const real *x = hw3i_in_value(g, y, 0);
    const int64_t *index = hw3i_in_value(g, y, 1);
    hw3_status status = check_range(g, y, s.len);
    for (int64_t k = 0; !status && k < y->n; k++)
        ((real *)y->value)[k] = x[(k / (t.len * t.inner) * s.len + index[k]) * s.inner + k % s.inner];
    return status;
}

hw3_status FN(hw3i_gather_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]), t = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const int64_t *index = hw3i_in_value(g, y, 1);
    real *dx = hw3i_in_grad(g, y, 0);
    for (int64_t k = 0; dx && k < y->n; k++)
        dx[(k / (t.len * t.inner) * s.len + index[k]) * s.inner + k % s.inner] += ((real *)y->grad)[k];
    return HW3_OK;
}

hw3_status FN(hw3i_embedding_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    hw3_status s = check_range(g, y, w->shape[0]);
    int64_t n = w->shape[1];
    for (int64_t i = 0; !s && n && i < index->n; i++)
        FN(copy)(n, (real *)w->value + ((int64_t *)index->value)[i] * n, (real *)y->value + i * n);
    return s;
}

hw3_status FN(hw3i_embedding_backward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    int64_t n = w->shape[1];
    real *dw = hw3i_in_grad(g, y, 0);
    for (int64_t i = 0; dw && i < index->n; i++)
        FN(add)(n, (real *)y->grad + i * n, dw + ((int64_t *)index->value)[i] * n);
    return HW3_OK;
}

#undef BLOCK
