import assert from 'node:assert/strict';
import { chmod, type FileHandle, open, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TrancheError } from '#tranche/core/errors.js';
import { openDatabase } from '#tranche/sqlite/driver.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { execute, newDatabase, numbered, query, tableTarget } from '../../helpers/sqlite-table.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const columns = columnsOf('id:integer', 'name');
const rows = (from: number, to: number) => csvRecords(numbered(from, to));
const count = 'SELECT count(*) FROM t';
const ledger = 'SELECT job, job_id, epoch, rows, entry FROM tranche_ledger';

test('a batch and its ledger entry are there together, and the next run finds both', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  assert.equal(await target.ledger.recall('nightly'), null);
  assert.deepEqual(await readdir(dirname(path)), [], 'recalling makes no file');
  const mark = await target.open(opening(columns));
  assert.equal(await tableTarget(path).ledger.recall('nightly'), null);
  const written = await target.write(writing(rows(0, 120), { seal: async () => 'one' }));
  assert.deepEqual([written.count, written.refused], [120, []]);
  assert.equal(await tableTarget(path).ledger.recall('nightly'), 'one');
  await target.close(false);

  const next = tableTarget(path);
  const recalled = await next.ledger.recall('nightly');
  const again = await next.open(opening(columns, { mark, ledger: recalled }));
  assert.deepEqual(again, { epoch: 2, rollback: true, rows: 120 });
  await next.write(writing(rows(120, 130), { seal: async () => 'two' }));
  await next.sync();
  await next.close(true);
  await next.ledger.record('done');
  assert.deepEqual(await query(path, ledger), [['nightly', 'first', 2n, 130n, 'done']]);
  assert.deepEqual(
    await query(path, 'SELECT id, name FROM t ORDER BY rowid'),
    numbered(0, 130).map(([id, name]) => [BigInt(id!), name]),
  );
  assert.deepEqual(await readdir(dirname(path)), ['shop.db'], 'one file is left');
  assert.deepEqual(await query(path, 'PRAGMA journal_mode'), [['delete']]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('seal is called inside the transaction, and nothing is committed if it throws', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  await target.open(opening(columns));
  const failure = new Error('no room for rejects');
  let seen: unknown;
  const seal = async () => {
    await nextTurn();
    seen = await query(path, count);
    throw failure;
  };
  await assert.rejects(target.write(writing(rows(0, 10), { seal })), failure);
  assert.deepEqual(seen, [[0n]], 'others do not see the rows before COMMIT');
  const written = await target.write(writing(rows(10, 12)));
  assert.equal(written.mark['rows'], 2);
  await target.close(true);
  assert.deepEqual(await query(path, 'SELECT id FROM t'), [[10n], [11n]]);
  assert.deepEqual(await query(path, ledger), [['nightly', 'first', 1n, 2n, 'entry']]);
});

test('a run that stops in the middle of a batch leaves nothing of it', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  const mark = await target.open(opening(columns));
  await target.write(writing(rows(0, 5)));
  const stopped = target.write(writing(rows(5, 10), { seal: () => new Promise(() => undefined) }));
  stopped.catch(() => undefined);
  await nextTurn();
  await target.close(false);
  assert.deepEqual(await query(path, count), [[5n]]);
  const next = tableTarget(path);
  await next.open(opening(columns, { mark, ledger: await next.ledger.recall('nightly') }));
  await next.write(writing(rows(5, 10)));
  await next.close(true);
  assert.deepEqual(await query(path, 'SELECT count(*), count(DISTINCT id), max(id) FROM t'), [
    [10n, 10n, 9n],
  ]);
});

test('a run whose job was taken over writes nothing more', async () => {
  const path = await newDatabase();
  const first = tableTarget(path);
  const mark = await first.open(opening(columns));
  await first.write(writing(rows(0, 5), { seal: async () => 'one' }));
  const second = tableTarget(path);
  await second.open(opening(columns, { mark, ledger: 'one' }));
  await assert.rejects(first.write(writing(rows(5, 10))), { code: 'job_fenced', kind: 'fatal' });
  await assert.rejects(first.ledger.record('mine'), { code: 'job_fenced' });
  await first.close(false);
  await assert.rejects(first.ledger.record('mine'), { code: 'job_fenced' });
  assert.deepEqual(await query(path, ledger), [['nightly', 'first', 2n, 5n, 'one']]);
  await second.write(writing(rows(5, 10), { seal: async () => 'two' }));
  await second.close(true);
  assert.deepEqual(await query(path, 'SELECT count(*), count(DISTINCT id) FROM t'), [[10n, 10n]]);
});

