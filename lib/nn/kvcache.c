/* SPDX-License-Identifier: MIT */
#include "nn/kvcache.h"
#include "graph/ops_impl.h"
#include "base/half.h"
#include <float.h>
#include <math.h>

struct hw3i_kv_page {
    hw3i_kv_page *next; /* of the free ones */
    int64_t n_refs;
    int64_t cap;        /* keys it has room for */
    int32_t size_class;
    char pad[HW3I_ALIGN - 28];
    char data[];        /* [layer][head]: panels */
};
_Static_assert(sizeof(hw3i_kv_page) == HW3I_ALIGN, "data stays aligned");

static int64_t number_size(const hw3i_kv *kv)
{
    return kv->form == HW3I_REAL ? hw3i_dtype_size(kv->dtype) : kv->form == HW3I_INT8 ? 1 : 2;
}

static int64_t n_parts(const hw3i_kv *kv) { return kv->nv ? 2 : 1; } /* keys, and values where they are kept */

static int64_t scales_bytes(const hw3i_kv *kv, int64_t cap)
{
    return kv->form == HW3I_INT8 ? n_parts(kv) * cap * (int64_t)sizeof(uint16_t) : 0;
}

/* Of one head of one layer. */
static int64_t head_bytes(const hw3i_kv *kv, int64_t cap)
{
    return hw3i_ceil(scales_bytes(kv, cap) + cap * (kv->D + kv->nv * kv->block) * number_size(kv), 8) * 8;
}

static int64_t page_bytes(const hw3i_kv *kv, int64_t cap)
{
    return (int64_t)sizeof(hw3i_kv_page) + kv->n_layers * kv->n_heads * head_bytes(kv, cap);
}

static char *panel_of(const hw3i_kv *kv, hw3i_kv_page *p, int64_t layer, int64_t head)
{
    return p->data + (layer * kv->n_heads + head) * head_bytes(kv, p->cap);
}

/* A new free page. */
static hw3_status add_page(hw3i_kv *kv, int32_t size_class)
{
    const int64_t cap = kv->block >> size_class, bytes = page_bytes(kv, cap);
    hw3i_kv_page *p = hw3i_calloc(kv->ctx, bytes, 1);
    if (!p) return HW3_ERR_NOMEM;
    p->cap = cap;
    p->size_class = size_class;
    p->next = kv->free[size_class];
    kv->free[size_class] = p;
    kv->bytes += bytes;
    return HW3_OK;
}

/* A page for `need` keys: a whole one if one is free, else the smallest that will do; NULL when there is no memory. */
static hw3i_kv_page *take(hw3i_kv *kv, int64_t need)
{
    int32_t c = kv->free[0] ? 0 : HW3I_KV_CLASSES - 1;
    while (c > 0 && kv->block >> c < need) c--;
    if (!kv->free[c] && add_page(kv, c)) return NULL;
    hw3i_kv_page *p = kv->free[c];
    kv->free[c] = p->next;
    p->n_refs = 1;
    kv->bytes_used += page_bytes(kv, p->cap);
    return p;
}

static void release(hw3i_kv *kv, hw3i_kv_page *p)
{
    if (--p->n_refs) return;
    p->next = kv->free[p->size_class];
    kv->free[p->size_class] = p;
    kv->bytes_used -= page_bytes(kv, p->cap);
}

static hw3_status make_tables(hw3i_kv *kv)
{
    const int64_t n_tables = kv->n_sequences * kv->max_pages;
    kv->sequences = hw3i_calloc(kv->ctx, kv->n_sequences, sizeof *kv->sequences);
    kv->tables = kv->sequences ? hw3i_calloc(kv->ctx, n_tables, sizeof *kv->tables) : NULL;
    kv->panels = kv->tables ? hw3i_calloc(kv->ctx, n_tables * kv->n_heads, sizeof *kv->panels) : NULL;
    kv->lengths = kv->panels ? hw3i_calloc(kv->ctx, 2 * kv->n_sequences, sizeof *kv->lengths) : NULL;
    if (!kv->lengths) return HW3_ERR_NOMEM;
    kv->offsets = kv->lengths + kv->n_sequences;
    for (int64_t i = 0; i < kv->n_sequences; i++) kv->sequences[i].pages = kv->tables + i * kv->max_pages;
    if (!kv->state_bytes) return HW3_OK;
    kv->states = hw3i_calloc(kv->ctx, 2 * kv->n_sequences + 1, kv->state_bytes);
    kv->bytes = kv->states ? (2 * kv->n_sequences + 1) * kv->state_bytes : 0;
    return kv->states ? HW3_OK : HW3_ERR_NOMEM;
}

