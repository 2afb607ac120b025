"""The questions of docs/data-set.md, asked of a data set by DuckDB and Spark.

questions.py DOC DATASET RESULTS.json: prints a line in TAP for each answer.
"""

import json
import re
import sys

import duckdb


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def close(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and abs(a - b) <= 1e-9 * max(1, abs(a))
    return a == b


def same(a, b):
    return len(a) == len(b) and all(len(x) == len(y) and all(map(close, x, y)) for x, y in zip(a, b))


def main():
    doc, dataset, results = sys.argv[1:]
    text = open(doc).read()
    syncs = json.load(open(results))["syncs"]
    number = 0

    def told(holds, what):
        nonlocal number
        number += 1
        print(f"{'ok' if holds else 'not ok'} {number} - {what}", flush=True)
        return bool(holds)

    held = []
    asked = [query.replace("'fleet/", f"'{dataset}/") for query in blocks(text, "duckdb")]
    answers = [duckdb.sql(query).fetchall() for query in asked]
    held.append(told(len(answers) == 3, "three questions for DuckDB"))
    by_kernel, outliers, lockups = answers

    # The report's own syncs: those that several logs have in common count once in it.
    mine = [s for s in syncs if s["outcome"] == "ok" and s["family"] == "IPv4"]
    counted = sum(row[1] for row in by_kernel)
    held.append(told(len(mine) == counted > 100, f"DuckDB: {counted} syncs, as many as in results.json"))
    total = sum(s["elapsed_s"] for s in mine if s["elapsed_s"] is not None)
    theirs = sum(row[1] * row[2] for row in by_kernel)
    held.append(told(close(round(total, 6), round(theirs, 6)), f"DuckDB: {theirs:.6f} s in all, results.json {total:.6f}"))
    ratios = [row[4] for row in outliers]
    held.append(told(ratios and ratios == sorted(ratios, reverse=True), "DuckDB: outlier nodes in order"))
    held.append(told(all(row[4] > 0 and row[6] > 0 for row in lockups) and lockups, f"DuckDB: {len(lockups)} lockups inside of syncs"))

    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.read.parquet(f"{dataset}/syncs").createOrReplaceTempView("syncs")
    (question,) = blocks(text, "spark")
    rows = [tuple(row) for row in spark.sql(question).collect()]
    # DuckDB puts what is unknown last, Spark first.
    order = lambda row: (row[0] is None, row[0] or "")
    held.append(told(same(sorted(rows, key=order), sorted(by_kernel, key=order)), f"Spark {spark.version} answers as DuckDB {duckdb.__version__}"))
    spark.stop()
    print(f"# pass {sum(held)}\n# fail {len(held) - sum(held)}\n# skipped 0")
    sys.exit(0 if all(held) else 1)


main()
