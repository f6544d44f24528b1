/* SPDX-License-Identifier: MIT */
/* The trainer from inside. Where a run stands is in hw3i_cursor: a checkpoint is the cursor, the weights, the
 * optimizer and the history, for order and dropout are functions of (seed, epoch) and (seed, step). */
#ifndef HW3I_TRAINER_H
#define HW3I_TRAINER_H
#include "graph/graph.h"
#include "hw3/trainer.h"
#include "io/safetensors.h"
#include "optim/optim.h"
#include "train/batch.h"

typedef struct hw3i_cursor {
    int64_t epoch;      /* that runs or begins; so many are done */
    int64_t position;   /* examples of it that are used */
    int64_t n_examples; /* that it has, when position > 0 */
    int64_t n_steps;    /* in all */
    int64_t n_bad;      /* epochs since the best one */
    bool has_best;
    double loss_sum;    /* over the examples used */
    double best_loss;
} hw3i_cursor;

struct hw3_trainer {
    hw3_ctx *ctx;
    hw3_params *params;
    int64_t n_params; /* when it was made */
    hw3_optim *optim;
    hw3_graph *graph;
    hw3_trainer_opts o;
    char *checkpoint;
    hw3i_cursor at;
    double *train_loss, *val_loss; /* [cap], of the epochs done */
    int64_t cap;
    char *best;      /* copy of all weights; the last ones while best_in_place */
    bool best_in_place;
    int64_t *order;  /* of the training examples */
    int64_t order_cap;
    hw3i_batch *batches; /* [n_batches], one for each tensor of the data */
    int64_t n_batches;
    bool fitting, in_loss; /* guards against calls from callbacks */
};

hw3_status hw3i_trainer_create(hw3_params *params, hw3_optim *optim, const hw3_trainer_opts *o, hw3_trainer **out);
void hw3i_trainer_destroy(hw3_trainer *t); /* may be NULL */
hw3_status hw3i_trainer_fit(hw3_trainer *t, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss, void *user);
hw3_status hw3i_trainer_evaluate(hw3_trainer *t, hw3_tensor *const *tensors, int64_t n_tensors, hw3_batch_loss_fn loss,
                                 void *user, double *value);
hw3_status hw3i_trainer_set_epochs(hw3_trainer *t, int32_t n_epochs);
hw3_status hw3i_trainer_save(const hw3_trainer *t, const char *path);
hw3_status hw3i_trainer_load(hw3_trainer *t, const char *path);

/* How many of n examples are held out. */
int64_t hw3i_trainer_n_held_out(int64_t n, double val_share);
/* Losses of the epochs done, as in hw3_trainer_history. */
hw3_status hw3i_trainer_history(const hw3_trainer *t, double *train_loss, double *val_loss, int64_t cap, int64_t *n_epochs);

/* A checkpoint as part of a file of another kind. kept must live until st is saved. */
typedef struct hw3i_snapshot {
    double options[32], sums[4];
} hw3i_snapshot;
hw3_status hw3i_trainer_store(const hw3_trainer *t, hw3i_st *st, hw3i_snapshot *kept);
/* All or nothing; n_more: tensors of the file that are not the trainer's. */
hw3_status hw3i_trainer_restore(hw3_trainer *t, hw3i_st *st, int64_t n_more);

/* Shared by trainer.c and checkpoint.c. Whether the parameters are still those that it was made for. */
hw3_status hw3i_trainer_check(const hw3_trainer *t);
/* Room for the history of so many epochs, and for the best weights. */
hw3_status hw3i_trainer_reserve(hw3_trainer *t, int64_t n_epochs, bool best);
/* Where the last weights (what training goes on from) and the best ones of parameter i are. */
void *hw3i_trainer_last(const hw3_trainer *t, int64_t i);
void *hw3i_trainer_best(const hw3_trainer *t, int64_t i);
/* Exchanges the two where needed; nothing happens without a best epoch. */
void hw3i_trainer_put_in_place(hw3_trainer *t, bool best);

#endif
