/* SPDX-License-Identifier: MIT */
#include "graph/graph.h"
#include "base/pool.h"
#include <stdarg.h>
#include <stdio.h>

hw3_status hw3i_graph_create(hw3_ctx *ctx, hw3_params *params, hw3_graph **out)
{
    hw3_graph *g = hw3i_calloc(ctx, 1, sizeof *g);
    if (!g) return HW3_ERR_NOMEM;
    g->ctx = ctx;
    g->params = params;
    g->training = true;
    g->seed = ctx->seed;
    hw3i_arena_init(&g->arena, ctx);
    hw3i_ctx_retain(ctx);
    if (params) hw3i_params_retain(params);
    *out = g;
    return HW3_OK;
}

void hw3i_graph_destroy(hw3_graph *g)
{
    if (!g) return;
    hw3_ctx *ctx = g->ctx;
    hw3i_arena_free(&g->arena);
    hw3i_free(ctx, g->nodes);
    hw3i_params_release(g->params);
    hw3i_free(ctx, g);
    hw3i_ctx_release(ctx);
}

hw3_status hw3i_graph_begin(hw3_graph *g)
{
    hw3i_arena_reset(&g->arena);
    g->n = 0;
    g->n_drawn = 0;
    g->ran_backward = false;
    g->failed = HW3_OK;
    return HW3_OK;
}

void hw3i_graph_set_random(hw3_graph *g, uint64_t seed, uint64_t step)
{
    g->seed = seed;
    g->step = step;
    g->n_drawn = 0;
}

hw3_status hw3i_graph_failed(hw3_graph *g, hw3_status s)
{
    if (g->failed) {
        memcpy(g->ctx->error, g->message, sizeof g->message);
    } else {
        g->failed = s;
        memcpy(g->message, g->ctx->error, sizeof g->message);
    }
    return s;
}
_Static_assert(sizeof(((hw3_graph *)0)->message) == sizeof(((hw3_ctx *)0)->error), "one message");

hw3_var hw3i_graph_fail(hw3_graph *g, hw3_status s, const char *fmt, ...)
{
    if (!g->failed) {
        va_list args;
        va_start(args, fmt);
        hw3i_vmessage(g->ctx, fmt, args);
        va_end(args);
    }
    return hw3i_graph_failed(g, s);
}

hw3_status hw3i_graph_import(hw3_graph *g, void *dst, uint32_t known, const void *opts, uint32_t oldest, const char *name)
{
    hw3_status s = opts ? hw3i_import(g->ctx, dst, known, opts, oldest, name) : HW3_OK;
    if (!s) return HW3_OK;
    char message[sizeof g->ctx->error];
    memcpy(message, g->ctx->error, sizeof message);
    return hw3i_graph_fail(g, s, "%s", message);
}

hw3i_node *hw3i_node_of(const hw3_graph *g, hw3_var v) { return v >= 0 && v < g->n ? g->nodes[v] : NULL; }

hw3_status hw3i_var_check(const hw3_graph *g, hw3_var v, const char *who)
{
    if (v >= 0 && v < g->n) return HW3_OK;
    if (v == HW3_NONE) return hw3i_fail(g->ctx, HW3_ERR_ARG, "%s: a value is needed, not HW3_NONE", who);
    if (v >= 0)
        return hw3i_fail(g->ctx, HW3_ERR_ARG, "%s: value %d, but the graph has %lld values", who, (int)v, (long long)g->n);
    if (g->failed) memcpy(g->ctx->error, g->message, sizeof g->message);
    return v;
}

hw3_var hw3i_no_value(hw3_graph *g, hw3_var v, const char *who)
{
    return v < 0 && v != HW3_NONE ? v : hw3i_graph_failed(g, hw3i_var_check(g, v, who));
}

hw3_status hw3i_loss_check(const hw3_graph *g, hw3_var v, const char *who, int64_t n_failures)
{
    if (v < 0 && v != HW3_NONE && !g->failed && g->ctx->n_failures == n_failures)
        return hw3i_fail(g->ctx, v, "%s: loss returned the status %d", who, (int)v);
    return hw3i_var_check(g, v, who);
}

