/* SPDX-License-Identifier: MIT */
#include "arima_report.h"
#include "prices.h"
#include "table.h"
#include "try.h"
#include <hw3/arima_auto.h>
#include <hw3/arima_use.h>
#include <hw3/diagnostics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_LAGS = 40, MAX_ORDER = 3, PATH = 80 };

/* ---- Unit roots -------------------------------------------------------------------------------------- */

static double *differences(const arima_report *j)
{
    double *change = numbers(j->n_train);
    for (int64_t i = 0; change && i < j->n_train - 1; i++) change[i] = j->y[i + 1] - j->y[i];
    return change;
}

static int adf(arima_report *j, table *t, const char *what, const double *y, int64_t n, hw3_unit_root *r)
{
    *r = (hw3_unit_root)HW3_UNIT_ROOT_INIT;
    TRY(hw3_adf(j->ctx, y, n, NULL, r));
    table_row(t, "%s\t%.3f\t%lld\t%.4f\t%.3f\t%.3f\t%.3f", what, r->statistic, (long long)r->n_lags, r->p_value, r->critical_1,
              r->critical_5, r->critical_10);
    return 0;
}

static void print_roots(const hw3_unit_root *price, const hw3_unit_root *change)
{
    printf("\nThe hypothesis is a unit root. It falls at 5 %% where the statistic is below that critical value.\n");
    const struct {
        const char *name;
        const hw3_unit_root *r;
    } both[] = { { "price", price }, { "difference of the price", change } };
    for (int i = 0; i < 2; i++) {
        int falls = both[i].r->statistic < both[i].r->critical_5;
        printf("The %s is %s: %.3f is %s %.3f.\n", both[i].name, falls ? "stationary" : "not stationary", both[i].r->statistic,
               falls ? "below" : "above", both[i].r->critical_5);
    }
}

static void print_outside(const char *what, const double *r, double band)
{
    printf("%s", what);
    int n = 0;
    for (int k = 0; k < N_LAGS; k++)
        if (fabs(r[k]) > band) printf("%s %d", n++ ? "," : "", k + 1);
    if (!n) printf(" none");
}

/* Where p and q can be read off. */
static int print_lags(arima_report *j, const double *y, int64_t n)
{
    double acf[N_LAGS], pacf[N_LAGS], band;
    if (n <= N_LAGS) return 0;
    TRY(hw3_acf(j->ctx, y, n, N_LAGS, acf, &band));
    TRY(hw3_pacf(j->ctx, y, n, N_LAGS, pacf, NULL));
    printf("\nAutocorrelations of the difference beyond ±%.3f, where white noise has 2 of %d lags by chance:\n", band, N_LAGS);
    print_outside("  ACF, for q:  lags", acf, band);
    print_outside("\n  PACF, for p: lags", pacf, band);
    printf("\n");
    return 0;
}

int arima_stationarity(arima_report *j)
{
    table t = { 0 };
    hw3_unit_root price, change;
    double *d = differences(j);
    table_row(&t, "augmented Dickey-Fuller\tstatistic\tlags\tp\t1 %%\t5 %%\t10 %%");
    int failed = !d || adf(j, &t, "price", j->y, j->n_train, &price) ||
                 adf(j, &t, "difference", d, j->n_train - 1, &change);
    if (!failed) {
        printf("\n3. Is the price stationary?\n\n");
        table_print(&t, stdout);
        print_roots(&price, &change);
        failed = print_lags(j, d, j->n_train - 1);
    }
    free(d);
    return failed ? -1 : 0;
}

/* ---- Orders ------------------------------------------------------------------------------------------ */

static hw3_arima_opts options(const arima_report *j, int way)
{
    hw3_arima_opts o = way & ARIMA_SEASON ? j->season : j->plain;
    if (way & ARIMA_XREG) o.xreg = j->x, o.n_xreg = j->n_x, o.xreg_names = j->x_names;
    return o;
}

static const char *order_text(const hw3_arima_order *o, char text[PATH])
{
    int n = snprintf(text, PATH, "(%d,%d,%d)", o->p, o->d, o->q);
    if (o->period > 1) snprintf(text + n, PATH - (size_t)n, "(%d,%d,%d)[%lld]", o->P, o->D, o->Q, (long long)o->period);
    return text;
}

