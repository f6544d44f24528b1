/* SPDX-License-Identifier: MIT */
#include "bert_report.h"
#include "claims.h"
#include "table.h"
#include <math.h>
#include <string.h>

static stories *text;
static masked batch;
static float logits[MASK_SIZE * STORIES_VOCAB];

/* ---- (c) [CLS] ---------------------------------------------------------------------------------------- */

static const char part_c[] =
    "\n(c) The [CLS] token and fine-tuning\n\n"
    "  [CLS] stands in front of every input and is no word, so that its last vector is free to gather what the whole input is about: it\n"
    "  attends to every word, and NSP has trained it. Fine-tuning puts one new layer on it, W tanh(W_p h_CLS + b_p) + b, and trains that and all\n"
    "  the rest for a few steps at a small rate. (Tags of words use each word's own vector, answers in a text the start and the end.)\n"
    "  24 remarks are labelled as of a dish or a ware, three of each; 100 others, on eight other wares and five other dishes, are judged:\n\n";

enum { REMARKS = 128, FINE_STEPS = 60, WORDS = 16 };
static struct remark { int train; int64_t ware, n, tokens[WORDS]; } remarks[REMARKS];
static int64_t n_remarks;

static int read_remarks(const char *path)
{
    char part[8], kind[8], sentence[256];
    FILE *f = fopen(path, "r");
    while (f && n_remarks < REMARKS && fscanf(f, " %7[^\t] %7[^\t] %255[^\n]", part, kind, sentence) == 3) {
        struct remark *r = &remarks[n_remarks++];
        r->train = !strcmp(part, "train"), r->ware = !strcmp(kind, "ware"), r->n = stories_cut(text, sentence, r->tokens, WORDS);
        if (r->n < 0) n_remarks = 0;
    }
    if (f) fclose(f);
    if (!n_remarks) fprintf(stderr, "%s: no remarks\n", path);
    return n_remarks ? 0 : -1;
}

/* The batch of n remarks of one part, from the first on, round and round. */
static void fill_remarks(int train, int64_t first)
{
    int64_t n = 0, list[REMARKS];
    for (int64_t i = 0; i < n_remarks; i++)
        if (remarks[i].train == train) list[n++] = i;
    for (int64_t row = 0; row < MASK_ROWS; row++) {
        const struct remark *r = &remarks[list[(first + row) % n]];
        masked_text(&batch, row, r->tokens, r->n);
        batch.follows[row] = r->ware;
    }
}

static int fine_tune(learner *j, double *right)
{
    float says[MASK_ROWS][2];
    double loss;
    int64_t n = 0;
    for (int64_t step = 0; step < FINE_STEPS; step++) {
        fill_remarks(1, step * MASK_ROWS);
        TRY(learner_begin(j, 1));
        TRY(learner_step(j, hw3_cross_entropy(j->graph, hw3_model_pooled(j->model, j->graph, masked_hidden(j, &batch, WITH_SEGMENTS)),
                                              learner_tokens(j, batch.follows, MASK_ROWS, 0), NO_TARGET, 0), &loss));
    }
    *right = 0;
    for (int64_t i = 0; i < 100; i += MASK_ROWS) {
        fill_remarks(0, i);
        TRY(learner_begin(j, 0));
        TRY(hw3_var_read(j->graph, hw3_model_pooled(j->model, j->graph, masked_hidden(j, &batch, WITH_SEGMENTS)), says, sizeof says));
        for (int64_t row = 0; row < MASK_ROWS && i + row < 100; row++, n++) *right += (says[row][1] > says[row][0]) == batch.follows[row];
    }
    *right /= (double)n;
    return 0;
}

/* A classifier: begun on the encoder in a folder, or at random; all of it trained, or the new layers alone. */
static int classify(learner *bert, const char *dir, int frozen, double *right)
{
    hw3_ctx *ctx = bert->ctx;
    learner l = { .ctx = ctx }, *j = &l;
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    TRY(hw3_model_get_config(bert->model, &c));
    hw3_model *m = NULL;
    o.head = c.head = HW3_HEAD_CLASSES, o.n_classes = c.n_classes = 2;
    TRY(dir ? hw3_model_open(ctx, dir, &o, &m) : hw3_model_create(ctx, &c, &m));
    hw3_params *p = hw3_model_params(m);
    int bad = 0;
    for (int64_t i = 0; frozen && i < hw3_params_n(p) && !bad; i++) {
        const char *name = hw3_params_name(p, i);
        if (strstr(name, "embeddings") || strstr(name, "encoder")) bad = hw3_params_set_trainable(p, name, 0) < 0;
    }
    bad = bad || learner_open_model(j, ctx, m, 1e-3, FINE_STEPS) < 0;
    if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
    else bad = fine_tune(j, right);
    if (!j->model) hw3_model_destroy(m);
    learner_close(j);
    return bad ? -1 : 0;
}

