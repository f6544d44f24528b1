/* SPDX-License-Identifier: MIT */
/* A checkpoint: one safetensors file with the weights (weights.NAME), the best ones (best.NAME), the optimizer's moments
 * (optim.m.NAME, optim.v.NAME) and steps, the history, the cursor, and the options that must be equal. */
#include "io/safetensors.h"
#include "train/trainer.h"
#include <stdio.h>

#define KIND "hw3-trainer"
#define VERSION 1
#define MOST_STEPS (INT64_MAX / 2)
#define MAX_NAME 256 /* a parameter's 200 and the longest prefix */

static const char *const option_names[] = {
    "batch", "val_share", "patience", "shuffle", "optim kind", "lr", "weight_decay", "momentum", "beta1", "beta2", "eps",
    "clip_norm", "clip_value", "nesterov", "schedule", "warmup_steps", "period", "gamma", "lr_min",
};
enum { N_OPTIONS = HW3I_LEN(option_names), N_SUMS = 3 };
_Static_assert(N_OPTIONS <= 32 && N_SUMS <= 4, "hw3i_snapshot has room");

static void list_options(const hw3_trainer *t, double out[N_OPTIONS])
{
    const hw3_trainer_opts *o = &t->o;
    const hw3_optim_opts *p = &t->optim->o;
    const double list[] = {
        (double)o->batch, o->val_share, o->patience, o->shuffle, p->kind, p->lr, p->weight_decay, p->momentum, p->beta1, p->beta2,
        p->eps, p->clip_norm, p->clip_value, p->nesterov, p->schedule, (double)p->warmup_steps, (double)p->period,
        p->gamma, p->lr_min,
    };
    _Static_assert(HW3I_LEN(list) == N_OPTIONS, "a name for each option");
    memcpy(out, list, sizeof list);
}

/* What is done with each tensor of a checkpoint: added to a file, compared with it, or read from it. */
typedef hw3_status (*visit_fn)(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data);

static hw3_status visit_like(hw3i_st *st, visit_fn visit, const char *prefix, const hw3i_param *p, void *data)
{
    char name[MAX_NAME];
    snprintf(name, sizeof name, "%s%s", prefix, p->name);
    return visit(st, name, p->value->dtype, p->value->n_dims, p->value->shape, data);
}

static hw3_status visit_slot(hw3i_st *st, visit_fn visit, hw3i_slot *k)
{
    char name[MAX_NAME];
    hw3_status s = HW3_OK;
    if (k->m) s = visit_like(st, visit, "optim.m.", k->param, k->m);
    if (!s && k->v) s = visit_like(st, visit, "optim.v.", k->param, k->v);
    snprintf(name, sizeof name, "optim.n_steps.%s", k->param->name);
    return s ? s : visit(st, name, HW3_I64, 0, NULL, &k->n_steps);
}

/* All but options and rates, which are compared by value. at: of the file. */
static hw3_status visit_all(hw3i_st *st, const hw3_trainer *t, const hw3i_cursor *at, double sums[N_SUMS], visit_fn visit)
{
    const int64_t n_sums = N_SUMS;
    hw3_status s = HW3_OK;
    for (int64_t i = 0; !s && i < t->n_params; i++) {
        s = visit_like(st, visit, "weights.", t->params->items[i], hw3i_trainer_last(t, i));
        if (!s && at->has_best) s = visit_like(st, visit, "best.", t->params->items[i], t->best ? hw3i_trainer_best(t, i) : NULL);
    }
    for (int64_t k = 0; !s && k < t->optim->n; k++) s = visit_slot(st, visit, &t->optim->slots[k]);
    if (!s) s = visit(st, "history.train", HW3_F64, 1, &at->epoch, t->train_loss);
    if (!s) s = visit(st, "history.val", HW3_F64, 1, &at->epoch, t->val_loss);
    return s ? s : visit(st, "sums", HW3_F64, 1, &n_sums, sums);
}

static hw3_status visit_rates(hw3i_st *st, const hw3_trainer *t, visit_fn visit)
{
    char name[MAX_NAME];
    const int64_t two = 2;
    hw3_status s = HW3_OK;
    for (int64_t k = 0; !s && k < t->optim->n; k++) {
        snprintf(name, sizeof name, "optim.rates.%s", t->optim->slots[k].param->name);
        s = visit(st, name, HW3_F64, 1, &two, t->optim->slots[k].rates);
    }
    return s;
}

