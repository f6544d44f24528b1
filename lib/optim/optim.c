/* SPDX-License-Identifier: MIT */
#include "optim/optim.h"
#include "optim/schedule.h"
#include <math.h>

#define TILE 16384        /* elements */
#define ALONE (4 * TILE)  /* below this, waking threads costs more than they save */

static const char *const rules[] = { "", "SGD", "RMSProp", "Adam", "AdamW", "Adagrad" };

static bool has_momentum(int32_t kind) { return kind == HW3_OPTIM_SGD || kind == HW3_OPTIM_RMSPROP; }

static hw3_status check_number(hw3_ctx *ctx, const char *name, double x, bool ok, const char *want)
{
    return ok && isfinite(x) ? HW3_OK : hw3i_fail(ctx, HW3_ERR_ARG, "optim: %s is %g, must be %s", name, x, want);
}

static hw3_status check_rates(hw3_ctx *ctx, double lr, double weight_decay)
{
    hw3_status s = check_number(ctx, "lr", lr, lr > 0, "above 0 and finite");
    return s ? s : check_number(ctx, "weight_decay", weight_decay, weight_decay >= 0, "at least 0 and finite");
}

static hw3_status check_numbers(hw3_ctx *ctx, const hw3_optim_opts *o)
{
    const struct { const char *name; double x; bool ok; const char *want; } checks[] = {
        { "momentum", o->momentum, o->momentum >= 0 && o->momentum < 1, "at least 0 and below 1" },
        { "beta1", o->beta1, o->beta1 >= 0 && o->beta1 < 1, "at least 0 and below 1" },
        { "beta2", o->beta2, o->beta2 >= 0 && o->beta2 < 1, "at least 0 and below 1" },
        { "eps", o->eps, true, "finite" },
        { "clip_norm", o->clip_norm, o->clip_norm >= 0, "at least 0 and finite" },
        { "clip_value", o->clip_value, o->clip_value >= 0, "at least 0 and finite" },
    };
    hw3_status s = check_rates(ctx, o->lr, o->weight_decay);
    for (int64_t i = 0; !s && i < HW3I_LEN(checks); i++)
        s = check_number(ctx, checks[i].name, checks[i].x, checks[i].ok, checks[i].want);
    return s;
}

static hw3_status check_opts(hw3_ctx *ctx, const hw3_optim_opts *o)
{
    if (o->kind < HW3_OPTIM_SGD || o->kind > HW3_OPTIM_ADAGRAD)
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: kind is %d, none of HW3_OPTIM_", o->kind);
    hw3_status s = check_numbers(ctx, o);
    if (s) return s;
    if (o->momentum > 0 && !has_momentum(o->kind))
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: momentum is %g, but %s has none", o->momentum, rules[o->kind]);
    if (o->nesterov != 0 && o->nesterov != 1)
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: nesterov is %d, must be 0 or 1", o->nesterov);
    if (o->nesterov && (o->kind != HW3_OPTIM_SGD || o->momentum == 0))
        return hw3i_fail(ctx, HW3_ERR_ARG,
                         "optim: nesterov is 1, but the rule is %s with momentum %g; it needs SGD with momentum",
                         rules[o->kind], o->momentum);
    return hw3i_schedule_check(ctx, o);
}

static bool has_m(const hw3_optim_opts *o) { return has_momentum(o->kind) ? o->momentum > 0 : o->kind != HW3_OPTIM_ADAGRAD; }
static bool has_v(const hw3_optim_opts *o) { return o->kind != HW3_OPTIM_SGD; }

static int64_t padded(int64_t bytes) { return (bytes + HW3I_ALIGN - 1) / HW3I_ALIGN * HW3I_ALIGN; }
static int64_t slot_bytes(const hw3i_slot *s) { return padded(s->n * hw3i_dtype_size(s->param->value->dtype)); }

static void fill_slots(hw3_optim *optim)
{
    const hw3_params *p = optim->params;
    for (int64_t i = 0, k = 0; i < p->n; i++) {
        if (!p->items[i]->trainable) continue;
        optim->slots[k++] = (hw3i_slot){ .param = p->items[i], .n = hw3i_tensor_n(p->items[i]->value),
                                         .rates = { optim->o.lr, optim->o.weight_decay } };
    }
}

