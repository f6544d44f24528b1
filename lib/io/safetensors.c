/* SPDX-License-Identifier: MIT */
/* The object and its writing; safetensors_parse.c reads a file, safetensors_read.c what is in it. */
#include "io/safetensors.h"
#include "base/text.h"
#include "io/json.h"
#include "io/safetensors_inner.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const hw3i_st_type hw3i_st_types[] = {
    { "F64", HW3_F64, 8, true }, { "I64", HW3_I64, 8, false }, { "U64", 0, 8, false },     { "F32", HW3_F32, 4, true },
    { "I32", 0, 4, false },      { "U32", 0, 4, false },       { "F16", 0, 2, true },      { "BF16", 0, 2, true },
    { "I16", 0, 2, false },      { "U16", 0, 2, false },       { "I8", 0, 1, false },      { "U8", 0, 1, false },
    { "BOOL", 0, 1, false },     { "F8_E4M3", 0, 1, false },   { "F8_E5M2", 0, 1, false }, { NULL, 0, 0, false },
};

static const hw3i_st_type *type_of(hw3_dtype dtype)
{
    const hw3i_st_type *t = hw3i_st_types;
    while (t->name && (!dtype || t->dtype != dtype)) t++;
    return t;
}

int64_t hw3i_st_size(int64_t element, int32_t n_dims, const int64_t *shape)
{
    int64_t n = element;
    bool empty = false;
    for (int32_t i = 0; i < n_dims; i++) {
        if (shape[i] < 0) return -1;
        empty |= shape[i] == 0;
    }
    for (int32_t i = 0; i < n_dims && !empty; i++) {
        if (n > INT64_MAX / shape[i]) return -1;
        n *= shape[i];
    }
    return empty ? 0 : n;
}

static bool is_utf8(const char *text) { return hw3i_is_utf8(text, (int64_t)strlen(text)); }

void hw3i_st_init(hw3i_st *st, hw3_ctx *ctx) { *st = (hw3i_st){ .ctx = ctx }; }

void hw3i_st_free(hw3i_st *st)
{
    for (int64_t i = 0; i < st->n; i++) hw3i_free(st->ctx, st->entries[i].name);
    for (int64_t i = 0; i < st->n_texts; i++) {
        hw3i_free(st->ctx, st->texts[i].key);
        hw3i_free(st->ctx, st->texts[i].value);
    }
    hw3i_free(st->ctx, st->entries);
    hw3i_free(st->ctx, st->texts);
    hw3i_free(st->ctx, st->path);
    hw3i_free(st->ctx, st->aligned);
    hw3i_bytes_free(st->ctx, &st->bytes);
    hw3i_st_init(st, st->ctx);
}

const hw3i_st_entry *hw3i_st_find(const hw3i_st *st, const char *name)
{
    for (int64_t i = 0; i < st->n; i++)
        if (!strcmp(st->entries[i].name, name)) return &st->entries[i];
    return NULL;
}

const char *hw3i_st_get(const hw3i_st *st, const char *key)
{
    for (int64_t i = 0; i < st->n_texts; i++)
        if (!strcmp(st->texts[i].key, key)) return st->texts[i].value;
    return NULL;
}

hw3_status hw3i_st_push(hw3i_st *st, const hw3i_st_entry *entry)
{
    if (hw3i_grow(st->ctx, &st->entries, &st->cap, st->n + 1, sizeof *st->entries)) return HW3_ERR_NOMEM;
    char *name = hw3i_strdup(st->ctx, entry->name);
    if (!name) return HW3_ERR_NOMEM;
    st->entries[st->n] = *entry;
    st->entries[st->n++].name = name;
    return HW3_OK;
}

