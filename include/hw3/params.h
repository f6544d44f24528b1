/* SPDX-License-Identifier: MIT */
/** @file params.h
 * Parameters: the named weights of a model, their gradients, and their file.
 *
 *     hw3_params *p = NULL;
 *     TRY(hw3_params_create(ctx, &p));
 *     TRY(hw3_params_add(p, "w1", HW3_F32, 2, (int64_t[]){ 2, 16 }, HW3_INIT_XAVIER));
 *     TRY(hw3_params_save(p, "model.safetensors"));
 *
 * Initial values are drawn from the context's seed and the parameter's name, so they do not
 * depend on the order in which parameters are added.
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_PARAMS_H
#define HW3_PARAMS_H
#include "hw3/tensor.h"
HW3_BEGIN

/** How a parameter gets its first values. For a matrix [a, b], fan_in is b and fan_out is a (PyTorch's convention). */
typedef int32_t hw3_init;
enum {
    HW3_INIT_ZERO = 1,    /**< 0 */
    HW3_INIT_ONE = 2,     /**< 1 */
    HW3_INIT_XAVIER = 3,  /**< uniform in +-sqrt(6 / (fan_in + fan_out)) [Glorot10] */
    HW3_INIT_KAIMING = 4, /**< normal, standard deviation sqrt(2 / fan_in) [He15] */
    HW3_INIT_NORMAL = 5,  /**< normal, standard deviation 0.02 [Radford19] */
    HW3_INIT_FAN_IN = 6   /**< uniform in +-1 / sqrt(fan_in), PyTorch's linear layer */
};

/** A set of named parameters. */
typedef struct hw3_params hw3_params;

/** Makes an empty set.
 *  ctx: context.  out: the set.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_create(hw3_ctx *ctx, hw3_params **out);

/** Lets go of a set; graphs and optimizers that use it keep it alive.
 *  params: may be NULL.  Since 0.1. */
HW3_API void hw3_params_destroy(hw3_params *params);

/** Adds a parameter.
 *  params: the set.  name: UTF-8, 1 to 200 bytes, not yet used.  dtype: HW3_F32 or HW3_F64.
 *  n_dims, shape: as in hw3_tensor_create.
 *  init: one of HW3_INIT_.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (repeated, or "__metadata__"); HW3_ERR_DTYPE; HW3_ERR_SHAPE;
 *  HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_add(hw3_params *params, const char *name, hw3_dtype dtype, int32_t n_dims,
                                                 const int64_t *shape, hw3_init init);

/** Tells how many parameters there are.
 *  params: the set.
 *  Returns: the number; HW3_ERR_ARG when params is NULL. Since 0.1. */
HW3_API int64_t hw3_params_n(const hw3_params *params);

/** Tells how many numbers all parameters hold.
 *  params: the set.
 *  Returns: the number; HW3_ERR_ARG when params is NULL. Since 0.1. */
HW3_API int64_t hw3_params_n_elements(const hw3_params *params);

/** Gives the name of a parameter.
 *  params: the set.  index: 0 to n - 1, in the order of adding.
 *  Returns: the name, valid as long as the set; NULL when there is no such index. Since 0.1. */
HW3_API const char *hw3_params_name(const hw3_params *params, int64_t index);

/** Gives the values of a parameter; writing to them is allowed between graph steps.
 *  params: the set.  name: its name.  out: borrowed, valid as long as the set; do not destroy.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (the message lists a near name). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_value(hw3_params *params, const char *name, hw3_tensor **out);

/** Gives the gradient of a parameter, as the last hw3_graph_backward left it; zeros for a frozen one.
 *  params, name, out: as in hw3_params_value.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME; HW3_ERR_NOMEM (its memory is taken when it is first needed). Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_grad(hw3_params *params, const char *name, hw3_tensor **out);

/** Says whether a parameter is trained; a frozen one has no gradient and is not changed by an optimizer.
 *  params: the set.  name: its name.  trainable: 0 or 1.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_set_trainable(hw3_params *params, const char *name, int32_t trainable);

/** Writes all values to a safetensors file [Safetensors], atomically: a failure leaves an older file as it was.
 *  params: the set.  path: the file.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_save(const hw3_params *params, const char *path);

/** Reads all values from a safetensors file; the set is changed only when every name and shape fits.
 *  params: the set.  path: the file; F32 and F64 are converted where they differ.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a value is not finite);
 *  HW3_ERR_MISMATCH (a name or shape differs);
 *  HW3_ERR_UNSUPPORTED (an element type that is none of ours); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_params_load(hw3_params *params, const char *path);

HW3_END
#endif
