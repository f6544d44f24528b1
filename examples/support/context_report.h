/* SPDX-License-Identifier: MIT */
/* What the context of a decoder costs in time and memory, and what can be got back from its beginning. */
#ifndef HW3_EXAMPLES_CONTEXT_REPORT_H
#define HW3_EXAMPLES_CONTEXT_REPORT_H
#include "plot.h"
#include <hw3/base.h>

/* All three print a table. to: plots, NULL for none. measure: 0 leaves times out. Each returns 0, or -1 with a line on stderr. */

/* Tokens a second of an encoder and a decoder of the same size: reading at once, writing with and without a cache. */
int report_writing(hw3_ctx *ctx, int measure);

/* FLOPs, bytes and times of reading n tokens and of the step behind them. */
int report_lengths(hw3_ctx *ctx, plots *to, int measure);

/* How well the first token is told at every later place, with full attention and windows. */
int report_recall(hw3_ctx *ctx, plots *to);

#endif
