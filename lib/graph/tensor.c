/* SPDX-License-Identifier: MIT */
#include "graph/tensor.h"
#include <stdio.h>

int64_t hw3i_dtype_size(hw3_dtype dtype)
{
    return dtype == HW3_F32 ? 4 : dtype == HW3_F64 || dtype == HW3_I64 ? 8 : 0;
}

const char *hw3i_dtype_name(hw3_dtype dtype)
{
    return dtype == HW3_F32 ? "F32" : dtype == HW3_F64 ? "F64" : dtype == HW3_I64 ? "I64" : "type ?";
}

/* Lengths of 0 are left out of the product that is checked: the strides of an empty tensor must not overflow either. */
int64_t hw3i_count(int32_t n_dims, const int64_t *shape)
{
    int64_t n = 1;
    bool empty = false;
    for (int32_t i = 0; i < n_dims; i++) {
        if (shape[i] < 0) return -1;
        if (shape[i] == 0) empty = true;
        else if (n > INT64_MAX / 8 / shape[i]) return -1;
        else n *= shape[i];
    }
    return empty ? 0 : n;
}

char *hw3i_shape_text(char text[128], int32_t n_dims, const int64_t *shape)
{
    int n = snprintf(text, 128, "[");
    for (int32_t i = 0; i < n_dims && n < 100; i++)
        n += snprintf(text + n, (size_t)(127 - n), "%s%lld", i ? ", " : "", (long long)shape[i]);
    snprintf(text + n, (size_t)(128 - n), "]");
    return text;
}

bool hw3i_same_shape(int32_t n_a, const int64_t *a, int32_t n_b, const int64_t *b)
{
    for (int32_t i = 0; i < n_a && n_a == n_b; i++)
        if (a[i] != b[i]) return false;
    return n_a == n_b;
}

int32_t hw3i_dim(int32_t dim, int32_t n_dims)
{
    if (dim < -n_dims || dim >= n_dims) return -1;
    return dim < 0 ? dim + n_dims : dim;
}

bool hw3i_resolve_shape(int64_t n, int32_t n_dims, const int64_t *shape, int64_t *out)
{
    int32_t open = -1;
    for (int32_t i = 0; i < n_dims; i++) {
        out[i] = shape[i];
        if (shape[i] != -1) continue;
        if (open >= 0) return false;
        open = i;
        out[i] = 1;
    }
    int64_t known = hw3i_count(n_dims, out);
    if (open < 0) return known == n;
    if (known <= 0 || n % known) return false;
    out[open] = n / known;
    return hw3i_count(n_dims, out) == n;
}

static void row_major(int32_t n_dims, const int64_t *shape, int64_t *strides)
{
    int64_t stride = 1;
    for (int32_t i = n_dims - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape[i] > 0 ? shape[i] : 1;
    }
}

static hw3_status check_shape(hw3_ctx *ctx, const char *who, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    char text[128];
    if (!hw3i_dtype_size(dtype)) return hw3i_fail(ctx, HW3_ERR_DTYPE, "%s: %d is no element type", who, (int)dtype);
    if (n_dims < 0 || n_dims > HW3_MAX_DIMS)
        return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %d dimensions, but 0 to %d are possible", who, (int)n_dims, HW3_MAX_DIMS);
    if (n_dims > 0 && !shape) return hw3i_fail(ctx, HW3_ERR_ARG, "%s: shape is NULL", who);
    if (hw3i_count(n_dims, shape) < 0)
        return hw3i_fail(ctx, HW3_ERR_SHAPE, "%s: the shape %s is negative or too large", who,
                         hw3i_shape_text(text, n_dims, shape));
    return HW3_OK;
}

/* A tensor and its storage, without data. */
static hw3_tensor *new_tensor(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    hw3_tensor *t = hw3i_calloc(ctx, 1, sizeof *t);
    hw3i_storage *s = t ? hw3i_calloc(ctx, 1, sizeof *s) : NULL;
    if (!s) {
        hw3i_free(ctx, t);
        return NULL;
    }
    s->n_refs = 1;
    t->ctx = ctx;
    t->storage = s;
    t->dtype = dtype;
    t->n_dims = n_dims;
    if (n_dims) memcpy(t->shape, shape, (size_t)n_dims * sizeof *shape);
    row_major(n_dims, shape, t->strides);
    hw3i_ctx_retain(ctx);
    return t;
}

