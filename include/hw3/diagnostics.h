/* SPDX-License-Identifier: MIT */
/** @file diagnostics.h
 * Tests and diagnostics of a series, and of what a model leaves.
 *
 *     double acf[24], band;
 *     TRY(hw3_acf(ctx, residuals, n, 24, acf, &band));                    // |acf| > band: more than white noise has
 *     hw3_test_result white = HW3_TEST_RESULT_INIT;
 *     TRY(hw3_ljung_box(ctx, residuals, n, 24, 2, &white));               // of a model with 2 coefficients
 *     printf("Ljung-Box p = %.3f\n", white.p_value);
 *
 * All in double, m is the seasonal period. A missing value is NaN, allowed only where a function says what it does with it;
 * elsewhere missing values, and everywhere infinite ones, are HW3_ERR_VALUE with their place. A series for which a number
 * does not exist, such as a constant one, is HW3_ERR_VALUE too: no result is NaN unless its comment says so.
 * Vectors of R and statsmodels are met to 1e-8.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_DIAGNOSTICS_H
#define HW3_DIAGNOSTICS_H
#include "hw3/base.h"
HW3_BEGIN

/** Autocorrelation: acf[k - 1] = (1/n) sum_t (y[t] - mean)(y[t + k] - mean) / ((1/n) sum_t (y[t] - mean)^2), as R's acf.
 *  Missing values: with na.pass, the sum at lag k has divisor k + number of pairs.
 *  ctx: context.  y: [n].  n: at least 2.  max_lag: 1 to n - 1.  acf: [max_lag], at lags 1 to max_lag.
 *  band: receives 1.96 / sqrt(values present): white noise stays inside, up and down, at 95 of 100 lags; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; constant; no two values so far apart); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_acf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *acf, double *band);

/** Partial autocorrelation from hw3_acf by the Durbin-Levinson recursion [Durbin60], as R's pacf.
 *  ctx, y, n, max_lag, band: as in hw3_acf.  pacf: [max_lag], at lags 1 to max_lag.
 *  Returns: as hw3_acf. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_pacf(hw3_ctx *ctx, const double *y, int64_t n, int64_t max_lag, double *pacf, double *band);

/** What a test finds. */
typedef struct hw3_test_result {
    uint32_t struct_size;  /**< sizeof(hw3_test_result) */
    int32_t fell_back;     /**< 1: hw3_diebold_mariano took horizon 1, as the variance for the one asked was not positive */
    double statistic;      /**< the further from 0, the further from the hypothesis */
    double p_value;        /**< how often chance alone comes as far */
    double df;             /**< degrees of freedom */
} hw3_test_result;
/** An empty hw3_test_result. */
#define HW3_TEST_RESULT_INIT { (uint32_t)sizeof(hw3_test_result), 0, 0.0, 0.0, 0.0 }

/** Are residuals white noise? Q = n (n + 2) sum_{k <= lag} acf_k^2 / (n - k) is chi-squared then [Ljung78], as R's Box.test.
 *  Missing values: as in hw3_acf; n counts those present.
 *  ctx: context.  y: [n].  n: at least 2.  lag: 1 to n - 1.  fitdf: coefficients of the model, 0 to lag - 1.
 *  out: begun with HW3_TEST_RESULT_INIT; df is lag - fitdf.
 *  Returns: as hw3_acf; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_ljung_box(hw3_ctx *ctx, const double *y, int64_t n, int64_t lag, int64_t fitdf,
                                                hw3_test_result *out);

/** Are values normal? n (skewness^2 / 6 + (kurtosis - 3)^2 / 24) is chi-squared with 2 then [Jarque87], as tseries in R.
 *  ctx: context.  y: [n].  n: at least 2.  out: begun with HW3_TEST_RESULT_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_jarque_bera(hw3_ctx *ctx, const double *y, int64_t n, hw3_test_result *out);

/** What a unit-root regression holds besides the series' own past. */
typedef int32_t hw3_trend;
enum {
    HW3_TREND_NONE = 1,  /**< nothing; hw3_adf alone */
    HW3_TREND_C = 2,     /**< a constant */
    HW3_TREND_CT = 3,    /**< and a linear trend */
    HW3_TREND_CTT = 4    /**< and a quadratic one; hw3_adf alone */
};

/** How many lags a unit-root test takes, of n values. */
typedef int32_t hw3_lags;
enum {
    HW3_LAGS_AUTO = 0,   /**< AIC for hw3_adf, SHORT for hw3_kpss and hw3_pp */
    HW3_LAGS_FIXED = 1,  /**< max_lag */
    HW3_LAGS_AIC = 2,    /**< hw3_adf: 0 to max_lag, the one of least AIC */
    HW3_LAGS_BIC = 3,    /**< hw3_adf: of least BIC */
    HW3_LAGS_TSTAT = 4,  /**< hw3_adf: the most whose last is significant at 10 % */
    HW3_LAGS_SHORT = 5,  /**< hw3_kpss, hw3_pp: floor(4 (n / 100)^(1/4)) */
    HW3_LAGS_LONG = 6    /**< hw3_kpss, hw3_pp: floor(12 (n / 100)^(1/4)) */
};

