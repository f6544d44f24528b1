/* SPDX-License-Identifier: MIT */
/* Whole files: read at once, or written so that a reader sees the older file or the newer one, never a part. */
#ifndef HW3I_FILE_H
#define HW3I_FILE_H
#include "base/base.h"

/* Reads a regular file of at most max_bytes. out: for hw3i_free, one 0 byte after the last that n_bytes does not count.
 * HW3_ERR_IO with the path and the reason; HW3_ERR_NOMEM. */
hw3_status hw3i_file_read(hw3_ctx *ctx, const char *path, int64_t max_bytes, char **out, int64_t *n_bytes);

bool hw3i_file_exists(const char *path);

/* HW3_ERR_ARG when path is NULL or empty; who: the caller's name. */
hw3_status hw3i_path_check(hw3_ctx *ctx, const char *who, const char *path);

typedef struct hw3i_piece {
    const void *data;
    int64_t n_bytes;
} hw3i_piece;

/* Writes the pieces one after another beside path, syncs, and renames. On failure (HW3_ERR_IO, HW3_ERR_NOMEM) an older
 * file is as it was and nothing is left beside it. An older file's permissions are kept; a link is replaced, not followed. */
hw3_status hw3i_file_save(hw3_ctx *ctx, const char *path, const hw3i_piece *pieces, int64_t n_pieces);

#endif
