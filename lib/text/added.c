/* SPDX-License-Identifier: MIT */
/* Added tokens: texts that are tokens wherever they stand, before anything else looks at the text. */
#include "text/tokenizer.h"
#include "base/text.h"
#include <stdlib.h>

/* By their texts and by their numbers: two hash tables of places in added + 1, 0 is free. */
enum { BY_TEXT, BY_TOKEN };
static int32_t *slot_of(const hw3_tokenizer *tok, int by, const char *text, int64_t n, int32_t token)
{
    const uint64_t hash = by == BY_TEXT ? hw3i_hash(text, n) : hw3i_hash((const char *)&token, sizeof token);
    for (int64_t i = (int64_t)(hash & (uint64_t)(tok->n_slots - 1));; i = (i + 1) & (tok->n_slots - 1)) {
        int32_t *slot = &tok->slots[by * tok->n_slots + i];
        const hw3i_added *a = *slot ? &tok->added[*slot - 1] : NULL;
        if (!a || (by == BY_TEXT ? a->n == n && !memcmp(a->text, text, (size_t)n) : a->token == token)) return slot;
    }
}

static const hw3i_added *added_at(const hw3_tokenizer *tok, int by, const char *text, int64_t n, int32_t token)
{
    const int32_t place = tok->n_added ? *slot_of(tok, by, text, n, token) : 0;
    return place ? &tok->added[place - 1] : NULL;
}

static void fill_slots(hw3_tokenizer *tok)
{
    if (tok->n_slots) memset(tok->slots, 0, (size_t)(2 * tok->n_slots) * sizeof *tok->slots);
    tok->n_numbers = 0;
    for (int64_t i = 0; i < tok->n_added; i++) {
        const hw3i_added *a = &tok->added[i];
        for (int by = BY_TEXT; by <= BY_TOKEN; by++) *slot_of(tok, by, a->text, a->n, a->token) = (int32_t)i + 1;
        tok->n_numbers = hw3i_max(tok->n_numbers, a->token + 1);
    }
}

/* At most half of the slots are taken. */
static hw3_status grow_slots(hw3_tokenizer *tok)
{
    if (2 * (tok->n_added + 1) <= tok->n_slots) return HW3_OK;
    const int64_t n = hw3i_max(64, 2 * tok->n_slots);
    int32_t *slots = hw3i_alloc(tok->ctx, 2 * n, sizeof *slots);
    if (!slots) return HW3_ERR_NOMEM;
    hw3i_free(tok->ctx, tok->slots);
    tok->slots = slots;
    tok->n_slots = n;
    fill_slots(tok);
    return HW3_OK;
}

const hw3i_added *hw3i_added_of(const hw3_tokenizer *tok, int64_t token)
{
    return token >= 0 && token < HW3I_MAX_TOKENS ? added_at(tok, BY_TOKEN, NULL, 0, (int32_t)token) : NULL;
}

const hw3i_added *hw3i_added_named(const hw3_tokenizer *tok, const char *text, int64_t n)
{
    return added_at(tok, BY_TEXT, text, n, 0);
}

/* A number may be that of the same text in the vocabulary, or a new one. */
hw3_status hw3i_added_put(hw3_tokenizer *tok, const char *who, const hw3i_added *like, const char *text, int64_t n)
{
    int64_t n_other;
    const char *other = hw3i_token_text(tok, like->token, &n_other, NULL);
    const int32_t in_vocab = hw3i_vocab_find(&tok->vocab, text, n);
    if (n == 0) return hw3i_fail(tok->ctx, HW3_ERR_FORMAT, "%.200s: an added token without text", who);
    if (like->token < 0 || like->token >= HW3I_MAX_TOKENS || (other && (n_other != n || memcmp(other, text, (size_t)n))) ||
        (in_vocab >= 0 && in_vocab != like->token) || hw3i_added_named(tok, text, n))
        return hw3i_fail(tok->ctx, HW3_ERR_FORMAT, "%.200s: added token '%.100s' has the number %d, which is that of '%.100s'; "
                         "'%.100s' is %d", who, text, (int)like->token, other ? other : "", text, (int)in_vocab);
    hw3_status s = hw3i_grow(tok->ctx, &tok->added, &tok->cap_added, tok->n_added + 1, sizeof *tok->added);
    if (!s) s = grow_slots(tok);
    char *copy = s ? NULL : hw3i_strdup(tok->ctx, text);
    if (!copy) return HW3_ERR_NOMEM;
    hw3i_added *a = &tok->added[tok->n_added++];
    *a = *like;
    a->text = copy, a->n = n, a->found = NULL;
    a->is_new = true;
    for (int by = BY_TEXT; by <= BY_TOKEN; by++) *slot_of(tok, by, copy, n, a->token) = (int32_t)tok->n_added;
    tok->n_numbers = hw3i_max(tok->n_numbers, a->token + 1);
    return HW3_OK;
}

