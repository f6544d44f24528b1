/* SPDX-License-Identifier: MIT */
#include "graph/gradcheck.h"
#include "base/random.h"
#include <float.h>
#include <math.h>

/* For one element x with gradient a from backward, h = step max(1, |x|), and L-, L, L+ the loss at x - h, x, x + h:
 *
 *     d(h)  = (L+ - L-) / 2h                        the central difference
 *     c(h)  = |L+ - 2 L + L-| / h                   how much the slope itself changes over h
 *     r(h)  = 4 eps max(|L+|, |L-|) / h             what rounding of L, by a few units in its last place, may do to d
 *     error = max(0, |d - a| - r) / max(|d|, |a|, c)
 *
 * First with d(h), without the allowance r. What fails is looked at again where rounding weighs less: with d(8h), and with
 * (64 d(8h) - d(64h)) / 63, in which the truncation h^2 L''' / 6 of the two cancels [Richardson11]; both with r(8h), for a
 * slope may be so far below L that no difference of L can tell it better. The least error counts: truncation, a long sum
 * that rounds worse than r says, or a kink nearby spoil one of the three, but a wrong gradient is off in all of them.
 *
 * c lets a right gradient pass near a stationary point, where |a| is about 0. It cannot hide a wrong one: tolerance times
 * c is 1e-11 of L''. The smallest mistake that is found is the greater of tolerance |a| and r(8h), about 1e-11 |L|. */
#define WIDER 8

typedef struct checker {
    hw3_graph *g;
    hw3_loss_fn loss;
    void *user;
    const hw3_gradcheck_opts *opts;
    double base; /* L at the parameters as given */
    struct {
        const hw3i_param *param;
        int64_t i;
        double error, analytic, numeric;
    } worst;
} checker;

static hw3_status evaluate(const checker *c, hw3_var *var, double *value)
{
    hw3i_graph_begin(c->g);
    int64_t n_failures = c->g->ctx->n_failures;
    *var = c->loss(c->user, c->g);
    hw3_status s = hw3i_loss_check(c->g, *var, "gradcheck", n_failures);
    if (s) return s;
    const hw3i_node *y = hw3i_node_of(c->g, *var);
    if (y->dtype != HW3_F64)
        return hw3i_fail(c->g->ctx, HW3_ERR_DTYPE, "gradcheck: the loss is %s, not F64", hw3i_dtype_name(y->dtype));
    if (y->n != 1)
        return hw3i_fail(c->g->ctx, HW3_ERR_SHAPE, "gradcheck: the loss has shape %s, but one element is needed",
                         hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape));
    *value = *(const double *)y->value;
    if (isfinite(*value)) return HW3_OK;
    return hw3i_fail(c->g->ctx, HW3_ERR_VALUE, "gradcheck: the loss is %g", *value);
}

typedef struct quotient {
    double d, c, r; /* as above */
} quotient;

static hw3_status difference(const checker *c, double *x, double h, quotient *q)
{
    double kept = *x, low = kept - h, high = kept + h, l_low = 0, l_high = 0;
    hw3_var v;
    *x = low;
    hw3_status s = evaluate(c, &v, &l_low);
    *x = high;
    if (!s) s = evaluate(c, &v, &l_high);
    *x = kept;
    q->d = (l_high - l_low) / (high - low);
    q->c = fabs(l_high - 2 * c->base + l_low) / h;
    q->r = 4 * DBL_EPSILON * fmax(fabs(l_high), fabs(l_low)) / h;
    return s;
}

static double error_of(double d, double analytic, double c, double r)
{
    double off = fabs(d - analytic);
    if (!(off < INFINITY)) return INFINITY;
    return off <= r ? 0 : (off - r) / fmax(fmax(fabs(d), fabs(analytic)), c);
}

/* The least error of the three, and the difference that has it. */
static hw3_status compare(const checker *c, double *x, double analytic, double *error, double *numeric)
{
    quotient q, wide, wider;
    double h = c->opts->step * fmax(1, fabs(*x));
    hw3_status s = difference(c, x, h, &q);
    if (s) return s;
    *numeric = q.d;
    *error = error_of(q.d, analytic, q.c, 0);
    if (*error <= c->opts->tolerance) return HW3_OK;
    s = difference(c, x, h * WIDER, &wide);
    if (!s) s = difference(c, x, h * WIDER * WIDER, &wider);
    if (s) return s;
    double tries[2] = { wide.d, wide.d + (wide.d - wider.d) / (WIDER * WIDER - 1) };
    for (int k = 0; k < 2; k++) {
        double e = error_of(tries[k], analytic, wide.c, wide.r);
        if (e >= *error) continue;
        *error = e;
        *numeric = tries[k];
    }
    return HW3_OK;
}

