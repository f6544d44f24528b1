/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "io/json_value.h"
#include <math.h>

/* Every value is asked for as every kind: at most one kind fits, and what does not is said once. */
static void ask(hw3i_json_doc *doc, const hw3i_json_value *object, const hw3i_json_value *e)
{
    const hw3i_json_value *found = hw3i_json_find(object, e->key);
    MUST(found == (e->kind == HW3I_JSON_NULL ? NULL : e));
    for (int kind = HW3I_JSON_BOOL; kind <= HW3I_JSON_OBJECT; kind++) {
        doc->status = HW3_OK;
        doc->ctx->error[0] = 0;
        if (kind == HW3I_JSON_BOOL) (void)hw3i_json_get_bool(doc, object, e->key, false);
        if (kind == HW3I_JSON_NUMBER) MUST(isfinite(hw3i_json_get_number(doc, object, e->key, 0)));
        if (kind == HW3I_JSON_STRING) MUST(strlen(hw3i_json_get_string(doc, object, e->key, "")) < 1 << 20);
        if (kind == HW3I_JSON_LIST) (void)hw3i_json_get_list(doc, object, e->key);
        if (kind == HW3I_JSON_OBJECT) (void)hw3i_json_get_object(doc, object, e->key);
        MUST(doc->status == (!found || e->kind == kind ? HW3_OK : HW3_ERR_FORMAT));
        MUST(!doc->status == !doc->ctx->error[0] && !strpbrk(doc->ctx->error, "\n\t\r"));
    }
    (void)hw3i_json_get_int(doc, object, e->key, 0);
}

/* config.json and every other text that is asked by key. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    hw3i_json_doc doc;
    char *text = hw3i_alloc(ctx, n_bytes, 1);
    MUST(text);
    if (n_bytes) memcpy(text, bytes, (size_t)n_bytes);
    ctx->error[0] = 0;
    hw3_status s = hw3i_json_parse(&doc, ctx, "f", text, n_bytes);
    MUST(!s || s == HW3_ERR_FORMAT);
    MUST(!s == !ctx->error[0] && !s == !!doc.values && !strpbrk(ctx->error, "\n\t\r"));
    if (s) return;
    MUST(doc.values->size == doc.n && doc.values->kind == HW3I_JSON_OBJECT);
    for (const hw3i_json_value *v = doc.values; v < doc.values + doc.n; v++) {
        const hw3i_json_value *e = v + 1;
        for (int64_t i = 0; i < v->n; i++, e += e->size) {
            MUST(e < v + v->size && !e->key == (v->kind == HW3I_JSON_LIST));
            if (e->key && doc.n < 200) ask(&doc, v, e);
        }
        MUST(e == v + v->size);
    }
    hw3i_json_doc_free(&doc);
}
