/* SPDX-License-Identifier: MIT */
/* The tape: nodes in the order in which they were computed, all memory in one arena.
 *
 * An operator is a row of hw3i_ops (optable.c): its name, a shape rule that checks operands and sets the
 * result's type and shape, and forward and backward for each type. hw3i_apply runs the rule,
 * takes memory, runs forward, and returns the index. Backward walks the tape from the loss down and
 * lets each node add to the gradients of its operands. Values are always contiguous.
 *
 * Further outputs: shape or forward may call hw3i_add_output. The main node is made first, so with index m the
 * further ones are m + 1, m + 2, ...; hw3i_output(g, y, k) is the k-th from 1. Walking down, backward reaches all who
 * use a further output before it reaches m, so their gradients are complete when m's backward runs. It runs when
 * any of them has a gradient: of an operator with further outputs each grad, the main one's too, may then be NULL. */
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
    hw3_var index;
    hw3_dtype dtype;
    int32_t n_dims;
    int64_t shape[HW3_MAX_DIMS];
    int64_t n; /* elements */
    void *value;
    void *grad; /* NULL until backward has reached it; a parameter's is its own tensor */
    hw3i_param *param;
    bool needs_grad;
    int32_t n_extra; /* further outputs */
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
    hw3_status failed;            /* of the first failure of this step */
    char message[512];            /* its message: a later failure puts it back into the context */
};

/* A rule sets dtype, n_dims, shape; it may set value to share an operand's memory, otherwise memory is taken.
 * needs_grad is set before: what is kept only for backward may be left out when it is false. attr and in are set. */
typedef hw3_status (*hw3i_shape_fn)(hw3_graph *g, hw3i_node *y);
typedef hw3_status (*hw3i_run_fn)(hw3_graph *g, hw3i_node *y);     /* may take arena memory */

struct hw3i_op {
    const char *name;
    int32_t min_in, max_in;   /* operands; those from min_in on may be left out or be HW3_NONE */
    hw3i_shape_fn shape;
    hw3i_run_fn forward[HW3_I64 + 1];   /* by the type of the result; NULL where there is none */
    hw3i_run_fn backward[HW3_I64 + 1];  /* accumulates into in[i]->grad where that needs_grad */
};

hw3_status hw3i_graph_create(hw3_ctx *ctx, hw3_params *params, hw3_graph **out);
void hw3i_graph_destroy(hw3_graph *g); /* may be NULL */
hw3_status hw3i_graph_begin(hw3_graph *g);
/* A place of the tape to go back to, outside training: values made since are given up, and their memory is used again. */
typedef struct hw3i_graph_mark {
    int64_t n;
    hw3i_arena_mark arena;
} hw3i_graph_mark;
static inline hw3i_graph_mark hw3i_graph_mark_of(const hw3_graph *g)
{
    return (hw3i_graph_mark){ g->n, hw3i_arena_mark_of(&g->arena) };
}
static inline void hw3i_graph_rewind(hw3_graph *g, hw3i_graph_mark mark)
{
    g->n = mark.n;
    hw3i_arena_rewind(&g->arena, mark.arena);
}
void hw3i_graph_set_random(hw3_graph *g, uint64_t seed, uint64_t step);
hw3_status hw3i_graph_backward(hw3_graph *g, hw3_var loss, bool accumulate);
hw3_status hw3i_graph_backward_from(hw3_graph *g, hw3_var y, const hw3_tensor *gradient);

/* Handles of nodes: NULL for HW3_NONE. */
hw3i_node *hw3i_node_of(const hw3_graph *g, hw3_var v);
static inline hw3i_node *hw3i_operand(const hw3_graph *g, const hw3i_node *y, int32_t i)
{
    return i < y->n_in ? hw3i_node_of(g, y->in[i]) : NULL;
}
/* The k-th further output of y, k = 1, 2, ... */
static inline hw3i_node *hw3i_output(const hw3_graph *g, const hw3i_node *y, int32_t k)
{
    return k >= 1 && k <= y->n_extra ? g->nodes[y->index + k] : NULL;
}
/* HW3_OK when v is a value of g; otherwise the status that v carries, with the first message of the step, or
 * HW3_ERR_ARG with a message that begins with who. Does not fail the step. */
hw3_status hw3i_var_check(const hw3_graph *g, hw3_var v, const char *who);
/* Of a v that is no value of g: the status that it carries, untouched, or the step fails as above. */
hw3_var hw3i_no_value(hw3_graph *g, hw3_var v, const char *who);
/* As hw3i_var_check, for what a caller's loss has returned. n_failures: ctx's before it was called; a status of its own has
 * no message. */
hw3_status hw3i_loss_check(const hw3_graph *g, hw3_var v, const char *who, int64_t n_failures);
/* Fails the step: the first message is kept, later ones are dropped; returns the status as a hw3_var. */
hw3_var hw3i_graph_fail(hw3_graph *g, hw3_status s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with the message that stands in the context. */
hw3_status hw3i_graph_failed(hw3_graph *g, hw3_status s);

/* As hw3i_import for options that may be NULL, over the defaults in dst; where they are not understood the step fails. */
hw3_status hw3i_graph_import(hw3_graph *g, void *dst, uint32_t known, const void *opts, uint32_t oldest, const char *name);

/* Computes one operator. attr may be NULL. On failure the result is a status and the tape is as before: a negative operand's
 * own, untouched, or the rule's. Rules and forward leave their message by hw3i_graph_fail or hw3i_fail. */
hw3_var hw3i_apply(hw3_graph *g, const hw3i_op *op, const hw3_var *in, int32_t n_in, const hw3i_attr *attr);
/* A further output of the node that shape or forward is just making, see above. Returns its index or a status. */
hw3_var hw3i_add_output(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, bool needs_grad);
/* Gradient memory of an operand, zero before its first use; NULL when it needs none or is left out. Called by backward
 * functions: the memory of all operands is taken before they run, so NULL never means that there is none left. */
static inline void *hw3i_grad_of(hw3_graph *g, hw3i_node *x)
{
    (void)g;
    return x && x->needs_grad ? x->grad : NULL;
}

/* Leaves. */
hw3_var hw3i_input(hw3_graph *g, const hw3_tensor *t, bool needs_grad);
hw3_var hw3i_param_var(hw3_graph *g, hw3i_param *p);
hw3_var hw3i_param_named(hw3_graph *g, const char *name);
hw3_var hw3i_scalar(hw3_graph *g, hw3_dtype dtype, double value);
hw3_var hw3i_zeros(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape);
/* An uninitialised leaf of the given shape; *data receives its memory, to be filled before use. */
hw3_var hw3i_leaf(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void **data);

#endif
