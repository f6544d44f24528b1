/* SPDX-License-Identifier: MIT */
/* Checkpoints: resuming bit for bit, damaged files, files of other models, failing allocations. */
#include "trainer_run.h"

/* Killed after any step and gone on in a new process's objects, or in the same ones: the bits of the straight run. */
START_TEST(resumed_is_straight)
{
    static run straight, cut, again;
    run_begin(&straight, NULL);
    hw3_trainer_opts o = trainer_opts(&straight);
    o.patience = 3;
    run_end(&straight);
    run_begin(&straight, &o);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    const int64_t n_steps = straight.trainer->at.n_steps;
    ck_assert_int_eq(n_steps, 4 * 5); /* 34 examples in batches of 8 */
    o.checkpoint = PATH;
    for (int64_t at = 1; at <= n_steps; at++) {
        run_begin(&cut, &o);
        cut.cancel_at = at;
        FAILS(fit(&cut), HW3_ERR_CANCELLED);
        ck_assert_int_eq(cut.trainer->at.n_steps, at);
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(cut.ctx), "stopped by the callback"));
        run_begin(&again, &o);
        ctx = again.ctx;
        OK(hw3_trainer_load(again.trainer, PATH));
        same(&cut, &again);
        OK(fit(&again));
        same(&straight, &again);
        ctx = cut.ctx;
        OK(fit(&cut));
        same(&straight, &cut);
        run_end(&again);
        run_begin(&again, &o); /* the file that a finished run leaves holds what the run left */
        ctx = again.ctx;
        OK(hw3_trainer_load(again.trainer, PATH));
        same(&straight, &again);
        run_end(&again);
        run_end(&cut);
    }
    run_end(&straight);
    remove(PATH);
}
END_TEST

static char *read_file(size_t *n)
{
    FILE *f = fopen(PATH, "rb");
    ck_assert_ptr_nonnull(f);
    char *bytes = malloc(1 << 20);
    *n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static void write_file(const char *bytes, size_t n)
{
    FILE *f = fopen(PATH, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Takes the file away at step 8: what a run that is killed then leaves, without a chance to write. */
typedef struct kill {
    char *bytes;
    size_t n;
} kill;

static int32_t kill_at_8(void *user, const hw3_progress *p)
{
    kill *k = user;
    if (p->step == 8 && !k->bytes) k->bytes = read_file(&k->n);
    return p->step == 8;
}

START_TEST(resumed_from_steps)
{
    static run straight, again;
    kill k = { NULL, 0 };
    run_begin(&straight, NULL);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    hw3_trainer_opts o = trainer_opts(&straight);
    o.checkpoint = PATH;
    o.checkpoint_steps = 3;
    o.progress = kill_at_8;
    run_begin(&again, &o);
    again.trainer->o.progress_user = &k;
    FAILS(fit(&again), HW3_ERR_CANCELLED);
    run_end(&again);
    write_file(k.bytes, k.n);
    free(k.bytes);
    o.checkpoint = NULL;
    o.checkpoint_steps = 0;
    o.progress = NULL;
    run_begin(&again, &o);
    ctx = again.ctx;
    OK(hw3_trainer_load(again.trainer, PATH));
    ck_assert_int_eq(again.trainer->at.n_steps, 6);
    OK(fit(&again));
    same(&straight, &again);
    run_end(&again);
    run_end(&straight);
    remove(PATH);
}
END_TEST

/* Cut at every byte: a status and a message, and the trainer is as it was. Other bytes: no crash. */
START_TEST(damaged_checkpoints)
{
    static run r, fresh;
    run_begin(&r, NULL);
    run_begin(&fresh, NULL);
    hw3_ctx *ctx = r.ctx;
    r.cancel_at = 7;
    FAILS(fit(&r), HW3_ERR_CANCELLED);
    OK(hw3_trainer_save(r.trainer, PATH));
    size_t n, cut;
    char *bytes = read_file(&n);
    run_end(&r);
    run_begin(&r, NULL);
    ctx = r.ctx;
    for (cut = 0; cut < n; cut++) {
        write_file(bytes, cut);
        FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), PATH));
    }
    same(&r, &fresh);
    for (cut = 8; cut < n; cut++) { /* the header's length before is tried above */
        bytes[cut] ^= 0x11;
        write_file(bytes, n);
        (void)!hw3_trainer_load(r.trainer, PATH);
        bytes[cut] ^= 0x11;
    }
    write_file(bytes, n);
    OK(hw3_trainer_load(r.trainer, PATH));
    OK(fit(&r));
    OK(fit(&fresh));
    same(&r, &fresh);
    FAILS(hw3_trainer_load(r.trainer, "no/such/file"), HW3_ERR_IO);
    FAILS(hw3_trainer_save(r.trainer, "no/such/file"), HW3_ERR_IO);
    free(bytes);
    run_end(&r);
    run_end(&fresh);
    remove(PATH);
}
END_TEST

