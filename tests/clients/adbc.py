#!/usr/bin/env python3
"""Flight SQL as users of Python meet it: ADBC's driver against a gateway that runs. Prints each check that held; ends with 1 at the first that did not.

    adbc.py URI USER PASSWORD [--tls CERTIFICATE] [--catalog NAME]
"""
import argparse
import datetime
import decimal
import sys
import threading
import time
import warnings

import adbc_driver_flightsql.dbapi as flightsql
import adbc_driver_manager
import pyarrow
from adbc_driver_flightsql import DatabaseOptions

# Tables are not isolated from each other: the driver says so to whoever cares.
warnings.filterwarnings("ignore", message="Cannot disable autocommit")


def options(arguments, user=None, password=None):
    chosen = {"username": user or arguments.user, "password": arguments.password if password is None else password}
    if arguments.catalog:
        chosen[DatabaseOptions.RPC_CALL_HEADER_PREFIX.value + "database"] = arguments.catalog
    if arguments.tls:
        with open(arguments.tls) as certificate:
            chosen[DatabaseOptions.TLS_ROOT_CERTS.value] = certificate.read()
    return chosen


def connect(arguments, **changed):
    return flightsql.connect(arguments.uri, db_kwargs=options(arguments, **changed), autocommit=True)


def held(what):
    print("held:", what, flush=True)


def expect(actual, expected):
    assert actual == expected, f"{actual!r} instead of {expected!r}"


def refused(work, *words):
    try:
        work()
    except adbc_driver_manager.Error as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return error
    raise AssertionError("it was not refused")


def check_login(arguments):
    refused(lambda: connect(arguments, password="wrong").cursor().execute("SELECT 1"), "28P01", "password authentication failed")
    refused(lambda: connect(arguments, user="nobody").cursor().execute("SELECT 1"), "28P01")
    held("a wrong password is refused")


def check_query(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS a, 'x' AS b, 1.5::numeric(5,2) AS c, DATE '2026-01-02' AS d, NULL::text AS e, true AS f")
        table = cursor.fetch_arrow_table()
        expect(table.column_names, ["a", "b", "c", "d", "e", "f"])
        expect([str(t) for t in table.schema.types], ["int32", "string", "decimal128(5, 2)", "date32[day]", "string", "bool"])
        expect([str(v) for v in table.to_pylist()[0].values()], ["1", "x", "1.50", "2026-01-02", "None", "True"])
        expect(cursor.adbc_execute_schema("SELECT 1 AS a"), pyarrow.schema([("a", pyarrow.int32())]))
        cursor.execute("SELECT * FROM (VALUES (1, 'one'), (2, NULL)) AS t (n, w) ORDER BY n")
        expect(cursor.fetchall(), [(1, "one"), (2, None)])
        cursor.execute("SELECT 1 AS a WHERE false")
        expect(cursor.fetch_arrow_table().num_rows, 0)
    held("rows and their types")


def check_errors(connection):
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute("SELECT * FROM nowhere"), "42P01", "nowhere")
        refused(lambda: cursor.execute("SELEC"), "42601")
        refused(lambda: cursor.execute("SELECT 1; SELECT 2"), "42601")
        refused(lambda: (cursor.execute("SELECT 1/0"), cursor.fetchall()), "22012")
        cursor.execute("SELECT 1")
        expect(cursor.fetchone(), (1,))
    held("errors have their codes, and the session goes on")


