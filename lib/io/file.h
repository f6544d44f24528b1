/* SPDX-License-Identifier: MIT */
/* Whole files: read at once, or written so that a reader sees the older file or the newer one, never a part. */
#ifndef HW3I_FILE_H
#define HW3I_FILE_H
#include "base/base.h"

/* Reads a regular file of at most max_bytes. out: for hw3i_free, one 0 byte after the last that n_bytes does not count.
 * HW3_ERR_IO with the path and the reason; HW3_ERR_NOMEM. */
hw3_status hw3i_file_read(hw3_ctx *ctx, const char *path, int64_t max_bytes, char **out, int64_t *n_bytes);

/* Bytes that are only read; to be freed by hw3i_bytes_free. */
typedef struct hw3i_bytes {
    void *data;
    int64_t n;
    bool mapped; /* else from hw3i_alloc */
} hw3i_bytes;

/* Maps a regular file: its pages are read when they are looked at and take no memory of the process's own. Where it cannot be
 * mapped it is read. Until the bytes are freed nobody may shorten the file, as a copy over it does: the system then ends the
 * process with SIGBUS. A file that is replaced by renaming, as hw3i_file_save does, stays as it was. Statuses as above. */
hw3_status hw3i_file_map(hw3_ctx *ctx, const char *path, hw3i_bytes *out);
void hw3i_bytes_free(hw3_ctx *ctx, hw3i_bytes *b);

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
