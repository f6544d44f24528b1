/* SPDX-License-Identifier: MIT */
/* Stepwise and full search [Hyndman08], in the order of forecast 8.20, which decides where criteria are equal: the first wins.
 * Ahead of the judge as many candidates are fitted as there are threads. */
#include "series/arima_auto.h"
#include "base/pool.h"
#include <math.h>

/* Where a stepwise search stands. */
typedef struct place {
    hw3_arima_order at;
    bool constant;
} place;

/* ---- Fit and judge ---- */

static double best_ic(const hw3i_search *s) { return s->best < 0 ? INFINITY : s->trials[s->best].ic; }

static bool same(const hw3_arima_trial *a, const hw3_arima_trial *b)
{
    const hw3_arima_order *x = &a->order, *y = &b->order;
    return x->p == y->p && x->q == y->q && x->P == y->P && x->Q == y->Q && a->mean == b->mean && a->drift == b->drift &&
           a->approximate == b->approximate;
}

static hw3_arima_trial *find(hw3_arima_trial *list, int64_t n, const hw3_arima_trial *t)
{
    for (int64_t i = 0; i < n; i++)
        if (same(&list[i], t)) return &list[i];
    return NULL;
}

/* Adds t to those judged, and makes it the best where it is. A covariance is asked only of what would be the best. */
static hw3_status judge(hw3i_search *s, const hw3_arima_trial *t, const double *coef, bool *better)
{
    hw3_status status = hw3i_grow(s->ctx, &s->trials, &s->cap_trials, s->n_trials + 1, sizeof *s->trials);
    if (status) return status;
    hw3_arima_trial *own = &s->trials[s->n_trials];
    *own = *t;
    own->index = s->n_trials;
    if (own->reason == HW3_ARIMA_NO_VARIANCE && !(own->ic < best_ic(s))) own->reason = HW3_ARIMA_ELIGIBLE;
    *better = own->reason == HW3_ARIMA_ELIGIBLE && own->ic < best_ic(s);
    if (*better) {
        s->best = s->n_trials;
        memcpy(s->coef, coef, (size_t)s->most_coef * sizeof *coef);
    }
    hw3_arima_trial shown = *own; /* what the callback does with it is its own affair */
    if (s->o->progress && s->o->progress(s->o->progress_user, &shown))
        return hw3i_fail(s->ctx, HW3_ERR_CANCELLED, "arima_auto: cancelled after %lld candidates", (long long)s->n_trials + 1);
    s->n_trials++;
    return HW3_OK;
}

/* Fits the first of n candidates, and with it as many of the next as there are threads, unless that was done ahead. */
static hw3_status fit_ahead(hw3i_search *s, const hw3_arima_trial *next, int64_t n)
{
    if (find(s->ahead, s->n_ahead, next)) return HW3_OK;
    int64_t n_new = 0, room = hw3i_pool_n_threads(s->ctx->pool);
    hw3_status status = hw3i_grow(s->ctx, &s->ahead, &s->cap_ahead, s->n_ahead + room, sizeof *s->ahead);
    if (!status) status = hw3i_grow(s->ctx, &s->ahead_coef, &s->cap_coef, (s->n_ahead + room) * s->most_coef, sizeof *s->ahead_coef);
    if (status) return status;
    for (int64_t i = 0; i < n && n_new < room; i++)
        if (!find(s->ahead, s->n_ahead + n_new, &next[i])) s->ahead[s->n_ahead + n_new++] = next[i];
    status = hw3i_candidates_fit(s, s->ahead + s->n_ahead, s->ahead_coef + s->n_ahead * s->most_coef, n_new, best_ic(s));
    s->n_ahead += n_new;
    return status;
}

/* Judges the first of n candidates. */
static hw3_status judge_next(hw3i_search *s, const hw3_arima_trial *next, int64_t n, bool *better)
{
    hw3_status status = fit_ahead(s, next, n);
    if (status) return status;
    hw3_arima_trial *t = find(s->ahead, s->n_ahead, next), *last = &s->ahead[s->n_ahead - 1];
    double *coef = s->ahead_coef + (t - s->ahead) * s->most_coef;
    status = judge(s, t, coef, better);
    *t = *last;
    memmove(coef, s->ahead_coef + (last - s->ahead) * s->most_coef, (size_t)s->most_coef * sizeof *coef);
    s->n_ahead--;
    return status;
}

