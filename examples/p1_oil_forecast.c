/* SPDX-License-Identifier: MIT */
/* p1_oil_forecast: tomorrow's price of crude oil by an RNN, an LSTM and a GRU.
 *
 * Answers the first practical question: read daily prices, remove a tenth of them and fill the gaps, split in
 * time, scale, train three recurrent networks, forecast each day of the test part from the days before it, and
 * judge all forecasts in dollars, beside the forecast that anyone can make: tomorrow as today.
 *
 * Meets: hw3_series (removing, filling, splitting, metrics, naive forecast), hw3_forecaster (fit, backtest, save).
 * Run:   sh examples/run.sh                                   on the prices in examples/data
 *        sh examples/run.sh p1_oil_forecast CL=F.csv --course on yours, with the sizes of the course
 *        sh examples/run.sh p1_oil_forecast --help */
#include "support/args.h"
#include "support/csv.h"
#include "support/dates.h"
#include "support/folder.h"
#include "support/plot.h"
#include "support/prices.h"
#include "support/progress.h"
#include "support/table.h"
#include <hw3/hw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- 1. What is asked for, and what is found ------------------------------------------------------- */

typedef struct model {
    const char *name, *file;
    hw3_cell cell;
    hw3_forecaster *net;
    double *forecast; /* [n_test], dollars */
    hw3_metrics errors;
} model;

enum { NAIVE, RNN, LSTM, GRU, N_MODELS }; /* a model that is added here joins the table and the verdict */

typedef struct job {
    hw3_ctx *ctx;
    int64_t n;      /* days */
    int32_t *days;  /* [n] dates */
    double *price;  /* [n] as in the file; NaN where it has none */
    double *filled; /* [n] what the models see: a tenth removed, every gap filled */
    hw3_split3 cut;
    model models[N_MODELS];
} job;

/* The command line. */
static const char *file = EXAMPLE_DATA "/wti-daily.csv", *column, *fill = "forward", *only = "all", *paper, *save, *load;
static const char *out = "out/p1_oil_forecast";
static int64_t window = 50, hidden = 64, batch = 64, epochs = 50, seed = 42, threads, fill_window = 5;
static double removed = 0.1, rate = 1e-3;
static int course, calendar, no_plots;

static const arg options[] = {
    { "FILE", ARG_TEXT, &file, 0, 0, "CSV file with a column Date", NULL },
    { "--column", ARG_TEXT, &column, 0, 0, "column of the prices; without it Adj Close, or else Price", NULL },
    { "--calendar", ARG_FLAG, &calendar, 0, 0, "count all days of the calendar; weekends have no price", NULL },
    { "--remove", ARG_REAL, &removed, 0, 0.9, "share of the prices removed, by seed 42", NULL },
    { "--fill", ARG_WORD, &fill, 0, 0, "how gaps are filled", "mean forward backward linear course" },
    { "--fill-window", ARG_INT, &fill_window, 1, 1000, "days of the moving mean", NULL },
    { "--window", ARG_INT, &window, 1, 100000, "days that a forecast looks back", NULL },
    { "--hidden", ARG_INT, &hidden, 1, 8192, "units", NULL },
    { "--batch", ARG_INT, &batch, 1, 100000, "windows in a step", NULL },
    { "--epochs", ARG_INT, &epochs, 1, 100000, "passes over the training part", NULL },
    { "--rate", ARG_REAL, &rate, 1e-9, 1, "learning rate of Adam", NULL },
    { "--course", ARG_FLAG, &course, 0, 0, "the sizes of the course where no others are asked for: 512 units, batch 100", NULL },
    { "--only", ARG_WORD, &only, 0, 0, "networks to train", "all rnn lstm gru" },
    { "--seed", ARG_INT, &seed, 0, 1e15, "of the weights and of the order of training", NULL },
    { "--threads", ARG_INT, &threads, 0, 256, "0 is one for each processor; the results do not depend on it", NULL },
    { "--paper", ARG_TEXT, &paper, 0, 0, "your copy of a paper's table: CSV with columns Model,RMSE,MAE,MAPE,R2", NULL },
    { "--save", ARG_TEXT, &save, 0, 0, "folder that receives the trained networks", NULL },
    { "--load", ARG_TEXT, &load, 0, 0, "folder of networks trained before: nothing is trained", NULL },
    { "--out", ARG_TEXT, &out, 0, 0, "folder of the plots", NULL },
    { "--no-plots", ARG_FLAG, &no_plots, 0, 0, "the table is enough", NULL },
    ARGS_END
};

