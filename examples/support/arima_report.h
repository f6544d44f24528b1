/* SPDX-License-Identifier: MIT */
/* ARIMA and SARIMA on the first part of a series, told step by step: unit roots, autocorrelations, orders, fits, forecasts. */
#ifndef HW3_EXAMPLES_ARIMA_REPORT_H
#define HW3_EXAMPLES_ARIMA_REPORT_H
#include "plot.h"
#include <hw3/arima.h>

/* What a row of forecasts is made with; 0 in a row that is not of ARIMA. */
enum { ARIMA_PLAIN = 1, ARIMA_SEASON = 2, ARIMA_XREG = 4, ARIMA_REFIT = 8, ARIMA_BATCH = 16 };

typedef struct arima_report {
    hw3_ctx *ctx;
    const double *y; /* [n] without gaps */
    int64_t n, n_train;
    double *x; /* [n, n_x] regressors, NULL without */
    int64_t n_x;
    const char *x_names[4];
    hw3_arima_opts plain, season; /* orders, mean and drift of ARIMA and of SARIMA */
    int64_t refit;                /* days between two fits of ARIMA_REFIT */
    hw3_arima *fits[3];           /* ARIMA, SARIMA, SARIMA with regressors, once fitted on the training part */
} arima_report;

/* Augmented Dickey-Fuller test of the training part and of its differences, printed in words, and at which lags the differences
   hang together. Returns 0, or -1 with a line. */
int arima_stationarity(arima_report *j);

/* Reads `p,d,q` or `p,d,q,P,D,Q,m`; `aic` tries p, q up to 3 after as many differences as KPSS asks for; `auto` searches as
   R's auto.arima, without and with a season. Without P, D, Q, m, or where the search finds no season, it is (1,0,0)[season].
   Returns 0, or -1 with a line on stderr. */
int arima_choose(arima_report *j, const char *order, int64_t season);

/* What ARIMA and SARIMA are, with the formula. */
void arima_explain(void);

/* Forecasts the test part: out [n - n_train]; band [2, n - n_train], of a batch: its 95 % intervals, or NULL. Returns 0, or -1 with a line
   on stderr. */
int arima_forecast(arima_report *j, int way, double *out, double *band);

/* Prints the fits: coefficients, criteria, and whether the residuals are white. */
int arima_print(arima_report *j);

/* Autocorrelations of the training part, of its differences, and of the residuals of ARIMA. */
int arima_plots(arima_report *j, plots *p);

void arima_end(arima_report *j);

#endif
