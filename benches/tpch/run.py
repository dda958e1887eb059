#!/usr/bin/env python3
"""TPC-H through the gateway and the same files in in-process DuckDB, alternating in one run.

Checks that all answers agree, prints each ratio (gateway / DuckDB) and the geometric mean. The query texts come from DuckDB's own `tpch` extension, the
data from `tpchgen-cli`. Needs the Python packages of `scripts/install-test-tools.sh` and a built `weft` (WEFT_BIN, else target/release/weft).

    benches/tpch/run.py --scale 1 --rounds 5 [--threads 2] [--limit 1.15] [--check]
"""
import argparse
import math
import os
import statistics
import sys
import time

import duckdb
import psycopg

from tpch import Gateway, data_folder, peer, same


def timed(run):
    started = time.perf_counter()
    rows = run()
    return time.perf_counter() - started, rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, help="fail if the geometric mean is above")
    parser.add_argument("--check", action="store_true", help="compare answers once, no timing")
    parser.add_argument("--only", type=int, nargs="*")
    options = parser.parse_args()

    data = data_folder(options.scale)
    duck, queries = peer(data, options.threads)
    gateway = Gateway(data, options.threads)
    session = gateway.connect("tpch")
    failures, ratios = 0, []
    try:
        for number, text in queries.items():
            if options.only and number not in options.only:
                continue
            try:
                ours, theirs = [], []
                for round_number in range(1 if options.check else options.rounds + 1):
                    mine, rows = timed(lambda: session.execute(text).fetchall())
                    other, expected = timed(lambda: duck.execute(text).fetchall())
                    if round_number > 0:  # the first round warms caches
                        ours.append(mine)
                        theirs.append(other)
                difference = same(rows, expected)
            except psycopg.Error as error:
                difference = str(error).strip()
            if difference:
                failures += 1
                print(f"Q{number:02}: DIFFERS: {difference}", flush=True)
            elif options.check:
                print(f"Q{number:02}: same {len(expected)} rows", flush=True)
            else:
                a, b = statistics.median(ours), statistics.median(theirs)
                ratios.append(a / b)
                print(f"Q{number:02}: weft {a * 1000:8.1f} ms  duckdb {b * 1000:8.1f} ms  ratio {a / b:.3f}", flush=True)
    finally:
        session.close()
        gateway.close()
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"geometric mean of {len(ratios)} ratios: {mean:.3f}  (scale {options.scale}, {options.threads} threads, DuckDB {duckdb.__version__})")
        if options.limit and mean > options.limit:
            print(f"above the limit of {options.limit}")
            return 1
    if failures:
        print(f"{failures} queries differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
