import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../helpers/http-target.js';
import { tranche } from '../../helpers/program.js';
import { Workplace } from '../../helpers/workplace.js';

const secret = 'hunter2"%/s3cret';
const token = 'tok-0123456789abcdef';

/** A server that repeats everything it was told, as some do in their error messages. */
function echoing(status: number) {
  return startServer({
    behaves: ({ headers, path, records }) => {
      const text = JSON.stringify({ headers, path, records, decoded: decodedOf(headers['authorization']) });
      return { does: 'answer', with: { status, body: text } };
    },
  });
}

function decodedOf(authorization = ''): string {
  return Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
}

/** Everything that is in the files of a directory. */
function contentIn(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

const cases: readonly (readonly [what: string, words: readonly string[], env: NodeJS.ProcessEnv])[] = [
  ['a header', ['-H', `X-Api-Key: ${secret}`], {}],
  ['a header with a scheme', ['-H', `Authorization: Token ${token}`], {}],
  ['a header from the environment', [], { TRANCHE_HTTP_HEADER: `X-Api-Key: ${secret}` }],
  ['a token', ['--bearer-env', 'API_TOKEN'], { API_TOKEN: token }],
  ['user and password', ['--user-env', 'API_USER'], { API_USER: `me:${secret}` }],
  ['a password in the URL', [`http://me:${encodeURIComponent(secret)}@`], {}],
  ['a token in the URL', [`http://${token}@`], {}],
];

for (const [what, words, env] of cases) {
  for (const status of [200, 401, 422, 503]) {
    test(`${what} is in no file and no message, whatever the server repeats: ${status}`, async () => {
      const server = await echoing(status);
      const place = await Workplace.make();
      await place.write('in.csv', 'id\n1\n2\n');
      const [prefix = '', ...rest] = words[0]?.startsWith('http') ? words : ['http://', ...words];
      const target = `${server.url.replace('http://', prefix)}/items`;
      const more = ['--retries', '1', '--retry-delay', '1ms', '--max-errors', '100%', '--batch-size', '1'];
      const ended = await tranche(
        ['copy', 'in.csv', target, ...rest, ...more, '--json', '-v', '--log-file', 'log.txt'],
        { cwd: place.directory, env },
      );
      assert.equal(ended.code, { 200: 0, 401: 1, 422: 3, 503: 1 }[status], ended.stderr);
      const { headers } = server.requests[0]!;
      assert.ok(headers['authorization'] ?? headers['x-api-key'], 'the server got it');
      const all = [ended.stdout, ended.stderr, ...place.files(), contentIn(place.directory)].join('\n');
      for (const hidden of [
        secret,
        'hunter2',
        's3cret',
        token,
        Buffer.from(`me:${secret}`).toString('base64'),
      ])
        assert.ok(!all.includes(hidden), `${hidden} in ${all}`);
      if (status === 401 && rest[0] === '-H')
        assert.match(ended.stderr, /-H '(X-Api-Key|Authorization): \*\*\*'/);
    });
  }
}

test('a header that cannot be read is not shown', async () => {
  const place = await Workplace.make();
  for (const header of [
    `Authorization Bearer ${token}`,
    `X-Key: ${token}é\u0101`,
    `Idempotency-Key: ${token}`,
    'X-Key: ***',
  ]) {
    const ended = await tranche(['copy', 'in.csv', 'http://127.0.0.1:1/', '-H', header], {
      cwd: place.directory,
    });
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, /--http-header takes/);
    assert.ok(!ended.stderr.includes(token), ended.stderr);
  }
});
