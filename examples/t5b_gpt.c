/* SPDX-License-Identifier: MIT */
/* t5b_gpt: a decoder that learns to say the next word: its mask, how it writes, what that costs, and why it makes things up.
 *
 * Answers the second part of the fifth theory question. (a) next-token prediction, (b) masked attention, also what becomes of a
 * model without a mask, (c) writing step by step, (d) why writing is slower than encoding, (e) the length of the context: what it
 * costs, and what can be got back from its beginning, (f) a model that is sure and wrong. The text is of an invented valley.
 *
 * Meets: hw3_model of the families GPT-2 and BERT, hw3_session, hw3_logprobs, hw3_attention with a window, hw3_attention_cost.
 * Run:   sh examples/run.sh t5b_gpt
 * Exit status: 0 when all that is claimed is seen, else 1. */
#include "support/args.h"
#include "support/claims.h"
#include "support/context_report.h"
#include "support/learner.h"
#include "support/plot.h"
#include "support/random.h"
#include "support/stories.h"
#include "support/table.h"
#include <math.h>
#include <string.h>

enum { N_CTX = 32, BATCH = 16, N = N_CTX * BATCH, VOCAB = 256, HELD = 40 /* stories that are not learned from */, ROOM = 64 };
enum { END = 0 };

static int64_t steps = 600, width = 96, n_threads;
static const char *out = "out/t5b_gpt";
static int no_plots, no_measures;
static stories text;
static int64_t x[N], y[N];  /* [BATCH, N_CTX] tokens, and those that follow them */
static float logits[N * VOCAB];

/* ---- (a) Next-token prediction ------------------------------------------------------------------------ */

static const char part_a[] =
    "(a) Next-token prediction\n\n"
    "  A text's probability is a product, P(x_1 .. x_n) = Π P(x_t | x_1 .. x_t-1), whatever the text. The model computes every factor, and\n"
    "  is trained to make -1/n Σ log P(x_t | x_<t) small: the cross entropy of the next token. Nobody has to label anything, as the text\n"
    "  itself, shifted by one place, is the target, and one pass through a window of n tokens gives n predictions. While it trains, the\n"
    "  model always sees the true words before, not its own (teacher forcing). To foresee words it must pick up grammar and facts.\n"
    "  %lld stories of an invented valley, %lld tokens, %lld different ones; %d more stories are held back:\n\n";

/* Windows all over the stories that are learned from, read as a ring: multiples of the golden ratio spread evenly. */
static void next_batch(int64_t step)
{
    const uint64_t n = (uint64_t)text.starts[text.n - HELD];
    for (int64_t i = 0; i < N; i++) {
        uint32_t spread = (uint32_t)(step * BATCH + i / N_CTX) * 2654435769u;
        int64_t at = (int64_t)(spread * n >> 32) + i % N_CTX;
        x[i] = text.tokens[at % (int64_t)n], y[i] = text.tokens[(at + 1) % (int64_t)n];
    }
}

/* The first windows of the stories that were held back. */
static void held_batch(void)
{
    const int64_t first = text.starts[text.n - HELD], n = text.starts[text.n] - first - 1;
    for (int64_t i = 0; i < N; i++) {
        const int64_t at = first + (i / N_CTX * 17 + i % N_CTX) % n;
        x[i] = text.tokens[at], y[i] = text.tokens[at + 1];
    }
}

/* last: 0 leaves the last place of every window out of the loss. */
static int train(learner *j, int last, double *loss)
{
    double recent = 0;
    for (int64_t step = 0; step < steps; step++) {
        double is;
        next_batch(step);
        for (int64_t i = N_CTX - 1; !last && i < N; i += N_CTX) y[i] = -100;
        TRY(learner_begin(j, 1));
        hw3_var l = hw3_model_loss(j->model, j->graph, learner_tokens(j, x, BATCH, N_CTX), learner_tokens(j, y, BATCH, N_CTX));
        TRY(learner_step(j, l, &is));
        recent = step ? 0.95 * recent + 0.05 * is : is;
    }
    *loss = recent;
    return 0;
}

static int read_logits(learner *j, const int64_t *tokens, int64_t rows, int64_t columns)
{
    TRY(learner_begin(j, 0));
    hw3_var l = hw3_model_forward(j->model, j->graph, learner_tokens(j, tokens, rows, columns));
    TRY(hw3_var_read(j->graph, l, logits, (int64_t)sizeof logits));
    return 0;
}

