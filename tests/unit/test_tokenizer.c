/* SPDX-License-Identifier: MIT */
/* Tokenizers: pieces, tokens, added tokens, templates, text again; and what is refused. */
#include "alloc.h"
#include "base/text.h"
#include "tokenizer_files.h"

static hw3_ctx *ctx;
static hw3_tokenizer *tok;
static void setup(void) { ctx = test_ctx(2), tok = NULL; }
static void teardown(void) { hw3_tokenizer_destroy(tok), hw3_ctx_destroy(ctx); }

static int64_t tokens[4096], n;
static char text[8192];

/* The line of hw3_tokenizer_view of a text of n_bytes. */
static const char *view(const char *of, int64_t n_bytes, const hw3_encode_opts *opts)
{
    int64_t n_text;
    OK(hw3_tokenizer_encode(tok, of, n_bytes, opts, tokens, 4096, &n));
    OK(hw3_tokenizer_view(tok, tokens, n, text, sizeof text - 1, &n_text));
    text[n_text] = 0;
    return text;
}
#define VIEW(of, want) ck_assert_str_eq(view(of, -1, NULL), want)

START_TEST(merges_in_their_order)
{
    OK(open_bytes(ctx, BYTE_LEVEL, &tok));
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 263);
    VIEW("", "|");
    VIEW("the other", "|the| |o|the|r|"); /* "the" came before "er" */
    VIEW("xx the  12", "|x|x| the| | |12|");
    VIEW("\xD9\x85", "|\xD9\x85|"); /* U+0645 of two bytes, joined */
    VIEW("\xD9\x86", "|<0xD9>|<0x86>|");
    ck_assert_int_eq(hw3_tokenizer_find(tok, " the", -1), 258);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "\xD9\x85", 2), 260);
    FAILS((hw3_status)hw3_tokenizer_find(tok, "other", -1), HW3_ERR_NAME);
    SAYS("no token 'other'");
}
END_TEST

/* Any bytes come back, and offsets are the bytes that tokens stand for, in a row. */
START_TEST(any_bytes)
{
    uint64_t x = 7;
    char bytes[600], back[600];
    static int64_t offsets[2 * 4096];
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.offsets = offsets;
    const char *const parts[] = { BYTE_LEVEL, ",\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"},"
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\" ?\\\\p{L}+\"},\"behavior\":\"MergedWithNext\"},{\"type\":\"ByteLevel\","
        "\"add_prefix_space\":false,\"use_regex\":false}]},\"decoder\":{\"type\":\"ByteLevel\"}" };
    for (int k = 0; k < 2; k++) {
        OK(open_bytes(ctx, parts[k], &tok));
        for (int trial = 0; trial < 2000; trial++) {
            const int64_t n_bytes = (int64_t)((x = x * 6364136223846793005u + 1) >> 40) % 60;
            for (int64_t i = 0; i < n_bytes; i++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                bytes[i] = x >> 33 & 1 ? " the12\xD9\x85.\xE2\x80"[(x >> 40) % 11] : (char)(x >> 50); /* half of them in known tokens */
            }
            OK(hw3_tokenizer_encode(tok, bytes, n_bytes, &o, tokens, 4096, &n));
            int64_t at = 0, n_back;
            for (int64_t i = 0; i < n; i++) {
                ck_assert_int_eq(offsets[2 * i], at);
                at = offsets[2 * i + 1];
                OK(hw3_tokenizer_token(tok, tokens[i], back, 600, &n_back));
                ck_assert_int_eq(n_back, at - offsets[2 * i]);
                ck_assert_mem_eq(back, bytes + offsets[2 * i], n_back);
            }
            ck_assert_int_eq(at, n_bytes);
            OK(hw3_tokenizer_decode(tok, tokens, n, NULL, back, 600, &n_back));
            ck_assert_int_eq(n_back, n_bytes);
            ck_assert_mem_eq(back, bytes, n_bytes);
            static int64_t again[4096];
            int64_t n_again; /* with offsets nothing is remembered: the cache changes nothing */
            OK(hw3_tokenizer_encode(tok, bytes, n_bytes, NULL, again, 4096, &n_again));
            ck_assert_int_eq(n_again, n);
            ck_assert_mem_eq(again, tokens, n * 8);
        }
        hw3_tokenizer_destroy(tok);
    }
    tok = NULL;
}
END_TEST

/* Long pieces are joined by a heap, short ones by search: the same tokens. */
static void join_naively(const hw3_tokenizer *t, int32_t *a, int64_t *n_a)
{
    for (;;) {
        int64_t best = -1, rank = t->n_merges;
        for (int64_t i = 0; i + 1 < *n_a; i++)
            for (int64_t r = 0; r < rank; r++)
                if (t->merges[r].a == a[i] && t->merges[r].b == a[i + 1]) best = i, rank = r;
        if (best < 0) return;
        a[best] = t->merges[rank].joined;
        memmove(a + best + 1, a + best + 2, (size_t)(*n_a - best - 2) * sizeof *a);
        (*n_a)--;
    }
}