hw3_status hw3i_kv_create(hw3_ctx *ctx, const hw3i_kv_sizes *z, hw3i_kv **out)
{
    hw3i_kv *kv = hw3i_calloc(ctx, 1, sizeof *kv);
    *out = NULL;
    if (!kv) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    const int64_t block = z->dtype == HW3_F32 ? ctx->kern->f32->attention_block : ctx->kern->f64->attention_block;
    *kv = (hw3i_kv){ .ctx = ctx, .dtype = z->dtype, .form = z->form, .n_layers = z->n_layers, .n_heads = z->n_heads, .D = z->D,
                     .Dv = z->Dv, .n_ctx = z->n_ctx, .n_sequences = z->n_sequences, .block = block,
                     .nv = z->values_in_keys ? 0 : hw3i_ceil(z->Dv, block),
                     .max_pages = z->n_layers ? hw3i_ceil(z->n_ctx, block) : 0, .state_bytes = z->state_bytes };
    hw3_status s = make_tables(kv);
    for (int64_t i = 0; i < hw3i_ceil(z->n_tokens, block) && z->n_layers && !s; i++) s = add_page(kv, 0);
    if (s) hw3i_kv_destroy(kv);
    else *out = kv;
    return s;
}

void hw3i_kv_destroy(hw3i_kv *kv)
{
    if (!kv) return;
    hw3_ctx *ctx = kv->ctx;
    for (int64_t i = 0; kv->lengths && i < kv->n_sequences; i++) hw3i_kv_truncate(kv, i, 0);
    for (int32_t c = 0; c < HW3I_KV_CLASSES; c++)
        for (hw3i_kv_page *p = kv->free[c], *next; p; p = next) {
            next = p->next;
            hw3i_free(ctx, p);
        }
    hw3i_free(ctx, kv->states);
    hw3i_free(ctx, kv->lengths);
    hw3i_free(ctx, kv->panels);
    hw3i_free(ctx, kv->tables);
    hw3i_free(ctx, kv->sequences);
    hw3i_free(ctx, kv);
    hw3i_ctx_release(ctx);
}

/* The first n of cap things, each of size bytes, in each of n_rows rows. */
static void copy_rows(int64_t n_rows, int64_t n, int64_t size, char **to, int64_t to_cap, char **from, int64_t from_cap)
{
    for (int64_t i = 0; i < n_rows; i++, *to += to_cap * size, *from += from_cap * size) memcpy(*to, *from, (size_t)(n * size));
}

static void copy_keys(const hw3i_kv *kv, hw3i_kv_page *from, hw3i_kv_page *to, int64_t n)
{
    const int64_t size = number_size(kv);
    for (int64_t i = 0; i < kv->n_layers * kv->n_heads; i++) {
        char *x = panel_of(kv, from, 0, i), *y = panel_of(kv, to, 0, i);
        if (kv->form == HW3I_INT8) copy_rows(n_parts(kv), n, sizeof(uint16_t), &y, to->cap, &x, from->cap);
        copy_rows(kv->D, n, size, &y, to->cap, &x, from->cap);
        copy_rows(kv->nv, n, kv->block * size, &y, to->cap, &x, from->cap);
    }
}

/* Page j of a sequence with room for `need` keys, of which it has n, and nobody else's. */
static hw3_status own_page(hw3i_kv *kv, hw3i_kv_sequence *q, int64_t j, int64_t n, int64_t need)
{
    hw3i_kv_page *old = j < q->n_pages ? q->pages[j] : NULL;
    if (old && old->n_refs == 1 && old->cap >= need) return HW3_OK;
    hw3i_kv_page *p = take(kv, need);
    if (!p) return HW3_ERR_NOMEM;
    if (old && n) copy_keys(kv, old, p, n);
    if (old) release(kv, old);
    else q->n_pages = j + 1;
    q->pages[j] = p;
    return HW3_OK;
}

static void drop_pages(hw3i_kv *kv, hw3i_kv_sequence *q)
{
    while (q->n_pages > hw3i_ceil(q->n, kv->block)) release(kv, q->pages[--q->n_pages]);
}

hw3_status hw3i_kv_begin(const hw3i_state *s)
{
    hw3i_kv *kv = s->kv;
    hw3_status status = HW3_OK;
    for (int64_t b = 0; b < s->B && kv->n_layers && !status; b++) {
        hw3i_kv_sequence *q = &kv->sequences[s->which[b]];
        for (int64_t j = q->n / kv->block; j * kv->block < q->n + s->T && !status; j++)
            status = own_page(kv, q, j, hw3i_max(0, q->n - j * kv->block), hw3i_min(kv->block, q->n + s->T - j * kv->block));
    }
    for (int64_t b = 0; b < s->B && status; b++) drop_pages(kv, &kv->sequences[s->which[b]]);
    return status;
}

void hw3i_kv_commit(const hw3i_state *s)
{
    const hw3i_kv *kv = s->kv;
    for (int64_t b = 0; b < s->B; b++) {
        const int64_t i = s->which[b];
        kv->sequences[i].n += s->T;
        if (kv->state_bytes) memcpy(hw3i_kv_at(kv, i), hw3i_kv_next(kv, i), (size_t)kv->state_bytes);
    }
}

