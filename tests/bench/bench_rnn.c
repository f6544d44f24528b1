/* SPDX-License-Identifier: MIT */
/* hw3's side of `sh tests/bench/run.sh rnn`, driven by rnn.py over pipes: each line "go" on standard input runs
 * the case once and answers "seconds value".
 *   bench_rnn train   CELL HIDDEN BATCH SERIES THREADS WEIGHTS   one epoch over all windows of 50; value is the mean loss
 *   bench_rnn predict CELL HIDDEN BATCH SERIES THREADS WEIGHTS   BATCH forecasts of the next value, one by one; value is the last
 *   bench_rnn load    LIBRARY                                    milliseconds from dlopen to a ready context
 *   bench_rnn peak                                               GF/s of fused multiply-adds on one core */
#define _GNU_SOURCE
#include "hw3/hw3.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define WINDOW 50
#define TRY(call)                                                                              \
    do {                                                                                       \
        if ((call) < 0) {                                                                      \
            fprintf(stderr, "%s\n  %s\n", #call, hw3_ctx_error(ctx));                          \
            exit(1);                                                                           \
        }                                                                                      \
    } while (0)

static hw3_ctx *ctx;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double *read_series(const char *path, int64_t *n)
{
    double *y = malloc(sizeof *y * 100000);
    FILE *file = fopen(path, "r");
    if (!file || !y) exit(1);
    for (*n = 0; *n < 100000 && fscanf(file, "%lf", &y[*n]) == 1; (*n)++) continue;
    fclose(file);
    return y;
}

typedef struct model {
    hw3_params *params;
    hw3_rnn *rnn;
    hw3_optim *optim;
    hw3_graph *graph;
    float *x, *t; /* [WINDOW, n] and [n]: windows in columns */
    int64_t n;
} model;

static double epoch(model *m, int64_t batch)
{
    double sum = 0, loss_value;
    for (int64_t start = 0; start < m->n; start += batch) {
        int64_t b = m->n - start < batch ? m->n - start : batch;
        hw3_tensor *x, *t;
        TRY(hw3_tensor_wrap(ctx, HW3_F32, 3, (int64_t[]){ WINDOW, b, 1 }, (int64_t[]){ m->n, 1, 1 }, m->x + start, &x));
        TRY(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ b, 1 }, NULL, m->t + start, &t));
        hw3_graph *g = m->graph;
        hw3_graph_begin(g);
        hw3_rnn_state last = HW3_RNN_STATE_INIT;
        hw3_var y = hw3_rnn_forward(m->rnn, g, hw3_input(g, x), HW3_NONE, &last);
        (void)y;
        hw3_var h = hw3_slice(g, last.h, 0, 0, 1);
        int64_t shape[HW3_MAX_DIMS];
        int32_t n_dims;
        TRY(hw3_var_shape(g, h, shape, &n_dims));
        h = hw3_reshape(g, h, 2, (int64_t[]){ b, shape[2] });
        hw3_var loss = hw3_mse(g, hw3_linear(g, h, hw3_param(g, "head.weight"), hw3_param(g, "head.bias")), hw3_input(g, t));
        TRY(hw3_graph_backward(g, loss));
        TRY(hw3_var_item(g, loss, &loss_value));
        TRY(hw3_optim_step(m->optim));
        sum += loss_value * (double)b;
        hw3_tensor_destroy(x);
        hw3_tensor_destroy(t);
    }
    return sum / (double)m->n;
}

