/* SPDX-License-Identifier: MIT */
/* Small things about text: is it UTF-8, and which of some names was meant. */
#ifndef HW3I_TEXT_H
#define HW3I_TEXT_H
#include "base/base.h"

/* Bytes of the UTF-8 character at s, 0 when it is none; n bytes, at least 1, are left. */
int64_t hw3i_utf8_length(const char *s, int64_t n);
/* No overlong forms, surrogates or numbers above U+10FFFF. */
bool hw3i_is_utf8(const char *s, int64_t n);
/* Fewest insertions, deletions and exchanges of bytes that make a of b; looks at the first 200 bytes of each. */
int64_t hw3i_edit_distance(const char *a, const char *b);
/* Gives a text to a caller's buffer: whole, with a zero where there is room, or only its length. what: for the message. */
hw3_status hw3i_give_text(hw3_ctx *ctx, const char *what, const char *text, int64_t n, char *out, int64_t cap, int64_t *n_out);

#endif
