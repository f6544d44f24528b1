/* SPDX-License-Identifier: MIT */
#include "text/pieces.h"
#include "base/pool.h"
#include "text/vocab.h"

#define BLOCK (64 * 1024) /* bytes of pieces that are taken from the arena at once */

void hw3i_pieces_init(hw3i_pieces *p, hw3_ctx *ctx)
{
    *p = (hw3i_pieces){ .ctx = ctx };
    hw3i_arena_init(&p->arena, ctx);
}

void hw3i_pieces_free(hw3i_pieces *p)
{
    hw3i_arena_free(&p->arena);
    hw3i_free(p->ctx, p->items);
    hw3i_free(p->ctx, p->slots);
}

/* The slot of this piece, or the empty one where it belongs. */
static uint32_t *find(const hw3i_pieces *p, const char *text, int64_t n, uint64_t hash)
{
    const uint64_t mask = (uint64_t)p->n_slots - 1;
    for (uint64_t i = hash & mask;; i = (i + 1) & mask) {
        if (!p->slots[i]) return &p->slots[i];
        const hw3i_counted *item = &p->items[p->slots[i] - 1];
        if (item->hash == hash && item->n_bytes == n && !memcmp(item->text, text, (size_t)n)) return &p->slots[i];
    }
}

static hw3_status make_room(hw3i_pieces *p, int64_t n_bytes)
{
    if (p->n >= UINT32_MAX - 1) return hw3i_fail(p->ctx, HW3_ERR_UNSUPPORTED, "more than %lld pieces", (long long)p->n);
    if (hw3i_grow(p->ctx, &p->items, &p->cap, p->n + 1, sizeof *p->items)) return HW3_ERR_NOMEM;
    if (n_bytes > p->n_room) {
        p->n_room = 0;
        p->room = hw3i_arena_alloc(&p->arena, hw3i_max(n_bytes, BLOCK), 1);
        if (!p->room) return HW3_ERR_NOMEM;
        p->n_room = hw3i_max(n_bytes, BLOCK);
    }
    if (2 * (p->n + 1) <= p->n_slots) return HW3_OK;
    const int64_t n_slots = hw3i_max(1024, 2 * p->n_slots);
    uint32_t *slots = hw3i_calloc(p->ctx, n_slots, sizeof *slots);
    if (!slots) return HW3_ERR_NOMEM;
    hw3i_free(p->ctx, p->slots);
    p->slots = slots;
    p->n_slots = n_slots;
    for (int64_t i = 0; i < p->n; i++)
        *find(p, p->items[i].text, p->items[i].n_bytes, p->items[i].hash) = (uint32_t)(i + 1);
    return HW3_OK;
}

/* A new piece, for which there is room. */
static void put(hw3i_pieces *p, uint32_t *slot, const char *text, int64_t n, uint64_t hash)
{
    memcpy(p->room, text, (size_t)n);
    p->items[p->n] = (hw3i_counted){ p->room, n, 0, hash };
    *slot = (uint32_t)++p->n;
    p->room += n;
    p->n_room -= n;
}

static int64_t add(hw3i_pieces *p, const char *text, int64_t n, uint64_t hash, int64_t count)
{
    const hw3_status s = make_room(p, n);
    if (s) return s;
    uint32_t *slot = find(p, text, n, hash);
    if (!*slot) put(p, slot, text, n, hash);
    p->items[*slot - 1].count += count;
    return *slot - 1;
}

int64_t hw3i_pieces_add(hw3i_pieces *p, const char *text, int64_t n_bytes, int64_t count)
{
    return add(p, text, n_bytes, hw3i_hash(text, n_bytes), count);
}

/* Counting on threads, which may not allocate. Texts are taken in chunks, each with a table of fixed size. When it is full the
 * chunk stops; the tables are added to the one of all, and the chunk goes on in the next round where it was. What fits no table,
 * or not in what a thread cuts with, is counted by the caller between the rounds. */

#define LONGEST (1024 * 1024) /* bytes without a border */
#define N_ITEMS 4096
#define N_SLOTS (2 * N_ITEMS)
#define N_ROOM (16 * N_ITEMS)
#define PER_THREAD 4 /* chunks of a round */

/* A place in the texts. */
typedef struct place {
    int64_t text, at;
} place;

