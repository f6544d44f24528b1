#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tomorrow's price of crude oil by ARIMA, SARIMA, an RNN, an LSTM and a GRU: the twin of examples/p1_oil_forecast.c.

The same steps by the same library, so the same numbers, bit for bit; read the C program for the reasons.
    python3 examples/python/p1_oil_forecast.py
    python3 examples/python/p1_oil_forecast.py CL=F.csv --course --table json > scores.json
"""
import argparse
import contextlib
import csv
import json
import math
import os
import sys
from pathlib import Path

import numpy as np

import hw3

DATA = Path(__file__).resolve().parents[1] / 'data' / 'wti-daily.csv'
NETWORKS = {'rnn': ('RNN', 'rnn_tanh'), 'lstm': ('LSTM', 'lstm'), 'gru': ('GRU', 'gru')}
FILLS = {'mean': 'moving_mean', 'forward': 'forward', 'backward': 'backward', 'linear': 'linear', 'course': 'linear'}
REGRESSORS = 'Open', 'High', 'Low', 'Volume'
COLUMNS = 'rmse', 'mae', 'mape', 'r2', 'gain_percent', 'dm_p_value'


def read_columns(path, column, calendar):
    """Days and columns of numbers, that of the prices first; NaN where the file has none. With calendar, weekends are days without."""
    with open(path, newline='', encoding='utf-8') as f:
        reader = csv.DictReader(f)
        rows, columns = list(reader), reader.fieldnames or []
    wanted = [column] if column else ['Adj Close', 'Price']
    column = next((name for name in wanted if name in columns), None)
    if not column:
        sys.exit(f'{path}: no column {" or ".join(map(repr, wanted))}; it has {", ".join(map(repr, columns))}')
    days = np.array([r['Date'] for r in rows], 'datetime64[D]')
    names = [column, *(name for name in REGRESSORS if name in columns and name != column)]
    values = {name: np.array([float(r[name]) if r[name] not in ('', 'null') else np.nan for r in rows]) for name in names}
    if calendar:
        every = np.arange(days[0], days[-1] + 1)
        for name in names:
            spread = np.full(len(every), np.nan)
            spread[(days - days[0]).astype(int)] = values[name]
            values[name] = spread
        days = every
    return days, values, column


def read_prices(path, column, calendar):
    """Days and prices alone."""
    days, values, column = read_columns(path, column, calendar)
    return days, values[column], column


def regressors(ctx, values, lagged):
    """Those that vary, by name, gaps filled by the value before; lagged: of the day before."""
    x = {name: values[name].copy() for name in REGRESSORS if name in values}
    x = {name: v for name, v in x.items() if not np.all(np.isnan(v)) and np.nanmin(v) < np.nanmax(v)}
    for v in x.values():
        ctx.series_fill(v, 'forward')
    return {name: np.append(v[:1], v[:-1]) for name, v in x.items()} if lagged else x


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


def stationarity(ctx, train):
    for name, series in (('price', train), ('difference of the price', np.diff(train))):
        r = ctx.adf(series)
        falls = r.statistic < r.critical_5
        print(f'ADF: the {name} is {"" if falls else "not "}stationary: {r.statistic:.3f} is {"below" if falls else "above"} '
              f'{r.critical_5:.3f} (1 %: {r.critical_1:.3f}, 10 %: {r.critical_10:.3f}, p {r.p_value:.4f})')


def by_aic(ctx, train):
    """Orders of least AIC with p and q up to 3, after as many differences as KPSS asks for."""
    def aic(p, q):
        with contextlib.suppress(hw3.Error):
            return ctx.arima_fit(train, order=(p, d, q, 0, 0, 0, 1)).describe().aic
        return math.inf
    d = ctx.ndiffs(train)
    p, q = min(((p, q) for p in range(4) for q in range(4)), key=lambda pq: aic(*pq))
    return p, d, q


def choose(ctx, train, text, season):
    """Options of ARIMA and of SARIMA: given orders, those of least AIC, or two searches."""
    if text == 'auto':
        found = [ctx.arima_auto(train, period=m).describe() for m in (1, season)]
        if not (found[1].order.P or found[1].order.D or found[1].order.Q):
            found[1].order.P = 1  # no season: shows what one that is not there costs
        return [{'order': i.order, 'mean': i.mean, 'drift': i.drift} for i in found]
    given = by_aic(ctx, train) if text == 'aic' else tuple(map(int, text.split(',')))
    if len(given) not in (3, 7):
        sys.exit(f'--order is p,d,q or p,d,q,P,D,Q,m or aic or auto, not {text!r}')
    return [{'order': (*given[:3], 0, 0, 0, 1)}, {'order': given if len(given) == 7 else (*given, 1, 0, 0, season)}]


def start(fit, season):
    """Where SARIMA begins: at the ARIMA that is the same model with the other coefficients 0."""
    a, b = fit.describe(), hw3.hw3_arima_order(*season['order']) if isinstance(season['order'], tuple) else season['order']
    if (a.order.p, a.order.d, a.order.q) != (b.p, b.d, b.q) or b.D or not b.d or a.drift or season.get('drift'):
        return {}
    return {'method': 'ml', 'init': [*fit.coef()[0], *[0] * (b.P + b.Q)]}


def week(days):
    """Rows of the file a week, the season of SARIMA."""
    return max(2, int(7 * len(days) / ((days[-1] - days[0]).astype(int) + 1) + 0.5))


def arima(ctx, y, n_train, named, season, a):
    """Forecasts of the test part by name."""
    train, test = y[:n_train], y[n_train:]
    plain, season = choose(ctx, train, a.order, season)
    fit = ctx.arima_fit(train, **plain)
    seasonal = ctx.arima_fit(train, **season, **start(fit, season))
    out = {'ARIMA': fit.backtest(test, 1, 0)[0][:, 0], 'ARIMA, refit': fit.backtest(test, 1, a.refit)[0][:, 0],
           'SARIMA': seasonal.backtest(test, 1, 0)[0][:, 0]}
    print(f'{fit}\n{seasonal}')
    if named:
        x = np.column_stack(list(named.values()))
        led = ctx.arima_fit(train, **season, xreg=x[:n_train], xreg_names=list(named))
        out['SARIMA + regressors'] = led.backtest(test, 1, 0, x[n_train:])[0][:, 0]
        print(led)
    out['SARIMA, batch'] = seasonal.predict(len(test))[0]
    if named:
        out['SARIMA + regressors, batch'] = led.predict(len(test), x[n_train:])[0]
    return out


def judge(ctx, truth, forecasts):
    """Scores by name: COLUMNS, NaN where there is none."""
    known, scores = ~np.isnan(truth), {}  # a filled value is no truth
    errors = {name: (truth - f)[known] for name, f in forecasts.items()}
    naive, *others = forecasts
    for name, f in forecasts.items():
        e, p = ctx.series_metrics(truth[known], f[known]), math.nan
        if name in others and not name.endswith('batch'):
            with contextlib.suppress(hw3.Error):  # the same forecasts
                p = ctx.diebold_mariano(errors[name], errors[naive]).p_value
        scores[name] = [e.rmse, e.mae, e.mape, e.r2]
        scores[name] += [100 * (1 - e.rmse / scores[naive][0]), p]
    return scores


def looks_ahead(name, a):
    """Takes values that nobody knows when the forecast is made?"""
    return 'regressors' in name and (not a.lag_regressors or name.endswith('batch'))


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('file', nargs='?', default=DATA)
    p.add_argument('--column')
    p.add_argument('--calendar', action='store_true')
    p.add_argument('--remove', type=float, default=0.1)
    p.add_argument('--fill', choices=FILLS, default='forward')
    for name, value in (('fill-window', 5), ('window', 50), ('hidden', 64), ('batch', 64), ('epochs', 50), ('seed', 42),
                        ('threads', 0), ('refit', 50)):
        p.add_argument('--' + name, type=int, default=value)
    p.add_argument('--rate', type=float, default=1e-3)
    p.add_argument('--order', default='auto')
    p.add_argument('--lag-regressors', action='store_true')
    p.add_argument('--course', action='store_true')
    p.add_argument('--only', choices=['all', 'arima', 'networks', *NETWORKS], default='all')
    p.add_argument('--table', choices=['text', 'csv', 'json'], default='text')
    p.add_argument('--save')
    p.add_argument('--load')
    if p.parse_args().course:
        p.set_defaults(hidden=512, batch=100, order='3,1,2,3,1,1,12')
    return p.parse_args()


def write(scores, a, out):
    ahead = {name: int(looks_ahead(name, a)) for name in scores}
    rows = {name: [None if math.isnan(v) else v for v in row] for name, row in scores.items()}
    if a.table == 'json':
        json.dump([{'model': name, **dict(zip(COLUMNS, row)), 'looks_ahead': ahead[name]} for name, row in rows.items()], out, indent=1)
        print(file=out)
    elif a.table == 'csv':
        csv.writer(out).writerows([['model', *COLUMNS, 'looks_ahead'], *([name, *row, ahead[name]] for name, row in rows.items())])


def report(scores, a):
    print(f'\n{"model":<28}  {"RMSE $":>7}  {"MAE $":>7}  {"MAPE %":>7}  {"R2":>7}  {"gain %":>8}  {"DM p":>6}')
    for name, (rmse, mae, mape, r2, gain, p) in scores.items():
        star = ' *' if looks_ahead(name, a) else ''
        print(f'{name + star:<28}  {rmse:7.3f}  {mae:7.3f}  {mape:7.3f}  {r2:7.4f}  {gain:8.2f}  {p:6.4f}')
    naive, _, *models = scores
    honest = [name for name in models if not looks_ahead(name, a)]
    best = min(honest, key=lambda name: scores[name][0])
    *_, gain, p = scores[best]
    print('\n* takes Open, High, Low and Volume that nobody knows when the forecast is made: no forecast' if len(honest) < len(models) else '')
    print(f'The best model by RMSE is {best}: {gain:.2f} % over the naive forecast; the Diebold-Mariano test calls the difference '
          f'{"" if p < 0.05 else "not "}significant (p = {p:.4f}).')


def forecast(a):
    days, values, column = read_columns(a.file, a.column, a.calendar)
    price = values[column]
    print('Date', column)
    for day, value in zip(days[:5], price[:5]):
        print(day, '-' if np.isnan(value) else f'{value:.2f}')
    with hw3.Ctx(n_threads=a.threads, seed=a.seed) as ctx:
        y = price.copy()
        missing = ctx.series_missing(y)
        gone = ctx.series_remove(y, a.remove, 42)
        ctx.series_fill(y, FILLS[a.fill], a.fill_window)
        cut = ctx.series_split(len(y), 0.7, 0)
        print(f'{len(y)} dates, {missing} without a price, {gone} removed; {cut.n_train} for training, {cut.n_test} for the test\n')
        stationarity(ctx, y[:cut.n_train])
        forecasts = {'naive: last value': ctx.series_naive(y, cut.n_train), 'drift': ctx.series_drift(y, cut.n_train)}
        if a.only in ('all', 'arima'):
            forecasts |= arima(ctx, y, cut.n_train, regressors(ctx, values, a.lag_regressors), week(days), a)
        for name in NETWORKS:
            if a.only in ('all', 'networks', name):
                forecasts[NETWORKS[name][0]] = network(ctx, name, y, cut.n_train, a)
        return judge(ctx, price[cut.n_train:], forecasts)


def main():
    a = options()
    with contextlib.redirect_stdout(sys.stdout if a.table == 'text' else sys.stderr):
        scores = forecast(a)
        report(scores, a)
    write(scores, a, sys.stdout)


if __name__ == '__main__':
    main()
