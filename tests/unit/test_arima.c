/* SPDX-License-Identifier: MIT */
/* ARIMA against R (tests/vectors/gen_arima.R), against dense Gaussian densities and in failing memory. */
#include "alloc.h"
#include "arima_fits.h"
#include "math/polyroots.h"
#include "series/arima_kalman.h"

static double noise(int64_t t) { return sin(0.3 * (double)(t * t)) + 0.5 * sin(1.7 * (double)t + 1); }

/* ---- Likelihood and gradient ---- */

/* The log-likelihood by the plain filter over all states. */
static double by_kalman(setting *s)
{
    hw3i_workspace w = { 0 };
    hw3i_kalman k;
    hw3i_kalman_take(&w, &s->data.order, &k);
    w = (hw3i_workspace){ aligned_alloc(HW3I_ALIGN, (size_t)w.used), 0 };
    hw3i_kalman_take(&w, &s->data.order, &k);
    ck_assert(hw3i_kalman_start(&k, &s->data.order, s->coef, HW3I_KAPPA));
    double sum = 0, log_det = 0, nu = 0;
    for (int64_t t = 0; t < s->n; t++) {
        double z = s->y[t];
        for (int64_t j = 0; j < s->n_reg; j++) z -= s->coef[s->p.n_arma + j] * s->x[j * s->n + t];
        if (!isnan(z) && k.F < HW3I_DIFFUSE) {
            double e = z - hw3i_kalman_mean(&k);
            sum += e * e / k.F, log_det += log(k.F), nu++;
        }
        hw3i_kalman_step(&k, z);
    }
    free(w.base);
    return hw3i_arima_loglik(&s->p, 0.5 * (log(sum / nu) + log_det / nu));
}

static void check_likelihood(setting *s)
{
    double ours = hw3i_arima_loglik(&s->p, hw3i_arima_value(&s->p, s->coef, s->beta, NULL, NULL)), want = s->r->loglik;
    CHECK(s, fabs(ours - want) <= 1e-6 * fabs(want), "log-likelihood %.12g, R %.12g", ours, want);
    if (s->p.css) return;
    double kalman = by_kalman(s);
    /* The filter takes variances of 1e6 and more from each other, which three differences let grow. */
    double tolerance = s->p.data->order.d + s->p.data->order.D > 2 ? 1e-7 : 1e-8;
    CHECK(s, fabs(ours - kalman) <= tolerance * fabs(kalman), "log-likelihood %.14g, filter %.14g", ours, kalman);
}

START_TEST(likelihood_as_r) { each_fit(check_likelihood); }
END_TEST

/* (4 D(h/2) - D(h)) / 3 with D the central difference over *x; NaN across a jump, where a step is left out on one side only. */
static double slope(setting *s, double *x, double h)
{
    const double at = *x;
    double d[2];
    hw3i_arima_value(&s->p, s->coef, s->beta, NULL, NULL);
    const int64_t steps = s->p.n_residuals;
    for (int half = 0; half < 2; half++) {
        double f[2], by = half ? h / 2 : h;
        for (int side = 0; side < 2; side++) {
            *x = side ? at + by : at - by;
            f[side] = hw3i_arima_value(&s->p, s->coef, s->beta, NULL, NULL);
            if (s->p.n_residuals != steps || !isfinite(f[side])) f[side] = NAN;
        }
        d[half] = (f[1] - f[0]) / (2 * by);
    }
    *x = at;
    return (4 * d[1] - d[0]) / 3;
}

static int n_slopes, n_jumps, n_refused;

