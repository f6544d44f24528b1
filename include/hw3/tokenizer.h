/* SPDX-License-Identifier: MIT */
/** @file tokenizer.h
 * From text to tokens and back, by a tokenizer.json of Hugging Face's form or by one trained here.
 *
 *     hw3_tokenizer *tok = NULL;
 *     TRY(hw3_tokenizer_open(ctx, "gpt2/tokenizer.json", &tok));
 *     TRY(hw3_tokenizer_encode(tok, "Good food", -1, NULL, tokens, 128, &n));
 *     TRY(hw3_tokenizer_decode(tok, tokens, n, NULL, text, 1024, &n_bytes));
 *
 * Texts are bytes with a length; -1 stands for the length up to the first zero. Byte-level BPE takes any bytes and gives them back
 * as they were: bytes that are no UTF-8 are pieces of their own, which no pattern joins to others.
 * Behind a text that comes out stands a zero, which its length does not count, where there is room for one.
 * A result that does not fit its buffer is HW3_ERR_TOO_SMALL: nothing is written but the length that it needs, so that a call
 * with NULL and 0 asks for the length.
 * Truncation and padding that a file names are not done: they are the caller's who makes batches.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_TOKENIZER_H
#define HW3_TOKENIZER_H
#include "hw3/base.h"
HW3_BEGIN

/** How text is cut into pieces before byte-level BPE, which never joins across a cut. */
typedef int32_t hw3_pattern;
enum {
    HW3_PATTERN_GPT2 = 0,   /**< words with the space before them, numbers, marks [Radford19] */
    HW3_PATTERN_LLAMA3 = 1, /**< numbers of at most three digits, contractions in any case [Grattafiori24] */
    HW3_PATTERN_QWEN2 = 2   /**< as Llama 3, every digit alone, after normal form C [Yang24] */
};

/** How a tokenizer is trained. */
typedef struct hw3_tokenizer_train_opts {
    uint32_t struct_size;        /**< sizeof(hw3_tokenizer_train_opts) */
    hw3_pattern pattern;         /**< one of HW3_PATTERN_ */
    int64_t n_vocab;             /**< tokens wanted, special ones and the 256 bytes included; fewer when no more pairs are frequent */
    int64_t min_frequency;       /**< a pair that comes less often is not joined */
    const char *const *specials; /**< [n_specials], the first tokens; nothing is learned from where they stand in a text */
    int64_t n_specials;          /**< how many */
} hw3_tokenizer_train_opts;
/** Defaults of hw3_tokenizer_train_opts. */
#define HW3_TOKENIZER_TRAIN_OPTS_INIT { (uint32_t)sizeof(hw3_tokenizer_train_opts), HW3_PATTERN_GPT2, 8000, 2, NULL, 0 }

/** What an encoding takes and tells. */
typedef struct hw3_encode_opts {
    uint32_t struct_size; /**< sizeof(hw3_encode_opts) */
    int32_t add_special;  /**< 1: with the tokens that the model wants around a text, as [CLS] and [SEP] */
    int32_t find_special; /**< 1: a special token's text inside the text becomes that token; 0: it is text as any other */
    int32_t reserved;     /**< 0 */
    const char *pair;     /**< a second text behind the first, NULL for none */
    int64_t n_pair;       /**< its bytes, or -1 */
    int64_t *offsets;     /**< [cap, 2], receives the bytes of its text that each token stands for, from the first to behind the last;
                               0, 0 for one that was put around; NULL for none */
    int64_t *types;       /**< [cap], receives the type of each token, as a rule 0 in the first text, 1 in the second; NULL for none */
} hw3_encode_opts;
/** Defaults of hw3_encode_opts. */
#define HW3_ENCODE_OPTS_INIT { (uint32_t)sizeof(hw3_encode_opts), 1, 1, 0, NULL, -1, NULL, NULL }

/** What a decoding leaves out, and where it ends. */
typedef struct hw3_decode_opts {
    uint32_t struct_size;     /**< sizeof(hw3_decode_opts) */
    int32_t skip_special;     /**< 1: without special tokens */
    const char *const *stops; /**< [n_stops], texts that end the text, in front of the one that is whole first; also across tokens */
    int64_t n_stops;          /**< how many */
} hw3_decode_opts;
/** Defaults of hw3_decode_opts. */
#define HW3_DECODE_OPTS_INIT { (uint32_t)sizeof(hw3_decode_opts), 1, NULL, 0 }

