/* SPDX-License-Identifier: MIT */
/* t4_kv_cache_cost: what one decode step of an attention layer costs, without a cache and with MHA, MQA, GQA and MLA.
 *
 * Answers the fourth theory question. (1) a step without a cache, (2) the KV-cache, (3) Multi-Query, (4) Grouped-Query Attention,
 * (5) all in numbers, (6) Multi-Head Latent Attention. Each formula is tried twice: against plain loops that count their
 * multiplications, and against real sessions, whose pages are measured to the byte and whose steps are timed.
 *
 * Meets: hw3_attention_cost, hw3_model_create, hw3_session_create with a cache of f16, hw3_session_bytes.
 * Run:   sh examples/run.sh t4_kv_cache_cost
 * Exit status: 0 when counts and pages are as the formulas say, else 1. */
#include "support/args.h"
#include "support/plot.h"
#include "support/table.h"
#include "support/try.h"
#include <hw3/hw3.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { N_KINDS = 5, N_LENGTHS = 6, MOST = 4096, N_LOOP = 32, D_LOOP = 96, HEADS_LOOP = 6, D_HEAD_LOOP = 16, GROUPS_LOOP = 2 };

static int64_t n = 1024, n_heads = 12, d_head = 64, d = 768, groups = 4;
static const char *out = "out/t4_kv_cache_cost";
static int no_plots, no_measures;

typedef struct sizes {
    int64_t n, d, n_heads, d_head, groups;
} sizes;

/* ---- The parts of the answer ------------------------------------------------------------------------ */

static const char part_1[] =
    "A decode step makes one token's output from n tokens, the new one counted. Two FLOPs are a multiplication and its addition;\n"
    "softmax, norms and biases are left out. x is [n, d], a head's q, k and v have d_h numbers, there are n_h heads.\n\n"
    "(1) Without any cache all n tokens go through the layer again at every step:\n"
    "      Q, K, V = x W_q, x W_k, x W_v      3 * 2 n d n_h d_h\n"
    "      scores Q K'  and  A V              2 * 2 n² n_h d_h\n"
    "      output projection                  2 n n_h d_h d\n"
    "      together                           8 n d n_h d_h + 4 n² n_h d_h          kept: nothing\n"
    "  Quadratic in n for a single token: n - 1 of the n rows were there a step ago, with the same numbers, for under a causal mask\n"
    "  no token's key or value depends on those that come later.\n\n"
    "(2) The KV-cache keeps k and v of every token in every head and layer. A step computes q, k and v of the new token alone,\n"
    "  appends k and v, and lets the one query meet all n keys. The prompt is filled in at once (prefill), then each step adds one.\n"
    "      q, k, v                            3 * 2 d n_h d_h\n"
    "      q K'  and  a V                     2 * 2 n n_h d_h\n"
    "      output projection                  2 n_h d_h d\n"
    "      together                           8 d n_h d_h + 4 n n_h d_h             kept: 2 n n_h d_h\n"
    "  Linear in n. What was saved in arithmetic is now read from memory: each step reads the whole cache once and does about one\n"
    "  FLOP a byte with it, so long contexts and large batches are bound by memory, and by its size.\n\n"
    "(3) Multi-Query Attention [Shazeer19] has n_h queries but one key and one value for all heads. The heads still look for different\n"
    "  things, in one shared memory:\n"
    "      together                           4 d n_h d_h + 4 d d_h + 4 n n_h d_h   kept: 2 n d_h\n"
    "  The cache shrinks by n_h; the scores cost as much as before. Quality suffers a little, and training is less stable.\n\n"
    "(4) Grouped-Query Attention [Ainslie23] stands between: g groups of n_h / g heads, each group with its own key and value. g = n_h is\n"
    "  MHA, g = 1 is MQA; a trained MHA becomes GQA by averaging the keys' and values' weights of a group, and a short training.\n"
    "      together                           4 d n_h d_h + 4 d g d_h + 4 n n_h d_h kept: 2 n g d_h\n\n";

