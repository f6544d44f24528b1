/* SPDX-License-Identifier: MIT */
#include "diversity.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct gram {
    int64_t tokens[DIVERSITY_MOST];
} gram;

static int compare(const void *a, const void *b) { return memcmp(a, b, sizeof(gram)); }

/* Appends the n-grams of a sequence. */
static int64_t take(const int64_t *tokens, int64_t length, int n, gram *to)
{
    int64_t count = 0;
    for (int64_t i = 0; i + n <= length; i++, count++) {
        to[count] = (gram){ 0 };
        memcpy(to[count].tokens, tokens + i, (size_t)n * sizeof *tokens);
    }
    return count;
}

static int64_t n_different(gram *grams, int64_t n)
{
    int64_t different = n > 0;
    qsort(grams, (size_t)n, sizeof *grams, compare);
    for (int64_t i = 1; i < n; i++) different += compare(&grams[i - 1], &grams[i]) != 0;
    return different;
}

double distinct(const sequences *s, int n)
{
    gram *grams = malloc((size_t)(s->starts[s->n] + 1) * sizeof *grams);
    int64_t all = 0;
    for (int64_t i = 0; i < s->n && grams; i++) all += take(sequence_at(s, i), sequence_length(s, i), n, grams + all);
    const double share = all ? (double)n_different(grams, all) / (double)all : NAN;
    free(grams);
    return share;
}

double self_repetition(const sequences *s, int n)
{
    gram *grams = malloc((size_t)(s->starts[s->n] + 1) * sizeof *grams);
    double sum = 0;
    int64_t counted = 0;
    for (int64_t i = 0; i < s->n && grams; i++) {
        const int64_t all = take(sequence_at(s, i), sequence_length(s, i), n, grams);
        if (!all) continue;
        sum += 1 - (double)n_different(grams, all) / (double)all;
        counted++;
    }
    free(grams);
    return counted ? sum / (double)counted : NAN;
}
