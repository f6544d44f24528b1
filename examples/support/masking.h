/* SPDX-License-Identifier: MIT */
/* BERT's inputs [Devlin19]: pairs of sentences, [CLS] A [SEP] B [SEP], of which some words are hidden. */
#ifndef HW3_EXAMPLES_MASKING_H
#define HW3_EXAMPLES_MASKING_H
#include "learner.h"
#include "stories.h"

enum { PAD, CLS, SEP, MASK, N_SPECIALS }; /* the first tokens */
enum { MASK_ROWS = 16, MASK_TOKENS = 24, MASK_SIZE = MASK_ROWS * MASK_TOKENS, MASK_PAIRS = 2048, NO_TARGET = -100 };
#define MASKING_SPECIALS (const char *const[]){ "[PAD]", "[CLS]", "[SEP]", "[MASK]" }, N_SPECIALS

/* Sentences that follow one another in a story: tokens[a[i]] to tokens[b[i] - 1], then to tokens[end[i] - 1]. */
typedef struct pairs {
    const stories *text;
    int64_t n, a[MASK_PAIRS], b[MASK_PAIRS], end[MASK_PAIRS];
} pairs;

/* A batch, [MASK_ROWS, MASK_TOKENS] or [MASK_ROWS]. */
typedef struct masked {
    int64_t tokens[MASK_SIZE], types[MASK_SIZE]; /* with hidden words; 0 up to the first [SEP], 1 behind */
    int64_t targets[MASK_SIZE];                  /* what was chosen to be foreseen, NO_TARGET elsewhere */
    int64_t lengths[MASK_ROWS];
    int64_t follows[MASK_ROWS]; /* 0: the second sentence follows the first, 1: it is another one */
} masked;

/* The pairs of stories first to last - 1. */
void pairs_find(pairs *p, const stories *text, int64_t first, int64_t last);

/* Fills a row with pair i, the second sentence being any other in half of the cases when swap is 1. Nothing is hidden yet. */
void masked_pair(masked *m, int64_t row, const pairs *p, int64_t i, int swap, uint64_t *random);

/* Fills a row with one text, [CLS] text [SEP]. */
void masked_text(masked *m, int64_t row, const int64_t *tokens, int64_t n);

/* Chooses 15 % of a row's words as targets: 80 % of these become [MASK], 10 % any word, 10 % stay. */
void masked_hide(masked *m, int64_t row, int64_t n_vocab, uint64_t *random);

/* How a family takes a batch: BERT with segments, RoBERTa without, a decoder without lengths too, as padding comes last. */
typedef enum masked_form { WITH_SEGMENTS, WITHOUT_SEGMENTS, TOKENS_ALONE } masked_form;

/* Hidden values of a batch, within a step that has begun. */
hw3_var masked_hidden(learner *j, const masked *m, masked_form form);

/* The logits of every place, [MASK_ROWS, MASK_TOKENS, n_vocab], outside training. Returns 0, or -1 with a line on stderr. */
int masked_logits(learner *j, const masked *m, masked_form form, float *logits, int64_t n_vocab);

#endif
