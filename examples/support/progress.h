/* SPDX-License-Identifier: MIT */
/* What a training tells: a line that renews itself, on a terminal only, and the losses now and then. */
#ifndef HW3_EXAMPLES_PROGRESS_H
#define HW3_EXAMPLES_PROGRESS_H
#include <hw3/trainer.h>

typedef struct progress {
    const char *label; /* before each line */
    int64_t every;     /* epochs between printed lines; the first and the last are always printed */
    int on_terminal;   /* set by progress_begin */
} progress;

progress progress_begin(const char *label, int64_t every);

/* A hw3_progress_fn; user is a progress. */
int32_t progress_tell(void *user, const hw3_progress *at);

#endif