hw3_status hw3i_st_push_text(hw3i_st *st, const char *key, const char *value)
{
    if (hw3i_grow(st->ctx, &st->texts, &st->cap_texts, st->n_texts + 1, sizeof *st->texts)) return HW3_ERR_NOMEM;
    hw3i_st_text t = { hw3i_strdup(st->ctx, key), hw3i_strdup(st->ctx, value) };
    if (!t.key || !t.value) {
        hw3i_free(st->ctx, t.key);
        hw3i_free(st->ctx, t.value);
        return HW3_ERR_NOMEM;
    }
    st->texts[st->n_texts++] = t;
    return HW3_OK;
}

hw3_status hw3i_st_add(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const void *data)
{
    const hw3i_st_type *type = type_of(dtype);
    if (!type->name) return hw3i_fail(st->ctx, HW3_ERR_DTYPE, "safetensors: %.200s: %d is no element type", name, (int)dtype);
    if (n_dims < 0 || n_dims > HW3_MAX_DIMS)
        return hw3i_fail(st->ctx, HW3_ERR_SHAPE, "safetensors: %.200s: %d dimensions, at most %d", name, (int)n_dims,
                         HW3_MAX_DIMS);
    if (!is_utf8(name))
        return hw3i_fail(st->ctx, HW3_ERR_NAME, "safetensors: tensor %lld has a name that is not UTF-8", (long long)st->n);
    if (!strcmp(name, HW3I_ST_META) || hw3i_st_find(st, name))
        return hw3i_fail(st->ctx, HW3_ERR_NAME, "safetensors: %.200s is already used", name);
    hw3i_st_entry e = { .name = (char *)name, .type = type, .n_dims = n_dims, .data = data };
    for (int32_t i = 0; i < n_dims; i++) e.shape[i] = shape[i];
    e.n_bytes = hw3i_st_size(type->size, n_dims, shape);
    if (e.n_bytes < 0)
        return hw3i_fail(st->ctx, HW3_ERR_SHAPE, "safetensors: %.200s: a shape of that size is not possible", name);
    return hw3i_st_push(st, &e);
}

hw3_status hw3i_st_add_finite(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const void *data)
{
    hw3_status s = hw3i_st_add(st, name, dtype, n_dims, shape, data);
    const int64_t n = s ? 0 : hw3i_st_size(1, n_dims, shape);
    for (int64_t i = 0; i < n && !s; i++) {
        double x = dtype == HW3_F32 ? ((const float *)data)[i] : ((const double *)data)[i];
        if (!isfinite(x)) s = hw3i_fail(st->ctx, HW3_ERR_VALUE, "safetensors: %.200s[%lld] is %g and not saved", name, (long long)i, x);
    }
    return s;
}

hw3_status hw3i_st_set(hw3i_st *st, const char *key, const char *value)
{
    if (!is_utf8(key) || !is_utf8(value))
        return hw3i_fail(st->ctx, HW3_ERR_NAME, "safetensors: text %lld is not UTF-8", (long long)st->n_texts);
    if (hw3i_st_get(st, key)) return hw3i_fail(st->ctx, HW3_ERR_NAME, "safetensors: text %.200s is already there", key);
    return hw3i_st_push_text(st, key, value);
}

hw3_status hw3i_st_set_int(hw3i_st *st, const char *key, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return hw3i_st_set(st, key, text);
}

hw3_status hw3i_st_set_kind(hw3i_st *st, const char *kind, int64_t version)
{
    hw3_status s = hw3i_st_set(st, "kind", kind);
    return s ? s : hw3i_st_set_int(st, "version", version);
}

/* Wide elements first, so that every tensor is aligned in the file; then by name. */
static int by_width_and_name(const void *a, const void *b)
{
    const hw3i_st_entry *x = *(const hw3i_st_entry *const *)a, *y = *(const hw3i_st_entry *const *)b;
    int64_t wx = x->type->size, wy = y->type->size;
    return wx != wy ? (wx < wy ? 1 : -1) : strcmp(x->name, y->name);
}

