#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The costs of a decode step in C and in Python are the same numbers: twin_costs.py C_PROGRAM SOURCE_DIR"""
import subprocess
import sys
from pathlib import Path

program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
KINDS = 'none', 'MHA', 'MQA', 'GQA', 'MLA'


def rows(command, *options):
    """The tables' rows, and the verdict."""
    got = subprocess.run([*command, '--no-measures', *options], check=True, capture_output=True, text=True)
    words = [line.split() for line in got.stdout.splitlines()]
    return [line for line in words if line and line[0] in KINDS] + words[-1:]


for options in (), ('--tokens', '256', '--heads', '8', '--width', '96', '--groups', '2'):
    c = rows([program], *options)
    twin = rows([sys.executable, str(source / 'examples/python/t4_kv_cache_cost.py')], *options)
    for line in c:
        print(*line)
    if c != twin or len(c) != 11:
        sys.exit(f'NOT EQUAL: {twin}')
