/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "infer/beam.h"

#define OLDEST_BEAM_OPTS ((uint32_t)sizeof(hw3_beam_opts))

static const char who[] = "beam_search";
static const hw3_beam_opts defaults = HW3_BEAM_OPTS_INIT;

hw3_status hw3_beam_opts_init(hw3_beam_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_BEAM_OPTS);
}

static hw3_status check_opts(const hw3_session *session, int64_t n_beams, hw3_beam_opts *o)
{
    hw3_ctx *ctx = session->ctx;
    hw3_status s = hw3i_check_range(ctx, who, "early_stop", o->early_stop, HW3_EARLY_STOP_ESTIMATE, HW3_EARLY_STOP_NEVER);
    if (!s) s = hw3i_check_range(ctx, who, "n_best", o->n_best, 1, n_beams);
    if (!s) s = hw3i_check_range(ctx, who, "max_tokens", o->max_tokens, 1, INT64_MAX);
    if (!s && !(o->length_penalty >= -10 && o->length_penalty <= 10)) /* NaN too */
        s = hw3i_fail(ctx, HW3_ERR_ARG, "%s: length_penalty is %g, expected -10 to 10", who, o->length_penalty);
    return s ? s : hw3i_session_stop(session, who, &o->stop, &o->n_stop);
}

/* The prompt has logits and is none of the beams, and those are empty. */
static hw3_status check_sequences(const hw3_session *session, int64_t sequence, const int64_t *beams, int64_t n_beams)
{
    hw3_status s = hw3i_check_range(session->ctx, who, "sequence", sequence, 0, session->n_sequences - 1);
    if (!s) s = hw3i_session_check(session, who, beams, n_beams);
    if (!s) s = hw3i_session_check_logits(session, who, sequence);
    for (int64_t i = 0; i < n_beams && !s; i++) {
        const int64_t n = hw3i_session_n(session, beams[i]);
        if (beams[i] == sequence)
            s = hw3i_fail(session->ctx, HW3_ERR_ARG, "%s: beam %lld is the prompt's sequence %lld", who, (long long)i,
                          (long long)sequence);
        else if (n)
            s = hw3i_fail(session->ctx, HW3_ERR_STATE, "%s: beam %lld, sequence %lld, has %lld tokens but must be empty", who,
                          (long long)i, (long long)beams[i], (long long)n);
    }
    return s;
}

/* The last token of a text is not fed. */
static hw3_status check_room(const hw3_session *session, int64_t sequence, int64_t max_tokens)
{
    const int64_t n = hw3i_session_n(session, sequence);
    if (max_tokens - 1 <= session->n_ctx - n) return HW3_OK;
    return hw3i_fail(session->ctx, HW3_ERR_FULL, "%s: %lld tokens behind a prompt of %lld, but there is room for %lld", who,
                     (long long)max_tokens, (long long)n, (long long)(session->n_ctx - n + 1));
}

hw3_status hw3_beam_search(hw3_session *session, int64_t sequence, const int64_t *beams, int64_t n_beams,
                           const hw3_beam_opts *opts, int64_t *tokens, int64_t *lengths, double *scores)
{
    if (!session) return HW3_ERR_ARG;
    hw3_ctx *ctx = session->ctx;
    if (!tokens) return hw3i_is_null(ctx, who, "tokens");
    if (!lengths) return hw3i_is_null(ctx, who, "lengths");
    if (!scores) return hw3i_is_null(ctx, who, "scores");
    hw3_beam_opts o = defaults;
    hw3_status s = opts ? hw3i_import(ctx, &o, sizeof o, opts, OLDEST_BEAM_OPTS, "hw3_beam_opts") : HW3_OK;
    if (!s) s = check_sequences(session, sequence, beams, n_beams);
    if (!s) s = check_opts(session, n_beams, &o);
    if (!s) s = check_room(session, sequence, o.max_tokens);
    return s ? s : hw3i_beam_search(session, sequence, beams, n_beams, &o, tokens, lengths, scores);
}
