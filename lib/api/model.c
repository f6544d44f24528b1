/* SPDX-License-Identifier: MIT */
#include "api/check.h"
#include "io/file.h"
#include "model/model_file.h"

#define OLDEST_CONFIG ((uint32_t)sizeof(hw3_model_config))
#define OLDEST_OPTS ((uint32_t)sizeof(hw3_model_opts))
#define OLDEST_HIDDEN ((uint32_t)sizeof(hw3_hidden_opts))

static const hw3_model_config defaults = HW3_MODEL_CONFIG_INIT;
static const hw3_model_opts default_opts = HW3_MODEL_OPTS_INIT;
static const hw3_hidden_opts no_more = HW3_HIDDEN_OPTS_INIT;

hw3_status hw3_model_config_init(hw3_model_config *config, uint32_t size)
{
    return hw3i_opts_init(config, size, &defaults, sizeof defaults, OLDEST_CONFIG);
}

hw3_status hw3_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out)
{
    if (out) *out = NULL;
    if (!ctx || !config || !out) return hw3i_is_null(ctx, "model_create", config ? "out" : "config");
    hw3_model_config c = defaults;
    hw3_status s = hw3i_import(ctx, &c, sizeof c, config, OLDEST_CONFIG, "hw3_model_config");
    return s ? s : hw3i_model_create(ctx, &c, out);
}

hw3_status hw3_model_opts_init(hw3_model_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &default_opts, sizeof default_opts, OLDEST_OPTS);
}

hw3_status hw3_model_open(hw3_ctx *ctx, const char *dir, const hw3_model_opts *opts, hw3_model **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return hw3i_is_null(ctx, "model_open", "out");
    hw3_model_opts o = default_opts;
    hw3_status s = hw3i_path_check(ctx, "model_open", dir);
    if (!s && opts) s = hw3i_import(ctx, &o, sizeof o, opts, OLDEST_OPTS, "hw3_model_opts");
    return s ? s : hw3i_model_open(ctx, dir, &o, out);
}

hw3_status hw3_model_save(const hw3_model *model, const char *dir)
{
    if (!model) return HW3_ERR_ARG;
    hw3_status s = hw3i_path_check(model->ctx, "model_save", dir);
    return s ? s : hw3i_model_save(model, dir);
}

void hw3_model_destroy(hw3_model *model) { hw3i_model_destroy(model); }

hw3_status hw3_model_get_config(const hw3_model *model, hw3_model_config *out)
{
    if (!model) return HW3_ERR_ARG;
    if (!out) return hw3i_is_null(model->ctx, "model_get_config", "out");
    if (hw3i_opts_init(out, out->struct_size, &model->config, sizeof model->config, OLDEST_CONFIG))
        return hw3i_fail(model->ctx, HW3_ERR_ABI, "hw3_model_config: struct_size is %u, expected %u; begin with the _INIT macro",
                         out->struct_size, (unsigned)sizeof model->config);
    return HW3_OK;
}

hw3_params *hw3_model_params(hw3_model *model) { return model ? model->params : NULL; }

/* 0, or the status of what is missing. */
static hw3_var check(const hw3_model *model, hw3_graph *graph)
{
    if (!graph) return hw3i_fail(model ? model->ctx : NULL, HW3_ERR_ARG, "model: graph is NULL");
    if (!model) return hw3i_graph_fail(graph, HW3_ERR_ARG, "model: model is NULL");
    if (graph->params == model->params) return 0;
    return hw3i_graph_fail(graph, HW3_ERR_STATE, "model: the graph was made with other parameters");
}

hw3_status hw3_hidden_opts_init(hw3_hidden_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &no_more, sizeof no_more, OLDEST_HIDDEN);
}

hw3_var hw3_model_hidden(hw3_model *model, hw3_graph *graph, hw3_var tokens, const hw3_hidden_opts *opts)
{
    hw3_var s = check(model, graph);
    hw3_hidden_opts o = no_more;
    if (s >= 0) s = hw3i_graph_import(graph, &o, sizeof o, opts, OLDEST_HIDDEN, "hw3_hidden_opts");
    return s < 0 ? s : hw3i_model_hidden(model, graph, tokens, &(hw3i_given){ .types = o.types, .lengths = o.lengths });
}

hw3_var hw3_model_head(hw3_model *model, hw3_graph *graph, hw3_var hidden)
{
    const hw3_var s = check(model, graph);
    return s < 0 ? s : hw3i_model_head(model, graph, hidden);
}

hw3_var hw3_model_pooled(hw3_model *model, hw3_graph *graph, hw3_var hidden)
{
    const hw3_var s = check(model, graph);
    return s < 0 ? s : hw3i_model_pooled(model, graph, hidden);
}

hw3_var hw3_model_head_loss(hw3_model *model, hw3_graph *graph, hw3_var hidden, hw3_var targets)
{
    const hw3_var s = check(model, graph);
    return s < 0 ? s : hw3i_model_head_loss(model, graph, hidden, targets);
}

hw3_var hw3_model_forward(hw3_model *model, hw3_graph *graph, hw3_var tokens)
{
    return hw3_model_head(model, graph, hw3_model_hidden(model, graph, tokens, NULL));
}

hw3_var hw3_model_loss(hw3_model *model, hw3_graph *graph, hw3_var tokens, hw3_var targets)
{
    return hw3_model_head_loss(model, graph, hw3_model_hidden(model, graph, tokens, NULL), targets);
}
