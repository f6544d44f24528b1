/* SPDX-License-Identifier: MIT */
/* Kernels against libm and plain loops in a wider type, on every instruction set of this processor. */
#include "base/random.h"
#include "math/kern.h"
#include "support.h"

static const char *const isas[] = { "base", "avx2", "avx512" };
#define EACH_ISA(k) for (size_t i_ = 0; i_ < 3; i_++) for (const hw3i_kern *k = hw3i_kern_select(isas[i_]); k; k = NULL)

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* Distance in units in the last place of the float nearest to want. */
static double ulps_f32(float got, double want)
{
    float w = (float)want;
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : INFINITY;
    if (isinf(w) || isinf(got)) return w == got ? 0 : INFINITY;
    int e;
    frexp(want, &e);
    return fabs(got - want) / ldexp(1, e - 24 < -149 ? -149 : e - 24);
}

static double ulps_f64(double got, long double want)
{
    double w = (double)want;
    if (isnan(w) || isnan(got)) return isnan(w) && isnan(got) ? 0 : INFINITY;
    if (isinf(w) || isinf(got)) return w == got ? 0 : INFINITY;
    int e;
    frexpl(want, &e);
    return (double)(fabsl(got - want) / ldexpl(1, e - 53 < -1074 ? -1074 : e - 53));
}

typedef struct function {
    const char *name;
    size_t f32, f64; /* offsets of the entries in the tables */
    double (*want)(double);
    long double (*wantl)(long double);
} function;

static long double sigmoidl(long double x) { return 1 / (1 + expl(-x)); }

static const function functions[] = {
    { "exp", offsetof(hw3i_kern_f32, exp), offsetof(hw3i_kern_f64, exp), exp, expl },
    { "tanh", offsetof(hw3i_kern_f32, tanh), offsetof(hw3i_kern_f64, tanh), tanh, tanhl },
    { "sigmoid", offsetof(hw3i_kern_f32, sigmoid), offsetof(hw3i_kern_f64, sigmoid), sigmoid, sigmoidl },
};
typedef void (*map_f32)(int64_t, const float *, float *);
typedef void (*map_f64)(int64_t, const double *, double *);
static map_f32 entry_f32(const hw3i_kern *k, const function *f) { return *(const map_f32 *)(const void *)((const char *)k->f32 + f->f32); }
static map_f64 entry_f64(const hw3i_kern *k, const function *f) { return *(const map_f64 *)(const void *)((const char *)k->f64 + f->f64); }

enum { CHUNK = 4096 };

/* Every 997th of the 2^32 floats, the infinities and NaNs among them: within 2 ulp. */
START_TEST(maps_f32)
{
    static float x[CHUNK], y[CHUNK];
    for (size_t j = 0; j < 3; j++) {
        const function *f = &functions[j];
        EACH_ISA(k) {
            double worst = 0, at = 0;
            for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += 997 * CHUNK) {
                for (uint32_t i = 0; i < CHUNK; i++) {
                    uint32_t b = (uint32_t)bits + 997 * i;
                    memcpy(&x[i], &b, sizeof b);
                }
                entry_f32(k, f)(CHUNK, x, y);
                for (int i = 0; i < CHUNK; i++) {
                    double u = ulps_f32(y[i], f->want(x[i]));
                    if (u > worst) worst = u, at = x[i];
                }
            }
            printf("%s f32 %s: %.3f ulp at %.9g\n", k->isa, f->name, worst, at);
            ck_assert_msg(worst <= 2, "%s f32 %s: %g ulp at %.9g", k->isa, f->name, worst, at);
        }
    }
}
END_TEST

/* Powers of two with random digits, both signs, and a dense range: within 4 ulp. */
START_TEST(maps_f64)
{
    static double x[CHUNK], y[CHUNK];
    for (size_t j = 0; j < 3; j++) {
        const function *f = &functions[j];
        EACH_ISA(k) {
            double worst = 0, at = 0;
            uint64_t s = 1;
            for (int round = 0; round < 64; round++) {
                for (int i = 0; i < CHUNK; i++) {
                    s = s * 6364136223846793005u + 1442695040888963407u;
                    double u = (double)(s >> 11) / 9007199254740992.0;
                    x[i] = round % 2 ? (u - 0.5) * (round % 4 == 1 ? 1500 : 8) : ldexp(u, i % 2100 - 1075) * (s & 1024 ? -1 : 1);
                }
                entry_f64(k, f)(CHUNK, x, y);
                for (int i = 0; i < CHUNK; i++) {
                    double u = ulps_f64(y[i], f->wantl(x[i]));
                    if (u > worst) worst = u, at = x[i];
                }
            }
            printf("%s f64 %s: %.3f ulp at %.17g\n", k->isa, f->name, worst, at);
            ck_assert_msg(worst <= 4, "%s f64 %s: %g ulp at %.17g", k->isa, f->name, worst, at);
        }
    }
}
END_TEST