static void check_gradient(setting *s)
{
    double g[MOST], g_beta[MOST];
    const hw3_arima_order *o = &s->data.order;
    /* Off the optimum, where the slopes are not 0; phi[i] 0.9^i stays stationary. */
    for (int i = 0; i < o->p; i++) s->coef[i] *= pow(0.9, i + 1);
    for (int i = 0; i < o->q; i++) s->coef[o->p + i] *= pow(0.9, i + 1);
    for (int64_t j = s->p.n_arma, k = 0; j < s->c->n_coef; j++)
        if (!s->c->fixed || isnan(s->c->fixed[j])) s->beta[k++] += s->r->se[j];
    double value = hw3i_arima_value(&s->p, s->coef, s->beta, g, g_beta);
    if (!isfinite(value)) return; /* CSS may end where no stationary start is */
    int64_t k = 0;
    for (int64_t i = 0; i < s->c->n_coef; i++) {
        const bool reg = i >= s->p.n_arma;
        if (reg && s->c->fixed && !isnan(s->c->fixed[i])) continue;
        double exact = reg ? g_beta[k] : g[i], *x = reg ? s->beta + k : s->coef + i, h = reg ? 1e-2 * s->r->se[i] : 1e-4;
        k += reg;
        /* The prior of 1e6 leaves the value 11 digits, which asks for long steps, a root near 1 for short ones: one of two agrees. */
        double numeric = slope(s, x, h), unit = reg ? s->r->se[i] : 1;
        if (!(fabs(exact - numeric) * unit <= 1e-6 * (1 + fabs(numeric) * unit))) numeric = slope(s, x, h * 10);
        n_slopes++;
        n_jumps += isnan(numeric);
        CHECK(s, isnan(numeric) || fabs(exact - numeric) * unit <= 1e-6 * (1 + fabs(numeric) * unit),
              "gradient of %s is %.12g, differences %.12g", s->c->names[i], exact, numeric);
    }
}

START_TEST(gradient_as_differences)
{
    n_slopes = n_jumps = 0;
    each_fit(check_gradient);
    ck_assert_msg(n_slopes > 500 && n_jumps * 50 < n_slopes, "%d of %d slopes at jumps", n_jumps, n_slopes);
}
END_TEST

/* R has no numbers for it: its residuals are missing for good after the first that is. */
static void check_css_with_holes(setting *s)
{
    if (!s->c->holes || s->data.method != HW3_ARIMA_ML || s->data.order.q + s->data.order.Q == 0) return;
    s->p.css = true;
    check_gradient(s);
}

START_TEST(css_gradient_with_holes)
{
    n_slopes = n_jumps = 0;
    each_fit(check_css_with_holes);
    ck_assert_msg(n_slopes > 100 && n_jumps == 0, "%d slopes, %d jumps", n_slopes, n_jumps);
}
END_TEST

/* ---- Sums of squares that stand for a likelihood ---- */

static void check_stand_in_gradient(setting *s)
{
    if (!s->c->holes || s->data.method != HW3_ARIMA_ML) return;
    s->data.stand_in = true;
    ck_assert_int_eq(hw3i_arima_setup(&s->data, s->memory, &s->p), -1);
    s->p.css = true;
    check_gradient(s);
}

/* v[t] = w[t] - phi w - theta v with w the differences of z; a missing z[t] is what makes v[t] = 0. */
static double sum_of_squares(int64_t n, const double *y, int64_t start, const hw3i_arima_problem *p, int64_t *n_residuals)
{
    double z[100], w[100] = { 0 }, v[100] = { 0 }, sum = 0;
    const hw3i_arma *a = &p->arma;
    *n_residuals = 0;
    for (int64_t t = 0; t < n; t++) {
        z[t] = isnan(y[t]) ? 0 : y[t];
        for (int64_t k = 0; k <= p->head.diffs && k <= t; k++) w[t] += p->head.poly[k] * z[t - k];
        if (t < start) continue;
        v[t] = w[t];
        for (int64_t j = 1; j <= a->r; j++) v[t] -= a->phi[j] * w[t - j] + a->theta[j] * v[t - j];
        if (isnan(y[t])) z[t] -= v[t], w[t] -= v[t], v[t] = 0;
        else ++*n_residuals;
        sum += v[t] * v[t];
    }
    return sum;
}

