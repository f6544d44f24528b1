/* SPDX-License-Identifier: MIT */
/* The recurrent kernels on every instruction set of this processor: against plain loops in double, whose backward is
 * itself checked by central differences; the same bits for any number of threads, by steps and by rows. */
#include "math/kern.h"
#include "support.h"

enum { /* buffers, inputs first, then outputs of forward, then gradients */
    X, H0, C0, W_IH, W_HH, B_IH, B_HH, DY, DHN, DCN, FIRST_OUTPUT,
    Y = FIRST_OUTPUT, HN, CN, GATES, CELLS, FIRST_GRADIENT,
    DX = FIRST_GRADIENT, DH0, DC0, DW_IH, DW_HH, DB_IH, DB_HH, N_BUFS
};
#define GRADIENT_START 0.25 /* what is there before backward adds */

typedef struct shape {
    int cell;
    bool reverse, bare;
    int64_t T, B, I, H;
    const int64_t *lengths;
} shape;

static int64_t gates_of(int cell) { return cell == HW3I_LSTM ? 4 : cell == HW3I_GRU ? 3 : 1; }

static int64_t buf_size(const shape *s, int i)
{
    int64_t G = gates_of(s->cell), BH = s->B * s->H;
    switch (i) {
    case X: case DX: return s->T * s->B * s->I;
    case W_IH: case DW_IH: return G * s->H * s->I;
    case W_HH: case DW_HH: return G * s->H * s->H;
    case B_IH: case B_HH: case DB_IH: case DB_HH: return G * s->H;
    case Y: case DY: case CELLS: return s->T * BH;
    case GATES: return s->T * BH * (s->cell == HW3I_GRU ? 4 : G);
    default: return BH;
    }
}

static bool beyond(const shape *s, int64_t t, int64_t b) { return s->lengths && t >= s->lengths[b]; }
static double sigmoid(double a) { return 1 / (1 + exp(-a)); }

/* Uniform numbers; x past the lengths is NaN, which must not come through; what `bare` leaves out is zero. */
static void reference_inputs(const shape *s, double *buf[N_BUFS], bool as_float)
{
    uint64_t state = 12345;
    for (int i = 0; i < N_BUFS; i++) {
        int64_t n = buf_size(s, i);
        double scale = i == W_HH ? 1 / sqrt((double)s->H) : i >= FIRST_OUTPUT ? 0 : 1;
        if (s->bare && (i == H0 || i == C0 || i == B_IH || i == B_HH || i == DHN || i == DCN)) scale = 0;
        buf[i] = malloc((size_t)n * sizeof(double));
        for (int64_t j = 0; j < n; j++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            double v = scale * (ldexp((double)(state >> 11), -52) - 1);
            buf[i][j] = i >= FIRST_GRADIENT ? GRADIENT_START : as_float ? (float)v : v;
        }
    }
    for (int64_t tb = 0; tb < s->T * s->B; tb++)
        for (int64_t i = 0; i < s->I; i++)
            if (beyond(s, tb / s->B, tb % s->B)) buf[X][tb * s->I + i] = NAN;
}

static double dot(int64_t n, const double *a, const double *b)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* The state of row b before time t. */
static void state_before(const shape *s, double *const buf[N_BUFS], int64_t t, int64_t b, const double **h, const double **c)
{
    int64_t before = s->reverse ? t + 1 : t - 1;
    bool first = before < 0 || before >= s->T || beyond(s, before, b);
    *h = first ? buf[H0] + b * s->H : buf[Y] + (before * s->B + b) * s->H;
    *c = first ? buf[C0] + b * s->H : buf[CELLS] + (before * s->B + b) * s->H;
}

static void reference_forward(const shape *s, double *const buf[N_BUFS])
{
    const int64_t H = s->H, G = gates_of(s->cell), kept = s->cell == HW3I_GRU ? 4 : G;
    memcpy(buf[HN], buf[H0], (size_t)(s->B * H) * sizeof(double));
    memcpy(buf[CN], buf[C0], (size_t)(s->B * H) * sizeof(double));
    for (int64_t i = 0; i < s->T; i++)
        for (int64_t t = s->reverse ? s->T - 1 - i : i, b = 0; b < s->B; b++) {
            int64_t at = t * s->B + b;
            memset(buf[Y] + at * H, 0, (size_t)H * sizeof(double));
            if (beyond(s, t, b)) continue;
            const double *h, *c;
            state_before(s, buf, t, b, &h, &c);
            for (int64_t u = 0; u < H; u++) {
                double ax[4], ah[4], *k = buf[GATES] + at * kept * H + u, *y = buf[Y] + at * H + u;
                for (int64_t g = 0; g < G; g++) {
                    ax[g] = buf[B_IH][g * H + u] + dot(s->I, buf[X] + at * s->I, buf[W_IH] + (g * H + u) * s->I);
                    ah[g] = buf[B_HH][g * H + u] + dot(H, h, buf[W_HH] + (g * H + u) * H);
                }
                if (s->cell == HW3I_LSTM) {
                    for (int g = 0; g < 4; g++) k[g * H] = g == 2 ? tanh(ax[g] + ah[g]) : sigmoid(ax[g] + ah[g]);
                    buf[CN][b * H + u] = buf[CELLS][at * H + u] = k[H] * c[u] + k[0] * k[2 * H];
                    *y = k[3 * H] * tanh(buf[CELLS][at * H + u]);
                } else if (s->cell == HW3I_GRU) {
                    k[0] = sigmoid(ax[0] + ah[0]);
                    k[H] = sigmoid(ax[1] + ah[1]);
                    k[2 * H] = tanh(ax[2] + k[0] * ah[2]);
                    k[3 * H] = ah[2];
                    *y = (1 - k[H]) * k[2 * H] + k[H] * h[u];
                } else {
                    *y = k[0] = s->cell == HW3I_RNN_RELU ? fmax(0, ax[0] + ah[0]) : tanh(ax[0] + ah[0]);
                }
                buf[HN][b * H + u] = *y;
            }
        }
}

