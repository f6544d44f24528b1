/* SPDX-License-Identifier: MIT */
/* t6_attention_is_convolution: K² heads that each look at one neighbour are a K x K convolution.
 *
 * Answers the sixth theory question [Cordonnier20]. (a) the parameters of the layer, (b) one pixel of it, (c) the Gaussian encoding
 * as a distance, (d) its cost beside an absolute encoding, (e) and (f) heads as offsets of a kernel, (g) the limit of a sharp
 * encoding, (h) the constant, (i) to (k) paddings, dilations and strides. Every claim is tried: the library's attention, with the
 * encoding as its bias, against a convolution in plain loops.
 *
 * Meets: hw3_attention with fewer queries than keys, hw3_gaussian_positions, hw3_attention_weights, hw3_matmul.
 * Run:   sh examples/run.sh t6_attention_is_convolution
 * Exit status: 0 when what should be equal is, and what should not is not; else 1. */
#include "support/args.h"
#include "support/lab.h"
#include "support/plot.h"
#include "support/random.h"
#include "support/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 7, C_IN = 3, C_OUT = 2, MAX_K = 5, MAX_HEADS = MAX_K * MAX_K, MAX_FRAME = 4 };
enum { MAX_PIXELS = (SIDE + 2 * MAX_FRAME) * (SIDE + 2 * MAX_FRAME) };
static const double tolerance = 1e-9; /* e^-α of the default α is far below; sums of some 75 products round at 1e-15 */

static int64_t seed = 6;
static double alpha = 60;
static const char *out = "out/t6_attention_is_convolution";
static int no_plots;

typedef enum border { ZEROS, EDGE, MIRROR } border; /* what a convolution sees outside of the image */

typedef struct problem {
    double z[SIDE][SIDE][C_IN];
    double w[MAX_K][MAX_K][C_IN][C_OUT], b[C_OUT]; /* kernel: the first K x K of w, offsets from -⌊K/2⌋ on */
} problem;

/* A convolution, and the attention that should be equal to it. */
typedef struct setting {
    const char *name;
    int k, holds; /* size of the kernel; 1 when both should be equal */
    int frame;    /* pixels laid around the image before attention sees it */
    border seen, framed; /* by the convolution; in the frame */
    int margin;   /* outputs for pixels from -margin to SIDE - 1 + margin */
    int dilation, stride;
    int q_minus_k;  /* 1: δ = q - k, as the question has it; 0: k - q, as [Cordonnier20] */
    int turned;     /* 1: head f(h) takes the kernel's weights at -f(h) */
} setting;

static double max_difference(const double *a, const double *b, int n)
{
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, isfinite(a[i] - b[i]) ? fabs(a[i] - b[i]) : INFINITY);
    return most;
}

/* ---- Convolution ---------------------------------------------------------------------------------- */

static double pixel(const problem *p, border mode, int i, int j, int c)
{
    int at[] = { i, j };
    for (int d = 0; d < 2; d++) {
        if (at[d] >= 0 && at[d] < SIDE) continue;
        if (mode == ZEROS) return 0;
        if (mode == MIRROR) at[d] = at[d] < 0 ? -at[d] : 2 * (SIDE - 1) - at[d];
        else at[d] = at[d] < 0 ? 0 : SIDE - 1;
    }
    return p->z[at[0]][at[1]][c];
}

/* (8): Convolution(Z)_ij = Σ_δ Z_{i+δ1, j+δ2} W_δ + b. */
static void convolve(const problem *p, const setting *s, double (*y)[C_OUT])
{
    for (int i = -s->margin; i < SIDE + s->margin; i += s->stride)
        for (int j = -s->margin; j < SIDE + s->margin; j += s->stride, y++)
            for (int c = 0; c < C_OUT; c++) {
                (*y)[c] = p->b[c];
                for (int m = 0; m < s->k * s->k * C_IN; m++) {
                    int d1 = m / C_IN / s->k, d2 = m / C_IN % s->k;
                    double z = pixel(p, s->seen, i + s->dilation * (d1 - s->k / 2), j + s->dilation * (d2 - s->k / 2), m % C_IN);
                    (*y)[c] += z * p->w[d1][d2][m % C_IN][c];
                }
            }
}

