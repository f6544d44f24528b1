/* SPDX-License-Identifier: MIT */
/* The templates of one real, in the order in which they stand on each other. */
#include "math/vec.h"
#include "math/vmath_tmpl.h"

#include "math/elem_tmpl.c"
#include "math/reduce_tmpl.c"
#include "math/norm_tmpl.c"
#include "math/tile_tmpl.c"
#include "math/gemm_tmpl.c"
#include "math/linear_tmpl.c"
#include "math/seq_tmpl.c"
#include "math/seq_backward_tmpl.c"
#include "math/attention_tmpl.c"
#include "math/update_tmpl.c"
