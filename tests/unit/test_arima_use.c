/* SPDX-License-Identifier: MIT */
/* Using a fit: against R (tests/vectors/gen_arima.R, gen_tests.R), identities between ways to the same numbers, laws of simulation. */
#include "alloc.h"
#include "io/file.h"
#include "series/arima_use.h"
#include "support.h"
#include "arima.h"
#include "series_tests.h"
#include <unistd.h>

enum { MOST_COEF = 20, MOST = 3000 };

static double series_y[MOST];
static int64_t series_of(int series, int log_of)
{
    const struct ts *s = all_series + series;
    ck_assert_int_le(s->n, MOST);
    for (int i = 0; i < s->n; i++) series_y[i] = log_of ? log(s->y[i]) : s->y[i];
    return s->n;
}

static hw3_arima *fit_airline(hw3_ctx *ctx, int64_t n)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = NULL;
    series_of(TS_AirPassengers, 1);
    o.order = (hw3_arima_order){ 0, 1, 1, 0, 1, 1, 12 };
    OK(hw3_arima_fit(ctx, series_y, n, &o, &fit));
    return fit;
}

/* AR(2) about a mean with a hole, two regressors, Box-Cox, and unbiased sigma2: all that a model has. */
static double full_x[200][2];
static const char *const full_names[] = { "wave", "step" };
static hw3_arima_opts full_opts(void)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 2, 0, 1, 0, 0, 0, 1 };
    o.xreg = full_x[0], o.n_xreg = 2, o.unbiased = 1;
    o.boxcox = 1, o.lam = 0.5, o.bias_adjust = 1;
    o.xreg_names = full_names;
    for (int t = 0; t < 200; t++) full_x[t][0] = sin(t), full_x[t][1] = t % 7 == 0;
    return o;
}

static hw3_status fit_full(hw3_ctx *ctx, int64_t n, hw3_arima **out)
{
    hw3_arima_opts o = full_opts();
    series_of(TS_lynx, 0);
    series_y[40] = NAN;
    return hw3_arima_fit(ctx, series_y, n, &o, out);
}

static void same(const double *a, const double *b, int64_t n, const char *what)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(memcmp(a + i, b + i, sizeof *a) == 0, "%s[%d]: %.17g and %.17g", what, (int)i, a[i], b[i]);
}

/* Bit for bit the same model, state and all. */
static void same_fit(hw3_arima *a, hw3_arima *b)
{
    ck_assert_int_eq(a->info.n, b->info.n);
    same(a->y, b->y, a->info.n, "y"), same(a->z, b->z, a->info.n, "z");
    same(a->mean, b->mean, a->info.n, "mean"), same(a->F, b->F, a->info.n, "F");
    same(a->x, b->x, a->info.n * a->n_reg, "x");
    same(a->coef, b->coef, a->info.n_coef, "coef"), same(a->cov, b->cov, a->info.n_coef * a->info.n_coef, "cov");
    same(a->filter.x, b->filter.x, a->filter.s, "state"), same(a->filter.P, b->filter.P, a->filter.s * a->filter.s, "P");
    ck_assert_mem_eq(&a->info, &b->info, sizeof a->info);
}

/* ---- As R ---- */

/* R's coefficients, held; its forecasts of the test part and its residuals of the whole, those of the diffuse start among them. */
static void update_as_r(hw3_ctx *ctx, const struct arima_update *c)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = NULL;
    int64_t n = series_of(c->series, c->log), rest = n - c->n_train;
    double mean[MOST], residuals[MOST];
    o.order = (hw3_arima_order){ c->order[0], c->order[1], c->order[2], c->order[3], c->order[4], c->order[5], c->m };
    o.mean = c->mean, o.drift = c->drift, o.fixed = c->coef;
    OK(hw3_arima_fit(ctx, series_y, c->n_train, &o, &fit));
    OK(hw3_arima_one_step(fit, series_y + c->n_train, rest, NULL, mean, NULL));
    for (int64_t t = 0; t < rest; t++)
        ck_assert_msg(fabs(mean[t] - c->forecast[t]) <= 1e-7 * fabs(c->forecast[t]), "%s: forecast[%d] is %.12g, R's %.12g", c->model, (int)t,
                      mean[t], c->forecast[t]);
    OK(hw3_arima_append(fit, series_y + c->n_train, rest, NULL));
    OK(hw3_arima_residuals(fit, residuals, n));
    double scale = sqrt(c->sigma2);
    for (int64_t t = 0; t < n; t++)
        ck_assert_msg(fabs(residuals[t] - c->residuals[t]) <= 1e-6 * scale, "%s: residual[%d] is %.12g, R's %.12g", c->model, (int)t,
                      residuals[t], c->residuals[t]);
    ck_assert_msg(fabs(fit->info.loglik - c->loglik) <= 1e-6 * fabs(c->loglik), "%s: loglik is %.12g, R's %.12g", c->model,
                  fit->info.loglik, c->loglik);
    hw3_arima_destroy(fit);
}