START_TEST(long_pieces)
{
    OK(open_bytes(ctx, ",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}", &tok));
    uint64_t x = 1;
    for (int trial = 0; trial < 300; trial++) {
        char bytes[200];
        int32_t want[200];
        int64_t n_want = 1 + (int64_t)((x = x * 6364136223846793005u + 1) >> 40) % 199, n_bytes = n_want;
        for (int64_t i = 0; i < n_bytes; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = "the r12"[(x >> 40) % 7];
            want[i] = tok->byte_token[(unsigned char)bytes[i]];
        }
        join_naively(tok, want, &n_want);
        OK(hw3_tokenizer_encode(tok, bytes, n_bytes, NULL, tokens, 4096, &n));
        ck_assert_int_eq(n, n_want);
        for (int64_t i = 0; i < n; i++) ck_assert_int_eq(tokens[i], want[i]);
    }
    const int64_t size = 1 << 21; /* in one piece: n^2 steps would take an hour */
    char *many = malloc((size_t)size);
    for (int64_t i = 0; i < size; i++) many[i] = "the"[i % 3];
    FAILS(hw3_tokenizer_encode(tok, many, size, NULL, NULL, 0, &n), HW3_ERR_TOO_SMALL);
    ck_assert_int_eq(n, (size + 2) / 3);
    free(many);
}
END_TEST

#define ADDED(text, id, flags) "{\"id\":" #id ",\"content\":\"" text "\",\"special\":true" flags "}"
START_TEST(added_tokens)
{
    OK(open_bytes(ctx, BYTE_LEVEL ",\"added_tokens\":[" ADDED("<a>", 300, "") "," ADDED("<a>>", 301, "") ","
        ADDED("[M]", 302, ",\"lstrip\":true") ","
        ADDED("[N]", 303, ",\"rstrip\":true") "," ADDED("word", 304, ",\"single_word\":true") ",{\"id\":305,\"content\":\"\\ud83d\\ude00\"}]", &tok));
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 306);
    VIEW("the<a>the<a>><a", "|the|<a>|the|<a>>|<|a|"); /* the longest of two */
    VIEW("x \xC2\xA0 [M] y", "|x|[M]| |y|"); /* with the spaces */
    VIEW("x [N]  y", "|x| |[N]|y|");
    VIEW("a word, sword word", "|a| |word|,| |s|w|o|r|d| |word|");
    VIEW("\xF0\x9F\x98\x80", "|\xF0\x9F\x98\x80|");
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.find_special = 0;
    ck_assert_str_eq(view("<a>\xF0\x9F\x98\x80", -1, &o), "|<|a|>|\xF0\x9F\x98\x80|"); /* the last one is not special */
    const char *more[] = { "<b>", "the", "<a>", "\xD9\x85" };
    OK(hw3_tokenizer_add(tok, more, 4, 1));
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 308); /* the file writes the last one in another way */
    ck_assert_int_eq(hw3_tokenizer_find(tok, "<b>", -1), 306);
    ck_assert_int_eq(hw3_tokenizer_find(tok, "the", -1), 257); /* as in the vocabulary */
    VIEW("o<b>ther", "|o|<b>|the|r|");
    FAILS(hw3_tokenizer_add(tok, (const char *[]){ "new", "" }, 2, 1), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_tokenizer_n_vocab(tok), 308);
    int64_t n_text;
    OK(hw3_tokenizer_decode(tok, (int64_t[]){ 306, 257, 300 }, 3, NULL, text, 100, &n_text)); /* special ones are left out */
    ck_assert_int_eq(n_text, 0);
}
END_TEST

