/* SPDX-License-Identifier: MIT */
/* Forecasts of one test part judged side by side: metrics, gain over the naive forecast, Diebold-Mariano test, summary. */
#ifndef HW3_EXAMPLES_SCORES_H
#define HW3_EXAMPLES_SCORES_H
#include <hw3/diagnostics.h>
#include <hw3/series.h>
#include <stdio.h>

typedef struct score {
    const char *name, *text; /* of the row; what the model can do and what it cannot */
    int looks_ahead;         /* 1: takes values that nobody knows when the forecast is made */
    int batch;               /* 1: all days at once, from the last day of the training part */
    const double *forecast;  /* [n] dollars; NULL: not in the table */
    hw3_metrics errors;
    double gain; /* percent of the naive forecast's RMSE */
    double dm_p; /* against the naive forecast; NaN where the test says nothing */
} score;

typedef struct scores {
    hw3_ctx *ctx;
    const double *truth; /* [n] dollars, NaN where the file has none: a filled value is no truth and is not judged */
    int64_t n;
    score *rows; /* [n_rows], the naive forecast first */
    int n_rows, n_baselines; /* of the rows the first n_baselines are no models */
    const char *paper; /* CSV file with columns Model,RMSE,MAE,MAPE,R2, whose rows are shown too; NULL for none */
} scores;

/* Fills errors, gain and dm_p of every row that has a forecast. Returns 0, or -1 with a line on stderr. */
int scores_judge(scores *j);

/* Prints the table, and what its columns mean. Returns 0, or -1 with a line on stderr. */
int scores_table(const scores *j);

/* Prints which model won, by how much, whether that is significant; what each can do and cannot. */
void scores_summary(const scores *j);

/* Writes the table for programs, in full precision: format is csv or json. */
void scores_write(const scores *j, const char *format, FILE *out);

#endif
