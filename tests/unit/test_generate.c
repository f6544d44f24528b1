/* SPDX-License-Identifier: MIT */
/* Generation from a tiny GPT-2 with random weights: the same text alone and in a batch; nothing changes when a draw fails. */
#include "alloc.h"
#include "infer/sampler.h"
#include "text/tokenizer.h"
#include "text/decode.h"
#include <unistd.h>

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
            OK(hw3_generate_next(t.s, order, 4, t.sampler, NULL, got));
            for (int64_t b = 0; b < 4; b++) want[i][order[b]] = got[b];
        }
        if (threads == 1) memcpy(first, want, sizeof want);
        ck_assert(!memcmp(first, want, sizeof want));
        for (int64_t b = 0; b < 4; b++) {
            hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
            o.streams = &b;
            OK(hw3_session_truncate(t.s, 0, PROMPT - 1));
            OK(hw3_session_feed(t.s, 0, prompt + PROMPT - 1, 1));
            for (int64_t i = 0; i < N; i++) {
                OK(hw3_generate_next(t.s, (int64_t[]){ 0 }, 1, t.sampler, &o, got));
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

/* Without a sampler the likeliest token, with log softmax of its logit and of the next likeliest ones: 1e-12 is rounding. */
START_TEST(greedy_and_logprobs)
{
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    float logits[V];
    int64_t top[3];
    double logprob, top_logprobs[3];
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    o.logprobs = &logprob, o.n_top = 3, o.top = top, o.top_logprobs = top_logprobs;
    OK(make(&t));
    for (int64_t i = 0; i < N; i++) {
        int64_t token, best = 0;
        double sum = 0;
        OK(hw3_session_logits(t.s, 0, logits, V));
        OK(hw3_generate_next(t.s, (int64_t[]){ 0 }, 1, NULL, &o, &token));
        for (int64_t v = 0; v < V; v++) best = logits[v] > logits[best] ? v : best, sum += exp((double)logits[v]);
        ck_assert_int_eq(token, best);
        NEAR(logprob, logits[best] - log(sum), 1e-12);
        ck_assert(top[0] == token && top_logprobs[0] == logprob);
        for (int64_t j = 0; j < 3; j++) {
            int64_t n_above = 0;
            for (int64_t v = 0; v < V; v++) n_above += logits[v] > logits[top[j]];
            ck_assert_int_eq(n_above, j);
            NEAR(top_logprobs[j], logits[top[j]] - log(sum), 1e-12);
        }
    }
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 0), CTX);
    int64_t token = -7;
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 1, 0 }, 2, NULL, NULL, &token), HW3_ERR_FULL);
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
    FAILS(hw3_generate_next(t.s, &zero, 1, t.sampler, NULL, &token), HW3_ERR_CANCELLED);
    ck_assert_int_eq(last, prompt[PROMPT - 1]);
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    o.streams = (int64_t[]){ -1 };
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, &o, &token), HW3_ERR_ARG);
    o.streams = NULL, o.n_top = V + 1;
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, &o, &token), HW3_ERR_ARG);
    o.n_top = 1;
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, &o, &token), HW3_ERR_ARG);
    o.n_top = 0, o.slide = 1;
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 0, 1 }, 2, NULL, &o, &token), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 4 }, 1, NULL, NULL, &token), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, &zero, 0, NULL, NULL, &token), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, NULL, 1, NULL, NULL, &token), HW3_ERR_ARG);
    FAILS(hw3_generate_next(t.s, &zero, 1, NULL, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_generate_next(NULL, &zero, 1, NULL, NULL, &token), HW3_ERR_ARG);
    OK(hw3_session_truncate(t.s, 2, 5));
    FAILS(hw3_generate_next(t.s, (int64_t[]){ 0, 2 }, 2, NULL, NULL, &token), HW3_ERR_STATE);
    SAYS("sequence 2");
    hw3_ctx *other = test_ctx(1);
    hw3_sampler *strange = NULL;
    ck_assert_int_eq(hw3_sampler_create(other, 1, &strange), HW3_OK);
    FAILS(hw3_generate_next(t.s, &zero, 1, strange, NULL, &token), HW3_ERR_ARG);
    hw3_sampler_destroy(strange);
    hw3_ctx_destroy(other);
    int64_t n = 5;
    FAILS(hw3_generate(t.s, 0, NULL, 0, NULL, &token, &n), HW3_ERR_ARG);
    FAILS(hw3_generate(t.s, 4, NULL, 1, NULL, &token, &n), HW3_ERR_ARG);
    FAILS(hw3_generate(t.s, 2, NULL, 1, NULL, &token, &n), HW3_ERR_STATE);
    o.stop = &zero;
    FAILS(hw3_generate(t.s, 0, NULL, 1, &o, &token, &n), HW3_ERR_ARG);
    SAYS("n_stop is -1, but stop is given");
    o.stop = (int64_t[]){ V }, o.n_stop = 1;
    FAILS(hw3_generate(t.s, 0, NULL, 1, &o, &token, &n), HW3_ERR_VALUE);
    ck_assert_int_eq(n, 0);
    ck_assert_int_eq(token, -7);
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 0), PROMPT);
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