/* What the model says of the token behind place i: its -log p, the likeliest token and the p of that. */
typedef struct said {
    double loss, p;
    int64_t best;
} said;

static int judge(learner *j, int64_t i, int64_t target, said *is)
{
    double logprob, best;
    TRY(hw3_logprobs(j->ctx, logits + i * text.n_vocab, text.n_vocab, target, &logprob, 1, &is->best, &best));
    is->loss = -logprob, is->p = exp(best);
    return 0;
}

/* Mean loss over places of the batch: those before the last of a window, or the last alone. Returns the share that is right. */
static int judge_batch(learner *j, int last, double *loss, double *right)
{
    int64_t n = 0;
    *loss = *right = 0;
    for (int64_t i = 0; i < N; i++) {
        said is;
        if ((i % N_CTX == N_CTX - 1) != last) continue;
        if (judge(j, i, y[i], &is)) return -1;
        *loss += is.loss, *right += is.best == y[i], n++;
    }
    *loss /= (double)n, *right /= (double)n;
    return 0;
}

static double by_frequency(void)
{
    const int64_t n = text.starts[text.n - HELD];
    double count[VOCAB] = { 0 }, sum = 0;
    for (int64_t i = 0; i < n; i++) count[text.tokens[i]]++;
    for (int64_t i = 0; i < text.n_vocab; i++) sum -= count[i] > 0 ? count[i] / (double)n * log(count[i] / (double)n) : 0;
    return sum;
}

static int next_token(learner *j)
{
    table losses = { 0 }, one = { 0 };
    double loss, right, trained;
    printf(part_a, (long long)text.n - HELD, (long long)text.starts[text.n - HELD], (long long)text.n_vocab, HELD);
    table_row(&losses, "who foresees the next token\tloss, nats\tperplexity");
    table_row(&losses, "nobody: all tokens alike, log V\t%.3f\t%.1f", log((double)text.n_vocab), (double)text.n_vocab);
    table_row(&losses, "how often each occurs\t%.3f\t%.1f", by_frequency(), exp(by_frequency()));
    if (train(j, 1, &trained)) return -1;
    table_row(&losses, "GPT-2, text that it learned from\t%.3f\t%.1f", trained, exp(trained));
    held_batch();
    if (read_logits(j, x, BATCH, N_CTX) || judge_batch(j, 0, &loss, &right)) return -1;
    table_row(&losses, "GPT-2, stories held back\t%.3f\t%.1f", loss, exp(loss));
    table_print(&losses, stdout);
    printf("\n  The beginning of the stories held back, place by place: all of these are trained on at once.\n\n");
    table_row(&one, "x_t, read\tx_t+1, to be foreseen\tits p\t-log p");
    for (int64_t i = 0; i < 9; i++) {
        said is;
        if (judge(j, i, y[i], &is)) return -1;
        table_row(&one, "%s\t%s\t%.2f\t%.2f", text.words[x[i]], text.words[y[i]], exp(-is.loss), is.loss);
    }
    table_print(&one, stdout);
    return 0;
}

/* ---- (b) The mask ------------------------------------------------------------------------------------- */

static const char part_b[] =
    "\n(b) Masked attention\n\n"
    "  Scores of keys past the query's own place become -∞ before the softmax, so place t sees x_1 .. x_t alone: A = softmax(QK'/√d + M),\n"
    "  M_ij = 0 for j <= i and -∞ for j > i. Without it the target x_t+1 of place t stands in plain sight, one place further on; a model\n"
    "  learns to copy it, its loss is near 0, and it has learned nothing of use: when it writes, nothing stands there yet. Below, a model\n"
    "  without a mask (family BERT) was given the same windows and steps. Left out of its loss is the last place of a window, the only\n"
    "  one without its answer in view; in a usual window of 1024 places nobody would notice it.\n\n";

/* Writes on without a cache: all so far through the model, the likeliest behind the last place, again. Prints the text. */
static int write_plainly(learner *j, const char *prompt, int64_t n_new)
{
    int64_t tokens[ROOM] = { END }, n = 1 + stories_cut(&text, prompt, tokens + 1, ROOM - 1);
    if (n < 1) return -1;
    printf("  %s |", prompt);
    for (int64_t i = 0; i < n_new; i++, n++) {
        said is;
        if (read_logits(j, tokens, 1, n) || judge(j, n - 1, 0, &is)) return -1;
        printf(" %s", text.words[tokens[n] = is.best]);
    }
    putchar('\n');
    return 0;
}

