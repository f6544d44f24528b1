/* SPDX-License-Identifier: MIT */
/* All kernels for one instruction set: compiled once for each, with HW3I_ISA as its name. */
#include "math/kern.h"
#include <math.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

#define real float
#define FN(name) name##_f32
#include "math/update_tmpl.c"
#undef real
#undef FN

#define real double
#define REAL_IS_DOUBLE
#define FN(name) name##_f64
#include "math/update_tmpl.c"
#undef real
#undef FN

const hw3i_kern PASTE(hw3i_kern_, HW3I_ISA) = {
    .isa = TEXT(HW3I_ISA),
    .f32 = { .update = update_f32, .square_sums = square_sums_f32 },
    .f64 = { .update = update_f64, .square_sums = square_sums_f64 },
};
