/* SPDX-License-Identifier: MIT */
/* A forecaster's file: the trainer's tensors (weights, moments, history), the options as texts forecaster.NAME, and the
 * numbers that must keep their bits in one tensor. */
#include "forecast/forecaster.h"
#include "series/series.h"
#include <stdio.h>

#define KIND "hw3-forecaster"
#define VERSION 1
#define N_NUMBERS 6

typedef struct field {
    const char *key;
    size_t offset, size; /* in hw3_forecaster_opts: 4 or 8 bytes, whole numbers */
} field;
#define FIELD(name) { "forecaster." #name, offsetof(hw3_forecaster_opts, name), sizeof((hw3_forecaster_opts){ 0 }.name) }
static const field fields[] = { FIELD(cell),    FIELD(window), FIELD(hidden), FIELD(n_layers), FIELD(n_epochs), FIELD(batch),
                                FIELD(loss),    FIELD(scale),  FIELD(patience), FIELD(shuffle), FIELD(seed) };

static int64_t get_field(const hw3_forecaster_opts *o, const field *f)
{
    int32_t narrow;
    int64_t wide;
    memcpy(f->size == 4 ? (void *)&narrow : (void *)&wide, (const char *)o + f->offset, f->size);
    return f->size == 4 ? narrow : wide;
}

static void set_field(hw3_forecaster_opts *o, const field *f, int64_t value)
{
    int32_t narrow = (int32_t)value;
    memcpy((char *)o + f->offset, f->size == 4 ? (void *)&narrow : (void *)&value, f->size);
}

static hw3_status add_fields(const hw3_forecaster *f, hw3i_st *st)
{
    hw3_status s = hw3i_st_set_kind(st, KIND, VERSION);
    if (!s) s = hw3i_st_set_int(st, "forecaster.is_fitted", f->is_fitted);
    for (int64_t i = 0; i < HW3I_LEN(fields) && !s; i++)
        s = hw3i_st_set_int(st, fields[i].key, get_field(&f->opts, &fields[i]));
    return s;
}

hw3_status hw3i_forecaster_save(const hw3_forecaster *f, const char *path)
{
    const hw3_forecaster_opts *o = &f->opts;
    const double numbers[N_NUMBERS] = { o->lr, o->dropout, o->val_share, o->clip_norm, f->scaler.shift, f->scaler.width };
    const int64_t n = N_NUMBERS;
    hw3i_st st;
    hw3i_snapshot kept;
    hw3i_st_init(&st, f->ctx);
    hw3_status s = add_fields(f, &st);
    if (!s) s = hw3i_st_add(&st, "forecaster.numbers", HW3_F64, 1, &n, numbers);
    if (!s) s = hw3i_trainer_store(f->trainer, &st, &kept);
    if (!s) s = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    return s;
}

static hw3_status read_fields(const hw3i_st *st, hw3_forecaster_opts *o, hw3_scaler *scaler, int64_t *is_fitted)
{
    double numbers[N_NUMBERS];
    const int64_t n = N_NUMBERS;
    int64_t value;
    hw3_status s = hw3i_st_get_int(st, "forecaster.is_fitted", 0, 1, is_fitted);
    for (int64_t i = 0; i < HW3I_LEN(fields) && !s; i++) {
        bool wide = fields[i].size == 8;
        s = hw3i_st_get_int(st, fields[i].key, wide ? INT64_MIN : INT32_MIN, wide ? INT64_MAX : INT32_MAX, &value);
        if (!s) set_field(o, &fields[i], value);
    }
    if (!s) s = hw3i_st_read(st, "forecaster.numbers", HW3_F64, 1, &n, numbers);
    if (s) return s;
    o->lr = numbers[0], o->dropout = numbers[1], o->val_share = numbers[2], o->clip_norm = numbers[3];
    *scaler = (hw3_scaler){ *is_fitted ? o->scale : HW3_SCALE_NONE, 0, numbers[4], numbers[5] };
    return hw3i_scaler_check(st->ctx, "forecaster", scaler);
}

/* The recurrent weights of every layer must be in the file before so many are allocated. */
static hw3_status check_sizes(const hw3i_st *st, const hw3_forecaster_opts *o)
{
    for (int32_t l = 0; l < o->n_layers; l++) {
        char name[64];
        snprintf(name, sizeof name, "weights.rnn.weight_hh_l%d", (int)l);
        const hw3i_st_entry *e = hw3i_st_find(st, name);
        if (!e || e->n_dims != 2 || e->shape[0] < o->hidden || e->shape[1] != o->hidden)
            return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%s: %s does not have the size of %lld hidden units", st->path, name,
                             (long long)o->hidden);
    }
    return HW3_OK;
}

static hw3_status make(const hw3i_st *st, hw3_forecaster **out)
{
    hw3_forecaster_opts o = HW3_FORECASTER_OPTS_INIT;
    hw3_scaler scaler;
    int64_t is_fitted = 0;
    hw3_status s = hw3i_st_check_kind(st, KIND, VERSION);
    if (!s) s = read_fields(st, &o, &scaler, &is_fitted);
    if (!s) s = check_sizes(st, &o);
    if (!s) s = hw3i_forecaster_create(st->ctx, &o, out);
    if (s) return s == HW3_ERR_ARG ? HW3_ERR_FORMAT : s; /* an option that no forecaster can have */
    (*out)->scaler = scaler;
    (*out)->is_fitted = is_fitted;
    return HW3_OK;
}

hw3_status hw3i_forecaster_load(hw3_ctx *ctx, const char *path, hw3_forecaster **out)
{
    hw3_forecaster *f = NULL;
    hw3i_st st;
    *out = NULL;
    hw3_status s = hw3i_st_load(&st, ctx, path);
    if (!s) s = make(&st, &f);
    if (!s) s = hw3i_trainer_restore(f->trainer, &st, 1); /* and forecaster.numbers */
    hw3i_st_free(&st);
    if (s) hw3i_forecaster_destroy(f);
    else *out = f;
    return s == HW3_ERR_UNSUPPORTED ? HW3_ERR_MISMATCH : s; /* tensors of a type that no forecaster has */
}
