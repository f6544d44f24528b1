/* SPDX-License-Identifier: MIT */
#include "csv.h"
#include "dates.h"
#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

typedef struct buffer {
    void *data;
    size_t n, cap, width; /* elements in use, elements of room, bytes of one */
} buffer;

struct csv_table {
    char *name;
    buffer text;  /* every cell, each ended by a zero byte */
    buffer cells; /* size_t: where each begins in text; the header first, row by row */
    buffer lines; /* int64_t: line on which each row begins */
    size_t n_columns;
};

/* What the callbacks of libcsv need. */
typedef struct reader {
    csv_table *table;
    csv_message *message;
    long long line, row_line; /* read so far; where the current row began */
    size_t row_cells;       /* cells of the current row so far */
    int failed;
} reader;

/* A cell may hold a newline, a message may not. */
static int one_line(csv_message *message)
{
    for (char *c = message->text; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    return -1;
}

static int fail(csv_message *message, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(csv_message *message, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(message->text, sizeof message->text, format, args);
    va_end(args);
    return one_line(message);
}

static int no_memory(csv_message *message, const char *name)
{
    return fail(message, "%s: out of memory", name);
}

/* Makes room for more elements and returns where they go; NULL without memory. */
static void *buffer_grow(buffer *b, size_t more)
{
    if (b->n + more > b->cap) {
        size_t cap = 2 * b->cap > b->n + more ? 2 * b->cap : b->n + more + 1024;
        void *data = realloc(b->data, cap * b->width);
        if (!data) return NULL;
        b->data = data;
        b->cap = cap;
    }
    b->n += more;
    return (char *)b->data + (b->n - more) * b->width;
}

static void on_cell(void *bytes, size_t n, void *user)
{
    reader *r = user;
    csv_table *t = r->table;
    if (r->failed) return;
    size_t *start = buffer_grow(&t->cells, 1);
    char *text = start ? buffer_grow(&t->text, n + 1) : NULL;
    if (!text) {
        r->failed = no_memory(r->message, t->name);
        return;
    }
    *start = t->text.n - n - 1;
    memcpy(text, bytes, n);
    text[n] = '\0';
    r->row_cells++;
}

/* Called at the end of every line that is not within quotes; empty ones have no cells and are passed over. */
static void on_row(int newline, void *user)
{
    static const char many[] = "%s:%lld: %zu cells, but the header has %zu";
    reader *r = user;
    csv_table *t = r->table;
    (void)newline;
    if (r->failed) return;
    if (r->row_cells > 0) {
        if (t->n_columns == 0) t->n_columns = r->row_cells;
        int64_t *line = buffer_grow(&t->lines, 1);
        if (line) *line = r->row_line;
        if (!line) r->failed = no_memory(r->message, t->name);
        else if (r->row_cells != t->n_columns)
            r->failed = fail(r->message, many, t->name, r->row_line, r->row_cells, t->n_columns);
    }
    r->row_cells = 0;
    r->row_line = r->line + 1;
}

static int check_utf8(const char *name, const uint8_t *bytes, size_t n, csv_message *message)
{
    long long line = 1;
    for (size_t at = 0; at < n;) {
        utf8proc_int32_t point;
        size_t left = n - at < 4 ? n - at : 4; /* no character is longer */
        utf8proc_ssize_t length = utf8proc_iterate(bytes + at, (utf8proc_ssize_t)left, &point);
        if (length <= 0 || point == 0) return fail(message, "%s:%lld: byte 0x%02x is not UTF-8 text", name, line, bytes[at]);
        line += point == '\n';
        at += (size_t)length;
    }
    return 0;
}

/* Feeds libcsv line by line, so that a message can name the line. */
static int parse(reader *r, const char *bytes, size_t n, char delimiter)
{
    const char *name = r->table->name;
    struct csv_parser p;
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL)) return no_memory(r->message, name);
    csv_set_delim(&p, (unsigned char)delimiter);
    for (size_t at = 0, length; at < n && !r->failed; at += length) {
        const char *end = memchr(bytes + at, '\n', n - at);
        length = end ? (size_t)(end - bytes) + 1 - at : n - at;
        r->line++;
        if (csv_parse(&p, bytes + at, length, on_cell, on_row, r) != length && !r->failed)
            r->failed = csv_error(&p) == CSV_EPARSE ? fail(r->message, "%s:%lld: a quote within a cell", name, r->line)
                                                    : no_memory(r->message, name);
    }
    if (!r->failed && csv_fini(&p, on_cell, on_row, r) && !r->failed)
        r->failed = fail(r->message, "%s:%lld: the file ends within quotes that begin in this row", name, r->row_line);
    csv_free(&p);
    return r->failed;
}

static const char *cell(const csv_table *t, size_t row, size_t column)
{
    return (const char *)t->text.data + ((const size_t *)t->cells.data)[row * t->n_columns + column];
}

static long long line_of(const csv_table *t, int64_t row)
{
    return ((const int64_t *)t->lines.data)[row + 1];
}

static int check_header(const csv_table *t, csv_message *message)
{
    if (t->n_columns == 0) return fail(message, "%s: the file is empty", t->name);
    for (size_t j = 1; j < t->n_columns; j++)
        for (size_t i = 0; i < j; i++)
            if (!strcmp(cell(t, 0, i), cell(t, 0, j)))
                return fail(message, "%s:1: columns %zu and %zu are both named '%.80s'", t->name, i + 1, j + 1, cell(t, 0, i));
    if (t->lines.n == 1) return fail(message, "%s: a header and no rows", t->name);
    return 0;
}

