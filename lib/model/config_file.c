/* SPDX-License-Identifier: MIT */
/* config.json of transformers, read and written by the keys of a family. Keys that are not listed say nothing about the
 * numbers that a model computes, or say it to other programs. */
#include "io/json_value.h"
#include "model/model_file.h"
#include <stdio.h>

/* The first name of an activation is the one that is written. */
static const struct { const char *name; hw3_activation activation; } activations[] = {
    { "relu", HW3_ACTIVATION_RELU },           { "gelu", HW3_ACTIVATION_GELU },  { "gelu_new", HW3_ACTIVATION_GELU_TANH },
    { "gelu_pytorch_tanh", HW3_ACTIVATION_GELU_TANH }, { "silu", HW3_ACTIVATION_SILU },  { "swish", HW3_ACTIVATION_SILU } };

static const char *activation_name(hw3_activation a)
{
    int64_t i = 0;
    while (activations[i].activation != a) i++;
    return activations[i].name;
}

static hw3_activation read_activation(hw3i_json_doc *doc, const char *key, hw3_activation otherwise)
{
    const char *name = hw3i_json_get_string(doc, doc->values, key, activation_name(otherwise));
    for (int64_t i = 0; i < HW3I_LEN(activations); i++)
        if (!strcmp(activations[i].name, name)) return activations[i].activation;
    if (!doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is \"%.40s\", not one of relu, gelu, gelu_new, silu", doc->name,
                                key, name);
    return otherwise;
}

/* Some files list several tokens that end a text: the first. */
static int64_t read_id(hw3i_json_doc *doc, const char *key, int64_t otherwise)
{
    const hw3i_json_value *v = hw3i_json_find(doc->values, key);
    if (v && v->kind == HW3I_JSON_LIST && v->n > 0 && v[1].kind == HW3I_JSON_NUMBER && v[1].number >= -1 && v[1].number <= INT32_MAX)
        return (int64_t)v[1].number;
    return hw3i_json_get_int(doc, doc->values, key, otherwise);
}

static void read_key(hw3i_json_doc *doc, const hw3i_key *k, hw3_model_config *c)
{
    void *field = (char *)c + k->offset;
    switch (k->kind) {
    case HW3I_KEY_INT: *(int64_t *)field = hw3i_json_get_int(doc, doc->values, k->name, (int64_t)k->otherwise); break;
    case HW3I_KEY_ID: *(int64_t *)field = read_id(doc, k->name, (int64_t)k->otherwise); break;
    case HW3I_KEY_NUMBER: *(double *)field = hw3i_json_get_number(doc, doc->values, k->name, k->otherwise); break;
    case HW3I_KEY_SWITCH: *(int32_t *)field = hw3i_json_get_bool(doc, doc->values, k->name, k->otherwise != 0); break;
    case HW3I_KEY_ACTIVATION: *(int32_t *)field = read_activation(doc, k->name, (hw3_activation)k->otherwise); break;
    case HW3I_KEY_IS: {
        const bool want = k->otherwise != 0, is = hw3i_json_get_bool(doc, doc->values, k->name, want);
        if (is != want && !doc->status)
            doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is %s, only %s is supported", doc->name, k->name,
                                    is ? "true" : "false", want ? "true" : "false");
        break;
    }
    case HW3I_KEY_ABSOLUTE: {
        const char *kind = hw3i_json_get_string(doc, doc->values, k->name, "absolute");
        if (strcmp(kind, "absolute") && !doc->status)
            doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is \"%.40s\", only \"absolute\" is supported", doc->name,
                                    k->name, kind);
    }
    }
}

static hw3_status read_family(hw3i_json_doc *doc, hw3_model_config *c)
{
    char known[128];
    int n = 0;
    const char *type = hw3i_json_get_string(doc, doc->values, "model_type", "");
    if (doc->status) return doc->status;
    for (hw3_family i = 1; hw3i_family_of(i); i++) {
        const char *name = hw3i_family_of(i)->model_type;
        if (!strcmp(name, type)) c->family = i;
        n += snprintf(known + n, sizeof known - (size_t)n, "%s%s", n ? ", " : "", name);
    }
    if (c->family) return HW3_OK;
    return hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: model_type is \"%.40s\", not one of %s", doc->name, type, known);
}

hw3_status hw3i_config_read(hw3_ctx *ctx, const char *path, hw3_model_config *c)
{
    hw3i_json_doc doc;
    hw3_status s = hw3i_json_load(&doc, ctx, path);
    if (!s) s = read_family(&doc, c);
    for (const hw3i_key *k = s ? NULL : hw3i_family_of(c->family)->keys; k && k->name; k++) read_key(&doc, k, c);
    if (!s) s = doc.status;
    hw3i_json_doc_free(&doc);
    return s;
}

static void put_key(hw3i_json_out *o, const hw3i_key *k, const hw3_model_config *c)
{
    const void *field = (const char *)c + k->offset;
    hw3i_json_put_text(o, ",\n  ");
    hw3i_json_put_string(o, k->name);
    hw3i_json_put_text(o, ": ");
    switch (k->kind) {
    case HW3I_KEY_INT: hw3i_json_put_int(o, *(const int64_t *)field); break;
    case HW3I_KEY_ID:
        if (*(const int64_t *)field < 0) hw3i_json_put_text(o, "null");
        else hw3i_json_put_int(o, *(const int64_t *)field);
        break;
    case HW3I_KEY_NUMBER: hw3i_json_put_number(o, *(const double *)field); break;
    case HW3I_KEY_SWITCH: hw3i_json_put_text(o, *(const int32_t *)field ? "true" : "false"); break;
    case HW3I_KEY_ACTIVATION: hw3i_json_put_string(o, activation_name(*(const int32_t *)field)); break;
    case HW3I_KEY_IS: hw3i_json_put_text(o, k->otherwise != 0 ? "true" : "false"); break;
    case HW3I_KEY_ABSOLUTE: hw3i_json_put_string(o, "absolute"); break;
    }
}

void hw3i_config_write(hw3i_json_out *o, const hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    hw3i_json_put_text(o, "{\n  \"model_type\": ");
    hw3i_json_put_string(o, f->model_type);
    hw3i_json_put_text(o, ",\n  \"architectures\": [");
    hw3i_json_put_string(o, f->architecture);
    hw3i_json_put_text(o, c->dtype == HW3_F64 ? "],\n  \"torch_dtype\": \"float64\"" : "],\n  \"torch_dtype\": \"float32\"");
    for (const hw3i_key *k = f->keys; k->name; k++) put_key(o, k, c);
    hw3i_json_put_text(o, "\n}\n");
}
