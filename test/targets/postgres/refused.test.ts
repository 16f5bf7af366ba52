import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute, load, missingPostgres, newTable, query } from '../../helpers/postgres.js';

const skip = missingPostgres;
const COUNT = 10_000;

/** What may be wrong with a record, so that the server alone can tell. */
const faults: Readonly<
  Record<string, { readonly table: string; readonly bad: string; readonly reason: string }>
> = {
  'a key that is there twice': { table: 'id bigint PRIMARY KEY, v text', bad: '-1', reason: 'constraint' },
  'a check': { table: 'id bigint CHECK (id >= 0), v text', bad: '-2', reason: 'constraint' },
  'no such value of a type': {
    table: 'id bigint, v text, u uuid GENERATED ALWAYS AS (NULL) STORED',
    bad: '',
    reason: 'type',
  },
};

for (const [name, { table: definition, bad, reason }] of Object.entries(faults)) {
  for (const many of [1, 10, 1000]) {
    test(`${name}, in ${many} of ${COUNT} records`, { skip }, async () => {
      const typed = bad === '' ? definition.replace('v text', 'v inet') : definition;
      const { url, table } = await newTable(typed);
      if (bad === '-1') await execute(`INSERT INTO ${table} VALUES (-1, '')`);
      const isBad = (i: number) => i % (COUNT / many) === Math.floor(COUNT / many / 2);
      const rows = Array.from({ length: COUNT }, (_, i) => [
        isBad(i) && bad !== '' ? bad : String(i),
        isBad(i) && bad === '' ? 'x' : '10.0.0.1',
      ]);
      const { refused, count } = await load(url, ['id', 'v'], rows);
      const expected = rows.flatMap((_, i) => (isBad(i) ? [i] : []));
      assert.deepEqual(
        refused.map(({ index }) => index),
        expected,
      );
      assert.ok(
        refused.every(one => one.reason === reason && /\[2\w{4}\]/.test(one.message)),
        refused[0]!.message,
      );
      assert.equal(count, COUNT - many);
      const [found] = await query(`SELECT count(*) AS n, sum(id) AS sum FROM ${table} WHERE id >= 0`);
      const good = rows.flatMap(([id], i) => (isBad(i) ? [] : [Number(id)]));
      assert.deepEqual(found, { n: String(good.length), sum: String(good.reduce((a, b) => a + b, 0)) });
    });
  }
}

test('faults of all kinds in one batch, with quoted newlines before them', { skip }, async () => {
  const { url, table } = await newTable(
    "id bigint PRIMARY KEY, v inet NOT NULL CHECK (v <> '10.9.9.9'), t text",
  );
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const id = i % 100 === 50 ? '7' : String(i);
    const v = i % 100 === 20 ? 'nowhere' : i % 100 === 30 ? '10.9.9.9' : i % 100 === 40 ? null : '10.0.0.1';
    return [i === 57 ? 'x' : id, v, { quoted: i % 3 === 0 ? 'two\nlines\n\n' : 'a ""b"", \\.' }];
  });
  const { refused, count } = await load(url, ['id', 'v', 't'], rows);
  const bad = rows.flatMap((_, i) => (i === 57 || [20, 30, 40, 50].includes(i % 100) ? [i] : []));
  assert.deepEqual(
    refused.map(({ index }) => index),
    bad,
  );
  assert.equal(count, rows.length - bad.length);
  const texts = await query(`SELECT DISTINCT t FROM ${table} ORDER BY t`);
  assert.deepEqual(
    texts.map(({ t }) => t),
    ['a "b", \\.', 'two\nlines\n\n'],
  );
});