def check_parameters(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT $1::bigint + 1, upper($2), $3::date", (41, "abc", "2026-03-04"))
        row = cursor.fetchone()
        expect([str(v) for v in row], ["42", "ABC", "2026-03-04"])
        cursor.execute("SELECT $1::int IS NULL", (None,))
        expect(cursor.fetchone(), (True,))
        expect(cursor.adbc_prepare("SELECT count(*) FROM nyc.flights WHERE day = $1"), pyarrow.schema([("$1", pyarrow.int32())]))
        cursor.execute("SELECT $1::int * 2 AS twice", pyarrow.record_batch([[1, 2, 3]], names=["$1"]))
        expect(cursor.fetchall(), [(2,), (4,), (6,)])
        refused(lambda: (cursor.execute("SELECT $1::int", ("x",)), cursor.fetchall()), "22P02")
        refused(lambda: (cursor.execute("SELECT $1::int", (1, 2)), cursor.fetchall()), "08P01")
    held("prepared statements with parameters")


def check_statements(connection):
    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'Europe/Berlin'")
        cursor.execute("SHOW TimeZone")
        expect(cursor.fetchone(), ("Europe/Berlin",))
        cursor.execute("CREATE VIEW lake.public.adbc_view AS SELECT 1 AS one")
        cursor.execute("SELECT one FROM lake.public.adbc_view")
        expect(cursor.fetchone(), (1,))
        cursor.execute("DROP VIEW lake.public.adbc_view")
    held("statements without rows")


def check_ingestion(connection):
    """Every mode, types, names, batches that are too many for one message, and what is refused; nothing is half done."""
    rows = pyarrow.table({
        "id": pyarrow.array([1, 2, None], pyarrow.int32()),
        "word": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
        "at": pyarrow.array([datetime.datetime(2026, 3, 4, 5, 6, 7)] * 3, pyarrow.timestamp("ns", "UTC")),
        "price": pyarrow.array([decimal.Decimal("1.50")] * 3, pyarrow.decimal128(9, 2)),
        "list": [[1, 2], [], None],
    })
    with connection.cursor() as cursor:
        def ingest(data, mode, table="ingested", **more):
            return cursor.adbc_ingest(table, data, mode=mode, catalog_name="lake", db_schema_name="public", **more)

        def count():
            cursor.execute("SELECT count(*), count(id) FROM lake.public.ingested")
            return cursor.fetchone()

        refused(lambda: ingest(rows, "append"), "42P01")
        expect(ingest(rows, "create"), 3)
        refused(lambda: ingest(rows, "create"), "42P07")
        expect(ingest(rows, "append"), 3)
        expect(ingest(rows.select(["word", "id"]), "create_append"), 3)
        expect(count(), (9, 6))
        cursor.execute("SELECT id, word, at, price, list FROM lake.public.ingested WHERE id = 1 AND price IS NOT NULL")
        expect(cursor.fetch_arrow_table().to_pylist()[1], {**rows.to_pylist()[0], "word": "a", "price": decimal.Decimal("1.50")})
        expect(ingest(rows, "replace"), 3)
        expect(count(), (3, 2))
        refused(lambda: ingest(pyarrow.table({"idd": [1]}), "append"), "42703")
        refused(lambda: ingest(pyarrow.table({"id": [1.5]}), "append"), "42804")
        refused(lambda: ingest(pyarrow.table({"id": [1 << 40]}), "append"), "22003")
        refused(lambda: ingest(rows, "append", temporary=True), "0A000")
        refused(lambda: ingest(pyarrow.table({"s": [{"a": 1}]}), "create", "odd"), "0A000")
        # A value that does not fit comes late: none of the rows is there, nor is the table.
        schema = pyarrow.schema([("id", pyarrow.timestamp("ns"))])
        batches = [pyarrow.record_batch([pyarrow.array([1000] * 10, pyarrow.timestamp("ns"))], schema=schema)] * 20
        batches.append(pyarrow.record_batch([pyarrow.array([1001], pyarrow.timestamp("ns"))], schema=schema))
        reader = pyarrow.RecordBatchReader.from_batches(schema, batches)
        refused(lambda: ingest(reader, "create", "late"), "22008")
        refused(lambda: cursor.execute("SELECT * FROM lake.public.late"), "42P01")
        expect(count(), (3, 2))
        many = pyarrow.table({"id": range(1_000_000)})
        expect(ingest(many.to_reader(max_chunksize=50_000), "create", "many"), 1_000_000)
        cursor.execute("SELECT count(*), sum(id)::bigint FROM lake.public.many")
        expect(cursor.fetchone(), (1_000_000, 499_999_500_000))
        # In a transaction of the session: its own until it is committed.
        cursor.execute("BEGIN")
        ingest(rows, "append")
        expect(count(), (6, 4))
        cursor.execute("ROLLBACK")
        expect(count(), (3, 2))
        for name in ["ingested", "many"]:
            cursor.execute(f"DROP TABLE lake.public.{name}")
    held("bulk ingestion")


def check_metadata(connection, catalog):
    expect(sorted(connection.adbc_get_table_types()), ["SYSTEM TABLE", "TABLE", "VIEW"])
    info = connection.adbc_get_info()
    expect(info["vendor_name"], "Weft")
    assert info["vendor_version"] and info["vendor_arrow_version"], info
    everything = connection.adbc_get_objects(depth="catalogs").read_all().to_pylist()
    names = [row["catalog_name"] for row in everything]
    assert {"lake", "system", catalog} <= set(names), names
    found = connection.adbc_get_objects(depth="all", catalog_filter=catalog, table_name_filter="airlines").read_all().to_pylist()
    tables = {
        (schema["db_schema_name"], table["table_name"], table["table_type"]): [column["column_name"] for column in table["table_columns"]]
        for row in found for schema in row["catalog_db_schemas"] for table in schema["db_schema_tables"]
    }
    expect(tables, {("nyc", "airlines", "TABLE"): ["carrier", "name"]})
    schema = connection.adbc_get_table_schema("airlines", catalog_filter=catalog, db_schema_filter="nyc")
    expect([(f.name, str(f.type)) for f in schema], [("carrier", "string"), ("name", "string")])
    held("metadata")


def check_options(connection, catalog):
    expect(connection.adbc_current_catalog, catalog)
    connection.adbc_current_db_schema = "nyc"
    expect(connection.adbc_current_db_schema, "nyc")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM airlines")
        expect(cursor.fetchone(), (16,))
    connection.adbc_current_catalog = "lake"
    expect(connection.adbc_current_catalog, "lake")
    connection.adbc_current_catalog = catalog
    held("session options")


# Hours of work for one row, and rows for hours.
COMPUTATION = "SELECT count(*) FROM nyc.flights AS a, nyc.flights AS b WHERE (a.flight * b.flight) % 7 = a.day % 5"
STREAM = "SELECT a.flight, b.flight AS other FROM nyc.flights AS a CROSS JOIN nyc.flights AS b"


def check_cancel(connection, witness):
    for sql in (COMPUTATION, STREAM):
        with connection.cursor() as cursor:
            threading.Timer(1, cursor.adbc_cancel).start()
            began = time.monotonic()

            def read():
                cursor.execute(sql)
                for _ in cursor.fetch_record_batch():
                    pass

            try:
                read()
            except (adbc_driver_manager.Error, OSError, pyarrow.ArrowException) as error:
                assert "ancel" in str(error), error
            else:
                raise AssertionError("it was not cancelled")
            took = time.monotonic() - began
            assert took < 10, f"cancelled after {took:.1f} s"
    with witness.cursor() as cursor:
        deadline = time.monotonic() + 10
        while True:
            # Whatever was cancelled does not run any more.
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()")
            if cursor.fetchone() == (0,):
                break
            assert time.monotonic() < deadline, "a cancelled statement runs"
    held("cancel")


def cancelled(arguments, connection):
    with connect(arguments) as witness:
        check_cancel(connection, witness)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("--tls")
    parser.add_argument("--catalog")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    checks = {
        "query": check_query,
        "errors": check_errors,
        "parameters": check_parameters,
        "statements": check_statements,
        "ingestion": check_ingestion,
        "metadata": lambda connection: check_metadata(connection, arguments.catalog),
        "options": lambda connection: check_options(connection, arguments.catalog),
        "cancel": lambda connection: cancelled(arguments, connection),
    }
    if not arguments.only:
        check_login(arguments)
    for name, check in checks.items():
        if arguments.only in (None, name):
            with connect(arguments) as connection:
                check(connection)
    return 0


if __name__ == "__main__":
    sys.exit(main())
