/* SPDX-License-Identifier: MIT */
/* Named tensors and named texts in one file of the safetensors format [Safetensors].
 *
 *     hw3i_st st;                                                  // write: data is borrowed until the save
 *     hw3i_st_init(&st, ctx);
 *     s = hw3i_st_add(&st, "w", HW3_F32, 2, shape, data);
 *     if (!s) s = hw3i_st_set_int(&st, "epoch", 7);
 *     if (!s) s = hw3i_st_save(&st, path);
 *     hw3i_st_free(&st);
 *
 *     s = hw3i_st_load(&st, ctx, path);                            // read: data is the object's own
 *     if (!s) s = hw3i_st_read(&st, "w", HW3_F32, 2, shape, data); // checks name, shape, type; copies
 *     hw3i_st_free(&st);                                           // also allowed after a failed load
 *
 * To change nothing unless all fits, call hw3i_st_read with data NULL for every name first.
 * Doubles that must come back with the same bits are F64 tensors; integers may be texts. */
#ifndef HW3I_SAFETENSORS_H
#define HW3I_SAFETENSORS_H
#include "hw3/tensor.h"
#include "io/file.h"

typedef struct hw3i_st_type {
    const char *name; /* "BF16" */
    hw3_dtype dtype;  /* 0: none of a tensor here */
    int64_t size;
    bool is_real; /* F64, F32, F16, BF16: read as either float or double */
} hw3i_st_type;

typedef struct hw3i_st_entry {
    char *name;
    const hw3i_st_type *type;
    int32_t n_dims;
    int64_t shape[HW3_MAX_DIMS];
    int64_t n_bytes;
    const void *data; /* row-major, aligned to its element */
} hw3i_st_entry;

typedef struct hw3i_st_text {
    char *key, *value;
} hw3i_st_text;

typedef struct hw3i_st {
    hw3_ctx *ctx;
    char *path; /* of a loaded file, for messages; else NULL */
    hw3i_bytes bytes;
    void *aligned; /* copies of the tensors that the file does not align */
    int64_t n, cap;
    hw3i_st_entry *entries; /* in the order of adding, or of the file */
    int64_t n_texts, cap_texts;
    hw3i_st_text *texts;
} hw3i_st;

void hw3i_st_init(hw3i_st *st, hw3_ctx *ctx);
void hw3i_st_free(hw3i_st *st); /* leaves it as after init */

/* Copies the name, borrows data. HW3_ERR_NAME: repeated, "__metadata__", or not UTF-8; HW3_ERR_SHAPE; HW3_ERR_DTYPE;
 * HW3_ERR_NOMEM. */
hw3_status hw3i_st_add(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const void *data);
/* The same of F32 or F64 that have to be finite. HW3_ERR_VALUE: one is not. */
hw3_status hw3i_st_add_finite(hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const void *data);
/* A text of the metadata; both copied. HW3_ERR_NAME as above. */
hw3_status hw3i_st_set(hw3i_st *st, const char *key, const char *value);
hw3_status hw3i_st_set_int(hw3i_st *st, const char *key, int64_t value);
/* Texts kind and version: what the file is, and in which form. */
hw3_status hw3i_st_set_kind(hw3i_st *st, const char *kind, int64_t version);
/* Atomic, see hw3i_file_save. The same tensors and texts give the same bytes. */
hw3_status hw3i_st_save(const hw3i_st *st, const char *path);

/* Begins st. HW3_ERR_IO; HW3_ERR_FORMAT: damaged, with what is wrong; HW3_ERR_UNSUPPORTED: an unknown element type, or more
 * than HW3_MAX_DIMS dimensions; HW3_ERR_NOMEM. On failure st is as after init. */
hw3_status hw3i_st_load(hw3i_st *st, hw3_ctx *ctx, const char *path);
/* The same of a file that is mapped until hw3i_st_free, see hw3i_file_map. */
hw3_status hw3i_st_open(hw3i_st *st, hw3_ctx *ctx, const char *path);
/* The same from memory: bytes from hw3i_alloc, taken over also on failure; path only for messages. */
hw3_status hw3i_st_parse(hw3i_st *st, hw3_ctx *ctx, const char *path, char *bytes, int64_t n_bytes);

const hw3i_st_entry *hw3i_st_find(const hw3i_st *st, const char *name); /* NULL without a message */
const char *hw3i_st_get(const hw3i_st *st, const char *key);            /* NULL without a message */
/* HW3_ERR_MISMATCH when there is no such text, HW3_ERR_FORMAT when it is no integer from min to max. */
hw3_status hw3i_st_get_int(const hw3i_st *st, const char *key, int64_t min, int64_t max, int64_t *value);
/* HW3_ERR_MISMATCH when the file is of another kind, HW3_ERR_VERSION when it is newer than version. */
hw3_status hw3i_st_check_kind(const hw3i_st *st, const char *kind, int64_t version);
/* Copies a tensor into data, real numbers converted to F32 or F64; data NULL only checks.
 * HW3_ERR_MISMATCH: there is none of this name, or its shape or type is another; HW3_ERR_UNSUPPORTED: it has a type that is
 * not converted. */
hw3_status hw3i_st_read(const hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data);
/* HW3_ERR_FORMAT when an element is not finite as a number of that type; what hw3i_st_read with NULL has found fit. */
hw3_status hw3i_st_check_finite(const hw3i_st *st, const char *name, hw3_dtype dtype);

#endif