/* The largest change of logits before the last place when the last token becomes another. */
static int look_ahead(learner *j, double *most)
{
    static float before[N * VOCAB];
    if (read_logits(j, x, 1, N_CTX)) return -1;
    memcpy(before, logits, sizeof before);
    const int64_t kept = x[N_CTX - 1];
    x[N_CTX - 1] = (kept + 1) % text.n_vocab;
    if (read_logits(j, x, 1, N_CTX)) return -1;
    x[N_CTX - 1] = kept;
    *most = 0;
    for (int64_t i = 0; i < (N_CTX - 1) * text.n_vocab; i++) *most = fmax(*most, fabs((double)logits[i] - before[i]));
    return 0;
}

static int masks(learner *gpt, learner *open)
{
    static const char *const names[] = { "causal mask", "no mask" }, prompt[] = "Mira lives in";
    learner *both[] = { gpt, open };
    double trained, seen[2], last[2], right[2], unused, change[2];
    table t = { 0 };
    fputs(part_b, stdout);
    if (train(open, 0, &trained)) return -1;
    table_row(&t, "GPT's task\tloss, x_t+1 in the window\tloss, last place\tright there\tchange of logits before x_t when x_t changes");
    for (int i = 0; i < 2; i++) {
        held_batch();
        if (read_logits(both[i], x, BATCH, N_CTX) || judge_batch(both[i], 0, &seen[i], &unused) || judge_batch(both[i], 1, &last[i], &right[i]) ||
            look_ahead(both[i], &change[i])) return -1;
        table_row(&t, "%s\t%.3f\t%.3f\t%.2f\t%s", names[i], seen[i], last[i], right[i], change[i] == 0 ? "none at all" : "some");
    }
    table_print(&t, stdout);
    printf("\n  These are stories held back. The last place is the one that writing uses. The likeliest words behind a prompt:\n\n");
    for (int i = 0; i < 2; i++) {
        printf("  %-12s", names[i]);
        if (write_plainly(both[i], prompt, 10)) return -1;
    }
    printf("\n");
    claim(change[0] == 0 && change[1] > 0, "with the mask no place sees what comes later, without it every place does");
    claim(seen[1] < 0.2 && last[1] > 2 * last[0], "without the mask the loss is near 0 where the answer is in view, and poor where it counts");
    printf("  The mask also makes training tell what writing will meet, and, as earlier keys and values never change, a cache possible.\n");
    return 0;
}

/* ---- (c) Writing -------------------------------------------------------------------------------------- */

static const char part_c[] =
    "\n(c) How a text is written\n\n"
    "  The prompt goes in, behind a token that begins texts; logits come out behind its last token, one a word of the vocabulary; softmax\n"
    "  makes them probabilities; one token is chosen, the likeliest or by a draw; it is appended, and becomes the input of the next\n"
    "  pass. The keys and values of all before are kept, so that a pass has one token to compute. It ends with %s or a full context.\n\n";

static int write_steps(learner *j, const char *prompt)
{
    int64_t tokens[ROOM] = { END }, n = 1 + stories_cut(&text, prompt, tokens + 1, ROOM - 1), top[5];
    float l[VOCAB];
    double logprob, tops[5];
    hw3_session *s = NULL;
    table t = { 0 };
    char cells[5][40], input[160];
    snprintf(input, sizeof input, "%s %s", text.words[END], prompt);
    printf(part_c, text.words[END]);
    if (n < 1 || hw3_session_create(j->model, NULL, &s)) return -1;
    table_row(&t, "input\t%schosen\tits p", no_measures ? "" : "likeliest, with logits\t\t\t\t\t");
    int bad = hw3_session_feed(s, 0, tokens, n) < 0;
    for (int step = 0; !bad && step < 20 && (step == 0 || tokens[n - 1] != END); step++) {
        bad = hw3_session_logits(s, 0, l, text.n_vocab) < 0 || hw3_logprobs(j->ctx, l, text.n_vocab, 0, &logprob, 5, top, tops) < 0;
        if (bad) break;
        for (int i = 0; i < 5; i++) snprintf(cells[i], sizeof cells[i], "%s %.1f", text.words[top[i]], (double)l[top[i]]);
        if (no_measures) table_row(&t, "%s\t%s\t%.2f", input, text.words[top[0]], exp(tops[0]));
        else table_row(&t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.2f", input, cells[0], cells[1], cells[2], cells[3], cells[4],
                       text.words[top[0]], exp(tops[0]));
        tokens[n++] = top[0];
        snprintf(input, sizeof input, "%s", text.words[top[0]]);
        bad = hw3_session_feed(s, 0, &top[0], 1) < 0;
    }
    hw3_session_destroy(s);
    TRY(bad ? -1 : 0);
    table_print(&t, stdout);
    return 0;
}

