/* SPDX-License-Identifier: MIT */
/* CSV files read by libcsv: a header, then rows with as many cells; columns by name.
 *
 *     csv_message m;
 *     csv_table *t = csv_read("prices.csv", ',', &m);
 *     if (!t || csv_numbers(t, "Price", y, &m)) fprintf(stderr, "%s\n", m.text);
 *
 * Every failure leaves one line with the file, the line number and the values:
 * `prices.csv:17: column 'Price': 'abc' is not a number`. */
#ifndef HW3_EXAMPLES_CSV_H
#define HW3_EXAMPLES_CSV_H
#include <stddef.h>
#include <stdint.h>

typedef struct csv_message {
    char text[512];
} csv_message;

typedef struct csv_table csv_table;

/* Reads a whole file; NULL on failure. The file must be UTF-8. delimiter: 0 takes a tab where the header has one, else a comma. */
csv_table *csv_read(const char *path, char delimiter, csv_message *message);

/* Reads from memory; name stands for the file in messages. */
csv_table *csv_read_memory(const char *name, const void *bytes, size_t n_bytes, char delimiter, csv_message *message);

void csv_destroy(csv_table *table);

int64_t csv_n_rows(const csv_table *table);

/* The column of the two that is there, the first if both are; NULL with the message if neither is. */
const char *csv_either(const csv_table *table, const char *a, const char *b, csv_message *message);

/* These fill out [n rows] and return 0, or -1 with the message. */
int csv_texts(const csv_table *table, const char *column, const char **out, csv_message *message); /* borrowed */
int csv_numbers(const csv_table *table, const char *column, double *out, csv_message *message); /* empty and null: NaN */
int csv_dates(const csv_table *table, const char *column, int32_t *out, csv_message *message); /* days, increasing */

#endif
