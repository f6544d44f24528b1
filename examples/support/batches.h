/* SPDX-License-Identifier: MIT */
/* Sequences of tokens, and batches of sequences that are about equally long, so that padding costs next to nothing.
 *
 *     batches b;
 *     if (batches_make(&b, &s, 2048, seed + epoch)) return 1;
 *     for (int64_t i = 0; i < b.n; i++)
 *         for (int64_t k = b.starts[i]; k < b.starts[i + 1]; k++) use(sequence_at(&s, b.order[k]));
 *     batches_end(&b); */
#ifndef HW3_EXAMPLES_BATCHES_H
#define HW3_EXAMPLES_BATCHES_H
#include <stdint.h>

typedef struct sequences {
    int64_t n, *starts, *tokens; /* [n + 1]; sequence i has tokens[starts[i]] to tokens[starts[i + 1] - 1] */
} sequences;

/* Room for n sequences of n_tokens in all, starts[0] = 0. Returns 0, or -1 with a line on stderr. */
int sequences_make(sequences *s, int64_t n, int64_t n_tokens);
void sequences_end(sequences *s);
const int64_t *sequence_at(const sequences *s, int64_t i);
int64_t sequence_length(const sequences *s, int64_t i);

typedef struct batches {
    int64_t n, *starts, *order; /* [n + 1]; batch i: order[starts[i]] to order[starts[i + 1] - 1], the last the longest */
} batches;

/* Sorts by length, equal ones at random; cuts where the next would make the batch, filled up to its longest, more than n_tokens;
   shuffles the batches. The same seed gives the same ones. Returns 0, or -1 with a line on stderr. */
int batches_make(batches *b, const sequences *s, int64_t n_tokens, uint64_t seed);
void batches_end(batches *b);

/* The length of a batch's longest sequence, and how many it has. */
int64_t batch_width(const batches *b, const sequences *s, int64_t i);
int64_t batch_rows(const batches *b, int64_t i);

#endif
