"""Writes statistics.json: samples and what SciPy, statsmodels and numpy compute of them.

    python3 -m venv v && v/bin/pip install scipy numpy statsmodels && v/bin/python tests/reference/make.py

The Rust tests compare with the committed file, so neither Python nor SciPy is needed to run them.
"""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttost_ind

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
    """Student's t."""
    if len(x) < 2 or len(set(x)) == 1:
        return None
    return [float(v) for v in stats.t.interval(0.95, len(x) - 1, loc=math.fsum(x) / len(x), scale=stats.sem(x))]


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


# Runs of two or three kernels in seconds, in the order in which they were made.
RUNS = {
    "nftables": [[14.91, 12.66, 11.96, 10.49], [9.76, 10.64, 8.67, 9.29], [10.58, 9.87, 10.29, 8.75]],
    "iptables": [[47.83, 47.10, 55.71, 46.68], [53.54, 47.61, 47.57, 46.86], [60.55, 18.05, 45.31, 43.32]],
    "unequal": [[100.0, 112.0], [58.0, 49.0, 61.5, 52.25, 55.0]],
    "three_and_five": [[100.0, 112.0, 96.5], [98.0, 109.0, 101.5, 92.25, 105.0]],
    "pairs": [[20.0, 24.0], [11.0, 12.5]],
}


def contrast(estimate, error, df, margin=0.05):
    t, half, bound = estimate / error, stats.t.ppf(0.975, df) * error, math.log1p(margin)
    return {
        "log_ratio": estimate, "error": error, "freedom": df, "p": 2 * stats.t.sf(abs(t), df),
        "ci": [math.exp(estimate - half), math.exp(estimate + half)],
        "p_equivalent": max(stats.t.sf((bound - estimate) / error, df), stats.t.sf((estimate + bound) / error, df)),
    }


def of_welch(a, b):
    x, y = np.log(a), np.log(b)
    found = stats.ttest_ind(y, x, equal_var=False)
    error = float(math.sqrt(x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y)))
    df = float(found.df)
    if 2 in (len(x), len(y)):
        weight = 0.25 if len(x) == len(y) else 0.5
        df = df**weight * bell_mccaffrey(len(x), len(y)) ** (1 - weight)
    out = contrast(float(y.mean() - x.mean()), error, df)
    if 2 not in (len(x), len(y)):
        # The same by SciPy and statsmodels whole.
        assert abs(out["p"] - found.pvalue) < 1e-12
        tost = ttost_ind(y, x, -math.log1p(0.05), math.log1p(0.05), usevar="unequal")
        assert abs(out["p_equivalent"] - tost[0]) < 1e-12
    return out


def bell_mccaffrey(n, m):
    """Degrees of freedom of the HC2 variance of a difference of means, by its trace formula."""
    x = np.column_stack([np.ones(n + m), np.repeat([0.0, 1.0], [n, m])])
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    residual = np.eye(n + m) - hat
    weight = np.repeat([-1 / n, 1 / m], [n, m]) ** 2 / (1 - np.diag(hat))
    q = residual @ np.diag(weight) @ residual
    return float(np.trace(q) ** 2 / np.trace(q @ q))


def least_squares(y, columns, at):
    fit = sm.OLS(np.array(y), np.column_stack(columns)).fit()
    return float(fit.params[at]), float(fit.bse[at]), float(fit.df_resid)


def rows(groups):
    """Group, place among its group's runs, and logarithm of each run."""
    return [(g, i, math.log(v)) for g, runs in enumerate(groups) for i, v in enumerate(runs)]


def of_blocks(groups, a, b, others):
    kept = [r for r in rows(groups) if others or r[0] in (a, b)]
    blocks = sorted({r[1] for r in kept})
    columns = [[float(r[1] == k) for r in kept] for k in blocks]
    columns += [[float(r[0] == g) for r in kept] for g in sorted({r[0] for r in kept}) if g != a]
    names = [g for g in sorted({r[0] for r in kept}) if g != a]
    return least_squares([r[2] for r in kept], columns, len(blocks) + names.index(b))


def of_drift(groups):
    of = rows(groups)
    columns = [[float(r[0] == g) for r in of] for g in range(len(groups))] + [[float(r[1]) for r in of]]
    slope, error, df = least_squares([r[2] for r in of], columns, len(groups))
    return {"slope": slope, "error": error, "freedom": df, "p": 2 * float(stats.t.sf(abs(slope / error), df))}


