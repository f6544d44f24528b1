/* SPDX-License-Identifier: MIT */
/* Persian written in one way.
 *
 * A text is taken line by line, for no rule looks beyond a line feed. A line is a row of signs, each a character as it was and is:
 *   1. every character for itself: exchanged or left out                                             (read_line)
 *   2. non-joiners that part nothing go; what is a space, a mark, a letter now stays that            (drop_zwnj)
 *   3. spaces, from left to right: to the left lies what has been decided, to the right what will stay (set_spaces)
 *   4. spaces in front of suffixes and behind prefixes become non-joiners, or nothing                (join_affixes)
 *   5. bytes that are no UTF-8 shall not come together to a character: what parted them stays          (part_broken)
 * So a second run finds nothing to do. Signs that are left out stay in the row with now = NONE: the row is the log. */
#include "text/persian.h"

#define NONE (-1)
#define ZWNJ 0x200C

typedef struct sign {
    int32_t was, now; /* characters, or NONE */
    hw3_persian_rule rule;
} sign;

typedef struct row {
    sign *p;
    int64_t n, cap;
} row;

static hw3_status add(hw3_ctx *ctx, row *r, int32_t was, int32_t is, hw3_persian_rule rule)
{
    if (hw3i_grow(ctx, &r->p, &r->cap, r->n + 1, sizeof(sign))) return HW3_ERR_NOMEM;
    r->p[r->n++] = (sign){ was, is, rule };
    return HW3_OK;
}

static void set(sign *s, int32_t is, hw3_persian_rule rule)
{
    if (s->now == is) return;
    *s = (sign){ s->was, is, rule };
}

/* The next sign from i on that is there; r->n at the end. */
static int64_t next(const row *r, int64_t i)
{
    while (i < r->n && r->p[i].now == NONE) i++;
    return i;
}

static int32_t at(const row *r, int64_t i) { return i < r->n ? r->p[i].now : NONE; }

/* What characters are to the rules. */

static bool in(int32_t c, int32_t first, int32_t last) { return c >= first && c <= last; }

static bool is_category(int32_t c, const char *category) { return c >= 0 && !strcmp(hw3i_unicode_category(c), category); }

static bool is_accent(int32_t c) { return c >= 0x300 && hw3i_unicode_category(c)[0] == 'M'; }

static bool is_letter(int32_t c) { return in(c, 0x620, 0x6FF) && is_category(c, "Lo"); }

static bool is_zwnj(int32_t c) { return c == ZWNJ || c == 0x200B || c == 0xFEFF; }

