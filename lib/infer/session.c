/* SPDX-License-Identifier: MIT */
#include "infer/session.h"
#include "infer/sampler.h"
#include "math/kern.h"
#include <math.h>
#include <stdatomic.h>

_Static_assert((int)HW3_CACHE_INT8 == (int)HW3I_INT8, "forms of the cache are the kernel's");

#define PIECE 512 /* tokens of one pass: memory for the values of a block grows with them */
#define ROWS 128  /* rows of logits at a time */

static hw3_status make_parts(hw3_session *s, const hw3_session_opts *o)
{
    const int64_t n = s->n_sequences + 1;
    const hw3_model_config *c = &s->model->config;
    hw3i_kv_sizes sizes = { .dtype = c->dtype, .form = o->cache, .n_ctx = o->n_ctx, .n_sequences = n, .n_tokens = o->n_tokens };
    hw3i_model_sizes(s->model, &sizes);
    hw3_status status = hw3i_graph_create(s->ctx, s->model->params, &s->graph);
    if (status) return status;
    s->graph->training = false;
    status = hw3i_kv_create(s->ctx, &sizes, &s->kv);
    if (status) return status;
    s->tokens = hw3i_alloc(s->ctx, n, s->n_ctx * (int64_t)sizeof *s->tokens);
    s->start = hw3i_alloc(s->ctx, n, sizeof *s->start);
    s->logits = hw3i_alloc(s->ctx, n, s->n_vocab * (int64_t)sizeof *s->logits);
    s->has_logits = hw3i_calloc(s->ctx, n, sizeof *s->has_logits);
    s->n_dropped = hw3i_calloc(s->ctx, n, sizeof *s->n_dropped);
    s->drawn = hw3i_alloc(s->ctx, s->n_sequences, sizeof *s->drawn);
    s->logprobs = hw3i_alloc(s->ctx, s->n_sequences, sizeof *s->logprobs);
    const bool all = s->tokens && s->start && s->logits && s->has_logits && s->n_dropped && s->drawn && s->logprobs;
    return all ? HW3_OK : HW3_ERR_NOMEM;
}

hw3_status hw3i_session_create(hw3_model *m, const hw3_session_opts *o, hw3_session **out)
{
    hw3_session *s = hw3i_calloc(m->ctx, 1, sizeof *s);
    *out = NULL;
    if (!s) return HW3_ERR_NOMEM;
    hw3i_ctx_retain(m->ctx);
    hw3i_model_retain(m);
    s->ctx = m->ctx;
    s->model = m;
    s->n_ctx = o->n_ctx;
    s->n_tokens = o->n_tokens;
    s->n_sequences = o->n_sequences;
    s->n_vocab = m->config.n_vocab;
    const hw3_status status = make_parts(s, o);
    if (status) hw3i_session_destroy(s);
    else *out = s;
    return status;
}

void hw3i_session_destroy(hw3_session *s)
{
    if (!s) return;
    hw3_ctx *ctx = s->ctx;
    hw3i_free(ctx, s->top_logprobs);
    hw3i_free(ctx, s->top);
    hw3i_free(ctx, s->logprobs);
    hw3i_free(ctx, s->drawn);
    hw3i_free(ctx, s->n_dropped);
    hw3i_free(ctx, s->has_logits);
    hw3i_free(ctx, s->logits);
    hw3i_free(ctx, s->start);
    hw3i_free(ctx, s->tokens);
    hw3i_kv_destroy(s->kv);
    hw3i_graph_destroy(s->graph);
    hw3i_model_destroy(s->model);
    hw3i_free(ctx, s);
    hw3i_ctx_release(ctx);
}

hw3_status hw3i_session_check(const hw3_session *s, const char *who, const int64_t *sequences, int64_t n)
{
    if (n < 1 || n > s->n_sequences)
        return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: n is %lld, expected 1 to %lld", who, (long long)n, (long long)s->n_sequences);
    if (!sequences) return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: sequences is NULL", who);
    for (int64_t i = 0; i < n; i++) {
        if (sequences[i] < 0 || sequences[i] >= s->n_sequences)
            return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: sequence is %lld, expected 0 to %lld", who, (long long)sequences[i],
                             (long long)s->n_sequences - 1);
        for (int64_t j = 0; j < i; j++)
            if (sequences[i] == sequences[j])
                return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: sequence %lld stands at %lld and %lld", who, (long long)sequences[i],
                                 (long long)j, (long long)i);
    }
    return HW3_OK;
}

