#!/usr/bin/env python3
"""A scan of one Parquet object in S3 (SeaweedFS): without a cache, with an empty one, with a full one after a restart, and again with DuckDB's memory full.
Each on a store beside the gateway, and on one that is `--delay` milliseconds and `--rate` megabytes a second away.

Needs the Python packages of `scripts/install-test-tools.sh` and a built `weft` (WEFT_BIN, else target/release/weft).

    benches/cache/run.py --scale 1 --rounds 5
"""
import argparse
import asyncio
import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tpch"))
from servers import KEY, SECRET, put, seaweed  # noqa: E402
from tpch import data_folder  # noqa: E402

ONE_COLUMN = "SELECT sum(l_extendedprice) FROM far.public.lineitem"
ALL_COLUMNS = ("SELECT sum(l_orderkey), sum(l_partkey), sum(l_suppkey), sum(l_linenumber), sum(l_quantity), sum(l_extendedprice), sum(l_discount), sum(l_tax), "
               "max(l_returnflag), max(l_linestatus), max(l_shipdate), max(l_commitdate), max(l_receiptdate), max(l_shipinstruct), max(l_shipmode), "
               "max(length(l_comment)) FROM far.public.lineitem")


def far(server: int, delay: float, rate: float) -> int:
    """A way to the server on which every answer takes so many seconds longer, at so many bytes a second for all; returns its port."""
    ready, port = threading.Event(), []
    busy = [0.0]

    async def answers(reader, writer, asked):
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                now = time.monotonic()
                busy[0] = max(busy[0], now) + len(data) / rate
                await asyncio.sleep(max(busy[0], asked[0] + delay) - now)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(client_reader, client_writer):
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", server)
        asked = [0.0]
        task = asyncio.create_task(answers(server_reader, client_writer, asked))
        with contextlib.suppress(OSError):
            while data := await client_reader.read(1 << 16):
                asked[0] = time.monotonic()
                server_writer.write(data)
                await server_writer.drain()
        server_writer.close()
        await task

    async def run():
        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        port.append(listener.sockets[0].getsockname()[1])
        ready.set()
        await listener.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait(10)
    return port[0]


@contextlib.contextmanager
def gateway(folder: pathlib.Path, cache: str, s3: int):
    """A gateway with the bucket as catalog `far`; yields a connection."""
    binary = os.environ.get("WEFT_BIN", "target/release/weft")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")} | {"WEFT_ADMIN_PASSWORD": "bench"}
    address = folder / "data" / "pg-address"
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([binary, "serve", "--data-dir", folder / "data", "--pg-listen", "127.0.0.1:0", "--flight-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--worker-cache", cache, "--duckdb-memory", "4GiB"],
                                   env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not address.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the gateway did not start: {(folder / 'log').read_text()}")
            time.sleep(0.05)
        host, port = address.read_text().strip().rsplit(":", 1)
        with psycopg.connect(host=host, port=int(port), user="weft", password="bench", dbname="system", autocommit=True) as session:
            session.execute(f"CREATE CATALOG far USING s3 OPTIONS (bucket 'lake', endpoint 'http://127.0.0.1:{s3}', allow_http 'true', key_id '{KEY}', secret '{SECRET}')")
            session.execute("SELECT count(*) FROM far.public.warm").fetchall()  # opens DuckDB's database
            yield session
            session.execute("DROP CATALOG far")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def timed(session, query: str) -> float:
    started = time.perf_counter()
    session.execute(query).fetchall()
    return (time.perf_counter() - started) * 1000


def measure(way: str, s3: int, rounds: int):
    for name, query in [("one column", ONE_COLUMN), ("all columns", ALL_COLUMNS)]:
        figures = {"off": [], "off, again": [], "cold": [], "warm, after a restart": [], "warm, again": []}
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
                folder = pathlib.Path(folder)
                with gateway(folder, "0", s3) as session:
                    figures["off"].append(timed(session, query))
                    figures["off, again"].append(timed(session, query))
                with gateway(folder, "10GiB", s3) as session:
                    figures["cold"].append(timed(session, query))
                    fetched = session.execute("SELECT fetched_bytes FROM system.runtime.caches").fetchone()[0]
                with gateway(folder, "10GiB", s3) as session:
                    figures["warm, after a restart"].append(timed(session, query))
                    again = session.execute("SELECT fetched_bytes FROM system.runtime.caches").fetchone()[0]
                    figures["warm, again"].append(timed(session, query))
        for state, times in figures.items():
            print(f"{way}, {name}, {state + ':':24} {statistics.median(times):8.1f} ms", flush=True)
        print(f"{way}, {name}: fetched {fetched / 1e6:.1f} MB cold, {again / 1e6:.1f} MB warm", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--delay", type=float, default=30, help="milliseconds")
    parser.add_argument("--rate", type=float, default=100, help="megabytes a second")
    options = parser.parse_args()
    lineitem = data_folder(options.scale) / "lineitem.parquet"
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder, seaweed(pathlib.Path(folder)) as (s3, filer):
        for name in ["lineitem", "region"]:
            key = "warm" if name == "region" else name
            put(filer, f"{key}.parquet", data_folder(options.scale) / f"{name}.parquet")
        print(f"lineitem at scale {options.scale}: {lineitem.stat().st_size / 1e6:.1f} MB")
        measure("beside", s3, options.rounds)
        measure("far", far(s3, options.delay / 1000, options.rate * 1e6), options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
