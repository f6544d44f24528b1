/* SPDX-License-Identifier: MIT */
/* Parameters: first values, names, files. */
#include "alloc.h"
#include "base/random.h"
#include "base/text.h"
#include "graph/params.h"
#include <unistd.h>

static void add(hw3_ctx *ctx, hw3_params *p, const char *name, hw3_dtype dtype, int64_t a, int64_t b, hw3_init init)
{
    OK(hw3_params_add(p, name, dtype, b ? 2 : 1, (int64_t[]){ a, b }, init));
}

static double *values_of(hw3_ctx *ctx, hw3_params *p, const char *name)
{
    hw3_tensor *t = NULL;
    OK(hw3_params_value(p, name, &t));
    return hw3_tensor_data(t);
}

START_TEST(order_does_not_change_values)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL, *q = NULL;
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_create(ctx, &q));
    add(ctx, p, "a", HW3_F64, 7, 5, HW3_INIT_XAVIER);
    add(ctx, p, "b", HW3_F64, 7, 5, HW3_INIT_XAVIER);
    add(ctx, q, "b", HW3_F64, 7, 5, HW3_INIT_XAVIER);
    add(ctx, q, "a", HW3_F64, 7, 5, HW3_INIT_XAVIER);
    ck_assert_mem_eq(values_of(ctx, p, "a"), values_of(ctx, q, "a"), 35 * sizeof(double));
    ck_assert_mem_eq(values_of(ctx, p, "b"), values_of(ctx, q, "b"), 35 * sizeof(double));
    ck_assert_mem_ne(values_of(ctx, p, "a"), values_of(ctx, p, "b"), 35 * sizeof(double));
    ck_assert_int_eq(hw3_params_n(p), 2);
    ck_assert_int_eq(hw3_params_n_elements(p), 70);
    ck_assert_str_eq(hw3_params_name(q, 0), "b");
    /* the formula itself: element 12 of "a" under the default seed, bound sqrt(6 / (7 + 5)) */
    double u = hw3i_uniform(42, hw3i_stream_of("a"), 12);
    ck_assert(values_of(ctx, p, "a")[12] == sqrt(6.0 / 12) * (2 * u - 1));
    hw3_params_destroy(p);
    hw3_params_destroy(q);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(seed_changes_values)
{
    double kept[2][4];
    for (int k = 0; k < 2; k++) {
        hw3_ctx_opts o = HW3_CTX_OPTS_INIT;
        o.seed = 42 + (uint64_t)k;
        hw3_ctx *ctx = NULL;
        hw3_params *p = NULL;
        OK(hw3_ctx_create(&o, &ctx));
        OK(hw3_params_create(ctx, &p));
        add(ctx, p, "a", HW3_F64, 4, 0, HW3_INIT_NORMAL);
        memcpy(kept[k], values_of(ctx, p, "a"), sizeof kept[k]);
        hw3_params_destroy(p);
        hw3_ctx_destroy(ctx);
    }
    ck_assert_mem_ne(kept[0], kept[1], sizeof kept[0]);
}
END_TEST

