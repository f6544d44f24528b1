/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "infer/session.h"
#include "io/file.h"
#include <math.h>

#define OLDEST_SESSION_OPTS ((uint32_t)sizeof(hw3_session_opts))

static const hw3_session_opts defaults = HW3_SESSION_OPTS_INIT;

hw3_status hw3_session_opts_init(hw3_session_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_SESSION_OPTS);
}

/* Checks the numbers and resolves those that are as the model's. */
static hw3_status resolve(const hw3_model *m, hw3_session_opts *o)
{
    static const char who[] = "session_create";
    hw3_ctx *ctx = m->ctx;
    if (!m->family->causal || !hw3i_head_of(&m->config)->tokens)
        return hw3i_fail(ctx, HW3_ERR_UNSUPPORTED, "%s: %s does not say what comes next", who,
                         hw3i_head_of(&m->config)->architecture);
    if (o->n_ctx == 0) o->n_ctx = m->config.n_ctx;
    hw3_status s = hw3i_check_range(ctx, who, "n_ctx", o->n_ctx, 1, m->config.n_ctx);
    if (!s && o->n_tokens == -1) o->n_tokens = o->n_ctx;
    if (!s) s = hw3i_check_range(ctx, who, "n_sequences", o->n_sequences, 1, 65536);
    if (!s) s = hw3i_check_range(ctx, who, "n_tokens", o->n_tokens, 0, o->n_sequences * o->n_ctx);
    if (!s) s = hw3i_check_range(ctx, who, "cache", o->cache, HW3_CACHE_MODEL, HW3_CACHE_INT8);
    return s;
}

hw3_status hw3_session_create(hw3_model *model, const hw3_session_opts *opts, hw3_session **out)
{
    if (out) *out = NULL;
    if (!model) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(model->ctx, "session_create", "out");
    hw3_session_opts o = defaults;
    hw3_status s = opts ? hw3i_import(model->ctx, &o, sizeof o, opts, OLDEST_SESSION_OPTS, "hw3_session_opts") : HW3_OK;
    if (!s) s = resolve(model, &o);
    return s ? s : hw3i_session_create(model, &o, out);
}

void hw3_session_destroy(hw3_session *session) { hw3i_session_destroy(session); }

/* That there is such a sequence. */
static hw3_status check(const hw3_session *s, const char *who, int64_t sequence)
{
    return s ? hw3i_check_range(s->ctx, who, "sequence", sequence, 0, s->n_sequences - 1) : HW3_ERR_ARG;
}

static hw3_status feed(hw3_session *session, const char *who, int64_t sequence, const int64_t *tokens, int64_t n, float *logits,
                       double *logprob)
{
    hw3_status s = check(session, who, sequence);
    if (s) return s;
    const int64_t least = logprob && !session->has_logits[sequence] ? 2 : 1;
    if (n < least) return hw3i_is_small(session->ctx, who, "n", n, least);
    return tokens ? hw3i_session_feed(session, sequence, tokens, n, logits, logprob) : hw3i_is_null(session->ctx, who, "tokens");
}

hw3_status hw3_session_feed(hw3_session *session, int64_t sequence, const int64_t *tokens, int64_t n)
{
    return feed(session, "session_feed", sequence, tokens, n, NULL, NULL);
}

hw3_status hw3_session_feed_logits(hw3_session *session, int64_t sequence, const int64_t *tokens, int64_t n, float *logits,
                                   int64_t n_vocab)
{
    static const char who[] = "session_feed_logits";
    if (!session) return HW3_ERR_ARG;
    if (!logits) return hw3i_is_null(session->ctx, who, "logits");
    hw3_status s = hw3i_check_range(session->ctx, who, "n_vocab", n_vocab, session->n_vocab, session->n_vocab);
    return s ? s : feed(session, who, sequence, tokens, n, logits, NULL);
}