/* ---- (f) Sure and wrong ------------------------------------------------------------------------------- */

static const char part_f[] =
    "\n(f) Why it makes things up, though all of its text is true\n\n"
    "  The loss asks for what is likely to follow, not for what is true, and softmax gives probabilities that add up to 1 over words: there\n"
    "  is no place for \"I do not know\" unless the text has such places. After \"lives in\" a town must come, so one comes. The text says\n"
    "  where twelve people live; twelve others eat in it, but no line says where they live. The likeliest word behind \"NAME lives in\":\n\n";

static const char part_f2[] =
    "\n  Confidence and truth over whole texts: of the likeliest next token, its mean p (how sure), and how often it is the right one.\n\n";

static const char part_f3[] =
    "  Sureness is fair for text like that of the training, and wrong elsewhere, as nothing in the training ever looked there. More causes:\n"
    "  a draw takes unlikely words now and then, and a word once written is read as true by all that follow; text itself errs, is old, or\n"
    "  disagrees; rare facts are seen too seldom. What helps: text to look things up in the context, and refusing when p is small.\n";

/* The towns of people whose name stands before "lives", or of those who are only seen to eat. */
static int towns(learner *j, int known, table *t, double *sure)
{
    int64_t lives, eats, in, home[VOCAB] = { 0 }, n = 0, right = 0, over = 0;
    double truth = 0;
    if (stories_cut(&text, "lives", &lives, 1) < 0 || stories_cut(&text, "ate", &eats, 1) < 0 || stories_cut(&text, "in", &in, 1) < 0) return -1;
    for (int64_t i = 0; i + 3 < text.starts[text.n]; i++) {
        if (text.tokens[i + 1] == lives) home[text.tokens[i]] = text.tokens[i + 3];
        if (text.tokens[i + 1] == eats && !home[text.tokens[i]]) home[text.tokens[i]] = -1;
    }
    *sure = 0;
    for (int64_t name = 0; name < text.n_vocab; name++) {
        said is;
        if (home[name] == 0 || (home[name] > 0) != known) continue;
        if (read_logits(j, (int64_t[]){ END, name, lives, in }, 1, 4) || judge(j, 3, known ? home[name] : 0, &is)) return -1;
        if (n++ == 0) printf("  %s lives in %s, it says, with p = %.2f: %s.\n", text.words[name], text.words[is.best], is.p,
                             known ? "so the text says" : "no text says so");
        *sure += is.p, truth += exp(-is.loss), right += is.best == home[name], over += is.p > 0.5;
    }
    *sure /= (double)n;
    if (known) table_row(t, "the text says where\t%lld\t%.2f\t%lld\t%lld\t%.2f", (long long)n, *sure, (long long)over, (long long)right,
                         truth / (double)n);
    else table_row(t, "no text says where\t%lld\t%.2f\t%lld\tmade up\t-", (long long)n, *sure, (long long)over);
    return 0;
}

enum { BINS = 10, N_TEXTS = 3 };

