"""Writes statistics.json: samples and what SciPy and numpy compute of them.

    python3 -m venv v && v/bin/pip install scipy numpy && v/bin/python tests/reference/make.py

The Rust tests compare with the committed file, so neither Python nor SciPy is needed to run them.
"""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import stats

SAMPLES = {
    "empty": [],
    "one": [3.25],
    "two": [1.0, 4.0],
    "constant": [7.5] * 6,
    "ties": [1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 9.0],
    "published_6_12": [290.461347544, 334.085593858, 81.992187838, 294.432226893],
    "published_6_1": [991.474906059, 767.384878878, 732.051877134, 926.223391816, 1143.510797679],
    "wide": [1e-6, 1.0, 1e3, 1e6, 1e9],
    "many": [round(10 + 3 * math.sin(i * 1.7) + 0.01 * i * i, 6) for i in range(40)],
    "outlier": [10.0, 10.1, 10.2, 9.9, 9.8, 10.05, 30.0],
    "matched_6_12": [290.461347544, 334.085593858, 294.432226893],
    "matched_6_1": [991.474906059, 767.384878878, 732.051877134, 1143.510797679],
    "five_faster": [1.5, 2.25, 3.5, 4.75, 8.0],
    "twenty": [round(5 + 2 * math.sin(2.3 * i) + 0.001 * i, 6) for i in range(20)],
    "thirty": [round(6 + 2.5 * math.cos(1.1 * i) + 0.002 * i, 6) for i in range(30)],
    "large": [round(20 + 4 * math.sin(1.3 * i) + 0.02 * i, 6) for i in range(70)],
    "large_ties": [float(18 + (7 * i * i) % 11) for i in range(50)],
    "far_off": [1e9 + 0.001 * (i % 10) for i in range(100)],
}
PAIRS = [
    ("published_6_1", "published_6_12"),
    ("published_6_12", "published_6_1"),
    ("ties", "two"),
    ("ties", "ties"),
    ("constant", "constant"),
    ("one", "one"),
    ("many", "ties"),
    ("many", "many"),
    ("outlier", "constant"),
    ("matched_6_1", "matched_6_12"),
    ("published_6_1", "five_faster"),
    ("two", "thirty"),
    ("one", "thirty"),
    ("twenty", "thirty"),
    ("thirty", "twenty"),
    ("large", "large_ties"),
    ("large_ties", "large"),
    ("large_ties", "twenty"),
    ("large", "thirty"),
]
CURVES = {
    "linear": [(1000.0 * i, 0.002 * i * (1 + 0.05 * math.cos(i))) for i in range(1, 12)],
    "quadratic": [(8000.0 * i, 1.5e-9 * (8000.0 * i) ** 2 * (1 + 0.1 * math.sin(3 * i))) for i in range(1, 9)],
    "repeated": [(100.0, 1.0), (100.0, 1.2), (200.0, 2.1), (200.0, 1.9), (400.0, 4.4)],
    "three": [(10.0, 1.0), (20.0, 2.5), (40.0, 3.5)],
    "falling": [(10.0, 9.0), (20.0, 4.4), (40.0, 2.3), (80.0, 1.0)],
    "sixty": [(500.0 * (1 + i % 30), 0.01 * (1 + i % 30) ** 1.4 * (1 + 0.3 * math.sin(5 * i))) for i in range(60)],
}
OUTLIERS = ["ties", "published_6_12", "published_6_1", "many", "outlier", "twenty", "large", "wide"]


def summary(x):
    if not x:
        return None
    a = np.array(x)
    sd = float(np.std(a, ddof=1)) if len(x) > 1 else None
    return {
        "n": len(x), "cv": None if sd is None else sd / (math.fsum(x) / len(x)), "mean": math.fsum(x) / len(x), "median": float(np.median(a)), "sd": sd,
        "min": float(a.min()), "max": float(a.max()), "t_interval": t_interval(x),
        "p5": float(np.percentile(a, 5)), "p25": float(np.percentile(a, 25)),
        "p75": float(np.percentile(a, 75)), "p95": float(np.percentile(a, 95)),
    }


def t_interval(x):
    """Student's t; the improvement's is Welch's on the logarithm of the ratio of means."""
    if len(x) < 2 or len(set(x)) == 1:
        return None
    return [float(v) for v in stats.t.interval(0.95, len(x) - 1, loc=math.fsum(x) / len(x), scale=stats.sem(x))]


def welch_interval(x, y):
    if min(len(x), len(y)) < 2 or len(set(x)) == 1 and len(set(y)) == 1:
        return None
    a, b = (np.var(v, ddof=1) / np.mean(v) ** 2 / len(v) for v in (x, y))
    df = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    half = stats.t.ppf(0.975, df) * math.sqrt(a + b)
    ratio = np.mean(y) / np.mean(x)
    return [float(100 * (1 - ratio * math.exp(half))), float(100 * (1 - ratio * math.exp(-half)))]


