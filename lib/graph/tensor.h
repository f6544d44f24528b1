/* SPDX-License-Identifier: MIT */
/* Tensors from inside: a view (type, shape, strides, address) of counted memory. */
#ifndef HW3I_TENSOR_H
#define HW3I_TENSOR_H
#include "base/base.h"
#include "hw3/tensor.h"

typedef struct hw3i_storage {
    int64_t n_refs;
    void *data;  /* the library's, or the caller's when owned is false */
    bool owned;
} hw3i_storage;

struct hw3_tensor {
    hw3_ctx *ctx;
    hw3i_storage *storage;
    hw3_dtype dtype;
    int32_t n_dims;
    int64_t shape[HW3_MAX_DIMS], strides[HW3_MAX_DIMS];
    char *data; /* first element of this view */
};

int64_t hw3i_dtype_size(hw3_dtype dtype); /* 0 for a number that is no type */
/* Product of a shape; -1 when a length is negative or the product overflows. */
int64_t hw3i_count(int32_t n_dims, const int64_t *shape);
/* "[2, 3]" into text, for messages; returns text. */
char *hw3i_shape_text(char text[128], int32_t n_dims, const int64_t *shape);
/* Counts a negative dim from the last; -1 when there is none. */
int32_t hw3i_dim(int32_t dim, int32_t n_dims);

hw3_status hw3i_tensor_create(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_tensor **out);
hw3_status hw3i_tensor_wrap(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const int64_t *strides,
                            void *data, hw3_tensor **out);
hw3_status hw3i_tensor_view(hw3_tensor *t, hw3_tensor **out); /* same elements, shares storage; callers then edit shape */
void hw3i_tensor_destroy(hw3_tensor *t);
int64_t hw3i_tensor_n(const hw3_tensor *t);
bool hw3i_tensor_is_contiguous(const hw3_tensor *t);
/* All elements in row-major order, out of and into a plain array. */
void hw3i_tensor_copy_out(const hw3_tensor *t, void *data);
void hw3i_tensor_copy_in(hw3_tensor *t, const void *data);

#endif
