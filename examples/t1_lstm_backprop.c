/* SPDX-License-Identifier: MIT */
/* t1_lstm_backprop: backpropagation through an LSTM, every derivative by hand.
 *
 * Answers the first theory question: the standard LSTM, and its backward pass derived step by step. The pass
 * is written here in plain C with the symbols of the question, run on three time steps, printed line by line,
 * and compared with two judges: the library's own gradients, and central differences of the loss.
 *
 * Meets: hw3_params, hw3_rnn with its glass box, hw3_graph_backward, hw3_var_read_grad.
 * Run:   sh examples/run.sh t1_lstm_backprop
 * Exit status: 0 when all agree to 1e-9, 1 when they do not. */
#include "support/args.h"
#include "support/table.h"
#include <hw3/hw3.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { T = 3, H = 2, D = 2, Z = H + D };      /* steps, units, inputs; x~ = [h; x] has Z elements */
enum { F, I, G, O, C, HID, N_GATES = 4, N_QUANTITIES = 6 };
static const char *const names[] = { "f", "i", "g", "o", "c", "h" };
static const double tolerance = 1e-9;

/* ---- 1. The network and its numbers --------------------------------------------------------------- */

typedef struct network {
    double W[N_GATES][H][Z], b[N_GATES][H]; /* W_f, W_i, W_g, W_o: the first H columns meet h, the others x */
    double x[T + 1][D];                     /* x_1 .. x_T */
    double h0[H], c0[H];
    double y[T + 1][H];                     /* what h_t should be */
} network;

static const network example = {
    .W = { { { 0.50, -0.30, 0.80, 0.10 }, { -0.20, 0.40, -0.60, 0.70 } },
           { { 0.30, 0.60, -0.40, 0.90 }, { 0.70, -0.10, 0.50, -0.80 } },
           { { -0.70, 0.20, 1.10, -0.50 }, { 0.40, 0.90, 0.30, 0.60 } },
           { { 0.10, -0.80, 0.60, 0.20 }, { -0.50, 0.30, -0.90, 0.40 } } },
    .b = { { 1.00, 1.00 }, { 0.10, -0.20 }, { 0.05, 0.15 }, { -0.10, 0.30 } },
    .x = { { 0 }, { 1.00, -0.50 }, { 0.25, 0.75 }, { -1.25, 0.40 } },
    .h0 = { 0.20, -0.10 },
    .c0 = { 0.50, -0.30 },
    .y = { { 0 }, { 0.30, 0.10 }, { -0.20, 0.60 }, { 0.50, -0.40 } },
};

static const char equations[] =
    "The LSTM, for t = 1 .. T:\n"
    "    x~_t = [h_{t-1}; x_t]                 the last hidden state above the input\n"
    "    f_t  = σ(W_f x~_t + b_f)              forget gate\n"
    "    i_t  = σ(W_i x~_t + b_i)              input gate\n"
    "    g_t  = tanh(W_g x~_t + b_g)           candidate of the cell state\n"
    "    o_t  = σ(W_o x~_t + b_o)              output gate\n"
    "    c_t  = f_t ∘ c_{t-1} + i_t ∘ g_t      cell state: what is kept, and what is new\n"
    "    h_t  = o_t ∘ tanh(c_t)                hidden state\n"
    "σ(a) = 1 / (1 + e^-a), and ∘ multiplies element by element. W_f and the others are [H, H + D].\n"
    "The loss, with a target y_t for every step:  L = 1/2 Σ_t |h_t - y_t|²,  so ∂L_t/∂h_t = h_t - y_t.\n"
    "Below a_f, a_i, a_g, a_o are what stands in the brackets: f_t = σ(a_f) and so on, σ' = σ (1 - σ), tanh' = 1 - tanh².\n";

/* ---- 2. Forward ----------------------------------------------------------------------------------- */

/* All values of one step, f i g o c h in q; also used for the derivatives of L by them. */
typedef struct step {
    double z[Z];              /* x~ */
    double q[N_QUANTITIES][H];
} step;

/* An amount added to one value where it arises, for the central differences; t = 0 adds nothing. */
typedef struct nudge {
    int t, quantity, unit;
    double by;
} nudge;

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

