/* SPDX-License-Identifier: MIT */
/* Files: atomic saving, safetensors back and forth, and every way in which one can be damaged. */
#include "alloc.h"
#include "io/file.h"
#include "io/safetensors.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static const char *in_dir(const char *name)
{
    static char path[2][512];
    static int turn;
    snprintf(path[turn ^= 1], sizeof path[0], "%s/%s", dir, name);
    return path[turn];
}

static int files_in_dir(void)
{
    DIR *d = opendir(dir);
    int n = -2; /* . and .. */
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

static void make_dir(void)
{
    strcpy(dir, "io-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));) unlink(in_dir(e->d_name));
    closedir(d);
    rmdir(dir);
}

static void save_text(hw3_ctx *ctx, const char *path, const char *text)
{
    hw3i_piece piece = { text, (int64_t)strlen(text) };
    OK(hw3i_file_save(ctx, path, &piece, 1));
}

START_TEST(save_and_read)
{
    hw3_ctx *ctx = test_ctx(1);
    char *p = NULL;
    int64_t n = 0;
    hw3i_piece pieces[] = { { "one ", 4 }, { NULL, 0 }, { "two", 3 } };
    OK(hw3i_file_save(ctx, in_dir("a"), pieces, 3));
    OK(hw3i_file_read(ctx, in_dir("a"), 7, &p, &n));
    ck_assert_int_eq(n, 7);
    ck_assert_str_eq(p, "one two");
    hw3i_free(ctx, p);
    FAILS(hw3i_file_read(ctx, in_dir("a"), 6, &p, &n), HW3_ERR_IO);
    ck_assert_ptr_null(p);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "7 bytes, but at most 6"));
    ck_assert_int_eq(chmod(in_dir("a"), 0640), 0);
    save_text(ctx, in_dir("a"), "");
    struct stat st;
    ck_assert_int_eq(stat(in_dir("a"), &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0640);
    OK(hw3i_file_read(ctx, in_dir("a"), 0, &p, &n));
    ck_assert_int_eq(n, 0);
    hw3i_free(ctx, p);
    ck_assert_int_eq(files_in_dir(), 1);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(io_failures_name_path_and_reason)
{
    hw3_ctx *ctx = test_ctx(1);
    char *p;
    int64_t n;
    hw3i_piece piece = { "x", 1 };
    FAILS(hw3i_file_read(ctx, in_dir("none"), 9, &p, &n), HW3_ERR_IO);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "/none: cannot open: No such file or directory"));
    FAILS(hw3i_file_read(ctx, dir, 9, &p, &n), HW3_ERR_IO);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "not a regular file"));
    FAILS(hw3i_file_save(ctx, in_dir("none/a"), &piece, 1), HW3_ERR_IO);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "/none/a: cannot write: No such file or directory"));
    FAILS(hw3i_file_save(ctx, dir, &piece, 1), HW3_ERR_IO);
    FAILS(hw3i_file_save(ctx, "", &piece, 1), HW3_ERR_IO);
    ck_assert_int_eq(mkfifo(in_dir("pipe"), 0600), 0);
    FAILS(hw3i_file_read(ctx, in_dir("pipe"), 9, &p, &n), HW3_ERR_IO); /* does not wait for a writer */
    FAILS(hw3i_file_save(ctx, in_dir("pipe"), &piece, 1), HW3_ERR_IO); /* a pipe or device is not replaced by a file */
    struct stat st;
    ck_assert(!stat(in_dir("pipe"), &st) && S_ISFIFO(st.st_mode));
    unlink(in_dir("pipe"));
    save_text(ctx, in_dir("a"), "older");
    hw3i_piece pieces[2] = { { "newer", 5 }, { NULL, 1 } }; /* the kernel answers EFAULT in the middle of the save */
    FAILS(hw3i_file_save(ctx, in_dir("a"), pieces, 2), HW3_ERR_IO);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "/a: cannot write: Bad address"));
    OK(hw3i_file_read(ctx, in_dir("a"), 9, &p, &n));
    ck_assert_str_eq(p, "older");
    hw3i_free(ctx, p);
    ck_assert_int_eq(files_in_dir(), 1);
    char longer[700];
    memset(longer, 'p', sizeof longer);
    longer[699] = 0;
    FAILS(hw3i_file_read(ctx, longer, 9, &p, &n), HW3_ERR_IO); /* the reason outlives a long path */
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "cannot open: File name too long"));
    FAILS(hw3i_file_read(ctx, "bad\xff\nname", 9, &p, &n), HW3_ERR_IO);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "bad? name: cannot open"));
    hw3_ctx_destroy(ctx);
}
END_TEST

