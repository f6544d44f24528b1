/* SPDX-License-Identifier: MIT */
/* The tape, by small operators of the test's own:
 *   dot    a . b, a number
 *   twin   2 a, with two further outputs 3 a and a^2
 *   same   a itself, sharing its memory
 *   plus   a + b, b may be left out, no gradient */
#include "alloc.h"
#include "graph/graph.h"

static void set_shape_like(hw3i_node *y, const hw3i_node *a)
{
    y->dtype = a->dtype;
    y->n_dims = a->n_dims;
    memcpy(y->shape, a->shape, sizeof a->shape);
}

static hw3_status dot_shape(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    char ta[128], tb[128];
    if (!hw3i_same_shape(a->n_dims, a->shape, b->n_dims, b->shape))
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "%s: a is %s but b is %s", y->op->name,
                               hw3i_shape_text(ta, a->n_dims, a->shape), hw3i_shape_text(tb, b->n_dims, b->shape));
    y->dtype = a->dtype;
    return HW3_OK;
}

static hw3_status dot_forward(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    double sum = 0;
    for (int64_t i = 0; i < a->n; i++) sum += ((double *)a->value)[i] * ((double *)b->value)[i];
    *(double *)y->value = sum;
    return HW3_OK;
}

static hw3_status dot_backward(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    double dy = *(double *)y->grad, *da = hw3i_grad_of(g, a), *db = hw3i_grad_of(g, b);
    for (int64_t i = 0; i < a->n; i++) {
        if (da) da[i] += dy * ((double *)b->value)[i];
        if (db) db[i] += dy * ((double *)a->value)[i];
    }
    return HW3_OK;
}

static hw3_status twin_shape(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0);
    set_shape_like(y, a);
    for (int k = 0; k < 2; k++) {
        hw3_var v = hw3i_add_output(g, a->dtype, a->n_dims, a->shape, true);
        if (v < 0) return v;
    }
    return HW3_OK;
}

static hw3_status twin_forward(hw3_graph *g, hw3i_node *y)
{
    const double *a = hw3i_operand(g, y, 0)->value;
    double *two = y->value, *three = hw3i_output(g, y, 1)->value, *square = hw3i_output(g, y, 2)->value;
    for (int64_t i = 0; i < y->n; i++) {
        two[i] = 2 * a[i];
        three[i] = 3 * a[i];
        square[i] = a[i] * a[i];
    }
    return HW3_OK;
}

static hw3_status twin_backward(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *x = hw3i_operand(g, y, 0);
    const double *a = x->value, *d2 = y->grad, *d3 = hw3i_output(g, y, 1)->grad, *dsq = hw3i_output(g, y, 2)->grad;
    double *da = hw3i_grad_of(g, x);
    for (int64_t i = 0; i < y->n; i++) da[i] += (d2 ? 2 * d2[i] : 0) + (d3 ? 3 * d3[i] : 0) + (dsq ? 2 * a[i] * dsq[i] : 0);
    return HW3_OK;
}

static hw3_status same_shape(hw3_graph *g, hw3i_node *y)
{
    set_shape_like(y, hw3i_operand(g, y, 0));
    y->value = hw3i_operand(g, y, 0)->value;
    return HW3_OK;
}

static hw3_status same_forward(hw3_graph *g, hw3i_node *y) { return (void)g, (void)y, HW3_OK; }

static hw3_status same_backward(hw3_graph *g, hw3i_node *y)
{
    double *da = hw3i_grad_of(g, hw3i_operand(g, y, 0));
    for (int64_t i = 0; i < y->n; i++) da[i] += ((double *)y->grad)[i];
    return HW3_OK;
}

static hw3_status plus_forward(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    for (int64_t i = 0; i < y->n; i++) ((double *)y->value)[i] = ((double *)a->value)[i] + (b ? ((double *)b->value)[i] : 0);
    return HW3_OK;
}

static hw3_status plus_shape(hw3_graph *g, hw3i_node *y)
{
    set_shape_like(y, hw3i_operand(g, y, 0));
    return HW3_OK;
}

