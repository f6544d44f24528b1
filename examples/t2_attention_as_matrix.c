/* SPDX-License-Identifier: MIT */
/* t2_attention_as_matrix: self-attention written as one fully connected matrix, and positions that a matrix shifts.
 *
 * Answers the second theory question. (a) N tokens of D numbers, one under the other, are a vector of N D numbers; attention
 * multiplies it by a matrix, which is put into the library's own fully connected layer and gives the same output. (b) A full
 * matrix of that size has N² D² numbers of its own. (c) Attention's has D²: drawn, with its shared and its empty blocks.
 * (d) The linear map T(k) that moves sinusoidal positions by k; and why the frequencies that the question prints have none.
 *
 * Meets: hw3_attention, hw3_attention_weights, hw3_matmul, hw3_linear.
 * Run:   sh examples/run.sh t2_attention_as_matrix
 * Exit status: 0 when all agree, 1 when they do not. */
#include "support/args.h"
#include "support/lab.h"
#include "support/plot.h"
#include "support/random.h"
#include "support/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5, D = 4, ND = N * D }; /* tokens, numbers in each */
enum { P = 256, D_MODEL = 16 };    /* positions of part (d) and their numbers */
static const double tolerance = 1e-12; /* sums of a few terms of size 1 in double round at 1e-16 */

static int64_t seed = 2;
static const char *out = "out/t2_attention_as_matrix";
static int no_plots;

typedef struct weights {
    double q[D * D], k[D * D], v[D * D];
} weights;

typedef struct values {
    double q[ND], k[ND], v[ND]; /* [N, D] */
    double a[N * N];            /* the weights of attention */
    double y[ND];
} values;

static double max_difference(const double *a, const double *b, int n)
{
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, isfinite(a[i] - b[i]) ? fabs(a[i] - b[i]) : INFINITY);
    return most;
}

/* ---- 1. The layer, by the library ------------------------------------------------------------------- */

/* Y = A V with A = softmax(Q K' / sqrt(D)), Q = X W_q, K = X W_k, V = X W_v. */
static int layer(lab *j, const double *x, const weights *w, int causal, values *r)
{
    TRY(lab_again(j));
    hw3_graph *g = j->graph;
    hw3_var in = lab_input(j, x, 2, (int64_t[]){ N, D });
    const double *const weight[] = { w->q, w->k, w->v };
    double *const product[] = { r->q, r->k, r->v };
    hw3_var p[3];
    for (int i = 0; i < 3; i++) {
        p[i] = hw3_matmul(g, in, lab_input(j, weight[i], 2, (int64_t[]){ D, D }));
        TRY(lab_read(j, p[i], product[i], ND));
        p[i] = hw3_reshape(g, p[i], 4, (int64_t[]){ 1, N, 1, D }); /* one sequence, one head */
    }
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.causal = causal;
    hw3_var y = hw3_attention(g, p[0], p[1], p[2], &o);
    TRY(lab_read(j, y, r->y, ND));
    TRY(hw3_attention_weights(g, y, 0, 0, r->a));
    return 0;
}

/* y = M x: a fully connected layer over the whole sequence. */
static int fully_connected(lab *j, const double *m, const double *x, double *y)
{
    TRY(lab_again(j));
    hw3_var in = lab_input(j, x, 2, (int64_t[]){ 1, ND });
    TRY(lab_read(j, hw3_linear(j->graph, in, lab_input(j, m, 2, (int64_t[]){ ND, ND }), HW3_NONE), y, ND));
    return 0;
}

/* ---- 2. The matrix ---------------------------------------------------------------------------------- */

/* M = A ⊗ W': block (n, m) is a_nm W', for y_n = Σ_m a_nm W' x_m. */
static void kronecker(const double *a, const double *w, double *m)
{
    for (int n = 0; n < N; n++)
        for (int t = 0; t < N; t++)
            for (int i = 0; i < D; i++)
                for (int j = 0; j < D; j++) m[(n * D + i) * ND + t * D + j] = a[n * N + t] * w[j * D + i];
}

/* How many blocks of M are nothing but zeros. */
static int zero_blocks(const double *m)
{
    int count = 0;
    for (int b = 0; b < N * N; b++) {
        int zero = 1;
        for (int i = 0; i < D * D; i++) zero &= m[(b / N * D + i / D) * ND + b % N * D + i % D] == 0;
        count += zero;
    }
    return count;
}

