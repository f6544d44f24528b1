/* SPDX-License-Identifier: MIT */
/* Diagnostics against R (tests/vectors/gen_tests.R), worked edges, bad input, failing memory. */
#include "alloc.h"
#include "base/base.h"
#include "series_tests.h"
#include "support.h"

#define TIGHT 1e-11 /* sums of some hundred terms, in another order than R's, relative to 1 or the number itself */
static const double miss = NAN;

static void near_all(const double *got, const double *want, int64_t n, double tolerance, const char *what, int series)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs(got[i] - want[i]) <= tolerance * fmax(1, fabs(want[i])), "%s of %s: [%d] is %.17g, want %.17g", what,
                      all_series[series].name, (int)i, got[i], want[i]);
}

/* The series of a case, or its first difference; the caller's memory is the largest series'. */
static double case_y[8000];
static int64_t series_of(int series, int diff)
{
    const struct ts *s = all_series + series;
    for (int i = 0; i < s->n - diff; i++) case_y[i] = diff ? s->y[i + 1] - s->y[i] : s->y[i];
    return s->n - diff;
}

START_TEST(correlations_as_r)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_ACF_CASES; i++) {
        const struct acf_case *c = acf_cases + i;
        double got[25], band;
        int64_t n = series_of(c->series, 0);
        OK(hw3_acf(ctx, case_y, n, 25, got, &band));
        near_all(got, c->acf, 25, TIGHT, "acf", c->series);
        NEAR(band, 1.959963984540054 / sqrt((double)n), 1e-15);
        OK(hw3_pacf(ctx, case_y, n, 25, got, NULL));
        near_all(got, c->pacf, 25, TIGHT, "pacf", c->series);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* acf(c(1, 4, NA, 2, 8, 5, 7), na.action = na.pass) and pacf of R 4.2.2. */
START_TEST(correlations_with_holes)
{
    hw3_ctx *ctx = test_ctx(1);
    const double y[7] = { 1, 4, miss, 2, 8, 5, 7 }, far[5] = { 1, miss, miss, miss, 2 };
    const double want[3] = { -0.128, 0.28, 0.02 };
    const double partial[3] = { -0.128, 0.26800702713253954, 0.08821753557744938 };
    double got[3], band;
    OK(hw3_acf(ctx, y, 7, 3, got, &band));
    near_all(got, want, 3, 1e-15, "acf", 0);
    NEAR(band, 1.959963984540054 / sqrt(6), 1e-15);
    OK(hw3_pacf(ctx, y, 7, 3, got, NULL));
    near_all(got, partial, 3, 1e-14, "pacf", 0);
    FAILS(hw3_acf(ctx, far, 5, 3, got, &band), HW3_ERR_VALUE); /* no two are 1 apart */
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(portmanteaus_as_r)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    for (int i = 0; i < N_BOX_CASES; i++) {
        const struct box_case *c = box_cases + i;
        OK(hw3_ljung_box(ctx, case_y, series_of(c->series, c->diff), c->lag, c->fitdf, &r));
        near_all((double[]){ r.statistic, r.p_value, r.df }, (double[]){ c->stat, c->p, c->lag - c->fitdf }, 3, TIGHT, "Ljung-Box", c->series);
    }
    for (int i = 0; i < N_JB_CASES; i++) {
        const struct jb_case *c = jb_cases + i;
        OK(hw3_jarque_bera(ctx, case_y, series_of(c->series, c->diff), &r));
        near_all((double[]){ r.statistic, r.p_value, r.df }, (double[]){ c->stat, c->p, 2 }, 3, TIGHT, "Jarque-Bera", c->series);
    }
    const double y[7] = { 1, 4, miss, 2, 8, 5, 7 }; /* Box.test(y, 3, "Ljung-Box") */
    OK(hw3_ljung_box(ctx, y, 7, 3, 0, &r));
    near_all((double[]){ r.statistic, r.p_value }, (double[]){ 1.1044864, 0.77599116067582852 }, 2, 1e-14, "Ljung-Box", 0);
    hw3_ctx_destroy(ctx);
}
END_TEST


/* Every function on every bad series: a status with a message that begins with its name and outputs left alone, or finite
 * outputs. */
enum { N_OUT = 64 };
typedef struct outputs {
    int64_t n; /* numbers that a success has written */
    double x[N_OUT];
} outputs;

static void put(outputs *out, int64_t n, const double *x)
{
    for (int64_t i = 0; i < n; i++) out->x[out->n++] = x[i];
}

static hw3_status run_acf(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    double acf[3], band;
    hw3_status s = hw3_acf(ctx, y, n, 3, acf, &band);
    if (!s) put(out, 3, acf), put(out, 1, &band);
    return s;
}

static hw3_status run_pacf(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    double pacf[3], band;
    hw3_status s = hw3_pacf(ctx, y, n, 3, pacf, &band);
    if (!s) put(out, 3, pacf), put(out, 1, &band);
    return s;
}

static void put_test(outputs *out, const hw3_test_result *r)
{
    put(out, 3, (double[]){ r->statistic, r->p_value, r->df });
}

static hw3_status run_ljung_box(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_status s = hw3_ljung_box(ctx, y, n, 3, 1, &r);
    if (!s) put_test(out, &r);
    return s;
}

static hw3_status run_jarque_bera(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_status s = hw3_jarque_bera(ctx, y, n, &r);
    if (!s) put_test(out, &r);
    return s;
}

/* status of a series that is: constant, too short, all missing, with a hole, infinite. */
enum { CONSTANT, SHORT, MISSING, HOLE, INFINITE, N_BAD };
static const struct diagnostic {
    const char *name;
    hw3_status (*run)(hw3_ctx *ctx, const double *y, int64_t n, outputs *out);
    hw3_status want[N_BAD];
} diagnostics[] = {
    { "acf", run_acf, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "pacf", run_pacf, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "ljung_box", run_ljung_box, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "jarque_bera", run_jarque_bera, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
};

static hw3_status try_on(hw3_ctx *ctx, const struct diagnostic *d, const char *series, const double *y, int64_t n)
{
    outputs out = { 0, { 0 } };
    hw3_status s = d->run(ctx, y, n, &out);
    if (s) {
        ck_assert_msg(strncmp(hw3_ctx_error(ctx), d->name, strlen(d->name)) == 0, "%s of %s: %s", d->name, series, hw3_ctx_error(ctx));
    }
    for (int64_t i = 0; i < out.n; i++) ck_assert_msg(isfinite(out.x[i]), "%s of %s: [%d] is %g", d->name, series, (int)i, out.x[i]);
    ck_assert_msg((s == HW3_OK) == (out.n > 0), "%s of %s", d->name, series);
    return s;
}

START_TEST(bad_series)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[N_BAD][40];
    for (int64_t i = 0; i < 40; i++) {
        y[CONSTANT][i] = 0.1;
        y[MISSING][i] = miss;
        y[SHORT][i] = y[HOLE][i] = y[INFINITE][i] = sin(0.3 * (double)(i * i));
    }
    y[HOLE][7] = miss;
    y[INFINITE][33] = -INFINITY;
    for (int64_t k = 0; k < HW3I_LEN(diagnostics); k++)
        for (int bad = 0; bad < N_BAD; bad++) {
            static const char *const names[N_BAD] = { "constant", "short", "missing", "hole", "infinite" };
            hw3_status s = try_on(ctx, diagnostics + k, names[bad], y[bad], bad == SHORT ? 1 : 40);
            ck_assert_msg(s == diagnostics[k].want[bad], "%s of a %s series: %d", diagnostics[k].name, names[bad], (int)s);
            if (s && (bad == HOLE || bad == INFINITE)) SAYS(bad == HOLE ? "[7] is missing" : "[33] is minus infinite");
        }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Series that are odd but may have a number. */
START_TEST(odd_series)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[30];
    for (int64_t k = 0; k < HW3I_LEN(diagnostics); k++)
        for (int kind = 0; kind < 10; kind++)
            for (int64_t n = 0; n <= 30; n++) {
                for (int64_t i = 0; i < n; i++) {
                    double noise = sin(0.3 * (double)(i * i));
                    const double odd[10] = { noise * 1e300, noise * 1e-300, 1e15 + (double)(i % 2), i == 3, (double)i, i % 3 ? miss : noise,
                                             (double)(i % 4), (double)(i / 10), i < 15 ? miss : noise, i ? 5e-324 : 1.7e308 };
                    y[i] = odd[kind];
                }
                char name[32];
                snprintf(name, sizeof name, "series %d of %d", kind, (int)n);
                try_on(ctx, diagnostics + k, name, y, n);
            }
    hw3_ctx_destroy(ctx);
}
END_TEST

#define BAD_CALLS(X)                                                                                  \
    X(hw3_acf(bad_ctx, NULL, 4, 2, bad_out, NULL), ARG, "acf: y is NULL")                             \
    X(hw3_acf(bad_ctx, good, 4, 2, NULL, NULL), ARG, "acf: acf is NULL")                              \
    X(hw3_acf(bad_ctx, good, 4, 4, bad_out, NULL), ARG, "max_lag is 4, expected 1 to 3")              \
    X(hw3_acf(bad_ctx, good, 4, 0, bad_out, NULL), ARG, "max_lag is 0, expected 1 to 3")              \
    X(hw3_pacf(bad_ctx, good, 4, 2, NULL, NULL), ARG, "pacf: pacf is NULL")                           \
    X(hw3_pacf(bad_ctx, good, 4, INT64_MAX, bad_out, NULL), ARG, "expected 1 to 3")                   \
    X(hw3_ljung_box(bad_ctx, good, 4, 4, 0, &bad_result), ARG, "lag is 4, expected 1 to 3")           \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 2, &bad_result), ARG, "fitdf is 2, expected 0 to 1")         \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 0, NULL), ARG, "ljung_box: out is NULL")                     \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 0, &no_size), ABI, "struct_size is 0")                       \
    X(hw3_jarque_bera(bad_ctx, good, 4, NULL), ARG, "jarque_bera: out is NULL")                       \
    X(hw3_jarque_bera(bad_ctx, good, 4, &no_size), ABI, "struct_size is 0")

