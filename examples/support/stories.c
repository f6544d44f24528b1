/* SPDX-License-Identifier: MIT */
#include "stories.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The number of a word; where there is none it gets one when it may, else -1. */
static int64_t number_of(stories *s, const char *word, int may_add)
{
    for (int64_t i = 0; i < s->n_vocab; i++)
        if (!strcmp(s->words[i], word)) return i;
    if (!may_add || s->n_vocab == STORIES_VOCAB) return -1;
    strcpy(s->words[s->n_vocab], word);
    return s->n_vocab++;
}

static int64_t cut(stories *s, const char *text, int64_t *tokens, int64_t room, int may_add)
{
    char word[STORIES_WORD];
    int64_t n = 0;
    for (text += strspn(text, " \r\n"); *text; text += strspn(text, " \r\n")) {
        const size_t length = strcspn(text, " \r\n");
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        text += length;
        const int64_t token = length < sizeof word ? number_of(s, word, may_add) : -1;
        if (token < 0 || n == room) return fprintf(stderr, "'%s': %s\n", word, token < 0 ? "no such word" : "the text is too long"), -1;
        tokens[n++] = token;
    }
    return n;
}

int64_t stories_cut(stories *s, const char *text, int64_t *tokens, int64_t room) { return cut(s, text, tokens, room, 0); }

int stories_read(stories *s, const char *path, const char *const *specials, int64_t n_specials, int64_t end)
{
    char line[4096];
    int64_t n = 0;
    FILE *f = fopen(path, "r");
    if (!f) return fprintf(stderr, "%s: %s\n", path, strerror(errno)), -1;
    s->n = s->n_vocab = 0;
    for (int64_t i = 0; i < n_specials; i++) number_of(s, specials[i], 1);
    while (n >= 0 && s->n < STORIES && fgets(line, sizeof line, f)) {
        const int64_t at = s->starts[s->n];
        n = cut(s, line, s->tokens + at, STORIES_TOKENS - at - 1, 1);
        if (n > 0 && end >= 0) s->tokens[at + n++] = end;
        if (n > 0) s->starts[++s->n] = at + n;
    }
    fclose(f);
    return n < 0 ? -1 : 0;
}