/* Not n^2 steps, in whatever order they come; they are written in that of their numbers. */
START_TEST(many_added_tokens)
{
    enum { N = 100000 };
    char *json = malloc(N * 64), *p = json, name[16];
    const char **names = malloc(N * sizeof *names);
    p += sprintf(p, "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]},\"added_tokens\":[");
    for (int i = N; i > 0; i--) p += sprintf(p, "{\"id\":%d,\"content\":\"<%06d>\"}%s", i, i * 7 % N, i > 1 ? "," : "]}");
    const char *path = write_file("many.json", json);
    OK(hw3_tokenizer_open(ctx, path, &tok));
    for (int i = 1; i <= N; i += 999) {
        snprintf(name, sizeof name, "<%06d>", i * 7 % N);
        ck_assert_int_eq(hw3_tokenizer_find(tok, name, -1), i);
        OK(hw3_tokenizer_encode(tok, name, -1, NULL, tokens, 9, &n));
        ck_assert_int_eq(n, 1);
        ck_assert_int_eq(tokens[0], i);
    }
    for (int i = 0; i < N; i++) names[i] = json + 16 * i, snprintf(json + 16 * i, 16, "[%d]", i);
    OK(hw3_tokenizer_add(tok, names, N, 1));
    ck_assert_int_eq(hw3_tokenizer_find(tok, names[77], -1), N + 78);
    OK(hw3_tokenizer_save(tok, path));
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(json, 200, file));
    ck_assert_ptr_nonnull(strstr(json, "\"added_tokens\":[{\"id\":1,"));
    fclose(file);
    remove(path);
    free(json);
    free(names);
}
END_TEST

/* A pattern that finds nothing in front of a character does not go on in its middle. */
START_TEST(empty_finds)
{
    static const char replace[] = "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"^|[^x]\"},\"content\":\"y\"}";
    char parts[512];
    snprintf(parts, sizeof parts, BYTE_LEVEL ",\"normalizer\":%s", replace);
    OK(open_bytes(ctx, parts, &tok));
    VIEW("\xD9\x85" "axb", "|\xD9\x85|y|x|y|");
    hw3_tokenizer_destroy(tok);
    snprintf(parts, sizeof parts, ",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},\"decoder\":{\"type\":\"Sequence\","
             "\"decoders\":[{\"type\":\"ByteLevel\"},%s]}", replace);
    OK(open_bytes(ctx, parts, &tok));
    VIEW("\xD9\x85" "ax", "|\xD9\x85|a|x|");
}
END_TEST

START_TEST(no_number_left)
{
    const char *path = write_file("full.json", "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":4194303},\"merges\":[]}}"), *more[] = { "a", "b" };
    OK(hw3_tokenizer_open(ctx, path, &tok));
    remove(path);
    FAILS(hw3_tokenizer_add(tok, more, 2, 1), HW3_ERR_ARG);
    SAYS("no number below 4194304 is left for 'b'");
    OK(hw3_tokenizer_add(tok, more, 1, 1));
}
END_TEST

START_TEST(templates)
{
    OK(open_bytes(ctx, BYTE_LEVEL ",\"added_tokens\":[" ADDED("[C]", 300, "") "," ADDED("[S]", 301, "") "],"
        "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[C]\",\"type_id\":0}},"
        "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\":{\"id\":\"[S]\",\"type_id\":0}}],\"pair\":["
        "{\"Sequence\":{\"id\":\"B\",\"type_id\":3}},{\"SpecialToken\":{\"id\":\"[S]\",\"type_id\":1}},"
        "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],"
        "\"special_tokens\":{\"[C]\":{\"id\":\"[C]\",\"ids\":[300],\"tokens\":[\"[C]\"]},"
        "\"[S]\":{\"id\":\"[S]\",\"ids\":[301],\"tokens\":[\"[S]\"]}}}", &tok));
    int64_t offsets[20], types[10];
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    VIEW("the", "|[C]|the|[S]|");
    o.offsets = offsets;
    o.types = types;
    o.pair = "xy";
    ck_assert_str_eq(view("the", -1, &o), "|x|y|[S]|the|");
    const int64_t want_offsets[] = { 0, 1, 1, 2, 0, 0, 0, 3 }, want_types[] = { 3, 3, 1, 0 };
    ck_assert_mem_eq(offsets, want_offsets, sizeof want_offsets);
    ck_assert_mem_eq(types, want_types, sizeof want_types);
    o.add_special = 0;
    ck_assert_str_eq(view("the", -1, &o), "|x|y|the|");
    ck_assert_int_eq(types[2], 0);
    hw3_tokenizer_destroy(tok);
    OK(open_bytes(ctx, BYTE_LEVEL ",\"added_tokens\":[" ADDED("<s>", 300, "") "," ADDED("</s>", 301, "") "],"
        "\"post_processor\":{\"type\":\"RobertaProcessing\",\"cls\":[\"<s>\",300],\"sep\":[\"</s>\",301]}", &tok));
    o.add_special = 1;
    ck_assert_str_eq(view("a", -1, &o), "|<s>|a|</s>|</s>|x|y|</s>|");
}
END_TEST

