/* SPDX-License-Identifier: MIT */
#include "base/random.h"
#include "series/series.h"
#include <math.h>

hw3_status hw3i_series_remove(hw3_ctx *ctx, double *y, int64_t n, double share, uint64_t seed, int64_t *n_removed)
{
    int64_t n_missing, n_present = 0;
    hw3_status s = hw3i_series_check(ctx, "series_remove", "y", y, n, &n_missing);
    if (s) return s;
    int64_t *present = hw3i_alloc(ctx, n - n_missing, sizeof *present), *order = hw3i_alloc(ctx, n - n_missing, sizeof *order);
    int64_t n_gone = (int64_t)round(share * (double)(n - n_missing));
    if (present && order) {
        for (int64_t i = 0; i < n; i++)
            if (!isnan(y[i])) present[n_present++] = i;
        hw3i_permutation(seed, hw3i_stream_of("series_remove"), n_present, order);
        for (int64_t i = 0; i < n_gone; i++) y[present[order[i]]] = NAN;
        if (n_removed) *n_removed = n_gone;
    } else {
        s = HW3_ERR_NOMEM;
    }
    hw3i_free(ctx, present);
    hw3i_free(ctx, order);
    return s;
}

/* Every missing value of [begin, end) takes the one before it, or (backward) after it. */
static void carry_forward(double *y, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++)
        if (isnan(y[i])) y[i] = y[i - 1];
}

static void carry_backward(double *y, int64_t begin, int64_t end)
{
    for (int64_t i = end - 1; i >= begin; i--)
        if (isnan(y[i])) y[i] = y[i + 1];
}

/* y[i] = y[a] + (y[b] - y[a]) (i - a) / (b - a) between the present neighbours a and b. */
static void fill_linear(double *y, int64_t first, int64_t last)
{
    for (int64_t a = first, b; a < last; a = b) {
        for (b = a + 1; isnan(y[b]);) b++;
        double rise = y[b] / 2 - y[a] / 2; /* halved, so that it cannot overflow */
        for (int64_t i = a + 1; i < b; i++)
            y[i] = 2 * (y[a] / 2 + rise * ((double)(i - a) / (double)(b - a)));
    }
}

/* y[i] = mean of y[i - window .. i - 1], which are filled by then; fewer at the start. */
static void fill_moving_mean(double *y, int64_t n, int64_t first, int64_t window)
{
    for (int64_t i = first + 1; i < n; i++) {
        int64_t k = hw3i_min(window, i);
        if (isnan(y[i])) y[i] = hw3i_spread_of(y + i - k, k).mean;
    }
}

void hw3i_series_fill(double *y, int64_t n, hw3_fill fill, int64_t window)
{
    int64_t first = 0, last = n - 1;
    while (isnan(y[first])) first++;
    while (isnan(y[last])) last--;
    carry_backward(y, 0, first); /* no method but backward reaches the left edge */
    if (fill == HW3_FILL_BACKWARD) carry_backward(y, first, last);
    if (fill == HW3_FILL_LINEAR) fill_linear(y, first, last);
    if (fill == HW3_FILL_MOVING_MEAN) fill_moving_mean(y, n, first, window);
    carry_forward(y, first + 1, n); /* all of forward; of backward and linear the right edge */
}