/* AIC of one order, NaN where it has no fit. */
static int aic_of(arima_report *j, int32_t p, int32_t d, int32_t q, double *aic)
{
    hw3_arima_opts o = HW3_ARIMA_OPTS_INIT;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit = NULL;
    o.order.p = p, o.order.d = d, o.order.q = q;
    hw3_status status = hw3_arima_fit(j->ctx, j->y, j->n_train, &o, &fit);
    if (status == HW3_OK) status = hw3_arima_describe(fit, &info);
    hw3_arima_destroy(fit);
    *aic = status == HW3_OK ? info.aic : NAN;
    if (status != HW3_ERR_VALUE) TRY(status);
    return 0;
}

static int choose_by_aic(arima_report *j, hw3_arima_order *o)
{
    table t = { 0 };
    int64_t d;
    double best = INFINITY;
    TRY(hw3_ndiffs(j->ctx, j->y, j->n_train, NULL, &d));
    o->d = (int32_t)d;
    table_row(&t, "AIC, d = %d\tq = 0\tq = 1\tq = 2\tq = 3", o->d);
    for (int32_t p = 0; p <= MAX_ORDER; p++) {
        char text[MAX_ORDER + 1][32];
        for (int32_t q = 0; q <= MAX_ORDER; q++) {
            double aic;
            if (aic_of(j, p, o->d, q, &aic)) return -1;
            table_number(aic, 2, text[q]);
            if (aic < best) best = aic, o->p = p, o->q = q;
        }
        table_row(&t, "p = %d\t%s\t%s\t%s\t%s", p, text[0], text[1], text[2], text[3]);
    }
    printf("\nKPSS asks for d = %d. The order of least AIC is p = %d, q = %d:\n\n", o->d, o->p, o->q);
    table_print(&t, stdout);
    return 0;
}

/* Searches with seasons of some days, 1 for none, and says what was tried. */
static int search(arima_report *j, int64_t season, hw3_arima_opts *found)
{
    char text[PATH];
    hw3_arima_auto_opts o = HW3_ARIMA_AUTO_OPTS_INIT;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    hw3_arima *fit = NULL;
    o.period = season;
    TRY(hw3_arima_auto(j->ctx, j->y, j->n_train, &o, &fit));
    hw3_status status = hw3_arima_describe(fit, &info);
    if (status == HW3_OK)
        printf("%s: of %lld models %s%s has the least AICc, %.2f.\n", season > 1 ? "With a season of a week" : "Without a season",
               (long long)hw3_arima_n_candidates(fit), order_text(&info.order, text),
               info.drift ? " with drift" : info.mean ? " with a mean" : "", info.aicc);
    if (season > 1 && !(info.order.P | info.order.D | info.order.Q)) {
        info.order.P = 1;
        printf("So there is no season. SARIMA takes %s all the same, to show what one that is not there costs.\n",
               order_text(&info.order, text));
    }
    hw3_arima_destroy(fit);
    TRY(status);
    found->order = info.order, found->mean = info.mean, found->drift = info.drift;
    return 0;
}

/* Numbers parted by commas, 3 or 7 of them. */
static int read_orders(const char *text, hw3_arima_order *o)
{
    int32_t *const parts[] = { &o->p, &o->d, &o->q, &o->P, &o->D, &o->Q };
    long given[7];
    int n = 0, length = 0;
    const char *at = text;
    while (n < 7 && sscanf(at, "%9ld%n", &given[n], &length) == 1) {
        n++, at += length;
        if (*at != ',') break;
        at++;
    }
    if (*at || (n != 3 && n != 7) || text[strlen(text) - 1] == ',') {
        fprintf(stderr, "--order is p,d,q or p,d,q,P,D,Q,m or aic or auto, not '%s'\n", text);
        return -1;
    }
    for (int i = 0; i < (n < 6 ? n : 6); i++) *parts[i] = (int32_t)given[i];
    if (n == 7) o->period = given[6];
    return 0;
}

int arima_choose(arima_report *j, const char *order, int64_t season)
{
    hw3_arima_order *o = &j->season.order;
    j->plain = j->season = (hw3_arima_opts)HW3_ARIMA_OPTS_INIT;
    *o = (hw3_arima_order){ 1, 1, 1, 1, 0, 0, season };
    if (!strcmp(order, "auto")) {
        printf("\n");
        return search(j, 1, &j->plain) || search(j, season, &j->season) ? -1 : 0;
    }
    if (strcmp(order, "aic") ? read_orders(order, o) : choose_by_aic(j, o)) return -1;
    j->plain.order = (hw3_arima_order){ o->p, o->d, o->q, 0, 0, 0, 1 };
    return 0;
}

