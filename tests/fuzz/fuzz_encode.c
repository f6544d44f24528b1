/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "text/tokenizer.h"

enum { MOST = 1 << 16 };

/* The bytes, and pairs of what Persian and English have many of. */
static hw3_tokenizer *make(hw3_ctx *ctx, hw3_pattern pattern)
{
    static const char *const merges[][2] = { { "t", "h" }, { "th", "e" }, { "\xC4\xA0", "the" }, { "\xC3\x99", "\xC4\xA7" }, { "1", "2" },
                                             { "\xC4\xA0", "\xC4\xA0" }, { "\xC3\xBF", "\xC3\xBF" } };
    hw3_tokenizer *tok = NULL;
    hw3_status s = hw3i_tokenizer_byte_level(ctx, pattern, &tok);
    char text[32], byte;
    for (int b = 0; b < 256 && !s; b++) {
        byte = (char)b;
        const int64_t n = hw3i_bytes_show(&byte, 1, text);
        s = hw3i_vocab_put(&tok->vocab, "fuzz", b, text, n);
    }
    for (int i = 0; i < 7 && !s; i++) {
        const int64_t n_a = (int64_t)strlen(merges[i][0]), n_b = (int64_t)strlen(merges[i][1]);
        memcpy(text, merges[i][0], (size_t)n_a);
        memcpy(text + n_a, merges[i][1], (size_t)n_b);
        s = hw3i_vocab_put(&tok->vocab, "fuzz", 256 + i, text, n_a + n_b);
        if (!s) s = hw3i_merge_put(tok, hw3i_vocab_find(&tok->vocab, text, n_a), hw3i_vocab_find(&tok->vocab, text + n_a, n_b), 256 + i);
    }
    if (!s) s = hw3i_tokenizer_finish(tok, "fuzz");
    const char *const added[] = { "<|end|>", "\xE2\x80\x8C" };
    if (!s) s = hw3i_tokenizer_add_all(tok, added, 1, true);
    if (!s) s = hw3i_tokenizer_add_all(tok, added + 1, 1, false);
    MUST(!s || s == HW3_ERR_NOMEM);
    if (!s) return tok;
    hw3i_tokenizer_release(tok);
    return NULL;
}

/* Any bytes come back from their tokens: at once, one by one, and through a batch; stops end both in one place. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    static int64_t tokens[MOST], again[MOST], starts[2];
    static char out[MOST], one[256];
    int64_t n, n_out, n_one, at = 0;
    if (n_bytes < 1) return;
    hw3_tokenizer *tok = make(ctx, bytes[0] & 1);
    if (!tok) return;
    const bool stops = bytes[0] & 2;
    bytes++, n_bytes--;
    hw3_decode_opts o = HW3_DECODE_OPTS_INIT;
    o.skip_special = 0;
    MUST(!hw3_tokenizer_encode(tok, bytes, n_bytes, NULL, tokens, MOST, &n));
    MUST(!hw3_tokenizer_decode(tok, tokens, n, &o, out, MOST, &n_out));
    MUST(n_out == n_bytes && (!n_bytes || !memcmp(out, bytes, (size_t)n_bytes)));
    MUST(!hw3_tokenizer_encode_batch(tok, &bytes, &n_bytes, 1, NULL, again, MOST, starts));
    MUST(starts[1] == n && !memcmp(tokens, again, (size_t)n * 8));
    const char *const texts[] = { "END", "\xD9\x86\xD9\x86", "aab" };
    o.stops = texts;
    o.n_stops = stops ? 3 : 0;
    MUST(!hw3_tokenizer_decode(tok, tokens, n, &o, out, MOST, &n_out));
    hw3_decoder *d = NULL;
    MUST(!hw3_decoder_create(tok, &o, &d));
    for (int64_t i = 0; i <= n; i++) {
        MUST(!(i < n ? hw3_decoder_push(d, tokens[i], one, sizeof one, &n_one) : hw3_decoder_finish(d, one, sizeof one, &n_one)));
        MUST(at + n_one <= n_out && !memcmp(out + at, one, (size_t)n_one));
        at += n_one;
    }
    MUST(at == n_out);
    hw3_decoder_destroy(d);
    hw3_tokenizer_destroy(tok);
}
