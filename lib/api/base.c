/* SPDX-License-Identifier: MIT */
#include "base/base.h"
#include "base/pool.h"
#include "math/kern.h"

#define OLDEST_CTX_OPTS ((uint32_t)offsetof(hw3_ctx_opts, allocator))

int32_t hw3_abi_version(void) { return HW3_ABI_VERSION; }

const char *hw3_version(void) { return HW3_VERSION; }

const char *hw3_status_string(hw3_status status)
{
    switch (status) {
#define HW3_X(name, value, text) \
    case name: return text;
        HW3_STATUS_LIST(HW3_X)
#undef HW3_X
    default: return "unknown status";
    }
}

hw3_status hw3_ctx_opts_init(hw3_ctx_opts *opts, uint32_t size)
{
    static const hw3_ctx_opts defaults = HW3_CTX_OPTS_INIT;
    return hw3i_opts_init(opts, size, &defaults, sizeof defaults, OLDEST_CTX_OPTS);
}

hw3_status hw3_ctx_create(const hw3_ctx_opts *opts, hw3_ctx **out)
{
    if (!out) return HW3_ERR_ARG;
    *out = NULL;
    return hw3i_ctx_create(opts, hw3i_kern_select(NULL), out);
}

void hw3_ctx_destroy(hw3_ctx *ctx) { hw3i_ctx_release(ctx); }

const char *hw3_ctx_error(const hw3_ctx *ctx) { return ctx ? ctx->error : ""; }

int32_t hw3_ctx_n_threads(const hw3_ctx *ctx) { return ctx ? hw3i_pool_n_threads(ctx->pool) : 0; }