static const hw3i_op dot = { "dot", 2, 2, dot_shape, { [HW3_F64] = dot_forward }, { [HW3_F64] = dot_backward } };
static const hw3i_op twin = { "twin", 1, 1, twin_shape, { [HW3_F64] = twin_forward }, { [HW3_F64] = twin_backward } };
static const hw3i_op same = { "same", 1, 1, same_shape, { NULL, same_forward, same_forward }, { [HW3_F64] = same_backward } };
static const hw3i_op plus = { "plus", 1, 2, plus_shape, { [HW3_F64] = plus_forward }, { NULL } };

static hw3_var apply1(hw3_graph *g, const hw3i_op *op, hw3_var a) { return hw3i_apply(g, op, &a, 1, NULL); }
static hw3_var apply2(hw3_graph *g, const hw3i_op *op, hw3_var a, hw3_var b)
{
    return hw3i_apply(g, op, (hw3_var[]){ a, b }, 2, NULL);
}

/* What most tests need: a graph over parameters w = 4 5 6 and v = 1 1 1, and a tensor x = 1 -2 3. */
static hw3_ctx *ctx;
static hw3_params *p;
static hw3_graph *g;
static hw3_tensor *x;
static double x_data[3], w_data[3] = { 4, 5, 6 };

static void make(hw3_ctx *on)
{
    hw3_tensor *w = NULL;
    ctx = on;
    memcpy(x_data, (double[]){ 1, -2, 3 }, sizeof x_data);
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_add(p, "w", HW3_F64, 1, (int64_t[]){ 3 }, HW3_INIT_ZERO));
    OK(hw3_params_add(p, "v", HW3_F64, 1, (int64_t[]){ 3 }, HW3_INIT_ONE));
    OK(hw3_params_value(p, "w", &w));
    OK(hw3_tensor_write(w, w_data, sizeof w_data));
    OK(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, NULL, x_data, &x));
    OK(hw3_graph_create(ctx, p, &g));
}

static void setup(void) { make(test_ctx(1)); }

static void teardown(void)
{
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_tensor_destroy(x);
    hw3_ctx_destroy(ctx);
}

static void grad_is(const char *name, double a, double b, double c)
{
    hw3_tensor *t = NULL;
    OK(hw3_params_grad(p, name, &t));
    const double *got = hw3_tensor_data(t);
    ck_assert_msg(got[0] == a && got[1] == b && got[2] == c, "gradient of %s is %g %g %g", name, got[0], got[1], got[2]);
}

START_TEST(gradients_of_a_product)
{
    double got[3], loss;
    hw3_var vx = hw3_input_grad(g, x), y = apply2(g, &dot, hw3_param(g, "w"), vx);
    OK(hw3_var_item(g, y, &loss));
    ck_assert(loss == 4 - 10 + 18);
    OK(hw3_graph_backward(g, y));
    grad_is("w", 1, -2, 3);
    OK(hw3_var_read_grad(g, vx, got, sizeof got));
    ck_assert_mem_eq(got, w_data, sizeof got);
}
END_TEST

/* L = sum(y d) for the d that is given, whatever its strides. */
START_TEST(gradients_from_a_given_one)
{
    const double d[6] = { 2, 9, -3, 9, 0.5, 9 };
    hw3_tensor *strided = NULL, *short_one = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, (int64_t[]){ 2 }, (void *)d, &strided));
    OK(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ 2 }, &short_one));
    OK(hw3_graph_backward_from(g, hw3_mul(g, hw3_param(g, "w"), hw3_input(g, x)), strided));
    grad_is("w", 1 * 2, -2 * -3, 3 * 0.5);
    hw3_graph_begin(g);
    const hw3_var y = hw3_mul(g, hw3_param(g, "w"), hw3_input(g, x));
    ck_assert_int_eq(hw3_graph_backward_from(g, y, short_one), HW3_ERR_SHAPE);
    ck_assert_str_eq(hw3_ctx_error(ctx), "graph_backward_from: the gradient is [2] of F64, the value [3] of F64");
    ck_assert_int_eq(hw3_graph_backward_from(g, y, NULL), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_graph_backward_from(NULL, y, strided), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_graph_backward_from(g, hw3_param(g, "w"), strided), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_graph_backward_from(g, 1000, strided), HW3_ERR_ARG);
    OK(hw3_graph_backward_from(g, y, strided));
    ck_assert_int_eq(hw3_graph_backward_from(g, y, strided), HW3_ERR_STATE);
    hw3_tensor_destroy(strided);
    hw3_tensor_destroy(short_one);
}
END_TEST

