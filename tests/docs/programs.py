#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs that the texts show compile and do what they say: programs.py SOURCE_DIR LIBRARY

README.md's two, the one at the head of hw3.h, and the tutorial's blocks put together into one for each language. The shortest
programs at the heads of the other headers compile, each with the names that it takes for granted."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

source, library = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
environment = {**os.environ, 'LD_LIBRARY_PATH': str(library.parent), 'HW3_LIBRARY': str(library)}
FLAGS = ['-std=c11', '-Wall', '-Wextra', '-pedantic', '-Werror', '-I', str(source / 'include')]
failures = []

TUTORIAL = '''#include <hw3/hw3.h>
#include <math.h>
#include <stdio.h>
enum { N = 300 };
static double y[N], forecast[N], naive[N];
%s
static int tutorial(void)
{
    for (int i = 0; i < N; i++) y[i] = i %% 9 == 4 ? NAN : sin(i * 0.3);
%s
    float xs[4][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, ts[4][1] = { { 0 }, { 1 }, { 1 }, { 0 } };
    hw3_tensor *x = NULL, *t = NULL;
    TRY(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 4, 2 }, NULL, xs, &x));
    TRY(hw3_tensor_wrap(ctx, HW3_F32, 2, (int64_t[]){ 4, 1 }, NULL, ts, &t));
%s
    printf("%%.3f %%.3f\\n", m.rmse, m0.rmse);
    hw3_optim_destroy(adam), hw3_graph_destroy(g), hw3_params_destroy(p), hw3_forecaster_destroy(lstm);
    hw3_arima_destroy(sarima);
    hw3_sampler_destroy(sampler), hw3_session_destroy(s), hw3_tensor_destroy(tokens), hw3_tensor_destroy(targets);
    hw3_optim_destroy(adamw), hw3_graph_destroy(lg), hw3_model_destroy(llama);
    hw3_tensor_destroy(x), hw3_tensor_destroy(t), hw3_ctx_destroy(ctx);
    return 0;
}
int main(void) { return tutorial(); }
'''

PRELUDE = 'import sys; sys.path.insert(0, %r)\nimport numpy as np, hw3\nctx = hw3.Ctx()\n'

# What the head of each header takes for granted, besides ctx and TRY.
GIVEN = {
    'arima': 'const double *y; int64_t n; double *mean, *lower, *upper;',
    'arima_auto': 'const double *y; int64_t n;',
    'arima_use': 'hw3_arima *fit; const double *y; int64_t n; double *mean, *lower, *upper;',
    'attention': 'hw3_graph *g; hw3_var q, k, v;',
    'base': '',
    'beam': 'hw3_model *gpt; hw3_session *s; int64_t *prompt, n_prompt;',
    'cost': '',
    'diagnostics': 'double *residuals; int64_t n;',
    'forecaster': 'const double *y; int64_t n; double *mean;',
    'generate': 'hw3_session *s; hw3_sampler *sampler; hw3_decoder *decoder; int64_t *prompt, n_prompt; char piece[64];',
    'graph': 'hw3_params *params; hw3_tensor *x, *t; hw3_optim *adam;',
    'model': 'hw3_tensor *tokens, *next;',
    'ops': 'hw3_graph *g; hw3_var x, w1, b1;',
    'optim': 'hw3_params *params;',
    'params': '',
    'rnn': 'hw3_params *params; hw3_graph *g; hw3_var x;',
    'sampler': 'float *logits; int64_t n_vocab, *tokens, n_tokens, next;',
    'series': 'double *y, *z, *actual, *forecast; int64_t n, n_test; uint8_t *missing;',
    'session': 'hw3_model *gpt; int64_t *prompt, n_prompt, n_vocab, next; float *logits;',
    'tensor': 'float *data, out[4];',
    'text': '',
    'tokenizer': 'int64_t tokens[128], n, n_bytes; char text[1024];',
    'trainer': 'hw3_params *params; hw3_optim *adam; hw3_tensor *x, *y;',
}
BODY = '(void)user; hw3_var model = hw3_tanh(g, batch[0]);'  # for the dots of trainer.h


def blocks(text, language):
    return re.findall(rf'^```{language}\n(.*?)^```', text, re.S | re.M)