hw3_status hw3i_tensor_create(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_tensor **out)
{
    hw3_status s = check_shape(ctx, "tensor_create", dtype, n_dims, shape);
    if (s) return s;
    hw3_tensor *t = new_tensor(ctx, dtype, n_dims, shape);
    if (!t) return HW3_ERR_NOMEM;
    t->storage->owned = true;
    t->storage->data = hw3i_calloc(ctx, hw3i_count(n_dims, shape), hw3i_dtype_size(dtype));
    if (!t->storage->data) {
        hw3i_tensor_destroy(t);
        return HW3_ERR_NOMEM;
    }
    t->data = t->storage->data;
    *out = t;
    return HW3_OK;
}

/* Offsets of the first and the last element in bytes must be numbers. */
static bool strides_fit(int32_t n_dims, const int64_t *shape, const int64_t *strides, int64_t size)
{
    int64_t low = 0, high = 0;
    for (int32_t i = 0; i < n_dims; i++) {
        int64_t reach;
        if (__builtin_mul_overflow(hw3i_max(shape[i] - 1, 0), strides[i], &reach)) return false;
        if (__builtin_mul_overflow(reach, size, &reach)) return false;
        if (__builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high)) return false;
    }
    return true;
}

hw3_status hw3i_tensor_wrap(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const int64_t *strides,
                            void *data, hw3_tensor **out)
{
    char text[128];
    hw3_status s = check_shape(ctx, "tensor_wrap", dtype, n_dims, shape);
    if (s) return s;
    if (!data) return hw3i_fail(ctx, HW3_ERR_ARG, "tensor_wrap: data is NULL");
    if ((uintptr_t)data % (uintptr_t)hw3i_dtype_size(dtype))
        return hw3i_fail(ctx, HW3_ERR_ARG, "tensor_wrap: data is at %p, not aligned to %d bytes", data,
                         (int)hw3i_dtype_size(dtype));
    if (strides && !strides_fit(n_dims, shape, strides, hw3i_dtype_size(dtype)))
        return hw3i_fail(ctx, HW3_ERR_SHAPE, "tensor_wrap: the strides %s are too large", hw3i_shape_text(text, n_dims, strides));
    hw3_tensor *t = new_tensor(ctx, dtype, n_dims, shape);
    if (!t) return HW3_ERR_NOMEM;
    if (strides && n_dims) memcpy(t->strides, strides, (size_t)n_dims * sizeof *strides);
    t->storage->data = t->data = data;
    *out = t;
    return HW3_OK;
}

hw3_status hw3i_tensor_view(hw3_tensor *t, hw3_tensor **out)
{
    hw3_tensor *v = hw3i_alloc(t->ctx, 1, sizeof *v);
    if (!v) return HW3_ERR_NOMEM;
    *v = *t;
    v->storage->n_refs++;
    hw3i_ctx_retain(v->ctx);
    *out = v;
    return HW3_OK;
}

static hw3_status no_such_dim(const hw3_tensor *t, const char *who, int32_t dim)
{
    return hw3i_fail(t->ctx, HW3_ERR_ARG, "%s: no dimension %d in a tensor of %d", who, (int)dim, (int)t->n_dims);
}

hw3_status hw3i_tensor_slice(hw3_tensor *t, int32_t dim, int64_t start, int64_t stop, int64_t step, hw3_tensor **out)
{
    int32_t d = hw3i_dim(dim, t->n_dims);
    if (d < 0) return no_such_dim(t, "tensor_slice", dim);
    if (step < 1) return hw3i_fail(t->ctx, HW3_ERR_ARG, "tensor_slice: step is %lld, but at least 1 is needed", (long long)step);
    if (start < 0 || stop < start || stop > t->shape[d])
        return hw3i_fail(t->ctx, HW3_ERR_SHAPE, "tensor_slice: range %lld to %lld, but dimension %d has length %lld",
                         (long long)start, (long long)stop, (int)dim, (long long)t->shape[d]);
    hw3_tensor *v;
    hw3_status s = hw3i_tensor_view(t, &v);
    if (s) return s;
    v->shape[d] = stop > start ? (stop - start - 1) / step + 1 : 0;
    if (v->shape[d] > 0) v->data += start * t->strides[d] * hw3i_dtype_size(t->dtype);
    v->strides[d] = v->shape[d] > 1 ? t->strides[d] * step : t->strides[d];
    *out = v;
    return HW3_OK;
}

