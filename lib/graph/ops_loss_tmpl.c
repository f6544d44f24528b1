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

/* Rows of logits, each with a loss, and a slope when wanted, which may take its place. */
typedef struct FN(class_rows) {
    const kernels *k;
    int64_t rows, n, share, ignore;
    const int64_t *target;
    double smoothing, *losses;
    real scale; /* of the slopes: 1 / rows that count */
    const real *x;
    real *slope;
} FN(class_rows);

static void FN(class_tile)(void *arg, int64_t tile, int worker)
{
    const FN(class_rows) *c = arg;
    (void)worker;
    for (int64_t r = tile * c->share; r < hw3i_min(c->rows, (tile + 1) * c->share); r++) {
        real *slope = c->slope ? c->slope + r * c->n : NULL;
        const bool counts = c->target[r] != c->ignore;
        c->losses[r] = counts ? c->k->cross_entropy(c->n, c->x + r * c->n, c->target[r], c->smoothing, c->scale, slope) : 0;
        if (!counts && slope) memset(slope, 0, (size_t)c->n * sizeof *slope);
    }
}

static FN(class_rows) FN(class_rows_of)(const hw3_graph *g, const hw3i_node *y, const hw3i_node *target, int64_t n)
{
    return (FN(class_rows)){ .k = KERN(g), .rows = target->n, .n = n, .share = hw3i_max(1, TILE / n), .ignore = y->attr.i[0],
                             .target = target->value, .smoothing = y->attr.f[0], .scale = (real)(1 / (double)y->attr.i[1]) };
}

static void FN(class_run)(hw3_graph *g, FN(class_rows) *c)
{
    hw3i_pool_run(hw3i_pool_for(g, c->rows * c->n), hw3i_ceil(c->rows, c->share), FN(class_tile), c);
}

/* Mean of the losses of the rows that count, in their order. */
static void FN(set_mean)(hw3i_node *y, int64_t rows, const double *losses)
{
    double sum = 0;
    for (int64_t r = 0; r < rows; r++) sum += losses[r];
    *(real *)y->value = (real)(sum / (double)y->attr.i[1]);
}

/* Mean over rows r that count of -sum_c q_c lp_c, lp the log-softmax; saved: the slope in x. */
hw3_status FN(hw3i_cross_entropy_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0), *t = hw3i_operand(g, y, 1);
    const int64_t n = x->shape[x->n_dims - 1];
    *(real *)y->value = 0;
    hw3_status status = count_targets(g, y, t, n);
    if (status || !y->attr.i[1]) return status;
    FN(class_rows) c = FN(class_rows_of)(g, y, t, n);
    c.x = x->value;
    c.losses = hw3i_arena_alloc(&g->arena, t->n, sizeof *c.losses);
    c.slope = y->saved = y->needs_grad ? hw3i_arena_alloc(&g->arena, x->n, sizeof *c.slope) : NULL;
    if (!c.losses || (y->needs_grad && !c.slope)) return HW3_ERR_NOMEM;
    FN(class_run)(g, &c);
    FN(set_mean)(y, t->n, c.losses);
    return HW3_OK;
}

/* dx += dy slope */
hw3_status FN(hw3i_cross_entropy_backward)(hw3_graph *g, hw3i_node *y)
{
    FN(hw3i_add_scaled)(g, hw3i_operand(g, y, 0)->n, *(real *)y->grad, y->saved, hw3i_in_grad(g, y, 0));
    return HW3_OK;
}

/* Slopes of the loss, kept from forward; NULL where none is wanted. */
typedef struct FN(slopes) {
    real *x, *weight, *bias;
} FN(slopes);

