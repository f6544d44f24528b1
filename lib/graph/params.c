/* SPDX-License-Identifier: MIT */
#include "graph/params.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/text.h"
#include <math.h>

#define LONGEST_NAME 200

hw3_status hw3i_params_create(hw3_ctx *ctx, hw3_params **out)
{
    hw3_params *p = hw3i_calloc(ctx, 1, sizeof *p);
    if (!p) return HW3_ERR_NOMEM;
    p->ctx = ctx;
    p->seed = ctx->seed;
    p->n_refs = 1;
    hw3i_ctx_retain(ctx);
    *out = p;
    return HW3_OK;
}

void hw3i_params_retain(hw3_params *p) { p->n_refs++; }

static void free_item(hw3_ctx *ctx, hw3i_param *item)
{
    if (!item) return;
    hw3i_tensor_destroy(item->value);
    hw3i_tensor_destroy(item->grad);
    hw3i_free(ctx, item->name);
    hw3i_free(ctx, item);
}

void hw3i_params_truncate(hw3_params *p, int64_t n)
{
    while (p->n > n) free_item(p->ctx, p->items[--p->n]);
}

void hw3i_params_release(hw3_params *p)
{
    if (!p || --p->n_refs > 0) return;
    hw3_ctx *ctx = p->ctx;
    hw3i_params_truncate(p, 0);
    hw3i_free(ctx, p->items);
    hw3i_free(ctx, p);
    hw3i_ctx_release(ctx);
}

hw3i_param *hw3i_params_find(const hw3_params *p, const char *name)
{
    uint64_t stream = hw3i_stream_of(name);
    for (int64_t i = 0; i < p->n; i++)
        if (p->items[i]->stream == stream && strcmp(p->items[i]->name, name) == 0) return p->items[i];
    return NULL;
}

hw3_status hw3i_params_unknown(const hw3_params *p, const char *who, const char *name)
{
    const char *nearest = NULL;
    int64_t least = INT64_MAX;
    for (int64_t i = 0; i < p->n; i++) {
        int64_t distance = hw3i_edit_distance(name, p->items[i]->name);
        if (distance >= least) continue;
        least = distance;
        nearest = p->items[i]->name;
    }
    if (!nearest) return hw3i_fail(p->ctx, HW3_ERR_NAME, "%s: no parameter '%.200s'; there are none yet", who, name);
    return hw3i_fail(p->ctx, HW3_ERR_NAME, "%s: no parameter '%.200s'; the nearest name is '%s'", who, name, nearest);
}

void hw3i_params_zero_grad(hw3_params *p)
{
    for (int64_t i = 0; i < p->n; i++) {
        const hw3_tensor *g = p->items[i]->grad;
        if (g) hw3i_pool_clear(p->ctx->pool, g->data, hw3i_tensor_n(g) * hw3i_dtype_size(g->dtype));
    }
}

hw3_status hw3i_param_take_grad(hw3_ctx *ctx, hw3i_param *p)
{
    return p->grad ? HW3_OK : hw3i_tensor_create(ctx, p->value->dtype, p->value->n_dims, p->value->shape, &p->grad);
}

/* How first values are drawn: uniform in +-scale, normal with deviation scale, or all equal to scale. */
typedef struct filling {
    enum { CONSTANT, UNIFORM, NORMAL } law;
    double scale;
} filling;

static double first_value(const filling *f, uint64_t seed, uint64_t stream, int64_t i)
{
    if (f->law == UNIFORM) return f->scale * (2 * hw3i_uniform(seed, stream, (uint64_t)i) - 1);
    return f->law == NORMAL ? f->scale * hw3i_normal(seed, stream, (uint64_t)i) : f->scale;
}

static void fill(hw3_tensor *t, const filling *f, uint64_t seed, uint64_t stream)
{
    int64_t n = hw3i_tensor_n(t);
    for (int64_t i = 0; i < n; i++) {
        double x = first_value(f, seed, stream, i);
        if (t->dtype == HW3_F32) ((float *)t->data)[i] = (float)x;
        else ((double *)t->data)[i] = x;
    }
}