typedef struct told {
    int64_t n, until;
    double logprob;
} told;

static int32_t listen(void *user, const int64_t *tokens, int64_t n, double logprob)
{
    told *t = user;
    ck_assert(n == t->n + 1 && tokens[n - 1] >= 0 && tokens[n - 1] < V && logprob < t->logprob);
    t->n = n;
    t->logprob = logprob;
    return n == t->until;
}

/* A text at once is the text token by token; it ends at a token, at a callback's word, or where the context does. */
START_TEST(at_once)
{
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    int64_t want[N], want_top[N][2], got[N], top[N][2], n, stop = -1, at = 0;
    double logprobs[N], want_logprobs[N], top_logprobs[N][2], sum = 0;
    OK(make(&t));
    o.n_top = 2, o.top_logprobs = top_logprobs[0];
    for (int64_t i = 0; i < N; i++) {
        o.logprobs = want_logprobs + i, o.top = want_top[i];
        OK(hw3_generate_next(t.s, (int64_t[]){ 1 }, 1, t.sampler, &o, want + i));
    }
    o.logprobs = logprobs, o.top = top[0], o.streams = (int64_t[]){ 1 };
    FAILS(hw3_generate(t.s, 0, t.sampler, N + 5, &o, got, &n), HW3_ERR_FULL);
    ck_assert_int_eq(n, N);
    ck_assert(!memcmp(got, want, sizeof got) && !memcmp(logprobs, want_logprobs, sizeof logprobs) && !memcmp(top, want_top, sizeof top));
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 0), CTX);
    for (int64_t i = 0; i < N && stop < 0; i++) { /* a token that comes late for the first time */
        bool seen = false;
        for (int64_t j = 0; j < i; j++) seen |= want[j] == want[i];
        if (i > 8 && !seen) stop = want[i], at = i;
    }
    ck_assert_int_ge(stop, 0);
    o.stop = &stop, o.n_stop = 1, o.n_top = 0, o.streams = (int64_t[]){ 1 };
    told user = { .until = -1 };
    o.progress = listen, o.progress_user = &user, o.logprobs = NULL;
    OK(hw3_generate(t.s, 2, t.sampler, N, &o, got, &n));
    ck_assert(n == at + 1 && got[at] == stop && user.n == n && hw3_session_n_tokens(t.s, 2) == PROMPT + n);
    for (int64_t i = 0; i < n; i++) sum += want_logprobs[i];
    NEAR(user.logprob, sum, 1e-12);
    user = (told){ .until = 4 };
    FAILS(hw3_generate(t.s, 3, t.sampler, N, &o, got, &n), HW3_ERR_CANCELLED);
    ck_assert(n == 4 && hw3_session_n_tokens(t.s, 3) == PROMPT + 4 && !memcmp(got, want, 4 * sizeof *got));
    user = (told){ .until = -1 };
    OK(hw3_generate(t.s, 3, t.sampler, 3, &o, got, &n));
    ck_assert(n == 3 && !memcmp(got, want + 4, 3 * sizeof *got));
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Sliding is what a caller could do by hand: the last half is fed again, and the draws are counted on, also from a file. */
START_TEST(slides)
{
    enum { LONG = 300 };
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    static int64_t got[LONG], all[PROMPT + LONG];
    int64_t n, first = 0;
    float logits[V], want[V];
    char path[64];
    OK(make(&t));
    o.slide = 1, o.streams = (int64_t[]){ 3 };
    OK(hw3_generate(t.s, 0, t.sampler, 100, &o, got, &n));
    OK(hw3_session_fork(t.s, 0, 2));
    snprintf(path, sizeof path, "slides-%d.safetensors", (int)getpid());
    OK(hw3_session_save(t.s, path));
    OK(hw3_session_truncate(t.s, 2, 0));
    OK(hw3_session_restore(t.s, path));
    remove(path);
    OK(hw3_generate(t.s, 2, t.sampler, LONG - 100, &o, got + 100, &n));
    memcpy(all, prompt, sizeof prompt);
    for (int64_t i = PROMPT; i < PROMPT + LONG; i++) {
        OK(hw3_session_logits(t.s, 1, logits, V));
        OK(hw3i_sampler_run(t.sampler, logits, V, all + first, i - first));
        all[i] = hw3i_sampler_draw(t.sampler, 3, i);
        ck_assert_int_eq(all[i], got[i - PROMPT]);
        if (i - first == CTX) {
            first = i - CTX / 2;
            OK(hw3_session_truncate(t.s, 1, 0));
            OK(hw3_session_feed(t.s, 1, all + first, i - first));
        }
        OK(hw3_session_feed(t.s, 1, all + i, 1));
    }
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 2), hw3_session_n_tokens(t.s, 1));
    OK(hw3_session_logits(t.s, 1, want, V));
    OK(hw3_session_logits(t.s, 2, logits, V));
    ck_assert(!memcmp(logits, want, sizeof want));
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A failure, sliding too, leaves the sequence with what was drawn before. */
static hw3_status slide(trial *t)
{
    static int64_t text[N + 9], top[N + 9][2];
    static double top_logprobs[N + 9][2];
    hw3_ctx *ctx = t->ctx;
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    int64_t n, tokens[CTX];
    float logits[V];
    o.slide = 1, o.n_top = 2, o.top = top[0], o.top_logprobs = top_logprobs[0];
    hw3_status s = hw3_generate(t->s, 0, NULL, N + 9, &o, text, &n);
    const int64_t has = n <= N ? PROMPT + n : CTX / 2 + n - N;
    ck_assert_int_eq(hw3_session_n_tokens(t->s, 0), has);
    OK(hw3_session_tokens(t->s, 0, tokens, has));
    for (int64_t i = 0; i < hw3_session_n_tokens(t->s, 0) && i < n; i++) ck_assert_int_eq(tokens[has - 1 - i], text[n - 1 - i]);
    OK(hw3_session_logits(t->s, 0, logits, V));
    return s;
}

