/* SPDX-License-Identifier: MIT */
#include "args.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_default(const arg *a)
{
    const char *text = a->kind == ARG_TEXT || a->kind == ARG_WORD ? *(const char **)a->value : NULL;
    if (a->kind == ARG_INT) printf(" (%lld)", (long long)*(int64_t *)a->value);
    if (a->kind == ARG_REAL) printf(" (%g)", *(double *)a->value);
    if (text) printf(" (%s)", text);
    putchar('\n');
}

static int print_help(const char *program, const char *about, const arg *options)
{
    static const char *const kinds[] = { "", "", " N", " X", " TEXT", " WORD" };
    char left[64];
    printf("%s\n\nusage: %s [options]", about, program);
    for (const arg *a = options; a->name; a++)
        if (a->name[0] != '-') printf(" [%s]", a->name);
    printf("\n\n");
    for (const arg *a = options; a->name; a++) {
        snprintf(left, sizeof left, "%s%s", a->name, a->name[0] == '-' ? kinds[a->kind] : "");
        printf("  %-20s %s", left, a->help);
        if (a->kind == ARG_WORD) printf(": %s", a->words);
        print_default(a);
    }
    printf("  %-20s %s\n", "--help", "this text");
    return ARGS_HELP;
}

static int wrong(const char *program, const char *name, const char *what, const char *value)
{
    const char *open = *value ? " '" : "", *close = *value ? "'" : "";
    fprintf(stderr, "%s: %s%s%s%s%s (--help lists the options)\n", program, name, what, open, value, close);
    return ARGS_WRONG;
}

static int is_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; n && *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == n && !strncmp(at, word, n)) return 1;
    return 0;
}

/* Stores text as the value of an option; returns what is wrong with it, or NULL. */
static const char *store(const arg *a, const char *text, char *reason, size_t size)
{
    char *end;
    if (a->kind == ARG_TEXT || a->kind == ARG_WORD) {
        snprintf(reason, size, " is one of %s, not", a->words ? a->words : "");
        if (a->kind == ARG_WORD && !is_word(a->words, text)) return reason;
        *(const char **)a->value = text;
        return NULL;
    }
    errno = 0;
    double value = a->kind == ARG_INT ? (double)strtoll(text, &end, 10) : strtod(text, &end);
    snprintf(reason, size, " takes %s from %g to %g, not", a->kind == ARG_INT ? "a whole number" : "a number", a->low, a->high);
    if (end == text || *end || errno || !(value >= a->low && value <= a->high)) return reason;
    if (a->kind == ARG_INT) *(int64_t *)a->value = strtoll(text, NULL, 10);
    else *(double *)a->value = value;
    return NULL;
}

/* The option called name of n bytes, or the next word that stands alone when name does not begin with a dash. */
static const arg *find(const arg *options, const char *name, size_t n, int n_alone)
{
    for (const arg *a = options; a->name; a++) {
        if (name[0] == '-' && strlen(a->name) == n && !strncmp(a->name, name, n)) return a;
        if (name[0] != '-' && a->name[0] != '-' && n_alone-- == 0) return a;
    }
    return NULL;
}

int args_parse(int argc, char **argv, const char *about, const arg *options)
{
    const char *slash = strrchr(argv[0], '/'), *program = slash ? slash + 1 : argv[0];
    char reason[256];
    int n_alone = 0;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i], *equals = text[0] == '-' ? strchr(text, '=') : NULL;
        if (!strcmp(text, "--help") || !strcmp(text, "-h")) return print_help(program, about, options);
        const arg *a = find(options, text, equals ? (size_t)(equals - text) : strlen(text), n_alone);
        if (!a) return wrong(program, text[0] == '-' ? "unknown option" : "one argument too many:", "", text);
        if (a->kind == ARG_FLAG) {
            if (equals) return wrong(program, a->name, " takes no value, not", equals + 1);
            *(int *)a->value = 1;
            continue;
        }
        if (a->name[0] != '-') n_alone++;
        const char *value = equals ? equals + 1 : a->name[0] != '-' ? text : i + 1 < argc ? argv[++i] : NULL;
        if (!value) return wrong(program, a->name, " needs a value", "");
        const char *what = store(a, value, reason, sizeof reason);
        if (what) return wrong(program, a->name, what, value);
    }
    return 0;
}