def of_sequence(a, b, places):
    """With a straight drift over places taken out, by whole matrices: each side its own variance."""
    n, m = len(a), len(b)
    y = np.log(a + b)
    x = np.column_stack([np.ones(n + m), np.repeat([0.0, 1.0], [n, m]), np.array(places, dtype=float)])
    fit = sm.OLS(y, x).fit()
    weights = (np.linalg.inv(x.T @ x) @ x.T)[1]
    residual = np.eye(n + m) - x @ np.linalg.inv(x.T @ x) @ x.T
    sides = [np.arange(n), np.arange(n, n + m)]
    squares = np.array([float((fit.resid[s] ** 2).sum()) for s in sides])
    expected = np.array([[float((residual[np.ix_(g, h)] ** 2).sum()) for h in sides] for g in sides])
    if np.linalg.cond(expected) > 1e9:
        found = contrast(float(fit.params[1]), float(fit.bse[1]), float(fit.df_resid))
        return {"places": places, **found}
    of_squares = np.linalg.solve(expected.T, [float((weights[s] ** 2).sum()) for s in sides])
    q = residual @ np.diag(np.repeat(of_squares, [n, m])) @ residual

    def freedom(variances):
        qv = q @ np.diag(np.repeat(variances, [n, m]))
        return float(np.trace(qv) ** 2 / np.trace(qv @ qv))

    own = freedom(np.maximum(np.linalg.solve(expected, squares), 0))
    weight = 0.5 if 2 in (n, m) else 1.0
    df = own**weight * freedom(np.ones(2)) ** (1 - weight)
    return {"places": places, **contrast(float(fit.params[1]), math.sqrt(float(y @ q @ y)), df)}


# Runs of four cells in seconds: the baseline and the candidate under one condition, then under another.
CROSSED = {
    "depends": [[14.91, 12.66, 11.96, 10.49], [9.76, 10.64, 8.67, 9.29], [3.1, 3.4, 3.25], [3.0, 3.3, 3.35, 3.2, 3.15]],
    "alike": [[100.0, 112.0, 96.5], [58.0, 49.0, 61.5], [20.0, 24.0, 21.5], [11.0, 12.5, 12.0, 10.75]],
}


