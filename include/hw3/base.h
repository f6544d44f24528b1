/* SPDX-License-Identifier: MIT */
/** @file base.h
 * What every other header stands on: statuses, the context, and the border rules.
 *
 *     hw3_ctx *ctx = NULL;
 *     if (hw3_ctx_create(NULL, &ctx)) return 1;
 *     ...
 *     fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
 *     hw3_ctx_destroy(ctx);
 *
 * Rules that hold in every header (docs/conventions.md):
 *   - A function returns a hw3_status: 0 is success, a negative number a failure.
 *     On failure every output handle is NULL and no output array has been written in part,
 *     unless the function says otherwise.
 *   - The receiver comes first, outputs come last. Sizes and counts are int64_t.
 *   - An options struct starts with its own size: begin with its _INIT macro.
 *     Passing NULL for options means the defaults.
 *   - destroy(NULL) does nothing. Objects may be destroyed in any order: an object
 *     keeps alive what it stands on.
 *
 * Threads: one context, and all that was made from it, belongs to one thread at a time.
 * Several contexts may be used at once, one in each thread (docs/threading.md).
 */
#ifndef HW3_BASE_H
#define HW3_BASE_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HW3_BEGIN extern "C" {
#define HW3_END }
#else
#define HW3_BEGIN
#define HW3_END
#endif
#if defined(__GNUC__)
#define HW3_API __attribute__((visibility("default")))
#define HW3_MUST_CHECK __attribute__((warn_unused_result))
#else
#define HW3_API
#define HW3_MUST_CHECK
#endif

HW3_BEGIN

/** Binary interface of these headers; equals hw3_abi_version() of a library that fits them. */
#define HW3_ABI_VERSION 0

/** Every status: name, value, text. Values are pinned for ever. */
#define HW3_STATUS_LIST(X)                                                  \
    X(HW3_OK,                 0, "success")                                 \
    X(HW3_ERR_ARG,           -1, "invalid argument")                        \
    X(HW3_ERR_SHAPE,         -2, "shapes do not agree")                     \
    X(HW3_ERR_DTYPE,         -3, "wrong element type")                      \
    X(HW3_ERR_NOMEM,         -4, "out of memory")                           \
    X(HW3_ERR_ABI,           -5, "caller and library disagree about a struct") \
    X(HW3_ERR_STATE,         -6, "call out of order")                       \
    X(HW3_ERR_CANCELLED,     -7, "stopped by the callback")                 \
    X(HW3_ERR_NAME,          -8, "unknown or repeated name")                \
    X(HW3_ERR_VALUE,         -9, "a value that cannot be used")             \
    X(HW3_ERR_TOO_SMALL,    -10, "buffer too small")                        \
    X(HW3_ERR_UNSUPPORTED,  -11, "not supported")                           \
    X(HW3_ERR_FULL,         -12, "no room is left")                         \
    X(HW3_ERR_IO,          -100, "file could not be read or written")       \
    X(HW3_ERR_FORMAT,      -101, "file is damaged or of another format")    \
    X(HW3_ERR_VERSION,     -102, "file of a newer version")                 \
    X(HW3_ERR_MISMATCH,    -103, "file of another model")                   \
    X(HW3_ERR_DIVERGED,    -200, "the loss is no longer finite")

/** Result of a call: HW3_OK or one of the HW3_ERR_ constants. */
typedef int32_t hw3_status;
enum {
#define HW3_X(name, value, text) name = value,
    HW3_STATUS_LIST(HW3_X)
#undef HW3_X
    HW3_STATUS_LIST_END_ = 1
};

/** Where a context gets its memory. alloc returns NULL when there is none; size and
 *  alignment (a power of two) are in bytes, and free is given the size again. Both are
 *  called on the caller's thread only. */
typedef struct hw3_allocator {
    void *(*alloc)(void *user, size_t size, size_t align);
    void (*free)(void *user, void *ptr, size_t size);
    void *user;
} hw3_allocator;

/** Receives one line of diagnostics, without a newline; the text dies with the call. */
typedef void (*hw3_log_fn)(void *user, const char *line);

/** What a context is made with. */
typedef struct hw3_ctx_opts {
    uint32_t struct_size;            /**< sizeof(hw3_ctx_opts) */
    int32_t n_threads;               /**< 0: one for each processor; results do not depend on it */
    uint64_t seed;                   /**< start of every random stream */
    const hw3_allocator *allocator;  /**< NULL: the C library's; copied */
    hw3_log_fn log;                  /**< NULL: silent */
    void *log_user;                  /**< handed to log */
} hw3_ctx_opts;
/** Defaults of hw3_ctx_opts. */
#define HW3_CTX_OPTS_INIT { (uint32_t)sizeof(hw3_ctx_opts), 0, 42u, NULL, NULL, NULL }

/** Context: memory, threads, seed, and the message of the last failure. */
typedef struct hw3_ctx hw3_ctx;

/** Tells the binary interface of the loaded library.
 *  Returns: its HW3_ABI_VERSION. Since 0.1. */
HW3_API int32_t hw3_abi_version(void);

/** Tells the version of the loaded library.
 *  Returns: text such as "0.1.0", valid for ever. Since 0.1. */
HW3_API const char *hw3_version(void);

/** Gives the text of a status.
 *  status: any number.
 *  Returns: one line, valid for ever; "unknown status" for a number that is none. Since 0.1. */
HW3_API const char *hw3_status_string(hw3_status status);

/** Fills opts with the defaults, for callers that cannot use HW3_CTX_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_ctx_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI when opts is NULL or size is none that this library knows. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_ctx_opts_init(hw3_ctx_opts *opts, uint32_t size);

/** Makes a context.
 *  opts: NULL for the defaults.  out: the context.
 *  Returns: HW3_OK; HW3_ERR_ARG (out is NULL, n_threads not in 0 to 256, an allocator without both functions); HW3_ERR_ABI;
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_ctx_create(const hw3_ctx_opts *opts, hw3_ctx **out);

/** Lets go of a context; its memory goes with the last object made from it.
 *  ctx: may be NULL.  Since 0.1. */
HW3_API void hw3_ctx_destroy(hw3_ctx *ctx);

/** Gives the message of the last failure, with the values that caused it.
 *  ctx: may be NULL.
 *  Returns: one line of UTF-8, "" when nothing has failed; valid until the next call on ctx. Since 0.1. */
HW3_API const char *hw3_ctx_error(const hw3_ctx *ctx);

/** Tells how many threads the context works with.
 *  ctx: a context.
 *  Returns: the number, at least 1; 0 when ctx is NULL. Since 0.1. */
HW3_API int32_t hw3_ctx_n_threads(const hw3_ctx *ctx);

HW3_END
#endif
