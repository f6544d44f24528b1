/* SPDX-License-Identifier: MIT */
#include "nn/cost.h"
#include "api/check.h"

#define OLDEST_OPTS ((uint32_t)sizeof(hw3_attention_cost_opts))
#define OLDEST_COSTS ((uint32_t)sizeof(hw3_attention_costs))

static const hw3_attention_cost_opts defaults = HW3_ATTENTION_COST_OPTS_INIT;

hw3_status hw3_attention_cost_opts_init(hw3_attention_cost_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_OPTS);
}

static hw3_status check_numbers(hw3_ctx *ctx, const hw3_attention_cost_opts *o)
{
    const struct {
        const char *name;
        int64_t is, least, most;
    } numbers[] = {
        { "cache", o->cache, 0, 1 }, { "causal", o->causal, 0, 1 }, { "absorbed", o->absorbed, 0, 1 },
        { "n_tokens", o->n_tokens, 1, INT64_MAX }, { "n_new", o->n_new, 1, o->n_tokens },
        { "n_sequences", o->n_sequences, 1, INT64_MAX }, { "n_layers", o->n_layers, 1, INT64_MAX },
        { "d_model", o->d_model, 1, INT64_MAX }, { "n_heads", o->n_heads, 1, INT64_MAX },
        { "n_kv_heads", o->n_kv_heads, 0, o->n_heads }, { "d_head", o->d_head, 0, INT64_MAX },
        { "d_value", o->d_value, 0, INT64_MAX }, { "kv_rank", o->kv_rank, 0, INT64_MAX },
        { "q_rank", o->q_rank, 0, INT64_MAX }, { "d_rope", o->d_rope, 0, INT64_MAX },
        { "element_size", o->element_size, 1, 16 },
    };
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < HW3I_LEN(numbers) && !s; i++)
        s = hw3i_check_range(ctx, "attention_cost", numbers[i].name, numbers[i].is, numbers[i].least, numbers[i].most);
    return s;
}

/* What the numbers say together. */
static hw3_status check_fit(hw3_ctx *ctx, const hw3_attention_cost_opts *o)
{
    if (o->n_kv_heads && o->n_heads % o->n_kv_heads)
        return hw3i_fail(ctx, HW3_ERR_ARG, "attention_cost: n_heads is %lld, no multiple of n_kv_heads %lld",
                         (long long)o->n_heads, (long long)o->n_kv_heads);
    if (!o->d_head && o->d_model % o->n_heads)
        return hw3i_fail(ctx, HW3_ERR_ARG, "attention_cost: d_head is 0, but n_heads %lld does not divide d_model %lld",
                         (long long)o->n_heads, (long long)o->d_model);
    if (!o->kv_rank && (o->q_rank || o->d_rope))
        return hw3i_fail(ctx, HW3_ERR_ARG, "attention_cost: q_rank is %lld and d_rope %lld, but kv_rank is 0",
                         (long long)o->q_rank, (long long)o->d_rope);
    if (o->kv_rank && o->n_kv_heads && o->n_kv_heads != o->n_heads)
        return hw3i_fail(ctx, HW3_ERR_ARG, "attention_cost: n_kv_heads is %lld, but with kv_rank every head has keys of its own",
                         (long long)o->n_kv_heads);
    return HW3_OK;
}

hw3_status hw3_attention_cost(hw3_ctx *ctx, const hw3_attention_cost_opts *opts, hw3_attention_costs *out)
{
    if (!ctx) return HW3_ERR_ARG;
    if (!opts || !out) return hw3i_is_null(ctx, "attention_cost", opts ? "out" : "opts");
    hw3_attention_cost_opts o = defaults;
    hw3_attention_costs c = HW3_ATTENTION_COSTS_INIT;
    hw3_status s = hw3i_import(ctx, &o, sizeof o, opts, OLDEST_OPTS, "hw3_attention_cost_opts");
    if (!s) s = hw3i_import(ctx, &c, sizeof c, out, OLDEST_COSTS, "hw3_attention_costs");
    if (!s) s = check_numbers(ctx, &o);
    if (!s) s = check_fit(ctx, &o);
    if (s) return s;
    if (!o.n_kv_heads) o.n_kv_heads = o.n_heads;
    if (!o.d_head) o.d_head = o.d_model / o.n_heads;
    if (!o.d_value) o.d_value = o.d_head;
    if (!hw3i_attention_cost(&o, &c)) return hw3i_fail(ctx, HW3_ERR_VALUE, "attention_cost: a count does not fit into 63 bits");
    hw3i_export(out, &c, sizeof c);
    return HW3_OK;
}
