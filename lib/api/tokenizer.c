/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "base/text.h"
#include "io/file.h"
#include "text/decode.h"

#define OLDEST_TRAIN_OPTS ((uint32_t)sizeof(hw3_tokenizer_train_opts))
#define OLDEST_ENCODE_OPTS ((uint32_t)sizeof(hw3_encode_opts))
#define OLDEST_DECODE_OPTS ((uint32_t)sizeof(hw3_decode_opts))

static const hw3_tokenizer_train_opts train_defaults = HW3_TOKENIZER_TRAIN_OPTS_INIT;
static const hw3_encode_opts encode_defaults = HW3_ENCODE_OPTS_INIT;
static const hw3_decode_opts decode_defaults = HW3_DECODE_OPTS_INIT;

hw3_status hw3_tokenizer_train_opts_init(hw3_tokenizer_train_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &train_defaults, sizeof train_defaults, OLDEST_TRAIN_OPTS);
}

hw3_status hw3_encode_opts_init(hw3_encode_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &encode_defaults, sizeof encode_defaults, OLDEST_ENCODE_OPTS);
}

hw3_status hw3_decode_opts_init(hw3_decode_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &decode_defaults, sizeof decode_defaults, OLDEST_DECODE_OPTS);
}

hw3_status hw3_tokenizer_open(hw3_ctx *ctx, const char *path, hw3_tokenizer **out)
{
    if (out) *out = NULL;
    if (!ctx) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(ctx, "tokenizer_open", "out");
    hw3_status s = hw3i_path_check(ctx, "tokenizer_open", path);
    return s ? s : hw3i_tokenizer_open(ctx, path, out);
}

hw3_status hw3_tokenizer_open_bpe(hw3_ctx *ctx, const char *vocab, const char *merges, hw3_pattern pattern, hw3_tokenizer **out)
{
    if (out) *out = NULL;
    if (!ctx) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(ctx, "tokenizer_open_bpe", "out");
    hw3_status s = hw3i_path_check(ctx, "tokenizer_open_bpe", vocab);
    if (!s) s = hw3i_path_check(ctx, "tokenizer_open_bpe", merges);
    if (!s) s = hw3i_check_range(ctx, "tokenizer_open_bpe", "pattern", pattern, HW3_PATTERN_GPT2, HW3_PATTERN_QWEN2);
    return s ? s : hw3i_tokenizer_open_bpe(ctx, vocab, merges, pattern, out);
}

hw3_status hw3_tokenizer_save(hw3_tokenizer *tok, const char *path)
{
    if (!tok) return HW3_ERR_ARG;
    hw3_status s = hw3i_path_check(tok->ctx, "tokenizer_save", path);
    return s ? s : hw3i_tokenizer_save(tok, path);
}

void hw3_tokenizer_destroy(hw3_tokenizer *tok) { hw3i_tokenizer_release(tok); }

/* Texts that are to be tokens. */
static hw3_status check_added(hw3_ctx *ctx, const char *who, const char *const *texts, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!texts[i] || !texts[i][0] || !hw3i_is_utf8(texts[i], (int64_t)strlen(texts[i])))
            return hw3i_fail(ctx, HW3_ERR_ARG, "%s: text %lld is %s", who, (long long)i,
                             !texts[i] ? "NULL" : texts[i][0] ? "no UTF-8" : "empty");
    return HW3_OK;
}

hw3_status hw3_tokenizer_add(hw3_tokenizer *tok, const char *const *texts, int64_t n, int32_t special)
{
    if (!tok) return HW3_ERR_ARG;
    if (n < 1) return hw3i_is_small(tok->ctx, "tokenizer_add", "n", n, 1);
    if (!texts) return hw3i_is_null(tok->ctx, "tokenizer_add", "texts");
    hw3_status s = hw3i_check_range(tok->ctx, "tokenizer_add", "special", special, 0, 1);
    if (!s) s = check_added(tok->ctx, "tokenizer_add", texts, n);
    return s ? s : hw3i_tokenizer_add_all(tok, texts, n, special);
}

int64_t hw3_tokenizer_n_vocab(const hw3_tokenizer *tok) { return tok ? hw3i_tokenizer_n_vocab(tok) : HW3_ERR_ARG; }

/* The length of a text, -1 for up to its 0; HW3_OK when there is one. */
static hw3_status check_text(hw3_ctx *ctx, const char *who, const char *name, const char *text, int64_t *n)
{
    if (*n < -1) return hw3i_is_small(ctx, who, "n_bytes", *n, -1);
    if (!text && *n != 0) return hw3i_is_null(ctx, who, name);
    if (*n < 0) *n = (int64_t)strlen(text);
    return HW3_OK;
}

