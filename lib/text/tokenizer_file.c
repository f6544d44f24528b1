/* SPDX-License-Identifier: MIT */
/* Reads tokenizer.json, vocab.json with merges.txt, and vocab.txt. */
#include "text/tokenizer.h"
#include "base/text.h"
#include "io/file.h"
#include <stdio.h>
#include <stdlib.h>

#define MAX_LINES 100000000 /* bytes of merges.txt, of vocab.txt */

static void read_vocab(hw3i_reader *r, const hw3i_json_value *vocab)
{
    const hw3i_json_value *e = hw3i_json_first(vocab);
    for (int64_t i = 0; vocab && i < vocab->n && !r->doc.status; i++, e++) {
        const bool fits = e->kind == HW3I_JSON_NUMBER && e->number >= 0 && e->number < HW3I_MAX_TOKENS;
        if (!fits || e->number != (int64_t)e->number)
            r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "%.200s: the number of token '%.100s' is %g, expected 0 to %d",
                                      r->doc.name, e->key, e->number, HW3I_MAX_TOKENS - 1);
        else r->doc.status = hw3i_vocab_put(&r->tok->vocab, r->doc.name, (int64_t)e->number, e->key, (int64_t)strlen(e->key));
    }
}

/* The number of an added token is its key in an object, its id in a list. */
static void read_added(hw3i_reader *r, const hw3i_json_value *all)
{
    const hw3i_json_value *e = hw3i_json_first(all);
    for (int64_t i = 0; all && i < all->n && !r->doc.status; i++, e += e->size) {
        hw3i_json_need(&r->doc, e, "content");
        if (!e->key) hw3i_json_need(&r->doc, e, "id");
        const int64_t id = e->key ? strtoll(e->key, NULL, 10) : hw3i_json_get_int(&r->doc, e, "id", -1);
        const char *text = hw3i_json_get_string(&r->doc, e, "content", "");
        const bool special = hw3i_json_get_bool(&r->doc, e, "special", false);
        const hw3i_added like = {
            .token = (int32_t)hw3i_max(-1, hw3i_min(id, INT32_MAX)), .special = special,
            .single_word = hw3i_json_get_bool(&r->doc, e, "single_word", false),
            .lstrip = hw3i_json_get_bool(&r->doc, e, "lstrip", false), .rstrip = hw3i_json_get_bool(&r->doc, e, "rstrip", false),
            .normalized = hw3i_json_get_bool(&r->doc, e, "normalized", !special),
        };
        if (!r->doc.status) r->doc.status = hw3i_added_put(r->tok, r->doc.name, &like, text, (int64_t)strlen(text));
    }
}

/* Older files do not say which model it is: only BPE has merges. */
static void read_model(hw3i_reader *r)
{
    hw3i_json_need(&r->doc, r->doc.values, "model");
    const hw3i_json_value *model = hw3i_json_get_object(&r->doc, r->doc.values, "model");
    if (!model) return;
    const char *type = hw3i_json_get_string(&r->doc, model, "type", NULL);
    if (!type) type = hw3i_json_find(model, "merges") ? "BPE" : hw3i_json_find(model, "unk_token") ? "WordPiece" : "";
    r->tok->model = hw3i_model_of(type);
    if (!r->tok->model) hw3i_unknown_type(r, "model", type);
    hw3i_json_need(&r->doc, model, "vocab");
    read_vocab(r, hw3i_json_get_object(&r->doc, model, "vocab"));
    if (!r->doc.status) r->tok->model->read(r, model);
}

/* The tokenizer when all is well, else NULL; the reader is done with. */
static hw3_status finish(hw3i_reader *r, hw3_tokenizer **out)
{
    hw3_status s = r->doc.status;
    if (!s) s = hw3i_tokenizer_finish(r->tok, r->doc.name);
    hw3i_json_doc_free(&r->doc);
    if (s) hw3i_tokenizer_release(r->tok);
    else *out = r->tok;
    return s;
}

static hw3_status open_json(hw3_ctx *ctx, const char *path, hw3_tokenizer **out)
{
    hw3i_reader r;
    hw3_status s = hw3i_json_load(&r.doc, ctx, path);
    if (!s && (s = hw3i_tokenizer_create(ctx, &r.tok))) hw3i_json_doc_free(&r.doc);
    if (s) return s;
    read_model(&r);
    read_added(&r, hw3i_json_get_list(&r.doc, r.doc.values, "added_tokens"));
    hw3i_read_parts(&r, r.doc.values);
    return finish(&r, out);
}