/** How a unit-root test is made. */
typedef struct hw3_unit_root_opts {
    uint32_t struct_size;  /**< sizeof(hw3_unit_root_opts) */
    hw3_trend trend;       /**< in the regression */
    hw3_lags lags;         /**< choice of lags */
    int32_t reserved;      /**< 0 */
    int64_t max_lag;       /**< -1: for hw3_adf min(ceil(12 (n / 100)^(1/4)), n / 2 - terms of the trend - 1) [Schwert89] */
} hw3_unit_root_opts;
/** Defaults of hw3_unit_root_opts. */
#define HW3_UNIT_ROOT_OPTS_INIT { (uint32_t)sizeof(hw3_unit_root_opts), HW3_TREND_C, HW3_LAGS_AUTO, 0, -1 }

/** What a unit-root test finds. */
typedef struct hw3_unit_root {
    uint32_t struct_size;  /**< sizeof(hw3_unit_root) */
    int32_t reserved;      /**< 0 */
    int64_t n_lags;        /**< lags taken */
    int64_t n_obs;         /**< values that the last regression stands on */
    double statistic;      /**< hw3_adf, hw3_pp: below the critical value there is no unit root; hw3_kpss: above it there is one */
    double p_value;        /**< hw3_adf: of [MacKinnon94]; else on the line between critical values, the outermost beyond */
    double critical_1;     /**< at 1 % */
    double critical_2_5;   /**< at 2.5 %; NaN but for hw3_kpss */
    double critical_5;     /**< at 5 % */
    double critical_10;    /**< at 10 % */
    double ic;             /**< the least AIC or BIC, on the sample of max_lag; NaN where none chose */
    double z_alpha;        /**< hw3_pp: the other statistic; else NaN */
} hw3_unit_root;
/** An empty hw3_unit_root. */
#define HW3_UNIT_ROOT_INIT { (uint32_t)sizeof(hw3_unit_root), 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/** Fills opts with the defaults, for callers that cannot use HW3_UNIT_ROOT_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_unit_root_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_unit_root_opts_init(hw3_unit_root_opts *opts, uint32_t size);

/** Augmented Dickey-Fuller test [Dickey79]: the hypothesis is a unit root. Lags, p and critical values are those of adfuller in
 *  statsmodels. The regression is y[t + 1] - y[t] on y[t], n_lags differences before, and the trend.
 *  ctx: context.  y: [n].  n: enough for the regression.  opts: NULL for the defaults.  out: begun with HW3_UNIT_ROOT_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG (also too few values for max_lag); HW3_ERR_VALUE (also a regression that is singular or leaves
 *  nothing); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_adf(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts,
                                          hw3_unit_root *out);

/** KPSS test [Kwiatkowski92]: the hypothesis is that y is stationary around a constant (HW3_TREND_C) or a line
 *  (HW3_TREND_CT). As urca's ur.kpss.
 *  ctx, y, n, opts, out: as in hw3_adf.
 *  Returns: as hw3_adf. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_kpss(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts,
                                           hw3_unit_root *out);

/** Phillips-Perron test [Phillips88]: the hypothesis is a unit root. statistic is Z-tau; trend is HW3_TREND_C or HW3_TREND_CT.
 *  n in the choice of lags is one less here. As urca's ur.pp.
 *  ctx, y, n, opts, out: as in hw3_adf.
 *  Returns: as hw3_adf. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_pp(hw3_ctx *ctx, const double *y, int64_t n, const hw3_unit_root_opts *opts,
                                         hw3_unit_root *out);

/** Unit-root tests that count differences. */
typedef int32_t hw3_unit_test;
enum {
    HW3_UNIT_KPSS = 1,  /**< difference while p < alpha; floor(3 sqrt(n) / 13) lags */
    HW3_UNIT_ADF = 2,   /**< difference while p > alpha; 1 lag, p on the line between Fuller's critical values */
    HW3_UNIT_PP = 3     /**< difference while p > alpha; HW3_LAGS_SHORT */
};

/** Tests that count seasonal differences. */
typedef int32_t hw3_season_test;
enum {
    HW3_SEASON_STRENGTH = 1,  /**< difference while hw3_seasonal_strength > 0.64 */
    HW3_SEASON_OCSB = 2,      /**< Osborn, Chui, Smith, Birchenhall [Osborn88]; at most 3 lags by AIC; alpha is 0.05 */
    HW3_SEASON_CH = 3         /**< Canova, Hansen [Canova95], all waves together; p on the line between critical values */
};

