import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TrancheError } from '#tranche/core/errors.js';
import type { Records } from '#tranche/core/records.js';
import { createTarget } from '#tranche/targets/index.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { openExec, processesWith } from '../../helpers/exec.js';
import { objectRecords, writing } from '../../helpers/target-calls.js';
import { temporaryDirectory } from '../../helpers/temporary.js';
import { Sink } from '../../helpers/workplace.js';

const directory = await temporaryDirectory();
const out = (name: string) => join(directory, name);
const records = csvRecords([
  ['x', 'no number'],
  ['1', 'one'],
  ['2', { quoted: 'a ""b""' }],
]);
/** More than any pipe holds. */
const large = objectRecords(...Array.from({ length: 1000 }, (_, id) => ({ id, name: 'x'.repeat(2000) })));
let marks = 0;

/** Runs a command on a batch, and answers what `write` threw; null if it did not. */
async function failureOf(line: string, from: Records = records): Promise<TrancheError | null> {
  const { target } = await openExec(line);
  try {
    await target.write(writing(from));
    return null;
  } catch (error) {
    assert.ok(error instanceof TrancheError, String(error));
    return error;
  }
}

test('the command gets the records on its stdin, as NDJSON or as asked for', async () => {
  const formats = {
    ndjson: '{"id":1,"name":"one"}\n{"id":2,"name":"a \\"b\\""}\n',
    csv: 'id,name\n1,one\n2,"a ""b"""\n',
  };
  for (const [toFormat, text] of Object.entries(formats)) {
    const { target } = await openExec(`cat > ${out(toFormat)}`, { toFormat: toFormat as 'csv' | 'ndjson' });
    const { count, refused } = await target.write(writing(records));
    assert.deepEqual([count, refused.map(({ index }) => index)], [2, [0]]);
    assert.equal(readFileSync(out(toFormat), 'utf8'), text);
  }
});

test('the command is told about the batch in its environment', async () => {
  const { target } = await openExec(`env > ${out('env')}; cat >> ${out('keys')}`);
  await target.write(writing(records, { number: 12, attempt: 3 }));
  const first = variables();
  assert.equal(first['TRANCHE_JOB'], 'nightly');
  assert.equal(first['TRANCHE_BATCH'], '12');
  assert.equal(first['TRANCHE_ATTEMPT'], '3');
  // Of the first record that it gets.
  assert.deepEqual(JSON.parse(first['TRANCHE_POSITION']!), {
    file: 'made.csv',
    line: 3,
    offset: 0,
    record: 2,
  });
  assert.match(first['TRANCHE_IDEMPOTENCY_KEY']!, /^[0-9a-f]{64}$/);
  await target.write(writing(records, { number: 13, attempt: 1 }));
  assert.equal(variables()['TRANCHE_IDEMPOTENCY_KEY'], first['TRANCHE_IDEMPOTENCY_KEY']);
});

