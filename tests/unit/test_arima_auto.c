/* SPDX-License-Identifier: MIT */
/* The order search against forecast 8.20 of R (tests/vectors/auto.h). */
#include "alloc.h"
#include "auto.h"
#include <stdbool.h>

#if defined __SANITIZE_ADDRESS__ /* the sanitizers make longer ones take minutes; without them all are run */
enum { MAX_VALUES = 200, MAX_TRIED = 60 };
#elif defined __SANITIZE_THREAD__ /* these cases are on one thread */
enum { MAX_VALUES = 120, MAX_TRIED = 20 };
#else
enum { MAX_VALUES = 1 << 20, MAX_TRIED = 1 << 20 };
#endif

/* ---- A case of R's as a call ---- */

typedef struct input {
    double y[10000], xreg[2000];
    int64_t n;
    hw3_arima_auto_opts o;
} input;
static input in;

static int32_t find(const char *name, const char *const *names, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!strcmp(name, names[i])) return i + 1;
    ck_abort_msg("no constant for %s", name);
    return 0;
}

static void read_values(const struct auto_case *c)
{
    const double *y = c->series < 0 ? c->y : all_series[c->series].y;
    in.n = c->series < 0 ? c->n : all_series[c->series].n;
    ck_assert_int_le(in.n, 10000);
    for (int64_t t = 0; t < in.n; t++) in.y[t] = y[t];
    for (int i = 0; c->holes && i < all_series[c->series].n_holes; i++) in.y[all_series[c->series].holes[i]] = NAN;
    for (int64_t t = 0; t < in.n + 10; t++)
        for (int k = 0; k < c->n_xreg; k++) in.xreg[t * c->n_xreg + k] = c->xreg[k * (in.n + 10) + t];
}

static void read_case(const struct auto_case *c)
{
    static const char *const ics[] = { "aicc", "aic", "bic" }, *const tests[] = { "kpss", "adf", "pp" };
    static const char *const seasons[] = { "seas", "ocsb", "ch" };
    hw3_arima_auto_opts *o = &in.o;
    read_values(c);
    *o = (hw3_arima_auto_opts)HW3_ARIMA_AUTO_OPTS_INIT;
    o->ic = find(c->ic, ics, 3);
    o->test = find(c->test, tests, 3);
    o->season_test = find(c->seasonal_test, seasons, 3);
    o->period = c->m;
    o->stepwise = c->stepwise;
    o->approximation = c->approximation == (in.n > 150 || c->m > 12) ? -1 : c->approximation;
    o->d = c->d, o->D = c->D;
    o->max_p = c->max_p, o->max_q = c->max_q, o->max_P = c->max_P, o->max_Q = c->max_Q, o->max_order = c->max_order;
    o->stationary = c->stationary, o->seasonal = c->seasonal;
    o->allow_mean = c->allowmean, o->allow_drift = c->allowdrift;
    o->boxcox = c->lambda_auto ? HW3_ARIMA_BOXCOX_GUERRERO : isnan(c->lambda) ? HW3_ARIMA_BOXCOX_NONE : HW3_ARIMA_BOXCOX_GIVEN;
    o->lam = isnan(c->lambda) ? 1 : c->lambda;
    o->bias_adjust = c->biasadj;
    o->xreg = c->n_xreg ? in.xreg : NULL;
    o->n_xreg = c->n_xreg;
}

static bool same_orders(const int *r, const hw3_arima_order *o)
{
    return r[0] == o->p && r[1] == o->d && r[2] == o->q && r[3] == o->P && r[4] == o->D && r[5] == o->Q;
}

static double criterion(const char *name, double aic, double aicc, double bic)
{
    return !strcmp(name, "aicc") ? aicc : !strcmp(name, "aic") ? aic : bic;
}

/* ---- Agreement ---- */

