/* SPDX-License-Identifier: MIT */
/* A model as a folder of transformers: config.json and model.safetensors, or the files that
 * model.safetensors.index.json names. */
#ifndef HW3I_MODEL_FILE_H
#define HW3I_MODEL_FILE_H
#include "io/json.h"
#include "model/model.h"

/* Begins c, all but dtype; head and n_classes unless they are chosen: HW3_ERR_ARG when the family cannot have
 * them. HW3_ERR_UNSUPPORTED: a family or a setting that is not built, by name. */
hw3_status hw3i_config_read(hw3_ctx *ctx, const char *path, hw3_model_config *c);
void hw3i_config_write(hw3i_json_out *o, const hw3_model_config *c);

hw3_status hw3i_model_open(hw3_ctx *ctx, const char *dir, const hw3_model_opts *opts, hw3_model **out);
hw3_status hw3i_model_save(const hw3_model *m, const char *dir);

#endif