START_TEST(one_step_and_append_as_r)
{
    hw3_ctx *ctx = test_ctx(1);
    for (size_t i = 0; i < sizeof arima_updates / sizeof *arima_updates; i++) update_as_r(ctx, arima_updates + i);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* R takes its sines from k t / m, a rounding of 1e-14 for t up to 40. */
START_TEST(fourier_as_r)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < N_FOURIER_CASES; i++) {
        const struct fourier_case *c = fourier_cases + i;
        double out[3 * 40];
        ck_assert_int_le(c->columns, 40);
        OK(hw3_fourier(ctx, c->m, 3, c->n, c->columns, out));
        for (int r = 0; r < 3; r++)
            for (int k = 0; k < c->columns; k++) {
                double got = out[r * c->columns + k], want = c->next_rows[r * c->columns + k];
                ck_assert_msg(fabs(got - want) < 1e-12, "period %d, row %d, column %d: %.17g, R's %.17g", c->m, r, k, got, want);
            }
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Ways to the same numbers ---- */

START_TEST(appended_is_applied)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *one = NULL, *all = NULL, *applied = NULL;
    OK(fit_full(ctx, 80, &one));
    OK(fit_full(ctx, 80, &all));
    series_y[90] = NAN;
    OK(hw3_arima_apply(one, series_y, 114, full_x[0], &applied));
    for (int t = 80; t < 114; t++) OK(hw3_arima_append(one, series_y + t, 1, full_x[t]));
    OK(hw3_arima_append(all, series_y + 80, 34, full_x[80]));
    OK(hw3_arima_append(all, NULL, 0, NULL));
    same_fit(one, all);
    same_fit(one, applied);
    ck_assert_str_eq(hw3_arima_coef_name(applied, 4), "wave");
    ck_assert_int_eq(applied->info.n_missing, 2);
    hw3_arima_destroy(one), hw3_arima_destroy(all), hw3_arima_destroy(applied);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The likelihood that append and apply find is the one that the fit had. */
START_TEST(applied_to_itself_has_the_same_likelihood)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *fit = NULL, *again = NULL;
    OK(fit_full(ctx, 100, &fit));
    OK(hw3_arima_apply(fit, series_y, 100, full_x[0], &again));
    NEAR(again->info.loglik, fit->info.loglik, 1e-10);
    NEAR(again->info.aicc, fit->info.aicc, 1e-10);
    ck_assert_int_eq(again->info.n_used, fit->info.n_used);
    hw3_arima_destroy(fit), hw3_arima_destroy(again);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* One step ahead over a test set is predict after each append; a backtest of any horizon likewise. */
START_TEST(backtest_is_predict_after_append)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *fit = NULL, *copy = NULL;
    double mean[34], se[34], rolled[34][3], rolled_se[34][3], want[3], want_se[3];
    OK(fit_full(ctx, 80, &fit));
    OK(hw3_arima_apply(fit, series_y, 80, full_x[0], &copy));
    OK(hw3_arima_one_step(fit, series_y + 80, 34, full_x[80], mean, se));
    OK(hw3_arima_backtest(fit, series_y + 80, 34, 3, 0, full_x[80], NULL, NULL, rolled[0], rolled_se[0]));
    same_fit(fit, fit);
    ck_assert_int_eq(fit->info.n, 80);
    for (int t = 0; t < 32; t++) {
        OK(hw3_arima_predict(copy, 3, full_x[80 + t], NULL, 0, want, want_se, NULL, NULL));
        same(rolled[t], want, 3, "rolled"), same(rolled_se[t], want_se, 3, "rolled_se");
        same(mean + t, want, 1, "one_step"), same(se + t, want_se, 1, "se of one_step");
        OK(hw3_arima_append(copy, series_y + 80 + t, 1, full_x[80 + t]));
    }
    hw3_arima_destroy(fit), hw3_arima_destroy(copy);
    hw3_ctx_destroy(ctx);
}
END_TEST

static int32_t stop_at(void *user, int64_t done, int64_t total)
{
    ck_assert_int_eq(total, 22);
    return done == *(int64_t *)user;
}

/* With a refit every tenth origin: the fits are those of hw3_arima_fit, as near as two searches end. */
START_TEST(backtest_with_refit)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *fit = fit_airline(ctx, 120), *fresh = NULL;
    double rolled[24][3], want[3], unwritten = 7;
    int64_t stop = -1;
    OK(hw3_arima_backtest(fit, series_y + 120, 24, 3, 10, NULL, stop_at, &stop, rolled[0], NULL));
    fresh = fit_airline(ctx, 130);
    OK(hw3_arima_predict(fresh, 3, NULL, NULL, 0, want, NULL, NULL, NULL));
    for (int h = 0; h < 3; h++) NEAR(rolled[10][h], want[h], 1e-5);
    OK(hw3_arima_predict(fit, 3, NULL, NULL, 0, want, NULL, NULL, NULL));
    same(rolled[0], want, 3, "before the refit");
    stop = 11;
    FAILS(hw3_arima_backtest(fit, series_y + 120, 24, 3, 10, NULL, stop_at, &stop, &unwritten, NULL), HW3_ERR_CANCELLED);
    SAYS("after 11 of 22 origins");
    ck_assert(unwritten == 7);
    hw3_arima_destroy(fit), hw3_arima_destroy(fresh);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(refit_is_a_fit_of_all)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *fit = fit_airline(ctx, 120), *whole = fit_airline(ctx, 144);
    const char *name = hw3_arima_coef_name(fit, 1);
    OK(hw3_arima_append(fit, series_y + 120, 24, NULL));
    ck_assert(whole->info.loglik > fit->info.loglik);
    OK(hw3_arima_refit(fit));
    NEAR(fit->info.loglik, whole->info.loglik, 1e-8); /* the optimum is flat: coefficients agree to the root of that */
    for (int i = 0; i < 2; i++) NEAR(fit->coef[i], whole->coef[i], 1e-4);
    ck_assert_ptr_eq(name, hw3_arima_coef_name(fit, 1));
    ck_assert_str_eq(name, "sma1");
    ck_assert_int_eq(fit->info.method, HW3_ARIMA_CSS_ML);
    hw3_arima_destroy(fit), hw3_arima_destroy(whole);
    series_of(TS_lynx, 1);
    OK(hw3_arima_auto(ctx, series_y, 100, NULL, &fit));
    int64_t n = hw3_arima_n_candidates(fit);
    OK(hw3_arima_append(fit, series_y + 100, 14, NULL));
    OK(hw3_arima_refit(fit));
    ck_assert(n > 5 && hw3_arima_n_candidates(fit) == n);
    hw3_arima_destroy(fit);
    OK(fit_full(ctx, 80, &fit));
    OK(hw3_arima_append(fit, series_y + 80, 34, full_x[80]));
    OK(hw3_arima_refit(fit));
    OK(fit_full(ctx, 114, &whole));
    NEAR(fit->info.loglik, whole->info.loglik, 1e-6);
    hw3_arima_destroy(fit), hw3_arima_destroy(whole);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Roots ---- */