/* ---- Attention ------------------------------------------------------------------------------------ */

/* (7): v = -α (1, -2Δ1, -2Δ2), r = (|δ|², δ1, δ2). With W_q = W_k = 0 the score is v'r alone. */
static double gaussian(double sharpness, const int D[2], const int d[2])
{
    double v[] = { -sharpness, 2 * sharpness * D[0], 2 * sharpness * D[1] }, r[] = { d[0] * d[0] + d[1] * d[1], d[0], d[1] };
    return v[0] * r[0] + v[1] * r[1] + v[2] * r[2];
}

static double z_keys[MAX_PIXELS][C_IN], w_v[C_IN * MAX_HEADS * C_OUT], w_out[MAX_HEADS * C_OUT][C_OUT];
static double queries[MAX_PIXELS][2], keys[MAX_PIXELS][2], centers[MAX_HEADS][2], sharp[MAX_HEADS], zeros[MAX_PIXELS * MAX_HEADS];

/* Fills the arrays above: keys, the weights of the theorem, and the places of the encoding. Returns the number of queries. */
static int prepare(const problem *p, const setting *s, double sharpness)
{
    int heads = s->k * s->k, wide = SIDE + 2 * s->frame, n_queries = 0, low = -(s->k / 2);
    int step = s->q_minus_k ? -s->dilation : s->dilation; /* turning δ round is turning Δ round */
    for (int k = 0; k < wide * wide; k++) {
        int row = k / wide - s->frame, column = k % wide - s->frame;
        keys[k][0] = row, keys[k][1] = column;
        for (int c = 0; c < C_IN; c++) z_keys[k][c] = pixel(p, s->framed, row, column, c);
    }
    for (int i = -s->margin; i < SIDE + s->margin; i += s->stride)
        for (int j = -s->margin; j < SIDE + s->margin; j += s->stride, n_queries++) queries[n_queries][0] = i, queries[n_queries][1] = j;
    memset(w_out, 0, sizeof w_out);
    for (int h = 0; h < heads; h++) {
        int D[] = { low + h / s->k, low + h % s->k }; /* f(h) */
        int row = (s->turned ? -D[0] : D[0]) - low, column = (s->turned ? -D[1] : D[1]) - low, inside = row < s->k && column < s->k;
        for (int c = 0; c < C_OUT; c++) {
            w_out[h * C_OUT + c][c] = 1;
            for (int i = 0; i < C_IN; i++) w_v[(i * heads + h) * C_OUT + c] = inside ? p->w[row][column][i][c] : 0;
        }
        centers[h][0] = step * D[0], centers[h][1] = step * D[1];
        sharp[h] = sharpness;
    }
    return n_queries;
}

/* (3) with W_q = W_k = 0: out of the heads, W_out and b. weights may be NULL, else receives those of every head, [heads, n, keys]. */
static int attend(lab *j, const problem *p, const setting *s, double sharpness, double (*y)[C_OUT], double *weights)
{
    int heads = s->k * s->k, n_keys = (SIDE + 2 * s->frame) * (SIDE + 2 * s->frame), n = prepare(p, s, sharpness);
    TRY(lab_again(j));
    hw3_graph *g = j->graph;
    hw3_attention_opts o = HW3_ATTENTION_OPTS_INIT;
    o.bias = hw3_gaussian_positions(g, lab_input(j, queries[0], 2, (int64_t[]){ n, 2 }), lab_input(j, keys[0], 2, (int64_t[]){ n_keys, 2 }),
                                    lab_input(j, centers[0], 2, (int64_t[]){ heads, 2 }), lab_input(j, sharp, 1, (int64_t[]){ heads }));
    hw3_var q = lab_input(j, zeros, 4, (int64_t[]){ 1, n, heads, 1 }), k = lab_input(j, zeros, 4, (int64_t[]){ 1, n_keys, heads, 1 });
    hw3_var v = hw3_matmul(g, lab_input(j, z_keys[0], 2, (int64_t[]){ n_keys, C_IN }),
                           lab_input(j, w_v, 2, (int64_t[]){ C_IN, heads * C_OUT }));
    hw3_var c = hw3_attention(g, q, k, hw3_reshape(g, v, 4, (int64_t[]){ 1, n_keys, heads, C_OUT }), &o);
    hw3_var rows = hw3_reshape(g, c, 2, (int64_t[]){ n, heads * C_OUT });
    hw3_var sum = hw3_matmul(g, rows, lab_input(j, w_out[0], 2, (int64_t[]){ heads * C_OUT, C_OUT }));
    TRY(lab_read(j, hw3_add(g, sum, lab_input(j, p->b, 1, (int64_t[]){ C_OUT })), y[0], (int64_t)n * C_OUT));
    for (int h = 0; weights && h < heads; h++) TRY(hw3_attention_weights(g, c, 0, h, weights + h * n * n_keys));
    return 0;
}

