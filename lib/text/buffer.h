/* SPDX-License-Identifier: MIT */
/* A text that grows. Begins as { 0 }; p goes with hw3i_free. */
#ifndef HW3I_BUFFER_H
#define HW3I_BUFFER_H
#include "base/base.h"

typedef struct hw3i_buffer {
    char *p;
    int64_t n, cap;
} hw3i_buffer;

static inline hw3_status hw3i_buffer_add(hw3_ctx *ctx, hw3i_buffer *b, const char *p, int64_t n)
{
    if (hw3i_grow(ctx, &b->p, &b->cap, b->n + n, 1)) return HW3_ERR_NOMEM;
    if (n) memcpy(b->p + b->n, p, (size_t)n);
    b->n += n;
    return HW3_OK;
}

#endif