hw3_status hw3i_session_stop(const hw3_session *s, const char *who, const int64_t **stop, int64_t *n)
{
    if (*n < -1 || *n > s->n_vocab)
        return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: n_stop is %lld, expected -1 to %lld", who, (long long)*n,
                         (long long)s->n_vocab);
    if (*n == -1 ? *stop != NULL : *n && !*stop)
        return hw3i_fail(s->ctx, HW3_ERR_ARG, "%s: n_stop is %lld, but stop is %s", who, (long long)*n, *stop ? "given" : "NULL");
    for (int64_t i = 0; i < *n; i++)
        if ((*stop)[i] < 0 || (*stop)[i] >= s->n_vocab)
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "%s: stop[%lld] is %lld, must be 0 to %lld", who, (long long)i,
                             (long long)(*stop)[i], (long long)s->n_vocab - 1);
    if (*n == -1) *stop = &s->model->config.eos_id, *n = **stop >= 0;
    return HW3_OK;
}

bool hw3i_session_stops(const int64_t *stop, int64_t n, int64_t token)
{
    for (int64_t i = 0; i < n; i++)
        if (stop[i] == token) return true;
    return false;
}

hw3_status hw3i_session_check_logits(const hw3_session *s, const char *who, int64_t sequence)
{
    if (s->has_logits[sequence]) return HW3_OK;
    return hw3i_fail(s->ctx, HW3_ERR_STATE, "%s: no token was fed to sequence %lld since it was empty or cut short", who,
                     (long long)sequence);
}

static hw3_status check_tokens(const hw3_session *s, const int64_t *tokens, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (tokens[i] < 0 || tokens[i] >= s->n_vocab)
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "session: token %lld is %lld, must be 0 to %lld", (long long)i,
                             (long long)tokens[i], (long long)s->n_vocab - 1);
    return HW3_OK;
}

static hw3_status check_room(const hw3_session *s, int64_t sequence, int64_t n)
{
    if (n <= s->n_ctx - hw3i_session_n(s, sequence)) return HW3_OK;
    return hw3i_fail(s->ctx, HW3_ERR_FULL, "session: sequence %lld has %lld tokens and room for %lld, not for %lld more",
                     (long long)sequence, (long long)hw3i_session_n(s, sequence), (long long)s->n_ctx, (long long)n);
}

/* Rows of logits on their way out. */
typedef struct delivery {
    const hw3_session *s;
    const hw3i_node *y; /* [.., n_vocab] */
    float *out;         /* [rows, n_vocab]; NULL: they are only looked at */
    atomic_bool is_bad;
} delivery;

static double logit_at(const hw3i_node *y, int64_t i)
{
    return y->dtype == HW3_F32 ? ((const float *)y->value)[i] : ((const double *)y->value)[i];
}

static void copy_row(const hw3i_node *y, int64_t row, int64_t n, float *out)
{
    if (y->dtype == HW3_F32) memcpy(out, (const float *)y->value + row * n, (size_t)n * sizeof *out);
    else for (int64_t i = 0; i < n; i++) out[i] = (float)logit_at(y, row * n + i);
}

/* The sum is not finite where a logit is not; the other way round it may be too large. */
static void deliver_row(void *arg, int64_t row, int worker)
{
    delivery *d = arg;
    const int64_t n = d->s->n_vocab, first = row * n;
    (void)worker;
    if (d->out) copy_row(d->y, row, n, d->out + first);
    if (d->y->dtype == HW3_F32 && isfinite(d->s->ctx->kern->f32->sum(n, (const float *)d->y->value + first))) return;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite((float)logit_at(d->y, first + i))) atomic_store(&d->is_bad, true);
}

/* Copies rows of logits to out unless that is NULL. HW3_ERR_VALUE when one is not finite. */
static hw3_status deliver(const hw3_session *s, hw3_var logits, float *out)
{
    const hw3i_node *y = hw3i_node_of(s->graph, logits);
    if (!y) return logits;
    delivery d = { .s = s, .y = y, .out = out };
    hw3i_pool_run(s->ctx->pool, y->n / s->n_vocab, deliver_row, &d);
    for (int64_t i = 0; i < y->n && d.is_bad; i++)
        if (!isfinite((float)logit_at(y, i)))
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "session: the logit of token %lld is %g", (long long)(i % s->n_vocab),
                             logit_at(y, i));
    return HW3_OK;
}

