/* SPDX-License-Identifier: MIT */
#include "io/file.h"
#include "model/params_file.h"

hw3_status hw3_params_create(hw3_ctx *ctx, hw3_params **out)
{
    if (out) *out = NULL;
    if (!ctx || !out) return hw3i_fail(ctx, HW3_ERR_ARG, "params_create: out is NULL");
    return hw3i_params_create(ctx, out);
}

void hw3_params_destroy(hw3_params *params) { hw3i_params_release(params); }

hw3_status hw3_params_add(hw3_params *params, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape,
                          hw3_init init)
{
    if (!params || !name) return hw3i_fail(params ? params->ctx : NULL, HW3_ERR_ARG, "params_add: name is NULL");
    return hw3i_params_add(params, name, dtype, n_dims, shape, init);
}

int64_t hw3_params_n(const hw3_params *params) { return params ? params->n : HW3_ERR_ARG; }

int64_t hw3_params_n_elements(const hw3_params *params)
{
    if (!params) return HW3_ERR_ARG;
    int64_t n = 0;
    for (int64_t i = 0; i < params->n; i++) n += hw3i_tensor_n(params->items[i]->value);
    return n;
}

const char *hw3_params_name(const hw3_params *params, int64_t index)
{
    return params && index >= 0 && index < params->n ? params->items[index]->name : NULL;
}

static hw3_status find(const hw3_params *params, const char *who, const char *name, hw3i_param **out)
{
    if (!params) return HW3_ERR_ARG;
    if (!name) return hw3i_fail(params->ctx, HW3_ERR_ARG, "%s: name is NULL", who);
    *out = hw3i_params_find(params, name);
    return *out ? HW3_OK : hw3i_params_unknown(params, who, name);
}

hw3_status hw3_params_value(hw3_params *params, const char *name, hw3_tensor **out)
{
    hw3i_param *p;
    if (!out) return hw3i_fail(params ? params->ctx : NULL, HW3_ERR_ARG, "params_value: out is NULL");
    hw3_status s = find(params, "params_value", name, &p);
    *out = s ? NULL : p->value;
    return s;
}

hw3_status hw3_params_grad(hw3_params *params, const char *name, hw3_tensor **out)
{
    hw3i_param *p;
    if (!out) return hw3i_fail(params ? params->ctx : NULL, HW3_ERR_ARG, "params_grad: out is NULL");
    hw3_status s = find(params, "params_grad", name, &p);
    if (!s) s = hw3i_param_take_grad(params->ctx, p);
    *out = s ? NULL : p->grad;
    return s;
}

hw3_status hw3_params_set_trainable(hw3_params *params, const char *name, int32_t trainable)
{
    hw3i_param *p;
    hw3_status s = find(params, "params_set_trainable", name, &p);
    if (s) return s;
    if (trainable != 0 && trainable != 1)
        return hw3i_fail(params->ctx, HW3_ERR_ARG, "params_set_trainable: %d is neither 0 nor 1", (int)trainable);
    p->trainable = trainable;
    return HW3_OK;
}

hw3_status hw3_params_save(const hw3_params *params, const char *path)
{
    hw3_status s = params ? hw3i_path_check(params->ctx, "params_save", path) : HW3_ERR_ARG;
    return s ? s : hw3i_params_save(params, path);
}

hw3_status hw3_params_load(hw3_params *params, const char *path)
{
    hw3_status s = params ? hw3i_path_check(params->ctx, "params_load", path) : HW3_ERR_ARG;
    return s ? s : hw3i_params_load(params, path);
}