#define TRY(call)                                                          \
    do {                                                                   \
        if ((call) < 0) {                                                  \
            fprintf(stderr, "%s\n  %s\n", #call, hw3_ctx_error(j->ctx));   \
            return -1;                                                     \
        }                                                                  \
    } while (0)

/* ---- 2. Reading ------------------------------------------------------------------------------------ */

static int read_prices(job *j)
{
    if (prices_read(file, &column, calendar, &j->n, &j->days, &j->price)) return -1;
    table rows = { 0 };
    char date[16], price[32];
    table_row(&rows, "Date\t%s", column);
    for (int64_t i = 0; i < j->n && i < 5; i++) {
        table_number(j->price[i], 2, price);
        table_row(&rows, "%s\t%s", date_format(j->days[i], date), price);
    }
    const char *slash = strrchr(file, '/');
    printf("1. The data: %s\n\n", slash ? slash + 1 : file);
    table_print(&rows, stdout);
    return 0;
}

/* ---- 3. Removing, filling, splitting --------------------------------------------------------------- */

static int prepare(job *j)
{
    static const struct {
        const char *name;
        hw3_fill fill;
        int looks_ahead;
    } ways[] = {
        { "mean", HW3_FILL_MOVING_MEAN, 0 },
        { "forward", HW3_FILL_FORWARD, 0 },
        { "backward", HW3_FILL_BACKWARD, 1 },
        { "linear", HW3_FILL_LINEAR, 1 },
        { "course", HW3_FILL_LINEAR, 1 }, /* linear, then backward, then forward: what linear does at the edges anyway */
    };
    int64_t missing, gone;
    size_t way = 0;
    char from[16], to[16];
    while (strcmp(ways[way].name, fill)) way++;
    if (!(j->filled = numbers(j->n))) return -1;
    memcpy(j->filled, j->price, (size_t)j->n * sizeof(double));
    TRY(hw3_series_missing(j->ctx, j->filled, j->n, &missing));
    printf("\n%lld dates, %s to %s; %lld of them have no price.\n\n2. Gaps and parts\n\n", (long long)j->n,
           date_format(j->days[0], from), date_format(j->days[j->n - 1], to), (long long)missing);
    TRY(hw3_series_remove(j->ctx, j->filled, j->n, removed, 42, &gone));
    printf("%lld prices are removed at random (seed 42): %lld of %lld dates are missing now.\n", (long long)gone,
           (long long)(missing + gone), (long long)j->n);
    TRY(hw3_series_fill(j->ctx, j->filled, j->n, ways[way].fill, fill_window, NULL));
    printf("They are filled by --fill %s.\n", fill);
    if (ways[way].looks_ahead)
        printf("This looks ahead: a filled price knows the next true one, which flatters every forecast a little.\n"
               "--fill forward and --fill mean do not.\n");
    TRY(hw3_series_split(j->ctx, j->n, 0.7, 0, &j->cut));
    printf("The first %lld days are for training, the last %lld, from %s on, for the test.\n", (long long)j->cut.n_train,
           (long long)j->cut.n_test, j->cut.n_test ? date_format(j->days[j->cut.n_train], from) : "-");
    return 0;
}

/* ---- 4. Training and forecasting ------------------------------------------------------------------- */

static int train(job *j, model *m)
{
    char path[1200];
    progress told = progress_begin(m->name, 10);
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    o.cell = m->cell, o.window = window, o.hidden = hidden, o.batch = batch, o.n_epochs = (int32_t)epochs, o.lr = rate;
    o.val_share = 0.1, o.seed = (uint64_t)seed, o.progress = progress_tell, o.progress_user = &told;
    if (!load) {
        TRY(hw3_forecaster_fit(j->ctx, j->filled, j->cut.n_train, &o, &m->net)); /* loss MSE, optimizer Adam, scaler min-max */
    } else {
        snprintf(path, sizeof path, "%s/%s.safetensors", load, m->file);
        TRY(hw3_forecaster_load(j->ctx, path, &m->net));
        TRY(hw3_forecaster_get_opts(m->net, &o));
        printf("  %s: window %lld, %lld units, from %s\n", m->name, (long long)o.window, (long long)o.hidden, path);
        if (o.cell != m->cell) {
            fprintf(stderr, "%s holds another network than an %s\n", path, m->name);
            return -1;
        }
    }
    if (save) {
        snprintf(path, sizeof path, "%s/%s.safetensors", save, m->file);
        TRY(hw3_forecaster_save(m->net, path));
    }
    TRY(hw3_forecaster_backtest(m->net, j->filled, j->n, j->cut.n_train, m->forecast));
    return 0;
}

/* Judges forecasts where the file has a price: a filled value is no truth. Removed prices count, for they are known. */
static int judge(job *j, model *m)
{
    const double *truth = j->price + j->cut.n_train;
    double *actual = numbers(2 * j->cut.n_test), *forecast = actual + j->cut.n_test;
    int64_t n = 0;
    if (!actual) return -1;
    for (int64_t i = 0; i < j->cut.n_test; i++)
        if (!isnan(truth[i])) {
            actual[n] = truth[i];
            forecast[n++] = m->forecast[i];
        }
    m->errors = (hw3_metrics)HW3_METRICS_INIT;
    hw3_status status = hw3_series_metrics(j->ctx, actual, forecast, n, NULL, 0, &m->errors);
    free(actual);
    TRY(status);
    return 0;
}

static int forecast_all(job *j)
{
    if (save && folder_make(save)) return -1;
    printf("\n3. %s\n\n", load ? "Networks trained before" : "Training");
    if (!load)
        printf("Window %lld, units %lld, batch %lld, epochs %lld, loss MSE, Adam %g, seed %lld. The last tenth of the\n"
               "windows is for validation; the least and the greatest price of the others become 0 and 1.\n\n",
               (long long)window, (long long)hidden, (long long)batch, (long long)epochs, rate, (long long)seed);
    for (model *m = j->models; m < j->models + N_MODELS; m++) {
        if (m->cell && strcmp(only, "all") && strcmp(only, m->file)) continue;
        double *room = numbers(j->cut.n_test);
        if (!room) return -1;
        m->forecast = room;
        if (m->cell && train(j, m)) return -1;
        if (!m->cell) TRY(hw3_series_naive(j->ctx, j->filled, j->n, j->cut.n_train, m->forecast));
        if (judge(j, m)) return -1;
    }
    return 0;
}

/* ---- 5. The table ---------------------------------------------------------------------------------- */

/* Adds the paper's rows to the table. Its unit is the paper's own. */
static int add_paper(table *t)
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
        table_row(t, "paper: %.30s\t%s\t%s\t%s\t%s", names[i], text[0], text[1], text[2], text[3]);
    }
    if (failed) fprintf(stderr, "%s\n", m.text);
    csv_destroy(p);
    free(names);
    free(values);
    return failed ? -1 : 0;
}

