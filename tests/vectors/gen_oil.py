#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What PyTorch reaches on the oil prices from hw3's initial weights and batch order: gen_oil.py [CL=F.csv]

Writes tests/vectors/oil.json: RMSE in dollars on the test part for RNN, LSTM, GRU with the defaults of p1_oil_forecast.
Needs PyTorch 2.13, numpy, and HW3_LIBRARY. With a file of prices, also its rows are written; the prices are not kept.
    HW3_LIBRARY=build/lib/libhw3.so python3 tests/vectors/gen_oil.py /path/to/CL=F.csv"""
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / 'examples/python')]
import hw3  # noqa: E402
from p1_oil_forecast import DATA, read_prices  # noqa: E402

CELLS = {'rnn_tanh': 'RNN', 'lstm': 'LSTM', 'gru': 'GRU'}
SETTING = {'window': 50, 'hidden': 64, 'batch': 64, 'epochs': 50, 'lr': 1e-3, 'val_share': 0.1, 'seed': 42, 'fill': 'forward'}
MASK = np.uint64(0xffffffff)


def philox(seed, stream, index):
    """64 bits for each index: words 2 (index mod 2) of block index / 2 of Philox4x32-10 [Salmon11]."""
    block = index // np.uint64(2)
    c = [block & MASK, block >> np.uint64(32), np.full_like(block, stream & 0xffffffff), np.full_like(block, stream >> 32)]
    k = [seed & 0xffffffff, seed >> 32]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), p1 & MASK, (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), p0 & MASK]
        k = [(k[0] + 0x9E3779B9) & 0xffffffff, (k[1] + 0xBB67AE85) & 0xffffffff]
    low, high = np.where(index % np.uint64(2), c[2], c[0]), np.where(index % np.uint64(2), c[3], c[1])
    return (high << np.uint64(32)) | low


def stream_of(name):
    h = 0xcbf29ce484222325
    for b in name.encode():
        h = (h ^ b) * 0x100000001b3 % 2**64
    return h


def batch_order(seed, epoch, n):
    """The trainer's order of an epoch: Fisher and Yates from the end."""
    words = philox(seed, (stream_of('order') + epoch) % 2**64, np.arange(n, dtype=np.uint64))
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(words[i]) * (i + 1) >> 64
        order[i], order[j] = order[j], order[i]
    return order


def prepare(ctx, path):
    """The series as p1_oil_forecast prepares it, and where the test part begins."""
    _, price, _ = read_prices(path, None, False)
    y = price.copy()
    ctx.series_remove(y, 0.1, 42)
    ctx.series_fill(y, SETTING['fill'], 5)
    return price, y, ctx.series_split(len(y), 0.7, 0).n_train


def rmse(ctx, price, n_train, forecast):
    known = ~np.isnan(price[n_train:])
    return ctx.series_metrics(price[n_train:][known], forecast[known]).rmse


def options(cell, n_epochs):
    s = SETTING
    return dict(cell=cell, window=s['window'], hidden=s['hidden'], batch=s['batch'], lr=s['lr'], val_share=s['val_share'],
                seed=s['seed'], n_epochs=n_epochs)


def train_torch(cell, start, y, n_train, scaler):
    import torch
    w = SETTING['window']
    z = torch.tensor((y - scaler.shift) / scaler.width, dtype=torch.float32)
    x, t = z.unfold(0, w, 1)[:-1, :, None].contiguous(), z[w:, None].contiguous()
    n = n_train - w
    n -= round(n * SETTING['val_share'])
    net, head = getattr(torch.nn, CELLS[cell])(1, SETTING['hidden'], batch_first=True), torch.nn.Linear(SETTING['hidden'], 1)
    net.load_state_dict({k[4:]: torch.tensor(v) for k, v in start.items() if k.startswith('rnn.')})
    head.load_state_dict({k[5:]: torch.tensor(v) for k, v in start.items() if k.startswith('head.')})
    adam = torch.optim.Adam([*net.parameters(), *head.parameters()], SETTING['lr'])
    model = lambda x: head(net(x)[0][:, -1])
    for epoch in range(SETTING['epochs']):
        order = torch.tensor(batch_order(SETTING['seed'], epoch, n))
        for i in range(0, n, SETTING['batch']):
            b = order[i:i + SETTING['batch']]
            adam.zero_grad()
            ((model(x[b]) - t[b]) ** 2).mean().backward()
            adam.step()
    with torch.no_grad():
        return model(x[n_train - w:]).numpy()[:, 0].astype(np.float64) * scaler.width + scaler.shift, n


def main(paths):
    import torch
    result = {'made by': f'tests/vectors/gen_oil.py with PyTorch {torch.__version__.split("+")[0]}, numpy {np.__version__}', **SETTING}
    for path in paths:
        rows = result.setdefault(Path(path).name, {})
        with hw3.Ctx(seed=SETTING['seed']) as ctx:
            price, y, n_train = prepare(ctx, path)
            rows['naive'] = rmse(ctx, price, n_train, ctx.series_naive(y, n_train))
            for cell in CELLS:
                fresh = ctx.forecaster_create(**options(cell, 1))
                p = fresh.params()
                start = {p.name(i): p.value(p.name(i)).numpy() for i in range(p.n())}
                ours = ctx.forecaster_fit(y[:n_train], **options(cell, SETTING['epochs']))
                forecast, n = train_torch(cell, start, y, n_train, ours.scaler())
                rows[cell] = rmse(ctx, price, n_train, forecast)
                mine = rmse(ctx, price, n_train, ours.backtest(y, n_train))
                print(f'{Path(path).name} {cell}: {n} windows, PyTorch {rows[cell]:.4f}, hw3 {mine:.4f}, ratio {mine / rows[cell]:.4f}')
    (HERE / 'oil.json').write_text(json.dumps(result, indent=1) + '\n')


if __name__ == '__main__':
    main([DATA, *sys.argv[1:]])