/* The same parameter as one node twice, and as two nodes: both add up. */
START_TEST(gradients_add_up)
{
    hw3_var w = hw3_param(g, "w");
    OK(hw3_graph_backward(g, apply2(g, &dot, w, w)));
    grad_is("w", 8, 10, 12);
    hw3_graph_begin(g);
    OK(hw3_graph_backward(g, apply2(g, &dot, hw3_param(g, "w"), hw3_param(g, "w"))));
    grad_is("w", 8, 10, 12);
    hw3_graph_begin(g);
    OK(hw3_graph_accumulate(g, apply2(g, &dot, hw3_param(g, "w"), hw3_input(g, x))));
    grad_is("w", 9, 8, 15);
    hw3_graph_begin(g);
    OK(hw3_graph_backward(g, apply2(g, &dot, hw3_param(g, "v"), hw3_input(g, x))));
    grad_is("v", 1, -2, 3);
    grad_is("w", 0, 0, 0); /* the loss does not depend on it */
}
END_TEST

START_TEST(a_frozen_parameter_has_no_gradient)
{
    OK(hw3_params_set_trainable(p, "w", 0));
    hw3_var w = hw3_param(g, "w"), v = hw3_param(g, "v");
    OK(hw3_graph_backward(g, apply2(g, &dot, w, v)));
    grad_is("w", 0, 0, 0);
    grad_is("v", 4, 5, 6);
    double got[3];
    FAILS(hw3_var_read_grad(g, w, got, sizeof got), HW3_ERR_STATE);
}
END_TEST

START_TEST(further_outputs)
{
    hw3_var ones = hw3_param(g, "v"), w, two;
    for (int used = 1; used < 8; used++) { /* each of the three outputs used or not */
        hw3_graph_begin(g);
        w = hw3_param(g, "w");
        ones = hw3_param(g, "v");
        two = apply1(g, &twin, w);
        ck_assert_int_eq(two, 2);
        hw3_var terms[3], loss;
        for (int k = 0; k < 3; k++) terms[k] = used >> k & 1 ? apply2(g, &dot, two + k, ones) : hw3_scalar(g, HW3_F64, 1);
        loss = apply2(g, &dot, terms[0], apply2(g, &dot, terms[1], terms[2]));
        double value, want[3], a = used & 1 ? 30 : 1, b = used & 2 ? 45 : 1, c = used & 4 ? 77 : 1;
        OK(hw3_var_item(g, loss, &value));
        ck_assert(value == a * b * c);
        OK(hw3_graph_backward(g, loss));
        for (int i = 0; i < 3; i++)
            want[i] = (used & 1 ? 2 * b * c : 0) + (used & 2 ? 3 * a * c : 0) + (used & 4 ? 2 * w_data[i] * a * b : 0);
        grad_is("w", want[0], want[1], want[2]);
    }
    /* the loss may be a further output itself */
    hw3_tensor *s = NULL;
    double seven = 7, got;
    OK(hw3_tensor_wrap(ctx, HW3_F64, 0, NULL, NULL, &seven, &s));
    hw3_graph_begin(g);
    hw3_var in = hw3_input_grad(g, s);
    OK(hw3_graph_backward(g, apply1(g, &twin, in) + 2));
    OK(hw3_var_read_grad(g, in, &got, sizeof got));
    ck_assert(got == 14);
    hw3_tensor_destroy(s);
}
END_TEST

