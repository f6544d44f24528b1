/* SPDX-License-Identifier: MIT */
/* p2_gpt2_persian: a GPT-2 from zero that writes comments on food deliveries in Persian, positive or negative as it is told.
 *
 * Answers the second practical question: train a tokenizer and a small GPT-2 on comments, each behind a control token for its
 * sentiment, so that the token alone decides afterwards what is written [Keskar19]. Then: how temperature, top-k and top-p change
 * what comes out, and how often it has the sentiment that was asked for, by a classifier that knows nothing of the GPT-2.
 *
 * Meets: hw3_tokenizer (training, special tokens, decoding), hw3_model, hw3_optim, hw3_session, hw3_sampler, hw3_generate_next,
 *        hw3_decoder; in support/sentiment.c hw3_rnn.
 * Run:   sh examples/run.sh p2_gpt2_persian                          on the comments in examples/data
 *        sh examples/run.sh p2_gpt2_persian --comments snappfood     on yours: a CSV file, or a folder with train.csv and dev.csv
 *        sh examples/run.sh p2_gpt2_persian --load out/p2_gpt2_persian/model --interactive */
#include "support/args.h"
#include "support/folder.h"
#include "support/plot.h"
#include "support/prices.h"
#include "support/try.h"
#include "support/writer.h"
#include <hw3/hw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { N_CTX = WRITER_CTX, N_SHOWN = 10, N_CONTROL = 100, IGNORED = -100 };

/* ---- 1. What is asked for, and what is found ------------------------------------------------------- */

static const char *path, *tokenizer, *load, *save = "out/p2_gpt2_persian/model", *out = "out/p2_gpt2_persian";
static int64_t n_vocab, epochs, n_batch, seed = 1, n_threads, top_k, n_grid = 20;
static double rate = 2e-3, temperature = 0.8, top_p = 0.9;
static int no_plots, interactive;

typedef struct losses {
    double *steps, *mean; /* of all epochs; mean of each */
    int64_t n_steps;
} losses;

typedef struct job {
    hw3_ctx *ctx;
    writer w; /* tokenizer, model, control tokens */
    hw3_graph *graph;
    hw3_optim *adamw;
    comments train, held;
    sequences train_tokens, held_tokens;
    losses train_loss, held_loss;
    int64_t *x, *y; /* [n_batch] a batch: tokens, and those that follow them */
    sentiment *judge;
} job;

/* Trained on the training comments alone, or read. */
static int make_tokenizer(job *j)
{
    static const char *const specials[] = { "<|endoftext|>", "<|negative|>", "<|positive|>" };
    char file[1024];
    hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
    o.n_vocab = n_vocab, o.specials = specials, o.n_specials = 3;
    snprintf(file, sizeof file, "%s/tokenizer.json", load ? load : "");
    if (tokenizer || load) TRY(hw3_tokenizer_open(j->ctx, tokenizer ? tokenizer : file, &j->w.tok));
    else TRY(hw3_tokenizer_train(j->ctx, j->train.texts, NULL, j->train.n, &o, &j->w.tok));
    return writer_specials(&j->w, specials);
}

static int show_tokens(job *j)
{
    int64_t tokens[N_CTX], n, n_bytes, example = 0;
    char text[WRITER_TEXT];
    while (example < j->train.n - 1 && strlen(j->train.texts[example]) > 80) example++;
    TRY(hw3_tokenizer_encode(j->w.tok, j->train.texts[example], -1, NULL, tokens, N_CTX, &n));
    TRY(hw3_tokenizer_view(j->w.tok, tokens, n, text, sizeof text - 1, &n_bytes));
    text[n_bytes] = '\0';
    printf("  a comment in its tokens: %s\n", text);
    return 0;
}

