/* SPDX-License-Identifier: MIT */
#include "patches.h"
#include "claims.h"
#include "learner.h"
#include "random.h"
#include "table.h"
#include <string.h>

enum { SIZE = 16, PATCH = 4, PATCHES = SIZE / PATCH * (SIZE / PATCH), KINDS = 4, ROWS = 32, STEPS = 200, TESTS = 10 };

static const char part_f[] =
    "\n(f) ViT: an image is worth 16 words\n\n"
    "  ViT [Dosovitskiy20] is BERT's encoder for images: a square of pixels takes the place of a word piece. An image of 16 x 16 pixels is\n"
    "  cut into 16 patches of 4 x 4; a linear layer makes a vector of each patch, where BERT looks one up by the number of its piece, for\n"
    "  pixels have no vocabulary. A learned [CLS] goes in front, learned positions are added, every patch sees every other from the first\n"
    "  layer on, and a head reads the [CLS]. Other than BERT it norms in front of each part, and was trained by labels, many of them:\n"
    "  nothing but the positions tells it that an image is flat, so that it must learn from data what a convolution has built in.\n\n";

static float images[ROWS][SIZE][SIZE];
static int64_t kinds[ROWS];

/* A bar in the upper or the lower half, or a column in the left or the right one, 10 pixels long, and noise. */
static void draw(uint64_t *random)
{
    for (int r = 0; r < ROWS; r++) {
        const int kind = r % KINDS, across = (int)(random_uniform(random) * SIZE / 2) + kind % 2 * SIZE / 2;
        const int from = (int)(random_uniform(random) * (SIZE - 9));
        kinds[r] = kind;
        for (int i = 0; i < SIZE * SIZE; i++) images[r][i / SIZE][i % SIZE] = (float)(0.3 * random_normal(random));
        for (int i = from; i < from + 10; i++) images[r][kind < 2 ? across : i][kind < 2 ? i : across] += 1;
    }
}

/* The same patches in another order, one for all images. */
static void shuffle_patches(void)
{
    float cut[PATCHES][PATCH][PATCH];
    const int across = SIZE / PATCH;
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < SIZE * SIZE; i++) {
            const int y = i / SIZE, x = i % SIZE;
            cut[(y / PATCH * across + x / PATCH) * 7 % PATCHES][y % PATCH][x % PATCH] = images[r][y][x];
        }
        for (int i = 0; i < SIZE * SIZE; i++) {
            const int y = i / SIZE, x = i % SIZE;
            images[r][y][x] = cut[y / PATCH * across + x / PATCH][y % PATCH][x % PATCH];
        }
    }
}

static hw3_var show(learner *j) { return learner_floats(j, images[0][0], 4, (int64_t[]){ ROWS, 1, SIZE, SIZE }); }

static int train(learner *j, uint64_t *random)
{
    double loss;
    for (int step = 0; step < STEPS; step++) {
        draw(random);
        TRY(learner_begin(j, 1));
        TRY(learner_step(j, hw3_model_loss(j->model, j->graph, show(j), learner_tokens(j, kinds, ROWS, 0)), &loss));
    }
    return 0;
}

static int test(learner *j, uint64_t random, int shuffled, double *right)
{
    float logits[ROWS][KINDS];
    *right = 0;
    for (int batch = 0; batch < TESTS; batch++) {
        draw(&random);
        if (shuffled) shuffle_patches();
        TRY(learner_begin(j, 0));
        TRY(hw3_var_read(j->graph, hw3_model_forward(j->model, j->graph, show(j)), logits, sizeof logits));
        for (int r = 0; r < ROWS; r++) {
            int best = 0;
            for (int k = 1; k < KINDS; k++) best = logits[r][k] > logits[r][best] ? k : best;
            *right += (best == kinds[r]) / (double)(ROWS * TESTS);
        }
    }
    return 0;
}

