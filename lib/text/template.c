/* SPDX-License-Identifier: MIT */
/* Post-processors: the tokens that a model wants around one text or two. */
#include "text/tokenizer.h"

hw3_status hw3i_template_put(hw3_tokenizer *tok, int pair, int32_t token, int32_t type)
{
    hw3i_template *t = &tok->templates[pair];
    hw3_status s = hw3i_grow(tok->ctx, &t->places, &t->cap, t->n + 1, sizeof *t->places);
    if (!s) t->places[t->n++] = (hw3i_template_place){ token, type };
    return s;
}

static void put(hw3i_reader *r, int pair, int32_t token, int64_t type)
{
    if (!r->doc.status) r->doc.status = hw3i_template_put(r->tok, pair, token, (int32_t)hw3i_max(0, hw3i_min(type, INT32_MAX)));
}

static void clear(hw3_tokenizer *tok) { tok->templates[0].n = tok->templates[1].n = 0; }

static int32_t token_of(hw3i_reader *r, const hw3i_json_value *owner, const char *key, int64_t token)
{
    int64_t n;
    if (!r->doc.status && !hw3i_token_text(r->tok, token, &n, NULL))
        hw3i_json_refuse(&r->doc, owner, key, "has a token that is not there");
    return r->doc.status ? 0 : (int32_t)token;
}

/* "single" and "pair": lists of {"Sequence": {"id": "A", "type_id": 0}} and {"SpecialToken": {"id": "[CLS]", "type_id": 0}}. */
static void read_places(hw3i_reader *r, const hw3i_json_value *v, int pair)
{
    const char *key = pair ? "pair" : "single";
    const hw3i_json_value *list = hw3i_json_get_list(&r->doc, v, key), *e = hw3i_json_first(list);
    const hw3i_json_value *specials = hw3i_json_get_object(&r->doc, v, "special_tokens");
    for (int64_t i = 0; list && i < list->n && !r->doc.status; i++, e += e->size) {
        const hw3i_json_value *text = hw3i_json_get_object(&r->doc, e, "Sequence");
        const hw3i_json_value *token = hw3i_json_get_object(&r->doc, e, "SpecialToken"), *one = text ? text : token;
        if (!one) {
            hw3i_json_refuse(&r->doc, v, key, "has a place that is neither Sequence nor SpecialToken");
            return;
        }
        const char *id = hw3i_json_get_string(&r->doc, one, "id", "");
        const int64_t type = hw3i_json_get_int(&r->doc, one, "type_id", 0);
        if (text) {
            put(r, pair, strcmp(id, "B") ? HW3I_FIRST_TEXT : HW3I_SECOND_TEXT, type);
            continue;
        }
        const hw3i_json_value *special = specials ? hw3i_json_get_object(&r->doc, specials, id) : NULL;
        const hw3i_json_value *ids = special ? hw3i_json_get_list(&r->doc, special, "ids") : NULL;
        if (!ids) hw3i_json_refuse(&r->doc, v, "special_tokens", "does not say what a place is");
        for (int64_t k = 0; ids && k < ids->n && !r->doc.status; k++) {
            const double number = ids[1 + k].number;
            const bool good = ids[1 + k].kind == HW3I_JSON_NUMBER && number >= 0 && number < HW3I_MAX_TOKENS;
            put(r, pair, token_of(r, special, "ids", good ? (int64_t)number : -1), type);
        }
    }
}

static void read_template(hw3i_reader *r, const hw3i_json_value *v)
{
    clear(r->tok);
    read_places(r, v, 0);
    read_places(r, v, 1);
}

/* ["[CLS]", 101] */
static int32_t named_token(hw3i_reader *r, const hw3i_json_value *v, const char *key)
{
    const hw3i_json_value *list = hw3i_json_get_list(&r->doc, v, key);
    if (list && list->n == 2 && list[2].kind == HW3I_JSON_NUMBER && list[2].number >= 0 && list[2].number < HW3I_MAX_TOKENS)
        return token_of(r, v, key, (int64_t)list[2].number);
    hw3i_json_refuse(&r->doc, v, key, "is no pair of a text and a number");
    return 0;
}

/* [CLS] A [SEP] and [CLS] A [SEP] B [SEP] [Devlin18]; <s> A </s> and <s> A </s> </s> B </s>, all of type 0 [Liu19]. */
static void read_bert(hw3i_reader *r, const hw3i_json_value *v, bool roberta)
{
    const int32_t cls = named_token(r, v, "cls"), sep = named_token(r, v, "sep");
    clear(r->tok);
    for (int pair = 0; pair < 2; pair++) {
        put(r, pair, cls, 0);
        put(r, pair, HW3I_FIRST_TEXT, 0);
        put(r, pair, sep, 0);
        if (!pair) continue;
        if (roberta) put(r, pair, sep, 0);
        put(r, pair, HW3I_SECOND_TEXT, !roberta);
        put(r, pair, sep, !roberta);
    }
}

void hw3i_read_template(hw3i_reader *r, const hw3i_json_value *v)
{
    const char *type = hw3i_json_get_string(&r->doc, v, "type", "");
    if (!strcmp(type, "TemplateProcessing")) read_template(r, v);
    else if (!strcmp(type, "BertProcessing")) read_bert(r, v, false);
    else if (!strcmp(type, "RobertaProcessing")) read_bert(r, v, true);
    else if (!strcmp(type, "Sequence")) {
        const hw3i_json_value *list = hw3i_json_get_list(&r->doc, v, "processors"), *e = hw3i_json_first(list);
        for (int64_t i = 0; list && i < list->n && !r->doc.status; i++, e += e->size) {
            const char *inner = e->kind == HW3I_JSON_OBJECT ? hw3i_json_get_string(&r->doc, e, "type", "") : "";
            if (strcmp(inner, "Sequence")) hw3i_read_template(r, e);
        }
    } else if (strcmp(type, "ByteLevel")) /* which trims offsets; here they are all that a token stands for */
        hw3i_unknown_type(r, hw3i_part_names[HW3I_POST_PROCESSOR], type);
}
