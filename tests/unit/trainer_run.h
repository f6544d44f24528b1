/* SPDX-License-Identifier: MIT */
/* A small model, its data and its trainer, shared by the tests of training and of checkpoints. */
#ifndef HW3_TEST_TRAINER_RUN_H
#define HW3_TEST_TRAINER_RUN_H
#include "support.h"
#include "train/trainer.h"
#include <unistd.h>

/* A file in memory where the system has such a place: every save waits until it is on the disk. */
static char path_text[64];
static inline void remove_path(void) { remove(path_text); } /* also after a failed test */
static inline const char *path(void)
{
    if (!path_text[0]) {
        atexit(remove_path);
        snprintf(path_text, sizeof path_text, "%stest_trainer-%ld.safetensors", access("/dev/shm", W_OK) ? "" : "/dev/shm/",
                 (long)getpid());
    }
    return path_text;
}
#define PATH path()
enum { WINDOW = 6, HIDDEN = 5, N = 43 };

/* A model that looks at windows of a series, and all that a run needs. */
typedef struct run {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_optim *optim;
    hw3_trainer *trainer;
    hw3_tensor *x, *y;
    double series[N + WINDOW];
    int64_t cancel_at; /* step; -1: never */
    int64_t n_calls, n_epoch_calls;
    hw3_progress last;
} run;

static int64_t n_allocs, fail_at = -1;

static inline int32_t progress(void *user, const hw3_progress *p)
{
    run *r = user;
    r->n_calls++;
    r->n_epoch_calls += p->epoch_ended;
    r->last = *p;
    return !p->epoch_ended && p->step == r->cancel_at;
}

/* user: NULL, or the share that is dropped. */
static inline hw3_var loss(void *user, hw3_graph *g, const hw3_var *batch)
{
    const double p = user ? *(const double *)user : 0.3;
    hw3_var h = hw3_tanh(g, hw3_linear(g, batch[0], hw3_param(g, "w1"), hw3_param(g, "b1")));
    return hw3_mse(g, hw3_linear(g, hw3_dropout(g, h, p), hw3_param(g, "w2"), HW3_NONE), batch[1]);
}

static inline hw3_trainer_opts trainer_opts(run *r)
{
    hw3_trainer_opts o = HW3_TRAINER_OPTS_INIT;
    o.n_epochs = 4;
    o.batch = 8;
    o.val_share = 0.2;
    o.progress = progress;
    o.progress_user = r;
    return o;
}

static inline hw3_optim_opts optim_opts(void)
{
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.lr = 0.02;
    o.clip_norm = 1;
    o.schedule = HW3_SCHEDULE_COSINE;
    o.total_steps = 40;
    o.warmup_steps = 3;
    return o;
}

static inline hw3_status run_model(run *r)
{
    hw3_status s = hw3_params_create(r->ctx, &r->params);
    if (!s) s = hw3_params_add(r->params, "w1", HW3_F64, 2, (int64_t[]){ HIDDEN, WINDOW }, HW3_INIT_XAVIER);
    if (!s) s = hw3_params_add(r->params, "b1", HW3_F64, 1, (int64_t[]){ HIDDEN }, HW3_INIT_ZERO);
    if (!s) s = hw3_params_add(r->params, "w2", HW3_F64, 2, (int64_t[]){ 1, HIDDEN }, HW3_INIT_XAVIER);
    return s;
}

static inline hw3_status run_rest(run *r, const hw3_trainer_opts *to, const hw3_optim_opts *oo)
{
    for (int i = 0; i < N + WINDOW; i++) r->series[i] = sin(0.7 * i) + 0.1 * cos(5.0 * i * i);
    hw3_status s = hw3_optim_create(r->params, oo, &r->optim);
    if (!s) s = hw3_optim_set_group(r->optim, "b", 0.01, 0);
    if (!s) s = hw3_trainer_create(r->params, r->optim, to, &r->trainer);
    /* overlapping windows */
    if (!s) s = hw3_tensor_wrap(r->ctx, HW3_F64, 2, (int64_t[]){ N, WINDOW }, (int64_t[]){ 1, 1 }, r->series, &r->x);
    if (!s) s = hw3_tensor_wrap(r->ctx, HW3_F64, 2, (int64_t[]){ N, 1 }, NULL, r->series + WINDOW, &r->y);
    return s;
}

static inline void run_end(run *r)
{
    hw3_tensor_destroy(r->x);
    hw3_tensor_destroy(r->y);
    hw3_params_destroy(r->params); /* any order */
    hw3_optim_destroy(r->optim);
    hw3_trainer_destroy(r->trainer);
    hw3_ctx_destroy(r->ctx);
}

static inline void run_begin(run *r, const hw3_trainer_opts *opts)
{
    hw3_optim_opts oo = optim_opts();
    hw3_trainer_opts to = opts ? *opts : trainer_opts(r);
    to.progress_user = r;
    memset(r, 0, sizeof *r);
    r->cancel_at = -1;
    hw3_ctx *ctx = r->ctx = test_ctx(1);
    OK(run_model(r));
    OK(run_rest(r, &to, &oo));
}

static inline hw3_status fit(run *r) { return hw3_trainer_fit(r->trainer, (hw3_tensor *[]){ r->x, r->y }, 2, loss, NULL); }

/* All that a run is: weights in place, last and best, moments, cursor and history, as one block of bytes. */
static inline size_t bytes_of(const run *r, char *out)
{
    char *p = out;
#define PUT(from, n) (memcpy(p, from, n), p += (n))
    for (int64_t i = 0; i < r->params->n; i++) {
        size_t n = (size_t)hw3i_tensor_n(r->params->items[i]->value) * 8;
        PUT(r->params->items[i]->value->data, n);
        PUT(hw3i_trainer_last(r->trainer, i), n);
        if (r->trainer->at.has_best) PUT(hw3i_trainer_best(r->trainer, i), n);
        PUT(r->optim->slots[i].m, n);
        PUT(r->optim->slots[i].v, n);
        PUT(&r->optim->slots[i].n_steps, 8);
    }
    const hw3i_cursor *at = &r->trainer->at;
    const int64_t ints[] = { at->epoch, at->position, at->n_examples, at->n_steps, at->n_bad, at->has_best, r->optim->n_steps };
    PUT(ints, sizeof ints);
    PUT(&at->loss_sum, 8);
    PUT(&at->best_loss, 8);
    PUT(&r->optim->grad_norm, 8);
    if (at->epoch) PUT(r->trainer->train_loss, (size_t)at->epoch * 8);
    if (at->epoch) PUT(r->trainer->val_loss, (size_t)at->epoch * 8);
    return (size_t)(p - out);
}

static inline void same(const run *a, const run *b)
{
    static char x[1 << 16], y[1 << 16];
    size_t n = bytes_of(a, x);
    ck_assert_uint_eq(n, bytes_of(b, y));
    ck_assert_mem_eq(x, y, n);
}

static inline void *count_alloc(void *user, size_t size, size_t align)
{
    (void)user;
    if (n_allocs++ == fail_at) return NULL;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static inline void count_free(void *user, void *ptr, size_t size)
{
    (void)user, (void)size;
    free(ptr);
}

static inline hw3_allocator counting(void) { return (hw3_allocator){ count_alloc, count_free, NULL }; }

#endif