START_TEST(stand_in)
{
    n_slopes = n_jumps = 0;
    each_fit(check_stand_in_gradient);
    ck_assert_msg(n_slopes > 30 && n_jumps == 0, "%d of %d slopes at jumps", n_jumps, n_slopes);

    static const double coef[] = { 0.5, -0.3, 0.4, 0.2, -0.6 };
    double y[80];
    for (int64_t t = 0; t < 80; t++) y[t] = (t == 30 || t == 31 || t == 50) ? miss : noise(t);
    const hw3i_arima_data data = { .order = { 2, 1, 1, 1, 1, 1, 4 }, .n = 80, .y = y, .method = HW3_ARIMA_CSS,
                                   .max_iterations = 9, .stand_in = true };
    hw3i_arima_problem p;
    void *memory = aligned_alloc(HW3I_ALIGN, (size_t)hw3i_arima_bytes(&data));
    ck_assert_int_eq(hw3i_arima_setup(&data, memory, &p), -1);
    p.css = true;
    ck_assert(isfinite(hw3i_arima_value(&p, coef, NULL, NULL, NULL)));
    int64_t n_residuals;
    double want = sum_of_squares(80, y, 5 + 6, &p, &n_residuals);
    ck_assert_int_eq(p.n_residuals, n_residuals);
    ck_assert_int_eq(n_residuals, 80 - 11 - 3);
    NEAR(p.sum, want, 1e-12 * want);
    free(memory);
}
END_TEST

/* ---- The public functions ---- */

/* With two differences a drift is no part of a model, but a regressor like others. */
static bool drift_given(const struct arima_case *c) { return c->drift && c->order[1] + c->order[4] > 1; }

/* The regressors as rows, past and future. */
static void fill_rows(const struct arima_case *c, double *x)
{
    int64_t all = all_series[c->series].n + c->h;
    for (int64_t t = 0; t < all; t++) {
        if (drift_given(c)) *x++ = (double)(t + 1);
        for (int j = 0; j < c->n_xreg; j++) *x++ = c->xreg[j * all + t];
    }
}

static void check_forecast(setting *s)
{
    const struct arima_case *c = s->c;
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    double *rows = malloc((size_t)((s->n + c->h) * (c->n_xreg + 1)) * sizeof *rows), mean[200], se[200];
    fill_rows(c, rows);
    o.order = s->data.order, o.method = s->data.method, o.mean = c->mean, o.drift = c->drift;
    o.n_xreg = c->n_xreg + drift_given(c), o.xreg = o.n_xreg ? rows : NULL, o.fixed = s->r->coef;
    hw3_status status = hw3_arima_fit(ctx, s->y, s->n, &o, &fit);
    n_refused += status != HW3_OK;
    CHECK(s, status == HW3_OK || (o.method == HW3_ARIMA_CSS && status == HW3_ERR_VALUE), "%s", hw3_ctx_error(ctx));
    if (status) {
        free(rows);
        hw3_ctx_destroy(ctx);
        return;
    }
    OK(hw3_arima_describe(fit, &info));
    CHECK(s, fabs(info.loglik - s->r->loglik) <= 1e-6 * fabs(s->r->loglik), "log-likelihood %.12g, R %.12g", info.loglik, s->r->loglik);
    CHECK(s, fabs(info.sigma2 - s->r->sigma2) <= 1e-5 * s->r->sigma2, "sigma2 %.12g, R %.12g", info.sigma2, s->r->sigma2);
    CHECK(s, info.n_used == s->r->nobs && info.n_free == 0, "%d values", (int)info.n_used);
    ck_assert_int_eq(info.n_coef, c->n_coef);
    for (int64_t i = 0; i < c->n_coef - o.n_xreg; i++) ck_assert_str_eq(hw3_arima_coef_name(fit, i), c->names[i]);
    OK(hw3_arima_predict(fit, c->h, rows + s->n * o.n_xreg, NULL, 0, mean, se, NULL, NULL));
    for (int64_t t = 0; t < c->h; t++) {
        double want = s->r->mean[t], sd = s->r->mean_se[t];
        CHECK(s, fabs(mean[t] - want) <= 1e-5 * fmax(fabs(want), sd), "mean[%d] %.12g, R %.12g", (int)t, mean[t], want);
        CHECK(s, fabs(se[t] - sd) <= 1e-5 * sd, "se[%d] %.12g, R %.12g", (int)t, se[t], sd);
    }
    hw3_arima_destroy(fit);
    free(rows);
    hw3_ctx_destroy(ctx);
}

