/* SPDX-License-Identifier: MIT */
/* Unicode's forms against its own test, Persian rules one by one and all together, the log that leads back, and bad input. */
#include "base/base.h"
#include "base/random.h"
#include "alloc.h"
#include "text_trial.h"
#include "unicode.h"

static hw3_ctx *ctx;
static void setup(void) { ctx = test_ctx(1); }
static void teardown(void) { hw3_ctx_destroy(ctx); }

START_TEST(forms_as_unicode_has_them)
{
    int n_foreign = 0;
    for (int64_t i = 0; i < HW3I_LEN(normalization_cases); i++) {
        normalization_trial(ctx, normalization_cases[i]);
        for (int k = 0; k < 5; k++) n_foreign += foreign_trial(ctx, normalization_cases[i][k]);
    }
    ck_assert_int_gt(n_foreign, 300);
}
END_TEST

START_TEST(forms_of_long_and_broken_texts)
{
    form_is(ctx, HW3_FORM_NFC, "", 0, "", 0);
    int64_t n;
    OK(hw3_text_normalize(ctx, HW3_FORM_NFC, NULL, 0, NULL, 0, &n));
    form_is(ctx, HW3_FORM_NFC, "a\xcc\x88", 3, "\xc3\xa4", 2);
    form_is(ctx, HW3_FORM_NFD, "\xc3\xa4\0\xc3\xa4", 5, "a\xcc\x88\0a\xcc\x88", 7);
    form_is(ctx, HW3_FORM_NFC, "a\xcc\n\xcc\x88\xff" "a\xcc\x88\xed\xa0\x80", 12, "a\xcc\n\xcc\x88\xff\xc3\xa4\xed\xa0\x80", 11);
    form_is(ctx, HW3_FORM_NFKC, "\xef\xb7\xba\n\xef\xb7\xba", 7, /* 18 characters each */
            "صلى الله عليه وسلم\nصلى الله عليه وسلم", -1 + (int64_t)sizeof "صلى الله عليه وسلم\nصلى الله عليه وسلم");
    char text[4000], out[4000];
    for (int i = 0; i < 4000; i += 2) memcpy(text + i, i % 4 ? "\xcc\xa3" : "\xcc\x88", 2); /* marks that have to be sorted */
    for (int i = 0; i < 4000; i += 2) memcpy(out + i, i < 2000 ? "\xcc\xa3" : "\xcc\x88", 2);
    form_is(ctx, HW3_FORM_NFC, text, 4000, out, 4000);
}
END_TEST

/* n^2 steps would take minutes. */
START_TEST(accents_without_end)
{
    enum { N = 2000000 };
    char *text = malloc(N), *out = malloc(N);
    int64_t n;
    for (int i = 0; i < N; i += 2) memcpy(text + i, i % 4 ? "\xcc\xa3" : "\xcc\x88", 2);
    for (hw3_form form = HW3_FORM_NFC; form <= HW3_FORM_NFKD; form++) {
        OK(hw3_text_normalize(ctx, form, text, N, out, N, &n));
        ck_assert_int_eq(n, N);
        for (int i = 0; i < N; i += 2) ck_assert(!memcmp(out + i, i < N / 2 ? "\xcc\xa3" : "\xcc\x88", 2));
    }
    free(text);
    free(out);
}
END_TEST

enum { LETTERS = 1, DIACRITICS = 2, TATWEEL = 4, BIDI = 8, SPACING = 16 };

static hw3_persian_opts rules(int switches, hw3_digits digits, hw3_zwnj zwnj)
{
    hw3_persian_opts o = HW3_PERSIAN_OPTS_INIT;
    o.letters = (switches & LETTERS) != 0;
    o.diacritics = (switches & DIACRITICS) != 0;
    o.tatweel = (switches & TATWEEL) != 0;
    o.bidi = (switches & BIDI) != 0;
    o.spacing = (switches & SPACING) != 0;
    o.digits = digits;
    o.zwnj = zwnj;
    return o;
}

