/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

const char *const hw3i_part_names[HW3I_PARTS] = { "normalizer", "pre_tokenizer", "post_processor", "decoder" };

hw3_status hw3i_tokenizer_create(hw3_ctx *ctx, hw3_tokenizer **out)
{
    hw3_tokenizer *tok = hw3i_calloc(ctx, 1, sizeof *tok);
    *out = NULL;
    if (!tok) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    tok->ctx = tok->vocab.ctx = ctx;
    tok->n_refs = 1;
    tok->unknown = -1;
    tok->templates[0].n = 0;
    hw3_status s = hw3i_template_put(tok, 0, HW3I_FIRST_TEXT, 0);
    if (!s) s = hw3i_template_put(tok, 1, HW3I_FIRST_TEXT, 0);
    if (!s) s = hw3i_template_put(tok, 1, HW3I_SECOND_TEXT, 1);
    if (!s) s = hw3i_regex_create(ctx, "tokenizer", "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]", false, &tok->word);
    if (s) hw3i_tokenizer_release(tok);
    else *out = tok;
    return s;
}

static void free_step(hw3_ctx *ctx, hw3i_step *step)
{
    hw3i_regex_destroy(step->regex);
    hw3i_free(ctx, step->text);
    hw3i_free(ctx, step->other);
}

void hw3i_tokenizer_release(hw3_tokenizer *tok)
{
    if (!tok || --tok->n_refs > 0) return;
    hw3_ctx *ctx = tok->ctx;
    hw3i_vocab_free(&tok->vocab);
    for (int64_t i = 0; i < tok->n_added; i++) {
        hw3i_free(ctx, tok->added[i].text);
        hw3i_free(ctx, tok->added[i].found);
    }
    hw3i_free(ctx, tok->added);
    hw3i_free(ctx, tok->slots);
    for (int k = 0; k < 2; k++) {
        hw3i_free(ctx, tok->order[k]);
        hw3i_free(ctx, tok->templates[k].places);
    }
    for (int part = 0; part < HW3I_PARTS; part++) {
        for (int64_t i = 0; i < tok->steps[part].n; i++) free_step(ctx, &tok->steps[part].steps[i]);
        hw3i_free(ctx, tok->steps[part].steps);
        hw3i_free(ctx, tok->parts[part]);
    }
    hw3i_regex_destroy(tok->word);
    hw3i_free(ctx, tok->merges);
    hw3i_free(ctx, tok->pairs);
    hw3i_free(ctx, tok->prefix);
    for (int64_t i = 0; i < tok->n_works; i++) hw3i_work_free(ctx, &tok->work[i]);
    hw3i_free(ctx, tok->work);
    hw3i_free(ctx, tok);
    hw3i_ctx_release(ctx);
}

int64_t hw3i_tokenizer_n_vocab(const hw3_tokenizer *tok)
{
    return hw3i_max(tok->vocab.n, tok->n_numbers);
}

const char *hw3i_token_text(const hw3_tokenizer *tok, int64_t token, int64_t *n, const hw3i_added **added)
{
    const hw3i_added *a = hw3i_added_of(tok, token);
    if (added) *added = a;
    if (a) *n = a->n;
    return a ? a->text : hw3i_vocab_text(&tok->vocab, token, n);
}

static int32_t find_bytes(hw3_tokenizer *tok, const char *text, int64_t n)
{
    hw3i_text *shown = &tok->work->token;
    if (hw3i_room(tok->work, &shown->bytes, &shown->cap, 2 * n, 1)) return HW3_ERR_NOMEM;
    return hw3i_vocab_find(&tok->vocab, shown->bytes, hw3i_bytes_show(text, n, shown->bytes));
}

int32_t hw3i_tokenizer_find(hw3_tokenizer *tok, const char *text, int64_t n)
{
    const hw3i_added *a = hw3i_added_named(tok, text, n);
    if (a) return a->token;
    if (n > tok->vocab.n_bytes) return -1; /* longer than all */
    return tok->byte_level ? find_bytes(tok, text, n) : hw3i_vocab_find(&tok->vocab, text, n);
}

hw3_status hw3i_tokenizer_finish(hw3_tokenizer *tok, const char *who)
{
    hw3_status s = tok->n_merges || tok->byte_level || tok->model == hw3i_model_of("BPE") ? hw3i_bpe_finish(tok) : HW3_OK;
    if (!s && hw3i_tokenizer_n_vocab(tok) == 0) s = hw3i_fail(tok->ctx, HW3_ERR_FORMAT, "%.200s: the vocabulary is empty", who);
    return s ? s : hw3i_added_finish(tok);
}

void hw3i_unknown_type(hw3i_reader *r, const char *part, const char *type)
{
    if (r->doc.status) return;
    r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_UNSUPPORTED, "%.200s: %s '%.100s' is not known here", r->doc.name, part, type);
}

char *hw3i_read_text(hw3i_reader *r, const hw3i_json_value *v, const char *key, const char *otherwise)
{
    if (!otherwise) hw3i_json_need(&r->doc, v, key);
    const char *text = hw3i_json_get_string(&r->doc, v, key, otherwise ? otherwise : "");
    char *copy = r->doc.status ? NULL : hw3i_strdup(r->doc.ctx, text);
    if (!copy && !r->doc.status) r->doc.status = HW3_ERR_NOMEM;
    return copy;
}

