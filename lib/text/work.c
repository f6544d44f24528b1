/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

hw3_status hw3i_room(hw3i_work *w, void *items, int64_t *cap, int64_t n, int64_t size)
{
    if (n <= *cap) return HW3_OK;
    return w->ctx ? hw3i_grow(w->ctx, items, cap, n, size) : HW3_ERR_FULL;
}

void hw3i_work_free(hw3_ctx *ctx, hw3i_work *w)
{
    for (int i = 0; i < 3; i++) {
        hw3i_free(ctx, w->edits[i].bytes);
        hw3i_free(ctx, w->edits[i].origin);
    }
    hw3i_free(ctx, w->pieces);
    hw3i_free(ctx, w->cuts);
    hw3i_free(ctx, w->tokens);
    hw3i_free(ctx, w->offsets);
    hw3i_free(ctx, w->token.bytes);
    hw3i_free(ctx, w->spare.bytes);
    hw3i_free(ctx, w->chars);
    hw3i_match_destroy(ctx, w->match);
    hw3i_bpe_work_free(ctx, w->bpe);
}

/* Where bytes first to end - 1 of the text come from. */
static hw3i_stretch origin_of(const hw3i_work *w, int64_t first, int64_t end)
{
    if (!w->origin) return (hw3i_stretch){ w->base + first, w->base + end };
    if (first == end) {
        const int64_t at = first < w->n ? w->origin[first].first : w->n ? w->origin[w->n - 1].end : w->base;
        return (hw3i_stretch){ at, at };
    }
    return (hw3i_stretch){ w->origin[first].first, w->origin[end - 1].end };
}

hw3_status hw3i_push_token(hw3i_work *w, int32_t token, int64_t first, int64_t end)
{
    hw3_status s = hw3i_room(w, &w->tokens, &w->cap_tokens, w->n_tokens + 1, sizeof *w->tokens);
    if (!s && w->wants_offsets) s = hw3i_room(w, &w->offsets, &w->cap_offsets, w->n_tokens + 1, sizeof *w->offsets);
    if (s) return s;
    if (w->wants_offsets) w->offsets[w->n_tokens] = origin_of(w, first, end);
    w->tokens[w->n_tokens++] = token;
    return HW3_OK;
}

hw3_status hw3i_push_cut(hw3i_work *w, int64_t first, int64_t end)
{
    if (first >= end) return HW3_OK;
    hw3_status s = hw3i_room(w, &w->cuts, &w->cap_cuts, w->n_cuts + 1, sizeof *w->cuts);
    if (!s) w->cuts[w->n_cuts++] = (hw3i_stretch){ first, end };
    return s;
}

void hw3i_take_cuts(hw3i_work *w)
{
    hw3i_stretch *pieces = w->pieces;
    const int64_t cap = w->cap_pieces;
    w->pieces = w->cuts, w->n_pieces = w->n_cuts, w->cap_pieces = w->cap_cuts;
    w->cuts = pieces, w->n_cuts = 0, w->cap_cuts = cap;
}

void hw3i_edit_begin(hw3i_work *w)
{
    w->next = w->edits;
    while (w->next == w->now || w->next == w->kept) w->next++;
    w->next->n = 0;
}

static hw3_status edit_room(hw3i_work *w, int64_t n)
{
    hw3_status s = hw3i_room(w, &w->next->bytes, &w->next->cap, w->next->n + n, 1);
    return s ? s : hw3i_room(w, &w->next->origin, &w->next->cap_origin, w->next->n + n, sizeof *w->next->origin);
}

hw3_status hw3i_edit_keep(hw3i_work *w, int64_t first, int64_t end)
{
    hw3_status s = edit_room(w, end - first);
    if (s) return s;
    hw3i_text *t = w->next;
    for (int64_t i = first; i < end; i++) {
        t->bytes[t->n] = w->text[i];
        t->origin[t->n++] = origin_of(w, i, i + 1);
    }
    return HW3_OK;
}

hw3_status hw3i_edit_put(hw3i_work *w, const char *bytes, int64_t n, int64_t first, int64_t end)
{
    hw3_status s = edit_room(w, n);
    if (s) return s;
    hw3i_text *t = w->next;
    for (int64_t i = 0; i < n; i++) {
        t->bytes[t->n] = bytes[i];
        t->origin[t->n++] = origin_of(w, first, end);
    }
    return HW3_OK;
}

void hw3i_edit_end(hw3i_work *w)
{
    w->now = w->next;
    w->text = w->now->bytes;
    w->origin = w->now->origin;
    w->n = w->now->n;
}

hw3_status hw3i_text_put(hw3i_work *w, hw3i_text *t, const char *bytes, int64_t n)
{
    hw3_status s = hw3i_room(w, &t->bytes, &t->cap, t->n + n, 1);
    if (s) return s;
    if (n) memcpy(t->bytes + t->n, bytes, (size_t)n);
    t->n += n;
    return HW3_OK;
}
