/* SPDX-License-Identifier: MIT */
#include "train/batch.h"

static int64_t example_bytes(const hw3_tensor *t) { return hw3i_count(t->n_dims - 1, t->shape + 1) * hw3i_dtype_size(t->dtype); }

hw3_status hw3i_batch_reserve(hw3_ctx *ctx, hw3i_batch *b, const hw3_tensor *t, int64_t n)
{
    int64_t size = hw3i_max(example_bytes(t), 1);
    if (b->cap / size >= n) return HW3_OK;
    void *data = hw3i_alloc(ctx, n, size);
    if (!data) return HW3_ERR_NOMEM;
    hw3i_batch_free(ctx, b);
    b->data = data;
    b->cap = n * size;
    return HW3_OK;
}

void hw3i_batch_gather(hw3i_batch *b, const hw3_tensor *t, const int64_t *order, int64_t first, int64_t n)
{
    const int64_t size = example_bytes(t), stride = t->strides[0] * hw3i_dtype_size(t->dtype);
    hw3_tensor one = *t;
    one.n_dims = t->n_dims - 1;
    memmove(one.shape, t->shape + 1, (size_t)one.n_dims * sizeof *one.shape);
    memmove(one.strides, t->strides + 1, (size_t)one.n_dims * sizeof *one.strides);
    for (int64_t i = 0; i < n && size > 0; i++) {
        one.data = t->data + (order ? order[i] : first + i) * stride;
        hw3i_tensor_copy_out(&one, (char *)b->data + i * size);
    }
    b->tensor = *t;
    b->tensor.storage = NULL;
    b->tensor.data = b->data;
    b->tensor.shape[0] = n;
    for (int64_t d = t->n_dims - 1, stride_of = 1; d >= 0; d--) {
        b->tensor.strides[d] = stride_of;
        stride_of *= hw3i_max(b->tensor.shape[d], 1);
    }
}

void hw3i_batch_free(hw3_ctx *ctx, hw3i_batch *b)
{
    hw3i_free(ctx, b->data);
    b->data = NULL;
    b->cap = 0;
}
