/* SPDX-License-Identifier: MIT */
#include "text/unicode.h"
#include "base/text.h"
#include <utf8proc.h>

int64_t hw3i_unicode_get(const char *s, int64_t n, int32_t *c)
{
    const unsigned char *p = (const unsigned char *)s;
    const int64_t len = hw3i_utf8_length(s, n);
    if (len == 0) return *c = HW3I_BROKEN + p[0], 1;
    *c = len == 1 ? p[0] : p[0] & (0x7F >> len);
    for (int64_t i = 1; i < len; i++) *c = *c << 6 | (p[i] & 0x3F);
    return len;
}

int64_t hw3i_unicode_put(int32_t c, char *s)
{
    if (c >= HW3I_BROKEN) return s[0] = (char)(c - HW3I_BROKEN), 1;
    return utf8proc_encode_char(c, (utf8proc_uint8_t *)s);
}

const char *hw3i_unicode_category(int32_t c) { return utf8proc_category_string(c); }

int hw3i_unicode_decompose(int32_t c, bool alike, int32_t parts[HW3I_MOST_PARTS])
{
    int last = 0;
    if (c < 0xA0 || c >= HW3I_BROKEN) return parts[0] = c, 1;
    return (int)utf8proc_decompose_char(c, parts, HW3I_MOST_PARTS, UTF8PROC_DECOMPOSE | (alike ? UTF8PROC_COMPAT : 0), &last);
}

int32_t hw3i_unicode_compose(int32_t a, int32_t b)
{
    utf8proc_int32_t both[2] = { a, b };
    if (b < 0x300 || a >= HW3I_BROKEN || b >= HW3I_BROKEN) return -1; /* nothing below U+0300 joins what is in front of it */
    return utf8proc_normalize_utf32(both, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) == 1 ? both[0] : -1;
}

int hw3i_unicode_class(int32_t c) { return c < 0x300 || c >= HW3I_BROKEN ? 0 : utf8proc_get_property(c)->combining_class; }

int hw3i_unicode_lower(int32_t c, int32_t parts[3])
{
    if (c == 0x130) return parts[0] = 'i', parts[1] = 0x307, 2; /* the one character that becomes two */
    parts[0] = c >= HW3I_BROKEN ? c : utf8proc_tolower(c);
    return 1;
}

bool hw3i_unicode_is_space(int32_t c)
{
    return (c >= '\t' && c <= '\r') || c == 0x85 || (c < HW3I_BROKEN && utf8proc_category_string(c)[0] == 'Z');
}

/* Bytes of UTF-8 up to and with the next line feed, which no form joins with anything: a text is normalised line by line, so that
 * memory is for the longest line. */
static int64_t whole_line(const char *s, int64_t n)
{
    for (int64_t i = 0, len; i < n; i += len) {
        len = hw3i_utf8_length(s + i, n - i);
        if (!len) return i;
        if (s[i] == '\n') return i + 1;
    }
    return n;
}

typedef struct line {
    int32_t *c;
    int64_t n, cap;
} line;

void hw3i_unicode_sort(void *items, void *scratch, int64_t n, int64_t size)
{
    int64_t at[256] = { 0 };
    char *from = items, *to = scratch;
    int32_t c;
    for (int64_t i = 0; i < n; i++) memcpy(&c, from + i * size, sizeof c), at[hw3i_unicode_class(c) + 1]++;
    for (int k = 1; k < 256; k++) at[k] += at[k - 1];
    for (int64_t i = 0; i < n; i++) {
        memcpy(&c, from + i * size, sizeof c);
        memcpy(to + at[hw3i_unicode_class(c)]++ * size, from + i * size, (size_t)size);
    }
    memcpy(from, to, (size_t)(n * size));
}

/* Accents in a row by their classes [UAX15]; there is always room for one number more. */
static hw3_status sort_accents(hw3_ctx *ctx, line *l)
{
    for (int64_t first = 0, end; first < l->n; first = end) {
        bool sorted = true;
        int last = hw3i_unicode_class(l->c[first]), class;
        for (end = first + 1; last && end < l->n && (class = hw3i_unicode_class(l->c[end])); last = class, end++) sorted &= last <= class;
        if (sorted) continue;
        if (hw3i_grow(ctx, &l->c, &l->cap, l->n + end - first, sizeof *l->c)) return HW3_ERR_NOMEM;
        hw3i_unicode_sort(l->c + first, l->c + l->n, end - first, sizeof *l->c);
    }
    return HW3_OK;
}

/* utf8proc_decompose does as much, but takes n^2 steps for n accents in a row. utf8proc_reencode wants memory for one number more. */
static hw3_status normalize_line(hw3_ctx *ctx, int options, const char *s, int64_t n, line *l, hw3i_buffer *out)
{
    l->n = 0;
    for (int64_t i = 0; i < n;) {
        int32_t c;
        i += hw3i_unicode_get(s + i, n - i, &c);
        if (hw3i_grow(ctx, &l->c, &l->cap, l->n + HW3I_MOST_PARTS + 1, sizeof *l->c)) return HW3_ERR_NOMEM;
        l->n += hw3i_unicode_decompose(c, options & UTF8PROC_COMPAT, l->c + l->n);
    }
    if (sort_accents(ctx, l)) return HW3_ERR_NOMEM;
    return hw3i_buffer_add(ctx, out, (const char *)l->c, utf8proc_reencode(l->c, l->n, options));
}

hw3_status hw3i_unicode_normalize(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n, hw3i_buffer *out)
{
    static const int of_form[] = { UTF8PROC_COMPOSE, UTF8PROC_DECOMPOSE, UTF8PROC_COMPOSE | UTF8PROC_COMPAT,
                                   UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT };
    const int options = UTF8PROC_STABLE | of_form[form];
    line line = { 0 };
    hw3_status s = HW3_OK;
    for (int64_t i = 0, len; i < n && !s; i += len) {
        len = whole_line(text + i, n - i);
        s = len ? normalize_line(ctx, options, text + i, len, &line, out) : hw3i_buffer_add(ctx, out, text + i, 1);
        if (!len) len = 1;
    }
    hw3i_free(ctx, line.c);
    return s;
}