/* Sureness of one batch: the mean p of the likeliest token, how often it is right, and the same by ten bins of p. */
static int reliability(learner *j, const char *name, table *t, double bins[BINS], double *gap)
{
    double sure = 0, right = 0, loss = 0, n[BINS] = { 0 };
    for (int b = 0; b < BINS; b++) bins[b] = 0;
    if (read_logits(j, x, BATCH, N_CTX)) return -1;
    for (int64_t i = 0; i < N; i++) {
        said is;
        if (judge(j, i, y[i], &is)) return -1;
        const int b = is.p < 1 ? (int)(is.p * BINS) : BINS - 1;
        sure += is.p / N, right += (is.best == y[i]) / (double)N, loss += is.loss / N;
        n[b]++, bins[b] += is.best == y[i];
    }
    for (int b = 0; b < BINS; b++) bins[b] = n[b] >= 8 ? bins[b] / n[b] : NAN;
    table_row(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f", name, sure, right, sure - right, loss);
    *gap = sure - right;
    return 0;
}

static void shuffle(void)
{
    uint64_t random = 3;
    for (int64_t i = N - 1; i > 0; i--) {
        const int64_t k = (int64_t)(random_uniform(&random) * (double)(i + 1)), kept = x[i];
        x[i] = x[k], x[k] = kept;
    }
    for (int64_t i = 0; i < N; i++) y[i] = x[(i + 1) % N];
}

static int sure_and_wrong(learner *j, plots *to)
{
    static const char *const names[N_TEXTS] = { "text learned from", "stories held back", "their words, shuffled" };
    double known, unknown, bins[N_TEXTS][BINS], gap[N_TEXTS], at[BINS];
    table facts = { 0 }, texts = { 0 };
    plot_line lines[N_TEXTS + 1] = { { "as sure as right", at } };
    fputs(part_f, stdout);
    table_row(&facts, "where NAME lives\tnames\tmean p of the likeliest\tp > 0.5\tright\tmean p of the truth");
    if (towns(j, 1, &facts, &known) || towns(j, 0, &facts, &unknown)) return -1;
    putchar('\n');
    table_print(&facts, stdout);
    fputs(part_f2, stdout);
    table_row(&texts, "next token of\thow sure\thow often right\ttoo sure by\tloss");
    for (int i = 0; i < N_TEXTS; i++) {
        if (i == 0) next_batch(0);
        else held_batch();
        if (i == 2) shuffle();
        if (reliability(j, names[i], &texts, bins[i], &gap[i])) return -1;
        lines[i + 1] = (plot_line){ names[i], bins[i] };
    }
    table_print(&texts, stdout);
    for (int b = 0; b < BINS; b++) at[b] = (b + 0.5) / BINS;
    claim(known > 0.8 && unknown > 0.25, "it is sure of what it knows, and far surer than 1/12 of what it cannot know");
    claim(fabs(gap[1]) < 0.1 && gap[2] > 0.3, "on text like its own it is as sure as it is right, on other text much too sure");
    fputs(part_f3, stdout);
    if (to)
        plots_lines(to, &(plot){ "sure", "How sure the model is, and how often it is right", "p of the likeliest next token", "share that is right",
                                 lines, N_TEXTS + 1, .n = BINS, .x = at, .y_from_zero = 1 });
    return 0;
}

int main(int argc, char **argv)
{
    const arg options[] = { { "--steps", ARG_INT, &steps, 10, 1e5, "of training", NULL },
                            { "--width", ARG_INT, &width, 4, 1024, "of the models, a multiple of 4", NULL },
                            { "--threads", ARG_INT, &n_threads, 0, 256, "0 for all", NULL },
                            { "--no-measures", ARG_FLAG, &no_measures, 0, 0, "leaves out what depends on the machine", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "A small GPT-2: how it learns, writes, costs, and errs.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    static const char *const specials[] = { "<end>" };
    if (stories_read(&text, EXAMPLE_DATA "/valley.txt", specials, 1, END)) return 2;
    hw3_ctx *ctx = NULL;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)n_threads;
    learner gpt = { 0 }, open = { 0 };
    hw3_model_config c = HW3_MODEL_CONFIG_INIT, b;
    c.family = HW3_FAMILY_GPT2, c.n_vocab = text.n_vocab, c.n_ctx = N_CTX, c.d_model = width, c.n_layers = 2, c.n_heads = 4;
    b = c, b.family = HW3_FAMILY_BERT;
    plots to, *drawn = no_plots ? NULL : &to;
    if ((drawn && plots_begin(drawn, out)) || hw3_ctx_create(&o, &ctx)) return 1;
    int bad = learner_open(&gpt, ctx, &c, 3e-3, steps) || learner_open(&open, ctx, &b, 2e-3, steps);
    if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
    else
        bad = next_token(&gpt) || masks(&gpt, &open) || write_steps(&gpt, "Tolm lies on the") || report_writing(ctx, !no_measures) ||
              report_lengths(ctx, drawn, !no_measures) || report_recall(ctx, drawn) || sure_and_wrong(&gpt, drawn);
    learner_close(&gpt), learner_close(&open);
    hw3_ctx_destroy(ctx);
    if (!bad) bad = claims_end() || (drawn && plots_end(drawn));
    return bad ? 1 : 0;
}
