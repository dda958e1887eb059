#!/usr/bin/env python3
"""What the wire costs: six million rows of `lineitem` to a client, by Flight SQL against DuckDB that hands Arrow over in process, and by the PostgreSQL
protocol, binary and text, against PostgreSQL with the same table. The sides alternate; clients count rows and do no more. Flight has two clients: Arrow's own,
in C++, and ADBC's driver, in Go. How fast Flight can be here is told by a server that does nothing else (`bare.py`).

    benches/wire/run.py --scale 1 --rounds 5 [--limit 2] [--pg-limit 1]
"""
import argparse
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import adbc_driver_flightsql.dbapi as flightsql
import psycopg
import pyarrow.flight
from adbc_driver_flightsql import DatabaseOptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tpch"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from servers import postgresql  # noqa: E402
from tpch import Gateway, data_folder, peer  # noqa: E402

COLUMNS = "l_orderkey, l_linenumber, l_quantity, l_extendedprice, l_discount, l_shipdate, l_returnflag, l_shipmode"
TYPES = ("l_orderkey bigint, l_linenumber integer, l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), "
         "l_shipdate date, l_returnflag text, l_shipmode text")
ROWS_AT_ONCE = 1000


def field(number, value):
    """A field of bytes in a message of Protocol Buffers."""
    length, rest = b"", len(value)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return bytes([number << 3 | 2]) + length + bytes([rest]) + value


def by_arrow(client, options):
    query = field(1, f"SELECT {COLUMNS} FROM tpch.public.lineitem".encode())
    command = field(1, b"type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery") + field(2, query)
    info = client.get_flight_info(pyarrow.flight.FlightDescriptor.for_command(command), options)
    return sum(chunk.data.num_rows for endpoint in info.endpoints for chunk in client.do_get(endpoint.ticket, options))


def by_bare(client):
    """From the server that only hands on."""
    ticket = pyarrow.flight.Ticket(f"SELECT {COLUMNS} FROM lineitem")
    return sum(chunk.data.num_rows for chunk in client.do_get(ticket))


def by_flight(connection):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM public.lineitem")
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())


def by_duckdb(connection):
    reader = connection.execute(f"SELECT {COLUMNS} FROM lineitem").to_arrow_reader(8192)
    return sum(batch.num_rows for batch in reader)


def by_postgres(connection, table, binary):
    """Rows in chunks of libpq: none is kept, and no value is turned into one of Python's."""
    pgconn = connection.pgconn
    pgconn.send_query_params(f"SELECT {COLUMNS} FROM {table}".encode(), None, result_format=int(binary))
    pgconn.set_chunked_rows_mode(ROWS_AT_ONCE)
    rows = 0
    while result := pgconn.get_result():
        if result.error_message:
            sys.exit(result.error_message.decode())
        rows += result.ntuples
    return rows


def timed(work):
    started = time.perf_counter()
    rows = work()
    return rows, time.perf_counter() - started


def compare(name, ours, theirs, rounds):
    """The median of each side, and their ratio."""
    times = {ours: [], theirs: []}
    (our_name, our_work), (their_name, their_work) = ours, theirs
    seen = set()
    for number in range(rounds + 1):
        for side, work in ((ours, our_work), (theirs, their_work)) if number % 2 else ((theirs, their_work), (ours, our_work)):
            rows, seconds = timed(work)
            seen.add(rows)
            # The first round warms both up.
            if number:
                times[side].append(seconds)
    if len(seen) != 1:
        sys.exit(f"{name}: the sides have different numbers of rows: {seen}")
    medians = [statistics.median(times[side]) for side in (ours, theirs)]
    ratio = medians[0] / medians[1]
    print(f"{name}: {seen.pop()} rows, {our_name} {medians[0]:.2f} s, {their_name} {medians[1]:.2f} s, ratio {ratio:.3f}", flush=True)
    return ratio


def load(port, duck, folder):
    """The same rows in PostgreSQL."""
    file = f"{folder}/lineitem.csv"
    duck.execute(f"COPY (SELECT {COLUMNS} FROM lineitem) TO '{file}' (FORMAT csv, HEADER false)")
    with psycopg.connect(host="127.0.0.1", port=port, user="app", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE TABLE lineitem ({TYPES})")
        with connection.cursor().copy("COPY lineitem FROM STDIN (FORMAT csv)") as copy, open(file, "rb") as data:
            while block := data.read(1 << 20):
                copy.write(block)
        connection.execute("VACUUM ANALYZE lineitem")
    os.unlink(file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=math.inf, help="the largest ratio of Flight SQL to DuckDB")
    parser.add_argument("--pg-limit", type=float, default=math.inf, help="the largest ratio to PostgreSQL")
    options = parser.parse_args()
    data, threads = data_folder(options.scale), os.cpu_count() or 1
    duck, _ = peer(data, threads)
    gateway = Gateway(data, threads)
    broken = False
    try:
        host, port = gateway.flight_address
        credentials = {"username": "weft", "password": "bench", DatabaseOptions.RPC_CALL_HEADER_PREFIX.value + "database": "tpch"}
        with flightsql.connect(f"grpc://{host}:{port}", db_kwargs=credentials, autocommit=True) as flight:
            compare("Flight SQL, ADBC", ("weft", lambda: by_flight(flight)), ("duckdb", lambda: by_duckdb(duck)), options.rounds)
        with pyarrow.flight.connect(f"grpc://{host}:{port}") as arrow:
            call = pyarrow.flight.FlightCallOptions(headers=[arrow.authenticate_basic_token("weft", "bench")])
            ratio = compare("Flight SQL, Arrow", ("weft", lambda: by_arrow(arrow, call)), ("duckdb", lambda: by_duckdb(duck)), options.rounds)
            broken |= ratio > options.limit
        command = [sys.executable, str(pathlib.Path(__file__).with_name("bare.py")), str(data), str(threads)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                with pyarrow.flight.connect(f"grpc://127.0.0.1:{server.stdout.readline().strip()}") as bare:
                    compare("Flight alone, Arrow", ("bare", lambda: by_bare(bare)), ("duckdb", lambda: by_duckdb(duck)), options.rounds)
            finally:
                server.kill()
        with tempfile.TemporaryDirectory(prefix="weft-bench-", ignore_cleanup_errors=True) as folder:
            os.chmod(folder, 0o755)
            home = pathlib.Path(folder) / "postgres"
            home.mkdir()
            with postgresql(home) as server:
                load(server, duck, folder)
                direct = psycopg.connect(host="127.0.0.1", port=server, user="app", dbname="postgres", autocommit=True)
                through = gateway.connect("tpch")
                for name, binary in (("binary", True), ("text", False)):
                    ours = ("weft", lambda binary=binary: by_postgres(through, "public.lineitem", binary))
                    theirs = ("postgresql", lambda binary=binary: by_postgres(direct, "lineitem", binary))
                    broken |= compare(f"PostgreSQL protocol, {name}", ours, theirs, options.rounds) > options.pg_limit
                direct.close()
                through.close()
    finally:
        gateway.close()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