static const char part_5[] =
    "\n  Without a cache a step is n times one of MHA, as 8 n d n_h d_h + 4 n² n_h d_h = n (8 d n_h d_h + 4 n n_h d_h). MQA and GQA save\n"
    "  little arithmetic and much memory. Pages and times are of sessions of one-layer models that keep f16 and compute in float; a page\n"
    "  has 64 bytes besides its numbers. A time is of the whole model, which reads its weights, too; without a cache it is that of all n\n"
    "  tokens from the first on, under a causal mask, which is about half of the scores.\n";

static const char part_6[] =
    "\n(6) Multi-Head Latent Attention [DeepSeekV2], in DeepSeek-V2, V3 and R1. Keys and values are low-rank: each token is pressed into one\n"
    "  latent c = W_DKV x of r numbers, and head i would have k_i = W_UK,i c and v_i = W_UV,i c. Only c is kept. It need not even be\n"
    "  expanded, as q_i' W_UK,i c = (W_UK,i' q_i)' c: queries are carried into the latents once a step (absorbed), attend to c as to\n"
    "  one shared key and value, and the mean latent goes back through W_UV,i. A rotation by position would stand between W_UK and\n"
    "  W_q and forbid that, so RoPE has numbers of its own: d_R of a query and one key of d_R that all heads share, kept beside c.\n"
    "      q and its rotated part             2 d n_h (d_h + d_R)\n"
    "      latent and rotated key             2 d (r + d_R)\n"
    "      into the latents and back          2 * 2 n_h r d_h\n"
    "      scores and mean                    2 n n_h (r + d_R) + 2 n n_h r\n"
    "      output projection                  2 n_h d_h d                           kept: n (r + d_R)\n"
    "  With r = 4 d_h and d_R = d_h / 2, as in DeepSeek-V2, a token leaves 4.5 d_h numbers, as much as 2.25 groups of GQA, whatever n_h\n"
    "  is, while every head has keys and values of its own. It does more arithmetic than MHA and reads much less; where memory is\n"
    "  the limit, that is faster. (Queries may be pressed too, which saves weights, not cache. MHA here would keep 2 n_h d_h.)\n";

typedef struct kind {
    const char *name;
    int cache;
    int64_t n_kv_heads; /* -1: as many as heads, -2: groups */
    int latent;
} kind;
static const kind kinds[N_KINDS] = {
    { "none", 0, -1, 0 }, { "MHA", 1, -1, 0 }, { "MQA", 1, 1, 0 }, { "GQA", 1, -2, 0 }, { "MLA", 1, -1, 1 },
};

static int64_t kv_heads(const kind *k, const sizes *s)
{
    return k->n_kv_heads == -1 ? s->n_heads : k->n_kv_heads == -2 ? s->groups : k->n_kv_heads;
}
static int64_t rank_of(const kind *k, const sizes *s) { return k->latent ? 4 * s->d_head : 0; }
static int64_t rope_of(const kind *k, const sizes *s) { return k->latent ? s->d_head / 2 : 0; }

typedef struct program {
    hw3_ctx *ctx;
} program;

static int formula(program *j, const kind *k, const sizes *s, hw3_attention_costs *c)
{
    hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
    o.cache = k->cache, o.n_tokens = s->n, o.d_model = s->d, o.n_heads = s->n_heads, o.d_head = s->d_head;
    o.n_kv_heads = kv_heads(k, s), o.kv_rank = rank_of(k, s), o.d_rope = rope_of(k, s);
    TRY(hw3_attention_cost(j->ctx, &o, c));
    return 0;
}

/* ---- Plain loops that count -------------------------------------------------------------------------- */

enum { ROOM = 256 };
static int64_t macs, kept;
static double keys[N_LOOP][ROOM], values[N_LOOP][ROOM];

