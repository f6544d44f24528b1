/* SPDX-License-Identifier: MIT */
/** @file forecaster.h
 * Forecaster: scaler, windows, recurrent network and trainer in one object.
 *
 *     hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
 *     o.cell = HW3_CELL_GRU;  o.window = 50;  o.hidden = 64;
 *     hw3_forecaster *gru = NULL;
 *     TRY(hw3_forecaster_fit(ctx, y, n, &o, &gru));
 *     TRY(hw3_forecaster_predict(gru, y, n, 5, mean));      // five steps ahead
 *     TRY(hw3_forecaster_save(gru, "gru.safetensors"));
 *
 * The network is hw3_rnn (parameters "rnn.weight_ih_l0" and so on) and a linear layer on its last
 * output ("head.weight" [1, hidden], "head.bias" [1]); the loss is taken in the scaled unit.
 *
 * Threads: as hw3_ctx; callbacks run on the thread that called.
 */
#ifndef HW3_FORECASTER_H
#define HW3_FORECASTER_H
#include "hw3/rnn.h"
#include "hw3/series.h"
#include "hw3/trainer.h"
HW3_BEGIN

/** Losses of a forecaster. */
typedef int32_t hw3_loss;
enum {
    HW3_LOSS_MSE = 1,   /**< mean squared error */
    HW3_LOSS_MAE = 2,   /**< mean absolute error */
    HW3_LOSS_HUBER = 3  /**< Huber loss with delta 1 */
};

/** What a forecaster is made with. */
typedef struct hw3_forecaster_opts {
    uint32_t struct_size;      /**< sizeof(hw3_forecaster_opts) */
    hw3_cell cell;             /**< recurrent cell */
    int64_t window;            /**< steps that a forecast looks back */
    int64_t hidden;            /**< units */
    int32_t n_layers;          /**< recurrent layers */
    int32_t n_epochs;          /**< passes over the windows */
    int64_t batch;             /**< windows a step */
    double lr;                 /**< Adam's learning rate */
    double dropout;            /**< between layers */
    double val_share;          /**< the last share of the windows is held out for the validation loss */
    double clip_norm;          /**< > 0: largest norm of the gradients */
    hw3_loss loss;             /**< what is minimised */
    hw3_scale scale;           /**< fitted on all of y but the targets held out */
    int32_t patience;          /**< > 0: early stopping, see hw3_trainer_opts */
    int32_t shuffle;           /**< 1: seeded order */
    uint64_t seed;             /**< of weights, order and dropout */
    const char *checkpoint;    /**< see hw3_trainer_opts; continued when the file exists and fits */
    hw3_progress_fn progress;  /**< NULL for none */
    void *progress_user;       /**< handed to progress */
} hw3_forecaster_opts;
/** Defaults of hw3_forecaster_opts: LSTM, window 50, 64 units, 50 epochs, batch 64, Adam 1e-3. */
#define HW3_FORECASTER_OPTS_INIT { (uint32_t)sizeof(hw3_forecaster_opts), HW3_CELL_LSTM, 50, 64, 1, 50, 64, 1e-3, 0.0, 0.0, 0.0, \
                                   HW3_LOSS_MSE, HW3_SCALE_MINMAX, 0, 1, 42u, NULL, NULL, NULL }

/** A forecaster. */
typedef struct hw3_forecaster hw3_forecaster;

