/* SPDX-License-Identifier: MIT */
#include "base/pool.h"
#include <pthread.h>
#include <sched.h>

/* A worker that finds no job spins this often before it sleeps: the gap between two operators of a
 * training step is shorter than waking a thread, about 20 microseconds. */
#define SPINS 4000

struct hw3i_pool {
    int n_threads, n_started; /* workers are started by the first job that has use for them */
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_int n_asleep;
    /* The job's number in the upper half, its next tile in the lower: a change of the number is the signal, and a worker
     * that wakes late can take no tile of a later job for one of its own. */
    atomic_ullong cursor;
    atomic_bool stop;
    hw3i_tile_fn fn; /* fn and arg are read once a tile is taken: until it is done the job stands */
    void *arg;
    atomic_uint n_tiles, n_done;
};

typedef struct start {
    hw3i_pool *pool;
    int worker;
} start;

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

#define CLOSED UINT32_MAX /* a tile beyond all: more tiles than any memory holds */
static unsigned job_of(unsigned long long cursor) { return (unsigned)(cursor >> 32); }
static unsigned tile_of(unsigned long long cursor) { return (unsigned)cursor; }
static unsigned long long cursor_at(unsigned job, unsigned tile) { return (unsigned long long)job << 32 | tile; }

/* Takes tiles of this job until none is left or the next job has begun. */
static void take_tiles(hw3i_pool *p, unsigned job, int worker)
{
    unsigned long long at = atomic_load(&p->cursor);
    while (job_of(at) == job && tile_of(at) < atomic_load(&p->n_tiles)) {
        if (!atomic_compare_exchange_weak(&p->cursor, &at, at + 1)) continue;
        p->fn(p->arg, tile_of(at), worker);
        atomic_fetch_add(&p->n_done, 1);
        at = atomic_load(&p->cursor);
    }
}

static void wait_for_job(hw3i_pool *p, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (job_of(atomic_load(&p->cursor)) != seen || atomic_load(&p->stop)) return;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->n_asleep, 1);
    while (job_of(atomic_load(&p->cursor)) == seen && !atomic_load(&p->stop)) pthread_cond_wait(&p->wake, &p->lock);
    atomic_fetch_sub(&p->n_asleep, 1);
    pthread_mutex_unlock(&p->lock);
}

static void *worker_main(void *arg)
{
    start s = *(start *)arg;
    for (unsigned job = 0;;) {
        wait_for_job(s.pool, job);
        if (atomic_load(&s.pool->stop)) return NULL;
        job = job_of(atomic_load(&s.pool->cursor));
        take_tiles(s.pool, job, s.worker);
    }
}

static start *starts_of(hw3i_pool *p) { return (start *)(p->threads + p->n_threads); }

hw3i_pool *hw3i_pool_create(hw3_ctx *ctx, int n_threads)
{
    int64_t bytes = (int64_t)sizeof(hw3i_pool) + n_threads * (int64_t)(sizeof(pthread_t) + sizeof(start));
    hw3i_pool *p = hw3i_calloc(ctx, bytes, 1);
    if (!p) return NULL;
    p->threads = (pthread_t *)(p + 1);
    p->n_threads = n_threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    return p;
}

static void start_workers(hw3i_pool *p)
{
    start *starts = starts_of(p);
    for (int i = p->n_started; i < p->n_threads - 1; i++) {
        starts[i] = (start){ p, i + 1 };
        if (pthread_create(&p->threads[i], NULL, worker_main, &starts[i])) {
            p->n_threads = i + 1; /* no more to be had: the same bits with fewer */
            return;
        }
        p->n_started = i + 1;
    }
}

void hw3i_pool_destroy(hw3_ctx *ctx, hw3i_pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->stop, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_started; i++) pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    hw3i_free(ctx, p);
}

int hw3i_pool_n_threads(const hw3i_pool *p) { return p ? p->n_threads : 1; }

/* The caller waits for the tiles, not for the workers: one that sleeps on costs nothing. */
static void run_job(hw3i_pool *p, unsigned n_tiles, hw3i_tile_fn fn, void *arg)
{
    unsigned job = job_of(atomic_load(&p->cursor)) + 1;
    atomic_store(&p->cursor, cursor_at(job - 1, CLOSED)); /* before n_tiles grows: nobody takes another of the old job */
    p->fn = fn;
    p->arg = arg;
    atomic_store(&p->n_tiles, n_tiles);
    atomic_store(&p->n_done, 0);
    atomic_store(&p->cursor, cursor_at(job, 0));
    if (atomic_load(&p->n_asleep) > 0) {
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->wake);
        pthread_mutex_unlock(&p->lock);
    }
    take_tiles(p, job, 0);
    for (int i = 0; atomic_load(&p->n_done) < n_tiles; i++) {
        if (i < SPINS) relax();
        else sched_yield();
    }
}

void hw3i_pool_run(hw3i_pool *p, int64_t n_tiles, hw3i_tile_fn fn, void *arg)
{
    if (p && p->n_threads > 1 && n_tiles > 1 && !p->n_started) start_workers(p);
    if (!p || p->n_threads == 1 || n_tiles <= 1) {
        for (int64_t i = 0; i < n_tiles; i++) fn(arg, i, 0);
        return;
    }
    run_job(p, (unsigned)n_tiles, fn, arg);
}

#define PIECE 131072 /* bytes of one tile of zeros */

typedef struct clearing {
    char *data;
    int64_t bytes;
} clearing;

static void clear_tile(void *arg, int64_t tile, int worker)
{
    const clearing *c = arg;
    (void)worker;
    memset(c->data + tile * PIECE, 0, (size_t)hw3i_min(PIECE, c->bytes - tile * PIECE));
}

void hw3i_pool_clear(hw3i_pool *p, void *data, int64_t bytes)
{
    clearing c = { data, bytes };
    hw3i_pool_run(p, hw3i_ceil(bytes, PIECE), clear_tile, &c);
}
