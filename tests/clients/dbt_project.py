"""dbt: a project of views and a table on a source and on each other, made twice (the second time each is put in place of the one before), its tests, its documentation."""

import json
import os
import pathlib
import tempfile

import psycopg2
from dbt.cli.main import dbtRunner

FILES = {
    "dbt_project.yml": """
name: shop
version: "1.0"
config-version: 2
profile: weft
models: {+materialized: view}
flags: {send_anonymous_usage_stats: false}
""",
    # Models are views of the lake; their sources are in other catalogs.
    "profiles.yml": """
weft:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: "{{ env_var('PGPORT') | int }}"
      user: "{{ env_var('PGUSER') }}"
      password: "{{ env_var('PGPASSWORD') }}"
      dbname: lake
      schema: public
      threads: 2
""",
    "models/shop.yml": """
version: 2
sources:
  - name: shop
    database: "{{ env_var('PGDATABASE') }}"
    schema: shop
    tables: [{name: orders}, {name: customers}]
models:
  - name: paid
    columns:
      - {name: id, data_tests: [not_null, unique]}
      - name: customer_id
        data_tests: [{relationships: {arguments: {to: "source('shop', 'customers')", field: id}}}]
      - {name: parity, data_tests: [{accepted_values: {arguments: {values: [even, odd]}}}]}
  - name: buyers
    columns: [{name: customer_id, data_tests: [unique, not_null]}]
""",
    "models/paid.sql": """
with orders as (select * from {{ source('shop', 'orders') }})
select orders.id, orders.customer_id, orders.amount, case when orders.id % 2 = 0 then 'even' else 'odd' end as parity
from orders where orders.amount > 100
""",
    "models/buyers.sql": """
with paid as (select * from {{ ref('paid') }})
select customers.name, paid.customer_id, count(*) as n, sum(paid.amount) as total
from paid join {{ source('shop', 'customers') }} as customers on customers.id = paid.customer_id
group by customers.name, paid.customer_id
""",
    "tests/no_debts.sql": "select * from {{ ref('buyers') }} where total < 0",
}

project = pathlib.Path(tempfile.mkdtemp(prefix="weft-dbt-"))
for name, text in FILES.items():
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text)
os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
dbt = dbtRunner()


def run(*words):
    where = ["--project-dir", str(project), "--profiles-dir", str(project)]
    done = dbt.invoke(["--quiet", "--no-version-check", *words, *where])
    assert done.success, (words, done.exception, [r.message for r in getattr(done.result, "results", [])])
    return done.result


def rows(sql):
    connection = psycopg2.connect(dbname="lake")
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def views():
    return rows("SELECT table_name FROM information_schema.views WHERE table_schema = 'public' ORDER BY 1")


run("debug")
for _ in range(2):
    made = run("run")
    assert [(r.node.name, r.status) for r in made.results] == [("paid", "success"), ("buyers", "success")]
    assert views() == [("buyers",), ("paid",)], views()
# Another query: those that read the view have it at once.
(project / "models/paid.sql").write_text(FILES["models/paid.sql"].replace("> 100", "> 12000"))
run("run", "--select", "paid")
assert rows("SELECT sum(n)::int, min(total)::int > 12000 FROM buyers") == [(400, True)]
assert views() == [("buyers",), ("paid",)], views()

tested = run("test")
assert len(tested.results) == 7 and all(r.status == "pass" for r in tested.results)
(project / "tests/no_debts.sql").write_text("select * from {{ ref('buyers') }} where total > 0")
failed = dbt.invoke(["--quiet", "test", "--select", "no_debts", "--project-dir", str(project), "--profiles-dir", str(project)])
assert not failed.success and [r.failures for r in failed.result.results] == [100]

# What is documented of sources dbt asks of the database of its profile alone.
run("docs", "generate", "--select", "paid", "buyers")
catalog = json.loads((project / "target/catalog.json").read_text())
paid = catalog["nodes"]["model.shop.paid"]
assert paid["metadata"]["type"] == "VIEW" and list(paid["columns"]) == ["id", "customer_id", "amount", "parity"], paid
assert paid["columns"]["amount"]["type"] == "numeric(10,2)", paid
shown = run("show", "--inline", "select count(*) as n from {{ ref('paid') }}")
assert shown.results[0].agate_table.rows[0][0] == 400

# A table of Weft's own, made twice, with a view that reads it.
(project / "models/kept.sql").write_text("{{ config(materialized='table') }} select id, amount from {{ ref('paid') }}")
(project / "models/shown.sql").write_text("select sum(amount) as total from {{ ref('kept') }}")
for _ in range(2):
    made = run("run", "--select", "kept", "shown")
    assert [(r.node.name, r.status) for r in made.results] == [("kept", "success"), ("shown", "success")]
    assert views() == [("buyers",), ("paid",), ("shown",)], views()
tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
assert rows(tables) == [("kept",)], rows(tables)
assert rows("SELECT count(*) FROM kept") == [(400,)] and rows("SELECT total = (SELECT sum(amount) FROM paid) FROM shown") == [(True,)]
with psycopg2.connect(dbname="lake") as connection, connection.cursor() as cursor:
    cursor.execute("DROP TABLE kept CASCADE")
print("ok: debug, run twice, run of one model, test, docs generate, show, a table")
