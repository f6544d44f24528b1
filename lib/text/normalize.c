/* SPDX-License-Identifier: MIT */
/* Normalizers: steps over the whole text in front of everything else. */
#include "text/tokenizer.h"
#include "base/text.h"
#include "text/unicode.h"

/* Exchanges every place where a pattern is found for a text. */
static void read_replace(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    hw3i_read_pattern(r, v, step);
    step->text = hw3i_read_text(r, v, "content", "");
}

static hw3_status run_replace(const hw3i_step *step, hw3i_work *w)
{
    const int64_t n_text = (int64_t)strlen(step->text);
    hw3_status s = HW3_OK;
    int64_t done = 0, valid = 0; /* bytes written; bytes up to which the text is UTF-8, or one byte that is not */
    hw3i_edit_begin(w);
    while (valid < w->n && !s) {
        const int64_t from = valid;
        for (int64_t len; valid < w->n && (len = hw3i_utf8_length(w->text + valid, w->n - valid)); valid += len) {}
        for (int64_t at = from, first, end; at < valid && !s; at = end > at ? end : at + 1) {
            s = hw3i_regex_search(step->regex, w->match, w->text + from, valid - from, at - from, &first, &end);
            if (s || first < 0) break;
            first += from, end += from;
            if (end == first) continue;
            s = hw3i_edit_keep(w, done, first);
            if (!s) s = hw3i_edit_put(w, step->text, n_text, first, end);
            done = end;
        }
        valid += valid < w->n; /* the byte that is no UTF-8 */
    }
    if (!s) s = hw3i_edit_keep(w, done, w->n);
    if (!s) hw3i_edit_end(w);
    return s;
}

/* Puts a text in front of one that is not empty. */
static void read_prepend(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    step->text = hw3i_read_text(r, v, "prepend", NULL);
}

static hw3_status run_prepend(const hw3i_step *step, hw3i_work *w)
{
    if (!w->n) return HW3_OK;
    hw3i_edit_begin(w);
    hw3_status s = hw3i_edit_put(w, step->text, (int64_t)strlen(step->text), 0, 0);
    if (!s) s = hw3i_edit_keep(w, 0, w->n);
    if (!s) hw3i_edit_end(w);
    return s;
}

/* What becomes of a character; returns how many. */
typedef int (*char_fn)(int32_t c, int32_t parts[3]);

static hw3_status put_char(hw3i_work *w, int32_t c, hw3i_stretch from)
{
    char bytes[4];
    return hw3i_edit_put(w, bytes, hw3i_unicode_put(c, bytes), from.first, from.end);
}

static hw3_status each_char(hw3i_work *w, char_fn fn)
{
    hw3_status s = HW3_OK;
    hw3i_edit_begin(w);
    for (int64_t i = 0, len; i < w->n && !s; i += len) {
        int32_t c, parts[3];
        len = hw3i_unicode_get(w->text + i, w->n - i, &c);
        const int n = fn(c, parts);
        if (n == 1 && parts[0] == c) s = hw3i_edit_keep(w, i, i + len);
        else
            for (int k = 0; k < n && !s; k++) s = put_char(w, parts[k], (hw3i_stretch){ i, i + len });
    }
    if (!s) hw3i_edit_end(w);
    return s;
}

static hw3i_stretch both(hw3i_stretch a, hw3i_stretch b)
{
    return (hw3i_stretch){ hw3i_min(a.first, b.first), hw3i_max(a.end, b.end) };
}

/* Accents go by their order, those of one order as they come [UAX15]. Those that change places stand for the bytes of all of them. */
static void sort_few(hw3i_char *chars, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        hw3i_char c = chars[i];
        int64_t k = i;
        for (; k > 0 && chars[k - 1].order > c.order; k--) {
            c.from = both(c.from, chars[k - 1].from);
            chars[k] = chars[k - 1];
        }
        for (int64_t j = k + 1; j <= i; j++) chars[j].from = c.from;
        chars[k] = c;
    }
}