static hw3_status make_and_draw(hw3_ctx *ctx)
{
    trial t = { .ctx = ctx };
    int64_t got[2];
    hw3_status s = make(&t);
    for (int64_t i = 0; i < 30 && !s; i++) s = hw3_generate_next(t.s, (int64_t[]){ 3, 1 }, 2, t.sampler, NULL, got);
    if (!s) s = slide(&t);
    finish(&t);
    return s;
}

START_TEST(every_allocation_may_fail) { ck_assert_int_ge(test_sweep(make_and_draw), 20); }
END_TEST

/* Letters and digits, but the tokens first and second are the bytes of an alef, D8 A7, as the alphabet of bytes writes them. */
static hw3_status open_letters(hw3_ctx *ctx, int64_t first, int64_t second, hw3_tokenizer **tok)
{
    static const char path[] = "generate-tokenizer.json";
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("{\"added_tokens\": [], \"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false}, "
          "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"merges\": [], \"vocab\": {", f);
    for (int i = 0; i < V; i++)
        if (i != first && i != second) fprintf(f, "\"%c\": %d, ", i < 26 ? 'a' + i : '0' + i - 26, i);
    fprintf(f, "\"\u00D8\": %d, \"\u00A7\": %d}}}", (int)first, (int)second);
    fclose(f);
    const hw3_status s = hw3_tokenizer_open(ctx, path, tok);
    unlink(path);
    return s;
}

