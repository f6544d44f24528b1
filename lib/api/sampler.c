/* SPDX-License-Identifier: MIT */
#include "infer/sampler.h"
#include "api/check.h"
#include <math.h>

hw3_status hw3_sampler_create(hw3_ctx *ctx, uint64_t seed, hw3_sampler **out)
{
    if (out) *out = NULL;
    if (!ctx) return HW3_ERR_ARG;
    return out ? hw3i_sampler_create(ctx, seed, out) : hw3i_is_null(ctx, "sampler_create", "out");
}

void hw3_sampler_destroy(hw3_sampler *sampler) { hw3i_sampler_destroy(sampler); }

/* Adds a step whose value a has to be good. */
static hw3_status add(hw3_sampler *s, bool good, const hw3i_sampler_step *step, const char *what, const char *expected)
{
    if (!s) return HW3_ERR_ARG;
    if (!good)
        return hw3i_fail(s->ctx, HW3_ERR_ARG, "sampler_add_%s: %s is %g, expected %s", step->name, what, step->a, expected);
    if (step->n < 0)
        return hw3i_fail(s->ctx, HW3_ERR_ARG, "sampler_add_%s: window is %lld, at least 0 is needed", step->name,
                         (long long)step->n);
    return hw3i_sampler_add(s, step);
}

hw3_status hw3_sampler_add_greedy(hw3_sampler *sampler)
{
    return add(sampler, true, &(hw3i_sampler_step){ .name = "greedy", .run = hw3i_step_greedy }, "", "");
}

hw3_status hw3_sampler_add_temperature(hw3_sampler *sampler, double temperature)
{
    return add(sampler, isfinite(temperature) && temperature >= 0,
               &(hw3i_sampler_step){ .name = "temperature", .run = hw3i_step_temperature, .a = temperature }, "temperature",
               "0 or more, finite");
}

hw3_status hw3_sampler_add_top_k(hw3_sampler *sampler, int64_t k)
{
    if (sampler && k < 1) return hw3i_is_small(sampler->ctx, "sampler_add_top_k", "k", k, 1);
    return add(sampler, true, &(hw3i_sampler_step){ .name = "top_k", .run = hw3i_step_top_k, .n = k }, "", "");
}

hw3_status hw3_sampler_add_top_p(hw3_sampler *sampler, double p)
{
    return add(sampler, p > 0 && p <= 1, &(hw3i_sampler_step){ .name = "top_p", .run = hw3i_step_top_p, .a = p }, "p", "0 < p <= 1");
}

hw3_status hw3_sampler_add_min_p(hw3_sampler *sampler, double min_p)
{
    return add(sampler, min_p >= 0 && min_p <= 1, &(hw3i_sampler_step){ .name = "min_p", .run = hw3i_step_min_p, .a = min_p }, "min_p",
               "0 to 1");
}

hw3_status hw3_sampler_add_typical(hw3_sampler *sampler, double mass)
{
    return add(sampler, mass > 0 && mass <= 1, &(hw3i_sampler_step){ .name = "typical", .run = hw3i_step_typical, .a = mass }, "mass",
               "0 < mass <= 1");
}

hw3_status hw3_sampler_add_repetition(hw3_sampler *sampler, double penalty, int64_t window)
{
    return add(sampler, isfinite(penalty) && penalty > 0,
               &(hw3i_sampler_step){ .name = "repetition", .run = hw3i_step_repetition, .a = penalty, .n = window }, "penalty",
               "above 0, finite");
}

hw3_status hw3_sampler_add_penalties(hw3_sampler *sampler, double frequency, double presence, int64_t window)
{
    if (sampler && !isfinite(presence))
        return hw3i_fail(sampler->ctx, HW3_ERR_ARG, "sampler_add_penalties: presence is %g, expected a finite number", presence);
    return add(sampler, isfinite(frequency),
               &(hw3i_sampler_step){ .name = "penalties", .run = hw3i_step_penalties, .a = frequency, .b = presence, .n = window },
               "frequency", "a finite number");
}

hw3_status hw3_sampler_add_no_repeat(hw3_sampler *sampler, int64_t n)
{
    if (sampler && n < 1) return hw3i_is_small(sampler->ctx, "sampler_add_no_repeat", "n", n, 1);
    return add(sampler, true, &(hw3i_sampler_step){ .name = "no_repeat", .run = hw3i_step_no_repeat, .n = n }, "", "");
}

