/* SPDX-License-Identifier: MIT */
/* Samplers: every step against its definition by sorting; draws against the exact distribution by chi-square; what is refused. */
#include "alloc.h"
#include "base/random.h"
#include "math/distribution.h"
#include <stdbool.h>

#define N_VOCAB 40
#define N_HISTORY 60
enum { GREEDY, TEMPERATURE, TOP_K, TOP_P, MIN_P, TYPICAL, REPETITION, PENALTIES, NO_REPEAT, BIAS, CALLBACK };

typedef struct link {
    int kind;
    double a, b;
    int64_t n;
} link;

typedef struct chain {
    const char *name;
    link links[4];
    int n;
} chain;

static const chain chains[] = {
    { "none", { { 0 } }, 0 },
    { "greedy", { { GREEDY, 0, 0, 0 } }, 1 },
    { "temperature", { { TEMPERATURE, 0.7, 0, 0 } }, 1 },
    { "hot", { { TEMPERATURE, 3, 0, 0 } }, 1 },
    { "cold", { { TEMPERATURE, 1e-308, 0, 0 } }, 1 },
    { "zero", { { TEMPERATURE, 0, 0, 0 } }, 1 },
    { "top k", { { TOP_K, 0, 0, 5 } }, 1 },
    { "all k", { { TOP_K, 0, 0, 1000 } }, 1 },
    { "top p", { { TOP_P, 0.8, 0, 0 } }, 1 },
    { "all p", { { TOP_P, 1, 0, 0 } }, 1 },
    { "least p", { { TOP_P, 1e-9, 0, 0 } }, 1 },
    { "min p", { { MIN_P, 0.1, 0, 0 } }, 1 },
    { "min p 1", { { MIN_P, 1, 0, 0 } }, 1 },
    { "typical", { { TYPICAL, 0.6, 0, 0 } }, 1 },
    { "all typical", { { TYPICAL, 1, 0, 0 } }, 1 },
    { "repetition", { { REPETITION, 1.3, 0, 0 } }, 1 },
    { "repetition of few", { { REPETITION, 0.5, 0, 7 } }, 1 },
    { "penalties", { { PENALTIES, 0.5, 0.25, 0 } }, 1 },
    { "penalties of few", { { PENALTIES, -0.1, 0.4, 11 } }, 1 },
    { "no repeat 1", { { NO_REPEAT, 0, 0, 1 } }, 1 },
    { "no repeat 2", { { NO_REPEAT, 0, 0, 2 } }, 1 },
    { "no repeat 99", { { NO_REPEAT, 0, 0, 99 } }, 1 },
    { "bias", { { BIAS, 0, 0, 0 } }, 1 },
    { "callback", { { CALLBACK, 0, 0, 0 } }, 1 },
    { "usual", { { TEMPERATURE, 0.8, 0, 0 }, { TOP_K, 0, 0, 12 }, { TOP_P, 0.9, 0, 0 } }, 3 },
    { "other order", { { TOP_P, 0.9, 0, 0 }, { TEMPERATURE, 2, 0, 0 }, { TYPICAL, 0.9, 0, 0 } }, 3 },
    { "all of them", { { REPETITION, 1.1, 0, 0 }, { NO_REPEAT, 0, 0, 2 }, { BIAS, 0, 0, 0 }, { MIN_P, 0.05, 0, 0 } }, 4 },
};
static const int64_t biased[] = { 0, 3, 3, 5 };
static const double biases[] = { 1.5, -1, -0.5, -INFINITY };

/* Takes every third token out. */
static int32_t thirds(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    *(int64_t *)user += n_history + history[0];
    for (int64_t i = 1; i < n_vocab; i += 3) logits[i] = -INFINITY;
    return 0;
}

static hw3_status add(hw3_sampler *s, const link *l, int64_t *user)
{
    switch (l->kind) {
    case GREEDY: return hw3_sampler_add_greedy(s);
    case TEMPERATURE: return hw3_sampler_add_temperature(s, l->a);
    case TOP_K: return hw3_sampler_add_top_k(s, l->n);
    case TOP_P: return hw3_sampler_add_top_p(s, l->a);
    case MIN_P: return hw3_sampler_add_min_p(s, l->a);
    case TYPICAL: return hw3_sampler_add_typical(s, l->a);
    case REPETITION: return hw3_sampler_add_repetition(s, l->a, l->n);
    case PENALTIES: return hw3_sampler_add_penalties(s, l->a, l->b, l->n);
    case NO_REPEAT: return hw3_sampler_add_no_repeat(s, l->n);
    case BIAS: return hw3_sampler_add_bias(s, biased, biases, 4);
    default: return hw3_sampler_add_callback(s, thirds, user);
    }
}

