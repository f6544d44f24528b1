/* SPDX-License-Identifier: MIT */
/* Small tokenizers as JSON, in a file of this process. */
#ifndef HW3_TEST_TOKENIZER_FILES_H
#define HW3_TEST_TOKENIZER_FILES_H
#include "text/tokenizer.h"
#include <unistd.h>

static inline const char *file_path(const char *name)
{
    static char path[3][128];
    static int k;
    k = (k + 1) % 3;
    snprintf(path[k], sizeof path[k], "/tmp/hw3-tokenizer-%ld-%s", (long)getpid(), name);
    return path[k];
}

static inline const char *write_file(const char *name, const char *text)
{
    const char *path = file_path(name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* The 256 bytes as the file's alphabet, 0 to 255, and behind them tokens for these merges. */
#define BYTES_HEAD "{\"model\":{\"type\":\"BPE\",\"vocab\":{"
static inline void byte_level_json(char *out, size_t room, const char *more)
{
    static const char merges[][2][16] = { { "t", "h" }, { "th", "e" }, { "\xC4\xA0", "the" }, { "e", "r" }, { "\xC3\x99", "\xC4\xA7" },
                                          { "1", "2" }, { "\xC4\xA0", "\xC4\xA0" } };
    size_t n = (size_t)snprintf(out, room, BYTES_HEAD);
    for (int b = 0; b < 256; b++) {
        char text[4] = "", byte = (char)b;
        hw3i_bytes_show(&byte, 1, text);
        n += (size_t)snprintf(out + n, room - n, "\"%s%s\":%d,", strchr("\"\\", text[0]) ? "\\" : "", text, b);
    }
    for (int i = 0; i < 7; i++) n += (size_t)snprintf(out + n, room - n, "%s\"%s%s\":%d", i ? "," : "", merges[i][0], merges[i][1], 256 + i);
    n += (size_t)snprintf(out + n, room - n, "},\"merges\":[");
    for (int i = 0; i < 7; i++) n += (size_t)snprintf(out + n, room - n, "%s\"%s %s\"", i ? "," : "", merges[i][0], merges[i][1]);
    n += (size_t)snprintf(out + n, room - n, "]}%s}", more);
    ck_assert(n < room);
}

#define BYTE_LEVEL ",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},\"decoder\":{\"type\":\"ByteLevel\"}"

/* Opens the bytes with these parts, "," first. */
static inline hw3_status open_bytes(hw3_ctx *ctx, const char *more, hw3_tokenizer **out)
{
    static char json[16384];
    byte_level_json(json, sizeof json, more);
    const char *path = write_file("bytes.json", json);
    hw3_status s = hw3_tokenizer_open(ctx, path, out);
    remove(path);
    return s;
}

#endif
