/* SPDX-License-Identifier: MIT */
/* Comments with a sentiment from a CSV file, parted by tabs or commas.
 *
 *     comments c;
 *     if (comments_read("train.csv", &c)) return 1;
 *     printf("%s is %s\n", c.texts[0], c.positive[0] ? "positive" : "negative");
 *     comments_end(&c); */
#ifndef HW3_EXAMPLES_COMMENTS_H
#define HW3_EXAMPLES_COMMENTS_H
#include "csv.h"

typedef struct comments {
    csv_table *file; /* holds the texts */
    int64_t n;
    const char **texts; /* [n], none empty */
    int64_t *positive;  /* [n], 1 or 0 */
} comments;

/* Takes the column comment or comment_cleaned, and of the labels the one that says most: label as HAPPY or SAD; label as 1 for
   HAPPY and 0 for SAD; label_id as 0 for HAPPY and 1 for SAD. So two files that count the other way round read the same.
   Rows without a comment are left out. Returns 0, or -1 with the message, and nothing to end. */
int comments_take(csv_table *file, const char *name, comments *out, csv_message *message); /* file: goes with out, or at once */

/* Reads a file. Returns 0, or -1 with a line on stderr. */
int comments_read(const char *path, comments *out);

/* A folder's train.csv and dev.csv, or one file, of which every tenth comment is held back; its texts stay with train.
   Returns 0, or -1 with a line on stderr; both are to be ended also then. */
int comments_read_parts(const char *path, comments *train, comments *held);

/* 1 when a text is one of them, letter by letter. */
int comments_has(const comments *c, const char *text);

void comments_end(comments *c);

#endif
