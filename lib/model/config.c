/* SPDX-License-Identifier: MIT */
#include "model/model.h"
#include <math.h>

#define REQUIRE(condition, ...) \
    if (!(condition)) return hw3i_fail(ctx, HW3_ERR_ARG, __VA_ARGS__)

static hw3_status check_sizes(hw3_ctx *ctx, const hw3i_family *f, const hw3_model_config *c)
{
    const bool images = f->patches != NULL;
    const struct { const char *name; int64_t value, least, most; } sizes[] = {
        { "n_vocab", c->n_vocab, !images, images ? 0 : INT32_MAX }, { "n_ctx", c->n_ctx, !images, INT32_MAX },
        { "d_model", c->d_model, 1, 1 << 20 },
        { "n_layers", c->n_layers, 1, f->cell ? 64 : 4096 }, { "n_heads", c->n_heads, 1, 1 << 16 },
        { "d_ff", c->d_ff, 0, 1 << 24 },         { "n_types", c->n_types, 0, 1 << 16 },
        { "n_kv_heads", c->n_kv_heads, 0, c->n_heads }, { "d_head", c->d_head, 0, 1 << 16 },
        { "rope_context", c->rope_context, 0, INT32_MAX }, { "kv_rank", c->kv_rank, 0, 1 << 20 },
        { "q_rank", c->q_rank, 0, 1 << 20 },
        { "d_rope", c->d_rope, 0, 1 << 16 },     { "d_value", c->d_value, 0, 1 << 16 },
        { "n_classes", c->n_classes, 0, 1 << 20 }, { "n_channels", c->n_channels, 0, 1 << 15 },
        { "image_size", c->image_size, 0, 1 << 15 }, { "patch_size", c->patch_size, 0, 1 << 15 },
        { "d_embed", c->d_embed, 0, 1 << 20 },
        { "bos_id", c->bos_id, -1, INT32_MAX },  { "eos_id", c->eos_id, -1, INT32_MAX }, { "pad_id", c->pad_id, -1, INT32_MAX } };
    for (int64_t i = 0; i < HW3I_LEN(sizes); i++)
        REQUIRE(sizes[i].value >= sizes[i].least && sizes[i].value <= sizes[i].most, "model: %s is %lld, must be %lld to %lld",
                sizes[i].name, (long long)sizes[i].value, (long long)sizes[i].least, (long long)sizes[i].most);
    return HW3_OK;
}

static hw3_status check_numbers(hw3_ctx *ctx, const hw3_model_config *c)
{
    const struct { const char *name; double value, end; } numbers[] = {
        { "dropout", c->dropout, 1 }, { "embed_dropout", c->embed_dropout, 1 }, { "attention_dropout", c->attention_dropout, 1 },
        { "eps", c->eps, 1 }, { "init_std", c->init_std, 100 } };
    for (int64_t i = 0; i < HW3I_LEN(numbers); i++)
        REQUIRE(numbers[i].value >= 0 && numbers[i].value < numbers[i].end,
                "model: %s is %g, must be at least 0 and less than %g", numbers[i].name, numbers[i].value, numbers[i].end);
    REQUIRE(c->eps == 0 || c->eps >= 1e-30, "model: eps is %g, must be 0 or at least 1e-30", c->eps); /* a float, not 0 */
    REQUIRE(c->dtype == HW3_F32 || c->dtype == HW3_F64, "model: dtype is %d, must be HW3_F32 or HW3_F64", (int)c->dtype);
    REQUIRE(c->reserved == 0, "model: reserved is %d, must be 0", (int)c->reserved);
    REQUIRE(c->head_dropout == -1 || (c->head_dropout >= 0 && c->head_dropout < 1),
            "model: head_dropout is %g, must be -1, or at least 0 and less than 1", c->head_dropout);
    REQUIRE(c->activation >= 0 && c->activation <= HW3_ACTIVATION_SILU, "model: activation is %d, not one of HW3_ACTIVATION_",
            (int)c->activation);
    return HW3_OK;
}

