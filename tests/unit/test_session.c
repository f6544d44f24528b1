/* SPDX-License-Identifier: MIT */
/* Sessions of tiny models with random weights: the logits of the whole forward, with the same bits however they were reached. */
#include "alloc.h"
#include "infer/session.h"
#include <stdbool.h>
#include <unistd.h>

enum { V = 37, CTX = 300, N = 200, N_CACHES = HW3_CACHE_INT8 + 1 };

/* What families keep in the cache differs: of GPT-2 a key and a value for each head, of Llama fewer, turned to their places, of
 * DeepSeek one latent and turned key for all heads, of recurrent layers a state. */
static const struct { hw3_family family; int64_t n_heads, n_kv_heads, d_head, kv_rank, q_rank, d_rope, d_value; } kinds[] = {
    { HW3_FAMILY_GPT2, 3, 0, 0, 0, 0, 0, 0 },
    { HW3_FAMILY_LLAMA, 4, 2, 10, 0, 0, 0, 0 },
    { HW3_FAMILY_DEEPSEEK, 3, 0, 10, 70, 9, 6, 7 },
    { HW3_FAMILY_LSTM, 0, 0, 0, 0, 0, 0, 0 },
    { HW3_FAMILY_GRU, 0, 0, 0, 0, 0, 0, 0 },
    { HW3_FAMILY_RNN, 0, 0, 0, 0, 0, 0, 0 } };
enum { DEEPSEEK = 2, LSTM = 3, KINDS = sizeof kinds / sizeof kinds[0] };
static int kind;

static hw3_model *model_of(hw3_ctx *ctx, hw3_dtype dtype)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = kinds[kind].family;
    c.n_vocab = V, c.n_ctx = CTX, c.d_model = 24, c.n_layers = 2, c.n_heads = kinds[kind].n_heads, c.dtype = dtype;
    c.n_kv_heads = kinds[kind].n_kv_heads, c.d_head = kinds[kind].d_head, c.d_value = kinds[kind].d_value;
    c.kv_rank = kinds[kind].kv_rank, c.q_rank = kinds[kind].q_rank, c.d_rope = kinds[kind].d_rope;
    c.init_std = 0.3; /* so that what stands before matters */
    hw3_model *m = NULL;
    return hw3_model_create(ctx, &c, &m) ? NULL : m;
}

static hw3_session *session_of(hw3_model *m, hw3_cache cache, int64_t n_sequences, int64_t n_tokens)
{
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    o.n_sequences = n_sequences, o.n_tokens = n_tokens, o.cache = cache;
    hw3_session *s = NULL;
    return hw3_session_create(m, &o, &s) ? NULL : s;
}

static void text(int64_t *tokens, int64_t n, int64_t seed)
{
    for (int64_t i = 0; i < n; i++) tokens[i] = (i * i * 7 + seed * 11 + i / 3) % V;
}

static int64_t tokens[N];
static float all[N * V], row[V];

/* Against the forward of training: 1e-4 in float, where the products add up in another order; 1e-7 in double, as sessions
 * give float. */
START_TEST(as_the_model)
{
    const bool is_double = _i % 2;
    kind = _i / 2;
    hw3_ctx *ctx = test_ctx(2);
    hw3_model *m = model_of(ctx, is_double ? HW3_F64 : HW3_F32);
    hw3_session *s = session_of(m, HW3_CACHE_MODEL, 1, -1);
    hw3_tensor *t = NULL;
    hw3_graph *g = NULL;
    static double want[N * V];
    text(tokens, N, 1);
    OK(hw3_session_feed_logits(s, 0, tokens, N, all, V));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 1, N }, NULL, tokens, &t));
    OK(hw3_graph_create(ctx, hw3_model_params(m), &g));
    OK(hw3_graph_begin(g));
    OK(hw3_var_read(g, hw3_model_forward(m, g, hw3_input(g, t)), want, sizeof want));
    for (int64_t i = 0; i < N * V; i++) NEAR(all[i], is_double ? want[i] : (double)((float *)want)[i], is_double ? 1e-7 : 1e-4);
    hw3_tensor_destroy(t);
    hw3_graph_destroy(g);
    hw3_model_destroy(m); /* the session keeps it alive */
    OK(hw3_session_feed(s, 0, tokens, 1));
    hw3_session_destroy(s);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Queries that go to the latents give what keys and values made of them give, and the cache costs what the accountant says.
 * 1e-12: doubles, products in another order through two layers. */