static void verdict(const job *j)
{
    const model *naive = &j->models[NAIVE], *best = NULL;
    for (const model *m = naive + 1; m < j->models + N_MODELS; m++)
        if (m->forecast && (!best || m->errors.rmse < best->errors.rmse)) best = m;
    double a = naive->errors.rmse, b = best->errors.rmse;
    printf("\nThe best network by RMSE is the %s with $%.3f. ", best->name, b);
    if (b < a) printf("It beats the naive forecast, $%.3f, by %.1f %%.\n", a, 100 * (1 - b / a));
    else printf("The naive forecast wins: with $%.3f its error is %.1f %% smaller.\n", a, 100 * (1 - a / b));
    printf("A daily price moves nearly like a random walk, whose best forecast is the last value: a network has\n"
           "to find the little that is beyond it, and one with a high R2 may still be of no use. Look at the\n"
           "naive row first.\n");
}

static void explain(const job *j)
{
    const hw3_metrics *e = &j->models[NAIVE].errors;
    int64_t low = -1;
    char date[16];
    for (int64_t i = 0; i < j->n; i++)
        if (!isnan(j->price[i]) && (low < 0 || j->price[i] < j->price[low])) low = i;
    printf("\nWith e = actual - forecast in dollars a barrel, over the %lld test days that have a price in the file:\n"
           "a filled value is no truth and is not judged; a price that was removed here is known, and is.\n"
           "  RMSE = sqrt(mean e²)       in dollars; large errors weigh more\n"
           "  MAE  = mean |e|            in dollars; all errors weigh alike\n"
           "  MAPE = 100 mean |e/actual| percent; left out: %lld days with a price under a thousandth of the mean\n"
           "  R2   = 1 - Σ e² / Σ (actual - mean)²   1 is perfect, 0 is no better than the mean of the test part\n",
           (long long)e->n, (long long)e->n_near_zero);
    int trained = low < j->cut.n_train;
    printf("The lowest price is %.2f dollars on %s, in the %s part.\n", j->price[low], date_format(j->days[low], date),
           trained ? "training" : "test");
    if (j->price[low] > 0) return;
    printf("It has no logarithm, so nothing here takes logarithms of prices. MAPE divides by the price: near zero\n"
           "it says more about the price than about the forecast. ");
    if (trained) printf("Min-max scaling spends a good part of 0 .. 1 on\nsuch a day.\n");
    else printf("Being squared, the error of this one day\nweighs in RMSE like hundreds of others: look at MAE too.\n");
}

