/* SPDX-License-Identifier: MIT */
/* The gradient check: passes right gradients, also awkward ones, and finds each planted bug.
 * One operator with many faces: y = sum_i f_i(a_i) or sum_i a_i b_i, with a bug of choice in its backward. */
#include "alloc.h"
#include "graph/graph.h"

enum { SQUARE, QUARTIC, TANH, EXP, SINE, OFFSET, TINY, CANCEL, STATIONARY, FAST, HIGH_KINK, KINK, STEP, PRODUCT, N_KINDS };
enum { NO_BUG, FACTOR, SIGN, MISSING_TERM, OVERWRITES, ONE_ELEMENT, NOT_A_NUMBER, ZERO };

static double f(int kind, double x)
{
    switch (kind) {
    case SQUARE: return x * x;
    case QUARTIC: return x * x * x * x;
    case TANH: return tanh(x);
    case EXP: return exp(x);
    case SINE: return sin(20 * x);
    case OFFSET: return 1e6 + x * x;
    case TINY: return 1e-9 * x * x;
    case CANCEL: return (100 + x) * (100 + x) - 10000 - 200 * x; /* x^2, with 4 digits lost on the way */
    case STATIONARY: return (1 + x) * (1 + x) - 1 - 2 * x; /* x^2, rounded to 1e-16 */
    case FAST: return 1e5 + sin(200 * x);
    case HIGH_KINK: return 1e6 + fabs(x);
    case KINK: return fabs(x);
    default: return x > 0;
    }
}

static double slope(int kind, double x)
{
    switch (kind) {
    case SQUARE: case OFFSET: case CANCEL: case STATIONARY: return 2 * x;
    case QUARTIC: return 4 * x * x * x;
    case TANH: return 1 - tanh(x) * tanh(x);
    case EXP: return exp(x);
    case SINE: return 20 * cos(20 * x);
    case TINY: return 2e-9 * x;
    case FAST: return 200 * cos(200 * x);
    case HIGH_KINK: case KINK: return x > 0 ? 1 : -1;
    default: return 0;
    }
}

static hw3_status shape(hw3_graph *g, hw3i_node *y)
{
    y->dtype = hw3i_operand(g, y, 0)->dtype;
    return HW3_OK;
}

static hw3_status forward(hw3_graph *g, hw3i_node *y)
{
    const hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    double sum = 0;
    for (int64_t i = 0; i < a->n; i++) {
        double x = ((double *)a->value)[i];
        sum += b ? x * ((double *)b->value)[i] : f((int)y->attr.i[0], x);
    }
    *(double *)y->value = sum;
    return HW3_OK;
}

static double spoil(int bug, double d, int64_t i)
{
    if (bug == FACTOR) return d * 1.001;
    if (bug == SIGN) return -d;
    if (bug == ONE_ELEMENT && i == 3) return d * 1.01;
    return bug == NOT_A_NUMBER ? NAN : bug == ZERO ? 0 : d;
}

static hw3_status backward(hw3_graph *g, hw3i_node *y)
{
    hw3i_node *a = hw3i_operand(g, y, 0), *b = hw3i_operand(g, y, 1);
    int bug = (int)y->attr.i[1];
    double dy = *(double *)y->grad, *da = hw3i_grad_of(g, a), *db = hw3i_grad_of(g, b);
    for (int64_t i = 0; i < a->n; i++) {
        double x = ((double *)a->value)[i], d = dy * (b ? ((double *)b->value)[i] : slope((int)y->attr.i[0], x));
        da[i] = (bug == OVERWRITES ? 0 : da[i]) + spoil(bug, d, i);
        if (db && bug != MISSING_TERM) db[i] += spoil(bug, dy * x, i);
    }
    return HW3_OK;
}

static const hw3i_op many = { "many", 1, 2, shape, { [HW3_F64] = forward }, { [HW3_F64] = backward } };

/* L of the parameter w, as the case says; OVERWRITES shows only where w is used twice. */
typedef struct face {
    int kind, bug;
    long n_calls, change_from; /* > 0: from this call on the loss is another */
    hw3_var answer;            /* < 0: what to return instead */
} face;

static hw3_var loss_of(void *user, hw3_graph *g)
{
    face *c = user;
    hw3i_attr attr = { .i = { c->kind, c->bug } };
    hw3_var w = hw3_param(g, "w"), in[4] = { w, w };
    if (c->answer < 0) return c->answer;
    if (++c->n_calls >= c->change_from && c->change_from) attr.i[0] = TANH;
    in[2] = hw3i_apply(g, &many, in, c->kind == PRODUCT ? 2 : 1, &attr);
    if (c->bug != OVERWRITES) return in[2];
    in[3] = hw3i_apply(g, &many, in, 1, &attr);
    attr.i[1] = NO_BUG;
    attr.i[0] = PRODUCT;
    return hw3i_apply(g, &many, in + 2, 2, &attr);
}

