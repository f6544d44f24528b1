/* SPDX-License-Identifier: MIT */
#include "prices.h"
#include "csv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double *numbers(int64_t n)
{
    double *y = malloc((size_t)(n > 0 ? n : 1) * sizeof *y);
    if (!y) fprintf(stderr, "no memory for %lld numbers\n", (long long)n);
    return y;
}

static int to_calendar(int64_t *n, int32_t **days, double **values)
{
    int64_t n_all = (int64_t)(*days)[*n - 1] - (*days)[0] + 1;
    double *all_values = numbers(n_all);
    int32_t *all_days = malloc((size_t)n_all * sizeof *all_days);
    if (!all_values || !all_days) {
        free(all_values);
        free(all_days);
        return -1;
    }
    for (int64_t i = 0, k = 0; i < n_all; i++) {
        all_days[i] = (*days)[0] + (int32_t)i;
        all_values[i] = all_days[i] == (*days)[k] ? (*values)[k++] : NAN;
    }
    free(*days);
    free(*values);
    *n = n_all, *days = all_days, *values = all_values;
    return 0;
}

int prices_read(const char *file, const char **column, int calendar, int64_t *n, int32_t **days, double **values)
{
    csv_message m;
    csv_table *t = csv_read(file, ',', &m);
    int failed = 1;
    *n = 0, *days = NULL, *values = NULL;
    if (t) {
        if (!*column) *column = csv_either(t, "Adj Close", "Price", &m);
        *n = csv_n_rows(t);
        *values = numbers(*n);
        *days = malloc((size_t)*n * sizeof **days);
        if (!*values || !*days) snprintf(m.text, sizeof m.text, "%.400s: no memory", file);
        else failed = !*column || csv_dates(t, "Date", *days, &m) || csv_numbers(t, *column, *values, &m);
    }
    csv_destroy(t);
    if (failed) fprintf(stderr, "%s\n", m.text);
    return failed || (calendar && to_calendar(n, days, values)) ? -1 : 0;
}

static int varies(const double *y, int64_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
    }
    return low < high;
}

/* One column at the days given. values: [rows]; y: [n]. */
static int read_regressor(hw3_ctx *ctx, const csv_table *t, const char *name, const int32_t *file_days, double *values,
                          const int32_t *days, int64_t n, double *y, csv_message *m)
{
    if (csv_numbers(t, name, values, m)) return -1;
    for (int64_t i = 0, k = 0; i < n; i++) y[i] = file_days[k] == days[i] ? values[k++] : NAN;
    if (!varies(y, n) || hw3_series_fill(ctx, y, n, HW3_FILL_FORWARD, 0, NULL) == HW3_OK) return 0;
    snprintf(m->text, sizeof m->text, "column '%s': %.400s", name, hw3_ctx_error(ctx));
    return -1;
}

int prices_regressors(hw3_ctx *ctx, const char *file, const int32_t *days, int64_t n, int lag, const char *names[4],
                      int64_t *n_x, double **x)
{
    static const char *const wanted[] = { "Open", "High", "Low", "Volume" };
    csv_message m = { "no memory" }, none;
    csv_table *t = csv_read(file, ',', &m);
    int64_t n_rows = t ? csv_n_rows(t) : 0;
    double *columns = numbers(4 * n), *values = numbers(n_rows);
    int32_t *file_days = malloc((size_t)(n_rows + 1) * sizeof *file_days);
    int failed = !t || !columns || !values || !file_days || csv_dates(t, "Date", file_days, &m);
    *n_x = 0, *x = NULL;
    for (int c = 0; c < 4 && !failed; c++) {
        double *y = columns + *n_x * n;
        if (!csv_either(t, wanted[c], wanted[c], &none)) continue;
        failed = read_regressor(ctx, t, wanted[c], file_days, values, days, n, y, &m);
        if (!failed && varies(y, n)) names[(*n_x)++] = wanted[c];
    }
    if (!failed && *n_x) failed = !(*x = numbers(n * *n_x));
    for (int64_t i = 0; i < n && *x; i++)
        for (int64_t c = 0; c < *n_x; c++) (*x)[i * *n_x + c] = columns[c * n + (lag && i ? i - 1 : i)];
    if (failed) fprintf(stderr, "%s\n", m.text);
    csv_destroy(t);
    free(columns);
    free(values);
    free(file_days);
    return failed ? -1 : 0;
}