/* y = w x for a matrix of numbers that do not matter; each multiplication is counted where it is done. */
static void multiply(int64_t rows, int64_t columns, const double *x, double *y)
{
    for (int64_t r = 0; r < rows; r++) {
        y[r] = 0;
        for (int64_t c = 0; c < columns; c++, macs++) y[r] += 0.01 * (double)((r * 7 + c * 3) % 11 - 5) * x[c];
    }
}

/* y = the mean of v under softmax(k'q), over the first `s->n` tokens. */
static void attend(const sizes *s, const double *q, int64_t first_k, int64_t n_k, int64_t first_v, int64_t n_v, const kind *k, double *y)
{
    double w[N_LOOP], sum = 0;
    for (int64_t t = 0; t < s->n; t++) {
        w[t] = 0;
        for (int64_t i = 0; i < n_k; i++, macs++) w[t] += q[i] * keys[t][first_k + i];
        sum += w[t] = exp(w[t]);
    }
    for (int64_t i = 0; i < n_v; i++) y[i] = 0;
    for (int64_t t = 0; t < s->n; t++)
        for (int64_t i = 0; i < n_v; i++, macs++) y[i] += w[t] / sum * (k->latent ? keys : values)[t][first_v + i];
}

static void count(const kind *k, const sizes *s)
{
    const int64_t kv = kv_heads(k, s), r = rank_of(k, s), rope = rope_of(k, s), h = s->d_head;
    double x[ROOM], q[ROOM], wide[ROOM], heads[ROOM];
    macs = kept = 0;
    for (int64_t i = 0; i < s->d; i++) x[i] = 0.1 * (double)(i % 7 - 3);
    for (int64_t t = 0; t < s->n; t++) {
        if (k->cache && t == s->n - 1) macs = 0; /* those before were there already */
        multiply(k->latent ? r + rope : kv * h, s->d, x, keys[t]);
        if (!k->latent) multiply(kv * h, s->d, x, values[t]);
        if (k->cache) kept += k->latent ? r + rope : 2 * kv * h;
    }
    for (int64_t t = k->cache ? s->n - 1 : 0; t < s->n; t++) {
        for (int64_t i = 0; i < s->n_heads; i++) {
            const int64_t first = i / (s->n_heads / kv) * h;
            multiply(h + rope, s->d, x, q);
            if (k->latent) {
                multiply(r, h, q, wide); /* into the latents */
                for (int64_t e = 0; e < rope; e++) wide[r + e] = q[h + e];
            }
            attend(s, k->latent ? wide : q, k->latent ? 0 : first, k->latent ? r + rope : h, k->latent ? 0 : first, k->latent ? r : h, k,
                   k->latent ? q : heads + i * h);
            if (k->latent) multiply(h, r, q, heads + i * h); /* and back */
        }
        multiply(s->d, s->n_heads * h, heads, x);
    }
}

/* ---- Real sessions ------------------------------------------------------------------------------------ */

/* Milliseconds of the wall clock. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

typedef struct measured {
    int64_t elements; /* in pages */
    double kib, ms;
} measured;

static int64_t tokens[MOST];

/* The least of several steps: the new token behind n - 1 others; without a cache all n from the beginning. */
static int step_time(program *j, hw3_session *s, const kind *k, int64_t length, double *ms)
{
    *ms = INFINITY;
    for (int i = 0; i < (k->cache ? 20 : 2); i++) {
        const int64_t before = k->cache ? length - 1 : 0;
        TRY(hw3_session_truncate(s, 0, before));
        const double start = now();
        TRY(hw3_session_feed(s, 0, tokens, length - before));
        *ms = fmin(*ms, now() - start);
    }
    return 0;
}

