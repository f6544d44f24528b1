/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "io/file.h"
#include <dirent.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static hw3_ctx *ctx; /* kept: every input with a context of its own would be ten times slower */
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = 1;
    MUST(ctx || hw3_ctx_create(&o, &ctx) == HW3_OK);
    hw3_fuzz(ctx, (const char *)bytes, (int64_t)n_bytes);
    return 0;
}

#ifndef HW3_LIBFUZZER
int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    hw3_ctx *ctx;
    if (!dir || hw3_ctx_create(NULL, &ctx)) return fprintf(stderr, "usage: fuzz_NAME FOLDER\n"), 2;
    int n = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[1024], *bytes;
        int64_t n_bytes;
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (hw3i_file_read(ctx, path, 1 << 24, &bytes, &n_bytes)) return fprintf(stderr, "%s\n", hw3_ctx_error(ctx)), 2;
        printf("%s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput((const uint8_t *)bytes, (size_t)n_bytes);
        hw3i_free(ctx, bytes);
        n++;
    }
    closedir(dir);
    hw3_ctx_destroy(ctx);
    printf("%d inputs\n", n);
    return n == 0;
}
#endif
