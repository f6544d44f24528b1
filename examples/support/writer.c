/* SPDX-License-Identifier: MIT */
#include "writer.h"
#include "diversity.h"
#include "table.h"
#include "try.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Tokens ------------------------------------------------------------------------------------------ */

static int special(writer *j, const char *text, int64_t *token)
{
    TRY(hw3_tokenizer_add(j->tok, &text, 1, 1)); /* one that is there stays */
    TRY(*token = hw3_tokenizer_find(j->tok, text, -1));
    return 0;
}

int writer_specials(writer *j, const char *const texts[3])
{
    return special(j, texts[0], &j->end) || special(j, texts[1], &j->control[0]) || special(j, texts[2], &j->control[1]) ? -1 : 0;
}

/* Whole ones get an end. */
static int64_t cut(const sequences *all, int64_t end, sequences *s)
{
    int64_t n_cut = 0;
    for (int64_t i = 0; i < all->n; i++) {
        const int64_t length = sequence_length(all, i), whole = length < WRITER_CTX, kept = whole ? length : WRITER_CTX;
        int64_t *to = s->tokens + s->starts[i];
        memcpy(to, sequence_at(all, i), (size_t)kept * sizeof *to);
        if (whole) to[kept] = end;
        s->starts[i + 1] = s->starts[i] + kept + whole;
        n_cut += !whole;
    }
    return n_cut;
}

int writer_tokenise(writer *j, const comments *c, sequences *s)
{
    sequences all;
    hw3_encode_opts o = HW3_ENCODE_OPTS_INIT;
    int64_t room = 0, n_cut = 0;
    o.add_special = o.find_special = 0; /* a comment that spells a control token is text */
    for (int64_t i = 0; i < c->n; i++) room += (int64_t)strlen(c->texts[i]) + 8;
    hw3_status status = sequences_make(&all, c->n, room) || sequences_make(s, c->n, room) ? HW3_ERR_NOMEM : HW3_OK;
    if (!status) status = hw3_tokenizer_encode_batch(j->tok, c->texts, NULL, c->n, &o, all.tokens, room, all.starts);
    if (!status) n_cut = cut(&all, j->end, s);
    sequences_end(&all);
    TRY(status);
    if (n_cut)
        printf("  %lld of %lld comments have more than the %d tokens that the model reads: cut\n", (long long)n_cut,
               (long long)c->n, WRITER_CTX - 1);
    return 0;
}

/* ---- Writing ----------------------------------------------------------------------------------------- */

/* temperature, then top-k, then top-p of what is left; a comment has one control token, so none inside. */
static int make_sampler(writer *j, const setting *s, hw3_sampler **out)
{
    TRY(hw3_sampler_create(j->ctx, j->seed, out));
    TRY(hw3_sampler_add_bias(*out, j->control, (double[]){ -INFINITY, -INFINITY }, 2));
    TRY(hw3_sampler_add_temperature(*out, s->temperature));
    if (s->top_k) TRY(hw3_sampler_add_top_k(*out, s->top_k));
    TRY(hw3_sampler_add_top_p(*out, s->top_p));
    return 0;
}

/* Steps all sequences that have not ended. room: [3 n]. */
static int write_all(writer *j, hw3_session *session, hw3_sampler *sampler, int64_t n, int64_t *room)
{
    int64_t n_left = n, *writing = room, *streams = room + n, *next = room + 2 * n;
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    o.streams = streams;
    for (int64_t i = 0; i < n; i++) writing[i] = i, streams[i] = j->stream++;
    for (int64_t length = 1; n_left > 0 && length < WRITER_CTX; length++) {
        TRY(hw3_generate_next(session, writing, n_left, sampler, &o, next));
        int64_t kept = 0;
        for (int64_t i = 0; i < n_left; i++)
            if (next[i] != j->end) writing[kept] = writing[i], streams[kept++] = streams[i];
        n_left = kept;
    }
    return 0;
}

static int take_all(writer *j, hw3_session *session, int64_t n, sequences *out)
{
    int64_t tokens[WRITER_CTX];
    for (int64_t i = 0; i < n; i++) {
        const int64_t length = hw3_session_n_tokens(session, i);
        TRY(hw3_session_tokens(session, i, tokens, length));
        memcpy(out->tokens + out->starts[out->n], tokens + 1, (size_t)(length - 1) * sizeof *tokens); /* without the control */
        out->starts[out->n + 1] = out->starts[out->n] + length - 1;
        out->n++;
    }
    return 0;
}

static int write_some(writer *j, hw3_sampler *sampler, int positive, int64_t n, sequences *out)
{
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    hw3_session *session = NULL;
    int64_t *room = malloc(3 * (size_t)n * sizeof *room);
    o.n_sequences = n;
    hw3_status status = room ? hw3_session_create(j->gpt, &o, &session) : HW3_ERR_NOMEM;
    if (!status) status = hw3_session_feed(session, 0, &j->control[positive], 1);
    for (int64_t i = 1; i < n && !status; i++) status = hw3_session_fork(session, 0, i);
    int failed = status < 0;
    if (failed) fprintf(stderr, "%s\n", hw3_ctx_error(j->ctx));
    failed = failed || write_all(j, session, sampler, n, room) || take_all(j, session, n, out);
    hw3_session_destroy(session);
    free(room);
    return failed ? -1 : 0;
}

