/* SPDX-License-Identifier: MIT */
/* Softmax, its logarithm, layer normalisation [Ba16] and its form without a mean [Zhang19], row by row; each row is computed
 * apart from the others. */

/* y_i = e^{x_i - m} when y is wanted; returns the sum: blocks of 64 vectors, then the blocks. */
static inline real FN(exp_sum)(int64_t n, const real *x, real m, real *y)
{
    vr total = { 0 };
    for (int64_t b = 0; b < n; b += 64 * VL) {
        int64_t end = hw3i_min(n, b + 64 * VL);
        vr s = { 0 };
        for (int64_t i = b; i < end; i += VL) {
            vr e = vexp(vload_part(x + i, n - i, R(-INFINITY)) - m);
            if (y) vstore_part(y + i, n - i, e);
            s += e;
        }
        total += s;
    }
    return vhsum(total);
}

/* y_i = e^{x_i - max} / sum_j e^{x_j - max}; y may be x */
static void FN(softmax)(int64_t rows, int64_t n, const real *x, real *y)
{
    for (; rows > 0; rows--, x += n, y += n) {
        real scale = 1 / FN(exp_sum)(n, x, FN(max)(n, x), y);
        for (int64_t i = 0; i < n; i += VL) vstore_part(y + i, n - i, vload_part(y + i, n - i, 0) * scale);
    }
}

/* y_i = (x_i - max) - log sum_j e^{x_j - max}; y may be x */
static void FN(log_softmax)(int64_t rows, int64_t n, const real *x, real *y)
{
    for (; rows > 0; rows--, x += n, y += n) {
        real m = FN(max)(n, x), l = R(log((double)FN(exp_sum)(n, x, m, NULL)));
        for (int64_t i = 0; i < n; i += VL) vstore_part(y + i, n - i, (vload_part(x + i, n - i, 0) - m) - l);
    }
}

/* -sum_c q_c log softmax(x)_c, q = (1 - s) onehot + s / n; slope, when wanted, receives scale (softmax(x)_c - q_c) and may be x. */
static double FN(cross_entropy)(int64_t n, const real *x, int64_t target, double s, real scale, real *slope)
{
    const real m = FN(max)(n, x);
    const double at = (double)(x[target] - m), mean = s > 0 ? (double)(FN(sum)(n, x) / R(n) - m) : 0;
    const real total = FN(exp_sum)(n, x, m, slope), times = scale / total, less = R((double)scale * s / (double)n);
    for (int64_t i = 0; slope && i < n; i += VL) vstore_part(slope + i, n - i, vload_part(slope + i, n - i, 0) * times - less);
    if (slope) slope[target] -= R((double)scale * (1 - s));
    return log((double)total) - (1 - s) * at - s * mean;
}

/* An optional row of weights: n lanes of p, or fill everywhere. */
static inline vr FN(weights)(const real *p, int64_t i, int64_t n, real fill)
{
    return p ? vload_part(p + i, n - i, fill) : vset(fill);
}

/* y = (x - mean) rstd gamma + beta, rstd = 1 / sqrt(var + eps), var = sum (x - mean)^2 / n; mean is 0 unless centred.
 * mean and rstd may be NULL. */
static void FN(layer_norm)(int64_t rows, int64_t n, bool centred, const real *x, const real *gamma, const real *beta, real eps,
                           real *y, real *mean, real *rstd)
{
    for (int64_t r = 0; r < rows; r++, x += n, y += n) {
        real m = centred ? FN(sum)(n, x) / R(n) : 0, s = R(1 / sqrt((double)(FN(square_tree)(n, x, x, m) / R(n) + eps)));
        if (mean) mean[r] = m;
        if (rstd) rstd[r] = s;
        for (int64_t i = 0; i < n; i += VL)
            vstore_part(y + i, n - i, (vload_part(x + i, n - i, 0) - m) * s * FN(weights)(gamma, i, n, 1)
                                      + FN(weights)(beta, i, n, 0));
    }
}

/* With h = (x - mean) rstd and g = dy gamma, accumulates
 *   dx += rstd (g - mean_i g_i - h mean_i g_i h_i);  dgamma += dy h;  dbeta += dy
 * where the mean of g is left out unless centred. */
static void FN(layer_norm_backward)(int64_t rows, int64_t n, bool centred, const real *x, const real *gamma, const real *mean,
                                    const real *rstd, const real *dy, real *dx, real *dgamma, real *dbeta)
{
    for (int64_t r = 0; r < rows; r++, x += n, dy += n) {
        real m = mean[r], s = rstd[r];
        vr sum_g = { 0 }, sum_gh = { 0 };
        for (int64_t i = 0; i < n; i += VL) {
            vr h = (vload_part(x + i, n - i, m) - m) * s, d = vload_part(dy + i, n - i, 0);
            vr g = d * FN(weights)(gamma, i, n, 1);
            sum_g += g;
            sum_gh += g * h;
            if (dgamma) vstore_part(dgamma + i, n - i, vload_part(dgamma + i, n - i, 0) + d * h);
            if (dbeta) vstore_part(dbeta + i, n - i, vload_part(dbeta + i, n - i, 0) + d);
        }
        if (!dx) continue;
        real a = centred ? vhsum(sum_g) / R(n) : 0, b = vhsum(sum_gh) / R(n), *out = dx + r * n;
        for (int64_t i = 0; i < n; i += VL) {
            vr h = (vload_part(x + i, n - i, m) - m) * s;
            vr g = vload_part(dy + i, n - i, 0) * FN(weights)(gamma, i, n, 1);
            vstore_part(out + i, n - i, vload_part(out + i, n - i, 0) + s * (g - a - h * b));
        }
    }
}
