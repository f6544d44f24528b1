/* SPDX-License-Identifier: MIT */
/* Series preparation on real prices: HW3_DATA names a folder with oil/CL=F.csv; skipped without. */
#include "base/base.h"
#include "support.h"

#define SKIPPED 77 /* meson's exit code for it */
static FILE *file;

/* Column `name` of a CSV file without quotes; an empty or "null" cell is missing. Returns the number of rows. */
static int64_t read_column(FILE *f, const char *name, double *y, int64_t cap)
{
    char line[1024];
    int64_t n = 0, column = -1;
    while (n < cap && fgets(line, sizeof line, f)) {
        char *cell = line, *end;
        for (int64_t k = 0; cell; cell = end, k++) {
            size_t length = strcspn(cell, ",\r\n");
            end = cell[length] == ',' ? cell + length + 1 : NULL;
            cell[length] = 0;
            if (column < 0 && !strcmp(cell, name)) {
                column = k;
                break;
            }
            if (k == column) y[n++] = !*cell || !strcmp(cell, "null") ? NAN : atof(cell);
        }
    }
    return n;
}

START_TEST(oil_prices)
{
    static double y[20000], z[20000], last[20000];
    int64_t n = read_column(file, "Adj Close", y, HW3I_LEN(y)), n_missing, gone;
    hw3_ctx *ctx = test_ctx(1);
    OK(hw3_series_missing(ctx, y, n, &n_missing));
    ck_assert_int_gt(n - n_missing, 1000);
    OK(hw3_series_remove(ctx, y, n, 0.1, 42, &gone));
    ck_assert_int_eq(gone, (int64_t)round(0.1 * (double)(n - n_missing)));
    for (hw3_fill fill = HW3_FILL_MOVING_MEAN; fill <= HW3_FILL_LINEAR; fill++) {
        memcpy(z, y, sizeof z);
        OK(hw3_series_fill(ctx, z, n, fill, 5, NULL));
        OK(hw3_series_missing(ctx, z, n, &n_missing));
        ck_assert_int_eq(n_missing, 0);
    }
    hw3_split3 cut;
    hw3_metrics m = HW3_METRICS_INIT;
    OK(hw3_series_split(ctx, n, 0.7, 0, &cut));
    OK(hw3_series_naive(ctx, z, n, cut.n_train, last));
    OK(hw3_series_metrics(ctx, z + cut.n_train, last, cut.n_test, z, cut.n_train, &m));
    ck_assert(m.r2 > 0.9 && m.rmse >= m.mae); /* prices of neighbouring days are close */
    hw3_ctx_destroy(ctx);
}
END_TEST

int main(void)
{
    char path[1024];
    const char *data = getenv("HW3_DATA");
    snprintf(path, sizeof path, "%s/oil/CL=F.csv", data ? data : "");
    file = data ? fopen(path, "r") : NULL;
    if (!file) {
        printf("skipped: HW3_DATA names no folder with oil/CL=F.csv\n");
        return SKIPPED;
    }
    const TTest *tests[] = { oil_prices };
    int status = test_run("series on real data", tests, 1, NULL, NULL);
    fclose(file);
    return status;
}
