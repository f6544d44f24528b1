#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A GPT-2 of three layers learns a text by heart and goes on where it is told to begin: the twin of examples/g1_small_gpt.c.

The same steps by the same library, so the same numbers and the same bytes; read the C program for the reasons.
    python3 examples/python/g1_small_gpt.py
    python3 examples/python/g1_small_gpt.py mine.txt --prompt 'It was ' --steps 1000 --temperature 0.7
"""
import argparse
import sys
from pathlib import Path

import numpy as np

import hw3

N_CTX, BATCH = 128, 4


def options():
    p = argparse.ArgumentParser(description='Trains a small GPT-2 on a text, and lets it write.')
    p.add_argument('file', nargs='?', default=Path(__file__).resolve().parents[1] / 'data' / 'jabberwocky.txt')
    p.add_argument('--prompt', default='He took his vorpal sword')
    for name, value in ('steps', 500), ('width', 192), ('layers', 3), ('heads', 3), ('threads', 0), ('seed', 1):
        p.add_argument('--' + name, type=int, default=value)
    p.add_argument('--temperature', type=float, default=0)
    p.add_argument('--save', default=None)
    return p.parse_args()


def train(ctx, gpt, text, steps):
    with ctx.graph_create(gpt.params()) as graph:
        adamw = gpt.params().optim_create(kind='adamw', lr=3e-3, beta2=0.98, weight_decay=0.01, clip_norm=1, schedule='cosine',
                                          warmup_steps=steps // 10, total_steps=steps)
        for step in range(steps):
            spread = (np.arange(step * BATCH, (step + 1) * BATCH, dtype=np.uint64) * np.uint64(2654435769)) % np.uint64(1 << 32)
            starts = (spread * np.uint64(len(text)) >> np.uint64(32)).astype(np.int64)
            at = starts[:, None] + np.arange(N_CTX)
            x, y = ctx.tensor(text[at % len(text)]), ctx.tensor(text[(at + 1) % len(text)])
            graph.begin()
            loss = gpt.loss(graph, graph.input(x), graph.input(y))
            graph.backward(loss)
            value = graph.var_item(loss)
            adamw.step()
            if step % (steps // 10 + 1) == 0 or step == steps - 1:
                print(f'step {step + 1:4d}  loss {value:.4f}', flush=True)


def write_on(ctx, gpt, prompt, seed, temperature):
    """The prompt and what follows until the context is full, and the log-probability of each byte written."""
    sampler, session = ctx.sampler_create(seed), gpt.session_create()
    sampler.add_temperature(temperature)
    session.feed(0, np.frombuffer(prompt, np.uint8).astype(np.int64))
    tokens, logprobs = session.generate(0, sampler, N_CTX - len(prompt))
    return prompt + bytes(tokens.tolist()), logprobs.tolist()


def by_cache(gpt, tokens):
    """How well the text's first bytes are foreseen from caches of other numbers; the change against the model's own."""
    first = None
    for cache in 'model', 'f16', 'bf16', 'int8':
        with gpt.session_create(cache=cache) as session:
            value = session.perplexity(0, tokens)
        first = first or value
        print(f'cache {cache:5s}  perplexity {value:.5f}  {100 * (value / first - 1):+.4f} %')


def recited(written, text):
    """How many bytes stand in the text one after another, begun wherever most do."""
    return max(n for n in range(len(written) + 1) if written[:n] in text + text[:len(written)])


def main():
    o = options()
    text, prompt = Path(o.file).read_bytes()[:1 << 20], o.prompt.encode()
    if len(text) <= N_CTX or not 0 < len(prompt) < N_CTX:
        sys.exit(f'{o.file}: a text of more than {N_CTX} bytes is needed, and a prompt of 1 to {N_CTX - 1}')
    with hw3.Ctx(n_threads=o.threads, seed=o.seed) as ctx:
        gpt = ctx.model_create(family='gpt2', n_vocab=256, n_ctx=N_CTX, d_model=o.width, n_layers=o.layers, n_heads=o.heads)
        train(ctx, gpt, np.frombuffer(text, np.uint8).astype(np.int64), o.steps)
        if o.save:
            gpt.save(o.save)
        by_cache(gpt, np.frombuffer(text[:N_CTX], np.uint8).astype(np.int64))
        written, logprobs = write_on(ctx, gpt, prompt, o.seed, o.temperature)
        same = recited(written, text)
        sys.stdout.flush()
        sys.stdout.buffer.write(b'\n' + written)
        print(f'\n\n{same} of {N_CTX} bytes as in the text; mean log-probability of those written {sum(logprobs) / len(logprobs):.4f}')
    return 0 if same == N_CTX else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except hw3.Error as error:
        sys.exit(str(error))
