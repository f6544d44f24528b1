/* SPDX-License-Identifier: MIT */
#include "model/family.h"

static const hw3i_family families[] = {
    [HW3_FAMILY_GPT2] = {
        .label = "GPT-2", .activation = HW3_ACTIVATION_GELU_TANH, .eps = 1e-5, .tied = true, .by_columns = true,
        .base = "transformer.", .tokens = "wte", .positions = "wpe", .norm = "ln_f", .head = "lm_head", .layer = "h.%lld.",
        .norm1 = "ln_1", .qkv = "attn.c_attn", .out = "attn.c_proj", .norm2 = "ln_2", .up = "mlp.c_fc", .down = "mlp.c_proj" },
};

const hw3i_family *hw3i_family_of(hw3_family family)
{
    return family > 0 && family < HW3I_LEN(families) ? &families[family] : NULL;
}
