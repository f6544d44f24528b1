/* SPDX-License-Identifier: MIT */
static FN(hw3i_seq) FN(describe)(const hw3_graph *g, const hw3i_node *y)
{
    const kept *k = y->saved;
    const hw3i_node *hn = hw3i_output(g, y, 1), *cn = y->n_extra > 1 ? hw3i_output(g, y, 2) : NULL;
    const int64_t *xs = hw3i_operand(g, y, X)->shape;
    return (FN(hw3i_seq)){
        .cell = (int)y->attr.i[0], .reverse = y->attr.i[1] != 0, .T = xs[0], .B = xs[1], .I = xs[2], .H = y->shape[2],
        .lengths = hw3i_in_value(g, y, LENGTHS), .x = hw3i_in_value(g, y, X),
        .h0 = hw3i_in_value(g, y, H0), .c0 = hw3i_in_value(g, y, C0),
        .w_ih = hw3i_in_value(g, y, W_IH), .w_hh = hw3i_in_value(g, y, W_HH),
        .b_ih = hw3i_in_value(g, y, B_IH), .b_hh = hw3i_in_value(g, y, B_HH),
        .y = y->value, .hn = hn->value, .cn = cn ? cn->value : NULL, .gates = k->gates, .c = k->c };
}

hw3_status FN(hw3i_recurrent_forward)(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = prepare(g, y, sizeof(real));
    if (s) return s;
    FN(hw3i_seq) q = FN(describe)(g, y);
    q.scratch = take(g, KERN(g)->seq_forward_bytes(&q, hw3i_pool_n_threads(g->ctx->pool)), 1, &s);
    if (!s) KERN(g)->seq_forward(g->ctx->pool, &q);
    return s;
}

hw3_status FN(hw3i_recurrent_backward)(hw3_graph *g, hw3i_node *y)
{
    FN(hw3i_seq) q = FN(describe)(g, y);
    q.dy = y->grad;
    q.dhn = hw3i_output(g, y, 1)->grad;
    q.dcn = y->n_extra > 1 ? hw3i_output(g, y, 2)->grad : NULL;
    q.dx = hw3i_in_grad(g, y, X);
    q.dh0 = hw3i_in_grad(g, y, H0);
    q.dc0 = hw3i_in_grad(g, y, C0);
    q.dw_ih = hw3i_in_grad(g, y, W_IH);
    q.dw_hh = hw3i_in_grad(g, y, W_HH);
    q.db_ih = hw3i_in_grad(g, y, B_IH);
    q.db_hh = hw3i_in_grad(g, y, B_HH);
    hw3_status s = HW3_OK;
    q.scratch = take(g, KERN(g)->seq_backward_bytes(&q, hw3i_pool_n_threads(g->ctx->pool)), 1, &s);
    if (!s) KERN(g)->seq_backward(g->ctx->pool, &q);
    return s;
}
