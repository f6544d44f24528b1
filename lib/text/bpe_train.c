/* SPDX-License-Identifier: MIT */
#include "text/bpe_train.h"

/* All pieces stand in one array of cells, a cell a byte, with an empty cell before, between and behind them. A token of n bytes
 * has its number in its first and its last cell, those between are empty: so the neighbours of a token are found without links,
 * the next one n cells on, the one before by the number in the cell before.
 *
 * Bytes that become one token are joined in the same way wherever they stand, for what stands around them matters only to tokens
 * that reach out of them. So the bytes of a merge are always new, its pairs too, and afterwards a pair only becomes rarer: what
 * comes less often than min_frequency need not be known at all.
 *
 * A pair knows how often it comes and the places where it came to be. The count is brought up to date by each merge; whether the
 * pair is still at a place is seen when it is visited. A heap gives the pair with the highest count; counts that fell since are
 * looked up when they reach the top. */

#define NONE UINT32_MAX
enum { LEFT, RIGHT };

typedef struct cell {
    uint32_t token, piece;
} cell;

typedef struct places {
    uint32_t n, at[]; /* ascending */
} places;

typedef struct pair {
    uint32_t left, right;
    int64_t count;
    places *places;
} pair;

/* A token, and what it is to the merge at work as a neighbour on either side. */
typedef struct token {
    int64_t n_bytes;
    int64_t weight[2]; /* times that it is the neighbour */
    uint32_t n[2];     /* places of that */
    places *places[2]; /* of the new pair with it, NULL where that is too rare */
} token;

typedef struct top {
    int64_t count;
    uint32_t left, right;
} top;

/* Tokens are numbered from 0 in here, without the special ones. */
typedef struct trainer {
    hw3_ctx *ctx;
    const hw3i_pieces *pieces;
    int64_t min_frequency;
    cell *cells;
    int64_t n_cells;
    token *tokens;
    int64_t n_tokens, cap_tokens;
    pair *pairs;
    int64_t n_pairs, cap_pairs;
    uint32_t *slots; /* index + 1, as of hw3i_pieces */
    int64_t n_slots;
    top *heap;
    int64_t n_heap, cap_heap;
    uint32_t *touched[2]; /* neighbours of the merge at work */
    int64_t n_touched[2], cap_touched[2];
    hw3i_arena arena;     /* of places */
    char *room;
    int64_t n_room;
} trainer;

void hw3i_byte_order(uint8_t order[256])
{
    int n = 0;
    for (int32_t c = 0; n < 256; c++)
        if (hw3i_char_byte(c) >= 0) order[n++] = (uint8_t)hw3i_char_byte(c);
}

/* Places. */

#define BLOCK (256 * 1024)

static places *new_places(trainer *t, uint32_t n)
{
    const int64_t bytes = (int64_t)sizeof(places) + 4 * (int64_t)n;
    if (bytes > t->n_room) {
        t->n_room = 0;
        t->room = hw3i_arena_alloc(&t->arena, hw3i_max(bytes, BLOCK), 1);
        if (!t->room) return NULL;
        t->n_room = hw3i_max(bytes, BLOCK);
    }
    places *p = (places *)t->room;
    t->room += bytes;
    t->n_room -= bytes;
    p->n = 0;
    return p;
}

/* Pairs. */

static uint32_t *find(const trainer *t, uint32_t left, uint32_t right)
{
    const uint64_t key = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
    const uint64_t mask = (uint64_t)t->n_slots - 1;
    for (uint64_t i = (key ^ key >> 32) & mask;; i = (i + 1) & mask) {
        if (!t->slots[i]) return &t->slots[i];
        const pair *p = &t->pairs[t->slots[i] - 1];
        if (p->left == left && p->right == right) return &t->slots[i];
    }
}

