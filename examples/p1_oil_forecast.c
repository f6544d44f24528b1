/* SPDX-License-Identifier: MIT */
/* p1_oil_forecast: tomorrow's price of crude oil by ARIMA, SARIMA, an RNN, an LSTM and a GRU.
 *
 * Answers the first practical question: read daily prices, remove a tenth of them and fill the gaps, split in
 * time, test for unit roots, fit ARIMA and SARIMA, scale, train three recurrent networks, forecast each day of the
 * test part from the days before it, and judge all forecasts in dollars, beside the forecast that anyone can make:
 * tomorrow as today.
 *
 * Meets: hw3_series (removing, filling, splitting, metrics, naive forecast), hw3_forecaster (fit, backtest, save);
 *        in support/arima_report.c hw3_arima (fit, forecasts), hw3_adf, hw3_acf; in support/scores.c hw3_diebold_mariano.
 * Run:   sh examples/run.sh                                   on the prices in examples/data
 *        sh examples/run.sh p1_oil_forecast CL=F.csv --course on yours, with the sizes of the course
 *        sh examples/run.sh p1_oil_forecast --help */
#include "support/args.h"
#include "support/arima_report.h"
#include "support/dates.h"
#include "support/folder.h"
#include "support/plot.h"
#include "support/prices.h"
#include "support/progress.h"
#include "support/scores.h"
#include "support/table.h"
#include "support/try.h"
#include <hw3/hw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- 1. What is asked for, and what is found ------------------------------------------------------- */

typedef struct model {
    const char *name, *file;
    hw3_cell cell;          /* of a network */
    int arima;              /* ARIMA_PLAIN and so on, of an ARIMA */
    const char *text;       /* what it can do, and what it cannot */
    hw3_forecaster *net;
    double *forecast;       /* [n_test], dollars */
    double *band;           /* [2, n_test] lower and upper end of its 95 % intervals; NULL without */
} model;

enum { NAIVE, DRIFT, N_BASELINES, N_MODELS = 11 }; /* a model that is added to the table joins the scores and the summary */

static model models[N_MODELS] = {
    { .name = "naive: last value", .text = "nothing to fit, hard to beat on a random walk; knows neither trend nor turn" },
    { .name = "drift", .text = "adds the mean change of the past, which need not go on" },
    { .name = "ARIMA", .file = "arima", .arima = ARIMA_PLAIN,
      .text = "few coefficients with standard errors, fitted at once; linear, of one variance, of short memory" },
    { .name = "ARIMA, refit", .file = "arima-refit", .arima = ARIMA_PLAIN | ARIMA_REFIT,
      .text = "follows coefficients that change; costs a fit each time, and gains nothing where they do not change" },
    { .name = "SARIMA", .file = "sarima", .arima = ARIMA_SEASON,
      .text = "also what returns each season; on prices without one, more coefficients to err in" },
    { .name = "SARIMA + regressors", .file = "sarima-x", .arima = ARIMA_SEASON | ARIMA_XREG,
      .text = "uses what else is known; of use only as far as it is known when the forecast is made" },
    { .name = "SARIMA, batch", .file = "sarima-batch", .arima = ARIMA_SEASON | ARIMA_BATCH,
      .text = "all days at once without seeing any, as a plan needs them; soon a line, whose error grows with time" },
    { .name = "SARIMA + regressors, batch", .file = "sarima-x-batch", .arima = ARIMA_SEASON | ARIMA_XREG | ARIMA_BATCH,
      .text = "led by the regressors alone; for days to come they would have to be forecast themselves" },
    { .name = "RNN", .file = "rnn", .cell = HW3_CELL_RNN_TANH,
      .text = "not linear, the smallest network; its gradients vanish over tens of days, so its memory is short" },
    { .name = "LSTM", .file = "lstm", .cell = HW3_CELL_LSTM,
      .text = "gates keep what is long ago; four times the weights of the RNN, which want more data and epochs" },
    { .name = "GRU", .file = "gru", .cell = HW3_CELL_GRU,
      .text = "memory like the LSTM's with three quarters of its weights; as every network poor beyond the prices it has seen" },
};

