/* SPDX-License-Identifier: MIT */
/** @file sampler.h
 * From logits to the next token: a chain of steps, then a draw.
 *
 *     hw3_sampler *s = NULL;
 *     TRY(hw3_sampler_create(ctx, 1, &s));
 *     TRY(hw3_sampler_add_repetition(s, 1.1, 64));
 *     TRY(hw3_sampler_add_temperature(s, 0.8));
 *     TRY(hw3_sampler_add_top_p(s, 0.9));
 *     TRY(hw3_sampler_pick(s, logits, n_vocab, tokens, n_tokens, 0, &next));
 *
 * Every step changes the logits x or takes tokens out, in the order of adding; p = softmax(x) over what is left. The token is
 * then drawn from p, so that a chain without a step draws from the model's own distribution. A step that leaves no token is a
 * failure. Random numbers are counted [Salmon11]: the same seed, stream and length of the history give the same token, whatever
 * was drawn before. Of tokens with equal logits the one with the lower number comes first.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_SAMPLER_H
#define HW3_SAMPLER_H
#include "hw3/base.h"
HW3_BEGIN

/** A chain of steps. */
typedef struct hw3_sampler hw3_sampler;

/** A step of the caller's: changes logits, n_vocab of them, in place; -infinity takes a token out. history: n_history tokens.
 *  It must not use the sampler that called it (HW3_ERR_STATE).
 *  Returns 0; any other number stops the call with HW3_ERR_CANCELLED. */
typedef int32_t (*hw3_logits_fn)(void *user, double *logits, int64_t n_vocab, const int64_t *history, int64_t n_history);

/** Makes a chain without a step.
 *  ctx: context.  seed: of the draws.  out: the sampler.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_create(hw3_ctx *ctx, uint64_t seed, hw3_sampler **out);

/** Lets go of a sampler.
 *  sampler: may be NULL.  Since 0.1. */
HW3_API void hw3_sampler_destroy(hw3_sampler *sampler);

/** Adds a step that leaves only the token of the largest logit.
 *  sampler: the chain.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_greedy(hw3_sampler *sampler);

/** Adds x / temperature [Ackley85]: below 1 sharper, above 1 flatter; 0 leaves only the largest.
 *  sampler: the chain.  temperature: 0 or more.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_temperature(hw3_sampler *sampler, double temperature);

/** Adds a step that leaves the k largest [Fan18].
 *  sampler: the chain.  k: at least 1; as many as there are, or more, changes nothing.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_top_k(hw3_sampler *sampler, int64_t k);

/** Adds nucleus sampling: leaves the fewest, from the largest on, whose p add up to at least this much [Holtzman20].
 *  sampler: the chain.  p: 0 < p <= 1; 1 changes nothing.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_top_p(hw3_sampler *sampler, double p);

/** Adds a step that leaves p_i >= min_p max_j p_j [Nguyen24].
 *  sampler: the chain.  min_p: 0 to 1; 0 changes nothing.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_min_p(hw3_sampler *sampler, double min_p);

/** Adds locally typical sampling: leaves the fewest, from the smallest |-log p_i - H| on with H the entropy of p, whose p add up
 *  to at least this much [Meister23].
 *  sampler: the chain.  mass: 0 < mass <= 1; 1 changes nothing.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_typical(hw3_sampler *sampler, double mass);

/** Adds the repetition penalty: x / penalty for tokens of the history [Keskar19], and x penalty where x < 0, so that more
 *  than 1 makes them rarer whatever the sign.
 *  sampler: the chain.  penalty: above 0.  window: only the last tokens of the history; 0 for all.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_repetition(hw3_sampler *sampler, double penalty, int64_t window);

/** Adds x - frequency c - presence [c > 0], c how often the token is in the history [OpenAI20].
 *  sampler: the chain.  frequency, presence: finite; below 0 makes repetition likelier.  window: as in
 *  hw3_sampler_add_repetition.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_penalties(hw3_sampler *sampler, double frequency, double presence,
                                                            int64_t window);

/** Adds a step that takes out every token that would end n tokens in a row that are in the history already [Paulus17].
 *  sampler: the chain.  n: at least 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_no_repeat(hw3_sampler *sampler, int64_t n);

/** Adds x + bias for some tokens.
 *  sampler: the chain.  tokens: [n], each at least 0; copied.  bias: [n], finite, or -infinity to take a token out; copied.
 *  n: how many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a token or a bias); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_bias(hw3_sampler *sampler, const int64_t *tokens, const double *bias,
                                                       int64_t n);

/** Adds a step of the caller's.
 *  sampler: the chain.  fn: called once a draw.  user: handed to fn.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_add_callback(hw3_sampler *sampler, hw3_logits_fn fn, void *user);

/** Runs the chain and draws a token.
 *  sampler: the chain.  logits: [n_vocab], finite or -infinity.  n_vocab: 1 to 2^31 - 1.  history: [n_history], the tokens so
 *  far.  n_history: how many, also the number of the draw in its stream; with 0 there need be no history.
 *  stream: which of several completions this is.  token: receives 0 to n_vocab - 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a logit that is not a number or +infinity, a token outside the vocabulary, no
 *  token is left); HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_pick(hw3_sampler *sampler, const float *logits, int64_t n_vocab,
                                                   const int64_t *history, int64_t n_history, int64_t stream, int64_t *token);

/** Runs the chain and tells the probabilities from which hw3_sampler_pick would draw.
 *  sampler: the chain.  logits, n_vocab, history, n_history: as in hw3_sampler_pick.  probabilities: [n_vocab], receives p; 0 for
 *  a token that was taken out.
 *  Returns: as hw3_sampler_pick. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_sampler_probabilities(hw3_sampler *sampler, const float *logits, int64_t n_vocab,
                                                            const int64_t *history, int64_t n_history, double *probabilities);

/** Tells the model's own log-probabilities, log softmax(logits), of one token and of the likeliest ones.
 *  ctx: context.  logits: [n_vocab], finite or -infinity.  n_vocab: at least 1.  token: 0 to n_vocab - 1.
 *  logprob: receives that of token.  n_top: 0 to n_vocab.  top: [n_top], receives the likeliest tokens, in falling order.
 *  top_logprobs: [n_top], receives theirs.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a logit that is not a number or +infinity, all are -infinity). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_logprobs(hw3_ctx *ctx, const float *logits, int64_t n_vocab, int64_t token, double *logprob,
                                               int64_t n_top, int64_t *top, double *top_logprobs);

HW3_END
#endif
