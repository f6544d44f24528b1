/* SPDX-License-Identifier: MIT */
/* The texts of tokens and their numbers, both ways: one hash table with open addressing. */
#ifndef HW3I_VOCAB_H
#define HW3I_VOCAB_H
#include "base/base.h"

#define HW3I_MAX_TOKENS (1 << 22) /* numbers below it: four times what the largest models have */

typedef struct hw3i_token {
    int64_t at;
    int32_t n, reserved; /* n: bytes, -1 where no token has this number */
} hw3i_token;

typedef struct hw3i_vocab {
    hw3_ctx *ctx;
    char *bytes; /* of all texts, a 0 behind each */
    int64_t n_bytes, cap_bytes;
    hw3i_token *tokens; /* by number */
    int64_t n, cap;     /* n: largest number + 1 */
    int32_t *slots;     /* number + 1; 0 is free */
    int64_t n_slots, n_texts;
} hw3i_vocab;

/* Adds a text under a number. HW3_ERR_FORMAT with both texts when one of the two is there already, or the number is none
 * that a token may have; HW3_ERR_NOMEM. who: beginning of the message. */
hw3_status hw3i_vocab_put(hw3i_vocab *v, const char *who, int64_t token, const char *text, int64_t n);
int32_t hw3i_vocab_find(const hw3i_vocab *v, const char *text, int64_t n); /* -1: none */
/* The text, with a 0 behind; NULL when no token has this number. */
const char *hw3i_vocab_text(const hw3i_vocab *v, int64_t token, int64_t *n);
void hw3i_vocab_free(hw3i_vocab *v);

/* Tokens a and b, side by side, become joined. */
typedef struct hw3i_merge {
    int32_t a, b, joined;
} hw3i_merge;

/* The alphabet of byte-level BPE [Radford19] shows every byte as one character: visible ones as themselves, the others as
 * U+0100 and on in their order. The bytes of a character, or the byte that it shows, -1 when it shows none. */
int32_t hw3i_byte_char(int32_t byte);
int32_t hw3i_char_byte(int32_t c);
/* n bytes as characters of the alphabet, 2 n bytes at most; and back, -1 when one shows no byte: n at most. */
int64_t hw3i_bytes_show(const char *bytes, int64_t n, char *out);
int64_t hw3i_bytes_read(const char *text, int64_t n, char *out);

static inline uint64_t hw3i_hash(const char *p, int64_t n)
{
    uint64_t h = (uint64_t)n * 0x9E3779B97F4A7C15u, x;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&x, p, 8);
        h = (h ^ x) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
    }
    x = 0;
    for (int64_t i = 0; i < n; i++) x |= (uint64_t)(unsigned char)p[i] << (8 * i);
    h = (h ^ x) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

#endif