typedef struct job {
    hw3_ctx *ctx;
    int64_t n;      /* days */
    int32_t *days;  /* [n] dates */
    double *price;  /* [n] as in the file; NaN where it has none */
    double *filled; /* [n] what the models see: a tenth removed, every gap filled */
    hw3_split3 cut;
    arima_report arima;
} job;

/* The command line. */
static const char *file = EXAMPLE_DATA "/wti-daily.csv", *column, *fill = "forward", *only = "all", *paper, *save, *load;
static const char *out = "out/p1_oil_forecast", *order = "auto", *format = "text";
static int64_t window = 50, hidden = 64, batch = 64, epochs = 50, seed = 42, threads, fill_window = 5, refit = 50;
static double removed = 0.1, rate = 1e-3;
static int course, calendar, no_plots, lagged;

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
    { "--order", ARG_TEXT, &order, 0, 0, "of ARIMA: p,d,q or p,d,q,P,D,Q,m, or searched: aic or auto", NULL },
    { "--refit", ARG_INT, &refit, 1, 100000, "days between two fits of the ARIMA that is refitted", NULL },
    { "--lag-regressors", ARG_FLAG, &lagged, 0, 0, "Open, High, Low, Volume of the day before, not of the day itself", NULL },
    { "--course", ARG_FLAG, &course, 0, 0,
      "the sizes of the course where no others are asked for: 512 units, batch 100, order 3,1,2,3,1,1,12", NULL },
    { "--only", ARG_WORD, &only, 0, 0, "models beside the baselines", "all arima networks rnn lstm gru" },
    { "--seed", ARG_INT, &seed, 0, 1e15, "of the weights and of the order of training", NULL },
    { "--threads", ARG_INT, &threads, 0, 256, "0 is one for each processor; the results do not depend on it", NULL },
    { "--paper", ARG_TEXT, &paper, 0, 0, "your copy of a paper's table: CSV with columns Model,RMSE,MAE,MAPE,R2", NULL },
    { "--save", ARG_TEXT, &save, 0, 0, "folder that receives the trained networks", NULL },
    { "--load", ARG_TEXT, &load, 0, 0, "folder of networks trained before: nothing is trained", NULL },
    { "--table", ARG_WORD, &format, 0, 0, "of the scores; csv and json alone on stdout, in full precision", "text csv json" },
    { "--out", ARG_TEXT, &out, 0, 0, "folder of the plots", NULL },
    { "--no-plots", ARG_FLAG, &no_plots, 0, 0, "the table is enough", NULL },
    ARGS_END
};

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

static int wanted(const model *m)
{
    const char *kind = m->cell ? "networks" : "arima";
    return !strcmp(only, "all") || !strcmp(only, kind) || (m->cell && !strcmp(only, m->file));
}

static int forecast_networks(job *j)
{
    if (!strcmp(only, "arima")) return 0;
    if (save && folder_make(save)) return -1;
    printf("\n5. %s\n\n", load ? "Networks trained before" : "Training");
    if (!load)
        printf("Window %lld, units %lld, batch %lld, epochs %lld, loss MSE, Adam %g, seed %lld. The last tenth of the\n"
               "windows is for validation; the least and the greatest price of the others become 0 and 1.\n\n",
               (long long)window, (long long)hidden, (long long)batch, (long long)epochs, rate, (long long)seed);
    for (model *m = models; m < models + N_MODELS; m++)
        if (m->cell && wanted(m) && (!(m->forecast = numbers(j->cut.n_test)) || train(j, m))) return -1;
    return 0;
}

static int forecast_baselines(job *j)
{
    for (model *m = models; m < models + N_BASELINES; m++)
        if (!(m->forecast = numbers(j->cut.n_test))) return -1;
    TRY(hw3_series_naive(j->ctx, j->filled, j->n, j->cut.n_train, models[NAIVE].forecast));
    TRY(hw3_series_drift(j->ctx, j->filled, j->n, j->cut.n_train, models[DRIFT].forecast));
    return 0;
}

