/* SPDX-License-Identifier: MIT */
/* config.json of transformers, read and written by the keys of a family. Keys that are not listed say nothing about the
 * numbers that a model computes, or say it to other programs. */
#include "io/json_value.h"
#include "model/model_file.h"
#include <math.h>
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

static hw3_activation read_activation(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key,
                                      hw3_activation otherwise)
{
    const char *name = hw3i_json_get_string(doc, object, key, activation_name(otherwise));
    for (int64_t i = 0; i < HW3I_LEN(activations); i++)
        if (!strcmp(activations[i].name, name)) return activations[i].activation;
    if (!doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is \"%.40s\", not one of relu, gelu, gelu_new, silu",
                                doc->name, key, name);
    return otherwise;
}

/* Some files list several tokens that end a text: the first. */
static int64_t read_id(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, int64_t otherwise)
{
    const hw3i_json_value *v = hw3i_json_find(object, key);
    if (v && v->kind == HW3I_JSON_LIST && v->n > 0 && v[1].kind == HW3I_JSON_NUMBER && v[1].number >= -1 &&
        v[1].number <= INT32_MAX)
        return (int64_t)v[1].number;
    return hw3i_json_get_int(doc, object, key, otherwise);
}

/* As transformers counts labels: by their names, or else their number. */
static int64_t read_classes(hw3i_json_doc *doc, const char *key)
{
    const hw3i_json_value *names = hw3i_json_get_object(doc, doc->values, "id2label");
    return names ? names->n : hw3i_json_get_int(doc, doc->values, key, 0);
}

/* Whether config.json tells the number of classes. */
static bool chooses_classes(const hw3_model_config *c)
{
    const hw3i_head_row *h = hw3i_head_of(c);
    return h->classes && !h->n_classes;
}

static void read_rope(hw3i_json_doc *doc, const hw3i_key *k, hw3_model_config *c);

static void read_key(hw3i_json_doc *doc, const hw3i_json_value *object, const hw3i_key *k, hw3_model_config *c)
{
    void *field = (char *)c + k->offset;
    switch (k->kind) {
    case HW3I_KEY_INT:
    case HW3I_KEY_COUNT: *(int64_t *)field = hw3i_json_get_int(doc, object, k->name, (int64_t)k->otherwise); break;
    case HW3I_KEY_CLASSES:
        if (chooses_classes(c) && !c->n_classes) c->n_classes = read_classes(doc, k->name);
        break;
    case HW3I_KEY_ID: *(int64_t *)field = read_id(doc, object, k->name, (int64_t)k->otherwise); break;
    case HW3I_KEY_NUMBER:
    case HW3I_KEY_POSITIVE: *(double *)field = hw3i_json_get_number(doc, object, k->name, k->otherwise); break;
    case HW3I_KEY_SWITCH: *(int32_t *)field = hw3i_json_get_bool(doc, object, k->name, k->otherwise != 0); break;
    case HW3I_KEY_ACTIVATION: *(int32_t *)field = read_activation(doc, object, k->name, (hw3_activation)k->otherwise); break;
    case HW3I_KEY_IS: {
        const bool want = k->otherwise != 0, is = hw3i_json_get_bool(doc, object, k->name, want);
        if (is != want && !doc->status)
            doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is %s, only %s is supported", doc->name, k->name,
                                    is ? "true" : "false", want ? "true" : "false");
        break;
    }
    case HW3I_KEY_ROPE: read_rope(doc, k, c); break;
    case HW3I_KEY_COVERS: {
        const int64_t n = hw3i_json_get_int(doc, object, k->name, (int64_t)k->otherwise), least = *(int64_t *)field;
        if (n < least && !doc->status)
            doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is %lld, only %lld or more is supported",
                                    doc->name, k->name, (long long)n, (long long)least);
        break;
    }
    case HW3I_KEY_ABSOLUTE: {
        const char *kind = hw3i_json_get_string(doc, object, k->name, "absolute");
        if (strcmp(kind, "absolute") && !doc->status)
            doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s is \"%.40s\", only \"absolute\" is supported",
                                    doc->name, k->name, kind);
    }
    }
}

