/* SPDX-License-Identifier: MIT */
#include "context_report.h"
#include "claims.h"
#include "learner.h"
#include "random.h"
#include "table.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH = 384, LAYERS = 4, HEADS = 6, VOCAB = 2000, LONGEST = 2048 };

/* Milliseconds of the wall clock. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static hw3_model_config sizes(hw3_family family)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = family, c.n_vocab = VOCAB, c.n_ctx = LONGEST, c.d_model = WIDTH, c.n_layers = LAYERS, c.n_heads = HEADS;
    return c;
}

static void fill(int64_t *tokens, int64_t n)
{
    for (int64_t i = 0; i < n; i++) tokens[i] = i * i % VOCAB;
}

/* ---- Reading and writing ------------------------------------------------------------------------------ */

enum { PROMPT = 192, NEW = 64, ALL = PROMPT + NEW, MANY = 8 };

/* One pass of the encoder over all tokens. */
static int encode(learner *j, const int64_t *tokens, double *ms)
{
    for (int i = 0; i < 3; i++) {
        const double start = now();
        TRY(learner_begin(j, 0));
        TRY(hw3_model_hidden(j->model, j->graph, learner_tokens(j, tokens, 1, ALL), NULL));
        *ms = fmin(*ms, now() - start);
    }
    return 0;
}

/* Reads all at once; writes with a cache, in one sequence and in many; writes without one, all from the first token on each time. */
static int decode(learner *j, hw3_session *s, const int64_t *tokens, double ms[4])
{
    int64_t sequences[MANY], next[MANY];
    for (int64_t i = 0; i < MANY; i++) sequences[i] = i;
    for (int i = 0; i < 3; i++) {
        const double start = now();
        TRY(hw3_session_truncate(s, 0, 0));
        TRY(hw3_session_feed(s, 0, tokens, ALL));
        ms[0] = fmin(ms[0], now() - start);
    }
    for (int way = 1; way < 4; way++) {
        TRY(hw3_session_truncate(s, 0, 0));
        TRY(hw3_session_feed(s, 0, tokens, PROMPT));
        for (int64_t i = 1; way == 2 && i < MANY; i++) TRY(hw3_session_fork(s, 0, i));
        const double start = now();
        for (int64_t n = PROMPT; n < ALL; n++) {
            for (int64_t i = 0; i < MANY; i++) next[i] = tokens[(n + i) % ALL];
            if (way < 3) TRY(hw3_session_step(s, sequences, next, way == 1 ? 1 : MANY));
            else {
                TRY(hw3_session_truncate(s, 0, 0));
                TRY(hw3_session_feed(s, 0, tokens, n + 1));
            }
        }
        ms[way] = now() - start;
    }
    return 0;
}

static const char part_d[] =
    "\n(d) Why a decoder is slower than an encoder\n\n"
    "  An encoder has all tokens before it and takes them in one pass: large matrix products, and every weight that is read from memory\n"
    "  serves all of them. A decoder cannot compute a word before the one in front of it is chosen: n words are n passes, one behind the\n"
    "  other, and each reads all weights and the whole cache for one token, at 1/2 FLOP a byte in floats. Reading a prompt is as fast as\n"
    "  encoding; the writing is slow. Several texts at once share the weights; without a cache each pass would read all anew:\n\n";

int report_writing(hw3_ctx *ctx, int measure)
{
    static const struct { const char *name; int passes, tokens, new; } ways[] = {
        { "encoder, reads", 1, ALL, ALL }, { "decoder, reads", 1, ALL, ALL }, { "decoder, writes", NEW, 1, NEW },
        { "the same, 8 texts at once", NEW, MANY, MANY * NEW }, { "decoder, writes without a cache", NEW, (PROMPT + 1 + ALL) / 2, NEW },
    };
    double ms[5] = { INFINITY, INFINITY, INFINITY, INFINITY, INFINITY };
    int64_t tokens[ALL];
    fputs(part_d, stdout);
    learner encoder = { 0 }, decoder = { 0 };
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    hw3_session *s = NULL;
    hw3_model_config e = sizes(HW3_FAMILY_BERT), d = sizes(HW3_FAMILY_GPT2);
    o.n_sequences = MANY, o.n_ctx = ALL;
    fill(tokens, ALL);
    int bad = learner_open(&encoder, ctx, &e, 1, 1) || learner_open(&decoder, ctx, &d, 1, 1) || hw3_session_create(decoder.model, &o, &s);
    const double weights = bad ? 0 : (double)hw3_params_n_elements(hw3_model_params(decoder.model));
    if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
    else if (measure) bad = encode(&encoder, tokens, &ms[0]) || decode(&decoder, s, tokens, ms + 1);
    hw3_session_destroy(s);
    learner_close(&encoder), learner_close(&decoder);
    if (bad) return -1;
    table t = { 0 };
    table_row(&t, "%.1f M weights, %d tokens\tpasses\ttokens a pass\ttokens gained\tms\ttokens/s\tFLOPs a byte of weights", weights / 1e6, ALL);
    for (int i = 0; i < 5; i++) {
        char time[32], speed[32];
        table_row(&t, "%s\t%d\t%d\t%d\t%s\t%s\t%.1f", ways[i].name, ways[i].passes, ways[i].tokens, ways[i].new,
                  table_number(measure ? ms[i] : NAN, 1, time), table_number(measure ? 1e3 * ways[i].new / ms[i] : NAN, 0, speed),
                  2.0 * ways[i].tokens / 4);
    }
    table_print(&t, stdout);
    if (measure) {
        claim(ms[2] / NEW > 4 * ms[1] / ALL && ms[2] / NEW > 4 * ms[0] / ALL, "a token written costs more than four times a token read");
        claim(ms[4] > 4 * ms[2], "without a cache writing is more than four times slower again");
    }
    return 0;
}

