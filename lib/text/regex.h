/* SPDX-License-Identifier: MIT */
/* Regular expressions over UTF-8. regex.c is the one file that includes pcre2.h. */
#ifndef HW3I_REGEX_H
#define HW3I_REGEX_H
#include "base/base.h"

typedef struct hw3i_regex hw3i_regex;
typedef struct hw3i_match hw3i_match;

/* literal: the pattern is a text. \s, \w and \d mean what they mean in Unicode's own list of properties [UTS18].
 * HW3_ERR_FORMAT with the reason and its place; HW3_ERR_NOMEM. */
hw3_status hw3i_regex_create(hw3_ctx *ctx, const char *who, const char *pattern, bool literal, hw3i_regex **out);
void hw3i_regex_destroy(hw3i_regex *r);

/* What a search writes to, one for each thread. Without a context (set_ctx) a search takes no memory but fails. */
hw3i_match *hw3i_match_create(hw3_ctx *ctx);
void hw3i_match_set_ctx(hw3i_match *m, hw3_ctx *ctx);
void hw3i_match_destroy(hw3_ctx *ctx, hw3i_match *m);

/* Searches n bytes of UTF-8 from at on; HW3_OK with first = -1 when there is nothing. HW3_ERR_VALUE when it takes too many
 * steps; HW3_ERR_NOMEM. */
hw3_status hw3i_regex_search(const hw3i_regex *r, hw3i_match *m, const char *text, int64_t n, int64_t at, int64_t *first,
                             int64_t *end);

#endif
