/* SPDX-License-Identifier: MIT */
/* Training of byte-level BPE: merges as a plain algorithm finds them that counts everything anew for each, pieces counted on
 * threads as one by one. */
#include "text/bpe_train.h"
#include "text/tokenizer.h"
#include "alloc.h"
#include "base/random.h"

/* The plain algorithm. */

#define MAX_WORDS 64
#define MAX_LENGTH 64
#define MAX_TOKENS 1024

typedef struct plain {
    int32_t words[MAX_WORDS][MAX_LENGTH];
    int64_t length[MAX_WORDS], count[MAX_WORDS], n_words;
    char tokens[MAX_TOKENS][MAX_LENGTH + 1]; /* length in front */
    int64_t first, n_tokens;
    hw3i_merge merges[MAX_TOKENS];
    int64_t n_merges;
} plain;

static int32_t plain_token(plain *p, const char *text, int64_t n)
{
    for (int64_t i = 0; i < p->n_tokens; i++)
        if (p->tokens[i][0] == n && !memcmp(p->tokens[i] + 1, text, (size_t)n)) return (int32_t)(p->first + i);
    ck_assert_int_lt(p->n_tokens, MAX_TOKENS);
    p->tokens[p->n_tokens][0] = (char)n;
    memcpy(p->tokens[p->n_tokens] + 1, text, (size_t)n);
    return (int32_t)(p->first + p->n_tokens++);
}

static void plain_begin(plain *p, const hw3i_pieces *pieces, int64_t first)
{
    uint8_t order[256];
    memset(p, 0, sizeof *p);
    p->first = first;
    hw3i_byte_order(order);
    for (int k = 0; k < 256; k++) plain_token(p, (const char *)&order[k], 1);
    p->n_words = pieces->n;
    for (int64_t i = 0; i < pieces->n; i++) {
        p->count[i] = pieces->items[i].count;
        p->length[i] = pieces->items[i].n_bytes;
        for (int64_t k = 0; k < p->length[i]; k++) p->words[i][k] = plain_token(p, pieces->items[i].text + k, 1);
    }
}

static int64_t plain_count(const plain *p, int32_t a, int32_t b)
{
    int64_t n = 0;
    for (int64_t i = 0; i < p->n_words; i++)
        for (int64_t k = 0; k + 1 < p->length[i]; k++) n += p->words[i][k] == a && p->words[i][k + 1] == b ? p->count[i] : 0;
    return n;
}

static void plain_join(plain *p, int32_t a, int32_t b, int32_t joined)
{
    for (int64_t i = 0; i < p->n_words; i++) {
        int64_t n = 0;
        for (int64_t k = 0; k < p->length[i]; k++) {
            const bool here = k + 1 < p->length[i] && p->words[i][k] == a && p->words[i][k + 1] == b;
            p->words[i][n++] = here ? joined : p->words[i][k];
            k += here;
        }
        p->length[i] = n;
    }
}

/* The pair that comes most often, and how often. */
static int64_t plain_best(const plain *p, int32_t *a, int32_t *b)
{
    int64_t best = 0;
    for (int64_t i = 0; i < p->n_words; i++)
        for (int64_t k = 0; k + 1 < p->length[i]; k++) {
            const int32_t x = p->words[i][k], y = p->words[i][k + 1];
            const int64_t n = plain_count(p, x, y);
            if (n > best || (n == best && (x < *a || (x == *a && y < *b)))) best = n, *a = x, *b = y;
        }
    return best;
}

static void plain_train(plain *p, int64_t n_vocab, int64_t min_frequency)
{
    for (int32_t a = 0, b = 0; p->first + p->n_tokens < n_vocab && plain_best(p, &a, &b) >= hw3i_max(1, min_frequency);) {
        char text[2 * MAX_LENGTH];
        const char *x = p->tokens[a - p->first], *y = p->tokens[b - p->first];
        memcpy(text, x + 1, (size_t)x[0]);
        memcpy(text + x[0], y + 1, (size_t)y[0]);
        const int64_t n_tokens = p->n_tokens;
        const int32_t joined = plain_token(p, text, x[0] + y[0]);
        ck_assert_int_eq(joined, p->first + n_tokens); /* no merge gives the bytes of a token that is there */
        p->merges[p->n_merges++] = (hw3i_merge){ a, b, joined };
        plain_join(p, a, b, joined);
        ck_assert_int_eq(plain_count(p, a, b), 0);
    }
}

