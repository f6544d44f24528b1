/* SPDX-License-Identifier: MIT */
/* Series preparation against numpy (tests/vectors/gen_series.py), edges worked out by hand, and bad input. */
#include "base/base.h"
#include "series.h"
#include "support.h"

#define N HW3I_LEN
/* Both sides add the same numbers in another order: 60 terms at 2^-53 each. */
#define TIGHT 1e-14
static const double miss = NAN;

static void check_all(const double *a, const double *b, int64_t n, double tolerance)
{
    for (int64_t i = 0; i < n; i++) {
        if (isnan(b[i])) ck_assert_msg(isnan(a[i]), "[%d] = %.17g, want NaN", (int)i, a[i]);
        else NEAR(a[i], b[i], tolerance);
    }
}

START_TEST(fills_as_numpy)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct {
        hw3_fill fill;
        int64_t window;
        const double *want;
    } cases[] = { { HW3_FILL_FORWARD, 0, filled_forward },      { HW3_FILL_BACKWARD, -7, filled_backward },
                  { HW3_FILL_LINEAR, 0, filled_linear },        { HW3_FILL_MOVING_MEAN, 1, filled_mean_1 },
                  { HW3_FILL_MOVING_MEAN, 3, filled_mean_3 },   { HW3_FILL_MOVING_MEAN, 50, filled_mean_50 } };
    int64_t n_missing;
    OK(hw3_series_missing(ctx, holes, N(holes), &n_missing));
    for (int64_t k = 0; k < N(cases); k++) {
        double y[N(holes)];
        uint8_t mask[N(holes)];
        int64_t n_masked = 0;
        memcpy(y, holes, sizeof y);
        OK(hw3_series_fill(ctx, y, N(y), cases[k].fill, cases[k].window, mask));
        check_all(y, cases[k].want, N(y), TIGHT);
        for (int64_t i = 0; i < N(y); i++) {
            ck_assert_int_eq(mask[i], isnan(holes[i]));
            ck_assert(mask[i] || y[i] == holes[i]);
            n_masked += mask[i];
        }
        ck_assert_int_eq(n_masked, n_missing);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(fills_at_the_edges)
{
    hw3_ctx *ctx = test_ctx(1);
    const double y[8] = { miss, miss, 2, miss, miss, 8, miss, miss };
    const struct {
        hw3_fill fill;
        int64_t window;
        double want[8];
    } cases[] = { { HW3_FILL_FORWARD, 0, { 2, 2, 2, 2, 2, 8, 8, 8 } },
                  { HW3_FILL_BACKWARD, 0, { 2, 2, 2, 8, 8, 8, 8, 8 } },
                  { HW3_FILL_LINEAR, 0, { 2, 2, 2, 4, 6, 8, 8, 8 } },
                  { HW3_FILL_MOVING_MEAN, 2, { 2, 2, 2, 2, 2, 8, 5, 6.5 } },
                  { HW3_FILL_MOVING_MEAN, INT64_MAX, { 2, 2, 2, 2, 2, 8, 3, 3 } } };
    for (int64_t k = 0; k < N(cases); k++) {
        double z[8], one[3] = { miss, 7, miss }, alone[1] = { -0.5 };
        memcpy(z, y, sizeof z);
        OK(hw3_series_fill(ctx, z, 8, cases[k].fill, cases[k].window, NULL));
        check_all(z, cases[k].want, 8, 0);
        OK(hw3_series_fill(ctx, one, 3, cases[k].fill, cases[k].window, NULL));
        check_all(one, (double[]){ 7, 7, 7 }, 3, 0);
        OK(hw3_series_fill(ctx, alone, 1, cases[k].fill, cases[k].window, NULL));
        ck_assert(alone[0] == -0.5);
    }
    double far[5] = { -1.7e308, miss, miss, miss, 1.7e308 }, same[4] = { 0.1, 0.1, 0.1, miss };
    OK(hw3_series_fill(ctx, far, 5, HW3_FILL_LINEAR, 0, NULL));
    check_all(far, (double[]){ -1.7e308, -0.85e308, 0, 0.85e308, 1.7e308 }, 5, TIGHT);
    double far2[4] = { 1.7e308, 1.7e308, 1.7e308, miss };
    OK(hw3_series_fill(ctx, far2, 4, HW3_FILL_MOVING_MEAN, 3, NULL));
    ck_assert(far2[3] == 1.7e308);
    OK(hw3_series_fill(ctx, same, 4, HW3_FILL_MOVING_MEAN, 3, NULL)); /* 0.1 + 0.1 + 0.1 is not 0.3 */
    ck_assert(same[3] == 0.1);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(removes_exactly_and_evenly)
{
    hw3_ctx *ctx = test_ctx(1);
    int64_t counts[20] = { 0 }, gone, n_missing;
    const int n_seeds = 4000;
    for (int seed = 0; seed < n_seeds; seed++) {
        double y[20], again[20];
        for (int i = 0; i < 20; i++) y[i] = again[i] = i == 3 || i == 11 ? miss : i;
        OK(hw3_series_remove(ctx, y, 20, 0.3, (uint64_t)seed, &gone));
        ck_assert_int_eq(gone, 5); /* round(0.3 * 18) */
        OK(hw3_series_missing(ctx, y, 20, &n_missing));
        ck_assert_int_eq(n_missing, 7);
        for (int i = 0; i < 20; i++) ck_assert(isnan(y[i]) || y[i] == i);
        OK(hw3_series_remove(ctx, again, 20, 0.3, (uint64_t)seed, NULL));
        for (int i = 0; i < 20; i++) counts[i] += isnan(y[i]);
        for (int i = 0; i < 20; i++) ck_assert_int_eq(isnan(y[i]), isnan(again[i]));
    }
    /* binomial with p = 5 / 18: four standard errors */
    double p = 5.0 / 18, band = 4 * sqrt(n_seeds * p * (1 - p));
    for (int i = 0; i < 20; i++)
        if (i != 3 && i != 11) ck_assert_msg(fabs((double)counts[i] - n_seeds * p) < band, "[%d] %d", i, (int)counts[i]);
    double y[4] = { 1, 2, miss, 4 };
    OK(hw3_series_remove(ctx, y, 4, 0, 1, &gone));
    ck_assert(gone == 0 && y[0] == 1 && y[1] == 2 && y[3] == 4);
    OK(hw3_series_remove(ctx, y, 4, 0.5, 1, &gone));
    ck_assert_int_eq(gone, 2); /* 1.5, away from zero */
    OK(hw3_series_remove(ctx, y, 4, 1, 1, &gone));
    ck_assert(gone == 1 && isnan(y[0]) && isnan(y[1]) && isnan(y[3]));
    OK(hw3_series_remove(ctx, y, 4, 1, 1, &gone));
    ck_assert_int_eq(gone, 0);
    OK(hw3_series_remove(ctx, NULL, 0, 0.5, 1, &gone));
    OK(hw3_series_missing(ctx, NULL, 0, &n_missing));
    ck_assert_int_eq(gone + n_missing, 0);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(splits)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct {
        int64_t n;
        double train, val;
        hw3_split3 want;
    } cases[] = { { 10, 0.7, 0, { 7, 0, 3 } },      { 10, 0.6, 0.3, { 6, 3, 1 } },  { 11, 0.7, 0.1, { 7, 1, 3 } },
                  { 100, 0.29, 0, { 29, 0, 71 } },  { 10, 0.1, 0.9, { 1, 9, 0 } },  { 10, 0.7, 0.2 + 0.1, { 7, 3, 0 } },
                  { 0, 0.5, 0.2, { 0, 0, 0 } },     { 1, 0.7, 0.2, { 0, 0, 1 } },   { 7, 1, 0, { 7, 0, 0 } },
                  { 7, 0, 0, { 0, 0, 7 } },         { 3, 0, 1, { 0, 3, 0 } },       { 4030, 0.7, 0, { 2821, 0, 1209 } },
                  { INT64_MAX, 1, 0, { INT64_MAX, 0, 0 } } };
    for (int64_t k = 0; k < N(cases); k++) {
        hw3_split3 cut;
        OK(hw3_series_split(ctx, cases[k].n, cases[k].train, cases[k].val, &cut));
        ck_assert_msg(!memcmp(&cut, &cases[k].want, sizeof cut), "%d: %lld %lld %lld", (int)k, (long long)cut.n_train,
                      (long long)cut.n_val, (long long)cut.n_test);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(scalers_as_numpy)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_scaler s = HW3_SCALER_INIT;
    double z[N(series)];
    OK(hw3_scaler_fit(ctx, HW3_SCALE_MINMAX, series, N(z), &s));
    ck_assert(s.kind == HW3_SCALE_MINMAX && !s.reserved && s.shift == spread[0] && s.width == spread[1]);
    OK(hw3_scaler_apply(ctx, &s, series, N(z), z));
    check_all(z, minmax, N(z), TIGHT);
    OK(hw3_scaler_invert(ctx, &s, z, N(z), z));
    check_all(z, series, N(z), TIGHT);
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, series, N(z), &s));
    NEAR(s.shift, spread[2], TIGHT);
    NEAR(s.width, spread[3], TIGHT);
    memcpy(z, series, sizeof z);
    OK(hw3_scaler_apply(ctx, &s, z, N(z), z));
    check_all(z, standard, N(z), TIGHT);
    OK(hw3_scaler_fit(ctx, HW3_SCALE_NONE, series, N(z), &s));
    ck_assert(s.shift == 0 && s.width == 1);
    OK(hw3_scaler_apply(ctx, &s, holes, N(holes), z)); /* missing values stay missing */
    check_all(z, holes, N(z), 0);
    OK(hw3_scaler_apply(ctx, &s, NULL, 0, NULL));
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(scalers_at_the_edges)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_scaler s;
    const double constant[3] = { 0.1, 0.1, 0.1 }, huge[2] = { -1.7e308, 1.7e308 }, tiny[2] = { 1e-320, 3e-320 };
    const double level[4] = { 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4 };
    for (hw3_scale kind = HW3_SCALE_NONE; kind <= HW3_SCALE_STANDARD; kind++) {
        OK(hw3_scaler_fit(ctx, kind, constant, 3, &s));
        ck_assert(s.width == 1 && s.shift == (kind == HW3_SCALE_NONE ? 0 : 0.1));
    }
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, huge, 2, &s));
    ck_assert(s.shift == 0 && s.width == 1.7e308);
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, tiny, 2, &s));
    ck_assert(s.shift == 2e-320 && fabs(s.width - 1e-320) < 1e-323);
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, level, 4, &s)); /* sum y^2 - n mean^2 would have no correct digit */
    ck_assert(s.shift == 1e9 + 2.5);
    NEAR(s.width, sqrt(1.25), 1e-15);
    const double ulp = 0x1p-23, step[3] = { 1e9, 1e9, 1e9 + ulp }, cancel[4] = { 1, 1e17, -1e17, 1 };
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, step, 3, &s)); /* the mean is no double: its rounding must not reach the sd */
    NEAR(s.width / ulp, sqrt(2) / 3, 1e-15);
    OK(hw3_scaler_fit(ctx, HW3_SCALE_STANDARD, cancel, 4, &s)); /* a plain sum gives 1 */
    ck_assert(s.shift == 0.5);
    const hw3_scaler none = { HW3_SCALE_NONE, 0, 5, 2 };
    double z[3];
    OK(hw3_scaler_apply(ctx, &none, step, 3, z));
    OK(hw3_scaler_invert(ctx, &none, z, 3, z));
    ck_assert_mem_eq(z, step, sizeof z);
    hw3_scaler kept = s;
    FAILS(hw3_scaler_fit(ctx, HW3_SCALE_MINMAX, huge, 2, &s), HW3_ERR_VALUE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "from -1.7e+308 to 1.7e+308"));
    ck_assert_mem_eq(&s, &kept, sizeof s);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* What comes after the training part must not reach the scaler, nor what it makes of the training part. */
