/* SPDX-License-Identifier: MIT */
/** @file generate.h
 * Text from a model by pull: each call draws the next token of one sequence or of many.
 *
 *     TRY(hw3_session_feed(s, 0, prompt, n_prompt));
 *     for (int64_t i = 1; i < 4; i++) TRY(hw3_session_fork(s, 0, i));         // four completions of one prompt
 *     const int64_t all[4] = { 0, 1, 2, 3 };
 *     int64_t next[4];
 *     for (int64_t i = 0; i < 50; i++) TRY(hw3_generate_next(s, all, 4, sampler, NULL, next, NULL));
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_GENERATE_H
#define HW3_GENERATE_H
#include "hw3/sampler.h"
#include "hw3/session.h"
HW3_BEGIN

/** Draws a token from the logits of each sequence and appends it, in one pass through the model. The same seed, stream and
 *  tokens so far give the same token, alone or in a batch, on any number of threads.
 *  session: the session.  sequences: [n], different ones.  n: at least 1.  sampler: the chain, of the session's context, given the
 *  tokens of the sequence as history; NULL takes the likeliest token.  streams: [n], the sampler's stream of each; NULL: the
 *  number of the sequence.  tokens: [n], receives what was drawn.  logprobs: [n], receives the model's log-probability of each,
 *  before the sampler; NULL for none.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (a sequence without logits); HW3_ERR_FULL (a sequence has n_ctx tokens);
 *  HW3_ERR_VALUE, HW3_ERR_CANCELLED (from the sampler); HW3_ERR_NOMEM. After a failure no sequence has changed. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_generate_next(hw3_session *session, const int64_t *sequences, int64_t n, hw3_sampler *sampler,
                                                    const int64_t *streams, int64_t *tokens, double *logprobs);

HW3_END
#endif
