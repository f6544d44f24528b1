/* SPDX-License-Identifier: MIT */
/* t3_multihead_robustness: one head against two when the length of a key is uncertain.
 *
 * Answers the third theory question. (a) When attention copies one value: weights, entropy and distance as the query grows.
 * (b) How two values share one vector and are told apart again by a projection, and the query that takes their mean. (c) The
 * same with noisy keys: small noise does nothing, one key of uncertain length makes one head jump between the two values.
 * (d) Two heads keep their mean. The keys are drawn thousands of times and given to the library's attention, with the three
 * queries as three heads that share one head of keys.
 *
 * Meets: hw3_attention with shared keys, hw3_attention_entropy.
 * Run:   sh examples/run.sh t3_multihead_robustness
 * Exit status: 0 when what is claimed is seen, 1 when not. */
#include "support/args.h"
#include "support/lab.h"
#include "support/plot.h"
#include "support/random.h"
#include "support/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, D = 16, M = 3 };       /* keys, their length, basis vectors of a subspace */
enum { A = 0, B = 1 };               /* the two that are wanted */
enum { ONE, HEAD_A, HEAD_B, HEADS }; /* the queries */
enum { BATCH = 500, N_LENGTHS = 60 };

static int64_t n_draws = 20000, seed = 3;
static double beta = 50, alpha = 1e-8;
static const char *out = "out/t3_multihead_robustness";
static int no_plots;

typedef struct problem {
    double mu[N][D];         /* orthonormal: the means of the keys */
    double v[N][D];          /* values of length 1, v_a and v_b within the subspaces */
    double a[M][D], b[M][D]; /* orthonormal bases of the two subspaces */
} problem;

static double dot(const double *x, const double *y)
{
    double sum = 0;
    for (int m = 0; m < D; m++) sum += x[m] * y[m];
    return sum;
}

static double distance(const double *x, const double *y)
{
    double sum = 0;
    for (int m = 0; m < D; m++) sum += (x[m] - y[m]) * (x[m] - y[m]);
    return sqrt(sum);
}

static void set_up(problem *p, uint64_t *random)
{
    double bases[2 * M][D], c;
    random_orthonormal(random, p->mu[0], N, D);
    random_orthonormal(random, bases[0], 2 * M, D);
    memcpy(p->a, bases, sizeof p->a);
    memcpy(p->b, bases + M, sizeof p->b);
    for (int i = 0; i < N; i++) {
        double (*basis)[D] = i == A ? p->a : p->b;
        random_normals(random, p->v[i], D, 1);
        if (i == A || i == B) memset(p->v[i], 0, sizeof p->v[i]);
        for (int k = 0; (i == A || i == B) && k < M; k++) {
            c = random_normal(random);
            for (int m = 0; m < D; m++) p->v[i][m] += c * basis[k][m];
        }
        double length = sqrt(dot(p->v[i], p->v[i]));
        for (int m = 0; m < D; m++) p->v[i][m] /= length;
    }
}

/* (1) and (2) with keys at their means: α_i = exp(k_i' q) / Σ_j exp(k_j' q), c = Σ_i α_i v_i. */
static void attend(const problem *p, const double *q, double *weights, double *c)
{
    double sum = 0, most = -INFINITY;
    for (int i = 0; i < N; i++) most = fmax(most, dot(p->mu[i], q));
    for (int i = 0; i < N; i++) sum += weights[i] = exp(dot(p->mu[i], q) - most); /* the common factor cancels */
    memset(c, 0, D * sizeof *c);
    for (int i = 0; i < N; i++) {
        weights[i] /= sum;
        for (int m = 0; m < D; m++) c[m] += weights[i] * p->v[i][m];
    }
}

/* The same by the library for n_sets sets of keys and n_queries queries on each: c is [n_sets, n_queries, D], entropy may be NULL. */
static int library(lab *j, const double *k, const double *v, const double *q, int n_sets, int n_queries, double *c, double *entropy)
{
    TRY(lab_again(j));
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.scale = 1; /* the question has no 1 / sqrt(d) */
    hw3_var y = hw3_attention(j->graph, lab_input(j, q, 4, (int64_t[]){ n_sets, 1, n_queries, D }),
                              lab_input(j, k, 4, (int64_t[]){ n_sets, N, 1, D }), lab_input(j, v, 4, (int64_t[]){ n_sets, N, 1, D }), &o);
    TRY(lab_read(j, y, c, (int64_t)n_sets * n_queries * D));
    if (entropy) TRY(hw3_attention_entropy(j->graph, y, entropy));
    return 0;
}