int64_t hw3_tokenizer_find(hw3_tokenizer *tok, const char *text, int64_t n_bytes)
{
    if (!tok) return HW3_ERR_ARG;
    hw3_status s = check_text(tok->ctx, "tokenizer_find", "text", text, &n_bytes);
    if (s) return s;
    const int64_t token = hw3i_tokenizer_find(tok, text, n_bytes);
    if (token == HW3_ERR_NOMEM) return token;
    if (token >= 0) return token;
    return hw3i_fail(tok->ctx, HW3_ERR_NAME, "tokenizer_find: no token '%.*s'", (int)hw3i_min(n_bytes, 100), text);
}

static hw3_status too_small(hw3_ctx *ctx, const char *who, int64_t cap, int64_t n)
{
    return hw3i_fail(ctx, HW3_ERR_TOO_SMALL, "%s: there is room for %lld, %lld are needed", who, (long long)cap, (long long)n);
}

static hw3_status check_tokens(hw3_ctx *ctx, const char *who, const int64_t *tokens, int64_t n)
{
    if (n < 0) return hw3i_is_small(ctx, who, "n_tokens", n, 0);
    return n && !tokens ? hw3i_is_null(ctx, who, "tokens") : HW3_OK;
}

hw3_status hw3_tokenizer_token(hw3_tokenizer *tok, int64_t token, char *text, int64_t cap, int64_t *n_bytes)
{
    if (!tok) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_room(tok->ctx, "tokenizer_token", text, cap, n_bytes);
    hw3i_text out = { 0 };
    bool is_first = true;
    if (!s) s = hw3i_decode_token(tok, "tokenizer_token", token, false, &is_first, &out);
    if (!s) s = hw3i_give_text(tok->ctx, "tokenizer_token", out.bytes, out.n, text, cap, n_bytes);
    hw3i_free(tok->ctx, out.bytes);
    return s;
}

static hw3_status import_encode(hw3_ctx *ctx, const char *who, const hw3_encode_opts *opts, hw3_encode_opts *o)
{
    *o = encode_defaults;
    hw3_status s = opts ? hw3i_import(ctx, o, sizeof *o, opts, OLDEST_ENCODE_OPTS, "encode_opts") : HW3_OK;
    if (!s) s = hw3i_check_range(ctx, who, "add_special", o->add_special, 0, 1);
    if (!s) s = hw3i_check_range(ctx, who, "find_special", o->find_special, 0, 1);
    if (!s && o->pair) s = check_text(ctx, who, "pair", o->pair, &o->n_pair);
    return s;
}

hw3_status hw3_tokenizer_encode(hw3_tokenizer *tok, const char *text, int64_t n_bytes, const hw3_encode_opts *opts,
                                int64_t *tokens, int64_t cap, int64_t *n_tokens)
{
    if (!tok) return HW3_ERR_ARG;
    hw3_encode_opts o;
    hw3_status s = check_text(tok->ctx, "tokenizer_encode", "text", text, &n_bytes);
    if (!s) s = hw3i_check_room(tok->ctx, "tokenizer_encode", tokens, cap, n_tokens);
    if (!s) s = import_encode(tok->ctx, "tokenizer_encode", opts, &o);
    if (s) return s;
    hw3i_work *w = tok->work;
    w->n_tokens = 0;
    w->find_special = o.find_special;
    w->wants_offsets = o.offsets;
    s = hw3i_encode(tok, w, text, n_bytes);
    const int64_t n_first = w->n_tokens;
    if (!s && o.pair) s = hw3i_encode(tok, w, o.pair, o.n_pair);
    if (s) return s;
    const int64_t n_second = o.pair ? w->n_tokens - n_first : -1;
    const int64_t n = hw3i_count_places(tok, o.add_special, n_first, n_second);
    *n_tokens = n;
    if (n > cap) return too_small(tok->ctx, "tokenizer_encode", cap, n);
    hw3i_put_places(tok, o.add_special, w->tokens, w->offsets, n_first, n_second, tokens, o.offsets, o.types);
    return HW3_OK;
}

static hw3_status check_batch(hw3_ctx *ctx, const char *who, const char *const *texts, const int64_t *n_bytes, int64_t n_texts)
{
    if (n_texts < 0) return hw3i_is_small(ctx, who, "n_texts", n_texts, 0);
    if (n_texts && !texts) return hw3i_is_null(ctx, who, "texts");
    for (int64_t i = 0; i < n_texts; i++)
        if ((n_bytes && n_bytes[i] < -1) || (!texts[i] && !(n_bytes && n_bytes[i] == 0)))
            return hw3i_fail(ctx, HW3_ERR_ARG, "%s: text %lld is %s of %lld bytes", who, (long long)i, texts[i] ? "one" : "NULL",
                             (long long)(n_bytes ? n_bytes[i] : -1));
    return HW3_OK;
}

