/* SPDX-License-Identifier: MIT */
static FN(hw3i_attention) FN(describe)(const hw3_graph *g, const hw3i_node *y)
{
    const hw3i_node *q = hw3i_operand(g, y, Q), *k = hw3i_operand(g, y, K), *v = hw3i_operand(g, y, V);
    const hw3i_node *bias = hw3i_operand(g, y, BIAS);
    const kept *saved = y->saved;
    const int64_t Tq = q->shape[1], Tk = k->shape[1];
    FN(hw3i_attention) a = { .B = q->shape[0], .heads = q->shape[2], .kv_heads = k->shape[2], .Tq = Tq, .Tk = Tk,
        .D = q->shape[3], .Dv = v->shape[3], .q = q->value, .k = k->value, .v = v->value,
        .scale = (real)y->attr.f[0], .offset = y->attr.i[OFFSET], .causal = y->attr.i[CAUSAL] != 0,
        .prefix = y->attr.i[PREFIX], .window = y->attr.i[WINDOW], .lengths = hw3i_in_value(g, y, LENGTHS),
        .slopes = hw3i_in_value(g, y, SLOPES), .dropout = g->training ? y->attr.f[1] : 0,
        .seed = g->seed, .stream = saved->stream, .o = y->value, .lse = saved->lse };
    strides_of(q, a.qs);
    strides_of(k, a.ks);
    strides_of(v, a.vs);
    strides_of(y, a.os);
    if (bias) {
        a.bias = bias->value;
        a.bs[2] = Tk;
        a.bs[1] = bias->shape[1] > 1 ? Tq * Tk : 0;
        a.bs[0] = bias->shape[0] > 1 ? bias->shape[1] * Tq * Tk : 0;
    }
    return a;
}

hw3_status FN(hw3i_attention_forward)(hw3_graph *g, hw3i_node *y)
{
    const int64_t rows = y->n / y->shape[3];
    kept *saved = y->saved = hw3i_arena_alloc(&g->arena, 1, sizeof *saved);
    if (!saved) return HW3_ERR_NOMEM;
    saved->lse = hw3i_arena_alloc(&g->arena, rows, sizeof(real));
    saved->stream = hw3i_draw_stream(g);
    if (!saved->lse) return HW3_ERR_NOMEM;
    FN(hw3i_attention) a = FN(describe)(g, y);
    a.scratch = hw3i_arena_alloc(&g->arena, KERN(g)->attention_forward_bytes(&a, hw3i_pool_n_threads(g->ctx->pool)), 1);
    if (!a.scratch) return HW3_ERR_NOMEM;
    KERN(g)->attention_forward(g->ctx->pool, &a);
    return HW3_OK;
}

/* A bias that is shared takes the sum of the gradients of all that share it. */
static void FN(add_shared)(const FN(hw3i_attention) *a, real *grad)
{
    for (int64_t b = 0; b < a->B; b++)
        for (int64_t h = 0; h < a->heads; h++)
            for (int64_t t = 0; t < a->Tq; t++) {
                const real *d = a->dbias + ((b * a->heads + h) * a->Tq + t) * a->Tk;
                real *out = grad + b * a->bs[0] + h * a->bs[1] + t * a->bs[2];
                for (int64_t j = 0; j < a->Tk; j++) out[j] += d[j];
            }
}

hw3_status FN(hw3i_attention_backward)(hw3_graph *g, hw3i_node *y)
{
    FN(hw3i_attention) a = FN(describe)(g, y);
    real *dbias = hw3i_in_grad(g, y, BIAS);
    const int64_t n_bias = a.B * a.heads * a.Tq * a.Tk;
    a.dout = y->grad;
    a.dq = hw3i_in_grad(g, y, Q);
    a.dk = hw3i_in_grad(g, y, K);
    a.dv = hw3i_in_grad(g, y, V);
    if (dbias) {
        a.dbias = hw3i_arena_alloc(&g->arena, n_bias, sizeof(real));
        if (!a.dbias) return HW3_ERR_NOMEM;
        memset(a.dbias, 0, (size_t)n_bias * sizeof(real));
    }
    a.scratch = hw3i_arena_alloc(&g->arena, KERN(g)->attention_backward_bytes(&a, hw3i_pool_n_threads(g->ctx->pool)), 1);
    if (!a.scratch) return HW3_ERR_NOMEM;
    KERN(g)->attention_backward(g->ctx->pool, &a);
    if (dbias) FN(add_shared)(&a, dbias);
    return HW3_OK;
}

static void FN(weights_of_head)(const hw3_graph *g, const hw3i_node *y, int64_t b, int64_t h, double *w)
{
    const FN(hw3i_attention) a = FN(describe)(g, y);
    for (int64_t t = 0; t < a.Tq; t++) KERN(g)->attention_weights(&a, b, h, t, w + t * a.Tk);
}

/* H = -sum_j w_j log w_j */
static void FN(entropies)(const hw3_graph *g, const hw3i_node *y, double *w, double *entropy)
{
    const FN(hw3i_attention) a = FN(describe)(g, y);
    for (int64_t i = 0; i < a.B * a.heads * a.Tq; i++) {
        KERN(g)->attention_weights(&a, i / (a.heads * a.Tq), i / a.Tq % a.heads, i % a.Tq, w);
        entropy[i] = 0;
        for (int64_t j = 0; j < a.Tk; j++)
            if (w[j] > 0) entropy[i] -= w[j] * log(w[j]);
    }
}
