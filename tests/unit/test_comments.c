/* SPDX-License-Identifier: MIT */
/* The examples' reader of comments: both forms of the file, and the line that it gives for each bad input. */
#include "support.h"
#include "support/comments.h"

static int take_text(const char *text, comments *c, csv_message *m)
{
    csv_table *file = csv_read_memory("f.csv", text, strlen(text), '\0', m);
    return file ? comments_take(file, "f.csv", c, m) : -1;
}

/* Two comments, the first of them positive, in every form; the number alone would mean opposite things in the first two. */
static const char *const forms[] = {
    "\tcomment\tlabel\tlabel_id\n0\tگرم, تازه\tHAPPY\t0\n1\t\"سرد \"\"بود\"\"\"\tSAD\t1\n",
    "comment_cleaned,label\n\"گرم, تازه\",1\n\"سرد \"\"بود\"\"\",0\n",
    "\xef\xbb\xbf,comment_cleaned,label\r\n0,\"گرم, تازه\",1.0\r\n1,,1\r\n2,\"سرد \"\"بود\"\"\",0.0\r\n",
    "label_id\tcomment\n0\tگرم, تازه\n1\t\"سرد \"\"بود\"\"\"\n",
    "label,label_id,comment\n1,1,\"گرم, تازه\"\n0,0,\"سرد \"\"بود\"\"\"\n",
};

START_TEST(reads_every_form)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        csv_message m = { "" };
        comments c;
        ck_assert_msg(!take_text(forms[i], &c, &m), "form %zu: %s", i, m.text);
        ck_assert_int_eq(c.n, 2);
        ck_assert_str_eq(c.texts[0], "گرم, تازه");
        ck_assert_str_eq(c.texts[1], "سرد \"بود\"");
        ck_assert(c.positive[0] == 1 && c.positive[1] == 0);
        comments_end(&c);
    }
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    { "", "f.csv: the file is empty" },
    { "comment\tlabel\n", "f.csv: a header and no rows" },
    { "comment,label\n,1\n", "f.csv: no row has a comment" },
    { "text,label\nخوب,1\n", "f.csv: no column 'comment' or 'comment_cleaned'; it has 'text', 'label'" },
    { "comment,stars\nخوب,1\n", "f.csv: no column 'label' or 'label_id'; it has 'comment', 'stars'" },
    { "comment,label\nخوب,1\nبد,BAD\n", "f.csv: row 2: column 'label': 'BAD' is neither HAPPY nor SAD, 0 nor 1" },
    { "comment\tlabel_id\nخوب\t\n", "f.csv: row 1: column 'label_id': '' is neither HAPPY nor SAD, 0 nor 1" },
    { "comment,label\nخوب,1\nخو\xd8,0\n", "f.csv:3: byte 0xd8 is not UTF-8 text" },
    { "comment,label\nخوب,1\nبد\n", "f.csv:3: 1 cells, but the header has 2" },
};

START_TEST(refuses_bad_files)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        csv_message m = { "" };
        comments c;
        ck_assert_int_eq(take_text(bad[i].text, &c, &m), -1);
        ck_assert_str_eq(m.text, bad[i].message);
    }
}
END_TEST

TEST_MAIN("comments", reads_every_form, refuses_bad_files)