/** Fills opts with the defaults, for callers that cannot use HW3_FORECASTER_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_forecaster_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_opts_init(hw3_forecaster_opts *opts, uint32_t size);

/** Makes a forecaster with initial weights, not yet trained; its scaler is fitted by hw3_forecaster_train.
 *  ctx: context.  opts: NULL for the defaults.  out: the forecaster.
 *  Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_create(hw3_ctx *ctx, const hw3_forecaster_opts *opts, hw3_forecaster **out);

/** Trains for n_epochs more; the first call fits the scaler, later ones keep it, so a forecaster may go on with new data.
 *  forecaster: a forecaster.  y: [n], no missing values.  n: more than window.  n_epochs: at least 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (the window is longer than the series);
 *  HW3_ERR_VALUE (a value is missing or infinite); HW3_ERR_CANCELLED (usable as far as it got); HW3_ERR_DIVERGED; HW3_ERR_IO;
 *  HW3_ERR_FORMAT, HW3_ERR_VERSION or HW3_ERR_MISMATCH (a checkpoint is there but does not fit);
 *  HW3_ERR_STATE (from a callback); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_train(hw3_forecaster *forecaster, const double *y, int64_t n, int32_t n_epochs);

/** Sets who is told of later training, for instance of a forecaster that was loaded.
 *  forecaster: a forecaster.  progress: NULL for none.  user: handed to progress.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API hw3_status hw3_forecaster_set_progress(hw3_forecaster *forecaster, hw3_progress_fn progress, void *user);

/** Makes and trains: hw3_forecaster_create and hw3_forecaster_train with opts->n_epochs.
 *  ctx, opts: as in hw3_forecaster_create.  y, n: as in hw3_forecaster_train.
 *  out: the forecaster; also on HW3_ERR_CANCELLED, as far as it got.
 *  Returns: as both. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_fit(hw3_ctx *ctx, const double *y, int64_t n, const hw3_forecaster_opts *opts,
                                                     hw3_forecaster **out);

/** Lets go of a forecaster.
 *  forecaster: may be NULL.  Since 0.1. */
HW3_API void hw3_forecaster_destroy(hw3_forecaster *forecaster);

/** Forecasts the steps after y; from the second on, earlier forecasts take the place of values.
 *  forecaster: a trained one.  y: [n], the last `window` are used.  n: at least window.  horizon: at least 1.
 *  mean: [horizon], in the unit of y.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE; HW3_ERR_VALUE (a value or a forecast is not finite); HW3_ERR_STATE (not trained);
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_predict(hw3_forecaster *forecaster, const double *y, int64_t n, int64_t horizon,
                                                         double *mean);

/** Forecasts y[t] from y[t - window .. t - 1] for every t from start on, without training.
 *  forecaster: a trained one.  y: [n].  n: more than start.  start: at least window.  out: [n - start], in the unit of y.
 *  Returns: as hw3_forecaster_predict. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_backtest(hw3_forecaster *forecaster, const double *y, int64_t n, int64_t start,
                                                          double *out);

/** Gives the losses of the epochs done, in the scaled unit.
 *  forecaster: a forecaster.  train_loss, val_loss, cap, n_epochs: as in hw3_trainer_history.
 *  Returns: as hw3_trainer_history. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_history(const hw3_forecaster *forecaster, double *train_loss, double *val_loss,
                                                         int64_t cap, int64_t *n_epochs);

/** Gives the scaler.
 *  forecaster: a trained one.  out: receives a copy.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (not trained). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_scaler(const hw3_forecaster *forecaster, hw3_scaler *out);

/** Gives the weights, to be read or written between calls.
 *  forecaster: a forecaster.
 *  Returns: borrowed, valid as long as the forecaster; NULL when forecaster is NULL. Since 0.1. */
HW3_API hw3_params *hw3_forecaster_params(hw3_forecaster *forecaster);

/** Gives the options that it was made with; after a load, those in the file.
 *  forecaster: a forecaster.  out: begun with HW3_FORECASTER_OPTS_INIT; pointers in it are NULL.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_get_opts(const hw3_forecaster *forecaster, hw3_forecaster_opts *out);

/** Writes options, scaler, weights and optimizer to one safetensors file, atomically.
 *  forecaster: a forecaster.  path: the file.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_save(const hw3_forecaster *forecaster, const char *path);

/** Reads such a file; the forecaster forecasts, and goes on training, with the same bits as the one that was saved.
 *  ctx: context.  path: the file.  out: the forecaster.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a weight is not finite); HW3_ERR_VERSION;
 *  HW3_ERR_MISMATCH (not a forecaster's file); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_forecaster_load(hw3_ctx *ctx, const char *path, hw3_forecaster **out);

HW3_END
#endif
