#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A GPT-2 from zero that writes Persian comments, positive or negative as it is told: the twin of examples/p2_gpt2_persian.c.

The same steps by the same library, so the same weights, losses and comments, bit for bit; read the C program for the reasons.
The grid of settings, the figure and the interactive part are there alone.
    python3 examples/python/p2_gpt2_persian.py
    python3 examples/python/p2_gpt2_persian.py --comments snappfood --save model
"""
import argparse
import csv
import math
import os
import sys
from pathlib import Path

import numpy as np

import hw3

DATA = Path(__file__).resolve().parents[1] / 'data' / 'comments.csv'
N_CTX, N_SHOWN, N_CONTROL, IGNORED = 128, 10, 100, -100
SPECIALS = '<|endoftext|>', '<|negative|>', '<|positive|>'
MEANINGS = {('label', 'HAPPY'): 1, ('label', 'SAD'): 0, ('label', '1'): 1, ('label', '1.0'): 1, ('label', '0'): 0,
            ('label', '0.0'): 0, ('label_id', '0'): 1, ('label_id', '1'): 0}


def read(path):
    """Texts, and 1 for positive ones, of a CSV file parted by tabs or commas."""
    with open(path, newline='', encoding='utf-8-sig') as f:
        tabs = '\t' in f.readline()
        f.seek(0)
        rows = list(csv.DictReader(f, delimiter='\t' if tabs else ','))
    columns = rows[0].keys() if rows else ()
    text, label = (next((c for c in wanted if c in columns), None)
                   for wanted in (('comment', 'comment_cleaned'), ('label', 'label_id')))
    if not text or not label:
        sys.exit(f'{path}: no columns of comments and labels; it has {", ".join(map(repr, columns))}')
    rows = [r for r in rows if r[text]]
    return [r[text] for r in rows], np.array([MEANINGS[label, r[label]] for r in rows])


def read_parts(path):
    """To learn from, and held back: a folder's train.csv and dev.csv, or one file, of which every tenth is held back."""
    if os.path.isdir(path):
        return read(Path(path) / 'train.csv'), read(Path(path) / 'dev.csv')
    texts, positive = read(path)
    held = np.arange(len(texts)) % 10 == 9
    return tuple(([t for t, chosen in zip(texts, which) if chosen], positive[which]) for which in (~held, held))


def tokenise(tok, texts, end):
    """An array of tokens for each text, cut to what the model reads; the end behind those that are whole."""
    each = tok.encode_batch(texts, add_special=0, find_special=0)
    return [np.append(t, end) if len(t) < N_CTX else t[:N_CTX] for t in each]


def keys(seed, n):
    """What SplitMix64 gives for 0 to n - 1."""
    with np.errstate(over='ignore'):
        z = np.uint64(seed % 2**64) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94d049bb133111eb)
    return z ^ z >> np.uint64(31)


def batches(sequences, n_tokens, seed):
    """Numbers of sequences about equally long, at most n_tokens of them with padding."""
    lengths = np.array([len(s) for s in sequences])
    order, cuts, first = np.lexsort((keys(seed, len(lengths)), lengths)), [], 0
    for last in range(1, len(order) + 1):
        if last == len(order) or (last - first + 1) * lengths[order[last]] > n_tokens:
            cuts.append(order[first:last])
            first = last
    return [cuts[i] for i in np.argsort(keys(~seed, len(cuts)))]


def fill(sequences, rows, control, positive):
    """x: control, t1, .., tn; y: t1, .., tn, end; behind them padding, which y leaves out of the loss."""
    width = len(sequences[rows[-1]])
    x, y = np.zeros((len(rows), width), np.int64), np.full((len(rows), width), IGNORED, np.int64)
    for r, i in enumerate(rows):
        n = len(sequences[i])
        x[r, 0], x[r, 1:n], y[r, :n] = control[positive[i]], sequences[i][:-1], sequences[i]
    return x, y