static hw3_ctx *ctx;
static hw3_params *p;
static hw3_graph *g;
static double *w;

#define N 200
static void setup(void)
{
    hw3_tensor *t = NULL;
    ctx = test_ctx(1);
    OK(hw3_params_create(ctx, &p));
    OK(hw3_params_add(p, "w", HW3_F64, 1, (int64_t[]){ N }, HW3_INIT_ZERO));
    OK(hw3_params_value(p, "w", &t));
    w = hw3_tensor_data(t);
    for (int i = 0; i < N; i++) w[i] = 0.01 * (i + 3) * (i % 2 ? 1 : -1); /* to +-2, none at a kink */
    OK(hw3_graph_create(ctx, p, &g));
}

static void teardown(void)
{
    hw3_graph_destroy(g);
    hw3_params_destroy(p);
    hw3_ctx_destroy(ctx);
}

static hw3_status check(int kind, int bug, double *worst)
{
    hw3_gradcheck_opts o = HW3_GRADCHECK_OPTS_INIT;
    face c = { .kind = kind, .bug = bug };
    double kept[N];
    o.n_samples = 0;
    memcpy(kept, w, sizeof kept);
    hw3_status s = hw3_gradcheck(g, loss_of, &c, &o, worst, NULL);
    ck_assert_mem_eq(w, kept, sizeof kept); /* put back, bit for bit */
    return s;
}

START_TEST(right_gradients_pass)
{
    for (int kind = 0; kind < N_KINDS; kind++) {
        double worst = -1;
        hw3_status s = check(kind, NO_BUG, &worst);
        ck_assert_msg(s == HW3_OK, "kind %d: %s", kind, hw3_ctx_error(ctx));
        ck_assert(worst >= 0 && worst <= 1e-6);
    }
}
END_TEST

/* Where the slope is 0, 1e-12 or far below the loss, and where x is large. */
START_TEST(awkward_points_pass)
{
    const double points[] = { 0, 1e-12, -1e-7, 1e-3, 9, -9 };
    for (int kind = 0; kind < STATIONARY; kind++)
        for (int k = 0; k < 6; k++) {
            if (kind == CANCEL) continue; /* no difference can tell a slope of 1e-7 there */
            for (int i = 0; i < N; i++) w[i] = points[(i + k) % 6];
            double worst = -1;
            hw3_status s = check(kind, NO_BUG, &worst);
            ck_assert_msg(s == HW3_OK, "kind %d: %s", kind, hw3_ctx_error(ctx));
        }
    /* |L| is 1e-14 but rounds to 1e-16: only the curvature, 2, says that a slope of 1e-12 instead of 0 is none */
    for (int i = 0; i < N; i++) w[i] = points[i % 3];
    OK(check(STATIONARY, NO_BUG, NULL));
    /* rounding spoils h; 64 h = 6.4e-4 is beyond a kink that 8 h does not reach */
    for (int i = 0; i < N; i++) w[i] = 2e-4 + 1e-6 * i;
    OK(check(HIGH_KINK, NO_BUG, NULL));
    /* rounding spoils h, and truncation, (8 h 200)^2 / 6 = 4e-5, spoils 8 h: only both together can tell */
    for (int i = 0; i < N; i++) w[i] = 0.01 * i;
    OK(check(FAST, NO_BUG, NULL));
    for (int i = 0; i < N; i++) w[i] = 1e4 * (i + 1);
    OK(check(SQUARE, NO_BUG, NULL));
    OK(check(QUARTIC, NO_BUG, NULL));
}
END_TEST

