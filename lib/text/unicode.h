/* SPDX-License-Identifier: MIT */
/* Characters as numbers, and what Unicode says about them. */
#ifndef HW3I_UNICODE_H
#define HW3I_UNICODE_H
#include "hw3/text.h"
#include "text/bytes.h"

/* A byte that is no UTF-8 is a number above all characters, so that texts of numbers go back to the same bytes. */
#define HW3I_BROKEN 0x110000
#define HW3I_MOST_PARTS 18 /* characters of the longest decomposition, U+FDFA */

/* The character at s, or HW3I_BROKEN and its byte; returns the bytes taken. n bytes, at least 1, are left. */
int64_t hw3i_unicode_get(const char *s, int64_t n, int32_t *c);
/* Writes 1 to 4 bytes, also of a broken one. */
int64_t hw3i_unicode_put(int32_t c, char *s);
/* Two letters, such as "Lo"; "Cn" for broken ones. */
const char *hw3i_unicode_category(int32_t c);
/* Adds text in a normal form to out. */
hw3_status hw3i_unicode_normalize(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n, hw3i_bytes *out);
/* The characters whose form NFKD c has; returns how many. */
int hw3i_unicode_decompose(int32_t c, int32_t parts[HW3I_MOST_PARTS]);

#endif
