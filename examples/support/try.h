/* SPDX-License-Identifier: MIT */
/* TRY(call) in a function that returns int and has a j with j->ctx: on failure a line on stderr, and -1 is returned. */
#ifndef HW3_EXAMPLES_TRY_H
#define HW3_EXAMPLES_TRY_H
#include <hw3/base.h>
#include <stdio.h>

#define TRY(call)                                                          \
    do {                                                                   \
        if ((call) < 0) {                                                  \
            fprintf(stderr, "%s\n", hw3_ctx_error(j->ctx));                 \
            return -1;                                                     \
        }                                                                  \
    } while (0)

#endif
