/* SPDX-License-Identifier: MIT */
/* Sessions from inside: the sequences of a model, their tokens, cache and last logits. */
#ifndef HW3I_SESSION_H
#define HW3I_SESSION_H
#include "hw3/session.h"
#include "model/model.h"
#include "nn/kvcache.h"

struct hw3_session {
    hw3_ctx *ctx;
    hw3_model *model;
    hw3_graph *graph;
    hw3i_kv *kv;
    int64_t n_ctx, n_sequences, n_vocab, n_tokens; /* n_tokens: of the options */
    /* Of every sequence, and of one more that is empty between calls: what slides is fed to it first. */
    int64_t *tokens;    /* [n_sequences + 1, n_ctx] */
    float *logits;      /* [n_sequences + 1, n_vocab] */
    bool *has_logits;   /* [n_sequences + 1] */
    int64_t *n_dropped; /* [n_sequences + 1], tokens that slid out */
    int64_t *start;     /* [n_sequences + 1], of a pass */
    int64_t *drawn;     /* [n_sequences], of a step of generation */
    double *logprobs;   /* the same */
    int64_t *top, cap_top;
    double *top_logprobs; /* as top */
    int64_t cap_top_logprobs;
};

/* opts: resolved. */
hw3_status hw3i_session_create(hw3_model *m, const hw3_session_opts *o, hw3_session **out);
void hw3i_session_destroy(hw3_session *s); /* may be NULL */
static inline int64_t hw3i_session_n(const hw3_session *s, int64_t sequence) { return s->kv->sequences[sequence].n; }
/* That there are such sequences, and none stands twice. */
hw3_status hw3i_session_check(const hw3_session *s, const char *who, const int64_t *sequences, int64_t n);
/* Tokens that end a text: resolves n -1 to the model's eos_id, checks the others. */
hw3_status hw3i_session_stop(const hw3_session *s, const char *who, const int64_t **stop, int64_t *n);
bool hw3i_session_stops(const int64_t *stop, int64_t n, int64_t token); /* whether token is one of them */
/* HW3_ERR_STATE when a sequence has no logits. */
hw3_status hw3i_session_check_logits(const hw3_session *s, const char *who, int64_t sequence);
/* n tokens behind sequence, or one behind each of n sequences. Sequences are in range and different. logits: [n, n_vocab], may be
 * NULL. logprob: receives the mean log-probability of those that something stands before; may be NULL. */
hw3_status hw3i_session_feed(hw3_session *s, int64_t sequence, const int64_t *tokens, int64_t n, float *logits, double *logprob);
hw3_status hw3i_session_step(hw3_session *s, const int64_t *sequences, const int64_t *tokens, int64_t n);
/* Appends a token to a sequence of n_ctx: the older half is dropped, and the rest fed again. A failure changes nothing. */
hw3_status hw3i_session_slide(hw3_session *s, int64_t sequence, int64_t token);
/* Of recurrent layers the tokens that are kept are fed again, which may fail; to 0 it never does. */
hw3_status hw3i_session_truncate(hw3_session *s, int64_t sequence, int64_t n);
void hw3i_session_fork(hw3_session *s, int64_t from, int64_t to);
hw3_status hw3i_session_save(const hw3_session *s, const char *path);
hw3_status hw3i_session_restore(hw3_session *s, const char *path);

#endif
