/* SPDX-License-Identifier: MIT */
/* exp, tanh and sigmoid on a vector, for any input; errors in docs/numerics.md.
 *
 * All three stand on x = n log 2 + r and e^r - 1 = r + r^2 q(r), q a minimax polynomial on [-0.31, 0.71] log 2.
 * The interval leans to the right so that for n = 1 the sum 2 (e^r - 1) + 1 of tanh cancels little. */
#ifndef HW3I_VMATH_TMPL_H
#define HW3I_VMATH_TMPL_H
#define vreduce FN(vreduce)
#define vpow2 FN(vpow2)
#define vexp FN(vexp)
#define vtanh FN(vtanh)
#define vsigmoid FN(vsigmoid)
#endif

#if REAL_IS_DOUBLE
enum { FN(mantissa) = 52, FN(bias) = 1023 };
#else
enum { FN(mantissa) = 23, FN(bias) = 127 };
#endif

/* n of x, and e^r - 1. NaN stays NaN; |x| < 2^10 or so. */
static inline vr vreduce(vr x, vi *n)
{
#if REAL_IS_DOUBLE
    const real round = 0x1.8p52, log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
#else
    const real round = 0x1.8p23f, log2_high = 0.693359375f, log2_low = -2.12194440054690583e-4f;
#endif
    vr t = (x * R(1.44269504088896341) - R(0.2)) + round; /* the low bits of t are n */
    *n = (vi)t - (vi)vset(round);
    t -= round;
    vr r = (x - t * log2_high) - t * log2_low, r2 = r * r;
#if REAL_IS_DOUBLE
    vr q = 2.75567956596856417e-6 + r * 2.74283764476320661e-7 + r2 * 2.81794754223074769e-8;
    q = (1.98412685788757001e-4 + r * 2.48017175556244708e-5) + r2 * q;
    q = (8.33333333379528274e-3 + r * 1.38888888488330085e-3) + r2 * q;
    q = (1.66666666666663355e-1 + r * 4.16666666667098928e-2) + r2 * q;
    q = 0.499999999999999913 + r * q;
#else
    vr q = 1.38599003138236487e-3f + r * 2.20774512177879893e-4f;
    q = (4.16668676627187933e-2f + r * 8.3319741407206974e-3f) + r2 * q;
    q = (4.99999998753994004e-1f + r * 1.66666686845905349e-1f) + r2 * q;
#endif
    return r + r2 * q;
}

static inline vr vpow2(vi n) { return (vr)((n + FN(bias)) << FN(mantissa)); }

/* Overflows to inf, underflows gradually to 0: the scale is two factors, so only the last product rounds. */
static inline vr vexp(vr x)
{
    vi n;
    vr p = vreduce(vmin(vset(REAL_IS_DOUBLE ? R(710) : R(89)), vmax(vset(REAL_IS_DOUBLE ? R(-746) : R(-104)), x)), &n);
    vi half = n >> 1;
    return (1 + p) * vpow2(half) * vpow2(n - half);
}

/* tanh |x| = E / (E + 2), E = e^{2 |x|} - 1. In float an odd polynomial is better below 0.54. */
static inline vr vtanh(vr x)
{
    vi n, sign = (vi)x & (vi)vset(R(-0.0));
    vr a = vabs(x), p = vreduce(vmin(vset(REAL_IS_DOUBLE ? R(40) : R(20)), 2 * a), &n), scale = vpow2(n);
    vr e = scale * p + (scale - 1), y = e / (e + 2);
#if !REAL_IS_DOUBLE
    vr z = a * a, odd = -5.3910749079e-2f + z * (2.13175245631e-2f + z * -6.62559729616e-3f);
    odd = -3.33333320589e-1f + z * (1.33331204095e-1f + z * odd);
    y = vselect(a < 0.54f, a + a * z * odd, y);
#endif
    return (vr)((vi)y | sign);
}

/* 1 / (1 + e^{-x}) with e^{-x} = s + s p, s = 2^n. Above and below are multiplied by a power of two, so that the
 * denominator stays finite until the quotient has underflown gradually to 0. */
static inline vr vsigmoid(vr x)
{
    const int down = REAL_IS_DOUBLE ? 100 : 32;
    vi n;
    vr p = vreduce(vmax(vset(REAL_IS_DOUBLE ? R(-40) : R(-20)), vmin(vset(REAL_IS_DOUBLE ? R(746) : R(104)), -x)), &n);
    vr one = vpow2((vi){ 0 } - down), s = vpow2(n - down), sum = one + s;
    return one / (sum + ((one - (sum - s)) + s * p)); /* what the sum lost counts when s and one are 2^24 apart */
}
