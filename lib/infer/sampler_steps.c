/* SPDX-License-Identifier: MIT */
#include "infer/sampler.h"
#include <math.h>

/* Of the tokens left, candidate a comes before b: a larger key, or the same and a lower number. */
static bool before(const double *key, int32_t a, int32_t b) { return key[a] > key[b] || (key[a] == key[b] && a < b); }

/* Brings those before the pivot, one of order[lo, hi), to the front; returns the pivot's place. */
static int64_t split(const double *key, int32_t *order, int64_t lo, int64_t hi, int64_t pivot_at)
{
    const int32_t pivot = order[pivot_at];
    int64_t m = lo;
    order[pivot_at] = order[hi - 1];
    order[hi - 1] = pivot;
    for (int64_t i = lo; i < hi - 1; i++) {
        if (!before(key, order[i], pivot)) continue;
        int32_t t = order[i];
        order[i] = order[m];
        order[m++] = t;
    }
    order[hi - 1] = order[m];
    order[m] = pivot;
    return m;
}

/* The candidate at which the weights, added in falling order of the keys, reach the target; -1 when they do not. Only the side
 * with that candidate is looked at again [Hoare61]: O(n), where sorting takes O(n log n). */
static int32_t reaching(hw3_sampler *s, double target)
{
    uint32_t random = 1;
    int64_t lo = 0, hi = s->n_left;
    double sum = 0; /* of those before lo */
    for (int64_t i = 0; i < hi; i++) s->order[i] = (int32_t)i;
    while (lo < hi) {
        random = random * 1664525u + 1013904223u; /* no order of the keys is slow every time */
        const int64_t m = split(s->key, s->order, lo, hi, lo + (int64_t)((uint64_t)random * (uint64_t)(hi - lo) >> 32));
        double upper = 0;
        for (int64_t i = lo; i < m; i++) upper += s->weight[s->order[i]];
        const double with = sum + upper + s->weight[s->order[m]];
        if (sum + upper >= target) hi = m;
        else if (with >= target) return s->order[m];
        else sum = with, lo = m + 1;
    }
    return -1;
}

/* Leaves the fewest, in falling order of the keys, whose weights reach the target. */
static void keep(hw3_sampler *s, double target)
{
    const int32_t last = reaching(s, target);
    for (int32_t i = 0; i < s->n_left && last >= 0; i++)
        if (before(s->key, last, i)) s->x[s->left[i]] = -INFINITY;
}

hw3_status hw3i_step_top_k(hw3_sampler *s, const hw3i_sampler_step *step)
{
    for (int64_t i = 0; i < s->n_left; i++) s->key[i] = s->x[s->left[i]], s->weight[i] = 1;
    keep(s, (double)step->n);
    return HW3_OK;
}

hw3_status hw3i_step_greedy(hw3_sampler *s, const hw3i_sampler_step *step)
{
    (void)step;
    return hw3i_step_top_k(s, &(hw3i_sampler_step){ .n = 1 });
}

/* (x - max) / t: the same softmax as x / t, and nothing overflows upwards. */
hw3_status hw3i_step_temperature(hw3_sampler *s, const hw3i_sampler_step *step)
{
    if (step->a == 0) return hw3i_step_greedy(s, step);
    const double max = hw3i_sampler_max(s);
    for (int64_t i = 0; i < s->n_left; i++) s->x[s->left[i]] = (s->x[s->left[i]] - max) / step->a;
    return HW3_OK;
}

hw3_status hw3i_step_top_p(hw3_sampler *s, const hw3i_sampler_step *step)
{
    const double sum = hw3i_sampler_weigh(s);
    for (int64_t i = 0; i < s->n_left; i++) s->key[i] = s->x[s->left[i]];
    if (step->a < 1) keep(s, step->a * sum);
    return HW3_OK;
}

/* p_i >= a p_max where e^(x_i - max) >= a */
hw3_status hw3i_step_min_p(hw3_sampler *s, const hw3i_sampler_step *step)
{
    hw3i_sampler_weigh(s);
    for (int64_t i = 0; i < s->n_left; i++)
        if (s->weight[i] < step->a) s->x[s->left[i]] = -INFINITY;
    return HW3_OK;
}

/* w = e^(x - max), Z = sum w:  -log p = log Z - log w,  H = log Z - sum w log w / Z,  |-log p - H| = |sum w log w / Z - log w| */
hw3_status hw3i_step_typical(hw3_sampler *s, const hw3i_sampler_step *step)
{
    const double sum = hw3i_sampler_weigh(s), max = hw3i_sampler_max(s);
    double mean = 0;
    for (int64_t i = 0; i < s->n_left; i++)
        if (s->weight[i] > 0) mean += s->weight[i] * (s->x[s->left[i]] - max) / sum;
    for (int64_t i = 0; i < s->n_left; i++) s->key[i] = -fabs(mean - (s->x[s->left[i]] - max));
    if (step->a < 1) keep(s, step->a * sum);
    return HW3_OK;
}

/* Counts the tokens of the last window of the history; a second call with -1 takes that back. */
static void count(hw3_sampler *s, int64_t window, int32_t sign)
{
    for (int64_t i = window ? hw3i_max(0, s->n_history - window) : 0; i < s->n_history; i++) s->count[s->history[i]] += sign;
}

hw3_status hw3i_step_repetition(hw3_sampler *s, const hw3i_sampler_step *step)
{
    count(s, step->n, 1);
    for (int64_t i = 0; i < s->n_left; i++) {
        double *x = &s->x[s->left[i]];
        if (s->count[s->left[i]]) *x = *x > 0 ? *x / step->a : *x * step->a;
    }
    count(s, step->n, -1);
    return HW3_OK;
}

hw3_status hw3i_step_penalties(hw3_sampler *s, const hw3i_sampler_step *step)
{
    count(s, step->n, 1);
    for (int64_t i = 0; i < s->n_left; i++)
        if (s->count[s->left[i]]) s->x[s->left[i]] -= step->a * s->count[s->left[i]] + step->b;
    count(s, step->n, -1);
    return HW3_OK;
}

/* The last n - 1 tokens, wherever they stood before, may not go on as they did there. */
hw3_status hw3i_step_no_repeat(hw3_sampler *s, const hw3i_sampler_step *step)
{
    const int64_t n = step->n - 1;
    for (int64_t i = 0; i < s->n_history - n; i++)
        if (!memcmp(s->history + i, s->history + s->n_history - n, (size_t)n * sizeof *s->history))
            s->x[s->history[i + n]] = -INFINITY;
    return HW3_OK;
}

hw3_status hw3i_step_bias(hw3_sampler *s, const hw3i_sampler_step *step)
{
    for (int64_t i = 0; i < step->n; i++) {
        if (step->tokens[i] >= s->n_vocab)
            return hw3i_fail(s->ctx, HW3_ERR_VALUE, "sampler: bias %lld is for token %lld, but the vocabulary has %lld",
                             (long long)i, (long long)step->tokens[i], (long long)s->n_vocab);
        s->x[step->tokens[i]] += step->bias[i];
    }
    return HW3_OK;
}

hw3_status hw3i_step_callback(hw3_sampler *s, const hw3i_sampler_step *step)
{
    const int32_t stop = step->fn(step->user, s->x, s->n_vocab, s->history, s->n_history);
    return stop ? hw3i_fail(s->ctx, HW3_ERR_CANCELLED, "sampler: the callback returned %d", (int)stop) : HW3_OK;
}
