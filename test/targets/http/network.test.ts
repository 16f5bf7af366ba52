import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { before, describe, test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { type Certificate, selfSigned } from '../../helpers/certificate.js';
import type { Behaviour } from '../../helpers/http-server.js';
import { batchOf, failureOf, openTarget, startServer, writeTo } from '../../helpers/http-target.js';
import { tranche } from '../../helpers/program.js';
import { Workplace } from '../../helpers/workplace.js';

for (const applies of [false, true]) {
  test(`a connection that is reset ${applies ? 'behind' : 'before'} the work may be made anew`, async () => {
    const server = await startServer({
      remembersKeys: true,
      behaves: (_, number) => (number === 1 ? { does: 'reset', applies } : undefined),
    });
    const target = await openTarget(server.url);
    assert.equal((await failureOf(target.write(batchOf(3)))).kind, 'transient');
    assert.equal((await target.write(batchOf(3, { attempt: 2 }))).count, 3);
    assert.deepEqual([...server.applied.values()], [1, 1, 1]);
    await target.close(true);
  });
}

test('a server that is not there may come back', async () => {
  const server = await startServer();
  const { url } = server;
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => closed.once('listening', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise(resolve => closed.close(resolve));
  const target = await openTarget(url.replace(/\d+$/, `${port}`));
  const error = await failureOf(target.write(batchOf(1)));
  assert.equal(error.kind, 'transient');
  assert.match(error.message, /nothing listens there \(ECONNREFUSED\)/);
  await target.close(false);
});

test('what is no HTTP is no answer', async () => {
  const garbage = (): Behaviour => ({
    does: 'write',
    write: response => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
  });
  assert.equal((await failureOf(writeTo(garbage))).kind, 'transient');
});

test('an answer that breaks off is none', async () => {
  const half = (): Behaviour => ({
    does: 'write',
    write: response => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"created":', () => response.destroy());
    },
  });
  assert.equal((await failureOf(writeTo(half))).kind, 'transient');
});

test('an attempt whose time is over ends at once, and what comes late is not taken for another answer', async () => {
  let release = () => {};
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  const controller = new AbortController();
  const server = await startServer({
    remembersKeys: true,
    behaves: (_, number) => {
      if (number !== 1) return undefined;
      controller.abort(new TrancheError('timeout', 'too long', { kind: 'transient' }));
      return { does: 'late', until: released };
    },
  });
  const target = await openTarget(server.url);
  const error = await failureOf(target.write(batchOf(3, { signal: controller.signal })));
  assert.equal(error.message, 'too long');
  const early = await failureOf(target.write(batchOf(3, { attempt: 2 })));
  assert.match(early.message, /409/);
  assert.equal(early.kind, 'transient');
  release();
  await new Promise(resolve => setImmediate(resolve));
  assert.equal((await target.write(batchOf(3, { attempt: 3 }))).count, 3);
  assert.deepEqual([...server.applied.values()], [1, 1, 1]);
  await target.close(true);
});

test('a target that is closed leaves nothing under way', async () => {
  const server = await startServer({ behaves: () => ({ does: 'hang' }) });
  const target = await openTarget(server.url);
  const failed = failureOf(target.write(batchOf(1)));
  while (server.requests.length === 0) await new Promise(resolve => setImmediate(resolve));
  await target.close(false);
  assert.equal((await failed).kind, 'transient');
});

describe('a certificate that nobody vouches for', () => {
  let certificate: Certificate | null;
  before(async () => {
    certificate = await selfSigned();
  });

  test('is refused, whatever the environment says, and accepted where it is named', async t => {
    if (!certificate) return t.skip('openssl is not installed');
    const server = await startServer({ tls: certificate });
    const place = await Workplace.make();
    await place.write('in.csv', 'id\n1\n');
    const copy = (env: NodeJS.ProcessEnv) =>
      tranche(['copy', 'in.csv', `${server.url}/items`, '--fresh', '--retries', '0'], {
        cwd: place.directory,
        env: { ...env, NODE_NO_WARNINGS: '1' },
      });
    for (const env of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }]) {
      const refused = await copy(env);
      assert.equal(refused.code, 1, refused.stderr);
      assert.match(refused.stderr, /its certificate is not trusted/);
      assert.deepEqual(server.requests, []);
    }
    const accepted = await copy({ NODE_EXTRA_CA_CERTS: certificate.path });
    assert.equal(accepted.code, 0, accepted.stderr);
    assert.equal(server.requests.length, 1);
  });
});

test('a server without TLS is told from one that is down', async () => {
  const server = await startServer();
  const target = await openTarget(server.url.replace('http:', 'https:'));
  const error = await failureOf(target.write(batchOf(1)));
  assert.equal(error.kind, 'fatal');
  assert.match(error.hint ?? '', /http:\/\//);
  await target.close(false);
});