/* ---- The length of the context ------------------------------------------------------------------------ */

enum { N_LENGTHS = 5 };

static int costs(hw3_ctx *ctx, int64_t n, int cache, hw3_attention_costs *c)
{
    hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
    o.cache = cache, o.causal = !cache, o.n_tokens = n, o.n_new = cache ? 1 : n, o.n_layers = LAYERS;
    o.d_model = WIDTH, o.n_heads = HEADS, o.element_size = 4;
    if (hw3_attention_cost(ctx, &o, c)) return fprintf(stderr, "%s\n", hw3_ctx_error(ctx)), -1;
    return 0;
}

/* Reads n - 1 tokens and takes the step to the last. */
static int measure_length(learner *j, const int64_t *tokens, int64_t n, int times, double *read, double *step, double *kib)
{
    int64_t taken, used = 0;
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    hw3_session *s = NULL;
    o.n_tokens = 0;
    TRY(hw3_session_create(j->model, &o, &s));
    *read = *step = INFINITY;
    int bad = 0;
    for (int i = 0; i < times && !bad; i++) {
        double start = now();
        bad = hw3_session_truncate(s, 0, 0) < 0 || hw3_session_feed(s, 0, tokens, n - 1) < 0;
        *read = fmin(*read, now() - start);
        for (int k = 0; k < 8 && !bad; k++) {
            start = now();
            bad = hw3_session_truncate(s, 0, n - 1) < 0 || hw3_session_feed(s, 0, tokens + n - 1, 1) < 0;
            *step = fmin(*step, now() - start);
        }
    }
    bad = bad || hw3_session_bytes(s, &taken, &used) < 0;
    hw3_session_destroy(s);
    TRY(bad ? -1 : 0);
    *kib = (double)used / 1024;
    return 0;
}

static const char part_e[] =
    "\n(e) The length of the context\n\n"
    "  What has left the context is gone, and a longer one costs. Reading n tokens takes 4 n² d FLOPs a layer for the scores and A V, half\n"
    "  of it under the mask, beside 8 n d² for the projections: past n = 2 d, or 4 d under the mask, the square leads. A as matrices would\n"
    "  be n² numbers a head, which tiles avoid; the cache is 2 n d numbers a layer; a step's attention, 4 n d FLOPs, is linear in n.\n"
    "  Here d = 384, 4 layers, 6 heads, floats; pages are those of a session:\n\n";