/* ---- (a) ------------------------------------------------------------------------------------------ */

/* Queries q = |q| k_j of growing length, as heads of one call. Returns the difference between the library and the formulas, or -1. */
static double concentration(lab *j, const problem *p, plots *plot_to)
{
    static const double shown[] = { 0, 1, 2, 4, 8, 16, 32, 64 };
    enum { N_SHOWN = 8, N_ALL = N_SHOWN + N_LENGTHS };
    double length[N_ALL], q[N_ALL][D], c[N_ALL][D], entropy[N_ALL], weight[N_ALL], away[N_ALL], worst = 0;
    for (int i = 0; i < N_ALL; i++) {
        length[i] = i < N_SHOWN ? shown[i] : pow(10, -1 + 3.0 * (i - N_SHOWN) / (N_LENGTHS - 1));
        for (int m = 0; m < D; m++) q[i][m] = length[i] * p->mu[A][m];
    }
    if (library(j, p->mu[0], p->v[0], q[0], 1, N_ALL, c[0], entropy)) return -1;
    table t = { 0 };
    table_row(&t, "|q|\tsum of weights\tweight of v_j\te^|q| / (e^|q| + n-1)\tentropy, nats\t|c - v_j|\t|c|");
    for (int i = 0; i < N_ALL; i++) {
        double weights[N], mine[D], sum = 0, h = 0, formula = 1 / (1 + (N - 1) * exp(-length[i]));
        attend(p, q[i], weights, mine);
        for (int k = 0; k < N; k++) sum += weights[k], h -= weights[k] > 0 ? weights[k] * log(weights[k]) : 0;
        weight[i] = weights[A], away[i] = distance(c[i], p->v[A]);
        worst = fmax(worst, fmax(fmax(distance(c[i], mine), fabs(h - entropy[i])), fabs(formula - weights[A])));
        if (i < N_SHOWN)
            table_row(&t, "%g\t%.6f\t%.6f\t%.6f\t%.6f\t%.6f\t%.4f", length[i], sum, weights[A], formula, entropy[i], away[i],
                      sqrt(dot(c[i], c[i])));
        entropy[i] /= log(N);
    }
    table_print(&t, stdout);
    const plot_line lines[] = { { "entropy / log n", entropy + N_SHOWN }, { "|c - v_j|", away + N_SHOWN }, { "weight of v_j", weight + N_SHOWN } };
    if (!no_plots)
        plots_lines(plot_to, &(plot){ "concentration", "A long query along one key: attention copies its value", "|q|", "", lines, 3,
                                      .n = N_LENGTHS, .x = length + N_SHOWN, .log_x = 10, .y_from_zero = 1 });
    return worst;
}

/* ---- (b) ------------------------------------------------------------------------------------------ */

/* M = Σ a_i a_i', the projection onto A. Returns |M (v_a + v_b) - v_a|. */
static double recover(const problem *p)
{
    double m[D][D] = { { 0 } }, s[D], found[D];
    for (int k = 0; k < M; k++)
        for (int i = 0; i < D; i++)
            for (int l = 0; l < D; l++) m[i][l] += p->a[k][i] * p->a[k][l];
    for (int i = 0; i < D; i++) s[i] = p->v[A][i] + p->v[B][i];
    for (int i = 0; i < D; i++) found[i] = dot(m[i], s);
    return distance(found, p->v[A]);
}

static void make_queries(const problem *p, double length, double q[HEADS][D])
{
    for (int m = 0; m < D; m++) {
        q[HEAD_A][m] = length * p->mu[A][m];
        q[HEAD_B][m] = length * p->mu[B][m];
        q[ONE][m] = q[HEAD_A][m] + q[HEAD_B][m];
    }
}

