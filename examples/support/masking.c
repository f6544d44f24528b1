/* SPDX-License-Identifier: MIT */
#include "masking.h"
#include "random.h"
#include <string.h>

void pairs_find(pairs *p, const stories *text, int64_t first, int64_t last)
{
    p->text = text, p->n = 0;
    for (int64_t s = first; s < last; s++) {
        int64_t a = text->starts[s], b = a;
        for (int64_t i = a; i < text->starts[s + 1]; i++) {
            if (strcmp(text->words[text->tokens[i]], ".")) continue;
            if (b > a && p->n < MASK_PAIRS) p->a[p->n] = a, p->b[p->n] = b, p->end[p->n++] = i + 1;
            if (b > a) a = b;
            b = i + 1;
        }
    }
}

/* Appends as much of n tokens as has room before a last [SEP]. */
static void append(masked *m, int64_t row, const int64_t *tokens, int64_t n, int64_t type)
{
    int64_t *at = m->tokens + row * MASK_TOKENS, *types = m->types + row * MASK_TOKENS;
    for (int64_t i = 0; i <= n && m->lengths[row] < MASK_TOKENS; i++) {
        const int64_t last = i == n || m->lengths[row] == MASK_TOKENS - 1;
        types[m->lengths[row]] = type;
        at[m->lengths[row]++] = last ? SEP : tokens[i];
        if (last) break;
    }
}

static void begin(masked *m, int64_t row)
{
    for (int64_t i = row * MASK_TOKENS; i < (row + 1) * MASK_TOKENS; i++) m->tokens[i] = PAD, m->types[i] = 0, m->targets[i] = NO_TARGET;
    m->tokens[row * MASK_TOKENS] = CLS;
    m->lengths[row] = 1, m->follows[row] = 0;
}

void masked_text(masked *m, int64_t row, const int64_t *tokens, int64_t n)
{
    begin(m, row);
    append(m, row, tokens, n, 0);
}

static int64_t below(uint64_t *random, int64_t n) { return (int64_t)(random_uniform(random) * (double)n); }

void masked_hide(masked *m, int64_t row, int64_t n_vocab, uint64_t *random)
{
    for (int64_t i = row * MASK_TOKENS; i < row * MASK_TOKENS + m->lengths[row]; i++) {
        if (m->tokens[i] < N_SPECIALS || random_uniform(random) >= 0.15) continue;
        m->targets[i] = m->tokens[i];
        const double kind = random_uniform(random);
        if (kind < 0.8) m->tokens[i] = MASK;
        else if (kind < 0.9) m->tokens[i] = N_SPECIALS + below(random, n_vocab - N_SPECIALS);
    }
}

void masked_pair(masked *m, int64_t row, const pairs *p, int64_t i, int swap, uint64_t *random)
{
    const int64_t *tokens = p->text->tokens, other = swap && random_uniform(random) < 0.5 ? below(random, p->n) : i;
    masked_text(m, row, tokens + p->a[i], p->b[i] - p->a[i]);
    append(m, row, tokens + p->b[other], p->end[other] - p->b[other], 1);
    m->follows[row] = other != i;
}

hw3_var masked_hidden(learner *j, const masked *m, masked_form form)
{
    hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;
    if (form == WITH_SEGMENTS) o.types = learner_tokens(j, m->types, MASK_ROWS, MASK_TOKENS);
    if (form != TOKENS_ALONE) o.lengths = learner_tokens(j, m->lengths, MASK_ROWS, 0);
    return hw3_model_hidden(j->model, j->graph, learner_tokens(j, m->tokens, MASK_ROWS, MASK_TOKENS), &o);
}

int masked_logits(learner *j, const masked *m, masked_form form, float *logits, int64_t n_vocab)
{
    TRY(learner_begin(j, 0));
    hw3_var all = hw3_model_head(j->model, j->graph, masked_hidden(j, m, form));
    TRY(hw3_var_read(j->graph, all, logits, MASK_SIZE * n_vocab * (int64_t)sizeof *logits));
    return 0;
}
