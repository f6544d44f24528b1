/* SPDX-License-Identifier: MIT */
/* Models against transformers on the tiny models of vectors/models, written by vectors/gen_models.py. */
#include "alloc.h"
#include "io/safetensors_inner.h"
#include "model/model_file.h"
#include <unistd.h>
#include <stdbool.h>

/* What a model of transformers computed, and the model here with the same weights. */
typedef struct trial {
    hw3_ctx *ctx;
    hw3_model *model;
    hw3_graph *graph;
    hw3_tensor *tokens, *targets;
    hw3i_st want;
} trial;

static const char *place(const char *name, const char *file)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/models/%s/%s", HW3_VECTORS, name, file);
    return path;
}

static hw3_tensor *ids_of(hw3_ctx *ctx, const hw3i_st *st, const char *name)
{
    hw3_tensor *t = NULL;
    const hw3i_st_entry *e = hw3i_st_find(st, name);
    ck_assert_ptr_nonnull(e);
    OK(hw3_tensor_wrap(ctx, HW3_I64, e->n_dims, e->shape, NULL, (void *)(uintptr_t)e->data, &t));
    return t;
}

static hw3_model_config gpt2_config(void)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = HW3_FAMILY_GPT2;
    c.n_vocab = 13;
    c.n_ctx = 8;
    c.d_model = 12;
    c.n_layers = 2;
    c.n_heads = 3;
    return c;
}

static trial start(const char *name, hw3_dtype dtype)
{
    trial t = { .ctx = test_ctx(1) };
    hw3_ctx *ctx = t.ctx;
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    o.dtype = dtype;
    OK(hw3i_st_load(&t.want, ctx, place(name, "expected.safetensors")));
    OK(hw3_model_open(ctx, place(name, ""), &o, &t.model));
    OK(hw3_graph_create(ctx, hw3_model_params(t.model), &t.graph));
    t.tokens = ids_of(ctx, &t.want, "tokens");
    t.targets = ids_of(ctx, &t.want, "targets");
    return t;
}

static void finish(trial *t)
{
    hw3_tensor_destroy(t->tokens);
    hw3_tensor_destroy(t->targets);
    hw3_graph_destroy(t->graph);
    hw3_model_destroy(t->model);
    hw3i_st_free(&t->want);
    hw3_ctx_destroy(t->ctx);
}

static double at(const void *data, hw3_dtype dtype, int64_t i)
{
    return dtype == HW3_F32 ? ((const float *)data)[i] : ((const double *)data)[i];
}

/* Largest |have - want| / max(1, largest |want|) of a tensor. */
static double worst(const trial *t, const char *name, hw3_dtype dtype, int64_t n, const void *have)
{
    const hw3i_st_entry *e = hw3i_st_find(&t->want, name);
    ck_assert_msg(e != NULL && e->n_bytes == n * 8, "%s: not as many numbers", name);
    const double *want = e->data;
    double most = 1, error = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(want[i]));
    for (int64_t i = 0; i < n; i++) {
        const double off = fabs(at(have, dtype, i) - want[i]);
        error = fmax(error, isfinite(off) ? off : 1e30);
    }
    return error / most;
}

static hw3_var loss_of(trial *t)
{
    hw3_ctx *ctx = t->ctx;
    OK(hw3_graph_begin(t->graph));
    return hw3_model_loss(t->model, t->graph, hw3_input(t->graph, t->tokens), hw3_input(t->graph, t->targets));
}

/* The worst of all parameters' values or gradients, "trained." or "grad.". */
static double worst_param(trial *t, const char *what)
{
    hw3_ctx *ctx = t->ctx;
    hw3_params *p = hw3_model_params(t->model);
    double error = 0;
    for (int64_t i = 0; i < hw3_params_n(p); i++) {
        char name[256];
        hw3_tensor *x = NULL;
        if (what[0] == 'g') OK(hw3_params_grad(p, hw3_params_name(p, i), &x));
        else OK(hw3_params_value(p, hw3_params_name(p, i), &x));
        snprintf(name, sizeof name, "%s%s", what, hw3_params_name(p, i));
        error = fmax(error, worst(t, name, hw3_tensor_dtype(x), hw3_tensor_n_elements(x), hw3_tensor_data(x)));
    }
    return error;
}

