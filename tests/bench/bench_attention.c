/* SPDX-License-Identifier: MIT */
/* hw3's side of attention.py: bench_attention FILE B T H D THREADS, where FILE holds q, k, v and do, each [B, T, H, D] f32. */
#include "hw3/hw3.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double size_of(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += fabs((double)x[i]);
    return sum;
}

/* Seconds of one pass; the sum of the sizes of o, dq, dk and dv, which is not timed. */
static double pass(hw3_graph *g, hw3_tensor *const x[4], int64_t n, float *buffer, double *sum)
{
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = 1;
    const double start = now();
    hw3_graph_begin(g);
    hw3_var v[3] = { hw3_input_grad(g, x[0]), hw3_input_grad(g, x[1]), hw3_input_grad(g, x[2]) };
    hw3_var y = hw3_attention(g, v[0], v[1], v[2], &o);
    if (hw3_graph_backward_from(g, y, x[3])) return -1;
    const double seconds = now() - start;
    *sum = 0;
    for (int i = -1; i < 3; i++) {
        if (i < 0 ? hw3_var_read(g, y, buffer, n * 4) : hw3_var_read_grad(g, v[i], buffer, n * 4)) return -1;
        *sum += size_of(buffer, n);
    }
    return seconds;
}

int main(int argc, char **argv)
{
    if (argc != 7) return 2;
    const int64_t shape[4] = { atoll(argv[2]), atoll(argv[3]), atoll(argv[4]), atoll(argv[5]) }, n = shape[0] * shape[1] * shape[2] * shape[3];
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = atoi(argv[6]);
    hw3_ctx *ctx = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *x[4] = { NULL };
    float *buffer = malloc((size_t)n * sizeof *buffer);
    FILE *f = fopen(argv[1], "rb");
    if (!buffer || !f || hw3_ctx_create(&o, &ctx) || hw3_graph_create(ctx, NULL, &g)) return 1;
    for (int i = 0; i < 4; i++)
        if (fread(buffer, sizeof *buffer, (size_t)n, f) != (size_t)n || hw3_tensor_create(ctx, HW3_F32, 4, shape, &x[i]) ||
            hw3_tensor_write(x[i], buffer, n * 4))
            return 1;
    puts("ready");
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin) && !strcmp(line, "go\n")) {
        double sum, seconds = pass(g, x, n, buffer, &sum);
        if (seconds < 0) return 1;
        printf("%.9g %.9g\n", seconds, sum);
        fflush(stdout);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
