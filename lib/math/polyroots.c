/* SPDX-License-Identifier: MIT */
#include "math/polyroots.h"
#include <math.h>
#include <string.h>

typedef struct number {
    double re, im;
} number;

static number over(number a, number b)
{
    double d = b.re * b.re + b.im * b.im;
    return (number){ (a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d };
}

/* p(z) / p'(z); outside the unit circle by the reversed polynomial, so that no power overflows. */
static number newton(int64_t n, const double *c, number z)
{
    bool outside = z.re * z.re + z.im * z.im > 1;
    number x = outside ? over((number){ 1, 0 }, z) : z, p = { 0, 0 }, d = { 0, 0 };
    for (int64_t k = n; k >= 0; k--) {
        double next = c[outside ? n - k : k];
        d = (number){ d.re * x.re - d.im * x.im + p.re, d.re * x.im + d.im * x.re + p.im };
        p = (number){ p.re * x.re - p.im * x.im + next, p.re * x.im + p.im * x.re };
    }
    if (!outside) return over(p, d);
    /* p(z) = z^n q(1/z): p'/p = x (n - x q'(x) / q(x)) */
    number q = over(d, p), t = { (double)n - (x.re * q.re - x.im * q.im), -(x.re * q.im + x.im * q.re) };
    return over((number){ 1, 0 }, (number){ x.re * t.re - x.im * t.im, x.re * t.im + x.im * t.re });
}

/* z_i -= w / (1 - w sum_j 1 / (z_i - z_j)), w = p / p'. The size of the largest relative step. */
static double sweep(int64_t n, const double *c, double *re, double *im)
{
    double largest = 0;
    for (int64_t i = 0; i < n; i++) {
        number w = newton(n, c, (number){ re[i], im[i] }), s = { 0, 0 };
        if (!isfinite(w.re) || !isfinite(w.im)) w = (number){ 0, 0 };
        for (int64_t j = 0; j < n; j++) {
            if (j == i) continue;
            number inv = over((number){ 1, 0 }, (number){ re[i] - re[j], im[i] - im[j] });
            if (isfinite(inv.re) && isfinite(inv.im)) s.re += inv.re, s.im += inv.im;
        }
        number step = over(w, (number){ 1 - (w.re * s.re - w.im * s.im), -(w.re * s.im + w.im * s.re) });
        if (!isfinite(step.re) || !isfinite(step.im)) step = w;
        re[i] -= step.re;
        im[i] -= step.im;
        double moved = hypot(step.re, step.im) / hypot(re[i], im[i]);
        if (!(moved <= largest)) largest = moved;
    }
    return largest;
}

bool hw3i_polyroots(int64_t n, const double *c, double *re, double *im)
{
    double radius = n ? pow(fabs(c[0] / c[n]), 1 / (double)n) : 1;
    if (!isfinite(radius) || radius == 0) return false;
    for (int64_t i = 0; i < n; i++) { /* turned a little: no root of real polynomials is met head on */
        double angle = 6.283185307179586 * (double)i / (double)n + 0.4;
        re[i] = radius * cos(angle);
        im[i] = radius * sin(angle);
    }
    double moved = 1;
    for (int i = 0; i < 500 && moved > 1e-15; i++) moved = sweep(n, c, re, im);
    return moved < 1e-6; /* roots that are one move by the root of the precision */
}

void hw3i_poly_of_roots(int64_t n, const double *re, const double *im, double *c)
{
    memset(c, 0, (size_t)(n + 1) * sizeof *c);
    c[0] = 1;
    for (int64_t i = 0, degree = 0; i < n; i++) { /* a pair, found at its upper member, is one factor of degree 2 */
        double size = re[i] * re[i] + im[i] * im[i];
        bool pair = fabs(im[i]) > 1e-9 * sqrt(size);
        if (pair && im[i] < 0) continue;
        double a = pair ? -2 * re[i] / size : -1 / re[i], b = pair ? 1 / size : 0;
        degree += pair ? 2 : 1;
        if (degree > n) return;
        for (int64_t k = degree; k >= 1; k--) c[k] += a * c[k - 1] + (k >= 2 ? b * c[k - 2] : 0);
    }
}
