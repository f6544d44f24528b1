/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "infer/generate.h"

#define OLDEST_GENERATE_OPTS ((uint32_t)sizeof(hw3_generate_opts))

static const hw3_generate_opts defaults = HW3_GENERATE_OPTS_INIT;

hw3_status hw3_generate_opts_init(hw3_generate_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_GENERATE_OPTS);
}

/* Of n sequences; all: until a text ends. */
static hw3_status resolve(const hw3_session *session, const char *who, int64_t n, hw3_sampler *sampler, bool all,
                          const hw3_generate_opts *opts, hw3_generate_opts *o)
{
    hw3_ctx *ctx = session->ctx;
    *o = defaults;
    if (sampler && sampler->ctx != ctx) return hw3i_fail(ctx, HW3_ERR_ARG, "%s: the sampler belongs to another context", who);
    hw3_status s = opts ? hw3i_import(ctx, o, sizeof *o, opts, OLDEST_GENERATE_OPTS, "hw3_generate_opts") : HW3_OK;
    if (!s) s = hw3i_check_range(ctx, who, "slide", o->slide, 0, n == 1);
    if (!s) s = hw3i_check_range(ctx, who, "n_top", o->n_top, 0, session->n_vocab);
    for (int64_t i = 0; i < n && !s && o->streams; i++) s = hw3i_check_range(ctx, who, "stream", o->streams[i], 0, INT64_MAX);
    if (!s && o->n_top && !o->top) s = hw3i_is_null(ctx, who, "top");
    if (!s && o->n_top && !o->top_logprobs) s = hw3i_is_null(ctx, who, "top_logprobs");
    return s || !all ? s : hw3i_session_stop(session, who, &o->stop, &o->n_stop);
}

hw3_status hw3_generate_next(hw3_session *session, const int64_t *sequences, int64_t n, hw3_sampler *sampler,
                             const hw3_generate_opts *opts, int64_t *tokens)
{
    static const char who[] = "generate_next";
    hw3_generate_opts o;
    if (!session) return HW3_ERR_ARG;
    if (!tokens) return hw3i_is_null(session->ctx, who, "tokens");
    hw3_status s = hw3i_session_check(session, who, sequences, n);
    if (!s) s = resolve(session, who, n, sampler, false, opts, &o);
    return s ? s : hw3i_generate_next(session, sequences, n, sampler, &o, tokens);
}

hw3_status hw3_generate(hw3_session *session, int64_t sequence, hw3_sampler *sampler, int64_t max_tokens,
                        const hw3_generate_opts *opts, int64_t *tokens, int64_t *n_tokens)
{
    static const char who[] = "generate";
    hw3_generate_opts o;
    if (n_tokens) *n_tokens = 0;
    if (!session) return HW3_ERR_ARG;
    if (!tokens) return hw3i_is_null(session->ctx, who, "tokens");
    if (!n_tokens) return hw3i_is_null(session->ctx, who, "n_tokens");
    hw3_status s = hw3i_session_check(session, who, &sequence, 1);
    if (!s && max_tokens < 1) s = hw3i_is_small(session->ctx, who, "max_tokens", max_tokens, 1);
    if (!s) s = resolve(session, who, 1, sampler, true, opts, &o);
    return s ? s : hw3i_generate(session, sequence, sampler, max_tokens, &o, tokens, n_tokens);
}

hw3_status hw3_generate_text(hw3_session *session, int64_t sequence, hw3_sampler *sampler, hw3_decoder *decoder,
                             const hw3_generate_opts *opts, char *text, int64_t cap, int64_t *n_bytes)
{
    static const char who[] = "generate_text";
    hw3_generate_opts o;
    if (n_bytes) *n_bytes = 0;
    if (!session) return HW3_ERR_ARG;
    if (!decoder) return hw3i_is_null(session->ctx, who, "decoder");
    hw3_status s = hw3i_check_room(session->ctx, who, text, cap, n_bytes);
    if (!s) s = hw3i_session_check(session, who, &sequence, 1);
    if (!s && decoder->tok->ctx != session->ctx)
        s = hw3i_fail(session->ctx, HW3_ERR_ARG, "%s: the decoder belongs to another context", who);
    if (!s) s = resolve(session, who, 1, sampler, true, opts, &o);
    return s ? s : hw3i_generate_text(session, sequence, sampler, decoder, &o, text, cap, n_bytes);
}
