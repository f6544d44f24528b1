/* SPDX-License-Identifier: MIT */
/* One harness a reader: fuzz_NAME.c defines hw3_fuzz, which takes any bytes and must return.
 *
 * Two programs come from it: the test, by fuzz.c's main, runs over tests/fuzz/corpus/NAME, which holds the seeds and
 * every input that once failed; run.sh links libFuzzer instead and searches. To add a reader: write fuzz_NAME.c, put a
 * seed into corpus/NAME, and add the name to the list in tests/meson.build. */
#ifndef HW3_FUZZ_H
#define HW3_FUZZ_H
#include "base/base.h"

void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes);

#define MUST(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
