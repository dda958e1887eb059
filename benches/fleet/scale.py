#!/usr/bin/env python3
"""What workers cost and what they win: TPC-H on DuckDB in this process, on one worker, and on two, by turns in one run. Each DuckDB has one thread on one core.

Prints for each query the three times and whether it was spread; the geometric means of one worker against DuckDB, over all queries, and of one worker against two,
over those that were spread; and, from the processor time of the gateway, how many workers one gateway can feed.

    benches/fleet/scale.py --scale 10 --rounds 3 [--store s3] [--cost 1.10] [--gain 1.7]
"""
import argparse
import contextlib
import math
import os
import statistics
import sys
import time

from fleet import Fleet, data_folder, objects, peer
from tpch import same

TICK = os.sysconf("SC_CLK_TCK")


def timed(run):
    begun = time.perf_counter()
    rows = run()
    return time.perf_counter() - begun, rows


def geometric(values) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def cpu(pid: int) -> float:
    """Seconds of processor time that the process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def throughput(workers: int, service: float, work: float) -> float:
    """Parts a second of so many workers that need `work` seconds a part, and `service` seconds of one core of the gateway: mean value analysis of a closed
    network (Reiser and Lavenberg, 1980)."""
    queue = 0.0
    for n in range(1, workers + 1):
        response = service * (1 + queue)
        rate = n / (response + work)
        queue = rate * response
    return rate


def feeds(service: float, work: float) -> int:
    """The most workers that one core of the gateway keeps 95 % busy."""
    workers = 1
    while workers < 100_000 and throughput(workers, service, work) * (service + work) / workers >= 0.95:
        workers = math.ceil(workers * 1.1) if workers > 10 else workers + 1
    return workers


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="10")
    parser.add_argument("--parts", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cost", type=float, help="fail if one worker costs more, against DuckDB")
    parser.add_argument("--gain", type=float, help="fail if two workers win less, where the work is spread")
    parser.add_argument("--spread", default="auto")
    parser.add_argument("--only", type=int, nargs="*")
    parser.add_argument("--memory", default="5GiB")
    parser.add_argument("--store", choices=["disk", "s3"], default="disk", help="where the tables are: files, or objects in SeaweedFS on this machine")
    options = parser.parse_args()
    data = data_folder(options.scale, options.parts)
    with objects(data) if options.store == "s3" else contextlib.nullcontext((None, None)) as (s3, tables):
        return measure(options, data, s3, tables)


def measure(options, data, s3: int | None, tables: str | None) -> int:
    duck, queries = peer(data, 1, options.memory, s3)
    cores = os.sched_getaffinity(0)
    costs, gains, differ = [], [], 0
    settings = {"task_history": "100000"}
    with Fleet(data, 2, threads=1, pinned=True, memory=options.memory, settings=settings, tables=tables) as fleet:
        session, admin = fleet.connect("tpch"), fleet.connect("lake")
        session.execute(f"SET weft.spread = '{options.spread}'")
        pid = fleet.gateway.process.pid

        def in_process(text):
            os.sched_setaffinity(0, {0})
            try:
                return timed(lambda: duck.execute(text).fetchall())
            finally:
                os.sched_setaffinity(0, cores)

        def workers(count, text):
            admin.execute(f"ALTER WORKER 'w1' {'RESUME' if count == 2 else 'DRAIN'}")
            fleet.wait_for(count)
            return timed(lambda: session.execute(text).fetchall())

        coordinated = 0.0
        for number, text in queries.items():
            if options.only and number not in options.only:
                continue
            times = {"duckdb": [], "one": [], "two": []}
            for round_number in range(options.rounds + 1):
                peer_time, expected = in_process(text)
                one_time, one = workers(1, text)
                before = cpu(pid)
                two_time, two = workers(2, text)
                coordinated += cpu(pid) - before
                for rows in (one, two):
                    difference = same(rows, expected)
                    if difference:
                        differ += 1
                        print(f"Q{number:02}: DIFFERS: {difference}", flush=True)
                if round_number > 0:  # the first round warms caches
                    times["duckdb"].append(peer_time)
                    times["one"].append(one_time)
                    times["two"].append(two_time)
            plan = "\n".join(line for line, in session.execute(f"EXPLAIN {text}"))
            spread = "Spread over" in plan
            duckdb_time, one_time, two_time = (statistics.median(times[k]) for k in ("duckdb", "one", "two"))
            costs.append(one_time / duckdb_time)
            if spread:
                gains.append(one_time / two_time)
            print(f"Q{number:02}: duckdb {duckdb_time * 1000:8.1f} ms  one worker {one_time * 1000:8.1f} ms ({costs[-1]:.3f})  two {two_time * 1000:8.1f} ms "
                  f"({one_time / two_time:.2f}{', spread' if spread else ''})", flush=True)
        rows = admin.execute("SELECT count(*), avg(extract(epoch FROM ended_at - started_at)) FROM system.runtime.tasks WHERE state = 'finished'").fetchone()
        session.close()
        admin.close()
    print(f"scale {options.scale}: one worker against DuckDB {geometric(costs):.3f} (geometric mean of {len(costs)})")
    if gains:
        print(f"two workers against one {geometric(gains):.3f} (geometric mean of {len(gains)} spread queries)")
    # Half of the tasks, about, ran while the processor time was taken: the estimate is on the safe side.
    service, work = max(coordinated / max(rows[0], 1), 1e-4), float(rows[1] or 1)
    print(f"the gateway takes {service * 1000:.2f} ms of a core for a part of {work * 1000:.0f} ms on average: one core keeps {feeds(service, work)} workers 95 % busy; "
          f"with parts of 100 ms {feeds(service, 0.1)}")
    failed = differ > 0
    failed |= bool(options.cost) and geometric(costs) > options.cost
    failed |= bool(options.gain and gains) and geometric(gains) < options.gain
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
