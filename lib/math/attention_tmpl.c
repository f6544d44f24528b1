/* SPDX-License-Identifier: MIT */
/* Attention, o_i = sum_j p_ij v_j with p_i = softmax_j(scale q_i k_j + bias_ij), in tiles of Q_ROWS queries by NR keys with the
 * running maximum m and sum l of [Milakov18], so that memory is linear in the length [Rabe21], [Dao22].
 *
 * K and V are packed once into panels of NR keys, cut at multiples of NR from position 0, and every product is the
 * register tile of tile_tmpl.c. A query meets its keys panel by panel in the order of positions, by arithmetic of its own
 * row alone: its bits depend neither on the other queries nor on how many keys are yet to come.
 *
 * What a query may see is a range of keys, lo to hi - 1, and the first ones of a prefix: causal, sliding window, prefix and
 * lengths are all of this kind.
 * With grouped heads the rows of a tile are queries by heads of the group: r = t * group + head. */
#ifndef HW3I_ATTENTION_TMPL_C
#define HW3I_ATTENTION_TMPL_C
#define Q_ROWS 48
#define NONE R(-1e30) /* the maximum before the first key: finite, so that no difference is NaN */
#define attention FN(hw3i_attention)
#define attend FN(attend)
#define attend_plan FN(attend_plan)
#define key_range FN(key_range)
#define query_of FN(query_of)
#define head_of FN(head_of)
#define rows_range FN(rows_range)
#define pack_keys FN(pack_keys)
#define pack_wide FN(pack_wide)
#define pack_rows FN(pack_rows)
#define load_scores FN(load_scores)
#define drop_row FN(drop_row)
#define soft_row FN(soft_row)
#define scores FN(scores)
#define attend_tile FN(attend_tile)
#define find_panel FN(find_panel)
#define convert FN(convert)
#define unpack FN(unpack)
#define vf FN(vf) /* as many lanes as vr: float, and words of 32, 16 and 8 bits */
#define vn FN(vn)
#define vh FN(vh)
#define vb FN(vb)
#define attend_work FN(attend_work)
#define attend_back FN(attend_back)
#define back_block FN(back_block)
#define back_row FN(back_row)
#define back_task FN(back_task)
#define store_wide FN(store_wide)
#define back_places FN(back_places)
typedef struct range {
    int64_t lo, hi, prefix;
} range;
static inline bool sees(const range *r, int64_t j) { return (j >= r->lo && j < r->hi) || j < r->prefix; }
/* Of keys j0 to j1 - 1: that all are seen, that any is. */
static inline bool sees_all(const range *r, int64_t j0, int64_t j1) { return (j0 >= r->lo && j1 <= r->hi) || j1 <= r->prefix; }
static inline bool sees_any(const range *r, int64_t j0, int64_t j1) { return (j0 < r->hi && j1 > r->lo) || j0 < r->prefix; }
#endif

typedef struct attend {
    const attention *a;
    int64_t group, n_rows, n_chunks;   /* of one kv head */
    int64_t n_blocks, nd, nv;          /* of NR keys; panels of NR columns that D and Dv fill */
    int64_t k_size, v_size;            /* of the panels of one kv head */
    int64_t spare;                     /* of a worker, for a panel of a cache that is not read in place */
    real *k, *v;                       /* [B kv_heads][block][D][NR], [B kv_heads][block][nv][NR][NR] */
    real *work;                        /* [worker] */
    int64_t work_size;
} attend;

/* Q_ROWS rows of a tile: q [nd][Q_ROWS][NR], scores [Q_ROWS][NR], sums [nv][Q_ROWS][NR], m [Q_ROWS], l [Q_ROWS][VL]; a panel */
static int64_t attend_work(const attend *p) { return Q_ROWS * (p->nd * NR + NR + p->nv * NR + VL + VL) + p->spare; }

