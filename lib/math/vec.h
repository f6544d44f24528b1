/* SPDX-License-Identifier: MIT */
/* Vectors of `real` for the *_tmpl.c files: GCC's and Clang's vector extensions, as wide as the instruction set.
 * Included once for each real; the includer defines real, REAL_IS_DOUBLE and SUFFIX first (see kern_isa.c).
 * What a template defines has its name through FN: FN(f) is f_f32 or f_f64. */
#include <stdint.h>
#include <string.h>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef HW3I_VEC_H
#define HW3I_VEC_H
#if defined(__AVX512F__)
#define VEC_BYTES 64
#elif defined(__AVX2__)
#define VEC_BYTES 32
#else
#define VEC_BYTES 16
#endif
#define VL ((int64_t)(VEC_BYTES / sizeof(real))) /* lanes */
#define R(c) ((real)(c))                         /* a constant: the extensions refuse to narrow one by themselves */

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define FN(f) PASTE(f, SUFFIX)
/* These read like plain names in the templates. */
#define vr FN(vr) /* vector of real */
#define vi FN(vi) /* vector of integers as wide; what a comparison gives: -1 or 0 */
#define vset FN(vset)
#define vload FN(vload)
#define vstore FN(vstore)
#define vload_some FN(vload_some)
#define vload_part FN(vload_part)
#define vstore_part FN(vstore_part)
#define vselect FN(vselect)
#define vmax FN(vmax)
#define vmin FN(vmin)
#define vabs FN(vabs)
#define vhsum FN(vhsum)
#define vhmax FN(vhmax)
#endif

typedef real vr __attribute__((vector_size(VEC_BYTES)));
#if REAL_IS_DOUBLE
typedef int64_t vi __attribute__((vector_size(VEC_BYTES)));
#else
typedef int32_t vi __attribute__((vector_size(VEC_BYTES)));
#endif

static inline vr vset(real a) { return a - (vr){ 0 }; } /* a - 0 keeps the sign of -0 */

static inline vr vload(const real *p)
{
    vr v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void vstore(real *p, vr v) { memcpy(p, &v, sizeof v); }

static __attribute__((noinline)) vr vload_some(const real *p, int64_t n, real fill)
{
    vr v = vset(fill);
    memcpy(&v, p, (size_t)n * sizeof(real));
    return v;
}

/* The first n lanes (all when n >= VL), the others fill: one loop body for full vectors and the tail, the same bits. */
static inline vr vload_part(const real *p, int64_t n, real fill) { return n >= VL ? vload(p) : vload_some(p, n, fill); }

static inline void vstore_part(real *p, int64_t n, vr v)
{
    if (n >= VL) vstore(p, v);
    else memcpy(p, &v, (size_t)n * sizeof(real));
}

static inline vr vselect(vi mask, vr a, vr b) { return (vr)((mask & (vi)a) | (~mask & (vi)b)); }
/* b where one is NaN, as x86's instructions have it; GCC does not find them by itself. */
#if defined(__AVX512F__) && REAL_IS_DOUBLE
static inline vr vmax(vr a, vr b) { return (vr)_mm512_max_pd((__m512d)a, (__m512d)b); }
static inline vr vmin(vr a, vr b) { return (vr)_mm512_min_pd((__m512d)a, (__m512d)b); }
#elif defined(__AVX512F__)
static inline vr vmax(vr a, vr b) { return (vr)_mm512_max_ps((__m512)a, (__m512)b); }
static inline vr vmin(vr a, vr b) { return (vr)_mm512_min_ps((__m512)a, (__m512)b); }
#else
static inline vr vmax(vr a, vr b) { return vselect(a > b, a, b); }
static inline vr vmin(vr a, vr b) { return vselect(a < b, a, b); }
#endif
static inline vr vabs(vr a) { return (vr)((vi)a & ~(vi)vset(R(-0.0))); }

/* Halves onto halves: the same tree for every call. */
static inline real vhsum(vr v)
{
    real a[VEC_BYTES / sizeof(real)];
    vstore(a, v);
    for (int64_t h = VL / 2; h > 0; h /= 2)
        for (int64_t i = 0; i < h; i++) a[i] += a[i + h];
    return a[0];
}

#if defined(__AVX512F__) && REAL_IS_DOUBLE
static inline real vhmax(vr v) { return _mm512_reduce_max_pd((__m512d)v); }
#elif defined(__AVX512F__)
static inline real vhmax(vr v) { return _mm512_reduce_max_ps((__m512)v); }
#else
static inline real vhmax(vr v)
{
    real a[VEC_BYTES / sizeof(real)];
    vstore(a, v);
    for (int64_t h = VL / 2; h > 0; h /= 2)
        for (int64_t i = 0; i < h; i++) a[i] = a[i] > a[i + h] ? a[i] : a[i + h];
    return a[0];
}
#endif