START_TEST(planted_bugs_are_found)
{
    const int kinds[] = { SQUARE, QUARTIC, TANH, EXP, SINE, OFFSET, TINY, PRODUCT };
    const struct { int bug; double least, most; } bugs[] = {
        { FACTOR, 0.0009, 0.0011 },  /* relative to the greater one */
        { SIGN, 1.9, 2.1 },
        { ONE_ELEMENT, 0.009, 0.011 },
        { NOT_A_NUMBER, INFINITY, INFINITY },
        { ZERO, 0.99, 1.01 },
        { OVERWRITES, 0.4, 1e9 },
    };
    for (int k = 0; k < 8; k++)
        for (int b = 0; b < 6; b++) {
            double worst = -1;
            if (kinds[k] == OFFSET && b < 3) continue; /* below */
            if (kinds[k] == PRODUCT && bugs[b].bug == OVERWRITES) continue;
            hw3_status s = check(kinds[k], bugs[b].bug, &worst);
            ck_assert_msg(s == HW3_ERR_VALUE, "kind %d, bug %d: %d", kinds[k], bugs[b].bug, (int)s);
            ck_assert_msg(worst >= bugs[b].least && worst <= bugs[b].most, "kind %d, bug %d: %g", kinds[k], bugs[b].bug, worst);
        }
    /* a loss of 2e8 rounds to 3e-8, so a difference over 8e-5 knows a slope only to 4e-4: a factor of 1.001 on slopes up
     * to 4 still shows itself, but less sharply */
    FAILS(check(OFFSET, FACTOR, NULL), HW3_ERR_VALUE);
    FAILS(check(OFFSET, SIGN, NULL), HW3_ERR_VALUE);
    FAILS(check(PRODUCT, MISSING_TERM, NULL), HW3_ERR_VALUE);
    SAYS("gradcheck: w[");
}
END_TEST

/* L = w . w, but the second w comes in as data: its share of the gradient is lost. */
static hw3_var detached(void *user, hw3_graph *graph)
{
    hw3i_attr attr = { .i = { PRODUCT, NO_BUG } };
    hw3_tensor *value = NULL;
    (void)user;
    OK(hw3_params_value(p, "w", &value));
    return hw3i_apply(graph, &many, (hw3_var[]){ hw3_param(graph, "w"), hw3_input(graph, value) }, 2, &attr);
}

START_TEST(a_detached_part_is_found)
{
    double worst = 0;
    FAILS(hw3_gradcheck(g, detached, NULL, NULL, &worst, NULL), HW3_ERR_VALUE);
    NEAR(worst, 0.5, 1e-6); /* w instead of 2 w */
}
END_TEST

START_TEST(one_wrong_element_is_named)
{
    double worst = 0;
    const char *name = NULL;
    face c = { .kind = SQUARE, .bug = ONE_ELEMENT };
    hw3_gradcheck_opts o = HW3_GRADCHECK_OPTS_INIT;
    o.n_samples = 0;
    FAILS(hw3_gradcheck(g, loss_of, &c, &o, &worst, &name), HW3_ERR_VALUE);
    ck_assert_str_eq(name, "w");
    SAYS("w[3]: the gradient is 0.1212, but differences give 0.12");
    SAYS("relative error 0.0099");
    /* a piece of ten elements each: whether 3 is drawn is the seed's choice, about one in ten */
    int found = 0;
    o.n_samples = 20;
    for (o.seed = 0; o.seed < 50; o.seed++) found += hw3_gradcheck(g, loss_of, &c, &o, NULL, NULL) == HW3_ERR_VALUE;
    ck_assert(found > 0 && found < 20);
    c.n_calls = 0;
    c.bug = NO_BUG;
    OK(hw3_gradcheck(g, loss_of, &c, NULL, NULL, NULL));
    ck_assert_int_eq(c.n_calls, 2 + 2 * 20); /* the default tries 20 elements, two evaluations each */
}
END_TEST

START_TEST(kinks_and_steps)
{
    for (int i = 0; i < N; i++) w[i] = 1;
    w[0] = 0;
    double worst;
    FAILS(check(KINK, NO_BUG, &worst), HW3_ERR_VALUE); /* no gradient there: not passed over in silence */
    ck_assert(worst > 0.4);
    FAILS(check(STEP, NO_BUG, &worst), HW3_ERR_VALUE);
}
END_TEST

START_TEST(frozen_parameters_are_left_out)
{
    double worst = -1;
    const char *name = "";
    face c = { .kind = SQUARE, .bug = SIGN };
    OK(hw3_params_add(p, "frozen", HW3_F32, 1, (int64_t[]){ 2 }, HW3_INIT_ONE));
    FAILS(hw3_gradcheck(g, loss_of, &c, NULL, &worst, &name), HW3_ERR_DTYPE);
    SAYS("gradcheck: 'frozen' is F32, not F64");
    ck_assert_ptr_null(name);
    OK(hw3_params_set_trainable(p, "frozen", 0));
    FAILS(hw3_gradcheck(g, loss_of, &c, NULL, &worst, &name), HW3_ERR_VALUE);
    OK(hw3_params_set_trainable(p, "w", 0));
    OK(hw3_gradcheck(g, loss_of, &c, NULL, &worst, &name)); /* nothing to compare */
    ck_assert(worst == 0 && name == NULL);
}
END_TEST

