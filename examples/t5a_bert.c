/* SPDX-License-Identifier: MIT */
/* t5a_bert: an encoder that looks both ways: what it is trained on, what is made of it, and what it cannot do.
 *
 * Answers the first part of the fifth theory question. (a) what bidirectional means, (b) masked language modelling and next
 * sentence prediction, (c) the [CLS] token and fine-tuning, (d) why BERT does not write, (e) what RoBERTa changed, (f) ViT. The text is of an
 * invented valley, and its words stand for word pieces.
 *
 * Meets: hw3_model of the families BERT, RoBERTa, GPT-2 and ViT, their heads, hw3_model_hidden, hw3_model_open with another head.
 * Run:   sh examples/run.sh t5a_bert
 * Exit status: 0 when all that is claimed is seen, else 1. */
#include "support/args.h"
#include "support/bert_report.h"
#include "support/claims.h"
#include "support/learner.h"
#include "support/masking.h"
#include "support/patches.h"
#include "support/plot.h"
#include "support/random.h"
#include "support/table.h"
#include <math.h>
#include <string.h>

enum { VOCAB = 256, HELD = 40 /* stories that are not learned from */, RECENT = 100 };
enum { ROBERTA = 3, DECODER, N_VARIANTS, LONGER = 2 /* the variant that is trained TIMES as long */, TIMES = 3 };

static int64_t steps = 500, width = 64, n_threads;
static const char *out = "out/t5a_bert";
static int no_plots, no_texts;
static stories text;
static pairs known, held;
static masked batch;
static float logits[MASK_SIZE * VOCAB];

/* How a model was trained: BERT's way, RoBERTa's, and the two between. */
static const struct variant { const char *name; hw3_family family; int dynamic, nsp; } variants[] = {
    { "BERT: masks chosen once, NSP", HW3_FAMILY_BERT, 0, 1 }, { "masks chosen once, no NSP", HW3_FAMILY_BERT, 0, 0 },
    { "masks chosen anew, NSP", HW3_FAMILY_BERT, 1, 1 }, { "RoBERTa: masks chosen anew, no NSP", HW3_FAMILY_ROBERTA, 1, 0 },
    { "a decoder that is asked the same", HW3_FAMILY_GPT2, 1, 0 },
};

static masked_form form_of(const struct variant *v)
{
    return v->family == HW3_FAMILY_BERT ? WITH_SEGMENTS : v->family == HW3_FAMILY_ROBERTA ? WITHOUT_SEGMENTS : TOKENS_ALONE;
}

static hw3_model_config config(hw3_family family)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = family, c.n_vocab = text.n_vocab, c.n_ctx = MASK_TOKENS, c.d_model = width, c.n_layers = 2, c.n_heads = 4, c.pad_id = PAD;
    c.init_std = 0.1; /* little models begin slowly from 0.02 */
    if (family == HW3_FAMILY_ROBERTA) c.n_ctx += PAD + 1;
    return c;
}

/* ---- Passes ------------------------------------------------------------------------------------------- */

/* log p of a target by the logits of place i; best receives the likeliest token and p its probability. */
static double judge(learner *j, int64_t i, int64_t target, int64_t *best, double *p)
{
    double logprob = NAN, first = NAN;
    *best = -1;
    if (hw3_logprobs(j->ctx, logits + i * text.n_vocab, text.n_vocab, target, &logprob, 1, best, &first))
        fprintf(stderr, "%s\n", hw3_ctx_error(j->ctx));
    *p = exp(first);
    return logprob;
}

/* ---- Pretraining ---------------------------------------------------------------------------------------- */

typedef struct result {
    double trained, loss, right, next; /* of hidden words: loss in training, held-back loss and share right; NSP's share right */
    double first, first_right;         /* loss and share right of the first two words of a pair */
} result;

/* The batch of a step: pairs spread evenly by the golden ratio. What is chosen once depends on the pair alone, else on the step. */
static void fill(const struct variant *v, int64_t step, uint64_t *random)
{
    for (int64_t row = 0; row < MASK_ROWS; row++) {
        const int64_t i = (int64_t)((uint64_t)((uint32_t)(step * MASK_ROWS + row) * 2654435769u) * (uint64_t)known.n >> 32);
        uint64_t once = (uint64_t)i * 1000003 + 17;
        masked_pair(&batch, row, &known, i, v->nsp, v->dynamic ? random : &once);
        masked_hide(&batch, row, text.n_vocab, v->dynamic ? random : &once);
    }
}

