/* SPDX-License-Identifier: MIT */
/* Operators at their limits: wrong operands, empty ones, ties, NaN, dropout's masks, long arrays on several threads. */
#include "graph/ops.h"
#include "support.h"

/* What the wrong calls are made of; names tell the shape. */
typedef struct values {
    hw3_var a23, a22, a3, a, a0, f23, f, i2, i23, i5;
} values;

static double numbers[6] = { 1, -2, 3, 0.5, 0, -1 };
static float floats[6] = { 1, 2, 3, 4, 5, 6 };
static int64_t indices[6] = { 0, 1, 1, 5, 0, -1 };

static hw3_var bring(hw3_ctx *ctx, hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    void *data = dtype == HW3_F64 ? (void *)numbers : dtype == HW3_F32 ? (void *)floats : (void *)indices;
    hw3_tensor *t = NULL;
    OK(hw3_tensor_wrap(ctx, dtype, n_dims, shape, NULL, data, &t));
    hw3_var v = dtype == HW3_I64 ? hw3_input(g, t) : hw3_input_grad(g, t); /* the data outlives the tensor */
    hw3_tensor_destroy(t);
    return v;
}
#define BRING(dtype, ...) bring(ctx, g, dtype, HW3I_LEN(((int64_t[]){ __VA_ARGS__ })), (int64_t[]){ __VA_ARGS__ })

static values bring_all(hw3_ctx *ctx, hw3_graph *g)
{
    return (values){
        .a23 = BRING(HW3_F64, 2, 3), .a22 = BRING(HW3_F64, 2, 2), .a3 = BRING(HW3_F64, 3), .a = bring(ctx, g, HW3_F64, 0, NULL),
        .a0 = BRING(HW3_F64, 0, 3), .f23 = BRING(HW3_F32, 2, 3), .f = bring(ctx, g, HW3_F32, 0, NULL),
        .i2 = BRING(HW3_I64, 2), .i23 = BRING(HW3_I64, 2, 3), .i5 = BRING(HW3_I64, 5),
    };
}

