/* SPDX-License-Identifier: MIT */
/* What the ops_*.c files share: checks of operands, geometry of one dimension, tiles of elements.
 *
 * Typed code is in *_tmpl.c files: define OPS_TMPL as the file and include graph/ops_both.h, which compiles it
 * for float and for double. There, real is the type, FN(name) is name_f32 or name_f64, KERN(g) the kernels. */
#ifndef HW3I_OPS_IMPL_H
#define HW3I_OPS_IMPL_H
#include "graph/ops.h"
#include "math/gemm.h"
#include "math/kern.h"

#define CHUNK 256   /* elements of a buffer on the stack */
#define COLUMNS 64  /* of a matrix that are summed side by side */
#define TILE 16384  /* elements that one thread takes at a time */

/* The pool when n elements are worth waking it; the cut into tiles is the same either way. */
static inline hw3i_pool *hw3i_pool_for(const hw3_graph *g, int64_t n) { return n > 4 * TILE ? g->ctx->pool : NULL; }

static inline void *hw3i_in_value(const hw3_graph *g, const hw3i_node *y, int32_t i)
{
    hw3i_node *x = hw3i_operand(g, y, i);
    return x ? x->value : NULL;
}
static inline void *hw3i_in_grad(hw3_graph *g, const hw3i_node *y, int32_t i) { return hw3i_grad_of(g, hw3i_operand(g, y, i)); }

/* Checks that all operands have one type, which becomes y's. */
hw3_status hw3i_check_alike(hw3_graph *g, hw3i_node *y);
/* The same, and that it is floating. */
hw3_status hw3i_check_floats(hw3_graph *g, hw3i_node *y);
/* Checks that the second is HW3_I64; the first's type becomes y's. */
hw3_status hw3i_check_indexed(hw3_graph *g, hw3i_node *y);
/* Fails with "add: a is [2, 3] but b is [2, 2]". */
hw3_status hw3i_fail_shapes(hw3_graph *g, const hw3i_node *y, const char *what_a, const hw3i_node *a, const char *what_b,
                            const hw3i_node *b);
hw3_status hw3i_fail_dim(hw3_graph *g, const char *who, const hw3i_node *a, int64_t dim);
void hw3i_set_shape(hw3i_node *y, int32_t n_dims, const int64_t *shape);

/* A shape seen from one dimension: [outer, len, inner]. */
typedef struct hw3i_span {
    int64_t outer, len, inner;
} hw3i_span;
hw3i_span hw3i_span_of(const hw3i_node *a, int32_t dim); /* HW3_ALL_DIMS: [1, n, 1] */

/* A stream of random numbers of its own for the operator that is being applied, in this step. */
uint64_t hw3i_draw_stream(hw3_graph *g);

/* out [m, n] = x [m, k] w' [n, k] + bias, which may be NULL. */
void hw3i_linear_run_f32(const hw3_graph *g, int64_t m, int64_t n, int64_t k, const float *x, const float *w, const float *bias,
                         float *out);
void hw3i_linear_run_f64(const hw3_graph *g, int64_t m, int64_t n, int64_t k, const double *x, const double *w,
                         const double *bias, double *out);

/* out[j] += alpha sum_i x[i][j] over n_rows rows of n, in blocks of rows. */
void hw3i_add_rows_f32(hw3_graph *g, int64_t n_rows, int64_t n, float alpha, const float *x, float *out);
void hw3i_add_rows_f64(hw3_graph *g, int64_t n_rows, int64_t n, double alpha, const double *x, double *out);

/* out += alpha x, in tiles; nothing when either is NULL. */
void hw3i_add_scaled_f32(hw3_graph *g, int64_t n, float alpha, const float *x, float *out);
void hw3i_add_scaled_f64(hw3_graph *g, int64_t n, double alpha, const double *x, double *out);

#endif
