/* SPDX-License-Identifier: MIT */
/* Decoding of tokens one by one, and where a text ends. */
#ifndef HW3I_DECODE_H
#define HW3I_DECODE_H
#include "text/tokenizer.h"

typedef struct hw3i_stops {
    const char *const *texts; /* none is empty */
    int64_t n;
} hw3i_stops;

/* Adds what a token stands for behind *is_first, which becomes false, to out. HW3_ERR_VALUE: no token has the number. */
hw3_status hw3i_decode_token(hw3_tokenizer *tok, const char *who, int64_t token, bool skip_special, bool *is_first,
                             hw3i_text *out);
/* Where the first stop begins, -1: nowhere. */
int64_t hw3i_find_stop(const hw3i_stops *stops, const char *text, int64_t n);
int64_t hw3i_uncertain(const hw3i_stops *stops, const char *text, int64_t n);
hw3_status hw3i_view(hw3_tokenizer *tok, const int64_t *tokens, int64_t n, hw3i_text *out);

struct hw3_decoder {
    hw3_tokenizer *tok;
    bool skip_special, is_first, stopped;
    bool ended; /* by a token: what is left is all */
    int64_t drawn; /* a token for whose text there was no memory, for the next call of hw3_generate_text; -1: none */
    char **texts;
    hw3i_stops stops;
    hw3i_text left; /* what is not certain yet */
};

hw3_status hw3i_decoder_create(hw3_tokenizer *tok, const hw3_decode_opts *o, hw3_decoder **out);
void hw3i_decoder_destroy(hw3_decoder *d);
void hw3i_decoder_reset(hw3_decoder *d);
hw3_status hw3i_decoder_take(hw3_decoder *d, const char *who, int64_t token); /* after a failure as before */
bool hw3i_decoder_has_text(const hw3_decoder *d); /* that is certain, but was not handed out yet */
/* Hands out what is certain; HW3_ERR_TOO_SMALL: nothing, for another call. */
hw3_status hw3i_decoder_give(hw3_decoder *d, const char *who, char *text, int64_t cap, int64_t *n_bytes);
hw3_status hw3i_decoder_push(hw3_decoder *d, int64_t token, char *text, int64_t cap, int64_t *n_bytes);

#endif