/* Fills s[0 .. T]; s[0] holds only h_0 and c_0. Returns L. */
static double forward(const network *net, nudge n, step s[T + 1])
{
    double loss = 0;
    memcpy(s[0].q[HID], net->h0, sizeof net->h0);
    memcpy(s[0].q[C], net->c0, sizeof net->c0);
    for (int t = 1; t <= T; t++) {
        memcpy(s[t].z, s[t - 1].q[HID], H * sizeof(double));
        memcpy(s[t].z + H, net->x[t], D * sizeof(double));
        for (int j = 0; j < H; j++) {
            double (*q)[H] = s[t].q;
            for (int k = 0; k < N_QUANTITIES; k++) {
                if (k < N_GATES) {
                    double a = net->b[k][j];
                    for (int m = 0; m < Z; m++) a += net->W[k][j][m] * s[t].z[m];
                    q[k][j] = k == G ? tanh(a) : sigmoid(a);
                }
                if (k == C) q[C][j] = q[F][j] * s[t - 1].q[C][j] + q[I][j] * q[G][j];
                if (k == HID) q[HID][j] = q[O][j] * tanh(q[C][j]);
                if (n.t == t && n.quantity == k && n.unit == j) q[k][j] += n.by;
            }
            loss += 0.5 * pow(q[HID][j] - net->y[t][j], 2);
        }
    }
    return loss;
}

/* ---- 3. Backward, by hand ------------------------------------------------------------------------- */

/* Prints "text = [numbers]" with the numbers under each other; text is 70 characters wide. */
static void show(const double *v, int n, const char *format, ...)
{
    char text[256];
    int width = 0;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (const char *c = text; *c; c++) width += (*c & 0xc0) != 0x80; /* UTF-8: count characters, not bytes */
    printf("    %s%*s = [", text, width < 70 ? 70 - width : 0, "");
    for (int j = 0; j < n; j++) printf(" %11.8f", v[j]);
    printf(" ]\n");
}

