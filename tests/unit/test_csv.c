/* SPDX-License-Identifier: MIT */
/* The examples' reader of CSV files: what it accepts, and the line that it gives for each bad input. */
#include "support.h"
#include "support/csv.h"
#include "support/dates.h"

static csv_table *read_text(const char *text, csv_message *m)
{
    return csv_read_memory("f.csv", text, strlen(text), ',', m);
}

START_TEST(reads_cells_by_name)
{
    csv_message m;
    csv_table *t = read_text("\xef\xbb\xbf" "Date,\"Adj \"\"Close\",Nåme\r\n2020-04-17,18.27,a\r\n\r\n2020-04-20,-37.63,\"x,\ny\"\r\n"
                             "2020-04-21,null,b\n2020-04-22,,\n", &m);
    ck_assert_msg(t != NULL, "%s", m.text);
    ck_assert_int_eq(csv_n_rows(t), 4);
    double y[4];
    const char *names[4];
    int32_t days[4];
    ck_assert_int_eq(csv_numbers(t, "Adj \"Close", y, &m), 0);
    ck_assert(y[0] == 18.27 && y[1] == -37.63 && isnan(y[2]) && isnan(y[3]));
    ck_assert_int_eq(csv_texts(t, "Nåme", names, &m), 0);
    ck_assert_str_eq(names[1], "x,\ny");
    ck_assert_str_eq(names[3], "");
    ck_assert_int_eq(csv_dates(t, "Date", days, &m), 0);
    ck_assert_int_eq(days[1] - days[0], 3);
    ck_assert_str_eq(csv_either(t, "Date", "Nåme", &m), "Date");
    ck_assert_str_eq(csv_either(t, "date", "Nåme", &m), "Nåme");
    ck_assert_ptr_null(csv_either(t, "date", "Price", &m));
    ck_assert_str_eq(m.text, "f.csv: no column 'date' or 'Price'; it has 'Date', 'Adj \"Close', 'Nåme'");
    csv_destroy(t);
}
END_TEST

START_TEST(last_line_without_newline_counts)
{
    csv_message m;
    csv_table *t = read_text("Date,Price\n2020-01-01,1\n2020-01-02,2", &m);
    ck_assert_msg(t != NULL, "%s", m.text);
    ck_assert_int_eq(csv_n_rows(t), 2);
    csv_destroy(t);
}
END_TEST

START_TEST(other_delimiter)
{
    csv_message m;
    csv_table *t = csv_read_memory("f.tsv", "a\tb\n1,5\t\n", 9, '\t', &m);
    const char *a[1], *b[1];
    ck_assert_msg(t != NULL, "%s", m.text);
    ck_assert_int_eq(csv_texts(t, "a", a, &m) | csv_texts(t, "b", b, &m), 0);
    ck_assert_str_eq(a[0], "1,5");
    ck_assert_str_eq(b[0], "");
    csv_destroy(t);
}
END_TEST

/* Files that are refused while reading, and the message. */
static const struct {
    const char *text, *message;
} bad_files[] = {
    { "", "f.csv: the file is empty" },
    { "\n\n  \n", "f.csv: the file is empty" },
    { "Date,Price\n", "f.csv: a header and no rows" },
    { "Date,Price", "f.csv: a header and no rows" },
    { "Price,Date,Price\n1,2,3\n", "f.csv:1: columns 1 and 3 are both named 'Price'" },
    { "Date,Price\n2020-01-01,1\n2020-01-02\n", "f.csv:3: 1 cells, but the header has 2" },
    { "Date,Price\n2020-01-01,1\n\n\n2020-01-02,1,9\n", "f.csv:5: 3 cells, but the header has 2" },
    { "Date,Price\n\"a\nb\nc\",1\n2020-01-02\n", "f.csv:5: 1 cells, but the header has 2" },
    { "Date,Price\n2020-01-01,1\n2020-01-02,2\n2020-0", "f.csv:4: 1 cells, but the header has 2" },
    { "Date,Price\n2020-01-01,\"1\n2020-01-02,2\n", "f.csv:2: the file ends within quotes that begin in this row" },
    { "Date,Price\n2020-01-01,1\"2\n", "f.csv:2: a quote within a cell" },
    { "Date,Price\n2020-01-01,\"1\"2\n", "f.csv:2: a quote within a cell" },
    { "Date,Price\n2020-01-01,1\n2020-01-02,caf\xe9\n", "f.csv:3: byte 0xe9 is not UTF-8 text" },
    { "Date,Price\n2020-01-01,\xe2\x82", "f.csv:2: byte 0xe2 is not UTF-8 text" },
    { "\xff\xfe" "D", "f.csv:1: byte 0xff is not UTF-8 text" },
};

START_TEST(refuses_bad_files)
{
    for (size_t i = 0; i < sizeof bad_files / sizeof bad_files[0]; i++) {
        csv_message m = { "" };
        csv_table *t = read_text(bad_files[i].text, &m);
        ck_assert_msg(t == NULL, "%s", bad_files[i].message);
        ck_assert_str_eq(m.text, bad_files[i].message);
    }
    csv_message m;
    ck_assert_ptr_null(csv_read_memory("f.csv", "a\n1\0\n", 5, ',', &m));
    ck_assert_str_eq(m.text, "f.csv:2: byte 0x00 is not UTF-8 text");
}
END_TEST

