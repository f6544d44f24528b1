/* SPDX-License-Identifier: MIT */
/* A ViT on drawings, and how it stands to BERT. */
#ifndef HW3_EXAMPLES_PATCHES_H
#define HW3_EXAMPLES_PATCHES_H
#include "plot.h"
#include "stories.h"
#include <hw3/model.h>

/* Trains a ViT to tell four drawings apart and prints a table of what differs from this BERT and its text. to: plots, NULL for none. Returns 0, or -1
   with a line on stderr. */
int report_patches(hw3_ctx *ctx, hw3_model *bert, const stories *text, plots *to);

#endif