static hw3_status make_room(trainer *t)
{
    if (t->n_pairs >= UINT32_MAX - 1) return hw3i_fail(t->ctx, HW3_ERR_UNSUPPORTED, "more than %lld pairs", (long long)t->n_pairs);
    if (hw3i_grow(t->ctx, &t->pairs, &t->cap_pairs, t->n_pairs + 1, sizeof *t->pairs)) return HW3_ERR_NOMEM;
    if (2 * (t->n_pairs + 1) <= t->n_slots) return HW3_OK;
    const int64_t n_slots = hw3i_max(4096, 2 * t->n_slots);
    uint32_t *slots = hw3i_calloc(t->ctx, n_slots, sizeof *slots);
    if (!slots) return HW3_ERR_NOMEM;
    hw3i_free(t->ctx, t->slots);
    t->slots = slots;
    t->n_slots = n_slots;
    for (int64_t i = 0; i < t->n_pairs; i++) *find(t, t->pairs[i].left, t->pairs[i].right) = (uint32_t)(i + 1);
    return HW3_OK;
}

/* Heap. */

static bool is_above(const top *a, const top *b)
{
    if (a->count != b->count) return a->count > b->count;
    return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static hw3_status push(trainer *t, top new)
{
    if (hw3i_grow(t->ctx, &t->heap, &t->cap_heap, t->n_heap + 1, sizeof *t->heap)) return HW3_ERR_NOMEM;
    int64_t i = t->n_heap++;
    for (; i > 0 && is_above(&new, &t->heap[(i - 1) / 2]); i = (i - 1) / 2) t->heap[i] = t->heap[(i - 1) / 2];
    t->heap[i] = new;
    return HW3_OK;
}

static top pop(trainer *t)
{
    const top best = t->heap[0], last = t->heap[--t->n_heap];
    int64_t i = 0;
    for (int64_t child; (child = 2 * i + 1) < t->n_heap; i = child) {
        child += child + 1 < t->n_heap && is_above(&t->heap[child + 1], &t->heap[child]);
        if (!is_above(&t->heap[child], &last)) break;
        t->heap[i] = t->heap[child];
    }
    t->heap[i] = last;
    return best;
}

/* A new pair of n places, if it comes often enough. *at: its places, to be filled. */
static hw3_status add_pair(trainer *t, uint32_t left, uint32_t right, int64_t count, uint32_t n, places **at)
{
    *at = NULL;
    if (count < t->min_frequency) return HW3_OK;
    if (!(*at = new_places(t, n)) || make_room(t)) return HW3_ERR_NOMEM;
    t->pairs[t->n_pairs] = (pair){ left, right, count, *at };
    *find(t, left, right) = (uint32_t)++t->n_pairs;
    return push(t, (top){ count, left, right });
}

static void lower_count(trainer *t, uint32_t left, uint32_t right, int64_t weight)
{
    const uint32_t k = *find(t, left, right);
    if (k) t->pairs[k - 1].count -= weight;
}

/* The beginning. */

static hw3_status add_token(trainer *t, int64_t n_bytes)
{
    if (hw3i_grow(t->ctx, &t->tokens, &t->cap_tokens, t->n_tokens + 1, sizeof *t->tokens)) return HW3_ERR_NOMEM;
    t->tokens[t->n_tokens++] = (token){ .n_bytes = n_bytes };
    return HW3_OK;
}

static hw3_status fill_cells(trainer *t)
{
    uint8_t order[256];
    uint32_t token_of[256];
    hw3i_byte_order(order);
    for (uint32_t i = 0; i < 256; i++) token_of[order[i]] = i;
    int64_t n = 1;
    for (int64_t i = 0; i < t->pieces->n; i++) n += t->pieces->items[i].n_bytes + 1;
    if (n >= NONE) return hw3i_fail(t->ctx, HW3_ERR_UNSUPPORTED, "pieces of %lld bytes; at most %u", (long long)n, NONE - 1);
    cell *c = t->cells = hw3i_alloc(t->ctx, n, sizeof *c);
    if (!c) return HW3_ERR_NOMEM;
    t->n_cells = n;
    *c++ = (cell){ NONE, NONE };
    for (int64_t i = 0; i < t->pieces->n; i++) {
        const hw3i_counted *p = &t->pieces->items[i];
        for (int64_t k = 0; k < p->n_bytes; k++) *c++ = (cell){ token_of[(uint8_t)p->text[k]], (uint32_t)i };
        *c++ = (cell){ NONE, NONE };
    }
    return HW3_OK;
}

/* The pairs of bytes, for each left * 256 + right. */
typedef struct byte_pair {
    int64_t count;
    places *places;
    uint32_t n;
} byte_pair;

static byte_pair *byte_pair_at(const trainer *t, byte_pair *pairs, int64_t i)
{
    const uint32_t left = t->cells[i].token, right = t->cells[i + 1].token;
    return left == NONE || right == NONE ? NULL : &pairs[left * 256 + right];
}

static hw3_status add_byte_pairs(trainer *t, byte_pair *pairs)
{
    hw3_status s = HW3_OK;
    byte_pair *p;
    for (int64_t i = 1; i + 1 < t->n_cells; i++)
        if ((p = byte_pair_at(t, pairs, i))) p->count += t->pieces->items[t->cells[i].piece].count, p->n++;
    for (uint32_t k = 0; !s && k < 256 * 256; k++) s = add_pair(t, k / 256, k % 256, pairs[k].count, pairs[k].n, &pairs[k].places);
    for (int64_t i = 1; !s && i + 1 < t->n_cells; i++)
        if ((p = byte_pair_at(t, pairs, i)) && p->places) p->places->at[p->places->n++] = (uint32_t)i;
    return s;
}

static hw3_status begin(trainer *t)
{
    hw3_status s = make_room(t);
    for (int i = 0; !s && i < 256; i++) s = add_token(t, 1);
    if (!s) s = fill_cells(t);
    if (s) return s;
    byte_pair *pairs = hw3i_calloc(t->ctx, 256 * 256, sizeof *pairs);
    s = pairs ? add_byte_pairs(t, pairs) : HW3_ERR_NOMEM;
    hw3i_free(t->ctx, pairs);
    return s;
}

/* A merge. */

static hw3_status note(trainer *t, int side, uint32_t neighbour, int64_t weight)
{
    if (neighbour == NONE) return HW3_OK;
    token *x = &t->tokens[neighbour];
    if (!x->n[side]) {
        if (hw3i_grow(t->ctx, &t->touched[side], &t->cap_touched[side], t->n_touched[side] + 1, sizeof(uint32_t))) return HW3_ERR_NOMEM;
        t->touched[side][t->n_touched[side]++] = neighbour;
    }
    x->weight[side] += weight;
    x->n[side]++;
    return HW3_OK;
}

/* Joins a and b to z wherever they still are, from left to right, and notes the neighbours. Keeps the places where they were.
 * *adjacent: how often one z came right behind another, so that each is a neighbour: on the left as z, on the right as a. */
static hw3_status join(trainer *t, uint32_t a, uint32_t b, uint32_t z, places *at, int64_t *adjacent)
{
    const int64_t n_a = t->tokens[a].n_bytes, n_z = t->tokens[z].n_bytes, n_at = at->n;
    hw3_status s = HW3_OK;
    *adjacent = at->n = 0;
    for (int64_t i = 0; !s && i < n_at; i++) {
        cell *c = &t->cells[at->at[i]];
        if (c->token != a || c[n_a].token != b) continue;
        const int64_t weight = t->pieces->items[c->piece].count;
        if (c[-1].token == z) *adjacent += weight;
        s = note(t, LEFT, c[-1].token, weight);
        if (!s) s = note(t, RIGHT, c[n_z].token, weight);
        c[n_a - 1].token = c[n_a].token = NONE;
        c[0].token = c[n_z - 1].token = z;
        at->at[at->n++] = at->at[i];
    }
    return s;
}

/* x a b y becomes x z y: (x, a) and (b, y) come less often, (x, z) and (z, y) come up. Where a b a b becomes z z, (b, a) was one
 * pair, seen as (b, y) but not as (x, a), and (z, z) is one, (x, z) but not (z, y). */
static hw3_status change_counts(trainer *t, uint32_t a, uint32_t b, uint32_t z, int64_t adjacent)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; !s && i < t->n_touched[LEFT]; i++) {
        const uint32_t x = t->touched[LEFT][i];
        token *k = &t->tokens[x];
        if (x != z) lower_count(t, x, a, k->weight[LEFT]);
        s = add_pair(t, x, z, k->weight[LEFT], k->n[LEFT], &k->places[LEFT]);
    }
    for (int64_t i = 0; !s && i < t->n_touched[RIGHT]; i++) {
        const uint32_t y = t->touched[RIGHT][i];
        token *k = &t->tokens[y];
        lower_count(t, b, y, k->weight[RIGHT]);
        s = add_pair(t, z, y, k->weight[RIGHT] - (y == a ? adjacent : 0), k->n[RIGHT], &k->places[RIGHT]);
    }
    return s;
}