static const int64_t shape23[2] = { 2, 3 }, shape3[1] = { 3 }, shape30[2] = { 3, 0 };
static const float weight[6] = { 0, 0.25f, 0.5f, 0.75f, 1, 1.25f };
static const double bias[3] = { -1.5, INFINITY, 1e-300 };
static const int64_t steps = (int64_t)1 << 40;

static hw3_status fill_example(hw3i_st *st)
{
    hw3_status s = hw3i_st_add(st, "weight", HW3_F32, 2, shape23, weight);
    if (!s) s = hw3i_st_add(st, "bias.\xc3\xbcn\xc3\xaf", HW3_F64, 1, shape3, bias);
    if (!s) s = hw3i_st_add(st, "steps", HW3_I64, 0, NULL, &steps);
    if (!s) s = hw3i_st_add(st, "empty", HW3_F32, 2, shape30, NULL);
    if (!s) s = hw3i_st_set(st, "made", "by \"numpy\"\n");
    return s ? s : hw3i_st_set_int(st, "epoch", 7);
}

static void check_example(hw3_ctx *ctx, const hw3i_st *st)
{
    float w[6];
    double b[3], w64[6];
    int64_t i = 0;
    ck_assert_int_eq(st->n, 4);
    OK(hw3i_st_read(st, "weight", HW3_F32, 2, shape23, w));
    ck_assert_mem_eq(w, weight, sizeof w);
    OK(hw3i_st_read(st, "weight", HW3_F64, 2, shape23, w64));
    for (int k = 0; k < 6; k++) ck_assert(w64[k] == weight[k]);
    OK(hw3i_st_read(st, "bias.\xc3\xbcn\xc3\xaf", HW3_F64, 1, shape3, b));
    ck_assert_mem_eq(b, bias, sizeof b);
    OK(hw3i_st_read(st, "bias.\xc3\xbcn\xc3\xaf", HW3_F32, 1, shape3, w));
    ck_assert(w[0] == -1.5f && isinf(w[1]) && w[2] == 0.0f);
    OK(hw3i_st_read(st, "steps", HW3_I64, 0, NULL, &i));
    ck_assert_int_eq(i, steps);
    OK(hw3i_st_read(st, "empty", HW3_F32, 2, shape30, w));
    ck_assert_str_eq(hw3i_st_get(st, "made"), "by \"numpy\"\n");
    OK(hw3i_st_get_int(st, "epoch", 0, 7, &i));
    ck_assert_int_eq(i, 7);
    for (int64_t k = 0; k < st->n; k++) ck_assert_uint_eq((uintptr_t)st->entries[k].data % 4, 0);
    ck_assert_uint_eq((uintptr_t)hw3i_st_find(st, "steps")->data % 8, 0);
}