static double worst_logits(trial *t, hw3_dtype dtype)
{
    hw3_ctx *ctx = t->ctx;
    OK(hw3_graph_begin(t->graph));
    const hw3_var y = hw3_model_forward(t->model, t->graph, hw3_input(t->graph, t->tokens));
    const hw3i_st_entry *e = hw3i_st_find(&t->want, "logits");
    const int64_t n = e->n_bytes / 8, bytes = n * (dtype == HW3_F32 ? 4 : 8);
    void *have = malloc((size_t)bytes);
    OK(hw3_var_read(t->graph, y, have, bytes));
    const double error = worst(t, "logits", dtype, n, have);
    free(have);
    return error;
}

/* Ten steps of AdamW, and the worst of their losses. */
static double train(trial *t)
{
    hw3_ctx *ctx = t->ctx;
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.kind = HW3_OPTIM_ADAMW;
    o.lr = 1e-2;
    o.eps = 1e-5;
    o.weight_decay = 0.01;
    hw3_optim *adamw = NULL;
    OK(hw3_optim_create(hw3_model_params(t->model), &o, &adamw));
    double losses[10];
    for (int i = 0; i < 10; i++) {
        const hw3_var loss = loss_of(t);
        OK(hw3_graph_backward(t->graph, loss));
        OK(hw3_var_item(t->graph, loss, &losses[i]));
        OK(hw3_optim_step(adamw));
    }
    hw3_optim_destroy(adamw);
    return worst(t, "losses", HW3_F64, 10, losses);
}

/* Floats end where rounding ends, doubles where the 1e-16 of both sides meet through two blocks and ten steps. */
static void compare(const char *name)
{
    for (hw3_dtype dtype = HW3_F32; dtype <= HW3_F64; dtype++) {
        trial t = start(name, dtype);
        hw3_ctx *ctx = t.ctx;
        const double tolerance = dtype == HW3_F32 ? 5e-6 : 1e-12;
        const double logits = worst_logits(&t, dtype);
        double loss;
        const hw3_var v = loss_of(&t);
        OK(hw3_graph_backward(t.graph, v));
        OK(hw3_var_item(t.graph, v, &loss));
        loss = worst(&t, "loss", HW3_F64, 1, &loss);
        const double grads = worst_param(&t, "grad."), losses = train(&t), trained = worst_param(&t, "trained.");
        ck_assert_msg(fmax(fmax(logits, loss), grads) < tolerance && fmax(losses, trained) < 20 * tolerance,
                      "%s: logits %.2g, loss %.2g, gradients %.2g, losses %.2g, weights %.2g off; to regenerate: gen_models.py",
                      name, logits, loss, grads, losses, trained);
        if (getenv("HW3_SHOW"))
            printf("%s f%d: logits %.2g, loss %.2g, gradients %.2g, losses %.2g, weights %.2g off\n", name,
                   dtype == HW3_F32 ? 32 : 64, logits, loss, grads, losses, trained);
        finish(&t);
    }
}

static const char *const all[] = { "gpt2", "gpt2_untied", "bert", "roberta", "llama", "llama_yarn", "deepseek", "deepseek_yarn" };
enum { N_ALL = sizeof all / sizeof all[0] };

START_TEST(as_transformers)
{
    for (int i = 0; i < N_ALL; i++) compare(all[i]);
}
END_TEST