static int64_t attend_plan(attend *p, const attention *a, int n_threads)
{
    int64_t used = 0;
    p->a = a;
    p->group = a->heads / a->kv_heads;
    p->n_rows = p->group * a->Tq;
    p->n_chunks = hw3i_ceil(p->n_rows, Q_ROWS);
    p->n_blocks = hw3i_ceil(a->Tk, NR);
    p->nd = hw3i_ceil(a->D, NR);
    p->nv = hw3i_ceil(a->Dv, NR);
    p->k_size = p->n_blocks * a->D * NR;
    p->v_size = p->n_blocks * p->nv * NR * NR;
    p->spare = a->panels ? (a->D + p->nv * NR) * NR : 0;
    p->k = carve(a->scratch, &used, a->panels ? 0 : a->B * a->kv_heads * p->k_size);
    p->v = carve(a->scratch, &used, a->panels ? 0 : a->B * a->kv_heads * p->v_size);
    p->work_size = attend_work(p);
    p->work = carve(a->scratch, &used, n_threads * p->work_size);
    return used;
}

static int64_t FN(attention_forward_bytes)(const attention *a, int n_threads)
{
    attention sizes = *a;
    sizes.scratch = NULL;
    attend p;
    return attend_plan(&p, &sizes, n_threads);
}

/* Row r of a kv head is query r / group of head r % group; most often there is no need to divide. */
static inline int64_t query_of(const attend *p, int64_t r) { return p->group == 1 ? r : r / p->group; }
static inline int64_t head_of(const attend *p, int64_t kv, int64_t r) { return p->group == 1 ? kv : kv * p->group + r % p->group; }

/* The keys that query t of sequence b sees. */
static range key_range(const attention *a, int64_t b, int64_t t)
{
    const int64_t at = t + a->offset + (a->offsets ? a->offsets[b] : 0), n = a->lengths ? a->lengths[b] : a->Tk;
    range r = { 0, n, hw3i_min(n, a->prefix) };
    if (a->window) r.lo = hw3i_max(0, at - a->window + 1), r.hi = hw3i_min(n, at + a->window);
    if (a->causal) r.hi = hw3i_min(n, at + 1);
    return r;
}

/* And those that any of the rows r0 to r1 - 1 sees: both ends grow with t. */
static range rows_range(const attend *p, int64_t b, int64_t r0, int64_t r1)
{
    range first = key_range(p->a, b, query_of(p, r0)), last = key_range(p->a, b, query_of(p, r1 - 1));
    return (range){ first.lo, last.hi, first.prefix };
}

/* out[d][NR] = rows t0 on of k, transposed, zeros past n rows */
static void pack_keys(int64_t n, int64_t D, const real *k, int64_t rs, real *out)
{
    for (int64_t j = 0; j < NR; j += VL) pack_vector(D, n - j, j < n ? k + j * rs : k, rs, out + j, NR);
}

/* out[c][row_cap][NR] = columns c NR on of n rows, scaled, zeros beyond */
static void pack_wide(int64_t n, int64_t row_cap, int64_t D, real scale, const real *x, int64_t rs, real *out)
{
    for (int64_t c = 0; c < D; c += NR)
        for (int64_t r = 0; r < row_cap; r++, out += NR)
            for (int64_t j = 0; j < NR; j += VL)
                vstore(out + j, r < n && c + j < D ? scale * vload_part(x + r * rs + c + j, D - c - j, 0) : vset(0));
}

static void FN(pack_kv)(void *arg, int64_t i, int worker)
{
    const attend *p = arg;
    const attention *a = p->a;
    const int64_t head = i / p->n_blocks, block = i % p->n_blocks, b = head / a->kv_heads, h = head % a->kv_heads, t = block * NR;
    const int64_t n = hw3i_min(NR, a->Tk - t);
    (void)worker;
    pack_keys(n, a->D, a->k + b * a->ks[0] + t * a->ks[1] + h * a->ks[2], a->ks[1],
              p->k + head * p->k_size + block * a->D * NR);
    pack_wide(n, NR, a->Dv, 1, a->v + b * a->vs[0] + t * a->vs[1] + h * a->vs[2], a->vs[1],
              p->v + head * p->v_size + block * p->nv * NR * NR);
}

