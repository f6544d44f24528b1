/* SPDX-License-Identifier: MIT */
#include "train/trainer.h"
#include "base/random.h"
#include "optim/schedule.h"
#include <math.h>

/* What one call of fit works on. */
typedef struct job {
    hw3_tensor *const *tensors;
    int64_t n_tensors;
    hw3_batch_loss_fn loss;
    void *user;
    int64_t n_train, n; /* training examples come first */
} job;

static hw3_status check_opts(hw3_ctx *ctx, const hw3_trainer_opts *o)
{
    if (o->n_epochs < 0) return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: n_epochs is %d, must be at least 0", o->n_epochs);
    if (o->batch < 1) return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: batch is %lld, must be at least 1", (long long)o->batch);
    if (!(o->val_share >= 0 && o->val_share < 1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: val_share is %g, must be at least 0 and below 1", o->val_share);
    if (o->patience < 0) return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: patience is %d, must be at least 0", o->patience);
    if (o->patience > 0 && o->val_share == 0)
        return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: patience is %d, but val_share is 0, so there is no validation loss",
                         o->patience);
    if (o->shuffle != 0 && o->shuffle != 1)
        return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: shuffle is %d, must be 0 or 1", o->shuffle);
    if (o->checkpoint && !o->checkpoint[0]) return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: checkpoint is an empty path");
    if (o->checkpoint_steps < 0)
        return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: checkpoint_steps is %lld, must be at least 0",
                         (long long)o->checkpoint_steps);
    if (o->checkpoint_steps > 0 && !o->checkpoint)
        return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: checkpoint_steps is %lld, but checkpoint is NULL",
                         (long long)o->checkpoint_steps);
    return HW3_OK;
}

hw3_status hw3i_trainer_create(hw3_params *params, hw3_optim *optim, const hw3_trainer_opts *o, hw3_trainer **out)
{
    hw3_ctx *ctx = params->ctx;
    hw3_status s = check_opts(ctx, o);
    if (s) return s;
    if (optim->params != params) return hw3i_fail(ctx, HW3_ERR_ARG, "trainer: the optimizer is one of other parameters");
    hw3_trainer *t = hw3i_calloc(ctx, 1, sizeof *t);
    if (!t) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(ctx);
    hw3i_params_retain(params);
    hw3i_optim_retain(optim);
    t->ctx = ctx;
    t->params = params;
    t->n_params = params->n;
    t->optim = optim;
    t->o = *o;
    t->o.checkpoint = t->checkpoint = hw3i_strdup(ctx, o->checkpoint);
    s = o->checkpoint && !t->checkpoint ? HW3_ERR_NOMEM : hw3i_graph_create(ctx, params, &t->graph);
    if (s) hw3i_trainer_destroy(t);
    else *out = t;
    return s;
}

void hw3i_trainer_destroy(hw3_trainer *t)
{
    if (!t) return;
    hw3_ctx *ctx = t->ctx;
    hw3i_graph_destroy(t->graph);
    for (int64_t i = 0; i < t->n_batches; i++) hw3i_batch_free(ctx, &t->batches[i]);
    hw3i_free(ctx, t->batches);
    hw3i_free(ctx, t->order);
    hw3i_free(ctx, t->best);
    hw3i_free(ctx, t->train_loss);
    hw3i_free(ctx, t->val_loss);
    hw3i_free(ctx, t->checkpoint);
    hw3i_optim_release(t->optim);
    hw3i_params_release(t->params);
    hw3i_free(ctx, t);
    hw3i_ctx_release(ctx);
}

/* The best weights: a copy beside the set while training; exchanged with it when a fit has ended, so that the best
 * ones are in use while a later fit can go on from the last ones. */

static int64_t value_bytes(const hw3_params *p, int64_t i)
{
    const hw3_tensor *v = p->items[i]->value;
    return hw3i_tensor_n(v) * hw3i_dtype_size(v->dtype);
}

static char *copy_of(const hw3_trainer *t, int64_t i)
{
    int64_t offset = 0;
    for (int64_t k = 0; k < i; k++) offset += (value_bytes(t->params, k) + 7) / 8 * 8;
    return t->best + offset;
}

