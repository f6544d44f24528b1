#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C program and its Python twin give the same bits: twin.py C_PROGRAM SOURCE_DIR

Both train for two epochs on a short cut of the prices and save their networks; the files must be equal byte for
byte, and so must all scores in full precision, those of ARIMA too, by given order, by AIC and by search."""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
OPTIONS = ['--epochs', '2', '--course', '--hidden', '12', '--window', '20', '--fill', 'linear', '--calendar']
SEARCH = ['--only', 'arima', '--refit', '20', '--lag-regressors']
MODELS = ['naive: last value', 'drift', 'ARIMA', 'ARIMA, refit', 'SARIMA', 'SARIMA + regressors', 'SARIMA, batch',
          'SARIMA + regressors, batch', 'RNN', 'LSTM', 'GRU']


def run(command, *arguments):
    got = subprocess.run([*command, *map(str, arguments), '--table', 'json'], check=True, capture_output=True, text=True, cwd=folder)
    return json.loads(got.stdout), got.stderr


def short_prices():
    """The first 600 days, with columns beside the price that make regressors; gaps in them too."""
    lines = (source / 'examples/data/wti-daily.csv').read_text().splitlines()[1:600]
    rows = [f'{line},{float(line.split(",")[1]) + 0.1 * (i * 7 % 5):.2f},{"null" if i % 50 == 3 else 1000 + i * 37 % 101}'
            for i, line in enumerate(lines)]
    return '\n'.join(['Date,Price,High,Volume', *rows]) + '\n'


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    prices = folder / 'prices.csv'
    prices.write_text(short_prices())
    c, twin = [program, '--no-plots'], [sys.executable, str(source / 'examples/python/p1_oil_forecast.py')]
    scores, report = run(c, prices, *OPTIONS, '--threads', 1, '--save', folder / 'c')
    same = scores == run(twin, prices, *OPTIONS, '--threads', 2, '--save', folder / 'python')[0]
    assert 'units 12, batch 100,' in report and '(3,1,2)(3,1,1)[12]' in report, report  # --course leaves alone what is asked for by name
    assert [row['model'] for row in scores] == MODELS and [row['looks_ahead'] for row in scores] == [int('regr' in m) for m in MODELS]
    for order, said in (('aic', r'The order of least AIC is p = \d, q = \d'), ('auto', r'With a season of a week: of \d+ models \(\d')):
        search, report = run(c, prices, *SEARCH, '--order', order, '--threads', 1)
        same = same and search == run(twin, prices, *SEARCH, '--order', order, '--threads', 2)[0]
        assert [row['model'] for row in search if row['looks_ahead']] == ['SARIMA + regressors, batch'], search
        assert re.search(said, report), report
    print(f'scores: {"equal" if same else "NOT EQUAL"}')
    for name in ('rnn', 'lstm', 'gru'):
        a, b = (folder / where / f'{name}.safetensors' for where in ('c', 'python'))
        equal = a.read_bytes() == b.read_bytes()
        print(f'{name}: {"equal" if equal else "NOT EQUAL"}, {a.stat().st_size} bytes')
        same = same and equal
sys.exit(not same)