/* Returns max |attention - convolution|, or -1. */
static double mismatch(lab *j, const problem *p, const setting *s, double sharpness)
{
    static double y[MAX_PIXELS][C_OUT], expected[MAX_PIXELS][C_OUT];
    if (attend(j, p, s, sharpness, y, NULL)) return -1;
    int across = (SIDE + 2 * s->margin + s->stride - 1) / s->stride;
    convolve(p, s, expected);
    return max_difference(y[0], expected[0], across * across * C_OUT);
}

/* Prints a row for each setting. Returns 0 when each is equal or not as it should be. */
static int try_settings(lab *j, const problem *p, const setting *s, int n, const char *header)
{
    table t = { 0 };
    int failed = 0;
    table_row(&t, "%s\tK\tlargest difference\tequal", header);
    for (int i = 0; i < n; i++) {
        double e = mismatch(j, p, &s[i], alpha);
        if (e < 0) return -1;
        failed |= s[i].holds ? !(e <= tolerance) : !(e > 0.01);
        table_row(&t, "%s\t%d\t%.1e\t%s", s[i].name, s[i].k, e, e <= tolerance ? "yes" : "no");
    }
    table_print(&t, stdout);
    return failed;
}

/* ---- (b) and (e): one pixel of any layer ---------------------------------------------------------- */

/* A layer with W_q, W_k of its own, by the library, and pixel q of it by the formulas with W_v W_out and with W^(h) = W_v W_out.
   Returns the largest difference, or -1. */