START_TEST(each_rule)
{
    static const struct {
        int switches;
        hw3_digits digits;
        hw3_zwnj zwnj;
        const char *text, *want;
    } cases[] = {
        { LETTERS, 0, 0, "علي ك ى ے ڪ ھ ہ ە ٱ", "علی ک ی ی ک ه ه ه ا" },
        { LETTERS, 0, 0, "أ إ آ ؤ ئ ة ء ۀ پ چ ژ گ", "أ إ آ ؤ ئ ة ء ۀ پ چ ژ گ" },
        { LETTERS, 0, 0, "\xef\xae\x90\xef\xbb\xbb\xef\xbb\xb2", "کلای" },           /* joined forms: ﮐ ﻻ ﻲ */
        { LETTERS, 0, 0, "\xef\xb7\xbc \xef\xb9\xb1 \xef\xb7\xba", "\xef\xb7\xbc \xef\xb9\xb1 \xef\xb7\xba" }, /* a sign, an accent, a sentence */
        { 0, HW3_DIGITS_PERSIAN, 0, "12 ٣٤ ۵۶ ½", "۱۲ ۳۴ ۵۶ ½" },
        { 0, HW3_DIGITS_ASCII, 0, "12 ٣٤ ۵۶ ½", "12 34 56 ½" },
        { DIACRITICS, 0, 0, "مُحَمَّدٌ هٰذا خانهٔ آ\xd8\xa7\xd9\x93 \xcc\x88", "محمد هذا خانهٔ آ\xd8\xa7\xd9\x93 \xcc\x88" },
        { TATWEEL, 0, 0, "ســـلام", "سلام" },
        { BIDI, 0, 0, "\xe2\x80\x8f" "الف\xe2\x80\x8e \xe2\x81\xa7" "ب\xe2\x81\xa9", "الف ب" },
        { 0, 0, HW3_ZWNJ_REMOVE, "می‌روم\xe2\x80\x8b \xef\xbb\xbf", "میروم " },
        { 0, 0, HW3_ZWNJ_REPAIR, "‌می‌‌روم‌ و‌ غذا‌ها‌، a‌b ن\xe2\x80\x8bها", "می‌روم و غذاها، a‌b ن‌ها" },
        { 0, 0, HW3_ZWNJ_REPAIR, "می روم نمی شود، کمی روم. می ۲", "می‌روم نمی‌شود، کمی روم. می ۲" },
        { 0, 0, HW3_ZWNJ_REPAIR, "کتاب ها غذا های خوب تر، خوب ترین. تر هایشان ترش", "کتاب‌ها غذاهای خوب‌تر، خوب‌ترین. ترهایشان ترش" },
        { 0, 0, HW3_ZWNJ_REPAIR, "کتاب  ها می  روم", "کتاب  ها می  روم" }, /* two spaces are another rule's */
        { SPACING, 0, 0, "  سلام   خوبی\t\tتو\xc2\xa0من  ", "سلام خوبی تو من" },
        { SPACING, 0, 0, "سلام ، خوبی ؟بله .خب !!! ( نه ) « آری »", "سلام، خوبی؟ بله. خب!!! (نه) «آری»" },
        { SPACING, 0, 0, "بد بود :) خوب :( آه\nزبان .net و www.site.com و ۱۲:۳۰ و 3.14",
          "بد بود :) خوب :( آه\nزبان .net و www.site.com و ۱۲:۳۰ و 3.14" },
        { SPACING, 0, 0, "۱۳۵۷ ه.ش بود.خوب", "۱۳۵۷ ه.ش بود. خوب" },
        { SPACING, 0, 0, " الف \n ب \r\n\n", "الف\nب\r\n\n" },
        { SPACING, 0, 0, "a , b ( c ) d .e", "a , b ( c ) d .e" }, /* only Persian is judged */
        { SPACING, 0, 0, " \xcc\x88  \xcc\x88", " \xcc\x88  \xcc\x88" }, /* spaces that carry an accent, and one that does not */
        { LETTERS | DIACRITICS | TATWEEL | BIDI | SPACING, HW3_DIGITS_PERSIAN, HW3_ZWNJ_REPAIR,
          "  غذا هاي كافِ خــوب  مي خوردم\xe2\x80\x8f ،12 تا ", "غذاهای کاف خوب می‌خوردم،۱۲ تا" },
    };
    char out[MOST_BYTES];
    for (int64_t i = 0; i < HW3I_LEN(cases); i++) {
        const hw3_persian_opts o = rules(cases[i].switches, cases[i].digits, cases[i].zwnj);
        const int64_t n = persian_trial(ctx, &o, cases[i].text, (int64_t)strlen(cases[i].text), out);
        out[n] = 0;
        ck_assert_msg(!strcmp(out, cases[i].want), "case %d: '%s' became '%s', want '%s'", (int)i, cases[i].text, out, cases[i].want);
        const hw3_persian_opts none = rules(0, 0, 0);
        ck_assert_int_eq(persian_trial(ctx, &none, cases[i].text, (int64_t)strlen(cases[i].text), out), (int64_t)strlen(cases[i].text));
    }
}
END_TEST

