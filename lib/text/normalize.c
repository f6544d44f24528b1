/* SPDX-License-Identifier: MIT */
/* Normalizers: steps over the whole text in front of everything else. */
#include "text/tokenizer.h"
#include "base/text.h"

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

static const hw3i_step_kind kinds[] = {
    { "Prepend", read_prepend, run_prepend },
    { "Replace", read_replace, run_replace },
};

const hw3i_step_kind *hw3i_normalizer(const char *type)
{
    for (int64_t i = 0; i < HW3I_LEN(kinds); i++)
        if (!strcmp(kinds[i].type, type)) return &kinds[i];
    return NULL;
}
