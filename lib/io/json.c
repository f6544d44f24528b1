/* SPDX-License-Identifier: MIT */
#include "io/json.h"
#include "base/text.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void hw3i_json_begin(hw3i_json *j, hw3_ctx *ctx, const char *name, char *text, int64_t n)
{
    *j = (hw3i_json){ ctx, name, text, text, text + n, HW3_OK };
}

hw3_status hw3i_json_fail(hw3i_json *j, const char *what)
{
    if (!j->status)
        j->status = hw3i_fail(j->ctx, HW3_ERR_FORMAT, "%.200s: byte %lld: %s", j->name, (long long)(j->at - j->text), what);
    j->end = j->at; /* nothing more to be found */
    return j->status;
}

/* The next byte, 0 at the end; a 0 in the text begins nothing either. */
static char peek(const hw3i_json *j) { return j->at < j->end ? *j->at : 0; }

static void skip_space(hw3i_json *j)
{
    while (peek(j) == ' ' || peek(j) == '\t' || peek(j) == '\n' || peek(j) == '\r') j->at++;
}

static bool take(hw3i_json *j, char c)
{
    skip_space(j);
    bool found = peek(j) == c;
    j->at += found;
    return found;
}

bool hw3i_json_open(hw3i_json *j, char open)
{
    if (take(j, open)) return !take(j, open == '{' ? '}' : ']');
    hw3i_json_fail(j, open == '{' ? "'{' is needed" : "'[' is needed");
    return false;
}

bool hw3i_json_more(hw3i_json *j, char close)
{
    if (take(j, ',')) return true;
    if (!take(j, close)) hw3i_json_fail(j, close == '}' ? "',' or '}' is needed" : "',' or ']' is needed");
    return false;
}

/* Four hexadecimal digits; -1 when they are none. */
static int32_t hex4(hw3i_json *j)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char *d = peek(j) ? strchr(digits, peek(j)) : NULL;
        if (!d) return -1;
        value = value * 16 + (int32_t)(d - digits < 16 ? d - digits : d - digits - 6);
        j->at++;
    }
    return value;
}

/* What stands after \u: a character, or two halves of one beyond U+FFFF; -1 for half a one, and for zero. */
static int32_t character(hw3i_json *j)
{
    int32_t a = hex4(j), b = 0;
    if (a >= 0xD800 && a <= 0xDBFF && j->end - j->at >= 2 && j->at[0] == '\\' && j->at[1] == 'u') {
        j->at += 2;
        b = hex4(j);
        return b >= 0xDC00 && b <= 0xDFFF ? 0x10000 + (a - 0xD800) * 0x400 + (b - 0xDC00) : -1;
    }
    return a == 0 || (a >= 0xD800 && a <= 0xDFFF) ? -1 : a;
}

static char *put_utf8(char *to, int32_t c)
{
    static const int32_t lead[] = { 0, 0xC0, 0xE0, 0xF0 };
    int n = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3; /* bytes that follow, with six bits each */
    *to++ = (char)(lead[n] | (c >> (6 * n)));
    while (n-- > 0) *to++ = (char)(0x80 | ((c >> (6 * n)) & 0x3F));
    return to;
}

/* What stands after a backslash; NULL when that is nothing. */
static char *escape(hw3i_json *j, char *to)
{
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    char c = peek(j);
    const char *name = c ? strchr(names, c) : NULL;
    j->at += c != 0;
    if (name) *to++ = bytes[name - names];
    if (name || c != 'u') return name ? to : NULL;
    int32_t u = character(j);
    return u < 0 ? NULL : put_utf8(to, u);
}

/* Decoding never makes longer, so that the result fits before the place that is read; its 0 stands at latest for the quote. */
const char *hw3i_json_string(hw3i_json *j)
{
    if (!take(j, '"')) return hw3i_json_fail(j, "a string is needed"), "";
    char *start = j->at, *to = start;
    while (j->at < j->end && *j->at != '"') {
        int64_t n = (unsigned char)*j->at < 0x20 ? 0 : hw3i_utf8_length(j->at, j->end - j->at);
        if (n == 0) return hw3i_json_fail(j, "no character of a string"), "";
        if (*j->at == '\\') {
            j->at++;
            to = escape(j, to);
            if (!to) return hw3i_json_fail(j, "no escape of a string"), "";
            continue;
        }
        memmove(to, j->at, (size_t)n);
        to += n;
        j->at += n;
    }
    if (!take(j, '"')) return hw3i_json_fail(j, "the string does not end"), "";
    *to = 0;
    return start;
}

