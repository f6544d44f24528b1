/* SPDX-License-Identifier: MIT */
/** @file generate.h
 * Text from a model, at once or by pull.
 *
 *     hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;                           // up to the model's eos_id
 *     TRY(hw3_session_feed(s, 0, prompt, n_prompt));
 *     for (int64_t i = 1; i < 5; i++) TRY(hw3_session_fork(s, 0, i));         // five completions of one prompt
 *     int64_t text[50], n;
 *     TRY(hw3_generate(s, 0, sampler, 50, &o, text, &n));
 *     while (!hw3_decoder_stopped(decoder)) {                                 // or as words, piece by piece
 *         TRY(hw3_generate_text(s, 4, sampler, decoder, NULL, piece, 64, &n));
 *         fwrite(piece, 1, (size_t)n, stdout);
 *     }
 *     const int64_t others[3] = { 1, 2, 3 };
 *     int64_t next[3];
 *     for (int64_t i = 0; i < 50; i++) TRY(hw3_generate_next(s, others, 3, sampler, NULL, next));
 *
 * The same seed, stream and tokens so far give the same token, alone or in a batch, on any number of threads.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_GENERATE_H
#define HW3_GENERATE_H
#include "hw3/sampler.h"
#include "hw3/session.h"
#include "hw3/tokenizer.h"
HW3_BEGIN

/** How text is generated, and what is told of each of its n tokens: one a sequence, or all of one sequence. */
typedef struct hw3_generate_opts {
    uint32_t struct_size;   /**< sizeof(hw3_generate_opts) */
    int32_t slide;          /**< 1: a sequence of n_ctx tokens drops the older half and is fed the rest again; 0: HW3_ERR_FULL */
    const int64_t *streams; /**< the sampler's stream of each sequence, 0 or more; NULL: the number of the sequence */
    int64_t n_top;          /**< how many alternatives are told of each token, 0 to n_vocab */
    double *logprobs;       /**< [n], receives the model's log-probability of each token, before the sampler; NULL for none */
    int64_t *top;           /**< [n, n_top], receives the likeliest tokens, in falling order */
    double *top_logprobs;   /**< [n, n_top], receives their log-probabilities */
    const int64_t *stop;    /**< not of hw3_generate_next: [n_stop], tokens that end the text; they count as its last */
    int64_t n_stop;         /**< how many; -1: the model's eos_id, where it has one */
    hw3_text_fn progress;   /**< of hw3_generate: told after each token; NULL for none */
    void *progress_user;    /**< handed to progress */
} hw3_generate_opts;
/** Defaults of hw3_generate_opts. */
#define HW3_GENERATE_OPTS_INIT { (uint32_t)sizeof(hw3_generate_opts), 0, NULL, 0, NULL, NULL, NULL, NULL, -1, NULL, NULL }

/** Fills opts with the defaults, for callers that cannot use HW3_GENERATE_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_generate_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_generate_opts_init(hw3_generate_opts *opts, uint32_t size);

/** Draws a token from the logits of each sequence and appends it, in one pass through the model.
 *  session: the session.  sequences: [n], different ones.  n: at least 1.  sampler: the chain, of the session's context, given
 *  the tokens of the sequence as history; NULL takes the likeliest token.  opts: NULL for the defaults; slide is for n = 1.
 *  tokens: [n], receives what was drawn.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_STATE (a sequence without logits); HW3_ERR_FULL (a sequence has n_ctx
 *  tokens); HW3_ERR_VALUE, HW3_ERR_CANCELLED (from the sampler); HW3_ERR_NOMEM. After a failure no sequence has changed.
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_generate_next(hw3_session *session, const int64_t *sequences, int64_t n,
                                                    hw3_sampler *sampler, const hw3_generate_opts *opts, int64_t *tokens);

/** Draws and appends tokens until one ends the text or there are max_tokens of them. Draws are counted on where a sequence
 *  slides. What was drawn before a failure stays in the sequence and the outputs, and n_tokens tells how much it is.
 *  session: the session.  sequence: which one.  sampler: as in hw3_generate_next.  max_tokens: at least 1.  opts: NULL for the
 *  defaults.  tokens: [max_tokens], receives the text.  n_tokens: receives its length.
 *  Returns: as hw3_generate_next; HW3_ERR_VALUE (a token of stop outside the vocabulary); HW3_ERR_CANCELLED (by progress).
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_generate(hw3_session *session, int64_t sequence, hw3_sampler *sampler, int64_t max_tokens,
                                               const hw3_generate_opts *opts, int64_t *tokens, int64_t *n_tokens);

/** Draws a token, appends it and gives the text that is certain now, as hw3_decoder_push does. A token of opts' stop ends the text:
 *  what was held back comes, and hw3_decoder_stopped tells it, as it does behind a stop of the decoder's. Then no more is drawn.
 *  Who ends earlier, as after a number of tokens or at HW3_ERR_FULL, gets what is held back by hw3_decoder_finish.
 *  session: the session.  sequence: which one.  sampler: as in hw3_generate_next.  decoder: of the session's context; it is as new
 *  for another text after hw3_decoder_finish.  opts: NULL for the defaults.  text: [cap], receives the bytes.  cap: room in text.
 *  n_bytes: receives how many, often 0.
 *  Returns: as hw3_generate_next; HW3_ERR_VALUE (the tokenizer has no such token, which is appended); HW3_ERR_TOO_SMALL (n_bytes
 *  tells the room that is needed). After it and after HW3_ERR_NOMEM the next call goes on with what was drawn. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_generate_text(hw3_session *session, int64_t sequence, hw3_sampler *sampler,
                                                    hw3_decoder *decoder, const hw3_generate_opts *opts, char *text, int64_t cap,
                                                    int64_t *n_bytes);

HW3_END
#endif
