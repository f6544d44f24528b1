/* SPDX-License-Identifier: MIT */
/* A forecaster: scaler, windows, recurrent network with a linear head, optimizer and trainer.
 *
 * Windows are never copied out: the scaled series z [n] is seen as x [n - window, window] with strides 1, 1, so
 * row i is z[i .. i + window - 1] and its target is z[i + window]. */
#ifndef HW3I_FORECASTER_H
#define HW3I_FORECASTER_H
#include "hw3/forecaster.h"
#include "io/safetensors.h"
#include "nn/rnn.h"
#include "train/trainer.h"

struct hw3_forecaster {
    hw3_ctx *ctx;
    hw3_forecaster_opts opts; /* checkpoint is the forecaster's own copy */
    char *checkpoint;
    hw3_params *params;
    hw3i_param *weight, *bias; /* of the head */
    hw3_rnn *rnn;
    hw3_optim *optim;
    hw3_trainer *trainer;
    hw3_graph *graph; /* of forecasts: not training */
    float *window;    /* [window], and x [1, window] over it */
    hw3_tensor *x;
    double *forecasts;
    int64_t n_forecasts; /* room in forecasts */
    hw3_scaler scaler;
    bool is_fitted;   /* the scaler is */
};

hw3_status hw3i_forecaster_create(hw3_ctx *ctx, const hw3_forecaster_opts *opts, hw3_forecaster **out);
void hw3i_forecaster_destroy(hw3_forecaster *f);
hw3_status hw3i_forecaster_train(hw3_forecaster *f, const double *y, int64_t n, int32_t n_epochs);
hw3_status hw3i_forecaster_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_forecaster_opts *opts, hw3_forecaster **out);
hw3_status hw3i_forecaster_predict(hw3_forecaster *f, const double *y, int64_t n, int64_t horizon, double *mean);
hw3_status hw3i_forecaster_backtest(hw3_forecaster *f, const double *y, int64_t n, int64_t start, double *out);
/* forecaster_file.c */
hw3_status hw3i_forecaster_save(const hw3_forecaster *f, const char *path);
hw3_status hw3i_forecaster_load(hw3_ctx *ctx, const char *path, hw3_forecaster **out);

#endif
