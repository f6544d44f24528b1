/* SPDX-License-Identifier: MIT */
/* A model of one's own, written as in docs: with the public header alone. */
#include "support.h"

static hw3_var network(hw3_graph *g, hw3_tensor *x)
{
    hw3_var h = hw3_tanh(g, hw3_add(g, hw3_matmul(g, hw3_input(g, x), hw3_param(g, "w1")), hw3_param(g, "b1")));
    return hw3_add(g, hw3_matmul(g, h, hw3_param(g, "w2")), hw3_param(g, "b2"));
}

static void add_params(hw3_ctx *ctx, hw3_params *p, hw3_dtype dtype)
{
    OK(hw3_params_add(p, "w1", dtype, 2, (int64_t[]){ 2, 16 }, HW3_INIT_XAVIER));
    OK(hw3_params_add(p, "b1", dtype, 1, (int64_t[]){ 16 }, HW3_INIT_ZERO));
    OK(hw3_params_add(p, "w2", dtype, 2, (int64_t[]){ 16, 1 }, HW3_INIT_XAVIER));
    OK(hw3_params_add(p, "b2", dtype, 1, (int64_t[]){ 1 }, HW3_INIT_ZERO));
}

/* Exclusive or is not linear: only a hidden layer that learns can tell the four points apart. */
START_TEST(exclusive_or)
{
    hw3_ctx *ctx = test_ctx(1);
    float points[8] = { 0, 0, 0, 1, 1, 0, 1, 1 }, truth[4] = { 0, 1, 1, 0 }, logits[4];
    hw3_tensor *x = NULL, *t = NULL;
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    hw3_optim *adam = NULL;
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    double first = 0, last = 0;
    o.lr = 0.02;
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 4, 2 }, NULL, points, &x));
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 4, 1 }, NULL, truth, &t));
    OK(hw3_params_create(ctx, &p));
    add_params(ctx, p, HW3_F32);
    OK(hw3_graph_create(ctx, p, &g));
    OK(hw3_optim_create(p, &o, &adam));
    for (int step = 0; step < 500; step++) {
        hw3_graph_begin(g);
        hw3_var loss = hw3_bce_logits(g, network(g, x), hw3_input(g, t));
        OK(hw3_graph_backward(g, loss));
        OK(hw3_var_item(g, loss, step ? &last : &first));
        OK(hw3_optim_step(adam));
    }
    ck_assert_msg(first > 0.5 && last < 0.02, "loss from %g to %g", first, last);
    hw3_graph_begin(g);
    OK(hw3_var_read(g, network(g, x), logits, sizeof logits));
    for (int i = 0; i < 4; i++) ck_assert((logits[i] > 0) == (truth[i] > 0.5f));
    hw3_optim_destroy(adam);
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_tensor_destroy(t);
    hw3_tensor_destroy(x);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A wrong shape deep inside arrives at backward, with the message of the place where it happened. */
START_TEST(one_check_at_the_end)
{
    hw3_ctx *ctx = test_ctx(1);
    float points[6] = { 0 };
    hw3_tensor *x = NULL;
    hw3_params *p = NULL;
    hw3_graph *g = NULL;
    OK(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 2, 3 }, NULL, points, &x));
    OK(hw3_params_create(ctx, &p));
    add_params(ctx, p, HW3_F32);
    OK(hw3_graph_create(ctx, p, &g));
    hw3_var y = network(g, x);
    FAILS(hw3_graph_backward(g, hw3_mean(g, y, HW3_ALL_DIMS, 0)), HW3_ERR_SHAPE);
    ck_assert_str_eq(hw3_ctx_error(ctx), "matmul: a is [2, 3] but b is [2, 16]");
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_tensor_destroy(x);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A GPT-2 that has read one sentence often enough says it by heart. */
START_TEST(a_sentence_by_heart)
{
    static const char text[] = "it was the age of wisdom, it was the age of foolishness";
    enum { N = sizeof text - 2, PROMPT = 7 }; /* the last character is only a target */
    hw3_ctx *ctx = test_ctx(2);
    int64_t x[N], y[N];
    for (int i = 0; i < N; i++) x[i] = text[i], y[i] = text[i + 1];
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    hw3_model *gpt = NULL;
    hw3_graph *g = NULL;
    hw3_optim *adam = NULL;
    hw3_tensor *tokens = NULL, *next = NULL;
    c.family = HW3_FAMILY_GPT2, c.n_vocab = 128, c.n_ctx = 64, c.d_model = 32, c.n_layers = 2, c.n_heads = 2;
    o.kind = HW3_OPTIM_ADAMW, o.lr = 3e-3, o.clip_norm = 1;
    OK(hw3_model_create(ctx, &c, &gpt));
    OK(hw3_graph_create(ctx, hw3_model_params(gpt), &g));
    OK(hw3_optim_create(hw3_model_params(gpt), &o, &adam));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 1, N }, NULL, x, &tokens));
    OK(hw3_tensor_wrap(ctx, HW3_I64, 2, (int64_t[]){ 1, N }, NULL, y, &next));
    double loss = 0;
    for (int step = 0; step < 150; step++) {
        hw3_graph_begin(g);
        hw3_var l = hw3_model_loss(gpt, g, hw3_input(g, tokens), hw3_input(g, next));
        OK(hw3_graph_backward(g, l));
        OK(hw3_optim_step(adam));
        OK(hw3_var_item(g, l, &loss));
    }
    ck_assert_msg(loss < 0.1, "loss %g", loss);
    hw3_session *s = NULL;
    const int64_t sequence = 0;
    OK(hw3_session_create(gpt, NULL, &s));
    OK(hw3_session_feed(s, 0, x, PROMPT));
    for (int i = PROMPT; i <= N; i++) {
        int64_t id;
        OK(hw3_generate_next(s, &sequence, 1, NULL, NULL, &id));
        ck_assert_msg(id == text[i], "character %d is %d, must be '%c'", i, (int)id, text[i]);
    }
    hw3_session_destroy(s);
    hw3_optim_destroy(adam);
    hw3_graph_destroy(g);
    hw3_tensor_destroy(tokens);
    hw3_tensor_destroy(next);
    hw3_model_destroy(gpt);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("learn", exclusive_or, one_check_at_the_end, a_sentence_by_heart)
