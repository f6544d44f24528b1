/* SPDX-License-Identifier: MIT */
#ifndef HW3I_PERSIAN_H
#define HW3I_PERSIAN_H
#include "text/unicode.h"

/* Edits that grow; p goes with hw3i_free. */
typedef struct hw3i_edits {
    hw3_text_edit *p;
    int64_t n, cap;
} hw3i_edits;

/* Adds text, written in one way, to out, and what was changed to edits, which may be NULL. */
hw3_status hw3i_persian_normalize(hw3_ctx *ctx, const hw3_persian_opts *o, const char *text, int64_t n, hw3i_buffer *out,
                                  hw3i_edits *edits);
hw3_status hw3i_persian_restore(hw3_ctx *ctx, const char *text, int64_t n, const hw3_text_edit *edits, int64_t n_edits,
                                hw3i_buffer *out);
/* Does this letter of Arabic script join with the one behind it? */
bool hw3i_persian_joins(int32_t c);

#endif
