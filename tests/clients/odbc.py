"""psqlODBC by pyodbc: catalog functions, parameters, and cursors of the server (UseDeclareFetch)."""

import decimal
import glob
import os

env = os.environ
drivers = glob.glob("/usr/lib/*/odbc/psqlodbcw.so")
if not drivers:
    print("skipped: psqlODBC is not installed")
    raise SystemExit
import pyodbc  # noqa: E402

for extra in ("", ";UseServerSidePrepare=1;UseDeclareFetch=1;Fetch=100"):
    connection = pyodbc.connect(
        f"Driver={drivers[0]};Server={env['PGHOST']};Port={env['PGPORT']};Database={env['PGDATABASE']};"
        f"Uid={env['PGUSER']};Pwd={env['PGPASSWORD']}{extra}"
    )
    cursor = connection.cursor()
    cursor.execute("SELECT id, amount FROM shop.orders WHERE id = ? AND note = ?", 1, 'note "1"\t\\')
    assert [tuple(r) for r in cursor.fetchall()] == [(1, decimal.Decimal("1.25"))]
    assert len(cursor.execute("SELECT * FROM shop.orders").fetchall()) == 10000
    tables = [(r.table_name, r.table_type) for r in cursor.tables(schema="shop")]
    assert tables == [("customers", "TABLE"), ("orders", "TABLE"), ("totals", "VIEW")], tables
    columns = [r.column_name for r in cursor.columns(table="orders", schema="shop")]
    assert columns == ["id", "customer_id", "amount", "note", "placed", "tags"], columns
    assert [r.column_name for r in cursor.primaryKeys("orders", schema="shop")] == ["id"]
    (key,) = cursor.foreignKeys(foreignTable="orders", foreignSchema="shop").fetchall()
    assert (key.pktable_name, key.pkcolumn_name, key.fkcolumn_name) == ("customers", "id", "customer_id"), key
    indexes = {r.index_name for r in cursor.statistics("orders", schema="shop") if r.index_name}
    assert indexes == {"orders_pkey", "orders_placed"}, indexes
    try:
        cursor.execute("SELECT nothing").fetchall()
        raise SystemExit("no error")
    except pyodbc.Error as error:
        assert error.args[0] == "42703", error
    connection.rollback()
    assert cursor.execute("SELECT count(*) FROM shop.orders").fetchval() == 10000
    connection.commit()
print("ok: catalog functions, parameters, declared cursors")
