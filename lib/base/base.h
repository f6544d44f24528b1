/* SPDX-License-Identifier: MIT */
/* The context from inside: memory, messages, options. */
#ifndef HW3I_BASE_H
#define HW3I_BASE_H
#include "hw3/base.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

struct hw3i_pool;
struct hw3i_kern;

struct hw3_ctx {
    hw3_allocator mem;
    hw3_log_fn log;
    void *log_user;
    uint64_t seed;
    struct hw3i_pool *pool;
    const struct hw3i_kern *kern; /* kernels for this processor, chosen once */
    atomic_int n_refs;            /* the caller's and one for each object */
    int64_t n_failures;           /* messages so far: tells whether a call has left one */
    char error[512];
};

#define HW3I_ALIGN 64
#define HW3I_LEN(array) ((int64_t)(sizeof(array) / sizeof((array)[0])))
static inline int64_t hw3i_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t hw3i_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t hw3i_ceil(int64_t a, int64_t b) { return (a + b - 1) / b; } /* a / b, rounded up */

/* Reference counting: an object retains its context when it is made and releases it when it goes. */
hw3_status hw3i_ctx_create(const hw3_ctx_opts *opts, const struct hw3i_kern *kern, hw3_ctx **out);
void hw3i_ctx_retain(hw3_ctx *ctx);
void hw3i_ctx_release(hw3_ctx *ctx);

/* Writes the message and returns status. An empty fmt keeps the older message. Names and paths may hold any bytes:
 * control characters become spaces, what is not UTF-8 becomes '?'. */
hw3_status hw3i_fail(hw3_ctx *ctx, hw3_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void hw3i_vmessage(hw3_ctx *ctx, const char *fmt, va_list args);
void hw3i_log(hw3_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* n elements of size bytes, aligned to 64; NULL with a message when there is no memory or n * size overflows.
 * n = 0 gives a pointer that may be freed. Only ever called on the caller's thread. */
void *hw3i_alloc(hw3_ctx *ctx, int64_t n, int64_t size);
void *hw3i_calloc(hw3_ctx *ctx, int64_t n, int64_t size);
void hw3i_free(hw3_ctx *ctx, void *p);
char *hw3i_strdup(hw3_ctx *ctx, const char *s); /* NULL stays NULL without a failure */
/* Makes room in *items (cap elements of size bytes) for at least need, keeping what is there. */
hw3_status hw3i_grow(hw3_ctx *ctx, void *items, int64_t *cap, int64_t need, int64_t size);

/* Copies a caller's options over the defaults in dst (size known): an older caller's struct is shorter,
 * at least oldest; a newer one's is longer and must have zeros where we know nothing. */
hw3_status hw3i_import(hw3_ctx *ctx, void *dst, uint32_t known, const void *src, uint32_t oldest, const char *name);
/* What every hw3_*_opts_init does: defaults (known bytes) into a caller's struct of size bytes. */
hw3_status hw3i_opts_init(void *opts, uint32_t size, const void *defaults, uint32_t known, uint32_t oldest);

#endif