/* Words piece by piece are the tokens of hw3_generate decoded at once, whatever room there is for a piece. */
START_TEST(words)
{
    hw3_ctx *ctx = test_ctx(1);
    trial t = { .ctx = ctx };
    hw3_tokenizer *tok = NULL;
    hw3_decoder *d = NULL;
    int64_t tokens[N], n_tokens, n, n_held = 0;
    char want[256], got[256], piece[8];
    OK(make(&t));
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    const int64_t stream = 3;
    o.streams = &stream;
    OK(hw3_generate(t.s, 0, t.sampler, N, &o, tokens, &n_tokens));
    ck_assert_int_eq(n_tokens, N);
    int64_t alef = 5;
    while (tokens[alef] == tokens[alef + 1]) alef++;
    OK(open_letters(ctx, tokens[alef], tokens[alef + 1], &tok));
    OK(hw3_decoder_create(tok, NULL, &d));
    int64_t end = alef + 2, before = 0; /* a token that is new there ends the text */
    for (; before < end; before++)
        if (tokens[before] == tokens[end]) end++, before = -1;
    ck_assert_int_lt(end, N);
    o.stop = &tokens[end], o.n_stop = 1;
    OK(hw3_tokenizer_decode(tok, tokens, end, NULL, want, sizeof want, &n));
    want[n] = 0;
    int64_t at = 0;
    for (int i = 0; !hw3_decoder_stopped(d); i++) {
        ck_assert_int_lt(i, 10 * N);
        const hw3_status s = hw3_generate_text(t.s, 1, t.sampler, d, &o, piece, i % 3, &n);
        if (s == HW3_ERR_TOO_SMALL) {
            n_held++;
            ck_assert_int_gt(n, i % 3);
            ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "but there is room for"));
            continue;
        }
        OK(s);
        ck_assert_int_le(n, i % 3);
        if (n < i % 3) ck_assert_int_eq(piece[n], 0);
        memcpy(got + at, piece, (size_t)n);
        at += n;
    }
    got[at] = 0;
    ck_assert_str_eq(got, want);
    ck_assert_int_gt(n_held, 0);
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 1), PROMPT + end + 1);
    OK(hw3_generate_text(t.s, 1, t.sampler, d, &o, piece, 8, &n)); /* nothing more is drawn */
    ck_assert_int_eq(n, 0);
    ck_assert_int_eq(hw3_session_n_tokens(t.s, 1), PROMPT + end + 1);
    hw3_decoder_destroy(d);

    const char stop[3] = { want[2], want[3], 0 }; /* a text that ends it, across tokens */
    const char *const stops[] = { stop };
    hw3_decode_opts with = HW3_DECODE_OPTS_INIT;
    with.stops = stops, with.n_stops = 1;
    OK(hw3_decoder_create(tok, &with, &d));
    for (at = 0; !hw3_decoder_stopped(d); at += n) OK(hw3_generate_text(t.s, 2, t.sampler, d, &o, got + at, 64, &n));
    got[at] = 0;
    ck_assert_int_eq(at, strstr(want, stop) - want);
    ck_assert(!strncmp(got, want, (size_t)at));
    OK(hw3_decoder_finish(d, got, 8, &n));
    ck_assert_int_eq(hw3_decoder_stopped(d), 0);
    FAILS(hw3_generate_text(t.s, 2, t.sampler, NULL, &o, got, 8, &n), HW3_ERR_ARG);
    SAYS("generate_text: decoder is NULL");
    FAILS(hw3_generate_text(t.s, 9, t.sampler, d, &o, got, 8, &n), HW3_ERR_ARG);
    SAYS("sequence");
    FAILS(hw3_generate_text(t.s, 2, t.sampler, d, &o, got, -1, &n), HW3_ERR_ARG);
    SAYS("cap");
    hw3_decoder_destroy(d);
    hw3_tokenizer_destroy(tok);
    finish(&t);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Memory that ends once costs no token of the text: the next call goes on. */
START_TEST(words_when_memory_ends)
{
    int64_t n_ended = 0, n, n_want = 0;
    char want[4 * N + 1], got[4 * N + 1];
    for (int k = -1; n_ended >= k; k++) {
        test_memory m;
        hw3_ctx *ctx = test_ctx_on(&m);
        trial t = { .ctx = ctx };
        hw3_tokenizer *tok = NULL;
        hw3_decoder *d = NULL;
        OK(make(&t));
        OK(open_letters(ctx, 3, 4, &tok));
        OK(hw3_decoder_create(tok, NULL, &d));
        m.fail_at = k < 0 ? -1 : m.n + k;
        int64_t at = 0;
        while (hw3_session_n_tokens(t.s, 1) < PROMPT + N || d->drawn >= 0) {
            const hw3_status s = hw3_generate_text(t.s, 1, t.sampler, d, NULL, got + at, (int64_t)sizeof got - at, &n);
            if (s) ck_assert_int_eq(s, HW3_ERR_NOMEM);
            n_ended += s != HW3_OK;
            at += n;
        }
        if (k < 0) memcpy(want, got, (size_t)at), n_want = at;
        ck_assert_int_eq(at, n_want);
        ck_assert(!memcmp(got, want, (size_t)at));
        hw3_decoder_destroy(d);
        hw3_tokenizer_destroy(tok);
        finish(&t);
        hw3_ctx_destroy(ctx);
    }
    ck_assert_int_gt(n_ended, 1);
}
END_TEST

TEST_MAIN("generate", words, words_when_memory_ends,
          the_same_text_in_a_batch, greedy_and_logprobs, at_once, slides, bad_input, every_allocation_may_fail)
