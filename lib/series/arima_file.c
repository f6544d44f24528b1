/* SPDX-License-Identifier: MIT */
/* A fitted model's file: series, regressors, coefficients and their covariance as tensors, what it is as texts arima.NAME, and
 * three numbers that must keep their bits in one more. The filter runs again over what was loaded, in the steps in which it first
 * ran, and comes to the same state. */
#include "series/arima_use.h"
#include "io/safetensors.h"
#include <math.h>
#include <stdio.h>

#define KIND "hw3-arima"
#define VERSION 1
#define N_NUMBERS 3 /* loglik, sigma2, lam */
#define FREE_STATE 1024 /* states that any model may have; more only with a series in proportion */

typedef struct field {
    const char *key;
    size_t offset, size; /* in hw3_arima: 4 or 8 bytes, whole numbers */
    int64_t min, max;
} field;
#define FIELD(key, member, min, max) { "arima." key, offsetof(hw3_arima, member), sizeof((hw3_arima){ 0 }.member), min, max }
static const field fields[] = {
    FIELD("method", info.method, HW3_ARIMA_CSS_ML, HW3_ARIMA_CSS),
    FIELD("p", info.order.p, 0, INT32_MAX), FIELD("d", info.order.d, 0, INT32_MAX), FIELD("q", info.order.q, 0, INT32_MAX),
    FIELD("P", info.order.P, 0, INT32_MAX), FIELD("D", info.order.D, 0, INT32_MAX), FIELD("Q", info.order.Q, 0, INT32_MAX),
    FIELD("period", info.order.period, 1, INT32_MAX), FIELD("mean", info.mean, 0, 1), FIELD("drift", info.drift, 0, 1),
    FIELD("n_xreg", info.n_xreg, 0, INT32_MAX), FIELD("boxcox", info.boxcox, 0, 1), FIELD("bias_adjust", bias_adjust, 0, 1),
    FIELD("unbiased", unbiased, 0, 1), FIELD("max_iterations", max_iterations, 1, INT32_MAX), FIELD("converged", info.converged, 0, 1),
    FIELD("n_iterations", info.n_iterations, 0, INT32_MAX), FIELD("cov_ok", info.cov_ok, 0, 1), FIELD("n_run", n_run, 1, INT32_MAX)
};

static int64_t get_field(const hw3_arima *a, const field *f)
{
    int32_t narrow;
    int64_t wide;
    memcpy(f->size == 4 ? (void *)&narrow : (void *)&wide, (const char *)a + f->offset, f->size);
    return f->size == 4 ? narrow : wide;
}

static void set_field(hw3_arima *a, const field *f, int64_t value)
{
    int32_t narrow = (int32_t)value;
    memcpy((char *)a + f->offset, f->size == 4 ? (void *)&narrow : (void *)&value, f->size);
}

static void name_key(int64_t c, char key[48]) { snprintf(key, 48, "arima.xreg.%lld", (long long)c + 1); }

/* ---- Save ---- */

/* For a reader's eyes; nothing is read back from these. */
static hw3_status add_summary(const hw3_arima *a, hw3i_st *st)
{
    const hw3_arima_order *o = &a->info.order;
    const struct { const char *key; double value; } numbers[] = { { "arima.loglik", a->info.loglik }, { "arima.sigma2", a->info.sigma2 },
                                                                  { "arima.aicc", a->info.aicc }, { "arima.lam", a->info.lam } };
    char text[128];
    snprintf(text, sizeof text, "ARIMA(%d,%d,%d)(%d,%d,%d)[%lld]", (int)o->p, (int)o->d, (int)o->q, (int)o->P, (int)o->D, (int)o->Q,
             (long long)o->period);
    hw3_status s = hw3i_st_set(st, "arima.model", text);
    for (int64_t i = 0; i < HW3I_LEN(numbers) && !s; i++) {
        snprintf(text, sizeof text, "%.10g", numbers[i].value);
        s = hw3i_st_set(st, numbers[i].key, text);
    }
    return s;
}

static hw3_status add_texts(const hw3_arima *a, hw3i_st *st)
{
    char key[48];
    hw3_status s = hw3i_st_set_kind(st, KIND, VERSION);
    if (!s) s = add_summary(a, st);
    for (int64_t i = 0; i < HW3I_LEN(fields) && !s; i++) s = hw3i_st_set_int(st, fields[i].key, get_field(a, &fields[i]));
    for (int64_t c = 0; c < a->info.n_xreg && !s; c++) {
        name_key(c, key);
        s = hw3i_st_set(st, key, a->names[a->info.n_coef - a->info.n_xreg + c]);
    }
    return s;
}