/* out[c][Q_ROWS][NR] = scale * rows r0 on of q, or of o, whose rows are t by heads of the group */
static void pack_rows(const attend *p, int64_t b, int64_t kv, int64_t r0, int64_t n, int64_t D, real scale, const real *x,
                      const int64_t xs[3], real *out)
{
    for (int64_t r = r0; r < r0 + Q_ROWS; r++, out += NR) {
        const real *row = x + b * xs[0] + query_of(p, r) * xs[1] + head_of(p, kv, r) * xs[2];
        for (int64_t c = 0; c < D; c += NR)
            for (int64_t j = 0; j < NR; j += VL)
                vstore(out + c * Q_ROWS + j, r < r0 + n && c + j < D ? scale * vload_part(row + c + j, D - c - j, 0) : vset(0));
    }
}

/* out[rows][NR] (+)= sum over D of x[c][Q_ROWS][NR] and panel b [D][NR] */
static void scores(int64_t rows, int64_t D, const real *x, const real *b, real *out)
{
    static const real zeros[4 * VEC_BYTES / sizeof(real)];
    for (int64_t c = 0; c < D; c += NR)
        for (int64_t r = 0; r < rows; r += MR) {
            segment one[2] = { { .k = hw3i_min(NR, D - c), .a = x + c * Q_ROWS + r * NR, .ar = NR, .ak = 1, .b = b + c * NR } };
            real *o = out + r * NR;
            mac((int)hw3i_min(MR, rows - r), false, one, c ? o : zeros, c ? NR : 0, o, NR);
        }
}

/* x = s + bias + slope (j - t) where j is seen, -inf elsewhere, for the NR keys from j0 on */
static inline void load_scores(const attention *a, int64_t b, int64_t h, int64_t t, int64_t j0, const real *s, vr x[4])
{
    const range see = key_range(a, b, t);
    const real *bias = a->bias ? a->bias + b * a->bs[0] + h * a->bs[1] + t * a->bs[2] + j0 : NULL;
    for (int64_t v = 0; v < 4; v++) {
        x[v] = vload(s + v * VL);
        const int64_t j = j0 + v * VL;
        if (bias && j < a->Tk) x[v] += vload_part(bias + v * VL, a->Tk - j, 0);
        if (a->slopes) {
            vr far = vset(0);
            for (int64_t l = 0; l < VL; l++) far[l] = (real)(j + l - t - a->offset - (a->offsets ? a->offsets[b] : 0));
            x[v] -= a->slopes[h] * vabs(far);
        }
        if (sees_all(&see, j, j + VL)) continue;
        for (int64_t l = 0; l < VL; l++)
            if (!sees(&see, j + l)) x[v][l] = R(-INFINITY);
    }
}

/* The factors 0 and 1 / (1 - dropout) of NR keys from j0 on: a function of (seed, stream, element). */
static void drop_row(const attention *a, int64_t b, int64_t h, int64_t t, int64_t j0, vr factor[4])
{
    const uint64_t row = (uint64_t)((b * a->heads + h) * a->Tq + t), blocks = (uint64_t)hw3i_ceil(a->Tk, 4);
    const real scale = (real)(1 / (1 - a->dropout));
    uint8_t kept[4 * VEC_BYTES / sizeof(real)];
    keep(a->seed, a->stream, row * blocks + (uint64_t)(j0 / 4), NR / 4, (uint64_t)(a->dropout * 0x1p32), kept);
    for (int64_t j = 0; j < NR; j++) factor[j / VL][j % VL] = scale * kept[j];
}

