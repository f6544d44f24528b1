/* SPDX-License-Identifier: MIT */
#include "io/json.h"
#include "io/safetensors_inner.h"
#include <stdlib.h>

#define FORMAT(st, fmt, ...) hw3i_fail((st)->ctx, HW3_ERR_FORMAT, "%.200s: " fmt, (st)->path, __VA_ARGS__)

/* A list of whole numbers; out receives the first ones. Returns how many there are. */
static int64_t read_list(hw3i_json *j, int64_t *out, int64_t room)
{
    int64_t n = 0;
    for (bool more = hw3i_json_open(j, '['); more; more = hw3i_json_more(j, ']'), n++) {
        int64_t value = hw3i_json_int(j);
        if (n < room) out[n] = value;
    }
    return n;
}

/* What the header says of a tensor; -1 where it says nothing. */
typedef struct said {
    const char *dtype;
    int64_t n_dims, n_offsets, offsets[2];
} said;

static said read_said(hw3i_json *j, hw3i_st_entry *e)
{
    said x = { .n_dims = -1, .n_offsets = -1 };
    for (bool more = hw3i_json_open(j, '{'); more; more = hw3i_json_more(j, '}')) {
        const char *key = hw3i_json_key(j);
        if (!strcmp(key, "dtype") && !x.dtype) x.dtype = hw3i_json_string(j);
        else if (!strcmp(key, "shape") && x.n_dims < 0) x.n_dims = read_list(j, e->shape, HW3_MAX_DIMS);
        else if (!strcmp(key, "data_offsets") && x.n_offsets < 0) x.n_offsets = read_list(j, x.offsets, 2);
        else hw3i_json_fail(j, "a tensor has dtype, shape and data_offsets, each once");
    }
    if (!x.dtype || x.n_dims < 0 || x.n_offsets != 2) hw3i_json_fail(j, "a tensor needs dtype, shape and two data_offsets");
    return x;
}

static hw3_status read_entry(hw3i_st *st, hw3i_json *j, const char *data, int64_t n_data, hw3i_st_entry *e)
{
    said x = read_said(j, e);
    if (j->status) return j->status;
    const int64_t from = x.offsets[0], to = x.offsets[1];
    const hw3i_st_type *type = hw3i_st_types;
    while (type->name && strcmp(type->name, x.dtype)) type++;
    if (!type->name)
        return hw3i_fail(st->ctx, HW3_ERR_UNSUPPORTED, "%.200s: tensor %.100s has the unknown element type %.16s", st->path,
                         e->name, x.dtype);
    if (x.n_dims > HW3_MAX_DIMS)
        return hw3i_fail(st->ctx, HW3_ERR_UNSUPPORTED, "%.200s: tensor %.100s has %lld dimensions, at most %d are supported",
                         st->path, e->name, (long long)x.n_dims, HW3_MAX_DIMS);
    if (from < 0 || to < from || to > n_data)
        return FORMAT(st, "tensor %.100s: bytes %lld to %lld are outside the data of %lld bytes", e->name, (long long)from,
                      (long long)to, (long long)n_data);
    e->type = type;
    e->n_dims = (int32_t)x.n_dims;
    e->n_bytes = hw3i_st_size(type->size, e->n_dims, e->shape);
    e->data = data + from;
    if (e->n_bytes != to - from)
        return FORMAT(st, "tensor %.100s: its shape does not fill bytes %lld to %lld", e->name, (long long)from, (long long)to);
    return HW3_OK;
}

static hw3_status read_texts(hw3i_st *st, hw3i_json *j)
{
    for (bool more = hw3i_json_open(j, '{'); more; more = hw3i_json_more(j, '}')) {
        const char *key = hw3i_json_key(j), *value = hw3i_json_string(j);
        hw3_status s = j->status ? j->status : hw3i_st_push_text(st, key, value);
        if (s) return s;
    }
    return j->status;
}

