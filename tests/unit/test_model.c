/* SPDX-License-Identifier: MIT */
/* Models against transformers on the tiny models of vectors/models, written by vectors/gen_models.py. */
#include "model_trial.h"

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

static hw3_var input(trial *t, hw3_tensor *x) { return x ? hw3_input(t->graph, x) : HW3_NONE; }

static hw3_var hidden_of(trial *t)
{
    hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;
    o.types = input(t, t->types);
    o.lengths = input(t, t->lengths);
    return hw3_model_hidden(t->model, t->graph, input(t, t->tokens), &o);
}

static hw3_var logits_of(trial *t)
{
    hw3_ctx *ctx = t->ctx;
    OK(hw3_graph_begin(t->graph));
    if (!t->types && !t->lengths) return hw3_model_forward(t->model, t->graph, input(t, t->tokens));
    return hw3_model_head(t->model, t->graph, hidden_of(t));
}

static hw3_var mean_square(hw3_graph *g, hw3_var x) { return hw3_mean(g, hw3_mul(g, x, x), HW3_ALL_DIMS, 0); }

static hw3_var loss_of(trial *t)
{
    hw3_ctx *ctx = t->ctx;
    OK(hw3_graph_begin(t->graph));
    hw3_graph *g = t->graph;
    const hw3_var targets = input(t, t->targets);
    if (!t->types && !t->lengths && t->head != HW3_HEAD_NONE) return hw3_model_loss(t->model, g, input(t, t->tokens), targets);
    const hw3_var h = hidden_of(t);
    if (t->head == HW3_HEAD_NONE) return hw3_add(g, mean_square(g, h), mean_square(g, hw3_model_pooled(t->model, g, h)));
    const hw3_var loss = hw3_model_head_loss(t->model, g, h, targets);
    return t->next ? hw3_add(g, loss, hw3_cross_entropy(g, hw3_model_pooled(t->model, g, h), input(t, t->next), -100, 0)) : loss;
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

/* Of a value under this name; 0 when the model says nothing of the kind. */
static double worst_value(trial *t, const char *name, hw3_var y, hw3_dtype dtype)
{
    hw3_ctx *ctx = t->ctx;
    const hw3i_st_entry *e = hw3i_st_find(&t->want, name);
    if (!e) return 0;
    const int64_t n = e->n_bytes / 8, bytes = n * (dtype == HW3_F32 ? 4 : 8);
    void *have = malloc((size_t)bytes);
    OK(hw3_var_read(t->graph, y, have, bytes));
    const double error = worst(t, name, dtype, n, have);
    free(have);
    return error;
}

static double worst_logits(trial *t, hw3_dtype dtype)
{
    const double logits = worst_value(t, "logits", logits_of(t), dtype);
    const bool more = hw3i_st_find(&t->want, "pooled") != NULL;
    return more ? fmax(logits, worst_value(t, "pooled", hw3_model_pooled(t->model, t->graph, hidden_of(t)), dtype)) : logits;
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

START_TEST(as_transformers)
{
    for (int i = 0; i < N_ALL; i++) compare(all[i]);
}
END_TEST

/* Ten steps give weights of the same bits. */
START_TEST(any_number_of_threads)
{
    for (int i = 0; i < N_ALL; i++) {
        trial one = start(all[i], HW3_F32);
        train(&one);
        for (int32_t n = 2; n <= 4; n += 2) {
            trial many = start_on(n, all[i], HW3_F32);
            train(&many);
            same_params(many.ctx, one.model, many.model);
            finish(&many);
        }
        finish(&one);
    }
}
END_TEST

/* Two steps with dropout of a model that is large enough to be cut among threads, and a session: logits behind 64 tokens. */
static hw3_model *train_large(hw3_ctx *ctx, float logits[200])
{
    hw3_model_config c = gpt2_config();
    hw3_model *m = NULL;
    hw3_graph *g = NULL;
    hw3_optim *adam = NULL;
    hw3_session *session = NULL;
    hw3_tensor *tokens = NULL;
    int64_t ids[8 * 64];
    for (int i = 0; i < 8 * 64; i++) ids[i] = i * 37 % 200;
    c.n_vocab = 200, c.n_ctx = 64, c.d_model = 48, c.dropout = c.attention_dropout = c.embed_dropout = 0.1;
    OK(hw3_model_create(ctx, &c, &m));
    OK(hw3_graph_create(ctx, hw3_model_params(m), &g));
    OK(hw3_optim_create(hw3_model_params(m), NULL, &adam));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 8, 64 }, NULL, ids, &tokens));
    for (uint64_t step = 0; step < 2; step++) {
        OK(hw3_graph_begin(g));
        OK(hw3_graph_set_random(g, 5, step));
        const hw3_var x = hw3_input(g, tokens);
        OK(hw3_graph_backward(g, hw3_model_loss(m, g, x, x)));
        OK(hw3_optim_step(adam));
    }
    OK(hw3_session_create(m, NULL, &session));
    OK(hw3_session_feed(session, 0, ids, 64));
    OK(hw3_session_logits(session, 0, logits, 200));
    hw3_session_destroy(session);
    hw3_tensor_destroy(tokens);
    hw3_optim_destroy(adam);
    hw3_graph_destroy(g);
    return m;
}

