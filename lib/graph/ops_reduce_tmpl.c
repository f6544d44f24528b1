/* SPDX-License-Identifier: MIT */
#define ROWS 64    /* summed before they are added to the rest: keeps the rounding of long sums small */

typedef struct FN(adding) {
    int64_t n_rows, n;
    real alpha;
    const real *x;
    real *out;
} FN(adding);

/* w columns of all rows */
static inline void FN(add_columns)(const FN(adding) *a, int64_t j, const int64_t w)
{
    real total[COLUMNS] = { 0 };
    for (int64_t i = 0; i < a->n_rows; i += ROWS) {
        real part[COLUMNS] = { 0 };
        for (int64_t r = i; r < hw3i_min(a->n_rows, i + ROWS); r++)
            for (int64_t c = 0; c < w; c++) part[c] += a->x[r * a->n + j + c];
        for (int64_t c = 0; c < w; c++) total[c] += part[c];
    }
    for (int64_t c = 0; c < w; c++) a->out[j + c] += a->alpha * total[c];
}

static void FN(add_tile)(void *arg, int64_t tile, int worker)
{
    const FN(adding) *a = arg;
    const int64_t j = tile * COLUMNS;
    (void)worker;
    if (a->n - j >= COLUMNS) FN(add_columns)(a, j, COLUMNS);
    else FN(add_columns)(a, j, a->n - j);
}

void FN(hw3i_add_rows)(hw3_graph *g, int64_t n_rows, int64_t n, real alpha, const real *x, real *out)
{
    FN(adding) a = { n_rows, n, alpha, x, out };
    hw3i_pool_run(hw3i_pool_for(g, n_rows * n), hw3i_ceil(n, COLUMNS), FN(add_tile), &a);
}

typedef struct FN(scaled) {
    const kernels *k;
    int64_t n;
    real alpha;
    const real *x;
    real *out;
} FN(scaled);

static void FN(scaled_tile)(void *arg, int64_t tile, int worker)
{
    const FN(scaled) *s = arg;
    const int64_t i = tile * TILE;
    (void)worker;
    s->k->axpy(hw3i_min(TILE, s->n - i), s->alpha, s->x + i, s->out + i);
}

void FN(hw3i_add_scaled)(hw3_graph *g, int64_t n, real alpha, const real *x, real *out)
{
    FN(scaled) s = { KERN(g), n, alpha, x, out };
    if (x && out) hw3i_pool_run(hw3i_pool_for(g, n), hw3i_ceil(n, TILE), FN(scaled_tile), &s);
}

/* y = alpha sum x; dx += alpha dy */
static hw3_status FN(reduce_forward)(hw3_graph *g, hw3i_node *y, real alpha)
{
    hw3i_span s = span_of(g, y);
    const real *x = hw3i_in_value(g, y, 0);
    real *out = y->value;
    if (s.inner == 1) {
        for (int64_t o = 0; o < s.outer; o++) out[o] = alpha * KERN(g)->sum(s.len, x + o * s.len);
        return HW3_OK;
    }
    for (int64_t i = 0; i < y->n; i++) out[i] = 0;
    for (int64_t o = 0; o < s.outer; o++) FN(hw3i_add_rows)(g, s.len, s.inner, alpha, x + o * s.len * s.inner, out + o * s.inner);
    return HW3_OK;
}

static hw3_status FN(reduce_backward)(hw3_graph *g, hw3i_node *y, real alpha)
{
    hw3i_span s = span_of(g, y);
    const real *dy = y->grad;
    real *dx = hw3i_in_grad(g, y, 0);
    for (int64_t o = 0; dx && o < s.outer; o++)
        for (int64_t l = 0; l < s.len; l++, dx += s.inner)
            for (int64_t i = 0; i < s.inner; i++) dx[i] += alpha * dy[o * s.inner + i];
    return HW3_OK;
}

hw3_status FN(hw3i_sum_forward)(hw3_graph *g, hw3i_node *y) { return FN(reduce_forward)(g, y, 1); }
hw3_status FN(hw3i_sum_backward)(hw3_graph *g, hw3i_node *y) { return FN(reduce_backward)(g, y, 1); }
hw3_status FN(hw3i_mean_forward)(hw3_graph *g, hw3i_node *y) { return FN(reduce_forward)(g, y, 1 / (real)span_of(g, y).len); }
hw3_status FN(hw3i_mean_backward)(hw3_graph *g, hw3i_node *y) { return FN(reduce_backward)(g, y, 1 / (real)span_of(g, y).len); }

/* The first of the greatest, or the first NaN; saved holds where in x each lies. */
hw3_status FN(hw3i_max_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = span_of(g, y);
    const real *x = hw3i_in_value(g, y, 0);
    real *out = y->value;
    int64_t *from = y->saved = hw3i_arena_alloc(&g->arena, y->n, sizeof *from);
    if (!from) return HW3_ERR_NOMEM;
    for (int64_t k = 0; k < s.outer * s.inner; k++) {
        int64_t best = k / s.inner * s.len * s.inner + k % s.inner, at = best;
        for (int64_t l = 1; l < s.len; l++) {
            at += s.inner;
            if (!(x[at] <= x[best]) && x[best] == x[best]) best = at;
        }
        from[k] = best;
        out[k] = x[best];
    }
    return HW3_OK;
}

hw3_status FN(hw3i_max_backward)(hw3_graph *g, hw3i_node *y)
{
    const int64_t *from = y->saved;
    const real *dy = y->grad;
    real *dx = hw3i_in_grad(g, y, 0);
    for (int64_t k = 0; dx && k < y->n; k++) dx[from[k]] += dy[k];
    return HW3_OK;
}

#undef ROWS