/* Rows of the file a week, the season of SARIMA: 5 trading days, 7 of the calendar, or what the file has. */
static int64_t week(const job *j)
{
    int64_t rows = (int64_t)(7.0 * (double)j->n / (double)(j->days[j->n - 1] - j->days[0] + 1) + 0.5);
    return rows < 2 ? 2 : rows;
}

static int forecast_arima(job *j)
{
    int64_t n_test = j->cut.n_test;
    arima_report *a = &j->arima;
    *a = (arima_report){ .ctx = j->ctx, .y = j->filled, .n = j->n, .n_train = j->cut.n_train, .refit = refit };
    if (arima_stationarity(a)) return -1;
    if (strcmp(only, "all") && strcmp(only, "arima")) return 0;
    if (prices_regressors(j->ctx, file, j->days, j->n, lagged, a->x_names, &a->n_x, &a->x)) return -1;
    printf("\n4. ARIMA and SARIMA\n");
    arima_explain();
    if (arima_choose(a, order, week(j))) return -1;
    for (model *m = models; m < models + N_MODELS; m++) {
        if (!m->arima || (m->arima & ARIMA_XREG && !a->n_x)) continue;
        if (m->arima == (ARIMA_SEASON | ARIMA_BATCH) && !(m->band = numbers(2 * n_test))) return -1;
        if (!(m->forecast = numbers(n_test)) || arima_forecast(a, m->arima, m->forecast, m->band)) return -1;
    }
    return arima_print(a);
}

/* ---- 5. The table ---------------------------------------------------------------------------------- */

static void lowest(const job *j)
{
    int64_t low = -1;
    char date[16];
    for (int64_t i = 0; i < j->n; i++)
        if (!isnan(j->price[i]) && (low < 0 || j->price[i] < j->price[low])) low = i;
    int trained = low < j->cut.n_train;
    printf("The lowest price is %.2f dollars on %s, in the %s part.\n", j->price[low], date_format(j->days[low], date),
           trained ? "training" : "test");
    if (j->price[low] > 0) return;
    printf("It has no logarithm, so nothing here takes logarithms of prices. MAPE divides by the price: near zero\n"
           "it says more about the price than about the forecast. ");
    if (trained) printf("Min-max scaling spends a good part of 0 .. 1 on\nsuch a day.\n");
    else printf("Being squared, the error of this one day\nweighs in RMSE like hundreds of others: look at MAE too.\n");
}

static int print_table(const job *j, FILE *result)
{
    score rows[N_MODELS];
    scores all = { j->ctx, j->price + j->cut.n_train, j->cut.n_test, rows, N_MODELS, N_BASELINES, paper };
    for (int i = 0; i < N_MODELS; i++) {
        const model *m = &models[i];
        rows[i] = (score){ .name = m->name, .text = m->text, .batch = (m->arima & ARIMA_BATCH) != 0, .forecast = m->forecast };
        rows[i].looks_ahead = m->arima & ARIMA_XREG && (!lagged || m->arima & ARIMA_BATCH);
    }
    printf("\n6. Forecasts of the next day, on the test part, in dollars\n\n");
    if (scores_judge(&all) || scores_table(&all)) return -1;
    lowest(j);
    scores_summary(&all);
    if (strcmp(format, "text")) scores_write(&all, format, result);
    return 0;
}

/* ---- 6. The plots ---------------------------------------------------------------------------------- */

/* What a forecast has seen. */
static const char *view(const model *m)
{
    if (m->arima & ARIMA_BATCH)
        return m->arima & ARIMA_XREG ? "price and forecast from the regressors of the test part"
                                     : "price and forecast that has seen no price of the test part";
    if (m->arima & ARIMA_XREG)
        return lagged ? "price and forecast of the next day, with regressors of the day before"
                      : "price and what the regressors of the same day make of it";
    return "price and forecast of the next day";
}