static void replace(char *bytes, size_t n, const char *from, const char *to)
{
    size_t length = strlen(from);
    ck_assert_uint_eq(length, strlen(to));
    for (size_t i = 0; i + length <= n; i++)
        if (!memcmp(bytes + i, from, length)) {
            memcpy(bytes + i, to, length);
            return;
        }
    ck_abort_msg("%s is not in the file", from);
}

START_TEST(checkpoints_with_other_texts)
{
    const struct { const char *from, *to; hw3_status status; const char *text; } edits[] = {
        { "\"version\":\"1\"", "\"version\":\"2\"", HW3_ERR_VERSION, "version 2" },
        { "\"version\":\"1\"", "\"version\":\"x\"", HW3_ERR_FORMAT, "version" },
        { "hw3-trainer", "hw3-another", HW3_ERR_MISMATCH, "the kind of file is \"hw3-another\", expected \"hw3-trainer\"" },
        { "\"seed\":\"42\"", "\"seed\":\"43\"", HW3_ERR_MISMATCH, "seed is 43 in the file, 42 here" },
        { "\"position\":\"16\"", "\"position\":\"99\"", HW3_ERR_FORMAT, "position" },
        { "\"n_steps\":\"7\"", "\"n_steps\":\"-\"", HW3_ERR_FORMAT, "n_steps" },
        { "\"epoch\":\"1\"", "\"epoch\":\"2\"", HW3_ERR_MISMATCH, "history.train" },
        { "\"n_bad\":\"0\"", "\"n_bad\":\"3\"", HW3_ERR_FORMAT, "n_bad" },
        { "weights.b1", "weights.bX", HW3_ERR_MISMATCH, "weights.b1" },
    };
    static run r, fresh;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    r.cancel_at = 7;
    FAILS(fit(&r), HW3_ERR_CANCELLED);
    OK(hw3_trainer_save(r.trainer, PATH));
    run_end(&r);
    run_begin(&r, NULL);
    run_begin(&fresh, NULL);
    ctx = r.ctx;
    size_t n;
    char *bytes = read_file(&n), *copy = malloc(n);
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        memcpy(copy, bytes, n);
        replace(copy, n, edits[i].from, edits[i].to);
        write_file(copy, n);
        FAILS(hw3_trainer_load(r.trainer, PATH), edits[i].status);
        ck_assert_msg(strstr(hw3_ctx_error(ctx), edits[i].text) != NULL, "%s", hw3_ctx_error(ctx));
    }
    same(&r, &fresh);
    free(bytes);
    free(copy);
    run_end(&r);
    run_end(&fresh);
    remove(PATH);
}
END_TEST

static void load_fails(const hw3_trainer_opts *to, const hw3_optim_opts *oo, void (*change)(run *), const char *text)
{
    run r = { .ctx = test_ctx(1), .cancel_at = -1 };
    hw3_ctx *ctx = r.ctx;
    if (change) {
        OK(hw3_params_create(ctx, &r.params));
        change(&r);
    } else {
        OK(run_model(&r));
    }
    OK(run_rest(&r, to, oo));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_msg(strstr(hw3_ctx_error(ctx), text) != NULL, "%s", hw3_ctx_error(ctx));
    run_end(&r);
}

static void add_params(run *r, hw3_dtype dtype, int64_t hidden, const char *b, const char *extra)
{
    hw3_ctx *ctx = r->ctx;
    OK(hw3_params_add(r->params, "w1", dtype, 2, (int64_t[]){ hidden, WINDOW }, HW3_INIT_XAVIER));
    if (b) OK(hw3_params_add(r->params, b, HW3_F64, 1, (int64_t[]){ HIDDEN }, HW3_INIT_ZERO));
    OK(hw3_params_add(r->params, "w2", HW3_F64, 2, (int64_t[]){ 1, HIDDEN }, HW3_INIT_XAVIER));
    if (extra) OK(hw3_params_add(r->params, extra, HW3_F64, 1, (int64_t[]){ 1 }, HW3_INIT_ZERO));
}

static void other_type(run *r) { add_params(r, HW3_F32, HIDDEN, "b1", NULL); }
static void other_shape(run *r) { add_params(r, HW3_F64, HIDDEN + 1, "b1", NULL); }
static void other_name(run *r) { add_params(r, HW3_F64, HIDDEN, "b2", NULL); }
static void one_more(run *r) { add_params(r, HW3_F64, HIDDEN, "b1", "more"); }
static void frozen(run *r)
{
    hw3_ctx *ctx = r->ctx;
    add_params(r, HW3_F64, HIDDEN, "b1", NULL);
    OK(hw3_params_set_trainable(r->params, "w2", 0));
}