/* CSS may end where nothing is stationary: R forecasts from there, here it is no model. */
START_TEST(forecasts_as_r)
{
    n_refused = 0;
    each_fit(check_forecast);
    ck_assert_msg(n_refused <= 9, "%d", n_refused);
}
END_TEST

/* forecast::Arima(y, model = fit): the parameters of the first part, held over the whole series. */
START_TEST(updates_as_forecast)
{
    hw3_ctx *ctx = test_ctx(1);
    static double y[8000], e[8000];
    for (int64_t i = 0; i < HW3I_LEN(arima_updates); i++) {
        const struct arima_update *u = arima_updates + i;
        const int64_t n = all_series[u->series].n;
        hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
        hw3_arima_info info = HW3_ARIMA_INFO_INIT;
        hw3_arima *fit;
        for (int64_t t = 0; t < n; t++) y[t] = u->log ? log(all_series[u->series].y[t]) : all_series[u->series].y[t];
        o.order = (hw3_arima_order){ u->order[0], u->order[1], u->order[2], u->order[3], u->order[4], u->order[5], u->m };
        o.method = HW3_ARIMA_ML, o.mean = u->mean, o.drift = u->drift, o.fixed = u->coef;
        OK(hw3_arima_fit(ctx, y, n, &o, &fit));
        OK(hw3_arima_describe(fit, &info));
        ck_assert_msg(fabs(info.loglik - u->loglik) <= 1e-6 * fabs(u->loglik), "%s: %.12g, R %.12g", u->model, info.loglik, u->loglik);
        OK(hw3_arima_residuals(fit, e, n));
        for (int64_t t = 0; t < n; t++) {
            ck_assert_msg(fabs(e[t] - u->residuals[t]) <= 1e-5 * sqrt(u->sigma2), "%s: residual %d %.12g, R %.12g", u->model, (int)t, e[t],
                          u->residuals[t]);
            if (t >= u->n_train) NEAR(y[t] - e[t], u->forecast[t - u->n_train], 1e-5);
        }
        hw3_arima_destroy(fit);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* ---- Dense Gaussian densities ---- */

/* Autocovariances g[0..n-1] of phi(B) y = theta(B) e, from 4000 weights of e. */
static void autocovariances(int64_t p, const double *phi, int64_t q, const double *theta, int64_t n, double *g)
{
    enum { LONG = 4000 };
    static double psi[LONG];
    for (int64_t t = 0; t < LONG; t++) {
        psi[t] = t == 0 ? 1 : t <= q ? theta[t] : 0;
        for (int64_t j = 1; j <= p && j <= t; j++) psi[t] += phi[j] * psi[t - j];
    }
    for (int64_t k = 0; k < n; k++) {
        g[k] = 0;
        for (int64_t t = 0; t + k < LONG; t++) g[k] += psi[t] * psi[t + k];
    }
}

/* The concentrated log density of z with covariance sigma2 V, V [n, n] changed, over the n_used steps of variance below 1e4. */
static double dense(int64_t n, double *V, const double *z, int64_t n_used)
{
    double sum = 0, log_det = 0, *e = malloc((size_t)n * sizeof *e);
    int64_t nu = 0;
    for (int64_t i = 0; i < n; i++) { /* L L' */
        e[i] = z[i];
        for (int64_t j = 0; j <= i; j++) {
            double s = V[i * n + j];
            for (int64_t k = 0; k < j; k++) s -= V[i * n + k] * V[j * n + k];
            V[i * n + j] = i == j ? sqrt(s) : s / V[j * n + j];
            if (j < i) e[i] -= V[i * n + j] * e[j];
        }
        double sd = V[i * n + i];
        e[i] /= sd;
        if (sd * sd < 1e4) sum += e[i] * e[i], log_det += 2 * log(sd), nu++;
    }
    free(e);
    ck_assert_int_eq(nu, n_used);
    return -0.5 * (double)n_used * (1 + log(6.283185307179586) + log(sum / (double)nu) + log_det / (double)nu);
}

static double held_loglik(const double *y, int64_t n, hw3_arima_order order, const double *fixed)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    o.order = order, o.method = HW3_ARIMA_ML, o.mean = 0, o.fixed = fixed;
    OK(hw3_arima_fit(ctx, y, n, &o, &fit));
    OK(hw3_arima_describe(fit, &info));
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
    return info.loglik;
}

/* (1,1,1)(1,0,1)[4]: y is the sum of a stationary process and a start of variance 1e6. Then with values missing: one in three,
 * and 15 in a row. */
START_TEST(dense_density)
{
    enum { N = 60 };
    const double a = 0.5, b = 0.3, A = 0.4, B = -0.6;
    const double phi[6] = { 0, a, 0, 0, A, -a * A }, theta[6] = { 1, b, 0, 0, B, b * B };
    double y[N], z[N], g[N], V[N * N], W[N * N], level = 10;
    autocovariances(5, phi, 5, theta, N, g);
    for (int64_t t = 0; t < N; t++) y[t] = level += noise(t);
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < N; j++) V[i * N + j] = g[llabs(i - j)];
    for (int64_t i = 0; i < N; i++) /* sums down, then across */
        for (int64_t j = 0; j < N && i; j++) V[i * N + j] += V[(i - 1) * N + j];
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 1; j < N; j++) V[i * N + j] += V[i * N + j - 1];
    for (int64_t i = 0; i < N * N; i++) V[i] += HW3I_KAPPA;
    for (int holes = 0; holes < 2; holes++) {
        int64_t n = 0, at[N];
        for (int64_t t = 0; t < N; t++) {
            if (holes && (t % 3 == 1 || (t > 30 && t <= 45))) y[t] = miss;
            else z[n] = y[t], at[n++] = t;
        }
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) W[i * n + j] = V[at[i] * N + at[j]];
        double ours = held_loglik(y, N, (hw3_arima_order){ 1, 1, 1, 1, 0, 1, 4 }, (double[]){ a, b, A, B });
        NEAR(ours, dense(n, W, z, n - 1), 1e-8); /* 1e6 leaves 10 digits */
    }
}
END_TEST

