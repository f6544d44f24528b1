/* SPDX-License-Identifier: MIT */
/** @file session.h
 * Running a model token by token: sequences whose keys and values, or recurrent states, are kept, so that a step costs one token.
 *
 *     hw3_session *s = NULL;
 *     TRY(hw3_session_create(gpt, NULL, &s));
 *     TRY(hw3_session_feed(s, 0, prompt, n_prompt));
 *     TRY(hw3_session_logits(s, 0, logits, n_vocab));          // of the token that comes next
 *     ...
 *     TRY(hw3_session_feed(s, 0, &next, 1));
 *
 * A sequence's logits have the same bits fed at once or token by token, alone or in a batch, on any number of threads.
 * Sequences share pages of the cache: a fork costs what it adds. A step allocates nothing once warm.
 * A call that fails leaves every sequence as it was.
 *
 * Threads: as hw3_ctx. The model's weights must not change while a session stands on them.
 */
#ifndef HW3_SESSION_H
#define HW3_SESSION_H
#include "hw3/model.h"
HW3_BEGIN

/** Told of a text as it grows: its n tokens, without the prompt, and the sum of their log-probabilities; nonzero stops the work
 *  with HW3_ERR_CANCELLED. */
typedef int32_t (*hw3_text_fn)(void *user, const int64_t *tokens, int64_t n, double logprob);

/** Numbers that keys and values are kept in. They are rounded when they are written, and every query sees them rounded. */
typedef int32_t hw3_cache;
enum {
    HW3_CACHE_MODEL = 0, /**< the model's own */
    HW3_CACHE_F16 = 1,   /**< half precision: 11 digits, up to 65504 */
    HW3_CACHE_BF16 = 2,  /**< bfloat16: 8 digits */
    HW3_CACHE_INT8 = 3   /**< integers to 127 with a scale of 16 bits for each key and each value of a head [Dettmers22] */
};

/** What a session has room for. */
typedef struct hw3_session_opts {
    uint32_t struct_size; /**< sizeof(hw3_session_opts) */
    hw3_cache cache;      /**< one of HW3_CACHE_; states are as the model, whatever this says */
    int64_t n_sequences;  /**< sequences 0 to n_sequences - 1, each empty at first; 1 to 65536 */
    int64_t n_ctx;        /**< most tokens of a sequence; 0: as the model */
    int64_t n_tokens;     /**< the cache is taken at once for this many, and grows when all sequences need more; -1: n_ctx */
} hw3_session_opts;
/** Defaults of hw3_session_opts: one sequence. */
#define HW3_SESSION_OPTS_INIT { (uint32_t)sizeof(hw3_session_opts), HW3_CACHE_MODEL, 1, 0, -1 }

/** A session. */
typedef struct hw3_session hw3_session;

/** Fills opts with the defaults, for callers that cannot use HW3_SESSION_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_session_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_opts_init(hw3_session_opts *opts, uint32_t size);

/** Makes a session with empty sequences.
 *  model: a language model; kept alive.  opts: NULL for the defaults.  out: the session.
 *  Returns: HW3_OK; HW3_ERR_ARG (a number out of range); HW3_ERR_UNSUPPORTED (no language model, or one of both
 *  directions); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_create(hw3_model *model, const hw3_session_opts *opts, hw3_session **out);

/** Lets go of a session.
 *  session: may be NULL.  Since 0.1. */
HW3_API void hw3_session_destroy(hw3_session *session);

/** Appends tokens to a sequence.
 *  session: the session.  sequence: which one.  tokens: [n].  n: at least 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a token outside the vocabulary; logits that are not finite, keys or values that
 *  the cache cannot hold); HW3_ERR_FULL (more than n_ctx tokens); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_feed(hw3_session *session, int64_t sequence, const int64_t *tokens, int64_t n);

/** Appends tokens to a sequence and gives the logits behind every one of them.
 *  session: the session.  sequence: which one.  tokens: [n].  n: at least 1.  logits: [n, n_vocab], receives them; its content
 *  is not defined after a failure.  n_vocab: the model's.
 *  Returns: as hw3_session_feed. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_feed_logits(hw3_session *session, int64_t sequence, const int64_t *tokens,
                                                          int64_t n, float *logits, int64_t n_vocab);

/** Appends tokens to a sequence and tells how well the model foresaw them: exp(-1/m sum log p(token | those before it)), 1 for
 *  certainty, n_vocab for a guess. The m tokens are all n, or all but the first when the sequence has no logits.
 *  session: the session.  sequence: which one.  tokens: [n].  n: at least 1, 2 without logits.  perplexity: receives it.
 *  Returns: as hw3_session_feed. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_perplexity(hw3_session *session, int64_t sequence, const int64_t *tokens, int64_t n,
                                                         double *perplexity);

/** Appends one token to each of several sequences, in one pass through the model.
 *  session: the session.  sequences: [n], different ones.  tokens: [n], one for each.  n: at least 1.
 *  Returns: as hw3_session_feed. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_step(hw3_session *session, const int64_t *sequences, const int64_t *tokens,
                                                   int64_t n);

/** Gives the logits behind the last token of a sequence.
 *  session: the session.  sequence: which one.  logits: [n_vocab], receives them.  n_vocab: the model's.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (no token was fed since the sequence was empty or cut short). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_logits(const hw3_session *session, int64_t sequence, float *logits,
                                                     int64_t n_vocab);

/** Tells how many tokens a sequence has.
 *  session: the session.  sequence: which one.
 *  Returns: 0 to n_ctx; HW3_ERR_ARG. Since 0.1. */
HW3_API int64_t hw3_session_n_tokens(const hw3_session *session, int64_t sequence);

/** Gives the tokens of a sequence.
 *  session: the session.  sequence: which one.  tokens: [n], receives them.  n: as hw3_session_n_tokens tells.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_tokens(const hw3_session *session, int64_t sequence, int64_t *tokens, int64_t n);

/** Cuts a sequence short. Its logits are gone until the next token is fed, unless nothing was cut. A recurrent model has no way
 *  back: the tokens that are kept are fed again.
 *  session: the session.  sequence: which one.  n: tokens to keep, 0 to what it has.
 *  Returns: HW3_OK; HW3_ERR_ARG; of a recurrent model also as hw3_session_feed. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_truncate(hw3_session *session, int64_t sequence, int64_t n);

/** Makes a sequence a copy of another, logits too. They share the cache so far.
 *  session: the session.  source: what is copied.  target: what it had is given up.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_fork(hw3_session *session, int64_t source, int64_t target);

/** Writes all sequences with their cache to a file; what they share is written for each. Atomic.
 *  session: the session.  path: the file.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_save(const hw3_session *session, const char *path);

/** Puts the sequences of a file in place of those of a session of the same model and element type. With the same cache they go on
 *  with the same bits; a narrower one rounds.
 *  session: the session, with room for them.  path: a file of hw3_session_save.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT; HW3_ERR_VERSION; HW3_ERR_MISMATCH (of another model, or no room for
 *  it); HW3_ERR_UNSUPPORTED; HW3_ERR_VALUE (numbers that a narrower cache cannot hold); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_restore(hw3_session *session, const char *path);

/** Tells what the cache costs.
 *  session: the session.  taken: receives the bytes of all its pages and states.  used: receives those of pages that hold tokens,
 *  each counted once however many sequences share it, and of the states of sequences that are not empty.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_session_bytes(const hw3_session *session, int64_t *taken, int64_t *used);

HW3_END
#endif