static void train(hw3_cell cell, int64_t hidden, int64_t batch, const double *y, int64_t n, const char *weights)
{
    model m = { .n = n - WINDOW };
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = cell;
    o.n_inputs = 1;
    o.n_hidden = hidden;
    TRY(hw3_params_create(ctx, &m.params));
    TRY(hw3_rnn_create(m.params, "rnn.", &o, &m.rnn));
    TRY(hw3_params_add(m.params, "head.weight", HW3_F32, 2, (int64_t[]){ 1, hidden }, HW3_INIT_FAN_IN));
    TRY(hw3_params_add(m.params, "head.bias", HW3_F32, 1, (int64_t[]){ 1 }, HW3_INIT_ZERO));
    TRY(hw3_optim_create(m.params, NULL, &m.optim));
    TRY(hw3_graph_create(ctx, m.params, &m.graph));
    TRY(hw3_params_save(m.params, weights));
    m.x = malloc(sizeof(float) * (size_t)(WINDOW * m.n));
    m.t = malloc(sizeof(float) * (size_t)m.n);
    for (int64_t i = 0; i < m.n; i++) {
        for (int64_t t = 0; t < WINDOW; t++) m.x[t * m.n + i] = (float)y[i + t];
        m.t[i] = (float)y[i + WINDOW];
    }
    printf("ready\n");
    fflush(stdout);
    for (char line[16]; fgets(line, sizeof line, stdin) && !strcmp(line, "go\n");) {
        double start = now(), loss = epoch(&m, batch);
        printf("%.9g %.9g\n", now() - start, loss);
        fflush(stdout);
    }
}

static void predict(hw3_cell cell, int64_t hidden, int64_t repeat, const double *y, int64_t n, const char *weights)
{
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    o.cell = cell;
    o.hidden = hidden;
    o.window = WINDOW;
    o.n_epochs = 1;
    o.scale = HW3_SCALE_NONE;
    hw3_forecaster *f;
    double next = 0;
    TRY(hw3_forecaster_fit(ctx, y, n, &o, &f));
    TRY(hw3_params_save(hw3_forecaster_params(f), weights));
    printf("ready\n");
    fflush(stdout);
    for (char line[16]; fgets(line, sizeof line, stdin) && !strcmp(line, "go\n");) {
        double start = now();
        for (int64_t i = 0; i < repeat; i++) TRY(hw3_forecaster_predict(f, y, n - i % 100, 1, &next));
        printf("%.9g %.9g\n", now() - start, next);
        fflush(stdout);
    }
}

static void load(const char *library)
{
    double start = now();
    void *handle = dlopen(library, RTLD_NOW);
    if (!handle) exit(1);
    hw3_status (*create)(const hw3_ctx_opts *, hw3_ctx **);
    *(void **)&create = dlsym(handle, "hw3_ctx_create");
    if (!create || create(NULL, &ctx)) exit(1);
    printf("%.3f\n", 1e3 * (now() - start));
}

/* Sixteen independent chains of fused multiply-adds, as wide as this processor's vectors. */
static void peak(void)
{
#if defined(__AVX512F__)
    typedef float vec __attribute__((vector_size(64)));
#elif defined(__AVX2__)
    typedef float vec __attribute__((vector_size(32)));
#else
    typedef float vec __attribute__((vector_size(16)));
#endif
    double best = 1e9;
    vec a[16] = { { 0 } }, x = { 0 }, y = { 0 };
    for (int trial = 0; trial < 5; trial++) {
        double start = now();
        for (int k = 0; k < 2000000; k++) {
            for (int i = 0; i < 16; i++) a[i] = a[i] * y + x;
            __asm__ volatile("" : "+x"(y), "+x"(x));
        }
        double t = now() - start;
        if (t < best) best = t;
    }
    volatile float sink = 0;
    for (int i = 0; i < 16; i++) sink += a[i][0];
    printf("%.1f\n", 2000000.0 * 16 * 2 * (double)(sizeof(vec) / sizeof(float)) / best / 1e9);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "peak")) return peak(), 0;
    if (argc == 3 && !strcmp(argv[1], "load")) return load(argv[2]), 0;
    if (argc != 8) return 2;
    hw3_cell cell = !strcmp(argv[2], "RNN") ? HW3_CELL_RNN_TANH : !strcmp(argv[2], "LSTM") ? HW3_CELL_LSTM : HW3_CELL_GRU;
    int64_t n, hidden = atoll(argv[3]), batch = atoll(argv[4]);
    double *y = read_series(argv[5], &n);
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = atoi(argv[6]);
    if (hw3_ctx_create(&o, &ctx)) return 1;
    (!strcmp(argv[1], "train") ? train : predict)(cell, hidden, batch, y, n, argv[7]);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
