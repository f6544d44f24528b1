/* SPDX-License-Identifier: MIT */
/** @file hw3.h
 * libhw3: an embeddable deep-learning library. This header includes all stable ones.
 *
 *     #include <hw3/hw3.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         double y[300], next;
 *         for (int t = 0; t < 300; t++) y[t] = t % 12;                       // a season of 12
 *         hw3_ctx *ctx = NULL;
 *         if (hw3_ctx_create(NULL, &ctx)) return 1;
 *         hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
 *         o.cell = HW3_CELL_GRU;  o.window = 24;  o.hidden = 16;  o.lr = 1e-2;
 *         hw3_forecaster *gru = NULL;
 *         if (hw3_forecaster_fit(ctx, y, 300, &o, &gru) || hw3_forecaster_predict(gru, y, 300, 1, &next))
 *             fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
 *         else
 *             printf("next value: %.2f\n", next);
 *         hw3_forecaster_destroy(gru);
 *         hw3_ctx_destroy(ctx);
 *         return 0;
 *     }
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_HW3_H
#define HW3_HW3_H
#include "hw3/base.h"
#include "hw3/tensor.h"
#include "hw3/params.h"
#include "hw3/graph.h"
#include "hw3/ops.h"
#include "hw3/attention.h"
#include "hw3/cost.h"
#include "hw3/optim.h"
#include "hw3/rnn.h"
#include "hw3/model.h"
#include "hw3/series.h"
#include "hw3/diagnostics.h"
#include "hw3/arima.h"
#include "hw3/arima_use.h"
#include "hw3/arima_auto.h"
#include "hw3/tokenizer.h"
#include "hw3/sampler.h"
#include "hw3/session.h"
#include "hw3/generate.h"
#include "hw3/beam.h"
#include "hw3/text.h"
#include "hw3/trainer.h"
#include "hw3/forecaster.h"
#endif
