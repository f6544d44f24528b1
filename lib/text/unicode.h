/* SPDX-License-Identifier: MIT */
/* Characters as numbers, and what Unicode says about them. */
#ifndef HW3I_UNICODE_H
#define HW3I_UNICODE_H
#include "hw3/text.h"
#include "text/buffer.h"

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
hw3_status hw3i_unicode_normalize(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n, hw3i_buffer *out);
/* The characters that c is in form NFD, or NFKD (alike); returns how many. Broken ones are themselves. */
int hw3i_unicode_decompose(int32_t c, bool alike, int32_t parts[HW3I_MOST_PARTS]);
/* The character that form NFC makes of two, -1: none. */
int32_t hw3i_unicode_compose(int32_t a, int32_t b);
/* Where an accent stands among others: 0 for what they stand on. */
int hw3i_unicode_class(int32_t c);
/* Puts n accents, items of size bytes that begin with their characters, by their classes, those of one class as they come. scratch:
 * memory for as many. */
void hw3i_unicode_sort(void *items, void *scratch, int64_t n, int64_t size);
/* The small letters of c; returns how many, 1 or 2. */
int hw3i_unicode_lower(int32_t c, int32_t parts[3]);
/* Unicode's White_Space. */
bool hw3i_unicode_is_space(int32_t c);

#endif
