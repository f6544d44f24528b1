/* SPDX-License-Identifier: MIT */
#include "math/distribution.h"
#include <float.h>
#include <math.h>
#include <stdint.h>

#define SQRT_HALF 0.70710678118654752440
#define SQRT_2PI 2.50662827463100050242
#define HALF_LOG_2PI 0.91893853320467274178
#define MAX_TERMS 1000000 /* sqrt(df) are enough */

double hw3i_normal_cdf(double x) { return 0.5 * erfc(-x * SQRT_HALF); }

/* Halley's method on the smaller tail q = Q(x), or around the middle on Q(x) - 1/2, from [Abramowitz64] 26.2.23, which errs by 4.5e-4
 * at most: with e = (Q(x) - q) / density(x), x += e / (1 + x e / 2). The error is cubed each time. */
double hw3i_normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1)) return NAN;
    double q = fmin(p, 1 - p), sign = p < 0.5 ? -1 : 1;
    if (q == 0) return sign * INFINITY;
    double s = sqrt(-2 * log(q));
    double x = s - (2.515517 + s * (0.802853 + s * 0.010328)) / (1 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
    for (int i = 0; i < 3; i++) {
        double rest = q < 0.25 ? 0.5 * erfc(x * SQRT_HALF) - q : fabs(p - 0.5) - 0.5 * erf(x * SQRT_HALF);
        double e = rest * SQRT_2PI * exp(0.5 * x * x);
        x += e / (1 + 0.5 * x * e);
    }
    return sign * x;
}

/* log Gamma(x) = (x - 1/2) log x - x + log(2 pi) / 2 + rest(x) [Abramowitz64, 6.1.41]; exact to double from 10 on. */
static double stirling_rest(double x)
{
    double r = 1 / (x * x);
    return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * (691.0 / 360360 - r / 156)))))) / x;
}

/* x > 0; Gamma(x) = Gamma(x + 1) / x leads up to 10. */
static double log_gamma(double x)
{
    double below = 1;
    for (; x < 10; x++) below *= x;
    return (x - 0.5) * log(x) - x + HALF_LOG_2PI + stirling_rest(x) - log(below);
}

/* log(Gamma(a) Gamma(b) / Gamma(a + b)), b <= a; for large a without the difference of large logarithms. */
static double log_beta(double a, double b)
{
    if (a < 10) return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
    return log_gamma(b) + stirling_rest(a) - stirling_rest(a + b) - (a - 0.5) * log1p(b / a) - b * (log(a + b) - 1);
}

/* Lentz' way to a continued fraction b0 + a1 / (b1 + a2 / (b2 + ...)): value f, ratios c and d [Thompson86]. */
typedef struct fraction {
    double f, c, d;
} fraction;

static fraction fraction_begin(double b0) { return (fraction){ b0, b0, 0 }; }

/* One more term; true when it changes nothing. */
static int fraction_add(fraction *x, double a, double b)
{
    const double tiny = 1e-300;
    x->d = b + a * x->d;
    x->c = b + a / x->c;
    if (x->d == 0) x->d = tiny;
    if (x->c == 0) x->c = tiny;
    x->d = 1 / x->d;
    x->f *= x->c * x->d;
    return fabs(x->c * x->d - 1) < DBL_EPSILON;
}

/* log(x^a e^-x / Gamma(a)), for large a without the difference of large logarithms. */
static double log_gamma_front(double a, double x)
{
    if (a < 10) return a * log(x) - x - log_gamma(a);
    double u = (x - a) / a;
    return a * (log1p(u) - u) + 0.5 * log(a) - HALF_LOG_2PI - stirling_rest(a);
}

/* Q(a, x) = Gamma(a, x) / Gamma(a): by the series of 1 - Q [Abramowitz64, 6.5.29] left of the middle, by the fraction [6.5.31] right. */
static double gamma_tail(double a, double x)
{
    if (x <= 0) return 1;
    if (isinf(x)) return 0;
    double front = exp(log_gamma_front(a, x));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int64_t i = 1; i < MAX_TERMS && term > sum * DBL_EPSILON / 4; i++) sum += term *= x / (a + (double)i);
        return 1 - front * sum;
    }
    fraction f = fraction_begin(x + 1 - a);
    for (int64_t i = 1; i < MAX_TERMS; i++)
        if (fraction_add(&f, -(double)i * ((double)i - a), x + (double)(2 * i) + 1 - a)) break;
    return front / f.f;
}

/* I_x(a, b) with y = 1 - x, by its fraction [Abramowitz64, 26.5.8], which is quick left of the mean. */
static double beta_below(double a, double b, double x, double y)
{
    if (x <= 0) return 0;
    if (y <= 0) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta_below(b, a, y, x);
    double log_x = x > 0.5 ? log1p(-y) : log(x), log_y = y > 0.5 ? log1p(-x) : log(y);
    double front = exp(a * log_x + b * log_y - log_beta(fmax(a, b), fmin(a, b))) / a;
    fraction f = fraction_begin(1);
    for (int64_t i = 0; i < MAX_TERMS; i++) {
        double m = (double)i, at = a + 2 * m;
        fraction_add(&f, -(a + m) * (a + b + m) / (at * (at + 1)) * x, 1);
        if (fraction_add(&f, (m + 1) * (b - m - 1) / ((at + 1) * (at + 2)) * x, 1)) break;
    }
    return front / f.f;
}

double hw3i_chi2_tail(double x, double df) { return df > 0 && !isnan(x) ? gamma_tail(df / 2, x / 2) : NAN; }

/* The normal z with the same tail [Hill70], within 1e-13 where t^2 < df / 10 and df > 1000. There the fraction would
 * lose digits to the rounding of df / (df + t^2). */
static double normal_for_t(double t, double df)
{
    double a = df - 0.5, b = 48 * a * a, y = a * log1p(t * t / df);
    double inner = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b);
    return copysign(((inner + y + 3) / b + 1) * sqrt(y), t);
}

double hw3i_t_tail(double t, double df)
{
    if (!(df > 0) || isnan(t)) return NAN;
    if (isinf(t)) return t < 0;
    if (df > 1000 && t * t < df / 10) return hw3i_normal_cdf(-normal_for_t(t, df));
    double both = beta_below(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t));
    return t > 0 ? both / 2 : 1 - both / 2;
}

double hw3i_f_tail(double f, double df1, double df2)
{
    if (!(df1 > 0 && df2 > 0) || isnan(f)) return NAN;
    if (f <= 0 || isinf(f)) return f <= 0 ? 1 : 0;
    double all = df2 + df1 * f;
    return beta_below(df2 / 2, df1 / 2, df2 / all, df1 * f / all);
}
