/* SPDX-License-Identifier: MIT */
/* One key or value of a head in its page: n numbers in runs of `part`, those of a run `step` apart, runs `stride` apart. */
typedef struct FN(places) {
    char *data;
    uint16_t *scale; /* of HW3I_INT8 */
    int64_t n, first, part, stride, step;
} FN(places);

/* The key, or the value, of position t of a sequence. */
static FN(places) FN(find)(const hw3i_kv *kv, const hw3i_kv_sequence *q, int64_t t, int64_t layer, int64_t head, int part)
{
    hw3i_kv_page *p = q->pages[t / kv->block];
    const int64_t cap = p->cap, r = t % kv->block;
    char *panel = panel_of(kv, p, layer, head);
    FN(places) x = { .data = panel + scales_bytes(kv, cap), .scale = (uint16_t *)panel + r };
    if (!part) x.n = x.part = kv->D, x.first = r, x.step = cap;
    else
        x.scale += cap, x.n = kv->Dv, x.first = cap * kv->D + r * kv->block, x.part = kv->block, x.stride = cap * kv->block,
            x.step = 1;
    return x;
}

static real FN(load)(int form, const char *data, int64_t at, real scale)
{
    switch (form) {
    case HW3I_F16: return hw3i_half_float(((const uint16_t *)data)[at]);
    case HW3I_BF16: return hw3i_brain_float(((const uint16_t *)data)[at]);
    case HW3I_INT8: return scale * ((const int8_t *)data)[at];
    default: return ((const real *)data)[at];
    }
}

/* inverse: 1 over the scale. Adding 1.5 2^23 leaves a float no fraction: the nearest integer, to even. */
static void FN(store)(int form, char *data, int64_t at, real x, float inverse)
{
    switch (form) {
    case HW3I_F16: ((uint16_t *)data)[at] = hw3i_half((float)x); break;
    case HW3I_BF16: ((uint16_t *)data)[at] = hw3i_brain((float)x); break;
    case HW3I_INT8: ((int8_t *)data)[at] = (int8_t)((float)x * inverse + 0x1.8p23f - 0x1.8p23f); break;
    default: ((real *)data)[at] = x;
    }
}

/* A scale has 8 digits and an integer 7, so q scale is exact in float: what was read is written again with the same bits. Vectors
 * below 2^-100 become 0. */
static void FN(put)(const hw3i_kv *kv, const FN(places) *to, const real *x)
{
    float inverse = 0;
    if (kv->form == HW3I_INT8) {
        float max = 0;
        for (int64_t d = 0; d < to->n; d++) max = fmaxf(max, fabsf((float)x[d]));
        *to->scale = max < 0x1p-100f ? 0 : hw3i_brain(max / 127);
        if (*to->scale) inverse = 1 / hw3i_brain_float(*to->scale);
    }
    for (int64_t d = 0, first = to->first; d < to->n; d += to->part, first += to->stride)
        for (int64_t i = 0; i < hw3i_min(to->part, to->n - d); i++)
            FN(store)(kv->form, to->data, first + i * to->step, x[d + i], inverse);
}

static void FN(get)(const hw3i_kv *kv, const FN(places) *from, real *x)
{
    const real scale = kv->form == HW3I_INT8 ? hw3i_brain_float(*from->scale) : 1;
    for (int64_t d = 0, first = from->first; d < from->n; d += from->part, first += from->stride)
        for (int64_t i = 0; i < hw3i_min(from->part, from->n - d); i++)
            x[d + i] = FN(load)(kv->form, from->data, first + i * from->step, scale);
}

/* That n numbers can be kept. */
static hw3_status FN(check)(const hw3i_kv *kv, int64_t layer, int64_t n, const real *x)
{
    const double max = forms[kv->form].max;
    bool fits = true;
    for (int64_t i = 0; i < n; i++) fits &= fabs((double)x[i]) <= max;
    if (fits) return HW3_OK;
    while (fabs((double)*x) <= max) x++;
    return hw3i_fail(kv->ctx, HW3_ERR_VALUE, "cache: a key or value of layer %lld is not finite%s%s: %g", (long long)layer,
                     kv->form ? " as " : "", kv->form ? forms[kv->form].name : "", (double)*x);
}