START_TEST(no_leak_from_the_test_part)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_split3 cut;
    double y[N(series)], before[N(series)], after[N(series)], x[N(series)], target[N(series)];
    OK(hw3_series_split(ctx, N(y), 0.7, 0, &cut));
    for (hw3_scale kind = HW3_SCALE_MINMAX; kind <= HW3_SCALE_STANDARD; kind++) {
        hw3_scaler a, b, all;
        memcpy(y, series, sizeof y);
        OK(hw3_scaler_fit(ctx, kind, y, cut.n_train, &a));
        OK(hw3_scaler_apply(ctx, &a, y, N(y), before));
        for (int64_t i = cut.n_train; i < N(y); i++) y[i] = 1e6 * (double)i;
        OK(hw3_scaler_fit(ctx, kind, y, cut.n_train, &b));
        OK(hw3_scaler_apply(ctx, &b, y, N(y), after));
        ck_assert_mem_eq(&a, &b, sizeof a);
        ck_assert_mem_eq(before, after, (size_t)cut.n_train * sizeof *y);
        OK(hw3_scaler_fit(ctx, kind, y, N(y), &all)); /* the change is one that a leak would show */
        ck_assert(memcmp(&a, &all, sizeof a));
    }
    /* Causal fills: a value filled in the training part does not depend on the test part. */
    for (hw3_fill fill = HW3_FILL_MOVING_MEAN; fill <= HW3_FILL_FORWARD; fill++) {
        memcpy(x, holes, sizeof x);
        memcpy(target, holes, sizeof target);
        for (int64_t i = cut.n_train; i < N(y); i++) target[i] = -1e6;
        OK(hw3_series_fill(ctx, x, N(x), fill, 5, NULL));
        OK(hw3_series_fill(ctx, target, N(target), fill, 5, NULL));
        ck_assert_mem_eq(x, target, (size_t)cut.n_train * sizeof *x);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

static void check_metrics(const hw3_metrics *m, const double want[9])
{
    ck_assert_int_eq(m->n, 20);
    ck_assert_int_eq(m->n_near_zero, (int64_t)want[0]);
    const double got[8] = { m->rmse, m->mae, m->mape, m->smape, m->mase, m->r2, m->me, m->mpe };
    check_all(got, want + 1, 8, TIGHT);
}

START_TEST(metrics_as_numpy)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_metrics m = HW3_METRICS_INIT;
    OK(hw3_series_metrics(ctx, series + 40, forecast, 20, series, 40, &m));
    check_metrics(&m, metrics_plain);
    OK(hw3_series_metrics(ctx, crossing, crossing_forecast, 20, series, 40, &m));
    check_metrics(&m, metrics_crossing);
    ck_assert_int_gt(m.n_near_zero, 0);
    ck_assert_uint_eq(m.struct_size, sizeof m);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(metrics_at_the_edges)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_metrics m = HW3_METRICS_INIT;
    const double zeros[3] = { 0 }, ones[3] = { 1, 1, 1 }, two[2] = { 3, 5 }, off[2] = { 4, 5 };
    OK(hw3_series_metrics(ctx, zeros, zeros, 3, zeros, 3, &m));
    ck_assert(m.n == 3 && m.n_near_zero == 3 && m.rmse == 0 && m.mae == 0 && isnan(m.mape) && m.smape == 0);
    ck_assert(m.me == 0 && isnan(m.mpe));
    ck_assert(isnan(m.mase) && isnan(m.r2));
    OK(hw3_series_metrics(ctx, zeros, ones, 3, ones, 3, &m));
    ck_assert(isnan(m.mase));
    OK(hw3_series_metrics(ctx, zeros, ones, 3, NULL, 99, &m));
    ck_assert(m.rmse == 1 && m.mae == 1 && m.smape == 200 && isnan(m.mase) && isnan(m.r2));
    OK(hw3_series_metrics(ctx, two, off, 2, two, 1, &m));
    ck_assert(isnan(m.mase) && m.mae == 0.5 && m.rmse == sqrt(0.5) && m.r2 == 0.5 && m.me == -0.5);
    OK(hw3_series_metrics(ctx, two, off, 2, two, 2, &m));
    ck_assert(m.mase == 0.25);
    const double huge[2] = { -1.7e308, 1.7e308 }, small[2] = { 1e-300, 3e-300 }, less[2] = { 2e-300, 3e-300 };
    OK(hw3_series_metrics(ctx, huge, huge, 2, huge, 2, &m));
    ck_assert(m.rmse == 0 && m.mape == 0 && m.mase == 0 && m.r2 == 1);
    OK(hw3_series_metrics(ctx, small, less, 2, small, 2, &m));
    NEAR(m.rmse * 1e300, sqrt(0.5), TIGHT);
    NEAR(m.r2, 0.5, TIGHT);
    NEAR(m.mase, 0.25, TIGHT);
    NEAR(m.mape, 50, TIGHT);
    OK(hw3_series_metrics(ctx, huge, zeros, 2, huge, 2, &m)); /* the step in huge is no double */
    ck_assert(m.mase == 0.5);
    m.rmse = -1;
    FAILS(hw3_series_metrics(ctx, two, (double[]){ 1, INFINITY }, 2, NULL, 0, &m), HW3_ERR_VALUE);
    const struct { const double actual[2], forecast[2], train[2]; const char *message; } endless[] = {
        { { -1.7e308, 1.7e308 }, { 1.7e308, -1.7e308 }, { 0, 1 }, "series_metrics: rmse is inf" },
        { { 1e-300, 1e-300 }, { 1e10, 1e10 }, { 0, 1 }, "series_metrics: mape is inf" },
        { { 1, 2 }, { 1e10, 1e10 }, { 0, 1e-300 }, "series_metrics: mase is inf" },
        { { 0, 1e-300 }, { 1e10, 0 }, { 0, 1 }, "series_metrics: r2 is -inf" },
    };
    for (int i = 0; i < 4; i++) {
        FAILS(hw3_series_metrics(ctx, endless[i].actual, endless[i].forecast, 2, endless[i].train, 2, &m), HW3_ERR_VALUE);
        SAYS(endless[i].message);
    }
    ck_assert(m.rmse == -1);
    m.struct_size = 0;
    FAILS(hw3_series_metrics(ctx, two, off, 2, NULL, 0, &m), HW3_ERR_ABI);
    m.struct_size = offsetof(hw3_metrics, me); /* a caller from before there were me and mpe */
    m.me = 7;
    OK(hw3_series_metrics(ctx, two, off, 2, NULL, 0, &m));
    ck_assert(m.mae == 0.5 && m.me == 7);
    struct { hw3_metrics v0; double newer; } n = { HW3_METRICS_INIT, 0 };
    n.v0.struct_size = sizeof n;
    OK(hw3_series_metrics(ctx, two, off, 2, NULL, 0, &n.v0));
    ck_assert(n.v0.struct_size == sizeof n && n.v0.mae == 0.5 && n.newer == 0);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Every call that must be refused, its status, and what its message says. */
static hw3_ctx *bad_ctx;
static double bad_y[4];
static int64_t bad_n;
static hw3_scaler bad_scaler;
static hw3_split3 bad_split;
static hw3_metrics bad_metrics;

#define BAD_CALLS(X)                                                                                                      \
    X(hw3_series_missing(bad_ctx, NULL, 4, &bad_n), ARG, "series_missing: y is NULL")                                     \
    X(hw3_series_missing(bad_ctx, good, -1, &bad_n), ARG, "series_missing: n is -1, at least 0")                          \
    X(hw3_series_missing(bad_ctx, good, 4, NULL), ARG, "n_missing is NULL")                                               \
    X(hw3_series_missing(bad_ctx, infinite, 4, &bad_n), VALUE, "y[2] is minus infinite")                                  \
    X(hw3_series_remove(bad_ctx, NULL, 4, 0.5, 1, &bad_n), ARG, "series_remove: y is NULL")                               \
    X(hw3_series_remove(bad_ctx, bad_y, 4, -0.1, 1, &bad_n), ARG, "share is -0.1")                                        \
    X(hw3_series_remove(bad_ctx, bad_y, 4, 1.1, 1, &bad_n), ARG, "share is 1.1")                                          \
    X(hw3_series_remove(bad_ctx, bad_y, 4, NAN, 1, &bad_n), ARG, "share is")                                              \
    X(hw3_series_remove(bad_ctx, infinite, 4, 0.5, 1, &bad_n), VALUE, "series_remove: y[2]")                              \
    X(hw3_series_fill(bad_ctx, NULL, 4, HW3_FILL_LINEAR, 0, NULL), ARG, "series_fill: y is NULL")                         \
    X(hw3_series_fill(bad_ctx, bad_y, 0, HW3_FILL_LINEAR, 0, NULL), ARG, "n is 0, at least 1")                            \
    X(hw3_series_fill(bad_ctx, bad_y, 4, 0, 0, NULL), ARG, "fill is 0")                                                   \
    X(hw3_series_fill(bad_ctx, bad_y, 4, 5, 0, NULL), ARG, "fill is 5")                                                   \
    X(hw3_series_fill(bad_ctx, bad_y, 4, HW3_FILL_MOVING_MEAN, 0, NULL), ARG, "window is 0, at least 1")                  \
    X(hw3_series_fill(bad_ctx, missing, 4, HW3_FILL_LINEAR, 0, NULL), VALUE, "all 4 values are missing")                  \
    X(hw3_series_fill(bad_ctx, infinite, 4, HW3_FILL_LINEAR, 0, NULL), VALUE, "series_fill: y[2]")                        \
    X(hw3_series_split(bad_ctx, 4, 0.7, 0.1, NULL), ARG, "out is NULL")                                                   \
    X(hw3_series_split(bad_ctx, -1, 0.7, 0.1, &bad_split), ARG, "n is -1")                                                \
    X(hw3_series_split(bad_ctx, 4, 0.7, 0.4, &bad_split), ARG, "train is 0.7 and val 0.4")                                \
    X(hw3_series_split(bad_ctx, 4, -0.1, 0.4, &bad_split), ARG, "train is -0.1")                                          \
    X(hw3_series_split(bad_ctx, 4, 0.1, NAN, &bad_split), ARG, "val")                                                     \
    X(hw3_scaler_fit(bad_ctx, 0, good, 4, &bad_scaler), ARG, "kind is 0")                                                 \
    X(hw3_scaler_fit(bad_ctx, 4, good, 4, &bad_scaler), ARG, "kind is 4")                                                 \
    X(hw3_scaler_fit(bad_ctx, HW3_SCALE_MINMAX, NULL, 4, &bad_scaler), ARG, "scaler_fit: y is NULL")                      \
    X(hw3_scaler_fit(bad_ctx, HW3_SCALE_MINMAX, good, 0, &bad_scaler), ARG, "n is 0")                                     \
    X(hw3_scaler_fit(bad_ctx, HW3_SCALE_MINMAX, good, 4, NULL), ARG, "out is NULL")                                       \
    X(hw3_scaler_fit(bad_ctx, HW3_SCALE_NONE, missing, 4, &bad_scaler), VALUE, "scaler_fit: y[0] is missing")             \
    X(hw3_scaler_fit(bad_ctx, HW3_SCALE_MINMAX, infinite, 4, &bad_scaler), VALUE, "y[2] is minus infinite")               \
    X(hw3_scaler_apply(bad_ctx, NULL, good, 4, bad_y), ARG, "scaler is NULL")                                             \
    X(hw3_scaler_apply(bad_ctx, &no_kind, good, 4, bad_y), ARG, "scaler_apply: the scaler's kind is 9")                   \
    X(hw3_scaler_apply(bad_ctx, &no_width, good, 4, bad_y), ARG, "shift is 1 and its width 0")                            \
    X(hw3_scaler_apply(bad_ctx, &no_width, NULL, 4, bad_y), ARG, "input is NULL")                                         \
    X(hw3_scaler_apply(bad_ctx, &no_width, good, 4, NULL), ARG, "output is NULL")                                         \
    X(hw3_scaler_invert(bad_ctx, &no_width, good, 4, bad_y), ARG, "scaler_invert: the scaler's shift is 1")               \
    X(hw3_scaler_invert(bad_ctx, &no_width, good, -4, bad_y), ARG, "n is -4")                                             \
    X(hw3_scaler_apply(bad_ctx, &narrow, good, 4, bad_y), VALUE, "value 0 is 1, and with shift 0 and width 5e-309")       \
    X(hw3_scaler_apply(bad_ctx, &wide, infinite, 4, bad_y), VALUE, "scaler_apply: value 2 is -inf")                       \
    X(hw3_scaler_invert(bad_ctx, &wide, good, 4, bad_y), VALUE, "scaler_invert: value 1 is 2, and with shift 0 and width 1e+308") \
    X(hw3_series_windows(bad_ctx, NULL, 4, 2, 1, NULL, NULL, &bad_n), ARG, "series_windows: y is NULL")                   \
    X(hw3_series_windows(bad_ctx, good, 0, 2, 1, NULL, NULL, &bad_n), ARG, "n is 0")                                      \
    X(hw3_series_windows(bad_ctx, good, 4, 0, 1, NULL, NULL, &bad_n), ARG, "window is 0")                                 \
    X(hw3_series_windows(bad_ctx, good, 4, 2, 0, NULL, NULL, &bad_n), ARG, "horizon is 0")                                \
    X(hw3_series_windows(bad_ctx, good, 4, 2, 1, NULL, NULL, NULL), ARG, "n_windows is NULL")                             \
    X(hw3_series_windows(bad_ctx, good, 4, 2, 1, bad_y, NULL, &bad_n), ARG, "target is NULL")                             \
    X(hw3_series_windows(bad_ctx, good, 4, 2, 1, NULL, bad_y, &bad_n), ARG, "x is NULL")                                  \
    X(hw3_series_windows(bad_ctx, good, 4, 3, 2, NULL, NULL, &bad_n), SHAPE, "window 3 and horizon 2 do not fit into 4")  \
    X(hw3_series_windows(bad_ctx, good, 4, INT64_MAX, INT64_MAX, NULL, NULL, &bad_n), SHAPE, "do not fit into 4")         \
    X(hw3_series_windows(bad_ctx, good, 4, 1, INT64_MAX, NULL, NULL, &bad_n), SHAPE, "do not fit into 4")                 \
    X(hw3_series_windows(bad_ctx, good, 4, 2, 1, bad_y, bad_y, &bad_n), TOO_SMALL, "room for 1 windows, 2 are needed")    \
    X(hw3_series_metrics(bad_ctx, NULL, good, 4, NULL, 0, &bad_metrics), ARG, "actual is NULL")                           \
    X(hw3_series_metrics(bad_ctx, good, NULL, 4, NULL, 0, &bad_metrics), ARG, "forecast is NULL")                         \
    X(hw3_series_metrics(bad_ctx, good, good, 0, NULL, 0, &bad_metrics), ARG, "n is 0")                                   \
    X(hw3_series_metrics(bad_ctx, good, good, 4, good, -1, &bad_metrics), ARG, "n_train is -1")                           \
    X(hw3_series_metrics(bad_ctx, good, good, 4, NULL, 0, NULL), ARG, "out is NULL")                                      \
    X(hw3_series_metrics(bad_ctx, missing, good, 4, NULL, 0, &bad_metrics), VALUE, "actual[0] is missing")                \
    X(hw3_series_metrics(bad_ctx, good, infinite, 4, NULL, 0, &bad_metrics), VALUE, "forecast[2] is minus infinite")      \
    X(hw3_series_metrics(bad_ctx, good, good, 4, missing, 4, &bad_metrics), VALUE, "train[0] is missing")                 \
    X(hw3_series_naive(bad_ctx, NULL, 4, 1, bad_y), ARG, "series_naive: y is NULL")                                       \
    X(hw3_series_naive(bad_ctx, good, 4, 1, NULL), ARG, "out is NULL")                                                    \
    X(hw3_series_naive(bad_ctx, good, 1, 1, bad_y), ARG, "n is 1, at least 2")                                            \
    X(hw3_series_naive(bad_ctx, good, 4, 0, bad_y), ARG, "start is 0, expected 1 to 3")                                   \
    X(hw3_series_naive(bad_ctx, good, 4, 4, bad_y), ARG, "start is 4, expected 1 to 3")                                   \
    X(hw3_series_drift(bad_ctx, good, 4, 1, bad_y), ARG, "series_drift: start is 1, expected 2 to 3")                     \
    X(hw3_series_drift(bad_ctx, good, 4, INT64_MIN, bad_y), ARG, "start is -9223372036854775808")                         \
    X(hw3_series_drift(bad_ctx, far, 4, 2, bad_y), VALUE, "y[0] is -1e+308 and y[1] is 1e+308, the forecast inf")         \
    X(hw3_series_drift(bad_ctx, infinite, 4, 2, bad_y), VALUE, "y[2] is -inf")

START_TEST(bad_calls)
{
    const double good[4] = { 1, 2, 3, 4 };
    double missing[4] = { miss, miss, miss, miss }, infinite[4] = { 1, 2, -INFINITY, 4 }, far[4] = { -1e308, 1e308, 0, 0 };
    const hw3_scaler no_kind = { 9, 0, 0, 1 }, no_width = { HW3_SCALE_MINMAX, 0, 1, 0 }, wide = { HW3_SCALE_MINMAX, 0, 0, 1e308 },
                     narrow = { HW3_SCALE_MINMAX, 0, 0, 5e-309 };
    const hw3_metrics fresh = HW3_METRICS_INIT;
    hw3_ctx *ctx = test_ctx(1);
#define CALL(call, status, message)                                                                     \
    bad_ctx = ctx;                                                                                      \
    bad_n = 1;                                                                                          \
    bad_scaler = no_kind;                                                                               \
    bad_split = (hw3_split3){ -7, -7, -7 };                                                             \
    bad_metrics = fresh;                                                                                \
    memcpy(bad_y, good, sizeof good);                                                                   \
    FAILS(call, HW3_ERR_##status);                                                                      \
    ck_assert_msg(strstr(hw3_ctx_error(ctx), message), "%s: %s", #call, hw3_ctx_error(ctx));            \
    ck_assert(bad_n == 1 && bad_split.n_train == -7 && !memcmp(bad_y, good, sizeof good));              \
    ck_assert(!memcmp(&bad_scaler, &no_kind, sizeof no_kind) && !memcmp(&bad_metrics, &fresh, sizeof fresh)); \
    ck_assert(isnan(missing[0]) && infinite[0] == 1 && isinf(infinite[2]));                             \
    bad_ctx = NULL;                                                                                     \
    FAILS(call, HW3_ERR_ARG);
    BAD_CALLS(CALL)
    hw3_ctx_destroy(ctx);
}
END_TEST

static long n_allocs, fail_at;
static void *test_alloc(void *user, size_t size, size_t align)
{
    (void)user;
    return n_allocs++ == fail_at ? NULL : aligned_alloc(align, (size + align - 1) / align * align);
}
static void test_free(void *user, void *ptr, size_t size) { (void)user, (void)size, free(ptr); }

START_TEST(every_allocation_may_fail)
{
    hw3_allocator mem = { test_alloc, test_free, NULL };
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = 1;
    o.allocator = &mem;
    hw3_ctx *ctx = NULL;
    fail_at = -1;
    OK(hw3_ctx_create(&o, &ctx));
    hw3_status s = HW3_ERR_NOMEM;
    for (long k = 0; s; k++) {
        double y[N(series)];
        int64_t gone = -1;
        memcpy(y, series, sizeof y);
        n_allocs = 0;
        fail_at = k;
        s = hw3_series_remove(ctx, y, N(y), 0.5, 1, &gone);
        ck_assert(s == HW3_OK || s == HW3_ERR_NOMEM);
        ck_assert(s == HW3_OK ? k > 0 && gone == N(y) / 2 : gone == -1 && !memcmp(y, series, sizeof y));
    }
    fail_at = -1;
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("series", fills_as_numpy, fills_at_the_edges, removes_exactly_and_evenly, splits, scalers_as_numpy,
          scalers_at_the_edges, no_leak_from_the_test_part, metrics_as_numpy, metrics_at_the_edges, bad_calls, every_allocation_may_fail)
