/* SPDX-License-Identifier: MIT */
/* Compiles the file OPS_TMPL for float and for double, and with OPS_MOVE for int64_t, without kernels. No include guard:
 * each ops_*.c includes it once. */
#define real float
#define FN(name) name##_f32
#define KERN(g) ((g)->ctx->kern->f32)
#define kernels hw3i_kern_f32
#define MATH(name) name##f
#include OPS_TMPL
#undef real
#undef FN
#undef KERN
#undef kernels
#undef MATH
#define real double
#define FN(name) name##_f64
#define KERN(g) ((g)->ctx->kern->f64)
#define kernels hw3i_kern_f64
#define MATH(name) name
#include OPS_TMPL
#ifdef OPS_MOVE
#undef real
#undef FN
#define real int64_t
#define FN(name) name##_i64
#include OPS_TMPL
#endif
