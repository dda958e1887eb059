"""connectorx: each of its ways to read, and a divided read."""

import os

import connectorx

env = os.environ
url = f"postgresql://{env['PGUSER']}:{env['PGPASSWORD']}@{env['PGHOST']}:{env['PGPORT']}/{env['PGDATABASE']}"
sql = "SELECT id, amount, note, placed FROM shop.orders"
for protocol in ("binary", "csv", "cursor", "simple"):
    table = connectorx.read_sql(url, sql, protocol=protocol, return_type="arrow")
    assert table.num_rows == 10000, (protocol, table.num_rows)
    assert sum(table.column("id").to_pylist()) == 50005000, protocol
divided = connectorx.read_sql(url, sql, partition_on="id", partition_num=3, return_type="arrow")
assert sorted(divided.column("id").to_pylist()) == list(range(1, 10001))
print("ok: binary, csv, cursor, simple, divided")