static hw3_status FN(write)(const hw3i_state *s, int64_t layer, const real *k, const real *v)
{
    const hw3i_kv *kv = s->kv;
    const int64_t n_rows = s->B * s->T * kv->n_heads, d[2] = { kv->D, kv->Dv };
    const real *x[2] = { k, v };
    for (int part = 0; part < n_parts(kv); part++) {
        hw3_status bad = FN(check)(kv, layer, n_rows * d[part], x[part]);
        if (bad) return bad;
    }
    for (int64_t i = 0; i < n_rows; i++)
        for (int part = 0; part < n_parts(kv); part++) {
            const hw3i_kv_sequence *q = &kv->sequences[s->which[i / kv->n_heads / s->T]];
            const FN(places) to = FN(find)(kv, q, q->n + i / kv->n_heads % s->T, layer, i % kv->n_heads, part);
            FN(put)(kv, &to, x[part] + i * d[part]);
        }
    return HW3_OK;
}

static void FN(read)(const hw3i_kv *kv, int64_t sequence, int64_t layer, real *k, real *v)
{
    const hw3i_kv_sequence *q = &kv->sequences[sequence];
    real *x[2] = { k, v };
    const int64_t d[2] = { kv->D, kv->Dv };
    for (int64_t i = 0; i < q->n * kv->n_heads; i++)
        for (int part = 0; part < n_parts(kv); part++) {
            const FN(places) from = FN(find)(kv, q, i / kv->n_heads, layer, i % kv->n_heads, part);
            FN(get)(kv, &from, x[part] + i * d[part]);
        }
}

/* Fills the kernel's table of panels for n_blocks blocks. */
static void FN(panels)(const hw3i_state *s, int64_t layer, int64_t n_blocks)
{
    const hw3i_kv *kv = s->kv;
    for (int64_t i = 0; i < s->B * kv->n_heads * n_blocks; i++) {
        const hw3i_kv_sequence *q = &kv->sequences[s->which[i / n_blocks / kv->n_heads]];
        hw3i_kv_page *p = i % n_blocks < q->n_pages ? q->pages[i % n_blocks] : NULL;
        kv->panels[i] = p ? (hw3i_panel){ panel_of(kv, p, layer, i / n_blocks % kv->n_heads), p->cap } : (hw3i_panel){ NULL, 0 };
    }
}

static hw3_var FN(attend)(const hw3i_state *s, hw3_graph *g, int64_t layer, hw3_var vq, hw3_var vk, hw3_var vv,
                          const hw3i_attention_opts *o)
{
    const hw3i_kv *kv = s->kv;
    const hw3i_node *q = hw3i_node_of(g, vq), *v = hw3i_node_of(g, vv);
    const int64_t heads = q->shape[2], D = kv->D, Dv = kv->Dv;
    int64_t longest = 0;
    void *out;
    const hw3_status bad = FN(write)(s, layer, hw3i_node_of(g, vk)->value, v ? v->value : NULL);
    if (bad) return bad;
    for (int64_t b = 0; b < s->B; b++) {
        kv->offsets[b] = kv->sequences[s->which[b]].n;
        kv->lengths[b] = kv->offsets[b] + s->T;
        longest = hw3i_max(longest, kv->lengths[b]);
    }
    const hw3_var y = hw3i_leaf(g, kv->dtype, 4, (int64_t[]){ s->B, s->T, heads, Dv }, &out);
    if (y < 0) return y;
    FN(panels)(s, layer, hw3i_ceil(longest, kv->block));
    FN(hw3i_attention) a = { .B = s->B, .heads = heads, .kv_heads = kv->n_heads, .Tq = s->T, .Tk = longest, .D = D, .Dv = Dv,
        .q = q->value, .qs = { s->T * heads * D, heads * D, D }, .scale = (real)o->scale, .offsets = kv->offsets,
        .panels = kv->panels, .panel_form = kv->form, .values_in_keys = !kv->nv, .causal = true,
        .window = o->window, .lengths = kv->lengths, .o = out, .os = { s->T * heads * Dv, heads * Dv, Dv } };
    a.scratch = hw3i_arena_alloc(&g->arena, KERN(g)->attention_forward_bytes(&a, hw3i_pool_n_threads(g->ctx->pool)), 1);
    if (!a.scratch) return hw3i_graph_fail(g, HW3_ERR_NOMEM, "%s", "out of memory: attention of a step");
    KERN(g)->attention_forward(g->ctx->pool, &a);
    return y;
}
