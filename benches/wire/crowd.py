#!/usr/bin/env python3
"""Many clients of the PostgreSQL protocol: the memory that each idle one takes, what is told to the one too many, and whether all get their turn.

    benches/wire/crowd.py --idle 2000 --busy 200 --seconds 10 [--bytes 100000] [--spread 2]
"""
import argparse
import asyncio
import pathlib
import resource
import statistics
import sys
import time

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tpch"))
from tpch import Gateway, data_folder  # noqa: E402


def resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def idle(gateway: Gateway, count: int) -> float:
    """Bytes of each of so many sessions that have run a statement and wait."""
    for _ in range(20):  # what is made once
        with gateway.connect("tpch") as session:
            session.execute("SELECT count(*) FROM public.region").fetchall()
    before = resident(gateway.process.pid)
    sessions = []
    for _ in range(count - 1):  # one is the gateway's own
        session = gateway.connect("tpch")
        session.execute("SELECT count(*) FROM public.region").fetchall()
        sessions.append(session)
    time.sleep(2)
    each = (resident(gateway.process.pid) - before) / len(sessions)
    try:
        gateway.connect("tpch")
        told = "nothing"
    except psycopg.OperationalError as error:
        told = str(error).strip().splitlines()[0]
    print(f"{count} idle sessions: {each / 1000:.1f} kB each; one more is told: {told}", flush=True)
    assert "too many clients" in told, told
    for session in sessions:
        session.close()
    return each


async def busy(gateway: Gateway, count: int, seconds: float) -> float:
    """How many times as many statements the luckiest client had than the unluckiest."""
    host, port = gateway.address
    connect = lambda: psycopg.AsyncConnection.connect(host=host, port=port, user="weft", password="bench", dbname="tpch", autocommit=True)
    clients = [await connect() for _ in range(count)]
    end = time.monotonic() + seconds
    longest = [0.0] * count

    async def work(number: int) -> int:
        done = 0
        while time.monotonic() < end:
            begun = time.monotonic()
            await (await clients[number].execute("SELECT r_name, count(*) FROM public.region GROUP BY r_name")).fetchall()
            longest[number] = max(longest[number], time.monotonic() - begun)
            done += 1
        return done

    counts = sorted(await asyncio.gather(*(work(n) for n in range(count))))
    print(f"{count} clients for {seconds:g} s: {sum(counts) / seconds:.0f} statements a second; each client between {counts[0]} and {counts[-1]}, median "
          f"{statistics.median(counts):g}; the longest wait {max(longest):.2f} s", flush=True)
    for client in clients:
        await client.close()
    return counts[-1] / max(counts[0], 1)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--busy", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--bytes", type=float, help="fail if an idle session takes more")
    parser.add_argument("--spread", type=float, help="fail if one client gets so many times as much as another")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gateway = Gateway(data_folder("0.01"), 1, {"max_connections": options.idle})
    try:
        each = idle(gateway, options.idle)
        spread = asyncio.run(busy(gateway, options.busy, options.seconds))
    finally:
        gateway.close()
    return 1 if (options.bytes and each > options.bytes) or (options.spread and spread > options.spread) else 0


if __name__ == "__main__":
    sys.exit(main())
