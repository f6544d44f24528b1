/* SPDX-License-Identifier: MIT */
/* One harness a reader: fuzz_NAME.c defines hw3_fuzz, which takes any bytes, gives all memory back, and must return.
 *
 * Two programs come from it: the test, by fuzz.c's main, runs over tests/fuzz/corpus/NAME, which holds the seeds and
 * every input that once failed; run.sh links libFuzzer instead and searches. To add a reader: write fuzz_NAME.c, put a
 * seed into corpus/NAME, and add the name to the list in tests/meson.build. */
#ifndef HW3_FUZZ_H
#define HW3_FUZZ_H
#include "base/base.h"

/* ctx has a few megabytes and no more: what a file claims must not cost more than that in vain. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes);

/* A place for a file or folder of this process, in memory where there is any. */
const char *fuzz_path(void);
void fuzz_write(const char *path, const char *bytes, int64_t n_bytes);
/* The same of a safetensors file without its first 8 bytes, which say how long the header is: up to the end of the first line. */
void fuzz_write_safetensors(const char *path, const char *bytes, int64_t n_bytes);
int64_t fuzz_n_header(const char *bytes, int64_t n_bytes);

#define MUST(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
