/* SPDX-License-Identifier: MIT */
#include "base/half.h"
#include "io/safetensors_inner.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *path_of(const hw3i_st *st) { return st->path ? st->path : "safetensors"; }

hw3_status hw3i_st_get_int(const hw3i_st *st, const char *key, int64_t min, int64_t max, int64_t *value)
{
    const char *text = hw3i_st_get(st, key);
    if (!text) return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%.200s: there is no text %.100s", path_of(st), key);
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    bool number = (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) && !*end && !errno;
    if (!number || v < min || v > max)
        return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%.200s: text %.100s is \"%.40s\", not an integer from %lld to %lld",
                         path_of(st), key, text, (long long)min, (long long)max);
    *value = v;
    return HW3_OK;
}

hw3_status hw3i_st_check_kind(const hw3i_st *st, const char *kind, int64_t version)
{
    const char *found = hw3i_st_get(st, "kind");
    int64_t v;
    if (!found || strcmp(found, kind))
        return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%s: the kind of file is \"%.40s\", expected \"%s\"", path_of(st),
                         found ? found : "", kind);
    hw3_status s = hw3i_st_get_int(st, "version", 1, INT64_MAX, &v);
    if (s || v <= version) return s;
    return hw3i_fail(st->ctx, HW3_ERR_VERSION, "%s: %s of version %lld, this library reads up to %lld", path_of(st), kind,
                     (long long)v, (long long)version);
}

static void shape_text(char *text, size_t room, int32_t n_dims, const int64_t *shape)
{
    size_t used = (size_t)snprintf(text, room, "[");
    for (int32_t i = 0; i < n_dims; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? ", " : "", (long long)shape[i]);
    snprintf(text + used, room - used, "]");
}

/* n elements of e from index first on, as float or double. */
static void convert(const hw3i_st_entry *e, int64_t first, int64_t n, hw3_dtype dtype, void *out)
{
    const uint16_t *h = (const uint16_t *)e->data + first;
    const float *f = (const float *)e->data + first;
    const double *d = (const double *)e->data + first;
    const bool is_half = e->type->name[0] == 'F';
    for (int64_t i = 0; i < n; i++) {
        const double x = e->type->size == 8 ? d[i] : e->type->size == 4 ? (double)f[i] : is_half ? hw3i_half_float(h[i]) : hw3i_brain_float(h[i]);
        if (dtype == HW3_F32) ((float *)out)[i] = (float)x;
        else ((double *)out)[i] = x;
    }
}

static const char *kind_of(bool integer) { return integer ? "integers" : "real numbers"; }

hw3_status hw3i_st_read(const hw3i_st *st, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, void *data)
{
    const hw3i_st_entry *e = hw3i_st_find(st, name);
    if (!e) return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%.200s: there is no tensor %.100s", path_of(st), name);
    if (e->n_dims != n_dims || (n_dims && memcmp(e->shape, shape, (size_t)n_dims * sizeof *shape))) {
        char is[192], want[192];
        shape_text(is, sizeof is, e->n_dims, e->shape);
        shape_text(want, sizeof want, n_dims, shape);
        return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%.100s: %.100s is %s but %s is expected", path_of(st), name, is, want);
    }
    const bool integers = e->type->dtype == HW3_I64;
    if (!integers && !e->type->is_real)
        return hw3i_fail(st->ctx, HW3_ERR_UNSUPPORTED, "%.200s: %.100s has element type %s, which is not converted", path_of(st),
                         name, e->type->name);
    if (integers != (dtype == HW3_I64))
        return hw3i_fail(st->ctx, HW3_ERR_MISMATCH, "%.200s: %.100s has %s, but %s are expected", path_of(st), name,
                         kind_of(integers), kind_of(!integers));
    if (!data || !e->n_bytes) return HW3_OK;
    if (e->type->dtype == dtype) memcpy(data, e->data, (size_t)e->n_bytes);
    else convert(e, 0, e->n_bytes / e->type->size, dtype, data);
    return HW3_OK;
}

hw3_status hw3i_st_check_finite(const hw3i_st *st, const char *name, hw3_dtype dtype)
{
    enum { N = 256 };
    double x[N];
    const hw3i_st_entry *e = hw3i_st_find(st, name);
    const int64_t total = e->n_bytes / e->type->size;
    for (int64_t first = 0; first < total; first += N) {
        const int64_t n = hw3i_min(N, total - first);
        convert(e, first, n, HW3_F64, x);
        for (int64_t i = 0; i < n; i++)
            if (!isfinite(dtype == HW3_F32 ? (float)x[i] : x[i]))
                return hw3i_fail(st->ctx, HW3_ERR_FORMAT, "%.200s: %.200s[%lld] is %g", path_of(st), name, (long long)(first + i), x[i]);
    }
    return HW3_OK;
}