/* The last hidden values [B, T, d_model] of tokens [B, T]. */
static hw3_var hidden_of(hw3_session *s, hw3i_state *st, const int64_t *tokens)
{
    void *ids;
    hw3i_graph_begin(s->graph);
    const hw3_var in = hw3i_leaf(s->graph, HW3_I64, 2, (int64_t[]){ st->B, st->T }, &ids);
    if (in < 0) return in;
    memcpy(ids, tokens, (size_t)(st->B * st->T) * sizeof *tokens);
    for (int64_t b = 0; b < st->B; b++) s->start[b] = hw3i_session_n(s, st->which[b]);
    const hw3i_given given = { .types = HW3_NONE, .lengths = HW3_NONE, .start = s->start, .state = st };
    return hw3i_model_hidden(s->model, s->graph, in, &given);
}

/* Logits of the hidden values t0 to t1 - 1 of each sequence. */
static hw3_var logits_of(hw3_session *s, const hw3i_state *st, hw3_var hidden, int64_t t0, int64_t t1)
{
    if (t1 - t0 < st->T) hidden = hw3i_slice(s->graph, hidden, 1, t0, t1);
    return hw3i_model_head(s->model, s->graph, hidden);
}

/* What a pass is to give of its only sequence. */
typedef struct wanted {
    float *logits;         /* [T, n_vocab]; may be NULL */
    double *sum;           /* of the log-probabilities of next [n_sum]; may be NULL */
    const int64_t *next;
    int64_t n_sum;
} wanted;

/* Adds log p(next[t] | what stands before) for the n rows of logits. */
static hw3_status add_logprobs(hw3_session *s, hw3_var logits, const int64_t *next, int64_t n, double *sum)
{
    float *row = hw3i_arena_alloc(&s->graph->arena, s->n_vocab, sizeof *row);
    hw3_status status = row ? HW3_OK : HW3_ERR_NOMEM;
    for (int64_t t = 0; t < n && !status; t++) {
        double one = 0;
        copy_row(hw3i_node_of(s->graph, logits), t, s->n_vocab, row);
        status = hw3i_logprobs(s->ctx, row, s->n_vocab, next[t], &one, 0, NULL, NULL);
        *sum += one;
    }
    return status;
}

/* What is wanted of the logits of all T tokens of one sequence, so many rows at a time that they need little memory. */
static hw3_status all_logits(hw3_session *s, const hw3i_state *st, hw3_var hidden, const wanted *w)
{
    const hw3i_graph_mark mark = hw3i_graph_mark_of(s->graph);
    hw3_status status = HW3_OK;
    for (int64_t t = 0; t < st->T && !status; t += ROWS) {
        const hw3_var logits = logits_of(s, st, hidden, t, hw3i_min(st->T, t + ROWS));
        status = deliver(s, logits, w->logits ? w->logits + t * s->n_vocab : NULL);
        if (!status && w->sum) status = add_logprobs(s, logits, w->next + t, hw3i_min(ROWS, w->n_sum - t), w->sum);
        if (!status) hw3i_graph_rewind(s->graph, mark);
    }
    return status;
}

/* T tokens behind each of B sequences. keep: the last logits become the sequence's. */
static hw3_status pass(hw3_session *s, hw3i_state *st, const int64_t *tokens, const wanted *w, bool keep)
{
    hw3_status status = hw3i_kv_begin(st);
    const hw3_var hidden = status ? status : hidden_of(s, st, tokens);
    hw3_var last = HW3_NONE;
    status = hidden < 0 ? hidden : HW3_OK;
    if (!status && (w->logits || w->sum)) status = all_logits(s, st, hidden, w);
    if (!status && keep && !w->logits) status = deliver(s, last = logits_of(s, st, hidden, st->T - 1, st->T), NULL);
    for (int64_t b = 0; b < st->B; b++) {
        const int64_t q = st->which[b], n = hw3i_session_n(s, q);
        if (status) hw3i_kv_truncate(s->kv, q, n); /* gives back the room */
        else memcpy(s->tokens + q * s->n_ctx + n, tokens + b * st->T, (size_t)st->T * sizeof *tokens);
        if (status || !keep) continue;
        float *logits = s->logits + q * s->n_vocab;
        if (w->logits) memcpy(logits, w->logits + (st->T - 1) * s->n_vocab, (size_t)s->n_vocab * sizeof *logits);
        else copy_row(hw3i_node_of(s->graph, last), b, s->n_vocab, logits);
        s->has_logits[q] = true;
    }
    if (!status) hw3i_kv_commit(st);
    return status;
}

