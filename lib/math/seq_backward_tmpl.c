/* SPDX-License-Identifier: MIT */
/* Backward of seq_tmpl.c. One walk back through the steps gives the gradients of the gates, of the states and of x,
 * again by ranges of rows that never meet. The gradients of the weights are one product over all steps,
 *     dW^T [H + 1 + I, G H] = [h before | 1 | x]^T d(gates),
 * whose row of ones is that of the biases; the walk packs its left side on the way. */
#ifndef HW3I_SEQ_BACKWARD_TMPL_C
#define HW3I_SEQ_BACKWARD_TMPL_C
#define KC 512
#define back FN(back)
#define cols FN(cols)
#define back_plan FN(back_plan)
#define get FN(get)
#define row_before FN(row_before)
#define lstm_backward FN(lstm_backward)
#define gru_backward FN(gru_backward)
#define rnn_backward FN(rnn_backward)
#define cell_backward FN(cell_backward)
#define pack_left FN(pack_left)
#define pack_right FN(pack_right)
#define product_rows FN(product_rows)
#define add_rows FN(add_rows)
#define backward_rows FN(backward_rows)
#define add_weights FN(add_weights)
#define weight_tile FN(weight_tile)
#endif

/* Columns c0 to c0 + n of d(gates), which meet the rows m0 to m1 of [h before | 1 | x]: in a GRU the third gate's
 * gradient is that of W_in x + b_in, the fourth column's that of W_hn h + b_hn. */
typedef struct cols {
    int64_t c0, n, m0, m1, tile0;
} cols;

typedef struct back {
    const seq *s;
    int64_t G, kept;             /* weights' and kept columns / H */
    int64_t ld, ldx;             /* of the rows of dh, dc, and of dx */
    int64_t h_panels, x_panels;  /* of NR columns of W_hh and W_ih */
    int64_t n_tiles;             /* of rows */
    real *wh, *wx;               /* [panel][G H][NR] */
    real *dh, *dc, *dx;          /* [B, ld], [B, ldx] */
    real *row, *zeros;           /* [tile][n_blocks MR], [H] */
    bool weights;
    int64_t n_blocks, block;     /* of MR rows of the left side, and its size for one chunk */
    int64_t chunk, n_chunks;     /* of T B */
    int64_t n_cuts, n_weight_tiles, n_ranges;
    cols range[3];
    real *left, *work;           /* [chunk][block]; [worker][KC NR right side, n_blocks MR NR sums] */
} back;

static int64_t back_plan(back *p, const seq *s, int n_threads)
{
    int64_t used = 0, H = s->H, M = H + 1 + s->I, K = s->T * s->B;
    memset(p, 0, sizeof *p);
    p->s = s;
    p->G = hw3i_n_gates(s->cell);
    p->kept = n_kept(s->cell);
    p->n_tiles = hw3i_min(n_threads, hw3i_ceil(s->B, MR));
    p->h_panels = hw3i_ceil(H, NR);
    p->x_panels = s->dx ? hw3i_ceil(s->I, NR) : 0;
    p->ld = p->h_panels * NR + VL;
    p->ldx = p->x_panels * NR;
    p->wh = carve(s->scratch, &used, p->h_panels * NR * p->G * H);
    p->wx = carve(s->scratch, &used, p->x_panels * NR * p->G * H);
    p->dh = carve(s->scratch, &used, s->B * p->ld);
    p->dc = carve(s->scratch, &used, s->cell == HW3I_LSTM ? s->B * p->ld : 0);
    p->dx = carve(s->scratch, &used, s->B * p->ldx);
    p->zeros = carve(s->scratch, &used, H);
    p->weights = s->dw_ih || s->dw_hh || s->db_ih || s->db_hh;
    if (!p->weights) return used;
    p->n_blocks = hw3i_ceil(M, MR);
    p->n_chunks = hw3i_ceil(K, KC);
    p->chunk = hw3i_ceil(K, p->n_chunks);
    p->block = (hw3i_ceil(p->chunk * MR, VL) + 1) * VL;
    p->n_ranges = s->cell == HW3I_GRU ? 3 : 1;
    p->range[0] = (cols){ 0, s->cell == HW3I_GRU ? 2 * H : p->G * H, 0, M, 0 };
    p->range[1] = (cols){ 2 * H, H, H, M, 0 };
    p->range[2] = (cols){ 3 * H, H, 0, H + 1, 0 };
    int64_t n = 0;
    for (int64_t i = 0; i < p->n_ranges; i++) n += hw3i_ceil(p->range[i].n, NR);
    p->n_cuts = hw3i_min(p->n_blocks, hw3i_ceil(4, n));
    for (int64_t i = 0; i < p->n_ranges; i++) {
        p->range[i].tile0 = p->n_weight_tiles;
        p->n_weight_tiles += hw3i_ceil(p->range[i].n, NR) * p->n_cuts;
    }
    p->left = carve(s->scratch, &used, p->n_chunks * p->n_blocks * p->block);
    p->row = carve(s->scratch, &used, p->n_tiles * p->n_blocks * MR);
    p->work = carve(s->scratch, &used, n_threads * (p->chunk + p->n_blocks * MR) * NR);
    return used;
}