START_TEST(bad_calls)
{
    const double good[4] = { 1, 2, 4, 3 };
    double bad_out[4] = { 7, 7, 7, 7 };
    hw3_test_result bad_result = HW3_TEST_RESULT_INIT, no_size = { 0 };
    hw3_ctx *ctx = test_ctx(1), *bad_ctx;
    bad_result.statistic = 7;
#define CALL(call, status, message)                                                                 \
    bad_ctx = ctx;                                                                                  \
    FAILS(call, HW3_ERR_##status);                                                                  \
    SAYS(message);                                                                                  \
    bad_ctx = NULL;                                                                                 \
    FAILS(call, HW3_ERR_ARG);                                                                       \
    for (int i = 0; i < 4; i++) ck_assert(bad_out[i] == 7);                                         \
    ck_assert(bad_result.statistic == 7 && no_size.statistic == 0);
    BAD_CALLS(CALL)
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status all_once(hw3_ctx *ctx)
{
    hw3_status s = HW3_OK;
    int64_t n = series_of(TS_AirPassengers, 0);
    for (int64_t k = 0; k < HW3I_LEN(diagnostics) && !s; k++) s = diagnostics[k].run(ctx, case_y, n, &(outputs){ 0, { 0 } });
    return s;
}

START_TEST(failing_memory) { ck_assert_int_ge(test_sweep(all_once), 3); }
END_TEST

TEST_MAIN("diagnostics", correlations_as_r, correlations_with_holes, portmanteaus_as_r, bad_series, odd_series, bad_calls,
          failing_memory)
