/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#define FIRST_CHUNK (64 * 1024)

struct hw3i_chunk {
    hw3i_chunk *older;
    int64_t size;
    char pad[HW3I_ALIGN - sizeof(void *) - sizeof(int64_t)];
    char data[];
};
_Static_assert(sizeof(hw3i_chunk) == HW3I_ALIGN, "data stays aligned");

void hw3i_arena_init(hw3i_arena *a, hw3_ctx *ctx) { *a = (hw3i_arena){ ctx, NULL, 0, FIRST_CHUNK, 0 }; }

static hw3_status add_chunk(hw3i_arena *a, int64_t need)
{
    int64_t size = hw3i_max(need, a->want);
    hw3i_chunk *c = hw3i_alloc(a->ctx, size + (int64_t)sizeof *c, 1);
    if (!c) return HW3_ERR_NOMEM;
    c->older = a->chunks;
    c->size = size;
    a->chunks = c;
    a->used = 0;
    a->want = hw3i_min(size * 2, INT64_MAX / 8);
    return HW3_OK;
}

void *hw3i_arena_alloc(hw3i_arena *a, int64_t n, int64_t size)
{
    if (n < 0 || size <= 0 || n > (INT64_MAX / 4) / size) {
        hw3i_fail(a->ctx, HW3_ERR_NOMEM, "out of memory: %lld elements of %lld bytes", (long long)n, (long long)size);
        return NULL;
    }
    int64_t bytes = (n * size + HW3I_ALIGN - 1) / HW3I_ALIGN * HW3I_ALIGN;
    if ((!a->chunks || a->chunks->size - a->used < bytes) && add_chunk(a, bytes)) return NULL;
    void *p = a->chunks->data + a->used;
    a->used += bytes;
    return p;
}

/* Lets go of the chunks that are newer than `last`; returns the bytes of all there were. */
static int64_t drop_chunks(hw3i_arena *a, const hw3i_chunk *last)
{
    int64_t total = 0;
    for (const hw3i_chunk *c = a->chunks; c; c = c->older) total += c->size;
    while (a->chunks != last) {
        hw3i_chunk *c = a->chunks;
        a->chunks = c->older;
        hw3i_free(a->ctx, c);
    }
    return total;
}

void hw3i_arena_rewind(hw3i_arena *a, hw3i_arena_mark mark)
{
    if (a->chunks != mark.chunk) {
        const int64_t all = drop_chunks(a, mark.chunk);
        a->peak = hw3i_max(a->peak, all);
        a->want = all; /* the next time round one chunk will do */
    }
    a->used = mark.used;
}

void hw3i_arena_reset(hw3i_arena *a)
{
    if (a->chunks && (a->chunks->older || a->peak)) a->want = hw3i_max(a->peak, drop_chunks(a, NULL));
    a->used = a->peak = 0;
}

void hw3i_arena_free(hw3i_arena *a) { drop_chunks(a, NULL); }
