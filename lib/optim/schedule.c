/* SPDX-License-Identifier: MIT */
#include "optim/schedule.h"
#include <math.h>

#define PI 3.14159265358979323846

static hw3_status check_step(hw3_ctx *ctx, const hw3_optim_opts *o)
{
    if (o->period < 1)
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: period is %lld, must be at least 1 for the step schedule",
                         (long long)o->period);
    if (!(o->gamma > 0 && o->gamma <= 1))
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: gamma is %g, must be above 0 and at most 1", o->gamma);
    return HW3_OK;
}

static hw3_status check_decline(hw3_ctx *ctx, const hw3_optim_opts *o)
{
    if (o->total_steps <= o->warmup_steps)
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: total_steps is %lld, must be above warmup_steps, %lld",
                         (long long)o->total_steps, (long long)o->warmup_steps);
    if (!(o->lr_min >= 0 && o->lr_min <= o->lr))
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: lr_min is %g, must be from 0 to lr, %g", o->lr_min, o->lr);
    return HW3_OK;
}

hw3_status hw3i_schedule_check(hw3_ctx *ctx, const hw3_optim_opts *o)
{
    if (o->warmup_steps < 0)
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: warmup_steps is %lld, must be at least 0", (long long)o->warmup_steps);
    switch (o->schedule) {
    case HW3_SCHEDULE_CONSTANT: return HW3_OK;
    case HW3_SCHEDULE_STEP: return check_step(ctx, o);
    case HW3_SCHEDULE_COSINE:
    case HW3_SCHEDULE_LINEAR: return check_decline(ctx, o);
    default:
        return hw3i_fail(ctx, HW3_ERR_ARG, "optim: schedule is %d, none of HW3_SCHEDULE_", o->schedule);
    }
}

/* t, from 0 at the end of the warm-up to 1 at total_steps and after */
static double progress(const hw3_optim_opts *o, int64_t s)
{
    return fmin(1, (double)(s - o->warmup_steps) / (double)(o->total_steps - o->warmup_steps));
}

/* cosine: lr_min + (lr - lr_min) (1 + cos(pi t)) / 2 [Loshchilov16];  linear: lr_min + (lr - lr_min) (1 - t) */
double hw3i_schedule_lr(const hw3_optim_opts *o, double lr, int64_t s)
{
    if (s < o->warmup_steps) return lr * (double)(s + 1) / (double)o->warmup_steps;
    switch (o->schedule) {
    case HW3_SCHEDULE_STEP: return lr * pow(o->gamma, (double)(s / o->period));
    case HW3_SCHEDULE_COSINE: return o->lr_min + (lr - o->lr_min) * (1 + cos(PI * progress(o, s))) / 2;
    case HW3_SCHEDULE_LINEAR: return o->lr_min + (lr - o->lr_min) * (1 - progress(o, s));
    default: return lr;
    }
}