/* Bounds and deviations of each law, at n = 40,000: six standard errors of the sample deviation. */
START_TEST(laws_of_first_values)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    OK(hw3_params_create(ctx, &p));
    const struct { hw3_init init; double deviation, bound; } laws[] = {
        { HW3_INIT_ZERO, 0, 0 },
        { HW3_INIT_XAVIER, sqrt(6.0 / 500) / sqrt(3), sqrt(6.0 / 500) },
        { HW3_INIT_KAIMING, sqrt(2.0 / 400), 1 },
        { HW3_INIT_NORMAL, 0.02, 0.2 },
        { HW3_INIT_FAN_IN, 1 / sqrt(400) / sqrt(3), 1 / sqrt(400) },
    };
    for (int k = 0; k < 5; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        add(ctx, p, name, HW3_F64, 100, 400, laws[k].init);
        const double *w = values_of(ctx, p, name);
        double mean = 0, square = 0, most = 0;
        for (int i = 0; i < 40000; i++) {
            mean += w[i] / 40000;
            square += w[i] * w[i] / 40000;
            most = fmax(most, fabs(w[i]));
        }
        double d = laws[k].deviation;
        ck_assert(fabs(mean) <= 6 * d / 200 && fabs(sqrt(square) - d) <= 6 * d / 282);
        ck_assert(most <= laws[k].bound);
        if (k == 1 || k == 4) ck_assert(most > 0.999 * laws[k].bound);
    }
    add(ctx, p, "ones", HW3_F64, 3, 0, HW3_INIT_ONE);
    for (int i = 0; i < 3; i++) ck_assert(values_of(ctx, p, "ones")[i] == 1);
    /* a vector's fans are its length; a kernel's [out, in, k, k] count k k times; a single number's are 1 */
    add(ctx, p, "v", HW3_F64, 9, 0, HW3_INIT_FAN_IN);
    ck_assert(values_of(ctx, p, "v")[0] == (1 / sqrt(9)) * (2 * hw3i_uniform(42, hw3i_stream_of("v"), 0) - 1));
    OK(hw3_params_add(p, "k", HW3_F64, 4, (int64_t[]){ 2, 3, 5, 5 }, HW3_INIT_FAN_IN));
    ck_assert(values_of(ctx, p, "k")[7] == (1 / sqrt(75)) * (2 * hw3i_uniform(42, hw3i_stream_of("k"), 7) - 1));
    OK(hw3_params_add(p, "s", HW3_F64, 0, NULL, HW3_INIT_FAN_IN));
    ck_assert(values_of(ctx, p, "s")[0] == 2 * hw3i_uniform(42, hw3i_stream_of("s"), 0) - 1);
    OK(hw3_params_add(p, "empty", HW3_F32, 2, (int64_t[]){ 0, 4 }, HW3_INIT_KAIMING));
    ck_assert_int_eq(hw3_params_n_elements(p), 5 * 40000 + 3 + 9 + 150 + 1);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(value_and_grad)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    hw3_tensor *v = NULL, *g = NULL;
    OK(hw3_params_create(ctx, &p));
    add(ctx, p, "w", HW3_F32, 3, 2, HW3_INIT_ONE);
    OK(hw3_params_value(p, "w", &v));
    OK(hw3_params_grad(p, "w", &g));
    ck_assert_int_eq(hw3_tensor_dtype(g), HW3_F32);
    ck_assert_int_eq(hw3_tensor_size(g, 0), 3);
    ck_assert_ptr_ne(hw3_tensor_data(v), hw3_tensor_data(g));
    ck_assert_uint_eq((uintptr_t)hw3_tensor_data(v) % 64, 0);
    for (int i = 0; i < 6; i++) ck_assert(((float *)hw3_tensor_data(g))[i] == 0);
    OK(hw3_params_set_trainable(p, "w", 0));
    ck_assert(!hw3i_params_find(p, "w")->trainable);
    OK(hw3_params_set_trainable(p, "w", 1));
    ck_assert(hw3i_params_find(p, "w")->trainable);
    hw3_ctx_destroy(ctx);  /* the set keeps it */
    hw3_params_destroy(p);
    hw3_params_destroy(NULL);
}
END_TEST