/* Characters that rules know, others beside them, and broken bytes. */
static const char *const alphabet[] = {
    "ی", "ي", "ك", "م", "ن", "می", "نمی", "ها", "تر", "ترین", "های", "ا", "ر", "و", "ب", "ه", "آ", "\xd9\x93", "ء", "ة", "ۀ", "ے", "a", "Z",
    " ", " ", " ", "  ", "\t", "\n", "\r", "\xc2\xa0", "\xe2\x80\x83", "\xe2\x80\xa8", "‌", "‌", "\xe2\x80\x8b",
    "\xef\xbb\xbf", "ـ", "َ", "ّ", "ٰ", "ٔ",
    "\xcc\x88", "\xe2\x80\x8e", "\xe2\x81\xa6", "1", "٢", "۳", ".", ".", "،", "؟", "!", ":", ";", "…", "(", ")", "«", "»", "[", "\xef\xbb\xbb",
    "\xef\xae\x90", "\xef\xb7\xba", "\xef\xb7\xbc", "\xef\xb9\xb1", "\xf0\x9f\x98\x80", "\xe2\x80\x8d", "\xd9", "\x8a", "\xe2", "\x80", "\xff" };

static int64_t random_text(uint64_t stream, char *text)
{
    int64_t n = 0;
    const int64_t most = 1 + hw3i_below(7, stream, 0, 24);
    for (int64_t i = 0; i < most; i++) {
        const char *s = alphabet[hw3i_below(7, stream, (uint64_t)i + 1, HW3I_LEN(alphabet))];
        memcpy(text + n, s, strlen(s));
        n += (int64_t)strlen(s);
    }
    return n;
}

/* All 2^5 3^2 choices of rules. */
START_TEST(random_texts)
{
    char text[1024], out[MOST_BYTES];
    for (int k = 0; k < 300; k++) {
        const hw3_persian_opts o = rules(_i % 32, _i / 32 % 3, _i / 96);
        persian_trial(ctx, &o, text, random_text((uint64_t)(_i * 1000 + k), text), out);
    }
}
END_TEST

START_TEST(random_bytes)
{
    char text[256], out[MOST_BYTES], again[MOST_BYTES];
    for (uint64_t k = 0; k < 3000; k++) {
        const int64_t n = hw3i_below(8, k, 0, 200);
        for (int64_t i = 0; i < n; i++) text[i] = (char)hw3i_below(8, k, (uint64_t)i + 1, 256);
        persian_trial(ctx, &(hw3_persian_opts)HW3_PERSIAN_OPTS_INIT, text, n, out);
        for (hw3_form form = HW3_FORM_NFC; form <= HW3_FORM_NFKD; form++) {
            int64_t n_out;
            OK(hw3_text_normalize(ctx, form, text, n, again, MOST_BYTES, &n_out));
            form_is(ctx, form, again, n_out, again, n_out);
        }
    }
}
END_TEST

START_TEST(room)
{
    const char *text = "علي ك";
    char out[16];
    hw3_text_edit edits[4];
    int64_t n, n_edits;
    memset(out, '#', sizeof out);
    memset(edits, 0x55, sizeof edits);
    FAILS(hw3_persian_normalize(ctx, NULL, text, -1, NULL, 0, &n, NULL, 0, &n_edits), HW3_ERR_TOO_SMALL);
    ck_assert(n == 9 && n_edits == 2);
    FAILS(hw3_persian_normalize(ctx, NULL, text, -1, out, 8, &n, edits, 4, &n_edits), HW3_ERR_TOO_SMALL);
    SAYS("persian_normalize: 9 bytes are needed, but there is room for 8");
    FAILS(hw3_persian_normalize(ctx, NULL, text, -1, out, 16, &n, edits, 1, &n_edits), HW3_ERR_TOO_SMALL);
    SAYS("persian_normalize: room for 1 edits, 2 are needed");
    ck_assert(n == 9 && n_edits == 2 && out[0] == '#' && edits[0].was == 0x55555555);
    OK(hw3_persian_normalize(ctx, NULL, text, -1, out, 9, &n, edits, 2, &n_edits));
    ck_assert(out[9] == '#' && edits[0].at == 4 && edits[0].was == 0x64A && edits[0].now == 0x6CC);
    ck_assert_int_eq(edits[0].rule, HW3_RULE_LETTERS);
    OK(hw3_persian_normalize(ctx, NULL, text, -1, out, 10, &n, NULL, 0, NULL));
    ck_assert_str_eq(out, "علی ک");
    FAILS(hw3_text_normalize(ctx, HW3_FORM_NFD, "\xc3\xa4", -1, out, 2, &n), HW3_ERR_TOO_SMALL);
    ck_assert(n == 3);
    FAILS(hw3_persian_restore(ctx, out, 9, edits, 2, out, 8, &n), HW3_ERR_TOO_SMALL);
    ck_assert(n == 9);
}
END_TEST

