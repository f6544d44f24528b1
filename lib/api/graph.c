/* SPDX-License-Identifier: MIT */
#include "graph/gradcheck.h"

#define OLDEST_GRADCHECK_OPTS ((uint32_t)(offsetof(hw3_gradcheck_opts, seed) + sizeof(uint64_t)))

hw3_status hw3_graph_create(hw3_ctx *ctx, hw3_params *params, hw3_graph **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return hw3i_fail(ctx, HW3_ERR_ARG, "graph_create: out is NULL");
    if (params && params->ctx != ctx)
        return hw3i_fail(ctx, HW3_ERR_ARG, "graph_create: the parameters belong to another context");
    return hw3i_graph_create(ctx, params, out);
}

void hw3_graph_destroy(hw3_graph *graph) { hw3i_graph_destroy(graph); }

hw3_status hw3_graph_begin(hw3_graph *graph) { return graph ? hw3i_graph_begin(graph) : HW3_ERR_ARG; }

hw3_status hw3_graph_set_training(hw3_graph *graph, int32_t training)
{
    if (!graph) return HW3_ERR_ARG;
    if (training != 0 && training != 1)
        return hw3i_fail(graph->ctx, HW3_ERR_ARG, "graph_set_training: %d is neither 0 nor 1", (int)training);
    graph->training = training;
    return HW3_OK;
}

hw3_status hw3_graph_set_random(hw3_graph *graph, uint64_t seed, uint64_t step)
{
    if (!graph) return HW3_ERR_ARG;
    hw3i_graph_set_random(graph, seed, step);
    return HW3_OK;
}

hw3_status hw3_graph_backward_from(hw3_graph *graph, hw3_var y, const hw3_tensor *gradient)
{
    if (!graph) return HW3_ERR_ARG;
    if (!gradient) return hw3i_fail(graph->ctx, HW3_ERR_ARG, "graph_backward_from: gradient is NULL");
    return hw3i_graph_backward_from(graph, y, gradient);
}

hw3_status hw3_graph_backward(hw3_graph *graph, hw3_var loss)
{
    return graph ? hw3i_graph_backward(graph, loss, false) : HW3_ERR_ARG;
}

hw3_status hw3_graph_accumulate(hw3_graph *graph, hw3_var loss)
{
    return graph ? hw3i_graph_backward(graph, loss, true) : HW3_ERR_ARG;
}

hw3_status hw3_var_shape(const hw3_graph *graph, hw3_var var, int64_t *shape, int32_t *n_dims)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_status s = hw3i_var_check(graph, var, "var_shape");
    if (s) return s;
    if (!shape || !n_dims) return hw3i_fail(graph->ctx, HW3_ERR_ARG, "var_shape: %s is NULL", shape ? "n_dims" : "shape");
    const hw3i_node *y = hw3i_node_of(graph, var);
    memcpy(shape, y->shape, sizeof y->shape);
    *n_dims = y->n_dims;
    return HW3_OK;
}

/* Copies out what a node holds; from NULL gives zeros. */
static hw3_status read_out(const hw3_graph *g, const char *who, const hw3i_node *y, const void *from, void *data, int64_t n_bytes)
{
    int64_t need = y->n * hw3i_dtype_size(y->dtype);
    if (n_bytes < need)
        return hw3i_fail(g->ctx, HW3_ERR_TOO_SMALL, "%s: %lld bytes are needed, but there is room for %lld", who,
                         (long long)need, (long long)n_bytes);
    if (need == 0) return HW3_OK;
    if (!data) return hw3i_fail(g->ctx, HW3_ERR_ARG, "%s: data is NULL", who);
    if (from) memcpy(data, from, (size_t)need);
    else memset(data, 0, (size_t)need);
    return HW3_OK;
}

hw3_status hw3_var_read(const hw3_graph *graph, hw3_var var, void *data, int64_t n_bytes)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_status s = hw3i_var_check(graph, var, "var_read");
    if (s) return s;
    const hw3i_node *y = hw3i_node_of(graph, var);
    return read_out(graph, "var_read", y, y->value, data, n_bytes);
}

