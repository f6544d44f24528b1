/* SPDX-License-Identifier: MIT */
/* A recurrent layer over a whole sequence: sizes, packing and forward. [Hochreiter97], [Cho14]; the equations and the
 * order of the gates are those of [PyTorch].
 *
 * The rows of a batch never meet in forward, so a tile is a range of rows that one thread walks through all steps:
 * one fork and join a sequence. The weights are packed once into panels that hold all gates of a block of units, and the
 * gates are applied while the tile of sums is hot. */
#ifndef HW3I_SEQ_TMPL_C
#define HW3I_SEQ_TMPL_C
#define seq FN(hw3i_seq)
#define plan FN(plan)
#define forward_plan FN(forward_plan)
#define pack_gates FN(pack_gates)
#define pack_bias FN(pack_bias)
#define put FN(put)
#define zero_row FN(zero_row)
#define cell_forward FN(cell_forward)
#define lstm_forward FN(lstm_forward)
#define gru_forward FN(gru_forward)
#define rnn_forward FN(rnn_forward)
#define forward_step FN(forward_step)
#define forward_rows FN(forward_rows)
#define carve FN(carve)
#define pool_for FN(pool_for)
#define copy_rows FN(copy_rows)

/* Columns of a row of `gates`. */
static inline int64_t n_kept(int cell) { return cell == HW3I_GRU ? 4 : hw3i_n_gates(cell); }
static inline int64_t step_time(bool reverse, int64_t T, int64_t s) { return reverse ? T - 1 - s : s; }
#endif

/* The next n reals of scratch, aligned to 64; with scratch NULL only the size is counted. */
static real *carve(void *scratch, int64_t *used, int64_t n)
{
    real *p = scratch ? (real *)((char *)scratch + *used) : NULL;
    *used += hw3i_ceil(n * (int64_t)sizeof(real), HW3I_ALIGN) * HW3I_ALIGN;
    return p;
}

/* A short sequence is not worth waking anybody, nor are the weights of a single row. */
static hw3i_pool *pool_for(hw3i_pool *pool, const seq *s)
{
    int64_t weights = (s->I + s->H) * s->H * hw3i_n_gates(s->cell);
    return weights * (s->B > 1 ? s->T * s->B : 1) < 200000 ? NULL : pool;
}

static void copy_rows(int64_t rows, int64_t n, const real *src, int64_t rs, real *dst, int64_t rd)
{
    for (int64_t b = 0; b < rows; b++, dst += rd) {
        if (src) memcpy(dst, src + b * rs, (size_t)n * sizeof(real));
        else memset(dst, 0, (size_t)n * sizeof(real));
    }
}

/* What a forward pass keeps in scratch. A panel is 4 vectors of sums: RNN 4 VL units, LSTM i f g o and
 * GRU r z (W_in x) (W_hn h) of VL units. */
typedef struct plan {
    const seq *s;
    int64_t n_panels, units; /* of a panel */
    int64_t nb;              /* vectors of packed weights for each k: 3 for the GRU */
    int64_t ld;              /* of the states' rows: not a power of two, so rows do not fight for the same sets */
    int64_t n_tiles;
    real *wx, *wh, *bias; /* [panel][I][nb VL], [panel][H][nb VL], [panel][4 VL] */
    real *h[2], *c;       /* [B, ld]: h of this step and of the one before */
} plan;

static int64_t forward_plan(plan *p, const seq *s, int n_threads)
{
    int64_t used = 0;
    p->s = s;
    p->units = hw3i_n_gates(s->cell) == 1 ? NR : VL;
    p->n_panels = hw3i_ceil(s->H, p->units);
    p->nb = s->cell == HW3I_GRU ? 3 : 4;
    p->ld = p->n_panels * p->units + VL;
    p->n_tiles = hw3i_min(n_threads, hw3i_ceil(s->B, MR)); /* no bit of a row depends on it */
    p->wx = carve(s->scratch, &used, p->n_panels * s->I * p->nb * VL);
    p->wh = carve(s->scratch, &used, p->n_panels * s->H * p->nb * VL);
    p->bias = carve(s->scratch, &used, p->n_panels * NR);
    for (int i = 0; i < 2; i++) p->h[i] = carve(s->scratch, &used, s->B * p->ld);
    p->c = carve(s->scratch, &used, s->cell == HW3I_LSTM ? s->B * p->ld : 0);
    return used;
}

static int64_t FN(seq_forward_bytes)(const seq *s, int n_threads)
{
    seq sizes = *s;
    sizes.scratch = NULL;
    plan p;
    return forward_plan(&p, &sizes, n_threads);
}