static char found_delimiter(const char *text, size_t n)
{
    const char *end = n ? memchr(text, '\n', n) : NULL;
    return n && memchr(text, '\t', end ? (size_t)(end - text) : n) ? '\t' : ',';
}

csv_table *csv_read_memory(const char *name, const void *bytes, size_t n, char delimiter, csv_message *message)
{
    csv_table *t = calloc(1, sizeof *t);
    reader r = { t, message, 0, 1, 0, 0 };
    const char *text = bytes;
    if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) text += 3, n -= 3; /* a byte order mark */
    if (!delimiter) delimiter = found_delimiter(text, n);
    if (t) {
        t->name = malloc(strlen(name) + 1);
        t->text.width = 1;
        t->cells.width = sizeof(size_t);
        t->lines.width = sizeof(int64_t);
    }
    if (!t || !t->name) {
        no_memory(message, name);
        csv_destroy(t);
        return NULL;
    }
    strcpy(t->name, name);
    if (check_utf8(name, (const uint8_t *)text, n, message) || parse(&r, text, n, delimiter) || check_header(t, message)) {
        csv_destroy(t);
        return NULL;
    }
    return t;
}

static int read_bytes(const char *path, buffer *b, csv_message *message)
{
    FILE *file = fopen(path, "rb");
    if (!file) return fail(message, "%s: %s", path, strerror(errno));
    int failed = 0;
    for (size_t got = 1; got && !failed;) {
        char *to = buffer_grow(b, 65536);
        if (!to) {
            failed = no_memory(message, path);
            break;
        }
        got = fread(to, 1, 65536, file);
        b->n -= 65536 - got;
        if (ferror(file)) failed = fail(message, "%s: %s", path, strerror(errno));
    }
    fclose(file);
    return failed;
}

csv_table *csv_read(const char *path, char delimiter, csv_message *message)
{
    buffer b = { NULL, 0, 0, 1 };
    csv_table *t = read_bytes(path, &b, message) ? NULL : csv_read_memory(path, b.data, b.n, delimiter, message);
    free(b.data);
    return t;
}

void csv_destroy(csv_table *t)
{
    if (!t) return;
    free(t->name);
    free(t->text.data);
    free(t->cells.data);
    free(t->lines.data);
    free(t);
}

int64_t csv_n_rows(const csv_table *t)
{
    return (int64_t)t->lines.n - 1;
}

static size_t find(const csv_table *t, const char *column)
{
    size_t j = 0;
    while (j < t->n_columns && strcmp(cell(t, 0, j), column)) j++;
    return j;
}

/* Fails with the columns that are there. */
static int no_column(const csv_table *t, const char *wanted, const char *other, csv_message *message)
{
    fail(message, "%s: no column '%s'%s%s%s; it has", t->name, wanted, other ? " or '" : "", other ? other : "", other ? "'" : "");
    for (size_t j = 0; j < t->n_columns; j++) {
        size_t used = strlen(message->text);
        snprintf(message->text + used, sizeof message->text - used, "%s '%.40s'", j ? "," : "", cell(t, 0, j));
    }
    return one_line(message);
}

const char *csv_either(const csv_table *t, const char *a, const char *b, csv_message *message)
{
    if (find(t, a) < t->n_columns) return a;
    if (find(t, b) < t->n_columns) return b;
    no_column(t, a, b, message);
    return NULL;
}

static int need(const csv_table *t, const char *column, size_t *found, csv_message *message)
{
    *found = find(t, column);
    return *found < t->n_columns ? 0 : no_column(t, column, NULL, message);
}

int csv_texts(const csv_table *t, const char *column, const char **out, csv_message *message)
{
    size_t j;
    if (need(t, column, &j, message)) return -1;
    for (int64_t i = 0; i < csv_n_rows(t); i++) out[i] = cell(t, (size_t)i + 1, j);
    return 0;
}

/* strtod also reads names and hexadecimal; here a number is decimal. */
static int parse_number(const char *text, double *value)
{
    char *end;
    if (strspn(text, "0123456789+-.eE") != strlen(text)) return -1;
    *value = strtod(text, &end);
    return end == text || *end || !isfinite(*value) ? -1 : 0;
}

int csv_numbers(const csv_table *t, const char *column, double *out, csv_message *message)
{
    size_t j;
    if (need(t, column, &j, message)) return -1;
    for (int64_t i = 0; i < csv_n_rows(t); i++) {
        const char *text = cell(t, (size_t)i + 1, j);
        if (!*text || !strcmp(text, "null"))
            out[i] = NAN;
        else if (parse_number(text, &out[i]))
            return fail(message, "%s:%lld: column '%s': '%.40s' is not a number", t->name, line_of(t, i), column, text);
    }
    return 0;
}

int csv_dates(const csv_table *t, const char *column, int32_t *out, csv_message *message)
{
    size_t j;
    char before[16];
    static const char not_date[] = "%s:%lld: column '%s': '%.40s' is not a date like 2020-04-20";
    static const char not_after[] = "%s:%lld: column '%s': %s does not come after %s";
    if (need(t, column, &j, message)) return -1;
    for (int64_t i = 0; i < csv_n_rows(t); i++) {
        const char *text = cell(t, (size_t)i + 1, j);
        out[i] = date_parse(text);
        if (out[i] == NO_DATE) return fail(message, not_date, t->name, line_of(t, i), column, text);
        if (i > 0 && out[i] <= out[i - 1])
            return fail(message, not_after, t->name, line_of(t, i), column, text, date_format(out[i - 1], before));
    }
    return 0;
}
