"""pg8000: both of its interfaces."""

import datetime
import decimal
import os

import pg8000.dbapi
import pg8000.native

env = os.environ
address = dict(host=env["PGHOST"], port=int(env["PGPORT"]), password=env["PGPASSWORD"], database=env["PGDATABASE"])
native = pg8000.native.Connection(env["PGUSER"], **address)
assert native.run("SELECT * FROM shop.orders WHERE id = :id", id=1) == [
    [1, 2, decimal.Decimal("1.25"), 'note "1"\t\\', datetime.date(2024, 1, 2), ["a", "b,1"]]
]
assert native.run("SELECT count(*) FROM shop.orders WHERE id = ANY(:ids)", ids=[1, 2]) == [[2]]
assert len(native.run("SELECT * FROM shop.orders")) == 10000
connection = pg8000.dbapi.connect(env["PGUSER"], **address)
cursor = connection.cursor()
cursor.execute("SELECT id FROM shop.orders WHERE id < %s ORDER BY id", (3,))
assert list(cursor.fetchall()) == [[1], [2]] or cursor.fetchall() == ((1,), (2,))
try:
    cursor.execute("SELECT nothing")
    raise SystemExit("no error")
except pg8000.dbapi.DatabaseError as error:
    assert error.args[0]["C"] == "42703", error
connection.rollback()
cursor.execute("DECLARE c CURSOR FOR SELECT id FROM shop.orders ORDER BY id")
cursor.execute("FETCH 2 FROM c")
assert [r[0] for r in cursor.fetchall()] == [1, 2]
connection.commit()
print("ok: native and DB-API, parameters, errors, cursors")
