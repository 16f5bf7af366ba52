import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer, Behaviour, Received } from '../../helpers/http-server.js';
import { startServer } from '../../helpers/http-target.js';
import { type Ended, tranche } from '../../helpers/program.js';
import { Workplace } from '../../helpers/workplace.js';

const RECORDS = 40;

/** A directory with records 1 to 40, and what runs a job there that sends them. */
async function jobTo(server: ApiServer, ...options: readonly string[]) {
  const place = await Workplace.make();
  const ids = Array.from({ length: RECORDS }, (_, i) => `${i + 1}\n`);
  await place.write('in.csv', `id\n${ids.join('')}`);
  const run = async (env: NodeJS.ProcessEnv = {}, ...more: readonly string[]): Promise<Ended> =>
    tranche(
      ['copy', 'in.csv', `${server.url}/items`, '--state-dir', 'state', '--job', 'job', ...options, ...more],
      { cwd: place.directory, env },
    );
  return { place, run };
}

/** How often each record was applied, in the order of the input. */
function timesApplied({ applied }: ApiServer): number[] {
  return Array.from({ length: RECORDS }, (_, i) => applied.get(JSON.stringify({ id: i + 1 })) ?? 0);
}

const once = Array.from({ length: RECORDS }, () => 1);

for (const lanes of ['1', '8']) {
  test(`401 in the middle stops, and goes on with another token: -j ${lanes}`, async () => {
    const server = await startServer({
      remembersKeys: true,
      behaves: ({ headers }, number): Behaviour | undefined => {
        const good = headers['authorization'] === (number > 4 ? 'Bearer new' : 'Bearer old');
        return good ? undefined : { does: 'answer', with: { status: 401, body: 'token expired' } };
      },
    });
    const { run } = await jobTo(server, '--batch-size', '4', '-j', lanes, '--bearer-env', 'TOKEN');
    const stopped = await run({ TOKEN: 'old' });
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.match(stopped.stderr, /401 Unauthorized: token expired/);
    assert.match(stopped.stderr, /--bearer-env TOKEN --resume/);
    const sent = server.requests.length;
    const resumed = await run({ TOKEN: 'new' }, '--resume');
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(timesApplied(server), once);
    // What was done is not sent again.
    assert.equal(server.requests.length - sent, 10 - 4);
  });
}

for (const [how, answer] of [
  [
    'names it',
    ({ records }: Received) => ({
      errors: records.flatMap(({ id }, index) => (id === 7 ? [{ index }] : [])),
    }),
  ],
  ['says nothing about it', () => ({ message: 'no' })],
] as const) {
  test(`a batch is refused for one record, and the server ${how}: all others get there`, async () => {
    const server = await startServer({
      behaves: request =>
        request.records.some(({ id }) => id === 7)
          ? { does: 'answer', with: { status: 422, body: JSON.stringify(answer(request)) } }
          : undefined,
    });
    const { place, run } = await jobTo(server, '--batch-size', '10', '--max-errors', '1');
    const ended = await run();
    assert.equal(ended.code, 3, ended.stderr);
    assert.deepEqual(
      timesApplied(server),
      once.map((_, i) => (i === 6 ? 0 : 1)),
    );
    assert.deepEqual(
      place.rejects().map(({ line, reason }) => [line, reason]),
      [[8, 'refused']],
    );
  });
}

test('records that fail now and then all get there, each once, though together they fail more often than a batch may', async () => {
  const failed = new Set<unknown>();
  const server = await startServer({
    remembersKeys: true,
    behaves: ({ key }, number) => {
      if (failed.has(key)) return undefined;
      failed.add(key);
      return number % 2 === 0 ? { does: 'reset', applies: true } : { does: 'answer', with: { status: 503 } };
    },
  });
  const { run } = await jobTo(server, '--per-record', '--retries', '2', '--retry-delay', '1ms');
  const ended = await run();
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(timesApplied(server), once);
});

test('Retry-After is obeyed', async () => {
  const times: number[] = [];
  const server = await startServer({
    behaves: (_, number) => {
      times.push(performance.now());
      return number === 1
        ? { does: 'answer', with: { status: 429, headers: { 'retry-after': '1' } } }
        : undefined;
    },
  });
  const { run } = await jobTo(server, '--retry-delay', '1ms');
  assert.equal((await run()).code, 0);
  assert.ok(times[1]! - times[0]! >= 990, `${times[1]! - times[0]!} ms`);
});

test('a hanging server is given up in time', async () => {
  const server = await startServer({ behaves: () => ({ does: 'hang' }) });
  const { run } = await jobTo(server, '--timeout', '100ms', '--retries', '1', '--retry-delay', '1ms');
  const ended = await run();
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, /longer than 100 ms/);
  assert.equal(server.requests.length, 2);
});

test('a rehearsal sends nothing', async () => {
  const server = await startServer();
  const { run } = await jobTo(server, '--dry-run');
  assert.equal((await run()).code, 0);
  assert.deepEqual(server.requests, []);
});

test('the guarantee is said at the start; method and body have to stay', async () => {
  const server = await startServer();
  const { run } = await jobTo(server, '--batch-size', '10', '--max-batches', '1');
  const paused = await run();
  assert.equal(paused.code, 75);
  assert.match(paused.stderr, /at least once: .*Idempotency-Key/);
  const changed = await run({}, '--resume', '--body', 'ndjson');
  assert.equal(changed.code, 5, changed.stderr);
  assert.match(changed.stderr, /--body: was not given, now is ndjson/);
});
