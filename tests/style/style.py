#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules of the source tree that a machine can check: style.py RULE [--root DIR] [--must-fail]

With --must-fail the rule has to find something: each rule has a fixture, a small tree that breaks it,
under tests/style/fixtures/RULE, so a rule that has gone blind fails its own test."""
import argparse
import re
import sys
from pathlib import Path

# What each folder of lib/ may include besides itself (docs/design.md, Layers).
LAYERS = {
    'base': set(), 'math': {'base'}, 'io': {'base'},
    'text': {'base', 'io'},
    'graph': {'base', 'math'}, 'optim': {'base', 'math', 'graph'}, 'nn': {'base', 'math', 'graph'},
    'model': {'base', 'graph', 'nn', 'io'}, 'series': {'base', 'math', 'io'},
    'train': {'base', 'math', 'graph', 'optim', 'io', 'model'},
    'infer': {'base', 'math', 'graph', 'nn', 'model', 'io', 'text'},
    'forecast': {'base', 'math', 'graph', 'optim', 'nn', 'model', 'io', 'train', 'series'},
}
LAYERS['api'] = set(LAYERS)
OWNERS = {'blis.h': 'math/gemm.c', 'utf8proc.h': 'text/unicode.c', 'pcre2.h': 'text/regex.c'}  # the one file that includes a header of others
MAX_FILE, MAX_FUNCTION, MAX_MEDIAN, MAX_HEADER, MAX_LINE, MAX_EXAMPLE = 800, 80, 15, 300, 150, 400
FORBIDDEN = r'\b(abort|exit|_exit|printf|puts|putchar|signal|sigaction|assert|longjmp|setenv|system)\s*\('


def sources(root, *patterns):
    return sorted(p for pattern in patterns for p in root.glob(pattern))


def strip(text):
    """Blanks comments and strings, keeping line numbers."""
    blank = lambda m: re.sub(r'[^\n]', ' ', m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def layers(root):
    for path in sources(root, 'lib/*/*.[ch]'):
        layer = path.parent.name
        if layer not in LAYERS:
            yield path, 1, f'lib/{layer} is no layer of docs/design.md'
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"(\w+)/', line)
            if m and m[1] not in ('hw3', layer) and m[1] not in LAYERS[layer]:
                yield path, number, f'{layer} may not include {m[1]}'
            for foreign, owner in OWNERS.items():
                if foreign in line and line.lstrip().startswith('#') and path.relative_to(root / 'lib') != Path(owner):
                    yield path, number, f'{foreign} belongs to {owner} alone'


def border(root):
    """HW3_API symbols are defined in api/ alone, and inner layers do not call them."""
    public = set()
    for path in sources(root, 'include/hw3/*.h'):
        public |= set(re.findall(r'\b(hw3_\w+)\s*\(', strip(path.read_text())))
    for path in sources(root, 'lib/*/*.[ch]'):
        if path.parent.name == 'api':
            continue
        for number, line in enumerate(strip(path.read_text()).splitlines(), 1):
            for name in re.findall(r'\b(hw3_\w+)\s*\(', line):
                if name in public:
                    yield path, number, f'{name} is public; inner layers use hw3i_'


def calls(root):
    for path in sources(root, 'lib/*/*.[ch]'):
        for number, line in enumerate(strip(path.read_text()).splitlines(), 1):
            m = re.search(FORBIDDEN, line)
            if m:
                yield path, number, f'{m[1]} may not be called by a library'


def functions(text):
    """(line, length) of each function body that starts in column 0."""
    lines, start, found = strip(text).splitlines(), None, []
    for number, line in enumerate(lines, 1):
        if line.startswith('{'):
            start = number
        elif line.startswith('}') and start:
            if not line.startswith('};'):
                found.append((start, number - start + 1))
            start = None
    return found


def sizes(root):
    lengths = []
    for path in sources(root, 'lib/*/*.[ch]', 'include/hw3/*.h', 'examples/*.c', 'examples/support/*.[ch]', 'tests/*/*.c'):
        text = path.read_text()
        n = text.count('\n')
        limit = MAX_HEADER if path.parent.name == 'hw3' else MAX_EXAMPLE if path.parent.name == 'examples' else MAX_FILE
        if n > limit:
            yield path, n, f'{n} lines, limit {limit}'
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > MAX_LINE and path.parent.name != 'hw3':
                yield path, number, f'{len(line)} columns, limit {MAX_LINE}'
        if path.parent.parent.name == 'lib':
            for number, length in functions(text):
                lengths.append(length)
                if length > MAX_FUNCTION:
                    yield path, number, f'function of {length} lines, limit {MAX_FUNCTION}'
    lengths.sort()
    if lengths and lengths[len(lengths) // 2] > MAX_MEDIAN:
        yield root / 'lib', 1, f'median function has {lengths[len(lengths) // 2]} lines, limit {MAX_MEDIAN}'


def licence(root):
    for path in sources(root, 'lib/*/*.[ch]', 'include/hw3/*.h', 'examples/**/*.[ch]', 'tests/**/*.[ch]', 'tests/**/*.py',
                        'examples/**/*.py', 'examples/**/*.sh', 'tests/**/*.sh', '**/meson.build'):
        if 'fixtures' in path.relative_to(root).parts or 'build' in path.relative_to(root).parts[0]:
            continue
        if 'SPDX-License-Identifier: MIT' not in '\n'.join(path.read_text(errors='replace').splitlines()[:3]):
            yield path, 1, 'no SPDX line'


def docs(root):
    """Every public declaration has a comment that names its parameters, says what is returned and since when;
    every header says how threads stand; every [Key] is in docs/references.md."""
    references = root / 'docs/references.md'
    known = set(re.findall(r'^- \[(\w+)\]', references.read_text(), re.M)) if references.exists() else set()
    for path in sources(root, 'include/hw3/*.h'):
        text = path.read_text()
        line_of = lambda i: text.count('\n', 0, i) + 1
        if not re.search(r'^ \* Threads: ', text, re.M):
            yield path, 1, 'the head does not say how threads stand'
        for m in re.finditer(r'(/\*\*(?:(?!\*/).)*\*/\s*)?^HW3_API\s+([^;]*);', text, re.M | re.S):
            comment, declaration = m[1] or '', ' '.join(m[2].split())
            name = re.search(r'(\w+)\(', declaration)[1]
            line = line_of(m.start(2))
            if not comment:
                yield path, line, f'{name} has no comment'
                continue
            if 'Since ' not in comment:
                yield path, line, f'{name}: since when?'
            if not re.match(r'void \w', declaration.replace('HW3_MUST_CHECK ', '')) and 'Returns' not in comment:
                yield path, line, f'{name}: what does it return?'
            arguments = declaration[declaration.index('(') + 1:declaration.rindex(')')]
            for argument in arguments.split(','):
                parameter = re.search(r'(\w+)\s*(\[\])?$', argument.strip())
                if parameter and argument.strip() != 'void' and not re.search(rf'\b{parameter[1]}\b', comment):
                    yield path, line, f'{name}: parameter {parameter[1]} is not described'
        for m in re.finditer(r'\[([A-Z][A-Za-z]+\d\d|Numpy|PyTorch|Safetensors)\]', text):
            if m[1] not in known:
                yield path, line_of(m.start()), f'[{m[1]}] is not in docs/references.md'


RULES = {f.__name__: f for f in (layers, border, calls, sizes, licence, docs)}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('rule', choices=RULES)
    p.add_argument('--root', type=Path, default=Path(__file__).resolve().parents[2])
    p.add_argument('--must-fail', action='store_true')
    a = p.parse_args()
    found = list(RULES[a.rule](a.root))
    for path, line, text in found:
        print(f'{path.relative_to(a.root)}:{line}: {text}')
    print(f'{a.rule}: {len(found)} found')
    return bool(found) != a.must_fail


if __name__ == '__main__':
    sys.exit(main())
