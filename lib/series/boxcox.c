/* SPDX-License-Identifier: MIT */
#include "series/diagnostics.h"
#include "series/series.h"
#include <float.h>
#include <math.h>

/* z = (sign(y) |y|^lam - 1) / lam, log y for lam = 0 [Bickel81]; for small lam log y, in series, without cancellation. */
double hw3i_boxcox(double y, double lam)
{
    if (y <= 0 && lam > 0) return (-pow(-y, lam) - 1) / lam;
    if (lam == 0 || !(y > 0)) return y < 0 ? NAN : log(y);
    double u = lam * log(y);
    if (fabs(u) < 1e-8) return log(y) * (1 + u / 2);
    return (fabs(u) < 0.5 ? expm1(u) : pow(y, lam) - 1) / lam;
}

/* Where lam is negative, z comes closer and closer to -1 / lam as y grows without end. */
double hw3i_boxcox_invert(double z, double lam)
{
    if (lam == 0) return exp(z);
    double u = lam * z;
    if (lam < 0 && u < -1) return INFINITY;
    if (fabs(u) < 1e-8) return exp(z * (1 - u / 2));
    if (fabs(u) < 0.5) return exp(log1p(u) / lam);
    return copysign(pow(fabs(u + 1), 1 / lam), u + 1);
}

/* The mean of what was transformed, from its median y and the variance of z: y (1 + variance (1 - lam) / (2 |y|^(2 lam)))
 * [Hyndman21]. */
double hw3i_boxcox_mean(double y, double lam, double variance)
{
    if (y == 0 && lam < 0.5) return 0; /* its limit */
    return y * (1 + 0.5 * variance * (1 - lam) / pow(fabs(y), 2 * lam));
}

/* Least f between a and b by golden sections and parabolas; the steps are those of [Brent73], chapter 5. */
typedef double (*curve)(const void *data, double x);

static double minimise(curve f, const void *data, double a, double b, double tolerance)
{
    const double golden = (3 - sqrt(5)) / 2;
    double x = a + golden * (b - a), w = x, v = x, fx = f(data, x), fw = fx, fv = fx, step = 0, before = 0;
    for (;;) {
        double middle = (a + b) / 2, least = sqrt(DBL_EPSILON) * fabs(x) + tolerance / 3;
        if (fabs(x - middle) <= 2 * least - (b - a) / 2) return x;
        double r = (x - w) * (fx - fv), q = (x - v) * (fx - fw), p = (x - v) * q - (x - w) * r, last = before;
        q = 2 * (q - r);
        if (q > 0) p = -p;
        else q = -q;
        bool parabola = fabs(before) > least && fabs(p) < fabs(0.5 * q * last) && p > q * (a - x) && p < q * (b - x);
        before = parabola ? step : x < middle ? b - x : a - x;
        step = parabola ? p / q : golden * before;
        if (parabola && (x + step - a < 2 * least || b - (x + step) < 2 * least)) step = x < middle ? least : -least;
        double u = fabs(step) >= least ? x + step : x + copysign(least, step), fu = f(data, u);
        if (fu <= fx) {
            *(u < x ? &b : &a) = x;
            v = w, fv = fw, w = x, fw = fx, x = u, fx = fu;
        } else {
            *(u < x ? &a : &b) = u;
            if (fu <= fw || w == x) v = w, fv = fw, w = u, fw = fu;
            else if (fu <= fv || v == x || v == w) v = u, fv = fu;
        }
    }
}

/* Means and standard deviations of whole periods, the last ones of the series. */
typedef struct periods {
    int64_t n;
    const double *mean, *sd;
} periods;

/* Coefficient of variation of sd / mean^(1 - lam) over the periods [Guerrero93]; periods without a number do not count. */
static double variation(const void *data, double lam)
{
    const periods *p = data;
    double sum = 0, square = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < p->n; i++) {
        double ratio = p->sd[i] / pow(p->mean[i], 1 - lam);
        if (!isnan(ratio)) sum += ratio, n++;
    }
    for (int64_t i = 0; i < p->n; i++) {
        double ratio = p->sd[i] / pow(p->mean[i], 1 - lam), d = ratio - sum / (double)n;
        if (!isnan(ratio)) square += d * d;
    }
    double cv = sqrt(square / (double)(n - 1)) / (sum / (double)n);
    return isfinite(cv) ? cv : DBL_MAX;
}