void arima_explain(void)
{
    printf("\nARIMA(p,d,q), with B y[t] = y[t-1], coefficients φ, θ and white noise e:\n"
           "  (1 - φ1 B - ... - φp B^p) (1 - B)^d y[t] = (1 + θ1 B + ... + θq B^q) e[t]\n"
           "  p  how many of the last values speak; PACF of a pure AR(p) ends after lag p\n"
           "  d  how often differences are taken until no unit root is left: the level is given up, its changes are forecast\n"
           "  q  how many of the last errors speak; ACF of a pure MA(q) ends after lag q\n"
           "SARIMA(p,d,q)(P,D,Q)[m] multiplies each side by the same once more, in steps of a season of m days:\n"
           "  left (1 - Φ1 B^m - ... - ΦP B^(P m)) (1 - B^m)^D, right (1 + Θ1 B^m + ... + ΘQ B^(Q m))\n"
           "ARIMA has the short memory alone: few coefficients, quick, sure. SARIMA also has what returns each season, such as\n"
           "a day of the trading week; without a season its further coefficients only add error of estimation. Both are linear,\n"
           "with errors of one variance: neither knows of turns in the market, nor of days that are wilder than others.\n");
}

/* ---- Fits and forecasts ------------------------------------------------------------------------------ */

static hw3_arima **place(arima_report *j, int way)
{
    return &j->fits[way & ARIMA_XREG ? 2 : way & ARIMA_SEASON ? 1 : 0];
}

static int coefficients(arima_report *j, const hw3_arima *fit, double **coef)
{
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    TRY(hw3_arima_describe(fit, &info));
    if (!(*coef = numbers(2 * info.n_coef))) return -1;
    TRY(hw3_arima_coef(fit, *coef, *coef + info.n_coef, info.n_coef));
    return 0;
}

/* Is SARIMA the ARIMA with more coefficients, and these the only ones that either has? */
static int is_nested(const hw3_arima_opts *plain, const hw3_arima_opts *season)
{
    const hw3_arima_order *a = &plain->order, *b = &season->order;
    return a->p == b->p && a->d == b->d && a->q == b->q && b->D == 0 && a->d > 0 && !plain->drift && !season->drift;
}

/* Fits once. SARIMA begins at the coefficients of an ARIMA that is the same model with the others 0: the likelihood has several
   hills, and the larger model must not end on a lower one. */
static int train(arima_report *j, int way)
{
    hw3_arima **fit = place(j, way);
    hw3_arima_opts o = options(j, way);
    int64_t n_short = (int64_t)o.order.p + o.order.q, n_all = n_short + o.order.P + o.order.Q;
    double *coef = NULL, *init = NULL;
    if (*fit) return 0;
    int nested = way & ARIMA_SEASON && !(way & ARIMA_XREG) && is_nested(&j->plain, &o);
    int failed = nested && (train(j, ARIMA_PLAIN) || coefficients(j, j->fits[0], &coef) || !(init = numbers(n_all)));
    for (int64_t i = 0; init && i < n_all; i++) init[i] = i < n_short ? coef[i] : 0;
    if (init) o.method = HW3_ARIMA_ML, o.init = init;
    hw3_status status = failed ? HW3_OK : hw3_arima_fit(j->ctx, j->y, j->n_train, &o, fit);
    free(coef);
    free(init);
    TRY(status);
    return failed ? -1 : 0;
}

/* Without a batch each day is forecast from all days before it, by the coefficients of the training part or of the last refit. */
int arima_forecast(arima_report *j, int way, double *out, double *band)
{
    const double level = 0.95;
    int64_t n_test = j->n - j->n_train;
    if (train(j, way)) return -1;
    const hw3_arima *fit = *place(j, way);
    const double *y = j->y + j->n_train, *x = way & ARIMA_XREG ? j->x + j->n_train * j->n_x : NULL;
    if (way & ARIMA_BATCH) TRY(hw3_arima_predict(fit, n_test, x, &level, band != NULL, out, NULL, band, band ? band + n_test : NULL));
    else TRY(hw3_arima_backtest(fit, y, n_test, 1, way & ARIMA_REFIT ? j->refit : 0, x, NULL, NULL, out, NULL));
    return 0;
}

