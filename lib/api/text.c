/* SPDX-License-Identifier: MIT */
#include "text/persian.h"
#include "api/check.h"
#include "base/text.h"

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_persian_opts))

static const hw3_persian_opts defaults = HW3_PERSIAN_OPTS_INIT;

hw3_status hw3_persian_opts_init(hw3_persian_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

/* A text, *n bytes or up to its zero, and room for another. */
static hw3_status check(hw3_ctx *ctx, const char *what, const char *text, int64_t *n, const char *out, int64_t cap,
                        const int64_t *n_out)
{
    if (!ctx) return HW3_ERR_ARG;
    if (!n_out) return hw3i_is_null(ctx, what, "n_out");
    if (*n < -1) return hw3i_is_small(ctx, what, "n_bytes", *n, -1);
    if (cap < 0) return hw3i_is_small(ctx, what, "cap", cap, 0);
    if ((*n && !text) || (cap && !out)) return hw3i_is_null(ctx, what, *n && !text ? "text" : "out");
    if (*n == -1) *n = (int64_t)strlen(text);
    return HW3_OK;
}

hw3_status hw3_text_normalize(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n_bytes, char *out, int64_t cap,
                              int64_t *n_out)
{
    hw3i_buffer b = { 0 };
    hw3_status s = check(ctx, "text_normalize", text, &n_bytes, out, cap, n_out);
    if (!s) s = hw3i_check_range(ctx, "text_normalize", "form", form, HW3_FORM_NFC, HW3_FORM_NFKD);
    if (s) return s;
    s = hw3i_unicode_normalize(ctx, form, text, n_bytes, &b);
    if (!s) s = hw3i_give_text(ctx, "text_normalize", b.p, b.n, out, cap, n_out);
    hw3i_free(ctx, b.p);
    return s;
}

static hw3_status check_rules(hw3_ctx *ctx, const hw3_persian_opts *o)
{
    const struct {
        const char *name;
        int32_t is, most;
    } rules[] = { { "letters", o->letters, 1 }, { "digits", o->digits, HW3_DIGITS_ASCII }, { "diacritics", o->diacritics, 1 },
                  { "tatweel", o->tatweel, 1 }, { "zwnj", o->zwnj, HW3_ZWNJ_REMOVE }, { "bidi", o->bidi, 1 },
                  { "spacing", o->spacing, 1 } };
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < HW3I_LEN(rules) && !s; i++)
        s = hw3i_check_range(ctx, "persian_normalize", rules[i].name, rules[i].is, 0, rules[i].most);
    return s;
}

/* Gives both results, or the lengths of both. */
static hw3_status give(hw3_ctx *ctx, const hw3i_buffer *b, char *out, int64_t cap, int64_t *n_out, const hw3i_edits *e,
                       hw3_text_edit *edits, int64_t edits_cap, int64_t *n_edits)
{
    if (n_edits) *n_edits = e->n;
    if (n_edits && e->n > edits_cap) {
        *n_out = b->n;
        return hw3i_fail(ctx, HW3_ERR_TOO_SMALL, "persian_normalize: room for %lld edits, %lld are needed", (long long)edits_cap,
                         (long long)e->n);
    }
    hw3_status s = hw3i_give_text(ctx, "persian_normalize", b->p, b->n, out, cap, n_out);
    if (!s && n_edits && e->n) memcpy(edits, e->p, (size_t)e->n * sizeof *edits);
    return s;
}

hw3_status hw3_persian_normalize(hw3_ctx *ctx, const hw3_persian_opts *opts, const char *text, int64_t n_bytes, char *out,
                                 int64_t cap, int64_t *n_out, hw3_text_edit *edits, int64_t edits_cap, int64_t *n_edits)
{
    hw3_persian_opts o = defaults;
    hw3i_buffer b = { 0 };
    hw3i_edits e = { 0 };
    hw3_status s = check(ctx, "persian_normalize", text, &n_bytes, out, cap, n_out);
    if (s) return s;
    if (edits_cap < 0) return hw3i_is_small(ctx, "persian_normalize", "edits_cap", edits_cap, 0);
    if ((edits_cap && !edits) || (edits && !n_edits)) return hw3i_is_null(ctx, "persian_normalize", edits ? "n_edits" : "edits");
    if (opts) s = hw3i_import(ctx, &o, sizeof o, opts, OLDEST_OPTS, "hw3_persian_opts");
    if (!s) s = check_rules(ctx, &o);
    if (!s) s = hw3i_persian_normalize(ctx, &o, text, n_bytes, &b, n_edits ? &e : NULL);
    if (!s) s = give(ctx, &b, out, cap, n_out, &e, edits, edits_cap, n_edits);
    hw3i_free(ctx, b.p);
    hw3i_free(ctx, e.p);
    return s;
}

hw3_status hw3_persian_restore(hw3_ctx *ctx, const char *text, int64_t n_bytes, const hw3_text_edit *edits, int64_t n_edits,
                               char *out, int64_t cap, int64_t *n_out)
{
    hw3i_buffer b = { 0 };
    hw3_status s = check(ctx, "persian_restore", text, &n_bytes, out, cap, n_out);
    if (s) return s;
    if (n_edits < 0) return hw3i_is_small(ctx, "persian_restore", "n_edits", n_edits, 0);
    if (n_edits && !edits) return hw3i_is_null(ctx, "persian_restore", "edits");
    s = hw3i_persian_restore(ctx, text, n_bytes, edits, n_edits, &b);
    if (!s) s = hw3i_give_text(ctx, "persian_restore", b.p, b.n, out, cap, n_out);
    hw3i_free(ctx, b.p);
    return s;
}