START_TEST(latents_as_keys_and_values)
{
    kind = DEEPSEEK;
    hw3_ctx *ctx = test_ctx(2);
    hw3_model *m = model_of(ctx, HW3_F64);
    hw3_session *s = session_of(m, HW3_CACHE_MODEL, 1, 0);
    hw3_graph *g = NULL;
    hw3_tensor *t = NULL;
    static double want[N * V], have[N * V];
    text(tokens, N, 1);
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 1, N }, NULL, tokens, &t));
    OK(hw3_graph_create(ctx, hw3_model_params(m), &g));
    OK(hw3_graph_begin(g));
    OK(hw3_var_read(g, hw3_model_forward(m, g, hw3_input(g, t)), want, sizeof want));
    OK(hw3_graph_set_training(g, 0));
    for (int64_t at = 0, n; at < N; at += n) { /* the first half at once */
        n = at ? 1 : N / 2;
        void *ids;
        hw3i_state state = { s->kv, 1, n, (int64_t[]){ 0 } };
        OK(hw3_graph_begin(g));
        OK(hw3i_kv_begin(&state));
        const hw3_var in = hw3i_leaf(g, HW3_I64, 2, (int64_t[]){ 1, n }, &ids);
        memcpy(ids, tokens + at, (size_t)n * sizeof *tokens);
        const hw3i_given given = { .types = HW3_NONE, .lengths = HW3_NONE, .start = &at, .state = &state };
        const hw3_var y = hw3i_model_head(m, g, hw3i_model_hidden(m, g, in, &given));
        OK(hw3_var_read(g, y, have + at * V, n * V * (int64_t)sizeof *have));
        hw3i_kv_commit(&state);
    }
    for (int64_t i = 0; i < N * V; i++) NEAR(have[i], want[i], 1e-12);
    hw3i_kv_truncate(s->kv, 0, 0);
    hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
    hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
    o.n_tokens = 2 * s->kv->block, o.n_layers = 2, o.d_model = 24, o.n_heads = 3, o.d_head = kinds[kind].d_head;
    o.d_value = kinds[kind].d_value, o.kv_rank = kinds[kind].kv_rank, o.q_rank = kinds[kind].q_rank, o.d_rope = kinds[kind].d_rope;
    o.element_size = 8;
    OK(hw3_attention_cost(ctx, &o, &c));
    OK(hw3_session_feed(s, 0, tokens, o.n_tokens));
    int64_t taken, used;
    OK(hw3_session_bytes(s, &taken, &used));
    ck_assert_int_eq(used, c.cached_bytes + 2 * 64); /* and two pages' heads */
    hw3_tensor_destroy(t);
    hw3_graph_destroy(g);
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Real pages are what the accountant counts, from every cache: elements by their size, for 8 bits a scale of 2 bytes for each key and
 * each value, and a head of 64 bytes for each page. Heads of 64 fill the panels of every processor. */