/* The call, on a new step with all values in v, fails with this status and a message with this in it. */
#define REFUSED(call, status, text)                                                                                        \
    do {                                                                                                                   \
        OK(hw3_graph_begin(g));                                                                                            \
        values v = bring_all(ctx, g);                                                                                      \
        hw3_var r_ = (call);                                                                                               \
        ck_assert_msg(r_ == (status) && v.a23 == 0, "%s: %d, not %s", #call, (int)r_, #status);                            \
        ck_assert_msg(strstr(hw3_ctx_error(ctx), text), "%s: the message is '%s'", #call, hw3_ctx_error(ctx));             \
    } while (0)

#define START                                          \
    hw3_ctx *ctx = test_ctx(1);                        \
    hw3_graph *g = NULL;                               \
    OK(hw3_graph_create(ctx, NULL, &g));
#define END                                            \
    hw3_graph_destroy(g);                              \
    hw3_ctx_destroy(ctx);

START_TEST(wrong_shapes)
{
    START
    REFUSED(hw3_add(g, v.a23, v.a22), HW3_ERR_SHAPE, "add: a is [2, 3] but b is [2, 2]");
    REFUSED(hw3_sub(g, v.a22, v.a3), HW3_ERR_SHAPE, "sub: a is [2, 2] but b is [3]");
    REFUSED(hw3_mul(g, v.a23, v.a22), HW3_ERR_SHAPE, "mul: a is [2, 3] but b is [2, 2]");
    REFUSED(hw3_div(g, v.a23, v.a0), HW3_ERR_SHAPE, "div: a is [2, 3] but b is [0, 3]");
    REFUSED(hw3_matmul(g, v.a23, v.a22), HW3_ERR_SHAPE, "matmul: a is [2, 3] but b is [2, 2]");
    REFUSED(hw3_matmul(g, v.a23, v.a3), HW3_ERR_SHAPE, "matmul: a is [2, 3] but b is [3]");
    REFUSED(hw3_linear(g, v.a23, v.a22, HW3_NONE), HW3_ERR_SHAPE, "linear: x is [2, 3] but weight is [2, 2]");
    REFUSED(hw3_linear(g, v.a23, v.a23, v.a3), HW3_ERR_SHAPE, "linear: weight is [2, 3] but bias is [3]");
    REFUSED(hw3_linear(g, v.a, v.a23, HW3_NONE), HW3_ERR_SHAPE, "linear: x is [] but weight is [2, 3]");
    REFUSED(hw3_max(g, v.a0, 0, 0), HW3_ERR_SHAPE, "max: nothing to choose from in [0, 3]");
    REFUSED(hw3_max(g, v.a0, HW3_ALL_DIMS, 0), HW3_ERR_SHAPE, "[0, 3]");
    REFUSED(hw3_reshape(g, v.a23, 2, ((int64_t[]){ 4, 2 })), HW3_ERR_SHAPE, "reshape: [2, 3] cannot become [4, 2]");
    REFUSED(hw3_reshape(g, v.a23, 2, ((int64_t[]){ 4, -1 })), HW3_ERR_SHAPE, "reshape: [2, 3] cannot become [4, -1]");
    REFUSED(hw3_reshape(g, v.a23, 2, ((int64_t[]){ -1, -1 })), HW3_ERR_SHAPE, "[-1, -1]");
    REFUSED(hw3_reshape(g, v.a23, 2, ((int64_t[]){ -2, -3 })), HW3_ERR_SHAPE, "[-2, -3]");
    REFUSED(hw3_reshape(g, v.a0, 2, ((int64_t[]){ 0, -1 })), HW3_ERR_SHAPE, "[0, -1]");
    REFUSED(hw3_reshape(g, v.a23, 3, ((int64_t[]){ INT64_MAX, INT64_MAX, -1 })), HW3_ERR_SHAPE, "[2, 3]");
    REFUSED(hw3_slice(g, v.a23, 1, 1, 4), HW3_ERR_SHAPE, "slice: 1 to 4 of dim 1 of [2, 3]");
    REFUSED(hw3_slice(g, v.a23, 0, -1, 1), HW3_ERR_SHAPE, "slice: -1 to 1 of dim 0 of [2, 3]");
    REFUSED(hw3_slice(g, v.a23, 0, 2, 1), HW3_ERR_SHAPE, "slice: 2 to 1");
    REFUSED(hw3_concat(g, ((hw3_var[]){ v.a23, v.a22 }), 2, 0), HW3_ERR_SHAPE, "is [2, 3] but a later one is [2, 2]");
    REFUSED(hw3_concat(g, ((hw3_var[]){ v.a23, v.a3 }), 2, 0), HW3_ERR_SHAPE, "is [2, 3] but a later one is [3]");
    REFUSED(hw3_gather(g, v.a22, v.i23, 0), HW3_ERR_SHAPE, "gather: a is [2, 2] but index is [2, 3]");
    REFUSED(hw3_gather(g, v.a22, v.i2, 0), HW3_ERR_SHAPE, "gather: a is [2, 2] but index is [2]");
    REFUSED(hw3_embedding(g, v.a3, v.i2), HW3_ERR_SHAPE, "embedding: weight is [3] but index is [2]");
    REFUSED(hw3_layer_norm(g, v.a23, v.a22, HW3_NONE, 1e-5), HW3_ERR_SHAPE, "layer_norm: x is [2, 3] but gamma is [2, 2]");
    REFUSED(hw3_layer_norm(g, v.a22, HW3_NONE, v.a3, 1e-5), HW3_ERR_SHAPE, "layer_norm: x is [2, 2] but beta is [3]");
    REFUSED(hw3_layer_norm(g, v.a, HW3_NONE, HW3_NONE, 1e-5), HW3_ERR_SHAPE, "layer_norm: x is []");
    REFUSED(hw3_mse(g, v.a23, v.a22), HW3_ERR_SHAPE, "mse: y is [2, 3] but target is [2, 2]");
    REFUSED(hw3_mae(g, v.a23, v.a3), HW3_ERR_SHAPE, "mae: y is [2, 3] but target is [3]");
    REFUSED(hw3_huber(g, v.a23, v.a, 1), HW3_ERR_SHAPE, "huber: y is [2, 3] but target is []");
    REFUSED(hw3_bce_logits(g, v.a23, v.a22), HW3_ERR_SHAPE, "bce_logits: logits is [2, 3] but target is [2, 2]");
    REFUSED(hw3_cross_entropy(g, v.a23, v.i23, 0, 0), HW3_ERR_SHAPE, "cross_entropy: logits is [2, 3] but target is [2, 3]");
    REFUSED(hw3_cross_entropy(g, v.a, v.i2, 0, 0), HW3_ERR_SHAPE, "cross_entropy: logits is [] but target is [2]");
    REFUSED(hw3_rms_norm(g, v.a23, v.a22, 1e-5), HW3_ERR_SHAPE, "rms_norm: x is [2, 3] but gamma is [2, 2]");
    REFUSED(hw3_rms_norm(g, v.a, HW3_NONE, 1e-5), HW3_ERR_SHAPE, "rms_norm: x is []");
    REFUSED(hw3_rope(g, v.a23, v.i23, NULL), HW3_ERR_SHAPE, "rope: x is [2, 3], must be [B, T, heads, D]");
    REFUSED(hw3_rope(g, hw3_reshape(g, v.a22, 4, ((int64_t[]){ 1, 2, 1, 2 })), v.i23, NULL), HW3_ERR_SHAPE,
            "rope: x is [1, 2, 1, 2] but positions is [2, 3]");
    REFUSED(hw3_rope(g, hw3_reshape(g, v.a22, 4, ((int64_t[]){ 1, 2, 1, 2 })), v.i5, NULL), HW3_ERR_SHAPE, "positions is [5]");
    REFUSED(hw3_linear_cross_entropy(g, v.a23, v.a22, HW3_NONE, v.i2, 0, 0), HW3_ERR_SHAPE,
            "linear_cross_entropy: x is [2, 3] but weight is [2, 2]");
    REFUSED(hw3_linear_cross_entropy(g, v.a23, v.a23, v.a23, v.i2, 0, 0), HW3_ERR_SHAPE, "weight is [2, 3] but bias is [2, 3]");
    REFUSED(hw3_linear_cross_entropy(g, v.a23, v.a23, HW3_NONE, v.i5, 0, 0), HW3_ERR_SHAPE,
            "linear_cross_entropy: x is [2, 3] but target is [5]");
    hw3_var parts[2] = { 0, 0 };
    REFUSED(hw3_split(g, v.a23, 2, 1, parts), HW3_ERR_SHAPE, "split: dim 1 of [2, 3] in 2 parts");
    ck_assert(parts[0] == HW3_ERR_SHAPE && parts[1] == HW3_ERR_SHAPE);
    END
}
END_TEST

START_TEST(wrong_dims_and_numbers)
{
    START
    REFUSED(hw3_sum(g, v.a23, 2, 0), HW3_ERR_ARG, "sum: there is no dim 2 in [2, 3]");
    REFUSED(hw3_mean(g, v.a23, -3, 0), HW3_ERR_ARG, "mean: there is no dim -3 in [2, 3]");
    REFUSED(hw3_max(g, v.a, 0, 0), HW3_ERR_ARG, "max: there is no dim 0 in []");
    REFUSED(hw3_sum(g, v.a23, 0, 2), HW3_ERR_ARG, "sum: keep_dim is 2");
    REFUSED(hw3_softmax(g, v.a23, 2), HW3_ERR_ARG, "softmax: there is no dim 2 in [2, 3]");
    REFUSED(hw3_softmax(g, v.a23, HW3_ALL_DIMS), HW3_ERR_ARG, "softmax: there is no dim 127 in [2, 3]");
    REFUSED(hw3_log_softmax(g, v.a3, 1), HW3_ERR_ARG, "log_softmax: there is no dim 1 in [3]");
    REFUSED(hw3_transpose(g, v.a23, 0, 2), HW3_ERR_ARG, "transpose: there is no dim 2 in [2, 3]");
    REFUSED(hw3_transpose(g, v.a23, -3, 0), HW3_ERR_ARG, "transpose: there is no dim -3 in [2, 3]");
    REFUSED(hw3_slice(g, v.a23, 2, 0, 1), HW3_ERR_ARG, "slice: there is no dim 2 in [2, 3]");
    REFUSED(hw3_concat(g, &v.a23, 1, 2), HW3_ERR_ARG, "concat: there is no dim 2 in [2, 3]");
    REFUSED(hw3_gather(g, v.a23, v.i23, 2), HW3_ERR_ARG, "gather: there is no dim 2 in [2, 3]");
    REFUSED(hw3_reshape(g, v.a23, 9, ((int64_t[9]){ 0 })), HW3_ERR_ARG, "reshape: 9 dimensions");
    REFUSED(hw3_reshape(g, v.a23, -1, NULL), HW3_ERR_ARG, "reshape: -1 dimensions");
    REFUSED(hw3_reshape(g, v.a23, 1, NULL), HW3_ERR_ARG, "reshape: shape is NULL");
    REFUSED(hw3_concat(g, NULL, 1, 0), HW3_ERR_ARG, "concat: 0 values");
    REFUSED(hw3_concat(g, &v.a23, 0, 0), HW3_ERR_ARG, "concat: 0 values");
    REFUSED(hw3_concat(g, &v.a23, INT64_MAX, 0), HW3_ERR_ARG, "concat: 9223372036854775807 values");
    REFUSED(hw3_dropout(g, v.a23, 1), HW3_ERR_ARG, "dropout: p is 1");
    REFUSED(hw3_dropout(g, v.a23, -0.5), HW3_ERR_ARG, "dropout: p is -0.5");
    REFUSED(hw3_dropout(g, v.a23, NAN), HW3_ERR_ARG, "dropout: p is nan");
    REFUSED(hw3_layer_norm(g, v.a23, HW3_NONE, HW3_NONE, 0), HW3_ERR_ARG, "layer_norm: eps is 0");
    REFUSED(hw3_layer_norm(g, v.a23, HW3_NONE, HW3_NONE, INFINITY), HW3_ERR_ARG, "layer_norm: eps is inf");
    REFUSED(hw3_layer_norm(g, v.f23, HW3_NONE, HW3_NONE, 1e-320), HW3_ERR_ARG, "layer_norm: eps is 9.99989e-321");
    REFUSED(hw3_huber(g, v.a23, v.a23, -1), HW3_ERR_ARG, "huber: delta is -1");
    REFUSED(hw3_cross_entropy(g, v.a23, v.i2, 0, 1), HW3_ERR_ARG, "cross_entropy: smoothing is 1");
    REFUSED(hw3_cross_entropy(g, v.a23, v.i2, 0, NAN), HW3_ERR_ARG, "cross_entropy: smoothing is nan");
    REFUSED(hw3_rms_norm(g, v.a23, HW3_NONE, -1), HW3_ERR_ARG, "rms_norm: eps is -1");
    REFUSED(hw3_linear_cross_entropy(g, v.a23, v.a23, HW3_NONE, v.i2, 0, 1), HW3_ERR_ARG, "linear_cross_entropy: smoothing is 1");
    hw3_var parts[2] = { 0, 0 };
    REFUSED(hw3_split(g, v.a23, 2, 2, parts), HW3_ERR_ARG, "split: there is no dim 2 in [2, 3]");
    REFUSED(hw3_split(g, v.a23, 0, 0, parts), HW3_ERR_ARG, "split: 0 parts");
    REFUSED(hw3_split(g, v.a23, 2, 0, NULL), HW3_ERR_ARG, "split");
    END
}
END_TEST

/* Each option out of its range, by name; [1, 1, 1, 6] of zeros is rotated at position 0. */
START_TEST(wrong_rope_options)
{
    START
    hw3_rope_opts plain = HW3_ROPE_OPTS_INIT, o;
#define ROPE(field, value, status, text)                                                                                   \
    do {                                                                                                                   \
        o = plain;                                                                                                         \
        o.field = value;                                                                                                   \
        REFUSED(hw3_rope(g, hw3_reshape(g, v.a23, 4, ((int64_t[]){ 1, 1, 2, 3 })), v.i2, &o), status, text);               \
    } while (0)
    REFUSED(hw3_rope(g, hw3_reshape(g, v.a23, 4, ((int64_t[]){ 1, 1, 2, 3 })), v.i2, NULL), HW3_ERR_ARG, "rope: 3 dimensions are no pairs");
    ROPE(n_dims, 1, HW3_ERR_ARG, "rope: n_dims is 1, must be even and at most 3");
    ROPE(n_dims, 4, HW3_ERR_ARG, "rope: n_dims is 4");
    ROPE(n_dims, -2, HW3_ERR_ARG, "rope: n_dims is -2");
    plain.n_dims = 2;
    ROPE(interleaved, 2, HW3_ERR_ARG, "rope: interleaved is 2");
    ROPE(reserved, 7, HW3_ERR_ARG, "rope: reserved is 7");
    ROPE(scaling, 5, HW3_ERR_ARG, "rope: scaling is 5");
    ROPE(base, 1, HW3_ERR_ARG, "rope: base is 1, must be above 1");
    ROPE(base, NAN, HW3_ERR_ARG, "rope: base is nan");
    ROPE(factor, 0, HW3_ERR_ARG, "rope: factor is 0");
    ROPE(factor, 1e-320, HW3_ERR_ARG, "must be at least 1e-30");
    ROPE(attention_factor, 1e7, HW3_ERR_ARG, "rope: attention_factor is 1e+07, must be 0 to 1e6");
    ROPE(factor, INFINITY, HW3_ERR_ARG, "rope: factor is inf");
    ROPE(beta_slow, 0, HW3_ERR_ARG, "rope: beta_slow is 0");
    ROPE(beta_fast, 0.5, HW3_ERR_ARG, "rope: beta_fast is 0.5, must be at least beta_slow");
    ROPE(attention_factor, -1, HW3_ERR_ARG, "rope: attention_factor is -1");
    ROPE(scaling, HW3_ROPE_YARN, HW3_ERR_ARG, "rope: original_context is 0, this scaling needs at least 1");
    ROPE(struct_size, 4, HW3_ERR_ABI, "hw3_rope_opts: struct_size is 4");
#undef ROPE
    REFUSED(hw3_rope(g, hw3_add(g, v.a23, v.a22), v.i2, NULL), HW3_ERR_SHAPE, "add: a is [2, 3]");
    REFUSED(hw3_rope(g, HW3_NONE, v.i2, NULL), HW3_ERR_ARG, "rope: a value is needed, not HW3_NONE");
    FAILS(hw3_rope(NULL, 0, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_rope_opts_init(&o, 4), HW3_ERR_ABI);
    OK(hw3_rope_opts_init(&o, sizeof o));
    ck_assert_mem_eq(&o, (&(hw3_rope_opts)HW3_ROPE_OPTS_INIT), sizeof o);
    END
}
END_TEST

/* The same of attention, over [1, 2, 1, 3] of floats; numbers far past every position are as none. */
START_TEST(wrong_attention_options)
{
    START
    hw3_attention_opts plain = HW3_ATTENTION_OPTS_INIT, o;
    double all, far;
#define QKV hw3_reshape(g, v.f23, 4, ((int64_t[]){ 1, 2, 1, 3 }))
#define ATTENTION(field, value, status, text)                                                                              \
    do {                                                                                                                   \
        o = plain;                                                                                                         \
        o.field = value;                                                                                                   \
        REFUSED(hw3_attention(g, QKV, QKV, QKV, &o), status, text);                                                        \
    } while (0)
    ATTENTION(struct_size, 4, HW3_ERR_ABI, "hw3_attention_opts: struct_size is 4");
    ATTENTION(causal, 2, HW3_ERR_ARG, "attention: causal is 2");
    ATTENTION(reserved, 7, HW3_ERR_ARG, "attention: reserved is 7");
    ATTENTION(scale, NAN, HW3_ERR_ARG, "attention: scale is nan");
    ATTENTION(scale, 1e300, HW3_ERR_ARG, "attention: scale is 1e+300");
    ATTENTION(dropout, 1, HW3_ERR_ARG, "attention: dropout is 1");
    ATTENTION(window, -1, HW3_ERR_ARG, "attention: window is -1");
    ATTENTION(prefix, -1, HW3_ERR_ARG, "prefix -1");
    ATTENTION(offset, INT64_MAX, HW3_ERR_ARG, "attention: offset is 9223372036854775807, must be -2305843009213693951 to");
    ATTENTION(offset, INT64_MIN + 1, HW3_ERR_ARG, "attention: offset is -9223372036854775807");
    ATTENTION(bias, 0, HW3_ERR_DTYPE, "attention: bias is F64, must be F32");
    ATTENTION(lengths, 0, HW3_ERR_DTYPE, "attention: lengths is F64, must be I64");
#undef ATTENTION
    REFUSED(hw3_attention(g, v.i23, v.i23, v.i23, NULL), HW3_ERR_DTYPE, "attention: q is I64, must be F32 or F64");
    REFUSED(hw3_attention(g, hw3_reshape(g, v.a0, 4, ((int64_t[]){ 1, 3, 1, 0 })), v.a23, v.a23, NULL), HW3_ERR_SHAPE, "[1, 3, 1, 0]");
    for (int causal = 0; causal < 2; causal++) {
        o = plain;
        o.causal = causal;
        OK(hw3_graph_begin(g));
        values v = bring_all(ctx, g);
        OK(hw3_var_item(g, hw3_sum(g, hw3_attention(g, QKV, QKV, QKV, &o), HW3_ALL_DIMS, 0), &all));
        o.window = INT64_MAX;
        OK(hw3_var_item(g, hw3_sum(g, hw3_attention(g, QKV, QKV, QKV, &o), HW3_ALL_DIMS, 0), &far));
        ck_assert(far == all);
    }
#undef QKV
    END
}
END_TEST

START_TEST(wrong_types)
{
    START
    REFUSED(hw3_add(g, v.a23, v.f23), HW3_ERR_DTYPE, "add: operand 0 is F64 but operand 1 is F32");
    REFUSED(hw3_matmul(g, v.f23, v.a23), HW3_ERR_DTYPE, "matmul: operand 0 is F32 but operand 1 is F64");
    REFUSED(hw3_linear(g, v.a23, v.a23, v.f), HW3_ERR_DTYPE, "linear: operand 0 is F64 but operand 2 is F32");
    REFUSED(hw3_layer_norm(g, v.a23, HW3_NONE, v.f, 1), HW3_ERR_DTYPE, "layer_norm: operand 0 is F64 but operand 2 is F32");
    REFUSED(hw3_concat(g, ((hw3_var[]){ v.a23, v.f23 }), 2, 0), HW3_ERR_DTYPE, "concat: operand 0 is F64 but operand 1 is F32");
    REFUSED(hw3_gather(g, v.a23, v.a23, 0), HW3_ERR_DTYPE, "gather: operand 1 is F64, not I64");
    REFUSED(hw3_embedding(g, v.i23, v.f23), HW3_ERR_DTYPE, "embedding: operand 1 is F32, not I64");
    REFUSED(hw3_concat(g, ((hw3_var[]){ v.i23, v.a23 }), 2, 0), HW3_ERR_DTYPE, "concat: operand 0 is I64 but operand 1 is F64");
    REFUSED(hw3_cross_entropy(g, v.i23, v.i2, 0, 0), HW3_ERR_DTYPE, "cross_entropy: operand 0 is I64");
    REFUSED(hw3_cross_entropy(g, v.a23, v.a3, 0, 0), HW3_ERR_DTYPE, "cross_entropy: operand 1 is F64, not I64");
    REFUSED(hw3_mse(g, v.a23, v.i23), HW3_ERR_DTYPE, "mse: operand 1 is I64");
    REFUSED(hw3_rms_norm(g, v.a23, v.f, 1), HW3_ERR_DTYPE, "rms_norm: operand 0 is F64 but operand 1 is F32");
    REFUSED(hw3_rope(g, hw3_reshape(g, v.a22, 4, ((int64_t[]){ 1, 2, 1, 2 })), v.a23, NULL), HW3_ERR_DTYPE, "rope: operand 1 is F64, not I64");
    REFUSED(hw3_linear_cross_entropy(g, v.a23, v.f23, HW3_NONE, v.i2, 0, 0), HW3_ERR_DTYPE,
            "linear_cross_entropy: x is F64, weight F32 and target I64");
    for (int op = 0; op < HW3I_N_OPS; op++) { /* only those that move elements take integers as their first operand */
        if (hw3i_ops[op].forward[HW3_I64]) continue;
        hw3_var in[8];
        OK(hw3_graph_begin(g));
        in[0] = bring_all(ctx, g).i2;
        for (int k = 1; k < 8; k++) in[k] = in[0];
        ck_assert_int_eq(hw3i_apply(g, &hw3i_ops[op], in, hw3i_ops[op].min_in, NULL), HW3_ERR_DTYPE);
        ck_assert_msg(strstr(hw3_ctx_error(ctx), hw3i_ops[op].name), "%s", hw3_ctx_error(ctx));
    }
    END
}
END_TEST

START_TEST(wrong_values)
{
    START
    REFUSED(hw3_gather(g, v.a23, v.i23, 0), HW3_ERR_VALUE, "gather: index 3 is 5, not in 0 .. 1");
    REFUSED(hw3_embedding(g, v.a23, v.i23), HW3_ERR_VALUE, "embedding: index 3 is 5, not in 0 .. 1");
    REFUSED(hw3_embedding(g, v.a0, v.i2), HW3_ERR_VALUE, "embedding: index 0 is 0, not in 0 .. -1");
    OK(hw3_graph_begin(g));
    hw3_var target = BRING(HW3_I64, 6), logits = BRING(HW3_F64, 6, 1);
    ck_assert_int_eq(hw3_cross_entropy(g, logits, target, 5, 0), HW3_ERR_VALUE);
    ck_assert_str_eq(hw3_ctx_error(ctx), "cross_entropy: target 1 is 1, but there are 1 classes");
    OK(hw3_graph_begin(g));
    hw3_var classes = BRING(HW3_I64, 6), one = BRING(HW3_F64, 6, 1), weight = BRING(HW3_F64, 1, 1);
    ck_assert_int_eq(hw3_linear_cross_entropy(g, one, weight, HW3_NONE, classes, 0, 0), HW3_ERR_VALUE);
    ck_assert_str_eq(hw3_ctx_error(ctx), "linear_cross_entropy: target 1 is 1, but there are 1 classes");
    END
}
END_TEST

/* A negative operand is handed on as it is, whatever stands beside it; values that are none are refused. */
START_TEST(no_value_or_no_graph)
{
    START
    for (int op = 0; op < HW3I_N_OPS; op++) {
        const hw3i_op *o = &hw3i_ops[op];
        OK(hw3_graph_begin(g));
        hw3_var a = BRING(HW3_F64, 2, 3), n = o->max_in < 8 ? o->max_in : 8, in[8];
        for (int bad = 0; bad < n; bad++) {
            for (int k = 0; k < n; k++) in[k] = k == bad ? HW3_ERR_IO : a;
            ck_assert_int_eq(hw3i_apply(g, o, in, n, NULL), HW3_ERR_IO);
            if (bad >= o->min_in) continue;
            in[bad] = HW3_NONE;
            ck_assert_int_eq(hw3i_apply(g, o, in, n, NULL), HW3_ERR_ARG);
            in[bad] = 100;
            ck_assert_int_eq(hw3i_apply(g, o, in, n, NULL), HW3_ERR_ARG);
        }
    }
    REFUSED(hw3_concat(g, ((hw3_var[]){ v.a23, HW3_NONE }), 2, 0), HW3_ERR_ARG, "concat: operand 1 may not be left out");
    REFUSED(hw3_tanh(g, hw3_add(g, hw3_matmul(g, v.a23, v.a22), v.a3)), HW3_ERR_SHAPE, "matmul: a is [2, 3] but b is [2, 2]");
    hw3_var parts[2];
    REFUSED(hw3_split(g, hw3_add(g, v.a23, v.a22), 2, 0, parts), HW3_ERR_SHAPE, "add: a is [2, 3]");
    ck_assert(parts[0] == HW3_ERR_SHAPE && parts[1] == HW3_ERR_SHAPE);
    FAILS(hw3_add(NULL, 0, 0), HW3_ERR_ARG);
    FAILS(hw3_sum(NULL, 0, 0, 0), HW3_ERR_ARG);
    FAILS(hw3_reshape(NULL, 0, 9, NULL), HW3_ERR_ARG);
    FAILS(hw3_concat(NULL, NULL, 0, 0), HW3_ERR_ARG);
    FAILS(hw3_split(NULL, 0, 0, 0, NULL), HW3_ERR_ARG);
    FAILS(hw3_cross_entropy(NULL, 0, 0, 0, 0), HW3_ERR_ARG);
    END
}
END_TEST

/* y has this shape, and its sum can go backward. */
static void check_empty(hw3_ctx *ctx, hw3_graph *g, hw3_var y, int32_t n_dims, const int64_t *shape)
{
    int64_t got[HW3_MAX_DIMS];
    int32_t n;
    OK(hw3_var_shape(g, y, got, &n));
    ck_assert(hw3i_same_shape(n, got, n_dims, shape));
    OK(hw3_graph_backward(g, hw3_sum(g, y, HW3_ALL_DIMS, 0)));
}
#define EMPTY(call, ...)                                                                                                   \
    do {                                                                                                                   \
        OK(hw3_graph_begin(g));                                                                                            \
        hw3_var e = BRING(HW3_F64, 0, 3), e2 = BRING(HW3_F64, 2, 0), a23 = BRING(HW3_F64, 2, 3), i0 = BRING(HW3_I64, 0);   \
        (void)e, (void)e2, (void)a23, (void)i0;                                                                            \
        int64_t want[] = { 0, __VA_ARGS__ };                                                                               \
        check_empty(ctx, g, call, HW3I_LEN(want) - 1, want + 1);                                                           \
    } while (0)

START_TEST(empty_values)
{
    START
    const int64_t one = 1;
    hw3_tensor *two = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, &(int64_t){ 2 }, NULL, indices, &two));
    EMPTY(hw3_add(g, e, e), 0, 3);
    EMPTY(hw3_div(g, e, hw3_sum(g, a23, 0, 1)), 0, 3);
    EMPTY(hw3_affine(g, e, 2, 3), 0, 3);
    EMPTY(hw3_matmul(g, e, hw3_transpose(g, a23, 0, 1)), 0, 2);
    EMPTY(hw3_matmul(g, e2, e), 2, 3); /* zeros */
    EMPTY(hw3_matmul(g, hw3_reshape(g, e, 3, ((int64_t[]){ 0, 1, 3 })), hw3_transpose(g, a23, 0, 1)), 0, 1, 2);
    EMPTY(hw3_matmul(g, hw3_reshape(g, e, 3, ((int64_t[]){ 0, 1, 3 })), hw3_reshape(g, a23, 3, ((int64_t[]){ 1, 3, 2 }))),
          0, 1, 2);
    EMPTY(hw3_linear(g, e, a23, HW3_NONE), 0, 2);
    EMPTY(hw3_linear(g, e2, e2, hw3_sum(g, e2, 1, 0)), 2, 2);
    EMPTY(hw3_sum(g, e, 0, 0), 3);
    EMPTY(hw3_sum(g, e, 1, 1), 0, 1);
    EMPTY(hw3_mean(g, e, 1, 0), 0);
    EMPTY(hw3_mean(g, e, 0, 0), 3); /* 0 / 0 */
    EMPTY(hw3_max(g, e, 1, 0), 0);
    EMPTY(hw3_softmax(g, e, 0), 0, 3);
    EMPTY(hw3_softmax(g, e, 1), 0, 3);
    EMPTY(hw3_log_softmax(g, e2, 1), 2, 0);
    EMPTY(hw3_tanh(g, e), 0, 3);
    EMPTY(hw3_sigmoid(g, e), 0, 3);
    EMPTY(hw3_relu(g, e), 0, 3);
    EMPTY(hw3_gelu(g, e), 0, 3);
    EMPTY(hw3_gelu_tanh(g, e), 0, 3);
    EMPTY(hw3_silu(g, e), 0, 3);
    EMPTY(hw3_exp(g, e), 0, 3);
    EMPTY(hw3_log(g, e), 0, 3);
    EMPTY(hw3_sqrt(g, e), 0, 3);
    EMPTY(hw3_reshape(g, e, 2, ((int64_t[]){ -1, 3 })), 0, 3);
    EMPTY(hw3_transpose(g, e, 0, 1), 3, 0);
    EMPTY(hw3_slice(g, a23, 1, 2, 2), 2, 0);
    EMPTY(hw3_slice(g, e, 1, 1, 3), 0, 2);
    EMPTY(hw3_concat(g, ((hw3_var[]){ e, a23, e }), 3, 0), 2, 3);
    EMPTY(hw3_concat(g, ((hw3_var[]){ e2, a23 }), 2, 1), 2, 3);
    EMPTY(hw3_concat(g, ((hw3_var[]){ e, e }), 2, 1), 0, 6);
    EMPTY(hw3_gather(g, hw3_slice(g, hw3_sum(g, a23, 0, 0), 0, 0, 3), i0, 0), 0);
    EMPTY(hw3_embedding(g, a23, i0), 0, 3);
    EMPTY(hw3_dropout(g, e, 0.5), 0, 3);
    EMPTY(hw3_layer_norm(g, e, HW3_NONE, HW3_NONE, 1), 0, 3);
    EMPTY(hw3_rms_norm(g, e, HW3_NONE, 1), 0, 3);
    EMPTY(hw3_rope(g, hw3_reshape(g, e, 4, ((int64_t[]){ 1, 0, 1, 6 })), i0, NULL), 1, 0, 1, 6);
    EMPTY(hw3_rope(g, hw3_reshape(g, e2, 4, ((int64_t[]){ 1, 2, 3, 0 })), hw3_input(g, two), NULL), 1, 2, 3, 0);
    EMPTY(hw3_reshape(g, hw3_linear_cross_entropy(g, e, a23, HW3_NONE, i0, -1, 0.1), 1, &one), 1);
    EMPTY(hw3_reshape(g, hw3_mse(g, e, e), 1, &one), 1);
    EMPTY(hw3_reshape(g, hw3_mae(g, e, e), 1, &one), 1);
    EMPTY(hw3_reshape(g, hw3_huber(g, e, e, 1), 1, &one), 1);
    EMPTY(hw3_reshape(g, hw3_bce_logits(g, e, e), 1, &one), 1);
    EMPTY(hw3_reshape(g, hw3_cross_entropy(g, e, i0, -1, 0.1), 1, &one), 1);
    hw3_tensor_destroy(two);
    END
}
END_TEST

static void read_grad(hw3_ctx *ctx, hw3_graph *g, hw3_var v, double *out, int64_t n) { OK(hw3_var_read_grad(g, v, out, n * 8)); }

START_TEST(first_of_equals_and_nan)
{
    START
    double data[6] = { 2, 5, 5, 5, 5, 2 }, holes[3] = { 1, NAN, 3 }, grad[6], value;
    hw3_tensor *t = NULL, *h = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_F64, 2, (int64_t[]){ 2, 3 }, NULL, data, &t));
    OK(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, NULL, holes, &h));
    const struct { int32_t dim; double want[6]; } cases[] = {
        { 1, { 0, 1, 0, 1, 0, 0 } }, { 0, { 0, 1, 1, 1, 0, 0 } }, { HW3_ALL_DIMS, { 0, 1, 0, 0, 0, 0 } },
    };
    for (int k = 0; k < 3; k++) {
        OK(hw3_graph_begin(g));
        hw3_var x = hw3_input_grad(g, t);
        OK(hw3_graph_backward(g, hw3_sum(g, hw3_max(g, x, cases[k].dim, 0), HW3_ALL_DIMS, 0)));
        read_grad(ctx, g, x, grad, 6);
        ck_assert_mem_eq(grad, cases[k].want, sizeof grad);
    }
    OK(hw3_graph_begin(g));
    OK(hw3_var_item(g, hw3_max(g, hw3_input(g, h), 0, 0), &value));
    ck_assert(isnan(value));
    OK(hw3_var_item(g, hw3_sum(g, hw3_relu(g, hw3_input(g, h)), 0, 0), &value));
    ck_assert(isnan(value));
    OK(hw3_var_item(g, hw3_mae(g, hw3_input(g, h), hw3_input(g, h)), &value));
    ck_assert(isnan(value));
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(h);
    END
}
END_TEST

