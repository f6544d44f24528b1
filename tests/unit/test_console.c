/* SPDX-License-Identifier: MIT */
/* What the examples share beside the CSV reader: options, tables, plots. */
#include "support.h"
#include "support/args.h"
#include "support/plot.h"
#include "support/table.h"
#include <unistd.h>

static struct {
    int flag;
    int64_t n;
    double x;
    const char *file, *word;
} got;

/* Parses with stdout and stderr sent to a file, whose text is left in `printed`. */
static char printed[4096];
static int parse(int argc, char **argv)
{
    got.flag = 0, got.n = 50, got.x = 0.5, got.file = "default.csv", got.word = "linear";
    const arg options[] = {
        { "FILE", ARG_TEXT, &got.file, 0, 0, "the data", NULL },
        { "--fast", ARG_FLAG, &got.flag, 0, 0, "hurry", NULL },
        { "--epochs", ARG_INT, &got.n, 1, 1000, "passes", NULL },
        { "--share", ARG_REAL, &got.x, 0, 1, "part", NULL },
        { "--fill", ARG_WORD, &got.word, 0, 0, "way", "mean forward linear" },
        ARGS_END
    };
    FILE *file = tmpfile();
    fflush(NULL);
    int out = dup(1), err = dup(2);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    int result = args_parse(argc, argv, "About.", options);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    rewind(file);
    printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
    fclose(file);
    return result;
}
#define PARSE(...) parse(sizeof (char *[]){ "dir/prog", __VA_ARGS__ } / sizeof(char *), (char *[]){ "dir/prog", __VA_ARGS__, NULL })

START_TEST(options_in_any_form)
{
    ck_assert_int_eq(PARSE("--epochs", "7", "my.csv", "--share=0.25", "--fast", "--fill", "mean"), 0);
    ck_assert(got.n == 7 && got.x == 0.25 && got.flag && !strcmp(got.file, "my.csv") && !strcmp(got.word, "mean"));
    ck_assert_int_eq(PARSE("--share", "-0"), 0);
    ck_assert(got.n == 50 && !got.flag && !strcmp(got.file, "default.csv"));
}
END_TEST

START_TEST(help_lists_every_option_and_default)
{
    ck_assert_int_eq(PARSE("--help"), ARGS_HELP);
    const char *const parts[] = { "About.", "usage: prog [options] [FILE]", "--epochs N", "passes (50)", "part (0.5)", "(default.csv)",
                                  "way: mean forward linear (linear)", "--fast", "--help" };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) ck_assert_msg(strstr(printed, parts[i]) != NULL, "%s", parts[i]);
}
END_TEST

START_TEST(wrong_options_are_named)
{
    const struct {
        char *a, *b;
        const char *message;
    } bad[] = {
        { "--epoch", "7", "prog: unknown option '--epoch'" },
        { "--epochs", "x", "prog: --epochs takes a whole number from 1 to 1000, not 'x'" },
        { "--epochs", "0", "prog: --epochs takes a whole number from 1 to 1000, not '0'" },
        { "--epochs", "7.5", "prog: --epochs takes a whole number from 1 to 1000, not '7.5'" },
        { "--epochs", "99999999999999999999", "prog: --epochs takes a whole number from 1 to 1000, not '99999999999999999999'" },
        { "--share", "nan", "prog: --share takes a number from 0 to 1, not 'nan'" },
        { "--share", "1.01", "prog: --share takes a number from 0 to 1, not '1.01'" },
        { "--fast=1", "x", "prog: --fast takes no value, not '1'" },
        { "--fill", "forw", "prog: --fill is one of mean forward linear, not 'forw'" },
        { "one.csv", "two.csv", "prog: one argument too many: 'two.csv'" },
        { "one.csv", "--epochs", "prog: --epochs needs a value (" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(PARSE(bad[i].a, bad[i].b), ARGS_WRONG);
        ck_assert_msg(strstr(printed, bad[i].message) == printed, "%s: %s", bad[i].message, printed);
    }
}
END_TEST

START_TEST(tables_are_aligned)
{
    table t = { 0 };
    char text[256];
    table_row(&t, "model\tRMSE\tR²");
    table_row(&t, "%s\t%.2f\t%.3f", "GRU", 12.5, 0.9);
    table_row(&t, "naive\t1.00\t-");
    FILE *file = tmpfile();
    table_print(&t, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    ck_assert_str_eq(text, "  model   RMSE     R²\n  -------------------\n  GRU    12.50  0.900\n  naive   1.00      -\n");
}
END_TEST

static const char *slurp(const char *dir, const char *name)
{
    static char text[4096];
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    remove(path);
    return text;
}

START_TEST(plots_write_data_and_script)
{
    char base[] = "/tmp/hw3-plots-XXXXXX", dir[64];
    ck_assert_ptr_nonnull(mkdtemp(base));
    snprintf(dir, sizeof dir, "%s/it's/here", base);
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0); /* without gnuplot */
    const double y[] = { 1, NAN, 3 }, prices[] = { 0, 1, 1, 9, 10, NAN };
    const int32_t days[] = { 0, 1, 18372 };
    plots p;
    ck_assert_int_eq(plots_begin(&p, dir), 0);
    ck_assert_int_eq(plots_begin(&p, dir), 0); /* the folder may be there */
    plots_lines(&p, &(plot){ .name = "a", .title = "it's", .x_label = "date", .y_label = "$", .days = days, .n = 3, .n_lines = 1,
                             .lines = &(plot_line){ "why", y } });
    plots_histogram(&p, "h", "prices", "$", prices, 6, 2);
    ck_assert(p.n == 2 && p.n_png == 0 && !p.failed);
    ck_assert_str_eq(slurp(dir, "a.dat"), "# date\twhy\n1970-01-01\t1\n1970-01-02\tNaN\n2020-04-20\t3\n");
    ck_assert_ptr_nonnull(strstr(slurp(dir, "a.gp"), "set title 'it''s'"));
    ck_assert_str_eq(slurp(dir, "h.dat"), "# middle of the bin\tcount\n2.5\t3\n7.5\t2\n");
    slurp(dir, "h.gp");
    rmdir(dir);
    snprintf(dir, sizeof dir, "%s/it's", base);
    rmdir(dir);
    ck_assert_int_eq(rmdir(base), 0);
}
END_TEST

TEST_MAIN("console", options_in_any_form, help_lists_every_option_and_default, wrong_options_are_named, tables_are_aligned,
          plots_write_data_and_script)
