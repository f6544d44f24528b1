/* SPDX-License-Identifier: MIT */
/* Vectors of `real` for the *_tmpl.c files: GCC's and Clang's vector extensions, as wide as the instruction set.
 * The including file defines real, and REAL_IS_DOUBLE when it is double; see kern_isa.c. */
#if defined(__AVX512F__)
#define VEC_BYTES 64
#elif defined(__AVX2__)
#define VEC_BYTES 32
#else
#define VEC_BYTES 16
#endif
