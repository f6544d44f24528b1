/* SPDX-License-Identifier: MIT */
/* What the unit tests share: one context, comparisons with a stated tolerance, and main. */
#ifndef HW3_TEST_SUPPORT_H
#define HW3_TEST_SUPPORT_H
#include "hw3/hw3.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline hw3_ctx *test_ctx(int32_t n_threads)
{
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = n_threads;
    hw3_ctx *ctx = NULL;
    ck_assert_int_eq(hw3_ctx_create(&o, &ctx), HW3_OK);
    return ctx;
}

#define OK(call)                                                                                             \
    do {                                                                                                     \
        hw3_status s_ = (call);                                                                              \
        ck_assert_msg(s_ == HW3_OK, "%s: %d, %s", #call, (int)s_, hw3_ctx_error(ctx));                       \
    } while (0)
#define FAILS(call, status)                                                                                  \
    do {                                                                                                     \
        hw3_status s_ = (call);                                                                              \
        ck_assert_msg(s_ == (status), "%s: got %d, want %s", #call, (int)s_, #status);                       \
    } while (0)
/* The last failure's message contains text. */
#define SAYS(text) \
    ck_assert_msg(strstr(hw3_ctx_error(ctx), text) != NULL, "the message is '%s', want '%s' in it", hw3_ctx_error(ctx), text)
/* |a - b| <= tolerance max(1, |b|) */
#define NEAR(a, b, tolerance)                                                                                \
    do {                                                                                                     \
        double a_ = (a), b_ = (b);                                                                           \
        ck_assert_msg(fabs(a_ - b_) <= (tolerance) * fmax(1.0, fabs(b_)), "%s = %.17g, want %.17g", #a, a_, b_); \
    } while (0)

/* A test that is run n times, _i = 0 to n - 1. */
typedef struct test_loop {
    const TTest *test;
    int n;
} test_loop;

/* Runs tests made with START_TEST, each between setup and teardown, which may be NULL; what main returns. */
static inline int test_run_loops(const char *name, const test_loop *loops, size_t n_loops, const TTest *const *tests, size_t n,
                                 void (*setup)(void), void (*teardown)(void))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < n_loops; i++) tcase_add_loop_test(tcase, loops[i].test, 0, loops[i].n);
    for (size_t i = 0; i < n; i++) tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int test_run(const char *name, const TTest *const *tests, size_t n, void (*setup)(void), void (*teardown)(void))
{
    return test_run_loops(name, NULL, 0, tests, n, setup, teardown);
}

/* main for loops, in parentheses, and single tests. */
#define TEST_LOOPS_MAIN(name, setup, teardown, loops_, ...)                                                  \
    int main(void)                                                                                           \
    {                                                                                                        \
        const test_loop loops[] = { TEST_UNPACK loops_ };                                                    \
        const TTest *tests[] = { __VA_ARGS__ };                                                              \
        return test_run_loops(name, loops, sizeof loops / sizeof loops[0], tests, sizeof tests / sizeof tests[0], setup, teardown); \
    }
#define TEST_UNPACK(...) __VA_ARGS__

/* main for a list of tests. */
#define TEST_MAIN(name, ...)                                                            \
    int main(void)                                                                      \
    {                                                                                   \
        const TTest *tests[] = { __VA_ARGS__ };                                         \
        return test_run(name, tests, sizeof tests / sizeof tests[0], NULL, NULL);       \
    }

#endif