function variables(): Record<string, string> {
  const lines = readFileSync(out('env'), 'utf8').split('\n').filter(Boolean);
  return Object.fromEntries(lines.map(line => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
}

test('secrets that tranche was given do not reach the command', async () => {
  process.env['SHOP_PASSWORD'] = 'secret-1';
  process.env['TRANCHE_SOURCE'] = 'secret-2';
  process.env['TRANCHE_TEST_OWN'] = 'kept from it';
  process.env['OTHER_VARIABLE'] = 'handed on';
  const { target } = await openExec(`env > ${out('env')}`, { passwordEnv: 'SHOP_PASSWORD' });
  await target.write(writing(records));
  const text = readFileSync(out('env'), 'utf8');
  assert.match(text, /^OTHER_VARIABLE=handed on$/m);
  assert.doesNotMatch(text, /secret|kept from it/);
});

test('data is never part of what the shell reads', async () => {
  const evil = csvRecords([['1', `$(touch ${out('evil')})\`touch ${out('evil')}\`;touch ${out('evil')}`]]);
  assert.equal(await failureOf('cat > /dev/null; exit 0', evil), null);
  assert.throws(() => readFileSync(out('evil')));
});

test('exit status 0 is done, 75 is later, 126 and 127 stop the run, anything else is a failure that may pass', async () => {
  assert.equal(await failureOf('cat > /dev/null'), null);
  const later = await failureOf('echo try me tomorrow >&2; exit 75');
  assert.deepEqual([later?.kind, later?.code], ['transient', 'busy']);
  assert.match(later!.message, /tried again later \(exit status 75\): try me tomorrow/);
  const failed = await failureOf('echo out; echo first >&2; echo bad line 7 >&2; exit 3');
  assert.deepEqual([failed?.kind, failed?.code], ['transient', 'target_refused']);
  assert.match(failed!.message, /exit status 3: first \/ bad line 7$/);
  assert.match((await failureOf('echo only here; exit 1'))!.message, /exit status 1: only here$/);
  assert.match((await failureOf('kill -9 $$'))!.message, /ended by SIGKILL/);
  const missing = await failureOf('no-such-command-here');
  assert.deepEqual([missing?.kind, missing?.code], ['fatal', 'target_refused']);
  assert.match(missing!.message, /cannot be run \(exit status 127\)/);
});

test('a password in what the command says is not repeated', async () => {
  const failed = await failureOf('echo cannot reach postgres://me:hunter2@db/shop >&2; exit 1');
  assert.match(failed!.message, /postgres:\/\/me:\*\*\*@db/);
});

test('a command need not read its input', async () => {
  assert.equal(await failureOf('true', large), null);
  assert.equal(await failureOf('exec 0<&-; sleep 0.05', large), null);
  assert.equal(await failureOf('head -c 10 > /dev/null', large), null);
  assert.match((await failureOf('exit 4', large))!.message, /exit status 4/);
});

test('what it says is told line by line, and only the end of it is kept', async () => {
  const { target, said } = await openExec('echo one; printf "two\\nthree" >&2; cat > /dev/null');
  await target.write(writing(records));
  assert.deepEqual(said.sort(), ['one', 'three', 'two']);
  const before = process.memoryUsage().rss;
  const failed = await failureOf('head -c 50000000 /dev/zero >&2; printf "\\nthe end" >&2; exit 1');
  assert.match(failed!.message, /the end$/);
  assert.ok(failed!.message.length < 600);
  assert.ok(process.memoryUsage().rss - before < 40e6);
});

const endless = {
  'that hangs': 'sleep 1000',
  'that ignores TERM': "trap '' TERM; sleep 1000; sleep 1000",
  'with children that ignore TERM': "(trap '' TERM; sleep 1000; sleep 1000) & wait",
  'that reads nothing of a large batch': 'sleep 1000 < /dev/null',
};

test('at the timeout a command is ended, with all that it started', async () => {
  await Promise.all(Object.entries(endless).map(([what, line]) => demandEnded(what, line)));
});

async function demandEnded(what: string, line: string): Promise<void> {
  const mark = `mark-${marks++}-${process.pid}`;
  const { target } = await openExec(`export EXEC_MARK=${mark}; ${line}`);
  const controller = new AbortController();
  const timeout = new TrancheError('timeout', 'too long', { kind: 'transient' });
  const written = assert.rejects(target.write(writing(large, { signal: controller.signal })), timeout, what);
  while (processesWith('EXEC_MARK', mark).length === 0) await pause(10);
  controller.abort(timeout);
  await written;
  assert.deepEqual(processesWith('EXEC_MARK', mark), [], what);
}

test('what a command leaves in the background is ended with it', async () => {
  const mark = `mark-${marks++}-${process.pid}`;
  const { target } = await openExec(`EXEC_MARK=${mark} sleep 1000 > /dev/null 2>&1 & cat > /dev/null`);
  await target.write(writing(records));
  assert.deepEqual(processesWith('EXEC_MARK', mark), []);
});

test('what a command does in the background while it holds its streams is waited for', async () => {
  const { target, said } = await openExec('(sleep 0.3; echo done >&2) & cat > /dev/null');
  await target.write(writing(records));
  assert.deepEqual(said, ['done']);
});

test('several batches at once: each has a command and records of its own', async () => {
  const { target } = await openExec(`cat > ${out('lane')}-$TRANCHE_BATCH`);
  const batches = [1, 2, 3, 4, 5, 6].map(number => csvRecords([[String(number), `batch ${number}`]]));
  await Promise.all(batches.map((batch, i) => target.write(writing(batch, { number: i + 1 }))));
  for (const number of [1, 2, 3, 4, 5, 6])
    assert.equal(readFileSync(out(`lane-${number}`), 'utf8'), `{"id":${number},"name":"batch ${number}"}\n`);
});

test('an empty command is a mistake', async () => {
  const context = {
    options: {},
    stdout: new Sink(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout: 1,
  } as const;
  await assert.rejects(createTarget('exec: ', { ...context, report: () => undefined }), { code: 'usage' });
});
