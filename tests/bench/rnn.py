# SPDX-License-Identifier: MIT
"""Recurrent networks against PyTorch, by `sh tests/bench/run.sh rnn`: one training epoch over the windows of 50 days
of the training part of the oil prices, and single forecasts. Both sides are processes of their own that take turns;
each ratio is the median of the peer's seconds over the median of hw3's, and the losses of the first epoch
must agree to 1e-3 (later epochs of the 512 tanh units enlarge rounding beyond that)."""
import csv
import json
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sides import take_turns

WINDOW, THREADS, ROUNDS = 50, 2, 7
CASES = [('rnn_h512', 'RNN', 512, 100, 1.3), ('lstm_h512', 'LSTM', 512, 100, 1.4), ('gru_h512', 'GRU', 512, 100, 1.7),
         ('rnn_h64', 'RNN', 64, 64, 5), ('lstm_h64', 'LSTM', 64, 64, 2.2), ('gru_h64', 'GRU', 64, 64, 5)]
PREDICTIONS = 500
GATES = {'RNN': 1, 'LSTM': 4, 'GRU': 3}


def read_safetensors(path):
    import numpy as np
    blob = Path(path).read_bytes()
    n = struct.unpack('<Q', blob[:8])[0]
    header = json.loads(blob[8:8 + n])
    header.pop('__metadata__', None)
    body = blob[8 + n:]
    kinds = {'F32': '<f4', 'F64': '<f8', 'I64': '<i8'}
    return {name: np.frombuffer(body[e['data_offsets'][0]:e['data_offsets'][1]], kinds[e['dtype']]).reshape(e['shape'])
            for name, e in header.items()}


def peer(mode, cell, hidden, batch, series, threads, weights):
    """PyTorch's side of one case; the same protocol as bench_rnn.c."""
    import numpy as np
    import torch
    torch.set_num_threads(threads)
    y = torch.tensor(np.loadtxt(series), dtype=torch.float32)
    x, t = y.unfold(0, WINDOW, 1)[:-1, :, None].contiguous(), y[WINDOW:, None].contiguous()
    net, head = getattr(torch.nn, cell)(1, hidden, batch_first=True), torch.nn.Linear(hidden, 1)
    saved = {name: torch.tensor(value) for name, value in read_safetensors(weights).items()}
    net.load_state_dict({name[4:]: value for name, value in saved.items() if name.startswith('rnn.')})
    head.load_state_dict({name[5:]: value for name, value in saved.items() if name.startswith('head.')})
    adam = torch.optim.Adam([*net.parameters(), *head.parameters()], 1e-3)

    def epoch():
        total = 0.0
        for i in range(0, len(x), batch):
            adam.zero_grad()
            out, _ = net(x[i:i + batch])
            loss = ((head(out[:, -1]) - t[i:i + batch]) ** 2).mean()
            loss.backward()
            adam.step()
            total += loss.item() * len(x[i:i + batch])
        return total / len(x)

    def forecasts():
        with torch.inference_mode():
            for i in range(batch):
                end = len(y) - i % 100
                value = head(net(y[end - WINDOW:end].view(1, WINDOW, 1))[0][:, -1]).item()
        return value

    print('ready', flush=True)
    while sys.stdin.readline() == 'go\n':
        start = time.perf_counter()
        value = (epoch if mode == 'train' else forecasts)()
        print(f'{time.perf_counter() - start:.9g} {value:.9g}', flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def series(path):
    """The scaled training part: the first 70 % of the closing prices, 2,869 days of CL=F."""
    with open(path, newline='') as f:
        rows = list(csv.DictReader(f))
    column = 'Adj Close' if 'Adj Close' in rows[0] else 'Price'
    values = [float(r[column]) for r in rows if r[column] not in ('', 'null')]
    values = values[:min(2869, int(0.7 * len(values)))]
    low, high = min(values), max(values)
    return [(v - low) / (high - low) for v in values]


def run(mode, cell, hidden, batch, threads, folder, bench):
    arguments = [mode, cell, str(hidden), str(batch), f'{folder}/series.txt', str(threads), f'{folder}/weights.safetensors']
    (mine, value, mb), (other, peer_value, peer_mb) = take_turns([bench, *arguments], [sys.executable, __file__, 'peer', *arguments],
                                                                 ROUNDS)
    if abs(value - peer_value) > 1e-3 * abs(peer_value):  # the first epoch from the same weights
        print(f'NOT EQUAL: {cell} {hidden}: {value} here, {peer_value} in PyTorch')
    return mine, other, mb, peer_mb, value, peer_value


def main(build, data, *only):
    bench, library = f'{build}/tests/bench_rnn', f'{build}/lib/libhw3.so'
    peak = float(subprocess.run([bench, 'peak'], capture_output=True, text=True, check=True).stdout)
    print(f'peak of fused multiply-adds: {peak:.0f} GF/s on one core; {THREADS} threads; data {data}')
    with tempfile.TemporaryDirectory() as folder:
        values = series(data)
        Path(f'{folder}/series.txt').write_text('\n'.join(map(repr, values)))
        windows = len(values) - WINDOW
        print(f'{windows} windows of {WINDOW}')
        for name, cell, hidden, batch, wanted in CASES:
            if only and name not in only:
                continue
            mine, other, mb, peer_mb, loss, peer_loss = run('train', cell, hidden, batch, THREADS, folder, bench)
            work = 3 * 2 * windows * WINDOW * GATES[cell] * hidden * hidden / 1e9
            print(f'RATIO {name} {other / mine:.2f}   (wanted {wanted}; hw3 {mine:.3f} s, PyTorch {other:.3f} s, '
                  f'{work / mine:.0f} GF/s = {work / mine / peak / THREADS:.0%} of the peak, '
                  f'memory {mb:.0f} MB, PyTorch {peer_mb:.0f} MB, loss {loss:.6g}, PyTorch {peer_loss:.6g})', flush=True)
        if only and 'lstm_h64_predict1' not in only:
            return
        mine, other, _, _, value, peer_value = run('predict', 'LSTM', 64, PREDICTIONS, THREADS, folder, bench)
        print(f'RATIO lstm_h64_predict1 {other / mine:.2f}   (wanted 10; hw3 {1e6 * mine / PREDICTIONS:.0f} us, '
              f'PyTorch {1e6 * other / PREDICTIONS:.0f} us, value {value:.6g}, PyTorch {peer_value:.6g})')
    times = [float(subprocess.run([bench, 'load', library], capture_output=True, text=True, check=True).stdout) for _ in range(9)]
    print(f'dlopen to a ready context: {statistics.median(times):.2f} ms (wanted under 1)')
    stripped = subprocess.run(f'strip -o "{build}/stripped.so" "{library}" && wc -c < "{build}/stripped.so"', shell=True,
                              capture_output=True, text=True, check=True).stdout
    print(f'libhw3.so stripped: {int(stripped)} bytes (wanted under 1048576)')


if __name__ == '__main__':
    if sys.argv[1] == 'peer':
        mode, cell, hidden, batch, path, threads, weights = sys.argv[2:]
        peer(mode, cell, int(hidden), int(batch), path, int(threads), weights)
    else:
        main(*sys.argv[1:])