START_TEST(bad_names_and_kinds)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    hw3_tensor *t = (hw3_tensor *)&p;
    int64_t two[] = { 2, 2 };
    char longest[202];
    OK(hw3_params_create(ctx, &p));
    FAILS(hw3_params_value(p, "w", &t), HW3_ERR_NAME);
    SAYS("params_value: no parameter 'w'; there are none yet");
    ck_assert_ptr_null(t);
    add(ctx, p, "lstm.weight_ih_l0", HW3_F32, 2, 2, HW3_INIT_ONE);
    add(ctx, p, "lstm.bias_ih_l0", HW3_F32, 2, 2, HW3_INIT_ONE);
    FAILS(hw3_params_value(p, "lstm.wieght_ih_l0", &t), HW3_ERR_NAME);
    SAYS("no parameter 'lstm.wieght_ih_l0'; the nearest name is 'lstm.weight_ih_l0'");
    FAILS(hw3_params_grad(p, "bias", &t), HW3_ERR_NAME);
    SAYS("params_grad: no parameter 'bias'; the nearest name is 'lstm.bias_ih_l0'");
    FAILS(hw3_params_set_trainable(p, "x", 1), HW3_ERR_NAME);
    FAILS(hw3_params_add(p, "lstm.bias_ih_l0", HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_NAME);
    SAYS("params_add: there is a parameter 'lstm.bias_ih_l0' already");
    FAILS(hw3_params_add(p, "", HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_ARG);
    memset(longest, 'x', sizeof longest);
    longest[201] = 0;
    FAILS(hw3_params_add(p, longest, HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_ARG);
    SAYS("1 to 200 bytes");
    longest[200] = 0;
    OK(hw3_params_add(p, longest, HW3_F32, 2, two, HW3_INIT_ONE));
    OK(hw3_params_add(p, "\xd9\x88\xd8\xb2\xd9\x86", HW3_F32, 2, two, HW3_INIT_ONE)); /* Persian */
    const char *bad_utf8[] = { "\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82" };
    for (int i = 0; i < 5; i++) FAILS(hw3_params_add(p, bad_utf8[i], HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_ARG);
    SAYS("not UTF-8");
    FAILS(hw3_params_add(p, "__metadata__", HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_NAME);
    FAILS(hw3_params_add(p, "n", HW3_I64, 2, two, HW3_INIT_ONE), HW3_ERR_DTYPE);
    SAYS("params_add: 'n' is I64, but F32 or F64 is needed");
    FAILS(hw3_params_add(p, "n", 0, 2, two, HW3_INIT_ONE), HW3_ERR_DTYPE);
    FAILS(hw3_params_add(p, "n", HW3_F32, 2, two, 0), HW3_ERR_ARG);
    FAILS(hw3_params_add(p, "n", HW3_F32, 2, two, 7), HW3_ERR_ARG);
    SAYS("params_add: init is 7");
    FAILS(hw3_params_add(p, "n", HW3_F32, 2, (int64_t[]){ 2, -2 }, HW3_INIT_ONE), HW3_ERR_SHAPE);
    SAYS("[2, -2]");
    FAILS(hw3_params_add(p, "n", HW3_F32, 9, two, HW3_INIT_ONE), HW3_ERR_ARG);
    FAILS(hw3_params_add(p, "n", HW3_F32, 1, NULL, HW3_INIT_ONE), HW3_ERR_ARG);
    FAILS(hw3_params_add(p, NULL, HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_ARG);
    FAILS(hw3_params_add(NULL, "n", HW3_F32, 2, two, HW3_INIT_ONE), HW3_ERR_ARG);
    FAILS(hw3_params_set_trainable(p, longest, 2), HW3_ERR_ARG);
    FAILS(hw3_params_set_trainable(p, NULL, 1), HW3_ERR_ARG);
    FAILS(hw3_params_set_trainable(NULL, "n", 1), HW3_ERR_ARG);
    FAILS(hw3_params_value(p, NULL, &t), HW3_ERR_ARG);
    FAILS(hw3_params_value(p, longest, NULL), HW3_ERR_ARG);
    FAILS(hw3_params_value(NULL, longest, &t), HW3_ERR_ARG);
    FAILS(hw3_params_grad(p, longest, NULL), HW3_ERR_ARG);
    FAILS(hw3_params_grad(NULL, longest, &t), HW3_ERR_ARG);
    hw3_params *none = p;
    FAILS(hw3_params_create(NULL, &none), HW3_ERR_ARG);
    ck_assert_ptr_null(none);
    FAILS(hw3_params_create(ctx, NULL), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_params_n(NULL), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_params_n_elements(NULL), HW3_ERR_ARG);
    ck_assert_ptr_null(hw3_params_name(NULL, 0));
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(distance_of_names)
{
    ck_assert_int_eq(hw3i_edit_distance("kitten", "sitting"), 3); /* two exchanges, one insertion */
    ck_assert_int_eq(hw3i_edit_distance("", "abc"), 3);
    ck_assert_int_eq(hw3i_edit_distance("abc", ""), 3);
    ck_assert_int_eq(hw3i_edit_distance("weight", "wieght"), 2);
    ck_assert_int_eq(hw3i_edit_distance("same", "same"), 0);
    char a[1001], b[1001]; /* far beyond what is looked at */
    memset(a, 'a', 1000), memset(b, 'b', 1000);
    a[1000] = b[1000] = 0;
    ck_assert_int_eq(hw3i_edit_distance(a, b), 200);
}
END_TEST

START_TEST(half_made_layers_are_undone)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = NULL;
    OK(hw3_params_create(ctx, &p));
    for (int i = 0; i < 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", i);
        OK(hw3i_params_add_uniform(p, name, HW3_F64, 1, (int64_t[]){ 2 }, i % 2 ? 0.5 : 0));
    }
    ck_assert(values_of(ctx, p, "w4")[1] == 0 && fabs(values_of(ctx, p, "w5")[1]) <= 0.5 && values_of(ctx, p, "w5")[1] != 0);
    hw3i_params_truncate(p, 3);
    ck_assert_int_eq(hw3_params_n(p), 3);
    ck_assert_ptr_null(hw3i_params_find(p, "w3"));
    ck_assert_ptr_null(hw3_params_name(p, 3));
    ck_assert_ptr_null(hw3_params_name(p, -1));
    OK(hw3i_params_add_uniform(p, "w3", HW3_F64, 1, (int64_t[]){ 2 }, 1));
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A file in a directory of its own. */
static char dir[64], path[80];

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/hw3-params-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/p.st", dir);
}

static void remove_dir(void)
{
    remove(path);
    ck_assert_int_eq(rmdir(dir), 0); /* nothing else is left in it */
}

static hw3_params *example(hw3_ctx *ctx, hw3_dtype dtype, int64_t rows, hw3_init init)
{
    hw3_params *p = NULL;
    OK(hw3_params_create(ctx, &p));
    add(ctx, p, "w", dtype, rows, 3, init);
    add(ctx, p, "b", dtype, 3, 0, init);
    OK(hw3_params_add(p, "none", dtype, 2, (int64_t[]){ 0, 5 }, init));
    return p;
}

START_TEST(save_and_load)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = example(ctx, HW3_F64, 2, HW3_INIT_XAVIER), *q = example(ctx, HW3_F64, 2, HW3_INIT_ZERO),
               *f = example(ctx, HW3_F32, 2, HW3_INIT_ZERO);
    make_dir();
    OK(hw3_params_save(p, path));
    OK(hw3_params_load(q, path));
    ck_assert_mem_eq(values_of(ctx, p, "w"), values_of(ctx, q, "w"), 6 * sizeof(double));
    ck_assert_mem_eq(values_of(ctx, p, "b"), values_of(ctx, q, "b"), 3 * sizeof(double));
    OK(hw3_params_load(f, path)); /* rounded */
    hw3_tensor *t = NULL;
    OK(hw3_params_value(f, "w", &t));
    for (int i = 0; i < 6; i++) ck_assert(((float *)hw3_tensor_data(t))[i] == (float)values_of(ctx, p, "w")[i]);
    OK(hw3_params_save(f, path)); /* over the older file, and widened again */
    OK(hw3_params_load(q, path));
    for (int i = 0; i < 6; i++) ck_assert(values_of(ctx, q, "w")[i] == (double)((float *)hw3_tensor_data(t))[i]);
    remove_dir();
    hw3_params_destroy(p);
    hw3_params_destroy(q);
    hw3_params_destroy(f);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(load_changes_all_or_nothing)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = example(ctx, HW3_F64, 2, HW3_INIT_ONE), *wider = example(ctx, HW3_F64, 2, HW3_INIT_ZERO),
               *taller = NULL, *missing = NULL;
    make_dir();
    FAILS(hw3_params_load(p, path), HW3_ERR_IO);
    SAYS(path);
    OK(hw3_params_save(p, path));
    OK(hw3_params_create(ctx, &taller)); /* the one that differs comes last, after one that fits */
    add(ctx, taller, "b", HW3_F64, 3, 0, HW3_INIT_ZERO);
    OK(hw3_params_add(taller, "none", HW3_F64, 2, (int64_t[]){ 0, 5 }, HW3_INIT_ZERO));
    add(ctx, taller, "w", HW3_F64, 4, 3, HW3_INIT_ZERO);
    FAILS(hw3_params_load(taller, path), HW3_ERR_MISMATCH);
    SAYS("w is [2, 3] but [4, 3] is expected");
    for (int i = 0; i < 3; i++) ck_assert(values_of(ctx, taller, "b")[i] == 0);
    add(ctx, wider, "extra", HW3_F64, 1, 0, HW3_INIT_ZERO);
    FAILS(hw3_params_load(wider, path), HW3_ERR_MISMATCH);
    SAYS("there is no tensor extra");
    for (int i = 0; i < 6; i++) ck_assert(values_of(ctx, wider, "w")[i] == 0);
    OK(hw3_params_create(ctx, &missing));
    add(ctx, missing, "w", HW3_F64, 2, 3, HW3_INIT_ZERO);
    FAILS(hw3_params_load(missing, path), HW3_ERR_MISMATCH);
    SAYS("has a tensor b that is no parameter here");
    for (int i = 0; i < 6; i++) ck_assert(values_of(ctx, missing, "w")[i] == 0);
    values_of(ctx, p, "w")[4] = 1e300; /* no float */
    hw3_params *narrow = example(ctx, HW3_F32, 2, HW3_INIT_ZERO);
    OK(hw3_params_save(p, path));
    FAILS(hw3_params_load(narrow, path), HW3_ERR_FORMAT);
    SAYS("w[4] is 1e+300");
    hw3_params_destroy(narrow);
    OK(hw3_params_load(p, path));
    values_of(ctx, p, "b")[1] = NAN;
    FAILS(hw3_params_save(p, path), HW3_ERR_VALUE);
    SAYS("b[1] is nan");
    OK(hw3_params_load(p, path)); /* the older file is there still */
    ck_assert(values_of(ctx, p, "b")[1] == 1);
    FAILS(hw3_params_save(p, ""), HW3_ERR_ARG);
    SAYS("params_save: path is empty");
    FAILS(hw3_params_load(p, ""), HW3_ERR_ARG);
    FAILS(hw3_params_save(p, NULL), HW3_ERR_ARG);
    FAILS(hw3_params_save(NULL, path), HW3_ERR_ARG);
    FAILS(hw3_params_load(p, NULL), HW3_ERR_ARG);
    FAILS(hw3_params_load(NULL, path), HW3_ERR_ARG);
    FAILS(hw3_params_save(p, "/nowhere/at/all.st"), HW3_ERR_IO);
    SAYS("/nowhere/at/all.st");
    remove_dir();
    hw3_params_destroy(p);
    hw3_params_destroy(wider);
    hw3_params_destroy(taller);
    hw3_params_destroy(missing);
    hw3_ctx_destroy(ctx);
}
END_TEST

static hw3_status scenario(hw3_ctx *ctx)
{
    hw3_params *p = NULL;
    hw3_status s = hw3_params_create(ctx, &p);
    for (int i = 0; i < 9 && !s; i++) { /* the list grows at 8 */
        int64_t before = hw3_params_n(p);
        s = hw3_params_add(p, (char[]){ (char)('a' + i), 0 }, HW3_F64, 1, (int64_t[]){ 2 }, HW3_INIT_NORMAL);
        ck_assert_int_eq(hw3_params_n(p), before + !s);
    }
    if (!s) s = hw3_params_save(p, path);
    if (!s) s = hw3_params_load(p, path);
    hw3_params_destroy(p);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    make_dir();
    ck_assert_int_ge(test_sweep(scenario), 1 + 9 * 8 + 2);
    remove_dir();
}
END_TEST

/* A model that only runs pays for its weights once. */
START_TEST(gradients_take_memory_when_they_are_needed)
{
    enum { N = 1 << 16 };
    const size_t one = N * sizeof(float);
    test_memory m;
    hw3_ctx *ctx = test_ctx_on(&m);
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *grad = NULL;
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_add(p, "used", HW3_F32, 1, (int64_t[]){ N }, HW3_INIT_NORMAL));
    OK(hw3_params_add(p, "idle", HW3_F32, 1, (int64_t[]){ N }, HW3_INIT_NORMAL));
    ck_assert_uint_lt(m.bytes, 2 * one + one / 2);
    OK(hw3_graph_create(ctx, p, &g));
    OK(hw3_graph_begin(g));
    OK(hw3_graph_set_training(g, 0));
    ck_assert_int_ge(hw3_sum(g, hw3_param(g, "used"), 0, 0), 0);
    ck_assert_uint_lt(m.bytes, 2 * one + one / 2 + 4096 * 64);
    OK(hw3_graph_begin(g));
    OK(hw3_graph_set_training(g, 1));
    OK(hw3_graph_backward(g, hw3_sum(g, hw3_param(g, "used"), 0, 0)));
    ck_assert_uint_ge(m.bytes, 3 * one);
    ck_assert_uint_lt(m.bytes, 4 * one);
    OK(hw3_params_grad(p, "used", &grad));
    ck_assert(((const float *)hw3_tensor_data(grad))[N - 1] == 1);
    OK(hw3_params_grad(p, "idle", &grad)); /* taken now, zeros */
    ck_assert(((const float *)hw3_tensor_data(grad))[N - 1] == 0);
    ck_assert_uint_ge(m.bytes, 4 * one);
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("params", order_does_not_change_values, seed_changes_values, laws_of_first_values, value_and_grad,
          bad_names_and_kinds, distance_of_names, half_made_layers_are_undone, save_and_load,
          load_changes_all_or_nothing, gradients_take_memory_when_they_are_needed, every_allocation_may_fail)