static void same_as_plain(const hw3i_pieces *pieces, int64_t n_specials, int64_t n_vocab, int64_t min_frequency)
{
    static plain p;
    hw3_ctx *ctx = pieces->ctx;
    hw3i_merges m;
    plain_begin(&p, pieces, n_specials);
    plain_train(&p, n_vocab, min_frequency);
    OK(hw3i_bpe_train(pieces, n_specials, n_vocab, min_frequency, &m));
    ck_assert_int_eq(m.n, p.n_merges);
    for (int64_t i = 0; i < m.n; i++)
        ck_assert_msg(!memcmp(&m.items[i], &p.merges[i], sizeof m.items[i]), "merge %lld: %d %d %d, want %d %d %d", (long long)i,
                      m.items[i].a, m.items[i].b, m.items[i].joined, p.merges[i].a, p.merges[i].b, p.merges[i].joined);
    hw3i_free(ctx, m.items);
}

static void add(hw3i_pieces *p, const char *text, int64_t count)
{
    ck_assert_int_ge(hw3i_pieces_add(p, text, (int64_t)strlen(text), count), 0);
}

START_TEST(a_small_corpus)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_pieces p;
    hw3i_pieces_init(&p, ctx);
    add(&p, "low", 5);
    add(&p, "lower", 2);
    add(&p, "newest", 6);
    add(&p, "widest", 3);
    hw3i_merges m;
    OK(hw3i_bpe_train(&p, 1, 1 + 256 + 4, 1, &m)); /* the example of [Sennrich16] without its end of words: es, est, lo, low */
    ck_assert_int_eq(m.n, 4);
    const char joined[4][2][4] = { { "e", "s" }, { "es", "t" }, { "l", "o" }, { "lo", "w" } };
    for (int i = 0; i < 4; i++) {
        const int32_t left = strlen(joined[i][0]) == 1 ? 1 + joined[i][0][0] - '!' : m.items[i - 1].joined;
        ck_assert_int_eq(m.items[i].a, left);
        ck_assert_int_eq(m.items[i].b, 1 + joined[i][1][0] - '!');
        ck_assert_int_eq(m.items[i].joined, 257 + i);
    }
    hw3i_free(ctx, m.items);
    for (int64_t n_vocab = 0; n_vocab < 300; n_vocab += n_vocab < 250 ? 50 : 1) same_as_plain(&p, 1, n_vocab, 1);
    for (int64_t min_frequency = -1; min_frequency < 12; min_frequency++) same_as_plain(&p, 3, 400, min_frequency);
    hw3i_pieces_free(&p);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Few different bytes make runs and pairs of equals. */
