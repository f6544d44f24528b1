/* SPDX-License-Identifier: MIT */
/* Diagnostics against R (tests/vectors/gen_tests.R), worked edges, bad input, failing memory. */
#include "alloc.h"
#include "base/base.h"
#include "series/diagnostics.h"
#include "support.h"
#include "adf.h"
#include "series_tests.h"

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


static hw3_trend trend_of(const char *type)
{
    static const struct { const char *type; hw3_trend trend; } names[] = {
        { "n", HW3_TREND_NONE }, { "c", HW3_TREND_C }, { "ct", HW3_TREND_CT }, { "ctt", HW3_TREND_CTT }, { "mu", HW3_TREND_C },
        { "tau", HW3_TREND_CT }, { "constant", HW3_TREND_C }, { "trend", HW3_TREND_CT }, { "none", HW3_TREND_NONE }, { "drift", HW3_TREND_C } };
    for (int64_t i = 0; i < HW3I_LEN(names); i++)
        if (strcmp(type, names[i].type) == 0) return names[i].trend;
    ck_abort_msg("%s", type);
    return 0;
}

/* A squared trend over thousands of values leaves statsmodels' pseudo-inverse half its digits: see the exact numbers below. */
START_TEST(adf_as_statsmodels)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_ADF_CASES; i++) {
        const struct adf_case *c = adf_cases + i;
        hw3_unit_root r = HW3_UNIT_ROOT_INIT;
        hw3_unit_root_opts o = HW3_UNIT_ROOT_OPTS_INIT;
        int64_t n = series_of(c->series, c->diff);
        o.trend = trend_of(c->regression);
        switch (c->autolag[0]) { /* AIC, BIC, t-stat, none */
        case 'A': o.lags = HW3_LAGS_AIC; break;
        case 'B': o.lags = HW3_LAGS_BIC; break;
        case 't': o.lags = HW3_LAGS_TSTAT; break;
        default: o.lags = HW3_LAGS_FIXED;
        }
        o.max_lag = c->maxlag;
        OK(hw3_adf(ctx, case_y, n, &o, &r));
        ck_assert_msg(r.n_lags == c->lags && r.n_obs == c->nobs, "adf of %s: %d lags, want %d", all_series[c->series].name, (int)r.n_lags, c->lags);
        near_all((double[]){ r.statistic, r.p_value, r.critical_1, r.critical_5, r.critical_10 },
                 (double[]){ c->stat, c->p, c->critical[0], c->critical[1], c->critical[2] }, 5,
                 o.trend == HW3_TREND_CTT ? 2e-8 : 1e-10, "adf", c->series);
        if (isnan(c->ic)) ck_assert(isnan(r.ic));
        else near_all(&r.ic, &c->ic, 1, TIGHT, "adf's ic", c->series);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The statistic of treering with a squared trend, whose values are whole thousandths: in rational arithmetic. */
START_TEST(adf_in_exact_arithmetic)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct { int64_t lag; double want; } exact[] = { { 9, -22.89380364598042 }, { 7, -25.526680619538006 },
                                                           { 3, -37.641144044562004 }, { 6, -28.07195778463153 },
                                                           { 34, -14.223783611878586 } };
    int64_t n = series_of(TS_treering, 0);
    for (int64_t i = 0; i < HW3I_LEN(exact); i++) {
        hw3_unit_root r = HW3_UNIT_ROOT_INIT;
        hw3_unit_root_opts o = HW3_UNIT_ROOT_OPTS_INIT;
        o.trend = HW3_TREND_CTT;
        o.lags = HW3_LAGS_FIXED;
        o.max_lag = exact[i].lag;
        OK(hw3_adf(ctx, case_y, n, &o, &r));
        NEAR(r.statistic, exact[i].want, 1e-13);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* urca: KPSS, PP by the public functions, the Dickey-Fuller test of ndiffs from inside. */
START_TEST(unit_roots_as_urca)
{
    hw3_ctx *ctx = test_ctx(1);
    double *work = malloc((size_t)hw3i_adf_work(8000, HW3_TREND_CT, 4) * sizeof *work);
    for (int i = 0; i < N_UNIT_CASES; i++) {
        const struct unit_case *c = unit_cases + i;
        if (strstr(c->lags, "IC")) continue; /* there ur.df keeps the sample of 6 lags, which nothing here asks for */
        hw3_unit_root r = HW3_UNIT_ROOT_INIT;
        hw3_unit_root_opts o = HW3_UNIT_ROOT_OPTS_INIT;
        int64_t n = series_of(c->series, c->diff);
        o.trend = trend_of(c->type);
        o.lags = strcmp(c->lags, "short") == 0 ? HW3_LAGS_SHORT : strcmp(c->lags, "long") == 0 ? HW3_LAGS_LONG : HW3_LAGS_FIXED;
        if (o.lags == HW3_LAGS_FIXED) o.max_lag = c->used;
        if (c->test[0] == 'k') OK(hw3_kpss(ctx, case_y, n, &o, &r));
        else if (c->test[0] == 'p') OK(hw3_pp(ctx, case_y, n, &o, &r));
        else OK(hw3i_df(case_y, n, o.trend, c->used, work, &r));
        ck_assert_int_eq(r.n_lags, c->used);
        bool alpha = strcmp(c->test, "pp Z-alpha") == 0;
        near_all(alpha ? &r.z_alpha : &r.statistic, c->stat, 1, 1e-10, c->test, c->series);
        if (alpha) continue;
        const double kpss[4] = { r.critical_10, r.critical_5, r.critical_2_5, r.critical_1 };
        const double others[3] = { r.critical_1, r.critical_5, r.critical_10 };
        near_all(c->test[0] == 'k' ? kpss : others, c->critical, c->test[0] == 'k' ? 4 : 3, 1e-14, "critical values", c->series);
        near_all(&r.p_value, &c->p, 1, 1e-10, c->test, c->series);
    }
    free(work);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(differences_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_NDIFFS_CASES; i++)
        for (hw3_unit_test test = HW3_UNIT_KPSS; test <= HW3_UNIT_PP; test++)
            for (hw3_trend trend = HW3_TREND_C; trend <= HW3_TREND_CT; trend++) {
                const struct ndiffs_case *c = ndiffs_cases + i;
                hw3_diffs_opts o = HW3_DIFFS_OPTS_INIT;
                int64_t d, n = series_of(c->series, 0);
                o.test = test;
                o.trend = trend;
                OK(hw3_ndiffs(ctx, case_y, n, &o, &d));
                ck_assert_msg(d == (trend == HW3_TREND_C ? c->level : c->trend)[test - 1], "ndiffs of %s, test %d, trend %d: %d",
                              all_series[c->series].name, (int)test, (int)trend, (int)d);
            }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* p of Canova-Hansen: R fits a curve to 13 points of the surface, here a line joins those at 1, 2.5, 5, 10 %: the same to
 * 0.005 between them. */
START_TEST(seasonal_differences_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    double *work = malloc((size_t)hw3i_canova_hansen_work(400, 52) * sizeof *work);
    for (int i = 0; i < N_NSDIFFS_CASES; i++) {
        const struct nsdiffs_case *c = nsdiffs_cases + i;
        hw3i_seasonal_root r;
        int64_t d, n = series_of(c->series, 0), m = all_series[c->series].m;
        double strength;
        for (int64_t t = 0; t < n && c->log; t++) case_y[t] = log(case_y[t]);
        for (hw3_season_test test = HW3_SEASON_STRENGTH; test <= HW3_SEASON_CH; test++) {
            hw3_diffs_opts o = HW3_DIFFS_OPTS_INIT;
            o.season_test = test;
            OK(hw3_nsdiffs(ctx, case_y, n, m, &o, &d));
            ck_assert_msg(d == c->D[test - 1], "nsdiffs of %s, test %d: %d", all_series[c->series].name, (int)test, (int)d);
        }
        OK(hw3_seasonal_strength(ctx, case_y, n, m, &strength));
        near_all(&strength, &c->strength, 1, TIGHT, "strength", c->series);
        OK(hw3i_ocsb(case_y, n, m, work, &r));
        ck_assert_int_eq(r.n_lags, c->ocsb_lags);
        near_all((double[]){ r.statistic, r.critical }, (double[]){ c->ocsb, c->ocsb_critical }, 2, 1e-10, "OCSB", c->series);
        OK(hw3i_canova_hansen(case_y, n, m, work, &r));
        ck_assert_int_eq(r.n_lags, c->ch_lags);
        near_all(&r.statistic, &c->ch, 1, 1e-10, "Canova-Hansen", c->series);
        NEAR(r.p_value, fmin(0.1, fmax(0.01, c->ch_p)), 0.005);
    }
    /* So few that three lags leave no degree of freedom, and their AIC is minus infinity: ocsb.test of R takes two then. */
    const double brief[16] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3 };
    hw3i_seasonal_root few;
    OK(hw3i_ocsb(brief, 16, 7, work, &few));
    ck_assert_int_eq(few.n_lags, 2);
    NEAR(few.statistic, 1.4035749710964658, 1e-12);
    free(work);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(holes_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    static double filled[8000];
    for (int i = 0; i < N_HOLES_CASES; i++) {
        const struct holes_case *c = holes_cases + i;
        const struct ts *ts = all_series + c->series;
        int64_t d, n = series_of(c->series, 0);
        double value;
        for (int j = 0; j < ts->n_holes; j++) case_y[ts->holes[j]] = NAN;
        OK(hw3_ndiffs(ctx, case_y, n, NULL, &d));
        ck_assert_msg(d == c->d, "ndiffs of %s with holes: %d", ts->name, (int)d);
        OK(hw3_boxcox_lambda(ctx, case_y, n, ts->m, NULL, &value));
        near_all(&value, &c->guerrero, 1, 1e-7, "guerrero", c->series);
        if (ts->m == 1) continue;
        OK(hw3_nsdiffs(ctx, case_y, n, ts->m, NULL, &d));
        ck_assert_msg(d == c->D, "nsdiffs of %s with holes: %d", ts->name, (int)d);
        OK(hw3_seasonal_strength(ctx, case_y, n, ts->m, &value));
        near_all(&value, &c->strength, 1, 1e-10, "strength", c->series);
        double *work = malloc((size_t)hw3i_interpolate_work(n, ts->m) * sizeof *work);
        hw3i_interpolate(case_y, n, ts->m, filled, work);
        for (int j = 0; j < ts->n_holes; j++) near_all(filled + ts->holes[j], c->interpolated + j, 1, 1e-10, "interpolated", c->series);
        free(work);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(stl_as_r)
{
    hw3_ctx *ctx = test_ctx(1);
    double seasonal[400], trend[400], rest[400], weights[400];
    for (int i = 0; i < N_STL_CASES; i++) {
        const struct stl_case *c = stl_cases + i;
        hw3_stl_opts o = HW3_STL_OPTS_INIT;
        int64_t n = series_of(c->series, 0), m = all_series[c->series].m;
        double size = 0;
        o.robust = c->outer > 0;
        o.s_window = c->s_window < 0 ? 0 : c->s_window;
        o.s_degree = c->s_degree;
        o.t_degree = c->t_degree;
        if (c->t_degree == 0) o.t_window = c->t_window; /* the case that sets it */
        if (c->s_jump == 1 && c->outer == 0) o.s_jump = o.t_jump = o.l_jump = 1;
        hw3_stl_opts used = o;
        hw3i_stl_defaults(&used, n, m);
        ck_assert(used.t_window == c->t_window && used.l_window == c->l_window && used.l_degree == c->l_degree && used.inner == c->inner);
        ck_assert(used.outer == c->outer && used.s_jump == c->s_jump && used.t_jump == c->t_jump && used.l_jump == c->l_jump);
        OK(hw3_stl(ctx, case_y, n, m, &o, seasonal, trend, rest, weights));
        for (int64_t t = 0; t < n; t++) size = fmax(size, fabs(case_y[t])); /* rounding is that of the largest value */
        for (int64_t t = 0; t < n; t++) {
            NEAR(seasonal[t] / size, c->seasonal[t] / size, TIGHT);
            NEAR(trend[t] / size, c->trend[t] / size, TIGHT);
            NEAR(rest[t], case_y[t] - seasonal[t] - trend[t], 1e-15 * size);
            NEAR(weights[t], c->weights ? c->weights[t] : 1, 1e-9); /* divided by residuals, which are smaller than the values */
        }
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Guerrero's curve is flat at its least: a rounding of 1e-16 in its height moves the least by 1e-8, and where the last steps
 * of the search turn on such a rounding it ends up to its own tolerance of 2^-13 away. */
START_TEST(lambda_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_LAMBDA_CASES; i++) {
        const struct lambda_case *c = lambda_cases + i;
        hw3_lambda_opts o = HW3_LAMBDA_OPTS_INIT;
        int64_t n = series_of(c->series, 0), m = all_series[c->series].m;
        double lam;
        OK(hw3_boxcox_lambda(ctx, case_y, n, m, NULL, &lam));
        near_all(&lam, &c->guerrero, 1, 1e-7, "guerrero", c->series);
        o.lower = -0.9;
        OK(hw3_boxcox_lambda(ctx, case_y, n, m, &o, &lam));
        near_all(&lam, &c->guerrero_auto, 1, 1e-7, "guerrero from -0.9", c->series);
        o.lower = -1;
        o.method = HW3_LAMBDA_LOGLIK;
        if (isnan(c->loglik)) FAILS(hw3_boxcox_lambda(ctx, case_y, n, m, &o, &lam), HW3_ERR_VALUE);
        else {
            OK(hw3_boxcox_lambda(ctx, case_y, n, m, &o, &lam));
            near_all(&lam, &c->loglik, 1, 1e-15, "loglik", c->series);
        }
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(boxcox_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_BOXCOX_CASES; i++) {
        const struct boxcox_case *c = boxcox_cases + i;
        double z[5], y[5], variance[5];
        for (int j = 0; j < 5; j++) variance[j] = c->variance;
        OK(hw3_boxcox(ctx, c->x, 5, c->lambda, z));
        near_all(z, c->z, 5, 1e-15, "Box-Cox", 0);
        OK(hw3_boxcox_invert(ctx, z, 5, c->lambda, NULL, y));
        near_all(y, c->x, 5, 1e-13, "inverse", 0); /* 1 / lam and the distance to -1 / lam take digits */
        OK(hw3_boxcox_invert(ctx, c->z, 5, c->lambda, variance, z));
        near_all(z, c->back_adjusted, 5, 1e-13, "mean", 0);
    }
    for (double lam = -2; lam <= 2; lam += 0.25)
        for (double step = 0; step < 1e-3; step = step ? step * 1e3 : 1e-300) /* there and back near every lam */
            for (double y = 1e-3; y < 1e4; y *= 1.7) {
                double z, back;
                OK(hw3_boxcox(ctx, &y, 1, lam + step, &z));
                OK(hw3_boxcox_invert(ctx, &z, 1, lam + step, NULL, &back));
                NEAR(log(back), log(y), 1e-15 * pow(fmax(y, 1 / y), fabs(lam) + 0.01) + 1e-14);
            }
    double huge_period;
    OK(hw3_boxcox_lambda(ctx, (double[]){ 1, 2, 3 }, 3, INT64_MAX, NULL, &huge_period));
    ck_assert_double_eq(huge_period, 1);
    double with_hole[3] = { 1, NAN, -4 }, z[3];
    OK(hw3_boxcox(ctx, with_hole, 3, 0.5, z));
    ck_assert(z[0] == 0 && isnan(z[1]) && z[2] == -6);
    const double u = 0.7, lam = 0.1, both[2] = { (u - 1) / lam, (-u - 1) / lam }, one[2] = { 1, 1 };
    double mirror[2], zero;
    OK(hw3_boxcox_invert(ctx, both, 2, lam, one, mirror)); /* the transformation is odd in lam z + 1, and so is the mean */
    ck_assert_double_eq_tol(mirror[1], -mirror[0], 1e-12 * mirror[0]);
    OK(hw3_boxcox_invert(ctx, &(double){ -1 / lam }, 1, lam, one, &zero));
    ck_assert_double_eq(zero, 0);
    OK(hw3_boxcox_invert(ctx, z, 3, 0.5, NULL, z));
    ck_assert(z[0] == 1 && isnan(z[1]) && z[2] == -4);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(diebold_mariano_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    static double e1[8000], e2[8000];
    for (int i = 0; i < N_DM_CASES; i++) {
        const struct dm_case *c = dm_cases + i;
        int64_t n = series_of(c->series, 0);
        for (int64_t t = 2; t < n; t++) {
            e1[t - 2] = case_y[t] - case_y[t - 1];
            e2[t - 2] = case_y[t] - (case_y[t - 1] + case_y[t - 2]) / 2;
        }
        for (hw3_better better = HW3_BETTER_EITHER; better <= HW3_BETTER_SECOND; better++) {
            hw3_test_result r = HW3_TEST_RESULT_INIT;
            hw3_dm_opts o = HW3_DM_OPTS_INIT;
            o.better = better;
            o.horizon = c->h;
            o.power = c->power;
            o.bartlett = c->bartlett;
            OK(hw3_diebold_mariano(ctx, e1, e2, n - 2, &o, &r));
            near_all((double[]){ r.statistic, r.p_value, r.df }, (double[]){ c->stat, c->p[better - 1], (double)(n - 3) }, 3, 1e-10,
                     "Diebold-Mariano", c->series);
            ck_assert_int_eq(r.fell_back, c->used_h != c->h);
        }
    }
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

static hw3_status run_unit_root(hw3_ctx *ctx, const double *y, int64_t n, outputs *out,
                                hw3_status (*test)(hw3_ctx *, const double *, int64_t, const hw3_unit_root_opts *, hw3_unit_root *),
                                hw3_trend first, hw3_trend last, hw3_lags lags)
{
    hw3_status s = HW3_OK;
    for (hw3_trend trend = first; trend <= last && !s; trend++) {
        hw3_unit_root r = HW3_UNIT_ROOT_INIT;
        hw3_unit_root_opts o = HW3_UNIT_ROOT_OPTS_INIT;
        o.trend = trend;
        o.lags = lags;
        s = test(ctx, y, n, &o, &r);
        if (!s) put(out, 5, (double[]){ r.statistic, r.p_value, r.critical_1, r.critical_5, r.critical_10 });
        if (!s && test == hw3_pp) put(out, 1, &r.z_alpha);
        if (!s && test == hw3_kpss) put(out, 1, &r.critical_2_5);
        if (!s && lags == HW3_LAGS_BIC) put(out, 1, &r.ic);
    }
    return s;
}

static hw3_status run_adf(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_status s = run_unit_root(ctx, y, n, out, hw3_adf, HW3_TREND_NONE, HW3_TREND_CTT, HW3_LAGS_BIC);
    return s ? s : run_unit_root(ctx, y, n, out, hw3_adf, HW3_TREND_C, HW3_TREND_C, HW3_LAGS_TSTAT);
}

static hw3_status run_kpss(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    return run_unit_root(ctx, y, n, out, hw3_kpss, HW3_TREND_C, HW3_TREND_CT, HW3_LAGS_AUTO);
}

static hw3_status run_pp(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    return run_unit_root(ctx, y, n, out, hw3_pp, HW3_TREND_C, HW3_TREND_CT, HW3_LAGS_AUTO);
}

static hw3_status run_ndiffs(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_status s = HW3_OK;
    hw3_diffs_opts o = HW3_DIFFS_OPTS_INIT;
    for (o.test = HW3_UNIT_KPSS; o.test <= HW3_UNIT_PP && !s; o.test++) {
        int64_t d = -1;
        s = hw3_ndiffs(ctx, y, n, &o, &d);
        ck_assert(d == -1 ? s != HW3_OK : d >= 0 && d <= 2);
        if (!s) put(out, 1, (double[]){ (double)d });
    }
    return s;
}

static hw3_status run_nsdiffs(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_status s = HW3_OK;
    hw3_diffs_opts o = HW3_DIFFS_OPTS_INIT;
    o.max_season_d = 2;
    for (o.season_test = HW3_SEASON_STRENGTH; o.season_test <= HW3_SEASON_CH && !s; o.season_test++) {
        int64_t d = -1;
        s = hw3_nsdiffs(ctx, y, n, 4, &o, &d);
        ck_assert(d == -1 ? s != HW3_OK : d >= 0 && d <= 2);
        if (!s) put(out, 1, (double[]){ (double)d });
    }
    return s;
}

static hw3_status run_strength(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    double strength;
    hw3_status s = hw3_seasonal_strength(ctx, y, n, 4, &strength);
    if (!s) put(out, 1, &strength);
    return s;
}

static hw3_status run_stl(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    static double x[4][200];
    hw3_stl_opts o = HW3_STL_OPTS_INIT;
    o.robust = 1;
    hw3_status s = hw3_stl(ctx, y, n, 4, &o, x[0], x[1], x[2], x[3]);
    for (int64_t i = 0; i < 4 && !s; i++) put(out, hw3i_min(n, 10), x[i]);
    return s;
}

static hw3_status run_lambda(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_lambda_opts o = HW3_LAMBDA_OPTS_INIT;
    double lam;
    hw3_status s = hw3_boxcox_lambda(ctx, y, n, 4, &o, &lam), other;
    if (!s) put(out, 1, &lam);
    o.method = HW3_LAMBDA_LOGLIK;
    other = hw3_boxcox_lambda(ctx, y, n, 4, &o, &lam); /* of y that may not be above 0 */
    ck_assert(other || isfinite(lam));
    return s || other == HW3_ERR_VALUE ? s : other;
}

static hw3_status run_diebold_mariano(hw3_ctx *ctx, const double *y, int64_t n, outputs *out)
{
    hw3_test_result r = HW3_TEST_RESULT_INIT;
    hw3_dm_opts o = HW3_DM_OPTS_INIT;
    double *other = malloc((size_t)(n + 1) * sizeof *other);
    for (int64_t i = 0; i < n; i++) other[i] = y[n - 1 - i] / 2;
    o.horizon = 3;
    hw3_status s = hw3_diebold_mariano(ctx, y, other, n, &o, &r);
    if (!s) put_test(out, &r);
    free(other);
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
    { "adf", run_adf, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
    { "kpss", run_kpss, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
    { "pp", run_pp, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
    { "ndiffs", run_ndiffs, { HW3_OK, HW3_OK, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "nsdiffs", run_nsdiffs, { HW3_OK, HW3_OK, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "seasonal_strength", run_strength, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "stl", run_stl, { HW3_OK, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
    { "boxcox_lambda", run_lambda, { HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE, HW3_OK, HW3_ERR_VALUE } },
    { "diebold_mariano", run_diebold_mariano, { HW3_ERR_VALUE, HW3_ERR_ARG, HW3_ERR_VALUE, HW3_ERR_VALUE, HW3_ERR_VALUE } },
};

static hw3_status try_on(hw3_ctx *ctx, const struct diagnostic *d, const char *series, const double *y, int64_t n)
{
    outputs out = { 0, { 0 } };
    hw3_status s = d->run(ctx, y, n, &out);
    if (s) {
        ck_assert_msg(strncmp(hw3_ctx_error(ctx), d->name, strlen(d->name)) == 0, "%s of %s: %s", d->name, series, hw3_ctx_error(ctx));
    }
    for (int64_t i = 0; i < out.n; i++) ck_assert_msg(isfinite(out.x[i]), "%s of %s: [%d] is %g", d->name, series, (int)i, out.x[i]);
    ck_assert_msg(s || out.n > 0, "%s of %s", d->name, series);
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

#define ROOT(trend, lags, max_lag) &(hw3_unit_root_opts){ sizeof(hw3_unit_root_opts), trend, lags, 0, max_lag }
#define DIFFS(test, trend, season, d, season_d, alpha) &(hw3_diffs_opts){ sizeof(hw3_diffs_opts), test, trend, season, d, season_d, alpha }
#define STL(robust, window, jump, degree, inner) \
    &(hw3_stl_opts){ sizeof(hw3_stl_opts), robust, window, 0, 0, jump, 0, 0, degree, 1, -1, inner, -1, 0 }
#define LAMBDA(method, lower, upper) &(hw3_lambda_opts){ sizeof(hw3_lambda_opts), method, lower, upper }
#define DM(better, horizon, power, bartlett) &(hw3_dm_opts){ sizeof(hw3_dm_opts), better, horizon, power, bartlett, 0 }
#define BAD_CALLS(X)                                                                                                                           \
    X(hw3_acf(bad_ctx, NULL, 4, 2, bad_out, NULL), ARG, "acf: y is NULL")                                                                      \
    X(hw3_acf(bad_ctx, good, 4, 2, NULL, NULL), ARG, "acf: acf is NULL")                                                                       \
    X(hw3_acf(bad_ctx, good, 4, 4, bad_out, NULL), ARG, "max_lag is 4, expected 1 to 3")                                                       \
    X(hw3_acf(bad_ctx, good, 4, 0, bad_out, NULL), ARG, "max_lag is 0, expected 1 to 3")                                                       \
    X(hw3_pacf(bad_ctx, good, 4, 2, NULL, NULL), ARG, "pacf: pacf is NULL")                                                                    \
    X(hw3_pacf(bad_ctx, good, 4, INT64_MAX, bad_out, NULL), ARG, "expected 1 to 3")                                                            \
    X(hw3_ljung_box(bad_ctx, good, 4, 4, 0, &bad_result), ARG, "lag is 4, expected 1 to 3")                                                    \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 2, &bad_result), ARG, "fitdf is 2, expected 0 to 1")                                                  \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 0, NULL), ARG, "ljung_box: out is NULL")                                                              \
    X(hw3_ljung_box(bad_ctx, good, 4, 2, 0, &no_size), ABI, "struct_size is 0")                                                                \
    X(hw3_jarque_bera(bad_ctx, good, 4, NULL), ARG, "jarque_bera: out is NULL")                                                                \
    X(hw3_jarque_bera(bad_ctx, good, 4, &no_size), ABI, "struct_size is 0")                                                                    \
    X(hw3_adf(bad_ctx, NULL, 4, NULL, &bad_root), ARG, "adf: y is NULL")                                                                       \
    X(hw3_adf(bad_ctx, good, 4, NULL, NULL), ARG, "adf: out is NULL")                                                                          \
    X(hw3_adf(bad_ctx, good, 4, NULL, &no_root), ABI, "hw3_unit_root: struct_size is 0")                                                       \
    X(hw3_adf(bad_ctx, good, 3, NULL, &bad_root), ARG, "adf: n is 3, at least 4")                                                              \
    X(hw3_adf(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_FIXED, 1), &bad_root), ARG, "max_lag is 1, expected 0 to 0")                        \
    X(hw3_adf(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_FIXED, -2), &bad_root), ARG, "max_lag is -2")                                       \
    X(hw3_adf(bad_ctx, good, 4, ROOT(0, HW3_LAGS_AIC, -1), &bad_root), ARG, "trend is 0, expected a constant HW3_TREND_ from 1 to 4")          \
    X(hw3_adf(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_SHORT, -1), &bad_root), ARG, "lags is 5")                                           \
    X(hw3_kpss(bad_ctx, good, 4, ROOT(HW3_TREND_CTT, HW3_LAGS_AUTO, -1), &bad_root), ARG, "trend is 4, expected a constant HW3_TREND_ from 2") \
    X(hw3_kpss(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_AIC, -1), &bad_root), ARG, "for adf alone")                                        \
    X(hw3_kpss(bad_ctx, good, 4, ROOT(HW3_TREND_C, 7, -1), &bad_root), ARG, "lags is 7")                                                       \
    X(hw3_kpss(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_FIXED, -1), &bad_root), ARG, "max_lag is -1, expected 0 to 3")                     \
    X(hw3_kpss(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_LONG, -1), &bad_root), ARG, "max_lag is 5, expected 0 to 3")                       \
    X(hw3_pp(bad_ctx, good, 4, ROOT(HW3_TREND_C, HW3_LAGS_FIXED, 3), &bad_root), ARG, "pp: max_lag is 3, expected 0 to 2")                     \
    X(hw3_ndiffs(bad_ctx, good, 0, NULL, &bad_d), ARG, "ndiffs: n is 0")                                                                       \
    X(hw3_ndiffs(bad_ctx, good, 4, NULL, NULL), ARG, "ndiffs: d is NULL")                                                                      \
    X(hw3_ndiffs(bad_ctx, good, 4, DIFFS(4, 2, 1, 2, 1, 0.05), &bad_d), ARG, "test is 4")                                                      \
    X(hw3_ndiffs(bad_ctx, good, 4, DIFFS(1, 1, 1, 2, 1, 0.05), &bad_d), ARG, "trend is 1")                                                     \
    X(hw3_ndiffs(bad_ctx, good, 4, DIFFS(1, 2, 1, -1, 1, 0.05), &bad_d), ARG, "max_d is -1")                                                   \
    X(hw3_ndiffs(bad_ctx, good, 4, DIFFS(1, 2, 1, 2, 1, 0.2), &bad_d), ARG, "alpha is 0.2, expected 0.01 to 0.1")                              \
    X(hw3_nsdiffs(bad_ctx, good, 4, 1, NULL, &bad_d), ARG, "nsdiffs: m is 1, at least 2")                                                      \
    X(hw3_nsdiffs(bad_ctx, good, 4, 2, NULL, NULL), ARG, "nsdiffs: d is NULL")                                                                 \
    X(hw3_nsdiffs(bad_ctx, good, 4, 2, DIFFS(1, 2, 0, 2, 1, 0.05), &bad_d), ARG, "season_test is 0")                                           \
    X(hw3_nsdiffs(bad_ctx, good, 4, 2, DIFFS(1, 2, 1, 2, -1, 0.05), &bad_d), ARG, "max_season_d is -1")                                        \
    X(hw3_nsdiffs(bad_ctx, good, 4, 2, DIFFS(1, 2, 2, 2, 1, 0.1), &bad_d), ARG, "HW3_SEASON_OCSB knows 0.05 alone")                            \
    X(hw3_seasonal_strength(bad_ctx, good, 4, 2, bad_out), ARG, "4 values are not more than two periods of m = 2")                             \
    X(hw3_seasonal_strength(bad_ctx, good, 4, INT64_MAX, bad_out), ARG, "not more than two periods")                                           \
    X(hw3_seasonal_strength(bad_ctx, good, 5, 2, NULL), ARG, "strength is NULL")                                                               \
    X(hw3_stl(bad_ctx, good, 4, 2, NULL, bad_out, bad_out, bad_out, NULL), ARG, "stl: 4 values are not more than two periods")                 \
    X(hw3_stl(bad_ctx, good, 5, 2, NULL, NULL, bad_out, bad_out, NULL), ARG, "seasonal is NULL")                                               \
    X(hw3_stl(bad_ctx, good, 5, 2, NULL, bad_out, NULL, bad_out, NULL), ARG, "trend is NULL")                                                  \
    X(hw3_stl(bad_ctx, good, 5, 2, NULL, bad_out, bad_out, NULL, NULL), ARG, "remainder is NULL")                                              \
    X(hw3_stl(bad_ctx, good, 5, 2, STL(2, 0, 0, 0, -1), bad_out, bad_out, bad_out, NULL), ARG, "robust is 2")                                  \
    X(hw3_stl(bad_ctx, good, 5, 2, STL(0, 2, 0, 0, -1), bad_out, bad_out, bad_out, NULL), ARG, "s_window is 2, expected 3")                    \
    X(hw3_stl(bad_ctx, good, 5, 2, STL(0, 0, -1, 0, -1), bad_out, bad_out, bad_out, NULL), ARG, "s_jump is -1")                                \
    X(hw3_stl(bad_ctx, good, 5, 2, STL(0, 0, 0, 2, -1), bad_out, bad_out, bad_out, NULL), ARG, "s_degree is 2, expected 0 to 1")               \
    X(hw3_stl(bad_ctx, good, 5, 2, STL(0, 0, 0, 0, 0), bad_out, bad_out, bad_out, NULL), ARG, "inner is 0, expected 1")                        \
    X(hw3_boxcox(bad_ctx, good, 4, NAN, bad_out), ARG, "boxcox: lam is")                                                                       \
    X(hw3_boxcox(bad_ctx, good, -1, 0, bad_out), ARG, "n is -1")                                                                               \
    X(hw3_boxcox(bad_ctx, good, 4, 0, NULL), ARG, "z is NULL")                                                                                 \
    X(hw3_boxcox(bad_ctx, negative, 3, 0, bad_out), VALUE, "y[1] is 0, which has no finite value for lam 0")                                   \
    X(hw3_boxcox(bad_ctx, negative + 1, 2, 2, bad_out), VALUE, "y[1] is -1e+200")                                                              \
    X(hw3_boxcox(bad_ctx, negative + 2, 1, -0.5, bad_out), VALUE, "y[0] is -1e+200, which has no finite value for lam -0.5")                   \
    X(hw3_boxcox_invert(bad_ctx, good, 4, INFINITY, NULL, bad_out), ARG, "lam is inf")                                                         \
    X(hw3_boxcox_invert(bad_ctx, good, 4, -0.3, NULL, bad_out), VALUE, "boxcox_invert: z[2] is 4, which has no finite value for lam -0.3")     \
    X(hw3_boxcox_invert(bad_ctx, negative, 3, 0.5, negative, bad_out), VALUE, "variance[2] is -1e+200, expected 0 or more")                    \
    X(hw3_boxcox_invert(bad_ctx, (double[]){ 1000 }, 1, 0, NULL, bad_out), VALUE, "z[0] is 1000")                                              \
    X(hw3_boxcox_lambda(bad_ctx, good, 4, 0, NULL, bad_out), ARG, "boxcox_lambda: m is 0, at least 1")                                         \
    X(hw3_boxcox_lambda(bad_ctx, good, 4, 1, NULL, NULL), ARG, "lam is NULL")                                                                  \
    X(hw3_boxcox_lambda(bad_ctx, good, 4, 1, LAMBDA(3, -1, 2), bad_out), ARG, "method is 3")                                                   \
    X(hw3_boxcox_lambda(bad_ctx, good, 4, 1, LAMBDA(1, 2, 2), bad_out), ARG, "lower is 2 and upper 2")                                         \
    X(hw3_boxcox_lambda(bad_ctx, good, 4, 1, LAMBDA(1, -INFINITY, 2), bad_out), ARG, "lower is -inf")                                          \
    X(hw3_boxcox_lambda(bad_ctx, negative, 3, 1, LAMBDA(2, -1, 2), bad_out), VALUE, "y[1] is 0, not above 0")                                  \
    X(hw3_diebold_mariano(bad_ctx, good, NULL, 4, NULL, &bad_result), ARG, "diebold_mariano: e2 is NULL")                                      \
    X(hw3_diebold_mariano(bad_ctx, good, good, 4, NULL, &bad_result), VALUE, "diebold_mariano: not defined for these 4 values")                \
    X(hw3_diebold_mariano(bad_ctx, good, negative, 3, NULL, &no_size), ABI, "struct_size is 0")                                                \
    X(hw3_diebold_mariano(bad_ctx, good, negative, 3, DM(0, 1, 2, 0), &bad_result), ARG, "better is 0")                                        \
    X(hw3_diebold_mariano(bad_ctx, good, negative, 3, DM(1, 3, 2, 0), &bad_result), ARG, "horizon is 3, expected 1 to 2")                      \
    X(hw3_diebold_mariano(bad_ctx, good, negative, 3, DM(1, 1, 0, 0), &bad_result), ARG, "power is 0")                                         \
    X(hw3_diebold_mariano(bad_ctx, good, negative, 3, DM(1, 1, 2, 2), &bad_result), ARG, "bartlett is 2")

START_TEST(bad_calls)
{
    const double good[5] = { 1, 2, 4, 3, 5 }, negative[3] = { 1, 0, -1e200 };
    double bad_out[5] = { 7, 7, 7, 7, 7 };
    int64_t bad_d = 7;
    hw3_test_result bad_result = HW3_TEST_RESULT_INIT, no_size = { 0 };
    hw3_unit_root bad_root = HW3_UNIT_ROOT_INIT, no_root = { 0 };
    hw3_ctx *ctx = test_ctx(1), *bad_ctx;
    bad_result.statistic = bad_root.statistic = 7;
#define CALL(call, status, message)                                                                 \
    bad_ctx = ctx;                                                                                  \
    FAILS(call, HW3_ERR_##status);                                                                  \
    SAYS(message);                                                                                  \
    bad_ctx = NULL;                                                                                 \
    FAILS(call, HW3_ERR_ARG);                                                                       \
    for (int i = 0; i < 5; i++) ck_assert(bad_out[i] == 7);                                         \
    ck_assert(bad_d == 7 && bad_root.statistic == 7 && no_root.statistic == 0);                     \
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

START_TEST(failing_memory) { ck_assert_int_ge(test_sweep(all_once), 20); }
END_TEST

TEST_MAIN("diagnostics", correlations_as_r, correlations_with_holes, portmanteaus_as_r, adf_as_statsmodels, adf_in_exact_arithmetic,
          unit_roots_as_urca, differences_as_forecast, seasonal_differences_as_forecast, holes_as_forecast, stl_as_r,
          lambda_as_forecast, boxcox_as_forecast, diebold_mariano_as_forecast, bad_series, odd_series, bad_calls, failing_memory)