static int plot_model(job *j, model *m, plots *p)
{
    int64_t n = j->cut.n_test, n_epochs = 0;
    const double *truth = j->price + j->cut.n_train;
    double *z = numbers(3 * n), *error = z + 2 * n, *loss = numbers(2 * epochs + 1);
    char name[3][64], title[3][128];
    hw3_scaler scaler = HW3_SCALER_INIT;
    hw3_status status = z && loss ? HW3_OK : HW3_ERR_NOMEM;
    if (status == HW3_OK && m->net) status = hw3_forecaster_scaler(m->net, &scaler);
    if (status == HW3_OK) status = hw3_scaler_apply(j->ctx, &scaler, truth, n, z);
    if (status == HW3_OK) status = hw3_scaler_apply(j->ctx, &scaler, m->forecast, n, z + n);
    if (status == HW3_OK && m->net && !load) status = hw3_forecaster_history(m->net, loss, loss + epochs, epochs, &n_epochs);
    if (status == HW3_OK) {
        static const char *const kinds[] = { "dollars", "scaled", "loss" };
        const char *const titles[] = { view(m), "price and forecast of the next day, scaled",
                                       "training and validation loss, of scaled prices" };
        for (int k = 0; k < 3; k++) {
            snprintf(name[k], sizeof name[k], "%s-%s", m->file, kinds[k]);
            snprintf(title[k], sizeof title[k], "%s: %s", m->name, titles[k]);
        }
        for (int64_t i = 0; i < n; i++) error[i] = truth[i] - m->forecast[i];
        const plot_line dollars[] = { { "actual", truth }, { "forecast", m->forecast }, { "95 % interval", m->band },
                                      { NULL, m->band ? m->band + n : NULL } };
        const plot_line scaled[] = { { "actual", z }, { "forecast", z + n } };
        const plot_line losses[] = { { "training", loss }, { "validation", loss + epochs } };
        const int32_t *days = j->days + j->cut.n_train;
        plot what[] = {
            { name[0], title[0], "date", "dollars a barrel", dollars, m->band ? 4 : 2, .n = n, .days = days,
              .below = { "actual - forecast, dollars", error } },
            { name[1], title[1], "date", "price, 0 and 1: least and greatest in training", scaled, 2, .n = n, .days = days },
            { name[2], title[2], "epoch", "MSE", losses, 2, .log_y = 1, .n = n_epochs },
        };
        int n_plots = !m->net ? 1 : n_epochs > 1 ? 3 : 2; /* one epoch is no curve */
        for (int k = 0; k < n_plots; k++) plots_lines(p, &what[k]);
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
    if (arima_plots(&j->arima, &p)) return -1;
    for (model *m = models; m < models + N_MODELS; m++)
        if (m->file && m->forecast && plot_model(j, m, &p)) return -1;
    printf("\n");
    return plots_end(&p);
}

/* Where the table for programs goes: stdout, which then has nothing else, for the rest goes to stderr. */
static FILE *result_stream(void)
{
    if (!strcmp(format, "text")) return stdout;
    int fd = dup(STDOUT_FILENO);
    FILE *stream = fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? NULL : fdopen(fd, "w");
    if (!stream) perror("--table");
    return stream;
}

int main(int argc, char **argv)
{
    static const char about[] = "Tomorrow's price of crude oil by ARIMA, SARIMA, RNN, LSTM and GRU, beside the naive forecast.";
    int stop = args_parse(argc, argv, about, options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;
    if (course) {
        hidden = 512, batch = 100, order = "3,1,2,3,1,1,12";
        args_parse(argc, argv, about, options); /* once more: what was asked for by name wins */
    }

    job jobs = { 0 }, *j = &jobs;
    FILE *result = result_stream();
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = (int32_t)threads, o.seed = (uint64_t)seed;
    int failed = !result || hw3_ctx_create(&o, &j->ctx) || read_prices(j) || prepare(j) || forecast_baselines(j) ||
                 forecast_arima(j) || forecast_networks(j) || print_table(j, result) || (!no_plots && draw(j));

    for (model *m = models; m < models + N_MODELS; m++) {
        hw3_forecaster_destroy(m->net);
        free(m->forecast);
        free(m->band);
    }
    arima_end(&j->arima);
    free(j->days);
    free(j->price);
    free(j->filled);
    hw3_ctx_destroy(j->ctx);
    return failed ? 1 : 0;
}