START_TEST(random_corpora)
{
    hw3_ctx *ctx = test_ctx(1);
    for (uint64_t seed = 0; seed < 300; seed++) {
        uint64_t k_random = 0;
        hw3i_pieces p;
        hw3i_pieces_init(&p, ctx);
        const int64_t n_bytes = 1 + (int64_t)(seed % 5), n_words = 1 + (int64_t)(seed % 29), longest = 1 + (int64_t)(seed * 13 % 40);
        for (int64_t i = 0; i < n_words; i++) {
            char word[MAX_LENGTH] = { 0 };
            const int64_t n = 1 + hw3i_below(seed, 1, k_random++, longest);
            for (int64_t k = 0; k < n; k++) word[k] = "a\xd8\xffz "[hw3i_below(seed, 1, k_random++, n_bytes)];
            ck_assert_int_ge(hw3i_pieces_add(&p, word, n, 1 + hw3i_below(seed, 1, k_random++, 4)), 0);
        }
        same_as_plain(&p, (int64_t)(seed % 3), 256 + (int64_t)(seed % 150), 1 + (int64_t)(seed % 2));
        hw3i_pieces_free(&p);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* More than 32 bits count. */
START_TEST(large_counts)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_pieces p;
    hw3i_pieces_init(&p, ctx);
    add(&p, "ab", (1ll << 32) + 1);
    add(&p, "cd", (1ll << 31) + 5);
    add(&p, "ef", 1ll << 40);
    add(&p, "ab", 1);
    same_as_plain(&p, 0, 300, 2);
    same_as_plain(&p, 0, 300, (1ll << 32) + 2);
    hw3i_pieces_free(&p);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(order_of_bytes)
{
    uint8_t order[256];
    bool seen[256] = { false };
    hw3i_byte_order(order);
    for (int i = 0; i < 256; i++) seen[order[i]] = true;
    for (int i = 0; i < 256; i++) ck_assert(seen[i]);
    ck_assert(order[0] == '!' && order[93] == '~' && order[94] == 161 && order[187] == 255 && order[188] == 0 && order[220] == ' ' &&
              order[255] == 173); /* as in GPT-2's vocab.json */
}
END_TEST

/* Cuts in front of each space and behind each line, and leaves out "<a b>". A worker cuts texts of at most `most` bytes. */
static int64_t piece_end(const char *text, int64_t n, int64_t at)
{
    for (at++; at < n && text[at] != ' ' && text[at - 1] != '\n' && (n - at < 5 || memcmp(text + at, "<a b>", 5));) at++;
    return at;
}

typedef struct cutter {
    int64_t most, longest, n_by_caller;
} cutter;

static hw3_status cut(void *arg, int worker, bool may_take, const char *text, int64_t n, hw3i_piece_fn put, void *sink)
{
    cutter *c = arg;
    (void)worker;
    if (n > c->most && !may_take) return HW3_ERR_FULL;
    if (may_take) c->n_by_caller++, c->longest = hw3i_max(c->longest, n);
    for (int64_t at = 0, end; at < n; at = end) {
        const bool special = n - at >= 5 && !memcmp(text + at, "<a b>", 5);
        end = special ? at + 5 : piece_end(text, n, at);
        const hw3_status s = special ? HW3_OK : put(sink, text + at, end - at);
        if (s) return s;
    }
    return HW3_OK;
}

static hw3_status count(hw3i_pieces *p, const char *const *texts, const int64_t *n_bytes, int64_t n, cutter *c)
{
    static const char *const specials[] = { "<a b>", "xyz" };
    return hw3i_pieces_count(p, &(hw3i_texts){ texts, n_bytes, n, specials, 2, cut, c });
}

static int64_t count_of(hw3i_pieces *p, const char *text)
{
    return p->items[hw3i_pieces_add(p, text, (int64_t)strlen(text), 0)].count;
}

START_TEST(counting)
{
    hw3_ctx *ctx = test_ctx(2);
    const char *texts[] = { "good food good", "", "food<a b>good\xd8 \xff\xff good", "<a b><a b>" };
    const int64_t n_bytes[] = { 14, 0, 22, 10 };
    hw3i_pieces p;
    for (int64_t most = 0; most < 40; most += 13) {
        cutter c = { .most = most };
        hw3i_pieces_init(&p, ctx);
        OK(count(&p, texts, n_bytes, 4, &c));
        ck_assert_int_eq(count_of(&p, "good"), 1);
        ck_assert_int_eq(count_of(&p, " good"), 2);
        ck_assert_int_eq(count_of(&p, " food"), 1);
        ck_assert_int_eq(count_of(&p, "food"), 1);
        ck_assert_int_eq(count_of(&p, "good\xd8"), 1);
        ck_assert_int_eq(count_of(&p, " \xff\xff"), 1);
        ck_assert_int_eq(p.n, 6);
        hw3i_pieces_free(&p);
    }
    hw3i_pieces_init(&p, ctx);
    OK(count(&p, NULL, NULL, 0, NULL));
    OK(count(&p, texts + 1, n_bytes + 1, 1, NULL));
    ck_assert_int_eq(p.n, 0);
    same_as_plain(&p, 2, 300, 1);
    hw3i_pieces_free(&p);
    hw3_ctx_destroy(ctx);
}
END_TEST

#define LARGE (3 * 1024 * 1024)

/* Words of a Zipf-like law over three alphabets, with specials, long runs and bytes that are no text. */
static char *large_text(uint64_t seed)
{
    static char text[LARGE + 64];
    int64_t n = 0;
    for (uint64_t k = 0; n < LARGE; k++) {
        const int64_t range = 1ll << hw3i_below(seed, 0, k, 18), word = range + hw3i_below(seed, 1, k, range);
        const int64_t kind = hw3i_below(seed, 2, k, 4000);
        n += sprintf(text + n, "%s%s%llx", kind % 40 ? " " : "\n", word % 3 ? "w" : "\xd8\xba", (long long)word * 2654435761);
        if (kind == 0) n += sprintf(text + n, "<a b>");
        if (kind == 1) n += sprintf(text + n, "\xff\xc3");
        if (kind == 2) n += sprintf(text + n, "%100d", 1);
    }
    return text;
}

static hw3_status put(void *sink, const char *text, int64_t n)
{
    return (hw3_status)hw3i_min(0, hw3i_pieces_add(sink, text, n, 1));
}

static void by_hand(hw3i_pieces *p, const char *text, int64_t n)
{
    ck_assert_int_eq(cut(&(cutter){ .most = n }, 0, false, text, n, put, p), HW3_OK);
}

static void same_pieces(const hw3i_pieces *a, hw3i_pieces *b)
{
    ck_assert_int_eq(a->n, b->n);
    for (int64_t k = 0; k < a->n; k++) {
        const hw3i_counted *p = &a->items[k];
        const int64_t j = hw3i_pieces_add(b, p->text, p->n_bytes, 0);
        ck_assert_int_lt(j, a->n);
        ck_assert_int_eq(b->items[j].count, p->count);
    }
}

/* Many texts, and one large one: the same pieces and merges for 1, 2 and 4 threads. */
START_TEST(threads)
{
    const char *text = large_text(1), *texts[40];
    int64_t n_bytes[40], n = 0;
    for (int64_t at = 0; n < 39; at += n_bytes[n++]) texts[n] = text + at, n_bytes[n] = 100 + n * n * n;
    texts[n] = text;
    n_bytes[n++] = LARGE;
    hw3i_pieces all[3];
    hw3i_merges m[3];
    hw3_ctx *ctxs[3];
    for (int i = 0; i < 3; i++) {
        hw3_ctx *ctx = ctxs[i] = test_ctx(1 << i);
        cutter c = { .most = HW3I_CHUNK };
        hw3i_pieces_init(&all[i], ctx);
        OK(count(&all[i], texts, n_bytes, n, &c));
        OK(hw3i_bpe_train(&all[i], 1, 1500, 2, &m[i]));
        ck_assert_int_eq(m[i].n, 1500 - 257);
        ck_assert_int_gt(all[i].n, 20000); /* more than one table holds */
        ck_assert_int_gt(c.n_by_caller, 0);
        ck_assert_int_lt(c.longest, HW3I_CHUNK + 1000); /* a text is not cut as a whole */
    }
    for (int i = 1; i < 3; i++) {
        same_pieces(&all[0], &all[i]);
        ck_assert_int_eq(m[i].n, m[0].n);
        ck_assert(!memcmp(m[i].items, m[0].items, (size_t)m[0].n * sizeof *m[0].items));
    }
    for (int i = 0; i < 3; i++) {
        hw3i_free(ctxs[i], m[i].items);
        hw3i_pieces_free(&all[i]);
        hw3_ctx_destroy(ctxs[i]);
    }
}
END_TEST

/* A text that is counted in chunks has the pieces that it has as a whole, also those that no table holds. */
START_TEST(chunks)
{
    hw3_ctx *ctx = test_ctx(1);
    char *text = large_text(2);
    const int64_t n_bytes = LARGE;
    memset(text + 500000, 'x', 400000);
    hw3i_pieces p, plain;
    cutter c = { .most = LARGE };
    hw3i_pieces_init(&p, ctx);
    hw3i_pieces_init(&plain, ctx);
    OK(count(&p, (const char *const *)&text, &n_bytes, 1, &c));
    ck_assert_int_eq(c.n_by_caller, 1);
    by_hand(&plain, text, n_bytes);
    same_pieces(&p, &plain);
    hw3i_pieces_free(&p);
    hw3i_pieces_free(&plain);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A special text that has spaces inside and lies where chunks meet stays whole. */
START_TEST(special_at_a_border)
{
    hw3_ctx *ctx = test_ctx(1);
    static char text[HW3I_CHUNK + 200];
    for (int64_t first = HW3I_CHUNK - 8; first < HW3I_CHUNK + 3; first++) {
        memset(text, 'y', sizeof text);
        memcpy(text + first, "<a b>", 5);
        memcpy(text + HW3I_CHUNK + 100, " z", 2);
        const int64_t n_bytes = sizeof text;
        const char *t = text;
        hw3i_pieces p;
        cutter c = { .most = LARGE };
        hw3i_pieces_init(&p, ctx);
        OK(count(&p, &t, &n_bytes, 1, &c));
        for (int64_t i = 0; i < p.n; i++) ck_assert(!memchr(p.items[i].text, '<', (size_t)p.items[i].n_bytes));
        ck_assert_int_eq(p.n, 3);
        hw3i_pieces_free(&p);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Three megabytes without a place to cut are no piece of three. */
START_TEST(no_border)
{
    hw3_ctx *ctx = test_ctx(1);
    const int64_t n_bytes = LARGE;
    char *text = large_text(2);
    for (int64_t i = 0; i < n_bytes; i++) text[i] = "\xe2\x82\xac"[i % 3];
    hw3i_pieces p;
    cutter c = { .most = LARGE };
    hw3i_pieces_init(&p, ctx);
    OK(count(&p, (const char *const *)&text, &n_bytes, 1, &c));
    int64_t sum = 0;
    for (int64_t i = 0; i < p.n; sum += p.items[i].n_bytes * p.items[i].count, i++) {
        ck_assert_int_eq(p.items[i].text[0], '\xe2');
        ck_assert_int_lt(p.items[i].n_bytes, 1300000);
    }
    ck_assert_int_eq(sum, n_bytes);
    hw3i_pieces_free(&p);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status scenario(hw3_ctx *ctx)
{
    const char *text = large_text(3);
    const int64_t n_bytes = 40000;
    hw3i_pieces p;
    hw3i_merges m = { 0 };
    cutter c = { .most = LARGE };
    hw3i_pieces_init(&p, ctx);
    hw3_status s = count(&p, &text, &n_bytes, 1, &c);
    if (!s) s = hw3i_bpe_train(&p, 1, 320, 2, &m);
    hw3i_free(ctx, m.items);
    hw3i_pieces_free(&p);
    return s;
}

START_TEST(memory_ends) { ck_assert_int_ge(test_sweep(scenario), 30); }
END_TEST

/* hw3_tokenizer_train. */

static hw3_tokenizer *train(hw3_ctx *ctx, const char *const *texts, const int64_t *n_bytes, int64_t n, const hw3_tokenizer_train_opts *o)
{
    hw3_tokenizer *tok = NULL;
    OK(hw3_tokenizer_train(ctx, texts, n_bytes, n, o, &tok));
    return tok;
}

static void same_tokenizers(hw3_tokenizer *a, hw3_tokenizer *b)
{
    ck_assert_int_eq(a->n_merges, b->n_merges);
    ck_assert(!memcmp(a->merges, b->merges, (size_t)a->n_merges * sizeof *a->merges));
    ck_assert_int_eq(a->vocab.n_bytes, b->vocab.n_bytes);
    ck_assert(!memcmp(a->vocab.bytes, b->vocab.bytes, (size_t)a->vocab.n_bytes));
}

START_TEST(a_tokenizer)
{
    hw3_ctx *ctx = test_ctx(2);
    const char *specials[] = { "<end>", "mid dle" }, *texts[] = { "the food, the food<end>the foody mid dlemid dle", "\xd8the\xff\xff\xff\xff the" };
    hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
    o.specials = specials;
    o.n_specials = 2;
    hw3_tokenizer *tok = train(ctx, texts, NULL, 2, &o);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "<end>", -1), 0);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "mid dle", -1), 1);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "!", -1), 2);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "\xad", -1), 257);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "he", -1), 258); /* "th" comes as often, but h has a lower number than t */
    ck_assert_int_ge(hw3_tokenizer_find(tok, " food", -1), 0);
    FAILS((hw3_status)hw3_tokenizer_find(tok, "end", -1), HW3_ERR_NAME);
    FAILS((hw3_status)hw3_tokenizer_find(tok, "mi", -1), HW3_ERR_NAME);
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 258 + tok->n_merges);
    int64_t tokens[64], n, n_bytes;
    char text[64];
    for (int i = 0; i < 2; i++) {
        const hw3_decode_opts all = { sizeof all, 0, NULL, 0 };
        OK(hw3_tokenizer_encode(tok, texts[i], -1, NULL, tokens, 64, &n));
        OK(hw3_tokenizer_decode(tok, tokens, n, &all, text, 64, &n_bytes));
        ck_assert_int_eq(n_bytes, (int64_t)strlen(texts[i]));
        ck_assert(!memcmp(text, texts[i], (size_t)n_bytes));
    }
    hw3_tokenizer_destroy(tok);
    o.n_vocab = 258;
    tok = train(ctx, texts, NULL, 2, &o);
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 258);
    hw3_tokenizer_destroy(tok);
    tok = train(ctx, NULL, NULL, 0, NULL);
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 256);
    hw3_tokenizer_destroy(tok);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(patterns_and_threads)
{
    const char *text = large_text(4);
    const int64_t n_bytes = 400000;
    for (hw3_pattern pattern = HW3_PATTERN_GPT2; pattern <= HW3_PATTERN_QWEN2; pattern++) {
        hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
        hw3_ctx *ctxs[3];
        hw3_tokenizer *toks[3];
        o.pattern = pattern;
        o.n_vocab = 700;
        for (int i = 0; i < 3; i++) {
            hw3_ctx *ctx = ctxs[i] = test_ctx(1 << i);
            toks[i] = train(ctx, &text, &n_bytes, 1, &o);
            ck_assert_int_eq(toks[i]->n_merges, 700 - 256);
            if (i) same_tokenizers(toks[i], toks[0]);
        }
        for (int i = 0; i < 3; i++) {
            hw3_tokenizer_destroy(toks[i]);
            hw3_ctx_destroy(ctxs[i]);
        }
    }
}
END_TEST

