/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "io/file.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static size_t in_use;

static void *take(void *user, size_t size, size_t align)
{
    (void)user;
    if (size > (1 << 20) || in_use > (1 << 22)) return NULL;
    in_use += size;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void give(void *user, void *p, size_t size)
{
    (void)user;
    in_use -= p ? size : 0;
    free(p);
}

const char *fuzz_path(void)
{
    static char path[64];
    if (!path[0]) snprintf(path, sizeof path, "%s/hw3-fuzz-%ld", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (long)getpid());
    return path;
}

static void write_two(const char *path, const void *a, int64_t n_a, const void *b, int64_t n_b)
{
    FILE *file = fopen(path, "wb");
    MUST(file && (!n_a || fwrite(a, (size_t)n_a, 1, file) == 1));
    MUST(!n_b || fwrite(b, (size_t)n_b, 1, file) == 1);
    MUST(!fclose(file));
}

void fuzz_write(const char *path, const char *bytes, int64_t n_bytes) { write_two(path, NULL, 0, bytes, n_bytes); }

int64_t fuzz_n_header(const char *bytes, int64_t n_bytes)
{
    const char *line_end = n_bytes ? memchr(bytes, '\n', (size_t)n_bytes) : NULL;
    return line_end ? line_end + 1 - bytes : n_bytes;
}

void fuzz_write_safetensors(const char *path, const char *bytes, int64_t n_bytes)
{
    const int64_t n_header = fuzz_n_header(bytes, n_bytes);
    write_two(path, &n_header, 8, bytes, n_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static hw3_ctx *ctx; /* kept: every input with a context of its own would be ten times slower */
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = 1;
    o.allocator = &(hw3_allocator){ take, give, NULL };
    MUST(ctx || hw3_ctx_create(&o, &ctx) == HW3_OK);
    const size_t before = in_use;
    ctx->error[0] = 0;
    hw3_fuzz(ctx, (const char *)bytes, (int64_t)n_bytes);
    MUST(in_use == before);
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
