#!/usr/bin/env python3
"""A loop of queries on three workers, one of which is killed, or stopped, at a random moment, again and again. Every answer must be right, no query may
fail, and none may take longer than 10 s more than it takes undisturbed.

    benches/fleet/faults.py --times 50 [--fault kill|stop|cut|redis-kill|redis-flush]
"""
import argparse
import contextlib
import random
import signal
import subprocess
import sys
import threading
import time

import psycopg
from fleet import Fleet, Path, data_folder, peer
from tpch import same

# How much later an answer may come.
HANG = 10.0


def disturb(fleet: Fleet, fault: str):
    """Does it, and mends it."""
    if fault == "redis-flush":
        subprocess.run(["redis-cli", "-p", str(fleet.redis_command[2]), "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)
        return
    if fault == "redis-kill":
        fleet.redis.kill()
        time.sleep(random.uniform(0.5, 4))
        fleet.redis = fleet.start_redis()
        return
    if fault == "cut":
        fleet.path.cut()
        time.sleep(random.uniform(6, 9))
        fleet.path.mend()
        return
    number = random.choice(list(fleet.workers))
    worker = fleet.workers[number]
    if fault == "stop":
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(4, 7))
        worker.process.send_signal(signal.SIGCONT)
        return
    worker.kill()
    time.sleep(random.uniform(0, 0.5))
    fleet.start_worker(number)
    worker.folder.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="1")
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--fault", default="kill")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    options = parser.parse_args()
    random.seed(options.seed)
    data = data_folder(options.scale, options.parts)
    duck, queries = peer(data, 2)
    expected = {number: duck.execute(text).fetchall() for number, text in queries.items()}
    wrong, longest, ran = 0, 0.0, 0
    path = Path() if options.fault == "cut" else None
    with contextlib.ExitStack() as stack:
        if path:
            stack.callback(path.close)
        fleet = stack.enter_context(Fleet(data, 3, threads=1, path=path))
        session = fleet.connect("tpch")
        alone = {}
        for spread in ["on", "off"]:
            session.execute(f"SET weft.spread = '{spread}'")
            for number, text in queries.items():
                begun = time.monotonic()
                session.execute(text).fetchall()
                alone[number, spread] = time.monotonic() - begun
        done = threading.Event()
        failure = []

        def faults():
            try:
                for _ in range(options.times):
                    time.sleep(random.uniform(0, 1))
                    disturb(fleet, options.fault)
            except Exception as error:  # told below
                failure.append(error)
            finally:
                done.set()

        thread = threading.Thread(target=faults)
        thread.start()
        while not done.is_set():
            number, spread = random.choice(list(alone))
            begun = time.monotonic()
            try:
                session.execute(f"SET weft.spread = '{spread}'")
                difference = same(session.execute(queries[number]).fetchall(), expected[number])
            except psycopg.Error as error:
                difference = f"{error} {error.diag.message_detail or ''}".strip()
            took = time.monotonic() - begun
            ran += 1
            longest = max(longest, took - alone[number, spread])
            if difference:
                wrong += 1
                print(f"Q{number:02}, spread {spread}: {difference}", flush=True)
        thread.join()
        if failure:
            raise failure[0]
        back = fleet.wait_for(3)
        session.close()
    print(f"{options.fault}: {options.times} times, {ran} queries, {wrong} wrong or failed, the longest delay {longest:.1f} s, all workers back after {back:.1f} s "
          f"(seed {options.seed})")
    return 1 if wrong or longest > HANG else 0


if __name__ == "__main__":
    sys.exit(main())