static hw3_status read_header(hw3i_st *st, hw3i_json *j, const char *data, int64_t n_data)
{
    bool has_texts = false;
    for (bool more = hw3i_json_open(j, '{'); more; more = hw3i_json_more(j, '}')) {
        hw3_status s;
        hw3i_st_entry e = { .name = (char *)hw3i_json_key(j) };
        if (strcmp(e.name, HW3I_ST_META)) {
            s = read_entry(st, j, data, n_data, &e);
            if (!s) s = hw3i_st_push(st, &e);
        } else {
            s = has_texts ? hw3i_json_fail(j, "a second " HW3I_ST_META) : read_texts(st, j);
            has_texts = true;
        }
        if (s) return s;
    }
    return hw3i_json_end(j);
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static hw3_status check_once(hw3i_st *st, const char **names, int64_t n)
{
    if (n > 1) qsort(names, (size_t)n, sizeof *names, by_text);
    for (int64_t i = 1; i < n; i++)
        if (!strcmp(names[i - 1], names[i])) return FORMAT(st, "%.100s is there twice", names[i]);
    return HW3_OK;
}

static hw3_status check_names(hw3i_st *st)
{
    const char **names = hw3i_alloc(st->ctx, hw3i_max(st->n, st->n_texts), sizeof *names);
    if (!names) return HW3_ERR_NOMEM;
    for (int64_t i = 0; i < st->n; i++) names[i] = st->entries[i].name;
    hw3_status s = check_once(st, names, st->n);
    for (int64_t i = 0; i < st->n_texts; i++) names[i] = st->texts[i].key;
    if (!s) s = check_once(st, names, st->n_texts);
    hw3i_free(st->ctx, names);
    return s;
}

static int by_place(const void *a, const void *b)
{
    const hw3i_st_entry *x = a, *y = b;
    const char *p = x->data, *q = y->data;
    if (p != q) return p < q ? -1 : 1;
    return (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
}

/* Every byte of the data belongs to one tensor. */
static hw3_status check_cover(hw3i_st *st, const char *data, int64_t n_data)
{
    if (st->n > 1) qsort(st->entries, (size_t)st->n, sizeof *st->entries, by_place);
    int64_t end = 0;
    for (int64_t i = 0; i < st->n; i++) {
        int64_t begin = (const char *)st->entries[i].data - data;
        if (begin != end)
            return FORMAT(st, "tensor %.100s begins at byte %lld, but the one before ends at %lld", st->entries[i].name,
                          (long long)begin, (long long)end);
        end += st->entries[i].n_bytes;
    }
    if (end != n_data)
        return FORMAT(st, "the tensors end at byte %lld, but the data has %lld bytes", (long long)end, (long long)n_data);
    return HW3_OK;
}

/* The format does not promise alignment; a tensor without it is copied, to a multiple of 8. */
static hw3_status align(hw3i_st *st)
{
    int64_t total = 0;
    for (int pass = 0; pass < 2; pass++) {
        char *p = st->aligned;
        for (int64_t i = 0; i < st->n; i++) {
            hw3i_st_entry *e = &st->entries[i];
            const int64_t room = hw3i_ceil(e->n_bytes, 8) * 8;
            if ((uintptr_t)e->data % (uintptr_t)e->type->size == 0) continue;
            total += room;
            if (pass == 0) continue;
            memcpy(p, e->data, (size_t)e->n_bytes);
            e->data = p;
            p += room;
        }
        if (total == 0) return HW3_OK;
        if (pass == 0) st->aligned = hw3i_alloc(st->ctx, total, 1);
        if (!st->aligned) return HW3_ERR_NOMEM;
    }
    return HW3_OK;
}

/* head: the first bytes of the file, up to the data, to be decoded in place. */
static hw3_status parse_head(hw3i_st *st, char *head, int64_t n_head)
{
    hw3i_json j;
    hw3i_json_begin(&j, st->ctx, st->path, head + 8, n_head - 8);
    j.text = head; /* from where a message counts */
    const char *data = (const char *)st->bytes.data + n_head;
    const int64_t n_data = st->bytes.n - n_head;
    hw3_status s = read_header(st, &j, data, n_data);
    if (!s) s = check_names(st);
    if (!s) s = check_cover(st, data, n_data);
    return s ? s : align(st);
}

static hw3_status parse(hw3i_st *st)
{
    const char *bytes = st->bytes.data;
    const int64_t n_bytes = st->bytes.n;
    uint64_t n_header;
    if (n_bytes < 8) return FORMAT(st, "%lld bytes are too few for a safetensors file", (long long)n_bytes);
    memcpy(&n_header, bytes, 8);
    if (n_header > HW3I_ST_MAX_HEADER)
        return FORMAT(st, "a header of %llu bytes, at most %d are allowed", (unsigned long long)n_header, HW3I_ST_MAX_HEADER);
    if ((int64_t)n_header > n_bytes - 8)
        return FORMAT(st, "a header of %llu bytes, but the file has %lld", (unsigned long long)n_header, (long long)n_bytes);
    if (n_header == 0 || bytes[8] != '{') return FORMAT(st, "the header begins with no %c", '{');
    const int64_t n_head = 8 + (int64_t)n_header;
    char *head = hw3i_alloc(st->ctx, n_head, 1);
    if (!head) return HW3_ERR_NOMEM;
    memcpy(head, bytes, (size_t)n_head);
    hw3_status s = parse_head(st, head, n_head);
    hw3i_free(st->ctx, head);
    return s;
}

static hw3_status parse_bytes(hw3i_st *st, hw3_ctx *ctx, const char *path, hw3i_bytes bytes)
{
    hw3i_st_init(st, ctx);
    st->bytes = bytes;
    st->path = hw3i_strdup(ctx, path);
    hw3_status s = st->path ? parse(st) : HW3_ERR_NOMEM;
    if (s) hw3i_st_free(st);
    return s;
}

hw3_status hw3i_st_parse(hw3i_st *st, hw3_ctx *ctx, const char *path, char *bytes, int64_t n_bytes)
{
    return parse_bytes(st, ctx, path, (hw3i_bytes){ bytes, n_bytes, false });
}

hw3_status hw3i_st_load(hw3i_st *st, hw3_ctx *ctx, const char *path)
{
    char *bytes;
    int64_t n_bytes;
    hw3i_st_init(st, ctx);
    hw3_status s = hw3i_file_read(ctx, path, INT64_MAX - 1, &bytes, &n_bytes);
    return s ? s : hw3i_st_parse(st, ctx, path, bytes, n_bytes);
}

hw3_status hw3i_st_open(hw3i_st *st, hw3_ctx *ctx, const char *path)
{
    hw3i_bytes bytes;
    hw3i_st_init(st, ctx);
    hw3_status s = hw3i_file_map(ctx, path, &bytes);
    return s ? s : parse_bytes(st, ctx, path, bytes);
}
