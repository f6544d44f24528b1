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

int64_t hw3i_dtype_size(hw3_dtype dtype);      /* 0 for a number that is no type */
const char *hw3i_dtype_name(hw3_dtype dtype);  /* "F32"; "type ?" for a number that is none */
/* Product of a shape; -1 when a length is negative, or the bytes or the row-major strides would overflow. */
int64_t hw3i_count(int32_t n_dims, const int64_t *shape);
/* "[2, 3]" into text, for messages; returns text. */
char *hw3i_shape_text(char text[128], int32_t n_dims, const int64_t *shape);
bool hw3i_same_shape(int32_t n_a, const int64_t *a, int32_t n_b, const int64_t *b);
/* Counts a negative dim from the last; -1 when there is none. */
int32_t hw3i_dim(int32_t dim, int32_t n_dims);
/* Resolves a -1 in a new shape for n elements into out; false when the number of elements differs or stays open. */
bool hw3i_resolve_shape(int64_t n, int32_t n_dims, const int64_t *shape, int64_t *out);

hw3_status hw3i_tensor_create(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_tensor **out);
hw3_status hw3i_tensor_wrap(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const int64_t *strides,
                            void *data, hw3_tensor **out);
hw3_status hw3i_tensor_view(hw3_tensor *t, hw3_tensor **out); /* same elements, shares storage; callers then edit shape */
hw3_status hw3i_tensor_slice(hw3_tensor *t, int32_t dim, int64_t start, int64_t stop, int64_t step, hw3_tensor **out);
hw3_status hw3i_tensor_reshape(hw3_tensor *t, int32_t n_dims, const int64_t *shape, hw3_tensor **out);
hw3_status hw3i_tensor_transpose(hw3_tensor *t, int32_t dim_a, int32_t dim_b, hw3_tensor **out);
void hw3i_tensor_destroy(hw3_tensor *t); /* may be NULL */
int64_t hw3i_tensor_n(const hw3_tensor *t);
bool hw3i_tensor_is_contiguous(const hw3_tensor *t);
/* All elements in row-major order, out of and into a plain array. */
void hw3i_tensor_copy_out(const hw3_tensor *t, void *data);
void hw3i_tensor_copy_in(hw3_tensor *t, const void *data);

#endif
