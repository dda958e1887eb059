"""psycopg2: parameters, named cursors, COPY, transactions, cancelling."""

import datetime
import decimal
import io
import threading

import psycopg2
import psycopg2.extras

connection = psycopg2.connect("")
cursor = connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
cursor.execute("SELECT * FROM shop.orders WHERE id = %s AND note = %s", (1, 'note "1"\t\\'))
row = cursor.fetchone()
assert row["amount"] == decimal.Decimal("1.25") and row["placed"] == datetime.date(2024, 1, 2), row
assert row["tags"] == ["a", "b,1"], row
cursor = connection.cursor()
cursor.execute("SELECT count(*) FROM shop.orders WHERE id = ANY(%s)", ([1, 2, 3],))
assert cursor.fetchone() == (3,)

with connection.cursor(name="portion") as named:
    named.itersize = 1000
    named.execute("SELECT id FROM shop.orders ORDER BY id")
    assert [r[0] for r in named] == list(range(1, 10001))
with connection.cursor(name="both", scrollable=True) as named:
    named.execute("SELECT id FROM shop.orders ORDER BY id")
    named.scroll(9, mode="absolute")
    assert named.fetchone() == (10,)
    named.scroll(-5)
    assert named.fetchone() == (6,)
held = connection.cursor(name="held", withhold=True)
held.execute("SELECT id FROM shop.orders ORDER BY id LIMIT 5")
connection.commit()
assert held.fetchall() == [(1,), (2,), (3,), (4,), (5,)]
held.close()

out = io.StringIO()
cursor.copy_expert("COPY (SELECT id, note FROM shop.orders ORDER BY id LIMIT 2) TO STDOUT WITH CSV HEADER", out)
assert out.getvalue() == 'id,note\n1,"note ""1""\t\\"\n2,"note ""2""\t\\"\n', out.getvalue()
cursor.execute("SET search_path TO shop")
out = io.StringIO()
cursor.copy_to(out, "customers", columns=("id", "name"), sep="|")
assert out.getvalue().splitlines()[0] == "1|customer 1", out.getvalue()[:80]
connection.commit()

try:
    cursor.execute("SELECT nothing")
except psycopg2.errors.UndefinedColumn as error:
    assert error.diag.statement_position == "8"
connection.rollback()
threading.Timer(0.5, connection.cancel).start()
try:
    cursor.execute("SELECT count(*) FROM orders a, orders b, orders c")
    raise SystemExit("not cancelled")
except psycopg2.errors.QueryCanceled:
    connection.rollback()
connection.set_session(readonly=True, isolation_level="SERIALIZABLE")
cursor.execute("SHOW transaction_read_only")
assert cursor.fetchone() == ("on",)
print("ok: parameters, named cursors, COPY, transactions, cancel")