/* A new node at the end of the tape, NULL with a message when there is no memory. */
static hw3i_node *push(hw3_graph *g)
{
    if (g->n == INT32_MAX || hw3i_grow(g->ctx, &g->nodes, &g->cap, g->n + 1, sizeof *g->nodes)) return NULL;
    hw3i_node *y = hw3i_arena_alloc(&g->arena, 1, sizeof *y);
    if (!y) return NULL;
    memset(y, 0, sizeof *y);
    y->index = (hw3_var)g->n;
    g->nodes[g->n++] = y;
    return y;
}

static hw3_status set_shape(hw3i_node *y, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    y->dtype = dtype;
    y->n_dims = n_dims;
    if (n_dims && shape != y->shape) memcpy(y->shape, shape, (size_t)n_dims * sizeof *shape);
    y->n = hw3i_count(n_dims, shape);
    return y->n < 0 ? HW3_ERR_SHAPE : HW3_OK;
}

static hw3_status take_value(hw3_graph *g, hw3i_node *y, const char *who)
{
    if (y->n < 0)
        return hw3i_fail(g->ctx, HW3_ERR_SHAPE, "%s: the shape %s is negative or too large", who,
                         hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape));
    if (!y->value) y->value = hw3i_arena_alloc(&g->arena, y->n, hw3i_dtype_size(y->dtype));
    return y->value ? HW3_OK : HW3_ERR_NOMEM;
}

/* The operands of op: the first negative one's status, or whether there are enough and all on the tape. */
static hw3_status check_operands(hw3_graph *g, const hw3i_op *op, const hw3_var *in, int32_t n_in)
{
    for (int32_t i = 0; i < n_in; i++)
        if (in[i] < 0 && in[i] != HW3_NONE) return in[i];
    if (n_in < op->min_in || n_in > op->max_in)
        return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: %d operands, but %d to %d are needed", op->name, (int)n_in,
                               (int)op->min_in, (int)op->max_in);
    for (int32_t i = 0; i < n_in; i++) {
        if (in[i] == HW3_NONE && i < op->min_in)
            return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: operand %d may not be left out", op->name, (int)i);
        if (in[i] >= g->n)
            return hw3i_graph_fail(g, HW3_ERR_ARG, "%s: operand %d is %d, but the graph has %lld values", op->name, (int)i,
                                   (int)in[i], (long long)g->n);
    }
    return HW3_OK;
}

static hw3_status run(hw3_graph *g, hw3i_node *y, const hw3_var *in, const hw3i_attr *attr)
{
    y->in = hw3i_arena_alloc(&g->arena, y->n_in, sizeof *in);
    if (!y->in) return HW3_ERR_NOMEM;
    if (y->n_in) memcpy(y->in, in, (size_t)y->n_in * sizeof *in);
    if (attr) y->attr = *attr;
    for (int32_t i = 0; i < y->n_in && g->training; i++) {
        const hw3i_node *x = hw3i_operand(g, y, i);
        if (x && x->needs_grad) y->needs_grad = true;
    }
    hw3_status s = y->op->shape(g, y);
    if (s) return s;
    if (y->dtype == HW3_I64) y->needs_grad = false;
    s = set_shape(y, y->dtype, y->n_dims, y->shape);
    s = take_value(g, y, y->op->name);
    if (s) return s;
    hw3i_run_fn forward = y->op->forward[y->dtype];
    if (!forward) return hw3i_fail(g->ctx, HW3_ERR_DTYPE, "%s: not for %s", y->op->name, hw3i_dtype_name(y->dtype));
    return forward(g, y);
}

hw3_var hw3i_apply(hw3_graph *g, const hw3i_op *op, const hw3_var *in, int32_t n_in, const hw3i_attr *attr)
{
    if (!g) return HW3_ERR_ARG;
    hw3_status s = check_operands(g, op, in, n_in);
    if (s) return s;
    int64_t before = g->n;
    hw3i_node *y = push(g);
    if (!y) return hw3i_graph_failed(g, HW3_ERR_NOMEM);
    y->op = op;
    y->n_in = n_in;
    s = run(g, y, in, attr);
    if (!s) return y->index;
    g->n = before;
    return hw3i_graph_failed(g, s);
}

