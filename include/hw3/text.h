/* SPDX-License-Identifier: MIT */
/** @file text.h
 * Unicode's normal forms, and Persian written in one way, with a log that leads back.
 *
 *     hw3_persian_opts o = HW3_PERSIAN_OPTS_INIT;
 *     o.digits = HW3_DIGITS_PERSIAN;
 *     char tidy[256], back[256];
 *     hw3_text_edit edits[64];
 *     int64_t n, n_edits, n_back;
 *     TRY(hw3_persian_normalize(ctx, &o, "مي خورم 12", -1, tidy, sizeof tidy, &n, edits, 64, &n_edits));     // می‌خورم ۱۲
 *     TRY(hw3_persian_restore(ctx, tidy, n, edits, n_edits, back, sizeof back, &n_back));                   // as it was
 *
 * Texts are bytes with a length; -1 stands for the length up to the first zero. Bytes that are no UTF-8 stay as they are.
 * Behind a text that comes out stands a zero, which its length does not count, where there is room for one.
 * A result that does not fit its buffer is HW3_ERR_TOO_SMALL: nothing is written but the length that it needs, so that a
 * call with NULL and 0 asks for the length.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_TEXT_H
#define HW3_TEXT_H
#include "hw3/base.h"
HW3_BEGIN

/** Unicode's normal forms [UAX15]. */
typedef int32_t hw3_form;
enum {
    HW3_FORM_NFC = 0,  /**< accents joined with their letters */
    HW3_FORM_NFD = 1,  /**< apart from them */
    HW3_FORM_NFKC = 2, /**< joined, and characters of the same meaning alike, as wide or joined letters */
    HW3_FORM_NFKD = 3  /**< apart, and characters of the same meaning alike */
};

/** Brings a text into a normal form [UAX15].
 *  ctx: context.  form: one of HW3_FORM_.  text: bytes.  n_bytes: how many, or -1.  out: receives the text.  cap: bytes of room.
 *  n_out: receives the text's bytes.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_text_normalize(hw3_ctx *ctx, hw3_form form, const char *text, int64_t n_bytes, char *out,
                                                     int64_t cap, int64_t *n_out);

/** What becomes of digits. */
typedef int32_t hw3_digits;
enum {
    HW3_DIGITS_KEEP = 0,    /**< as they are */
    HW3_DIGITS_PERSIAN = 1, /**< ASCII and Arabic ones to U+06F0 and on */
    HW3_DIGITS_ASCII = 2    /**< Persian and Arabic ones to 0 and on */
};

/** What becomes of the zero-width non-joiner, U+200C. */
typedef int32_t hw3_zwnj;
enum {
    HW3_ZWNJ_KEEP = 0,   /**< as it is */
    HW3_ZWNJ_REPAIR = 1, /**< only where it parts two letters that would join; there also in place of the space behind می and نمی
                              and in front of ها and its forms, تر, تری and ترین. U+200B and U+FEFF count as it */
    HW3_ZWNJ_REMOVE = 2  /**< none, nor U+200B and U+FEFF */
};

/** The rules of the Persian normaliser; each does nothing to what it has made, nor do all together. They know the places of
 *  letters, not what words mean: HW3_ZWNJ_REPAIR takes تر for a suffix also where it means wet. */
typedef struct hw3_persian_opts {
    uint32_t struct_size; /**< sizeof(hw3_persian_opts) */
    int32_t letters;      /**< 1: letters that look like Persian ones become those, as Arabic ي and ك, also joined forms from
                               U+FB50 on; 0: as they are */
    hw3_digits digits;    /**< one of HW3_DIGITS_ */
    int32_t diacritics;   /**< 1: no vowel marks or signs of recitation; hamza and madda are parts of letters and stay */
    int32_t tatweel;      /**< 1: no U+0640, which only makes a word longer */
    hw3_zwnj zwnj;        /**< one of HW3_ZWNJ_ */
    int32_t bidi;         /**< 1: no marks of direction */
    int32_t spacing;      /**< 1: one plain space for a run of them; none at the ends of a line, in front of a mark of
                               punctuation or inside brackets; one behind a mark that a word follows */
} hw3_persian_opts;
/** Defaults of hw3_persian_opts: every rule, but digits as they are. */
#define HW3_PERSIAN_OPTS_INIT { (uint32_t)sizeof(hw3_persian_opts), 1, HW3_DIGITS_KEEP, 1, 1, HW3_ZWNJ_REPAIR, 1, 1 }

/** Fills opts with the defaults, for callers that cannot use HW3_PERSIAN_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_persian_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_persian_opts_init(hw3_persian_opts *opts, uint32_t size);

/** A rule of hw3_persian_opts, in its order. */
typedef int32_t hw3_persian_rule;
enum {
    HW3_RULE_LETTERS = 1,    /**< letters */
    HW3_RULE_DIGITS = 2,     /**< digits */
    HW3_RULE_DIACRITICS = 3, /**< diacritics */
    HW3_RULE_TATWEEL = 4,    /**< tatweel */
    HW3_RULE_ZWNJ = 5,       /**< zwnj */
    HW3_RULE_BIDI = 6,       /**< bidi */
    HW3_RULE_SPACING = 7     /**< spacing */
};

/** One character that was exchanged, left out or put in. */
typedef struct hw3_text_edit {
    int64_t at;            /**< the byte of the new text where it happened */
    int32_t was;           /**< the character in the old text, a number of Unicode; -1: there was none */
    int32_t now;           /**< the character in the new text; -1: there is none */
    hw3_persian_rule rule; /**< one of HW3_RULE_ */
    int32_t reserved;      /**< 0 */
} hw3_text_edit;

/** Writes Persian in one way.
 *  ctx: context.  opts: rules, or NULL.  text: bytes.  n_bytes: how many, or -1.  out: receives the text.  cap: bytes of room.
 *  n_out: receives the text's bytes.  edits: receives what was changed, from the first byte on.  edits_cap: room, in edits.
 *  n_edits: receives how many there are; NULL, with NULL and 0 for edits and edits_cap, for no log.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_TOO_SMALL (of either); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_persian_normalize(hw3_ctx *ctx, const hw3_persian_opts *opts, const char *text,
                                                        int64_t n_bytes, char *out, int64_t cap, int64_t *n_out,
                                                        hw3_text_edit *edits, int64_t edits_cap, int64_t *n_edits);

/** Gives the text back of which hw3_persian_normalize made this one, to the byte.
 *  ctx: context.  text: the new text.  n_bytes: how many, or -1.  edits: [n_edits], the log.  n_edits: how many.
 *  out: receives the old text.  cap: bytes of room.  n_out: receives the old text's bytes.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (an edit that is not of this text); HW3_ERR_TOO_SMALL; HW3_ERR_NOMEM.
 *  Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_persian_restore(hw3_ctx *ctx, const char *text, int64_t n_bytes, const hw3_text_edit *edits,
                                                      int64_t n_edits, char *out, int64_t cap, int64_t *n_out);

HW3_END
#endif