/* As [Radford19]: deviation 0.02, and 0.02 / sqrt(2 n_layers) where a block leads back. */
START_TEST(first_weights)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_model_config c = gpt2_config();
    c.d_model = 96;
    hw3_model *m = NULL;
    OK(hw3_model_create(ctx, &c, &m));
    const struct { const char *name; double mean, deviation; } laws[] = {
        { "transformer.wte.weight", 0, 0.02 }, { "transformer.h.0.attn.c_attn.weight", 0, 0.02 },
        { "transformer.h.1.attn.c_proj.weight", 0, 0.01 }, { "transformer.h.1.mlp.c_proj.weight", 0, 0.01 },
        { "transformer.h.0.mlp.c_fc.bias", 0, 0 }, { "transformer.ln_f.weight", 1, 0 }, { "transformer.ln_f.bias", 0, 0 } };
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        hw3_tensor *t = NULL;
        OK(hw3_params_value(hw3_model_params(m), laws[i].name, &t));
        const int64_t n = hw3_tensor_n_elements(t);
        const float *x = hw3_tensor_data(t);
        double mean = 0, square = 0;
        for (int64_t j = 0; j < n; j++) mean += x[j] / (double)n;
        for (int64_t j = 0; j < n; j++) square += (x[j] - mean) * (x[j] - mean) / (double)n;
        const double off = 5 * laws[i].deviation / sqrt((double)n) + 1e-12; /* of a mean; a deviation is off less */
        ck_assert_msg(fabs(mean - laws[i].mean) <= off && fabs(sqrt(square) - laws[i].deviation) <= off, "%s: mean %g, deviation %g",
                      laws[i].name, mean, sqrt(square));
    }
    ck_assert_int_eq(hw3_params_n(hw3_model_params(m)), 2 + 2 * 12 + 2);
    hw3_model_destroy(m);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(configurations_are_checked)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *m = NULL;
#define BAD(change, text)                                        \
    do {                                                         \
        hw3_model_config c = gpt2_config();                      \
        change;                                                  \
        FAILS(hw3_model_create(ctx, &c, &m), HW3_ERR_ARG);       \
        SAYS(text);                                              \
        ck_assert_ptr_null(m);                                   \
    } while (0)
    BAD(c.family = 99, "family is 99");
    BAD(c.n_vocab = 0, "n_vocab is 0");
    BAD(c.n_ctx = -1, "n_ctx is -1");
    BAD(c.d_model = INT64_MAX, "d_model is 9223372036854775807");
    BAD(c.n_layers = 5000, "n_layers is 5000");
    BAD(c.n_heads = 5, "d_model is 12, no multiple of 5 heads");
    BAD(c.d_ff = -3, "d_ff is -3");
    BAD(c.dtype = HW3_I64, "dtype is 3");
    BAD(c.activation = 9, "activation is 9");
    BAD(c.tied = 2, "tied is 2");
    BAD(c.mlp_bias = -2, "mlp_bias is -2");
    BAD(c.mlp_bias = 0, "mlp_bias is 0, but gpt2 has 1");
    BAD(c.n_kv_heads = 1, "n_kv_heads is 1, but gpt2 has 3");
    BAD(c.d_head = 5, "d_head is 5, but gpt2 has 4");
    BAD(c.n_types = 1, "n_types is 1, but gpt2 has 0");
    BAD(c.rope_base = 100, "rope_base is 100 and rope_scaling 0, but gpt2 has no rotary positions");
#define LLAMA(change) (c.family = HW3_FAMILY_LLAMA, change)
    BAD(LLAMA(c.n_kv_heads = 2), "n_heads is 3, no multiple of n_kv_heads 2");
    BAD(LLAMA(c.n_kv_heads = 4), "n_kv_heads is 4, must be 0 to 3");
    BAD(LLAMA(c.d_head = 3), "rope: 3 dimensions are no pairs");
    BAD(LLAMA(c.dropout = 0.1), "dropout is 0.1 and embed_dropout 0, but llama has attention_dropout alone");
    BAD(LLAMA(c.rope_base = 1), "rope: base is 1");
    BAD(LLAMA(c.rope_scaling = 9), "rope: scaling is 9");
    BAD(LLAMA(c.rope_factor = 2), "rope_factor is 2, but there is no rope_scaling");
    BAD(LLAMA(c.kv_rank = 4), "kv_rank is 4, but llama has 0");
    BAD(LLAMA(c.d_value = 6), "d_value is 6, but llama has 4");