void *hw3i_trainer_last(const hw3_trainer *t, int64_t i)
{
    return t->best_in_place ? copy_of(t, i) : t->params->items[i]->value->data;
}

void *hw3i_trainer_best(const hw3_trainer *t, int64_t i)
{
    return t->best_in_place ? t->params->items[i]->value->data : copy_of(t, i);
}

static void keep_best(hw3_trainer *t)
{
    for (int64_t i = 0; i < t->n_params; i++)
        memcpy(hw3i_trainer_best(t, i), hw3i_trainer_last(t, i), (size_t)value_bytes(t->params, i));
}

static void exchange(char *a, char *b, int64_t n)
{
    char part[512];
    for (int64_t i = 0; i < n; i += (int64_t)sizeof part) {
        size_t k = (size_t)hw3i_min(n - i, (int64_t)sizeof part);
        memcpy(part, a + i, k);
        memcpy(a + i, b + i, k);
        memcpy(b + i, part, k);
    }
}

void hw3i_trainer_put_in_place(hw3_trainer *t, bool best)
{
    if (t->best_in_place == best || !t->at.has_best) return;
    for (int64_t i = 0; i < t->n_params; i++)
        exchange(t->params->items[i]->value->data, copy_of(t, i), value_bytes(t->params, i));
    t->best_in_place = best;
}

hw3_status hw3i_trainer_reserve(hw3_trainer *t, int64_t n_epochs, bool best)
{
    int64_t cap = t->cap, bytes = 0;
    hw3_status s = hw3i_grow(t->ctx, &t->train_loss, &cap, n_epochs, sizeof *t->train_loss);
    if (s) return s;
    cap = t->cap;
    s = hw3i_grow(t->ctx, &t->val_loss, &cap, n_epochs, sizeof *t->val_loss);
    if (s) return s;
    t->cap = cap;
    if (!best || t->best) return HW3_OK;
    for (int64_t i = 0; i < t->n_params; i++) bytes += (value_bytes(t->params, i) + 7) / 8 * 8;
    t->best = hw3i_alloc(t->ctx, bytes, 1);
    return t->best ? HW3_OK : HW3_ERR_NOMEM;
}

static hw3_status loss_value(hw3_trainer *t, hw3_var var, int64_t n_failures, double *value)
{
    char text[128];
    if (var == HW3_NONE) return hw3i_fail(t->ctx, HW3_ERR_ARG, "trainer: loss returned HW3_NONE");
    hw3_status s = hw3i_loss_check(t->graph, var, "trainer", n_failures);
    if (s) return s;
    const hw3i_node *y = hw3i_node_of(t->graph, var);
    if (y->n != 1 || y->dtype == HW3_I64)
        return hw3i_fail(t->ctx, HW3_ERR_SHAPE, "trainer: loss returned %s of %s, but one number is needed",
                         hw3i_shape_text(text, y->n_dims, y->shape), hw3i_dtype_name(y->dtype));
    *value = y->dtype == HW3_F32 ? (double)*(const float *)y->value : *(const double *)y->value;
    return HW3_OK;
}

/* Builds the loss of one batch on the graph. */
static hw3_status run_batch(hw3_trainer *t, const job *j, const int64_t *order, int64_t first, int64_t n, hw3_var *var,
                            double *value)
{
    hw3_graph *g = t->graph;
    hw3_status s = hw3i_graph_begin(g);
    if (s) return s;
    hw3_var *batch = hw3i_arena_alloc(&g->arena, j->n_tensors, sizeof *batch);
    if (!batch) return HW3_ERR_NOMEM;
    for (int64_t i = 0; i < j->n_tensors; i++) {
        hw3i_batch_gather(&t->batches[i], j->tensors[i], order, first, n);
        batch[i] = hw3i_input(g, &t->batches[i].tensor, false);
        if (batch[i] < 0) return batch[i];
    }
    int64_t n_failures = t->ctx->n_failures;
    t->in_loss = true;
    *var = j->loss(j->user, g, batch);
    t->in_loss = false;
    return loss_value(t, *var, n_failures, value);
}

