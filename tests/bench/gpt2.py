# SPDX-License-Identifier: MIT
"""GPT-2 against transformers on PyTorch, by `sh tests/bench/run.sh gpt2`: one step of AdamW with clipping of a model 192/3/3, T 128,
batch 16, dropout 0.1, two threads. The losses of the same weights without dropout must agree to 1e-4. Then GPT-2's own size, 124
million weights: 64 steps behind a prompt of 64 (decode), eight sequences at once (batch8, beside one of hw3's own), all logits of 512
tokens (prefill); a logit of the last token must agree to 1e-4 of the largest there."""
import resource
import sys
import tempfile
import time

from sides import take_turns

T, BATCH, THREADS, ROUNDS = 128, 16, 2, 7
N_VOCAB, PROMPT, STEPS, PREFILL, LOGIT, SEQUENCES = 50257, 64, 64, 512, 7, 8
CASES = [('gpt2mini_train_v8000', 8000, 2.5), ('gpt2mini_train_v50257', 50257, 2.2)]


def load(path, **config):
    import torch
    from safetensors.torch import load_file
    from transformers import GPT2Config, GPT2LMHeadModel
    torch.set_num_threads(THREADS)
    model = GPT2LMHeadModel(GPT2Config(**config))
    missing, unexpected = model.load_state_dict(load_file(path), strict=False)
    assert not unexpected and set(missing) <= {'lm_head.weight'}, (missing, unexpected)
    model.tie_weights()
    return model


def token(i):
    return i * 7919 % N_VOCAB


def peer_session(what, path):
    import torch
    from transformers import DynamicCache
    model = load(path).eval()
    prompt, long = (torch.tensor([[token(i) for i in range(n)]]) for n in (PROMPT, PREFILL))
    steps = [torch.tensor([[token(PROMPT + i)]]) for i in range(STEPS)]

    @torch.inference_mode()
    def decode():
        past = DynamicCache(config=model.config)
        model(prompt, past_key_values=past)
        start = time.perf_counter()
        for ids in steps:
            logits = model(ids, past_key_values=past).logits
        return time.perf_counter() - start, logits[0, -1, LOGIT].item()

    @torch.inference_mode()
    def prefill():
        start = time.perf_counter()
        logits = model(long).logits
        return time.perf_counter() - start, logits[0, -1, LOGIT].item()

    print('ready', flush=True)
    while sys.stdin.readline() == 'go\n':
        print(*decode() if what == 'decode' else prefill(), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peer_training(n_vocab, path):
    import torch
    model = load(path, vocab_size=n_vocab, n_positions=T, n_embd=192, n_layer=3, n_head=3)
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


def report(name, wanted, sides, work, what='PyTorch'):
    """work: units of a round, for a rate."""
    (mine, value, mb), (other, peer_value, peer_mb) = sides
    if abs(value - peer_value) > 1e-4 * max(1, abs(peer_value)):
        print(f'NOT EQUAL: {name}: {value} here, {peer_value} in {what}')
    rate = f', {work / mine:.1f} tokens/s, {what} {work / other:.1f}'
    print(f'RATIO {name} {other / mine:.2f}   (wanted {wanted}; hw3 {1e3 * mine:.0f} ms, {what} {1e3 * other:.0f} ms{rate}, memory '
          f'{mb:.0f} MB, {what} {peer_mb:.0f} MB, value {value:.6g}, {what} {peer_value:.6g})', flush=True)


def main(build, _, *only):
    program, threads = f'{build}/tests/bench_gpt2', str(THREADS)
    with tempfile.TemporaryDirectory() as folder:
        for name, n_vocab, wanted in CASES:
            if only and name not in only:
                continue
            weights = f'{folder}/{n_vocab}.safetensors'
            report(name, wanted, take_turns([program, 'train', str(n_vocab), str(BATCH), weights, threads],
                                            [sys.executable, __file__, 'train', str(n_vocab), weights], ROUNDS), BATCH * T)
        weights = f'{folder}/124m.safetensors'
        for what, wanted, work in ('decode', 1.75, STEPS), ('prefill', 1.3, PREFILL):
            if not only or f'gpt2_124m_{what}' in only:
                report(f'gpt2_124m_{what}', wanted, take_turns([program, what, weights, threads],
                                                               [sys.executable, __file__, what, weights], ROUNDS), work)
        if not only or 'gpt2_124m_batch8' in only:
            (batch, value, _), (one, one_value, _) = take_turns([program, 'batch', weights, threads],
                                                                [program, 'decode', f'{weights}.one', threads], ROUNDS)
            equal = 'same logit' if value == one_value else f'NOT EQUAL: {value}, {one_value}'
            print(f'RATIO gpt2_124m_batch8 {SEQUENCES * one / batch:.2f}   (wanted 4; tokens a second of {SEQUENCES} sequences at once, '
                  f'{SEQUENCES * STEPS / batch:.1f}, to those of one, {STEPS / one:.1f}; {equal})', flush=True)


if __name__ == '__main__':
    if sys.argv[1] == 'train':
        peer_training(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1] in ('decode', 'prefill'):
        peer_session(*sys.argv[1:])
    else:
        main(*sys.argv[1:])
