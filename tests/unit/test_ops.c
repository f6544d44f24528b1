/* SPDX-License-Identifier: MIT */
/* Operators against PyTorch's values and gradients (ops.h). */
#include "graph/ops.h"
#include "ops_cases.h"
#include "support.h"

#define MOST 600

/* n numbers of the vectors as a tensor of another type; buffer holds them. */
static hw3_tensor *tensor_of(hw3_ctx *ctx, hw3_dtype dtype, int n_dims, const int64_t *shape, int at)
{
    int64_t n = case_count(n_dims, shape);
    union { double d[MOST]; float f[MOST]; int64_t i[MOST]; } b;
    hw3_tensor *t = NULL;
    ck_assert(n <= MOST);
    for (int64_t k = 0; k < n; k++) {
        double v = ops_data[at + k];
        if (dtype == HW3_F64) b.d[k] = v;
        else if (dtype == HW3_F32) b.f[k] = (float)v;
        else b.i[k] = (int64_t)v;
    }
    OK(hw3_tensor_create(ctx, dtype, n_dims, shape, &t));
    OK(hw3_tensor_write(t, &b, n * hw3i_dtype_size(dtype)));
    return t;
}

static void check_numbers(const ops_case *c, const char *what, hw3_dtype dtype, const void *got, int64_t n, int at,
                          double tolerance)
{
    for (int64_t k = 0; k < n; k++) {
        double a = dtype == HW3_F64 ? ((const double *)got)[k] : (double)((const float *)got)[k], b = ops_data[at + k];
        ck_assert_msg(fabs(a - b) <= tolerance * fmax(1, fabs(b)), "%s, %s: %s[%lld] is %.17g, not %.17g", c->op, c->what, what,
                      (long long)k, a, b);
    }
}

static void check_case(hw3_ctx *ctx, hw3_graph *g, const ops_case *c, hw3_dtype dtype, double tolerance)
{
    hw3_tensor *t[4] = { NULL };
    hw3_var v[3] = { HW3_NONE, HW3_NONE, HW3_NONE };
    int64_t size = hw3i_dtype_size(dtype), shape[HW3_MAX_DIMS];
    int32_t n_dims;
    double got[MOST];
    OK(hw3_graph_begin(g));
    for (int k = 0; k < c->n_in; k++) {
        const ops_operand *x = &c->in[k];
        if (!x->given) continue;
        t[k] = tensor_of(ctx, x->is_index ? HW3_I64 : dtype, x->n_dims, x->shape, x->at);
        v[k] = x->is_index ? hw3_input(g, t[k]) : hw3_input_grad(g, t[k]);
    }
    t[3] = tensor_of(ctx, dtype, c->n_dims, c->shape, c->dy);
    hw3_var y = case_apply(g, c, v), loss = hw3_sum(g, hw3_mul(g, y, hw3_input(g, t[3])), HW3_ALL_DIMS, 0);
    ck_assert_msg(y >= 0, "%s, %s: %s", c->op, c->what, hw3_ctx_error(ctx));
    OK(hw3_var_shape(g, y, shape, &n_dims));
    ck_assert_msg(hw3i_same_shape(n_dims, shape, c->n_dims, c->shape), "%s, %s: shape", c->op, c->what);
    OK(hw3_var_read(g, y, got, sizeof got));
    check_numbers(c, "value", dtype, got, case_count(n_dims, shape), c->at, tolerance);
    OK(hw3_graph_backward(g, loss));
    for (int k = 0; k < c->n_in; k++) {
        const ops_operand *x = &c->in[k];
        if (!x->given || x->is_index) continue;
        OK(hw3_var_read_grad(g, v[k], got, MOST * size));
        check_numbers(c, "gradient", dtype, got, case_count(x->n_dims, x->shape), x->grad, tolerance);
    }
    for (int k = 0; k < 4; k++) hw3_tensor_destroy(t[k]);
}

/* f64: a few units in the last place through sums of up to 300 terms. f32: the same, 1e-5 being 80 of its units. */
START_TEST(values_and_gradients_are_pytorchs)
{
    hw3_ctx *ctx = test_ctx(2);
    hw3_graph *g = NULL;
    OK(hw3_graph_create(ctx, NULL, &g));
    for (int op = 0; op < HW3I_N_OPS; op++) {
        int found = 0;
        for (int64_t k = 0; k < HW3I_LEN(ops_cases); k++) {
            if (strcmp(ops_cases[k].op, hw3i_ops[op].name)) continue;
            check_case(ctx, g, &ops_cases[k], HW3_F64, 1e-12);
            check_case(ctx, g, &ops_cases[k], HW3_F32, 1e-5);
            found++;
        }
        ck_assert_msg(found || op == HW3I_OP_DROPOUT || op == HW3I_OP_RECURRENT, "%s has no vectors", hw3i_ops[op].name);
    }
    hw3_graph_destroy(g);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("ops", values_and_gradients_are_pytorchs)