static double noise(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(*s >> 11) / 9007199254740992.0 * 2 - 1;
}

enum { N_TAIL = 70 };

/* An element of a tail has the same bits as in a full vector, and nothing is written past the end. */
START_TEST(tails)
{
    float x[N_TAIL + 1], y[N_TAIL + 1], part[N_TAIL + 1];
    double xd[N_TAIL + 1], yd[N_TAIL + 1], partd[N_TAIL + 1];
    uint64_t s = 3;
    for (int i = 0; i <= N_TAIL; i++) xd[i] = x[i] = (float)(3 * noise(&s));
    EACH_ISA(k) for (size_t j = 0; j < 3; j++) {
        entry_f32(k, &functions[j])(N_TAIL, x, y);
        entry_f64(k, &functions[j])(N_TAIL, xd, yd);
        for (int n = 1; n <= N_TAIL; n++) {
            for (int i = 0; i <= N_TAIL; i++) partd[i] = part[i] = x[i];
            entry_f32(k, &functions[j])(n, part, part);
            entry_f64(k, &functions[j])(n, partd, partd);
            ck_assert_mem_eq(part, y, sizeof(float) * (size_t)n);
            ck_assert_mem_eq(partd, yd, sizeof(double) * (size_t)n);
            ck_assert_mem_eq(part + n, x + n, sizeof(float) * (size_t)(N_TAIL + 1 - n));
            ck_assert_mem_eq(partd + n, xd + n, sizeof(double) * (size_t)(N_TAIL + 1 - n));
        }
    }
    EACH_ISA(k) for (int n = 0; n <= N_TAIL; n++) {
        memcpy(y, x, sizeof y);
        k->f32->axpy(n, 0.5f, x, y); /* 1.5 x, one rounding with or without FMA */
        for (int i = 0; i <= N_TAIL; i++) ck_assert(y[i] == (i < n ? x[i] + 0.5f * x[i] : x[i]));
    }
}
END_TEST

START_TEST(limits)
{
    const double in[] = { INFINITY, -INFINITY, NAN, 0.0, -0.0, 1000, -1000, 1e-310 };
    const double want[3][8] = { { INFINITY, 0, NAN, 1, 1, INFINITY, 0, 1 },
                                { 1, -1, NAN, 0, -0.0, 1, -1, 1e-310 },
                                { 1, 0, NAN, 0.5, 0.5, 1, 0, 0.5 } };
    EACH_ISA(k) for (int j = 0; j < 3; j++) {
        double yd[8];
        float x[8], y[8];
        for (int i = 0; i < 8; i++) x[i] = (float)in[i];
        entry_f32(k, &functions[j])(8, x, y);
        entry_f64(k, &functions[j])(8, in, yd);
        for (int i = 0; i < 8; i++) {
            if (isnan(want[j][i])) ck_assert(isnan(y[i]) && isnan(yd[i]));
            else ck_assert(y[i] == (float)want[j][i] && yd[i] == want[j][i]);
            ck_assert(!signbit(want[j][i]) == !signbit(yd[i]) || isnan(want[j][i]));
        }
    }
}
END_TEST

enum { N_SUM = 100003 };

/* Each partial sum has at most 16 terms, and the tree log2(n / block) + log2(4 lanes) levels: fewer than 40 roundings of
 * half an ulp on the way of an element; as they fall at random, sqrt(40) / 2 < 4. The plain loop errs by 21 at the end. */
START_TEST(sums)
{
    static float a[N_SUM], b[N_SUM];
    static double ad[N_SUM], bd[N_SUM];
    uint64_t s = 5;
    for (int i = 0; i < N_SUM; i++) {
        ad[i] = a[i] = (float)(1 + noise(&s));
        bd[i] = b[i] = (float)noise(&s);
    }
    EACH_ISA(k) for (int n = 0; n <= N_SUM; n = n < 300 ? n + 1 : n * 7 / 3 > N_SUM && n < N_SUM ? N_SUM : n * 7 / 3) {
        long double sum = 0, dot = 0, size = 0;
        for (int i = 0; i < n; i++) sum += a[i], dot += (long double)a[i] * b[i], size += fabsl((long double)a[i] * b[i]);
        ck_assert(fabsl(k->f32->sum(n, a) - sum) <= 4 * 0x1p-23L * sum);
        ck_assert(fabsl(k->f64->sum(n, ad) - sum) <= 4 * 0x1p-52L * sum);
        ck_assert(fabsl(k->f32->dot(n, a, b) - dot) <= 4 * 0x1p-23L * size);
        ck_assert(fabsl(k->f64->dot(n, ad, bd) - dot) <= 4 * 0x1p-52L * size);
    }
}
END_TEST