static int print_table(const job *j)
{
    table t = { 0 };
    printf("\n4. Forecasts of the next day, on the test part, in dollars\n\n");
    table_row(&t, "model\tRMSE $\tMAE $\tMAPE %%\tR2");
    for (const model *m = j->models; m < j->models + N_MODELS; m++) {
        char mape[32], r2[32];
        if (m->forecast)
            table_row(&t, "%s\t%.3f\t%.3f\t%s\t%s", m->name, m->errors.rmse, m->errors.mae, table_number(m->errors.mape, 3, mape),
                      table_number(m->errors.r2, 4, r2));
    }
    if (paper && add_paper(&t)) return -1;
    table_print(&t, stdout);
    verdict(j);
    explain(j);
    return 0;
}

/* ---- 6. The plots ---------------------------------------------------------------------------------- */

static int plot_model(job *j, model *m, plots *p)
{
    int64_t n = j->cut.n_test, n_epochs = 0;
    const double *truth = j->price + j->cut.n_train;
    double *z = numbers(3 * n), *error = z + 2 * n, *loss = numbers(2 * epochs + 1);
    char name[3][64], title[3][128];
    hw3_scaler scaler;
    hw3_status status = z && loss ? hw3_forecaster_scaler(m->net, &scaler) : HW3_ERR_NOMEM;
    if (status == HW3_OK) status = hw3_scaler_apply(j->ctx, &scaler, truth, n, z);
    if (status == HW3_OK) status = hw3_scaler_apply(j->ctx, &scaler, m->forecast, n, z + n);
    if (status == HW3_OK && !load) status = hw3_forecaster_history(m->net, loss, loss + epochs, epochs, &n_epochs);
    if (status == HW3_OK) {
        static const char *const kinds[] = { "dollars", "scaled", "loss" };
        static const char *const titles[] = { "price and forecast of the next day", "price and forecast of the next day, scaled",
                                              "training and validation loss, of scaled prices" };
        for (int k = 0; k < 3; k++) snprintf(name[k], sizeof name[k], "%s-%s", m->file, kinds[k]);
        for (int k = 0; k < 3; k++) snprintf(title[k], sizeof title[k], "%s: %s", m->name, titles[k]);
        for (int64_t i = 0; i < n; i++) error[i] = truth[i] - m->forecast[i];
        const plot_line dollars[] = { { "actual", truth }, { "forecast", m->forecast } };
        const plot_line scaled[] = { { "actual", z }, { "forecast", z + n } };
        const plot_line losses[] = { { "training", loss }, { "validation", loss + epochs } };
        const int32_t *days = j->days + j->cut.n_train;
        plot what[] = {
            { name[0], title[0], "date", "dollars a barrel", dollars, 2, 0, n, days, { "actual - forecast", error } },
            { name[1], title[1], "date", "scaled price", scaled, 2, 0, n, days, { NULL, NULL } },
            { name[2], title[2], "epoch", "MSE", losses, 2, 1, n_epochs, NULL, { NULL, NULL } },
        };
        for (int k = 0; k < (n_epochs > 1 ? 3 : 2); k++) plots_lines(p, &what[k]); /* one epoch is no curve */
    }
    free(z);
    free(loss);
    TRY(status);
    return 0;
}

static int draw(job *j)
{
    plots p;
    if (plots_begin(&p, out)) return -1;
    plots_histogram(&p, "histogram", "Distribution of the prices", "dollars a barrel", j->price, j->n, 20);
    for (model *m = j->models; m < j->models + N_MODELS; m++)
        if (m->net && plot_model(j, m, &p)) return -1;
    printf("\n");
    return plots_end(&p);
}

int main(int argc, char **argv)
{
    static const char about[] = "Tomorrow's price of crude oil by an RNN, an LSTM and a GRU, beside the naive forecast.";
    int stop = args_parse(argc, argv, about, options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    if (course) {
        hidden = 512, batch = 100;
        args_parse(argc, argv, about, options); /* once more: what was asked for by name wins */
    }

    job jobs = { .models = { [NAIVE] = { .name = "naive: last value" },
                             [RNN] = { .name = "RNN", .file = "rnn", .cell = HW3_CELL_RNN_TANH },
                             [LSTM] = { .name = "LSTM", .file = "lstm", .cell = HW3_CELL_LSTM },
                             [GRU] = { .name = "GRU", .file = "gru", .cell = HW3_CELL_GRU } } }, *j = &jobs;
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)threads, o.seed = (uint64_t)seed;
    int failed = hw3_ctx_create(&o, &j->ctx) || read_prices(j) || prepare(j) || forecast_all(j) || print_table(j) ||
                 (!no_plots && draw(j));

    for (model *m = j->models; m < j->models + N_MODELS; m++) {
        hw3_forecaster_destroy(m->net);
        free(m->forecast);
    }
    free(j->days);
    free(j->price);
    free(j->filled);
    hw3_ctx_destroy(j->ctx);
    return failed ? 1 : 0;
}
