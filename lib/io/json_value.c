/* SPDX-License-Identifier: MIT */
#include "io/json_value.h"
#include "io/file.h"
#include <stdlib.h>

#define MAX_DEPTH 64
#define MAX_BYTES 100000000
#define MAX_INT 9007199254740992.0 /* 2^53: beyond it not every whole number is a double */

/* The index of a new value; a failure ends the walk. */
static int64_t push(hw3i_json_doc *doc, hw3i_json *j, const char *key, int depth)
{
    if (depth > MAX_DEPTH) hw3i_json_fail(j, "nested too deep");
    if (!j->status) j->status = hw3i_grow(doc->ctx, &doc->values, &doc->cap, doc->n + 1, sizeof *doc->values);
    if (j->status) return -1;
    doc->values[doc->n] = (hw3i_json_value){ .key = key, .string = "", .kind = HW3I_JSON_NULL };
    return doc->n++;
}

static void read_value(hw3i_json_doc *doc, hw3i_json *j, const char *key, int depth)
{
    const int64_t at = push(doc, j, key, depth);
    if (at < 0) return;
    hw3i_json_value v = doc->values[at];
    const char first = hw3i_json_next(j);
    if (first == '{') {
        v.kind = HW3I_JSON_OBJECT;
        for (bool more = hw3i_json_open(j, '{'); more && !j->status; more = hw3i_json_more(j, '}'), v.n++) {
            const char *inner = hw3i_json_key(j);
            read_value(doc, j, inner, depth + 1);
        }
    } else if (first == '[') {
        v.kind = HW3I_JSON_LIST;
        for (bool more = hw3i_json_open(j, '['); more && !j->status; more = hw3i_json_more(j, ']'), v.n++)
            read_value(doc, j, NULL, depth + 1);
    } else if (first == '"') {
        v.kind = HW3I_JSON_STRING;
        v.string = hw3i_json_string(j);
    } else if (first == 't' || first == 'f') {
        v.kind = HW3I_JSON_BOOL;
        v.number = hw3i_json_word(j, first == 't' ? "true" : "false") && first == 't';
    } else if (first == 'n') {
        hw3i_json_word(j, "null");
    } else {
        v.kind = HW3I_JSON_NUMBER;
        v.number = hw3i_json_number(j);
    }
    v.size = doc->n - at;
    doc->values[at] = v;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static hw3_status check_once(hw3i_json_doc *doc)
{
    const char **keys = hw3i_alloc(doc->ctx, doc->n, sizeof *keys);
    hw3_status s = keys ? HW3_OK : HW3_ERR_NOMEM;
    for (const hw3i_json_value *v = doc->values; v < doc->values + doc->n && !s; v++) {
        if (v->kind != HW3I_JSON_OBJECT || v->n < 2) continue;
        const hw3i_json_value *e = v + 1;
        for (int64_t i = 0; i < v->n; i++, e += e->size) keys[i] = e->key;
        qsort(keys, (size_t)v->n, sizeof *keys, by_text);
        for (int64_t i = 1; i < v->n && !s; i++)
            if (!strcmp(keys[i - 1], keys[i]))
                s = hw3i_fail(doc->ctx, HW3_ERR_FORMAT, "%.200s: %.100s is there twice", doc->name, keys[i]);
    }
    hw3i_free(doc->ctx, keys);
    return s;
}

hw3_status hw3i_json_parse(hw3i_json_doc *doc, hw3_ctx *ctx, const char *name, char *text, int64_t n)
{
    *doc = (hw3i_json_doc){ .ctx = ctx, .text = text, .name = hw3i_strdup(ctx, name) };
    doc->status = doc->name ? HW3_OK : HW3_ERR_NOMEM;
    if (!doc->status) {
        hw3i_json j;
        hw3i_json_begin(&j, ctx, doc->name, text, n);
        if (hw3i_json_next(&j) != '{') hw3i_json_fail(&j, "'{' is needed");
        read_value(doc, &j, NULL, 0);
        doc->status = hw3i_json_end(&j);
    }
    if (!doc->status) doc->status = check_once(doc);
    hw3_status s = doc->status;
    if (s) hw3i_json_doc_free(doc);
    return s;
}

hw3_status hw3i_json_load(hw3i_json_doc *doc, hw3_ctx *ctx, const char *path)
{
    char *text;
    int64_t n;
    *doc = (hw3i_json_doc){ .ctx = ctx };
    hw3_status s = hw3i_file_read(ctx, path, MAX_BYTES, &text, &n);
    return s ? s : hw3i_json_parse(doc, ctx, path, text, n);
}

void hw3i_json_doc_free(hw3i_json_doc *doc)
{
    hw3i_free(doc->ctx, doc->name);
    hw3i_free(doc->ctx, doc->text);
    hw3i_free(doc->ctx, doc->values);
    *doc = (hw3i_json_doc){ .ctx = doc->ctx };
}

const hw3i_json_value *hw3i_json_find(const hw3i_json_value *object, const char *key)
{
    const hw3i_json_value *e = object + 1;
    for (int64_t i = 0; i < object->n && object->kind == HW3I_JSON_OBJECT; i++, e += e->size)
        if (!strcmp(e->key, key)) return e->kind == HW3I_JSON_NULL ? NULL : e;
    return NULL;
}

/* The key with that of its object before it. */
#define PATH_FORMAT "%.100s%s%.100s"
#define PATH(object, key) (object)->key ? (object)->key : "", (object)->key ? "." : "", key

void hw3i_json_need(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key)
{
    if (!doc->status && !hw3i_json_find(object, key))
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_FORMAT, "%.200s: there is no " PATH_FORMAT, doc->name, PATH(object, key));
}

