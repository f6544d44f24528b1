/* SPDX-License-Identifier: MIT */
/* What functions that take a series have to say about their arguments. what: the caller's name for messages. */
#ifndef HW3I_CHECK_H
#define HW3I_CHECK_H
#include "base/base.h"

static inline hw3_status hw3i_is_null(hw3_ctx *ctx, const char *what, const char *name)
{
    return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %s is NULL", what, name);
}

static inline hw3_status hw3i_is_small(hw3_ctx *ctx, const char *what, const char *name, int64_t is, int64_t least)
{
    return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %s is %lld, at least %lld is needed", what, name, (long long)is, (long long)least);
}

/* HW3_OK when least <= is <= most. */
static inline hw3_status hw3i_check_range(hw3_ctx *ctx, const char *what, const char *name, int64_t is, int64_t least, int64_t most)
{
    if (is >= least && is <= most) return HW3_OK;
    return hw3i_fail(ctx, HW3_ERR_ARG, "%s: %s is %lld, expected %lld to %lld", what, name, (long long)is, (long long)least,
                     (long long)most);
}

/* y of n elements, at least so many. */
static inline hw3_status hw3i_check_array(hw3_ctx *ctx, const char *what, const char *name, const double *y, int64_t n, int64_t least)
{
    if (!ctx) return HW3_ERR_ARG;
    if (n < least) return hw3i_is_small(ctx, what, "n", n, least);
    return n && !y ? hw3i_is_null(ctx, what, name) : HW3_OK;
}

/* Refuses regressors without a number of them and a lambda without Box-Cox: a model without what was meant is no answer. */
static inline hw3_status hw3i_check_used(hw3_ctx *ctx, const char *what, const double *xreg, int64_t n_xreg, int32_t boxcox, double lam)
{
    if (xreg && n_xreg == 0) return hw3i_fail(ctx, HW3_ERR_ARG, "%s: xreg is given, but n_xreg is 0", what);
    if (!boxcox && lam != 1) return hw3i_fail(ctx, HW3_ERR_ARG, "%s: lam is %g, but boxcox is 0", what, lam);
    return HW3_OK;
}

/* Gives a result (known bytes) to a caller whose struct may be older or newer. */
static inline void hw3i_export(void *out, const void *result, uint32_t known)
{
    uint32_t given;
    memcpy(&given, out, sizeof given);
    memcpy(out, result, given < known ? given : known);
    memcpy(out, &given, sizeof given);
}

/* A result of up to cap elements at out, whose length goes to *n. */
static inline hw3_status hw3i_check_room(hw3_ctx *ctx, const char *who, const void *out, int64_t cap, const void *n)
{
    if (!n) return hw3i_is_null(ctx, who, "the length");
    if (cap < 0) return hw3i_is_small(ctx, who, "cap", cap, 0);
    return cap && !out ? hw3i_is_null(ctx, who, "the output") : HW3_OK;
}

#endif
