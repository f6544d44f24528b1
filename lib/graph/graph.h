/* SPDX-License-Identifier: MIT */
/* The tape: nodes in the order in which they were computed, all memory in one arena.
 *
 * An operator is a row of hw3i_ops (optable.c): its name, a shape rule that checks operands and sets the
 * result's type and shape, and forward and backward for each floating type. hw3i_apply runs the rule,
 * takes memory, runs forward, and returns the index. Backward walks the tape from the loss down and
 * lets each node add to the gradients of its operands. Values are always contiguous. */
#ifndef HW3I_GRAPH_H
#define HW3I_GRAPH_H
#include "base/arena.h"
#include "graph/params.h"
#include "hw3/ops.h"

typedef struct hw3i_node hw3i_node;
typedef struct hw3i_op hw3i_op;

/* Numbers that an operator needs besides its operands. */
typedef struct hw3i_attr {
    double f[2];
    int64_t i[HW3_MAX_DIMS];
    int32_t n; /* how many of i, where it varies */
} hw3i_attr;

struct hw3i_node {
    const hw3i_op *op; /* NULL: a leaf, or a further output of an earlier node */
    hw3_dtype dtype;
    int32_t n_dims;
    int64_t shape[HW3_MAX_DIMS];
    int64_t n; /* elements */
    void *value;
    void *grad; /* NULL until backward has reached it; a parameter's is its own tensor */
    hw3i_param *param;
    bool needs_grad;
    int32_t n_in;
    hw3_var *in; /* HW3_NONE where an operand was left out */
    hw3i_attr attr;
    void *saved; /* what forward keeps for backward, in the arena */
};

struct hw3_graph {
    hw3_ctx *ctx;
    hw3_params *params; /* may be NULL */
    hw3i_arena arena;
    hw3i_node **nodes;
    int64_t n, cap;
    bool training;
    bool ran_backward;
    uint64_t seed, step, n_drawn; /* dropout: n_drawn tells the masks of one step apart */
    hw3_status failed;            /* of the first failure of this step; its message is kept */
};

typedef hw3_status (*hw3i_shape_fn)(hw3_graph *g, hw3i_node *y);   /* sets dtype, n_dims, shape */
typedef hw3_status (*hw3i_run_fn)(hw3_graph *g, hw3i_node *y);     /* may take arena memory */

enum { HW3I_F32 = 0, HW3I_F64 = 1 };
struct hw3i_op {
    const char *name;
    int32_t min_in, max_in;   /* operands; HW3_NONE counts */
    hw3i_shape_fn shape;
    hw3i_run_fn forward[2];   /* [HW3I_F32], [HW3I_F64] */
    hw3i_run_fn backward[2];  /* accumulates into in[i]->grad where that needs_grad */
};

hw3_status hw3i_graph_create(hw3_ctx *ctx, hw3_params *params, hw3_graph **out);
void hw3i_graph_destroy(hw3_graph *g);
hw3_status hw3i_graph_begin(hw3_graph *g);
hw3_status hw3i_graph_backward(hw3_graph *g, hw3_var loss, bool accumulate);

/* Handles of nodes: NULL for HW3_NONE. */
hw3i_node *hw3i_node_of(const hw3_graph *g, hw3_var v);
static inline hw3i_node *hw3i_operand(const hw3_graph *g, const hw3i_node *y, int32_t i)
{
    return i < y->n_in ? hw3i_node_of(g, y->in[i]) : NULL;
}
/* Fails the step: the first message is kept, later ones are dropped; returns the status as a hw3_var. */
hw3_var hw3i_graph_fail(hw3_graph *g, hw3_status s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Computes one operator. attr may be NULL. */
hw3_var hw3i_apply(hw3_graph *g, const hw3i_op *op, const hw3_var *in, int32_t n_in, const hw3i_attr *attr);
/* A further output of the node that shape or forward is just making: value memory taken, gradient as main's. Its
 * index is the next one; the main node's backward reads its grad (NULL when nothing used it). */
hw3_var hw3i_add_output(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, bool needs_grad);
/* Gradient memory of an operand, zeroed at its first use; NULL when it needs none or is left out. Called by backward functions. */
void *hw3i_grad_of(hw3_graph *g, hw3i_node *x);

/* Leaves. */
hw3_var hw3i_input(hw3_graph *g, const hw3_tensor *t, bool needs_grad);
hw3_var hw3i_param_var(hw3_graph *g, hw3i_param *p);
hw3_var hw3i_scalar(hw3_graph *g, hw3_dtype dtype, double value);
hw3_var hw3i_zeros(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape);
/* An uninitialised leaf of the given shape; *data receives its memory, to be filled before use. */
hw3_var hw3i_leaf(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void **data);

#endif