/* What rope_scaling says besides its type; linear only the factor. */
static const hw3i_key yarn_keys[] = {
    { "factor", HW3I_KEY_NUMBER, 0, offsetof(hw3_model_config, rope_factor) },
    { "original_max_position_embeddings", HW3I_KEY_INT, 0, offsetof(hw3_model_config, rope_context) },
    { "beta_fast", HW3I_KEY_NUMBER, 32, offsetof(hw3_model_config, rope_beta_fast) },
    { "beta_slow", HW3I_KEY_NUMBER, 1, offsetof(hw3_model_config, rope_beta_slow) },
    { "attention_factor", HW3I_KEY_POSITIVE, 0, offsetof(hw3_model_config, rope_attention_factor) },
    { "truncate", HW3I_KEY_IS, 1, 0 } };
static const hw3i_key llama3_keys[] = {
    { "factor", HW3I_KEY_NUMBER, 0, offsetof(hw3_model_config, rope_factor) },
    { "original_max_position_embeddings", HW3I_KEY_INT, 0, offsetof(hw3_model_config, rope_context) },
    { "high_freq_factor", HW3I_KEY_NUMBER, 0, offsetof(hw3_model_config, rope_beta_fast) },
    { "low_freq_factor", HW3I_KEY_NUMBER, 0, offsetof(hw3_model_config, rope_beta_slow) } };
static const struct { const char *name; int32_t scaling; const hw3i_key *keys; int64_t n_keys; } rope_types[] = {
    { "default", HW3_ROPE_PLAIN, NULL, 0 }, { "linear", HW3_ROPE_LINEAR, yarn_keys, 1 },
    { "yarn", HW3_ROPE_YARN, yarn_keys, HW3I_LEN(yarn_keys) },
    { "llama3", HW3_ROPE_LLAMA3, llama3_keys, HW3I_LEN(llama3_keys) } };

/* YaRN's factor of cosine and sine where it is told by two others, 0.1 m log(factor) + 1 for each m, as transformers has it. */
static void read_mscale(hw3i_json_doc *doc, const hw3i_json_value *rope, hw3_model_config *c)
{
    const double m = hw3i_json_get_number(doc, rope, "mscale", 0), all = hw3i_json_get_number(doc, rope, "mscale_all_dim", 0);
    const double log_factor = c->rope_factor > 1 ? log(c->rope_factor) : 0;
    if (m != 0 && all != 0 && c->rope_attention_factor == 0)
        c->rope_attention_factor = (0.1 * m * log_factor + 1) / (0.1 * all * log_factor + 1);
}

static void read_rope(hw3i_json_doc *doc, const hw3i_key *key, hw3_model_config *c)
{
    const hw3i_json_value *rope = hw3i_json_get_object(doc, doc->values, key->name);
    if (!rope) return;
    const char *type = hw3i_json_get_string(doc, rope, "rope_type", "");
    type = hw3i_json_get_string(doc, rope, "type", type);
    for (int64_t i = 0; i < HW3I_LEN(rope_types); i++)
        if (!strcmp(rope_types[i].name, type)) {
            c->rope_scaling = rope_types[i].scaling;
            for (int64_t k = 0; k < rope_types[i].n_keys; k++) read_key(doc, rope, &rope_types[i].keys[k], c);
            if (c->rope_scaling == HW3_ROPE_YARN) read_mscale(doc, rope, c);
            return;
        }
    if (!doc->status)
        doc->status = hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED,
                                "%.200s: %s is of the type \"%.40s\", not one of default, linear, yarn, llama3",
                                doc->name, key->name, type);
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

/* The head by the first of "architectures", unless it is chosen; without any the family's. */
static hw3_status read_head(hw3i_json_doc *doc, hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    const hw3i_json_value *names = c->head ? NULL : hw3i_json_get_list(doc, doc->values, "architectures");
    const bool given = names && names->n > 0 && names[1].kind == HW3I_JSON_STRING;
    for (hw3_head i = 1; i < HW3I_N_HEADS && !c->head; i++)
        if (f->heads[i].architecture && (!given || !strcmp(f->heads[i].architecture, names[1].string))) c->head = i;
    if (c->head || doc->status) return doc->status;
    char known[256];
    int n = 0;
    for (hw3_head i = 1; i < HW3I_N_HEADS; i++) {
        const char *name = f->heads[i].architecture;
        if (name) n += snprintf(known + n, sizeof known - (size_t)n, "%s%s", n ? ", " : "", name);
    }
    return hw3i_fail(doc->ctx, HW3_ERR_UNSUPPORTED, "%.200s: architectures names \"%.60s\", not one of %s", doc->name,
                     names[1].string, known);
}