/* (0,1,1)(0,1,1)[365], where the first 366 values are exactly diffuse: the density of the differences. */
START_TEST(dense_density_of_a_long_season)
{
    enum { N = 800, M = 365, D = M + 1, R = N - D };
    const double b = -0.4, B = -0.3;
    static double theta[D + 1], y[N], z[R], g[R], V[R * R];
    theta[0] = 1, theta[1] = b, theta[M] = B, theta[D] = b * B;
    autocovariances(0, theta, D, theta, R, g);
    for (int64_t t = 0; t < N; t++) y[t] = 0.01 * (double)t + 3 * sin(6.283185307179586 * (double)t / M) + noise(t);
    for (int64_t t = 0; t < R; t++) z[t] = y[t + D] - y[t + M] - y[t + 1] + y[t];
    for (int64_t i = 0; i < R; i++)
        for (int64_t j = 0; j < R; j++) V[i * R + j] = g[llabs(i - j)];
    NEAR(held_loglik(y, N, (hw3_arima_order){ 0, 1, 1, 0, 1, 1, M }, (double[]){ b, B }), dense(R, V, z, R), 1e-10);
}
END_TEST

/* (log(S / nu) + L / nu) / 2 of z [n] with covariance sigma2 V where z - A b has mean 0 and nothing is known of b: A [k, n] by
 * rows. All are changed. */
