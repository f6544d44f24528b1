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