/* From the gradients da_x of W_ih x + b_ih and da_h of W_hh h + b_hh of one row at one time. */
static void reference_weights(const shape *s, double *const buf[N_BUFS], int64_t at, const double *h, const double *da_x,
                              const double *da_h, double *dh)
{
    const int64_t H = s->H, I = s->I;
    for (int64_t w = 0; w < gates_of(s->cell) * H; w++) {
        buf[DB_IH][w] += da_x[w];
        buf[DB_HH][w] += da_h[w];
        for (int64_t i = 0; i < I; i++) {
            buf[DW_IH][w * I + i] += da_x[w] * buf[X][at * I + i];
            buf[DX][at * I + i] += da_x[w] * buf[W_IH][w * I + i];
        }
        for (int64_t u = 0; u < H; u++) {
            buf[DW_HH][w * H + u] += da_h[w] * h[u];
            dh[u] += da_h[w] * buf[W_HH][w * H + u];
        }
    }
}

static void reference_backward(const shape *s, double *const buf[N_BUFS])
{
    const int64_t H = s->H, G = gates_of(s->cell), kept = s->cell == HW3I_GRU ? 4 : G;
    double *dh = malloc((size_t)H * 8), *dc = malloc((size_t)H * 8), *ax = malloc((size_t)(G * H) * 8), *ah = malloc((size_t)(G * H) * 8);
    for (int64_t b = 0; b < s->B; b++) {
        memcpy(dh, buf[DHN] + b * H, (size_t)H * 8);
        memcpy(dc, buf[DCN] + b * H, (size_t)H * 8);
        for (int64_t i = s->T - 1; i >= 0; i--) {
            int64_t t = s->reverse ? s->T - 1 - i : i, at = t * s->B + b;
            if (beyond(s, t, b)) continue;
            const double *h, *c;
            state_before(s, buf, t, b, &h, &c);
            for (int64_t u = 0; u < H; u++) {
                const double *k = buf[GATES] + at * kept * H + u, d = dh[u] + buf[DY][at * H + u], y = buf[Y][at * H + u];
                dh[u] = 0;
                if (s->cell == HW3I_LSTM) {
                    double m = tanh(buf[CELLS][at * H + u]);
                    dc[u] += d * k[3 * H] * (1 - m * m);
                    ax[u] = dc[u] * k[2 * H] * k[0] * (1 - k[0]);
                    ax[H + u] = dc[u] * c[u] * k[H] * (1 - k[H]);
                    ax[2 * H + u] = dc[u] * k[0] * (1 - k[2 * H] * k[2 * H]);
                    ax[3 * H + u] = d * m * k[3 * H] * (1 - k[3 * H]);
                    dc[u] *= k[H];
                } else if (s->cell == HW3I_GRU) {
                    double dn = d * (1 - k[H]) * (1 - k[2 * H] * k[2 * H]);
                    ax[u] = dn * k[3 * H] * k[0] * (1 - k[0]);
                    ax[H + u] = d * (h[u] - k[2 * H]) * k[H] * (1 - k[H]);
                    ax[2 * H + u] = dn;
                    dh[u] = d * k[H];
                } else {
                    ax[u] = s->cell == HW3I_RNN_RELU ? (y > 0 ? d : 0) : d * (1 - y * y);
                }
                for (int64_t g = 0; g < G; g++) ah[g * H + u] = ax[g * H + u] * (s->cell == HW3I_GRU && g == 2 ? k[0] : 1);
            }
            reference_weights(s, buf, at, h, ax, ah, dh);
        }
        for (int64_t u = 0; u < H; u++) {
            buf[DH0][b * H + u] += dh[u];
            buf[DC0][b * H + u] += dc[u];
        }
    }
    free(dh);
    free(dc);
    free(ax);
    free(ah);
}

static double reference_loss(const shape *s, double *const buf[N_BUFS])
{
    reference_forward(s, buf);
    return dot(s->T * s->B * s->H, buf[Y], buf[DY]) + dot(s->B * s->H, buf[HN], buf[DHN]) +
           (s->cell == HW3I_LSTM ? dot(s->B * s->H, buf[CN], buf[DCN]) : 0);
}

