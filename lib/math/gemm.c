/* SPDX-License-Identifier: MIT */
/* The one file that includes blis.h. */
#include "math/gemm.h"
