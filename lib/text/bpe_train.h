/* SPDX-License-Identifier: MIT */
/* Byte-level BPE [Sennrich16] learned from pieces of text. */
#ifndef HW3I_BPE_TRAIN_H
#define HW3I_BPE_TRAIN_H
#include "text/pieces.h"
#include "text/vocab.h"

typedef struct hw3i_merges {
    hw3i_merge *items; /* in the order in which they are to be applied */
    int64_t n, cap;
} hw3i_merges;

/* The bytes in the order of their tokens: that of the characters that stand for them in a file. */
void hw3i_byte_order(uint8_t order[256]);

/* Joins the pair that comes most often, of equals the one with the smallest left token, then right token, until there are
 * n_vocab tokens or no pair comes min_frequency times. Tokens are the n_specials first, which are not looked at, the bytes, then
 * one for each merge. Counts of pieces are at least 1.
 * out: to be given back with hw3i_free(ctx, out->items), also on failure. */
hw3_status hw3i_bpe_train(const hw3i_pieces *pieces, int64_t n_specials, int64_t n_vocab, int64_t min_frequency, hw3i_merges *out);

#endif
