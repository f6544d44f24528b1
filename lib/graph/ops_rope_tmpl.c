/* SPDX-License-Identifier: MIT */
typedef struct FN(rope) {
    const kernels *k;
    int64_t n_positions, rows, heads, D, n, share; /* rows of x, each at position row % n_positions */
    const int64_t *positions;
    const double *frequencies;
    double factor;
    bool interleaved, adds;
    real sign, *cosine, *sine; /* [n_positions, n] */
    const real *x;
    real *y;
} FN(rope);

static FN(rope) FN(rope_of)(const hw3_graph *g, const hw3i_node *y)
{
    const hw3i_node *p = hw3i_operand(g, y, POSITIONS), *f = hw3i_operand(g, y, FREQUENCIES);
    real *saved = y->saved;
    return (FN(rope)){ .k = KERN(g), .n_positions = p->n, .rows = y->shape[0] * y->shape[1], .heads = y->shape[2],
                       .D = y->shape[3], .n = f->n, .share = hw3i_ceil(TILE, hw3i_max(1, y->shape[2] * y->shape[3])),
                       .positions = p->value, .frequencies = f->value, .factor = y->attr.f[0], .interleaved = y->attr.i[0] != 0,
                       .sign = 1, .cosine = saved, .sine = saved + p->n * f->n, .x = hw3i_in_value(g, y, X), .y = y->value };
}

/* The angles in double: a float holds too little of p f at far positions. */
static void FN(angle_tile)(void *arg, int64_t tile, int worker)
{
    const FN(rope) *r = arg;
    (void)worker;
    for (int64_t p = tile * r->share; p < hw3i_min(r->n_positions, (tile + 1) * r->share); p++)
        for (int64_t i = 0; i < r->n; i++) {
            const double angle = (double)r->positions[p] * r->frequencies[i];
            r->cosine[p * r->n + i] = (real)(r->factor * cos(angle));
            r->sine[p * r->n + i] = (real)(r->factor * sin(angle));
        }
}

static void FN(rope_tile)(void *arg, int64_t tile, int worker)
{
    const FN(rope) *r = arg;
    (void)worker;
    for (int64_t row = tile * r->share; row < hw3i_min(r->rows, (tile + 1) * r->share); row++) {
        const int64_t p = row % r->n_positions * r->n, at = row * r->heads * r->D;
        r->k->rotate(r->heads, r->D, r->n, r->interleaved, r->adds, r->sign, r->cosine + p, r->sine + p, r->x + at, r->y + at);
    }
}

hw3_status FN(hw3i_rope_forward)(hw3_graph *g, hw3i_node *y)
{
    y->saved = hw3i_arena_alloc(&g->arena, 2 * hw3i_operand(g, y, POSITIONS)->n * hw3i_operand(g, y, FREQUENCIES)->n,
                                sizeof(real));
    if (!y->saved) return HW3_ERR_NOMEM;
    FN(rope) r = FN(rope_of)(g, y);
    hw3i_pool_run(hw3i_pool_for(g, 8 * r.n_positions * r.n), hw3i_ceil(r.n_positions, r.share), FN(angle_tile), &r);
    hw3i_pool_run(hw3i_pool_for(g, y->n), y->n ? hw3i_ceil(r.rows, r.share) : 0, FN(rope_tile), &r);
    return HW3_OK;
}

/* A rotation's transpose turns back. */
hw3_status FN(hw3i_rope_backward)(hw3_graph *g, hw3i_node *y)
{
    FN(rope) r = FN(rope_of)(g, y);
    r.x = y->grad;
    r.y = hw3i_in_grad(g, y, X);
    r.adds = true;
    r.sign = -1;
    if (r.y) hw3i_pool_run(hw3i_pool_for(g, y->n), y->n ? hw3i_ceil(r.rows, r.share) : 0, FN(rope_tile), &r);
    return HW3_OK;
}
