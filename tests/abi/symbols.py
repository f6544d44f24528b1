#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The exported symbols are those that the headers declare, no more and no less, each with its version:
symbols.py LIBRARY HEADER_DIR [--must-fail]"""
import re
import subprocess
import sys
from pathlib import Path

library, headers = Path(sys.argv[1]), Path(sys.argv[2])
declared = set()
for path in headers.glob('*.h'):
    declared |= set(re.findall(r'^HW3_API[^;(]*?\b(hw3_\w+)\(', path.read_text(), re.M))
version = re.search(r'HW3_ABI_VERSION (\d+)', (headers / 'base.h').read_text())
want = {f'{name}@@HW3_{version[1]}' for name in declared} if version else set()
output = subprocess.run(['nm', '-D', '--defined-only', str(library)], check=True, capture_output=True, text=True).stdout
have = {parts[2] for parts in map(str.split, output.splitlines()) if parts[1] in 'TDBRVWi'}
for name in sorted(have - want):
    print(f'exported but not declared: {name}')
for name in sorted(want - have):
    print(f'declared but not exported: {name}')
print(f'{len(have)} exported, {len(want)} declared')
sys.exit((have != want or not have) != ('--must-fail' in sys.argv))
