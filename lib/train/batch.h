/* SPDX-License-Identifier: MIT */
/* Batches: chosen examples of a tensor [N, ..] of any strides, gathered into memory that is reused. */
#ifndef HW3I_BATCH_H
#define HW3I_BATCH_H
#include "graph/tensor.h"

typedef struct hw3i_batch {
    hw3_tensor tensor; /* [b, ..], contiguous; a view of data, to be read only */
    void *data;
    int64_t cap; /* bytes */
} hw3i_batch;

/* Makes room for n examples of t. */
hw3_status hw3i_batch_reserve(hw3_ctx *ctx, hw3i_batch *b, const hw3_tensor *t, int64_t n);
/* Gathers examples order[0 .. n - 1] of t, or first .. first + n - 1 when order is NULL. */
void hw3i_batch_gather(hw3i_batch *b, const hw3_tensor *t, const int64_t *order, int64_t first, int64_t n);
void hw3i_batch_free(hw3_ctx *ctx, hw3i_batch *b);

#endif
