# SPDX-License-Identifier: MIT
"""What Hugging Face's tokenizers make of real comments and of random texts, as counts and hashes.

    HW3_DATA=... python3 gen_tokenizer.py > tokenizer.h

With tokenizers 0.22.2. Real comments are the second column of the first 2,000 lines behind the head of snappfood/dev.csv, as they stand
there. Random text i is parts[r] in a row, n of them, where n = 1 + r % 60 and each r is the next number of x = 6364136223846793005 x +
1442695040888963407 mod 2^64, shifted right by 33, from x = i + 1. A hash is FNV-1a of 64 bits over the numbers of all texts, each as 4
bytes with the lowest first, and -1 behind each text."""
import json
import os
import sys
import tempfile

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

DATA = os.environ['HW3_DATA']
FOLDER = DATA + '/tokenizers/'
N_RANDOM, MASK = 3000, 2**64 - 1
PARTS = ['a', 'b', 'the', ' food', 'I', "'s", "'LL", "'ve", 's', 'é', 'e\u0301', '\u017f', 'ß', 'straße', '0', '1', '12', '123', '4567', '۱', '۱۲۳',
         '½', 'Ⅷ', ' ', ' ', ' ', '  ', '   ', '\t', '\n', '\n\n', '\r\n', '\r', '\u00a0', '\u3000', '\u2028', '\u0085', '\u180e', '\u200b',
         '\u200c', '\u200d', '\ufeff', '.', ',', '!', '?', '...', '-', '_', '(', ')', '"', '$', '+', '=', '<', '>', '|', '~', '`', '^', '@', '#',
         '،', '؟', '«', '»', '٪', 'سلام', ' غذا', 'می\u200cخواهم', 'كتاب', 'ي', 'ه\u0654', 'آ', 'ا\u0653', 'ـ', '\u064b', '\u0651\u064e', '中', '文字', '한국', 'ᄒ',
         'ᅡ', 'ᆫ', 'か', 'が', 'か\u3099', 'ท', 'ि', 'क', '😀', '👍🏽', '👨\u200d👩', '\U0001d400', 'Ω', 'Å', 'ﬁ', '①', '\0', '\x07', '\x7f', '€']
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
NEWER = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PATTERNS = [('GPT2', GPT2), ('LLAMA3', NEWER % r'\p{N}{1,3}'), ('QWEN2', NEWER % r'\p{N}')]


def random_text(i):
    x, out = i + 1, []

    def draw():
        nonlocal x
        x = (x * 6364136223846793005 + 1442695040888963407) & MASK
        return x >> 33
    for _ in range(1 + draw() % 60):
        out.append(PARTS[draw() % len(PARTS)])
    return ''.join(out)


def fnv(lists):
    h = 0xcbf29ce484222325
    for numbers in lists:
        for n in [*numbers, 2**32 - 1]:
            for byte in n.to_bytes(4, 'little'):
                h = (h ^ byte) * 0x100000001b3 & MASK
    return h


def byte_level(model, pattern, normalizer):
    t = Tokenizer(model)
    if normalizer:
        t.normalizer = normalizer
    split = pre_tokenizers.Split(tokenizers.Regex(pattern), 'isolated')
    t.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder, t.post_processor = decoders.ByteLevel(), processors.ByteLevel(trim_offsets=False)
    return t


def qwen():
    folder = FOLDER + 'qwen2.5/'
    t = byte_level(models.BPE.from_file(folder + 'vocab.json', folder + 'merges.txt'), PATTERNS[2][1], normalizers.NFC())
    added = json.load(open(folder + 'tokenizer_config.json'))['added_tokens_decoder']
    t.add_tokens([AddedToken(a['content'], special=a['special'], normalized=False) for _, a in sorted(added.items(), key=lambda x: int(x[0]))])
    return t


def plain(path):
    t = Tokenizer.from_file(path)
    t.no_truncation()
    t.no_padding()
    return t


def c_text(text):
    return '"' + ''.join(f'\\{byte:03o}' if byte < 32 or byte > 126 or chr(byte) in '"\\?' else chr(byte) for byte in text.encode()) + '"'


def main():
    comments = [line.split('\t')[1] for line in open(DATA + '/snappfood/dev.csv', encoding='utf-8').read().split('\n')[1:2001]]
    texts = {'comments': comments, 'random': [random_text(i) for i in range(N_RANDOM)]}
    print(f'/* Written by gen_tokenizer.py with tokenizers {tokenizers.__version__}; to regenerate: HW3_DATA=... python3 gen_tokenizer.py > tokenizer.h */')
    print('/* SPDX-License-Identifier: MIT */')
    print(f'enum {{ TOKENIZER_N_RANDOM = {N_RANDOM}, TOKENIZER_N_COMMENTS = 2000 }};')
    print('static const struct { const char *text; int64_t n; } tokenizer_parts[] = {')
    for part in PARTS:
        print(f'    {{ {c_text(part)}, {len(part.encode())} }},')
    print('};\n/* Pieces of the random texts: how many, and the hash of their lengths in bytes. */')
    print('static const struct { const char *pattern; int64_t n; uint64_t hash; } tokenizer_pieces[] = {')
    for name, pattern in PATTERNS:
        split = pre_tokenizers.Split(tokenizers.Regex(pattern), 'isolated')
        lengths = [[len(piece.encode()) for piece, _ in split.pre_tokenize_str(text)] for text in texts['random']]
        print(f'    {{ "{name}", {sum(map(len, lengths))}, 0x{fnv(lengths):016x}u }},')
    print('};\n/* Tokens of all texts: how many, and the hash of their numbers. */')
    print('static const struct { const char *tokenizer, *texts; int64_t n; uint64_t hash; } tokenizer_ids[] = {')
    for name, t in (('gpt2', plain(FOLDER + 'gpt2/tokenizer.json')), ('qwen2.5', qwen()), ('parsbert', plain(FOLDER + 'parsbert/tokenizer.json'))):
        for kind, some in texts.items():
            ids = [e.ids for e in t.encode_batch(some)]
            print(f'    {{ "{name}", "{kind}", {sum(map(len, ids))}, 0x{fnv(ids):016x}u }},')
    print('};')


if __name__ == '__main__':
    main()