/* More than any language has [UAX15, 30 at most]: not in n^2 steps, and all stand for the bytes of all. */
static hw3_status sort_many(hw3i_work *w, int64_t first, int64_t end, int64_t n)
{
    hw3_status s = hw3i_room(w, &w->chars, &w->cap_chars, n + end - first, sizeof *w->chars);
    if (s) return s;
    hw3i_stretch all = w->chars[first].from;
    for (int64_t i = first; i < end; i++) all = both(all, w->chars[i].from);
    for (int64_t i = first; i < end; i++) w->chars[i].from = all;
    hw3i_unicode_sort(w->chars + first, w->chars + n, end - first, sizeof *w->chars);
    return HW3_OK;
}

static hw3_status sort_accents(hw3i_work *w, int64_t n)
{
    hw3_status s = HW3_OK;
    for (int64_t first = 0, end; first < n && !s; first = end) {
        bool sorted = true;
        for (end = first + 1; w->chars[first].order && end < n && w->chars[end].order; end++)
            sorted &= w->chars[end - 1].order <= w->chars[end].order;
        if (sorted) continue;
        if (end - first > 30) s = sort_many(w, first, end, n);
        else sort_few(w->chars + first, end - first);
    }
    return s;
}

/* A character joins the last one that is no accent unless one of its own order, or of a higher one, stands between [UAX15].
 * What is joined stands for the bytes of both. Returns how many are left. */
static int64_t compose(hw3i_char *chars, int64_t n)
{
    int64_t k = 0, base = -1;
    for (int64_t i = 0; i < n; i++) {
        const hw3i_char c = chars[i];
        const bool reaches = base >= 0 && (base == k - 1 || (chars[k - 1].order && chars[k - 1].order < c.order));
        const int32_t joined = reaches ? hw3i_unicode_compose(chars[base].c, c.c) : -1;
        if (joined >= 0) {
            chars[base] = (hw3i_char){ joined, 0, both(chars[base].from, c.from) };
            continue;
        }
        if (!c.order) base = k;
        chars[k++] = c;
    }
    return k;
}

static bool is_ascii(const char *p, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if ((unsigned char)p[i] >= 0x80) return false;
    return true;
}

/* Brings the text into one of HW3_FORM_: hw3_text_normalize with a place for every character. */
static hw3_status to_form(hw3i_work *w, hw3_form form)
{
    hw3_status s = HW3_OK;
    int64_t n = 0;
    if (is_ascii(w->text, w->n)) return HW3_OK;
    for (int64_t i = 0, len; i < w->n && !s; i += len) {
        int32_t c, parts[HW3I_MOST_PARTS];
        len = hw3i_unicode_get(w->text + i, w->n - i, &c);
        const int n_parts = hw3i_unicode_decompose(c, form >= HW3_FORM_NFKC, parts);
        s = hw3i_room(w, &w->chars, &w->cap_chars, n + n_parts, sizeof *w->chars);
        for (int k = 0; k < n_parts && !s; k++)
            w->chars[n++] = (hw3i_char){ parts[k], hw3i_unicode_class(parts[k]), { i, i + len } };
    }
    if (!s) s = sort_accents(w, n);
    if (s) return s;
    if (form == HW3_FORM_NFC || form == HW3_FORM_NFKC) n = compose(w->chars, n);
    hw3i_edit_begin(w);
    for (int64_t i = 0; i < n && !s; i++) s = put_char(w, w->chars[i].c, w->chars[i].from);
    if (!s) hw3i_edit_end(w);
    return s;
}

static hw3_status run_nfc(const hw3i_step *step, hw3i_work *w) { return (void)step, to_form(w, HW3_FORM_NFC); }
static hw3_status run_nfd(const hw3i_step *step, hw3i_work *w) { return (void)step, to_form(w, HW3_FORM_NFD); }
static hw3_status run_nfkc(const hw3i_step *step, hw3i_work *w) { return (void)step, to_form(w, HW3_FORM_NFKC); }
static hw3_status run_nfkd(const hw3i_step *step, hw3i_work *w) { return (void)step, to_form(w, HW3_FORM_NFKD); }

static hw3_status run_lowercase(const hw3i_step *step, hw3i_work *w) { return (void)step, each_char(w, hw3i_unicode_lower); }

static int without_marks(int32_t c, int32_t parts[3]) { return parts[0] = c, hw3i_unicode_category(c)[0] != 'M'; }
static int without_accents(int32_t c, int32_t parts[3]) { return parts[0] = c, strcmp(hw3i_unicode_category(c), "Mn") != 0; }
static hw3_status run_strip_accents(const hw3i_step *step, hw3i_work *w) { return (void)step, each_char(w, without_marks); }