/* A page has a head besides its numbers. Two caches of the same pages, of 4 and of 2 bytes a number, tell how many those are. */
static int measure(program *j, hw3_model *m, const kind *k, int64_t length, measured *is)
{
    int64_t taken, used[2];
    for (int narrow = 0; narrow < 2; narrow++) {
        hw3_session_opts o = HW3_SESSION_OPTS_INIT;
        o.cache = narrow ? HW3_CACHE_F16 : HW3_CACHE_MODEL, o.n_tokens = 0;
        hw3_session *s = NULL;
        TRY(hw3_session_create(m, &o, &s));
        int failed = hw3_session_feed(s, 0, tokens, length) < 0 || hw3_session_bytes(s, &taken, &used[narrow]) < 0;
        if (!failed && narrow && !no_measures) failed = step_time(j, s, k, length, &is->ms);
        hw3_session_destroy(s);
        TRY(failed ? -1 : 0);
    }
    is->elements = k->cache ? (used[0] - used[1]) / 2 : 0;
    is->kib = k->cache ? (double)used[1] / 1024 : 0;
    return 0;
}

/* One layer, with as little around its attention as there can be. */
static int layer(program *j, const kind *k, const sizes *s, hw3_model **m)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = k->latent ? HW3_FAMILY_DEEPSEEK : HW3_FAMILY_LLAMA;
    c.n_vocab = 8, c.n_ctx = MOST, c.d_model = s->d, c.n_layers = 1, c.n_heads = s->n_heads, c.d_head = s->d_head, c.d_ff = 8;
    if (!k->latent) c.n_kv_heads = kv_heads(k, s);
    else c.d_value = s->d_head, c.kv_rank = rank_of(k, s), c.d_rope = rope_of(k, s);
    TRY(hw3_model_create(j->ctx, &c, m));
    return 0;
}

/* ---- Tables and plots --------------------------------------------------------------------------------- */

static int in_numbers(program *j, const sizes *s)
{
    table t = { 0 };
    double first = 0;
    int failed = 0;
    printf("(5) n = %lld, d = %lld, d_h = %lld, n_h = %lld, g = %lld, 2 bytes a number (fp16), one layer and sequence:\n\n", (long long)s->n,
           (long long)s->d, (long long)s->d_head, (long long)s->n_heads, (long long)s->groups);
    table_row(&t, "cache\tFLOPs\tof none\telements kept\tKiB\tof MHA\telements in pages\tKiB of pages\tms a step");
    for (int i = 0; i < N_KINDS; i++) {
        hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT, mha = HW3_ATTENTION_COSTS_INIT;
        hw3_model *m = NULL;
        measured is = { 0, NAN, NAN };
        char kib[32], ms[32];
        if (formula(j, &kinds[i], s, &c) || formula(j, &kinds[1], s, &mha) || layer(j, &kinds[i], s, &m)) return -1;
        int bad = measure(j, m, &kinds[i], s->n, &is);
        hw3_model_destroy(m);
        if (bad) return -1;
        if (i == 0) first = (double)c.flops;
        if (is.elements != c.cached_elements && s->n % 64 == 0 && s->d_head % 64 == 0) failed = 1; /* only whole pages hold no more */
        table_row(&t, "%s\t%lld\t%.3f %%\t%lld\t%lld\t%.2f %%\t%lld\t%s\t%s", kinds[i].name, (long long)c.flops, 100 * (double)c.flops / first,
                  (long long)c.cached_elements, (long long)c.cached_bytes / 1024, 100 * (double)c.cached_bytes / (double)mha.cached_bytes,
                  (long long)is.elements, table_number(no_measures ? NAN : is.kib, 1, kib), table_number(is.ms, 3, ms));
    }
    table_print(&t, stdout);
    fputs(part_5, stdout);
    return failed;
}