START_TEST(bad_arguments)
{
    char out[16];
    int64_t n;
    FAILS(hw3_text_normalize(NULL, 0, "a", 1, out, 16, &n), HW3_ERR_ARG);
    FAILS(hw3_text_normalize(ctx, 0, "a", 1, out, 16, NULL), HW3_ERR_ARG);
    FAILS(hw3_text_normalize(ctx, 0, NULL, -1, out, 16, &n), HW3_ERR_ARG);
    FAILS(hw3_text_normalize(ctx, 0, "a", 1, NULL, 16, &n), HW3_ERR_ARG);
    FAILS(hw3_text_normalize(ctx, 0, "a", 1, out, -1, &n), HW3_ERR_ARG);
    FAILS(hw3_text_normalize(ctx, 0, "a", -2, out, 16, &n), HW3_ERR_ARG);
    SAYS("text_normalize: n_bytes is -2");
    FAILS(hw3_text_normalize(ctx, 4, "a", 1, out, 16, &n), HW3_ERR_ARG);
    SAYS("text_normalize: form is 4, expected 0 to 3");
    hw3_persian_opts o = HW3_PERSIAN_OPTS_INIT;
    o.zwnj = 3;
    FAILS(hw3_persian_normalize(ctx, &o, "a", 1, out, 16, &n, NULL, 0, NULL), HW3_ERR_ARG);
    SAYS("persian_normalize: zwnj is 3, expected 0 to 2");
    o = (hw3_persian_opts)HW3_PERSIAN_OPTS_INIT;
    o.struct_size = 0;
    FAILS(hw3_persian_normalize(ctx, &o, "a", 1, out, 16, &n, NULL, 0, NULL), HW3_ERR_ABI);
    hw3_text_edit e = { .at = 0, .was = 'b', .now = 'a' };
    FAILS(hw3_persian_normalize(ctx, NULL, "a", 1, out, 16, &n, &e, 1, NULL), HW3_ERR_ARG);
    FAILS(hw3_persian_normalize(ctx, NULL, "a", 1, out, 16, &n, NULL, 1, &n), HW3_ERR_ARG);
    FAILS(hw3_persian_normalize(ctx, NULL, "a", 1, out, 16, &n, NULL, -1, &n), HW3_ERR_ARG);
    FAILS(hw3_persian_restore(ctx, "a", 1, NULL, 1, out, 16, &n), HW3_ERR_ARG);
    FAILS(hw3_persian_restore(ctx, "a", 1, &e, -1, out, 16, &n), HW3_ERR_ARG);
    hw3_persian_opts by_function;
    OK(hw3_persian_opts_init(&by_function, sizeof by_function));
    o = (hw3_persian_opts)HW3_PERSIAN_OPTS_INIT;
    ck_assert(!memcmp(&o, &by_function, sizeof o));
}
END_TEST

START_TEST(logs_of_other_texts)
{
    static const hw3_text_edit wrong[] = {
        { .at = -1, .was = 'b', .now = 'a' },    { .at = 2, .was = 'b', .now = -1 },       { .at = 1, .was = 'b', .now = 'a' },
        { .at = 0, .was = 'b', .now = 'c' },     { .at = 0, .was = 0xD800, .now = 'a' },   { .at = 0, .was = -2, .now = 'a' },
        { .at = 0, .was = 0x110000, .now = 'a' }, { .at = INT64_MAX, .was = 'b', .now = -1 }, { .at = 0, .was = 'b', .now = -2 } };
    char out[16];
    int64_t n;
    for (int64_t i = 0; i < HW3I_LEN(wrong); i++)
        FAILS(hw3_persian_restore(ctx, "a", 1, &wrong[i], 1, out, 16, &n), HW3_ERR_VALUE);
    const hw3_text_edit back[] = { { .at = 1, .was = 'b', .now = -1 }, { .at = 0, .was = 'b', .now = -1 } };
    FAILS(hw3_persian_restore(ctx, "a", 1, back, 2, out, 16, &n), HW3_ERR_VALUE);
    SAYS("persian_restore: edit 1, 98 to -1 at byte 0, is not of this text of 1 bytes");
}
END_TEST

static hw3_status every_call(hw3_ctx *c)
{
    char out[4096];
    hw3_text_edit edits[512];
    int64_t n, n_edits, n_back;
    const char *text = "غذا هاي كافِ خــوب، مي خوردم! \xff\nعلي ك\n12345 12345 12345 12345 12345 12345 12345 12345 12345 12345";
    hw3_status s = hw3_persian_normalize(c, NULL, text, -1, out, sizeof out, &n, edits, 512, &n_edits);
    if (!s) s = hw3_persian_restore(c, out, n, edits, n_edits, out + 2048, 2048, &n_back);
    if (!s) s = hw3_text_normalize(c, HW3_FORM_NFKD, text, -1, out, sizeof out, &n);
    return s;
}

START_TEST(no_memory) { ck_assert_int_ge(test_sweep(every_call), 10); }
END_TEST

TEST_LOOPS_MAIN("text", setup, teardown, ({ random_texts, 288 }), forms_as_unicode_has_them, forms_of_long_and_broken_texts, accents_without_end,
                each_rule, random_bytes, room, bad_arguments, logs_of_other_texts, no_memory)