/* Hands every line that is not empty to put, with its number from 0 on. */
static hw3_status read_lines(hw3i_reader *r, const char *path, void (*put)(hw3i_reader *r, const char *line, int64_t number))
{
    char *text;
    int64_t n, number = 0;
    hw3_status s = hw3i_file_read(r->doc.ctx, path, MAX_LINES, &text, &n);
    if (s) return s;
    for (char *p = text, *next; p < text + n && !r->doc.status; p = next, number++) {
        char *end = memchr(p, '\n', (size_t)(text + n - p));
        next = end ? end + 1 : text + n;
        if (!end) end = text + n;
        if (end > p && end[-1] == '\r') end--;
        *end = 0;
        if (memchr(p, 0, (size_t)(end - p)))
            r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "%.200s: line %lld has a zero in it", path, (long long)number + 1);
        else if (end > p) put(r, p, number);
    }
    hw3i_free(r->doc.ctx, text);
    return r->doc.status;
}

/* "a b"; the first line may be the version, "#version: 0.2". */
static void put_merge(hw3i_reader *r, const char *line, int64_t number)
{
    if (number || strncmp(line, "#version", 8)) hw3i_read_merge(r, line);
}

static hw3_status read_merges(hw3i_reader *r, const char *path)
{
    hw3_status s = read_lines(r, path, put_merge);
    if (!s && !r->tok->n_merges) s = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "%.200s: there are no merges", path);
    return s;
}

/* config: has added tokens, NULL for none. */
static hw3_status open_bpe(hw3_ctx *ctx, const char *vocab, const char *merges, hw3_pattern pattern, hw3i_reader *config,
                           hw3_tokenizer **out)
{
    hw3i_reader r;
    hw3_status s = hw3i_json_load(&r.doc, ctx, vocab);
    if (!s && (s = hw3i_tokenizer_byte_level(ctx, pattern, &r.tok))) hw3i_json_doc_free(&r.doc);
    if (s) return s;
    read_vocab(&r, r.doc.values);
    if (!r.doc.status) r.doc.status = read_merges(&r, merges);
    if (!r.doc.status && config) {
        config->tok = r.tok;
        read_added(config, hw3i_json_get_object(&config->doc, config->doc.values, "added_tokens_decoder"));
        r.doc.status = config->doc.status;
    }
    return finish(&r, out);
}

hw3_status hw3i_tokenizer_open_bpe(hw3_ctx *ctx, const char *vocab, const char *merges, hw3_pattern pattern, hw3_tokenizer **out)
{
    return open_bpe(ctx, vocab, merges, pattern, NULL, out);
}

/* vocab.json and merges.txt do not tell how texts are cut: the name of the class does that transformers has for them. */
static hw3_status open_class(hw3_ctx *ctx, const char *vocab, const char *merges, const char *config, hw3_tokenizer **out)
{
    hw3i_reader c = { .doc = { .ctx = ctx } };
    hw3_status s = hw3i_json_load(&c.doc, ctx, config);
    if (s) return s;
    const char *class = hw3i_json_get_string(&c.doc, c.doc.values, "tokenizer_class", "GPT2Tokenizer");
    const bool qwen = !strncmp(class, "Qwen2Tokenizer", 14);
    if (!qwen && strncmp(class, "GPT2Tokenizer", 13)) hw3i_unknown_type(&c, "tokenizer_class", class);
    if (hw3i_json_get_bool(&c.doc, c.doc.values, "add_prefix_space", false)) hw3i_unknown_type(&c, "add_prefix_space", "true");
    if (hw3i_json_get_bool(&c.doc, c.doc.values, "add_bos_token", false)) hw3i_unknown_type(&c, "add_bos_token", "true");
    s = c.doc.status;
    if (!s) s = open_bpe(ctx, vocab, merges, qwen ? HW3_PATTERN_QWEN2 : HW3_PATTERN_GPT2, &c, out);
    hw3i_json_doc_free(&c.doc);
    return s;
}

/* The line's number is the token's. */
static void put_word(hw3i_reader *r, const char *line, int64_t number)
{
    const int64_t n = (int64_t)strlen(line);
    if (hw3i_is_utf8(line, n)) r->doc.status = hw3i_vocab_put(&r->tok->vocab, "vocab.txt", number, line, n);
    else r->doc.status = hw3i_fail(r->doc.ctx, HW3_ERR_FORMAT, "vocab.txt: line %lld is not UTF-8", (long long)number + 1);
}

static const char *json_bool(bool b) { return b ? "true" : "false"; }