/* Cuts of " a,b" and so on by each behaviour, as tokenizers makes them. */
START_TEST(behaviors)
{
    static const struct { const char *split, *want; } cases[] = {
        { "\"behavior\":\"Removed\"", "|the|final|count|" }, { "\"behavior\":\"Isolated\"", "|the|-|final|-|-|count|" },
        { "\"behavior\":\"MergedWithPrevious\"", "|the-|final-|-|count|" }, { "\"behavior\":\"MergedWithNext\"", "|the|-final|-|-count|" },
        { "\"behavior\":\"Contiguous\"", "|the|-|final|--|count|" }, { "\"behavior\":\"Removed\",\"invert\":true", "|-|-|-|" },
    };
    for (int64_t k = 0; k < HW3I_LEN(cases); k++) {
        char parts[512], pieces[256] = "|";
        snprintf(parts, sizeof parts,
                 ",\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"String\":\"-\"},%s},"
                 "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}]}", cases[k].split);
        OK(open_bytes(ctx, parts, &tok));
        hw3i_work *w = tok->work;
        w->text = "the-final--count", w->n = 16, w->origin = NULL, w->now = w->kept = NULL, w->n_cuts = w->n_pieces = 0;
        OK(hw3i_push_cut(w, 0, w->n));
        hw3i_take_cuts(w);
        OK(hw3i_run_steps(&tok->steps[HW3I_PRE_TOKENIZER], w));
        for (int64_t i = 0; i < w->n_pieces; i++) {
            strncat(pieces, w->text + w->pieces[i].first, (size_t)(w->pieces[i].end - w->pieces[i].first));
            strcat(pieces, "|");
        }
        ck_assert_str_eq(pieces, cases[k].want);
        hw3_tokenizer_destroy(tok);
    }
    tok = NULL;
}
END_TEST

START_TEST(prefix_space)
{
    OK(open_bytes(ctx, ",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true},\"decoder\":{\"type\":\"ByteLevel\"},"
        "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"--\"},\"content\":\"the\"}", &tok));
    int64_t offsets[40];
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    o.offsets = offsets;
    ck_assert_str_eq(view("the x-- 12", -1, &o), "| the| |x|the| |12|");
    const int64_t want[] = { 0, 3, 3, 4, 4, 5, 5, 7, 7, 8, 8, 10 };
    ck_assert_mem_eq(offsets, want, sizeof want);
}
END_TEST

/* However a text is cut into calls, the same comes out, and never half a character. */
START_TEST(one_by_one)
{
    OK(open_bytes(ctx, BYTE_LEVEL, &tok));
    const char *const stops[] = { "END", "\xD9\x86\xD9\x86", "ND" };
    const char *const texts[] = { "\xD9\x85\xD9\x86 the \xF0\x9F\x98\x80 \xE2\x80\x8C", "xENxxEND the", "EEEND", "\xD9\x86", "\xF0\x9F the \xFF\xD9",
                                  "a\xD9\x86\xD9\x86z", "" };
    for (int with = 0; with < 2; with++)
        for (int64_t k = 0; k < HW3I_LEN(texts); k++) {
            hw3_decode_opts o = HW3_DECODE_OPTS_INIT;
            hw3_decoder *d = NULL;
            char all[256], got[256], one[64];
            int64_t n_all, n_got = 0, n_one;
            o.stops = stops;
            o.n_stops = with ? 3 : 0;
            OK(hw3_tokenizer_encode(tok, texts[k], -1, NULL, tokens, 4096, &n));
            OK(hw3_tokenizer_decode(tok, tokens, n, &o, all, sizeof all, &n_all));
            ck_assert_int_eq(all[n_all], 0);
            OK(hw3_decoder_create(tok, &o, &d));
            for (int round = 0; round < 2; round++, n_got = 0) {
                for (int64_t i = 0; i < n; i++) {
                    hw3_status s = hw3_decoder_push(d, tokens[i], one, 0, &n_one); /* what does not fit may be asked again */
                    if (s) FAILS(s, HW3_ERR_TOO_SMALL);
                    if (s) OK(hw3_decoder_push(d, tokens[i], one, sizeof one, &n_one));
                    if (s) ck_assert_int_eq(one[n_one], 0);
                    memcpy(got + n_got, one, (size_t)n_one);
                    n_got += n_one;
                    if (k != 4) ck_assert_msg(hw3i_is_utf8(got, n_got), "text %d, token %d", (int)k, (int)i);
                }
                const bool stopped = with && (k == 1 || k == 2 || k == 5);
                ck_assert_int_eq(hw3_decoder_stopped(d), stopped);
                *one = 'x';
                if (stopped) OK(hw3_decoder_push(d, 0, one, sizeof one, &n_one)); /* no more comes */
                if (stopped) ck_assert(n_one == 0 && !*one && hw3_decoder_stopped(d));
                OK(hw3_decoder_finish(d, got + n_got, 64, &n_one));
                ck_assert_int_eq(n_got + n_one, n_all);
                ck_assert_mem_eq(got, all, n_all + 1); /* with the zero */
            }
            hw3_decoder_destroy(d);
        }
    hw3_decoder *d = NULL;
    OK(hw3_decoder_create(tok, NULL, &d));
    FAILS(hw3_decoder_push(d, 263, text, 8, &n), HW3_ERR_VALUE);
    SAYS("decoder_push: there is no token 263, the vocabulary has 263");
    hw3_tokenizer_destroy(tok); /* the decoder keeps it */
    tok = NULL;
    OK(hw3_decoder_push(d, 257, text, 8, &n));
    ck_assert_int_eq(n, 3);
    hw3_decoder_destroy(d);
}
END_TEST

