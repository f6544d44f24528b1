/* SPDX-License-Identifier: MIT */
#define COLUMNS 64 /* side by side on the stack when the dimension is not the last */

/* w columns, `stride` apart from row to row: x - max in y, and the sums of its exponentials. */
static void FN(shift_columns)(const kernels *k, int64_t len, int64_t stride, int64_t w, const real *x, real *y, real *sum)
{
    real max[COLUMNS], e[COLUMNS];
    for (int64_t c = 0; c < w; c++) max[c] = x[c], sum[c] = 0;
    for (int64_t l = 1; l < len; l++)
        for (int64_t c = 0; c < w; c++) max[c] = x[l * stride + c] > max[c] ? x[l * stride + c] : max[c];
    for (int64_t l = 0; l < len; l++) {
        for (int64_t c = 0; c < w; c++) y[l * stride + c] = x[l * stride + c] - max[c];
        k->exp(w, y + l * stride, e);
        for (int64_t c = 0; c < w; c++) sum[c] += e[c];
    }
}

static void FN(softmax_columns)(const kernels *k, bool is_log, int64_t len, int64_t stride, int64_t w, const real *x, real *y)
{
    real sum[COLUMNS];
    FN(shift_columns)(k, len, stride, w, x, y, sum);
    for (int64_t c = 0; c < w; c++) sum[c] = is_log ? MATH(log)(sum[c]) : 1 / sum[c];
    for (int64_t l = 0; l < len; l++, y += stride) {
        if (!is_log) k->exp(w, y, y);
        for (int64_t c = 0; c < w; c++) y[c] = is_log ? y[c] - sum[c] : y[c] * sum[c];
    }
}

static hw3_status FN(softmax_run)(hw3_graph *g, hw3i_node *y, bool is_log)
{
    hw3i_span s = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const kernels *k = KERN(g);
    const real *x = hw3i_in_value(g, y, 0);
    real *out = y->value;
    if (!y->n) return HW3_OK;
    if (s.inner == 1) {
        (is_log ? k->log_softmax : k->softmax)(s.outer, s.len, x, out);
        return HW3_OK;
    }
    for (int64_t o = 0; o < s.outer; o++)
        for (int64_t c = 0; c < s.inner; c += COLUMNS) {
            int64_t at = o * s.len * s.inner + c;
            FN(softmax_columns)(k, is_log, s.len, s.inner, hw3i_min(COLUMNS, s.inner - c), x + at, out + at);
        }
    return HW3_OK;
}

hw3_status FN(hw3i_softmax_forward)(hw3_graph *g, hw3i_node *y) { return FN(softmax_run)(g, y, false); }

/* dx_i += y_i (dy_i - sum_j dy_j y_j) */
hw3_status FN(hw3i_softmax_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const real *p = y->value, *dy = y->grad;
    real *dx = hw3i_in_grad(g, y, 0);
    for (int64_t k = 0; dx && y->n && k < s.outer * s.inner; k++) {
        int64_t at = k / s.inner * s.len * s.inner + k % s.inner;
        real dot = 0;
        if (s.inner == 1) dot = KERN(g)->dot(s.len, dy + at, p + at);
        else
            for (int64_t l = 0; l < s.len; l++) dot += dy[at + l * s.inner] * p[at + l * s.inner];
        for (int64_t l = 0, i = at; l < s.len; l++, i += s.inner) dx[i] += p[i] * (dy[i] - dot);
    }
    return HW3_OK;
}

hw3_status FN(hw3i_log_softmax_forward)(hw3_graph *g, hw3i_node *y) { return FN(softmax_run)(g, y, true); }

/* dx_i += dy_i - exp(y_i) sum_j dy_j */
hw3_status FN(hw3i_log_softmax_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    const real *dy = y->grad;
    real *dx = hw3i_in_grad(g, y, 0);
    if (!dx || !y->n) return HW3_OK;
    real *p = hw3i_arena_alloc(&g->arena, y->n, sizeof *p);
    if (!p) return HW3_ERR_NOMEM;
    KERN(g)->exp(y->n, y->value, p);
    for (int64_t k = 0; k < s.outer * s.inner; k++) {
        int64_t at = k / s.inner * s.len * s.inner + k % s.inner;
        real sum = 0;
        if (s.inner == 1) sum = KERN(g)->sum(s.len, dy + at);
        else
            for (int64_t l = 0; l < s.len; l++) sum += dy[at + l * s.inner];
        for (int64_t l = 0, i = at; l < s.len; l++, i += s.inner) dx[i] += dy[i] - p[i] * sum;
    }
    return HW3_OK;
}

/* y = (x - mean) rstd gamma + beta; saved: mean and rstd of each row */
hw3_status FN(hw3i_layer_norm_forward)(hw3_graph *g, hw3i_node *y)
{
    int64_t n = y->shape[y->n_dims - 1], rows = y->n / n;
    real *saved = y->saved = hw3i_arena_alloc(&g->arena, 2 * rows, sizeof *saved);
    if (!saved) return HW3_ERR_NOMEM;
    KERN(g)->layer_norm(rows, n, hw3i_in_value(g, y, 0), hw3i_in_value(g, y, 1), hw3i_in_value(g, y, 2), (real)y->attr.f[0],
                        y->value, saved, saved + rows);
    return HW3_OK;
}

hw3_status FN(hw3i_layer_norm_backward)(hw3_graph *g, hw3i_node *y)
{
    int64_t n = y->shape[y->n_dims - 1], rows = y->n / n;
    const real *saved = y->saved;
    KERN(g)->layer_norm_backward(rows, n, hw3i_in_value(g, y, 0), hw3i_in_value(g, y, 1), saved, saved + rows, y->grad,
                                 hw3i_in_grad(g, y, 0), hw3i_in_grad(g, y, 1), hw3i_in_grad(g, y, 2));
    return HW3_OK;
}

#undef COLUMNS