static int in_loops(program *j)
{
    const sizes s = { N_LOOP, D_LOOP, HEADS_LOOP, D_HEAD_LOOP, GROUPS_LOOP };
    table t = { 0 };
    int failed = 0;
    printf("\n  The formulas against plain loops, n = %d, d = %d, d_h = %d, n_h = %d, g = %d:\n\n", N_LOOP, D_LOOP, D_HEAD_LOOP, HEADS_LOOP,
           GROUPS_LOOP);
    table_row(&t, "counted\tFLOPs\tby formula\telements\tby formula");
    for (int i = 0; i < N_KINDS; i++) {
        hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
        if (formula(j, &kinds[i], &s, &c)) return -1;
        count(&kinds[i], &s);
        failed |= 2 * macs != c.flops || kept != c.cached_elements;
        table_row(&t, "%s\t%lld\t%lld\t%lld\t%lld", kinds[i].name, 2 * (long long)macs, (long long)c.flops, (long long)kept,
                  (long long)c.cached_elements);
    }
    table_print(&t, stdout);
    return failed;
}

static int by_length(program *j, const sizes *s, plots *to)
{
    static double x[N_LENGTHS], kib[N_KINDS][N_LENGTHS], ms[N_KINDS][N_LENGTHS];
    plot_line bytes[N_KINDS], times[N_KINDS];
    for (int i = 0; i < N_KINDS; i++) {
        hw3_model *m = NULL;
        if (layer(j, &kinds[i], s, &m)) return -1;
        int bad = 0;
        for (int l = 0; l < N_LENGTHS && !bad; l++) {
            const int64_t length = 64LL << l;
            measured is = { 0, NAN, NAN };
            bad = measure(j, m, &kinds[i], length, &is);
            x[l] = (double)length, kib[i][l] = is.kib, ms[i][l] = is.ms;
        }
        hw3_model_destroy(m);
        if (bad) return -1;
        const int at = (i + N_KINDS - 1) % N_KINDS; /* none last, so that both plots have the same colours */
        bytes[at] = (plot_line){ kinds[i].name, kib[i] }, times[at] = (plot_line){ kinds[i].name, ms[i] };
    }
    const char *const x_label = "tokens, the new one counted";
    plots_lines(to, &(plot){ "bytes", "Cache of a layer and sequence, f16", x_label, "KiB", .lines = bytes, .n_lines = N_KINDS - 1,
                             .n = N_LENGTHS, .x = x, .log_x = 2, .log_y = 1 });
    plots_lines(to, &(plot){ "time", "One decode step of one layer", x_label, "milliseconds", .lines = times, .n_lines = N_KINDS,
                             .n = N_LENGTHS, .x = x, .log_x = 2, .log_y = 1 });
    return 0;
}

int main(int argc, char **argv)
{
    const arg options[] = { { "--tokens", ARG_INT, &n, 1, MOST, "n, the new one counted", NULL },
                            { "--width", ARG_INT, &d, 1, 8192, "d", NULL },
                            { "--head", ARG_INT, &d_head, 4, 512, "d_h, a multiple of 4", NULL },
                            { "--heads", ARG_INT, &n_heads, 1, 128, "n_h", NULL },
                            { "--groups", ARG_INT, &groups, 1, 128, "g, divides n_h", NULL },
                            { "--no-measures", ARG_FLAG, &no_measures, 0, 0, "leaves out what depends on the machine", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "The cost of a decode step: no cache, MHA, MQA, GQA, MLA.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    const sizes s = { n, d, n_heads, d_head, groups };
    program p = { NULL }, *j = &p;
    plots to;
    const int draws = !no_plots && !no_measures;
    for (int64_t i = 0; i < MOST; i++) tokens[i] = i * i % 8;
    if (hw3_ctx_create(NULL, &p.ctx) || (draws && plots_begin(&to, out))) return 1;
    fputs(part_1, stdout);
    int failed = in_numbers(j, &s);
    if (!failed) failed = in_loops(j);
    if (failed >= 0) fputs(part_6, stdout);
    if (!failed && draws) failed = by_length(j, &s, &to);
    if (failed >= 0) printf("\n%s\n", failed ? "Counts and formulas DIFFER" : "Counts and pages are as the formulas say");
    if (!failed && draws) failed = plots_end(&to);
    hw3_ctx_destroy(p.ctx);
    return failed ? 1 : 0;
}