/* Mean over examples first .. stop - 1, in order and in batches, dropout off. */
static hw3_status evaluate(hw3_trainer *t, const job *j, int64_t first, int64_t stop, double *mean)
{
    double sum = 0, value = 0;
    hw3_var var = 0;
    t->graph->training = false;
    for (int64_t i = first, n; i < stop; i += n) {
        n = hw3i_min(t->o.batch, stop - i);
        hw3_status s = run_batch(t, j, NULL, i, n, &var, &value);
        if (s) return s;
        if (!isfinite(value))
            return hw3i_fail(t->ctx, HW3_ERR_DIVERGED, "trainer: the loss of examples %lld to %lld is %g", (long long)i,
                             (long long)(i + n - 1), value);
        sum += value * (double)n;
    }
    *mean = sum / (double)(stop - first);
    return HW3_OK;
}

static hw3_status train_step(hw3_trainer *t, const job *j)
{
    hw3i_cursor *at = &t->at;
    int64_t n = hw3i_min(t->o.batch, j->n_train - at->position);
    hw3_var var = 0;
    double value = 0;
    t->graph->training = true;
    hw3i_graph_set_random(t->graph, t->o.seed, (uint64_t)at->n_steps);
    hw3_status s = run_batch(t, j, t->order + at->position, 0, n, &var, &value);
    if (s) return s;
    if (!isfinite(value))
        return hw3i_fail(t->ctx, HW3_ERR_DIVERGED,
                         "trainer: the loss of step %lld, epoch %lld, is %g; the weights are those before it",
                         (long long)at->n_steps, (long long)at->epoch, value);
    s = hw3i_graph_backward(t->graph, var, false);
    if (!s) s = hw3i_optim_step(t->optim);
    if (s) return s;
    at->n_steps++;
    at->n_examples = j->n_train;
    at->position += n;
    at->loss_sum += value * (double)n;
    return HW3_OK;
}

static hw3_status report(hw3_trainer *t, const job *j, bool epoch_ended)
{
    if (!t->o.progress) return HW3_OK;
    const hw3i_cursor *at = &t->at;
    const hw3_optim *optim = t->optim;
    int64_t epoch = at->epoch - epoch_ended, per_epoch = (j->n_train + t->o.batch - 1) / t->o.batch;
    hw3_progress p = {
        .struct_size = sizeof p, .epoch_ended = epoch_ended, .epoch = epoch, .n_epochs = t->o.n_epochs,
        .step = at->n_steps, .n_steps = per_epoch * t->o.n_epochs,
        .train_loss = epoch_ended ? t->train_loss[epoch] : at->loss_sum / (double)at->position,
        .val_loss = epoch_ended ? t->val_loss[epoch] : NAN,
        .lr = hw3i_schedule_lr(&optim->o, optim->o.lr, hw3i_max(optim->n_steps - 1, 0)),
    };
    return t->o.progress(t->o.progress_user, &p) ? HW3_ERR_CANCELLED : HW3_OK;
}

static hw3_status save_checkpoint(hw3_trainer *t) { return t->checkpoint ? hw3i_trainer_save(t, t->checkpoint) : HW3_OK; }

static hw3_status cancelled(hw3_trainer *t)
{
    hw3_status s = save_checkpoint(t);
    return s ? s : hw3i_fail(t->ctx, HW3_ERR_CANCELLED, "trainer: stopped by the callback after step %lld, in epoch %lld",
                             (long long)t->at.n_steps, (long long)t->at.epoch);
}

static bool has_stopped(const hw3_trainer *t) { return t->o.patience > 0 && t->at.n_bad >= t->o.patience; }
static bool is_done(const hw3_trainer *t) { return t->at.epoch >= t->o.n_epochs || has_stopped(t); }