static int64_t FN(seq_backward_bytes)(const seq *s, int n_threads)
{
    seq sizes = *s;
    sizes.scratch = NULL;
    back p;
    return back_plan(&p, &sizes, n_threads);
}

/* dst[k][] = NR columns from c on of the n rows of src, zeros beyond the last. */
static void pack_right(int64_t n, int64_t n_cols, const real *src, int64_t rs, int64_t c, real *dst)
{
    int64_t left = n_cols - c;
    for (int64_t k = 0; k < n; k++, src += rs, dst += NR)
        for (int64_t v = 0; v < 4; v++)
            vstore(dst + v * VL, left >= (v + 1) * VL ? vload(src + c + v * VL)
                                 : left > v * VL ? vload_part(src + c + v * VL, left - v * VL, 0) : vset(0));
}

static void FN(pack_back)(void *arg, int64_t panel, int worker)
{
    back *p = arg;
    const seq *s = p->s;
    const int64_t K = p->G * s->H, i = panel - p->h_panels;
    (void)worker;
    if (i < 0) pack_right(K, s->H, s->w_hh, s->H, panel * NR, p->wh + panel * K * NR);
    else pack_right(K, s->I, s->w_ih, s->I, i * NR, p->wx + i * K * NR);
}

static inline vr get(const real *p, int64_t n) { return n >= VL ? vload(p) : vload_part(p, n, 0); }

/* The row of y (or c) from which step t of row b started. */
static const real *row_before(const back *p, const real *y, const real *y0, int64_t t, int64_t b)
{
    const seq *s = p->s;
    int64_t first = s->reverse ? (s->lengths ? s->lengths[b] : s->T) - 1 : 0;
    if (t == first) return y0 ? y0 + b * s->H : p->zeros;
    return y + ((s->reverse ? t + 1 : t - 1) * s->B + b) * s->H;
}

/* dh is complete: do = dh tanh(c) o (1 - o), dc += dh o (1 - tanh(c)^2), di = dc g i (1 - i), df = dc c_before f (1 - f),
 * dg = dc i (1 - g^2); dc_before = dc f */
static inline void lstm_backward(vr dh, real *kept, const real *c, const real *before, real *dc, int64_t H, int64_t n)
{
    vr i = get(kept, n), f = get(kept + H, n), g = get(kept + 2 * H, n), o = get(kept + 3 * H, n), m = vtanh(get(c, n));
    vr d = vload(dc) + dh * o * (1 - m * m);
    put(kept, n, d * g * i * (1 - i));
    put(kept + H, n, d * get(before, n) * f * (1 - f));
    put(kept + 2 * H, n, d * i * (1 - g * g));
    put(kept + 3 * H, n, dh * m * o * (1 - o));
    vstore(dc, d * f);
}

/* dn = dh (1 - z) (1 - n^2), dz = dh (h_before - n) z (1 - z), dr = dn q r (1 - r), dq = dn r with q = W_hn h + b_hn;
 * what goes past the gates is dh z. */
static inline vr gru_backward(vr dh, real *kept, const real *before, int64_t H, int64_t n)
{
    vr r = get(kept, n), z = get(kept + H, n), m = get(kept + 2 * H, n), q = get(kept + 3 * H, n);
    vr dn = dh * (1 - z) * (1 - m * m);
    put(kept, n, dn * q * r * (1 - r));
    put(kept + H, n, dh * (get(before, n) - m) * z * (1 - z));
    put(kept + 2 * H, n, dn);
    put(kept + 3 * H, n, dn * r);
    return dh * z;
}

/* da = dh (1 - h^2) or dh [h > 0] */
static inline void rnn_backward(bool relu, vr dh, real *kept, int64_t n)
{
    vr h = get(kept, n);
    put(kept, n, relu ? vselect(h > 0, dh, vset(0)) : dh * (1 - h * h));
}

