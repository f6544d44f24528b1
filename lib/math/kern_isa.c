/* SPDX-License-Identifier: MIT */
/* All kernels for one instruction set: compiled once for each, with HW3I_ISA as its name. */
#include "math/keep.h"
#include "math/kern.h"
#include <math.h>

#define real float
#define REAL_IS_DOUBLE 0
#define SUFFIX _f32
#include "math/kern_tmpl.h"
#undef real
#undef REAL_IS_DOUBLE
#undef SUFFIX

#ifndef HW3I_F32_ONLY
#define real double
#define REAL_IS_DOUBLE 1
#define SUFFIX _f64
#include "math/kern_tmpl.h"
#endif

#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
#define TABLE(suffix, real)                                                                                  \
    {                                                                                                        \
        .lanes = VEC_BYTES / sizeof(real), .attention_block = 4 * VEC_BYTES / sizeof(real),                  \
        .exp = exp##suffix, .tanh = tanh##suffix, .sigmoid = sigmoid##suffix, .axpy = axpy##suffix,          \
        .sum = sum##suffix, .dot = dot##suffix, .softmax = softmax##suffix, .log_softmax = log_softmax##suffix,\
        .cross_entropy = cross_entropy##suffix, .rotate = rotate##suffix,                                    \
        .layer_norm = layer_norm##suffix, .layer_norm_backward = layer_norm_backward##suffix,                \
        .gemm = gemm##suffix, .linear = linear##suffix, .product = product##suffix,                          \
        .update = update##suffix, .square_sums = square_sums##suffix,                  \
        .seq_forward_bytes = seq_forward_bytes##suffix, .seq_backward_bytes = seq_backward_bytes##suffix,    \
        .seq_forward = seq_forward##suffix, .seq_backward = seq_backward##suffix,                            \
        .attention_forward_bytes = attention_forward_bytes##suffix,                                          \
        .attention_backward_bytes = attention_backward_bytes##suffix,                                        \
        .attention_forward = attention_forward##suffix, .attention_backward = attention_backward##suffix,    \
        .attention_weights = attention_weights##suffix,                                                      \
    }

#define NAMED(what) PASTE(what, HW3I_ISA)

static const hw3i_kern_f32 f32 = TABLE(_f32, float);
#ifdef HW3I_F32_ONLY
extern const hw3i_kern_f64 hw3i_f64_avx2;
#define F64 hw3i_f64_avx2
#else
extern const hw3i_kern_f64 NAMED(hw3i_f64_);
const hw3i_kern_f64 NAMED(hw3i_f64_) = TABLE(_f64, double);
#define F64 NAMED(hw3i_f64_)
#endif

extern const hw3i_kern NAMED(hw3i_kern_);
const hw3i_kern NAMED(hw3i_kern_) = { .isa = TEXT(HW3I_ISA), .keep = keep, .f32 = &f32, .f64 = &F64 };