hw3_var hw3i_add_output(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, bool needs_grad)
{
    int64_t main = g->n - 1;
    while (main > 0 && !g->nodes[main]->op) main--;
    hw3i_node *y = g->nodes[main], *extra = push(g);
    if (!extra) return hw3i_graph_failed(g, HW3_ERR_NOMEM);
    set_shape(extra, dtype, n_dims, shape);
    hw3_status s = take_value(g, extra, y->op->name);
    if (s) return hw3i_graph_failed(g, s);
    extra->needs_grad = needs_grad && y->needs_grad;
    y->n_extra++;
    return extra->index;
}

/* Gradient memory, zero at first; a parameter's is its own and has been zeroed, or adds up. */
static hw3_status take_grad(hw3_graph *g, hw3i_node *x)
{
    if (!x || !x->needs_grad || x->grad) return HW3_OK;
    if (x->param) {
        const hw3_status s = hw3i_param_take_grad(g->ctx, x->param);
        x->grad = s ? NULL : x->param->grad->data;
        return s;
    }
    int64_t size = hw3i_dtype_size(x->dtype);
    x->grad = hw3i_arena_alloc(&g->arena, x->n, size);
    if (!x->grad) return HW3_ERR_NOMEM;
    hw3i_pool_clear(g->ctx->pool, x->grad, x->n * size);
    return HW3_OK;
}

static bool is_reached(const hw3_graph *g, const hw3i_node *y)
{
    if (y->grad) return true;
    for (int32_t k = 1; k <= y->n_extra; k++)
        if (hw3i_output(g, y, k)->grad) return true;
    return false;
}

static hw3_status backward_node(hw3_graph *g, hw3i_node *y)
{
    if (!y->op || !y->needs_grad || !is_reached(g, y)) return HW3_OK;
    for (int32_t i = 0; i < y->n_in; i++) {
        hw3_status s = take_grad(g, hw3i_operand(g, y, i));
        if (s) return s;
    }
    hw3i_run_fn backward = y->op->backward[y->dtype];
    if (!backward) return hw3i_fail(g->ctx, HW3_ERR_UNSUPPORTED, "%s: has no gradient", y->op->name);
    return backward(g, y);
}

static hw3_status check_start(const hw3_graph *g, hw3_var v, const char *who)
{
    hw3_status s = hw3i_var_check(g, v, who);
    if (s) return s;
    if (!g->training) return hw3i_fail(g->ctx, HW3_ERR_STATE, "%s: training is off, so nothing was kept for it", who);
    if (g->ran_backward) return hw3i_fail(g->ctx, HW3_ERR_STATE, "%s: a second time in one step", who);
    return g->nodes[v]->dtype == HW3_I64 ? hw3i_fail(g->ctx, HW3_ERR_ARG, "%s: the value is I64", who) : HW3_OK;
}

/* Zeros for the gradients: those of parameters unless they add up, and dL/dv, which the caller then sets. */
static hw3_status begin_back(hw3_graph *g, hw3i_node *v, bool accumulate)
{
    g->ran_backward = true;
    if (g->params && !accumulate) hw3i_params_zero_grad(g->params);
    const hw3_status s = take_grad(g, v);
    return s ? hw3i_graph_failed(g, s) : HW3_OK;
}

/* Each node, from v down, adds dL/dy dy/dx to dL/dx of its operands x. dL/dv is there. */
static hw3_status walk_back(hw3_graph *g, hw3_var v)
{
    hw3_status s = HW3_OK;
    for (int64_t i = v; i >= 0 && g->nodes[v]->needs_grad && !s; i--) s = backward_node(g, g->nodes[i]);
    return s ? hw3i_graph_failed(g, s) : HW3_OK;
}

/* dL/dL = 1 */
hw3_status hw3i_graph_backward(hw3_graph *g, hw3_var loss, bool accumulate)
{
    hw3_status s = check_start(g, loss, "graph_backward");
    if (s) return s;
    hw3i_node *y = g->nodes[loss];
    if (y->n != 1)
        return hw3i_fail(g->ctx, HW3_ERR_SHAPE, "graph_backward: the loss has shape %s, but one element is needed",
                         hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape));
    s = begin_back(g, y, accumulate);
    if (s) return s;
    if (y->grad && y->dtype == HW3_F32) *(float *)y->grad += 1;
    if (y->grad && y->dtype == HW3_F64) *(double *)y->grad += 1;
    return walk_back(g, loss);
}

