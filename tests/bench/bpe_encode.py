# SPDX-License-Identifier: MIT
"""Encoding against Hugging Face's tokenizers, two threads each, of the comments of snappfood/train.csv: one by one (bpe_encode) and all at
once (bpe_encode_batch, the peer without offsets) with byte-level BPE of 8,000 tokens learned from them, and one by one with GPT-2's
tokenizer (gpt2_encode). Both must give the same tokens. Part of `sh tests/bench/run.sh tokenizer`."""
import os
import resource
import sys
import tempfile
import time

from bpe_train import THREADS, comments, trainer
from sides import take_turns

ROUNDS, WANTED = 5, 3


def fnv(tokens):
    h = 0xcbf29ce484222325
    for token in tokens:
        h = (h ^ token) * 0x100000001b3 & (2**64 - 1)
    return h & 0xffffffffffff


def peer(how, lines, path):
    from tokenizers import Tokenizer
    texts = open(lines, encoding='utf-8', newline='\n').read().split('\n')[:-1]
    t, hashed = Tokenizer.from_file(path), None
    print('ready', flush=True)
    while sys.stdin.readline() == 'go\n':
        start = time.perf_counter()
        ids = [e.ids for e in t.encode_batch_fast(texts)] if how == 'batch' else [t.encode(text).ids for text in texts]
        seconds = time.perf_counter() - start
        hashed = hashed or fnv(token for one in ids for token in one)
        print(f'{seconds:.9g} {hashed}', flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def case(name, how, gpt2=False):
    def run(build, data):
        path = os.environ['HW3_DATA'] + '/tokenizers/gpt2/tokenizer.json'
        with tempfile.TemporaryDirectory() as folder:
            lines, texts = f'{folder}/lines', comments(data)
            with open(lines, 'w', encoding='utf-8', newline='\n') as file:
                file.write('\n'.join(texts) + '\n')
            if not gpt2:
                path = f'{folder}/tokenizer.json'
                trainer(texts)().save(path)
            mb = os.path.getsize(lines) / 1e6
            (mine, value, memory), (other, peer_value, peer_memory) = take_turns(
                [f'{build}/tests/bench_tokenizer', how, lines, path, str(THREADS)], [sys.executable, __file__, how, lines, path], ROUNDS)
        same = '' if value == peer_value else '   NOT THE SAME TOKENS'
        print(f'RATIO {name} {other / mine:.1f}   (wanted {WANTED}; hw3 {mb / mine:.1f} MB/s, tokenizers {mb / other:.1f} MB/s; memory '
              f'{memory:.0f} MB, tokenizers {peer_memory:.0f} MB){same}', flush=True)
    return run


CASES = {'bpe_encode': case('bpe_encode', 'single'), 'bpe_encode_batch': case('bpe_encode_batch', 'batch'),
         'gpt2_encode': case('gpt2_encode', 'single', True)}

if __name__ == '__main__':
    peer(*sys.argv[1:])