static int pretrain(learner *j, const struct variant *v, int64_t n_steps, result *r)
{
    uint64_t random = 1;
    r->trained = 0;
    for (int64_t step = 0; step < n_steps; step++) {
        double both, words;
        fill(v, step, &random);
        TRY(learner_begin(j, 1));
        hw3_var h = masked_hidden(j, &batch, form_of(v));
        hw3_var loss = hw3_model_head_loss(j->model, j->graph, h, learner_tokens(j, batch.targets, MASK_ROWS, MASK_TOKENS)), all = loss;
        if (v->nsp)
            all = hw3_add(j->graph, loss, hw3_cross_entropy(j->graph, hw3_model_pooled(j->model, j->graph, h),
                                                            learner_tokens(j, batch.follows, MASK_ROWS, 0), NO_TARGET, 0));
        TRY(learner_step(j, all, &both));
        TRY(hw3_var_item(j->graph, loss, &words));
        if (step >= n_steps - RECENT) r->trained += words / (double)(n_steps < RECENT ? n_steps : RECENT);
    }
    return 0;
}

/* Hidden words of the pairs that were held back, with fresh masks, and whether sentences belong together. */
static int examine(learner *j, const struct variant *v, result *r)
{
    uint64_t random = 99;
    float next[MASK_ROWS][2];
    int64_t n = 0, n_next = 0, n_first = 0, best;
    double p;
    r->loss = r->right = r->first = r->first_right = 0, r->next = v->nsp ? 0 : NAN;
    for (int64_t i = 0; i + MASK_ROWS <= 3 * held.n; i += MASK_ROWS) {
        for (int64_t row = 0; row < MASK_ROWS; row++) {
            masked_pair(&batch, row, &held, (i + row) % held.n, 0, &random);
            masked_hide(&batch, row, text.n_vocab, &random);
        }
        if (masked_logits(j, &batch, form_of(v), logits, text.n_vocab)) return -1;
        for (int64_t k = 0; k < MASK_SIZE; k++) {
            if (batch.targets[k] == NO_TARGET) continue;
            const double loss = -judge(j, k, batch.targets[k], &best, &p);
            r->loss += loss, r->right += best == batch.targets[k], n++;
            if (k % MASK_TOKENS <= 2) r->first += loss, r->first_right += best == batch.targets[k], n_first++;
        }
        for (int64_t row = 0; row < MASK_ROWS; row++) masked_pair(&batch, row, &held, (i + row) % held.n, v->nsp, &random);
        if (!v->nsp) continue;
        TRY(learner_begin(j, 0));
        TRY(hw3_var_read(j->graph, hw3_model_pooled(j->model, j->graph, masked_hidden(j, &batch, WITH_SEGMENTS)), next, sizeof next));
        for (int64_t row = 0; row < MASK_ROWS; row++, n_next++) r->next += (next[row][1] > next[row][0]) == batch.follows[row];
    }
    r->loss /= (double)n, r->right /= (double)n, r->next /= (double)n_next;
    r->first /= (double)n_first, r->first_right /= (double)n_first;
    return 0;
}

/* ---- (a) Both ways ------------------------------------------------------------------------------------ */

static const char part_a[] =
    "(a) What bidirectional means\n\n"
    "  In BERT no score is masked: every word attends to all words of the sentence, before it and behind it, in every layer. A decoder like\n"
    "  GPT hides what comes later, so that a word's vector knows its left context alone. (Not two models, one in each direction, put side by\n"
    "  side, but one that sees both at once.) The first layer of the BERT trained below, mean of its heads; each row adds up to 1. First as it\n"
    "  is, then with the same weights under a causal mask:\n\n";

static const char part_a2[] =
    "  The same words hidden from an encoder and from a decoder (GPT-2 family), same sizes, trained on the same masks for as many steps:\n\n";

static const char part_a3[] =
    "\n  Of words hidden in stories held back. A word at the beginning has nothing but its right side to be told by:\n\n";