const char *hw3i_json_key(hw3i_json *j)
{
    const char *key = hw3i_json_string(j);
    if (take(j, ':')) return key;
    hw3i_json_fail(j, "':' is needed");
    return "";
}

int64_t hw3i_json_int(hw3i_json *j)
{
    int64_t value = 0;
    bool minus = take(j, '-'), fits = true;
    const char *first = j->at;
    for (; peek(j) >= '0' && peek(j) <= '9'; j->at++)
        fits = fits && !__builtin_mul_overflow(value, 10, &value) && !__builtin_sub_overflow(value, *j->at - '0', &value);
    bool none = j->at == first || (*first == '0' && j->at - first > 1) || peek(j) == '.' || peek(j) == 'e' || peek(j) == 'E';
    if (!minus && !none) fits = fits && !__builtin_sub_overflow(0, value, &value);
    if (none || !fits) hw3i_json_fail(j, none ? "a whole number is needed" : "a number of more than 64 bits");
    return j->status ? 0 : value;
}

/* Numbers have C's decimal point, whatever the program that links this library has set. */
static double parse_double(const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    double value = strtod(text, NULL);
    uselocale(before);
    freelocale(c);
    return value;
}

/* The fewest of 15 to 17 digits that give the bits back. */
static void print_double(char *text, size_t room, double value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, room, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    uselocale(before);
    freelocale(c);
}

static int64_t skip_digits(hw3i_json *j)
{
    const char *first = j->at;
    while (peek(j) >= '0' && peek(j) <= '9') j->at++;
    return j->at - first;
}

double hw3i_json_number(hw3i_json *j)
{
    char text[64] = "";
    skip_space(j);
    char *first = j->at;
    if (peek(j) == '-') j->at++;
    bool zero = peek(j) == '0', good = true;
    int64_t n = skip_digits(j);
    good = n > 0 && (!zero || n == 1);
    if (good && peek(j) == '.') j->at++, good = skip_digits(j) > 0;
    if (good && (peek(j) == 'e' || peek(j) == 'E')) {
        j->at++;
        if (peek(j) == '-' || peek(j) == '+') j->at++;
        good = skip_digits(j) > 0;
    }
    good = good && j->at - first < (int64_t)sizeof text;
    if (good) memcpy(text, first, (size_t)(j->at - first));
    double value = good ? parse_double(text) : 0;
    if (!good || !isfinite(value)) hw3i_json_fail(j, good ? "a number that is not finite" : "a number is needed");
    return j->status ? 0 : value;
}

bool hw3i_json_word(hw3i_json *j, const char *word)
{
    const int64_t n = (int64_t)strlen(word);
    skip_space(j);
    bool found = j->end - j->at >= n && !memcmp(j->at, word, (size_t)n);
    if (found) j->at += n;
    else hw3i_json_fail(j, "true, false or null is needed");
    return found;
}

char hw3i_json_next(hw3i_json *j)
{
    skip_space(j);
    return peek(j);
}

hw3_status hw3i_json_end(hw3i_json *j)
{
    skip_space(j);
    return j->at < j->end ? hw3i_json_fail(j, "more than one value") : j->status;
}

void hw3i_json_put(hw3i_json_out *o, const char *text, int64_t n)
{
    if (!o->status) o->status = hw3i_grow(o->ctx, &o->text, &o->cap, o->n + n, 1);
    if (o->status) return;
    memcpy(o->text + o->n, text, (size_t)n);
    o->n += n;
}

void hw3i_json_put_text(hw3i_json_out *o, const char *text) { hw3i_json_put(o, text, (int64_t)strlen(text)); }

void hw3i_json_put_string(hw3i_json_out *o, const char *utf8)
{
    hw3i_json_put_text(o, "\"");
    for (const char *p = utf8; *p; p++) {
        char code[8] = { '\\', *p };
        if (*p == '\n') code[1] = 'n';
        else if ((unsigned char)*p < 0x20) snprintf(code, sizeof code, "\\u%04x", (unsigned)*p);
        else if (*p != '"' && *p != '\\') code[0] = *p, code[1] = 0;
        hw3i_json_put_text(o, code);
    }
    hw3i_json_put_text(o, "\"");
}

void hw3i_json_put_int(hw3i_json_out *o, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    hw3i_json_put_text(o, text);
}

void hw3i_json_put_number(hw3i_json_out *o, double value)
{
    char text[32];
    print_double(text, sizeof text, value);
    hw3i_json_put_text(o, text);
}