/* A value used twice gets both gradients, also as both operands of one operator and under a reshape. */
START_TEST(gradients_add_up)
{
    START
    double grad[6];
    OK(hw3_graph_begin(g));
    hw3_var x = BRING(HW3_F64, 2, 3), flat = hw3_reshape(g, x, 1, (int64_t[]){ 6 });
    hw3_var y = hw3_add(g, hw3_sum(g, hw3_mul(g, x, x), HW3_ALL_DIMS, 0), hw3_sum(g, flat, 0, 0));
    OK(hw3_graph_backward(g, hw3_add(g, y, hw3_sum(g, hw3_sub(g, x, x), HW3_ALL_DIMS, 0))));
    read_grad(ctx, g, x, grad, 6);
    for (int i = 0; i < 6; i++) ck_assert(grad[i] == 2 * numbers[i] + 1);
    END
}
END_TEST

START_TEST(split_is_slices)
{
    START
    double got[3];
    hw3_var parts[3];
    OK(hw3_graph_begin(g));
    OK(hw3_split(g, BRING(HW3_F64, 2, 3), 3, -1, parts));
    for (int k = 0; k < 3; k++) {
        OK(hw3_var_read(g, parts[k], got, sizeof got));
        ck_assert(got[0] == numbers[k] && got[1] == numbers[3 + k]);
    }
    END
}
END_TEST