typedef struct row {
    const char *name, *file, *title;
    const double *a, *w; /* of M = A ⊗ W' */
    const double *expected;
    long free;
} row;

static void draw_blocks(plots *p, const char *file, const char *title, const double *m)
{
    plots_matrix(p, &(plot_matrix){ file, title, "m, the token that is read: D numbers each", "n, the token that is written: D numbers each", m,
                                    ND, D, 1, 0, NULL });
}

/* Builds the matrix of a row, multiplies, compares, draws. Returns the difference from the layer, or -1. */
static double show_matrix(lab *j, plots *p, table *t, const row *r, const double *x)
{
    double m[ND * ND], y[ND];
    kronecker(r->a, r->w, m);
    if (fully_connected(j, m, x, y)) return -1;
    int zero = zero_blocks(m);
    double worst = max_difference(y, r->expected, ND);
    table_row(t, "%s\t%d\t%d\t%d\t%ld\t%.1e", r->name, ND * ND, N * N - zero, zero, r->free, worst);
    if (r->file && !no_plots) draw_blocks(p, r->file, r->title, m);
    return worst;
}

static int matrices(lab *j, plots *p, double *worst)
{
    uint64_t random = (uint64_t)seed;
    weights w;
    values full, causal, other;
    double x[ND], x2[ND], dense[ND * ND], y[ND], identity[N * N] = { 0 }, m[ND * ND];
    random_normals(&random, x, ND, 1);
    random_normals(&random, x2, ND, 1);
    random_normals(&random, dense, ND * ND, 1);
    random_normals(&random, w.q, D * D, 0.7);
    random_normals(&random, w.k, D * D, 0.7);
    random_normals(&random, w.v, D * D, 0.7);
    for (int n = 0; n < N; n++) identity[n * N + n] = 1;
    if (layer(j, x, &w, 1, &causal) || layer(j, x, &w, 0, &full) || layer(j, x2, &w, 0, &other)) return -1;

    const row rows[] = {
        { "I ⊗ W_q'", NULL, NULL, identity, w.q, full.q, D * D },
        { "I ⊗ W_k'", NULL, NULL, identity, w.k, full.k, D * D },
        { "I ⊗ W_v'", "projection", "I ⊗ W_v': the projection to values. N equal blocks, N² - N empty ones (grey)", identity, w.v, full.v,
          D * D },
        { "A ⊗ W_v'", "attention", "A ⊗ W_v': self-attention. Every block is W_v' times its weight a_nm", full.a, w.v, full.y, 3 * D * D },
        { "A ⊗ W_v', causal", "attention-causal", "A ⊗ W_v', causal: nothing above the diagonal (grey)", causal.a, w.v, causal.y,
          3 * D * D },
    };
    table t = { 0 };
    table_row(&t, "matrix\telements\tfilled blocks\tempty blocks\tfree numbers\t|M x - layer|");
    table_row(&t, "any full one\t%d\t%d\t%d\t%d\t", ND * ND, N * N, 0, ND * ND);
    if (!no_plots) draw_blocks(p, "dense", "A fully connected layer: N² D² numbers of its own", dense);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double d = show_matrix(j, p, &t, &rows[i], x);
        if (d < 0) return -1;
        *worst = fmax(*worst, d);
    }
    table_print(&t, stdout);
    kronecker(full.a, w.v, m);
    if (fully_connected(j, m, x2, y)) return -1;
    printf("\nThe same matrix A(x) ⊗ W_v' on other tokens misses the layer by %.2f: A is computed from the tokens, so attention is a\n"
           "fully connected layer whose numbers each sequence chooses for itself.\n", max_difference(y, other.y, ND));
    return 0;
}

/* ---- 3. Positions ----------------------------------------------------------------------------------- */

/* How 1-based element m of d gets its frequency; element 1 is a sine, element 2 a cosine, and so on. */
static double f_pairs(int m, int d) { return pow(10000, 2.0 * ((m - 1) / 2) / d); } /* the pair shares one [Vaswani17] */
static double f_printed(int m, int d) { return 10000 * 2.0 * m / d; }
static double f_exponent(int m, int d) { return pow(10000, 2.0 * m / d); }

static double element(double (*f)(int, int), int m, int d, double t)
{
    return m % 2 ? sin(t / f(m, d)) : cos(t / f(m, d));
}

