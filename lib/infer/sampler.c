/* SPDX-License-Identifier: MIT */
#include "infer/sampler.h"
#include "base/random.h"
#include <math.h>

hw3_status hw3i_sampler_create(hw3_ctx *ctx, uint64_t seed, hw3_sampler **out)
{
    hw3_sampler *s = hw3i_calloc(ctx, 1, sizeof *s);
    if (!s) return HW3_ERR_NOMEM;
    s->ctx = ctx;
    s->seed = seed;
    hw3i_ctx_retain(ctx);
    *out = s;
    return HW3_OK;
}

void hw3i_sampler_destroy(hw3_sampler *s)
{
    if (!s) return;
    hw3_ctx *ctx = s->ctx;
    for (int64_t i = 0; i < s->n_steps; i++) {
        hw3i_free(ctx, s->steps[i].tokens);
        hw3i_free(ctx, s->steps[i].bias);
    }
    hw3i_free(ctx, s->steps);
    hw3i_free(ctx, s->x);
    hw3i_free(ctx, s);
    hw3i_ctx_release(ctx);
}

/* Its own callback finds the chain half done. */
static hw3_status check_idle(const hw3_sampler *s)
{
    return s->runs ? hw3i_fail(s->ctx, HW3_ERR_STATE, "sampler: its callback uses the sampler that called it") : HW3_OK;
}

hw3_status hw3i_sampler_add(hw3_sampler *s, const hw3i_sampler_step *step)
{
    hw3i_sampler_step own = *step;
    own.tokens = NULL, own.bias = NULL;
    hw3_status status = check_idle(s);
    if (!status) status = hw3i_grow(s->ctx, &s->steps, &s->cap_steps, s->n_steps + 1, sizeof *s->steps);
    if (!status && step->tokens) {
        own.tokens = hw3i_alloc(s->ctx, step->n, sizeof *own.tokens);
        own.bias = hw3i_alloc(s->ctx, step->n, sizeof *own.bias);
        if (own.tokens && own.bias) {
            memcpy(own.tokens, step->tokens, (size_t)step->n * sizeof *own.tokens);
            memcpy(own.bias, step->bias, (size_t)step->n * sizeof *own.bias);
        } else {
            status = HW3_ERR_NOMEM;
            hw3i_free(s->ctx, own.tokens);
            hw3i_free(s->ctx, own.bias);
        }
    }
    if (!status) s->steps[s->n_steps++] = own;
    return status;
}

static hw3_status make_room(hw3_sampler *s, int64_t n)
{
    if (n <= s->cap) return HW3_OK;
    const int64_t size = 3 * sizeof(double) + 3 * sizeof(int32_t);
    double *block = hw3i_alloc(s->ctx, n, size);
    if (!block) return HW3_ERR_NOMEM;
    hw3i_free(s->ctx, s->x);
    s->x = block;
    s->key = block + n;
    s->weight = block + 2 * n;
    s->left = (int32_t *)(block + 3 * n);
    s->order = s->left + n;
    s->count = s->left + 2 * n;
    memset(s->count, 0, (size_t)n * sizeof *s->count);
    s->cap = n;
    return HW3_OK;
}

/* Collects the tokens that are left after a step. */
static hw3_status collect(hw3_sampler *s, const char *step)
{
    s->n_left = 0;
    for (int64_t i = 0; i < s->n_vocab; i++) {
        if (isnan(s->x[i]) || s->x[i] == INFINITY)
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "sampler: %s gives %g for token %lld", step, s->x[i], (long long)i);
        if (s->x[i] > -INFINITY) s->left[s->n_left++] = (int32_t)i;
    }
    if (s->n_left) return HW3_OK;
    return hw3i_fail(s->ctx, HW3_ERR_VALUE, "sampler: %s takes out every one of %lld tokens", step, (long long)s->n_vocab);
}