/* The weights of the first layer, mean of its heads, as the model computes them: q and k of the norm of the embeddings' sum. */
static int weights(learner *j, int64_t n, int causal, double *a)
{
    hw3_graph *g = j->graph;
    int64_t places[MASK_TOKENS];
    double head[MASK_TOKENS * MASK_TOKENS];
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = causal;
    for (int64_t i = 0; i < n; i++) places[i] = i;
    TRY(learner_begin(j, 0));
#define P(name) hw3_param(g, "bert." name)
#define PROJECTED(name) \
    hw3_reshape(g, hw3_linear(g, x, P("encoder.layer.0.attention.self." name ".weight"), P("encoder.layer.0.attention.self." name ".bias")), 4, \
                (int64_t[]){ 1, n, 4, width / 4 })
    hw3_var x = hw3_embedding(g, P("embeddings.word_embeddings.weight"), learner_tokens(j, batch.tokens, n, 0));
    x = hw3_add(g, x, hw3_embedding(g, P("embeddings.position_embeddings.weight"), learner_tokens(j, places, n, 0)));
    x = hw3_add(g, x, hw3_slice(g, P("embeddings.token_type_embeddings.weight"), 0, 0, 1));
    x = hw3_layer_norm(g, x, P("embeddings.LayerNorm.weight"), P("embeddings.LayerNorm.bias"), 1e-12);
    hw3_var y = hw3_attention(g, PROJECTED("query"), PROJECTED("key"), PROJECTED("value"), &o);
#undef PROJECTED
#undef P
    memset(a, 0, (size_t)(n * n) * sizeof *a);
    for (int h = 0; h < 4; h++) {
        TRY(hw3_attention_weights(g, y, 0, h, head));
        for (int64_t i = 0; i < n * n; i++) a[i] += head[i] / 4;
    }
    return 0;
}

static int show_weights(learner *j, plots *to)
{
    static const char *const names[] = { "both-ways", "causal" }, *const titles[] = { "BERT's first layer: every word sees all", "The same, causal" };
    double a[MASK_TOKENS * MASK_TOKENS];
    const char *labels[MASK_TOKENS];
    int64_t sentence[16], n = stories_cut(&text, "Every morning Mira bakes bread .", sentence, 16);
    if (n < 0) return -1;
    fputs(part_a, stdout);
    masked_text(&batch, 0, sentence, n), n += 2;
    for (int causal = 0; causal < 2; causal++) {
        table t = { 0 };
        char row[256] = "reads | of";
        for (int64_t i = 0; i < n; i++) labels[i] = text.words[batch.tokens[i]];
        for (int64_t i = 0, at = (int64_t)strlen(row); i < n; i++) at += snprintf(row + at, sizeof row - (size_t)at, "\t%s", labels[i]);
        table_row(&t, "%s", row);
        if (weights(j, n, causal, a)) return -1;
        for (int64_t i = 0; i < n; i++) {
            int64_t at = snprintf(row, sizeof row, "%s", labels[i]);
            for (int64_t k = 0; k < n; k++) at += snprintf(row + at, sizeof row - (size_t)at, a[i * n + k] > 0 ? "\t%.2f" : "\t-", a[i * n + k]);
            table_row(&t, "%s", row);
        }
        table_print(&t, stdout);
        putchar('\n');
        if (to) plots_matrix(to, &(plot_matrix){ names[causal], titles[causal], "is read", "reads", a, (int)n, 1, 0, 0, labels });
    }
    return 0;
}

/* A GPT-2 of the same size, to write with: the next word, on the same pairs. */
static int train_gpt(learner *j)
{
    uint64_t random = 1;
    double loss;
    for (int64_t step = 0; step < steps; step++) {
        fill(&variants[1], step, &random); /* the pairs; their hidden words are taken back */
        for (int64_t i = 0; i < MASK_SIZE; i++) batch.tokens[i] = batch.targets[i] == NO_TARGET ? batch.tokens[i] : batch.targets[i];
        for (int64_t i = 0; i < MASK_SIZE; i++)
            batch.targets[i] = (i + 1) % MASK_TOKENS && batch.tokens[i + 1] != PAD ? batch.tokens[i + 1] : NO_TARGET;
        TRY(learner_begin(j, 1));
        TRY(learner_step(j, hw3_model_loss(j->model, j->graph, learner_tokens(j, batch.tokens, MASK_ROWS, MASK_TOKENS),
                                           learner_tokens(j, batch.targets, MASK_ROWS, MASK_TOKENS)), &loss));
    }
    return 0;
}

