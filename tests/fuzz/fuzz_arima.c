/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/arima_use.h"
#include <math.h>
#include <unistd.h>

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

/* A model's file; one that loads must forecast and go on. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    hw3_arima *a = NULL;
    fuzz_write_safetensors(fuzz_path(), bytes, n_bytes);
    hw3_status s = hw3_arima_load(ctx, fuzz_path(), &a);
    unlink(fuzz_path());
    MUST(!s == !ctx->error[0] && !s == !!a);
    MUST(!s || s == HW3_ERR_FORMAT || s == HW3_ERR_VERSION || s == HW3_ERR_MISMATCH || s == HW3_ERR_NOMEM);
    if (a) use(a);
    hw3_arima_destroy(a);
}