void arima_end(arima_report *j)
{
    for (int i = 0; i < 3; i++) hw3_arima_destroy(j->fits[i]);
    free(j->x);
}

/* ---- What the fits are ------------------------------------------------------------------------------- */

static int residuals(arima_report *j, const hw3_arima *fit, double *e)
{
    TRY(hw3_arima_residuals(fit, e, j->n_train));
    return 0;
}

/* Are the residuals white at the first lags? As R's checkresiduals, of as many lags as 2 m, or 10. */
static int whiteness(arima_report *j, const hw3_arima *fit, const hw3_arima_info *info, double *p)
{
    const hw3_arima_order *o = &info->order;
    hw3_test_result white = HW3_TEST_RESULT_INIT;
    int64_t fitdf = (int64_t)o->p + o->q + o->P + o->Q, lag = o->period > 1 ? 2 * o->period : 10;
    if (lag < fitdf + 3) lag = fitdf + 3;
    double *e = numbers(j->n_train);
    int failed = !e || residuals(j, fit, e);
    hw3_status status = failed ? HW3_OK : hw3_ljung_box(j->ctx, e, j->n_train, lag, fitdf, &white);
    free(e);
    *p = white.p_value;
    TRY(status);
    return failed ? -1 : 0;
}

static int print_fit(arima_report *j, const char *name, const hw3_arima *fit, table *t)
{
    char text[PATH];
    double p, *coef = NULL;
    hw3_arima_info info = HW3_ARIMA_INFO_INIT;
    TRY(hw3_arima_describe(fit, &info));
    int failed = whiteness(j, fit, &info, &p) || coefficients(j, fit, &coef);
    if (!failed) {
        table_row(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.4f\t%.4f", name, info.loglik, info.aic, info.aicc, info.bic, info.sigma2, p);
        printf("%s %s:", name, order_text(&info.order, text));
        for (int64_t i = 0; i < info.n_coef; i++) {
            double se = coef[info.n_coef + i];
            printf("%s%s %.4g", !i ? " " : i % 6 ? ", " : ",\n    ", hw3_arima_coef_name(fit, i), coef[i]);
            if (!isnan(se)) printf(" (%.2g)", se);
        }
        printf("%s%s\n", info.converged ? "" : "; the search did not converge", info.cov_ok ? "" : "; no standard errors");
    }
    free(coef);
    return failed ? -1 : 0;
}

int arima_print(arima_report *j)
{
    static const char *const names[] = { "ARIMA", "SARIMA", "SARIMA + regressors" };
    table t = { 0 };
    table_row(&t, "fit\tlog-lik.\tAIC\tAICc\tBIC\tsigma²\tLjung-Box p");
    printf("\n");
    for (int i = 0; i < 3; i++)
        if (j->fits[i] && print_fit(j, names[i], j->fits[i], &t)) return -1;
    printf("\n");
    table_print(&t, stdout);
    printf("\nIn brackets: standard errors. A Ljung-Box p below 0.05: the residuals still hold something.\n");
    return 0;
}

/* ---- Plots ------------------------------------------------------------------------------------------- */

static int correlations(arima_report *j, plots *p, const char *name, const char *title, const double *y, int64_t n)
{
    double acf[N_LAGS], pacf[N_LAGS], band;
    int64_t n_lags = n - 1 < N_LAGS ? n - 1 : N_LAGS;
    TRY(hw3_acf(j->ctx, y, n, n_lags, acf, &band));
    TRY(hw3_pacf(j->ctx, y, n, n_lags, pacf, NULL));
    plots_correlations(p, name, title, acf, pacf, n_lags, band);
    return 0;
}

int arima_plots(arima_report *j, plots *p)
{
    double *y = differences(j);
    int failed = !y || correlations(j, p, "acf-price", "Autocorrelation of the price, training part", j->y, j->n_train) ||
                 correlations(j, p, "acf-difference", "Autocorrelation of the difference of the price, training part", y,
                              j->n_train - 1);
    if (!failed && j->fits[0])
        failed = residuals(j, j->fits[0], y) ||
                 correlations(j, p, "acf-residuals", "Autocorrelation of the residuals of ARIMA", y, j->n_train);
    free(y);
    return failed ? -1 : 0;
}
