/* SPDX-License-Identifier: MIT */
/* A tokenizer from inside.
 *
 *     text --added tokens cut out--> normalizers --> pre-tokenizers --> pieces --> model --> tokens --> template
 *     tokens --> decoders --> text
 *
 * Each part is a list of steps, and each step a row of a table that is found by the type that tokenizer.json names:
 * normalizers in normalize.c, pre-tokenizers in pretokenize.c, models in model.c, decoders in decoders.c. A new kind is a new
 * row there: a function that reads its parameters, and one that runs it on the work in hand. */
#ifndef HW3I_TOKENIZER_H
#define HW3I_TOKENIZER_H
#include "hw3/tokenizer.h"
#include "io/json_value.h"
#include "text/regex.h"
#include "text/vocab.h"

/* Bytes first to end - 1 of a text. */
typedef struct hw3i_stretch {
    int64_t first, end;
} hw3i_stretch;

/* A character and the bytes of the text that it stands for. */
typedef struct hw3i_char {
    int32_t c, order; /* order: hw3i_unicode_class */
    hw3i_stretch from;
} hw3i_char;

/* A text that steps have changed, and for each of its bytes the bytes of the original text that it stands for. */
typedef struct hw3i_text {
    char *bytes;
    hw3i_stretch *origin;
    int64_t n, cap, cap_origin;
} hw3i_text;

/* What a text is worked on with, one for each thread and kept from text to text. Without a context it belongs to a thread that
 * may take no memory and leave no message: what does not fit is HW3_ERR_FULL, and any failure there is found again on the
 * caller's thread. */
typedef struct hw3i_work {
    hw3_ctx *ctx;
    const char *text;           /* as far as the steps have come */
    const hw3i_stretch *origin;    /* of its bytes; NULL where no step has changed it: byte i is byte base + i */
    int64_t n, base;
    hw3i_text edits[3];         /* one is text, one is kept, one is free: hw3i_edit_begin */
    hw3i_text *now, *kept, *next;
    hw3i_stretch *pieces, *cuts;   /* of text; cuts: those that a pre-tokenizer makes of the pieces */
    int64_t n_pieces, cap_pieces, n_cuts, cap_cuts;
    int32_t *tokens;
    hw3i_stretch *offsets;         /* of each token in the original text, where they are wanted */
    int64_t n_tokens, cap_tokens, cap_offsets;
    bool find_special, wants_offsets;
    hw3i_text token, spare;     /* for decoders: one token's bytes (no origin), and what becomes of them */
    bool is_first, is_added;    /* for decoders: no token came before it; it is an added one */
    hw3i_char *chars;           /* of a text that comes into a normal form */
    int64_t cap_chars;
    hw3i_match *match;
    hw3_status (*put)(void *sink, const char *text, int64_t n); /* in training: where pieces go */
    void *sink;
    struct hw3i_bpe_work *bpe;
} hw3i_work;

typedef struct hw3i_step {
    const struct hw3i_step_kind *kind;
    hw3i_regex *regex;          /* these are freed with the step */
    char *text, *other;
    int32_t a, b;
    bool whole;                 /* a decoder that sees all tokens as one, for it stands behind Fuse */
} hw3i_step;

/* What reads a file; failures stay in doc.status, with the name of the file. */
typedef struct hw3i_reader {
    hw3i_json_doc doc;
    hw3_tokenizer *tok;
} hw3i_reader;

typedef struct hw3i_step_kind {
    const char *type;
    void (*read)(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step); /* NULL: no parameters */
    hw3_status (*run)(const hw3i_step *step, hw3i_work *w);
} hw3i_step_kind;

/* A model turns a piece, bytes of w->text, into tokens (hw3i_push_token). */
typedef struct hw3i_model_kind {
    const char *type;
    void (*read)(hw3i_reader *r, const hw3i_json_value *model);
    hw3_status (*encode)(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece);
    void (*save)(const hw3_tokenizer *tok, hw3i_json_out *o);                  /* what stands before the vocabulary */
} hw3i_model_kind;

enum { HW3I_NORMALIZER, HW3I_PRE_TOKENIZER, HW3I_POST_PROCESSOR, HW3I_DECODER, HW3I_PARTS };
extern const char *const hw3i_part_names[HW3I_PARTS]; /* their keys in tokenizer.json */

typedef struct hw3i_steps {
    hw3i_step *steps;
    int64_t n, cap;
} hw3i_steps;

typedef struct hw3i_added {
    char *text;
    char *found;                /* what is looked for: text, or where normalized its normal form */
    int64_t n, n_found;
    int32_t token;
    bool single_word, lstrip, rstrip, normalized, special;
    bool is_new;                /* until hw3i_added_finish */
} hw3i_added;

/* One place of a template: a token, or a whole text. */
enum { HW3I_FIRST_TEXT = -1, HW3I_SECOND_TEXT = -2 };
typedef struct hw3i_template_place {
    int32_t token, type;
} hw3i_template_place;
typedef struct hw3i_template {
    hw3i_template_place *places;
    int64_t n, cap;
} hw3i_template;

