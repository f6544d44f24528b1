/* SPDX-License-Identifier: MIT */
/* n terms of a loss, or of its slope in x, into out. */
typedef void (*FN(loss_fn))(const kernels *k, int64_t n, real delta, const real *x, const real *t, real *out);

/* Mean of the terms: sums of chunks, added in double. */
static hw3_status FN(loss_forward)(hw3_graph *g, hw3i_node *y, FN(loss_fn) term)
{
    const real *x = hw3i_in_value(g, y, 0), *t = hw3i_in_value(g, y, 1);
    int64_t n = hw3i_operand(g, y, 0)->n;
    real buffer[CHUNK];
    double sum = 0;
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t len = hw3i_min(CHUNK, n - i);
        term(KERN(g), len, (real)y->attr.f[0], x + i, t + i, buffer);
        sum += (double)KERN(g)->sum(len, buffer);
    }
    *(real *)y->value = (real)(sum / (double)n);
    return HW3_OK;
}

/* dx += dy / n slope(x, t); the target's slope is slope_t */
static hw3_status FN(loss_backward)(hw3_graph *g, hw3i_node *y, FN(loss_fn) slope, FN(loss_fn) slope_t)
{
    const real *x = hw3i_in_value(g, y, 0), *t = hw3i_in_value(g, y, 1);
    int64_t n = hw3i_operand(g, y, 0)->n;
    real buffer[CHUNK], scale = *(real *)y->grad / (real)n;
    for (int k = 0; k < 2; k++) {
        real *d = hw3i_in_grad(g, y, k);
        for (int64_t i = 0; d && i < n; i += CHUNK) {
            int64_t len = hw3i_min(CHUNK, n - i);
            (k ? slope_t : slope)(KERN(g), len, (real)y->attr.f[0], x + i, t + i, buffer);
            KERN(g)->axpy(len, scale, buffer, d + i);
        }
    }
    return HW3_OK;
}

#define LOSS_FN(name, before, expression)                                                                               \
    static void FN(name)(const kernels *k, int64_t n, real delta, const real *x, const real *t, real *out)              \
    {                                                                                                                   \
        (void)k, (void)delta;                                                                                           \
        before;                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                               \
            real e = x[i] - t[i], s = e > 0 ? 1 : e < 0 ? -1 : 0 * e;                                                   \
            (void)s;                                                                                                    \
            out[i] = expression;                                                                                        \
        }                                                                                                               \
    }
/* value, slope in x, slope in t, of e = x - t and its sign s; before: what fills out first */
#define LOSS(name, value, before, slope, slope_t)                                                                       \
    LOSS_FN(name##_term, (void)0, value)                                                                                \
    LOSS_FN(name##_slope, before, slope)                                                                                \
    LOSS_FN(name##_slope_t, (void)0, slope_t)                                                                           \
    hw3_status FN(hw3i_##name##_forward)(hw3_graph *g, hw3i_node *y)                                                    \
    {                                                                                                                   \
        return FN(loss_forward)(g, y, FN(name##_term));                                                                 \
    }                                                                                                                   \
    hw3_status FN(hw3i_##name##_backward)(hw3_graph *g, hw3i_node *y)                                                   \
    {                                                                                                                   \
        return FN(loss_backward)(g, y, FN(name##_slope), FN(name##_slope_t));                                           \
    }

LOSS(mse, e * e, (void)0, 2 * e, -2 * e)
LOSS(mae, e * s, (void)0, s, -s)
LOSS(huber, e * s <= delta ? (real)0.5 * e * e : delta * (e * s - (real)0.5 * delta), (void)0,
     e * s <= delta ? e : delta * s, e * s <= delta ? -e : -delta * s)
LOSS(bce_logits, (x[i] < 0 ? 0 : x[i]) - x[i] * t[i] + MATH(log1p)(MATH(exp)(-MATH(fabs)(x[i]))), k->sigmoid(n, x, out),
     out[i] - t[i], -x[i])

/* Mean over rows r that count of -sum_c q_c lp_c = -(1 - s) lp_target - s / n sum_c lp_c; saved: lp, the log-softmax. */
hw3_status FN(hw3i_cross_entropy_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    const int64_t *target = t->value;
    int64_t n = x->shape[x->n_dims - 1];
    *(real *)y->value = 0;
    hw3_status status = count_targets(g, y);
    if (status || !y->attr.i[1]) return status;
    real *lp = y->saved = hw3i_arena_alloc(&g->arena, x->n, sizeof *lp);
    if (!lp) return HW3_ERR_NOMEM;
    KERN(g)->log_softmax(t->n, n, x->value, lp);
    double s = y->attr.f[0], sum = 0;
    for (int64_t r = 0; r < t->n; r++, lp += n) {
        if (target[r] == y->attr.i[0]) continue;
        sum -= (1 - s) * (double)lp[target[r]];
        if (s > 0) sum -= s / (double)n * (double)KERN(g)->sum(n, lp);
    }
    *(real *)y->value = (real)(sum / (double)y->attr.i[1]);
    return HW3_OK;
}

/* dx_c += dy / rows (softmax(x)_c - q_c) in the rows that count */
hw3_status FN(hw3i_cross_entropy_backward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    const int64_t *target = t->value;
    int64_t n = x->shape[x->n_dims - 1];
    const real *lp = y->saved;
    real *dx = hw3i_in_grad(g, y, 0), p[CHUNK];
    if (!dx || !y->attr.i[1]) return HW3_OK;
    real scale = *(real *)y->grad / (real)y->attr.i[1], s = (real)y->attr.f[0];
    for (int64_t r = 0; r < t->n; r++, lp += n, dx += n) {
        if (target[r] == y->attr.i[0]) continue;
        for (int64_t j = 0; j < n; j += CHUNK) {
            int64_t len = hw3i_min(CHUNK, n - j);
            KERN(g)->exp(len, lp + j, p);
            for (int64_t c = 0; c < len; c++) dx[j + c] += scale * (p[c] - s / (real)n);
        }
        dx[target[r]] -= scale * (1 - s);
    }
    return HW3_OK;
}

#undef LOSS
#undef LOSS_FN
