/* SPDX-License-Identifier: MIT */
/* Comments from a model that begins each with a control token: many at once, over a grid of settings, or one as asked for. */
#ifndef HW3_EXAMPLES_WRITER_H
#define HW3_EXAMPLES_WRITER_H
#include "comments.h"
#include "sentiment.h"
#include <hw3/tokenizer.h>

enum { WRITER_CTX = 128, WRITER_TEXT = 4096 }; /* tokens that the model reads; bytes of room for a comment */

typedef struct writer {
    hw3_ctx *ctx;
    hw3_tokenizer *tok;
    hw3_model *gpt;
    int64_t control[2], end; /* first token of a negative and of a positive comment; last token of any */
    uint64_t seed;
    int64_t stream; /* of random numbers, the next comment's */
} writer;

typedef struct setting {
    double temperature;
    int64_t top_k; /* 0: all */
    double top_p;
} setting;

/* Adds the tokens for the end, negative and positive where the tokenizer has them not. Returns 0, or -1 with a line on stderr. */
int writer_specials(writer *j, const char *const texts[3]);

/* Tokens of comments, the end behind each; those of WRITER_CTX tokens and more are cut, which is printed, and so have no end.
   s: to be ended also on failure. Returns 0, or -1 with a line on stderr. */
int writer_tokenise(writer *j, const comments *c, sequences *s);

/* Appends n comments to out, which has room, each with its end unless the context was full first.
   Returns 0, or -1 with a line on stderr. */
int writer_write(writer *j, const setting *s, int positive, int64_t n, sequences *out);

/* A comment as text, ended by zero. Returns 0, or -1 with a line on stderr. */
int writer_text(writer *j, const sequences *s, int64_t i, char text[WRITER_TEXT]);

/* How many of the comments are, letter by letter, among those known; -1 with a line on stderr. */
int64_t writer_n_copies(writer *j, const sequences *s, const comments *known);

/* The share of comments, from first on, to which the judge gives the sentiment; NaN with a line on stderr. */
double writer_share(const sequences *s, int64_t first, int positive, sentiment *judge);

/* Writes n comments of each sentiment at each of 27 settings, prints their measures in a table and what the settings do.
   Returns 0, or -1 with a line on stderr. */
int writer_grid(writer *j, int64_t n, sentiment *judge, const comments *known);

/* Reads lines like "+ start" and "- start" and goes on from there, each token's text as soon as it is certain.
   Returns 0 at the end of the input, or -1 with a line on stderr. */
int writer_interactive(writer *j, const setting *s);

#endif
