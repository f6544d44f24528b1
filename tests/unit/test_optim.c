/* SPDX-License-Identifier: MIT */
/* Optimizers: traces of PyTorch, the update at any size, clipping, groups, bad options, bits for any threads. */
#include "optim/optim.h"
#include "optim/schedule.h"
#include "support.h"
#include "optim.h"

#define N_WEIGHTS 12
static const struct { const char *name; int32_t n_dims; int64_t shape[2]; int at, n; } layout[] = {
    { "enc.w", 2, { 3, 2 }, 0, 6 }, { "enc.b", 1, { 3 }, 6, 3 }, { "head.v", 1, { 3 }, 9, 3 }
};

static void put(hw3_tensor *t, const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (hw3_tensor_dtype(t) == HW3_F32) ((float *)hw3_tensor_data(t))[i] = (float)x[i];
        else ((double *)hw3_tensor_data(t))[i] = x[i];
    }
}

static void get(const hw3_tensor *t, double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = hw3_tensor_dtype(t) == HW3_F32 ? (double)((float *)hw3_tensor_data(t))[i] : ((double *)hw3_tensor_data(t))[i];
}

static hw3_params *make_params(hw3_ctx *ctx, hw3_dtype dtype)
{
    hw3_params *p = NULL;
    OK(hw3_params_create(ctx, &p));
    for (int k = 0; k < 3; k++) {
        hw3_tensor *value = NULL;
        OK(hw3_params_add(p, layout[k].name, dtype, layout[k].n_dims, layout[k].shape, HW3_INIT_ZERO));
        OK(hw3_params_value(p, layout[k].name, &value));
        put(value, optim_w + layout[k].at, layout[k].n);
    }
    return p;
}

static void all(hw3_ctx *ctx, hw3_params *p, bool grad, bool write, double x[N_WEIGHTS])
{
    for (int k = 0; k < 3; k++) {
        hw3_tensor *t = NULL;
        if (grad) OK(hw3_params_grad(p, layout[k].name, &t));
        else OK(hw3_params_value(p, layout[k].name, &t));
        if (write) put(t, x + layout[k].at, layout[k].n);
        else get(t, x + layout[k].at, layout[k].n);
    }
}

/* loss = mean (sum_j v_j tanh(w_j x + b_j) - t)^2, differentiated by hand */
static void gradient(const double w[N_WEIGHTS], double g[N_WEIGHTS])
{
    memset(g, 0, N_WEIGHTS * sizeof *g);
    for (int i = 0; i < 6; i++) {
        double h[3], e = -optim_t[i];
        const double *x = optim_x + 2 * i;
        for (int j = 0; j < 3; j++) {
            h[j] = tanh(w[2 * j] * x[0] + w[2 * j + 1] * x[1] + w[6 + j]);
            e += w[9 + j] * h[j];
        }
        for (int j = 0; j < 3; j++) {
            double d = 2.0 / 6 * e * w[9 + j] * (1 - h[j] * h[j]);
            g[2 * j] += d * x[0];
            g[2 * j + 1] += d * x[1];
            g[6 + j] += d;
            g[9 + j] += 2.0 / 6 * e * h[j];
        }
    }
}

static void check_row(const struct optim_case *c, const double *row, const double w[N_WEIGHTS], double lr, double norm,
                      double tolerance)
{
    for (int k = 0; k < 3; k++) {
        double size = 0; /* relative to the greatest weight of the parameter */
        for (int i = 0; i < layout[k].n; i++) size = fmax(size, fabs(row[3 + layout[k].at + i]));
        for (int i = layout[k].at; i < layout[k].at + layout[k].n; i++)
            ck_assert_msg(fabs(w[i] - row[3 + i]) <= tolerance * size,
                          "%s, step %g, weight %d: %.17g, want %.17g (tests/vectors/gen_optim.py)",
                          c->name, row[0], i, w[i], row[3 + i]);
    }
    ck_assert_msg(fabs(lr - row[1]) <= 1e-13, "%s, step %g: lr %.17g, want %.17g", c->name, row[0], lr, row[1]);
    /* a norm of a gradient that has become small carries the absolute error of the weights */
    ck_assert_msg(fabs(norm - row[2]) <= tolerance * fmax(1, row[2]), "%s, step %g: norm %.17g, want %.17g", c->name, row[0],
                  norm, row[2]);
}

