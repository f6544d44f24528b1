/* SPDX-License-Identifier: MIT */
/* hw3's side of gpt2.py: bench_gpt2 train N_VOCAB BATCH WEIGHTS THREADS. Writes its first weights to WEIGHTS. The first line `go`
 * gives the loss of those weights without dropout, each further one takes a step of AdamW with clipping. */
#include "hw3/hw3.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { T = 128 };

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
} run;

/* Tokens i * 7919 mod n_vocab, as the peer has them. */
static hw3_tensor *tokens_of(hw3_ctx *ctx, int64_t batch, int64_t n_vocab, int64_t first)
{
    int64_t *ids = malloc((size_t)(batch * T) * sizeof *ids);
    hw3_tensor *t = NULL;
    for (int64_t i = 0; ids && i < batch * T; i++) ids[i] = (i + first) * 7919 % n_vocab;
    if (ids && hw3_tensor_create(ctx, HW3_I64, 2, (int64_t[]){ batch, T }, &t) == HW3_OK && hw3_tensor_write(t, ids, batch * T * 8)) exit(1);
    free(ids);
    return t;
}

static int begin(run *r, int64_t n_vocab, int64_t batch, const char *weights, int32_t threads)
{
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_optim_opts adam = HW3_OPTIM_OPTS_INIT;
    o.n_threads = threads;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = n_vocab, c.n_ctx = T, c.d_model = 192, c.n_layers = c.n_heads = 3;
    c.dropout = c.embed_dropout = c.attention_dropout = 0.1;
    adam.kind = HW3_OPTIM_ADAMW, adam.lr = 5e-4, adam.weight_decay = 0.01, adam.clip_norm = 1;
    if (hw3_ctx_create(&o, &r->ctx) || hw3_model_create(r->ctx, &c, &r->model)) return 1;
    hw3_params *p = hw3_model_params(r->model);
    r->tokens = tokens_of(r->ctx, batch, n_vocab, 0);
    r->next = tokens_of(r->ctx, batch, n_vocab, 1);
    return !r->tokens || !r->next || hw3_params_save(p, weights) || hw3_graph_create(r->ctx, p, &r->g) ||
           hw3_optim_create(p, &adam, &r->adam);
}

/* Step 0 only computes the loss. */
static int step(run *r, int64_t n, double *loss)
{
    hw3_graph_begin(r->g);
    if (hw3_graph_set_training(r->g, n > 0) || hw3_graph_set_random(r->g, 1, (uint64_t)n)) return 1;
    hw3_var l = hw3_model_loss(r->model, r->g, hw3_input(r->g, r->tokens), hw3_input(r->g, r->next));
    if (n > 0 && (hw3_graph_backward(r->g, l) || hw3_optim_step(r->adam))) return 1;
    return hw3_var_item(r->g, l, loss);
}

int main(int argc, char **argv)
{
    run r = { 0 };
    char line[16];
    if (argc != 6 || begin(&r, atoll(argv[2]), atoll(argv[3]), argv[4], atoi(argv[5]))) {
        fprintf(stderr, "bench_gpt2: %s\n", r.ctx ? hw3_ctx_error(r.ctx) : "arguments");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (int64_t n = 0; fgets(line, sizeof line, stdin) && !strcmp(line, "go\n"); n++) {
        double loss, start = now();
        if (step(&r, n, &loss)) {
            fprintf(stderr, "bench_gpt2: %s\n", hw3_ctx_error(r.ctx));
            return 1;
        }
        printf("%.9g %.9g\n", now() - start, loss);
        fflush(stdout);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