void hw3i_read_pattern(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    hw3i_json_need(&r->doc, v, "pattern");
    const hw3i_json_value *pattern = hw3i_json_get_object(&r->doc, v, "pattern");
    if (!pattern) return;
    const char *regex = hw3i_json_get_string(&r->doc, pattern, "Regex", NULL);
    const char *text = hw3i_json_get_string(&r->doc, pattern, "String", NULL);
    if (!regex && !text) hw3i_json_refuse(&r->doc, v, "pattern", "has neither Regex nor String");
    if (!r->doc.status) r->doc.status = hw3i_regex_create(r->doc.ctx, r->doc.name, regex ? regex : text, !regex, &step->regex);
}

static void read_step(hw3i_reader *r, const hw3i_json_value *v, int part, const hw3i_step_kind *kind)
{
    hw3i_steps *steps = &r->tok->steps[part];
    if (!r->doc.status) r->doc.status = hw3i_grow(r->doc.ctx, &steps->steps, &steps->cap, steps->n + 1, sizeof *steps->steps);
    if (r->doc.status) return;
    hw3i_step *step = &steps->steps[steps->n++];
    *step = (hw3i_step){ .kind = kind };
    r->tok->edits |= part == HW3I_NORMALIZER;
    if (kind->read) kind->read(r, v, step);
}

void hw3i_read_steps(hw3i_reader *r, const hw3i_json_value *v, int part)
{
    static const char *const lists[HW3I_PARTS] = { "normalizers", "pretokenizers", NULL, "decoders" };
    static const hw3i_step_kind *(*const find[])(const char *) = { hw3i_normalizer, hw3i_pre_tokenizer, NULL, hw3i_decoder };
    const char *type = v->kind == HW3I_JSON_OBJECT ? hw3i_json_get_string(&r->doc, v, "type", "") : "";
    if (strcmp(type, "Sequence")) {
        const hw3i_step_kind *kind = find[part](type);
        if (kind) read_step(r, v, part, kind);
        else hw3i_unknown_type(r, hw3i_part_names[part], type);
        return;
    }
    hw3i_json_need(&r->doc, v, lists[part]);
    const hw3i_json_value *list = hw3i_json_get_list(&r->doc, v, lists[part]), *e = hw3i_json_first(list);
    for (int64_t i = 0; list && i < list->n && !r->doc.status; i++, e += e->size) hw3i_read_steps(r, e, part);
}

void hw3i_read_parts(hw3i_reader *r, const hw3i_json_value *object)
{
    for (int part = 0; part < HW3I_PARTS && !r->doc.status; part++) {
        const hw3i_json_value *v = hw3i_json_get_object(&r->doc, object, hw3i_part_names[part]);
        if (!v) continue;
        hw3i_json_out o = { .ctx = r->doc.ctx };
        hw3i_json_put_value(&o, v);
        hw3i_json_put(&o, "", 1);
        r->tok->parts[part] = o.text;
        if (o.status) r->doc.status = o.status;
        else if (part == HW3I_POST_PROCESSOR) hw3i_read_template(r, v);
        else hw3i_read_steps(r, v, part);
    }
}

#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define REST "| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
#define NEWER(numbers) CONTRACTIONS "|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|" numbers REST
#define BYTES "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":false,\"use_regex\":"
#define SPLIT(pattern) "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" pattern "\"},\"behavior\":\"Isolated\",\"invert\":false}"
#define PARTS(normalizer, pre_tokenizer) \
    "{" normalizer "\"pre_tokenizer\":" pre_tokenizer ",\"post_processor\":" BYTES "true},\"decoder\":" BYTES "true}}"
#define SPLIT_PARTS(normalizer, pattern) \
    PARTS(normalizer, "{\"type\":\"Sequence\",\"pretokenizers\":[" SPLIT(pattern) "," BYTES "false}]}")

hw3_status hw3i_tokenizer_byte_level(hw3_ctx *ctx, hw3_pattern pattern, hw3_tokenizer **out)
{
    static const char *const parts[] = {
        PARTS("", BYTES "true}"),
        SPLIT_PARTS("", NEWER("\\\\p{N}{1,3}")),
        SPLIT_PARTS("\"normalizer\":{\"type\":\"NFC\"},", NEWER("\\\\p{N}")),
    };
    hw3i_reader r = { 0 };
    hw3_status s = hw3i_tokenizer_create(ctx, out);
    char *text = s ? NULL : hw3i_strdup(ctx, parts[pattern]);
    if (!text) s = HW3_ERR_NOMEM;
    if (!s) s = hw3i_json_parse(&r.doc, ctx, "tokenizer", text, (int64_t)strlen(parts[pattern]));
    if (!s) {
        r.tok = *out;
        r.tok->model = hw3i_model_of("BPE");
        hw3i_read_parts(&r, r.doc.values);
        s = r.doc.status;
        hw3i_json_doc_free(&r.doc);
    }
    if (!s) return HW3_OK;
    hw3i_tokenizer_release(*out);
    *out = NULL;
    return s;
}
