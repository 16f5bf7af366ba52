import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetOptions } from '#tranche/targets/target-kind.js';
import type { Behaviour, Response } from '../../helpers/http-server.js';
import { batchOf, failureOf, openTarget, startServer, writeTo } from '../../helpers/http-target.js';

/** Answers every request with the same. */
const always = (response: Response) => (): Behaviour => ({ does: 'answer', with: response });

for (const status of [408, 409, 425, 429, 500, 502, 503, 504, 599]) {
  test(`${status} may pass`, async () => {
    const error = await failureOf(writeTo(always({ status })));
    assert.equal(error.kind, 'transient');
    assert.match(error.message, new RegExp(`^POST http://127\\.0\\.0\\.1:\\d+/items: ${status}`));
  });
}

for (const status of [400, 413, 422]) {
  test(`${status} says that a record is at fault`, async () => {
    const error = await failureOf(writeTo(always({ status, body: 'no such zip' })));
    assert.equal(error.kind, 'record');
    assert.deepEqual(error.refusals, []);
    assert.match(error.message, /: no such zip$/);
  });
}

for (const status of [401, 402, 403, 404, 405, 407, 410, 415, 451]) {
  test(`${status} ends the run, with a hint`, async () => {
    const error = await failureOf(writeTo(always({ status })));
    assert.equal(error.kind, 'fatal');
    assert.ok(error.hint);
  });
}

for (const [options, status, kind] of [
  [{ rejectStatus: ['404'] }, 404, 'record'],
  [{ rejectStatus: ['404'] }, 422, 'record'],
  [{ rejectStatus: ['4xx'] }, 418, 'record'],
  [{ rejectStatus: ['409'] }, 409, 'record'],
  [{ retryStatus: ['404'] }, 404, 'transient'],
  [{ retryStatus: ['4xx'], rejectStatus: ['404'] }, 404, 'record'],
  [{ retryStatus: ['4xx'] }, 422, 'transient'],
] satisfies readonly (readonly [TargetOptions, number, string])[]) {
  test(`${JSON.stringify(options)} makes ${status} ${kind}`, async () => {
    const error = await failureOf(writeTo(always({ status }), { options }));
    assert.equal(error.kind, kind);
  });
}

test('Retry-After in seconds, and as a date by the clock of the server', async () => {
  const seconds = await failureOf(writeTo(always({ status: 503, headers: { 'retry-after': '7' } })));
  assert.equal(seconds.retryAfter, 7000);
  const headers = {
    date: 'Sun, 06 Nov 1994 08:49:37 GMT',
    'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT',
  };
  const date = await failureOf(writeTo(always({ status: 429, headers })));
  assert.equal(date.retryAfter, 30_000);
  const nothing = await failureOf(writeTo(always({ status: 429, headers: { 'retry-after': 'soon' } })));
  assert.equal(nothing.retryAfter, undefined);
});

test('an answer that refuses the batch names the records', async () => {
  const body =
    '{"errors":[{"index":2,"message":"bad zip"},{"index":0},{"index":2,"message":"again"},{"index":9}]}';
  const error = await failureOf(writeTo(always({ status: 422, body })));
  assert.equal(error.kind, 'record');
  assert.deepEqual(
    error.refusals?.map(({ index, reason }) => [index, reason]),
    [
      [0, 'refused'],
      [2, 'refused'],
    ],
  );
  assert.equal(error.refusals?.[1]?.message, 'bad zip');
  assert.match(error.refusals?.[0]?.message ?? '', /422/);
});

test('an answer that takes the batch but for some records', async () => {
  const body = '{"created":2,"errors":[{"index":1,"message":"bad zip"}]}';
  const { written } = await writeTo(always({ status: 200, body }));
  assert.deepEqual(written, {
    mark: {},
    count: 2,
    refused: [{ index: 1, reason: 'refused', message: 'bad zip' }],
  });
});

for (const body of [
  '{"errors":[{"message":"a query failed"}]}',
  '{"errors":["oops"]}',
  '{"errors":[{"index":3}]}',
  '{"errors":[{"index":-1}]}',
  '{"errors":[{"index":"1"}]}',
  '{"errors":[null]}',
]) {
  test(`success that complains without saying about which record is none: ${body}`, async () => {
    const error = await failureOf(writeTo(always({ body })));
    assert.equal(error.kind, 'fatal');
    assert.match(error.message, /without saying/);
  });
}

for (const body of [
  '{"errors":[]}',
  '{"errors":null}',
  '{"errors":{"index":1}}',
  '{"a":"\\"errors\\""}',
  '["errors"]',
  '{"errors":[{',
  '',
])
  test(`success is success: ${body}`, async () => {
    const { written } = await writeTo(always({ body }));
    assert.deepEqual(written, { mark: {}, count: 3, refused: [] });
  });

