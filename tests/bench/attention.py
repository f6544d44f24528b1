# SPDX-License-Identifier: MIT
"""Causal attention, forward and backward, against PyTorch's scaled_dot_product_attention, by `sh tests/bench/run.sh attention`:
B 1, H 12, T 2048, D 64, f32, two threads. The same numbers on both sides; sum(o do) + sum(dq) + sum(dk) + sum(dv) must agree to 1e-3
of its size."""
import resource
import sys
import tempfile
import time

import numpy as np

from sides import take_turns

B, T, H, D, THREADS, ROUNDS = 1, 2048, 12, 64, 2, 9


def peer(path):
    import torch
    torch.set_num_threads(THREADS)
    q, k, v, do = torch.tensor(np.fromfile(path, np.float32).reshape(4, B, T, H, D)).transpose(2, 3)
    for x in (q, k, v):
        x.requires_grad_()
    print('ready', flush=True)
    while sys.stdin.readline() == 'go\n':
        q.grad = k.grad = v.grad = None
        start = time.perf_counter()
        o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        o.backward(do)
        seconds = time.perf_counter() - start
        value = sum(float(x.detach().double().abs().sum()) for x in (o, q.grad, k.grad, v.grad))
        print(f'{seconds:.9g} {value:.9g}', flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(build, *_):
    with tempfile.NamedTemporaryFile() as f:
        np.random.default_rng(1).standard_normal((4, B, T, H, D), np.float32).tofile(f.name)
        (mine, value, mb), (other, peer_value, peer_mb) = take_turns(
            [f'{build}/tests/bench_attention', f.name, *map(str, (B, T, H, D, THREADS))], [sys.executable, __file__, 'peer', f.name], ROUNDS)
    if abs(value - peer_value) > 1e-3 * abs(peer_value):
        print(f'NOT EQUAL: {value} here, {peer_value} in PyTorch')
    work = 7 * B * H * T * T * D  # half of 14 B H T^2 D: causal
    print(f'RATIO attention_t{T}_fwd_bwd {other / mine:.2f}   (wanted 1.3; hw3 {1e3 * mine:.1f} ms, PyTorch {1e3 * other:.1f} ms, '
          f'{1e-9 * work / mine:.0f} GF/s, memory {mb:.0f} MB, PyTorch {peer_mb:.0f} MB, sum of sizes {value:.6g}, PyTorch {peer_value:.6g})')


if __name__ == '__main__':
    peer(sys.argv[2]) if sys.argv[1] == 'peer' else main(*sys.argv[1:])