struct hw3_tokenizer {
    hw3_ctx *ctx;
    int64_t n_refs;             /* the caller's and one for each decoder */
    const hw3i_model_kind *model;
    hw3i_vocab vocab;
    hw3i_added *added;          /* as they came */
    int64_t n_added, cap_added;
    int32_t *slots;             /* [2, n_slots], by their texts and by their numbers */
    int64_t n_slots, n_numbers; /* n_numbers: their largest number + 1 */
    int32_t *order[2];          /* added ones that are looked for in the text as it is, [1]: in its normal form; by their texts */
    int64_t n_order[2];
    uint8_t begins[256];        /* bits 1 and 2: one of order[0], [1] begins with this byte */
    hw3i_regex *word;           /* a character of a word */
    hw3i_steps steps[HW3I_PARTS];
    char *parts[HW3I_PARTS];    /* their JSON, for the file that is saved */
    hw3i_template templates[2]; /* of one text, of two */
    bool byte_level;            /* tokens are texts of the alphabet of bytes */
    int32_t unknown;            /* -1: none */
    bool edits;                 /* some step changes the text */
    bool fuse_unknown, byte_fallback, ignore_merges;
    int32_t byte_token[256];    /* the token of one byte, -1: none */
    hw3i_merge *merges;         /* in the order of their ranks */
    int64_t n_merges, cap_merges;
    struct hw3i_pair *pairs;    /* hash table of the merges */
    int64_t n_pairs;
    char *prefix;               /* of WordPiece: in front of what continues a word */
    int64_t max_chars, longest; /* of WordPiece: longer words are unknown; bytes of the longest token */
    hw3i_work *work;            /* [n_works], the caller's thread first */
    int64_t n_works;
};

/* tokenizer.c */
hw3_status hw3i_tokenizer_create(hw3_ctx *ctx, hw3_tokenizer **out);
void hw3i_tokenizer_release(hw3_tokenizer *tok);
/* Reads normalizer, pre_tokenizer, post_processor and decoder from a JSON object, and the added tokens. */
void hw3i_read_parts(hw3i_reader *r, const hw3i_json_value *object);
/* An empty byte-level BPE of a pattern: then come hw3i_vocab_put, hw3i_merge_put, hw3i_tokenizer_add, hw3i_tokenizer_finish. */
hw3_status hw3i_tokenizer_byte_level(hw3_ctx *ctx, hw3_pattern pattern, hw3_tokenizer **out);
/* Makes the tables once everything is there. */
hw3_status hw3i_tokenizer_finish(hw3_tokenizer *tok, const char *who);
int64_t hw3i_tokenizer_n_vocab(const hw3_tokenizer *tok);
int32_t hw3i_tokenizer_find(hw3_tokenizer *tok, const char *text, int64_t n); /* -1: none */
/* A token's text as the file has it, NULL: none; added: the added token, NULL when it is none. */
const char *hw3i_token_text(const hw3_tokenizer *tok, int64_t token, int64_t *n, const hw3i_added **added);

/* tokenizer_train.c */
hw3_status hw3i_tokenizer_train(hw3_ctx *ctx, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                                const hw3_tokenizer_train_opts *o, hw3_tokenizer **out);

/* tokenizer_file.c, tokenizer_save.c */
hw3_status hw3i_tokenizer_open(hw3_ctx *ctx, const char *path, hw3_tokenizer **out);
hw3_status hw3i_tokenizer_open_bpe(hw3_ctx *ctx, const char *vocab, const char *merges, hw3_pattern pattern, hw3_tokenizer **out);
hw3_status hw3i_tokenizer_save(hw3_tokenizer *tok, const char *path);

/* Steps, models: rows by their types. hw3i_unknown_type: the message that names what is not known. */
void hw3i_read_steps(hw3i_reader *r, const hw3i_json_value *v, int part);
const hw3i_step_kind *hw3i_normalizer(const char *type), *hw3i_pre_tokenizer(const char *type), *hw3i_decoder(const char *type);
const hw3i_model_kind *hw3i_model_of(const char *type);
void hw3i_unknown_type(hw3i_reader *r, const char *part, const char *type);
void hw3i_read_unknown(hw3i_reader *r, const hw3i_json_value *model, const char *otherwise); /* NULL: none */
void hw3i_read_merge(hw3i_reader *r, const char *line); /* "a b" */
char *hw3i_read_text(hw3i_reader *r, const hw3i_json_value *v, const char *key, const char *otherwise); /* a copy */
/* Metaspace, as a pre-tokenizer and a decoder: does its sign stand in front of every text, of the first, or of none? */
#define HW3I_META "\xE2\x96\x81"
enum { HW3I_META_ALWAYS, HW3I_META_FIRST, HW3I_META_NEVER };
int32_t hw3i_read_scheme(hw3i_reader *r, const hw3i_json_value *v);
/* {"Regex": ..} or {"String": ..} under "pattern". */
void hw3i_read_pattern(hw3i_reader *r, const hw3i_json_value *v, hw3i_step *step);
hw3_status hw3i_run_steps(const hw3i_steps *steps, hw3i_work *w);