/* The places of the new pairs; the neighbours are forgotten. */
static void end_join(trainer *t, uint32_t z, const places *at)
{
    const int64_t n_z = t->tokens[z].n_bytes;
    places *p;
    for (int64_t i = 0; i < at->n; i++) {
        const uint32_t first = at->at[i], x = t->cells[first - 1].token, y = t->cells[first + n_z].token;
        if (x != NONE && (p = t->tokens[x].places[LEFT])) p->at[p->n++] = (uint32_t)(first - t->tokens[x].n_bytes);
        if (y != NONE && y != z && (p = t->tokens[y].places[RIGHT])) p->at[p->n++] = first;
    }
    for (int side = LEFT; side <= RIGHT; side++) {
        for (int64_t i = 0; i < t->n_touched[side]; i++) {
            token *k = &t->tokens[t->touched[side][i]];
            k->weight[side] = k->n[side] = 0;
        }
        t->n_touched[side] = 0;
    }
}

static hw3_status merge(trainer *t, uint32_t a, uint32_t b, places *at)
{
    const uint32_t z = (uint32_t)t->n_tokens;
    int64_t adjacent;
    hw3_status s = add_token(t, t->tokens[a].n_bytes + t->tokens[b].n_bytes);
    if (!s) s = join(t, a, b, z, at, &adjacent);
    if (!s) s = change_counts(t, a, b, z, adjacent);
    if (!s) end_join(t, z, at);
    return s;
}