static void fill_tiles(hw3_optim *optim)
{
    hw3i_tile *tile = optim->tiles;
    for (int64_t k = 0; k < optim->n; k++)
        for (int64_t i = 0; i < optim->slots[k].n; i += TILE)
            *tile++ = (hw3i_tile){ .slot = k, .begin = i, .n = hw3i_min(TILE, optim->slots[k].n - i) };
}

static hw3_status take_moments(hw3_optim *optim)
{
    int64_t bytes = 0, n_kinds = has_m(&optim->o) + has_v(&optim->o);
    for (int64_t k = 0; k < optim->n; k++) bytes += n_kinds * slot_bytes(&optim->slots[k]);
    char *p = optim->moments = hw3i_calloc(optim->ctx, bytes, 1);
    if (!p) return HW3_ERR_NOMEM;
    for (int64_t k = 0; k < optim->n; k++) {
        hw3i_slot *s = &optim->slots[k];
        if (has_m(&optim->o)) s->m = p, p += slot_bytes(s);
        if (has_v(&optim->o)) s->v = p, p += slot_bytes(s);
    }
    return HW3_OK;
}

static hw3_status take_memory(hw3_optim *optim)
{
    const hw3_params *p = optim->params;
    for (int64_t i = 0; i < p->n; i++) optim->n += p->items[i]->trainable;
    optim->slots = hw3i_calloc(optim->ctx, optim->n, sizeof *optim->slots);
    if (!optim->slots) return HW3_ERR_NOMEM;
    fill_slots(optim);
    for (int64_t k = 0; k < optim->n; k++) {
        const hw3_status s = hw3i_param_take_grad(optim->ctx, optim->slots[k].param);
        if (s) return s;
        optim->n_tiles += hw3i_ceil(optim->slots[k].n, TILE);
    }
    optim->tiles = hw3i_calloc(optim->ctx, optim->n_tiles, sizeof *optim->tiles);
    if (!optim->tiles) return HW3_ERR_NOMEM;
    fill_tiles(optim);
    return take_moments(optim);
}

hw3_status hw3i_optim_create(hw3_params *params, const hw3_optim_opts *o, hw3_optim **out)
{
    hw3_ctx *ctx = params->ctx;
    hw3_status s = check_opts(ctx, o);
    if (s) return s;
    hw3_optim *optim = hw3i_calloc(ctx, 1, sizeof *optim);
    if (!optim) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    hw3i_params_retain(params);
    optim->ctx = ctx;
    optim->n_refs = 1;
    optim->params = params;
    optim->o = *o;
    if (o->eps < 0) optim->o.eps = o->kind == HW3_OPTIM_ADAGRAD ? 1e-10 : 1e-8;
    s = take_memory(optim);
    if (s) hw3i_optim_release(optim);
    else *out = optim;
    return s;
}

void hw3i_optim_retain(hw3_optim *optim) { optim->n_refs++; }

void hw3i_optim_release(hw3_optim *optim)
{
    if (!optim || --optim->n_refs > 0) return;
    hw3_ctx *ctx = optim->ctx;
    hw3i_free(ctx, optim->moments);
    hw3i_free(ctx, optim->tiles);
    hw3i_free(ctx, optim->slots);
    hw3i_params_release(optim->params);
    hw3i_free(ctx, optim);
    hw3i_ctx_release(ctx);
}

hw3_status hw3i_optim_set_group(hw3_optim *optim, const char *prefix, double lr, double weight_decay)
{
    hw3_status status = check_rates(optim->ctx, lr, weight_decay);
    if (status) return status;
    size_t length = strlen(prefix);
    int64_t n_found = 0;
    for (int64_t k = 0; k < optim->n; k++) {
        hw3i_slot *s = &optim->slots[k];
        if (strncmp(s->param->name, prefix, length)) continue;
        s->rates[0] = lr;
        s->rates[1] = weight_decay;
        n_found++;
    }
    return n_found ? HW3_OK : hw3i_fail(optim->ctx, HW3_ERR_NAME, "optim: no trained parameter begins with %.200s", prefix);
}

double hw3i_optim_lr(const hw3_optim *optim) { return hw3i_schedule_lr(&optim->o, optim->o.lr, optim->n_steps); }

static void sum_tile(void *arg, int64_t i, int worker)
{
    (void)worker;
    hw3_optim *optim = arg;
    hw3i_tile *t = &optim->tiles[i];
    t->sums[0] = t->sums[1] = 0;
    if (!optim->slots[t->slot].param->trainable) return;
    const hw3_tensor *grad = optim->slots[t->slot].param->grad;
    const double clip = optim->slots[t->slot].update.clip;
    if (grad->dtype == HW3_F32) optim->ctx->kern->f32->square_sums(t->n, (const float *)grad->data + t->begin, clip, t->sums);
    else optim->ctx->kern->f64->square_sums(t->n, (const double *)grad->data + t->begin, clip, t->sums);
}

