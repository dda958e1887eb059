"""TPC-H for the programs beside this file: its data, its queries, a gateway, and the comparison of answers."""
import datetime
import decimal
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import duckdb
import psycopg

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def data_folder(scale: str) -> pathlib.Path:
    """The Parquet files of this scale, generated once into the cache."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft"
    folder = cache / f"tpch-sf{scale}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as new:
            command = ["tpchgen-cli", "parquet", "-s", scale, "--output-dir", f"{new}/data"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.rename(f"{new}/data", folder)
    return folder


def extension() -> str:
    import duckdb_extension_tpch

    root = pathlib.Path(next(iter(duckdb_extension_tpch.__path__)))
    return str(next(root.glob("extensions/*/tpch.duckdb_extension")))


def peer(data: pathlib.Path, threads: int | None = None):
    """DuckDB in this process with the tables as views on the files, and the queries by number."""
    connection = duckdb.connect(config={"threads": threads or os.cpu_count(), "memory_limit": "8GiB"})
    connection.execute(f"LOAD '{extension()}'")
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{data}/{table}.parquet')")
    queries = connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY query_nr").fetchall()
    return connection, {number: text.strip().rstrip(";") for number, text in queries}


def read_address(file: pathlib.Path) -> tuple[str, int]:
    host, port = file.read_text().strip().rsplit(":", 1)
    return host, int(port)


class Gateway:
    """A `weft serve` of our own on a free port, with the files as catalog `tpch`."""

    def __init__(self, data: pathlib.Path, threads: int, settings: dict | None = None):
        self.folder = tempfile.TemporaryDirectory(prefix="weft-bench-")
        binary = os.environ.get("WEFT_BIN", "target/release/weft")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")}
        environment["WEFT_ADMIN_PASSWORD"] = "bench"
        self.log = open(f"{self.folder.name}/log", "w")
        more = [word for key, value in (settings or {}).items() for word in (f"--{key.replace('_', '-')}", str(value))]
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", f"{self.folder.name}/data", "--pg-listen", "127.0.0.1:0", "--flight-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--file-roots", str(data),
             "--duckdb-threads", str(threads), "--duckdb-memory", "8GiB", *more],
            env=environment, stdout=self.log, stderr=self.log)
        address = pathlib.Path(self.folder.name) / "data" / "pg-address"
        deadline = time.monotonic() + 60
        while not address.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the gateway did not start: {open(self.log.name).read()}")
            time.sleep(0.05)
        self.address = read_address(address)
        self.flight_address = read_address(address.with_name("flight-address"))
        self.connection = self.connect("lake")
        self.connection.execute(f"CREATE CATALOG tpch USING file OPTIONS (path '{data}')")

    def connect(self, catalog: str) -> psycopg.Connection:
        """A session in this catalog."""
        host, port = self.address
        return psycopg.connect(host=host, port=port, user="weft", password="bench", dbname=catalog, autocommit=True)

    def close(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.folder.cleanup()


def same(ours, theirs) -> str | None:
    """The first difference. DuckDB computes averages and quotients as doubles: numbers agree to nine digits."""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows instead of {len(theirs)}"
    for number, (a, b) in enumerate(zip(ours, theirs)):
        for x, y in zip(a, b, strict=True):
            numbers = isinstance(x, (int, float, decimal.Decimal)) and isinstance(y, (int, float, decimal.Decimal))
            if numbers and math.isclose(float(x), float(y), rel_tol=1e-9, abs_tol=1e-9):
                continue
            if isinstance(x, datetime.datetime) and not isinstance(y, datetime.datetime):
                x = x.date()
            if isinstance(x, str) and isinstance(y, str):
                x, y = x.rstrip(), y.rstrip()
            if x != y:
                return f"row {number}: {a} instead of {b}"
    return None