test('a record that refers to nothing, which the server tells at the end of the statement', {
  skip,
}, async () => {
  const { url, schema, table } = await newTable('id bigint, parent bigint');
  await execute(`CREATE TABLE ${schema}.parents (id bigint PRIMARY KEY); INSERT INTO ${schema}.parents VALUES (1);
    ALTER TABLE ${table} ADD FOREIGN KEY (parent) REFERENCES ${schema}.parents`);
  const rows = Array.from({ length: 500 }, (_, i) => [String(i), i % 100 === 33 ? '2' : '1']);
  const { refused } = await load(url, ['id', 'parent'], rows);
  assert.deepEqual(
    refused.map(({ index }) => index),
    [33, 133, 233, 333, 433],
  );
  assert.match(refused[0]!.message, /foreign key.*\(Key \(parent\)=\(2\) is not present.*\[23503\]/);
});

test('a trigger that throws refuses its record; one that keeps a record back ends the run', {
  skip,
}, async () => {
  const { url, schema, table } = await newTable('id bigint');
  await execute(`CREATE FUNCTION ${schema}.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
      IF NEW.id = 3 THEN RAISE EXCEPTION 'not three'; END IF;
      IF NEW.id = 5 THEN RETURN NULL; END IF; RETURN NEW; END$$;
    CREATE TRIGGER f BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${schema}.f()`);
  const { refused } = await load(url, ['id'], [['1'], ['3'], ['4']]);
  assert.deepEqual(
    refused.map(({ index, reason }) => [index, reason]),
    [[1, 'refused']],
  );
  await assert.rejects(load(url, ['id'], [['5'], ['6']]), /took 1 of 2 records/);
  assert.deepEqual(await query(`SELECT id FROM ${table} ORDER BY id`), [{ id: '1' }, { id: '4' }]);
});

test('conflicts: refused, left out, or the newest values win', { skip }, async () => {
  const rows = [
    ['1', 'new'],
    ['2', 'first'],
    ['2', 'second'],
    ['3', 'only'],
    ['3', null],
  ];
  for (const [onConflict, expected, refusals] of [
    ['error', ['1 old', '2 first', '3 only'], [0, 2, 4]],
    ['ignore', ['1 old', '2 first', '3 only'], []],
    ['update', ['1 new', '2 second', '3 null'], []],
  ] as const) {
    const { url, table } = await newTable('id bigint PRIMARY KEY, v text');
    await execute(`INSERT INTO ${table} VALUES (1, 'old')`);
    const { refused, count } = await load(url, ['id', 'v'], rows, { onConflict });
    assert.deepEqual(
      refused.map(({ index }) => index),
      refusals,
    );
    assert.equal(count, rows.length - refusals.length);
    const found = await query(`SELECT id, v FROM ${table} ORDER BY id`);
    assert.deepEqual(
      found.map(({ id, v }) => `${id} ${v}`),
      expected,
    );
  }
});

test('conflicts and other faults in one batch', { skip }, async () => {
  const { url, table } = await newTable("id bigint PRIMARY KEY, v inet CHECK (v <> '10.9.9.9')");
  const rows = [
    ['1', '10.0.0.1'],
    ['2', 'x'],
    ['1', '10.0.0.2'],
    ['3', '10.9.9.9'],
    ['y', '10.0.0.1'],
    ['4', null],
  ];
  const { refused } = await load(url, ['id', 'v'], rows, { onConflict: 'update' });
  assert.deepEqual(
    refused.map(({ index }) => index),
    [1, 3, 4],
  );
  assert.deepEqual(await query(`SELECT id, v FROM ${table} ORDER BY id`), [
    { id: '1', v: '10.0.0.2' },
    { id: '4', v: null },
  ]);
});

test('a key that no unique index is about is a mistake in the command', { skip }, async () => {
  const { url } = await newTable('id bigint, v text');
  await assert.rejects(load(url, ['id', 'v'], [['1', 'a']], { onConflict: 'update', key: ['id'] }), {
    code: 'usage',
  });
  await assert.rejects(load(url, ['id', 'v'], [['1', 'a']], { onConflict: 'update' }), /no primary key/);
});
