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
    int64_t peak;       /* most bytes that a rewind found in chunks since the last reset */
} hw3i_arena;

/* A place to go back to: what was given out since is given up. */
typedef struct hw3i_arena_mark {
    hw3i_chunk *chunk;
    int64_t used;
} hw3i_arena_mark;

void hw3i_arena_init(hw3i_arena *a, hw3_ctx *ctx);
/* Aligned to 64 bytes, not cleared; NULL with a message when there is no memory. */
void *hw3i_arena_alloc(hw3i_arena *a, int64_t n, int64_t size);
static inline hw3i_arena_mark hw3i_arena_mark_of(const hw3i_arena *a) { return (hw3i_arena_mark){ a->chunks, a->used }; }
void hw3i_arena_rewind(hw3i_arena *a, hw3i_arena_mark mark);
void hw3i_arena_reset(hw3i_arena *a);
void hw3i_arena_free(hw3i_arena *a);

#endif