enum { N_MASK = 40000 };
static void masks(hw3_ctx *ctx, hw3_graph *g, hw3_tensor *ones, double *first, double *second)
{
    OK(hw3_graph_begin(g));
    hw3_var x = hw3_input_grad(g, ones), a = hw3_dropout(g, x, 0.25), b = hw3_dropout(g, x, 0.25);
    OK(hw3_var_read(g, a, first, N_MASK * 8));
    OK(hw3_var_read(g, b, second, N_MASK * 8));
}

START_TEST(dropout_masks)
{
    START
    static double a[N_MASK], b[N_MASK], c[N_MASK], d[N_MASK];
    hw3_tensor *ones = NULL;
    for (int i = 0; i < N_MASK; i++) a[i] = 1;
    OK(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ N_MASK }, &ones));
    OK(hw3_tensor_write(ones, a, sizeof a));
    OK(hw3_graph_set_random(g, 1, 7));
    masks(ctx, g, ones, a, b);
    masks(ctx, g, ones, c, d);
    ck_assert_mem_eq(a, c, sizeof a); /* the same step draws the same */
    ck_assert_mem_eq(b, d, sizeof b);
    int kept = 0, both = 0;
    for (int i = 0; i < N_MASK; i++) {
        ck_assert(a[i] == 0 || a[i] == 1 / 0.75);
        kept += a[i] != 0;
        both += a[i] != 0 && b[i] != 0;
    }
    /* four standard deviations of the binomial; two dropouts of a step are independent */
    ck_assert(abs(kept - N_MASK * 3 / 4) < 4 * sqrt(N_MASK * 0.75 * 0.25));
    ck_assert(abs(both - N_MASK * 9 / 16) < 4 * sqrt(N_MASK * 0.5625 * 0.4375));
    OK(hw3_graph_set_random(g, 1, 8));
    masks(ctx, g, ones, c, d);
    ck_assert(memcmp(a, c, sizeof a) && memcmp(b, c, sizeof b) && memcmp(a, d, sizeof a)); /* another step */
    OK(hw3_graph_set_random(g, 2, 7));
    masks(ctx, g, ones, c, d);
    ck_assert(memcmp(a, c, sizeof a)); /* another seed */
    OK(hw3_graph_set_training(g, 0));
    masks(ctx, g, ones, a, b);
    for (int i = 0; i < N_MASK; i++) ck_assert(a[i] == 1 && b[i] == 1);
    hw3_tensor_destroy(ones);
    END
}
END_TEST