static hw3_status check_element(checker *c, const hw3i_param *p, int64_t i)
{
    double analytic = p->grad ? ((const double *)p->grad->data)[i] : 0, error, numeric;
    hw3_status s = compare(c, (double *)p->value->data + i, analytic, &error, &numeric);
    if (s || (c->worst.param && error <= c->worst.error)) return s;
    c->worst.param = p;
    c->worst.i = i;
    c->worst.error = error;
    c->worst.analytic = analytic;
    c->worst.numeric = numeric;
    return HW3_OK;
}

/* All elements, or one drawn from each of n_samples equal pieces. */
static hw3_status check_param(checker *c, const hw3i_param *p)
{
    int64_t n = hw3i_tensor_n(p->value), samples = c->opts->n_samples;
    if (samples == 0 || samples > n) samples = n;
    for (int64_t k = 0; k < samples; k++) {
        int64_t first = n / samples * k + hw3i_min(k, n % samples), room = n / samples + (k < n % samples);
        hw3_status s = check_element(c, p, first + hw3i_below(c->opts->seed, p->stream, (uint64_t)k, room));
        if (s) return s;
    }
    return HW3_OK;
}

static hw3_status check_setting(const hw3_graph *g, const hw3_gradcheck_opts *o)
{
    hw3_ctx *ctx = g->ctx;
    if (!g->params) return hw3i_fail(ctx, HW3_ERR_STATE, "gradcheck: the graph has no parameters");
    if (!g->training) return hw3i_fail(ctx, HW3_ERR_STATE, "gradcheck: training is off");
    if (o->n_samples < 0) return hw3i_fail(ctx, HW3_ERR_ARG, "gradcheck: n_samples is %d", (int)o->n_samples);
    if (!(o->step > 0 && o->step <= 0.1)) return hw3i_fail(ctx, HW3_ERR_ARG, "gradcheck: step is %g, not in (0, 0.1]", o->step);
    if (!(o->tolerance > 0 && o->tolerance < 1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "gradcheck: tolerance is %g, not between 0 and 1", o->tolerance);
    for (int64_t i = 0; i < g->params->n; i++) {
        const hw3i_param *p = g->params->items[i];
        if (p->trainable && p->value->dtype != HW3_F64)
            return hw3i_fail(ctx, HW3_ERR_DTYPE, "gradcheck: '%s' is %s, not F64", p->name, hw3i_dtype_name(p->value->dtype));
    }
    return HW3_OK;
}

/* The gradients, and a second look at the loss: one that draws anew each time has no difference to compare. */
static hw3_status begin(checker *c)
{
    hw3_var v;
    double again = 0;
    hw3_status s = evaluate(c, &v, &again);
    if (!s) s = evaluate(c, &v, &c->base);
    if (!s && c->base != again)
        s = hw3i_fail(c->g->ctx, HW3_ERR_STATE, "gradcheck: the loss is %.17g, then %.17g with the same parameters", again,
                      c->base);
    return s ? s : hw3i_graph_backward(c->g, v, false);
}

hw3_status hw3i_gradcheck(hw3_graph *g, hw3_loss_fn loss, void *user, const hw3_gradcheck_opts *opts, double *worst,
                          const char **name)
{
    checker c = { .g = g, .loss = loss, .user = user, .opts = opts };
    hw3_status s = check_setting(g, opts);
    if (!s) s = begin(&c);
    for (int64_t i = 0; !s && i < g->params->n; i++)
        if (g->params->items[i]->trainable) s = check_param(&c, g->params->items[i]);
    if (s) return s;
    if (worst) *worst = c.worst.error;
    if (name) *name = c.worst.param ? c.worst.param->name : NULL;
    if (c.worst.error <= opts->tolerance) return HW3_OK;
    return hw3i_fail(g->ctx, HW3_ERR_VALUE,
                     "gradcheck: %s[%lld]: the gradient is %.10g, but differences give %.10g (relative error %.2g)",
                     c.worst.param->name, (long long)c.worst.i, c.worst.analytic, c.worst.numeric, c.worst.error);
}