typedef struct chunk {
    place now, end;
    int64_t n_done, n_seen; /* pieces of the stretch at now that are counted; that came since it was cut anew */
    int64_t n;              /* its bytes */
    hw3i_pieces found;
    char *room;
    hw3_status status;      /* of what the caller has to do */
} chunk;

typedef struct counting {
    const hw3i_texts *texts;
    chunk *chunks;
    int64_t n;
    place next; /* where the next chunk begins */
} counting;

/* HW3_ERR_FULL when the table is full, which status tells from what is too long for any. */
static hw3_status count_piece(void *sink, const char *text, int64_t n)
{
    chunk *c = sink;
    hw3i_pieces *p = &c->found;
    if (c->n_seen++ < c->n_done) return HW3_OK;
    const uint64_t hash = hw3i_hash(text, n);
    uint32_t *slot = find(p, text, n, hash);
    if (!*slot && (p->n == N_ITEMS || n > p->n_room)) {
        c->status = n > N_ROOM ? HW3_ERR_FULL : HW3_OK;
        return HW3_ERR_FULL;
    }
    if (!*slot) put(p, slot, text, n, hash);
    p->items[*slot - 1].count++;
    c->n_done++;
    return HW3_OK;
}

/* The n bytes at c->now. false: not all. */
static bool count_stretch(const hw3i_texts *t, chunk *c, int worker, int64_t n)
{
    c->n = n;
    c->n_seen = 0;
    c->status = HW3_ERR_FULL;
    if (t->cut(t->arg, worker, false, t->texts[c->now.text] + c->now.at, n, count_piece, c)) return false;
    c->status = HW3_OK;
    c->n_done = 0;
    return true;
}

static void count_tile(void *arg, int64_t tile, int worker)
{
    const counting *job = arg;
    chunk *c = &job->chunks[tile];
    const hw3i_texts *t = job->texts;
    for (; c->now.text <= c->end.text; c->now = (place){ c->now.text + 1, 0 }) {
        const int64_t end = c->now.text == c->end.text ? c->end.at : t->n_bytes[c->now.text];
        if (c->now.at < end && !count_stretch(t, c, worker, end - c->now.at)) return;
    }
}

typedef struct by_caller {
    hw3i_pieces *all;
    int64_t n_left; /* pieces that are counted already */
} by_caller;

static hw3_status add_piece(void *sink, const char *text, int64_t n)
{
    by_caller *b = sink;
    return b->n_left-- > 0 ? HW3_OK : (hw3_status)hw3i_min(0, hw3i_pieces_add(b->all, text, n, 1));
}

/* A stretch that a thread could not count. */
static hw3_status count_by_caller(const hw3i_texts *t, chunk *c, hw3i_pieces *all)
{
    by_caller sink = { all, c->n_done };
    const hw3_status s = t->cut(t->arg, 0, true, t->texts[c->now.text] + c->now.at, c->n, add_piece, &sink);
    c->now.at += c->n;
    c->n_done = 0;
    return s;
}

/* ASCII, or of two bytes from U+00C0 to U+07FF, or of three from U+4000 on: none of them is white space. */
static bool ends_solid(const unsigned char *s, int64_t n)
{
    if (n < 1) return false;
    if (s[-1] < 0x80) return s[-1] > ' ' && s[-1] < 0x7f;
    if (n >= 2 && s[-2] > 0xc2 && s[-2] < 0xe0) return s[-1] < 0xc0;
    return n >= 3 && s[-3] > 0xe3 && s[-3] < 0xf0 && (s[-2] & 0xc0) == 0x80 && s[-1] < 0xc0;
}

static bool begins_solid(unsigned char c) { return (c > ' ' && c < 0x7f) || (c > 0xc2 && c < 0xe0) || (c > 0xe3 && c < 0xf5); }

/* "x| y" and "x\n|y": no pattern has such a place inside a piece, or cuts otherwise for what stands beyond it. */
static bool is_border(const unsigned char *s, int64_t n)
{
    return s[0] == ' ' ? ends_solid(s, n) : s[-1] == '\n' && begins_solid(s[0]) && ends_solid(s - 1, n - 1);
}