static void put_entry(hw3i_json_out *o, const hw3i_st_entry *e, int64_t begin)
{
    hw3i_json_put_string(o, e->name);
    hw3i_json_put_text(o, ":{\"dtype\":");
    hw3i_json_put_string(o, e->type->name);
    hw3i_json_put_text(o, ",\"shape\":[");
    for (int32_t i = 0; i < e->n_dims; i++) {
        if (i) hw3i_json_put_text(o, ",");
        hw3i_json_put_int(o, e->shape[i]);
    }
    hw3i_json_put_text(o, "],\"data_offsets\":[");
    hw3i_json_put_int(o, begin);
    hw3i_json_put_text(o, ",");
    hw3i_json_put_int(o, begin + e->n_bytes);
    hw3i_json_put_text(o, "]}");
}

static void put_texts(hw3i_json_out *o, const hw3i_st *st)
{
    hw3i_json_put_text(o, "\"" HW3I_ST_META "\":{");
    for (int64_t i = 0; i < st->n_texts; i++) {
        if (i) hw3i_json_put_text(o, ",");
        hw3i_json_put_string(o, st->texts[i].key);
        hw3i_json_put_text(o, ":");
        hw3i_json_put_string(o, st->texts[i].value);
    }
    hw3i_json_put_text(o, "}");
}

/* Eight bytes of length, the text, and spaces up to a multiple of 8. o->text is there also on failure. */
static hw3_status put_header(hw3i_json_out *o, const hw3i_st *st, hw3i_st_entry *const *order)
{
    int64_t begin = 0;
    hw3i_json_put(o, "        ", 8);
    hw3i_json_put_text(o, "{");
    if (st->n_texts) put_texts(o, st);
    for (int64_t i = 0; i < st->n; i++) {
        if (i || st->n_texts) hw3i_json_put_text(o, ",");
        put_entry(o, order[i], begin);
        begin += order[i]->n_bytes;
    }
    hw3i_json_put_text(o, "}");
    hw3i_json_put(o, "       ", (8 - o->n % 8) % 8);
    int64_t n = o->n - 8;
    if (o->status) return o->status;
    if (n > HW3I_ST_MAX_HEADER)
        return hw3i_fail(st->ctx, HW3_ERR_UNSUPPORTED, "safetensors: a header of %lld bytes, at most %d are allowed",
                         (long long)n, HW3I_ST_MAX_HEADER);
    memcpy(o->text, &n, 8);
    return HW3_OK;
}

static hw3_status save_in_order(const hw3i_st *st, const char *path, hw3i_st_entry **order, hw3i_piece *pieces)
{
    int64_t total = 0;
    for (int64_t i = 0; i < st->n; i++) {
        order[i] = &st->entries[i];
        if (order[i]->n_bytes > INT64_MAX / 2 - total)
            return hw3i_fail(st->ctx, HW3_ERR_SHAPE, "safetensors: more bytes than a file can hold");
        total += order[i]->n_bytes;
    }
    qsort(order, (size_t)st->n, sizeof *order, by_width_and_name);
    hw3i_json_out header = { .ctx = st->ctx };
    hw3_status s = put_header(&header, st, order);
    pieces[0] = (hw3i_piece){ header.text, header.n };
    for (int64_t i = 0; i < st->n; i++) pieces[i + 1] = (hw3i_piece){ order[i]->data, order[i]->n_bytes };
    if (!s) s = hw3i_file_save(st->ctx, path, pieces, st->n + 1);
    hw3i_free(st->ctx, header.text);
    return s;
}

hw3_status hw3i_st_save(const hw3i_st *st, const char *path)
{
    hw3i_st_entry **order = hw3i_alloc(st->ctx, st->n, sizeof *order);
    hw3i_piece *pieces = hw3i_alloc(st->ctx, st->n + 1, sizeof *pieces);
    hw3_status s = order && pieces ? save_in_order(st, path, order, pieces) : HW3_ERR_NOMEM;
    hw3i_free(st->ctx, order);
    hw3i_free(st->ctx, pieces);
    return s;
}
