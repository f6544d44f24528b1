/* SPDX-License-Identifier: MIT */
/* Decoders: steps over the bytes of one token after another. */
#include "text/tokenizer.h"
#include "base/text.h"
#include <stdio.h>

/* An added token is a text as it is; so is one with a character that shows no byte. */
static hw3_status run_byte_level(const hw3i_step *step, hw3i_work *w)
{
    (void)step;
    const int64_t n = w->is_added ? -1 : hw3i_bytes_read(w->token.bytes, w->token.n, w->token.bytes);
    if (n >= 0) w->token.n = n;
    return HW3_OK;
}

/* <0xD8> is a byte. */
static hw3_status run_byte_fallback(const hw3i_step *step, hw3i_work *w)
{
    unsigned byte;
    char text[8] = "", again[8];
    (void)step;
    if (w->token.n != 6) return HW3_OK;
    memcpy(text, w->token.bytes, 6);
    if (sscanf(text, "<0x%2X>", &byte) != 1) return HW3_OK;
    snprintf(again, sizeof again, "<0x%02X>", byte);
    if (strcmp(text, again)) return HW3_OK;
    w->token.bytes[0] = (char)byte;
    w->token.n = 1;
    return HW3_OK;
}

/* Exchanges every place where a pattern is found for a text; bytes that are no UTF-8 stay. */
static void read_replace(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    hw3i_read_pattern(r, v, step);
    step->text = hw3i_read_text(r, v, "content", "");
}

static hw3_status run_replace(const hw3i_step *step, hw3i_work *w)
{
    hw3i_text *to = &w->spare, from = w->token;
    hw3_status s = HW3_OK;
    int64_t done = 0;
    if (!hw3i_is_utf8(from.bytes, from.n)) return HW3_OK;
    to->n = 0;
    for (int64_t at = 0, first, end; at < from.n && !s; at = hw3i_max(end, at + 1)) {
        s = hw3i_regex_search(step->regex, w->match, from.bytes, from.n, at, &first, &end);
        if (s || first < 0) break;
        if (first == end) continue;
        s = hw3i_text_put(w, to, from.bytes + done, first - done);
        if (!s) s = hw3i_text_put(w, to, step->text, (int64_t)strlen(step->text));
        done = end;
    }
    if (!s) s = hw3i_text_put(w, to, from.bytes + done, from.n - done);
    if (s) return s;
    w->token = *to;
    *to = from;
    return HW3_OK;
}

/* Takes up to so many of a character off the ends, of each token, or of the whole text. */
static void read_strip(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    const hw3i_steps *before = &r->tok->steps[HW3I_DECODER];
    step->text = hw3i_read_text(r, v, "content", " ");
    step->a = (int32_t)hw3i_max(0, hw3i_min(hw3i_json_get_int(&r->doc, v, "start", 0), INT32_MAX));
    step->b = (int32_t)hw3i_max(0, hw3i_min(hw3i_json_get_int(&r->doc, v, "stop", 0), INT32_MAX));
    for (int64_t i = 0; i < before->n; i++) step->whole |= !strcmp(before->steps[i].kind->type, "Fuse");
    if (!step->whole || !step->b || r->doc.status) return;
    hw3i_json_refuse(&r->doc, v, "stop", "is not supported behind Fuse: a text that comes token by token has no end yet");
    r->doc.status = HW3_ERR_UNSUPPORTED;
}

static hw3_status run_strip(const hw3i_step *step, hw3i_work *w)
{
    const int64_t n = (int64_t)strlen(step->text);
    char *p = w->token.bytes;
    int64_t first = 0, end = w->token.n;
    const int32_t start = w->is_first || !step->whole ? step->a : 0;
    for (int32_t k = 0; n && k < start && end - first >= n && !memcmp(p + first, step->text, (size_t)n); k++) first += n;
    for (int32_t k = 0; n && k < step->b && end - first >= n && !memcmp(p + end - n, step->text, (size_t)n); k++) end -= n;
    if (first) memmove(p, p + first, (size_t)(end - first));
    w->token.n = end - first;
    return HW3_OK;
}

