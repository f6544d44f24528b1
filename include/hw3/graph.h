/* SPDX-License-Identifier: MIT */
/** @file graph.h
 * Graphs: define-by-run computation with reverse-mode differentiation. The operators are in ops.h.
 *
 *     hw3_graph *g = NULL;
 *     TRY(hw3_graph_create(ctx, params, &g));
 *     for (int step = 0; step < 500; step++) {
 *         hw3_graph_begin(g);
 *         hw3_var y    = hw3_matmul(g, hw3_input(g, x), hw3_param(g, "w"));
 *         hw3_var loss = hw3_mse(g, y, hw3_input(g, t));
 *         TRY(hw3_graph_backward(g, loss));      // an earlier shape error arrives here
 *         TRY(hw3_optim_step(adam));
 *     }
 *
 * An operator computes at once and returns a hw3_var: the index of its result, or a negative
 * status. An operator that is given a negative one hands it on, so an expression is checked
 * once, at its end; the context keeps the message of the first failure.
 * All memory of a step is one arena, reused by the next: once warm, a step allocates nothing.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_GRAPH_H
#define HW3_GRAPH_H
#include "hw3/params.h"
HW3_BEGIN

/** A value in a graph: an index from 0, or a negative status. Valid until the next hw3_graph_begin. */
typedef int32_t hw3_var;
/** No operand, where an operator says that it may be left out. */
#define HW3_NONE INT32_MIN

/** A graph. */
typedef struct hw3_graph hw3_graph;

/** Makes a graph.
 *  ctx: context.  params: the parameters it may use; NULL for none.  out: the graph.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_graph_create(hw3_ctx *ctx, hw3_params *params, hw3_graph **out);

/** Lets go of a graph and all its values.
 *  graph: may be NULL.  Since 0.1. */
HW3_API void hw3_graph_destroy(hw3_graph *graph);

/** Forgets all values and starts a new step.
 *  graph: a graph.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API hw3_status hw3_graph_begin(hw3_graph *graph);

/** Switches training behaviour: dropout acts, and values for backward are kept. On in a new graph.
 *  graph: a graph.  training: 0 or 1.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API hw3_status hw3_graph_set_training(hw3_graph *graph, int32_t training);

/** Sets where dropout draws from: the same seed and step give the same masks [Salmon11].
 *  graph: a graph.  seed: stream.  step: position, for instance the number of the training step.
 *  Returns: HW3_OK; HW3_ERR_ARG. Since 0.1. */
HW3_API hw3_status hw3_graph_set_random(hw3_graph *graph, uint64_t seed, uint64_t step);

/** Computes the gradient of loss with respect to every value that needs one; parameter gradients are overwritten.
 *  graph: a graph.  loss: a value with one element.
 *  Returns: HW3_OK; the status that loss carries; HW3_ERR_ARG; HW3_ERR_SHAPE (not one element);
 *  HW3_ERR_STATE (not training, or a second time); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_graph_backward(hw3_graph *graph, hw3_var loss);

/** As hw3_graph_backward, from a value of any shape whose own gradient the caller knows: of L = sum(y gradient).
 *  graph: a graph.  y: a value that is no parameter.  gradient: dL/dy, of y's shape and type.
 *  Returns: as hw3_graph_backward; HW3_ERR_SHAPE (another shape or type). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_graph_backward_from(hw3_graph *graph, hw3_var y, const hw3_tensor *gradient);

/** As hw3_graph_backward, but adds to the parameter gradients: for batches larger than memory.
 *  graph, loss: as there.
 *  Returns: as there. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_graph_accumulate(hw3_graph *graph, hw3_var loss);

/** Tells the shape of a value.
 *  graph: a graph.  var: a value.  shape: [HW3_MAX_DIMS], receives the lengths.  n_dims: receives their number.
 *  Returns: HW3_OK; the status that var carries; HW3_ERR_ARG. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_var_shape(const hw3_graph *graph, hw3_var var, int64_t *shape, int32_t *n_dims);

/** Copies a value out, in row-major order.
 *  graph: a graph.  var: a value.  data: receives its elements.  n_bytes: room in data.
 *  Returns: HW3_OK; the status that var carries; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_var_read(const hw3_graph *graph, hw3_var var, void *data, int64_t n_bytes);

/** Copies the gradient of a value out, after hw3_graph_backward; zeros when the loss does not depend on it.
 *  graph, var, data, n_bytes: as in hw3_var_read.
 *  Returns: HW3_OK; the status that var carries; HW3_ERR_ARG; HW3_ERR_STATE (before backward, or var needs no gradient);
 *  HW3_ERR_TOO_SMALL. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_var_read_grad(const hw3_graph *graph, hw3_var var, void *data, int64_t n_bytes);

/** Reads a value of one element, of either floating type.
 *  graph: a graph.  var: a value.  value: receives it.
 *  Returns: HW3_OK; the status that var carries; HW3_ERR_ARG; HW3_ERR_SHAPE (not one element). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_var_item(const hw3_graph *graph, hw3_var var, double *value);

/** Brings a tensor into the graph; contiguous memory is used in place, so it must not change before the step ends.
 *  graph: a graph.  tensor: a tensor; it gets no gradient.
 *  Returns: the value; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API hw3_var hw3_input(hw3_graph *graph, const hw3_tensor *tensor);

/** As hw3_input, but with a gradient, to be read by hw3_var_read_grad.
 *  graph: a graph.  tensor: HW3_F32 or HW3_F64.
 *  Returns: the value; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API hw3_var hw3_input_grad(hw3_graph *graph, const hw3_tensor *tensor);

/** Brings one number into the graph.
 *  graph: a graph.  dtype: HW3_F32 or HW3_F64.  value: the number.
 *  Returns: a value of shape []; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_NOMEM. Since 0.1. */
