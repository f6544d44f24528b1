/* SPDX-License-Identifier: MIT */
/* Tables of text: the first column to the left, the others to the right, under a header.
 *
 *     table t = { 0 };
 *     table_row(&t, "model\tRMSE\tR2");
 *     table_row(&t, "%s\t%.3f\t%.4f", "GRU", rmse, r2);
 *     table_print(&t, stdout); */
#ifndef HW3_EXAMPLES_TABLE_H
#define HW3_EXAMPLES_TABLE_H
#include <stdio.h>

enum { TABLE_ROWS = 64, TABLE_COLUMNS = 12, TABLE_CELL = 48 };

typedef struct table {
    int n_rows, n_columns;
    char cells[TABLE_ROWS][TABLE_COLUMNS][TABLE_CELL];
} table;

/* Adds a row; tabs part the cells. What goes beyond the room of a table is left out. */
void table_row(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the first row, a rule, and the others. */
void table_print(const table *t, FILE *out);

/* Writes a number for a cell, or a dash for NaN. Returns text. */
const char *table_number(double value, int digits, char text[32]);

#endif
