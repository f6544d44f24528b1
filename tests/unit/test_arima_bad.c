/* SPDX-License-Identifier: MIT */
/* ARIMA on bad input: each case gives a status and a message with its values, or a fit that is flagged and can be used. */
#include "base/base.h"
#include "hw3/arima.h"
#include "support.h"
#include <math.h>

enum { MOST = 32 }; /* coefficients */
static const double miss = NAN;

static double noise(int64_t t) { return sin(0.3 * (double)(t * t)) + 0.5 * sin(1.7 * (double)t + 1); }

enum { LONG_N = 40 };
typedef struct bad_case {
    const char *name;
    double (*y)(int64_t t);
    int64_t n;
    hw3_arima_order order;
    const char *says; /* NULL: a fit that can be used; CSS may find none that is stationary */
} bad_case;

static double constant(int64_t t) { return 0.1 + 0 * (double)t; }
static double binary(int64_t t) { return t % 3 == 0; }
static double one_other(int64_t t) { return t == 17; }
static double missing(int64_t t) { return 0 * (double)t + miss; }
static double infinite(int64_t t) { return t == 33 ? -INFINITY : noise(t); }
static double line(int64_t t) { return (double)t; }
static double huge(int64_t t) { return 1e300 * noise(t); }
static double tiny(int64_t t) { return 1e-300 * noise(t); }
static double one_there(int64_t t) { return t == 17 ? 3 : miss; }
static double mostly_missing(int64_t t) { return t % 4 ? miss : noise(t); }

static const bad_case bad_cases[] = {
    { "constant", constant, LONG_N, { 1, 0, 1, 0, 0, 0, 1 }, "nothing varies" },
    { "constant", constant, LONG_N, { 0, 1, 1, 0, 0, 0, 1 }, "nothing varies" },
    { "line", line, LONG_N, { 0, 2, 1, 0, 0, 0, 1 }, "nothing varies" },
    { "two values", binary, LONG_N, { 1, 0, 1, 0, 0, 0, 1 }, NULL },
    { "one other value", one_other, LONG_N, { 2, 1, 2, 0, 0, 0, 1 }, NULL },
    { "one point", noise, 1, { 0, 0, 0, 0, 0, 0, 1 }, "1 values" },
    { "all missing", missing, LONG_N, { 1, 0, 0, 0, 0, 0, 1 }, "all 40 values are missing" },
    { "one there", one_there, LONG_N, { 0, 0, 0, 0, 0, 0, 1 }, "1 values" },
    { "too few", noise, 6, { 2, 1, 3, 0, 0, 0, 1 }, "6 values for 1 differences and 5 parameters, at least 8" },
    { "infinite", infinite, LONG_N, { 1, 0, 0, 0, 0, 0, 1 }, "y[33] is -inf" },
    { "long period", noise, LONG_N, { 0, 0, 0, 0, 1, 1, 52 }, "52 differences" },
    { "long period without differences", noise, LONG_N, { 0, 0, 0, 1, 0, 0, 52 }, NULL },
    { "mostly missing", mostly_missing, LONG_N, { 1, 0, 1, 0, 0, 0, 1 }, NULL },
    { "huge", huge, LONG_N, { 1, 0, 1, 0, 0, 0, 1 }, "no finite" },
    { "tiny", tiny, LONG_N, { 1, 0, 1, 0, 0, 0, 1 }, "nothing varies" },
};

/* A fit that was given has finite numbers, or standard errors that are flagged. */
static void check_usable(hw3_ctx *ctx, hw3_arima *fit, const char *name)
{
    hw3_arima_info i = HW3_ARIMA_INFO_INIT;
    double coef[MOST], se[MOST], mean[4], lower_end[4], upper[4];
    OK(hw3_arima_describe(fit, &i));
    OK(hw3_arima_coef(fit, coef, se, MOST));
    OK(hw3_arima_forecast(fit, 4, 0.9, mean, lower_end, upper));
    ck_assert_msg(isfinite(i.loglik) && isfinite(i.sigma2) && i.sigma2 > 0, "%s: loglik %g, sigma2 %g", name, i.loglik, i.sigma2);
    for (int64_t k = 0; k < i.n_coef; k++)
        ck_assert_msg(isfinite(coef[k]) && (isfinite(se[k]) || !i.cov_ok), "%s: %s is %g, %g", name, hw3_arima_coef_name(fit, k), coef[k],
                      se[k]);
    for (int h = 0; h < 4; h++)
        ck_assert_msg(lower_end[h] < mean[h] && mean[h] < upper[h], "%s: [%d] %g, %g, %g", name, h, lower_end[h], mean[h], upper[h]);
}

START_TEST(bad_series)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[LONG_N];
    for (int64_t k = 0; k < HW3I_LEN(bad_cases); k++)
        for (hw3_arima_method method = HW3_ARIMA_CSS_ML; method <= HW3_ARIMA_CSS; method++) {
            const bad_case *b = bad_cases + k;
            hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
            hw3_arima *fit;
            for (int64_t t = 0; t < b->n; t++) y[t] = b->y(t);
            o.order = b->order, o.method = method;
            hw3_status s = hw3_arima_fit(ctx, y, b->n, &o, &fit);
            bool good = s == HW3_ERR_VALUE ? b->says || method == HW3_ARIMA_CSS : s == HW3_OK && !b->says;
            ck_assert_msg(good, "%s, method %d: %d, %s", b->name, (int)method, (int)s, s ? hw3_ctx_error(ctx) : "");
            if (s) SAYS(b->says ? b->says : "arima: ");
            else check_usable(ctx, fit, b->name);
            hw3_arima_destroy(fit);
        }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Columns that are missing or dependent, starts from nowhere, and a search that may take one step. */
