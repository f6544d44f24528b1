/* SPDX-License-Identifier: MIT */
/* One real's half of test_seq.c, which includes it for float and double: real, FIELD (f32, f64), F(name), TOLERANCE. */

typedef struct F(run) {
    F(hw3i_seq) s;
    real *mem[N_BUFS];
    const hw3i_kern *k;
    hw3_ctx *ctx;
} F(run);

/* Fresh buffers of exactly the right size: inputs from the reference, gradients at its starting value, the rest NaN. */
static F(run) F(run_new)(const hw3i_kern *k, hw3_ctx *ctx, const shape *sh, double *const ref[N_BUFS])
{
    F(run) r = { .k = k, .ctx = ctx };
    for (int i = 0; i < N_BUFS; i++) {
        int64_t n = buf_size(sh, i);
        r.mem[i] = malloc((size_t)n * sizeof(real));
        for (int64_t j = 0; j < n; j++)
            r.mem[i][j] = (real)(i < FIRST_OUTPUT ? ref[i][j] : i >= FIRST_GRADIENT ? GRADIENT_START : NAN);
    }
    real **m = r.mem;
    r.s = (F(hw3i_seq)){ .cell = sh->cell, .reverse = sh->reverse, .T = sh->T, .B = sh->B, .I = sh->I, .H = sh->H,
        .lengths = sh->lengths, .x = m[X], .h0 = m[H0], .c0 = m[C0], .w_ih = m[W_IH], .w_hh = m[W_HH], .b_ih = m[B_IH],
        .b_hh = m[B_HH], .y = m[Y], .hn = m[HN], .cn = m[CN], .gates = m[GATES], .c = m[CELLS], .dy = m[DY], .dhn = m[DHN],
        .dcn = m[DCN], .dx = m[DX], .dh0 = m[DH0], .dc0 = m[DC0], .dw_ih = m[DW_IH], .dw_hh = m[DW_HH], .db_ih = m[DB_IH],
        .db_hh = m[DB_HH] };
    if (sh->bare) { /* all that may be missing is */
        r.s.h0 = r.s.c0 = r.s.b_ih = r.s.b_hh = r.s.dhn = r.s.dcn = NULL;
        r.s.hn = r.s.cn = r.s.dx = r.s.dh0 = r.s.dc0 = r.s.db_ih = NULL;
    }
    return r;
}

static void F(run_free)(F(run) *r)
{
    for (int i = 0; i < N_BUFS; i++) free(r->mem[i]);
}

/* Scratch of exactly the asked size, filled with NaN. */
static void *F(scratch)(int64_t bytes)
{
    void *p = aligned_alloc(64, (size_t)bytes);
    ck_assert_ptr_nonnull(p);
    return memset(p, 0xff, (size_t)bytes);
}

static void F(forward)(F(run) *r)
{
    int n_threads = hw3i_pool_n_threads(r->ctx->pool);
    r->s.scratch = F(scratch)(r->k->FIELD->seq_forward_bytes(&r->s, n_threads));
    r->k->FIELD->seq_forward(r->ctx->pool, &r->s);
    free(r->s.scratch);
}

static void F(backward)(F(run) *r)
{
    int n_threads = hw3i_pool_n_threads(r->ctx->pool);
    r->s.scratch = F(scratch)(r->k->FIELD->seq_backward_bytes(&r->s, n_threads));
    r->k->FIELD->seq_backward(r->ctx->pool, &r->s);
    free(r->s.scratch);
}

static bool F(wanted)(const F(run) *r, int i)
{
    const F(hw3i_seq) *s = &r->s;
    const bool lstm = s->cell == HW3I_LSTM;
    const void *p[N_BUFS] = { [Y] = s->y, [HN] = s->hn, [CN] = lstm ? s->cn : NULL, [DX] = s->dx, [DH0] = s->dh0,
        [DC0] = lstm ? s->dc0 : NULL, [DW_IH] = s->dw_ih, [DW_HH] = s->dw_hh, [DB_IH] = s->db_ih, [DB_HH] = s->db_hh };
    return p[i] != NULL;
}