/* Turns the activations of row b at time t into gradients; leaves in dh and dc what does not pass through the weights. */
static __attribute__((noinline)) void cell_backward(const back *p, int64_t t, int64_t b, const real *before)
{
    const seq *s = p->s;
    const int64_t H = s->H, at = t * s->B + b;
    real *dh = p->dh + b * p->ld, *dc = p->dc + b * p->ld, *kept = s->gates + at * p->kept * H;
    const real *dy = s->dy ? s->dy + at * H : NULL, *c = NULL, *c_before = NULL;
    if (s->cell == HW3I_LSTM) c = s->c + at * H, c_before = row_before(p, s->c, s->c0, t, b);
    for (int64_t u = 0; u < H; u += VL) {
        int64_t n = H - u;
        vr d = vload(dh + u), past = vset(0);
        if (dy) d += get(dy + u, n);
        if (s->cell == HW3I_LSTM) lstm_backward(d, kept + u, c + u, c_before + u, dc + u, H, n);
        else if (s->cell == HW3I_GRU) past = gru_backward(d, kept + u, before + u, H, n);
        else rnn_backward(s->cell == HW3I_RNN_RELU, d, kept + u, n);
        vstore(dh + u, past);
    }
}

/* Row k = t B + b of the left side, cut into blocks of MR: [h before | 1 | x | 0]; zeros when before is NULL. */
static void pack_left(const back *p, int64_t k, const real *before, real *row)
{
    const seq *s = p->s;
    const int64_t H = s->H, I = s->I, M = p->n_blocks * MR;
    real *dst = p->left + k / p->chunk * p->n_blocks * p->block + k % p->chunk * MR;
    memset(row, 0, (size_t)M * sizeof(real));
    if (before) {
        memcpy(row, before, (size_t)H * sizeof(real));
        row[H] = 1;
        memcpy(row + H + 1, s->x + k * I, (size_t)I * sizeof(real));
    }
    for (int64_t m = 0; m < M; m += MR, dst += p->block) memcpy(dst, row + m, MR * sizeof(real));
}

/* out [rows, panels NR] += a [rows, k0 to k1] w, in blocks of k; column k of a is at k + shift. */
static void product_rows(int64_t rows, int64_t k0, int64_t k1, int64_t shift, int64_t K, const real *a, int64_t ra, const real *w,
                         int64_t n_panels, real *out, int64_t ro)
{
    for (int64_t k = k0; k < k1; k += KC)
        for (int64_t panel = 0; panel < n_panels; panel++) {
            const real *b = w + (panel * K + k) * NR, *next_k = k + KC < k1 ? w + (k + KC) * NR : NULL;
            const real *next = panel + 1 < n_panels ? b + K * NR : next_k;
            for (int64_t r = 0; r < rows; r += MR) {
                segment one[2] = { { .k = hw3i_min(KC, k1 - k), .a = a + r * ra + k + shift, .ar = ra, .ak = 1, .b = b } };
                fetch_next(one, next, NR, r, rows);
                real *o = out + r * ro + panel * NR;
                mac((int)hw3i_min(MR, rows - r), false, one, o, ro, o, ro);
            }
        }
}

static void add_rows(int64_t rows, int64_t n, const real *src, int64_t rs, real *dst)
{
    for (int64_t b = 0; b < rows; b++, src += rs, dst += n)
        for (int64_t u = 0; u < n; u += VL) put(dst + u, n - u, get(dst + u, n - u) + get(src + u, n - u));
}

static void FN(backward_step)(const back *p, int64_t t, int64_t b0, int64_t rows, real *row)
{
    const seq *s = p->s;
    const int64_t H = s->H, K = p->G * H, ra = p->kept * H;
    for (int64_t b = b0; b < b0 + rows; b++) {
        bool active = !s->lengths || t < s->lengths[b];
        const real *before = active ? row_before(p, s->y, s->h0, t, b) : NULL;
        if (active) cell_backward(p, t, b, before);
        else memset(s->gates + (t * s->B + b) * ra, 0, (size_t)ra * sizeof(real));
        if (p->weights) pack_left(p, t * s->B + b, before, row);
    }
    const real *a = s->gates + (t * s->B + b0) * ra;
    real *dh = p->dh + b0 * p->ld, *dx = p->dx + b0 * p->ldx;
    int64_t split = s->cell == HW3I_GRU ? 2 * H : K;
    product_rows(rows, 0, split, 0, K, a, ra, p->wh, p->h_panels, dh, p->ld);
    product_rows(rows, split, K, H, K, a, ra, p->wh, p->h_panels, dh, p->ld);
    if (!s->dx) return;
    memset(dx, 0, (size_t)(rows * p->ldx) * sizeof(real));
    product_rows(rows, 0, K, 0, K, a, ra, p->wx, p->x_panels, dx, p->ldx);
    add_rows(rows, s->I, dx, p->ldx, s->dx + (t * s->B + b0) * s->I);
}

