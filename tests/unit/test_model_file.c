/* SPDX-License-Identifier: MIT */
/* Models to and from folders. */
#include "model_trial.h"
#include "io/safetensors_inner.h"
#include "model/model_file.h"
#include <unistd.h>

/* A folder of its own for what is saved. */
static char dir[64];

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/hw3-model-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static const char *in_dir(const char *file)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    return path;
}

static void remove_dir(void)
{
    const char *files[] = { "config.json", "model.safetensors", "model.safetensors.index.json" };
    for (int i = 0; i < 3; i++) remove(in_dir(files[i]));
    ck_assert_int_eq(rmdir(dir), 0); /* nothing else is left in it */
}

static void write_file(const char *file, const char *text, size_t n)
{
    FILE *f = fopen(in_dir(file), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* The bytes of a file, and a 0. */
static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    char *text = calloc(1, 1 << 20);
    *n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static void same_model(hw3_ctx *ctx, hw3_model *a, hw3_model *b)
{
    hw3_model_config x = HW3_MODEL_CONFIG_INIT, y = HW3_MODEL_CONFIG_INIT;
    OK(hw3_model_get_config(a, &x));
    OK(hw3_model_get_config(b, &y));
    ck_assert_mem_eq(&x, &y, sizeof x);
    same_params(ctx, a, b);
}

START_TEST(saved_and_opened)
{
    make_dir();
    for (int i = 0; i < N_ALL; i++)
        for (hw3_dtype dtype = HW3_F32; dtype <= HW3_F64; dtype++) {
            trial t = start(all[i], dtype);
            hw3_ctx *ctx = t.ctx;
            hw3_model *again = NULL;
            hw3_model_opts o = HW3_MODEL_OPTS_INIT;
            o.dtype = dtype;
            OK(hw3_model_save(t.model, dir));
            OK(hw3_model_open(ctx, dir, &o, &again));
            same_model(ctx, t.model, again);
            hw3_model_destroy(again);
            finish(&t);
        }
    remove_dir();
}
END_TEST

/* As model_save, with the weights cut to BF16. */
static void save_brain(hw3_ctx *ctx, hw3_model *m)
{
    hw3i_st st;
    const hw3i_st_type *brain = hw3i_st_types;
    while (strcmp(brain->name, "BF16")) brain++;
    OK(hw3_model_save(m, dir));
    OK(hw3i_st_load(&st, ctx, in_dir("model.safetensors")));
    for (int64_t i = 0; i < st.n; i++) {
        hw3i_st_entry *e = &st.entries[i];
        uint16_t *upper = (uint16_t *)(uintptr_t)e->data; /* in place: every second one, moved to the front */
        for (int64_t j = 0; j < e->n_bytes / 4; j++) upper[j] = upper[2 * j + 1];
        e->type = brain;
        e->n_bytes /= 2;
    }
    OK(hw3i_st_save(&st, in_dir("model.safetensors")));
    hw3i_st_free(&st);
}

static size_t bytes_of(hw3_model *m)
{
    hw3_params *p = hw3_model_params(m);
    int64_t n = 0;
    for (int64_t i = 0; i < hw3_params_n(p); i++) {
        hw3_tensor *t = NULL;
        ck_assert_int_eq(hw3_params_value(p, hw3_params_name(p, i), &t), 0);
        n += hw3_tensor_n_elements(t) * (hw3_tensor_dtype(t) == HW3_F32 ? 4 : 8);
    }
    return (size_t)n;
}

/* Opening takes the memory of the model and no other of its size, whatever the type of the weights. */
START_TEST(opened_from_mapped_files)
{
    test_memory memory;
    hw3_ctx *ctx = test_ctx_on(&memory);
    hw3_model *m = NULL, *again = NULL;
    hw3_model_config c = gpt2_config();
    c.n_vocab = 1000;
    c.d_model = 96;
    make_dir();
    OK(hw3_model_create(ctx, &c, &m));
    for (int brain = 0; brain < 2; brain++) {
        if (brain) save_brain(ctx, m);
        else OK(hw3_model_save(m, dir));
        memory.most_bytes = memory.bytes;
        OK(hw3_model_open(ctx, dir, NULL, &again));
        const size_t n = bytes_of(again), most = memory.most_bytes - memory.bytes;
        ck_assert_msg(most < n / 10, "%zu bytes beside %zu of the weights", most, n);
        hw3_tensor *v = NULL, *w = NULL;
        OK(hw3_params_value(hw3_model_params(m), "transformer.wte.weight", &v));
        OK(hw3_params_value(hw3_model_params(again), "transformer.wte.weight", &w));
        const float *x = hw3_tensor_data(v), *y = hw3_tensor_data(w);
        for (int64_t i = 0; i < c.n_vocab * c.d_model; i++) {
            const float off = fabsf(x[i] - y[i]);
            ck_assert_msg(brain ? off <= fabsf(x[i]) * 0x1p-7f && off < fabsf(x[i]) : off == 0, "%g became %g", x[i], y[i]);
        }
        hw3_model_destroy(again);
    }
    hw3_model_destroy(m);
    remove_dir();
    hw3_ctx_destroy(ctx);
    ck_assert_uint_eq(memory.bytes, 0);
}
END_TEST

/* config.json with one text in place of another. */
static void write_changed(const char *config, const char *from, const char *to)
{
    char text[2048];
    const char *at = strstr(config, from);
    ck_assert_msg(at != NULL, "%s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - config), config, to, at + strlen(from));
    write_file("config.json", text, strlen(text));
}

/* Rotary positions as transformers reads them; what means something else here, or is not built, is refused by its name. */
START_TEST(settings)
{
    hw3_ctx *ctx = test_ctx(1);
    size_t n;
    char *config = read_file(place("llama_yarn", "config.json"), &n);
    make_dir();
    const struct {
        const char *from, *to;
        hw3_status status;
        const char *says;
        int32_t scaling;
        double factor, attention;
        int64_t context;
    } rows[] = {
        { "\"yarn\"", "\"yarn\"", 0, "", HW3_ROPE_YARN, 4, 0, 64 },
        { "\"rope_type\"", "\"type\"", 0, "", HW3_ROPE_YARN, 4, 0, 64 },
        { "64,", "null, \"attention_factor\": 1.5,", 0, "", HW3_ROPE_YARN, 4, 1.5, 8 },
        { "64,", "64, \"mscale\": 0.7, \"mscale_all_dim\": 2.0,", 0, "", HW3_ROPE_YARN, 4, (1 + 0.07 * log(4)) / (1 + 0.2 * log(4)), 64 },
        { "\"yarn\"", "\"linear\"", 0, "", HW3_ROPE_LINEAR, 4, 0, 0 },
        { "\"yarn\"", "\"default\"", 0, "", HW3_ROPE_PLAIN, 1, 0, 0 },
        { "\"yarn\"", "\"dynamic\"", HW3_ERR_UNSUPPORTED, "is of the type \"dynamic\", not one of default, linear, yarn, llama3", 0, 0, 0, 0 },
        { "\"yarn\"", "\"longrope\"", HW3_ERR_UNSUPPORTED, "rope_scaling is of the type \"longrope\"", 0, 0, 0, 0 },
        { "\"yarn\"", "\"yarn\", \"truncate\": false", HW3_ERR_UNSUPPORTED, "truncate is false", 0, 0, 0, 0 },
        { "\"factor\": 4.0", "\"factor\": null", HW3_ERR_ARG, "rope: factor is 0", 0, 0, 0, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hw3_model_config c = HW3_MODEL_CONFIG_INIT;
        write_changed(config, rows[i].from, rows[i].to);
        hw3_status s = hw3i_config_read(ctx, in_dir("config.json"), &c);
        if (!s) s = hw3i_model_resolve(ctx, &c);
        if (s) SAYS(rows[i].says);
        ck_assert_int_eq(s, rows[i].status);
        if (!s) ck_assert_msg(c.rope_scaling == rows[i].scaling && c.rope_factor == rows[i].factor && c.rope_context == rows[i].context &&
                                  fabs(c.rope_attention_factor - rows[i].attention) < 1e-15, "%s", rows[i].to);
    }
    free(config);
    hw3_model_config c = gpt2_config();
    config = read_file(place("deepseek", "config.json"), &n);
    write_changed(config, "\"first_k_dense_replace\": 2", "\"first_k_dense_replace\": 1");
    FAILS(hw3i_config_read(ctx, in_dir("config.json"), &c), HW3_ERR_UNSUPPORTED);
    SAYS("first_k_dense_replace is 1, only 2 or more is supported");
    remove_dir();
    free(config);
    c = gpt2_config();
    c.family = HW3_FAMILY_LLAMA, c.rope_scaling = HW3_ROPE_NTK, c.rope_factor = 3; /* 4 numbers of a head: 10000 3^(4 / 2) */
    OK(hw3i_model_resolve(ctx, &c));
    ck_assert(c.rope_scaling == HW3_ROPE_PLAIN && c.rope_factor == 1 && fabs(c.rope_base - 90000) < 1e-9);
    hw3_ctx_destroy(ctx);
}
END_TEST

static char said[4096];

static void keep_log(void *user, const char *line)
{
    (void)user;
    strncat(said, line, sizeof said - strlen(said) - 2);
    strcat(said, "\n");
}

/* A head that is asked for and not there begins at random, and the log names it; one that the file promises must be there. */
START_TEST(head_on_an_encoder)
{
    hw3_ctx_opts co = HW3_CTX_OPTS_INIT;
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    hw3_ctx *ctx = NULL;
    hw3_model *m = NULL, *bare = NULL;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_tensor *w = NULL;
    co.log = keep_log;
    OK(hw3_ctx_create(&co, &ctx));
    o.head = HW3_HEAD_CLASSES;
    o.n_classes = 4;
    OK(hw3_model_open(ctx, place("bert", ""), &o, &m));
    OK(hw3_model_get_config(m, &c));
    ck_assert(c.n_classes == 4 && c.head == HW3_HEAD_CLASSES);
    ck_assert_ptr_nonnull(strstr(said, "there is no bert.pooler.dense.weight, which begins at random"));
    ck_assert_ptr_nonnull(strstr(said, "there is no classifier.bias"));
    ck_assert_ptr_null(strstr(said, "encoder"));
    OK(hw3_params_value(hw3_model_params(m), "classifier.weight", &w));
    double square = 0;
    for (int i = 0; i < 32; i++) square += pow(((const float *)hw3_tensor_data(w))[i], 2) / 32;
    ck_assert_double_gt(square, 0.01 * 0.01); /* of deviation 0.02 */
    ck_assert_double_lt(square, 0.04 * 0.04);
    o.head = HW3_HEAD_NONE;
    o.n_classes = 0;
    OK(hw3_model_open(ctx, place("bert_classes", ""), &o, &bare));
    OK(hw3_params_value(hw3_model_params(bare), "bert.pooler.dense.weight", &w));
    hw3_model_destroy(m);
    hw3_model_destroy(bare);
    const struct { hw3_head head; int64_t n; hw3_status status; const char *says; } bad[] = {
        { HW3_HEAD_CLASSES, 2, HW3_ERR_MISMATCH, "classifier.weight is [3, 8] but [2, 8] is expected" },
        { HW3_HEAD_TOKENS, 2, HW3_ERR_ARG, "n_classes is 2, but BertForMaskedLM has 0" },
        { 0, 2, HW3_ERR_MISMATCH, "classifier.weight is [3, 8]" }, { 17, 0, HW3_ERR_ARG, "head is 17" },
        { -1, 0, HW3_ERR_ARG, "head is -1" } };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        o.head = bad[i].head;
        o.n_classes = bad[i].n;
        FAILS(hw3_model_open(ctx, place("bert_classes", ""), &o, &m), bad[i].status);
        SAYS(bad[i].says);
    }
    size_t n, n_weights;
    char *weights = read_file(place("bert", "model.safetensors"), &n_weights);
    char *config = read_file(place("bert", "config.json"), &n);
    make_dir();
    write_file("model.safetensors", weights, n_weights);
    write_changed(config, "BertForMaskedLM", "BertForSequenceClassification");
    FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_MISMATCH);
    SAYS("there is no tensor bert.pooler.dense.weight");
    write_changed(config, "BertForMaskedLM", "BertForQuestionAnswering");
    FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_UNSUPPORTED);
    SAYS("architectures names \"BertForQuestionAnswering\", not one of BertForMaskedLM, BertForPreTraining");
    write_changed(config, "\"architectures\"", "\"x\"");
    OK(hw3_model_open(ctx, dir, NULL, &m));
    hw3_model_destroy(m);
    remove_dir();
    free(weights);
    free(config);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A file of another configuration, and every cut of it, is refused with what is wrong. */
START_TEST(bad_folders)
{
    trial t = start("gpt2", HW3_F32);
    hw3_ctx *ctx = t.ctx;
    hw3_model *m = NULL;
    size_t n, n_weights;
    char *weights = read_file(place("gpt2", "model.safetensors"), &n_weights), *config = read_file(place("gpt2", "config.json"), &n);
    make_dir();
    FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_IO);
    SAYS("config.json");
    write_file("config.json", config, n);
    FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_IO);
    SAYS("model.safetensors");
    write_file("model.safetensors", weights, n_weights);
    OK(hw3_model_open(ctx, dir, NULL, &m));
    hw3_model_destroy(m);
    const struct { const char *from, *to; hw3_status status; const char *says; } rows[] = {
        { "\"gpt2\"", "\"mamba\"", HW3_ERR_UNSUPPORTED, "model_type is \"mamba\", not one of gpt2" },
        { "\"model_type\"", "\"x\"", HW3_ERR_UNSUPPORTED, "model_type is \"\"" },
        { "gelu_new", "mish", HW3_ERR_UNSUPPORTED, "activation_function is \"mish\"" },
        { "\"scale_attn_weights\": true", "\"scale_attn_weights\": false", HW3_ERR_UNSUPPORTED, "scale_attn_weights is false" },
        { "\"n_head\": 3", "\"n_head\": 5", HW3_ERR_FORMAT, "no multiple of 5 heads" },
        { "\"n_head\": 3", "\"n_head\": \"3\"", HW3_ERR_FORMAT, "n_head is a text" },
        { "\"n_head\": 3", "\"n_head\": 3, \"n_head\": 3", HW3_ERR_FORMAT, "n_head is there twice" },
        { "\"n_layer\": 2", "\"n_layer\": 3", HW3_ERR_MISMATCH, "there is no tensor transformer.h.2.ln_1.weight" },
        { "\"n_layer\": 2", "\"n_layer\": 2e18", HW3_ERR_FORMAT, "" },
        { "\"vocab_size\": 13", "\"vocab_size\": 14", HW3_ERR_MISMATCH, "transformer.wte.weight is [13, 12] but [14, 12] is expected" },
        { "\"vocab_size\": 13", "\"vocab_size\": 2000000000", HW3_ERR_MISMATCH, "[2000000000, 12] is expected" },
        { "\"n_positions\": 8", "\"n_positions\": -8", HW3_ERR_FORMAT, "n_ctx is -8" },
        { "\"resid_pdrop\": 0.0", "\"resid_pdrop\": 1.5", HW3_ERR_FORMAT, "dropout is 1.5" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_changed(config, rows[i].from, rows[i].to);
        FAILS(hw3_model_open(ctx, dir, NULL, &m), rows[i].status);
        SAYS(rows[i].says);
        ck_assert_ptr_null(m);
    }
    for (size_t cut = 0; cut + 2 < n; cut += 7) { /* the last byte is a line's end */
        write_file("config.json", config, cut);
        FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_FORMAT);
    }
    write_file("config.json", config, n);
    for (size_t cut = 0; cut < n_weights; cut += 1001) {
        write_file("model.safetensors", weights, cut);
        FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_FORMAT);
    }
    remove(in_dir("model.safetensors"));
    const char *indices[][2] = { { "{}", "there is no weight_map" }, { "{\"weight_map\": 3}", "weight_map is a number" },
                                 { "{\"weight_map\": {\"a\": \"../a\"}}", "names a file \"../a\"" },
                                 { "{\"weight_map\": {\"a\": \"none\"}}", "/none" }, { "{\"weight_map\": {\"a\": []}}", "a is a list" },
                                 { "{\"weight_map\": {}}", "weight_map names no file" } };
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++) {
        write_file("model.safetensors.index.json", indices[i][0], strlen(indices[i][0]));
        ck_assert_int_lt(hw3_model_open(ctx, dir, NULL, &m), 0);
        SAYS(indices[i][1]);
    }
    const char twice[] = "{\"weight_map\": {\"a\": \"1.safetensors\", \"b\": \"2.safetensors\"}}";
    write_file("model.safetensors.index.json", twice, strlen(twice));
    write_file("1.safetensors", weights, n_weights);
    write_file("2.safetensors", weights, n_weights);
    FAILS(hw3_model_open(ctx, dir, NULL, &m), HW3_ERR_FORMAT);
    SAYS("there is transformer.wte.weight in 1.safetensors and transformer.wte.weight in 2.safetensors");
    remove(in_dir("1.safetensors")), remove(in_dir("2.safetensors"));
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    o.dtype = HW3_I64;
    FAILS(hw3_model_open(ctx, dir, &o, &m), HW3_ERR_ARG);
    SAYS("dtype is 3");
    FAILS(hw3_model_open(ctx, "", NULL, &m), HW3_ERR_ARG);
    FAILS(hw3_model_open(ctx, NULL, NULL, &m), HW3_ERR_ARG);
    FAILS(hw3_model_open(ctx, dir, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_model_open(NULL, dir, NULL, &m), HW3_ERR_ARG);
    FAILS(hw3_model_save(t.model, "/nowhere/at/all"), HW3_ERR_IO);
    SAYS("/nowhere/at/all");
    FAILS(hw3_model_save(NULL, dir), HW3_ERR_ARG);
    FAILS(hw3_model_save(t.model, NULL), HW3_ERR_ARG);
    hw3_tensor *w = NULL;
    OK(hw3_params_value(hw3_model_params(t.model), "transformer.ln_f.bias", &w));
    ((float *)hw3_tensor_data(w))[1] = NAN;
    FAILS(hw3_model_save(t.model, dir), HW3_ERR_VALUE);
    remove_dir();
    free(weights);
    free(config);
    finish(&t);
}
END_TEST

static hw3_status file_scenario(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_status s = hw3_model_open(ctx, place("gpt2_untied", ""), NULL, &m);
    if (!s) s = hw3_model_save(m, dir);
    hw3_model_destroy(m);
    return s;
}

static hw3_status new_head_scenario(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    o.head = HW3_HEAD_CLASSES;
    hw3_status s = hw3_model_open(ctx, place("roberta", ""), &o, &m);
    if (!s) s = hw3_model_save(m, dir);
    hw3_model_destroy(m);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    make_dir();
    ck_assert_int_ge(test_sweep(file_scenario), 17 * 6);
    ck_assert_int_ge(test_sweep(new_head_scenario), 41 * 4);
    remove_dir();
}
END_TEST

TEST_MAIN("model_file", saved_and_opened, opened_from_mapped_files, head_on_an_encoder, settings, bad_folders,
          every_allocation_may_fail)