int writer_write(writer *j, const setting *s, int positive, int64_t n, sequences *out)
{
    hw3_sampler *sampler = NULL;
    const int failed = make_sampler(j, s, &sampler) || write_some(j, sampler, positive, n, out);
    hw3_sampler_destroy(sampler);
    return failed ? -1 : 0;
}

int writer_text(writer *j, const sequences *s, int64_t i, char text[WRITER_TEXT])
{
    int64_t n_bytes;
    TRY(hw3_tokenizer_decode(j->tok, sequence_at(s, i), sequence_length(s, i), NULL, text, WRITER_TEXT - 1, &n_bytes));
    text[n_bytes] = '\0';
    return 0;
}

/* ---- Measures ---------------------------------------------------------------------------------------- */

int64_t writer_n_copies(writer *j, const sequences *s, const comments *known)
{
    char text[WRITER_TEXT];
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if (writer_text(j, s, i, text)) return -1;
        n += comments_has(known, text);
    }
    return n;
}

double writer_share(const sequences *s, int64_t first, int positive, sentiment *judge)
{
    double *logits = malloc((size_t)(s->n + 1) * sizeof *logits), n = 0;
    if (!logits || sentiment_judge(judge, s, logits)) return free(logits), NAN;
    for (int64_t i = first; i < s->n; i++) n += (logits[i] > 0) == positive;
    free(logits);
    return n / (double)(s->n - first);
}

enum { N_MEASURES = 6, N_VALUES = 3, N_SETTINGS = 27 };
static const double temperatures[N_VALUES] = { 0.5, 0.8, 1.2 }, top_ps[N_VALUES] = { 0.6, 0.9, 1 };
static const int64_t top_ks[N_VALUES] = { 5, 50, 0 };

typedef struct measures {
    double of[N_MEASURES]; /* tokens a comment, distinct-1, distinct-2, self-repetition, copies, control */
} measures;

static int measure(writer *j, const setting *s, int64_t n, sentiment *judge, const comments *known, sequences *room,
                   measures *m)
{
    double right[2];
    room->n = 0;
    for (int positive = 0; positive < 2; positive++) {
        if (writer_write(j, s, positive, n, room)) return -1;
        right[positive] = writer_share(room, positive * n, positive, judge);
    }
    const int64_t copies = writer_n_copies(j, room, known);
    *m = (measures){ { (double)room->starts[room->n] / (double)room->n, distinct(room, 1), distinct(room, 2),
                       100 * self_repetition(room, 2), 100 * (double)copies / (double)room->n, 50 * (right[0] + right[1]) } };
    return copies < 0 || isnan(right[0]) || isnan(right[1]) ? -1 : 0;
}

static void add_row(table *t, const char *temperature, const char *k, const char *p, const measures *m)
{
    table_row(t, "%s\t%s\t%s\t%.1f\t%.3f\t%.3f\t%.1f\t%.0f\t%.0f", temperature, k, p, m->of[0], m->of[1], m->of[2], m->of[3],
              m->of[4], m->of[5]);
}

static const char columns[] = "temperature\ttop-k\ttop-p\ttokens\tdistinct-1\tdistinct-2\trepeated %%\tcopies %%\tcontrol %%";

static const char *value_text(int which, int i, char text[16])
{
    if (which == 1 && !top_ks[i]) return "all";
    if (which == 1) snprintf(text, 16, "%lld", (long long)top_ks[i]);
    else snprintf(text, 16, "%g", which ? top_ps[i] : temperatures[i]);
    return text;
}

/* Means over the nine settings that share a value of one parameter. which: 0 temperature, 1 top-k, 2 top-p. */
static void average(const measures *all, int which, measures mean[N_VALUES])
{
    static const int strides[] = { 9, 3, 1 };
    memset(mean, 0, N_VALUES * sizeof *mean);
    for (int i = 0; i < N_SETTINGS; i++)
        for (int k = 0; k < N_MEASURES; k++) mean[i / strides[which] % N_VALUES].of[k] += all[i].of[k] / 9;
}

