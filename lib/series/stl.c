/* SPDX-License-Identifier: MIT */
/* Seasonal and trend decomposition by loess [Cleveland90], with the shortcuts of its first implementation, which R keeps:
 * a smooth is computed at every jump-th point and on lines between, and a window's ends stop at the last multiple. */
#include "series/diagnostics.h"
#include <math.h>

typedef struct smoother {
    int64_t window, jump;
    int32_t degree;
} smoother;

/* Value at x (from 0) of a line (degree 1) or constant fitted to y[left..right] with tricube weights, times rw where it is
 * given. NaN when all weights are 0. w: [n]. */
static double loess_at(const double *y, int64_t n, const smoother *s, double x, int64_t left, int64_t right, const double *rw, double *w)
{
    double h = fmax(x - (double)left, (double)right - x), sum = 0, centre = 0, spread = 0, value = 0;
    if (s->window > n) h += (double)((s->window - n) / 2);
    for (int64_t j = left; j <= right; j++) {
        double r = fabs((double)j - x), u = r / h, v = 1 - u * u * u;
        w[j] = r > 0.999 * h ? 0 : (r <= 0.001 * h ? 1 : v * v * v) * (rw ? rw[j] : 1);
        sum += w[j];
    }
    if (sum <= 0) return NAN;
    for (int64_t j = left; j <= right; j++) w[j] /= sum, centre += w[j] * (double)j;
    for (int64_t j = left; j <= right; j++) spread += w[j] * ((double)j - centre) * ((double)j - centre);
    bool line = h > 0 && s->degree > 0 && sqrt(spread) > 0.001 * (double)(n - 1);
    double slope = line ? (x - centre) / spread : 0;
    for (int64_t j = left; j <= right; j++) value += w[j] * (1 + slope * ((double)j - centre)) * y[j];
    return value;
}

static double loess_or(double otherwise, double value) { return isnan(value) ? otherwise : value; }

/* out[i] for i strictly between a and b on the line between out[a] and out[b]. */
static void join(double *out, int64_t a, int64_t b)
{
    double slope = (out[b] - out[a]) / (double)(b - a);
    for (int64_t i = a + 1; i < b; i++) out[i] = out[a] + slope * (double)(i - a);
}

static void loess(const double *y, int64_t n, const smoother *s, const double *rw, double *out, double *w)
{
    if (n < 2) {
        out[0] = y[0];
        return;
    }
    int64_t jump = hw3i_min(s->jump, n - 1), q = hw3i_min(s->window, n), left = 0, last = 0;
    for (int64_t i = 0; i < n; i += jump) {
        left = hw3i_max(0, hw3i_min(i - (s->window - 1) / 2, n - q));
        out[i] = loess_or(y[i], loess_at(y, n, s, (double)i, left, left + q - 1, rw, w));
        if (i > last) join(out, last, i);
        last = i;
    }
    if (last == n - 1) return;
    out[n - 1] = loess_or(y[n - 1], loess_at(y, n, s, (double)(n - 1), left, left + q - 1, rw, w));
    join(out, last, n - 1);
}

/* out[i] = mean of x[i .. i + m - 1], n - m + 1 of them. */
static void moving_mean(const double *x, int64_t n, int64_t m, double *out)
{
    double sum = 0;
    for (int64_t i = 0; i < m; i++) sum += x[i];
    out[0] = sum / (double)m;
    for (int64_t i = m; i < n; i++) {
        sum = sum - x[i - m] + x[i];
        out[i - m + 1] = sum / (double)m;
    }
}

/* Each season's values smoothed along the years, from one year before to one after: out [n + 2 m]. work: [4 (n / m + 3)]. */
static void smooth_seasons(const double *y, int64_t n, int64_t m, const smoother *s, const double *rw, double *out, double *work)
{
    int64_t most = n / m + 3;
    double *x = work, *weight = work + most, *smooth = work + 2 * most, *w = work + 3 * most;
    for (int64_t j = 0; j < m; j++) {
        int64_t k = (n - 1 - j) / m + 1, q = hw3i_min(s->window, k);
        const double *robust = rw ? weight : NULL;
        for (int64_t i = 0; i < k; i++) x[i] = y[i * m + j];
        for (int64_t i = 0; i < k && rw; i++) weight[i] = rw[i * m + j];
        loess(x, k, s, robust, smooth + 1, w);
        smooth[0] = loess_or(smooth[1], loess_at(x, k, s, -1, 0, q - 1, robust, w));
        smooth[k + 1] = loess_or(smooth[k], loess_at(x, k, s, (double)k, k - q, k - 1, robust, w));
        for (int64_t i = 0; i < k + 2; i++) out[i * m + j] = smooth[i];
    }
}

static void order(double *a, double *b)
{
    double least = fmin(*a, *b), most = fmax(*a, *b);
    *a = least, *b = most;
}

/* Around the median of the first, middle and last: x[i..l] <= t, x[k..j] >= t [Singleton69]. */
static void split(double *x, int64_t i, int64_t j, int64_t *l, int64_t *k)
{
    double *middle = x + (i + j) / 2;
    order(x + i, middle);
    order(middle, x + j);
    order(x + i, middle);
    double t = *middle;
    for (*k = i, *l = j;;) {
        do --*l;
        while (x[*l] > t);
        do ++*k;
        while (x[*k] < t);
        if (*k > *l) return;
        double swap = x[*l];
        x[*l] = x[*k], x[*k] = swap;
    }
}

