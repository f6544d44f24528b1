/* SPDX-License-Identifier: MIT */
#include "base/random.h"
#include <math.h>

void hw3i_philox(uint64_t seed, uint64_t stream, uint64_t index, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32), c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)HW3I_PHILOX_M0 * c0, p1 = (uint64_t)HW3I_PHILOX_M1 * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += HW3I_PHILOX_W0;
        k1 += HW3I_PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static uint64_t word64(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint32_t w[4];
    hw3i_philox(seed, stream, index / 2, w);
    return index % 2 ? (uint64_t)w[3] << 32 | w[2] : (uint64_t)w[1] << 32 | w[0];
}

double hw3i_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    return (double)(word64(seed, stream, index) >> 11) * 0x1p-53;
}

/* Box and Muller: sqrt(-2 log u) cos(2 pi v), u in (0, 1]. */
double hw3i_normal(uint64_t seed, uint64_t stream, uint64_t index)
{
    double u = 1.0 - hw3i_uniform(seed, stream, 2 * index), v = hw3i_uniform(seed, stream, 2 * index + 1);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* The high word of a 64 by 64 bit product; the bias, n / 2^64, is below any test. */
int64_t hw3i_below(uint64_t seed, uint64_t stream, uint64_t index, int64_t n)
{
    uint64_t w = word64(seed, stream, index), m = (uint64_t)n;
    uint64_t lo = (w & 0xffffffffu) * (m & 0xffffffffu), a = (w >> 32) * (m & 0xffffffffu), b = (w & 0xffffffffu) * (m >> 32);
    uint64_t mid = (lo >> 32) + (a & 0xffffffffu) + (b & 0xffffffffu);
    return (int64_t)((w >> 32) * (m >> 32) + (a >> 32) + (b >> 32) + (mid >> 32));
}

void hw3i_permutation(uint64_t seed, uint64_t stream, int64_t n, int64_t *order)
{
    for (int64_t i = 0; i < n; i++) order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = hw3i_below(seed, stream, (uint64_t)i, i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

uint64_t hw3i_stream_of(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++) h = (h ^ (unsigned char)*name) * 0x100000001b3u;
    return h;
}
