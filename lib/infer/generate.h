/* SPDX-License-Identifier: MIT */
#ifndef HW3I_GENERATE_H
#define HW3I_GENERATE_H
#include "hw3/generate.h"
#include "infer/sampler.h"
#include "infer/session.h"
#include "text/decode.h"

/* Arguments are checked. Where o slides, n is 1. */
hw3_status hw3i_generate_next(hw3_session *s, const int64_t *sequences, int64_t n, hw3_sampler *sampler,
                              const hw3_generate_opts *o, int64_t *tokens);
hw3_status hw3i_generate(hw3_session *s, int64_t sequence, hw3_sampler *sampler, int64_t max_tokens, const hw3_generate_opts *o,
                         int64_t *tokens, int64_t *n_tokens);
hw3_status hw3i_generate_text(hw3_session *s, int64_t sequence, hw3_sampler *sampler, hw3_decoder *d, const hw3_generate_opts *o,
                              char *text, int64_t cap, int64_t *n_bytes);

#endif