hw3_status hw3_session_perplexity(hw3_session *session, int64_t sequence, const int64_t *tokens, int64_t n, double *perplexity)
{
    static const char who[] = "session_perplexity";
    double logprob = 0;
    if (!session) return HW3_ERR_ARG;
    if (!perplexity) return hw3i_is_null(session->ctx, who, "perplexity");
    hw3_status s = feed(session, who, sequence, tokens, n, NULL, &logprob);
    if (!s) *perplexity = exp(-logprob);
    return s;
}

hw3_status hw3_session_step(hw3_session *session, const int64_t *sequences, const int64_t *tokens, int64_t n)
{
    if (!session) return HW3_ERR_ARG;
    if (!tokens) return hw3i_is_null(session->ctx, "session_step", "tokens");
    hw3_status s = hw3i_session_check(session, "session_step", sequences, n);
    return s ? s : hw3i_session_step(session, sequences, tokens, n);
}

hw3_status hw3_session_logits(const hw3_session *session, int64_t sequence, float *logits, int64_t n_vocab)
{
    static const char who[] = "session_logits";
    hw3_status s = check(session, who, sequence);
    if (!s) s = hw3i_check_range(session->ctx, who, "n_vocab", n_vocab, session->n_vocab, session->n_vocab);
    if (s) return s;
    if (!logits) return hw3i_is_null(session->ctx, who, "logits");
    s = hw3i_session_check_logits(session, who, sequence);
    if (s) return s;
    memcpy(logits, session->logits + sequence * n_vocab, (size_t)n_vocab * sizeof *logits);
    return HW3_OK;
}

int64_t hw3_session_n_tokens(const hw3_session *session, int64_t sequence)
{
    hw3_status s = check(session, "session_n_tokens", sequence);
    return s ? s : hw3i_session_n(session, sequence);
}

hw3_status hw3_session_tokens(const hw3_session *session, int64_t sequence, int64_t *tokens, int64_t n)
{
    static const char who[] = "session_tokens";
    hw3_status s = check(session, who, sequence);
    if (!s) s = hw3i_check_range(session->ctx, who, "n", n, hw3i_session_n(session, sequence), hw3i_session_n(session, sequence));
    if (s || !n) return s;
    if (!tokens) return hw3i_is_null(session->ctx, who, "tokens");
    memcpy(tokens, session->tokens + sequence * session->n_ctx, (size_t)n * sizeof *tokens);
    return HW3_OK;
}

hw3_status hw3_session_truncate(hw3_session *session, int64_t sequence, int64_t n)
{
    hw3_status s = check(session, "session_truncate", sequence);
    if (!s) s = hw3i_check_range(session->ctx, "session_truncate", "n", n, 0, hw3i_session_n(session, sequence));
    return s ? s : hw3i_session_truncate(session, sequence, n);
}

hw3_status hw3_session_fork(hw3_session *session, int64_t source, int64_t target)
{
    hw3_status s = check(session, "session_fork", source);
    if (!s) s = check(session, "session_fork", target);
    if (!s) hw3i_session_fork(session, source, target);
    return s;
}

hw3_status hw3_session_save(const hw3_session *session, const char *path)
{
    if (!session) return HW3_ERR_ARG;
    hw3_status s = hw3i_path_check(session->ctx, "session_save", path);
    return s ? s : hw3i_session_save(session, path);
}

hw3_status hw3_session_restore(hw3_session *session, const char *path)
{
    if (!session) return HW3_ERR_ARG;
    hw3_status s = hw3i_path_check(session->ctx, "session_restore", path);
    return s ? s : hw3i_session_restore(session, path);
}

hw3_status hw3_session_bytes(const hw3_session *session, int64_t *taken, int64_t *used)
{
    if (!session) return HW3_ERR_ARG;
    if (!taken || !used) return hw3i_is_null(session->ctx, "session_bytes", taken ? "used" : "taken");
    *taken = session->kv->bytes;
    *used = session->kv->bytes_used;
    for (int64_t i = 0; i < session->n_sequences; i++) *used += hw3i_session_n(session, i) ? session->kv->state_bytes : 0;
    return HW3_OK;
}
