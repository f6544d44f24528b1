#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes hw3.py from the public headers: generate.py [--check | --must-differ FILE]

hw3.py is prelude.py, then what follows from the headers (constants, structs, prototypes, a class for each
handle with a method for each function), then extras.py. The comments of the headers are read for more than
their text: "mean: [horizon]" is how the binding knows the length of an output array, and "changed" that an
array is worked on in place."""
import os
import re
import sys
import textwrap
from pathlib import Path

import headers

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NUMBERS = {'int32_t': 'c_int32', 'uint32_t': 'c_uint32', 'int64_t': 'c_int64', 'uint64_t': 'c_uint64', 'uint8_t': 'c_uint8',
           'double': 'c_double', 'float': 'c_float', 'size_t': 'c_size_t'}
DTYPE = {'double': 'float64', 'float': 'float32', 'int64_t': 'int64', 'int32_t': 'int32', 'uint8_t': 'uint8', 'hw3_var': 'int32'}
# Lengths in comments that are no parameters.
LENGTHS = {'n_xreg': 'self.describe().n_xreg', 'sum of lengths': 'int(lengths.sum())'}
# Written by hand in extras.py, or of no use from Python.
BY_HAND = {'hw3_ctx_create', 'hw3_ctx_destroy', 'hw3_ctx_error', 'hw3_tensor_wrap', 'hw3_tensor_read', 'hw3_tensor_write',
           'hw3_tensor_data', 'hw3_var_shape', 'hw3_var_read', 'hw3_var_read_grad', 'hw3_trainer_history',
           'hw3_forecaster_history', 'hw3_forecaster_set_progress', 'hw3_sampler_add_callback', 'hw3_generate', 'hw3_generate_next', 'hw3_series_windows', 'hw3_split',
           'hw3_text_normalize', 'hw3_persian_normalize', 'hw3_persian_restore',
           'hw3_tokenizer_add', 'hw3_tokenizer_find', 'hw3_tokenizer_token', 'hw3_tokenizer_encode', 'hw3_tokenizer_encode_batch', 'hw3_tokenizer_decode',
           'hw3_tokenizer_view', 'hw3_tokenizer_train', 'hw3_decoder_push', 'hw3_decoder_finish'}


def class_name(handle):
    return handle[4:].title().replace('_', '')


def bare(text):
    return text.replace('const ', '').replace('*', '').strip()


class Generator:
    def __init__(self, h):
        self.h, self.out, self.seen = h, [], set()
        self.by_name = {f.name: f for f in h.functions}

    def ctype(self, text):
        base, stars = bare(text), text.count('*')
        if base == 'char':
            return 'C.c_char_p' if stars == 1 else 'C.POINTER(C.c_char_p)'
        if base == 'void' and stars:
            return 'C.c_void_p'
        if base in self.h.handles:
            return 'C.c_void_p' if stars == 1 else 'C.POINTER(C.c_void_p)'
        if base in self.h.callbacks:
            return base
        kind = 'C.c_int32' if base in self.h.integers else base if base in self.h.structs else 'C.' + NUMBERS[base]
        return f'C.POINTER({kind})' if stars else kind

    def describe(self, f, name, seen=()):
        """The comment on one parameter, following "as in hw3_x"."""
        for m in re.finditer(r'(?:^|\s\s|\n)\s*((?:\w+, )*\w+): (.*?)(?=\s\s+(?:\w+, )*\w+: |\n|$)', f.doc):
            if name in m[1].split(', '):
                other = re.match(r'(?:as in|as) (hw3_\w+)', m[2])
                if other and other[1] in self.by_name and other[1] not in seen:
                    return self.describe(self.by_name[other[1]], name, (*seen, f.name)) or m[2]
                return m[2]
        return ''

    def constants(self):
        self.out.append(f'\n\nABI = {self.h.abi}\n')
        for name, value, _ in self.h.statuses:
            self.out.append(f'{name} = {value}\n')
        for name, value in self.h.constants.items():
            self.out.append(f'{name} = {value}\n')
        names = ', '.join(f'{value}: {name!r}' for name, value, _ in self.h.statuses)
        self.out.append(f'STATUS_NAMES = {{{names}}}\n')
        self.out.append('CONSTANTS = {  # by their texts\n')
        for kind, values in self.h.enums.items():
            if len(values) > 1 and kind != 'hw3_dtype':
                prefix = os.path.commonprefix(values).rindex('_') + 1
                texts = {name[prefix:].lower(): self.h.constants[name] for name in values}
                self.out.append(f'    {kind!r}: {texts!r},\n')
        self.out.append('}\n')

    def structs(self):
        for name, callback in self.h.callbacks.items():
            arguments = ', '.join(self.ctype(p.type) for p in callback.parameters)
            result = 'None' if callback.result == 'void' else self.ctype(callback.result)
            for p in callback.parameters:
                self.struct(bare(p.type))  # comes first
            self.out.append(f'\n\n{name} = C.CFUNCTYPE({result}, {arguments})  # {" ".join(callback.doc.split())}\n')
        for name in self.h.structs:
            self.struct(name)

    def struct(self, name):
        if name not in self.h.structs or name in self.seen:
            return
        self.seen.add(name)
        for v in self.h.structs[name]:
            self.struct(bare(v.type))
        fields = ',\n        '.join(f"('{v.name}', {self.ctype(v.type)})" for v in self.h.structs[name])
        enums = {v.name: v.type for v in self.h.structs[name] if self.h.enums.get(v.type) and v.type != 'hw3_dtype'}
        doc = self.h.docs[name].replace('\\', '\\\\')
        notes = '\n'.join(f'    {v.name}: {v.doc}' for v in self.h.structs[name] if v.doc and v.name != 'struct_size')
        self.out.append(f'\n\nclass {name}(_Struct):\n    """{doc}\n\n{notes}\n    """\n    _enums_ = {enums!r}\n'
                        f'    _fields_ = [\n        {fields}]\n')

    def prototypes(self):
        self.out.append('\n\n_lib = _load()\n')
        for f in self.h.functions:
            result = 'None' if f.result == 'void' else self.ctype(f.result)
            arguments = ', '.join(self.ctype(p.type) for p in f.parameters)
            self.out.append(f'_lib.{f.name}.restype, _lib.{f.name}.argtypes = {result}, [{arguments}]\n')
        self.out.append("if _lib.hw3_abi_version() != ABI:\n"
                        "    raise ImportError(f'libhw3 speaks interface {_lib.hw3_abi_version()}, this file {ABI}')\n")

    def classes(self):
        for handle in self.h.handles:
            own = [f for f in self.h.functions if f.parameters and f.parameters[0].type.replace('const ', '') == f'{handle} *'
                   and f.name not in BY_HAND]
            destroy = f'{handle}_destroy'
            self.out.append(f'\n\nclass {class_name(handle)}(_Object):\n    """{self.h.docs[handle]}"""\n'
                            f'    _destroy = _lib.{destroy}\n')
            for f in own:
                if f.name != destroy:
                    self.method(handle, f)

    def method(self, handle, f):
        name = re.sub(rf'^({handle}_|hw3_)', '', f.name)
        m = Method(self, f)
        for i, p in enumerate(f.parameters[1:], 1):
            m.parameter(i, p)
        self.out.append(m.text(name if name not in ('print',) else name + '_'))


class Method:
    """Turns one C function into the text of a Python method."""

    def __init__(self, generator, f):
        self.g, self.f = generator, f
        self.signature, self.before, self.call, self.results, self.after = ['self'], [], ['self'], [], []
        self.keywords, self.callbacks, self.keep, self.skip = None, [], [], set()
        self.shapes = {}  # of arrays whose length no argument tells

    def parameter(self, i, p):
        if i in self.skip:
            return
        following = self.f.parameters[i + 1] if i + 1 < len(self.f.parameters) else None
        base, stars = bare(p.type), p.type.count('*')
        doc, h = self.g.describe(self.f, p.name), self.g.h
        optional = 'NULL' in doc or 'HW3_NONE' in doc
        if base in h.handles:
            self.handle(i, p, base, stars, doc)
        elif base.endswith(('_opts', '_config')) and p.type.startswith('const'):
            self.keywords = base
            self.before.append(f'opts, kept = _options({base}, _lib.{base}_init, options, self)')
            self.call.append('C.byref(opts)')
        elif base in h.callbacks:
            self.callback(i, p, base, optional)
        elif base in h.structs:
            self.struct(p, base, doc)
        elif base == 'char' and stars == 1:
            self.plain(p, f'None if {p.name} is None else os.fsencode({p.name})')
        elif stars == 1 and p.type.startswith('const'):
            self.array_in(i, p, base, doc, following, optional)
        elif stars:
            self.array_out(i, p, base, doc, following)
        elif following and p.name == 'n_dims' and following.name == 'shape':
            self.signature.append('shape')
            self.before.append('shape = tuple(shape)')
            self.call += ['len(shape)', '(C.c_int64 * len(shape))(*shape)']
            self.skip.add(i + 1)
        else:
            constant = h.enums.get(base) and base != 'hw3_dtype'
            self.plain(p, f'_constant({base!r}, {p.name})' if constant else p.name,
                       'HW3_NONE' if 'HW3_NONE' in doc else '0' if 'else ignored' in doc else self.example(doc))

    @staticmethod
    def example(doc):
        """The number of "such as 0.95" is a default."""
        found = re.match(r'such as ([\d.]*\d)', doc)
        return found and found[1]

    def plain(self, p, expression, default=None):
        self.signature.append(p.name + (f'={default}' if default else ''))
        self.call.append(expression)

    def handle(self, i, p, base, stars, doc):
        if stars == 1:
            self.plain(p, p.name, 'None' if 'NULL' in doc else None)
            self.keep.append(p.name)
            return
        if 'const' in p.type:  # an array of them and its length
            self.signature.append(p.name)
            self.before.append(f'{p.name} = list({p.name})')
            self.call += [f'(C.c_void_p * len({p.name}))(*(x._as_parameter_ for x in {p.name}))', f'len({p.name})']
            self.skip.add(i + 1)
            return
        self.before.append(f'{p.name} = C.c_void_p()')
        self.call.append(f'C.byref({p.name})')
        ctx = 'self' if self.f.parameters[0].type.endswith('hw3_ctx *') else 'self._ctx'
        self.results.append((f'{class_name(base)}({p.name}.value, {ctx}, {"borrowed" not in doc}, ({", ".join(["self", *self.keep, *(["kept"] if self.keywords else [])])},)'
                             f'{", kept[1]" if self.keywords else ""})', p.name))

    def callback(self, i, p, base, optional):
        adapt = {'hw3_loss_fn': 'lambda g: (self,)',
                 'hw3_arima_origin_fn': 'lambda done, total: (done, total)',
                 'hw3_batch_loss_fn': 'lambda g, batch: (Graph(g, self._ctx, False), *batch[:len(tensors)])'}[base]
        self.signature.append(p.name + ('=None' if optional else ''))
        function = f'{p.name} or (lambda *_: 0)' if optional else p.name
        self.before.append(f'{p.name} = _Callback({base}, {function}, {adapt})')
        self.call += [f'{p.name}.function', 'None']
        self.callbacks.append(p.name)
        self.skip.add(i + 1)

    def struct(self, p, base, doc):
        if p.type.startswith('const') or base == 'hw3_rnn_state':
            self.plain(p, f'None if {p.name} is None else C.byref({p.name})', 'None' if 'NULL' in doc else None)
            return
        fields = [v.name for v in self.g.h.structs[base]]
        size = f'struct_size=C.sizeof({base})' if 'struct_size' in fields else ''
        self.before.append(f'{p.name} = {base}({size})')
        self.call.append(f'C.byref({p.name})')
        self.results.append((p.name, None))

    def array_in(self, i, p, base, doc, following, optional):
        self.signature.append(p.name + ('=None' if optional else ''))
        rows = ', n_dims=2' if re.match(r'\[\w+, ', doc) else ''
        text = f"_array({p.name}, '{p.name}', np.{DTYPE[base]}{rows})"
        self.before.append(f'{p.name} = ' + (f'None if {p.name} is None else {text}' if optional else text))
        self.call.append(f'_address({p.name}, {self.g.ctype(base)})')
        shape = re.match(r'\[(.+?)\]', doc)
        if shape:
            self.shapes[p.name] = [LENGTHS.get(n, n) for n in shape[1].split(', ')]
        self.count(i, p, following)

    def count(self, i, p, following):
        """An int64_t n... right after arrays is their length."""
        if following and following.type == 'int64_t' and re.match(r'n(_|$)', following.name):
            names = [p.name]
            for q in reversed(self.f.parameters[1:i]):
                if q.type == p.type and q.name not in ('train', 'xreg'):
                    names.insert(0, q.name)
                else:
                    break
            self.before.append(f'{following.name} = _length({", ".join(names)})')
            self.shapes = {name: shape for name, shape in self.shapes.items() if name not in names}
            self.call.append(following.name)
            self.skip.add(i + 1)

    def array_out(self, i, p, base, doc, following):
        kind = self.g.ctype(base)
        if base in DTYPE and 'changed' in doc:
            self.signature.append(p.name)
            self.before.append(f"_array({p.name}, '{p.name}', np.{DTYPE[base]}, True)")
            self.call.append(f'_address({p.name}, {kind})')
            self.count(i, p, following)
        elif base in DTYPE and re.match(r'\[.+?\]', doc):
            shape = ', '.join(f'max(0, {size})' for size in re.match(r'\[(.+?)\]', doc)[1].split(', '))
            self.before.append(f'{p.name} = np.empty({f"({shape})" if "," in shape[7:] else shape}, np.{DTYPE[base]})')
            self.call.append(f'_address({p.name}, {kind})')
            self.results.append((p.name, None))
        else:
            text = p.type == 'const char **'
            self.before.append(f'{p.name} = {"C.c_char_p" if text else kind}()')
            self.call.append(f'C.byref({p.name})')
            self.results.append((f'({p.name}.value or b"").decode()' if text else f'{p.name}.value', None))

    def text(self, name):
        f = self.f
        signature = self.signature + (['**options'] if self.keywords else [])
        lines = [line.strip() for line in f.doc.splitlines()]
        if self.keywords:
            names = [v.name for v in self.g.h.structs[self.keywords]
                     if v.name not in ('struct_size', 'reserved') and not v.name.endswith('_user')]
            lines += textwrap.wrap(f'options: fields of {self.keywords}: {", ".join(names)}.', 120)
        doc = '\n        '.join(lines)
        lines = [f'\n    def {name}({", ".join(signature)}):', f'        """{doc}"""']
        lines += [f'        {line}' for line in self.before]
        lines += [f"        _sized({name}, '{name}', {', '.join(shape)})" for name, shape in self.shapes.items()]
        call = f'_lib.{f.name}({", ".join(self.call)})'
        status = f.result in ('hw3_status', 'hw3_var')
        if not status:
            wrap = f'Params({call}, self._ctx, False, self)' if f.result == 'hw3_params *' else call
            wrap = f'({call} or b"").decode()' if f.result == 'const char *' else wrap
            lines.append(f'        return {wrap}' if f.result != 'void' else f'        {call}')
            return '\n'.join(lines) + '\n'
        calls_back = f'({", ".join(self.callbacks)},)' if self.callbacks else 'kept[1]' if self.keywords else ''
        if self.callbacks or 'HW3_ERR_CANCELLED' in f.doc:
            lines += [f'        with self._interruptible({calls_back}):', f'            status = {call}']
        else:
            lines.append(f'        status = {call}')
        result = ', '.join(expression for expression, _ in self.results)
        handle = next((h for _, h in self.results if h), None)
        if handle and self.keywords:
            lines += [f'        result = {result} if {handle}.value else None']
            lines += ['        self._check(status, result, kept[1])', '        return result']
            return '\n'.join(lines) + '\n'
        callbacks = calls_back and f', None, {calls_back}'
        if f.result == 'hw3_var' or not self.results:
            shown = 'return ' if f.result == 'hw3_var' else ''
            lines.append(f'        {shown}self._check(status{callbacks})')
        else:
            kept = [c for c in [callbacks] if c]
            lines += [f'        self._check(status{"".join(kept)})', f'        return {result}']
        return '\n'.join(lines) + '\n'


def generate():
    g = Generator(headers.read(ROOT / 'include/hw3'))
    g.out.append((HERE / 'prelude.py').read_text().rstrip() + '\n')
    for step in (g.constants, g.structs, g.prototypes, g.classes):
        step()
    g.out.append((HERE / 'extras.py').read_text().split('\n', 1)[1])
    return ''.join(g.out)


if __name__ == '__main__':
    text = generate()
    if '--check' in sys.argv:
        stale = not (HERE / 'hw3.py').exists() or (HERE / 'hw3.py').read_text() != text
        print('hw3.py is stale; run: python3 examples/python/generate.py' if stale else 'hw3.py is what the headers say')
        sys.exit(stale)
    if '--must-differ' in sys.argv:
        sys.exit(Path(sys.argv[-1]).read_text() == text)
    (HERE / 'hw3.py').write_text(text)
