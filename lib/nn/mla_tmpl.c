/* SPDX-License-Identifier: MIT */
/* y[h] = x[h] W_uk or x[h] W_uv', where head h of the up-projection has d_head rows W_uk and d_value rows W_uv. */
static void FN(products)(const hw3i_attn *a, const hw3_graph *g, bool values, int64_t m, const real *x, real *y)
{
    const int64_t r = a->latent.rank, d = a->d_head, v = a->d_value;
    const real *w = (const real *)(const void *)a->latent.up.weight->value->data;
    for (int64_t h = 0; h < a->n_heads; h++, w += (d + v) * r) {
        if (values) KERN(g)->linear(g->ctx->pool, m, v, r, x + h * m * r, w + d * r, NULL, y + h * m * v);
        else KERN(g)->product(g->ctx->pool, m, r, d, x + h * m * d, w, y + h * m * r);
    }
}