START_TEST(steps_that_are_cut)
{
    float want[200], have[200];
    hw3_ctx *ctx = test_ctx(1);
    hw3_model *one = train_large(ctx, want);
    for (int32_t n = 2; n <= 4; n++) {
        hw3_ctx *many = test_ctx(n);
        hw3_model *m = train_large(many, have);
        same_params(many, one, m);
        ck_assert_msg(!memcmp(have, want, sizeof want), "%d threads: other logits", (int)n);
        hw3_model_destroy(m);
        hw3_ctx_destroy(many);
    }
    hw3_model_destroy(one);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Reads the logits of tokens. */
static double *numbers_of(trial *t, int64_t *n)
{
    hw3_ctx *ctx = t->ctx;
    int64_t shape[HW3_MAX_DIMS];
    int32_t n_dims;
    const hw3_var y = logits_of(t);
    OK(hw3_var_shape(t->graph, y, shape, &n_dims));
    *n = 1;
    for (int32_t i = 0; i < n_dims; i++) *n *= shape[i];
    double *x = malloc((size_t)*n * sizeof *x);
    OK(hw3_var_read(t->graph, y, x, *n * (int64_t)sizeof *x));
    return x;
}

/* Types of 0 and lengths of T change no bit; nor does what stands in the padding change anything before it. */
START_TEST(types_and_lengths)
{
    trial t = start("bert", HW3_F64);
    hw3_ctx *ctx = t.ctx;
    hw3_tensor *const types = t.types, *const lengths = t.lengths;
    int64_t zeros[3 * 9] = { 0 }, full[3] = { 9, 9, 9 }, n;
    t.types = t.lengths = NULL;
    double *plain = numbers_of(&t, &n);
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 3, 9 }, NULL, zeros, &t.types));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 3 }, NULL, full, &t.lengths));
    double *same = numbers_of(&t, &n);
    ck_assert_int_eq(n, 3 * 9 * 13);
    ck_assert_mem_eq(plain, same, (size_t)n * sizeof *same);
    full[1] = 4;
    double *cut = numbers_of(&t, &n);
    ck_assert_double_ne(cut[9 * 13], plain[9 * 13]);
    int64_t *tokens = hw3_tensor_data(t.tokens), kept[9];
    memcpy(kept, tokens + 9, sizeof kept);
    for (int i = 9 + 4; i < 2 * 9; i++) tokens[i] = (tokens[i] + 1) % 13;
    double *other = numbers_of(&t, &n);
    ck_assert_mem_eq(cut + 9 * 13, other + 9 * 13, 4 * 13 * sizeof *other);
    ck_assert_double_ne(cut[(9 + 4) * 13], other[(9 + 4) * 13]);
    memcpy(tokens + 9, kept, sizeof kept);
    free(plain), free(same), free(cut), free(other);
    hw3_tensor_destroy(types);
    hw3_tensor_destroy(lengths);
    finish(&t);
}
END_TEST