static void run_case(hw3_ctx *ctx, const struct optim_case *c, hw3_dtype dtype)
{
    hw3_params *p = make_params(ctx, dtype);
    hw3_optim *optim = NULL;
    OK(hw3_optim_create(p, &c->opts, &optim));
    for (int i = 0; i < c->n_groups; i++)
        OK(hw3_optim_set_group(optim, c->groups[i].prefix, c->groups[i].lr, c->groups[i].weight_decay));
    const double *row = dtype == HW3_F64 ? c->f64 : c->f32;
    for (int step = 1; step <= 100; step++) {
        double w[N_WEIGHTS], g[N_WEIGHTS], lr = hw3_optim_lr(optim);
        all(ctx, p, false, false, w);
        gradient(w, g);
        all(ctx, p, true, true, g);
        OK(hw3_optim_step(optim));
        ck_assert_int_eq(hw3_optim_n_steps(optim), step);
        if (step != (int)row[0]) continue;
        all(ctx, p, false, false, w);
        check_row(c, row, w, lr, hw3_optim_grad_norm(optim), dtype == HW3_F64 ? 1e-10 : 1e-5);
        if (step < 100) row += OPTIM_ROW;
    }
    hw3_params_destroy(p); /* the optimizer keeps it */
    hw3_optim_destroy(optim);
}

START_TEST(traces)
{
    hw3_ctx *ctx = test_ctx(1);
    for (size_t i = 0; i < sizeof optim_cases / sizeof optim_cases[0]; i++) {
        run_case(ctx, &optim_cases[i], HW3_F64);
        run_case(ctx, &optim_cases[i], HW3_F32);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Vector and remainder loops agree for every length and table, to rounding. */
START_TEST(update_at_any_length)
{
    const char *isas[] = { "base", "avx2", "avx512" };
    for (int a = 0; a < 3; a++) {
        const hw3i_kern *kern = hw3i_kern_select(isas[a]);
        if (!kern) continue;
        for (int kind = HW3I_SGD; kind <= HW3I_ADAGRAD; kind++)
            for (int n = 0; n <= 70; n++) {
                hw3i_update u = { .kind = kind, .lr = 0.1, .momentum = 0.5, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8,
                                  .weight_decay = 0.01, .correct1 = 0.1, .correct2 = 0.01, .clip = 0.7, .scale = 0.5 };
                double w[70], g[70], m[70] = { 0 }, v[70] = { 0 }, one[4];
                for (int i = 0; i < 70; i++) w[i] = sin(i), g[i] = cos(3 * i);
                kern->f64->update(&u, n, w, g, m, v);
                for (int i = 0; i < 70; i++) {
                    one[0] = sin(i), one[1] = cos(3 * i), one[2] = one[3] = 0;
                    if (i < n) kern->f64->update(&u, 1, &one[0], &one[1], &one[2], &one[3]);
                    NEAR(w[i], one[0], 1e-15);
                    NEAR(m[i], one[2], 1e-15);
                    NEAR(v[i], one[3], 1e-15);
                }
                double sums[2] = { 1, 2 }, all = 1, cut = 2;
                for (int i = 0; i < n; i++) all += g[i] * g[i], cut += fmin(g[i] * g[i], 0.49);
                kern->f64->square_sums(n, g, 0.7, sums);
                NEAR(sums[0], all, 1e-14);
                NEAR(sums[1], cut, 1e-14);
            }
    }
}
END_TEST

START_TEST(schedules)
{
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.lr = 1;
    o.warmup_steps = 4;
    const double rise[] = { 0.25, 0.5, 0.75, 1, 1 };
    for (int s = 0; s < 5; s++) NEAR(hw3i_schedule_lr(&o, 2, s), 2 * rise[s], 1e-15);
    o.schedule = HW3_SCHEDULE_LINEAR;
    o.total_steps = 14;
    o.lr_min = 0.5;
    NEAR(hw3i_schedule_lr(&o, 1, 4), 1, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 9), 0.75, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 14), 0.5, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 1000), 0.5, 1e-15);
    o.schedule = HW3_SCHEDULE_COSINE;
    NEAR(hw3i_schedule_lr(&o, 1, 9), 0.75, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 1000), 0.5, 1e-15);
    o.schedule = HW3_SCHEDULE_STEP;
    o.period = 5;
    o.gamma = 0.1;
    NEAR(hw3i_schedule_lr(&o, 1, 4), 1, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 5), 0.1, 1e-15);
    NEAR(hw3i_schedule_lr(&o, 1, 14), 0.01, 1e-15);
}
END_TEST