/* d receives dL/d of everything: d->W, b, x, h0, c0, and ds[t].q of every f, i, g, o, c, h. Prints each when found. */
static void backward(const network *net, const step s[T + 1], network *d, step ds[T + 1])
{
    memset(d, 0, sizeof *d);
    memset(ds, 0, (T + 1) * sizeof *ds);
    for (int t = T; t >= 1; t--) {
        const double (*q)[H] = s[t].q, *c_before = s[t - 1].q[C];
        double (*dq)[H] = ds[t].q, da[N_GATES][H], *dz = ds[t].z;
        printf("\n  t = %d\n", t);

        /* h_t is judged at t, and used by the gates of t + 1: that part was put here by the step after. */
        for (int j = 0; j < H; j++) dq[HID][j] += q[HID][j] - net->y[t][j];
        show(dq[HID], H, "∂L/∂h_%d = (h_%d - y_%d) + the upper half of ∂L/∂x~_%d", t, t, t, t + 1);

        for (int j = 0; j < H; j++) {
            double tanh_c = tanh(q[C][j]);
            dq[O][j] = dq[HID][j] * tanh_c;
            dq[C][j] += dq[HID][j] * q[O][j] * (1 - tanh_c * tanh_c); /* on top of ∂L/∂c_{t+1} ∘ f_{t+1} */
            dq[F][j] = dq[C][j] * c_before[j];
            dq[I][j] = dq[C][j] * q[G][j];
            dq[G][j] = dq[C][j] * q[I][j];
            ds[t - 1].q[C][j] = dq[C][j] * q[F][j];
        }
        show(dq[O], H, "∂L/∂o_%d = ∂L/∂h_%d ∘ tanh(c_%d)", t, t, t);
        show(dq[C], H, "∂L/∂c_%d = ∂L/∂h_%d ∘ o_%d ∘ (1 - tanh²(c_%d)) + ∂L/∂c_%d ∘ f_%d", t, t, t, t, t + 1, t + 1);
        show(dq[F], H, "∂L/∂f_%d = ∂L/∂c_%d ∘ c_%d", t, t, t - 1);
        show(dq[I], H, "∂L/∂i_%d = ∂L/∂c_%d ∘ g_%d", t, t, t);
        show(dq[G], H, "∂L/∂g_%d = ∂L/∂c_%d ∘ i_%d", t, t, t);

        for (int k = 0; k < N_GATES; k++) {
            const char *n = names[k];
            for (int j = 0; j < H; j++) da[k][j] = dq[k][j] * (k == G ? 1 - q[k][j] * q[k][j] : q[k][j] * (1 - q[k][j]));
            show(da[k], H, k == G ? "∂L/∂a_%s = ∂L/∂%s_%d ∘ (1 - %s_%d²)" : "∂L/∂a_%s = ∂L/∂%s_%d ∘ %s_%d ∘ (1 - %s_%d)",
                 n, n, t, n, t, n, t);
        }

        /* Every gate was W x~ + b: its weights get an outer product, its input the transposed product. */
        for (int k = 0; k < N_GATES; k++)
            for (int j = 0; j < H; j++) {
                d->b[k][j] += da[k][j];
                for (int m = 0; m < Z; m++) {
                    d->W[k][j][m] += da[k][j] * s[t].z[m];
                    dz[m] += net->W[k][j][m] * da[k][j];
                }
            }
        show(dz, Z, "∂L/∂x~_%d = W_f' ∂L/∂a_f + W_i' ∂L/∂a_i + W_g' ∂L/∂a_g + W_o' ∂L/∂a_o", t);
        printf("    its halves are ∂L/∂h_%d, from here, and ∂L/∂x_%d;  ", t - 1, t);
        printf("∂L/∂W_f += ∂L/∂a_f x~_%d',  ∂L/∂b_f += ∂L/∂a_f, and so on\n", t);
        memcpy(ds[t - 1].q[HID], dz, H * sizeof(double));
        memcpy(d->x[t], dz + H, D * sizeof(double));
    }
    memcpy(d->h0, ds[0].q[HID], sizeof d->h0);
    memcpy(d->c0, ds[0].q[C], sizeof d->c0);
    printf("\n  before the first step\n");
    show(d->h0, H, "∂L/∂h_0 = the upper half of ∂L/∂x~_1");
    show(d->c0, H, "∂L/∂c_0 = ∂L/∂c_1 ∘ f_1");
    printf("\n  the sums over t\n");
    for (int k = 0; k < N_GATES; k++)
        for (int j = 0; j < H; j++) show(d->W[k][j], Z, "row %d of ∂L/∂W_%s = Σ_t ∂L/∂a_%s x~_t'", j + 1, names[k], names[k]);
    for (int k = 0; k < N_GATES; k++) show(d->b[k], H, "∂L/∂b_%s = Σ_t ∂L/∂a_%s", names[k], names[k]);
}

/* ---- 4. The first judge: the library -------------------------------------------------------------- */