static hw3_status judge_all(hw3i_search *s, const hw3_arima_trial *list, int64_t n)
{
    bool better;
    for (int64_t i = 0; i < n; i++) {
        hw3_status status = judge_next(s, list + i, n - i, &better);
        if (status) return status;
    }
    return HW3_OK;
}

/* ---- Stepwise ---- */

enum { MAX_FIRST = 5, MAX_MOVES = 17 };

static hw3_arima_order orders(int32_t p, int32_t q, int32_t P, int32_t Q) { return (hw3_arima_order){ .p = p, .q = q, .P = P, .Q = Q }; }

/* The first model, white noise, AR and MA of order 1, white noise without constant. */
static hw3_status begin(hw3i_search *s, place *here)
{
    const hw3_arima_order *most = &s->most, none = { 0 }, start = here->at;
    const hw3_arima_order ar = orders(most->p > 0, 0, most->P > 0, 0), ma = orders(0, most->q > 0, 0, most->Q > 0);
    hw3_arima_trial first[MAX_FIRST];
    int64_t n = 0, best = s->best;
    first[n++] = hw3i_candidate(s, &start, s->constant, s->approximate);
    first[n++] = hw3i_candidate(s, &none, s->constant, s->approximate);
    if (most->p + most->P > 0) first[n++] = hw3i_candidate(s, &ar, s->constant, s->approximate);
    if (most->q + most->Q > 0) first[n++] = hw3i_candidate(s, &ma, s->constant, s->approximate);
    if (s->constant) first[n++] = hw3i_candidate(s, &none, false, s->approximate);
    hw3_status status = judge_all(s, first, n);
    if (!status && s->best != best) here->at = s->trials[s->best].order; /* with a constant all the same, as forecast has it */
    return status;
}

static void add(const hw3i_search *s, const place *to, hw3_arima_trial *moves, int64_t *n)
{
    const hw3_arima_order *o = &to->at, *most = &s->most;
    hw3_arima_trial t = hw3i_candidate(s, o, to->constant, s->approximate);
    bool out = o->p < 0 || o->q < 0 || o->P < 0 || o->Q < 0 || o->p > most->p || o->q > most->q || o->P > most->P || o->Q > most->Q;
    if (!out && !find(s->trials, s->n_trials, &t)) moves[(*n)++] = t;
}

/* Neighbours that are new: seasonal orders, the others, the constant. */
static int64_t neighbours(const hw3i_search *s, const place *here, hw3_arima_trial *moves)
{
    static const int8_t steps[][2] = { { -1, 0 }, { 0, -1 }, { 1, 0 }, { 0, 1 }, { -1, -1 }, { -1, 1 }, { 1, -1 }, { 1, 1 } };
    int64_t n = 0;
    for (int64_t season = 1; season >= 0; season--)
        for (int64_t i = 0; i < HW3I_LEN(steps); i++) {
            place to = *here;
            *(season ? &to.at.P : &to.at.p) += steps[i][0];
            *(season ? &to.at.Q : &to.at.q) += steps[i][1];
            add(s, &to, moves, &n);
        }
    place to = { here->at, !here->constant };
    if (s->constant) add(s, &to, moves, &n);
    return n;
}

/* Goes to the first better neighbour; false in *moved where there is none. */
static hw3_status step(hw3i_search *s, place *here, bool *moved)
{
    hw3_arima_trial moves[MAX_MOVES];
    int64_t n = hw3i_min(neighbours(s, here, moves), s->o->n_models - s->n_trials);
    *moved = false;
    for (int64_t i = 0; i < n && !*moved; i++) {
        hw3_status status = judge_next(s, moves + i, n - i, moved);
        if (status) return status;
        if (*moved) *here = (place){ moves[i].order, hw3i_candidate_constant(&moves[i]) };
    }
    return HW3_OK;
}