static void softmax_row(int64_t n, const double *x, double *p, double *l)
{
    double m = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++) m = fmax(m, x[i]);
    for (int64_t i = 0; i < n; i++) sum += exp(x[i] - m);
    for (int64_t i = 0; i < n; i++) p[i] = exp(x[i] - m) / sum, l[i] = x[i] - m - log(sum);
}

enum { ROWS = 3, COLS = 1037 };

START_TEST(softmaxes)
{
    static double x[ROWS * COLS], y[ROWS * COLS], p[COLS], l[COLS];
    static float xf[ROWS * COLS], yf[ROWS * COLS], lf[ROWS * COLS];
    uint64_t s = 7;
    for (int i = 0; i < ROWS * COLS; i++) x[i] = xf[i] = (float)(200 + 30 * noise(&s));
    const int widths[] = { 1, 2, 7, 16, 33, 64, COLS };
    EACH_ISA(k) for (size_t w = 0; w < 7; w++) {
        int n = widths[w];
        k->f32->softmax(ROWS, n, xf, yf);
        k->f32->log_softmax(ROWS, n, xf, lf);
        for (int r = 0; r < ROWS; r++) {
            softmax_row(n, x + r * n, p, l);
            /* two exps and a sum of 30 roundings; |x - max| < 2^6 is rounded to 2^-18 before exp */
            for (int i = 0; i < n; i++) ck_assert(fabs(yf[r * n + i] - p[i]) <= p[i] * 0x1p-17);
            for (int i = 0; i < n; i++) ck_assert(fabs(lf[r * n + i] - l[i]) <= 0x1p-17);
        }
        k->f64->softmax(ROWS, n, x, y);
        for (int r = 0; r < ROWS; r++) {
            softmax_row(n, x + r * n, p, l);
            for (int i = 0; i < n; i++) ck_assert(fabs(y[r * n + i] - p[i]) <= p[i] * 1e-14);
        }
        k->f64->log_softmax(ROWS, n, x, y);
        for (int r = 0; r < ROWS; r++) {
            softmax_row(n, x + r * n, p, l);
            for (int i = 0; i < n; i++) ck_assert(fabs(y[r * n + i] - l[i]) <= 1e-13);
        }
        memcpy(yf, xf, sizeof yf); /* in place: the same bits */
        k->f32->log_softmax(ROWS, n, yf, yf);
        ck_assert_mem_eq(yf, lf, sizeof(float) * (size_t)(ROWS * n));
    }
    EACH_ISA(k) {
        float m[3] = { -INFINITY, 0, -INFINITY }, z[3], nan[3] = { 0, NAN, 1 };
        k->f32->softmax(1, 3, m, z);
        ck_assert(z[0] == 0 && z[1] == 1 && z[2] == 0);
        k->f32->softmax(1, 3, nan, z);
        ck_assert(isnan(z[0]) && isnan(z[1]) && isnan(z[2]));
    }
}
END_TEST

/* The definition, in double, gradients from the zero they start at. */
static void norm_row(int n, const double *x, const double *gamma, const double *beta, double eps, const double *dy,
                     double *y, double *dx, double *dgamma, double *dbeta)
{
    double mean = 0, var = 0, g = 0, gh = 0;
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) var += (x[i] - mean) * (x[i] - mean) / n;
    double rstd = 1 / sqrt(var + eps);
    for (int i = 0; i < n; i++) {
        double h = (x[i] - mean) * rstd;
        y[i] = h * (gamma ? gamma[i] : 1) + (beta ? beta[i] : 0);
        g += dy[i] * (gamma ? gamma[i] : 1) / n;
        gh += dy[i] * (gamma ? gamma[i] : 1) * h / n;
        dgamma[i] += dy[i] * h;
        dbeta[i] += dy[i];
    }
    for (int i = 0; i < n; i++)
        dx[i] += rstd * (dy[i] * (gamma ? gamma[i] : 1) - g - (x[i] - mean) * rstd * gh);
}