#undef LLAMA
#define DEEPSEEK(change) (c.family = HW3_FAMILY_DEEPSEEK, c.kv_rank = 4, c.d_rope = 2, change)
    BAD(DEEPSEEK(c.kv_rank = 0), "kv_rank is 0 and d_rope 2, must be at least 1");
    BAD(DEEPSEEK(c.d_rope = 0), "kv_rank is 4 and d_rope 0, must be at least 1");
    BAD(DEEPSEEK(c.d_rope = 3), "rope: 3 dimensions are no pairs");
    BAD(DEEPSEEK(c.n_kv_heads = 1), "n_kv_heads is 1, but each of 3 heads has keys of its own");
#undef DEEPSEEK
    BAD(c.eps = -1, "eps is -1");
    BAD(c.init_std = NAN, "init_std is nan");
    BAD(c.dropout = 1, "dropout is 1");
    BAD(c.pad_id = -2, "pad_id is -2");
#undef BAD
    hw3_model_config c = gpt2_config();
    FAILS(hw3_model_create(ctx, NULL, &m), HW3_ERR_ARG);
    SAYS("config is NULL");
    FAILS(hw3_model_create(ctx, &c, NULL), HW3_ERR_ARG);
    FAILS(hw3_model_create(NULL, &c, &m), HW3_ERR_ARG);
    c.struct_size = 7;
    FAILS(hw3_model_create(ctx, &c, &m), HW3_ERR_ABI);
    c = gpt2_config();
    OK(hw3_model_create(ctx, &c, &m));
    hw3_model_config out = HW3_MODEL_CONFIG_INIT;
    OK(hw3_model_get_config(m, &out));
    ck_assert(out.d_ff == 48 && out.tied == 1 && out.activation == HW3_ACTIVATION_GELU_TANH && out.eps == 1e-5);
    FAILS(hw3_model_get_config(m, NULL), HW3_ERR_ARG);
    FAILS(hw3_model_get_config(NULL, &out), HW3_ERR_ARG);
    out.struct_size = 7;
    FAILS(hw3_model_get_config(m, &out), HW3_ERR_ABI);
    hw3_model_destroy(m);
    hw3_model_destroy(NULL);
    ck_assert_ptr_null(hw3_model_params(NULL));
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(tokens_are_checked)
{
    trial t = start("gpt2", HW3_F32);
    hw3_ctx *ctx = t.ctx;
    int64_t ids[18] = { 0 };
    float numbers[8] = { 0 };
    hw3_tensor *row = NULL, *longer = NULL, *real = NULL, *flat = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 2, 4 }, NULL, ids, &row));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 2, 9 }, NULL, ids, &longer));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 4 }, NULL, ids, &flat));
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 2, 4 }, NULL, numbers, &real));
#define RUN(tokens, status, text)                                                                    \
    do {                                                                                             \
        OK(hw3_graph_begin(t.graph));                                                                \
        FAILS(hw3_model_forward(t.model, t.graph, hw3_input(t.graph, tokens)), status);              \
        SAYS(text);                                                                                  \
    } while (0)
    ids[6] = 13;
    RUN(row, HW3_ERR_VALUE, "tokens[1][2] is 13, must be 0 to 12");
    ids[6] = -1;
    RUN(row, HW3_ERR_VALUE, "tokens[1][2] is -1, must be 0 to 12");
    ids[6] = 0;
    RUN(longer, HW3_ERR_SHAPE, "tokens is [2, 9], must be [B, T] with T 1 to 8");
    RUN(flat, HW3_ERR_SHAPE, "tokens is [4]");
    RUN(real, HW3_ERR_DTYPE, "tokens is F32");
