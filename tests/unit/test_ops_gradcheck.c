/* SPDX-License-Identifier: MIT */
/* Every row of the operator table against central differences, on the operands of ops.h. A row without a case fails. */
#include "graph/ops.h"
#include "ops_cases.h"
#include "support.h"

/* Rows that PyTorch's vectors do not cover. */
static const ops_case more_cases[] = {
    { "dropout", "p = 0.4", 1, { { 1, 0, 2, { 5, 4 }, 0, 0 } }, { 0.4 }, { 0 }, 2, { 5, 4 }, 0, 0 },
    { "dropout", "p = 0", 1, { { 1, 0, 2, { 5, 4 }, 0, 0 } }, { 0 }, { 0 }, 2, { 5, 4 }, 0, 0 },
};

typedef struct job {
    const ops_case *c;
    hw3_tensor *index, *dy;
} job;

static const char *const names[] = { "x0", "x1", "x2" };

/* sum(y * dy), the loss of the vectors too */
static hw3_var loss_of(void *user, hw3_graph *g)
{
    const job *j = user;
    hw3_var v[3];
    for (int k = 0; k < j->c->n_in; k++) {
        const ops_operand *x = &j->c->in[k];
        v[k] = !x->given ? HW3_NONE : x->is_index ? hw3_input(g, j->index) : hw3_param(g, names[k]);
    }
    return hw3_sum(g, hw3_mul(g, case_apply(g, j->c, v), hw3_input(g, j->dy)), HW3_ALL_DIMS, 0);
}

static void check_case(hw3_ctx *ctx, const ops_case *c)
{
    job j = { .c = c };
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    hw3_gradcheck_opts o = HW3_GRADCHECK_OPTS_INIT; /* tolerance 1e-6 */
    int64_t index[32];
    double largest = 1;
    OK(hw3_params_create(ctx, &p));
    for (int k = 0; k < c->n_in; k++) {
        const ops_operand *x = &c->in[k];
        int64_t n = case_count(x->n_dims, x->shape);
        hw3_tensor *t = NULL;
        if (!x->given) continue;
        if (x->is_index) {
            ck_assert(n <= 32);
            for (int64_t i = 0; i < n; i++) index[i] = (int64_t)ops_data[x->at + i];
            OK(hw3_tensor_wrap(ctx, HW3_I64, x->n_dims, x->shape, NULL, index, &j.index));
            continue;
        }
        OK(hw3_params_add(p, names[k], HW3_F64, x->n_dims, x->shape, HW3_INIT_ZERO));
        OK(hw3_params_value(p, names[k], &t));
        OK(hw3_tensor_write(t, ops_data + x->at, n * 8));
        for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(ops_data[x->at + i]));
    }
    OK(hw3_tensor_create(ctx, HW3_F64, c->n_dims, c->shape, &j.dy));
    OK(hw3_tensor_write(j.dy, ops_data + c->dy, case_count(c->n_dims, c->shape) * 8));
    OK(hw3_graph_create(ctx, p, &g));
    OK(hw3_graph_set_random(g, 5, 3));
    o.step /= largest; /* the same distance everywhere: operands of 700 curve as sharply as those of 1 */
    hw3_status s = hw3_gradcheck(g, loss_of, &j, &o, NULL, NULL);
    ck_assert_msg(s == HW3_OK, "%s, %s: %s", c->op, c->what, hw3_ctx_error(ctx));
    hw3_graph_destroy(g);
    hw3_tensor_destroy(j.dy);
    hw3_tensor_destroy(j.index);
    hw3_params_destroy(p);
}

static int check_row(hw3_ctx *ctx, const char *op, const ops_case *cases, int64_t n)
{
    int found = 0;
    for (int64_t k = 0; k < n; k++) {
        if (strcmp(cases[k].op, op)) continue;
        check_case(ctx, &cases[k]);
        found++;
    }
    return found;
}

START_TEST(every_row)
{
    hw3_ctx *ctx = test_ctx(2);
    for (int op = 0; op < HW3I_N_OPS; op++) {
        const char *name = hw3i_ops[op].name;
        if (!name) continue; /* not built yet */
        int found = check_row(ctx, name, ops_cases, HW3I_LEN(ops_cases)) + check_row(ctx, name, more_cases, HW3I_LEN(more_cases));
        ck_assert_msg(found > 0, "%s has no gradient check", name);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("ops_gradcheck", every_row)