START_TEST(values_may_share_memory)
{
    hw3_var w = hw3_param(g, "w"), y = apply1(g, &same, w);
    OK(hw3_graph_backward(g, apply2(g, &dot, y, w)));
    grad_is("w", 8, 10, 12);
    ck_assert_ptr_eq(hw3i_node_of(g, y)->value, hw3i_node_of(g, w)->value);
}
END_TEST

START_TEST(inputs_in_place_or_copied)
{
    double got[3];
    hw3_tensor *every_other = NULL, *n = NULL;
    hw3_var v = hw3_input(g, x);
    x_data[1] = 8; /* in place: seen */
    OK(hw3_var_read(g, v, got, sizeof got));
    ck_assert(got[1] == 8);
    OK(hw3_tensor_slice(x, 0, 0, 3, 2, &every_other));
    v = hw3_input(g, every_other);
    hw3_tensor_destroy(every_other); /* copied: may go */
    x_data[2] = 9;
    OK(hw3_var_read(g, v, got, sizeof got));
    ck_assert(got[0] == 1 && got[1] == 3);
    int64_t index[2] = { 5, 6 }, index_got[2];
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 2 }, NULL, index, &n));
    v = hw3_input(g, n);
    OK(hw3_var_read(g, v, index_got, sizeof index_got));
    ck_assert_mem_eq(index, index_got, sizeof index);
    ck_assert_int_eq(hw3_input_grad(g, n), HW3_ERR_DTYPE);
    SAYS("input_grad: a tensor of I64");
    hw3_tensor_destroy(n);
}
END_TEST

START_TEST(shapes_and_numbers)
{
    int64_t shape[HW3_MAX_DIMS];
    int32_t n_dims = -1;
    double value;
    void *data;
    hw3_var v = hw3i_leaf(g, HW3_F32, 3, (int64_t[]){ 2, 1, 4 }, &data);
    OK(hw3_var_shape(g, v, shape, &n_dims));
    ck_assert(n_dims == 3 && shape[0] == 2 && shape[1] == 1 && shape[2] == 4);
    OK(hw3_var_item(g, hw3_scalar(g, HW3_F32, 0.1), &value));
    ck_assert(value == (double)0.1f);
    OK(hw3_var_item(g, hw3_scalar(g, HW3_F64, NAN), &value));
    ck_assert(isnan(value));
    float zeros[8], none[8] = { 0 };
    OK(hw3_var_read(g, hw3i_zeros(g, HW3_F32, 2, (int64_t[]){ 4, 2 }), zeros, sizeof zeros));
    ck_assert_mem_eq(zeros, none, sizeof zeros);
    /* NaN in data flows through */
    x_data[0] = NAN;
    OK(hw3_var_item(g, apply2(g, &dot, hw3_input(g, x), hw3_param(g, "w")), &value));
    ck_assert(isnan(value));
}
END_TEST

START_TEST(nothing_has_gradients_too)
{
    hw3_tensor *empty = NULL;
    double loss = 1;
    OK(hw3_tensor_create(ctx, HW3_F64, 2, (int64_t[]){ 0, 3 }, &empty));
    hw3_var a = hw3_input_grad(g, empty), y = apply2(g, &dot, apply1(g, &twin, a), apply1(g, &same, a));
    OK(hw3_var_item(g, y, &loss));
    ck_assert(loss == 0);
    OK(hw3_graph_backward(g, y));
    OK(hw3_var_read_grad(g, a, NULL, 0));
    OK(hw3_var_read(g, a, NULL, 0));
    hw3_tensor_destroy(empty);
}
END_TEST

START_TEST(a_loss_that_is_a_leaf)
{
    hw3_tensor *grad = NULL;
    double got = 0;
    OK(hw3_params_add(p, "s", HW3_F64, 0, NULL, HW3_INIT_ONE));
    OK(hw3_graph_backward(g, hw3_param(g, "s")));
    OK(hw3_params_grad(p, "s", &grad));
    OK(hw3_tensor_read(grad, &got, sizeof got));
    ck_assert(got == 1);
    hw3_graph_begin(g);
    OK(hw3_graph_accumulate(g, hw3_param(g, "s")));
    OK(hw3_tensor_read(grad, &got, sizeof got));
    ck_assert(got == 2);
    hw3_graph_begin(g);
    OK(hw3_graph_backward(g, hw3_scalar(g, HW3_F64, 3))); /* depends on nothing */
    OK(hw3_tensor_read(grad, &got, sizeof got));
    ck_assert(got == 0);
}
END_TEST