/* 1 where a coefficient is held. */
static double *held(const hw3_arima *a)
{
    double *h = hw3i_alloc(a->ctx, a->info.n_coef, sizeof *h);
    for (int64_t i = 0; h && i < a->info.n_coef; i++) h[i] = isnan(a->fixed[i]) ? 0 : 1;
    return h;
}

hw3_status hw3i_arima_save(const hw3_arima *a, const char *path)
{
    const hw3_arima_info *i = &a->info;
    const double numbers[N_NUMBERS] = { i->loglik, i->sigma2, i->lam };
    const int64_t rows[] = { i->n, i->n_xreg }, square[] = { i->n_coef, i->n_coef }, count = N_NUMBERS;
    double *x = hw3i_arima_rows(a), *is_held = held(a);
    hw3i_st st;
    hw3i_st_init(&st, a->ctx);
    hw3_status s = x && is_held ? add_texts(a, &st) : HW3_ERR_NOMEM;
    if (!s) s = hw3i_st_add(&st, "numbers", HW3_F64, 1, &count, numbers);
    if (!s) s = hw3i_st_add(&st, "coef", HW3_F64, 1, square, a->coef);
    if (!s) s = hw3i_st_add(&st, "held", HW3_F64, 1, square, is_held);
    if (!s && i->cov_ok) s = hw3i_st_add(&st, "cov", HW3_F64, 2, square, a->cov);
    if (!s) s = hw3i_st_add(&st, "y", HW3_F64, 1, rows, a->y);
    if (!s) s = hw3i_st_add(&st, "xreg", HW3_F64, 2, rows, x);
    if (!s) s = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    hw3i_free(a->ctx, x);
    hw3i_free(a->ctx, is_held);
    return s;
}

/* ---- Load ---- */

/* A tensor of so many dimensions in the file's own memory, found to be there and all finite unless it may have gaps. */
static hw3_status look(const hw3i_st *st, const char *name, int32_t n_dims, const int64_t *shape, bool gaps, const double **out)
{
    hw3_status s = hw3i_st_read(st, name, HW3_F64, n_dims, shape, NULL);
    if (!s && hw3i_st_find(st, name)->type->dtype != HW3_F64)
        s = hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: %s is not of doubles", st->path, name);
    if (!s && !gaps) s = hw3i_st_check_finite(st, name, HW3_F64);
    *out = s ? NULL : hw3i_st_find(st, name)->data;
    return s;
}

typedef struct contents { /* borrowed from the file */
    hw3_arima head;       /* what the texts say */
    int64_t n, n_coef;
    const double *y, *xreg, *coef, *cov, *held;
    const char **names;   /* [n_xreg] */
} contents;

static hw3_status read_texts(const hw3i_st *st, contents *c)
{
    const double *numbers;
    const int64_t count = N_NUMBERS;
    int64_t value;
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < HW3I_LEN(fields) && !s; i++) {
        s = hw3i_st_get_int(st, fields[i].key, fields[i].min, fields[i].max, &value);
        if (!s) set_field(&c->head, &fields[i], value);
    }
    if (!s) s = look(st, "numbers", 1, &count, true, &numbers);
    if (s) return s;
    c->head.info.loglik = numbers[0], c->head.info.sigma2 = numbers[1], c->head.info.lam = numbers[2];
    if (isnan(numbers[0]) || numbers[0] == -INFINITY || !(numbers[1] >= 0) || isinf(numbers[1]) || !isfinite(numbers[2]))
        return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: a log-likelihood of %g, a variance of %g or a lambda of %g is none", st->path,
                         numbers[0], numbers[1], numbers[2]);
    return HW3_OK;
}

/* What memory the rest will take, before it is taken. */
static hw3_status check_size(const hw3i_st *st, const contents *c)
{
    const hw3_arima_order *o = &c->head.info.order;
    const int64_t r = hw3i_max(o->p + o->P * o->period, o->q + o->Q * o->period + 1), s = r + hw3i_arma_diffs(o);
    if (s <= FREE_STATE || s <= 4 * c->n) return HW3_OK;
    return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: a state of %lld for %lld values", st->path, (long long)s, (long long)c->n);
}

