/* SPDX-License-Identifier: MIT */
/* An allocator that counts, and that fails at one allocation: for sweeps over every place where memory may end.
 *
 *     ck_assert_int_ge(test_sweep(scenario), 10);   // scenario(ctx) runs, and destroys what it made, also on failure */
#ifndef HW3_TEST_ALLOC_H
#define HW3_TEST_ALLOC_H
#include "support.h"

typedef struct test_memory {
    long n;       /* allocations so far */
    long n_live;  /* blocks not yet given back */
    long fail_at; /* -1: none fails */
    size_t bytes, most_bytes;
} test_memory;

static inline void *test_memory_alloc(void *user, size_t size, size_t align)
{
    test_memory *m = user;
    if (m->n++ == m->fail_at) return NULL;
    void *p = aligned_alloc(align, (size + align - 1) / align * align);
    m->n_live += p != NULL;
    m->bytes += p ? size : 0;
    if (m->bytes > m->most_bytes) m->most_bytes = m->bytes;
    return p;
}

static inline void test_memory_free(void *user, void *ptr, size_t size)
{
    test_memory *m = user;
    m->n_live -= ptr != NULL;
    m->bytes -= ptr ? size : 0;
    free(ptr);
}

/* A context of one thread over *m, which must outlive it. */
static inline hw3_ctx *test_ctx_on(test_memory *m)
{
    hw3_allocator mem = { test_memory_alloc, test_memory_free, m };
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = 1;
    o.allocator = &mem;
    hw3_ctx *ctx = NULL;
    *m = (test_memory){ .fail_at = -1 };
    ck_assert_int_eq(hw3_ctx_create(&o, &ctx), HW3_OK);
    return ctx;
}

/* Lets allocation 0, 1, 2, ... of a scenario fail until it succeeds. Each failure has to be HW3_ERR_NOMEM with a message
 * and to give everything back. Returns how many failed, to be compared with how many there should be at least. */
static inline long test_sweep(hw3_status (*scenario)(hw3_ctx *ctx))
{
    test_memory m;
    hw3_ctx *ctx = test_ctx_on(&m);
    long live = m.n_live, k = 0;
    for (hw3_status s = HW3_ERR_NOMEM; s; k++) {
        m.n = 0;
        m.fail_at = k;
        s = scenario(ctx);
        ck_assert_msg(!s || s == HW3_ERR_NOMEM, "allocation %ld: %d, %s", k, (int)s, hw3_ctx_error(ctx));
        ck_assert_msg(!s || strstr(hw3_ctx_error(ctx), "out of memory"), "allocation %ld: %s", k, hw3_ctx_error(ctx));
        ck_assert_msg(m.n_live == live, "allocation %ld: %ld blocks are lost", k, m.n_live - live);
        ck_assert_msg(s || m.n <= k, "allocation %ld failed unnoticed", k);
    }
    hw3_ctx_destroy(ctx);
    ck_assert_int_eq(m.n_live, 0);
    return k - 1;
}

#endif
