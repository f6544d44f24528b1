/* SPDX-License-Identifier: MIT */
/* The Kalman filter of a differenced series with missing values, in O(s^2) a step however many there are.
 *
 * The state is that of arma_filter.c and, in slots after it, the missing values among the last `diffs` steps, as many
 * as ever stand so close together. With w[k] = -poly[t - at] of the value in slot k,
 *
 *   y[t] = x[0] + sum_k w[k] x[k] = h'x,   g = P h,   F = h'g,
 *   seen:     x += g v / F,  P -= g g' / F,  v = y[t] - h'x
 *   missing:  a slot takes h'x - y[t], which is the value: y[t] was differenced with 0 in its place
 *
 * and then the ARMA process moves on: P' = T P T' + R R', R = theta, T = Z + phi e0' with the shift Z. Matrices are lower
 * triangles. Backward with Q the gradient of P:
 *
 *   d_phi += 2 Q u,  u = T P e0;   d_theta += 2 Q R;   Q = T'QT;   d_g = -2 Q g / F,  d_F = g'Q g / F^2;
 *   d_g += h d_F,   Q += (d_g h' + h d_g') / 2. */
#include "series/arma.h"
#include "math/rows.h"
#include <math.h>

/* Missing values in all, and the most that any `diffs` steps have. */
static void count_holes(const double *y, hw3i_gaps *g)
{
    int64_t within = 0;
    g->n_holes = g->n_slots = 0;
    for (int64_t t = 0; t < g->n; t++) {
        g->n_holes += isnan(y[t]) ? 1 : 0;
        within += (isnan(y[t]) ? 1 : 0) - (t >= g->diffs && isnan(y[t - g->diffs]) ? 1 : 0);
        g->n_slots = hw3i_max(g->n_slots, within);
    }
}

void hw3i_gaps_take(hw3i_workspace *w, const hw3_arima_order *o, const double *y, int64_t n, int64_t C, hw3i_gaps *g)
{
    g->n = n;
    g->diffs = hw3i_arma_diffs(o);
    count_holes(y, g);
    g->r = hw3i_arma_states(o);
    g->s = g->r + g->n_slots;
    g->at = hw3i_take(w, g->n_holes, sizeof *g->at);
    g->F = hw3i_take_doubles(w, n);
    g->gain = hw3i_take_doubles(w, n * g->s);
    g->u = hw3i_take_doubles(w, n * g->s);
    g->P = hw3i_take_doubles(w, g->s * g->s);
    g->x = hw3i_take_doubles(w, g->s * C);
    g->work = hw3i_take_doubles(w, 3 * g->s + g->r + 1 + 2 * C);
    g->slot = hw3i_take(w, g->n_slots, sizeof *g->slot);
    g->weight = hw3i_take_doubles(w, g->n_slots);
}

void hw3i_gaps_setup(hw3i_gaps *g, const double *y, const double *poly)
{
    g->poly = poly;
    g->first = g->next = 0;
    for (int64_t t = 0, i = 0; t < g->n; t++)
        if (isnan(y[t])) g->at[i++] = t;
}

/* ---- What a step sees ---- */

static bool is_missing(const hw3i_gaps *g, int64_t t) { return g->next < g->n_holes && g->at[g->next] == t; }
static int64_t slot_of(const hw3i_gaps *g, int64_t hole) { return g->r + hole % g->n_slots; }

/* The slots that y[t] speaks of: holes first to next - 1 are `diffs` steps before it or less. From step t - 1 or t + 1. */
static void look(hw3i_gaps *g, int64_t t)
{
    while (g->next < g->n_holes && g->at[g->next] < t) g->next++;
    while (g->next > 0 && g->at[g->next - 1] >= t) g->next--;
    while (g->first < g->next && t - g->at[g->first] > g->diffs) g->first++;
    while (g->first > 0 && t - g->at[g->first - 1] <= g->diffs) g->first--;
    g->n_weights = 0;
    for (int64_t i = g->first; i < g->next; i++) {
        double w = -g->poly[t - g->at[i]];
        if (w == 0) continue;
        g->slot[g->n_weights] = slot_of(g, i);
        g->weight[g->n_weights++] = w;
    }
}

/* y += f times row i of the symmetric matrix of which P is the lower triangle. */
static void add_symmetric_row(int64_t s, double f, const double *restrict P, int64_t i, double *restrict y)
{
    hw3i_add_row(i + 1, f, P + i * s, y);
    for (int64_t j = i + 1; j < s; j++) y[j] += f * P[j * s + i];
}

