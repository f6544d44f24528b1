/* SPDX-License-Identifier: MIT */
/* Beam search over sequences of a session that are forked, stepped and emptied, nothing else.
 *
 * A text that runs stands in a sequence, its place. Of the texts that go on from it the likeliest stays there, and the others are
 * forked into places of texts that nothing goes on from. */
#include "infer/beam.h"
#include "infer/sampler.h"
#include <math.h>

typedef struct text {
    double sum; /* of log-probabilities */
    int64_t place; /* of beams; n_beams: the prompt */
} text;

/* One more token behind text `parent` of those that run. */
typedef struct candidate {
    double sum;
    int64_t parent, token;
} candidate;

typedef struct ended {
    double score;
    int64_t n, *tokens; /* tokens: [max_tokens] */
} ended;

typedef struct search {
    hw3_session *s;
    const hw3_beam_opts *o;
    const int64_t *beams;
    int64_t prompt, n_prompt, n_beams; /* prompt: its sequence */
    int64_t n;                         /* tokens behind the prompt of every text that runs */
    text *texts, *running, *next;      /* running, next: [n_beams] of texts, in falling order */
    candidate *candidates;             /* [max_candidates], the likeliest in falling order */
    ended *ended;                      /* [n_beams], in falling order */
    int64_t n_running, n_candidates, max_candidates, n_ended;
    int64_t *tokens;                   /* [n_beams, max_tokens], of those ended */
    int64_t *which, *last;             /* [n_beams], of a step */
    bool *taken;                       /* [n_beams], places */
} search;

static int64_t sequence_of(const search *b, int64_t place) { return place < b->n_beams ? b->beams[place] : b->prompt; }

/* What stands behind the prompt in a place. */
static const int64_t *tokens_of(const search *b, int64_t place)
{
    return b->s->tokens + sequence_of(b, place) * b->s->n_ctx + b->n_prompt;
}

/* Where candidate c belongs among the likeliest, if it does. Of equal ones the first stays in front. */
static void offer(search *b, candidate c)
{
    int64_t at = b->n_candidates;
    if (at == b->max_candidates && c.sum <= b->candidates[at - 1].sum) return;
    if (at < b->max_candidates) b->n_candidates++;
    else at--;
    for (; at > 0 && c.sum > b->candidates[at - 1].sum; at--) b->candidates[at] = b->candidates[at - 1];
    b->candidates[at] = c;
}

/* sum + log p(token) for every token behind every text. */
static hw3_status extend(search *b)
{
    b->n_candidates = 0;
    for (int64_t i = 0; i < b->n_running; i++) {
        const float *logits = b->s->logits + sequence_of(b, b->running[i].place) * b->s->n_vocab;
        double log_sum;
        hw3_status status = hw3i_log_sum(b->s->ctx, logits, b->s->n_vocab, &log_sum);
        if (status) return status;
        for (int64_t v = 0; v < b->s->n_vocab; v++) offer(b, (candidate){ b->running[i].sum + (logits[v] - log_sum), i, v });
    }
    return HW3_OK;
}

/* sum / n^length_penalty */
static double score_of(const search *b, double sum, int64_t n) { return sum / pow((double)n, b->o->length_penalty); }

static void end(search *b, const candidate *c)
{
    const int64_t n = b->n + 1;
    const double score = score_of(b, c->sum, n);
    int64_t at = b->n_ended;
    if (at == b->n_beams && score <= b->ended[at - 1].score) return;
    if (at < b->n_beams) b->ended[b->n_ended++].tokens = b->tokens + at * b->o->max_tokens;
    else at--;
    const ended e = { score, n, b->ended[at].tokens };
    memcpy(e.tokens, tokens_of(b, b->running[c->parent].place), (size_t)b->n * sizeof *e.tokens);
    e.tokens[b->n] = c->token;
    for (; at > 0 && score > b->ended[at - 1].score; at--) b->ended[at] = b->ended[at - 1];
    b->ended[at] = e;
}

/* Parts candidates into texts that end and the n_beams that go on, which come to the front; returns how many those are. */
static int64_t part(search *b)
{
    const bool full = b->n + 1 == b->o->max_tokens;
    int64_t n = 0;
    for (int64_t i = 0; i < b->n_candidates; i++) {
        const candidate c = b->candidates[i];
        if (full || hw3i_session_stops(b->o->stop, b->o->n_stop, c.token)) {
            if (i < b->n_beams) end(b, &c);
        } else if (n < b->n_beams) {
            b->candidates[n++] = c;
        }
    }
    return n;
}

/* With n candidates to go on. */
static bool is_over(const search *b, int64_t n)
{
    const hw3_beam_opts *o = b->o;
    if (!n) return true;
    if (b->n_ended < b->n_beams) return false;
    if (o->early_stop == HW3_EARLY_STOP_FULL) return true;
    const bool grows = o->early_stop == HW3_EARLY_STOP_NEVER && o->length_penalty > 0;
    return score_of(b, b->candidates[0].sum, grows ? o->max_tokens : b->n + 1) <= b->ended[b->n_beams - 1].score;
}

