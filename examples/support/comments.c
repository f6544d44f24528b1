/* SPDX-License-Identifier: MIT */
#include "comments.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a label says, beside what its column means. */
static const struct {
    const char *column, *label;
    int positive;
} meanings[] = { { "label", "HAPPY", 1 }, { "label", "SAD", 0 }, { "label", "1", 1 },    { "label", "1.0", 1 },
                 { "label", "0", 0 },     { "label", "0.0", 0 }, { "label_id", "0", 1 }, { "label_id", "1", 0 } };

static int meaning(const char *column, const char *label)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (!strcmp(meanings[i].column, column) && !strcmp(meanings[i].label, label)) return meanings[i].positive;
    return -1;
}

/* labels: [n rows]. */
static int take(comments *c, const char *name, const char **labels, csv_message *m)
{
    const char *text = csv_either(c->file, "comment", "comment_cleaned", m);
    const char *label = text ? csv_either(c->file, "label", "label_id", m) : NULL;
    const int64_t n_rows = csv_n_rows(c->file);
    if (!label || csv_texts(c->file, text, c->texts, m) || csv_texts(c->file, label, labels, m)) return -1;
    for (int64_t i = 0; i < n_rows; i++) {
        const int is = meaning(label, labels[i]);
        if (!c->texts[i][0]) continue;
        if (is < 0) {
            snprintf(m->text, sizeof m->text, "%.200s: row %lld: column '%s': '%.40s' is neither HAPPY nor SAD, 0 nor 1", name,
                     (long long)i + 1, label, labels[i]);
            return -1;
        }
        c->texts[c->n] = c->texts[i], c->positive[c->n++] = is;
    }
    if (c->n == 0) snprintf(m->text, sizeof m->text, "%.200s: no row has a comment", name);
    return c->n ? 0 : -1;
}

int comments_take(csv_table *file, const char *name, comments *out, csv_message *message)
{
    const size_t room = (size_t)csv_n_rows(file);
    *out = (comments){ file, 0, malloc(room * sizeof *out->texts), malloc(room * sizeof *out->positive) };
    const char **labels = malloc(room * sizeof *labels);
    int failed = -1;
    if (labels && out->texts && out->positive) failed = take(out, name, labels, message);
    else snprintf(message->text, sizeof message->text, "%.200s: out of memory", name);
    free(labels);
    if (failed) comments_end(out);
    return failed;
}

int comments_read(const char *path, comments *out)
{
    csv_message m;
    csv_table *file = csv_read(path, '\0', &m);
    *out = (comments){ 0 };
    if (file && !comments_take(file, path, out, &m)) return 0;
    fprintf(stderr, "%s\n", m.text);
    return -1;
}

void comments_end(comments *c)
{
    csv_destroy(c->file);
    free(c->texts);
    free(c->positive);
    *c = (comments){ 0 };
}
