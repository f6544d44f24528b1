# SPDX-License-Identifier: MIT
"""Training of byte-level BPE against Hugging Face's tokenizers, two threads each, to 8,000 tokens on the comments of
snappfood/train.csv; the vocabularies must be the same. Then 100 MB of text made of the comments, a letter in one word of eleven exchanged at
random, so that there are seven times as many different words: what memory training takes. Part of `sh tests/bench/run.sh tokenizer`."""
import resource
import sys
import time
import zlib

import numpy as np

from sides import take_turns

N_VOCAB, THREADS, ROUNDS, LARGE = 8000, 2, 7, 100_000_000
SPECIAL = '<|endoftext|>'


def comments(path):
    with open(path, encoding='utf-8', newline='\n') as file:
        return [line.rstrip('\n').split('\t')[1] for line in file][1:]


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def digest(vocab):
    """Of the texts of all tokens in their order."""
    return zlib.crc32('\n'.join(sorted(vocab, key=vocab.get)).encode())


def trainer(texts):
    """A function that trains with hw3 and gives its texts of tokens."""
    import hw3
    ctx = hw3.Ctx(n_threads=THREADS)
    return lambda: ctx.tokenizer_train(texts, n_vocab=N_VOCAB, specials=[SPECIAL])


def peer_trainer(texts):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    def run():
        tok = Tokenizer(models.BPE())
        tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tok.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=N_VOCAB, min_frequency=2, show_progress=False, special_tokens=[SPECIAL],
                                                           initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
        return tok
    return run


def vocab_of(tok, folder):
    """By the file that each saves."""
    import json
    import os
    path = os.path.join(folder, 'tokenizer.json')
    tok.save(path)
    with open(path, encoding='utf-8') as file:
        return json.load(file)['model']['vocab']


def side(make, path):
    import tempfile
    run = make(comments(path))
    print('ready', flush=True)
    with tempfile.TemporaryDirectory() as folder:
        while sys.stdin.readline() == 'go\n':
            start = time.perf_counter()
            tok = run()
            seconds = time.perf_counter() - start
            print(f'{seconds:.9g} {digest(vocab_of(tok, folder))}', flush=True)
    print(peak())


def large(path):
    """Ten times the comments and more, in texts of a megabyte; peak memory in KB, and what of it was there before."""
    once = np.frombuffer(' '.join(comments(path)).encode(), np.uint8)
    letters = np.flatnonzero(once[:-1] == 0xd8) + 1  # of two bytes; these are the second ones
    rng, texts, n = np.random.default_rng(1), [], 0
    while n < LARGE:
        more = once.copy()
        some = letters[rng.random(letters.size) < 0.05]
        more[some] = rng.integers(0xa7, 0xbb, some.size)
        texts += [more[i:i + 1_000_000].tobytes() for i in range(0, more.size, 1_000_000)]
        n += more.size
    before = peak()
    start = time.perf_counter()
    tok = trainer(texts)()
    print(n, time.perf_counter() - start, before, peak(), tok.n_vocab())


def main(path):
    import subprocess
    (mine, value, mb), (other, peer_value, peer_mb) = take_turns([sys.executable, __file__, 'hw3', path],
                                                                 [sys.executable, __file__, 'peer', path], ROUNDS)
    same = '' if value == peer_value else '   NOT THE SAME VOCABULARY'
    print(f'RATIO bpe_train {other / mine:.1f}   (wanted 1; hw3 {mine:.3f} s, tokenizers {other:.3f} s, memory {mb:.0f} MB, tokenizers '
          f'{peer_mb:.0f} MB){same}', flush=True)
    out = subprocess.run([sys.executable, __file__, 'large', path], capture_output=True, text=True, check=True).stdout.split()
    n, before, most = int(out[0]) / 1e6, int(out[2]) / 1024, int(out[3]) / 1024
    print(f'bpe_train_100mb {most:.0f} MB   (wanted under 500; {before:.0f} MB of it the text and what reads it; {n:.0f} MB of text in '
          f'{float(out[1]):.2f} s)', flush=True)


if __name__ == '__main__':
    import os
    os.environ.update(RAYON_NUM_THREADS=str(THREADS), TOKENIZERS_PARALLELISM='true')
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../examples/python'))
    jobs = {'hw3': lambda path: side(trainer, path), 'peer': lambda path: side(peer_trainer, path), 'large': large}
    jobs[sys.argv[1]](sys.argv[2]) if sys.argv[1] in jobs else main(sys.argv[1])
