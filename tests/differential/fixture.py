#!/usr/bin/env python3
"""Writes the fixture's tables as Parquet: fixture.py FOLDER. DuckDB runs the same statements that PostgreSQL runs."""
import pathlib
import sys

import duckdb

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.execute((here / "fixture.sql").read_text())
for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
    connection.execute(f"COPY (SELECT * FROM {table} ORDER BY id) TO '{folder / table}.parquet' (FORMAT parquet)")
