"""SQLAlchemy: reflection of tables, keys, indexes, comments and views; parameters; results that stream; Core and pandas-like use."""

import os

import sqlalchemy as sa

env = os.environ
url = sa.URL.create(
    "postgresql+psycopg", env["PGUSER"], env["PGPASSWORD"], env["PGHOST"], int(env["PGPORT"]), env["PGDATABASE"]
)
engine = sa.create_engine(url)
inspector = sa.inspect(engine)

assert "shop" in inspector.get_schema_names()
assert sorted(inspector.get_table_names("shop")) == ["customers", "orders"], inspector.get_table_names("shop")
assert inspector.get_view_names("shop") == ["totals"]
columns = {c["name"]: c for c in inspector.get_columns("orders", "shop")}
assert list(columns) == ["id", "customer_id", "amount", "note", "placed", "tags"]
assert isinstance(columns["id"]["type"], sa.BIGINT) and not columns["id"]["nullable"]
amount = columns["amount"]
assert (amount["type"].precision, amount["type"].scale, amount["comment"]) == (10, 2, "In euro"), amount
assert isinstance(columns["tags"]["type"], sa.ARRAY), columns["tags"]
assert inspector.get_pk_constraint("orders", "shop")["constrained_columns"] == ["id"]
(key,) = inspector.get_foreign_keys("orders", "shop")
assert key["constrained_columns"] == ["customer_id"], key
assert (key["referred_schema"], key["referred_table"], key["referred_columns"]) == ("shop", "customers", ["id"])
indexes = {i["name"]: i for i in inspector.get_indexes("orders", "shop")}
assert indexes["orders_placed"]["column_names"] == ["customer_id", "placed"], indexes
assert not indexes["orders_placed"]["unique"]
assert [u["column_names"] for u in inspector.get_unique_constraints("customers", "shop")] == [["email"]]
(check,) = inspector.get_check_constraints("orders", "shop")
assert "amount" in check["sqltext"], check
assert inspector.get_table_comment("orders", "shop")["text"] == "What was ordered"
assert inspector.has_table("orders", "shop") and not inspector.has_table("nothing", "shop")

# All tables at once, with what they refer to.
metadata = sa.MetaData()
metadata.reflect(engine, schema="shop", views=True)
orders, customers = metadata.tables["shop.orders"], metadata.tables["shop.customers"]
assert [c.name for c in orders.primary_key] == ["id"]
assert {f.column for f in orders.c.customer_id.foreign_keys} == {customers.c.id}

with engine.connect() as connection:
    joined = sa.select(customers.c.name, sa.func.count()).join(orders).where(orders.c.amount > 100).group_by(customers.c.name)
    assert len(connection.execute(joined).all()) == 100
    some = sa.select(orders).where(orders.c.id.in_([1, 2, 3])).order_by(orders.c.id)
    assert [r.id for r in connection.execute(some)] == [1, 2, 3]

# A cursor of the server, in portions.
with engine.connect().execution_options(stream_results=True, max_row_buffer=500) as connection:
    result = connection.execute(sa.select(orders.c.id).order_by(orders.c.id))
    seen = sum(len(portion) for portion in result.partitions(1000))
    assert seen == 10000, seen
    result = connection.execute(sa.select(orders.c.id).order_by(orders.c.id))
    assert result.fetchmany(3) == [(1,), (2,), (3,)]
    result.close()

with engine.begin() as connection:
    with connection.begin_nested() as savepoint:
        try:
            connection.execute(sa.text("SELECT 1/0"))
        except sa.exc.DBAPIError as error:
            assert error.orig.sqlstate == "22012", error
            savepoint.rollback()
    assert connection.scalar(sa.text("SELECT 1")) == 1
print("ok: reflection, parameters, stream_results, savepoints")