static void F(equals_reference)(const hw3i_kern *k, hw3_ctx *ctx, const shape *sh)
{
    static const char *const names[N_BUFS] = { [Y] = "y", [HN] = "hn", [CN] = "cn", [DX] = "dx", [DH0] = "dh0", [DC0] = "dc0",
        [DW_IH] = "dw_ih", [DW_HH] = "dw_hh", [DB_IH] = "db_ih", [DB_HH] = "db_hh" };
    double *ref[N_BUFS];
    reference_inputs(sh, ref, sizeof(real) == 4);
    reference_forward(sh, ref);
    reference_backward(sh, ref);
    F(run) r = F(run_new)(k, ctx, sh, ref);
    F(forward)(&r);
    F(backward)(&r);
    for (int i = 0; i < N_BUFS; i++)
        for (int64_t j = 0; F(wanted)(&r, i) && j < buf_size(sh, i); j++) {
            double got = r.mem[i][j], want = ref[i][j];
            if (fabs(got - want) <= TOLERANCE * fmax(1, fabs(want))) continue; /* an assertion of Check writes to a file */
            ck_abort_msg("%s cell %d reverse %d T %d B %d I %d H %d lengths %d bare %d: %s[%d] = %.17g, want %.17g", k->isa, sh->cell,
                         sh->reverse, (int)sh->T, (int)sh->B, (int)sh->I, (int)sh->H, sh->lengths != NULL, sh->bare, names[i],
                         (int)j, got, want);
        }
    F(run_free)(&r);
    for (int i = 0; i < N_BUFS; i++) free(ref[i]);
}

static void F(same)(const F(run) *a, const F(run) *b, const shape *sh)
{
    for (int i = 0; i < N_BUFS; i++)
        if (F(wanted)(a, i)) ck_assert_msg(!memcmp(a->mem[i], b->mem[i], (size_t)buf_size(sh, i) * sizeof(real)), "buffer %d", i);
}

/* The same bits from 1, 2, 3 and 4 threads. */
static void F(any_threads)(const hw3i_kern *k, hw3_ctx *const ctx[4], const shape *sh)
{
    double *ref[N_BUFS];
    F(run) r[4];
    reference_inputs(sh, ref, true);
    for (int n = 0; n < 4; n++) {
        r[n] = F(run_new)(k, ctx[n], sh, ref);
        F(forward)(&r[n]);
        F(backward)(&r[n]);
        if (n > 0) F(same)(&r[0], &r[n], sh);
    }
    for (int n = 0; n < 4; n++) F(run_free)(&r[n]);
    for (int i = 0; i < N_BUFS; i++) free(ref[i]);
}

/* One step at a time with the state carried, forward only, and one row at a time, equal the whole bit for bit. */
static void F(pieces)(const hw3i_kern *k, hw3_ctx *ctx, const shape *sh)
{
    const int64_t T = sh->T, B = sh->B, I = sh->I, H = sh->H;
    double *ref[N_BUFS];
    reference_inputs(sh, ref, true);
    F(run) whole = F(run_new)(k, ctx, sh, ref), steps = F(run_new)(k, ctx, sh, ref), one = F(run_new)(k, ctx, sh, ref);
    F(forward)(&whole);
    steps.s.T = 1;
    steps.s.gates = steps.s.c = NULL;
    for (int64_t i = 0; i < T; i++) {
        int64_t t = sh->reverse ? T - 1 - i : i;
        steps.s.x = steps.mem[X] + t * B * I;
        steps.s.y = steps.mem[Y] + t * B * H;
        F(forward)(&steps);
        steps.s.h0 = steps.s.hn; /* in place */
        steps.s.c0 = steps.s.cn;
    }
    F(same)(&whole, &steps, sh);
    one.s.B = 1;
    one.s.gates = one.s.c = NULL;
    real *x = malloc((size_t)(T * I) * sizeof(real)), *y = malloc((size_t)(T * H) * sizeof(real));
    for (int64_t b = 0; b < B; b++) {
        for (int64_t t = 0; t < T; t++) memcpy(x + t * I, one.mem[X] + (t * B + b) * I, (size_t)I * sizeof(real));
        one.s.x = x, one.s.y = y;
        one.s.h0 = one.mem[H0] + b * H, one.s.c0 = one.mem[C0] + b * H;
        one.s.hn = one.mem[HN] + b * H, one.s.cn = one.mem[CN] + b * H;
        F(forward)(&one);
        for (int64_t t = 0; t < T; t++) memcpy(one.mem[Y] + (t * B + b) * H, y + t * H, (size_t)H * sizeof(real));
    }
    F(same)(&whole, &one, sh);
    free(x);
    free(y);
    F(run_free)(&whole);
    F(run_free)(&steps);
    F(run_free)(&one);
    for (int i = 0; i < N_BUFS; i++) free(ref[i]);
}