static int prepare(job *j)
{
    printf("1. Comments and tokens\n\n");
    if (comments_read_parts(path ? path : EXAMPLE_DATA "/comments.csv", &j->train, &j->held)) return -1;
    printf("  %lld comments to learn from, %lld held back\n", (long long)j->train.n, (long long)j->held.n);
    if (make_tokenizer(j) || writer_tokenise(&j->w, &j->train, &j->train_tokens) ||
        writer_tokenise(&j->w, &j->held, &j->held_tokens)) return -1;
    const int64_t n_tokens = j->train_tokens.starts[j->train.n];
    printf("  vocabulary of %lld tokens%s; %lld tokens to learn from, %.1f a comment with its end\n",
           (long long)hw3_tokenizer_n_vocab(j->w.tok), tokenizer || load ? "" : ", byte-level BPE trained on them",
           (long long)n_tokens, (double)n_tokens / (double)j->train.n);
    j->x = malloc((size_t)n_batch * sizeof *j->x);
    j->y = malloc((size_t)n_batch * sizeof *j->y);
    if (!j->x || !j->y) return fprintf(stderr, "no memory for batches of %lld tokens\n", (long long)n_batch), -1;
    return show_tokens(j);
}

/* ---- 2. The model, and its training ----------------------------------------------------------------- */

static int make_model(job *j)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = HW3_FAMILY_GPT2; /* weights N(0, 0.02), logits by the token embedding */
    c.n_vocab = hw3_tokenizer_n_vocab(j->w.tok), c.n_ctx = N_CTX, c.d_model = 192, c.n_layers = 3, c.n_heads = 3;
    c.dropout = c.embed_dropout = c.attention_dropout = 0.1, c.eos_id = j->w.end;
    if (load) TRY(hw3_model_open(j->ctx, load, NULL, &j->w.gpt));
    else TRY(hw3_model_create(j->ctx, &c, &j->w.gpt));
    const int64_t n_tokens = c.n_vocab;
    TRY(hw3_model_get_config(j->w.gpt, &c));
    if (c.n_vocab != n_tokens || c.n_ctx < N_CTX) {
        fprintf(stderr, "the model in %s is of %lld tokens and reads %lld at once, the tokenizer has %lld and comments are cut "
                "at %d: they do not belong together\n", load, (long long)c.n_vocab, (long long)c.n_ctx, (long long)n_tokens, N_CTX);
        return -1;
    }
    TRY(hw3_graph_create(j->ctx, hw3_model_params(j->w.gpt), &j->graph));
    printf("\n2. GPT-2 of %lld weights: width 192, 3 blocks of 3 heads, %d positions\n\n",
           (long long)hw3_params_n_elements(hw3_model_params(j->w.gpt)), N_CTX);
    return 0;
}

/* Row r of x is control, t1, .., tn and that of y is t1, .., tn, end; behind them padding, which y leaves out of the loss.
   Returns how many targets there are. */
static int64_t fill(job *j, const sequences *s, const int64_t *positive, const batches *b, int64_t i)
{
    const int64_t rows = batch_rows(b, i), width = batch_width(b, s, i), *order = b->order + b->starts[i];
    int64_t n_targets = 0;
    for (int64_t r = 0; r < rows; r++) {
        const int64_t *tokens = sequence_at(s, order[r]), n = sequence_length(s, order[r]);
        int64_t *x = j->x + r * width, *y = j->y + r * width;
        for (int64_t t = 0; t < width; t++) {
            x[t] = t == 0 ? j->w.control[positive[order[r]]] : t < n ? tokens[t - 1] : 0;
            y[t] = t < n ? tokens[t] : IGNORED;
        }
        n_targets += n;
    }
    return n_targets;
}

/* The loss of the batch in x and y; in training also a step. */
static int step(job *j, int64_t rows, int64_t width, int training, double *loss)
{
    hw3_tensor *x = NULL, *y = NULL;
    const int64_t shape[] = { rows, width };
    TRY(hw3_graph_begin(j->graph));
    TRY(hw3_graph_set_training(j->graph, training));
    if (training) TRY(hw3_graph_set_random(j->graph, (uint64_t)seed, (uint64_t)hw3_optim_n_steps(j->adamw)));
    TRY(hw3_tensor_wrap(j->ctx, HW3_I64, 2, shape, NULL, j->x, &x));
    hw3_status status = hw3_tensor_wrap(j->ctx, HW3_I64, 2, shape, NULL, j->y, &y);
    hw3_var l = status ? status : hw3_model_loss(j->w.gpt, j->graph, hw3_input(j->graph, x), hw3_input(j->graph, y));
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(y);
    if (training) TRY(hw3_graph_backward(j->graph, l));
    TRY(hw3_var_item(j->graph, l, loss));
    if (training) TRY(hw3_optim_step(j->adamw));
    return 0;
}

