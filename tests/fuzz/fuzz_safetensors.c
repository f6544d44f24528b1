/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "io/safetensors.h"

/* Real numbers as floats, which may not be finite; integers of 64 bits; and no others. */
static void check_values(hw3_ctx *ctx, const hw3i_st *st, const hw3i_st_entry *e)
{
    const hw3_dtype wanted = e->type->is_real ? HW3_F32 : HW3_I64;
    void *x = hw3i_alloc(ctx, e->n_bytes, 8);
    hw3_status s = hw3i_st_read(st, e->name, wanted, e->n_dims, e->shape, x);
    MUST(x && s == (e->type->dtype || e->type->is_real ? HW3_OK : HW3_ERR_UNSUPPORTED));
    if (e->type->is_real) s = hw3i_st_check_finite(st, e->name, HW3_F32);
    MUST(!e->type->is_real || s == HW3_OK || s == HW3_ERR_FORMAT);
    hw3i_free(ctx, x);
}

static void check(hw3_ctx *ctx, char *bytes, int64_t n_bytes)
{
    hw3i_st st;
    ctx->error[0] = 0;
    hw3_status s = hw3i_st_parse(&st, ctx, "f", bytes, n_bytes);
    MUST(s == HW3_OK || s == HW3_ERR_FORMAT || s == HW3_ERR_UNSUPPORTED);
    MUST(!s == !ctx->error[0] && !strpbrk(ctx->error, "\n\t\r"));
    int64_t total = 0;
    volatile char sum = 0;
    for (int64_t i = 0; i < st.n; i++) {
        const hw3i_st_entry *e = &st.entries[i];
        MUST(hw3i_st_find(&st, e->name) == e);
        check_values(ctx, &st, e);
        MUST(!e->n_bytes || (uintptr_t)e->data % (uintptr_t)e->type->size == 0);
        for (int64_t k = 0; k < e->n_bytes; k++) sum += ((const char *)e->data)[k];
        total += e->n_bytes;
    }
    MUST(total <= n_bytes);
    for (int64_t i = 0; i < st.n_texts; i++) MUST(hw3i_st_get(&st, st.texts[i].key) == st.texts[i].value);
    hw3i_st_free(&st);
}

/* The bytes as they are; and with the length of the first line before them, which a search would hardly ever guess. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    char *raw = hw3i_alloc(ctx, n_bytes, 1), *framed = hw3i_alloc(ctx, n_bytes + 8, 1);
    MUST(raw && framed);
    const int64_t n_header = fuzz_n_header(bytes, n_bytes);
    memcpy(framed, &n_header, 8);
    if (n_bytes) {
        memcpy(raw, bytes, (size_t)n_bytes);
        memcpy(framed + 8, bytes, (size_t)n_bytes);
    }
    check(ctx, raw, n_bytes);
    check(ctx, framed, n_bytes + 8);
}
