/* SPDX-License-Identifier: MIT */
#include "table.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

void table_row(table *t, const char *format, ...)
{
    char line[TABLE_COLUMNS * TABLE_CELL], *cell = line;
    if (t->n_rows == TABLE_ROWS) return;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (int j = 0; cell && j < TABLE_COLUMNS; j++) {
        char *tab = strchr(cell, '\t');
        if (tab) *tab = '\0';
        snprintf(t->cells[t->n_rows][j], TABLE_CELL, "%.*s", TABLE_CELL - 1, cell);
        if (j >= t->n_columns) t->n_columns = j + 1;
        cell = tab ? tab + 1 : NULL;
    }
    t->n_rows++;
}

const char *table_number(double value, int digits, char text[32])
{
    if (isnan(value)) strcpy(text, "-");
    else snprintf(text, 32, "%.*f", digits, value);
    return text;
}

/* Characters of a UTF-8 text: bytes that do not continue one. */
static int width(const char *text)
{
    int n = 0;
    for (; *text; text++) n += (*text & 0xc0) != 0x80;
    return n;
}

static void pad(char with, int n, FILE *out)
{
    while (n-- > 0) fputc(with, out);
}

void table_print(const table *t, FILE *out)
{
    int widths[TABLE_COLUMNS] = { 0 }, total = 0;
    for (int j = 0; j < t->n_columns; j++) {
        for (int i = 0; i < t->n_rows; i++)
            if (width(t->cells[i][j]) > widths[j]) widths[j] = width(t->cells[i][j]);
        total += widths[j] + (j ? 2 : 0);
    }
    for (int i = 0; i < t->n_rows; i++) {
        fputs("  ", out);
        for (int j = 0; j < t->n_columns; j++) {
            const char *cell = t->cells[i][j];
            if (j) pad(' ', 2 + widths[j] - width(cell), out);
            fputs(cell, out);
            if (j == 0 && t->n_columns > 1) pad(' ', widths[j] - width(cell), out);
        }
        fputc('\n', out);
        if (i > 0) continue;
        fputs("  ", out);
        pad('-', total, out);
        fputc('\n', out);
    }
}
