import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();
const columns = columnsOf('id:integer', 'name');

function rows(from: number, to: number) {
  return csvRecords(Array.from({ length: to - from }, (_, i) => [String(from + i), `row ${from + i}`]));
}

async function count(): Promise<number> {
  const [[found] = []] = await database.rows('SELECT COUNT(*) FROM t');
  return Number(found);
}

test('a run that was replaced writes nothing more', options, async () => {
  await database.run('DROP TABLE IF EXISTS t');
  const first = database.target();
  const mark = await first.open(opening(columns));
  await first.write(writing(rows(0, 10), { seal: async () => 'one' }));

  const second = database.target();
  await second.open(opening(columns, { mark, ledger: await second.ledger!.recall('nightly') }));
  const fenced = (error: unknown) => error instanceof TrancheError && error.code === 'job_fenced';
  await assert.rejects(first.write(writing(rows(10, 20))), fenced);
  await assert.rejects(first.ledger!.record('paused'), fenced);
  await second.write(writing(rows(10, 20), { seal: async () => 'two' }));
  await first.close();
  await second.close();
  assert.equal(await count(), 20);
  assert.equal(await database.target().ledger!.recall('nightly'), 'two');
});

test(
  'a run whose connection the server ended goes on, unless it was replaced meanwhile',
  options,
  async () => {
    await database.run('DROP TABLE IF EXISTS t');
    const first = database.target();
    const mark = await first.open(opening(columns));
    await first.write(writing(rows(0, 10), { seal: async () => 'one' }));
    await endOtherConnections();
    await untilWritten(async () => await first.write(writing(rows(10, 20), { seal: async () => 'two' })));

    const second = database.target();
    await second.open(opening(columns, { mark, ledger: 'two' }));
    await endOtherConnections();
    await assert.rejects(
      untilWritten(async () => await first.write(writing(rows(20, 30)))),
      (error: unknown) => error instanceof TrancheError && error.code === 'job_fenced',
    );
    await first.close();
    await second.close();
    assert.equal(await count(), 20);
  },
);

/** As the engine does: again while the error is transient. */
async function untilWritten(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      return;
    } catch (error) {
      if (!(error instanceof TrancheError) || error.kind !== 'transient' || attempt === 3) throw error;
    }
  }
}

async function endOtherConnections(): Promise<void> {
  const ids = await database.rows(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database.name}' AND ID <> CONNECTION_ID()`,
  );
  for (const [id] of ids) await database.run(`KILL ${id}`);
}

test('a ledger that does not know the job ends the run', options, async () => {
  await database.run('DROP TABLE IF EXISTS t');
  const target = database.target();
  const mark = await target.open(opening(columns));
  await target.close();
  for (const [change, code] of [
    [{ mark, jobId: 'another' }, 'target_changed'],
    [{ mark, ledger: 'older' }, 'job_locked'],
    [{ mark, job: 'weekly' }, 'target_changed'],
  ] as const) {
    await assert.rejects(
      database.target().open(opening(columns, change)),
      (error: unknown) => error instanceof TrancheError && error.code === code,
    );
  }
  await database.run('DROP TABLE t');
  await assert.rejects(
    database.target().open(opening(columns, { mark })),
    (error: unknown) => error instanceof TrancheError && error.code === 'target_changed',
  );
});

test('modes: rows that are there are kept, deleted, or the table made anew', options, async () => {
  for (const [mode, expected] of [
    ['append', ['old', 'new']],
    ['truncate', ['new']],
    ['replace', ['new']],
  ] as const) {
    await database.run(
      'DROP TABLE IF EXISTS t',
      'CREATE TABLE t (name VARCHAR(20), extra INT)',
      "INSERT INTO t VALUES ('old', 1)",
    );
    await database.load(['name'], [['new']], { mode });
    assert.deepEqual(
      (await database.rows('SELECT name FROM t')).map(([name]) => name),
      expected,
      mode,
    );
    const names = await database.rows('SHOW COLUMNS FROM t');
    assert.equal(names.length, mode === 'replace' ? 1 : 2, mode);
  }
});

test('truncate deletes where other tables refer to the table', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (id BIGINT PRIMARY KEY)',
    'INSERT INTO t VALUES (1)',
    'CREATE TABLE refers (id BIGINT, FOREIGN KEY (id) REFERENCES t (id))',
  );
  await database.load(['id:integer'], [['2']], { mode: 'truncate' });
  assert.deepEqual(await database.rows('SELECT id FROM t'), [['2']]);
  await database.run('DROP TABLE refers');
});

