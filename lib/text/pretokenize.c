/* SPDX-License-Identifier: MIT */
/* Pre-tokenizers: each cuts the pieces that the one before it left into smaller ones. Nearly all are one step, a pattern and what
 * becomes of the places where it is found. Bytes that are no UTF-8 are found by no pattern: a run of them is a piece like any
 * other stretch between two finds, and joins nothing. */
#include "text/tokenizer.h"
#include "base/text.h"

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
#define PUNCTUATION "!-/:-@\\[-`{-~\\p{P}"
#define WORD "\\w\\p{Join_Control}"

enum { REMOVED, ISOLATED, WITH_PREVIOUS, WITH_NEXT, CONTIGUOUS };
static const char *const behaviors[] = { "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous" };

/* A stretch of a piece, found or not, becomes a cut, joins the one before it, or is left out. */
static hw3_status cut(const hw3i_step *step, hw3i_work *w, int64_t n_before, bool *was, int64_t first, int64_t end, bool found)
{
    found = found != (step->b != 0);
    if (first >= end || (step->a == REMOVED && found)) return HW3_OK;
    const bool joins = (step->a == WITH_PREVIOUS && found && !*was) || (step->a == WITH_NEXT && !found && *was) ||
                       (step->a == CONTIGUOUS && found == *was);
    const bool can = w->n_cuts > n_before && w->cuts[w->n_cuts - 1].end == first;
    *was = found;
    if (!joins || !can) return hw3i_push_cut(w, first, end);
    w->cuts[w->n_cuts - 1].end = end;
    return HW3_OK;
}

/* A stretch that is UTF-8. */
static hw3_status split_stretch(const hw3i_step *step, hw3i_work *w, int64_t from, int64_t end)
{
    hw3_status s = HW3_OK;
    bool was = false;
    const int64_t n_before = w->n_cuts;
    int64_t done = from;
    for (int64_t at = from, a, b; at < end && !s; at = b > at ? b : at + 1) {
        s = hw3i_regex_search(step->regex, w->match, w->text + from, end - from, at - from, &a, &b);
        if (s || a < 0) break;
        a += from, b += from;
        if (a == b) continue;
        s = cut(step, w, n_before, &was, done, a, false);
        if (!s) s = cut(step, w, n_before, &was, a, b, true);
        done = b;
    }
    return s ? s : cut(step, w, n_before, &was, done, end, false);
}

static int64_t valid_bytes(const char *p, int64_t n)
{
    int64_t i = 0;
    for (int64_t len; i < n; i += len) {
        for (uint64_t x; n - i >= 8 && (memcpy(&x, p + i, 8), !(x & 0x8080808080808080u)); i += 8) {}
        len = i < n ? hw3i_utf8_length(p + i, n - i) : 0;
        if (!len) break;
    }
    return i;
}

static hw3_status run_split(const hw3i_step *step, hw3i_work *w)
{
    hw3_status s = HW3_OK;
    for (int64_t p = 0; p < w->n_pieces && !s; p++) {
        const int64_t end = w->pieces[p].end;
        for (int64_t at = w->pieces[p].first; at < end && !s;) {
            const int64_t valid = at + valid_bytes(w->text + at, end - at);
            s = split_stretch(step, w, at, valid);
            for (at = valid; at < end && !hw3i_utf8_length(w->text + at, end - at);) at++;
            if (!s) s = hw3i_push_cut(w, valid, at);
        }
    }
    hw3i_take_cuts(w);
    return s;
}

