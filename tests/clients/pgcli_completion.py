"""pgcli: what it asks the catalogs for its completion."""

import os

from pgcli.pgexecute import PGExecute
from pgspecial.main import PGSpecial

env = os.environ
execute = PGExecute(env["PGDATABASE"], env["PGUSER"], env["PGPASSWORD"], env["PGHOST"], env["PGPORT"])
assert "shop" in execute.schemata()
assert ("shop", "orders") in list(execute.tables())
assert ("shop", "totals") in list(execute.views())
columns = {c[:3] for c in execute.table_columns()}
assert ("shop", "orders", "amount") in columns
assert list(execute.view_columns())
keys = [k for k in execute.foreignkeys() if k.childschema == "shop"]
assert [(k.parenttable, k.parentcolumn, k.childtable, k.childcolumn) for k in keys] == [
    ("customers", "id", "orders", "customer_id")
], keys
assert env["PGDATABASE"] in execute.databases()
assert any(f.func_name == "upper" for f in execute.functions())
list(execute.datatypes())
for title, rows, headers, status, *_ in execute.run("SELECT 1 AS a"):
    assert headers == ["a"] and list(rows) == [(1,)]
for title, rows, headers, status, *_ in execute.run("\\d shop.orders", PGSpecial()):
    assert rows is not None
print("ok: completion")
