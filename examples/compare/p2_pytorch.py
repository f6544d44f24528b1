#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The GPT-2 of p2_gpt2_persian trained for one epoch by libhw3 and by PyTorch, from the same weights on the same batches.

    python3 examples/compare/p2_pytorch.py --comments snappfood

Wants torch and transformers. Learning rates, clipping and AdamW are the same; dropout masks cannot be, so the losses agree but for
that noise: the validation losses must differ by less than 1 %, without dropout (--dropout 0) by less than 0.1 %.
Takes the options of examples/python/p2_gpt2_persian.py; --part N takes every Nth comment alone."""
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'python'))
import hw3
import p2_gpt2_persian as p2


def own(name, kind, value):
    """An option of this program alone."""
    if name not in sys.argv:
        return value
    at = sys.argv.index(name)
    value = kind(sys.argv[at + 1])
    del sys.argv[at:at + 2]
    return value


class Peer:
    """The same model by transformers."""

    def __init__(self, folder, dropout):
        import torch
        from transformers import GPT2LMHeadModel
        self.torch = torch
        self.gpt = GPT2LMHeadModel.from_pretrained(folder, resid_pdrop=dropout, embd_pdrop=dropout, attn_pdrop=dropout)
        self.adamw = torch.optim.AdamW(self.gpt.parameters(), betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01)

    def step(self, x, y, rate):
        """The loss of a batch; with a rate also a step."""
        torch = self.torch
        self.gpt.train(rate > 0)
        with torch.set_grad_enabled(rate > 0):
            logits = self.gpt(torch.from_numpy(x)).logits
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.from_numpy(y).flatten(), ignore_index=p2.IGNORED)
        if rate > 0:
            self.adamw.param_groups[0]['lr'] = rate
            self.adamw.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.gpt.parameters(), 1)
            self.adamw.step()
        return loss.item()

    over = p2.Lesson.over


def main():
    part, dropout = own('--part', int, 1), own('--dropout', float, 0.1)
    a = p2.options()
    (texts, positive), (held, held_positive) = p2.read_parts(a.comments or p2.DATA)
    texts, positive = texts[::part], positive[::part]
    with hw3.Ctx(n_threads=a.threads, seed=a.seed) as ctx, tempfile.TemporaryDirectory() as folder:
        tok, (end, *control) = p2.make_tokenizer(ctx, texts, a)
        tokens, held_tokens = p2.tokenise(tok, texts, end), p2.tokenise(tok, held, end)
        parts, held_parts = p2.batches(tokens, a.batch, a.seed), p2.batches(held_tokens, a.batch, 0)
        lesson = p2.Lesson(ctx, tok, end, a, a.epochs * len(parts), dropout)
        lesson.gpt.save(folder)
        peer, seconds = Peer(folder, dropout), [0, 0]

        def validation():
            losses = [side.over(held_tokens, held_positive, control, held_parts, False) for side in (lesson, peer)]
            return (*losses, 100 * (losses[0] / losses[1] - 1))
        print('validation loss: libhw3 {:.5f}, PyTorch {:.5f}, {:+.4f} % before training'.format(*validation()), flush=True)
        for rows in parts:
            x, y = p2.fill(tokens, rows, control, positive)
            times = [time.time()]
            for side, how in (peer, lesson.adamw.lr()), (lesson, True):
                side.step(x, y, how)
                times.append(time.time())
            seconds = [seconds[0] + times[2] - times[1], seconds[1] + times[1] - times[0]]
        *losses, change = validation()
    print('validation loss: libhw3 {:.5f}, PyTorch {:.5f}, {:+.4f} % after one epoch of {}, {} batches, {:.0f} and {:.0f} s'.format(
        *losses, change, a.epochs, len(parts), *seconds))
    return abs(change) > (1 if dropout else 0.1)


if __name__ == '__main__':
    sys.exit(main())
