/* SPDX-License-Identifier: MIT */
/* Arithmetic of two values that broadcast [Numpy]. */
#include "graph/ops_impl.h"

hw3_status hw3i_shape_broadcast(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    y->n_dims = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    for (int32_t i = 1; i <= y->n_dims; i++) {
        int64_t na = i <= a->n_dims ? a->shape[a->n_dims - i] : 1, nb = i <= b->n_dims ? b->shape[b->n_dims - i] : 1;
        if (na != nb && na != 1 && nb != 1) return hw3i_fail_shapes(g, y, "a", a, "b", b);
        y->shape[y->n_dims - i] = na == 1 ? nb : na;
    }
    return HW3_OK;
}

/* The result's shape in as few dimensions as do, and each operand's strides there, 0 where it broadcasts. Equal shapes
 * give one dimension, a row on a matrix two. In the last one strides are 0 or 1. */
typedef struct plan {
    int n_dims;
    int64_t shape[HW3_MAX_DIMS], strides[2][HW3_MAX_DIMS];
} plan;

static int64_t stride_in(const hw3i_node *x, const hw3i_node *y, int dim)
{
    int d = dim - (y->n_dims - x->n_dims);
    return d < 0 || x->shape[d] == 1 ? 0 : hw3i_count(x->n_dims - d - 1, x->shape + d + 1);
}

static plan plan_of(const hw3_graph *g, const hw3i_node *y)
{
    plan p = { .n_dims = 0 };
    for (int dim = 0; dim < y->n_dims; dim++) {
        if (y->shape[dim] == 1) continue;
        int64_t s[2];
        bool joins = p.n_dims > 0;
        for (int k = 0; k < 2; k++) {
            s[k] = stride_in(hw3i_operand(g, y, k), y, dim);
            joins = joins && p.strides[k][p.n_dims - 1] == s[k] * y->shape[dim];
        }
        int last = joins ? p.n_dims - 1 : p.n_dims++;
        p.shape[last] = joins ? p.shape[last] * y->shape[dim] : y->shape[dim];
        for (int k = 0; k < 2; k++) p.strides[k][last] = s[k];
    }
    if (!p.n_dims) p.shape[p.n_dims++] = 1;
    return p;
}

/* Where row `row` of the plan starts in operand k. */
static int64_t row_start(const plan *p, int k, int64_t row)
{
    int64_t at = 0;
    for (int dim = p->n_dims - 2; dim >= 0; dim--) {
        at += row % p->shape[dim] * p->strides[k][dim];
        row /= p->shape[dim];
    }
    return at;
}

/* Every element of operand k has one place in the result: its gradient may be cut into tiles. */
static bool is_whole(const plan *p, int k)
{
    for (int dim = 0; dim < p->n_dims; dim++)
        if (!p->strides[k][dim] && p->shape[dim] != 1) return false;
    return true;
}

static bool is_sum(const hw3i_node *y) { return y->op == &hw3i_ops[HW3I_OP_ADD]; }

#define OPS_TMPL "graph/ops_binary_tmpl.c"
#include "graph/ops_both.h"
