/* SPDX-License-Identifier: MIT */
#include "nn/cost.h"

/* A sum of products that knows when it has become too large. */
typedef struct count {
    int64_t n;
    bool over;
} count;

static void add_product(count *c, const int64_t *factors, int n)
{
    int64_t product = 1;
    for (int i = 0; i < n; i++) c->over |= __builtin_mul_overflow(product, factors[i], &product);
    c->over |= __builtin_add_overflow(c->n, product, &c->n);
}
#define ADD(c, ...) \
    add_product(c, (const int64_t[]){ __VA_ARGS__ }, (int)(sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)))

enum { QUERY, KV, LATENT, SCORE, MIX, OUTPUT, N_PARTS };

/* Multiply-adds of a layer and a sequence: m new tokens, `pairs` of a query and a key that it sees. */
static void count_heads(const hw3_attention_cost_opts *o, int64_t m, int64_t pairs, count *macs)
{
    ADD(&macs[QUERY], m, o->d_model, o->n_heads, o->d_head);
    ADD(&macs[KV], m, o->d_model, o->n_kv_heads, o->d_head);
    ADD(&macs[KV], m, o->d_model, o->n_kv_heads, o->d_value);
    ADD(&macs[SCORE], pairs, o->n_heads, o->d_head);
    ADD(&macs[MIX], pairs, o->n_heads, o->d_value);
}

/* The same with a latent c = W_DKV x and a shared rotated key [DeepSeekV2], section 2.1. Absorbed, q' W_UK goes to c itself and
 * W_UV follows the mean of c; else keys and values are made of all n latents. */
static void count_latent(const hw3_attention_cost_opts *o, int64_t m, int64_t pairs, count *macs)
{
    if (o->q_rank) ADD(&macs[QUERY], m, o->d_model, o->q_rank);
    for (int part = 0; part < 2; part++)
        ADD(&macs[QUERY], m, o->q_rank ? o->q_rank : o->d_model, o->n_heads, part ? o->d_rope : o->d_head);
    ADD(&macs[KV], m, o->d_model, o->kv_rank);
    ADD(&macs[KV], m, o->d_model, o->d_rope);
    const int64_t tokens = o->absorbed ? m : o->n_tokens;
    ADD(&macs[LATENT], tokens, o->n_heads, o->kv_rank, o->d_head);
    ADD(&macs[LATENT], tokens, o->n_heads, o->kv_rank, o->d_value);
    ADD(&macs[SCORE], pairs, o->n_heads, o->absorbed ? o->kv_rank : o->d_head);
    ADD(&macs[SCORE], pairs, o->n_heads, o->d_rope);
    ADD(&macs[MIX], pairs, o->n_heads, o->absorbed ? o->kv_rank : o->d_value);
}

/* Multiply-adds of m new tokens in a layer, by parts. */
static void count_layer(const hw3_attention_cost_opts *o, int64_t m, int64_t pairs, count *macs)
{
    (o->kv_rank ? count_latent : count_heads)(o, m, pairs, macs);
    ADD(&macs[OUTPUT], m, o->n_heads, o->d_value, o->d_model);
}

/* One token, alone and absorbed, is multiplied with each weight once. */
static void count_weights(const hw3_attention_cost_opts *o, count *w)
{
    hw3_attention_cost_opts one = *o;
    count macs[N_PARTS] = { { 0, false } };
    one.absorbed = 1;
    count_layer(&one, 1, 0, macs);
    for (int i = 0; i < N_PARTS; i++) {
        w->over |= macs[i].over;
        ADD(w, o->n_layers, macs[i].n);
    }
}

/* What a token leaves in the cache. */
static void count_cached(const hw3_attention_cost_opts *o, count *c)
{
    for (int part = 0; part < 2; part++) {
        if (o->kv_rank) ADD(c, o->n_layers, o->n_sequences, o->n_tokens, part ? o->d_rope : o->kv_rank);
        else ADD(c, o->n_layers, o->n_sequences, o->n_tokens, o->n_kv_heads, part ? o->d_value : o->d_head);
    }
}

bool hw3i_attention_cost(const hw3_attention_cost_opts *o, hw3_attention_costs *c)
{
    const int64_t m = o->cache ? o->n_new : o->n_tokens;
    count macs[N_PARTS] = { { 0, false } }, bytes[3] = { { 0, false } };
    count pairs = { 0, false }, sum = pairs, weights = pairs, cached = pairs;
    ADD(&pairs, m, o->n_tokens);
    if (o->causal && !pairs.over) pairs.n -= m % 2 ? m * ((m - 1) / 2) : m / 2 * (m - 1); /* new token i sees n - m + i of them */
    count_layer(o, m, pairs.n, macs);
    int64_t *const flops[N_PARTS] = { &c->query_flops, &c->kv_flops, &c->latent_flops, &c->score_flops, &c->mix_flops,
                                      &c->output_flops };
    for (int i = 0; i < N_PARTS; i++) {
        count part = { 0, macs[i].over };
        ADD(&part, 2, o->n_layers, o->n_sequences, macs[i].n);
        *flops[i] = part.n;
        ADD(&sum, part.n);
        sum.over |= part.over;
    }
    count_weights(o, &weights);
    if (o->cache) count_cached(o, &cached);
    ADD(&bytes[0], weights.n, o->element_size);
    ADD(&bytes[1], cached.n, o->element_size);
    ADD(&bytes[2], bytes[0].n), ADD(&bytes[2], bytes[1].n);
    c->flops = sum.n;
    c->weight_elements = weights.n, c->weight_bytes = bytes[0].n;
    c->cached_elements = cached.n, c->cached_bytes = bytes[1].n;
    c->step_bytes = bytes[2].n;
    return !(pairs.over || sum.over || weights.over || cached.over || bytes[0].over || bytes[1].over || bytes[2].over);
}