/* What a head does not say, it refuses to. */
START_TEST(heads_are_checked)
{
    trial t = start("bert_classes", HW3_F32);
    hw3_ctx *ctx = t.ctx;
    hw3_session *session = NULL;
    hw3_model *m = NULL;
    hw3_graph *g = NULL;
    int64_t *targets = hw3_tensor_data(t.targets);
    targets[0] = 3;
    FAILS(loss_of(&t), HW3_ERR_VALUE);
    SAYS("is 3");
    targets[0] = 2;
    FAILS(hw3_model_loss(t.model, t.graph, input(&t, t.tokens), input(&t, t.tokens)), HW3_ERR_SHAPE);
    FAILS(hw3_session_create(t.model, NULL, &session), HW3_ERR_UNSUPPORTED);
    SAYS("BertForSequenceClassification does not say what comes next");
    hw3_model_config c = gpt2_config();
    c.head = HW3_HEAD_NONE;
    OK(hw3_model_create(ctx, &c, &m));
    OK(hw3_graph_create(ctx, hw3_model_params(m), &g));
    FAILS(hw3_session_create(m, NULL, &session), HW3_ERR_UNSUPPORTED);
    int64_t ids[2] = { 0, 0 }, shape[HW3_MAX_DIMS];
    int32_t n_dims;
    hw3_tensor *two = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 1, 2 }, NULL, ids, &two));
    const hw3_var x = hw3_input(g, two), h = hw3_model_forward(m, g, x);
    OK(hw3_var_shape(g, h, shape, &n_dims));
    ck_assert(n_dims == 3 && shape[2] == 12);
    FAILS(hw3_model_pooled(m, g, h), HW3_ERR_UNSUPPORTED);
    SAYS("GPT2Model says nothing of whole sequences");
    OK(hw3_graph_begin(g));
    FAILS(hw3_model_loss(m, g, hw3_input(g, two), hw3_input(g, two)), HW3_ERR_UNSUPPORTED);
    SAYS("GPT2Model of 0 classes has no loss");
    FAILS(hw3_model_pooled(m, NULL, 0), HW3_ERR_ARG);
    hw3_tensor_destroy(two);
    hw3_graph_destroy(g);
    hw3_model_destroy(m);
    finish(&t);
}
END_TEST

START_TEST(images_are_checked)
{
    trial t = start("vit", HW3_F32);
    hw3_ctx *ctx = t.ctx;
    const struct { hw3_dtype dtype; int64_t shape[4]; hw3_status status; const char *says; } bad[] = {
        { HW3_F32, { 3, 2, 6, 7 }, HW3_ERR_SHAPE, "images is [3, 2, 6, 7], must be [B, 2, 6, 6]" },
        { HW3_F32, { 3, 1, 6, 6 }, HW3_ERR_SHAPE, "images is [3, 1, 6, 6]" },
        { HW3_F32, { 0, 2, 6, 6 }, HW3_ERR_SHAPE, "images is [0, 2, 6, 6]" },
        { HW3_F64, { 3, 2, 6, 6 }, HW3_ERR_DTYPE, "images is F64, must be F32" } };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hw3_tensor *x = NULL;
        OK(hw3_tensor_create(ctx, bad[i].dtype, 4, bad[i].shape, &x));
        OK(hw3_graph_begin(t.graph));
        FAILS(hw3_model_forward(t.model, t.graph, hw3_input(t.graph, x)), bad[i].status);
        SAYS(bad[i].says);
        hw3_tensor_destroy(x);
    }
    hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;
    OK(hw3_graph_begin(t.graph));
    const hw3_var x = input(&t, t.tokens);
    o.lengths = input(&t, t.targets);
    FAILS(hw3_model_hidden(t.model, t.graph, x, &o), HW3_ERR_UNSUPPORTED);
    SAYS("but vit has images");
    FAILS(hw3_model_hidden(t.model, t.graph, HW3_NONE, NULL), HW3_ERR_ARG);
    finish(&t);
}
END_TEST