hw3_status hw3i_session_feed(hw3_session *s, int64_t sequence, const int64_t *tokens, int64_t n, float *logits, double *logprob)
{
    const int64_t before = hw3i_session_n(s, sequence);
    const bool foreseen = s->has_logits[sequence];
    double sum = 0;
    hw3_status status = check_tokens(s, tokens, n);
    if (!status) status = check_room(s, sequence, n);
    if (!status && logprob && foreseen)
        status = hw3i_logprobs(s->ctx, s->logits + sequence * s->n_vocab, s->n_vocab, tokens[0], &sum, 0, NULL, NULL);
    hw3i_kv_mark(s->kv, sequence);
    for (int64_t i = 0; i < n && !status; i += PIECE) {
        hw3i_state st = { s->kv, 1, hw3i_min(PIECE, n - i), &sequence };
        const wanted w = { logits ? logits + i * s->n_vocab : NULL, logprob ? &sum : NULL, tokens + i + 1,
                           hw3i_min(st.T, n - i - 1) };
        status = pass(s, &st, tokens + i, &w, i + PIECE >= n);
        if (status) hw3i_kv_return(s->kv, sequence, before);
    }
    if (!status && logprob) *logprob = sum / (double)(foreseen ? n : n - 1);
    return status;
}

hw3_status hw3i_session_step(hw3_session *s, const int64_t *sequences, const int64_t *tokens, int64_t n)
{
    hw3i_state st = { s->kv, n, 1, sequences };
    hw3_status status = check_tokens(s, tokens, n);
    for (int64_t b = 0; b < n && !status; b++) status = check_room(s, sequences[b], 1);
    return status ? status : pass(s, &st, tokens, &(wanted){ 0 }, true);
}

void hw3i_session_fork(hw3_session *s, int64_t from, int64_t to)
{
    if (from == to) return;
    hw3i_kv_fork(s->kv, from, to);
    memcpy(s->tokens + to * s->n_ctx, s->tokens + from * s->n_ctx, (size_t)hw3i_session_n(s, from) * sizeof *s->tokens);
    s->has_logits[to] = s->has_logits[from];
    s->n_dropped[to] = s->n_dropped[from];
    if (s->has_logits[to])
        memcpy(s->logits + to * s->n_vocab, s->logits + from * s->n_vocab, (size_t)s->n_vocab * sizeof *s->logits);
}

/* Feeds n of a sequence's tokens, from first on, and one more, NULL for none, to the spare sequence, which takes its place. */
static hw3_status rebuild(hw3_session *s, int64_t sequence, int64_t first, int64_t n, const int64_t *more)
{
    const int64_t spare = s->n_sequences, n_dropped = s->n_dropped[sequence] + first;
    hw3_status status = n ? hw3i_session_feed(s, spare, s->tokens + sequence * s->n_ctx + first, n, NULL, NULL) : HW3_OK;
    if (!status && more) status = hw3i_session_feed(s, spare, more, 1, NULL, NULL);
    if (!status) {
        hw3i_session_fork(s, spare, sequence);
        s->n_dropped[sequence] = n_dropped;
    }
    hw3i_kv_truncate(s->kv, spare, 0);
    return status;
}

hw3_status hw3i_session_slide(hw3_session *s, int64_t sequence, int64_t token)
{
    const int64_t keep = s->n_ctx / 2;
    return rebuild(s, sequence, s->n_ctx - keep, keep, &token);
}

hw3_status hw3i_session_truncate(hw3_session *s, int64_t sequence, int64_t n)
{
    const bool cut = n < hw3i_session_n(s, sequence);
    hw3_status status = cut && n && s->kv->state_bytes ? rebuild(s, sequence, 0, n, NULL) : HW3_OK;
    if (status) return status;
    if (cut) s->has_logits[sequence] = false;
    if (n == 0) s->n_dropped[sequence] = 0;
    hw3i_kv_truncate(s->kv, sequence, n);
    return HW3_OK;
}
