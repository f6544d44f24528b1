/* SPDX-License-Identifier: MIT */
/* The fits of R's vectors, each set up as a problem of ours. */
#ifndef TEST_ARIMA_FITS_H
#define TEST_ARIMA_FITS_H
#include "series/arima_fit.h"
#include "support.h"
#include "arima.h"

/* The longest series; sanitizers take ten times as long, so they see the short ones, which pass the same code. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LONGEST = 400 };
#else
enum { LONGEST = 100000 };
#endif
enum { MOST = 32 }; /* coefficients */
static const double miss = NAN;

typedef struct setting {
    const struct arima_case *c;
    const struct arima_fit *r;
    int64_t n, n_reg;
    double *y, *x; /* [n]; [n_reg, n] */
    hw3i_arima_data data;
    hw3i_arima_problem p;
    void *memory;
    double coef[MOST], beta[MOST]; /* R's: all, and the free regressors */
} setting;

static hw3_arima_method method_of(const char *name)
{
    return strcmp(name, "ML") == 0 ? HW3_ARIMA_ML : strcmp(name, "CSS") == 0 ? HW3_ARIMA_CSS : HW3_ARIMA_CSS_ML;
}

static void fill_series(const struct arima_case *c, double *y)
{
    const struct ts *ts = all_series + c->series;
    for (int t = 0; t < ts->n; t++) y[t] = c->log ? log(ts->y[t]) : ts->y[t];
    for (int i = 0; c->holes && i < ts->n_holes; i++) y[ts->holes[i]] = miss;
}

static void fill_columns(const struct arima_case *c, int64_t n, double *x)
{
    for (int64_t t = 0; c->mean && t < n; t++) *x++ = 1;
    for (int64_t t = 0; c->drift && t < n; t++) *x++ = (double)(t + 1);
    for (int j = 0; j < c->n_xreg; j++)
        for (int64_t t = 0; t < n; t++) *x++ = c->xreg[j * (n + c->h) + t];
}

static void build(setting *s, const struct arima_case *c, const struct arima_fit *r)
{
    *s = (setting){ .c = c, .r = r, .n = all_series[c->series].n, .n_reg = c->mean + c->drift + c->n_xreg };
    s->y = malloc((size_t)s->n * sizeof(double));
    s->x = malloc((size_t)((s->n_reg + 1) * s->n) * sizeof(double));
    fill_series(c, s->y);
    fill_columns(c, s->n, s->x);
    s->data = (hw3i_arima_data){ .order = { c->order[0], c->order[1], c->order[2], c->order[3], c->order[4], c->order[5], c->m },
                                 .n = s->n, .y = s->y, .n_reg = s->n_reg, .x = s->x, .fixed = c->fixed,
                                 .method = method_of(r->method), .max_iterations = 1000 };
    ck_assert_int_eq(hw3i_arima_check(NULL, &s->data), HW3_OK);
    s->memory = aligned_alloc(HW3I_ALIGN, (size_t)hw3i_arima_bytes(&s->data));
    ck_assert_int_eq(hw3i_arima_setup(&s->data, s->memory, &s->p), -1);
    s->p.css = s->data.method == HW3_ARIMA_CSS;
    for (int64_t j = 0; j < c->n_coef; j++) s->coef[j] = r->coef[j];
    for (int64_t j = s->p.n_arma, k = 0; j < c->n_coef; j++)
        if (!c->fixed || isnan(c->fixed[j])) s->beta[k++] = r->coef[j];
}

/* Calls check on every fit. */
static void each_fit(void (*check)(setting *s))
{
    for (int i = 0; i < N_ARIMA_CASES; i++)
        for (int f = 0; f < arima_cases[i].n_fits; f++) {
            if (all_series[arima_cases[i].series].n > LONGEST) continue;
            setting s;
            build(&s, arima_cases + i, arima_cases[i].fits + f);
            check(&s);
            free(s.memory);
            free(s.x);
            free(s.y);
        }
}

#define CHECK(s, condition, format, ...) ck_assert_msg(condition, "%s %s: " format, (s)->c->model, (s)->r->method, __VA_ARGS__)

#endif
