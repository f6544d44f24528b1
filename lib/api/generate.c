/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "infer/generate.h"

hw3_status hw3_generate_next(hw3_session *session, const int64_t *sequences, int64_t n, hw3_sampler *sampler, const int64_t *streams,
                             int64_t *tokens, double *logprobs)
{
    static const char who[] = "generate_next";
    if (!session) return HW3_ERR_ARG;
    if (!tokens) return hw3i_is_null(session->ctx, who, "tokens");
    if (sampler && sampler->ctx != session->ctx)
        return hw3i_fail(session->ctx, HW3_ERR_ARG, "%s: the sampler belongs to another context", who);
    hw3_status s = hw3i_session_check(session, who, sequences, n);
    for (int64_t i = 0; i < n && !s && streams; i++) s = hw3i_check_range(session->ctx, who, "stream", streams[i], 0, INT64_MAX);
    return s ? s : hw3i_generate_next(session, sequences, n, sampler, streams, tokens, logprobs);
}