static void compare(hw3_model *bert, hw3_model *vit)
{
    hw3_model_config b = HW3_MODEL_CONFIG_INIT, v = HW3_MODEL_CONFIG_INIT;
    table t = { 0 };
    if (hw3_model_get_config(bert, &b) || hw3_model_get_config(vit, &v)) return;
    table_row(&t, "\tBERT\tViT");
    table_row(&t, "a token stands for\ta word or piece\t%d x %d pixels", PATCH, PATCH);
    table_row(&t, "different ones\t%lld\tno end", (long long)b.n_vocab);
    table_row(&t, "its vector\ta row of a table\tW pixels + b");
    table_row(&t, "numbers in that\t%lld\t%lld", (long long)(b.n_vocab * b.d_model), (long long)((PATCH * PATCH + 1) * v.d_model));
    table_row(&t, "tokens of an input\tup to %lld\t1 + %d", (long long)b.n_ctx, PATCHES);
    table_row(&t, "positions\tlearned, in a row\tlearned, in a row");
    table_row(&t, "attention\tall see all\tall see all");
    table_row(&t, "norm\tbehind each part\tin front of each part");
    table_row(&t, "learns from\thidden words\tlabels");
    table_row(&t, "speaks by\t[CLS], or every place\t[CLS]");
    table_row(&t, "blocks, width, heads\t%lld, %lld, %lld\t%lld, %lld, %lld", (long long)b.n_layers, (long long)b.d_model, (long long)b.n_heads,
              (long long)v.n_layers, (long long)v.d_model, (long long)v.n_heads);
    table_print(&t, stdout);
}

/* A sentence in pieces that a byte-level BPE of little vocabulary learned from the stories: often seen words are whole, others cut. */
static int show_pieces(hw3_ctx *ctx, const stories *text)
{
    static char all[STORIES_TOKENS * 8];
    static const char sentence[] = "Mira baked an omelette for Kasper .";
    const struct { hw3_ctx *ctx; } context = { ctx }, *j = &context;
    int64_t tokens[64], n, n_bytes;
    char view[256];
    hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
    hw3_tokenizer *tok = NULL;
    size_t at = 0;
    for (int64_t i = 0; i < text->starts[text->n] && at < sizeof all - STORIES_WORD; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s ", text->words[text->tokens[i]]);
    o.n_vocab = 400;
    TRY(hw3_tokenizer_train(ctx, (const char *const[]){ all }, (const int64_t[]){ (int64_t)at }, 1, &o, &tok));
    const int bad = hw3_tokenizer_encode(tok, sentence, -1, NULL, tokens, 64, &n) < 0 ||
                    hw3_tokenizer_view(tok, tokens, n, view, sizeof view, &n_bytes) < 0;
    if (!bad) printf("  A sentence in word pieces, %lld out of %lld (the stories here stay in words): %.*s\n", (long long)n,
                     (long long)hw3_tokenizer_n_vocab(tok), (int)n_bytes, view);
    hw3_tokenizer_destroy(tok);
    TRY(bad ? -1 : 0);
    printf("  An image in %d patches of any numbers, one of them:", PATCHES);
    uint64_t random = 11;
    draw(&random);
    for (int i = 0; i < PATCH * PATCH; i++) printf("%s%.1f", i % PATCH ? " " : " |", (double)images[3][i / PATCH][SIZE / 2 + i % PATCH]);
    printf("|\n\n");
    return 0;
}

static void draw_plot(plots *to)
{
    double a[SIZE * SIZE];
    uint64_t random = 11;
    draw(&random);
    for (int i = 0; i < SIZE * SIZE; i++) a[i] = images[3][i / SIZE][i % SIZE];
    plots_matrix(to, &(plot_matrix){ "patches", "A column, cut into 16 patches: the tokens of a ViT", "", "", a, SIZE, PATCH, 1, 0, NULL });
}

int report_patches(hw3_ctx *ctx, hw3_model *bert, const stories *text, plots *to)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = HW3_FAMILY_VIT, c.head = HW3_HEAD_CLASSES, c.n_classes = KINDS, c.image_size = SIZE, c.patch_size = PATCH, c.n_channels = 1;
    c.d_model = 48, c.n_layers = 2, c.n_heads = 4, c.init_std = 0.1;
    learner l = { 0 };
    uint64_t random = 1;
    double before, right, shuffled;
    int bad = learner_open(&l, ctx, &c, 3e-3, STEPS) < 0;
    if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
    fputs(part_f, stdout);
    bad = bad || show_pieces(ctx, text);
    if (!bad) bad = test(&l, 9, 0, &before) || train(&l, &random) || test(&l, 9, 0, &right) || test(&l, 9, 1, &shuffled);
    if (!bad) compare(bert, l.model);
    learner_close(&l);
    if (bad) return -1;
    printf("\n  A bar above or below, a column left or right, in noise: right before training %.2f, after %d steps of %d images %.2f, and on\n"
           "  the same patches in another order %.2f: positions are all that makes more of them than a bag, as of the words of a text.\n",
           before, STEPS, ROWS, right, shuffled);
    claim(right > 0.9 && shuffled < right - 0.2, "the ViT tells the drawings apart, and needs the places of the patches for it");
    if (to) draw_plot(to);
    return 0;
}
