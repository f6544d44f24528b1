/* SPDX-License-Identifier: MIT */
/** @file beam.h
 * Beam search: the likeliest texts that follow a prompt.
 *
 *     hw3_session_opts room = HW3_SESSION_OPTS_INIT;
 *     room.n_sequences = 5;                                     // the prompt and four beams
 *     TRY(hw3_session_create(gpt, &room, &s));
 *     TRY(hw3_session_feed(s, 0, prompt, n_prompt));
 *     hw3_beam_opts o = HW3_BEAM_OPTS_INIT;
 *     o.max_tokens = 20;  o.n_best = 2;
 *     const int64_t beams[4] = { 1, 2, 3, 4 };
 *     int64_t tokens[2][20], n[2];
 *     double scores[2];
 *     TRY(hw3_beam_search(s, 0, beams, 4, &o, tokens[0], n, scores));
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_BEAM_H
#define HW3_BEAM_H
#include "hw3/session.h"
HW3_BEGIN

/** When a search ends before max_tokens. In every case n_beams texts must have ended. */
typedef int32_t hw3_early_stop;
enum {
    HW3_EARLY_STOP_ESTIMATE = 0, /**< when no text that runs would come among them if it ended now */
    HW3_EARLY_STOP_FULL = 1,     /**< at once */
    HW3_EARLY_STOP_NEVER = 2     /**< when no text that runs can come among them any more */
};

/** How texts are searched. The values of early_stop are the False, True and "never" of transformers' early_stopping. */
typedef struct hw3_beam_opts {
    uint32_t struct_size;      /**< sizeof(hw3_beam_opts) */
    hw3_early_stop early_stop; /**< one of HW3_EARLY_STOP_ */
    int64_t n_best;            /**< texts to hand back, 1 to n_beams */
    int64_t max_tokens;        /**< most tokens of a text, at least 1 */
    double length_penalty;     /**< -10 to 10; above 0 favours long texts */
    const int64_t *stop;       /**< [n_stop], tokens that end a text; they count as its last */
    int64_t n_stop;            /**< how many; -1: the model's eos_id, where it has one */
    hw3_text_fn progress;      /**< told after each step of the likeliest text that runs; NULL for none */
    void *progress_user;       /**< handed to progress */
} hw3_beam_opts;
/** Defaults of hw3_beam_opts. */
#define HW3_BEAM_OPTS_INIT { (uint32_t)sizeof(hw3_beam_opts), 0, 1, 20, 1.0, NULL, -1, NULL, NULL }

/** Fills opts with the defaults, for callers that cannot use HW3_BEAM_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_beam_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_beam_opts_init(hw3_beam_opts *opts, uint32_t size);

/** Searches the texts of the highest score sum_i log p(y_i | prompt, y_1 .. y_(i-1)) / n^length_penalty, n tokens long; [Wu16]
 *  has ((5 + n) / 6)^length_penalty there. Each step keeps the n_beams likeliest texts that run; of the n_beams likeliest of all,
 *  those that have ended are candidates for the answer, and so are all after max_tokens. With at least n_vocab^max_tokens beams
 *  no text is missed.
 *  session: the session, which is afterwards as it was, also after a failure.  sequence: the prompt.  beams: [n_beams], other
 *  sequences, all empty, to work with.  n_beams: at least 1.  opts: NULL for the defaults.
 *  tokens: [opts.n_best, opts.max_tokens], receives the texts in falling order; what is behind a text is 0.
 *  lengths: [opts.n_best], receives their n; 0 where there are no more.  scores: [opts.n_best], receives their scores; -infinity
 *  where there are no more.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_STATE (the prompt has no logits, a beam is not empty); HW3_ERR_VALUE (a
 *  token outside the vocabulary; logits that are not finite); HW3_ERR_FULL (the prompt and max_tokens are longer than n_ctx);
 *  HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_beam_search(hw3_session *session, int64_t sequence, const int64_t *beams, int64_t n_beams,
                                                  const hw3_beam_opts *opts, int64_t *tokens, int64_t *lengths, double *scores);

HW3_END
#endif