/* Where the order is another one than R's. Ours is the better one by its own criterion, or R's was not to be had. */
typedef enum { BETTER, NO_ROOM } why;
static const struct { const char *call; why why; } exceptions[] = {
    { "sunspots", BETTER },
    { "sunspots approximation=FALSE", BETTER },
    { "vans", BETTER }, /* most of R's sums of squares end where no moving average is invertible */
    { "gold", BETTER }, /* of R's residuals none is left after the first gap where there is a moving average */
    { "ozone", BETTER },
    { "ozone lambda=0", BETTER },
    { "presidents approximation=TRUE", BETTER },
    { "two", NO_ROOM }, /* R estimates a mean and sigma2 from two values, */
    { "three", NO_ROOM }, /* and three parameters from three */
};

static int exception(const char *call)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (!strcmp(call, exceptions[i].call)) return (int)exceptions[i].why;
    return -1;
}

/* One more decimal than a difference of 1e-4 in the log-likelihood, which is what R's optimiser leaves. */
static const double SLACK = 1e-3;

static void check_order(const struct auto_case *c, const hw3_arima_info *i)
{
    double r = criterion(c->ic, c->aic, c->aicc, c->bic), own = criterion(c->ic, i->aic, i->aicc, i->bic);
    bool same = same_orders(c->found, &i->order) && c->constant == (i->mean || i->drift);
    int why = exception(c->call);
    if (same) {
        ck_assert_msg(why < 0, "%s: the same as R, which is no exception", c->call);
        if (isfinite(r) && isfinite(own)) ck_assert_msg(own <= r + SLACK, "%s: %s is %.6f, R has %.6f", c->call, c->ic, own, r);
        return;
    }
    printf("%s: R has (%d,%d,%d)(%d,%d,%d)%s with %s %.4f, here (%d,%d,%d)(%d,%d,%d)%s with %.4f\n", c->call, c->found[0], c->found[1],
           c->found[2], c->found[3], c->found[4], c->found[5], c->constant ? "c" : "", c->ic, r, (int)i->order.p, (int)i->order.d,
           (int)i->order.q, (int)i->order.P, (int)i->order.D, (int)i->order.Q, i->mean || i->drift ? "c" : "", own);
    ck_assert_msg(why >= 0, "%s: another order than R's", c->call);
    if (why == BETTER) ck_assert_msg(own <= r, "%s: %s is %.6f, R has %.6f", c->call, c->ic, own, r);
}

static void compare(const struct auto_case *c, int h, const double *mean, const double *lower, const double *upper, double allowed)
{
    const double rows[][2] = { { mean[h], c->mean[h] }, { lower[h], c->lower80[h] }, { upper[h], c->upper80[h] },
                               { lower[10 + h], c->lower95[h] }, { upper[10 + h], c->upper95[h] } };
    for (int k = 0; k < 5; k++)
        ck_assert_msg(fabs(rows[k][0] - rows[k][1]) <= allowed || (isnan(rows[k][0]) && isnan(rows[k][1])),
                      "%s: step %d: %s is %.8g, R has %.8g, allowed %g", c->call, h + 1,
                      (const char *const[]){ "mean", "lower 80", "upper 80", "lower 95", "upper 95" }[k], rows[k][0], rows[k][1], allowed);
}

/* Mean forecasts within a hundredth of the half width of R's 95 % interval, and limits likewise: the parameters of two optimisers
 * agree to a small part of their standard errors. */
static void check_forecast(hw3_ctx *ctx, const struct auto_case *c, const hw3_arima *fit)
{
    const double levels[] = { 0.8, 0.95 };
    double mean[10], lower[20], upper[20];
    OK(hw3_arima_predict(fit, 10, c->n_xreg ? in.xreg + in.n * c->n_xreg : NULL, levels, 2, mean, NULL, lower, upper));
    for (int h = 0; h < 10; h++)
        compare(c, h, mean, lower, upper, 0.01 * (c->upper95[h] - c->lower95[h]) / 2 + 1e-2 * fabs(c->mean[h]) * (c->loglik == INFINITY));
}

