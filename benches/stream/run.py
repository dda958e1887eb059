#!/usr/bin/env python3
"""`SELECT * FROM lineitem` over the PostgreSQL protocol: rows a second and the gateway's memory, and how soon it stops after a cancel and after the death
of its client.

    benches/stream/run.py --scale 1 [--memory-limit-mb 300]
"""
import argparse
import os
import pathlib
import socket
import sys
import threading
import time

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tpch"))
from run import Gateway, data_folder  # noqa: E402

QUERY = "SELECT * FROM tpch.public.lineitem"


def resident_mb(pid: int) -> float:
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def peak_mb(pid: int) -> float:
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def active(watcher) -> int:
    return watcher.execute("SELECT count(*) FROM system.runtime.sessions WHERE state = 'active'").fetchone()[0]


def wait_idle(watcher, limit: float = 10) -> float:
    """Seconds until the watcher alone is active."""
    started = time.perf_counter()
    while active(watcher) > 1:
        if time.perf_counter() - started > limit:
            return float("inf")
        time.sleep(0.005)
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="1")
    parser.add_argument("--memory-limit-mb", type=float, default=300)
    options = parser.parse_args()
    gateway = Gateway(data_folder(options.scale), os.cpu_count() or 1)
    pid = gateway.process.pid
    failures = 0
    try:
        info = gateway.connection.info
        connect = lambda: psycopg.connect(host=info.host, port=info.port, user="weft", password="bench", dbname="lake", autocommit=True)  # noqa: E731
        watcher = connect()

        # Single-row mode of libpq: nothing is kept.
        started = time.perf_counter()
        with connect() as connection:
            connection.pgconn.send_query(QUERY.encode())
            connection.pgconn.set_single_row_mode()
            rows = 0
            while result := connection.pgconn.get_result():
                rows += result.ntuples
        seconds = time.perf_counter() - started
        print(f"text:   {rows} rows in {seconds:.1f} s ({rows / seconds:,.0f} rows/s), peak {peak_mb(pid):.0f} MB, anonymous {resident_mb(pid):.0f} MB")

        with connect() as connection:
            cursor = connection.cursor()
            consume = cursor.stream(QUERY)
            next(consume)
            began = time.perf_counter()
            connection.cancel()
            try:
                for _ in consume:
                    pass
                print("the cancelled statement ended without an error")
                failures += 1
            except psycopg.errors.QueryCanceled:
                seconds = time.perf_counter() - began
                print(f"cancel: 57014 after {seconds * 1000:.0f} ms")
                failures += seconds > 1
            except StopIteration:
                pass

        dying = connect()
        consume = dying.cursor().stream(QUERY)
        next(consume)
        descriptor = socket.socket(fileno=os.dup(dying.pgconn.socket))
        descriptor.shutdown(socket.SHUT_RDWR)
        descriptor.close()
        seconds = wait_idle(watcher)
        print(f"death:  the statement stopped {seconds * 1000:.0f} ms after its client")
        failures += seconds > 1

        slow = connect()
        consume = slow.cursor().stream(QUERY)
        next(consume)
        before = peak_mb(pid)
        time.sleep(5)
        print(f"a client that does not read for 5 s: peak {before:.0f} → {peak_mb(pid):.0f} MB")
        threading.Thread(target=slow.close, daemon=True).start()
        if peak_mb(pid) > options.memory_limit_mb:
            print(f"above {options.memory_limit_mb} MB")
            failures += 1
    finally:
        gateway.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
