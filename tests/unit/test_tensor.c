/* SPDX-License-Identifier: MIT */
/* Tensors: shapes, strides, views and who keeps the memory. */
#include "alloc.h"
#include "graph/tensor.h"

static hw3_tensor *counting(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    hw3_tensor *t = NULL;
    OK(hw3_tensor_create(ctx, dtype, n_dims, shape, &t));
    for (int64_t i = 0; i < hw3_tensor_n_elements(t); i++) {
        if (dtype == HW3_F32) ((float *)hw3_tensor_data(t))[i] = (float)i;
        if (dtype == HW3_F64) ((double *)hw3_tensor_data(t))[i] = (double)i;
        if (dtype == HW3_I64) ((int64_t *)hw3_tensor_data(t))[i] = i;
    }
    return t;
}

START_TEST(create_gives_zeros)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_dtype types[] = { HW3_F32, HW3_F64, HW3_I64 };
    for (int k = 0; k < 3; k++) {
        hw3_tensor *t = NULL;
        char bytes[192], zeros[192] = { 0 };
        OK(hw3_tensor_create(ctx, types[k], 3, (int64_t[]){ 2, 3, 4 }, &t));
        ck_assert_int_eq(hw3_tensor_dtype(t), types[k]);
        ck_assert_int_eq(hw3_tensor_n_dims(t), 3);
        ck_assert_int_eq(hw3_tensor_n_elements(t), 24);
        ck_assert_int_eq(hw3_tensor_size(t, 1), 3);
        ck_assert_int_eq(hw3_tensor_size(t, -1), 4);
        ck_assert_int_eq(hw3_tensor_stride(t, 0), 12);
        ck_assert_int_eq(hw3_tensor_stride(t, -2), 4);
        ck_assert_uint_eq((uintptr_t)hw3_tensor_data(t) % 64, 0);
        memset(bytes, 1, sizeof bytes);
        OK(hw3_tensor_read(t, bytes, sizeof bytes));
        ck_assert_mem_eq(bytes, zeros, types[k] == HW3_F32 ? 96 : 192);
        hw3_tensor_destroy(t);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(a_single_number_and_nothing)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = NULL, *v = NULL, *w = NULL;
    double x = 2.5, y = 0;
    OK(hw3_tensor_create(ctx, HW3_F64, 0, NULL, &t));
    ck_assert_int_eq(hw3_tensor_n_elements(t), 1);
    OK(hw3_tensor_write(t, &x, sizeof x));
    OK(hw3_tensor_reshape(t, 2, (int64_t[]){ 1, -1 }, &v));
    OK(hw3_tensor_read(v, &y, sizeof y));
    ck_assert(y == x);
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(v);
    /* a length of 0: no elements, nothing is read or written, every view works */
    OK(hw3_tensor_create(ctx, HW3_F64, 3, (int64_t[]){ 4, 0, INT64_MAX / 64 }, &t));
    ck_assert_int_eq(hw3_tensor_n_elements(t), 0);
    ck_assert_ptr_nonnull(hw3_tensor_data(t));
    OK(hw3_tensor_read(t, NULL, 0));
    OK(hw3_tensor_write(t, NULL, 0));
    OK(hw3_tensor_slice(t, 0, 1, 3, 1, &v));
    OK(hw3_tensor_read(v, NULL, 0));
    OK(hw3_tensor_transpose(v, 0, 2, &w));
    OK(hw3_tensor_read(w, NULL, 0));
    hw3_tensor_destroy(w);
    OK(hw3_tensor_reshape(t, 1, (int64_t[]){ 0 }, &w));
    hw3_tensor_destroy(w);
    FAILS(hw3_tensor_reshape(t, 2, (int64_t[]){ 0, -1 }, &w), HW3_ERR_SHAPE); /* any number would do */
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(v);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Every element of views of views against an index computed by hand. */
START_TEST(views_see_the_right_elements)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_dtype types[] = { HW3_F32, HW3_I64 };
    for (int k = 0; k < 2; k++) {
        hw3_tensor *t = counting(ctx, types[k], 3, (int64_t[]){ 4, 5, 6 }), *a = NULL, *b = NULL;
        OK(hw3_tensor_slice(t, 1, 1, 5, 2, &a));  /* [4, 2, 6]: rows 1, 3 */
        OK(hw3_tensor_transpose(a, 0, -1, &b));   /* [6, 2, 4] */
        ck_assert_int_eq(hw3_tensor_size(b, 0), 6);
        ck_assert_int_eq(hw3_tensor_size(b, 1), 2);
        ck_assert_int_eq(hw3_tensor_stride(b, 1), 12);
        ck_assert_int_eq(hw3_tensor_stride(b, 2), 30);
        float f[48];
        int64_t n[48];
        OK(hw3_tensor_read(b, types[k] == HW3_F32 ? (void *)f : n, sizeof n));
        for (int64_t i = 0, e = 0; i < 6; i++)
            for (int64_t j = 0; j < 2; j++)
                for (int64_t l = 0; l < 4; l++, e++)
                    ck_assert_int_eq(types[k] == HW3_F32 ? (int64_t)f[e] : n[e], l * 30 + (1 + 2 * j) * 6 + i);
        hw3_tensor_destroy(t);
        hw3_tensor_destroy(a);
        hw3_tensor_destroy(b);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(writing_through_a_view)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = counting(ctx, HW3_F64, 2, (int64_t[]){ 3, 4 }), *column = NULL;
    double values[3] = { -1, -2, -3 }, all[12];
    OK(hw3_tensor_slice(t, -1, 2, 3, 1, &column));
    OK(hw3_tensor_write(column, values, sizeof values));
    OK(hw3_tensor_read(t, all, sizeof all));
    for (int i = 0; i < 12; i++) ck_assert(all[i] == (i % 4 == 2 ? values[i / 4] : i));
    hw3_tensor_destroy(column);
    hw3_tensor_destroy(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(wrapped_memory_is_the_callers)
{
    hw3_ctx *ctx = test_ctx(1);
    float data[6] = { 0, 1, 2, 3, 4, 5 }, got[6];
    hw3_tensor *t = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 2, 3 }, NULL, data, &t));
    ck_assert_ptr_eq(hw3_tensor_data(t), data);
    data[4] = 9;
    OK(hw3_tensor_read(t, got, sizeof got));
    ck_assert_mem_eq(got, data, sizeof got);
    hw3_tensor_destroy(t);
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 2, 3 }, (int64_t[]){ -3, -1 }, data + 5, &t)); /* backwards */
    OK(hw3_tensor_read(t, got, sizeof got));
    for (int i = 0; i < 6; i++) ck_assert(got[i] == data[5 - i]);
    hw3_tensor_destroy(t);
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 2, 3 }, (int64_t[]){ 0, 1 }, data, &t)); /* one row twice */
    OK(hw3_tensor_read(t, got, sizeof got));
    for (int i = 0; i < 6; i++) ck_assert(got[i] == data[i % 3]);
    hw3_tensor_destroy(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(reshape_needs_order)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = counting(ctx, HW3_F64, 2, (int64_t[]){ 4, 6 }), *v = NULL, *turned = NULL, *one = NULL;
    double got[24];
    OK(hw3_tensor_reshape(t, 3, (int64_t[]){ 2, -1, 3 }, &v));
    ck_assert_int_eq(hw3_tensor_size(v, 1), 4);
    OK(hw3_tensor_read(v, got, sizeof got));
    for (int i = 0; i < 24; i++) ck_assert(got[i] == i);
    hw3_tensor_destroy(v);
    OK(hw3_tensor_transpose(t, 0, 1, &turned));
    FAILS(hw3_tensor_reshape(turned, 1, (int64_t[]){ 24 }, &v), HW3_ERR_UNSUPPORTED);
    SAYS("tensor_reshape: [6, 4] with strides [1, 6]");
    ck_assert_ptr_null(v);
    OK(hw3_tensor_slice(turned, 1, 1, 2, 1, &one)); /* [6, 1]: elements 6 to 11, in order again */
    OK(hw3_tensor_reshape(one, 2, (int64_t[]){ 2, 3 }, &v));
    OK(hw3_tensor_read(v, got, sizeof got));
    for (int i = 0; i < 6; i++) ck_assert(got[i] == 6 + i);
    hw3_tensor_destroy(v);
    FAILS(hw3_tensor_reshape(t, 2, (int64_t[]){ 5, -1 }, &v), HW3_ERR_SHAPE);
    SAYS("tensor_reshape: [4, 6] does not become [5, -1]");
    FAILS(hw3_tensor_reshape(t, 2, (int64_t[]){ -1, -1 }, &v), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_reshape(t, 2, (int64_t[]){ -4, -6 }, &v), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_reshape(t, 0, NULL, &v), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_reshape(t, 1, NULL, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_reshape(t, 9, (int64_t[9]){ 0 }, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_reshape(t, -1, (int64_t[9]){ 0 }, &v), HW3_ERR_ARG);
    hw3_tensor_destroy(one);
    hw3_tensor_destroy(turned);
    hw3_tensor_destroy(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Each of the 24 orders in which a context, a tensor and two views of it can go. */
START_TEST(any_order_of_destroying)
{
    for (int order = 0; order < 24; order++) {
        test_memory m;
        hw3_ctx *ctx = test_ctx_on(&m);
        hw3_tensor *t = counting(ctx, HW3_F64, 1, (int64_t[]){ 8 }), *a = NULL, *b = NULL;
        OK(hw3_tensor_slice(t, 0, 2, 8, 2, &a));
        OK(hw3_tensor_slice(a, 0, 1, 3, 1, &b));
        int left[4] = { 0, 1, 2, 3 }, code = order;
        for (int n = 4; n > 0; n--) {
            int at = code % n, what = left[at];
            code /= n;
            left[at] = left[n - 1];
            if (what == 0) hw3_ctx_destroy(ctx);
            if (what == 1) hw3_tensor_destroy(t);
            if (what == 2) hw3_tensor_destroy(a);
            double got[2];
            if (what == 3) {
                ck_assert_int_eq(hw3_tensor_read(b, got, sizeof got), HW3_OK);
                ck_assert(got[0] == 4 && got[1] == 6);
                hw3_tensor_destroy(b);
            }
        }
        ck_assert_int_eq(m.n_live, 0);
    }
    hw3_tensor_destroy(NULL);
}
END_TEST

START_TEST(bad_shapes)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = (hw3_tensor *)&ctx;
    int64_t shape[9] = { 2, 2, 2, 2, 2, 2, 2, 2, 2 };
    FAILS(hw3_tensor_create(NULL, HW3_F32, 1, shape, &t), HW3_ERR_ARG);
    ck_assert_ptr_null(t);
    FAILS(hw3_tensor_create(ctx, HW3_F32, 1, shape, NULL), HW3_ERR_ARG);
    FAILS(hw3_tensor_create(ctx, 0, 1, shape, &t), HW3_ERR_DTYPE);
    FAILS(hw3_tensor_create(ctx, 4, 1, shape, &t), HW3_ERR_DTYPE);
    SAYS("tensor_create: 4 is no element type");
    FAILS(hw3_tensor_create(ctx, HW3_F32, 9, shape, &t), HW3_ERR_ARG);
    SAYS("tensor_create: 9 dimensions");
    FAILS(hw3_tensor_create(ctx, HW3_F32, -1, shape, &t), HW3_ERR_ARG);
    FAILS(hw3_tensor_create(ctx, HW3_F32, 2, NULL, &t), HW3_ERR_ARG);
    FAILS(hw3_tensor_create(ctx, HW3_F32, 2, (int64_t[]){ 3, -1 }, &t), HW3_ERR_SHAPE);
    SAYS("[3, -1]");
    FAILS(hw3_tensor_create(ctx, HW3_F32, 2, (int64_t[]){ INT64_MAX, 2 }, &t), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_create(ctx, HW3_F32, 2, (int64_t[]){ 1ll << 32, 1ll << 32 }, &t), HW3_ERR_SHAPE); /* 2^64 wraps to 0 */
    FAILS(hw3_tensor_create(ctx, HW3_F32, 3, (int64_t[]){ 0, 1ll << 32, 1ll << 32 }, &t), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ INT64_MAX / 8 }, &t), HW3_ERR_NOMEM);
    SAYS("out of memory");
    ck_assert_ptr_null(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_wraps)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = NULL;
    double data[4] = { 0 };
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 4 }, NULL, NULL, &t), HW3_ERR_ARG);
    SAYS("data is NULL");
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, NULL, (char *)data + 4, &t), HW3_ERR_ARG);
    SAYS("not aligned to 8 bytes");
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, (int64_t[]){ INT64_MAX / 8 }, data, &t), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, (int64_t[]){ INT64_MIN }, data, &t), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 2, (int64_t[]){ 2, 0 }, (int64_t[]){ INT64_MAX, 1 }, data, &t), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_wrap(ctx, 7, 1, (int64_t[]){ 4 }, NULL, data, &t), HW3_ERR_DTYPE);
    FAILS(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 4 }, NULL, data, NULL), HW3_ERR_ARG);
    FAILS(hw3_tensor_wrap(NULL, HW3_F64, 1, (int64_t[]){ 4 }, NULL, data, &t), HW3_ERR_ARG);
    ck_assert_ptr_null(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_views_and_copies)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_tensor *t = counting(ctx, HW3_F32, 2, (int64_t[]){ 2, 3 }), *v = t;
    float data[6], before[6];
    FAILS(hw3_tensor_slice(t, 2, 0, 1, 1, &v), HW3_ERR_ARG);
    ck_assert_ptr_null(v);
    FAILS(hw3_tensor_slice(t, -3, 0, 1, 1, &v), HW3_ERR_ARG);
    SAYS("tensor_slice: no dimension -3 in a tensor of 2");
    FAILS(hw3_tensor_slice(t, 0, 0, 3, 1, &v), HW3_ERR_SHAPE);
    SAYS("tensor_slice: range 0 to 3, but dimension 0 has length 2");
    FAILS(hw3_tensor_slice(t, 0, -1, 1, 1, &v), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_slice(t, 0, 2, 1, 1, &v), HW3_ERR_SHAPE);
    FAILS(hw3_tensor_slice(t, 0, 0, 2, 0, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_slice(NULL, 0, 0, 2, 1, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_slice(t, 0, 0, 2, 1, NULL), HW3_ERR_ARG);
    OK(hw3_tensor_slice(t, 1, 0, 3, INT64_MAX, &v));
    ck_assert_int_eq(hw3_tensor_size(v, 1), 1);
    hw3_tensor_destroy(v);
    FAILS(hw3_tensor_transpose(t, 0, 2, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_transpose(t, -3, 0, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_transpose(NULL, 0, 1, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_transpose(t, 0, 1, NULL), HW3_ERR_ARG);
    FAILS(hw3_tensor_reshape(NULL, 0, NULL, &v), HW3_ERR_ARG);
    FAILS(hw3_tensor_reshape(t, 0, NULL, NULL), HW3_ERR_ARG);
    memset(data, 7, sizeof data);
    memcpy(before, data, sizeof data);
    FAILS(hw3_tensor_read(t, data, 23), HW3_ERR_TOO_SMALL);
    SAYS("tensor_read: 24 bytes are needed, but there is room for 23");
    FAILS(hw3_tensor_read(t, data, -1), HW3_ERR_TOO_SMALL);
    ck_assert_mem_eq(data, before, sizeof data);
    FAILS(hw3_tensor_read(t, NULL, 24), HW3_ERR_ARG);
    FAILS(hw3_tensor_read(NULL, data, 24), HW3_ERR_ARG);
    FAILS(hw3_tensor_write(t, data, 25), HW3_ERR_SHAPE);
    SAYS("tensor_write: 24 bytes are needed, but 25 are given");
    FAILS(hw3_tensor_write(t, NULL, 24), HW3_ERR_ARG);
    FAILS(hw3_tensor_write(NULL, data, 24), HW3_ERR_ARG);
    OK(hw3_tensor_read(t, data, sizeof data));
    for (int i = 0; i < 6; i++) ck_assert(data[i] == (float)i); /* untouched by all of that */
    FAILS(hw3_tensor_dtype(NULL), HW3_ERR_ARG);
    FAILS(hw3_tensor_n_dims(NULL), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_tensor_size(NULL, 0), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_tensor_size(t, 2), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_tensor_stride(t, 2), 0);
    ck_assert_int_eq(hw3_tensor_stride(NULL, 0), 0);
    ck_assert_int_eq(hw3_tensor_n_elements(NULL), HW3_ERR_ARG);
    ck_assert_ptr_null(hw3_tensor_data(NULL));
    hw3_tensor_destroy(t);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(shape_text_always_fits)
{
    char text[128];
    int64_t longest[8];
    for (int i = 0; i < 8; i++) longest[i] = INT64_MIN + i;
    ck_assert_str_eq(hw3i_shape_text(text, 0, NULL), "[]");
    ck_assert_str_eq(hw3i_shape_text(text, 2, (int64_t[]){ 2, 3 }), "[2, 3]");
    hw3i_shape_text(text, 8, longest);
    ck_assert_uint_lt(strlen(text), 128);
    ck_assert(text[strlen(text) - 1] == ']');
}
END_TEST

static hw3_status scenario(hw3_ctx *ctx)
{
    hw3_tensor *t = NULL, *w = NULL, *v[3] = { NULL };
    double data[6] = { 0 };
    hw3_status s = hw3_tensor_create(ctx, HW3_F64, 2, (int64_t[]){ 2, 3 }, &t);
    ck_assert(!s == (t != NULL));
    if (!s) s = hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 6 }, NULL, data, &w);
    if (!s) s = hw3_tensor_slice(t, 0, 0, 1, 1, &v[0]);
    if (!s) s = hw3_tensor_transpose(t, 0, 1, &v[1]);
    if (!s) s = hw3_tensor_reshape(w, 2, (int64_t[]){ 3, 2 }, &v[2]);
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(w);
    for (int i = 0; i < 3; i++) hw3_tensor_destroy(v[i]);
    return s;
}

START_TEST(every_allocation_may_fail) { ck_assert_int_ge(test_sweep(scenario), 8); }
END_TEST

TEST_MAIN("tensor", create_gives_zeros, a_single_number_and_nothing, views_see_the_right_elements, writing_through_a_view,
          wrapped_memory_is_the_callers, reshape_needs_order, any_order_of_destroying, bad_shapes, bad_wraps,
          bad_views_and_copies, shape_text_always_fits, every_allocation_may_fail)
