"""Apache Superset: Weft as a database of its own, what its pages ask of the catalogs, SQL Lab, a dataset and charts, all by Superset's REST API.

Superset is large: `make superset` installs it and runs this. What it keeps is in an SQLite file in a temporary folder."""

import os
import pathlib
import sys
import tempfile

env = os.environ
home = pathlib.Path(tempfile.mkdtemp(prefix="weft-superset-"))
(home / "superset_config.py").write_text(
    f'''
SECRET_KEY = "of this test alone, which has nothing to hide"
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db?check_same_thread=false"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
CACHE_CONFIG = DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
'''
)
env["SUPERSET_CONFIG_PATH"] = str(home / "superset_config.py")
env["SUPERSET_HOME"] = str(home)

import logging

logging.disable(logging.WARNING)
from superset.app import create_app

app = create_app()


def prepare():
    """Superset's own tables, roles and an administrator."""
    from flask_migrate import upgrade

    import superset

    upgrade(directory=str(pathlib.Path(superset.__file__).parent / "migrations"))
    from superset.extensions import appbuilder, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    admin = security_manager.find_role("Admin")
    assert security_manager.add_user("admin", "Weft", "Test", "admin@example.org", admin, "admin")


class Api:
    def __init__(self, client):
        self.client = client
        body = {"username": "admin", "password": "admin", "provider": "db", "refresh": False}
        token = self.call("post", "security/login", body)["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    headers = None

    def call(self, method, path, body=None, expected=(200, 201, 202)):
        answer = getattr(self.client, method)(f"/api/v1/{path}", json=body, headers=self.headers, follow_redirects=True)
        assert answer.status_code in expected, (path, answer.status_code, answer.get_data(as_text=True)[:2000])
        return answer.get_json()

    def get(self, path, **more):
        return self.call("get", path, **more)

    def post(self, path, body, **more):
        return self.call("post", path, body, **more)


def query(api, database, sql, **more):
    """A statement in SQL Lab."""
    body = {"database_id": database, "sql": sql, "schema": "shop", "runAsync": False, **more}
    return api.post("sqllab/execute/", body)


def chart(api, dataset, **more):
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "force": True,
        "result_format": "json",
        "result_type": "full",
        "queries": [{"row_limit": 1000, "orderby": [], "filters": [], "extras": {}, **more}],
    }
    (result,) = api.post("chart/data", body)["result"]
    assert result["status"] == "success", result
    return result


def database(api):
    """Weft is added as people add it."""
    user, password = env["PGUSER"], env["PGPASSWORD"]
    uri = f"postgresql+psycopg2://{user}:{password}@{env['PGHOST']}:{env['PGPORT']}/{env['PGDATABASE']}"
    body = {"database_name": "Weft", "sqlalchemy_uri": uri}
    api.post("database/test_connection/", body)
    wrong = {**body, "sqlalchemy_uri": uri.replace(password, "wrong")}
    refused = api.post("database/test_connection/", wrong, expected=(400,))
    assert "INVALID_PASSWORD" in str(refused), refused
    return api.post("database/", {**body, "expose_in_sqllab": True})["id"]


def listings(api, db):
    schemas = api.get(f"database/{db}/schemas/?q=(force:!t)")["result"]
    assert {"shop", "information_schema"} <= set(schemas), schemas
    tables = api.get(f"database/{db}/tables/?q=(force:!t,schema_name:shop)")["result"]
    found = {t["value"]: t["type"] for t in tables}
    assert found == {"customers": "table", "orders": "table", "totals": "view"}, tables
    table = api.get(f"database/{db}/table_metadata/?name=orders&schema=shop")
    columns = {c["name"]: c for c in table["columns"]}
    assert list(columns) == ["id", "customer_id", "amount", "note", "placed", "tags"], list(columns)
    assert columns["amount"]["type"] == "NUMERIC" and columns["amount"]["longType"] == "NUMERIC(10, 2)", columns["amount"]
    assert columns["amount"]["comment"] == "In euro", columns["amount"]
    assert columns["placed"]["type"] == "DATE"
    assert table["comment"] == "What was ordered", table["comment"]
    (key,) = table["foreignKeys"]
    assert (key["column_names"], key["referred_schema"], key["referred_table"]) == (["customer_id"], "shop", "customers"), key
    assert "orders_placed" in {i["name"] for i in table["indexes"]}, table["indexes"]
    extra = api.get(f"database/{db}/table_metadata/extra/?name=totals&schema=shop")
    assert extra is not None
    star = table["selectStar"]
    rows = query(api, db, star, queryLimit=100)["data"]
    assert len(rows) == 100 and set(rows[0]) == set(columns), (star, len(rows), rows[:1])
    view = api.get(f"database/{db}/select_star/totals/shop/")["result"]
    assert "totals" in view and len(query(api, db, view)["data"]) == 100, view


def sql_lab(api, db):
    answer = query(api, db, "SELECT count(*) AS n, max(amount) AS most, min(placed) AS first FROM orders")
    assert answer["data"] == [{"n": 10000, "most": 12500.0, "first": "2024-01-01"}] or answer["data"][0]["n"] == 10000
    row = answer["data"][0]
    assert float(row["most"]) == 12500 and str(row["first"]).startswith("2024-01-01"), row
    # Several statements, a limit of its own, and what is wrong.
    answer = query(api, db, "SELECT id FROM shop.orders ORDER BY id", queryLimit=7)
    assert [r["id"] for r in answer["data"]] == list(range(1, 8)), answer["data"]
    there = query(api, db, "SELECT datname FROM pg_database ORDER BY datname")["data"]
    assert env["PGDATABASE"] in {r["datname"] for r in there}
    refused = api.post(
        "sqllab/execute/",
        {"database_id": db, "sql": "SELECT nothing FROM shop.orders", "schema": "shop", "runAsync": False},
        expected=range(400, 600),
    )
    assert "nothing" in str(refused), refused
    estimate = api.post("sqllab/estimate/", {"database_id": db, "sql": "SELECT 1", "schema": "shop"}, expected=range(200, 600))
    assert estimate is not None