/* Dropout before the classes acts in training alone, and on both sides of RoBERTa's pooler. */
START_TEST(heads_drop)
{
    const hw3_family families[] = { HW3_FAMILY_BERT, HW3_FAMILY_ROBERTA };
    hw3_ctx *ctx = test_ctx(1);
    for (int i = 0; i < 2; i++) {
        float y[3][4];
        for (int k = 0; k < 3; k++) { /* no dropout; not in training; in training */
            hw3_model_config c = gpt2_config();
            hw3_model *m = NULL;
            hw3_graph *g = NULL;
            hw3_tensor *two = NULL;
            c.family = families[i], c.n_ctx = 16, c.head = HW3_HEAD_CLASSES, c.n_classes = 4, c.head_dropout = k ? 0.5 : 0;
            OK(hw3_model_create(ctx, &c, &m));
            OK(hw3_graph_create(ctx, hw3_model_params(m), &g));
            OK(hw3_graph_set_training(g, k == 2));
            OK(hw3_tensor_create(ctx, HW3_I64, 2, (int64_t[]){ 1, 2 }, &two));
            OK(hw3_var_read(g, hw3_model_forward(m, g, hw3_input(g, two)), y[k], sizeof y[k]));
            hw3_tensor_destroy(two);
            hw3_graph_destroy(g);
            hw3_model_destroy(m);
        }
        ck_assert_mem_eq(y[0], y[1], sizeof y[0]);
        ck_assert(memcmp(y[0], y[2], sizeof y[0]) != 0);
    }
    hw3_ctx_destroy(ctx);
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
    BAD(c.eps = 1e-40, "eps is 1e-40, must be 0 or at least 1e-30");
    BAD((c.family = HW3_FAMILY_GRU, c.n_heads = 0, c.n_layers = 65), "n_layers is 65, must be 1 to 64");
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
    BAD(LLAMA(c.d_head = 3), "d_head is 3, must be even");
    BAD(LLAMA(c.dropout = 0.1), "dropout is 0.1 and embed_dropout 0, but llama has attention_dropout alone");
    BAD(LLAMA(c.rope_base = 1), "rope: base is 1");
    BAD(LLAMA(c.rope_scaling = 9), "rope: scaling is 9");
    BAD(LLAMA(c.rope_factor = 2), "rope_factor is 2, but there is no rope_scaling");
    BAD(LLAMA(c.rope_attention_factor = 2), "rope_attention_factor is 2, but rope_scaling is not YaRN");
    BAD(LLAMA(c.kv_rank = 4), "kv_rank is 4, but llama has 0");
    BAD(LLAMA(c.d_value = 6), "d_value is 6, but llama has 4");
#undef LLAMA
#define DEEPSEEK(change) (c.family = HW3_FAMILY_DEEPSEEK, c.kv_rank = 4, c.d_rope = 2, change)
    BAD(DEEPSEEK(c.kv_rank = 0), "kv_rank is 0 and d_rope 2, must be at least 1");
    BAD(DEEPSEEK(c.d_rope = 0), "kv_rank is 4 and d_rope 0, must be at least 1");
    BAD(DEEPSEEK(c.d_rope = 3), "d_rope is 3, must be even");
    BAD(DEEPSEEK(c.n_kv_heads = 1), "n_kv_heads is 1, but each of 3 heads has keys of its own");
#undef DEEPSEEK
    BAD(c.head = 9, "head is 9, which gpt2 has not");
    BAD(c.head = -1, "head is -1");
    BAD(c.head = HW3_HEAD_CLASSES, "head is 3, which gpt2 has not");
    BAD(c.n_classes = 3, "n_classes is 3, but GPT2LMHeadModel has 0");
    BAD(c.n_classes = -1, "n_classes is -1");
    BAD((c.family = HW3_FAMILY_BERT, c.head = HW3_HEAD_NEXT, c.n_classes = 3),
        "n_classes is 3, but BertForNextSentencePrediction has 2");
    BAD(c.head_dropout = 0.5, "head_dropout is 0.5, but gpt2 has none");
    BAD(c.head_dropout = -2, "head_dropout is -2");
    BAD(c.reserved = 1, "reserved is 1");
    BAD(c.image_size = 8, "image_size is 8, but gpt2 has 0");
#define VIT(change) (c.family = HW3_FAMILY_VIT, c.n_vocab = c.n_ctx = 0, c.image_size = 6, c.patch_size = 2, change)
    BAD(VIT(c.patch_size = 4), "image_size is 6, no multiple of patch_size 4");
    BAD(VIT(c.patch_size = 0), "patch_size 0");
    BAD(VIT(c.image_size = 0), "image_size is 0");
    BAD(VIT(c.n_vocab = 5), "n_vocab is 5, must be 0 to 0");
    BAD(VIT(c.n_ctx = 8), "n_ctx is 8, but an image has 9 patches and one token");
    BAD(VIT(c.n_channels = -1), "n_channels is -1");
    BAD(VIT(c.head = HW3_HEAD_TOKENS), "head is 1, which vit has not");
#undef VIT
#define LSTM(change) (c.family = HW3_FAMILY_LSTM, c.n_heads = 0, change)
    BAD(LSTM(c.n_heads = 2), "n_heads is 2, activation 0, attention_dropout 0, but lstm has no attention");
    BAD(LSTM(c.activation = HW3_ACTIVATION_RELU), "activation 1");
    BAD(LSTM(c.n_layers = 65), "n_layers is 65, must be 1 to 64");
    BAD(LSTM((c.d_embed = 5, c.tied = 1)), "tied is 1, but d_embed is 5 and d_model 12");
    BAD(c.d_embed = 5, "d_embed is 5, but gpt2 has 12");
#undef LSTM
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

START_TEST(what_is_said_of_tokens_is_checked)
{
    trial t = start("bert", HW3_F32);
    hw3_ctx *ctx = t.ctx;
    int64_t kinds[3 * 9] = { 0 }, ends[3] = { 9, 0, 3 };
    hw3_tensor *types = NULL, *two = NULL, *flat = NULL, *lengths = NULL, *pair = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 3, 9 }, NULL, kinds, &types));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 2, 9 }, NULL, kinds, &two));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 9 }, NULL, kinds, &flat));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 3 }, NULL, ends, &lengths));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 1, (int64_t[]){ 2 }, NULL, ends, &pair));
