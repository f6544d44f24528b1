/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#define REQUIRE(condition, ...) \
    if (!(condition)) return hw3i_fail(ctx, HW3_ERR_ARG, __VA_ARGS__)

static hw3_status check_sizes(hw3_ctx *ctx, const hw3_model_config *c)
{
    const struct { const char *name; int64_t value, least, most; } sizes[] = {
        { "n_vocab", c->n_vocab, 1, INT32_MAX }, { "n_ctx", c->n_ctx, 1, INT32_MAX }, { "d_model", c->d_model, 1, 1 << 20 },
        { "n_layers", c->n_layers, 1, 4096 },    { "n_heads", c->n_heads, 1, 1 << 16 }, { "d_ff", c->d_ff, 0, 1 << 24 },
        { "n_types", c->n_types, 0, 1 << 16 },
        { "bos_id", c->bos_id, -1, INT32_MAX },  { "eos_id", c->eos_id, -1, INT32_MAX }, { "pad_id", c->pad_id, -1, INT32_MAX } };
    for (int64_t i = 0; i < HW3I_LEN(sizes); i++)
        REQUIRE(sizes[i].value >= sizes[i].least && sizes[i].value <= sizes[i].most, "model: %s is %lld, must be %lld to %lld",
                sizes[i].name, (long long)sizes[i].value, (long long)sizes[i].least, (long long)sizes[i].most);
    REQUIRE(c->d_model % c->n_heads == 0, "model: d_model is %lld, no multiple of %lld heads", (long long)c->d_model,
            (long long)c->n_heads);
    return HW3_OK;
}

static hw3_status check_numbers(hw3_ctx *ctx, const hw3_model_config *c)
{
    const struct { const char *name; double value, end; } numbers[] = {
        { "dropout", c->dropout, 1 }, { "embed_dropout", c->embed_dropout, 1 }, { "attention_dropout", c->attention_dropout, 1 },
        { "eps", c->eps, 1 }, { "init_std", c->init_std, 100 } };
    for (int64_t i = 0; i < HW3I_LEN(numbers); i++)
        REQUIRE(numbers[i].value >= 0 && numbers[i].value < numbers[i].end, "model: %s is %g, must be at least 0 and less than %g",
                numbers[i].name, numbers[i].value, numbers[i].end);
    REQUIRE(c->dtype == HW3_F32 || c->dtype == HW3_F64, "model: dtype is %d, must be HW3_F32 or HW3_F64", (int)c->dtype);
    REQUIRE(c->activation >= 0 && c->activation <= HW3_ACTIVATION_SILU, "model: activation is %d, not one of HW3_ACTIVATION_",
            (int)c->activation);
    REQUIRE(c->tied >= -1 && c->tied <= 1, "model: tied is %d, must be -1, 0 or 1", (int)c->tied);
    REQUIRE(c->reserved == 0, "model: reserved is %d, must be 0", (int)c->reserved);
    return HW3_OK;
}

hw3_status hw3i_model_resolve(hw3_ctx *ctx, hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    REQUIRE(f, "model: family is %d, not one of HW3_FAMILY_", (int)c->family);
    hw3_status s = check_sizes(ctx, c);
    if (!s) s = check_numbers(ctx, c);
    if (s) return s;
    if (!c->d_ff) c->d_ff = 4 * c->d_model;
    if (!c->activation) c->activation = f->activation;
    if (c->tied < 0) c->tied = f->tied;
    REQUIRE(!f->transform || c->tied, "model: tied is 0, but the head of %s is tied", f->model_type);
    REQUIRE(f->n_types || !c->n_types, "model: n_types is %lld, but %s has no segments", (long long)c->n_types, f->model_type);
    if (!c->n_types) c->n_types = f->n_types;
    if (f->counts_from_pad && c->pad_id < 0) c->pad_id = 1;
    REQUIRE(!f->counts_from_pad || c->n_ctx > c->pad_id + 1, "model: n_ctx is %lld, must be more than pad_id + 1 = %lld",
            (long long)c->n_ctx, (long long)c->pad_id + 1);
    if (f->norms_behind) c->embed_dropout = c->dropout;
    if (c->eps == 0) c->eps = f->eps;
    return HW3_OK;
}
