/* SPDX-License-Identifier: MIT */
/* hw3's side of gpt2.py: bench_gpt2 train N_VOCAB BATCH WEIGHTS THREADS or bench_gpt2 decode|prefill|batch WEIGHTS THREADS.
 * Writes its first weights to WEIGHTS. Training: the first line `go` gives the loss of those weights without dropout, each further
 * one takes a step of AdamW with clipping. A model of 124 million weights: decode takes 64 steps after a prompt of 64, batch does so
 * with 8 sequences at once, prefill gives the logits of 512 tokens; their value is a logit of the last token. */
#include "hw3/hw3.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { T = 128, PROMPT = 64, STEPS = 64, SEQUENCES = 8, PREFILL = 512, LOGIT = 7 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct run {
    hw3_ctx *ctx;
    hw3_model *model;
    hw3_graph *g;
    hw3_optim *adam;
    hw3_tensor *tokens, *next;
    hw3_session *session;
    float *logits; /* [PREFILL, n_vocab] */
} run;

/* Tokens as the peer has them. */
static int64_t token(int64_t i, int64_t n_vocab) { return i * 7919 % n_vocab; }

static hw3_tensor *tokens_of(hw3_ctx *ctx, int64_t batch, int64_t n_vocab, int64_t first)
{
    int64_t *ids = malloc((size_t)(batch * T) * sizeof *ids);
    hw3_tensor *t = NULL;
    for (int64_t i = 0; ids && i < batch * T; i++) ids[i] = token(i + first, n_vocab);
    if (ids && hw3_tensor_create(ctx, HW3_I64, 2, (int64_t[]){ batch, T }, &t) == HW3_OK && hw3_tensor_write(t, ids, batch * T * 8)) exit(1);
    free(ids);
    return t;
}

static int make(run *r, const hw3_model_config *c, const char *weights, int32_t threads)
{
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = threads;
    return hw3_ctx_create(&o, &r->ctx) || hw3_model_create(r->ctx, c, &r->model) || hw3_params_save(hw3_model_params(r->model), weights);
}

static int begin_training(run *r, int64_t n_vocab, int64_t batch, const char *weights, int32_t threads)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_optim_opts adam = HW3_OPTIM_OPTS_INIT;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = n_vocab, c.n_ctx = T, c.d_model = 192, c.n_layers = c.n_heads = 3;
    c.dropout = c.embed_dropout = c.attention_dropout = 0.1;
    adam.kind = HW3_OPTIM_ADAMW, adam.lr = 5e-4, adam.weight_decay = 0.01, adam.clip_norm = 1;
    if (make(r, &c, weights, threads)) return 1;
    hw3_params *p = hw3_model_params(r->model);
    r->tokens = tokens_of(r->ctx, batch, n_vocab, 0);
    r->next = tokens_of(r->ctx, batch, n_vocab, 1);
    return !r->tokens || !r->next || hw3_graph_create(r->ctx, p, &r->g) || hw3_optim_create(p, &adam, &r->adam);
}

/* Step 0 only computes the loss. */
static int train(run *r, int64_t n, double *loss)
{
    hw3_graph_begin(r->g);
    if (hw3_graph_set_training(r->g, n > 0) || hw3_graph_set_random(r->g, 1, (uint64_t)n)) return 1;
    hw3_var l = hw3_model_loss(r->model, r->g, hw3_input(r->g, r->tokens), hw3_input(r->g, r->next));
    if (n > 0 && (hw3_graph_backward(r->g, l) || hw3_optim_step(r->adam))) return 1;
    return hw3_var_item(r->g, l, loss);
}

enum { N_VOCAB = 50257 };

static int begin_session(run *r, const char *weights, int32_t threads)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = N_VOCAB, c.n_ctx = 1024, c.d_model = 768, c.n_layers = c.n_heads = 12;
    o.n_sequences = SEQUENCES;
    r->logits = malloc((size_t)PREFILL * N_VOCAB * sizeof *r->logits);
    return !r->logits || make(r, &c, weights, threads) || hw3_session_create(r->model, &o, &r->session);
}

/* The prompt is not timed: sequences that were fed once are cut back to it. */
static int to_prompt(run *r, int64_t n)
{
    int64_t prompt[PROMPT];
    for (int64_t i = 0; i < PROMPT; i++) prompt[i] = token(i, N_VOCAB);
    for (int64_t s = 0; s < n; s++)
        if (hw3_session_n_tokens(r->session, s) ? hw3_session_truncate(r->session, s, PROMPT) : hw3_session_feed(r->session, s, prompt, PROMPT))
            return 1;
    return 0;
}

static int decode(run *r, int64_t n, double *value)
{
    int64_t all[SEQUENCES], ids[SEQUENCES];
    for (int64_t i = 0; i < STEPS; i++) {
        for (int64_t s = 0; s < n; s++) all[s] = s, ids[s] = token(PROMPT + i + s, N_VOCAB);
        if (hw3_session_step(r->session, all, ids, n) || hw3_session_logits(r->session, 0, r->logits, N_VOCAB)) return 1;
    }
    *value = r->logits[LOGIT];
    return 0;
}

static int prefill(run *r, double *value)
{
    int64_t ids[PREFILL];
    for (int64_t i = 0; i < PREFILL; i++) ids[i] = token(i, N_VOCAB);
    if (hw3_session_truncate(r->session, 0, 0) || hw3_session_feed_logits(r->session, 0, ids, PREFILL, r->logits, N_VOCAB)) return 1;
    *value = r->logits[(PREFILL - 1) * N_VOCAB + LOGIT];
    return 0;
}

static int begin(run *r, int n, char **words)
{
    if (n == 6 && !strcmp(words[1], "train")) return begin_training(r, atoll(words[2]), atoll(words[3]), words[4], atoi(words[5]));
    return n != 4 || begin_session(r, words[2], atoi(words[3]));
}

static int one(run *r, const char *what, int64_t n, double *seconds, double *value)
{
    const int64_t sequences = !strcmp(what, "batch") ? SEQUENCES : 1;
    if (r->session && strcmp(what, "prefill") && to_prompt(r, sequences)) return 1;
    const double start = now();
    const int failed = !r->session ? train(r, n, value) : !strcmp(what, "prefill") ? prefill(r, value) : decode(r, sequences, value);
    *seconds = now() - start;
    return failed;
}

int main(int argc, char **argv)
{
    run r = { 0 };
    char line[16];
    if (begin(&r, argc, argv)) {
        fprintf(stderr, "bench_gpt2: %s\n", r.ctx ? hw3_ctx_error(r.ctx) : "arguments");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (int64_t n = 0; fgets(line, sizeof line, stdin) && !strcmp(line, "go\n"); n++) {
        double seconds, value;
        if (one(&r, argv[1], n, &seconds, &value)) {
            fprintf(stderr, "bench_gpt2: %s\n", hw3_ctx_error(r.ctx));
            return 1;
        }
        printf("%.9g %.9g\n", seconds, value);
        fflush(stdout);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
