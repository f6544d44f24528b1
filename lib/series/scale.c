/* SPDX-License-Identifier: MIT */
#include "series/series.h"
#include <math.h>

/* floor(share n) for the decimal number that was meant: 0.29 * 100 is 28.999999999999996 in double. */
static int64_t part(double share, int64_t n)
{
    double x = floor(share * (double)n * (1 + 0x1p-50));
    return x >= (double)n ? n : (int64_t)x;
}

void hw3i_series_split(int64_t n, double train, double val, hw3_split3 *out)
{
    int64_t n_train = part(train, n), n_both = hw3i_max(n_train, part(train + val, n));
    *out = (hw3_split3){ n_train, n_both - n_train, n - n_both };
}

hw3_status hw3i_scaler_fit(hw3_ctx *ctx, hw3_scale kind, const double *y, int64_t n, hw3_scaler *out)
{
    hw3_status s = hw3i_series_check(ctx, "scaler_fit", "y", y, n, NULL);
    if (s) return s;
    hw3_scaler r = HW3_SCALER_INIT;
    hw3i_spread spread = hw3i_spread_of(y, n);
    r.kind = kind;
    if (kind == HW3_SCALE_MINMAX) r.shift = spread.min, r.width = spread.max - spread.min;
    if (kind == HW3_SCALE_STANDARD) r.shift = spread.mean, r.width = spread.sd;
    if (r.width == 0) r.width = 1;
    if (isinf(r.width))
        return hw3i_fail(ctx, HW3_ERR_VALUE, "scaler_fit: the values from %g to %g are too far apart", spread.min, spread.max);
    *out = r;
    return HW3_OK;
}

hw3_status hw3i_scaler_check(hw3_ctx *ctx, const char *what, const hw3_scaler *scaler)
{
    if (scaler->kind < HW3_SCALE_NONE || scaler->kind > HW3_SCALE_STANDARD)
        return hw3i_fail(ctx, HW3_ERR_ARG, "%s: the scaler's kind is %d", what, (int)scaler->kind);
    if (!isfinite(scaler->shift) || !isfinite(scaler->width) || scaler->width <= 0)
        return hw3i_fail(ctx, HW3_ERR_ARG, "%s: the scaler's shift is %g and its width %g", what, scaler->shift, scaler->width);
    return HW3_OK;
}

double hw3i_scaler_apply(const hw3_scaler *scaler, double y)
{
    return scaler->kind == HW3_SCALE_NONE ? y : (y - scaler->shift) / scaler->width;
}

double hw3i_scaler_invert(const hw3_scaler *scaler, double z)
{
    return scaler->kind == HW3_SCALE_NONE ? z : z * scaler->width + scaler->shift;
}
