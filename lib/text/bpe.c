/* SPDX-License-Identifier: MIT */
/* Byte pair encoding of one piece [Sennrich16]: of all pairs of neighbours the one that was joined first in training is joined,
 * the leftmost of equal ones, until no neighbours are a pair. */
#include "text/tokenizer.h"
#include "base/text.h"
#include <stdio.h>

#define NONE INT32_MAX   /* the rank of what is no pair */
#define SHORT 48         /* symbols of a piece that is searched anew after each joining: n^2 steps, but in the fastest memory */
#define MOST_BYTES 46
#define MOST_TOKENS 20

struct hw3i_pair {
    uint64_t key; /* a << 32 | b; all ones: free */
    int32_t rank, joined;
};

/* Pieces of before and their tokens: a place for each hash, which the newest takes. Two cache lines. */
typedef struct remembered {
    int32_t tokens[MOST_TOKENS];
    uint8_t n, n_tokens; /* n: bytes, 0: free */
    char bytes[MOST_BYTES];
} remembered;

struct hw3i_bpe_work {
    hw3_ctx *ctx;
    remembered *cache;
    int64_t n_cache;
    int32_t *tokens, *ends, *ranks, *before, *after; /* of a long piece: symbols and their neighbours */
    uint64_t *heap;                                  /* rank << 32 | place, the least on top */
    int64_t cap_each[6], n_heap;
};

static uint64_t key_of(int32_t a, int32_t b) { return (uint64_t)(uint32_t)a << 32 | (uint32_t)b; }
static int64_t place_of(uint64_t key, int64_t n) { return (int64_t)((key * 0x9E3779B97F4A7C15u) >> 20 & (uint64_t)(n - 1)); }

static const struct hw3i_pair *pair_of(const hw3_tokenizer *tok, int32_t a, int32_t b)
{
    const uint64_t key = key_of(a, b);
    for (int64_t i = place_of(key, tok->n_pairs);; i = (i + 1) & (tok->n_pairs - 1)) {
        const struct hw3i_pair *p = &tok->pairs[i];
        if (p->key == key) return p;
        if (p->key == UINT64_MAX) return NULL;
    }
}

static int32_t rank_of(const hw3_tokenizer *tok, int32_t a, int32_t b)
{
    const struct hw3i_pair *p = pair_of(tok, a, b);
    return p ? p->rank : NONE;
}

hw3_status hw3i_merge_put(hw3_tokenizer *tok, int32_t a, int32_t b, int32_t joined)
{
    hw3_status s = hw3i_grow(tok->ctx, &tok->merges, &tok->cap_merges, tok->n_merges + 1, sizeof *tok->merges);
    if (!s) tok->merges[tok->n_merges++] = (hw3i_merge){ a, b, joined };
    return s;
}

/* At most half of the places are taken. A pair that is there twice has the later rank, as in tokenizers. */
hw3_status hw3i_bpe_finish(hw3_tokenizer *tok)
{
    int64_t n = 16;
    while (n < 2 * tok->n_merges) n *= 2;
    struct hw3i_pair *pairs = hw3i_alloc(tok->ctx, n, sizeof *pairs);
    if (!pairs) return HW3_ERR_NOMEM;
    memset(pairs, 0xFF, (size_t)n * sizeof *pairs);
    for (int64_t r = 0; r < tok->n_merges; r++) {
        const hw3i_merge *m = &tok->merges[r];
        const uint64_t key = key_of(m->a, m->b);
        int64_t i = place_of(key, n);
        while (pairs[i].key != UINT64_MAX && pairs[i].key != key) i = (i + 1) & (n - 1);
        pairs[i] = (struct hw3i_pair){ key, (int32_t)r, m->joined };
    }
    hw3i_free(tok->ctx, tok->pairs);
    tok->pairs = pairs;
    tok->n_pairs = n;
    for (int b = 0; b < 256; b++) {
        char text[8], byte = (char)b;
        const int64_t n_text = tok->byte_level ? hw3i_bytes_show(&byte, 1, text) : snprintf(text, sizeof text, "<0x%02X>", b);
        tok->byte_token[b] = hw3i_vocab_find(&tok->vocab, text, n_text);
    }
    return HW3_OK;
}

