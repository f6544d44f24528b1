/* SPDX-License-Identifier: MIT */
/* What the tests of recurrent layers share: one run forward and backward with everything that comes out. */
#ifndef HW3_TEST_RNN_SUPPORT_H
#define HW3_TEST_RNN_SUPPORT_H
#include "base/random.h"
#include "support.h"
#include <stdbool.h>

typedef struct problem {
    int64_t T, B;
    const int64_t *lengths;                          /* NULL: all */
    const double *x, *h0, *c0, *params, *wy, *wh, *wc; /* states and their weights may be NULL */
} problem;

typedef struct outcome {
    int64_t n_y, n_state, n_x, n_params;
    double *y, *hn, *cn, *dx, *dh0, *dc0, *dparams;
} outcome;

static inline hw3_tensor *tensor_of(hw3_ctx *ctx, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const double *v)
{
    hw3_tensor *t = NULL;
    OK(hw3_tensor_create(ctx, dtype, n_dims, shape, &t));
    for (int64_t i = 0; i < hw3_tensor_n_elements(t); i++) {
        if (dtype == HW3_F32) ((float *)hw3_tensor_data(t))[i] = (float)v[i];
        else ((double *)hw3_tensor_data(t))[i] = v[i];
    }
    return t;
}

static inline double *doubles_of(hw3_dtype dtype, const void *data, int64_t n)
{
    double *v = malloc((size_t)(n + 1) * sizeof *v);
    for (int64_t i = 0; i < n; i++) v[i] = dtype == HW3_F32 ? ((const float *)data)[i] : ((const double *)data)[i];
    return v;
}

static inline double *read_var(hw3_ctx *ctx, hw3_graph *g, hw3_var v, hw3_dtype dtype, int64_t n, bool grad)
{
    double *room = malloc((size_t)(n + 1) * sizeof *room);
    int64_t bytes = n * (dtype == HW3_F32 ? 4 : 8);
    if (grad) OK(hw3_var_read_grad(g, v, room, bytes));
    else OK(hw3_var_read(g, v, room, bytes));
    double *out = doubles_of(dtype, room, n);
    free(room);
    return out;
}

/* n numbers in -1 to 1. */
static inline double *random_doubles(uint64_t stream, int64_t n)
{
    double *v = malloc((size_t)(n + 1) * sizeof *v);
    for (int64_t i = 0; i < n; i++) v[i] = 2 * hw3i_uniform(5, stream, (uint64_t)i) - 1;
    return v;
}

/* All parameters of a set from one flat array, in the order of adding. */
static inline void set_params(hw3_ctx *ctx, hw3_params *params, const double *flat)
{
    for (int64_t i = 0; i < hw3_params_n(params); i++) {
        hw3_tensor *t = NULL;
        OK(hw3_params_value(params, hw3_params_name(params, i), &t));
        for (int64_t j = 0; j < hw3_tensor_n_elements(t); j++, flat++) {
            if (hw3_tensor_dtype(t) == HW3_F32) ((float *)hw3_tensor_data(t))[j] = (float)*flat;
            else ((double *)hw3_tensor_data(t))[j] = *flat;
        }
    }
}

static inline double *get_grads(hw3_ctx *ctx, hw3_params *params)
{
    double *flat = malloc((size_t)(hw3_params_n_elements(params) + 1) * sizeof *flat), *p = flat;
    for (int64_t i = 0; i < hw3_params_n(params); i++) {
        hw3_tensor *t = NULL;
        OK(hw3_params_grad(params, hw3_params_name(params, i), &t));
        int64_t n = hw3_tensor_n_elements(t);
        double *v = doubles_of(hw3_tensor_dtype(t), hw3_tensor_data(t), n);
        memcpy(p, v, (size_t)n * sizeof *v);
        free(v);
        p += n;
    }
    return flat;
}

/* The loss is sum(y wy) + sum(hn wh) + sum(cn wc). */
static inline hw3_var weighted(hw3_ctx *ctx, hw3_graph *g, hw3_var v, const double *w, hw3_dtype dtype)
{
    int64_t shape[HW3_MAX_DIMS];
    int32_t n_dims;
    OK(hw3_var_shape(g, v, shape, &n_dims));
    hw3_tensor *t = tensor_of(ctx, dtype, n_dims, shape, w);
    hw3_var copy = hw3_affine(g, hw3_input(g, t), 1, 0); /* so that t may go */
    hw3_tensor_destroy(t);
    hw3_var sum = hw3_sum(g, hw3_mul(g, v, copy), HW3_ALL_DIMS, 0);
    ck_assert_msg(sum >= 0, "%s", hw3_ctx_error(ctx));
    return sum;
}

