/* SPDX-License-Identifier: MIT */
/* Shared by the writer and the reader of safetensors files. */
#ifndef HW3I_SAFETENSORS_INNER_H
#define HW3I_SAFETENSORS_INNER_H
#include "io/safetensors.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "files are little-endian and are read and written as memory is"
#endif

#define HW3I_ST_META "__metadata__"
#define HW3I_ST_MAX_HEADER 100000000 /* the format's own limit */

extern const hw3i_st_type hw3i_st_types[]; /* widest first; ends with name NULL */

/* Bytes of a shape of elements; -1 when a length is negative or the product overflows. */
int64_t hw3i_st_size(int64_t element, int32_t n_dims, const int64_t *shape);
/* Append without checks of the name. */
hw3_status hw3i_st_push(hw3i_st *st, const hw3i_st_entry *entry);
hw3_status hw3i_st_push_text(hw3i_st *st, const char *key, const char *value);

#endif