hw3_status hw3_var_read_grad(const hw3_graph *graph, hw3_var var, void *data, int64_t n_bytes)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_status s = hw3i_var_check(graph, var, "var_read_grad");
    if (s) return s;
    const hw3i_node *y = hw3i_node_of(graph, var);
    if (!graph->ran_backward) return hw3i_fail(graph->ctx, HW3_ERR_STATE, "var_read_grad: before graph_backward");
    if (!y->needs_grad) return hw3i_fail(graph->ctx, HW3_ERR_STATE, "var_read_grad: value %d needs no gradient", (int)var);
    return read_out(graph, "var_read_grad", y, y->param ? y->param->grad->data : y->grad, data, n_bytes);
}

hw3_status hw3_var_item(const hw3_graph *graph, hw3_var var, double *value)
{
    if (!graph) return HW3_ERR_ARG;
    hw3_status s = hw3i_var_check(graph, var, "var_item");
    if (s) return s;
    const hw3i_node *y = hw3i_node_of(graph, var);
    if (!value) return hw3i_fail(graph->ctx, HW3_ERR_ARG, "var_item: value is NULL");
    if (y->n != 1 || y->dtype == HW3_I64)
        return hw3i_fail(graph->ctx, HW3_ERR_SHAPE, "var_item: one floating element is needed, but value %d is %s %s", (int)var,
                         hw3i_dtype_name(y->dtype), hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape));
    *value = y->dtype == HW3_F32 ? (double)*(const float *)y->value : *(const double *)y->value;
    return HW3_OK;
}

static hw3_var input(hw3_graph *graph, const char *who, const hw3_tensor *tensor, bool needs_grad)
{
    if (!graph) return HW3_ERR_ARG;
    if (!tensor) return hw3i_graph_fail(graph, HW3_ERR_ARG, "%s: tensor is NULL", who);
    if (tensor->ctx != graph->ctx) return hw3i_graph_fail(graph, HW3_ERR_ARG, "%s: the tensor belongs to another context", who);
    return hw3i_input(graph, tensor, needs_grad);
}

hw3_var hw3_input(hw3_graph *graph, const hw3_tensor *tensor) { return input(graph, "input", tensor, false); }

hw3_var hw3_input_grad(hw3_graph *graph, const hw3_tensor *tensor) { return input(graph, "input_grad", tensor, true); }

hw3_var hw3_scalar(hw3_graph *graph, hw3_dtype dtype, double value)
{
    return graph ? hw3i_scalar(graph, dtype, value) : HW3_ERR_ARG;
}

hw3_var hw3_param(hw3_graph *graph, const char *name)
{
    if (!graph) return HW3_ERR_ARG;
    if (!name) return hw3i_graph_fail(graph, HW3_ERR_ARG, "param: name is NULL");
    return hw3i_param_named(graph, name);
}

static const hw3_gradcheck_opts gradcheck_defaults = HW3_GRADCHECK_OPTS_INIT;

hw3_status hw3_gradcheck_opts_init(hw3_gradcheck_opts *opts, uint32_t size)
{
    return hw3i_opts_init(opts, size, &gradcheck_defaults, sizeof gradcheck_defaults, OLDEST_GRADCHECK_OPTS);
}

hw3_status hw3_gradcheck(hw3_graph *graph, hw3_loss_fn loss, void *user, const hw3_gradcheck_opts *opts, double *worst,
                         const char **name)
{
    hw3_gradcheck_opts o = gradcheck_defaults;
    if (name) *name = NULL;
    if (!graph) return HW3_ERR_ARG;
    if (!loss) return hw3i_fail(graph->ctx, HW3_ERR_ARG, "gradcheck: loss is NULL");
    hw3_status s = opts ? hw3i_import(graph->ctx, &o, sizeof o, opts, OLDEST_GRADCHECK_OPTS, "hw3_gradcheck_opts") : HW3_OK;
    return s ? s : hw3i_gradcheck(graph, loss, user, &o, worst, name);
}
