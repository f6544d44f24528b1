/* SPDX-License-Identifier: MIT */
#include "scores.h"
#include "csv.h"
#include "prices.h"
#include "table.h"
#include "try.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A Diebold-Mariano test of one step ahead; NaN where the two forecasts are the same. */
static int compare(const scores *j, const double *e, const double *e_naive, int64_t n, double *p)
{
    hw3_test_result dm = HW3_TEST_RESULT_INIT;
    hw3_status status = n > 1 ? hw3_diebold_mariano(j->ctx, e, e_naive, n, NULL, &dm) : HW3_ERR_VALUE;
    *p = status == HW3_OK ? dm.p_value : NAN;
    if (status != HW3_ERR_VALUE) TRY(status);
    return 0;
}

/* room: [4 n]. */
static int judge(const scores *j, score *s, double *room)
{
    double *actual = room, *forecast = actual + j->n, *e = forecast + j->n, *e_naive = e + j->n;
    int64_t n = 0;
    for (int64_t i = 0; i < j->n; i++)
        if (!isnan(j->truth[i])) {
            actual[n] = j->truth[i], forecast[n] = s->forecast[i];
            e[n] = j->truth[i] - s->forecast[i], e_naive[n] = j->truth[i] - j->rows[0].forecast[i];
            n++;
        }
    s->errors = (hw3_metrics)HW3_METRICS_INIT;
    TRY(hw3_series_metrics(j->ctx, actual, forecast, n, NULL, 0, &s->errors));
    s->gain = 100 * (1 - s->errors.rmse / j->rows[0].errors.rmse);
    s->dm_p = NAN; /* errors of a batch hang together over years: the test's variance would be wrong */
    return s == j->rows || s->batch ? 0 : compare(j, e, e_naive, n, &s->dm_p);
}

int scores_judge(scores *j)
{
    double *room = numbers(4 * j->n);
    int failed = !room;
    for (score *s = j->rows; s < j->rows + j->n_rows && !failed; s++)
        if (s->forecast) failed = judge(j, s, room);
    free(room);
    return failed ? -1 : 0;
}

/* ---- The table --------------------------------------------------------------------------------------- */

/* Adds the paper's rows to the table. Its unit is the paper's own. */
static int add_paper(table *t, const char *paper)
{
    static const char *const columns[] = { "RMSE", "MAE", "MAPE", "R2" };
    csv_message m = { "no memory" };
    csv_table *p = csv_read(paper, ',', &m);
    int64_t n = p ? csv_n_rows(p) : 0;
    const char **names = malloc((size_t)(n + 1) * sizeof *names);
    double *values = numbers(4 * n + 1);
    int failed = !p || !names || !values || csv_texts(p, "Model", names, &m);
    for (int c = 0; c < 4 && !failed; c++) failed = csv_numbers(p, columns[c], values + c * n, &m);
    for (int64_t i = 0; i < n && !failed; i++) {
        char text[4][32];
        for (int c = 0; c < 4; c++) table_number(values[c * n + i], c == 3 ? 4 : 3, text[c]);
        table_row(t, "paper: %.30s\t%s\t%s\t%s\t%s\t-\t-", names[i], text[0], text[1], text[2], text[3]);
    }
    if (failed) fprintf(stderr, "%s\n", m.text);
    csv_destroy(p);
    free(names);
    free(values);
    return failed ? -1 : 0;
}

static void add_score(table *t, const score *s, int is_naive)
{
    char mape[32], r2[32], gain[32], p[32];
    const hw3_metrics *e = &s->errors;
    table_row(t, "%s%s\t%.3f\t%.3f\t%s\t%s\t%s\t%s", s->name, s->looks_ahead ? " *" : "", e->rmse, e->mae,
              table_number(e->mape, 3, mape), table_number(e->r2, 4, r2), table_number(is_naive ? NAN : s->gain, 2, gain),
              table_number(s->dm_p, 4, p));
}