/* All steps of one range of rows, the last first. */
static void backward_rows(void *arg, int64_t tile, int worker)
{
    const back *p = arg;
    const seq *s = p->s;
    const int64_t H = s->H, b0 = s->B * tile / p->n_tiles, b1 = s->B * (tile + 1) / p->n_tiles, rows = b1 - b0;
    const bool lstm = s->cell == HW3I_LSTM;
    real *dh = p->dh + b0 * p->ld, *dc = p->dc + b0 * p->ld;
    (void)worker;
    memset(dh, 0, (size_t)(rows * p->ld) * sizeof(real));
    if (s->dhn) copy_rows(rows, H, s->dhn + b0 * H, H, dh, p->ld);
    if (lstm) memset(dc, 0, (size_t)(rows * p->ld) * sizeof(real));
    if (lstm && s->dcn) copy_rows(rows, H, s->dcn + b0 * H, H, dc, p->ld);
    for (int64_t i = s->T - 1; i >= 0; i--)
        FN(backward_step)(p, step_time(s->reverse, s->T, i), b0, rows, p->row + tile * p->n_blocks * MR);
    if (s->dh0) add_rows(rows, H, dh, p->ld, s->dh0 + b0 * H);
    if (s->dc0 && lstm) add_rows(rows, H, dc, p->ld, s->dc0 + b0 * H);
}

/* Adds to the gradients the sums of columns c on, rows m0 to m1; the first row of sums is row first. */
static void add_weights(const back *p, const cols *r, int64_t c, int64_t m0, int64_t m1, const real *sums, int64_t first)
{
    const seq *s = p->s;
    const int64_t H = s->H, I = s->I, n = hw3i_min(NR, r->n - c);
    const bool of_h = r->m0 == 0, of_x = r->m1 > H + 1;
    for (int64_t j = 0; j < n; j++) {
        int64_t w = r->c0 + c + j - (r->c0 == 3 * H ? H : 0);
        const real *d = sums + j;
        if (s->dw_hh && of_h)
            for (int64_t m = m0; m < hw3i_min(m1, H); m++) s->dw_hh[w * H + m] += d[(m - first) * NR];
        if (s->db_hh && of_h && m0 <= H && H < m1) s->db_hh[w] += d[(H - first) * NR];
        if (s->db_ih && of_x && m0 <= H && H < m1) s->db_ih[w] += d[(H - first) * NR];
        if (s->dw_ih && of_x)
            for (int64_t m = hw3i_max(m0, H + 1); m < m1; m++) s->dw_ih[w * I + m - H - 1] += d[(m - first) * NR];
    }
}

static void weight_tile(void *arg, int64_t tile, int worker)
{
    const back *p = arg;
    const seq *s = p->s;
    int64_t i = p->n_ranges - 1;
    while (tile < p->range[i].tile0) i--;
    const cols *r = &p->range[i];
    const int64_t panel = (tile - r->tile0) / p->n_cuts, cut = (tile - r->tile0) % p->n_cuts, c = panel * NR;
    const int64_t q0 = r->m0 / MR, q1 = hw3i_ceil(r->m1, MR);
    const int64_t block0 = q0 + (q1 - q0) * cut / p->n_cuts, block1 = q0 + (q1 - q0) * (cut + 1) / p->n_cuts;
    real *right = p->work + worker * (p->chunk + p->n_blocks * MR) * NR, *sums = right + p->chunk * NR;
    memset(sums, 0, (size_t)((block1 - block0) * MR * NR) * sizeof(real));
    for (int64_t k = 0, n; k < s->T * s->B; k += n) {
        n = hw3i_min(p->chunk, s->T * s->B - k);
        pack_right(n, r->n, s->gates + k * p->kept * s->H + r->c0, p->kept * s->H, c, right);
        for (int64_t b = block0; b < block1; b++) {
            const real *left = p->left + (k / p->chunk * p->n_blocks + b) * p->block;
            segment one[2] = { { .k = n, .a = left, .ar = 1, .ak = MR, .b = right } };
            real *o = sums + (b - block0) * MR * NR;
            mac(MR, false, one, o, NR, o, NR);
        }
    }
    add_weights(p, r, c, hw3i_max(r->m0, block0 * MR), hw3i_min(r->m1, block1 * MR), sums,
                block0 * MR);
}

static void FN(seq_backward)(hw3i_pool *pool, const seq *s)
{
    back p;
    pool = pool_for(pool, s);
    back_plan(&p, s, hw3i_pool_n_threads(pool));
    memset(p.zeros, 0, (size_t)s->H * sizeof(real));
    hw3i_pool_run(pool, p.h_panels + p.x_panels, FN(pack_back), &p);
    hw3i_pool_run(pool, p.n_tiles, backward_rows, &p);
    if (p.weights) hw3i_pool_run(pool, p.n_weight_tiles, weight_tile, &p);
}
