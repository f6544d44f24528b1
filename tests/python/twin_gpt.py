#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The small GPT in C and its Python twin print the same and save the same bytes: twin_gpt.py C_PROGRAM SOURCE_DIR

Both train a smaller model for a few steps, on one thread and on two, and write with a temperature."""
import subprocess
import sys
import tempfile
from pathlib import Path

program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
OPTIONS = ['--steps', '12', '--width', '48', '--layers', '2', '--temperature', '0.8', '--prompt', 'O frabjous']

with tempfile.TemporaryDirectory() as scratch:
    def run(command, threads, name):
        got = subprocess.run([*command, *OPTIONS, '--threads', str(threads), '--save', f'{scratch}/{name}'], capture_output=True)
        assert got.returncode == 1 and got.stdout, got.stderr  # so short a training recites nothing
        return got.stdout, [(Path(scratch) / name / file).read_bytes() for file in ('model.safetensors', 'config.json')]

    c, twin = run([program], 1, 'c'), run([sys.executable, str(source / 'examples/python/g1_small_gpt.py')], 2, 'python')
    print(c[0].decode(errors='replace'))
    sys.exit(0 if c == twin else f'NOT EQUAL: {twin[0].decode(errors="replace")}')
