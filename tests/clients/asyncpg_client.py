"""asyncpg: binary values, types of parameters, cursors, COPY, timeouts, pools, codecs."""

import asyncio
import datetime
import decimal
import io

import asyncpg


async def main():
    connection = await asyncpg.connect()
    row = await connection.fetchrow("SELECT * FROM shop.orders WHERE id = $1", 1)
    assert tuple(row) == (1, 2, decimal.Decimal("1.25"), 'note "1"\t\\', datetime.date(2024, 1, 2), ["a", "b,1"]), row
    # What a parameter is cast to, and what it is compared with, is its type.
    assert await connection.fetchval("SELECT $1::int + 1", 41) == 42
    assert await connection.fetchval("SELECT count(*) FROM shop.orders WHERE id = ANY($1)", [1, 2, 3]) == 3
    assert await connection.fetchval("SELECT count(*) FROM shop.orders WHERE id = ANY($1::bigint[])", [1, 2]) == 2
    assert await connection.fetchval("SELECT count(*) FROM shop.orders WHERE note = ANY($1)", ["x"]) == 0
    statement = await connection.prepare("SELECT id, amount FROM shop.orders WHERE id = $1 AND placed > $2")
    assert [t.name for t in statement.get_parameters()] == ["int8", "date"], statement.get_parameters()
    assert [a.type.name for a in statement.get_attributes()] == ["int8", "numeric"]
    async with connection.transaction():
        seen = [r["id"] async for r in connection.cursor("SELECT id FROM shop.orders ORDER BY id", prefetch=333)]
        assert seen == list(range(1, 10001))
        cursor = await connection.cursor("SELECT id FROM shop.orders ORDER BY id")
        assert [r[0] for r in await cursor.fetch(2)] == [1, 2]
        assert [r[0] for r in await cursor.fetch(2)] == [3, 4]
    out = io.BytesIO()
    assert await connection.copy_from_query("SELECT * FROM shop.orders", output=out, format="csv") == "COPY 10000"
    assert len(out.getvalue().splitlines()) == 10000
    assert await connection.copy_from_table("customers", schema_name="shop", output=io.BytesIO(), format="binary") == "COPY 100"
    try:
        await connection.fetch("SELECT count(*) FROM shop.orders a, shop.orders b, shop.orders c", timeout=0.5)
        raise SystemExit("not cancelled")
    except asyncio.TimeoutError:
        assert await connection.fetchval("SELECT 1") == 1
    await connection.set_type_codec("json", encoder=str, decoder=str, schema="pg_catalog")
    await connection.close()
    async with asyncpg.create_pool(min_size=1, max_size=3) as pool:
        assert await asyncio.gather(*(pool.fetchval("SELECT $1::int", i) for i in range(10))) == list(range(10))
    print("ok: binary, parameters, cursors, COPY, timeout, pool")


asyncio.run(main())
