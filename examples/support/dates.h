/* SPDX-License-Identifier: MIT */
/* Calendar days as numbers: day 0 is 1970-01-01. */
#ifndef HW3_EXAMPLES_DATES_H
#define HW3_EXAMPLES_DATES_H
#include <stdint.h>

/* What date_parse gives for a text that is no date. */
#define NO_DATE INT32_MIN

/* Reads a date like 2020-04-20, and nothing after it. Returns its day, or NO_DATE. */
int32_t date_parse(const char *text);

/* Writes the date of a day of the years 1 to 9999. Returns out. */
const char *date_format(int32_t day, char out[16]);

#endif
