#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one decode step of an attention layer costs without a cache and with MHA, MQA, GQA and MLA: the twin of
examples/t4_kv_cache_cost.c, which has the formulas and the reasons. Here are its tables.

    python3 examples/python/t4_kv_cache_cost.py
    python3 examples/python/t4_kv_cache_cost.py --tokens 4096 --heads 32 --head 128 --width 4096 --groups 8
"""
import argparse
import sys
import time

import numpy as np

import hw3

KINDS = 'none', 'MHA', 'MQA', 'GQA', 'MLA'
MOST = 4096
TOKENS = np.arange(MOST, dtype=np.int64) ** 2 % 8


def layout(name, heads, head, groups):
    """What hw3_attention_cost and hw3_model_config call by the same names."""
    if name == 'MLA':
        return {'kv_rank': 4 * head, 'd_rope': head // 2}
    return {'n_kv_heads': {'MQA': 1, 'GQA': groups}.get(name, heads)}


def formula(ctx, name, n, d, heads, head, groups):
    return ctx.attention_cost(cache=int(name != 'none'), n_tokens=n, d_model=d, n_heads=heads, d_head=head,
                              **layout(name, heads, head, groups))


class Layer:
    """Attention on numpy that counts the multiplications of its products and the numbers it keeps."""

    def __init__(self, name, n, d, heads, head, groups):
        self.macs = self.kept = 0
        self.random = np.random.default_rng(1)
        cached, latent = name != 'none', name == 'MLA'
        kv = 1 if latent else layout(name, heads, head, groups)['n_kv_heads']
        rank, rope = (4 * head, head // 2) if latent else (0, 0)
        x = self.random.standard_normal((n, d))
        new = x[-1:] if cached else x
        keys = self.project(x, rank + rope if latent else kv * head)
        values = keys[:, :rank] if latent else self.project(x, kv * head)
        if cached:
            self.kept = keys.size + (0 if latent else values.size)
            self.macs //= n  # those of earlier tokens were there already
        outputs = []
        for i in range(heads):
            at = slice(0, None) if latent else slice(i // (heads // kv) * head, (i // (heads // kv) + 1) * head)
            q = self.project(new, head + rope)
            if latent:
                q = np.concatenate([self.project(q[:, :head], rank), q[:, head:]], axis=1)  # into the latents
            w = np.exp(self.product(q, keys[:, at].T) / 100)
            y = self.product(w / w.sum(axis=1, keepdims=True), values if latent else values[:, at])
            outputs.append(self.project(y, head) if latent else y)  # and back
        self.project(np.concatenate(outputs, axis=1), d)

    def product(self, a, b):
        self.macs += a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b

    def project(self, x, width):
        return self.product(x, self.random.standard_normal((x.shape[1], width)) / width)


def measure(model, name, n, measures):
    """Numbers in pages, KiB of them, and the least milliseconds of several steps."""
    used, cached = {}, name != 'none'
    for cache in 'model', 'f16':
        with model.session_create(cache=cache, n_tokens=0) as session:
            session.feed(0, TOKENS[:n])
            used[cache] = session.bytes()[1]
            times = []
            for _ in range((20 if cached else 2) * (measures and cache == 'f16')):
                session.truncate(0, n - 1 if cached else 0)
                start = time.perf_counter()
                session.feed(0, TOKENS[n - 1 if cached else 0:n])
                times.append(1e3 * (time.perf_counter() - start))
    return (used['model'] - used['f16']) // 2 * cached, used['f16'] / 1024 * cached, min(times, default=0)


def model_of(ctx, name, d, heads, head, groups):
    more = layout(name, heads, head, groups)
    if name == 'MLA':
        more['d_value'] = head
    return ctx.model_create(family='deepseek' if name == 'MLA' else 'llama', n_vocab=8, n_ctx=MOST, d_model=d, n_layers=1,
                            n_heads=heads, d_head=head, d_ff=8, **more)


def show(rows):
    widths = [max(len(r[c]) for r in rows) for c in range(len(rows[0]))]
    for i, row in enumerate(rows):
        print('  ' + '  '.join(cell.ljust(w) if c == 0 else cell.rjust(w) for c, (cell, w) in enumerate(zip(row, widths))))
        if i == 0:
            print('  ' + '-' * (sum(widths) + 2 * len(widths) - 2))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (('tokens', 1024), ('width', 768), ('head', 64), ('heads', 12), ('groups', 4)):
        p.add_argument('--' + name, type=int, default=value)
    p.add_argument('--no-measures', action='store_true')
    o = p.parse_args()
    sizes, same = (o.width, o.heads, o.head, o.groups), True
    with hw3.Ctx() as ctx:
        rows = ['cache\tFLOPs\tof none\telements kept\tKiB\tof MHA\telements in pages\tKiB of pages\tms a step'.split('\t')]
        none, mha = (formula(ctx, name, o.tokens, *sizes) for name in KINDS[:2])
        for name in KINDS:
            c = formula(ctx, name, o.tokens, *sizes)
            elements, kib, ms = measure(model_of(ctx, name, *sizes), name, o.tokens, not o.no_measures)
            same &= elements == c.cached_elements or o.tokens % 64 != 0 or o.head % 64 != 0
            rows.append([name, f'{c.flops}', f'{100 * c.flops / none.flops:.3f} %', f'{c.cached_elements}', f'{c.cached_bytes // 1024}',
                         f'{100 * c.cached_bytes / mha.cached_bytes:.2f} %', f'{elements}',
                         *(('-', '-') if o.no_measures else (f'{kib:.1f}', f'{ms:.3f}'))])
        show(rows)
        print('\n  The formulas against products that count:\n')
        rows = [['counted', 'FLOPs', 'by formula', 'elements', 'by formula']]
        for name in KINDS:
            small = 32, 96, 6, 16, 2
            c, is_ = formula(ctx, name, *small), Layer(name, *small)
            same &= (2 * is_.macs, is_.kept) == (c.flops, c.cached_elements)
            rows.append([name, f'{2 * is_.macs}', f'{c.flops}', f'{is_.kept}', f'{c.cached_elements}'])
        show(rows)
    print('\n' + ('Counts and pages are as the formulas say' if same else 'Counts and formulas DIFFER'))
    return 0 if same else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except hw3.Error as error:
        sys.exit(str(error))
