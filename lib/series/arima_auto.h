/* SPDX-License-Identifier: MIT */
/* The order search of hw3/arima_auto.h, options already checked. Three layers: candidates are fitted side by side
 * (arima_candidate.c), a search judges them in its order (arima_search.c), differences and transformation come before it
 * (arima_auto.c). */
#ifndef HW3I_ARIMA_AUTO_H
#define HW3I_ARIMA_AUTO_H
#include "series/arima_model.h"

typedef struct hw3i_search {
    hw3_ctx *ctx;
    const hw3_arima_auto_opts *o;
    int64_t n, n_present; /* values from the first present one on, and present ones before `truncate` */
    const double *z;      /* [n]: after Box-Cox */
    double *x;            /* [1 + n_xreg, n]: mean or drift, then regressors */
    hw3_arima_order order, most; /* d, D and period; limits of the others */
    hw3_ic ic;
    bool constant;        /* a mean or a drift may be there */
    bool approximate;
    double offset;        /* of approximate criteria */
    char *memory;         /* [threads, bytes] */
    int64_t bytes;
    hw3_arima_trial *trials, *ahead; /* judged; fitted, and perhaps never asked for */
    int64_t n_trials, cap_trials, n_ahead, cap_ahead;
    int64_t most_coef;    /* of a candidate */
    double *ahead_coef;   /* [n_ahead, most_coef] */
    double *coef;         /* [most_coef]: of the best */
    int64_t cap_coef;
    int64_t best;         /* of trials; -1: none is eligible */
} hw3i_search;

/* ---- arima_candidate.c ---- */

/* The candidate with p, q, P, Q of order, not yet fitted. */
hw3_arima_trial hw3i_candidate(const hw3i_search *s, const hw3_arima_order *order, bool constant, bool approximate);
static inline bool hw3i_candidate_constant(const hw3_arima_trial *t) { return t->mean || t->drift; }
/* Fits n candidates on the threads of ctx; coef: [n, most_coef]. One with ic below bound has to have a covariance. */
hw3_status hw3i_candidates_fit(hw3i_search *s, hw3_arima_trial *trials, double *coef, int64_t n, double bound);
/* -2 loglik - n log sigma2 of a fit without ARMA parameters, which CSS lacks; 0 where there is none. */
hw3_status hw3i_candidates_offset(hw3i_search *s);

/* ---- arima_search.c ---- */

/* Leaves the best in s->best. */
hw3_status hw3i_search_run(hw3i_search *s);

/* ---- arima_auto.c ---- */

hw3_status hw3i_arima_auto(hw3_ctx *ctx, const double *y, int64_t n, const hw3_arima_auto_opts *opts, hw3_arima **out);

#endif