START_TEST(bad_arguments)
{
    face c = { .kind = SQUARE };
    hw3_gradcheck_opts o = HW3_GRADCHECK_OPTS_INIT, same;
    OK(hw3_gradcheck_opts_init(&same, sizeof same));
    ck_assert_mem_eq(&o, &same, sizeof o);
    FAILS(hw3_gradcheck_opts_init(NULL, sizeof same), HW3_ERR_ABI);
    FAILS(hw3_gradcheck_opts_init(&same, 4), HW3_ERR_ABI);
    FAILS(hw3_gradcheck(NULL, loss_of, &c, NULL, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_gradcheck(g, NULL, &c, NULL, NULL, NULL), HW3_ERR_ARG);
    const struct { int32_t n; double step, tolerance; const char *says; } bad[] = {
        { -1, 1e-5, 1e-6, "n_samples is -1" }, { 1, 0, 1e-6, "step is 0" }, { 1, NAN, 1e-6, "step is nan" },
        { 1, 1, 1e-6, "step is 1" }, { 1, 1e-5, 0, "tolerance is 0" }, { 1, 1e-5, INFINITY, "tolerance is inf" },
    };
    for (int i = 0; i < 6; i++) {
        o.n_samples = bad[i].n, o.step = bad[i].step, o.tolerance = bad[i].tolerance;
        FAILS(hw3_gradcheck(g, loss_of, &c, &o, NULL, NULL), HW3_ERR_ARG);
        SAYS(bad[i].says);
    }
    o.struct_size = 0;
    FAILS(hw3_gradcheck(g, loss_of, &c, &o, NULL, NULL), HW3_ERR_ABI);
    OK(hw3_graph_set_training(g, 0));
    FAILS(hw3_gradcheck(g, loss_of, &c, NULL, NULL, NULL), HW3_ERR_STATE);
    hw3_graph *none = NULL;
    OK(hw3_graph_create(ctx, NULL, &none));
    FAILS(hw3_gradcheck(none, loss_of, &c, NULL, NULL, NULL), HW3_ERR_STATE);
    hw3_graph_destroy(none);
}
END_TEST

static hw3_var whole_w(void *user, hw3_graph *graph) { return (void)user, hw3_param(graph, "w"); }
static hw3_var no_value(void *user, hw3_graph *graph) { return (void)user, (void)graph, 99; }
static hw3_var misspelt(void *user, hw3_graph *graph) { return (void)user, hw3_param(graph, "W"); }
static hw3_var single(void *user, hw3_graph *graph) { return (void)user, hw3_scalar(graph, HW3_F32, 1); }
static hw3_var endless(void *user, hw3_graph *graph) { return (void)user, hw3_scalar(graph, HW3_F64, INFINITY); }

START_TEST(bad_losses)
{
    FAILS(hw3_gradcheck(g, whole_w, NULL, NULL, NULL, NULL), HW3_ERR_SHAPE);
    SAYS("gradcheck: the loss has shape [200]");
    FAILS(hw3_gradcheck(g, no_value, NULL, NULL, NULL, NULL), HW3_ERR_ARG);
    FAILS(hw3_gradcheck(g, misspelt, NULL, NULL, NULL, NULL), HW3_ERR_NAME);
    SAYS("param: no parameter 'W'; the nearest name is 'w'");
    FAILS(hw3_gradcheck(g, single, NULL, NULL, NULL, NULL), HW3_ERR_DTYPE);
    FAILS(hw3_gradcheck(g, endless, NULL, NULL, NULL, NULL), HW3_ERR_VALUE);
    SAYS("gradcheck: the loss is inf");
    face c = { .kind = SQUARE, .change_from = 2 };
    FAILS(hw3_gradcheck(g, loss_of, &c, NULL, NULL, NULL), HW3_ERR_STATE);
    SAYS("with the same parameters");
    double first = w[0];
    w[0] = NAN;
    FAILS(check(SQUARE, NO_BUG, NULL), HW3_ERR_VALUE);
    w[0] = first;
    c = (face){ .answer = HW3_ERR_CANCELLED }; /* a callback's own status comes through */
    FAILS(hw3_gradcheck(g, loss_of, &c, NULL, NULL, NULL), HW3_ERR_CANCELLED);
    SAYS("gradcheck: loss returned the status -7");
}
END_TEST

int main(void)
{
    const TTest *tests[] = { right_gradients_pass, awkward_points_pass, planted_bugs_are_found, a_detached_part_is_found,
                             one_wrong_element_is_named,
                             kinks_and_steps, frozen_parameters_are_left_out, bad_arguments, bad_losses };
    TCase *tcase = tcase_create("gradcheck");
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(tcase, tests[i]);
    Suite *suite = suite_create("gradcheck");
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