/* T(k): for every pair the rotation [cos k/f, sin k/f; -sin k/f, cos k/f]. */
static void shift_matrix(int k, int d, double *t)
{
    memset(t, 0, (size_t)(d * d) * sizeof *t);
    for (int m = 0; m < d; m += 2) {
        double c = cos(k / f_pairs(m + 1, d)), s = sin(k / f_pairs(m + 1, d));
        t[m * d + m] = t[(m + 1) * d + m + 1] = c;
        t[m * d + m + 1] = s;
        t[(m + 1) * d + m] = -s;
    }
}

/* max |T(k) E_t - E_{t+k}| over all k and t. */
static double shift_error(void)
{
    static double e[P][D_MODEL];
    double worst = 0, t[D_MODEL * D_MODEL];
    for (int i = 0; i < P; i++)
        for (int m = 0; m < D_MODEL; m++) e[i][m] = element(f_pairs, m + 1, D_MODEL, i + 1);
    for (int k = 1; k < P; k++) {
        shift_matrix(k, D_MODEL, t);
        for (int i = 0; i + k < P; i++)
            for (int m = 0; m < D_MODEL; m++) {
                double sum = 0;
                for (int l = 0; l < D_MODEL; l++) sum += t[m * D_MODEL + l] * e[i][l];
                worst = fmax(worst, fabs(sum - e[i + k][m]));
            }
    }
    return worst;
}

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Takes from y what the n_basis orthonormal columns of length n explain, twice for rounding. Returns what is left, |y|. */
static double leave_residual(double *y, const double *basis, int n_basis, int n)
{
    for (int j = 0; j < 2 * n_basis; j++) {
        const double *b = basis + (size_t)(j % n_basis) * (size_t)n;
        double along = dot(y, b, n);
        for (int i = 0; i < n; i++) y[i] -= along * b[i];
    }
    return sqrt(dot(y, y, n));
}

/* The best matrix of all, by least squares over t = 1 .. n: the largest root of mean squares among the elements of
   T E_t - E_{t+k}. NaN when memory is out. */
static double best_shift_error(double (*f)(int, int), int d, int n, int k)
{
    double *columns = malloc((size_t)(d + 1) * (size_t)n * sizeof *columns), worst = 0;
    if (!columns) return NAN;
    int n_basis = 0;
    for (int m = 0; m < 2 * d; m++) { /* first the elements of E_t, then those of E_{t+k} */
        double *y = columns + (size_t)n_basis * (size_t)n;
        for (int i = 0; i < n; i++) y[i] = element(f, m % d + 1, d, i + 1 + (m < d ? 0 : k));
        double before = sqrt(dot(y, y, n)), left = leave_residual(y, columns, n_basis, n);
        if (m >= d) worst = fmax(worst, left / sqrt(n));
        else if (left > 1e-9 * before) { /* else it is a sum of the others to rounding */
            for (int i = 0; i < n; i++) y[i] /= left;
            n_basis++;
        }
    }
    free(columns);
    return worst;
}

static double positions(plots *p)
{
    double t[D_MODEL * D_MODEL], worst = shift_error();
    enum { K = 100, SMALL = 8 };
    shift_matrix(3, D_MODEL, t);
    if (!no_plots)
        plots_matrix(p, &(plot_matrix){ "shift", "T(3): a rotation for every pair; slower and slower ones down the diagonal",
                                        "m, the pair of position t", "m, the pair of position t + 3", t, D_MODEL, 2, 0, 0, NULL });
    printf("  T(k) against all k = 1 .. %d and t = 1 .. %d - k, d_model = %d: largest error %.1e\n\n", P - 1, P, D_MODEL, worst);
    table rows = { 0 };
    const struct { const char *name; double (*f)(int, int); } rules[] = {
        { "a pair shares f = 10000^(2m/d)", f_pairs },
        { "as printed: 10000 · 2m/d, each its own", f_printed },
        { "with an exponent: 10000^(2m/d), each its own", f_exponent },
    };
    table_row(&rows, "frequencies, d_model = %d\tbest T(%d), 10,000 positions\t100,000 positions", SMALL, K);
    for (int i = 0; i < 3; i++)
        table_row(&rows, "%s\t%.1e\t%.1e", rules[i].name, best_shift_error(rules[i].f, SMALL, 10000, K),
                  best_shift_error(rules[i].f, SMALL, 100000, K));
    table_print(&rows, stdout);
    return worst;
}

