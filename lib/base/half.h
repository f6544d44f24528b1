/* SPDX-License-Identifier: MIT */
/* Numbers of 16 bits: as floats, which hold them all, and the nearest to a float, to the even one of two. */
#ifndef HW3I_HALF_H
#define HW3I_HALF_H
#include <stdint.h>
#include <string.h>

/* binary16 [IEEE754]: 1 bit of sign, 5 of exponent with bias 15, 10 of fraction. */
static inline float hw3i_half_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    float x = (float)fraction * 0x1p-24f; /* of exponent 0 */
    uint32_t bits = exponent == 31 ? 0x7f800000 | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    if (exponent == 0) memcpy(&bits, &x, 4);
    bits |= sign;
    memcpy(&x, &bits, 4);
    return x;
}

/* bfloat16 [Kalamkar19]: the upper half of a float. */
static inline float hw3i_brain_float(uint16_t h)
{
    const uint32_t bits = (uint32_t)h << 16;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

#define HW3I_HALF_MAX 65504.0
static inline uint16_t hw3i_half(float x) /* |x| <= HW3I_HALF_MAX */
{
    uint32_t bits, half;
    memcpy(&bits, &x, 4);
    const uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    if (size >= 113u << 23) return (uint16_t)(sign | (size - (112u << 23) + 0xfff + (size >> 13 & 1)) >> 13);
    const float shifted = (x < 0 ? -x : x) + 0.5f; /* below 2^-14: multiples of 2^-24, as the floats from a half to 1 are */
    memcpy(&half, &shifted, 4);
    return (uint16_t)(sign | (half - (126u << 23)));
}

#define HW3I_BRAIN_MAX 0x1.FEp+127
static inline uint16_t hw3i_brain(float x) /* |x| <= HW3I_BRAIN_MAX */
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#endif