hw3_status hw3i_tensor_reshape(hw3_tensor *t, int32_t n_dims, const int64_t *shape, hw3_tensor **out)
{
    char a[128], b[128];
    int64_t resolved[HW3_MAX_DIMS];
    if (n_dims < 0 || n_dims > HW3_MAX_DIMS || (n_dims && !shape))
        return hw3i_fail(t->ctx, HW3_ERR_ARG, "tensor_reshape: %d dimensions, shape is %s", (int)n_dims,
                         shape ? "given" : "NULL");
    if (!hw3i_resolve_shape(hw3i_tensor_n(t), n_dims, shape, resolved))
        return hw3i_fail(t->ctx, HW3_ERR_SHAPE, "tensor_reshape: %s does not become %s",
                         hw3i_shape_text(a, t->n_dims, t->shape), hw3i_shape_text(b, n_dims, shape));
    if (!hw3i_tensor_is_contiguous(t))
        return hw3i_fail(t->ctx, HW3_ERR_UNSUPPORTED, "tensor_reshape: %s with strides %s is not in row-major order",
                         hw3i_shape_text(a, t->n_dims, t->shape), hw3i_shape_text(b, t->n_dims, t->strides));
    hw3_tensor *v;
    hw3_status s = hw3i_tensor_view(t, &v);
    if (s) return s;
    v->n_dims = n_dims;
    if (n_dims) memcpy(v->shape, resolved, (size_t)n_dims * sizeof *resolved);
    row_major(n_dims, v->shape, v->strides);
    *out = v;
    return HW3_OK;
}

hw3_status hw3i_tensor_transpose(hw3_tensor *t, int32_t dim_a, int32_t dim_b, hw3_tensor **out)
{
    int32_t a = hw3i_dim(dim_a, t->n_dims), b = hw3i_dim(dim_b, t->n_dims);
    if (a < 0 || b < 0) return no_such_dim(t, "tensor_transpose", a < 0 ? dim_a : dim_b);
    hw3_tensor *v;
    hw3_status s = hw3i_tensor_view(t, &v);
    if (s) return s;
    v->shape[a] = t->shape[b];
    v->shape[b] = t->shape[a];
    v->strides[a] = t->strides[b];
    v->strides[b] = t->strides[a];
    *out = v;
    return HW3_OK;
}

void hw3i_tensor_destroy(hw3_tensor *t)
{
    if (!t) return;
    hw3_ctx *ctx = t->ctx;
    if (--t->storage->n_refs == 0) {
        if (t->storage->owned) hw3i_free(ctx, t->storage->data);
        hw3i_free(ctx, t->storage);
    }
    hw3i_free(ctx, t);
    hw3i_ctx_release(ctx);
}

int64_t hw3i_tensor_n(const hw3_tensor *t) { return hw3i_count(t->n_dims, t->shape); }

bool hw3i_tensor_is_contiguous(const hw3_tensor *t)
{
    if (hw3i_tensor_n(t) == 0) return true;
    int64_t stride = 1;
    for (int32_t i = t->n_dims - 1; i >= 0; i--) {
        if (t->shape[i] == 1) continue;
        if (t->strides[i] != stride) return false;
        stride *= t->shape[i];
    }
    return true;
}

/* n elements of size bytes from one strided row into another; steps in bytes. */
static void copy_row(int64_t n, int64_t size, char *to, int64_t to_step, const char *from, int64_t from_step)
{
    if (size == 4)
        for (int64_t i = 0; i < n; i++) memcpy(to + i * to_step, from + i * from_step, 4);
    else
        for (int64_t i = 0; i < n; i++) memcpy(to + i * to_step, from + i * from_step, 8);
}

/* Steps an index of all dimensions but the last; returns the change of the offset in elements. */
static int64_t next_row(const hw3_tensor *t, int64_t *index)
{
    int64_t change = 0;
    for (int32_t d = t->n_dims - 2; d >= 0; d--) {
        change += t->strides[d];
        if (++index[d] < t->shape[d]) break;
        change -= t->strides[d] * t->shape[d];
        index[d] = 0;
    }
    return change;
}

static void copy(const hw3_tensor *t, char *plain, bool out)
{
    int64_t n = hw3i_tensor_n(t), size = hw3i_dtype_size(t->dtype), index[HW3_MAX_DIMS] = { 0 };
    if (n == 0) return;
    if (hw3i_tensor_is_contiguous(t)) {
        memcpy(out ? plain : t->data, out ? t->data : plain, (size_t)(n * size));
        return;
    }
    int64_t row = t->shape[t->n_dims - 1], step = t->strides[t->n_dims - 1] * size;
    char *p = t->data;
    for (int64_t i = 0; i < n; i += row, plain += row * size) {
        if (out) copy_row(row, size, plain, size, p, step);
        else copy_row(row, size, p, step, plain, size);
        if (i + row < n) p += next_row(t, index) * size;
    }
}

void hw3i_tensor_copy_out(const hw3_tensor *t, void *data) { copy(t, data, true); }

void hw3i_tensor_copy_in(hw3_tensor *t, const void *data) { copy(t, (char *)(uintptr_t)data, false); }