/* s becomes exp(s - m); when m grows, the sums so far shrink by exp(m before - m). */
static inline void soft_row(const attend *p, int64_t b, int64_t h, int64_t t, int64_t j0, real *s, real *sums, real *m, real *l)
{
    const attention *a = p->a;
    vr x[4], sum = vload(l);
    load_scores(a, b, h, t, j0, s, x);
    real max = vhmax(vmax(vmax(x[0], x[1]), vmax(x[2], x[3])));
    if (max > *m) {
        vr shrink = vexp(vset(*m - max));
        *m = max;
        sum = sum * shrink;
        for (int64_t c = 0; c < p->nv; c++)
            for (int64_t j = 0; j < NR; j += VL) vstore(sums + c * Q_ROWS * NR + j, shrink * vload(sums + c * Q_ROWS * NR + j));
    }
    for (int v = 0; v < 4; v++) x[v] = vexp(x[v] - *m);
    vstore(l, sum + ((x[0] + x[1]) + (x[2] + x[3])));
    if (a->dropout > 0) {
        vr keep[4];
        drop_row(a, b, h, t, j0, keep);
        for (int v = 0; v < 4; v++) x[v] *= keep[v];
    }
    for (int v = 0; v < 4; v++) vstore(s + v * VL, x[v]);
}

typedef float vf __attribute__((vector_size(VEC_BYTES / sizeof(real) * 4)));
typedef int32_t vn __attribute__((vector_size(VEC_BYTES / sizeof(real) * 4)));
typedef uint16_t vh __attribute__((vector_size(VEC_BYTES / sizeof(real) * 2)));
typedef int8_t vb __attribute__((vector_size(VEC_BYTES / sizeof(real))));

/* n numbers from number `at` on, as real, in whole vectors with zeros behind. */
static __attribute__((noinline)) void convert(int form, const char *data, int64_t at, int64_t n, real *out)
{
    char part[VEC_BYTES] = { 0 };
    if (n < VL) {
        const int64_t size = form == HW3I_REAL ? (int64_t)sizeof(real) : form == HW3I_INT8 ? 1 : 2;
        memcpy(part, data + at * size, (size_t)(n * size));
        data = part, at = 0;
    }
    for (int64_t i = at; i < at + n; i += VL, out += VL) {
        vb q;
        vh h;
        if (form == HW3I_REAL) vstore(out, vload((const real *)data + i));
        else if (form == HW3I_INT8) {
            memcpy(&q, data + i, sizeof q);
            vstore(out, __builtin_convertvector(__builtin_convertvector(q, vn), vr));
        } else {
            memcpy(&h, data + 2 * i, sizeof h);
            const vn w = __builtin_convertvector(h, vn);
            const vf half = (vf)((w & 0x7fff) << 13) * 0x1p112f; /* its exponents begin at 2^-15, a float's at 2^-127 */
            const vn bits = form == HW3I_BF16 ? w << 16 : (vn)half | (w & 0x8000) << 16;
            vstore(out, __builtin_convertvector((vf)bits, vr));
        }
    }
}

/* A panel of a cache as it would be packed: k [D][NR], v [nv][NR][NR], zeros for keys that it has no room for. */
static void unpack(const attend *p, const hw3i_panel *x, real *k, real *v)
{
    const int form = p->a->panel_form;
    const int64_t D = p->a->D, nv = p->a->values_in_keys ? 0 : p->nv, cap = x->cap;
    const int64_t n_scales = form != HW3I_INT8 ? 0 : nv ? 2 * cap : cap;
    const char *data = (const char *)x->data + 2 * n_scales;
    real scales[2 * 4 * VEC_BYTES / sizeof(real)];
    if (cap < NR) memset(k, 0, (size_t)p->spare * sizeof(real));
    for (int64_t d = 0; d < D; d++) convert(form, data, d * cap, cap, k + d * NR);
    for (int64_t c = 0; c < nv; c++) convert(form, data, cap * (D + c * NR), cap * NR, v + c * NR * NR);
    convert(HW3I_BF16, x->data, 0, n_scales, scales);
    for (int64_t d = 0; d < D && n_scales; d++)
        for (int64_t j = 0; j < cap; j++) k[d * NR + j] *= scales[j];
    for (int64_t j = 0; j < cap && n_scales; j++)
        for (int64_t c = 0; c < nv; c++)
            for (int64_t l = 0; l < NR; l += VL) {
                real *at = v + (c * NR + j) * NR + l;
                vstore(at, scales[cap + j] * vload(at));
            }
}

