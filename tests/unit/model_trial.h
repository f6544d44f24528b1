/* SPDX-License-Identifier: MIT */
/* What tests of models share: the tiny models of vectors/models, written by vectors/gen_models.py. */
#ifndef HW3_TEST_MODEL_TRIAL_H
#define HW3_TEST_MODEL_TRIAL_H
#include "alloc.h"
#include "io/safetensors.h"
#include <stdbool.h>

static const char *const all[] = { "gpt2", "gpt2_untied", "bert", "roberta", "llama", "llama_yarn", "llama3", "deepseek",
                                   "deepseek_yarn", "bert_pretraining", "bert_classes", "bert_next", "bert_none", "roberta_classes",
                                   "vit", "vit_none", "rnn", "lstm", "gru" };
enum { N_ALL = sizeof all / sizeof all[0] };

/* What a model of transformers computed, and the model here with the same weights. */
typedef struct trial {
    hw3_ctx *ctx;
    hw3_model *model;
    hw3_graph *graph;
    hw3_tensor *tokens /* or images */, *targets, *types, *lengths, *next; /* all but the first two may be NULL */
    hw3_head head;
    hw3i_st want;
} trial;

static inline const char *place(const char *name, const char *file)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/models/%s/%s", HW3_VECTORS, name, file);
    return path;
}

/* NULL when there are none. */
static inline hw3_tensor *ids_of(hw3_ctx *ctx, const hw3i_st *st, const char *name)
{
    hw3_tensor *t = NULL;
    const hw3i_st_entry *e = hw3i_st_find(st, name);
    if (e) OK(hw3_tensor_wrap(ctx, HW3_I64, e->n_dims, e->shape, NULL, (void *)(uintptr_t)e->data, &t));
    return t;
}

/* The images of a ViT, which are floats. */
static inline hw3_tensor *images_of(hw3_ctx *ctx, const hw3i_st *st, hw3_dtype dtype)
{
    hw3_tensor *t = NULL;
    const hw3i_st_entry *e = hw3i_st_find(st, "images");
    ck_assert_ptr_nonnull(e);
    OK(hw3_tensor_create(ctx, dtype, e->n_dims, e->shape, &t));
    for (int64_t i = 0; i < hw3_tensor_n_elements(t); i++) {
        if (dtype == HW3_F32) ((float *)hw3_tensor_data(t))[i] = (float)((const double *)e->data)[i];
        else ((double *)hw3_tensor_data(t))[i] = ((const double *)e->data)[i];
    }
    return t;
}

static inline hw3_model_config gpt2_config(void)
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

static inline trial start_on(int32_t n_threads, const char *name, hw3_dtype dtype)
{
    trial t = { .ctx = test_ctx(n_threads) };
    hw3_ctx *ctx = t.ctx;
    hw3_model_opts o = HW3_MODEL_OPTS_INIT;
    o.dtype = dtype;
    OK(hw3i_st_load(&t.want, ctx, place(name, "expected.safetensors")));
    OK(hw3_model_open(ctx, place(name, ""), &o, &t.model));
    OK(hw3_graph_create(ctx, hw3_model_params(t.model), &t.graph));
    t.tokens = ids_of(ctx, &t.want, "tokens");
    if (!t.tokens) t.tokens = images_of(ctx, &t.want, dtype);
    t.targets = ids_of(ctx, &t.want, "targets");
    t.types = ids_of(ctx, &t.want, "types");
    t.lengths = ids_of(ctx, &t.want, "lengths");
    t.next = ids_of(ctx, &t.want, "next");
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    OK(hw3_model_get_config(t.model, &c));
    t.head = c.head;
    return t;
}

static inline trial start(const char *name, hw3_dtype dtype) { return start_on(1, name, dtype); }

static inline void finish(trial *t)
{
    hw3_tensor_destroy(t->tokens);
    hw3_tensor_destroy(t->targets);
    hw3_tensor_destroy(t->types);
    hw3_tensor_destroy(t->lengths);
    hw3_tensor_destroy(t->next);
    hw3_graph_destroy(t->graph);
    hw3_model_destroy(t->model);
    hw3i_st_free(&t->want);
    hw3_ctx_destroy(t->ctx);
}

static inline void same_params(hw3_ctx *ctx, hw3_model *a, hw3_model *b)
{
    hw3_params *p = hw3_model_params(a), *q = hw3_model_params(b);
    ck_assert_int_eq(hw3_params_n(p), hw3_params_n(q));
    for (int64_t i = 0; i < hw3_params_n(p); i++) {
        hw3_tensor *v = NULL, *w = NULL;
        OK(hw3_params_value(p, hw3_params_name(p, i), &v));
        OK(hw3_params_value(q, hw3_params_name(p, i), &w));
        ck_assert_mem_eq(hw3_tensor_data(v), hw3_tensor_data(w), (size_t)hw3_tensor_n_elements(v) * (hw3_tensor_dtype(v) == HW3_F32 ? 4 : 8));
    }
}

#endif