/* Weights that are not finite are of no use; moments may have overflowed to infinity, and a history says NaN. */
static bool is_weight(const char *name) { return !strncmp(name, "weights.", 8) || !strncmp(name, "best.", 5); }

static hw3_status add(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    static const double nothing; /* a history of no epochs has no memory yet */
    return (is_weight(name) ? hw3i_st_add_finite : hw3i_st_add)(st, name, dtype, n_dims, shape, data ? data : &nothing);
}

static hw3_status check_steps(hw3i_st *st, const char *name)
{
    int64_t n = 0;
    hw3_status s = hw3i_st_read(st, name, HW3_I64, 0, NULL, &n);
    if (s || (n >= 0 && n <= MOST_STEPS)) return s;
    return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: %s is %lld", st->path, name, (long long)n);
}

static hw3_status check(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    (void)data;
    const hw3i_st_entry *e = hw3i_st_find(st, name);
    if (e && e->type->dtype != dtype)
        return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: %s is %s in the file, %s here", st->path, name,
                         e->type->name, hw3i_dtype_name(dtype));
    hw3_status s = hw3i_st_read(st, name, dtype, n_dims, shape, NULL);
    return !s && dtype == HW3_I64 ? check_steps(st, name) : s;
}

static hw3_status check_finite(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    (void)n_dims, (void)shape, (void)data;
    return is_weight(name) ? hw3i_st_check_finite(st, name, dtype) : HW3_OK;
}

static hw3_status read(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    return data ? hw3i_st_read(st, name, dtype, n_dims, shape, data) : HW3_OK;
}

static hw3_status check_rates(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    double rates[2];
    const double *here = data;
    hw3_status s = check(st, name, dtype, n_dims, shape, NULL);
    if (!s) s = hw3i_st_read(st, name, dtype, n_dims, shape, rates);
    if (s || (rates[0] == here[0] && rates[1] == here[1])) return s;
    return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: %s (lr, weight_decay) is %g, %g in the file, %g, %g here", st->path, name,
                     rates[0], rates[1], here[0], here[1]);
}

static hw3_status set_cursor(hw3i_st *st, const hw3_trainer *t)
{
    const struct { const char *key; int64_t value; } ints[] = {
        { "seed", (int64_t)t->o.seed }, { "epoch", t->at.epoch }, { "n_examples", t->at.n_examples },
        { "position", t->at.position }, { "n_steps", t->at.n_steps }, { "n_bad", t->at.n_bad }, { "has_best", t->at.has_best },
        { "best_in_place", t->best_in_place }, { "optim_steps", t->optim->n_steps },
    };
    hw3_status s = HW3_OK;
    for (int64_t i = 0; !s && i < HW3I_LEN(ints); i++) s = hw3i_st_set_int(st, ints[i].key, ints[i].value);
    return s;
}

hw3_status hw3i_trainer_store(const hw3_trainer *t, hw3i_st *st, hw3i_snapshot *kept)
{
    const int64_t n_options = N_OPTIONS;
    hw3_status s = hw3i_trainer_check(t);
    if (s) return s;
    list_options(t, kept->options);
    kept->sums[0] = t->at.loss_sum;
    kept->sums[1] = t->at.best_loss;
    kept->sums[2] = t->optim->grad_norm;
    s = set_cursor(st, t);
    if (!s) s = hw3i_st_add(st, "options", HW3_F64, 1, &n_options, kept->options);
    if (!s) s = visit_rates(st, t, add);
    return s ? s : visit_all(st, t, &t->at, kept->sums, add);
}

hw3_status hw3i_trainer_save(const hw3_trainer *t, const char *path)
{
    hw3i_st st;
    hw3i_snapshot kept;
    hw3i_st_init(&st, t->ctx);
    hw3_status s = hw3i_st_set_kind(&st, KIND, VERSION);
    if (!s) s = hw3i_trainer_store(t, &st, &kept);
    if (!s) s = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    return s;
}

static hw3_status check_options(hw3i_st *st, const hw3_trainer *t)
{
    const int64_t n = N_OPTIONS;
    int64_t seed;
    double file[N_OPTIONS], here[N_OPTIONS];
    hw3_status s = hw3i_st_get_int(st, "seed", INT64_MIN, INT64_MAX, &seed);
    if (!s) s = check(st, "options", HW3_F64, 1, &n, NULL);
    if (!s) s = hw3i_st_read(st, "options", HW3_F64, 1, &n, file);
    if (s) return s;
    if ((uint64_t)seed != t->o.seed)
        return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: seed is %llu in the file, %llu here", st->path, (unsigned long long)seed,
                         (unsigned long long)t->o.seed);
    list_options(t, here);
    for (int64_t i = 0; i < n; i++)
        if (file[i] != here[i])
            return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: %s is %.10g in the file, %.10g here", st->path, option_names[i],
                             file[i], here[i]);
    return HW3_OK;
}

