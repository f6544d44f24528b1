/* SPDX-License-Identifier: MIT */
/* One row a family: its usual settings, and the names of its parts as in transformers. */
#ifndef HW3I_FAMILY_H
#define HW3I_FAMILY_H
#include "base/base.h"
#include "hw3/model.h"

typedef struct hw3i_family {
    const char *label; /* for messages */
    hw3_activation activation;
    double eps;
    bool tied, by_columns;
    const char *base;                                                          /* before all names but the head's */
    const char *tokens, *positions, *norm, *head;
    const char *layer;                                                         /* with the number of the block */
    const char *norm1, *qkv, *out, *norm2, *up, *down;
} hw3i_family;

/* NULL when there is no such family. */
const hw3i_family *hw3i_family_of(hw3_family family);

#endif
