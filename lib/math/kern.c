/* SPDX-License-Identifier: MIT */
#include "math/kern.h"

extern const hw3i_kern hw3i_kern_base;
#if defined(__x86_64__)
extern const hw3i_kern hw3i_kern_avx2, hw3i_kern_avx512;
#endif

const hw3i_kern *hw3i_kern_select(const char *isa)
{
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (avx512 && (!isa || !strcmp(isa, "avx512"))) return &hw3i_kern_avx512;
    if (avx2 && (!isa || !strcmp(isa, "avx2"))) return &hw3i_kern_avx2;
#endif
    return !isa || !strcmp(isa, "base") ? &hw3i_kern_base : NULL;
}
