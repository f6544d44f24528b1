/* SPDX-License-Identifier: MIT */
#include "sentiment.h"
#include "try.h"
#include <stdlib.h>

enum { WIDTH = 64, BATCH = 2048 };
static const double DROPOUT = 0.3, RATE = 2e-3;

struct sentiment {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_rnn *gru;
    hw3_graph *graph;
    hw3_tensor *tokens, *lengths, *parts, *targets; /* [T, B], [B], 1 / length [B, 1], [B, 1] */
};

static int make(sentiment *j, int64_t n_vocab)
{
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = HW3_CELL_GRU, o.n_inputs = WIDTH, o.n_hidden = WIDTH, o.bidirectional = 1;
    TRY(hw3_params_create(j->ctx, &j->params));
    TRY(hw3_params_add(j->params, "embedding.weight", HW3_F32, 2, (int64_t[]){ n_vocab, WIDTH }, HW3_INIT_KAIMING));
    TRY(hw3_rnn_create(j->params, "gru.", &o, &j->gru));
    TRY(hw3_params_add(j->params, "head.weight", HW3_F32, 2, (int64_t[]){ 1, 2 * WIDTH }, HW3_INIT_FAN_IN));
    TRY(hw3_params_add(j->params, "head.bias", HW3_F32, 1, (int64_t[]){ 1 }, HW3_INIT_ZERO));
    TRY(hw3_graph_create(j->ctx, j->params, &j->graph));
    return 0;
}

static void drop_batch(sentiment *j)
{
    hw3_tensor **const all[] = { &j->tokens, &j->lengths, &j->parts, &j->targets };
    for (int i = 0; i < 4; i++) {
        hw3_tensor_destroy(*all[i]);
        *all[i] = NULL;
    }
}

/* positive: NULL for none. */
static int take_batch(sentiment *j, const sequences *s, const batches *b, int64_t i, const int64_t *positive)
{
    const int64_t rows = batch_rows(b, i), width = batch_width(b, s, i), *order = b->order + b->starts[i];
    drop_batch(j);
    TRY(hw3_tensor_create(j->ctx, HW3_I64, 2, (int64_t[]){ width, rows }, &j->tokens));
    TRY(hw3_tensor_create(j->ctx, HW3_I64, 1, &rows, &j->lengths));
    TRY(hw3_tensor_create(j->ctx, HW3_F32, 2, (int64_t[]){ rows, 1 }, &j->parts));
    TRY(hw3_tensor_create(j->ctx, HW3_F32, 2, (int64_t[]){ rows, 1 }, &j->targets));
    int64_t *x = hw3_tensor_data(j->tokens), *lengths = hw3_tensor_data(j->lengths);
    float *parts = hw3_tensor_data(j->parts), *targets = hw3_tensor_data(j->targets);
    for (int64_t r = 0; r < rows; r++) {
        const int64_t *from = sequence_at(s, order[r]);
        lengths[r] = sequence_length(s, order[r]);
        parts[r] = 1 / (float)lengths[r];
        if (positive) targets[r] = (float)positive[order[r]];
        for (int64_t t = 0; t < lengths[r]; t++) x[t * rows + r] = from[t];
    }
    return 0;
}

/* sigmoid(w' mean_t GRU(embedding)_t + b); steps behind a sequence's end are zeros. */
static hw3_var logits_of(sentiment *j)
{
    hw3_graph *g = j->graph;
    hw3_var x = hw3_dropout(g, hw3_embedding(g, hw3_param(g, "embedding.weight"), hw3_input(g, j->tokens)), DROPOUT);
    hw3_var h = hw3_rnn_forward(j->gru, g, x, hw3_input(g, j->lengths), NULL);
    hw3_var mean = hw3_dropout(g, hw3_mul(g, hw3_sum(g, h, 0, 0), hw3_input(g, j->parts)), DROPOUT);
    return hw3_linear(g, mean, hw3_param(g, "head.weight"), hw3_param(g, "head.bias"));
}

static int train_batch(sentiment *j, hw3_optim *adamw, uint64_t seed)
{
    TRY(hw3_graph_begin(j->graph));
    TRY(hw3_graph_set_random(j->graph, seed, (uint64_t)hw3_optim_n_steps(adamw)));
    hw3_var loss = hw3_bce_logits(j->graph, logits_of(j), hw3_input(j->graph, j->targets));
    TRY(hw3_graph_backward(j->graph, loss));
    TRY(hw3_optim_step(adamw));
    return 0;
}

static int train(sentiment *j, const sequences *s, const int64_t *positive, int64_t n_epochs, uint64_t seed)
{
    hw3_optim *adamw = NULL;
    int failed = 0;
    for (int64_t epoch = 0; epoch < n_epochs && !failed; epoch++) {
        batches b;
        failed = batches_make(&b, s, BATCH, seed + (uint64_t)epoch);
        if (!failed && !adamw) {
            hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
            o.kind = HW3_OPTIM_ADAMW, o.lr = RATE, o.weight_decay = 0.01, o.clip_norm = 1;
            o.schedule = HW3_SCHEDULE_COSINE, o.total_steps = n_epochs * b.n, o.warmup_steps = o.total_steps / 20;
            failed = hw3_optim_create(j->params, &o, &adamw);
            if (failed) fprintf(stderr, "%s\n", hw3_ctx_error(j->ctx));
        }
        for (int64_t i = 0; i < b.n && !failed; i++) failed = take_batch(j, s, &b, i, positive) || train_batch(j, adamw, seed);
        batches_end(&b);
    }
    hw3_optim_destroy(adamw);
    return failed;
}

int sentiment_train(hw3_ctx *ctx, int64_t n_vocab, const sequences *s, const int64_t *positive, int64_t n_epochs, uint64_t seed,
                    sentiment **out)
{
    sentiment *j = *out = calloc(1, sizeof *j);
    if (!j) return fprintf(stderr, "no memory for a classifier\n"), -1;
    j->ctx = ctx;
    if (!make(j, n_vocab) && !train(j, s, positive, n_epochs, seed)) return 0;
    sentiment_end(j);
    *out = NULL;
    return -1;
}

static int judge_batch(sentiment *j, float *y, int64_t n)
{
    TRY(hw3_graph_begin(j->graph));
    TRY(hw3_var_read(j->graph, logits_of(j), y, n * (int64_t)sizeof *y));
    return 0;
}

int sentiment_judge(sentiment *j, const sequences *s, double *logits)
{
    batches b;
    float *y = malloc((size_t)(s->n + 1) * sizeof *y);
    int failed = batches_make(&b, s, 4 * BATCH, 0) || !y;
    hw3_graph_set_training(j->graph, 0);
    for (int64_t i = 0; i < b.n && !failed; i++) {
        const int64_t rows = batch_rows(&b, i);
        failed = take_batch(j, s, &b, i, NULL) || judge_batch(j, y, rows);
        for (int64_t r = 0; r < rows && !failed; r++) logits[b.order[b.starts[i] + r]] = y[r];
    }
    hw3_graph_set_training(j->graph, 1);
    batches_end(&b);
    free(y);
    return failed ? -1 : 0;
}

void sentiment_end(sentiment *j)
{
    if (!j) return;
    drop_batch(j);
    hw3_graph_destroy(j->graph);
    hw3_rnn_destroy(j->gru);
    hw3_params_destroy(j->params);
    free(j);
}
