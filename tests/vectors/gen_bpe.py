#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Merges of byte-level BPE that Hugging Face's tokenizers learns from the comments of the Snappfood data set: their number and a
hash of theirs, FNV-1a of the lines "left right\n" of token numbers. Needs tokenizers:
HW3_DATA=DIR python3 tests/vectors/gen_bpe.py > tests/vectors/bpe.h, where DIR has snappfood/train.csv, of tab-separated columns
without quotes of which the second is the comment."""
import json
import os
import sys
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
NEWER = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
PATTERNS = {'GPT2': None, 'LLAMA3': NEWER + r'\p{N}{1,3}' + REST, 'QWEN2': NEWER + r'\p{N}' + REST}
CASES = [('GPT2', 8000, 2, 1), ('GPT2', 30000, 2, 0), ('GPT2', 4000, 50, 3), ('LLAMA3', 8000, 2, 1), ('QWEN2', 8000, 2, 1)]
SPECIALS = ['<|endoftext|>', '<POS>', '<NEG>']


def untrained(pattern):
    tok = Tokenizer(models.BPE())
    if pattern == 'QWEN2':
        tok.normalizer = normalizers.NFC()
    if PATTERNS[pattern] is None:
        tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERNS[pattern]), 'isolated'),
                                                     pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tok


def train(texts, pattern, n_vocab, min_frequency, specials):
    tok = untrained(pattern)
    trainer = trainers.BpeTrainer(vocab_size=n_vocab, min_frequency=min_frequency, show_progress=False, special_tokens=specials,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator(texts, trainer)
    return tok


def merges_of(tok):
    model = json.loads(tok.to_str())['model']
    return [(model['vocab'][a], model['vocab'][b]) for a, b in model['merges']]


def fnv(text):
    h = 0xcbf29ce484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001b3 % 2**64
    return h


def comments():
    with open(Path(os.environ['HW3_DATA']) / 'snappfood/train.csv', encoding='utf-8', newline='\n') as file:
        return [line.rstrip('\n').split('\t')[1] for line in file][1:]


def main():
    texts = comments()
    print(f'/* SPDX-License-Identifier: MIT */\n/* From gen_bpe.py with tokenizers {tokenizers.__version__}, {len(texts)} comments of '
          f'{sum(len(t.encode()) for t in texts)} bytes. Again: HW3_DATA=DIR python3 tests/vectors/gen_bpe.py > tests/vectors/bpe.h */')
    print('static const char *const bpe_specials[] = { ' + ', '.join(f'"{s}"' for s in SPECIALS) + ' };')
    print('static const struct bpe_case {\n    hw3_pattern pattern;\n    int64_t n_vocab, min_frequency, n_specials, n_merges;\n'
          '    uint64_t hash;\n} bpe_cases[] = {')
    for pattern, n_vocab, min_frequency, n_specials in CASES:
        merges = merges_of(train(texts, pattern, n_vocab, min_frequency, SPECIALS[:n_specials]))
        print(f'    {{ HW3_PATTERN_{pattern}, {n_vocab}, {min_frequency}, {n_specials}, {len(merges)}, '
              f'0x{fnv("".join(f"{a} {b}" + chr(10) for a, b in merges)):016x}u }},')
    print('};')


if __name__ == '__main__':
    sys.exit(main())
