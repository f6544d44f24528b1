/* SPDX-License-Identifier: MIT */
#define BLOCK 16
#define ROWS 32 /* of an embedding that one thread looks up at a time */

static void FN(copy)(int64_t n, const real *x, real *y) { memcpy(y, x, (size_t)n * sizeof *x); }

static void FN(add)(int64_t n, const real *x, real *y)
{
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

/* Rows of n elements from x, sx apart, to y, sy apart: copied, or added. */
typedef struct FN(move) {
    bool adds;
    int64_t rows, n, some; /* some: rows of a tile */
    const real *x;
    int64_t sx;
    real *y;
    int64_t sy;
} FN(move);

static void FN(move_tile)(void *arg, int64_t tile, int worker)
{
    const FN(move) *m = arg;
    (void)worker;
    for (int64_t r = tile * m->some; r < hw3i_min(m->rows, (tile + 1) * m->some); r++)
        (m->adds ? FN(add) : FN(copy))(m->n, m->x + r * m->sx, m->y + r * m->sy);
}

static void FN(move_run)(hw3_graph *g, bool adds, int64_t rows, int64_t n, const real *x, int64_t sx, real *y, int64_t sy)
{
    if (rows == 0 || n == 0) return;
    FN(move) m = { adds, rows, n, hw3i_ceil(TILE, n), x, sx, y, sy };
    hw3i_pool_run(hw3i_pool_for(g, rows * n), hw3i_ceil(rows, m.some), FN(move_tile), &m);
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
    const int64_t whole = y->n / CHUNK * CHUNK;
    if (!dx) return HW3_OK;
    FN(move_run)(g, true, y->n / CHUNK, CHUNK, y->grad, CHUNK, dx, CHUNK);
    FN(add)(y->n - whole, (real *)y->grad + whole, dx + whole);
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
    FN(move_run)(g, false, y->n ? s.outer : 0, n, x, s.len * s.inner, y->value, n);
    return HW3_OK;
}

hw3_status FN(hw3i_slice_backward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span s = hw3i_span_of(hw3i_operand(g, y, 0), (int32_t)y->attr.i[0]);
    int64_t n = (y->attr.i[2] - y->attr.i[1]) * s.inner;
    real *dx = hw3i_in_grad(g, y, 0);
    if (dx) FN(move_run)(g, true, y->n ? s.outer : 0, n, y->grad, n, dx + y->attr.i[1] * s.inner, s.len * s.inner);
    return HW3_OK;
}

hw3_status FN(hw3i_concat_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3i_span whole = hw3i_span_of(y, (int32_t)y->attr.i[0]);
    real *out = y->value;
    for (int32_t k = 0; y->n && k < y->n_in; k++) {
        const hw3i_node *x = hw3i_operand(g, y, k);
        int64_t n = x->shape[y->attr.i[0]] * whole.inner;
        FN(move_run)(g, false, whole.outer, n, x->value, n, out, whole.len * whole.inner);
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
        if (dx) FN(move_run)(g, true, whole.outer, n, dy, whole.len * whole.inner, dx, n);
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

/* Rows of a table: tiles of the rows that are copied from it, or of its columns, so that each element's gradient adds up in
 * order. */
typedef struct FN(looking) {
    const int64_t *index;
    int64_t n_index, n; /* n: columns */
    const real *from;
    real *to;
} FN(looking);

static void FN(look_up)(void *arg, int64_t tile, int worker)
{
    const FN(looking) *l = arg;
    (void)worker;
    for (int64_t i = tile * ROWS; i < hw3i_min(l->n_index, (tile + 1) * ROWS); i++)
        FN(copy)(l->n, l->from + l->index[i] * l->n, l->to + i * l->n);
}

static void FN(look_back)(void *arg, int64_t tile, int worker)
{
    const FN(looking) *l = arg;
    const int64_t c = tile * COLUMNS, n = hw3i_min(COLUMNS, l->n - c);
    (void)worker;
    for (int64_t i = 0; i < l->n_index; i++) FN(add)(n, l->from + i * l->n + c, l->to + l->index[i] * l->n + c);
}

hw3_status FN(hw3i_embedding_forward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    FN(looking) l = { index->value, index->n, w->shape[1], w->value, y->value };
    const hw3_status s = check_range(g, y, w->shape[0]);
    if (!s && l.n) hw3i_pool_run(hw3i_pool_for(g, y->n), hw3i_ceil(l.n_index, ROWS), FN(look_up), &l);
    return s;
}

hw3_status FN(hw3i_embedding_backward)(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *w = hw3i_operand(g, y, 0), *index = hw3i_operand(g, y, 1);
    FN(looking) l = { index->value, index->n, w->shape[1], y->grad, hw3i_in_grad(g, y, 0) };
    if (l.to && l.n) hw3i_pool_run(hw3i_pool_for(g, y->n), hw3i_ceil(l.n, COLUMNS), FN(look_back), &l);
    return HW3_OK;
}

#undef BLOCK
#undef ROWS
