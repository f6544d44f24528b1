/* SPDX-License-Identifier: MIT */
/* What a program says of its numbers, and whether they bear it out. */
#ifndef HW3_EXAMPLES_CLAIMS_H
#define HW3_EXAMPLES_CLAIMS_H

/* Prints a sentence and whether it holds. */
void claim(int holds, const char *sentence);

/* Prints a last line. Returns 0 when all held, else 1. */
int claims_end(void);

#endif
