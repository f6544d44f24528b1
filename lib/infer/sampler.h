/* SPDX-License-Identifier: MIT */
/* Samplers from inside: the steps of a chain, and the tokens that are left while it runs. */
#ifndef HW3I_SAMPLER_H
#define HW3I_SAMPLER_H
#include "base/base.h"
#include "hw3/sampler.h"

typedef struct hw3i_sampler_step hw3i_sampler_step;

struct hw3i_sampler_step {
    const char *name; /* for messages */
    hw3_status (*run)(hw3_sampler *s, const hw3i_sampler_step *step);
    double a, b;
    int64_t n;       /* k, window, length of a row, or how many biases */
    int64_t *tokens; /* the step's own */
    double *bias;
    hw3_logits_fn fn;
    void *user;
};

struct hw3_sampler {
    hw3_ctx *ctx;
    uint64_t seed;
    hw3i_sampler_step *steps;
    int64_t n_steps, cap_steps;
    /* The running call. */
    bool runs;
    double *x; /* [n_vocab], -infinity for what was taken out */
    int64_t n_vocab, n_history;
    const int64_t *history;
    int32_t *left; /* tokens with x > -infinity, in their order */
    int64_t n_left;
    /* Scratch of cap tokens each, one block of memory from x on. */
    double *key, *weight;
    int32_t *order, *count; /* count: zeros between steps */
    int64_t cap;
};

hw3_status hw3i_sampler_create(hw3_ctx *ctx, uint64_t seed, hw3_sampler **out);
void hw3i_sampler_destroy(hw3_sampler *s); /* may be NULL */
/* Adds a step by its values; tokens and bias, [step->n], are copied. */
hw3_status hw3i_sampler_add(hw3_sampler *s, const hw3i_sampler_step *step);
/* Runs the chain; s->x and s->left are what it leaves. */
hw3_status hw3i_sampler_run(hw3_sampler *s, const float *logits, int64_t n_vocab, const int64_t *history, int64_t n_history);
/* After a run: this draw of this stream. */
int64_t hw3i_sampler_draw(hw3_sampler *s, int64_t stream, int64_t number);
/* The largest x of the tokens left. */
double hw3i_sampler_max(const hw3_sampler *s);
/* After a run: e^(x - max) of the tokens left into weight, [n_left]; returns their sum, of max and its neighbours at least 1. */
double hw3i_sampler_weigh(hw3_sampler *s);

/* The steps (sampler_steps.c). */
typedef hw3_status hw3i_step_fn(hw3_sampler *s, const hw3i_sampler_step *step);
hw3i_step_fn hw3i_step_greedy, hw3i_step_temperature, hw3i_step_top_k, hw3i_step_top_p, hw3i_step_min_p, hw3i_step_typical,
    hw3i_step_repetition, hw3i_step_penalties, hw3i_step_no_repeat, hw3i_step_bias, hw3i_step_callback;

/* log sum_j e^(x_j). HW3_ERR_VALUE: a logit is not a number or +infinity, or all are -infinity. */
hw3_status hw3i_log_sum(hw3_ctx *ctx, const float *logits, int64_t n_vocab, double *log_sum);
/* log softmax of one token and of the n_top likeliest. */
hw3_status hw3i_logprobs(hw3_ctx *ctx, const float *logits, int64_t n_vocab, int64_t token, double *logprob, int64_t n_top,
                         int64_t *top, double *top_logprobs);

#endif