/* g = P h; returns F. */
static double find_gain(const hw3i_gaps *g, double *gain)
{
    memset(gain, 0, (size_t)g->s * sizeof *gain);
    add_symmetric_row(g->s, 1, g->P, 0, gain);
    for (int64_t k = 0; k < g->n_weights; k++) add_symmetric_row(g->s, g->weight[k], g->P, g->slot[k], gain);
    double F = gain[0];
    for (int64_t k = 0; k < g->n_weights; k++) F += g->weight[k] * gain[g->slot[k]];
    return F;
}

/* to = h'x for each of C columns. */
static void observe(const hw3i_gaps *g, int64_t C, const double *x, double *to)
{
    memcpy(to, x, (size_t)C * sizeof *to);
    for (int64_t k = 0; k < g->n_weights; k++) hw3i_add_row(C, g->weight[k], x + g->slot[k] * C, to);
}

/* x += f h from' */
static void spread(const hw3i_gaps *g, int64_t C, double f, const double *from, double *x)
{
    hw3i_add_row(C, f, from, x);
    for (int64_t k = 0; k < g->n_weights; k++) hw3i_add_row(C, f * g->weight[k], from, x + g->slot[k] * C);
}

/* ---- Gains ---- */

/* to[j] = from[j + 1] - f g[j + 1], to of n elements or from itself. */
static void shift_row(int64_t n, const double *from, double f, const double *restrict g, double *to)
{
    for (int64_t j = 0; j < n; j++) to[j] = from[j + 1] - f * g[j + 1];
}

/* P = T (P - g g' f) T' + R R', and u = T (P - g g' f) e0. */
static void move_variance(const hw3i_arma *a, hw3i_gaps *g, const double *gain, double f, double *u)
{
    const int64_t r = g->r, s = g->s;
    double *P = g->P;
    for (int64_t i = 0; i < s; i++) u[i] = P[i * s] - f * gain[0] * gain[i];
    const double c0 = u[0];
    for (int64_t i = 0; i + 1 < r; i++) shift_row(i + 1, P + (i + 1) * s, f * gain[i + 1], gain, P + i * s);
    memset(P + (r - 1) * s, 0, (size_t)r * sizeof *P);
    for (int64_t i = r; i < s; i++) {
        shift_row(r - 1, P + i * s, f * gain[i], gain, P + i * s);
        P[i * s + r - 1] = 0;
        hw3i_add_row(i + 1 - r, -f * gain[i], gain + r, P + i * s + r);
    }
    memmove(u, u + 1, (size_t)(r - 1) * sizeof *u);
    u[r - 1] = 0;
    for (int64_t j = 0; j < a->n_ar; j++) hw3i_add_row(a->ar[j], a->phi[a->ar[j]], u, P + (a->ar[j] - 1) * s);
    for (int64_t j = 0; j < a->n_ar; j++) u[a->ar[j] - 1] += a->phi[a->ar[j]] * c0;
    for (int64_t j = 0; j < a->n_ar; j++)
        for (int64_t i = a->ar[j] - 1; i < s; i++) P[i * s + a->ar[j] - 1] += a->phi[a->ar[j]] * u[i];
    P[0] += 1;
    for (int64_t i = 0; i < a->n_ma; i++) {
        const int64_t at = a->ma[i];
        P[at * s] += a->theta[at];
        for (int64_t j = 0; j <= i; j++) P[at * s + a->ma[j]] += a->theta[at] * a->theta[a->ma[j]];
    }
}

static void open_slot(hw3i_gaps *g, const double *gain, double F)
{
    const int64_t k = slot_of(g, g->next), s = g->s;
    memcpy(g->P + k * s, gain, (size_t)k * sizeof *gain);
    for (int64_t i = k + 1; i < s; i++) g->P[i * s + k] = gain[i];
    g->P[k * s + k] = F;
}

bool hw3i_gaps_run(const hw3i_arma *a, hw3i_start *start, hw3i_gaps *g)
{
    if (!hw3i_start_run(a, start)) return false;
    memset(g->P, 0, (size_t)(g->s * g->s) * sizeof(double));
    hw3i_start_variance(a, start, g->P, g->s);
    for (int64_t t = 0; t < g->n; t++) {
        double *gain = g->gain + t * g->s;
        look(g, t);
        const double F = find_gain(g, gain);
        const bool missing = is_missing(g, t);
        if (!(F > 0 && isfinite(F))) return false;
        if (missing && g->n_slots) open_slot(g, gain, F);
        g->F[t] = missing ? 1 : F;
        move_variance(a, g, gain, missing ? 0 : 1 / F, g->u + t * g->s);
    }
    return true;
}

