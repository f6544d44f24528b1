/* SPDX-License-Identifier: MIT */
/* Positions of attention beside the rotary ones, from operators: see hw3_sinusoids and hw3_gaussian_positions. */
#ifndef HW3I_POSITIONS_H
#define HW3I_POSITIONS_H
#include "graph/ops.h"

hw3_var hw3i_sinusoids(hw3_graph *g, hw3_var positions, int64_t n_dims, hw3_dtype dtype);
hw3_var hw3i_gaussian_positions(hw3_graph *g, hw3_var queries, hw3_var keys, hw3_var centers, hw3_var sharpness);

#endif
