/* SPDX-License-Identifier: MIT */
/* Times of the recurrent kernels at the sizes of the oil forecast: bench_seq [isa or best [cell [threads]]]. */
#include "math/kern.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static float *filled(int64_t n, float scale)
{
    float *p = aligned_alloc(64, (size_t)(n * 4 + 63) / 64 * 64);
    uint32_t s = 1;
    for (int64_t i = 0; p && i < n; i++, s = s * 1664525u + 1013904223u) p[i] = scale * ((float)(s >> 8) / 8388608.f - 1);
    return p;
}

static void run(const hw3i_kern *k, int threads, int cell, const char *name, int64_t B, int64_t H, int reps)
{
    hw3_ctx *ctx = NULL;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = threads;
    if (hw3_ctx_create(&o, &ctx)) exit(1);
    int64_t T = 50, I = 1, G = cell == HW3I_LSTM ? 4 : cell == HW3I_GRU ? 3 : 1, kept = G == 3 ? 4 : G;
    float w = 1 / sqrtf((float)H);
    hw3i_seq_f32 s = { .cell = cell, .T = T, .B = B, .I = I, .H = H };
    float *bufs[] = { filled(T * B * I, 1), filled(G * H * I, w), filled(G * H * H, w), filled(G * H, w), filled(T * B * H, 0),
                      filled(T * B * kept * H, 0), filled(T * B * H, 0), filled(B * H, 1e-2f), filled(G * H * I, 0),
                      filled(G * H * H, 0), filled(G * H, 0), filled(G * H, 0) };
    s.x = bufs[0], s.w_ih = bufs[1], s.w_hh = bufs[2], s.b_ih = s.b_hh = bufs[3], s.y = bufs[4], s.gates = bufs[5], s.c = bufs[6];
    s.dhn = bufs[7], s.dw_ih = bufs[8], s.dw_hh = bufs[9], s.db_ih = bufs[10], s.db_hh = bufs[11];
    int64_t bytes = k->f32->seq_forward_bytes(&s, threads), back = k->f32->seq_backward_bytes(&s, threads);
    s.scratch = aligned_alloc(64, (size_t)(bytes > back ? bytes : back));
    double fwd = 1e9, bwd = 1e9, both = 1e9, flops = 2.0 * T * B * G * H * (H + I);
    for (int i = 0; i < reps; i++) {
        double a = now();
        k->f32->seq_forward(ctx->pool, &s);
        double b = now();
        if (B > 1) k->f32->seq_backward(ctx->pool, &s);
        double c = now();
        if (b - a < fwd) fwd = b - a;
        if (c - b < bwd) bwd = c - b;
        if (c - a < both) both = c - a;
    }
    printf("%-5s H=%-4lld B=%-4lld threads=%d: forward %8.3f ms %6.1f GF/s", name, (long long)H, (long long)B, threads, 1e3 * fwd,
           1e-9 * flops / fwd);
    if (B > 1) printf("   backward %8.3f ms %6.1f GF/s   both %8.3f ms %6.1f GF/s", 1e3 * bwd, 2e-9 * flops / bwd, 1e3 * both,
                      3e-9 * flops / both);
    printf("\n");
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) free(bufs[i]);
    free(s.scratch);
    hw3_ctx_destroy(ctx);
}

int main(int argc, char **argv)
{
    const hw3i_kern *k = hw3i_kern_select(argc > 1 && strcmp(argv[1], "best") ? argv[1] : NULL);
    if (!k) return 1;
    printf("%s\n", k->isa);
    const struct { int cell; const char *name; } cells[] = { { HW3I_RNN_TANH, "rnn" }, { HW3I_LSTM, "lstm" }, { HW3I_GRU, "gru" } };
    for (int threads = 1; threads <= 2; threads++)
        for (int c = 0; c < 3; c++) {
            if ((argc > 2 && strcmp(argv[2], cells[c].name)) || (argc > 3 && atoi(argv[3]) != threads)) continue;
            run(k, threads, cells[c].cell, cells[c].name, 100, 512, 20);
            run(k, threads, cells[c].cell, cells[c].name, 64, 64, 200);
            run(k, threads, cells[c].cell, cells[c].name, 1, 64, 200);
        }
    return 0;
}