/* The same tokens alone, in a batch and on any number of threads, also of texts that threads hand back. */
START_TEST(batches)
{
    enum { N = 3000, LONG = 300000 };
    static char bytes[N * 20], *many;
    static const char *texts[N];
    static int64_t sizes[N], starts[N + 1], all[4 * N * 20 + LONG], again[4 * N * 20 + LONG];
    uint64_t x = 3;
    many = malloc(LONG);
    for (int64_t i = 0; i < LONG; i++) many[i] = "the 12"[(x = x * 6364136223846793005u + 1442695040888963407u) >> 40 & 3];
    for (int64_t i = 0, at = 0; i < N; i++, at += sizes[i - 1]) {
        texts[i] = bytes + at;
        sizes[i] = (int64_t)(i % 20);
        for (int64_t k = 0; k < sizes[i]; k++)
            bytes[at + k] = "the r12\xD9\x85\xFF"[(x = x * 6364136223846793005u + 1442695040888963407u) >> 40 & 7];
    }
    texts[N / 2] = many;
    sizes[N / 2] = LONG; /* more than a thread takes */
    for (int threads = 1; threads <= 4; threads++) {
        hw3_ctx *own = test_ctx(threads);
        hw3_tokenizer *t = NULL;
        ck_assert_int_eq(open_bytes(own, BYTE_LEVEL, &t), HW3_OK);
        ck_assert_int_eq(hw3_tokenizer_encode_batch(t, texts, sizes, N, NULL, NULL, 0, starts), HW3_ERR_TOO_SMALL);
        const int64_t need = starts[N];
        ck_assert_int_eq(hw3_tokenizer_encode_batch(t, texts, sizes, N, NULL, threads == 1 ? all : again, need, starts), HW3_OK);
        ck_assert_int_eq(starts[N], need);
        if (threads > 1) ck_assert_mem_eq(all, again, need * 8);
        for (int64_t i = 0; i < N && threads == 1; i++) {
            ck_assert_int_eq(hw3_tokenizer_encode(t, texts[i], sizes[i], NULL, again, LONG, &n), HW3_OK);
            ck_assert_int_eq(n, starts[i + 1] - starts[i]);
            ck_assert_mem_eq(all + starts[i], again, n * 8);
        }
        ck_assert_int_eq(hw3_tokenizer_encode_batch(t, NULL, NULL, 0, NULL, NULL, 0, starts), HW3_OK);
        ck_assert_int_eq(starts[0], 0);
        hw3_tokenizer_destroy(t);
        hw3_ctx_destroy(own);
    }
    free(many);
}
END_TEST

START_TEST(saved_and_opened)
{
    static const char parts[] = BYTE_LEVEL ",\"added_tokens\":[" ADDED("<a\\\"\\n>", 300, ",\"lstrip\":true") "],"
        "\"normalizer\":{\"type\":\"Replace\","
        "\"pattern\":{\"Regex\":\"\\\\s+\"},\"content\":\" \"}";
    hw3_tokenizer *again = NULL;
    OK(open_bytes(ctx, parts, &tok));
    const char *path = file_path("saved.json");
    OK(hw3_tokenizer_save(tok, path));
    OK(hw3_tokenizer_open(ctx, path, &again));
    remove(path);
    VIEW("the  <a\"\n> \"\\", "|the|<a\"<0x0A>>| |\"|\\|");
    int64_t other[64], n_other;
    OK(hw3_tokenizer_encode(again, "the  <a\"\n> \"\\", -1, NULL, other, 64, &n_other));
    ck_assert_int_eq(n_other, n);
    ck_assert_mem_eq(other, tokens, n * 8);
    for (int part = 0; part < HW3I_PARTS; part++) ck_assert_pstr_eq(again->parts[part], tok->parts[part]);
    ck_assert_int_eq(again->n_merges, tok->n_merges);
    hw3_tokenizer_destroy(again);
    FAILS(hw3_tokenizer_save(tok, "/nowhere/at/all"), HW3_ERR_IO);
}
END_TEST

