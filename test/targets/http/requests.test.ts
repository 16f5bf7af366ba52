import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvRecords } from '../../helpers/csv-records.js';
import { batchOf, failureOf, openTarget, startServer } from '../../helpers/http-target.js';
import { columnsOf, objectRecords, writing } from '../../helpers/target-calls.js';

const columns = columnsOf('id:integer', 'name');
const records = csvRecords([
  ['9007199254740993', { quoted: 'a,b' }],
  ['1', null],
]);

for (const [body, type, sent] of [
  ['json', 'application/json', '[{"id":9007199254740993,"name":"a,b"},{"id":1,"name":null}]'],
  ['ndjson', 'application/x-ndjson', '{"id":9007199254740993,"name":"a,b"}\n{"id":1,"name":null}\n'],
  ['csv', 'text/csv; charset=utf-8; header=present', 'id,name\n9007199254740993,"a,b"\n1,\n'],
] as const) {
  test(`a batch as ${body}: one request, every digit as it was read`, async () => {
    const server = await startServer();
    const target = await openTarget(`${server.url}/items?page=1`, { body }, {}, columns);
    const written = await target.write(writing(records));
    assert.deepEqual(written, { mark: {}, count: 2, refused: [] });
    const [request, ...more] = server.requests;
    assert.deepEqual(more, []);
    assert.deepEqual([request!.method, request!.path, request!.body], ['POST', '/items?page=1', sent]);
    assert.equal(request!.headers['content-type'], type);
    assert.match(request!.headers['user-agent']!, /^tranche\/\d+\.\d+\.\d+/);
    assert.match(request!.headers['idempotency-key']!, /^"[0-9a-f]{64}"$/);
    await target.close(true);
  });
}

test('each record by itself, as an object, one after the other', async () => {
  const server = await startServer();
  const target = await openTarget(`${server.url}/items`, { perRecord: true }, {}, columns);
  const written = await target.write(writing(records));
  assert.equal(written.count, 2);
  assert.deepEqual(
    server.requests.map(({ body }) => body),
    ['{"id":9007199254740993,"name":"a,b"}', '{"id":1,"name":null}'],
  );
  assert.equal(new Set(server.requests.map(({ key }) => key)).size, 2);
  await target.close(true);
});

test('equal records that a transform made of one are different records', async () => {
  const server = await startServer({ remembersKeys: true });
  const target = await openTarget(`${server.url}/items`, { perRecord: true });
  const at = { file: 'in.csv', line: 2, offset: 9, record: 1 };
  await target.write(writing(objectRecords({ id: 1 }, { id: 1 }, { id: 1 }), { locate: () => at }));
  assert.equal(server.applied.get('{"id":1}'), 3);
  await target.close(true);
});

test('the key of a batch stays the same in another process, and is another for another start of the job', async () => {
  const server = await startServer();
  for (const jobId of ['first', 'first', 'second']) {
    const target = await openTarget(`${server.url}/items`, {}, { jobId });
    await target.write(batchOf(3));
    await target.close(true);
  }
  const [one, same, other] = server.requests.map(({ key }) => key);
  assert.equal(one, same);
  assert.notEqual(one, other);
});

test('headers, method and credentials as they were given', async () => {
  const server = await startServer();
  const httpHeader = [
    { name: 'X-Tenant', value: '7' },
    { name: 'Content-Type', value: 'application/vnd.api+json' },
  ];
  const target = await openTarget(`${server.url}/items`, { httpHeader, method: 'PUT' });
  await target.write(batchOf(1));
  const { method, headers } = server.requests[0]!;
  assert.deepEqual(
    [method, headers['x-tenant'], headers['content-type']],
    ['PUT', '7', 'application/vnd.api+json'],
  );
  await target.close(true);
});

test('user and password of the URL are sent as basic authentication, and named nowhere', async () => {
  const server = await startServer();
  const target = await openTarget(server.url.replace('http://', 'http://me:p%40ss%2Fword@'));
  assert.equal(target.name, `${server.url}/`);
  await target.write(batchOf(1));
  const { headers } = server.requests[0]!;
  assert.equal(headers['authorization'], `Basic ${Buffer.from('me:p@ss/word').toString('base64')}`);
  await target.close(true);
});

test('a token and a user from variables', async t => {
  const server = await startServer();
  t.after(() => {
    delete process.env['TEST_HTTP_SECRET'];
  });
  for (const [options, value, sent] of [
    [{ bearerEnv: 'TEST_HTTP_SECRET' }, 'abc.def', 'Bearer abc.def'],
    [{ userEnv: 'TEST_HTTP_SECRET' }, 'me:a:b', `Basic ${Buffer.from('me:a:b').toString('base64')}`],
  ] as const) {
    process.env['TEST_HTTP_SECRET'] = value;
    const target = await openTarget(server.url, options);
    await target.write(batchOf(1));
    assert.equal(server.requests.at(-1)!.headers['authorization'], sent);
    await target.close(true);
  }
});

test('what contradicts itself is said before anything is sent', async () => {
  for (const [url, options, message] of [
    ['http://127.0.0.1:1/', { bearerEnv: 'TEST_HTTP_MISSING' }, /TEST_HTTP_MISSING is not set/],
    [
      'http://me:pw@127.0.0.1:1/',
      { bearerEnv: 'A' },
      /--bearer-env and user and password in the URL exclude/,
    ],
    ['http://127.0.0.1:1/', { perRecord: true, body: 'csv' }, /--body csv cannot be had/],
    ['http://127.0.0.1:1/', { rejectStatus: ['404'], retryStatus: ['404'] }, /404 is both/],
    ['http://127.0.0.1:99999/', {}, /cannot be read/],
    ['http://127.0.0.1:1/a#b', {}, /behind # is never sent/],
  ] as const) {
    const error = await failureOf(openTarget(url, options));
    assert.equal(error.code, 'usage');
    assert.match(error.message, message);
    assert.doesNotMatch(`${error.message} ${error.hint}`, /me:pw/);
  }
});

test('one connection for each batch in flight, used again and again', async () => {
  const sockets = new Set<unknown>();
  let waiting: (() => void)[] = [];
  const server = await startServer({
    behaves: () => ({
      does: 'write',
      write: response => {
        sockets.add(response.socket);
        waiting.push(() => void response.end('{}'));
        if (waiting.length < 4) return;
        for (const answer of waiting) answer();
        waiting = [];
      },
    }),
  });
  const target = await openTarget(`${server.url}/items`, {}, { concurrency: 4 });
  for (let round = 0; round < 5; round++) {
    const written = await Promise.all([1, 2, 3, 4].map(count => target.write(batchOf(count))));
    assert.deepEqual(
      written.map(({ count }) => count),
      [1, 2, 3, 4],
    );
  }
  assert.equal(sockets.size, 4);
  await target.close(true);
});

test('records without columns to know keep their own keys', async () => {
  const server = await startServer();
  const target = await openTarget(server.url, {}, {}, []);
  await target.write(writing(objectRecords({ a: 1 }, { b: [{ c: 2 }] })));
  assert.equal(server.requests[0]!.body, '[{"a":1},{"b":[{"c":2}]}]');
  await target.close(true);
});