/* A step of AdamW over one large and two small parameters; clipping needs the norm of all. */
static void large_steps(int n_threads, float *out, int64_t n, double *norm)
{
    hw3_ctx *ctx = test_ctx(n_threads);
    hw3_params *p = NULL;
    hw3_tensor *value = NULL, *grad = NULL;
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_add(p, "a", HW3_F32, 1, (int64_t[]){ 5 }, HW3_INIT_ONE));
    OK(hw3_params_add(p, "big", HW3_F32, 1, &n, HW3_INIT_ONE));
    OK(hw3_params_add(p, "z", HW3_F64, 1, (int64_t[]){ 5 }, HW3_INIT_ONE));
    hw3_optim_opts o = HW3_OPTIM_OPTS_INIT;
    o.kind = HW3_OPTIM_ADAMW;
    o.clip_norm = 1;
    o.weight_decay = 0.1;
    hw3_optim *optim = NULL;
    OK(hw3_optim_create(p, &o, &optim));
    OK(hw3_params_value(p, "big", &value));
    OK(hw3_params_grad(p, "big", &grad));
    for (int step = 0; step < 3; step++) {
        for (int64_t i = 0; i < n; i++) ((float *)hw3_tensor_data(grad))[i] = 2 + sinf((float)i + (float)step);
        OK(hw3_optim_step(optim));
    }
    memcpy(out, hw3_tensor_data(value), (size_t)n * sizeof *out);
    *norm = hw3_optim_grad_norm(optim);
    hw3_optim_destroy(optim);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}

START_TEST(same_bits_for_any_threads)
{
    enum { N = 100003 };
    static float one[N], more[N];
    double norm1, norm;
    large_steps(1, one, N, &norm1);
    for (int i = 0; i < N; i++) ck_assert_float_lt(one[i], 1); /* also where tiles meet */
    for (int threads = 2; threads <= 4; threads++) {
        large_steps(threads, more, N, &norm);
        ck_assert_mem_eq(one, more, sizeof one);
        ck_assert_mem_eq(&norm, &norm1, sizeof norm);
    }
}
END_TEST

START_TEST(a_gradient_that_is_not_finite)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = make_params(ctx, HW3_F32);
    hw3_optim *optim = NULL;
    OK(hw3_optim_create(p, NULL, &optim));
    double before[N_WEIGHTS], after[N_WEIGHTS], bad[] = { NAN, INFINITY, -INFINITY };
    all(ctx, p, false, false, before);
    for (int k = 0; k < 3; k++) {
        double g[N_WEIGHTS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, bad[k], 1 };
        all(ctx, p, true, true, g);
        FAILS(hw3_optim_step(optim), HW3_ERR_DIVERGED);
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "head.v"));
        ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "element 1"));
        all(ctx, p, false, false, after);
        ck_assert_mem_eq(before, after, sizeof before);
        ck_assert_int_eq(hw3_optim_n_steps(optim), 0);
        ck_assert(hw3_optim_grad_norm(optim) == 0);
    }
    for (int64_t i = 0; i < 6; i++) ck_assert(((float *)optim->slots[0].m)[i] == 0);
    hw3_optim_destroy(optim);
    hw3_params_destroy(p);
    p = make_params(ctx, HW3_F64); /* finite, but the norm is not */
    OK(hw3_optim_create(p, NULL, &optim));
    double huge[N_WEIGHTS] = { 1e200 };
    all(ctx, p, true, true, huge);
    FAILS(hw3_optim_step(optim), HW3_ERR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "norm"));
    hw3_optim_destroy(optim);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* A frozen parameter keeps its value, does not count in the norm, and starts its own step count when it is released. */
