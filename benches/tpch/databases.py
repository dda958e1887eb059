#!/usr/bin/env python3
"""TPC-H inside of a PostgreSQL or a MariaDB: each of the 22 queries goes there as one statement, and gives the answer that DuckDB gives on the files.

Loads the data into the server that is named (a fresh one: tables of these names must not be there), then asks through a gateway of its own.

    benches/tpch/databases.py --kind postgres|mysql --port P --user U --password S [--database app] [--scale 0.1] [--only 1 2] [--loaded]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import psycopg

from tpch import TABLES, Gateway, data_folder, peer, same

COLUMNS = {
    "region": "r_regionkey integer NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152), PRIMARY KEY (r_regionkey)",
    "nation": "n_nationkey integer NOT NULL, n_name char(25) NOT NULL, n_regionkey integer NOT NULL, n_comment varchar(152), PRIMARY KEY (n_nationkey)",
    "part": "p_partkey bigint NOT NULL, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, "
            "p_size integer NOT NULL, p_container char(10) NOT NULL, p_retailprice decimal(15,2) NOT NULL, p_comment varchar(23) NOT NULL, PRIMARY KEY (p_partkey)",
    "supplier": "s_suppkey bigint NOT NULL, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL, s_nationkey integer NOT NULL, s_phone char(15) NOT NULL, "
                "s_acctbal decimal(15,2) NOT NULL, s_comment varchar(101) NOT NULL, PRIMARY KEY (s_suppkey)",
    "partsupp": "ps_partkey bigint NOT NULL, ps_suppkey bigint NOT NULL, ps_availqty integer NOT NULL, ps_supplycost decimal(15,2) NOT NULL, "
                "ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey)",
    "customer": "c_custkey bigint NOT NULL, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey integer NOT NULL, c_phone char(15) NOT NULL, "
                "c_acctbal decimal(15,2) NOT NULL, c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL, PRIMARY KEY (c_custkey)",
    "orders": "o_orderkey bigint NOT NULL, o_custkey bigint NOT NULL, o_orderstatus char(1) NOT NULL, o_totalprice decimal(15,2) NOT NULL, o_orderdate date NOT NULL, "
              "o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL, o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL, PRIMARY KEY (o_orderkey)",
    "lineitem": "l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL, l_suppkey bigint NOT NULL, l_linenumber integer NOT NULL, l_quantity decimal(15,2) NOT NULL, "
                "l_extendedprice decimal(15,2) NOT NULL, l_discount decimal(15,2) NOT NULL, l_tax decimal(15,2) NOT NULL, l_returnflag char(1) NOT NULL, "
                "l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, "
                "l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber)",
}
INDEXES = ["lineitem (l_partkey, l_suppkey)", "lineitem (l_suppkey)", "partsupp (ps_suppkey)", "orders (o_custkey)", "customer (c_nationkey)", "supplier (s_nationkey)"]


class Postgres:
    kind, option = "postgres", "database"

    def __init__(self, options):
        self.options, self.schema = options, "public"
        self.connection = psycopg.connect(host="127.0.0.1", port=options.port, user=options.user, password=options.password, dbname=options.database, autocommit=True)

    def run(self, sql):
        self.connection.execute(sql)

    def load(self, table, file):
        with self.connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy, open(file, "rb") as data:
            while block := data.read(1 << 20):
                copy.write(block)

    def finish(self):
        self.run("ANALYZE")


class MySql:
    kind, option = "mysql", None

    def __init__(self, options):
        self.options, self.schema = options, options.database

    def run(self, sql):
        o = self.options
        command = ["mariadb", "--no-defaults", "--local-infile=1", "-h127.0.0.1", f"-P{o.port}", f"-u{o.user}", f"-p{o.password}", o.database, "-e", sql]
        subprocess.run(command, check=True)

    def load(self, table, file):
        self.run(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY ''")

    def finish(self):
        self.run("ANALYZE TABLE " + ", ".join(TABLES))


def fill(server, duck):
    """Creates the tables of TPC-H and loads them."""
    with tempfile.TemporaryDirectory() as folder:
        for table in TABLES:
            server.run(f"CREATE TABLE {table} ({COLUMNS[table]})")
            file = pathlib.Path(folder) / f"{table}.csv"
            duck.execute(f"COPY {table} TO '{file}' (FORMAT csv, HEADER false)")
            server.load(table, file)
            file.unlink()
    for number, index in enumerate(INDEXES):
        server.run(f"CREATE INDEX tpch_{number} ON {index}")
    server.finish()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=["postgres", "mysql"], required=True)
    parser.add_argument("--port", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", default="")
    parser.add_argument("--database", default="app")
    parser.add_argument("--scale", default="0.1")
    parser.add_argument("--only", type=int, nargs="*")
    parser.add_argument("--loaded", action="store_true", help="the tables are there already")
    options = parser.parse_args()

    data = data_folder(options.scale)
    duck, queries = peer(data)
    server = {"postgres": Postgres, "mysql": MySql}[options.kind](options)
    if not options.loaded:
        fill(server, duck)
    gateway = Gateway(data, 2)
    database = f", {server.option} '{options.database}'" if server.option else ""
    gateway.connection.execute(
        f"CREATE CATALOG remote USING {server.kind} OPTIONS (host '127.0.0.1', port '{options.port}', \"user\" '{options.user}', password '{options.password}'{database})")
    session = gateway.connect("remote")
    session.execute(f"SET search_path = {server.schema}")
    failures = 0
    try:
        for number, text in queries.items():
            if options.only and number not in options.only:
                continue
            try:
                plan = [line for (line,) in session.execute("EXPLAIN " + text)]
                started = time.perf_counter()
                rows = session.execute(text).fetchall()
                took = time.perf_counter() - started
            except psycopg.Error as error:
                difference = str(error).strip()
            else:
                # One node that is a remote statement, and the statement below it.
                operators = [line for line in plan if not line.startswith("Planning Time")]
                whole = len(operators) == 2 and " of catalog remote" in operators[0]
                difference = same(rows, duck.execute(text).fetchall())
                if not difference and not whole:
                    difference = "not one statement:\n  " + "\n  ".join(plan)
            failures += bool(difference)
            print(f"Q{number:02}: " + (f"DIFFERS: {difference}" if difference else f"same {len(rows)} rows, one statement, {took * 1000:.0f} ms"), flush=True)
    finally:
        session.close()
        gateway.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
