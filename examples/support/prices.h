/* SPDX-License-Identifier: MIT */
/* A dated column of numbers from a CSV file. */
#ifndef HW3_EXAMPLES_PRICES_H
#define HW3_EXAMPLES_PRICES_H
#include <hw3/series.h>

/* Room for n numbers, or NULL with a line on stderr. */
double *numbers(int64_t n);

/* Reads the columns Date and *column; where that is NULL it becomes Adj Close, or else Price.
   calendar: 1 puts in every day of the calendar between the first and the last.
   n: how many days; days: [n], increasing; values: [n], NaN where there is none; both to be freed, also on failure.
   Returns 0, or -1 with a line on stderr. */
int prices_read(const char *file, const char **column, int calendar, int64_t *n, int32_t **days, double **values);

/* The columns Open, High, Low and Volume that the file has and that vary, at the days given, gaps filled by the value before;
   with lag each day has those of the day before (the first day its own).
   names: [4] receives theirs; n_x: how many; x: [n, n_x], to be freed, also on failure; NULL where there are none.
   Returns 0, or -1 with a line on stderr. */
int prices_regressors(hw3_ctx *ctx, const char *file, const int32_t *days, int64_t n, int lag, const char *names[4],
                      int64_t *n_x, double **x);

#endif
