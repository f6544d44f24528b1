/* SPDX-License-Identifier: MIT */
/* Keys and values of the tokens so far, of many sequences, in pages that sequences share.
 *
 * A page holds the keys and values of up to `block` positions in all layers and heads, in the panels that the attention
 * kernel reads: nothing is gathered or copied for a step. Their numbers are the model's, and read in place, or narrow: rounded
 * when they are written, unpacked panel by panel by the kernel, so that every query sees what is kept, also of the same pass.
 * 8-bit integers have a scale for each key and each value of a head, the largest number of it over 127 [Dettmers22]: it needs no
 * key but its own, so the bits do not depend on how keys came. A sequence is a table of pages; page j holds the positions
 * from j block on. A fork copies the table and counts references. Whoever writes into a page that others read too takes a copy
 * of its own first. So the forks of a prompt cost what they add to it.
 *
 * What they add are few keys at first, and a whole page for each would be dear. A last page may therefore be smaller, an eighth,
 * a quarter or a half, unless a whole one lies free; it grows by copying, and the kernel unpacks it, too.
 * Pages that are given up are kept for the next: once as many were taken as are ever needed, no step allocates.
 *
 * Recurrent layers have no pages: of each sequence a state, which a step replaces.
 *
 * A step is begun (room is made, and only that may fail for want of it), run through the layers, and committed. What is not
 * committed never happened: a sequence's length does not change before. Every number in a page is finite, so that a key that is
 * masked, with weight 0, adds 0. */
#ifndef HW3I_KVCACHE_H
#define HW3I_KVCACHE_H
#include "graph/ops.h"
#include "math/kern.h"

typedef struct hw3i_kv_page hw3i_kv_page;

typedef struct hw3i_kv_sequence {
    int64_t n, n_pages;   /* positions; pages, which may be more than the positions need */
    hw3i_kv_page **pages; /* [max_pages] */
} hw3i_kv_sequence;

enum { HW3I_KV_CLASSES = 4 }; /* sizes of pages: block, block / 2, block / 4, block / 8 keys */

typedef struct hw3i_kv {
    hw3_ctx *ctx;
    hw3_dtype dtype;      /* of the model */
    int form;             /* HW3I_REAL, ...: what pages hold */
    int64_t n_layers, n_heads, D, Dv; /* n_heads: of keys and values */
    int64_t n_ctx, n_sequences;
    int64_t block, max_pages;         /* keys of a page; pages of n_ctx positions */
    int64_t nv;                       /* panels of block columns that Dv fills; 0: values are in the keys */
    hw3i_kv_sequence *sequences;
    hw3i_kv_page **tables;            /* of all sequences */
    hw3i_panel *panels;               /* [n_sequences n_heads max_pages], for one call of the kernel */
    int64_t *lengths, *offsets;       /* [n_sequences], for the same */
    hw3i_kv_page *free[HW3I_KV_CLASSES];
    int64_t bytes, bytes_used;        /* of all pages and states taken from the context, and of pages in use */
    int64_t state_bytes;              /* of a sequence; 0: there is none */
    char *states;                     /* [n_sequences] states, [n_sequences] of the step that is begun, and a marked one */
} hw3i_kv;

/* T new tokens for each of B sequences, on their way through the layers. */
typedef struct hw3i_state {
    hw3i_kv *kv;
    int64_t B, T;
    const int64_t *which; /* [B] different sequences */
} hw3i_state;

typedef struct hw3i_kv_sizes {
    hw3_dtype dtype;
    int form;
    int64_t n_layers, n_heads, D, Dv, n_ctx, n_sequences;
    int64_t n_tokens;    /* pages are taken at once for this many positions */
    int64_t state_bytes;
    bool values_in_keys; /* the first Dv numbers of a key are its value, and no other is kept */
} hw3i_kv_sizes;
hw3_status hw3i_kv_create(hw3_ctx *ctx, const hw3i_kv_sizes *sizes, hw3i_kv **out);
void hw3i_kv_destroy(hw3i_kv *kv); /* may be NULL */

/* Makes room for T more positions of each sequence. HW3_ERR_NOMEM: nothing has changed. n + T <= n_ctx is the caller's care. */
hw3_status hw3i_kv_begin(const hw3i_state *s);
/* Of layer: writes k [B, T, n_heads, D] and v [B, T, n_heads, Dv] behind the positions so far, and attends to all of them by
 * q [B, T, heads, D], causally. v: HW3_NONE where values are in the keys. Only outside training. o: scale and window; the rest is
 * not looked at. HW3_ERR_VALUE: a key or value is not finite in the cache's form, and none was written. */
hw3_var hw3i_kv_attend(const hw3i_state *s, hw3_graph *g, int64_t layer, hw3_var q, hw3_var k, hw3_var v,
                       const hw3i_attention_opts *o);
void hw3i_kv_commit(const hw3i_state *s);

/* n at most what there is. Of a state only n = 0 is known; otherwise it stays, and is the caller's care. */
void hw3i_kv_truncate(hw3i_kv *kv, int64_t sequence, int64_t n);
void hw3i_kv_fork(hw3i_kv *kv, int64_t from, int64_t to);        /* what `to` held is given up */

/* Where the state of a sequence is, and where that after the step goes before commit. */
static inline char *hw3i_kv_at(const hw3i_kv *kv, int64_t sequence) { return kv->states + sequence * kv->state_bytes; }
static inline char *hw3i_kv_next(const hw3i_kv *kv, int64_t sequence) { return hw3i_kv_at(kv, kv->n_sequences + sequence); }
/* Keeps the state of a sequence, for one return to it. */
void hw3i_kv_mark(hw3i_kv *kv, int64_t sequence);
void hw3i_kv_return(hw3i_kv *kv, int64_t sequence, int64_t n); /* n: positions when it was marked */

/* Keys [n, n_heads, D] and values [n, n_heads, Dv], NULL where they are in the keys, of a layer, to and from rows of the model's
 * type; writing needs begin, and commit after it. What was read is written with the same bits. HW3_ERR_VALUE as above. */
void hw3i_kv_read(const hw3i_kv *kv, int64_t sequence, int64_t layer, void *k, void *v);
hw3_status hw3i_kv_write(const hw3i_state *s, int64_t layer, const void *k, const void *v);

#endif
