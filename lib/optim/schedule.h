/* SPDX-License-Identifier: MIT */
/* How the learning rate changes with the step. */
#ifndef HW3I_SCHEDULE_H
#define HW3I_SCHEDULE_H
#include "base/base.h"
#include "hw3/optim.h"

/* Checks the options of a schedule; messages begin with optim. */
hw3_status hw3i_schedule_check(hw3_ctx *ctx, const hw3_optim_opts *o);
/* The rate of step s = 0, 1, 2, ... of a group whose base rate is lr. */
double hw3i_schedule_lr(const hw3_optim_opts *o, double lr, int64_t s);

#endif
