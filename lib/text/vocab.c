/* SPDX-License-Identifier: MIT */
#include "text/vocab.h"

static int32_t *slot_of(const hw3i_vocab *v, const char *text, int64_t n)
{
    for (int64_t i = (int64_t)(hw3i_hash(text, n) & (uint64_t)(v->n_slots - 1));; i = (i + 1) & (v->n_slots - 1)) {
        const int32_t token = v->slots[i] - 1;
        if (token < 0) return &v->slots[i];
        if (v->tokens[token].n == n && !memcmp(v->bytes + v->tokens[token].at, text, (size_t)n)) return &v->slots[i];
    }
}

int32_t hw3i_vocab_find(const hw3i_vocab *v, const char *text, int64_t n)
{
    return v->n_slots ? *slot_of(v, text, n) - 1 : -1;
}

const char *hw3i_vocab_text(const hw3i_vocab *v, int64_t token, int64_t *n)
{
    if (token < 0 || token >= v->n || v->tokens[token].n < 0) return NULL;
    *n = v->tokens[token].n;
    return v->bytes + v->tokens[token].at;
}

/* At most half of the slots are taken. */
static hw3_status grow_slots(hw3i_vocab *v)
{
    if (2 * (v->n_texts + 1) <= v->n_slots) return HW3_OK;
    const int64_t n = hw3i_max(64, v->n_slots * 2);
    int32_t *slots = hw3i_calloc(v->ctx, n, sizeof *slots);
    if (!slots) return HW3_ERR_NOMEM;
    hw3i_free(v->ctx, v->slots);
    v->slots = slots;
    v->n_slots = n;
    for (int64_t t = 0; t < v->n; t++)
        if (v->tokens[t].n >= 0) *slot_of(v, v->bytes + v->tokens[t].at, v->tokens[t].n) = (int32_t)t + 1;
    return HW3_OK;
}

hw3_status hw3i_vocab_put(hw3i_vocab *v, const char *who, int64_t token, const char *text, int64_t n)
{
    int64_t n_other;
    if (token < 0 || token >= HW3I_MAX_TOKENS)
        return hw3i_fail(v->ctx, HW3_ERR_FORMAT, "%.200s: token '%.100s' has the number %lld, expected 0 to %d", who, text,
                         (long long)token, HW3I_MAX_TOKENS - 1);
    const char *other = hw3i_vocab_text(v, token, &n_other);
    if (other)
        return hw3i_fail(v->ctx, HW3_ERR_FORMAT, "%.200s: tokens '%.100s' and '%.100s' both have the number %lld", who, other,
                         text, (long long)token);
    const int32_t twice = hw3i_vocab_find(v, text, n);
    if (twice >= 0)
        return hw3i_fail(v->ctx, HW3_ERR_FORMAT, "%.200s: token '%.100s' is there twice, as %d and %lld", who, text, (int)twice,
                         (long long)token);
    hw3_status s = hw3i_grow(v->ctx, &v->tokens, &v->cap, token + 1, sizeof *v->tokens);
    if (!s) s = hw3i_grow(v->ctx, &v->bytes, &v->cap_bytes, v->n_bytes + n + 1, 1);
    if (!s) s = grow_slots(v);
    if (s) return s;
    for (; v->n <= token; v->n++) v->tokens[v->n] = (hw3i_token){ 0, -1, 0 };
    memcpy(v->bytes + v->n_bytes, text, (size_t)n);
    v->bytes[v->n_bytes + n] = 0;
    v->tokens[token] = (hw3i_token){ v->n_bytes, (int32_t)n, 0 };
    v->n_bytes += n + 1;
    *slot_of(v, text, n) = (int32_t)token + 1;
    v->n_texts++;
    return HW3_OK;
}

void hw3i_vocab_free(hw3i_vocab *v)
{
    hw3i_free(v->ctx, v->bytes);
    hw3i_free(v->ctx, v->tokens);
    hw3i_free(v->ctx, v->slots);
}

/* The 68 bytes that cannot be seen are 0 to 32, 127 to 160, and 173. */
int32_t hw3i_byte_char(int32_t b) { return b < 33 ? 256 + b : b == 173 ? 323 : b >= 127 && b <= 160 ? 289 + b - 127 : b; }

int32_t hw3i_char_byte(int32_t c)
{
    if (c >= 256) return c < 289 ? c - 256 : c < 323 ? c - 289 + 127 : c == 323 ? 173 : -1;
    return hw3i_byte_char(c) == c ? c : -1;
}

int64_t hw3i_bytes_show(const char *bytes, int64_t n, char *out)
{
    char *to = out;
    for (int64_t i = 0; i < n; i++) {
        const int32_t c = hw3i_byte_char((unsigned char)bytes[i]);
        if (c >= 0x80) *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3F));
    }
    return to - out;
}

int64_t hw3i_bytes_read(const char *text, int64_t n, char *out)
{
    int64_t n_out = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t lead = (unsigned char)text[i];
        if (lead >= 0xC6) return -1; /* beyond U+017F */
        int32_t c = lead;
        if (lead >= 0x80) c = i + 1 < n ? (lead & 0x1F) << 6 | (text[++i] & 0x3F) : -1;
        const int32_t byte = c < 0 ? -1 : hw3i_char_byte(c);
        if (byte < 0) return -1;
        out[n_out++] = (char)byte;
    }
    return n_out;
}