static void mean_of_two(const problem *p)
{
    table t = { 0 };
    table_row(&t, "β\tweight of v_a\tweight of v_b\te^β / (2 e^β + n-2)\t|c - (v_a + v_b) / 2|");
    for (int length = 1; length <= 32; length *= 2) {
        double q[HEADS][D], weights[N], c[D], half[D];
        make_queries(p, length, q);
        attend(p, q[ONE], weights, c);
        for (int m = 0; m < D; m++) half[m] = (p->v[A][m] + p->v[B][m]) / 2;
        table_row(&t, "%d\t%.6f\t%.6f\t%.6f\t%.6f", length, weights[A], weights[B], 1 / (2 + (N - 2) * exp(-length)), distance(c, half));
    }
    table_print(&t, stdout);
}

/* ---- (c) and (d): Monte Carlo --------------------------------------------------------------------- */

typedef struct noise {
    double along;  /* variance of k_a along μ_a */
    double around; /* variance of k_a in every direction */
} noise;

typedef struct tally {
    int64_t n;
    double sum[D], squares; /* of c and |c|² */
    double error, worst;    /* of |c - (v_a + v_b) / 2|²; the largest */
    double sorted;          /* draws with c nearly v_a or v_b alone */
} tally;

typedef struct result {
    tally one, two, two_positive; /* one head; two heads; two heads where k_a' q_1 > 0 */
    int64_t negative;             /* draws with k_a' q_1 < 0 */
    double size[BATCH], one_along[BATCH], two_along[BATCH]; /* of the last batch: k_a' μ_a; c' v_a */
} result;

static void count(tally *t, const double *c, const problem *p)
{
    double half[D];
    for (int m = 0; m < D; m++) half[m] = (p->v[A][m] + p->v[B][m]) / 2;
    double d = distance(c, half);
    t->n++;
    for (int m = 0; m < D; m++) t->sum[m] += c[m];
    t->squares += dot(c, c);
    t->error += d * d;
    t->worst = fmax(t->worst, d);
    t->sorted += fmin(distance(c, p->v[A]), distance(c, p->v[B])) < 0.1;
}

/* The trace of the covariance: E |c|² - |E c|². */
static double variance(const tally *t)
{
    double n = (double)t->n;
    return fmax(t->squares / n - dot(t->sum, t->sum) / n / n, 0); /* not below 0 by rounding */
}

/* Keys k_i = μ_i + sqrt(α) ε, but k_a = μ_a (1 + sqrt(along) ε_0) + sqrt(around) ε. */
static void draw_keys(const problem *p, noise s, uint64_t *random, double k[N][D])
{
    for (int i = 0; i < N; i++) {
        double size = i == A ? 1 + sqrt(s.along) * random_normal(random) : 1, deviation = sqrt(i == A ? s.around : alpha);
        for (int m = 0; m < D; m++) k[i][m] = size * p->mu[i][m] + deviation * random_normal(random);
    }
}

static int monte_carlo(lab *j, const problem *p, noise s, int64_t draws, result *r)
{
    static double k[BATCH][N][D], v[BATCH][N][D], q[BATCH][HEADS][D], c[BATCH][HEADS][D];
    uint64_t random = (uint64_t)seed + 1000; /* the same draws for every case */
    memset(r, 0, sizeof *r);
    for (int b = 0; b < BATCH; b++) {
        memcpy(v[b], p->v, sizeof v[b]);
        make_queries(p, beta, q[b]);
    }
    for (int64_t done = 0; done < draws; done += BATCH) {
        for (int b = 0; b < BATCH; b++) draw_keys(p, s, &random, k[b]);
        if (library(j, k[0][0], v[0][0], q[0][0], BATCH, HEADS, c[0][0], NULL)) return -1;
        for (int b = 0; b < BATCH; b++) {
            double two[D];
            for (int m = 0; m < D; m++) two[m] = (c[b][HEAD_A][m] + c[b][HEAD_B][m]) / 2;
            r->size[b] = dot(k[b][A], p->mu[A]);
            r->one_along[b] = dot(c[b][ONE], p->v[A]), r->two_along[b] = dot(two, p->v[A]);
            r->negative += r->size[b] < 0;
            count(&r->one, c[b][ONE], p);
            count(&r->two, two, p);
            if (r->size[b] > 0) count(&r->two_positive, two, p);
        }
    }
    return 0;
}

