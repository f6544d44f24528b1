/* SPDX-License-Identifier: MIT */
/* Tokenizers of each kind, small ones that Hugging Face's tokenizers made (tests/vectors/gen_tokenizer_kinds.py): the same tokens, types,
 * offsets and text again. */
#include "alloc.h"
#include "text/tokenizer.h"
#include "tokenizer_files.h"
#include "tokenizer_kinds.h"

#define N_CASES ((int)(sizeof kind_cases / sizeof kind_cases[0]))
#define REGENERATE "regenerate by tests/vectors/gen_tokenizer_kinds.py"

static const char *const kinds[] = { "bert", "bert_cased", "stripped", "composed", "llama", "gemma", "metaspace_always", "metaspace_first",
                                     "metaspace_never" };

static const char *vector_path(const char *kind)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/tokenizers/%s.json", HW3_VECTORS, kind);
    return path;
}

static void check_case(hw3_ctx *ctx, hw3_tokenizer *tok, int k)
{
    const int64_t i = kind_cases[k].text, pair = kind_cases[k].pair, n_want = kind_cases[k].n;
    int64_t tokens[160], offsets[320], types[160], n;
    char text[1024];
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.offsets = offsets, o.types = types;
    if (pair >= 0) o.pair = kind_texts[pair].text, o.n_pair = kind_texts[pair].n;
    OK(hw3_tokenizer_encode(tok, kind_texts[i].text, kind_texts[i].n, &o, tokens, 160, &n));
    ck_assert_msg(n == n_want, "%s, text %d: %d tokens, want %d; %s", kind_cases[k].kind, (int)i, (int)n, (int)n_want, REGENERATE);
    for (int64_t t = 0; t < n; t++) {
        ck_assert_msg(tokens[t] == kind_cases[k].tokens[t], "%s, text %d, token %d: %d, want %d; %s", kind_cases[k].kind, (int)i, (int)t,
                      (int)tokens[t], (int)kind_cases[k].tokens[t], REGENERATE);
        ck_assert_int_eq(types[t], kind_cases[k].types[t]);
        for (int64_t e = 2 * t; pair < 0 && e < 2 * t + 2; e++)
            ck_assert_msg(offsets[e] == kind_cases[k].offsets[e], "%s, text %d, token %d: offset %d, want %d; %s", kind_cases[k].kind, (int)i,
                          (int)t, (int)offsets[e], (int)kind_cases[k].offsets[e], REGENERATE);
    }
    OK(hw3_tokenizer_decode(tok, tokens, n, NULL, text, sizeof text, &n));
    ck_assert_msg(n == kind_cases[k].n_decoded && !memcmp(text, kind_cases[k].decoded, (size_t)n), "%s, text %d: '%.*s', want '%s'; %s",
                  kind_cases[k].kind, (int)i, (int)n, text, kind_cases[k].decoded, REGENERATE);
}

static void check_kind(hw3_ctx *ctx, hw3_tokenizer *tok, const char *kind)
{
    int n = 0;
    for (int k = 0; k < N_CASES; k++)
        if (!strcmp(kind_cases[k].kind, kind)) check_case(ctx, tok, k), n++;
    ck_assert_int_gt(n, 25);
}

START_TEST(as_tokenizers_has_them)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL;
    OK(hw3_tokenizer_open(ctx, vector_path(kinds[_i]), &tok));
    check_kind(ctx, tok, kinds[_i]);
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(saved_and_opened)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL, *again = NULL;
    const char *path = file_path("saved.json");
    OK(hw3_tokenizer_open(ctx, vector_path(kinds[_i]), &tok));
    OK(hw3_tokenizer_save(tok, path));
    OK(hw3_tokenizer_open(ctx, path, &again));
    check_kind(ctx, again, kinds[_i]);
    hw3_tokenizer_destroy(again);
    hw3_tokenizer_destroy(tok);
    remove(path);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Token by token, and many texts at once on two threads. */