static hw3_status read_tensors(const hw3i_st *st, const hw3_arima_opts *o, contents *c)
{
    const hw3i_st_entry *y = hw3i_st_find(st, "y");
    if (!y || y->n_dims != 1 || y->shape[0] < c->head.n_run || y->shape[0] > INT32_MAX)
        return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: no series y of at least %lld values", st->path, (long long)c->head.n_run);
    c->n = y->shape[0];
    const int64_t rows[] = { c->n, o->n_xreg }, square[] = { c->n_coef, c->n_coef };
    hw3_status s = look(st, "y", 1, rows, true, &c->y);
    if (!s) s = look(st, "coef", 1, square, false, &c->coef);
    if (!s) s = look(st, "held", 1, square, false, &c->held);
    if (!s && c->head.info.cov_ok) s = look(st, "cov", 2, square, false, &c->cov);
    if (!s) s = look(st, "xreg", 2, rows, false, &c->xreg);
    return s ? s : check_size(st, c);
}

static hw3_status read_names(const hw3i_st *st, int64_t n, contents *c)
{
    char key[48];
    if (!(c->names = hw3i_calloc(st->ctx, n, sizeof *c->names))) return HW3_ERR_NOMEM;
    for (int64_t i = 0; i < n; i++) {
        name_key(i, key);
        if (!(c->names[i] = hw3i_st_get(st, key))) return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: no text %s", st->path, key);
    }
    return HW3_OK;
}

/* All but the filter. */
static void take_over(hw3_arima *a, const contents *c)
{
    const int64_t n = c->n_coef;
    hw3_arima_info *i = &a->info;
    i->sigma2 = c->head.info.sigma2, i->converged = c->head.info.converged;
    i->n_iterations = c->head.info.n_iterations, i->cov_ok = c->head.info.cov_ok;
    for (int64_t k = 0; k < n; k++) {
        a->coef[k] = c->coef[k];
        a->fixed[k] = c->held[k] != 0 ? c->coef[k] : NAN;
        i->n_free += c->held[k] != 0 ? 0 : 1;
    }
    for (int64_t k = 0; k < n * n; k++)
        a->cov[k] = c->cov ? c->cov[k] : c->held[k / n] != 0 || c->held[k % n] != 0 ? 0 : NAN;
}

static bool fits_covariance(const contents *c)
{
    for (int64_t k = 0; c->cov && k < c->n_coef; k++)
        if (!(c->cov[k * c->n_coef + k] >= 0)) return false;
    return true;
}

static hw3_status build(const hw3i_st *st, const contents *c, const hw3_arima_opts *o, hw3_arima *a)
{
    const int64_t first = c->head.n_run;
    hw3_status s = hw3i_arima_allocate(st->ctx, c->y, first, o, c->n_coef, a);
    if (s) return s;
    take_over(a, c);
    s = fits_covariance(c) ? hw3i_arima_filter(a)
                           : hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: a variance of a coefficient is negative", st->path);
    if (!s) s = hw3i_arima_append(a, c->y + first, c->n - first, c->xreg + first * o->n_xreg);
    if (!s) s = hw3i_arima_judge(a);
    if (s) return s;
    a->info.loglik = c->head.info.loglik;
    hw3i_arima_criteria(a);
    return HW3_OK;
}

static hw3_status make(const hw3i_st *st, hw3_arima *a)
{
    contents c = { 0 };
    hw3_status s = hw3i_st_check_kind(st, KIND, VERSION);
    if (!s) s = read_texts(st, &c);
    if (s) return s;
    hw3_arima_opts o = hw3i_arima_opts_of(&c.head);
    o.fixed = o.init = NULL;
    o.xreg = c.head.info.n_xreg ? &o.lam : NULL; /* some, until they are read */
    s = hw3i_arima_check_opts(st->ctx, &o, &c.n_coef);
    if (!s) s = read_tensors(st, &o, &c);
    if (!s) s = read_names(st, o.n_xreg, &c);
    o.xreg = c.xreg, o.xreg_names = c.names;
    if (!s) s = build(st, &c, &o, a);
    hw3i_free(st->ctx, c.names);
    return s;
}

hw3_status hw3i_arima_load(hw3_ctx *ctx, const char *path, hw3_arima **out)
{
    hw3i_st st;
    hw3_arima *a = NULL;
    hw3_status s = hw3i_st_load(&st, ctx, path);
    if (!s && !(a = hw3i_calloc(ctx, 1, sizeof *a))) s = HW3_ERR_NOMEM;
    if (!s) s = make(&st, a);
    hw3i_st_free(&st);
    if (!s) *out = a;
    else if (a && a->ctx) hw3i_arima_destroy(a);
    else if (a) hw3i_free(ctx, a);
    /* options or values that no model can have; tensors of a type that no model has */
    return s == HW3_ERR_ARG || s == HW3_ERR_VALUE ? HW3_ERR_FORMAT : s == HW3_ERR_UNSUPPORTED ? HW3_ERR_MISMATCH : s;
}
