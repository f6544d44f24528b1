/* SPDX-License-Identifier: MIT */
#include "comments.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int hold_back(comments *c, comments *held)
{
    const size_t room = (size_t)c->n / 10 + 1;
    const int64_t n = c->n;
    *held = (comments){ NULL, 0, malloc(room * sizeof *held->texts), malloc(room * sizeof *held->positive) };
    if (!held->texts || !held->positive) return fprintf(stderr, "no memory for %lld comments\n", (long long)n), -1;
    c->n = 0;
    for (int64_t i = 0; i < n; i++) {
        comments *to = i % 10 == 9 ? held : c;
        to->texts[to->n] = c->texts[i], to->positive[to->n++] = c->positive[i];
    }
    if (held->n == 0) return fprintf(stderr, "%lld comments: at least 10 are needed\n", (long long)n), -1;
    return 0;
}

int comments_read_parts(const char *path, comments *train, comments *held)
{
    char file[1024];
    struct stat info;
    *train = *held = (comments){ 0 };
    if (stat(path, &info) || !S_ISDIR(info.st_mode)) return comments_read(path, train) || hold_back(train, held) ? -1 : 0;
    snprintf(file, sizeof file, "%s/train.csv", path);
    if (comments_read(file, train)) return -1;
    snprintf(file, sizeof file, "%s/dev.csv", path);
    return comments_read(file, held);
}

int comments_has(const comments *c, const char *text)
{
    for (int64_t i = 0; i < c->n; i++)
        if (!strcmp(c->texts[i], text)) return 1;
    return 0;
}

void comments_end(comments *c)
{
    csv_destroy(c->file);
    free(c->texts);
    free(c->positive);
    *c = (comments){ 0 };
}