#define RUN(field, x, status, text)                                                                      \
    do {                                                                                                 \
        hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;                                                        \
        OK(hw3_graph_begin(t.graph));                                                                    \
        o.field = (x);                                                                                   \
        FAILS(hw3_model_hidden(t.model, t.graph, hw3_input(t.graph, t.tokens), &o), status);             \
        SAYS(text);                                                                                      \
    } while (0)
    kinds[10] = 2;
    RUN(types, hw3_input(t.graph, types), HW3_ERR_VALUE, "types[1][1] is 2, must be 0 to 1");
    kinds[10] = 0;
    RUN(types, hw3_input(t.graph, two), HW3_ERR_SHAPE, "types is [2, 9], must be [3, 9] as tokens");
    RUN(types, hw3_input(t.graph, flat), HW3_ERR_SHAPE, "types is [9]");
    RUN(types, hw3_scalar(t.graph, HW3_F32, 0), HW3_ERR_DTYPE, "types is F32");
    RUN(types, 77, HW3_ERR_ARG, "types is 77");
    RUN(types, HW3_ERR_IO, HW3_ERR_IO, "");
    RUN(lengths, hw3_input(t.graph, lengths), HW3_ERR_VALUE, "model: lengths[1] is 0, must be 1 to 9");
    ends[1] = 10;
    RUN(lengths, hw3_input(t.graph, lengths), HW3_ERR_VALUE, "model: lengths[1] is 10, must be 1 to 9");
    RUN(lengths, hw3_input(t.graph, pair), HW3_ERR_SHAPE, "model: lengths is [2], must be [3]");
    RUN(lengths, hw3_input(t.graph, t.tokens), HW3_ERR_SHAPE, "model: lengths is [3, 9]");
    RUN(struct_size, 4, HW3_ERR_ABI, "hw3_hidden_opts: struct_size is 4");
    OK(hw3_graph_begin(t.graph));
    const hw3_var tokens = hw3_input(t.graph, t.tokens);
    FAILS(hw3_model_head(t.model, t.graph, tokens), HW3_ERR_DTYPE);
    SAYS("hidden is I64 [3, 9], must be F32 [B, T, 8]");
    OK(hw3_graph_begin(t.graph));
    FAILS(hw3_model_head_loss(t.model, t.graph, hw3_scalar(t.graph, HW3_F32, 1), hw3_input(t.graph, t.targets)), HW3_ERR_SHAPE);
    SAYS("hidden is F32 []");
    FAILS(hw3_model_head(t.model, t.graph, HW3_NONE), HW3_ERR_ARG);
    FAILS(hw3_model_head(t.model, NULL, 0), HW3_ERR_ARG);
    FAILS(hw3_model_hidden(NULL, t.graph, 0, NULL), HW3_ERR_ARG);
    hw3_tensor *const made[] = { types, two, flat, lengths, pair };
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) hw3_tensor_destroy(made[i]);
    trial gpt = start("gpt2", HW3_F32);
    hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;
    const hw3_var ids = hw3_input(gpt.graph, gpt.tokens);
    o.types = ids;
    FAILS(hw3_model_hidden(gpt.model, gpt.graph, ids, &o), HW3_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(gpt.ctx), "gpt2 has no segments"));
    finish(&gpt);
    finish(&t);
}
END_TEST
#undef RUN