static double dense_value(int64_t n, double *V, double *z, int64_t k, double *A)
{
    double sum = 0, log_det = 0, nu = (double)(n - k);
    for (int64_t i = 0; i < n; i++) { /* V = L L', z and the rows of A become L^-1 z, ... */
        for (int64_t j = 0; j <= i; j++) {
            double s = V[i * n + j];
            for (int64_t l = 0; l < j; l++) s -= V[i * n + l] * V[j * n + l];
            V[i * n + j] = i == j ? sqrt(s) : s / V[j * n + j];
        }
        log_det += 2 * log(V[i * n + i]);
        for (int64_t c = 0; c <= k; c++) {
            double *x = c < k ? A + c * n : z;
            for (int64_t l = 0; l < i; l++) x[i] -= V[i * n + l] * x[l];
            x[i] /= V[i * n + i];
        }
    }
    for (int64_t c = 0; c < k; c++) { /* Gram and Schmidt */
        double *x = A + c * n, size = 0;
        for (int64_t i = 0; i < n; i++) size += x[i] * x[i];
        if (size < 1e-20) { /* it depends on those before it */
            nu++;
            continue;
        }
        log_det += log(size);
        for (int64_t b = c + 1; b <= k; b++) {
            double *to = b < k ? A + b * n : z, s = 0;
            for (int64_t i = 0; i < n; i++) s += x[i] * to[i] / size;
            for (int64_t i = 0; i < n; i++) to[i] -= s * x[i];
        }
    }
    for (int64_t i = 0; i < n; i++) sum += z[i] * z[i];
    return 0.5 * (log(sum / nu) + log_det / nu);
}

/* y of a season of 62 with holes; its differences z [n - 63], 0 for what is missing, and what a missing value adds to them as
 * rows of A. Returns the holes. */
static int64_t make_gaps(bool season_unseen, int64_t n, double *y, double *z, double *A)
{
    enum { M = 62, D = M + 1 };
    const int64_t rows = n - D;
    int64_t k = 0;
    for (int64_t t = 0; t < rows; t++) z[t] = 0;
    for (int64_t t = 0; t < n; t++) {
        const bool hole = (t % 5 < 2 && t % 11 && t != n - 1) || (season_unseen && t % M == 10);
        y[t] = hole ? miss : 0.01 * (double)t + 3 * sin(6.283185307179586 * (double)t / M) + noise(t);
        for (int64_t i = 0; hole && i < rows; i++) A[k * rows + i] = 0;
        for (int64_t j = 0; j < 4; j++) {
            const int64_t at = t + (j & 1) + (j & 2) / 2 * M - D; /* (1 - B)(1 - B^62) */
            const double sign = j == 0 || j == 3 ? 1 : -1;
            if (at >= 0 && at < rows && hole) A[k * rows + at] = sign;
            else if (at >= 0 && at < rows) z[at] += sign * y[t];
        }
        k += hole;
    }
    return k;
}

/* (0,1,1)(0,1,1)[62] with every third value missing, also among the first 63, which are exactly diffuse: each is any number.
 * Then with one that no value ever tells of. The gradient against differences, as above. */
