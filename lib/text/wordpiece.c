/* SPDX-License-Identifier: MIT */
/* WordPiece [Wu16]: a word is cut from the left, each time by the longest token that fits; all but the first have a prefix. A
 * word that leaves something over is unknown as a whole. */
#include "text/tokenizer.h"
#include "base/text.h"

#define MAX_CHARS (1 << 20)

void hw3i_wordpiece_read(hw3i_reader *r, const hw3i_json_value *model)
{
    hw3_tokenizer *tok = r->tok;
    hw3i_read_unknown(r, model, "[UNK]");
    tok->prefix = hw3i_read_text(r, model, "continuing_subword_prefix", "##");
    tok->max_chars = hw3i_json_get_int(&r->doc, model, "max_input_chars_per_word", 100);
    if (tok->max_chars < 1 || tok->max_chars > MAX_CHARS)
        hw3i_json_refuse(&r->doc, model, "max_input_chars_per_word", "is not between 1 and 1048576");
    for (int64_t t = 0, n; t < tok->vocab.n; t++)
        if (hw3i_vocab_text(&tok->vocab, t, &n)) tok->longest = hw3i_max(tok->longest, n);
}

static int64_t count_chars(const char *p, int64_t n)
{
    int64_t k = 0;
    for (int64_t i = 0; i < n; k++) i += hw3i_max(1, hw3i_utf8_length(p + i, n - i));
    return k;
}

static hw3_status push_unknown(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece, int64_t n_before)
{
    w->n_tokens = n_before;
    return hw3i_push_token(w, tok->unknown, piece.first, piece.end);
}

/* The longest token at first, with the prefix where it continues; -1: none. *end: where it ends. */
static hw3_status longest(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece, int64_t first, int32_t *token, int64_t *end)
{
    const char *word = w->text + first;
    int64_t n = hw3i_min(piece.end - first, tok->longest), n_prefix = 0;
    if (first > piece.first) {
        n_prefix = (int64_t)strlen(tok->prefix);
        w->token.n = 0;
        hw3_status s = hw3i_text_put(w, &w->token, tok->prefix, n_prefix);
        if (!s) s = hw3i_text_put(w, &w->token, word, n);
        if (s) return s;
        word = w->token.bytes;
    }
    for (; n > 0; n--) {
        const bool is_whole = first + n == piece.end || (w->text[first + n] & 0xC0) != 0x80;
        *token = is_whole ? hw3i_vocab_find(&tok->vocab, word, n_prefix + n) : -1;
        if (*token >= 0) break;
    }
    *end = first + n;
    return HW3_OK;
}

hw3_status hw3i_wordpiece_encode(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece)
{
    const int64_t n_before = w->n_tokens, n_chars = count_chars(w->text + piece.first, piece.end - piece.first);
    if (n_chars > tok->max_chars) return push_unknown(tok, w, piece, n_before);
    for (int64_t at = piece.first, end; at < piece.end; at = end) {
        int32_t token = -1;
        hw3_status s = longest(tok, w, piece, at, &token, &end);
        if (!s && token < 0) return push_unknown(tok, w, piece, n_before);
        if (!s) s = hw3i_push_token(w, token, at, end);
        if (s) return s;
    }
    return HW3_OK;
}

void hw3i_wordpiece_save(const hw3_tokenizer *tok, hw3i_json_out *o)
{
    int64_t n;
    hw3i_json_put_text(o, "\"unk_token\":");
    hw3i_json_put_string(o, hw3i_vocab_text(&tok->vocab, tok->unknown, &n));
    hw3i_json_put_text(o, ",\"continuing_subword_prefix\":");
    hw3i_json_put_string(o, tok->prefix);
    hw3i_json_put_text(o, ",\"max_input_chars_per_word\":");
    hw3i_json_put_int(o, tok->max_chars);
    hw3i_json_put_text(o, ",");
}