/** A tokenizer. It does not change once made but by hw3_tokenizer_add. */
typedef struct hw3_tokenizer hw3_tokenizer;
/** Text out of tokens that come one by one. */
typedef struct hw3_decoder hw3_decoder;

/** Fills opts with the defaults, for callers that cannot use HW3_TOKENIZER_TRAIN_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_tokenizer_train_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_train_opts_init(hw3_tokenizer_train_opts *opts, uint32_t size);

/** Fills opts with the defaults, for callers that cannot use HW3_ENCODE_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_encode_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_encode_opts_init(hw3_encode_opts *opts, uint32_t size);

/** Fills opts with the defaults, for callers that cannot use HW3_DECODE_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_decode_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_decode_opts_init(hw3_decode_opts *opts, uint32_t size);

/** Reads a tokenizer.json.
 *  ctx: context.  path: the file, or a folder with a tokenizer.json, or with vocab.json and merges.txt, or with BERT's vocab.txt;
 *  there also tokenizer_config.json is read where it is: vocab.json and merges.txt are GPT-2's or Qwen 2's by its tokenizer_class
 *  (others are HW3_ERR_UNSUPPORTED; hw3_tokenizer_open_bpe takes a pattern), GPT-2's without it.
 *  out: the tokenizer.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (what is damaged, and where; a number that two tokens have; a merge of
 *  tokens that are not there); HW3_ERR_UNSUPPORTED (a part that is not known, by its name); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_open(hw3_ctx *ctx, const char *path, hw3_tokenizer **out);

/** Reads byte-level BPE from vocab.json and merges.txt.
 *  ctx: context.  vocab: path of an object of texts and their numbers.  merges: path of lines of two texts.
 *  pattern: one of HW3_PATTERN_.  out: the tokenizer.
 *  Returns: as hw3_tokenizer_open. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_open_bpe(hw3_ctx *ctx, const char *vocab, const char *merges, hw3_pattern pattern,
                                                         hw3_tokenizer **out);

/** Learns byte-level BPE from texts: joins the pair of tokens that comes most often, of equals the one with the lower numbers, again and
 *  again [Sennrich16]. The numbers are those of Hugging Face's trainer: special tokens, the 256 bytes in the order of the characters
 *  that stand for them in a file, then a token for each merge. They do not depend on the number of threads. A stretch of a megabyte
 *  without a space or a newline is cut there.
 *  ctx: context.  texts: [n_texts].  n_bytes: [n_texts], bytes of each, or -1; NULL for -1 of all.  n_texts: how many.
 *  opts: NULL for the defaults.  out: the tokenizer.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_NAME (a special token twice, or one that is written as a byte
 *  or a learned token is in a file); HW3_ERR_UNSUPPORTED (pieces of 4 GiB); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_train(hw3_ctx *ctx, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                                                      const hw3_tokenizer_train_opts *opts, hw3_tokenizer **out);

/** Writes a tokenizer.json that this library and Hugging Face's tokenizers read.
 *  tok: the tokenizer.  path: the file; one that is there already is replaced at once or not at all.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_save(hw3_tokenizer *tok, const char *path);

/** Lets go of a tokenizer.
 *  tok: may be NULL.  Since 0.1. */
HW3_API void hw3_tokenizer_destroy(hw3_tokenizer *tok);

/** Adds texts that are tokens wherever they stand. Those that the file writes as they are keep their numbers, those that are added
 *  already stay as they are, new ones come behind all others.
 *  tok: the tokenizer.  texts: [n], UTF-8, none empty.  n: at least 1.  special: 1: as special tokens.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM; after a failure nothing is added. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_add(hw3_tokenizer *tok, const char *const *texts, int64_t n, int32_t special);

/** Tells the size that a model's vocabulary needs.
 *  tok: the tokenizer.
 *  Returns: the largest token + 1; HW3_ERR_ARG when tok is NULL. Since 0.1. */
HW3_API int64_t hw3_tokenizer_n_vocab(const hw3_tokenizer *tok);

