/* SPDX-License-Identifier: MIT */
#ifndef HW3I_BEAM_H
#define HW3I_BEAM_H
#include "hw3/beam.h"
#include "infer/session.h"

/* Arguments are checked: the prompt has logits, the beams are empty, and there is room. */
hw3_status hw3i_beam_search(hw3_session *s, int64_t sequence, const int64_t *beams, int64_t n_beams, const hw3_beam_opts *o,
                            int64_t *tokens, int64_t *lengths, double *scores);

#endif