/* Keys and values of block j, unpacked into spare when they do not lie as they are wanted. */
static void find_panel(const attend *p, int64_t head, int64_t j, real *spare, const real **k, const real **v)
{
    const int64_t keys = p->a->D * NR;
    const hw3i_panel *x = p->a->panels ? p->a->panels + head * p->n_blocks + j : NULL;
    const bool in_place = x && p->a->panel_form == HW3I_REAL && x->cap == NR;
    if (x && !in_place) unpack(p, x, spare, spare + keys);
    *k = in_place ? x->data : x ? spare : p->k + head * p->k_size + j * keys;
    *v = x ? *k + keys : p->v + head * p->v_size + j * p->nv * NR * NR;
    if (!x || !p->a->values_in_keys) return;
    real *turned = spare + keys;
    for (int64_t c = 0; c < p->nv; c++) pack_keys(p->a->Dv - c * NR, NR, *k + c * NR * NR, NR, turned + c * NR * NR);
    *v = turned;
}

/* One chunk of rows of one kv head over all its keys. */
static void attend_tile(void *arg, int64_t tile, int worker)
{
    const attend *p = arg;
    const attention *a = p->a;
    const int64_t head = tile / p->n_chunks, b = head / a->kv_heads, kv = head % a->kv_heads;
    const int64_t r0 = (p->n_chunks - 1 - tile % p->n_chunks) * Q_ROWS, rows = hw3i_min(Q_ROWS, p->n_rows - r0);
    real *q = p->work + worker * p->work_size, *s = q + p->nd * Q_ROWS * NR, *sums = s + Q_ROWS * NR, *l = sums + p->nv * Q_ROWS * NR;
    real *m = l + Q_ROWS * VL, *spare = q + p->work_size - p->spare;
    pack_rows(p, b, kv, r0, rows, a->D, a->scale, a->q, a->qs, q);
    memset(sums, 0, (size_t)(p->nv * Q_ROWS * NR + Q_ROWS * VL) * sizeof(real));
    for (int64_t r = 0; r < rows; r++) m[r] = NONE;
    const range see = rows_range(p, b, r0, r0 + rows);
    for (int64_t j = 0; j < p->n_blocks; j++) {
        if (!sees_any(&see, j * NR, (j + 1) * NR)) continue;
        const real *k, *v;
        find_panel(p, head, j, spare, &k, &v);
        scores(rows, a->D, q, k, s);
        for (int64_t r = 0; r < rows; r++)
            soft_row(p, b, head_of(p, kv, r0 + r), query_of(p, r0 + r), j * NR, s + r * NR, sums + r * NR, m + r,
                     l + r * VL);
        for (int64_t c = 0; c < p->nv; c++)
            for (int64_t r = 0; r < rows; r += MR) {
                segment one[2] = { { .k = hw3i_min(NR, a->Tk - j * NR), .a = s + r * NR, .ar = NR, .ak = 1, .b = v + c * NR * NR } };
                real *o = sums + (c * Q_ROWS + r) * NR;
                mac((int)hw3i_min(MR, rows - r), false, one, o, NR, o, NR);
            }
    }
    for (int64_t r = 0; r < rows; r++) {
        const int64_t t = query_of(p, r0 + r), h = head_of(p, kv, r0 + r);
        const real sum = vhsum(vload(l + r * VL)), scale = sum > 0 ? 1 / sum : 0;
        real *o = a->o + b * a->os[0] + t * a->os[1] + h * a->os[2];
        for (int64_t c = 0; c < a->Dv; c += VL)
            vstore_part(o + c, a->Dv - c, scale * vload(sums + (c / NR * Q_ROWS + r) * NR + c % NR));
        if (a->lse) a->lse[(b * a->heads + h) * a->Tq + t] = sum > 0 ? m[r] + R(log((double)sum)) : 0;
    }
}

