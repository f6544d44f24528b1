/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include <string.h>

#define MOST 200

int64_t hw3i_utf8_length(const char *s, int64_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] < 0x80) return 1;
    int64_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len > n) return 0;
    for (int64_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] >= 0xA0, beyond = p[0] == 0xF4 && p[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : len;
}

bool hw3i_is_utf8(const char *s, int64_t n)
{
    for (int64_t i = 0, len; i < n; i += len) {
        len = hw3i_utf8_length(s + i, n - i);
        if (!len) return false;
    }
    return true;
}

int64_t hw3i_edit_distance(const char *a, const char *b)
{
    int64_t row[MOST + 1], n_a = (int64_t)strnlen(a, MOST), n_b = (int64_t)strnlen(b, MOST);
    for (int64_t j = 0; j <= n_b; j++) row[j] = j;
    for (int64_t i = 1; i <= n_a; i++) {
        int64_t diagonal = row[0];
        row[0] = i;
        for (int64_t j = 1; j <= n_b; j++) {
            int64_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n_b];
}

hw3_status hw3i_give_text(hw3_ctx *ctx, const char *what, const char *text, int64_t n, char *out, int64_t cap, int64_t *n_out)
{
    *n_out = n;
    if (n > cap)
        return hw3i_fail(ctx, HW3_ERR_TOO_SMALL, "%s: %lld bytes are needed, but there is room for %lld", what, (long long)n,
                         (long long)cap);
    if (n) memcpy(out, text, (size_t)n);
    if (n < cap) out[n] = 0;
    return HW3_OK;
}