START_TEST(the_first_failure_is_told)
{
    hw3_tensor *four = NULL;
    double value;
    OK(hw3_tensor_create(ctx, HW3_F64, 1, (int64_t[]){ 4 }, &four));
    hw3_var w = hw3_param(g, "w"), wrong = apply2(g, &dot, w, hw3_input(g, four));
    ck_assert_int_eq(wrong, HW3_ERR_SHAPE);
    SAYS("dot: a is [3] but b is [4]");
    int64_t n = g->n;
    ck_assert_int_eq(apply2(g, &dot, w, wrong), HW3_ERR_SHAPE); /* handed on, through two operators */
    ck_assert_int_eq(apply1(g, &twin, apply1(g, &same, wrong)), HW3_ERR_SHAPE);
    ck_assert_int_eq(hw3_param(g, "u"), HW3_ERR_NAME); /* a later failure has its status, but not the message */
    ck_assert_int_eq(apply2(g, &dot, w, 99), HW3_ERR_ARG);
    ck_assert_int_eq(apply2(g, &dot, 99, HW3_ERR_DTYPE), HW3_ERR_DTYPE); /* an operand's own status comes first */
    SAYS("dot: a is [3] but b is [4]");
    ck_assert_int_eq(g->n, n); /* failures leave no values */
    OK(hw3_var_item(g, apply2(g, &dot, w, w), &value)); /* what does not depend on it goes on */
    FAILS(hw3_tensor_write(four, &value, 1), HW3_ERR_SHAPE); /* another message in between */
    FAILS(hw3_graph_backward(g, wrong), HW3_ERR_SHAPE);
    SAYS("dot: a is [3] but b is [4]");
    FAILS(hw3_var_read(g, wrong, &value, 8), HW3_ERR_SHAPE);
    FAILS(hw3_var_read_grad(g, wrong, &value, 8), HW3_ERR_SHAPE);
    FAILS(hw3_var_item(g, wrong, &value), HW3_ERR_SHAPE);
    FAILS(hw3_var_shape(g, wrong, (int64_t[8]){ 0 }, &(int32_t){ 0 }), HW3_ERR_SHAPE);
    hw3_graph_begin(g);
    ck_assert_int_eq(hw3_param(g, "u"), HW3_ERR_NAME); /* a new step has its own first failure */
    SAYS("param: no parameter 'u'; the nearest name is");
    hw3_tensor_destroy(four);
}
END_TEST

START_TEST(bad_operands)
{
    for (int i = 0; i < 9; i++) ck_assert_int_eq(hw3_scalar(g, HW3_F64, i), i);
    ck_assert_int_eq(apply2(g, &dot, 0, 17), HW3_ERR_ARG);
    SAYS("dot: operand 1 is 17, but the graph has 9 values");
    hw3_graph_begin(g);
    hw3_var w = hw3_param(g, "w"), y;
    ck_assert_int_eq(apply2(g, &dot, w, HW3_NONE), HW3_ERR_ARG);
    SAYS("dot: operand 1 may not be left out");
    hw3_graph_begin(g);
    w = hw3_param(g, "w");
    ck_assert_int_eq(apply1(g, &dot, w), HW3_ERR_ARG);
    SAYS("dot: 1 operands, but 2 to 2 are needed");
    y = apply2(g, &plus, w, HW3_NONE); /* may be left out there, either way */
    ck_assert_int_eq(y, 1);
    ck_assert_int_eq(apply1(g, &plus, w), 2);
    ck_assert_int_eq(apply1(NULL, &plus, w), HW3_ERR_ARG);
    hw3_graph_begin(g);
    ck_assert_int_eq(apply1(g, &twin, hw3_scalar(g, HW3_F32, 1)), HW3_ERR_DTYPE);
    SAYS("twin: not for F32");
    ck_assert_int_eq(g->n, 1); /* its further outputs went with it */
    hw3_graph_begin(g);
    void *data;
    ck_assert_int_eq(hw3i_leaf(g, HW3_F32, 2, (int64_t[]){ 3, -1 }, &data), HW3_ERR_SHAPE);
    ck_assert_ptr_null(data);
}
END_TEST

