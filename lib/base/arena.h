/* SPDX-License-Identifier: MIT */
/* Arena: memory that is given out piece by piece and taken back all at once.
 *
 * A training step makes hundreds of values of sizes that are the same in the next step. The first step
 * takes chunks as it needs them; a reset that finds more than one chunk lets them go and remembers
 * their sum, so the next step gets one chunk that fits, and from then on no step allocates. */
#ifndef HW3I_ARENA_H
#define HW3I_ARENA_H
#include "base/base.h"

typedef struct hw3i_chunk hw3i_chunk;
typedef struct hw3i_arena {
    hw3_ctx *ctx;
    hw3i_chunk *chunks; /* newest first */
    int64_t used;       /* of the newest */
    int64_t want;       /* size of the next chunk at least */
} hw3i_arena;

void hw3i_arena_init(hw3i_arena *a, hw3_ctx *ctx);
/* Aligned to 64 bytes, not cleared; NULL with a message when there is no memory. */
void *hw3i_arena_alloc(hw3i_arena *a, int64_t n, int64_t size);
void hw3i_arena_reset(hw3i_arena *a);
void hw3i_arena_free(hw3i_arena *a);

#endif