static void update_tile(void *arg, int64_t i, int worker)
{
    (void)worker;
    hw3_optim *optim = arg;
    const hw3i_tile *t = &optim->tiles[i];
    const hw3i_slot *s = &optim->slots[t->slot];
    if (!s->param->trainable) return;
    const int64_t at = t->begin * hw3i_dtype_size(s->param->value->dtype);
    void *w = s->param->value->data + at, *g = s->param->grad->data + at;
    void *m = s->m ? (char *)s->m + at : NULL, *v = s->v ? (char *)s->v + at : NULL;
    if (s->param->value->dtype == HW3_F32) optim->ctx->kern->f32->update(&s->update, t->n, w, g, m, v);
    else optim->ctx->kern->f64->update(&s->update, t->n, w, g, m, v);
}

static double element(const hw3_tensor *t, int64_t i)
{
    return t->dtype == HW3_F32 ? (double)((const float *)t->data)[i] : ((const double *)t->data)[i];
}

static hw3_status diverged(hw3_optim *optim, double norm)
{
    for (int64_t k = 0; k < optim->n; k++) {
        const hw3i_slot *s = &optim->slots[k];
        for (int64_t i = 0; s->param->trainable && i < s->n; i++)
            if (!isfinite(element(s->param->grad, i)))
                return hw3i_fail(optim->ctx, HW3_ERR_DIVERGED,
                                 "optim: the gradient of %s is %g at element %lld; nothing is changed",
                                 s->param->name, element(s->param->grad, i), (long long)i);
    }
    return hw3i_fail(optim->ctx, HW3_ERR_DIVERGED, "optim: the norm of the gradients is %g; nothing is changed", norm);
}

/* The tiles' sums are added in the order of the tiles, whoever computed them. */
static void norms(hw3_optim *optim, hw3i_pool *pool, double norm[2])
{
    hw3i_pool_run(pool, optim->n_tiles, sum_tile, optim);
    norm[0] = norm[1] = 0;
    for (int64_t i = 0; i < optim->n_tiles; i++) {
        norm[0] += optim->tiles[i].sums[0];
        norm[1] += optim->tiles[i].sums[1];
    }
    norm[0] = sqrt(norm[0]);
    norm[1] = sqrt(norm[1]);
}

static void plan_update(const hw3_optim *optim, hw3i_slot *s, double scale)
{
    const hw3_optim_opts *o = &optim->o;
    if (s->param->trainable) s->n_steps++;
    s->update.kind = o->kind;
    s->update.lr = hw3i_schedule_lr(o, s->rates[0], optim->n_steps);
    s->update.momentum = o->momentum;
    s->update.beta1 = o->beta1;
    s->update.beta2 = o->beta2;
    s->update.eps = o->eps;
    s->update.weight_decay = s->rates[1];
    s->update.correct1 = 1 - pow(o->beta1, (double)s->n_steps);
    s->update.correct2 = 1 - pow(o->beta2, (double)s->n_steps);
    s->update.scale = scale;
    s->update.nesterov = o->nesterov;
}

/* scale = min(1, clip_norm / (norm + 1e-6)) [Pascanu13], the norm after the cut by value */
hw3_status hw3i_optim_step(hw3_optim *optim)
{
    int64_t n_elements = 0;
    for (int64_t k = 0; k < optim->n; k++) {
        n_elements += optim->slots[k].n;
        optim->slots[k].update.clip = optim->o.clip_value > 0 ? optim->o.clip_value : INFINITY;
    }
    hw3i_pool *pool = n_elements < ALONE ? NULL : optim->ctx->pool;
    double norm[2];
    norms(optim, pool, norm);
    if (!isfinite(norm[0])) return diverged(optim, norm[0]);
    double scale = optim->o.clip_norm > 0 ? fmin(1, optim->o.clip_norm / (norm[1] + 1e-6)) : 1;
    for (int64_t k = 0; k < optim->n; k++) plan_update(optim, &optim->slots[k], scale);
    hw3i_pool_run(pool, optim->n_tiles, update_tile, optim);
    optim->grad_norm = norm[0];
    optim->n_steps++;
    return HW3_OK;
}
