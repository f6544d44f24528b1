/* SPDX-License-Identifier: MIT */
/* Kernels against libm and plain loops in a wider type, on every instruction set of this processor. */
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
static map_f32 entry_f32(const hw3i_kern *k, const function *f) { return *(const map_f32 *)(const void *)((const char *)&k->f32 + f->f32); }
static map_f64 entry_f64(const hw3i_kern *k, const function *f) { return *(const map_f64 *)(const void *)((const char *)&k->f64 + f->f64); }

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

TEST_MAIN("math", maps_f32, maps_f64)
