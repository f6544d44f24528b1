/* SPDX-License-Identifier: MIT */
/* JSON [RFC8259], strict, in one walk over the text: no tree, and no memory besides the text, in which strings are decoded.
 *
 *     hw3i_json j;
 *     hw3i_json_begin(&j, ctx, "a.json", text, n);
 *     for (bool more = hw3i_json_open(&j, '{'); more; more = hw3i_json_more(&j, '}')) {
 *         const char *key = hw3i_json_key(&j);
 *         if (!strcmp(key, "size")) size = hw3i_json_int(&j);
 *         else hw3i_json_fail(&j, "an unknown key");
 *     }
 *     s = hw3i_json_end(&j);
 *
 * The first failure stays: from then on there is no more, every string is "" and every number 0, so that it is looked at
 * once, at the end. Nesting is only as deep as the caller asks. Repeated keys are the caller's to find. */
#ifndef HW3I_JSON_H
#define HW3I_JSON_H
#include "base/base.h"

typedef struct hw3i_json {
    hw3_ctx *ctx;
    const char *name; /* of the text, for messages */
    char *text, *at, *end;
    hw3_status status;
} hw3i_json;

/* text: n bytes, changed. */
void hw3i_json_begin(hw3i_json *j, hw3_ctx *ctx, const char *name, char *text, int64_t n);
/* Enters an object '{' or a list '['; whether it has anything in it. */
bool hw3i_json_open(hw3i_json *j, char open);
/* After an element: whether another one follows, or the end '}' or ']' that was asked for. */
bool hw3i_json_more(hw3i_json *j, char close);
const char *hw3i_json_key(hw3i_json *j);    /* a string and the colon */
const char *hw3i_json_string(hw3i_json *j); /* UTF-8 without a zero, in the text */
int64_t hw3i_json_int(hw3i_json *j);
double hw3i_json_number(hw3i_json *j);                /* of at most 63 characters, finite; in any locale */
bool hw3i_json_word(hw3i_json *j, const char *word);  /* true, false or null; whether it stands there, else a failure */
char hw3i_json_next(hw3i_json *j);                    /* the byte with which the next value begins, not taken; 0 at the end */
/* Fails with "NAME: byte N: what"; returns the status. */
hw3_status hw3i_json_fail(hw3i_json *j, const char *what);
/* The first failure, also what stands after the value but spaces. */
hw3_status hw3i_json_end(hw3i_json *j);

/* Writing, with the same one status. text is for hw3i_free. */
typedef struct hw3i_json_out {
    hw3_ctx *ctx;
    char *text;
    int64_t n, cap;
    hw3_status status;
} hw3i_json_out;

void hw3i_json_put(hw3i_json_out *o, const char *text, int64_t n); /* as it is */
void hw3i_json_put_text(hw3i_json_out *o, const char *text);       /* as it is, up to its 0 */
void hw3i_json_put_string(hw3i_json_out *o, const char *utf8);     /* in quotes */
void hw3i_json_put_int(hw3i_json_out *o, int64_t value);
void hw3i_json_put_number(hw3i_json_out *o, double value);         /* finite; reads back to the same bits */

#endif