/* ---- Innovations ---- */

/* x = T x, x0 the first row as it was. */
static void move_mean(const hw3i_arma *a, int64_t C, const double *x0, double *x)
{
    memmove(x, x + C, (size_t)((a->r - 1) * C) * sizeof *x);
    memset(x + (a->r - 1) * C, 0, (size_t)C * sizeof *x);
    for (int64_t j = 0; j < a->n_ar; j++) hw3i_add_row(C, a->phi[a->ar[j]], x0, x + (a->ar[j] - 1) * C);
}

void hw3i_gaps_innovations(const hw3i_arma *a, hw3i_gaps *g, int64_t C, double *y, double *v)
{
    double *x = g->x, *e = g->work;
    memset(x, 0, (size_t)(g->s * C) * sizeof *x);
    for (int64_t t = 0; t < g->n; t++, y += C, v += C) {
        const double *gain = g->gain + t * g->s;
        look(g, t);
        observe(g, C, x, v);
        for (int64_t c = 0; c < C; c++) v[c] = y[c] - v[c], e[c] = v[c] / g->F[t];
        if (!is_missing(g, t))
            for (int64_t i = 0; i < g->s; i++) hw3i_add_row(C, gain[i], e, x + i * C);
        else {
            const int64_t k = g->n_slots ? slot_of(g, g->next) : 0;
            for (int64_t c = 0; k && c < C; c++) x[k * C + c] = -v[c];
            memset(v, 0, (size_t)C * sizeof *v);
        }
        memcpy(y, x, (size_t)C * sizeof *y);
        move_mean(a, C, y, x);
    }
}

/* ---- Backward ---- */

/* Through P' = T P T' + R R': Q becomes T'QT. b: [s] work. */
static void move_variance_back(const hw3i_arma *a, hw3i_gaps *g, const double *u, double *d_phi, double *d_theta, double *b)
{
    const int64_t r = g->r, s = g->s;
    double *Q = g->P, b0 = 0;
    for (int64_t i = 0; i <= a->n_ma; i++) {
        const int64_t at = i < a->n_ma ? a->ma[i] : 0;
        d_theta[at] += 2 * Q[at * s];
        for (int64_t j = 0; j < a->n_ma; j++) {
            const int64_t m = a->ma[j], row = hw3i_max(at, m), column = hw3i_min(at, m);
            d_theta[at] += 2 * a->theta[m] * Q[row * s + column];
        }
    }
    memset(b, 0, (size_t)s * sizeof *b);
    for (int64_t j = 0; j < a->n_ar; j++) {
        const int64_t at = a->ar[j] - 1;
        double sum = hw3i_dot(at + 1, Q + at * s, u);
        for (int64_t i = at + 1; i < s; i++) sum += Q[i * s + at] * u[i];
        d_phi[a->ar[j]] += 2 * sum;
        add_symmetric_row(s, a->phi[a->ar[j]], Q, at, b);
    }
    for (int64_t j = 0; j < a->n_ar; j++) b0 += a->phi[a->ar[j]] * b[a->ar[j] - 1];
    for (int64_t i = r - 1; i > 0; i--) memcpy(Q + i * s + 1, Q + (i - 1) * s, (size_t)i * sizeof *Q);
    for (int64_t i = r; i < s; i++) memmove(Q + i * s + 1, Q + i * s, (size_t)(r - 1) * sizeof *Q);
    for (int64_t i = 1; i < s; i++) Q[i * s] = b[i < r ? i - 1 : i];
    Q[0] = b0;
}

/* The same for x' = T x of the first `back` columns. */
static void move_mean_back(const hw3i_arma *a, int64_t back, const double *x0, double *x, double *row, double *d_phi)
{
    memset(row, 0, (size_t)back * sizeof *row);
    for (int64_t j = 0; j < a->n_ar; j++) {
        const double *d = x + (a->ar[j] - 1) * back;
        d_phi[a->ar[j]] += hw3i_dot(back, d, x0);
        hw3i_add_row(back, a->phi[a->ar[j]], d, row);
    }
    memmove(x + back, x, (size_t)((a->r - 1) * back) * sizeof *x);
    memcpy(x, row, (size_t)back * sizeof *row);
}