START_TEST(bytes_as_counted)
{
    enum { T = 512, L = 2, H = 4, HEAD = 64, PAGE_HEAD = 64 };
    static const struct { hw3_family family; int64_t n_kv_heads, kv_rank, d_rope, n_vectors; } layers[] = {
        { HW3_FAMILY_GPT2, 0, 0, 0, 2 * H }, { HW3_FAMILY_LLAMA, 4, 0, 0, 2 * H }, { HW3_FAMILY_LLAMA, 2, 0, 0, 2 * 2 },
        { HW3_FAMILY_LLAMA, 1, 0, 0, 2 }, { HW3_FAMILY_DEEPSEEK, 0, 4 * HEAD, HEAD / 2, 1 },
    };
    static const int64_t sizes[N_CACHES] = { 4, 2, 2, 1 };
    hw3_ctx *ctx = test_ctx(1);
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_attention_cost_opts o = HW3_ATTENTION_COST_OPTS_INIT;
    hw3_attention_costs cost = HW3_ATTENTION_COSTS_INIT;
    hw3_model *m = NULL;
    static int64_t many[T];
    for (int64_t i = 0; i < T; i++) many[i] = i % V;
    c.family = layers[_i].family, c.n_vocab = V, c.n_ctx = T, c.d_model = o.d_model = H * HEAD, c.n_layers = o.n_layers = L;
    c.n_heads = o.n_heads = H, c.n_kv_heads = o.n_kv_heads = layers[_i].n_kv_heads, o.n_tokens = T;
    c.kv_rank = o.kv_rank = layers[_i].kv_rank, c.d_rope = o.d_rope = layers[_i].d_rope;
    if (c.kv_rank) c.d_head = c.d_value = HEAD;
    OK(hw3_model_create(ctx, &c, &m));
    for (int cache = 0; cache < N_CACHES; cache++) {
        hw3_session *s = session_of(m, cache, 1, 0);
        int64_t taken, used;
        OK(hw3_session_feed(s, 0, many, T));
        OK(hw3_session_bytes(s, &taken, &used));
        o.element_size = sizes[cache];
        OK(hw3_attention_cost(ctx, &o, &cost));
        const int64_t scales = cache == HW3_CACHE_INT8 ? 2 * T * L * layers[_i].n_vectors : 0;
        ck_assert_int_eq(used, cost.cached_bytes + scales + T / s->kv->block * PAGE_HEAD);
        hw3_session_destroy(s);
    }
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

static void same(hw3_ctx *ctx, const hw3_session *s, int64_t sequence, const float *want, const char *what, int64_t at)
{
    OK(hw3_session_logits(s, sequence, row, V));
    ck_assert_msg(!memcmp(row, want, sizeof row), "%s: token %d", what, (int)at);
}

/* Fed at once, token by token, in a batch, behind a fork, after a cut; on 1, 2 and 4 threads; from every cache. */
START_TEST(same_bits)
{
    static float first[N * V];
    kind = _i % KINDS;
    text(tokens, N, 1);
    for (int threads = 1; threads <= 4; threads *= 2) {
        hw3_ctx *ctx = test_ctx(threads);
        hw3_model *m = model_of(ctx, HW3_F32);
        hw3_session *s = session_of(m, _i / KINDS, 4, 0);
        OK(hw3_session_feed_logits(s, 0, tokens, N, all, V));
        if (threads == 1) memcpy(first, all, sizeof all);
        ck_assert(!memcmp(first, all, sizeof all));
        for (int64_t i = 0; i < N; i++) {
            OK(hw3_session_feed(s, 1, tokens + i, 1));
            same(ctx, s, 1, all + i * V, "stepped", i);
        }
        OK(hw3_session_truncate(s, 1, 20));
        OK(hw3_session_fork(s, 1, 2));
        OK(hw3_session_feed(s, 3, tokens, 1));
        OK(hw3_session_fork(s, 0, 0));
        for (int64_t i = 20; i < N; i++) {
            OK(hw3_session_step(s, (int64_t[]){ 2, 3, 1 }, (int64_t[]){ tokens[i], tokens[i - 19], tokens[i] }, 3));
            same(ctx, s, 1, all + i * V, "cut", i);
            same(ctx, s, 2, all + i * V, "fork", i);
            same(ctx, s, 3, all + (i - 19) * V, "batch", i);
        }
        same(ctx, s, 0, all + (N - 1) * V, "untouched", N - 1);
        int64_t back[N];
        ck_assert_int_eq(hw3_session_n_tokens(s, 2), N);
        OK(hw3_session_tokens(s, 2, back, N));
        ck_assert(!memcmp(back, tokens, sizeof back));
        hw3_session_destroy(s);
        hw3_model_destroy(m);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* 1,000 steps of one sequence, of three in a batch and of generation, from every cache. */
START_TEST(steps_allocate_nothing)
{
    kind = _i % KINDS;
    test_memory memory;
    hw3_ctx *ctx = test_ctx_on(&memory);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = session_of(m, _i / KINDS % N_CACHES, 3, 3 * CTX);
    hw3_sampler *sampler = NULL;
    const int64_t which[3] = { 1, 2, 0 };
    int64_t next[3];
    OK(hw3_sampler_create(ctx, 1, &sampler));
    OK(hw3_sampler_add_top_k(sampler, 5));
    text(tokens, N, 1);
    for (int64_t b = 0; b < 3; b++) OK(hw3_session_feed(s, b, tokens, 2 + b));
    long n = 0;
    for (int64_t i = 0; i < 1003; i++) {
        if (i == 3) n = memory.n;
        for (int64_t b = 0; b < 3; b++)
            if (hw3_session_n_tokens(s, b) == CTX) {
                OK(hw3_session_truncate(s, b, 1));
                OK(hw3_session_feed(s, b, tokens, 1));
            }
        if (_i / KINDS / N_CACHES == 0) OK(hw3_session_feed(s, 0, tokens + i % N, 1));
        if (_i / KINDS / N_CACHES == 1) OK(hw3_session_step(s, which, tokens + i % (N - 3), 3));
        if (_i / KINDS / N_CACHES == 2) OK(hw3_generate_next(s, which, 3, sampler, NULL, next));
    }
    ck_assert_int_eq(memory.n, n);
    hw3_sampler_destroy(sampler);
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
    ck_assert_int_eq(memory.n_live, 0);
}
END_TEST

/* exp of minus the mean log-probability of what comes next, by the logits of every token; fed in pieces or on a sequence that has
 * logits, too. 1e-6: logits are float. */
START_TEST(perplexity_by_logits)
{
    kind = 0;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = session_of(m, _i, 2, 0);
    double sum = 0, tail = 0, got, rest;
    text(tokens, N, 1);
    OK(hw3_session_feed_logits(s, 0, tokens, N, all, V));
    for (int64_t t = 1; t < N; t++) {
        double e = 0;
        for (int64_t v = 0; v < V; v++) e += exp((double)all[(t - 1) * V + v]);
        const double logprob = all[(t - 1) * V + tokens[t]] - log(e);
        sum += logprob;
        if (t >= 50) tail += logprob;
    }
    OK(hw3_session_perplexity(s, 1, tokens, N, &got));
    NEAR(got, exp(-sum / (N - 1)), 1e-6 * got);
    same(ctx, s, 1, all + (N - 1) * V, "after the perplexity", N - 1);
    OK(hw3_session_truncate(s, 1, 0));
    OK(hw3_session_feed(s, 1, tokens, 50));
    OK(hw3_session_perplexity(s, 1, tokens + 50, N - 50, &rest));
    NEAR(rest, exp(-tail / (N - 50)), 1e-6 * rest);
    same(ctx, s, 1, all + (N - 1) * V, "after the rest", N - 1);
    FAILS(hw3_session_perplexity(s, 1, tokens, N, &got), HW3_ERR_FULL);
    FAILS(hw3_session_perplexity(s, 1, tokens, 1, NULL), HW3_ERR_ARG);
    same(ctx, s, 1, all + (N - 1) * V, "after failures", N - 1);
    OK(hw3_session_truncate(s, 1, 9));
    FAILS(hw3_session_perplexity(s, 1, tokens, 1, &got), HW3_ERR_ARG);
    SAYS("session_perplexity: n is 1");
    ck_assert_int_eq(hw3_session_n_tokens(s, 1), 9);
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A state for each sequence that is not empty, however long it is; the cache has room for one more sequence, for the step that
 * is running, and for a way back. */
START_TEST(states_have_one_size)
{
    kind = LSTM;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = session_of(m, HW3_CACHE_MODEL, 3, -1);
    const int64_t state = 2 * 2 * 24 * 4; /* h and c of two layers of 24 floats */
    int64_t taken, used;
    text(tokens, N, 1);
    OK(hw3_session_feed(s, 0, tokens, N));
    OK(hw3_session_bytes(s, &taken, &used));
    ck_assert(used == state && taken == (2 * 4 + 1) * state);
    OK(hw3_session_fork(s, 0, 1));
    OK(hw3_session_feed(s, 2, tokens, 1));
    OK(hw3_session_bytes(s, &taken, &used));
    ck_assert_int_eq(used, 3 * state);
    OK(hw3_session_truncate(s, 0, 0));
    OK(hw3_session_truncate(s, 1, 7));
    OK(hw3_session_bytes(s, &taken, &used));
    ck_assert_int_eq(used, 2 * state);
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A narrow cache changes logits and perplexity, but not by much: this model's weights are random, and the text is noise to it. */
START_TEST(perplexity_of_caches)
{
    kind = 0;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    static const double far[N_CACHES] = { 0, 3e-4, 3e-3, 1e-2 }; /* shares of the perplexity; over three seeds it was a fifth of these or less */
    double is[N_CACHES];
    text(tokens, N, 1);
    for (int i = 0; i < N_CACHES; i++) {
        hw3_session *s = session_of(m, i, 1, 0);
        OK(hw3_session_perplexity(s, 0, tokens, N, &is[i]));
        ck_assert_msg(fabs(is[i] / is[0] - 1) <= far[i], "cache %d: %g, not %g", i, is[i], is[0]);
        ck_assert(!i || is[i] != is[0]);
        hw3_session_destroy(s);
    }
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_input)
{
    kind = 0;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = session_of(m, HW3_CACHE_MODEL, 2, 0);
    float before[V];
    text(tokens, N, 1);
    FAILS(hw3_session_logits(s, 0, row, V), HW3_ERR_STATE);
    OK(hw3_session_feed(s, 0, tokens, N));
    OK(hw3_session_logits(s, 0, before, V));
    FAILS(hw3_session_feed(s, 0, tokens, N), HW3_ERR_FULL);
    SAYS("session: sequence 0 has 200 tokens and room for 300, not for 200 more");
    FAILS(hw3_session_feed(s, 0, (int64_t[]){ 1, V }, 2), HW3_ERR_VALUE);
    SAYS("session: token 1 is 37, must be 0 to 36");
    FAILS(hw3_session_step(s, (int64_t[]){ 0, 0 }, tokens, 2), HW3_ERR_ARG);
    SAYS("sequence 0 stands at 0 and 1");
    FAILS(hw3_session_feed(s, 2, tokens, 1), HW3_ERR_ARG);
    FAILS(hw3_session_feed(s, 0, tokens, 0), HW3_ERR_ARG);
    FAILS(hw3_session_truncate(s, 0, N + 1), HW3_ERR_ARG);
    FAILS(hw3_session_fork(s, 0, -1), HW3_ERR_ARG);
    FAILS(hw3_session_logits(s, 0, row, V - 1), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_session_n_tokens(s, 0), N);
    same(ctx, s, 0, before, "after failures", N);
    /* weights that are not finite are met by a status, and what stood before still stands */
    hw3_tensor *w = NULL;
    OK(hw3_params_value(hw3_model_params(m), "transformer.ln_f.weight", &w));
    float gain[24], nan[24] = { NAN };
    for (int i = 0; i < 24; i++) gain[i] = 1;
    OK(hw3_tensor_write(w, nan, sizeof nan));
    FAILS(hw3_session_feed(s, 0, tokens, 1), HW3_ERR_VALUE);
    OK(hw3_tensor_write(w, gain, sizeof gain));
    ck_assert_int_eq(hw3_session_n_tokens(s, 0), N);
    same(ctx, s, 0, before, "after failures", N);
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    hw3_session *none = s;
    o.n_ctx = CTX + 1;
    FAILS(hw3_session_create(m, &o, &none), HW3_ERR_ARG);
    SAYS("session_create: n_ctx is 301, expected 1 to 300");
    ck_assert_ptr_null(none);
    o.n_ctx = 0, o.cache = N_CACHES;
    FAILS(hw3_session_create(m, &o, &none), HW3_ERR_ARG);
    SAYS("session_create: cache is 4, expected 0 to 3");
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A failure leaves the sequences as they were: what was fed before goes on with the same bits. */
static hw3_status feed_and_fork(hw3_ctx *ctx)
{
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    o.n_sequences = 2, o.n_tokens = 0;
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = NULL;
    hw3_status status = m ? hw3_session_create(m, &o, &s) : HW3_ERR_NOMEM;
    if (!status) status = hw3_session_feed(s, 0, tokens, 3);
    if (!status) status = hw3_session_fork(s, 0, 1);
    if (!status) {
        status = hw3_session_feed(s, 0, tokens, N);
        if (status) {
            float other[V];
            ck_assert_int_eq(hw3_session_n_tokens(s, 0), 3);
            OK(hw3_session_step(s, (int64_t[]){ 1, 0 }, (int64_t[]){ 5, 5 }, 2));
            OK(hw3_session_logits(s, 1, other, V));
            same(ctx, s, 0, other, "after a failure", 3);
        }
    }
    if (!status) status = hw3_session_fork(s, 0, 1);
    if (!status) status = hw3_session_truncate(s, 1, N / 2);
    if (status && s && hw3_session_n_tokens(s, 1) == N + 3) OK(hw3_session_logits(s, 1, row, V));
    if (!status) status = hw3_session_step(s, (int64_t[]){ 1, 0 }, tokens, 2);
    double perplexity = -1;
    if (!status) {
        status = hw3_session_perplexity(s, 0, tokens, 90, &perplexity);
        if (status) ck_assert(perplexity == -1 && hw3_session_n_tokens(s, 0) == N + 4);
    }
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    return status;
}

static char path[64];

static void make_path(void) { snprintf(path, sizeof path, "session-%d.safetensors", (int)getpid()); }

/* A session goes on from a file with the same bits in another that never saw its tokens; what does not fit changes nothing. */
START_TEST(saved_and_restored)
{
    kind = _i % KINDS;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = session_of(m, _i / KINDS, 3, -1), *r = session_of(m, _i / KINDS, 4, 0), *small = session_of(m, _i / KINDS, 2, 0);
    float want[V];
    text(tokens, N, 1);
    make_path();
    OK(hw3_session_feed(s, 0, tokens, N));
    OK(hw3_session_fork(s, 0, 2));
    OK(hw3_session_truncate(s, 2, 30));
    OK(hw3_session_save(s, path));
    OK(hw3_session_feed(r, 3, tokens, 5));
    OK(hw3_session_restore(r, path));
    ck_assert_int_eq(hw3_session_n_tokens(r, 3), 0);
    ck_assert_int_eq(hw3_session_n_tokens(r, 1), 0);
    ck_assert_int_eq(hw3_session_n_tokens(r, 2), 30);
    FAILS(hw3_session_logits(r, 2, row, V), HW3_ERR_STATE);
    OK(hw3_session_logits(s, 0, want, V));
    same(ctx, r, 0, want, "restored", N);
    OK(hw3_session_step(s, (int64_t[]){ 2, 0 }, tokens, 2));
    OK(hw3_session_step(r, (int64_t[]){ 2, 0 }, tokens, 2));
    for (int64_t i = 0; i < 3; i += 2) {
        OK(hw3_session_logits(s, i, want, V));
        same(ctx, r, i, want, "going on", i);
    }
    OK(hw3_session_feed(small, 1, tokens, 7));
    FAILS(hw3_session_restore(small, path), HW3_ERR_MISMATCH);
    SAYS("3 sequences, but there is room for 2");
    ck_assert_int_eq(hw3_session_n_tokens(small, 1), 7);
    OK(hw3_params_save(hw3_model_params(m), path));
    FAILS(hw3_session_restore(s, path), HW3_ERR_MISMATCH);
    ck_assert_int_eq(hw3_session_n_tokens(s, 0), N + 1);
    remove(path);
    FAILS(hw3_session_restore(s, path), HW3_ERR_IO);
    FAILS(hw3_session_restore(s, ""), HW3_ERR_ARG);
    SAYS("session_restore: path is empty");
    FAILS(hw3_session_save(s, NULL), HW3_ERR_ARG);
    hw3_session_destroy(s), hw3_session_destroy(r), hw3_session_destroy(small);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Into a narrow cache numbers are rounded; from there into the model's and back nothing changes any more. */
START_TEST(restored_into_another_cache)
{
    kind = _i % KINDS;
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *wide = session_of(m, HW3_CACHE_MODEL, 1, 0), *s = session_of(m, _i / KINDS, 1, 0);
    float want[V];
    text(tokens, N, 1);
    make_path();
    OK(hw3_session_feed(wide, 0, tokens, N));
    OK(hw3_session_save(wide, path));
    OK(hw3_session_restore(s, path));
    OK(hw3_session_save(s, path));
    OK(hw3_session_feed(s, 0, tokens, 1));
    OK(hw3_session_logits(s, 0, want, V));
    OK(hw3_session_feed(wide, 0, tokens, 1));
    OK(hw3_session_logits(wide, 0, row, V));
    ck_assert(!memcmp(want, row, sizeof row) == (_i < KINDS || kind >= LSTM)); /* states are not narrowed */
    OK(hw3_session_restore(wide, path));
    OK(hw3_session_save(wide, path));
    OK(hw3_session_restore(s, path));
    OK(hw3_session_feed(s, 0, tokens, 1));
    same(ctx, s, 0, want, "there and back", N);
    remove(path);
    hw3_session_destroy(wide), hw3_session_destroy(s);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status save_and_restore(hw3_ctx *ctx)
{
    hw3_model *m = model_of(ctx, HW3_F32);
    hw3_session *s = NULL;
    hw3_status status = m ? hw3_session_create(m, NULL, &s) : HW3_ERR_NOMEM;
    if (!status) status = hw3_session_feed(s, 0, tokens, 50);
    if (!status) status = hw3_session_save(s, path);
    if (!status) status = hw3_session_feed(s, 0, tokens, 1);
    if (!status) {
        status = hw3_session_restore(s, path);
        ck_assert_int_eq(hw3_session_n_tokens(s, 0), status ? 51 : 50);
    }
    hw3_session_destroy(s);
    hw3_model_destroy(m);
    return status;
}

START_TEST(every_allocation_of_files_may_fail)
{
    kind = _i;
    make_path();
    text(tokens, N, 1);
    ck_assert_int_ge(test_sweep(save_and_restore), 40);
    remove(path);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    kind = _i;
    text(tokens, N, 1);
    ck_assert_int_ge(test_sweep(feed_and_fork), 20);
}
END_TEST

TEST_LOOPS_MAIN("session", NULL, NULL,
                ({ as_the_model, 2 * KINDS }, { same_bits, KINDS * N_CACHES }, { steps_allocate_nothing, 3 * KINDS * N_CACHES },
                 { perplexity_by_logits, N_CACHES }, { bytes_as_counted, 5 }, { saved_and_restored, KINDS * N_CACHES },
                 { restored_into_another_cache, KINDS * N_CACHES }, { every_allocation_may_fail, KINDS },
                 { every_allocation_of_files_may_fail, KINDS }),
                latents_as_keys_and_values, perplexity_of_caches, states_have_one_size, bad_input)