/* As many places as tokens, but no more than fit the processor's second cache. */
hw3_status hw3i_bpe_work_create(const hw3_tokenizer *tok, struct hw3i_bpe_work **out)
{
    struct hw3i_bpe_work *b = hw3i_calloc(tok->ctx, 1, sizeof *b);
    if (!b) return HW3_ERR_NOMEM;
    b->ctx = tok->ctx;
    for (b->n_cache = 64; b->n_cache < tok->vocab.n && b->n_cache < 8192;) b->n_cache *= 2;
    b->cache = hw3i_calloc(tok->ctx, b->n_cache, sizeof *b->cache);
    *out = b;
    return b->cache ? HW3_OK : HW3_ERR_NOMEM;
}

void hw3i_bpe_work_free(hw3_ctx *ctx, struct hw3i_bpe_work *b)
{
    if (!b) return;
    hw3i_free(ctx, b->cache);
    hw3i_free(ctx, b->tokens);
    hw3i_free(ctx, b->ends);
    hw3i_free(ctx, b->ranks);
    hw3i_free(ctx, b->before);
    hw3i_free(ctx, b->after);
    hw3i_free(ctx, b->heap);
    hw3i_free(ctx, b);
}

hw3_status hw3i_bpe_reserve(hw3i_work *w, int64_t n)
{
    struct hw3i_bpe_work *b = w->bpe;
    if (n >= INT32_MAX / 2)
        return hw3i_fail(w->ctx, HW3_ERR_VALUE, "tokenizer: a piece of %lld bytes, at most %d", (long long)n, INT32_MAX / 2);
    hw3_status s = HW3_OK;
    int32_t **arrays[5] = { &b->tokens, &b->ends, &b->ranks, &b->before, &b->after };
    for (int i = 0; i < 5 && !s; i++) s = hw3i_room(w, arrays[i], &b->cap_each[i], n, sizeof **arrays[i]);
    return s ? s : hw3i_room(w, &b->heap, &b->cap_each[5], 2 * n, sizeof *b->heap);
}

/* The symbols that a piece begins as: its bytes, or its characters. A character without a token becomes its bytes
 * (byte_fallback), or the unknown token, one for each or one for all in a row (fuse_unknown). ends: behind the last byte of each in
 * the piece. */
static hw3_status char_symbols(const hw3_tokenizer *tok, const hw3i_work *w, const char *piece, int64_t n, int32_t *tokens,
                               int32_t *ends, int64_t *n_symbols)
{
    int64_t k = 0;
    bool was_unknown = false;
    for (int64_t i = 0, len; i < n; i += len) {
        len = hw3i_max(1, hw3i_utf8_length(piece + i, n - i));
        int32_t token = hw3i_vocab_find(&tok->vocab, piece + i, len);
        bool in_bytes = token < 0 && tok->byte_fallback;
        for (int64_t j = 0; j < len && in_bytes; j++) in_bytes = tok->byte_token[(unsigned char)piece[i + j]] >= 0;
        for (int64_t j = 0; j < len && in_bytes; j++, k++) {
            tokens[k] = tok->byte_token[(unsigned char)piece[i + j]];
            ends[k] = (int32_t)(i + j + 1);
        }
        const bool is_unknown = token < 0 && !in_bytes;
        if (is_unknown) token = tok->unknown;
        if (token < 0 && !in_bytes)
            return hw3i_fail(w->ctx, HW3_ERR_VALUE, "tokenizer: no token stands for '%.*s', and none for what is unknown",
                             (int)len, piece + i);
        if (is_unknown && was_unknown && tok->fuse_unknown) k--;
        if (!in_bytes) tokens[k] = token, ends[k++] = (int32_t)(i + len);
        was_unknown = is_unknown;
    }
    *n_symbols = k;
    return HW3_OK;
}

