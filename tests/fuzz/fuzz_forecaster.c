/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/forecaster.h"
#include <stdio.h>
#include <unistd.h>

/* A forecaster's file from any bytes, with the length of the first line before them. One that loads must forecast. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    static char path[64];
    if (!path[0]) snprintf(path, sizeof path, "%s/hw3-fuzz-%ld", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (long)getpid());
    const char *line_end = n_bytes ? memchr(bytes, '\n', (size_t)n_bytes) : NULL;
    int64_t n_header = line_end ? line_end + 1 - bytes : n_bytes;
    FILE *file = fopen(path, "wb");
    MUST(file && fwrite(&n_header, 8, 1, file) == 1);
    MUST(!n_bytes || fwrite(bytes, (size_t)n_bytes, 1, file) == 1);
    MUST(!fclose(file));
    hw3_forecaster *f = NULL;
    ctx->error[0] = 0;
    hw3_status s = hw3_forecaster_load(ctx, path, &f);
    unlink(path);
    MUST(!s == !ctx->error[0] && !s == !!f);
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    if (f && !hw3_forecaster_get_opts(f, &o) && o.window <= 64) {
        double y[64] = { 1, 2, 3 }, mean[2];
        s = hw3_forecaster_predict(f, y, 64, 2, mean);
        MUST(s <= HW3_OK);
    }
    hw3_forecaster_destroy(f);
}
