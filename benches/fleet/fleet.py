"""A fleet for the programs beside this file: Redis, workers, a gateway, and TPC-H in several files a table."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tpch"))

import duckdb  # noqa: E402
import psycopg  # noqa: E402
from servers import KEY, SECRET, free_port, put, seaweed  # noqa: E402
from tpch import TABLES, extension  # noqa: E402

PASSWORD = "bench"


class Path:
    """A network of two: this machine, and a namespace in which a worker runs. It can be cut, so that packets are dropped and nothing is refused. Needs root."""

    here, there = "10.231.7.1", "10.231.7.2"

    def __init__(self):
        self.name = f"weft{os.getpid()}"
        near, far = f"wa{os.getpid() % 100000}", f"wb{os.getpid() % 100000}"
        self.run("ip", "netns", "add", self.name)
        self.run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
        self.run("ip", "addr", "add", f"{self.here}/30", "dev", near)
        self.run("ip", "link", "set", near, "up")
        for words in (["addr", "add", f"{self.there}/30", "dev", far], ["link", "set", far, "up"], ["link", "set", "lo", "up"]):
            self.inside(*words)

    @staticmethod
    def run(*words):
        subprocess.run(words, check=True)

    def inside(self, *words):
        self.run("ip", "-n", self.name, *words)

    def cut(self):
        """What the worker says does not arrive any more."""
        self.inside("route", "add", "blackhole", f"{self.here}/32")

    def mend(self):
        self.inside("route", "del", "blackhole", f"{self.here}/32")

    def close(self):
        self.run("ip", "netns", "del", self.name)


def data_folder(scale: str, parts: int) -> pathlib.Path:
    """The Parquet files of this scale, so many for each table, generated once into the cache."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft"
    folder = cache / f"tpch-sf{scale}-{parts}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as new:
            command = ["tpchgen-cli", "parquet", "-s", scale, "--parts", str(parts), "--output-dir", f"{new}/data/public"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.rename(f"{new}/data", folder)
    return folder


def peer(data: pathlib.Path, threads: int, memory: str = "6GiB", s3: int | None = None):
    """DuckDB in this process with the tables as views on the files, or on the same objects of the store at this port, and the queries by number."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory, "allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension()}'")
    place = f"{data}/public"
    if s3:
        httpfs = pathlib.Path(os.environ["DUCKDB_LIB_DIR"]) / "httpfs.duckdb_extension"
        connection.execute(f"LOAD '{httpfs}'")
        connection.execute(f"CREATE SECRET (TYPE s3, KEY_ID '{KEY}', SECRET '{SECRET}', ENDPOINT '127.0.0.1:{s3}', USE_SSL false, URL_STYLE 'path')")
        place = "s3://lake/public"
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{place}/{table}/*.parquet')")
    queries = connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY query_nr").fetchall()
    return connection, {number: text.strip().rstrip(";") for number, text in queries}


@contextlib.contextmanager
def objects(data: pathlib.Path):
    """The files in a store; yields its port, and what stands behind USING in the statement that makes it a catalog."""
    with tempfile.TemporaryDirectory(prefix="weft-bench-", dir=data.parent) as folder, seaweed(pathlib.Path(folder)) as (s3, filer):
        for file in sorted(data.glob("public/*/*.parquet")):
            put(filer, str(file.relative_to(data)), file)
        options = f"bucket 'lake', endpoint 'http://127.0.0.1:{s3}', allow_http 'true', key_id '{KEY}', secret '{SECRET}'"
        yield s3, f"s3 OPTIONS ({options})"


class Program:
    """A program of ours in a folder of its own; its log is kept for complaints."""

    def __init__(self, command: list, ready, core: int | None = None, environment: dict | None = None):
        self.folder = tempfile.TemporaryDirectory(prefix="weft-fleet-")
        self.log = open(f"{self.folder.name}/log", "w")
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")} | (environment or {})
        command = [*pinned, *(str(word).replace("{folder}", self.folder.name) for word in command)]
        self.process = subprocess.Popen(command, env=clean, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not ready(pathlib.Path(self.folder.name)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start: {open(self.log.name).read()}")
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.folder.cleanup()

    def kill(self):
        self.process.kill()
        self.process.wait(10)


class Fleet:
    """Redis, workers and a gateway that has the files as catalog `tpch`, or whatever `tables` says behind USING. A context manager."""

    def __init__(self, data: pathlib.Path, workers: int, threads: int | None = None, pinned: bool = False, memory: str = "2GiB", settings: dict | None = None,
                 path: Path | None = None, tables: str | None = None):
        self.path = path
        self.data, self.threads, self.pinned, self.memory = data, threads, pinned, memory
        self.binary = os.environ.get("WEFT_BIN", "target/release/weft")
        port = free_port()
        self.redis_url = f"redis://127.0.0.1:{port}"
        self.redis_command = ["redis-server", "--port", port, "--protected-mode", "no", "--bind", "127.0.0.1", *([path.here] if path else []), "--save", "", "--appendonly", "no", "--dir", "{folder}"]
        self.redis = self.start_redis()
        self.workers = {}
        self.gateway = self.connection = None
        try:
            self.start(data, workers, memory, settings, tables)
        except BaseException:
            self.__exit__()
            raise

    def start(self, data: pathlib.Path, workers: int, memory: str, settings: dict | None, tables: str | None):
        command = [self.binary, "serve", "--data-dir", "{folder}/data", "--pg-listen", "127.0.0.1:0", "--flight-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--file-roots", data, "--redis", self.redis_url,
                   "--duckdb-memory", memory]
        for key, value in (settings or {}).items():
            command += [f"--{key.replace('_', '-')}", value]
        ready = lambda folder: (folder / "data" / "pg-address").exists()
        self.gateway = Program(command, ready, environment={"WEFT_ADMIN_PASSWORD": PASSWORD})
        self.address = (pathlib.Path(self.gateway.folder.name) / "data" / "pg-address").read_text().strip().rsplit(":", 1)
        self.key = pathlib.Path(self.gateway.folder.name) / "data" / "worker-key"
        for number in range(workers):
            self.start_worker(number)
        self.connection = self.connect("lake")
        files = f"file OPTIONS (path '{data}')"
        self.connection.execute(f"CREATE CATALOG tpch USING {tables or files}")
        self.wait_for(workers)

    def start_redis(self) -> Program:
        port = self.redis_command[2]

        def answers(_):
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        return Program(self.redis_command, answers)

    def start_worker(self, number: int):
        """Starts, or starts again, the worker of this number."""
        listen, redis, inside = "127.0.0.1:0", self.redis_url, []
        if self.path and number == 0:
            listen, redis = f"{self.path.there}:0", redis.replace("127.0.0.1", self.path.here)
            inside = ["ip", "netns", "exec", self.path.name]
        command = [*inside, self.binary, "worker", "--data-dir", "{folder}/data", "--worker-listen", listen, "--worker-id", f"w{number}", "--redis", redis,
                   "--worker-key-file", self.key, "--file-roots", self.data, "--duckdb-memory", self.memory]
        if self.threads:
            command += ["--duckdb-threads", self.threads]
        ready = lambda folder: (folder / "data" / "worker-address").exists()
        self.workers[number] = Program(command, ready, core=number % os.cpu_count() if self.pinned else None)

    def stop_worker(self, number: int):
        self.workers.pop(number).stop()

    def active(self) -> int:
        rows = self.connection.execute("SELECT count(*) FROM system.runtime.workers WHERE state = 'active' AND kind = 'remote'").fetchone()
        return rows[0]

    def wait_for(self, workers: int, limit: float = 20) -> float:
        """Waits until so many workers are active; tells how long that took."""
        begun = time.monotonic()
        while self.active() != workers:
            if time.monotonic() - begun > limit:
                raise RuntimeError(f"{self.active()} workers after {limit} s instead of {workers}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def connect(self, catalog: str) -> psycopg.Connection:
        host, port = self.address
        return psycopg.connect(host=host, port=int(port), user="weft", password=PASSWORD, dbname=catalog, autocommit=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection:
            self.connection.close()
        for program in filter(None, [self.gateway, *self.workers.values(), self.redis]):
            program.stop()
