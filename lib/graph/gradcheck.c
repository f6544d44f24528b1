/* SPDX-License-Identifier: MIT */
#include "graph/gradcheck.h"
#include "base/random.h"
#include <float.h>
#include <math.h>

/* For one element x with gradient a from backward, h = step max(1, |x|), and L-, L, L+ the loss at x - h, x, x + h:
 *
 *     d     = (L+ - L-) / 2h                  the central difference
 *     r     = 4 eps max(|L+|, |L-|) / h       what rounding of L alone may do to d: a few units in its last place
 *     c     = |L+ - 2 L + L-| / h             how much the slope itself changes over h
 *     error = max(0, |d - a| - r) / max(|d|, |a|, c)
 *
 * d differs from the slope by h^2 L''' / 6 too. Near a stationary point, where |a| is about 0, that is still small beside
 * c = h |L''|, so a correct gradient passes there; and a wrong one differs by a share of |a| or of the slope nearby, so
 * c, a hundred-thousandth of L'', cannot hide it.
 *
 * A long sum with cancellation inside rounds worse than r says, and its noise in d goes with 1 / h. So a mismatch is
 * tried again with 8 h and with 64 h, and the least error counts: rounding gets smaller there, while a wrong gradient
 * is off by the same amount at every h. */
#define N_STEPS 3
#define STEP_GROWTH 8

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
    *var = c->loss(c->user, c->g);
    hw3_status s = hw3i_var_check(c->g, *var, "gradcheck");
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

/* One central difference, with *x put back; *error as above. */
static hw3_status difference(const checker *c, double *x, double analytic, double h, double *numeric, double *error)
{
    double kept = *x, low = kept - h, high = kept + h, l_low = 0, l_high = 0;
    hw3_var v;
    *x = low;
    hw3_status s = evaluate(c, &v, &l_low);
    *x = high;
    if (!s) s = evaluate(c, &v, &l_high);
    *x = kept;
    if (s) return s;
    *numeric = (l_high - l_low) / (high - low);
    double rounding = 4 * DBL_EPSILON * fmax(fabs(l_high), fabs(l_low)) / h;
    double curvature = fabs(l_high - 2 * c->base + l_low) / h;
    double off = fabs(*numeric - analytic), scale = fmax(fmax(fabs(*numeric), fabs(analytic)), curvature);
    *error = !(off < INFINITY) ? INFINITY : off <= rounding ? 0 : (off - rounding) / scale;
    return HW3_OK;
}

static hw3_status check_element(checker *c, const hw3i_param *p, int64_t i)
{
    double *x = (double *)p->value->data + i, analytic = ((const double *)p->grad->data)[i];
    double h = c->opts->step * fmax(1, fabs(*x)), least = INFINITY, numeric = 0;
    for (int k = 0; k < N_STEPS && !(least <= c->opts->tolerance); k++, h *= STEP_GROWTH) {
        double n, error;
        hw3_status s = difference(c, x, analytic, h, &n, &error);
        if (s) return s;
        if (error < least || k == 0) {
            least = error;
            numeric = n;
        }
    }
    if (c->worst.param && !(least > c->worst.error)) return HW3_OK;
    c->worst.param = p;
    c->worst.i = i;
    c->worst.error = least;
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
