/* SPDX-License-Identifier: MIT */
/* What has to hold for any text: forms and rules do nothing to what they have made, and the log leads back. */
#ifndef HW3_TEXT_TRIAL_H
#define HW3_TEXT_TRIAL_H
#include "support.h"

#define MOST_BYTES (1 << 16) /* of a text and of what is made of it */

/* The Persian form of text in out, checked: once more it stays the same, and its log gives the text back. Returns its bytes. */
static inline int64_t persian_trial(hw3_ctx *ctx, const hw3_persian_opts *o, const char *text, int64_t n, char *out)
{
    static char again[MOST_BYTES], back[MOST_BYTES];
    static hw3_text_edit edits[MOST_BYTES];
    int64_t n_out, n_again, n_back, n_edits;
    OK(hw3_persian_normalize(ctx, o, text, n, out, MOST_BYTES, &n_out, edits, MOST_BYTES, &n_edits));
    OK(hw3_persian_restore(ctx, out, n_out, edits, n_edits, back, MOST_BYTES, &n_back));
    ck_assert_msg(n_back == n && !memcmp(back, text, (size_t)n), "'%.*s' came back as '%.*s' from '%.*s'", (int)n, text,
                  (int)n_back, back, (int)n_out, out);
    ck_assert_msg((n_edits == 0) == (n_out == n && !memcmp(out, text, (size_t)n)), "%d edits: '%.*s' and '%.*s'", (int)n_edits,
                  (int)n, text, (int)n_out, out);
    for (int64_t i = 0; i < n_edits; i++) {
        ck_assert(edits[i].rule >= HW3_RULE_LETTERS && edits[i].rule <= HW3_RULE_SPACING && edits[i].was != edits[i].now);
        ck_assert(edits[i].reserved == 0 && (i == 0 || edits[i - 1].at <= edits[i].at));
    }
    OK(hw3_persian_normalize(ctx, o, out, n_out, again, MOST_BYTES, &n_again, NULL, 0, NULL));
    ck_assert_msg(n_again == n_out && !memcmp(again, out, (size_t)n_out), "'%.*s' became '%.*s' and then '%.*s'", (int)n, text,
                  (int)n_out, out, (int)n_again, again);
    return n_out;
}

static inline void form_is(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n, const char *want, int64_t n_want)
{
    static char out[MOST_BYTES];
    int64_t n_out;
    OK(hw3_text_normalize(ctx, form, text, n, out, MOST_BYTES, &n_out));
    ck_assert_msg(n_out == n_want && !memcmp(out, want, (size_t)n_want), "form %d of '%.*s' is '%.*s', want '%.*s'", (int)form,
                  (int)n, text, (int)n_out, out, (int)n_want, want);
}

/* One line of Unicode's test: c1 to c5 with NFC(c1) = NFC(c2) = NFC(c3) = c2, and so on. */
static inline void normalization_trial(hw3_ctx *ctx, const char *const c[5])
{
    for (int k = 0; k < 5; k++) {
        const int64_t n = (int64_t)strlen(c[k]);
        const char *want[4] = { c[k < 3 ? 1 : 3], c[k < 3 ? 2 : 4], c[3], c[4] }; /* by HW3_FORM_ */
        for (hw3_form form = HW3_FORM_NFC; form <= HW3_FORM_NFKD; form++)
            form_is(ctx, form, c[k], n, want[form], (int64_t)strlen(want[form]));
    }
}

/* Is there anything in the text that a Persian rule may know? */
static inline int concerns_persian(const char *text)
{
    static const int32_t known[][2] = {
        { 0x600, 0x6FF }, { 0x8A0, 0x8FF }, { 0xFB50, 0xFEFF }, { '0', '9' }, { 9, 13 }, { ' ', ' ' }, { 0x85, 0x85 },
        { 0xA0, 0xA0 },
        { 0x1680, 0x1680 }, { 0x2000, 0x200F }, { 0x2028, 0x202F }, { 0x205F, 0x2060 }, { 0x2066, 0x2069 }, { 0x3000, 0x3000 } };
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        int len = *p < 0x80 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
        int32_t c = len == 1 ? *p : *p & (0x7F >> len);
        for (int i = 1; i < len; i++) c = c << 6 | (p[i] & 0x3F);
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (c >= known[i][0] && c <= known[i][1]) return 1;
        p += len;
    }
    return 0;
}

/* Persian rules leave a text alone that has nothing of theirs. Returns 1 when it is such a text. */
static inline int foreign_trial(hw3_ctx *ctx, const char *text)
{
    static char out[MOST_BYTES];
    const hw3_persian_opts all = { (uint32_t)sizeof all, 1, HW3_DIGITS_PERSIAN, 1, 1, HW3_ZWNJ_REPAIR, 1, 1 };
    const int64_t n = (int64_t)strlen(text), n_out = persian_trial(ctx, &all, text, n, out);
    if (concerns_persian(text)) return 0;
    ck_assert_msg(n_out == n && !memcmp(out, text, (size_t)n), "'%s' became '%.*s'", text, (int)n_out, out);
    return 1;
}

#endif