test('conflicts: refused, left out, or put into the row that is there', options, async () => {
  for (const [onConflict, expected, refused] of [
    ['error', ['old', 'first'], 2],
    ['ignore', ['old', 'first'], 0],
    ['update', ['new', 'second'], 0],
  ] as const) {
    await database.run(
      'DROP TABLE IF EXISTS t',
      'CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, kept INT DEFAULT 5)',
      "INSERT INTO t VALUES (1, 'old', 7)",
    );
    const written = await database.load(
      ['id:integer', 'name'],
      [
        ['1', 'new'],
        ['2', 'first'],
        ['2', 'second'],
      ],
      { onConflict, key: ['id'] },
    );
    assert.deepEqual([written.count, written.refused.length], [3 - refused, refused], onConflict);
    const found = await database.rows('SELECT name, kept FROM t ORDER BY id');
    assert.deepEqual(
      found,
      [
        [expected[0], 7],
        [expected[1], 5],
      ],
      onConflict,
    );
  }
});

test('a key is made of the columns named, and tells all texts apart', options, async () => {
  await database.run('DROP TABLE IF EXISTS t');
  const texts = ['a', 'A', 'ä', 'a '];
  const written = await database.load(
    ['k', 'v'],
    [...texts, 'a'].map((text, i) => [text, String(i)]),
    { onConflict: 'update', key: ['k'] },
  );
  assert.equal(written.count, 5);
  assert.deepEqual(await database.rows('SELECT k, v FROM t ORDER BY v'), [
    ['A', '1'],
    ['ä', '2'],
    ['a ', '3'],
    ['a', '4'],
  ]);
});

test('mistakes are found before anything is changed', options, async () => {
  const wrong = [
    ['CREATE TABLE t (id BIGINT)', {}, /no column name.*the table: id; the records: id, name/],
    ['CREATE TABLE t (id BIGINT, name TEXT, other INT NOT NULL)', {}, /no other, which must not be NULL/],
    ['CREATE TABLE t (id BIGINT, name TEXT) ENGINE = MyISAM', {}, /MyISAM has no transactions/],
    ['CREATE TABLE t (id BIGINT, name TEXT)', { onConflict: 'update', key: ['id'] }, /no unique index/],
    [
      'CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(9) UNIQUE)',
      { onConflict: 'update', key: ['id'] },
      /cannot tell a conflict of id from one of name/,
    ],
    ['CREATE TABLE t (id BIGINT AS (1), name TEXT)', {}, /no column id that can be written/],
    ['CREATE VIEW t AS SELECT 1 AS id, 2 AS name', {}, /it is a view/],
  ] as const;
  for (const [sql, settings, message] of wrong) {
    await database.run('DROP TABLE IF EXISTS t, tranche_ledger', 'DROP VIEW IF EXISTS t', sql);
    await assert.rejects(
      database.target({ mode: 'truncate', ...settings }).open(opening(columns)),
      (error: unknown) =>
        error instanceof TrancheError && error.code === 'usage' && message.test(error.message),
      sql,
    );
    assert.deepEqual(await database.rows("SHOW TABLES LIKE 'tranche_ledger'"), []);
  }
  await database.run('DROP VIEW t');
});

test('without a ledger nothing is kept in the database but the rows', options, async () => {
  await database.run('DROP TABLE IF EXISTS t, tranche_ledger');
  const target = database.target({ ledgerDatabase: null });
  assert.equal(target.ledger, undefined);
  assert.equal(target.traits.guarantee, 'at least once');
  await target.open(opening(columns));
  await target.write(writing(rows(0, 5)));
  await target.close();
  assert.equal(await count(), 5);
  assert.deepEqual(await database.rows("SHOW TABLES LIKE 'tranche_ledger'"), []);
});

test('names of any kind are names, never SQL', options, async () => {
  const names = [
    'select',
    'a`b',
    'x; DROP TABLE t',
    "it's",
    '"quoted"',
    'ä ö',
    '%s',
    '?',
    '@v0',
    'a,b',
    'back\\slash',
    '--',
  ];
  for (const table of ['`; DROP TABLE t; --', 'table', "t'\\", '@v', '?']) {
    const target = database.target({ table, mode: 'replace' });
    await target.open(opening(columnsOf(...names)));
    const { refused } = await target.write(writing(csvRecords([names, names])));
    await target.close();
    assert.deepEqual(refused, []);
    const found = await database.rows(`SELECT * FROM \`${table.replaceAll('`', '``')}\` LIMIT 1`);
    assert.deepEqual(found, [names]);
  }
});

test('names that MySQL cannot have are refused', options, async () => {
  for (const name of ['x'.repeat(65), '', 'ends ', '🙂', 'nul\0']) {
    await assert.rejects(
      database.target().open(opening(columnsOf(name))),
      (error: unknown) => error instanceof TrancheError && error.code === 'usage',
    );
  }
});