static void tally_row(table *t, const char *keys, const char *heads, const tally *y)
{
    double n = (double)y->n;
    table_row(t, "%s\t%s\t%.4f\t%.4f\t%.3f\t%.1f %%", keys, heads, variance(y), sqrt(y->error / n), y->worst, 100 * y->sorted / n);
}

/* Returns 0 when what (c) and (d) claim is seen; r receives the case of the uncertain length. */
static int robustness(lab *j, const problem *p, result *r)
{
    const struct { const char *name; noise s; } cases[] = { { "α I", { 0, alpha } }, { "½ μ_a μ_a' + I, as printed in (d)(ii)", { 0.5, 1 } },
                                                            { "½ μ_a μ_a' + α I", { 0.5, alpha } } };
    double other[D] = { 0 }, share = erfc(1) / 2; /* Φ(-√2) */
    table t = { 0 };
    table_row(&t, "covariance of k_a\theads\tvariance of c\terror, RMS\tlargest\tc = v_a or v_b alone");
    for (int i = 0; i < 3; i++) {
        if (monte_carlo(j, p, cases[i].s, n_draws, r)) return -1;
        tally_row(&t, cases[i].name, "1", &r->one);
        tally_row(&t, cases[i].name, "2", &r->two);
    }
    tally_row(&t, "the same, where k_a' q_1 > 0", "2", &r->two_positive);
    table_print(&t, stdout);
    for (int i = 0; i < N; i++)
        for (int m = 0; m < D; m++) other[m] += i == A ? 0 : p->v[i][m] / (N - 1);
    double apart = distance(p->v[A], p->v[B]), lost = distance(p->v[A], other), n = (double)r->one.n;
    double expected_one = apart * apart / 4, expected_two = share * (1 - share) * lost * lost / 4, seen = (double)r->negative / n;
    printf("\n  expected for ½ μ_a μ_a' + α I as β grows: one head |v_a - v_b|² / 4 = %.4f, two heads p (1 - p) |v_a - v_o|² / 4 = %.4f,\n"
           "  v_o the mean of the other values. p = P(k_a' q_1 < 0) = Φ(-√2) = %.2f %%; counted: %.2f %% of %lld draws.\n",
           expected_one, expected_two, 100 * share, 100 * seen, (long long)r->one.n);
    return fabs(seen - share) < 4 * sqrt(share * (1 - share) / n) && variance(&r->two) < variance(&r->one) / 5 ? 0 : 1;
}

static int draw_plots(lab *j, const problem *p, plots *to, const result *r)
{
    enum { POINTS = 21 };
    double x[POINTS], one[POINTS], two[POINTS];
    result other;
    const plot_line along[] = { { "one head", r->one_along }, { "two heads", r->two_along } };
    plots_lines(to, &(plot){ "draws", "Output along v_a, 500 draws of the keys: one head jumps, two keep half", "length of k_a along μ_a",
                             "c'v_a  (wanted: 0.5)", along, 2, .n = BATCH, .x = r->size, .n_points = 2 });
    for (int i = 0; i < POINTS; i++) {
        x[i] = 0.005 * i * i;
        if (monte_carlo(j, p, (noise){ x[i], alpha }, 4000, &other)) return -1;
        one[i] = variance(&other.one), two[i] = variance(&other.two);
    }
    const plot_line lines[] = { { "one head", one }, { "two heads", two } };
    plots_lines(to, &(plot){ "variance", "Variance of the output when the length of k_a is uncertain", "variance of k_a along μ_a",
                             "variance of c (trace of its covariance)", lines, 2, .n = POINTS, .x = x });
    return 0;
}

/* ---- The answers ---------------------------------------------------------------------------------- */

static const char part_a[] =
    "(a) When c is one of the values\n\n"
    "  (i) The weights α_i are positive, being exponentials, and add up to 1: a categorical distribution over the n keys, and c is the\n"
    "  mean of v under it.  (ii) α_j takes almost everything when k_j'q is much greater than every other k_i'q: a long query along k_j\n"
    "  and away from the other keys.  (iii) While α is spread, c is a blend near the mean of the values and like none of them, and\n"
    "  shorter than they are; when α is concentrated, c ≈ v_j.  (iv) So attention can copy a value or average many, and the length and\n"
    "  direction of the query choose between the two. n = %d orthonormal keys, q = |q| k_j; by entropy 0 is a copy, log n = %.4f the mean:\n\n";

