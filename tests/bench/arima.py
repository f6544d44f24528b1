# SPDX-License-Identifier: MIT
"""ARIMA against R and statsforecast, by `sh tests/bench/run.sh arima`: hw3 through its Python binding, R in a process of its
own, statsforecast in this one after a first call that compiles it. The sides take turns; each ratio is the median of the peer's
seconds over the median of hw3's. Log-likelihoods must agree to 1e-4, or ours be the larger. One thread but for the many series."""
import csv
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

BUILD, DATA, ONLY = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'examples/python'))
import hw3  # noqa: E402

ROUNDS, PAUSE, N_MANY, N_PEER = 5, 0.2, 10000, 200
# wanted, repetitions a turn of R's and of hw3's
CASES = {'airline_fit': (10, 20, 50), 'oil_sarima_fit': (40, 1, 5), 'auto_air': (20, 1, 5), 'auto_air_full': (30, 1, 1),
         'auto_oil': (5, 3, 10)}
AIR = [float(v) for v in
       '112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140 145 150 178 163 172 178 '
       '199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194 196 196 236 235 229 243 264 272 237 211 180 201 '
       '204 188 235 227 234 264 302 293 259 229 203 229 242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 '
       '413 405 355 306 271 306 315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337 '
       '360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432'.split()]


def prices():
    with open(DATA, newline='') as file:
        rows = list(csv.DictReader(file))
    column = 'Adj Close' if 'Adj Close' in rows[0] else 'Price'
    return np.array([float(r[column]) for r in rows if r[column] not in ('', 'null')])[:2869]


class R:
    def __init__(self, folder):
        self.process = subprocess.Popen(['Rscript', str(TOP / 'tests/bench/arima.R'), folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == 'ready\n'

    def run(self, case, repeat):
        self.process.stdin.write(f'{case} {repeat}\n')
        self.process.stdin.flush()
        seconds, loglik, order = self.process.stdout.readline().split()
        return float(seconds), float(loglik), order


def summary(fit):
    i = fit.describe()
    o = i.order
    return i.loglik, f'{o.p},{o.d},{o.q},{o.P},{o.D},{o.Q}'


def timed(repeat, run):
    start = time.perf_counter()
    for _ in range(repeat):
        fit = run()
    return ((time.perf_counter() - start) / repeat, *summary(fit))


def against_r(ctx, air, oil, folder):
    ours = {'airline_fit': lambda: ctx.arima_fit(np.log(air), order=(0, 1, 1, 0, 1, 1, 12)),
            'oil_sarima_fit': lambda: ctx.arima_fit(oil, order=(3, 1, 2, 1, 0, 1, 12)),
            'auto_air': lambda: ctx.arima_auto(air, period=12),
            'auto_air_full': lambda: ctx.arima_auto(np.log(air), period=12, stepwise=0, approximation=0),
            'auto_oil': lambda: ctx.arima_auto(oil)}
    r = R(folder)
    for case, (wanted, repeat_r, repeat) in CASES.items():
        if ONLY and case not in ONLY:
            continue
        turns = []
        for _ in range(ROUNDS if case != 'auto_air_full' else 3):
            time.sleep(PAUSE)
            turns.append((timed(repeat, ours[case]), r.run(case, repeat_r)))
        mine, other = (statistics.median(t[side][0] for t in turns) for side in (0, 1))
        (_, loglik, order), (_, peer_loglik, peer_order) = turns[-1]
        verdict = '' if order == peer_order and loglik > peer_loglik - 1e-4 else '   NOT THE SAME'
        print(f'RATIO {case} {other / mine:.1f}   (wanted {wanted}; hw3 {1e3 * mine:.2f} ms, R {1e3 * other:.2f} ms, loglik '
              f'{loglik:.5f} of {order}, R {peer_loglik:.5f} of {peer_order}){verdict}', flush=True)


def long_season(ctx):
    rng = np.random.default_rng(1)
    e = rng.standard_normal(4400)
    z = np.zeros(4400)
    for t in range(366, 4400):
        z[t] = z[t - 1] + z[t - 365] - z[t - 366] + e[t] - 0.4 * e[t - 1] - 0.5 * e[t - 365] + 0.2 * e[t - 366]
    seconds, loglik, order = timed(1, lambda: ctx.arima_fit(z[-3650:], order=(0, 1, 1, 0, 1, 1, 365)))
    print(f'season365_fit {seconds:.2f} s   (wanted under 5; n = 3650, loglik {loglik:.4f} of {order})', flush=True)


def against_statsforecast(ctx, air):
    from statsforecast.arima import auto_arima_f
    peer = lambda y: auto_arima_f(y, period=12)
    peer(air)
    turns = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = peer(air)
        turns.append((timed(5, lambda: ctx.arima_auto(air, period=12)), time.perf_counter() - start))
        turns[-1] = (turns[-1][0], turns[-1][1] - 5 * turns[-1][0][0])
    mine, other = statistics.median(t[0][0] for t in turns), statistics.median(t[1] for t in turns)
    print(f'RATIO auto_air_sf {other / mine:.1f}   (wanted 3; hw3 {1e3 * mine:.1f} ms, statsforecast {1e3 * other:.1f} ms, loglik '
          f'{turns[-1][0][1]:.5f}, statsforecast {found["loglik"]:.5f})', flush=True)
    many(peer)


def many(peer):
    rng = np.random.default_rng(2)
    series = np.cumsum(rng.standard_normal((N_MANY, 120)) * 0.5, axis=1) + 10 * np.sin(np.arange(120) * 2 * np.pi / 12) + 50

    def half(k):
        with hw3.Ctx(n_threads=1) as own:
            for y in series[k::2]:
                own.arima_auto(y, period=12).close()
    start = time.perf_counter()
    threads = [threading.Thread(target=half, args=(k,)) for k in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    mine = N_MANY / (time.perf_counter() - start)
    start = time.perf_counter()
    for y in series[:N_PEER]:
        peer(y)
    other = 2 * N_PEER / (time.perf_counter() - start)  # as if its two processes never hindered each other
    print(f'RATIO many_sf {mine / other:.1f}   (wanted 3; hw3 {mine:.0f} series a second on 2 threads, statsforecast {other:.0f} as twice '
          f'its rate on one)', flush=True)


def main():
    air, oil = np.array(AIR), prices()
    with tempfile.TemporaryDirectory() as folder, hw3.Ctx(n_threads=1) as ctx:
        np.savetxt(Path(folder) / 'air', air, '%.17g')
        np.savetxt(Path(folder) / 'oil', oil, '%.17g')
        against_r(ctx, air, oil, folder)
        if not ONLY or 'season365_fit' in ONLY:
            long_season(ctx)
        if not ONLY or 'statsforecast' in ONLY:
            against_statsforecast(ctx, air)


main()