hw3_status hw3i_tokenizer_add(hw3_tokenizer *tok, const char *who, const char *text, int64_t n, bool special)
{
    hw3i_added like = { .token = hw3i_vocab_find(&tok->vocab, text, n), .special = special, .normalized = !special };
    if (hw3i_added_named(tok, text, n)) return HW3_OK;
    if (like.token < 0) like.token = (int32_t)hw3i_tokenizer_n_vocab(tok);
    if (like.token >= HW3I_MAX_TOKENS)
        return hw3i_fail(tok->ctx, HW3_ERR_ARG, "%.200s: no number below %d is left for '%.100s'", who, HW3I_MAX_TOKENS, text);
    return hw3i_added_put(tok, who, &like, text, n);
}

static int compare(const hw3i_added *a, const hw3i_added *b)
{
    const int order = memcmp(a->found, b->found, (size_t)hw3i_min(a->n_found, b->n_found));
    if (order || a->n_found != b->n_found) return order ? order : a->n_found < b->n_found ? -1 : 1;
    return a->token < b->token ? -1 : a->token > b->token;
}

/* Shell sort, for the order needs the tokenizer, which qsort does not hand on. Gaps of n / 2^k would leave n^2 steps for some orders. */
static void sort(const hw3_tokenizer *tok, int32_t *order, int64_t n)
{
    for (int64_t gap = n; gap > 1;) {
        gap = hw3i_max(1, gap * 5 / 11);
        for (int64_t i = gap; i < n; i++)
            for (int64_t j = i; j >= gap && compare(&tok->added[order[j - gap]], &tok->added[order[j]]) > 0; j -= gap) {
                const int32_t t = order[j];
                order[j] = order[j - gap], order[j - gap] = t;
            }
    }
}

/* What is looked for: the text, or its normal form, which may be empty and is then never found. */
static hw3_status set_found(hw3_tokenizer *tok, hw3i_added *a)
{
    hw3i_work *w = tok->work;
    if (a->found) return HW3_OK;
    w->text = a->text, w->n = a->n, w->origin = NULL, w->base = 0, w->now = w->kept = NULL;
    hw3_status s = a->normalized ? hw3i_run_steps(&tok->steps[HW3I_NORMALIZER], w) : HW3_OK;
    a->found = s ? NULL : hw3i_alloc(tok->ctx, w->n + 1, 1);
    if (!a->found) return s ? s : HW3_ERR_NOMEM;
    memcpy(a->found, w->text, (size_t)w->n);
    a->n_found = w->n;
    return HW3_OK;
}

hw3_status hw3i_added_finish(hw3_tokenizer *tok)
{
    int32_t *order[2] = { NULL, NULL };
    hw3_status s = hw3i_works(tok, 1);
    for (int64_t i = 0; i < tok->n_added && !s; i++) s = set_found(tok, &tok->added[i]);
    for (int k = 0; k < 2 && !s; k++) {
        order[k] = hw3i_alloc(tok->ctx, tok->n_added, sizeof *order[k]);
        s = order[k] ? HW3_OK : HW3_ERR_NOMEM;
    }
    for (int k = 0; k < 2 && !s; k++) {
        int64_t n = 0;
        for (int64_t i = 0; i < tok->n_added; i++)
            if (tok->added[i].normalized == k && tok->added[i].n_found) order[k][n++] = (int32_t)i;
        sort(tok, order[k], n);
        hw3i_free(tok->ctx, tok->order[k]);
        tok->order[k] = order[k];
        tok->n_order[k] = n;
        for (int64_t i = 0; i < n; i++) tok->begins[(unsigned char)tok->added[tok->order[k][i]].found[0]] |= (uint8_t)(1 << k);
        order[k] = NULL;
    }
    hw3i_free(tok->ctx, order[0]);
    hw3i_free(tok->ctx, order[1]);
    for (int64_t i = 0; i < tok->n_added && !s; i++) tok->added[i].is_new = false;
    return s;
}

