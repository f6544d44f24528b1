/* SPDX-License-Identifier: MIT */
#include "model/params_file.h"

hw3_status hw3i_params_to_st(const hw3_params *p, hw3i_st *st)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < p->n && !s; i++) {
        const hw3_tensor *t = p->items[i]->value;
        s = hw3i_st_add_finite(st, p->items[i]->name, t->dtype, t->n_dims, t->shape, t->data);
    }
    return s;
}

static hw3_status read_all(hw3_params *p, const hw3i_st *st, bool only_check)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < p->n && !s; i++) {
        hw3_tensor *t = p->items[i]->value;
        s = hw3i_st_read(st, p->items[i]->name, t->dtype, t->n_dims, t->shape, only_check ? NULL : t->data);
        if (!s && only_check) s = hw3i_st_check_finite(st, p->items[i]->name, t->dtype);
    }
    return s;
}

hw3_status hw3i_params_from_st(hw3_params *p, const hw3i_st *st)
{
    hw3_status s = read_all(p, st, true);
    return s ? s : read_all(p, st, false);
}

hw3_status hw3i_params_save(const hw3_params *p, const char *path)
{
    hw3i_st st;
    hw3i_st_init(&st, p->ctx);
    hw3_status s = hw3i_params_to_st(p, &st);
    if (!s) s = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    return s;
}

static hw3_status check_no_others(const hw3_params *p, const hw3i_st *st)
{
    for (int64_t i = 0; i < st->n; i++)
        if (!hw3i_params_find(p, st->entries[i].name))
            return hw3i_fail(p->ctx, HW3_ERR_MISMATCH, "%.200s: has a tensor %.200s that is no parameter here", st->path,
                             st->entries[i].name);
    return HW3_OK;
}

hw3_status hw3i_params_load(hw3_params *p, const char *path)
{
    hw3i_st st;
    hw3_status s = hw3i_st_load(&st, p->ctx, path);
    if (!s) s = check_no_others(p, &st);
    if (!s) s = hw3i_params_from_st(p, &st);
    hw3i_st_free(&st);
    return s;
}
