/* SPDX-License-Identifier: MIT */
/* One row a family: its usual settings, the names of its parts and the keys of its config.json, all as in transformers. */
#ifndef HW3I_FAMILY_H
#define HW3I_FAMILY_H
#include "base/base.h"
#include "hw3/model.h"
#include "hw3/rnn.h"

/* A key of config.json. */
typedef struct hw3i_key {
    const char *name;
    enum { HW3I_KEY_INT = 1, HW3I_KEY_ID, HW3I_KEY_NUMBER, HW3I_KEY_SWITCH, HW3I_KEY_ACTIVATION,
           HW3I_KEY_IS /* true or false: not to be chosen here */, HW3I_KEY_ABSOLUTE /* a text: "absolute" */,
           HW3I_KEY_ROPE /* an object: scaling of rotary positions */, HW3I_KEY_POSITIVE /* a number; 0 is null */,
           HW3I_KEY_COUNT /* the same of integers */, HW3I_KEY_COVERS /* an int, at least the field */,
           HW3I_KEY_CLASSES /* where the head lets them be chosen */ } kind;
    double otherwise; /* what transformers takes where the key is missing */
    size_t offset;    /* in hw3_model_config */
} hw3i_key;

/* What a head is made of, and what transformers calls a model with it. */
typedef struct hw3i_head_row {
    const char *architecture; /* NULL: there is no such head */
    bool tokens;              /* logits of tokens */
    const char *pooler;       /* tanh(W x + b) of the first token; NULL: there is none */
    const char *classes;      /* their logits, of what is pooled or else of the first token; NULL: there are none */
    int64_t n_classes;        /* 0: by configuration */
    int32_t n_drops;          /* 1: before the classes; 2: before the pooler too */
} hw3i_head_row;
enum { HW3I_N_HEADS = HW3_HEAD_NONE + 1 };

typedef struct hw3i_family {
    const char *model_type;
    hw3i_head_row heads[HW3I_N_HEADS];
    hw3_activation activation;
    double eps;
    bool tied, by_columns, causal, norms_behind, counts_from_pad, pad_is_fixed;
    bool biases;                         /* all products inside a block have them, where there is no choice */
    bool small_back;                     /* first weights that lead back into the residual stream are smaller */
    hw3_cell cell;                       /* of recurrent layers in place of blocks; the head has a bias. 0: there are none */
    bool rms, rope, interleaved;         /* RMSNorm; rotary positions, of pairs (2 i, 2 i + 1) */
    int64_t n_types;                     /* usual number of segments; 0: there are none */
    const char *base;                    /* before all names but the head's; a file may leave it out */
    const char *tokens, *positions, *types, *embed_norm, *norm, *head; /* NULL: there is none */
    const char *transform, *transform_norm; /* of the head, before its product; then head has a bias of its own */
    const char *patches;                 /* of images, instead of tokens */
    const char *layer;                   /* with the number of the block; of recurrent layers their prefix */
    const char *norm1, *qkv, *q, *k, *v, *out, *norm2, *gate, *up, *down;
    const char *q_down, *q_norm, *q_up, *kv_down, *kv_norm, *kv_up; /* of attention to a latent; then there are no k and v */
    const hw3i_key *keys;                /* up to one without a name */
} hw3i_family;

/* The head of a resolved configuration. */
const hw3i_head_row *hw3i_head_of(const hw3_model_config *c);
/* NULL when there is no such family. */
const hw3i_family *hw3i_family_of(hw3_family family);
/* Whether config.json says a field of hw3_model_config, by its offset; where it does not, the family has no choice. */
bool hw3i_family_has(const hw3i_family *f, size_t offset);

#endif
