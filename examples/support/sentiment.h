/* SPDX-License-Identifier: MIT */
/* A classifier of token sequences into positive and negative: embedding, GRU in both directions, mean over the steps, one logit.
 *
 *     sentiment *judge = NULL;
 *     if (sentiment_train(ctx, n_vocab, &texts, positive, 2, seed, &judge)) return 1;
 *     if (sentiment_judge(judge, &others, logits)) return 1;   // above 0: positive
 *     sentiment_end(judge); */
#ifndef HW3_EXAMPLES_SENTIMENT_H
#define HW3_EXAMPLES_SENTIMENT_H
#include "batches.h"
#include <hw3/hw3.h>

typedef struct sentiment sentiment;

/* positive: [n], 1 or 0. Trains for some epochs. Returns 0, or -1 with a line on stderr and *out NULL. */
int sentiment_train(hw3_ctx *ctx, int64_t n_vocab, const sequences *s, const int64_t *positive, int64_t n_epochs, uint64_t seed,
                    sentiment **out);

/* logits: [n], receives one of each sequence. Returns 0, or -1 with a line on stderr. */
int sentiment_judge(sentiment *j, const sequences *s, double *logits);

void sentiment_end(sentiment *j);

#endif