void hw3i_json_refuse(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, const char *what)
{
    if (!doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_FORMAT, "%.200s: " PATH_FORMAT " %.200s", doc->name, PATH(object, key), what);
}

/* The value of a key when it is of this kind; NULL when there is none. */
static const hw3i_json_value *get(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, int32_t kind)
{
    static const char *const a[] = { "null", "true or false", "a number", "a text", "a list", "an object" };
    const hw3i_json_value *v = hw3i_json_find(object, key);
    if (!v || v->kind == kind) return v;
    if (!doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_FORMAT, "%.200s: " PATH_FORMAT " is %s, but %s is needed", doc->name,
                                PATH(object, key), a[v->kind], a[kind]);
    return NULL;
}

int64_t hw3i_json_get_int(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, int64_t otherwise)
{
    const hw3i_json_value *v = get(doc, object, key, HW3I_JSON_NUMBER);
    if (v && v->number >= -MAX_INT && v->number <= MAX_INT && v->number == (double)(int64_t)v->number) return (int64_t)v->number;
    if (v && !doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_FORMAT, "%.200s: " PATH_FORMAT " is %.17g, but a whole number is needed",
                                doc->name, PATH(object, key), v->number);
    return otherwise;
}

double hw3i_json_get_number(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, double otherwise)
{
    const hw3i_json_value *v = get(doc, object, key, HW3I_JSON_NUMBER);
    return v ? v->number : otherwise;
}

bool hw3i_json_get_bool(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, bool otherwise)
{
    const hw3i_json_value *v = get(doc, object, key, HW3I_JSON_BOOL);
    return v ? v->number != 0 : otherwise;
}

const char *hw3i_json_get_string(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, const char *otherwise)
{
    const hw3i_json_value *v = get(doc, object, key, HW3I_JSON_STRING);
    return v ? v->string : otherwise;
}

const hw3i_json_value *hw3i_json_get_list(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key)
{
    return get(doc, object, key, HW3I_JSON_LIST);
}

const hw3i_json_value *hw3i_json_get_object(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key)
{
    return get(doc, object, key, HW3I_JSON_OBJECT);
}

void hw3i_json_put_value(hw3i_json_out *o, const hw3i_json_value *v)
{
    static const char *const open[] = { "[", "{" }, *const close[] = { "]", "}" };
    const bool object = v->kind == HW3I_JSON_OBJECT;
    if (v->kind == HW3I_JSON_STRING) hw3i_json_put_string(o, v->string);
    else if (v->kind == HW3I_JSON_NUMBER) hw3i_json_put_number(o, v->number);
    else if (v->kind < HW3I_JSON_NUMBER) hw3i_json_put_text(o, v->kind == HW3I_JSON_NULL ? "null" : v->number != 0 ? "true" : "false");
    else {
        const hw3i_json_value *e = v + 1;
        hw3i_json_put_text(o, open[object]);
        for (int64_t i = 0; i < v->n; i++, e += e->size) {
            if (i) hw3i_json_put_text(o, ",");
            if (object) hw3i_json_put_string(o, e->key), hw3i_json_put_text(o, ":");
            hw3i_json_put_value(o, e);
        }
        hw3i_json_put_text(o, close[object]);
    }
}
