/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

hw3_status hw3i_works(hw3_tokenizer *tok, int64_t n_works)
{
    if (n_works > tok->n_works) {
        hw3i_work *work = hw3i_calloc(tok->ctx, n_works, sizeof *work);
        if (!work) return HW3_ERR_NOMEM;
        if (tok->n_works) memcpy(work, tok->work, (size_t)tok->n_works * sizeof *work);
        hw3i_free(tok->ctx, tok->work);
        tok->work = work;
        tok->n_works = n_works;
    }
    for (int64_t i = 0; i < n_works; i++) {
        hw3i_work *w = &tok->work[i];
        w->ctx = tok->ctx;
        if (!w->match) w->match = hw3i_match_create(tok->ctx);
        if (!w->match) return HW3_ERR_NOMEM;
        hw3_status s = w->bpe || !tok->pairs ? HW3_OK : hw3i_bpe_work_create(tok, &w->bpe);
        if (s) return s;
    }
    return HW3_OK;
}

hw3_status hw3i_run_steps(const hw3i_steps *steps, hw3i_work *w)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < steps->n && !s; i++) s = steps->steps[i].kind->run(&steps->steps[i], w);
    return s;
}

/* Bytes first to end - 1 of the normal form, in which no added token stands. Pre-tokenizers that change the text leave that
 * what comes behind it is found unchanged. */
static hw3_status encode_plain(const hw3_tokenizer *tok, hw3i_work *w, int64_t first, int64_t end)
{
    const hw3i_work before = *w;
    if (first >= end) return HW3_OK;
    w->kept = w->now;
    w->n_pieces = w->n_cuts = 0;
    hw3_status s = hw3i_push_cut(w, first, end);
    hw3i_take_cuts(w);
    if (!s) s = hw3i_run_steps(&tok->steps[HW3I_PRE_TOKENIZER], w);
    for (int64_t i = 0; i < w->n_pieces && !s; i++) s = tok->model->encode(tok, w, w->pieces[i]);
    w->text = before.text, w->origin = before.origin, w->n = before.n;
    w->now = before.now, w->kept = NULL;
    return s;
}

/* A text in which no token stands that is looked for in the original. */
static hw3_status encode_stretch(const hw3_tokenizer *tok, hw3i_work *w, const char *text, int64_t first, int64_t end)
{
    if (first >= end) return HW3_OK;
    w->text = text + first, w->n = end - first, w->base = first, w->origin = NULL, w->now = w->kept = NULL;
    hw3_status s = hw3i_run_steps(&tok->steps[HW3I_NORMALIZER], w);
    int64_t at = 0;
    hw3i_stretch where;
    for (const hw3i_added *a; !s && (a = hw3i_added_next(tok, w, 1, w->text, w->n, at, &where)); at = where.end) {
        s = encode_plain(tok, w, at, where.first);
        if (!s) s = hw3i_push_token(w, a->token, where.first, where.end);
    }
    return s ? s : encode_plain(tok, w, at, w->n);
}

hw3_status hw3i_encode(const hw3_tokenizer *tok, hw3i_work *w, const char *text, int64_t n)
{
    hw3_status s = HW3_OK;
    int64_t at = 0;
    hw3i_stretch where;
    for (const hw3i_added *a; !s && (a = hw3i_added_next(tok, w, 0, text, n, at, &where)); at = where.end) {
        s = encode_stretch(tok, w, text, at, where.first);
        w->text = text, w->n = n, w->base = 0, w->origin = NULL;
        if (!s) s = hw3i_push_token(w, a->token, where.first, where.end);
    }
    return s ? s : encode_stretch(tok, w, text, at, n);
}

/* How many tokens stand at one place. */
static int64_t size_of(hw3i_template_place p, bool add_special, int64_t n_first, int64_t n_second)
{
    return p.token == HW3I_FIRST_TEXT ? n_first : p.token == HW3I_SECOND_TEXT ? hw3i_max(n_second, 0) : add_special;
}

int64_t hw3i_count_places(const hw3_tokenizer *tok, bool add_special, int64_t n_first, int64_t n_second)
{
    const hw3i_template *t = &tok->templates[n_second >= 0];
    int64_t n = 0;
    for (int64_t i = 0; i < t->n; i++) n += size_of(t->places[i], add_special, n_first, n_second);
    return n;
}

void hw3i_put_places(const hw3_tokenizer *tok, bool add_special, const int32_t *from, const hw3i_stretch *offsets, int64_t n_first,
                      int64_t n_second, int64_t *tokens, int64_t *out_offsets, int64_t *types)
{
    const hw3i_template *t = &tok->templates[n_second >= 0];
    int64_t k = 0;
    for (int64_t i = 0; i < t->n; i++) {
        const hw3i_template_place p = t->places[i];
        const int64_t n = size_of(p, add_special, n_first, n_second);
        const int64_t start = p.token == HW3I_SECOND_TEXT ? n_first : 0;
        for (int64_t j = 0; j < n; j++, k++) {
            tokens[k] = p.token >= 0 ? p.token : from[start + j];
            if (types) types[k] = p.type;
            if (!out_offsets) continue;
            out_offsets[2 * k] = p.token >= 0 ? 0 : offsets[start + j].first;
            out_offsets[2 * k + 1] = p.token >= 0 ? 0 : offsets[start + j].end;
        }
    }
}