/* work.c: room for n elements in *items, and what steps write with. */
void hw3i_work_free(hw3_ctx *ctx, hw3i_work *w);
hw3_status hw3i_room(hw3i_work *w, void *items, int64_t *cap, int64_t n, int64_t size);
hw3_status hw3i_push_token(hw3i_work *w, int32_t token, int64_t first, int64_t end); /* first, end: bytes of w->text */
hw3_status hw3i_push_cut(hw3i_work *w, int64_t first, int64_t end);                  /* nothing where it is empty */
void hw3i_take_cuts(hw3i_work *w);                                                   /* the cuts are the pieces */
/* A step that changes the text: begin, then bytes in their order, kept or put in the place of first to end, then end. */
void hw3i_edit_begin(hw3i_work *w);
hw3_status hw3i_edit_keep(hw3i_work *w, int64_t first, int64_t end);
hw3_status hw3i_edit_put(hw3i_work *w, const char *bytes, int64_t n, int64_t first, int64_t end);
void hw3i_edit_end(hw3i_work *w);
hw3_status hw3i_text_put(hw3i_work *w, hw3i_text *t, const char *bytes, int64_t n);  /* without origins */

/* bpe.c */
hw3_status hw3i_merge_put(hw3_tokenizer *tok, int32_t a, int32_t b, int32_t joined);
hw3_status hw3i_bpe_finish(hw3_tokenizer *tok);
hw3_status hw3i_bpe_encode(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece);
hw3_status hw3i_bpe_reserve(hw3i_work *w, int64_t n); /* for pieces of up to n bytes */
hw3_status hw3i_bpe_work_create(const hw3_tokenizer *tok, struct hw3i_bpe_work **out);
void hw3i_bpe_work_free(hw3_ctx *ctx, struct hw3i_bpe_work *b);

/* wordpiece.c */
void hw3i_wordpiece_read(hw3i_reader *r, const hw3i_json_value *model);
hw3_status hw3i_wordpiece_encode(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece);
void hw3i_wordpiece_save(const hw3_tokenizer *tok, hw3i_json_out *o);

/* added.c */
hw3_status hw3i_added_put(hw3_tokenizer *tok, const char *who, const hw3i_added *like, const char *text, int64_t n);
hw3_status hw3i_added_finish(hw3_tokenizer *tok);
hw3_status hw3i_tokenizer_add(hw3_tokenizer *tok, const char *who, const char *text, int64_t n, bool special);
hw3_status hw3i_tokenizer_add_all(hw3_tokenizer *tok, const char *const *texts, int64_t n, bool special); /* all or none */
const hw3i_added *hw3i_added_of(const hw3_tokenizer *tok, int64_t token); /* NULL: none */
const hw3i_added *hw3i_added_named(const hw3_tokenizer *tok, const char *text, int64_t n);
/* The next added token in bytes at to n - 1 of a text: where it is, with the spaces that it takes; NULL when there is none. */
const hw3i_added *hw3i_added_next(const hw3_tokenizer *tok, hw3i_work *w, int normal, const char *text, int64_t n, int64_t at,
                                  hw3i_stretch *where);

/* encode.c: tokens of a text behind those in w, without a template. */
hw3_status hw3i_encode(const hw3_tokenizer *tok, hw3i_work *w, const char *text, int64_t n);
/* How many tokens a template makes of n_first of one text and n_second of another (-1: there is none). */
int64_t hw3i_count_places(const hw3_tokenizer *tok, bool add_special, int64_t n_first, int64_t n_second);
/* Writes them; from: tokens of the first text, behind them those of the second. offsets of them and both outputs may be NULL. */
void hw3i_put_places(const hw3_tokenizer *tok, bool add_special, const int32_t *from, const hw3i_stretch *offsets, int64_t n_first,
                int64_t n_second, int64_t *tokens, int64_t *out_offsets, int64_t *types);
/* Tokens of many texts one behind the other in *tokens, which is freed by hw3i_free, without a template; counts: [n_texts] */
hw3_status hw3i_encode_batch(hw3_tokenizer *tok, const char *const *texts, const int64_t *n_bytes, int64_t n_texts,
                             bool find_special, int32_t **tokens, int64_t *counts);
/* Room for texts of n bytes, so that a thread need not take any. */
hw3_status hw3i_work_reserve(hw3i_work *w, bool edits, int64_t n);
/* Works for n_works threads, made where they are not there yet. */
hw3_status hw3i_works(hw3_tokenizer *tok, int64_t n_works);

/* template.c */
void hw3i_read_template(hw3i_reader *r, const hw3i_json_value *v);
hw3_status hw3i_template_put(hw3_tokenizer *tok, int pair, int32_t token, int32_t type);

#endif