static bool is_alike(const hw3i_node *y, const hw3_tensor *t)
{
    return y->dtype == t->dtype && y->n_dims == t->n_dims && !memcmp(y->shape, t->shape, (size_t)y->n_dims * sizeof *y->shape);
}

/* dL/dy = gradient */
hw3_status hw3i_graph_backward_from(hw3_graph *g, hw3_var v, const hw3_tensor *gradient)
{
    hw3_status s = check_start(g, v, "graph_backward_from");
    if (s) return s;
    hw3i_node *y = g->nodes[v];
    if (!is_alike(y, gradient))
        return hw3i_fail(g->ctx, HW3_ERR_SHAPE, "graph_backward_from: the gradient is %s of %s, the value %s of %s",
                         hw3i_shape_text((char[128]){ 0 }, gradient->n_dims, gradient->shape), hw3i_dtype_name(gradient->dtype),
                         hw3i_shape_text((char[128]){ 0 }, y->n_dims, y->shape), hw3i_dtype_name(y->dtype));
    if (y->param) return hw3i_fail(g->ctx, HW3_ERR_ARG, "graph_backward_from: the value is the parameter '%s' itself", y->param->name);
    s = begin_back(g, y, false);
    if (s) return s;
    if (y->grad) hw3i_tensor_copy_out(gradient, y->grad);
    return walk_back(g, v);
}

static hw3_var leaf(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *value)
{
    hw3i_node *y = push(g);
    if (!y) return hw3i_graph_failed(g, HW3_ERR_NOMEM);
    set_shape(y, dtype, n_dims, shape);
    y->value = value;
    hw3_status s = take_value(g, y, "graph");
    if (!s) return y->index;
    g->n--;
    return hw3i_graph_failed(g, s);
}

hw3_var hw3i_leaf(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void **data)
{
    hw3_var v = leaf(g, dtype, n_dims, shape, NULL);
    *data = v < 0 ? NULL : g->nodes[v]->value;
    return v;
}

hw3_var hw3i_input(hw3_graph *g, const hw3_tensor *t, bool needs_grad)
{
    if (needs_grad && t->dtype == HW3_I64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "input_grad: a tensor of I64 has no gradient");
    bool in_place = hw3i_tensor_is_contiguous(t);
    hw3_var v = leaf(g, t->dtype, t->n_dims, t->shape, in_place ? t->data : NULL);
    if (v < 0) return v;
    if (!in_place) hw3i_tensor_copy_out(t, g->nodes[v]->value);
    g->nodes[v]->needs_grad = needs_grad && g->training;
    return v;
}

hw3_var hw3i_param_var(hw3_graph *g, hw3i_param *p)
{
    hw3_var v = leaf(g, p->value->dtype, p->value->n_dims, p->value->shape, p->value->data);
    if (v < 0) return v;
    g->nodes[v]->param = p;
    g->nodes[v]->needs_grad = p->trainable && g->training;
    return v;
}

hw3_var hw3i_param_named(hw3_graph *g, const char *name)
{
    if (!g->params) return hw3i_graph_fail(g, HW3_ERR_STATE, "param: the graph has no parameters, so no '%.200s'", name);
    hw3i_param *p = hw3i_params_find(g->params, name);
    return p ? hw3i_param_var(g, p) : hw3i_graph_failed(g, hw3i_params_unknown(g->params, "param", name));
}

hw3_var hw3i_scalar(hw3_graph *g, hw3_dtype dtype, double value)
{
    if (dtype != HW3_F32 && dtype != HW3_F64)
        return hw3i_graph_fail(g, HW3_ERR_DTYPE, "scalar: %s, but F32 or F64 is needed", hw3i_dtype_name(dtype));
    void *data;
    hw3_var v = hw3i_leaf(g, dtype, 0, NULL, &data);
    if (v < 0) return v;
    if (dtype == HW3_F32) *(float *)data = (float)value;
    else *(double *)data = value;
    return v;
}

hw3_var hw3i_zeros(hw3_graph *g, hw3_dtype dtype, int32_t n_dims, const int64_t *shape)
{
    void *data;
    hw3_var v = hw3i_leaf(g, dtype, n_dims, shape, &data);
    if (v >= 0) memset(data, 0, (size_t)(g->nodes[v]->n * hw3i_dtype_size(dtype)));
    return v;
}