/** Finds the token of a text.
 *  tok: the tokenizer.  text: all that the token stands for, as " food".  n_bytes: its bytes, or -1.
 *  Returns: the token; HW3_ERR_NAME when there is none; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API int64_t hw3_tokenizer_find(hw3_tokenizer *tok, const char *text, int64_t n_bytes);

/** Tells the text of a token alone, special ones too.
 *  tok: the tokenizer.  token: which one.  text: [cap], receives its bytes.  cap: room in text.  n_bytes: receives how many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (there is no such token); HW3_ERR_TOO_SMALL; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_token(hw3_tokenizer *tok, int64_t token, char *text, int64_t cap, int64_t *n_bytes);

/** Turns a text into tokens.
 *  tok: the tokenizer.  text: any bytes.  n_bytes: how many, or -1.  opts: NULL for the defaults.  tokens: [cap], receives them.
 *  cap: room in tokens, and in opts' arrays.  n_tokens: receives how many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_VALUE (nothing stands for a part of the text, or a pattern of the file takes too
 *  many steps); HW3_ERR_TOO_SMALL; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_encode(hw3_tokenizer *tok, const char *text, int64_t n_bytes,
                                                       const hw3_encode_opts *opts, int64_t *tokens, int64_t cap, int64_t *n_tokens);

/** Turns many texts into tokens on all threads: the same tokens as one by one.
 *  tok: the tokenizer.  texts: [n_texts].  n_bytes: [n_texts], bytes of each, or -1; NULL for -1 of all.  n_texts: how many.
 *  opts: NULL for the defaults; without pair, offsets and types.  tokens: [cap], receives those of all texts, one text behind the
 *  other.  cap: room in tokens.  starts: [n_texts + 1], receives where those of each text begin, and behind the last where they end;
 *  with HW3_ERR_TOO_SMALL only the last of them, the room that is needed.
 *  Returns: as hw3_tokenizer_encode. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_encode_batch(hw3_tokenizer *tok, const char *const *texts, const int64_t *n_bytes,
                                                             int64_t n_texts, const hw3_encode_opts *opts, int64_t *tokens,
                                                             int64_t cap, int64_t *starts);

/** Turns tokens into text.
 *  tok: the tokenizer.  tokens: [n_tokens].  n_tokens: how many.  opts: NULL for the defaults.  text: [cap], receives the bytes; a
 *  character that some of its tokens are missing of comes in part.  cap: room in text.  n_bytes: receives how many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_VALUE (there is no such token); HW3_ERR_TOO_SMALL; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_decode(hw3_tokenizer *tok, const int64_t *tokens, int64_t n_tokens,
                                                       const hw3_decode_opts *opts, char *text, int64_t cap, int64_t *n_bytes);

/** Shows tokens in a line for people: each as the text that it stands for, between bars as in "|Good| food|"; a byte that is no whole
 *  character there as in <0xD8>.
 *  tok: the tokenizer.  tokens: [n_tokens].  n_tokens: how many.  text: [cap], receives the line.  cap: room in text.
 *  n_bytes: receives its bytes.
 *  Returns: as hw3_tokenizer_decode. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_tokenizer_view(hw3_tokenizer *tok, const int64_t *tokens, int64_t n_tokens, char *text,
                                                     int64_t cap, int64_t *n_bytes);

/** Makes a decoder that takes tokens one by one.
 *  tok: the tokenizer.  opts: NULL for the defaults; copied.  out: the decoder.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_decoder_create(hw3_tokenizer *tok, const hw3_decode_opts *opts, hw3_decoder **out);

/** Lets go of a decoder.
 *  decoder: may be NULL.  Since 0.1. */
HW3_API void hw3_decoder_destroy(hw3_decoder *decoder);

/** Takes a token and gives the text that is certain now: whole characters, and nothing that may begin a stop.
 *  decoder: the decoder.  token: the next one.  text: [cap], receives the bytes.  cap: room in text.  n_bytes: receives how many.
 *  Returns: as hw3_tokenizer_decode; after a failure the token counts as not given. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_decoder_push(hw3_decoder *decoder, int64_t token, char *text, int64_t cap, int64_t *n_bytes);

/** Gives the text that was held back; the decoder is as new afterwards.
 *  decoder: the decoder.  text: [cap], receives the bytes.  cap: room in text.  n_bytes: receives how many.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_decoder_finish(hw3_decoder *decoder, char *text, int64_t cap, int64_t *n_bytes);

/** Tells whether a stop has come: then no more text does.
 *  decoder: the decoder.
 *  Returns: 1 or 0; HW3_ERR_ARG when decoder is NULL. Since 0.1. */
HW3_API int32_t hw3_decoder_stopped(const hw3_decoder *decoder);

HW3_END
#endif
