/* SPDX-License-Identifier: MIT */
#ifndef HW3I_GENERATE_H
#define HW3I_GENERATE_H
#include "hw3/generate.h"
#include "infer/sampler.h"
#include "infer/session.h"

/* Arguments are checked; streams and logprobs may be NULL. */
hw3_status hw3i_generate_next(hw3_session *s, const int64_t *sequences, int64_t n, hw3_sampler *sampler, const int64_t *streams,
                              int64_t *tokens, double *logprobs);

#endif