class Lesson:
    """A model, the graph and the optimizer that train it."""

    def __init__(self, ctx, tok, end, a, n_steps, dropout=0.1):
        self.ctx, self.seed = ctx, a.seed
        self.gpt = ctx.model_create(family='gpt2', n_vocab=tok.n_vocab(), n_ctx=N_CTX, d_model=192, n_layers=3, n_heads=3,
                                    dropout=dropout, embed_dropout=dropout, attention_dropout=dropout, eos_id=end)
        self.graph = ctx.graph_create(self.gpt.params())
        self.adamw = self.gpt.params().optim_create(kind='adamw', lr=a.rate, beta2=0.98, weight_decay=0.01, clip_norm=1,
                                                    schedule='cosine', total_steps=n_steps, warmup_steps=n_steps // 20)

    def step(self, x, y, training):
        """The loss of a batch; in training also a step."""
        g, x, y = self.graph, self.ctx.tensor(x), self.ctx.tensor(y)
        g.begin()
        g.set_training(int(training))
        if training:
            g.set_random(self.seed, self.adamw.n_steps())
        loss = self.gpt.loss(g, g.input(x), g.input(y))
        if training:
            g.backward(loss)
        value = g.var_item(loss)
        if training:
            self.adamw.step()
        return value

    def over(self, sequences, positive, control, parts, training):
        """The mean loss of a token over batches."""
        total, n = 0.0, 0
        for rows in parts:
            x, y = fill(sequences, rows, control, positive)
            count = int((y != IGNORED).sum())
            total, n = total + self.step(x, y, training) * count, n + count
        return total / n


class Judge:
    """Embedding, GRU in both directions, mean over the steps, one logit."""
    WIDTH, BATCH, DROPOUT = 64, 2048, 0.3

    def __init__(self, ctx, n_vocab, sequences, positive, n_epochs, seed):
        f32, w = hw3.HW3_F32, self.WIDTH
        self.ctx, self.params = ctx, ctx.params_create()
        self.params.add('embedding.weight', f32, (n_vocab, w), hw3.HW3_INIT_KAIMING)
        self.gru = self.params.rnn_create('gru.', cell='gru', n_inputs=w, n_hidden=w, bidirectional=1)
        self.params.add('head.weight', f32, (1, 2 * w), hw3.HW3_INIT_FAN_IN)
        self.params.add('head.bias', f32, (1,), hw3.HW3_INIT_ZERO)
        self.graph = g = ctx.graph_create(self.params)
        n_steps = n_epochs * len(batches(sequences, self.BATCH, seed))
        adamw = self.params.optim_create(kind='adamw', lr=2e-3, weight_decay=0.01, clip_norm=1, schedule='cosine',
                                         total_steps=n_steps, warmup_steps=n_steps // 20)
        for epoch in range(n_epochs):
            for rows in batches(sequences, self.BATCH, seed + epoch):
                g.begin()
                g.set_random(seed, adamw.n_steps())
                targets = ctx.tensor(positive[rows].astype(np.float32)[:, None])
                g.backward(g.bce_logits(self._logits(sequences, rows), g.input(targets)))
                adamw.step()
        g.set_training(0)

    def _logits(self, sequences, rows):
        g, lengths = self.graph, np.array([len(sequences[i]) for i in rows])
        x = np.zeros((lengths.max(), len(rows)), np.int64)
        for r, i in enumerate(rows):
            x[:lengths[r], r] = sequences[i]
        parts = (1 / lengths.astype(np.float32))[:, None]
        self.inputs = [self.ctx.tensor(array) for array in (x, lengths, parts)]
        x, lengths, parts = map(g.input, self.inputs)
        x = g.dropout(g.embedding(g.param('embedding.weight'), x), self.DROPOUT)
        mean = g.dropout(g.mul(g.sum(self.gru.forward(g, x, lengths), 0, 0), parts), self.DROPOUT)
        return g.linear(mean, g.param('head.weight'), g.param('head.bias'))

    def __call__(self, sequences):
        """1 for what is positive."""
        out = np.zeros(len(sequences), int)
        for rows in batches(sequences, 4 * self.BATCH, 0):
            self.graph.begin()
            out[rows] = self.graph.value(self._logits(sequences, rows))[:, 0] > 0
        return out


class Writer:
    def __init__(self, ctx, gpt, control, end, a):
        self.ctx, self.gpt, self.control, self.end, self.a, self.stream = ctx, gpt, control, end, a, 0

    def write(self, positive, n):
        """n comments, each with its end unless the context was full first."""
        sampler = self.ctx.sampler_create(self.a.seed)
        sampler.add_bias(np.array(self.control), np.array([-math.inf, -math.inf]))
        sampler.add_temperature(self.a.temperature)
        if self.a.top_k:
            sampler.add_top_k(self.a.top_k)
        sampler.add_top_p(self.a.top_p)
        session = self.gpt.session_create(n_sequences=n)
        session.feed(0, np.array([self.control[positive]]))
        for i in range(1, n):
            session.fork(0, i)
        writing, first = np.arange(n), self.stream
        self.stream += n
        for _ in range(N_CTX - 1):
            if len(writing):
                tokens = session.generate_next(writing, sampler, streams=first + writing)[0]
                writing = writing[tokens != self.end]
        return [session.tokens(i)[1:] for i in range(n)]


def report(ctx, tok, train, held, train_tokens, held_tokens, writer, a):
    (known, labels), (_, held_labels) = train, held
    n_epochs = 2 + 40000 // len(known)
    judge = Judge(ctx, tok.n_vocab(), train_tokens, labels, n_epochs, a.seed + 1000)
    right = (judge(held_tokens) == held_labels).mean()
    print(f'  The judge is a GRU in both directions, trained on the labels in {n_epochs} epochs: right on {100 * right:.2f} % of the '
          'held back.')
    for positive in (1, 0):
        shown, drawn = 0, 0
        print(f'  {"Positive" if positive else "Negative"}:')
        while shown < N_SHOWN and drawn < 100 * N_SHOWN:
            one, drawn = writer.write(positive, 1), drawn + 1
            text = tok.decode(one[0])
            if text.strip(' ') and text not in known:
                shown += 1
                print(f'  {shown:2d}. {text}  [judge: {"positive" if judge(one)[0] else "negative"}]')
    share = [(judge(writer.write(positive, N_CONTROL)) == positive).sum() for positive in (0, 1)]
    print(f'  Control accuracy over {2 * N_CONTROL} further comments: {50 * sum(share) / N_CONTROL:.1f} % '
          f'(positive {share[1]} of {N_CONTROL}, negative {share[0]} of {N_CONTROL})')


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, kind, value in (('comments', str, None), ('tokenizer', str, None), ('vocab', int, 0), ('epochs', int, 0),
                              ('batch', int, 0), ('rate', float, 2e-3), ('temperature', float, 0.8), ('top-k', int, 0), ('top-p', float, 0.9),
                              ('save', str, 'out/p2_gpt2_persian/model'), ('seed', int, 1), ('threads', int, 0)):
        p.add_argument('--' + name, type=kind, default=value)
    a = p.parse_args()
    a.vocab, a.epochs, a.batch = (given or (real if a.comments else built_in) for given, real, built_in in
                                  ((a.vocab, 8000, 1000), (a.epochs, 5, 10), (a.batch, 2048, 1024)))
    return a


def make_tokenizer(ctx, texts, a):
    """The tokenizer, and its tokens for the end, negative and positive."""
    if a.tokenizer:
        tok = ctx.tokenizer_open(a.tokenizer)
    else:
        tok = ctx.tokenizer_train(texts, n_vocab=a.vocab, specials=SPECIALS)
    tok.add(SPECIALS)
    return tok, [tok.find(text) for text in SPECIALS]


def main():
    a = options()
    train, held = read_parts(a.comments or DATA)
    print(f'  {len(train[0])} comments to learn from, {len(held[0])} held back')
    with hw3.Ctx(n_threads=a.threads, seed=a.seed) as ctx:
        tok, (end, *control) = make_tokenizer(ctx, train[0], a)
        train_tokens, held_tokens = (tokenise(tok, texts, end) for texts, _ in (train, held))
        n_batches = len(batches(train_tokens, a.batch, a.seed))
        lesson = Lesson(ctx, tok, end, a, a.epochs * n_batches)
        for epoch in range(a.epochs):
            loss = lesson.over(train_tokens, train[1], control, batches(train_tokens, a.batch, a.seed + epoch), True)
            held_loss = lesson.over(held_tokens, held[1], control, batches(held_tokens, a.batch, 0), False)
            print(f'  epoch {epoch + 1:2d}  training loss {loss:.4f}  validation loss {held_loss:.4f}  '
                  f'perplexity {math.exp(held_loss):.2f}', flush=True)
        lesson.gpt.save(a.save)
        tok.save(os.path.join(a.save, 'tokenizer.json'))
        report(ctx, tok, train, held, train_tokens, held_tokens, Writer(ctx, lesson.gpt, control, end, a), a)


if __name__ == '__main__':
    try:
        main()
    except hw3.Error as error:
        sys.exit(str(error))
