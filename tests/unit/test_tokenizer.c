/* SPDX-License-Identifier: MIT */
/* Tokenizers: files, pieces, tokens and text again. */
#include "alloc.h"
#include "text/tokenizer.h"

static const char *data_path(const char *name)
{
    static char path[1024];
    const char *folder = getenv("HW3_DATA");
    if (!folder) return NULL;
    snprintf(path, sizeof path, "%s/tokenizers/%s", folder, name);
    return path;
}

/* GPT-2's own file, from HW3_DATA. */
START_TEST(gpt2)
{
    const char *path = data_path("gpt2/tokenizer.json");
    if (!path) {
        printf("gpt2: skipped, HW3_DATA is not set\n");
        return;
    }
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL;
    OK(hw3_tokenizer_open(ctx, path, &tok));
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 50257);
    const int64_t want[] = { 15496, 11, 995, 0, 50256, 764 };
    int64_t tokens[16], n;
    char text[64];
    OK(hw3_tokenizer_encode(tok, "Hello, world!<|endoftext|> .", -1, NULL, tokens, 16, &n));
    ck_assert_int_eq(n, 6);
    ck_assert_mem_eq(tokens, want, sizeof want);
    OK(hw3_tokenizer_decode(tok, tokens, n, NULL, text, sizeof text, &n));
    ck_assert_int_eq(n, 15);
    ck_assert_mem_eq(text, "Hello, world! .", 15);
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("tokenizer", gpt2)
