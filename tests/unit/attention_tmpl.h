/* SPDX-License-Identifier: MIT */
/* One case of test_attention.c in one real type: the kernel beside the reference. Included for float and for double. */

/* [B, T, heads, D] inside rows of `extra` more columns, so that no stride is implied by a shape */
static real *FN(strided)(const double *x, int64_t rows, int64_t n, int64_t extra)
{
    real *out = malloc((size_t)(rows * (n + extra)) * sizeof(real));
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n + extra; i++) out[r * (n + extra) + i] = i < n ? (real)x[r * n + i] : (real)NAN;
    return out;
}

static void FN(compare)(const char *what, const char *name, const real *x, const double *want, int64_t rows, int64_t n, int64_t extra,
                        double tolerance)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n; i++) {
            double a = (double)x[r * (n + extra) + i], b = want[r * n + i];
            ck_assert_msg(fabs(a - b) <= tolerance * fmax(1, fabs(b)), "%s: %s[%lld][%lld] is %.9g, want %.9g", name, what, (long long)r,
                          (long long)i, a, b);
        }
}

static void FN(run)(const hw3i_kern *kern, hw3_ctx *ctx, const shape *s, const reference *ref, double tolerance)
{
    const kernels *k = KERN(kern);
    const int64_t E = 3, q_row = s->heads * s->D + E, k_row = s->kv * s->D + E, v_row = s->kv * s->Dv + E, o_row = s->heads * s->Dv + E;
    const int64_t nq = s->B * s->Tq, nk = s->B * s->Tk;
    real *q = FN(strided)(ref->q, nq, s->heads * s->D, E), *kk = FN(strided)(ref->k, nk, s->kv * s->D, E);
    real *v = FN(strided)(ref->v, nk, s->kv * s->Dv, E), *dout = FN(strided)(ref->dout, nq, s->heads * s->Dv, E);
    real *bias = s->bias ? FN(strided)(ref->bias, 1, s->B * s->heads * s->Tq * s->Tk, 0) : NULL;
    real *slopes = s->alibi ? FN(strided)(ref->slopes, 1, s->heads, 0) : NULL;
    real *o = calloc((size_t)(nq * o_row), sizeof(real)), *lse = calloc((size_t)(s->heads * nq), sizeof(real));
    real *dq = calloc((size_t)(nq * q_row), sizeof(real)), *dk = calloc((size_t)(nk * k_row), sizeof(real));
    real *dv = calloc((size_t)(nk * v_row), sizeof(real)), *dbias = s->bias ? calloc((size_t)(s->heads * nq * s->Tk), sizeof(real)) : NULL;
    FN(hw3i_attention) a = { .B = s->B, .heads = s->heads, .kv_heads = s->kv, .Tq = s->Tq, .Tk = s->Tk, .D = s->D, .Dv = s->Dv,
        .q = q, .k = kk, .v = v, .qs = { s->Tq * q_row, q_row, s->D }, .ks = { s->Tk * k_row, k_row, s->D },
        .vs = { s->Tk * v_row, v_row, s->Dv }, .scale = (real)SCALE, .offset = s->offset, .causal = s->causal, .prefix = s->prefix,
        .window = s->window, .lengths = s->lengths, .bias = bias,
        .bs = { s->heads * s->Tq * s->Tk, s->Tq * s->Tk, s->Tk }, .slopes = slopes, .dropout = s->dropout, .seed = 7, .stream = 9,
        .o = o, .os = { s->Tq * o_row, o_row, s->Dv }, .lse = lse, .dout = dout, .dq = dq, .dk = dk, .dv = dv, .dbias = dbias };
    const int threads = hw3i_pool_n_threads(ctx->pool);
    const int64_t forward = k->attention_forward_bytes(&a, threads), backward = k->attention_backward_bytes(&a, threads);
    a.scratch = aligned_alloc(64, (size_t)hw3i_max(forward, backward));
    memset(a.scratch, 0xff, (size_t)hw3i_max(forward, backward));
    k->attention_forward(ctx->pool, &a);
    k->attention_backward(ctx->pool, &a);
    FN(compare)("o", s->name, o, ref->o, nq, s->heads * s->Dv, E, tolerance);
    FN(compare)("lse", s->name, lse, ref->lse, 1, s->heads * nq, 0, tolerance);
    FN(compare)("dq", s->name, dq, ref->dq, nq, s->heads * s->D, E, tolerance);
    FN(compare)("dk", s->name, dk, ref->dk, nk, s->kv * s->D, E, tolerance);
    FN(compare)("dv", s->name, dv, ref->dv, nk, s->kv * s->Dv, E, tolerance);
    if (bias) FN(compare)("dbias", s->name, dbias, ref->dbias, 1, s->heads * nq * s->Tk, 0, tolerance);
    real *all[] = { q, kk, v, dout, bias, slopes, o, lse, dq, dk, dv, dbias, a.scratch };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}
