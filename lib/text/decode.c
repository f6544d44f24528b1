/* SPDX-License-Identifier: MIT */
/* From tokens to text, all at once or one by one. */
#include "text/tokenizer.h"
#include "text/decode.h"
#include "base/text.h"
#include <stdio.h>

hw3_status hw3i_decode_token(hw3_tokenizer *tok, const char *who, int64_t token, bool skip_special, bool *is_first,
                             hw3i_text *out)
{
    int64_t n;
    const hw3i_added *added;
    hw3i_work *w = tok->work;
    const char *text = hw3i_token_text(tok, token, &n, &added);
    if (!text)
        return hw3i_fail(tok->ctx, HW3_ERR_VALUE, "%s: there is no token %lld, the vocabulary has %lld", who, (long long)token,
                         (long long)hw3i_tokenizer_n_vocab(tok));
    if (skip_special && added && added->special) return HW3_OK;
    w->token.n = 0;
    w->is_first = *is_first;
    w->is_added = added;
    hw3_status s = HW3_OK;
    if (!tok->parts[HW3I_DECODER] && !*is_first) s = hw3i_text_put(w, out, " ", 1); /* as tokenizers does without a decoder */
    if (!s) s = hw3i_text_put(w, &w->token, text, n);
    if (!s) s = hw3i_run_steps(&tok->steps[HW3I_DECODER], w);
    if (!s) s = hw3i_text_put(w, out, w->token.bytes, w->token.n);
    *is_first = false;
    return s;
}

/* The stop that is whole first, of several the one that begins first. */
int64_t hw3i_find_stop(const hw3i_stops *stops, const char *text, int64_t n)
{
    int64_t best = -1, best_end = INT64_MAX;
    for (int64_t k = 0; k < stops->n; k++) {
        const int64_t len = (int64_t)strlen(stops->texts[k]);
        for (int64_t i = 0; i + len <= n && i + len <= best_end; i++) {
            if (memcmp(text + i, stops->texts[k], (size_t)len)) continue;
            if (i + len < best_end || i < best) best = i, best_end = i + len;
            break;
        }
    }
    return best;
}

/* Bytes at the end that may begin a stop, or are the beginning of a character. */
int64_t hw3i_uncertain(const hw3i_stops *stops, const char *text, int64_t n)
{
    int64_t most = 0;
    for (int64_t k = 0; k < stops->n; k++)
        for (int64_t len = hw3i_min((int64_t)strlen(stops->texts[k]) - 1, n); len > most; len--)
            if (!memcmp(text + n - len, stops->texts[k], (size_t)len)) most = len;
    const int64_t end = n - most; /* what comes before that ends with a whole character */
    for (int64_t back = 1; back <= 3 && back <= end; back++) {
        const unsigned char lead = (unsigned char)text[end - back];
        if ((lead & 0xC0) == 0x80) continue;
        const int64_t wants = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
        char whole[4] = { (char)lead, (char)(lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80), (char)0x80, (char)0x80 };
        if (back > 1) memcpy(whole, text + end - back, (size_t)back);
        return wants > back && hw3i_utf8_length(whole, 4) == wants ? most + back : most;
    }
    return most;
}

static hw3_status show(hw3_tokenizer *tok, hw3i_text *out, const char *text, int64_t n)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0, len; i < n && !s; i += hw3i_max(1, len)) {
        char code[8];
        len = hw3i_utf8_length(text + i, n - i);
        snprintf(code, sizeof code, "<0x%02X>", (unsigned char)text[i]);
        const bool seen = len && (unsigned char)text[i] >= 0x20 && text[i] != 0x7F;
        s = seen ? hw3i_text_put(tok->work, out, text + i, len) : hw3i_text_put(tok->work, out, code, 6);
    }
    return s;
}

hw3_status hw3i_view(hw3_tokenizer *tok, const int64_t *tokens, int64_t n, hw3i_text *out)
{
    hw3i_text one = { 0 };
    hw3_status s = hw3i_text_put(tok->work, out, "|", 1);
    for (int64_t i = 0; i < n && !s; i++) {
        bool is_first = true;
        one.n = 0;
        s = hw3i_decode_token(tok, "tokenizer_view", tokens[i], false, &is_first, &one);
        if (!s) s = show(tok, out, one.bytes, one.n);
        if (!s) s = hw3i_text_put(tok->work, out, "|", 1);
    }
    hw3i_free(tok->ctx, one.bytes);
    return s;
}