static hw3_status first_symbols(const hw3_tokenizer *tok, const hw3i_work *w, const char *piece, int64_t n, int32_t *tokens,
                                int32_t *ends, int64_t *n_symbols)
{
    if (!tok->byte_level) return char_symbols(tok, w, piece, n, tokens, ends, n_symbols);
    for (int64_t i = 0; i < n; i++) {
        tokens[i] = tok->byte_token[(unsigned char)piece[i]];
        ends[i] = (int32_t)i + 1;
        if (tokens[i] < 0)
            return hw3i_fail(w->ctx, HW3_ERR_VALUE, "tokenizer: the vocabulary has no token for the byte 0x%02X",
                             (unsigned char)piece[i]);
    }
    *n_symbols = n;
    return HW3_OK;
}

/* Joins in place; returns how many are left. */
static int64_t join_short(const hw3_tokenizer *tok, int32_t *tokens, int32_t *ends, int64_t n)
{
    int32_t ranks[SHORT];
    for (int64_t i = 0; i + 1 < n; i++) ranks[i] = rank_of(tok, tokens[i], tokens[i + 1]);
    while (n > 1) {
        int64_t best = 0;
        for (int64_t i = 1; i + 1 < n; i++)
            if (ranks[i] < ranks[best]) best = i;
        if (ranks[best] == NONE) break;
        tokens[best] = tok->merges[ranks[best]].joined;
        n--;
        for (int64_t i = best + 1; i < n; i++) tokens[i] = tokens[i + 1];
        for (int64_t i = best; i < n; i++) ends[i] = ends[i + 1];
        for (int64_t i = best + 1; i + 1 < n; i++) ranks[i] = ranks[i + 1];
        if (best + 1 < n) ranks[best] = rank_of(tok, tokens[best], tokens[best + 1]);
        if (best > 0) ranks[best - 1] = rank_of(tok, tokens[best - 1], tokens[best]);
    }
    return n;
}

static void heap_push(struct hw3i_bpe_work *b, int32_t rank, int64_t place)
{
    if (rank == NONE) return;
    const uint64_t item = (uint64_t)rank << 32 | (uint64_t)place;
    int64_t i = b->n_heap++;
    for (; i > 0 && b->heap[(i - 1) / 2] > item; i = (i - 1) / 2) b->heap[i] = b->heap[(i - 1) / 2];
    b->heap[i] = item;
}

static uint64_t heap_pop(struct hw3i_bpe_work *b)
{
    const uint64_t top = b->heap[0], last = b->heap[--b->n_heap];
    int64_t i = 0;
    for (int64_t child; (child = 2 * i + 1) < b->n_heap; i = child) {
        if (child + 1 < b->n_heap && b->heap[child + 1] < b->heap[child]) child++;
        if (b->heap[child] >= last) break;
        b->heap[i] = b->heap[child];
    }
    b->heap[i] = last;
    return top;
}

static void new_rank(const hw3_tokenizer *tok, struct hw3i_bpe_work *b, int64_t i, int64_t n)
{
    b->ranks[i] = b->after[i] < n ? rank_of(tok, b->tokens[i], b->tokens[b->after[i]]) : NONE;
    heap_push(b, b->ranks[i], i);
}

/* O(n log n): a heap of pairs, in which those that are no longer there stay until they come up, and a list of neighbours. Every
 * joining takes at least one pair off and puts two on, so that there are never more than 2 n. */
static int64_t join_long(const hw3_tokenizer *tok, struct hw3i_bpe_work *b, int64_t n)
{
    b->n_heap = 0;
    for (int64_t i = 0; i < n; i++) b->before[i] = (int32_t)i - 1, b->after[i] = (int32_t)i + 1;
    for (int64_t i = 0; i < n; i++) new_rank(tok, b, i, n);
    while (b->n_heap) {
        const uint64_t top = heap_pop(b);
        const int64_t i = (int64_t)(top & UINT32_MAX);
        if (b->ranks[i] != (int32_t)(top >> 32)) continue;
        const int32_t gone = b->after[i];
        b->tokens[i] = tok->merges[b->ranks[i]].joined;
        b->ends[i] = b->ends[gone];
        b->ranks[gone] = NONE;
        b->after[i] = b->after[gone];
        if (b->after[i] < n) b->before[b->after[i]] = (int32_t)i;
        new_rank(tok, b, i, n);
        if (b->before[i] >= 0) new_rank(tok, b, b->before[i], n);
    }
    int64_t k = 0;
    for (int64_t i = 0; i < n; i = b->after[i], k++) b->tokens[k] = b->tokens[i], b->ends[k] = b->ends[i];
    return k;
}