static hw3_status import_train(hw3_ctx *ctx, const char *who, const hw3_tokenizer_train_opts *opts, hw3_tokenizer_train_opts *o)
{
    *o = train_defaults;
    hw3_status s = opts ? hw3i_import(ctx, o, sizeof *o, opts, OLDEST_TRAIN_OPTS, "tokenizer_train_opts") : HW3_OK;
    if (!s) s = hw3i_check_range(ctx, who, "pattern", o->pattern, HW3_PATTERN_GPT2, HW3_PATTERN_QWEN2);
    if (!s) s = hw3i_check_range(ctx, who, "n_specials", o->n_specials, 0, HW3I_MAX_TOKENS - 256);
    if (!s) s = hw3i_check_range(ctx, who, "n_vocab", o->n_vocab, o->n_specials + 256, HW3I_MAX_TOKENS);
    if (!s && o->min_frequency < 0) s = hw3i_is_small(ctx, who, "min_frequency", o->min_frequency, 0);
    if (!s && o->n_specials && !o->specials) s = hw3i_is_null(ctx, who, "specials");
    return s ? s : check_added(ctx, who, o->specials, o->n_specials);
}

hw3_status hw3_tokenizer_train(hw3_ctx *ctx, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                               const hw3_tokenizer_train_opts *opts, hw3_tokenizer **out)
{
    static const char who[] = "tokenizer_train";
    if (out) *out = NULL;
    if (!ctx) return HW3_ERR_ARG;
    hw3_tokenizer_train_opts o;
    hw3_status s = out ? check_batch(ctx, who, texts, n_bytes, n_texts) : hw3i_is_null(ctx, who, "out");
    if (!s) s = import_train(ctx, who, opts, &o);
    int64_t *sizes = s ? NULL : hw3i_alloc(ctx, n_texts, sizeof *sizes);
    if (!s && !sizes) s = HW3_ERR_NOMEM;
    for (int64_t i = 0; i < n_texts && !s; i++) sizes[i] = n_bytes && n_bytes[i] >= 0 ? n_bytes[i] : (int64_t)strlen(texts[i]);
    if (!s) s = hw3i_tokenizer_train(ctx, texts, sizes, n_texts, &o, out);
    hw3i_free(ctx, sizes);
    return s;
}

hw3_status hw3_tokenizer_encode_batch(hw3_tokenizer *tok, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                                      const hw3_encode_opts *opts, int64_t *tokens, int64_t cap, int64_t *starts)
{
    static const char who[] = "tokenizer_encode_batch";
    if (!tok) return HW3_ERR_ARG;
    hw3_encode_opts o;
    hw3_status s = check_batch(tok->ctx, who, texts, n_bytes, n_texts);
    if (!s) s = hw3i_check_room(tok->ctx, who, tokens, cap, starts);
    if (!s) s = import_encode(tok->ctx, who, opts, &o);
    if (!s && (o.pair || o.offsets || o.types))
        s = hw3i_fail(tok->ctx, HW3_ERR_ARG, "%s: pair, offsets and types are of one text", who);
    int32_t *all = NULL;
    int64_t *counts = s ? NULL : hw3i_alloc(tok->ctx, n_texts, sizeof *counts), n = 0;
    if (!s) s = counts ? hw3i_encode_batch(tok, texts, n_bytes, n_texts, o.find_special, &all, counts) : HW3_ERR_NOMEM;
    for (int64_t i = 0; i < n_texts && !s; i++) n += hw3i_count_places(tok, o.add_special, counts[i], -1);
    if (!s && n > cap) s = too_small(tok->ctx, who, cap, n);
    if (s == HW3_ERR_TOO_SMALL) starts[n_texts] = n;
    const int32_t *from = all;
    if (!s) starts[0] = 0;
    for (int64_t i = 0; i < n_texts && !s; i++) {
        hw3i_put_places(tok, o.add_special, from, NULL, counts[i], -1, tokens + starts[i], NULL, NULL);
        from += counts[i];
        starts[i + 1] = starts[i] + hw3i_count_places(tok, o.add_special, counts[i], -1);
    }
    hw3i_free(tok->ctx, all);
    hw3i_free(tok->ctx, counts);
    return s;
}

