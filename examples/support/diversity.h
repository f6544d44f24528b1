/* SPDX-License-Identifier: MIT */
/* How varied texts are. */
#ifndef HW3_EXAMPLES_DIVERSITY_H
#define HW3_EXAMPLES_DIVERSITY_H
#include "batches.h"

enum { DIVERSITY_MOST = 4 }; /* longest n-gram */

/* distinct-n [Li16]: different runs of n tokens in all sequences by all there are; 1: none came twice. Falls with the amount of
   text, so compare as many sequences with as many. NaN without any, and without memory. n: 1 to DIVERSITY_MOST. */
double distinct(const sequences *s, int n);

/* Repetition within a sequence [Welleck20]: 1 - different runs of n tokens by all, over the sequences that have any. */
double self_repetition(const sequences *s, int n);

#endif