/* Everything that is cut into tiles, on arrays long enough to be cut: the sum of all gradients' bits. */
static void long_arrays(int threads, double *out, int64_t n)
{
    hw3_ctx *ctx = test_ctx(threads);
    hw3_graph *g = NULL;
    hw3_tensor *t = NULL, *row = NULL;
    OK(hw3_graph_create(ctx, NULL, &g));
    OK(hw3_tensor_create(ctx, HW3_F64, 2, (int64_t[]){ n / 500, 500 }, &t));
    OK(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ 500 }, &row));
    for (int64_t i = 0; i < n; i++) ((double *)hw3_tensor_data(t))[i] = sin((double)i);
    for (int64_t i = 0; i < 500; i++) ((double *)hw3_tensor_data(row))[i] = cos((double)i);
    hw3_var x = hw3_input_grad(g, t), r = hw3_input_grad(g, row);
    hw3_var y = hw3_silu(g, hw3_add(g, hw3_mul(g, x, r), hw3_tanh(g, x)));
    y = hw3_dropout(g, hw3_sub(g, hw3_gelu_tanh(g, y), hw3_affine(g, x, 2, 1)), 0.1);
    y = hw3_layer_norm(g, hw3_rms_norm(g, y, r, 1e-5), r, r, 1e-5);
    y = hw3_div(g, hw3_reshape(g, y, 1, (int64_t[]){ n }), hw3_exp(g, hw3_max(g, y, HW3_ALL_DIMS, 0)));
    hw3_var square = hw3_matmul(g, x, hw3_transpose(g, x, 0, 1));
    square = hw3_softmax(g, hw3_linear(g, square, hw3_slice(g, x, 1, 0, n / 500), HW3_NONE), 1);
    hw3_var loss = hw3_mse(g, y, hw3_reshape(g, x, 1, (int64_t[]){ n }));
    OK(hw3_graph_backward(g, hw3_add(g, loss, hw3_max(g, square, HW3_ALL_DIMS, 0))));
    OK(hw3_var_read_grad(g, x, out, n * 8));
    OK(hw3_var_read_grad(g, r, out + n, 500 * 8));
    hw3_tensor_destroy(row);
    hw3_tensor_destroy(t);
    hw3_graph_destroy(g);
    hw3_ctx_destroy(ctx);
}

