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
        ck_assert_msg(found || op == HW3I_OP_DROPOUT || op == HW3I_OP_RECURRENT || op == HW3I_OP_ATTENTION, "%s has no vectors", hw3i_ops[op].name);
    }
    hw3_graph_destroy(g);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Element k of an operand as F64 and, as I64, a number that no double holds. */
static double moved_f64(int64_t k) { return (double)k; }
static int64_t moved_i64(int64_t k) { return (INT64_C(1) << 53) + 2 * k + 1; }

/* The operator on numbered elements of this type, an index operand as in the vectors. */
static hw3_var apply_numbered(hw3_ctx *ctx, hw3_graph *g, const ops_case *c, hw3_dtype dtype, void *got)
{
    hw3_tensor *t[3] = { NULL };
    hw3_var v[3];
    int64_t next = 0;
    OK(hw3_graph_begin(g));
    for (int i = 0; i < c->n_in; i++) {
        const ops_operand *x = &c->in[i];
        int64_t n = case_count(x->n_dims, x->shape);
        if (x->is_index) t[i] = tensor_of(ctx, HW3_I64, x->n_dims, x->shape, x->at);
        else OK(hw3_tensor_create(ctx, dtype, x->n_dims, x->shape, &t[i]));
        for (int64_t k = 0; !x->is_index && k < n; k++, next++) {
            if (dtype == HW3_F64) ((double *)hw3_tensor_data(t[i]))[k] = moved_f64(next);
            else ((int64_t *)hw3_tensor_data(t[i]))[k] = moved_i64(next);
        }
        v[i] = !x->is_index && dtype == HW3_F64 ? hw3_input_grad(g, t[i]) : hw3_input(g, t[i]);
    }
    hw3_var y = case_apply(g, c, v);
    OK(hw3_var_read(g, y, got, MOST * 8));
    for (int i = 0; i < c->n_in; i++) hw3_tensor_destroy(t[i]);
    return y;
}

/* Integers go where doubles go, and need no gradient. */
START_TEST(integers_are_moved_as_doubles_are)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_graph *g = NULL;
    int n_cases = 0;
    OK(hw3_graph_create(ctx, NULL, &g));
    for (int64_t k = 0; k < HW3I_LEN(ops_cases); k++) {
        const ops_case *c = &ops_cases[k];
        int op = 0;
        while (strcmp(hw3i_ops[op].name, c->op)) op++;
        if (!hw3i_ops[op].forward[HW3_I64]) continue;
        double f64[MOST];
        int64_t i64[MOST], grad;
        apply_numbered(ctx, g, c, HW3_F64, f64);
        hw3_var y = apply_numbered(ctx, g, c, HW3_I64, i64);
        for (int64_t i = 0; i < case_count(c->n_dims, c->shape); i++)
            ck_assert_msg(i64[i] == moved_i64((int64_t)f64[i]), "%s, %s: [%lld]", c->op, c->what, (long long)i);
        OK(hw3_graph_backward(g, hw3_scalar(g, HW3_F64, 0)));
        FAILS(hw3_var_read_grad(g, y, &grad, sizeof grad), HW3_ERR_STATE);
        n_cases++;
    }
    ck_assert_int_ge(n_cases, 6);
    hw3_graph_destroy(g);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("ops", values_and_gradients_are_pytorchs, integers_are_moved_as_doubles_are)
