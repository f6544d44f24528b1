/* SPDX-License-Identifier: MIT */
/* A tokenizer that is learned from texts: they are cut as its encoder would cut them, the pieces are counted, and merges learned
 * from the counts. */
#include "base/pool.h"
#include "text/bpe_train.h"
#include "text/tokenizer.h"

/* In the place of a model: pieces go to where they are counted. */
static hw3_status give_piece(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece)
{
    (void)tok;
    return w->put(w->sink, w->text + piece.first, piece.end - piece.first);
}

static const hw3i_model_kind counter = { "BPE", NULL, give_piece, NULL };

static void may_take(hw3i_work *w, hw3_ctx *ctx)
{
    w->ctx = ctx;
    hw3i_match_set_ctx(w->match, ctx);
}

static hw3_status cut(void *arg, int worker, bool takes, const char *text, int64_t n, hw3i_piece_fn put, void *sink)
{
    hw3_tokenizer *tok = arg;
    hw3i_work *w = &tok->work[worker];
    w->put = put, w->sink = sink;
    w->n_tokens = 0;
    may_take(w, takes ? tok->ctx : NULL);
    const hw3_status s = hw3i_encode(tok, w, text, n);
    may_take(w, tok->ctx);
    return s;
}

static hw3_status count(hw3_tokenizer *tok, hw3i_pieces *pieces, const char *const *texts, const int64_t *n_bytes, int64_t n,
                        const hw3_tokenizer_train_opts *o)
{
    const int n_works = hw3i_pool_n_threads(tok->ctx->pool);
    hw3_status s = hw3i_works(tok, n_works);
    for (int i = 0; i < n_works && !s; i++) {
        tok->work[i].find_special = true, tok->work[i].wants_offsets = false;
        s = hw3i_work_reserve(&tok->work[i], tok->edits, HW3I_CHUNK + 4096);
    }
    if (s) return s;
    const hw3i_model_kind *model = tok->model;
    tok->model = &counter;
    s = hw3i_pieces_count(pieces, &(hw3i_texts){ texts, n_bytes, n, o->specials, o->n_specials, cut, tok });
    tok->model = model;
    return s;
}

static hw3_status add_specials(hw3_tokenizer *tok, const hw3_tokenizer_train_opts *o)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < o->n_specials && !s; i++) {
        const hw3i_added like = { .token = (int32_t)i, .special = true };
        const int64_t n = (int64_t)strlen(o->specials[i]);
        s = hw3i_vocab_put(&tok->vocab, "tokenizer_train", i, o->specials[i], n);
        if (!s) s = hw3i_added_put(tok, "tokenizer_train", &like, o->specials[i], n);
    }
    return s;
}

static hw3_status add_bytes(hw3_tokenizer *tok)
{
    uint8_t order[256];
    hw3_status s = HW3_OK;
    hw3i_byte_order(order);
    for (int i = 0; i < 256 && !s; i++) {
        char text[3] = { 0 };
        const int64_t n = hw3i_bytes_show((const char *)&order[i], 1, text);
        s = hw3i_vocab_put(&tok->vocab, "tokenizer_train", tok->vocab.n, text, n);
    }
    return s;
}

static hw3_status add_merge(hw3_tokenizer *tok, hw3i_text *text, hw3i_merge m)
{
    hw3i_work *w = tok->work;
    int64_t n_a, n_b;
    const char *a = hw3i_vocab_text(&tok->vocab, m.a, &n_a), *b = hw3i_vocab_text(&tok->vocab, m.b, &n_b);
    text->n = 0;
    hw3_status s = hw3i_text_put(w, text, a, n_a);
    if (!s) s = hw3i_text_put(w, text, b, n_b + 1); /* with the 0 behind */
    if (!s) s = hw3i_vocab_put(&tok->vocab, "tokenizer_train", m.joined, text->bytes, n_a + n_b);
    return s ? s : hw3i_merge_put(tok, m.a, m.b, m.joined);
}

static hw3_status learn(hw3_tokenizer *tok, const hw3i_pieces *pieces, const hw3_tokenizer_train_opts *o)
{
    hw3i_merges merges;
    hw3i_text text = { 0 };
    hw3_status s = hw3i_bpe_train(pieces, o->n_specials, o->n_vocab, o->min_frequency, &merges);
    for (int64_t i = 0; i < merges.n && !s; i++) s = add_merge(tok, &text, merges.items[i]);
    hw3i_free(tok->ctx, merges.items);
    hw3i_free(tok->ctx, text.bytes);
    return s ? s : hw3i_tokenizer_finish(tok, "tokenizer_train");
}

hw3_status hw3i_tokenizer_train(hw3_ctx *ctx, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                                const hw3_tokenizer_train_opts *o, hw3_tokenizer **out)
{
    hw3_tokenizer *tok = NULL;
    hw3i_pieces pieces;
    hw3i_pieces_init(&pieces, ctx);
    hw3_status s = hw3i_tokenizer_byte_level(ctx, o->pattern, &tok);
    if (!s) s = add_specials(tok, o);
    if (!s) s = add_bytes(tok);
    if (!s) s = hw3i_added_finish(tok);
    if (!s) s = count(tok, &pieces, texts, n_bytes, n_texts, o);
    if (!s) s = learn(tok, &pieces, o);
    if (s == HW3_ERR_FORMAT) s = HW3_ERR_NAME; /* a special token twice, or one that is written as a byte or a learned token is */
    hw3i_pieces_free(&pieces);
    if (s) hw3i_tokenizer_release(tok);
    *out = s ? NULL : tok;
    return s;
}