START_TEST(dense_density_of_a_long_season_with_gaps)
{
    enum { N = 261, M = 62, D = M + 1, R = N - D, MOST_HOLES = 120 };
    static double theta[D + 1], y[N], z[R], g[R], V[R * R], A[MOST_HOLES * R];
    const double b = -0.4, B = -0.3;
    theta[0] = 1, theta[1] = b, theta[M] = B, theta[D] = b * B;
    autocovariances(0, theta, D, theta, R, g);
    for (int unseen = 0; unseen < 2; unseen++) {
        const int64_t k = make_gaps(unseen, N, y, z, A);
        ck_assert_int_lt(k, MOST_HOLES);
        for (int64_t i = 0; i < R; i++)
            for (int64_t j = 0; j < R; j++) V[i * R + j] = g[llabs(i - j)];
        setting s = { .data = { .order = { 0, 1, 1, 0, 1, 1, M }, .n = N, .y = y, .method = HW3_ARIMA_ML }, .coef = { b, B } };
        double exact[2];
        s.memory = aligned_alloc(HW3I_ALIGN, (size_t)hw3i_arima_bytes(&s.data));
        ck_assert_int_eq(hw3i_arima_setup(&s.data, s.memory, &s.p), -1);
        ck_assert(s.p.by_gaps && s.p.n_unknown > 0 && s.p.n_unknown < k);
        NEAR(hw3i_arima_value(&s.p, s.coef, NULL, exact, NULL), dense_value(R, V, z, k, A), 1e-10);
        ck_assert_int_eq(s.p.n_residuals, R - k + unseen);
        for (int i = 0; i < 2; i++) NEAR(exact[i], slope(&s, s.coef + i, 1e-3), 1e-8);
        free(s.memory);
    }
}
END_TEST

/* ---- Identities ---- */