/* The first n candidates become the texts that run. */
static hw3_status go_on(search *b, int64_t n)
{
    memset(b->taken, 0, (size_t)b->n_beams * sizeof *b->taken);
    for (int64_t i = 0; i < n; i++) {
        const int64_t place = b->running[b->candidates[i].parent].place;
        const bool stays = place < b->n_beams && !b->taken[place];
        b->next[i] = (text){ b->candidates[i].sum, stays ? place : -1 };
        if (stays) b->taken[place] = true;
    }
    for (int64_t i = 0, free = 0; i < n; i++) {
        if (b->next[i].place < 0) {
            while (b->taken[free]) free++;
            b->next[i].place = free++;
            hw3i_session_fork(b->s, sequence_of(b, b->running[b->candidates[i].parent].place), b->beams[b->next[i].place]);
        }
        b->which[i] = b->beams[b->next[i].place];
        b->last[i] = b->candidates[i].token;
    }
    text *old = b->running;
    b->running = b->next;
    b->next = old;
    b->n_running = n;
    b->n++;
    return hw3i_session_step(b->s, b->which, b->last, n);
}

static hw3_status tell(const search *b)
{
    const hw3_beam_opts *o = b->o;
    const text *t = &b->running[0];
    if (!o->progress || !o->progress(o->progress_user, tokens_of(b, t->place), b->n, t->sum)) return HW3_OK;
    return hw3i_fail(b->s->ctx, HW3_ERR_CANCELLED, "beam_search: stopped by the callback after %lld tokens", (long long)b->n);
}

static hw3_status run(search *b)
{
    hw3_status status = extend(b);
    for (int64_t n = status ? 0 : part(b); !status && !is_over(b, n); n = part(b)) {
        status = go_on(b, n);
        if (!status) status = tell(b);
        if (!status) status = extend(b);
        if (status) break;
    }
    return status;
}

static void hand_back(const search *b, int64_t *tokens, int64_t *lengths, double *scores)
{
    for (int64_t i = 0; i < b->o->n_best; i++) {
        const bool there = i < b->n_ended;
        int64_t *row = tokens + i * b->o->max_tokens;
        lengths[i] = there ? b->ended[i].n : 0;
        scores[i] = there ? b->ended[i].score : -INFINITY;
        memset(row, 0, (size_t)b->o->max_tokens * sizeof *row);
        if (there) memcpy(row, b->ended[i].tokens, (size_t)lengths[i] * sizeof *row);
    }
}

static hw3_status make_room(search *b)
{
    hw3_ctx *ctx = b->s->ctx;
    b->max_candidates = b->n_beams * hw3i_min(1 + b->o->n_stop, b->s->n_vocab);
    b->texts = hw3i_alloc(ctx, 2 * b->n_beams, sizeof *b->texts);
    b->candidates = b->texts ? hw3i_alloc(ctx, b->max_candidates, sizeof *b->candidates) : NULL;
    b->ended = b->candidates ? hw3i_alloc(ctx, b->n_beams, sizeof *b->ended) : NULL;
    b->tokens = b->ended ? hw3i_alloc(ctx, b->n_beams, b->o->max_tokens * (int64_t)sizeof *b->tokens) : NULL;
    b->which = b->tokens ? hw3i_alloc(ctx, 2 * b->n_beams, sizeof *b->which) : NULL;
    b->taken = b->which ? hw3i_alloc(ctx, b->n_beams, sizeof *b->taken) : NULL;
    if (!b->taken) return HW3_ERR_NOMEM;
    b->running = b->texts;
    b->next = b->texts + b->n_beams;
    b->last = b->which + b->n_beams;
    return HW3_OK;
}

hw3_status hw3i_beam_search(hw3_session *s, int64_t sequence, const int64_t *beams, int64_t n_beams, const hw3_beam_opts *o,
                            int64_t *tokens, int64_t *lengths, double *scores)
{
    search b = { .s = s, .o = o, .beams = beams, .prompt = sequence, .n_prompt = hw3i_session_n(s, sequence),
                 .n_beams = n_beams };
    hw3_status status = make_room(&b);
    if (!status) {
        b.running[0] = (text){ 0, n_beams };
        b.n_running = 1;
        status = run(&b);
    }
    if (!status) hand_back(&b, tokens, lengths, scores);
    for (int64_t i = 0; i < n_beams; i++) (void)hw3i_session_truncate(s, beams[i], 0);
    hw3i_free(s->ctx, b.taken);
    hw3i_free(s->ctx, b.which);
    hw3i_free(s->ctx, b.tokens);
    hw3i_free(s->ctx, b.ended);
    hw3i_free(s->ctx, b.candidates);
    hw3i_free(s->ctx, b.texts);
    return status;
}
