/* SPDX-License-Identifier: MIT */
/* What a fit works on: the differenced panel, and the memory of an evaluation. */
#include "series/arima_fit.h"
#include <math.h>

#define FEW_HOLES 8 /* so many columns are faster than any filter */

static bool has_prior(const hw3i_arima_data *data)
{
    int64_t diffs = hw3i_arma_diffs(&data->order);
    return diffs > 0 && diffs <= HW3I_MAX_HEAD;
}

/* The first and last value present: what lies outside says nothing, unless a prior stands before the start. */
static void trim(const hw3i_arima_data *data, int64_t *first, int64_t *n)
{
    int64_t a = 0, b = data->n;
    while (a < b && isnan(data->y[a]) && !has_prior(data)) a++;
    while (b > a && isnan(data->y[b - 1])) b--;
    *first = a;
    *n = b - a;
}

static int64_t count_missing(const double *y, int64_t n)
{
    int64_t missing = 0;
    for (int64_t t = 0; t < n; t++) missing += isnan(y[t]) ? 1 : 0;
    return missing;
}

static bool is_free(const hw3i_arima_data *data, int64_t i) { return !data->fixed || isnan(data->fixed[i]); }

/* Whether missing values are columns or states of a filter: states where they would be more columns than it has states. Those
 * before an exactly diffuse series begins are columns always. */
static void choose_way(hw3i_arima_problem *p, const double *y, int64_t offset)
{
    const int64_t later = p->n > 0 ? count_missing(y + offset, p->n) : 0;
    p->by_gaps = later > FEW_HOLES && p->n_before + later > hw3i_arma_states(&p->data->order);
    p->n_unknown = p->n_before + p->n_missing - (p->by_gaps ? later : 0);
}

static void count(const hw3i_arima_data *data, hw3i_arima_problem *p)
{
    int64_t first, all, diffs = hw3i_arma_diffs(&data->order);
    trim(data, &first, &all);
    memset(p, 0, sizeof *p);
    p->data = data;
    p->n_arma = hw3i_arma_n(&data->order);
    p->n_coef = p->n_arma + data->n_reg;
    p->n_before = has_prior(data) ? diffs : 0;
    p->n_missing = count_missing(data->y + first, all);
    for (int64_t c = p->n_arma; c < p->n_coef; c++) p->n_free_reg += is_free(data, c) ? 1 : 0;
    p->n = p->n_before == diffs ? all : all - diffs;
    choose_way(p, data->y + first, diffs - p->n_before);
    p->n_columns = p->n_unknown + p->n_free_reg;
    p->n_rows = p->n + p->n_before;
    p->n_used = all - diffs - p->n_missing;
}

static void lay_out_evaluation(hw3i_workspace *w, const double *y, hw3i_arima_problem *p)
{
    const hw3_arima_order *o = &p->data->order;
    const int64_t n = p->n, C = 1 + p->n_columns, k = p->n_columns, head = p->head.longest;
    p->panel = hw3i_take_doubles(w, n * C);
    p->known = hw3i_take(w, n, 1);
    p->series = hw3i_take_doubles(w, n * C);
    p->v = hw3i_take_doubles(w, n * C);
    p->d_v = hw3i_take_doubles(w, n * C);
    p->e = hw3i_take_doubles(w, p->n_rows);
    p->q = hw3i_take_doubles(w, k * p->n_rows);
    p->tri = hw3i_take_doubles(w, k * k);
    p->ranges = hw3i_take(w, k, sizeof *p->ranges);
    p->proj = hw3i_take_doubles(w, k + 1);
    p->normal = hw3i_take_doubles(w, p->n_free_reg * (p->n_free_reg + 1 + head));
    p->d_F = hw3i_take_doubles(w, n + 1);
    p->d_y = hw3i_take_doubles(w, n);
    hw3i_arma_take(w, o, &p->arma);
    hw3i_gains_take(w, o, p->by_gaps ? 0 : n, head, &p->gains);
    if (p->by_gaps) hw3i_gaps_take(w, o, y, n, C, &p->gaps);
    p->d_gamma = hw3i_take_doubles(w, p->gains.start.n_gamma);
    p->d_phi = hw3i_take_doubles(w, p->arma.r + 1);
    p->d_theta = hw3i_take_doubles(w, p->arma.r + 1);
    p->d_head = hw3i_take_doubles(w, head * (2 * head + 2));
    p->work = hw3i_take_doubles(w, hw3i_filter_scratch(&p->arma, C) + hw3i_head_scratch(hw3i_arma_diffs(o), head));
    p->beta = hw3i_take_doubles(w, k);
}