HW3_API hw3_var hw3_scalar(hw3_graph *graph, hw3_dtype dtype, double value);

/** Brings a parameter into the graph, in place.
 *  graph: a graph made with parameters.  name: the parameter's name.
 *  Returns: the value; HW3_ERR_ARG; HW3_ERR_NAME; HW3_ERR_STATE (the graph has none); HW3_ERR_NOMEM. Since 0.1. */
HW3_API hw3_var hw3_param(hw3_graph *graph, const char *name);

/** Builds a loss on a begun graph and returns it; called again for every evaluation, and must give the same value for the same
 *  parameters. */
typedef hw3_var (*hw3_loss_fn)(void *user, hw3_graph *graph);

/** What hw3_gradcheck does. */
typedef struct hw3_gradcheck_opts {
    uint32_t struct_size;  /**< sizeof(hw3_gradcheck_opts) */
    int32_t n_samples;     /**< elements tried in each parameter; 0 for all */
    double step;           /**< step of the central difference, relative to max(1, |x|) */
    double tolerance;      /**< largest relative error that passes */
    uint64_t seed;         /**< chooses the samples */
} hw3_gradcheck_opts;
/** Defaults of hw3_gradcheck_opts. */
#define HW3_GRADCHECK_OPTS_INIT { (uint32_t)sizeof(hw3_gradcheck_opts), 20, 1e-5, 1e-6, 0u }

/** Fills opts with the defaults, for callers that cannot use HW3_GRADCHECK_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_gradcheck_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_gradcheck_opts_init(hw3_gradcheck_opts *opts, uint32_t size);

/** Compares the gradients of a loss with central differences, in the parameters of the graph (all HW3_F64).
 *  g ~ (L(x + e) - L(x - e)) / 2e; the mismatch is judged against |g| and the curvature (L(x + e) - 2 L(x) + L(x - e)) / e seen
 *  in the same evaluations.
 *  graph: made with parameters.  loss: builds the loss.  user: handed to it.  opts: NULL for the defaults.
 *  worst: receives the largest relative error; may be NULL.
 *  name: receives the parameter that has it, borrowed from the set; may be NULL.
 *  Returns: HW3_OK when all pass; HW3_ERR_VALUE when one does not (the message names parameter, index and both numbers);
 *  HW3_ERR_DTYPE; HW3_ERR_SHAPE (the loss is not one element); HW3_ERR_STATE (no parameters, not training, or the loss is
 *  not the same twice); HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_NOMEM; what loss returns. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_gradcheck(hw3_graph *graph, hw3_loss_fn loss, void *user, const hw3_gradcheck_opts *opts,
                                                double *worst, const char **name);

HW3_END
#endif
