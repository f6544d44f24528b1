/* SPDX-License-Identifier: MIT */
/** @file tensor.h
 * Tensors: an element type, a shape, strides, and memory that is the library's or the caller's.
 *
 *     hw3_tensor *x = NULL, *row = NULL;
 *     TRY(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 3, 4 }, NULL, data, &x));   // borrows data
 *     TRY(hw3_tensor_slice(x, 0, 1, 2, 1, &row));                                  // row 1, no copy
 *     TRY(hw3_tensor_read(row, out, sizeof out));
 *
 * Shapes are row-major by default; strides count elements and may be any number,
 * also 0 or overlapping for tensors that are only read.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_TENSOR_H
#define HW3_TENSOR_H
#include "hw3/base.h"
HW3_BEGIN

/** Element types. */
typedef int32_t hw3_dtype;
enum {
    HW3_F32 = 1,  /**< float */
    HW3_F64 = 2,  /**< double */
    HW3_I64 = 3   /**< int64_t: indices, class numbers, lengths */
};

/** Most dimensions that a tensor may have. */
#define HW3_MAX_DIMS 8

/** A tensor, or a view of one. */
typedef struct hw3_tensor hw3_tensor;

/** Makes a contiguous tensor of zeros.
 *  ctx: context.  dtype: HW3_F32, HW3_F64 or HW3_I64.  n_dims: 0 (a single number) to HW3_MAX_DIMS.
 *  shape: [n_dims], each at least 0; NULL if n_dims is 0.  out: the tensor.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_SHAPE (negative, or too many elements); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_create(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims,
                                                    const int64_t *shape, hw3_tensor **out);

/** Makes a tensor over the caller's memory, without a copy.
 *  ctx: context.  dtype, n_dims, shape: as in hw3_tensor_create.  strides: [n_dims] in elements, NULL for row-major.
 *  data: first element; must stay valid until the tensor and its views are destroyed.  out: the tensor.
 *  Returns: HW3_OK; HW3_ERR_ARG (data is NULL or not aligned to its element); HW3_ERR_DTYPE; HW3_ERR_SHAPE;
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_wrap(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                                                  const int64_t *strides, void *data, hw3_tensor **out);

/** Lets go of a tensor; memory of the library goes with its last view.
 *  tensor: may be NULL.  Since 0.1. */
HW3_API void hw3_tensor_destroy(hw3_tensor *tensor);

/** Tells the element type.
 *  tensor: a tensor.
 *  Returns: the type; HW3_ERR_ARG when tensor is NULL. Since 0.1. */
HW3_API hw3_dtype hw3_tensor_dtype(const hw3_tensor *tensor);

/** Tells the number of dimensions.
 *  tensor: a tensor.
 *  Returns: 0 to HW3_MAX_DIMS; HW3_ERR_ARG when tensor is NULL. Since 0.1. */
HW3_API int32_t hw3_tensor_n_dims(const hw3_tensor *tensor);

/** Tells the length of one dimension.
 *  tensor: a tensor.  dim: from 0; negative counts from the last.
 *  Returns: the length; HW3_ERR_ARG when there is no such dimension. Since 0.1. */
HW3_API int64_t hw3_tensor_size(const hw3_tensor *tensor, int32_t dim);

/** Tells the stride of one dimension.
 *  tensor: a tensor.  dim: as in hw3_tensor_size.
 *  Returns: the stride in elements; 0 when there is no such dimension. Since 0.1. */
HW3_API int64_t hw3_tensor_stride(const hw3_tensor *tensor, int32_t dim);

/** Tells the number of elements.
 *  tensor: a tensor.
 *  Returns: the product of the shape; HW3_ERR_ARG when tensor is NULL. Since 0.1. */
HW3_API int64_t hw3_tensor_n_elements(const hw3_tensor *tensor);

/** Gives the address of the first element.
 *  tensor: a tensor.
 *  Returns: memory that lives as long as the tensor; NULL when tensor is NULL. Since 0.1. */
HW3_API void *hw3_tensor_data(const hw3_tensor *tensor);

/** Copies all elements out, in row-major order.
 *  tensor: source.  data: receives them.  n_bytes: room in data.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL (nothing is written). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_read(const hw3_tensor *tensor, void *data, int64_t n_bytes);

/** Copies all elements in, in row-major order.
 *  tensor: target.  data: as many elements of its type as it has.  n_bytes: exactly their size.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (another size; nothing is written). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_write(hw3_tensor *tensor, const void *data, int64_t n_bytes);

/** Makes a view of a range of one dimension.
 *  tensor: source.  dim: as in hw3_tensor_size.  start, stop: half-open range, 0 <= start <= stop <= size.  step: at least 1.
 *  out: the view.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (range outside); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_slice(hw3_tensor *tensor, int32_t dim, int64_t start, int64_t stop,
                                                   int64_t step, hw3_tensor **out);

/** Makes a view of another shape.
 *  tensor: a tensor whose elements lie in row-major order without gaps.
 *  n_dims, shape: the same number of elements; one length may be -1.
 *  out: the view.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE; HW3_ERR_UNSUPPORTED (not contiguous); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_reshape(hw3_tensor *tensor, int32_t n_dims, const int64_t *shape, hw3_tensor **out);

/** Makes a view with two dimensions exchanged.
 *  tensor: source.  dim_a, dim_b: as in hw3_tensor_size.  out: the view.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tensor_transpose(hw3_tensor *tensor, int32_t dim_a, int32_t dim_b, hw3_tensor **out);

HW3_END
#endif
