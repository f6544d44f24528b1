/* SPDX-License-Identifier: MIT */
#include "io/file.h"
#include "train/trainer.h"

#define OLDEST_TRAINER_OPTS ((uint32_t)sizeof(hw3_trainer_opts))
static const hw3_trainer_opts defaults = HW3_TRAINER_OPTS_INIT;

hw3_status hw3_trainer_opts_init(hw3_trainer_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_TRAINER_OPTS);
}

hw3_status hw3_trainer_create(hw3_params *params, hw3_optim *optim, const hw3_trainer_opts *opts, hw3_trainer **out)
{
    if (out) *out = NULL;
    if (!params) return HW3_ERR_ARG;
    if (!optim || !out) return hw3i_fail(params->ctx, HW3_ERR_ARG, "trainer: %s is NULL", optim ? "out" : "optim");
    hw3_trainer_opts o = defaults;
    hw3_status s = opts ? hw3i_import(params->ctx, &o, sizeof o, opts, OLDEST_TRAINER_OPTS, "hw3_trainer_opts") : HW3_OK;
    return s ? s : hw3i_trainer_create(params, optim, &o, out);
}

void hw3_trainer_destroy(hw3_trainer *trainer) { hw3i_trainer_destroy(trainer); }

static hw3_status check_job(hw3_trainer *trainer, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss)
{
    if (!trainer) return HW3_ERR_ARG;
    if (!tensors || !loss) return hw3i_fail(trainer->ctx, HW3_ERR_ARG, "trainer: %s is NULL", tensors ? "loss" : "tensors");
    if (n_tensors < 1) return hw3i_fail(trainer->ctx, HW3_ERR_ARG, "trainer: %lld tensors", (long long)n_tensors);
    for (int64_t i = 0; i < n_tensors; i++)
        if (!tensors[i]) return hw3i_fail(trainer->ctx, HW3_ERR_ARG, "trainer: tensor %lld is NULL", (long long)i);
    return HW3_OK;
}

hw3_status hw3_trainer_fit(hw3_trainer *trainer, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss,
                           void *user)
{
    hw3_status s = check_job(trainer, tensors, n_tensors, loss);
    return s ? s : hw3i_trainer_fit(trainer, tensors, n_tensors, loss, user);
}

hw3_status hw3_trainer_evaluate(hw3_trainer *trainer, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss,
                                void *user, double *value)
{
    hw3_status s = check_job(trainer, tensors, n_tensors, loss);
    if (s) return s;
    if (!value) return hw3i_fail(trainer->ctx, HW3_ERR_ARG, "trainer: value is NULL");
    return hw3i_trainer_evaluate(trainer, tensors, n_tensors, loss, user, value);
}

hw3_status hw3_trainer_set_epochs(hw3_trainer *trainer, int32_t n_epochs)
{
    return trainer ? hw3i_trainer_set_epochs(trainer, n_epochs) : HW3_ERR_ARG;
}

hw3_status hw3_trainer_history(const hw3_trainer *trainer, double *train_loss, double *val_loss, int64_t cap, int64_t *n_epochs)
{
    if (!trainer) return HW3_ERR_ARG;
    return hw3i_trainer_history(trainer, train_loss, val_loss, cap, n_epochs);
}

hw3_status hw3_trainer_save(const hw3_trainer *trainer, const char *path)
{
    hw3_status s = trainer ? hw3i_path_check(trainer->ctx, "trainer_save", path) : HW3_ERR_ARG;
    return s ? s : hw3i_trainer_save(trainer, path);
}

hw3_status hw3_trainer_load(hw3_trainer *trainer, const char *path)
{
    hw3_status s = trainer ? hw3i_path_check(trainer->ctx, "trainer_load", path) : HW3_ERR_ARG;
    return s ? s : hw3i_trainer_load(trainer, path);
}
