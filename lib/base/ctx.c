/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise */
#include "base/base.h"
#include "base/pool.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_THREADS 256

#define HUGE_PAGE ((size_t)2 << 20)

/* Weights and activations of megabytes are walked through again and again: in pages of 4 KiB that costs more misses of the
 * address cache than the processor hides. */
static void *std_alloc(void *user, size_t size, size_t align)
{
    (void)user;
    if (size >= 2 * HUGE_PAGE) align = HUGE_PAGE;
    size = (size + align - 1) / align * align;
    void *p = aligned_alloc(align, size);
#if defined(MADV_HUGEPAGE)
    if (p && align == HUGE_PAGE) (void)madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
}

static void std_free(void *user, void *ptr, size_t size)
{
    (void)user;
    (void)size;
    free(ptr);
}

static int count_threads(int32_t asked)
{
    if (asked > 0) return asked;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > MAX_THREADS ? MAX_THREADS : (int)online;
}

hw3_status hw3i_ctx_create(const hw3_ctx_opts *opts, const struct hw3i_kern *kern, hw3_ctx **out)
{
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    if (opts) {
        hw3_status s = hw3i_import(NULL, &o, sizeof o, opts, offsetof(hw3_ctx_opts, allocator), "hw3_ctx_opts");
        if (s) return s;
    }
    if (o.n_threads < 0 || o.n_threads > MAX_THREADS) return HW3_ERR_ARG;
    hw3_allocator mem = o.allocator ? *o.allocator : (hw3_allocator){ std_alloc, std_free, NULL };
    if (!mem.alloc || !mem.free) return HW3_ERR_ARG;
    hw3_ctx *ctx = mem.alloc(mem.user, sizeof *ctx, HW3I_ALIGN);
    if (!ctx) return HW3_ERR_NOMEM;
    memset(ctx, 0, sizeof *ctx);
    ctx->mem = mem;
    ctx->log = o.log;
    ctx->log_user = o.log_user;
    ctx->seed = o.seed;
    ctx->kern = kern;
    atomic_init(&ctx->n_refs, 1);
    ctx->pool = hw3i_pool_create(ctx, count_threads(o.n_threads));
    if (!ctx->pool) {
        mem.free(mem.user, ctx, sizeof *ctx);
        return HW3_ERR_NOMEM;
    }
    *out = ctx;
    return HW3_OK;
}

void hw3i_ctx_retain(hw3_ctx *ctx) { atomic_fetch_add(&ctx->n_refs, 1); }

void hw3i_ctx_release(hw3_ctx *ctx)
{
    if (!ctx || atomic_fetch_sub(&ctx->n_refs, 1) > 1) return;
    hw3i_pool_destroy(ctx, ctx->pool);
    ctx->mem.free(ctx->mem.user, ctx, sizeof *ctx);
}

/* Keeps a message one line of UTF-8; one that was cut may end inside a character. */
static void clean(char *p)
{
    for (int64_t len, left = (int64_t)strlen(p); left > 0; p += len, left -= len) {
        len = hw3i_utf8_length(p, left);
        if (len == 0) *p = '?', len = 1;
        else if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = ' ';
    }
}

void hw3i_vmessage(hw3_ctx *ctx, const char *fmt, va_list args)
{
    vsnprintf(ctx->error, sizeof ctx->error, fmt, args);
    clean(ctx->error);
    ctx->n_failures++;
}

hw3_status hw3i_fail(hw3_ctx *ctx, hw3_status status, const char *fmt, ...)
{
    if (!ctx || !fmt[0]) return status;
    va_list args;
    va_start(args, fmt);
    hw3i_vmessage(ctx, fmt, args);
    va_end(args);
    return status;
}

void hw3i_log(hw3_ctx *ctx, const char *fmt, ...)
{
    if (!ctx->log) return;
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    clean(line);
    ctx->log(ctx->log_user, line);
}

/* The allocator wants the size back, so it stands in a header of one cache line before each block. */
void *hw3i_alloc(hw3_ctx *ctx, int64_t n, int64_t size)
{
    if (n < 0 || size <= 0 || n > (INT64_MAX / 2 - HW3I_ALIGN) / size) {
        hw3i_fail(ctx, HW3_ERR_NOMEM, "out of memory: %lld elements of %lld bytes", (long long)n, (long long)size);
        return NULL;
    }
    size_t bytes = (size_t)(n * size) + HW3I_ALIGN;
    char *p = ctx->mem.alloc(ctx->mem.user, bytes, HW3I_ALIGN);
    if (!p) {
        hw3i_fail(ctx, HW3_ERR_NOMEM, "out of memory: %lld bytes", (long long)(n * size));
        return NULL;
    }
    memcpy(p, &bytes, sizeof bytes);
    return p + HW3I_ALIGN;
}

void *hw3i_calloc(hw3_ctx *ctx, int64_t n, int64_t size)
{
    void *p = hw3i_alloc(ctx, n, size);
    if (p) memset(p, 0, (size_t)(n * size));
    return p;
}

void hw3i_free(hw3_ctx *ctx, void *p)
{
    if (!p) return;
    char *block = (char *)p - HW3I_ALIGN;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    ctx->mem.free(ctx->mem.user, block, bytes);
}

char *hw3i_strdup(hw3_ctx *ctx, const char *s)
{
    if (!s) return NULL;
    int64_t n = (int64_t)strlen(s) + 1;
    char *copy = hw3i_alloc(ctx, n, 1);
    if (copy) memcpy(copy, s, (size_t)n);
    return copy;
}

hw3_status hw3i_grow(hw3_ctx *ctx, void *items, int64_t *cap, int64_t need, int64_t size)
{
    if (need <= *cap) return HW3_OK;
    void *old;
    memcpy(&old, items, sizeof old);
    int64_t n = hw3i_max(hw3i_max(need, 8), *cap * 2);
    void *p = hw3i_alloc(ctx, n, size);
    if (!p) return HW3_ERR_NOMEM;
    if (old) memcpy(p, old, (size_t)(*cap * size));
    hw3i_free(ctx, old);
    memcpy(items, &p, sizeof p);
    *cap = n;
    return HW3_OK;
}

hw3_status hw3i_import(hw3_ctx *ctx, void *dst, uint32_t known, const void *src, uint32_t oldest, const char *name)
{
    uint32_t given;
    memcpy(&given, src, sizeof given);
    if (given < oldest || given > 4096 || given % 4)
        return hw3i_fail(ctx, HW3_ERR_ABI, "%s: struct_size is %u, expected %u; begin with the _INIT macro", name, given, known);
    const unsigned char *p = src;
    for (uint32_t i = known; i < given; i++)
        if (p[i]) return hw3i_fail(ctx, HW3_ERR_ABI, "%s: byte %u is set, but this library knows only %u", name, i, known);
    memcpy(dst, src, given < known ? given : known);
    memcpy(dst, &known, sizeof known);
    return HW3_OK;
}

hw3_status hw3i_opts_init(void *opts, uint32_t size, const void *defaults, uint32_t known, uint32_t oldest)
{
    if (!opts || size < oldest || size > 4096 || size % 4) return HW3_ERR_ABI;
    memset(opts, 0, size);
    memcpy(opts, defaults, size < known ? size : known);
    memcpy(opts, &size, sizeof size);
    return HW3_OK;
}
