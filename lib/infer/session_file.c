/* SPDX-License-Identifier: MIT */
/* Sessions to and from files: of each sequence that is not empty the tokens, the logits behind the last, and the keys and values
 * of every layer as rows. What sequences share is written for each. */
#include "infer/session.h"
#include "io/safetensors.h"
#include <stdio.h>

#define KIND "hw3 session"

static const char *name_of(char name[64], int64_t sequence, const char *what, int64_t layer)
{
    if (layer < 0) snprintf(name, 64, "%lld.%s", (long long)sequence, what);
    else snprintf(name, 64, "%lld.%s.%lld", (long long)sequence, what, (long long)layer);
    return name;
}

/* Rows of n keys, and of values where they are kept. */
typedef struct rows {
    int n;
    const char *names[2];
    int64_t d[2];
    void *data[2];
} rows;

static hw3_status take_rows(const hw3_session *s, const hw3i_kv *kv, int64_t n, rows *r)
{
    *r = (rows){ .n = kv->nv ? 2 : 1, .names = { "k", "v" }, .d = { kv->D, kv->Dv } };
    for (int i = 0; i < r->n; i++) {
        r->data[i] = hw3i_arena_alloc(&s->graph->arena, n * kv->n_heads * r->d[i], hw3i_dtype_size(kv->dtype));
        if (!r->data[i]) return HW3_ERR_NOMEM;
    }
    return HW3_OK;
}

static hw3_status add_layer(const hw3_session *s, hw3i_st *st, int64_t sequence, int64_t layer)
{
    const hw3i_kv *kv = s->kv;
    const int64_t n = hw3i_session_n(s, sequence);
    char name[64];
    rows r;
    hw3_status status = take_rows(s, kv, n, &r);
    if (!status) hw3i_kv_read(kv, sequence, layer, r.data[0], r.data[1]);
    for (int i = 0; i < r.n && !status; i++)
        status = hw3i_st_add(st, name_of(name, sequence, r.names[i], layer), kv->dtype, 3, (int64_t[]){ n, kv->n_heads, r.d[i] },
                             r.data[i]);
    return status;
}

/* Numbers of the state of recurrent layers. */
static int64_t state_of(const hw3_session *s) { return s->kv->state_bytes / hw3i_dtype_size(s->model->config.dtype); }

static hw3_status add_sequence(const hw3_session *s, hw3i_st *st, int64_t i)
{
    const int64_t n = hw3i_session_n(s, i);
    char name[64];
    if (!n) return HW3_OK;
    hw3_status status = hw3i_st_add(st, name_of(name, i, "tokens", -1), HW3_I64, 1, &n, s->tokens + i * s->n_ctx);
    if (!status && s->has_logits[i])
        status = hw3i_st_add(st, name_of(name, i, "logits", -1), HW3_F32, 1, &s->n_vocab, s->logits + i * s->n_vocab);
    if (!status && s->n_dropped[i])
        status = hw3i_st_add(st, name_of(name, i, "dropped", -1), HW3_I64, 1, (int64_t[]){ 1 }, s->n_dropped + i);
    const int64_t n_state = state_of(s);
    if (!status && n_state)
        status = hw3i_st_add(st, name_of(name, i, "state", -1), s->model->config.dtype, 1, &n_state, hw3i_kv_at(s->kv, i));
    for (int64_t l = 0; l < s->kv->n_layers && !status; l++) status = add_layer(s, st, i, l);
    return status;
}

hw3_status hw3i_session_save(const hw3_session *s, const char *path)
{
    hw3i_st st;
    hw3i_st_init(&st, s->ctx);
    hw3i_graph_begin(s->graph);
    hw3_status status = hw3i_st_set_kind(&st, KIND, 1);
    if (!status) status = hw3i_st_set_int(&st, "n_sequences", s->n_sequences);
    for (int64_t i = 0; i < s->n_sequences && !status; i++) status = add_sequence(s, &st, i);
    if (!status) status = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    return status;
}

/* Tokens of sequence i of a file: 0 when it is empty, or a status. */
static int64_t n_of(const hw3_session *s, const hw3i_st *st, int64_t i)
{
    char name[64];
    const hw3i_st_entry *e = hw3i_st_find(st, name_of(name, i, "tokens", -1));
    if (!e) return 0;
    if (e->type->dtype != HW3_I64 || e->n_dims != 1 || e->shape[0] < 1)
        return hw3i_fail(s->ctx, HW3_ERR_MISMATCH, "%.200s: %s is no list of tokens", st->path, name);
    if (e->shape[0] > s->n_ctx)
        return hw3i_fail(s->ctx, HW3_ERR_MISMATCH, "%.200s: sequence %lld has %lld tokens, but there is room for %lld", st->path,
                         (long long)i, (long long)e->shape[0], (long long)s->n_ctx);
    for (int64_t t = 0; t < e->shape[0]; t++) {
        const int64_t token = ((const int64_t *)e->data)[t];
        if (token < 0 || token >= s->n_vocab)
            return hw3i_fail(s->ctx, HW3_ERR_MISMATCH, "%.200s: token %lld of sequence %lld is %lld, must be 0 to %lld", st->path,
                             (long long)t, (long long)i, (long long)token, (long long)s->n_vocab - 1);
    }
    return e->shape[0];
}

