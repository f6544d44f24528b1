/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/forecaster.h"
#include <unistd.h>

/* A forecaster's file; one that loads must forecast. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    hw3_forecaster *f = NULL;
    fuzz_write_safetensors(fuzz_path(), bytes, n_bytes);
    hw3_status s = hw3_forecaster_load(ctx, fuzz_path(), &f);
    unlink(fuzz_path());
    MUST(!s == !ctx->error[0] && !s == !!f);
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    if (f && !hw3_forecaster_get_opts(f, &o) && o.window <= 64) {
        double y[64] = { 1, 2, 3 }, mean[2];
        s = hw3_forecaster_predict(f, y, 64, 2, mean);
        MUST(s <= HW3_OK);
    }
    hw3_forecaster_destroy(f);
}
