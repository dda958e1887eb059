#!/usr/bin/env python3
"""TPC-H through the gateway and the same files in in-process DuckDB, alternating in one run.

Checks that all answers agree, prints each ratio (gateway / DuckDB) and the geometric mean. The query texts come from DuckDB's own `tpch` extension, the
data from `tpchgen-cli`. Needs the Python packages of `scripts/install-test-tools.sh` and a built `weft` (WEFT_BIN, else target/release/weft).

    benches/tpch/run.py --scale 1 --rounds 5 [--threads 2] [--limit 1.15] [--check]
"""
import argparse
import datetime
import decimal
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb
import psycopg

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def data_folder(scale: str) -> pathlib.Path:
    """The Parquet files of this scale, generated once into the cache."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft"
    folder = cache / f"tpch-sf{scale}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as new:
            command = ["tpchgen-cli", "parquet", "-s", scale, "--output-dir", f"{new}/data"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.rename(f"{new}/data", folder)
    return folder


def extension() -> str:
    import duckdb_extension_tpch

    root = pathlib.Path(next(iter(duckdb_extension_tpch.__path__)))
    return str(next(root.glob("extensions/*/tpch.duckdb_extension")))


class Gateway:
    """A `weft serve` of our own on a free port."""

    def __init__(self, data: pathlib.Path, threads: int):
        self.folder = tempfile.TemporaryDirectory(prefix="weft-bench-")
        binary = os.environ.get("WEFT_BIN", "target/release/weft")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")}
        environment["WEFT_ADMIN_PASSWORD"] = "bench"
        self.log = open(f"{self.folder.name}/log", "w")
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", f"{self.folder.name}/data", "--pg-listen", "127.0.0.1:0", "--file-roots", str(data),
             "--duckdb-threads", str(threads), "--duckdb-memory", "8GiB"],
            env=environment, stdout=self.log, stderr=self.log)
        address = pathlib.Path(self.folder.name) / "data" / "pg-address"
        deadline = time.monotonic() + 60
        while not address.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the gateway did not start: {open(self.log.name).read()}")
            time.sleep(0.05)
        host, port = address.read_text().strip().rsplit(":", 1)
        self.connection = psycopg.connect(host=host, port=port, user="weft", password="bench", dbname="lake", autocommit=True)
        self.connection.execute(f"CREATE CATALOG tpch USING file OPTIONS (path '{data}')")
        self.connection.close()
        self.connection = psycopg.connect(host=host, port=port, user="weft", password="bench", dbname="tpch", autocommit=True)

    def close(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.folder.cleanup()


def answer(cursor):
    return cursor.fetchall()


def same(ours, theirs) -> str | None:
    """The first difference. DuckDB computes averages and quotients as doubles: numbers agree to nine digits."""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows instead of {len(theirs)}"
    for number, (a, b) in enumerate(zip(ours, theirs)):
        for x, y in zip(a, b, strict=True):
            numbers = isinstance(x, (int, float, decimal.Decimal)) and isinstance(y, (int, float, decimal.Decimal))
            if numbers and math.isclose(float(x), float(y), rel_tol=1e-9, abs_tol=1e-9):
                continue
            if isinstance(x, datetime.datetime) and not isinstance(y, datetime.datetime):
                x = x.date()
            if isinstance(x, str) and isinstance(y, str):
                x, y = x.rstrip(), y.rstrip()
            if x != y:
                return f"row {number}: {a} instead of {b}"
    return None


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
    peer = duckdb.connect(config={"threads": options.threads, "memory_limit": "8GiB"})
    peer.execute(f"LOAD '{extension()}'")
    queries = peer.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY query_nr").fetchall()
    for table in TABLES:
        peer.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{data}/{table}.parquet')")

    gateway = Gateway(data, options.threads)
    failures, ratios = 0, []
    try:
        for number, text in queries:
            if options.only and number not in options.only:
                continue
            text = text.strip().rstrip(";")
            try:
                ours, theirs = [], []
                for round_number in range(1 if options.check else options.rounds + 1):
                    mine, rows = timed(lambda: answer(gateway.connection.execute(text)))
                    other, expected = timed(lambda: peer.execute(text).fetchall())
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