static double single_pixel(lab *j, const problem *p, uint64_t *random)
{
    enum { HEADS = 3, HID = 2, OUT = 4, N = SIDE * SIDE, Q = 17 };
    double wq[C_IN][HEADS][HID], wk[C_IN][HEADS][HID], wv[C_IN][HEADS][OUT], wo[HEADS][OUT][C_OUT], y[N][C_OUT], one[C_OUT];
    const double (*z)[C_IN] = (const double (*)[C_IN])p->z[0];
    random_normals(random, wq[0][0], sizeof wq / sizeof(double), 1);
    random_normals(random, wk[0][0], sizeof wk / sizeof(double), 1);
    random_normals(random, wv[0][0], sizeof wv / sizeof(double), 1);
    random_normals(random, wo[0][0], sizeof wo / sizeof(double), 1);
    TRY(lab_again(j));
    hw3_graph *g = j->graph;
    const double *w[] = { wq[0][0], wk[0][0], wv[0][0] };
    hw3_var in = lab_input(j, z[0], 2, (int64_t[]){ N, C_IN }), x[3];
    for (int i = 0; i < 3; i++) {
        int64_t wide = i < 2 ? HID : OUT;
        x[i] = hw3_matmul(g, in, lab_input(j, w[i], 2, (int64_t[]){ C_IN, HEADS * wide }));
        x[i] = hw3_reshape(g, x[i], 4, (int64_t[]){ 1, N, HEADS, wide });
    }
    hw3_var c = hw3_reshape(g, hw3_attention(g, x[0], x[1], x[2], NULL), 2, (int64_t[]){ N, HEADS * OUT });
    hw3_var sum = hw3_matmul(g, c, lab_input(j, wo[0][0], 2, (int64_t[]){ HEADS * OUT, C_OUT }));
    TRY(lab_read(j, hw3_add(g, sum, lab_input(j, p->b, 1, (int64_t[]){ C_OUT })), y[0], N * C_OUT));

    memcpy(one, p->b, sizeof one);
    for (int h = 0; h < HEADS; h++) {
        double a[N], total = 0, joined[C_IN][C_OUT] = { { 0 } }; /* W^(h) = W_v^(h) W_out^(h) */
        for (int i = 0; i < C_IN * OUT * C_OUT; i++)
            joined[i / C_OUT / OUT][i % C_OUT] += wv[i / C_OUT / OUT][h][i / C_OUT % OUT] * wo[h][i / C_OUT % OUT][i % C_OUT];
        for (int k = 0; k < N; k++) {
            a[k] = 0;
            for (int i = 0; i < C_IN * C_IN * HID; i++) { /* z_q W_q W_k' z_k' */
                int from = i / C_IN / HID, to = i / HID % C_IN;
                a[k] += z[Q][from] * wq[from][h][i % HID] * wk[to][h][i % HID] * z[k][to];
            }
            total += a[k] = exp(a[k] / sqrt(HID));
        }
        for (int k = 0; k < N; k++)
            for (int i = 0; i < C_IN * C_OUT; i++) one[i % C_OUT] += a[k] / total * z[k][i / C_OUT] * joined[i / C_OUT][i % C_OUT];
    }
    return max_difference(one, y[Q], C_OUT);
}

/* ---- (c) and (h) ---------------------------------------------------------------------------------- */

/* The largest difference of v'r from -α (|δ - Δ|² + c), c = -|Δ|², for α = 2 and all small offsets. */
static double completed_square(void)
{
    double worst = 0;
    for (int i = 0; i < 9 * 9 * 9 * 9; i++) {
        int D[] = { i % 9 - 4, i / 9 % 9 - 4 }, d[] = { i / 81 % 9 - 4, i / 729 - 4 };
        double apart = pow(d[0] - D[0], 2) + pow(d[1] - D[1], 2), c = -(D[0] * D[0] + D[1] * D[1]);
        worst = fmax(worst, fabs(gaussian(2, D, d) + 2 * (apart + c)));
    }
    return worst;
}

/* ---- (d) ------------------------------------------------------------------------------------------ */

static void costs(void)
{
    static const double sides[] = { 14, 32, 64 };
    table t = { 0 };
    table_row(&t, "multiply-adds of one head, D = 64\tabsolute\tGaussian\tscores, absolute\tscores, Gaussian");
    for (int i = 0; i < 3; i++) {
        double n = sides[i] * sides[i], d = 64, d_p = 3;
        table_row(&t, "N = %g x %g = %g pixels\t%.3e\t%.3e\t%.3e\t%.3e", sides[i], sides[i], n, 2 * n * n * d + 4 * n * d * d,
                  n * n * (d + d_p) + 2 * n * d * d, n * n * d + 2 * n * d * d, n * n * d_p);
    }
    table_print(&t, stdout);
}

/* ---- (g) ------------------------------------------------------------------------------------------ */

static const setting same3 = { "", 3, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 }, same2 = { "", 2, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 };

