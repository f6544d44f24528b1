/* SPDX-License-Identifier: MIT */
/* One side of tests/bench/bpe_encode.py: bench_tokenizer single|batch LINES TOKENIZER THREADS. Takes lines of a file as texts; prints
 * what sides.py wants. The value is a hash of all tokens. */
#include <hw3/hw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct lines {
    char *bytes;
    int64_t n, n_bytes, *sizes;
    const char **texts;
} lines;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static lines read_lines(const char *path)
{
    lines l = { 0 };
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) exit(2);
    const int64_t size = ftell(file);
    rewind(file);
    l.bytes = malloc((size_t)size);
    if (!l.bytes || fread(l.bytes, 1, (size_t)size, file) != (size_t)size) exit(2);
    fclose(file);
    l.n_bytes = size;
    for (int64_t i = 0; i < l.n_bytes; i++) l.n += l.bytes[i] == '\n';
    l.texts = malloc((size_t)l.n * sizeof *l.texts);
    l.sizes = malloc((size_t)l.n * sizeof *l.sizes);
    char *at = l.bytes;
    for (int64_t i = 0; i < l.n; i++, at++) {
        l.texts[i] = at;
        at = strchr(at, '\n');
        l.sizes[i] = at - l.texts[i];
    }
    return l;
}

/* FNV-1a over the numbers, of which 48 bits are as good as a double. */
static double hash(const int64_t *tokens, int64_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < n; i++) h = (h ^ (uint64_t)tokens[i]) * 0x100000001b3u;
    return (double)(h & 0xffffffffffffu);
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    const int batch = !strcmp(argv[1], "batch");
    lines l = read_lines(argv[2]);
    hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
    o.n_threads = atoi(argv[4]);
    hw3_ctx *ctx = NULL;
    hw3_tokenizer *tok = NULL;
    if (hw3_ctx_create(&o, &ctx)) return 2;
    hw3_status s = hw3_tokenizer_open(ctx, argv[3], &tok);
    int64_t *tokens = malloc((size_t)l.n_bytes * sizeof *tokens), *starts = malloc((size_t)(l.n + 1) * sizeof *starts), n = 0;
    if (!s) puts("ready");
    fflush(stdout);
    for (char line[16]; !s && fgets(line, sizeof line, stdin) && !strcmp(line, "go\n");) {
        const double start = now();
        int64_t total = 0;
        if (batch) {
            s = hw3_tokenizer_encode_batch(tok, l.texts, l.sizes, l.n, NULL, tokens, l.n_bytes, starts);
            total = starts[l.n];
        } else
            for (int64_t i = 0; i < l.n && !s; i++, total += n)
                s = hw3_tokenizer_encode(tok, l.texts[i], l.sizes[i], NULL, tokens + total, l.n_bytes - total, &n);
        const double seconds = now() - start;
        printf("%.9g %.17g\n", seconds, hash(tokens, total));
        fflush(stdout);
    }
    if (s) fprintf(stderr, "%s\n", hw3_ctx_error(ctx));
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("%ld\n", (long)u.ru_maxrss);
    hw3_tokenizer_destroy(tok), hw3_ctx_destroy(ctx);
    free(tokens), free(starts), free(l.texts), free(l.sizes), free(l.bytes);
    return s != 0;
}
