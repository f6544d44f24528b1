/* SPDX-License-Identifier: MIT */
/* Parameters from inside. An item's address is stable for the life of the set. */
#ifndef HW3I_PARAMS_H
#define HW3I_PARAMS_H
#include "graph/tensor.h"
#include "hw3/params.h"

typedef struct hw3i_param {
    char *name;
    uint64_t stream;   /* hw3i_stream_of(name): what its first values are drawn from, and a quick look before strcmp */
    hw3_tensor *value; /* contiguous */
    hw3_tensor *grad;  /* contiguous, same shape and type; NULL: none was needed yet, all zeros */
    bool trainable;
} hw3i_param;

struct hw3_params {
    hw3_ctx *ctx;
    uint64_t seed;  /* of first values: the context's, unless changed before adding */
    int64_t n_refs; /* the caller's, and graphs, optimizers, layers, trainers that use it */
    int64_t n, cap;
    hw3i_param **items;
};

hw3_status hw3i_params_create(hw3_ctx *ctx, hw3_params **out);
void hw3i_params_retain(hw3_params *p);
void hw3i_params_release(hw3_params *p); /* may be NULL */
hw3_status hw3i_params_add(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims, const int64_t *shape, hw3_init init);
/* As hw3i_params_add, uniform in +-bound; bound 0 gives zeros. */
hw3_status hw3i_params_add_uniform(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims,
                                   const int64_t *shape, double bound);
/* As hw3i_params_add, normal with deviation std; std 0 gives zeros. */
hw3_status hw3i_params_add_normal(hw3_params *p, const char *name, hw3_dtype dtype, int32_t n_dims,
                                  const int64_t *shape, double std);
/* Takes back the parameters from index n on: undoes a half-made layer. */
void hw3i_params_truncate(hw3_params *p, int64_t n);
hw3i_param *hw3i_params_find(const hw3_params *p, const char *name); /* NULL without a message */
/* HW3_ERR_NAME with the nearest name in the message; who is the function that was asked. */
hw3_status hw3i_params_unknown(const hw3_params *p, const char *who, const char *name);
void hw3i_params_zero_grad(hw3_params *p);
hw3_status hw3i_param_take_grad(hw3_ctx *ctx, hw3i_param *p); /* so that it has one */

#endif