/* Each inverse root w is one: phi(1 / w) w^p = 0, whatever the polynomial's expansion. */
START_TEST(roots_are_roots)
{
    hw3_ctx *ctx = test_ctx(1);
    const double fixed[] = { 0.5, -0.3, 0.4, 0.6, -0.2 };
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = NULL;
    double re[20], im[20];
    o.order = (hw3_arima_order){ 2, 0, 1, 1, 0, 1, 4 };
    o.mean = 0, o.fixed = fixed; /* ar1 ar2 ma1 sar1 sma1 */
    series_of(TS_lynx, 1);
    OK(hw3_arima_fit(ctx, series_y, 114, &o, &fit));
    for (int ma = 0; ma < 2; ma++) {
        const hw3i_arma *a = &fit->filter.arma;
        int64_t n = ma ? 5 : 6;
        OK(hw3_arima_roots(fit, ma, re, im, n));
        FAILS(hw3_arima_roots(fit, ma, re, im, n - 1), HW3_ERR_TOO_SMALL);
        double product = 1;
        for (int64_t i = 0; i < n; i++) { /* w^n - phi_1 w^(n-1) - ... by Horner */
            double x = 1, y = 0;
            for (int64_t k = 1; k <= n; k++) {
                double c = ma ? a->theta[k] : -a->phi[k], next = x * re[i] - y * im[i] + c;
                y = x * im[i] + y * re[i];
                x = next;
            }
            ck_assert_msg(hypot(x, y) < 1e-12, "root %d: %g", (int)i, hypot(x, y));
            product *= hypot(re[i], im[i]);
        }
        NEAR(product, fabs(ma ? a->theta[n] : a->phi[n]), 1e-12); /* none counted twice */
    }
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Simulation ---- */

/* Means and standard deviations of 20,000 paths are those of the forecast, within 5 standard errors of their own; 1.4 / 2 for
 * the deviations. */
START_TEST(paths_have_the_law_of_the_forecast)
{
    hw3_ctx *ctx = test_ctx(2);
    enum { PATHS = 20000, H = 15 };
    hw3_arima *fit = fit_airline(ctx, 144);
    double *paths = malloc(sizeof(double) * PATHS * H), mean[H], se[H], lower[2 * H], upper[2 * H], low[2 * H], high[2 * H];
    OK(hw3_arima_predict(fit, H, NULL, (const double[]){ 0.5, 0.9 }, 2, mean, se, lower, upper));
    for (int bootstrap = 0; bootstrap < 2; bootstrap++) {
        OK(hw3_arima_simulate(fit, H, PATHS, 11, bootstrap, 1, NULL, paths));
        for (int h = 0; h < H; h++) {
            double sum = 0, square = 0;
            for (int i = 0; i < PATHS; i++) sum += paths[i * H + h] - mean[h];
            for (int i = 0; i < PATHS; i++) square += pow(paths[i * H + h] - mean[h], 2);
            ck_assert_msg(fabs(sum / PATHS) < 5 * se[h] / sqrt(PATHS), "step %d: mean is %g standard errors off", h, sum / PATHS / se[h]);
            /* sigma2 divides by fewer values than there are residuals, which are smaller at the start: 10 % */
            ck_assert_msg(fabs(sqrt(square / PATHS) / se[h] - 1) < (bootstrap ? 0.1 : 0.025), "step %d: %g of %g", h, sqrt(square / PATHS), se[h]);
        }
    }
    OK(hw3_arima_intervals(fit, H, (const double[]){ 0.5, 0.9 }, 2, PATHS, 11, 0, NULL, low, high));
    for (int i = 0; i < 2 * H; i++) { /* a quantile's standard error at 90 %: 2.1 / sqrt(PATHS) */
        ck_assert(fabs(low[i] - lower[i]) < 0.075 * se[i % H]);
        ck_assert(fabs(high[i] - upper[i]) < 0.075 * se[i % H]);
    }
    free(paths);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* New series of an AR(1): variance and lag 1 from the first step on; each begins anew. Differenced: zero before the start. */
START_TEST(new_series_have_the_law_of_the_process)
{
    hw3_ctx *ctx = test_ctx(2);
    enum { PATHS = 20000, H = 4 };
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = NULL;
    double *paths = malloc(sizeof(double) * PATHS * H);
    o.order = (hw3_arima_order){ 1, 0, 0, 0, 0, 0, 1 };
    o.fixed = (const double[]){ 0.8, 5 };
    series_of(TS_lynx, 1);
    OK(hw3_arima_fit(ctx, series_y, 114, &o, &fit));
    OK(hw3_arima_simulate(fit, H, PATHS, 3, 0, 0, NULL, paths));
    const double gamma0 = fit->info.sigma2 / (1 - 0.64);
    for (int h = 0; h < H; h++) {
        double sum = 0, square = 0, lag = 0;
        for (int i = 0; i < PATHS; i++) {
            double z = paths[i * H + h] - 5;
            sum += z, square += z * z, lag += z * (paths[i * H + (h + 1) % H] - 5);
        }
        ck_assert(fabs(sum / PATHS) < 5 * sqrt(gamma0 / PATHS));
        NEAR(square / PATHS / gamma0, 1, 0.05); /* 5 sqrt(2 / PATHS) */
        NEAR(lag / PATHS / gamma0, h + 1 < H ? 0.8 : 0.512, 0.05);
    }
    hw3_arima_destroy(fit);
    o.order.d = 1;
    o.fixed = (const double[]){ 0.8 };
    OK(hw3_arima_fit(ctx, series_y, 114, &o, &fit));
    OK(hw3_arima_simulate(fit, 1, PATHS, 3, 0, 0, NULL, paths));
    double square = 0;
    for (int i = 0; i < PATHS; i++) square += paths[i] * paths[i];
    NEAR(square / PATHS / (fit->info.sigma2 / (1 - 0.64)), 1, 0.05);
    free(paths);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(any_number_of_threads)
{
    enum { PATHS = 500, H = 12 };
    static double paths[4][PATHS * H], low[4][H], high[4][H];
    for (int i = 0; i < 4; i++) {
        hw3_ctx *ctx = test_ctx(i == 0 ? 1 : i + 1);
        hw3_arima *fit = NULL;
        OK(fit_full(ctx, 80, &fit));
        OK(hw3_arima_simulate(fit, H, PATHS, 5, i % 2, 1, full_x[80], paths[i]));
        OK(hw3_arima_simulate(fit, H, PATHS, 5, 1, 1, full_x[80], paths[i]));
        OK(hw3_arima_intervals(fit, H, (const double[]){ 0.8 }, 1, PATHS, 5, 0, full_x[80], low[i], high[i]));
        same(paths[i], paths[0], PATHS * H, "paths");
        same(low[i], low[0], H, "lower"), same(high[i], high[0], H, "upper");
        hw3_arima_destroy(fit);
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* ---- Files ---- */

#define FILE_A "arima-a.safetensors"
#define FILE_B "arima-b.safetensors"

static void write_file(const char *path, const char *bytes, int64_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(bytes, 1, (size_t)n, file) == (size_t)n && !fclose(file));
}

/* The same state, forecasts and info; later appends and a refit too. */
static void comes_back(hw3_ctx *ctx, hw3_arima *fit, const double *y, const double *x)
{
    hw3_arima *back = NULL;
    OK(hw3_arima_save(fit, FILE_A));
    OK(hw3_arima_load(ctx, FILE_A, &back));
    same_fit(fit, back);
    for (int64_t i = 0; i < fit->info.n_coef; i++) ck_assert_str_eq(fit->names[i], back->names[i]);
    OK(hw3_arima_append(fit, y, 3, x));
    OK(hw3_arima_append(back, y, 3, x));
    same_fit(fit, back);
    hw3_arima_destroy(back), back = NULL;
    OK(hw3_arima_save(fit, FILE_A)); /* with values appended */
    OK(hw3_arima_load(ctx, FILE_A, &back));
    same_fit(fit, back);
    OK(hw3_arima_refit(fit));
    OK(hw3_arima_refit(back));
    same_fit(fit, back);
    hw3_arima_destroy(fit), hw3_arima_destroy(back);
    unlink(FILE_A);
}

START_TEST(files_keep_every_bit)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = fit_airline(ctx, 120);
    comes_back(ctx, fit, series_y + 120, NULL);
    OK(fit_full(ctx, 80, &fit));
    comes_back(ctx, fit, series_y + 80, full_x[80]);
    series_of(TS_lynx, 1);
    const double fixed[] = { NAN, NAN, 0, 6.6 };
    o.order = (hw3_arima_order){ 3, 0, 0, 0, 0, 0, 1 }, o.method = HW3_ARIMA_CSS, o.fixed = fixed;
    OK(hw3_arima_fit(ctx, series_y, 100, &o, &fit));
    comes_back(ctx, fit, series_y + 100, NULL);
    o = (hw3_arima_opts)HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 0, 1, 0, 0, 0, 0, 1 }; /* no coefficient at all */
    OK(hw3_arima_fit(ctx, series_y, 100, &o, &fit));
    comes_back(ctx, fit, series_y + 100, NULL);
    o.order = (hw3_arima_order){ 0, 1, 1, 0, 1, 0, 70 }; /* a long season: the first run, and what was appended */
    OK(hw3_arima_fit(ctx, series_y, 100, &o, &fit));
    comes_back(ctx, fit, series_y + 100, NULL);
    for (int t = 0; t < 30; t++) series_y[t] = 3; /* an exact fit, with an infinite likelihood */
    hw3_arima *back = NULL;
    OK(hw3_arima_auto(ctx, series_y, 30, NULL, &fit));
    OK(hw3_arima_save(fit, FILE_A));
    OK(hw3_arima_load(ctx, FILE_A, &back));
    same_fit(fit, back);
    hw3_arima_destroy(fit), hw3_arima_destroy(back);
    unlink(FILE_A);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status load_bytes(hw3_ctx *ctx, const char *bytes, int64_t n)
{
    hw3_arima *fit = NULL;
    write_file(FILE_B, bytes, n);
    hw3_status s = hw3_arima_load(ctx, FILE_B, &fit);
    ck_assert((s == HW3_OK) == (fit != NULL));
    hw3_arima_destroy(fit);
    return s;
}

/* The file with one text in its header in another's place, of the same length. */
static hw3_status load_changed(hw3_ctx *ctx, char *bytes, int64_t n, const char *from, const char *to)
{
    size_t length = strlen(from);
    ck_assert_int_eq(strlen(to), length);
    for (int64_t i = 8; i + (int64_t)length <= n; i++)
        if (!memcmp(bytes + i, from, length)) {
            memcpy(bytes + i, to, length);
            hw3_status s = load_bytes(ctx, bytes, n);
            memcpy(bytes + i, from, length);
            return s;
        }
    ck_abort_msg("%s is not in the file", from);
    return HW3_OK;
}

/* The file with the double `old`, which it holds once, replaced. */
static hw3_status load_number(hw3_ctx *ctx, char *bytes, int64_t n, double old, double new)
{
    for (int64_t i = 8; i + 8 <= n; i++)
        if (!memcmp(bytes + i, &old, 8)) {
            memcpy(bytes + i, &new, 8);
            hw3_status s = load_bytes(ctx, bytes, n);
            memcpy(bytes + i, &old, 8);
            return s;
        }
    ck_abort_msg("%.17g is not in the file", old);
    return HW3_OK;
}

START_TEST(damaged_and_foreign_files)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *fit = NULL, *none_at_all = NULL;
    char *bytes;
    int64_t n;
    OK(fit_full(ctx, 80, &fit));
    OK(hw3_arima_save(fit, FILE_A));
    OK(hw3i_file_read(ctx, FILE_A, 1 << 20, &bytes, &n));
    for (int64_t cut = 0; cut < n; cut++) FAILS(load_bytes(ctx, bytes, cut), HW3_ERR_FORMAT);
    for (int64_t at = 0; at < n; at += at < 1500 ? 1 : 13) { /* a wrong byte is found, or is one of a number */
        bytes[at] ^= 1 << at % 7;
        hw3_status s = load_bytes(ctx, bytes, n);
        ck_assert_msg(s == HW3_OK || (s <= HW3_ERR_FORMAT && s >= HW3_ERR_MISMATCH) || s == HW3_ERR_NOMEM, "byte %d: %d", (int)at, (int)s);
        bytes[at] ^= 1 << at % 7;
    }
    const struct { const char *from, *to; hw3_status status; } changes[] = {
        { "hw3-arima", "hw3-aroma", HW3_ERR_MISMATCH },          { "\"version\":\"1\"", "\"version\":\"2\"", HW3_ERR_VERSION },
        { "arima.p\":\"2\"", "arima.p\":\"3\"", HW3_ERR_MISMATCH }, { "arima.p\":\"2\"", "arima.p\":\"x\"", HW3_ERR_FORMAT },
        { "arima.P\":\"0\"", "arima.P\":\"1\"", HW3_ERR_FORMAT },   { "arima.d\":\"0\"", "arima.d\":\"4\"", HW3_ERR_FORMAT },
        { "arima.method", "arima.madhat", HW3_ERR_MISMATCH },    { "arima.mean\":\"1\"", "arima.mean\":\"2\"", HW3_ERR_FORMAT },
        { "arima.n_xreg\":\"2\"", "arima.n_xreg\":\"3\"", HW3_ERR_MISMATCH }, { "arima.xreg.2", "arima.xreg.3", HW3_ERR_MISMATCH },
        { "arima.n_run\":\"80\"", "arima.n_run\":\"81\"", HW3_ERR_FORMAT }, { "arima.n_run\":\"80\"", "arima.n_run\":\"00\"", HW3_ERR_FORMAT },
        { "\"coef\":", "\"chef\":", HW3_ERR_MISMATCH },         { "\"y\":", "\"z\":", HW3_ERR_FORMAT },
    };
    for (int64_t i = 0; i < HW3I_LEN(changes); i++) {
        hw3_status s = load_changed(ctx, bytes, n, changes[i].from, changes[i].to);
        ck_assert_msg(s == changes[i].status, "%s to %s: %d, %s", changes[i].from, changes[i].to, (int)s, hw3_ctx_error(ctx));
    }
    const double bad[] = { NAN, INFINITY, -INFINITY }, *once[] = { fit->coef, fit->cov + 1, &fit->info.sigma2, &full_x[3][0] };
    for (int64_t i = 0; i < HW3I_LEN(once); i++)
        for (int64_t k = 0; k < HW3I_LEN(bad); k++) FAILS(load_number(ctx, bytes, n, *once[i], bad[k]), HW3_ERR_FORMAT);
    FAILS(load_number(ctx, bytes, n, fit->y[7], INFINITY), HW3_ERR_FORMAT);
    OK(load_number(ctx, bytes, n, fit->y[7], NAN));
    FAILS(load_number(ctx, bytes, n, fit->info.loglik, NAN), HW3_ERR_FORMAT);
    FAILS(load_number(ctx, bytes, n, fit->info.sigma2, -1), HW3_ERR_FORMAT);
    FAILS(load_number(ctx, bytes, n, fit->cov[0], -fit->cov[0]), HW3_ERR_FORMAT);
    FAILS(load_number(ctx, bytes, n, fit->coef[0], 3), HW3_ERR_FORMAT);
    SAYS("not stationary");
    FAILS(hw3_arima_load(ctx, "none.safetensors", &none_at_all), HW3_ERR_IO);
    FAILS(hw3_arima_load(ctx, NULL, &none_at_all), HW3_ERR_ARG);
    FAILS(hw3_arima_load(ctx, FILE_A, NULL), HW3_ERR_ARG);
    FAILS(hw3_arima_load(NULL, FILE_A, &none_at_all), HW3_ERR_ARG);
    FAILS(hw3_arima_save(fit, ""), HW3_ERR_ARG);
    FAILS(hw3_arima_save(fit, "none/such.safetensors"), HW3_ERR_IO);
    hw3i_free(ctx, bytes);
    hw3_arima_destroy(fit);
    unlink(FILE_A), unlink(FILE_B);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A small file that asks for much memory is refused before any is taken. */
START_TEST(sizes_are_checked_before_memory_is_taken)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit = NULL;
    char *bytes;
    int64_t n;
    series_of(TS_AirPassengers, 1);
    o.order = (hw3_arima_order){ 0, 0, 0, 0, 0, 1, 10 };
    OK(hw3_arima_fit(ctx, series_y, 60, &o, &fit));
    fit->info.order.period = 3000; /* as a forger would */
    OK(hw3_arima_save(fit, FILE_A));
    fit->info.order.period = 10;
    OK(hw3i_file_read(ctx, FILE_A, 1 << 20, &bytes, &n));
    FAILS(load_bytes(ctx, bytes, n), HW3_ERR_FORMAT);
    SAYS("a state of 3001 for 60 values");
    hw3i_free(ctx, bytes);
    hw3_arima_destroy(fit);
    unlink(FILE_A), unlink(FILE_B);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Many at once ---- */

enum { SERIES = 7 };
static double many_y[2000], many_coef[4][SERIES][3], many_loglik[4][SERIES], many_sigma2[4][SERIES];
static int32_t many_converged[4][SERIES], many_status[4][SERIES];
static const int64_t many_n[SERIES] = { 100, 60, 3, 100, 40, 114, 100 };

/* Pieces of lynx: too short, with a hole, constant, with an infinite value. */
static hw3_arima_opts many_series(void)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    series_of(TS_lynx, 1);
    for (int64_t i = 0, at = 0; i < SERIES; at += many_n[i++])
        for (int64_t t = 0; t < many_n[i]; t++) many_y[at + t] = i == 4 ? 2 : series_y[(t + i) % 114];
    many_y[20] = NAN;
    many_y[2 * 100 + 60 + 3 + 40 + 114 + 5] = INFINITY;
    o.order = (hw3_arima_order){ 1, 0, 1, 0, 0, 0, 1 };
    o.unbiased = 1;
    return o;
}

START_TEST(many_are_as_one_on_any_number_of_threads)
{
    hw3_arima_opts o = many_series();
    for (int k = 0; k < 4; k++) {
        hw3_ctx *ctx = test_ctx(k + 1);
        OK(hw3_arima_fit_many(ctx, many_y, many_n, SERIES, &o, 3, many_coef[k][0], many_loglik[k], many_sigma2[k], many_converged[k],
                              many_status[k]));
        for (int64_t i = 0, at = 0; i < SERIES; at += many_n[i++]) {
            hw3_arima *fit = NULL;
            hw3_status s = hw3_arima_fit(ctx, many_y + at, many_n[i], &o, &fit);
            ck_assert_int_eq(s, many_status[k][i]);
            ck_assert_int_eq(s != HW3_OK, i == 2 || i == 4 || i == 6);
            if (s) ck_assert(isnan(many_coef[k][i][0]) && isnan(many_coef[k][i][2]) && isnan(many_loglik[k][i]) && isnan(many_sigma2[k][i]));
            else {
                same(many_coef[k][i], fit->coef, 3, "coef");
                same(&many_loglik[k][i], &fit->info.loglik, 1, "loglik"), same(&many_sigma2[k][i], &fit->info.sigma2, 1, "sigma2");
                ck_assert_int_eq(many_converged[k][i], fit->info.converged);
            }
            hw3_arima_destroy(fit);
        }
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

/* ---- Bad input, no memory ---- */

static double good[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, out8[64];
static hw3_arima *plain, *full, *none;
static hw3_status many(int64_t n_series, int64_t n_coef, int64_t length)
{
    int32_t flags[8];
    return hw3_arima_fit_many(plain->ctx, good, (int64_t[]){ 4, length }, n_series, NULL, n_coef, out8, out8, out8, flags, flags);
}
#define BAD                                                                                                                        \
    X(hw3_arima_append(NULL, good, 1, NULL), ARG, "")                                                                              \
    X(hw3_arima_append(plain, NULL, 1, NULL), ARG, "arima_append: y is NULL")                                                      \
    X(hw3_arima_append(plain, good, -1, NULL), ARG, "arima_append: n is -1")                                                       \
    X(hw3_arima_append(plain, (double[]){ 1, INFINITY }, 2, NULL), VALUE, "is inf")                                                \
    X(hw3_arima_append(plain, (double[]){ 1e308, -1e308, 1e308 }, 3, NULL), VALUE, "too far apart")                                \
    X(hw3_arima_append(plain, (double[]){ 1e300 }, 1, NULL), VALUE, "132 squared residuals is inf")                                \
    X(hw3_arima_apply(plain, (double[20]){ 1e300 }, 20, NULL, &none), VALUE, "squared residuals is inf")                           \
    X(hw3_arima_append(full, good, 1, NULL), ARG, "xreg is NULL")                                                                  \
    X(hw3_arima_append(full, (double[]){ -1 }, 1, (double[]){ 1, NAN }), VALUE, "regressor 2 (step) is nan")                       \
    X(hw3_arima_refit(NULL), ARG, "")                                                                                              \
    X(hw3_arima_apply(plain, good, 0, NULL, &none), ARG, "n is 0")                                                                 \
    X(hw3_arima_apply(plain, good, 8, NULL, NULL), ARG, "out is NULL")                                                             \
    X(hw3_arima_apply(plain, (double[]){ -INFINITY }, 1, NULL, &none), VALUE, "y[0] is -inf")                                      \
    X(hw3_arima_one_step(plain, good, 8, NULL, NULL, NULL), ARG, "mean is NULL")                                                   \
    X(hw3_arima_one_step(full, good, 8, NULL, out8, NULL), ARG, "xreg is NULL")                                                    \
    X(hw3_arima_one_step(plain, good, 0, NULL, out8, NULL), ARG, "n is 0")                                                         \
    X(hw3_arima_backtest(plain, good, 8, 9, 0, NULL, NULL, NULL, out8, NULL), ARG, "horizon is 9, expected 1 to 8")                \
    X(hw3_arima_backtest(plain, good, 8, 2, -1, NULL, NULL, NULL, out8, NULL), ARG, "refit_every is -1")                           \
    X(hw3_arima_backtest(plain, good, 8, 2, 1, NULL, NULL, NULL, NULL, NULL), ARG, "mean is NULL")                                 \
    X(hw3_arima_roots(plain, 2, out8, out8, 8), ARG, "ma is 2")                                                                    \
    X(hw3_arima_roots(plain, 1, out8, NULL, 20), ARG, "im is NULL")                                                                \
    X(hw3_arima_roots(plain, 1, out8, out8, 12), TOO_SMALL, "13 are needed")                                                       \
    X(hw3_arima_simulate(plain, 0, 1, 1, 0, 0, NULL, out8), ARG, "horizon is 0")                                                   \
    X(hw3_arima_simulate(plain, 1, 0, 1, 0, 0, NULL, out8), ARG, "n_paths is 0")                                                   \
    X(hw3_arima_simulate(plain, 1, 1, 1, 2, 0, NULL, out8), ARG, "bootstrap is 2")                                                 \
    X(hw3_arima_simulate(plain, 1, 1, 1, 0, 2, NULL, out8), ARG, "conditional is 2")                                               \
    X(hw3_arima_simulate(plain, 1, 1, 1, 0, 0, NULL, NULL), ARG, "out is NULL")                                                    \
    X(hw3_arima_simulate(full, 1, 1, 1, 0, 0, NULL, out8), ARG, "xreg is NULL")                                                    \
    X(hw3_arima_simulate(full, 1, 1, 1, 0, 0, (double[]){ NAN, 1 }, out8), VALUE, "regressor 1 (wave) is nan")                     \
    X(hw3_arima_intervals(plain, 1, good, 1, 9, 1, 0, NULL, out8, out8), ARG, "level 1,")                                          \
    X(hw3_arima_intervals(plain, 1, NULL, 1, 9, 1, 0, NULL, out8, out8), ARG, "levels is NULL")                                    \
    X(hw3_arima_intervals(plain, 1, good, 0, 9, 1, 0, NULL, out8, out8), ARG, "n_levels is 0")                                     \
    X(many(0, 2, 1), ARG, "n_series is 0")                                                                                         \
    X(many(2, 3, 1), SHAPE, "n_coef is 3, the model has 1")                                                                        \
    X(many(2, 1, 0), ARG, "lengths[1] is 0")                                                                                       \
    X(hw3_fourier(NULL, 12, 3, 0, 4, out8), ARG, "")                                                                               \
    X(hw3_fourier(plain->ctx, 1, 3, 0, 1, out8), ARG, "period is 1")                                                               \
    X(hw3_fourier(plain->ctx, NAN, 3, 0, 1, out8), ARG, "period is nan")                                                           \
    X(hw3_fourier(plain->ctx, 12, 3, 0, 5, out8), ARG, "n_columns is 5")                                                           \
    X(hw3_fourier(plain->ctx, 12, 3, 0, 12, out8), ARG, "n_columns is 12")                                                         \
    X(hw3_fourier(plain->ctx, 12, 3, 0, 14, out8), ARG, "n_columns is 14")                                                         \
    X(hw3_fourier(plain->ctx, 12, 0, 0, 4, out8), ARG, "n is 0")                                                                   \
    X(hw3_fourier(plain->ctx, 12, 3, -1, 4, out8), ARG, "start is -1")                                                             \
    X(hw3_fourier(plain->ctx, 12, 3, 0, 4, NULL), ARG, "out is NULL")                                                              \
    X(hw3_series_snaive(plain->ctx, good, 8, 3, 4, out8), ARG, "period is 4, expected 1 to 3")                                     \
    X(hw3_series_snaive(plain->ctx, good, 8, 8, 4, out8), ARG, "start is 8")

START_TEST(bad_input)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima *copy = NULL;
    double before[2 * 4], after[2 * 4];
    plain = fit_airline(ctx, 144);
    OK(fit_full(ctx, 80, &full));
    OK(hw3_arima_apply(plain, series_y, 144, NULL, &copy));
    OK(hw3_arima_apply(plain, plain->y, 144, NULL, &none));
    hw3_arima_destroy(copy), hw3_arima_destroy(none);
    copy = NULL, none = NULL;
    OK(hw3_arima_apply(plain, plain->y, 144, NULL, &copy));
    OK(hw3_arima_predict(full, 4, full_x[80], NULL, 0, before, before + 4, NULL, NULL));
#define X(call, status, text)                                                      \
    FAILS(call, HW3_ERR_##status);                                                 \
    if (*text) SAYS(text);                                                         \
    ck_assert_ptr_null(none);
    BAD
#undef X
    copy->info = plain->info; /* of the fit, not of the filter */
    same_fit(plain, copy);
    OK(hw3_arima_predict(full, 4, full_x[80], NULL, 0, after, after + 4, NULL, NULL));
    same(after, before, 8, "predict");
    OK(hw3_series_snaive(ctx, good, 8, 4, 4, out8));
    same(out8, good, 4, "snaive");
    hw3_arima_destroy(plain), hw3_arima_destroy(full), hw3_arima_destroy(copy);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A line on a logarithmic scale reaches what no double holds; nothing is written then. */
START_TEST(forecasts_without_a_value)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit = NULL, *other = NULL;
    double y[20], mean[6] = { 7 }, se[6] = { 7 }, fitted[22];
    for (int t = 0; t < 20; t++) y[t] = 2 + sin(t * t);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    o.order = (hw3_arima_order){ 0, 2, 0, 0, 0, 0, 1 };
    o.boxcox = 1, o.lam = 0;
    OK(hw3_arima_fit(ctx, y, 20, &o, &fit));
    FAILS(hw3_arima_one_step(fit, (double[]){ 1, 1e200, 1 }, 3, NULL, mean, se), HW3_ERR_VALUE);
    SAYS("no value for lambda 0");
    FAILS(hw3_arima_backtest(fit, (double[]){ 1, 1e200, 1 }, 3, 1, 0, NULL, NULL, NULL, mean, se), HW3_ERR_VALUE);
    OK(hw3_arima_append(fit, (double[]){ 1e-100, 1e200 }, 2, NULL));
    FAILS(hw3_arima_forecast(fit, 2, 0.9, mean, NULL, NULL), HW3_ERR_VALUE);
    ck_assert(mean[0] == 7 && se[0] == 7);
    OK(hw3_arima_fitted(fit, fitted, 22));
    for (int t = 0; t < 22; t++) ck_assert(isfinite(fitted[t]));
    OK(hw3_arima_apply(fit, (double[]){ NAN, NAN, NAN }, 3, NULL, &other)); /* nothing to judge it by */
    OK(hw3_arima_describe(other, &info));
    ck_assert(info.n_used == 0 && info.loglik == 0 && isnan(info.aic) && isnan(info.aicc) && isnan(info.bic));
    hw3_arima_destroy(fit), hw3_arima_destroy(other);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status use_all(hw3_ctx *ctx)
{
    hw3_arima *fit = NULL, *other = NULL;
    double out[60], se[60];
    hw3_status s = fit_full(ctx, 80, &fit);
    if (!s) s = hw3_arima_append(fit, series_y + 80, 2, full_x[80]);
    if (!s) s = hw3_arima_refit(fit);
    if (!s) s = hw3_arima_apply(fit, series_y, 100, full_x[0], &other);
    if (!s) s = hw3_arima_one_step(fit, series_y + 82, 5, full_x[82], out, se);
    if (!s) s = hw3_arima_backtest(fit, series_y + 82, 5, 3, 2, full_x[82], NULL, NULL, out, se);
    if (!s) s = hw3_arima_roots(fit, 0, out, se, 2);
    if (!s) s = hw3_arima_simulate(fit, 5, 10, 1, 1, 0, full_x[82], out);
    if (!s) s = hw3_arima_intervals(fit, 5, (const double[]){ 0.9 }, 1, 10, 1, 0, full_x[82], out, se);
    hw3_arima_opts o = many_series();
    if (!s) s = hw3_arima_fit_many(ctx, many_y, many_n, SERIES, &o, 3, many_coef[0][0], many_loglik[0], many_sigma2[0], many_converged[0],
                                   many_status[0]);
    if (!s) s = hw3_arima_save(fit, FILE_A);
    hw3_arima_destroy(other), other = NULL;
    if (!s) s = hw3_arima_load(ctx, FILE_A, &other);
    hw3_arima_destroy(fit), hw3_arima_destroy(other);
    return s;
}

START_TEST(no_memory)
{
    ck_assert_int_ge(test_sweep(use_all), 100);
    unlink(FILE_A);
}
END_TEST

TEST_MAIN("arima_use", one_step_and_append_as_r, fourier_as_r, appended_is_applied, applied_to_itself_has_the_same_likelihood,
          backtest_is_predict_after_append, backtest_with_refit, refit_is_a_fit_of_all, roots_are_roots, paths_have_the_law_of_the_forecast,
          new_series_have_the_law_of_the_process, any_number_of_threads, files_keep_every_bit, damaged_and_foreign_files,
          sizes_are_checked_before_memory_is_taken, many_are_as_one_on_any_number_of_threads, bad_input, forecasts_without_a_value,
          no_memory)