START_TEST(layer_norms)
{
    enum { M = 90 };
    double x[ROWS * M], dy[ROWS * M], gamma[M], beta[M], y[ROWS * M], dx[ROWS * M], dgamma[M], dbeta[M];
    double wy[ROWS * M], wdx[ROWS * M], wdgamma[M], wdbeta[M], mean[ROWS], rstd[ROWS];
    float xf[ROWS * M], dyf[ROWS * M], gf[M], bf[M], yf[ROWS * M], dxf[ROWS * M], dgf[M], dbf[M], mf[ROWS], rf[ROWS];
    uint64_t s = 9;
    for (int i = 0; i < ROWS * M; i++) x[i] = xf[i] = (float)(1 + noise(&s)), dy[i] = dyf[i] = (float)noise(&s);
    for (int i = 0; i < M; i++) gamma[i] = gf[i] = (float)(1 + noise(&s)), beta[i] = bf[i] = (float)noise(&s);
    EACH_ISA(k) for (int n = 2; n <= M; n += n < 20 ? 1 : 7) for (int with = 0; with < 2; with++) {
        for (int i = 0; i < ROWS * n; i++) dx[i] = wdx[i] = dxf[i] = 0.5f;
        for (int i = 0; i < n; i++) dgamma[i] = wdgamma[i] = dgf[i] = 0.25f, dbeta[i] = wdbeta[i] = dbf[i] = -1;
        for (int r = 0; r < ROWS; r++)
            norm_row(n, x + r * n, with ? gamma : NULL, with ? beta : NULL, 1e-5, dy + r * n,
                     wy + r * n, wdx + r * n, wdgamma, wdbeta);
        k->f64->layer_norm(ROWS, n, true, x, with ? gamma : NULL, with ? beta : NULL, 1e-5, y, mean, rstd);
        k->f64->layer_norm_backward(ROWS, n, true, x, with ? gamma : NULL, mean, rstd, dy, dx, dgamma, dbeta);
        k->f32->layer_norm(ROWS, n, true, xf, with ? gf : NULL, with ? bf : NULL, 1e-5f, yf, mf, rf);
        k->f32->layer_norm_backward(ROWS, n, true, xf, with ? gf : NULL, mf, rf, dyf, dxf, dgf, dbf);
        /* rstd <= 316, usually < 10, times a few roundings */
        for (int i = 0; i < ROWS * n; i++) {
            NEAR(y[i], wy[i], 1e-12);
            NEAR(dx[i], wdx[i], 1e-11);
            NEAR(yf[i], wy[i], 1e-4);
            NEAR(dxf[i], wdx[i], 1e-3);
        }
        for (int i = 0; i < n; i++) {
            NEAR(dgamma[i], wdgamma[i], 1e-12);
            NEAR(dbeta[i], wdbeta[i], 1e-12);
            NEAR(dgf[i], wdgamma[i], 1e-4);
            NEAR(dbf[i], wdbeta[i], 1e-4);
        }
        memcpy(dgamma, dbeta, sizeof dgamma);
        k->f64->layer_norm_backward(ROWS, n, true, x, with ? gamma : NULL, mean, rstd, dy, NULL, NULL, dbeta);
        for (int i = 0; i < n; i++) NEAR(dbeta[i], 2 * wdbeta[i] + 1, 1e-12);
    }
}
END_TEST

/* Against the words one by one; the counter's carry into its upper half too. */
START_TEST(masks)
{
    const uint64_t limits[] = { 0, 1u << 31, 0x1999999Au, UINT32_MAX }, blocks[] = { 0, 5, UINT32_MAX - 3 };
    EACH_ISA(k)
        for (int64_t n = 0; n < 20; n++)
            for (int i = 0; i < 12; i++) {
                uint8_t keep[4 * 20 + 1] = { 0 };
                const uint64_t limit = limits[i / 3], block = blocks[i % 3];
                keep[4 * n] = 7;
                k->keep(0x123456789abcdefu, 0xfedcba987654321u, block, n, limit, keep);
                for (int64_t j = 0; j < 4 * n; j++) {
                    uint32_t w[4];
                    hw3i_philox(0x123456789abcdefu, 0xfedcba987654321u, block + (uint64_t)j / 4, w);
                    ck_assert_uint_eq(keep[j], w[j % 4] >= limit);
                }
                ck_assert_uint_eq(keep[4 * n], 7);
            }
}
END_TEST

TEST_MAIN("math", maps_f32, maps_f64, tails, limits, sums, softmaxes, layer_norms, masks)
