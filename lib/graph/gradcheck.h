/* SPDX-License-Identifier: MIT */
#ifndef HW3I_GRADCHECK_H
#define HW3I_GRADCHECK_H
#include "graph/graph.h"

/* hw3_gradcheck without the border: opts are whole. */
hw3_status hw3i_gradcheck(hw3_graph *g, hw3_loss_fn loss, void *user, const hw3_gradcheck_opts *opts, double *worst,
                          const char **name);

#endif
