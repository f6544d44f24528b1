/* SPDX-License-Identifier: MIT */
/* Beam search against transformers, against every text there is, and on more threads; nothing of the session changes. */
#include "alloc.h"
#include "beam.h"

enum { V = 3, DEPTH = 4, MAX = 81 };

typedef struct answer {
    int64_t tokens[MAX * 8], n[MAX];
    double scores[MAX];
} answer;

static const int64_t *beams(void)
{
    static int64_t all[MAX];
    for (int64_t i = 0; i < MAX; i++) all[i] = i + 1;
    return all;
}

static hw3_status session_on(hw3_model *m, int64_t n_beams, const int64_t *prompt, int64_t n_prompt, hw3_session **s)
{
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    o.n_sequences = n_beams + 1, o.n_tokens = 0;
    hw3_status status = hw3_session_create(m, &o, s);
    return status ? status : hw3_session_feed(*s, 0, prompt, n_prompt);
}

/* transformers adds log-probabilities in float: 1e-5. */
START_TEST(as_transformers)
{
    static answer a;
    hw3_ctx *ctx = test_ctx(1);
    for (size_t i = 0; i < sizeof beam_cases / sizeof beam_cases[0]; i++) {
        const beam_case *c = &beam_cases[i];
        hw3_model *m = NULL;
        hw3_session *s = NULL;
        hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
        char path[512];
        snprintf(path, sizeof path, "%s/models/%s", HW3_VECTORS, c->model);
        OK(hw3_model_open(ctx, path, NULL, &m));
        OK(session_on(m, c->n_beams, c->prompt, c->n_prompt, &s));
        o.n_best = c->n_best, o.max_tokens = c->max_tokens, o.length_penalty = c->penalty, o.early_stop = c->early;
        o.stop = c->stop, o.n_stop = c->n_stop;
        OK(hw3_beam_search(s, 0, beams(), c->n_beams, &o, a.tokens, a.n, a.scores));
        for (int64_t k = 0; k < c->n_best; k++) {
            ck_assert_msg(a.n[k] == c->best[k].n, "case %d, text %d: %d tokens, want %d; to regenerate: python3 gen_beam.py > beam.h",
                          (int)i, (int)k, (int)a.n[k], c->best[k].n);
            ck_assert(!memcmp(a.tokens + k * o.max_tokens, c->best[k].tokens, (size_t)a.n[k] * sizeof *a.tokens));
            for (int64_t j = a.n[k]; j < o.max_tokens; j++) ck_assert_int_eq(a.tokens[k * o.max_tokens + j], 0);
            NEAR(a.scores[k], c->best[k].score, 1e-5);
        }
        hw3_session_destroy(s);
        hw3_model_destroy(m);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Of each kind of cache: keys and values of heads, turned keys, latents, states. */
static const hw3_family families[] = { HW3_FAMILY_GPT2, HW3_FAMILY_LLAMA, HW3_FAMILY_DEEPSEEK, HW3_FAMILY_LSTM };
enum { FAMILIES = sizeof families / sizeof families[0] };
static int kind;

static hw3_model *toy(hw3_ctx *ctx, int64_t n_vocab)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = families[kind];
    c.n_vocab = n_vocab, c.n_ctx = 8, c.d_model = 8, c.n_layers = 2, c.init_std = 0.5, c.eos_id = 2;
    if (c.family != HW3_FAMILY_LSTM) c.n_heads = 2;
    if (c.family == HW3_FAMILY_DEEPSEEK) c.kv_rank = 6, c.d_rope = 2;
    hw3_model *m = NULL;
    return hw3_model_create(ctx, &c, &m) ? NULL : m;
}

/* Adds every text behind the sequence that ends at 2 or after DEPTH tokens. */
static void enumerate(hw3_ctx *ctx, hw3_session *s, answer *a, int64_t *n_found, int64_t *text, int64_t n, double sum, double penalty)
{
    float x[V];
    const int64_t here = hw3_session_n_tokens(s, 0);
    OK(hw3_session_logits(s, 0, x, V));
    double total = 0;
    for (int64_t v = 0; v < V; v++) total += exp((double)x[v]);
    for (text[n] = 0; text[n] < V; text[n]++) {
        const double p = sum + x[text[n]] - log(total);
        if (text[n] == 2 || n + 1 == DEPTH) {
            memcpy(a->tokens + *n_found * DEPTH, text, (size_t)(n + 1) * sizeof *text);
            a->n[*n_found] = n + 1;
            a->scores[(*n_found)++] = p / pow((double)n + 1, penalty);
            continue;
        }
        OK(hw3_session_feed(s, 0, text + n, 1));
        enumerate(ctx, s, a, n_found, text, n + 1, p, penalty);
        OK(hw3_session_truncate(s, 0, here));
    }
}

/* With a beam for every text: all 31 of them in falling order, and no more. Sums of the same logits: 1e-12. */
START_TEST(as_exhaustive_search)
{
    kind = _i;
    static answer a, all;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = toy(ctx, V);
    hw3_session *s = NULL;
    hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
    o.n_best = MAX, o.max_tokens = DEPTH;
    OK(session_on(m, MAX, (int64_t[]){ 0, 1, 1 }, 3, &s));
    for (o.length_penalty = -1; o.length_penalty < 3; o.length_penalty += 0.75) {
        int64_t n_found = 0, text[DEPTH];
        for (o.early_stop = 0; o.early_stop < 3; o.early_stop++) {
            n_found = 0;
            OK(hw3_beam_search(s, 0, beams(), MAX, &o, a.tokens, a.n, a.scores));
            enumerate(ctx, s, &all, &n_found, text, 0, 0, o.length_penalty);
            OK(hw3_session_truncate(s, 0, 2));
            OK(hw3_session_feed(s, 0, (int64_t[]){ 1 }, 1));
            ck_assert_int_eq(n_found, 31);
            for (int64_t k = 0; k < n_found; k++) {
                int64_t best = 0;
                for (int64_t i = 1; i < n_found; i++) best = all.scores[i] > all.scores[best] ? i : best;
                NEAR(a.scores[k], all.scores[best], 1e-12);
                ck_assert_int_eq(a.n[k], all.n[best]);
                ck_assert(!memcmp(a.tokens + k * DEPTH, all.tokens + best * DEPTH, (size_t)a.n[k] * sizeof *a.tokens));
                all.scores[best] = -INFINITY;
            }
            for (int64_t k = n_found; k < MAX; k++) ck_assert(a.n[k] == 0 && a.scores[k] == -INFINITY);
        }
    }
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* One beam takes the likeliest token each time. */
START_TEST(one_beam_is_greedy)
{
    kind = _i;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = toy(ctx, 29);
    hw3_session *s = NULL;
    hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
    int64_t text[7], n, next;
    double score, sum = 0, p;
    hw3_generate_opts told = HW3_GENERATE_OPTS_INIT;
    told.logprobs = &p;
    o.max_tokens = 7, o.length_penalty = 0, o.n_stop = 0;
    OK(session_on(m, 1, (int64_t[]){ 4, 11 }, 2, &s));
    OK(hw3_beam_search(s, 0, (int64_t[]){ 1 }, 1, &o, text, &n, &score));
    ck_assert_int_eq(n, 7);
    for (int64_t i = 0; i < 6; i++) {
        OK(hw3_generate_next(s, (int64_t[]){ 0 }, 1, NULL, &told, &next));
        ck_assert_int_eq(text[i], next);
        sum += p;
    }
    float x[29];
    double total = 0;
    OK(hw3_session_logits(s, 0, x, 29)); /* the context is full: the last token is not fed */
    for (int64_t v = 0; v < 29; v++) total += exp((double)x[v]);
    NEAR(score, sum + x[text[6]] - log(total), 1e-6); /* log-probabilities are told of float logits */
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(same_on_more_threads)
{
    kind = _i;
    static answer first, a;
    for (int threads = 1; threads <= 4; threads *= 2) {
        hw3_ctx *ctx = test_ctx(threads);
        hw3_model *m = toy(ctx, 29);
        hw3_session *s = NULL;
        hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
        o.n_best = 5, o.max_tokens = 6;
        OK(session_on(m, 5, (int64_t[]){ 4, 11 }, 2, &s));
        OK(hw3_beam_search(s, 0, beams(), 5, &o, a.tokens, a.n, a.scores));
        if (threads == 1) first = a;
        ck_assert(!memcmp(&first, &a, sizeof a));
        hw3_session_destroy(s);
        hw3_model_destroy(m);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* The prompt has its logits, and the beams are empty. */
static void untouched(hw3_ctx *ctx, const hw3_session *s, const float *want, int64_t n_beams)
{
    float x[29];
    ck_assert_int_eq(hw3_session_n_tokens(s, 0), 2);
    OK(hw3_session_logits(s, 0, x, 29));
    ck_assert(!memcmp(x, want, sizeof x));
    for (int64_t i = 1; i <= n_beams; i++) ck_assert_int_eq(hw3_session_n_tokens(s, i), 0);
}

static int32_t stop_at(void *user, const int64_t *tokens, int64_t n, double logprob)
{
    ck_assert(tokens[n - 1] >= 0 && tokens[n - 1] < 29 && logprob < 0);
    return n == *(int64_t *)user;
}

START_TEST(bad_input)
{
    kind = 0;
    static answer a;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = toy(ctx, 29);
    hw3_session *s = NULL;
    hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
    float want[29];
    int64_t at = 3;
    OK(session_on(m, 3, (int64_t[]){ 4, 11 }, 2, &s));
    OK(hw3_session_logits(s, 0, want, 29));
    a.n[0] = -7;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_FULL);
    SAYS("beam_search: 20 tokens behind a prompt of 2, but there is room for 7");
    o.max_tokens = 7, o.n_best = 4;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_ARG);
    o.n_best = 3, o.length_penalty = NAN;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_ARG);
    o.length_penalty = 1, o.early_stop = 3;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_ARG);
    o.early_stop = 0, o.stop = (int64_t[]){ 29 };
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_ARG);
    o.n_stop = 1;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_VALUE);
    SAYS("stop[0] is 29, must be 0 to 28");
    o.stop = NULL, o.n_stop = -1;
    FAILS(hw3_beam_search(s, 0, (int64_t[]){ 1, 0 }, 2, &o, a.tokens, a.n, a.scores), HW3_ERR_ARG);
    FAILS(hw3_beam_search(s, 1, (int64_t[]){ 2, 3 }, 2, &o, a.tokens, a.n, a.scores), HW3_ERR_STATE);
    OK(hw3_session_feed(s, 3, beams(), 1));
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_STATE);
    SAYS("beam 2, sequence 3, has 1 tokens but must be empty");
    OK(hw3_session_truncate(s, 3, 0));
    o.progress = stop_at, o.progress_user = &at;
    FAILS(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores), HW3_ERR_CANCELLED);
    SAYS("after 3 tokens");
    ck_assert_int_eq(a.n[0], -7);
    untouched(ctx, s, want, 3);
    at = 0;
    OK(hw3_beam_search(s, 0, beams(), 3, &o, a.tokens, a.n, a.scores));
    untouched(ctx, s, want, 3);
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Where memory ends the session is as it was. */
static hw3_status make_and_search(hw3_ctx *ctx)
{
    static answer a;
    float want[29];
    hw3_model *m = toy(ctx, 29);
    hw3_session *s = NULL;
    hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
    o.n_best = 4, o.max_tokens = 7;
    hw3_status status = m ? session_on(m, 4, (int64_t[]){ 4, 11 }, 2, &s) : HW3_ERR_NOMEM;
    if (!status) {
        OK(hw3_session_logits(s, 0, want, 29));
        status = hw3_beam_search(s, 0, beams(), 4, &o, a.tokens, a.n, a.scores);
        untouched(ctx, s, want, 4);
    }
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    kind = _i;
    ck_assert_int_ge(test_sweep(make_and_search), 20);
}
END_TEST

TEST_LOOPS_MAIN("beam", NULL, NULL, ({ as_exhaustive_search, FAMILIES }, { one_beam_is_greedy, FAMILIES }, { same_on_more_threads, FAMILIES },
                 { every_allocation_may_fail, FAMILIES }), as_transformers, bad_input)
