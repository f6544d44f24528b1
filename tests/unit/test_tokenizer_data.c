/* SPDX-License-Identifier: MIT */
/* Real tokenizers, against the numbers of Hugging Face's (tests/vectors/gen_tokenizer.py) and of llama.cpp's cases. What needs the files
 * of HW3_DATA is left out, with a line, where that is not set. */
#include "support.h"
#include "text/tokenizer.h"
#include "tokenizer.h"

static char path[1024];

/* NULL where there are no data. */
static const char *data(const char *name)
{
    const char *folder = getenv("HW3_DATA");
    if (!folder) return printf("%s: left out, HW3_DATA is not set\n", name), NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *read_all(const char *name, int64_t *n)
{
    const char *file_name = data(name);
    FILE *file = file_name ? fopen(file_name, "rb") : NULL;
    if (!file) return NULL;
    char *text = malloc(16 << 20);
    *n = (int64_t)fread(text, 1, (16 << 20) - 1, file);
    text[*n] = 0;
    fclose(file);
    return text;
}

static uint64_t fnv(uint64_t h, uint32_t number)
{
    for (int i = 0; i < 4; i++) h = (h ^ (number >> (8 * i) & 255)) * 0x100000001b3u;
    return h;
}
#define FNV_START 0xcbf29ce484222325u

static int64_t random_text(int64_t i, char *text)
{
    uint64_t x = (uint64_t)i + 1;
    int64_t n = 0;
#define DRAW() ((x = x * 6364136223846793005u + 1442695040888963407u) >> 33)
    for (int64_t left = 1 + (int64_t)(DRAW() % 60); left > 0; left--) {
        const uint64_t k = DRAW() % (sizeof tokenizer_parts / sizeof tokenizer_parts[0]);
        memcpy(text + n, tokenizer_parts[k].text, (size_t)tokenizer_parts[k].n);
        n += tokenizer_parts[k].n;
    }
    return n;
}

START_TEST(pieces)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int pattern = 0; pattern < 3; pattern++) {
        hw3_tokenizer *tok = NULL;
        char text[2000];
        int64_t n = 0;
        uint64_t h = FNV_START;
        OK(hw3i_tokenizer_byte_level(ctx, pattern, &tok));
        OK(hw3i_vocab_put(&tok->vocab, "test", 0, "a", 1));
        OK(hw3i_tokenizer_finish(tok, "test"));
        hw3i_work *w = tok->work;
        for (int64_t i = 0; i < TOKENIZER_N_RANDOM; i++) {
            w->text = text, w->n = random_text(i, text), w->origin = NULL, w->now = w->kept = NULL, w->n_cuts = w->n_pieces = 0;
            OK(hw3i_push_cut(w, 0, w->n));
            hw3i_take_cuts(w);
            OK(hw3i_run_steps(&tok->steps[HW3I_PRE_TOKENIZER], w));
            for (int64_t k = 0; k < w->n_pieces; k++) h = fnv(h, (uint32_t)(w->pieces[k].end - w->pieces[k].first));
            h = fnv(h, UINT32_MAX);
            n += w->n_pieces;
        }
        ck_assert_int_eq(n, tokenizer_pieces[pattern].n);
        ck_assert_uint_eq(h, tokenizer_pieces[pattern].hash);
        hw3_tokenizer_destroy(tok);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* As gen_tokenizer.py makes them; NULL without data. */
static hw3_tokenizer *open_real(hw3_ctx *ctx, const char *name)
{
    hw3_tokenizer *tok = NULL;
    char vocab[1024];
    const bool qwen = !strcmp(name, "qwen2.5");
    char file[64];
    snprintf(file, sizeof file, "tokenizers/%s/%s", name, qwen ? "vocab.json" : "tokenizer.json");
    if (!data(file)) return NULL;
    snprintf(vocab, sizeof vocab, "%s", path);
    if (!qwen) OK(hw3_tokenizer_open(ctx, vocab, &tok));
    if (!qwen) return tok;
    OK(hw3_tokenizer_open_bpe(ctx, vocab, data("tokenizers/qwen2.5/merges.txt"), HW3_PATTERN_QWEN2, &tok));
    const char *const special[] = { "<|endoftext|>", "<|im_start|>", "<|im_end|>" };
    OK(hw3_tokenizer_add(tok, special, 3, 1));
    return tok;
}

typedef struct texts {
    int64_t n, n_bytes[TOKENIZER_N_RANDOM];
    const char *texts[TOKENIZER_N_RANDOM];
    char *memory;
} texts;

static void read_texts(texts *t, const char *kind)
{
    static char random[TOKENIZER_N_RANDOM * 800];
    int64_t n_all, at = 0;
    if (!strcmp(kind, "random")) {
        for (t->n = 0; t->n < TOKENIZER_N_RANDOM; t->n++, at += t->n_bytes[t->n - 1]) {
            t->texts[t->n] = random + at;
            t->n_bytes[t->n] = random_text(t->n, random + at);
        }
        return;
    }
    t->memory = read_all("snappfood/dev.csv", &n_all);
    ck_assert_ptr_nonnull(t->memory);
    const char *line = strchr(t->memory, '\n') + 1;
    for (t->n = 0; t->n < TOKENIZER_N_COMMENTS; t->n++, line = strchr(line, '\n') + 1) {
        t->texts[t->n] = strchr(line, '\t') + 1;
        t->n_bytes[t->n] = strchr(t->texts[t->n], '\t') - t->texts[t->n];
    }
}

START_TEST(as_tokenizers)
{
    hw3_ctx *ctx = test_ctx(2);
    for (size_t k = 0; k < sizeof tokenizer_ids / sizeof tokenizer_ids[0]; k++) {
        hw3_tokenizer *tok = open_real(ctx, tokenizer_ids[k].tokenizer);
        if (!tok) break;
        texts *t = calloc(1, sizeof *t);
        read_texts(t, tokenizer_ids[k].texts);
        int64_t *starts = calloc((size_t)t->n + 1, sizeof *starts), n = tokenizer_ids[k].n, *tokens = calloc((size_t)n, sizeof *tokens);
        OK(hw3_tokenizer_encode_batch(tok, t->texts, t->n_bytes, t->n, NULL, tokens, n, starts));
        ck_assert_int_eq(starts[t->n], n);
        uint64_t h = FNV_START;
        for (int64_t i = 0; i < t->n; i++, h = fnv(h, UINT32_MAX))
            for (int64_t j = starts[i]; j < starts[i + 1]; j++) h = fnv(h, (uint32_t)tokens[j]);
        ck_assert_msg(h == tokenizer_ids[k].hash, "%s, %s: other tokens", tokenizer_ids[k].tokenizer, tokenizer_ids[k].texts);
        hw3_tokenizer_destroy(tok);
        free(tokens), free(starts), free(t->memory), free(t);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Texts between lines, and a line of tokens for each. */
START_TEST(cases_of_llama_cpp)
{
    static const char between[] = "\n__ggml_vocab_test__\n";
    int64_t n_in, n_out, n_cases = 0;
    char *in = read_all("tokenizers/llamacpp_vocab/ggml-vocab-gpt-2.gguf.inp", &n_in);
    if (!in) return;
    char *out = read_all("tokenizers/llamacpp_vocab/ggml-vocab-gpt-2.gguf.out", &n_out), *want = out;
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = open_real(ctx, "gpt2");
    for (char *at = in; want < out + n_out; n_cases++) {
        char *end = strstr(at, between);
        int64_t tokens[2000], n;
        OK(hw3_tokenizer_encode(tok, at, end ? end - at : in + n_in - at, NULL, tokens, 2000, &n));
        for (int64_t i = 0; i < n; i++) ck_assert_int_eq(tokens[i], strtol(want, &want, 10));
        while (*want == ' ') want++;
        ck_assert_msg(*want == '\n', "case %d has more tokens", (int)n_cases);
        want++;
        at = end ? end + strlen(between) : in + n_in;
    }
    ck_assert_int_eq(n_cases, 46);
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
    free(in), free(out);
}
END_TEST

TEST_MAIN("tokenizer_data", pieces, as_tokenizers, cases_of_llama_cpp)
