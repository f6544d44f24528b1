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

void hw3i_arena_init(hw3i_arena *a, hw3_ctx *ctx) { *a = (hw3i_arena){ ctx, NULL, 0, FIRST_CHUNK }; }

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

static int64_t drop_chunks(hw3i_arena *a)
{
    int64_t total = 0;
    for (hw3i_chunk *c = a->chunks, *older; c; c = older) {
        older = c->older;
        total += c->size;
        hw3i_free(a->ctx, c);
    }
    a->chunks = NULL;
    a->used = 0;
    return total;
}

void hw3i_arena_reset(hw3i_arena *a)
{
    if (a->chunks && a->chunks->older) a->want = drop_chunks(a);
    a->used = 0;
}

void hw3i_arena_free(hw3i_arena *a) { drop_chunks(a); }