START_TEST(back_and_forth)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_st st;
    hw3i_st_init(&st, ctx);
    OK(fill_example(&st));
    OK(hw3i_st_save(&st, in_dir("a.safetensors")));
    hw3i_st_free(&st);
    OK(hw3i_st_load(&st, ctx, in_dir("a.safetensors")));
    check_example(ctx, &st);
    OK(hw3i_st_save(&st, in_dir("b.safetensors"))); /* what was read can be written again, to the same bytes */
    hw3i_st_free(&st);
    char *a, *b;
    int64_t na, nb;
    OK(hw3i_file_read(ctx, in_dir("a.safetensors"), 4096, &a, &na));
    OK(hw3i_file_read(ctx, in_dir("b.safetensors"), 4096, &b, &nb));
    ck_assert_int_eq(na, nb);
    ck_assert_mem_eq(a, b, (size_t)na);
    ck_assert_uint_eq((unsigned char)a[0] % 8, 0); /* the data begins at a multiple of 8 */
    hw3i_free(ctx, a);
    hw3i_free(ctx, b);
    hw3i_st_init(&st, ctx); /* nothing at all is a file too */
    OK(hw3i_st_save(&st, in_dir("a.safetensors")));
    OK(hw3i_st_load(&st, ctx, in_dir("a.safetensors")));
    ck_assert_int_eq(st.n + st.n_texts, 0);
    hw3i_st_free(&st);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(file_of_the_python_package)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_st st;
    OK(hw3i_st_load(&st, ctx, HW3_VECTORS "/python.safetensors"));
    check_example(ctx, &st);
    hw3i_st_free(&st);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(what_cannot_be_added_or_read)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_st st;
    hw3i_st_init(&st, ctx);
    const int64_t negative[1] = { -1 }, huge[3] = { INT64_MAX / 4, 8, 0 }, nine[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    int64_t i;
    float w[6];
    OK(fill_example(&st));
    FAILS(hw3i_st_add(&st, "weight", HW3_F32, 1, shape3, weight), HW3_ERR_NAME);
    FAILS(hw3i_st_add(&st, "__metadata__", HW3_F32, 1, shape3, weight), HW3_ERR_NAME);
    const char *bad[] = { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80", "\xe0\x80\x80" };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        FAILS(hw3i_st_add(&st, bad[k], HW3_F32, 1, shape3, weight), HW3_ERR_NAME);
    FAILS(hw3i_st_add(&st, "x", 4, 1, shape3, weight), HW3_ERR_DTYPE);
    FAILS(hw3i_st_add(&st, "x", HW3_F32, 1, negative, weight), HW3_ERR_SHAPE);
    FAILS(hw3i_st_add(&st, "x", HW3_F32, 2, huge, weight), HW3_ERR_SHAPE);
    FAILS(hw3i_st_add(&st, "x", HW3_F32, 9, nine, weight), HW3_ERR_SHAPE);
    FAILS(hw3i_st_add(&st, "x", HW3_F32, -1, nine, weight), HW3_ERR_SHAPE);
    OK(hw3i_st_add(&st, "x", HW3_F32, 3, huge, weight)); /* one length is 0: no bytes */
    FAILS(hw3i_st_set(&st, "made", "again"), HW3_ERR_NAME);
    FAILS(hw3i_st_set(&st, "x", "\xff"), HW3_ERR_NAME);
    FAILS(hw3i_st_read(&st, "none", HW3_F32, 1, shape3, w), HW3_ERR_MISMATCH);
    FAILS(hw3i_st_read(&st, "steps", HW3_F32, 0, NULL, w), HW3_ERR_MISMATCH);
    FAILS(hw3i_st_read(&st, "weight", HW3_I64, 2, shape23, NULL), HW3_ERR_MISMATCH);
    FAILS(hw3i_st_read(&st, "weight", HW3_F32, 2, shape30, w), HW3_ERR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "weight is [2, 3] but [3, 0] is expected"));
    FAILS(hw3i_st_get_int(&st, "none", 0, 9, &i), HW3_ERR_MISMATCH);
    FAILS(hw3i_st_get_int(&st, "made", 0, 9, &i), HW3_ERR_FORMAT);
    FAILS(hw3i_st_get_int(&st, "epoch", 8, 9, &i), HW3_ERR_FORMAT);
    const char *numbers[] = { "", " 1", "+1", "1 ", "0x1", "99999999999999999999", "1.0", "-" };
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        char key[8];
        snprintf(key, sizeof key, "n%d", (int)k);
        OK(hw3i_st_set(&st, key, numbers[k]));
        FAILS(hw3i_st_get_int(&st, key, INT64_MIN, INT64_MAX, &i), HW3_ERR_FORMAT);
    }
    OK(hw3i_st_set_int(&st, "least", INT64_MIN));
    OK(hw3i_st_get_int(&st, "least", INT64_MIN, INT64_MAX, &i));
    ck_assert(i == INT64_MIN);
    hw3i_st_free(&st);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Length, header, data as one piece for the parser. */