static hw3_status push(hw3i_work *w, hw3i_stretch piece, const int32_t *tokens, const int32_t *ends, int64_t n)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < n && !s; i++)
        s = hw3i_push_token(w, tokens[i], piece.first + (i ? ends[i - 1] : 0), piece.first + ends[i]);
    return s;
}

/* The token of a whole piece where merges are not asked for it, else -1. */
static hw3_status whole(const hw3_tokenizer *tok, hw3i_work *w, const char *piece, int64_t n, int32_t *token)
{
    hw3i_text *shown = &w->token;
    *token = -1;
    if (!tok->ignore_merges) return HW3_OK;
    hw3_status s = tok->byte_level ? hw3i_room(w, &shown->bytes, &shown->cap, 2 * n, 1) : HW3_OK;
    if (s) return s;
    *token = tok->byte_level ? hw3i_vocab_find(&tok->vocab, shown->bytes, hw3i_bytes_show(piece, n, shown->bytes))
                             : hw3i_vocab_find(&tok->vocab, piece, n);
    return HW3_OK;
}

static hw3_status encode_short(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece, remembered *keep)
{
    int32_t tokens[SHORT], ends[SHORT];
    int64_t n = 0, n_bytes = piece.end - piece.first;
    const char *text = w->text + piece.first;
    hw3_status s = whole(tok, w, text, n_bytes, tokens);
    if (!s && tokens[0] >= 0) ends[0] = (int32_t)n_bytes, n = 1;
    else if (!s) s = first_symbols(tok, w, text, n_bytes, tokens, ends, &n);
    if (s) return s;
    n = join_short(tok, tokens, ends, n);
    if (keep && n <= MOST_TOKENS) {
        memcpy(keep->bytes, text, (size_t)n_bytes);
        memcpy(keep->tokens, tokens, (size_t)n * sizeof *tokens);
        keep->n = (uint8_t)n_bytes;
        keep->n_tokens = (uint8_t)n;
    }
    return push(w, piece, tokens, ends, n);
}

static hw3_status encode_long(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece)
{
    int64_t n = piece.end - piece.first;
    int32_t all;
    hw3_status s = whole(tok, w, w->text + piece.first, n, &all);
    if (s || all >= 0) return s ? s : hw3i_push_token(w, all, piece.first, piece.end);
    s = hw3i_bpe_reserve(w, n);
    if (!s) s = first_symbols(tok, w, w->text + piece.first, n, w->bpe->tokens, w->bpe->ends, &n);
    if (s) return s;
    n = join_long(tok, w->bpe, n);
    return push(w, piece, w->bpe->tokens, w->bpe->ends, n);
}

hw3_status hw3i_bpe_encode(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece)
{
    const int64_t n = piece.end - piece.first;
    const char *text = w->text + piece.first;
    if (n > SHORT) return encode_long(tok, w, piece);
    if (n > MOST_BYTES) return encode_short(tok, w, piece, NULL);
    remembered *r = &w->bpe->cache[hw3i_hash(text, n) & (uint64_t)(w->bpe->n_cache - 1)];
    if (w->wants_offsets || r->n != n || memcmp(r->bytes, text, (size_t)n)) return encode_short(tok, w, piece, r);
    hw3_status s = hw3i_room(w, &w->tokens, &w->cap_tokens, w->n_tokens + r->n_tokens, sizeof *w->tokens);
    if (s) return s;
    memcpy(w->tokens + w->n_tokens, r->tokens, r->n_tokens * sizeof *r->tokens);
    w->n_tokens += r->n_tokens;
    return HW3_OK;
}
