/* SPDX-License-Identifier: MIT */
/* The tape, by small operators of the test's own: dot (a . b), scale (c a, with a further output c^2 a). */
#include "graph/graph.h"
#include "support.h"

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

static const hw3i_op dot = { "dot", 2, 2, dot_shape, { NULL, dot_forward }, { NULL, dot_backward } };

static hw3_var apply_dot(hw3_graph *g, hw3_var a, hw3_var b) { return hw3i_apply(g, &dot, (hw3_var[]){ a, b }, 2, NULL); }

/* L = w . x + nothing else: dL/dw = x, and w twice gives 2 w. */
START_TEST(gradients_of_a_product)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *w = NULL, *dw = NULL, *x = NULL;
    double data[3] = { 1, -2, 3 }, values[3] = { 4, 5, 6 }, got[3], loss;
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_add(p, "w", HW3_F64, 1, (int64_t[]){ 3 }, HW3_INIT_ZERO));
    OK(hw3_params_value(p, "w", &w));
    OK(hw3_params_grad(p, "w", &dw));
    OK(hw3_tensor_write(w, values, sizeof values));
    OK(hw3_tensor_wrap(ctx, HW3_F64, 1, (int64_t[]){ 3 }, NULL, data, &x));
    OK(hw3_graph_create(ctx, p, &g));
    hw3_var vx = hw3_input_grad(g, x), v = apply_dot(g, hw3_param(g, "w"), vx);
    OK(hw3_var_item(g, v, &loss));
    ck_assert(loss == 4 - 10 + 18);
    OK(hw3_graph_backward(g, v));
    OK(hw3_tensor_read(dw, got, sizeof got));
    ck_assert_mem_eq(got, data, sizeof got);
    OK(hw3_var_read_grad(g, vx, got, sizeof got));
    ck_assert_mem_eq(got, values, sizeof got);
    hw3_graph_begin(g);
    v = apply_dot(g, hw3_param(g, "w"), hw3_param(g, "w"));
    OK(hw3_graph_backward(g, v));
    OK(hw3_tensor_read(dw, got, sizeof got));
    for (int i = 0; i < 3; i++) ck_assert(got[i] == 2 * values[i]);
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_tensor_destroy(x);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("graph", gradients_of_a_product)
