/* SPDX-License-Identifier: MIT */
#include "infer/generate.h"

static int64_t likeliest(const float *logits, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (logits[i] > logits[best]) best = i;
    return best;
}

/* The next token of a sequence into s->drawn[i], and what is to be told about it into s->logprobs and s->top. */
static hw3_status draw(hw3_session *s, int64_t i, int64_t sequence, hw3_sampler *sampler, const hw3_generate_opts *o)
{
    const float *logits = s->logits + sequence * s->n_vocab;
    const int64_t n = hw3i_session_n(s, sequence);
    hw3_status status = hw3i_session_check_logits(s, "generate", sequence);
    if (!status && sampler) status = hw3i_sampler_run(sampler, logits, s->n_vocab, s->tokens + sequence * s->n_ctx, n);
    if (status) return status;
    s->drawn[i] = sampler ? hw3i_sampler_draw(sampler, o->streams ? o->streams[i] : sequence, s->n_dropped[sequence] + n)
                          : likeliest(logits, s->n_vocab);
    if (!o->logprobs && !o->n_top) return HW3_OK;
    return hw3i_logprobs(s->ctx, logits, s->n_vocab, s->drawn[i], &s->logprobs[i], o->n_top,
                         o->n_top ? s->top + i * o->n_top : NULL, o->n_top ? s->top_logprobs + i * o->n_top : NULL);
}

static hw3_status make_room(hw3_session *s, int64_t n)
{
    hw3_status status = hw3i_grow(s->ctx, &s->top, &s->cap_top, n, sizeof *s->top);
    return status ? status : hw3i_grow(s->ctx, &s->top_logprobs, &s->cap_top_logprobs, n, sizeof *s->top_logprobs);
}

hw3_status hw3i_generate_next(hw3_session *s, const int64_t *sequences, int64_t n, hw3_sampler *sampler,
                              const hw3_generate_opts *o, int64_t *tokens)
{
    hw3_status status = make_room(s, n * o->n_top);
    for (int64_t i = 0; i < n && !status; i++) status = draw(s, i, sequences[i], sampler, o);
    if (!status && o->slide && hw3i_session_n(s, *sequences) == s->n_ctx) status = hw3i_session_slide(s, *sequences, *s->drawn);
    else if (!status) status = hw3i_session_step(s, sequences, s->drawn, n);
    if (status) return status;
    memcpy(tokens, s->drawn, (size_t)n * sizeof *tokens);
    if (o->logprobs) memcpy(o->logprobs, s->logprobs, (size_t)n * sizeof *o->logprobs);
    if (o->n_top) memcpy(o->top, s->top, (size_t)(n * o->n_top) * sizeof *o->top);
    if (o->n_top) memcpy(o->top_logprobs, s->top_logprobs, (size_t)(n * o->n_top) * sizeof *o->top_logprobs);
    return HW3_OK;
}

hw3_status hw3i_generate(hw3_session *s, int64_t sequence, hw3_sampler *sampler, int64_t max_tokens, const hw3_generate_opts *o,
                         int64_t *tokens, int64_t *n_tokens)
{
    hw3_generate_opts one = *o;
    double logprob = 0, sum = 0;
    for (int64_t n = 0; n < max_tokens; n++) {
        one.logprobs = o->logprobs ? o->logprobs + n : o->progress ? &logprob : NULL;
        if (o->n_top) one.top = o->top + n * o->n_top, one.top_logprobs = o->top_logprobs + n * o->n_top;
        hw3_status status = hw3i_generate_next(s, &sequence, 1, sampler, &one, tokens + n);
        if (status) return status;
        *n_tokens = n + 1;
        if (one.logprobs) sum += *one.logprobs;
        if (o->progress && o->progress(o->progress_user, tokens, n + 1, sum))
            return hw3i_fail(s->ctx, HW3_ERR_CANCELLED, "generate: stopped by the callback after %lld tokens", (long long)n + 1);
        if (hw3i_session_stops(o->stop, o->n_stop, tokens[n])) return HW3_OK;
    }
    return HW3_OK;
}

/* What did not fit the last time is handed out first. */
hw3_status hw3i_generate_text(hw3_session *s, int64_t sequence, hw3_sampler *sampler, hw3_decoder *d, const hw3_generate_opts *o,
                              char *text, int64_t cap, int64_t *n_bytes)
{
    static const char who[] = "generate_text";
    hw3_status status = HW3_OK;
    if (!d->stopped && !d->ended && d->drawn < 0 && !hw3i_decoder_has_text(d))
        status = hw3i_generate_next(s, &sequence, 1, sampler, o, &d->drawn);
    if (!status && d->drawn >= 0) {
        d->ended = hw3i_session_stops(o->stop, o->n_stop, d->drawn);
        status = d->ended ? HW3_OK : hw3i_decoder_take(d, who, d->drawn);
        if (status != HW3_ERR_NOMEM) d->drawn = -1;
    }
    if (status) return status;
    return hw3i_decoder_give(d, who, text, cap, n_bytes);
}
