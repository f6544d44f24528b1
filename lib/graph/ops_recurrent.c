/* SPDX-License-Identifier: MIT */
/* The fused sequence operator: a recurrent layer in one direction, run by the kernels over all steps at once.
 * Its value is y [T, B, H]; the last states hn and, for LSTM, cn are further outputs. attr.i: cell, reverse. */
#include "graph/ops_impl.h"

enum { X, W_IH, W_HH, B_IH, B_HH, H0, C0, LENGTHS, N_IN }; /* from H0 on they may be left out */
static const char *const names[N_IN] = { "x", "w_ih", "w_hh", "b_ih", "b_hh", "h0", "c0", "lengths" };

typedef struct kept {
    void *gates, *c; /* NULL when no backward will come */
} kept;

hw3_var hw3i_check_lengths(hw3_graph *g, const char *who, hw3_var lengths, int64_t T, int64_t B)
{
    if (lengths == HW3_NONE) return 0;
    const hw3i_node *n = hw3i_node_of(g, lengths);
    char text[128];
    if (!n) return lengths < 0 ? lengths : hw3i_graph_fail(g, HW3_ERR_ARG, "%s: there is no value %d", who, (int)lengths);
    if (n->dtype != HW3_I64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "%s: lengths must be HW3_I64", who);
    if (n->n_dims != 1 || n->shape[0] != B)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "%s: lengths is %s, must be [%lld]", who,
                               hw3i_shape_text(text, n->n_dims, n->shape), (long long)B);
    const int64_t *len = n->value;
    for (int64_t b = 0; b < B; b++)
        if (len[b] < 1 || len[b] > T)
            return hw3i_graph_fail(g, HW3_ERR_VALUE, "%s: lengths[%lld] is %lld, must be 1 to %lld", who,
                                   (long long)b, (long long)len[b], (long long)T);
    return 0;
}

/* Operand i, where it is given, must have x's type and this shape. */
static hw3_status check_operand(hw3_graph *g, const hw3i_node *y, int i, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    const hw3i_node *a = hw3i_operand(g, y, i);
    char have[128], want[128];
    if (!a) return HW3_OK;
    if (a->dtype != dtype)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "recurrent: %s is %s but x is %s", names[i], hw3i_dtype_name(a->dtype),
                               hw3i_dtype_name(dtype));
    if (a->n_dims != n_dims || memcmp(a->shape, shape, (size_t)n_dims * sizeof *shape))
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "recurrent: %s is %s, must be %s", names[i],
                               hw3i_shape_text(have, a->n_dims, a->shape), hw3i_shape_text(want, n_dims, shape));
    return HW3_OK;
}

hw3_status hw3i_shape_recurrent(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *x = hw3i_operand(g, y, X), *w = hw3i_operand(g, y, W_HH);
    char text[128];
    if (x->dtype != HW3_F32 && x->dtype != HW3_F64) return hw3i_graph_fail(g, HW3_ERR_DTYPE, "recurrent: x must be floating");
    if (x->n_dims != 3 || x->shape[0] < 1 || x->shape[1] < 1 || x->shape[2] < 1)
        return hw3i_graph_fail(g, HW3_ERR_SHAPE, "recurrent: x is %s, must be [T, B, I]",
                               hw3i_shape_text(text, x->n_dims, x->shape));
    int64_t B = x->shape[1], I = x->shape[2], H = w->n_dims == 2 ? w->shape[1] : 0, GH = hw3i_n_gates((int)y->attr.i[0]) * H;
    if (H < 1) return hw3i_graph_fail(g, HW3_ERR_SHAPE, "recurrent: w_hh is %s", hw3i_shape_text(text, w->n_dims, w->shape));
    const int64_t shapes[N_IN][2] = { [W_IH] = { GH, I }, [W_HH] = { GH, H }, [B_IH] = { GH, 0 }, [B_HH] = { GH, 0 },
                                      [H0] = { B, H }, [C0] = { B, H } };
    hw3_status s = hw3i_check_lengths(g, "recurrent", LENGTHS < y->n_in ? y->in[LENGTHS] : HW3_NONE, x->shape[0], B);
    for (int i = W_IH; i < LENGTHS && !s; i++)
        s = check_operand(g, y, i, x->dtype, i == B_IH || i == B_HH ? 1 : 2, shapes[i]);
    if (s) return s;
    y->dtype = x->dtype;
    hw3i_set_shape(y, 3, (int64_t[]){ x->shape[0], B, H });
    return HW3_OK;
}

static void *take(hw3_graph *g, int64_t n, int64_t size, hw3_status *s)
{
    void *p = *s ? NULL : hw3i_arena_alloc(&g->arena, n, size);
    if (!p && !*s) *s = HW3_ERR_NOMEM;
    return p;
}

/* Further outputs hn and, for LSTM, cn; memory for the activations when backward may come. */
static hw3_status prepare(hw3_graph *g, hw3i_node *y, int64_t size)
{
    hw3_status s = HW3_OK;
    kept *k = take(g, 1, sizeof *k, &s);
    if (s) return s;
    bool lstm = y->attr.i[0] == HW3I_LSTM, gru = y->attr.i[0] == HW3I_GRU;
    *k = (kept){ NULL, NULL };
    if (y->needs_grad) k->gates = take(g, (lstm || gru ? 4 : 1) * y->n, size, &s);
    if (y->needs_grad && lstm) k->c = take(g, y->n, size, &s);
    y->saved = k;
    for (int i = 0; i < (lstm ? 2 : 1) && !s; i++) {
        hw3_var v = hw3i_add_output(g, y->dtype, 2, y->shape + 1, y->needs_grad);
        if (v < 0) s = v;
    }
    return s;
}

#define OPS_TMPL "graph/ops_recurrent_tmpl.c"
#include "graph/ops_both.h"

hw3_var hw3i_recurrent(hw3_graph *g, int cell, bool reverse, hw3_var x, hw3_var lengths, hw3_var h0, hw3_var c0,
                       hw3_var w_ih, hw3_var w_hh, hw3_var b_ih, hw3_var b_hh, hw3_var *hn, hw3_var *cn)
{
    const hw3_var in[N_IN] = { x, w_ih, w_hh, b_ih, b_hh, h0, c0, lengths };
    hw3_var y = hw3i_apply(g, &hw3i_ops[HW3I_OP_RECURRENT], in, N_IN, &(hw3i_attr){ .i = { cell, reverse } });
    *hn = y < 0 ? y : y + 1;
    *cn = cell != HW3I_LSTM ? HW3_NONE : y < 0 ? y : y + 2;
    return y;
}