/** How differences are counted; as in forecast 8.20 of R. */
typedef struct hw3_diffs_opts {
    uint32_t struct_size;         /**< sizeof(hw3_diffs_opts) */
    hw3_unit_test test;           /**< of hw3_ndiffs */
    hw3_trend trend;              /**< of hw3_ndiffs: HW3_TREND_C or HW3_TREND_CT */
    hw3_season_test season_test;  /**< of hw3_nsdiffs */
    int32_t max_d;                /**< of hw3_ndiffs, at least 0 */
    int32_t max_season_d;         /**< of hw3_nsdiffs, at least 0 */
    double alpha;                 /**< level of the tests, 0.01 to 0.1 */
} hw3_diffs_opts;
/** Defaults of hw3_diffs_opts. */
#define HW3_DIFFS_OPTS_INIT \
    { (uint32_t)sizeof(hw3_diffs_opts), HW3_UNIT_KPSS, HW3_TREND_C, HW3_SEASON_STRENGTH, 2, 1, 0.05 }

/** Fills opts with the defaults, for callers that cannot use HW3_DIFFS_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_diffs_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_diffs_opts_init(hw3_diffs_opts *opts, uint32_t size);

/** Counts the differences that make y stationary. Missing values are left out. A constant series needs no more, nor does one
 *  for which the test cannot be computed.
 *  ctx: context.  y: [n].  n: at least 1.  opts: NULL for the defaults.  d: receives the number.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_ndiffs(hw3_ctx *ctx, const double *y, int64_t n, const hw3_diffs_opts *opts, int64_t *d);

/** Counts the differences y[t] - y[t - m] that make y's season stationary; as hw3_ndiffs, and 0 when m >= n. Missing values
 *  are interpolated for the test, as forecast does for HW3_SEASON_STRENGTH.
 *  ctx, y, n, opts: as in hw3_ndiffs.  m: at least 2.  d: receives the number.
 *  Returns: as hw3_ndiffs. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_nsdiffs(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, const hw3_diffs_opts *opts,
                                              int64_t *d);

/** Strength of the season [Wang06]: 1 - var(remainder) / var(seasonal + remainder) of an STL with s_window 11, 0 to 1.
 *  Missing values: interpolated for the STL, and left out of the variances.
 *  ctx: context.  y: [n].  n: more than 2 m.  m: at least 2.  strength: receives it.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; constant; all missing); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_seasonal_strength(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, double *strength);

/** How hw3_stl decomposes; names and defaults are those of R's stl. */
typedef struct hw3_stl_opts {
    uint32_t struct_size;  /**< sizeof(hw3_stl_opts) */
    int32_t robust;        /**< 1: outliers count less */
    int64_t s_window;      /**< years that smooth a season, at least 3; 0: periodic, the same cycle throughout */
    int64_t t_window;      /**< values that smooth the trend, at least 3; 0: the odd number from 1.5 m / (1 - 1.5 / s_window) on */
    int64_t l_window;      /**< values of the low-pass filter, at least 3; 0: the odd number from m on */
    int64_t s_jump;        /**< the smooth is computed at every s_jump-th value; 0: a tenth of s_window, rounded up */
    int64_t t_jump;        /**< likewise */
    int64_t l_jump;        /**< likewise */
    int32_t s_degree;      /**< 0: local constants, 1: local lines */
    int32_t t_degree;      /**< likewise */
    int32_t l_degree;      /**< likewise; -1: t_degree */
    int32_t inner;         /**< rounds, at least 1; -1: 2, robust 1 */
    int32_t outer;         /**< rounds of robust weights; -1: 0, robust 15 */
    int32_t reserved;      /**< 0 */
} hw3_stl_opts;
/** Defaults of hw3_stl_opts. */
#define HW3_STL_OPTS_INIT { (uint32_t)sizeof(hw3_stl_opts), 0, 0, 0, 0, 0, 0, 0, 0, 1, -1, -1, -1, 0 }