/* --- The definitions. --- */

static void softmax(const double *x, int64_t n, double *p)
{
    double max = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (int64_t i = 0; i < n; i++) sum += p[i] = exp(x[i] - max);
    for (int64_t i = 0; i < n; i++) p[i] /= sum;
}

/* Keeps tokens in falling order of key (equal ones by number) while what came before them has less weight than the target. */
static void keep_sorted(double *x, int64_t n, const double *key, const double *weight, double target)
{
    bool done[2000] = { false };
    double sum = 0;
    for (int64_t k = 0; k < n; k++) {
        int64_t best = -1;
        for (int64_t i = 0; i < n; i++)
            if (!done[i] && x[i] > -INFINITY && (best < 0 || key[i] > key[best])) best = i;
        if (best < 0 || sum >= target) break;
        done[best] = true;
        sum += weight[best];
    }
    for (int64_t i = 0; i < n; i++)
        if (!done[i]) x[i] = -INFINITY;
}

static int64_t count_of(int64_t token, const int64_t *history, int64_t n_history, int64_t window)
{
    int64_t c = 0;
    for (int64_t i = window && window < n_history ? n_history - window : 0; i < n_history; i++) c += history[i] == token;
    return c;
}

/* Whether the history with the token after it ends in n tokens that stand in it earlier. */
static bool repeats(int64_t token, const int64_t *history, int64_t n_history, int64_t n)
{
    for (int64_t i = 0; i + n <= n_history; i++) {
        bool same = history[i + n - 1] == token;
        for (int64_t k = 0; k < n - 1 && same; k++) same = history[i + k] == history[n_history - (n - 1) + k];
        if (same) return true;
    }
    return false;
}

static void define(const link *l, double *x, int64_t n, const int64_t *history, int64_t n_history)
{
    static double p[2000], key[2000], one[2000];
    double entropy = 0, p_max = 0;
    softmax(x, n, p);
    for (int64_t i = 0; i < n; i++) entropy -= p[i] > 0 ? p[i] * log(p[i]) : 0, p_max = fmax(p_max, p[i]), one[i] = 1;
    for (int64_t i = 0; i < n; i++) key[i] = -fabs(-log(p[i]) - entropy);
    if (l->kind == GREEDY || (l->kind == TEMPERATURE && l->a == 0)) keep_sorted(x, n, x, one, 1);
    if (l->kind == TOP_K) keep_sorted(x, n, x, one, (double)l->n);
    if (l->kind == TOP_P && l->a < 1) keep_sorted(x, n, p, p, l->a);
    if (l->kind == TYPICAL && l->a < 1) keep_sorted(x, n, key, p, l->a);
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = count_of(i, history, n_history, l->n);
        if (l->kind == TEMPERATURE && l->a > 0) x[i] = p[i] == p_max ? 0 : log(p[i] / p_max) / l->a;
        if (l->kind == MIN_P && p[i] < l->a * p_max) x[i] = -INFINITY;
        if (l->kind == REPETITION && c) x[i] = x[i] < 0 ? x[i] * l->a : x[i] / l->a;
        if (l->kind == PENALTIES && c) x[i] -= l->a * (double)c + l->b;
        if (l->kind == NO_REPEAT && repeats(i, history, n_history, l->n)) x[i] = -INFINITY;
        if (l->kind == BIAS) x[i] += i == 0 ? 1.5 : i == 3 ? -1.5 : i == 5 ? -INFINITY : 0;
        if (l->kind == CALLBACK && i % 3 == 1) x[i] = -INFINITY;
    }
}

