#!/usr/bin/env python3
"""Tables that are divided along a common key, by random keys: files that overlap, leave gaps, have nulls alone, no rows, or no such column; keys of other
widths, and dates. Each query must give DuckDB's answer with spreading on, and some must read a part of the second table's files.

    benches/fleet/keys.py [--seeds 1 2 3] [--workers 3]
"""
import argparse
import pathlib
import random
import sys
import tempfile

import duckdb
import psycopg

from fleet import Fleet

FILES = 6
# Each with {a} and {b}: how the tables are joined, and what of it must not be lost.
QUERIES = [
    "SELECT count(*), sum(a.v), sum(b.w) FROM a JOIN b ON a.k = b.k",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.k = b.k AND b.w > 20",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.d = b.d",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.k = b.k AND a.d = b.d",
    "SELECT count(*), sum(a.v), count(b.w) FROM a LEFT JOIN b ON a.k = b.k",
    "SELECT count(*), sum(a.v), count(b.w) FROM a LEFT JOIN b ON a.k = b.k AND a.d = b.d WHERE b.w IS NULL",
    "SELECT count(*), count(a.v), count(b.w) FROM a RIGHT JOIN b ON a.k = b.k",
    "SELECT count(*), count(a.v), count(b.w) FROM a FULL JOIN b ON a.k = b.k",
    "SELECT count(*), sum(a.v) FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
    "SELECT count(*), sum(a.v) FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.w > 30)",
    "SELECT count(*), sum(a.v) FROM a WHERE a.k IN (SELECT b.k FROM b)",
    "SELECT count(*), sum(a.v) FROM a WHERE a.k NOT IN (SELECT b.k FROM b WHERE b.k IS NOT NULL)",
    "SELECT count(*), sum(a.v) FROM a WHERE a.v > (SELECT avg(b.w) FROM b WHERE b.k = a.k)",
    "SELECT count(*), sum(a.v) FROM a WHERE 1 > (SELECT count(*) FROM b WHERE b.k = a.k)",
    "SELECT count(*), sum(n) FROM a, (SELECT k, count(*) AS n FROM b GROUP BY k) AS g WHERE g.k = a.k",
    "SELECT count(*), sum(n) FROM a LEFT JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) AS g ON g.k = a.k",
    "SELECT count(*), sum(a.v) FROM a, (SELECT DISTINCT k AS key FROM b WHERE w < 40) AS g WHERE a.k = g.key",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.k = b.k + 1",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.k = b.k OR a.v = b.w",
    "SELECT count(*), sum(a.v), sum(b.w) FROM a, b WHERE a.k IS NOT DISTINCT FROM b.k",
    "SELECT count(*), sum(a.v) FROM a WHERE (EXISTS (SELECT 1 FROM b WHERE b.k = a.k)) IS FALSE",
    "SELECT a.k % 5 AS m, count(*), sum(c.w) FROM a, b, b AS c WHERE a.k = b.k AND c.k = a.k GROUP BY 1 ORDER BY 1",
    "SELECT b.w % 5 AS m, count(*), sum(a.v) FROM a, b WHERE a.k = b.k GROUP BY 1 ORDER BY 1",
    "SELECT count(*), sum(b.w) FROM b WHERE EXISTS (SELECT 1 FROM a WHERE a.k = b.k AND a.v > b.w)",
]


def write(folder: pathlib.Path, name: str, value: str, rng: random.Random):
    """A table whose files follow the key, more or less."""
    table = folder / "public" / name
    table.mkdir(parents=True)
    for number in range(FILES):
        low = number * 100 - rng.choice([0, 0, 0, 60])
        high = low + rng.choice([40, 90, 99, 130])
        key = f"{low} + (random() * {high - low})::INT"
        kind = rng.choice(["plain", "plain", "plain", "plain", "nulls", "only nulls", "empty", "without"])
        rows = 0 if kind == "empty" else rng.randint(1, 60)
        keys = {"only nulls": "NULL::INT", "nulls": f"CASE WHEN random() < 0.3 THEN NULL ELSE {key} END"}.get(kind, key)
        width = rng.choice(["INTEGER", "BIGINT", "SMALLINT"])
        columns = "" if kind == "without" and number else f"k::{width} AS k, DATE '2020-01-01' + k::INT AS d, "
        duckdb.execute(f"COPY (SELECT {columns}(random() * 60)::INT AS {value} FROM (SELECT {keys} AS k FROM range({rows}))) "
                       f"TO '{table}/{number}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")


def try_seed(seed: int, workers: int) -> tuple[int, int]:
    """How many answers differ, and how many statements read only some files of the second table."""
    rng = random.Random(seed)
    duckdb.execute(f"SELECT setseed({rng.random()})")
    differ = fewer = 0
    with tempfile.TemporaryDirectory(prefix="weft-keys-") as name:
        folder = pathlib.Path(name)
        write(folder, "a", "v", rng)
        write(folder, "b", "w", rng)
        for table in "ab":
            duckdb.execute(f"CREATE OR REPLACE TABLE {table} AS FROM read_parquet('{folder}/public/{table}/*.parquet', union_by_name = true)")
        with Fleet(folder, workers, threads=1) as fleet, fleet.connect("tpch") as session:
            session.execute("SET weft.spread = 'on'")
            for query in QUERIES:
                # Of the average the last digit may differ.
                expected = duckdb.execute(query).fetchall()
                try:
                    answer = session.execute(query).fetchall()
                except psycopg.Error as error:
                    answer = f"{error}\n" + "\n".join(pathlib.Path(program.log.name).read_text()[-2000:] for program in [fleet.gateway, *fleet.workers.values()])
                plan = "\n".join(line for line, in session.execute(f"EXPLAIN {query}"))
                fewer += " is read by its " in plan
                if answer != expected:
                    differ += 1
                    print(f"seed {seed}: DIFFERS: {query}\n  {answer}\n  {expected}\n{plan}", flush=True)
    return differ, fewer


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--workers", type=int, default=3)
    options = parser.parse_args()
    outcomes = [try_seed(seed, options.workers) for seed in options.seeds]
    differ, fewer = (sum(column) for column in zip(*outcomes))
    print(f"{len(QUERIES) * len(outcomes)} queries, {fewer} of them read a part of the second table, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