/* dst[k][v][lane] = w[row of gate v and unit lane][k], 0 beyond the last unit. */
static void pack_gates(const plan *p, int64_t panel, int64_t n, const real *w, real *dst)
{
    const int64_t H = p->s->H, u0 = panel * p->units;
    for (int64_t v = 0; v < p->nb; v++) {
        int64_t unit = p->units == VL ? u0 : u0 + v * VL, row = p->units == VL ? v * H + unit : unit;
        pack_vector(n, H - unit, unit < H ? w + row * n : w, n, dst + v * VL, p->nb * VL);
    }
}

static void pack_bias(const plan *p, int64_t panel, real *dst)
{
    const seq *s = p->s;
    const int64_t H = s->H, u0 = panel * p->units;
    for (int64_t v = 0; v < 4; v++)
        for (int64_t l = 0; l < VL; l++) {
            int64_t unit = p->units == VL ? u0 + l : u0 + v * VL + l;
            int64_t row = p->units == VL ? (s->cell == HW3I_GRU && v == 3 ? 2 : v) * H + unit : unit;
            bool of_x = s->cell != HW3I_GRU || v < 3, of_h = s->cell != HW3I_GRU || v != 2;
            real b = 0;
            if (unit < H && of_x && s->b_ih) b += s->b_ih[row];
            if (unit < H && of_h && s->b_hh) b += s->b_hh[row];
            dst[v * VL + l] = b;
        }
}

static void FN(pack_panel)(void *arg, int64_t panel, int worker)
{
    plan *p = arg;
    (void)worker;
    int64_t row = p->nb * VL;
    pack_gates(p, panel, p->s->I, p->s->w_ih, p->wx + panel * p->s->I * row);
    pack_gates(p, panel, p->s->H, p->s->w_hh, p->wh + panel * p->s->H * row);
    pack_bias(p, panel, p->bias + panel * NR);
}

/* The first n lanes, all when n >= VL. */
static inline void put(real *p, int64_t n, vr v)
{
    if (n >= VL) vstore(p, v);
    else vstore_part(p, n, v);
}

/* i = s(a_i), f = s(a_f), g = tanh(a_g), o = s(a_o); c' = f c + i g; h' = o tanh(c') */
static inline void lstm_forward(const vr *a, real *c, real *h, real *kept, real *cells, int64_t H, int64_t n)
{
    vr i = vsigmoid(a[0]), f = vsigmoid(a[1]), g = vtanh(a[2]), o = vsigmoid(a[3]);
    vr c1 = f * vload(c) + i * g;
    vstore(c, c1);
    vstore(h, o * vtanh(c1));
    if (!kept) return;
    put(kept, n, i);
    put(kept + H, n, f);
    put(kept + 2 * H, n, g);
    put(kept + 3 * H, n, o);
    put(cells, n, c1);
}

/* r = s(a_r), z = s(a_z), n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h' = (1 - z) n + z h */
static inline void gru_forward(const vr *a, const real *before, real *h, real *kept, int64_t H, int64_t n)
{
    vr r = vsigmoid(a[0]), z = vsigmoid(a[1]), m = vtanh(a[2] + r * a[3]);
    vstore(h, m + z * (vload(before) - m));
    if (!kept) return;
    put(kept, n, r);
    put(kept + H, n, z);
    put(kept + 2 * H, n, m);
    put(kept + 3 * H, n, a[3]);
}

/* h' = tanh(a) or max(a, 0) */
static inline void rnn_forward(bool relu, const vr *a, real *h, real *kept, int64_t n)
{
    for (int64_t v = 0; v < 4 && v * VL < n; v++) {
        vr h1 = relu ? vselect(a[v] < 0, vset(0), a[v]) : vtanh(a[v]);
        vstore(h + v * VL, h1);
        if (kept) put(kept + v * VL, n - v * VL, h1);
    }
}

/* Past its length a row gives zeros, and its state stays. */
static void FN(cell_stays)(const plan *p, int64_t at, int64_t u0, int64_t n, const real *before, real *h)
{
    const seq *s = p->s;
    const int64_t kept = n_kept(s->cell);
    memcpy(h, before, (size_t)p->units * sizeof(real));
    memset(s->y + at * s->H + u0, 0, (size_t)n * sizeof(real));
    for (int64_t g = 0; s->gates && g < kept; g++)
        memset(s->gates + (at * kept + g) * s->H + u0, 0, (size_t)n * sizeof(real));
    if (s->gates && s->cell == HW3I_LSTM) memset(s->c + at * s->H + u0, 0, (size_t)n * sizeof(real));
}

