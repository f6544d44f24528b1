/* SPDX-License-Identifier: MIT */
/** @file arima_auto.h
 * Search for the orders of an ARIMA model [Hyndman08]: the rules, limits and defaults of forecast::auto.arima 8.20 of R.
 *
 *     hw3_arima_auto_opts o = HW3_ARIMA_AUTO_OPTS_INIT;
 *     o.period = 12;
 *     hw3_arima *fit = NULL;
 *     TRY(hw3_arima_auto(ctx, y, n, &o, &fit));
 *     for (int64_t i = 0; i < hw3_arima_n_candidates(fit); i++) {
 *         hw3_arima_trial c = HW3_ARIMA_TRIAL_INIT;
 *         TRY(hw3_arima_candidate(fit, i, &c));
 *         printf("(%d,%d,%d) %.2f in %.3f s\n", (int)c.order.p, (int)c.order.d, (int)c.order.q, c.ic, c.seconds);
 *     }
 *
 * D and then d come from tests. The stepwise search begins at start_p, ... and a few small models, and goes to the first better
 * neighbour, one order or two of them away, with or without constant, until there is none; the full one fits all. With
 * approximation, candidates are fitted by CSS, and the best then by likelihood. The candidates of a step are fitted side by
 * side on the threads of ctx and judged in a fixed order, so the answer is the same for any number of threads.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_ARIMA_AUTO_H
#define HW3_ARIMA_AUTO_H
#include "hw3/arima.h"
#include "hw3/diagnostics.h"
HW3_BEGIN

/** Criteria that choose between models, least is best. */
typedef int32_t hw3_ic;
enum {
    HW3_IC_AICC = 1,  /**< Akaike's, corrected for few values; AIC where at most 3 are there */
    HW3_IC_AIC = 2,   /**< Akaike's */
    HW3_IC_BIC = 3    /**< Schwarz's */
};

/** Box-Cox transformations of a search. */
typedef int32_t hw3_arima_boxcox;
enum {
    HW3_ARIMA_BOXCOX_NONE = 0,      /**< none */
    HW3_ARIMA_BOXCOX_GIVEN = 1,     /**< with lam */
    HW3_ARIMA_BOXCOX_GUERRERO = 2,  /**< lam found by HW3_LAMBDA_GUERRERO between -0.9 and 2 */
    HW3_ARIMA_BOXCOX_LOGLIK = 3     /**< by HW3_LAMBDA_LOGLIK there */
};

/** What came of a candidate. */
typedef int32_t hw3_arima_reason;
enum {
    HW3_ARIMA_ELIGIBLE = 1,       /**< could be chosen */
    HW3_ARIMA_FAILED = 2,         /**< no fit: too few values, dependent regressors, nothing left to explain; ic is NaN */
    HW3_ARIMA_NO_CRITERION = 3,   /**< too few values for AICc; ic is infinite */
    HW3_ARIMA_NEAR_UNIT_ROOT = 4, /**< a root of the AR or MA part has a modulus below 1.01 */
    HW3_ARIMA_NO_VARIANCE = 5     /**< it would have been the best, but its Hessian is not positive definite */
};

/** A model that was tried. */
typedef struct hw3_arima_trial {
    uint32_t struct_size;     /**< sizeof(hw3_arima_trial) */
    hw3_arima_reason reason;  /**< why it could or could not be chosen */
    int64_t index;            /**< 0, 1, ..., as they were judged */
    hw3_arima_order order;    /**< its orders */
    int32_t mean;             /**< 1 with a mean */
    int32_t drift;            /**< 1 with a drift */
    int32_t approximate;      /**< 1: by CSS, ic is an approximation */
    int32_t n_free;           /**< parameters estimated, without sigma2 */
    double ic;                /**< its criterion, also where it is not eligible */
    double seconds;           /**< that the fit took */
} hw3_arima_trial;
/** An empty hw3_arima_trial. */
#define HW3_ARIMA_TRIAL_INIT { (uint32_t)sizeof(hw3_arima_trial), 0, 0, { 0, 0, 0, 0, 0, 0, 0 }, 0, 0, 0, 0, 0.0, 0.0 }

/** Told of every candidate in order, on the thread of the caller; nonzero stops the search with HW3_ERR_CANCELLED. */
typedef int32_t (*hw3_arima_auto_fn)(void *user, const hw3_arima_trial *trial);

