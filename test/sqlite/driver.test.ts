import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { TrancheError } from '#tranche/core/errors.js';
import { openDatabase, quoteIdentifier, quoteText, sqliteError } from '#tranche/sqlite/driver.js';
import { anyCharacter } from '../helpers/any-character.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let directory = '';
before(async () => {
  directory = await temporaryDirectory();
});

/** What the driver throws for `action`, classified. */
function failure(action: () => unknown): TrancheError {
  try {
    action();
  } catch (error) {
    return sqliteError('write', 'shop.db', error);
  }
  return assert.fail('nothing was thrown');
}

test('creates a database, and opens it again for reading only', async () => {
  const path = join(directory, 'new.db');
  const writer = await openDatabase(path);
  writer.exec('CREATE TABLE t (a)');
  writer.close();
  const reader = await openDatabase(path, { readonly: true });
  assert.deepEqual(reader.prepare('SELECT name FROM sqlite_schema').all(), [{ name: 't' }]);
  const error = failure(() => reader.exec('INSERT INTO t VALUES (1)'));
  reader.close();
  assert.equal(error.code, 'io');
  assert.equal(error.kind, 'fatal');
  assert.match(error.hint!, /permissions/);
});

test('a database may be a symbolic link', async () => {
  const path = join(directory, 'real.db');
  (await openDatabase(path)).exec('CREATE TABLE t (a)').close();
  await symlink(path, join(directory, 'link.db'));
  const linked = await openDatabase(join(directory, 'link.db'), { existing: true });
  linked.exec('INSERT INTO t VALUES (1)').close();
});

test('a missing database is an error that names it, where it must exist', async () => {
  for (const how of [{ readonly: true }, { existing: true }]) {
    await assert.rejects(openDatabase(join(directory, 'missing.db'), how), (error: TrancheError) => {
      assert.equal(error.code, 'io');
      assert.match(error.message, /cannot open .*missing\.db.*SQLITE_CANTOPEN/);
      assert.match(error.hint!, /exist/);
      return true;
    });
  }
});

test('a missing directory is an error that says so', async () => {
  await assert.rejects(openDatabase(join(directory, 'no', 'a.db')), {
    code: 'io',
    message: `cannot open ${join(directory, 'no', 'a.db')}: the directory does not exist`,
  });
});

test('a name that the driver would shorten is refused', async () => {
  await assert.rejects(openDatabase(join(directory, 'a.db ')), { code: 'usage' });
  await assert.rejects(openDatabase(join(directory, 'a.db\0b')), { code: 'usage' });
});

test(':memory: and file: are files', async () => {
  const cwd = process.cwd();
  process.chdir(directory);
  try {
    const memory = await openDatabase(':memory:');
    assert.equal(memory.memory, false);
    memory.close();
    (await openDatabase('file:x?mode=memory')).exec('CREATE TABLE t (a)').close();
    (await openDatabase('file:x?mode=memory', { existing: true })).exec('INSERT INTO t VALUES (1)').close();
  } finally {
    process.chdir(cwd);
  }
});

test('a file that is no database is fatal', async () => {
  const path = join(directory, 'text.db');
  await writeFile(path, 'id,name\n'.repeat(1000));
  const database = await openDatabase(path);
  const error = failure(() => database.exec('SELECT * FROM sqlite_schema'));
  database.close();
  assert.deepEqual([error.code, error.kind], ['io', 'fatal']);
  assert.match(error.hint!, /not an SQLite database/);
});

test("somebody else's lock is transient", async () => {
  const path = join(directory, 'busy.db');
  const one = await openDatabase(path);
  const other = await openDatabase(path);
  one.exec('BEGIN EXCLUSIVE');
  const error = failure(() => other.exec('BEGIN EXCLUSIVE'));
  one.close();
  other.close();
  assert.deepEqual([error.code, error.kind], ['busy', 'transient']);
});

test('a record that the table does not take is an error of that record', async () => {
  const database = await openDatabase(join(directory, 'refused.db'));
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT NOT NULL, c INT CHECK (c > 0)) STRICT');
  database.exec("INSERT INTO t VALUES (1, 'x', 1)");
  const refused: readonly (readonly [string, readonly unknown[]])[] = [
    ['unique', [1, 'x', 1]],
    ['not null', [2, null, 1]],
    ['check', [2, 'x', -1]],
    ['type', [2, 'x', 'many']],
    ['mismatch', ['one', 'x', 1]],
    ['bigint', [2, 'x', 2n ** 63n]],
  ];
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)');
  for (const [what, values] of refused) {
    const error = failure(() => insert.run(...values));
    assert.deepEqual([error.code, error.kind], ['target_refused', 'record'], what);
    assert.match(error.message, /^cannot write shop\.db: /);
  }
  database.close();
});

test('a full database is fatal, and says what to do', async () => {
  const database = await openDatabase(join(directory, 'full.db'));
  database.exec('CREATE TABLE t (a); PRAGMA max_page_count = 2');
  const error = failure(() => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
  database.close();
  assert.deepEqual([error.code, error.kind], ['io', 'fatal']);
  assert.match(error.hint!, /make room.*--resume/);
});

test('wrong SQL is fatal; an error of ours passes unchanged', async () => {
  const database = await openDatabase(join(directory, 'sql.db'));
  const error = failure(() => database.exec('INSERT INTO missing VALUES (1)'));
  database.close();
  assert.deepEqual([error.code, error.kind], ['io', 'fatal']);
  assert.match(error.message, /no such table: missing/);
  const ours = new TrancheError('usage', 'ours');
  assert.equal(sqliteError('write', 'x', ours), ours);
});

test('extended result codes are known by their beginning', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['SQLITE_BUSY_SNAPSHOT', 'busy', 'transient'],
    ['SQLITE_LOCKED_SHAREDCACHE', 'busy', 'transient'],
    ['SQLITE_IOERR_FSYNC', 'io', 'fatal'],
    ['SQLITE_CORRUPT_INDEX', 'io', 'fatal'],
    ['SQLITE_TOOBIG', 'target_refused', 'record'],
  ];
  for (const [code, expected, kind] of cases) {
    const error = sqliteError('write', 'x', Object.assign(new Error('no'), { code }));
    assert.deepEqual([error.code, error.kind], [expected, kind], code);
  }
});

test('any name and any text are quoted, never run as SQL', async () => {
  const database = await openDatabase(join(directory, 'names.db'));
  // A NUL ends an SQL text; that a name has none is checked by who takes names.
  const anyText = fc
    .string({ unit: anyCharacter, minLength: 1, maxLength: 40 })
    .filter(text => !text.includes('\0'));
  fc.assert(
    fc.property(anyText, anyText, (name, text) => {
      const row = database.prepare(`SELECT ${quoteText(text)} AS ${quoteIdentifier(name)}`).raw();
      assert.deepEqual([row.columns()[0]!.name, row.get()], [name, [text]]);
    }),
  );
  database.exec(`CREATE TABLE ${quoteIdentifier('a"; DROP TABLE b; --')} (${quoteIdentifier('select')})`);
  database.close();
});