static hw3_status import_decode(hw3_ctx *ctx, const char *who, const hw3_decode_opts *opts, hw3_decode_opts *o)
{
    *o = decode_defaults;
    hw3_status s = opts ? hw3i_import(ctx, o, sizeof *o, opts, OLDEST_DECODE_OPTS, "decode_opts") : HW3_OK;
    if (!s) s = hw3i_check_range(ctx, who, "skip_special", o->skip_special, 0, 1);
    if (!s && o->n_stops < 0) s = hw3i_is_small(ctx, who, "n_stops", o->n_stops, 0);
    if (!s && o->n_stops && !o->stops) s = hw3i_is_null(ctx, who, "stops");
    for (int64_t k = 0; !s && k < o->n_stops; k++)
        if (!o->stops[k] || !o->stops[k][0])
            s = hw3i_fail(ctx, HW3_ERR_ARG, "%s: stop %lld is %s", who, (long long)k, o->stops[k] ? "empty" : "NULL");
    return s;
}

hw3_status hw3_tokenizer_decode(hw3_tokenizer *tok, const int64_t *tokens, int64_t n_tokens, const hw3_decode_opts *opts,
                                char *text, int64_t cap, int64_t *n_bytes)
{
    if (!tok) return HW3_ERR_ARG;
    hw3_decode_opts o;
    hw3i_text out = { 0 };
    bool is_first = true;
    hw3_status s = check_tokens(tok->ctx, "tokenizer_decode", tokens, n_tokens);
    if (!s) s = hw3i_check_room(tok->ctx, "tokenizer_decode", text, cap, n_bytes);
    if (!s) s = import_decode(tok->ctx, "tokenizer_decode", opts, &o);
    for (int64_t i = 0; i < n_tokens && !s; i++)
        s = hw3i_decode_token(tok, "tokenizer_decode", tokens[i], o.skip_special, &is_first, &out);
    if (!s) {
        const int64_t stop = hw3i_find_stop(&(hw3i_stops){ o.stops, o.n_stops }, out.bytes, out.n);
        s = hw3i_give_text(tok->ctx, "tokenizer_decode", out.bytes, stop < 0 ? out.n : stop, text, cap, n_bytes);
    }
    hw3i_free(tok->ctx, out.bytes);
    return s;
}

hw3_status hw3_tokenizer_view(hw3_tokenizer *tok, const int64_t *tokens, int64_t n_tokens, char *text, int64_t cap,
                              int64_t *n_bytes)
{
    if (!tok) return HW3_ERR_ARG;
    hw3i_text out = { 0 };
    hw3_status s = check_tokens(tok->ctx, "tokenizer_view", tokens, n_tokens);
    if (!s) s = hw3i_check_room(tok->ctx, "tokenizer_view", text, cap, n_bytes);
    if (!s) s = hw3i_view(tok, tokens, n_tokens, &out);
    if (!s) s = hw3i_give_text(tok->ctx, "tokenizer_view", out.bytes, out.n, text, cap, n_bytes);
    hw3i_free(tok->ctx, out.bytes);
    return s;
}

hw3_status hw3_decoder_create(hw3_tokenizer *tok, const hw3_decode_opts *opts, hw3_decoder **out)
{
    if (out) *out = NULL;
    if (!tok) return HW3_ERR_ARG;
    hw3_decode_opts o;
    hw3_status s = out ? import_decode(tok->ctx, "decoder_create", opts, &o) : hw3i_is_null(tok->ctx, "decoder_create", "out");
    return s ? s : hw3i_decoder_create(tok, &o, out);
}

void hw3_decoder_destroy(hw3_decoder *decoder) { hw3i_decoder_destroy(decoder); }

hw3_status hw3_decoder_push(hw3_decoder *decoder, int64_t token, char *text, int64_t cap, int64_t *n_bytes)
{
    if (!decoder) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_room(decoder->tok->ctx, "decoder_push", text, cap, n_bytes);
    return s ? s : hw3i_decoder_push(decoder, token, text, cap, n_bytes);
}

hw3_status hw3_decoder_finish(hw3_decoder *decoder, char *text, int64_t cap, int64_t *n_bytes)
{
    if (!decoder) return HW3_ERR_ARG;
    hw3_status s = hw3i_check_room(decoder->tok->ctx, "decoder_finish", text, cap, n_bytes);
    if (!s) s = hw3i_give_text(decoder->tok->ctx, "decoder_finish", decoder->left.bytes, decoder->left.n, text, cap, n_bytes);
    if (!s) hw3i_decoder_reset(decoder);
    return s;
}

int32_t hw3_decoder_stopped(const hw3_decoder *decoder) { return decoder ? decoder->stopped : HW3_ERR_ARG; }