/* A step with all that may be said of tokens. */
static hw3_status padded_scenario(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *ids = NULL, *lengths = NULL;
    hw3_status s = hw3_model_open(ctx, place("bert_pretraining", ""), NULL, &m);
    if (!s) s = hw3_graph_create(ctx, hw3_model_params(m), &g);
    if (!s) s = hw3_tensor_create(ctx, HW3_I64, 2, (int64_t[]){ 2, 3 }, &ids);
    if (!s) s = hw3_tensor_create(ctx, HW3_I64, 1, (int64_t[]){ 2 }, &lengths);
    if (!s) {
        hw3_hidden_opts o = HW3_HIDDEN_OPTS_INIT;
        ((int64_t *)hw3_tensor_data(lengths))[0] = ((int64_t *)hw3_tensor_data(lengths))[1] = 2;
        const hw3_var x = o.types = hw3_input(g, ids);
        o.lengths = hw3_input(g, lengths);
        const hw3_var h = hw3_model_hidden(m, g, x, &o);
        const hw3_var next = hw3_cross_entropy(g, hw3_model_pooled(m, g, h), o.lengths, 2, 0); /* none counts */
        s = hw3_graph_backward(g, hw3_add(g, hw3_model_head_loss(m, g, h, x), next));
    }
    hw3_tensor_destroy(lengths);
    hw3_tensor_destroy(ids);
    hw3_graph_destroy(g);
    hw3_model_destroy(m);
    return s;
}

static hw3_status image_scenario(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *images = NULL, *classes = NULL;
    hw3_status s = hw3_model_open(ctx, place("vit", ""), NULL, &m);
    if (!s) s = hw3_graph_create(ctx, hw3_model_params(m), &g);
    if (!s) s = hw3_tensor_create(ctx, HW3_F32, 4, (int64_t[]){ 2, 2, 6, 6 }, &images);
    if (!s) s = hw3_tensor_create(ctx, HW3_I64, 1, (int64_t[]){ 2 }, &classes);
    if (!s) s = hw3_graph_backward(g, hw3_model_loss(m, g, hw3_input(g, images), hw3_input(g, classes)));
    hw3_tensor_destroy(classes);
    hw3_tensor_destroy(images);
    hw3_graph_destroy(g);
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
    ck_assert_int_ge(test_sweep(padded_scenario), 40 * 4);
    ck_assert_int_ge(test_sweep(image_scenario), 40 * 4);
}
END_TEST

TEST_MAIN("model", as_transformers, any_number_of_threads, steps_that_are_cut, types_and_lengths, what_is_said_of_tokens_is_checked,
          heads_are_checked, heads_drop, images_are_checked, first_weights, configurations_are_checked, tokens_are_checked,
          every_allocation_may_fail)