START_TEST(same_bits_for_any_number_of_threads)
{
    enum { N = 100000 };
    static double one[N + 500], more[N + 500];
    long_arrays(1, one, N);
    for (int64_t i = 0; i < N + 500; i++) ck_assert(isfinite(one[i]));
    for (int threads = 2; threads <= 4; threads++) {
        long_arrays(threads, more, N);
        ck_assert_mem_eq(one, more, sizeof one);
    }
}
END_TEST

enum { N_ROWS = 250, N_CLASSES = 20000, N_DIMS = 3, N_LOSS = 1 + (N_ROWS + N_CLASSES) * N_DIMS + N_CLASSES };

/* Loss and gradients of rows of features on classes; several chunks of rows when fused. */
static void classify(int threads, bool fused, double *out)
{
    hw3_ctx *ctx = test_ctx(threads);
    hw3_graph *g = NULL;
    hw3_tensor *x = NULL, *w = NULL, *t = NULL, *bias = NULL;
    OK(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ N_CLASSES }, &bias));
    OK(hw3_tensor_create(ctx, HW3_F64, 2, (int64_t[]){ N_ROWS, N_DIMS }, &x));
    OK(hw3_tensor_create(ctx, HW3_F64, 2, (int64_t[]){ N_CLASSES, N_DIMS }, &w));
    OK(hw3_tensor_create(ctx, HW3_I64, 1, (int64_t[]){ N_ROWS }, &t));
    for (int64_t i = 0; i < N_ROWS * N_DIMS; i++) ((double *)hw3_tensor_data(x))[i] = 3 * sin((double)i);
    for (int64_t i = 0; i < N_CLASSES * N_DIMS; i++) ((double *)hw3_tensor_data(w))[i] = cos((double)i);
    for (int64_t i = 0; i < N_CLASSES; i++) ((double *)hw3_tensor_data(bias))[i] = sin(2.0 * (double)i);
    for (int64_t i = 0; i < N_ROWS; i++) ((int64_t *)hw3_tensor_data(t))[i] = i % 7 ? i * 79 : -1;
    OK(hw3_graph_create(ctx, NULL, &g));
    hw3_var a = hw3_input_grad(g, x), b = hw3_input_grad(g, w), c = hw3_input(g, t), d = hw3_input_grad(g, bias);
    hw3_var loss = fused ? hw3_linear_cross_entropy(g, a, b, d, c, -1, 0.1) : hw3_cross_entropy(g, hw3_linear(g, a, b, d), c, -1, 0.1);
    OK(hw3_var_item(g, loss, out));
    OK(hw3_graph_backward(g, hw3_affine(g, loss, 2, 0)));
    OK(hw3_var_read_grad(g, a, out + 1, N_ROWS * N_DIMS * 8));
    OK(hw3_var_read_grad(g, b, out + 1 + N_ROWS * N_DIMS, N_CLASSES * N_DIMS * 8));
    OK(hw3_var_read_grad(g, d, out + 1 + N_ROWS * N_DIMS + N_CLASSES * N_DIMS, N_CLASSES * 8));
    hw3_tensor_destroy(bias);
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(w);
    hw3_tensor_destroy(t);
    hw3_graph_destroy(g);
    hw3_ctx_destroy(ctx);
}