#define TRY(call)                                                                   \
    do {                                                                            \
        if ((call) < 0) {                                                           \
            fprintf(stderr, "%s\n  %s\n", #call, hw3_ctx_error(ctx));               \
            goto end;                                                               \
        }                                                                           \
    } while (0)

static const char *const weights[] = { "weight_hh_l0", "weight_ih_l0", "bias_ih_l0", "bias_hh_l0" };
static const int library_gate[] = { I, F, G, O }; /* the library stacks the gates in this order */

/* Copies W and b to the library's four parameters, or (to_library 0) their gradients back: both of its biases
   have the same gradient, so one is enough. */
static hw3_status exchange(hw3_params *params, network *net, int to_library)
{
    hw3_status status = HW3_OK;
    for (int w = 0; w < 4 && status == HW3_OK; w++) {
        double data[N_GATES][H][Z] = { { { 0 } } }; /* room enough for each */
        double *at = &data[0][0][0];
        int first = w == 0 ? 0 : H, n = w == 0 ? H : w == 1 ? D : 1;
        hw3_tensor *tensor = NULL;
        status = to_library ? hw3_params_value(params, weights[w], &tensor) : hw3_params_grad(params, weights[w], &tensor);
        int64_t size = (int64_t)(N_GATES * H * n * (int)sizeof(double));
        if (status == HW3_OK && !to_library) status = hw3_tensor_read(tensor, data, size);
        for (int k = 0; k < N_GATES; k++)
            for (int j = 0; j < H; j++)
                for (int m = 0; m < n; m++, at++) {
                    double *mine = w < 2 ? &net->W[library_gate[k]][j][first + m] : &net->b[library_gate[k]][j];
                    if (!to_library) *mine = *at;
                    else if (w < 3) *at = *mine;
                }
        if (status == HW3_OK && to_library) status = hw3_tensor_write(tensor, data, size);
    }
    return status;
}

/* Fills d and ds as backward does, and s with the values of the gates. Returns 0 when all went well. */
static int library(network net, step s[T + 1], network *d, step ds[T + 1])
{
    int result = 1;
    hw3_ctx *ctx = NULL;
    hw3_params *params = NULL;
    hw3_rnn *rnn = NULL;
    hw3_graph *g = NULL;
    hw3_tensor *x = NULL, *y = NULL, *h0 = NULL, *c0 = NULL;
    hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
    o.cell = HW3_CELL_LSTM, o.n_inputs = D, o.n_hidden = H, o.dtype = HW3_F64, o.glass_box = 1;
    if (hw3_ctx_create(NULL, &ctx)) return 1;
    TRY(hw3_params_create(ctx, &params));
    TRY(hw3_rnn_create(params, "", &o, &rnn));
    TRY(exchange(params, &net, 1));
    TRY(hw3_tensor_wrap(ctx, HW3_F64, 3, (int64_t[]){ T, 1, D }, NULL, net.x[1], &x)); /* a batch of one */
    TRY(hw3_tensor_wrap(ctx, HW3_F64, 3, (int64_t[]){ T, 1, H }, NULL, net.y[1], &y));
    TRY(hw3_tensor_wrap(ctx, HW3_F64, 3, (int64_t[]){ 1, 1, H }, NULL, net.h0, &h0));
    TRY(hw3_tensor_wrap(ctx, HW3_F64, 3, (int64_t[]){ 1, 1, H }, NULL, net.c0, &c0));

    TRY(hw3_graph_create(ctx, params, &g));
    TRY(hw3_graph_begin(g));
    hw3_var xv = hw3_input_grad(g, x), hv = hw3_input_grad(g, h0), cv = hw3_input_grad(g, c0);
    hw3_rnn_state state = { hv, cv };
    hw3_var h = hw3_rnn_forward(rnn, g, xv, HW3_NONE, &state);
    hw3_var loss = hw3_affine(g, hw3_mse(g, h, hw3_input(g, y)), T * H / 2.0, 0); /* the mean, made a sum, halved */
    TRY(hw3_graph_backward(g, loss));

    TRY(exchange(params, d, 0));
    TRY(hw3_var_read_grad(g, xv, d->x[1], sizeof d->x - sizeof d->x[0]));
    TRY(hw3_var_read_grad(g, hv, d->h0, sizeof d->h0));
    TRY(hw3_var_read_grad(g, cv, d->c0, sizeof d->c0));
    for (int t = 1; t <= T; t++)
        for (int k = 0; k < N_QUANTITIES; k++) {
            hw3_var v = hw3_rnn_glass(rnn, 0, 0, t - 1, names[k]);
            TRY(hw3_var_read(g, v, s[t].q[k], sizeof s[t].q[k]));
            TRY(hw3_var_read_grad(g, v, ds[t].q[k], sizeof ds[t].q[k]));
        }
    result = 0;
end:
    hw3_graph_destroy(g);
    hw3_tensor_destroy(x);
    hw3_tensor_destroy(y);
    hw3_tensor_destroy(h0);
    hw3_tensor_destroy(c0);
    hw3_rnn_destroy(rnn);
    hw3_params_destroy(params);
    hw3_ctx_destroy(ctx);
    return result;
}

/* ---- 5. The second judge: central differences ----------------------------------------------------- */

/* ∂L/∂p ~ (L(p + e) - L(p - e)) / 2e. Its error is e² L''' / 6 and about 1e-16 / e from rounding: 1e-11 here. */
static void differences(network net, network *d, step ds[T + 1])
{
    const double e = 1e-5;
    const nudge none = { 0, 0, 0, 0 };
    step s[T + 1];
    double *p = (double *)&net, *dp = (double *)d; /* a network is nothing but numbers */
    for (size_t i = 0; i < sizeof net / sizeof *p; i++) {
        double kept = p[i];
        p[i] = kept + e;
        double above = forward(&net, none, s);
        p[i] = kept - e;
        dp[i] = (above - forward(&net, none, s)) / (2 * e);
        p[i] = kept;
    }
    for (int t = 1; t <= T; t++)
        for (int k = 0; k < N_QUANTITIES; k++)
            for (int j = 0; j < H; j++)
                ds[t].q[k][j] = (forward(&net, (nudge){ t, k, j, e }, s) - forward(&net, (nudge){ t, k, j, -e }, s)) / (2 * e);
}

/* ---- 6. The comparison ---------------------------------------------------------------------------- */

static double worst; /* of all differences seen */

static double max_difference(const double *a, const double *b, int n)
{
    double most = 0;
    for (int j = 0; j < n; j++) most = fmax(most, isfinite(a[j] - b[j]) ? fabs(a[j] - b[j]) : INFINITY);
    worst = fmax(worst, most);
    return most;
}

static void compare(table *t, const char *name, const double *hand, const double *lib, const double *diff, int n)
{
    table_row(t, "%s\t%d\t%.1e\t%.1e", name, n, max_difference(hand, lib, n), max_difference(hand, diff, n));
}

int main(int argc, char **argv)
{
    const arg options[] = { ARGS_END };
    static const char about[] = "Backpropagation through an LSTM: every derivative by hand, against the library and differences.";
    int stop = args_parse(argc, argv, about, options);
    if (stop) return stop == ARGS_HELP ? 0 : 2;

    network hand, lib, diff;
    step s[T + 1], lib_s[T + 1], d_hand[T + 1], d_lib[T + 1], d_diff[T + 1];
    printf("1. The equations\n\n%s", equations);

    printf("\n2. Forward: %d steps, %d units, %d inputs\n", T, H, D);
    double loss = forward(&example, (nudge){ 0, 0, 0, 0 }, s);
    for (int t = 1; t <= T; t++) {
        printf("\n  t = %d\n", t);
        show(s[t].z, Z, "x~_%d", t);
        for (int k = 0; k < N_QUANTITIES; k++) show(s[t].q[k], H, "%s_%d", names[k], t);
    }
    printf("\n  L = %.8f\n", loss);

    printf("\n3. Backward: from t = %d to t = 1; what would come from t = %d is 0\n", T, T + 1);
    backward(&example, s, &hand, d_hand);
    printf("\nFrom c_t straight to c_{t-1} the derivative is only multiplied by f_t. While the forget gate is open it\n"
           "neither vanishes nor explodes on this way, which is what the LSTM was made for [Hochreiter97].\n");

    printf("\n4. The same derivatives by the library's glass box, and by central differences\n\n");
    if (library(example, lib_s, &lib, d_lib)) return 1;
    differences(example, &diff, d_diff);
    table out = { 0 };
    char name[32];
    table_row(&out, "derivative of L by\tnumbers\thand - library\thand - differences");
    for (int k = 0; k < N_QUANTITIES; k++)
        for (int t = 1; t <= T; t++) {
            snprintf(name, sizeof name, "%s_%d", names[k], t);
            max_difference(s[t].q[k], lib_s[t].q[k], H);
            compare(&out, name, d_hand[t].q[k], d_lib[t].q[k], d_diff[t].q[k], H);
        }
    for (int k = 0; k < N_GATES; k++) {
        snprintf(name, sizeof name, "W_%s", names[k]);
        compare(&out, name, hand.W[k][0], lib.W[k][0], diff.W[k][0], H * Z);
        snprintf(name, sizeof name, "b_%s", names[k]);
        compare(&out, name, hand.b[k], lib.b[k], diff.b[k], H);
    }
    compare(&out, "x_1, x_2, x_3", hand.x[1], lib.x[1], diff.x[1], T * D);
    compare(&out, "h_0", hand.h0, lib.h0, diff.h0, H);
    compare(&out, "c_0", hand.c0, lib.c0, diff.c0, H);
    table_print(&out, stdout);
    printf("\nLargest difference %.1e: %s %g.\n", worst, worst <= tolerance ? "all agree to" : "NOT equal to", tolerance);
    return worst <= tolerance ? 0 : 1;
}
