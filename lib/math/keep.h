/* SPDX-License-Identifier: MIT */
/* The masks of dropout: Philox4x32-10 of base/random.c for eight blocks at a time, for kern_isa.c. */
#ifndef HW3I_KEEP_H
#define HW3I_KEEP_H
#include "base/random.h"
#include <string.h>

typedef uint64_t keep_lanes __attribute__((vector_size(64)));
typedef uint32_t keep_bytes __attribute__((vector_size(32)));
#define LOW(x) ((x) & 0xffffffffu)

/* 0 or 1 for each word of eight blocks from `block` on: is it limit or more */
static inline void keep_eight(uint64_t seed, uint64_t stream, uint64_t block, uint64_t limit, uint8_t out[32])
{
    const keep_lanes index = block + (keep_lanes){ 0, 1, 2, 3, 4, 5, 6, 7 }, zero = { 0 };
    keep_lanes c[4] = { LOW(index), index >> 32, zero + LOW(stream), zero + (stream >> 32) };
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++, k0 += HW3I_PHILOX_W0, k1 += HW3I_PHILOX_W1) {
        const keep_lanes p0 = c[0] * HW3I_PHILOX_M0, p1 = c[2] * HW3I_PHILOX_M1;
        c[0] = (p1 >> 32) ^ c[1] ^ k0;
        c[1] = LOW(p1);
        c[2] = (p0 >> 32) ^ c[3] ^ k1;
        c[3] = LOW(p0);
    }
    keep_lanes bytes = zero;
    for (int w = 0; w < 4; w++) bytes |= ((keep_lanes)(c[w] >= limit) & 1) << 8 * w;
    const keep_bytes narrow = __builtin_convertvector(bytes, keep_bytes);
    memcpy(out, &narrow, sizeof narrow);
}
#undef LOW

/* keep[4 i + w] of n blocks from `block` on: 0 where word w of block + i is below limit, which drops, else 1 */
static __attribute__((noinline)) void keep(uint64_t seed, uint64_t stream, uint64_t block, int64_t n, uint64_t limit, uint8_t *keep)
{
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) keep_eight(seed, stream, block + (uint64_t)i, limit, keep + 4 * i);
    uint8_t rest[32];
    if (i == n) return;
    keep_eight(seed, stream, block + (uint64_t)i, limit, rest);
    memcpy(keep + 4 * i, rest, (size_t)(4 * (n - i)));
}

#endif