/* Tokens that slid out of sequence i of a file before those in it, or a status. */
static int64_t dropped_of(const hw3_session *s, const hw3i_st *st, int64_t i)
{
    char name[64];
    int64_t n = 0;
    if (!hw3i_st_find(st, name_of(name, i, "dropped", -1))) return 0;
    hw3_status status = hw3i_st_read(st, name, HW3_I64, 1, (int64_t[]){ 1 }, &n);
    if (status) return status;
    if (n >= 0 && n < INT64_MAX / 2) return n;
    return hw3i_fail(s->ctx, HW3_ERR_FORMAT, "%.200s: %s is %lld, must be 0 or more", st->path, name, (long long)n);
}

/* A tensor of the file into data; finite, or HW3_ERR_FORMAT. */
static hw3_status read_finite(const hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                              void *data)
{
    hw3_status status = hw3i_st_read(st, name, dtype, n_dims, shape, NULL);
    if (!status) status = hw3i_st_check_finite(st, name, dtype);
    return status ? status : hw3i_st_read(st, name, dtype, n_dims, shape, data);
}

/* Keys and values of sequence i of a file into the cache. */
static hw3_status read_sequence(const hw3_session *s, const hw3i_st *st, hw3i_kv *kv, int64_t i, int64_t n)
{
    const hw3i_state state = { kv, 1, n, &i };
    char name[64];
    rows r;
    hw3i_graph_begin(s->graph);
    hw3_status status = take_rows(s, kv, n, &r);
    if (!status) status = hw3i_kv_begin(&state);
    const int64_t n_state = state_of(s);
    if (!status && n_state)
        status = read_finite(st, name_of(name, i, "state", -1), s->model->config.dtype, 1, &n_state, hw3i_kv_next(kv, i));
    for (int64_t l = 0; l < kv->n_layers && !status; l++) {
        for (int p = 0; p < r.n && !status; p++)
            status = read_finite(st, name_of(name, i, r.names[p], l), kv->dtype, 3, (int64_t[]){ n, kv->n_heads, r.d[p] },
                                 r.data[p]);
        if (!status) status = hw3i_kv_write(&state, l, r.data[0], r.data[1]);
    }
    if (!status) hw3i_kv_commit(&state);
    if (!status && hw3i_st_find(st, name_of(name, i, "logits", -1))) {
        status = hw3i_st_read(st, name, HW3_F32, 1, &s->n_vocab, NULL);
        if (!status) status = hw3i_st_check_finite(st, name, HW3_F32);
    }
    return status;
}

/* What cannot fail any more: the file's tokens and logits. */
static hw3_status take_over(hw3_session *s, const hw3i_st *st, hw3i_kv *kv)
{
    hw3_status status = HW3_OK;
    char name[64];
    for (int64_t i = 0; i < s->n_sequences && !status; i++) {
        const int64_t n = kv->sequences[i].n;
        s->has_logits[i] = hw3i_st_find(st, name_of(name, i, "logits", -1)) != NULL && n;
        s->n_dropped[i] = n ? dropped_of(s, st, i) : 0;
        if (s->has_logits[i]) status = hw3i_st_read(st, name, HW3_F32, 1, &s->n_vocab, s->logits + i * s->n_vocab);
        if (n && !status) status = hw3i_st_read(st, name_of(name, i, "tokens", -1), HW3_I64, 1, &n, s->tokens + i * s->n_ctx);
    }
    hw3i_kv_destroy(s->kv);
    s->kv = kv;
    return status;
}

hw3_status hw3i_session_restore(hw3_session *s, const char *path)
{
    const hw3i_kv *old = s->kv;
    const hw3i_kv_sizes sizes = { old->dtype, old->form, old->n_layers, old->n_heads, old->D, old->Dv, s->n_ctx, old->n_sequences,
                                  s->n_tokens, .state_bytes = old->state_bytes, .values_in_keys = !old->nv };
    hw3i_st st;
    hw3i_kv *kv = NULL;
    int64_t n_sequences = 0;
    hw3_status status = hw3i_st_load(&st, s->ctx, path);
    if (!status) status = hw3i_st_check_kind(&st, KIND, 1);
    if (!status) status = hw3i_st_get_int(&st, "n_sequences", 1, 65536, &n_sequences);
    if (!status && n_sequences > s->n_sequences)
        status = hw3i_fail(s->ctx, HW3_ERR_MISMATCH, "%.200s: %lld sequences, but there is room for %lld", path,
                           (long long)n_sequences, (long long)s->n_sequences);
    if (!status) status = hw3i_kv_create(s->ctx, &sizes, &kv);
    for (int64_t i = 0; i < n_sequences && !status; i++) {
        const int64_t n = n_of(s, &st, i);
        const int64_t n_dropped = n < 0 ? n : dropped_of(s, &st, i);
        status = n_dropped < 0 ? (hw3_status)n_dropped : n ? read_sequence(s, &st, kv, i, n) : HW3_OK;
    }
    if (status) hw3i_kv_destroy(kv);
    else status = take_over(s, &st, kv);
    hw3i_st_free(&st);
    return status;
}
