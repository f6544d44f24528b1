/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "math/distribution.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

#define OLDEST_TEST_RESULT ((uint32_t)(offsetof(hw3_test_result, df) + sizeof(double)))

/* The last word of a function whose number does not exist for these values. */
static hw3_status no_value(hw3_ctx *ctx, const char *what, int64_t n, hw3_status s)
{
    if (s != HW3_ERR_VALUE) return s;
    return hw3i_fail(ctx, s, "%s: not defined for these %lld values, which are constant or too few", what, (long long)n);
}

/* y of n values, none infinite, of which some may be missing. */
static hw3_status check_holes(hw3_ctx *ctx, const char *what, const double *y, int64_t n, int64_t least)
{
    int64_t n_missing;
    hw3_status s = hw3i_check_array(ctx, what, "y", y, n, least);
    if (!s) s = hw3i_series_check(ctx, what, "y", y, n, &n_missing);
    if (!s && n_missing == n) s = hw3i_fail(ctx, HW3_ERR_VALUE, "%s: all %lld values are missing", what, (long long)n);
    return s;
}

/* Autocorrelations into memory of their own, with room for as many numbers again. */
static hw3_status acf_of(hw3_ctx *ctx, const char *what, const double *y, int64_t n, int64_t max_lag, int64_t *n_present, double **out)
{
    *out = hw3i_alloc(ctx, 3 * max_lag, sizeof **out);
    if (!*out) return HW3_ERR_NOMEM;
    return no_value(ctx, what, n, hw3i_acf(y, n, max_lag, *out, n_present));
}

typedef enum { FULL, PARTIAL } correlation;

static hw3_status correlations(hw3_ctx *ctx, correlation kind, const double *y, int64_t n, int64_t max_lag, double *out, double *band)
{
    const char *what = kind == FULL ? "acf" : "pacf";
    double *acf = NULL;
    int64_t n_present;
    hw3_status s = check_holes(ctx, what, y, n, 2);
    if (!s && !out) s = hw3i_is_null(ctx, what, what);
    if (!s) s = hw3i_check_range(ctx, what, "max_lag", max_lag, 1, n - 1);
    if (!s) s = acf_of(ctx, what, y, n, max_lag, &n_present, &acf);
    if (!s && kind == PARTIAL) s = no_value(ctx, what, n, hw3i_pacf(acf, max_lag, acf + max_lag, acf + 2 * max_lag));
    if (!s) memcpy(out, kind == FULL ? acf : acf + max_lag, (size_t)max_lag * sizeof *out);
    if (!s && band) *band = hw3i_normal_quantile(0.975) / sqrt((double)n_present);
    hw3i_free(ctx, acf);
    return s;
}

hw3_status hw3_acf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *acf, double *band)
{
    return correlations(ctx, FULL, y, n, max_lag, acf, band);
}

hw3_status hw3_pacf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *pacf, double *band)
{
    return correlations(ctx, PARTIAL, y, n, max_lag, pacf, band);
}

static hw3_status begin_test(hw3_ctx *ctx, const char *what, const hw3_test_result *out, hw3_test_result *r)
{
    if (!out) return hw3i_is_null(ctx, what, "out");
    return hw3i_import(ctx, r, sizeof *r, out, OLDEST_TEST_RESULT, "hw3_test_result");
}

hw3_status hw3_ljung_box(hw3_ctx *ctx, const double *y, int64_t n, int64_t lag, int64_t fitdf, hw3_test_result *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    double *acf = NULL;
    int64_t n_present;
    hw3_status s = check_holes(ctx, "ljung_box", y, n, 2);
    if (!s) s = hw3i_check_range(ctx, "ljung_box", "lag", lag, 1, n - 1);
    if (!s) s = hw3i_check_range(ctx, "ljung_box", "fitdf", fitdf, 0, lag - 1);
    if (!s) s = begin_test(ctx, "ljung_box", out, &r);
    if (!s) s = acf_of(ctx, "ljung_box", y, n, lag, &n_present, &acf);
    if (!s) s = no_value(ctx, "ljung_box", n_present, hw3i_ljung_box(acf, n_present, lag, fitdf, &r));
    if (!s) hw3i_export(out, &r, sizeof r);
    hw3i_free(ctx, acf);
    return s;
}

hw3_status hw3_jarque_bera(hw3_ctx *ctx, const double *y, int64_t n, hw3_test_result *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_status s = hw3i_check_array(ctx, "jarque_bera", "y", y, n, 2);
    if (!s) s = hw3i_series_check(ctx, "jarque_bera", "y", y, n, NULL);
    if (!s) s = begin_test(ctx, "jarque_bera", out, &r);
    if (!s) s = no_value(ctx, "jarque_bera", n, hw3i_jarque_bera(y, n, &r));
    if (!s) hw3i_export(out, &r, sizeof r);
    return s;
}