/* Logits with ties and masked tokens; a history of few different tokens, so that rows of two come again. */
static void draw_input(int64_t n, uint64_t stream, float *logits, int64_t *history)
{
    for (int64_t i = 0; i < n; i++) {
        logits[i] = (float)(2 * hw3i_normal(5, stream, (uint64_t)i));
        if (i % 5 == 2) logits[i] = roundf(logits[i]);
        if (i % 7 == 4) logits[i] = -INFINITY;
    }
    for (int64_t i = 0; i < N_HISTORY; i++) history[i] = hw3i_below(6, stream, (uint64_t)i, n < 9 ? n : 9);
}

static hw3_sampler *sampler_of(hw3_ctx *ctx, const chain *c, int64_t *user)
{
    hw3_sampler *s = NULL;
    OK(hw3_sampler_create(ctx, 1, &s));
    for (int i = 0; i < c->n; i++) OK(add(s, &c->links[i], user));
    return s;
}

/* 1e-13: sums of up to 1,000 doubles in another order */
START_TEST(steps_are_their_definitions)
{
    static const int64_t sizes[] = { 6, 7, N_VOCAB, 1000 };
    static float logits[1000];
    static double x[1000], p[1000], want[1000];
    int64_t history[N_HISTORY], user = 0;
    const chain *c = &chains[_i];
    hw3_ctx *ctx = test_ctx(1);
    hw3_sampler *s = sampler_of(ctx, c, &user);
    for (int k = 0; k < 40; k++) {
        const int64_t n = sizes[k % 4], n_history = k % 3 == 2 ? 1 : N_HISTORY;
        draw_input(n, (uint64_t)k, logits, history);
        for (int64_t i = 0; i < n; i++) x[i] = logits[i];
        for (int i = 0; i < c->n; i++) define(&c->links[i], x, n, history, n_history);
        softmax(x, n, want);
        hw3_status status = hw3_sampler_probabilities(s, logits, n, history, n_history, p);
        if (isnan(want[0])) {
            FAILS(status, HW3_ERR_VALUE);
            SAYS("takes out every one of");
            continue;
        }
        OK(status);
        for (int64_t i = 0; i < n; i++)
            ck_assert_msg(fabs(p[i] - want[i]) <= 1e-13 && (p[i] > 0) == (want[i] > 0), "%s, %d: p[%d] = %.17g, want %.17g", c->name, k,
                          (int)i, p[i], want[i]);
    }
    hw3_sampler_destroy(s);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Chi-square of the counts against p, tokens of less than five expected draws together. */
static double chi2_p_value(const int64_t *count, const double *p, int64_t n, int64_t n_draws)
{
    double statistic = 0, rare = 0, rare_count = 0;
    int64_t df = -1;
    for (int64_t i = 0; i < n; i++) {
        const double expected = p[i] * (double)n_draws;
        if (expected < 5) {
            rare += expected, rare_count += (double)count[i];
            continue;
        }
        statistic += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
        df++;
    }
    if (rare > 5) statistic += (rare_count - rare) * (rare_count - rare) / rare, df++;
    return df < 1 ? 1 : hw3i_chi2_tail(statistic, (double)df);
}

/* 27 chains, fixed seed: a p-value below 1e-3 / 27 would be a mistake and not chance. */
START_TEST(draws_follow_their_distribution)
{
    enum { N_DRAWS = 20000 };
    float logits[N_VOCAB];
    double p[N_VOCAB];
    int64_t history[N_HISTORY], count[N_VOCAB] = { 0 }, token, user = 0;
    hw3_ctx *ctx = test_ctx(1);
    hw3_sampler *s = sampler_of(ctx, &chains[_i], &user);
    draw_input(N_VOCAB, 0, logits, history);
    OK(hw3_sampler_probabilities(s, logits, N_VOCAB, history, N_HISTORY, p));
    for (int64_t i = 0; i < N_DRAWS; i++) {
        OK(hw3_sampler_pick(s, logits, N_VOCAB, history, N_HISTORY, i, &token));
        ck_assert_msg(p[token] > 0, "%s: token %d was taken out", chains[_i].name, (int)token);
        count[token]++;
    }
    double value = chi2_p_value(count, p, N_VOCAB, N_DRAWS);
    ck_assert_msg(value > 1e-3 / 27, "%s: p-value %g", chains[_i].name, value);
    hw3_sampler_destroy(s);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Draws of neighbouring positions, streams and seeds are independent: counts of pairs of four equally likely tokens. */
START_TEST(draws_are_independent)
{
    enum { N_PAIRS = 16000 };
    const float logits[4] = { 0 };
    static int64_t history[N_PAIRS + 1];
    int64_t count[3][16] = { { 0 } };
    double p[16];
    hw3_ctx *ctx = test_ctx(1);
    hw3_sampler *s[2];
    OK(hw3_sampler_create(ctx, 1, &s[0]));
    OK(hw3_sampler_create(ctx, 2, &s[1]));
    for (int64_t i = 0; i < N_PAIRS; i += 2) {
        int64_t a, b[3];
        OK(hw3_sampler_pick(s[0], logits, 4, history, i, 0, &a));
        OK(hw3_sampler_pick(s[0], logits, 4, history, i + 1, 0, &b[0]));
        OK(hw3_sampler_pick(s[0], logits, 4, history, i, 1, &b[1]));
        OK(hw3_sampler_pick(s[1], logits, 4, history, i, 0, &b[2]));
        for (int k = 0; k < 3; k++) count[k][4 * a + b[k]]++;
    }
    for (int i = 0; i < 16; i++) p[i] = 1.0 / 16;
    for (int k = 0; k < 3; k++) {
        double value = chi2_p_value(count[k], p, 16, N_PAIRS / 2);
        ck_assert_msg(value > 1e-4, "pair %d: p-value %g", k, value);
    }
    hw3_sampler_destroy(s[0]);
    hw3_sampler_destroy(s[1]);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The token depends on seed, stream and length alone, not on what was drawn before nor on the sampler. */
START_TEST(a_draw_can_be_repeated)
{
    float logits[N_VOCAB];
    int64_t history[N_HISTORY], first[N_HISTORY], user = 0, token;
    hw3_ctx *ctx = test_ctx(1), *other = test_ctx(2);
    hw3_sampler *a = sampler_of(ctx, &chains[24], &user), *b = sampler_of(other, &chains[24], &user);
    draw_input(N_VOCAB, 3, logits, history);
    for (int64_t i = 0; i < N_HISTORY; i++) OK(hw3_sampler_pick(a, logits, N_VOCAB, history, i, 7, &first[i]));
    for (int64_t i = N_HISTORY - 1; i >= 0; i--) {
        OK(hw3_sampler_pick(a, logits, 6, history, 0, i, &token));
        OK(hw3_sampler_pick(b, logits, N_VOCAB, history, i, 7, &token));
        ck_assert_int_eq(token, first[i]);
    }
    hw3_sampler_destroy(a);
    hw3_sampler_destroy(b);
    hw3_ctx_destroy(ctx);
    hw3_ctx_destroy(other);
}
END_TEST

/* Random logits of many equal values: the quick selection leaves what sorting leaves, and exactly k. */
START_TEST(ties_go_to_the_lower_number)
{
    static float logits[2000];
    static double p[2000];
    hw3_ctx *ctx = test_ctx(1);
    for (int64_t k = 1; k <= 2000; k += 37) {
        hw3_sampler *s = NULL;
        OK(hw3_sampler_create(ctx, 1, &s));
        OK(hw3_sampler_add_top_k(s, k));
        for (int64_t i = 0; i < 2000; i++) logits[i] = (float)hw3i_below(1, (uint64_t)k, (uint64_t)i, k % 3 ? 5 : 1);
        OK(hw3_sampler_probabilities(s, logits, 2000, NULL, 0, p));
        int64_t n = 0, last = -1;
        for (int64_t i = 0; i < 2000; i++)
            if (p[i] > 0) n++, last = last < 0 || logits[i] <= logits[last] ? i : last;
        ck_assert_int_eq(n, k);
        for (int64_t i = 0; i < 2000; i++) ck_assert((p[i] > 0) == (logits[i] > logits[last] || (logits[i] == logits[last] && i <= last)));
        hw3_sampler_destroy(s);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(log_probabilities)
{
    float logits[N_VOCAB];
    double x[N_VOCAB], p[N_VOCAB], one, values[N_VOCAB];
    int64_t history[N_HISTORY], top[N_VOCAB];
    hw3_ctx *ctx = test_ctx(1);
    draw_input(N_VOCAB, 1, logits, history);
    for (int i = 0; i < N_VOCAB; i++) x[i] = logits[i];
    softmax(x, N_VOCAB, p);
    for (int64_t token = 0; token < N_VOCAB; token++) {
        const int64_t n_top = token;
        OK(hw3_logprobs(ctx, logits, N_VOCAB, token, &one, n_top, top, values));
        if (p[token] > 0) NEAR(one, log(p[token]), 1e-13); /* a sum of 40 in the same order */
        else ck_assert(one == -INFINITY);
        for (int64_t i = 0; i < n_top; i++) {
            ck_assert(values[i] == -INFINITY ? p[top[i]] == 0 : fabs(values[i] - log(p[top[i]])) < 1e-13);
            if (i) ck_assert(logits[top[i]] < logits[top[i - 1]] || (logits[top[i]] == logits[top[i - 1]] && top[i] > top[i - 1]));
        }
        for (int64_t i = 0, better = 0; i < N_VOCAB && n_top; i++) {
            better += logits[i] > logits[top[n_top - 1]];
            ck_assert_int_lt(better, n_top);
        }
    }
    OK(hw3_logprobs(ctx, logits, N_VOCAB, 0, &one, 0, NULL, NULL));
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(steps_that_are_refused)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_sampler *s = NULL;
    OK(hw3_sampler_create(ctx, 1, &s));
    static const struct { link l; const char *message; } bad[] = {
        { { TEMPERATURE, -1, 0, 0 }, "sampler_add_temperature: temperature is -1, expected 0 or more" },
        { { TEMPERATURE, NAN, 0, 0 }, "temperature is nan" }, { { TEMPERATURE, INFINITY, 0, 0 }, "temperature is inf" },
        { { TOP_K, 0, 0, 0 }, "sampler_add_top_k: k is 0, at least 1" }, { { TOP_K, 0, 0, -5 }, "k is -5" },
        { { TOP_K, 0, 0, INT64_MIN }, "k is -9223372036854775808" },
        { { TOP_P, 0, 0, 0 }, "sampler_add_top_p: p is 0, expected 0 < p <= 1" },
        { { TOP_P, 1.01, 0, 0 }, "p is 1.01" }, { { TOP_P, NAN, 0, 0 }, "p is nan" },
        { { MIN_P, -0.1, 0, 0 }, "min_p is -0.1, expected 0 to 1" },
        { { MIN_P, 1.1, 0, 0 }, "min_p is 1.1" }, { { MIN_P, NAN, 0, 0 }, "min_p is nan" }, { { TYPICAL, 0, 0, 0 }, "mass is 0" },
        { { TYPICAL, 2, 0, 0 }, "mass is 2" }, { { TYPICAL, NAN, 0, 0 }, "mass is nan" },
        { { REPETITION, 0, 0, 0 }, "penalty is 0, expected above 0" },
        { { REPETITION, -1, 0, 0 }, "penalty is -1" }, { { REPETITION, INFINITY, 0, 0 }, "penalty is inf" },
        { { REPETITION, 1, 0, -1 }, "sampler_add_repetition: window is -1, at least 0" }, { { PENALTIES, NAN, 0, 0 }, "frequency is nan" },
        { { PENALTIES, 0, INFINITY, 0 }, "presence is inf" }, { { PENALTIES, 0, 0, -2 }, "sampler_add_penalties: window is -2" },
        { { NO_REPEAT, 0, 0, 0 }, "sampler_add_no_repeat: n is 0, at least 1" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        FAILS(add(s, &bad[i].l, NULL), HW3_ERR_ARG);
        SAYS(bad[i].message);
    }
    FAILS(hw3_sampler_add_callback(s, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_sampler_add_bias(s, NULL, biases, 4), HW3_ERR_ARG);
    SAYS("tokens is NULL");
    FAILS(hw3_sampler_add_bias(s, biased, NULL, 4), HW3_ERR_ARG);
    FAILS(hw3_sampler_add_bias(s, biased, biases, 0), HW3_ERR_ARG);
    FAILS(hw3_sampler_add_bias(s, (int64_t[]){ 1, -1 }, biases, 2), HW3_ERR_VALUE);
    SAYS("sampler_add_bias: entry 1 is -1 for token -1");
    FAILS(hw3_sampler_add_bias(s, biased, (double[]){ NAN }, 1), HW3_ERR_VALUE);
    FAILS(hw3_sampler_add_bias(s, biased, (double[]){ INFINITY }, 1), HW3_ERR_VALUE);
    int64_t token;
    for (int64_t i = 0; i < 20; i++) { /* nothing was added: both tokens are drawn */
        OK(hw3_sampler_pick(s, (float[]){ 0, 30 }, 2, NULL, 0, i, &token));
        ck_assert_int_eq(token, 1);
    }
    hw3_sampler_destroy(s);
    hw3_sampler_destroy(NULL);
    FAILS(hw3_sampler_create(NULL, 1, &s), HW3_ERR_ARG);
    FAILS(hw3_sampler_create(ctx, 1, NULL), HW3_ERR_ARG);
    hw3_ctx_destroy(ctx);
}
END_TEST

static int32_t spoil(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    (void)history, (void)n_history;
    logits[n_vocab - 1] = *(double *)user;
    return 0;
}

static int32_t stop(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    (void)user, (void)logits, (void)n_vocab, (void)history, (void)n_history;
    return 3;
}

/* Uses the sampler that is at work. */
static int32_t come_back(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    const float more[9] = { 0 };
    double p[9];
    int64_t token;
    (void)logits, (void)n_vocab, (void)history, (void)n_history;
    FAILS(hw3_sampler_pick(user, more, 9, NULL, 0, 0, &token), HW3_ERR_STATE);
    FAILS(hw3_sampler_probabilities(user, more, 9, NULL, 0, p), HW3_ERR_STATE);
    FAILS(hw3_sampler_add_greedy(user), HW3_ERR_STATE);
    return 0;
}

START_TEST(calls_that_are_refused)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_sampler *s = NULL;
    float logits[3] = { 0, 1, 2 };
    const int64_t history[2] = { 0, 2 };
    int64_t token = 77;
    double p[3] = { 7, 7, 7 }, nan = NAN, infinite = INFINITY;
    OK(hw3_sampler_create(ctx, 1, &s));
    FAILS(hw3_sampler_pick(NULL, logits, 3, NULL, 0, 0, &token), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, NULL, 3, NULL, 0, 0, &token), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, logits, 0, NULL, 0, 0, &token), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, logits, (int64_t)1 << 31, NULL, 0, 0, &token), HW3_ERR_ARG);
    SAYS("sampler_pick: n_vocab is 2147483648, expected 1 to 2147483647");
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 1, 0, &token), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, logits, 3, history, -1, 0, &token), HW3_ERR_ARG);
    FAILS(hw3_sampler_pick(s, logits, 2, history, 2, 0, &token), HW3_ERR_VALUE);
    SAYS("token 1 of the history is 2, expected 0 to 1");
    FAILS(hw3_sampler_probabilities(s, logits, 3, NULL, 0, NULL), HW3_ERR_ARG);
    const float bad[] = { NAN, INFINITY };
    for (int i = 0; i < 2; i++) {
        logits[1] = bad[i];
        FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token), HW3_ERR_VALUE);
        SAYS(i ? "inf for token 1" : "nan for token 1");
        FAILS(hw3_sampler_probabilities(s, logits, 3, NULL, 0, p), HW3_ERR_VALUE);
        FAILS(hw3_logprobs(ctx, logits, 3, 0, &nan, 0, NULL, NULL), HW3_ERR_VALUE);
        SAYS(i ? "logit 1 is inf" : "logit 1 is nan");
    }
    for (int i = 0; i < 3; i++) logits[i] = -INFINITY;
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token), HW3_ERR_VALUE);
    SAYS("every one of 3 tokens");
    FAILS(hw3_logprobs(ctx, logits, 3, 0, &nan, 0, NULL, NULL), HW3_ERR_VALUE);
    logits[0] = 0;
    OK(hw3_sampler_add_bias(s, (int64_t[]){ 2 }, (double[]){ 1 }, 1));
    FAILS(hw3_sampler_pick(s, logits, 2, NULL, 0, 0, &token), HW3_ERR_VALUE);
    SAYS("bias 0 is for token 2, but the vocabulary has 2");
    OK(hw3_sampler_add_no_repeat(s, 1));
    FAILS(hw3_sampler_pick(s, logits, 3, history, 2, 0, &token), HW3_ERR_VALUE);
    SAYS("sampler: no_repeat takes out every one of 3 tokens");
    hw3_sampler_destroy(s);
    OK(hw3_sampler_create(ctx, 1, &s));
    OK(hw3_sampler_add_callback(s, spoil, &nan));
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token), HW3_ERR_VALUE);
    SAYS("callback gives nan for token 2");
    nan = 0;
    OK(hw3_sampler_add_callback(s, spoil, &infinite));
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token), HW3_ERR_VALUE);
    infinite = 0;
    OK(hw3_sampler_add_callback(s, stop, NULL));
    FAILS(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token), HW3_ERR_CANCELLED);
    SAYS("the callback returned 3");
    hw3_sampler_destroy(s);
    OK(hw3_sampler_create(ctx, 1, &s));
    OK(hw3_sampler_add_callback(s, come_back, s));
    OK(hw3_sampler_pick(s, logits, 3, NULL, 0, 0, &token));
    ck_assert(token >= 0 && token < 3);
    OK(hw3_sampler_add_greedy(s));
    token = 77;
    FAILS(hw3_logprobs(NULL, logits, 3, 0, &nan, 0, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_logprobs(ctx, NULL, 3, 0, &nan, 0, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_logprobs(ctx, logits, 3, 0, NULL, 0, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_logprobs(ctx, logits, 3, 3, &nan, 0, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_logprobs(ctx, logits, 3, 0, &nan, 4, &token, p), HW3_ERR_ARG);
    FAILS(hw3_logprobs(ctx, logits, 3, 0, &nan, 1, NULL, p), HW3_ERR_ARG);
    ck_assert(token == 77 && p[0] == 7 && nan == 0); /* no output of a failure was written */
    hw3_sampler_destroy(s);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status whole_life(hw3_ctx *ctx)
{
    hw3_sampler *s = NULL;
    float logits[N_VOCAB];
    int64_t history[N_HISTORY], token, user = 0;
    draw_input(N_VOCAB, 0, logits, history);
    hw3_status status = hw3_sampler_create(ctx, 1, &s);
    for (int64_t i = 0; i < (int64_t)(sizeof chains / sizeof chains[0]) && !status; i++)
        if (chains[i].n == 1 && chains[i].links[0].kind != NO_REPEAT) status = add(s, &chains[i].links[0], &user);
    for (int64_t n = 6; n <= N_VOCAB && !status; n += 34)
        status = hw3_sampler_pick(s, logits, n, history, n > 6 ? N_HISTORY : 0, 0, &token);
    hw3_sampler_destroy(s);
    return status;
}

START_TEST(every_allocation_may_fail) { ck_assert_int_ge(test_sweep(whole_life), 6); }
END_TEST

START_TEST(nothing_is_allocated_once_warm)
{
    test_memory m;
    hw3_ctx *ctx = test_ctx_on(&m);
    float logits[N_VOCAB];
    int64_t history[N_HISTORY], token, user = 0;
    hw3_sampler *s = sampler_of(ctx, &chains[26], &user);
    draw_input(N_VOCAB, 0, logits, history);
    OK(hw3_sampler_pick(s, logits, N_VOCAB, history, N_HISTORY, 0, &token));
    const long n = m.n;
    for (int i = 0; i < 1000; i++) OK(hw3_sampler_pick(s, logits, N_VOCAB - i % 2, history, i % N_HISTORY, i, &token));
    ck_assert_int_eq(m.n, n);
    hw3_sampler_destroy(s);
    hw3_ctx_destroy(ctx);
}
END_TEST

enum { N_CHAINS = sizeof chains / sizeof chains[0] };
TEST_LOOPS_MAIN("sampler", NULL, NULL, ({ steps_are_their_definitions, N_CHAINS }, { draws_follow_their_distribution, N_CHAINS }),
                draws_are_independent, a_draw_can_be_repeated, ties_go_to_the_lower_number, log_probabilities, steps_that_are_refused,
                calls_that_are_refused, every_allocation_may_fail, nothing_is_allocated_once_warm)
