/* SPDX-License-Identifier: MIT */
/* Places of key r of a page. */
static real *FN(key_at)(const hw3i_kv *kv, hw3i_kv_page *p, int64_t layer, int64_t head, int64_t r)
{
    return (real *)keys_of(kv, p, layer, head) + r;
}

static real *FN(value_at)(const hw3i_kv *kv, hw3i_kv_page *p, int64_t layer, int64_t head, int64_t r)
{
    return (real *)values_of(kv, p, layer, head) + r * kv->block;
}

/* Position t of one head: key and value from rows into its page. */
static void FN(write_key)(const hw3i_kv *kv, const hw3i_kv_sequence *q, int64_t t, int64_t layer, int64_t head, const real *k,
                          const real *v)
{
    hw3i_kv_page *p = q->pages[t / kv->block];
    real *to = FN(key_at)(kv, p, layer, head, t % kv->block);
    for (int64_t d = 0; d < kv->D; d++) to[d * p->cap] = k[d];
    to = FN(value_at)(kv, p, layer, head, t % kv->block);
    for (int64_t d = 0; d < kv->nv * kv->block; d += kv->block)
        memcpy(to + d * p->cap, v + d, (size_t)hw3i_min(kv->block, kv->Dv - d) * sizeof *v);
}

static void FN(write)(const hw3i_state *s, int64_t layer, const real *k, const real *v)
{
    const hw3i_kv *kv = s->kv;
    for (int64_t b = 0; b < s->B; b++)
        for (int64_t t = 0; t < s->T; t++)
            for (int64_t h = 0; h < kv->n_heads; h++, k += kv->D, v += kv->Dv) {
                const hw3i_kv_sequence *q = &kv->sequences[s->which[b]];
                FN(write_key)(kv, q, q->n + t, layer, h, k, v);
            }
}

static void FN(read)(const hw3i_kv *kv, int64_t sequence, int64_t layer, real *k, real *v)
{
    const hw3i_kv_sequence *q = &kv->sequences[sequence];
    for (int64_t t = 0; t < q->n; t++)
        for (int64_t h = 0; h < kv->n_heads; h++, k += kv->D, v += kv->Dv) {
            hw3i_kv_page *p = q->pages[t / kv->block];
            const real *key = FN(key_at)(kv, p, layer, h, t % kv->block), *value = FN(value_at)(kv, p, layer, h, t % kv->block);
            for (int64_t d = 0; d < kv->D; d++) k[d] = key[d * p->cap];
            for (int64_t d = 0; kv->nv && d < kv->Dv; d++) v[d] = value[d / kv->block * p->cap * kv->block + d % kv->block];
        }
}

/* The panels of a page that is smaller than a panel, values of keys that it has no room for 0. */
static void FN(unpack)(const hw3i_kv *kv, hw3i_kv_page *p, int64_t layer, int64_t head, real *k, real *v)
{
    const real *key = FN(key_at)(kv, p, layer, head, 0), *value = FN(value_at)(kv, p, layer, head, 0);
    memset(k, 0, (size_t)head_size(kv, kv->block) * sizeof *k);
    for (int64_t d = 0; d < kv->D; d++) memcpy(k + d * kv->block, key + d * p->cap, (size_t)p->cap * sizeof *k);
    for (int64_t c = 0; c < kv->nv; c++)
        memcpy(v + c * kv->block * kv->block, value + c * p->cap * kv->block, (size_t)(p->cap * kv->block) * sizeof *v);
}

/* Fills the kernel's tables of panels for n_blocks blocks; spare: panels for small pages, taken when the first is met. */
static hw3_status FN(panels)(const hw3i_state *s, hw3_graph *g, int64_t layer, int64_t n_blocks)
{
    const hw3i_kv *kv = s->kv;
    const int64_t size = head_size(kv, kv->block);
    for (int64_t b = 0; b < s->B; b++) {
        const hw3i_kv_sequence *q = &kv->sequences[s->which[b]];
        const int64_t n = hw3i_ceil(q->n + s->T, kv->block);
        real *spare = NULL;
        if (q->pages[n - 1]->cap < kv->block) {
            spare = hw3i_arena_alloc(&g->arena, kv->n_heads * size, sizeof *spare);
            if (!spare) return hw3i_graph_fail(g, HW3_ERR_NOMEM, "%s", "out of memory: panels of a step");
        }
        for (int64_t i = 0; i < kv->n_heads * n_blocks; i++) {
            const int64_t h = i / n_blocks, j = i % n_blocks, at = b * kv->n_heads * n_blocks + i;
            hw3i_kv_page *p = j < n ? q->pages[j] : NULL;
            real *k = p ? FN(key_at)(kv, p, layer, h, 0) : NULL, *v = p ? FN(value_at)(kv, p, layer, h, 0) : NULL;
            if (p && p->cap < kv->block) {
                k = spare + h * size, v = k + kv->D * kv->block;
                FN(unpack)(kv, p, layer, h, k, v);
            }
            kv->k_panels[at] = k;
            kv->v_panels[at] = v;
        }
    }
    return HW3_OK;
}

/* x - x is 0 for a finite number and for no other */
static bool FN(is_finite)(int64_t n, const real *x)
{
    real sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] - x[i];
    return sum == 0;
}

static hw3_var FN(attend)(const hw3i_state *s, hw3_graph *g, int64_t layer, hw3_var vq, hw3_var vk, hw3_var vv,
                          const hw3i_attention_opts *o)
{
    const hw3i_kv *kv = s->kv;
    const hw3i_node *q = hw3i_node_of(g, vq), *k = hw3i_node_of(g, vk), *v = hw3i_node_of(g, vv);
    const int64_t heads = q->shape[2], D = kv->D, Dv = kv->Dv;
    int64_t longest = 0;
    void *out;
    if (!FN(is_finite)(k->n, k->value) || (v && !FN(is_finite)(v->n, v->value)))
        return hw3i_graph_fail(g, HW3_ERR_VALUE, "cache: a key or value of layer %lld is not finite", (long long)layer);
    FN(write)(s, layer, k->value, v ? v->value : k->value);
    for (int64_t b = 0; b < s->B; b++) {
        kv->offsets[b] = kv->sequences[s->which[b]].n;
        kv->lengths[b] = kv->offsets[b] + s->T;
        longest = hw3i_max(longest, kv->lengths[b]);
    }
    const hw3_var y = hw3i_leaf(g, kv->dtype, 4, (int64_t[]){ s->B, s->T, heads, Dv }, &out);
    if (y < 0) return y;
    hw3_status bad = FN(panels)(s, g, layer, hw3i_ceil(longest, kv->block));
    if (bad) return bad;
    FN(hw3i_attention) a = { .B = s->B, .heads = heads, .kv_heads = kv->n_heads, .Tq = s->T, .Tk = longest, .D = D, .Dv = Dv,
        .q = q->value, .qs = { s->T * heads * D, heads * D, D }, .scale = (real)o->scale, .offsets = kv->offsets,
        .k_panels = (const real *const *)kv->k_panels, .v_panels = kv->nv ? (const real *const *)kv->v_panels : NULL, .causal = true,
        .window = o->window, .lengths = kv->lengths, .o = out, .os = { s->T * heads * Dv, heads * Dv, Dv } };
    a.scratch = hw3i_arena_alloc(&g->arena, KERN(g)->attention_forward_bytes(&a, hw3i_pool_n_threads(g->ctx->pool)), 1);
    if (!a.scratch) return hw3i_graph_fail(g, HW3_ERR_NOMEM, "%s", "out of memory: attention of a step");
    KERN(g)->attention_forward(g->ctx->pool, &a);
    return y;
}
