/* SPDX-License-Identifier: MIT */
/* Numbers of 16 bits as floats, which hold them all. */
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

#endif
