/* SPDX-License-Identifier: MIT */
/* Diagnostics from inside: what hw3/diagnostics.h promises, arguments already checked. Nothing here allocates or knows a
 * context, so that an order search may call it on any thread: work is memory of the caller, of as many doubles as stand
 * beside it. No value is infinite, and none missing where nothing is said. A status is HW3_OK or HW3_ERR_VALUE, when the
 * number does not exist for these values. */
#ifndef HW3I_DIAGNOSTICS_H
#define HW3I_DIAGNOSTICS_H
#include "base/base.h"
#include "hw3/diagnostics.h"

/* y may have missing values; n_present receives the others' number. */
hw3_status hw3i_acf(const double *y, int64_t n, int64_t max_lag, double *acf, int64_t *n_present);
/* pacf [max_lag] from acf [max_lag]; work: [max_lag]. */
hw3_status hw3i_pacf(const double *acf, int64_t max_lag, double *pacf, double *work);
hw3_status hw3i_ljung_box(const double *acf, int64_t n_present, int64_t lag, int64_t fitdf, hw3_test_result *out);
hw3_status hw3i_jarque_bera(const double *y, int64_t n, hw3_test_result *out);


/* p at x on the line between the n points of a table, the outermost beyond; the table's x rise. */
double hw3i_on_table(const double *x, const double *p, int64_t n, double at);

/* out begun with HW3_UNIT_ROOT_INIT; what a test does not know stays as it is. Few lags for n values: HW3_ERR_VALUE. */
int64_t hw3i_lags(hw3_lags lags, int64_t n); /* HW3_LAGS_SHORT, HW3_LAGS_LONG */
int64_t hw3i_adf_work(int64_t n, hw3_trend trend, int64_t max_lag);
int64_t hw3i_kpss_work(int64_t n);
int64_t hw3i_pp_work(int64_t n);
hw3_status hw3i_adf(const double *y, int64_t n, hw3_trend trend, hw3_lags lags, int64_t max_lag, double *work, hw3_unit_root *out);
hw3_status hw3i_kpss(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out);
hw3_status hw3i_pp(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out);
/* Dickey-Fuller with so many lags and Fuller's tables, which is what ndiffs takes; work as hw3i_adf_work. */
hw3_status hw3i_df(const double *y, int64_t n, hw3_trend trend, int64_t n_lags, double *work, hw3_unit_root *out);

typedef struct hw3i_seasonal_root {
    int64_t n_lags;
    double statistic;
    double critical; /* OCSB: a difference above it */
    double p_value;  /* Canova-Hansen: a difference below alpha */
} hw3i_seasonal_root;
int64_t hw3i_ocsb_work(int64_t n);
int64_t hw3i_canova_hansen_work(int64_t n, int64_t m);
hw3_status hw3i_ocsb(const double *x, int64_t n, int64_t m, double *work, hw3i_seasonal_root *out);
hw3_status hw3i_canova_hansen(const double *x, int64_t n, int64_t m, double *work, hw3i_seasonal_root *out);

/* These take missing values as the public ones do. A constant: within 1.5e-8, as forecast has it. */
bool hw3i_is_constant(const double *y, int64_t n); /* none missing */
int64_t hw3i_ndiffs_work(int64_t n);
int64_t hw3i_nsdiffs_work(int64_t n, int64_t m, hw3_season_test test);
int64_t hw3i_ndiffs(const double *y, int64_t n, const hw3_diffs_opts *o, double *work);
int64_t hw3i_nsdiffs(const double *y, int64_t n, int64_t m, const hw3_diffs_opts *o, double *work);
int64_t hw3i_seasonal_strength_work(int64_t n, int64_t m);
hw3_status hw3i_seasonal_strength(const double *y, int64_t n, int64_t m, double *work, double *strength);

/* Fills the missing values; all missing, they stay so. */
int64_t hw3i_interpolate_work(int64_t n, int64_t m);
void hw3i_interpolate(const double *y, int64_t n, int64_t m, double *out, double *work);

/* Puts numbers where o asks for the defaults. */
void hw3i_stl_defaults(hw3_stl_opts *o, int64_t n, int64_t m);
int64_t hw3i_stl_work(int64_t n, int64_t m);
void hw3i_stl(const double *y, int64_t n, int64_t m, const hw3_stl_opts *o, double *seasonal, double *trend, double *weights,
              double *work);

double hw3i_boxcox(double y, double lam);        /* NaN where y < 0 and lam <= 0, minus infinity where y is 0 */
double hw3i_boxcox_invert(double z, double lam); /* NaN where lam z < -1 and lam < 0 */
double hw3i_boxcox_mean(double y, double lam, double variance);
int64_t hw3i_boxcox_lambda_work(int64_t n, int64_t m);
hw3_status hw3i_boxcox_lambda(const double *y, int64_t n, int64_t m, const hw3_lambda_opts *o, double *work, double *lam);

/* work: [n] */
hw3_status hw3i_diebold_mariano(const double *e1, const double *e2, int64_t n, const hw3_dm_opts *o, double *work,
                                hw3_test_result *out);

#endif