static hw3_status check_name(const hw3_params *p, const char *name)
{
    int64_t n = (int64_t)strnlen(name, LONGEST_NAME + 1);
    if (n == 0 || n > LONGEST_NAME)
        return hw3i_fail(p->ctx, HW3_ERR_ARG, "params_add: a name has 1 to %d bytes, not %s", LONGEST_NAME, n ? "more" : "0");
    if (!hw3i_is_utf8(name, n))
        return hw3i_fail(p->ctx, HW3_ERR_ARG, "params_add: the name of parameter %lld is not UTF-8", (long long)p->n);
    if (strcmp(name, "__metadata__") == 0)
        return hw3i_fail(p->ctx, HW3_ERR_NAME, "params_add: the file format keeps the name '%s' for itself", name);
    if (hw3i_params_find(p, name)) return hw3i_fail(p->ctx, HW3_ERR_NAME, "params_add: there is a parameter '%s' already", name);
    return HW3_OK;
}

static hw3_status add(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, const filling *f)
{
    hw3_status s = check_name(p, name);
    if (s) return s;
    if (dtype != HW3_F32 && dtype != HW3_F64)
        return hw3i_fail(p->ctx, HW3_ERR_DTYPE, "params_add: '%s' is %s, but F32 or F64 is needed", name, hw3i_dtype_name(dtype));
    if (hw3i_grow(p->ctx, &p->items, &p->cap, p->n + 1, sizeof *p->items)) return HW3_ERR_NOMEM;
    hw3i_param *item = hw3i_calloc(p->ctx, 1, sizeof *item);
    if (!item) return HW3_ERR_NOMEM;
    item->stream = hw3i_stream_of(name);
    item->trainable = true;
    item->name = hw3i_strdup(p->ctx, name);
    s = item->name ? HW3_OK : HW3_ERR_NOMEM;
    if (!s) s = hw3i_tensor_create(p->ctx, dtype, n_dims, shape, &item->value);
    if (s) {
        free_item(p->ctx, item);
        return s;
    }
    fill(item->value, f, p->seed, item->stream);
    p->items[p->n++] = item;
    return HW3_OK;
}

/* For [a, b, ...] fan_in is b and fan_out is a, each times the product of the rest; for [a] both are a. */
static void fans(int32_t n_dims, const int64_t *shape, double *in, double *out)
{
    double rest = 1;
    for (int32_t i = 2; i < n_dims; i++) rest *= (double)shape[i];
    *out = n_dims > 0 ? fmax(1, (double)shape[0] * rest) : 1;
    *in = n_dims > 1 ? fmax(1, (double)shape[1] * rest) : *out;
}

static bool filling_of(hw3_init init, int32_t n_dims, const int64_t *shape, filling *f)
{
    double in, out;
    fans(n_dims, shape, &in, &out);
    switch (init) {
    case HW3_INIT_ZERO: *f = (filling){ CONSTANT, 0 }; return true;
    case HW3_INIT_ONE: *f = (filling){ CONSTANT, 1 }; return true;
    case HW3_INIT_XAVIER: *f = (filling){ UNIFORM, sqrt(6 / (in + out)) }; return true; /* [Glorot10, equation 16] */
    case HW3_INIT_KAIMING: *f = (filling){ NORMAL, sqrt(2 / in) }; return true;         /* [He15, equation 10] */
    case HW3_INIT_NORMAL: *f = (filling){ NORMAL, 0.02 }; return true;                  /* [Radford19] */
    case HW3_INIT_FAN_IN: *f = (filling){ UNIFORM, 1 / sqrt(in) }; return true;         /* [PyTorch, Linear] */
    default: return false;
    }
}

hw3_status hw3i_params_add(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_init init)
{
    filling f;
    if (n_dims < 0 || n_dims > HW3_MAX_DIMS || (n_dims && !shape))
        return hw3i_fail(p->ctx, HW3_ERR_ARG, "params_add: %d dimensions, shape is %s", (int)n_dims, shape ? "given" : "NULL");
    if (hw3i_count(n_dims, shape) < 0)
        return hw3i_fail(p->ctx, HW3_ERR_SHAPE, "params_add: '%.200s' has the shape %s, negative or too large", name,
                         hw3i_shape_text((char[128]){ 0 }, n_dims, shape));
    if (!filling_of(init, n_dims, shape, &f))
        return hw3i_fail(p->ctx, HW3_ERR_ARG, "params_add: init is %d, but 1 to %d are known", (int)init, HW3_INIT_FAN_IN);
    return add(p, name, dtype, n_dims, shape, &f);
}

hw3_status hw3i_params_add_uniform(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                                   double bound)
{
    filling f = { bound > 0 ? UNIFORM : CONSTANT, bound };
    return add(p, name, dtype, n_dims, shape, &f);
}

hw3_status hw3i_params_add_normal(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                                  double std)
{
    filling f = { std > 0 ? NORMAL : CONSTANT, std };
    return add(p, name, dtype, n_dims, shape, &f);
}