test('a ledger that went on since it was recalled is another live run', async () => {
  const path = await newDatabase();
  const first = tableTarget(path);
  const mark = await first.open(opening(columns));
  await first.write(writing(rows(0, 5), { seal: async () => 'one' }));
  await first.write(writing(rows(5, 9), { seal: async () => 'two' }));
  const late = tableTarget(path);
  await assert.rejects(late.open(opening(columns, { mark, ledger: 'one' })), { code: 'job_locked' });
  await first.write(writing(rows(9, 10)));
  await first.close(true);
});

test('a ledger or table that is gone, or another incarnation, is not what the checkpoint describes', async () => {
  const changes: readonly (readonly [string, string, string])[] = [
    ['the ledger is dropped', 'DROP TABLE tranche_ledger', 'first'],
    ['its row is deleted', 'DELETE FROM tranche_ledger', 'first'],
    ['the job was started anew', '', 'second'],
    ['the table is dropped', 'DROP TABLE t', 'first'],
  ];
  for (const [what, sql, jobId] of changes) {
    const path = await newDatabase();
    const target = tableTarget(path);
    const mark = await target.open(opening(columns));
    await target.write(writing(rows(0, 5)));
    await target.close(false);
    await execute(path, sql);
    const before = await query(path, 'SELECT name FROM sqlite_schema');
    const next = tableTarget(path);
    const changed = next.open(opening(columns, { mark, jobId, ledger: await next.ledger.recall('nightly') }));
    await assert.rejects(changed, (error: TrancheError) => {
      assert.equal(error.code, 'target_changed', what);
      assert.match(error.hint!, /--fresh/);
      return true;
    });
    assert.deepEqual(await query(path, 'SELECT name FROM sqlite_schema'), before, 'nothing was changed');
  }
});

test('a database that is gone is not what the checkpoint describes, and is not made anew', async () => {
  const path = await newDatabase();
  const how = opening(columns, { mark: { epoch: 1, rows: 0 } });
  await assert.rejects(tableTarget(path).open(how), { code: 'target_changed' });
  assert.deepEqual(await readdir(dirname(path)), []);
});

test('jobs in one database do not disturb each other', async () => {
  const path = await newDatabase();
  for (const job of ['a', 'b']) {
    const target = tableTarget(path, { table: job });
    await target.open(opening(columns, { job }));
    await target.write(writing(rows(0, 3), { seal: async () => `entry of ${job}` }));
    await target.close(true);
  }
  assert.equal(await tableTarget(path).ledger.recall('a'), 'entry of a');
  assert.equal(await tableTarget(path).ledger.recall('b'), 'entry of b');
  assert.equal(await tableTarget(path).ledger.recall('c'), null);
});

test('a finished job goes on where its rows ended', async () => {
  const path = await newDatabase();
  const target = tableTarget(path, { mode: 'replace' });
  await target.open(opening(columns));
  const { mark } = await target.write(writing(rows(0, 5)));
  await target.close(true);
  await target.ledger.record('done');
  const next = tableTarget(path, { mode: 'replace' });
  await next.open(opening(columns, { mark, finished: true, ledger: 'done' }));
  await next.write(writing(rows(5, 7)));
  await next.close(true);
  assert.deepEqual(await query(path, count), [[7n]]);
});

test('without checkpoints there is no ledger, and seal is not called', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  await target.open(opening(columns, { checkpoints: false }));
  await target.write(writing(rows(0, 5), { seal: () => assert.fail('sealed') }));
  await target.close(true);
  assert.deepEqual(await query(path, 'SELECT name FROM sqlite_schema'), [['t']]);
  assert.deepEqual(await query(path, count), [[5n]]);
});

test('modes: rows are kept, deleted, or the table is made anew, once at the beginning of a job', async () => {
  const expected = { append: [[0n], [1n], [2n]], truncate: [[1n], [2n]], replace: [[1n], [2n]] } as const;
  for (const mode of ['append', 'truncate', 'replace'] as const) {
    const path = await newDatabase(
      'CREATE TABLE T (ID INT, NAME TEXT, extra); INSERT INTO t VALUES (0, null, 1)',
    );
    const target = tableTarget(path, { mode });
    const at = await target.open(opening(columns));
    await target.write(writing(rows(1, 2)));
    await target.close(false);
    const next = tableTarget(path, { mode });
    await next.open(opening(columns, { mark: at, ledger: 'entry' }));
    await next.write(writing(rows(2, 3)));
    await next.close(true);
    assert.deepEqual(await query(path, 'SELECT id FROM t ORDER BY id'), expected[mode], mode);
    const names = (await query(path, "SELECT name FROM pragma_table_info('t')")).flat();
    assert.deepEqual(names, mode === 'replace' ? ['id', 'name'] : ['ID', 'NAME', 'extra'], mode);
  }
});

