/* SPDX-License-Identifier: MIT */
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

/* Normalisation over the last dimension: rows in tiles, each with its own sums of dgamma and dbeta. */
typedef struct FN(norm) {
    const kernels *k;
    bool centred;
    int64_t rows, n, share;
    real eps;
    const real *x, *gamma, *beta, *dy;
    real *y, *mean, *rstd, *dx;
    real *dgamma, *dbeta; /* [tiles, n], or NULL */
} FN(norm);

static FN(norm) FN(norm_of)(const hw3_graph *g, const hw3i_node *y, bool centred)
{
    const int64_t n = y->shape[y->n_dims - 1], rows = y->n / n;
    real *saved = y->saved;
    return (FN(norm)){ .k = KERN(g), .centred = centred, .rows = rows, .n = n, .share = rows_of_tile(rows, n),
                       .eps = (real)y->attr.f[0], .x = hw3i_in_value(g, y, 0), .gamma = hw3i_in_value(g, y, 1),
                       .beta = hw3i_in_value(g, y, 2), .dy = y->grad, .y = y->value, .mean = saved, .rstd = saved + rows };
}

static void FN(norm_tile)(void *arg, int64_t tile, int worker)
{
    const FN(norm) *m = arg;
    const int64_t r = tile * m->share, rows = hw3i_min(m->share, m->rows - r), at = r * m->n;
    (void)worker;
    m->k->layer_norm(rows, m->n, m->centred, m->x + at, m->gamma, m->beta, m->eps, m->y + at, m->mean + r, m->rstd + r);
}

/* y = (x - mean) rstd gamma + beta; saved: mean and rstd of each row */
static hw3_status FN(norm_forward)(hw3_graph *g, hw3i_node *y, bool centred)
{
    y->saved = hw3i_arena_alloc(&g->arena, 2 * (y->n / y->shape[y->n_dims - 1]), sizeof(real));
    if (!y->saved) return HW3_ERR_NOMEM;
    FN(norm) m = FN(norm_of)(g, y, centred);
    hw3i_pool_run(hw3i_pool_for(g, y->n), hw3i_ceil(m.rows, m.share), FN(norm_tile), &m);
    return HW3_OK;
}

static void FN(norm_back_tile)(void *arg, int64_t tile, int worker)
{
    const FN(norm) *m = arg;
    const int64_t r = tile * m->share, rows = hw3i_min(m->share, m->rows - r), at = r * m->n;
    (void)worker;
    m->k->layer_norm_backward(rows, m->n, m->centred, m->x + at, m->gamma, m->mean + r, m->rstd + r, m->dy + at,
                              m->dx ? m->dx + at : NULL, m->dgamma ? m->dgamma + tile * m->n : NULL,
                              m->dbeta ? m->dbeta + tile * m->n : NULL);
}

/* The tiles' sums are added in the order of the tiles. */
static hw3_status FN(norm_backward)(hw3_graph *g, hw3i_node *y, bool centred)
{
    FN(norm) m = FN(norm_of)(g, y, centred);
    const int64_t tiles = hw3i_ceil(m.rows, m.share);
    real *into[2] = { hw3i_in_grad(g, y, 1), hw3i_in_grad(g, y, 2) }, **sums[2] = { &m.dgamma, &m.dbeta };
    m.dx = hw3i_in_grad(g, y, 0);
    for (int k = 0; k < 2; k++) {
        if (!into[k]) continue;
        *sums[k] = hw3i_arena_alloc(&g->arena, tiles * m.n, sizeof(real));
        if (!*sums[k]) return HW3_ERR_NOMEM;
        memset(*sums[k], 0, (size_t)(tiles * m.n) * sizeof(real));
    }
    hw3i_pool_run(hw3i_pool_for(g, y->n), tiles, FN(norm_back_tile), &m);
    for (int k = 0; k < 2; k++)
        if (into[k]) FN(hw3i_add_rows)(g, tiles, m.n, 1, *sums[k], into[k]);
    return HW3_OK;
}

hw3_status FN(hw3i_layer_norm_forward)(hw3_graph *g, hw3i_node *y) { return FN(norm_forward)(g, y, true); }
hw3_status FN(hw3i_layer_norm_backward)(hw3_graph *g, hw3i_node *y) { return FN(norm_backward)(g, y, true); }
hw3_status FN(hw3i_rms_norm_forward)(hw3_graph *g, hw3i_node *y) { return FN(norm_forward)(g, y, false); }
hw3_status FN(hw3i_rms_norm_backward)(hw3_graph *g, hw3i_node *y) { return FN(norm_backward)(g, y, false); }
