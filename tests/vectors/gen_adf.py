# SPDX-License-Identifier: MIT
"""Writes adf.h: augmented Dickey-Fuller tests by statsmodels. Regenerate: python3 tests/vectors/gen_adf.py
Needs statsmodels (pip install statsmodels), and rdata.h for the series. The layout is told in adf.h."""
import platform
import re
import warnings
from pathlib import Path

import numpy as np
import statsmodels
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp
from statsmodels.tsa.stattools import adfuller

HERE = Path(__file__).resolve().parent
REGRESSIONS = ('n', 'c', 'ct', 'ctt')
warnings.simplefilter('ignore')


def read_series():
    """The twenty of rdata.h by name, in order."""
    text = (HERE / 'rdata.h').read_text()
    names = re.findall(r'\{\.name = "(\w+)"', text)[:20]
    return {n: np.array([float(v) for v in re.search(rf'y_{n}\[\d+\] = \{{(.*?)\}};', text, re.S)[1].split(',')]) for n in names}


def text(v):
    return repr(float(v)) if np.isfinite(v) else 'NAN' if np.isnan(v) else '-INFINITY' if v < 0 else 'INFINITY'


def texts(values):
    return '{%s}' % ', '.join(text(v) for v in values)


def row(name, y, diff, regression, autolag, maxlag):
    stat, p, lags, nobs, critical, *ic = adfuller(np.diff(y) if diff else y, maxlag, regression, autolag)
    return '    {TS_%s, %d, "%s", "%s", %d, %s, %s, %d, %d, %s, %s}' % (
        name, diff, regression, autolag or 'none', -1 if maxlag is None else maxlag, text(stat), text(p), lags, nobs,
        texts(critical[k] for k in ('1%', '5%', '10%')), text(ic[0] if autolag in ('AIC', 'BIC') else np.nan))


rows = [row(name, y, diff, regression, autolag, maxlag)
        for name, y in read_series().items() for diff in (0, 1) for regression in REGRESSIONS
        for autolag, maxlag in (('AIC', None), ('BIC', None), (None, 3), ('AIC', 6), (None, 0), ('t-stat', None))]
points = [-30, -19, -10, -6, -4, -3.2, -2.5, -1.7, -1.5, -1, -0.2, 0, 0.5, 0.7, 1.5, 2.8, 4]
grid = ['    {"%s", %s}' % (r, texts(mackinnonp(s, r, 1) for s in points)) for r in REGRESSIONS]
sizes = [12, 20, 50, 100, 500, 10000, np.inf]
crit = ['    {"%s", {%s}}' % (r, ', '.join(texts(mackinnoncrit(1, r, n)) for n in sizes)) for r in REGRESSIONS]

(HERE / 'adf.h').write_text(f'''\
/* tests/vectors/gen_adf.py, Python {platform.python_version()}, statsmodels {statsmodels.__version__}, numpy {np.__version__}; \
python3 tests/vectors/gen_adf.py */
/* SPDX-License-Identifier: MIT */
#include "rdata.h"

/* adfuller(y, maxlag, regression, autolag) of all_series[series].y, or of its first difference where diff is 1.
 * regression: n nothing, c constant, ct and trend, ctt and squared trend. autolag: AIC, BIC, t-stat, or none (then maxlag lags).
 * maxlag -1: statsmodels' own, min(ceil(12 (n/100)^(1/4)), n/2 - terms - 1). lags: those used; nobs: values the last
 * regression stands on. critical: at 1, 5, 10 %, for nobs. ic: the best AIC or BIC, of regressions on a common sample;
 * else NAN. */
struct adf_case {{
    int series, diff;
    const char *regression, *autolag;
    int maxlag;
    double stat, p;
    int lags, nobs;
    double critical[3], ic;
}};

static const struct adf_case adf_cases[] = {{
{f",{chr(10)}".join(rows)}
}};
enum {{ N_ADF_CASES = sizeof adf_cases / sizeof *adf_cases }};

/* p-values (mackinnonp) of the statistics adf_points. */
static const double adf_points[{len(points)}] = {texts(points)};
static const struct adf_p {{
    const char *regression;
    double p[{len(points)}];
}} adf_p[4] = {{
{f",{chr(10)}".join(grid)}
}};

/* Critical values (mackinnoncrit) at 1, 5, 10 % for adf_sizes values. */
static const double adf_sizes[{len(sizes)}] = {texts(sizes)};
static const struct adf_critical {{
    const char *regression;
    double at[{len(sizes)}][3];
}} adf_critical[4] = {{
{f",{chr(10)}".join(crit)}
}};
''')