/* Rows r0 to r0 + rows - 1: logits = X W' + b, then their slope P in place; dX = P W, dW += P' X, db += the sum of P's rows. */
static void FN(linear_chunk)(hw3_graph *g, const hw3i_node *y, FN(class_rows) *c, int64_t r0, int64_t d, const FN(slopes) *s,
                             real *logits)
{
    const real *x = (const real *)hw3i_in_value(g, y, 0) + r0 * d, *w = hw3i_in_value(g, y, 1), *b = hw3i_in_value(g, y, 3);
    const int64_t m = c->rows, n = c->n;
    hw3i_pool *pool = g->ctx->pool;
    FN(hw3i_linear_run)(g, m, n, d, x, w, b, logits);
    c->x = logits;
    c->slope = y->needs_grad ? logits : NULL;
    FN(class_run)(g, c);
    if (s->x) FN(hw3i_gemm)(pool, m, d, n, 1, logits, n, 1, w, d, 1, 0, s->x + r0 * d, d, 1);
    if (s->weight) FN(hw3i_gemm)(pool, n, d, m, 1, logits, 1, n, x, d, 1, r0 > 0, s->weight, d, 1);
    if (s->bias) FN(hw3i_add_rows)(g, m, n, 1, logits, s->bias);
}

static real *FN(zeros)(hw3_graph *g, int64_t n)
{
    real *x = hw3i_arena_alloc(&g->arena, n, sizeof *x);
    if (x) memset(x, 0, (size_t)n * sizeof *x);
    return x;
}

/* The loss of X W' + b without the logits of all rows: both slopes are found while the logits of a chunk are there. */
hw3_status FN(hw3i_linear_cross_entropy_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0), *w = hw3i_operand(g, y, 1), *t = hw3i_operand(g, y, 2);
    const hw3i_node *bias = hw3i_operand(g, y, 3);
    const int64_t n = w->shape[0], d = w->shape[1], some = rows_of_chunk(n);
    *(real *)y->value = 0;
    hw3_status status = count_targets(g, y, t, n);
    if (status || !y->attr.i[1]) return status;
    FN(class_rows) all = FN(class_rows_of)(g, y, t, n);
    real *logits = hw3i_arena_alloc(&g->arena, hw3i_min(some, t->n) * n, sizeof *logits);
    FN(slopes) *s = y->saved = hw3i_arena_alloc(&g->arena, 1, sizeof *s);
    all.losses = hw3i_arena_alloc(&g->arena, t->n, sizeof *all.losses);
    if (!logits || !s || !all.losses) return HW3_ERR_NOMEM;
    *s = (FN(slopes)){ 0 };
    if (g->training && x->needs_grad && !(s->x = hw3i_arena_alloc(&g->arena, x->n, sizeof *s->x))) return HW3_ERR_NOMEM;
    if (g->training && bias && bias->needs_grad && !(s->bias = FN(zeros)(g, n))) return HW3_ERR_NOMEM;
    if (g->training && w->needs_grad && !(s->weight = hw3i_arena_alloc(&g->arena, w->n, sizeof *s->weight))) return HW3_ERR_NOMEM;
    for (int64_t r = 0; r < t->n; r += some) {
        FN(class_rows) c = all;
        c.rows = hw3i_min(some, t->n - r);
        c.target += r;
        c.losses += r;
        FN(linear_chunk)(g, y, &c, r, d, s, logits);
    }
    FN(set_mean)(y, t->n, all.losses);
    return HW3_OK;
}

hw3_status FN(hw3i_linear_cross_entropy_backward)(hw3_graph *g, hw3i_node *y)
{
    const FN(slopes) *s = y->saved; /* NULL when no row counts */
    const real dy = *(real *)y->grad;
    if (!s) return HW3_OK;
    FN(hw3i_add_scaled)(g, hw3i_operand(g, y, 0)->n, dy, s->x, hw3i_in_grad(g, y, 0));
    FN(hw3i_add_scaled)(g, hw3i_operand(g, y, 1)->n, dy, s->weight, hw3i_in_grad(g, y, 1));
    if (s->bias) FN(hw3i_add_scaled)(g, hw3i_operand(g, y, 1)->shape[0], dy, s->bias, hw3i_in_grad(g, y, 3));
    return HW3_OK;
}

#undef LOSS
#undef LOSS_FN
