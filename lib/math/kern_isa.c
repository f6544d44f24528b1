/* SPDX-License-Identifier: MIT */
/* All kernels for one instruction set: compiled once for each, with HW3I_ISA as its name. */
#include "math/kern.h"
#include <math.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

const hw3i_kern PASTE(hw3i_kern_, HW3I_ISA) = {
    .isa = TEXT(HW3I_ISA),
};