static void take_back_new(hw3_tokenizer *tok)
{
    for (; tok->n_added && tok->added[tok->n_added - 1].is_new; tok->n_added--) {
        hw3i_free(tok->ctx, tok->added[tok->n_added - 1].text);
        hw3i_free(tok->ctx, tok->added[tok->n_added - 1].found);
    }
    fill_slots(tok);
}

hw3_status hw3i_tokenizer_add_all(hw3_tokenizer *tok, const char *const *texts, int64_t n, bool special)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < n && !s; i++)
        s = hw3i_tokenizer_add(tok, "tokenizer_add", texts[i], (int64_t)strlen(texts[i]), special);
    if (!s) s = hw3i_added_finish(tok);
    if (s) take_back_new(tok);
    return s;
}

/* The first of order[low, high) whose byte d is at least c; all agree in the d bytes before, and a shorter text comes first. */
static int64_t bound(const hw3_tokenizer *tok, const int32_t *order, int64_t low, int64_t high, int64_t d, int c)
{
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        const hw3i_added *a = &tok->added[order[middle]];
        if (a->n_found <= d || (unsigned char)a->found[d] < c) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The longest one that begins here. */
static const hw3i_added *longest(const hw3_tokenizer *tok, int normal, const char *text, int64_t n)
{
    const int32_t *order = tok->order[normal];
    const hw3i_added *best = NULL;
    int64_t low = 0, high = tok->n_order[normal];
    for (int64_t d = 0; d < n && low < high; d++) {
        const int c = (unsigned char)text[d];
        low = bound(tok, order, low, high, d, c);
        high = bound(tok, order, low, high, d, c + 1);
        if (low < high && tok->added[order[low]].n_found == d + 1) best = &tok->added[order[low]];
    }
    return best;
}

/* How many bytes of spaces [UTS18, White_Space] a text begins with. */
static int64_t space_at(const char *p, int64_t n)
{
    static const char *const wide[] = { "\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
                                        "\xE2\x81\x9F", "\xE3\x80\x80" };
    if (n > 0 && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) return 1;
    for (int64_t i = 0; i < HW3I_LEN(wide); i++)
        if (n >= (int64_t)strlen(wide[i]) && !memcmp(p, wide[i], strlen(wide[i]))) return (int64_t)strlen(wide[i]);
    return n >= 3 && !memcmp(p, "\xE2\x80", 2) && (unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8A ? 3 : 0;
}

static int64_t last_char(const char *text, int64_t first, int64_t end)
{
    int64_t i = end - 1;
    while (i > first && (text[i] & 0xC0) == 0x80) i--;
    return i;
}

/* Where the spaces before at begin, not before first. */
static int64_t spaces_before(const char *text, int64_t first, int64_t at)
{
    while (at > first) {
        const int64_t i = last_char(text, first, at);
        if (space_at(text + i, at - i) != at - i) break;
        at = i;
    }
    return at;
}

static bool is_word(hw3i_work *w, const hw3_tokenizer *tok, const char *text, int64_t first, int64_t end)
{
    int64_t at, behind;
    const int64_t n = end > first ? hw3i_utf8_length(text + first, end - first) : 0;
    return n && !hw3i_regex_search(tok->word, w->match, text + first, n, 0, &at, &behind) && at == 0;
}

const hw3i_added *hw3i_added_next(const hw3_tokenizer *tok, hw3i_work *w, int normal, const char *text, int64_t n, int64_t at,
                                  hw3i_stretch *where)
{
    for (int64_t i = at, end; i < n && tok->n_order[normal]; i = end) {
        const bool may = tok->begins[(unsigned char)text[i]] & 1 << normal;
        const hw3i_added *a = may ? longest(tok, normal, text + i, n - i) : NULL;
        end = a ? i + a->n_found : i + 1;
        if (!a || (a->special && !w->find_special)) continue;
        if (a->single_word && i > 0 && is_word(w, tok, text, last_char(text, 0, i), i)) continue;
        if (a->single_word && is_word(w, tok, text, end, n)) continue;
        *where = (hw3i_stretch){ a->lstrip ? spaces_before(text, at, i) : i, end };
        for (int64_t len; a->rstrip && (len = space_at(text + where->end, n - where->end));) where->end += len;
        return a;
    }
    return NULL;
}
