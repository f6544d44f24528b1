#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public struct has the layout that was pinned, has no hidden padding, and ctypes sees it alike:
layout.py SOURCE_DIR PINNED [--write | --must-fail]"""
import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

source, pinned = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(source / 'examples/python'))
import headers  # noqa: E402

h = headers.read(source / 'include/hw3')
rows = []
for name, fields in h.structs.items():
    rows.append(f'printf("{name} %zu", sizeof({name}));')
    rows += [f'printf(" {v.name}@%zu+%zu", offsetof({name}, {v.name}), sizeof((({name} *)0)->{v.name}));' for v in fields]
    rows.append('puts("");')
program = '#include <hw3/hw3.h>\n#include <stdio.h>\nint main(void)\n{\n' + '\n'.join(rows) + '\nreturn 0;\n}\n'
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / 'layout.c').write_text(program)
    subprocess.run(['cc', '-I', str(source / 'include'), f'{folder}/layout.c', '-o', f'{folder}/layout'], check=True)
    have = subprocess.run([f'{folder}/layout'], check=True, capture_output=True, text=True).stdout
if '--write' in sys.argv:
    pinned.write_text(have)
failures = [f'now {line}' for line in have.splitlines() if line not in pinned.read_text().splitlines()]
for line in have.splitlines():
    name, size, *fields = line.split()
    end = 0
    for field in fields:
        where, length = map(int, field.split('@')[1].split('+'))
        if where != end:
            failures.append(f'{name}: {where - end} bytes of padding before {field}')
        end = where + length
    if end != int(size):
        failures.append(f'{name}: {int(size) - end} bytes of padding at the end')
if not '--must-fail' in sys.argv:
    import hw3
    for line in have.splitlines():
        name, size, *fields = line.split()
        kind = getattr(hw3, name)
        seen = [f'{f[0]}@{getattr(kind, f[0]).offset}+{getattr(kind, f[0]).size}' for f in kind._fields_]
        if ctypes.sizeof(kind) != int(size) or seen != fields:
            failures.append(f'ctypes sees {name} as {ctypes.sizeof(kind)} {seen}')
print('\n'.join(failures) or f'{len(h.structs)} structs as pinned')
sys.exit(bool(failures) != ('--must-fail' in sys.argv))
