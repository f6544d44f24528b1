/* SPDX-License-Identifier: MIT */
/* g1_small_gpt: a GPT-2 of three layers learns a text by heart and goes on where it is told to begin.
 *
 * Tokens are bytes, so any text serves. The model reads windows of it, and says after every byte which one comes next; what it
 * says is judged by the cross entropy. It then has sessions: one with every kind of cache tells what rounded keys and values cost,
 * and one writes: the first bytes are fed at once, every further one costs one step.
 *
 * Meets: hw3_model, hw3_optim with a warm-up and a cosine, hw3_session, hw3_sampler, hw3_generate.
 * Run:   sh examples/run.sh g1_small_gpt
 *        sh examples/run.sh g1_small_gpt mine.txt --prompt "It was " --steps 1000 --temperature 0.7
 * Exit status: 0 when all that is written stands in the text, else 1. */
#include "support/args.h"
#include "support/try.h"
#include <hw3/hw3.h>
#include <string.h>

enum { MAX_TEXT = 1 << 20, N_CTX = 128, BATCH = 4 };

static const char *file = EXAMPLE_DATA "/jabberwocky.txt", *prompt = "He took his vorpal sword";
static int64_t steps = 500, width = 192, n_layers = 3, n_heads = 3, seed = 1, n_threads;
static double temperature;
static const char *save;

typedef struct job {
    hw3_ctx *ctx;
    hw3_model *gpt;
    hw3_graph *graph;
    hw3_optim *optim;
    hw3_tensor *x, *y; /* [BATCH, N_CTX] bytes, and those that follow them */
    hw3_session *session;
    hw3_sampler *sampler;
} job;

static unsigned char text[MAX_TEXT];
static int64_t n_text;

static int read_text(void)
{
    FILE *f = fopen(file, "rb");
    n_text = f ? (int64_t)fread(text, 1, MAX_TEXT, f) : 0;
    if (f) fclose(f);
    if (n_text > N_CTX) return 0;
    fprintf(stderr, "%s: a text of more than %d bytes is needed\n", file, N_CTX);
    return -1;
}

static int make(job *j)
{
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.seed = (uint64_t)seed;
    o.n_threads = (int32_t)n_threads;
    if (hw3_ctx_create(&o, &j->ctx)) return -1;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = 256;
    c.n_ctx = N_CTX;
    c.d_model = width;
    c.n_layers = n_layers;
    c.n_heads = n_heads;
    TRY(hw3_model_create(j->ctx, &c, &j->gpt));
    TRY(hw3_graph_create(j->ctx, hw3_model_params(j->gpt), &j->graph));
    hw3_optim_opts a = HW3_OPTIM_OPTS_INIT;
    a.kind = HW3_OPTIM_ADAMW;
    a.lr = 3e-3;
    a.beta2 = 0.98;
    a.weight_decay = 0.01;
    a.clip_norm = 1;
    a.schedule = HW3_SCHEDULE_COSINE;
    a.warmup_steps = steps / 10;
    a.total_steps = steps;
    TRY(hw3_optim_create(hw3_model_params(j->gpt), &a, &j->optim));
    TRY(hw3_tensor_create(j->ctx, HW3_I64, 2, (int64_t[]){ BATCH, N_CTX }, &j->x));
    TRY(hw3_tensor_create(j->ctx, HW3_I64, 2, (int64_t[]){ BATCH, N_CTX }, &j->y));
    return 0;
}

/* Windows all over the text, which is read as a ring: multiples of the golden ratio spread evenly, however many there are. */
static void next_batch(job *j, int64_t step)
{
    int64_t *x = hw3_tensor_data(j->x), *y = hw3_tensor_data(j->y);
    for (int64_t i = 0; i < BATCH * N_CTX; i++) {
        uint32_t spread = (uint32_t)(step * BATCH + i / N_CTX) * 2654435769u;
        int64_t at = (int64_t)((uint64_t)spread * (uint64_t)n_text >> 32) + i % N_CTX;
        x[i] = text[at % n_text];
        y[i] = text[(at + 1) % n_text];
    }
}

static int train(job *j)
{
    double loss = 0;
    for (int64_t step = 0; step < steps; step++) {
        next_batch(j, step);
        TRY(hw3_graph_begin(j->graph));
        hw3_var l = hw3_model_loss(j->gpt, j->graph, hw3_input(j->graph, j->x), hw3_input(j->graph, j->y));
        TRY(hw3_graph_backward(j->graph, l));
        TRY(hw3_var_item(j->graph, l, &loss));
        TRY(hw3_optim_step(j->optim));
        if (step % (steps / 10 + 1) == 0 || step == steps - 1) {
            printf("step %4d  loss %.4f\n", (int)step + 1, loss);
            fflush(stdout);
        }
    }
    return 0;
}