START_TEST(backward_out_of_order)
{
    double got[3] = { 0 };
    hw3_var w = hw3_param(g, "w"), v = hw3_param(g, "v"), in = hw3_input(g, x), y = apply2(g, &dot, w, in), other;
    FAILS(hw3_var_read_grad(g, w, got, sizeof got), HW3_ERR_STATE);
    FAILS(hw3_graph_backward(g, w), HW3_ERR_SHAPE);
    SAYS("graph_backward: the loss has shape [3]");
    FAILS(hw3_graph_backward(g, 17), HW3_ERR_ARG);
    SAYS("value 17, but the graph has 4 values");
    FAILS(hw3_graph_backward(g, HW3_NONE), HW3_ERR_ARG);
    FAILS(hw3_graph_backward(NULL, y), HW3_ERR_ARG);
    FAILS(hw3_graph_accumulate(NULL, y), HW3_ERR_ARG);
    other = apply1(g, &twin, v);
    OK(hw3_graph_backward(g, y));
    FAILS(hw3_graph_backward(g, y), HW3_ERR_STATE);
    FAILS(hw3_graph_accumulate(g, y), HW3_ERR_STATE);
    FAILS(hw3_var_read_grad(g, in, got, sizeof got), HW3_ERR_STATE);
    SAYS("value 2 needs no gradient");
    got[0] = 1;
    OK(hw3_var_read_grad(g, other, got, sizeof got)); /* not on the way to the loss */
    ck_assert(got[0] == 0);
    hw3_graph_begin(g);
    OK(hw3_graph_set_training(g, 0));
    y = apply2(g, &dot, hw3_param(g, "w"), hw3_input(g, x));
    ck_assert(!hw3i_node_of(g, y)->needs_grad);
    FAILS(hw3_graph_backward(g, y), HW3_ERR_STATE);
    SAYS("training is off");
    OK(hw3_graph_set_training(g, 1));
    hw3_graph_begin(g);
    y = apply2(g, &dot, hw3_param(g, "w"), apply1(g, &plus, hw3_param(g, "v")));
    FAILS(hw3_graph_backward(g, y), HW3_ERR_UNSUPPORTED);
    SAYS("plus: has no gradient");
    hw3_graph_begin(g);
    void *data;
    y = hw3i_leaf(g, HW3_I64, 0, NULL, &data);
    FAILS(hw3_graph_backward(g, y), HW3_ERR_ARG);
}
END_TEST

