#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The GPT-2 of comments in C and its Python twin print and save the same: twin_comments.py C_PROGRAM SOURCE_DIR

Both train for an epoch on a few of the built-in comments, on one thread and on two. Then what the C program does alone: it cuts a
comment that is too long, shows none of the training set, goes on from typed starts, and refuses what does not fit."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
OPTIONS = ['--comments', 'comments.csv', '--vocab', '400', '--epochs', '1', '--batch', '512', '--top-k', '20',
           '--temperature', '0.7']
FILES = 'model.safetensors', 'config.json', 'tokenizer.json'


def run(*command, status=0, given=''):
    got = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=folder, input=given, errors='replace')
    assert got.returncode == status, (command, got.returncode, got.stdout, got.stderr)
    return got.stdout if status == 0 else got.stderr


def refused(text, said, *options):
    (folder / 'bad.csv').write_bytes(text)
    message = run(program, '--comments', 'bad.csv', *options, status=1)
    assert said in message and message.count('\n') == 1, message


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    lines = (source / 'examples/data/comments.csv').read_text().splitlines()[:401]
    lines.append('خیلی ' * 200 + 'خوب\tHAPPY')
    (folder / 'comments.csv').write_text('\n'.join(lines) + '\n')
    c = run(program, *OPTIONS, '--threads', 1, '--grid', 1, '--save', 'c')
    print(c)
    twin = run(sys.executable, source / 'examples/python/p2_gpt2_persian.py', *OPTIONS, '--threads', 2, '--save', 'python')
    missing = [line for line in twin.splitlines() if line not in c]
    assert not missing and len(twin.splitlines()) > 23, missing
    assert all((folder / 'c' / name).read_bytes() == (folder / 'python' / name).read_bytes() for name in FILES)
    assert '1 of 361 comments have more than the 127 tokens that the model reads: cut' in c, c
    shown = re.findall(r'^ +\d+\. (.*)  \[judge: ', c, re.M)
    assert len(shown) == 20 and not {line.split('\t')[0] for line in lines} & set(shown), shown
    assert all((folder / 'out/p2_gpt2_persian' / f'losses.{kind}').stat().st_size > 100 for kind in ('dat', 'gp'))
    typed = run(program, *OPTIONS[:4], '--load', 'c', '--interactive', given='+ پیتزا\n-غذا\nچه\n- ' + 'دیر ' * 300 + '\n+\n')
    answers = typed.splitlines()[-4:]
    assert answers[0].startswith('پیتزا') and answers[1].startswith('غذا') and answers[2].startswith('A line begins'), typed
    run(program, *OPTIONS[:2], '--vocab', 300, '--epochs', 1, '--grid', 0, '--no-plots', '--save', 'other')
    message = run(program, *OPTIONS[:2], '--load', 'c', '--tokenizer', 'other/tokenizer.json', status=1)
    assert 'is of 400 tokens' in message and 'has 300' in message and 'do not belong together' in message, message
    refused(b'', 'bad.csv: the file is empty')
    refused(b'text\tlabel\na\tSAD\n', "bad.csv: no column 'comment' or 'comment_cleaned'; it has 'text', 'label'")
    refused('comment\tlabel\nخوب\tHAPPY\nب\xff\tSAD\n'.encode('latin-1', 'ignore') + b'\xff\tSAD\n', 'is not UTF-8 text')
    refused(('\n'.join(lines[:5]) + '\n').encode(), '4 comments: at least 10 are needed')
print('equal')