START_TEST(bad_options)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[LONG_N], x[LONG_N][2];
    const char *const names[2] = { "open", "high" };
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    for (int64_t t = 0; t < LONG_N; t++) y[t] = noise(t), x[t][0] = noise(t + 100), x[t][1] = 2 * x[t][0] - 3;
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 1, 0, 1, 0, 0, 0, 1 };
    o.xreg = x[0], o.n_xreg = 2, o.xreg_names = names;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_VALUE); /* high is 2 open - 3, and there is a mean */
    SAYS("(high) is a combination");
    x[7][0] = miss;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_VALUE);
    SAYS("regressor 1 (open) is nan at row 7");
    o.n_xreg = 0;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_ARG);
    SAYS("xreg is given, but n_xreg is 0");
    o.xreg = NULL, o.lam = 0;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_ARG);
    SAYS("lam is 0, but boxcox is 0");
    o.lam = 1;
    o.init = (double[]){ 0.2, 5, miss }; /* a start that is not invertible */
    OK(hw3_arima_fit(ctx, y, LONG_N, &o, &fit));
    check_usable(ctx, fit, "non-invertible start");
    hw3_arima_destroy(fit);
    o.init = (double[]){ 1.5, 0, miss };
    o.method = HW3_ARIMA_ML;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_VALUE);
    SAYS("with ar1 at 1.5");
    o.init = NULL;
    o.bias_adjust = 2;
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_ARG);
    SAYS("bias_adjust is 2, expected 0 or 1");
    o.bias_adjust = 0;
    o.max_iterations = 1;
    OK(hw3_arima_fit(ctx, y, LONG_N, &o, &fit));
    OK(hw3_arima_describe(fit, &info));
    ck_assert_int_eq(info.converged, 0);
    check_usable(ctx, fit, "one step");
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Differencing leaves nothing of a regressor that does not change. */
START_TEST(regressors_that_differencing_takes_away)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[LONG_N], x[LONG_N][2];
    hw3_arima *fit;
    for (int64_t t = 0; t < LONG_N; t++) y[t] = noise(t), x[t][0] = noise(t + 100), x[t][1] = 3;
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 1, 1, 0, 0, 0, 0, 1 };
    o.xreg = x[0], o.n_xreg = 2;
    for (o.method = HW3_ARIMA_CSS_ML; o.method <= HW3_ARIMA_CSS; o.method++) {
        FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_VALUE);
        SAYS("regressor 2 (xreg2) is a combination");
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

static void keep_line(void *user, const char *line) { snprintf(user, 200, "%s", line); }

/* R warns of it; here the log callback hears of it, once a call. */
START_TEST(a_drift_that_is_left_out)
{
    char line[200] = "";
    hw3_ctx_opts c = HW3_CTX_OPTS_INIT;
    hw3_ctx *ctx;
    hw3_arima *fit;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    double y[LONG_N];
    c.log = keep_line, c.log_user = line;
    ck_assert_int_eq(hw3_ctx_create(&c, &ctx), HW3_OK);
    for (int64_t t = 0; t < LONG_N; t++) y[t] = noise(t);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.drift = 1;
    for (o.order.d = 1; o.order.d <= 2; o.order.d++) {
        ck_assert_str_eq(line, "");
        OK(hw3_arima_fit(ctx, y, LONG_N, &o, &fit));
        OK(hw3_arima_describe(fit, &info));
        ck_assert_int_eq(info.drift, o.order.d == 1);
        hw3_arima_destroy(fit);
    }
    ck_assert_str_eq(line, "arima: d is 2 and D 0: the drift is left out");
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Of a held moving average with inverse roots far outside, the filter's variance is lost in rounding. */
START_TEST(variance_lost_in_rounding)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[LONG_N];
    hw3_arima *fit;
    for (int64_t t = 0; t < LONG_N; t++) y[t] = t % 2 ? 1 : -1;
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 1, 0, 2, 0, 0, 0, 1 };
    o.method = HW3_ARIMA_CSS;
    o.fixed = (double[]){ miss, -3, miss, -3 };
    FAILS(hw3_arima_fit(ctx, y, LONG_N, &o, &fit), HW3_ERR_VALUE);
    SAYS("far from invertible");
    hw3_ctx_destroy(ctx);
}
END_TEST

/* 1 - 2^-53 is the last level below 1: its quantile is 8.2 standard errors, not infinite. */
START_TEST(the_widest_interval)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[LONG_N], mean, lower_end, upper;
    hw3_arima *fit;
    for (int64_t t = 0; t < LONG_N; t++) y[t] = noise(t);
    OK(hw3_arima_fit(ctx, y, LONG_N, NULL, &fit));
    OK(hw3_arima_forecast(fit, 1, 1 - 0x1p-53, &mean, &lower_end, &upper));
    ck_assert_msg(isfinite(lower_end) && isfinite(upper) && lower_end < mean && mean < upper, "%g, %g, %g", lower_end, mean, upper);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("arima_bad", bad_series, bad_options, regressors_that_differencing_takes_away, variance_lost_in_rounding, the_widest_interval,
          a_drift_that_is_left_out)