/* Fits of the first n trials without approximation, the best first, until one is eligible. */
static hw3_status refit(hw3i_search *s, int64_t n)
{
    hw3_status status = HW3_OK;
    int64_t approximate = s->best;
    uint8_t *done = hw3i_calloc(s->ctx, n, 1);
    if (!done) return HW3_ERR_NOMEM;
    s->best = -1;
    for (int64_t k = 0; k < n && !status && s->best < 0; k++) {
        int64_t least = -1;
        double ic = INFINITY;
        for (int64_t i = 0; i < n; i++) {
            double own = s->trials[i].reason == HW3_ARIMA_ELIGIBLE ? s->trials[i].ic : INFINITY;
            if (!done[i] && (least < 0 || own < ic)) least = i, ic = own;
        }
        done[least] = 1;
        hw3_arima_trial t = s->trials[least];
        t.approximate = 0;
        status = judge_all(s, &t, 1);
    }
    if (s->best < 0) s->best = approximate;
    hw3i_free(s->ctx, done);
    return status;
}

static hw3_status stepwise(hw3i_search *s)
{
    const hw3_arima_auto_opts *o = s->o;
    const bool few = s->n < 10;
    const hw3_arima_order *most = &s->most;
    place here = { .constant = s->constant };
    here.at.p = (int32_t)hw3i_min(few ? hw3i_min(o->start_p, 1) : o->start_p, most->p);
    here.at.q = (int32_t)hw3i_min(few ? hw3i_min(o->start_q, 1) : o->start_q, most->q);
    here.at.P = (int32_t)hw3i_min(few ? 0 : o->start_P, most->P);
    here.at.Q = (int32_t)hw3i_min(few ? 0 : o->start_Q, most->Q);
    hw3_status status = begin(s, &here);
    for (bool moved = true; !status && moved && s->n_trials < o->n_models;) status = step(s, &here, &moved);
    return !status && s->approximate ? refit(s, s->n_trials) : status;
}

/* ---- Full ---- */

static int64_t count(const hw3_arima_order *most, int32_t constants)
{
    return (int64_t)(most->p + 1) * (most->q + 1) * (most->P + 1) * (most->Q + 1) * constants;
}

static hw3_status full(hw3i_search *s, bool approximate)
{
    const hw3_arima_order *most = &s->most;
    const int32_t constants = 1 + s->constant;
    int64_t n = 0;
    hw3_arima_trial *all = hw3i_alloc(s->ctx, count(most, constants), sizeof *all);
    if (!all) return HW3_ERR_NOMEM;
    for (int64_t i = 0; i < count(most, constants); i++) { /* the constant runs fastest, then Q, P, q, p */
        int64_t rest = i / constants;
        hw3_arima_order o = { .Q = (int32_t)(rest % (most->Q + 1)) };
        o.P = (int32_t)((rest /= most->Q + 1) % (most->P + 1));
        o.q = (int32_t)((rest /= most->P + 1) % (most->q + 1));
        o.p = (int32_t)(rest / (most->q + 1));
        if (o.p + o.q + o.P + o.Q <= s->o->max_order) all[n++] = hw3i_candidate(s, &o, i % constants, approximate);
    }
    hw3_status status = judge_all(s, all, n);
    hw3i_free(s->ctx, all);
    return status;
}

static hw3_status full_search(hw3i_search *s)
{
    hw3_status status = full(s, s->approximate);
    if (status || !s->approximate || s->best < 0) return status;
    hw3_arima_trial t = s->trials[s->best];
    t.approximate = 0;
    s->best = -1;
    status = judge_all(s, &t, 1);
    return status || s->best >= 0 ? status : full(s, false);
}

hw3_status hw3i_search_run(hw3i_search *s)
{
    s->best = -1;
    s->most_coef = s->most.p + s->most.q + s->most.P + s->most.Q + 1 + s->o->n_xreg;
    s->coef = hw3i_alloc(s->ctx, s->most_coef, sizeof *s->coef);
    if (!s->coef) return HW3_ERR_NOMEM;
    hw3_status status = s->approximate ? hw3i_candidates_offset(s) : HW3_OK;
    if (!status) status = s->o->stepwise ? stepwise(s) : full_search(s);
    if (!status && s->best < 0)
        status = hw3i_fail(s->ctx, HW3_ERR_VALUE, "arima_auto: none of %lld candidates can be chosen: too few values, no fit, or near a "
                           "unit root", (long long)s->n_trials);
    return status;
}