/* Mean and sd (divisor n - 1) of the values present; NaN where there are too few. */
static void moments(const double *y, int64_t n, double *mean, double *sd)
{
    double sum = 0, square = 0;
    int64_t present = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i])) sum += y[i], present++;
    *mean = sum / (double)present;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i])) square += (y[i] - *mean) * (y[i] - *mean);
    *sd = present > 1 ? sqrt(square / (double)(present - 1)) : NAN;
}

static hw3_status guerrero(const double *y, int64_t n, int64_t m, double lower, double upper, double *work, double *lam)
{
    int64_t period = hw3i_max(m, 2), n_periods = n / period;
    periods p = { n_periods, work, work + n_periods };
    y += n - n_periods * period;
    for (int64_t i = 0; i < n_periods; i++) moments(y + i * period, period, work + i, work + n_periods + i);
    *lam = minimise(variation, &p, lower, upper, sqrt(sqrt(DBL_EPSILON)));
    return variation(&p, *lam) < DBL_MAX ? HW3_OK : HW3_ERR_VALUE;
}

/* x minus the mean of its season over the places where y is present. work: [2 m]. */
static void take_seasons_out(const double *y, double *x, int64_t n, int64_t m, double *work)
{
    double *sum = work, *count = work + m;
    memset(work, 0, (size_t)(2 * m) * sizeof *work);
    for (int64_t t = 0; t < n; t++)
        if (!isnan(y[t])) sum[t % m] += x[t], count[t % m]++;
    for (int64_t t = 0; t < n; t++)
        if (!isnan(y[t])) x[t] -= sum[t % m] / count[t % m];
}

static double product(const double *y, const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t t = 0; t < n; t++)
        if (!isnan(y[t])) sum += a[t] * b[t];
    return sum;
}

/* (y^lam - 1) / (lam g^(lam - 1)) with g the geometric mean: the unit stays that of y, so sums of squares compare. */
static double profile(double y, double lam, double log_g) { return hw3i_boxcox(y, lam) / exp((lam - 1) * log_g); }

/* The lam whose residuals of a regression on trend and seasons have the least sum of squares, which is the largest
 * likelihood [Box64], on a grid of 0.05. With the seasons' means taken out, the trend is a single regressor. */
static hw3_status loglik(const double *y, int64_t n, int64_t m, double lower, double upper, double *work, double *lam)
{
    double *trend = work, *z = work + n, *seasons = work + 2 * n, least = INFINITY;
    hw3i_sum log_g = { 0 };
    int64_t n_present = 0, n_steps = (int64_t)((upper - lower) / 0.05 + 1e-10);
    for (int64_t t = 0; t < n; t++) {
        trend[t] = (double)t;
        if (!isnan(y[t])) hw3i_sum_add(&log_g, log(y[t])), n_present++;
    }
    take_seasons_out(y, trend, n, m, seasons);
    double width = product(y, trend, trend, n);
    for (int64_t i = 0; i <= n_steps; i++) {
        double at = lower + (double)i * 0.05;
        for (int64_t t = 0; t < n; t++) z[t] = profile(y[t], at, hw3i_sum_of(log_g) / (double)n_present);
        take_seasons_out(y, z, n, m, seasons);
        double slope = product(y, z, trend, n), rss = product(y, z, z, n) - slope * slope / width;
        if (rss < least) least = rss, *lam = at;
    }
    return least > 0 && isfinite(least) ? HW3_OK : HW3_ERR_VALUE;
}

int64_t hw3i_boxcox_lambda_work(int64_t n, int64_t m) { return 2 * n + 2 * m; }

hw3_status hw3i_boxcox_lambda(const double *y, int64_t n, int64_t m, const hw3_lambda_opts *o, double *work, double *lam)
{
    double min = INFINITY, max = -INFINITY, lower = o->lower;
    for (int64_t t = 0; t < n; t++) min = fmin(min, y[t]), max = fmax(max, y[t]);
    *lam = 1;
    if (n - m <= m) return HW3_OK;
    if (min <= 0) lower = fmax(lower, 0);
    if (!(max > min) || !(lower < o->upper) || (o->method == HW3_LAMBDA_LOGLIK && min <= 0)) return HW3_ERR_VALUE;
    return (o->method == HW3_LAMBDA_LOGLIK ? loglik : guerrero)(y, n, m, lower, o->upper, work, lam);
}