hw3_status hw3i_config_read(hw3_ctx *ctx, const char *path, hw3_model_config *c)
{
    hw3i_json_doc doc;
    hw3_status s = hw3i_json_load(&doc, ctx, path);
    if (!s) s = read_family(&doc, c);
    if (!s) s = read_head(&doc, c);
    if (!s) s = hw3i_model_resolve_head(ctx, c);
    for (const hw3i_key *k = s ? NULL : hw3i_family_of(c->family)->keys; k && k->name; k++) read_key(&doc, doc.values, k, c);
    if (!s) s = doc.status;
    hw3i_json_doc_free(&doc);
    return s;
}

static void put_rope(hw3i_json_out *o, const hw3_model_config *c);

/* With a point, by which Python knows a float. */
static void put_number(hw3i_json_out *o, double value)
{
    const bool whole = fabs(value) < 1e15 && value == floor(value);
    if (!whole) hw3i_json_put_number(o, value);
    else hw3i_json_put_int(o, (int64_t)value);
    if (whole) hw3i_json_put_text(o, ".0");
}

static void put_key(hw3i_json_out *o, const hw3i_key *k, const hw3_model_config *c)
{
    const void *field = (const char *)c + k->offset;
    hw3i_json_put_text(o, ",\n  ");
    hw3i_json_put_string(o, k->name);
    hw3i_json_put_text(o, ": ");
    switch (k->kind) {
    case HW3I_KEY_INT:
    case HW3I_KEY_CLASSES:
    case HW3I_KEY_COVERS: hw3i_json_put_int(o, *(const int64_t *)field); break;
    case HW3I_KEY_COUNT:
        if (*(const int64_t *)field > 0) hw3i_json_put_int(o, *(const int64_t *)field);
        else hw3i_json_put_text(o, "null");
        break;
    case HW3I_KEY_ID:
        if (*(const int64_t *)field < 0) hw3i_json_put_text(o, "null");
        else hw3i_json_put_int(o, *(const int64_t *)field);
        break;
    case HW3I_KEY_NUMBER: put_number(o, *(const double *)field); break;
    case HW3I_KEY_POSITIVE:
        if (*(const double *)field > 0) put_number(o, *(const double *)field);
        else hw3i_json_put_text(o, "null");
        break;
    case HW3I_KEY_SWITCH: hw3i_json_put_text(o, *(const int32_t *)field ? "true" : "false"); break;
    case HW3I_KEY_ACTIVATION: hw3i_json_put_string(o, activation_name(*(const int32_t *)field)); break;
    case HW3I_KEY_IS: hw3i_json_put_text(o, k->otherwise != 0 ? "true" : "false"); break;
    case HW3I_KEY_ABSOLUTE: hw3i_json_put_string(o, "absolute"); break;
    case HW3I_KEY_ROPE: put_rope(o, c); break;
    }
}

static void put_rope(hw3i_json_out *o, const hw3_model_config *c)
{
    int64_t i = 0;
    while (rope_types[i].scaling != c->rope_scaling) i++;
    if (!i) {
        hw3i_json_put_text(o, "null");
        return;
    }
    hw3i_json_put_text(o, "{\n  \"rope_type\": ");
    hw3i_json_put_string(o, rope_types[i].name);
    for (int64_t k = 0; k < rope_types[i].n_keys; k++) put_key(o, &rope_types[i].keys[k], c);
    hw3i_json_put_text(o, "\n  }");
}

void hw3i_config_write(hw3i_json_out *o, const hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    hw3i_json_put_text(o, "{\n  \"model_type\": ");
    hw3i_json_put_string(o, f->model_type);
    hw3i_json_put_text(o, ",\n  \"architectures\": [");
    hw3i_json_put_string(o, hw3i_head_of(c)->architecture);
    hw3i_json_put_text(o, c->dtype == HW3_F64 ? "],\n  \"torch_dtype\": \"float64\"" : "],\n  \"torch_dtype\": \"float32\"");
    for (const hw3i_key *k = f->keys; k->name; k++)
        if (k->kind != HW3I_KEY_CLASSES || chooses_classes(c)) put_key(o, k, c);
    hw3i_json_put_text(o, "\n}\n");
}