START_TEST(one_by_one_and_all_at_once)
{
    enum { N = sizeof kind_texts / sizeof kind_texts[0] };
    hw3_ctx *ctx = test_ctx(2);
    hw3_tokenizer *tok = NULL;
    const char *texts[N];
    int64_t n_bytes[N], starts[N + 1], tokens[2000], one[160], n, n_whole;
    OK(hw3_tokenizer_open(ctx, vector_path(kinds[_i]), &tok));
    for (int i = 0; i < N; i++) texts[i] = kind_texts[i].text, n_bytes[i] = kind_texts[i].n;
    OK(hw3_tokenizer_encode_batch(tok, texts, n_bytes, N, NULL, tokens, 2000, starts));
    hw3_decoder *d = NULL;
    OK(hw3_decoder_create(tok, NULL, &d));
    for (int i = 0; i < N; i++) {
        char whole[1024], part[1024];
        OK(hw3_tokenizer_encode(tok, texts[i], n_bytes[i], NULL, one, 160, &n));
        ck_assert_int_eq(n, starts[i + 1] - starts[i]);
        ck_assert(!memcmp(one, tokens + starts[i], (size_t)n * sizeof *one));
        OK(hw3_tokenizer_decode(tok, one, n, NULL, whole, sizeof whole, &n_whole));
        int64_t at = 0, n_part;
        for (int64_t k = 0; k < n; k++, at += n_part) OK(hw3_decoder_push(d, one[k], part + at, (int64_t)sizeof part - at, &n_part));
        OK(hw3_decoder_finish(d, part + at, (int64_t)sizeof part - at, &n_part));
        ck_assert_int_eq(at + n_part, n_whole);
        ck_assert(!memcmp(part, whole, (size_t)n_whole));
    }
    hw3_decoder_destroy(d);
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A tokenizer's own normal form is hw3_text_normalize's: two ways to it. */
START_TEST(forms)
{
    static const char *const names[] = { "NFC", "NFD", "NFKC", "NFKD" };
    static const char *const parts[] = {
        "a", "e", "=", " ", "\n", "\xff", "\xd9", "\xcc\x81", "\xcc\xa3", "\xcc\x88", "\xcd\x85", "\xcc\xb8", "\xd8\xa7", "\xd9\x93",
        "\xd9\x94", "\xd9\x95", "\xe1\x84\x80", "\xe1\x85\xa1", "\xe1\x86\xa8", "\xea\xb0\x80", "\xef\xac\x81", "\xef\xb7\xba",
        "\xc3\xa9", "\xe2\x84\xab", "\xe0\xa5\x98", "\xe0\xad\x87", "\xe0\xac\xbe", "\xe1\xbe\xb7", "\xf0\x9d\x85\x9e" };
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL;
    char json[256], text[256], want[4096];
    snprintf(json, sizeof json, "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0}},\"normalizer\":{\"type\":\"%s\"}}", names[_i]);
    const char *path = write_file("form.json", json);
    OK(hw3_tokenizer_open(ctx, path, &tok));
    uint64_t x = 5;
    for (int k = 0; k < 5000; k++) {
        int64_t n = 0, n_want;
        for (int i = 0; i < (k % 4 ? 12 : 60); i++) { /* every fourth of many accents in a row */
            x = x * 6364136223846793005u + 1442695040888963407u;
            const char *part = parts[k % 4 || i % 50 == 0 ? (x >> 33) % (sizeof parts / sizeof parts[0]) : 7 + (x >> 33) % 4];
            memcpy(text + n, part, strlen(part));
            n += (int64_t)strlen(part);
        }
        hw3i_work *w = tok->work;
        w->text = text, w->n = n, w->base = 0, w->origin = NULL, w->now = w->kept = NULL;
        OK(hw3i_run_steps(&tok->steps[HW3I_NORMALIZER], w));
        OK(hw3_text_normalize(ctx, _i, text, n, want, sizeof want, &n_want));
        ck_assert_msg(w->n == n_want && !memcmp(w->text, want, (size_t)n_want), "%s of '%.*s' is '%.*s', want '%.*s'", names[_i], (int)n, text,
                      (int)w->n, w->text, (int)n_want, want);
    }
    hw3_tokenizer_destroy(tok);
    remove(path);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* BERT's vocabulary, one token a line. */
START_TEST(vocab_txt)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL, *bert = NULL;
    char folder[128], file[160];
    snprintf(folder, sizeof folder, "%s", file_path("vocab"));
    snprintf(file, sizeof file, "mkdir -p %s", folder);
    ck_assert_int_eq(system(file), 0);
    OK(hw3_tokenizer_open(ctx, vector_path("bert"), &bert));
    snprintf(file, sizeof file, "%s/vocab.txt", folder);
    FILE *f = fopen(file, "wb");
    for (int64_t t = 0, n; t < hw3_tokenizer_n_vocab(bert); t++) {
        char text[256];
        OK(hw3_tokenizer_token(bert, t, text, sizeof text, &n));
        fprintf(f, "%.*s%s\n", (int)n, text, t % 2 ? "\r" : "");
    }
    fclose(f);
    OK(hw3_tokenizer_open(ctx, folder, &tok));
    check_kind(ctx, tok, "bert");
    hw3_tokenizer_destroy(tok);
    f = fopen(file, "ab");
    fprintf(f, "\n\xff\n"); /* an empty line has a number too */
    fclose(f);
    FAILS(hw3_tokenizer_open(ctx, folder, &tok), HW3_ERR_FORMAT);
    SAYS("vocab.txt: line");
    f = fopen(file, "wb");
    fprintf(f, "a\n[UNK]\nb\na\n");
    fclose(f);
    FAILS(hw3_tokenizer_open(ctx, folder, &tok), HW3_ERR_FORMAT);
    SAYS("token 'a' is there twice");
    f = fopen(file, "wb");
    fprintf(f, "a\n");
    fclose(f);
    FAILS(hw3_tokenizer_open(ctx, folder, &tok), HW3_ERR_FORMAT);
    SAYS("unk_token");
    f = fopen(file, "wb");
    fwrite("a\nb\0c\n", 1, 6, f);
    fclose(f);
    FAILS(hw3_tokenizer_open(ctx, folder, &tok), HW3_ERR_FORMAT);
    SAYS("line 2 has a zero in it");
    f = fopen(file, "wb");
    fprintf(f, "[UNK]\nA\n##b\n");
    fclose(f);
    char config[160];
    snprintf(config, sizeof config, "%s/tokenizer_config.json", folder);
    f = fopen(config, "wb");
    fprintf(f, "{\"do_lower_case\":false}");
    fclose(f);
    OK(hw3_tokenizer_open(ctx, folder, &tok));
    int64_t tokens[8], n;
    OK(hw3_tokenizer_encode(tok, "Ab Abbb ab", -1, NULL, tokens, 8, &n));
    const int64_t want[] = { 1, 2, 1, 2, 2, 2, 0 };
    ck_assert(n == 7 && !memcmp(tokens, want, sizeof want));
    hw3_tokenizer_destroy(tok);
    remove(config), remove(file), remove(folder);
    hw3_tokenizer_destroy(bert);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(refused)
{
    static const struct { const char *parts, *says; hw3_status status; } cases[] = {
        { "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"stop\":1}]}", "stop",
          HW3_ERR_UNSUPPORTED },
        { "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"prepend_scheme\":\"often\"}", "none of always, first, never", HW3_ERR_FORMAT },
        { "\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"\"}", "'Precompiled' is not known", HW3_ERR_UNSUPPORTED },
        { "\"normalizer\":{\"type\":\"BertNormalizer\",\"lowercase\":\"yes\"}", "lowercase", HW3_ERR_FORMAT },
        { "\"decoder\":{\"type\":\"CTC\"}", "'CTC' is not known", HW3_ERR_UNSUPPORTED },
    };
    static const struct { const char *model, *says; } models[] = {
        { "\"vocab\":{\"a\":0}", "unk_token" },
        { "\"vocab\":{\"[UNK]\":0},\"max_input_chars_per_word\":0", "max_input_chars_per_word" },
        { "\"vocab\":{\"[UNK]\":0},\"unk_token\":7", "unk_token" },
        { "\"vocab\":{\"[UNK]\":0},\"continuing_subword_prefix\":[]", "continuing_subword_prefix" },
        { "\"unk_token\":\"a\"", "vocab" },
    };
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = NULL;
    char json[512];
    for (int64_t i = 0; i < HW3I_LEN(cases) + HW3I_LEN(models); i++) {
        const int64_t m = i - HW3I_LEN(cases);
        if (m < 0) snprintf(json, sizeof json, "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0}},%s}", cases[i].parts);
        else snprintf(json, sizeof json, "{\"model\":{\"type\":\"WordPiece\",%s}}", models[m].model);
        const char *path = write_file("refused.json", json);
        FAILS(hw3_tokenizer_open(ctx, path, &tok), m < 0 ? cases[i].status : HW3_ERR_FORMAT);
        SAYS(m < 0 ? cases[i].says : models[m].says);
        ck_assert_ptr_null(tok);
        remove(path);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

static const char *swept;

static hw3_status everything(hw3_ctx *ctx)
{
    hw3_tokenizer *tok = NULL;
    int64_t tokens[200], offsets[400], n;
    char text[1024];
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.offsets = offsets;
    hw3_status s = hw3_tokenizer_open(ctx, vector_path(swept), &tok);
    if (!s) s = hw3_tokenizer_encode(tok, "The  Käse e\xcc\x81 \xcc\x88\xcc\xa3 غذا, don't \xff \xef\xb7\xba", -1, &o, tokens, 200, &n);
    if (!s) s = hw3_tokenizer_decode(tok, tokens, n, NULL, text, sizeof text, &n);
    hw3_tokenizer_destroy(tok);
    return s;
}

START_TEST(memory_ends)
{
    swept = kinds[_i];
    ck_assert_int_ge(test_sweep(everything), 20);
}
END_TEST

#define N_KINDS ((int)(sizeof kinds / sizeof kinds[0]))
TEST_LOOPS_MAIN("tokenizer_kinds", NULL, NULL,
                ({ as_tokenizers_has_them, N_KINDS }, { saved_and_opened, N_KINDS }, { one_by_one_and_all_at_once, N_KINDS }, { forms, 4 },
                 { memory_ends, N_KINDS }), vocab_txt, refused)