def run_c(name, text, folder):
    path = folder / f'{name}.c'
    path.write_text(text)
    subprocess.run(['cc', *FLAGS, str(path), '-L', str(library.parent), '-lhw3', '-lm', '-o', str(path.with_suffix(''))], check=True)
    return subprocess.run([str(path.with_suffix(''))], check=True, capture_output=True, text=True, env=environment, cwd=folder).stdout


def compile_head(name, given, folder):
    """The program is what stands indented before the first line of prose; its static function comes before the statements."""
    head = (source / f'include/hw3/{name}.h').read_text()
    lines = [line[3:] for line in head.splitlines()[3:]]
    first = next(i for i, line in enumerate(lines) if line.startswith('    '))
    stop = next(i for i, line in enumerate(lines) if i > first and line[:1].strip())
    program = [line for line in lines[first:stop] if line.strip() != '...']
    functions = [line.replace('...', BODY) for line in program if 'static ' in line]
    statements = [line for line in program if 'static ' not in line]
    path = folder / f'head_{name}.c'
    path.write_text('\n'.join(['#include <hw3/hw3.h>', '#include <stdio.h>', try_macro, 'hw3_ctx *ctx;', given, *functions,
                               'int head(void)', '{', *statements, 'return 0;', '}', '']))
    if subprocess.run(['cc', *FLAGS, '-Wno-unused', '-fsyntax-only', str(path)]).returncode:
        failures.append(f'{name}.h: the program at its head does not compile')


def expect(name, output, values, tolerance):
    """The first numbers of an output: the series 0 .. 11 goes on with 0 after 300 points."""
    numbers = [float(x) for x in re.findall(r'-?\d+\.\d+', output)][:len(values)]
    good = len(numbers) == len(values) and all(abs(a - b) <= tolerance for a, b in zip(numbers, values))
    print(f'{name}: {output.strip()}')
    if not good:
        failures.append(f'{name}: wanted {values} within {tolerance}')


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    readme = (source / 'README.md').read_text()
    # 50 short epochs on a season of 12 leave an error of a few tenths of a unit; so does the noise that nobody can forecast.
    expect('README C', run_c('readme', blocks(readme, 'c')[0], folder), [0, 1, 2, 3, 4, 0], 1.0)
    script = blocks(readme, 'python')[0].replace('examples/python', str(source / 'examples/python'))
    output = subprocess.run([sys.executable, '-c', script], check=True, capture_output=True, text=True, env=environment).stdout
    print('README Python:', output.strip())
    if 'sma1' not in output:
        failures.append('README Python: no SARIMA')
    head = (source / 'include/hw3/hw3.h').read_text()
    program = re.search(r'^ \*     (#include.*?)^ \*\n \* Threads', head, re.S | re.M)[1]
    expect('hw3.h', run_c('head', re.sub(r'^ \* ?(    )?', '', program, flags=re.M), folder), [0], 1.0)
    parts = blocks((source / 'docs/tutorial.md').read_text(), 'c')
    text = TUTORIAL % (parts[0], ''.join(parts[1:5]), ''.join(parts[5:]))
    output = run_c('tutorial', text, folder)
    print('tutorial:', output.strip())
    if 'mimsy were the borog' not in output:  # the model knows its poem, also at temperature 0.5
        failures.append('tutorial: the poem goes on in another way')
    script = PRELUDE % str(source.resolve() / 'examples/python') + blocks((source / 'docs/tutorial.md').read_text(), 'python')[0]
    output = subprocess.run([sys.executable, '-c', script], check=True, capture_output=True, text=True, env=environment, cwd=folder).stdout
    print('tutorial Python:', output.strip())
    if 'mimsy were the borog' not in output:
        failures.append('tutorial Python: the poem goes on in another way')
    try_macro = parts[0]
    for name, given in GIVEN.items():
        compile_head(name, given, folder)
    if {f'{name}.h' for name in GIVEN} | {'hw3.h'} != {path.name for path in (source / 'include/hw3').glob('*.h')}:
        failures.append('a header is missing in GIVEN')
print('\n'.join(failures))
sys.exit(bool(failures))