static void read_behavior(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    const char *name = hw3i_json_get_string(&r->doc, v, "behavior", "Isolated");
    for (step->a = 0; step->a < HW3I_LEN(behaviors) && strcmp(behaviors[step->a], name);) step->a++;
    if (step->a == HW3I_LEN(behaviors))
        hw3i_json_refuse(&r->doc, v, "behavior", "is none of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

static void compile(hw3i_reader *r, const char *pattern, hw3i_step *step, int behavior, bool invert)
{
    step->a = behavior;
    step->b = invert;
    if (!r->doc.status) r->doc.status = hw3i_regex_create(r->doc.ctx, r->doc.name, pattern, false, &step->regex);
}

static void read_split(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    read_behavior(r, v, step);
    step->b = hw3i_json_get_bool(&r->doc, v, "invert", false);
    hw3i_read_pattern(r, v, step);
}

static void read_delimiter(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    hw3i_json_need(&r->doc, v, "delimiter");
    const char *text = hw3i_json_get_string(&r->doc, v, "delimiter", "");
    if (!r->doc.status) r->doc.status = hw3i_regex_create(r->doc.ctx, r->doc.name, text, true, &step->regex);
}

static void read_digits(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    compile(r, "\\p{N}", step, hw3i_json_get_bool(&r->doc, v, "individual_digits", false) ? ISOLATED : CONTIGUOUS, false);
}

static void read_punctuation(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    compile(r, "[" PUNCTUATION "]", step, ISOLATED, false);
    read_behavior(r, v, step);
}

static void read_whitespace(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    (void)v;
    compile(r, "[" WORD "]+|[^" WORD "\\s]+", step, REMOVED, true);
}

static void read_whitespace_split(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    (void)v;
    compile(r, "\\s+", step, REMOVED, false);
}

static void read_bert(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    (void)v;
    compile(r, "[^\\s" PUNCTUATION "]+|[" PUNCTUATION "]", step, REMOVED, true);
}

/* The alphabet of bytes needs no step: the model takes bytes as they are. */
static void read_byte_level(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    r->tok->byte_level = true;
    const bool prefix = hw3i_json_get_bool(&r->doc, v, "add_prefix_space", true);
    if (hw3i_json_get_bool(&r->doc, v, "use_regex", true)) compile(r, GPT2, step, ISOLATED, false);
    step->a = ISOLATED | (prefix ? 256 : 0);
    r->tok->edits |= prefix;
}

static hw3_status prefix_space(hw3i_work *w)
{
    hw3_status s = HW3_OK;
    hw3i_edit_begin(w);
    for (int64_t p = 0; p < w->n_pieces && !s; p++) {
        const hw3i_stretch piece = w->pieces[p];
        const int64_t first = w->next->n;
        if (w->text[piece.first] != ' ') s = hw3i_edit_put(w, " ", 1, piece.first, piece.first);
        if (!s) s = hw3i_edit_keep(w, piece.first, piece.end);
        if (!s) s = hw3i_push_cut(w, first, w->next->n);
    }
    if (!s) hw3i_edit_end(w);
    hw3i_take_cuts(w);
    return s;
}

static hw3_status run_byte_level(const hw3i_step *step, hw3i_work *w)
{
    hw3i_step split = *step;
    split.a &= 255;
    hw3_status s = step->a & 256 ? prefix_space(w) : HW3_OK;
    return s || !step->regex ? s : run_split(&split, w);
}

/* Spaces become a sign, which also stands in front; each begins a piece [Kudo18]. */
int32_t hw3i_read_scheme(hw3i_reader *r, const hw3i_json_value *v)
{
    static const char *const schemes[] = { "always", "first", "never" };
    const bool always = hw3i_json_get_bool(&r->doc, v, "add_prefix_space", true); /* as older files have it */
    const char *name = hw3i_json_get_string(&r->doc, v, "prepend_scheme", always ? "always" : "never");
    for (int32_t i = 0; i < HW3I_LEN(schemes); i++)
        if (!strcmp(name, schemes[i])) return i;
    hw3i_json_refuse(&r->doc, v, "prepend_scheme", "is none of always, first, never");
    return 0;
}

static void read_metaspace(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    step->text = hw3i_read_text(r, v, "replacement", HW3I_META);
    step->a = hw3i_read_scheme(r, v);
    step->b = hw3i_json_get_bool(&r->doc, v, "split", true);
    r->tok->edits = true;
}

static bool is_meta(const hw3i_step *step, const hw3i_work *w, int64_t i, int64_t end)
{
    const int64_t n = (int64_t)strlen(step->text);
    return w->text[i] == ' ' || (n && end - i >= n && !memcmp(w->text + i, step->text, (size_t)n));
}

/* One piece with the sign in place of its spaces, cut in front of every sign. */
static hw3_status put_metaspace(const hw3i_step *step, hw3i_work *w, hw3i_stretch piece)
{
    const int64_t n_sign = (int64_t)strlen(step->text), first = w->origin ? w->origin[piece.first].first : w->base + piece.first;
    const bool wants = step->a == HW3I_META_ALWAYS || (step->a == HW3I_META_FIRST && first == 0);
    int64_t cut = w->next->n;
    hw3_status s = HW3_OK;
    if (wants && !is_meta(step, w, piece.first, piece.end))
        s = hw3i_edit_put(w, step->text, n_sign, piece.first, piece.first);
    for (int64_t i = piece.first; i < piece.end && !s; i++) {
        if (step->b && is_meta(step, w, i, piece.end)) {
            s = hw3i_push_cut(w, cut, w->next->n);
            cut = w->next->n;
        }
        if (!s) s = w->text[i] == ' ' ? hw3i_edit_put(w, step->text, n_sign, i, i + 1) : hw3i_edit_keep(w, i, i + 1);
    }
    return s ? s : hw3i_push_cut(w, cut, w->next->n);
}

static hw3_status run_metaspace(const hw3i_step *step, hw3i_work *w)
{
    hw3_status s = HW3_OK;
    hw3i_edit_begin(w);
    for (int64_t p = 0; p < w->n_pieces && !s; p++) s = put_metaspace(step, w, w->pieces[p]);
    if (!s) hw3i_edit_end(w);
    hw3i_take_cuts(w);
    return s;
}

static const hw3i_step_kind kinds[] = {
    { "BertPreTokenizer", read_bert, run_split },
    { "ByteLevel", read_byte_level, run_byte_level },
    { "CharDelimiterSplit", read_delimiter, run_split },
    { "Digits", read_digits, run_split },
    { "Metaspace", read_metaspace, run_metaspace },
    { "Punctuation", read_punctuation, run_split },
    { "Split", read_split, run_split },
    { "Whitespace", read_whitespace, run_split },
    { "WhitespaceSplit", read_whitespace_split, run_split },
};

const hw3i_step_kind *hw3i_pre_tokenizer(const char *type)
{
    for (int64_t i = 0; i < HW3I_LEN(kinds); i++)
        if (!strcmp(kinds[i].type, type)) return &kinds[i];
    return NULL;
}
