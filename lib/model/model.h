/* SPDX-License-Identifier: MIT */
/* Whole Transformers and recurrent language models. One forward serves training and inference: with a state the tokens stand
 * behind those it holds. */
#ifndef HW3I_MODEL_H
#define HW3I_MODEL_H
#include "model/family.h"
#include "nn/kvcache.h"
#include "nn/layers.h"
#include "nn/rnn.h"

/* What makes vectors of tokens. */
typedef struct hw3i_embed {
    hw3i_param *tokens, *positions, *types; /* [n_vocab, d_embed], [n_ctx, d_model], [n_types, d_model]; NULL: there is none */
    hw3i_dense patches;                     /* weight [d_model, n_channels, patch_size, patch_size], and none: of tokens */
    hw3i_param *first;                      /* [1, 1, d_model], before the patches; their positions are [1, n_ctx, d_model] */
    hw3i_norm norm;                         /* no gain: there is none */
} hw3i_embed;

/* What makes logits of hidden values. */
typedef struct hw3i_head {
    hw3i_dense logits;    /* no weight: tied to the embedding */
    hw3i_dense transform; /* before the logits, with its norm and a bias of theirs; no weight: there is none */
    hw3i_norm transform_norm;
    hw3i_param *bias;
    hw3i_dense pooler, classes; /* no weight: there is none */
} hw3i_head;

struct hw3_model {
    hw3_ctx *ctx;
    int64_t n_refs; /* the caller's, and sessions */
    hw3_params *params;
    hw3_model_config config; /* resolved: nothing is "as the family" */
    const hw3i_family *family;
    hw3i_embed embed;
    hw3i_block *blocks;
    hw3_rnn *rnn; /* in place of blocks; NULL: there is none */
    hw3i_norm norm; /* no gain: there is none */
    hw3i_head head;
};

/* Checks a configuration and resolves what is "as the family". HW3_ERR_ARG names the field. */
hw3_status hw3i_model_resolve(hw3_ctx *ctx, hw3_model_config *c);

/* The part of it that is about head and n_classes; n_classes that is left open stays 0. */
hw3_status hw3i_model_resolve_head(hw3_ctx *ctx, hw3_model_config *c);

/* Rotary positions, and how many numbers of a head they turn. */
hw3_rope_opts hw3i_model_rope(const hw3_model_config *c);
static inline int64_t hw3i_model_d_rope(const hw3_model_config *c) { return c->d_rope ? c->d_rope : c->d_head; }

/* A model of a resolved configuration; weights that expect (may be NULL) does not find to come are random. */
hw3_status hw3i_model_make(hw3_ctx *ctx, const hw3_model_config *c, hw3i_expect_fn expect, void *user, bool head_may_be_new,
                           hw3_model **out);
/* config: complete, not yet resolved. */
hw3_status hw3i_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out);
void hw3i_model_retain(hw3_model *m);
void hw3i_model_destroy(hw3_model *m); /* lets go of one reference; may be NULL */

/* What a sequence keeps between passes. */
void hw3i_model_sizes(const hw3_model *m, hw3i_kv_sizes *sizes);

/* Of recurrent.c: layers of nn/rnn on the embedding x [B, T, d_embed]. */
void hw3i_recurrent_make(hw3_model *m, hw3i_maker *mk);
hw3_var hw3i_recurrent_run(hw3_model *m, const hw3i_pass *p, hw3_var x);
int64_t hw3i_recurrent_state(const hw3_model *m); /* numbers of the state of a sequence */

/* Of embed.c and head.c: makes the parts. */
void hw3i_embed_make(hw3_model *m, hw3i_maker *mk);
void hw3i_head_make(hw3_model *m, hw3i_maker *mk);

/* What the first block is given for tokens [B, T] and their types [B, T]; sets the pass's positions. Sequence b starts at
 * start[b], NULL: all at 0. */
hw3_var hw3i_embed_run(const hw3_model *m, hw3i_pass *p, hw3_var tokens, hw3_var types, const int64_t *start);
/* The status of a variable that is no value of the graph. */
hw3_var hw3i_model_no_value(hw3_graph *g, hw3_var v, const char *what);
/* 0, or the status of what is wrong with ids [B, T] that have to be 0 to n - 1, or `also`. */
hw3_var hw3i_model_check_ids(const hw3_model *m, hw3_graph *g, hw3_var v, const char *what, int64_t n, int64_t also);

/* Beside tokens: what the caller says of them, and where their sequences stand. */
typedef struct hw3i_given {
    hw3_var types, lengths; /* HW3_NONE: there are none */
    const int64_t *start;   /* sequence b starts at start[b]; NULL: all at 0 */
    struct hw3i_state *state; /* NULL in training */
} hw3i_given;
/* The last hidden values [B, T, d_model] of tokens [B, T]. */
hw3_var hw3i_model_hidden(hw3_model *m, hw3_graph *g, hw3_var tokens, const hw3i_given *given);
/* What the head says of hidden values [B, T, d_model]: logits [B, T, n_vocab] or [B, n_classes], without a head they themselves;
 * of whole sequences; and their loss, never with all logits of tokens in memory. */
hw3_var hw3i_model_head(hw3_model *m, hw3_graph *g, hw3_var hidden);
hw3_var hw3i_model_pooled(hw3_model *m, hw3_graph *g, hw3_var hidden);
hw3_var hw3i_model_head_loss(hw3_model *m, hw3_graph *g, hw3_var hidden, hw3_var targets);

#endif