START_TEST(reference_equals_differences)
{
    static const int64_t lengths[2] = { 3, 2 };
    static const int pairs[][2] = { { X, DX }, { H0, DH0 }, { C0, DC0 }, { W_IH, DW_IH }, { W_HH, DW_HH }, { B_IH, DB_IH }, { B_HH, DB_HH } };
    for (int cell = HW3I_RNN_TANH; cell <= HW3I_GRU; cell++)
        for (int reverse = 0; reverse < 2; reverse++) {
            shape s = { .cell = cell, .reverse = reverse, .T = 3, .B = 2, .I = 2, .H = 3, .lengths = lengths };
            double *buf[N_BUFS], e = 1e-5;
            reference_inputs(&s, buf, false);
            reference_forward(&s, buf);
            reference_backward(&s, buf);
            for (int i = 0; i < 7; i++)
                for (int64_t j = 0; j < buf_size(&s, pairs[i][0]); j++) {
                    double *w = buf[pairs[i][0]] + j, was = *w;
                    if (isnan(was) || (pairs[i][0] == C0 && cell != HW3I_LSTM)) continue;
                    *w = was + e;
                    double up = reference_loss(&s, buf);
                    *w = was - e;
                    double down = reference_loss(&s, buf);
                    *w = was;
                    NEAR(buf[pairs[i][1]][j] - GRADIENT_START, (up - down) / (2 * e), 1e-8); /* e^2 and 1e-16 / e */
                }
            for (int i = 0; i < N_BUFS; i++) free(buf[i]);
        }
}
END_TEST

#define real float
#define FIELD f32
#define F(name) name##_f32
#define TOLERANCE 1e-5
#include "seq_tmpl.h"
#undef real
#undef FIELD
#undef F
#undef TOLERANCE
#define real double
#define FIELD f64
#define F(name) name##_f64
#define TOLERANCE 1e-12
#include "seq_tmpl.h"

static const char *const isas[] = { "base", "avx2", "avx512" };
#define EACH_ISA(k) for (size_t i_ = 0; i_ < 3; i_++) for (const hw3i_kern *k = hw3i_kern_select(isas[i_]); k; k = NULL)

START_TEST(equals_reference)
{
    static const int64_t lengths[7] = { 4, 1, 3, 4, 2, 1, 4 };
    static const struct { int64_t T, B, I, H; } sizes[] = { { 1, 1, 1, 1 }, { 4, 2, 3, 5 }, { 4, 7, 1, 17 },
        { 1, 7, 3, 33 }, { 4, 7, 3, 64 }, { 4, 2, 70, 65 }, { 3, 400, 2, 3 } };
    hw3_ctx *ctx = test_ctx(2);
    EACH_ISA(k)
        for (int64_t i = 0; i < HW3I_LEN(sizes); i++)
            for (int cell = HW3I_RNN_TANH; cell <= HW3I_GRU; cell++)
                for (int how = 0; how < 8; how++) { /* bits: reverse, lengths, bare */
                    shape s = { .cell = cell, .reverse = how & 1, .bare = how & 4, .T = sizes[i].T, .B = sizes[i].B, .I = sizes[i].I,
                                .H = sizes[i].H, .lengths = (how & 2) && sizes[i].T == 4 ? lengths : NULL };
                    equals_reference_f32(k, ctx, &s);
                    equals_reference_f64(k, ctx, &s);
                }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(same_bits_for_any_threads)
{
    hw3_ctx *ctx[4];
    for (int n = 0; n < 4; n++) ctx[n] = test_ctx(n + 1);
    EACH_ISA(k)
        for (int cell = HW3I_RNN_TANH; cell <= HW3I_GRU; cell++) {
            int64_t lengths[37];
            for (int b = 0; b < 37; b++) lengths[b] = 1 + b % 17;
            shape s = { .cell = cell, .T = 17, .B = 37, .I = 3, .H = 40 }; /* T B > 512: two blocks of the weights' product */
            any_threads_f32(k, ctx, &s);
            s.reverse = true;
            s.lengths = lengths;
            any_threads_f64(k, ctx, &s);
        }
    for (int n = 0; n < 4; n++) hw3_ctx_destroy(ctx[n]);
}
END_TEST

START_TEST(same_bits_in_pieces)
{
    hw3_ctx *ctx = test_ctx(2);
    EACH_ISA(k)
        for (int cell = HW3I_RNN_TANH; cell <= HW3I_GRU; cell++)
            for (int reverse = 0; reverse < 2; reverse++) {
                shape s = { .cell = cell, .reverse = reverse, .T = 3, .B = 100, .I = 2, .H = 33 };
                pieces_f32(k, ctx, &s);
                pieces_f64(k, ctx, &s);
            }
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("seq", reference_equals_differences, equals_reference, same_bits_for_any_threads, same_bits_in_pieces)
