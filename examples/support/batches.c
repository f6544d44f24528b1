/* SPDX-License-Identifier: MIT */
#include "batches.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>

static int no_memory(int64_t n)
{
    fprintf(stderr, "no memory for %lld sequences\n", (long long)n);
    return -1;
}

int sequences_make(sequences *s, int64_t n, int64_t n_tokens)
{
    *s = (sequences){ n, calloc((size_t)n + 1, sizeof *s->starts), malloc(((size_t)n_tokens + 1) * sizeof *s->tokens) };
    return s->starts && s->tokens ? 0 : no_memory(n);
}

void sequences_end(sequences *s)
{
    free(s->starts);
    free(s->tokens);
    *s = (sequences){ 0 };
}

const int64_t *sequence_at(const sequences *s, int64_t i) { return s->tokens + s->starts[i]; }
int64_t sequence_length(const sequences *s, int64_t i) { return s->starts[i + 1] - s->starts[i]; }
int64_t batch_rows(const batches *b, int64_t i) { return b->starts[i + 1] - b->starts[i]; }
int64_t batch_width(const batches *b, const sequences *s, int64_t i)
{
    return sequence_length(s, b->order[b->starts[i + 1] - 1]);
}

typedef struct entry {
    int64_t length, what, end; /* end: of a batch in the order of lengths */
    uint64_t key;
} entry;

static int by_length_and_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->length != y->length) return x->length < y->length ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* A number for i alone: the i-th that SplitMix64 gives. */
static uint64_t key_of(uint64_t seed, int64_t i)
{
    uint64_t state = seed + (uint64_t)i * 0x9e3779b97f4a7c15u;
    return random_bits(&state);
}

/* Batches of sorted sequences as entries of length 0, shuffled; returns how many. */
static int64_t cut(const entry *sorted, int64_t n, int64_t n_tokens, uint64_t seed, entry *out)
{
    int64_t n_batches = 0;
    for (int64_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && (end - first + 1) * sorted[end].length <= n_tokens; end++) {}
        out[n_batches] = (entry){ 0, first, end, key_of(~seed, n_batches) };
        n_batches++;
    }
    qsort(out, (size_t)n_batches, sizeof *out, by_length_and_key);
    return n_batches;
}

int batches_make(batches *b, const sequences *s, int64_t n_tokens, uint64_t seed)
{
    const size_t n = (size_t)s->n;
    entry *sorted = malloc((2 * n + 1) * sizeof *sorted), *cuts = sorted ? sorted + n : NULL;
    *b = (batches){ 0, calloc(n + 1, sizeof *b->starts), malloc((n + 1) * sizeof *b->order) };
    if (sorted && b->starts && b->order) {
        for (int64_t i = 0; i < s->n; i++) sorted[i] = (entry){ sequence_length(s, i), i, 0, key_of(seed, i) };
        qsort(sorted, n, sizeof *sorted, by_length_and_key);
        b->n = cut(sorted, s->n, n_tokens, seed, cuts);
        for (int64_t i = 0, at = 0; i < b->n; i++) {
            for (int64_t k = cuts[i].what; k < cuts[i].end; k++) b->order[at++] = sorted[k].what;
            b->starts[i + 1] = at;
        }
    }
    const int failed = !sorted || !b->starts || !b->order;
    free(sorted);
    return failed ? no_memory(s->n) : 0;
}

void batches_end(batches *b)
{
    free(b->starts);
    free(b->order);
    *b = (batches){ 0 };
}
