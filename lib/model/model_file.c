/* SPDX-License-Identifier: MIT */
#include "model/model_file.h"
#include "io/file.h"
#include "io/json_value.h"
#include "model/params_file.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define MAX_PATH 4096
#define WEIGHTS "model.safetensors"

/* The weights of a model, in one file or in several. */
typedef struct shards {
    hw3_ctx *ctx;
    const char *dir, *base; /* what names may do without */
    int64_t n, cap, n_used;
    hw3i_st *files;
    char **names; /* of the files, in dir */
    int64_t cap_names;
} shards;

static hw3_status path_in(hw3_ctx *ctx, const char *dir, const char *name, char path[MAX_PATH])
{
    const size_t n = strlen(dir);
    if (snprintf(path, MAX_PATH, n && dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name) < MAX_PATH) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_IO, "model: a path of %zu bytes is too long", n);
}

static void shards_free(shards *sh)
{
    for (int64_t i = 0; i < sh->n; i++) {
        hw3i_st_free(&sh->files[i]);
        hw3i_free(sh->ctx, sh->names[i]);
    }
    hw3i_free(sh->ctx, sh->files);
    hw3i_free(sh->ctx, sh->names);
}

/* Loads a file of dir unless it is loaded. A name that leads out of dir is refused. */
static hw3_status add_file(shards *sh, const char *name)
{
    char path[MAX_PATH];
    for (int64_t i = 0; i < sh->n; i++)
        if (!strcmp(sh->names[i], name)) return HW3_OK;
    if (!name[0] || strchr(name, '/'))
        return hw3i_fail(sh->ctx, HW3_ERR_FORMAT, "%.200s: weight_map names a file \"%.100s\"", sh->dir, name);
    hw3_status s = path_in(sh->ctx, sh->dir, name, path);
    if (!s) s = hw3i_grow(sh->ctx, &sh->files, &sh->cap, sh->n + 1, sizeof *sh->files);
    if (!s) s = hw3i_grow(sh->ctx, &sh->names, &sh->cap_names, sh->n + 1, sizeof *sh->names);
    if (s) return s;
    sh->names[sh->n] = hw3i_strdup(sh->ctx, name);
    if (!sh->names[sh->n]) return HW3_ERR_NOMEM;
    s = hw3i_st_open(&sh->files[sh->n], sh->ctx, path); /* on failure as after init */
    sh->n++;
    return s;
}

static hw3_status load_shards(shards *sh)
{
    char path[MAX_PATH];
    hw3i_json_doc doc;
    hw3_status s = path_in(sh->ctx, sh->dir, WEIGHTS, path);
    const bool one = !s && hw3i_file_exists(path);
    if (!s) s = path_in(sh->ctx, sh->dir, WEIGHTS ".index.json", path);
    if (s) return s;
    if (one || !hw3i_file_exists(path)) return add_file(sh, WEIGHTS);
    s = hw3i_json_load(&doc, sh->ctx, path);
    if (s) return s;
    hw3i_json_need(&doc, doc.values, "weight_map");
    const hw3i_json_value *map = hw3i_json_get_object(&doc, doc.values, "weight_map"), *e = map ? map + 1 : NULL;
    for (int64_t i = 0; map && i < map->n && !doc.status; i++, e += e->size) {
        /* A map may be long: it is searched for what is wrong alone. */
        const char *name = e->kind == HW3I_JSON_STRING ? e->string : hw3i_json_get_string(&doc, map, e->key, "");
        if (!doc.status) doc.status = add_file(sh, name);
    }
    if (!doc.status && !sh->n) hw3i_json_refuse(&doc, doc.values, "weight_map", "names no file");
    s = doc.status;
    hw3i_json_doc_free(&doc);
    return s;
}

/* The file that has a parameter, and under which name: its own, or that without the base. There may be no second one. */
static hw3_status find(const shards *sh, const char **name, const hw3i_st **st)
{
    const size_t n = strlen(sh->base);
    const char *names[2] = { *name, strncmp(*name, sh->base, n) ? *name : *name + n };
    int64_t at = -1;
    for (int64_t k = 0; k < (names[0] == names[1] ? 1 : 2); k++)
        for (int64_t i = 0; i < sh->n; i++) {
            if (!hw3i_st_find(&sh->files[i], names[k])) continue;
            if (at >= 0)
                return hw3i_fail(sh->ctx, HW3_ERR_FORMAT, "%.200s: there is %.100s in %.60s and %.100s in %.60s", sh->dir, *name,
                                 sh->names[at], names[k], sh->names[i]);
            at = i;
            *name = names[k];
        }
    *st = &sh->files[hw3i_max(at, 0)]; /* the first will say that there is none */
    return HW3_OK;
}

