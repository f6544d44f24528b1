# SPDX-License-Identifier: MIT
"""GPT-2 against transformers on PyTorch, by `sh tests/bench/run.sh gpt2`: one step of AdamW with clipping of a model 192/3/3, T 128,
batch 16, dropout 0.1, two threads. The losses of the same weights without dropout must agree to 1e-4."""
import resource
import sys
import tempfile
import time

from sides import take_turns

T, BATCH, THREADS, ROUNDS = 128, 16, 2, 7
CASES = [('gpt2mini_train_v8000', 8000, 2.5), ('gpt2mini_train_v50257', 50257, 2.2)]


def peer(n_vocab, path):
    import torch
    from safetensors.torch import load_file
    from transformers import GPT2Config, GPT2LMHeadModel
    torch.set_num_threads(THREADS)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=n_vocab, n_positions=T, n_embd=192, n_layer=3, n_head=3))
    missing, unexpected = model.load_state_dict(load_file(path), strict=False)
    assert not unexpected and set(missing) <= {'lm_head.weight'}, (missing, unexpected)
    model.tie_weights()
    adam = torch.optim.AdamW(model.parameters(), 5e-4, weight_decay=0.01)
    tokens, following = ((torch.arange(BATCH * T) + first).mul(7919).remainder(n_vocab).view(BATCH, T) for first in (0, 1))

    def loss_of():
        logits = model(tokens).logits
        return torch.nn.functional.cross_entropy(logits.view(-1, n_vocab), following.reshape(-1))

    print('ready', flush=True)
    n = 0
    while sys.stdin.readline() == 'go\n':
        start = time.perf_counter()
        if n == 0:
            model.eval()
            with torch.no_grad():
                loss = loss_of()
        else:
            model.train()
            adam.zero_grad()
            loss = loss_of()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
        value = loss.item()
        print(f'{time.perf_counter() - start:.9g} {value:.9g}', flush=True)
        n += 1
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(build, _, *only):
    with tempfile.TemporaryDirectory() as folder:
        for name, n_vocab, wanted in CASES:
            if only and name not in only:
                continue
            weights = f'{folder}/{n_vocab}.safetensors'
            (mine, value, mb), (other, peer_value, peer_mb) = take_turns(
                [f'{build}/tests/bench_gpt2', 'train', str(n_vocab), str(BATCH), weights, str(THREADS)],
                [sys.executable, __file__, 'peer', str(n_vocab), weights], ROUNDS)
            if abs(value - peer_value) > 1e-4 * abs(peer_value):
                print(f'NOT EQUAL: {name}: loss {value} here, {peer_value} in PyTorch')
            print(f'RATIO {name} {other / mine:.2f}   (wanted {wanted}; hw3 {1e3 * mine:.0f} ms, PyTorch {1e3 * other:.0f} ms, memory '
                  f'{mb:.0f} MB, PyTorch {peer_mb:.0f} MB, loss {value:.6g}, PyTorch {peer_value:.6g})', flush=True)


if __name__ == '__main__':
    peer(int(sys.argv[2]), sys.argv[3]) if sys.argv[1] == 'peer' else main(*sys.argv[1:])
