/* SPDX-License-Identifier: MIT */
#include "optim/optim.h"

#define OLDEST_OPTIM_OPTS ((uint32_t)sizeof(hw3_optim_opts))
static const hw3_optim_opts defaults = HW3_OPTIM_OPTS_INIT;

hw3_status hw3_optim_opts_init(hw3_optim_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTIM_OPTS);
}

hw3_status hw3_optim_create(hw3_params *params, const hw3_optim_opts *opts, hw3_optim **out)
{
    if (!out) return params ? hw3i_fail(params->ctx, HW3_ERR_ARG, "optim: out is NULL") : HW3_ERR_ARG;
    *out = NULL;
    if (!params) return HW3_ERR_ARG;
    hw3_optim_opts o = defaults;
    hw3_status s = opts ? hw3i_import(params->ctx, &o, sizeof o, opts, OLDEST_OPTIM_OPTS, "hw3_optim_opts") : HW3_OK;
    return s ? s : hw3i_optim_create(params, &o, out);
}

void hw3_optim_destroy(hw3_optim *optim) { hw3i_optim_release(optim); }

hw3_status hw3_optim_set_group(hw3_optim *optim, const char *prefix, double lr, double weight_decay)
{
    if (!optim) return HW3_ERR_ARG;
    if (!prefix) return hw3i_fail(optim->ctx, HW3_ERR_ARG, "optim: prefix is NULL");
    return hw3i_optim_set_group(optim, prefix, lr, weight_decay);
}

hw3_status hw3_optim_step(hw3_optim *optim) { return optim ? hw3i_optim_step(optim) : HW3_ERR_ARG; }

int64_t hw3_optim_n_steps(const hw3_optim *optim) { return optim ? optim->n_steps : HW3_ERR_ARG; }

double hw3_optim_lr(const hw3_optim *optim) { return optim ? hw3i_optim_lr(optim) : 0; }

double hw3_optim_grad_norm(const hw3_optim *optim) { return optim ? optim->grad_norm : 0; }
