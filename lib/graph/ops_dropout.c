/* SPDX-License-Identifier: MIT */
/* Dropout [Srivastava14]: the mask of an element is a function of (seed, step, which dropout, element). */
#include "base/random.h"
#include "graph/ops_impl.h"

static bool is_identity(const hw3_graph *g, const hw3i_node *y) { return !g->training || y->attr.f[0] == 0; }

hw3_status hw3i_shape_dropout(hw3_graph *g, hw3i_node *y)
{
    hw3_status s = hw3i_check_floats(g, y);
    if (s) return s;
    double p = y->attr.f[0];
    if (!(p >= 0 && p < 1)) return hw3i_graph_fail(g, HW3_ERR_ARG, "dropout: p is %g, not in [0, 1)", p);
    hw3i_node *x = hw3i_operand(g, y, 0);
    hw3i_set_shape(y, x->n_dims, x->shape);
    if (is_identity(g, y)) y->value = x->value;
    return HW3_OK;
}

typedef struct masking {
    const hw3i_kern *kern;
    uint64_t seed, stream, limit; /* words below limit drop */
    int64_t n;
    uint8_t *keep; /* room for a multiple of 4 */
} masking;

static void mask_tile(void *arg, int64_t tile, int worker)
{
    const masking *m = arg;
    const int64_t first = tile * TILE, n = hw3i_min(m->n - first, TILE);
    (void)worker;
    m->kern->keep(m->seed, m->stream, (uint64_t)first / 4, hw3i_ceil(n, 4), m->limit, m->keep + first);
}

/* The odd factor (of the golden ratio) sets the streams of the steps far apart. */
uint64_t hw3i_draw_stream(hw3_graph *g) { return g->step * 0x9E3779B97F4A7C15u + g->n_drawn++; }

/* One byte an element, kept for backward. */
static const uint8_t *draw_mask(hw3_graph *g, hw3i_node *y)
{
    masking m = { g->ctx->kern, g->seed, hw3i_draw_stream(g), (uint64_t)(y->attr.f[0] * 0x1p32), y->n,
                  hw3i_arena_alloc(&g->arena, y->n + 3, 1) };
    if (m.keep) hw3i_pool_run(hw3i_pool_for(g, y->n), (y->n + TILE - 1) / TILE, mask_tile, &m);
    return y->saved = m.keep;
}

#define OPS_TMPL "graph/ops_dropout_tmpl.c"
#include "graph/ops_both.h"
