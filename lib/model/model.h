/* SPDX-License-Identifier: MIT */
/* Whole Transformers. One forward serves training and inference: with a state the tokens stand behind those it holds. */
#ifndef HW3I_MODEL_H
#define HW3I_MODEL_H
#include "model/family.h"
#include "nn/layers.h"

struct hw3_model {
    hw3_ctx *ctx;
    int64_t n_refs; /* the caller's, and sessions */
    hw3_params *params;
    hw3_model_config config; /* resolved: nothing is "as the family" */
    const hw3i_family *family;
    hw3i_param *tokens, *positions, *types; /* [n_vocab, d_model], [n_ctx, d_model], [n_types, d_model] or NULL */
    hw3i_norm embed_norm;                   /* no gain: there is none */
    hw3i_block *blocks;
    hw3i_norm norm;
    hw3i_dense head; /* no weight: tied to tokens */
    hw3i_dense transform;      /* of the head, with its norm and a bias of the logits; no weight: there is none */
    hw3i_norm transform_norm;
    hw3i_param *head_bias;
};

/* Checks a configuration and resolves what is "as the family". HW3_ERR_ARG names the field. */
hw3_status hw3i_model_resolve(hw3_ctx *ctx, hw3_model_config *c);

/* A model of a resolved configuration; with expect its weights are zeros, to be read, otherwise random. */
hw3_status hw3i_model_make(hw3_ctx *ctx, const hw3_model_config *c, hw3i_expect_fn expect, void *user, hw3_model **out);
/* config: complete, not yet resolved. */
hw3_status hw3i_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out);
void hw3i_model_retain(hw3_model *m);
void hw3i_model_destroy(hw3_model *m); /* lets go of one reference; may be NULL */

/* The last hidden values [B, T, d_model] of tokens [B, T]; sequence b starts at start[b], NULL: all at 0. state: NULL in training. */
hw3_var hw3i_model_hidden(hw3_model *m, hw3_graph *g, hw3_var tokens, const int64_t *start, struct hw3i_state *state);
/* Logits [.., n_vocab] of hidden values [.., d_model]. */
hw3_var hw3i_model_logits(hw3_model *m, hw3_graph *g, hw3_var hidden);
hw3_var hw3i_model_loss(hw3_model *m, hw3_graph *g, hw3_var tokens, hw3_var targets);

#endif