test('an open that fails leaves rows, table and ledger as they were', async () => {
  const path = await newDatabase('CREATE TABLE t (id INT); INSERT INTO t VALUES (1)');
  const target = tableTarget(path, { mode: 'truncate' });
  await assert.rejects(target.open(opening(columns)), { code: 'usage' });
  assert.deepEqual(await query(path, 'SELECT id FROM t'), [[1n]]);
  assert.deepEqual(await query(path, 'SELECT name FROM sqlite_schema'), [['t']]);
});

test('the journal mode of a database is that of before', async () => {
  for (const mode of ['wal', 'delete']) {
    const path = await newDatabase(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (id INT, name TEXT)`);
    const target = tableTarget(path);
    await target.open(opening(columns));
    await target.write(writing(rows(0, 500)));
    await target.sync();
    await target.close(true);
    assert.deepEqual(await query(path, 'PRAGMA journal_mode'), [[mode]]);
    assert.deepEqual(await query(path, count), [[500n]]);
  }
});

test('a database that was left in WAL mode by a killed run gets its rollback journal back', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  const mark = await target.open(opening(columns));
  await target.close(false);
  await execute(path, 'PRAGMA journal_mode = WAL');
  const next = tableTarget(path);
  await next.open(opening(columns, { mark }));
  await next.write(writing(rows(0, 5)));
  await next.close(true);
  assert.deepEqual(await query(path, 'PRAGMA journal_mode'), [['delete']]);
});

test('a database that others are reading keeps its rollback journal, and every commit is flushed', async () => {
  const path = await newDatabase('CREATE TABLE t (id INT, name TEXT); CREATE TABLE u (a)');
  const target = tableTarget(path);
  await target.open(opening(columns));
  const reader = await openDatabase(path);
  const reading = reader.prepare('SELECT * FROM sqlite_schema').iterate();
  reading.next();
  const written = target.write(writing(rows(0, 5)));
  await nextTurn();
  reading.return!();
  await written;
  assert.equal(reader.pragma('journal_mode', { simple: true }), 'delete');
  await target.sync();
  await target.close(true);
  reader.close();
  assert.deepEqual(await query(path, count), [[5n]]);
});

test("somebody else's lock is a transient error, and the batch can be written again", async () => {
  const path = await newDatabase('PRAGMA journal_mode = WAL; CREATE TABLE t (id INT, name TEXT)');
  const target = tableTarget(path);
  await target.open(opening(columns));
  const other = await openDatabase(path);
  other.exec('BEGIN IMMEDIATE');
  await assert.rejects(target.write(writing(rows(0, 5))), { code: 'busy', kind: 'transient' });
  await assert.rejects(target.write(writing(rows(0, 5), { signal: AbortSignal.abort() })), {
    kind: 'transient',
  });
  other.exec('COMMIT');
  other.close();
  await target.write(writing(rows(0, 5)));
  await target.close(true);
  assert.deepEqual(await query(path, count), [[5n]]);
});

test('a lock that goes away is waited for', async () => {
  const path = await newDatabase('PRAGMA journal_mode = WAL; CREATE TABLE t (id INT, name TEXT)');
  const target = tableTarget(path);
  await target.open(opening(columns));
  const other = await openDatabase(path);
  other.exec('BEGIN IMMEDIATE');
  const written = target.write(writing(rows(0, 5)));
  await nextTurn();
  other.exec('COMMIT');
  other.close();
  assert.equal((await written).count, 5);
  await target.close(true);
});

test('a record whose refusal takes the whole transaction back is named', async () => {
  const path = await newDatabase('PRAGMA journal_mode = WAL; CREATE TABLE t (id INT, name TEXT)');
  const target = tableTarget(path);
  const mark = await target.open(opening(columns));
  await target.write(writing(rows(0, 5)));
  await execute(
    path,
    "CREATE TRIGGER picky BEFORE INSERT ON t WHEN new.id = 7 BEGIN SELECT RAISE(ROLLBACK, 'gone'); END",
  );
  await assert.rejects(target.write(writing(rows(5, 10))), (error: TrancheError) => {
    assert.deepEqual([error.code, error.kind, error.index], ['target_refused', 'record', 2]);
    return true;
  });
  assert.deepEqual(await query(path, count), [[5n]]);
  await execute(path, 'DROP TRIGGER picky');
  await target.write(writing(rows(5, 10)));
  await target.close(false);
  const next = tableTarget(path);
  await next.open(opening(columns, { mark, ledger: 'entry' }));
  await next.close(true);
  assert.deepEqual(await query(path, count), [[10n]]);
});

test('what is no database, or cannot be opened or made, is fatal and named', async () => {
  const directory = await temporaryDirectory();
  const text = join(directory, 'text.db');
  await writeFile(text, 'id,name\n'.repeat(1000));
  const dangling = join(directory, 'link.db');
  await symlink(join(directory, 'nowhere'), dangling);
  const wrong: readonly (readonly [string, RegExp])[] = [
    [text, /not a database/],
    [directory, /cannot open/],
    [join(directory, 'no', 'shop.db'), /no such file or directory/],
    [dangling, /symbolic link/],
  ];
  for (const [path, message] of wrong) {
    await assert.rejects(tableTarget(path).open(opening(columns)), (error: TrancheError) => {
      assert.deepEqual([error.code, error.kind], ['io', 'fatal'], path);
      assert.match(error.message, message);
      assert.ok(error.message.includes(path));
      return true;
    });
  }
  assert.deepEqual((await readdir(directory)).sort(), ['link.db', 'text.db']);
});

test('an existing database may be a symbolic link and keeps its permissions', async () => {
  const path = await newDatabase('CREATE TABLE t (id INT, name TEXT)');
  await chmod(path, 0o644);
  const link = join(dirname(path), 'link.db');
  await symlink(path, link);
  const target = tableTarget(link);
  await target.open(opening(columns));
  await target.write(writing(rows(0, 5)));
  await target.sync();
  await target.close(true);
  assert.deepEqual(await query(path, count), [[5n]]);
  assert.equal((await stat(path)).mode & 0o777, 0o644);
});

test('what is opened, and what was written before a sync, is flushed', async t => {
  const path = await newDatabase('PRAGMA journal_mode = WAL; CREATE TABLE t (id INT, name TEXT)');
  const flush = t.mock.method(await fileHandlePrototype(path), 'datasync');
  const target = tableTarget(path);
  await target.open(opening(columns));
  assert.equal(flush.mock.callCount(), 1, 'a checkpoint may speak of the ledger from here on');
  await target.write(writing(rows(0, 5)));
  await target.sync();
  assert.equal(flush.mock.callCount(), 2);
  await target.sync();
  assert.equal(flush.mock.callCount(), 2, 'nothing is new');
  await target.ledger.record('paused');
  await target.close(true);
  assert.equal(flush.mock.callCount(), 3);
});

test('a flush that failed is not tried again', async t => {
  const path = await newDatabase('PRAGMA journal_mode = WAL; CREATE TABLE t (id INT, name TEXT)');
  const target = tableTarget(path);
  await target.open(opening(columns));
  const flush = t.mock.method(await fileHandlePrototype(path), 'datasync', async () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
  await target.write(writing(rows(0, 5)));
  for (const attempt of [() => target.sync(), () => target.sync(), () => target.close(true)])
    await assert.rejects(attempt, { code: 'io', operation: 'fsync' });
  assert.equal(flush.mock.callCount(), 1);
});

test('closing twice, or without having been opened, is fine', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  await target.close(false);
  await target.open(opening(columns));
  await target.close(true);
  await target.close(true);
  await target.close(false);
  await assert.rejects(target.write(writing(rows(0, 1))), TrancheError);
});

test('the log does not grow without end', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  await target.open(opening(columns));
  const wide = csvRecords(Array.from({ length: 2000 }, (_, i) => [String(i), 'x'.repeat(1000)]));
  let largest = 0;
  for (let batch = 0; batch < 40; batch++) {
    await target.write(writing(wide));
    largest = Math.max(largest, (await stat(`${path}-wal`)).size);
  }
  await target.close(true);
  assert.ok(largest < 24 * 1024 * 1024, `${largest}`);
  assert.deepEqual(await query(path, count), [[80_000n]]);
});

/** Where every open file has its methods from. */
async function fileHandlePrototype(path: string): Promise<FileHandle> {
  const handle = await open(`${path}.other`, 'w');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}
