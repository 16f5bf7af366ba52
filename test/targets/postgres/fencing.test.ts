import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { endSessions, execute, missingPostgres, newTable, query } from '../../helpers/postgres.js';
import { flights, startTranche, tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingPostgres;
const RECORDS = 20_000;

test('a second live run finds out at once; one whose session the server ended is fenced', {
  skip,
}, async () => {
  const cwd = await temporaryDirectory();
  const { url, table } = await newTable();
  const words = (state: string) => [
    'copy',
    flights,
    url,
    '--job',
    'shared',
    '--resume',
    '--state-dir',
    join(cwd, state),
  ];
  const slow = startTranche(
    [...words('one'), '--batch-size', '100', '--rate', '2000/s', '-v', '--progress', 'none'],
    { cwd },
  );
  await slow.until(/checkpoint after/);
  while (Number(await countOf(table)) < 300) await once(slow.child.stderr, 'data');

  const second = await tranche(words('two'), { cwd });
  assert.equal(second.code, 6, second.stderr);
  assert.match(second.stderr, /another live run holds job shared \(session \d+, tranche/);

  slow.child.kill('SIGSTOP');
  await endSessions(url);
  const other = await tranche(words('two'), { cwd });
  assert.equal(other.code, 0, other.stderr);
  slow.child.kill('SIGCONT');
  const { code, stderr } = await slow.ended;
  assert.equal(code, 6, stderr);
  assert.match(stderr, /another run took over job shared/);
  assert.equal(await countOf(table), String(RECORDS));
  assert.deepEqual(
    await query(`SELECT count(DISTINCT id) AS n, max("rows") AS rows FROM ${table}, ${ledgerOf(table)}`),
    [{ n: String(RECORDS), rows: String(RECORDS) }],
  );
});

test('a run that is killed leaves its lock and its transaction to nobody', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const { url, table } = await newTable();
  const words = ['copy', flights, url, '--resume', '--batch-size', '500', '-v', '--progress', 'none'];
  for (let kills = 0; kills < 4; kills++) {
    const run = startTranche([...words, '--rate', '20000/s'], { cwd });
    await run.until(/checkpoint after/);
    run.child.kill('SIGKILL');
    await run.ended;
  }
  const { code, stderr } = await tranche(words, { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await query(`SELECT count(*) AS n, count(DISTINCT id) AS ids FROM ${table}`), [
    { n: String(RECORDS), ids: String(RECORDS) },
  ]);
});

test('hostile names of schema, table and columns are names', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const schema = `tranche "te.st'; DROP SCHEMA public; --`;
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  await execute(`CREATE SCHEMA ${quoted}`);
  try {
    const { url } = await newTable();
    const table = `select "x"; ${'long '.repeat(9)}`;
    const target = `${url.slice(0, url.indexOf('#'))}#${quoted}."${table.replaceAll('"', '""')}"`;
    const source = join(cwd, 'in.csv');
    const header = `id,"a""b'; DROP TABLE x","$1",user,"ключ"`;
    const { writeFile } = await import('node:fs/promises');
    await writeFile(source, `${header}\n1,a,b,c,d\n1,e,f,g,h\n`);
    const { code, stderr } = await tranche(
      [
        'copy',
        source,
        target,
        '--key',
        'id',
        '--mode',
        'replace',
        '--on-conflict',
        'update',
        '--ledger-schema',
        schema,
      ],
      { cwd },
    );
    assert.equal(code, 0, stderr);
    const rows = await query(`SELECT * FROM ${quoted}."${table.replaceAll('"', '""')}"`);
    assert.deepEqual(rows, [{ id: '1', [`a"b'; DROP TABLE x`]: 'e', $1: 'f', user: 'g', ключ: 'h' }]);
    assert.equal((await query(`SELECT 1 FROM ${quoted}.tranche_ledger`)).length, 1);
  } finally {
    await execute(`DROP SCHEMA ${quoted} CASCADE`);
  }
});

test('a password is in no file and no message', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const { url } = await newTable();
  const secret = 'open/sesame';
  const withPassword = url.replace(/\/\/([^:@]*)(:[^@]*)?@/, `//$1:${encodeURIComponent(secret)}@`);
  const good = await tranche(['copy', flights, withPassword, '-v', '--limit', '100'], { cwd });
  assert.equal(good.code, 0, good.stderr);
  const bad = await tranche(
    ['copy', flights, withPassword.replace(/@[^/]*/, '@127.0.0.1:1'), '-v', '--job', 'bad'],
    { cwd },
  );
  assert.equal(bad.code, 1);
  const named = await tranche(
    ['copy', flights, url, '--password-env', 'SHOP_SECRET', '--fresh', '-v', '--limit', '10'],
    {
      cwd,
      env: { SHOP_SECRET: secret },
    },
  );
  assert.equal(named.code, 0, named.stderr);
  const { spawnSync } = await import('node:child_process');
  const found = spawnSync('grep', ['-rlE', 'open(/|%2F)sesame', cwd], { encoding: 'utf8' });
  assert.equal(found.stdout, '');
  for (const { stdout, stderr } of [good, bad, named]) assert.doesNotMatch(stdout + stderr, /sesame/);
});

async function countOf(table: string): Promise<string> {
  const [made] = await query('SELECT to_regclass($1) AS table', [table]);
  return made!['table'] === null ? '0' : (await query(`SELECT count(*) AS n FROM ${table}`))[0]!['n']!;
}

function ledgerOf(table: string): string {
  return `${table.split('.')[0]}.tranche_ledger`;
}
