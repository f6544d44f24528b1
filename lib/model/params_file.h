/* SPDX-License-Identifier: MIT */
/* Parameters to and from safetensors: a whole file, or as a part of a file that holds more, such as a checkpoint. */
#ifndef HW3I_PARAMS_FILE_H
#define HW3I_PARAMS_FILE_H
#include "graph/params.h"
#include "io/safetensors.h"

/* Adds all values to st under their names; borrowed until the save. */
hw3_status hw3i_params_to_st(const hw3_params *p, hw3i_st *st);
/* Reads all values, or none when a name or shape differs (HW3_ERR_MISMATCH) or a value is not finite (HW3_ERR_FORMAT).
 * What else st holds is not looked at. */
hw3_status hw3i_params_from_st(hw3_params *p, const hw3i_st *st);

hw3_status hw3i_params_save(const hw3_params *p, const char *path);
/* The file must hold these parameters and no other tensor. */
hw3_status hw3i_params_load(hw3_params *p, const char *path);

#endif