def charts(api, db):
    body = {"database": db, "schema": "shop", "table_name": "orders"}
    dataset = api.post("dataset/", body)["id"]
    told = api.get(f"dataset/{dataset}")["result"]
    columns = {c["column_name"]: c for c in told["columns"]}
    assert columns["placed"]["is_dttm"] and not columns["amount"]["is_dttm"], columns["placed"]
    assert columns["amount"]["description"] in (None, "In euro"), columns["amount"]
    total = {
        "expressionType": "SIMPLE",
        "aggregate": "SUM",
        "column": {"column_name": "amount"},
        "label": "total",
    }

    # A table: grouped, filtered, sorted.
    result = chart(
        api,
        dataset,
        columns=["customer_id"],
        metrics=["count", total],
        filters=[{"col": "customer_id", "op": "<=", "val": 3}],
        orderby=[["count", False], ["customer_id", True]],
    )
    assert [(r["customer_id"], r["count"], float(r["total"])) for r in result["data"]] == [
        (n, 100, 100 * 1.25 * (sum(i for i in range(1, 10001) if 1 + i % 100 == n) / 100)) for n in (1, 2, 3)
    ], result["data"]

    # A line: by each grain of time that Superset has for PostgreSQL, of a date and of an instant.
    def line(dataset, column, grain, **more):
        axis = {"timeGrain": grain, "columnType": "BASE_AXIS", "sqlExpression": column, "label": column, "expressionType": "SQL"}
        return chart(api, dataset, columns=[axis], metrics=["count"], **more)["data"]

    some = {"filters": [{"col": "placed", "op": "TEMPORAL_RANGE", "val": "2024-01-01 : 2024-01-11"}]}
    by_day = line(dataset, "placed", "P1D", **some)
    assert len(by_day) == 10 and sum(r["count"] for r in by_day) == 3339, by_day
    for grain, buckets in [("P1D", 30), ("P1W", 5), ("P1M", 1), ("P3M", 1), ("P1Y", 1)]:
        rows = line(dataset, "placed", grain)
        assert (len(rows), sum(r["count"] for r in rows)) == (buckets, 10000), (grain, rows)
    customers = api.post("dataset/", {**body, "table_name": "customers"})["id"]
    for grain in ["PT1S", "PT5S", "PT30S", "PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT1H", "P1D", "P1W", "P1M", "P3M", "P1Y"]:
        buckets = {"P1D": 5, "P1W": 1, "P1M": 1, "P3M": 1, "P1Y": 1}.get(grain, 100)
        rows = line(customers, "created", grain)
        assert (len(rows), sum(r["count"] for r in rows)) == (buckets, 100), (grain, rows)

    # Words of SQL in metrics, columns and filters; a virtual dataset with a template.
    result = chart(
        api,
        dataset,
        columns=[{"label": "third", "sqlExpression": "id % 3", "expressionType": "SQL"}],
        metrics=[{"expressionType": "SQL", "sqlExpression": "COUNT(DISTINCT customer_id)", "label": "who"}, "count"],
        extras={"where": "(note IS NULL OR note LIKE '%7%')", "having": "(count(*) > 10)"},
    )
    assert {r["third"]: r["who"] for r in result["data"]}[0] == 100, result["data"]
    virtual = api.post(
        "dataset/",
        {
            "database": db,
            "schema": "shop",
            "table_name": "by customer",
            "sql": "SELECT c.name, o.amount, o.placed::timestamp AS at FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id",
        },
    )["id"]
    result = chart(
        api,
        virtual,
        columns=["name"],
        metrics=[{**total, "aggregate": "AVG", "label": "mean"}],
        series_columns=["name"],
        series_limit=2,
        orderby=[["mean", False]] if False else [],
        row_limit=5,
    )
    assert len(result["data"]) >= 2 and float(result["data"][0]["mean"]) > 0, result["data"]
    # Values for a filter, and samples.
    values = api.get(f"datasource/table/{virtual}/column/name/values/")["result"]
    assert len(values) == 100 and "customer 1" in values, values[:3]
    samples = api.client.post(
        f"/datasource/samples?force=true&datasource_type=table&datasource_id={dataset}", json={}, headers=api.headers
    )
    if samples.status_code == 200:
        assert len(samples.get_json()["result"]["data"]) > 0
    # What people save.
    saved = api.post(
        "chart/",
        {"slice_name": "Orders", "viz_type": "table", "datasource_id": dataset, "datasource_type": "table", "params": "{}"},
    )
    assert saved["id"]
    api.call("put", f"dataset/{dataset}/refresh", {})


with app.app_context():
    prepare()
with app.test_client() as client:
    api = Api(client)
    db = database(api)
    for part in (listings, sql_lab):
        part(api, db)
    charts(api, db)
print("ok: connection test, schemas, tables, columns, SQL Lab, datasets, charts by every grain of time")
sys.stdout.flush()
# Superset's threads do not end by themselves.
os._exit(0)
