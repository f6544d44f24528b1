/* SPDX-License-Identifier: MIT */
/* Time of the attention kernel, causal, forward and backward: bench_attention [threads [B heads T D [repeats]]]. */
#include "math/kern.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *filled(int64_t n, uint64_t stream)
{
    float *p = aligned_alloc(64, (size_t)(n * 4 + 63) / 64 * 64);
    for (int64_t i = 0; p && i < n; i++) p[i] = stream ? (float)hw3i_normal(1, stream, (uint64_t)i) : 0;
    return p;
}

int main(int argc, char **argv)
{
    int64_t arg[6] = { 2, 1, 12, 2048, 64, 10 };
    for (int i = 1; i < argc && i < 7; i++) arg[i - 1] = atoll(argv[i]);
    const int64_t B = arg[1], H = arg[2], T = arg[3], D = arg[4], n = B * T * H * D;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)arg[0];
    hw3_ctx *ctx = NULL;
    if (hw3_ctx_create(&o, &ctx)) return 1;
    const hw3i_kern_f32 *k = &hw3i_kern_select(NULL)->f32;
    hw3i_attention_f32 a = { .B = B, .heads = H, .kv_heads = H, .Tq = T, .Tk = T, .D = D, .Dv = D, .q = filled(n, 1), .k = filled(n, 2),
        .v = filled(n, 3), .dout = filled(n, 4), .o = filled(n, 0), .dq = filled(n, 0), .dk = filled(n, 0), .dv = filled(n, 0),
        .lse = filled(B * H * T, 0), .scale = 0.125f, .causal = true,
        .qs = { T * H * D, H * D, D }, .ks = { T * H * D, H * D, D }, .vs = { T * H * D, H * D, D }, .os = { T * H * D, H * D, D } };
    int64_t forward = k->attention_forward_bytes(&a, o.n_threads), backward = k->attention_backward_bytes(&a, o.n_threads);
    a.scratch = aligned_alloc(64, (size_t)hw3i_max(forward, backward));
    double fwd = 1e9, bwd = 1e9, flops = 2.0 * (double)(B * H * T * T * D);
    for (int64_t i = 0; i < arg[5]; i++) {
        double t0 = now();
        k->attention_forward(ctx->pool, &a);
        double t1 = now();
        k->attention_backward(ctx->pool, &a);
        double t2 = now();
        if (t1 - t0 < fwd) fwd = t1 - t0;
        if (t2 - t1 < bwd) bwd = t2 - t1;
    }
    printf("threads %d: forward %.2f ms, %.0f GF/s; backward %.2f ms, %.0f GF/s; both %.2f ms\n", (int)o.n_threads, 1e3 * fwd,
           1e-9 * flops / fwd, 1e3 * bwd, 2.5e-9 * flops / bwd, 1e3 * (fwd + bwd));
    return 0;
}