START_TEST(refused)
{
    static const struct { const char *json; hw3_status status; const char *says; } cases[] = {
        { "", HW3_ERR_FORMAT, "'{' is needed" },
        { "{}", HW3_ERR_FORMAT, "there is no model" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}", HW3_ERR_FORMAT, "there is no model.merges" },
        { "{\"model\":{\"type\":\"BPE\",\"merges\":[]}}", HW3_ERR_FORMAT, "there is no model.vocab" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}}", HW3_ERR_FORMAT, "the vocabulary is empty" },
        { "{\"model\":{\"type\":\"Unigram\",\"vocab\":{}}}", HW3_ERR_UNSUPPORTED, "model 'Unigram' is not known" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}", HW3_ERR_FORMAT, "'a' and 'b' both have the number 0" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":1e18},\"merges\":[]}}", HW3_ERR_FORMAT, "the number of token 'a' is 1e+18" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}}", HW3_ERR_FORMAT, "the number of token 'a' is -1" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0.5},\"merges\":[]}}", HW3_ERR_FORMAT, "the number of token 'a' is 0.5" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":\"0\"},\"merges\":[]}}", HW3_ERR_FORMAT, "the number of token 'a'" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"a\":1},\"merges\":[]}}", HW3_ERR_FORMAT, "a is there twice" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}", HW3_ERR_FORMAT, "merge 0: 'b' is not in the vocabulary" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[\"a b\"]}}", HW3_ERR_FORMAT, "merge 0: 'ab' is not" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"ab\"]}}", HW3_ERR_FORMAT, "merge 0 is no pair of texts: 'ab'" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]}}", HW3_ERR_FORMAT, "merge 0 is no pair" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[3]}}", HW3_ERR_FORMAT, "merge 0 is no pair" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[],\"dropout\":0.1}}", HW3_ERR_UNSUPPORTED, "dropout" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[],\"end_of_word_suffix\":\"</w>\"}}", HW3_ERR_UNSUPPORTED, "end_of_word" },
        { "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[],\"unk_token\":\"u\"}}", HW3_ERR_FORMAT, "unk_token is not in" },
#define WITH(part) "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}," part "}"
        { WITH("\"pre_tokenizer\":{\"type\":\"Foo\"}"), HW3_ERR_UNSUPPORTED, "pre_tokenizer 'Foo' is not known" },
        { WITH("\"pre_tokenizer\":{\"type\":\"Sequence\"}"), HW3_ERR_FORMAT, "pretokenizers" },
        { WITH("\"normalizer\":{\"type\":\"Foo\"}"), HW3_ERR_UNSUPPORTED, "normalizer 'Foo'" },
        { WITH("\"decoder\":{\"type\":\"Foo\"}"), HW3_ERR_UNSUPPORTED, "decoder 'Foo'" },
        { WITH("\"post_processor\":{\"type\":\"Foo\"}"), HW3_ERR_UNSUPPORTED, "post_processor 'Foo'" },
        { WITH("\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"}"), HW3_ERR_FORMAT, "pattern '('" },
        { WITH("\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"Foo\"}"), HW3_ERR_FORMAT, "behavior is none of" },
        { WITH("\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{}}"), HW3_ERR_FORMAT, "neither Regex nor String" },
        { WITH("\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"x\",9],\"sep\":[\"a\",0]}"), HW3_ERR_FORMAT, "cls has a token" },
        { WITH("\"added_tokens\":[{\"id\":0,\"content\":\"b\"}]"), HW3_ERR_FORMAT, "added token 'b' has the number 0, which is that of 'a'" },
        { WITH("\"added_tokens\":[{\"id\":1,\"content\":\"a\"}]"), HW3_ERR_FORMAT, "'a' is 0" },
        { WITH("\"added_tokens\":[{\"id\":1,\"content\":\"\"}]"), HW3_ERR_FORMAT, "without text" },
        { WITH("\"added_tokens\":[{\"id\":9000000000000000,\"content\":\"b\"}]"), HW3_ERR_FORMAT, "added token 'b'" },
        { WITH("\"added_tokens\":[{\"content\":\"b\"}]"), HW3_ERR_FORMAT, "there is no id" },
        { WITH("\"added_tokens\":[7]"), HW3_ERR_FORMAT, "there is no content" },
    };
    for (int64_t k = 0; k < HW3I_LEN(cases); k++) {
        const char *path = write_file("bad.json", cases[k].json);
        hw3_status s = hw3_tokenizer_open(ctx, path, &tok);
        ck_assert_msg(s == cases[k].status, "%s: %d, %s", cases[k].json, (int)s, hw3_ctx_error(ctx));
        SAYS(cases[k].says);
        ck_assert_ptr_null(tok);
        remove(path);
    }
    FAILS(hw3_tokenizer_open(ctx, "/nowhere.json", &tok), HW3_ERR_IO);
    FAILS(hw3_tokenizer_open(ctx, "/dev", &tok), HW3_ERR_IO);
    SAYS("neither tokenizer.json, nor vocab.json with merges.txt, nor vocab.txt");
    /* Bytes without a token, and characters without one. */
    const char *path = write_file("few.json", WITH("\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"));
    OK(hw3_tokenizer_open(ctx, path, &tok));
    remove(path);
    FAILS(hw3_tokenizer_encode(tok, "ab", -1, NULL, tokens, 9, &n), HW3_ERR_VALUE);
    SAYS("no token for the byte 0x62");
    const char *const texts[] = { "a", "b" };
    int64_t starts[3];
    FAILS(hw3_tokenizer_encode_batch(tok, texts, NULL, 2, NULL, tokens, 9, starts), HW3_ERR_VALUE);
    SAYS("no token for the byte 0x62"); /* the message is the caller's thread's */
    OK(hw3_tokenizer_encode_batch(tok, texts, NULL, 1, NULL, tokens, 9, starts));
}
END_TEST