/* A sentence whose words are hidden one after the other, told by BERT and by the decoder; and what both tell of hidden words at large. */
static int compare_sides(learner *bert, learner *decoder, const result *r)
{
    table t = { 0 }, all = { 0 };
    int64_t sentence[16], n = stories_cut(&text, "The soup was warm and tasty .", sentence, 16);
    fputs(part_a2, stdout);
    masked_text(&batch, 0, sentence, n);
    for (int64_t i = 1; i <= n; i++) masked_text(&batch, i, sentence, n), batch.tokens[i * MASK_TOKENS + i] = MASK;
    table_row(&t, "hidden word\tits p, left side alone\tits p, both sides");
    for (int64_t i = 1; i <= n; i++) {
        const int64_t at = i * MASK_TOKENS + i, word = batch.tokens[i];
        int64_t best;
        double p, left;
        if (masked_logits(decoder, &batch, TOKENS_ALONE, logits, text.n_vocab)) return -1;
        left = exp(judge(decoder, at, word, &best, &p));
        if (masked_logits(bert, &batch, WITH_SEGMENTS, logits, text.n_vocab)) return -1;
        table_row(&t, "%s\t%.2f\t%.2f", text.words[word], left, exp(judge(bert, at, word, &best, &p)));
    }
    table_print(&t, stdout);
    fputs(part_a3, stdout);
    table_row(&all, "%lld steps\tfirst two words: right\tloss\tall words: right\tloss", (long long)steps);
    table_row(&all, "left side alone\t%.2f\t%.2f\t%.2f\t%.2f", r[DECODER].first_right, r[DECODER].first, r[DECODER].right, r[DECODER].loss);
    table_row(&all, "both sides\t%.2f\t%.2f\t%.2f\t%.2f", r[LONGER].first_right, r[LONGER].first, r[LONGER].right, r[LONGER].loss);
    table_print(&all, stdout);
    claim(r[LONGER].first < r[DECODER].first - 0.2, "where little stands to the left of a word, both sides tell more than one");
    return 0;
}

/* ---- (b) and (e) Two tasks, and what RoBERTa changed ------------------------------------------------------ */

static const char part_b[] =
    "\n(b) Masked language modelling and next sentence prediction\n\n"
    "  Who sees both sides cannot be asked for the next word, for it is in view (t5b_gpt shows what then happens). So words are hidden: of 15 %\n"
    "  of them, chosen by chance, the model must tell what they were (MLM), by cross entropy at these places alone. Of these 80 %\n"
    "  become [MASK], 10 % another word, 10 % stay: [MASK] never comes later, and as any word may be wrong or asked for, every place must be\n"
    "  understood. MLM teaches words, grammar and facts. NSP asks whether the second of two sentences follows the first in the text or was\n"
    "  drawn from anywhere (half of the cases), by two logits of the [CLS] token; it is meant to teach how sentences hang together, for\n"
    "  tasks on pairs, and trains the [CLS]. The loss is the sum of both. A pair for training:\n\n";

static const char part_e[] =
    "\n(e) What RoBERTa changed\n\n"
    "  RoBERTa [Liu19] has BERT's architecture and another training: masks are chosen anew each time a text is seen (BERT: once, when the data\n"
    "  was made, in ten copies), no NSP, whole texts in place of pairs, larger batches, ten times the text, longer, byte-level BPE of 50 k\n"
    "  pieces in place of WordPiece's 30 k, no segments. Two of these at %lld steps each, same pairs, same sizes; judged on words hidden anew\n"
    "  in stories held back:\n\n";

static int show_tasks(const result *r)
{
    fputs(part_b, stdout);
    uint64_t random = 5;
    int64_t chosen = 0, words = 0, masked_words = 0, same = 0;
    const int64_t n = text.n_vocab;
    static int64_t before[MASK_TOKENS];
    masked_pair(&batch, 0, &known, 3, 0, &random);
    memcpy(before, batch.tokens, sizeof before);
    do masked_pair(&batch, 0, &known, 3, 0, &random), masked_hide(&batch, 0, n, &random);
    while (batch.targets[2] == NO_TARGET);
    const char *const heads[] = { "text   ", "input  ", "target ", "segment" };
    for (int line = 0; line < 4; line++) {
        printf("  %s", heads[line]);
        for (int64_t i = 0; i < batch.lengths[0]; i++) {
            const char *word = text.words[before[i]], *input = text.words[batch.tokens[i]];
            const int wide = (int)(strlen(word) > strlen(input) ? strlen(word) : strlen(input));
            if (line == 3) printf(" %*lld", wide, (long long)batch.types[i]);
            else printf(" %*s", wide, line == 0 ? word : line == 1 ? input : batch.targets[i] == NO_TARGET ? "" : text.words[batch.targets[i]]);
        }
        putchar('\n');
    }
    for (int64_t i = 0; i < 2000; i++) {
        masked_pair(&batch, 1, &known, i % known.n, 0, &random);
        masked_hide(&batch, 1, n, &random);
        for (int64_t k = MASK_TOKENS; k < MASK_TOKENS + batch.lengths[1]; k++) {
            words += batch.tokens[k] >= MASK, chosen += batch.targets[k] != NO_TARGET, masked_words += batch.tokens[k] == MASK;
            same += batch.targets[k] == batch.tokens[k];
        }
    }
    printf("\n  Of %lld words %.3f were chosen; of these %.2f became [MASK], %.2f another word, %.2f stayed.\n", (long long)words,
           (double)chosen / (double)words, (double)masked_words / (double)chosen, (double)(chosen - masked_words - same) / (double)chosen,
           (double)same / (double)chosen);
    printf("  After %lld steps, of stories held back: %.2f of the hidden words are right, loss %.2f (a guess: %.2f), and %.2f of the pairs.\n",
           (long long)(TIMES * steps), r->right, r->loss, log((double)n), r->next);
    claim(r->loss < 1.5 && r->next > 0.75, "both tasks are learned: from words around, and from what belongs together");
    return 0;
}