/* Through P -= g g' / F: d_g, and returns d_F. */
static double see_variance_back(const hw3i_gaps *g, const double *gain, double F, double *restrict d_g)
{
    const int64_t s = g->s;
    double sum = 0;
    memset(d_g, 0, (size_t)s * sizeof *d_g);
    for (int64_t i = 0; i < s; i++) {
        const double *Q = g->P + i * s;
        d_g[i] += hw3i_dot(i + 1, Q, gain);
        hw3i_add_row(i, gain[i], Q, d_g);
    }
    for (int64_t i = 0; i < s; i++) {
        sum += d_g[i] * gain[i];
        d_g[i] *= -2 / F;
    }
    return sum / (F * F);
}

/* Through v = y - h'x, x += g v / F. d_v: [back] becomes the gradient of y; d_e: [back] work. Adds to d_g; returns d_F. */
static double see_mean_back(const hw3i_gaps *g, const double *gain, double F, int64_t back, const double *v, double *d_v,
                            double *d_g, double *d_e)
{
    memset(d_e, 0, (size_t)back * sizeof *d_e);
    for (int64_t i = 0; i < g->s; i++) {
        d_g[i] += hw3i_dot(back, g->x + i * back, v) / F;
        hw3i_add_row(back, gain[i], g->x + i * back, d_e);
    }
    hw3i_add_row(back, 1 / F, d_e, d_v);
    spread(g, back, -1, d_v, g->x);
    return -hw3i_dot(back, d_e, v) / (F * F);
}

/* Through the slot that is opened: d_g, returns d_F, and d_v [back] becomes the gradient of y. */
static double open_slot_back(hw3i_gaps *g, int64_t back, double *d_v, double *d_g)
{
    const int64_t k = slot_of(g, g->next), s = g->s;
    double *value = g->x + k * back, d_F = g->P[k * s + k];
    memset(d_g, 0, (size_t)s * sizeof *d_g);
    add_symmetric_row(s, 2, g->P, k, d_g);
    d_g[k] = 0;
    memset(g->P + k * s, 0, (size_t)(k + 1) * sizeof(double));
    for (int64_t i = k + 1; i < s; i++) g->P[i * s + k] = 0;
    for (int64_t c = 0; c < back; c++) d_v[c] = -value[c], value[c] = 0;
    spread(g, back, -1, d_v, g->x);
    return d_F;
}

/* Through F = h'g and g = P h. */
static void find_gain_back(hw3i_gaps *g, double d_F, double *d_g)
{
    const int64_t s = g->s;
    spread(g, 1, d_F, &(double){ 1 }, d_g);
    for (int64_t k = -1; k < g->n_weights; k++) {
        const int64_t at = k < 0 ? 0 : g->slot[k];
        const double f = 0.5 * (k < 0 ? 1 : g->weight[k]);
        hw3i_add_row(at + 1, f, d_g, g->P + at * s);
        for (int64_t i = at; i < s; i++) g->P[i * s + at] += f * d_g[i];
    }
}

void hw3i_gaps_back(const hw3i_arma *a, const hw3i_start *start, hw3i_gaps *g, int64_t C, const double *front, const double *v,
                    int64_t back, double *d_v, double *d_y, const double *d_F, double *d_gamma, double *d_phi, double *d_theta)
{
    const int64_t s = g->s;
    double *d_g = g->work, *b = d_g + s, *d_c = b + s, *d_psi = d_c + s, *row = d_psi + g->r + 1;
    memset(g->P, 0, (size_t)(s * s) * sizeof(double));
    memset(g->x, 0, (size_t)(s * back) * sizeof(double));
    for (int64_t t = g->n - 1; t >= 0; t--) {
        const double *gain = g->gain + t * s, F = g->F[t];
        double d = 0;
        look(g, t);
        move_variance_back(a, g, g->u + t * s, d_phi, d_theta, b);
        move_mean_back(a, back, front + t * C, g->x, row, d_phi);
        if (!is_missing(g, t)) {
            d = d_F[t] + see_variance_back(g, gain, F, d_g);
            d += see_mean_back(g, gain, F, back, v + t * C, d_v + t * C, d_g, row);
        } else {
            memset(d_v + t * C, 0, (size_t)back * sizeof *d_v);
            if (!g->n_slots) continue;
            d = open_slot_back(g, back, d_v + t * C, d_g);
        }
        if (d_y) d_y[t] += d_v[t * C];
        find_gain_back(g, d, d_g);
    }
    hw3i_start_variance_back(a, start, g->P, s, d_c, d_phi, d_theta);
    hw3i_start_back(a, start, d_c, d_gamma, d_phi, d_theta, d_psi);
}
