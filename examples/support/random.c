/* SPDX-License-Identifier: MIT */
#include "random.h"
#include <math.h>

uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

double random_uniform(uint64_t *state)
{
    return ((double)(random_bits(state) >> 11) + 0.5) / 9007199254740992.0; /* 2^53 */
}

double random_normal(uint64_t *state)
{
    const double pi = 3.14159265358979323846;
    double radius = sqrt(-2 * log(random_uniform(state)));
    return radius * cos(2 * pi * random_uniform(state));
}

void random_normals(uint64_t *state, double *x, int64_t n, double deviation)
{
    for (int64_t i = 0; i < n; i++) x[i] = deviation * random_normal(state);
}

void random_orthonormal(uint64_t *state, double *rows, int n, int d)
{
    for (int i = 0; i < n; i++) {
        double *r = rows + i * d, square = 0;
        random_normals(state, r, d, 1);
        for (int j = 0; j < 2 * i; j++) {
            const double *other = rows + j % i * d;
            double along = 0;
            for (int m = 0; m < d; m++) along += r[m] * other[m];
            for (int m = 0; m < d; m++) r[m] -= along * other[m];
        }
        for (int m = 0; m < d; m++) square += r[m] * r[m];
        for (int m = 0; m < d; m++) r[m] /= sqrt(square);
    }
}