void hw3i_kv_mark(hw3i_kv *kv, int64_t sequence)
{
    if (kv->state_bytes) memcpy(hw3i_kv_next(kv, kv->n_sequences), hw3i_kv_at(kv, sequence), (size_t)kv->state_bytes);
}

void hw3i_kv_return(hw3i_kv *kv, int64_t sequence, int64_t n)
{
    hw3i_kv_truncate(kv, sequence, n);
    if (kv->state_bytes) memcpy(hw3i_kv_at(kv, sequence), hw3i_kv_next(kv, kv->n_sequences), (size_t)kv->state_bytes);
}

void hw3i_kv_truncate(hw3i_kv *kv, int64_t sequence, int64_t n)
{
    kv->sequences[sequence].n = n;
    drop_pages(kv, &kv->sequences[sequence]);
    if (!n && kv->states) memset(hw3i_kv_at(kv, sequence), 0, (size_t)kv->state_bytes);
}

void hw3i_kv_fork(hw3i_kv *kv, int64_t from, int64_t to)
{
    if (from == to) return;
    hw3i_kv_sequence *a = &kv->sequences[from], *b = &kv->sequences[to];
    hw3i_kv_truncate(kv, to, 0);
    drop_pages(kv, a);
    for (int64_t j = 0; j < a->n_pages; j++) {
        b->pages[j] = a->pages[j];
        b->pages[j]->n_refs++;
    }
    b->n = a->n;
    b->n_pages = a->n_pages;
    if (kv->state_bytes) memcpy(hw3i_kv_at(kv, to), hw3i_kv_at(kv, from), (size_t)kv->state_bytes);
}

/* The largest number of a form, and its name; 127 rounded scales of 8-bit integers shall be finite. */
static const struct {
    double max;
    const char *name;
} forms[] = { { DBL_MAX, NULL }, { HW3I_HALF_MAX, "f16" }, { HW3I_BRAIN_MAX, "bf16" }, { 0x1.FCp+127, "int8" } };

#define OPS_TMPL "nn/kvcache_tmpl.c"
#include "graph/ops_both.h"

void hw3i_kv_read(const hw3i_kv *kv, int64_t sequence, int64_t layer, void *k, void *v)
{
    if (kv->dtype == HW3_F32) read_f32(kv, sequence, layer, k, v);
    else read_f64(kv, sequence, layer, k, v);
}

hw3_status hw3i_kv_write(const hw3i_state *s, int64_t layer, const void *k, const void *v)
{
    return s->kv->dtype == HW3_F32 ? write_f32(s, layer, k, v) : write_f64(s, layer, k, v);
}

/* 0, or the status of what is wrong with an operand [B, T, heads, d]; grouped: or a multiple of heads. */
static hw3_var check(const hw3i_state *s, hw3_graph *g, hw3_var var, const char *name, bool grouped, int64_t heads, int64_t d)
{
    const hw3i_node *x = hw3i_node_of(g, var);
    if (!x && var < 0 && var != HW3_NONE) return var;
    if (!x) return hw3i_graph_fail(g, HW3_ERR_ARG, "cache: %s is %d, no value", name, (int)var);
    if (x->dtype != s->kv->dtype)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "cache: %s is %s but the cache %s", name, hw3i_dtype_name(x->dtype),
                               hw3i_dtype_name(s->kv->dtype));
    const bool fits = x->n_dims == 4 && x->shape[0] == s->B && x->shape[1] == s->T && x->shape[2] % heads == 0 &&
                      x->shape[3] == d;
    if (fits && (grouped || x->shape[2] == heads)) return 0;
    return hw3i_graph_fail(g, HW3_ERR_SHAPE, "cache: %s is %s, must be [%lld, %lld, %lld, %lld]", name,
                           hw3i_shape_text((char[128]){ 0 }, x->n_dims, x->shape), (long long)s->B, (long long)s->T,
                           (long long)heads, (long long)d);
}

hw3_var hw3i_kv_attend(const hw3i_state *s, hw3_graph *g, int64_t layer, hw3_var q, hw3_var k, hw3_var v,
                       const hw3i_attention_opts *o)
{
    const hw3i_kv *kv = s->kv;
    if (g->training) return hw3i_graph_fail(g, HW3_ERR_STATE, "cache: training is on");
    hw3_var bad = check(s, g, q, "q", true, kv->n_heads, kv->D);
    if (!bad) bad = check(s, g, k, "k", false, kv->n_heads, kv->D);
    if (!bad && kv->nv) bad = check(s, g, v, "v", false, kv->n_heads, kv->Dv);
    if (bad) return bad;
    return kv->dtype == HW3_F32 ? attend_f32(s, g, layer, q, k, v, o) : attend_f64(s, g, layer, q, k, v, o);
}
