/* SPDX-License-Identifier: MIT */
/* Recurrent layers from inside. A cell here is one layer in one direction, number layer * n_directions + direction.
 * Cells without extras run as one fused operator (hw3i_recurrent); layer norm, reset-before and the glass box take
 * the second path, hw3i_rnn_unroll, which builds every step from elementary operators. */
#ifndef HW3I_RNN_H
#define HW3I_RNN_H
#include "graph/ops.h"
#include "hw3/rnn.h"

enum { HW3I_RNN_MAX_LAYERS = 64, HW3I_RNN_MAX_CELLS = 128, HW3I_GLASS_MAX = 6 };
enum {
    HW3I_W_IH, HW3I_W_HH, HW3I_B_IH, HW3I_B_HH, HW3I_LN_IH, HW3I_LN_HH, HW3I_LN_C, HW3I_LN_C_BIAS, HW3I_H0, HW3I_C0,
    HW3I_RNN_N_PARAMS
};

typedef struct hw3i_rnn_cell {
    hw3i_param *p[HW3I_RNN_N_PARAMS]; /* NULL where the options ask for none */
} hw3i_rnn_cell;

struct hw3_rnn {
    hw3_ctx *ctx;
    hw3_params *params;
    hw3_rnn_opts opts;
    int32_t n_directions, n_gates;
    hw3i_rnn_cell *cells;
    hw3_var *glass; /* [n_cells, glass_steps, HW3I_GLASS_MAX], in the order of hw3i_glass_names */
    int64_t glass_cap, glass_steps;
};

/* Letters of the quantities that a glass box records, by cell. */
extern const char *const hw3i_glass_names[5];

hw3_status hw3i_rnn_create(hw3_params *params, const char *prefix, const hw3_rnn_opts *opts, hw3_rnn **out);
void hw3i_rnn_destroy(hw3_rnn *rnn);
hw3_var hw3i_rnn_forward(hw3_rnn *rnn, hw3_graph *g, hw3_var x, hw3_var lengths, hw3_rnn_state *state);
hw3_var hw3i_rnn_glass(hw3_rnn *rnn, int32_t layer, int32_t direction, int64_t step, const char *name);

/* One cell over a sequence, step by step; arguments as in hw3i_recurrent. */
hw3_var hw3i_rnn_unroll(hw3_rnn *rnn, hw3_graph *g, int32_t cell, hw3_var x, hw3_var lengths, hw3_var h0, hw3_var c0,
                        hw3_var *hn, hw3_var *cn);

#endif
