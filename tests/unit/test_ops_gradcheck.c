/* SPDX-License-Identifier: MIT */
/* Every row of the operator table against central differences, on the operands of ops.h. A row without a case fails. */
#include "graph/ops.h"
#include "math/kern.h"
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

/* The sequence operator has its own call, three outputs, and operands that may be left out. */
typedef struct sequence {
    int cell;
    bool reverse, states;
    hw3_tensor *lengths; /* NULL: all */
} sequence;

enum { T = 4, B = 3, I = 2, H = 3 };

static hw3_var squared(hw3_graph *g, hw3_var v) { return hw3_sum(g, hw3_mul(g, v, v), HW3_ALL_DIMS, 0); }

/* sum y^2 + sum hn^2 + sum cn^2 */
static hw3_var sequence_loss(void *user, hw3_graph *g)
{
    const sequence *q = user;
    hw3_var hn, cn, h0 = q->states ? hw3_param(g, "h0") : HW3_NONE;
    hw3_var c0 = q->states && q->cell == HW3I_LSTM ? hw3_param(g, "c0") : HW3_NONE;
    hw3_var y = hw3i_recurrent(g, q->cell, q->reverse, hw3_param(g, "x"), q->lengths ? hw3_input(g, q->lengths) : HW3_NONE, h0, c0,
                               hw3_param(g, "w_ih"), hw3_param(g, "w_hh"), hw3_param(g, "b_ih"), hw3_param(g, "b_hh"), &hn, &cn);
    hw3_var loss = hw3_add(g, squared(g, y), squared(g, hn));
    return cn == HW3_NONE ? loss : hw3_add(g, loss, squared(g, cn));
}

static void check_sequence(hw3_ctx *ctx, sequence *q)
{
    static const int64_t gates[] = { 0, 1, 1, 4, 3 };
    int64_t GH = gates[q->cell] * H;
    const struct { const char *name; int32_t n_dims; int64_t shape[3]; } rows[] = {
        { "x", 3, { T, B, I } }, { "h0", 2, { B, H } }, { "c0", 2, { B, H } }, { "w_ih", 2, { GH, I } },
        { "w_hh", 2, { GH, H } }, { "b_ih", 1, { GH } }, { "b_hh", 1, { GH } } };
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    OK(hw3_params_create(ctx, &p));
    for (int64_t i = 0; i < HW3I_LEN(rows); i++)
        OK(hw3i_params_add_uniform(p, rows[i].name, HW3_F64, rows[i].n_dims, rows[i].shape, 1.0));
    OK(hw3_graph_create(ctx, p, &g));
    hw3_status s = hw3_gradcheck(g, sequence_loss, q, NULL, NULL, NULL);
    ck_assert_msg(s == HW3_OK, "recurrent, cell %d, %d, %d: %s", q->cell, q->reverse, q->states, hw3_ctx_error(ctx));
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
}

static int check_sequences(hw3_ctx *ctx)
{
    int64_t n = B, lengths[B] = { 4, 1, 3 };
    hw3_tensor *cut = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, &n, NULL, lengths, &cut));
    for (int i = 0; i < 32; i++) check_sequence(ctx, &(sequence){ 1 + i / 8, i & 1, i >> 1 & 1, i >> 2 & 1 ? cut : NULL });
    hw3_tensor_destroy(cut);
    return 32;
}

/* Attention: grouped heads, causal with an offset, a bias that the heads share, lengths, dropout with its mask held. */
static hw3_var attention_loss(void *user, hw3_graph *g)
{
    const int *kind = user;
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = *kind & 1;
    if (*kind & 2) o.bias = hw3_param(g, "bias");
    if (*kind & 4) o.dropout = 0.25;
    return squared(g, hw3_attention(g, hw3_param(g, "q"), hw3_param(g, "k"), hw3_param(g, "v"), &o));
}

static int check_attentions(hw3_ctx *ctx)
{
    static const struct { const char *name; int64_t shape[4]; } rows[] = {
        { "q", { 2, 3, 4, 5 } }, { "k", { 2, 6, 2, 5 } }, { "v", { 2, 6, 2, 3 } }, { "bias", { 1, 4, 3, 6 } } };
    for (int kind = 0; kind < 8; kind++) {
        hw3_params *p = NULL;
        hw3_graph *g = NULL;
        OK(hw3_params_create(ctx, &p));
        for (int64_t i = 0; i < HW3I_LEN(rows); i++) OK(hw3i_params_add_uniform(p, rows[i].name, HW3_F64, 4, rows[i].shape, 1.0));
        OK(hw3_graph_create(ctx, p, &g));
        OK(hw3_graph_set_random(g, 5, 3));
        hw3_status s = hw3_gradcheck(g, attention_loss, &kind, NULL, NULL, NULL);
        ck_assert_msg(s == HW3_OK, "attention, kind %d: %s", kind, hw3_ctx_error(ctx));
        hw3_graph_destroy(g);
        hw3_params_destroy(p);
    }
    return 8;
}

START_TEST(every_row)
{
    hw3_ctx *ctx = test_ctx(2);
    for (int op = 0; op < HW3I_N_OPS; op++) {
        const char *name = hw3i_ops[op].name;
        ck_assert_msg(name, "row %d of the table is empty", op);
        int found = check_row(ctx, name, ops_cases, HW3I_LEN(ops_cases)) + check_row(ctx, name, more_cases, HW3I_LEN(more_cases));
        if (op == HW3I_OP_RECURRENT) found += check_sequences(ctx);
        if (op == HW3I_OP_ATTENTION) found += check_attentions(ctx);
        ck_assert_msg(found > 0, "%s has no gradient check", name);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("ops_gradcheck", every_row)
