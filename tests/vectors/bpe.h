/* SPDX-License-Identifier: MIT */
/* From gen_bpe.py with tokenizers 0.23.1, 56700 comments of 9118194 bytes. Again: HW3_DATA=DIR python3 tests/vectors/gen_bpe.py > tests/vectors/bpe.h */
static const char *const bpe_specials[] = { "<|endoftext|>", "<POS>", "<NEG>" };
static const struct bpe_case {
    hw3_pattern pattern;
    int64_t n_vocab, min_frequency, n_specials, n_merges;
    uint64_t hash;
} bpe_cases[] = {
    { HW3_PATTERN_GPT2, 8000, 2, 1, 7743, 0x0285c1b8bf3315d9u },
    { HW3_PATTERN_GPT2, 30000, 2, 0, 19330, 0xec8e5e8e9f39758fu },
    { HW3_PATTERN_GPT2, 4000, 50, 3, 3259, 0xa2db7b1a63f93bcdu },
    { HW3_PATTERN_LLAMA3, 8000, 2, 1, 7743, 0xfe2df0374f86eb2eu },
    { HW3_PATTERN_QWEN2, 8000, 2, 1, 7743, 0xc1c8e27fb54e1545u },
};