int report_classes(learner *j, stories *of, const char *remarks_path, const char *dir)
{
    double right[3];
    table t = { 0 };
    text = of;
    fputs(part_c, stdout);
    TRY(hw3_model_save(j->model, dir));
    if (read_remarks(remarks_path) || classify(j, dir, 0, &right[0]) || classify(j, dir, 1, &right[1]) || classify(j, NULL, 0, &right[2]))
        return -1;
    table_row(&t, "encoder, and what was trained for %d steps\tright on 100 remarks", FINE_STEPS);
    table_row(&t, "pretrained, all\t%.2f", right[0]);
    table_row(&t, "pretrained, the two layers on [CLS] alone\t%.2f", right[1]);
    table_row(&t, "random weights, all\t%.2f", right[2]);
    table_print(&t, stdout);
    claim(right[0] > 0.85 && right[0] > right[2] + 0.1, "what was learned without labels carries over to words that no label told of");
    return 0;
}

/* ---- (d) Writing -------------------------------------------------------------------------------------- */

static const char part_d[] =
    "\n(d) Can BERT write?\n\n"
    "  Not as it is. Its outputs are p(word | all others), and no product of these is the probability of a text, as Π p(x_t | x_<t) is for GPT.\n"
    "  A text's length must be given beforehand as so many [MASK]s, of which it never saw more than a few at once. It can be made to fill\n"
    "  them: all in one pass, where each word is chosen without knowing its neighbours; from left to right; or the surest first. Every\n"
    "  pass computes all places anew, for a new word changes all vectors: there is no cache. Twelve names, NAME + [MASK] x 5 + \".\":\n\n";

enum { AT_ONCE, LEFT_TO_RIGHT, SUREST_FIRST, BY_GPT, N_WAYS, BLANKS = 5, NAMES = 12 };

/* The likeliest word at a place that is no special token. */
static int64_t choose(int64_t i, double *logit)
{
    const float *l = logits + i * text->n_vocab;
    int64_t best = N_SPECIALS;
    for (int64_t w = N_SPECIALS; w < text->n_vocab; w++) best = l[w] > l[best] ? w : best;
    double sum = 0;
    for (int64_t w = 0; w < text->n_vocab; w++) sum += exp((double)l[w] - l[best]);
    *logit = -log(sum);
    return best;
}

static int write_rows(learner *j, int way, int *passes)
{
    double sure;
    for (*passes = 0; *passes < (way == AT_ONCE ? 1 : BLANKS); ++*passes) {
        if (masked_logits(j, &batch, way == BY_GPT ? TOKENS_ALONE : WITH_SEGMENTS, logits, text->n_vocab)) return -1;
        for (int64_t row = 0; row < NAMES; row++) {
            int64_t *at = batch.tokens + row * MASK_TOKENS, place = 2 + *passes;
            double most = -INFINITY;
            for (int64_t i = 2; i < 2 + BLANKS; i++) {
                const int64_t word = choose(row * MASK_TOKENS + i - (way == BY_GPT), &sure);
                if (way == AT_ONCE) at[i] = word;
                if (way == SUREST_FIRST && at[i] == MASK && sure > most) most = sure, place = i;
            }
            if (way != AT_ONCE) at[place] = choose(row * MASK_TOKENS + place - (way == BY_GPT), &sure);
        }
    }
    return 0;
}

/* Whether n tokens stand in the text one behind the other. */
static int occurs(const int64_t *tokens, int64_t n)
{
    for (int64_t i = 0; i + n <= text->starts[text->n]; i++)
        if (!memcmp(text->tokens + i, tokens, (size_t)n * sizeof *tokens)) return 1;
    return 0;
}

int report_texts(learner *bert, learner *gpt, stories *of, int tell)
{
    static const char *const names[N_WAYS] = { "BERT, all at once", "BERT, left to right", "BERT, the surest first", "GPT-2, left to right" };
    double share[N_WAYS];
    char said[160];
    table t = { 0 };
    text = of;
    fputs(part_d, stdout);
    table_row(&t, "\tpasses\tneighbours that the text has\tsentences that it has\tone of them");
    for (int way = 0; way < N_WAYS; way++) {
        int64_t n = 0, fit = 0, whole = 0, point;
        int passes;
        if (stories_cut(text, ".", &point, 1) < 0) return -1;
        for (int64_t i = 0; i < text->n && n < NAMES; i++) { /* people that stories begin with */
            int64_t row[BLANKS + 2] = { text->tokens[text->starts[i]], MASK, MASK, MASK, MASK, MASK, point };
            int64_t ate;
            if (stories_cut(text, "ate", &ate, 1) > 0 && text->tokens[text->starts[i] + 1] == ate) masked_text(&batch, n++, row, BLANKS + 2);
        }
        if (write_rows(way == BY_GPT ? gpt : bert, way, &passes)) return -1;
        for (int64_t row = 0; row < NAMES; row++) {
            const int64_t *at = batch.tokens + row * MASK_TOKENS + 1;
            for (int64_t i = 0; i <= BLANKS; i++) fit += occurs(at + i, 2);
            whole += occurs(at, BLANKS + 2);
        }
        share[way] = (double)fit / (NAMES * (BLANKS + 1));
        for (int64_t i = 1, at = 0; i < BLANKS + 3; i++) at += snprintf(said + at, sizeof said - (size_t)at, " %s", text->words[batch.tokens[i]]);
        table_row(&t, "%s\t%d\t%.2f\t%lld of %d\t%s", names[way], passes, share[way], (long long)whole, NAMES, said);
    }
    if (tell) table_print(&t, stdout);
    claim(share[AT_ONCE] < share[BY_GPT], "words that are chosen all at once do not fit each other as those of a decoder do");
    return 0;
}