/* How many of n bytes stand in the text one after another, begun wherever most do. */
static int64_t recited(const unsigned char *bytes, int64_t n)
{
    int64_t most = 0;
    for (int64_t at = 0; at < n_text; at++) {
        int64_t same = 0;
        while (same < n && text[(at + same) % n_text] == bytes[same]) same++;
        most = same > most ? same : most;
    }
    return most;
}

/* Writes on from the prompt until the context is full. Returns 0 when all of it is in the text, 1 when not, or -1. */
static int write_on(job *j)
{
    const int64_t n_prompt = (int64_t)strlen(prompt);
    unsigned char bytes[N_CTX];
    int64_t tokens[N_CTX], n;
    double logprobs[N_CTX], sum = 0;
    for (int64_t i = 0; i < n_prompt; i++) tokens[i] = (unsigned char)prompt[i];
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    o.logprobs = logprobs;
    TRY(hw3_sampler_create(j->ctx, (uint64_t)seed, &j->sampler));
    TRY(hw3_sampler_add_temperature(j->sampler, temperature)); /* 0: the likeliest */
    TRY(hw3_session_create(j->gpt, NULL, &j->session));
    TRY(hw3_session_feed(j->session, 0, tokens, n_prompt));
    TRY(hw3_generate(j->session, 0, j->sampler, N_CTX - n_prompt, &o, tokens + n_prompt, &n));
    for (int64_t i = 0; i < N_CTX; i++) bytes[i] = (unsigned char)tokens[i];
    for (int64_t i = 0; i < n; i++) sum += logprobs[i];
    int64_t same = recited(bytes, N_CTX);
    printf("\n%.*s\n\n%d of %d bytes as in the text; mean log-probability of those written %.4f\n", N_CTX, (const char *)bytes, (int)same, N_CTX,
           sum / (double)n);
    return same < N_CTX;
}

static void unmake(job *j)
{
    hw3_session_destroy(j->session);
    hw3_sampler_destroy(j->sampler);
    hw3_tensor_destroy(j->x);
    hw3_tensor_destroy(j->y);
    hw3_optim_destroy(j->optim);
    hw3_graph_destroy(j->graph);
    hw3_model_destroy(j->gpt);
    hw3_ctx_destroy(j->ctx);
}

/* How well the text's first bytes are foreseen from caches of other numbers; the change against the model's own. */
static int by_cache(job *j)
{
    static const char *const names[] = { "model", "f16", "bf16", "int8" };
    int64_t tokens[N_CTX];
    double first = 0;
    for (int i = 0; i < N_CTX; i++) tokens[i] = text[i];
    for (int cache = HW3_CACHE_MODEL; cache <= HW3_CACHE_INT8; cache++) {
        hw3_session_opts o = HW3_SESSION_OPTS_INIT;
        hw3_session *s = NULL;
        double is = 0;
        o.cache = cache;
        TRY(hw3_session_create(j->gpt, &o, &s));
        const hw3_status failed = hw3_session_perplexity(s, 0, tokens, N_CTX, &is);
        hw3_session_destroy(s);
        TRY(failed);
        if (cache == HW3_CACHE_MODEL) first = is;
        printf("cache %-5s  perplexity %.5f  %+.4f %%\n", names[cache], is, 100 * (is / first - 1));
    }
    return 0;
}

int main(int argc, char **argv)
{
    const arg options[] = { { "FILE", ARG_TEXT, &file, 0, 0, "the text", NULL },
                            { "--prompt", ARG_TEXT, &prompt, 0, 0, "where to begin", NULL },
                            { "--steps", ARG_INT, &steps, 1, 1e6, "of training", NULL },
                            { "--width", ARG_INT, &width, 1, 4096, "of the model", NULL },
                            { "--layers", ARG_INT, &n_layers, 1, 64, "of the model", NULL },
                            { "--heads", ARG_INT, &n_heads, 1, 64, "of attention", NULL },
                            { "--temperature", ARG_REAL, &temperature, 0, 100, "0 writes the likeliest byte", NULL },
                            { "--save", ARG_TEXT, &save, 0, 0, "folder for the model", NULL },
                            { "--threads", ARG_INT, &n_threads, 0, 256, "0 for all", NULL },
                            { "--seed", ARG_INT, &seed, 0, 1e9, "of the first weights and of drawing", NULL },
                            ARGS_END };
    int stop = args_parse(argc, argv, "Trains a small GPT-2 on a text, and lets it write.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    if (!prompt[0] || strlen(prompt) >= N_CTX) return fprintf(stderr, "--prompt: 1 to %d bytes\n", N_CTX - 1), 2;
    if (read_text()) return 2;
    job j = { 0 };
    int failed = make(&j) || train(&j);
    if (!failed && save && hw3_model_save(j.gpt, save)) failed = fprintf(stderr, "%s\n", hw3_ctx_error(j.ctx));
    if (!failed) failed = by_cache(&j) || write_on(&j);
    unmake(&j);
    return failed ? 1 : 0;
}