def permutation_p(a, b):
    """Two-sided p of the rank sum over all splits, by enumeration; for few values."""
    ranks = stats.rankdata(a + b)
    n, total = len(a), len(a) + len(b)
    middle = ranks.sum() * n / total
    seen = abs(ranks[:n].sum() - middle)
    sums = [sum(ranks[i] for i in c) for c in combinations(range(total), n)]
    return sum(abs(s - middle) >= seen - 1e-9 for s in sums) / len(sums)


def pair(a, b):
    x, y = SAMPLES[a], SAMPLES[b]
    u = float(stats.mannwhitneyu(x, y).statistic)
    few = math.comb(len(x) + len(y), len(x)) <= 200_000
    tied = len(set(x + y)) < len(x + y)
    if few:
        p = permutation_p(x, y)
    elif len(x) + len(y) <= 60 and not tied:
        p = float(stats.mannwhitneyu(x, y, method="exact").pvalue)
    else:
        p = None
    asymptotic = stats.mannwhitneyu(x, y, method="asymptotic")
    d = np.subtract.outer(np.array(x), np.array(y)).ravel()
    return {
        "a": a, "b": b, "u": u, "p_exact": p,
        "p_asymptotic": float(asymptotic.pvalue) if len(x) + len(y) > 60 else None,
        "shift": float(np.median(d)), "delta": float((np.sign(d)).mean()), "shift_ci": shift_ci(x, y, d),
        "welch": welch_interval(x, y),
    }


def shift_ci(x, y, differences):
    """Order statistics k and nm + 1 - k of the differences; k by inverting SciPy's own tail of U."""
    n, m, d = len(x), len(y), np.sort(differences)
    if n + m <= 60:
        # Samples without ties whose U is u: its one-sided exact p is P(U <= u).
        tail = [float(stats.mannwhitneyu(*with_u(n, m, u), alternative="less", method="exact").pvalue)
                for u in range(n * m // 2)]
        k = sum(p <= 0.025 for p in tail)
    else:
        k = round(n * m / 2 - stats.norm.ppf(0.975) * math.sqrt(n * m * (n + m + 1) / 12))
    return [float(d[k - 1]), float(d[n * m - k])] if k > 0 else None


def with_u(n, m, u):
    """Two samples without ties with U = u: each of the first's values lies above so many of the second's."""
    above = [min(m, max(0, u - m * i)) for i in range(n)]
    return [b + 0.5 + 1e-3 * i for i, b in enumerate(above)], [float(j + 1) for j in range(m)]


def outliers(x):
    a = np.array(x)
    mad = stats.median_abs_deviation(a)
    return [int(i) for i in np.flatnonzero(0.6745 * np.abs(a - np.median(a)) / mad > 3.5)]


def curve(points):
    x, y = np.log([p[0] for p in points]), np.log([p[1] for p in points])
    fit = stats.linregress(x, y)
    t = stats.t.ppf(0.975, len(points) - 2)
    robust = stats.theilslopes(y, x, 0.95)
    residuals = y - fit.intercept - fit.slope * x
    at = math.log(points[-1][0])
    s = math.sqrt((residuals**2).sum() / (len(points) - 2))
    half = t * s * math.sqrt(1 / len(points) + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    mean = fit.intercept + fit.slope * at
    return {
        "points": points, "exponent": fit.slope, "intercept": fit.intercept, "r_squared": fit.rvalue**2,
        "ci": [fit.slope - t * fit.stderr, fit.slope + t * fit.stderr], "residual_sd": s,
        "theil_sen": robust.slope, "theil_sen_ci": [robust.low_slope, robust.high_slope],
        "last": [math.exp(mean), math.exp(mean - half), math.exp(mean + half)],
    }


def holm(p):
    order, m, high, out = np.argsort(p), len(p), 0.0, [0.0] * len(p)
    for i, k in enumerate(order):
        high = max(high, min(1.0, (m - i) * p[k]))
        out[k] = high
    return out


table = {
    "made_by": f"scipy {__import__('scipy').__version__}, numpy {np.__version__}",
    "samples": SAMPLES,
    "summaries": {k: summary(v) for k, v in SAMPLES.items()},
    "pairs": [pair(a, b) for a, b in PAIRS],
    "curves": {k: curve(v) for k, v in CURVES.items()},
    "outliers": {k: outliers(SAMPLES[k]) for k in OUTLIERS},
    "holm": [{"p": p, "corrected": holm(p)} for p in ([0.03], [0.01, 0.04, 0.03], [0.5, 0.5, 0.01, 0.02])],
}
(Path(__file__).parent / "statistics.json").write_text(json.dumps(table, indent=1) + "\n")
