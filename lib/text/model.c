/* SPDX-License-Identifier: MIT */
/* Models: what turns a piece into tokens. */
#include "text/tokenizer.h"

void hw3i_read_unknown(hw3i_reader *r, const hw3i_json_value *model, const char *otherwise)
{
    const char *text = hw3i_json_get_string(&r->doc, model, "unk_token", otherwise);
    if (!text) return;
    r->tok->unknown = hw3i_vocab_find(&r->tok->vocab, text, (int64_t)strlen(text));
    if (r->tok->unknown < 0) hw3i_json_refuse(&r->doc, model, "unk_token", "is not in the vocabulary");
}

/* The token of both texts together, -1: none. */
static int32_t find_both(hw3i_reader *r, const char *a, int64_t n_a, const char *b, int64_t n_b)
{
    char most[256], *both = n_a + n_b <= (int64_t)sizeof most ? most : hw3i_alloc(r->doc.ctx, n_a + n_b, 1);
    if (!both) return r->doc.status = HW3_ERR_NOMEM;
    memcpy(both, a, (size_t)n_a);
    memcpy(both + n_a, b, (size_t)n_b);
    const int32_t token = hw3i_vocab_find(&r->tok->vocab, both, n_a + n_b);
    if (both != most) hw3i_free(r->doc.ctx, both);
    return token;
}

/* A merge makes the token of both texts together. */
static void put_merge(hw3i_reader *r, const char *a, int64_t n_a, const char *b, int64_t n_b)
{
    if (r->doc.status) return;
    const int32_t first = hw3i_vocab_find(&r->tok->vocab, a, n_a), second = hw3i_vocab_find(&r->tok->vocab, b, n_b);
    const int32_t both = find_both(r, a, n_a, b, n_b);
    if (r->doc.status) return;
    if (first >= 0 && second < 0) n_a = 0; /* of which there is no token */
    if (first < 0) n_b = 0;
    if (first >= 0 && second >= 0 && both >= 0) r->doc.status = hw3i_merge_put(r->tok, first, second, both);
    else
        r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "%.200s: merge %lld: '%.*s%.*s' is not in the vocabulary", r->doc.name,
                                  (long long)r->tok->n_merges, (int)hw3i_min(n_a, 100), a, (int)hw3i_min(n_b, 100), b);
}

void hw3i_read_merge(hw3i_reader *r, const char *line)
{
    const char *space = strchr(line, ' ');
    if (space) put_merge(r, line, space - line, space + 1, (int64_t)strlen(space + 1));
    else if (!r->doc.status)
        r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "%.200s: merge %lld is no pair of texts: '%.100s'", r->doc.name,
                                  (long long)r->tok->n_merges, line);
}

/* "a b", or ["a", "b"] as newer files have it, which may hold spaces. */
static void read_merge(hw3i_reader *r, const hw3i_json_value *v)
{
    if (v->kind == HW3I_JSON_LIST && v->n == 2 && v[1].kind == HW3I_JSON_STRING && v[2].kind == HW3I_JSON_STRING)
        put_merge(r, v[1].string, (int64_t)strlen(v[1].string), v[2].string, (int64_t)strlen(v[2].string));
    else hw3i_read_merge(r, v->string);
}

/* A text that has to be empty. */
static void must_be_empty(hw3i_reader *r, const hw3i_json_value *model, const char *key)
{
    if (hw3i_json_get_string(&r->doc, model, key, "")[0] == 0 || r->doc.status) return;
    hw3i_json_refuse(&r->doc, model, key, "is not supported");
    r->doc.status = HW3_ERR_UNSUPPORTED;
}

static void read_bpe(hw3i_reader *r, const hw3i_json_value *model)
{
    must_be_empty(r, model, "continuing_subword_prefix");
    must_be_empty(r, model, "end_of_word_suffix");
    if (hw3i_json_get_number(&r->doc, model, "dropout", 0) != 0) {
        hw3i_json_refuse(&r->doc, model, "dropout", "is not supported");
        r->doc.status = HW3_ERR_UNSUPPORTED;
    }
    r->tok->fuse_unknown = hw3i_json_get_bool(&r->doc, model, "fuse_unk", false);
    r->tok->byte_fallback = hw3i_json_get_bool(&r->doc, model, "byte_fallback", false);
    r->tok->ignore_merges = hw3i_json_get_bool(&r->doc, model, "ignore_merges", false);
    hw3i_read_unknown(r, model, NULL);
    hw3i_json_need(&r->doc, model, "merges");
    const hw3i_json_value *merges = hw3i_json_get_list(&r->doc, model, "merges"), *m = hw3i_json_first(merges);
    for (int64_t i = 0; merges && i < merges->n && !r->doc.status; i++, m += m->size) read_merge(r, m);
}

static void put_flag(hw3i_json_out *o, const char *key, bool value)
{
    hw3i_json_put_string(o, key);
    hw3i_json_put_text(o, value ? ":true," : ":false,");
}

static void put_vocab_text(const hw3_tokenizer *tok, hw3i_json_out *o, int32_t token)
{
    int64_t n;
    const char *text = hw3i_vocab_text(&tok->vocab, token, &n);
    if (text) hw3i_json_put_string(o, text);
    else hw3i_json_put_text(o, "null");
}

static void save_bpe(const hw3_tokenizer *tok, hw3i_json_out *o)
{
    hw3i_json_put_text(o, "\"dropout\":null,\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"unk_token\":");
    put_vocab_text(tok, o, tok->unknown);
    hw3i_json_put_text(o, ",");
    put_flag(o, "fuse_unk", tok->fuse_unknown);
    put_flag(o, "byte_fallback", tok->byte_fallback);
    put_flag(o, "ignore_merges", tok->ignore_merges);
    hw3i_json_put_text(o, "\"merges\":[");
    for (int64_t i = 0; i < tok->n_merges; i++) {
        hw3i_json_put_text(o, i ? ",[" : "[");
        put_vocab_text(tok, o, tok->merges[i].a);
        hw3i_json_put_text(o, ",");
        put_vocab_text(tok, o, tok->merges[i].b);
        hw3i_json_put_text(o, "]");
    }
    hw3i_json_put_text(o, "],");
}

static const hw3i_model_kind kinds[] = {
    { "BPE", read_bpe, hw3i_bpe_encode, save_bpe },
    { "WordPiece", hw3i_wordpiece_read, hw3i_wordpiece_encode, hw3i_wordpiece_save },
};

const hw3i_model_kind *hw3i_model_of(const char *type)
{
    for (int64_t i = 0; i < HW3I_LEN(kinds); i++)
        if (!strcmp(kinds[i].type, type)) return &kinds[i];
    return NULL;
}
