/* SPDX-License-Identifier: MIT */
#include "infer/generate.h"

static int64_t likeliest(const float *logits, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (logits[i] > logits[best]) best = i;
    return best;
}

/* The next token of a sequence into s->drawn[i], when wanted its log-probability into s->logprobs[i]. */
static hw3_status draw(hw3_session *s, int64_t i, int64_t sequence, hw3_sampler *sampler, int64_t stream, bool wanted)
{
    const float *logits = s->logits + sequence * s->n_vocab;
    hw3_status status = hw3i_session_check_logits(s, "generate_next", sequence);
    if (status) return status;
    if (sampler) {
        status = hw3i_sampler_run(sampler, logits, s->n_vocab, s->tokens + sequence * s->n_ctx, hw3i_session_n(s, sequence));
        if (status) return status;
    }
    s->drawn[i] = sampler ? hw3i_sampler_draw(sampler, stream) : likeliest(logits, s->n_vocab);
    return !wanted ? HW3_OK : hw3i_logprobs(s->ctx, logits, s->n_vocab, s->drawn[i], &s->logprobs[i], 0, NULL, NULL);
}

hw3_status hw3i_generate_next(hw3_session *s, const int64_t *sequences, int64_t n, hw3_sampler *sampler, const int64_t *streams,
                              int64_t *tokens, double *logprobs)
{
    hw3_status status = HW3_OK;
    for (int64_t i = 0; i < n && !status; i++)
        status = draw(s, i, sequences[i], sampler, streams ? streams[i] : sequences[i], logprobs != NULL);
    if (!status) status = hw3i_session_step(s, sequences, s->drawn, n);
    if (status) return status;
    memcpy(tokens, s->drawn, (size_t)n * sizeof *tokens);
    if (logprobs) memcpy(logprobs, s->logprobs, (size_t)n * sizeof *logprobs);
    return HW3_OK;
}