static int compare_variants(const result *r)
{
    table t = { 0 };
    char next[32];
    printf(part_e, (long long)steps);
    table_row(&t, "hidden words\tloss, last %d steps\tloss, held back\tright\tsentences told apart", RECENT);
    for (int v = 0; v <= ROBERTA; v++)
        table_row(&t, "%s\t%.3f\t%.3f\t%.2f\t%s", variants[v].name, r[v].trained, r[v].loss, r[v].right, table_number(r[v].next, 2, next));
    table_print(&t, stdout);
    fputs("  NSP does nothing for the hidden words here, and on large text, too, it was no help [Liu19].\n", stdout);
    claim(r[0].trained < r[2].trained && r[ROBERTA].loss < r[0].loss,
          "masks chosen once are learned by heart; chosen anew they teach more about other text");
    return 0;
}

int main(int argc, char **argv)
{
    const arg options[] = { { "--steps", ARG_INT, &steps, 10, 1e5, "of training", NULL },
                            { "--width", ARG_INT, &width, 4, 1024, "of the models, a multiple of 4", NULL },
                            { "--threads", ARG_INT, &n_threads, 0, 256, "0 for all", NULL },
                            { "--no-texts", ARG_FLAG, &no_texts, 0, 0, "leaves out what is written, which a last digit may change", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "A small BERT: how it learns, what is made of it, and why it does not write.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    if (stories_read(&text, EXAMPLE_DATA "/valley.txt", MASKING_SPECIALS, -1)) return 2;
    pairs_find(&known, &text, 0, text.n - HELD), pairs_find(&held, &text, text.n - HELD, text.n);
    hw3_ctx *ctx = NULL;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)n_threads;
    plots to, *drawn = no_plots ? NULL : &to;
    if (plots_begin(&to, out) || hw3_ctx_create(&o, &ctx)) return 1; /* the folder keeps the model, too */
    learner models[N_VARIANTS + 2] = { 0 }, *bert = &models[N_VARIANTS], *gpt = bert + 1;
    result r[N_VARIANTS + 1];
    char dir[1024];
    snprintf(dir, sizeof dir, "%s/bert", out);
    int bad = 0;
    for (int i = 0; i < N_VARIANTS + 2 && !bad; i++) {
        const struct variant *v = i < N_VARIANTS ? &variants[i] : &variants[LONGER];
        hw3_model_config c = config(&models[i] == gpt ? HW3_FAMILY_GPT2 : v->family);
        if (&models[i] != gpt) c.head = v->nsp ? HW3_HEAD_PRETRAINING : HW3_HEAD_TOKENS;
        const int64_t n_steps = &models[i] == bert ? TIMES * steps : steps;
        bad = learner_open(&models[i], ctx, &c, 3e-3, n_steps) < 0;
        if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
        else bad = &models[i] == gpt ? train_gpt(gpt) : pretrain(&models[i], v, n_steps, &r[i]) || examine(&models[i], v, &r[i]);
    }
    bad = bad || show_weights(bert, drawn) || compare_sides(&models[LONGER], &models[DECODER], r) || show_tasks(&r[N_VARIANTS]) ||
          report_classes(bert, &text, EXAMPLE_DATA "/remarks.txt", dir) || report_texts(bert, gpt, &text, !no_texts) || compare_variants(r) ||
          report_patches(ctx, bert->model, &text, drawn);
    for (int i = 0; i < N_VARIANTS + 2; i++) learner_close(&models[i]);
    hw3_ctx_destroy(ctx);
    if (!bad) bad = claims_end() || (drawn && plots_end(drawn));
    return bad ? 1 : 0;
}