/* Takes spaces off the ends. */
static void read_strip(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    step->a = hw3i_json_get_bool(&r->doc, v, "strip_left", true);
    step->b = hw3i_json_get_bool(&r->doc, v, "strip_right", true);
}

static hw3_status run_strip(const hw3i_step *step, hw3i_work *w)
{
    int64_t first = -1, end = 0; /* of what is no space */
    for (int64_t i = 0, len; i < w->n; i += len) {
        int32_t c;
        len = hw3i_unicode_get(w->text + i, w->n - i, &c);
        if (hw3i_unicode_is_space(c)) continue;
        if (first < 0) first = i;
        end = i + len;
    }
    if (first < 0 && step->a) first = end = w->n; /* nothing but spaces: either side takes them all */
    hw3i_edit_begin(w);
    hw3_status s = hw3i_edit_keep(w, step->a ? first : 0, step->b ? end : w->n);
    if (!s) hw3i_edit_end(w);
    return s;
}

/* BERT's own [Devlin18]: no controls, every space plain; Chinese characters apart; no accents; small letters. */
enum { CLEAN = 1, CHINESE = 2, ACCENTS = 4, LOWERCASE = 8 };

static void read_bert(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    const bool lower = hw3i_json_get_bool(&r->doc, v, "lowercase", true);
    step->a = (hw3i_json_get_bool(&r->doc, v, "clean_text", true) ? CLEAN : 0) |
              (hw3i_json_get_bool(&r->doc, v, "handle_chinese_chars", true) ? CHINESE : 0) |
              (hw3i_json_get_bool(&r->doc, v, "strip_accents", lower) ? ACCENTS : 0) | (lower ? LOWERCASE : 0);
}

static int clean(int32_t c, int32_t parts[3])
{
    const char *category = hw3i_unicode_category(c);
    if (c == '\t' || c == '\n' || c == '\r' || category[0] == 'Z') return parts[0] = ' ', 1;
    return parts[0] = c, c != 0xFFFD && c < HW3I_BROKEN && (category[0] != 'C' || category[1] == 'n');
}

/* The blocks that tokenizers takes for Chinese, with its gap in extension E. */
static int part_chinese(int32_t c, int32_t parts[3])
{
    static const int32_t blocks[][2] = { { 0x4E00, 0x9FFF }, { 0x3400, 0x4DBF }, { 0x20000, 0x2A6DF }, { 0x2A700, 0x2B81F },
                                         { 0x2B920, 0x2CEAF }, { 0xF900, 0xFAFF }, { 0x2F800, 0x2FA1F } };
    parts[0] = c;
    for (int64_t i = 0; i < HW3I_LEN(blocks); i++)
        if (c >= blocks[i][0] && c <= blocks[i][1]) return parts[0] = parts[2] = ' ', parts[1] = c, 3;
    return 1;
}

static hw3_status run_bert(const hw3i_step *step, hw3i_work *w)
{
    hw3_status s = step->a & CLEAN ? each_char(w, clean) : HW3_OK;
    if (!s && step->a & CHINESE) s = each_char(w, part_chinese);
    if (!s && step->a & ACCENTS) s = to_form(w, HW3_FORM_NFD);
    if (!s && step->a & ACCENTS) s = each_char(w, without_accents);
    if (!s && step->a & LOWERCASE) s = each_char(w, hw3i_unicode_lower);
    return s;
}

static const hw3i_step_kind kinds[] = {
    { "BertNormalizer", read_bert, run_bert },
    { "Lowercase", NULL, run_lowercase },
    { "NFC", NULL, run_nfc },
    { "NFD", NULL, run_nfd },
    { "NFKC", NULL, run_nfkc },
    { "NFKD", NULL, run_nfkd },
    { "Prepend", read_prepend, run_prepend },
    { "Replace", read_replace, run_replace },
    { "Strip", read_strip, run_strip },
    { "StripAccents", NULL, run_strip_accents },
};

const hw3i_step_kind *hw3i_normalizer(const char *type)
{
    for (int64_t i = 0; i < HW3I_LEN(kinds); i++)
        if (!strcmp(kinds[i].type, type)) return &kinds[i];
    return NULL;
}
