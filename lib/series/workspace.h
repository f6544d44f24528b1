/* SPDX-License-Identifier: MIT */
/* Memory of a known size that a computation takes its arrays from, so that it can run on any thread: run once without
 * memory to count the bytes, then with it. */
#ifndef HW3I_WORKSPACE_H
#define HW3I_WORKSPACE_H
#include "base/base.h"

typedef struct hw3i_workspace {
    char *base; /* NULL: only count */
    int64_t used;
} hw3i_workspace;

/* n elements of size bytes, aligned to 64, not cleared; NULL while counting. */
static inline void *hw3i_take(hw3i_workspace *w, int64_t n, int64_t size)
{
    void *p = w->base ? w->base + w->used : NULL;
    w->used += hw3i_ceil(n * size, HW3I_ALIGN) * HW3I_ALIGN;
    return p;
}
static inline double *hw3i_take_doubles(hw3i_workspace *w, int64_t n) { return hw3i_take(w, n, (int64_t)sizeof(double)); }

#endif