static void explain(const measures *all)
{
    static const char *const names[] = { "temperature", "top-k", "top-p" };
    static const char *const reasons[] = {
        "divides the logits: below 1 the likely token becomes likelier still, and comments run along the same tracks;\n"
        "    above 1 rare tokens get their chance, new wording at first, then words that do not belong together",
        "leaves the k likeliest tokens, however sure the model is: few cut off good words where many fit, many let bad\n"
        "    ones in where one fits",
        "leaves as many as make up the share p: one where the model is sure, hundreds where it is not. So it cuts the tail of\n"
        "    bad tokens and keeps the choice among good ones"
    };
    table t = { 0 };
    char text[16];
    measures mean[3][N_VALUES];
    table_row(&t, columns);
    for (int which = 0; which < 3; which++) {
        average(all, which, mean[which]);
        for (int i = 0; i < N_VALUES; i++) {
            const char *value = value_text(which, i, text);
            add_row(&t, which == 0 ? value : "", which == 1 ? value : "", which == 2 ? value : "", &mean[which][i]);
        }
    }
    printf("\n  Means over the nine settings that share a value:\n\n");
    table_print(&t, stdout);
    printf("\n");
    for (int which = 0; which < 3; which++) {
        const measures *a = &mean[which][0], *b = &mean[which][N_VALUES - 1];
        char from[16], to[16];
        printf("  %s %s.\n    Here from %s to %s: distinct-2 %.3f to %.3f, repeated %.1f to %.1f %%, control %.0f to %.0f %%.\n",
               names[which], reasons[which], value_text(which, 0, from), value_text(which, N_VALUES - 1, to), a->of[2], b->of[2],
               a->of[3], b->of[3], a->of[5], b->of[5]);
    }
}

int writer_grid(writer *j, int64_t n, sentiment *judge, const comments *known)
{
    measures all[N_SETTINGS];
    sequences room;
    table t = { 0 };
    char text[3][16];
    const char *values[3];
    int failed = sequences_make(&room, 2 * n, 2 * n * WRITER_CTX);
    table_row(&t, columns);
    for (int i = 0; i < N_SETTINGS && !failed; i++) {
        const int at[] = { i / 9, i / 3 % 3, i % 3 };
        const setting s = { temperatures[at[0]], top_ks[at[1]], top_ps[at[2]] };
        failed = measure(j, &s, n, judge, known, &room, &all[i]);
        for (int which = 0; which < 3; which++) values[which] = value_text(which, at[which], text[which]);
        if (!failed) add_row(&t, values[0], values[1], values[2], &all[i]);
    }
    sequences_end(&room);
    if (failed) return -1;
    table_print(&t, stdout);
    printf("\n  distinct-n: different runs of n tokens by all in the %lld comments of a row; repeated: runs of 2 tokens that the\n"
           "  same comment had before; copies: comments of the training set letter by letter; control: those as asked for.\n",
           (long long)(2 * n));
    explain(all);
    return 0;
}

/* ---- One by one -------------------------------------------------------------------------------------- */

static void tell(const char *text, int64_t n_bytes)
{
    fwrite(text, 1, (size_t)n_bytes, stdout);
    fflush(stdout);
}

static int go_on(writer *j, hw3_session *session, hw3_sampler *sampler, hw3_decoder *decoder, const char *line)
{
    int64_t tokens[WRITER_CTX] = { j->control[line[0] == '+'] }, n;
    const int64_t stream = j->stream++;
    char text[WRITER_TEXT];
    hw3_encode_opts e = HW3_ENCODE_OPTS_INIT;
    hw3_generate_opts o = HW3_GENERATE_OPTS_INIT;
    e.add_special = e.find_special = 0, o.streams = &stream, o.stop = &j->end, o.n_stop = 1;
    const char *start = line + 1 + strspn(line + 1, " ");
    TRY(hw3_tokenizer_encode(j->tok, start, -1, &e, tokens + 1, WRITER_CTX - 2, &n));
    TRY(hw3_session_truncate(session, 0, 0));
    TRY(hw3_session_feed(session, 0, tokens, n + 1));
    tell(start, (int64_t)strlen(start));
    while (!hw3_decoder_stopped(decoder) && hw3_session_n_tokens(session, 0) < WRITER_CTX) {
        TRY(hw3_generate_text(session, 0, sampler, decoder, &o, text, sizeof text, &n));
        tell(text, n);
    }
    TRY(hw3_decoder_finish(decoder, text, sizeof text, &n));
    tell(text, n);
    tell("\n", 1);
    return 0;
}

static int read_lines(writer *j, hw3_session *session, hw3_sampler *sampler, hw3_decoder *decoder)
{
    char line[WRITER_TEXT];
    for (;;) {
        if (isatty(STDIN_FILENO)) fprintf(stderr, "> ");
        if (!fgets(line, sizeof line, stdin)) return 0;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '+' && line[0] != '-') printf("A line begins with + or -, for the sentiment; a start may follow.\n");
        else if (go_on(j, session, sampler, decoder, line)) fprintf(stderr, "Another one?\n"); /* it may be too long */
    }
}

int writer_interactive(writer *j, const setting *s)
{
    hw3_sampler *sampler = NULL;
    hw3_session *session = NULL;
    hw3_decoder *decoder = NULL;
    int failed = make_sampler(j, s, &sampler);
    if (!failed) failed = hw3_session_create(j->gpt, NULL, &session) || hw3_decoder_create(j->tok, NULL, &decoder);
    if (failed) fprintf(stderr, "%s\n", hw3_ctx_error(j->ctx));
    else failed = read_lines(j, session, sampler, decoder);
    hw3_decoder_destroy(decoder);
    hw3_session_destroy(session);
    hw3_sampler_destroy(sampler);
    return failed ? -1 : 0;
}