/* Is text[at] inside a special text? */
static bool is_special(const hw3i_texts *t, const char *text, int64_t at, int64_t n)
{
    for (int64_t i = 0; i < t->n_specials; i++) {
        const int64_t n_special = (int64_t)strlen(t->specials[i]);
        for (int64_t first = hw3i_max(0, at - n_special + 1); first < at && first + n_special <= n; first++)
            if (!memcmp(text + first, t->specials[i], (size_t)n_special)) return true;
    }
    return false;
}

/* A border of a text from at on. Where there is none for long any character will do, lest memory grow with the text. */
static int64_t border(const hw3i_texts *t, const char *text, int64_t at, int64_t n)
{
    for (const int64_t last = at + LONGEST; at < n; at++) {
        const bool may = at < last ? is_border((const unsigned char *)text + at, at) : (text[at] & 0xc0) != 0x80;
        if (may && !is_special(t, text, at, n)) return at;
    }
    return n;
}

/* A place about HW3I_CHUNK bytes on where the texts may be cut. */
static place advance(const hw3i_texts *t, place at)
{
    for (int64_t left = HW3I_CHUNK; at.text < t->n && left > 0; at = (place){ at.text + 1, 0 }) {
        const int64_t n = t->n_bytes[at.text];
        if (n - at.at > left) return (place){ at.text, border(t, t->texts[at.text], at.at + left, n) };
        left -= n - at.at;
    }
    return at;
}

static bool is_before(place a, place b) { return a.text < b.text || (a.text == b.text && a.at < b.at); }

/* Gives chunks that are done new text. Returns false when nothing is left. */
static bool begin_round(counting *job)
{
    bool any = false;
    for (int64_t i = 0; i < job->n; i++) {
        chunk *c = &job->chunks[i];
        memset(c->found.slots, 0, N_SLOTS * sizeof *c->found.slots);
        c->found.n = 0;
        c->found.room = c->room;
        c->found.n_room = N_ROOM;
        if (!is_before(c->now, c->end)) {
            c->now = job->next;
            c->end = job->next = advance(job->texts, job->next);
        }
        any |= is_before(c->now, c->end);
    }
    return any;
}

static hw3_status end_round(counting *job, hw3i_pieces *all)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; !s && i < job->n; i++) {
        chunk *c = &job->chunks[i];
        for (const hw3i_counted *p = c->found.items; !s && p < c->found.items + c->found.n; p++)
            s = (hw3_status)hw3i_min(0, add(all, p->text, p->n_bytes, p->hash, p->count));
        if (!s && c->status) s = count_by_caller(job->texts, c, all);
        c->status = HW3_OK;
    }
    return s;
}

static hw3_status run_rounds(counting *job, hw3i_pieces *all)
{
    hw3_status s = HW3_OK;
    while (!s && begin_round(job)) {
        hw3i_pool_run(all->ctx->pool, job->n, count_tile, job);
        s = end_round(job, all);
    }
    return s;
}

static hw3_status make_chunk(chunk *c, hw3i_arena *memory)
{
    *c = (chunk){ .found.n_slots = N_SLOTS };
    c->found.items = hw3i_arena_alloc(memory, N_ITEMS, sizeof *c->found.items);
    c->found.slots = hw3i_arena_alloc(memory, N_SLOTS, sizeof *c->found.slots);
    c->room = hw3i_arena_alloc(memory, N_ROOM, 1);
    return c->found.items && c->found.slots && c->room ? HW3_OK : HW3_ERR_NOMEM;
}

hw3_status hw3i_pieces_count(hw3i_pieces *p, const hw3i_texts *texts)
{
    int64_t n_bytes = 0;
    for (int64_t i = 0; i < texts->n; i++) n_bytes += texts->n_bytes[i];
    counting job = { .texts = texts, .n = hw3i_min(PER_THREAD * hw3i_pool_n_threads(p->ctx->pool), n_bytes / HW3I_CHUNK + 1) };
    hw3i_arena memory;
    hw3i_arena_init(&memory, p->ctx);
    job.chunks = hw3i_arena_alloc(&memory, job.n, sizeof *job.chunks);
    hw3_status s = job.chunks ? HW3_OK : HW3_ERR_NOMEM;
    for (int64_t i = 0; !s && i < job.n; i++) s = make_chunk(&job.chunks[i], &memory);
    if (!s) s = run_rounds(&job, p);
    hw3i_arena_free(&memory);
    return s;
}