/* Numbers that 0 leaves to the family, and that must be so where it has no choice. */
static hw3_status resolve_sizes(hw3_ctx *ctx, const hw3i_family *f, hw3_model_config *c)
{
    const struct { const char *name; size_t offset; int64_t usual; } sizes[] = {
        { "d_ff", offsetof(hw3_model_config, d_ff), 4 * c->d_model },
        { "n_types", offsetof(hw3_model_config, n_types), f->n_types },
        { "n_kv_heads", offsetof(hw3_model_config, n_kv_heads), c->n_heads },
        { "d_head", offsetof(hw3_model_config, d_head), c->d_model / c->n_heads },
        { "d_value", offsetof(hw3_model_config, d_value), c->d_head ? c->d_head : c->d_model / c->n_heads },
        { "kv_rank", offsetof(hw3_model_config, kv_rank), 0 },
        { "q_rank", offsetof(hw3_model_config, q_rank), 0 },
        { "d_rope", offsetof(hw3_model_config, d_rope), 0 },
        { "image_size", offsetof(hw3_model_config, image_size), 0 },
        { "patch_size", offsetof(hw3_model_config, patch_size), 0 },
        { "n_channels", offsetof(hw3_model_config, n_channels), f->patches ? 3 : 0 },
        { "d_embed", offsetof(hw3_model_config, d_embed), c->d_model } };
    const bool divides = c->d_model % c->n_heads == 0 || (c->d_head && hw3i_family_has(f, offsetof(hw3_model_config, d_head)));
    REQUIRE(divides, "model: d_model is %lld, no multiple of %lld heads", (long long)c->d_model, (long long)c->n_heads);
    for (int64_t i = 0; i < HW3I_LEN(sizes); i++) {
        int64_t *field = (int64_t *)((char *)c + sizes[i].offset);
        if (!*field) *field = sizes[i].usual;
        REQUIRE(*field == sizes[i].usual || hw3i_family_has(f, sizes[i].offset), "model: %s is %lld, but %s has %lld",
                sizes[i].name, (long long)*field, f->model_type, (long long)sizes[i].usual);
    }
    REQUIRE(c->n_heads % c->n_kv_heads == 0, "model: n_heads is %lld, no multiple of n_kv_heads %lld", (long long)c->n_heads,
            (long long)c->n_kv_heads);
    if (!f->kv_down) return HW3_OK;
    REQUIRE(c->kv_rank > 0 && c->d_rope > 0, "model: kv_rank is %lld and d_rope %lld, must be at least 1", (long long)c->kv_rank,
            (long long)c->d_rope);
    REQUIRE(c->n_kv_heads == c->n_heads, "model: n_kv_heads is %lld, but each of %lld heads has keys of its own",
            (long long)c->n_kv_heads, (long long)c->n_heads);
    return HW3_OK;
}

/* A sequence is one token and the patches of an image. */
static hw3_status resolve_patches(hw3_ctx *ctx, const hw3i_family *f, hw3_model_config *c)
{
    if (!f->patches) return HW3_OK;
    REQUIRE(c->patch_size > 0 && c->image_size > 0 && c->image_size % c->patch_size == 0,
            "model: image_size is %lld, no multiple of patch_size %lld", (long long)c->image_size, (long long)c->patch_size);
    const int64_t side = c->image_size / c->patch_size, n = side * side + 1;
    if (!c->n_ctx) c->n_ctx = n;
    REQUIRE(c->n_ctx == n, "model: n_ctx is %lld, but an image has %lld patches and one token", (long long)c->n_ctx,
            (long long)n - 1);
    return HW3_OK;
}

/* The same of switches, which -1 leaves to the family. */
static hw3_status resolve_switches(hw3_ctx *ctx, const hw3i_family *f, hw3_model_config *c)
{
    const struct { const char *name; size_t offset; int32_t usual; } switches[] = {
        { "tied", offsetof(hw3_model_config, tied), f->tied },
        { "attention_bias", offsetof(hw3_model_config, attention_bias), f->biases },
        { "mlp_bias", offsetof(hw3_model_config, mlp_bias), f->biases } };
    for (int64_t i = 0; i < HW3I_LEN(switches); i++) {
        int32_t *field = (int32_t *)((char *)c + switches[i].offset);
        REQUIRE(*field >= -1 && *field <= 1, "model: %s is %d, must be -1, 0 or 1", switches[i].name, (int)*field);
        if (*field < 0) *field = switches[i].usual;
        REQUIRE(*field == switches[i].usual || hw3i_family_has(f, switches[i].offset), "model: %s is %d, but %s has %d",
                switches[i].name, (int)*field, f->model_type, (int)switches[i].usual);
    }
    return HW3_OK;
}

hw3_status hw3i_model_resolve_head(hw3_ctx *ctx, hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    for (hw3_head i = 1; !c->head; i++)
        if (f->heads[i].architecture) c->head = i;
    REQUIRE(c->head > 0 && c->head < HW3I_N_HEADS && f->heads[c->head].architecture, "model: head is %d, which %s has not",
            (int)c->head, f->model_type);
    const hw3i_head_row *h = hw3i_head_of(c);
    const bool chosen = h->classes && !h->n_classes;
    if (!c->n_classes) c->n_classes = h->n_classes;
    REQUIRE(chosen || c->n_classes == h->n_classes, "model: n_classes is %lld, but %s has %lld", (long long)c->n_classes,
            h->architecture, (long long)h->n_classes);
    return HW3_OK;
}

static hw3_status resolve_classes(hw3_ctx *ctx, const hw3i_family *f, hw3_model_config *c)
{
    const hw3i_head_row *h = hw3i_head_of(c);
    if (h->classes && !c->n_classes) c->n_classes = 2; /* as in transformers */
    if (c->head_dropout < 0) c->head_dropout = c->dropout;
    REQUIRE(c->head_dropout == c->dropout || hw3i_family_has(f, offsetof(hw3_model_config, head_dropout)),
            "model: head_dropout is %g, but %s has none", c->head_dropout, f->model_type);
    REQUIRE(!h->tokens || !f->transform || c->tied, "model: tied is 0, but the head of %s is tied", f->model_type);
    return HW3_OK;
}

