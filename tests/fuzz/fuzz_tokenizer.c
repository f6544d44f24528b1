/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/tokenizer.h"
#include <stdio.h>
#include <unistd.h>

enum { MOST = 4096 };

static void must_be_known(hw3_ctx *ctx, hw3_status s)
{
    MUST(!s || s == HW3_ERR_FORMAT || s == HW3_ERR_UNSUPPORTED || s == HW3_ERR_NOMEM || s == HW3_ERR_VALUE || s == HW3_ERR_TOO_SMALL);
    MUST(!s || (ctx->error[0] && !strpbrk(ctx->error, "\n\t\r")));
}

/* What an encoding says must make sense, and a file that was saved must mean the same. */
static hw3_status use(hw3_ctx *ctx, hw3_tokenizer *tok, const char *text, int64_t n_text)
{
    static int64_t tokens[MOST], again[MOST], offsets[2 * MOST], types[MOST], starts[2];
    static char out[65536];
    int64_t n, n_again, n_out;
    hw3_tokenizer *other = NULL;
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.offsets = offsets;
    o.types = types;
    hw3_status s = hw3_tokenizer_encode(tok, text, n_text, &o, tokens, MOST, &n);
    must_be_known(ctx, s);
    if (s) return s;
    for (int64_t i = 0; i < n; i++) MUST(tokens[i] >= 0 && tokens[i] < hw3_tokenizer_n_vocab(tok));
    for (int64_t i = 0; i < n; i++) MUST(offsets[2 * i] >= 0 && offsets[2 * i] <= offsets[2 * i + 1] && offsets[2 * i + 1] <= n_text);
    s = hw3_tokenizer_encode_batch(tok, &text, &n_text, 1, NULL, again, MOST, starts);
    must_be_known(ctx, s);
    MUST(s == HW3_ERR_NOMEM || (!s && starts[1] == n && !memcmp(tokens, again, (size_t)n * 8)));
    must_be_known(ctx, hw3_tokenizer_decode(tok, tokens, n, NULL, out, sizeof out, &n_out));
    must_be_known(ctx, hw3_tokenizer_view(tok, tokens, n, out, sizeof out, &n_out));
    s = hw3_tokenizer_save(tok, fuzz_path());
    if (!s) s = hw3_tokenizer_open(ctx, fuzz_path(), &other);
    MUST(!s || s == HW3_ERR_NOMEM);
    o.offsets = o.types = NULL;
    if (!s) s = hw3_tokenizer_encode(other, text, n_text, &o, again, MOST, &n_again);
    MUST(s == HW3_ERR_NOMEM || (!s && n == n_again && !memcmp(tokens, again, (size_t)n * 8)));
    hw3_tokenizer_destroy(other);
    return s;
}

/* tokenizer.json, and behind its first line of "--" a text. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    static const char sample[] = "Hello, wOrld's 123  \xD8\xB3\xD9\x84\xD8\xA7\xD9\x85 \xFF <s> [CLS]\n\n \xE2\x96\x81x";
    int64_t n_json = 0;
    while (n_json < n_bytes && (n_bytes - n_json < 4 || memcmp(bytes + n_json, "\n--\n", 4))) n_json++;
    const bool has_text = n_json < n_bytes;
    hw3_tokenizer *tok = NULL;
    fuzz_write(fuzz_path(), bytes, n_json);
    hw3_status s = hw3_tokenizer_open(ctx, fuzz_path(), &tok);
    must_be_known(ctx, s);
    MUST(!s == !!tok);
    const int64_t n_text = has_text ? hw3i_min(n_bytes - n_json - 4, 200) : (int64_t)sizeof sample - 1;
    if (tok) (void)!use(ctx, tok, has_text ? bytes + n_json + 4 : sample, n_text);
    hw3_tokenizer_destroy(tok);
    unlink(fuzz_path());
}