def of_interaction(cells):
    """The term kernel x condition of a full model with HC2 errors, which give each cell its own variance."""
    y = np.log(np.concatenate(cells))
    kernel = np.concatenate([[float(i % 2)] * len(c) for i, c in enumerate(cells)])
    condition = np.concatenate([[float(i // 2)] * len(c) for i, c in enumerate(cells)])
    x = np.column_stack([np.ones(len(y)), kernel, condition, kernel * condition])
    fit = sm.OLS(y, x).fit(cov_type="HC2")
    parts = [np.log(c).var(ddof=1) / len(c) for c in cells]
    df = sum(parts) ** 2 / sum(v * v / (len(c) - 1) for v, c in zip(parts, cells))
    return {"cells": cells, **contrast(float(fit.params[3]), float(fit.bse[3]), float(df))}


def exchanges(a, b):
    d = np.log(b) - np.log(a)
    signs = [[1 - 2 * (k >> i & 1) for i in range(len(d))] for k in range(2 ** len(d))]
    return float(np.mean([abs(np.dot(s, d)) >= abs(d.sum()) - 1e-12 for s in signs]))


def runs(groups):
    a, b = groups[0], groups[1]
    out = {"groups": groups, "welch": of_welch(a, b), "adjusted": None, "drift": None, "paired": None}
    if len(a) + len(b) > 3:
        n, m = len(a), len(b)
        mixed = [(3 * i * i + i) % (2 * (n + m)) for i in range(n + m)]
        out["adjusted"] = [of_sequence(a, b, places) for places in (list(range(n + m)), mixed)]
    if len({len(g) for g in groups}) == 1 and len(a) > 2:
        out["drift"] = of_drift(groups)
    if len(a) == len(b):
        out["paired"] = contrast(*of_blocks(groups, 0, 1, False))
        paired = stats.ttest_rel(np.log(b), np.log(a))
        assert abs(out["paired"]["p"] - paired.pvalue) < 1e-12
        out["exchanges"] = exchanges(a, b)
    if len(groups) == 3:
        out["among"] = contrast(*of_blocks(groups, 0, 1, True))
    return out


def needed(scatter, pct, pairs):
    """statsmodels' own number of runs a side, by the non-central t; ours may be one apart."""
    wanted = -math.log1p(-pct / 100)
    if pairs:
        return TTestPower().solve_power(wanted / (scatter * math.sqrt(2)), alpha=0.05, power=0.8)
    return TTestIndPower().solve_power(wanted / scatter, alpha=0.05, power=0.8)


COSTS = {
    # Rows: x of each term, seconds, run.
    "three_terms": [([1.0, 100.0 * (i * 7 % 13), 1000.0 * (1 + i % 9)], 0.4 + 0.07 * (i * 7 % 13) + 0.5 * (1 + i % 9) * (1 + 0.1 * math.sin(3 * i)), i % 4) for i in range(40)],
    "bounded": [([1.0, float(i), float(20 - i) ** 1.5], 2.0 + 0.3 * i + 0.05 * math.cos(2 * i), i % 3) for i in range(20)],
    "one_run": [([1.0, float(i * i % 17)], 1.0 + 0.25 * (i * i % 17) + 0.1 * math.sin(i), 0) for i in range(15)],
}


def cost_coefficients(rows):
    """Least squares of (y - f) / f under b >= 0, iterated, each time by SciPy's nnls."""
    x, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    weights = 1 / y
    for _ in range(200):
        scale = np.sqrt(((x * weights[:, None]) ** 2).sum(axis=0))
        b = optimize.nnls(x * weights[:, None] / scale, y * weights)[0] / scale
        weights = 1 / np.maximum(x @ b, 1e-6)
    return b


def cost(rows):
    b = cost_coefficients(rows)
    x, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    f = x @ b
    active = b > 0
    freedom = len(rows) - int(active.sum())
    scatter = math.sqrt(float((((y - f) / f) ** 2).sum()) / freedom)
    runs = sorted({r[2] for r in rows})
    if len(runs) >= 3:
        without = np.array([cost_coefficients([r for r in rows if r[2] != run]) for run in runs])
        covariance = (len(runs) - 1) * np.cov(without.T, bias=True)
        freedom = len(runs) - 1
    else:
        model = sm.WLS(y, x[:, active], weights=f**-2.0).fit()
        covariance = np.zeros((len(b), len(b)))
        covariance[np.ix_(active, active)] = model.cov_params()
    others = sm.OLS(x[:, -1], sm.add_constant(x[:, 1:-1])).fit().rsquared if x.shape[1] > 2 else None
    point = x[-1]
    half = stats.t.ppf(0.975, freedom) * math.sqrt(float(point @ covariance @ point))
    off = []
    for run in runs if len(runs) > 1 else []:
        left = cost_coefficients([r for r in rows if r[2] != run])
        off += [abs(math.log(r[1] / float(np.dot(r[0], left)))) for r in rows if r[2] == run]
    return {
        "rows": rows, "coefficients": b.tolist(), "covariance": covariance.tolist(), "freedom": freedom,
        "scatter": scatter, "correlation": None if others is None else math.sqrt(others),
        "last": [float(f[-1]), max(0.0, float(f[-1]) - half), float(f[-1]) + half], "off": off,
    }


PLANS = [(s, pct, pairs) for s in (0.03, 0.08, 0.104, 0.3) for pct in (5.0, 10.0) for pairs in (False, True)]

# Lan and DeMets, 1983: the spending function of Pocock's type.
SPENT = [(share, 0.05 * float(np.log1p((np.e - 1) * share))) for share in (0.0, 0.15, 0.2, 0.4, 0.6, 0.8, 1.0)]

table = {
    "spent": SPENT,
    "runs": {k: runs(v) for k, v in RUNS.items()},
    "crossed": {k: of_interaction(v) for k, v in CROSSED.items()},
    "costs": {k: cost(v) for k, v in COSTS.items()},
    "needed": [{"scatter": s, "pct": p, "pairs": b, "runs": float(needed(s, p, b))} for s, p, b in PLANS],
    "made_by": f"scipy {__import__('scipy').__version__}, numpy {np.__version__}",
    "samples": SAMPLES,
    "summaries": {k: summary(v) for k, v in SAMPLES.items()},
    "pairs": [pair(a, b) for a, b in PAIRS],
    "curves": {k: curve(v) for k, v in CURVES.items()},
    "outliers": {k: outliers(SAMPLES[k]) for k in OUTLIERS},
    "holm": [{"p": p, "corrected": holm(p)} for p in ([0.03], [0.01, 0.04, 0.03], [0.5, 0.5, 0.01, 0.02])],
}
(Path(__file__).parent / "statistics.json").write_text(json.dumps(table, indent=1) + "\n")