/* The parts of a BERT around a vocabulary, as its tokenizer_config.json has them, or else without capitals [Devlin18]. */
static hw3_status bert_parts(hw3_ctx *ctx, const hw3i_vocab *v, const char *config, hw3i_json_doc *doc)
{
    hw3i_json_doc c = { .ctx = ctx };
    hw3_status s = hw3i_file_exists(config) ? hw3i_json_load(&c, ctx, config) : HW3_OK;
    if (s) return s;
    const hw3i_json_value *o = c.values;
    const bool lower = o ? hw3i_json_get_bool(&c, o, "do_lower_case", true) : true;
    const bool accents = o ? hw3i_json_get_bool(&c, o, "strip_accents", lower) : lower;
    const bool chinese = o ? hw3i_json_get_bool(&c, o, "tokenize_chinese_chars", true) : true;
    s = c.status;
    hw3i_json_doc_free(&c);
    char text[1024];
    const int32_t cls = hw3i_vocab_find(v, "[CLS]", 5), sep = hw3i_vocab_find(v, "[SEP]", 5);
    int n = snprintf(text, sizeof text, "{\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":%s,"
                     "\"strip_accents\":%s,\"lowercase\":%s},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
                     "\"decoder\":{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}",
                     json_bool(chinese), json_bool(accents), json_bool(lower));
    if (cls >= 0 && sep >= 0)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",%d],"
                      "\"cls\":[\"[CLS]\",%d]}", (int)sep, (int)cls);
    n += snprintf(text + n, sizeof text - (size_t)n, "}");
    char *copy = s ? NULL : hw3i_strdup(ctx, text);
    return s ? s : copy ? hw3i_json_parse(doc, ctx, "vocab.txt", copy, n) : HW3_ERR_NOMEM;
}

/* One token a line, and BERT's special ones among them. */
static hw3_status open_words(hw3_ctx *ctx, const char *path, const char *config, hw3_tokenizer **out)
{
    static const char *const special[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
    hw3i_reader r = { .doc = { .ctx = ctx } };
    hw3_status s = hw3i_tokenizer_create(ctx, &r.tok);
    if (s) return s;
    r.tok->model = hw3i_model_of("WordPiece");
    s = read_lines(&r, path, put_word);
    if (!s) s = bert_parts(ctx, &r.tok->vocab, config, &r.doc);
    if (s) return hw3i_tokenizer_release(r.tok), s;
    for (int64_t i = 0; i < HW3I_LEN(special) && !r.doc.status; i++)
        if (hw3i_vocab_find(&r.tok->vocab, special[i], (int64_t)strlen(special[i])) >= 0)
            r.doc.status = hw3i_tokenizer_add(r.tok, "vocab.txt", special[i], (int64_t)strlen(special[i]), true);
    if (!r.doc.status) r.tok->model->read(&r, r.doc.values);
    hw3i_read_parts(&r, r.doc.values);
    return finish(&r, out);
}

hw3_status hw3i_tokenizer_open(hw3_ctx *ctx, const char *path, hw3_tokenizer **out)
{
    char file[4096], merges[4096], config[4096];
    const int64_t n_path = (int64_t)strlen(path);
    if (n_path > (int64_t)sizeof file - 20)
        return hw3i_fail(ctx, HW3_ERR_IO, "tokenizer_open: the path has %lld bytes", (long long)n_path);
    snprintf(file, sizeof file, "%s/.", path);
    if (!hw3i_file_exists(file)) return open_json(ctx, path, out); /* no folder */
    snprintf(file, sizeof file, "%s/tokenizer.json", path);
    if (hw3i_file_exists(file)) return open_json(ctx, file, out);
    snprintf(file, sizeof file, "%s/vocab.json", path);
    snprintf(merges, sizeof merges, "%s/merges.txt", path);
    snprintf(config, sizeof config, "%s/tokenizer_config.json", path);
    if (hw3i_file_exists(file) && hw3i_file_exists(merges))
        return hw3i_file_exists(config) ? open_class(ctx, file, merges, config, out)
                                        : open_bpe(ctx, file, merges, HW3_PATTERN_GPT2, NULL, out);
    snprintf(file, sizeof file, "%s/vocab.txt", path);
    if (hw3i_file_exists(file)) return open_words(ctx, file, config, out);
    return hw3i_fail(ctx, HW3_ERR_IO, "tokenizer_open: %.200s has neither tokenizer.json, nor vocab.json with merges.txt, nor vocab.txt",
                     path);
}
