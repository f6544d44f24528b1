/* SPDX-License-Identifier: MIT */
/* Merges learned from real comments, the same as those of Hugging Face's tokenizers: HW3_DATA names a folder with
 * snappfood/train.csv; skipped without. */
#include "support.h"
#include "text/tokenizer.h"
#include "bpe.h"

#define SKIPPED 77 /* meson's exit code for it */
#define MOST 100000

static char *data;
static const char *texts[MOST];
static int64_t n_bytes[MOST], n_texts;

/* The second column; cells are parted by tabs. */
static void read_comments(FILE *file)
{
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    data = calloc(size + 1, 1);
    if (!data || fread(data, 1, size, file) != size) return;
    for (char *line = strchr(data, '\n'); line && line[1] && n_texts < MOST; line = strchr(line + 1, '\n')) {
        texts[n_texts] = strchr(line + 1, '\t') + 1;
        n_bytes[n_texts] = (int64_t)strcspn(texts[n_texts], "\t\n");
        n_texts++;
    }
}

/* FNV-1a of the lines "left right". */
static uint64_t hash_of(const hw3_tokenizer *tok)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < tok->n_merges; i++) {
        char line[64];
        snprintf(line, sizeof line, "%d %d\n", tok->merges[i].a, tok->merges[i].b);
        for (const char *p = line; *p; p++) h = (h ^ (unsigned char)*p) * 0x100000001b3u;
    }
    return h;
}

START_TEST(same_merges)
{
    const struct bpe_case *c = &bpe_cases[_i];
    hw3_ctx *ctx = test_ctx(1 + _i % 3);
    hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
    hw3_tokenizer *tok;
    ck_assert_int_gt(n_texts, 50000);
    o.pattern = c->pattern;
    o.n_vocab = c->n_vocab;
    o.min_frequency = c->min_frequency;
    o.specials = bpe_specials;
    o.n_specials = c->n_specials;
    OK(hw3_tokenizer_train(ctx, texts, n_bytes, n_texts, &o, &tok));
    ck_assert_int_eq(tok->n_merges, c->n_merges);
    ck_assert_msg(hash_of(tok) == c->hash, "other merges than tokenizers has: HW3_DATA=DIR python3 tests/vectors/gen_bpe.py");
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
}
END_TEST

int main(void)
{
    char path[1024];
    const char *folder = getenv("HW3_DATA");
    snprintf(path, sizeof path, "%s/snappfood/train.csv", folder ? folder : "");
    FILE *file = folder ? fopen(path, "rb") : NULL;
    if (!file) {
        printf("skipped: HW3_DATA names no folder with snappfood/train.csv\n");
        return SKIPPED;
    }
    read_comments(file);
    fclose(file);
    const test_loop loop = { same_merges, HW3I_LEN(bpe_cases) };
    const int status = test_run_loops("BPE on real data", &loop, 1, NULL, 0, NULL, NULL);
    free(data);
    return status;
}