static hw3_status end_epoch(hw3_trainer *t, const job *j)
{
    hw3i_cursor *at = &t->at;
    double val = NAN;
    hw3_status s = j->n > j->n_train ? evaluate(t, j, j->n_train, j->n, &val) : HW3_OK;
    if (s) return s;
    t->train_loss[at->epoch] = at->loss_sum / (double)at->position;
    t->val_loss[at->epoch] = val;
    if (t->o.patience > 0) {
        at->n_bad++;
        if (!at->has_best || val < at->best_loss) {
            at->has_best = true;
            at->best_loss = val;
            at->n_bad = 0;
            keep_best(t);
        }
    }
    at->epoch++;
    at->position = at->n_examples = 0;
    at->loss_sum = 0;
    s = save_checkpoint(t);
    return s ? s : report(t, j, true);
}

/* A stream of its own for each epoch's order. */
static void draw_order(hw3_trainer *t, int64_t n)
{
    if (t->o.shuffle) {
        hw3i_permutation(t->o.seed, hw3i_stream_of("order") + (uint64_t)t->at.epoch, n, t->order);
        return;
    }
    for (int64_t i = 0; i < n; i++) t->order[i] = i;
}

static hw3_status run_epoch(hw3_trainer *t, const job *j)
{
    hw3_status s = hw3i_trainer_reserve(t, t->at.epoch + 1, t->o.patience > 0);
    if (s) return s;
    draw_order(t, j->n_train);
    while (t->at.position < j->n_train) {
        s = train_step(t, j);
        if (!s) s = report(t, j, false);
        if (!s && t->o.checkpoint_steps > 0 && t->at.n_steps % t->o.checkpoint_steps == 0) s = save_checkpoint(t);
        if (s) return s;
    }
    return end_epoch(t, j);
}

hw3_status hw3i_trainer_check(const hw3_trainer *t)
{
    if (t->params->n == t->n_params) return HW3_OK;
    return hw3i_fail(t->ctx, HW3_ERR_STATE, "trainer: it was made for %lld parameters, now there are %lld",
                     (long long)t->n_params, (long long)t->params->n);
}

static hw3_status check_data(const hw3_trainer *t, job *j)
{
    char a[128], b[128];
    const hw3_tensor *first = j->tensors[0];
    hw3_status s = hw3i_trainer_check(t);
    j->n = first->n_dims ? first->shape[0] : 0;
    if (!s && j->n < 1)
        s = hw3i_fail(t->ctx, HW3_ERR_SHAPE, "trainer: tensor 0 is %s, but [N, ..] with at least one example is needed",
                      hw3i_shape_text(a, first->n_dims, first->shape));
    for (int64_t i = 1; i < j->n_tensors && !s; i++) {
        const hw3_tensor *x = j->tensors[i];
        if (x->n_dims < 1 || x->shape[0] != j->n)
            s = hw3i_fail(t->ctx, HW3_ERR_SHAPE,
                          "trainer: tensor 0 is %s but tensor %lld is %s: the same number of examples is needed",
                          hw3i_shape_text(a, first->n_dims, first->shape), (long long)i,
                          hw3i_shape_text(b, x->n_dims, x->shape));
    }
    return s;
}

int64_t hw3i_trainer_n_held_out(int64_t n, double val_share) { return llround((double)n * val_share); }

static hw3_status split(hw3_trainer *t, job *j)
{
    int64_t n_val = hw3i_trainer_n_held_out(j->n, t->o.val_share);
    j->n_train = j->n - n_val;
    if (j->n_train < 1 || (t->o.val_share > 0 && n_val < 1))
        return hw3i_fail(t->ctx, HW3_ERR_SHAPE,
                         "trainer: %lld examples with val_share %g leave %lld to train on and %lld to validate",
                         (long long)j->n, t->o.val_share, (long long)j->n_train, (long long)n_val);
    if (t->at.position > 0 && t->at.n_examples != j->n_train)
        return hw3i_fail(t->ctx, HW3_ERR_SHAPE, "trainer: epoch %lld was begun with %lld training examples, now there are %lld",
                         (long long)t->at.epoch, (long long)t->at.n_examples, (long long)j->n_train);
    return HW3_OK;
}