hw3_rope_opts hw3i_model_rope(const hw3_model_config *c)
{
    const bool interleaved = hw3i_family_of(c->family)->interleaved;
    return (hw3_rope_opts){ .struct_size = sizeof(hw3_rope_opts), .interleaved = interleaved, .base = c->rope_base,
                            .scaling = c->rope_scaling, .factor = c->rope_factor, .original_context = c->rope_context,
                            .beta_fast = c->rope_beta_fast, .beta_slow = c->rope_beta_slow,
                            .attention_factor = c->rope_attention_factor };
}

/* NTK's other base is all that there is to it, and all that config.json can say [Peng23]. */
static hw3_status resolve_rope(hw3_ctx *ctx, const hw3i_family *f, hw3_model_config *c)
{
    REQUIRE(f->rope || (c->rope_base == 0 && !c->rope_scaling),
            "model: rope_base is %g and rope_scaling %d, but %s has no rotary positions",
            c->rope_base, (int)c->rope_scaling, f->model_type);
    if (!f->rope) return HW3_OK;
    REQUIRE(hw3i_model_d_rope(c) % 2 == 0, "model: %s is %lld, must be even to be rotated in pairs",
            f->kv_down ? "d_rope" : "d_head", (long long)hw3i_model_d_rope(c));
    if (c->rope_base == 0) c->rope_base = 10000;
    if (c->rope_scaling >= HW3_ROPE_YARN && !c->rope_context) c->rope_context = c->n_ctx;
    REQUIRE(c->rope_scaling || c->rope_factor == 1, "model: rope_factor is %g, but there is no rope_scaling", c->rope_factor);
    REQUIRE(c->rope_scaling == HW3_ROPE_YARN || c->rope_attention_factor == 0,
            "model: rope_attention_factor is %g, but rope_scaling is not YaRN", c->rope_attention_factor);
    const hw3_rope_opts o = hw3i_model_rope(c);
    hw3_status s = hw3i_rope_check(ctx, hw3i_model_d_rope(c), &o);
    if (s || c->rope_scaling != HW3_ROPE_NTK) return s;
    const double d = (double)hw3i_model_d_rope(c);
    c->rope_scaling = HW3_ROPE_PLAIN;
    if (d > 2) c->rope_base *= pow(c->rope_factor, d / (d - 2));
    c->rope_factor = 1;
    return resolve_rope(ctx, f, c);
}

hw3_status hw3i_model_resolve(hw3_ctx *ctx, hw3_model_config *c)
{
    const hw3i_family *f = hw3i_family_of(c->family);
    REQUIRE(f, "model: family is %d, not one of HW3_FAMILY_", (int)c->family);
    if (f->cell && !c->n_heads) c->n_heads = 1;
    hw3_status s = check_sizes(ctx, f, c);
    if (!s) s = check_numbers(ctx, c);
    if (!s) s = resolve_sizes(ctx, f, c);
    if (!s) s = resolve_patches(ctx, f, c);
    if (!s) s = resolve_switches(ctx, f, c);
    if (!s) s = resolve_rope(ctx, f, c);
    if (!s) s = hw3i_model_resolve_head(ctx, c);
    if (!s) s = resolve_classes(ctx, f, c);
    if (s) return s;
    if (!c->activation) c->activation = f->activation;
    REQUIRE(!f->cell || (c->n_heads == 1 && !c->activation && c->attention_dropout == 0),
            "model: n_heads is %lld, activation %d, attention_dropout %g, but %s has no attention", (long long)c->n_heads,
            (int)c->activation, c->attention_dropout, f->model_type);
    REQUIRE(!c->tied || c->d_embed == c->d_model, "model: tied is 1, but d_embed is %lld and d_model %lld", (long long)c->d_embed,
            (long long)c->d_model);
    if (f->counts_from_pad && c->pad_id < 0) c->pad_id = 1;
    REQUIRE(!f->counts_from_pad || c->n_ctx > c->pad_id + 1, "model: n_ctx is %lld, must be more than pad_id + 1 = %lld",
            (long long)c->n_ctx, (long long)c->pad_id + 1);
    const bool drops = hw3i_family_has(f, offsetof(hw3_model_config, dropout));
    if (drops && !hw3i_family_has(f, offsetof(hw3_model_config, embed_dropout))) c->embed_dropout = c->dropout;
    REQUIRE(drops || (c->dropout == 0 && c->embed_dropout == 0),
            "model: dropout is %g and embed_dropout %g, but %s has attention_dropout alone",
            c->dropout, c->embed_dropout, f->model_type);
    if (c->eps == 0) c->eps = f->eps;
    return HW3_OK;
}
