import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import type { Target } from '#tranche/core/target.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { openExec, processesWith } from '../../helpers/exec.js';
import { writing } from '../../helpers/target-calls.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const directory = await temporaryDirectory();
const records = csvRecords([
  ['x', 'no number'],
  ['1', 'one'],
  ['2', 'two'],
]);
let marks = 0;

/** A command that answers each batch with `answer`, a piece of shell. `$count` is the number of batches it had before. */
const answering = (answer: string) =>
  `{ count=0; while IFS= read -r line; do [ -n "$line" ] || { ${answer}; count=$((count + 1)); }; done; }`;

async function openStream(line: string, timeout?: number): Promise<Target> {
  return (await openExec(line, { execMode: 'stream' }, timeout)).target;
}

async function failure(target: Target, signal?: AbortSignal): Promise<TrancheError> {
  const how = signal ? writing(records, { signal }) : writing(records);
  const error = await target.write(how).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrancheError, String(error));
  return error;
}

test('one command gets all batches, a blank line behind each', async () => {
  const path = join(directory, 'all');
  const target = await openStream(`echo started >> ${path}; tee -a ${path} | ${answering('echo ok')}`);
  for (let i = 0; i < 3; i++) assert.equal((await target.write(writing(records))).count, 2);
  await target.close(true);
  const batch = '{"id":1,"name":"one"}\n{"id":2,"name":"two"}\n\n';
  assert.equal(readFileSync(path, 'utf8'), `started\n${batch.repeat(3)}`);
});

test('reject names records: with ok the others were accepted, with retry nothing was', async () => {
  const accepted = await openStream(answering('echo "reject 1 too big"; echo reject 0; echo ok'));
  const written = await accepted.write(writing(records));
  assert.deepEqual(
    written.refused.map(({ index, reason, message }) => [index, reason, message]),
    [
      [0, 'type', 'column "id" is declared integer, which "x" is not'],
      [1, 'refused', 'refused by the command'],
      [2, 'refused', 'too big'],
    ],
  );
  await accepted.close(true);
  const nothing = await openStream(answering('echo "reject 1 too big"; echo retry'));
  const error = await failure(nothing);
  assert.equal(error.kind, 'record');
  assert.deepEqual(
    error.refusals?.map(({ index }) => index),
    [0, 2],
  );
  await nothing.close(true);
});

test('retry and error are failures that may pass; the command goes on', async () => {
  const target = await openStream(
    answering(
      'case $count in 0) echo "retry 1.5";; 1) echo retry;; 2) echo "error no disk";; *) echo ok;; esac',
    ),
  );
  const later = await failure(target);
  assert.deepEqual([later.kind, later.retryAfter], ['transient', 1500]);
  assert.equal((await failure(target)).retryAfter, undefined);
  const failed = await failure(target);
  assert.deepEqual([failed.kind, failed.message], ['transient', 'the command failed: no disk']);
  assert.equal((await target.write(writing(records))).count, 2);
  await target.close(true);
});

test('another answer is a failure, and the command is started anew', async () => {
  for (const [answer, message] of [
    ['echo okay', /answered "okay": the answer to a batch is/],
    ['echo', /answered ""/],
    ['echo ok then', /nothing may stand behind ok/],
    ['echo reject 2 none', /one of 2 records/],
    ['echo retry soon', /number of seconds/],
    ['head -c 70000 /dev/zero | tr "\\0" x; sleep 1000', /its line is too long/],
  ] as const) {
    const flag = join(directory, `flag-${marks++}`);
    const target = await openStream(
      `[ -e ${flag} ] && ok=1; touch ${flag}; ${answering(`if [ "$ok" ]; then echo ok; else ${answer}; fi`)}`,
    );
    const error = await failure(target);
    assert.equal(error.kind, 'transient');
    assert.match(error.message, message);
    assert.equal((await target.write(writing(records))).count, 2, 'a new one');
    await target.close(true);
  }
});

