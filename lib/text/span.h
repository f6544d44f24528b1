/* SPDX-License-Identifier: MIT */
/* What training and encoding share. */
#ifndef HW3I_SPAN_H
#define HW3I_SPAN_H
#include <stdint.h>

/* Bytes first to end - 1 of a text. */
typedef struct hw3i_span {
    int64_t first, end;
} hw3i_span;

/* Tokens a and b, side by side, become joined. */
typedef struct hw3i_merge {
    int32_t a, b, joined;
} hw3i_merge;

#endif
