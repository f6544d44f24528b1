/* SPDX-License-Identifier: MIT */
/* The examples' reader of CSV files. */
#include "fuzz.h"
#include "support/csv.h"
#include "support/dates.h"
#include <math.h>
#include <stdlib.h>

/* Every text is asked for as text, number and date. */
static void ask(const csv_table *t, const char *column, csv_message *m)
{
    int64_t n = csv_n_rows(t);
    const char **texts = malloc((size_t)n * sizeof *texts);
    double *numbers = malloc((size_t)n * sizeof *numbers);
    int32_t *days = malloc((size_t)n * sizeof *days);
    MUST(texts && numbers && days);
    if (!csv_texts(t, column, texts, m))
        for (int64_t i = 0; i < n; i++) MUST(strlen(texts[i]) < 1 << 24);
    if (!csv_numbers(t, column, numbers, m))
        for (int64_t i = 0; i < n; i++) MUST(!isinf(numbers[i]));
    if (!csv_dates(t, column, days, m))
        for (int64_t i = 1; i < n; i++) MUST(days[i] > days[i - 1]);
    MUST(m->text[0] || csv_either(t, column, column, m));
    free(texts);
    free(numbers);
    free(days);
}

void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    (void)ctx;
    csv_message m = { "" };
    csv_table *t = csv_read_memory("f", bytes, (size_t)n_bytes, ',', &m);
    MUST(!t == !!m.text[0]);
    if (t) {
        MUST(csv_n_rows(t) > 0);
        ask(t, "Date", &m);
        ask(t, "Price", &m);
    }
    MUST(!strpbrk(m.text, "\n\t\r"));
    csv_destroy(t);
}