test('an answer to no batch is not taken for one', async () => {
  const flag = join(directory, 'early');
  const target = await openStream(`${answering(`echo ok; echo ok; touch ${flag}`)}`);
  assert.equal((await target.write(writing(records))).count, 2);
  while (!existsSync(flag)) await new Promise(resolve => setTimeout(resolve, 5));
  // The second ok is behind the first, and must not answer for this batch: another command does.
  const second = await target.write(writing(records)).catch((error: unknown) => error);
  if (second instanceof Error) assert.match(second.message, /no batch to answer/);
  await target.close(false).catch(() => {});
});

test('a command that ends instead of answering has failed, whatever its status; 75 is later', async () => {
  const quiet = await failure(await openStream('read line; echo gone >&2; exit 0'));
  assert.deepEqual(
    [quiet.kind, quiet.message],
    ['transient', 'the command ended without an answer to its batch: gone'],
  );
  assert.match((await failure(await openStream('exit 3'))).message, /exit status 3/);
  assert.equal((await failure(await openStream('exit 75'))).code, 'busy');
  assert.equal((await failure(await openStream('no-such-command-here'))).kind, 'fatal');
});

test('one that ended between two batches is replaced, at the next attempt at the latest', async () => {
  const target = await openStream('while IFS= read -r line; do [ -n "$line" ] || { echo ok; exit 0; }; done');
  for (let i = 0; i < 5; i++) {
    const written = await target.write(writing(records)).catch(async (error: TrancheError) => {
      assert.deepEqual(
        [error.kind, error.message],
        ['transient', 'the command ended without an answer to its batch'],
      );
      return await target.write(writing(records));
    });
    assert.equal(written.count, 2);
  }
  await target.close(true);
});

test('at the timeout the command is ended, and the next batch gets another', async () => {
  const mark = `stream-${marks++}-${process.pid}`;
  const flag = join(directory, mark);
  const line = `export EXEC_MARK=${mark}; [ -e ${flag} ] || { touch ${flag}; trap '' TERM; sleep 1000; sleep 1000; }; ${answering('echo ok')}`;
  const target = await openStream(line);
  const controller = new AbortController();
  const failed = failure(target, controller.signal);
  while (!existsSync(flag)) await new Promise(resolve => setTimeout(resolve, 5));
  controller.abort(new TrancheError('timeout', 'too long', { kind: 'transient' }));
  assert.equal((await failed).message, 'too long');
  assert.deepEqual(processesWith('EXEC_MARK', mark), []);
  assert.equal((await target.write(writing(records))).count, 2);
  await target.close(true);
  assert.deepEqual(processesWith('EXEC_MARK', mark), []);
});

test('each lane has a command of its own', async () => {
  const target = await openStream(answering('sleep 0.1; echo "reject 0 $$"; echo ok'));
  const written = await Promise.all([1, 2, 3].map(async () => await target.write(writing(records))));
  const commands = written.map(({ refused }) => refused.at(-1)!.message);
  assert.equal(new Set(commands).size, 3);
  const again = await target.write(writing(records));
  assert.ok(commands.includes(again.refused.at(-1)!.message), 'an idle one is used again');
  await target.close(true);
});

test('at the end its input is ended, and a failure then is told', async () => {
  const path = join(directory, 'flushed');
  const good = await openStream(`${answering('echo ok')}; echo flushed > ${path}`);
  await good.write(writing(records));
  await good.close(true);
  assert.equal(readFileSync(path, 'utf8'), 'flushed\n');
  const bad = await openStream(`${answering('echo ok')}; echo disk full >&2; exit 5`);
  await bad.write(writing(records));
  await assert.rejects(bad.close(true), { message: /exit status 5: disk full/ });
  const mark = `stream-${marks++}-${process.pid}`;
  const endless = await openStream(`export EXEC_MARK=${mark}; ${answering('echo ok')}; sleep 1000`, 50);
  await endless.write(writing(records));
  await assert.rejects(endless.close(true), { code: 'timeout' });
  assert.deepEqual(processesWith('EXEC_MARK', mark), []);
});

test('the stream mode takes no CSV: a blank line may be part of it', async () => {
  await assert.rejects(openExec('cat', { execMode: 'stream', toFormat: 'csv' }), { code: 'usage' });
});
