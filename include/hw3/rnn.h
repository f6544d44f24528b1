/* SPDX-License-Identifier: MIT */
/** @file rnn.h
 * Recurrent layers: RNN, LSTM and GRU, stacked, in one or both directions.
 *
 *     hw3_rnn_opts o = HW3_RNN_OPTS_INIT;
 *     o.cell = HW3_CELL_LSTM;  o.n_inputs = 1;  o.n_hidden = 64;
 *     hw3_rnn *rnn = NULL;
 *     TRY(hw3_rnn_create(params, "rnn.", &o, &rnn));
 *     hw3_rnn_state s = HW3_RNN_STATE_INIT;                     // zeros; receives the last state
 *     hw3_var y = hw3_rnn_forward(rnn, g, x, HW3_NONE, &s);     // [T, B, 1] -> [T, B, 64]
 *
 * Equations, gate order (LSTM i, f, g, o; GRU r, z, n) and parameter names are PyTorch's
 * [PyTorch]: weight_ih_l0 [gates n_hidden, n_inputs], weight_hh_l0, bias_ih_l0, bias_hh_l0, the
 * same with _reverse, and l1, l2, ... for further layers, each behind the prefix:
 *
 *     RNN   h = tanh(W_ih x + b_ih + W_hh h' + b_hh)          (or relu)
 *     LSTM  i, f, o = sigmoid(..)   g = tanh(..)   c = f c' + i g   h = o tanh(c)    [Hochreiter97]
 *     GRU   r, z = sigmoid(..)   n = tanh(W_in x + b_in + r (W_hn h' + b_hn))   h = (1 - z) n + z h'   [Cho14]
 *
 * Layer normalisation has gains ln_ih_l0, ln_hh_l0 and, for the LSTM, ln_c_l0 with bias ln_c_bias_l0.
 * One sequence operator runs the whole sequence; running it step by step with the state
 * carried over gives the same bits.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_RNN_H
#define HW3_RNN_H
#include "hw3/graph.h"
HW3_BEGIN

/** Cells. */
typedef int32_t hw3_cell;
enum {
    HW3_CELL_RNN_TANH = 1,
    HW3_CELL_RNN_RELU = 2,
    HW3_CELL_LSTM = 3,
    HW3_CELL_GRU = 4
};

/** What a recurrent layer is made with. */
typedef struct hw3_rnn_opts {
    uint32_t struct_size;    /**< sizeof(hw3_rnn_opts) */
    hw3_cell cell;           /**< the cell */
    int64_t n_inputs;        /**< features of each step */
    int64_t n_hidden;        /**< units */
    int32_t n_layers;        /**< 1 to 64, each on the output of the one below */
    int32_t bidirectional;   /**< 1: a second direction, outputs side by side */
    double dropout;          /**< on the output of every layer but the last */
    hw3_dtype dtype;         /**< HW3_F32 or HW3_F64 */
    int32_t learned_state;   /**< 1: the initial state is a parameter, h0_l0 (and c0_l0) [n_hidden] and so on */
    int32_t layer_norm;      /**< 1: normalises W_ih x, W_hh h' and the LSTM's c [Ba16] */
    int32_t reset_before;    /**< GRU, 1: n = tanh(W_in x + b_in + W_hn (r h') + b_hn), the order of [Cho14] */
    int32_t glass_box;       /**< 1: every gate of every step becomes a value of the graph, see hw3_rnn_glass */
    int32_t reserved;        /**< 0 */
} hw3_rnn_opts;
/** Defaults of hw3_rnn_opts; n_inputs and n_hidden must be set. */
#define HW3_RNN_OPTS_INIT { (uint32_t)sizeof(hw3_rnn_opts), HW3_CELL_LSTM, 0, 0, 1, 0, 0.0, HW3_F32, 0, 0, 0, 0, 0 }

/** A state: on the way in the initial one, on the way out the last one.
 *  Each is [n_layers n_directions, B, n_hidden]; HW3_NONE on the way in means zeros, or the learned state. */
typedef struct hw3_rnn_state {
    hw3_var h;  /**< hidden state */
    hw3_var c;  /**< LSTM: cell state; HW3_NONE for the other cells */
} hw3_rnn_state;
/** A state of zeros. */
#define HW3_RNN_STATE_INIT { HW3_NONE, HW3_NONE }

/** A recurrent layer. */
typedef struct hw3_rnn hw3_rnn;

/** Fills opts with the defaults, for callers that cannot use HW3_RNN_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_rnn_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_rnn_opts_init(hw3_rnn_opts *opts, uint32_t size);

/** Makes a recurrent layer and adds its parameters, uniform in +-1 / sqrt(n_hidden) as in PyTorch.
 *  params: the set.  prefix: start of the parameters' names, "" for none.  opts: the options, not NULL.  out: the layer.
 *  Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_NAME (a name is taken); HW3_ERR_ABI;
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_rnn_create(hw3_params *params, const char *prefix, const hw3_rnn_opts *opts, hw3_rnn **out);

/** Lets go of a layer; its parameters stay in the set.
 *  rnn: may be NULL.  Since 0.1. */
HW3_API void hw3_rnn_destroy(hw3_rnn *rnn);

/** Runs sequences through the layer.
 *  rnn: the layer.  graph: a graph on the same parameters.  x: [T, B, n_inputs], T at least 1.
 *  lengths: HW3_I64 [B], steps of each sequence that count, 1 to T, or HW3_NONE for all;
 *  later steps give zeros and leave the state alone.
 *  state: initial state in, last state out, on failure the status in both; NULL for neither.
 *  The last state passes gradients on; read and bring it in again to cut them (truncated backpropagation).
 *  Returns: [T, B, n_directions n_hidden], or a status (HW3_ERR_VALUE: a length outside;
 *  HW3_ERR_STATE: a graph on other parameters). Since 0.1. */
HW3_API hw3_var hw3_rnn_forward(hw3_rnn *rnn, hw3_graph *graph, hw3_var x, hw3_var lengths, hw3_rnn_state *state);

/** Gives a quantity of one step of the last hw3_rnn_forward of a glass box; hw3_var_read_grad gives the loss's derivative by it.
 *  rnn: made with glass_box = 1.  layer: from 0.  direction: 0 forward, 1 reverse.  step: 0 to T - 1.
 *  name: "f", "i", "o", "g", "c", "h" for LSTM; "r", "z", "n", "h" for GRU; "h" for RNN.
 *  Returns: a value [B, n_hidden], or a status (HW3_ERR_NAME lists the names; HW3_ERR_STATE: no glass box, or no forward yet).
 *  Since 0.1. */
HW3_API hw3_var hw3_rnn_glass(hw3_rnn *rnn, int32_t layer, int32_t direction, int64_t step, const char *name);

HW3_END
#endif