/* Columns that are refused: kind n for numbers, d for dates. */
static const struct {
    char kind;
    const char *column, *text, *message;
} bad_columns[] = {
    { 'n', "Close", "Date,Open\n1,2\n", "f.csv: no column 'Close'; it has 'Date', 'Open'" },
    { 'n', "x", "\"a\nb\"\n2\n", "f.csv: no column 'x'; it has 'a b'" },
    { 'd', "Day", "Date;Open\n1\n", "f.csv: no column 'Day'; it has 'Date;Open'" },
    { 'n', "p", "p\n1\nabc\n", "f.csv:3: column 'p': 'abc' is not a number" },
    { 'n', "p", "p\n1\n\n2,\n", "f.csv:4: 2 cells, but the header has 1" },
    { 'n', "p", "p\n\n1.5.2\n", "f.csv:3: column 'p': '1.5.2' is not a number" },
    { 'n', "p", "p\nnan\n", "f.csv:2: column 'p': 'nan' is not a number" },
    { 'n', "p", "p\n-inf\n", "f.csv:2: column 'p': '-inf' is not a number" },
    { 'n', "p", "p\n0x10\n", "f.csv:2: column 'p': '0x10' is not a number" },
    { 'n', "p", "p\n1e999\n", "f.csv:2: column 'p': '1e999' is not a number" },
    { 'n', "p", "p\n-\n", "f.csv:2: column 'p': '-' is not a number" },
    { 'n', "p", "p\n\"a\nb\"\n", "f.csv:2: column 'p': 'a b' is not a number" },
    { 'd', "d", "d\n2020-02-30\n", "f.csv:2: column 'd': '2020-02-30' is not a date like 2020-04-20" },
    { 'd', "d", "d\n2020-01-01 00:00\n", "f.csv:2: column 'd': '2020-01-01 00:00' is not a date like 2020-04-20" },
    { 'd', "d", "d\nnull\n", "f.csv:2: column 'd': 'null' is not a date like 2020-04-20" },
    { 'd', "d", "d\n2020-01-02\n2020-01-01\n", "f.csv:3: column 'd': 2020-01-01 does not come after 2020-01-02" },
    { 'd', "d", "d\n2020-01-02\n2020-01-02\n", "f.csv:3: column 'd': 2020-01-02 does not come after 2020-01-02" },
};

START_TEST(refuses_bad_columns)
{
    for (size_t i = 0; i < sizeof bad_columns / sizeof bad_columns[0]; i++) {
        csv_message m = { "" };
        csv_table *t = read_text(bad_columns[i].text, &m);
        double y[4];
        int32_t d[4];
        int failed = t ? bad_columns[i].kind == 'n' ? csv_numbers(t, bad_columns[i].column, y, &m)
                                                    : csv_dates(t, bad_columns[i].column, d, &m) : -1;
        ck_assert_int_eq(failed, -1);
        ck_assert_str_eq(m.text, bad_columns[i].message);
        csv_destroy(t);
    }
}
END_TEST

START_TEST(refuses_paths)
{
    csv_message m;
    ck_assert_ptr_null(csv_read("/no/such/file.csv", ',', &m));
    ck_assert_str_eq(m.text, "/no/such/file.csv: No such file or directory");
    ck_assert_ptr_null(csv_read("/", ',', &m));
    ck_assert_str_eq(m.text, "/: Is a directory");
}
END_TEST

/* Cut anywhere, a good file gives a table or a message that names the file, and nothing else. */
START_TEST(cut_anywhere)
{
    const char *text = "Date,\"Pri\"\"ce\",N\n2020-01-01,1.5,\"a\nb\"\n2020-01-02,null,\xd9\x86\xd9\x81\xd8\xaa\n";
    for (size_t n = 0; n <= strlen(text); n++) {
        char *copy = malloc(n + 1); /* exactly as long, for the address sanitizer */
        memcpy(copy, text, n);
        csv_message m = { "" };
        csv_table *t = csv_read_memory("f.csv", copy, n, ',', &m);
        ck_assert(t ? csv_n_rows(t) <= 2 : !strncmp(m.text, "f.csv:", 6));
        csv_destroy(t);
        free(copy);
    }
}
END_TEST

START_TEST(dates_there_and_back)
{
    char text[16];
    ck_assert_int_eq(date_parse("1970-01-01"), 0);
    ck_assert_int_eq(date_parse("2020-04-20"), 18372);
    ck_assert_int_eq(date_parse("2000-02-29"), 11016);
    ck_assert_int_eq(date_parse("1900-02-29"), NO_DATE);
    for (int32_t day = date_parse("0001-01-01"); day <= date_parse("9999-12-31"); day += 17)
        ck_assert_int_eq(date_parse(date_format(day, text)), day);
}
END_TEST

TEST_MAIN("csv", reads_cells_by_name, last_line_without_newline_counts, other_delimiter, refuses_bad_files, refuses_bad_columns,
          refuses_paths, cut_anywhere, dates_there_and_back)