static void columns(const scores *j)
{
    const hw3_metrics *e = &j->rows[0].errors;
    printf("\nWith e = actual - forecast in dollars a barrel, over the %lld test days that have a price in the file:\n"
           "a filled value is no truth and is not judged; a price that was removed here is known, and is.\n"
           "  RMSE = sqrt(mean e²)       in dollars; large errors weigh more\n"
           "  MAE  = mean |e|            in dollars; all errors weigh alike\n"
           "  MAPE = 100 mean |e/actual| percent; left out: %lld days with a price under a thousandth of the mean\n"
           "  R2   = 1 - Σ e² / Σ (actual - mean)²   1 is perfect, 0 is no better than the mean of the test part\n"
           "  gain = 100 (1 - RMSE / RMSE of the naive forecast)   below 0 the naive forecast is better\n"
           "  DM p = Diebold-Mariano test of e² against the naive forecast's: how often chance alone makes two equally good\n"
           "         forecasts differ as much. Not for a batch, whose errors hang together over years.\n",
           (long long)e->n, (long long)e->n_near_zero);
}

int scores_table(const scores *j)
{
    table t = { 0 };
    int star = 0, batch = 0;
    table_row(&t, "model\tRMSE $\tMAE $\tMAPE %%\tR2\tgain %%\tDM p");
    for (const score *s = j->rows; s < j->rows + j->n_rows; s++) {
        if (s->forecast) add_score(&t, s, s == j->rows);
        star |= s->forecast && s->looks_ahead;
        batch |= s->forecast && s->batch;
    }
    if (j->paper && add_paper(&t, j->paper)) return -1;
    table_print(&t, stdout);
    if (star)
        printf("  * takes Open, High, Low and Volume that nobody knows when the forecast is made: those of the very day, or in a\n"
               "    batch of days after the training part. Such a row is no forecast, and the summary leaves it out.\n"
               "    --lag-regressors takes those of the day before; the batch alone looks ahead then.\n");
    if (batch) printf("  A batch is not of the next day: all days of the test part at once, from the last day of training on.\n");
    columns(j);
    return 0;
}

void scores_write(const scores *j, const char *format, FILE *out)
{
    static const char *const names[] = { "rmse", "mae", "mape", "r2", "gain_percent", "dm_p_value" };
    int json = !strcmp(format, "json"), n = 0;
    fputs(json ? "[\n" : "model,rmse,mae,mape,r2,gain_percent,dm_p_value,looks_ahead\n", out);
    for (const score *s = j->rows; s < j->rows + j->n_rows; s++) {
        if (!s->forecast) continue;
        const double values[] = { s->errors.rmse, s->errors.mae, s->errors.mape, s->errors.r2, s->gain, s->dm_p };
        fprintf(out, json ? "%s  {\"model\": \"%s\"" : "%s\"%s\"", json && n++ ? ",\n" : "", s->name);
        for (int c = 0; c < 6; c++) {
            if (json) fprintf(out, ", \"%s\": ", names[c]);
            else fputc(',', out);
            if (!isnan(values[c])) fprintf(out, "%.17g", values[c]);
            else if (json) fputs("null", out);
        }
        fprintf(out, json ? ", \"looks_ahead\": %d}" : ",%d\n", s->looks_ahead);
    }
    if (json) fputs("\n]\n", out);
}

/* ---- The summary ------------------------------------------------------------------------------------- */

static void verdict(const scores *j)
{
    const score *naive = j->rows, *best = NULL;
    for (const score *s = naive + j->n_baselines; s < naive + j->n_rows; s++)
        if (s->forecast && !s->looks_ahead && (!best || s->errors.rmse < best->errors.rmse)) best = s;
    double a = naive->errors.rmse, b = best->errors.rmse;
    if (best->gain > 0) printf("\nThe winner by RMSE is %s: $%.3f, %.2f %% less than the $%.3f", best->name, b, best->gain, a);
    else printf("\nThe naive forecast wins. The best model by RMSE is %s: $%.3f, %.2f %% more than the $%.3f", best->name, b,
                -best->gain, a);
    printf(" of the naive forecast.\n");
    if (isnan(best->dm_p)) printf("The Diebold-Mariano test does not apply to it.\n");
    else printf("The Diebold-Mariano test calls the difference %ssignificant (p = %.4f)%s.\n", best->dm_p < 0.05 ? "" : "not ",
                best->dm_p, best->dm_p < 0.05 ? "" : ": it may be chance");
    printf("A daily price moves nearly like a random walk, whose best forecast is the last value: a model has to find\n"
           "the little that is beyond it, and one with a high R2 may still be of no use. Look at the naive row first.\n");
}

void scores_summary(const scores *j)
{
    verdict(j);
    printf("\nWhat each can do, and cannot:\n");
    for (const score *s = j->rows; s < j->rows + j->n_rows; s++)
        if (s->forecast) printf("  %s: %s\n", s->name, s->text);
}