static int limits(lab *j, const problem *p, plots *to)
{
    enum { POINTS = 50, HEADS = 9, N = SIDE * SIDE, FRAMED = (SIDE + 2) * (SIDE + 2), ROW = 3 * SIDE };
    static double weights[HEADS * N * FRAMED], y[N][C_OUT], mosaic[ROW * ROW];
    double e3[POINTS], e2[POINTS], bound[POINTS];
    table t = { 0 };
    table_row(&t, "α\tweight at δ = Δ\tat |δ - Δ| = 1\te^-α\terror, K = 3\terror, K = 2");
    for (int i = 0; i < POINTS; i++) {
        e3[i] = mismatch(j, p, &same3, i + 1), e2[i] = mismatch(j, p, &same2, i + 1), bound[i] = exp(-(i + 1));
        if (e3[i] < 0 || e2[i] < 0) return -1;
        if (i + 1 == 1 || i + 1 == 2 || i + 1 == 5 || i + 1 == 10 || i + 1 == 20 || i + 1 == 40) {
            if (attend(j, p, &same3, i + 1, y, weights)) return -1;
            const double *row = weights + (4 * N + N / 2) * FRAMED; /* head Δ = 0, the pixel in the middle */
            table_row(&t, "%d\t%.10f\t%.1e\t%.1e\t%.1e\t%.1e", i + 1, row[FRAMED / 2], row[FRAMED / 2 + 1], bound[i], e3[i], e2[i]);
        }
    }
    table_print(&t, stdout);
    if (no_plots) return 0;
    const plot_line lines[] = { { "K = 3", e3 }, { "K = 2", e2 }, { "e^-α", bound } };
    plots_lines(to, &(plot){ "error", "How far K² heads are from a K x K convolution", "sharpness α", "largest difference", lines, 3,
                             .log_y = 1, .n = POINTS });
    if (attend(j, p, &same3, 1, y, weights)) return -1;
    for (int i = 0; i < ROW * ROW; i++) { /* the frame left out */
        int h = i / ROW / SIDE * 3 + i % ROW / SIDE, k = (i / ROW % SIDE + 1) * (SIDE + 2) + i % SIDE + 1;
        mosaic[i] = weights[(h * N + N / 2) * FRAMED + k];
    }
    plots_matrix(to, &(plot_matrix){ "heads", "Nine heads, α = 1: weights by the pixel with the cross; their peak is Δ away from it",
                                     "Δ2, to the right", "Δ1, downwards", mosaic, ROW, SIDE, -1, 1, NULL });
    return 0;
}

/* ---- The settings and the answers ----------------------------------------------------------------- */

/* name, K, holds, frame, seen, framed, margin, dilation, stride, q - k, turned */
static const setting signs[] = {
    { "δ = k - q", 3, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "δ = k - q", 5, 1, 2, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "δ = k - q", 2, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "δ = k - q", 4, 1, 2, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "δ = q - k, W^(h) = W_f(h)", 3, 0, 1, ZEROS, ZEROS, 0, 1, 1, 1, 0 },
    { "δ = q - k, W^(h) = W_f(h)", 2, 0, 1, ZEROS, ZEROS, 0, 1, 1, 1, 0 },
    { "δ = q - k, W^(h) = W_-f(h)", 3, 1, 1, ZEROS, ZEROS, 0, 1, 1, 1, 1 },
    { "δ = q - k, W^(h) = W_-f(h), as far as it is", 2, 0, 1, ZEROS, ZEROS, 0, 1, 1, 1, 1 },
};
static const setting paddings[] = {
    { "none: outputs where the window fits", 3, 1, 0, ZEROS, ZEROS, -1, 1, 1, 0, 0 },
    { "none, even K", 4, 1, 0, ZEROS, ZEROS, -2, 1, 1, 0, 0 },
    { "zeros ⌊K/2⌋ wide (same), framed by them", 3, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "zeros K - 1 wide (full), framed by them", 3, 1, 2, ZEROS, ZEROS, 1, 1, 1, 0, 0 },
    { "zeros ⌊K/2⌋ wide (same), framed by only 1", 5, 1, 1, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "mirrored, image framed by its mirror", 3, 1, 1, MIRROR, MIRROR, 0, 1, 1, 0, 0 },
    { "edge repeated, image as it is", 3, 1, 0, EDGE, EDGE, 0, 1, 1, 0, 0 },
    { "edge repeated, image as it is", 5, 1, 0, EDGE, EDGE, 0, 1, 1, 0, 0 },
    { "zeros wanted, image as it is", 3, 0, 0, ZEROS, ZEROS, 0, 1, 1, 0, 0 },
    { "mirrored wanted, image as it is", 3, 0, 0, MIRROR, MIRROR, 0, 1, 1, 0, 0 },
};
static const setting others[] = {
    { "dilation 2, frame 2", 3, 1, 2, ZEROS, ZEROS, 0, 2, 1, 0, 0 },
    { "dilation 4, frame 4", 3, 1, 4, ZEROS, ZEROS, 0, 4, 1, 0, 0 },
    { "dilation 2, frame 4", 4, 1, 4, ZEROS, ZEROS, 0, 2, 1, 0, 0 },
    { "dilation 4, image as it is", 3, 0, 0, ZEROS, ZEROS, 0, 4, 1, 0, 0 },
    { "stride 2, queries at every second pixel", 3, 1, 1, ZEROS, ZEROS, 0, 1, 2, 0, 0 },
    { "stride 3, queries at every third pixel", 4, 1, 2, ZEROS, ZEROS, 0, 1, 3, 0, 0 },
};