static hw3_status keep_piece(const hw3_tokenizer *tok, hw3i_work *w, hw3i_stretch piece)
{
    (void)tok;
    return put(w->sink, w->text + piece.first, piece.end - piece.first);
}

/* A text that is counted in chunks has the pieces that its encoder cuts of it as a whole, whatever stands where the chunks meet. */
START_TEST(borders)
{
    static const char *const parts[] = { "a", "1", " ", "\n", "!", "'s", "\xd8\xba", "\xe2\x80\x83", "\xe5\xad\x97", "\r", "\xff", "\xcc\x81",
                                         "\xc2\xa0", "\t" };
    hw3_ctx *ctx = test_ctx(1);
    static char text[3 * HW3I_CHUNK];
    for (uint64_t seed = 0; seed < 6; seed++) {
        int64_t n = 0;
        for (uint64_t k = 0; n < (int64_t)sizeof text - 8; k++) n += sprintf(text + n, "%s", parts[hw3i_below(seed, 0, k, HW3I_LEN(parts))]);
        hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
        o.pattern = (hw3_pattern)(seed % 3);
        o.n_vocab = 600;
        const char *texts = text;
        hw3_tokenizer *tok = train(ctx, &texts, &n, 1, &o);
        hw3i_pieces p;
        hw3i_merges m;
        hw3i_pieces_init(&p, ctx);
        hw3i_model_kind keeper = { "BPE", NULL, keep_piece, NULL };
        const hw3i_model_kind *model = tok->model;
        tok->model = &keeper;
        tok->work->sink = &p;
        tok->work->n_tokens = 0;
        OK(hw3i_encode(tok, tok->work, text, n));
        tok->model = model;
        OK(hw3i_bpe_train(&p, 0, 600, 2, &m));
        ck_assert_int_eq(m.n, tok->n_merges);
        for (int64_t i = 0; i < m.n; i++)
            ck_assert_msg(!memcmp(&m.items[i], &tok->merges[i], sizeof m.items[i]), "pattern %d: merge %lld", (int)o.pattern, (long long)i);
        hw3i_free(ctx, m.items);
        hw3i_pieces_free(&p);
        hw3_tokenizer_destroy(tok);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Tokens of thousands of bytes, from a text of one letter, are read back as well. */
START_TEST(long_tokens)
{
    enum { N = 20000 };
    static char text[N + 1];
    const char *texts[] = { memset(text, 'a', N) }, *path = "/tmp/hw3-long-tokens.json";
    hw3_ctx *ctx = test_ctx(1);
    hw3_tokenizer *tok = train(ctx, texts, NULL, 1, NULL), *again = NULL;
    ck_assert_int_ge(hw3_tokenizer_find(tok, text, 4096), 256);
    OK(hw3_tokenizer_save(tok, path));
    OK(hw3_tokenizer_open(ctx, path, &again));
    remove(path);
    same_tokenizers(tok, again);
    hw3_tokenizer_destroy(tok);
    hw3_tokenizer_destroy(again);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(what_is_refused)
{
    hw3_ctx *ctx = test_ctx(1);
    const char *text = "a", *twice[] = { "<a>", "<a>" }, *byte[] = { "!" }, *shown[] = { "\xc4\xa0" }, *empty[] = { "" }, *broken[] = { "\xff" };
    const int64_t negative = -2;
    hw3_tokenizer *tok;
    const struct { hw3_tokenizer_train_opts o; hw3_status status; const char *says; } bad[] = {
        { { sizeof bad->o, 3, 8000, 2, NULL, 0 }, HW3_ERR_ARG, "pattern is 3" },
        { { sizeof bad->o, 0, 255, 2, NULL, 0 }, HW3_ERR_ARG, "n_vocab is 255, expected 256 to" },
        { { sizeof bad->o, 0, 257, 2, twice, 2 }, HW3_ERR_ARG, "n_vocab is 257, expected 258 to" },
        { { sizeof bad->o, 0, 1ll << 40, 2, NULL, 0 }, HW3_ERR_ARG, "n_vocab is 1099511627776" },
        { { sizeof bad->o, 0, 8000, -1, NULL, 0 }, HW3_ERR_ARG, "min_frequency is -1" },
        { { sizeof bad->o, 0, 8000, 2, NULL, 1 }, HW3_ERR_ARG, "specials is NULL" },
        { { sizeof bad->o, 0, 8000, 2, NULL, -1 }, HW3_ERR_ARG, "n_specials is -1" },
        { { sizeof bad->o, 0, 8000, 2, empty, 1 }, HW3_ERR_ARG, "text 0 is empty" },
        { { sizeof bad->o, 0, 8000, 2, broken, 1 }, HW3_ERR_ARG, "no UTF-8" },
        { { sizeof bad->o, 0, 8000, 2, twice, 2 }, HW3_ERR_NAME, "'<a>' is there twice, as 0 and 1" },
        { { sizeof bad->o, 0, 8000, 2, byte, 1 }, HW3_ERR_NAME, "'!' is there twice" },
        { { sizeof bad->o, 0, 8000, 2, shown, 1 }, HW3_ERR_NAME, "is there twice" },
        { { 4, 0, 8000, 2, NULL, 0 }, HW3_ERR_ABI, "struct_size" },
    };
    for (int64_t i = 0; i < HW3I_LEN(bad); i++) {
        FAILS(hw3_tokenizer_train(ctx, &text, NULL, 1, &bad[i].o, &tok), bad[i].status);
        SAYS(bad[i].says);
        ck_assert_ptr_null(tok);
    }
    const char *learned[] = { "\xc3\x83\xc2\xa9" }, *of_it = "\xc3\xa9\xc3\xa9 \xc3\xa9"; /* as the two bytes of é are written */
    FAILS(hw3_tokenizer_train(ctx, &of_it, NULL, 1, &(hw3_tokenizer_train_opts){ sizeof bad->o, 0, 8000, 2, learned, 1 }, &tok), HW3_ERR_NAME);
    SAYS("is there twice, as 0 and 257");
    FAILS(hw3_tokenizer_train(NULL, &text, NULL, 1, NULL, &tok), HW3_ERR_ARG);
    FAILS(hw3_tokenizer_train(ctx, &text, NULL, 1, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_tokenizer_train(ctx, NULL, NULL, 1, NULL, &tok), HW3_ERR_ARG);
    FAILS(hw3_tokenizer_train(ctx, &text, NULL, -1, NULL, &tok), HW3_ERR_ARG);
    FAILS(hw3_tokenizer_train(ctx, &text, &negative, 1, NULL, &tok), HW3_ERR_ARG);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status whole_scenario(hw3_ctx *ctx)
{
    const char *specials[] = { "<a b>" }, *texts[] = { "the food the <a b> food", "\xd8\xa7\xd8\xa7\xd8\xa7 \xff" };
    hw3_tokenizer_train_opts o = HW3_TOKENIZER_TRAIN_OPTS_INIT;
    o.pattern = HW3_PATTERN_QWEN2;
    o.specials = specials;
    o.n_specials = 1;
    hw3_tokenizer *tok = NULL;
    const hw3_status s = hw3_tokenizer_train(ctx, texts, NULL, 2, &o, &tok);
    ck_assert(!s == (tok != NULL));
    hw3_tokenizer_destroy(tok);
    return s;
}

START_TEST(memory_ends_outside) { ck_assert_int_ge(test_sweep(whole_scenario), 60); }
END_TEST

TEST_MAIN("bpe_train", a_small_corpus, random_corpora, large_counts, order_of_bytes, counting,
          threads, chunks, special_at_a_border, no_border, memory_ends, a_tokenizer,
          patterns_and_threads, borders, long_tokens, what_is_refused, memory_ends_outside)