#undef RUN
    OK(hw3_graph_begin(t.graph));
    hw3_var v = hw3_input(t.graph, row);
    ids[1] = -100; /* as a target it does not count, as a token it is none */
    FAILS(hw3_model_forward(t.model, t.graph, v), HW3_ERR_VALUE);
    OK(hw3_graph_begin(t.graph));
    v = hw3_input(t.graph, row);
    ids[1] = 13;
    FAILS(hw3_model_loss(t.model, t.graph, hw3_input(t.graph, t.tokens), v), HW3_ERR_VALUE);
    SAYS("targets[0][1] is 13");
    FAILS(hw3_model_forward(NULL, t.graph, v), HW3_ERR_ARG);
    FAILS(hw3_model_forward(t.model, NULL, v), HW3_ERR_ARG);
    FAILS(hw3_model_loss(NULL, NULL, v, v), HW3_ERR_ARG);
    hw3_graph *other = NULL;
    OK(hw3_graph_create(ctx, NULL, &other));
    FAILS(hw3_model_forward(t.model, other, hw3_input(other, t.tokens)), HW3_ERR_STATE);
    SAYS("other parameters");
    FAILS(hw3_model_forward(t.model, t.graph, HW3_NONE), HW3_ERR_ARG);
    FAILS(hw3_model_forward(t.model, t.graph, HW3_ERR_IO), HW3_ERR_IO);
    hw3_graph_destroy(other);
    hw3_tensor_destroy(row);
    hw3_tensor_destroy(longer);
    hw3_tensor_destroy(flat);
    hw3_tensor_destroy(real);
    finish(&t);
}
END_TEST

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
    hw3_params *p = hw3_model_params(a), *q = hw3_model_params(b);
    ck_assert_int_eq(hw3_params_n(p), hw3_params_n(q));
    for (int64_t i = 0; i < hw3_params_n(p); i++) {
        hw3_tensor *v = NULL, *w = NULL;
        OK(hw3_params_value(p, hw3_params_name(p, i), &v));
        OK(hw3_params_value(q, hw3_params_name(p, i), &w));
        ck_assert_mem_eq(hw3_tensor_data(v), hw3_tensor_data(w), (size_t)hw3_tensor_n_elements(v) * (hw3_tensor_dtype(v) == HW3_F32 ? 4 : 8));
    }
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
        { "\"yarn\"", "\"dynamic\"", HW3_ERR_UNSUPPORTED, "rope_scaling is of the type \"dynamic\", not one of default, linear, yarn", 0, 0, 0, 0 },
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

static hw3_status scenario(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *ids = NULL;
    hw3_model_config c = gpt2_config();
    hw3_status s = hw3_model_create(ctx, &c, &m);
    if (!s) s = hw3_graph_create(ctx, hw3_model_params(m), &g);
    if (!s) s = hw3_tensor_create(ctx, HW3_I64, 2, (int64_t[]){ 2, 3 }, &ids);
    if (!s) {
        const hw3_var x = hw3_input(g, ids);
        s = hw3_graph_backward(g, hw3_model_loss(m, g, x, x));
    }
    hw3_tensor_destroy(ids);
    hw3_graph_destroy(g);
    hw3_model_destroy(m);
    return s;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_int_ge(test_sweep(scenario), 28 * 4);
    make_dir();
    ck_assert_int_ge(test_sweep(file_scenario), 17 * 6);
    remove_dir();
}
END_TEST

TEST_MAIN("model", as_transformers, first_weights, configurations_are_checked, tokens_are_checked, saved_and_opened, opened_from_mapped_files,
          settings, bad_folders, every_allocation_may_fail)