/* The same at R's own parameters, to 1e-5 of the values or of the width, and sigma2. Here all are held, so sigma2 divides by more
 * values, and the levels are those at which the limits lie as far out. */
static void check_forecast_at_r(hw3_ctx *ctx, const struct auto_case *c)
{
    const int *r = c->found;
    double mean[10], lower[20], upper[20];
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info i = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit = NULL;
    o.order = (hw3_arima_order){ r[0], r[1], r[2], r[3], r[4], r[5], c->m };
    o.mean = c->constant && r[1] + r[4] == 0, o.drift = c->constant && r[1] + r[4] == 1;
    o.fixed = c->coef, o.xreg = in.o.xreg, o.n_xreg = c->n_xreg, o.unbiased = 1;
    o.boxcox = !isnan(c->lambda), o.lam = o.boxcox ? c->lambda : 1;
    OK(hw3_arima_fit(ctx, in.y, in.n, &o, &fit));
    OK(hw3_arima_describe(fit, &i));
    const double share = (double)(i.n_used - c->n_coef) / (double)i.n_used;
    const double levels[] = { erf(1.2815515655446004 / sqrt(2 * share)), erf(1.959963984540054 / sqrt(2 * share)) };
    ck_assert_msg(fabs(i.sigma2 / share - c->sigma2) <= 1e-5 * c->sigma2, "%s: sigma2 %.10g, R %.10g", c->call, i.sigma2 / share, c->sigma2);
    OK(hw3_arima_predict(fit, 10, c->n_xreg ? in.xreg + in.n * c->n_xreg : NULL, levels, 2, mean, NULL, lower, upper));
    for (int h = 0; h < 10; h++) {
        if (c->biasadj) mean[h] = c->mean[h]; /* not the median */
        compare(c, h, mean, lower, upper, 1e-5 * fmax(fabs(c->mean[h]), c->upper95[h] - c->lower95[h]));
    }
    hw3_arima_destroy(fit);
}

static void print_path(const struct auto_case *c, const hw3_arima *fit)
{
    for (int64_t i = 0; i < hw3_arima_n_candidates(fit) || i < c->n_tried; i++) {
        hw3_arima_trial t = HW3_ARIMA_TRIAL_INIT;
        bool ours = hw3_arima_candidate(fit, i, &t) == HW3_OK;
        const struct auto_tried *r = i < c->n_tried ? &c->tried[i] : NULL;
        printf("    %2d:", (int)i);
        if (r) printf(" R (%d,%d,%d)(%d,%d,%d)%s%s %d %.4f", r->order[0], r->order[1], r->order[2], r->order[3], r->order[4], r->order[5],
                      r->constant ? "c" : "", r->approximate ? "~" : "", r->reason, r->raw);
        if (ours) printf(" | here (%d,%d,%d)(%d,%d,%d)%s%s %d %.4f", (int)t.order.p, (int)t.order.d, (int)t.order.q, (int)t.order.P,
                         (int)t.order.D, (int)t.order.Q, t.mean || t.drift ? "c" : "", t.approximate ? "~" : "", (int)t.reason, t.ic);
        printf("\n");
    }
}

static bool too_long(const struct auto_case *c) { return in.n > MAX_VALUES || c->n_tried > MAX_TRIED; }