START_TEST(checkpoints_of_another_model)
{
    static run r;
    hw3_trainer_opts to = trainer_opts(&r), t = to;
    hw3_optim_opts oo = optim_opts(), o = oo;
    run_begin(&r, NULL);
    hw3_ctx *ctx = r.ctx;
    OK(hw3_trainer_save(r.trainer, PATH));
    OK(hw3_trainer_load(r.trainer, PATH));
    load_fails(&to, &oo, other_type, "weights.w1 is F64 in the file, F32 here");
    load_fails(&to, &oo, other_shape, "weights.w1");
    load_fails(&to, &oo, other_name, "weights.b2");
    load_fails(&to, &oo, one_more, "weights.more");
    load_fails(&to, &oo, frozen, "tensors");
    t.batch = 9;
    load_fails(&t, &oo, NULL, "batch is 8 in the file, 9 here");
    t = to, t.val_share = 0.3;
    load_fails(&t, &oo, NULL, "val_share is 0.2 in the file, 0.3 here");
    t = to, t.shuffle = 0;
    load_fails(&t, &oo, NULL, "shuffle");
    t = to, t.patience = 3;
    load_fails(&t, &oo, NULL, "patience");
    t = to, t.seed = UINT64_MAX;
    load_fails(&t, &oo, NULL, "seed is 42 in the file, 18446744073709551615 here");
    o.kind = HW3_OPTIM_ADAMW;
    load_fails(&to, &o, NULL, "optim kind is 3 in the file, 4 here");
    o = oo, o.lr = 0.03;
    load_fails(&to, &o, NULL, "lr is 0.02 in the file, 0.03 here");
    OK(hw3_optim_set_group(r.optim, "w2", 0.5, 0.25));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "optim.rates.w2 (lr, weight_decay) is 0.02, 0 in the file, 0.5, 0.25 here"));
    OK(hw3_params_save(r.params, PATH));
    FAILS(hw3_trainer_load(r.trainer, PATH), HW3_ERR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "the kind of file is \"\", expected \"hw3-trainer\""));
    OK(hw3_params_add(r.params, "late", HW3_F64, 0, NULL, HW3_INIT_ZERO));
    FAILS(fit(&r), HW3_ERR_STATE);
    FAILS(hw3_trainer_save(r.trainer, PATH), HW3_ERR_STATE);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "3 parameters, now there are 4"));
    run_end(&r);
    remove(PATH);
}
END_TEST

/* A checkpoint that cannot be written stops the run, which can then go on. */
START_TEST(a_checkpoint_that_cannot_be_written)
{
    static run straight, r;
    run_begin(&straight, NULL);
    hw3_ctx *ctx = straight.ctx;
    OK(fit(&straight));
    hw3_trainer_opts o = trainer_opts(&r);
    o.checkpoint = "no/such/directory/file";
    run_begin(&r, &o);
    ctx = r.ctx;
    for (int i = 0; i < 4; i++) FAILS(fit(&r), HW3_ERR_IO);
    OK(fit(&r));
    same(&straight, &r);
    run_end(&r);
    run_end(&straight);
}
END_TEST

/* Create, train, stop, save, load, go on. */
static hw3_status scenario(run *r)
{
    hw3_allocator a = counting();
    hw3_ctx_opts co = HW3_CTX_OPTS_INIT;
    co.allocator = &a;
    co.n_threads = 1;
    hw3_optim_opts oo = optim_opts();
    hw3_trainer_opts to = trainer_opts(r);
    to.patience = 2;
    to.n_epochs = 2;
    to.checkpoint = PATH;
    memset(r, 0, sizeof *r);
    r->cancel_at = 7;
    hw3_status s = hw3_ctx_create(&co, &r->ctx);
    if (!s) s = run_model(r);
    if (!s) s = run_rest(r, &to, &oo);
    if (!s) s = fit(r);
    if (s != HW3_ERR_CANCELLED) return s ? s : HW3_ERR_STATE;
    s = hw3_trainer_load(r->trainer, PATH);
    return s ? s : fit(r);
}

START_TEST(allocation_failures)
{
    static run straight, r;
    fail_at = -1;
    n_allocs = 0;
    ck_assert_int_eq(scenario(&straight), HW3_OK);
    int64_t total = n_allocs;
    ck_assert_int_gt(total, 50);
    for (fail_at = 0; fail_at < total; fail_at++) {
        n_allocs = 0;
        hw3_status s = scenario(&r);
        ck_assert_msg(s == HW3_ERR_NOMEM, "allocation %lld: %d", (long long)fail_at, s);
        if (!r.ctx) continue;
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(r.ctx), "out of memory"));
        if (r.y) { /* all objects stand: the same calls again go through */
            n_allocs = total;
            r.cancel_at = -1;
            hw3_ctx *ctx = r.ctx;
            OK(fit(&r));
            same(&straight, &r);
        }
        run_end(&r);
    }
    fail_at = -1;
    run_end(&straight);
    remove(PATH);
}
END_TEST

TEST_MAIN("checkpoint", resumed_is_straight, resumed_from_steps, damaged_checkpoints, checkpoints_with_other_texts,
          checkpoints_of_another_model, a_checkpoint_that_cannot_be_written, allocation_failures)