/* Before a parameter is made: that it is in the file with its shape, and finite. */
static hw3_status expect(void *user, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, bool may_be_new)
{
    shards *sh = user;
    const hw3i_st *st;
    hw3_status s = find(sh, &name, &st);
    if (s) return s;
    if (may_be_new && !hw3i_st_find(st, name)) {
        hw3i_log(sh->ctx, "model: %.200s: there is no %s, which begins at random", sh->dir, name);
        return HW3I_NEW;
    }
    s = hw3i_st_read(st, name, dtype, n_dims, shape, NULL);
    sh->n_used += !s;
    return s ? s : hw3i_st_check_finite(st, name, dtype);
}

/* Those that are not there are new. */
static hw3_status read_values(const shards *sh, hw3_params *p)
{
    hw3_status s = HW3_OK;
    for (int64_t i = 0; i < p->n && !s; i++) {
        hw3_tensor *t = p->items[i]->value;
        const char *name = p->items[i]->name;
        const hw3i_st *st;
        s = find(sh, &name, &st);
        if (!s && hw3i_st_find(st, name)) s = hw3i_st_read(st, name, t->dtype, t->n_dims, t->shape, t->data);
    }
    return s;
}

static void log_unused(const shards *sh)
{
    int64_t n = -sh->n_used;
    for (int64_t i = 0; i < sh->n; i++) n += sh->files[i].n;
    if (n > 0) hw3i_log(sh->ctx, "model: %.200s: %lld tensors are not used", sh->dir, (long long)n);
}

static hw3_status read_model(shards *sh, const hw3_model_config *c, bool head_may_be_new, hw3_model **out)
{
    hw3_status s = load_shards(sh);
    if (!s) s = hw3i_model_make(sh->ctx, c, expect, sh, head_may_be_new, out);
    if (s) return s;
    log_unused(sh);
    return read_values(sh, (*out)->params);
}

hw3_status hw3i_model_open(hw3_ctx *ctx, const char *dir, const hw3_model_opts *opts, hw3_model **out)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    char path[MAX_PATH];
    *out = NULL;
    if (opts->dtype != HW3_F32 && opts->dtype != HW3_F64)
        return hw3i_fail(ctx, HW3_ERR_ARG, "model_open: dtype is %d, must be HW3_F32 or HW3_F64", (int)opts->dtype);
    if (opts->reserved) return hw3i_fail(ctx, HW3_ERR_ARG, "model_open: reserved is %d, must be 0", (int)opts->reserved);
    c.dtype = opts->dtype;
    c.head = opts->head;
    c.n_classes = opts->n_classes;
    hw3_status s = path_in(ctx, dir, "config.json", path);
    if (!s) s = hw3i_config_read(ctx, path, &c);
    if (s) return s;
    s = hw3i_model_resolve(ctx, &c);
    if (s) return s == HW3_ERR_ARG ? HW3_ERR_FORMAT : s; /* a size that no model can have */
    shards sh = { .ctx = ctx, .dir = dir, .base = hw3i_family_of(c.family)->base };
    s = read_model(&sh, &c, opts->head != 0, out);
    shards_free(&sh);
    if (!s) return HW3_OK;
    hw3i_model_destroy(*out);
    *out = NULL;
    return s;
}

static hw3_status save_config(const hw3_model *m, const char *path)
{
    hw3i_json_out o = { .ctx = m->ctx };
    hw3i_config_write(&o, &m->config);
    hw3_status s = o.status;
    if (!s) s = hw3i_file_save(m->ctx, path, &(hw3i_piece){ o.text, o.n }, 1);
    hw3i_free(m->ctx, o.text);
    return s;
}

static hw3_status save_weights(const hw3_model *m, const char *path)
{
    hw3i_st st;
    hw3i_st_init(&st, m->ctx);
    hw3_status s = hw3i_st_set(&st, "format", "pt"); /* transformers reads no file without it */
    if (!s) s = hw3i_params_to_st(m->params, &st);
    if (!s) s = hw3i_st_save(&st, path);
    hw3i_st_free(&st);
    return s;
}

hw3_status hw3i_model_save(const hw3_model *m, const char *dir)
{
    char weights[MAX_PATH], config[MAX_PATH];
    hw3_status s = path_in(m->ctx, dir, WEIGHTS, weights);
    if (!s) s = path_in(m->ctx, dir, "config.json", config);
    if (!s && mkdir(dir, 0777) && errno != EEXIST) s = hw3i_fail(m->ctx, HW3_ERR_IO, "%.200s: %s", dir, strerror(errno));
    if (!s) s = save_weights(m, weights);
    return s ? s : save_config(m, config);
}
