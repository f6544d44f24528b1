#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public function lives through NULL, extreme numbers and unknown constants in each argument, and still
works with good ones afterwards. A crash of the library is a crash of this test.

For each function and each of its receivers (NULL, a good one) every other argument is NULL, 0 or 1, but for one that
takes each of its bad values in turn. An array is never longer than what is really there: it is NULL."""
import ctypes as C
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'examples/python'))
import headers  # noqa: E402
import hw3  # noqa: E402

VERBOSE = "-v" in sys.argv
h = headers.read(ROOT / 'include/hw3')
INTEGERS = [0, 1, -1, 2**31 - 1, -2**31, 127, 128, 3]
WIDE = [0, 1, -1, 2**63 - 1, -2**63, 2**62, 2**32, 3]
REALS = [0.0, 1.0, -1.0, float('nan'), float('inf'), -float('inf'), 1e308]


def objects():
    """A good receiver of each kind."""
    ctx = hw3.Ctx(n_threads=2)
    params = ctx.params_create()
    rnn = params.rnn_create('r.', n_inputs=1, n_hidden=4, glass_box=1)
    optim = params.optim_create()
    graph = ctx.graph_create(params)
    graph.begin()
    forecaster = ctx.forecaster_fit(np.sin(np.arange(60.0)), window=8, hidden=4, n_epochs=1)
    model = ctx.model_create(family=hw3.HW3_FAMILY_GPT2, n_vocab=5, n_ctx=4, d_model=4, n_layers=1, n_heads=2)
    Path('tokenizer.json').write_text('{"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}')
    tokenizer = ctx.tokenizer_open('tokenizer.json')
    return {'hw3_ctx': ctx, 'hw3_tokenizer': tokenizer, 'hw3_decoder': tokenizer.decoder_create(), 'hw3_tensor': ctx.tensor(np.ones((2, 3), np.float32)), 'hw3_params': params, 'hw3_rnn': rnn,
            'hw3_model': model, 'hw3_session': model.session_create(),
            'hw3_optim': optim, 'hw3_graph': graph, 'hw3_trainer': params.trainer_create(optim), 'hw3_forecaster': forecaster,
            'hw3_sampler': ctx.sampler_create(1), 'hw3_arima': ctx.arima_fit(np.sin(np.arange(60.0)) + np.arange(60) % 5)}


def bad_values(p):
    base = p.type.replace('const ', '').replace('*', '').strip()
    if '*' in p.type or base in h.callbacks:
        return [None]
    if base == 'double':
        return REALS
    if p.name == 'n_bytes':
        return [n for n in WIDE if n < 4]  # more than the text has would be a lie that no library can notice
    return WIDE if base in ('int64_t', 'uint64_t') else INTEGERS


def scratch(p):
    """Room for a plain output, so that calls reach beyond the check of NULL; None for arrays and handles in."""
    base = p.type.replace('const ', '').replace('*', '').strip()
    if p.type.count('*') == 2:
        return C.byref(C.c_void_p())
    if base in h.structs and '*' in p.type:
        kind = getattr(hw3, base)
        return C.byref(kind(struct_size=C.sizeof(kind)) if 'struct_size' in dict(kind._fields_) else kind())
    if base == 'char' and 'const' in p.type:
        return b'name'
    return None


def call(f, arguments):
    function = getattr(hw3._lib, f.name)
    if VERBOSE:
        print(f.name, arguments, flush=True)
    try:
        function(*arguments)
    except C.ArgumentError:  # ctypes would not even pass it on
        return 0
    return 1


def main():
    good, calls = objects(), 0
    for f in h.functions:
        if f.name.endswith('_destroy'):
            getattr(hw3._lib, f.name)(None)
            continue
        first = f.parameters[0].type.replace('const ', '').replace(' *', '') if f.parameters else ''
        receivers = [None, good[first]] if first in good else [None]
        others = f.parameters[1:] if first in good else f.parameters
        for receiver in receivers:
            fills = [lambda p: bad_values(p)[0], lambda p: scratch(p) if '*' in p.type else (bad_values(p) * 2)[1]]
            if f.name.endswith(('_opts_init', '_config_init')):
                fills.pop()  # a size beyond the struct would be a lie that no library can notice
            for fill in fills:
                for chosen in range(len(others) or 1):
                    for value in bad_values(others[chosen]) if others else [None]:
                        rest = [value if i == chosen else fill(p) for i, p in enumerate(others)]
                        calls += call(f, ([receiver] if first in good else []) + rest)
        if first == 'hw3_graph':
            good['hw3_graph'].begin()
    f = good['hw3_forecaster']
    assert np.isfinite(f.predict(np.sin(np.arange(60.0)), 3)).all()
    g, x = good['hw3_ctx'].graph_create(None), good['hw3_tensor']
    g.begin()
    assert g.value(g.sum(g.input(x), hw3.HW3_ALL_DIMS, 0)) == x.numpy().sum()
    print(f'{len(h.functions)} functions, {calls} calls')


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # for the files that are saved
        main()