int report_lengths(hw3_ctx *ctx, plots *to, int measure)
{
    static int64_t tokens[LONGEST];
    double x[N_LENGTHS], read[N_LENGTHS], step[N_LENGTHS], kib[N_LENGTHS], matrix[N_LENGTHS];
    learner l = { 0 };
    hw3_model_config c = sizes(HW3_FAMILY_GPT2);
    table t = { 0 };
    fputs(part_e, stdout);
    fill(tokens, LONGEST);
    int bad = learner_open(&l, ctx, &c, 1, 1) < 0;
    table_row(&t, "n\tscores and A V, MFLOPs\tprojections\tA as matrices, KiB\tcache, KiB\tpages, KiB\t"
                  "ms to read n\tms of the step to n\tits attention, MFLOPs");
    for (int i = 0; i < N_LENGTHS && !bad; i++) {
        const int64_t n = 128LL << i;
        hw3_attention_costs all = HW3_ATTENTION_COSTS_INIT, one = HW3_ATTENTION_COSTS_INIT;
        char ms[2][32];
        x[i] = (double)n, read[i] = step[i] = NAN, matrix[i] = (double)(n * n * HEADS * LAYERS * 4) / 1024;
        bad = costs(ctx, n, 0, &all) || costs(ctx, n, 1, &one) ||
              measure_length(&l, tokens, n, !measure ? 1 : n < 1000 ? 4 : 2, &read[i], &step[i], &kib[i]);
        if (!measure) read[i] = step[i] = NAN;
        table_row(&t, "%lld\t%.0f\t%.0f\t%.0f\t%lld\t%.0f\t%s\t%s\t%.2f", (long long)n, (double)(all.score_flops + all.mix_flops) / 1e6,
                  (double)(all.query_flops + all.kv_flops + all.output_flops) / 1e6, matrix[i], (long long)one.cached_bytes / 1024, kib[i],
                  table_number(read[i], 1, ms[0]), table_number(step[i], 2, ms[1]), (double)(one.score_flops + one.mix_flops) / 1e6);
    }
    learner_close(&l);
    if (bad) return -1;
    table_print(&t, stdout);
    const plot_line times[] = { { "ms to read n tokens", read }, { "ms of the step to token n", step } };
    const plot_line bytes[] = { { "cache of keys and values", kib }, { "weights of attention, were they kept", matrix } };
    if (to && measure)
        plots_lines(to, &(plot){ "length-time", "Time by the length of the context", "n", "ms", times, 2, 1, N_LENGTHS, .x = x, .log_x = 2 });
    if (to)
        plots_lines(to, &(plot){ "length-memory", "Memory by the length of the context", "n", "KiB", bytes, 2, 1, N_LENGTHS, .x = x, .log_x = 2 });
    return 0;
}

/* ---- The beginning of the context --------------------------------------------------------------------- */

enum { LETTERS = 8, LENGTH = 48, D = 32, ROWS = 16, RECALL_HEADS = 2, RECALL_STEPS = 250, N_KINDS = 3 };

static const struct { const char *name; int64_t window, layers; } kinds[N_KINDS] = {
    { "all of the context", 0, 2 }, { "window 8, 1 layer", 8, 1 }, { "window 8, 2 layers", 8, 2 } };

static hw3_status add(hw3_params *p, const char *name, int64_t layer, int64_t rows, int64_t columns, hw3_init init)
{
    char full[64];
    snprintf(full, sizeof full, "%lld.%s", (long long)layer, name);
    return hw3_params_add(p, full, HW3_F32, columns ? 2 : 1, (int64_t[]){ rows, columns }, init);
}

static hw3_var weight(learner *j, const char *name, int64_t layer)
{
    char full[64];
    snprintf(full, sizeof full, "%lld.%s", (long long)layer, name);
    return hw3_param(j->graph, full);
}

/* h + W_o attention(W_q n, W_k n, W_v n), n = norm(h), then h + W_2 gelu(W_1 norm(h)). */
static hw3_var block(learner *j, hw3_var h, int64_t layer, int64_t window)
{
    hw3_graph *g = j->graph;
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = 1, o.window = window;
    const int64_t shape[] = { ROWS, LENGTH, RECALL_HEADS, D / RECALL_HEADS };
    hw3_var part[3], n = hw3_layer_norm(g, h, HW3_NONE, HW3_NONE, 1e-5);
    const char *const names[] = { "q", "k", "v" };
    for (int i = 0; i < 3; i++) part[i] = hw3_reshape(g, hw3_linear(g, n, weight(j, names[i], layer), HW3_NONE), 4, shape);
    hw3_var mixed = hw3_reshape(g, hw3_attention(g, part[0], part[1], part[2], &o), 3, (int64_t[]){ ROWS, LENGTH, D });
    h = hw3_add(g, h, hw3_linear(g, mixed, weight(j, "o", layer), HW3_NONE));
    n = hw3_linear(g, hw3_layer_norm(g, h, HW3_NONE, HW3_NONE, 1e-5), weight(j, "in", layer), HW3_NONE);
    return hw3_add(g, h, hw3_linear(g, hw3_gelu(g, n), weight(j, "out", layer), HW3_NONE));
}

static hw3_status make(hw3_params *p, int64_t layers)
{
    hw3_status s = add(p, "letters", -1, LETTERS, D, HW3_INIT_XAVIER);
    if (!s) s = add(p, "places", -1, LENGTH, D, HW3_INIT_XAVIER);
    if (!s) s = add(p, "head", -1, LETTERS, D, HW3_INIT_XAVIER);
    static const char *const square[] = { "q", "k", "v", "o" };
    for (int64_t l = 0; l < layers; l++) {
        for (int i = 0; i < 4 && !s; i++) s = add(p, square[i], l, D, D, HW3_INIT_XAVIER);
        if (!s) s = add(p, "in", l, 2 * D, D, HW3_INIT_XAVIER);
        if (!s) s = add(p, "out", l, D, 2 * D, HW3_INIT_XAVIER);
    }
    return s;
}