static const char part_a[] =
    "(a) Parameters: a head has W_q, W_k [D_i, D_hid] and W_v [D_i, D_o]; the heads share W_out [N_h D_o, D_out] and b_out [D_out]:\n"
    "      N_h (2 D_i D_hid + D_i D_o + D_o D_out) + D_out.\n"
    "  N_h = 9 and all widths 64: %d. With the Gaussian encoding W_q = W_k = 0 and a head has α, Δ1, Δ2 instead: %d.\n\n"
    "(b) One pixel q.  Self-Attention(Z)_q = Σ_k softmax(A_q / √d_k)_k Z_k W_v,   A_qk = Z_q W_q W_k' Z_k'\n"
    "      MultiHead(Z)_q = concat_h(Self-Attention_h(Z)_q) W_out + b_out.\n"
    "(e) W_out is cut into rows W_out^(h) [D_o, D_out], one piece a head; concat times W_out is the sum of the pieces:\n"
    "      W^(h) = W_v^(h) W_out^(h),   MultiHead(Z)_q = Σ_h Σ_k softmax(A_q^(h))_k Z_k W^(h) + b_out.\n"
    "  Three heads with W_q and W_k of their own, by the library, and pixel 17 by the last formula, differ by %.1e.\n"
    "  (In (3) the question has W_out within the concatenation; one W_out follows it.)\n\n"
    "(c) With W_q = W_k = 0 the first three terms of (6) are 0, with W~_k = I the last is\n"
    "      A_qk = v'r_δ = -α (|δ|² - 2 Δ1 δ1 - 2 Δ2 δ2) = -α (|δ - Δ|² - |Δ|²),\n"
    "  a Gaussian hill around Δ after the softmax; nothing of Z is left in it.\n"
    "(h) So A_qk = -α (|δ - Δ|² + c) with c = -|Δ|². Largest difference over 6,561 pairs δ, Δ: %.1e.\n\n"
    "(d) Cost of a head, D_i = D_hid = D_o = D: absolute: Z + P, three projections 3 N D², scores N² D, mean N² D, output N D²,\n"
    "      together O(N² D + N D²) a head. Gaussian: scores v'r_δ N² D_p without projections, then V, mean and output as before:\n"
    "      O(N² (D + D_p) + N D²). With D_p = 3 << D both have the same order: the scores alone fall from O(N² D + N D²) to O(N² D_p), and as\n"
    "      they do not depend on Z they may be kept from image to image. The question prints D_p >> D; then N² D_p would be all.\n\n";

static const char part_f[] =
    "\n(f) When head h looks at one pixel only, softmax(A_q^(h))_k = 1 for δ = f(h), the sum over k leaves one term:\n"
    "      with δ = k - q:  MultiHead(Z)_q = Σ_h Z_{q+f(h)} W^(h) + b_out,\n"
    "  which is (8) with W^(h) = W_f(h) and b_out = b; D_o >= D_out leaves room for it: W_v^(h) = W_f(h), W_out^(h) = I.\n"
    "  Note. The question sets δ = q - k in (6) and (10), but (8) adds δ to the pixel. By (10) as printed Z_{q-f(h)} meets W_f(h), a kernel\n"
    "  turned round. For odd K giving head h the weights of -f(h) mends it; for even K the offsets are not symmetric and it cannot be mended.\n"
    "  Here δ = k - q, as in [Cordonnier20]. (9) prints ⌊-K/2⌋, which for odd K is one offset too many: -⌊K/2⌋ is meant.\n\n";