/* CALL=name runs one case and prints its path. */
START_TEST(agreement)
{
    hw3_ctx *ctx = test_ctx(1);
    const char *only = getenv("CALL");
    int n = 0, n_default = 0;
    for (size_t k = 0; k < sizeof auto_cases / sizeof *auto_cases; k++) {
        const struct auto_case *c = &auto_cases[k];
        hw3_arima *fit = NULL;
        hw3_arima_info i = HW3_ARIMA_INFO_INIT;
        read_case(c);
        if (only ? strcmp(only, c->call) != 0 : too_long(c)) continue;
        OK(hw3_arima_auto(ctx, in.y, in.n, &in.o, &fit));
        OK(hw3_arima_describe(fit, &i));
        if (only) print_path(c, fit);
        check_order(c, &i);
        if (exception(c->call) < 0) check_forecast(ctx, c, fit);
        n++;
        n_default += k < 20 && exception(c->call) < 0;
        hw3_arima_destroy(fit);
    }
    printf("%d cases, %d of the twenty with defaults as R\n", n, n_default);
    if (!only && MAX_VALUES > 100000) ck_assert_int_ge(n_default, 19);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(forecasts_at_r)
{
    hw3_ctx *ctx = test_ctx(1);
    int n = 0;
    for (size_t k = 0; k < sizeof auto_cases / sizeof *auto_cases; k++) {
        read_case(&auto_cases[k]);
        if (too_long(&auto_cases[k]) || auto_cases[k].loglik == INFINITY || exception(auto_cases[k].call) == NO_ROOM) continue;
        check_forecast_at_r(ctx, &auto_cases[k]);
        n++;
    }
    ck_assert_int_ge(n, 20);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A candidate that both could fit has R's criterion, or a better one where R stopped early, and R's reason: most of them. */
START_TEST(candidates)
{
    hw3_ctx *ctx = test_ctx(1);
    int n = 0, n_equal = 0;
    for (size_t k = 0; k < 20; k++) {
        const struct auto_case *c = &auto_cases[k];
        hw3_arima *fit = NULL;
        read_case(c);
        if (too_long(c)) continue;
        OK(hw3_arima_auto(ctx, in.y, in.n, &in.o, &fit));
        for (int64_t i = 0; i < hw3_arima_n_candidates(fit) && i < c->n_tried; i++) {
            hw3_arima_trial t = HW3_ARIMA_TRIAL_INIT;
            const struct auto_tried *r = &c->tried[i];
            OK(hw3_arima_candidate(fit, i, &t));
            ck_assert_int_eq(t.index, i);
            ck_assert_double_ge(t.seconds, 0);
            if (!same_orders(r->order, &t.order) || r->constant != (t.mean || t.drift)) break; /* another way from here on */
            ck_assert_int_eq(t.approximate, r->approximate);
            n++;
            n_equal += fabs(t.ic - r->raw) <= 1e-3 && (t.reason == HW3_ARIMA_NEAR_UNIT_ROOT) == (r->reason == 2);
        }
        hw3_arima_destroy(fit);
    }
    printf("%d of %d candidates as R\n", n_equal, n);
    ck_assert_int_ge(n, 100);
    ck_assert_int_ge(n_equal, n * 9 / 10);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Threads ---- */

static hw3_arima *search_on(int32_t n_threads, hw3_ctx **ctx_out)
{
    hw3_ctx *ctx = *ctx_out = test_ctx(n_threads);
    hw3_arima *fit = NULL;
    OK(hw3_arima_auto(ctx, in.y, in.n, &in.o, &fit));
    return fit;
}

static void same_searches(const hw3_arima *a, const hw3_arima *b)
{
    hw3_arima_info i = HW3_ARIMA_INFO_INIT, j = i;
    ck_assert_int_eq(hw3_arima_describe(a, &i), HW3_OK);
    ck_assert_int_eq(hw3_arima_describe(b, &j), HW3_OK);
    ck_assert_mem_eq(&i, &j, sizeof i);
    ck_assert_int_eq(hw3_arima_n_candidates(a), hw3_arima_n_candidates(b));
    for (int64_t k = 0; k < hw3_arima_n_candidates(a); k++) {
        hw3_arima_trial s = HW3_ARIMA_TRIAL_INIT, t = s;
        ck_assert_int_eq(hw3_arima_candidate(a, k, &s), HW3_OK);
        ck_assert_int_eq(hw3_arima_candidate(b, k, &t), HW3_OK);
        ck_assert_mem_eq(&s.order, &t.order, sizeof s.order);
        ck_assert_mem_eq(&s.ic, &t.ic, sizeof s.ic);
        ck_assert(s.reason == t.reason && s.mean == t.mean && s.drift == t.drift && s.approximate == t.approximate && s.n_free == t.n_free);
    }
}

START_TEST(threads)
{
    static const char *const calls[] = { "BJsales", "UKgas", "nhtemp", "WWWusage stepwise=FALSE", "lynx lambda=auto" };
    for (size_t k = 0; k < sizeof auto_cases / sizeof *auto_cases; k++) {
        bool chosen = false;
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) chosen |= !strcmp(calls[i], auto_cases[k].call);
        if (!chosen) continue;
        read_case(&auto_cases[k]);
        hw3_ctx *one, *more;
        hw3_arima *a = search_on(1, &one);
        for (int32_t n = 2; n <= 4; n += 2) {
            hw3_arima *b = search_on(n, &more);
            same_searches(a, b);
            hw3_arima_destroy(b);
            hw3_ctx_destroy(more);
        }
        hw3_arima_destroy(a);
        hw3_ctx_destroy(one);
    }
}
END_TEST

/* ---- Callback ---- */

typedef struct listener {
    int64_t n, stop_at;
    double least;
} listener;

static int32_t listen(void *user, const hw3_arima_trial *t)
{
    listener *l = user;
    ck_assert_int_eq(t->index, l->n);
    if (t->reason == HW3_ARIMA_ELIGIBLE) l->least = fmin(l->least, t->ic);
    return ++l->n == l->stop_at;
}

START_TEST(progress)
{
    for (int32_t n_threads = 1; n_threads <= 2; n_threads++) {
        hw3_ctx *ctx = test_ctx(n_threads);
        hw3_arima *fit = NULL;
        hw3_arima_info i = HW3_ARIMA_INFO_INIT;
        listener l = { 0, 0, INFINITY };
        read_case(&auto_cases[1]);
        in.o.progress = listen;
        in.o.progress_user = &l;
        OK(hw3_arima_auto(ctx, in.y, in.n, &in.o, &fit));
        OK(hw3_arima_describe(fit, &i));
        ck_assert_int_eq(l.n, hw3_arima_n_candidates(fit));
        NEAR(i.aicc, l.least, 1e-12);
        hw3_arima_destroy(fit);
        for (l.stop_at = 1; l.stop_at <= 7; l.stop_at += 3) {
            l.n = 0;
            FAILS(hw3_arima_auto(ctx, in.y, in.n, &in.o, &fit), HW3_ERR_CANCELLED);
            SAYS("cancelled");
            ck_assert_ptr_null(fit);
            ck_assert_int_eq(l.n, l.stop_at);
        }
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* ---- Bad and odd input ---- */

static void fails_with(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_auto_opts *o, hw3_status status, const char *text)
{
    hw3_arima *fit = NULL;
    FAILS(hw3_arima_auto(ctx, y, n, o, &fit), status);
    ck_assert_ptr_null(fit);
    SAYS(text);
}

START_TEST(bad_options)
{
    hw3_ctx *ctx = test_ctx(1);
    const double y[20] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4 };
    hw3_arima *fit = NULL;
#define BAD(field, value, text)                                        \
    do {                                                               \
        hw3_arima_auto_opts o = HW3_ARIMA_AUTO_OPTS_INIT;              \
        o.field = value;                                               \
        fails_with(ctx, y, 20, &o, HW3_ERR_ARG, text);                 \
    } while (0)
    BAD(ic, 0, "ic is 0");
    BAD(period, 0, "period is 0");
    BAD(period, 5001, "period is 5001");
    BAD(d, 4, "d is 4");
    BAD(D, -2, "D is -2");
    BAD(max_p, -1, "max_p is -1");
    BAD(max_Q, 101, "max_Q is 101");
    BAD(n_models, 4, "n_models is 4");
    BAD(method, 4, "method is 4");
    BAD(test, 0, "test is 0");
    BAD(trend, HW3_TREND_NONE, "trend is 1");
    BAD(season_test, 4, "season_test is 4");
    BAD(alpha, 0.2, "alpha is 0.2");
    BAD(boxcox, 4, "boxcox is 4");
    BAD(truncate, -1, "truncate is -1");
    BAD(n_xreg, 1, "xreg is NULL");
    BAD(xreg, y, "xreg is given, but n_xreg is 0");
    BAD(lam, 0, "lam is 0, but boxcox is 0");
    BAD(max_iterations, 0, "max_iterations is 0");
    BAD(stationary, 2, "stationary is 2");
    BAD(stepwise, -1, "stepwise is -1");
    BAD(unbiased, 5, "unbiased is 5");
#undef BAD
    FAILS(hw3_arima_auto(NULL, y, 20, NULL, &fit), HW3_ERR_ARG);
    fails_with(ctx, NULL, 20, NULL, HW3_ERR_ARG, "y is NULL");
    fails_with(ctx, y, 0, NULL, HW3_ERR_ARG, "n is 0");
    FAILS(hw3_arima_auto(ctx, y, 20, NULL, NULL), HW3_ERR_ARG);
    hw3_arima_trial t = HW3_ARIMA_TRIAL_INIT;
    OK(hw3_arima_auto(ctx, y, 20, NULL, &fit));
    FAILS(hw3_arima_candidate(fit, -1, &t), HW3_ERR_ARG);
    FAILS(hw3_arima_candidate(fit, hw3_arima_n_candidates(fit), &t), HW3_ERR_ARG);
    FAILS(hw3_arima_candidate(fit, 0, NULL), HW3_ERR_ARG);
    t.struct_size = 4;
    FAILS(hw3_arima_candidate(fit, 0, &t), HW3_ERR_ABI);
    ck_assert_int_eq(hw3_arima_n_candidates(NULL), 0);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Each gives a message, or a fit whose numbers are numbers. */
START_TEST(odd_series)
{
    static const struct { const char *name; double y[16]; int64_t n; hw3_status status; const char *text; } rows[] = {
        { "one", { 3 }, 1, HW3_OK, "" },
        { "two", { 3, 4 }, 2, HW3_OK, "" },
        { "missing", { NAN, NAN, NAN }, 3, HW3_ERR_VALUE, "all 3 values are missing" },
        { "infinite", { 1, 2, INFINITY }, 3, HW3_ERR_VALUE, "y[2] is infinite" },
        { "one of many", { NAN, NAN, 7, NAN }, 4, HW3_OK, "" },
        { "constant with holes", { 2, NAN, 2, 2, NAN, 2 }, 6, HW3_OK, "" },
        { "constant", { 2, 2, 2, 2, 2, 2 }, 6, HW3_OK, "" },
        { "line", { 1, 2, 3, 4, 5, 6, 7, 8 }, 8, HW3_OK, "" },
        { "square", { 1, 4, 9, 16, 25, 36, 49, 64, 81, 100 }, 10, HW3_OK, "" },
        { "every second", { 1, NAN, 4, NAN, 2, NAN, 5, NAN, 3, NAN, 7, NAN }, 12, HW3_OK, "" },
        { "huge", { 1e300, -1e300, 3e300, 2e300, 1e300, -2e300, 1e300, 4e299, 1e300, -1e299 }, 10, HW3_ERR_VALUE,
          "none of 14 candidates" }, /* squares overflow */
        { "tiny", { 1e-300, -1e-300, 3e-300, 2e-300, 1e-300, -2e-300, 1e-300, 4e-301, 1e-300 }, 9, HW3_OK, "" },
    };
    hw3_ctx *ctx = test_ctx(1);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        for (int64_t period = 1; period <= 12; period += 11) {
            hw3_arima_auto_opts o = HW3_ARIMA_AUTO_OPTS_INIT;
            hw3_arima *fit = NULL;
            hw3_arima_info i = HW3_ARIMA_INFO_INIT;
            double mean[3], lower[3], upper[3];
            o.period = period;
            hw3_status s = hw3_arima_auto(ctx, rows[k].y, rows[k].n, &o, &fit);
            if (rows[k].status) {
                ck_assert_msg(s == rows[k].status, "%s: %d", rows[k].name, (int)s);
                SAYS(rows[k].text);
                continue;
            }
            OK(s);
            OK(hw3_arima_describe(fit, &i));
            OK(hw3_arima_forecast(fit, 3, 0.95, mean, lower, upper));
            for (int h = 0; h < 3; h++)
                ck_assert_msg(isfinite(mean[h]) && lower[h] <= upper[h], "%s: %g in %g to %g", rows[k].name, mean[h], lower[h], upper[h]);
            hw3_arima_destroy(fit);
        }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_regressors)
{
    hw3_ctx *ctx = test_ctx(1);
    double y[30], x[60];
    const char *const names[] = { "price", "twice" };
    hw3_arima_auto_opts o = HW3_ARIMA_AUTO_OPTS_INIT;
    for (int t = 0; t < 30; t++) y[t] = sin(3.0 * t * t), x[2 * t] = cos(2.0 * t * t), x[2 * t + 1] = 2 * x[2 * t] + 1;
    o.xreg = x;
    o.n_xreg = 2;
    o.xreg_names = names;
    fails_with(ctx, y, 30, &o, HW3_ERR_VALUE, "regressor 2 (twice)");
    x[7] = NAN;
    fails_with(ctx, y, 30, &o, HW3_ERR_VALUE, "regressor 2 is nan at row 3");
    o.boxcox = HW3_ARIMA_BOXCOX_GIVEN;
    o.lam = 0;
    o.xreg = NULL, o.n_xreg = 0;
    fails_with(ctx, y, 30, &o, HW3_ERR_VALUE, "y[0] is 0");
    hw3_ctx_destroy(ctx);
}
END_TEST

/* With the last values alone the model is that of the last values. */
START_TEST(truncated)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *a = NULL, *b = NULL;
    hw3_arima_info i = HW3_ARIMA_INFO_INIT, j = i;
    read_case(&auto_cases[1]);
    in.o.approximation = 1;
    in.o.d = 1;
    in.o.truncate = 60;
    OK(hw3_arima_auto(ctx, in.y, in.n, &in.o, &a));
    in.o.truncate = 0;
    OK(hw3_arima_auto(ctx, in.y + in.n - 60, 60, &in.o, &b));
    OK(hw3_arima_describe(a, &i));
    OK(hw3_arima_describe(b, &j));
    ck_assert_int_eq(i.n, 60);
    ck_assert_mem_eq(&i, &j, sizeof i);
    hw3_arima_destroy(a);
    hw3_arima_destroy(b);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status scenario(hw3_ctx *ctx)
{
    hw3_arima *fit = NULL;
    hw3_status s = hw3_arima_auto(ctx, in.y, 40, &in.o, &fit);
    hw3_arima_destroy(fit);
    return s;
}

START_TEST(allocations)
{
    read_case(&auto_cases[1]);
    in.o.max_p = in.o.max_q = 1;
    ck_assert_int_ge(test_sweep(scenario), 10);
    in.o.stepwise = 0;
    in.o.approximation = 1;
    ck_assert_int_ge(test_sweep(scenario), 10);
}
END_TEST

TEST_MAIN("arima_auto", agreement, forecasts_at_r, candidates, threads, progress, bad_options, odd_series, bad_regressors, truncated, allocations)