static void FN(attention_forward)(hw3i_pool *pool, const attention *a)
{
    attend p;
    attend_plan(&p, a, hw3i_pool_n_threads(pool));
    if (!a->panels) hw3i_pool_run(pool, a->B * a->kv_heads * p.n_blocks, FN(pack_kv), &p);
    hw3i_pool_run(p.n_rows * a->Tk * a->D < FEW_PRODUCTS / 4 ? NULL : pool, a->B * a->kv_heads * p.n_chunks, attend_tile, &p);
}

/* Backward of one kv head, all of it by one worker: with P_ij = exp(s_ij - lse_i) and delta_i = do_i o_i
 *     dv_j = sum_i P_ij do_i,  ds_ij = P_ij (do_i v_j - delta_i),  dq_i = scale sum_j ds_ij k_j,  dk_j = scale sum_i ds_ij q_i. */
typedef struct attend_back {
    attend p;
    int64_t size; /* of a worker's memory */
    real *memory;
} attend_back;

/* Places in a worker's memory. */
typedef struct back_places {
    real *kt, *k, *vt;        /* of a block: [D][NR], [nd][NR][NR], [Dv][NR] */
    real *dk, *dv;            /* [nd][NR][NR], [nv][NR][NR] */
    real *q, *dout, *dq;      /* [chunk][nd][Q_ROWS][NR], [chunk][nv][Q_ROWS][NR], [chunk][nd][Q_ROWS][NR] */
    real *delta, *lse;        /* [chunk Q_ROWS] */
    real *s, *ds;             /* [Q_ROWS][NR] */
} back_places;

static int64_t FN(back_carve)(const attend *p, real *memory, back_places *x)
{
    const attention *a = p->a;
    int64_t used = 0;
    x->kt = carve(memory, &used, a->D * NR);
    x->k = carve(memory, &used, p->nd * NR * NR);
    x->vt = carve(memory, &used, a->Dv * NR);
    x->dk = carve(memory, &used, p->nd * NR * NR);
    x->dv = carve(memory, &used, p->nv * NR * NR);
    x->q = carve(memory, &used, p->n_chunks * p->nd * Q_ROWS * NR);
    x->dout = carve(memory, &used, p->n_chunks * p->nv * Q_ROWS * NR);
    x->dq = carve(memory, &used, p->n_chunks * p->nd * Q_ROWS * NR);
    x->delta = carve(memory, &used, p->n_chunks * Q_ROWS);
    x->lse = carve(memory, &used, p->n_chunks * Q_ROWS);
    x->s = carve(memory, &used, Q_ROWS * NR);
    x->ds = carve(memory, &used, Q_ROWS * NR);
    return used;
}

static int64_t FN(back_plan_attention)(attend_back *b, const attention *a, int n_threads)
{
    attention sizes = *a;
    sizes.scratch = NULL;
    back_places x;
    attend_plan(&b->p, &sizes, 1);
    b->p.a = a;
    b->size = FN(back_carve)(&b->p, NULL, &x);
    b->memory = a->scratch;
    return b->size * n_threads;
}

static int64_t FN(attention_backward_bytes)(const attention *a, int n_threads)
{
    attend_back b;
    return FN(back_plan_attention)(&b, a, n_threads);
}

/* P (dropped) in s and dS in ds for one row; s comes in as the scores, ds as do_i v_j. */
static inline void back_row(const attention *a, int64_t b, int64_t h, int64_t t, int64_t j0, real lse, real delta, real *s,
                            real *ds)
{
    vr x[4], keep[4];
    load_scores(a, b, h, t, j0, s, x);
    if (a->dropout > 0) drop_row(a, b, h, t, j0, keep);
    real *dbias = a->dbias ? a->dbias + ((b * a->heads + h) * a->Tq + t) * a->Tk + j0 : NULL;
    for (int64_t v = 0; v < 4; v++) {
        vr prob = vexp(x[v] - lse), d = vload(ds + v * VL);
        if (a->dropout > 0) d *= keep[v];
        d = prob * (d - delta);
        vstore(ds + v * VL, d);
        vstore(s + v * VL, a->dropout > 0 ? prob * keep[v] : prob);
        const int64_t n = a->Tk - j0 - v * VL;
        if (dbias && n > 0) vstore_part(dbias + v * VL, n, d + vload_part(dbias + v * VL, n, 0));
    }
}