static void lay_out(const hw3i_arima_data *data, hw3i_workspace *w, hw3i_arima_problem *p)
{
    const hw3_arima_order *o = &data->order;
    int64_t first, all;
    count(data, p);
    trim(data, &first, &all);
    hw3i_head_take(w, o, data->y + first, all, p->n_free_reg, &p->head);
    lay_out_evaluation(w, data->y + first + all - p->n, p);
    p->coef = hw3i_take_doubles(w, p->n_coef);
    p->free = hw3i_take(w, p->n_coef, sizeof *p->free);
    p->x = hw3i_take_doubles(w, p->n_coef);
    p->seen_at = hw3i_take_doubles(w, 2 * p->n_arma);
    p->best = hw3i_take_doubles(w, p->n_arma);
    p->start = hw3i_take_doubles(w, 4 * p->n_coef + 2);
    const int64_t parts[4] = { o->p, o->q, o->P, o->Q };
    for (int i = 0; i < 4; i++) p->rows[i] = hw3i_take_doubles(w, parts[i] * parts[i]);
    p->d_coef = hw3i_take_doubles(w, 4 * p->n_coef + 2);
    p->hessian = hw3i_take_doubles(w, p->n_coef * p->n_coef);
    p->scratch = hw3i_take_doubles(w, hw3i_bfgs_scratch(p->n_arma));
}

int64_t hw3i_arima_bytes(const hw3i_arima_data *data)
{
    hw3i_workspace w = { 0 };
    hw3i_arima_problem p;
    lay_out(data, &w, &p);
    return w.used;
}

hw3_status hw3i_arima_check(hw3_ctx *ctx, const hw3i_arima_data *data)
{
    hw3i_arima_problem p;
    count(data, &p);
    const int64_t diffs = hw3i_arma_diffs(&data->order), n_present = p.n_used + diffs, need = diffs + p.n_coef + 2;
    for (int64_t t = 0; t < data->n; t++)
        if (isinf(data->y[t])) return ctx ? hw3i_fail(ctx, HW3_ERR_VALUE, "arima: y[%lld] is infinite", (long long)t) : HW3_ERR_VALUE;
    if (n_present >= need) return HW3_OK;
    if (!ctx) return HW3_ERR_VALUE;
    if (n_present == 0) return hw3i_fail(ctx, HW3_ERR_VALUE, "arima: all %lld values are missing", (long long)data->n);
    return hw3i_fail(ctx, HW3_ERR_VALUE, "arima: %lld values for %lld differences and %lld parameters, at least %lld are needed",
                     (long long)n_present, (long long)diffs, (long long)p.n_coef, (long long)need);
}

/* out[t] = sum poly[k] y[t + offset - k] over what there is, apart by C; NaN counts as 0. */
static void difference(const double *poly, int64_t diffs, int64_t offset, int64_t n, const double *y, double *out, int64_t C)
{
    for (int64_t t = 0; t < n; t++) {
        double s = 0;
        for (int64_t k = 0; k <= diffs && k <= t + offset; k++)
            if (poly[k] != 0 && !isnan(y[t + offset - k])) s += poly[k] * y[t + offset - k];
        out[t * C] = s;
    }
}

/* The columns of what is not known: y[-1-c], whose factor at t is -poly[t + 1 + c], and a missing y[t], poly[i] at t + i. */
static void add_unknown(hw3i_arima_problem *p, const double *y, int64_t diffs, int64_t offset)
{
    const int64_t C = 1 + p->n_columns;
    const double *poly = p->head.poly;
    for (int64_t c = 0; c < p->n_before; c++)
        for (int64_t t = 0; t + 1 + c <= diffs; t++) p->panel[t * C + 1 + c] = -poly[t + 1 + c];
    int64_t c = 1 + p->n_before;
    for (int64_t t = 0; t < offset + (p->by_gaps ? 0 : p->n); t++) {
        if (!isnan(y[t])) continue;
        for (int64_t i = hw3i_max(0, offset - t); i <= diffs && t + i < p->n + offset; i++)
            p->panel[(t + i - offset) * C + c] = poly[i];
        c++;
    }
}

