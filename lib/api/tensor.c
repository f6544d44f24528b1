/* SPDX-License-Identifier: MIT */
#include "graph/tensor.h"

hw3_status hw3_tensor_create(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_tensor **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return hw3i_fail(ctx, HW3_ERR_ARG, "tensor_create: out is NULL");
    return hw3i_tensor_create(ctx, dtype, n_dims, shape, out);
}

hw3_status hw3_tensor_wrap(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const int64_t *strides,
                           void *data, hw3_tensor **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return hw3i_fail(ctx, HW3_ERR_ARG, "tensor_wrap: out is NULL");
    return hw3i_tensor_wrap(ctx, dtype, n_dims, shape, strides, data, out);
}

void hw3_tensor_destroy(hw3_tensor *tensor) { hw3i_tensor_destroy(tensor); }

hw3_dtype hw3_tensor_dtype(const hw3_tensor *tensor) { return tensor ? tensor->dtype : HW3_ERR_ARG; }

int32_t hw3_tensor_n_dims(const hw3_tensor *tensor) { return tensor ? tensor->n_dims : HW3_ERR_ARG; }

int64_t hw3_tensor_size(const hw3_tensor *tensor, int32_t dim)
{
    int32_t d = tensor ? hw3i_dim(dim, tensor->n_dims) : -1;
    return d < 0 ? HW3_ERR_ARG : tensor->shape[d];
}

int64_t hw3_tensor_stride(const hw3_tensor *tensor, int32_t dim)
{
    int32_t d = tensor ? hw3i_dim(dim, tensor->n_dims) : -1;
    return d < 0 ? 0 : tensor->strides[d];
}

int64_t hw3_tensor_n_elements(const hw3_tensor *tensor) { return tensor ? hw3i_tensor_n(tensor) : HW3_ERR_ARG; }

void *hw3_tensor_data(const hw3_tensor *tensor) { return tensor ? tensor->data : NULL; }

hw3_status hw3_tensor_read(const hw3_tensor *tensor, void *data, int64_t n_bytes)
{
    if (!tensor) return HW3_ERR_ARG;
    int64_t need = hw3i_tensor_n(tensor) * hw3i_dtype_size(tensor->dtype);
    if (n_bytes < need)
        return hw3i_fail(tensor->ctx, HW3_ERR_TOO_SMALL, "tensor_read: %lld bytes are needed, but there is room for %lld",
                         (long long)need, (long long)n_bytes);
    if (need && !data) return hw3i_fail(tensor->ctx, HW3_ERR_ARG, "tensor_read: data is NULL");
    hw3i_tensor_copy_out(tensor, data);
    return HW3_OK;
}

hw3_status hw3_tensor_write(hw3_tensor *tensor, const void *data, int64_t n_bytes)
{
    if (!tensor) return HW3_ERR_ARG;
    int64_t need = hw3i_tensor_n(tensor) * hw3i_dtype_size(tensor->dtype);
    if (n_bytes != need)
        return hw3i_fail(tensor->ctx, HW3_ERR_SHAPE, "tensor_write: %lld bytes are needed, but %lld are given",
                         (long long)need, (long long)n_bytes);
    if (need && !data) return hw3i_fail(tensor->ctx, HW3_ERR_ARG, "tensor_write: data is NULL");
    hw3i_tensor_copy_in(tensor, data);
    return HW3_OK;
}

hw3_status hw3_tensor_slice(hw3_tensor *tensor, int32_t dim, int64_t start, int64_t stop, int64_t step, hw3_tensor **out)
{
    if (out) *out = NULL;
    if (!tensor || !out) return hw3i_fail(tensor ? tensor->ctx : NULL, HW3_ERR_ARG, "tensor_slice: out is NULL");
    return hw3i_tensor_slice(tensor, dim, start, stop, step, out);
}

hw3_status hw3_tensor_reshape(hw3_tensor *tensor, int32_t n_dims, const int64_t *shape, hw3_tensor **out)
{
    if (out) *out = NULL;
    if (!tensor || !out) return hw3i_fail(tensor ? tensor->ctx : NULL, HW3_ERR_ARG, "tensor_reshape: out is NULL");
    return hw3i_tensor_reshape(tensor, n_dims, shape, out);
}

hw3_status hw3_tensor_transpose(hw3_tensor *tensor, int32_t dim_a, int32_t dim_b, hw3_tensor **out)
{
    if (out) *out = NULL;
    if (!tensor || !out) return hw3i_fail(tensor ? tensor->ctx : NULL, HW3_ERR_ARG, "tensor_transpose: out is NULL");
    return hw3i_tensor_transpose(tensor, dim_a, dim_b, out);
}