/* out[c][n][NR] += x' y, x [rows][NR] of which column i makes row i, y[c][Q_ROWS][NR] */
static void FN(add_outer)(int64_t n, int64_t rows, int64_t n_panels, const real *x, const real *y, real *out)
{
    for (int64_t c = 0; c < n_panels; c++)
        for (int64_t i = 0; i < n; i += MR) {
            segment one[2] = { { .k = rows, .a = x + i, .ar = 1, .ak = NR, .b = y + c * Q_ROWS * NR } };
            real *o = out + (c * NR + i) * NR;
            mac((int)hw3i_min(MR, n - i), false, one, o, NR, o, NR);
        }
}

/* The pair of block j and one chunk of rows. */
static void back_block(const attend *p, const back_places *x, int64_t b, int64_t kv, int64_t j, int64_t n, int64_t chunk)
{
    const attention *a = p->a;
    const int64_t r0 = chunk * Q_ROWS, rows = hw3i_min(Q_ROWS, p->n_rows - r0);
    const real *q = x->q + chunk * p->nd * Q_ROWS * NR, *dout = x->dout + chunk * p->nv * Q_ROWS * NR;
    real *dq = x->dq + chunk * p->nd * Q_ROWS * NR;
    scores(rows, a->D, q, x->kt, x->s);
    scores(rows, a->Dv, dout, x->vt, x->ds);
    for (int64_t r = 0; r < rows; r++)
        back_row(a, b, head_of(p, kv, r0 + r), query_of(p, r0 + r), j * NR, x->lse[r0 + r], x->delta[r0 + r],
                 x->s + r * NR, x->ds + r * NR);
    FN(add_outer)(n, rows, p->nv, x->s, dout, x->dv);
    FN(add_outer)(n, rows, p->nd, x->ds, q, x->dk);
    for (int64_t c = 0; c < p->nd; c++)
        for (int64_t r = 0; r < rows; r += MR) {
            segment one[2] = { { .k = n, .a = x->ds + r * NR, .ar = NR, .ak = 1, .b = x->k + c * NR * NR } };
            real *o = dq + (c * Q_ROWS + r) * NR;
            mac((int)hw3i_min(MR, rows - r), false, one, o, NR, o, NR);
        }
}

/* Packs q, do, delta and lse of all rows. */
static void FN(back_rows_in)(const attend *p, const back_places *x, int64_t b, int64_t kv)
{
    const attention *a = p->a;
    for (int64_t c = 0; c < p->n_chunks; c++) {
        const int64_t r0 = c * Q_ROWS, rows = hw3i_min(Q_ROWS, p->n_rows - r0);
        pack_rows(p, b, kv, r0, rows, a->D, a->scale, a->q, a->qs, x->q + c * p->nd * Q_ROWS * NR);
        pack_rows(p, b, kv, r0, rows, a->Dv, 1, a->dout, a->os, x->dout + c * p->nv * Q_ROWS * NR);
        for (int64_t r = r0; r < r0 + rows; r++) {
            const int64_t t = query_of(p, r), h = head_of(p, kv, r), at = b * a->os[0] + t * a->os[1] + h * a->os[2];
            x->lse[r] = a->lse[(b * a->heads + h) * a->Tq + t];
            x->delta[r] = FN(dot)(a->Dv, a->o + at, a->dout + at);
        }
    }
    memset(x->dq, 0, (size_t)(p->n_chunks * p->nd * Q_ROWS * NR) * sizeof(real));
}

