/* SPDX-License-Identifier: MIT */
/* Generation from a tiny GPT-2 with random weights: the same text alone and in a batch; nothing changes when a draw fails. */
#include "alloc.h"

enum { V = 31, CTX = 100, PROMPT = 40, N = 60 };

typedef struct trial {
    hw3_ctx *ctx;
    hw3_model *model;
    hw3_session *s;
    hw3_sampler *sampler;
} trial;

static int64_t prompt[PROMPT];

static hw3_status make(trial *t)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = V, c.n_ctx = CTX, c.d_model = 16, c.n_layers = 2, c.n_heads = 2, c.init_std = 0.3;
    o.n_sequences = 4;
    for (int64_t i = 0; i < PROMPT; i++) prompt[i] = (i * i + 3) % V;
    hw3_status s = hw3_model_create(t->ctx, &c, &t->model);
    if (!s) s = hw3_session_create(t->model, &o, &t->s);
    if (!s) s = hw3_sampler_create(t->ctx, 5, &t->sampler);
    if (!s) s = hw3_sampler_add_temperature(t->sampler, 1.5);
    if (!s) s = hw3_sampler_add_top_k(t->sampler, 20);
    if (!s) s = hw3_session_feed(t->s, 0, prompt, PROMPT);
    for (int64_t i = 1; i < 4 && !s; i++) s = hw3_session_fork(t->s, 0, i);
    return s;
}

static void finish(trial *t)
{
    hw3_sampler_destroy(t->sampler);
    hw3_session_destroy(t->s);
    hw3_model_destroy(t->model);
}

/* Four completions of one prompt in a batch are those of each alone, and differ, on 1, 2 and 4 threads. */
START_TEST(the_same_text_in_a_batch)
{
    static int64_t first[N][4], got[4], want[N][4];
    static const int64_t order[4] = { 2, 0, 3, 1 };
    for (int threads = 1; threads <= 4; threads *= 2) {
        hw3_ctx *ctx = test_ctx(threads);
        trial t = { .ctx = ctx };
        OK(make(&t));
        for (int64_t i = 0; i < N; i++) {
            OK(hw3_generate_next(t.s, order, 4, t.sampler, NULL, got, NULL));
            for (int64_t b = 0; b < 4; b++) want[i][order[b]] = got[b];
        }
        if (threads == 1) memcpy(first, want, sizeof want);
        ck_assert(!memcmp(first, want, sizeof want));
        for (int64_t b = 0; b < 4; b++) {
            OK(hw3_session_truncate(t.s, 0, PROMPT - 1));
            OK(hw3_session_feed(t.s, 0, prompt + PROMPT - 1, 1));
            for (int64_t i = 0; i < N; i++) {
                OK(hw3_generate_next(t.s, (int64_t[]){ 0 }, 1, t.sampler, &b, got, NULL));
                ck_assert_int_eq(got[0], want[i][b]);
            }
        }
        for (int64_t b = 1; b < 4; b++) {
            int64_t n_same = 0;
            for (int64_t i = 0; i < N; i++) n_same += want[i][0] == want[i][b];
            ck_assert_int_lt(n_same, N);
        }
        finish(&t);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* Without a sampler the likeliest token, with log softmax of its logit: 1e-6, as the logits are float. */
START_TEST(greedy_and_logprobs)
{
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    float logits[V];
    OK(make(&t));
    for (int64_t i = 0; i < N; i++) {
        int64_t token, best = 0;
        double logprob, sum = 0;
        OK(hw3_session_logits(t.s, 0, logits, V));
        OK(hw3_generate_next(t.s, (int64_t[]){ 0 }, 1, NULL, NULL, &token, &logprob));
        for (int64_t v = 0; v < V; v++) best = logits[v] > logits[best] ? v : best, sum += exp((double)logits[v]);
        ck_assert_int_eq(token, best);
        NEAR(logprob, logits[best] - log(sum), 1e-6);
    }
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 0), CTX);
    int64_t token = -7;
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 1, 0 }, 2, NULL, NULL, &token, NULL), HW3_ERR_FULL);
    SAYS("sequence 0 has 100 tokens and room for 100");
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 1), PROMPT);
    ck_assert_int_eq(token, -7);
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

static int32_t stop(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    (void)logits, (void)n_vocab;
    *(int64_t *)user = history[n_history - 1];
    return 1;
}

START_TEST(bad_input)
{
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    int64_t token = -7, last = -1;
    const int64_t zero = 0;
    OK(make(&t));
    OK(hw3_sampler_add_callback(t.sampler, stop, &last));
    FAILS(hw3_generate_next(t.s, &zero, 1, t.sampler, NULL, &token, NULL), HW3_ERR_CANCELLED);
    ck_assert_int_eq(last, prompt[PROMPT - 1]);
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, (int64_t[]){ -1 }, &token, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 4 }, 1, NULL, NULL, &token, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, &zero, 0, NULL, NULL, &token, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, NULL, 1, NULL, NULL, &token, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, NULL, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(NULL, &zero, 1, NULL, NULL, &token, NULL), HW3_ERR_ARG);
    OK(hw3_session_truncate(t.s, 2, 5));
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 0, 2 }, 2, NULL, NULL, &token, NULL), HW3_ERR_STATE);
    SAYS("sequence 2");
    hw3_ctx *other = test_ctx(1);
    hw3_sampler *strange = NULL;
    ck_assert_int_eq(hw3_sampler_create(other, 1, &strange), HW3_OK);
    FAILS(hw3_generate_next(t.s, &zero, 1, strange, NULL, &token, NULL), HW3_ERR_ARG);
    hw3_sampler_destroy(strange);
    hw3_ctx_destroy(other);
    ck_assert_int_eq(token, -7);
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 0), PROMPT);
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status make_and_draw(hw3_ctx *ctx)
{
    trial t = { .ctx = ctx };
    int64_t got[2];
    hw3_status s = make(&t);
    for (int64_t i = 0; i < 30 && !s; i++) s = hw3_generate_next(t.s, (int64_t[]){ 3, 1 }, 2, t.sampler, NULL, got, NULL);
    finish(&t);
    return s;
}

START_TEST(every_allocation_may_fail) { ck_assert_int_ge(test_sweep(make_and_draw), 20); }
END_TEST

TEST_MAIN("generate", the_same_text_in_a_batch, greedy_and_logprobs, bad_input, every_allocation_may_fail)