hw3_status hw3i_decoder_create(hw3_tokenizer *tok, const hw3_decode_opts *o, hw3_decoder **out)
{
    hw3_ctx *ctx = tok->ctx;
    hw3_decoder *d = hw3i_calloc(ctx, 1, sizeof *d);
    if (!d) return HW3_ERR_NOMEM;
    d->tok = tok;
    tok->n_refs++;
    d->skip_special = o->skip_special;
    d->is_first = true;
    d->drawn = -1;
    d->texts = hw3i_calloc(ctx, o->n_stops, sizeof *d->texts);
    bool whole = d->texts;
    for (; whole && d->stops.n < o->n_stops; d->stops.n++) {
        d->texts[d->stops.n] = hw3i_strdup(ctx, o->stops[d->stops.n]);
        whole = d->texts[d->stops.n];
    }
    d->stops.texts = (const char *const *)d->texts;
    if (!whole) {
        hw3i_decoder_destroy(d);
        return HW3_ERR_NOMEM;
    }
    *out = d;
    return HW3_OK;
}

void hw3i_decoder_destroy(hw3_decoder *d)
{
    if (!d) return;
    for (int64_t k = 0; d->texts && k < d->stops.n; k++) hw3i_free(d->tok->ctx, d->texts[k]);
    hw3i_free(d->tok->ctx, d->texts);
    hw3i_free(d->tok->ctx, d->left.bytes);
    hw3_tokenizer *tok = d->tok;
    hw3i_free(tok->ctx, d);
    hw3i_tokenizer_release(tok);
}

void hw3i_decoder_reset(hw3_decoder *d)
{
    d->left.n = 0;
    d->is_first = true;
    d->stopped = d->ended = false;
    d->drawn = -1;
}

/* Bytes of what is left that nothing to come can change; stops: whether they are the last. */
static int64_t certain(const hw3_decoder *d, bool *stops)
{
    const hw3i_text *left = &d->left;
    const int64_t stop = hw3i_find_stop(&d->stops, left->bytes, left->n);
    *stops = d->ended || stop >= 0;
    return stop >= 0 ? stop : d->ended ? left->n : left->n - hw3i_uncertain(&d->stops, left->bytes, left->n);
}

bool hw3i_decoder_has_text(const hw3_decoder *d) { return certain(d, &(bool){ false }) > 0; }

hw3_status hw3i_decoder_take(hw3_decoder *d, const char *who, int64_t token)
{
    const int64_t before = d->left.n;
    bool is_first = d->is_first;
    const hw3_status s = hw3i_decode_token(d->tok, who, token, d->skip_special, &is_first, &d->left);
    if (s) d->left.n = before;
    else d->is_first = is_first;
    return s;
}

hw3_status hw3i_decoder_give(hw3_decoder *d, const char *who, char *text, int64_t cap, int64_t *n_bytes)
{
    hw3i_text *left = &d->left;
    bool stops;
    const int64_t n = certain(d, &stops);
    const hw3_status s = hw3i_give_text(d->tok->ctx, who, left->bytes, n, text, cap, n_bytes);
    if (s) return s;
    left->n = stops ? 0 : left->n - n;
    if (left->n) memmove(left->bytes, left->bytes + n, (size_t)left->n);
    d->stopped |= stops;
    return HW3_OK;
}

/* What does not fit stays undone: the token may be pushed again. */
hw3_status hw3i_decoder_push(hw3_decoder *d, int64_t token, char *text, int64_t cap, int64_t *n_bytes)
{
    const int64_t before = d->left.n;
    const bool is_first = d->is_first;
    *n_bytes = 0;
    hw3_status s = d->stopped ? HW3_OK : hw3i_decoder_take(d, "decoder_push", token);
    if (s) return s;
    s = hw3i_decoder_give(d, "decoder_push", text, cap, n_bytes);
    if (s) d->left.n = before, d->is_first = is_first;
    return s;
}