/* y[n rows, D] += x[c][row_cap][NR] */
static void store_wide(int64_t n, int64_t row_cap, int64_t D, real scale, const real *x, real *y, int64_t rs)
{
    for (int64_t r = 0; r < n; r++, y += rs)
        for (int64_t c = 0; c < D; c += VL) {
            vr v = vload_part(y + c, D - c, 0) + scale * vload(x + (c / NR * row_cap + r) * NR + c % NR);
            vstore_part(y + c, D - c, v);
        }
}

static void back_task(void *arg, int64_t head, int worker)
{
    const attend_back *w = arg;
    const attend *p = &w->p;
    const attention *a = p->a;
    const int64_t b = head / a->kv_heads, kv = head % a->kv_heads;
    back_places x;
    FN(back_carve)(p, (real *)((char *)w->memory + worker * w->size), &x);
    FN(back_rows_in)(p, &x, b, kv);
    for (int64_t j = 0; j < p->n_blocks; j++) {
        const int64_t t = j * NR, n = hw3i_min(NR, a->Tk - t);
        const real *k = a->k + b * a->ks[0] + t * a->ks[1] + kv * a->ks[2], *v = a->v + b * a->vs[0] + t * a->vs[1] + kv * a->vs[2];
        pack_keys(n, a->D, k, a->ks[1], x.kt);
        pack_wide(n, NR, a->D, 1, k, a->ks[1], x.k);
        pack_keys(n, a->Dv, v, a->vs[1], x.vt);
        memset(x.dk, 0, (size_t)(p->nd * NR * NR) * sizeof(real));
        memset(x.dv, 0, (size_t)(p->nv * NR * NR) * sizeof(real));
        for (int64_t c = 0; c < p->n_chunks; c++) {
            range see = rows_range(p, b, c * Q_ROWS, hw3i_min(p->n_rows, (c + 1) * Q_ROWS));
            if (sees_any(&see, t, t + n)) back_block(p, &x, b, kv, j, n, c);
        }
        if (a->dk) store_wide(n, NR, a->D, 1, x.dk, a->dk + b * a->ks[0] + t * a->ks[1] + kv * a->ks[2], a->ks[1]);
        if (a->dv) store_wide(n, NR, a->Dv, 1, x.dv, a->dv + b * a->vs[0] + t * a->vs[1] + kv * a->vs[2], a->vs[1]);
    }
    for (int64_t r = 0; a->dq && r < p->n_rows; r++)
        store_wide(1, Q_ROWS, a->D, a->scale, x.dq + (r / Q_ROWS * p->nd * Q_ROWS + r % Q_ROWS) * NR,
                   a->dq + b * a->qs[0] + query_of(p, r) * a->qs[1] + head_of(p, kv, r) * a->qs[2], 0);
}

static void FN(attention_backward)(hw3i_pool *pool, const attention *a)
{
    attend_back b;
    FN(back_plan_attention)(&b, a, hw3i_pool_n_threads(pool));
    hw3i_pool_run(pool, a->B * a->kv_heads, back_task, &b);
}

/* Row t of the weights of one head, from its scores and lse. */
static void FN(attention_weights)(const attention *a, int64_t b, int64_t h, int64_t t, double *w)
{
    const real *q = a->q + b * a->qs[0] + t * a->qs[1] + h * a->qs[2];
    const range see = key_range(a, b, t);
    for (int64_t j = 0; j < a->Tk; j++) {
        const real *k = a->k + b * a->ks[0] + j * a->ks[1] + h / (a->heads / a->kv_heads) * a->ks[2];
        double score = 0;
        for (int64_t d = 0; d < a->D; d++) score += (double)q[d] * (double)k[d];
        score *= (double)a->scale;
        if (a->bias) score += (double)a->bias[b * a->bs[0] + h * a->bs[1] + t * a->bs[2] + j];
        if (a->slopes) score -= (double)a->slopes[h] * fabs((double)(t + a->offset - j));
        w[j] = sees(&see, j) ? exp(score - (double)a->lse[(b * a->heads + h) * a->Tq + t]) : 0;
    }
}