/* The sum of the two middle values, as R has it: it looks for both at once, but after a split goes on in one part alone, so
 * that where a split falls between the two, one of them is some value beside it. R's robust results turn on that. */
static double two_middles(double *x, int64_t n)
{
    int64_t low = n - n / 2 - 1, high = n / 2, i = 0, j = n - 1, l, k;
    while (i < j && (j - i > 10 || i == 0)) {
        split(x, i, j, &l, &k);
        bool left = l - i <= j - k ? low <= l : high < k;
        *(left ? &j : &i) = left ? l : k;
    }
    for (int64_t a = i + 1; a <= j; a++)
        for (int64_t b = a; b > i && x[b - 1] > x[b]; b--) order(x + b - 1, x + b);
    return x[low] + x[high];
}

/* Bisquare of |y - fit| over six times its median. */
static void robust_weights(const double *y, const double *seasonal, const double *trend, int64_t n, double *rw, double *r)
{
    for (int64_t t = 0; t < n; t++) r[t] = fabs(y[t] - (trend[t] + seasonal[t]));
    double six = 3 * two_middles(r, n);
    for (int64_t t = 0; t < n; t++) {
        double e = fabs(y[t] - (trend[t] + seasonal[t])), u = e / six;
        rw[t] = e <= 0.001 * six ? 1 : e > 0.999 * six ? 0 : (1 - u * u) * (1 - u * u);
    }
}

static int64_t odd(int64_t window) { return window + (window % 2 == 0); }
static int64_t tenth(int64_t given, int64_t window) { return given ? given : (window + 9) / 10; }

void hw3i_stl_defaults(hw3_stl_opts *o, int64_t n, int64_t m)
{
    if (o->s_window == 0) o->s_window = 10 * n + 1, o->s_degree = 0;
    if (o->t_window == 0) o->t_window = odd((int64_t)rint(ceil(1.5 * (double)m / (1 - 1.5 / (double)o->s_window))));
    if (o->l_window == 0) o->l_window = odd(m);
    if (o->l_degree < 0) o->l_degree = o->t_degree;
    if (o->inner < 0) o->inner = o->robust ? 1 : 2;
    if (o->outer < 0) o->outer = o->robust ? 15 : 0;
    o->s_jump = tenth(o->s_jump, o->s_window);
    o->t_jump = tenth(o->t_jump, o->t_window);
    o->l_jump = tenth(o->l_jump, o->l_window);
}

int64_t hw3i_stl_work(int64_t n, int64_t m) { return 3 * (n + 2 * m) + n + 4 * (n / m + 3); }

/* One round of the inner loop: seasons of y without trend, less their own trend, then the trend of y without seasons. */
static void inner_round(const double *y, int64_t n, int64_t m, const smoother s[3], const double *rw, double *seasonal, double *trend,
                        double *work)
{
    double *a = work, *cycle = a + n + 2 * m, *b = cycle + n + 2 * m, *rest = b + n + 2 * m;
    for (int64_t t = 0; t < n; t++) a[t] = y[t] - trend[t];
    smooth_seasons(a, n, m, s, rw, cycle, rest);
    moving_mean(cycle, n + 2 * m, m, a);
    moving_mean(a, n + m + 1, m, b);
    moving_mean(b, n + 2, 3, a);
    loess(a, n, s + 2, NULL, b, rest);
    for (int64_t t = 0; t < n; t++) seasonal[t] = cycle[m + t] - b[t];
    for (int64_t t = 0; t < n; t++) a[t] = y[t] - seasonal[t];
    loess(a, n, s + 1, rw, trend, rest);
}

void hw3i_stl(const double *y, int64_t n, int64_t m, const hw3_stl_opts *opts, double *seasonal, double *trend, double *weights,
              double *work)
{
    hw3_stl_opts o = *opts;
    bool periodic = o.s_window == 0;
    hw3i_stl_defaults(&o, n, m);
    const smoother s[3] = { { odd(hw3i_max(o.s_window, 3)), o.s_jump, o.s_degree },
                            { odd(hw3i_max(o.t_window, 3)), o.t_jump, o.t_degree },
                            { odd(hw3i_max(o.l_window, 3)), o.l_jump, o.l_degree } };
    for (int64_t t = 0; t < n; t++) trend[t] = 0, weights[t] = 1;
    for (int32_t round = 0; round <= o.outer; round++) {
        for (int32_t i = 0; i < o.inner; i++) inner_round(y, n, m, s, round ? weights : NULL, seasonal, trend, work);
        if (round < o.outer) robust_weights(y, seasonal, trend, n, weights, work);
    }
    for (int64_t j = 0; j < m && periodic; j++) { /* one cycle: the mean of every season */
        double sum = 0;
        for (int64_t t = j; t < n; t += m) sum += seasonal[t];
        for (int64_t t = j; t < n; t += m) seasonal[t] = sum / (double)((n - 1 - j) / m + 1);
    }
}
