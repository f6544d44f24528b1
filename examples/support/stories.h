/* SPDX-License-Identifier: MIT */
/* A text of stories, one a line, cut into words, and the words numbered as tokens. */
#ifndef HW3_EXAMPLES_STORIES_H
#define HW3_EXAMPLES_STORIES_H
#include <stdint.h>

enum { STORIES_VOCAB = 1024, STORIES_WORD = 24, STORIES = 2048, STORIES_TOKENS = 1 << 16 };

typedef struct stories {
    int64_t n_vocab;
    char words[STORIES_VOCAB][STORIES_WORD]; /* special ones first */
    int64_t n, starts[STORIES + 1];          /* story i has tokens[starts[i]] to tokens[starts[i + 1] - 1] */
    int64_t tokens[STORIES_TOKENS];
} stories;

/* Reads a text. specials: [n_specials], get the first numbers. end: token put behind each story, -1 for none. Returns 0, or -1 with
   a line on stderr. */
int stories_read(stories *s, const char *path, const char *const *specials, int64_t n_specials, int64_t end);

/* Cuts one more text, whose words must be there. Returns the number of tokens, or -1 with a line on stderr. */
int64_t stories_cut(stories *s, const char *text, int64_t *tokens, int64_t room);

#endif