/* One time over all batches; the mean loss is that of a token. */
static int pass(job *j, const sequences *s, const comments *c, const batches *b, int64_t epoch, int training, losses *to)
{
    double sum = 0, loss;
    int64_t n = 0;
    for (int64_t i = 0; i < b->n; i++) {
        const int64_t n_targets = fill(j, s, c->positive, b, i);
        if (step(j, batch_rows(b, i), batch_width(b, s, i), training, &loss)) return -1;
        to->steps[to->n_steps++] = loss;
        sum += loss * (double)n_targets, n += n_targets;
        if (training && isatty(STDERR_FILENO))
            fprintf(stderr, "\r  epoch %lld, step %lld of %lld, loss %.3f \033[K", (long long)epoch + 1, (long long)i + 1,
                    (long long)b->n, loss);
    }
    if (training && isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    to->mean[epoch] = sum / (double)n;
    return 0;
}

static int make_optim(job *j, int64_t n_steps)
{
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.kind = HW3_OPTIM_ADAMW, o.lr = rate, o.beta2 = 0.98, o.weight_decay = 0.01, o.clip_norm = 1;
    o.schedule = HW3_SCHEDULE_COSINE, o.total_steps = n_steps, o.warmup_steps = n_steps / 20; /* steps, not epochs */
    TRY(hw3_optim_create(hw3_model_params(j->w.gpt), &o, &j->adamw));
    return 0;
}

static int train_epoch(job *j, int64_t epoch)
{
    batches train, held;
    if (batches_make(&train, &j->train_tokens, n_batch, (uint64_t)(seed + epoch))) return -1;
    int failed = batches_make(&held, &j->held_tokens, n_batch, 0);
    if (!failed && epoch == 0) {
        j->train_loss = (losses){ numbers(epochs * train.n), numbers(epochs), 0 };
        j->held_loss = (losses){ numbers(epochs * held.n), numbers(epochs), 0 };
        failed = !j->train_loss.steps || !j->train_loss.mean || !j->held_loss.steps || !j->held_loss.mean ||
                 make_optim(j, epochs * train.n);
        int64_t room = 0;
        for (int64_t i = 0; i < train.n; i++) room += batch_rows(&train, i) * batch_width(&train, &j->train_tokens, i);
        printf("  %lld epochs of %lld batches of at most %lld tokens, %.2f %% of them padding\n", (long long)epochs,
               (long long)train.n, (long long)n_batch, 100 * (1 - (double)j->train_tokens.starts[j->train.n] / (double)room));
    }
    failed = failed || pass(j, &j->train_tokens, &j->train, &train, epoch, 1, &j->train_loss) ||
             pass(j, &j->held_tokens, &j->held, &held, epoch, 0, &j->held_loss);
    batches_end(&train);
    batches_end(&held);
    if (failed) return -1;
    const double loss = j->held_loss.mean[epoch];
    printf("  epoch %2lld  training loss %.4f  validation loss %.4f  perplexity %.2f\n", (long long)epoch + 1,
           j->train_loss.mean[epoch], loss, exp(loss));
    fflush(stdout);
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int train(job *j)
{
    char file[1024];
    const double start = now();
    for (int64_t epoch = 0; epoch < epochs; epoch++)
        if (train_epoch(j, epoch)) return -1;
    const double seconds = now() - start, n_tokens = (double)(epochs * j->train_tokens.starts[j->train.n]);
    printf("  That took %.0f seconds, %.0f tokens a second.\n", seconds, n_tokens / seconds);
    printf("  Training losses are with dropout, and means over an epoch in which the model improves: they may lie above.\n");
    if (folder_make(save)) return -1;
    TRY(hw3_model_save(j->w.gpt, save));
    snprintf(file, sizeof file, "%s/tokenizer.json", save);
    TRY(hw3_tokenizer_save(j->w.tok, file));
    printf("  Model and tokenizer are in %s.\n", save);
    return 0;
}

/* ---- 3. What it writes ------------------------------------------------------------------------------ */

/* On the same tokens, but knows neither of the GPT-2 nor of its control tokens. */
static int make_judge(job *j)
{
    const int64_t n_epochs = 2 + 40000 / j->train.n; /* a few hundred steps at least */
    double right = 0, *logits = numbers(j->held.n);
    int failed = !logits || sentiment_train(j->ctx, hw3_tokenizer_n_vocab(j->w.tok), &j->train_tokens, j->train.positive,
                                            n_epochs, (uint64_t)seed + 1000, &j->judge);
    failed = failed || sentiment_judge(j->judge, &j->held_tokens, logits);
    for (int64_t i = 0; i < j->held.n && !failed; i++) right += (logits[i] > 0) == j->held.positive[i];
    free(logits);
    if (failed) return -1;
    printf("\n3. What it writes\n\n  The judge is a GRU in both directions, trained on the labels in %lld epochs: right on "
           "%.2f %% of the held back.\n", (long long)n_epochs, 100 * right / (double)j->held.n);
    return 0;
}

/* Comments one after another until there are enough that are nobody's: neither empty nor in the training set. */
static int show(job *j, const setting *s, int positive)
{
    sequences one;
    char text[WRITER_TEXT];
    int n_drawn = 0, n_shown = 0, failed = 0;
    double logit;
    printf("\n  %s:\n", positive ? "Positive" : "Negative");
    while (n_shown < N_SHOWN && n_drawn < 100 * N_SHOWN && !failed) {
        failed = sequences_make(&one, 1, N_CTX);
        one.n = 0;
        failed = failed || writer_write(&j->w, s, positive, 1, &one) || writer_text(&j->w, &one, 0, text) ||
                 sentiment_judge(j->judge, &one, &logit);
        sequences_end(&one);
        n_drawn++;
        if (failed || !text[strspn(text, " ")] || comments_has(&j->train, text)) continue;
        printf("  %2d. %s  [judge: %s]\n", ++n_shown, text, logit > 0 ? "positive" : "negative");
    }
    if (failed) return -1;
    printf("  %d were drawn; %d of them are in the training set, or empty, and are left out.\n", n_drawn, n_drawn - n_shown);
    return 0;
}

static int control_accuracy(job *j, const setting *s)
{
    sequences all;
    double share[2] = { 0 };
    int failed = sequences_make(&all, 2 * N_CONTROL, 2 * N_CONTROL * N_CTX);
    all.n = 0;
    for (int positive = 0; positive < 2 && !failed; positive++) {
        failed = writer_write(&j->w, s, positive, N_CONTROL, &all);
        if (!failed) share[positive] = writer_share(&all, positive * N_CONTROL, positive, j->judge);
    }
    const int64_t copies = failed ? -1 : writer_n_copies(&j->w, &all, &j->train);
    sequences_end(&all);
    if (copies < 0 || isnan(share[0] + share[1])) return -1;
    printf("\n  Control accuracy over %d further comments: %.1f %% (positive %.0f of %d, negative %.0f of %d), by a judge that\n"
           "  errs itself as often as said above. %lld of them are in the training set letter by letter.\n", 2 * N_CONTROL,
           50 * (share[0] + share[1]), share[1] * N_CONTROL, N_CONTROL, share[0] * N_CONTROL, N_CONTROL, (long long)copies);
    return 0;
}

static int write_comments(job *j)
{
    const setting s = { temperature, top_k, top_p };
    if (make_judge(j)) return -1;
    printf("  Temperature %g, top-k %lld (0: all), top-p %g.\n", temperature, (long long)top_k, top_p);
    if (show(j, &s, 1) || show(j, &s, 0) || control_accuracy(j, &s)) return -1;
    if (!n_grid) return 0;
    printf("\n4. Temperature, top-k, top-p\n\n");
    return writer_grid(&j->w, n_grid, j->judge, &j->train);
}

/* ---- 5. The figure ---------------------------------------------------------------------------------- */

static int draw(const job *j)
{
    static const char unit[] = "cross entropy of a token";
    const plot_line both[] = { { "training", j->train_loss.mean }, { "validation", j->held_loss.mean } };
    const plot_line steps = { "training", j->train_loss.steps }, held = { "validation", j->held_loss.steps };
    const plot panels[] = {
        { NULL, "Loss by epoch", "epoch", unit, both, 2, .n = epochs, .n_points = epochs == 1 ? 2 : 0 },
        { NULL, "Loss of the steps, training", "step", unit, &steps, 1, .n = j->train_loss.n_steps },
        { NULL, "Loss of the batches, validation, epoch after epoch", "batch", unit, &held, 1, .n = j->held_loss.n_steps },
    };
    plots p;
    if (plots_begin(&p, out)) return -1;
    plots_panels(&p, "losses", panels, 3);
    printf("\n");
    return plots_end(&p);
}

static const arg options[] = {
    { "--comments", ARG_TEXT, &path, 0, 0, "CSV file, or folder with train.csv and dev.csv; else those of examples/data", NULL },
    { "--tokenizer", ARG_TEXT, &tokenizer, 0, 0, "tokenizer.json of a language model; without it one is trained", NULL },
    { "--vocab", ARG_INT, &n_vocab, 0, 1e6, "tokens of the trained one; 0: 8000, and 1000 for the built-in comments", NULL },
    { "--epochs", ARG_INT, &epochs, 0, 1000, "of training; 0: 5, and 10 for the built-in comments", NULL },
    { "--batch", ARG_INT, &n_batch, 0, 1e6, "most tokens of a batch; 0: 2048, and 1024 for the built-in comments", NULL },
    { "--rate", ARG_REAL, &rate, 1e-9, 1, "learning rate of AdamW at its height", NULL },
    { "--temperature", ARG_REAL, &temperature, 0, 100, "of the comments shown and judged", NULL },
    { "--top-k", ARG_INT, &top_k, 0, 1e6, "0 for all", NULL },
    { "--top-p", ARG_REAL, &top_p, 1e-6, 1, "1 for all", NULL },
    { "--grid", ARG_INT, &n_grid, 0, 1000, "comments of each sentiment at each of 27 settings; 0: no grid", NULL },
    { "--interactive", ARG_FLAG, &interactive, 0, 0, "reads lines like '+ start' and '- start', and goes on from there", NULL },
    { "--save", ARG_TEXT, &save, 0, 0, "folder for model and tokenizer", NULL },
    { "--load", ARG_TEXT, &load, 0, 0, "folder of a model saved before, instead of training", NULL },
    { "--seed", ARG_INT, &seed, 0, 1e9, "of weights, batches, dropout and drawing", NULL },
    { "--threads", ARG_INT, &n_threads, 0, 256, "0 for all; the results do not depend on it", NULL },
    ARGS_PLOTS(&out, &no_plots),
    ARGS_END
};

static void end(job *j)
{
    sentiment_end(j->judge);
    hw3_optim_destroy(j->adamw);
    hw3_graph_destroy(j->graph);
    hw3_model_destroy(j->w.gpt);
    hw3_tokenizer_destroy(j->w.tok);
    sequences_end(&j->train_tokens);
    sequences_end(&j->held_tokens);
    comments_end(&j->held);
    comments_end(&j->train);
    double *const all[] = { j->train_loss.steps, j->train_loss.mean, j->held_loss.steps, j->held_loss.mean };
    for (int i = 0; i < 4; i++) free(all[i]);
    free(j->x);
    free(j->y);
    hw3_ctx_destroy(j->ctx);
}

int main(int argc, char **argv)
{
    int stop = args_parse(argc, argv, "Trains a small GPT-2 on Persian comments, and lets it write of either kind.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    if (!n_vocab) n_vocab = path ? 8000 : 1000;
    if (!epochs) epochs = path ? 5 : 10;
    if (!n_batch) n_batch = path ? 2048 : 1024;
    n_batch = n_batch < N_CTX ? N_CTX : n_batch;
    job jobs = { 0 }, *j = &jobs;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)n_threads, o.seed = (uint64_t)seed;
    int failed = hw3_ctx_create(&o, &j->ctx);
    j->w.ctx = j->ctx, j->w.seed = (uint64_t)seed;
    failed = failed || prepare(j) || make_model(j) || (!load && train(j));
    if (!failed && interactive) failed = writer_interactive(&j->w, &(setting){ temperature, top_k, top_p });
    else failed = failed || write_comments(j) || (!load && !no_plots && draw(j));
    end(j);
    return failed ? 1 : 0;
}
