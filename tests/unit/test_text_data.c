/* SPDX-License-Identifier: MIT */
/* Unicode's whole normalisation test and its joining types, where Debian's package unicode-data is installed, and real comments,
 * where HW3_DATA names a folder with snappfood/dev.csv. What is absent is skipped; all of it, the program. */
#include "base/base.h"
#include "text/persian.h"
#include "text_trial.h"

#define SKIPPED 77 /* meson's exit code for it */
#define UNICODE "/usr/share/unicode/"
#define LINE 16384
static hw3_ctx *ctx;
static int n_done;

static void skip(const char *what) { printf("skipped: %s\n", what); }

/* "0041 030A" as UTF-8; returns what is behind the semicolon. */
static char *read_column(char *from, char *text)
{
    char *end = from;
    for (int32_t c; (c = (int32_t)strtol(from, &end, 16)), end != from; from = end) text += hw3i_unicode_put(c, text);
    *text = 0;
    return end + 1;
}

START_TEST(all_forms)
{
    FILE *f = popen("bzip2 -dc " UNICODE "NormalizationTest.txt.bz2 2>/dev/null || cat " UNICODE "NormalizationTest.txt 2>/dev/null",
                    "r");
    char line[LINE], texts[5][1024];
    int n = 0, n_foreign = 0;
    ck_assert(f != NULL);
    while (fgets(line, sizeof line, f)) {
        if (!strchr("0123456789ABCDEF", line[0])) continue;
        char *p = line;
        for (int k = 0; k < 5; k++) p = read_column(p, texts[k]);
        const char *c[5] = { texts[0], texts[1], texts[2], texts[3], texts[4] };
        normalization_trial(ctx, c);
        for (int k = 0; k < 5; k++) n_foreign += foreign_trial(ctx, c[k]);
        n++;
    }
    pclose(f);
    if (!n) skip(UNICODE "NormalizationTest.txt.bz2 is not there, or bzip2 is not");
    else printf("%d normalisation cases, %d texts that no Persian rule concerns\n", n, n_foreign);
    ck_assert(!n || (n > 18000 && n_foreign > 80000));
    n_done += n;
}
END_TEST

START_TEST(joining_types)
{
    FILE *f = fopen(UNICODE "ArabicShaping.txt", "r");
    char line[LINE], type;
    unsigned c;
    int n = 0;
    if (!f) skip(UNICODE "ArabicShaping.txt is not there");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%x;%*[^;]; %c", &c, &type) != 2 || c < 0x620 || c > 0x6FF || c == 0x640 || c == 0x6DD) continue;
        ck_assert_msg(hw3i_persian_joins((int32_t)c) == (type == 'D'), "U+%04X has type %c", c, type);
        n++;
    }
    ck_assert(!f || n > 140);
    if (f) fclose(f);
    n_done += n;
}
END_TEST

START_TEST(real_comments)
{
    static char line[LINE], out[MOST_BYTES];
    const char *data = getenv("HW3_DATA");
    snprintf(line, sizeof line, "%s/snappfood/dev.csv", data ? data : "");
    FILE *f = data ? fopen(line, "r") : NULL;
    int n = 0;
    if (!f) skip("HW3_DATA names no folder with snappfood/dev.csv");
    for (; f && fgets(line, sizeof line, f); n++)
        for (hw3_zwnj zwnj = HW3_ZWNJ_KEEP; zwnj <= HW3_ZWNJ_REMOVE; zwnj++) {
            hw3_persian_opts o = HW3_PERSIAN_OPTS_INIT;
            o.digits = HW3_DIGITS_PERSIAN;
            o.zwnj = zwnj;
            persian_trial(ctx, &o, line, (int64_t)strlen(line), out);
        }
    ck_assert(!f || n > 1000);
    if (f) fclose(f);
    n_done += n;
}
END_TEST

static void setup(void) { ctx = test_ctx(1); }
static void teardown(void) { hw3_ctx_destroy(ctx); }

int main(void)
{
    const TTest *tests[] = { all_forms, joining_types, real_comments };
    int failed = test_run("text_data", tests, sizeof tests / sizeof tests[0], setup, teardown);
    return failed ? failed : n_done ? EXIT_SUCCESS : SKIPPED;
}
