#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tomorrow's price of crude oil by an RNN, an LSTM and a GRU: the twin of examples/p1_oil_forecast.c.

The same steps by the same library, so the same numbers, bit for bit; read the C program for the reasons.
    python3 examples/python/p1_oil_forecast.py
    python3 examples/python/p1_oil_forecast.py CL=F.csv --course
"""
import argparse
import csv
import os
import sys
from pathlib import Path

import numpy as np

import hw3

DATA = Path(__file__).resolve().parents[1] / 'data' / 'wti-daily.csv'
NETWORKS = {'rnn': ('RNN', 'rnn_tanh'), 'lstm': ('LSTM', 'lstm'), 'gru': ('GRU', 'gru')}
FILLS = {'mean': 'moving_mean', 'forward': 'forward', 'backward': 'backward', 'linear': 'linear', 'course': 'linear'}


def read_prices(path, column, calendar):
    """Dates and prices; NaN where the file has none. With calendar, weekends are days without a price."""
    with open(path, newline='', encoding='utf-8') as f:
        reader = csv.DictReader(f)
        rows, columns = list(reader), reader.fieldnames or []
    wanted = [column] if column else ['Adj Close', 'Price']
    column = next((name for name in wanted if name in columns), None)
    if not column:
        sys.exit(f'{path}: no column {" or ".join(map(repr, wanted))}; it has {", ".join(map(repr, columns))}')
    days = np.array([r['Date'] for r in rows], 'datetime64[D]')
    price = np.array([float(r[column]) if r[column] not in ('', 'null') else np.nan for r in rows])
    if calendar:
        every = np.arange(days[0], days[-1] + 1)
        spread = np.full(len(every), np.nan)
        spread[(days - days[0]).astype(int)] = price
        days, price = every, spread
    return days, price, column


def show(progress):
    if sys.stderr.isatty():
        print(f'\repoch {progress.epoch + 1}/{progress.n_epochs}  loss {progress.train_loss:.6f} ', end='', file=sys.stderr)


def network(ctx, name, y, n_train, a):
    """Trains on the first part, or loads; forecasts each day of the rest."""
    if a.load:
        f = ctx.forecaster_load(os.path.join(a.load, f'{name}.safetensors'))
    else:
        f = ctx.forecaster_fit(y[:n_train], cell=NETWORKS[name][1], window=a.window, hidden=a.hidden, batch=a.batch,
                               n_epochs=a.epochs, lr=a.rate, val_share=0.1, seed=a.seed, progress=show)
    if a.save:
        os.makedirs(a.save, exist_ok=True)
        f.save(os.path.join(a.save, f'{name}.safetensors'))
    return f.backtest(y, n_train)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('file', nargs='?', default=DATA)
    p.add_argument('--column')
    p.add_argument('--calendar', action='store_true')
    p.add_argument('--remove', type=float, default=0.1)
    p.add_argument('--fill', choices=FILLS, default='forward')
    p.add_argument('--fill-window', type=int, default=5)
    for name, value in (('window', 50), ('hidden', 64), ('batch', 64), ('epochs', 50), ('seed', 42), ('threads', 0)):
        p.add_argument('--' + name, type=int, default=value)
    p.add_argument('--rate', type=float, default=1e-3)
    p.add_argument('--course', action='store_true')
    p.add_argument('--only', choices=['all', *NETWORKS], default='all')
    p.add_argument('--save')
    p.add_argument('--load')
    a = p.parse_args()
    if a.course:
        p.set_defaults(hidden=512, batch=100)
        a = p.parse_args()

    days, price, column = read_prices(a.file, a.column, a.calendar)
    n = len(price)
    print('Date', column)
    for day, value in zip(days[:5], price[:5]):
        print(day, '-' if np.isnan(value) else f'{value:.2f}')
    with hw3.Ctx(n_threads=a.threads, seed=a.seed) as ctx:
        y = price.copy()
        missing = ctx.series_missing(y)
        gone = ctx.series_remove(y, a.remove, 42)
        ctx.series_fill(y, FILLS[a.fill], a.fill_window)
        cut = ctx.series_split(n, 0.7, 0)
        print(f'{n} dates, {missing} without a price, {gone} removed; {cut.n_train} for training, {cut.n_test} for the test\n')

        truth = price[cut.n_train:]
        known = ~np.isnan(truth)  # a filled value is no truth
        forecasts = {'naive: last value': ctx.series_naive(y, cut.n_train)}
        for name in NETWORKS if a.only == 'all' else [a.only]:
            forecasts[NETWORKS[name][0]] = network(ctx, name, y, cut.n_train, a)
        errors = {name: ctx.series_metrics(truth[known], f[known]) for name, f in forecasts.items()}
    print(f'{"model":<17}  {"RMSE $":>7}  {"MAE $":>7}  {"MAPE %":>7}  {"R2":>7}')
    for name, e in errors.items():
        print(f'{name:<17}  {e.rmse:7.3f}  {e.mae:7.3f}  {e.mape:7.3f}  {e.r2:7.4f}')
    best = min(errors, key=lambda name: errors[name].rmse)
    print(f'\nThe smallest RMSE is that of {best}.')


if __name__ == '__main__':
    main()