/* No CSS residual for a missing y[s], nor as many steps on as the autoregressive part reaches, as R has it. */
static void mark_missing(hw3i_arima_problem *p, int64_t s, int64_t offset)
{
    for (int64_t i = 0; i <= p->holes.diffs; i++) {
        int64_t at = s + i - offset;
        if (p->head.poly[i] == 0 || at < 0) continue;
        for (int64_t j = 0; j <= p->arma.p && at + j < p->n; j++) p->known[at + j] = HW3I_MISSING;
    }
}

static void mark_known(hw3i_arima_problem *p, const double *y, int64_t diffs, int64_t offset)
{
    p->holes = (hw3i_holes){ p->n_missing ? p->known : NULL, diffs, p->head.poly };
    memset(p->known, HW3I_PRESENT, (size_t)p->n);
    for (int64_t s = 0; s < p->n + offset && p->n_missing; s++) {
        if (!isnan(y[s])) continue;
        int64_t t = s - offset;
        if (p->data->stand_in && t >= p->n_conditional && p->known[t] == HW3I_PRESENT) p->known[t] = HW3I_FORECAST;
        else mark_missing(p, s, offset);
    }
}

/* Free regressors into the panel and the head; what is held is taken from y. d: [n] work. */
static void add_regressors(hw3i_arima_problem *p, int64_t first, int64_t diffs, int64_t offset, double *d)
{
    const hw3i_arima_data *data = p->data;
    const int64_t C = 1 + p->n_columns;
    int64_t at = 1 + p->n_unknown, in_head = 1;
    for (int64_t c = 0; c < data->n_reg; c++) {
        const double *x = data->x + c * data->n + first;
        bool free = is_free(data, p->n_arma + c);
        double held = p->coef[p->n_arma + c] = free ? 0 : data->fixed[p->n_arma + c];
        difference(p->head.poly, diffs, offset, p->n, x, d, 1);
        for (int64_t t = 0; t < p->n; t++) {
            if (free) p->panel[t * C + at] = d[t];
            else p->panel[t * C] -= held * d[t];
        }
        for (int64_t i = 0; i < p->head.n_present; i++) {
            if (free) p->head.z[in_head * p->head.n_present + i] = x[p->head.at[i]];
            else p->head.z[i] -= held * x[p->head.at[i]];
        }
        at += free;
        in_head += free;
    }
}

/* The panel less y, with the priors, as columns for the least squares; CSS has none, which would give back what differencing
 * takes from a regressor. */
static void columns_of(const hw3i_arima_problem *p, double *q)
{
    const int64_t C = 1 + p->n_columns;
    memset(q, 0, (size_t)(p->n_columns * p->n_rows) * sizeof *q);
    for (int64_t c = 0; c < p->n_columns; c++)
        for (int64_t t = 0; t < p->n; t++) q[c * p->n_rows + t] = p->panel[t * C + 1 + c];
    if (p->data->method == HW3_ARIMA_CSS) return;
    for (int64_t c = 0; c < p->n_before; c++) q[c * p->n_rows + p->n + c] = 1 / sqrt(HW3I_KAPPA);
}

int64_t hw3i_arima_setup(const hw3i_arima_data *data, void *workspace, hw3i_arima_problem *p)
{
    hw3i_workspace w = { workspace, 0 };
    int64_t first, all;
    lay_out(data, &w, p);
    trim(data, &first, &all);
    const double *y = data->y + first;
    const int64_t C = 1 + p->n_columns, diffs = hw3i_difference_poly(&data->order, p->head.poly), offset = diffs - p->n_before;
    memset(p->panel, 0, (size_t)(p->n * C) * sizeof *p->panel);
    difference(p->head.poly, diffs, offset, p->n, y, p->panel, C);
    if (p->head.longest) hw3i_head_setup(&p->head, &data->order, y, p->work);
    for (int64_t i = 0; i < p->head.n_present; i++) p->head.z[i] = y[p->head.at[i]];
    add_unknown(p, y, diffs, offset);
    if (p->by_gaps) hw3i_gaps_setup(&p->gaps, y + offset, p->head.poly);
    p->F = p->by_gaps ? p->gaps.F : p->gains.F;
    p->n_conditional = hw3i_min(p->n, p->n_before + p->arma.p);
    mark_known(p, y, diffs, offset);
    add_regressors(p, first, diffs, offset, p->d_y);
    columns_of(p, p->q);
    int64_t deficient = hw3i_orthogonalise(p->n_rows, p->n_columns, p->q, p->tri, p->ranges);
    return deficient < p->n_unknown ? -1 : deficient - p->n_unknown;
}