static const char part_b[] =
    "\n(b) Two values in one vector\n\n"
    "  (i) A has the orthonormal basis a_1 .. a_m, so v_a = Σ c_i a_i with c_i = a_i'v_a, and a_i'v_b = 0. With a_i as columns of A,\n"
    "      M = A A' = Σ a_i a_i',     M s = Σ a_i (a_i'v_a + a_i'v_b) = Σ c_i a_i = v_a.\n"
    "  M is the orthogonal projection onto A. Here |M (v_a + v_b) - v_a| = %.1e. (From the mean, take 2 M c.)\n"
    "  (ii) q = β (k_a + k_b) with a large β: k_a'q = k_b'q = β, all other products are 0.\n\n";

static const char part_c[] =
    "\n(c) One head and noisy keys, (d) two heads and the same keys\n\n"
    "  (c)(i) q = β (μ_a + μ_b): with Σ_i = α I and small α the keys hardly leave their means, so k_a'q ≈ k_b'q ≈ β and the others are\n"
    "  near 0. Small means 2 β √α << 1, for that is the deviation of k_a'q - k_b'q; here β = %g, α = %g: %.2g.\n"
    "  (c)(ii) Now k_a ≈ s μ_a with s ~ N(1, ½), so k_a'q ≈ s β beside k_b'q ≈ β: the weight of v_a is σ(β (s - 1)). For s > 1 c ≈ v_a, for\n"
    "  s < 1 c ≈ v_b, each about every second time; c swings along the line from v_a to v_b and is hardly ever at its middle.\n"
    "  (d)(i) q_1 = β μ_a, q_2 = β μ_b: c_1 ≈ v_a, c_2 ≈ v_b, and the output is their mean. (Or the other way round.)\n"
    "  (d)(ii) k_a'q_1 = s β is the only large product of the first head whatever s > 0 is, so c_1 ≈ v_a; k_a'q_2 ≈ 0, so the second head does\n"
    "  not notice k_a. The output stays at (v_a + v_b) / 2. %lld draws of all keys:\n\n";

static const char notes[] =
    "\n  Why k_a'q_1 < 0 may be left out: then s < 0, a key against its own mean, √2 deviations away, in one draw of 13; only c_1 is lost,\n"
    "  to the mean of the other values, while c_2 ≈ v_b stays. What is meant is a key of uncertain length, not one that has turned round.\n"
    "  Note. (d)(ii) prints Σ_a = ½ μ_a μ_a' + I where (c)(ii) has α I. With I, k_a has noise of size 1 in all directions, also along μ_b, and\n"
    "  then two heads do not keep the mean either, as the table shows: α I is meant. (c)(ii) prints Σ_a for Σ_i of the other keys.\n";

int main(int argc, char **argv)
{
    const arg options[] = { { "--draws", ARG_INT, &n_draws, BATCH, 1e7, "of all keys", NULL },
                            { "--beta", ARG_REAL, &beta, 0, 1e4, "length of the queries", NULL },
                            { "--alpha", ARG_REAL, &alpha, 0, 1, "variance of the small noise", NULL },
                            { "--seed", ARG_INT, &seed, 0, 1e9, "of keys and values", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "One head of attention against two, when the length of a key is uncertain.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;

    lab l, *j = &l;
    plots to;
    problem p;
    static result r;
    uint64_t random = (uint64_t)seed;
    set_up(&p, &random);
    if (lab_begin(j) || (!no_plots && plots_begin(&to, out))) return 1;
    printf(part_a, N, log(N));
    double worst = concentration(j, &p, &to);
    printf(part_b, recover(&p));
    mean_of_two(&p);
    printf(part_c, beta, alpha, 2 * beta * sqrt(alpha), (long long)(n_draws + BATCH - 1) / BATCH * BATCH);
    int failed = worst < 0 || robustness(j, &p, &r) || !(fmax(worst, recover(&p)) < 1e-12);
    fputs(notes, stdout);
    printf("\nLibrary and formulas differ by %.1e. %s\n", worst, failed ? "NOT all that is claimed is seen." : "All that is claimed is seen.");
    if (!failed && !no_plots) failed = draw_plots(j, &p, &to, &r) || plots_end(&to);
    lab_end(j);
    return failed ? 1 : 0;
}
