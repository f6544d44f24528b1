/* SPDX-License-Identifier: MIT */
/* The pieces of many texts, each kept once with the number of times that it comes: all that training of BPE has to know. */
#ifndef HW3I_PIECES_H
#define HW3I_PIECES_H
#include "base/arena.h"

typedef struct hw3i_counted {
    const char *text;
    int64_t n_bytes, count;
    uint64_t hash;
} hw3i_counted;

/* Items in the order in which they came first; a table of slots finds them. */
typedef struct hw3i_pieces {
    hw3_ctx *ctx;
    hw3i_arena arena; /* the bytes */
    char *room;       /* what is left of the newest block of them */
    int64_t n_room;
    hw3i_counted *items;
    int64_t n, cap;
    uint32_t *slots; /* index + 1, 0 for none; a power of two of them, at least half of them empty */
    int64_t n_slots;
} hw3i_pieces;

void hw3i_pieces_init(hw3i_pieces *p, hw3_ctx *ctx);
void hw3i_pieces_free(hw3i_pieces *p);
/* Adds count to a piece, which is copied when it is new. Gives its index, or a negative status. */
int64_t hw3i_pieces_add(hw3i_pieces *p, const char *text, int64_t n_bytes, int64_t count);

/* Takes a piece; a failure is handed on by what cuts. */
typedef hw3_status (*hw3i_piece_fn)(void *sink, const char *text, int64_t n);

/* Cuts a text and gives its pieces to put. Workers are threads, which may take no memory and leave no message: where something
 * fails there, it is done once more on the caller's thread, with may_take. */
typedef hw3_status (*hw3i_cut_fn)(void *arg, int worker, bool may_take, const char *text, int64_t n, hw3i_piece_fn put, void *sink);

typedef struct hw3i_texts {
    const char *const *texts; /* [n], of n_bytes[i] bytes */
    const int64_t *n_bytes;
    int64_t n;
    const char *const *specials; /* [n_specials], texts that stay whole when a long text is cut to be shared out */
    int64_t n_specials;
    hw3i_cut_fn cut;
    void *arg;
} hw3i_texts;

#define HW3I_CHUNK (64 * 1024) /* bytes that are cut at once; up to the next border, which is near in most texts */

/* Adds the pieces of all texts, on all threads. The counts do not depend on the number of threads; the order may. */
hw3_status hw3i_pieces_count(hw3i_pieces *p, const hw3i_texts *texts);

#endif