/** How orders are searched. */
typedef struct hw3_arima_auto_opts {
    uint32_t struct_size;         /**< sizeof(hw3_arima_auto_opts) */
    hw3_ic ic;                    /**< what is to be least */
    int64_t period;               /**< steps a season; 1 without */
    int32_t d;                    /**< differences; -1: by test */
    int32_t D;                    /**< seasonal differences; -1: by season_test */
    int32_t max_p;                /**< most; also at most a third of the values, and below the period where max_P is not 0 */
    int32_t max_q;                /**< as max_p, with max_Q */
    int32_t max_P;                /**< most; also at most a third of the seasons */
    int32_t max_Q;                /**< as max_P */
    int32_t max_order;            /**< of the full search: most of p + q + P + Q */
    int32_t max_d;                /**< most that test gives */
    int32_t max_D;                /**< most that season_test gives */
    int32_t start_p;              /**< where the stepwise search begins */
    int32_t start_q;              /**< the same */
    int32_t start_P;              /**< the same */
    int32_t start_Q;              /**< the same */
    int32_t stationary;           /**< 1: d and D are 0 */
    int32_t seasonal;             /**< 0: no seasonal orders */
    int32_t allow_mean;           /**< 1: a mean may be there, where d + D is 0 */
    int32_t allow_drift;          /**< 1: a drift may be there, where d + D is 1 */
    int32_t stepwise;             /**< 1: stepwise; 0: full */
    int32_t n_models;             /**< most that the stepwise search tries, at least 5 */
    int32_t approximation;        /**< 1: candidates by CSS; 0: by method; -1: 1 for more than 150 values or a period above 12 */
    int64_t truncate;             /**< > 0: with approximation, the last so many values alone are fitted */
    hw3_arima_method method;      /**< of all fits; 0: CSS with approximation, else CSS_ML */
    hw3_unit_test test;           /**< for d */
    hw3_trend trend;              /**< of test: HW3_TREND_C or HW3_TREND_CT */
    hw3_season_test season_test;  /**< for D */
    double alpha;                 /**< level of the tests, 0.01 to 0.1 */
    const double *xreg;           /**< [n, n_xreg], rows in time, none missing; NULL without */
    int64_t n_xreg;               /**< regressors */
    const char *const *xreg_names; /**< [n_xreg]; NULL: "xreg1", ... */
    double lam;                   /**< with HW3_ARIMA_BOXCOX_GIVEN; 1 without a transformation */
    hw3_arima_boxcox boxcox;      /**< whether y is transformed */
    int32_t bias_adjust;          /**< as in hw3_arima_opts */
    int32_t unbiased;             /**< as in hw3_arima_opts */
    int32_t max_iterations;       /**< as in hw3_arima_opts */
    hw3_arima_auto_fn progress;   /**< NULL for none */
    void *progress_user;          /**< handed to progress */
} hw3_arima_auto_opts;
/** Defaults of hw3_arima_auto_opts. */
#define HW3_ARIMA_AUTO_OPTS_INIT { (uint32_t)sizeof(hw3_arima_auto_opts), HW3_IC_AICC, 1, -1, -1, 5, 5, 2, 2, 5, 2, 1, 2, 2, 1, 1, \
                                   0, 1, 1, 1, 1, 94, -1, 0, 0, HW3_UNIT_KPSS, HW3_TREND_C, HW3_SEASON_STRENGTH, 0.05, NULL, 0, NULL, \
                                   1.0, HW3_ARIMA_BOXCOX_NONE, 0, 1, 500, NULL, NULL }

/** Fills opts with the defaults.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_arima_auto_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_auto_opts_init(hw3_arima_auto_opts *opts, uint32_t size);

/** Finds the orders of a model and fits it. A series that is constant, at once or after differencing, has its model without a
 *  search; where that leaves nothing to explain, sigma2 is 0 and loglik infinite.
 *  ctx: context.  y: [n], copied; NaN is missing.  n: at least 1.  opts: NULL for the defaults.  out: the fit.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing; too few values; a missing or dependent regressor; no
 *  candidate is eligible); HW3_ERR_CANCELLED; HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_auto(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_auto_opts *opts,
                                                 hw3_arima **out);

/** Tells how many models were tried.
 *  fit: a fit.
 *  Returns: 0 for a fit that comes from no search. Since 0.1. */
HW3_API int64_t hw3_arima_n_candidates(const hw3_arima *fit);

/** Gives a model that was tried.
 *  fit: a fit.  i: 0 to hw3_arima_n_candidates - 1, in the order of the search.  out: begun with HW3_ARIMA_TRIAL_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_arima_candidate(const hw3_arima *fit, int64_t i, hw3_arima_trial *out);

HW3_END
#endif
