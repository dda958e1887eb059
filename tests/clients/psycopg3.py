"""psycopg 3: types, parameters in text and binary, cursors of the server, COPY, pipelines, transactions, cancelling."""

import datetime
import decimal
import threading
import time

import psycopg

connection = psycopg.connect(autocommit=True)
assert connection.info.server_version >= 150000
row = connection.execute("SELECT * FROM shop.orders WHERE id = %s", (1,)).fetchone()
assert row == (1, 2, decimal.Decimal("1.25"), 'note "1"\t\\', datetime.date(2024, 1, 2), ["a", "b,1"]), row
binary = connection.cursor(binary=True)
assert binary.execute("SELECT * FROM shop.orders WHERE id = %s", (1,)).fetchone() == row
assert connection.execute("SELECT count(*) FROM shop.orders WHERE id = ANY(%s)", ([1, 2, 3],)).fetchone() == (3,)
assert connection.execute("SELECT %s::int + 1, %s::date", ("41", "2024-02-29")).fetchone() == (42, datetime.date(2024, 2, 29))
assert len(connection.execute("SELECT * FROM shop.orders").fetchall()) == 10000

# Cursors of the server: forward, and back.
with connection.transaction():
    with connection.cursor(name="forward") as cursor:
        cursor.itersize = 700
        cursor.execute("SELECT id FROM shop.orders WHERE id <= %s ORDER BY id", (5000,))
        assert [r[0] for r in cursor] == list(range(1, 5001))
    with connection.cursor(name="both", scrollable=True) as cursor:
        cursor.execute("SELECT id FROM shop.orders ORDER BY id")
        assert cursor.fetchmany(2) == [(1,), (2,)]
        cursor.scroll(100)
        assert cursor.fetchone() == (103,)
        cursor.scroll(1, mode="absolute")
        assert cursor.fetchone() == (2,)
held = connection.cursor(name="held", withhold=True)
held.execute("SELECT id FROM shop.orders ORDER BY id LIMIT 10")
assert [r[0] for r in held] == list(range(1, 11))
held.close()
try:
    with connection.transaction(), connection.cursor(name="c") as cursor:
        cursor.execute("SELECT 1 / 0")
        cursor.fetchone()
    raise SystemExit("no error")
except psycopg.errors.DivisionByZero:
    pass

# COPY, as lines and as rows.
with connection.cursor().copy("COPY (SELECT id, note, tags FROM shop.orders ORDER BY id LIMIT 3) TO STDOUT") as copy:
    lines = b"".join(bytes(data) for data in copy).decode().splitlines()
assert lines[0] == '1\tnote "1"\\t\\\\\t{a,"b,1"}' and lines[2].split("\t")[1] == "\\N", lines
with connection.cursor().copy("COPY (SELECT id, amount FROM shop.orders ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
    copy.set_types(["int8", "numeric"])
    rows = list(copy.rows())
assert len(rows) == 10000 and rows[3] == (4, decimal.Decimal("5.00")), rows[:4]
try:
    connection.execute("COPY shop.orders FROM STDIN")
    raise SystemExit("COPY FROM was taken")
except psycopg.errors.FeatureNotSupported:
    pass
assert connection.execute("SELECT 1").fetchone() == (1,)

with connection.pipeline():
    answers = [connection.execute("SELECT %s::int", (i,)) for i in range(20)]
assert [a.fetchone()[0] for a in answers] == list(range(20))

# An error in a savepoint leaves the transaction.
with connection.transaction():
    try:
        with connection.transaction():
            connection.execute("SELECT nothing")
    except psycopg.errors.UndefinedColumn:
        pass
    assert connection.execute("SELECT 2").fetchone() == (2,)

large = "SELECT count(*) FROM shop.orders a, shop.orders b, shop.orders c"
threading.Timer(0.5, connection.cancel).start()
started = time.monotonic()
try:
    connection.execute(large)
    raise SystemExit("not cancelled")
except psycopg.errors.QueryCanceled:
    assert time.monotonic() - started < 10
# Another session does the same in SQL, and sees what runs.
other = psycopg.connect(autocommit=True)
pid = connection.info.backend_pid


def stop():
    time.sleep(0.7)
    state, query = other.execute("SELECT state, query FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()
    assert (state, query) == ("active", large), (state, query)
    assert other.execute("SELECT pg_cancel_backend(%s)", (pid,)).fetchone() == (True,)


thread = threading.Thread(target=stop)
thread.start()
try:
    connection.execute(large)
    raise SystemExit("not cancelled")
except psycopg.errors.QueryCanceled:
    pass
thread.join()
assert other.execute("SELECT pg_terminate_backend(%s)", (pid,)).fetchone() == (True,)
try:
    connection.execute("SELECT 1")
    raise SystemExit("not terminated")
except psycopg.OperationalError:
    pass
assert other.execute("SELECT set_config('my.tenant', 'x', false)").fetchone() == ("x",)
assert other.execute("SELECT current_setting('my.tenant'), current_setting('my.other', true)").fetchone() == ("x", None)
print("ok: types, parameters, cursors, COPY, pipeline, savepoints, cancel, terminate")