static hw3_status merge_all(trainer *t, int64_t first, int64_t n_vocab, hw3i_merges *out)
{
    hw3_status s = HW3_OK;
    while (!s && t->n_heap && first + t->n_tokens < n_vocab) {
        const top best = pop(t);
        const pair *p = &t->pairs[*find(t, best.left, best.right) - 1];
        if (p->count < best.count) {
            if (p->count >= t->min_frequency) s = push(t, (top){ p->count, best.left, best.right });
            continue;
        }
        if (hw3i_grow(t->ctx, &out->items, &out->cap, out->n + 1, sizeof *out->items)) return HW3_ERR_NOMEM;
        out->items[out->n++] = (hw3i_merge){ (int32_t)(first + best.left), (int32_t)(first + best.right), (int32_t)(first + t->n_tokens) };
        s = merge(t, best.left, best.right, p->places);
    }
    return s;
}

hw3_status hw3i_bpe_train(const hw3i_pieces *pieces, int64_t n_specials, int64_t n_vocab, int64_t min_frequency, hw3i_merges *out)
{
    *out = (hw3i_merges){ 0 };
    trainer t = { .ctx = pieces->ctx, .pieces = pieces, .min_frequency = hw3i_max(min_frequency, 1) };
    hw3i_arena_init(&t.arena, t.ctx);
    hw3_status s = begin(&t);
    if (!s) s = merge_all(&t, n_specials, hw3i_min(n_vocab, INT32_MAX), out);
    void *const memory[] = { t.cells, t.tokens, t.pairs, t.slots, t.heap, t.touched[LEFT], t.touched[RIGHT] };
    for (int64_t i = 0; i < HW3I_LEN(memory); i++) hw3i_free(t.ctx, memory[i]);
    hw3i_arena_free(&t.arena);
    return s;
}
