#!/usr/bin/env python3
"""A point query and a PREVIEW through the gateway, and the same statement sent straight to the PostgreSQL that holds the table, alternating in one run.

Prints the median latencies and their ratios. TPC-H is loaded into a PostgreSQL that is started for this and stopped afterwards.

    benches/federation/run.py [--scale 0.1] [--rounds 300] [--limit 1.3]
"""
import argparse
import pathlib
import random
import statistics
import sys
import tempfile
import time

import psycopg

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tpch"))
from databases import Postgres, fill  # noqa: E402
from servers import postgresql  # noqa: E402
from tpch import Gateway, data_folder, peer  # noqa: E402


def latency(connection, statement, parameters):
    started = time.perf_counter()
    rows = connection.execute(statement, parameters).fetchall()
    return time.perf_counter() - started, rows


def unpadded(rows):
    """Without the padding of char(n)."""
    return [tuple(v.rstrip() if isinstance(v, str) else v for v in row) for row in rows]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="0.1")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--limit", type=float)
    options = parser.parse_args()

    data = data_folder(options.scale)
    with tempfile.TemporaryDirectory() as folder, postgresql(pathlib.Path(folder)) as port:
        return compare(options, data, port)


def compare(options, data, port) -> int:
    server = Postgres(argparse.Namespace(port=port, user="app", password="", database="postgres"))
    fill(server, peer(data)[0])
    orders = server.connection.execute("SELECT o_orderkey FROM orders ORDER BY random() LIMIT 1000").fetchall()
    gateway = Gateway(data, 2)
    gateway.connection.execute(
        f"CREATE CATALOG pg USING postgres OPTIONS (host '127.0.0.1', port '{port}', \"user\" 'app', database 'postgres')")
    ours = gateway.connect("pg")
    random.seed(1)
    statements = {
        "point query, prepared": ("SELECT * FROM orders WHERE o_orderkey = %s", "SELECT * FROM orders WHERE o_orderkey = %s"),
        "point query, same text": ("SELECT * FROM orders WHERE o_orderkey = 33", "SELECT * FROM orders WHERE o_orderkey = 33"),
        "point query, new text": ("SELECT * FROM orders WHERE o_orderkey = {}", "SELECT * FROM orders WHERE o_orderkey = {}"),
        "preview, 100 rows": ("PREVIEW pg.public.orders LIMIT 100", "SELECT * FROM orders LIMIT 100"),
        "preview, 1000 rows": ("PREVIEW pg.public.orders", "SELECT * FROM orders LIMIT 1000"),
    }
    ratios = []
    try:
        for name, (mine, straight) in statements.items():
            times = ([], [])
            for number in range(options.rounds + 20):
                key = random.choice(orders)[0]
                parameters = (key,) if "%s" in mine else None
                a, rows = latency(ours, mine.format(key), parameters)
                b, expected = latency(server.connection, straight.format(key), parameters)
                if "preview" not in name and unpadded(rows) != unpadded(expected):
                    sys.exit(f"{name}: {rows} instead of {expected}")
                if len(rows) != len(expected):
                    sys.exit(f"{name}: {len(rows)} rows instead of {len(expected)}")
                if number >= 20:  # the first ones warm caches and prepare
                    times[0].append(a)
                    times[1].append(b)
            a, b = (statistics.median(t) * 1000 for t in times)
            ratios.append(a / b)
            print(f"{name}: weft {a:.3f} ms  postgresql {b:.3f} ms  ratio {a / b:.2f}", flush=True)
    finally:
        ours.close()
        gateway.close()
    if options.limit and max(ratios) > options.limit:
        print(f"above the limit of {options.limit}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
