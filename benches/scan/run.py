#!/usr/bin/env python3
"""SCAN of a PostgreSQL with many tables, and of a MariaDB: level 1, level 2, level 2 again with nothing changed; beside them the time in which the
servers' own clients read the rows that level 2 reads.

    benches/scan/run.py [--schemas 1000] [--tables 10000] [--columns 20] [--mariadb-tables 5000] [--rounds 3] [--limit 1.5]
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tpch"))
from servers import mariadb, postgresql  # noqa: E402
from tpch import Gateway  # noqa: E402

SQL = ROOT.parent / "crates/connect/src/postgres"
MARIADB_READS = """
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH, UNIX_TIMESTAMP(UPDATE_TIME)
FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE 's%' AND TABLE_SCHEMA <> 'sys';
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLUMN_COMMENT, ORDINAL_POSITION
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA LIKE 's%' AND TABLE_SCHEMA <> 'sys';
SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, c.CONSTRAINT_TYPE, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME
FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.TABLE_CONSTRAINTS c
ON c.TABLE_SCHEMA = k.TABLE_SCHEMA AND c.TABLE_NAME = k.TABLE_NAME AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME
WHERE k.TABLE_SCHEMA LIKE 's%' AND k.TABLE_SCHEMA <> 'sys';
SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA LIKE 's%' AND TABLE_SCHEMA <> 'sys';
"""


def timed(work):
    started = time.perf_counter()
    outcome = work()
    return time.perf_counter() - started, outcome


def ddl(tables, schemas, columns):
    """Statements for tables of so many columns each, spread over the schemas."""
    listed = ", ".join(f"c{i} {'varchar(40) NOT NULL' if i % 3 else 'int'}" for i in range(1, columns))
    for i in range(tables):
        yield f"CREATE TABLE s{i % schemas}.t{i} (id int PRIMARY KEY, {listed})"


def fill_postgresql(port, options):
    with psycopg.connect(host="127.0.0.1", port=port, user="app", dbname="postgres", autocommit=True) as connection:
        for i in range(options.schemas):
            connection.execute(f"CREATE SCHEMA s{i}")
        batch = []
        for statement in ddl(options.tables, options.schemas, options.columns):
            batch.append(statement)
            if len(batch) == 200:
                connection.execute(";".join(batch))
                batch = []
        if batch:
            connection.execute(";".join(batch))
        for table in ("pg_class", "pg_attribute", "pg_constraint", "pg_index"):
            connection.execute(f"VACUUM ANALYZE {table}")


def client_of_mariadb(port):
    return ["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(port), "-u", "app", "-psecret"]


def fill_mariadb(port, options):
    schemas = max(1, options.schemas // 2)
    statements = [f"CREATE DATABASE s{i}" for i in range(schemas)]
    statements += ddl(options.mariadb_tables, schemas, options.columns)
    subprocess.run(client_of_mariadb(port), input=";\n".join(statements), text=True, check=True)


def read_with_psql(port):
    questions = [(SQL / f"scan_{what}.sql").read_text() for what in ("constraints", "indexes", "columns")]
    text = ";\n".join(re.sub(r"\$1\b", "NULL::text[]", re.sub(r"\$[23]\b", "NULL::text", q)) for q in questions)
    command = ["psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(port), "-U", "app", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def read_with_mariadb(port):
    subprocess.run([*client_of_mariadb(port), "-q"], input=MARIADB_READS, text=True, check=True, stdout=subprocess.DEVNULL)


def peak_mb(gateway):
    status = pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) // 1024


def compare(name, options, read):
    with tempfile.TemporaryDirectory() as data:
        gateway = Gateway(pathlib.Path(data), 2)
        try:
            gateway.connection.execute(f"CREATE CATALOG c USING {options} WITH (manage = 'all')")
            first, found = timed(lambda: gateway.connection.execute("SCAN CATALOG c").fetchone())
            print(f"{name}: first scan {first:.2f} s: {found[2]} schemas, {found[3]} tables, {found[4]} columns", flush=True)
            one, two, straight = [], [], []
            for _ in range(ROUNDS):
                one.append(timed(lambda: gateway.connection.execute("SCAN CATALOG c LEVEL 1").fetchone())[0])
                took, again = timed(lambda: gateway.connection.execute("SCAN CATALOG c").fetchone())
                two.append(took)
                if again[5:] != (0, 0, 0):
                    sys.exit(f"{name}: changes where there are none: {again}")
                straight.append(timed(read)[0])
            one, two, straight = (statistics.median(t) for t in (one, two, straight))
            print(f"{name}: level 1 {one:.2f} s  level 2 {two:.2f} s  its own client {straight:.2f} s  ratio {two / straight:.2f}  "
                  f"first {first / straight:.2f}  peak {peak_mb(gateway)} MB", flush=True)
            if name == "PostgreSQL":
                search(gateway)
                listings(gateway, options)
            return two / straight
        finally:
            gateway.close()


def search(gateway):
    """Words of names of tables, schemas and columns; each once, so that nothing is remembered."""
    words = [f"t{n}" for n in range(0, 10000, 73)] + [f"s{n} c{n % 20}" for n in range(0, 1000, 11)] + [f"c{n}" for n in range(1, 20)]
    times = sorted(timed(lambda: gateway.connection.execute(f"SELECT * FROM search('{word}')").fetchall())[0] for word in words)
    print(f"search: {len(times)} searches, median {statistics.median(times) * 1000:.1f} ms, 95th percentile {times[len(times) * 95 // 100] * 1000:.1f} ms", flush=True)


def listings(gateway, options):
    """psql's own listings, through the gateway and in the server."""
    port = re.search(r"port '(\d+)'", options).group(1)
    ours = ["psql", "-X", "-q", f"host=127.0.0.1 port={gateway.address[1]} user=weft password=bench dbname=c"]
    theirs = ["psql", "-X", "-q", f"host=127.0.0.1 port={port} user=app dbname=postgres"]
    for command in ("\\d s7.t7", "\\dt *.*"):
        figures = []
        for program in (ours, theirs):
            run = lambda: subprocess.run([*program, "-c", command], check=True, stdout=subprocess.DEVNULL)  # noqa: B023, E731
            run()
            figures.append(statistics.median(timed(run)[0] for _ in range(5)))
        print(f"{command}: weft {figures[0] * 1000:.0f} ms  postgresql {figures[1] * 1000:.0f} ms  ratio {figures[0] / figures[1]:.2f}", flush=True)
    # What is kept of one statement should serve those about other tables: each of these is asked about once.
    figures = []
    for program in (ours, theirs):
        ask = lambda n: subprocess.run([*program, "-c", f"\\d s{n}.t{n}"], check=True, stdout=subprocess.DEVNULL)  # noqa: B023, E731
        figures.append(statistics.median(timed(lambda: ask(n))[0] for n in range(100, 110)))  # noqa: B023
    print(f"\\d of ten others: weft {figures[0] * 1000:.0f} ms  postgresql {figures[1] * 1000:.0f} ms  ratio {figures[0] / figures[1]:.2f}", flush=True)


def main() -> int:
    global ROUNDS
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=10000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--mariadb-tables", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float)
    options = parser.parse_args()
    ROUNDS = options.rounds
    ratios = []
    with tempfile.TemporaryDirectory() as folder, postgresql(pathlib.Path(folder)) as port:
        took, _ = timed(lambda: fill_postgresql(port, options))
        print(f"PostgreSQL: {options.tables} tables made in {took:.0f} s", flush=True)
        given = f"postgres OPTIONS (host '127.0.0.1', port '{port}', \"user\" 'app', database 'postgres')"
        ratios.append(compare("PostgreSQL", given, lambda: read_with_psql(port)))
    if options.mariadb_tables:
        with tempfile.TemporaryDirectory() as folder, mariadb(pathlib.Path(folder)) as port:
            took, _ = timed(lambda: fill_mariadb(port, options))
            print(f"MariaDB: {options.mariadb_tables} tables made in {took:.0f} s", flush=True)
            given = f"mysql OPTIONS (host '127.0.0.1', port '{port}', \"user\" 'app', password 'secret')"
            ratios.append(compare("MariaDB", given, lambda: read_with_mariadb(port)))
    if options.limit and max(ratios) > options.limit:
        print(f"above the limit of {options.limit}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
