/* SPDX-License-Identifier: MIT */
/* A dated column of numbers from a CSV file. */
#ifndef HW3_EXAMPLES_PRICES_H
#define HW3_EXAMPLES_PRICES_H
#include <stdint.h>

/* Room for n numbers, or NULL with a line on stderr. */
double *numbers(int64_t n);

/* Reads the columns Date and *column; where that is NULL it becomes Adj Close, or else Price.
   calendar: 1 puts in every day of the calendar between the first and the last.
   n: how many days; days: [n], increasing; values: [n], NaN where there is none; both to be freed, also on failure.
   Returns 0, or -1 with a line on stderr. */
int prices_read(const char *file, const char **column, int calendar, int64_t *n, int32_t **days, double **values);

#endif
