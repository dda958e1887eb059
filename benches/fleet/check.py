#!/usr/bin/env python3
"""The 22 queries of TPC-H on workers: whether the answers are DuckDB's, in one place and spread.

    benches/fleet/check.py --scale 0.1 --workers 1 2 5
"""
import argparse
import sys

from fleet import Fleet, data_folder, peer
from tpch import same


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="0.1")
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 5])
    options = parser.parse_args()
    data = data_folder(options.scale, options.parts)
    duck, queries = peer(data, 2)
    expected = {number: duck.execute(text).fetchall() for number, text in queries.items()}
    differ = 0
    with Fleet(data, 0, threads=1) as fleet:
        session = fleet.connect("tpch")
        for workers in sorted(options.workers):
            for number in range(len(fleet.workers), workers):
                fleet.start_worker(number)
            fleet.wait_for(workers)
            for spread in ["off", "on"] if workers > 1 else ["off"]:
                session.execute(f"SET weft.spread = '{spread}'")
                divided = 0
                for number, text in queries.items():
                    plan = "\n".join(line for line, in session.execute(f"EXPLAIN {text}"))
                    if "on worker local" in plan:
                        differ += 1
                        print(f"Q{number:02}: RUNS IN THE GATEWAY\n{plan}")
                    divided += "Spread over" in plan
                    difference = same(session.execute(text).fetchall(), expected[number])
                    if difference:
                        differ += 1
                        print(f"Q{number:02}: DIFFERS with {workers} workers, spread {spread}: {difference}", flush=True)
                print(f"{workers} workers, spread {spread}: {len(queries)} queries, {divided} of them divided", flush=True)
        session.close()
    print(f"{differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