/* ---- 4. The answers --------------------------------------------------------------------------------- */

static const char part_a[] =
    "(a) Attention as a fully connected matrix\n\n"
    "  Put the tokens under each other: x = [x_1; ..; x_N] has N D numbers. With rows as tokens V = X W_v, so v_m = W_v' x_m, and\n"
    "      y_n = Σ_m a_nm v_m = Σ_m (a_nm W_v') x_m,      A = softmax(Q K' / sqrt(D_k)).\n"
    "  So y = M x, where M has N x N blocks of D x D, and block (n, m) is a_nm W_v':  M = A ⊗ W_v'. That is a fully connected layer from\n"
    "  the whole sequence to a vector of the same length. Below M is given to hw3_linear as its weight, and x as one long row.\n\n"
    "(b) What a full matrix holds\n\n"
    "  A linear map from R^(ND) to R^(ND) is known by the images of the N D unit vectors; each image has N D numbers, and none binds\n"
    "  another, for any choice of them is a linear map. So it has (N D)(N D) = N² D² parameters: here %d, for GPT-2's N = 1024, D = 768\n"
    "  %.0f. Attention there has 3 D² = %d with one head as wide as the model.\n\n"
    "(c) What attention leaves of them\n\n"
    "  The projections see one token at a time: I ⊗ W' has W' N times on the diagonal, the same numbers each time, and N² - N blocks of\n"
    "  zeros. The mixing A ⊗ W_v' fills all N² blocks with one matrix W_v', each time scaled by a weight a_ij that is no parameter but\n"
    "  computed from x through W_q and W_k; under a causal mask the N (N - 1) / 2 blocks above the diagonal are zero. With H heads M is\n"
    "  the sum of A_h ⊗ (W_v,h W_o,h)'. N = %d, D = %d:\n\n";

static const char part_d[] =
    "\n(d) A matrix that shifts positions\n\n"
    "  Let elements 2m+1 and 2m+2 be sin(t/f) and cos(t/f) of one f = 10000^(2m/d), m = 0, 1, .. d/2 - 1 [Vaswani17]. By addition\n"
    "      sin((t+k)/f) =  cos(k/f) sin(t/f) + sin(k/f) cos(t/f)\n"
    "      cos((t+k)/f) = -sin(k/f) sin(t/f) + cos(k/f) cos(t/f)\n"
    "  so T(k) has on its diagonal a 2 x 2 rotation for every pair, and zeros elsewhere. t is not in it: it holds for every t.\n"
    "  Also T(k) T(l) = T(k + l): which is why attention can look \"k back\" by one matrix, and what RoPE makes a rule [Su21].\n\n";

static const char note_d[] =
    "\n  Note. The question prints another frequency for every element, sin(t/f_1), cos(t/f_2), .., and f_m = 10000 · 2m/d without an\n"
    "  exponent. Then there is no T(k): sin((t+k)/f_1) needs cos(t/f_1), which is not among the elements, and sines and cosines of\n"
    "  different frequencies are linearly independent on as few as 2d positions, being sums of 2d geometric sequences exp(±i t/f)\n"
    "  (Vandermonde). The table gives what is left by the best matrix that least squares finds: rounding alone when a pair shares its\n"
    "  f, and far more when it does not.\n";

int main(int argc, char **argv)
{
    const arg options[] = { { "--seed", ARG_INT, &seed, 0, 1e9, "of the tokens and weights", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "Self-attention as one matrix over the sequence, and the matrix that shifts positions.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;

    lab l, *j = &l;
    plots p;
    double worst = 0;
    int failed = lab_begin(j) || (!no_plots && plots_begin(&p, out));
    if (!failed) {
        printf(part_a, ND * ND, 1024. * 1024 * 768 * 768, 3 * 768 * 768, N, D);
        failed = matrices(j, &p, &worst);
    }
    if (!failed) {
        fputs(part_d, stdout);
        worst = fmax(worst, positions(&p));
        fputs(note_d, stdout);
        failed = !(worst <= tolerance);
        printf("\nLargest difference %.1e: %s %g.\n", worst, failed ? "NOT equal to" : "all agree to", tolerance);
    }
    if (!failed && !no_plots) failed = plots_end(&p);
    lab_end(j);
    return failed ? 1 : 0;
}
