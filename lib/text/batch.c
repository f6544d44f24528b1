/* SPDX-License-Identifier: MIT */
/* Many texts at once. Threads may take no memory, so each has room for texts up to a size; a text that needs more, or that fails,
 * is encoded again on the caller's thread, which then also leaves the message. */
#include "text/tokenizer.h"
#include "base/pool.h"

#define ROUND (1 << 22)   /* bytes of text that are in work at once */
#define MOST_TEXT (1 << 18) /* bytes of a text that a thread takes */

typedef struct batch {
    hw3_tokenizer *tok;
    const char *const *texts;
    const int64_t *n_bytes;
    int64_t first;     /* text of this round */
    int64_t *at;       /* places of its tokens in out */
    int32_t *out;
    int64_t *counts;   /* -1: to be encoded again */
} batch;

static int64_t size_of(const batch *b, int64_t i)
{
    return b->n_bytes && b->n_bytes[i] >= 0 ? b->n_bytes[i] : (int64_t)strlen(b->texts[i]);
}

static void encode_one(void *arg, int64_t tile, int worker)
{
    const batch *b = arg;
    const int64_t i = b->first + tile, n = size_of(b, i), room = b->at[tile + 1] - b->at[tile];
    hw3i_work *w = &b->tok->work[worker];
    w->n_tokens = 0;
    const bool fits = n <= MOST_TEXT && !hw3i_encode(b->tok, w, b->texts[i], n) && w->n_tokens <= room;
    b->counts[i] = fits ? w->n_tokens : -1;
    if (fits) memcpy(b->out + b->at[tile], w->tokens, (size_t)w->n_tokens * sizeof *b->out);
}

hw3_status hw3i_work_reserve(hw3i_work *w, bool edits, int64_t n)
{
    hw3_status s = hw3i_room(w, &w->pieces, &w->cap_pieces, n + 1, sizeof *w->pieces);
    if (!s) s = hw3i_room(w, &w->cuts, &w->cap_cuts, n + 1, sizeof *w->cuts);
    if (!s) s = hw3i_room(w, &w->tokens, &w->cap_tokens, n + 16, sizeof *w->tokens);
    if (!s) s = hw3i_room(w, &w->token.bytes, &w->token.cap, 2 * n, 1);
    if (!s && w->bpe) s = hw3i_bpe_reserve(w, n);
    for (int i = 0; i < 3 && edits && !s; i++) {
        s = hw3i_room(w, &w->chars, &w->cap_chars, 3 * n, sizeof *w->chars);
        if (!s) s = hw3i_room(w, &w->edits[i].bytes, &w->edits[i].cap, 3 * n + 64, 1);
        if (!s) s = hw3i_room(w, &w->edits[i].origin, &w->edits[i].cap_origin, 3 * n + 64, sizeof *w->edits[i].origin);
    }
    return s;
}

/* Texts first to end - 1 into out, as far as threads can. */
static hw3_status run_round(batch *b, int64_t end, int64_t most, bool find_special)
{
    hw3_tokenizer *tok = b->tok;
    const int n_works = hw3i_pool_n_threads(tok->ctx->pool);
    hw3_status s = hw3i_works(tok, n_works);
    for (int i = 0; i < n_works && !s; i++) s = hw3i_work_reserve(&tok->work[i], tok->edits, hw3i_min(most, MOST_TEXT));
    if (s) return s;
    for (int i = 0; i < n_works; i++) {
        hw3i_work *w = &tok->work[i];
        w->wants_offsets = false, w->find_special = find_special, w->ctx = NULL;
        hw3i_match_set_ctx(w->match, NULL);
    }
    hw3i_pool_run(tok->ctx->pool, end - b->first, encode_one, b);
    for (int i = 0; i < n_works; i++) {
        tok->work[i].ctx = tok->ctx;
        hw3i_match_set_ctx(tok->work[i].match, tok->ctx);
    }
    return HW3_OK;
}

/* Behind what is in w0's own list, which is moved out of the way of encoding. */
static hw3_status append(batch *b, int64_t end, hw3i_text *all)
{
    hw3i_work *w = b->tok->work;
    hw3_status s = HW3_OK;
    for (int64_t i = b->first; i < end && !s; i++) {
        const int32_t *from = b->out + b->at[i - b->first];
        if (b->counts[i] < 0) {
            w->n_tokens = 0;
            s = hw3i_encode(b->tok, w, b->texts[i], size_of(b, i));
            b->counts[i] = w->n_tokens;
            from = w->tokens;
        }
        if (!s) s = hw3i_text_put(w, all, (const char *)from, b->counts[i] * (int64_t)sizeof *from);
    }
    return s;
}

hw3_status hw3i_encode_batch(hw3_tokenizer *tok, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                             bool find_special, int32_t **tokens, int64_t *counts)
{
    batch b = { .tok = tok, .texts = texts, .n_bytes = n_bytes, .counts = counts };
    hw3i_text all = { 0 };
    int64_t cap_at = 0, cap_out = 0;
    hw3_status s = hw3i_grow(tok->ctx, &all.bytes, &all.cap, 4, 1); /* of no tokens there is a pointer too */
    for (int64_t end = 0; b.first < n_texts && !s; b.first = end) {
        int64_t n = 0, most = 0;
        for (end = b.first; end < n_texts && (end == b.first || n < ROUND) && !s; end++) {
            const int64_t size = size_of(&b, end);
            s = hw3i_grow(tok->ctx, &b.at, &cap_at, end - b.first + 2, sizeof *b.at);
            if (s) break;
            b.at[end - b.first] = n;
            n += hw3i_min(size, MOST_TEXT); /* no model here makes more tokens than bytes */
            b.at[end - b.first + 1] = n;
            most = hw3i_max(most, size);
        }
        if (!s) s = hw3i_grow(tok->ctx, &b.out, &cap_out, n + 1, sizeof *b.out);
        if (!s) s = run_round(&b, end, most, find_special);
        if (!s) s = append(&b, end, &all);
    }
    hw3i_free(tok->ctx, b.at);
    hw3i_free(tok->ctx, b.out);
    if (s) hw3i_free(tok->ctx, all.bytes);
    *tokens = s ? NULL : (int32_t *)(void *)all.bytes;
    return s;
}
