/* SPDX-License-Identifier: MIT */
/* Optimizers from inside: a slot a parameter, tiles of fixed size over all of them. */
#ifndef HW3I_OPTIM_H
#define HW3I_OPTIM_H
#include "graph/params.h"
#include "hw3/optim.h"
#include "math/kern.h"

typedef struct hw3i_slot {
    hw3i_param *param;
    void *m, *v; /* first and second moment, of the parameter's type and size; NULL where the rule has none */
    int64_t n, n_steps;
    double rates[2];         /* lr and weight_decay of its group */
    hw3i_update update;      /* of the running step */
} hw3i_slot;

typedef struct hw3i_tile {
    int64_t slot, begin, n;
    double sums[2]; /* of squared gradients: as they are, and cut by value */
} hw3i_tile;

struct hw3_optim {
    hw3_ctx *ctx;
    int64_t n_refs; /* the caller's, and trainers that use it */
    hw3_params *params;
    hw3_optim_opts o;
    int64_t n, n_tiles;
    hw3i_slot *slots;
    hw3i_tile *tiles;
    char *moments; /* memory of all m and v */
    int64_t n_steps;
    double grad_norm;
};

hw3_status hw3i_optim_create(hw3_params *params, const hw3_optim_opts *o, hw3_optim **out);
void hw3i_optim_retain(hw3_optim *optim);
void hw3i_optim_release(hw3_optim *optim); /* may be NULL */
hw3_status hw3i_optim_set_group(hw3_optim *optim, const char *prefix, double lr, double weight_decay);
hw3_status hw3i_optim_step(hw3_optim *optim);
double hw3i_optim_lr(const hw3_optim *optim);

#endif