static void read_metaspace(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    step->text = hw3i_read_text(r, v, "replacement", HW3I_META);
    step->a = hw3i_read_scheme(r, v);
}

/* Signs are spaces, but none in front of the text. */
static hw3_status run_metaspace(const hw3i_step *step, hw3i_work *w)
{
    const int64_t n_sign = (int64_t)strlen(step->text);
    const bool drops = w->is_first && step->a != HW3I_META_NEVER;
    char *p = w->token.bytes;
    int64_t n = 0;
    for (int64_t i = 0; i < w->token.n;) {
        const bool is_sign = w->token.n - i >= n_sign && n_sign && !memcmp(p + i, step->text, (size_t)n_sign);
        if (!is_sign) p[n++] = p[i++];
        else if (i += n_sign, !drops) p[n++] = ' ';
    }
    w->token.n = n;
    return HW3_OK;
}

/* What continues a word has a prefix; all else is a word of its own. cleanup: no spaces in front of marks and in contractions. */
static void read_wordpiece(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step)
{
    step->text = hw3i_read_text(r, v, "prefix", "##");
    step->a = hw3i_json_get_bool(&r->doc, v, "cleanup", true);
}

static void exchange(hw3i_text *t, const char *from, const char *to)
{
    const int64_t n_from = (int64_t)strlen(from), n_to = (int64_t)strlen(to); /* n_to <= n_from */
    int64_t n = 0;
    for (int64_t i = 0; i < t->n;) {
        if (t->n - i < n_from || memcmp(t->bytes + i, from, (size_t)n_from)) {
            t->bytes[n++] = t->bytes[i++];
            continue;
        }
        memcpy(t->bytes + n, to, (size_t)n_to);
        n += n_to, i += n_from;
    }
    t->n = n;
}

static hw3_status run_wordpiece(const hw3i_step *step, hw3i_work *w)
{
    static const char *const tidy[][2] = { { " .", "." }, { " ?", "?" }, { " !", "!" }, { " ,", "," }, { " ' ", "'" },
                                           { " n't", "n't" }, { " 'm", "'m" }, { " do not", " don't" }, { " 's", "'s" },
                                           { " 've", "'ve" }, { " 're", "'re" } };
    const int64_t n = (int64_t)strlen(step->text);
    if (!w->is_first) {
        const bool continues = w->token.n >= n && !memcmp(w->token.bytes, step->text, (size_t)n);
        hw3_status s = continues ? HW3_OK : hw3i_text_put(w, &w->token, " ", 1);
        if (s) return s;
        memmove(w->token.bytes + !continues, w->token.bytes + (continues ? n : 0), (size_t)(w->token.n - (continues ? n : 1)));
        if (continues) w->token.n -= n;
        else w->token.bytes[0] = ' ';
    }
    for (int64_t i = 0; step->a && i < HW3I_LEN(tidy); i++) exchange(&w->token, tidy[i][0], tidy[i][1]);
    return HW3_OK;
}

static hw3_status run_nothing(const hw3i_step *step, hw3i_work *w) { return (void)step, (void)w, HW3_OK; }

static const hw3i_step_kind kinds[] = {
    { "ByteFallback", NULL, run_byte_fallback },
    { "ByteLevel", NULL, run_byte_level },
    { "Fuse", NULL, run_nothing }, /* what comes behind it sees one token as well as all */
    { "Metaspace", read_metaspace, run_metaspace },
    { "Replace", read_replace, run_replace },
    { "Strip", read_strip, run_strip },
    { "WordPiece", read_wordpiece, run_wordpiece },
};

const hw3i_step_kind *hw3i_decoder(const char *type)
{
    for (int64_t i = 0; i < HW3I_LEN(kinds); i++)
        if (!strcmp(kinds[i].type, type)) return &kinds[i];
    return NULL;
}
