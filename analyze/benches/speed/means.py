"""The means that analyze prints, from ripgrep's captures: what a script of an afternoon does.

Reads lines of time, message, family, endpoints, elapsed; prints mean duration, build and commit
by family.
"""

import re
import sys

import pandas as pd

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
PART = re.compile(r"([\d.]+)(h|ms|m|s|µs|ns)")


def seconds(text):
    return sum(float(number) * UNITS[unit] for number, unit in PART.findall(text))


events = pd.read_csv(
    sys.stdin,
    header=None,
    names=["time", "message", "family", "endpoints", "elapsed"],
    dtype={"endpoints": "float64", "elapsed": "str"},
)
events["time"] = pd.to_datetime(events["time"], format="ISO8601")
for family, lines in events.groupby("family"):
    reloading = lines["time"].where(lines["message"].str.startswith("Reloading")).ffill()
    endpoints = lines["endpoints"].ffill()
    ends = lines["message"].str.startswith("SyncProxyRules")
    elapsed = lines.loc[ends, "elapsed"].map(seconds)
    commit = (lines.loc[ends, "time"] - reloading[ends]).dt.total_seconds()
    large = endpoints[ends] >= 0.8 * endpoints[ends].max()
    print(family, elapsed[large].mean(), (elapsed - commit)[large].mean(), commit[large].mean())
