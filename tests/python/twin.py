#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C program and its Python twin give the same bits: twin.py C_PROGRAM SOURCE_DIR

Both train for two epochs on a short cut of the prices and save their networks; the files must be equal byte for
byte, and so must the numbers of the tables."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
OPTIONS = ['--epochs', '2', '--course', '--hidden', '12', '--window', '20', '--fill', 'linear', '--calendar']
ROW = r'^ *(naive: last value|RNN|LSTM|GRU)\s+([-\d.]+)\s+([-\d.]+)\s+([-\d.]+)\s+([-\d.]+)'

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    lines = (source / 'examples/data/wti-daily.csv').read_text().splitlines()
    (folder / 'prices.csv').write_text('\n'.join(lines[:600]) + '\n')
    arguments = [str(folder / 'prices.csv'), *OPTIONS]
    c = subprocess.run([program, *arguments, '--no-plots', '--threads', '1', '--save', str(folder / 'c')], check=True,
                       capture_output=True, text=True, cwd=folder).stdout
    twin = [sys.executable, str(source / 'examples/python/p1_oil_forecast.py')]
    python = subprocess.run([*twin, *arguments, '--threads', '2', '--save', str(folder / 'python')], check=True,
                            capture_output=True, text=True, cwd=folder).stdout
    assert 'units 12, batch 100,' in c, c  # --course leaves alone what is asked for by name
    same = re.findall(ROW, c, re.M) == re.findall(ROW, python, re.M) and len(re.findall(ROW, c, re.M)) == 4
    if not same:
        print(c, python, sep='\n')
    for name in ('rnn', 'lstm', 'gru'):
        a, b = (folder / where / f'{name}.safetensors' for where in ('c', 'python'))
        equal = a.read_bytes() == b.read_bytes()
        print(f'{name}: {"equal" if equal else "NOT EQUAL"}, {a.stat().st_size} bytes')
        same = same and equal
sys.exit(not same)