START_TEST(random_walk)
{
    hw3_ctx *ctx = test_ctx(1);
    const double *y = all_series[TS_Nile].y;
    const int64_t n = all_series[TS_Nile].n;
    double mean[5], se[5], sum = 0;
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    o.order = (hw3_arima_order){ 0, 1, 0, 0, 0, 0, 1 };
    OK(hw3_arima_fit(ctx, y, n, &o, &fit));
    OK(hw3_arima_describe(fit, &info));
    OK(hw3_arima_predict(fit, 5, NULL, NULL, 0, mean, se, NULL, NULL));
    for (int64_t t = 1; t < n; t++) sum += (y[t] - y[t - 1]) * (y[t] - y[t - 1]);
    NEAR(info.sigma2, sum / (double)(n - 1), 1e-5); /* the start of variance 1e6 pulls by 1e-6 */
    for (int h = 0; h < 5; h++) {
        NEAR(mean[h], y[n - 1], 1e-6);
        NEAR(se[h], sqrt(info.sigma2 * (h + 1)), 1e-6);
    }
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* R ends at ma2 = 1, with -39.800; the top is inside. */
START_TEST(top_inside_the_unit_circle)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info i = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    const int64_t n = all_series[TS_JohnsonJohnson].n;
    double y[200];
    for (int64_t t = 0; t < n; t++) y[t] = log(all_series[TS_JohnsonJohnson].y[t]);
    o.order.q = 2, o.method = HW3_ARIMA_ML;
    OK(hw3_arima_fit(ctx, y, n, &o, &fit));
    OK(hw3_arima_describe(fit, &i));
    ck_assert_msg(i.loglik > -36.82, "%.6f", i.loglik);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(criteria)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info i = HW3_ARIMA_INFO_INIT, unbiased = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit;
    o.order = (hw3_arima_order){ 1, 0, 1, 0, 0, 0, 1 };
    OK(hw3_arima_fit(ctx, all_series[TS_lh].y, 48, &o, &fit));
    OK(hw3_arima_describe(fit, &i));
    NEAR(i.aic, -2 * i.loglik + 2 * 4, 1e-14); /* ar1, ma1, the mean and sigma2 */
    NEAR(i.aicc, i.aic + 2.0 * 4 * 5 / (48 - 5), 1e-14);
    NEAR(i.bic, -2 * i.loglik + 4 * log(48), 1e-14);
    hw3_arima_destroy(fit);
    o.unbiased = 1;
    OK(hw3_arima_fit(ctx, all_series[TS_lh].y, 48, &o, &fit));
    OK(hw3_arima_describe(fit, &unbiased));
    NEAR(unbiased.sigma2, i.sigma2 * 48 / (48 - 3), 1e-14);
    hw3_arima_destroy(fit);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The same bits however many threads the context has, and log y as Box-Cox of lambda 0. */
START_TEST(threads_and_logarithms)
{
    enum { N = 144, H = 3 };
    double y[N], logs[N], mean[4][H];
    const int32_t threads[4] = { 1, 2, 4, 1 };
    memcpy(y, all_series[TS_AirPassengers].y, sizeof y);
    for (int t = 0; t < N; t++) logs[t] = log(y[t]);
    for (int k = 0; k < 4; k++) {
        hw3_ctx *ctx = test_ctx(threads[k]);
        hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
        hw3_arima *fit;
        o.order = (hw3_arima_order){ 0, 1, 1, 0, 1, 1, 12 };
        o.boxcox = k < 3, o.lam = k < 3 ? 0 : 1;
        OK(hw3_arima_fit(ctx, k < 3 ? y : logs, N, &o, &fit));
        OK(hw3_arima_forecast(fit, H, 0.95, mean[k], NULL, NULL));
        hw3_arima_destroy(fit);
        hw3_ctx_destroy(ctx);
    }
    ck_assert_mem_eq(mean[0], mean[1], sizeof mean[0]);
    ck_assert_mem_eq(mean[0], mean[2], sizeof mean[0]);
    for (int h = 0; h < H; h++) NEAR(log(mean[0][h]), mean[3][h], 1e-12);
}
END_TEST

START_TEST(roots_of_polynomials)
{
    const double re[6] = { 2, -1.25, 1.0001, 1.0002, 0.3, 0.3 }, im[6] = { 0, 0, 0, 0, 1.5, -1.5 };
    double c[7], a[6], b[6];
    hw3i_poly_of_roots(6, re, im, c);
    ck_assert(hw3i_polyroots(6, c, a, b));
    for (int i = 0; i < 6; i++) {
        double nearest = INFINITY;
        for (int j = 0; j < 6; j++) nearest = fmin(nearest, hypot(a[j] - re[i], b[j] - im[i]));
        ck_assert_msg(nearest <= 1e-10, "root %d is %g off", i, nearest); /* two are 1e-4 apart: 1e-16 over 1e-4 and the scale */
    }
}
END_TEST

/* ---- No memory ---- */

static hw3_status all_once(hw3_ctx *ctx)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima *fit;
    double mean[4], se[4], x[48], y[48];
    for (int t = 0; t < 48; t++) x[t] = noise(t), y[t] = t % 4 == 1 ? miss : all_series[TS_lh].y[t];
    o.order = (hw3_arima_order){ 1, 0, 1, 0, 0, 0, 1 };
    o.xreg = x, o.n_xreg = 1;
    for (int holes = 0; holes < 2; holes++) {
        hw3_status s = hw3_arima_fit(ctx, holes ? y : all_series[TS_lh].y, 48, &o, &fit);
        if (!s) s = hw3_arima_predict(fit, 4, x, NULL, 0, mean, se, NULL, NULL);
        hw3_arima_destroy(fit);
        if (s) return s;
    }
    return HW3_OK;
}

START_TEST(failing_memory) { ck_assert_int_ge(test_sweep(all_once), 15); }
END_TEST

TEST_MAIN("arima", likelihood_as_r, gradient_as_differences, css_gradient_with_holes, stand_in, forecasts_as_r, updates_as_forecast,
          dense_density, dense_density_of_a_long_season, dense_density_of_a_long_season_with_gaps, random_walk, top_inside_the_unit_circle, criteria,
          threads_and_logarithms, roots_of_polynomials, failing_memory)
