/* SPDX-License-Identifier: MIT */
/* Thread pool. A job is a number of tiles and a function of one tile; threads take tiles until none is left.
 * Tiles are cut by shape alone, and a reduction across tiles adds in the order of the tiles,
 * so the result has the same bits for any number of threads. */
#ifndef HW3I_POOL_H
#define HW3I_POOL_H
#include "base/base.h"

typedef struct hw3i_pool hw3i_pool;
/* worker is 0 to n_threads - 1: a place for scratch that no other running tile uses. */
typedef void (*hw3i_tile_fn)(void *arg, int64_t tile, int worker);

hw3i_pool *hw3i_pool_create(hw3_ctx *ctx, int n_threads);
void hw3i_pool_destroy(hw3_ctx *ctx, hw3i_pool *pool);
int hw3i_pool_n_threads(const hw3i_pool *pool);
/* Runs fn on tiles 0 to n_tiles - 1 and waits. pool may be NULL: all on this thread. Not to be called from a tile. */
void hw3i_pool_run(hw3i_pool *pool, int64_t n_tiles, hw3i_tile_fn fn, void *arg);

/* Zeros. */
void hw3i_pool_clear(hw3i_pool *p, void *data, int64_t bytes);

#endif