static inline outcome run(hw3_ctx *ctx, const hw3_rnn_opts *o, const problem *p)
{
    hw3_params *params = NULL;
    hw3_rnn *rnn = NULL;
    hw3_graph *g = NULL;
    OK(hw3_params_create(ctx, &params));
    OK(hw3_rnn_create(params, "", o, &rnn));
    set_params(ctx, params, p->params);
    OK(hw3_graph_create(ctx, params, &g));
    int64_t D = o->bidirectional ? 2 : 1, cells = D * o->n_layers;
    int64_t x_shape[3] = { p->T, p->B, o->n_inputs }, s_shape[3] = { cells, p->B, o->n_hidden };
    hw3_tensor *x = tensor_of(ctx, o->dtype, 3, x_shape, p->x), *h0 = NULL, *c0 = NULL, *lengths = NULL;
    hw3_rnn_state s = HW3_RNN_STATE_INIT, first;
    if (p->h0) s.h = hw3_input_grad(g, h0 = tensor_of(ctx, o->dtype, 3, s_shape, p->h0));
    if (p->c0) s.c = hw3_input_grad(g, c0 = tensor_of(ctx, o->dtype, 3, s_shape, p->c0));
    first = s;
    hw3_var len = HW3_NONE, vx = hw3_input_grad(g, x);
    if (p->lengths) {
        OK(hw3_tensor_wrap(ctx, HW3_I64, 1, &p->B, NULL, (void *)(uintptr_t)p->lengths, &lengths));
        len = hw3_input(g, lengths);
    }
    hw3_var y = hw3_rnn_forward(rnn, g, vx, len, &s);
    ck_assert_msg(y >= 0, "%s", hw3_ctx_error(ctx));
    ck_assert_int_eq(s.c == HW3_NONE, o->cell != HW3_CELL_LSTM);
    hw3_var loss = weighted(ctx, g, y, p->wy, o->dtype);
    if (p->wh) loss = hw3_add(g, loss, weighted(ctx, g, s.h, p->wh, o->dtype));
    if (p->wc) loss = hw3_add(g, loss, weighted(ctx, g, s.c, p->wc, o->dtype));
    OK(hw3_graph_backward(g, loss));
    int64_t n_s = cells * p->B * o->n_hidden, n_y = p->T * p->B * D * o->n_hidden, n_x = p->T * p->B * o->n_inputs;
    outcome r = { n_y, n_s, n_x, hw3_params_n_elements(params), read_var(ctx, g, y, o->dtype, n_y, false),
                  read_var(ctx, g, s.h, o->dtype, n_s, false), NULL, read_var(ctx, g, vx, o->dtype, n_x, true), NULL, NULL,
                  get_grads(ctx, params) };
    if (s.c != HW3_NONE) r.cn = read_var(ctx, g, s.c, o->dtype, n_s, false);
    if (h0) r.dh0 = read_var(ctx, g, first.h, o->dtype, n_s, true);
    if (c0) r.dc0 = read_var(ctx, g, first.c, o->dtype, n_s, true);
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(h0);
    hw3_tensor_destroy(c0);
    hw3_tensor_destroy(lengths);
    hw3_graph_destroy(g);
    hw3_rnn_destroy(rnn);
    hw3_params_destroy(params);
    return r;
}

static inline void outcome_free(outcome *r)
{
    double *all[] = { r->y, r->hn, r->cn, r->dx, r->dh0, r->dc0, r->dparams };
    for (int i = 0; i < 7; i++) free(all[i]);
}

static inline void same(const char *what, const double *a, const double *b, int64_t n, double tolerance)
{
    if (!a || !b) return;
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs(a[i] - b[i]) <= tolerance * fmax(1, fabs(b[i])), "%s[%d] = %.17g, want %.17g", what, (int)i, a[i], b[i]);
}

static inline void outcome_near(const char *name, const outcome *a, const outcome *b, double tolerance)
{
    char what[128];
    const struct { const char *part; const double *a, *b; int64_t n; } rows[] = {
        { "y", a->y, b->y, b->n_y }, { "hn", a->hn, b->hn, b->n_state }, { "cn", a->cn, b->cn, b->n_state },
        { "dx", a->dx, b->dx, b->n_x }, { "dh0", a->dh0, b->dh0, b->n_state }, { "dc0", a->dc0, b->dc0, b->n_state },
        { "dparams", a->dparams, b->dparams, b->n_params } };
    for (int i = 0; i < 7; i++) {
        snprintf(what, sizeof what, "%s %s", name, rows[i].part);
        same(what, rows[i].a, rows[i].b, rows[i].n, tolerance);
    }
}

#endif
