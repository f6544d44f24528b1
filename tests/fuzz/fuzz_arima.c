/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/arima_use.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A megabyte and no more: what a file claims must not cost more than that in vain. */
static size_t in_use;
static void *take(void *user, size_t size, size_t align)
{
    (void)user;
    if (size > (1 << 20) || in_use > (1 << 22)) return NULL;
    in_use += size;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void give(void *user, void *p, size_t size)
{
    (void)user;
    in_use -= p ? size : 0;
    free(p);
}

static void use(hw3_arima *a)
{
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    double mean[4], se[4], x[4 * 8] = { 1, 2, 3 };
    MUST(!hw3_arima_describe(a, &info));
    if (info.n_xreg > 8) return;
    hw3_status s = hw3_arima_predict(a, 4, x, NULL, 0, mean, se, NULL, NULL);
    MUST(s <= HW3_OK);
    for (int i = 0; !s && i < 4; i++) MUST(!isnan(se[i]) && (info.boxcox || !isnan(mean[i])));
    s = hw3_arima_append(a, (double[]){ 1, NAN, 2 }, 3, x);
    MUST(s <= HW3_OK);
    s = hw3_arima_simulate(a, 4, 1, 1, 1, 1, x, mean);
    MUST(s <= HW3_OK);
}

/* A model's file from any bytes, with the length of the first line before them. One that loads must forecast and go on. */
void hw3_fuzz(hw3_ctx *unlimited, const char *bytes, int64_t n_bytes)
{
    static char path[64];
    static hw3_ctx *ctx;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = 1;
    o.allocator = &(hw3_allocator){ take, give, NULL };
    (void)unlimited;
    MUST(ctx || !hw3_ctx_create(&o, &ctx));
    if (!path[0]) snprintf(path, sizeof path, "%s/hw3-fuzz-arima-%ld", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (long)getpid());
    const char *line_end = n_bytes ? memchr(bytes, '\n', (size_t)n_bytes) : NULL;
    int64_t n_header = line_end ? line_end + 1 - bytes : n_bytes;
    FILE *file = fopen(path, "wb");
    MUST(file && fwrite(&n_header, 8, 1, file) == 1);
    MUST(!n_bytes || fwrite(bytes, (size_t)n_bytes, 1, file) == 1);
    MUST(!fclose(file));
    size_t before = in_use;
    hw3_arima *a = NULL;
    ctx->error[0] = 0;
    hw3_status s = hw3_arima_load(ctx, path, &a);
    unlink(path);
    MUST(!s == !ctx->error[0] && !s == !!a);
    MUST(!s || s == HW3_ERR_FORMAT || s == HW3_ERR_VERSION || s == HW3_ERR_MISMATCH || s == HW3_ERR_NOMEM);
    if (a) use(a);
    hw3_arima_destroy(a);
    MUST(in_use == before);
}
