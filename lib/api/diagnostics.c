/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "math/distribution.h"
#include "series/diagnostics.h"
#include "series/series.h"
#include <math.h>

#define OLDEST_TEST_RESULT ((uint32_t)(offsetof(hw3_test_result, df) + sizeof(double)))
#define OLDEST_UNIT_ROOT ((uint32_t)(offsetof(hw3_unit_root, z_alpha) + sizeof(double)))

/* One row a struct of options: its defaults, the function that gives them, and the one that takes a caller's in. */
#define OPTIONS(name, INIT)                                                                                                  \
    static const hw3_##name name##_defaults = INIT;                                                                          \
    hw3_status hw3_##name##_init(hw3_##name *opts, uint32_t size)                                                            \
    {                                                                                                                        \
        return hw3i_opts_init(opts, size, &name##_defaults, sizeof name##_defaults, sizeof name##_defaults);                 \
    }                                                                                                                        \
    static hw3_status import_##name(hw3_ctx *ctx, hw3_##name *o, const hw3_##name *opts)                                     \
    {                                                                                                                        \
        *o = name##_defaults;                                                                                                \
        return opts ? hw3i_import(ctx, o, sizeof *o, opts, sizeof *o, "hw3_" #name) : HW3_OK;                                \
    }
OPTIONS(unit_root_opts, HW3_UNIT_ROOT_OPTS_INIT)
OPTIONS(diffs_opts, HW3_DIFFS_OPTS_INIT)
OPTIONS(stl_opts, HW3_STL_OPTS_INIT)
OPTIONS(lambda_opts, HW3_LAMBDA_OPTS_INIT)
OPTIONS(dm_opts, HW3_DM_OPTS_INIT)

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

/* y of n values, none missing or infinite. */
static hw3_status check_whole(hw3_ctx *ctx, const char *what, const char *name, const double *y, int64_t n, int64_t least)
{
    hw3_status s = hw3i_check_array(ctx, what, name, y, n, least);
    return s ? s : hw3i_series_check(ctx, what, name, y, n, NULL);
}

hw3_status hw3_jarque_bera(hw3_ctx *ctx, const double *y, int64_t n, hw3_test_result *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_status s = check_whole(ctx, "jarque_bera", "y", y, n, 2);
    if (!s) s = begin_test(ctx, "jarque_bera", out, &r);
    if (!s) s = no_value(ctx, "jarque_bera", n, hw3i_jarque_bera(y, n, &r));
    if (!s) hw3i_export(out, &r, sizeof r);
    return s;
}

/* out = n values times a power of two that keeps their squares in range; gives its inverse. */
static double scale_into(const double *y, int64_t n, double *out)
{
    double max = 0;
    for (int64_t t = 0; t < n; t++) max = fmax(max, fabs(y[t]));
    double scale = hw3i_scale_for(max);
    for (int64_t t = 0; t < n; t++) out[t] = y[t] * scale;
    return 1 / scale;
}

static hw3_status check_constant(hw3_ctx *ctx, const char *what, const char *name, int32_t is, int32_t first, int32_t last,
                                 const char *prefix)
{
    if (is >= first && is <= last) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %s is %d, expected a constant %s from %d to %d", what, name, (int)is, prefix, (int)first,
                     (int)last);
}

/* A unit-root test, of which the three public functions are made. */
typedef enum { ADF, KPSS, PP } unit_test;
static const char *const unit_names[] = { "adf", "kpss", "pp" };

/* Puts numbers where the options ask for the defaults, and refuses what the test does not know. */
static hw3_status choose_lags(hw3_ctx *ctx, unit_test test, int64_t n, hw3_unit_root_opts *o)
{
    const char *what = unit_names[test];
    int64_t powers = o->trend - HW3_TREND_NONE, most = test == ADF ? n / 2 - powers - 1 : n - 1 - (test == PP);
    if (o->max_lag < -1) return hw3i_is_small(ctx, what, "max_lag", o->max_lag, -1);
    if (test == ADF && o->lags == HW3_LAGS_AUTO) o->lags = HW3_LAGS_AIC;
    if (test != ADF && o->lags == HW3_LAGS_AUTO) o->lags = HW3_LAGS_SHORT;
    hw3_status s = check_constant(ctx, what, "lags", o->lags, HW3_LAGS_FIXED, test == ADF ? HW3_LAGS_TSTAT : HW3_LAGS_LONG, "HW3_LAGS_");
    if (s) return s;
    if (test != ADF && o->lags >= HW3_LAGS_AIC && o->lags <= HW3_LAGS_TSTAT)
        return hw3i_fail(ctx, HW3_ERR_ARG, "%s: lags is %d, but AIC, BIC and t choose for adf alone", what, (int)o->lags);
    if (o->lags >= HW3_LAGS_SHORT) o->max_lag = hw3i_lags(o->lags, n - (test == PP));
    else if (o->max_lag < 0) o->max_lag = test == ADF ? hw3i_min((int64_t)ceil(12 * pow((double)n / 100, 0.25)), most) : -1;
    return most < 0 ? hw3i_is_small(ctx, what, "n", n, 2 * (powers + 1)) : hw3i_check_range(ctx, what, "max_lag", o->max_lag, 0, most);
}

static hw3_status unit_root(hw3_ctx *ctx, unit_test test, const double *y, int64_t n, const hw3_unit_root_opts *opts, hw3_unit_root *out)
{
    const char *what = unit_names[test];
    hw3_unit_root r = HW3_UNIT_ROOT_INIT;
    hw3_unit_root_opts o;
    hw3_status s = check_whole(ctx, what, "y", y, n, 2);
    if (!s && !out) s = hw3i_is_null(ctx, what, "out");
    if (!s) s = hw3i_import(ctx, &r, sizeof r, out, OLDEST_UNIT_ROOT, "hw3_unit_root");
    if (!s) s = import_unit_root_opts(ctx, &o, opts);
    if (!s) s = check_constant(ctx, what, "trend", o.trend, test == ADF ? HW3_TREND_NONE : HW3_TREND_C,
                               test == ADF ? HW3_TREND_CTT : HW3_TREND_CT, "HW3_TREND_");
    if (!s) s = choose_lags(ctx, test, n, &o);
    if (s) return s;
    int64_t need = test == ADF ? hw3i_adf_work(n, o.trend, o.max_lag) : test == KPSS ? hw3i_kpss_work(n) : hw3i_pp_work(n);
    double *x = hw3i_alloc(ctx, n + need, sizeof *x);
    if (!x) return HW3_ERR_NOMEM;
    scale_into(y, n, x);
    r.critical_2_5 = r.ic = r.z_alpha = NAN;
    s = test == ADF ? hw3i_adf(x, n, o.trend, o.lags, o.max_lag, x + n, &r)
      : test == KPSS ? hw3i_kpss(x, n, o.trend, o.max_lag, x + n, &r)
                     : hw3i_pp(x, n, o.trend, o.max_lag, x + n, &r);
    hw3i_free(ctx, x);
    if (!s) hw3i_export(out, &r, sizeof r);
    return no_value(ctx, what, n, s);
}

hw3_status hw3_adf(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts, hw3_unit_root *out)
{
    return unit_root(ctx, ADF, y, n, opts, out);
}

hw3_status hw3_kpss(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts, hw3_unit_root *out)
{
    return unit_root(ctx, KPSS, y, n, opts, out);
}

hw3_status hw3_pp(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts, hw3_unit_root *out)
{
    return unit_root(ctx, PP, y, n, opts, out);
}

static hw3_status check_diffs(hw3_ctx *ctx, const char *what, const hw3_diffs_opts *o)
{
    hw3_status s = check_constant(ctx, what, "test", o->test, HW3_UNIT_KPSS, HW3_UNIT_PP, "HW3_UNIT_");
    if (!s) s = check_constant(ctx, what, "trend", o->trend, HW3_TREND_C, HW3_TREND_CT, "HW3_TREND_");
    if (!s) s = check_constant(ctx, what, "season_test", o->season_test, HW3_SEASON_STRENGTH, HW3_SEASON_CH, "HW3_SEASON_");
    if (!s && o->max_d < 0) s = hw3i_is_small(ctx, what, "max_d", o->max_d, 0);
    if (!s && o->max_season_d < 0) s = hw3i_is_small(ctx, what, "max_season_d", o->max_season_d, 0);
    if (!s && !(o->alpha >= 0.01 && o->alpha <= 0.1))
        s = hw3i_fail(ctx, HW3_ERR_ARG, "%s: alpha is %g, expected 0.01 to 0.1", what, o->alpha);
    return s;
}

hw3_status hw3_ndiffs(hw3_ctx *ctx, const double *y, int64_t n, const hw3_diffs_opts *opts, int64_t *d)
{
    hw3_diffs_opts o;
    hw3_status s = check_holes(ctx, "ndiffs", y, n, 1);
    if (!s && !d) s = hw3i_is_null(ctx, "ndiffs", "d");
    if (!s) s = import_diffs_opts(ctx, &o, opts);
    if (!s) s = check_diffs(ctx, "ndiffs", &o);
    if (s) return s;
    double *work = hw3i_alloc(ctx, hw3i_ndiffs_work(n), sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    *d = hw3i_ndiffs(y, n, &o, work);
    hw3i_free(ctx, work);
    return HW3_OK;
}

hw3_status hw3_nsdiffs(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, const hw3_diffs_opts *opts, int64_t *d)
{
    hw3_diffs_opts o;
    hw3_status s = check_holes(ctx, "nsdiffs", y, n, 1);
    if (!s && m < 2) s = hw3i_is_small(ctx, "nsdiffs", "m", m, 2);
    if (!s && !d) s = hw3i_is_null(ctx, "nsdiffs", "d");
    if (!s) s = import_diffs_opts(ctx, &o, opts);
    if (!s) s = check_diffs(ctx, "nsdiffs", &o);
    if (!s && o.season_test == HW3_SEASON_OCSB && o.alpha != 0.05)
        s = hw3i_fail(ctx, HW3_ERR_ARG, "nsdiffs: alpha is %g, but HW3_SEASON_OCSB knows 0.05 alone", o.alpha);
    if (s) return s;
    double *work = hw3i_alloc(ctx, hw3i_nsdiffs_work(n, m, o.season_test), sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    *d = hw3i_nsdiffs(y, n, m, &o, work);
    hw3i_free(ctx, work);
    return HW3_OK;
}

/* More than two whole periods, as a decomposition needs. */
static hw3_status check_period(hw3_ctx *ctx, const char *what, int64_t n, int64_t m)
{
    if (m < 2) return hw3i_is_small(ctx, what, "m", m, 2);
    if (n / 2 > m || (n / 2 == m && n % 2)) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %lld values are not more than two periods of m = %lld", what, (long long)n, (long long)m);
}

hw3_status hw3_seasonal_strength(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, double *strength)
{
    hw3_status s = check_holes(ctx, "seasonal_strength", y, n, 1);
    if (!s) s = check_period(ctx, "seasonal_strength", n, m);
    if (!s && !strength) s = hw3i_is_null(ctx, "seasonal_strength", "strength");
    if (s) return s;
    double *x = hw3i_alloc(ctx, n + hw3i_seasonal_strength_work(n, m), sizeof *x);
    if (!x) return HW3_ERR_NOMEM;
    scale_into(y, n, x);
    s = no_value(ctx, "seasonal_strength", n, hw3i_seasonal_strength(x, n, m, x + n, strength));
    hw3i_free(ctx, x);
    return s;
}

static hw3_status check_stl(hw3_ctx *ctx, const hw3_stl_opts *o)
{
    const struct {
        const char *name;
        int64_t value, least, most;
        bool zero; /* 0 asks for the default */
    } rules[] = {
        { "robust", o->robust, 0, 1, false },     { "s_window", o->s_window, 3, INT64_MAX / 4, true },
        { "t_window", o->t_window, 3, INT64_MAX / 4, true }, { "l_window", o->l_window, 3, INT64_MAX / 4, true },
        { "s_jump", o->s_jump, 0, INT64_MAX / 4, true },     { "t_jump", o->t_jump, 0, INT64_MAX / 4, true },
        { "l_jump", o->l_jump, 0, INT64_MAX / 4, true },     { "s_degree", o->s_degree, 0, 1, false },
        { "t_degree", o->t_degree, 0, 1, false }, { "l_degree", o->l_degree, -1, 1, false },
        { "inner", o->inner, o->inner == -1 ? -1 : 1, INT32_MAX, false },
        { "outer", o->outer, -1, INT32_MAX - 1, false },
    };
    for (int64_t i = 0; i < HW3I_LEN(rules); i++) {
        if (rules[i].zero && rules[i].value == 0) continue;
        hw3_status s = hw3i_check_range(ctx, "stl", rules[i].name, rules[i].value, rules[i].least, rules[i].most);
        if (s) return s;
    }
    return HW3_OK;
}

hw3_status hw3_stl(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, const hw3_stl_opts *opts, double *seasonal, double *trend,
                   double *remainder, double *weights)
{
    hw3_stl_opts o;
    hw3_status s = check_whole(ctx, "stl", "y", y, n, 1);
    if (!s) s = check_period(ctx, "stl", n, m);
    if (!s && !(seasonal && trend && remainder))
        s = hw3i_is_null(ctx, "stl", !seasonal ? "seasonal" : !trend ? "trend" : "remainder");
    if (!s) s = import_stl_opts(ctx, &o, opts);
    if (!s) s = check_stl(ctx, &o);
    if (s) return s;
    double *x = hw3i_alloc(ctx, 2 * n + hw3i_stl_work(n, m), sizeof *x), *ones = x + n;
    if (!x) return HW3_ERR_NOMEM;
    double unit = scale_into(y, n, x);
    hw3i_stl(x, n, m, &o, seasonal, trend, weights ? weights : ones, x + 2 * n);
    for (int64_t t = 0; t < n; t++) {
        remainder[t] = (x[t] - seasonal[t] - trend[t]) * unit;
        seasonal[t] *= unit;
        trend[t] *= unit;
    }
    hw3i_free(ctx, x);
    return HW3_OK;
}

/* The value that boxcox or its inverse gives, which has to be finite, or a failure with the value that has none. */
static hw3_status check_boxcox(hw3_ctx *ctx, const char *what, const char *name, int64_t i, double from, double lam, double to)
{
    if (isnan(from) || isfinite(to)) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_VALUE, "%s: %s[%lld] is %g, which has no finite value for lam %g", what, name, (long long)i, from, lam);
}

static hw3_status check_lam(hw3_ctx *ctx, const char *what, double lam)
{
    return isfinite(lam) ? HW3_OK : hw3i_fail(ctx, HW3_ERR_ARG, "%s: lam is %g, expected a finite number", what, lam);
}

hw3_status hw3_boxcox(hw3_ctx *ctx, const double *y, int64_t n, double lam, double *z)
{
    int64_t n_missing;
    hw3_status s = hw3i_check_array(ctx, "boxcox", "y", y, n, 0);
    if (!s) s = hw3i_check_array(ctx, "boxcox", "z", z, n, 0);
    if (!s) s = check_lam(ctx, "boxcox", lam);
    if (!s) s = hw3i_series_check(ctx, "boxcox", "y", y, n, &n_missing);
    for (int64_t i = 0; i < n && !s; i++) s = check_boxcox(ctx, "boxcox", "y", i, y[i], lam, hw3i_boxcox(y[i], lam));
    for (int64_t i = 0; i < n && !s; i++) z[i] = hw3i_boxcox(y[i], lam);
    return s;
}

static double invert(const double *z, double lam, const double *variance, int64_t i)
{
    double y = hw3i_boxcox_invert(z[i], lam);
    return variance ? hw3i_boxcox_mean(y, lam, variance[i]) : y;
}

hw3_status hw3_boxcox_invert(hw3_ctx *ctx, const double *z, int64_t n, double lam, const double *variance, double *y)
{
    const char *what = "boxcox_invert";
    int64_t n_missing;
    hw3_status s = hw3i_check_array(ctx, what, "z", z, n, 0);
    if (!s) s = hw3i_check_array(ctx, what, "y", y, n, 0);
    if (!s) s = check_lam(ctx, what, lam);
    if (!s) s = hw3i_series_check(ctx, what, "z", z, n, &n_missing);
    for (int64_t i = 0; i < n && !s; i++) {
        if (variance && !(variance[i] >= 0 && isfinite(variance[i])))
            s = hw3i_fail(ctx, HW3_ERR_VALUE, "%s: variance[%lld] is %g, expected 0 or more", what, (long long)i, variance[i]);
        else s = check_boxcox(ctx, what, "z", i, z[i], lam, invert(z, lam, variance, i));
    }
    for (int64_t i = 0; i < n && !s; i++) y[i] = invert(z, lam, variance, i);
    return s;
}

hw3_status hw3_boxcox_lambda(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, const hw3_lambda_opts *opts, double *lam)
{
    const char *what = "boxcox_lambda";
    hw3_lambda_opts o;
    double best, *work;
    hw3_status s = check_holes(ctx, what, y, n, 1);
    if (!s && m < 1) s = hw3i_is_small(ctx, what, "m", m, 1);
    if (!s && !lam) s = hw3i_is_null(ctx, what, "lam");
    if (!s) s = import_lambda_opts(ctx, &o, opts);
    if (!s) s = check_constant(ctx, what, "method", o.method, HW3_LAMBDA_GUERRERO, HW3_LAMBDA_LOGLIK, "HW3_LAMBDA_");
    if (!s && !(isfinite(o.lower) && isfinite(o.upper) && o.lower < o.upper && o.upper - o.lower <= 1000))
        s = hw3i_fail(ctx, HW3_ERR_ARG, "%s: lower is %g and upper %g, expected less and more, 1000 apart at most", what, o.lower, o.upper);
    for (int64_t t = 0; t < n && !s && o.method == HW3_LAMBDA_LOGLIK; t++)
        if (y[t] <= 0) s = hw3i_fail(ctx, HW3_ERR_VALUE, "%s: y[%lld] is %g, not above 0", what, (long long)t, y[t]);
    if (s) return s;
    work = hw3i_alloc(ctx, n - m > m ? hw3i_boxcox_lambda_work(n, m) : 0, sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    s = no_value(ctx, what, n, hw3i_boxcox_lambda(y, n, m, &o, work, &best));
    if (!s) *lam = best;
    hw3i_free(ctx, work);
    return s;
}

hw3_status hw3_diebold_mariano(hw3_ctx *ctx, const double *e1, const double *e2, int64_t n, const hw3_dm_opts *opts,
                               hw3_test_result *out)
{
    const char *what = "diebold_mariano";
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_dm_opts o;
    hw3_status s = check_whole(ctx, what, "e1", e1, n, 2);
    if (!s) s = check_whole(ctx, what, "e2", e2, n, 2);
    if (!s) s = begin_test(ctx, what, out, &r);
    if (!s) s = import_dm_opts(ctx, &o, opts);
    if (!s) s = check_constant(ctx, what, "better", o.better, HW3_BETTER_EITHER, HW3_BETTER_SECOND, "HW3_BETTER_");
    if (!s) s = hw3i_check_range(ctx, what, "horizon", o.horizon, 1, n - 1);
    if (!s) s = hw3i_check_range(ctx, what, "bartlett", o.bartlett, 0, 1);
    if (!s && !(o.power > 0 && isfinite(o.power))) s = hw3i_fail(ctx, HW3_ERR_ARG, "%s: power is %g, expected above 0", what, o.power);
    if (s) return s;
    double *work = hw3i_alloc(ctx, n, sizeof *work);
    if (!work) return HW3_ERR_NOMEM;
    s = no_value(ctx, what, n, hw3i_diebold_mariano(e1, e2, n, &o, work, &r));
    hw3i_free(ctx, work);
    if (!s) hw3i_export(out, &r, sizeof r);
    return s;
}
