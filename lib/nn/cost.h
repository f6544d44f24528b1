/* SPDX-License-Identifier: MIT */
#ifndef HW3I_COST_H
#define HW3I_COST_H
#include "base/base.h"
#include "hw3/cost.h"

/* Counts; o has no zeros left where a default stands for them, and fits together. False when a count does not fit. */
bool hw3i_attention_cost(const hw3_attention_cost_opts *o, hw3_attention_costs *c);

#endif
