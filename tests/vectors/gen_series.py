# SPDX-License-Identifier: MIT
"""Writes series.h: fills, scalers and metrics by plain numpy formulas. Regenerate: python3 tests/vectors/gen_series.py"""
import os
import platform

import numpy as np

rng = np.random.default_rng(42)
out = []


def put(name, values):
    def text(v):
        return "NAN" if np.isnan(v) else "%.17g" % v
    cells = [text(v) for v in np.asarray(values, dtype=np.float64).ravel()]
    lines = [", ".join(cells[i:i + 6]) for i in range(0, len(cells), 6)]
    out.append("static const double %s[%d] = {\n    %s\n};" % (name, len(cells), ",\n    ".join(lines)))


def edges(y):
    """The nearest value at edges that a method left open."""
    seen = np.flatnonzero(~np.isnan(y))
    y[:seen[0]], y[seen[-1] + 1:] = y[seen[0]], y[seen[-1]]
    return y


def forward(y):
    last = np.maximum.accumulate(np.where(np.isnan(y), -1, np.arange(len(y))))
    return edges(np.where(last >= 0, y[np.maximum(last, 0)], np.nan))


def backward(y):
    return forward(y[::-1])[::-1]


def linear(y):
    seen = np.flatnonzero(~np.isnan(y))
    return np.interp(np.arange(len(y)), seen, y[seen])


def moving_mean(y, window):
    y = y.copy()
    first = np.flatnonzero(~np.isnan(y))[0]
    y[:first] = y[first]
    for i in range(len(y)):
        if np.isnan(y[i]):
            y[i] = y[max(0, i - window):i].mean()
    return y


def metrics(actual, forecast, train):
    e = actual - forecast
    near = np.abs(actual) < 1e-3 * np.abs(actual).mean()
    return [near.sum(), np.sqrt((e ** 2).mean()), np.abs(e).mean(),
            100 * np.abs(e[~near] / actual[~near]).mean(),
            (200 * np.abs(e) / (np.abs(actual) + np.abs(forecast))).mean(),
            np.abs(e).mean() / np.abs(np.diff(train)).mean(),
            1 - (e ** 2).sum() / ((actual - actual.mean()) ** 2).sum(),
            e.mean(), 100 * (e[~near] / actual[~near]).mean()]


y = 60 + np.cumsum(rng.normal(size=60))
holes = y.copy()
holes[rng.permutation(60)[:20]] = np.nan
holes[[0, 1, 57, 58, 59]] = np.nan
holes[20:29] = np.nan
holes[2], holes[56] = y[2], y[56]
put("holes", holes)
put("filled_forward", forward(holes))
put("filled_backward", backward(holes))
put("filled_linear", linear(holes))
for window in (1, 3, 50):
    put("filled_mean_%d" % window, moving_mean(holes, window))

put("series", y)
put("spread", [y.min(), y.max() - y.min(), y.mean(), y.std()])
put("minmax", (y - y.min()) / (y.max() - y.min()))
put("standard", (y - y.mean()) / y.std())

forecast = y[40:] + rng.normal(size=20)
put("forecast", forecast)
put("metrics_plain", metrics(y[40:], forecast, y[:40]))
crossing = np.concatenate([np.linspace(-2, 2, 19), [1e-7]])
put("crossing", crossing)
around = crossing + 0.1 * rng.normal(size=20)
put("crossing_forecast", around)
put("metrics_crossing", metrics(crossing, around, y[:40]))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "series.h"), "w") as f:
    f.write("/* tests/vectors/gen_series.py, Python %s, numpy %s; python3 tests/vectors/gen_series.py */\n"
            "/* SPDX-License-Identifier: MIT */\n#include <math.h>\n\n" % (
        platform.python_version(), np.__version__))
    f.write("\n\n".join(out) + "\n")