/** Fills opts with the defaults, for callers that cannot use HW3_STL_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_stl_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_stl_opts_init(hw3_stl_opts *opts, uint32_t size);

/** Splits y into season, trend and remainder by loess [Cleveland90], as R's stl.
 *  ctx: context.  y: [n].  n: more than 2 m.  m: at least 2.  opts: NULL for the defaults.
 *  seasonal: [n].  trend: [n].  remainder: [n], y - seasonal - trend.  weights: [n], 1 where not robust; may be NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_stl(hw3_ctx *ctx, const double *y, int64_t n, int64_t m, const hw3_stl_opts *opts,
                                          double *seasonal, double *trend, double *remainder, double *weights);

/** Box-Cox transformation [Box64]: z = (sign(y) |y|^lam - 1) / lam, log y for lam = 0.
 *  ctx: context.  y: [n]; NaN stays NaN.  n: at least 0.  lam: finite.  z: [n], may be y.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; not positive where lam <= 0; z would be infinite). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_boxcox(hw3_ctx *ctx, const double *y, int64_t n, double lam, double *z);

/** Transforms back: the median, or with variance the mean y (1 + variance (1 - lam) / (2 y^(2 lam))) [Hyndman21].
 *  ctx: context.  z: [n]; NaN stays NaN.  n: at least 0.  lam: finite.
 *  variance: [n] of each z, not negative; NULL for medians.  y: [n], may be z.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; no y has this z, as lam z < -1 for lam < 0; y would be infinite).
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_boxcox_invert(hw3_ctx *ctx, const double *z, int64_t n, double lam, const double *variance,
                                                    double *y);

/** Ways to choose lam. */
typedef int32_t hw3_lambda;
enum {
    HW3_LAMBDA_GUERRERO = 1,  /**< least variation of sd / mean^(1 - lam) over the periods [Guerrero93] */
    HW3_LAMBDA_LOGLIK = 2     /**< largest likelihood of a regression on trend and seasons, in steps of 0.05; y > 0 */
};

/** How lam is chosen; as BoxCox.lambda of R's forecast. */
typedef struct hw3_lambda_opts {
    uint32_t struct_size;  /**< sizeof(hw3_lambda_opts) */
    hw3_lambda method;     /**< which */
    double lower;          /**< least lam; 0 at least where a value is not positive */
    double upper;          /**< most, above lower */
} hw3_lambda_opts;
/** Defaults of hw3_lambda_opts. */
#define HW3_LAMBDA_OPTS_INIT { (uint32_t)sizeof(hw3_lambda_opts), HW3_LAMBDA_GUERRERO, -1.0, 2.0 }

/** Fills opts with the defaults, for callers that cannot use HW3_LAMBDA_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_lambda_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_lambda_opts_init(hw3_lambda_opts *opts, uint32_t size);

/** Chooses lam; 1 for a series of at most 2 m values. Missing values are left out.
 *  ctx: context.  y: [n].  n: at least 1.  m: seasonal period, 1 for none.  opts: NULL for the defaults.  lam: receives it.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing; constant; not positive for HW3_LAMBDA_LOGLIK);
 *  HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_boxcox_lambda(hw3_ctx *ctx, const double *y, int64_t n, int64_t m,
                                                    const hw3_lambda_opts *opts, double *lam);

/** Which forecasts the alternative of hw3_diebold_mariano takes to be better. */
typedef int32_t hw3_better;
enum {
    HW3_BETTER_EITHER = 1,  /**< two-sided */
    HW3_BETTER_FIRST = 2,   /**< e1 loses less */
    HW3_BETTER_SECOND = 3   /**< e2 loses less */
};

/** How two forecasts are compared. */
typedef struct hw3_dm_opts {
    uint32_t struct_size;  /**< sizeof(hw3_dm_opts) */
    hw3_better better;     /**< the alternative */
    int64_t horizon;       /**< steps ahead that were forecast, h */
    double power;          /**< loss |e|^power, above 0 */
    int32_t bartlett;      /**< 1: falling weights in the variance, which is never negative then */
    int32_t reserved;      /**< 0 */
} hw3_dm_opts;
/** Defaults of hw3_dm_opts. */
#define HW3_DM_OPTS_INIT { (uint32_t)sizeof(hw3_dm_opts), HW3_BETTER_EITHER, 1, 2.0, 0, 0 }

/** Fills opts with the defaults, for callers that cannot use HW3_DM_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_dm_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_dm_opts_init(hw3_dm_opts *opts, uint32_t size);

/** Diebold-Mariano test [Diebold95] as modified by [Harvey97]: the hypothesis is that two forecasts lose the same. With
 *  d = |e1|^power - |e2|^power, mean(d) over its standard error from h - 1 autocovariances; as forecast's dm.test.
 *  ctx: context.  e1, e2: [n] errors.  n: at least 2.  opts: NULL for the defaults.
 *  out: begun with HW3_TEST_RESULT_INIT; negative where e1 loses less; df is n - 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (also a difference of losses that does not vary); HW3_ERR_NOMEM; HW3_ERR_ABI.
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_diebold_mariano(hw3_ctx *ctx, const double *e1, const double *e2, int64_t n,
                                                      const hw3_dm_opts *opts, hw3_test_result *out);

HW3_END
#endif