static const char part_g[] =
    "\n(g) softmax(A_q)_k = e^(-α |δ - Δ|²) / Σ_k' e^(-α |δ' - Δ|²): c is in every term and cancels. Some pixel has δ' = Δ; its term is 1 and\n"
    "  the others, with |δ' - Δ|² >= 1, are at most e^-α. So for α -> ∞ the weight at δ = Δ goes to 1 / (1 + 0) = 1 and at any δ ≠ Δ to 0:\n"
    "  (10) holds. A pixel in the middle; errors of the whole layer, about 4 e^-α times the weights of the kernel:\n\n";

static const char part_i[] =
    "\n(i) Padding. Attention has an output for every query, so by itself it keeps the size. The proof needs a key at q + Δ. Where the window\n"
    "  fits there is one. A border of zeros, or any other, of at least ⌊K/2⌋ pixels laid around the image gives one everywhere, for any\n"
    "  size of the image; the outputs for the border are left out. Where there is none, the nearest pixel takes the weight. So of zeros one\n"
    "  row is enough whatever K is, and without a border attention is the convolution that repeats the edge:\n\n";

static const char part_j[] =
    "\n(j) Dilation: yes. Δ is free, so head h takes Δ = dilation · f(h), and the number of heads stays K². The image sets the same limit as in\n"
    "  (i): q + Δ must lie in it or its border; and a dilation as long as the image leaves nothing but border to see.  (k) Stride: not by the\n"
    "  layer (1) to (3), which has as many outputs as inputs and treats all alike. Keeping every s-th pixel of its output does it, a fixed\n"
    "  step with nothing to learn, or asking only at every s-th pixel, as here:\n\n";

int main(int argc, char **argv)
{
    const arg options[] = { { "--alpha", ARG_REAL, &alpha, 0, 1e6, "sharpness of the encoding", NULL },
                            { "--seed", ARG_INT, &seed, 0, 1e9, "of the image and the kernel", NULL },
                            ARGS_PLOTS(&out, &no_plots),
                            ARGS_END };
    int stop = args_parse(argc, argv, "K² heads of attention against a K x K convolution.", options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;

    lab l, *j = &l;
    plots to;
    static problem p;
    uint64_t random = (uint64_t)seed;
    random_normals(&random, p.z[0][0], sizeof p.z / sizeof(double), 1);
    random_normals(&random, p.w[0][0][0], sizeof p.w / sizeof(double), 1);
    random_normals(&random, p.b, C_OUT, 1);
    if (lab_begin(j) || (!no_plots && plots_begin(&to, out))) return 1;
    double pixel_error = single_pixel(j, &p, &random), square = completed_square();
    printf(part_a, 9 * (2 * 64 * 64 + 64 * 64 + 64 * 64) + 64, 9 * (3 + 64 * 64 + 64 * 64) + 64, pixel_error, square);
    costs();
    fputs(part_f, stdout);
    int failed = !(fmax(pixel_error, square) <= tolerance) || pixel_error < 0;
    failed |= try_settings(j, &p, signs, sizeof signs / sizeof *signs, "sign of δ");
    fputs(part_g, stdout);
    failed |= limits(j, &p, &to);
    fputs(part_i, stdout);
    failed |= try_settings(j, &p, paddings, sizeof paddings / sizeof *paddings, "padding");
    fputs(part_j, stdout);
    failed |= try_settings(j, &p, others, sizeof others / sizeof *others, "convolution");
    printf("\nAt α = %g %s.\n", alpha, failed ? "NOT all is as claimed" : "all is as claimed");
    if (!failed && !no_plots) failed = plots_end(&to);
    lab_end(j);
    return failed ? 1 : 0;
}