static hw3_status begin(hw3_sampler *s, const float *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    for (int64_t i = 0; i < n_history; i++)
        if (history[i] < 0 || history[i] >= n_vocab)
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "sampler: token %lld of the history is %lld, expected 0 to %lld",
                             (long long)i, (long long)history[i], (long long)n_vocab - 1);
    hw3_status status = make_room(s, n_vocab);
    if (status) return status;
    s->n_vocab = n_vocab;
    s->history = history;
    s->n_history = n_history;
    for (int64_t i = 0; i < n_vocab; i++) s->x[i] = logits[i];
    return collect(s, "the model");
}

hw3_status hw3i_sampler_run(hw3_sampler *s, const float *logits, int64_t n_vocab, const int64_t *history, int64_t n_history)
{
    hw3_status status = check_idle(s);
    if (status) return status;
    status = begin(s, logits, n_vocab, history, n_history);
    s->runs = true;
    for (int64_t i = 0; i < s->n_steps && !status; i++) {
        status = s->steps[i].run(s, &s->steps[i]);
        if (!status) status = collect(s, s->steps[i].name);
    }
    s->runs = false;
    return status;
}

double hw3i_sampler_max(const hw3_sampler *s)
{
    double max = -INFINITY;
    for (int64_t i = 0; i < s->n_left; i++) max = fmax(max, s->x[s->left[i]]);
    return max;
}

double hw3i_sampler_weigh(hw3_sampler *s)
{
    const double max = hw3i_sampler_max(s);
    double sum = 0;
    for (int64_t i = 0; i < s->n_left; i++) sum += s->weight[i] = exp(s->x[s->left[i]] - max);
    return sum;
}

/* The first token at which the sum of the weights so far passes u times their sum. */
int64_t hw3i_sampler_draw(hw3_sampler *s, int64_t stream, int64_t number)
{
    const double sum = hw3i_sampler_weigh(s);
    double rest = sum * hw3i_uniform(s->seed, hw3i_stream_of("sampler") + (uint64_t)stream, (uint64_t)number);
    int64_t last = 0; /* that has a weight: rounding may leave some of the rest */
    for (int64_t i = 0; i < s->n_left; i++) {
        if (s->weight[i] > 0) last = i;
        rest -= s->weight[i];
        if (rest < 0) break;
    }
    return s->left[last];
}

/* Keeps the n likeliest in falling order: token goes to its place among those found so far. */
static void insert(const float *logits, int64_t token, int64_t *top, int64_t *n, int64_t n_top)
{
    int64_t at = *n;
    if (at == n_top && logits[token] <= logits[top[at - 1]]) return;
    if (at < n_top) ++*n;
    else at--;
    for (; at > 0 && logits[token] > logits[top[at - 1]]; at--) top[at] = top[at - 1];
    top[at] = token;
}

/* max + log sum_j e^(x_j - max) */
hw3_status hw3i_log_sum(hw3_ctx *ctx, const float *logits, int64_t n_vocab, double *log_sum)
{
    double max = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n_vocab; i++) {
        if (isnan(logits[i]) || logits[i] == INFINITY)
            return hw3i_fail(ctx, HW3_ERR_VALUE, "logprobs: logit %lld is %g", (long long)i, logits[i]);
        max = fmax(max, logits[i]);
    }
    if (max == -INFINITY) return hw3i_fail(ctx, HW3_ERR_VALUE, "logprobs: all %lld logits are -infinity", (long long)n_vocab);
    for (int64_t i = 0; i < n_vocab; i++) sum += exp(logits[i] - max);
    *log_sum = max + log(sum);
    return HW3_OK;
}

/* log p_i = x_i - log sum_j e^(x_j) */
hw3_status hw3i_logprobs(hw3_ctx *ctx, const float *logits, int64_t n_vocab, int64_t token, double *logprob, int64_t n_top,
                         int64_t *top, double *top_logprobs)
{
    double log_sum;
    hw3_status status = hw3i_log_sum(ctx, logits, n_vocab, &log_sum);
    if (status) return status;
    *logprob = logits[token] - log_sum;
    int64_t n = 0;
    for (int64_t i = 0; i < n_vocab && n_top; i++) insert(logits, i, top, &n, n_top);
    for (int64_t i = 0; i < n_top; i++) top_logprobs[i] = logits[top[i]] - log_sum;
    return HW3_OK;
}