START_TEST(bad_arguments)
{
    hw3_graph *none = g;
    hw3_ctx *elsewhere = test_ctx(1);
    double d[3] = { 5, 5, 5 };
    int64_t shape[HW3_MAX_DIMS];
    int32_t n_dims;
    hw3_var w = hw3_param(g, "w");
    FAILS(hw3_graph_create(NULL, p, &none), HW3_ERR_ARG);
    ck_assert_ptr_null(none);
    FAILS(hw3_graph_create(ctx, p, NULL), HW3_ERR_ARG);
    FAILS(hw3_graph_create(elsewhere, p, &none), HW3_ERR_ARG);
    OK(hw3_graph_create(ctx, NULL, &none));
    ck_assert_int_eq(hw3_param(none, "w"), HW3_ERR_STATE);
    SAYS("param: the graph has no parameters, so no 'w'");
    OK(hw3_graph_backward(none, hw3_scalar(none, HW3_F32, 1)));
    hw3_graph_destroy(none);
    FAILS(hw3_graph_begin(NULL), HW3_ERR_ARG);
    FAILS(hw3_graph_set_training(NULL, 1), HW3_ERR_ARG);
    FAILS(hw3_graph_set_training(g, 2), HW3_ERR_ARG);
    FAILS(hw3_graph_set_random(NULL, 1, 1), HW3_ERR_ARG);
    FAILS(hw3_var_shape(NULL, w, shape, &n_dims), HW3_ERR_ARG);
    FAILS(hw3_var_shape(g, w, NULL, &n_dims), HW3_ERR_ARG);
    FAILS(hw3_var_shape(g, w, shape, NULL), HW3_ERR_ARG);
    FAILS(hw3_var_shape(g, 7, shape, &n_dims), HW3_ERR_ARG);
    FAILS(hw3_var_read(NULL, w, d, sizeof d), HW3_ERR_ARG);
    FAILS(hw3_var_read(g, w, NULL, sizeof d), HW3_ERR_ARG);
    FAILS(hw3_var_read(g, HW3_NONE, d, sizeof d), HW3_ERR_ARG);
    FAILS(hw3_var_read(g, w, d, 23), HW3_ERR_TOO_SMALL);
    SAYS("var_read: 24 bytes are needed, but there is room for 23");
    ck_assert(d[0] == 5);
    FAILS(hw3_var_read_grad(NULL, w, d, sizeof d), HW3_ERR_ARG);
    FAILS(hw3_var_read_grad(g, 7, d, sizeof d), HW3_ERR_ARG);
    FAILS(hw3_var_item(NULL, w, d), HW3_ERR_ARG);
    FAILS(hw3_var_item(g, w, d), HW3_ERR_SHAPE);
    SAYS("var_item: one floating element is needed, but value 0 is F64 [3]");
    FAILS(hw3_var_item(g, hw3_scalar(g, HW3_F64, 1), NULL), HW3_ERR_ARG);
    FAILS(hw3_input(NULL, x), HW3_ERR_ARG);
    FAILS(hw3_input_grad(NULL, x), HW3_ERR_ARG);
    FAILS(hw3_scalar(NULL, HW3_F64, 1), HW3_ERR_ARG);
    FAILS(hw3_param(NULL, "w"), HW3_ERR_ARG);
    FAILS(hw3_input(g, NULL), HW3_ERR_ARG);
    SAYS("input: tensor is NULL");
    FAILS(hw3_input_grad(g, NULL), HW3_ERR_ARG);
    FAILS(hw3_param(g, NULL), HW3_ERR_ARG);
    FAILS(hw3_scalar(g, HW3_I64, 1), HW3_ERR_DTYPE);
    hw3_tensor *foreign = NULL;
    ck_assert_int_eq(hw3_tensor_create(elsewhere, HW3_F64, 0, NULL, &foreign), HW3_OK);
    hw3_graph_begin(g);
    FAILS(hw3_input(g, foreign), HW3_ERR_ARG);
    SAYS("input: the tensor belongs to another context");
    hw3_tensor_destroy(foreign);
    hw3_ctx_destroy(elsewhere);
    hw3_graph_destroy(NULL);
}
END_TEST

START_TEST(random_position)
{
    g->n_drawn = 3;
    OK(hw3_graph_set_random(g, 7, 9));
    ck_assert(g->seed == 7 && g->step == 9 && g->n_drawn == 0);
    g->n_drawn = 3;
    hw3_graph_begin(g);
    ck_assert(g->seed == 7 && g->step == 9 && g->n_drawn == 0);
}
END_TEST

/* A step of 200 values, some of them of 80 KB, with a copied input, further outputs and backward. */
static hw3_status big_step(hw3_graph *graph, const hw3_tensor *input)
{
    hw3_graph_begin(graph);
    hw3_var y = hw3_input_grad(graph, input);
    for (int i = 0; i < 60; i++) {
        y = apply1(graph, &twin, y);
        if (y >= 0) y += i % 2;
    }
    return hw3_graph_backward(graph, apply2(graph, &dot, y, hw3_input(graph, input)));
}

