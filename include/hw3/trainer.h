/* SPDX-License-Identifier: MIT */
/** @file trainer.h
 * Training: batches in seeded order, validation, early stopping, checkpoints.
 *
 *     static hw3_var loss(void *user, hw3_graph *g, const hw3_var *batch) { ... return hw3_mse(g, model, batch[1]); }
 *
 *     hw3_trainer_opts o = HW3_TRAINER_OPTS_INIT;
 *     o.n_epochs = 20;  o.batch = 64;  o.val_share = 0.1;  o.patience = 3;
 *     hw3_trainer *t = NULL;
 *     TRY(hw3_trainer_create(params, adam, &o, &t));
 *     TRY(hw3_trainer_fit(t, (hw3_tensor *[]){ x, y }, 2, loss, NULL));          // x [N, ..], y [N, ..]
 *
 * A third tensor and more ride along in the same way: HW3_I64 lengths [N] for hw3_rnn_forward, masks, second inputs.
 * The order of epoch e is a permutation drawn from (seed, e) [Salmon11]. A run that is stopped and
 * continued from its checkpoint ends with the same bits as one that was not.
 *
 * Threads: as hw3_ctx; callbacks run on the thread that called.
 */
#ifndef HW3_TRAINER_H
#define HW3_TRAINER_H
#include "hw3/graph.h"
#include "hw3/optim.h"
HW3_BEGIN

/** Builds the loss of one batch. batch: [n_tensors], the examples of each tensor, [b, ..] with b at most the batch size. */
typedef hw3_var (*hw3_batch_loss_fn)(void *user, hw3_graph *graph, const hw3_var *batch);

/** What a training callback is told. */
typedef struct hw3_progress {
    uint32_t struct_size;  /**< sizeof(hw3_progress) of the library */
    int32_t epoch_ended;   /**< 1: the epoch's losses are complete; 0: a step within */
    int64_t epoch;         /**< from 0 */
    int64_t n_epochs;      /**< planned */
    int64_t step;          /**< steps made in all */
    int64_t n_steps;       /**< planned in all */
    double train_loss;     /**< mean over the examples of this epoch so far */
    double val_loss;       /**< at the epoch's end; NaN without validation */
    double lr;             /**< learning rate of the last step */
} hw3_progress;

/** Told of every step and epoch; nonzero stops the work with HW3_ERR_CANCELLED and a consistent state. */
typedef int32_t (*hw3_progress_fn)(void *user, const hw3_progress *progress);

/** What a trainer is made with. */
typedef struct hw3_trainer_opts {
    uint32_t struct_size;         /**< sizeof(hw3_trainer_opts) */
    int32_t n_epochs;             /**< epochs in all, also after a checkpoint is loaded */
    int64_t batch;                /**< examples a step */
    double val_share;             /**< the last share of the examples, rounded to a number of them, is held out; 0 <= share < 1 */
    int32_t patience;             /**< > 0: stops after so many epochs without a better validation loss; see hw3_trainer_fit */
    int32_t shuffle;              /**< 1: seeded order; 0: as given */
    uint64_t seed;                /**< of order and dropout */
    const char *checkpoint;       /**< file written at the end of epochs and when cancelled; NULL for none */
    int64_t checkpoint_steps;     /**< > 0: also after so many steps */
    hw3_progress_fn progress;     /**< NULL for none */
    void *progress_user;          /**< handed to progress */
} hw3_trainer_opts;
/** Defaults of hw3_trainer_opts. */
#define HW3_TRAINER_OPTS_INIT { (uint32_t)sizeof(hw3_trainer_opts), 10, 64, 0.0, 0, 1, 42u, NULL, 0, NULL, NULL }

/** A trainer. */
typedef struct hw3_trainer hw3_trainer;

/** Fills opts with the defaults, for callers that cannot use HW3_TRAINER_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_trainer_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_opts_init(hw3_trainer_opts *opts, uint32_t size);

/** Makes a trainer.
 *  params: the weights.  optim: an optimizer of them.  opts: NULL for the defaults; strings are copied.  out: the trainer.
 *  Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_create(hw3_params *params, hw3_optim *optim, const hw3_trainer_opts *opts,
                                                     hw3_trainer **out);

/** Lets go of a trainer.
 *  trainer: may be NULL.  Since 0.1. */
HW3_API void hw3_trainer_destroy(hw3_trainer *trainer);

/** Trains until n_epochs, from where the trainer stands; after a callback or a failure has stopped it, call again to go on.
 *  With patience, a fit that ends well leaves the best weights in place; going on takes up the last ones, so that parts end as
 *  one run would.
 *  trainer: a trainer.  tensors: [n_tensors], each [N, ..] with the same N, of any type and strides, so windows may overlap.
 *  n_tensors: at least 1.  loss: builds the loss.  user: handed to it.
 *  Returns: HW3_OK; HW3_ERR_CANCELLED; HW3_ERR_DIVERGED (the weights are those before the bad step);
 *  HW3_ERR_SHAPE (other N, no examples); HW3_ERR_ARG; HW3_ERR_STATE (from a callback, or parameters were added); HW3_ERR_IO;
 *  HW3_ERR_NOMEM; what loss returns. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_fit(hw3_trainer *trainer, hw3_tensor *const *tensors, int64_t n_tensors,
                                                  hw3_batch_loss_fn loss, void *user);

/** Computes the mean loss over examples, without training.
 *  trainer, tensors, n_tensors, loss, user: as in hw3_trainer_fit.  value: receives the loss.
 *  Returns: as hw3_trainer_fit. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_evaluate(hw3_trainer *trainer, hw3_tensor *const *tensors, int64_t n_tensors,
                                                       hw3_batch_loss_fn loss, void *user, double *value);

/** Plans another number of epochs, to go on after a fit; more of them also after an early stop.
 *  trainer: a trainer.  n_epochs: in all, at least those done.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_set_epochs(hw3_trainer *trainer, int32_t n_epochs);

/** Gives the losses of the epochs done.
 *  trainer: a trainer.  train_loss, val_loss: [cap], may be NULL; val_loss holds NaN without validation.  cap: room.
 *  n_epochs: receives how many there are.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL (n_epochs says what is needed). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_history(const hw3_trainer *trainer, double *train_loss, double *val_loss,
                                                      int64_t cap, int64_t *n_epochs);

/** Writes weights, optimizer, random state, position, history and best weights to one safetensors file, atomically.
 *  trainer: a trainer.  path: the file.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_STATE (parameters were added); HW3_ERR_IO;
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_save(const hw3_trainer *trainer, const char *path);

/** Reads such a file; nothing is changed unless all of it fits.
 *  trainer: made with equal options, and an optimizer with equal ones, but for n_epochs, checkpoint, callbacks and total_steps.
 *  path: the file.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (from a callback, or parameters were added); HW3_ERR_IO;
 *  HW3_ERR_FORMAT (damaged, or a weight is not finite); HW3_ERR_VERSION; HW3_ERR_MISMATCH; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_trainer_load(hw3_trainer *trainer, const char *path);

HW3_END
#endif
