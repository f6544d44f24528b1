/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/text.h"

typedef struct text {
    char *p;
    int64_t n;
} text;

static void same(text a, const char *p, int64_t n) { MUST(a.n == n && (n == 0 || !memcmp(a.p, p, (size_t)n))); }

static text form(hw3_ctx *ctx, hw3_form f, const char *bytes, int64_t n_bytes)
{
    text t = { 0 };
    MUST(hw3_text_normalize(ctx, f, bytes, n_bytes, NULL, 0, &t.n) == (t.n ? HW3_ERR_TOO_SMALL : HW3_OK));
    t.p = hw3i_alloc(ctx, t.n, 1);
    MUST(t.p && !hw3_text_normalize(ctx, f, bytes, n_bytes, t.p, t.n, &t.n));
    return t;
}

/* Any text by the rules that the first two bytes choose, once, back, and twice; and in each form, twice. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    hw3_persian_opts o = HW3_PERSIAN_OPTS_INIT;
    const unsigned char *head = (const unsigned char *)bytes;
    if (n_bytes < 2) return;
    o.letters = head[0] & 1, o.diacritics = head[0] >> 1 & 1, o.tatweel = head[0] >> 2 & 1, o.bidi = head[0] >> 3 & 1;
    o.spacing = head[0] >> 4 & 1, o.digits = head[1] % 3, o.zwnj = head[1] / 3 % 3;
    bytes += 2, n_bytes -= 2;

    int64_t n = 0, n_again, n_back, n_edits = 0;
    (void)!hw3_persian_normalize(ctx, &o, bytes, n_bytes, NULL, 0, &n, NULL, 0, &n_edits);
    text once = { hw3i_alloc(ctx, n, 1), n }, twice = { hw3i_alloc(ctx, n, 1), n }, back = { hw3i_alloc(ctx, n_bytes, 1), n_bytes };
    hw3_text_edit *edits = hw3i_alloc(ctx, n_edits, sizeof *edits);
    MUST(once.p && twice.p && back.p && edits);
    MUST(!hw3_persian_normalize(ctx, &o, bytes, n_bytes, once.p, n, &once.n, edits, n_edits, &n_edits));
    MUST(!hw3_persian_normalize(ctx, &o, once.p, n, twice.p, n, &n_again, NULL, 0, NULL));
    same(once, twice.p, n_again);
    MUST(!hw3_persian_restore(ctx, once.p, n, edits, n_edits, back.p, n_bytes, &n_back));
    same(back, bytes, n_bytes);
    MUST(n_back == n_bytes);
    hw3i_free(ctx, edits);
    hw3i_free(ctx, once.p);
    hw3i_free(ctx, twice.p);
    hw3i_free(ctx, back.p);

    for (hw3_form f = HW3_FORM_NFC; f <= HW3_FORM_NFKD; f++) {
        text a = form(ctx, f, bytes, n_bytes), b = form(ctx, f, a.p, a.n);
        same(a, b.p, b.n);
        hw3i_free(ctx, a.p);
        hw3i_free(ctx, b.p);
    }
}
