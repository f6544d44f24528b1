/* SPDX-License-Identifier: MIT */
/* What is made of a BERT that has been pretrained: a classifier, and, against its nature, text. */
#ifndef HW3_EXAMPLES_BERT_REPORT_H
#define HW3_EXAMPLES_BERT_REPORT_H
#include "masking.h"

/* Both print a table and return 0, or -1 with a line on stderr. */

/* Fine-tunes classifiers of remarks, "train or test, dish or ware, sentence" parted by tabs. dir: folder that the encoder is kept in. */
int report_classes(learner *bert, stories *text, const char *remarks, const char *dir);

/* Fills blanks in three ways, and beside it writes by a GPT-2 that had the same text. tell: 0 leaves the table out. */
int report_texts(learner *bert, learner *gpt, stories *text, int tell);

#endif
