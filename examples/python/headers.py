# SPDX-License-Identifier: MIT
"""Reads the public headers into plain lists: constants, structs, callbacks, functions, each with its comment.

The headers keep to one form (tests/style checks it), so a few patterns are a whole parser."""
import re
from dataclasses import dataclass, field

ORDER = ['base', 'tensor', 'params', 'graph', 'ops', 'attention', 'cost', 'optim', 'rnn', 'model', 'series', 'diagnostics', 'arima', 'arima_use', 'arima_auto', 'sampler', 'session', 'generate', 'beam', 'text', 'tokenizer', 'trainer', 'forecaster']


@dataclass
class Variable:  # a parameter or a field
    type: str    # such as "const double *"
    name: str
    doc: str = ''


@dataclass
class Function:
    name: str
    result: str
    parameters: list
    doc: str


@dataclass
class Headers:
    abi: int = 0
    statuses: list = field(default_factory=list)   # (name, value, text)
    constants: dict = field(default_factory=dict)  # name -> value
    enums: dict = field(default_factory=dict)      # type -> names of its constants
    integers: list = field(default_factory=list)   # typedef int32_t name
    handles: list = field(default_factory=list)    # opaque types
    structs: dict = field(default_factory=dict)    # name -> [Variable]
    callbacks: dict = field(default_factory=dict)  # name -> Function
    functions: list = field(default_factory=list)
    docs: dict = field(default_factory=dict)       # type -> comment


def clean(comment):
    """The text of a /** */ comment, one line a line."""
    text = re.sub(r'^\s*/\*\*<?|\*/\s*$', '', comment.strip())
    return '\n'.join(re.sub(r'^\s*\* ?', '', line).rstrip() for line in text.splitlines()).strip()


def variable(text):
    text = ' '.join(text.split())
    m = re.match(r'(.*?)\s*(\*{0,2})\s*(\w+)$', text)
    return Variable(f'{m[1].strip()} {m[2]}'.strip(), m[3])


def function(text, doc):
    text = ' '.join(text.replace('HW3_API', '').replace('HW3_MUST_CHECK', '').split())
    m = re.match(r'(.*?)(\w+)\s*\((.*)\)$', text)
    parameters = [] if m[3].strip() == 'void' else [variable(p) for p in m[3].split(',')]
    return Function(m[2], m[1].strip(), parameters, doc)


def read_structs(text, h):
    pattern = r'(/\*\*(?:(?!\*/).)*\*/)\s*typedef struct (hw3_\w+) \{(.*?)\} \2;'
    for m in re.finditer(pattern, text, re.S):
        fields = []
        for line in re.finditer(r'^\s*([^/\n;]+;)[ \t]*((?s:/\*\*<.*?\*/))?', m[3], re.M):
            declaration = line[1].rstrip(';').strip()
            pointer = re.match(r'(.*?)\(\*(\w+)\)\((.*)\)$', declaration)
            fields.append(Variable('void *', pointer[2]) if pointer else variable(declaration))
            fields[-1].doc = ' '.join(clean(line[2]).split()) if line[2] else ''
        h.structs[m[2]] = fields
        h.docs[m[2]] = clean(m[1])


def read(folder):
    h = Headers()
    for name in ORDER:
        text = (folder / f'{name}.h').read_text()
        bare = re.sub(r'/\*(?!\*).*?\*/', '', text, flags=re.S)
        h.statuses += [(m[1], int(m[2]), m[3]) for m in re.finditer(r'X\((HW3_\w+),\s*(-?\d+), "(.*?)"\)', bare)]
        for m in re.finditer(r'^#define (HW3_[A-Z_]+) (-?\d+|INT32_MIN)$', bare, re.M):
            h.constants[m[1]] = -2**31 if m[2] == 'INT32_MIN' else int(m[2])
        for m in re.finditer(r'typedef int32_t (\w+);(?:\s*enum \{(.*?)\};)?', bare, re.S):
            h.integers.append(m[1])
            values = re.findall(r'(HW3_\w+) = (-?\d+)', m[2] or '')
            h.constants.update({name: int(value) for name, value in values})
            h.enums[m[1]] = [name for name, _ in values]
        for m in re.finditer(r'(/\*\*(?:(?!\*/).)*\*/)\s*typedef struct (\w+) \2;', bare, re.S):
            h.handles.append(m[2])
            h.docs[m[2]] = clean(m[1])
        read_structs(bare, h)
        for m in re.finditer(r'(/\*\*(?:(?!\*/).)*\*/)\s*typedef ([\w ]+?)\s*\(\*(\w+)\)\(([^;]*)\);', bare, re.S):
            h.callbacks[m[3]] = function(f'{m[2]} {m[3]}({m[4]})', clean(m[1]))
        for m in re.finditer(r'(/\*\*(?:(?!\*/).)*\*/)\s*HW3_API\s+([^;]*);', bare, re.S):
            h.functions.append(function(m[2], clean(m[1])))
    h.abi = h.constants['HW3_ABI_VERSION']
    return h