hw3_status hw3_sampler_add_bias(hw3_sampler *sampler, const int64_t *tokens, const double *bias, int64_t n)
{
    if (!sampler) return HW3_ERR_ARG;
    if (n < 1) return hw3i_is_small(sampler->ctx, "sampler_add_bias", "n", n, 1);
    if (!tokens || !bias) return hw3i_is_null(sampler->ctx, "sampler_add_bias", tokens ? "bias" : "tokens");
    for (int64_t i = 0; i < n; i++)
        if (tokens[i] < 0 || isnan(bias[i]) || bias[i] == INFINITY)
            return hw3i_fail(sampler->ctx, HW3_ERR_VALUE, "sampler_add_bias: entry %lld is %g for token %lld", (long long)i,
                             bias[i], (long long)tokens[i]);
    return hw3i_sampler_add(sampler, &(hw3i_sampler_step){ .name = "bias", .run = hw3i_step_bias, .n = n, .tokens = (int64_t *)tokens,
                                                   .bias = (double *)bias });
}

hw3_status hw3_sampler_add_callback(hw3_sampler *sampler, hw3_logits_fn fn, void *user)
{
    if (!sampler) return HW3_ERR_ARG;
    if (!fn) return hw3i_is_null(sampler->ctx, "sampler_add_callback", "fn");
    return hw3i_sampler_add(sampler, &(hw3i_sampler_step){ .name = "callback", .run = hw3i_step_callback, .fn = fn, .user = user });
}

static hw3_status run(hw3_sampler *s, const char *what, const float *logits, int64_t n_vocab, const int64_t *history,
                      int64_t n_history)
{
    if (!logits) return hw3i_is_null(s->ctx, what, "logits");
    if (n_history < 0) return hw3i_is_small(s->ctx, what, "n_history", n_history, 0);
    if (n_history && !history) return hw3i_is_null(s->ctx, what, "history");
    hw3_status status = hw3i_check_range(s->ctx, what, "n_vocab", n_vocab, 1, INT32_MAX);
    return status ? status : hw3i_sampler_run(s, logits, n_vocab, history, n_history);
}

hw3_status hw3_sampler_pick(hw3_sampler *sampler, const float *logits, int64_t n_vocab, const int64_t *history, int64_t n_history,
                            int64_t stream, int64_t *token)
{
    if (!sampler) return HW3_ERR_ARG;
    if (!token) return hw3i_is_null(sampler->ctx, "sampler_pick", "token");
    hw3_status s = run(sampler, "sampler_pick", logits, n_vocab, history, n_history);
    if (!s) *token = hw3i_sampler_draw(sampler, stream, n_history);
    return s;
}

hw3_status hw3_sampler_probabilities(hw3_sampler *sampler, const float *logits, int64_t n_vocab, const int64_t *history,
                                     int64_t n_history, double *probabilities)
{
    if (!sampler) return HW3_ERR_ARG;
    if (!probabilities) return hw3i_is_null(sampler->ctx, "sampler_probabilities", "probabilities");
    hw3_status s = run(sampler, "sampler_probabilities", logits, n_vocab, history, n_history);
    if (s) return s;
    const double sum = hw3i_sampler_weigh(sampler);
    memset(probabilities, 0, (size_t)n_vocab * sizeof *probabilities);
    for (int64_t i = 0; i < sampler->n_left; i++) probabilities[sampler->left[i]] = sampler->weight[i] / sum;
    return HW3_OK;
}

hw3_status hw3_logprobs(hw3_ctx *ctx, const float *logits, int64_t n_vocab, int64_t token, double *logprob, int64_t n_top,
                        int64_t *top, double *top_logprobs)
{
    if (!ctx) return HW3_ERR_ARG;
    if (!logits || !logprob) return hw3i_is_null(ctx, "logprobs", logits ? "logprob" : "logits");
    hw3_status s = hw3i_check_range(ctx, "logprobs", "n_vocab", n_vocab, 1, INT32_MAX);
    if (!s) s = hw3i_check_range(ctx, "logprobs", "token", token, 0, n_vocab - 1);
    if (!s) s = hw3i_check_range(ctx, "logprobs", "n_top", n_top, 0, n_vocab);
    if (s) return s;
    if (n_top && (!top || !top_logprobs)) return hw3i_is_null(ctx, "logprobs", top ? "top_logprobs" : "top");
    return hw3i_logprobs(ctx, logits, n_vocab, token, logprob, n_top, top, top_logprobs);
}
