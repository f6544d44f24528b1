/* SPDX-License-Identifier: MIT */
/** @file optim.h
 * Optimizers: from gradients to the next weights.
 *
 *     hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;       // Adam, 1e-3
 *     o.kind = HW3_OPTIM_ADAMW;  o.weight_decay = 0.01;  o.clip_norm = 1.0;
 *     hw3_optim *opt = NULL;
 *     TRY(hw3_optim_create(params, &o, &opt));
 *     TRY(hw3_optim_step(opt));                     // after hw3_graph_backward
 *
 * Equations and defaults are PyTorch's, so traces agree step by step.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_OPTIM_H
#define HW3_OPTIM_H
#include "hw3/params.h"
HW3_BEGIN

/** Update rules. */
typedef int32_t hw3_optim_kind;
enum {
    HW3_OPTIM_SGD = 1,      /**< momentum and Nesterov as options [Sutskever13] */
    HW3_OPTIM_RMSPROP = 2,  /**< [Tieleman12] */
    HW3_OPTIM_ADAM = 3,     /**< [Kingma14] */
    HW3_OPTIM_ADAMW = 4,    /**< decoupled weight decay [Loshchilov17] */
    HW3_OPTIM_ADAGRAD = 5   /**< [Duchi11] */
};

/** How the learning rate changes with the step s = 0, 1, 2, ... */
typedef int32_t hw3_schedule;
enum {
    HW3_SCHEDULE_CONSTANT = 1,  /**< lr */
    HW3_SCHEDULE_STEP = 2,      /**< lr gamma^floor(s / period); the warm-up's steps count */
    HW3_SCHEDULE_COSINE = 3,    /**< from lr down to lr_min along half a cosine over total_steps [Loshchilov16] */
    HW3_SCHEDULE_LINEAR = 4     /**< from lr down to lr_min along a line over total_steps */
};

/** What an optimizer is made with. */
typedef struct hw3_optim_opts {
    uint32_t struct_size;     /**< sizeof(hw3_optim_opts) */
    hw3_optim_kind kind;      /**< update rule */
    double lr;                /**< learning rate */
    double momentum;          /**< SGD, RMSProp: 0 to 1 */
    double beta1;             /**< Adam, AdamW: decay of the first moment */
    double beta2;             /**< Adam, AdamW: decay of the second moment; RMSProp calls it alpha */
    double eps;               /**< added to the root in the denominator; below 0: PyTorch's 1e-8, for Adagrad 1e-10 */
    double weight_decay;      /**< L2 penalty; decoupled in AdamW */
    double clip_norm;         /**< > 0: scales all gradients so that their common norm is at most this [Pascanu13] */
    double clip_value;        /**< > 0: cuts every gradient element to +-this, before clip_norm measures */
    int32_t nesterov;         /**< SGD: 0 or 1 */
    hw3_schedule schedule;    /**< rule of the learning rate */
    int64_t warmup_steps;     /**< the learning rate rises in a line over so many steps: lr (s + 1) / warmup_steps */
    int64_t period;           /**< HW3_SCHEDULE_STEP: steps between two drops */
    int64_t total_steps;      /**< HW3_SCHEDULE_COSINE, _LINEAR: length, warm-up included */
    double gamma;             /**< HW3_SCHEDULE_STEP: factor of each drop */
    double lr_min;            /**< HW3_SCHEDULE_COSINE, _LINEAR: where it ends */
} hw3_optim_opts;
/** Defaults of hw3_optim_opts: Adam with PyTorch's numbers. */
#define HW3_OPTIM_OPTS_INIT { (uint32_t)sizeof(hw3_optim_opts), HW3_OPTIM_ADAM, 1e-3, 0.0, 0.9, 0.999, -1.0, 0.0, 0.0, 0.0, \
                              0, HW3_SCHEDULE_CONSTANT, 0, 0, 0, 0.1, 0.0 }

/** An optimizer and its moments. */
typedef struct hw3_optim hw3_optim;

/** Fills opts with the defaults, for callers that cannot use HW3_OPTIM_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_optim_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_optim_opts_init(hw3_optim_opts *opts, uint32_t size);

/** Makes an optimizer for all parameters that are trainable now.
 *  params: the set.  opts: NULL for the defaults.  out: the optimizer.
 *  Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_optim_create(hw3_params *params, const hw3_optim_opts *opts, hw3_optim **out);

/** Lets go of an optimizer.
 *  optim: may be NULL.  Since 0.1. */
HW3_API void hw3_optim_destroy(hw3_optim *optim);

/** Gives a group of parameters, chosen by the start of their names, a learning rate and decay of its own; a later group wins.
 *  optim: the optimizer.  prefix: such as "encoder."; must match a trained parameter.  lr: its base rate.
 *  weight_decay: its penalty.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (matches nothing). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_optim_set_group(hw3_optim *optim, const char *prefix, double lr, double weight_decay);

/** Changes the weights by the gradients that the last hw3_graph_backward left.
 *  optim: the optimizer.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_DIVERGED (a gradient, or the norm of all, is not finite;
 *  nothing is changed). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_optim_step(hw3_optim *optim);

/** Tells how many steps have been made.
 *  optim: the optimizer.
 *  Returns: the number; HW3_ERR_ARG when optim is NULL. Since 0.1. */
HW3_API int64_t hw3_optim_n_steps(const hw3_optim *optim);

/** Tells the base learning rate of the next step, by the schedule.
 *  optim: the optimizer.
 *  Returns: the rate; 0 when optim is NULL. Since 0.1. */
HW3_API double hw3_optim_lr(const hw3_optim *optim);

/** Tells the norm that all gradients had together in the last step, before clipping.
 *  optim: the optimizer.
 *  Returns: the norm; 0 before the first step, or when optim is NULL. Since 0.1. */
HW3_API double hw3_optim_grad_norm(const hw3_optim *optim);

HW3_END
#endif
