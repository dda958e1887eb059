// node-postgres and pg-cursor: parameters, named statements, cursors, types, timeouts, pools.
const assert = require('assert');
const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');

(async () => {
  const client = new Client();
  await client.connect();
  const one = (await client.query('SELECT * FROM shop.orders WHERE id = $1 AND placed > $2', [1, new Date('2023-01-01')])).rows;
  assert.deepStrictEqual([one.length, one[0].amount, one[0].note, one[0].tags], [1, '1.25', 'note "1"\t\\', ['a', 'b,1']]);
  assert.strictEqual((await client.query('SELECT count(*) AS n FROM shop.orders WHERE id = ANY($1)', [[1, 2, 3]])).rows[0].n, '3');
  assert.strictEqual((await client.query('SELECT $1::int + 1 AS n', [41])).rows[0].n, 42);
  for (let i = 1; i < 5; i++) {
    const named = await client.query({ name: 'by id', text: 'SELECT id FROM shop.orders WHERE id = $1', values: [i] });
    assert.deepStrictEqual(named.rows, [{ id: String(i) }]);
  }
  const cursor = client.query(new Cursor('SELECT id FROM shop.orders'));
  let seen = 0;
  for (let rows; (rows = await cursor.read(500)).length; ) seen += rows.length;
  await cursor.close();
  assert.strictEqual(seen, 10000);
  assert.deepStrictEqual((await client.query('SELECT 1 AS a; SELECT 2 AS b')).map((r) => r.rows), [[{ a: 1 }], [{ b: 2 }]]);
  await assert.rejects(client.query('SELECT nothing'), { code: '42703', position: '8' });
  await client.query('BEGIN');
  await client.query('DECLARE c CURSOR FOR SELECT id FROM shop.orders ORDER BY id');
  assert.deepStrictEqual((await client.query('FETCH 2 FROM c')).rows, [{ id: '1' }, { id: '2' }]);
  await client.query('COMMIT');
  await client.end();

  const hasty = new Client({ statement_timeout: 300 });
  await hasty.connect();
  await assert.rejects(hasty.query('SELECT count(*) FROM shop.orders a, shop.orders b, shop.orders c'), { code: '57014' });
  await hasty.end();
  const pool = new Pool({ max: 2 });
  const answers = await Promise.all([1, 2, 3, 4].map((i) => pool.query('SELECT $1::text AS a', [i])));
  assert.deepStrictEqual(answers.map((r) => r.rows[0].a), ['1', '2', '3', '4']);
  await pool.end();
  console.log('ok: parameters, named statements, cursors, errors, timeout, pool');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