/* What the file says besides tensors. Each number bounds later ones. */
static hw3_status get_cursor(const hw3i_st *st, const hw3_trainer *t, hw3i_cursor *at, int64_t *in_place, int64_t *optim_steps)
{
    int64_t has_best = 0;
    hw3_status s = hw3i_st_get_int(st, "epoch", 0, INT32_MAX, &at->epoch);
    if (!s) s = hw3i_st_get_int(st, "n_examples", 0, MOST_STEPS, &at->n_examples);
    if (!s) s = hw3i_st_get_int(st, "position", 0, at->n_examples, &at->position);
    if (!s) s = hw3i_st_get_int(st, "n_steps", 0, MOST_STEPS, &at->n_steps);
    if (!s) s = hw3i_st_get_int(st, "n_bad", 0, at->epoch, &at->n_bad);
    if (!s) s = hw3i_st_get_int(st, "has_best", 0, t->o.patience > 0, &has_best);
    if (!s) s = hw3i_st_get_int(st, "best_in_place", 0, has_best, in_place);
    if (!s) s = hw3i_st_get_int(st, "optim_steps", 0, MOST_STEPS, optim_steps);
    at->has_best = has_best;
    return s;
}

/* Every tensor that is looked for is there; is there one more? */
static hw3_status check_count(const hw3i_st *st, const hw3_trainer *t, const hw3i_cursor *at, int64_t n_more)
{
    int64_t n = t->n_params * (1 + at->has_best) + 4 + n_more; /* two histories, sums, options */
    for (int64_t k = 0; k < t->optim->n; k++) n += 2 + !!t->optim->slots[k].m + !!t->optim->slots[k].v;
    if (st->n == n) return HW3_OK;
    for (int64_t i = 0; i < st->n; i++)
        if (!strncmp(st->entries[i].name, "weights.", 8) && !hw3i_params_find(t->params, st->entries[i].name + 8))
            return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: has weights for %s, which is no parameter here", st->path,
                             st->entries[i].name + 8);
    return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: has %lld tensors, but a checkpoint of this trainer has %lld", st->path,
                     (long long)st->n, (long long)n);
}

hw3_status hw3i_trainer_restore(hw3_trainer *t, hw3i_st *st, int64_t n_more)
{
    double sums[N_SUMS];
    int64_t in_place = 0, optim_steps = 0;
    hw3i_cursor at = { 0 };
    hw3_status s = hw3i_trainer_check(t);
    if (!s) s = check_options(st, t);
    if (!s) s = get_cursor(st, t, &at, &in_place, &optim_steps);
    if (!s) s = visit_all(st, t, &at, sums, check);
    if (!s) s = visit_all(st, t, &at, sums, check_finite);
    if (!s) s = visit_rates(st, t, check_rates);
    if (!s) s = check_count(st, t, &at, n_more);
    if (!s) s = hw3i_trainer_reserve(t, at.epoch, at.has_best);
    if (s) return s;
    t->best_in_place = false; /* from here on nothing can fail */
    visit_all(st, t, &at, sums, read);
    at.loss_sum = sums[0];
    at.best_loss = sums[1];
    t->optim->grad_norm = sums[2];
    t->optim->n_steps = optim_steps;
    t->at = at;
    hw3i_trainer_put_in_place(t, in_place);
    return HW3_OK;
}

hw3_status hw3i_trainer_load(hw3_trainer *t, const char *path)
{
    if (t->fitting || t->in_loss) return hw3i_fail(t->ctx, HW3_ERR_STATE, "trainer: load was called from a callback");
    hw3i_st st;
    hw3_status s = hw3i_st_load(&st, t->ctx, path);
    if (!s) s = hw3i_st_check_kind(&st, KIND, VERSION);
    if (!s) s = hw3i_trainer_restore(t, &st, 0);
    hw3i_st_free(&st);
    return s == HW3_ERR_UNSUPPORTED ? HW3_ERR_MISMATCH : s; /* tensors of a type that no checkpoint has */
}
