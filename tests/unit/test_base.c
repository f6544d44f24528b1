/* SPDX-License-Identifier: MIT */
/* Base layer: random numbers against published answers, the pool, the arena, options of other sizes. */
#include "base/arena.h"
#include "base/pool.h"
#include "base/random.h"
#include "support.h"

/* Known answers of Philox4x32-10 from the Random123 distribution's kat_vectors [Salmon11]. */
START_TEST(philox_known_answers)
{
    uint32_t w[4];
    hw3i_philox(0, 0, 0, w);
    ck_assert_uint_eq(w[0], 0x6627e8d5);
    ck_assert_uint_eq(w[1], 0xe169c58d);
    ck_assert_uint_eq(w[2], 0xbc57ac4c);
    ck_assert_uint_eq(w[3], 0x9b00dbd8);
    hw3i_philox(UINT64_MAX, UINT64_MAX, UINT64_MAX, w);
    ck_assert_uint_eq(w[0], 0x408f276d);
    ck_assert_uint_eq(w[1], 0x41c83b0e);
    ck_assert_uint_eq(w[2], 0xa20bc7c6);
    ck_assert_uint_eq(w[3], 0x6d5451fd);
    hw3i_philox(0x299f31d0a4093822u, 0x0370734413198a2eu, 0x85a308d3243f6a88u, w);
    ck_assert_uint_eq(w[0], 0xd16cfe09);
    ck_assert_uint_eq(w[1], 0x94fdcceb);
    ck_assert_uint_eq(w[2], 0x5001e420);
    ck_assert_uint_eq(w[3], 0x24126ea1);
}
END_TEST

START_TEST(random_moments)
{
    double mean = 0, square = 0, normal = 0, normal2 = 0;
    int64_t counts[7] = { 0 }, n = 70000;
    for (int64_t i = 0; i < n; i++) {
        double u = hw3i_uniform(7, 1, (uint64_t)i), z = hw3i_normal(7, 2, (uint64_t)i);
        ck_assert(u >= 0 && u < 1);
        mean += u / n;
        square += u * u / n;
        normal += z / n;
        normal2 += z * z / n;
        counts[hw3i_below(7, 3, (uint64_t)i, 7)]++;
    }
    /* four standard errors of each moment at n = 70,000 */
    ck_assert(fabs(mean - 0.5) < 4 * 0.289 / sqrt(n) && fabs(square - 1.0 / 3) < 4 * 0.298 / sqrt(n));
    ck_assert(fabs(normal) < 4 / sqrt(n) && fabs(normal2 - 1) < 4 * 1.414 / sqrt(n));
    for (int i = 0; i < 7; i++) ck_assert(llabs(counts[i] - 10000) < 4 * 93);
}
END_TEST

START_TEST(permutation_is_one)
{
    int64_t order[100], seen[100] = { 0 };
    hw3i_permutation(1, 2, 100, order);
    for (int i = 0; i < 100; i++) seen[order[i]]++;
    for (int i = 0; i < 100; i++) ck_assert_int_eq(seen[i], 1);
}
END_TEST

static void count_tile(void *arg, int64_t tile, int worker)
{
    (void)worker;
    atomic_fetch_add(&((atomic_int *)arg)[tile], 1);
}

START_TEST(pool_runs_every_tile_once)
{
    for (int threads = 1; threads <= 4; threads++) {
        hw3_ctx *ctx = test_ctx(threads);
        for (int job = 0; job < 500; job++) {
            atomic_int counts[37] = { 0 };
            hw3i_pool_run(ctx->pool, job % 38, count_tile, counts);
            for (int i = 0; i < 37; i++) ck_assert_int_eq(atomic_load(&counts[i]), i < job % 38);
        }
        hw3_ctx_destroy(ctx);
    }
}
END_TEST

START_TEST(arena_becomes_one_chunk)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_arena a;
    hw3i_arena_init(&a, ctx);
    void *first = NULL;
    for (int step = 0; step < 4; step++) {
        for (int i = 0; i < 100; i++) {
            char *p = hw3i_arena_alloc(&a, 1000 * (i + 1), 3);
            ck_assert_ptr_nonnull(p);
            ck_assert_uint_eq((uintptr_t)p % HW3I_ALIGN, 0);
            memset(p, i, 3000u * (unsigned)(i + 1));
            if (i == 0 && step == 2) first = p;
            if (i == 0 && step == 3) ck_assert_ptr_eq(p, first);
        }
        hw3i_arena_reset(&a);
    }
    ck_assert_ptr_null(hw3i_arena_alloc(&a, INT64_MAX, 8));
    hw3i_arena_free(&a);
    hw3_ctx_destroy(ctx);
}
END_TEST

static void *no_memory(void *user, size_t size, size_t align) { (void)user, (void)size, (void)align; return NULL; }
static void no_free(void *user, void *ptr, size_t size) { (void)user, (void)ptr, (void)size; }

START_TEST(options_of_other_sizes)
{
    hw3_ctx *ctx = NULL;
    hw3_ctx_opts a = HW3_CTX_OPTS_INIT, b;
    OK(hw3_ctx_opts_init(&b, sizeof b));
    ck_assert_mem_eq(&a, &b, sizeof a);
    struct { hw3_ctx_opts v0; uint64_t newer; } n = { HW3_CTX_OPTS_INIT, 0 };
    n.v0.struct_size = sizeof n;
    OK(hw3_ctx_create(&n.v0, &ctx)); /* a newer caller that leaves its field alone */
    hw3_ctx_destroy(ctx);
    n.newer = 7;
    FAILS(hw3_ctx_create(&n.v0, &ctx), HW3_ERR_ABI); /* one that uses it */
    ck_assert_ptr_null(ctx);
    a.struct_size = offsetof(hw3_ctx_opts, allocator);
    OK(hw3_ctx_create(&a, &ctx)); /* an older caller */
    hw3_ctx_destroy(ctx);
    a.struct_size = 0;
    FAILS(hw3_ctx_create(&a, &ctx), HW3_ERR_ABI); /* a forgotten _INIT */
    a.struct_size = 0xdeadbee8u;
    FAILS(hw3_ctx_create(&a, &ctx), HW3_ERR_ABI); /* garbage */
    hw3_allocator none = { no_memory, no_free, NULL };
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.allocator = &none;
    FAILS(hw3_ctx_create(&o, &ctx), HW3_ERR_NOMEM);
    o = (hw3_ctx_opts)HW3_CTX_OPTS_INIT;
    o.n_threads = 257;
    FAILS(hw3_ctx_create(&o, &ctx), HW3_ERR_ARG);
    FAILS(hw3_ctx_create(NULL, NULL), HW3_ERR_ARG);
}
END_TEST

TEST_MAIN("base", philox_known_answers, random_moments, permutation_is_one, pool_runs_every_tile_once,
          arena_becomes_one_chunk, options_of_other_sizes)