static hw3_status reserve_batches(hw3_trainer *t, const job *j)
{
    hw3_status s = HW3_OK;
    if (j->n_tensors > t->n_batches) {
        hw3i_batch *more = hw3i_calloc(t->ctx, j->n_tensors, sizeof *more);
        if (!more) return HW3_ERR_NOMEM;
        if (t->n_batches) memcpy(more, t->batches, (size_t)t->n_batches * sizeof *more);
        hw3i_free(t->ctx, t->batches);
        t->batches = more;
        t->n_batches = j->n_tensors;
    }
    for (int64_t i = 0; i < j->n_tensors && !s; i++)
        s = hw3i_batch_reserve(t->ctx, &t->batches[i], j->tensors[i], hw3i_min(t->o.batch, j->n));
    return s;
}

static hw3_status prepare(hw3_trainer *t, job *j)
{
    hw3_status s = check_data(t, j);
    if (!s) s = split(t, j);
    if (!s) s = reserve_batches(t, j);
    return s ? s : hw3i_grow(t->ctx, &t->order, &t->order_cap, j->n_train, sizeof *t->order);
}

/* The best weights take the place of the last ones, and the checkpoint follows. */
static hw3_status finish(hw3_trainer *t)
{
    if (t->best_in_place || !t->at.has_best) return HW3_OK;
    hw3i_trainer_put_in_place(t, true);
    return save_checkpoint(t);
}

hw3_status hw3i_trainer_fit(hw3_trainer *t, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss, void *user)
{
    if (t->fitting || t->in_loss) return hw3i_fail(t->ctx, HW3_ERR_STATE, "trainer: fit was called from a callback");
    job j = { .tensors = tensors, .n_tensors = n_tensors, .loss = loss, .user = user };
    hw3_status s = prepare(t, &j);
    if (s) return s;
    if (is_done(t)) return finish(t);
    hw3i_trainer_put_in_place(t, false);
    t->fitting = true;
    while (!s && !is_done(t)) s = run_epoch(t, &j);
    t->fitting = false;
    if (s == HW3_ERR_CANCELLED) return cancelled(t);
    return s ? s : finish(t);
}

hw3_status hw3i_trainer_evaluate(hw3_trainer *t, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss,
                                 void *user, double *value)
{
    if (t->in_loss) return hw3i_fail(t->ctx, HW3_ERR_STATE, "trainer: evaluate was called from loss");
    job j = { .tensors = tensors, .n_tensors = n_tensors, .loss = loss, .user = user };
    hw3_status s = check_data(t, &j);
    if (!s) s = reserve_batches(t, &j);
    return s ? s : evaluate(t, &j, 0, j.n, value);
}

hw3_status hw3i_trainer_set_epochs(hw3_trainer *t, int32_t n_epochs)
{
    if (n_epochs < t->at.epoch)
        return hw3i_fail(t->ctx, HW3_ERR_ARG, "trainer: n_epochs is %d, but %lld epochs are done", n_epochs,
                         (long long)t->at.epoch);
    if (has_stopped(t) && n_epochs > t->at.epoch) t->at.n_bad = 0;
    t->o.n_epochs = n_epochs;
    return HW3_OK;
}

hw3_status hw3i_trainer_history(const hw3_trainer *t, double *train_loss, double *val_loss, int64_t cap, int64_t *n_epochs)
{
    if (!n_epochs || cap < 0)
        return hw3i_fail(t->ctx, HW3_ERR_ARG, "trainer: history: cap is %lld, n_epochs is %s", (long long)cap,
                         n_epochs ? "given" : "NULL");
    const int64_t n = *n_epochs = t->at.epoch;
    if ((train_loss || val_loss) && cap < n)
        return hw3i_fail(t->ctx, HW3_ERR_TOO_SMALL, "trainer: history has %lld epochs, cap is %lld", (long long)n,
                         (long long)cap);
    if (train_loss && n) memcpy(train_loss, t->train_loss, (size_t)n * sizeof *train_loss);
    if (val_loss && n) memcpy(val_loss, t->val_loss, (size_t)n * sizeof *val_loss);
    return HW3_OK;
}
