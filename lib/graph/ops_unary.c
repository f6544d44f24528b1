/* SPDX-License-Identifier: MIT */
/* Functions of one element each. */
#include "graph/ops_impl.h"
#include <math.h>

hw3_status hw3i_shape_unary(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0);
    hw3i_set_shape(y, x->n_dims, x->shape);
    return HW3_OK;
}

#define SQRT_1_2 0.70710678118654752440     /* 1 / sqrt 2 */
#define SQRT_2_PI 0.79788456080286535588    /* sqrt(2 / pi) */
#define RSQRT_2PI 0.39894228040143267794    /* 1 / sqrt(2 pi) */
#define GELU_CUBIC 0.044715                 /* [Hendrycks16] */

#define OPS_TMPL "graph/ops_unary_tmpl.c"
#include "graph/ops_both.h"