/* The gates of rows b0 to b0 + rows - 1 at time t, units u0 on, from their sums a[row][4]. */
static __attribute__((noinline)) void cell_forward(const plan *p, int64_t t, int64_t b0, int64_t rows, int64_t u0, const vr *a,
                                                   const real *before, real *h)
{
    const seq *s = p->s;
    const int64_t H = s->H, n = hw3i_min(p->units, H - u0);
    for (int64_t b = b0; b < b0 + rows; b++, a += 4) {
        int64_t at = t * s->B + b, state = b * p->ld + u0;
        if (s->lengths && t >= s->lengths[b]) {
            FN(cell_stays)(p, at, u0, n, before + state, h + state);
            continue;
        }
        real *kept = s->gates ? s->gates + at * n_kept(s->cell) * H + u0 : NULL;
        if (s->cell == HW3I_LSTM) lstm_forward(a, p->c + state, h + state, kept, kept ? s->c + at * H + u0 : NULL, H, n);
        else if (s->cell == HW3I_GRU) gru_forward(a, before + state, h + state, kept, H, n);
        else rnn_forward(s->cell == HW3I_RNN_RELU, a, h + state, kept, n);
        for (int64_t v = 0; v * VL < n; v++) put(s->y + at * H + u0 + v * VL, n - v * VL, vload(h + state + v * VL));
    }
}

/* Step i of rows b0 to b1 - 1. A single row takes panels by two; every other step goes backwards through the panels, so
 * that it starts with those that are still in the cache. */
static void forward_step(const plan *p, int64_t i, int64_t b0, int64_t b1)
{
    const seq *s = p->s;
    const int64_t t = step_time(s->reverse, s->T, i), I = s->I, H = s->H, wx = I * p->nb * VL, wh = H * p->nb * VL;
    const int64_t apart[2] = { wx, wh };
    const int64_t width = b1 - b0 == 1 ? 2 : 1, n_groups = hw3i_ceil(p->n_panels, width);
    const real *before = p->h[i & 1];
    for (int64_t g = 0; g < n_groups; g++) {
        const int64_t first = (i & 1 ? n_groups - 1 - g : g) * width, n = hw3i_min(width, p->n_panels - first);
        const int64_t next = first + (i & 1 ? -1 : 1);
        const real *bias = p->bias + first * NR;
        for (int64_t b = b0; b < b1; b += MR) {
            vr a[MR * 4];
            int rows = (int)hw3i_min(MR, b1 - b);
            segment x_h[2] = { { .k = I, .a = s->x + (t * s->B + b) * I, .ar = I, .ak = 1, .b = p->wx + first * wx },
                               { .k = H, .a = before + b * p->ld, .ar = p->ld, .ak = 1, .b = p->wh + first * wh } };
            fetch_next(&x_h[1], next >= 0 && next < p->n_panels ? p->wh + next * wh : NULL, p->nb * VL, b - b0, b1 - b0);
            if (n == 2) mac_pair(s->cell == HW3I_GRU, x_h, apart, bias, (real *)a);
            else mac(rows, s->cell == HW3I_GRU, x_h, bias, 0, (real *)a, NR);
            for (int64_t j = 0; j < n; j++)
                cell_forward(p, t, b, rows, (first + j) * p->units, a + 4 * j, before, p->h[(i + 1) & 1]);
        }
    }
}

/* All steps of one range of rows. */
static void forward_rows(void *arg, int64_t tile, int worker)
{
    const plan *p = arg;
    const seq *s = p->s;
    const int64_t H = s->H, b0 = s->B * tile / p->n_tiles, b1 = s->B * (tile + 1) / p->n_tiles;
    (void)worker;
    for (int i = 0; i < 2; i++) memset(p->h[i] + b0 * p->ld, 0, (size_t)((b1 - b0) * p->ld) * sizeof(real));
    copy_rows(b1 - b0, H, s->h0 ? s->h0 + b0 * H : NULL, H, p->h[0] + b0 * p->ld, p->ld);
    if (s->cell == HW3I_LSTM) {
        memset(p->c + b0 * p->ld, 0, (size_t)((b1 - b0) * p->ld) * sizeof(real));
        copy_rows(b1 - b0, H, s->c0 ? s->c0 + b0 * H : NULL, H, p->c + b0 * p->ld, p->ld);
    }
    for (int64_t i = 0; i < s->T; i++) forward_step(p, i, b0, b1);
    if (s->hn) copy_rows(b1 - b0, H, p->h[s->T & 1] + b0 * p->ld, p->ld, s->hn + b0 * H, H);
    if (s->cn && s->cell == HW3I_LSTM) copy_rows(b1 - b0, H, p->c + b0 * p->ld, p->ld, s->cn + b0 * H, H);
}

static void FN(seq_forward)(hw3i_pool *pool, const seq *s)
{
    plan p;
    pool = pool_for(pool, s);
    forward_plan(&p, s, hw3i_pool_n_threads(pool));
    hw3i_pool_run(pool, p.n_panels, FN(pack_panel), &p);
    hw3i_pool_run(pool, p.n_tiles, forward_rows, &p);
}