static char *make_file(hw3_ctx *ctx, uint64_t n_header, const char *header, int64_t n_data, int64_t *n)
{
    *n = 8 + (int64_t)strlen(header) + n_data;
    char *p = hw3i_calloc(ctx, *n, 1);
    ck_assert_ptr_nonnull(p);
    memcpy(p, &n_header, 8);
    memcpy(p + 8, header, strlen(header));
    for (int64_t i = 0; i < n_data; i++) p[*n - n_data + i] = (char)i;
    return p;
}

/* A tensor's entry, and a whole header of one. */
#define ENTRY(name, dtype, shape, from, to) \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #from "," #to "]}"
#define ONE(dtype, shape, from, to) "{" ENTRY("x", dtype, shape, from, to) "}"

static const struct damaged {
    const char *header;
    int64_t n_data;
    hw3_status status;
    const char *message;
} damaged[] = {
    { "", 0, HW3_ERR_FORMAT, "begins with no {" },
    { " {}", 0, HW3_ERR_FORMAT, "begins with no {" },
    { "[]", 0, HW3_ERR_FORMAT, "begins with no {" },
    { "{", 0, HW3_ERR_FORMAT, "f: byte 9: a string is needed" },
    { "{} x", 0, HW3_ERR_FORMAT, "byte 11: more than one value" },
    { "{\"\xff\":1}", 0, HW3_ERR_FORMAT, "byte 10: no character" },
    { "{\"x\\u0000\":1}", 0, HW3_ERR_FORMAT, "byte 17: no escape" },
    { "{}", 1, HW3_ERR_FORMAT, "end at byte 0, but the data has 1" },
    { "{\"x\":1}", 0, HW3_ERR_FORMAT, "byte 13: '{' is needed" },
    { "{\"x\":{}}", 0, HW3_ERR_FORMAT, "byte 15: a tensor needs dtype, shape and two data_offsets" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}", 4, HW3_ERR_FORMAT, "each once" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, HW3_ERR_FORMAT, "two data_offsets" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4, HW3_ERR_FORMAT, "two data_offsets" },
    { "{\"x\":{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, HW3_ERR_FORMAT, "a string is needed" },
    { "{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, HW3_ERR_FORMAT, "each once" },
    { "{\"__metadata__\":[]}", 0, HW3_ERR_FORMAT, "'{' is needed" },
    { "{\"__metadata__\":{\"a\":1}}", 0, HW3_ERR_FORMAT, "a string is needed" },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, HW3_ERR_FORMAT, "a second __metadata__" },
    { "{\"__metadata__\":{\"a\":\"\",\"b\":\"\",\"\\u0061\":\"\"}}", 0, HW3_ERR_FORMAT, "f: a is there twice" },
    { "{" ENTRY("x", "F32", "[1]", 0, 4) "," ENTRY("x", "F32", "[1]", 0, 4) "}", 4, HW3_ERR_FORMAT, "f: x is there twice" },
    { ONE("F32", "{}", 0, 4), 4, HW3_ERR_FORMAT, "'[' is needed" },
    { ONE("F32", "[-1]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill" },
    { ONE("F32", "[1, 1.0]", 0, 4), 4, HW3_ERR_FORMAT, "a whole number is needed" },
    { ONE("F32", "[9223372036854775808]", 0, 4), 4, HW3_ERR_FORMAT, "more than 64 bits" },
    { ONE("F32", "[9223372036854775807]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill bytes 0 to 4" },
    { ONE("F32", "[4611686018427387905]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill" }, /* 4 n wraps to 4 */
    { ONE("F32", "[2]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill" },
    { ONE("F64", "[1]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill" },
    { ONE("F32", "[0]", 0, 4), 4, HW3_ERR_FORMAT, "does not fill" },
    { ONE("F32", "[1]", 0, 4), 3, HW3_ERR_FORMAT, "outside the data of 3" },
    { ONE("F32", "[1]", -4, 0), 4, HW3_ERR_FORMAT, "outside" },
    { ONE("F32", "[1]", 4, 0), 4, HW3_ERR_FORMAT, "outside" },
    { ONE("F32", "[1]", 0, 4), 5, HW3_ERR_FORMAT, "end at byte 4, but the data has 5" },
    { ONE("F32", "[1]", 1, 5), 5, HW3_ERR_FORMAT, "begins at byte 1, but the one before ends at 0" },
    { "{" ENTRY("x", "F32", "[2]", 0, 8) "," ENTRY("y", "F32", "[1]", 4, 8) "}", 8, HW3_ERR_FORMAT, "y begins at byte 4" },
    { "{" ENTRY("x", "F32", "[1]", 0, 4) "," ENTRY("y", "F32", "[1]", 5, 9) "}", 9, HW3_ERR_FORMAT, "y begins at byte 5" },
    { "{" ENTRY("x", "F32", "[1]", 0, 4) "," ENTRY("y", "F32", "[1]", 0, 4) "}", 4, HW3_ERR_FORMAT, "begins at byte 0" },
    { "{" ENTRY("x", "F32", "[1]", 0, 4) "," ENTRY("y", "F32", "[0]", 2, 2) "}", 4, HW3_ERR_FORMAT, "begins at byte 2" },
    { ONE("F33", "[2]", 0, 4), 4, HW3_ERR_UNSUPPORTED, "tensor x has the unknown element type F33" },
    { ONE("f32", "[1]", 0, 4), 4, HW3_ERR_UNSUPPORTED, "tensor x has the unknown element type f32" },
    { ONE("BF16", "[1]", 0, 4), 4, HW3_ERR_FORMAT, "tensor x: its shape does not fill bytes 0 to 4" },
    { ONE("F32", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4, HW3_ERR_UNSUPPORTED, "tensor x has 9 dimensions" },
};

static void check_damage(hw3_ctx *ctx, char *bytes, int64_t n, hw3_status status, const char *message, const char *label)
{
    hw3i_st st;
    hw3_status s = hw3i_st_parse(&st, ctx, "f", bytes, n);
    ck_assert_msg(s == status && strstr(hw3_ctx_error(ctx), message), "%s: %d, %s", label, (int)s, hw3_ctx_error(ctx));
    ck_assert(!st.n && !st.n_texts && !st.entries && !st.texts && !st.path && !st.bytes.data && !st.aligned);
}

START_TEST(every_damage_is_named)
{
    hw3_ctx *ctx = test_ctx(1);
    int64_t n;
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        const struct damaged *d = &damaged[i];
        char *p = make_file(ctx, strlen(d->header), d->header, d->n_data, &n);
        check_damage(ctx, p, n, d->status, d->message, d->header);
    }
    const uint64_t lengths[] = { 3, 100000000, 100000001, INT64_MAX, UINT64_MAX, (uint64_t)1 << 63 };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *p = make_file(ctx, lengths[i], "{}", 0, &n);
        check_damage(ctx, p, n, HW3_ERR_FORMAT, i < 2 ? "but the file has 10" : "at most 100000000 are allowed", "length");
    }
    check_damage(ctx, hw3i_calloc(ctx, 7, 1), 7, HW3_ERR_FORMAT, "7 bytes are too few", "short");
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Valid, but not as this library would write it: no padding, so that nothing is aligned. */
START_TEST(unaligned_is_copied)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int pad = 0; pad < 8; pad++) {
        char header[256], want[8];
        snprintf(header, sizeof header, "{%s,%s}%*s", ENTRY("d", "F64", "[1]", 4, 12), ENTRY("f", "F32", "[1]", 0, 4), pad, "");
        int64_t n;
        char *p = make_file(ctx, strlen(header), header, 12, &n);
        hw3i_st st;
        OK(hw3i_st_parse(&st, ctx, "f", p, n));
        for (int i = 0; i < 8; i++) want[i] = (char)(4 + i);
        ck_assert_mem_eq(hw3i_st_find(&st, "d")->data, want, 8);
        ck_assert_uint_eq((uintptr_t)hw3i_st_find(&st, "d")->data % 8, 0);
        for (int i = 0; i < 4; i++) want[i] = (char)i;
        ck_assert_mem_eq(hw3i_st_find(&st, "f")->data, want, 4);
        ck_assert_uint_eq((uintptr_t)hw3i_st_find(&st, "f")->data % 4, 0);
        hw3i_st_free(&st);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Of the file cut at every byte, none may be read; of the file with a bit flipped in the header, every one must be answered. */
START_TEST(cut_and_flipped)
{
    hw3_ctx *ctx = test_ctx(1);
    char *file;
    int64_t n;
    hw3i_st st;
    OK(hw3i_file_read(ctx, HW3_VECTORS "/python.safetensors", 4096, &file, &n));
    for (int64_t cut = 0; cut < n; cut++) {
        char *p = hw3i_alloc(ctx, cut, 1);
        memcpy(p, file, (size_t)cut);
        FAILS(hw3i_st_parse(&st, ctx, "f", p, cut), HW3_ERR_FORMAT);
    }
    int64_t n_header = 8 + 0x128, n_read = 0;
    for (int64_t bit = 0; bit < 8 * n_header; bit++) {
        char *p = hw3i_alloc(ctx, n, 1);
        memcpy(p, file, (size_t)n);
        p[bit / 8] ^= (char)(1 << bit % 8);
        hw3_status s = hw3i_st_parse(&st, ctx, "f", p, n);
        ck_assert_msg(s == HW3_OK || s == HW3_ERR_FORMAT || s == HW3_ERR_UNSUPPORTED, "bit %d: %d", (int)bit, (int)s);
        n_read += s == HW3_OK; /* a bit of a name or a text */
        if (!s) hw3i_st_free(&st);
    }
    ck_assert(n_read > 0 && n_read < 8 * n_header / 2);
    hw3i_free(ctx, file);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Every half and bfloat16 number, against the formula. */
START_TEST(half_precision)
{
    hw3_ctx *ctx = test_ctx(1);
    static float f[65536];
    static double d[65536];
    const int64_t all = 65536;
    for (int brain = 0; brain < 2; brain++) {
        hw3i_st st;
        int64_t n;
        const char *header = brain ? ONE("BF16", "[65536]", 0, 131072) : ONE("F16", "[65536]", 0, 131072);
        char *p = make_file(ctx, strlen(header), header, 131072, &n);
        for (int i = 0; i < 65536; i++) memcpy(p + n - 131072 + 2 * i, &(uint16_t){ (uint16_t)i }, 2);
        OK(hw3i_st_parse(&st, ctx, "f", p, n));
        OK(hw3i_st_read(&st, "x", HW3_F32, 1, &all, f));
        OK(hw3i_st_read(&st, "x", HW3_F64, 1, &all, d));
        FAILS(hw3i_st_read(&st, "x", HW3_I64, 1, &all, NULL), HW3_ERR_MISMATCH);
        for (int i = 0; i < 65536; i++) {
            const int bits = brain ? 7 : 10, bias = brain ? 127 : 15, most = brain ? 255 : 31;
            const int e = i >> bits & most, m = i & ((1 << bits) - 1);
            double x = e == most ? m ? NAN : INFINITY : e ? ldexp((1 << bits) + m, e - bias - bits) : ldexp(m, 1 - bias - bits);
            x = i & 0x8000 ? -x : x;
            ck_assert_msg(isnan(x) ? isnan(f[i]) && isnan(d[i]) : f[i] == x && d[i] == x && !signbit(x) == !signbit(f[i]), "%04x: %g",
                          i, f[i]);
        }
        FAILS(hw3i_st_check_finite(&st, "x", HW3_F32), HW3_ERR_FORMAT);
        SAYS(brain ? "f: x[32640] is inf" : "f: x[31744] is inf");
        hw3i_st_free(&st);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Types that are known but not converted may stand beside others; reading one names it. */
START_TEST(other_types_are_left_alone)
{
    hw3_ctx *ctx = test_ctx(1);
    const char header[] = "{" ENTRY("w", "F32", "[1]", 0, 4) "," ENTRY("mask", "BOOL", "[2, 2]", 4, 8) "}";
    const int64_t one = 1, two[2] = { 2, 2 };
    int64_t n;
    float w;
    hw3i_st st;
    char *p = make_file(ctx, sizeof header - 1, header, 8, &n);
    OK(hw3i_st_parse(&st, ctx, "f", p, n));
    OK(hw3i_st_read(&st, "w", HW3_F32, 1, &one, &w));
    FAILS(hw3i_st_read(&st, "mask", HW3_F32, 2, two, NULL), HW3_ERR_UNSUPPORTED);
    SAYS("f: mask has element type BOOL, which is not converted");
    OK(hw3i_st_save(&st, in_dir("again"))); /* also what is not converted */
    hw3i_st_free(&st);
    OK(hw3i_st_open(&st, ctx, in_dir("again")));
    ck_assert_str_eq(hw3i_st_find(&st, "mask")->type->name, "BOOL");
    ck_assert_mem_eq(hw3i_st_find(&st, "mask")->data, "\4\5\6\7", 4);
    hw3i_st_free(&st);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* The tensors of a mapped file are its own pages; a file that takes its place changes nothing. */
START_TEST(mapped)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3i_st st, again;
    hw3i_st_init(&st, ctx);
    OK(fill_example(&st));
    OK(hw3i_st_save(&st, in_dir("a")));
    hw3i_st_free(&st);
    OK(hw3i_st_open(&st, ctx, in_dir("a")));
    const char *begin = st.bytes.data;
    ck_assert(st.bytes.mapped && !st.aligned);
    for (int64_t i = 0; i < st.n; i++) {
        const char *data = st.entries[i].data;
        ck_assert(data >= begin && data + st.entries[i].n_bytes <= begin + st.bytes.n);
    }
    save_text(ctx, in_dir("a"), "another file in its place");
    check_example(ctx, &st);
    hw3i_st_free(&st);
    FAILS(hw3i_st_open(&again, ctx, in_dir("a")), HW3_ERR_FORMAT);
    ck_assert(!again.n && !again.bytes.data);
    save_text(ctx, in_dir("a"), ""); /* nothing to be mapped */
    FAILS(hw3i_st_open(&again, ctx, in_dir("a")), HW3_ERR_FORMAT);
    SAYS("0 bytes are too few");
    FAILS(hw3i_st_open(&again, ctx, in_dir("none")), HW3_ERR_IO);
    FAILS(hw3i_st_open(&again, ctx, dir), HW3_ERR_IO);
    SAYS("not a regular file");
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status save_and_load(hw3_ctx *ctx)
{
    hw3i_st st;
    hw3i_st_init(&st, ctx);
    hw3_status s = fill_example(&st);
    if (!s) s = hw3i_st_save(&st, in_dir("sweep"));
    hw3i_st_free(&st);
    ck_assert_int_eq(files_in_dir(), 1);
    if (s) return s;
    s = hw3i_st_load(&st, ctx, in_dir("sweep"));
    if (!s) check_example(ctx, &st);
    hw3i_st_free(&st);
    if (!s) s = hw3i_st_open(&st, ctx, in_dir("sweep"));
    if (!s) check_example(ctx, &st);
    hw3i_st_free(&st);
    return s;
}

/* Tensors that are not aligned need memory once more. */
static hw3_status load_unaligned(hw3_ctx *ctx)
{
    const char header[] = "{" ENTRY("d", "F64", "[1]", 4, 12) "," ENTRY("f", "F32", "[1]", 0, 4) "} ";
    const uint64_t n = sizeof header - 1;
    char *bytes = hw3i_calloc(ctx, (int64_t)n + 20, 1);
    if (!bytes) return HW3_ERR_NOMEM;
    memcpy(bytes, &n, 8);
    memcpy(bytes + 8, header, n);
    hw3i_st st;
    hw3_status s = hw3i_st_parse(&st, ctx, "f", bytes, (int64_t)n + 20);
    hw3i_st_free(&st);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    hw3_ctx *ctx = test_ctx(1);
    save_text(ctx, in_dir("sweep"), "older");
    hw3_ctx_destroy(ctx);
    ck_assert_int_ge(test_sweep(save_and_load), 40);
    ck_assert_int_ge(test_sweep(load_unaligned), 7);
}
END_TEST

int main(void)
{
    const TTest *tests[] = { save_and_read, io_failures_name_path_and_reason, back_and_forth, file_of_the_python_package,
                             what_cannot_be_added_or_read, every_damage_is_named, unaligned_is_copied, cut_and_flipped,
                             half_precision, other_types_are_left_alone, mapped, every_allocation_may_fail };
    return test_run("io", tests, sizeof tests / sizeof tests[0], make_dir, remove_dir);
}