test('of a single record every complaint is about it', async () => {
  const { written: twice } = await writeTo(
    always({ body: '{"errors":[{"message":"bad zip"},{"message":"bad name"}]}' }),
    { count: 1 },
  );
  assert.equal(twice.refused.length, 1);
  const { written } = await writeTo(always({ body: '{"errors":[{"message":"bad zip"}]}' }), { count: 1 });
  assert.deepEqual(written, {
    mark: {},
    count: 0,
    refused: [{ index: 0, reason: 'refused', message: 'bad zip' }],
  });
});

test('records that are sent one by one are refused one by one', async () => {
  const refuses = (id: unknown): Behaviour | undefined =>
    id === 2 ? { does: 'answer', with: { status: 400, body: 'two is bad' } } : undefined;
  const { written, server } = await writeTo(({ records }) => refuses(records[0]!['id']), {
    options: { perRecord: true },
  });
  assert.equal(written.count, 2);
  assert.deepEqual(
    written.refused.map(({ index }) => index),
    [1],
  );
  assert.match(written.refused[0]!.message, /400 Bad Request: two is bad/);
  assert.deepEqual([...server.applied.keys()], ['{"id":1}', '{"id":3}']);
});

test('records that were accepted are not sent again after a failure in the middle', async () => {
  const server = await startServer({
    behaves: (_, number) => (number === 3 ? { does: 'answer', with: { status: 503 } } : undefined),
  });
  const target = await openTarget(server.url, { perRecord: true });
  let steps = 0;
  const batch = batchOf(4, { progressed: () => steps++ });
  assert.equal((await failureOf(target.write(batch))).kind, 'transient');
  assert.equal(steps, 2);
  const written = await target.write({ ...batch, attempt: 2 });
  assert.equal(written.count, 4);
  assert.deepEqual(
    server.requests.map(({ records }) => records[0]!['id']),
    [1, 2, 3, 3, 4],
  );
  assert.equal(server.requests[2]!.key, server.requests[3]!.key);
  await target.close(true);
});

test('a redirect is an error, and the headers go nowhere else', async () => {
  const other = await startServer();
  const location = `${other.url}/elsewhere?token=s3cret`;
  const options = { httpHeader: [{ name: 'Authorization', value: 'Bearer s3cret' }] };
  for (const status of [301, 302, 303, 307, 308]) {
    const error = await failureOf(writeTo(always({ status, headers: { location } }), { options }));
    assert.equal(error.kind, 'fatal');
    assert.ok(error.hint?.includes(`${other.url}/elsewhere`));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cret/);
  }
  assert.deepEqual(other.requests, []);
});

test('an answer that has no end is read to a limit', { timeout: 20_000 }, async () => {
  for (const status of [200, 400]) {
    const endless = (): Behaviour => ({
      does: 'write',
      write: response => {
        response.writeHead(status);
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(10_000)));
        };
        response.on('drain', more);
        more();
      },
    });
    const writing = writeTo(endless);
    if (status === 200) assert.equal((await writing).written.count, 3);
    else assert.ok((await failureOf(writing)).message.length < 500);
  }
});

test('a list of errors that is too long to be read does not pass for a success', async () => {
  const errors = Array.from({ length: 3 }, (_, index) => ({ index, message: 'x'.repeat(100_000) }));
  const error = await failureOf(writeTo(always({ body: JSON.stringify({ errors }) })));
  assert.match(error.message, /too long to be read/);
});

test('an answer that comes bit by bit', async () => {
  const pieces = [...'{"errors":[{"index":1,"message":"é"}]}'].map(piece => Buffer.from(piece));
  const slowly = (): Behaviour => ({
    does: 'write',
    write: response => {
      const next = () => {
        const piece = pieces.shift();
        if (piece) response.write(piece, () => setImmediate(next));
        else response.end();
      };
      next();
    },
  });
  const { written } = await writeTo(slowly);
  assert.deepEqual(written.refused, [{ index: 1, reason: 'refused', message: 'é' }]);
});

test('an answer that comes twice is not taken for that of the next request', async () => {
  const server = await startServer({
    behaves: (_, number) =>
      number === 1 ? { does: 'repeat' } : { does: 'answer', with: { status: 400, body: 'bad' } },
  });
  const target = await openTarget(server.url, { perRecord: true });
  const written = await target.write(batchOf(3));
  assert.equal(written.count, 1);
  assert.equal(written.refused.length, 2);
  await target.close(true);
});

test('what a server says is shown on one line, and without what might play tricks on a terminal', async () => {
  const body = 'bad\u001b[31m\nrecord\u202e\t!';
  const error = await failureOf(writeTo(always({ status: 400, body })));
  assert.match(error.message, /: bad \[31m record !$/);
});