/* Random letters; at every place the first one is asked. */
static hw3_var recall(learner *j, uint64_t *random, int kind, int64_t *letters, int64_t *first)
{
    static int64_t places[LENGTH];
    for (int64_t i = 0; i < ROWS * LENGTH; i++) {
        letters[i] = (int64_t)(random_uniform(random) * LETTERS);
        first[i] = letters[i / LENGTH * LENGTH], places[i % LENGTH] = i % LENGTH;
    }
    hw3_var h = hw3_add(j->graph, hw3_embedding(j->graph, weight(j, "letters", -1), learner_tokens(j, letters, ROWS, LENGTH)),
                        hw3_embedding(j->graph, weight(j, "places", -1), learner_tokens(j, places, LENGTH, 0)));
    for (int64_t l = 0; l < kinds[kind].layers; l++) h = block(j, h, l, kinds[kind].window);
    return hw3_linear(j->graph, h, weight(j, "head", -1), HW3_NONE);
}

/* Trains and counts, at each distance from the first letter, how often it is told. */
static int learn_recall(learner *j, int kind, double right[LENGTH])
{
    enum { BATCHES = 20 };
    static int64_t letters[ROWS * LENGTH], first[ROWS * LENGTH];
    static float said[ROWS * LENGTH][LETTERS];
    uint64_t random = 5;
    double loss;
    for (int step = 0; step < RECALL_STEPS; step++) {
        TRY(learner_begin(j, 1));
        hw3_var y = recall(j, &random, kind, letters, first);
        TRY(learner_step(j, hw3_cross_entropy(j->graph, y, learner_tokens(j, first, ROWS, LENGTH), -100, 0), &loss));
    }
    for (int i = 0; i < LENGTH; i++) right[i] = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
        TRY(learner_begin(j, 0));
        hw3_var y = recall(j, &random, kind, letters, first);
        TRY(hw3_var_read(j->graph, y, said, sizeof said));
        for (int i = 0; i < ROWS * LENGTH; i++) {
            int best = 0;
            for (int l = 1; l < LETTERS; l++) best = said[i][l] > said[i][best] ? l : best;
            right[i % LENGTH] += (best == first[i]) / (double)(ROWS * BATCHES);
        }
    }
    return 0;
}

/* Answers (e), second half. */
static const char part_e2[] =
    "\n  What can be got back from the beginning? Random letters; at every place the first one is asked. Full attention reaches it\n"
    "  directly, whatever the distance. A window, which makes cost linear, reaches window - 1 places a layer, and layers hand on:\n\n";

static const char part_e3[] =
    "  Within reach is not yet found: softmax shares its weight among more keys as n grows, places past those trained on are strange to the\n"
    "  model, and large models find best what stands at the beginning or the end of a long context, worst what is amid it [Liu24].\n";

int report_recall(hw3_ctx *ctx, plots *to)
{
    static const int shown[] = { 0, 7, 8, 14, 15, 31, 47 };
    double right[N_KINDS][LENGTH], x[LENGTH];
    plot_line lines[N_KINDS];
    table t = { 0 };
    int reach = 1;
    fputs(part_e2, stdout);
    table_row(&t, "share that is right at distance\t0\t7\t8\t14\t15\t31\t47");
    for (int kind = 0; kind < N_KINDS; kind++) {
        hw3_params *p = NULL;
        learner l = { 0 };
        int bad = hw3_params_create(ctx, &p) || make(p, kinds[kind].layers) || learner_open_params(&l, ctx, p, 1e-2, RECALL_STEPS);
        if (bad) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
        else bad = learn_recall(&l, kind, right[kind]);
        learner_close(&l);
        hw3_params_destroy(p);
        if (bad) return -1;
        const double *r = right[kind];
        table_row(&t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f", kinds[kind].name, r[shown[0]], r[shown[1]], r[shown[2]], r[shown[3]],
                  r[shown[4]], r[shown[5]], r[shown[6]]);
        lines[kind] = (plot_line){ kinds[kind].name, r };
        for (int i = 0; i < LENGTH; i++) {
            x[i] = i;
            if (!kinds[kind].window || i <= kinds[kind].layers * (kinds[kind].window - 1)) reach &= r[i] > 0.9;
            else reach &= r[i] < 0.3;
        }
    }
    table_print(&t, stdout);
    claim(reach, "the first letter is told up to distance layers (window - 1), and by full attention anywhere; beyond it is a guess (1/8)");
    fputs(part_e3, stdout);
    if (to)
        plots_lines(to, &(plot){ "recall", "Getting the first token back", "distance", "share that is right", lines, N_KINDS, .n = LENGTH, .x = x,
                                 .y_from_zero = 1 });
    return 0;
}
