/* SPDX-License-Identifier: MIT */
/* Matrix products. */
#include "graph/ops_impl.h"

hw3_status hw3i_shape_matmul(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    int32_t na = a->n_dims, nb = b->n_dims, n = na > nb ? na : nb;
    if (na < 2 || nb < 2 || a->shape[na - 1] != b->shape[nb - 2]) return hw3i_fail_shapes(g, y, "a", a, "b", b);
    for (int32_t i = 3; i <= n; i++) {
        int64_t la = i <= na ? a->shape[na - i] : 1, lb = i <= nb ? b->shape[nb - i] : 1;
        if (la != lb && la != 1 && lb != 1) return hw3i_fail_shapes(g, y, "a", a, "b", b);
        y->shape[n - i] = la == 1 ? lb : la;
    }
    y->n_dims = n;
    y->shape[n - 2] = a->shape[na - 2];
    y->shape[n - 1] = b->shape[nb - 1];
    return HW3_OK;
}

/* n_batch products [m, k] x [k, n]; with b a matrix, the leading dimensions of a are rows of one product. */
typedef struct product {
    int64_t n_batch, m, n, k;
} product;

static product product_of(const hw3_graph *g, const hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    product p = { .m = y->shape[y->n_dims - 2], .n = y->shape[y->n_dims - 1], .k = a->shape[a->n_dims - 1] };
    p.n_batch = hw3i_count(y->n_dims - 2, y->shape);
    if (b->n_dims == 2) {
        p.m *= p.n_batch;
        p.n_batch = 1;
    }
    return p;
}

/* Where the matrix of operand x for batch number i starts. */
static int64_t matrix_start(const hw3i_node *x, const hw3i_node *y, int64_t i)
{
    int64_t at = 0, stride = x->shape[x->n_dims - 2] * x->shape[x->n_dims - 1];
    for (int32_t d = 3; d <= x->n_dims; d++) {
        int64_t len = y->shape[y->n_dims - d];
        if (x->shape[x->n_dims - d] != 1) at += i % len * stride;
        stride *= x->shape[x->n_dims - d];
        i /= len;
    }
    return at;
}

hw3_status hw3i_shape_linear(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    hw3i_node *x = hw3i_operand(g, y, 0), *w = hw3i_operand(g, y, 1), *b = hw3i_operand(g, y, 2);
    const int in = y->attr.i[0] ? 0 : 1;
    if (x->n_dims < 1 || w->n_dims != 2 || x->shape[x->n_dims - 1] != w->shape[in])
        return hw3i_fail_shapes(g, y, "x", x, "weight", w);
    if (b && (b->n_dims != 1 || b->shape[0] != w->shape[1 - in])) return hw3i_fail_shapes(g, y, "weight", w, "bias", b);
    hw3i_set_shape(y, x->n_dims, x->shape);
    y->shape[y->n_dims - 1] = w->shape[1 - in];
    return HW3_OK;
}

/* m rows [k] into rows [n], by W [n, k] or, by columns, W [k, n] */
typedef struct dense {
    int64_t m, n, k;
    bool by_columns;
} dense;

static dense dense_of(const hw3_graph *g, const hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, 0);
    return (dense){ hw3i_count(y->n_dims - 1, y->shape), y->shape[y->n_dims - 1], x->shape[x->n_dims - 1], y->attr.i[0] };
}

#define OPS_TMPL "graph/ops_matmul_tmpl.c"
#include "graph/ops_both.h"