/* A pattern without end is stopped, and says so. */
START_TEST(patterns_without_end)
{
    OK(open_bytes(ctx, ",\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(x+x+)+[yz]\"},\"behavior\":\"Isolated\"}", &tok));
    FAILS(hw3_tokenizer_encode(tok, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", -1, NULL, tokens, 99, &n), HW3_ERR_VALUE);
    SAYS("too many steps on 52 bytes");
}
END_TEST

START_TEST(vocab_and_merges)
{
    hw3_tokenizer *other = NULL;
    static char json[16384];
    OK(open_bytes(ctx, BYTE_LEVEL, &tok));
    byte_level_json(json, sizeof json, "");
    char *end = strstr(json, "},\"merges\"");
    end[1] = 0;
    char vocab[128];
    snprintf(vocab, sizeof vocab, "%s", write_file("vocab.json", json + strlen(BYTES_HEAD) - 1));
    const char *merges = write_file("merges.txt", "#version: 0.2\nt h\r\nth e\n\xC4\xA0 the\ne r\n\xC3\x99 \xC4\xA7\n1 2\n\xC4\xA0 \xC4\xA0");
    OK(hw3_tokenizer_open_bpe(ctx, vocab, merges, HW3_PATTERN_GPT2, &other));
    ck_assert_int_eq(other->n_merges, tok->n_merges);
    ck_assert_mem_eq(other->merges, tok->merges, (size_t)tok->n_merges * sizeof *tok->merges);
    hw3_tokenizer_destroy(other);
    other = NULL;
    FAILS(hw3_tokenizer_open_bpe(ctx, vocab, write_file("merges.txt", "#version: 0.2\n"), HW3_PATTERN_GPT2, &other), HW3_ERR_FORMAT);
    SAYS("there are no merges");
    FAILS(hw3_tokenizer_open_bpe(ctx, vocab, write_file("merges.txt", "t q"), HW3_PATTERN_LLAMA3, &other), HW3_ERR_FORMAT);
    SAYS("'tq' is not in the vocabulary");
    FAILS(hw3_tokenizer_open_bpe(ctx, vocab, "/nowhere", HW3_PATTERN_GPT2, &other), HW3_ERR_IO);
    FAILS(hw3_tokenizer_open_bpe(ctx, vocab, merges, 3, &other), HW3_ERR_ARG);
    SAYS("pattern is 3");
    remove(vocab), remove(file_path("merges.txt"));
}
END_TEST

/* tokenizer_config.json beside vocab.json and merges.txt: the class names the pattern, the added tokens have their numbers as keys. */
START_TEST(class_of_a_folder)
{
    static char json[16384];
    char folder[128], line[160];
    snprintf(folder, sizeof folder, "%s", file_path("folder"));
    snprintf(line, sizeof line, "mkdir -p %s", folder);
    ck_assert_int_eq(system(line), 0);
    byte_level_json(json, sizeof json, "");
    strstr(json, "},\"merges\"")[1] = 0;
    write_file("folder/vocab.json", json + strlen(BYTES_HEAD) - 1);
    write_file("folder/merges.txt", "1 2\n");
    const char *const added = "\"added_tokens_decoder\":{\"300\":{\"content\":\"<a>\",\"special\":true},\"264\":{\"content\":\"<b>\"}}";
    const struct {
        const char *says;
        int64_t n, tokens[5];
    } good[] = { { NULL, 5, { 257 + 4, '<', 'a', '>', '3' } }, { "", 3, { 261, 300, '3' } }, { "\"GPT2TokenizerFast\"", 3, { 261, 300, '3' } },
                 { "\"Qwen2Tokenizer\"", 4, { '1', '2', 300, '3' } } };
    for (int64_t k = 0; k < HW3I_LEN(good); k++) {
        snprintf(json, sizeof json, "{%s%s%s%s}", good[k].says && *good[k].says ? "\"tokenizer_class\":" : "", good[k].says ? good[k].says : "",
                 good[k].says && *good[k].says ? "," : "", added);
        if (good[k].says) write_file("folder/tokenizer_config.json", json);
        OK(hw3_tokenizer_open(ctx, folder, &tok));
        OK(hw3_tokenizer_encode(tok, "12<a>3", -1, NULL, tokens, 4096, &n));
        ck_assert_int_eq(n, good[k].n);
        ck_assert_mem_eq(tokens, good[k].tokens, (size_t)n * sizeof *tokens);
        ck_assert_int_eq(hw3_tokenizer_find(tok, "<b>", -1), good[k].says ? 264 : HW3_ERR_NAME);
        hw3_tokenizer_destroy(tok);
        tok = NULL;
    }
    const struct {
        const char *config, *says;
        hw3_status status;
    } bad[] = { { "{\"tokenizer_class\":\"RobertaTokenizer\"}", "tokenizer_class 'RobertaTokenizer' is not known", HW3_ERR_UNSUPPORTED },
                { "{\"add_prefix_space\":true}", "add_prefix_space 'true' is not known", HW3_ERR_UNSUPPORTED },
                { "{\"add_bos_token\":true}", "add_bos_token 'true' is not known", HW3_ERR_UNSUPPORTED },
                { "{\"tokenizer_class\":1}", "tokenizer_class", HW3_ERR_FORMAT },
                { "{\"added_tokens_decoder\":{\"3\":{\"content\":\"<a>\"}}}", "added token '<a>' has the number 3", HW3_ERR_FORMAT },
                { "[]", "", HW3_ERR_FORMAT },
                { "{", "", HW3_ERR_FORMAT } };
    for (int64_t k = 0; k < HW3I_LEN(bad); k++) {
        write_file("folder/tokenizer_config.json", bad[k].config);
        FAILS(hw3_tokenizer_open(ctx, folder, &tok), bad[k].status);
        SAYS(bad[k].says);
    }
    remove(file_path("folder/vocab.json")), remove(file_path("folder/merges.txt")), remove(file_path("folder/tokenizer_config.json"));
    remove(folder);
}
END_TEST

static hw3_status everything(hw3_ctx *c)
{
    hw3_tokenizer *t = NULL;
    hw3_decoder *d = NULL;
    const char *const more[] = { "<b>", "<c>" }, *const texts[] = { "the other", "<b> 12", "thethethethethethethethethethethethethethethethethethe" };
    int64_t out[200], n_out, starts[4];
    char bytes[100];
    hw3_decode_opts o = HW3_DECODE_OPTS_INIT;
    o.stops = more;
    o.n_stops = 2;
    hw3_status s = open_bytes(c, ",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true},\"decoder\":{\"type\":\"ByteLevel\"},"
        "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"--\"},\"content\":\"the\"},\"added_tokens\":[" ADDED("<a>", 300, "") "]", &t);
    if (!s) s = hw3_tokenizer_add(t, more, 2, 1);
    ck_assert(!t || hw3_tokenizer_n_vocab(t) == (s ? 301 : 303)); /* all or none */
    if (!s) s = hw3_tokenizer_encode(t, "the--12 <a>\xFF\xFE", -1, NULL, out, 200, &n_out);
    if (!s) s = hw3_tokenizer_encode_batch(t, texts, NULL, 3, NULL, out, 200, starts);
    if (!s) s = hw3_tokenizer_view(t, out, 3, bytes, 100, &n_out);
    if (!s) s = hw3_tokenizer_decode(t, out, 3, NULL, bytes, 100, &n_out);
    if (!s) s = hw3_decoder_create(t, &o, &d);
    if (!s) s = hw3_decoder_push(d, 257, bytes, 100, &n_out);
    if (!s) s = hw3_tokenizer_save(t, file_path("sweep.json"));
    remove(file_path("sweep.json"));
    hw3_decoder_destroy(d);
    hw3_tokenizer_destroy(t);
    return s;
}

START_TEST(memory_ends) { ck_assert_int_ge(test_sweep(everything), 80); }
END_TEST

int main(void)
{
    const TTest *const tests[] = { merges_in_their_order, any_bytes, long_pieces, added_tokens, many_added_tokens, empty_finds,
                                   no_number_left, templates, behaviors, prefix_space, one_by_one,
                                   batches, saved_and_opened, refused, patterns_without_end, vocab_and_merges, class_of_a_folder, memory_ends };
    return test_run("tokenizer", tests, sizeof tests / sizeof tests[0], setup, teardown);
}