static bool is_line(int32_t c) { return c == NONE || in(c, '\n', '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

static bool is_persian_mark(int32_t c) { return c == 0x60C || c == 0x61B || c == 0x61F; }

static bool is_mark(int32_t c) { return (in(c, '!', '?') && strchr("!,.:;?", c)) || is_persian_mark(c) || c == 0x2026; }

static bool is_opening(int32_t c) { return c == '(' || c == '[' || c == '{' || c == 0xAB; }

static bool is_closing(int32_t c) { return c == ')' || c == ']' || c == '}' || c == 0xBB; }

static bool is_digit(int32_t c) { return in(c, '0', '9') || in(c, 0x660, 0x669) || in(c, 0x6F0, 0x6F9); }

static bool is_space(int32_t c) { return c == '\t' || is_category(c, "Zs"); }

/* A space that carries an accent is no space. */
static bool is_blank(const row *r, int64_t i) { return is_space(at(r, i)) && !is_accent(at(r, next(r, i + 1))); }

static bool ends_word(const row *r, int64_t i)
{
    const int32_t c = at(r, i);
    return is_line(c) || is_mark(c) || is_opening(c) || is_closing(c) || is_blank(r, i);
}

/* Letters whose joining type is right or none [Unicode15]. */
bool hw3i_persian_joins(int32_t c)
{
    return is_letter(c) && !(in(c, 0x621, 0x625) || c == 0x627 || c == 0x629 || in(c, 0x62F, 0x632) || c == 0x648 ||
                             in(c, 0x671, 0x677) || in(c, 0x688, 0x699) || c == 0x6C0 || in(c, 0x6C3, 0x6CB) || c == 0x6CD ||
                             c == 0x6CF || c == 0x6D2 || c == 0x6D3 || c == 0x6D5 || c == 0x6EE || c == 0x6EF);
}

/* 1. Characters for themselves */

static int32_t persian_letter(int32_t c)
{
    switch (c) {
    case 0x649: case 0x64A: case 0x6D2: return 0x6CC; /* ى ي ے */
    case 0x643: case 0x6AA: return 0x6A9;             /* ك ڪ */
    case 0x6BE: case 0x6C1: case 0x6D5: return 0x647; /* ھ ہ ە */
    case 0x671: return 0x627;                         /* ٱ */
    default: return c;
    }
}

static int32_t digit(int32_t c, int32_t zero) { return zero + (c < 0x80 ? c - '0' : c & 15); }

static bool is_diacritic(int32_t c)
{
    return (in(c, 0x610, 0x6ED) || in(c, 0x8D3, 0x8FF)) && !in(c, 0x653, 0x655) && is_category(c, "Mn");
}

static bool is_bidi(int32_t c)
{
    return c == 0x200E || c == 0x200F || c == 0x61C || in(c, 0x202A, 0x202E) || in(c, 0x2066, 0x2069);
}

static sign exchange(const hw3_persian_opts *o, int32_t c)
{
    if (o->letters && persian_letter(c) != c) return (sign){ c, persian_letter(c), HW3_RULE_LETTERS };
    if (o->digits && is_digit(c)) return (sign){ c, digit(c, o->digits == HW3_DIGITS_ASCII ? '0' : 0x6F0), HW3_RULE_DIGITS };
    if (o->diacritics && is_diacritic(c)) return (sign){ c, NONE, HW3_RULE_DIACRITICS };
    if (o->tatweel && c == 0x640) return (sign){ c, NONE, HW3_RULE_TATWEEL };
    if (o->zwnj == HW3_ZWNJ_REMOVE && is_zwnj(c)) return (sign){ c, NONE, HW3_RULE_ZWNJ };
    if (o->bidi && is_bidi(c)) return (sign){ c, NONE, HW3_RULE_BIDI };
    return (sign){ c, c, 0 };
}

/* The letters of a joined form, which has nothing but letters in it; 0 when c is none. */
static int joined_letters(int32_t c, int32_t parts[HW3I_MOST_PARTS])
{
    if (!in(c, 0xFB50, 0xFEFC) || !is_category(c, "Lo")) return 0;
    const int n = hw3i_unicode_decompose(c, true, parts);
    for (int i = 0; i < n; i++)
        if (!is_letter(parts[i])) return 0;
    return n;
}

static hw3_status read_line(hw3_ctx *ctx, const hw3_persian_opts *o, const char *text, int64_t n, row *r)
{
    r->n = 0;
    for (int64_t i = 0; i < n;) {
        int32_t c, parts[HW3I_MOST_PARTS];
        i += hw3i_unicode_get(text + i, n - i, &c);
        const sign s = exchange(o, c);
        const int n_parts = o->letters ? joined_letters(c, parts) : 0;
        if (!n_parts && add(ctx, r, s.was, s.now, s.rule)) return HW3_ERR_NOMEM;
        for (int k = 0; k < n_parts; k++)
            if (add(ctx, r, k ? NONE : c, persian_letter(parts[k]), HW3_RULE_LETTERS)) return HW3_ERR_NOMEM;
    }
    return HW3_OK;
}

/* 2. Non-joiners */

/* base: the letter to the left below its accents. */
static bool parts_letters(const row *r, int64_t i, int32_t left, int32_t base)
{
    const int64_t right = next(r, i + 1);
    if (is_line(left) || is_space(left) || is_mark(left) || is_opening(left) || is_closing(left)) return false;
    return !is_zwnj(at(r, right)) && !ends_word(r, right) && (!is_letter(base) || hw3i_persian_joins(base));
}

static void drop_zwnj(row *r)
{
    int32_t left = NONE, base = NONE;
    for (int64_t i = next(r, 0); i < r->n; i = next(r, i + 1)) {
        if (is_zwnj(r->p[i].now)) set(&r->p[i], parts_letters(r, i, left, base) ? ZWNJ : NONE, HW3_RULE_ZWNJ);
        if (r->p[i].now == NONE) continue;
        left = r->p[i].now;
        if (!is_accent(left)) base = left;
    }
}

/* 3. Spaces */

/* Where the last characters that stay are: back[0] is the nearest. */
typedef struct context {
    int32_t back[3];
} context;

static void pass(context *c, int32_t is)
{
    if (is != NONE) *c = (context){ { is, c->back[0], c->back[1] } };
}

/* Does a mark stand at right that ends something, and not one as in ".net" or ":)"? */
static bool before_mark(const row *r, int64_t right)
{
    if (is_closing(at(r, right)) || is_persian_mark(at(r, right))) return true;
    if (!is_mark(at(r, right))) return false;
    while (is_mark(at(r, right))) right = next(r, right + 1);
    return is_line(at(r, right)) || is_blank(r, right) || is_letter(at(r, right));
}

static bool is_persian(int32_t c) { return is_letter(c) || is_digit(c) || is_diacritic(c) || is_zwnj(c); }

static bool is_needless(const row *r, int64_t i, const context *c)
{
    const int64_t right = next(r, i + 1);
    const int32_t left = c->back[0];
    if (is_line(left) || is_line(at(r, right)) || is_blank(r, right)) return true;
    if (is_opening(left) && !is_mark(c->back[1]) && is_letter(at(r, right))) return true;
    return (is_persian(left) || is_mark(left) || is_closing(left)) && before_mark(r, right);
}

/* A word behind a mark wants a space, but not inside an abbreviation: the letter in front of the full stop stands alone. */
static bool wants_space(const context *c, int32_t is)
{
    if (!is_letter(is) || !is_mark(c->back[0])) return false;
    return c->back[0] != '.' || !is_letter(c->back[1]) || is_letter(c->back[2]);
}

static hw3_status set_spaces(hw3_ctx *ctx, row *from, row *to)
{
    context c = { { NONE, NONE, NONE } };
    to->n = 0;
    for (int64_t i = 0; i < from->n; i++) {
        sign *s = &from->p[i];
        if (is_blank(from, i)) set(s, is_needless(from, i, &c) ? NONE : ' ', HW3_RULE_SPACING);
        if (wants_space(&c, s->now)) {
            if (add(ctx, to, NONE, ' ', HW3_RULE_SPACING)) return HW3_ERR_NOMEM;
            pass(&c, ' ');
        }
        if (add(ctx, to, s->was, s->now, s->rule)) return HW3_ERR_NOMEM;
        pass(&c, s->now);
    }
    return HW3_OK;
}

/* 4. Prefixes and suffixes */

#define MOST_AFFIX 6
static const uint16_t prefixes[][MOST_AFFIX + 1] = { { 0x645, 0x6CC }, { 0x646, 0x645, 0x6CC } }; /* می نمی */
static const uint16_t suffixes[][MOST_AFFIX + 1] = {
    { 0x647, 0x627 }, { 0x647, 0x627, 0x6CC }, { 0x647, 0x627, 0x6CC, 0x6CC },                             /* ها های هایی */
    { 0x647, 0x627, 0x6CC, 0x645 }, { 0x647, 0x627, 0x6CC, 0x62A }, { 0x647, 0x627, 0x6CC, 0x634 },         /* هایم هایت هایش */
    { 0x647, 0x627, 0x6CC, 0x645, 0x627, 0x646 }, { 0x647, 0x627, 0x6CC, 0x62A, 0x627, 0x646 },             /* هایمان هایتان */
    { 0x647, 0x627, 0x6CC, 0x634, 0x627, 0x646 },                                                         /* هایشان */
    { 0x62A, 0x631 }, { 0x62A, 0x631, 0x6CC }, { 0x62A, 0x631, 0x6CC, 0x646 },                             /* تر تری ترین */
};

static bool is_one_of(const uint16_t (*list)[MOST_AFFIX + 1], int64_t n, const uint16_t word[MOST_AFFIX + 1])
{
    for (int64_t i = 0; i < n; i++)
        if (!memcmp(list[i], word, sizeof list[i])) return true;
    return false;
}

static bool is_suffix(const row *r, int64_t i)
{
    uint16_t word[MOST_AFFIX + 1] = { 0 };
    for (int k = 0; k < MOST_AFFIX && is_letter(at(r, i)); k++, i = next(r, i + 1)) word[k] = (uint16_t)r->p[i].now;
    return ends_word(r, i) && is_one_of(suffixes, HW3I_LEN(suffixes), word);
}

static void join_affixes(row *r)
{
    uint16_t word[MOST_AFFIX + 1] = { 0 }; /* to the left, as far as there is room; its last place is of a longer one */
    int k = 0;
    int32_t base = NONE;
    for (int64_t i = next(r, 0); i < r->n; i = next(r, i + 1)) {
        const int64_t right = next(r, i + 1);
        if (r->p[i].now == ' ' && is_letter(base) && is_letter(at(r, right)) &&
            (is_one_of(prefixes, HW3I_LEN(prefixes), word) || is_suffix(r, right)))
            set(&r->p[i], hw3i_persian_joins(base) ? ZWNJ : NONE, HW3_RULE_ZWNJ);
        if (r->p[i].now == NONE) continue;
        const int32_t c = r->p[i].now;
        if (!is_accent(c)) base = c;
        if (ends_word(r, i)) memset(word, 0, sizeof word), k = 0;
        else word[k] = in(c, 1, UINT16_MAX) ? (uint16_t)c : UINT16_MAX, k += k < MOST_AFFIX;
    }
}

/* 5. Broken bytes */

static void part_broken(row *r)
{
    int32_t left = NONE;
    int64_t last = NONE;
    for (int64_t i = next(r, 0); i < r->n; last = i, i = next(r, i + 1)) {
        if (left >= HW3I_BROKEN && r->p[i].now >= HW3I_BROKEN && i > last + 1) r->p[last + 1].now = r->p[last + 1].was;
        left = r->p[i].now;
    }
}

static hw3_status write_line(hw3_ctx *ctx, const row *r, hw3i_buffer *out, hw3i_edits *edits)
{
    for (int64_t i = 0; i < r->n; i++) {
        const sign *s = &r->p[i];
        char bytes[4];
        if (edits && s->was != s->now) {
            if (hw3i_grow(ctx, &edits->p, &edits->cap, edits->n + 1, sizeof *edits->p)) return HW3_ERR_NOMEM;
            edits->p[edits->n++] = (hw3_text_edit){ .at = out->n, .was = s->was, .now = s->now, .rule = s->rule };
        }
        if (s->now != NONE && hw3i_buffer_add(ctx, out, bytes, hw3i_unicode_put(s->now, bytes))) return HW3_ERR_NOMEM;
    }
    return HW3_OK;
}

hw3_status hw3i_persian_normalize(hw3_ctx *ctx, const hw3_persian_opts *o, const char *text, int64_t n, hw3i_buffer *out,
                                  hw3i_edits *edits)
{
    row line = { 0 }, spaced = { 0 };
    hw3_status s = HW3_OK;
    for (int64_t i = 0, len; i < n && !s; i += len) {
        const char *feed = memchr(text + i, '\n', (size_t)(n - i));
        len = feed ? feed - (text + i) + 1 : n - i;
        s = read_line(ctx, o, text + i, len, &line);
        if (s) break;
        if (o->zwnj == HW3_ZWNJ_REPAIR) drop_zwnj(&line);
        if (o->spacing) s = set_spaces(ctx, &line, &spaced);
        row *r = o->spacing ? &spaced : &line;
        if (!s && o->zwnj == HW3_ZWNJ_REPAIR) join_affixes(r);
        if (!s) part_broken(r);
        if (!s) s = write_line(ctx, r, out, edits);
    }
    hw3i_free(ctx, line.p);
    hw3i_free(ctx, spaced.p);
    return s;
}

/* Is this character at text[i]? */
static int64_t found(const char *text, int64_t i, int64_t n, int32_t c)
{
    int32_t is = NONE;
    const int64_t len = i < n ? hw3i_unicode_get(text + i, n - i, &is) : 0;
    return is == c ? len : 0;
}

static bool is_character(int32_t c) { return in(c, 0, 0xD7FF) || in(c, 0xE000, 0x10FFFF); }

hw3_status hw3i_persian_restore(hw3_ctx *ctx, const char *text, int64_t n, const hw3_text_edit *edits, int64_t n_edits,
                                hw3i_buffer *out)
{
    int64_t from = 0;
    for (int64_t k = 0; k < n_edits; k++) {
        const hw3_text_edit *e = &edits[k];
        char bytes[4];
        const bool fits = e->at >= from && e->at <= n && (e->was == NONE || is_character(e->was));
        const int64_t len = fits && e->now != NONE ? found(text, e->at, n, e->now) : 0;
        if (!fits || (e->now != NONE && !len))
            return hw3i_fail(ctx, HW3_ERR_VALUE, "persian_restore: edit %lld, %d to %d at byte %lld, is not of this text of %lld bytes",
                             (long long)k, (int)e->was, (int)e->now, (long long)e->at, (long long)n);
        if (hw3i_buffer_add(ctx, out, text + from, e->at - from)) return HW3_ERR_NOMEM;
        if (e->was != NONE && hw3i_buffer_add(ctx, out, bytes, hw3i_unicode_put(e->was, bytes))) return HW3_ERR_NOMEM;
        from = e->at + len;
    }
    return hw3i_buffer_add(ctx, out, text + from, n - from);
}