/* 1e-12: sums of 20000 terms in another order */
START_TEST(linear_cross_entropy_is_its_parts)
{
    static double parts[N_LOSS], one[N_LOSS], more[N_LOSS];
    classify(1, false, parts);
    classify(1, true, one);
    for (int i = 0; i < N_LOSS; i++) NEAR(one[i], parts[i], 1e-12);
    ck_assert(one[0] > 5 && one[1] == 0 && one[1 + N_DIMS] != 0); /* row 0 does not count */
    for (int threads = 2; threads <= 4; threads++) {
        classify(threads, true, more);
        ck_assert_mem_eq(one, more, sizeof one);
    }
}
END_TEST

/* Memory that ends at allocation `left`. */
typedef struct budget {
    int64_t left, held;
} budget;

static void *budget_alloc(void *user, size_t size, size_t align)
{
    budget *b = user;
    void *p = b->left-- > 0 ? aligned_alloc(align, (size + align - 1) / align * align) : NULL;
    b->held += p != NULL;
    return p;
}

static void budget_free(void *user, void *ptr, size_t size)
{
    (void)size;
    ((budget *)user)->held -= ptr != NULL;
    free(ptr);
}

/* Operators that take memory of their own besides the result's, forward and backward. */
static hw3_status hungry(hw3_ctx *ctx)
{
    static double data[64 * 300];
    static int64_t zeros[64];
    hw3_graph *g = NULL;
    hw3_tensor *t = NULL, *z = NULL;
    hw3_status s = hw3_tensor_wrap(ctx, HW3_F64, 2, (int64_t[]){ 64, 300 }, NULL, data, &t);
    if (!s) s = hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 64 }, NULL, zeros, &z);
    if (!s) s = hw3_graph_create(ctx, NULL, &g);
    if (!s) {
        hw3_var x = hw3_input_grad(g, t), at = hw3_input(g, z), y = hw3_layer_norm(g, hw3_dropout(g, x, 0.5), HW3_NONE, HW3_NONE, 1e-5);
        y = hw3_rope(g, hw3_reshape(g, y, 4, (int64_t[]){ 1, 64, 1, 300 }), at, NULL);
        y = hw3_reshape(g, hw3_rms_norm(g, y, hw3_sum(g, x, 0, 0), 1e-5), 2, (int64_t[]){ 64, 300 });
        hw3_var classes = hw3_linear_cross_entropy(g, y, x, HW3_NONE, at, -1, 0.1);
        y = hw3_log_softmax(g, hw3_concat(g, (hw3_var[]){ y, hw3_max(g, y, 1, 1) }, 2, 1), 0);
        y = hw3_mean(g, hw3_matmul(g, hw3_transpose(g, y, 0, 1), y), HW3_ALL_DIMS, 0);
        s = hw3_graph_backward(g, hw3_add(g, hw3_add(g, y, classes), hw3_cross_entropy(g, x, at, -1, 0)));
    }
    if (s) ck_assert_msg(strstr(hw3_ctx_error(ctx), "memory"), "the message is '%s'", hw3_ctx_error(ctx));
    hw3_graph_destroy(g);
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(z);
    return s;
}

START_TEST(no_memory_at_any_allocation)
{
    hw3_status s = HW3_ERR_NOMEM;
    for (int64_t k = 0; s; k++) {
        budget b = { k, 0 };
        hw3_allocator mem = { budget_alloc, budget_free, &b };
        hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
        hw3_ctx *ctx = NULL;
        o.n_threads = 1;
        o.allocator = &mem;
        s = hw3_ctx_create(&o, &ctx);
        if (!s) s = hungry(ctx);
        ck_assert(s == HW3_OK || s == HW3_ERR_NOMEM);
        hw3_ctx_destroy(ctx);
        ck_assert_int_eq(b.held, 0);
        ck_assert(k < 1000 && (s || k > 5));
    }
}
END_TEST

TEST_MAIN("ops_border", wrong_shapes, wrong_dims_and_numbers, wrong_rope_options, wrong_attention_options, wrong_types, wrong_values,
          no_value_or_no_graph, empty_values,
          first_of_equals_and_nan, gradients_add_up, split_is_slices, dropout_masks, same_bits_for_any_number_of_threads,
          linear_cross_entropy_is_its_parts, no_memory_at_any_allocation)