START_TEST(frozen_parameters)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = make_params(ctx, HW3_F64);
    hw3_optim *optim = NULL;
    double w[N_WEIGHTS], g[N_WEIGHTS] = { 3, 0, 0, 0, 0, 0, 4 };
    OK(hw3_optim_create(p, NULL, &optim));
    all(ctx, p, true, true, g);
    OK(hw3_params_set_trainable(p, "enc.b", 0));
    OK(hw3_optim_step(optim));
    NEAR(hw3_optim_grad_norm(optim), 3, 0);
    all(ctx, p, false, false, w);
    NEAR(w[0], optim_w[0] - 1e-3, 1e-9); /* Adam's first step is lr */
    ck_assert(w[6] == optim_w[6]);
    OK(hw3_params_set_trainable(p, "enc.b", 1));
    all(ctx, p, true, true, g);
    OK(hw3_optim_step(optim));
    NEAR(hw3_optim_grad_norm(optim), 5, 0);
    all(ctx, p, false, false, w);
    NEAR(w[6], optim_w[6] - 1e-3, 1e-9);
    hw3_optim_destroy(optim);
    OK(hw3_params_set_trainable(p, "enc.b", 0));
    OK(hw3_optim_create(p, NULL, &optim));
    ck_assert_int_eq(optim->n, 2);
    FAILS(hw3_optim_set_group(optim, "enc.b", 1e-3, 0), HW3_ERR_NAME);
    hw3_optim_destroy(optim);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(bad_options)
{
    hw3_ctx *ctx = test_ctx(1);
    hw3_params *p = make_params(ctx, HW3_F32);
    hw3_optim *optim = NULL;
    hw3_optim_opts d = HW3_OPTIM_OPTS_INIT, o;
    OK(hw3_optim_opts_init(&o, sizeof o));
    ck_assert_mem_eq(&o, &d, sizeof o);
    FAILS(hw3_optim_opts_init(&o, 0), HW3_ERR_ABI);
#define BAD(change, text)                                                                                    \
    do {                                                                                                     \
        o = d;                                                                                               \
        change;                                                                                              \
        optim = (hw3_optim *)p;                                                                              \
        FAILS(hw3_optim_create(p, &o, &optim), HW3_ERR_ARG);                                                 \
        ck_assert_ptr_null(optim);                                                                           \
        ck_assert_msg(strstr(hw3_ctx_error(ctx), text) != NULL, "%s", hw3_ctx_error(ctx));                   \
    } while (0)
    BAD(o.kind = 9, "kind is 9");
    BAD(o.kind = 0, "kind is 0");
    BAD(o.lr = 0, "lr is 0");
    BAD(o.lr = NAN, "lr is nan");
    BAD(o.lr = INFINITY, "lr is inf");
    BAD(o.momentum = 0.5, "momentum is 0.5, but Adam");
    BAD(o.kind = HW3_OPTIM_SGD; o.momentum = 1, "momentum is 1");
    BAD(o.beta1 = 1, "beta1 is 1");
    BAD(o.beta2 = -0.1, "beta2 is -0.1");
    BAD(o.eps = NAN, "eps is nan");
    BAD(o.weight_decay = -1, "weight_decay is -1");
    BAD(o.clip_norm = -1, "clip_norm is -1");
    BAD(o.clip_value = INFINITY, "clip_value is inf");
    BAD(o.nesterov = 2, "nesterov is 2");
    BAD(o.nesterov = 1, "nesterov is 1");
    BAD(o.schedule = 5, "schedule is 5");
    BAD(o.warmup_steps = -3, "warmup_steps is -3");
    BAD(o.schedule = HW3_SCHEDULE_STEP, "period is 0");
    BAD(o.schedule = HW3_SCHEDULE_STEP; o.period = 1; o.gamma = 0, "gamma is 0");
    BAD(o.schedule = HW3_SCHEDULE_COSINE; o.total_steps = 5; o.warmup_steps = 5, "total_steps is 5");
    BAD(o.schedule = HW3_SCHEDULE_LINEAR; o.total_steps = 5; o.lr_min = 1, "lr_min is 1");
    o = d;
    o.struct_size = 0;
    FAILS(hw3_optim_create(p, &o, &optim), HW3_ERR_ABI);
    FAILS(hw3_optim_create(NULL, NULL, &optim), HW3_ERR_ARG);
    FAILS(hw3_optim_create(p, NULL, NULL), HW3_ERR_ARG);
    OK(hw3_optim_create(p, NULL, &optim));
    FAILS(hw3_optim_set_group(optim, "decoder.", 1, 0), HW3_ERR_NAME);
    ck_assert_ptr_nonnull(strstr(hw3_ctx_error(ctx), "decoder."));
    FAILS(hw3_optim_set_group(optim, "enc.", -1, 0), HW3_ERR_ARG);
    FAILS(hw3_optim_set_group(optim, "enc.", 1, NAN), HW3_ERR_ARG);
    FAILS(hw3_optim_set_group(optim, NULL, 1, 0), HW3_ERR_ARG);
    FAILS(hw3_optim_set_group(NULL, "enc.", 1, 0), HW3_ERR_ARG);
    FAILS(hw3_optim_step(NULL), HW3_ERR_ARG);
    ck_assert_int_eq(hw3_optim_n_steps(NULL), HW3_ERR_ARG);
    ck_assert(hw3_optim_lr(NULL) == 0 && hw3_optim_grad_norm(NULL) == 0);
    hw3_optim_destroy(NULL);
    hw3_optim_destroy(optim);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("optim", traces, update_at_any_length, schedules, same_bits_for_any_threads, a_gradient_that_is_not_finite,
          frozen_parameters, bad_options)