START_TEST(a_warm_step_allocates_nothing)
{
    test_memory m;
    hw3_ctx *on = test_ctx_on(&m);
    hw3_graph *graph = NULL;
    hw3_tensor *t = NULL, *turned = NULL;
    ck_assert_int_eq(hw3_graph_create(on, NULL, &graph), HW3_OK);
    ck_assert_int_eq(hw3_tensor_create(on, HW3_F64, 2, (int64_t[]){ 100, 100 }, &t), HW3_OK);
    ck_assert_int_eq(hw3_tensor_transpose(t, 0, 1, &turned), HW3_OK);
    long cold = m.n;
    for (int i = 0; i < 3; i++) ck_assert_int_eq(big_step(graph, turned), HW3_OK);
    ck_assert_int_gt(m.n, cold);
    long warm = m.n;
    for (int i = 0; i < 5; i++) ck_assert_int_eq(big_step(graph, turned), HW3_OK);
    ck_assert_int_eq(m.n, warm);
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(turned);
    hw3_graph_destroy(graph);
    hw3_ctx_destroy(on);
    ck_assert_int_eq(m.n_live, 0);
}
END_TEST

static hw3_status scenario(hw3_ctx *on)
{
    hw3_graph *graph = NULL;
    hw3_params *set = NULL;
    hw3_tensor *t = NULL;
    hw3_status s = hw3_params_create(on, &set);
    if (!s) s = hw3_params_add(set, "a", HW3_F64, 1, (int64_t[]){ 3 }, HW3_INIT_ONE);
    if (!s) s = hw3_graph_create(on, set, &graph);
    if (!s) s = hw3_tensor_create(on, HW3_F64, 2, (int64_t[]){ 100, 100 }, &t);
    for (int i = 0; i < 3 && !s; i++) {
        s = big_step(graph, t);
        hw3_graph_begin(graph);
        hw3_var a = hw3_param(graph, "a");
        if (!s) s = hw3_graph_backward(graph, apply2(graph, &dot, a, apply1(graph, &same, hw3_param(graph, "a"))));
    }
    hw3_tensor_destroy(t);
    hw3_params_destroy(set);
    hw3_graph_destroy(graph); /* the last to go */
    return s;
}

START_TEST(every_allocation_may_fail) { ck_assert_int_ge(test_sweep(scenario), 20); }
END_TEST

START_TEST(any_order_of_destroying)
{
    test_memory m;
    for (int order = 0; order < 3; order++) {
        make(test_ctx_on(&m));
        OK(hw3_graph_backward(g, apply2(g, &dot, hw3_param(g, "w"), hw3_input(g, x))));
        if (order == 0) hw3_ctx_destroy(ctx);
        if (order == 0) hw3_graph_destroy(g);
        hw3_params_destroy(p);
        if (order == 1) hw3_graph_destroy(g);
        hw3_tensor_destroy(x);
        if (order > 0) hw3_ctx_destroy(ctx);
        if (order == 2) hw3_graph_destroy(g);
        ck_assert_int_eq(m.n_live, 0);
    }
}
END_TEST

int main(void)
{
    const TTest *with_graph[] = { gradients_of_a_product, gradients_from_a_given_one, gradients_add_up, a_frozen_parameter_has_no_gradient,
                                  further_outputs,
                                  values_may_share_memory, inputs_in_place_or_copied, shapes_and_numbers,
                                  nothing_has_gradients_too, a_loss_that_is_a_leaf, the_first_failure_is_told, bad_operands,
                                  backward_out_of_order, bad_arguments, random_position };
    const TTest *alone[] = { a_warm_step_allocates_nothing, every_allocation_may_fail, any_order_of_destroying };
    TCase *a = tcase_create("with a graph"), *b = tcase_create("alone");
    tcase_add_checked_fixture(a, setup, teardown);
    for (size_t i = 0; i < sizeof with_graph / sizeof *with_graph; i++) tcase_add_test(a, with_graph[i]);
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) tcase_add_test(b, alone[i]);
    Suite *suite = suite_create("graph");
    suite_add_tcase(suite, a);
    suite_add_tcase(suite, b);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
